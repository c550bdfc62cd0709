/* What the files of the engine share. */
#ifndef HETANG_ENGINE_INTERNAL_H
#define HETANG_ENGINE_INTERNAL_H

#include "base/map.h"
#include "engine/dict.h"
#include "engine/engine.h"
#include "engine/gate.h"
#include "engine/persons.h"
#include "engine/rows.h"

/* An attribute: one value a person, or for a list one set of persons a value. */
struct attribute {
    uint32_t name;
    enum attr_kind kind;
    struct values values; /* texts are numbers of the dictionary */
    struct bits there;    /* ATTR_LIST: has any */
    struct set *sets;     /* ATTR_LIST: by value */
    size_t set_count, set_cap;
};
void attribute_done(struct attribute *at);

/* Persons who belong to it: name and key, or attribute and value. */
struct set {
    uint32_t name, key;
    struct bits bits;
};

struct engine {
    struct gate gate;
    int threads;
    struct dict dict;
    struct persons persons;
    struct bits alive;
    uint64_t gone; /* how many of them are not any more */
    struct attribute *attributes;
    size_t attribute_count, attribute_cap;
    struct set *sets;
    size_t set_count, set_cap;
    _Atomic(struct table *) *tables; /* by type; folding puts another in the place of one */
    size_t table_count, table_cap;
    struct map table_of; /* number of the type's name → place in tables + 1 */
    i64 covered;
    pthread_mutex_t keeping; /* bases change, and are written, by one at a time */
    char *folder;            /* which has the files the tables name */
};

static inline size_t engine_blocks(const struct engine *e)
{
    return (e->persons.count + BLOCK - 1) / BLOCK;
}
/* Inside while nobody tells, for what is no question. */
struct visit engine_enter(struct engine *e);
const struct table *engine_table(const struct engine *e, str type); /* NULL: none */
const struct attribute *engine_attribute(const struct engine *e, str name);
const struct set *engine_set(const struct engine *e, str name, str key);

/* --- folding (keep.c) */

/* Goes on with what was begun of the table at this place, when so many had gone, and puts the new
 * one there. Questions that are inside read the table they found, the old one or the new: both say
 * the same while nobody tells. When they have left, the old one goes. By who holds `keeping`. */
void engine_fold_one(struct engine *e, size_t at, struct table_fold *f, uint64_t gone);

/* --- a comparison made ready (compare.c) */

struct test {
    enum compare_op op;
    enum value_kind kind;
    i64 *values; /* sorted; texts are numbers of the dictionary */
    size_t count;
    i64 low, high;
    uint64_t *texts; /* COMPARE_CONTAINS, COMPARE_STARTS: a bit for each number of the dictionary */
    bool yes;
};
void test_make(const struct engine *e, struct arena *a, const struct compare *c, struct test *ret);
/* NONE: not there. Not for COMPARE_EXISTS over several columns. */
bool test_holds(const struct test *t, i64 value);
int i64_order(const void *a, const void *b); /* of two i64, for qsort() */

/* --- facts that fit (hits.c) */

struct hit {
    i64 time, seq;
    uint32_t row;  /* of the table, as table_value() has it */
    uint16_t who;  /* ordinal % BLOCK */
    uint16_t type; /* which of the match */
};

struct ready_where {
    const struct column *columns[3]; /* by enum value_kind; NULL: the table has none */
    struct test test;
    /* How a row of the base is tested, if one of these can say it; else by its value. */
    uint8_t *pass;     /* by raw value, when these are few; else NULL */
    bool raw, raw_not; /* raw_low … raw_low + raw_span, or all but these */
    uint64_t raw_low, raw_span;
};
struct ready_type {
    const struct table *table;
    struct ready_where *where;
    size_t where_count;
};
struct ready {
    struct ready_type *types;
    size_t count;
    i64 from, to;                 /* times looked at: from <= time < to */
    uint16_t who_first, who_last; /* persons of a block looked at; both included */
};
/* `to`: now + 1 at the most. */
void ready_make(const struct engine *e, struct arena *a, const struct match *m, i64 from, i64 to,
                struct ready *ret);

/* In the person's order. */
static inline bool hit_before(const struct hit *a, const struct hit *b)
{
    return a->time < b->time || (a->time == b->time && a->seq < b->seq);
}

/* Grows and is used again for the next block. */
struct hits {
    struct hit *at;
    size_t n, cap;
    struct rows rows;
};
void hits_done(struct hits *h);
/* All of the block, sorted by (who, time, seq). */
void hits_of(const struct ready *r, size_t block, struct hits *ret);
/* The columns of a property in a type's table, by enum value_kind; NULL: the table has none. */
void match_columns(const struct ready *r, size_t type, uint32_t name, const struct column *ret[3]);
/* A property of a hit; NONE if it is not there as this kind. */
i64 hit_value(const struct ready *r, const struct hit *h, uint32_t name, enum value_kind kind);
/* Of whatever kind: false if it is not there. Texts are numbers of the dictionary. */
bool hit_any(const struct ready *r, const struct hit *h, uint32_t name, enum value_kind *ret_kind,
             i64 *ret_value);

