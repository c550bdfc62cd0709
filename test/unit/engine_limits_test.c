/* How far a question may go, and who goes first. */
#include "base/test.h"

#include <pthread.h>
#include <sched.h>

#include "base/time.h"
#include "engine/engine_internal.h"
#include "engine_told.h"

int engine_limits_test(void);

#define NOW   ((instant) { INT64_C(40000000000) })
#define FACTS 6000

/* A group for each fact, and a cell for each day. */
static const char dear[] =
    "{'kind':'trend','of':{'event':'a'},'figure':'count','unit':'day','since':'1970-01-01',"
    "'until':'1970-12-30','breakdown':[{'prop':'number'}]}";
static const char dear_cohorts[] =
    "{'kind':'retention','start':{'event':'a'},'return':{'event':'a'},'unit':'day','periods':100,"
    "'since':'1970-01-01','until':'1970-12-30','breakdown':[{'prop':'number'}]}";
static const char cheap[] = "{'kind':'segment','people':{'event':'a','count':{'gte':1}}}";

static struct engine *filled(int threads)
{
    struct engine *e = engine_new(threads);
    engine_begin(e);
    for (i64 i = 0; i < FACTS; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "no-%d", (int)i);
        struct fact_prop prop = { S("number"), { VALUE_TEXT, { text, (size_t)len }, 0 } };
        engine_fact(e, &(struct fact) { i * 2, i, S("a"), { 1000 + i % 97 }, &prop, 1 });
    }
    engine_end(e);
    return e;
}

static enum err ask(struct engine *e, const char *text, const struct engine_limits *limits)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct query q = told_query(&a, text);
    struct result r = { .people_count = 77 };
    enum err err = engine_ask(e, &a, &q, NOW, limits, &r);
    assert_true((r.people_count == 77) == (err != OK)); /* untouched */
    return err;
}

static void over_each_limit(void **state)
{
    (void)state;
    zone_load("Asia/Shanghai");
    struct engine *e = filled(2);
    _Atomic bool yes = true, no = false;
    i64 now_us = clock_monotonic_us(), later_us = now_us + 600 * 1000000;
    const struct {
        const char *question;
        struct engine_limits limits;
        enum err err;
    } cases[] = {
        { cheap, { 0 }, OK },
        { cheap, { .deadline_us = now_us }, ERR_TOO_SLOW },
        { cheap, { .deadline_us = later_us, .cancel = &no, .memory = 64 << 20 }, OK },
        { cheap, { .cancel = &yes }, ERR_CANCELLED },
        { cheap, { .memory = 1000 }, ERR_TOO_COSTLY },
        { cheap, { .background = true, .memory = 1000 }, ERR_TOO_COSTLY },
        { dear, { .memory = 16 << 20 }, ERR_TOO_COSTLY },
        { dear_cohorts, { .memory = 16 << 20 }, ERR_TOO_COSTLY },
        { cheap, { .memory = 16 << 20, .background = true }, OK },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("case %zu\n", i);
        assert_int_equal(ask(e, cases[i].question, &cases[i].limits), cases[i].err);
    }
    assert_ok(ask(e, cheap, NULL));
    engine_free(e);
}

/* One block takes all of it: what is taken past the limit is little. */
static void memory_stays_near_the_limit(void **state)
{
    (void)state;
    static const char *const questions[] = { dear, dear_cohorts };
    const struct engine_limits limits = { .memory = 8 << 20 };
    struct engine *e = filled(1);
    for (size_t i = 0; i < COUNT(questions); i++) {
        size_t before = heap_taken();
        assert_int_equal(ask(e, questions[i], &limits), ERR_TOO_COSTLY);
        assert_true(heap_taken() - before < limits.memory + (4 << 20));
    }
    engine_free(e);
}

/* Whatever the limit, and wherever it is met: refused or answered, and the same when answered. */
static void at_any_limit(void **state)
{
    static const char *const questions[] = {
        cheap,
        dear,
        "{'kind':'funnel','steps':['a','a'],'window':'1d','since':'1970-01-01','until':'1970-02-01',"
        "'breakdown':[{'prop':'number'}]}",
        "{'kind':'funnel','steps':['a','a'],'window':'1d','order':'strict','since':'1970-01-01',"
        "'until':'1970-02-01'}",
        "{'kind':'paths','from':'a','since':'1970-01-01','until':'1970-02-01'}",
        "{'kind':'life','of':'a','unit':'day','since':'1970-01-01','until':'1970-02-01'}",
        dear_cohorts,
    };
    (void)state;
    zone_load("Asia/Shanghai");
    struct engine *e = filled(2);
    int refused = 0, answered = 0;
    for (size_t i = 0; i < COUNT(questions); i++)
        for (size_t memory = 1 << 10; memory < 64 << 20; memory = memory * 3 / 2) {
            enum err err = ask(e, questions[i], &(struct engine_limits) { .memory = memory });
            assert_true(err == OK || err == ERR_TOO_COSTLY);
            refused += err != OK;
            answered += err == OK;
        }
    assert_true(refused > 30 && answered > 30);
    engine_free(e);
}

struct asker {
    struct engine *e;
    struct engine_limits limits;
    _Atomic bool cancel;
    _Atomic int answers;
    enum err last;
};

static void *asks_until_refused(void *arg)
{
    struct asker *x = arg;
    while ((x->last = ask(x->e, cheap, &x->limits)) == OK)
        x->answers++;
    return NULL;
}

