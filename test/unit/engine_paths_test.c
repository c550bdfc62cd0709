/* Paths against answers worked out by hand. */
#include "base/test.h"

#include "base/time.h"
#include "engine_cases.h"

int engine_paths_test(void);

#define PATHS(more) "{'kind':'paths','since':'2026-03-01','until':'2026-03-02'," more "}"
#define ANSWER(people, paths, levels) \
    "{'people':" people ",'paths':" paths ",'levels':[" levels "]}"
#define LEVEL(nodes, links)      "{'nodes':[" nodes "],'links':[" links "]}"
#define NODE(event, paths, ends) "{'event':'" event "','paths':" paths ",'ends':" ends "}"
#define KEYED(event, key, paths, ends) \
    "{'event':'" event "','key':" key ",'paths':" paths ",'ends':" ends "}"
#define OTHER(paths, ends)    "{'other':true,'paths':" paths ",'ends':" ends "}"
#define LINK(from, to, paths) "{'from':" from ",'to':" to ",'paths':" paths "}"

static void paths_follow_and_lead(void **state)
{
    (void)state;
    static const char visits[] =
        "[[1,'a','02-28 10:00'],[1,'v','03-01 10:00'],[1,'b','03-01 10:00'],[1,'v','03-01 11:00'],"
        "[1,'c','03-02 10:00'],[2,'b','03-01 10:00'],[2,'v','03-01 10:00']]";
    static const struct report_case cases[] = {
        /* at one instant the sequence numbers decide; what follows may lie behind the range */
        { visits, PATHS("'from':'v','levels':3"),
          ANSWER(
              "2", "2",
              LEVEL(NODE("v", "2", "1"), LINK("0", "0", "1")) "," LEVEL(
                  NODE("b", "1", "0"), LINK("0", "0", "1")) "," LEVEL(NODE("v", "1", "0"), "")) },
        /* each begins one; the last level ends nothing */
        { visits, PATHS("'from':'v','levels':2,'every':true"),
          ANSWER("2", "3",
                 LEVEL(NODE("v", "3", "1"), LINK("0", "0", "1") "," LINK("0", "1", "1")) "," LEVEL(
                     NODE("b", "1", "0") "," NODE("c", "1", "0"), "")) },
        /* backwards too from the first of the range, and to before it */
        { visits, PATHS("'to':'v'"),
          ANSWER("2", "2",
                 LEVEL(NODE("v", "2", "0"), LINK("0", "0", "1") "," LINK("0", "1", "1")) "," LEVEL(
                     NODE("a", "1", "1") "," NODE("b", "1", "1"), "")) },
        /* the match's own type is always told */
        { visits, PATHS("'from':'v','among':'c'"),
          ANSWER(
              "2", "2",
              LEVEL(NODE("v", "2", "1"), LINK("0", "0", "1")) "," LEVEL(
                  NODE("v", "1", "0"), LINK("0", "0", "1")) "," LEVEL(NODE("c", "1", "1"), "")) },
        { visits, PATHS("'from':'nothing'"), ANSWER("0", "0", "") },
        { visits, PATHS("'from':'c'"), ANSWER("0", "0", "") },
        /* what has not happened yet */
        { visits, PATHS("'from':'v','levels':3"),
          ANSWER(
              "2", "2",
              LEVEL(NODE("v", "2", "1"), LINK("0", "0", "1")) "," LEVEL(NODE("b", "1", "1"), "")),
          "03-01 10:59:59.999" },
    };
    REPORTS(cases);
}