/* Facts of one person that fit any of several matches, in their order. */
struct merge {
    const struct hits *lists;
    size_t count;
    size_t at[2 * QUERY_STEPS_MAX], end[2 * QUERY_STEPS_MAX];
};
struct merged {
    i64 time, seq;
    uint64_t lists;        /* a bit for each list that has it */
    const struct hit *hit; /* in the first of them */
};
void merge_start(struct merge *m, const struct hits *lists, size_t count);
/* Persons in ascending order; false if no list has them. */
bool merge_person(struct merge *m, uint32_t who);
bool merge_next(struct merge *m, struct merged *ret);

/* --- people (ask_people.c) */

struct people_ready; /* the tree, bound to columns */
enum err people_ready_make(struct engine *e, struct arena *a, const struct people *p, instant now,
                           struct people_ready **ret);
/* Scratch of one thread. */
struct people_work;
struct people_work *people_work_new(void);
void people_work_free(struct people_work *w);
/* Numbers the nodes in preorder: how many. From people_work_count() on it is counted who fits each.
 */
size_t people_ready_number(struct people_ready *p);
void people_work_count(struct people_work *w, size_t nodes);
const i64 *people_work_counts(const struct people_work *w);
/* Who of the block: alive, and for whom it holds; `p` NULL: everybody. */
void people_of(const struct engine *e, const struct people_ready *p, struct people_work *w,
               size_t block, uint64_t ret[BLOCK_WORDS]);

/* Their numbers, ascending, from bits by block. */
void people_show(const struct engine *e, struct arena *a, uint64_t (*found)[BLOCK_WORDS],
                 struct result *ret);

/* --- all cores, within limits (work.c) */

/* Calls run(arg, part, at) for each of 0 … n - 1, parts 0 … most - 1 at the same time. */
void work_share(int most, size_t n, void (*run)(void *arg, int part, size_t at), void *arg);
/* Calls run(arg, part, block) for each block, parts 0 … e->threads - 1 at the same time. False: the
 * question is over its limits, not all blocks were done and nobody wants the answer. */
bool engine_work(struct engine *e, void (*run)(void *arg, int part, size_t block), void *arg);
/* Being over shows as facts that are missing (rows_of, hits_of): who relies on two lists of them
 * belonging together looks first. */
/* True: the question has taken all the memory it may have, or is over otherwise; whoever may take
 * much in one block looks here and stops. Cheap. */
bool work_full(void);
/* Would it be, with so much more? Then it is over from here on. */
bool work_room(size_t bytes);

/* One question, from coming in to going out, in the thread that asks. */
struct asking {
    struct engine *e;
    struct engine_limits limits;
    struct visit visit;
    _Atomic size_t taken;
    _Atomic int over; /* enum err */
};
enum err asking_begin(struct asking *x, struct engine *e, const struct engine_limits *limits);
enum err asking_end(struct asking *x);

/* --- each kind of question; the lock is held */
enum err ask_segment(struct engine *e, struct arena *a, const struct query *q, instant now,
                     struct result *ret);
enum err ask_profile(struct engine *e, struct arena *a, const struct query *q, instant now,
                     struct result *ret);
enum err ask_rfm(struct engine *e, struct arena *a, const struct query *q, instant now,
                 struct result *ret);
enum err ask_overlap(struct engine *e, struct arena *a, const struct query *q, instant now,
                     struct result *ret);
enum err ask_diagnosis(struct engine *e, struct arena *a, const struct query *q, instant now,
                       struct result *ret);
/* Walks the query's funnel and tells what came of each unit with a level, instead of counting it:
 * the times of its chain as far as the level goes, none if the order is free. Of several persons at
 * the same time, of one by one thread. */
typedef void funnel_told(void *arg, uint32_t ordinal, size_t level, const i64 *times);
enum err funnel_walk(struct engine *e, struct arena *a, const struct query *q, instant now,
                     funnel_told *told, void *arg);
enum err ask_why(struct engine *e, struct arena *a, const struct query *q, instant now,
                 struct result *ret);
enum err ask_retention(struct engine *e, struct arena *a, const struct query *q, instant now,
                       struct result *ret);
enum err ask_trend(struct engine *e, struct arena *a, const struct query *q, instant now,
                   struct result *ret);
enum err ask_activity(struct engine *e, struct arena *a, const struct query *q, instant now,
                      struct result *ret);
enum err ask_paths(struct engine *e, struct arena *a, const struct query *q, instant now,
                   struct result *ret);
enum err ask_attribution(struct engine *e, struct arena *a, const struct query *q, instant now,
                         struct result *ret);
enum err ask_funnel(struct engine *e, struct arena *a, const struct query *q, instant now,
                    struct result *ret);

#endif
