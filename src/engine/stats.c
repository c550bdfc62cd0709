#include "engine/stats.h"

#include <math.h>

#include "base/rand.h"

#define NORMAL_95 1.959963984540054 /* the normal distribution has 2.5 % beyond it */

enum err association_of(const struct two_by_two *t, i64 cell_min, struct association *ret)
{
    i64 least = MIN(MIN(t->both, t->first_only), MIN(t->second_only, t->neither));
    if (least < 0)
        return ERR_OUT_OF_RANGE;
    double half = least == 0 ? 0.5 : 0;
    double a = (double)t->both, b = (double)t->first_only;
    double c = (double)t->second_only, d = (double)t->neither;
    double margins = sqrt(a + b) * sqrt(c + d) * sqrt(a + c) * sqrt(b + d);
    double phi = margins > 0 ? (a * d - b * c) / margins : 0;
    a += half;
    b += half;
    c += half;
    d += half;
    double ln_odds = log(a) + log(d) - log(b) - log(c);
    double error = NORMAL_95 * sqrt(1 / a + 1 / b + 1 / c + 1 / d);
    *ret = (struct association) {
        .phi = fmax(-1, fmin(1, phi)),
        .odds_ratio = exp(ln_odds),
        .low = exp(ln_odds - error),
        .high = exp(ln_odds + error),
        .corrected = least == 0,
        .enough = least >= cell_min,
    };
    return OK;
}

static void swap(i64 *a, i64 *b)
{
    i64 t = *a;
    *a = *b;
    *b = t;
}

/* Puts the value of rank k where it belongs, smaller ones before it, larger after. Hoare's FIND
 * with a random pivot, so that no order of values is slow, and equal values set apart in the
 * middle, so that many of them are quick. The same values give the same order after. */
static void select_rank(i64 *v, size_t n, size_t k)
{
    struct rnd rnd;
    size_t low = 0, high = n; /* rank k is within low … high − 1 */
    rnd_seed(&rnd, n);
    while (high - low > 1) {
        i64 pivot = v[low + rnd_below(&rnd, high - low)];
        size_t less = low, at = low, more = high;
        while (at < more) {
            if (v[at] < pivot)
                swap(&v[less++], &v[at++]);
            else if (v[at] > pivot)
                swap(&v[at], &v[--more]);
            else
                at++;
        }
        if (k < less)
            high = less;
        else if (k >= more)
            low = more;
        else
            return;
    }
}

double quantile_continuous(i64 *values, size_t n, double q)
{
    assert(n > 0 && q >= 0 && q <= 1);
    double place = q * (double)(n - 1);
    size_t k = MIN((size_t)place, n - 1);
    select_rank(values, n, k);
    double below = (double)values[k], part = place - (double)k;
    if (part <= 0 || k + 1 == n)
        return below;
    i64 next = values[k + 1];
    for (size_t i = k + 2; i < n; i++)
        next = MIN(next, values[i]);
    return below + part * ((double)next - below);
}

i64 quantile_discrete(i64 *values, size_t n, double q)
{
    assert(n > 0 && q >= 0 && q <= 1);
    size_t k = MIN((size_t)(q * (double)n), n - 1);
    select_rank(values, n, k);
    return values[k];
}
