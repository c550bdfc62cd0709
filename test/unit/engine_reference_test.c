/* The plain evaluator against answers worked out by hand: people and funnels. */
#include "base/test.h"

#include "base/time.h"
#include "engine_reference.h"

int engine_reference_test(void);

/* Noon in Shanghai, if nothing else is said. */
#define NOW "03-10 12:00"

static struct query question(struct arena *a, const char *text)
{
    struct query q = { 0 };
    struct query_error bad = { 0 };
    if (query_read(a, history_json(a, text), &q, &bad) != OK)
        fail_msg("%s: %.*s: %s", text, STR_ARG(bad.at), bad.reason);
    return q;
}

static struct result answer(struct arena *a, const char *history, const char *asked,
                            const char *now)
{
    struct result r = { 0 };
    struct query q = question(a, asked);
    struct history h = history_read(a, history);
    assert_ok(reference_ask(a, &q, &h, history_time(a, str_of(now ? now : NOW)), &r));
    assert_int_equal(r.kind, q.kind);
    return r;
}

static void same(const char *case_of, const struct strbuf *sb, const char *expected)
{
    if (!str_is(strbuf_str(sb), expected))
        fail_msg("%s\n  is:       %.*s\n  expected: %s", case_of, STR_ARG(strbuf_str(sb)),
                 expected);
}

struct people_case {
    const char *people, *fit, *now;
};

/* Who of the history fits, by number. */
static void people_fit_as(const char *history, const struct people_case *cases, size_t n)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < n; i++) {
        const char *asked =
            arena_z(&a, arena_fmt(&a, "{'kind':'segment','people':%s}", cases[i].people));
        struct result r = answer(&a, history, asked, cases[i].now);
        struct strbuf sb;
        strbuf_init(&sb, &a, 1000);
        for (size_t p = 0; p < r.people_count; p++)
            out_fmt(&sb, "%s%lld", p ? "," : "", (long long)r.people[p]);
        same(cases[i].people, &sb, cases[i].fit);
    }
}
#define PEOPLE_FIT(history, cases) people_fit_as((history), (cases), COUNT(cases))

static void windows_end_where_they_say(void **state)
{
    (void)state;
    static const struct people_case within[] = {
        { "{'event':'a','within':'1d'}", "2,3" },
        { "{'event':'a'}", "1,2,3" },
        { "{'event':'a','count':{'lte':0}}", "4" },
    };
    static const struct people_case range[] = {
        { "{'event':'a','since':'2026-03-05','until':'2026-03-06'}", "2,3" },
        { "{'event':'a','since':'2026-03-05'}", "2,3,4" },
        { "{'event':'a','until':'2026-03-06'}", "1,2,3" },
        { "{'event':'a','until':'2026-03-05T16:00:00Z','since':'2026-03-04T16:00:00Z'}", "2,3" },
    };
    PEOPLE_FIT("[[1,'a','03-09 12:00'],[2,'a','03-09 12:00:00.001'],[3,'a','03-10 12:00'],"
               "[4,'a','03-10 12:00:00.001']]",
               within);
    PEOPLE_FIT("[[1,'a','03-04 23:59:59.999'],[2,'a','03-05 00:00'],[3,'a','03-05 23:59:59.999'],"
               "[4,'a','03-06 00:00']]",
               range);
}

static void a_window_opens_behind_another_fact(void **state)
{
    (void)state;
    /* 1: b, then a at that instant; 2: the other way round; 3: no b; 4: b a b; 5: b in the future
     */
    static const char history[] =
        "[[1,'b','03-01 10:00'],[1,'a','03-01 10:00'],[2,'a','03-01 10:00'],[2,'b','03-01 10:00'],"
        "[3,'a','03-01 10:00'],[4,'b','03-01 10:00'],[4,'a','03-01 11:00'],[4,'b','03-01 12:00'],"
        "[5,'a','03-10 13:00'],[5,'b','03-10 12:30']]";
    static const struct people_case cases[] = {
        { "{'event':'a','since_event':{'event':'b'}}", "1" },
        { "{'event':'a','since_event':{'event':'b','which':'last'}}", "1" },
        { "{'event':'a','since_event':{'event':'b','which':'first'}}", "1,4" },
        { "{'event':'a','since_event':{'event':'b'},'count':{'lte':0}}", "2,4" },
        { "{'not':{'event':'a','since_event':{'event':'b'}}}", "2,3,4,5" },
        { "{'event':'a','since_event':{'event':'b','which':'first'},'until':'2026-03-01'}", "" },
        { "{'sequence':['a','b'],'since_event':{'event':'b','which':'first'}}", "4" },
    };
    PEOPLE_FIT(history, cases);
}

