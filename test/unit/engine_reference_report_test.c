/* The plain evaluator against answers worked out by hand: retention and trend, as JSON. */
#include "base/test.h"

#include "base/time.h"
#include "engine_cases.h"

int engine_reference_report_test(void);

#define RETENTION(since, until, more)                                                    \
    "{'kind':'retention','since':'2026-" since "','until':'2026-" until "','start':'s'," \
    "'return':'r'," more "}"
/* One cohort, and the overall row. */
#define ONE(start, people, cells, base, overall)                                                \
    "{'groups':[{'overall':{'people':" people ",'cells':" overall ",'base':" base               \
    "},'cohorts':[{'start':'2026-" start "','people':" people ",'cells':" cells ",'base':" base \
    "}]}]}"
#define NOBODY(cells) \
    "{'groups':[{'overall':{'people':0,'cells':" cells ",'base':" cells "},'cohorts':[]}]}"

static void retention_by_the_calendar(void **state)
{
    (void)state;
    static const char month_end[] =
        "[[1,'s','01-31 23:59:59.999'],[1,'r','02-28 23:59:59.999'],[1,'r','03-01 00:00']]";
    static const char days[] = "[[1,'r','03-08 10:00'],[1,'s','03-08 23:59:59.999'],"
                               "[1,'r','03-09 00:00'],[1,'r','03-10 12:00:00.001']]";
    static const char week[] = "[[1,'s','03-08 23:00'],[1,'r','03-09 00:00']]"; /* a Sunday */
    static const struct report_case cases[] = {
        { month_end, RETENTION("01-01", "02-01", "'unit':'month','periods':3"),
          ONE("01-01", "1", "[0,1,1]", "[1,1,0]", "[0,1,0]") },
        { month_end, RETENTION("01-01", "02-01", "'unit':'month','periods':3"),
          ONE("01-01", "1", "[0,1,1]", "[1,1,1]", "[0,1,1]"), "04-01 00:00" },
        { month_end, RETENTION("01-01", "02-01", "'unit':'month','periods':3"),
          ONE("01-01", "1", "[0,1,1]", "[1,1,0]", "[0,1,0]"), "03-31 23:59:59.999" },
        /* the cohort is the whole month's, though the range is not */
        { month_end, RETENTION("01-31", "02-01", "'unit':'month','periods':1"),
          ONE("01-01", "1", "[0]", "[1]", "[0]") },
        { month_end, RETENTION("02-01", "03-01", "'unit':'month','periods':2"), NOBODY("[0,0]") },
        /* the return before the start does not count, nor the future */
        { days, RETENTION("03-08", "03-09", "'periods':3"),
          ONE("03-08", "1", "[0,1,0]", "[1,1,0]", "[0,1,0]") },
        { days, RETENTION("03-08", "03-09", "'periods':2"),
          ONE("03-08", "1", "[0,1]", "[1,0]", "[0,0]"), "03-09 23:59:59.999" },
        { days, RETENTION("03-08", "03-09", "'periods':2"),
          ONE("03-08", "1", "[0,1]", "[1,1]", "[0,1]"), "03-10 00:00" },
        { days, RETENTION("03-08", "03-09", "'periods':2,'every':true"),
          ONE("03-08", "1", "[1,1]", "[1,1]", "[1,1]") },
        { week, RETENTION("03-02", "03-09", "'unit':'week','periods':2"),
          ONE("03-02", "1", "[0,1]", "[1,0]", "[0,0]") },
        /* the first start ever lies before the range */
        { "[[1,'s','02-01 10:00'],[1,'s','03-08 10:00'],[1,'r','03-09 10:00']]",
          RETENTION("03-01", "03-09", "'periods':2"), NOBODY("[0,0]") },
        { "[[1,'s','02-01 10:00'],[1,'s','03-08 10:00'],[1,'r','03-09 10:00']]",
          RETENTION("03-01", "03-09", "'periods':2,'every':true"),
          ONE("03-08", "1", "[0,1]", "[1,1]", "[0,1]") },
        /* at one instant the sequence numbers decide; a start is no return of itself */
        { "[[1,'s','03-08 10:00'],[1,'r','03-08 10:00'],[2,'r','03-08 10:00'],"
          "[2,'s','03-08 10:00']]",
          RETENTION("03-08", "03-09", "'periods':1"), ONE("03-08", "2", "[1]", "[2]", "[1]") },
        { "[[1,'s','03-08 10:00']]",
          "{'kind':'retention','since':'2026-03-08','until':'2026-03-09','start':'s','return':'s',"
          "'periods':1}",
          ONE("03-08", "1", "[0]", "[1]", "[0]") },
    };
    REPORTS(cases);
}

