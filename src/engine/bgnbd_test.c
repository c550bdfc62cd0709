#include "base/test.h"

#include "engine/bgnbd.h"

#include <math.h>

#include "base/rand.h"
#include "engine/cdnow_testing.h"

/* Fader, Hardie & Lee (2005), table 2 and section 4: weeks. */
static const struct bgnbd paper = { .243, 4.414, .793, 2.426 };
static struct arena arena;

static int clean(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%.12g is not %.12g", actual, expected);
}

/* The formulas as they are printed, without care for size, in more digits. */
static long double gauss(long double a, long double b, long double c, long double z)
{
    long double sum = 1, term = 1;
    for (int n = 0; n < 200000 && fabsl(term) > 1e-22L * fabsl(sum); n++)
        sum += term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z;
    return sum;
}

static double printed_likelihood(const struct bgnbd *m, const struct purchases *p)
{
    long double x = p->repeats, r = m->r, b = m->b, a = m->a, alpha = m->alpha;
    long double here = powl(alpha + p->age, -(r + x));
    long double left = p->repeats ? a / (b + x - 1) * powl(alpha + p->last, -(r + x)) : 0;
    return (double)(logl(tgammal(r + x) / tgammal(r) * powl(alpha, r) * tgammal(a + b) *
                         tgammal(b + x) / (tgammal(b) * tgammal(a + b + x))) +
                    logl(here + left));
}

static double printed_odds(const struct bgnbd *m, const struct purchases *p)
{
    double x = (double)p->repeats;
    return p->repeats
               ? m->a / (m->b + x - 1) * pow((m->alpha + p->age) / (m->alpha + p->last), m->r + x)
               : 0;
}

static double printed_expectation(const struct bgnbd *m, const struct purchases *p, double t)
{
    long double x = p->repeats, r = m->r, b = m->b, a = m->a, whole = m->alpha + p->age + t;
    long double f = gauss(r + x, b + x, a + b + x - 1, t / whole);
    long double ratio = powl((whole - t) / whole, r + x);
    return (double)((a + b + x - 1) / (a - 1) * (1 - ratio * f) / (1 + printed_odds(m, p)));
}

static void the_series_has_its_known_values(void **state)
{
    (void)state;
    for (double z = .05; z < .99; z += .047) {
        near((double)gauss(1, 1, 2, z), -log1p(-z) / z, 1e-14);
        near((double)gauss(2.5, .7, .7, z), pow(1 - z, -2.5), 1e-13);
        near((double)gauss(.5, 1, 1.5, z), atanh(sqrt(z)) / sqrt(z), 1e-13);
    }
}

static void the_figures_of_the_paper(void **state)
{
    (void)state;
    const struct purchases one = { 38.86, 30.43, 2, 1 };
    near(bgnbd_expected(&paper, &one, 39), 1.226, .0005);
    near(bgnbd_alive(&paper, &one), .7266, .00005);
}

static const struct bgnbd models[] = {
    { .243, 4.414, .793, 2.426 }, { 2, 10, 3, 5 },       { .05, 1, .1, .2 },
    { 1.5, 3, 1.2, .4 },          { .9, 30, .3, .7001 },
};
static const struct purchases histories[] = {
    { 38.86, 30.43, 2, 1 }, { 40, 0, 0, 1 },  { 0, 0, 0, 1 },
    { 30, 30, 1, 1 },       { 52, 1, 12, 1 }, { 52, 51, 30, 1 },
};

static void agrees_with_the_printed_formulas(void **state)
{
    (void)state;
    static const double horizons[] = { 0, .1, 13, 39, 520 };
    for (size_t i = 0; i < COUNT(models); i++)
        for (size_t j = 0; j < COUNT(histories); j++) {
            const struct purchases *p = &histories[j];
            near(bgnbd_log_likelihood(&models[i], p, 1), printed_likelihood(&models[i], p), 1e-11);
            near(bgnbd_alive(&models[i], p), 1 / (1 + printed_odds(&models[i], p)), 1e-13);
            for (size_t k = 0; k < COUNT(horizons); k++)
                near(bgnbd_expected(&models[i], p, horizons[k]),
                     printed_expectation(&models[i], p, horizons[k]), 1e-9);
        }
}

