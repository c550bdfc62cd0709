#include "base/test.h"

#include "engine/attribution.h"
#include "engine/query.h"

#include "base/rand.h"
#include "base/time.h"

int query_test(void);

/* Single quotes are double ones. */
static str quoted(struct arena *a, str text)
{
    char *bytes = arena_copy(a, text.ptr, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        bytes[i] = bytes[i] == '\'' ? '"' : bytes[i];
    return (str) { bytes, text.len };
}

static enum err read_text(struct arena *a, const char *text, struct query *ret,
                          struct query_error *ret_error)
{
    struct json_error unread;
    const struct json *j = json_read(a, quoted(a, str_of(text)), &unread);
    if (!j)
        fail_msg("%s: %s", text, unread.reason);
    return query_read(a, j, ret, ret_error);
}

static struct query good(struct arena *a, const char *text)
{
    struct query q = { 0 };
    struct query_error e = { 0 };
    if (read_text(a, text, &q, &e) != OK)
        fail_msg("%s: %.*s: %s", text, STR_ARG(e.at), e.reason);
    return q;
}

/* A segment of one leaf. */
static struct query_leaf leaf(struct arena *a, const char *text)
{
    struct query q = good(a, arena_z(a, arena_fmt(a, "{'kind':'segment','people':%s}", text)));
    assert_int_equal(q.people->kind, PEOPLE_LEAF);
    return q.people->leaf;
}

static instant at(const char *text)
{
    instant t = { 0 };
    assert_true(instant_read(str_of(text), &t));
    return t;
}

static void numbers_are_exact_thousandths(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        i64 out; /* NONE: out of range, or no number */
    } cases[] = {
        { "0", 0 },
        { "-0", 0 },
        { "7", 7000 },
        { "-7.25", -7250 },
        { "1.0004", 1000 },
        { "1.0005", 1001 },
        { "0.5005", 501 }, /* 500 in floating point */
        { "-1.0005", -1001 },
        { "2.0004999999999999999999999", 2000 },
        { "0.0005", 1 },
        { "0.00049", 0 },
        { "0.9999", 1000 },
        { "1e3", 1000000 },
        { "1.5e1", 15000 },
        { "15E-1", 1500 },
        { "123456e-6", 123 },
        { "5e-4", 1 },
        { "5e-5", 0 },
        { "1e-999999999", 0 },
        { "0e999999999", 0 },
        { "0.000000000000000000000000001e27", 1000 },
        { "9007199254740993", 9007199254740993000 },
        { "9007199254740993.0625", 9007199254740993063 },
        { "9223372036854775.806", INT64_MAX - 1 },
        { "-9223372036854775.8064", 1 - INT64_MAX },
        { "9223372036854775.807", NONE },
        { "9223372036854775.8065", NONE },
        { "-9223372036854775.808", NONE },
        { "9223372036854775807", NONE },
        { "1e16", NONE },
        { "1e999999999", NONE },
        { "1e99999999999999999999", NONE },
        { "", NONE },
        { "-", NONE },
        { ".5", NONE },
        { "5.", NONE },
        { "1e", NONE },
        { "1 ", NONE },
        { "0x10", NONE },
        { "nan", NONE },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        i64 n = NONE;
        bool ok = query_number_read(str_of(cases[i].in), &n);
        if (ok != (cases[i].out != NONE) || n != cases[i].out)
            fail_msg("%s: %d %lld", cases[i].in, ok, (long long)n);
    }
}

static void comparisons_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum compare_op op;
        enum value_kind kind;
        size_t count;
        i64 low, high;
    } cases[] = {
        { "'eq':'x'", COMPARE_IN, VALUE_TEXT, 1, NONE, NONE },
        { "'eq':''", COMPARE_IN, VALUE_TEXT, 1, NONE, NONE },
        { "'eq':true", COMPARE_IN, VALUE_BOOL, 1, NONE, NONE },
        { "'ne':1.5", COMPARE_NOT_IN, VALUE_NUMBER, 1, NONE, NONE },
        { "'in':[3,1,2,1,3.0]", COMPARE_IN, VALUE_NUMBER, 3, NONE, NONE },
        { "'not_in':['b','a','b']", COMPARE_NOT_IN, VALUE_TEXT, 2, NONE, NONE },
        { "'gte':2", COMPARE_RANGE, VALUE_NUMBER, 0, 2000, NONE },
        { "'gt':2", COMPARE_RANGE, VALUE_NUMBER, 0, 2001, NONE },
        { "'lte':-2", COMPARE_RANGE, VALUE_NUMBER, 0, NONE, -2000 },
        { "'lt':2,'gt':1", COMPARE_RANGE, VALUE_NUMBER, 0, 1001, 1999 },
        { "'gte':5,'lte':5", COMPARE_RANGE, VALUE_NUMBER, 0, 5000, 5000 },
        { "'exists':false", COMPARE_EXISTS, VALUE_TEXT, 0, NONE, NONE },
        { "'contains':'荷'", COMPARE_CONTAINS, VALUE_TEXT, 1, NONE, NONE },
        { "'starts':'a'", COMPARE_STARTS, VALUE_TEXT, 1, NONE, NONE },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = arena_z(&a, arena_fmt(&a, "{'attr':'x',%s}", cases[i].text));
        struct compare c = leaf(&a, text).compare;
        if (c.op != cases[i].op || c.kind != cases[i].kind || c.count != cases[i].count ||
            c.low != cases[i].low || c.high != cases[i].high)
            fail_msg("%s", text);
        for (size_t v = 1; v < c.count; v++)
            assert_true(c.kind == VALUE_TEXT ? str_cmp(c.values[v - 1].text, c.values[v].text) < 0
                                             : c.values[v - 1].number < c.values[v].number);
    }
}

