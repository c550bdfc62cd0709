/* Random histories and random questions about them, for tests that compare executors of the
 * engine's language with each other. Everything follows from the seed. Both have the same few names
 * and values, times on one grid and lengths that are multiples of it, so that questions have
 * answers, facts come at equal times and windows end exactly at a fact. */
#ifndef HETANG_ENGINE_RANDOM_H
#define HETANG_ENGINE_RANDOM_H

#include "base/rand.h"
#include "engine_history.h"

struct random_case {
    uint64_t seed;
    instant now;
    i64 grid_ms;
    struct history history; /* also facts later than now */
    str text;               /* the question, as JSON */
    struct query query;     /* … and as it was read */
};

void random_history(struct arena *a, struct rnd *r, instant now, i64 grid_ms, struct history *ret);
str random_query(struct arena *a, struct rnd *r, instant now, i64 grid_ms);
/* Both; asserts that the question can be read. */
void random_case(struct arena *a, uint64_t seed, struct random_case *ret);
/* The same history told in another order. */
struct history random_shuffle(struct arena *a, struct rnd *r, const struct history *h);

/* For the tests (after base/test.h): fails with what brings the case back. */
#define assert_case(condition, c)                                                      \
    do {                                                                               \
        if (!(condition))                                                              \
            fail_msg("%s: seed %llu: %.*s", #condition, (unsigned long long)(c)->seed, \
                     STR_ARG((c)->text));                                              \
    } while (0)

#endif