static void gaps_and_repeats(void **state)
{
    (void)state;
    /* the gap is exactly reached, then passed by a thousandth */
    static const char gaps[] = "[[1,'v','03-01 10:00'],[1,'a','03-01 10:30'],"
                               "[1,'b','03-01 11:00:00.001'],[1,'c','03-01 11:10']]";
    static const char again[] = "[[1,'v','03-01 10:00'],[1,'v','03-01 10:20'],"
                                "[1,'v','03-01 10:40'],[1,'a','03-01 11:00'],[1,'w','03-01 11:05'],"
                                "[1,'a','03-01 11:10'],[1,'v','03-01 11:20']]";
    static const struct report_case cases[] = {
        { gaps, PATHS("'from':'v','gap':'30min'"),
          ANSWER(
              "1", "1",
              LEVEL(NODE("v", "1", "0"), LINK("0", "0", "1")) "," LEVEL(NODE("a", "1", "1"), "")) },
        { gaps, PATHS("'to':'c','gap':'30min'"),
          ANSWER(
              "1", "1",
              LEVEL(NODE("c", "1", "0"), LINK("0", "0", "1")) "," LEVEL(NODE("b", "1", "1"), "")) },
        /* a fact passed over keeps the path alive; one not told does not part repeats */
        { again, PATHS("'from':'v','gap':'20min','collapse':true,'among':'a'"),
          ANSWER(
              "1", "1",
              LEVEL(NODE("v", "1", "0"), LINK("0", "0", "1")) "," LEVEL(
                  NODE("a", "1", "0"), LINK("0", "0", "1")) "," LEVEL(NODE("v", "1", "1"), "")) },
        { again, PATHS("'from':'v','collapse':true,'every':true,'levels':2"),
          ANSWER(
              "1", "4",
              LEVEL(NODE("v", "4", "1"), LINK("0", "0", "3")) "," LEVEL(NODE("a", "3", "0"), "")) },
        { again, PATHS("'from':'v','levels':3"),
          ANSWER(
              "1", "1",
              LEVEL(NODE("v", "1", "0"), LINK("0", "0", "1")) "," LEVEL(
                  NODE("v", "1", "0"), LINK("0", "0", "1")) "," LEVEL(NODE("v", "1", "0"), "")) },
        /* repeats with a gap between them are two, so the path ends */
        { "[[1,'v','03-01 10:00'],[1,'v','03-01 11:00'],[1,'a','03-01 11:10']]",
          PATHS("'from':'v','gap':'30min','collapse':true"),
          ANSWER("1", "1", LEVEL(NODE("v", "1", "1"), "")) },
    };
    REPORTS(cases);
}

static void nodes_have_names_and_places(void **state)
{
    (void)state;
    static const char many[] =
        "[[1,'v','03-01 10:00',{'p':'x'}],[1,'b','03-01 11:00'],[1,'z','03-01 12:00'],"
        "[2,'v','03-01 10:00',{'p':1}],[2,'b','03-01 11:00'],[2,'z','03-01 12:00'],"
        "[3,'v','03-01 10:00'],[3,'c','03-01 11:00'],[3,'y','03-01 12:00'],"
        "[4,'v','03-01 10:00',{'p':true}],[4,'a','03-01 11:00'],"
        "[5,'v','03-01 10:00',{'p':'x'}],[5,'d','03-01 11:00'],[5,'y','03-01 12:00'],"
        "[6,'v','03-01 10:00',{'p':'x'}]]";
    static const struct report_case cases[] = {
        /* alike in size: by name; the rest is one, with its ends and its links */
        { many, PATHS("'from':'v','top':2"),
          ANSWER("6", "6",
                 LEVEL(NODE("v", "6", "1"),
                       LINK("0", "0", "2") "," LINK("0", "1", "1") "," LINK(
                           "0", "2",
                           "2")) "," LEVEL(NODE("b", "2", "0") "," NODE("a", "1",
                                                                        "1") "," OTHER("2", "0"),
                                           LINK("0", "1", "2") "," LINK(
                                               "2", "0",
                                               "2")) "," LEVEL(NODE("y", "2",
                                                                    "2") "," NODE("z", "2", "2"),
                                                               "")) },
        /* a number, a text and nothing are three nodes */
        { many, PATHS("'from':'v','levels':2,'by':'p','among':'q','top':5"),
          ANSWER("6", "6",
                 LEVEL(KEYED("v", "'x'", "3", "3") "," KEYED("v", "null", "1", "1") "," KEYED(
                           "v", "true", "1", "1") "," KEYED("v", "1", "1", "1"),
                       "")) },
    };
    REPORTS(cases);
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int engine_paths_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_follow_and_lead),
        cmocka_unit_test(gaps_and_repeats),
        cmocka_unit_test(nodes_have_names_and_places),
    };
    return cmocka_run_group_tests_name("engine_paths", tests, in_shanghai, NULL);
}
