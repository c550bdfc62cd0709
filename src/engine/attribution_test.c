#include "base/test.h"

#include "engine/attribution.h"

#include <math.h>

#include "base/rand.h"
#include "base/time.h"
#include "engine/linear.h"
#include "engine/markov.h"

#define ALL   ((1U << ATTRIBUTION_MODEL_COUNT) - 1)
#define PATHS 60
#define LONG  6

static struct arena arena;

static int clean(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct attribution *made(size_t channels, int32_t direct)
{
    struct attribution *at = NULL;
    struct attribution_options o = { channels, direct, ATTRIBUTION_HALF_LIFE_MS, ALL };
    assert_ok(attribution_new(&arena, &o, &at));
    return at;
}

static struct touch_path path(const char *channels, i64 conversions, i64 lost, i64 fen)
{
    struct touch *t = NEW_N(&arena, struct touch, strlen(channels) + 1);
    size_t n = strlen(channels);
    for (size_t i = 0; i < n; i++) /* the last touch a day before, each earlier one a day more */
        t[i] = (struct touch) { (i64)(n - i) * DAY_MS, channels[i] - 'A' };
    return (struct touch_path) { t, n, conversions, lost, { fen } };
}

static struct attribution_total credits(const struct attribution *at, enum attribution_model m,
                                        struct attribution_credit *ret)
{
    struct attribution_total total;
    assert_ok(attribution_credits(&arena, at, m, ret, &total));
    return total;
}

static void near(double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-11 * (1 + fabs(expected))))
        fail_msg("%.17g is not %.17g", actual, expected);
}

/* One path of one conversion worth 10.00. */
static void a_path_by_every_model(void **state)
{
    (void)state;
    /* weights 1/2^(age/7): ages 3, 2, 1 days of three touches */
    const double d3 = exp2(-3.0 / 7), d2 = exp2(-2.0 / 7), d1 = exp2(-1.0 / 7), d = d1 + d2 + d3;
    const struct {
        const char *path;
        enum attribution_model model;
        double credit[3];
        i64 fen[3];
    } cases[] = {
        /* A is direct */
        { "BCA", ATTRIBUTION_first, { 0, 1, 0 }, { 0, 1000, 0 } },
        { "BCA", ATTRIBUTION_last, { 1, 0, 0 }, { 1000, 0, 0 } },
        { "BCA", ATTRIBUTION_last_non_direct, { 0, 0, 1 }, { 0, 0, 1000 } },
        { "CBAA", ATTRIBUTION_last_non_direct, { 0, 1, 0 }, { 0, 1000, 0 } },
        { "AA", ATTRIBUTION_last_non_direct, { 1, 0, 0 }, { 1000, 0, 0 } },
        { "BCA", ATTRIBUTION_linear, { 1 / 3.0, 1 / 3.0, 1 / 3.0 }, { 333, 334, 333 } },
        { "BBA", ATTRIBUTION_linear, { 1 / 3.0, 2 / 3.0, 0 }, { 333, 667, 0 } },
        { "BBA", ATTRIBUTION_participation, { 1, 1, 0 }, { 1000, 1000, 0 } },
        { "B", ATTRIBUTION_position, { 0, 1, 0 }, { 0, 1000, 0 } },
        { "BC", ATTRIBUTION_position, { 0, .5, .5 }, { 0, 500, 500 } },
        { "BCA", ATTRIBUTION_position, { .4, .4, .2 }, { 400, 400, 200 } },
        { "BCCAA", ATTRIBUTION_position, { .4 + .2 / 3, .4, .4 / 3 }, { 467, 400, 133 } },
        { "BCA", ATTRIBUTION_time_decay, { d1 / d, d3 / d, d2 / d }, { 367, 301, 332 } },
        { "CC", ATTRIBUTION_time_decay, { 0, 0, 1 }, { 0, 0, 1000 } },
        { "BCA", ATTRIBUTION_markov, { 1 / 3.0, 1 / 3.0, 1 / 3.0 }, { 334, 333, 333 } },
        { "BBA", ATTRIBUTION_shapley, { .5, .5, 0 }, { 500, 500, 0 } },
        { "CCCC", ATTRIBUTION_shapley, { 0, 0, 1 }, { 0, 0, 1000 } },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct attribution *at = made(3, 0);
        struct attribution_credit c[3];
        struct touch_path p = path(cases[i].path, 1, 0, 1000);
        assert_ok(attribution_add(at, &p));
        struct attribution_total total = credits(at, cases[i].model, c);
        assert_int_equal(total.conversions, 1);
        for (int k = 0; k < 3; k++) {
            near(c[k].conversions, cases[i].credit[k]);
            /* Which of equal parts gets the odd fen is a matter of the last bits under Markov. */
            if (cases[i].model == ATTRIBUTION_markov)
                assert_in_range(c[k].value.fen, 333, 334);
            else
                assert_int_equal(c[k].value.fen, cases[i].fen[k]);
        }
    }
}