static void leaves_are_read(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct query_leaf l = leaf(&a, "{'event':['b','a','b'],'within':'90d'}");
    assert_int_equal(l.kind, LEAF_FACTS);
    assert_int_equal(l.match.type_count, 2);
    assert_str(l.match.types[0], "a");
    assert_int_equal(l.measure, MEASURE_COUNT); /* nothing said: once at least */
    assert_int_equal(l.compare.low, QUERY_NUMBER_SCALE);
    assert_int_equal(l.window.span_ms, 90 * DAY_MS);
    assert_str(l.source, "{\"event\":[\"b\",\"a\",\"b\"],\"within\":\"90d\"}");
    l = leaf(&a, "{'event':'a','where':[{'prop':'p','eq':1}],'average':{'prop':'x','gt':2},"
                 "'since':'2026-03-01','until':'2026-03-02T00:00:00Z',"
                 "'since_event':{'event':'b','which':'first'}}");
    assert_int_equal(l.measure, MEASURE_AVERAGE);
    assert_str(l.prop, "x");
    assert_int_equal(l.match.where_count, 1);
    assert_int_equal(l.window.since.ms, at("2026-02-28T16:00:00Z").ms); /* midnight in Shanghai */
    assert_int_equal(l.window.until.ms, at("2026-03-02T00:00:00Z").ms);
    assert_false(l.window.anchor_last);
    assert_true(leaf(&a, "{'event':'a','since_event':{'event':'b'}}").window.anchor_last);
    l = leaf(&a, "{'event':'a','first':{'within':'2w'}}");
    assert_int_equal(l.measure, MEASURE_FIRST_TIME);
    assert_true(l.time.op == TIME_WITHIN && l.time.span_ms == 14 * DAY_MS);
    l = leaf(&a, "{'event':'a','last':{'prop':'x','contains':'y'}}");
    assert_true(l.measure == MEASURE_LAST && l.compare.op == COMPARE_CONTAINS);
    l = leaf(&a, "{'sequence':['a',{'event':'b','where':[]}],'within_each':'45s'}");
    assert_true(l.kind == LEAF_SEQUENCE && l.step_count == 2 && l.gap_ms == 45 * SECOND_MS);
    l = leaf(&a, "{'event':'a','not_followed_by':'b','after':'30min'}");
    assert_true(l.kind == LEAF_NOT_FOLLOWED && l.gap_ms == 30 * MINUTE_MS);
    assert_str(l.steps[0].types[0], "b");
    l = leaf(&a, "{'set':'tag','key':'12'}");
    assert_true(l.kind == LEAF_SET && l.is);
    assert_false(leaf(&a, "{'set':'tag','key':'12','is':false}").is);
    assert_int_equal(leaf(&a, "{'random':10}").percent, 10);
    l = leaf(&a, "{'attr':'birthday','next':'7d'}");
    assert_true(l.time.op == TIME_NEXT && l.time.span_ms == 7 * DAY_MS);
    l = leaf(&a, "{'attr':'joined','since':'1970-01-01T00:00:00Z','until':'2026-01-01'}");
    assert_true(l.time.op == TIME_RANGE && l.time.since.ms == 1); /* 0 would be: open */
}

