/* linear: small dense systems of equations, solved exactly but for rounding: LU with partial
 * pivoting (Golub & Van Loan, Matrix Computations, 3.4). Matrices are rows of doubles, one after
 * the other; n rows of n. No state, any thread. */
#ifndef HETANG_LINEAR_H
#define HETANG_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct linear {
    size_t n;
    double *lu;    /* L below the diagonal (its own diagonal is 1), U on and above it */
    uint32_t *row; /* which row of the matrix stands at each place */
};

/* Factors `matrix` in place: it belongs to the result from then on. False when it is singular: a
 * pivot is zero or not a number. n³/3 multiplications. */
[[nodiscard]] bool linear_factor(struct arena *a, double *matrix, size_t n, struct linear *ret);
/* x of A x = b; `b` and `ret_x` of n numbers may not overlap. */
void linear_solve(const struct linear *l, const double *b, double *ret_x);
/* x of Aᵀ x = b; b is overwritten. */
void linear_solve_transposed(const struct linear *l, double *b, double *ret_x);
/* The diagonal of A⁻¹, n numbers; n³/3 multiplications. */
void linear_inverse_diagonal(struct arena *a, const struct linear *l, double *ret);

#endif
