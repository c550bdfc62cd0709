#include "base/test.h"

#include "engine/linear.h"

#include <math.h>

#include "base/rand.h"

static double *random_matrix(struct arena *a, struct rnd *rnd, size_t n)
{
    double *m = NEW_N(a, double, n *n);
    for (size_t i = 0; i < n * n; i++)
        m[i] = rnd_below(rnd, 3) ? rnd_normal(rnd) : 0; /* zeros make the pivots move */
    for (size_t i = 0; i < n; i++)
        m[i * n + (i + 1) % n] += 3;
    return m;
}

static void near(double actual, double expected)
{
    if (!(fabs(actual - expected) < 1e-8 * (1 + fabs(expected))))
        fail_msg("%.17g is not %.17g", actual, expected);
}

/* What the solutions are multiplied with gives what was asked for. */
static void solves_what_multiplies_back(void **state)
{
    (void)state;
    struct arena a = { 0 };
    struct rnd rnd;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        arena_reset(&a);
        rnd_seed(&rnd, seed);
        size_t n = 1 + rnd_below(&rnd, 25);
        double *m = random_matrix(&a, &rnd, n);
        double *b = NEW_N(&a, double, n), *x = NEW_N(&a, double, n), *y = NEW_N(&a, double, n);
        double *diagonal = NEW_N(&a, double, n);
        struct linear l;
        for (size_t i = 0; i < n; i++)
            b[i] = rnd_normal(&rnd);
        if (!linear_factor(&a, arena_copy(&a, m, n * n * sizeof *m), n, &l))
            continue;
        linear_solve(&l, b, x);
        linear_solve_transposed(&l, arena_copy(&a, b, n * sizeof *b), y);
        for (size_t i = 0; i < n; i++) {
            double by_row = 0, by_column = 0;
            for (size_t j = 0; j < n; j++) {
                by_row += m[i * n + j] * x[j];
                by_column += m[j * n + i] * y[j];
            }
            near(by_row, b[i]);
            near(by_column, b[i]);
        }
        linear_inverse_diagonal(&a, &l, diagonal);
        for (size_t k = 0; k < n; k++) {
            memset(b, 0, n * sizeof *b);
            b[k] = 1;
            linear_solve(&l, b, x);
            near(diagonal[k], x[k]);
        }
    }
    arena_done(&a);
}

static void a_singular_matrix_is_refused(void **state)
{
    (void)state;
    static const double singular[][9] = {
        { 0 },
        { 1, 2, 3, 2, 4, 6, 1, 1, 1 },
        { 1, 0, 0, 0, NAN, 0, 0, 0, 1 },
        { 1, 0, 0, 0, 0, 1, 0, 0, 2 },
    };
    struct arena a = { 0 };
    struct linear l;
    for (size_t i = 0; i < COUNT(singular); i++)
        assert_false(linear_factor(&a, arena_copy(&a, singular[i], sizeof singular[i]), 3, &l));
    assert_true(linear_factor(&a, NULL, 0, &l)); /* nothing to solve is solved */
    arena_done(&a);
}

int linear_test(void);
int linear_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solves_what_multiplies_back),
        cmocka_unit_test(a_singular_matrix_is_refused),
    };
    return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
