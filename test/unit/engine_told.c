#include "engine_told.h"

#include "engine_history.h"

#define NOW_MS INT64_C(5000000000)

static const char *const questions[] = {
    "{'kind':'segment','people':{'event':'order.paid','count':{'gte':1},"
    "'where':[{'prop':'channel','eq':'上海'}]}}",
    "{'kind':'segment','people':{'all':[{'attr':'city','ne':'杭州'},"
    "{'set':'tag','key':'12','is':true},{'attr':'likes','contains':'a'}]}}",
    "{'kind':'funnel','steps':[{'event':'order.paid'},{'event':'visit'},{'event':'cart.added'}],"
    "'window':'1d','since':'1970-01-01','until':'1970-03-01','breakdown':[{'attr':'city'}]}",
    "{'kind':'retention','start':{'event':'visit'},'return':{'event':'order.paid'},'unit':'day',"
    "'periods':3,'since':'1970-01-01','until':'1970-03-01'}",
    "{'kind':'trend','of':{'event':['visit','cart.added']},'figure':'sum','prop':'amount',"
    "'unit':'day','since':'1970-01-01','until':'1970-02-20','breakdown':[{'prop':'channel'}]}",
};

static void told_person(struct engine *e, i64 id)
{
    static const char *const cities[] = { "上海", "杭州", "" };
    str likes[] = { S("a"), S("ba") };
    struct person_attr attrs[] = {
        { S("city"), ATTR_TEXT, .text = str_of(cities[id % 3]) },
        { S("likes"), ATTR_LIST, .texts = likes, .text_count = (size_t)(id % 2) + 1 },
        { S("points"), ATTR_NUMBER, .number = id * 1000 },
    };
    struct person_set set = { S("tag"), S("12") };
    engine_person(e, &(struct person) { id, attrs, COUNT(attrs), &set, (size_t)(id % 5 < 2) });
}

static void told_fact(struct engine *e, i64 i)
{
    static const char *const types[] = { "order.paid", "visit", "cart.added" };
    static const char *const channels[] = { "app", "上海", "group", "store" };
    struct fact_prop props[] = {
        { S("channel"), { VALUE_TEXT, str_of(channels[i % 4]), 0 } },
        { S("amount"), { VALUE_NUMBER, STR_NONE, i % 11 * 1000 } },
    };
    engine_fact(e, &(struct fact) { i / 4 + 1,
                                    i + 1,
                                    str_of(types[i % 7 % 3]),
                                    { 1000000 + i * 60000 },
                                    props,
                                    (size_t)(i % 3) });
}

void told_more(struct engine *e, i64 from, i64 to)
{
    engine_begin(e);
    for (i64 i = from; i < to; i++) {
        if (i % 4 == 0)
            told_person(e, i / 4 + 1);
        told_fact(e, i);
        if (i % 40 == 39)
            engine_forget(e, i / 4);
        if (i % 100 == 99) { /* another person, who is now like this one */
            engine_person(e, &(struct person) { .id = i / 8 + 1 });
        }
    }
    engine_cover(e, to);
    engine_end(e);
}

struct query told_query(struct arena *a, const char *text)
{
    struct query q = { 0 };
    struct query_error bad = { 0 };
    if (query_read(a, history_json(a, text), &q, &bad) != OK)
        fail_msg("%s: %.*s: %s", text, STR_ARG(bad.at), bad.reason);
    return q;
}

str told_answers(struct arena *a, struct engine *e)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 64 << 20);
    for (size_t i = 0; i < COUNT(questions); i++) {
        struct query q = told_query(a, questions[i]);
        struct result r;
        assert_ok(engine_ask(e, a, &q, (instant) { NOW_MS }, NULL, &r));
        out_result(&sb, &q, &r);
        for (size_t k = 0; k < r.people_count; k++)
            out_fmt(&sb, " %lld", (long long)r.people[k]);
    }
    return strbuf_str(&sb);
}

str told_expected(struct arena *a, i64 to)
{
    struct engine *e = engine_new(1);
    told_more(e, 0, to);
    str answers = told_answers(a, e);
    engine_free(e);
    return answers;
}
