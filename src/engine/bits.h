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
void bits_put(struct bits *b, uint32_t ordinal, bool is);
void bits_copy(struct bits *ret, const struct bits *from);
void bits_done(struct bits *b);

#endif
