#include "base/utf8.h"
#include "base/base.h"

size_t utf8_step(str s)
{
    if (!s.len)
        return 0;
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || s.len < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
               (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : n;
}

bool utf8_valid(str s, size_t *ret_bad_at)
{
    for (size_t i = 0; i < s.len;) {
        uint64_t w;
        while (i + 8 <= s.len && (memcpy(&w, s.ptr + i, 8), !(w & UINT64_C(0x8080808080808080))))
            i += 8;
        if (i == s.len)
            break;
        size_t n = utf8_step(str_from(s, i));
        if (!n) {
            *ret_bad_at = i;
            return false;
        }
        i += n;
    }
    return true;
}

size_t utf8_count(str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; count++)
        i += MAX(utf8_step(str_from(s, i)), 1);
    return count;
}

str utf8_head(str s, size_t count)
{
    size_t i = 0;
    while (count-- && i < s.len)
        i += MAX(utf8_step(str_from(s, i)), 1);
    return str_head(s, i);
}

uint32_t utf8_code(str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    switch (utf8_step(s)) {
    case 1: return p[0];
    case 2: return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    case 3: return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    case 4:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
               (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
    default: return 0xfffd;
    }
}

/* Eight at a time, then one. */
size_t utf8_plain(str s, size_t at, bool ascii)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    size_t from = at;
    uint64_t w;
    while (at + 8 <= s.len) {
        memcpy(&w, s.ptr + at, 8);
        uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
        uint64_t hit = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
                       ((w - ones * 0x20) & ~w) | (ascii ? w : 0);
        if (hit & high)
            break;
        at += 8;
    }
    for (; at < s.len; at++) {
        unsigned char c = (unsigned char)s.ptr[at];
        if (c < 0x20 || c == '"' || c == '\\' || (ascii && c >= 0x80))
            break;
    }
    return at - from;
}

size_t utf8_put(uint32_t c, char out_[4])
{
    unsigned char *p = (unsigned char *)out_;
    assert(c <= 0x10ffff && (c < 0xd800 || c > 0xdfff));
    if (c < 0x80) {
        p[0] = (unsigned char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i; i--, c >>= 6)
        p[i] = (unsigned char)(0x80 | (c & 0x3f));
    p[0] = (unsigned char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
    return n;
}
