#include "base/test.h"

#include "engine/copurchase.h"

#include <math.h>

#include "base/rand.h"
#include "base/time.h"

#define ITEMS   12
#define BASKETS 80

static struct arena arena;

static int clean(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void near(double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%.15g is not %.15g", actual, expected);
}

static void by_hand(void **state)
{
    (void)state;
    static const int32_t tea_cup[] = { 0, 1, 0, 0 }, tea[] = { 0 }, all[] = { 2, 1, 0 },
                         cup_pot[] = { 1, 2 };
    const struct basket baskets[] = {
        { tea_cup, 4 }, { tea, 1 }, { all, 3, DAY_MS }, { cup_pot, 2 }, { NULL, 0 }
    };
    const struct copurchase_options o = { 4, DAY_MS, 10, 1, 10, false };
    struct copurchases c;
    assert_ok(copurchase_find(&arena, &o, baskets, COUNT(baskets), &c));
    assert_int_equal(c.baskets, 5);
    near(c.weight, 4.5); /* one of them a half-life old */
    assert_int_equal(c.of[0].n, 2);
    const struct copurchase_pair *cup = &c.of[0].pairs[0], *pot = &c.of[0].pairs[1];
    assert_int_equal(cup->item, 1);
    assert_int_equal(cup->baskets, 2);
    near(cup->weight, 1.5);
    near(cup->support, 1.5 / 4.5);
    near(cup->confidence, 1.5 / 2.5);
    near(cup->lift, 1.5 * 4.5 / (2.5 * 2.5));
    assert_int_equal(pot->item, 2);
    near(pot->weight, .5);
    near(pot->lift, .5 * 4.5 / (2.5 * 1.5));
    assert_int_equal(c.of[3].n, 0); /* never bought */
}

struct naive {
    double w[ITEMS], pair[ITEMS][ITEMS], all;
    i64 count[ITEMS][ITEMS];
};

static void naive_add(struct naive *m, const struct basket *b, const struct copurchase_options *o,
                      size_t *left_out)
{
    bool has[ITEMS] = { 0 };
    uint32_t different = 0;
    for (uint32_t i = 0; i < b->count; i++)
        has[b->items[i]] = true;
    for (int i = 0; i < ITEMS; i++)
        different += has[i];
    if (different > o->basket_max) {
        ++*left_out;
        return;
    }
    double w = o->half_life_ms ? exp2(-(double)b->age_ms / (double)o->half_life_ms) : 1;
    m->all += w;
    for (int i = 0; i < ITEMS; i++) {
        m->w[i] += has[i] ? w : 0;
        for (int k = 0; k < ITEMS; k++)
            if (has[i] && has[k] && i != k) {
                m->pair[i][k] += w;
                m->count[i][k]++;
            }
    }
}

static double value(const struct copurchase_options *o, const struct copurchase_pair *p)
{
    return o->by_lift ? p->lift : p->weight;
}

static void finds_what_counting_all_pairs_does(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct rnd rnd;
        struct naive m = { 0 };
        struct basket baskets[BASKETS];
        struct copurchases c;
        size_t left_out = 0;
        rnd_seed(&rnd, seed);
        const struct copurchase_options o = { ITEMS,
                                              rnd_below(&rnd, 2) ? 30 * DAY_MS : 0,
                                              4 + (uint32_t)rnd_below(&rnd, 6),
                                              (i64)rnd_below(&rnd, 4),
                                              1 + (uint32_t)rnd_below(&rnd, ITEMS),
                                              rnd_below(&rnd, 2) > 0 };
        for (size_t b = 0; b < BASKETS; b++) {
            uint32_t n = (uint32_t)rnd_below(&rnd, 9);
            int32_t *items = NEW_N(&arena, int32_t, n + 1);
            for (uint32_t i = 0; i < n; i++)
                items[i] = (int32_t)(rnd_below(&rnd, ITEMS) * rnd_below(&rnd, ITEMS) / ITEMS);
            baskets[b] = (struct basket) { items, n, (i64)rnd_below(&rnd, 90 * DAY_MS) };
            naive_add(&m, &baskets[b], &o, &left_out);
        }
        assert_ok(copurchase_find(&arena, &o, baskets, BASKETS, &c));
        assert_int_equal(c.left_out, left_out);
        assert_int_equal(c.baskets, BASKETS - left_out);
        near(c.weight, m.all);
        for (int i = 0; i < ITEMS; i++) {
            size_t there = 0, better = 0;
            bool listed[ITEMS] = { 0 };
            double worst = INFINITY;
            for (size_t k = 0; k < c.of[i].n; k++) {
                const struct copurchase_pair *p = &c.of[i].pairs[k];
                double w = m.pair[i][p->item];
                assert_true(p->item != i && !listed[p->item] && value(&o, p) <= worst);
                worst = value(&o, p);
                listed[p->item] = true;
                assert_int_equal(p->baskets, m.count[i][p->item]);
                near(p->weight, w);
                near(p->support, w / m.all);
                near(p->confidence, w / m.w[i]);
                near(p->lift, w * m.all / (m.w[i] * m.w[p->item]));
            }
            for (int k = 0; k < ITEMS; k++) {
                if (m.count[i][k] == 0 || m.count[i][k] < o.baskets_min)
                    continue;
                double v = o.by_lift ? m.pair[i][k] * m.all / (m.w[i] * m.w[k]) : m.pair[i][k];
                there++;
                better += !listed[k] && v > worst + 1e-9;
            }
            assert_int_equal(c.of[i].n, MIN(there, o.top));
            assert_int_equal(better, 0);
        }
        arena_reset(&arena);
    }
}

static void what_is_out_of_bounds_is_refused(void **state)
{
    (void)state;
    static const int32_t low[] = { -1 }, high[] = { 3 }, good[] = { 0, 2 };
    static const struct {
        struct basket b;
        struct copurchase_options o;
        enum err e;
    } cases[] = {
        { { low, 1 }, { 3, 0, 9, 1, 1 }, ERR_OUT_OF_RANGE },
        { { high, 1 }, { 3, 0, 9, 1, 1 }, ERR_OUT_OF_RANGE },
        { { good, 2, -1 }, { 3, 0, 9, 1, 1 }, ERR_OUT_OF_RANGE },
        { { good, 2 }, { 3, -1, 9, 1, 1 }, ERR_OUT_OF_RANGE },
        { { good, 2 }, { 3, 0, 9, 1, 0 }, ERR_OUT_OF_RANGE },
        { { good, 2 }, { 3, 0, 9, 1, COPURCHASE_TOP_MAX + 1 }, ERR_OUT_OF_RANGE },
        { { good, 2, INT64_MAX }, { 3, 1, 9, 1, 1 }, OK }, /* weighs nothing: no pair, no NaN */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct copurchases c = { 0 };
        assert_int_equal(copurchase_find(&arena, &cases[i].o, &cases[i].b, 1, &c), cases[i].e);
        assert_true(cases[i].e != OK || (c.of[0].n == 0 && c.baskets == 1));
    }
    struct copurchases none;
    assert_ok(copurchase_find(&arena, &cases[0].o, NULL, 0, &none));
    assert_int_equal(none.baskets + none.of[2].n, 0);
}

int copurchase_test(void);
int copurchase_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(by_hand, clean),
        cmocka_unit_test_teardown(finds_what_counting_all_pairs_does, clean),
        cmocka_unit_test_teardown(what_is_out_of_bounds_is_refused, clean),
    };
    return cmocka_run_group_tests_name("copurchase", tests, NULL, NULL);
}
