#include "engine/bits.h"

void bits_put(struct bits *b, uint32_t ordinal, bool is)
{
    size_t block = ordinal / BLOCK, at = ordinal % BLOCK;
    if (!is && !bits_block(b, block))
        return;
    if (block >= b->block_count) {
        size_t count = MAX(block + 1, b->block_count * 2);
        b->blocks = xrealloc(b->blocks, count * sizeof *b->blocks);
        memset(b->blocks + b->block_count, 0, (count - b->block_count) * sizeof *b->blocks);
        b->block_count = count;
    }
    if (!b->blocks[block])
        b->blocks[block] = xcalloc(BLOCK_WORDS, sizeof **b->blocks);
    uint64_t bit = UINT64_C(1) << (at % 64), *word = &b->blocks[block][at / 64];
    *word = is ? *word | bit : *word & ~bit;
}

void bits_copy(struct bits *ret, const struct bits *from)
{
    *ret = (struct bits) { xcalloc(from->block_count, sizeof *ret->blocks), from->block_count };
    for (size_t i = 0; i < from->block_count; i++) {
        if (!from->blocks[i])
            continue;
        ret->blocks[i] = xmalloc(BLOCK_WORDS * sizeof **ret->blocks);
        memcpy(ret->blocks[i], from->blocks[i], BLOCK_WORDS * sizeof **ret->blocks);
    }
}

void bits_done(struct bits *b)
{
    for (size_t i = 0; i < b->block_count; i++)
        free(b->blocks[i]);
    free(b->blocks);
    *b = (struct bits) { 0 };
}