/* At a = 1 and at a + b + x = 1 the printed formula divides by zero; beside it, it does not. */
static void nothing_breaks_where_the_formula_does(void **state)
{
    (void)state;
    static const struct bgnbd at[] = { { .3, 5, 1, 2 }, { .3, 5, .4, .6 } };
    const struct purchases one = { 20, 0, 0, 1 };
    for (size_t i = 0; i < COUNT(at); i++) {
        struct bgnbd below = at[i], above = at[i];
        below.a -= 1e-6;
        above.a += 1e-6;
        double mean =
            (printed_expectation(&below, &one, 10) + printed_expectation(&above, &one, 10)) / 2;
        near(bgnbd_expected(&at[i], &one, 10), mean, 1e-8);
    }
    const struct purchases busy = { 300, 299.99, 5000, 1 }; /* overflows the printed one */
    double next = bgnbd_expected(&paper, &busy, 10);
    assert_true(next > 100 && next < 170 && bgnbd_alive(&paper, &busy) > .99);
    /* All alike: λ = 1 and half of them leave at each purchase, so (1 − e^(−λt/2)) / (1/2) come. */
    static const struct bgnbd like[] = { { 1e5, 1e5, 1e5, 1e5 }, { 1e4, 1e4, 1e5, 1e5 } };
    const struct purchases fresh = { 0, 0, 0, 1 };
    for (size_t i = 0; i < COUNT(like); i++)
        near(bgnbd_expected(&like[i], &fresh, 10), 2 * (1 - exp(-5)), 1e-3);
    /* One rate, different leaving: ∫ (1 − e^(−pt)) / p beta(p; a, b) dp, and at a = 1. */
    static const struct bgnbd one_rate[] = { { 1e5, 1e5, 3, 2 }, { 1e5, 1e5, 1, 2 } };
    for (size_t i = 0; i < COUNT(one_rate); i++) {
        const struct bgnbd *m = &one_rate[i];
        double sum = 0, scale = exp(lgamma(m->a + m->b) - lgamma(m->a) - lgamma(m->b));
        for (int k = 0; k < 100000; k++) {
            double q = (k + .5) / 100000;
            sum += scale * pow(q, m->a - 2) * pow(1 - q, m->b - 1) * -expm1(-q * 10) / 100000;
        }
        near(bgnbd_expected(m, &fresh, 10), sum, 1e-3);
    }
    double before = 0; /* it grows with the horizon, however far */
    for (double t = 1; t < 1e6; t *= 3) {
        double now = bgnbd_expected(&paper, &histories[0], t);
        assert_true(isfinite(now) && now > before);
        before = now;
    }
}

/* A customer of the model lived through: their rate, their leaving, their purchases until `age` and
 * how many in `more` after. */
static struct purchases lived(struct rnd *rnd, const struct bgnbd *m, double age, double more,
                              i64 *ret_more)
{
    double rate = rnd_gamma(rnd, m->r, m->alpha), leaves = rnd_beta(rnd, m->a, m->b), t = 0;
    struct purchases p = { age, 0, 0, 1 };
    *ret_more = 0;
    while ((t += rnd_exponential(rnd, rate)) < age + more) {
        if (t < age) {
            p.last = t;
            p.repeats++;
        } else {
            ++*ret_more;
        }
        if (rnd_f64(rnd) < leaves)
            break;
    }
    return p;
}