static void reports_are_read(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct query q = good(&a, "{'kind':'funnel','since':'2026-03-01','until':'2026-03-02',"
                              "'steps':['a','b','c'],'window':'1h','entry':'first',"
                              "'count':{'prop':'cart'},'exclude':[{'event':'x','after':2}],"
                              "'breakdown':[{'set':'tag'}],'people':{'random':50}}");
    assert_true(q.kind == QUERY_FUNNEL && q.funnel.step_count == 3 && q.people);
    assert_true(q.funnel.window_ms == HOUR_MS && q.funnel.order == ORDER_IN);
    assert_true(q.funnel.entry == ENTRY_FIRST && q.funnel.count == COUNT_HELD);
    assert_str(q.funnel.held, "cart");
    assert_int_equal(q.funnel.exclusions[0].after, 2);
    assert_true(q.breakdown_count == 1 && q.breakdowns[0].kind == BREAKDOWN_SET);
    q = good(&a, "{'kind':'retention','since':'2026-03-01','until':'2026-03-02','start':'a',"
                 "'return':'b','brackets':[0,1,3],'or_after':true,'value':'v'}");
    assert_true(q.retention.unit == UNIT_DAY && q.retention.bracket_count == 3);
    assert_true(q.retention.or_after && !q.retention.every);
    q = good(&a, "{'kind':'retention','since':'2026-03-01','until':'2026-03-02','start':'a',"
                 "'return':'b','periods':366,'unit':'24h'}");
    assert_true(q.retention.unit == UNIT_ROLLING && q.retention.periods == 366);
    q = good(&a, "{'kind':'trend','since':'2026-03-01','until':'2026-03-02','of':'a','unit':'hour',"
                 "'figure':'p90','prop':'x','breakdown':[{'attr':'c'},{'prop':'d'}]}");
    assert_true(q.trend.figure == FIGURE_QUANTILE && q.trend.permille == 900);
    assert_true(q.breakdown_count == 2 && q.trend.unit == UNIT_HOUR);
    assert_null(good(&a, "{'kind':'segment'}").people);
    q = good(&a, "{'kind':'stickiness','since':'2026-03-01','until':'2026-03-02','of':'a',"
                 "'window':28}");
    assert_true(q.activity.unit == UNIT_DAY && q.activity.window == 28);
    q = good(&a, "{'kind':'paths','since':'2026-03-01','until':'2026-03-02','to':'a','among':"
                 "['c','b','c'],'gap':'30min'}");
    assert_true(q.paths.backwards && q.paths.among.type_count == 2 && !q.paths.every);
    assert_true(q.paths.levels == 5 && q.paths.top == 10 && q.paths.gap_ms == 30 * MINUTE_MS);
    q = good(&a, "{'kind':'attribution','since':'2026-03-01','until':'2026-03-02','touch':'a',"
                 "'channel':'c','conversion':'b','window':'7d'}");
    assert_true(q.attribution.models == (1U << ATTRIBUTION_MODEL_COUNT) - 1);
    assert_true(q.attribution.half_life_ms == ATTRIBUTION_HALF_LIFE_MS && q.attribution.top == 100);
    assert_true(q.attribution.listed == 20 && q.attribution.direct.there);
    assert_true(str_is(q.attribution.direct.value.text, "direct"));
}

#define RANGE     "'since':'2026-03-01','until':'2026-03-02'"
#define FUNNEL    "{'kind':'funnel'," RANGE ",'steps':['a','b'],'window':'1h'"
#define DIAGNOSIS "{'kind':'diagnosis'," RANGE ",'steps':['a','b'],'window':'1h'"
#define PATHS     "{'kind':'paths'," RANGE ",'from':'a','levels':3"
#define PEOPLE    "{'kind':'segment','people':"

