/* Life cycle and stickiness against answers worked out by hand. */
#include "base/test.h"

#include "base/time.h"
#include "engine_cases.h"

int engine_activity_test(void);

#define LIFE(since, until, more) \
    "{'kind':'life','since':'2026-" since "','until':'2026-" until "','of':'v'" more "}"
#define STICKINESS(since, until, more) \
    "{'kind':'stickiness','since':'2026-" since "','until':'2026-" until "','of':'v'" more "}"
#define POINT(start, complete, active, fresh, returning, resurrected, dormant)      \
    "{'start':'" start "','complete':" complete ",'active':" active ",'new':" fresh \
    ",'returning':" returning ",'resurrected':" resurrected ",'dormant':" dormant "}"
#define RECENT(start, complete, active, recent) \
    "{'start':'" start "','complete':" complete ",'active':" active ",'recent':" recent "}"
#define ALL(people, points) "{'groups':[{'people':" people ",'points':[" points "]}]}"
#define STICKY(people, points, days) \
    "{'groups':[{'people':" people ",'points':[" points "],'days':[" days "]}]}"

static void life_by_day(void **state)
{
    (void)state;
    static const char away[] =
        "[[1,'v','03-02 10:00'],[1,'v','03-02 11:00'],[1,'v','03-03 23:59:59.999'],"
        "[1,'v','03-06 00:00'],[1,'w','03-05 10:00']]";
    static const struct report_case cases[] = {
        { away, LIFE("03-02", "03-07", ""),
          ALL("1",
              POINT("2026-03-01T16:00:00Z", "true", "1", "1", "0", "0", "0") "," POINT(
                  "2026-03-02T16:00:00Z", "true", "1", "0", "1", "0",
                  "0") "," POINT("2026-03-03T16:00:00Z", "true", "0", "0", "0", "0",
                                 "1") "," POINT("2026-03-04T16:00:00Z", "true", "0", "0", "0", "0",
                                                "0") "," POINT("2026-03-05T16:00:00Z", "true", "1",
                                                               "0", "0", "1", "0")) },
        /* the period before the range is looked at: returning, and dormant of nothing told */
        { away, LIFE("03-03", "03-04", ""),
          ALL("1", POINT("2026-03-02T16:00:00Z", "true", "1", "0", "1", "0", "0")) },
        { away, LIFE("03-04", "03-05", ""),
          ALL("1", POINT("2026-03-03T16:00:00Z", "true", "0", "0", "0", "0", "1")) },
        /* … the one before that is not: nobody counts */
        { away, LIFE("03-05", "03-06", ""),
          ALL("0", POINT("2026-03-04T16:00:00Z", "true", "0", "0", "0", "0", "0")) },
        /* a period is whole, though the range begins and ends within it */
        { away, LIFE("03-02T12:00:00+08:00", "03-02T12:00:00.001+08:00", ""),
          ALL("1", POINT("2026-03-01T16:00:00Z", "true", "1", "1", "0", "0", "0")) },
        /* today is not over, and tomorrow is not told */
        { "[[1,'v','03-10 12:00'],[2,'v','03-10 12:00:00.001'],[1,'v','03-11 08:00']]",
          LIFE("03-10", "03-20", ""),
          ALL("1", POINT("2026-03-09T16:00:00Z", "false", "1", "1", "0", "0", "0")) },
        { "[[1,'v','03-10 12:00']]", LIFE("03-11", "03-20", ""), ALL("0", "") },
        { "[[1,'v','03-10 12:00']]", LIFE("03-11", "03-20", ",'breakdown':[{'set':'tag'}]"),
          "{'groups':[]}" },
    };
    REPORTS(cases);
}

static void life_by_month_and_group(void **state)
{
    (void)state;
    static const char months[] =
        "[[1,'v','01-31 23:59:59.999'],[1,'v','02-28 23:59:59.999'],[1,'v','03-01 00:00'],"
        "[2,'v','01-01 00:00'],[2,'v','03-09 00:00'],"
        "{'id':1,'city':'上海','sets':{'tag':['a','b']}},{'id':2,'sets':{'tag':['b']}}]";
    static const struct report_case cases[] = {
        { months, LIFE("02-15", "04-01", ",'unit':'month'"),
          ALL("2", POINT("2026-01-31T16:00:00Z", "true", "1", "0", "1", "0", "1") "," POINT(
                       "2026-02-28T16:00:00Z", "false", "2", "0", "1", "1", "0")) },
        /* a person is in every group they have a set of */
        { months, LIFE("03-01", "04-01", ",'unit':'month','breakdown':[{'set':'tag'}]"),
          "{'groups':[{'key':'b','people':2,'points':[" POINT(
              "2026-02-28T16:00:00Z", "false", "2", "0", "1", "1",
              "0") "]},{'key':'a','people':1,'points':[" POINT("2026-02-28T16:00:00Z", "false", "1",
                                                               "0", "1", "0", "0") "]}]}" },
        /* weeks begin on Monday; who is only dormant makes a group too */
        { "[[1,'v','03-01 23:59:59.999'],[2,'v','03-02 00:00']]",
          LIFE("03-02", "03-03", ",'unit':'week'"),
          ALL("2", POINT("2026-03-01T16:00:00Z", "true", "1", "1", "0", "0", "1")) },
        { "[[1,'v','03-01 10:00'],{'id':1,'city':'上海'}]",
          LIFE("03-02", "03-03", ",'breakdown':[{'attr':'city'}]"),
          "{'groups':[{'key':'上海','people':1,'points':[" POINT("2026-03-01T16:00:00Z", "true",
                                                                 "0", "0", "0", "0", "1") "]}]}" },
    };
    REPORTS(cases);
}

static void stickiness_counts_days_of_windows(void **state)
{
    (void)state;
    static const char days[] = "[[1,'v','03-01 10:00'],[1,'v','03-01 11:00'],[1,'v','03-03 10:00'],"
                               "[2,'v','03-04 00:00'],[3,'v','02-28 23:59:59.999']]";
    static const struct report_case cases[] = {
        { days, STICKINESS("03-03", "03-06", ",'window':3"),
          STICKY("2",
                 RECENT("2026-03-02T16:00:00Z", "true", "1",
                        "1") "," RECENT("2026-03-03T16:00:00Z", "true", "1",
                                        "2") "," RECENT("2026-03-04T16:00:00Z", "true", "0", "2"),
                 "2,0,0") },
        /* the first window reaches before the range */
        { days, STICKINESS("03-02", "03-04", ",'window':4"),
          STICKY("2",
                 RECENT("2026-03-01T16:00:00Z", "true", "0", "2") "," RECENT("2026-03-02T16:00:00Z",
                                                                             "true", "1", "2"),
                 "1,1,0,0") },
        { days, STICKINESS("03-01", "03-31", ",'unit':'month','window':2"),
          STICKY("3", RECENT("2026-02-28T16:00:00Z", "false", "2", "3"), "3,0") },
        { days, STICKINESS("03-11", "03-31", ",'window':2"), STICKY("0", "", "0,0") },
    };
    REPORTS(cases);
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int engine_activity_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(life_by_day),
        cmocka_unit_test(life_by_month_and_group),
        cmocka_unit_test(stickiness_counts_days_of_windows),
    };
    return cmocka_run_group_tests_name("engine_activity", tests, in_shanghai, NULL);
}