/* The figures of the specification. */
static void markov_of_three_paths(void **state)
{
    (void)state;
    static const double effects[] = { .5, 1, 1 }, shares[] = { .2, .4, .4 };
    struct attribution *at = made(3, -1);
    struct attribution_credit c[3];
    const struct touch_path paths[] = { path("ABC", 1, 0, 1000), path("A", 0, 1, 0),
                                        path("BC", 0, 1, 0) };
    struct markov_steps steps = markov_steps_new(&arena, 3);
    static const int counted[][3] = { { 3, 0, 2 }, { 0, 1, 1 }, { 1, 2, 2 }, { 2, 3, 1 },
                                      { 0, 4, 1 }, { 3, 1, 1 }, { 2, 4, 1 } };
    double effect[3], p;
    for (size_t i = 0; i < COUNT(paths); i++)
        assert_ok(attribution_add(at, &paths[i]));
    struct attribution_total total = credits(at, ATTRIBUTION_markov, c);
    near(total.probability, 1 / 3.0);
    for (int k = 0; k < 3; k++) {
        near(c[k].share, shares[k]);
        near(c[k].conversions, shares[k]);
        assert_int_equal(c[k].value.fen, k ? 400 : 200);
    }
    for (size_t i = 0; i < COUNT(counted); i++)
        *markov_step(&steps, (size_t)counted[i][0], (size_t)counted[i][1]) = counted[i][2];
    assert_ok(markov_removal(&arena, &steps, &p, effect));
    near(p, 1 / 3.0);
    for (int k = 0; k < 3; k++)
        near(effect[k], effects[k]);
}

static void shapley_of_four_sets(void **state)
{
    (void)state;
    static const double expected[] = { 14, 8, 1 };
    struct attribution *at = made(3, -1);
    struct attribution_credit c[3];
    const struct touch_path paths[] = { path("A", 10, 0, 1000), path("B", 4, 0, 400),
                                        path("AB", 6, 0, 600), path("CBA", 3, 0, 300) };
    for (size_t i = 0; i < COUNT(paths); i++)
        assert_ok(attribution_add(at, &paths[i]));
    (void)credits(at, ATTRIBUTION_shapley, c);
    for (int k = 0; k < 3; k++) {
        near(c[k].conversions, expected[k]);
        near(c[k].share, expected[k] / 23);
        assert_int_equal(c[k].value.fen, (i64)expected[k] * 100);
    }
}

static struct touch_path random_path(struct rnd *rnd, size_t channels)
{
    size_t n = 1 + rnd_below(rnd, LONG);
    struct touch *t = NEW_N(&arena, struct touch, n);
    i64 age = 0;
    for (size_t i = n; i-- > 0; age += (i64)rnd_below(rnd, 3 * DAY_MS))
        t[i] = (struct touch) { age, (int32_t)rnd_below(rnd, channels) };
    bool converts = rnd_below(rnd, 3) > 0;
    return (struct touch_path) { t,
                                 n,
                                 converts ? (i64)rnd_below(rnd, 20) : 0,
                                 converts ? (i64)rnd_below(rnd, 2) : 1 + (i64)rnd_below(rnd, 30),
                                 { converts ? (i64)rnd_below(rnd, 100000) : 0 } };
}

