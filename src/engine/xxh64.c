/* From the published description of the algorithm (xxHash fast digest algorithm, version 0.2).
 * Words are read as little-endian machines have them. */
#include "engine/xxh64.h"

#define P1 UINT64_C(0x9e3779b185ebca87)
#define P2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define P3 UINT64_C(0x165667b19e3779f9)
#define P4 UINT64_C(0x85ebca77c2b2ae63)
#define P5 UINT64_C(0x27d4eb2f165667c5)

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static uint64_t word(const unsigned char *at)
{
    uint64_t w;
    memcpy(&w, at, sizeof w);
    return w;
}

static uint64_t mixed(uint64_t lane, uint64_t w)
{
    return rotate(lane + w * P2, 31) * P1;
}

static uint64_t joined(uint64_t h, uint64_t lane)
{
    return (h ^ mixed(0, lane)) * P1 + P4;
}

/* Whole stripes of 32 bytes, in four lanes. */
static uint64_t stripes(const unsigned char **at, const unsigned char *end)
{
    uint64_t a = P1 + P2, b = P2, c = 0, d = 0 - P1;
    const unsigned char *p = *at;
    for (; end - p >= 32; p += 32) {
        a = mixed(a, word(p));
        b = mixed(b, word(p + 8));
        c = mixed(c, word(p + 16));
        d = mixed(d, word(p + 24));
    }
    *at = p;
    uint64_t h = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    return joined(joined(joined(joined(h, a), b), c), d);
}

uint64_t xxh64(const void *bytes, size_t len)
{
    const unsigned char *at = bytes, *end = at + len;
    uint64_t h = (len >= 32 ? stripes(&at, end) : P5) + len;
    for (; end - at >= 8; at += 8)
        h = rotate(h ^ mixed(0, word(at)), 27) * P1 + P4;
    if (end - at >= 4) {
        uint32_t half;
        memcpy(&half, at, sizeof half);
        h = rotate(h ^ half * P1, 23) * P2 + P3;
        at += 4;
    }
    for (; at < end; at++)
        h = rotate(h ^ *at * P5, 11) * P1;
    h = (h ^ h >> 33) * P2;
    h = (h ^ h >> 29) * P3;
    return h ^ h >> 32;
}
