#include "base/test.h"

#include "engine/gamma_gamma.h"

#include <math.h>

#include "base/rand.h"
#include "engine/cdnow_testing.h"

/* Fader & Hardie (2013), section 4: dollars, of 946 repeat buyers; γ in hundredths here. */
static const struct gamma_gamma paper = { 6.25, 3.74, 1544 };
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

/* ∫ over ν of gamma(ν; q, γ) × gamma(z; px, νx), by the midpoint rule in ln ν. */
static double integrated(const struct gamma_gamma *m, double x, double z)
{
    double sum = 0, gamma = m->gamma_fen / 100, h = 1e-3;
    for (double ln_v = -30; ln_v < 15; ln_v += h) {
        double v = exp(ln_v), shape = m->p * x;
        sum +=
            h * exp(m->q * log(gamma) + (m->q - 1) * ln_v - gamma * v - lgamma(m->q) +
                    shape * log(v * x) + (shape - 1) * log(z) - v * x * z - lgamma(shape) + ln_v);
    }
    return log(sum);
}

static void the_likelihood_is_the_integral(void **state)
{
    (void)state;
    static const struct gamma_gamma models[] = { { 6.25, 3.74, 1544 }, { .8, 1.3, 200 } };
    static const struct spending cases[] = {
        { 1, { 1177 }, 1 }, { 2, { 5000 }, 1 }, { 7, { 21000 }, 1 }, { 3, { 90 }, 1 }
    };
    for (size_t i = 0; i < COUNT(models); i++)
        for (size_t j = 0; j < COUNT(cases); j++) {
            struct spending many = cases[j];
            double x = (double)many.purchases, z = (double)many.total.fen / 100 / x;
            double one = integrated(&models[i], x, z);
            near(gamma_gamma_log_likelihood(&models[i], &cases[j], 1), one, 1e-8);
            many.people = 9;
            near(gamma_gamma_log_likelihood(&models[i], &many, 1), 9 * one, 1e-8);
        }
}

static void a_mean_lies_between_ones_own_and_everybodys(void **state)
{
    (void)state;
    double everybody, mean, before = 0;
    assert_ok(gamma_gamma_mean(&paper, NULL, &everybody));
    near(everybody, 6.25 * 1544 / 2.74, 1e-12); /* 35.22 dollars */
    for (i64 x = 1; x < 200; x++) {
        struct spending s = { x, { x * 10000 }, 1 };
        assert_ok(gamma_gamma_mean(&paper, &s, &mean));
        assert_true(mean > everybody && mean > before && mean < 10000);
        before = mean;
    }
    assert_true(before > 9900);
    const struct gamma_gamma wide = { .5, .8, 100 };
    const struct spending once = { 1, { 100 }, 1 };
    assert_int_equal(gamma_gamma_mean(&wide, NULL, &mean), ERR_INVALID);
    assert_ok(gamma_gamma_mean(&wide, &once, &mean));
}

static void finds_the_model_it_came_from(void **state)
{
    (void)state;
    const size_t n = 40000;
    struct rnd rnd;
    struct spending *s = NEW_N(&arena, struct spending, n);
    struct gamma_gamma_fit fit, again;
    const char *reason;
    rnd_seed(&rnd, 3);
    for (size_t i = 0; i < n; i++) {
        i64 x = 1 + (i64)rnd_below(&rnd, 6);
        double v = rnd_gamma(&rnd, paper.q, paper.gamma_fen);
        s[i] = (struct spending) { x, { 1 + (i64)rnd_gamma(&rnd, paper.p * (double)x, v) }, 1 };
    }
    assert_ok(gamma_gamma_fit(&arena, s, n, &fit, &reason));
    near(fit.model.p / paper.p, 1, .05);
    near(fit.model.q / paper.q, 1, .05);
    near(fit.model.gamma_fen / paper.gamma_fen, 1, .08);
    assert_false(fit.at_bound);
    assert_true(fit.log_likelihood >= gamma_gamma_log_likelihood(&paper, s, n));
    for (int k = 0; k < 6; k++) { /* the top: lower on every side */
        struct gamma_gamma beside = fit.model;
        double *at = (double *[]) { &beside.p, &beside.q, &beside.gamma_fen }[k / 2];
        *at *= k % 2 ? 1.01 : .99;
        assert_true(gamma_gamma_log_likelihood(&beside, s, n) < fit.log_likelihood);
    }
    assert_ok(gamma_gamma_fit(&arena, s, spending_group(s, n), &again, &reason));
    assert_memory_equal(&fit.model, &again.model, sizeof fit.model);
}

static void spending_that_tells_nothing_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct spending s[2];
        enum err e;
        const char *reason;
    } cases[] = {
        { { { 3, { 300 }, 1 } }, ERR_INVALID, "fewer than two people" },
        { { { 3, { 300 }, 5 }, { 1, { 100 }, 5 } }, ERR_INVALID, "everybody spends the same" },
        { { { 3, { 300 }, 5 }, { 0, { 100 }, 5 } }, ERR_OUT_OF_RANGE, "cannot be" },
        { { { 3, { 300 }, 5 }, { 1, { 0 }, 5 } }, ERR_OUT_OF_RANGE, "cannot be" },
        { { { 3, { 300 }, 5 }, { 1, { -100 }, 5 } }, ERR_OUT_OF_RANGE, "cannot be" },
        { { { 3, { 300 }, 5 }, { 1, { 100 }, -5 } }, ERR_OUT_OF_RANGE, "cannot be" },
        { { { 3, { 300 }, 5 }, { 1, { 100 }, INT64_MAX } }, ERR_OUT_OF_RANGE, "cannot be" },
    };
    struct gamma_gamma_fit fit;
    const char *reason;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            gamma_gamma_fit(&arena, cases[i].s, cases[i].s[1].people ? 2 : 1, &fit, &reason),
            cases[i].e);
        assert_non_null(strstr(reason, cases[i].reason));
    }
    assert_int_equal(gamma_gamma_fit(&arena, NULL, 0, &fit, &reason), ERR_INVALID);
}

