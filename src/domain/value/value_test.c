/* Small cases that can be checked by hand; the models themselves are tested in src/engine. */
#include "base/test.h"

#include "base/rand.h"
#include "base/time.h"
#include "domain/value/model.h"

#include <math.h>

#define TODAY ((day) { 20000 })

static struct value_history bought(i64 customer, int32_t days, int32_t first, int32_t last, i64 fen)
{
    return (struct value_history) { .customer = customer,
                                    .first = (int32_t)TODAY.n - first,
                                    .last = (int32_t)TODAY.n - last,
                                    .days = days,
                                    .net_fen = fen };
}

static void near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%.12g is not %.12g", actual, expected);
}

static void purchases_are_counted_in_weeks(void **state)
{
    (void)state;
    struct value_history once = bought(1, 1, 70, 70, 100), thrice = bought(2, 3, 70, 14, 100);
    struct purchases p = value_purchases(&once, TODAY), q = value_purchases(&thrice, TODAY);
    near(p.age, 10, 1e-12);
    near(p.last, 0, 1e-12);
    assert_int_equal(p.repeats, 0);
    near(q.age, 10, 1e-12);
    near(q.last, 8, 1e-12);
    assert_int_equal(q.repeats, 2);
    assert_int_equal(q.people, 1);
}

/* With r = 1, α = 1, a = 1, b = 2 and x = 1: P(alive) = 1 / (1 + a/b ((1 + T) / (1 + t_x))²). */
static void figures_by_hand(void **state)
{
    (void)state;
    struct value_fit fit = { .as_of = TODAY,
                             .buys = { .model = { 1, 1, 1.5, 2 } },
                             .spends = { .model = { 2, 3, 10000 } } };
    struct value_history h[] = { bought(1, 2, 49, 28, 60000), bought(2, 1, 49, 49, 60000) };
    assert_int_equal(value_score(&fit, h, 2), OK);
    /* T 7, t_x 3: 1 / (1 + 1.5/2 × (8/4)²) = 1/4 */
    near((double)h[0].alive, .25, 1e-6);
    near((double)h[1].alive, 1, 1e-9);
    /* gamma-gamma: p (γ + total) / (p x + q − 1) = 2 (100 + 600 yuan) / (4 + 2), and / (2 + 2) */
    near(h[0].mean_fen, 2 * 70000 / 6.0, 1e-9);
    near(h[1].mean_fen, 2 * 70000 / 4.0, 1e-9);
    /* bought for less than a year: all that was spent; for two: half of it */
    assert_int_equal(value_year(&h[0]), 60000);
    assert_int_equal(value_at_risk(&h[0]), 45000);
    assert_int_equal(value_at_risk(&h[1]), 0);
    struct value_history long_known = bought(3, 9, 800, 70, 60000);
    assert_int_equal(value_year(&long_known), 30000);
    assert_int_equal(value_amount(&h[0], VALUE_90),
                     llround((double)h[0].orders[VALUE_90] * 140000 / 6));
    assert_true(h[0].orders[VALUE_30] < h[0].orders[VALUE_90] &&
                h[0].orders[VALUE_90] < h[0].orders[VALUE_365]);
}

/* Who gave everything back, or more, is expected to spend less than one who kept it, not as much as
 * somebody unknown. */
static void refunds_lower_the_mean(void **state)
{
    (void)state;
    struct value_fit fit = { .as_of = TODAY,
                             .buys = { .model = { 1, 1, 1.5, 2 } },
                             .spends = { .model = { 2, 3, 10000 } } };
    struct value_history h[] = { bought(1, 2, 49, 28, 60000), bought(2, 2, 49, 28, 0),
                                 bought(3, 2, 49, 28, -500) };
    assert_int_equal(value_score(&fit, h, 3), OK);
    near(h[1].mean_fen, 2 * 10001 / 6.0, 1e-9);
    near(h[2].mean_fen, h[1].mean_fen, 1e-12);
    assert_true(h[1].mean_fen < h[0].mean_fen);
}

