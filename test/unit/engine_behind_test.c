/* The people behind the bars of reports, worked out by hand: the plain evaluator and the column
 * store both. */
#include "base/test.h"

#include "base/time.h"
#include "engine_answer.h"

int engine_behind_test(void);

#define ABC                                                                                  \
    "{'kind':'funnel','since':'2026-03-01','until':'2026-03-02','window':'1h','steps':['A'," \
    "'B','C']"

static void who_reached_a_step_and_who_stopped(void **state)
{
    (void)state;
    static const char three[] =
        "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10'],[1,'C','03-01 10:20'],"
        "[2,'A','03-01 10:00'],[2,'B','03-01 10:10'],[3,'A','03-01 10:00'],[4,'B','03-01 10:00']]";
    /* one entry that went on, one that stopped; told apart by p */
    static const char twice[] =
        "[[1,'A','03-01 10:00',{'p':'x'}],[1,'B','03-01 10:10'],[1,'A','03-01 12:00',{'p':'y'}],"
        "[2,'A','03-01 10:00',{'p':'y'}]]";
    static const struct answer_case cases[] = {
        { three, ABC ",'behind':{'step':1}}", "1 2 3" },
        { three, ABC ",'behind':{'step':2}}", "1 2" },
        { three, ABC ",'behind':{'step':3}}", "1" },
        /* who stopped before step 3 had reached step 2: not who stopped earlier */
        { three, ABC ",'behind':{'step':3,'stopped':true}}", "2" },
        { three, ABC ",'behind':{'step':2,'stopped':true}}", "3" },
        { three, ABC ",'behind':{'step':2,'stopped':false}}", "1 2" },
        { three, ABC ",'people':{'random':0},'behind':{'step':1}}", "" },
        /* a person whose deepest chain went on has not stopped; with entries one of theirs has */
        { twice, ABC ",'behind':{'step':2,'stopped':true}}", "2" },
        { twice, ABC ",'count':'entry','behind':{'step':2,'stopped':true}}", "1 2" },
        { twice, ABC ",'count':'entry','behind':{'step':2}}", "1" },
        { twice, ABC ",'count':'entry','breakdown':[{'prop':'p'}],'behind':{'step':1,'group':'y'}}",
          "1 2" },
        { twice, ABC ",'breakdown':[{'prop':'p'}],'behind':{'step':1,'group':'y'}}", "2" },
        { twice, ABC ",'breakdown':[{'prop':'p'}],'behind':{'step':1,'group':null}}", "" },
        { twice, ABC ",'breakdown':[{'prop':'p'}],'behind':{'step':1,'group':'z'}}", "" },
        { "[[1,'A','03-01 10:00',{'p':1}],[2,'A','03-01 10:00',{'p':'1'}],"
          "[3,'A','03-01 10:00',{'p':true}],[4,'A','03-01 10:00']]",
          ABC ",'breakdown':[{'prop':'p'}],'behind':{'step':1,'group':1}}", "1" },
        { "[[1,'A','03-01 10:00',{'p':1}],[2,'A','03-01 10:00',{'p':'1'}],"
          "[3,'A','03-01 10:00',{'p':true}],[4,'A','03-01 10:00']]",
          ABC ",'breakdown':[{'prop':'p'}],'behind':{'step':1,'group':null}}", "4" },
        /* everybody is in each set of theirs */
        { "[{'id':1,'sets':{'tag':['1','2']}},{'id':2,'sets':{'tag':['2']}},{'id':3},"
          "[1,'A','03-01 10:00'],[2,'A','03-01 10:00'],[3,'A','03-01 10:00']]",
          ABC ",'breakdown':[{'set':'tag'}],'behind':{'step':1,'group':'2'}}", "1 2" },
        { "[{'id':1,'c':{'instant':'2026-02-28T16:00:00Z'}},{'id':2,'c':{'day':'2026-03-02'}},"
          "[1,'A','03-01 10:00'],[2,'A','03-01 10:00']]",
          ABC ",'breakdown':[{'attr':'c'}],'behind':{'step':1,'group':'2026-03-01'}}", "1" },
    };
    ANSWERS(cases);
}