static const struct {
    const char *text, *at, *reason;
} bad_ones[] = {
    { "[]", "kind", "there is no such kind of question" },
    { "{'kind':'cake'}", "kind", "there is no such kind of question" },
    { "{'kind':'segment','x':1}", "x", "there is no such member" },
    { "{'kind':'segment','kind':'segment'}", "kind", "it is there twice" },
    { PEOPLE "[]}", "people", "an object is expected" },
    { PEOPLE "{}}", "people", "this is no condition" },
    { PEOPLE "{'all':[]}}", "people.all", "a list of conditions is expected" },
    { PEOPLE "{'all':[{'random':1}],'x':1}}", "people.all", "it stands alone" },
    { PEOPLE "{'any':[{'random':1},{'not':{'random':101}}]}}", "people.any[1].not.random",
      "a whole number within its bounds is expected" },
    { PEOPLE "{'random':1.5}}", "people.random", "a whole number within its bounds is expected" },
    { PEOPLE "{'random':1,'x':2}}", "people", "\"random\" stands alone" },
    { PEOPLE "{'set':'tag'}}", "people", "which one (\"key\")?" },
    { PEOPLE "{'set':'tag','key':'1','is':1}}", "people.is", "true or false is expected" },
    { PEOPLE "{'attr':'x'}}", "people", "a comparison is missing" },
    { PEOPLE "{'attr':'','eq':1}}", "people.attr", "a text is expected" },
    { PEOPLE "{'attr':'x','attr':'y','eq':1}}", "people.attr", "it is there twice" },
    { PEOPLE "{'attr':'x','eq':1,'eq':1}}", "people.eq", "it is there twice" },
    { PEOPLE "{'attr':'x','eq':1,'ne':2}}", "people.ne", "one comparison a condition" },
    { PEOPLE "{'attr':'x','eq':null}}", "people.eq",
      "a text, a number, true or false is expected" },
    { PEOPLE "{'attr':'x','eq':1e30}}", "people.eq", "too large" },
    { PEOPLE "{'attr':'x','like':1}}", "people.like", "there is no such comparison" },
    { PEOPLE "{'attr':'x','in':[]}}", "people.in", "a list of 1 to 500 values is expected" },
    { PEOPLE "{'attr':'x','in':[1,'a']}}", "people.in[1]",
      "values of one comparison are of one kind" },
    { PEOPLE "{'attr':'x','gte':'a'}}", "people.gte", "a number is expected" },
    { PEOPLE "{'attr':'x','gte':1,'gt':1}}", "people.gt", "one bound on each side" },
    { PEOPLE "{'attr':'x','gt':1,'lt':1.001}}", "people", "the bounds leave nothing between them" },
    { PEOPLE "{'attr':'x','gte':1,'since':'2026-01-01'}}", "people.since",
      "one comparison a condition" },
    { PEOPLE "{'attr':'x','within':'1d','until':'2026-01-01'}}", "people.until",
      "one comparison a condition" },
    { PEOPLE "{'attr':'x','since':'2026-01-01','since':'2026-01-02'}}", "people.since",
      "it is there twice" },
    { PEOPLE "{'attr':'x','since':'2026-01-02','until':'2026-01-02'}}", "people",
      "\"until\" is not after \"since\"" },
    { PEOPLE "{'attr':'x','since':'2026-02-30'}}", "people.since",
      "a day or an instant is expected" },
    { PEOPLE "{'attr':'x','next':'367d'}}", "people.next", "at most 366 days" },
    { PEOPLE "{'attr':'x','within':'0d'}}", "people.within",
      "a length of time is expected, as \"7d\", \"12h\", \"30min\" or \"45s\"" },
    { PEOPLE "{'attr':'x','within':'3661d'}}", "people.within",
      "a length of time is expected, as \"7d\", \"12h\", \"30min\" or \"45s\"" },
    { PEOPLE "{'attr':'x','contains':''}}", "people.contains", "a text is expected" },
    { PEOPLE "{'event':'a','where':{}}}", "people.where",
      "a list of at most 20 conditions is expected" },
    { PEOPLE "{'event':'a','where':[{'eq':1}]}}", "people.where[0].prop", "which property?" },
    { PEOPLE "{'event':'a','where':[{'prop':'x','within':'1d'}]}}", "people.where[0].within",
      "there is no such comparison" },
    { PEOPLE "{'event':[]}}", "people.event", "1 to 50 kinds of event are expected" },
    { PEOPLE "{'event':['a',1]}}", "people.event", "a text is expected" },
    { PEOPLE "{'event':'a','count':{'gte':1},'sum':{'prop':'x','gte':1}}}", "people.sum",
      "one figure a condition" },
    { PEOPLE "{'event':'a','count':{'prop':'x','gte':1}}}", "people.count.prop",
      "a count has no property" },
    { PEOPLE "{'event':'a','sum':{'gte':1}}}", "people.sum.prop", "which property?" },
    { PEOPLE "{'event':'a','sum':{'prop':'x','eq':'a'}}}", "people.sum",
      "a number is compared with a number" },
    { PEOPLE "{'event':'a','count':{'exists':true}}}", "people.count",
      "a number is compared with a number" },
    { PEOPLE "{'event':'a','first':{'eq':1}}}", "people.first",
      "a time is compared with \"within\", \"before\", \"since\" and \"until\"" },
    { PEOPLE "{'event':'a','first':{'next':'1d'}}}", "people.first",
      "a time is compared with \"within\", \"before\", \"since\" and \"until\"" },
    { PEOPLE "{'event':'a','within':'1d','since':'2026-01-01'}}", "people",
      "either \"within\" or \"since\" and \"until\"" },
    { PEOPLE "{'event':'a','since':'2026-01-02','until':'2026-01-01'}}", "people",
      "\"until\" is not after \"since\"" },
    { PEOPLE "{'event':'a','since_event':{}}}", "people.since_event", "which event?" },
    { PEOPLE "{'event':'a','since_event':{'event':'b','which':'any'}}}", "people.since_event.which",
      "not one of the words that stand here" },
    { PEOPLE "{'sequence':['a']}}", "people.sequence", "2 to 20 steps are expected" },
    { PEOPLE "{'sequence':['a',{'where':[]}]}}", "people.sequence[1]", "which event?" },
    { PEOPLE "{'not_followed_by':'b','after':'1d'}}", "people", "which event?" },
    { PEOPLE "{'event':'a','not_followed_by':'b'}}", "people", "after how long (\"after\")?" },
    { "{'kind':'funnel','steps':['a','b'],'window':'1h'}", "since",
      "a report has \"since\" and, later, \"until\"" },
    { "{'kind':'funnel'," RANGE ",'steps':['a','b']}", "",
      "a funnel has \"steps\" and a \"window\"" },
    { FUNNEL ",'order':'strict','count':'entry'}", "count", "entries are counted in order only" },
    { FUNNEL ",'order':'any','exclude':[{'event':'x','after':1}]}", "exclude",
      "exclusions go with \"in_order\" only" },
    { FUNNEL ",'exclude':[{'event':'x','after':2}]}", "exclude", "there is no step after it" },
    { FUNNEL ",'exclude':[{'event':'x'}]}", "exclude[0].after", "after which step?" },
    { FUNNEL ",'exclude':[{'after':1}]}", "exclude[0]", "which event?" },
    { FUNNEL ",'count':{'x':1}}", "count.x", "there is no such member" },
    { FUNNEL ",'breakdown':[{'attr':'a'},{'attr':'b'}]}", "breakdown",
      "a list of at most one is expected" },
    { FUNNEL ",'breakdown':[{'attr':'a','prop':'b'}]}", "breakdown[0]",
      "one of \"attr\", \"prop\" or \"set\" is expected" },
    { "{'kind':'funnel','window':'367d'}", "window", "at most 366 days" },
    { "{'kind':'retention'," RANGE ",'start':'a','return':'b'}", "",
      "retention has \"start\", \"return\" and \"periods\" or \"brackets\"" },
    { "{'kind':'retention'," RANGE ",'start':'a','return':'b','periods':3,'brackets':[0,1]}",
      "periods", "either \"periods\" or \"brackets\"" },
    { "{'kind':'retention'," RANGE ",'start':'a','return':'b','periods':367}", "periods",
      "a whole number within its bounds is expected" },
    { "{'kind':'retention'," RANGE ",'start':'a','return':'b','brackets':[1,1]}", "brackets[1]",
      "a whole number within its bounds is expected" },
    { "{'kind':'retention'," RANGE ",'start':'a','return':'b','periods':3,'unit':'hour'}", "unit",
      "not this unit here" },
    { "{'kind':'retention'," RANGE
      ",'start':'a','return':'b','periods':3,'unit':'24h','every':true}",
      "unit", "not this unit here" },
    { "{'kind':'life'," RANGE "}", "", "it has an \"of\"" },
    { "{'kind':'life'," RANGE ",'of':'a','unit':'hour'}", "unit", "not this unit here" },
    { "{'kind':'life'," RANGE ",'of':'a','window':7}", "window", "there is no such member" },
    { "{'kind':'life'," RANGE ",'of':'a','breakdown':[{'prop':'x'}]}", "breakdown",
      "people are broken down by \"attr\" or \"set\"" },
    { "{'kind':'life','since':'2001-01-01','until':'2026-01-03','of':'a'}", "since",
      "it is of ten years at most" },
    { "{'kind':'stickiness'," RANGE ",'of':'a'}", "window",
      "a window of 2 to 366 periods is expected" },
    { "{'kind':'stickiness'," RANGE ",'of':'a','window':1}", "window",
      "a window of 2 to 366 periods is expected" },
    { "{'kind':'stickiness'," RANGE ",'of':'a','window':7,'unit':'24h'}", "unit",
      "not this unit here" },
    { "{'kind':'paths'," RANGE "}", "", "paths have a \"from\" or a \"to\"" },
    { "{'kind':'paths'," RANGE ",'from':'a','to':'b'}", "to", "either \"from\" or \"to\"" },
    { "{'kind':'paths'," RANGE ",'from':'a','levels':11}", "levels",
      "a whole number within its bounds is expected" },
    { "{'kind':'paths'," RANGE ",'from':'a','top':0}", "top",
      "a whole number within its bounds is expected" },
    { "{'kind':'paths'," RANGE ",'from':'a','among':[]}", "among",
      "1 to 50 kinds of event are expected" },
    { "{'kind':'paths'," RANGE ",'from':'a','breakdown':[]}", "breakdown",
      "there is no such member" },
    { "{'kind':'attribution'," RANGE ",'touch':'a','channel':'c','conversion':'b'}", "",
      "attribution has \"touch\", \"channel\", \"conversion\" and \"window\"" },
    { "{'kind':'attribution'," RANGE
      ",'touch':'a','channel':'c','conversion':'b','window':'7d','refund':'r'}",
      "held", "\"refund\" and \"held\" go together" },
    { "{'kind':'attribution'," RANGE
      ",'touch':'a','channel':'c','conversion':'b','window':'7d','models':['last','best']}",
      "models[1]", "there is no such model" },
    { "{'kind':'attribution'," RANGE
      ",'touch':'a','channel':'c','conversion':'b','window':'7d','models':[]}",
      "models", "a list of models is expected" },
    { "{'kind':'attribution'," RANGE
      ",'touch':'a','channel':'c','conversion':'b','window':'7d','top':1001}",
      "top", "a whole number within its bounds is expected" },
    { "{'kind':'trend'," RANGE "}", "", "a trend has an \"of\"" },
    { "{'kind':'trend'," RANGE ",'of':'a','figure':'mode'}", "figure", "there is no such figure" },
    { "{'kind':'trend'," RANGE ",'of':'a','figure':'sum'}", "prop", "which property?" },
    { "{'kind':'trend'," RANGE ",'of':'a','prop':'x'}", "prop", "this figure has no property" },
    { "{'kind':'trend'," RANGE ",'of':'a','unit':'24h'}", "unit", "not this unit here" },
    { "{'kind':'trend','since':'2025-01-01','until':'2026-01-03','of':'a','unit':'hour'}", "since",
      "a trend is of ten years at most, by the hour of 366 days" },
    { "{'kind':'trend','since':'2001-01-01','until':'2026-01-03','of':'a'}", "since",
      "a trend is of ten years at most, by the hour of 366 days" },
    { FUNNEL ",'behind':3}", "behind", "an object is expected" },
    { FUNNEL ",'behind':{}}", "behind.step", "which step?" },
    { FUNNEL ",'behind':{'step':3}}", "behind.step", "there is no such step" },
    { FUNNEL ",'behind':{'step':0}}", "behind.step",
      "a whole number within its bounds is expected" },
    { FUNNEL ",'behind':{'step':1,'stopped':true}}", "behind.stopped",
      "nobody stops before the first step" },
    { FUNNEL ",'behind':{'step':1,'cell':1}}", "behind.cell", "there is no such member" },
    { FUNNEL ",'behind':{'step':1,'group':'x'}}", "behind.group",
      "a group is named for each breakdown, and only then" },
    { FUNNEL ",'breakdown':[{'attr':'a'}],'behind':{'step':1}}", "behind.group",
      "a group is named for each breakdown, and only then" },
    { FUNNEL ",'breakdown':[{'attr':'a'}],'behind':{'step':1,'group':[1]}}", "behind.group",
      "the key of a group is expected: a text, a number, true, false or null" },
    { "{'kind':'retention'," RANGE ",'start':'a','return':'b','periods':3,'behind':{'cell':3}}",
      "behind.cell", "there is no such cell" },
    { "{'kind':'retention'," RANGE
      ",'start':'a','return':'b','brackets':[0,5],'behind':{'cell':1}}",
      "behind.cell", "there is no such cell" },
    { "{'kind':'retention'," RANGE ",'start':'a','return':'b','periods':3,'behind':{'lost':true}}",
      "behind.lost", "by which \"cell\"?" },
    { "{'kind':'retention'," RANGE ",'start':'a','return':'b','periods':3,'behind':{'cohort':1}}",
      "behind.cohort", "a day or null is expected" },
    { "{'kind':'trend'," RANGE ",'of':'a','behind':{'groups':['x']}}", "behind.groups",
      "a group is named for each breakdown, and only then" },
    { "{'kind':'trend'," RANGE ",'of':'a','behind':{'groups':[1,2,3]}}", "behind.groups",
      "a list of at most two is expected" },
    { PATHS ",'behind':{}}", "behind.level", "which level?" },
    { PATHS ",'behind':{'level':4}}", "behind.level", "there is no such level" },
    { PATHS ",'behind':{'level':11}}", "behind.level",
      "a whole number within its bounds is expected" },
    { PATHS ",'behind':{'level':3,'ends':true}}", "behind.ends", "it is the last level" },
    { PATHS ",'behind':{'level':3,'to':{'event':'a'}}}", "behind.to", "it is the last level" },
    { PATHS ",'behind':{'level':1,'to':{'event':'a'},'ends':true}}", "behind.ends",
      "a path goes on or it ends" },
    { PATHS ",'behind':{'level':1,'node':{}}}", "behind.node", "either an \"event\" or \"other\"" },
    { PATHS ",'behind':{'level':1,'to':{'event':'a','other':true}}}", "behind.to",
      "either an \"event\" or \"other\"" },
    { PATHS ",'behind':{'level':1,'node':{'event':'a','key':1}}}", "behind.node.key",
      "a node has a key where paths have \"by\", and only then" },
    { PATHS ",'by':'p','behind':{'level':1,'to':{'event':'a'}}}", "behind.to.key",
      "a node has a key where paths have \"by\", and only then" },
    { PATHS ",'by':'p','behind':{'level':1,'node':{'other':true,'key':null}}}", "behind.node.key",
      "a node has a key where paths have \"by\", and only then" },
    { "{'kind':'attribution'," RANGE ",'touch':'a','channel':'c','conversion':'b','window':'7d',"
      "'behind':{'untouched':true,'lost':true}}",
      "behind.untouched", "it stands without \"channel\" and \"lost\"" },
    { PEOPLE "{'random':1},'behind':{}}", "behind", "there is no such member" },
    { "{'kind':'life'," RANGE ",'of':'a','behind':{'as':'recent'}}", "behind.as",
      "not one of the words that stand here" },
    { "{'kind':'life'," RANGE ",'of':'a','behind':{'days':1}}", "behind.days",
      "there is no such member" },
    { "{'kind':'life'," RANGE ",'of':'a','behind':{'period':5}}", "behind.period",
      "a day or an instant is expected" },
    { "{'kind':'life'," RANGE ",'of':'a','behind':{'group':'x'}}", "behind.group",
      "a group is named for each breakdown, and only then" },
    { "{'kind':'stickiness'," RANGE ",'of':'a','window':7,'behind':{'as':'new'}}", "behind.as",
      "not one of the words that stand here" },
    { "{'kind':'stickiness'," RANGE ",'of':'a','window':7,'behind':{'days':8}}", "behind.days",
      "the window has not so many" },
    { "{'kind':'stickiness'," RANGE ",'of':'a','window':7,'behind':{'days':0}}", "behind.days",
      "a whole number within its bounds is expected" },
    { "{'kind':'stickiness'," RANGE ",'of':'a','window':7,'behind':{'days':3,'as':'recent'}}",
      "behind.days", "it goes without \"period\" and \"as\"" },
    { "{'kind':'stickiness'," RANGE
      ",'of':'a','window':7,'behind':{'period':'2026-01-01','days':3}}",
      "behind.days", "it goes without \"period\" and \"as\"" },
    { PEOPLE "{'random':1},'only':'people'}", "only", "not one of the words that stand here" },
    { PEOPLE "{'random':1},'counts':1}", "counts", "true or false is expected" },
    { "{'kind':'profile'}", "", "a profile has \"attrs\" or \"sets\"" },
    { "{'kind':'profile','attrs':['a','b','a']}", "attrs[2]", "it is there twice" },
    { "{'kind':'profile','attrs':'a'}", "attrs", "a list of at most 20 names is expected" },
    { "{'kind':'overlap'}", "", "an overlap has an \"of\"" },
    { "{'kind':'overlap','of':[]}", "of", "a list of 1 to 20 conditions on people is expected" },
    { "{'kind':'overlap','of':[{'random':1},{'any':[]}]}", "of[1].any",
      "a list of conditions is expected" },
    { DIAGNOSIS "}", "step", "a step from the second on is expected" },
    { DIAGNOSIS ",'step':1}", "step", "a step from the second on is expected" },
    { DIAGNOSIS ",'step':3}", "step", "a step from the second on is expected" },
    { DIAGNOSIS ",'step':2,'order':'any'}", "order",
      "between two steps is only where they are in order" },
    { DIAGNOSIS ",'step':2,'events':['x','b']}", "events[1]", "it is a step" },
    { DIAGNOSIS ",'step':2,'count':'entry'}", "count", "there is no such member" },
    { DIAGNOSIS ",'step':2,'cell_min':-1}", "cell_min",
      "a whole number within its bounds is expected" },
    { PEOPLE "{'random':1},'person':0}", "person", "a whole number within its bounds is expected" },
    { PEOPLE "{'random':1},'person':7,'counts':true}", "person",
      "it stands without \"counts\" and \"only\"" },
};

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(bad_ones); i++) {
        struct query q = { .kind = QUERY_KINDS };
        struct query_error e = { 0 };
        if (read_text(&a, bad_ones[i].text, &q, &e) == OK)
            fail_msg("read: %s", bad_ones[i].text);
        if (!str_is(e.at, bad_ones[i].at) || strcmp(e.reason, bad_ones[i].reason) != 0)
            fail_msg("%s: %.*s: %s", bad_ones[i].text, STR_ARG(e.at), e.reason);
        assert_true(e.reason_zh && *e.reason_zh);
        assert_int_equal(q.kind, QUERY_KINDS); /* untouched */
    }
}

