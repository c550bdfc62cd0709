#include "base/test.h"

#include "base/rand.h"

#include <float.h>
#include <math.h>

static void keeps_to_its_maximum(void **state)
{
    (void)state;
    struct strbuf sb CLEANUP(strbuf_done);
    strbuf_init(&sb, NULL, 5);
    out(&sb, S("abc"));
    out(&sb, S("def")); /* does not fit: dropped whole, and everything after it */
    out_c(&sb, 'x');
    assert_true(sb.overflow);
    assert_str(strbuf_str(&sb), "abc");
    assert_null(strbuf_reserve(&sb, 1));
    strbuf_clear(&sb);
    out(&sb, S("abcde"));
    assert_false(sb.overflow);
    assert_str(strbuf_str(&sb), "abcde");
    out(&sb, STR_NONE);
    assert_false(sb.overflow);
    assert_null(strbuf_reserve(&sb, SIZE_MAX)); /* no wrap-around */
}

static void in_an_arena(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf sb;
    strbuf_init(&sb, &a, 1 << 20);
    for (int i = 0; i < 10000; i++) {
        out_fmt(&sb, "%d,", i % 10);
        if (i % 1000 == 0)
            (void)arena_alloc(&a, 100); /* something else lies behind it: it must move */
    }
    assert_int_equal(sb.len, 20000);
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(sb.ptr[2 * i], '0' + (int)(i % 10));
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *text;
    } whole[] = { { 0, "0" },
                  { -7, "-7" },
                  { INT64_MAX, "9223372036854775807" },
                  { INT64_MIN, "-9223372036854775808" } };
    static const struct {
        double d;
        const char *text;
    } decimal[] = { { 0, "0" },
                    { 0.1, "0.1" },
                    { -2.5, "-2.5" },
                    { 1e21, "1e+21" },
                    { 1.0 / 3, "0.3333333333333333" },
                    { 5e-324, "4.94065645841247e-324" },
                    { INFINITY, "null" },
                    { NAN, "null" } };
    struct strbuf sb CLEANUP(strbuf_done);
    strbuf_init(&sb, NULL, 1000);
    for (size_t i = 0; i < COUNT(whole); i++) {
        strbuf_clear(&sb);
        out_i64(&sb, whole[i].n);
        assert_str(strbuf_str(&sb), whole[i].text);
    }
    for (size_t i = 0; i < COUNT(decimal); i++) {
        strbuf_clear(&sb);
        out_f64(&sb, decimal[i].d);
        assert_str(strbuf_str(&sb), decimal[i].text);
    }
}

static void decimals_read_back_the_same(void **state)
{
    (void)state;
    struct rnd r;
    uint64_t seed = 20260302;
    print_message("seed %llu\n", (unsigned long long)seed);
    rnd_seed(&r, seed);
    struct strbuf sb CLEANUP(strbuf_done);
    strbuf_init(&sb, NULL, 1000);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = rnd_u64(&r);
        double d, back = 0;
        memcpy(&d, &bits, sizeof d);
        if (!isfinite(d))
            continue;
        strbuf_clear(&sb);
        out_f64(&sb, d);
        assert_true(str_to_f64(strbuf_str(&sb), &back));
        assert_memory_equal(&back, &d, sizeof d);
    }
}

typedef void writer(struct strbuf *sb, str s);
static void escapes(void **state)
{
    (void)state;
    static const struct {
        writer *write;
        const char *in, *out;
    } cases[] = {
        { out_json, "a\"b\\c\n\t\r\x01\x1f", "\"a\\\"b\\\\c\\n\\t\\r\\u0001\\u001f\"" },
        { out_json, "荷塘 🌿 \x7f", "\"荷塘 🌿 \x7f\"" },
        { out_json, "\xff\xc0\x80z\xe8\x8d", "\"���z��\"" },
        { out_json, "", "\"\"" },
        { out_url, "a b/荷?&=~-_.", "a%20b%2F%E8%8D%B7%3F%26%3D~-_." },
        { out_html, "<a href=\"x\">'&'</a>",
          "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;" },
    };
    struct strbuf sb CLEANUP(strbuf_done);
    strbuf_init(&sb, NULL, 1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        strbuf_clear(&sb);
        cases[i].write(&sb, str_of(cases[i].in));
        assert_str(strbuf_str(&sb), cases[i].out);
    }
    strbuf_clear(&sb);
    out_json(&sb, (str) { "\0", 1 });
    assert_str(strbuf_str(&sb), "\"\\u0000\"");
}

static void base64(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool ok;
        const char *bytes;
    } cases[] = {
        { "", true, "" },
        { "Zg", true, "f" },
        { "Zg==", true, "f" },
        { "Zm8=", true, "fo" },
        { "Zm9v", true, "foo" },
        { "-_-_", true, "\xfb\xff\xbf" },
        { "+/+/", true, "\xfb\xff\xbf" },
        { "Z", false, NULL },
        { "Zg=a", false, NULL },
        { "Zm 9v", false, NULL },
        { "Zm9v\n", false, NULL },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        str got = STR_NONE;
        assert_int_equal(base64_read(&a, str_of(cases[i].in), &got), cases[i].ok);
        if (cases[i].ok)
            assert_str(got, cases[i].bytes);
    }
    uint8_t bytes[64];
    for (size_t len = 0; len <= sizeof bytes; len++) {
        struct strbuf sb;
        str back;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)(i * 37 + len);
        strbuf_init(&sb, &a, 1000);
        out_base64url(&sb, bytes, len);
        assert_true(base64_read(&a, strbuf_str(&sb), &back));
        assert_int_equal(back.len, len);
        assert_memory_equal(back.ptr, bytes, len);
    }
}

int strbuf_test(void);
int strbuf_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_to_its_maximum),
        cmocka_unit_test(in_an_arena),
        cmocka_unit_test(numbers),
        cmocka_unit_test(decimals_read_back_the_same),
        cmocka_unit_test(escapes),
        cmocka_unit_test(base64),
    };
    return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
