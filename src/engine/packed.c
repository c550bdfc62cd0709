#include "engine/packed.h"

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Differences are taken in unsigned arithmetic: the range of any two int64 fits. */
void packed_make(struct packed *ret, const i64 *values, size_t count)
{
    struct packed p = { .count = count, .low = INT64_MAX };
    i64 high = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        p.holes |= values[i] == NONE;
        if (values[i] == NONE)
            continue;
        p.low = MIN(p.low, values[i]);
        high = MAX(high, values[i]);
    }
    if (high < p.low) { /* nothing is there: no byte is needed to say so */
        *ret = (struct packed) { .count = count, .holes = true, .bytes = xcalloc(8, 1) };
        return;
    }
    uint64_t step = 0, range = (uint64_t)high - (uint64_t)p.low;
    for (size_t i = 0; i < count && step != 1; i++)
        if (values[i] != NONE)
            step = gcd((uint64_t)values[i] - (uint64_t)p.low, step);
    step = step && step <= INT64_MAX ? step : 1;
    p.step = (i64)step;
    uint64_t most = range / step;
    p.holes &= most < UINT64_MAX; /* NONE is no value, so a full range cannot have holes */
    most += p.holes;
    while (p.width < 8 && most >> (8 * p.width))
        p.width++;
    p.mask = packed_mask(p.width);
    p.bytes = xcalloc(count * p.width + 8, 1);
    for (size_t i = 0; i < count; i++) {
        uint64_t raw =
            values[i] == NONE ? 0 : ((uint64_t)values[i] - (uint64_t)p.low) / step + p.holes;
        memcpy(p.bytes + i * p.width, &raw, p.width);
    }
    *ret = p;
}

void packed_done(struct packed *p)
{
    if (!p->borrowed)
        free(p->bytes);
    *p = (struct packed) { 0 };
}