/* `open` n times, a leaf, `close` n times. */
static const char *nested(struct arena *a, int n, const char *open, const char *close)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 100000);
    out_z(&sb, PEOPLE);
    for (int i = 0; i < n; i++)
        out_z(&sb, open);
    out_z(&sb, "{'random':1}");
    for (int i = 0; i < n; i++)
        out_z(&sb, close);
    out_z(&sb, "}");
    return arena_z(a, strbuf_str(&sb));
}

static void depth_and_number_are_limited(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct query q;
    struct query_error e = { 0 };
    struct strbuf sb;
    good(&a, nested(&a, QUERY_DEPTH_MAX - 1, "{'not':", "}"));
    good(&a, nested(&a, QUERY_DEPTH_MAX - 1, "{'all':[", "]}"));
    assert_int_equal(read_text(&a, nested(&a, QUERY_DEPTH_MAX, "{'not':", "}"), &q, &e),
                     ERR_INVALID);
    assert_str(e.at, "people.not.not.not.not.not.not.not.not");
    assert_string_equal(e.reason, "deeper than 8 levels");
    for (int leaves = QUERY_LEAVES_MAX; leaves <= QUERY_LEAVES_MAX + 1; leaves++) {
        strbuf_init(&sb, &a, 100000);
        out_z(&sb, PEOPLE "{'any':[");
        for (int i = 0; i < leaves; i++)
            out_z(&sb, i ? ",{'random':1}" : "{'random':1}");
        out_z(&sb, "]}}");
        enum err code = read_text(&a, arena_z(&a, strbuf_str(&sb)), &q, &e);
        assert_int_equal(code, leaves > QUERY_LEAVES_MAX ? ERR_INVALID : OK);
    }
    assert_str(e.at, "people.any[100]");
    assert_string_equal(e.reason, "more than 100 conditions");
}

