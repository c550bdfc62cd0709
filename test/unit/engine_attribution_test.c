/* Attribution against answers worked out by hand: which paths there are, and what goes to whom. The
 * models themselves: src/engine/attribution_test.c. */
#include "base/test.h"

#include "base/time.h"
#include "engine_cases.h"

int engine_attribution_test(void);

#define ASKED(models, more)                                                        \
    "{'kind':'attribution','since':'2026-03-01','until':'2026-03-02','touch':'t'," \
    "'channel':'c','conversion':'o','window':'24h','models':[" models "]" more "}"
#define LAST(more)         ASKED("'last'", more)
#define LINEAR(more)       ASKED("'linear'", more)
#define NOTHING(untouched) ANSWER("0", "0", untouched, "", "")
#define CHANNEL(key, touches, model, conversions, share)                                      \
    "{'key':" key ",'touches':" touches ",'credits':{'" model "':{'conversions':" conversions \
    ",'share':" share "}}}"
#define WORTH(key, touches, conversions, value, share)                                   \
    "{'key':" key ",'touches':" touches ",'credits':{'last':{'conversions':" conversions \
    ",'value':" value ",'share':" share "}}}"
#define PATH(channels, conversions, lost) \
    "{'channels':[" channels "],'conversions':" conversions ",'lost':" lost "}"

#define TWO(a, b)      a "," b
#define THREE(a, b, c) a "," b "," c
#define ANSWER(conversions, lost, untouched, channels, paths)               \
    "{'conversions':" conversions ",'lost':" lost ",'untouched':" untouched \
    ",'channels':[" channels "],'paths':[" paths "]}"
#define OF_ONE(conversions, lost, untouched, channel)                                             \
    ANSWER(conversions, lost, untouched, CHANNEL(channel, "1", "last", conversions, conversions), \
           PATH("0", conversions, lost))

static void paths_of_conversions(void **state)
{
    (void)state;
    /* just within the window, just before it, and what is no touch of the channel */
    static const char edge[] = "[[1,'t','02-28 10:00',{'c':'a'}],"
                               "[1,'t','02-28 09:59:59.999',{'c':'b'}],[1,'o','03-01 10:00']]";
    /* at one instant the sequence numbers decide */
    static const char same[] = "[[1,'t','03-01 10:00',{'c':'a'}],[1,'o','03-01 10:00'],"
                               "[1,'t','03-01 10:00',{'c':'b'}]]";
    static const char twice[] = "[[1,'t','03-01 08:00',{'c':'a'}],[1,'o','03-01 09:00'],"
                                "[1,'t','03-01 10:00'],[1,'o','03-01 11:00']]";
    static const struct report_case cases[] = {
        { edge, LAST(""), OF_ONE("1", "0", "0", "'a'") },
        { same, LAST(""), OF_ONE("1", "0", "0", "'a'") },
        /* a touch serves both; one without the property is a channel of its own */
        { twice, LINEAR(""),
          ANSWER("2", "0", "0",
                 TWO(CHANNEL("'a'", "2", "linear", "1.5", "0.75"),
                     CHANNEL("null", "1", "linear", "0.5", "0.25")),
                 TWO(PATH("0", "1", "0"), PATH("0,1", "1", "0"))) },
        { "[[1,'o','03-01 10:00'],[1,'o','03-02 00:00']]", LAST(""), NOTHING("1") },
        { "[]", LAST(""), NOTHING("0") },
        /* a touch of a type that is a conversion too leads to the next one, not to itself */
        { "[[1,'o','03-01 10:00',{'c':'x'}],[1,'o','03-01 11:00',{'c':'y'}]]",
          "{'kind':'attribution','since':'2026-03-01','until':'2026-03-02','touch':'o','channel':"
          "'c','conversion':'o','window':'24h','models':['last']}",
          OF_ONE("1", "0", "1", "'x'") },
        /* what has not happened yet is no conversion: the path is lost */
        { twice, LAST(""), OF_ONE("0", "1", "0", "'a'"), "03-01 08:59:59.999" },
    };
    REPORTS(cases);
}

