#include "base/test.h"

#include "base/json.h"

/* Read, then written again: what stands there is what was meant. */
static const struct {
    const char *in, *out;
} good[] = {
    { "null", "null" },
    { " [ 1 , -0.5e+3 , true , \"a\" ] ", "[1,-0.5e+3,true,\"a\"]" },
    { "{\"a\":{\"b\":[]},\"c\":{}}", "{\"a\":{\"b\":[]},\"c\":{}}" },
    { "\"\\u8377\\u5858 \\ud83c\\udf3f \\n\\\"\"", "\"荷塘 🌿 \\n\\\"\"" },
    { "\"twelve plain characters, then \\t a tab and more text after it\"",
      "\"twelve plain characters, then \\t a tab and more text after it\"" },
};

static const struct {
    const char *in, *reason;
    uint32_t line, column;
} bad[] = {
    { "", "the text ends too early", 1, 1 },
    { "{\"a\":1,}", "a member must begin with its name in quotes", 1, 8 },
    { "[1 2]", "a comma or ] is missing", 1, 4 },
    { "{\n  \"荷\" 1}", "a colon is missing", 2, 7 },
    { "01", "more text behind the value", 1, 2 },
    { "1.", "a number that ends in a point", 1, 3 },
    { "\"\\ud800\"", "half of a surrogate pair", 1, 8 },
    { "\"a\nb\"", "control character in a text", 1, 3 },
    { "\"abc", "a text without its closing quote", 1, 5 },
    { "\"\xff\"", "bytes that are not UTF-8", 1, 2 },
    { "nul", "not a value", 1, 1 },
    { "[1] x", "more text behind the value", 1, 5 },
};

static void reads_what_is_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct json_error e;
        struct strbuf sb;
        const struct json *j = json_read(&a, str_of(good[i].in), &e);
        assert_non_null(j);
        strbuf_init(&sb, &a, 4096);
        out_json_value(&sb, j);
        assert_str(strbuf_str(&sb), good[i].out);
    }
}

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct json_error e = { 0 };
        assert_null(json_read(&a, str_of(bad[i].in), &e));
        assert_string_equal(e.reason, bad[i].reason);
        assert_int_equal(e.line, bad[i].line);
        assert_int_equal(e.column, bad[i].column);
        assert_non_null(e.reason_zh);
        assert_string_not_equal(e.reason_zh, e.reason);
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct json_error e;
    char text[2 * (JSON_DEPTH_MAX + 1) + 1];
    for (int extra = 0; extra < 2; extra++) {
        int depth = JSON_DEPTH_MAX + extra;
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        const struct json *j = json_read(&a, (str) { text, 2 * (size_t)depth }, &e);
        assert_int_equal(j != NULL, extra == 0);
    }
    assert_string_equal(e.reason, "nested too deeply");
}

static void whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool whole;
        int64_t n;
    } cases[] = { { "5", true, 5 },      { "5.0", true, 5 },
                  { "1e3", true, 1000 }, { "5.5", false, 0 },
                  { "1e400", false, 0 }, { "9007199254740993", true, 9007199254740993 },
                  { "\"5\"", false, 0 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct json_error e;
        int64_t n = 0;
        assert_int_equal(json_i64(json_read(&a, str_of(cases[i].in), &e), &n), cases[i].whole);
        assert_int_equal(n, cases[i].n);
    }
}

int json_test(void);
int json_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_right),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(whole_numbers),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
