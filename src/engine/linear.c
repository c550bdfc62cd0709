#include "engine/linear.h"

#include <math.h>

#include "base/base.h"

static size_t largest_below(const double *m, size_t n, size_t k)
{
    size_t best = k;
    for (size_t i = k + 1; i < n; i++)
        if (fabs(m[i * n + k]) > fabs(m[best * n + k]))
            best = i;
    return best;
}

static void swap_rows(double *m, size_t n, size_t a, size_t b)
{
    for (size_t j = 0; a != b && j < n; j++) {
        double t = m[a * n + j];
        m[a * n + j] = m[b * n + j];
        m[b * n + j] = t;
    }
}

bool linear_factor(struct arena *a, double *m, size_t n, struct linear *ret)
{
    uint32_t *row = NEW_N(a, uint32_t, n);
    for (size_t i = 0; i < n; i++)
        row[i] = (uint32_t)i;
    for (size_t k = 0; k < n; k++) {
        size_t best = largest_below(m, n, k);
        uint32_t t = row[k];
        row[k] = row[best];
        row[best] = t;
        swap_rows(m, n, k, best);
        if (!isnormal(m[k * n + k]))
            return false;
        for (size_t i = k + 1; i < n; i++) {
            double f = m[i * n + k] /= m[k * n + k];
            for (size_t j = k + 1; f != 0 && j < n; j++)
                m[i * n + j] -= f * m[k * n + j];
        }
    }
    *ret = (struct linear) { n, m, row };
    return true;
}

void linear_solve(const struct linear *l, const double *b, double *ret_x)
{
    size_t n = l->n;
    for (size_t i = 0; i < n; i++) {
        double s = b[l->row[i]];
        for (size_t j = 0; j < i; j++)
            s -= l->lu[i * n + j] * ret_x[j];
        ret_x[i] = s;
    }
    for (size_t i = n; i-- > 0;) {
        double s = ret_x[i];
        for (size_t j = i + 1; j < n; j++)
            s -= l->lu[i * n + j] * ret_x[j];
        ret_x[i] = s / l->lu[i * n + i];
    }
}

/* Aᵀ = Uᵀ Lᵀ P: both halves are walked by rows of the factors, which lie together in memory. */
void linear_solve_transposed(const struct linear *l, double *b, double *ret_x)
{
    size_t n = l->n;
    for (size_t i = 0; i < n; i++) {
        b[i] /= l->lu[i * n + i];
        for (size_t j = i + 1; j < n; j++)
            b[j] -= l->lu[i * n + j] * b[i];
    }
    for (size_t i = n; i-- > 0;)
        for (size_t j = 0; j < i; j++)
            b[j] -= l->lu[i * n + j] * b[i];
    for (size_t i = 0; i < n; i++)
        ret_x[l->row[i]] = b[i];
}

/* Column k of the inverse solves A x = e_k, and only its element k is wanted: the forward half
 * begins at the place of row k, the backward half ends at k. */
void linear_inverse_diagonal(struct arena *a, const struct linear *l, double *ret)
{
    size_t n = l->n;
    double *x = NEW_N(a, double, n);
    for (size_t place = 0; place < n; place++) {
        size_t k = l->row[place];
        memset(x, 0, place * sizeof *x);
        x[place] = 1;
        for (size_t i = place + 1; i < n; i++) {
            double s = 0;
            for (size_t j = place; j < i; j++)
                s -= l->lu[i * n + j] * x[j];
            x[i] = s;
        }
        for (size_t i = n; i-- > k;) {
            double s = x[i];
            for (size_t j = i + 1; j < n; j++)
                s -= l->lu[i * n + j] * x[j];
            x[i] = s / l->lu[i * n + i];
        }
        ret[k] = x[k];
    }
}