static void what_did_not_follow(void **state)
{
    (void)state;
    static const char history[] =
        "[[1,'a','03-10 10:00'],[1,'b','03-10 11:00']," /* at the last instant */
        "[2,'a','03-10 10:00'],[2,'b','03-10 11:00:00.001'],"
        "[3,'a','03-10 10:00'],[3,'b','03-10 10:00']," /* together: does not follow */
        "[4,'a','03-10 11:00'],"                       /* the hour is just over */
        "[5,'a','03-10 11:00:00.001'],"
        "[6,'a','03-10 08:00'],[6,'b','03-10 08:30'],[6,'a','03-10 09:00'],"
        "[7,'a','03-10 10:00'],[7,'b','03-10 10:00:00.001'],[8,'b','03-10 10:00']]";
    static const struct people_case cases[] = {
        { "{'event':'a','not_followed_by':'b','after':'1h'}", "2,3,4,6" },
        { "{'event':'a','not_followed_by':'b','after':'59min'}", "1,2,3,4,5,6" },
        { "{'event':'a','not_followed_by':'b','after':'1h','until':'2026-03-10T00:45:00Z'}", "" },
        { "{'event':'a','not_followed_by':'b','after':'1h','within':'2h'}", "4" },
    };
    PEOPLE_FIT(history, cases);
}

static void sequences_are_chains(void **state)
{
    (void)state;
    static const char history[] =
        "[[1,'a','03-01 10:00'],[1,'b','03-01 11:00'],"
        "[2,'a','03-01 10:00'],[2,'b','03-01 11:00:00.001'],"
        "[3,'a','03-01 10:00'],[3,'b','03-01 10:00'],"
        "[4,'b','03-01 10:00'],[4,'a','03-01 10:00'],"
        "[5,'a','03-01 08:00'],[5,'a','03-01 10:00'],[5,'b','03-01 10:59'],"
        /* the first b is too early for c, the second fits both */
        "[6,'a','03-01 10:00'],[6,'b','03-01 10:30'],[6,'b','03-01 11:00'],[6,'c','03-01 11:45'],"
        "[7,'a','03-01 10:00']]";
    static const struct people_case cases[] = {
        { "{'sequence':['a','b'],'within_each':'1h'}", "1,3,5,6" },
        { "{'sequence':['a','b']}", "1,2,3,5,6" },
        { "{'sequence':['a','b','c'],'within_each':'1h'}", "6" },
        { "{'sequence':['a','a']}", "5" },
        { "{'sequence':['a','a'],'within_each':'1h'}", "" },
        { "{'sequence':['a','b'],'since':'2026-03-01T02:30:00Z'}", "" },
        { "{'sequence':[{'event':['a','b']},{'event':['b','a']}],'until':'2026-03-01T02:30:00Z'}",
          "3,4,5" },
    };
    PEOPLE_FIT(history, cases);
}

static void what_is_not_there_fits_little(void **state)
{
    (void)state;
    static const char history[] =
        "[[1,'a','03-01 10:00',{'ch':'group'}],[2,'a','03-01 10:00',{'ch':'app'}],"
        "[3,'a','03-01 10:00'],[4,'a','03-01 10:00',{'ch':5}],[5,'b','03-01 10:00'],"
        "[6,'a','03-01 10:00',{'ch':''}],[7,'a','03-01 10:00',{'ch':true}]]";
    static const struct {
        const char *compare, *fit;
    } of[] = {
        { "'eq':'group'", "1" },
        { "'ne':'group'", "2,3,4,6,7" },
        { "'in':['group','app','']", "1,2,6" },
        { "'not_in':['group','app','']", "3,4,7" },
        { "'exists':true", "1,2,4,6,7" },
        { "'exists':false", "3" },
        { "'gte':5", "4" },
        { "'lt':6", "4" },
        { "'gt':5", "" },
        { "'eq':5", "4" },
        { "'ne':5", "1,2,3,6,7" },
        { "'eq':true", "7" },
        { "'ne':false", "1,2,3,4,6,7" },
        { "'eq':1", "" },
        { "'contains':'p'", "1,2" },
        { "'starts':'ap'", "2" },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(of); i++) {
        struct people_case c = {
            arena_z(&a, arena_fmt(&a, "{'event':'a','where':[{'prop':'ch',%s}]}", of[i].compare)),
            of[i].fit
        };
        people_fit_as(history, &c, 1);
    }
}

