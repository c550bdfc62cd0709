#include "engine/values.h"

static struct values_block *block_of(struct values *v, size_t block)
{
    if (block >= v->block_count) {
        size_t count = MAX(block + 1, 2 * v->block_count);
        v->blocks = xrealloc(v->blocks, count * sizeof *v->blocks);
        memset(v->blocks + v->block_count, 0, (count - v->block_count) * sizeof *v->blocks);
        v->block_count = count;
    }
    return &v->blocks[block];
}

static void raw_put(struct values_block *b, size_t at, i64 value)
{
    uint64_t raw = value == NONE ? 0 : (uint64_t)value - (uint64_t)b->base;
    memcpy(b->bytes + at * b->width, &raw, b->width);
}

static bool has_room(const struct values_block *b, i64 value)
{
    return b->width && value > b->base &&
           (uint64_t)value - (uint64_t)b->base <= packed_mask(b->width);
}

/* An empty block that has room for low … high. What the width leaves over lies on both sides, so
 * that numbers that come in order, up or down, change the block seldom. In eight bytes there is
 * room for all: base is NONE, which is below any number. */
static struct values_block block_make(i64 low, i64 high)
{
    struct values_block b = { .width = 1, .base = NONE };
    uint64_t range = (uint64_t)high - (uint64_t)low;
    while (b.width < 8 && range >= packed_mask(b.width))
        b.width++;
    uint64_t left = (packed_mask(b.width) - 1 - range) / 2,
             most = (uint64_t)low - (uint64_t)(NONE + 1);
    if (b.width < 8)
        b.base = (i64)((uint64_t)low - 1 - MIN(left, most));
    b.bytes = xcalloc((size_t)BLOCK * b.width + 8, 1);
    return b;
}

static i64 block_get(const struct values_block *b, size_t at)
{
    return values_get(&(struct values) { (struct values_block *)(uintptr_t)b, 1 }, at);
}

static void make_room(struct values_block *b, i64 value)
{
    i64 low = value, high = value;
    for (size_t i = 0; b->width && i < BLOCK; i++) {
        i64 old = block_get(b, i);
        low = old == NONE ? low : MIN(low, old);
        high = old == NONE ? high : MAX(high, old);
    }
    struct values_block wider = block_make(low, high);
    for (size_t i = 0; b->width && i < BLOCK; i++)
        raw_put(&wider, i, block_get(b, i));
    free(b->bytes);
    *b = wider;
}

void values_put(struct values *v, size_t ordinal, i64 value)
{
    size_t block = ordinal / BLOCK;
    if (value == NONE && !values_block(v, block))
        return;
    struct values_block *b = block_of(v, block);
    if (value != NONE && !has_room(b, value))
        make_room(b, value);
    raw_put(b, ordinal % BLOCK, value);
}

void values_fill(struct values *v, const i64 *values, size_t count)
{
    for (size_t from = 0; from < count; from += BLOCK) {
        size_t n = MIN(count - from, (size_t)BLOCK);
        i64 low = INT64_MAX, high = NONE;
        for (size_t i = 0; i < n; i++) {
            low = values[from + i] == NONE ? low : MIN(low, values[from + i]);
            high = MAX(high, values[from + i]);
        }
        struct values_block *b = block_of(v, from / BLOCK);
        if (high == NONE)
            continue;
        *b = block_make(low, high);
        for (size_t i = 0; i < n; i++)
            raw_put(b, i, values[from + i]);
    }
}

bool values_any(const struct values *v)
{
    for (size_t i = 0; i < v->block_count * BLOCK; i++)
        if (values_get(v, i) != NONE)
            return true;
    return false;
}

size_t values_bytes(const struct values *v)
{
    size_t bytes = v->block_count * sizeof *v->blocks;
    for (size_t i = 0; i < v->block_count; i++)
        bytes += (size_t)BLOCK * v->blocks[i].width;
    return bytes;
}

void values_done(struct values *v)
{
    for (size_t i = 0; i < v->block_count; i++)
        free(v->blocks[i].bytes);
    free(v->blocks);
    *v = (struct values) { 0 };
}

struct raw_span values_span(const struct values_block *b, i64 low, i64 high)
{
    if (!b || high < low || high <= b->base)
        return (struct raw_span) { .empty = true };
    uint64_t mask = packed_mask(b->width),
             first = low > b->base ? (uint64_t)low - (uint64_t)b->base : 1,
             last = (uint64_t)high - (uint64_t)b->base;
    if (first > mask)
        return (struct raw_span) { .empty = true };
    return (struct raw_span) { .low = first, .span = MIN(last, mask) - first };
}

#define WITHIN(type)                                           \
    for (int k = 0; k < 64; k++) {                             \
        type raw;                                              \
        memcpy(&raw, at + (size_t)k * sizeof raw, sizeof raw); \
        within[k] = (type)(raw - (type)s.low) <= (type)s.span; \
    }                                                          \
    break

uint64_t values_within(const struct values_block *b, size_t word, struct raw_span s)
{
    uint8_t within[64];
    if (s.empty)
        return 0;
    const uint8_t *at = b->bytes + 64 * word * b->width;
    switch (b->width) {
    case 1: WITHIN(uint8_t);
    case 2: WITHIN(uint16_t);
    case 4: WITHIN(uint32_t);
    case 8: WITHIN(uint64_t);
    default:
        for (int k = 0; k < 64; k++) {
            uint64_t raw;
            memcpy(&raw, at + (size_t)k * b->width, sizeof raw);
            within[k] = (raw & packed_mask(b->width)) - s.low <= s.span;
        }
    }
    return bits_of_bytes(within);
}
