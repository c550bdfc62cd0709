#include "base/test.h"

#include "base/time.h"
#include "domain/transfer/internal.h"

static void numbers_as_people_write_them(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        i64 digits;
        int scale;
    } cases[] = {
        { "12", true, 12, 0 },           { "-3.50", true, -350, 2 },
        { "1,234.50", true, 123450, 2 }, { "12,345,678", true, 12345678, 0 },
        { "-1,000", true, -1000, 0 },    { "￥12.5", true, 125, 1 },
        { "¥ 1,000", true, 1000, 0 },    { "$-5", true, -5, 0 },
        { "-$5", true, -5, 0 },          { "12元", true, 12, 0 },
        { "--5", false, 0, 0 },          { "-+5", false, 0, 0 },
        { "1,23", false, 0, 0 },         { "1234,567", false, 0, 0 },
        { ",123", false, 0, 0 },         { "1,234,", false, 0, 0 },
        { "1.234,5", false, 0, 0 },      { "1,2345.6", false, 0, 0 },
        { "1e5", false, 0, 0 },          { "", false, 0, 0 },
        { "￥", false, 0, 0 },           { "99999999999999999999", false, 0, 0 },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decimal d = { -1, -1 };
        bool ok = number_read(&a, str_of(cases[i].text), &d);
        if (ok != cases[i].ok || (ok && (d.digits != cases[i].digits || d.scale != cases[i].scale)))
            fail_msg("%s: %d %lld/%d", cases[i].text, ok, (long long)d.digits, d.scale);
    }
}

static void scaling_loses_nothing(void **state)
{
    i64 n = 0;
    (void)state;
    assert_true(decimal_scaled((struct decimal) { 15, 1 }, 3, &n));
    assert_int_equal(n, 1500);
    assert_true(decimal_scaled((struct decimal) { -25000, 5 }, 3, &n));
    assert_int_equal(n, -250);
    assert_false(decimal_scaled((struct decimal) { 25001, 5 }, 3, &n));
    assert_false(decimal_scaled((struct decimal) { INT64_MAX / 10, 0 }, 3, &n));
    assert_int_equal(n, -250);
}

static void times_as_tables_have_them(void **state)
{
    static const struct {
        const char *text, *is; /* NULL: refused */
    } cases[] = {
        { "2026-03-01", "2026-02-28T16:00:00Z" },
        { "2026-03-01 08:30", "2026-03-01T00:30:00Z" },
        { "2026-03-01T08:30:15", "2026-03-01T00:30:15Z" },
        { "2026-03-01  8:30:15.123", "2026-03-01T00:30:15Z" },
        { "2026-03-01T08:30:15Z", "2026-03-01T08:30:15Z" },
        { "2026-03-01T08:30:15+01:00", "2026-03-01T07:30:15Z" },
        { "2026/3/1 9:05", "2026-03-01T01:05:00Z" },
        { "2026.03.01", "2026-02-28T16:00:00Z" },
        { "2026年3月1日 08:00", "2026-03-01T00:00:00Z" },
        { "20260301", "2026-02-28T16:00:00Z" },
        { "20260301083015", "2026-03-01T00:30:15Z" },
        { "1/3/2026", NULL },
        { "01-03-2026", NULL },
        { "2026-02-30", NULL },
        { "2026-13-01", NULL },
        { "2026-03-01 24:00", NULL },
        { "2026-03-01 08", NULL },
        { "2026-03-01 08:30 pm", NULL },
        { "2026-03/01", NULL },
        { "2026年3月1", NULL },
        { "1899-01-01", NULL },
        { "26-03-01", NULL },
        { "44927", NULL },
        { "", NULL },
        { "tomorrow", NULL },
    };
    (void)state;
    assert_true(zone_load("Asia/Shanghai"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        instant at = { -1 }, want = { -1 };
        bool ok = time_read(str_of(cases[i].text), &at);
        if (cases[i].is)
            assert_true(instant_read(str_of(cases[i].is), &want));
        if (ok != (cases[i].is != NULL) || at.ms != want.ms)
            fail_msg("%s: %d %lld", cases[i].text, ok, (long long)at.ms);
    }
}

static void names_are_compared_as_people_do(void **state)
{
    (void)state;
    assert_true(name_hash(S(" East ")) == name_hash(S("eAST")));
    assert_true(name_hash(S("东店")) != name_hash(S("西店")));
    assert_true(name_hash(S("")) >= 0);
}

static void counts_survive_their_text(void **state)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct counts c = { .rows = 5, .accepted = 3, .gifts = 1 }, back;
    (void)state;
    c.by_reason[REASON_TIME] = 2;
    counts_read(&a, counts_text(&a, &c), &back);
    assert_memory_equal(&c, &back, sizeof c);
    counts_read(&a, S("{}"), &back);
    assert_int_equal(back.rows, 0);
    for (size_t i = 0; i < REASON_COUNT; i++)
        assert_ptr_equal(reason_find(str_of(reasons[i].code)), &reasons[i]);
}

int field_test(void);
int field_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_as_people_write_them),
        cmocka_unit_test(scaling_loses_nothing),
        cmocka_unit_test(times_as_tables_have_them),
        cmocka_unit_test(names_are_compared_as_people_do),
        cmocka_unit_test(counts_survive_their_text),
    };
    return cmocka_run_group_tests_name("transfer_field", tests, NULL, NULL);
}