static void retention_of_24_hours(void **state)
{
    (void)state;
    static const char history[] = "[[1,'r','03-08 09:00'],[1,'s','03-08 10:00'],"
                                  "[1,'r','03-09 10:00'],[2,'s','03-08 10:00'],"
                                  "[2,'r','03-09 09:59:59.999']]";
    static const struct report_case cases[] = {
        /* the cohort's day ends on the 9th, so cell 0 at midnight of the 10th */
        { history, RETENTION("03-08", "03-09", "'unit':'24h','periods':2"),
          ONE("03-08", "2", "[1,1]", "[2,0]", "[1,0]") },
        { history, RETENTION("03-08", "03-09", "'unit':'24h','periods':2"),
          ONE("03-08", "2", "[1,0]", "[0,0]", "[0,0]"), "03-09 09:59:59.999" },
        { history, RETENTION("03-08", "03-09", "'unit':'24h','periods':2"),
          ONE("03-08", "2", "[1,1]", "[2,2]", "[1,1]"), "03-11 00:00" },
    };
    REPORTS(cases);
}

static void retention_cells(void **state)
{
    (void)state;
    static const char history[] =
        "[[1,'s','03-05 10:00'],[1,'r','03-05 11:00',{'v':1.5}],[1,'r','03-08 10:00',{'v':2}],"
        "[1,'r','03-08 11:00',{'v':'3'}],[1,'r','03-08 12:00',{'v':-0.25}],"
        "[2,'s','03-05 10:00'],[2,'r','03-06 10:00',{'v':10}]]";
    static const struct report_case cases[] = {
        { history, RETENTION("03-05", "03-06", "'periods':4"),
          ONE("03-05", "2", "[1,1,0,1]", "[2,2,2,2]", "[1,1,0,1]") },
        { history, RETENTION("03-05", "03-06", "'periods':5,'or_after':true"),
          ONE("03-05", "2", "[2,2,1,1,0]", "[2,2,2,2,2]", "[2,2,1,1,0]") },
        { history, RETENTION("03-05", "03-06", "'brackets':[0,1,4,6]"),
          ONE("03-05", "2", "[1,2,0]", "[2,2,0]", "[1,2,0]") },
        { history, RETENTION("03-05", "03-06", "'brackets':[1,2,6],'or_after':true"),
          ONE("03-05", "2", "[2,1]", "[2,0]", "[2,0]") },
        { history, RETENTION("03-05", "03-06", "'periods':4,'value':'v'"),
          ONE("03-05", "2", "[1.500,10,0,1.750]", "[2,2,2,2]", "[1.500,10,0,1.750]") },
        { "[[1,'s','03-05 10:00',{'p':'x'}],[1,'s','03-06 10:00',{'p':'y'}],"
          "[1,'s','03-06 11:00',{'p':'z'}],[1,'r','03-07 10:00']]",
          RETENTION("03-05", "03-07", "'periods':2,'every':true,'breakdown':[{'prop':'p'}]"),
          "{'groups':[{'key':'x','overall':{'people':1,'cells':[0,0],'base':[1,1]},'cohorts':"
          "[{'start':'2026-03-05','people':1,'cells':[0,0],'base':[1,1]}]},{'key':'y','overall':"
          "{'people':1,'cells':[0,1],'base':[1,1]},'cohorts':[{'start':'2026-03-06','people':1,"
          "'cells':[0,1],'base':[1,1]}]}]}" },
        { "[[1,'s','03-05 10:00',{'p':'x'}]]",
          RETENTION("03-06", "03-07", "'periods':2,'breakdown':[{'prop':'p'}]"), "{'groups':[]}" },
        /* two cohorts, of which one has reached its period */
        { "[[1,'s','03-08 10:00'],[1,'r','03-09 10:00'],[2,'s','03-09 10:00'],"
          "[2,'r','03-10 10:00']]",
          RETENTION("03-08", "03-10", "'periods':2"),
          "{'groups':[{'overall':{'people':2,'cells':[0,1],'base':[2,1]},'cohorts':[{'start':"
          "'2026-03-08','people':1,'cells':[0,1],'base':[1,1]},{'start':'2026-03-09','people':1,"
          "'cells':[0,1],'base':[1,0]}]}]}" },
    };
    REPORTS(cases);
}

