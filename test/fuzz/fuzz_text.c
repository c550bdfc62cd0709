/* Any bytes as a number, a time, a day, hex, base64, a URL: what is read is written and read as the
 * same. The first byte says as what. */
#include "base/base.h"
#include "base/time.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_i64(struct arena *a, str s)
{
    i64 n, again;
    (void)a;
    if (!str_to_i64(s, &n))
        return;
    struct strbuf sb;
    strbuf_init(&sb, a, 100);
    out_i64(&sb, n);
    assert(str_to_i64(strbuf_str(&sb), &again) && again == n);
}

static void as_f64(struct arena *a, str s)
{
    f64 d, again;
    if (!str_to_f64(s, &d))
        return;
    struct strbuf sb;
    strbuf_init(&sb, a, 100);
    out_f64(&sb, d);
    assert(str_to_f64(strbuf_str(&sb), &again) && again == d);
}

static void as_instant(struct arena *a, str s)
{
    instant t, again;
    if (!instant_read(s, &t))
        return;
    struct strbuf sb;
    strbuf_init(&sb, a, 100);
    out_instant(&sb, t);
    assert(instant_read(strbuf_str(&sb), &again) && again.ms == t.ms);
}

static void as_day(struct arena *a, str s)
{
    day d, again;
    if (!day_read(s, &d))
        return;
    struct strbuf sb;
    strbuf_init(&sb, a, 100);
    out_day(&sb, d);
    assert(day_read(strbuf_str(&sb), &again) && again.n == d.n && str_eq(strbuf_str(&sb), s));
}

static void as_base64(struct arena *a, str s)
{
    str bytes, again;
    struct strbuf sb;
    strbuf_init(&sb, a, 64 << 20);
    out_base64url(&sb, (const uint8_t *)s.ptr, s.len);
    assert(base64_read(a, strbuf_str(&sb), &bytes) && str_eq(bytes, s));
    if (!base64_read(a, s, &bytes))
        return;
    strbuf_clear(&sb);
    out_base64url(&sb, (const uint8_t *)bytes.ptr, bytes.len);
    assert(base64_read(a, strbuf_str(&sb), &again) && str_eq(bytes, again));
}

static void as_escaped(struct arena *a, str s)
{
    struct strbuf sb;
    size_t bad;
    strbuf_init(&sb, a, 64 << 20);
    out_html(&sb, s);
    str html = strbuf_str(&sb);
    for (size_t i = 0; i < html.len; i++)
        assert(html.ptr[i] != '<' && html.ptr[i] != '"');
    strbuf_clear(&sb);
    out_url(&sb, s);
    str url = strbuf_str(&sb);
    for (size_t i = 0; i < url.len; i++)
        assert(url.ptr[i] > ' ' && url.ptr[i] < 127);
    strbuf_clear(&sb);
    out_json(&sb, s);
    assert(utf8_valid(strbuf_str(&sb), &bad));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const as[])(struct arena * a, str s) = { as_i64, as_f64,    as_instant,
                                                           as_day, as_base64, as_escaped };
    struct arena a CLEANUP(arena_done) = { 0 };
    if (size)
        as[data[0] % COUNT(as)](&a, (str) { (const char *)data + 1, size - 1 });
    return 0;
}
