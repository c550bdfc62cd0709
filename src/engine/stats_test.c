#include "base/test.h"

#include "engine/stats.h"

#include <math.h>

#include "base/rand.h"

static void near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%.12g is not %.12g", actual, expected);
}

static void tables_have_their_known_figures(void **state)
{
    (void)state;
    static const struct {
        struct two_by_two t;
        double phi, odds_ratio, low, high;
        bool corrected, enough;
    } cases[] = {
        { { 50, 50, 50, 50 }, 0, 1, .574439, 1.740829, false, true },
        { { 40, 10, 10, 40 }, .6, 16, 6.005086, 42.630532, false, false },
        { { 10, 40, 40, 10 }, -.6, .0625, .023457, .166526, false, false },
        { { 100, 0, 0, 100 }, 1, 40401, 793.888387, 2056007.907653, true, false },
        { { 0, 30, 30, 30 }, -.5, .016393, .000959, .280348, true, false },
        { { 0, 0, 0, 0 }, 0, 1, .003912, 255.600403, true, false },
        { { 7, 0, 9, 0 }, 0, 15 / 19.0, .013960, 44.645614, true, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct association a;
        assert_ok(association_of(&cases[i].t, 30, &a));
        near(a.phi, cases[i].phi, 1e-12);
        near(a.odds_ratio, cases[i].odds_ratio, 1e-6);
        near(a.low, cases[i].low, 1e-6);
        near(a.high, cases[i].high, 1e-6);
        assert_int_equal(a.corrected, cases[i].corrected);
        assert_int_equal(a.enough, cases[i].enough);
    }
}

/* ln of the odds ratio turns its sign with the table, and so does phi; huge counts stay finite. */
static void tables_are_symmetric(void **state)
{
    (void)state;
    struct rnd rnd;
    rnd_seed(&rnd, 8);
    for (int i = 0; i < 500; i++) {
        i64 most = rnd_below(&rnd, 2) ? 5 : INT64_MAX;
        i64 c[4];
        for (int k = 0; k < 4; k++)
            c[k] = (i64)rnd_below(&rnd, (uint64_t)most);
        struct association a, turned, mirrored;
        assert_ok(association_of(&(struct two_by_two) { c[0], c[1], c[2], c[3] }, 1, &a));
        assert_ok(association_of(&(struct two_by_two) { c[1], c[0], c[3], c[2] }, 1, &turned));
        assert_ok(association_of(&(struct two_by_two) { c[0], c[2], c[1], c[3] }, 1, &mirrored));
        near(turned.phi, -a.phi, 1e-12);
        near(turned.odds_ratio * a.odds_ratio, 1, 1e-12);
        near(turned.low * a.high, 1, 1e-12);
        near(mirrored.phi, a.phi, 1e-12);
        near(mirrored.odds_ratio, a.odds_ratio, 1e-12);
        assert_true(isfinite(a.low) && isfinite(a.high) && a.low < a.high && fabs(a.phi) <= 1);
    }
    struct association a;
    for (int k = 0; k < 4; k++) {
        i64 c[4] = { 5, 5, 5, 5 };
        c[k] = -1;
        assert_int_equal(association_of(&(struct two_by_two) { c[0], c[1], c[2], c[3] }, 1, &a),
                         ERR_OUT_OF_RANGE);
    }
}

static void quantiles_by_hand(void **state)
{
    (void)state;
    static const struct {
        i64 v[6];
        size_t n;
        double q, continuous;
        i64 discrete;
    } cases[] = {
        { { 7 }, 1, 0, 7, 7 },
        { { 7 }, 1, 1, 7, 7 },
        { { 3, 1 }, 2, .5, 2, 3 },
        { { 4, 1, 3, 2 }, 4, .5, 2.5, 3 },
        { { 4, 1, 3, 2 }, 4, .25, 1.75, 2 },
        { { 4, 1, 3, 2 }, 4, 1, 4, 4 },
        { { 4, 1, 3, 2 }, 4, 0, 1, 1 },
        { { 5, 5, 5, 5, 5, 6 }, 6, .9, 5.5, 6 },
        { { INT64_MIN, INT64_MAX }, 2, .5, 0, INT64_MAX },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        i64 v[6];
        memcpy(v, cases[i].v, sizeof v);
        near(quantile_continuous(v, cases[i].n, cases[i].q), cases[i].continuous, 1e-12);
        memcpy(v, cases[i].v, sizeof v);
        assert_int_equal(quantile_discrete(v, cases[i].n, cases[i].q), cases[i].discrete);
    }
}

static int ascending(const void *pa, const void *pb)
{
    const i64 *a = pa, *b = pb;
    return (*a > *b) - (*a < *b);
}

static void quantiles_are_those_of_the_sorted(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct rnd rnd;
        i64 v[300], sorted[300];
        rnd_seed(&rnd, seed);
        size_t n = 1 + rnd_below(&rnd, COUNT(v));
        uint64_t different = 1 + rnd_below(&rnd, seed % 2 ? 5 : UINT64_C(1) << 40);
        for (size_t i = 0; i < n; i++)
            v[i] = (i64)rnd_below(&rnd, different) - (i64)(different / 2);
        memcpy(sorted, v, n * sizeof *v);
        qsort(sorted, n, sizeof *v, ascending);
        for (int k = 0; k <= 20; k++) {
            double q = k / 20.0, place = q * (double)(n - 1);
            size_t below = (size_t)place, above = MIN(below + 1, n - 1);
            double low = (double)sorted[below], high = (double)sorted[above];
            near(quantile_continuous(v, n, q), low + (place - floor(place)) * (high - low), 1e-9);
            assert_int_equal(quantile_discrete(v, n, q),
                             sorted[MIN((size_t)(q * (double)n), n - 1)]);
        }
        qsort(v, n, sizeof *v, ascending); /* nothing was lost on the way */
        assert_memory_equal(v, sorted, n * sizeof *v);
    }
}

int stats_test(void);
int stats_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_have_their_known_figures),
        cmocka_unit_test(tables_are_symmetric),
        cmocka_unit_test(quantiles_by_hand),
        cmocka_unit_test(quantiles_are_those_of_the_sorted),
    };
    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
