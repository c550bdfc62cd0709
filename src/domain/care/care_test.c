#include "domain/care/internal.h"

#include "base/test.h"
#include "base/time.h"

static day d(const char *text)
{
    day ret = { NONE };
    assert_true(day_read(str_of(text), &ret));
    return ret;
}

static instant at(const char *text)
{
    instant ret = { 0 };
    assert_true(instant_read(str_of(text), &ret));
    return ret;
}

static void celebrations(void **state)
{
    static const struct {
        const char *born, *from, *next;
    } cases[] = {
        { "1990-03-08", "2026-03-01", "2026-03-08" }, { "1990-03-08", "2026-03-08", "2026-03-08" },
        { "1990-03-08", "2026-03-09", "2027-03-08" }, { "1990-12-31", "2026-12-31", "2026-12-31" },
        { "1990-01-01", "2026-12-31", "2027-01-01" }, { "1992-02-29", "2026-02-01", "2026-02-28" },
        { "1992-02-29", "2026-03-01", "2027-02-28" }, { "1992-02-29", "2027-03-01", "2028-02-29" },
        { "1992-02-29", "2028-02-29", "2028-02-29" }, { "1990-02-28", "2028-02-29", "2029-02-28" },
        { "1900-02-28", "2100-02-28", "2100-02-28" }, { "1996-02-29", "2100-01-01", "2100-02-28" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(care_celebration(d(cases[i].born), d(cases[i].from)).n,
                         d(cases[i].next).n);
}

static void hours(void **state)
{
    static const struct {
        const char *now;
        int hour;
        const char *next, *reached;
    } cases[] = {
        { "2026-03-02T01:59:59Z", 10, "2026-03-02T02:00:00Z", "2026-03-01" },
        { "2026-03-02T02:00:00Z", 10, "2026-03-02T02:00:00Z", "2026-03-02" },
        { "2026-03-02T02:00:01Z", 10, "2026-03-03T02:00:00Z", "2026-03-02" },
        { "2026-03-01T16:00:00Z", 0, "2026-03-01T16:00:00Z", "2026-03-02" },
        { "2026-03-02T15:30:00Z", 23, "2026-03-03T15:00:00Z", "2026-03-02" },
        { "2026-12-31T14:00:00Z", 23, "2026-12-31T15:00:00Z", "2026-12-30" },
    };
    (void)state;
    assert_true(zone_load("Asia/Shanghai"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(care_next_hour(at(cases[i].now), cases[i].hour).ms, at(cases[i].next).ms);
        assert_int_equal(care_reached(at(cases[i].now), cases[i].hour).n, d(cases[i].reached).n);
    }
}

/* The clock of London goes forward at 01:00 on 29 March 2026: that hour is at the next. */
static void skipped_hour(void **state)
{
    (void)state;
    assert_true(zone_load("Europe/London"));
    assert_int_equal(care_moment(d("2026-03-29"), 1).ms, at("2026-03-29T01:00:00Z").ms);
    assert_int_equal(care_moment(d("2026-03-30"), 1).ms, at("2026-03-30T00:00:00Z").ms);
    assert_true(zone_load("Asia/Shanghai"));
}

static void words(void **state)
{
    struct arena a = { 0 };
    const struct care_words w = {
        .name = S("林"), .store = S("东店"), .staff = S(""), .days = 3, .date = d("2026-03-08")
    };
    static const struct {
        const char *text, *filled;
    } cases[] = {
        { "{name}：{days} 天后（{date}）", "林：3 天后（2026-03-08）" },
        { "{store}{staff}", "东店" },
        { "{name}{name}", "林林" },
        { "没有", "没有" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        str filled = care_fill(&a, str_of(cases[i].text), &w);
        assert_true(str_is(filled, cases[i].filled));
    }
    arena_done(&a);
}

int care_test(void);
int care_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(celebrations),
        cmocka_unit_test(hours),
        cmocka_unit_test(skipped_hour),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests_name("care", tests, NULL, NULL);
}