static void deciles(void **state)
{
    (void)state;
    struct value_history h[23];
    for (int i = 0; i < 23; i++)
        h[i] =
            (struct value_history) { .customer = i, .mean_fen = 100, .orders = { 0, 0, (float)i } };
    value_rank(h, 23);
    int count[VALUE_DECILES + 1] = { 0 };
    for (int i = 0; i < 23; i++) {
        count[h[i].decile]++;
        if (i)
            assert_true(h[i].decile <= h[i - 1].decile);
    }
    assert_int_equal(h[22].decile, 1);
    assert_int_equal(h[0].decile, 10);
    for (int d = 1; d <= VALUE_DECILES; d++)
        assert_in_range(count[d], 2, 3);
    for (int i = 0; i < 23; i++)
        h[i].orders[VALUE_365] = 2;
    value_rank(h, 23);
    for (int i = 0; i < 23; i++)
        assert_int_equal(h[i].decile, 1); /* equals are not parted */
    value_rank(h, 0);
    value_rank(h, 1);
    assert_int_equal(h[0].decile, 1);
}

static void amounts_never_overflow(void **state)
{
    (void)state;
    struct value_history h = { .mean_fen = 9e15,
                               .net_fen = INT64_MAX,
                               .orders = { 1e6F, 1e6F, 1e6F } };
    assert_int_equal(value_amount(&h, VALUE_30), I53_MAX);
    assert_int_equal(value_year(&h), I53_MAX);
    assert_true(value_at_risk(&h) <= I53_MAX);
}

/* People who buy at a steady rate; every third stops. */
static size_t planted(struct value_history *h, size_t n, bool same_amount)
{
    struct rnd rnd;
    rnd_seed(&rnd, 7);
    for (size_t i = 0; i < n; i++) {
        int32_t days = 1 + (int32_t)rnd_below(&rnd, 8), first = 100 + (int32_t)rnd_below(&rnd, 100);
        int32_t last = days == 1 ? first : i % 3 ? (int32_t)rnd_below(&rnd, 20) : first - days * 7;
        i64 fen = 500 + 10 * (i64)rnd_below(&rnd, 100); /* drawn either way: the rest stays */
        h[i] = bought((i64)i + 1, days, first, last, days * (same_amount ? 1000 : fen));
    }
    return n;
}

static void too_little_is_said(void **state)
{
    (void)state;
    struct value_history h[400] = { 0 };
    struct value_fit fit;
    assert_int_equal(value_fit(h, 0, TODAY, true, &fit), OK);
    assert_int_equal(fit.lack, VALUE_FEW_REPEATERS);
    size_t n = planted(h, 400, false), few = 0;
    while (few < n && fit.repeaters < VALUE_REPEATERS_MIN - 1)
        assert_int_equal(value_fit(h, ++few, TODAY, true, &fit), OK);
    assert_int_equal(fit.lack, VALUE_FEW_REPEATERS);
    assert_int_equal(fit.people, few);
    assert_int_equal(value_fit(h, n, TODAY, true, &fit), OK);
    assert_int_equal(fit.lack, VALUE_ENOUGH);
    assert_true(fit.repeaters > VALUE_REPEATERS_MIN && fit.buys.repeat_buyers == fit.repeaters);
    planted(h, 400, true); /* everybody's mean the same: nothing to tell people apart by */
    assert_int_equal(value_fit(h, n, TODAY, true, &fit), OK);
    assert_int_equal(fit.lack, VALUE_NO_SPENDING_MODEL);
    assert_int_equal(value_fit(h, n, TODAY, false, &fit), OK);
    assert_int_equal(fit.lack, VALUE_ENOUGH);
}

static void who_stopped_is_found(void **state)
{
    (void)state;
    struct value_history h[400] = { 0 };
    struct value_fit fit;
    size_t n = planted(h, 400, false);
    assert_int_equal(value_fit(h, n, TODAY, true, &fit), OK);
    assert_int_equal(value_score(&fit, h, n), OK);
    double on = 0, off = 0;
    size_t on_count = 0, off_count = 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(h[i].alive >= 0 && h[i].alive <= 1);
        if (h[i].days < 4)
            continue;
        if (i % 3)
            on += (double)h[i].alive, on_count++;
        else
            off += (double)h[i].alive, off_count++;
    }
    assert_true(on / (double)on_count > off / (double)off_count + .2);
}

int value_test(void);
int value_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(purchases_are_counted_in_weeks), cmocka_unit_test(figures_by_hand),
        cmocka_unit_test(refunds_lower_the_mean),         cmocka_unit_test(deciles),
        cmocka_unit_test(amounts_never_overflow),         cmocka_unit_test(too_little_is_said),
        cmocka_unit_test(who_stopped_is_found),
    };
    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
