#include "base/base.h"
#include "base/utf8.h"

void strbuf_init(struct strbuf *sb, struct arena *arena, size_t max)
{
    assert(max > 0 && max < SIZE_MAX / 4);
    *sb = (struct strbuf) { .arena = arena, .max = max };
}

void strbuf_done(struct strbuf *sb)
{
    if (!sb->arena)
        free(sb->ptr);
    *sb = (struct strbuf) { .arena = sb->arena, .max = sb->max };
}

void strbuf_clear(struct strbuf *sb)
{
    sb->len = 0;
    sb->overflow = false;
}

str strbuf_str(const struct strbuf *sb)
{
    return (str) { sb->ptr ? sb->ptr : "", sb->len };
}

char *strbuf_grow(struct strbuf *sb, size_t size)
{
    if (sb->overflow || size > sb->max - sb->len) {
        sb->overflow = true;
        return NULL;
    }
    size_t cap = MAX(MAX(sb->cap * 2, sb->len + size), 256);
    cap = MIN(cap, sb->max);
    sb->ptr = sb->arena ? arena_grow(sb->arena, sb->ptr, sb->cap, cap) : xrealloc(sb->ptr, cap);
    sb->cap = cap;
    return sb->ptr + sb->len;
}

void out(struct strbuf *sb, str s)
{
    char *to = strbuf_reserve(sb, s.len);
    if (to && s.len) {
        memcpy(to, s.ptr, s.len);
        sb->len += s.len;
    }
}

void out_z(struct strbuf *sb, const char *z)
{
    out(sb, str_of(z));
}

void out_c(struct strbuf *sb, char c)
{
    char *to = strbuf_reserve(sb, 1);
    if (to) {
        *to = c;
        sb->len++;
    }
}

void out_i64(struct strbuf *sb, int64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do
        digits[--at] = (char)('0' + u % 10);
    while (u /= 10);
    if (n < 0)
        out_c(sb, '-');
    out(sb, (str) { digits + at, sizeof digits - at });
}

void out_f64(struct strbuf *sb, double d)
{
    char text[40];
    if (!__builtin_isfinite(d)) {
        out(sb, S("null"));
        return;
    }
    int len = 0;
    for (int digits = 15; digits <= 17; digits++) {
        len = snprintf(text, sizeof text, "%.*g", digits, d);
        double back = 0;
        if (str_to_f64((str) { text, (size_t)len }, &back) && memcmp(&back, &d, sizeof d) == 0)
            break;
    }
    out(sb, (str) { text, (size_t)len });
}

void out_fmt(struct strbuf *sb, const char *format, ...)
{
    char text[256], *to = text;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert(len >= 0);
    if ((size_t)len >= sizeof text) {
        to = xmalloc((size_t)len + 1);
        vsnprintf(to, (size_t)len + 1, format, again);
    }
    va_end(again);
    out(sb, (str) { to, (size_t)len });
    if (to != text)
        free(to);
}

static const char hex_digits[] = "0123456789abcdef";

void out_json(struct strbuf *sb, str s)
{
    out_c(sb, '"');
    size_t from = 0;
    for (size_t i = 0; (i += utf8_plain(s, i, true)) < s.len;) {
        unsigned char c = (unsigned char)s.ptr[i];
        size_t wide = c >= 0x80 ? utf8_step(str_from(s, i)) : 0;
        if (wide) {
            i += wide;
            continue;
        }
        out(sb, (str) { s.ptr + from, i - from });
        if (c >= 0x80)
            out(sb, S("\xEF\xBF\xBD"));
        else if (c == '"' || c == '\\')
            out(sb, (str) { (char[]) { '\\', (char)c }, 2 });
        else if (c == '\n')
            out(sb, S("\\n"));
        else if (c == '\t')
            out(sb, S("\\t"));
        else if (c == '\r')
            out(sb, S("\\r"));
        else
            out(sb,
                (str) { (char[]) { '\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15] },
                        6 });
        from = ++i;
    }
    out(sb, (str) { s.ptr + from, s.len - from });
    out_c(sb, '"');
}

void out_url(struct strbuf *sb, str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            out_c(sb, (char)c);
        else
            out_fmt(sb, "%%%02X", c);
    }
}

void out_html(struct strbuf *sb, str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        switch (c) {
        case '<': out(sb, S("&lt;")); break;
        case '>': out(sb, S("&gt;")); break;
        case '&': out(sb, S("&amp;")); break;
        case '"': out(sb, S("&quot;")); break;
        case '\'': out(sb, S("&#39;")); break;
        default: out_c(sb, c);
        }
    }
}

void out_hex(struct strbuf *sb, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out_c(sb, hex_digits[bytes[i] >> 4]);
        out_c(sb, hex_digits[bytes[i] & 15]);
    }
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void out_base64url(struct strbuf *sb, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 3) {
        size_t n = MIN(len - i, 3);
        uint32_t w = (uint32_t)bytes[i] << 16 | (n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                     (n > 2 ? bytes[i + 2] : 0);
        for (size_t k = 0; k <= n; k++)
            out_c(sb, base64_digits[w >> (18 - 6 * k) & 63]);
    }
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' || c == '+' ? 62 : c == '_' || c == '/' ? 63 : -1;
}

void out_base32(struct strbuf *sb, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t bits = 0;
    int count = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (count += 8; count >= 5; count -= 5)
            out_c(sb, digits[bits >> (count - 5) & 31]);
    }
    if (count)
        out_c(sb, digits[bits << (5 - count) & 31]);
}

bool base64_read(struct arena *a, str s, str *ret)
{
    while (s.len && s.ptr[s.len - 1] == '=')
        s.len--;
    if (s.len % 4 == 1)
        return false;
    char *to = arena_alloc(a, s.len + 1);
    size_t len = 0;
    uint32_t w = 0;
    unsigned bits = 0; /* of w that are not written yet */
    for (size_t i = 0; i < s.len; i++) {
        int v = base64_value(s.ptr[i]);
        if (v < 0)
            return false;
        w = w << 6 | (uint32_t)v;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            to[len++] = (char)(w >> bits & 0xff);
        }
    }
    *ret = (str) { to, len };
    return true;
}
