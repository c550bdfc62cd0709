#include "base/test.h"

#include "engine/special.h"

#include <math.h>

#define EULER 0.57721566490153286061

static void digamma_has_its_known_values(void **state)
{
    (void)state;
    static const struct {
        double x, value;
    } known[] = {
        { 1, -EULER },
        { 2, 1 - EULER },
        { .5, -EULER - 1.38629436111989061883 },
        { .25, -EULER - 1.57079632679489661923 - 2.07944154167983592825 },
        { 10, 2.25175258906672110764 },
        { 1e-3, -1000.57557193181 },
        { 1e8, 18.420680738952367 },
    };
    for (size_t i = 0; i < COUNT(known); i++)
        assert_true(fabs(digamma(known[i].x) - known[i].value) < 1e-12 * fabs(known[i].value));
    for (double x = .01; x < 50; x += .37) { /* the slope of ln Γ */
        double h = 1e-5 * x;
        double slope = (ln_gamma(x + h) - ln_gamma(x - h)) / (2 * h);
        assert_true(fabs(digamma(x) - slope) < 1e-5 * (1 + fabs(slope)));
    }
}

static void softplus_never_overflows(void **state)
{
    (void)state;
    static const double at[] = { -1e6, -800, -40, -1, 0, 1, 40, 800, 1e6 };
    for (size_t i = 0; i < COUNT(at); i++) {
        double slope, value = softplus(at[i], &slope);
        double expected = fabs(at[i]) < 30 ? log(1 + exp(at[i])) : at[i] > 0 ? at[i] : exp(at[i]);
        assert_true(fabs(value - expected) <= 1e-12 * fabs(expected));
        assert_true(slope >= 0 && slope <= 1 && (at[i] < 0 ? slope <= .5 : slope >= .5));
    }
}

int special_test(void);
int special_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digamma_has_its_known_values),
        cmocka_unit_test(softplus_never_overflows),
    };
    return cmocka_run_group_tests_name("special", tests, NULL, NULL);
}