static void same(const struct attribution *a, const struct attribution *b, size_t channels)
{
    struct attribution_credit *ca = NEW_N(&arena, struct attribution_credit, channels);
    struct attribution_credit *cb = NEW_N(&arena, struct attribution_credit, channels);
    for (enum attribution_model m = 0; m < ATTRIBUTION_MODEL_COUNT; m++) {
        struct attribution_total ta = credits(a, m, ca), tb = credits(b, m, cb);
        assert_int_equal(ta.value.fen, tb.value.fen);
        for (size_t k = 0; k < channels; k++) { /* to the last bit */
            assert_true(ca[k].conversions == cb[k].conversions && ca[k].share == cb[k].share);
            assert_int_equal(ca[k].value.fen, cb[k].value.fen);
        }
    }
}

/* Whatever the paths: credits add up, order and parting into threads change no bit, and what is
 * taken back leaves nothing. */
static void credits_add_up_in_any_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct rnd rnd;
        rnd_seed(&rnd, seed);
        size_t n = 1 + rnd_below(&rnd, 9);
        struct touch_path paths[PATHS];
        struct attribution *at = made(n, 0), *backwards = made(n, 0),
                           *half[2] = { made(n, 0), made(n, 0) };
        for (size_t i = 0; i < PATHS; i++) {
            paths[i] = random_path(&rnd, n);
            assert_ok(attribution_add(at, &paths[i]));
            assert_ok(attribution_add(half[rnd_below(&rnd, 2)], &paths[i]));
        }
        for (size_t i = PATHS; i-- > 0;) {
            struct touch_path more = random_path(&rnd, n), back = more;
            more.lost = back.lost = 0;
            back.conversions *= -1;
            back.value.fen *= -1;
            assert_ok(attribution_add(backwards, &more));
            assert_ok(attribution_add(backwards, &paths[i]));
            assert_ok(attribution_add(backwards, &back));
        }
        assert_ok(attribution_merge(half[0], half[1]));
        same(at, backwards, n);
        same(at, half[0], n);
        for (enum attribution_model m = 0; m < ATTRIBUTION_MODEL_COUNT; m++) {
            struct attribution_credit c[10];
            struct attribution_total total = credits(at, m, c);
            double sum = 0, shares = 0;
            i64 fen = 0;
            for (size_t k = 0; k < n; k++) {
                sum += c[k].conversions;
                shares += c[k].share;
                fen += c[k].value.fen;
                assert_true(c[k].conversions >= 0 && c[k].value.fen >= 0);
            }
            near(shares, 1);
            if (m != ATTRIBUTION_participation) {
                near(sum, (double)total.conversions);
                assert_int_equal(fen, total.value.fen);
            }
        }
        arena_reset(&arena);
    }
}

/* The Shapley value by its definition: the mean over all orders of what a channel adds, where a set
 * of channels is worth the conversions of the paths that need no other. */
static double shapley_by_subsets(const double *worth, size_t n, size_t k)
{
    double sum = 0;
    for (size_t set = 0; set < (size_t)1 << n; set++) {
        if (set >> k & 1)
            continue;
        int size = __builtin_popcountll(set);
        double weight = tgamma(size + 1) * tgamma((double)n - size) / tgamma((double)n + 1);
        sum += weight * (worth[set | (size_t)1 << k] - worth[set]);
    }
    return sum;
}

static void shapley_is_what_its_definition_says(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct rnd rnd;
        rnd_seed(&rnd, seed);
        size_t n = 1 + rnd_below(&rnd, 6);
        double worth[64] = { 0 };
        struct attribution *at = made(n, -1);
        struct attribution_credit c[6];
        for (size_t i = 0; i < PATHS; i++) {
            struct touch_path p = random_path(&rnd, n);
            size_t needs = 0;
            for (size_t t = 0; t < p.touch_count; t++)
                needs |= (size_t)1 << p.touches[t].channel;
            for (size_t set = 0; set < (size_t)1 << n; set++)
                worth[set] += (set & needs) == needs ? (double)p.conversions : 0;
            assert_ok(attribution_add(at, &p));
        }
        (void)credits(at, ATTRIBUTION_shapley, c);
        for (size_t k = 0; k < n; k++)
            near(c[k].conversions, shapley_by_subsets(worth, n, k));
        arena_reset(&arena);
    }
}

