#include "engine/optimum.h"

#include <math.h>
#include <nlopt.h>

/* Of the gradient, by logarithms: parameters are then good to 5 digits. Where one has gone to a
 * bound the value is a difference of large numbers, and the search ends in what that leaves of its
 * digits. */
#define FLAT            1e-6
#define FLAT_AT_BOUND   1e-4
#define NEAR_BOUND      0.1
#define EVALUATIONS_MAX 5000

/* NLopt may end where a step did not help, so the best place seen is kept here. */
struct search {
    optimum_fn *f;
    void *data;
    double best, at[OPTIMUM_MAX];
    int evaluations;
};

static double evaluate(unsigned n, const double *logs, double *gradient, void *data)
{
    struct search *s = data;
    double value = s->f(n, logs, gradient, s->data);
    s->evaluations++;
    if (value > s->best) {
        s->best = value;
        memcpy(s->at, logs, n * sizeof *logs);
    }
    return value;
}

static void run(struct search *s, nlopt_algorithm algorithm, unsigned n)
{
    double logs[OPTIMUM_MAX], value;
    nlopt_opt o = nlopt_create(algorithm, n);
    assert(o);
    memcpy(logs, s->at, sizeof logs);
    nlopt_set_max_objective(o, evaluate, s);
    nlopt_set_lower_bounds1(o, -OPTIMUM_BOUND);
    nlopt_set_upper_bounds1(o, OPTIMUM_BOUND);
    nlopt_set_initial_step1(o, 0.5);
    nlopt_set_xtol_abs1(o, 1e-9);
    nlopt_set_ftol_rel(o, 1e-15);
    nlopt_set_maxeval(o, EVALUATIONS_MAX);
    (void)nlopt_optimize(o, logs, &value); /* what it found is judged by the gradient */
    nlopt_destroy(o);
}

static bool at_bound(double log)
{
    return fabs(log) > OPTIMUM_BOUND - NEAR_BOUND;
}

/* True when nothing leads further up but out of bounds. */
static bool is_flat(struct search *s, unsigned n)
{
    double gradient[OPTIMUM_MAX], flat = FLAT;
    (void)s->f(n, s->at, gradient, s->data);
    for (unsigned i = 0; i < n; i++)
        if (at_bound(s->at[i]))
            flat = FLAT_AT_BOUND;
    for (unsigned i = 0; i < n; i++)
        if (!(fabs(gradient[i]) < flat) && !(at_bound(s->at[i]) && gradient[i] * s->at[i] > 0))
            return false;
    return true;
}

enum err optimum_find(optimum_fn *f, void *data, unsigned n, struct optimum *at)
{
    struct search s = { f, data, -INFINITY, { 0 }, 0 };
    assert(n <= OPTIMUM_MAX);
    for (unsigned i = 0; i < n; i++)
        s.at[i] = log(at->parameters[i]);
    run(&s, NLOPT_LD_LBFGS, n);
    for (int again = 0; again < 3 && !is_flat(&s, n); again++) {
        run(&s, NLOPT_LN_NELDERMEAD, n);
        run(&s, NLOPT_LD_LBFGS, n);
    }
    if (!is_flat(&s, n))
        return ERR_INVALID;
    at->value = s.best;
    at->evaluations = s.evaluations;
    at->at_bound = false;
    for (unsigned i = 0; i < n; i++) {
        at->parameters[i] = exp(s.at[i]);
        at->at_bound |= at_bound(s.at[i]);
    }
    return OK;
}
