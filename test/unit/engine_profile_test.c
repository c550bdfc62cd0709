/* Profile, overlap and diagnosis, worked out by hand. */
#include "base/test.h"

#include "base/time.h"
#include "engine/engine.h"
#include "engine_answer.h"
#include "engine_reference.h"

int engine_profile_test(void);

static const char some[] =
    "[{'id':1,'city':'上海','likes':['b','a'],'vip':true,'age':30,'sets':{'tag':['7','8']}},"
    "{'id':2,'city':'杭州','likes':['b'],'vip':false,'born':{'day':'2000-02-29'}},"
    "{'id':3,'city':'上海','sets':{'tag':['8'],'stage':['7']}},{'id':4}]";

static void who_has_which_values(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        { some,
          "{'kind':'profile','people':{'attr':'likes','eq':'b'},'attrs':['vip','city','likes'],"
          "'sets':['tag']}",
          "{'people':2,'all':4,'values':["
          "{'attr':'vip','value':false,'people':1,'all':1},"
          "{'attr':'vip','value':true,'people':1,'all':1},"
          "{'attr':'city','value':'上海','people':1,'all':2},"
          "{'attr':'city','value':'杭州','people':1,'all':1},"
          "{'attr':'likes','value':'a','people':1,'all':1},"
          "{'attr':'likes','value':'b','people':2,'all':2},"
          "{'set':'tag','value':'7','people':1,'all':1},"
          "{'set':'tag','value':'8','people':1,'all':2}]}" },
        /* numbers and days are no such values; a set of another family is not of this one */
        { some, "{'kind':'profile','attrs':['age','born','absent'],'sets':['stage']}",
          "{'people':4,'all':4,'values':[{'set':'stage','value':'7','people':1,'all':1}]}" },
        { some, "{'kind':'profile','people':{'random':0},'attrs':['city']}",
          "{'people':0,'all':4,'values':[{'attr':'city','value':'上海','people':0,'all':2},"
          "{'attr':'city','value':'杭州','people':0,'all':1}]}" },
    };
    ANSWERS(cases);
}

static void who_is_in_several(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        { some,
          "{'kind':'overlap','of':[{'attr':'city','eq':'上海'},{'set':'tag','key':'8'},{'attr':"
          "'vip','exists':true}]}",
          "{'any':3,'both':[[2,2,1],[2,2,1],[1,1,2]]}" },
        { some, "{'kind':'overlap','of':[{'random':100}]}", "{'any':4,'both':[[4]]}" },
        { some, "{'kind':'overlap','of':[{'random':0},{'random':0}]}",
          "{'any':0,'both':[[0,0],[0,0]]}" },
    };
    ANSWERS(cases);
}

#define DIAGNOSIS(more)                                                                          \
    "{'kind':'diagnosis','since':'2026-03-01','until':'2026-03-02','window':'1h','steps':['A','" \
    "B','C']" more "}"
#define ON_STOPPED(on, stopped, events, values)                           \
    "{'went_on':" on ",'stopped':" stopped ",'events':[" events "],'valu" \
    "es':[" values "]}"
#define EVENT(name, on, stopped) "{'event':'" name "','went_on':" on ",'stopped':" stopped "}"

/* Somebody of A at 10:00, B at 10:10 (and C at 10:30), with x at that time. */
#define ON(x)      "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10'],[1,'x','" x "'],[1,'C','03-01 10:30']]"
#define STOPPED(x) "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10'],[1,'x','" x "']]"
#define STEP_3     DIAGNOSIS(",'step':3")