/* P(conversion) by walking the probabilities on until they no longer move; `gone` is sent to lost.
 */
static double walked(const struct markov_steps *s, size_t gone)
{
    double at[8] = { 0 }, next[8], converted = 0;
    at[s->n] = 1;
    for (int round = 0; round < 20000; round++) {
        memset(next, 0, sizeof next);
        for (size_t i = 0; i <= s->n; i++) {
            double sum = 0;
            for (size_t j = 0; j < s->n + 2; j++)
                sum += (double)*markov_step(s, i, j);
            for (size_t j = 0; sum > 0 && j < s->n; j++)
                if (j != gone)
                    next[j] += at[i] * (double)*markov_step(s, i, j) / sum;
            if (sum > 0)
                converted += at[i] * (double)*markov_step(s, i, markov_converted(s)) / sum;
        }
        memcpy(at, next, sizeof at);
    }
    return converted;
}

static void markov_is_where_walking_ends(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct rnd rnd;
        rnd_seed(&rnd, seed);
        size_t n = 1 + rnd_below(&rnd, 6);
        struct markov_steps s = markov_steps_new(&arena, n);
        double effect[6], p, sum = 0;
        for (size_t i = 0; i <= n; i++)
            for (size_t j = 0; j < n + 2; j++)
                if (rnd_below(&rnd, 2) && !(i == n && j == n))
                    *markov_step(&s, i, j) = (i64)rnd_below(&rnd, 9);
        assert_ok(markov_removal(&arena, &s, &p, effect));
        double expected = walked(&s, n);
        assert_true(fabs(p - expected) < 1e-9);
        for (size_t k = 0; k < n; k++) {
            double without = p > 0 ? 1 - walked(&s, k) / expected : 0;
            assert_true(fabs(effect[k] - without) < 1e-9);
            sum += effect[k];
        }
        assert_true(p == 0 || sum > 1 - 1e-9);
        arena_reset(&arena);
    }
}

static void what_is_degenerate_stays_finite(void **state)
{
    (void)state;
    static const struct {
        struct {
            const char *path;
            i64 conversions, lost, fen;
        } paths[4];
        double probability;
        double credit[3]; /* by Markov */
        i64 fen[3];
    } cases[] = {
        { { { 0 } }, 0, { 0 }, { 0 } },
        { { { "ABC", 0, 5, 0 } }, 0, { 0 }, { 0 } },               /* nobody converts */
        { { { "A", 5, 0, 500 } }, 1, { 5, 0, 0 }, { 500, 0, 0 } }, /* everybody, one channel */
        { { { "A", 5, 0, 501 }, { "AB", 5, 0, 500 } },             /* everybody */
          1,
          { 20 / 3.0, 10 / 3.0, 0 },
          { 667, 334, 0 } },
        { { { "A", 4, 0, 40 }, { "C", 0, 9, 0 } }, 4 / 13.0, { 4, 0, 0 }, { 40, 0, 0 } },
        { { { "A", 4, 0, 40 }, { "B", 3, 0, 30 }, { "B", -3, 0, -30 } },
          1,
          { 4, 0, 0 },
          { 40, 0, 0 } },
        { { { "AB", -2, 0, -301 } }, 0, { -1, -1, 0 }, { -150, -151, 0 } }, /* only taken back */
        { { { "AAB", 3, 0, 9 }, { "AB", -3, 0, 0 } }, 0, { .5, -.5, 0 }, { 6, 3, 0 } }, /* round */
        { { { "A", 1, 0, 100 }, { "A", 0, 0, -40 } }, 1, { 1, 0, 0 }, { 60, 0, 0 } },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct attribution *at = made(3, -1);
        struct attribution_credit c[3];
        for (size_t j = 0; j < 4 && cases[i].paths[j].path; j++) {
            struct touch_path p = path(cases[i].paths[j].path, cases[i].paths[j].conversions,
                                       cases[i].paths[j].lost, cases[i].paths[j].fen);
            assert_ok(attribution_add(at, &p));
        }
        struct attribution_total total = credits(at, ATTRIBUTION_markov, c);
        near(total.probability, cases[i].probability);
        for (int k = 0; k < 3; k++) {
            near(c[k].conversions, cases[i].credit[k]);
            assert_int_equal(c[k].value.fen, cases[i].fen[k]);
            assert_true(isfinite(c[k].share));
        }
    }
    struct attribution *none = made(0, -1);
    struct touch_path bare = path("", 3, 2, 77);
    assert_ok(attribution_add(none, &bare));
    for (enum attribution_model m = 0; m < ATTRIBUTION_MODEL_COUNT; m++) {
        struct attribution_total total = credits(none, m, NULL);
        assert_int_equal(total.untouched, 3);
        assert_int_equal(total.untouched_value.fen, 77);
        assert_int_equal(total.conversions + total.value.fen + total.lost, 0);
    }
}

