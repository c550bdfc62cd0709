#include "base/test.h"

#include "base/rand.h"

#include <math.h>

/* The published generator: the first numbers from a known state (xoshiro256** of Blackman & Vigna).
 */
static void is_the_published_one(void **state)
{
    (void)state;
    struct rnd r = { { 1, 2, 3, 4 } };
    static const uint64_t expected[] = { 11520, 0, 1509978240, 1215971899390074240,
                                         1216172134540287360 };
    for (size_t i = 0; i < COUNT(expected); i++)
        assert_int_equal(rnd_u64(&r), expected[i]);
    struct rnd a, b;
    rnd_seed(&a, 7);
    rnd_seed(&b, 7);
    assert_int_equal(rnd_u64(&a), rnd_u64(&b));
    rnd_seed(&b, 8);
    assert_int_not_equal(rnd_u64(&a), rnd_u64(&b));
}

static double normal(struct rnd *r)
{
    return rnd_normal(r);
}
static double uniform(struct rnd *r)
{
    return rnd_f64(r);
}
static double exponential(struct rnd *r)
{
    return rnd_exponential(r, 2);
}
static double gamma_large(struct rnd *r)
{
    return rnd_gamma(r, 4, 0.5);
}
static double gamma_small(struct rnd *r)
{
    return rnd_gamma(r, 0.243, 4.414);
}
static double beta(struct rnd *r)
{
    return rnd_beta(r, 0.793, 2.426);
}
static double below(struct rnd *r)
{
    return (double)rnd_below(r, 10);
}

/* Mean and variance of 200,000 draws, each within five standard errors of the formula. */
static void moments(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double (*draw)(struct rnd *);
        double mean, variance, kurtosis; /* the kurtosis gives the error of the variance */
    } cases[] = {
        { "normal", normal, 0, 1, 3 },
        { "uniform", uniform, 0.5, 1.0 / 12, 1.8 },
        { "exponential", exponential, 0.5, 0.25, 9 },
        { "gamma(4, 0.5)", gamma_large, 8, 16, 3 + 6.0 / 4 },
        { "gamma(0.243, 4.414)", gamma_small, 0.243 / 4.414, 0.243 / (4.414 * 4.414),
          3 + 6 / 0.243 },
        { "beta(0.793, 2.426)", beta, 0.793 / 3.219, 0.793 * 2.426 / (3.219 * 3.219 * 4.219), 4 },
        { "below 10", below, 4.5, 8.25, 1.8 },
    };
    const int n = 200000;
    struct rnd r;
    rnd_seed(&r, 20260302);
    for (size_t i = 0; i < COUNT(cases); i++) {
        double sum = 0, squares = 0;
        for (int k = 0; k < n; k++) {
            double d = cases[i].draw(&r) - cases[i].mean;
            sum += d;
            squares += d * d;
        }
        double mean_error = sqrt(cases[i].variance / n),
               variance_error = cases[i].variance * sqrt((cases[i].kurtosis - 1) / n);
        if (fabs(sum / n) > 5 * mean_error ||
            fabs(squares / n - cases[i].variance) > 5 * variance_error)
            fail_msg("%s: mean off by %g, variance %g", cases[i].name, sum / n, squares / n);
    }
}

static void below_has_no_favourites(void **state)
{
    (void)state;
    struct rnd r;
    int seen[7] = { 0 };
    rnd_seed(&r, 3);
    for (int i = 0; i < 70000; i++)
        seen[rnd_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 9500, 10500);
    /* Just above half the range a plain remainder would give small numbers twice as often. */
    uint64_t n = (UINT64_C(1) << 63) + 1;
    int low = 0;
    for (int i = 0; i < 10000; i++)
        low += rnd_below(&r, n) < n / 2;
    assert_in_range(low, 4750, 5250);
    assert_int_equal(rnd_below(&r, 1), 0);
}

static void secrets_differ(void **state)
{
    (void)state;
    uint8_t a[32] = { 0 }, b[32] = { 0 };
    secret_bytes(a, sizeof a);
    secret_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

int rand_test(void);
int rand_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_published_one),
        cmocka_unit_test(moments),
        cmocka_unit_test(below_has_no_favourites),
        cmocka_unit_test(secrets_differ),
    };
    return cmocka_run_group_tests_name("rand", tests, NULL, NULL);
}