static void between_is_after_one_step_and_before_the_next(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        { ON("03-01 10:10:00.001"), STEP_3, ON_STOPPED("1", "0", EVENT("x", "1", "0"), "") },
        { ON("03-01 10:29:59.999"), STEP_3, ON_STOPPED("1", "0", EVENT("x", "1", "0"), "") },
        { ON("03-01 10:10"), STEP_3, ON_STOPPED("1", "0", "", "") },
        { ON("03-01 10:30"), STEP_3, ON_STOPPED("1", "0", "", "") },
        { ON("03-01 10:05"), STEP_3, ON_STOPPED("1", "0", "", "") },
        { ON("03-01 10:05"), DIAGNOSIS(",'step':2"),
          ON_STOPPED("1", "0", EVENT("x", "1", "0"), "") },
        { ON("03-01 10:20"), DIAGNOSIS(",'step':2"), ON_STOPPED("1", "0", "", "") },
        /* who stopped: until the window is over, which is counted from the first step */
        { STOPPED("03-01 10:10"), STEP_3, ON_STOPPED("0", "1", "", "") },
        { STOPPED("03-01 10:10:00.001"), STEP_3, ON_STOPPED("0", "1", EVENT("x", "0", "1"), "") },
        { STOPPED("03-01 11:00"), STEP_3, ON_STOPPED("0", "1", EVENT("x", "0", "1"), "") },
        { STOPPED("03-01 11:00:00.001"), STEP_3, ON_STOPPED("0", "1", "", "") },
        /* … or now */
        { STOPPED("03-01 10:40"), STEP_3, ON_STOPPED("0", "1", EVENT("x", "0", "1"), ""),
          "03-01 10:40" },
        { STOPPED("03-01 10:40"), STEP_3, ON_STOPPED("0", "1", "", ""), "03-01 10:39:59.999" },
        /* who did not come to the step before is not looked at */
        { "[[1,'A','03-01 10:00'],[1,'x','03-01 10:05']]", STEP_3, ON_STOPPED("0", "0", "", "") },
        /* the chain is the funnel's: the latest A before the B, or the first of all */
        { "[[1,'A','03-01 10:00'],[1,'x','03-01 10:05'],[1,'A','03-01 10:10'],[1,'B','03-01 "
          "10:20']]",
          DIAGNOSIS(",'step':2"), ON_STOPPED("1", "0", "", "") },
        { "[[1,'A','03-01 10:00'],[1,'x','03-01 10:05'],[1,'A','03-01 10:10'],[1,'B','03-01 "
          "10:20']]",
          DIAGNOSIS(",'step':2,'entry':'first'"), ON_STOPPED("1", "0", EVENT("x", "1", "0"), "") },
    };
    ANSWERS(cases);
}

static void a_person_counts_once(void **state)
{
    (void)state;
    static const char three[] =
        "[{'id':1,'c':'a'},{'id':2,'c':'b'},{'id':3,'c':'b','sets':{'tag':['7']}},{'id':4,'c':'a'},"
        "[1,'A','03-01 10:00'],[1,'x','03-01 10:01'],[1,'x','03-01 10:02'],[1,'y','03-01 10:03'],"
        "[1,'B','03-01 10:10'],[2,'A','03-01 10:00'],[2,'x','03-01 10:20'],[3,'A','03-01 10:00'],"
        "[3,'A','03-01 10:30'],[4,'B','03-01 10:00']]";
    static const struct answer_case cases[] = {
        { three, DIAGNOSIS(",'step':2"),
          ON_STOPPED("1", "2", EVENT("x", "1", "1") "," EVENT("y", "1", "0"), "") },
        { three, DIAGNOSIS(",'step':2,'events':['y','z']"),
          ON_STOPPED("1", "2", EVENT("y", "1", "0"), "") },
        { three, DIAGNOSIS(",'step':2,'events':['z'],'attrs':['c'],'sets':['tag']"),
          ON_STOPPED("1", "2", "",
                     "{'attr':'c','value':'a','went_on':1,'stopped':0},"
                     "{'attr':'c','value':'b','went_on':0,'stopped':2},"
                     "{'set':'tag','value':'7','went_on':0,'stopped':1}") },
        { three, DIAGNOSIS(",'step':2,'people':{'attr':'c','eq':'b'}"),
          ON_STOPPED("0", "2", EVENT("x", "0", "1"), "") },
    };
    ANSWERS(cases);
}

/* Of 10 who went on 6 did x, of 8 who stopped 2: with 2 in each cell it is told how that goes
 * together, with 3 it is not. */
