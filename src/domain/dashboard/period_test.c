/* Spans against calendars of zones with and without summer time. */
#include "base/test.h"

#include "domain/dashboard/period.h"

struct given {
    const char *zone;
    enum period_kind kind;
    const char *day, *now;
    const char *from, *to;          /* as far as it has come */
    const char *before, *before_to; /* the period before */
    const char *week_ago, *week_ago_to;
};

static const struct given cases[] = {
    /* 10:30 in Shanghai; a morning is compared with mornings. */
    { "Asia/Shanghai", PERIOD_DAY, "2026-03-02", "2026-03-02T02:30:00Z", "2026-03-01T16:00:00Z",
      "2026-03-02T02:30:00.001Z", "2026-02-28T16:00:00Z", "2026-03-01T02:30:00.001Z",
      "2026-02-22T16:00:00Z", "2026-02-23T02:30:00.001Z" },
    /* A day that is over is compared with whole days. */
    { "Asia/Shanghai", PERIOD_DAY, "2026-03-01", "2026-03-02T02:30:00Z", "2026-02-28T16:00:00Z",
      "2026-03-01T16:00:00Z", "2026-02-27T16:00:00Z", "2026-02-28T16:00:00Z",
      "2026-02-21T16:00:00Z", "2026-02-22T16:00:00Z" },
    /* The last millisecond of a day, and the first of the next. */
    { "Asia/Shanghai", PERIOD_DAY, "2026-03-02", "2026-03-02T15:59:59.999Z", "2026-03-01T16:00:00Z",
      "2026-03-02T16:00:00Z", "2026-02-28T16:00:00Z", "2026-03-01T16:00:00Z",
      "2026-02-22T16:00:00Z", "2026-02-23T16:00:00Z" },
    { "Asia/Shanghai", PERIOD_DAY, "2026-03-03", "2026-03-02T16:00:00Z", "2026-03-02T16:00:00Z",
      "2026-03-02T16:00:00.001Z", "2026-03-01T16:00:00Z", "2026-03-01T16:00:00.001Z",
      "2026-02-23T16:00:00Z", "2026-02-23T16:00:00.001Z" },
    /* A week from Monday; on a Sunday. */
    { "Asia/Shanghai", PERIOD_WEEK, "2026-03-08", "2026-03-08T04:00:00Z", "2026-03-01T16:00:00Z",
      "2026-03-08T04:00:00.001Z", "2026-02-22T16:00:00Z", "2026-03-01T04:00:00.001Z", NULL, NULL },
    /* The 30th of March: February has no such day, so all of it. */
    { "Asia/Shanghai", PERIOD_MONTH, "2026-03-30", "2026-03-30T04:00:00Z", "2026-02-28T16:00:00Z",
      "2026-03-30T04:00:00.001Z", "2026-01-31T16:00:00Z", "2026-02-28T16:00:00Z", NULL, NULL },
    { "Asia/Shanghai", PERIOD_MONTH, "2026-01-05", "2026-01-05T04:00:00Z", "2025-12-31T16:00:00Z",
      "2026-01-05T04:00:00.001Z", "2025-11-30T16:00:00Z", "2025-12-05T04:00:00.001Z", NULL, NULL },
    /* London, the day of 23 hours: clocks went from 01:00 to 02:00. At 12:30 there. */
    { "Europe/London", PERIOD_DAY, "2026-03-29", "2026-03-29T11:30:00Z", "2026-03-29T00:00:00Z",
      "2026-03-29T11:30:00.001Z", "2026-03-28T00:00:00Z", "2026-03-28T12:30:00.001Z",
      "2026-03-22T00:00:00Z", "2026-03-22T12:30:00.001Z" },
    /* The day after, at 01:30: yesterday had no such time, which then means 02:30. */
    { "Europe/London", PERIOD_DAY, "2026-03-30", "2026-03-30T00:30:00Z", "2026-03-29T23:00:00Z",
      "2026-03-30T00:30:00.001Z", "2026-03-29T00:00:00Z", "2026-03-29T01:30:00.001Z",
      "2026-03-23T00:00:00Z", "2026-03-23T01:30:00.001Z" },
    /* The day of 25 hours, at the second 01:30. */
    { "Europe/London", PERIOD_DAY, "2026-10-25", "2026-10-25T01:30:00Z", "2026-10-24T23:00:00Z",
      "2026-10-25T01:30:00.001Z", "2026-10-23T23:00:00Z", "2026-10-24T00:30:00.001Z",
      "2026-10-17T23:00:00Z", "2026-10-18T00:30:00.001Z" },
    { "Europe/London", PERIOD_DAY, "2026-10-25", "2026-10-26T12:00:00Z", "2026-10-24T23:00:00Z",
      "2026-10-26T00:00:00Z", "2026-10-23T23:00:00Z", "2026-10-24T23:00:00Z",
      "2026-10-17T23:00:00Z", "2026-10-18T23:00:00Z" },
    /* São Paulo skipped midnight: the day began at 01:00. */
    { "America/Sao_Paulo", PERIOD_DAY, "2018-11-04", "2018-11-06T00:00:00Z", "2018-11-04T03:00:00Z",
      "2018-11-05T02:00:00Z", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z",
      "2018-10-28T03:00:00Z", "2018-10-29T03:00:00Z" },
};

static void is(const char *expected, instant got, size_t which)
{
    char text[40];
    struct strbuf sb;
    struct arena a = { 0 };
    strbuf_init(&sb, &a, 64);
    out_instant(&sb, got);
    snprintf(text, sizeof text, "%.*s", STR_ARG(strbuf_str(&sb)));
    arena_done(&a);
    if (strcmp(text, expected) != 0)
        fail_msg("case %zu: %s, not %s", which, text, expected);
}

static void spans_of_calendars(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct given *g = &cases[i];
        instant now;
        day d;
        assert_true(zone_load(g->zone) && instant_read(str_of(g->now), &now) &&
                    day_read(str_of(g->day), &d));
        struct period p = period_of(g->kind, d, now);
        is(g->from, p.now.from, i);
        is(g->to, p.now.to, i);
        is(g->before, p.previous.from, i);
        is(g->before_to, p.previous.to, i);
        if (g->week_ago) {
            is(g->week_ago, p.week_ago.from, i);
            is(g->week_ago_to, p.week_ago.to, i);
        } else {
            assert_int_equal(p.week_ago.to.ms, 0);
        }
    }
    assert_true(zone_load("Asia/Shanghai"));
}

static void steps_over_years(void **state)
{
    (void)state;
    day first = day_from_ymd(2026, 1, 1);
    assert_int_equal(period_step(PERIOD_MONTH, first, -1).n, day_from_ymd(2025, 12, 1).n);
    assert_int_equal(period_step(PERIOD_MONTH, first, -25).n, day_from_ymd(2023, 12, 1).n);
    assert_int_equal(period_step(PERIOD_MONTH, first, 12).n, day_from_ymd(2027, 1, 1).n);
    assert_int_equal(period_first(PERIOD_WEEK, day_from_ymd(2026, 3, 8)).n,
                     day_from_ymd(2026, 3, 2).n);
    assert_int_equal(period_first(PERIOD_MONTH, day_from_ymd(2024, 2, 29)).n,
                     day_from_ymd(2024, 2, 1).n);
}

int period_test(void);
int period_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_of_calendars),
        cmocka_unit_test(steps_over_years),
    };
    return cmocka_run_group_tests_name("dashboard period", tests, NULL, NULL);
}