static void figures_are_exact(void **state)
{
    (void)state;
    /* 1: average 4/3; 2: 1.0005; 3: no number; 4: no fact; 5: -0.001 */
    static const char history[] =
        "[[1,'a','03-01 10:00',{'x':1}],[1,'a','03-01 11:00',{'x':1}],[1,'a','03-01 12:00',{'x':2}],"
        "[2,'a','03-01 10:00',{'x':1}],[2,'a','03-01 11:00',{'x':1.001}],[2,'a','03-01 12:00'],"
        "[3,'a','03-01 10:00',{'x':'7'}],[3,'a','03-01 11:00',{'x':true}],{'id':4},"
        "[5,'a','03-01 10:00',{'x':-0.001}]]";
    static const struct people_case cases[] = {
        { "{'event':'a','average':{'prop':'x','gte':1.333}}", "1" },
        { "{'event':'a','average':{'prop':'x','gte':1.334}}", "" },
        { "{'event':'a','average':{'prop':'x','eq':1.333}}", "" },
        { "{'event':'a','average':{'prop':'x','lte':1.333}}", "2,5" },
        { "{'event':'a','average':{'prop':'x','gte':1}}", "1,2" },
        { "{'event':'a','average':{'prop':'x','gt':1}}", "1" }, /* from 1.001 on */
        { "{'event':'a','average':{'prop':'x','lte':1}}", "5" },
        { "{'event':'a','average':{'prop':'x','lt':0}}", "5" },
        { "{'event':'a','average':{'prop':'x','ne':5}}", "1,2,5" }, /* nobody without a number */
        { "{'event':'a','min':{'prop':'x','not_in':[5]}}", "1,2,5" },
        { "{'event':'a','max':{'prop':'x','gte':1.001}}", "1,2" },
        { "{'event':'a','min':{'prop':'x','in':[1,-0.001]}}", "1,2,5" },
        { "{'event':'a','sum':{'prop':'x','eq':4}}", "1" },
        { "{'event':'a','sum':{'prop':'x','eq':0}}", "3,4" },
        { "{'event':'a','sum':{'prop':'x','lt':0}}", "5" },
        { "{'event':'a','count':{'eq':3}}", "1,2" },
        { "{'event':'a','count':{'ne':3}}", "3,4,5" },
        { "{'event':'a','count':{'gte':2.5}}", "1,2" },
        { "{'event':'a','distinct':{'prop':'x','eq':2}}", "1,2,3" },
        { "{'event':'a','distinct':{'prop':'x','eq':0}}", "4" },
        { "{'event':'a','first':{'prop':'x','eq':1}}", "1,2" },
        { "{'event':'a','last':{'prop':'x','exists':false}}", "2,4" },
        { "{'event':'a','last':{'prop':'x','ne':2}}", "2,3,4,5" },
        { "{'event':'a','first':{'prop':'x','eq':'7'}}", "3" },
        { "{'event':'a','first':{'since':'2026-03-01T02:00:00Z'}}", "1,2,3,5" },
        { "{'event':'a','first':{'until':'2026-03-01T02:00:00Z'}}", "" },
        { "{'event':'a','last':{'since':'2026-03-01T02:00:00.001Z'}}", "1,2,3" },
        { "{'event':'a','last':{'before':'9d'}}", "1,2,3,5" }, /* to the very instant */
        { "{'event':'a','last':{'before':'9d'}}", "3,5", "03-10 11:59:59.999" },
        { "{'event':'a','last':{'within':'9d'}}", "", NULL },
    };
    static const char distinct[] = "[[1,'a','03-01 10:00',{'x':1}],[1,'a','03-01 10:00',{'x':'1'}],"
                                   "[1,'a','03-01 10:00',{'x':true}],[1,'a','03-01 10:00'],"
                                   "[1,'a','03-01 10:00',{'x':1.0}]]";
    static const struct people_case three[] = {
        { "{'event':'a','distinct':{'prop':'x','eq':3}}", "1" },
    };
    PEOPLE_FIT(history, cases);
    PEOPLE_FIT(distinct, three);
}

