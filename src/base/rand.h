/* Randomness: a seedable generator for what must be repeatable, and the system's for what must not
 * be guessed. */
#ifndef HETANG_RAND_H
#define HETANG_RAND_H

#include <stddef.h>
#include <stdint.h>

struct rnd {
    uint64_t s[4]; /* xoshiro256** 1.0, Blackman & Vigna (2018), public domain */
};

void rnd_seed(struct rnd *r, uint64_t seed);
uint64_t rnd_u64(struct rnd *r);
uint64_t rnd_below(struct rnd *r, uint64_t n); /* 0 … n-1 without bias; n > 0 */
double rnd_f64(struct rnd *r);                 /* [0, 1) */
double rnd_normal(struct rnd *r);              /* mean 0, variance 1 */
double rnd_exponential(struct rnd *r, double rate);
double rnd_gamma(struct rnd *r, double shape, double rate);
double rnd_beta(struct rnd *r, double a, double b);

void secret_bytes(void *to,
                  size_t len); /* from the kernel; ends the process if it cannot give any */

#endif
