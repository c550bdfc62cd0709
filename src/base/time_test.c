#include "base/test.h"

#include "base/rand.h"
#include "base/time.h"

static instant at(const char *text)
{
    instant t = { 42 };
    assert_true(instant_read(str_of(text), &t));
    return t;
}

static void is_written(instant t, const char *text)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf sb;
    strbuf_init(&sb, &a, 100);
    out_instant(&sb, t);
    assert_str(strbuf_str(&sb), text);
}

static void reads_rfc_3339(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out; /* NULL: refused */
    } cases[] = {
        { "2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z" },
        { "2026-03-01t08:00:00z", "2026-03-01T08:00:00Z" },
        { "2026-03-01 08:00:00.5+08:00", "2026-03-01T00:00:00.500Z" },
        { "2026-03-01T08:00:00.123999Z", "2026-03-01T08:00:00.123Z" },
        { "2026-03-01T00:30:00-03:30", "2026-03-01T04:00:00Z" },
        { "2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z" },
        { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
        { "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z" },
        { "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z" },
        { "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z" },
        { "2023-02-29T00:00:00Z", NULL },
        { "1900-02-29T00:00:00Z", NULL },
        { "2026-13-01T00:00:00Z", NULL },
        { "2026-00-01T00:00:00Z", NULL },
        { "2026-01-32T00:00:00Z", NULL },
        { "0000-01-01T00:00:00Z", NULL },
        { "2026-01-01T24:00:00Z", NULL },
        { "2026-01-01T00:60:00Z", NULL },
        { "2026-01-01T00:00:61Z", NULL },
        { "2026-01-01T00:00:00", NULL },
        { "2026-01-01T00:00:00.Z", NULL },
        { "2026-01-01T00:00Z", NULL },
        { "2026-01-01T00:00:00+0800", NULL },
        { "2026-01-01T00:00:00+24:00", NULL },
        { "2026-01-01T00:00:00Zx", NULL },
        { "2026-1-1T00:00:00Z", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        instant t = { 42 };
        bool ok = instant_read(str_of(cases[i].in), &t);
        if (ok != (cases[i].out != NULL))
            fail_msg("%s", cases[i].in);
        if (ok)
            is_written(t, cases[i].out);
        else
            assert_int_equal(t.ms, 42);
    }
}

static void days(void **state)
{
    (void)state;
    static const struct {
        int y, m, d;
        int64_t n;
        int weekday;
    } cases[] = { { 1970, 1, 1, 0, 3 },     { 1969, 12, 31, -1, 2 }, { 2000, 2, 29, 11016, 1 },
                  { 2026, 3, 2, 20514, 0 }, { 1, 1, 1, -719162, 0 }, { 9999, 12, 31, 2932896, 4 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        day d = day_from_ymd(cases[i].y, cases[i].m, cases[i].d);
        assert_int_equal(d.n, cases[i].n);
        assert_int_equal(day_weekday(d), cases[i].weekday);
    }
    int y = 1, m = 1, md = 1;
    for (int64_t n = -719162; n <= 2932896; n += 1) { /* every day there is, in order */
        int ry, rm, rd;
        day_to_ymd((day) { n }, &ry, &rm, &rd);
        if (ry != y || rm != m || rd != md || !ymd_valid(y, m, md) || day_from_ymd(y, m, md).n != n)
            fail_msg("%d-%d-%d is day %lld", y, m, md, (long long)n);
        if (++md > month_days(y, m)) {
            md = 1;
            if (++m > 12) {
                m = 1;
                y++;
            }
        }
    }
    day d = { 42 };
    assert_true(day_read(S("2026-03-02"), &d));
    assert_int_equal(d.n, 20514);
    assert_false(day_read(S("2026-03-02T00:00:00Z"), &d));
    assert_false(day_read(S("2026-02-30"), &d));
}

/* Offsets as the zone's history has them, and which day it is at a change. */
static void zones(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *at;
        int offset_min;
        const char *civil_day;
    } cases[] = {
        { "Asia/Shanghai", "2026-03-01T15:59:59Z", 480, "2026-03-01" },
        { "Asia/Shanghai", "2026-03-01T16:00:00Z", 480, "2026-03-02" },
        { "Asia/Shanghai", "1986-05-03T17:59:59Z", 480, "1986-05-04" }, /* summer time 1986 … */
        { "Asia/Shanghai", "1986-05-03T18:00:00Z", 540, "1986-05-04" },
        { "Asia/Shanghai", "1986-09-13T17:00:00Z", 480, "1986-09-14" },
        { "Asia/Shanghai", "1991-07-01T15:30:00Z", 540, "1991-07-02" }, /* … to 1991 */
        { "Asia/Shanghai", "1992-07-01T15:30:00Z", 480, "1992-07-01" },
        { "Europe/London", "2026-03-29T00:59:59Z", 0, "2026-03-29" },
        { "Europe/London", "2026-03-29T01:00:00Z", 60, "2026-03-29" },
        { "Europe/London", "2026-06-30T23:00:00Z", 60, "2026-07-01" },
        { "Europe/London", "2026-10-25T00:59:59Z", 60, "2026-10-25" },
        { "Europe/London", "2026-10-25T01:00:00Z", 0, "2026-10-25" },
        { "Europe/London", "1970-06-01T00:00:00Z", 60, "1970-06-01" }, /* standard all year then */
        { "Europe/London", "2061-07-01T00:00:00Z", 60, "2061-07-01" }, /* by the rule of the zone */
        { "America/New_York", "2026-03-08T06:59:59Z", -300, "2026-03-08" },
        { "America/New_York", "2026-03-08T07:00:00Z", -240, "2026-03-08" },
        { "America/New_York", "2026-11-01T05:59:59Z", -240, "2026-11-01" },
        { "America/New_York", "2026-11-01T06:00:00Z", -300, "2026-11-01" },
        { "America/New_York", "2026-01-01T04:59:59Z", -300, "2025-12-31" },
        { "UTC", "2026-03-01T23:59:59.999Z", 0, "2026-03-01" },
        { "Asia/Kathmandu", "2026-03-01T18:15:00Z", 345, "2026-03-02" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct strbuf sb;
        assert_true(zone_load(cases[i].zone));
        if (zone_offset_s(at(cases[i].at)) != 60 * cases[i].offset_min)
            fail_msg("%s at %s: %d s", cases[i].zone, cases[i].at, zone_offset_s(at(cases[i].at)));
        strbuf_init(&sb, &a, 100);
        out_day(&sb, day_of(at(cases[i].at)));
        assert_str(strbuf_str(&sb), cases[i].civil_day);
    }
    assert_false(zone_load("Mars/Olympus"));
    assert_false(zone_load("../../etc/passwd"));
    assert_false(zone_load("/etc/localtime"));
    assert_false(zone_load(""));
    assert_false(zone_load("Asia")); /* a folder */
}

/* What a wall clock shows, to the instant it means. */
static void wall_clocks(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        struct civil wall;
        const char *at;
    } cases[] = {
        { "Asia/Shanghai", { 2026, 3, 2, 0, 0, 0, 0, 0 }, "2026-03-01T16:00:00Z" },
        { "Europe/London", { 2026, 3, 29, 0, 59, 59, 999, 0 }, "2026-03-29T00:59:59.999Z" },
        { "Europe/London", { 2026, 3, 29, 1, 30, 0, 0, 0 }, "2026-03-29T01:30:00Z" }, /* skipped */
        { "Europe/London", { 2026, 3, 29, 2, 0, 0, 0, 0 }, "2026-03-29T01:00:00Z" },
        { "Europe/London", { 2026, 10, 25, 1, 30, 0, 0, 0 }, "2026-10-25T00:30:00Z" }, /* twice */
        { "Europe/London", { 2026, 10, 25, 2, 0, 0, 0, 0 }, "2026-10-25T02:00:00Z" },
        { "America/New_York", { 2026, 3, 8, 2, 30, 0, 0, 0 }, "2026-03-08T07:30:00Z" },
        { "America/New_York", { 2026, 11, 1, 1, 30, 0, 0, 0 }, "2026-11-01T05:30:00Z" },
        { "America/New_York", { 2026, 11, 1, 2, 30, 0, 0, 0 }, "2026-11-01T07:30:00Z" },
        /* Midnight is skipped: the day begins at one. */
        { "America/Sao_Paulo", { 2018, 11, 4, 0, 0, 0, 0, 0 }, "2018-11-04T03:00:00Z" },
        /* Midnight comes, and an hour of the evening again: the later one begins the day. */
        { "America/Sao_Paulo", { 2018, 2, 18, 0, 0, 0, 0, 0 }, "2018-02-18T03:00:00Z" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(zone_load(cases[i].zone));
        is_written(civil_instant(cases[i].wall), cases[i].at);
        const struct civil *w = &cases[i].wall;
        if (!w->hour && !w->minute)
            is_written(day_start(day_from_ymd(w->year, w->month, w->day)), cases[i].at);
    }
}

/* Any instant, shown and read back, is itself, or the first of two that show the same; a day's
 * start is its first instant. */
static void there_and_back(void **state)
{
    (void)state;
    static const char *const zone_names[] = { "Asia/Shanghai",       "Europe/London",
                                              "America/New_York",    "America/Sao_Paulo",
                                              "Australia/Lord_Howe", "Pacific/Apia" };
    struct rnd r;
    uint64_t seed = 20260302;
    print_message("seed %llu\n", (unsigned long long)seed);
    rnd_seed(&r, seed);
    for (size_t z = 0; z < COUNT(zone_names); z++) {
        assert_true(zone_load(zone_names[z]));
        for (int i = 0; i < 20000; i++) {
            instant t = { (i64)rnd_below(&r, 4102444800000) }, back = civil_instant(civil_of(t));
            struct civil c = civil_of(t), again = civil_of(back);
            assert_memory_equal(&c, &again, sizeof c);
            assert_true(back.ms == t.ms || (back.ms < t.ms && back.ms >= t.ms - 3 * HOUR_MS));
            day d = day_of(t);
            instant start = day_start(d);
            assert_int_equal(day_of(start).n, d.n);
            assert_true(start.ms <= t.ms);
            assert_true(day_of((instant) { start.ms - 1 }).n < d.n);
        }
    }
}

static int zone_back(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : 1;
}

int time_test(void);
int time_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rfc_3339), cmocka_unit_test(days),           cmocka_unit_test(zones),
        cmocka_unit_test(wall_clocks),    cmocka_unit_test(there_and_back),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, zone_back);
}