static void attributes_and_sets(void **state)
{
    (void)state;
    static const char history[] =
        "[{'id':1,'city':'上海','vip':true,'likes':['a','bc'],'spend':12.5,"
        "  'sets':{'tag':['1','2']}},"
        " {'id':2,'city':'','vip':false,'likes':['bc'],'spend':-1,'sets':{'segment':['1']}},"
        " {'id':3,'likes':[]},{'id':4,'city':'上海市'}]";
    static const struct people_case cases[] = {
        { "{'attr':'city','eq':'上海'}", "1" },
        { "{'attr':'city','starts':'上'}", "1,4" },
        { "{'attr':'city','ne':'上海'}", "2,3,4" },
        { "{'attr':'city','exists':false}", "3" },
        { "{'attr':'city','eq':''}", "2" },
        { "{'attr':'vip','eq':true}", "1" },
        { "{'attr':'vip','ne':true}", "2,3,4" },
        { "{'attr':'spend','gt':-1}", "1" },
        { "{'attr':'spend','gte':-1,'lt':12.5}", "2" },
        { "{'attr':'spend','eq':'12.5'}", "" },
        { "{'attr':'likes','eq':'bc'}", "1,2" },
        { "{'attr':'likes','ne':'a'}", "2,3,4" },
        { "{'attr':'likes','not_in':['x']}", "1,2,3,4" },
        { "{'attr':'likes','contains':'c'}", "1,2" },
        { "{'attr':'likes','exists':true}", "1,2" }, /* an empty list is not there */
        { "{'attr':'likes','exists':false}", "3,4" },
        { "{'attr':'city','within':'1d'}", "" },
        { "{'set':'tag','key':'1'}", "1" },
        { "{'set':'tag','key':'1','is':false}", "2,3,4" },
        { "{'random':100}", "1,2,3,4" },
        { "{'random':0}", "" },
        { "{'all':[{'attr':'vip','exists':true},{'any':[{'set':'segment','key':'1'},"
          "{'not':{'random':100}}]}]}",
          "2" },
    };
    PEOPLE_FIT(history, cases);
}

static void days_and_instants(void **state)
{
    (void)state;
    static const char days[] =
        "[{'id':1,'d':{'day':'1990-03-10'}},{'id':2,'d':{'day':'1990-03-17'}},"
        "{'id':3,'d':{'day':'1990-03-18'}},{'id':4,'d':{'day':'1990-03-09'}},"
        "{'id':5,'d':{'day':'2000-02-29'}},{'id':6,'d':{'day':'2026-03-09'}},"
        "{'id':7,'d':{'day':'2026-03-10'}},{'id':8,'d':{'day':'2026-03-11'}},{'id':9}]";
    static const struct people_case of_days[] = {
        { "{'attr':'d','next':'7d'}", "1,2,7,8" },
        { "{'attr':'d','next':'1h'}", "1,7" }, /* no whole day behind today */
        { "{'attr':'d','next':'7d'}", "5", "02-21 12:00" },
        { "{'attr':'d','next':'6d'}", "", "02-21 23:59:59.999" },
        { "{'attr':'d','next':'7d'}", "", "2028-02-21T12:00:00+08:00" }, /* a leap year */
        { "{'attr':'d','next':'8d'}", "5", "2028-02-21T12:00:00+08:00" },
        { "{'attr':'d','within':'1d'}", "6,7" },
        { "{'attr':'d','within':'12h'}", "7", "03-10 12:00" },
        { "{'attr':'d','within':'12h'}", "6,7", "03-10 11:59:59.999" },
        { "{'attr':'d','before':'1d'}", "1,2,3,4,5" },
        { "{'attr':'d','since':'2026-03-09','until':'2026-03-10'}", "6" },
        { "{'attr':'d','since':'2026-03-08T16:00:00.001Z'}", "7,8" },
        { "{'attr':'d','eq':'2026-03-09'}", "" },
        { "{'attr':'d','exists':true}", "1,2,3,4,5,6,7,8" },
        { "{'attr':'d','ne':'2026-03-09'}", "1,2,3,4,5,6,7,8,9" },
    };
    static const char instants[] =
        "[{'id':1,'t':{'instant':'03-09 12:00'}},{'id':2,'t':{'instant':'03-09 12:00:00.001'}},"
        "{'id':3,'t':{'instant':'03-10 12:00'}},{'id':4,'t':{'instant':'03-10 12:00:00.001'}},"
        "{'id':5,'t':{'instant':'2020-03-11T16:00:00Z'}}]";
    static const struct people_case of_instants[] = {
        { "{'attr':'t','within':'1d'}", "2,3" },
        { "{'attr':'t','before':'1d'}", "1,5" },
        { "{'attr':'t','next':'2d'}", "3,4,5" }, /* the 12th in Shanghai */
        { "{'attr':'t','since':'2026-03-09T04:00:00Z','until':'2026-03-10T04:00:00Z'}", "1,2" },
    };
    PEOPLE_FIT(days, of_days);
    PEOPLE_FIT(instants, of_instants);
}

