#include "core/sheet_testing.h"

static const struct {
    const char *what;
    str in;
    enum sheet_charset charset;
    const char *out;
} cases[] = {
    { "ASCII", S("a,b\n"), SHEET_UTF8, "1:a|b\n" },
    { "UTF-8", S("荷塘,é\n"), SHEET_UTF8, "1:荷塘|é\n" },
    { "UTF-8 with its mark", S("\xEF\xBB\xBF荷塘,é\n"), SHEET_UTF8, "1:荷塘|é\n" },
    { "a mark and then bytes that are none", S("\xEF\xBB\xBF荷\xff\xfe,\x80y\n"), SHEET_UTF8,
      "1:荷\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBDy?3\n" },
    { "U+FFFD that was there before", S("\xEF\xBF\xBD,b\n"), SHEET_UTF8, "1:\xEF\xBF\xBD|b\n" },
    { "GB18030", S("\xba\xc9\xcc\xc1,\xd0\xd5\xc3\xfb\n"), SHEET_GB18030, "1:荷塘|姓名\n" },
    { "four bytes for a rare character", S("\x95\x34\xb2\x35,\xba\xc9\n"), SHEET_GB18030,
      "1:𠮷|荷\n" },
    { "a second byte that is a bar", S("\x8e\x7c,\xba\xc9\n"), SHEET_GB18030, "1:巪|荷\n" },
    { "GB18030 with its mark", S("\x84\x31\x95\x33\xba\xc9,b\n"), SHEET_GB18030, "1:荷|b\n" },
    { "Windows-1252", S("caf\xe9,\x80 5\n"), SHEET_WINDOWS_1252, "1:café|€ 5\n" },
    { "UTF-16LE", S("\xFF\xFE\x77\x83,\0\x58\x58\n\0"), SHEET_UTF16LE, "1:荷|塘\n" },
    { "UTF-16BE", S("\xFE\xFF\x83\x77\0,\x58\x58\0\n"), SHEET_UTF16BE, "1:荷|塘\n" },
    { "UTF-16LE beyond the plane", S("\xFF\xFE\x42\xd8\xb7\xdf,\0b\0"), SHEET_UTF16LE, "1:𠮷|b\n" },
    { "UTF-16LE with half a pair", S("\xFF\xFE\x42\xd8,\0b\0\n\0"), SHEET_UTF16LE,
      "1:\xEF\xBF\xBD|b?1\n" },
    { "UTF-16LE that ends in half a character", S("\xFF\xFE,\0b\0c"), SHEET_UTF16LE,
      "1:|b\xEF\xBF\xBD?1\n" },
    { "NUL", S("a\0b,a line long enough\n"), SHEET_UTF8,
      "1:a\xEF\xBF\xBD"
      "b|a line long enough?1\n" },
};

static void finds_out_the_charset(void **state)
{
    struct sheet_options o = { .headless = true, .separator = ',' };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sheet_bench b;
        struct sheet *s CLEANUP(sheet_closep) = NULL;
        bench_begin(&b);
        const char *path = bench_file(&b, "x.csv", cases[i].in);
        str out_ = bench_read(&b, path, &o);
        if (!str_is(out_, cases[i].out))
            print_message("case: %s\n", cases[i].what);
        assert_str(out_, cases[i].out);
        assert_ok(sheet_open(&b.cx, path, &o, &s));
        assert_int_equal(sheet_info(s)->charset, cases[i].charset);
        bench_end(&b);
    }
}