static void what_goes_together_is_told_of_enough_people(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf sb;
    strbuf_init(&sb, &a, 100000);
    for (int i = 1; i <= 18; i++) {
        out_fmt(&sb, "%s{'id':%d,'c':'%s'},[%d,'A','03-01 10:00']", i > 1 ? "," : "[", i,
                i <= 10 ? "a" : "b", i);
        if (i <= 6 || i > 16)
            out_fmt(&sb, ",[%d,'x','03-01 10:05']", i);
        if (i <= 10)
            out_fmt(&sb, ",[%d,'B','03-01 10:10']", i);
    }
    out_c(&sb, ']');
    const char *history = arena_z(&a, strbuf_str(&sb));
    const struct answer_case cases[] = {
        /* phi = (6·6 − 4·2) / √(10·8·8·10) = 0.35; odds 36 / 8 */
        { history, DIAGNOSIS(",'step':2,'cell_min':2"),
          "{'went_on':10,'stopped':8,'events':[{'event':'x','went_on':6,'stopped':2,'phi':0.35,"
          "'odds':4.5,'odds_low':0.585132,'odds_high':34.6076}],'values':[]}" },
        { history, DIAGNOSIS(",'step':2,'cell_min':3"),
          ON_STOPPED("10", "8", EVENT("x", "6", "2"), "") },
        { history, DIAGNOSIS(",'step':2"), ON_STOPPED("10", "8", EVENT("x", "6", "2"), "") },
    };
    ANSWERS(cases);
}

/* Who asks in somebody's name: nobody else is there. */
static void nobody_is_there_but_those_among_whom_is_asked(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *answer;
    } cases[] = {
        { "{'kind':'segment'}", "{'people':2} 1 3" },
        { "{'kind':'segment','people':{'not':{'set':'tag','key':'7'}},'counts':true}",
          "{'people':1,'nodes':[1,1]} 3" },
        { "{'kind':'segment','people':{'set':'tag','key':'7'},'person':1}",
          "{'there':true,'nodes':[{'holds':true}]}" },
        { "{'kind':'segment','people':{'set':'tag','key':'7'},'person':2}",
          "{'there':false,'nodes':[]}" },
        { "{'kind':'profile','people':{'attr':'vip','eq':false},'attrs':['vip']}",
          "{'people':0,'all':2,'values':[{'attr':'vip','value':true,'people':0,'all':1}]}" },
        { "{'kind':'overlap','of':[{'random':100},{'attr':'vip','exists':true}]}",
          "{'any':2,'both':[[2,1],[1,1]]}" },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    struct history h = history_read(&a, some);
    struct query_error bad = { 0 };
    instant now = history_time(&a, S("03-10 12:00"));
    struct people *among;
    assert_ok(people_read(&a, history_json(&a, "{'attr':'city','eq':'上海'}"), &among, &bad));
    struct engine *e = engine_new(1);
    engine_begin(e);
    for (size_t i = 0; i < h.person_count; i++)
        engine_person(e, &h.persons[i]);
    engine_end(e);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct query q = { 0 };
        struct result r[2];
        assert_ok(query_read(&a, history_json(&a, cases[i].asked), &q, &bad));
        q.among = among;
        assert_ok(reference_ask(&a, &q, &h, now, &r[0]));
        assert_ok(engine_ask(e, &a, &q, now, NULL, &r[1]));
        for (size_t k = 0; k < COUNT(r); k++)
            answer_is(&a, cases[i].asked, &q, &r[k], cases[i].answer);
    }
    engine_free(e);
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int engine_profile_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_which_values),
        cmocka_unit_test(who_is_in_several),
        cmocka_unit_test(between_is_after_one_step_and_before_the_next),
        cmocka_unit_test(a_person_counts_once),
        cmocka_unit_test(what_goes_together_is_told_of_enough_people),
        cmocka_unit_test(nobody_is_there_but_those_among_whom_is_asked),
    };
    return cmocka_run_group_tests_name("engine_profile", tests, in_shanghai, NULL);
}