static void finds_the_model_it_came_from(void **state)
{
    (void)state;
    static const struct bgnbd from[] = { { .243, 4.414, .793, 2.426 }, { 1.2, 8, 1.6, 3 } };
    for (size_t i = 0; i < COUNT(from); i++) {
        const size_t n = 30000;
        struct rnd rnd;
        struct purchases *p = NEW_N(&arena, struct purchases, n), *days;
        struct bgnbd_fit fit, again, by_days;
        const char *reason;
        double expected = 0, purchases = 0;
        rnd_seed(&rnd, 17 + i);
        for (size_t k = 0; k < n; k++) {
            i64 more;
            p[k] = lived(&rnd, &from[i], 20 + rnd_f64(&rnd) * 40, 26, &more);
            expected += bgnbd_expected(&from[i], &p[k], 26);
            purchases += (double)more;
        }
        near(expected / purchases, 1, .03);
        days = arena_copy(&arena, p, n * sizeof *p);
        for (size_t k = 0; k < n; k++) {
            days[k].age *= 7;
            days[k].last *= 7;
        }
        assert_ok(bgnbd_fit(&arena, p, n, &fit, &reason));
        assert_ok(bgnbd_fit(&arena, p, n, &again, &reason));
        assert_ok(bgnbd_fit(&arena, days, n, &by_days, &reason));
        assert_memory_equal(&fit.model, &again.model, sizeof fit.model);
        assert_false(fit.at_bound);
        near(fit.model.r / from[i].r, 1, .06);
        near(fit.model.alpha / from[i].alpha, 1, .1);
        near(fit.model.a / (fit.model.a + fit.model.b), from[i].a / (from[i].a + from[i].b), .03);
        near(by_days.model.alpha, fit.model.alpha * 7, 1e-4);
        near(by_days.model.a, fit.model.a, 1e-4);
        assert_true(fit.log_likelihood >= bgnbd_log_likelihood(&from[i], p, n));
        for (int k = 0; k < 8; k++) { /* the top: lower on every side */
            struct bgnbd beside = fit.model;
            double *at = (double *[]) { &beside.r, &beside.alpha, &beside.a, &beside.b }[k / 2];
            *at *= k % 2 ? 1.01 : .99;
            assert_true(bgnbd_log_likelihood(&beside, p, n) < fit.log_likelihood);
        }
        arena_reset(&arena);
    }
}

static void equal_histories_count_together(void **state)
{
    (void)state;
    const size_t n = 5000;
    struct rnd rnd;
    struct purchases *p = NEW_N(&arena, struct purchases, n);
    struct bgnbd_fit one_by_one, grouped;
    const char *reason;
    i64 people = 0, more;
    rnd_seed(&rnd, 5);
    for (size_t k = 0; k < n; k++) {
        p[k] = lived(&rnd, &paper, (double)(30 + rnd_below(&rnd, 3)), 0, &more);
        p[k].last = ceil(p[k].last);
    }
    assert_ok(bgnbd_fit(&arena, p, n, &one_by_one, &reason));
    size_t left = purchases_group(p, n);
    for (size_t k = 0; k < left; k++)
        people += p[k].people;
    assert_true(left < n / 5);
    assert_int_equal(people, n);
    assert_ok(bgnbd_fit(&arena, p, left, &grouped, &reason));
    assert_int_equal(grouped.people, n);
    near(grouped.model.alpha, one_by_one.model.alpha, 1e-5);
    near(grouped.model.b, one_by_one.model.b, 1e-5);
    near(grouped.log_likelihood, one_by_one.log_likelihood, 1e-12);
}

