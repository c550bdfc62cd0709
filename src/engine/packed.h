/* packed: whole numbers in as few bytes each as their range needs. A number is low + raw × step;
 * what is not there (NONE) is raw 0, if anything is missing at all. */
#ifndef HETANG_PACKED_H
#define HETANG_PACKED_H

#include "base/base.h"

struct packed {
    uint8_t *bytes; /* count × width, and 8 more so that the last can be read whole */
    size_t count;
    uint64_t mask;
    i64 low, step;
    uint8_t width; /* 0 … 8 */
    bool holes;    /* raw 0 is NONE, and others are one higher */
    bool borrowed; /* the bytes are of a mapped file */
};

/* What follows from the width. */
static inline uint64_t packed_mask(uint8_t width)
{
    return width == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * width)) - 1;
}
void packed_make(struct packed *ret, const i64 *values, size_t count);
void packed_done(struct packed *p);
static inline size_t packed_bytes(const struct packed *p)
{
    return p->count * p->width;
}

static inline uint64_t packed_raw(const struct packed *p, size_t i)
{
    uint64_t w;
    memcpy(&w, p->bytes + i * p->width, 8);
    return w & p->mask;
}
static inline i64 packed_value(const struct packed *p, uint64_t raw)
{
    if (p->holes && !raw)
        return NONE;
    return (i64)((uint64_t)p->low + (raw - p->holes) * (uint64_t)p->step);
}
static inline i64 packed_get(const struct packed *p, size_t i)
{
    return packed_value(p, packed_raw(p, i));
}

#endif