#define RETAINED(more)                                                                     \
    "{'kind':'retention','since':'2026-03-07','until':'2026-03-11','start':'s','return':'" \
    "r','periods':3," more "}"

static void who_came_back_and_who_did_not(void **state)
{
    (void)state;
    /* cohorts of the 8th (1, 2) and the 9th (3); cell 1 of the 8th is complete on the tenth */
    static const char some[] = "[[1,'s','03-08 10:00'],[1,'r','03-09 10:00'],"
                               "[2,'s','03-08 10:00'],[2,'r','03-08 11:00'],"
                               "[3,'s','03-09 10:00'],[3,'r','03-10 10:00',{'v':0}]]";
    static const struct answer_case cases[] = {
        { some, RETAINED("'behind':{'cohort':'2026-03-08','cell':1}"), "1" },
        { some, RETAINED("'behind':{'cohort':'2026-03-08','cell':1,'lost':true}"), "2" },
        { some, RETAINED("'behind':{'cohort':'2026-03-08'}"), "1 2" },
        { some, RETAINED("'behind':{}"), "1 2 3" },
        { some, RETAINED("'behind':{'cohort':null,'cell':0}"), "2" },
        { some, RETAINED("'behind':{'cell':0,'lost':true}"), "1 3" },
        /* the overall row knows only complete cohorts; a cohort's own row shows the rest too */
        { some, RETAINED("'behind':{'cell':1}"), "1" },
        { some, RETAINED("'behind':{'cell':1,'lost':true}"), "2" },
        { some, RETAINED("'behind':{'cohort':'2026-03-09','cell':1}"), "3" },
        { some, RETAINED("'behind':{'cohort':'2026-03-09','cell':2,'lost':true}"), "3" },
        { some, RETAINED("'behind':{'cohort':'2026-03-07','cell':0}"), "" },
        { some, RETAINED("'behind':{'cohort':'2026-02-01','cell':0}"), "" },
        { some, RETAINED("'or_after':true,'behind':{'cohort':'2026-03-08','cell':0}"), "1 2" },
        /* a fact that is worth nothing is a return */
        { some, RETAINED("'value':'v','behind':{'cohort':'2026-03-09','cell':1}"), "3" },
        { some, RETAINED("'unit':'week','behind':{'cohort':'2026-03-02','cell':0}"), "2" },
        { some, RETAINED("'unit':'week','behind':{'cohort':'2026-03-08','cell':0}"), "" },
        /* kept in one cohort, lost in another */
        { "[[1,'s','03-07 10:00'],[1,'s','03-08 10:00'],[1,'r','03-08 11:00']]",
          RETAINED("'every':true,'behind':{'cell':1}"), "1" },
        { "[[1,'s','03-07 10:00'],[1,'s','03-08 10:00'],[1,'r','03-08 11:00']]",
          RETAINED("'every':true,'behind':{'cell':1,'lost':true}"), "1" },
        { "[[1,'s','03-08 10:00',{'p':2.5}],[2,'s','03-08 10:00']]",
          RETAINED("'breakdown':[{'prop':'p'}],'behind':{'group':2.5}"), "1" },
    };
    ANSWERS(cases);
}

#define OF_A(more)                                                                       \
    "{'kind':'trend','since':'2026-03-01T10:00:00+08:00','until':'2026-03-03','of':'A'," \
    "'unit':'day'," more "}"