static void data_that_tell_nothing_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct purchases p[2];
        enum err e;
        const char *reason;
    } cases[] = {
        { { { 0 } }, ERR_OUT_OF_RANGE, "a time or a count" },
        { { { 10, 5, 1, 1 } }, ERR_INVALID, "fewer than two people" },
        { { { 10, 0, 0, 5 }, { 12, 0, 0, 9 } }, ERR_INVALID, "nobody has bought again" },
        { { { 0, 0, 0, 5 }, { 0, 0, 0, 9 } }, ERR_INVALID, "no time has passed" },
        { { { 10, 5, 1, 1 }, { 10, 11, 1, 1 } }, ERR_OUT_OF_RANGE, "a time or a count" },
        { { { 10, 5, 1, 1 }, { 10, 0, 1, 1 } }, ERR_OUT_OF_RANGE, "a time or a count" },
        { { { 10, 5, 1, 1 }, { 10, 5, 0, 1 } }, ERR_OUT_OF_RANGE, "a time or a count" },
        { { { 10, 5, 1, 1 }, { 10, 5, -1, 1 } }, ERR_OUT_OF_RANGE, "a time or a count" },
        { { { 10, 5, 1, 1 }, { NAN, 5, 1, 1 } }, ERR_OUT_OF_RANGE, "a time or a count" },
        { { { 10, 5, 1, 1 }, { 10, NAN, 1, 1 } }, ERR_OUT_OF_RANGE, "a time or a count" },
        { { { 10, 5, 1, 1 }, { INFINITY, 5, 1, 1 } }, ERR_OUT_OF_RANGE, "a time or a count" },
        { { { 10, 5, 1, 1 }, { 10, 5, 1, INT64_MAX } }, ERR_OUT_OF_RANGE, "a time or a count" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bgnbd_fit fit = { .people = -7 };
        const char *reason = "";
        size_t n = cases[i].p[1].people ? 2 : 1;
        assert_int_equal(bgnbd_fit(&arena, cases[i].p, n, &fit, &reason), cases[i].e);
        assert_non_null(strstr(reason, cases[i].reason));
        assert_int_equal(fit.people, -7);
    }
    struct bgnbd_fit none;
    const char *reason;
    assert_int_equal(bgnbd_fit(&arena, NULL, 0, &none, &reason), ERR_INVALID);
}

/* All alike, nobody seen to leave: the best model lies at infinity, and what is found is finite. */
static void what_has_no_top_says_so(void **state)
{
    (void)state;
    static const struct purchases alike[] = { { 10, 10, 10, 100 }, { 20, 20, 20, 100 } };
    struct bgnbd_fit fit;
    const char *reason = NULL;
    enum err e = bgnbd_fit(&arena, alike, COUNT(alike), &fit, &reason);
    if (e != OK) {
        assert_int_equal(e, ERR_INVALID);
        assert_non_null(reason);
        return;
    }
    assert_true(fit.at_bound && isfinite(fit.log_likelihood));
    near(bgnbd_expected(&fit.model, &alike[0], 5), 5, .05);
}

/* What the paper prints, from the purchases of its people (Fader, Hardie & Lee 2005, table 2). */
static void the_sample_of_the_paper(void **state)
{
    (void)state;
    struct cdnow *people = cdnow_sampled(&arena, cdnow_read(&arena));
    struct purchases *p = NEW_N(&arena, struct purchases, CDNOW_SAMPLE_PEOPLE);
    struct bgnbd_fit fit;
    const char *reason;
    i64 repeats = 0;
    for (size_t i = 0; i < CDNOW_SAMPLE_PEOPLE; i++) {
        p[i] = people[i].known;
        repeats += p[i].repeats;
    }
    assert_ok(bgnbd_fit(&arena, p, purchases_group(p, CDNOW_SAMPLE_PEOPLE), &fit, &reason));
    print_message("r %.6f alpha %.6f a %.6f b %.6f LL %.4f, %lld repeats\n", fit.model.r,
                  fit.model.alpha, fit.model.a, fit.model.b, fit.log_likelihood,
                  (long long)repeats);
    assert_int_equal(fit.people, CDNOW_SAMPLE_PEOPLE);
    near(fit.model.r, paper.r, .0005);
    near(fit.model.alpha, paper.alpha, .0005);
    near(fit.model.a, paper.a, .0005);
    near(fit.model.b, paper.b, .0005);
    near(fit.log_likelihood, -9582.4, .05);
}

/* Every tenth of the shop's customers: the paper's parameters lie among theirs, and of what comes
 * in the next 39 weeks, with Christmas in them, they foretell most. */
