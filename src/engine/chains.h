/* chains: how far a person came in a funnel of steps in order, level by level (ORDER_IN without
 * exclusions, COUNT_PERSON; the rule stands in query.h). A level is the facts of its step that take
 * a chain of the level before further; most people have none at the second, so most of the facts
 * are never compared with anything. */
#ifndef HETANG_CHAINS_H
#define HETANG_CHAINS_H

#include "engine/engine_internal.h"

/* A fact that took a chain further. */
struct link {
    i64 time, start;     /* its own, and of the chain's first fact */
    uint32_t fact, from; /* place in its step's rows; and in the level before: a link, or of the
                            second level's links a fact of the first step */
};

/* Of one thread; `steps`, `count`, `window_ms` and `first_only` are given, the rest is zeroed. */
struct chains {
    const struct ready *steps; /* the first: only facts that may begin a chain */
    size_t count;
    i64 window_ms;
    bool first_only; /* ENTRY_FIRST */
    size_t block;
    bool there[QUERY_STEPS_MAX]; /* rows of a step are of this block */
    struct rows rows[QUERY_STEPS_MAX];
    struct rows_index *index;      /* of the first two steps */
    size_t ahead[QUERY_STEPS_MAX]; /* of the others: how far they have been looked through */
    struct link *links;
    size_t link_cap;
};

void chains_done(struct chains *c);
/* *ret_who: who has a first fact. *ret_more: who of them has any fact of the second step. */
void chains_block(struct chains *c, size_t block, uint64_t ret_who[BLOCK_WORDS],
                  uint64_t ret_more[BLOCK_WORDS]);
/* The first fact of someone who has one. */
void chains_first(const struct chains *c, uint32_t who, struct hit *ret);
/* Persons in ascending order. The level of someone who has a first fact (from 1), the time of each
 * step, and the first fact of the chain that counts (its number in the order of facts is not filled
 * in). */
size_t chains_level(struct chains *c, uint32_t who, i64 ret_times[QUERY_STEPS_MAX],
                    struct hit *ret_first);

#endif