static const char *const seeds[] = {
    PEOPLE "{'all':[{'attr':'city','in':['上海','杭州']},{'set':'tag','key':'12','is':true},"
           "{'event':'order.paid','count':{'gte':2},'within':'90d','where':[{'prop':'channel',"
           "'eq':'group'}]},{'not':{'event':'message.opened','within':'30d'}},{'sequence':"
           "[{'event':'coupon.claimed'},'order.paid'],'within_each':'7d','since':'2026-01-01'},"
           "{'event':'a','not_followed_by':'b','after':'1d','since_event':{'event':'c'}},"
           "{'attr':'birthday','next':'7d'},{'random':10}]}}",
    FUNNEL ",'count':{'prop':'cart'},'exclude':[{'event':'x','after':1}],'breakdown':"
           "[{'prop':'p'}],'order':'in_order','entry':'first'}",
    "{'kind':'retention'," RANGE ",'start':'a','return':{'event':['b','c']},'unit':'week',"
    "'brackets':[0,1,7],'or_after':true,'every':true,'value':'v'}",
    "{'kind':'trend'," RANGE ",'of':'a','unit':'hour','figure':'p95','prop':'x','breakdown':"
    "[{'attr':'c'},{'set':'d'}]}",
    FUNNEL ",'breakdown':[{'prop':'p'}],'behind':{'step':2,'stopped':true,'group':2.5}}",
    DIAGNOSIS ",'step':2,'events':['x'],'attrs':['c'],'sets':['tag'],'cell_min':5}",
    "{'kind':'overlap','of':[{'random':1},{'any':[{'random':2}]}]}",
    "{'kind':'retention'," RANGE ",'start':'a','return':'b','periods':3,'behind':{'cohort':"
    "'2026-01-01','cell':2,'lost':true}}",
    "{'kind':'stickiness'," RANGE ",'of':'a','unit':'week','window':12,'breakdown':[{'set':'d'}]}",
    "{'kind':'stickiness'," RANGE ",'of':'a','window':12,'behind':{'days':5}}",
    "{'kind':'life'," RANGE ",'of':'a','breakdown':[{'attr':'c'}],'behind':{'period':'2026-01-01',"
    "'as':'dormant','group':'x'}}",
    "{'kind':'paths'," RANGE ",'to':'a','among':['b','c'],'by':'p','levels':4,'top':3,'every':true,"
    "'collapse':true,'gap':'30min'}",
    "{'kind':'attribution'," RANGE ",'touch':'a','channel':'c','conversion':'b','window':'7d',"
    "'direct':null,'behind':{'channel':2.5,'lost':true}}",
    PATHS ",'by':'p','behind':{'level':2,'node':{'event':'a','key':2.5},'to':{'other':true}}}",
    "{'kind':'attribution'," RANGE ",'touch':'a','channel':'c','conversion':{'event':'b'},'value':"
    "'v','window':'7d','refund':'r','held':'h','direct':'d','half_life':'3d','models':['last',"
    "'markov'],'top':9,'listed':0}",
};