static void who_is_behind_a_point(void **state)
{
    (void)state;
    static const char some[] =
        "[{'id':1,'c':'x'},{'id':2,'c':'y'},[1,'A','03-01 10:00'],[1,'A','03-01 11:00'],"
        "[1,'A','03-02 11:00',{'p':true}],[2,'A','03-02 23:59:59.999'],[3,'A','03-01 09:00'],"
        "[2,'A','03-03 00:00']]";
    static const struct answer_case cases[] = {
        { some, OF_A("'behind':{}"), "1 2" },
        { some, OF_A("'behind':{'period':'2026-03-01'}"), "1" },
        { some, OF_A("'behind':{'period':'2026-03-01T00:00:00+08:00'}"), "1" },
        /* the first instant of the period, not any */
        { some, OF_A("'behind':{'period':'2026-03-01T10:00:00+08:00'}"), "" },
        { some, OF_A("'behind':{'period':'2026-03-02'}"), "1 2" },
        { some, OF_A("'behind':{'period':'2026-03-03'}"), "" },
        { some, OF_A("'behind':{'period':'2026-03-02'}"), "1", "03-02 12:00" },
        { some, OF_A("'breakdown':[{'attr':'c'}],'behind':{'groups':['y']}"), "2" },
        { some,
          OF_A("'breakdown':[{'attr':'c'},{'prop':'p'}],'behind':{'period':'2026-03-02','groups':["
               "'x',true]}"),
          "1" },
        { some,
          OF_A("'breakdown':[{'attr':'c'},{'prop':'p'}],'behind':{'period':'2026-03-02','groups':["
               "'x',null]}"),
          "" },
    };
    ANSWERS(cases);
}

#define ACTIVE(kind, more) \
    "{'kind':'" kind "','since':'2026-03-03','until':'2026-03-06','of':'v'," more "}"

static void who_is_new_stays_comes_back_or_is_away(void **state)
{
    (void)state;
    /* 1 comes on the 1st, 2nd, 4th; 2 on the 3rd and 4th; 3 on the 2nd alone; 4 does something
     * else */
    static const char some[] =
        "[{'id':1,'c':'x'},{'id':2,'c':'y'},[1,'v','03-01 10:00'],[1,'v','03-02 10:00'],"
        "[1,'v','03-04 10:00'],[2,'v','03-03 00:00'],[2,'v','03-04 23:59:59.999'],"
        "[3,'v','03-02 10:00'],[4,'w','03-03 10:00']]";
    static const struct answer_case cases[] = {
        { some, ACTIVE("life", "'behind':{}"), "1 2" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-04'}"), "1 2" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-03','as':'new'}"), "2" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-04','as':'new'}"), "" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-04','as':'returning'}"), "2" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-04','as':'resurrected'}"), "1" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-03','as':'dormant'}"), "1 3" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-05','as':'dormant'}"), "1 2" },
        { some, ACTIVE("life", "'behind':{'as':'dormant'}"), "1 2 3" },
        /* not told: before the range, after it, within a period */
        { some, ACTIVE("life", "'behind':{'period':'2026-03-02'}"), "" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-06','as':'dormant'}"), "" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-04T10:00:00+08:00'}"), "" },
        { some, ACTIVE("life", "'people':{'random':0},'behind':{}"), "" },
        { some, ACTIVE("life", "'breakdown':[{'attr':'c'}],'behind':{'group':'y'}"), "2" },
        { some, ACTIVE("life", "'breakdown':[{'attr':'c'}],'behind':{'as':'dormant','group':null}"),
          "3" },
        /* of a day that has begun, what has been; none of one that has not */
        { some, ACTIVE("life", "'behind':{'period':'2026-03-04'}"), "1", "03-04 12:00" },
        { some, ACTIVE("life", "'behind':{'period':'2026-03-04','as':'dormant'}"), "",
          "03-03 12:00" },
        { some, ACTIVE("stickiness", "'window':2,'behind':{}"), "1 2" },
        { some, ACTIVE("stickiness", "'window':2,'behind':{'period':'2026-03-03'}"), "2" },
        { some, ACTIVE("stickiness", "'window':2,'behind':{'period':'2026-03-03','as':'recent'}"),
          "1 2 3" },
        { some, ACTIVE("stickiness", "'window':2,'behind':{'period':'2026-03-05','as':'recent'}"),
          "1 2" },
        { some, ACTIVE("stickiness", "'window':2,'behind':{'as':'recent'}"), "1 2 3" },
        { some, ACTIVE("stickiness", "'window':2,'behind':{'days':1}"), "1 2" },
        { some, ACTIVE("stickiness", "'window':3,'behind':{'days':1}"), "1" },
        { some, ACTIVE("stickiness", "'window':3,'behind':{'days':2}"), "2" },
        { some, ACTIVE("stickiness", "'window':5,'behind':{'days':3}"), "1" },
        { some, ACTIVE("stickiness", "'window':5,'behind':{'days':5}"), "" },
        { some,
          ACTIVE("stickiness",
                 "'window':5,'breakdown':[{'attr':'c'}],'behind':{'days':2,'group':'y'}"),
          "2" },
    };
    ANSWERS(cases);
}