static void can_be_told(void **state)
{
    static const struct {
        enum sheet_charset charset;
        str in;
        const char *out;
    } forced[] = {
        { SHEET_WINDOWS_1252, S("\xba\xc9,b\n"), "1:ºÉ|b\n" },
        { SHEET_WINDOWS_1252, S("\x81,b\n"), "1:\xEF\xBF\xBD|b?1\n" },
        { SHEET_GB18030, S("\xba,b\xff\n\xc9\xcf"), "1:\xEF\xBF\xBD|b\xEF\xBF\xBD?2\n2:上\n" },
        { SHEET_GB18030, S("b,\xba"), "1:b|\xEF\xBF\xBD?1\n" },
        { SHEET_UTF8, S("\xba\xc9,b\n"), "1:\xEF\xBF\xBD\xEF\xBF\xBD|b?2\n" },
        { SHEET_UTF8,
          S("\xEF\xBB\xBF"
            "a,b\n"),
          "1:a|b\n" },
        { SHEET_UTF16LE, S("a\0,\0b\0"), "1:a|b\n" },
        { SHEET_UTF16BE, S("\0a\0,\0b"), "1:a|b\n" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(forced); i++) {
        struct sheet_bench b;
        struct sheet_options o = { .headless = true,
                                   .separator = ',',
                                   .charset = forced[i].charset };
        bench_begin(&b);
        assert_str(bench_read(&b, bench_file(&b, "x.csv", forced[i].in), &o), forced[i].out);
        bench_end(&b);
    }
}

/* A sample that ends inside a character is no less of its charset. */
static void a_sample_may_end_anywhere(void **state)
{
    size_t mark = 0;
    str utf8 = S("é荷𠮷"), gb = S("\xba\xc9\x95\x34\xb2\x35");
    (void)state;
    for (size_t len = 0; len <= utf8.len; len++)
        assert_int_equal(charset_guess(SHEET_CHARSET_GUESS, str_head(utf8, len), false, &mark),
                         SHEET_UTF8);
    for (size_t len = 1; len <= gb.len; len++)
        assert_int_equal(charset_guess(SHEET_CHARSET_GUESS, str_head(gb, len), false, &mark),
                         SHEET_GB18030);
    assert_int_equal(charset_guess(SHEET_CHARSET_GUESS, S("\xba"), true, &mark),
                     SHEET_WINDOWS_1252);
    assert_int_equal(charset_guess(SHEET_CHARSET_GUESS, S("ab\xe8"), true, &mark),
                     SHEET_WINDOWS_1252);
}

/* Two bytes a character, so that chunks end inside one at any place. */
static void chunks_make_no_difference(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        struct sheet_bench b;
        struct sheet_options o = { .headless = true, .charset = SHEET_GB18030 };
        struct strbuf sb;
        size_t rows = 40000;
        bench_begin(&b);
        strbuf_init(&sb, &b.arena, 4 << 20);
        out(&sb, str_head(S("xx"), shift));
        for (size_t i = 0; i < rows; i++)
            out(&sb, S("\x95\x34\xb2\x35\xba\xc9,\xcc\xc1\n"));
        str out_ = bench_read(&b, bench_file(&b, "x.csv", strbuf_str(&sb)), &o);
        (void)str_cut(&out_, '\n');
        for (size_t i = 1; i < rows; i++)
            assert_true(str_ends(str_cut(&out_, '\n'), S(":𠮷荷|塘")));
        assert_int_equal(out_.len, 0);
        bench_end(&b);
    }
}

/* U+FFFD is three bytes where one was. */
static void a_cell_may_grow_too_long(void **state)
{
    struct sheet_bench b;
    struct sheet_options o = { .charset = SHEET_UTF8, .headless = true };
    static char text[30004];
    (void)state;
    bench_begin(&b);
    memset(text, 0xff, 30000);
    memcpy(text + 30000, "\na,b", 4);
    const char *path = bench_file(&b, "x.csv", (str) { text, sizeof text });
    assert_str(bench_read(&b, path, &o), "1:!cell_too_long?30000\n2:a|b\n");
    bench_end(&b);
}

static void knows_names(void **state)
{
    enum sheet_charset c = SHEET_CHARSET_GUESS;
    (void)state;
    assert_true(sheet_charset_read(S("GBK"), &c));
    assert_int_equal(c, SHEET_GB18030);
    assert_false(sheet_charset_read(S("klingon"), &c));
    for (enum sheet_charset i = SHEET_UTF8; i <= SHEET_WINDOWS_1252; i++) {
        assert_true(sheet_charset_read(str_of(sheet_charset_name(i)), &c));
        assert_int_equal(c, i);
    }
}

int sheet_charset_test(void);
int sheet_charset_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_out_the_charset),     cmocka_unit_test(can_be_told),
        cmocka_unit_test(a_sample_may_end_anywhere), cmocka_unit_test(chunks_make_no_difference),
        cmocka_unit_test(a_cell_may_grow_too_long),  cmocka_unit_test(knows_names),
    };
    return cmocka_run_group_tests_name("sheet_charset", tests, NULL, NULL);
}