#define TREND(since, until, more) \
    "{'kind':'trend','since':'" since "','until':'" until "','of':'a'," more "}"
#define POINT(start, count, people, more) \
    "{'start':'" start "','count':" count ",'people':" people more "}"
#define TRENDS(total, points) "{'groups':[{'keys':[],'total':" total ",'points':[" points "]}]}"

static void trends_by_period(void **state)
{
    (void)state;
    /* around midnight in Shanghai */
    static const char night[] = "[[1,'a','03-01 23:59:59.999'],[1,'a','03-02 00:00'],"
                                "[2,'a','03-02 00:00'],[1,'b','03-02 00:00'],"
                                "[1,'a','03-02 23:59:59.999'],[1,'a','03-03 00:00']]";
    static const char month[] =
        "[[1,'a','02-28 12:00'],[1,'a','03-01 00:00'],[1,'a','03-20 00:00']]";
    static const struct report_case cases[] = {
        { night, TREND("2026-03-01", "2026-03-03", "'unit':'day'"),
          TRENDS(POINT("2026-02-28T16:00:00Z", "4", "2", ""),
                 POINT("2026-02-28T16:00:00Z", "1", "1", "") "," POINT("2026-03-01T16:00:00Z", "3",
                                                                       "2", "")) },
        /* of the first and the last period only what lies in the range */
        { night, TREND("2026-03-01T16:00:00Z", "2026-03-02T15:59:59.999Z", "'unit':'day'"),
          TRENDS(POINT("2026-03-01T16:00:00Z", "2", "2", ""),
                 POINT("2026-03-01T16:00:00Z", "2", "2", "")) },
        { night, TREND("2026-03-01T15:30:00Z", "2026-03-01T16:00:00.001Z", "'unit':'hour'"),
          TRENDS(POINT("2026-03-01T15:00:00Z", "3", "2", ""),
                 POINT("2026-03-01T15:00:00Z", "1", "1", "") "," POINT("2026-03-01T16:00:00Z", "2",
                                                                       "2", "")) },
        /* a Monday begins the week; the future does not count but has its points */
        { night, TREND("2026-03-01", "2026-03-10", "'unit':'week'"),
          TRENDS(POINT("2026-02-22T16:00:00Z", "5", "2", ""),
                 POINT("2026-02-22T16:00:00Z", "1", "1",
                       "") "," POINT("2026-03-01T16:00:00Z", "4", "2",
                                     "") "," POINT("2026-03-08T16:00:00Z", "0", "0", "")) },
        { month, TREND("2026-02-10", "2026-04-01", "'unit':'month'"),
          TRENDS(POINT("2026-01-31T16:00:00Z", "2", "1", ""),
                 POINT("2026-01-31T16:00:00Z", "1", "1", "") "," POINT("2026-02-28T16:00:00Z", "1",
                                                                       "1", "")) },
    };
    REPORTS(cases);
}

