/* bits: which persons, by ordinal, in blocks of BLOCK; a block that is not there has nobody. */
#ifndef HETANG_BITS_H
#define HETANG_BITS_H

#include "base/base.h"

#define BLOCK       4096
#define BLOCK_WORDS (BLOCK / 64)

struct bits {
    uint64_t **blocks;
    size_t block_count;
};

static inline bool bits_has(const struct bits *b, uint32_t ordinal)
{
    size_t block = ordinal / BLOCK, at = ordinal % BLOCK;
    return block < b->block_count && b->blocks[block] &&
           (b->blocks[block][at / 64] >> (at % 64) & 1);
}
static inline const uint64_t *bits_block(const struct bits *b, size_t block)
{
    return block < b->block_count ? b->blocks[block] : NULL;
}
/* Of 64 bytes that are 0 or 1: eight at a time, by a product that brings each to its place. */
static inline uint64_t bits_of_bytes(const uint8_t bytes[64])
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t eight;
        memcpy(&eight, bytes + 8 * i, sizeof eight);
        bits |= (eight * UINT64_C(0x0102040810204080)) >> 56 << (8 * i);
    }
    return bits;
}
/* A bit for each of 64 that are low … low + span. */
static inline uint64_t bits_within(const i64 *values, i64 low, uint64_t span)
{
    uint8_t within[64];
    for (int k = 0; k < 64; k++)
        within[k] = (uint64_t)values[k] - (uint64_t)low <= span;
    return bits_of_bytes(within);
}
void bits_put(struct bits *b, uint32_t ordinal, bool is);
void bits_copy(struct bits *ret, const struct bits *from);
void bits_done(struct bits *b);

#endif