/* How many reached each step: "key=2,1 ..."; without a breakdown without a key. */
static void out_reached(struct strbuf *sb, const struct funnel_result *f, bool keys)
{
    for (size_t g = 0; g < f->group_count; g++) {
        const struct group_key *key = &f->groups[g].key;
        out_z(sb, g ? " " : "");
        if (keys && !key->there)
            out_z(sb, "-");
        else if (keys && key->value.kind == VALUE_TEXT)
            out(sb, key->value.text);
        else if (keys)
            out_fmt(sb, "%s%lld", key->value.kind == VALUE_BOOL ? "b" : "",
                    (long long)key->value.number);
        out_z(sb, keys ? "=" : "");
        for (size_t i = 0; i < f->step_count; i++)
            out_fmt(sb, "%s%lld", i ? "," : "", (long long)f->groups[g].reached[i]);
    }
}

struct funnel_case {
    const char *history; /* facts of the first of March: [person, type, "HH:MM", properties] */
    const char *more;    /* of the question: steps, and what is not usual */
    const char *reached;
};

static void funnels_are(const struct funnel_case *cases, size_t n)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < n; i++) {
        const char *asked =
            arena_z(&a, arena_fmt(&a,
                                  "{'kind':'funnel','since':'2026-03-01','until':'2026-03-02',"
                                  "'window':'1h',%s}",
                                  cases[i].more));
        struct result r = answer(&a, cases[i].history, asked, NULL);
        struct strbuf sb;
        strbuf_init(&sb, &a, 1000);
        out_reached(&sb, &r.funnel, strstr(cases[i].more, "breakdown") != NULL);
        same(arena_z(&a, arena_fmt(&a, "%s %s", cases[i].history, cases[i].more)), &sb,
             cases[i].reached);
    }
}
#define FUNNELS(cases) funnels_are((cases), COUNT(cases))

#define AB  "'steps':['A','B']"
#define ABC "'steps':['A','B','C']"
#define AA  "'steps':['A','A']"

static void entries_are_told_apart(void **state)
{
    (void)state;
#define SPEC \
    "[[1,'A','03-01 01:00'],[1,'A','03-01 01:30'],[1,'B','03-01 01:45'],[1,'C','03-01 02:15']]"
    static const struct funnel_case cases[] = {
        { SPEC, ABC, "1,1,1" },
        { SPEC, ABC ",'entry':'first'", "1,1,0" },
        { SPEC, ABC ",'entry':'first','count':'entry'", "1,1,0" },
        { SPEC, ABC ",'count':'entry'", "2,1,1" },
        { "[]", AB, "0,0" },
        { "[[1,'B','03-01 10:00']]", AB, "0,0" },
        { "[[1,'B','03-01 10:00']]", AB ",'breakdown':[{'prop':'x'}]", "" },
        /* the window's last instant */
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 11:00']]", AB, "1,1" },
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 11:00:00.001']]", AB, "1,0" },
        /* the range's edges: the first step's only */
        { "[[1,'A','02-28 23:59:59.999'],[1,'B','03-01 00:00']]", AB, "0,0" },
        { "[[1,'A','03-01 00:00'],[1,'B','03-01 00:00']]", AB, "1,1" },
        { "[[1,'A','03-01 23:59:59.999'],[1,'B','03-02 00:30']]", AB, "1,1" },
        { "[[1,'A','03-02 00:00'],[1,'B','03-02 00:30']]", AB, "0,0" },
        { "[[1,'A','02-28 23:30'],[1,'A','03-01 00:00'],[1,'B','03-01 01:00']]",
          AB ",'entry':'first'", "1,1" },
    };
    FUNNELS(cases);
}

