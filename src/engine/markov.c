#include "engine/markov.h"

#include "engine/linear.h"

struct markov_steps markov_steps_new(struct arena *a, size_t n)
{
    return (struct markov_steps) { NEW_N(a, i64, (n + 1) * (n + 2)), n };
}

static double steps(const struct markov_steps *s, size_t from, size_t to)
{
    return (double)MAX(*markov_step(s, from, to), 0);
}

/* Marks the states that can be reached along steps: from the start forwards, or from the two ends
 * backwards. `states` begins as the ones marked already, `n` of them, and has room for all. */
static void spread(const struct markov_steps *s, bool backwards, bool *marked, size_t *states,
                   size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < s->n; k++) {
            size_t from = backwards ? k : states[i], to = backwards ? states[i] : k;
            if (!marked[k] && steps(s, from, to) > 0) {
                marked[k] = true;
                states[n++] = k;
            }
        }
}

/* The channels on some way from the start to an end, in `ret`; how many. */
static size_t live_channels(struct arena *a, const struct markov_steps *s, size_t *ret)
{
    size_t *states = NEW_N(a, size_t, s->n + 2), n = 0;
    bool *reached = NEW_N(a, bool, s->n), *ends = NEW_N(a, bool, s->n);
    states[0] = markov_start(s);
    spread(s, false, reached, states, 1);
    states[0] = markov_converted(s);
    states[1] = markov_lost(s);
    spread(s, true, ends, states, 2);
    for (size_t k = 0; k < s->n; k++)
        if (reached[k] && ends[k])
            ret[n++] = k;
    return n;
}

static double leaving(const struct markov_steps *s, size_t from)
{
    double sum = 0;
    for (size_t to = 0; to < s->n + 2; to++)
        sum += steps(s, from, to);
    return sum;
}

/* I − Q of the live channels. Steps to others count among those that leave and lead nowhere. */
static double *equations(struct arena *a, const struct markov_steps *s, const size_t *live,
                         size_t n)
{
    double *m = NEW_N(a, double, MAX(n * n, 1));
    for (size_t i = 0; i < n; i++) {
        double sum = leaving(s, live[i]);
        for (size_t j = 0; j < n; j++)
            m[i * n + j] = (i == j) - steps(s, live[i], live[j]) / sum;
    }
    return m;
}

/* With G = (I − Q)⁻¹: a walk ever visits k with probability h = (start · G)[k] / G[k][k], and from
 * k converts with p[k]. Sent to lost at k, exactly the walks that visit k and convert are gone:
 * h · p[k]. One factoring serves all channels. */
enum err markov_removal(struct arena *a, const struct markov_steps *s, double *ret_conversion,
                        double *ret_effect)
{
    size_t *live = NEW_N(a, size_t, MAX(s->n, 1)), n = live_channels(a, s, live);
    double *ends = NEW_N(a, double, n + 1), *begins = NEW_N(a, double, n + 1);
    double *p = NEW_N(a, double, n + 1), *visits = NEW_N(a, double, n + 1);
    double *again = NEW_N(a, double, n + 1);
    double first = MAX(leaving(s, markov_start(s)), 1);
    double conversion = steps(s, markov_start(s), markov_converted(s)) / first;
    struct linear l;
    memset(ret_effect, 0, s->n * sizeof *ret_effect);
    if (!linear_factor(a, equations(a, s, live, n), n, &l))
        return ERR_INVALID;
    for (size_t i = 0; i < n; i++) {
        ends[i] = steps(s, live[i], markov_converted(s)) / leaving(s, live[i]);
        begins[i] = steps(s, markov_start(s), live[i]) / first;
    }
    linear_solve(&l, ends, p);
    for (size_t i = 0; i < n; i++)
        conversion += begins[i] * p[i];
    linear_solve_transposed(&l, begins, visits);
    linear_inverse_diagonal(a, &l, again);
    for (size_t i = 0; i < n && conversion > 0; i++)
        ret_effect[live[i]] = MIN(MAX(visits[i] * p[i] / (again[i] * conversion), 0), 1);
    *ret_conversion = conversion;
    return OK;
}
