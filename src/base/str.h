/* str: a read-only run of bytes passed by value. It need not end in NUL, never owns its memory, and
 * {NULL, 0} is "none", which differs from the empty text. Bytes are UTF-8 unless a name says
 * otherwise. */
#ifndef HETANG_STR_H
#define HETANG_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *ptr;
    size_t len;
} str;

#define S(literal) ((str) { "" literal, sizeof(literal) - 1 })
#define STR_NONE   ((str) { NULL, 0 })
/* For printf: "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline str str_of(const char *z)
{
    return (str) { z, z ? strlen(z) : 0 };
}
static inline bool str_eq(str a, str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool str_is(str a, const char *z)
{
    return str_eq(a, str_of(z));
}
static inline str str_from(str s, size_t at)
{
    return at >= s.len ? (str) { s.ptr + s.len, 0 } : (str) { s.ptr + at, s.len - at };
}
static inline str str_head(str s, size_t len)
{
    return (str) { s.ptr, len < s.len ? len : s.len };
}

int str_cmp(str a, str b); /* bytewise, shorter first; <0, 0, >0 */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);
bool str_ieq(str a, str b); /* ASCII case-insensitive */
bool str_has(str s, str part);
size_t str_find(str s, char c); /* index of the first c, or s.len */
str str_trim(str s);            /* without ASCII white space at both ends */
/* Cuts at the first `sep`: the part before is returned, *rest becomes the part behind it (empty
 * when none). */
str str_cut(str *rest, char sep);
/* Whole text must be the number: optional sign, digits. False on anything else or overflow; *ret
 * untouched then. */
bool str_to_i64(str s, int64_t *ret);
bool str_to_f64(str s, double *ret);                  /* finite decimal, '.' whatever the locale */
bool str_from_hex(str hex, uint8_t *out, size_t len); /* exactly 2*len digits */
/* 64-bit mixing hash; the same on every machine and run. Not for secrets and not against attackers.
 */
uint64_t str_hash(str s);
uint64_t u64_hash(uint64_t x);

#endif
