/* groups: by which a report is broken down, and the growing lists of numbers that quantiles need.
 */
#ifndef HETANG_GROUPS_H
#define HETANG_GROUPS_H

#include "engine/engine_internal.h"

/* A key as the columns have it; texts are numbers of the dictionary. */
struct raw_key {
    bool there;
    enum value_kind kind;
    i64 value;
};

struct numbers {
    i64 *at;
    size_t n, cap;
};
void numbers_add(struct numbers *v, i64 value);
void numbers_join(struct numbers *to, struct numbers *from);      /* `from` is empty then */
void numbers_put(struct numbers *to, const struct numbers *from); /* a copy behind what is there */
void numbers_done(struct numbers *v);
/* Element min(⌊n × permille / 1000⌋, n - 1) of the sorted ones; NONE if there are none. Their order
 * changes. */
i64 numbers_quantile(struct numbers *v, int permille);

/* Grows and is used again. */
struct key_list {
    struct raw_key *at;
    size_t n, cap;
};
void key_list_done(struct key_list *l);

struct breakdown_ready {
    struct breakdown of;
    uint32_t prop;
    const struct attribute *attribute;
    const struct set **sets;
    size_t set_count;
};
void breakdown_make(const struct engine *e, struct arena *a, const struct breakdown *b,
                    struct breakdown_ready *ret);
/* What a person, or for BREAKDOWN_PROP the fact, counts under: one key, or one for each set or text
 * of a list. */
void breakdown_keys(const struct breakdown_ready *b, uint32_t ordinal, const struct ready *ready,
                    const struct hit *hit, struct key_list *ret);
/* The key that is shown so; false: none is. */
bool key_named(const struct engine *e, const struct breakdown_ready *b,
               const struct group_key *shown, struct raw_key *ret);
struct group_key key_shown(const struct engine *e, struct arena *a, const struct breakdown_ready *b,
                           const struct raw_key *key);

#define KEYS_RECENT 64
/* From key to a place 0, 1, …, in the order they were met. */
struct key_places {
    struct map maps[3];
    i64 none; /* place + 1 */
    struct raw_key *keys;
    size_t count, cap;
    struct key_recent {
        size_t place; /* + 1 */
        struct raw_key key;
    } recent[KEYS_RECENT];
};
size_t key_place(struct key_places *k, const struct raw_key *key, bool *ret_new);
size_t key_find(const struct key_places *k, const struct raw_key *key); /* of one that was met */
void key_places_done(struct key_places *k);

/* A row of `width` whole numbers for each key, which only ever add up. */
struct tallies {
    size_t width;
    struct key_places places;
    i64 **rows; /* by place */
    size_t cap;
};
i64 *tally_row(struct tallies *t, const struct raw_key *key); /* zeroes if it is new */
void tallies_join(struct tallies *to, const struct tallies *from);
void tallies_done(struct tallies *t);

#endif
