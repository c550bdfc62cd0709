/* Sums wider than an int64: the column store and the plain evaluator, against what the header of
 * the language says. */
#include "base/test.h"

#include "base/time.h"
#include "engine/engine.h"
#include "engine_reference.h"
#include "engine_told.h"

int engine_sums_test(void);

#define NOW ((instant) { 20 * DAY_MS })

/* Of two types and several persons, so that sums are of sums. */
static struct history numbers(struct arena *a, const i64 *values, size_t count)
{
    struct history h = { NEW_N(a, struct person, 3), 3, NEW_N(a, struct fact, count + 3), 0 };
    for (i64 i = 0; i < 3; i++)
        h.persons[i].id = i + 1;
    for (size_t i = 0; i < count + 3; i++) {
        struct fact *f = &h.facts[h.fact_count++];
        *f = (struct fact) { (i64)i % 3 + 1,
                             (i64)i,
                             i < 3 ? S("start") : S("paid"),
                             { DAY_MS + (i64)i * 1000 },
                             NEW(a, struct fact_prop),
                             i >= 3 };
        *f->props =
            (struct fact_prop) { S("x"), { VALUE_NUMBER, STR_NONE, i < 3 ? 0 : values[i - 3] } };
    }
    return h;
}

static str shown(struct arena *a, const struct query *q, const struct result *r)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 1 << 20);
    out_result(&sb, q, r);
    for (size_t i = 0; i < r->people_count; i++)
        out_fmt(&sb, " %lld", (long long)r->people[i]);
    return strbuf_str(&sb);
}

/* What both answer. */
static void asked(struct arena *a, const struct history *h, const char *question,
                  struct result *ret)
{
    struct query q = told_query(a, question);
    struct result expected;
    struct engine *e = engine_new(2);
    engine_begin(e);
    for (size_t i = 0; i < h->fact_count; i++) {
        engine_fact(e, &h->facts[i]);
        if (i == h->fact_count / 2)
            engine_fold(e);
    }
    engine_end(e);
    assert_ok(reference_ask(a, &q, h, NOW, &expected));
    assert_ok(engine_ask(e, a, &q, NOW, NULL, ret));
    str want = shown(a, &q, &expected), have = shown(a, &q, ret);
    if (!str_eq(want, have))
        fail_msg("want %.*s\nhave %.*s", STR_ARG(want), STR_ARG(have));
    engine_free(e);
}

static void shown_as_near_as_can_be(void **state)
{
    static const char trend[] =
        "{'kind':'trend','of':'paid','figure':'sum','prop':'x','unit':'day',"
        "'since':'1970-01-01','until':'1970-01-10'}";
    static const char value[] =
        "{'kind':'retention','start':'start','return':'paid','unit':'day','periods':2,'value':'x',"
        "'since':'1970-01-01','until':'1970-01-10'}";
    static const struct {
        i64 values[6];
        size_t count;
        i64 sum;
    } cases[] = {
        { { INT64_MAX - 1, 1 }, 2, INT64_MAX },
        { { INT64_MAX, 1 }, 2, INT64_MAX },
        { { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX }, 5, INT64_MAX },
        { { -INT64_MAX, -1 }, 2, -INT64_MAX },
        { { -INT64_MAX, -INT64_MAX, -INT64_MAX, 7 }, 4, -INT64_MAX },
        /* over and back: the way there does not count */
        { { INT64_MAX, INT64_MAX, -INT64_MAX, -INT64_MAX, 5 }, 5, 5 },
        { { INT64_MAX, 1000, INT64_MAX, -INT64_MAX, -INT64_MAX, -1 }, 6, 999 },
    };
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    zone_load("Asia/Shanghai");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct result r;
        struct history h = numbers(&a, cases[i].values, cases[i].count);
        asked(&a, &h, trend, &r);
        assert_int_equal(r.trend.groups[0].total.sum, cases[i].sum);
        asked(&a, &h, value, &r);
        assert_int_equal(r.retention.groups[0].overall.cells[0], cases[i].sum);
    }
}

static void compared_as_they_are(void **state)
{
    static const struct {
        const char *of;
        size_t people;
    } cases[] = {
        { "'sum':{'prop':'x','gte':9000000000000000}", 1 },
        { "'sum':{'prop':'x','lte':9000000000000000}", 2 },
        { "'sum':{'prop':'x','eq':9000000000000000}", 0 },
        { "'average':{'prop':'x','eq':9000000000000000}", 1 },
        { "'average':{'prop':'x','lt':9000000000000000}", 2 },
    };
    /* the first person has three times that */
#define MUCH INT64_C(9000000000000000000)
    static const i64 values[] = { MUCH, 0, 0, MUCH, 0, 0, MUCH };
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    zone_load("Asia/Shanghai");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct result r;
        struct history h = numbers(&a, values, COUNT(values));
        const char *question =
            arena_z(&a, arena_fmt(&a, "{'kind':'segment','people':{'all':[{'event':'paid',%s}]}}",
                                  cases[i].of));
        asked(&a, &h, question, &r);
        print_message("%s: %zu\n", cases[i].of, r.people_count);
        assert_int_equal(r.people_count, cases[i].people);
    }
}

int engine_sums_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shown_as_near_as_can_be),
        cmocka_unit_test(compared_as_they_are),
    };
    return cmocka_run_group_tests_name("engine_sums", tests, NULL, NULL);
}
