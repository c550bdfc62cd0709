/* What a segment answers beside who fits, worked out by hand. */
#include "base/test.h"

#include "base/time.h"
#include "engine_answer.h"

int engine_segment_test(void);

static const char some[] =
    "[{'id':1,'city':'上海','likes':['b','a'],'vip':true,'sets':{'tag':['7']}},"
    "{'id':2,'city':'杭州','born':{'day':'2000-02-29'}},{'id':3,'seen':{'instant':'03-08 08:00'}},"
    "[1,'paid','03-01 10:00',{'v':1.5,'c':'x'}],[1,'paid','03-02 10:00',{'v':2,'c':true}],"
    "[1,'paid','03-03 10:00'],[1,'open','03-02 10:00'],[2,'paid','03-05 10:00',{'v':'2'}]]";

#define SEGMENT(people) "{'kind':'segment','people':" people
#define CITY            "{'attr':'city','eq':'上海'}"
#define PAID(more)      "{'event':'paid'" more "}"

static void how_many_fit_each_node(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        { some, SEGMENT(CITY ",'counts':true}"), "{'people':1,'nodes':[1]} 1" },
        /* alone: also of whom the whole does not hold; not: of who does not fit below it */
        { some,
          SEGMENT("{'all':[" CITY ",{'not':" PAID("") "},{'any':[" PAID("") "," CITY "]}]}"
                                                                            ",'counts':true}"),
          "{'people':0,'nodes':[0,1,1,2,2,2,1]}" },
        { some, SEGMENT("{'not':{'set':'tag','key':'7'}},'counts':true}"),
          "{'people':2,'nodes':[2,1]} 2 3" },
        { some, SEGMENT(PAID("") ",'counts':true,'only':'count'}"), "{'people':2,'nodes':[2]}" },
        { some, SEGMENT(PAID("") ",'only':'count'}"), "{'people':2}" },
        { some, "{'kind':'segment','only':'count'}", "{'people':3}" },
        { some, "{'kind':'segment','counts':true}", "{'people':3,'nodes':[]} 1 2 3" },
    };
    ANSWERS(cases);
}

#define WHY(person, people) "{'kind':'segment','person':" person ",'people':" people "}"
#define ONE(node)           "{'there':true,'nodes':[" node "]}"

static void why_somebody_fits(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        { some, WHY("9", CITY), "{'there':false,'nodes':[]}" },
        { some, "{'kind':'segment','person':2}", "{'there':true,'nodes':[]}" },
        { some, WHY("2", CITY), ONE("{'holds':false,'value':'杭州'}") },
        { some, WHY("3", CITY), ONE("{'holds':false,'value':null}") },
        { some, WHY("1", "{'attr':'likes','eq':'b'}"), ONE("{'holds':true,'value':['a','b']}") },
        { some, WHY("2", "{'attr':'likes','eq':'b'}"), ONE("{'holds':false,'value':null}") },
        { some, WHY("1", "{'attr':'vip','eq':false}"), ONE("{'holds':false,'value':true}") },
        { some, WHY("2", "{'attr':'born','next':'7d'}"),
          ONE("{'holds':false,'value':'2000-02-29'}") },
        { some, WHY("3", "{'attr':'seen','within':'7d'}"),
          ONE("{'holds':true,'value':'2026-03-08T00:00:00Z'}") },
        { some, WHY("1", "{'not':{'set':'tag','key':'7'}}"),
          ONE("{'holds':false},{'holds':true}") },
        /* figures are of the facts that count: in the window, of whom the conditions hold */
        { some, WHY("1", PAID(",'count':{'gte':4}")), ONE("{'holds':false,'value':3}") },
        { some, WHY("3", PAID("")), ONE("{'holds':false,'value':0}") },
        { some, WHY("1", PAID(",'since':'2026-03-02'")), ONE("{'holds':true,'value':2}") },
        { some, WHY("1", PAID(",'sum':{'prop':'v','gte':3}")),
          ONE("{'holds':true,'value':3.500}") },
        { some, WHY("3", PAID(",'sum':{'prop':'v','gte':0}")), ONE("{'holds':true,'value':0}") },
        { some, WHY("1", PAID(",'average':{'prop':'v','gte':2}")),
          ONE("{'holds':false,'sum':3.500,'numbers':2}") },
        { some, WHY("2", PAID(",'average':{'prop':'v','gte':2}")),
          ONE("{'holds':false,'value':null}") },
        { some, WHY("1", PAID(",'min':{'prop':'v','gte':2}")),
          ONE("{'holds':false,'value':1.500}") },
        { some, WHY("1", PAID(",'max':{'prop':'v','gte':2}")), ONE("{'holds':true,'value':2}") },
        { some, WHY("2", PAID(",'max':{'prop':'v','gte':2}")),
          ONE("{'holds':false,'value':null}") },
        { some, WHY("1", PAID(",'distinct':{'prop':'c','gte':2}")),
          ONE("{'holds':true,'value':2}") },
        /* the property as it is, whatever it is compared with; of the last fact it is not there */
        { some, WHY("1", PAID(",'first':{'prop':'c','eq':'y'}")),
          ONE("{'holds':false,'value':'x'}") },
        { some, WHY("2", PAID(",'first':{'prop':'v','gte':1}")),
          ONE("{'holds':false,'value':'2'}") },
        { some, WHY("1", PAID(",'last':{'prop':'c','ne':'y'}")),
          ONE("{'holds':true,'value':null}") },
        { some, WHY("1", PAID(",'last':{'within':'30d'}")),
          ONE("{'holds':true,'value':'2026-03-03T02:00:00Z'}") },
        { some, WHY("3", PAID(",'last':{'within':'30d'}")), ONE("{'holds':false,'value':null}") },
        /* behind the other fact, here the last of two at one instant; without one there is no
           figure, not even none */
        { some, WHY("1", PAID(",'since_event':{'event':'open'}")),
          ONE("{'holds':true,'value':1}") },
        { some, WHY("2", PAID(",'count':{'lte':5},'since_event':{'event':'open'}")),
          ONE("{'holds':false,'value':null}") },
        { some, WHY("1", "{'all':[{'sequence':['paid','open']}," CITY "]}"),
          ONE("{'holds':true},{'holds':true},{'holds':true,'value':'上海'}") },
    };
    ANSWERS(cases);
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int engine_segment_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_many_fit_each_node),
        cmocka_unit_test(why_somebody_fits),
    };
    return cmocka_run_group_tests_name("engine_segment", tests, in_shanghai, NULL);
}