/* Markov without linear: the same where somebody converts; nothing to stand in where nobody does.
 */
static void markov_stands_alone(void **state)
{
    (void)state;
    static const struct {
        struct {
            const char *path;
            i64 conversions, lost, fen;
        } paths[3];
        enum err err;
    } cases[] = {
        { { { "ABC", 1, 0, 100 }, { "A", 0, 1, 0 }, { "BC", 0, 1, 0 } }, OK },
        { { { "ABC", 0, 5, 0 } }, OK },
        { { { "AB", -2, 0, -301 } }, ERR_INVALID },
        { { { "A", 0, 3, -40 } }, ERR_INVALID },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct attribution *all = made(3, -1), *alone = NULL;
        struct attribution_options o = { 3, -1, ATTRIBUTION_HALF_LIFE_MS,
                                         1U << ATTRIBUTION_markov };
        struct attribution_credit wanted[3], got[3];
        struct attribution_total total;
        assert_ok(attribution_new(&arena, &o, &alone));
        for (size_t j = 0; j < 3 && cases[i].paths[j].path; j++) {
            struct touch_path p = path(cases[i].paths[j].path, cases[i].paths[j].conversions,
                                       cases[i].paths[j].lost, cases[i].paths[j].fen);
            assert_ok(attribution_add(all, &p));
            assert_ok(attribution_add(alone, &p));
        }
        assert_int_equal(attribution_credits(&arena, alone, ATTRIBUTION_markov, got, &total),
                         cases[i].err);
        if (cases[i].err != OK)
            continue;
        credits(all, ATTRIBUTION_markov, wanted);
        for (int k = 0; k < 3; k++) {
            near(got[k].conversions, wanted[k].conversions);
            assert_int_equal(got[k].value.fen, wanted[k].value.fen);
        }
    }
}

