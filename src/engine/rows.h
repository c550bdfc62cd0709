/* rows: the facts of a block of persons that fit a match, column by column, sorted by (person,
 * time, sequence number). What every question begins with, so it is made to be fast: columns that
 * are needed as they stand in a table are not copied, conditions leave nothing to guess for the
 * processor, and sequence numbers are looked at only where two facts have one time. */
#ifndef HETANG_ROWS_H
#define HETANG_ROWS_H

#include "engine/bits.h"
#include "engine/table.h"

struct ready;

/* Grows and is used again for the next block; zeroed at first. */
struct rows {
    size_t n;
    const uint16_t *who; /* ordinal % BLOCK */
    const i64 *time;
    const uint32_t *row; /* of the table, as table_value() has it; NULL: first_row + i */
    uint32_t first_row;
    const uint16_t *type; /* which of the match; NULL: the first */
    struct rows_buffer {
        uint16_t *who, *type;
        i64 *time;
        uint32_t *row;
        size_t cap;
    } made, merged;
    uint32_t *order, *other_order; /* of a merge; as many as `merged` has room for */
};

void rows_done(struct rows *r);
void rows_of(const struct ready *m, size_t block, struct rows *ret);

/* Only what each person of the block did from[person] <= time < from[person] + span. Of everything
 * else no more than its place in time is looked at, so a narrow span is quick. */
struct rows_near {
    i64 from[BLOCK]; /* ms; INT64_MAX: nothing of this person */
    uint64_t span;   /* ms; at most INT64_MAX */
};
void rows_of_near(const struct ready *m, size_t block, const struct rows_near *near,
                  struct rows *ret);

static inline uint32_t rows_row(const struct rows *r, size_t i)
{
    return r->row ? r->row[i] : r->first_row + (uint32_t)i;
}
static inline size_t rows_type(const struct rows *r, size_t i)
{
    return r->type ? r->type[i] : 0;
}

/* Where each person's are: at first[who] … end[who] - 1, for those of whom `has` has a bit; of
 * others nothing is said. */
struct rows_index {
    uint64_t has[BLOCK_WORDS];
    uint32_t first[BLOCK + 1], end[BLOCK]; /* first: and one for nobody */
};
void rows_index(const struct rows *r, struct rows_index *ret);

#endif