/* Good documents with pieces moved about, cut and doubled: read, or refused with a reason. */
static void what_is_spoilt_is_refused(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct rnd r;
    int documents = 0, read = 0;
    rnd_seed(&r, 11);
    for (int i = 0; i < 30000; i++) {
        struct query q = { 0 };
        struct query_error e = { 0 };
        struct json_error unread;
        str seed = quoted(&a, str_of(seeds[rnd_below(&r, COUNT(seeds))]));
        char *text = arena_alloc(&a, seed.len);
        memcpy(text, seed.ptr, seed.len);
        for (uint64_t n = 1 + rnd_below(&r, 2); n > 0; n--) {
            size_t from = rnd_below(&r, seed.len), to = rnd_below(&r, seed.len);
            size_t len = 1 + rnd_below(&r, 9), most = seed.len - MAX(from, to);
            memmove(text + to, text + from, MIN(len, most));
        }
        const struct json *j = json_read(&a, (str) { text, seed.len }, &unread);
        documents += j != NULL;
        if (j && query_read(&a, j, &q, &e) == OK)
            read++;
        else if (j)
            assert_true(e.reason && e.reason_zh && e.at.len < 1000);
        arena_reset(&a);
    }
    assert_true(read > 100 && documents - read > 100);
}

static void places_are_the_same_everywhere(void **state)
{
    (void)state;
    /* splitmix64 of 0 and 1: the other executors have the same */
    assert_int_equal(random_place(0), UINT64_C(0xe220a8397b1dcdaf) % 100);
    assert_int_equal(random_place(1), UINT64_C(0x910a2dec89025cc1) % 100);
    i64 counts[100] = { 0 };
    for (i64 id = 1; id <= 100000; id++)
        counts[random_place(id)]++;
    for (int i = 0; i < 100; i++)
        assert_in_range(counts[i], 800, 1200);
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int query_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_exact_thousandths),
        cmocka_unit_test(comparisons_are_read),
        cmocka_unit_test(leaves_are_read),
        cmocka_unit_test(reports_are_read),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(depth_and_number_are_limited),
        cmocka_unit_test(what_is_spoilt_is_refused),
        cmocka_unit_test(places_are_the_same_everywhere),
    };
    return cmocka_run_group_tests_name("query", tests, in_shanghai, NULL);
}
