#include "base/test.h"

#include "base/rand.h"
#include "base/utf8.h"

static void steps(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t step;
        uint32_t code;
    } cases[] = {
        { "a", 1, 'a' },
        { "\x7f", 1, 0x7f },
        { "\xc2\x80", 2, 0x80 },
        { "\xdf\xbf", 2, 0x7ff },
        { "\xe0\xa0\x80", 3, 0x800 },
        { "荷", 3, 0x8377 },
        { "\xed\x9f\xbf", 3, 0xd7ff },
        { "\xee\x80\x80", 3, 0xe000 },
        { "\xef\xbf\xbf", 3, 0xffff },
        { "\xf0\x90\x80\x80", 4, 0x10000 },
        { "🌿", 4, 0x1f33f },
        { "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
        { "", 0, 0xfffd },
        { "\x80", 0, 0xfffd },     /* begins in the middle */
        { "\xc0\xaf", 0, 0xfffd }, /* overlong */
        { "\xc1\xbf", 0, 0xfffd },
        { "\xe0\x9f\xbf", 0, 0xfffd },
        { "\xf0\x8f\xbf\xbf", 0, 0xfffd },
        { "\xed\xa0\x80", 0, 0xfffd }, /* surrogate */
        { "\xed\xbf\xbf", 0, 0xfffd },
        { "\xf4\x90\x80\x80", 0, 0xfffd }, /* above U+10FFFF */
        { "\xf5\x80\x80\x80", 0, 0xfffd },
        { "\xff", 0, 0xfffd },
        { "\xe8\x8d", 0, 0xfffd }, /* cut short */
        { "\xe8\x8dz", 0, 0xfffd },
        { "\xf0\x9f\x8c", 0, 0xfffd },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        str s = str_of(cases[i].in);
        if (utf8_step(s) != cases[i].step || utf8_code(s) != cases[i].code)
            fail_msg("case %zu: %zu, U+%04X", i, utf8_step(s), utf8_code(s));
        char back[4];
        if (cases[i].step) {
            assert_int_equal(utf8_put(cases[i].code, back), cases[i].step);
            assert_memory_equal(back, s.ptr, cases[i].step);
        }
    }
}

static void every_code_point(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char text[4];
        size_t bad;
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        str s = { text, utf8_put(c, text) };
        if (utf8_code(s) != c || !utf8_valid(s, &bad) || utf8_count(s) != 1)
            fail_msg("U+%04X", c);
    }
}

static void finds_what_is_bad(void **state)
{
    (void)state;
    char text[40];
    for (size_t bad_at = 0; bad_at < sizeof text;
         bad_at++) { /* at every place of a word of eight */
        memset(text, 'a', sizeof text);
        text[bad_at] = '\xff';
        size_t at = 99;
        assert_false(utf8_valid((str) { text, sizeof text }, &at));
        assert_int_equal(at, bad_at);
    }
    size_t at = 99;
    assert_true(utf8_valid(S("荷塘 lotus pond 🌿 荷塘"), &at));
    assert_false(utf8_valid(str_head(S("荷塘"), 5), &at));
    assert_int_equal(at, 3);
}

static void counts_and_cuts(void **state)
{
    (void)state;
    assert_int_equal(utf8_count(S("荷塘 a🌿")), 5);
    assert_int_equal(utf8_count(S("\xff\xfe")), 2);
    assert_int_equal(utf8_count(S("")), 0);
    assert_str(utf8_head(S("荷塘a"), 2), "荷塘");
    assert_str(utf8_head(S("荷塘a"), 9), "荷塘a");
    assert_str(utf8_head(S("荷塘a"), 0), "");
}

/* Against the rule said one byte at a time, at every place of texts whose odd bytes stand anywhere.
 */
static void finds_the_plain(void **state)
{
    static const char odd[] = "\"\\\n\x1f \x7f\x80\xe8\xff~";
    struct rnd rnd;
    char text[40];
    (void)state;
    rnd_seed(&rnd, 7);
    for (int round = 0; round < 5000; round++) {
        str s = { text, (size_t)rnd_below(&rnd, sizeof text) };
        memset(text, 'a', sizeof text);
        for (uint64_t n = rnd_below(&rnd, 3) + 1; n; n--)
            text[rnd_below(&rnd, sizeof text)] = odd[rnd_below(&rnd, sizeof odd - 1)];
        for (size_t at = 0; at <= s.len; at++)
            for (int ascii = 0; ascii < 2; ascii++) {
                size_t n = 0;
                for (; at + n < s.len; n++) {
                    unsigned char c = (unsigned char)text[at + n];
                    if (c < 0x20 || c == '"' || c == '\\' || (ascii && c > 0x7f))
                        break;
                }
                assert_int_equal(utf8_plain(s, at, ascii), n);
            }
    }
}

int utf8_test(void);
int utf8_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps),
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(finds_what_is_bad),
        cmocka_unit_test(counts_and_cuts),
        cmocka_unit_test(finds_the_plain),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