static void paths_that_are_lost(void **state)
{
    (void)state;
    static const char people[] =
        "[[1,'t','02-28 23:59:59.999',{'c':'a'}],[1,'t','03-01 00:00',{'c':'b'}],"
        "[1,'t','03-02 00:00',{'c':'d'}],[1,'o','03-02 00:00'],"
        "[2,'t','02-28 23:00',{'c':'a'}],[3,'t','03-01 12:00',{'c':'b'}],[3,'o','03-01 11:00']]";
    static const struct report_case cases[] = {
        /* of the first, what lies in the range; the second has none there; the third converts */
        { people, LAST(""), OF_ONE("0", "1", "1", "'b'") },
        /* from a to b in one of three, and from b all convert: both are needed */
        { "[[1,'t','03-01 10:00',{'c':'a'}],[1,'t','03-01 10:10',{'c':'b'}],[1,'o','03-01 11:00'],"
          "[2,'t','03-01 10:00',{'c':'a'}],[3,'t','03-01 10:00',{'c':'a'}]]",
          ASKED("'markov'", ""),
          "{'conversions':1,'lost':2,'untouched':0,'probability':0.3333333333333333,'channels':[" TWO(
              CHANNEL("'a'", "3", "markov", "0.5", "0.5"),
              CHANNEL("'b'", "1", "markov", "0.5",
                      "0.5")) "],'paths':[" TWO(PATH("0,1", "1", "0"), PATH("0", "0", "2")) "]}" },
    };
    REPORTS(cases);
}

#define BACK ",'value':'v','refund':'r','held':'k'"
#define REFUNDS(conversions, value, refunded, taken, rest)                                        \
    "{'conversions':" conversions ",'value':" value                                               \
    ",'lost':0,'untouched':0,'untouched_value':0,'refunded':" refunded ",'refunded_value':" taken \
    "," rest "}"
#define GONE "'channels':[],'paths':[]"
#define ONE(value)                                                                        \
    "'channels':[" WORTH("'a'", "1", "1", value,                                          \
                         "1") "],'paths':[{'channels':[0],'conversions':1,'value':" value \
                              ",'lost':0}]"
#define ORDER "[1,'t','03-01 09:00',{'c':'a'}],[1,'o','03-01 10:00',{'v':10,'k':'x'}]"

static void refunds_take_back(void **state)
{
    (void)state;
    static const struct report_case cases[] = {
        { "[" ORDER ",[1,'r','03-02 10:00',{'v':4,'k':'x'}]]", LAST(BACK),
          REFUNDS("1", "6", "0", "4", ONE("6")) },
        /* with or without a sign; together they reach the whole, and the person is not lost */
        { "[" ORDER
          ",[1,'r','03-02 10:00',{'v':4,'k':'x'}],[1,'r','03-03 10:00',{'v':-6,'k':'x'}]]",
          LAST(BACK), REFUNDS("0", "0", "1", "10", GONE) },
        { "[" ORDER
          ",[1,'r','03-02 10:00',{'v':4,'k':'x'}],[1,'r','03-03 10:00',{'v':-6,'k':'x'}]]",
          LAST(BACK), REFUNDS("1", "6", "0", "4", ONE("6")), "03-03 09:59:59.999" },
        /* of no number: all of it */
        { "[" ORDER ",[1,'r','03-02 10:00',{'v':'4','k':'x'}]]", LAST(BACK),
          REFUNDS("0", "0", "1", "10", GONE) },
        /* another's, another key, none, of another kind, and one that came too early */
        { "[[1,'r','03-01 09:30',{'v':4,'k':'x'}]," ORDER ",[2,'r','03-02 10:00',{'v':4,'k':'x'}],"
          "[1,'r','03-02 10:00',{'v':4,'k':'y'}],[1,'r','03-02 10:00',{'v':4}]]",
          LAST(BACK), REFUNDS("1", "10", "0", "0", ONE("10")) },
        /* the last conversion of that key before it, even when that is not in the range */
        { "[" ORDER
          ",[1,'o','03-02 00:00',{'v':10,'k':'x'}],[1,'r','03-02 10:00',{'v':4,'k':'x'}]]",
          LAST(BACK), REFUNDS("1", "10", "0", "0", ONE("10")) },
        { "[" ORDER ",[1,'r','03-01 10:00',{'v':4,'k':'x'}],[1,'o','03-01 10:00',{'v':1,'k':'x'}]]",
          ASKED("'last'", BACK ",'listed':1"),
          REFUNDS("2", "7", "0", "4",
                  "'channels':[" WORTH("'a'", "2", "2", "7",
                                       "1") "],'paths':[{'channels':[0],"
                                            "'conversions':2,'value':7,'lost':0}]") },
        /* where no worth is asked, any refund is one of everything */
        { "[" ORDER ",[1,'r','03-02 10:00',{'v':4,'k':'x'}]]", LAST(",'refund':'r','held':'k'"),
          "{'conversions':0,'lost':0,'untouched':0,'refunded':1,'channels':[],'paths':[]}" },
    };
    REPORTS(cases);
}

