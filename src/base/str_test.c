#include "base/test.h"

static void compares(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = { { "", "", 0 },    { "a", "", 1 },   { "", "a", -1 },
                  { "a", "b", -1 }, { "ab", "a", 1 }, { "荷", "塘", 1 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int c = str_cmp(str_of(cases[i].a), str_of(cases[i].b));
        assert_int_equal((c > 0) - (c < 0), cases[i].order);
        assert_int_equal(str_eq(str_of(cases[i].a), str_of(cases[i].b)), cases[i].order == 0);
    }
    assert_true(str_eq(STR_NONE, S(""))); /* none and empty differ by ptr alone */
    assert_true(str_ieq(S("Content-TYPE"), S("content-type")));
    assert_false(str_ieq(S("a"), S("ab")));
    assert_true(str_starts(S("荷塘"), S("荷")));
    assert_false(str_starts(S("a"), S("ab")));
    assert_true(str_ends(S("x.csv.gz"), S(".gz")));
    assert_false(str_ends(S("z"), S(".gz")));
    assert_true(str_has(S("abc"), S("bc")));
    assert_true(str_has(STR_NONE, S("")));
    assert_false(str_has(STR_NONE, S("a")));
}

static void cuts_and_trims(void **state)
{
    (void)state;
    str rest = S("a,,b");
    assert_str(str_cut(&rest, ','), "a");
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_cut(&rest, ','), "b");
    assert_int_equal(rest.len, 0);
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_trim(S(" \t\r\n荷 塘\v\f ")), "荷 塘");
    assert_str(str_trim(S("   ")), "");
    assert_int_equal(str_find(S("abc"), 'x'), 3);
    assert_int_equal(str_find(STR_NONE, 'x'), 0);
    assert_str(str_from(S("abc"), 9), "");
    assert_str(str_head(S("abc"), 9), "abc");
}

static void whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool ok;
        int64_t n;
    } cases[] = {
        { "0", true, 0 },
        { "-0", true, 0 },
        { "+7", true, 7 },
        { "007", true, 7 },
        { "9223372036854775807", true, INT64_MAX },
        { "9223372036854775808", false, 0 },
        { "-9223372036854775808", true, INT64_MIN },
        { "-9223372036854775809", false, 0 },
        { "99999999999999999999999", false, 0 },
        { "", false, 0 },
        { "-", false, 0 },
        { "+", false, 0 },
        { "--1", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "1.0", false, 0 },
        { "1e3", false, 0 },
        { "0x10", false, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t n = 42;
        assert_int_equal(str_to_i64(str_of(cases[i].in), &n), cases[i].ok);
        assert_int_equal(n, cases[i].ok ? cases[i].n : 42);
    }
}

static void decimal_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool ok;
        double d;
    } cases[] = {
        { "0", true, 0 },      { "-1.5", true, -1.5 }, { "+2", true, 2 },
        { ".5", true, 0.5 },   { "1e3", true, 1000 },  { "1e308", true, 1e308 },
        { "1e309", false, 0 }, { "-1e309", false, 0 }, { "1e-400", true, 0 },
        { "", false, 0 },      { ".", false, 0 },      { "e5", false, 0 },
        { "1e", false, 0 },    { "inf", false, 0 },    { "nan", false, 0 },
        { "0x10", false, 0 },  { "1,5", false, 0 },    { " 1", false, 0 },
        { "1 ", false, 0 },    { "\t1", false, 0 },    { "1.2.3", false, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double d = 42;
        assert_int_equal(str_to_f64(str_of(cases[i].in), &d), cases[i].ok);
        assert_true(d == (cases[i].ok ? cases[i].d : 42));
    }
    double d = 42;
    assert_false(str_to_f64((str) { "1\0", 2 }, &d)); /* bytes behind a NUL are not dropped */
}

static void hex(void **state)
{
    (void)state;
    uint8_t bytes[3] = { 0 };
    assert_true(str_from_hex(S("00fFA5"), bytes, 3));
    assert_memory_equal(bytes, "\x00\xff\xa5", 3);
    assert_false(str_from_hex(S("00ff"), bytes, 3));
    assert_false(str_from_hex(S("00ff0g"), bytes, 3));
    assert_true(str_from_hex(S(""), bytes, 0));
}

/* Checksums of applied migrations are kept in databases: the hash must never change. */
static void hashes_stay(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        uint64_t hash;
    } cases[] = {
        { "", UINT64_C(0x9ca066f1a4ab2eea) },
        { "a", UINT64_C(0x97956212fcbbd79a) },
        { "eight ch", UINT64_C(0x258e6e4da5a30a40) },
        { "荷塘 lotus pond, more than one word of eight", UINT64_C(0xc5c0186c31c47bc5) },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(str_hash(str_of(cases[i].in)), cases[i].hash);
    assert_int_not_equal(str_hash(S("a")), str_hash((str) { "a\0", 2 }));
}

int str_test(void);
int str_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),      cmocka_unit_test(cuts_and_trims),
        cmocka_unit_test(whole_numbers), cmocka_unit_test(decimal_numbers),
        cmocka_unit_test(hex),           cmocka_unit_test(hashes_stay),
    };
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