static void value_is_purchases_times_mean_discounted(void **state)
{
    (void)state;
    const struct bgnbd buys = { .243, 4.414, .793, 2.426 };
    const struct purchases p = { 38.86, 30.43, 2, 1 };
    const struct spending s = { 2, { 5906 }, 1 };
    double mean, plain, value, by_hand = 0;
    assert_ok(gamma_gamma_mean(&paper, &s, &mean));
    assert_ok(lifetime_value(&buys, &p, &paper, &s, &(struct lifetime) { 3, 13, 0 }, &plain));
    near(plain, mean * bgnbd_expected(&buys, &p, 39), 1e-12);
    assert_ok(lifetime_value(&buys, &p, &paper, &s, &(struct lifetime) { 3, 13, .02 }, &value));
    for (int i = 1; i <= 13; i++)
        by_hand += (bgnbd_expected(&buys, &p, 3 * i) - bgnbd_expected(&buys, &p, 3 * (i - 1))) /
                   pow(1.02, i);
    near(value, mean * by_hand, 1e-12);
    assert_true(value < plain);
    static const struct lifetime wrong[] = {
        { 0, 1, 0 }, { 1, 0, 0 }, { 1, 1, -1 }, { 1, 1, NAN }, { INFINITY, 1, 0 }
    };
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(lifetime_value(&buys, &p, &paper, &s, &wrong[i], &value),
                         ERR_OUT_OF_RANGE);
}

static size_t spendings(const struct cdnow *people, size_t count, struct spending *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (people[i].known.repeats && people[i].fen)
            ret[n++] = (struct spending) { people[i].known.repeats, { people[i].fen }, 1 };
    return n;
}

/* What the note prints, from the purchases of its people. */
static void the_sample_of_the_paper(void **state)
{
    (void)state;
    struct cdnow *people = cdnow_sampled(&arena, cdnow_read(&arena));
    struct spending *s = NEW_N(&arena, struct spending, CDNOW_SAMPLE_PEOPLE);
    struct gamma_gamma_fit fit;
    const char *reason;
    size_t n = spendings(people, CDNOW_SAMPLE_PEOPLE, s);
    assert_ok(gamma_gamma_fit(&arena, s, n, &fit, &reason));
    print_message("%zu people: p %.4f q %.4f gamma %.4f\n", n, fit.model.p, fit.model.q,
                  fit.model.gamma_fen / 100);
    assert_int_equal(n, 946);
    near(fit.model.p, paper.p, .005);
    near(fit.model.q, paper.q, .005);
    near(fit.model.gamma_fen, paper.gamma_fen, .5);
}

/* All repeat buyers of the shop; those of the paper are a tenth of them. */
static void a_shop_of_discs(void **state)
{
    (void)state;
    struct cdnow *people = cdnow_read(&arena);
    struct spending *s = NEW_N(&arena, struct spending, CDNOW_PEOPLE);
    struct gamma_gamma_fit fit;
    const char *reason;
    double sum = 0, of_model = 0, mean;
    size_t n = spendings(people, CDNOW_PEOPLE, s);
    for (size_t i = 0; i < n; i++)
        sum += (double)s[i].total.fen / (double)s[i].purchases;
    i64 began = clock_monotonic_us();
    assert_ok(gamma_gamma_fit(&arena, s, n, &fit, &reason));
    print_message("%zu people: p %.2f q %.2f gamma %.2f, %d evaluations, %lld us\n", n, fit.model.p,
                  fit.model.q, fit.model.gamma_fen / 100, fit.evaluations,
                  (long long)(clock_monotonic_us() - began));
    assert_true(fit.log_likelihood > gamma_gamma_log_likelihood(&paper, s, n));
    for (size_t i = 0; i < n; i++) {
        assert_ok(gamma_gamma_mean(&fit.model, &s[i], &mean));
        of_model += mean;
    }
    near(of_model / sum, 1, .05); /* nearer together, but as much in all */
}

int gamma_gamma_test(void);
int gamma_gamma_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_likelihood_is_the_integral),
        cmocka_unit_test(a_mean_lies_between_ones_own_and_everybodys),
        cmocka_unit_test_teardown(finds_the_model_it_came_from, clean),
        cmocka_unit_test_teardown(spending_that_tells_nothing_is_refused, clean),
        cmocka_unit_test(value_is_purchases_times_mean_discounted),
        cmocka_unit_test_teardown(the_sample_of_the_paper, clean),
        cmocka_unit_test_teardown(a_shop_of_discs, clean),
    };
    return cmocka_run_group_tests_name("gamma_gamma", tests, NULL, NULL);
}
