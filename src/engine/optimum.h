/* optimum: the largest value of a smooth function of a few positive parameters, by NLopt.
 *
 * The search is in logarithms of the parameters, within e^±OPTIMUM_BOUND: L-BFGS (Liu & Nocedal
 * 1989, Luksan's code) along the gradient, then Nelder-Mead (1965) from there if the gradient has
 * not vanished. Both are deterministic: the same data give the same digits. No state, any thread.
 */
#ifndef HETANG_OPTIMUM_H
#define HETANG_OPTIMUM_H

#include "base/base.h"

#define OPTIMUM_BOUND 12.0
#define OPTIMUM_MAX   8 /* parameters */

/* The value at `logs` (n logarithms of parameters) and, if `ret_gradient` is not NULL, its n
 * derivatives by them. About as large as 1 (a mean, not a sum), always finite. */
typedef double optimum_fn(unsigned n, const double *logs, double *ret_gradient, void *data);

struct optimum {
    double parameters[OPTIMUM_MAX];
    double value;
    int evaluations;
    bool at_bound; /* a parameter would go on to 0 or to infinity */
};

/* Begins at the parameters in `at`. ERR_INVALID: it came to no end. */
enum err optimum_find(optimum_fn *f, void *data, unsigned n, struct optimum *at);

#endif
