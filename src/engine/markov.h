/* markov: what an absorbing chain of channels loses when one of them is taken away (Anderl, Becker,
 * von Wangenheim & Schumann 2016, "Mapping the customer journey").
 *
 * States are a start, n channels, "converted" and "lost"; the probability of a step is its share of
 * the steps counted from the same state. Solved exactly, as (I − Q) x = b, not simulated. */
#ifndef HETANG_MARKOV_H
#define HETANG_MARKOV_H

#include "base/base.h"

/* Steps counted between states: n + 1 rows (the channels, then the start) of n + 2 columns (the
 * channels, then converted, then lost). */
struct markov_steps {
    i64 *count;
    size_t n;
};

struct markov_steps markov_steps_new(struct arena *a, size_t n);
static inline i64 *markov_step(const struct markov_steps *s, size_t from, size_t to)
{
    return &s->count[from * (s->n + 2) + to];
}
static inline size_t markov_start(const struct markov_steps *s)
{
    return s->n;
}
static inline size_t markov_converted(const struct markov_steps *s)
{
    return s->n;
}
static inline size_t markov_lost(const struct markov_steps *s)
{
    return s->n + 1;
}

/* `ret_conversion`: the probability of a conversion from the start. `ret_effect`, n numbers of 0 to
 * 1: the removal effect of each channel, 1 − P(conversion when every step to it is lost) /
 * P(conversion); all 0 when nobody converts. Their sum is at least 1 otherwise.
 *
 * Channels that no path enters are left out of the equations. A step counted below zero (more taken
 * back than happened) does not exist; a state that nothing leads out of, or only round in circles,
 * is lost. So I − Q always has an inverse; ERR_INVALID, should rounding say otherwise. n³ work. */
enum err markov_removal(struct arena *a, const struct markov_steps *s, double *ret_conversion,
                        double *ret_effect);

#endif