static void what_is_out_of_bounds_is_refused(void **state)
{
    (void)state;
    struct attribution *at = made(2, -1);
    struct attribution_credit c[2];
    static struct touch many[ATTRIBUTION_TOUCHES_MAX + 1];
    const struct touch bad[] = { { -1, 0 }, { 0, 2 }, { 0, -1 } };
    const struct touch_path refused[] = {
        { &bad[0], 1, 1 },          { &bad[1], 1, 1 },
        { &bad[2], 1, 1 },          { many, 1, 1, -1 },
        { many, 1, INT64_MIN },     { many, 1, 1, 0, { NONE } },
        { many, COUNT(many), 1 },   { many, 1, INT64_MAX, INT64_MAX },
        { many, 3, INT64_MAX / 3 },
    };
    static const struct attribution_options wrong[] = {
        { ATTRIBUTION_CHANNELS_MAX + 1, -1, 1, ALL },
        { 2, 2, 1, ALL },
        { 2, -2, 1, ALL },
        { 2, 0, 0, ALL },
    };
    for (size_t i = 0; i < COUNT(refused); i++)
        assert_int_equal(attribution_add(at, &refused[i]), i < 6 ? ERR_OUT_OF_RANGE : ERR_TOO_MANY);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct attribution *none = NULL;
        assert_int_equal(attribution_new(&arena, &wrong[i], &none), ERR_OUT_OF_RANGE);
        assert_null(none);
    }
    /* The largest sums there are, and one more. */
    const struct touch_path largest = { many, 1, INT64_MAX / 4, 0, { INT64_MAX } };
    const struct touch_path more = { many, 1, 1, 0, { 1 } };
    assert_ok(attribution_add(at, &largest));
    assert_int_equal(attribution_add(at, &more), ERR_TOO_MANY);
    for (enum attribution_model m = 0; m < ATTRIBUTION_MODEL_COUNT; m++) {
        (void)credits(at, m, c);
        assert_int_equal(c[0].value.fen, INT64_MAX);
        near(c[0].conversions, (double)(INT64_MAX / 4));
        assert_int_equal(c[1].value.fen, 0);
    }
}

static void a_long_pause_does_not_matter(void **state)
{
    (void)state;
    struct attribution *at = made(2, -1);
    struct attribution_credit c[2];
    const struct touch touches[] = { { INT64_MAX, 0 }, { INT64_MAX - 7 * DAY_MS, 1 } };
    const struct touch_path p = { touches, 2, 3, 0, { 300 } };
    assert_ok(attribution_add(at, &p));
    (void)credits(at, ATTRIBUTION_time_decay, c);
    near(c[0].conversions, 1);
    assert_int_equal(c[1].value.fen, 200);
}

static void five_hundred_channels(void **state)
{
    (void)state;
    const size_t n = 500;
    struct rnd rnd;
    rnd_seed(&rnd, 500);
    struct attribution *at = made(n, 0);
    struct attribution_credit *c = NEW_N(&arena, struct attribution_credit, n);
    for (int i = 0; i < 20000; i++) {
        struct touch_path p = random_path(&rnd, n);
        assert_ok(attribution_add(at, &p));
    }
    i64 began = clock_monotonic_us();
    struct attribution_total total = credits(at, ATTRIBUTION_markov, c);
    print_message("Markov of 500 channels: %lld ms\n",
                  (long long)(clock_monotonic_us() - began) / 1000);
    double sum = 0;
    i64 fen = 0;
    for (size_t k = 0; k < n; k++) {
        sum += c[k].conversions;
        fen += c[k].value.fen;
    }
    near(sum, (double)total.conversions);
    assert_int_equal(fen, total.value.fen);
}

static void models_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(attribution_model_name(ATTRIBUTION_first), "first");
    assert_string_equal(attribution_model_name(ATTRIBUTION_last_non_direct), "last_non_direct");
    assert_string_equal(attribution_model_name(ATTRIBUTION_shapley), "shapley");
}

int attribution_test(void);
int attribution_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_path_by_every_model, clean),
        cmocka_unit_test_teardown(markov_of_three_paths, clean),
        cmocka_unit_test_teardown(shapley_of_four_sets, clean),
        cmocka_unit_test_teardown(credits_add_up_in_any_order, clean),
        cmocka_unit_test_teardown(shapley_is_what_its_definition_says, clean),
        cmocka_unit_test_teardown(markov_is_where_walking_ends, clean),
        cmocka_unit_test_teardown(what_is_degenerate_stays_finite, clean),
        cmocka_unit_test_teardown(what_is_out_of_bounds_is_refused, clean),
        cmocka_unit_test_teardown(a_long_pause_does_not_matter, clean),
        cmocka_unit_test_teardown(five_hundred_channels, clean),
        cmocka_unit_test_teardown(markov_stands_alone, clean),
        cmocka_unit_test_teardown(models_have_their_names, clean),
    };
    return cmocka_run_group_tests_name("attribution", tests, NULL, NULL);
}
