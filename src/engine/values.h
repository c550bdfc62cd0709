/* values: one whole number a person, or none (NONE), by ordinal, in blocks of BLOCK, each in as few
 * bytes a number as the range of what is in it needs. */
#ifndef HETANG_VALUES_H
#define HETANG_VALUES_H

#include "engine/bits.h"
#include "engine/packed.h"

struct values_block {
    uint8_t *bytes; /* BLOCK × width, and 8 more so that the last can be read whole */
    i64 base;       /* a number is base + raw; raw 0 is NONE */
    uint8_t width;  /* 0 … 8; 0: nobody has any */
};

struct values {
    struct values_block *blocks;
    size_t block_count;
};

/* Raw numbers low … low + span; none if `empty`. */
struct raw_span {
    uint64_t low, span;
    bool empty;
};

static inline i64 values_get(const struct values *v, size_t ordinal)
{
    size_t block = ordinal / BLOCK;
    uint64_t raw;
    if (block >= v->block_count || !v->blocks[block].width)
        return NONE;
    const struct values_block *b = &v->blocks[block];
    memcpy(&raw, b->bytes + ordinal % BLOCK * b->width, sizeof raw);
    raw &= packed_mask(b->width);
    return raw ? (i64)((uint64_t)b->base + raw) : NONE;
}
void values_put(struct values *v, size_t ordinal, i64 value);
void values_fill(struct values *v, const i64 *values, size_t count); /* which has nothing yet */
bool values_any(const struct values *v);
size_t values_bytes(const struct values *v);
void values_done(struct values *v);

/* Where the numbers low … high are among those of a block; NULL: of a block that is not there. */
struct raw_span values_span(const struct values_block *b, i64 low, i64 high);
/* A bit for each of the 64 persons of a word who is in the span. */
uint64_t values_within(const struct values_block *b, size_t word, struct raw_span s);
static inline const struct values_block *values_block(const struct values *v, size_t block)
{
    return block < v->block_count && v->blocks[block].width ? &v->blocks[block] : NULL;
}

#endif