static void trend_figures(void **state)
{
    (void)state;
#define DAY_OF "2026-02-28T16:00:00Z"
    static const char history[] =
        "[[1,'a','03-01 10:00',{'x':3}],[1,'a','03-01 11:00',{'x':-1.5}],"
        "[2,'a','03-01 12:00',{'x':10}],[2,'a','03-01 13:00',{'x':'7'}],[2,'a','03-01 14:00'],"
        "[2,'a','03-01 15:00',{'x':4}]]";
    static const struct {
        const char *figure, *said;
    } of[] = {
        { "'figure':'sum','prop':'x'", ",'sum':15.500,'numbers':4" },
        { "'figure':'average','prop':'x'", ",'sum':15.500,'numbers':4" },
        /* of -1.5, 3, 4, 10 the third, and the last */
        { "'figure':'median','prop':'x'", ",'sum':15.500,'numbers':4,'quantile':4" },
        { "'figure':'p75','prop':'x'", ",'sum':15.500,'numbers':4,'quantile':10" },
        { "'figure':'p99','prop':'x'", ",'sum':15.500,'numbers':4,'quantile':10" },
        { "'figure':'median','prop':'y'", ",'sum':0,'numbers':0,'quantile':null" },
        { "'figure':'people'", "" },
        { "'figure':'per_person'", "" },
        { "'figure':'count'", "" },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(of); i++) {
        const char *point =
            arena_z(&a, arena_fmt(&a, "{'start':'" DAY_OF "','count':6,'people':2%s}", of[i].said));
        struct report_case c = {
            history,
            arena_z(&a, arena_fmt(&a, TREND("2026-03-01", "2026-03-02", "%s"), of[i].figure)),
            arena_z(&a, arena_fmt(&a, TRENDS("%s", "%s"), point, point)),
        };
        reports_are(&c, 1);
    }
}

static void trends_are_broken_down_twice(void **state)
{
    (void)state;
#define GROUP(keys, count, people)                           \
    "{'keys':" keys ",'total':" POINT(DAY_OF, count, people, \
                                      "") ",'points':[" POINT(DAY_OF, count, people, "") "]}"
    static const struct report_case cases[] = {
        { "[{'id':1,'sets':{'tag':['u','v']}},{'id':2},[1,'a','03-01 10:00',{'p':1}],"
          "[1,'a','03-01 11:00',{'p':'1'}],[1,'a','03-01 12:00',{'p':1}],"
          "[2,'a','03-01 10:00',{'p':true}],[2,'a','03-01 11:00']]",
          TREND("2026-03-01", "2026-03-02",
                "'figure':'count','breakdown':[{'set':'tag'},{'prop':'p'}]"),
          "{'groups':[" GROUP("['u',1]", "2", "1") "," GROUP("['v',1]", "2", "1") "," GROUP(
              "[null,null]", "1", "1") "," GROUP("[null,true]", "1",
                                                 "1") "," GROUP("['u','1']", "1",
                                                                "1") "," GROUP("['v','1']", "1",
                                                                               "1") "]}" },
        { "[[1,'b','03-01 10:00']]",
          TREND("2026-03-01", "2026-03-02", "'breakdown':[{'set':'tag'},{'prop':'p'}]"),
          "{'groups':[]}" },
        { "[]", TREND("2026-03-01", "2026-03-02", "'figure':'count'"),
          TRENDS(POINT(DAY_OF, "0", "0", ""), POINT(DAY_OF, "0", "0", "")) },
    };
    REPORTS(cases);
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int engine_reference_report_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retention_by_the_calendar),
        cmocka_unit_test(retention_of_24_hours),
        cmocka_unit_test(retention_cells),
        cmocka_unit_test(trends_by_period),
        cmocka_unit_test(trend_figures),
        cmocka_unit_test(trends_are_broken_down_twice),
    };
    return cmocka_run_group_tests_name("engine_reference_report", tests, in_shanghai, NULL);
}