static void orders_are_told_apart(void **state)
{
    (void)state;
    static const struct funnel_case cases[] = {
        /* at one instant the sequence numbers decide */
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 10:00']]", AB, "1,1" },
        { "[[1,'B','03-01 10:00'],[1,'A','03-01 10:00']]", AB, "1,0" },
        { "[[1,'B','03-01 10:00'],[1,'A','03-01 10:00']]", AB ",'order':'any'", "1,1" },
        /* a fact serves one step of a chain */
        { "[[1,'A','03-01 10:00']]", AA, "1,0" },
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:00']]", AA, "1,1" },
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:20'],[1,'A','03-01 11:10']]",
          "'steps':['A','A','A']", "1,1,0" },
        { "[[1,'A','03-01 10:00']]", AA ",'order':'any'", "1,1" },
        { "[[1,'A','03-01 10:00',{'x':1}]]",
          "'steps':['A',{'event':'A','where':[{'prop':'x','eq':1}]}]", "1,0" },
        /* others may come between, in strict order none that is a step */
        { "[[1,'A','03-01 10:00'],[1,'X','03-01 10:10'],[1,'B','03-01 10:20']]",
          AB ",'order':'strict'", "1,1" },
        { "[[1,'A','03-01 10:00'],[1,'C','03-01 10:10'],[1,'B','03-01 10:20']]",
          ABC ",'order':'strict'", "1,0,0" },
        { "[[1,'A','03-01 10:00'],[1,'C','03-01 10:10'],[1,'B','03-01 10:20']]", ABC, "1,1,0" },
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:10'],[1,'B','03-01 10:20']]",
          AB ",'order':'strict'", "1,1" },
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:10'],[1,'B','03-01 10:20']]",
          AB ",'order':'strict','entry':'first'", "1,0" },
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:10'],[1,'B','03-01 10:20']]",
          "'steps':['A','A','B'],'order':'strict'", "1,1,1" },
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 11:00:00.001']]", AB ",'order':'strict'", "1,0" },
        /* any order: from A all three, from the first fact two */
        { "[[1,'C','03-01 10:00'],[1,'A','03-01 10:50'],[1,'B','03-01 11:30'],"
          "[1,'C','03-01 11:50']]",
          ABC ",'order':'any'", "1,1,1" },
        { "[[1,'C','03-01 10:00'],[1,'A','03-01 10:50'],[1,'B','03-01 11:30'],"
          "[1,'C','03-01 11:50']]",
          ABC ",'order':'any','entry':'first'", "1,1,0" },
        { "[[1,'B','02-28 23:50'],[1,'A','03-01 00:10']]", AB ",'order':'any'", "1,0" },
    };
    FUNNELS(cases);
}

static void exclusions_end_chains(void **state)
{
    (void)state;
#define X1 ",'exclude':[{'event':'X','after':1}]"
#define X2 ",'exclude':[{'event':'X','after':2}]"
    static const struct funnel_case cases[] = {
        { "[[1,'A','03-01 10:00'],[1,'X','03-01 10:10'],[1,'B','03-01 10:20']]", AB X1, "1,0" },
        { "[[1,'A','03-01 10:00'],[1,'X','03-01 10:00'],[1,'B','03-01 10:00']]", AB X1, "1,0" },
        { "[[1,'X','03-01 10:00'],[1,'A','03-01 10:00'],[1,'B','03-01 10:00']]", AB X1, "1,1" },
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10'],[1,'X','03-01 10:20']]", AB X1, "1,1" },
        /* a later A begins anew */
        { "[[1,'A','03-01 10:00'],[1,'X','03-01 10:10'],[1,'A','03-01 10:15'],"
          "[1,'B','03-01 10:20']]",
          AB X1, "1,1" },
        { "[[1,'A','03-01 10:00'],[1,'X','03-01 10:10'],[1,'A','03-01 10:15'],"
          "[1,'B','03-01 10:20']]",
          AB X1 ",'entry':'first'", "1,0" },
        /* of chains that wait for another step nothing is said */
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10'],[1,'X','03-01 10:20'],"
          "[1,'C','03-01 10:30']]",
          ABC X1, "1,1,1" },
        { "[[1,'A','03-01 10:00'],[1,'X','03-01 10:10'],[1,'B','03-01 10:20'],"
          "[1,'C','03-01 10:30']]",
          ABC X2, "1,1,1" },
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10'],[1,'X','03-01 10:20'],"
          "[1,'C','03-01 10:30']]",
          ABC X2, "1,1,0" },
        /* the A still waits for another B */
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10'],[1,'X','03-01 10:20'],"
          "[1,'B','03-01 10:25'],[1,'C','03-01 10:30']]",
          ABC X2, "1,1,1" },
        /* a fact that is a step, too, ends chains first */
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10']]",
          AB ",'exclude':[{'event':'B','after':1}]", "1,0" },
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:10'],[1,'B','03-01 10:20']]",
          AB ",'exclude':[{'event':'A','after':1}]", "1,1" },
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:10'],[1,'B','03-01 10:20']]",
          AB ",'exclude':[{'event':'A','after':1}],'entry':'first'", "1,0" },
        { "[[1,'A','03-01 10:00'],[1,'X','03-01 10:10',{'y':1}],[1,'B','03-01 10:20']]",
          AB ",'exclude':[{'event':'X','after':1,'where':[{'prop':'y','eq':2}]}]", "1,1" },
    };
    FUNNELS(cases);
}