#define PATHS(more) \
    "{'kind':'paths','since':'2026-03-01','until':'2026-03-02','from':'v','levels':3," more "}"
#define AT(level, more) "'behind':{'level':" level more "}"

static void who_took_a_path(void **state)
{
    (void)state;
    /* 1: v b z; 2: v b; 3: v c z; 4: v; 5: v a */
    static const char five[] =
        "[[1,'v','03-01 10:00',{'p':'x'}],[1,'b','03-01 11:00',{'p':1}],[1,'z','03-01 12:00'],"
        "[2,'v','03-01 10:00'],[2,'b','03-01 11:00',{'p':'1'}],"
        "[3,'v','03-01 10:00',{'p':'x'}],[3,'c','03-01 11:00'],[3,'z','03-01 12:00'],"
        "[4,'v','03-01 10:00'],[5,'v','03-01 10:00'],[5,'a','03-01 11:00']]";
    static const struct answer_case cases[] = {
        { five, PATHS(AT("1", "")), "1 2 3 4 5" },
        { five, PATHS(AT("2", "")), "1 2 3 5" },
        { five, PATHS(AT("1", ",'ends':true")), "4" },
        { five, PATHS(AT("2", ",'ends':true")), "2 5" },
        { five, PATHS(AT("2", ",'node':{'event':'b'}")), "1 2" },
        { five, PATHS(AT("2", ",'node':{'event':'b'},'ends':true")), "2" },
        { five, PATHS(AT("2", ",'node':{'event':'b'},'to':{'event':'z'}")), "1" },
        { five, PATHS(AT("1", ",'to':{'event':'c'}")), "3" },
        { five, PATHS(AT("2", ",'to':{'event':'z'}")), "1 3" },
        { five, PATHS(AT("3", ",'node':{'event':'z'}")), "1 3" },
        { five, PATHS(AT("2", ",'node':{'event':'z'}")), "" },
        { five, PATHS(AT("2", ",'node':{'event':'nothing'}")), "" },
        { five, PATHS("'people':{'random':0}," AT("1", "")), "" },
        /* b is told, a and c are the others: by their own names they are not there */
        { five, PATHS("'top':1," AT("2", ",'node':{'other':true}")), "3 5" },
        { five, PATHS("'top':1," AT("2", ",'node':{'event':'c'}")), "" },
        { five, PATHS("'top':1," AT("1", ",'to':{'other':true}")), "3 5" },
        { five, PATHS("'top':1," AT("1", ",'to':{'event':'c'}")), "" },
        { five, PATHS("'top':1," AT("2", ",'node':{'other':true},'to':{'event':'z'}")), "3" },
        { five, PATHS("'top':1," AT("1", ",'node':{'other':true}")), "" },
        /* a number, a text and nothing are three nodes */
        { five, PATHS("'by':'p'," AT("2", ",'node':{'event':'b','key':1}")), "1" },
        { five, PATHS("'by':'p'," AT("2", ",'node':{'event':'b','key':'1'}")), "2" },
        { five, PATHS("'by':'p'," AT("1", ",'node':{'event':'v','key':null}")), "2 4 5" },
        { five, PATHS("'by':'p'," AT("1", ",'node':{'event':'v','key':'y'}")), "" },
        /* what has not happened yet ends a path */
        { five, PATHS(AT("2", ",'ends':true")), "1 2 3 5", "03-01 11:30" },
        /* with each fact of the match a path begins: one of two went on */
        { "[[1,'v','03-01 10:00'],[1,'b','03-01 11:00'],[1,'v','03-01 12:00']]",
          PATHS("'every':true," AT("1", ",'ends':true")), "1" },
        { "[[1,'v','03-01 10:00'],[1,'b','03-01 11:00'],[1,'v','03-01 12:00']]",
          PATHS("'every':true," AT("1", ",'to':{'event':'b'}")), "1" },
        { "[[1,'v','03-01 10:00'],[1,'b','03-01 11:00'],[1,'v','03-01 12:00']]",
          PATHS(AT("1", ",'ends':true")), "" },
    };
    ANSWERS(cases);
}

