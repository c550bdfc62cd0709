#include "engine/store_internal.h"

#define SPARSE_MAX 255 /* persons of a block that are listed; of more there is a bit for each */

void put_raw(struct bytes *b, const void *from, size_t len)
{
    if (b->cap - b->n < len) {
        b->cap = MAX(2 * b->cap, b->n + len + 4096);
        b->at = xrealloc(b->at, b->cap);
    }
    if (len)
        memcpy(b->at + b->n, from, len);
    b->n += len;
}

void put_u64(struct bytes *b, uint64_t value)
{
    put_raw(b, &value, sizeof value);
}

/* At least a byte each, so that no count can promise more than there are bytes. */
void put_numbers(struct bytes *b, const i64 *values, size_t count)
{
    static const char zeros[4096];
    struct packed p;
    packed_make(&p, values, count);
    put_u64(b, (uint64_t)p.low);
    put_u64(b, (uint64_t)p.step);
    put_u64(b, MAX(p.width, 1) | (uint64_t)p.holes << 8);
    put_raw(b, p.bytes, p.width ? count * p.width + 8 : 8);
    for (size_t left = p.width ? 0 : count, n; left; left -= n) {
        n = MIN(left, sizeof zeros);
        put_raw(b, zeros, n);
    }
    packed_done(&p);
}

static void put_block(struct bytes *b, const uint64_t *words)
{
    uint16_t list[SPARSE_MAX], count = 0;
    size_t all = 0;
    for (size_t w = 0; w < BLOCK_WORDS; w++)
        all += (size_t)__builtin_popcountll(words[w]);
    put_u64(b, all);
    if (all > SPARSE_MAX) {
        put_raw(b, words, BLOCK_WORDS * sizeof *words);
        return;
    }
    for (size_t w = 0; w < BLOCK_WORDS; w++)
        for (uint64_t left = words[w]; left; left &= left - 1)
            list[count++] = (uint16_t)(64 * w + (size_t)__builtin_ctzll(left));
    put_raw(b, list, count * sizeof *list);
}

void put_bits(struct bytes *b, const struct bits *bits)
{
    static const uint64_t nobody[BLOCK_WORDS];
    put_u64(b, bits->block_count);
    for (size_t i = 0; i < bits->block_count; i++)
        put_block(b, bits->blocks[i] ? bits->blocks[i] : nobody);
}

const void *take_raw(struct taken *t, size_t len)
{
    t->bad |= len > (size_t)(t->end - t->at);
    if (t->bad)
        return NULL;
    const void *here = t->at;
    t->at += len;
    return here;
}

uint64_t take_u64(struct taken *t)
{
    uint64_t value = 0;
    const void *at = take_raw(t, sizeof value);
    if (at)
        memcpy(&value, at, sizeof value);
    return value;
}

size_t take_count(struct taken *t, size_t each)
{
    uint64_t count = take_u64(t);
    t->bad |= count > (size_t)(t->end - t->at) / MAX(each, 1);
    return t->bad ? 0 : count;
}

void take_numbers(struct taken *t, i64 *to, size_t count)
{
    struct packed p = { .count = count };
    p.low = (i64)take_u64(t);
    p.step = (i64)take_u64(t);
    uint64_t form = take_u64(t), bytes = 0;
    t->bad |= !(form & 0xff) || (form & 0xff) > 8 || form >> 8 > 1;
    p.width = (uint8_t)MIN(form & 0xff, 8);
    p.holes = form >> 8 & 1;
    p.mask = packed_mask(p.width);
    t->bad |= __builtin_mul_overflow(count, (uint64_t)p.width, &bytes) || bytes > SIZE_MAX - 8;
    const void *raw = t->bad ? NULL : take_raw(t, bytes + 8);
    p.bytes = (uint8_t *)(uintptr_t)raw;
    for (size_t i = 0; raw && i < count; i++)
        to[i] = packed_get(&p, i);
}

static void take_block(struct taken *t, struct bits *ret, size_t block)
{
    uint16_t place;
    uint64_t all = take_u64(t);
    if (all > SPARSE_MAX) {
        const void *words = take_raw(t, BLOCK_WORDS * sizeof(uint64_t));
        bits_put(ret, (uint32_t)(block * BLOCK), true);
        if (words)
            memcpy(ret->blocks[block], words, BLOCK_WORDS * sizeof(uint64_t));
        return;
    }
    const char *list = take_raw(t, all * sizeof place);
    for (size_t i = 0; list && i < all; i++) {
        memcpy(&place, list + i * sizeof place, sizeof place);
        t->bad |= place >= BLOCK;
        if (!t->bad)
            bits_put(ret, (uint32_t)(block * BLOCK + place), true);
    }
}

void take_bits(struct taken *t, struct bits *ret)
{
    size_t blocks = take_count(t, sizeof(uint64_t));
    t->bad |= blocks > UINT32_MAX / BLOCK;
    for (size_t i = 0; i < blocks && !t->bad; i++)
        take_block(t, ret, i);
}