static void counts_are_told_apart(void **state)
{
    (void)state;
#define ABAB \
    "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10'],[1,'A','03-01 10:20'],[1,'B','03-01 10:30']]"
#define AAA  "[[1,'A','03-01 10:00'],[1,'A','03-01 10:10'],[1,'A','03-01 10:20']]"
#define HELD ",'count':{'prop':'k'}"
    static const struct funnel_case cases[] = {
        { ABAB, AB, "1,1" },
        { ABAB, AB ",'count':'entry'", "2,2" },
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:10'],[1,'B','03-01 10:20'],"
          "[1,'B','03-01 10:30']]",
          AB ",'count':'entry'", "2,1" },
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:10'],[1,'B','03-01 10:20'],"
          "[1,'B','03-01 10:30']]",
          AB ",'count':'entry','entry':'first'", "1,1" },
        { ABAB, AB ",'count':'entry','entry':'first'", "2,2" },
        /* a fact takes an entry further before it begins the next */
        { AAA, AA ",'count':'entry'", "3,2" },
        { AAA, AA ",'count':'entry','entry':'first'", "3,2" },
        /* the window is over: room for the next */
        { "[[1,'A','03-01 10:00'],[1,'A','03-01 10:30'],[1,'A','03-01 11:00:00.001'],"
          "[1,'B','03-01 11:10']]",
          AB ",'count':'entry','entry':'first'", "2,1" },
        { "[[1,'A','03-01 10:00'],[1,'X','03-01 10:10'],[1,'A','03-01 10:30'],"
          "[1,'B','03-01 10:40']]",
          AB X1 ",'count':'entry','entry':'first'", "1,0" },
        { "[[1,'A','03-01 10:00'],[1,'X','03-01 10:10'],[1,'A','03-01 10:30'],"
          "[1,'B','03-01 10:40']]",
          AB X1 ",'count':'entry'", "2,1" },
        { "[[1,'A','03-01 10:00',{'k':1}],[1,'B','03-01 10:10',{'k':2}]]", AB HELD, "1,0" },
        { "[[1,'A','03-01 10:00',{'k':1}],[1,'A','03-01 10:10',{'k':2}],"
          "[1,'B','03-01 10:20',{'k':1}]]",
          AB HELD, "2,1" },
        { "[[1,'A','03-01 10:00',{'k':1}],[1,'B','03-01 10:10',{'k':'1'}]]", AB HELD, "1,0" },
        { "[[1,'A','03-01 10:00'],[1,'B','03-01 10:10']]", AB HELD, "0,0" },
        { "[[1,'A','03-01 10:00',{'k':1}],[2,'B','03-01 10:10',{'k':1}]]", AB HELD, "1,0" },
        { "[[1,'A','03-01 10:00',{'k':1}],[1,'X','03-01 10:05'],[1,'B','03-01 10:10',{'k':1}]]",
          AB HELD X1, "1,1" },
        { "[[1,'A','03-01 10:00',{'k':1}],[1,'X','03-01 10:05',{'k':1}],"
          "[1,'B','03-01 10:10',{'k':1}]]",
          AB HELD X1, "1,0" },
    };
    FUNNELS(cases);
}