static void cancelled_by_another_thread(void **state)
{
    (void)state;
    struct asker x = { .e = filled(2) };
    pthread_t thread;
    x.limits.cancel = &x.cancel;
    assert_int_equal(pthread_create(&thread, NULL, asks_until_refused, &x), 0);
    while (x.answers < 3)
        sched_yield();
    x.cancel = true;
    pthread_join(thread, NULL);
    assert_int_equal(x.last, ERR_CANCELLED);
    engine_free(x.e);
}

static void a_deadline_holds_outside_too(void **state)
{
    (void)state;
    struct asker x = { .e = filled(2) };
    pthread_t thread;
    engine_begin(x.e); /* nobody gets in */
    x.limits.deadline_us = clock_monotonic_us() + 20000;
    assert_int_equal(pthread_create(&thread, NULL, asks_until_refused, &x), 0);
    pthread_join(thread, NULL);
    assert_int_equal(x.last, ERR_TOO_SLOW);
    assert_int_equal(x.answers, 0);
    engine_end(x.e);
    assert_ok(ask(x.e, cheap, NULL));
    engine_free(x.e);
}

/* --- who goes first */

static bool not_again(void *arg)
{
    int *looks = arg;
    return ++*looks > 2;
}

static bool gets_in(struct gate *g, bool background)
{
    int looks = 0;
    struct visit visit;
    bool in = gate_ask(g, background, not_again, &looks, &visit);
    if (in)
        gate_asked(g, &visit);
    return in;
}

static void *tells_once(void *arg)
{
    gate_tell(arg);
    gate_told(arg);
    return NULL;
}

static int waiting_to_tell(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    int waiting = g->waiting;
    pthread_mutex_unlock(&g->mutex);
    return waiting;
}

static pthread_t teller_waits(struct gate *g)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, tells_once, g), 0);
    while (!waiting_to_tell(g))
        sched_yield();
    return thread;
}

static void who_goes_first(void **state)
{
    (void)state;
    struct gate g;
    struct visit people, machine;
    int looks = 0;
    gate_init(&g);
    assert_true(gets_in(&g, false) && gets_in(&g, true)); /* nobody is there */
    gate_tell(&g);
    assert_false(gets_in(&g, false) || gets_in(&g, true));
    gate_told(&g);

    gate_ask(&g, false, NULL, NULL,
             &people); /* somebody asks: others may, the background may not */
    assert_true(gets_in(&g, false));
    assert_false(gets_in(&g, true));
    pthread_t teller = teller_waits(&g); /* who tells goes before who comes now */
    assert_false(gets_in(&g, false));
    gate_asked(&g, &people);
    pthread_join(teller, NULL);

    gate_ask(&g, true, NULL, NULL, &machine); /* the background inside: it pauses for who asks */
    gate_pause(&g, NULL, NULL);
    gate_ask(&g, false, NULL, NULL, &people);
    gate_pause(&g, not_again, &looks);
    assert_int_equal(looks, 3);
    gate_asked(&g, &people);
    teller = teller_waits(&g); /* who tells has to wait for it anyway: people get in */
    assert_true(gets_in(&g, false));
    assert_false(gets_in(&g, true));
    gate_ask(&g, false, NULL, NULL, &people);
    gate_pause(&g, NULL, NULL); /* until who tells has waited long enough */
    gate_asked(&g, &people);
    gate_asked(&g, &machine);
    pthread_join(teller, NULL);
    gate_done(&g);
}

static void *comes_once(void *arg)
{
    struct visit visit;
    gate_ask(arg, false, NULL, NULL, &visit);
    gate_asked(arg, &visit);
    return NULL;
}

static int queued(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    int count = g->queued;
    pthread_mutex_unlock(&g->mutex);
    return count;
}

/* Who tells without a pause lets those in who waited. */
static void nobody_waits_for_ever(void **state)
{
    (void)state;
    struct gate g;
    pthread_t threads[4];
    gate_init(&g);
    gate_tell(&g);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, comes_once, &g), 0);
    while (queued(&g) < (int)COUNT(threads))
        sched_yield();
    gate_told(&g);
    gate_tell(&g);
    assert_int_equal(queued(&g), 0);
    gate_told(&g);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    gate_done(&g);
}

static _Atomic bool drained;

static void *drains(void *arg)
{
    gate_drain(arg);
    drained = true;
    return NULL;
}

/* Who waits for those inside to leave waits for no others, and they for nobody. */
static void those_inside_are_waited_for(void **state)
{
    (void)state;
    struct gate g;
    struct visit before, after;
    pthread_t thread;
    gate_init(&g);
    for (int round = 0; round < 3; round++) {
        drained = false;
        gate_ask(&g, false, NULL, NULL, &before);
        int then = g.now, now = then;
        assert_int_equal(pthread_create(&thread, NULL, drains, &g), 0);
        while (now == then) {
            pthread_mutex_lock(&g.mutex);
            now = g.now;
            pthread_mutex_unlock(&g.mutex);
            sched_yield();
        }
        gate_ask(&g, false, NULL, NULL, &after);
        assert_false(drained);
        gate_asked(&g, &before);
        pthread_join(thread, NULL);
        assert_true(drained);
        gate_asked(&g, &after);
    }
    gate_done(&g);
}

int engine_limits_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_each_limit),
        cmocka_unit_test(memory_stays_near_the_limit),
        cmocka_unit_test(at_any_limit),
        cmocka_unit_test(cancelled_by_another_thread),
        cmocka_unit_test(a_deadline_holds_outside_too),
        cmocka_unit_test(who_goes_first),
        cmocka_unit_test(nobody_waits_for_ever),
        cmocka_unit_test(those_inside_are_waited_for),
    };
    return cmocka_run_group_tests_name("engine_limits", tests, NULL, NULL);
}
