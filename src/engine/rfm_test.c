/* Scores against figures worked out by hand. */
#include "base/test.h"

#include "base/time.h"
#include "engine/rfm.h"

#define MOST 8
static const instant reference = { 1000 * DAY_MS };

struct given {
    const char *name;
    int count;
    i64 values[MOST];
    i64 fifths[RFM_CUTS]; /* five times each cut point */
    int scores[MOST];     /* as F and M have them; R is 6 less this */
};

static const struct given cases[] = {
    { "one person", 1, { 7 }, { 35, 35, 35, 35 }, { 1 } },
    { "two people", 2, { 1, 3 }, { 7, 9, 11, 13 }, { 1, 5 } },         /* 1.4 1.8 2.2 2.6 */
    { "three people", 3, { 1, 2, 4 }, { 7, 9, 12, 16 }, { 1, 3, 5 } }, /* 1.4 1.8 2.4 3.2 */
    { "all equal", 5, { 4, 4, 4, 4, 4 }, { 20, 20, 20, 20 }, { 1, 1, 1, 1, 1 } },
    { "between the values", 5, { 1, 2, 3, 4, 5 }, { 9, 13, 17, 21 }, { 1, 2, 3, 4, 5 } },
    { "on the values",
      6,
      { 10, 20, 30, 40, 50, 60 },
      { 100, 150, 200, 250 },
      { 1, 1, 2, 3, 4, 5 } },
    { "ties below", 5, { 1, 1, 1, 1, 10 }, { 5, 5, 5, 14 }, { 1, 1, 1, 1, 5 } },
    { "ties above", 5, { 1, 10, 10, 10, 10 }, { 41, 50, 50, 50 }, { 1, 2, 2, 2, 2 } },
    { "two groups", 6, { 1, 1, 1, 9, 9, 9 }, { 5, 5, 45, 45 }, { 1, 1, 1, 3, 3, 3 } },
    { "in no order", 5, { 5, 3, 1, 4, 2 }, { 9, 13, 17, 21 }, { 5, 3, 1, 4, 2 } },
};

static void quantiles_by_hand(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(cases); c++) {
        const struct given *g = &cases[c];
        struct rfm_person people[MOST] = { 0 };
        struct rfm_cuts cuts;
        struct rfm_means means;
        for (int i = 0; i < g->count; i++)
            people[i] = (struct rfm_person) { .person = i + 1,
                                              .last_ms = reference.ms - g->values[i] * DAY_MS - i,
                                              .worth = g->values[i],
                                              .frequency = (int32_t)g->values[i] };
        rfm_quantiles(people, (size_t)g->count, reference, &cuts);
        rfm_score(people, (size_t)g->count, reference, &cuts, &means);
        i64 sum = 0;
        for (int i = 0; i < g->count; i++)
            sum += g->scores[i];
        for (int k = 0; k < RFM_CUTS; k++)
            for (int figure = 0; figure < RFM_FIGURES; figure++)
                if (cuts.fifths[figure][k] != g->fifths[k])
                    fail_msg("%s: cut %d of figure %d", g->name, k, figure);
        for (int i = 0; i < g->count; i++)
            if (people[i].score[RFM_F] != g->scores[i] || people[i].score[RFM_M] != g->scores[i] ||
                people[i].score[RFM_R] != RFM_SCORE_MAX + 1 - g->scores[i])
                fail_msg("%s: person %d", g->name, i);
        assert_int_equal(means.sums[RFM_F], sum);
        assert_int_equal(means.sums[RFM_R], (RFM_SCORE_MAX + 1) * g->count - sum);
        assert_int_equal(means.people, g->count);
    }
}

static void fixed_cut_points(void **state)
{
    (void)state;
    const struct rfm_cuts cuts = {
        .fifths = { { 5 * 7, 5 * 30, 5 * 90, 5 * 180 }, { 5, 10, 15, 20 }, { 0, 500, 1000, 1500 } },
    };
    static const struct {
        i64 days, orders, fen;
        int r, f, m;
    } rows[] = { { 0, 1, -1, 5, 1, 1 },   { 7, 2, 0, 5, 2, 1 },    { 8, 3, 1, 4, 3, 2 },
                 { 30, 4, 100, 4, 4, 2 }, { 31, 5, 101, 3, 5, 3 }, { 90, 6, 200, 3, 5, 3 },
                 { 91, 9, 201, 2, 5, 4 }, { 181, 9, 301, 1, 5, 5 } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rfm_means means;
        struct rfm_person p = { .last_ms = reference.ms - rows[i].days * DAY_MS,
                                .frequency = (int32_t)rows[i].orders,
                                .worth = rows[i].fen };
        rfm_score(&p, 1, reference, &cuts, &means);
        assert_int_equal(p.score[RFM_R], rows[i].r);
        assert_int_equal(p.score[RFM_F], rows[i].f);
        assert_int_equal(p.score[RFM_M], rows[i].m);
    }
}

/* A day is 24 hours to the millisecond. */
static void whole_days(void **state)
{
    (void)state;
    static const struct {
        i64 ago_ms, days;
    } rows[] = { { 0, 0 }, { DAY_MS - 1, 0 }, { DAY_MS, 1 }, { 2 * DAY_MS - 1, 1 } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rfm_person p = { .last_ms = reference.ms - rows[i].ago_ms };
        assert_int_equal(rfm_value(&p, RFM_R, reference), rows[i].days);
    }
}

static void classes(void **state)
{
    (void)state;
    const struct rfm_means means = { .sums = { 9, 10, 11 }, .people = 3 }; /* 3, 3.33, 3.67 */
    static const struct {
        uint8_t score[RFM_FIGURES];
        const char *key;
    } rows[] = { { { 3, 3, 3 }, "000" }, { { 4, 3, 3 }, "100" }, { { 3, 4, 3 }, "010" },
                 { { 3, 3, 4 }, "001" }, { { 4, 4, 4 }, "111" }, { { 5, 1, 5 }, "101" },
                 { { 1, 5, 5 }, "011" }, { { 5, 5, 1 }, "110" } };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(rfm_class_key(rfm_class(rows[i].score, &means)), rows[i].key);
}

/* The largest values there may be do not overflow. */
static void limits(void **state)
{
    (void)state;
    struct rfm_person people[2] = {
        { .last_ms = 1, .frequency = 1, .worth = -INT64_MAX },
        { .last_ms = reference.ms, .frequency = INT32_MAX, .worth = INT64_MAX },
    };
    struct rfm_cuts cuts;
    struct rfm_means means;
    rfm_quantiles(people, 2, reference, &cuts);
    rfm_score(people, 2, reference, &cuts, &means);
    assert_int_equal(people[0].score[RFM_M], 1);
    assert_int_equal(people[1].score[RFM_M], 5);
    assert_int_equal(people[1].score[RFM_R], 5);
}

int rfm_test(void);
int rfm_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_by_hand),
        cmocka_unit_test(fixed_cut_points),
        cmocka_unit_test(whole_days),
        cmocka_unit_test(classes),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests_name("rfm scores", tests, NULL, NULL);
}