static void funnels_are_broken_down(void **state)
{
    (void)state;
#define BY_P ",'breakdown':[{'prop':'p'}]"
    static const struct funnel_case cases[] = {
        /* the chain of the latest A is taken further */
        { "[[1,'A','03-01 10:00',{'p':'x'}],[1,'A','03-01 10:10',{'p':'y'}],"
          "[1,'B','03-01 10:20',{'p':'z'}]]",
          AB BY_P, "y=1,1" },
        { "[[1,'A','03-01 10:00',{'p':'x'}],[1,'A','03-01 10:10',{'p':'y'}],"
          "[1,'B','03-01 10:20',{'p':'z'}]]",
          AB BY_P ",'entry':'first'", "x=1,1" },
        /* of two that are as deep the first */
        { "[[1,'A','03-01 10:00',{'p':'x'}],[1,'B','03-01 10:10'],[1,'A','03-01 10:20',{'p':'y'}],"
          "[1,'B','03-01 10:30']]",
          AB BY_P, "x=1,1" },
        { "[[1,'A','03-01 10:00',{'p':'x'}],[1,'A','03-01 10:10',{'p':'y'}]]", AB BY_P, "x=1,0" },
        { "[[1,'B','03-01 10:00',{'p':'x'}],[1,'B','03-01 10:10',{'p':'y'}]]",
          AB BY_P ",'order':'any'", "x=1,0" },
        { "[[1,'A','03-01 10:00',{'p':'x'}],[1,'A','03-01 10:10',{'p':'y'}],[1,'B','03-01 10:20']]",
          AB BY_P ",'count':'entry'", "x=1,0 y=1,1" },
        /* larger first, then none, false, true, numbers, texts */
        { "[[1,'A','03-01 10:00',{'p':'b'}],[2,'A','03-01 10:00'],[3,'A','03-01 10:00',{'p':10}],"
          "[4,'A','03-01 10:00',{'p':true}],[5,'A','03-01 10:00',{'p':9}],"
          "[6,'A','03-01 10:00',{'p':'a'}],[7,'A','03-01 10:00',{'p':'b'}],"
          "[8,'A','03-01 10:00',{'p':false}]]",
          AB BY_P, "b=2,0 -=1,0 b0=1,0 b1=1,0 9000=1,0 10000=1,0 a=1,0" },
        { "[{'id':1,'c':'x','sets':{'tag':['1','2']}},{'id':2,'sets':{'tag':['2'],'x':['1']}},"
          "{'id':3},[1,'A','03-01 10:00'],[2,'A','03-01 10:00'],[2,'B','03-01 10:00'],"
          "[3,'A','03-01 10:00']]",
          AB ",'breakdown':[{'set':'tag'}]", "2=2,1 -=1,0 1=1,0" },
        { "[{'id':1,'c':['x','y']},{'id':2,'c':['y']},{'id':3,'c':[]},[1,'A','03-01 10:00'],"
          "[2,'A','03-01 10:00'],[3,'A','03-01 10:00']]",
          AB ",'breakdown':[{'attr':'c'}]", "y=2,0 -=1,0 x=1,0" },
        { "[{'id':1,'c':{'instant':'2026-02-28T16:00:00Z'}},{'id':2,'c':{'instant':'03-01 23:59'}},"
          "[1,'A','03-01 10:00'],[2,'A','03-01 10:00']]",
          AB ",'breakdown':[{'attr':'c'}]", "2026-03-01=2,0" },
        { "[{'id':1,'c':'x'},{'id':2},[1,'A','03-01 10:00'],[2,'A','03-01 10:00']]",
          AB ",'people':{'attr':'c','exists':true}", "1,0" },
    };
    FUNNELS(cases);
}

static void times_are_quartiles(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct result r = answer(
        &a,
        "[[1,'A','03-01 10:00'],[1,'B','03-01 10:01'],[1,'C','03-01 10:11'],"
        "[2,'A','03-01 10:00'],[2,'B','03-01 10:02'],[3,'A','03-01 10:00'],[3,'B','03-01 10:03'],"
        "[4,'A','03-01 10:00'],[4,'B','03-01 10:04'],[5,'A','03-01 10:00'],[5,'B','03-01 10:05']]",
        "{'kind':'funnel','since':'2026-03-01','until':'2026-03-02','window':'1h','steps':"
        "['A','B','C']}",
        NULL);
    const struct funnel_group *g = &r.funnel.groups[0];
    static const i64 minutes[] = { 2, 3, 4 };
    for (size_t i = 0; i < QUARTILES; i++) {
        assert_int_equal(g->quartile_ms[0][i], NONE);
        assert_int_equal(g->quartile_ms[1][i], minutes[i] * MINUTE_MS); /* elements 1, 2, 3 of 5 */
        assert_int_equal(g->quartile_ms[2][i], 10 * MINUTE_MS);
        assert_int_equal(g->total_ms[i], 11 * MINUTE_MS);
    }
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int engine_reference_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_end_where_they_say),
        cmocka_unit_test(a_window_opens_behind_another_fact),
        cmocka_unit_test(what_did_not_follow),
        cmocka_unit_test(sequences_are_chains),
        cmocka_unit_test(what_is_not_there_fits_little),
        cmocka_unit_test(figures_are_exact),
        cmocka_unit_test(attributes_and_sets),
        cmocka_unit_test(days_and_instants),
        cmocka_unit_test(entries_are_told_apart),
        cmocka_unit_test(orders_are_told_apart),
        cmocka_unit_test(exclusions_end_chains),
        cmocka_unit_test(counts_are_told_apart),
        cmocka_unit_test(funnels_are_broken_down),
        cmocka_unit_test(times_are_quartiles),
    };
    return cmocka_run_group_tests_name("engine_reference", tests, in_shanghai, NULL);
}