static void a_shop_of_discs(void **state)
{
    (void)state;
    struct cdnow *people = cdnow_read(&arena);
    double lowest[2] = { INFINITY, INFINITY }, highest[2] = { 0, 0 };
    for (int tenth = 0; tenth <= 10; tenth++) { /* the last: all of them */
        struct purchases *p = NEW_N(&arena, struct purchases, CDNOW_PEOPLE);
        struct bgnbd_fit fit;
        const char *reason;
        double expected = 0, came = 0;
        size_t n = 0;
        for (int i = 0; i < CDNOW_PEOPLE; i++)
            if (tenth == 10 || i % 10 == tenth) {
                came += (double)people[i].later;
                p[n++] = people[i].known;
            }
        n = purchases_group(p, n);
        i64 began = clock_monotonic_us();
        assert_ok(bgnbd_fit(&arena, p, n, &fit, &reason));
        print_message(
            "%d people, %zu histories: r %.3f alpha %.3f a %.3f b %.3f LL %.1f, %lld us\n",
            (int)fit.people, n, fit.model.r, fit.model.alpha, fit.model.a, fit.model.b,
            fit.log_likelihood, (long long)(clock_monotonic_us() - began));
        assert_int_equal(fit.people, tenth == 10 ? CDNOW_PEOPLE : CDNOW_PEOPLE / 10);
        assert_true(fit.log_likelihood > bgnbd_log_likelihood(&paper, p, n));
        assert_true(fit.log_likelihood - bgnbd_log_likelihood(&paper, p, n) <
                    10 * (tenth == 10 ? 10 : 1));
        for (size_t i = 0; i < n; i++)
            expected += (double)p[i].people * bgnbd_expected(&fit.model, &p[i], 39);
        near(expected / came, 1, tenth == 10 ? .15 : .25);
        lowest[0] = fmin(lowest[0], fit.model.r);
        highest[0] = fmax(highest[0], fit.model.r);
        lowest[1] = fmin(lowest[1], fit.model.a / fit.model.b);
        highest[1] = fmax(highest[1], fit.model.a / fit.model.b);
    }
    assert_true(lowest[0] < paper.r && paper.r < highest[0]);
    assert_true(lowest[1] < paper.a / paper.b && paper.a / paper.b < highest[1]);
}

/* Shops of sixty people who leave after a purchase as a coin falls, each of two coins: often so
 * alike that a and b go to their bounds together. */
static void small_shops_come_to_an_end(void **state)
{
    (void)state;
    int bounds = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct rnd rnd;
        struct purchases p[60];
        struct bgnbd_fit fit;
        const char *reason;
        rnd_seed(&rnd, seed);
        for (i64 i = 0; i < 60; i++) {
            i64 age = 80 + (i64)rnd_below(&rnd, 40), at = 0, gap = 4 + (i64)rnd_below(&rnd, 40);
            p[i] = (struct purchases) { .age = (double)age / 7, .people = 1 };
            while (rnd_below(&rnd, 100) >= (i % 3 ? 6 : 40) &&
                   (at += 1 + (i64)rnd_below(&rnd, (uint64_t)gap * 2)) <= age) {
                p[i].repeats++;
                p[i].last = (double)at / 7;
            }
        }
        assert_ok(bgnbd_fit(&arena, p, purchases_group(p, 60), &fit, &reason));
        bounds += fit.at_bound;
        struct purchases one = { .age = 20, .last = 10, .repeats = 5, .people = 1 };
        assert_true(bgnbd_expected(&fit.model, &one, 10) > 0);
    }
    assert_in_range(bounds, 1, 39);
}

int bgnbd_test(void);
int bgnbd_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_series_has_its_known_values),
        cmocka_unit_test(the_figures_of_the_paper),
        cmocka_unit_test(the_sample_of_the_paper),
        cmocka_unit_test(agrees_with_the_printed_formulas),
        cmocka_unit_test(nothing_breaks_where_the_formula_does),
        cmocka_unit_test_teardown(finds_the_model_it_came_from, clean),
        cmocka_unit_test_teardown(equal_histories_count_together, clean),
        cmocka_unit_test_teardown(data_that_tell_nothing_are_refused, clean),
        cmocka_unit_test_teardown(what_has_no_top_says_so, clean),
        cmocka_unit_test_teardown(small_shops_come_to_an_end, clean),
        cmocka_unit_test_teardown(a_shop_of_discs, clean),
    };
    return cmocka_run_group_tests_name("bgnbd", tests, NULL, NULL);
}