#define OTHER(touches, model, conversions, share)                                            \
    "{'other':true,'touches':" touches ",'credits':{'" model "':{'conversions':" conversions \
    ",'share':" share "}}}"
#define NAMED(more) ASKED("'last_non_direct'", ",'listed':0" more)
#define TO(key, touches, conversions, share) \
    CHANNEL(key, touches, "last_non_direct", conversions, share)
#define REST(touches, conversions, share) OTHER(touches, "last_non_direct", conversions, share)

static void channels_have_places(void **state)
{
    (void)state;
    static const char many[] =
        "[[1,'t','03-01 01:00',{'c':'b'}],[1,'t','03-01 02:00',{'c':'x'}],"
        "[1,'t','03-01 03:00',{'c':1}],[1,'t','03-01 04:00',{'c':'a'}],"
        "[1,'t','03-01 05:00',{'c':'b'}],[1,'t','03-01 06:00',{'c':'direct'}],"
        "[1,'o','03-01 10:00'],[2,'t','03-01 05:00',{'c':'direct'}],[2,'o','03-01 06:00']]";
    /* a sixth to each touch of the first path */
    static const char linear[] = ANSWER(
        "2", "0", "0",
        TWO(CHANNEL("'b'", "2", "linear", "0.3333333333333333", "0.16666666666666666"),
            THREE(CHANNEL("'direct'", "2", "linear", "1.1666666666666667", "0.5833333333333334"),
                  CHANNEL("1", "1", "linear", "0.16666666666666666", "0.08333333333333333"),
                  OTHER("2", "linear", "0.3333333333333333", "0.16666666666666666"))),
        TWO(PATH("0,3,2,3,0,1", "1", "0"), PATH("1", "1", "0")));
    static const struct report_case cases[] = {
        /* alike in touches: numbers before texts; the rest is one, for the models too */
        { many, LINEAR(",'top':3"), linear },
        { many, NAMED(",'top':1"),
          ANSWER("2", "0", "0", TWO(TO("'b'", "2", "0", "0"), REST("5", "2", "1")), "") },
        { many, NAMED(",'top':2"),
          ANSWER("2", "0", "0",
                 THREE(TO("'b'", "2", "1", "0.5"), TO("'direct'", "2", "1", "0.5"),
                       REST("3", "0", "0")),
                 "") },
        { many, NAMED(",'top':2,'direct':'b'"),
          ANSWER(
              "2", "0", "0",
              THREE(TO("'b'", "2", "0", "0"), TO("'direct'", "2", "2", "1"), REST("3", "0", "0")),
              "") },
        /* who comes by no channel comes by themselves */
        { "[[1,'t','03-01 01:00',{'c':'b'}],[1,'t','03-01 02:00'],[1,'o','03-01 03:00']]",
          NAMED(",'direct':null"),
          ANSWER("1", "0", "0", TWO(TO("null", "1", "0", "0"), TO("'b'", "1", "1", "1")), "") },
        { "[[1,'t','03-01 01:00',{'c':'b'}],[1,'t','03-01 02:00'],[1,'o','03-01 03:00']]",
          NAMED(""),
          ANSWER("1", "0", "0", TWO(TO("null", "1", "1", "1"), TO("'b'", "1", "0", "0")), "") },
    };
    REPORTS(cases);
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int engine_attribution_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_conversions),
        cmocka_unit_test(paths_that_are_lost),
        cmocka_unit_test(refunds_take_back),
        cmocka_unit_test(channels_have_places),
    };
    return cmocka_run_group_tests_name("engine_attribution", tests, in_shanghai, NULL);
}
