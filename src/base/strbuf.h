/* strbuf: a growing text with a maximum it was born with. Writing past the maximum sets `overflow`
 * and drops the text; the owner looks once, at the end. There is one output function per context,
 * so the name at the call site is the review. */
#ifndef HETANG_STRBUF_H
#define HETANG_STRBUF_H

#include <stdarg.h>

#include "base/arena.h"

struct strbuf {
    char *ptr;
    size_t len, cap, max;
    bool overflow;
    struct arena *arena; /* NULL: heap, freed by strbuf_done() */
};

void strbuf_init(struct strbuf *sb, struct arena *arena, size_t max);
void strbuf_done(struct strbuf *sb);
void strbuf_clear(struct strbuf *sb);
str strbuf_str(const struct strbuf *sb);           /* valid until the next write */
char *strbuf_grow(struct strbuf *sb, size_t size); /* for strbuf_reserve() */
/* Room for `size` more bytes at the end, or NULL on overflow; the caller writes there and adds to
 * len. */
static inline char *strbuf_reserve(struct strbuf *sb, size_t size)
{
    bool room = sb->ptr && !sb->overflow && sb->cap - sb->len >= size;
    return room ? sb->ptr + sb->len : strbuf_grow(sb, size);
}

void out(struct strbuf *sb, str s);           /* as it is */
void out_z(struct strbuf *sb, const char *z); /* as it is */
void out_c(struct strbuf *sb, char c);
void out_i64(struct strbuf *sb, int64_t n);
void out_f64(struct strbuf *sb,
             double d); /* shortest text that reads back the same; null if not finite */
void out_fmt(struct strbuf *sb, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_json(struct strbuf *sb,
              str s); /* a quoted JSON string; bytes that are not UTF-8 become U+FFFD */
void out_url(struct strbuf *sb, str s);  /* percent-encoded for a path segment or query value */
void out_html(struct strbuf *sb, str s); /* text or attribute value */
void out_hex(struct strbuf *sb, const uint8_t *bytes, size_t len);
void out_base64url(struct strbuf *sb, const uint8_t *bytes,
                   size_t len);                                       /* no padding; RFC 4648 §5 */
void out_base32(struct strbuf *sb, const uint8_t *bytes, size_t len); /* no padding; RFC 4648 §6 */
/* Reads base64url or base64, padded or not. False on any other byte. */
bool base64_read(struct arena *a, str s, str *ret);

#endif