#define OWED(more)                                                                           \
    "{'kind':'attribution','since':'2026-03-01','until':'2026-03-02','touch':'t','channel':" \
    "'c','conversion':'o','window':'1h'," more "}"

static void who_came_by_a_channel(void **state)
{
    (void)state;
    /* 1: x y and converts, x is too early for it; 2: no channel; 3: converts untouched; 4: x, lost;
     * 5: converts, gives it back */
    static const char five[] =
        "[[1,'t','03-01 08:00',{'c':'x'}],[1,'t','03-01 09:30',{'c':'y'}],[1,'o','03-01 10:00'],"
        "[2,'t','03-01 09:30'],[2,'o','03-01 10:00'],[3,'o','03-01 10:00'],"
        "[4,'t','03-01 10:00',{'c':'x'}],[5,'t','03-01 09:30',{'c':'y'}],"
        "[5,'o','03-01 10:00',{'k':1}],[5,'r','03-01 11:00',{'k':1}]]";
    static const struct answer_case cases[] = {
        { five, OWED("'behind':{}"), "1 2 5" },
        { five, OWED("'behind':{'untouched':true}"), "3" },
        { five, OWED("'behind':{'lost':true}"), "4" },
        { five, OWED("'behind':{'channel':'y'}"), "1 5" },
        { five, OWED("'behind':{'channel':'x'}"), "" },
        { five, OWED("'behind':{'channel':'x','lost':true}"), "4" },
        { five, OWED("'behind':{'channel':'y','lost':true}"), "" },
        { five, OWED("'behind':{'channel':null}"), "2" },
        { five, OWED("'behind':{'channel':'z'}"), "" },
        /* by its name also where it is one of the others */
        { five, OWED("'top':1,'behind':{'channel':'y'}"), "1 5" },
        /* what is taken back is no conversion, and nobody is lost by it */
        { five, OWED("'refund':'r','held':'k','behind':{'channel':'y'}"), "1" },
        { five, OWED("'refund':'r','held':'k','behind':{'channel':'y','lost':true}"), "" },
        { five, OWED("'refund':'r','held':'k','behind':{'channel':'y'}"), "1 5", "03-01 10:59" },
    };
    ANSWERS(cases);
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int engine_behind_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_reached_a_step_and_who_stopped),
        cmocka_unit_test(who_came_back_and_who_did_not),
        cmocka_unit_test(who_is_behind_a_point),
        cmocka_unit_test(who_is_new_stays_comes_back_or_is_away),
        cmocka_unit_test(who_took_a_path),
        cmocka_unit_test(who_came_by_a_channel),
    };
    return cmocka_run_group_tests_name("engine_behind", tests, in_shanghai, NULL);
}
