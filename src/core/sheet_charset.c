#include "core/sheet_parts.h"

#include <errno.h>

#include "base/utf8.h"

static const struct {
    enum sheet_charset charset;
    const char *name;
    const char *iconv; /* NULL: passes as it is */
    str mark;
} charsets[] = {
    { SHEET_CHARSET_GUESS, "", NULL, { NULL, 0 } },
    { SHEET_UTF8, "UTF-8", NULL, S("\xEF\xBB\xBF") },
    { SHEET_UTF16LE, "UTF-16LE", "UTF-16LE", S("\xFF\xFE") },
    { SHEET_UTF16BE, "UTF-16BE", "UTF-16BE", S("\xFE\xFF") },
    { SHEET_GB18030, "GB18030", "GB18030", S("\x84\x31\x95\x33") },
    { SHEET_WINDOWS_1252, "Windows-1252", "CP1252", { NULL, 0 } },
};

static const struct {
    const char *name;
    enum sheet_charset charset;
} spellings[] = {
    { "utf8", SHEET_UTF8 },
    { "utf-8", SHEET_UTF8 },
    { "utf-16le", SHEET_UTF16LE },
    { "utf-16be", SHEET_UTF16BE },
    { "gb18030", SHEET_GB18030 },
    { "gbk", SHEET_GB18030 },
    { "gb2312", SHEET_GB18030 },
    { "cp936", SHEET_GB18030 },
    { "windows-1252", SHEET_WINDOWS_1252 },
    { "cp1252", SHEET_WINDOWS_1252 },
    { "iso-8859-1", SHEET_WINDOWS_1252 },
    { "latin1", SHEET_WINDOWS_1252 },
};

const char *sheet_charset_name(enum sheet_charset charset)
{
    assert(charset < COUNT(charsets) && charsets[charset].charset == charset);
    return charsets[charset].name;
}

bool sheet_charset_read(str name, enum sheet_charset *ret)
{
    for (size_t i = 0; i < COUNT(spellings); i++) {
        if (str_ieq(name, str_of(spellings[i].name))) {
            *ret = spellings[i].charset;
            return true;
        }
    }
    return false;
}

/* A sample may end inside a character. */
static bool is_utf8(str sample, bool whole)
{
    size_t bad = 0;
    if (utf8_valid(sample, &bad))
        return true;
    str rest = str_from(sample, bad);
    if (whole || rest.len > 3 || (unsigned char)rest.ptr[0] < 0xc2)
        return false;
    for (size_t i = 1; i < rest.len; i++)
        if (((unsigned char)rest.ptr[i] & 0xc0) != 0x80)
            return false;
    return true;
}

static bool is_gb18030(str sample, bool whole)
{
    char out_[4096], *from = (char *)sample.ptr;
    size_t left = sample.len;
    iconv_t cd = iconv_open("UTF-8", "GB18030");
    if (cd == (iconv_t)-1)
        return false;
    bool good = true;
    while (good && left) {
        char *to = out_;
        size_t room = sizeof out_;
        if (iconv(cd, &from, &left, &to, &room) != (size_t)-1 || errno == E2BIG)
            continue;
        good = errno == EINVAL && !whole;
        break;
    }
    iconv_close(cd);
    return good;
}

enum sheet_charset charset_guess(enum sheet_charset forced, str sample, bool whole,
                                 size_t *ret_mark)
{
    for (size_t i = 0; i < COUNT(charsets); i++) {
        bool marked = charsets[i].mark.len && str_starts(sample, charsets[i].mark);
        if (marked && (!forced || forced == charsets[i].charset)) {
            *ret_mark = charsets[i].mark.len;
            return charsets[i].charset;
        }
    }
    *ret_mark = 0;
    if (forced)
        return forced;
    if (is_utf8(sample, whole))
        return SHEET_UTF8;
    return is_gb18030(sample, whole) ? SHEET_GB18030 : SHEET_WINDOWS_1252;
}

enum err decoder_open(struct ctx *cx, struct decoder *d, enum sheet_charset charset)
{
    *d = (struct decoder) { .charset = charset };
    const char *name = charsets[charset].iconv;
    if (!name)
        return OK;
    d->cd = iconv_open("UTF-8", name);
    if (d->cd == (iconv_t)-1)
        return refuse(cx, "本机不支持这种编码", "This machine does not know that charset");
    d->open = true;
    d->in = xmalloc(PACKED_SIZE);
    return OK;
}

void decoder_done(struct decoder *d)
{
    if (d->open)
        iconv_close(d->cd);
    free(d->in);
    *d = (struct decoder) { 0 };
}

/* What is left over moves to the front and more is put behind it. */
static enum err decoder_fill(struct ctx *cx, struct decoder *d, struct bytes *b)
{
    size_t more = 0;
    memmove(d->in, d->in + d->in_at, d->in_len - d->in_at);
    d->in_len -= d->in_at;
    d->in_at = 0;
    TRY(bytes_read(cx, b, d->in + d->in_len, PACKED_SIZE - d->in_len, &more));
    d->in_len += more;
    d->in_end = more == 0;
    return OK;
}

enum err decoder_read(struct ctx *cx, struct decoder *d, struct bytes *b, char *to, size_t size,
                      size_t *ret_len)
{
    size_t unit = d->charset == SHEET_UTF16LE || d->charset == SHEET_UTF16BE ? 2 : 1;
    char *at = to;
    assert(size >= 16);
    if (!d->open)
        return bytes_read(cx, b, to, size, ret_len);
    for (bool more = d->in_at == d->in_len; at == to;) {
        if (more && !d->in_end)
            TRY(decoder_fill(cx, d, b));
        if (d->in_at == d->in_len && d->in_end)
            break;
        /* One byte stays free for a BAD_BYTE. */
        char *from = d->in + d->in_at;
        size_t left = d->in_len - d->in_at, room = size - 1;
        size_t r = iconv(d->cd, &from, &left, &at, &room);
        int why = errno;
        d->in_at = d->in_len - left;
        more = left == 0;
        if (r != (size_t)-1 || why == E2BIG)
            continue;
        more = why == EINVAL && !d->in_end; /* a character is cut by the end of what is at hand */
        if (!more) {
            *at++ = BAD_BYTE;
            d->in_at += MIN(unit, left);
        }
    }
    *ret_len = (size_t)(at - to);
    return OK;
}

bool text_is_dirty(str text)
{
    const uint64_t high = UINT64_C(0x8080808080808080), low = UINT64_C(0x0101010101010101);
    for (size_t i = 0; i < text.len;) {
        uint64_t w;
        /* Eight bytes of ASCII without NUL: no high bit, and none that a borrow would set. */
        while (i + 8 <= text.len && (memcpy(&w, text.ptr + i, 8), !((w | ((w - low) & ~w)) & high)))
            i += 8;
        if (i == text.len)
            break;
        size_t n = text.ptr[i] ? utf8_step(str_from(text, i)) : 0;
        if (!n)
            return true;
        i += n;
    }
    return false;
}

size_t text_repair(str text, char *to, size_t *ret_len)
{
    size_t replaced = 0, len = 0;
    for (size_t i = 0; i < text.len;) {
        size_t n = text.ptr[i] ? utf8_step(str_from(text, i)) : 0;
        memcpy(to + len, n ? text.ptr + i : "\xEF\xBF\xBD", n ? n : 3);
        len += n ? n : 3;
        i += n ? n : 1;
        replaced += !n;
    }
    *ret_len = len;
    return replaced;
}
