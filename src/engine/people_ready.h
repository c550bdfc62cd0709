/* people_ready: conditions on people bound to columns, for the files that walk them. */
#ifndef HETANG_PEOPLE_READY_H
#define HETANG_PEOPLE_READY_H

#include "engine/engine_internal.h"

#define COUNTS_KNOWN 256

struct people_ready {
    size_t place; /* among the nodes, in preorder; once they are numbered */
    enum people_kind kind;
    struct people_ready *first, *next;
    const struct query_leaf *leaf;
    bool facts; /* it, or what is in it, looks at facts: asked after what does not */
    instant now;
    struct test test;
    const struct attribute *attribute;
    bool span_known; /* the comparison holds for span_low … span_low + span, or for all others */
    i64 span_low;
    uint64_t span, span_not;
    bool few;                 /* or for each of a few values */
    const struct bits **bits; /* LEAF_SET: one; a list: those of its values that fit */
    size_t bits_count;
    struct ready match, anchor, steps[QUERY_STEPS_MAX];
    size_t list_count; /* of what is gathered: match or steps, then the anchor */
    uint32_t prop;
    const struct column *(*columns)[3]; /* of `prop`, by type of the match and enum value_kind */
    bool count_span_known; /* as span_known, of counts: count_low … count_low + count_span */
    uint32_t count_low, count_span;
    uint8_t *counts_fit; /* MEASURE_COUNT, MEASURE_DISTINCT: the first COUNTS_KNOWN */
};

struct people_work {
    struct hits lists[QUERY_STEPS_MAX + 1];
    i64 *seen; /* of MEASURE_DISTINCT */
    size_t seen_cap;
    struct people_facts *facts; /* of people_facts.c */
    i64 *counts; /* of each node who fits, of all that are asked about; NULL: not wanted */
};

/* Facts of a person, those before the anchor left out. */
struct facts {
    const struct hit *at;
    size_t n;
};
/* The person's part of a list, walked along with ascending persons. */
struct facts facts_part(const struct hits *h, size_t *at, uint32_t who);
struct facts facts_from(struct facts f, const struct hit *anchor);
/* Different values of each kind. */
i64 facts_distinct(const struct people_ready *p, struct people_work *w, struct facts f);
/* From here on only these persons of a block are asked about, both included. */
void people_ready_narrow(struct people_ready *p, uint16_t first, uint16_t last);
/* Of those who are wanted, who fits; of the others it says nothing. */
void people_node(const struct engine *e, const struct people_ready *p, struct people_work *w,
                 size_t block, const uint64_t *wanted, uint64_t ret[BLOCK_WORDS]);
bool time_fits(const struct time_compare *c, instant now, i64 ms);
bool average_fits(const struct test *t, __int128 sum, i64 count);

/* --- the usual conditions on facts, of a whole block at once (people_facts.c) */

/* False: not one of these, or not for this block. Else of those who are wanted, who fits; of the
 * others it says nothing. */
bool people_facts_of(const struct people_ready *p, struct people_work *w, size_t block,
                     const uint64_t *wanted, uint64_t ret[BLOCK_WORDS]);
void people_facts_make(struct arena *a, struct people_ready *p);
void people_facts_free(struct people_facts *f);
/* Before another tree is asked with the same work: what is kept points into the one before. */
void people_facts_forget(struct people_facts *f);

#endif
