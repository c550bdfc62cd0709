/* Telling, folding, saving and asking at the same time: under the thread sanitizer too. */
#include "base/test.h"

#include <pthread.h>

#include "base/time.h"
#include "engine/engine_internal.h"
#include "engine_told.h"
#include "scratch.h"

int engine_together_test(void);

#define BATCH 40
#define FACTS 24000

/* Everything that was ever told, one by one. */
static const char everything[] =
    "{'kind':'trend','of':{'event':['a','b','c']},'figure':'sum','prop':'one','unit':'month',"
    "'since':'1970-01-01','until':'1971-01-01'}";
static const char everybody[] =
    "{'kind':'segment','people':{'event':'a','sum':{'prop':'one','gte':1}}}";

struct together {
    struct engine *e;
    char folder[64];
    _Atomic bool done;
    _Atomic int wrong, asked, saves, folds;
};

static void tell(struct engine *e, i64 from, i64 to)
{
    static const char *const types[] = { "a", "b", "c" };
    engine_begin(e);
    for (i64 i = from; i < to; i++) {
        struct fact_prop props[] = { { S("one"), { VALUE_NUMBER, STR_NONE, 1000 } },
                                     { S("late"), { VALUE_NUMBER, STR_NONE, i } } };
        /* the second property is there for the later half alone: a column made in the middle */
        engine_fact(e, &(struct fact) { i * 7919 % 9001 + 1,
                                        i + 1,
                                        str_of(types[i % 3]),
                                        { 1000 + i * 31 % 5000 },
                                        props,
                                        i < FACTS / 2 ? 1 : 2 });
    }
    /* In the first half, whatever the keeper is about; the second is more than a tail may hold, so
     * that the keeper has something to fold however the threads run. */
    if (from < FACTS / 2 && from % (BATCH * 150) == 0)
        engine_fold(e);
    engine_cover(e, to);
    engine_end(e);
}

static void *tells(void *arg)
{
    struct together *t = arg;
    for (i64 told = 0; told < FACTS; told += BATCH)
        tell(t->e, told, told + BATCH);
    t->done = true;
    return NULL;
}

static void *keeps(void *arg)
{
    struct together *t = arg;
    const char *reason = "";
    for (bool last = false; !last;) {
        last = t->done;
        while (engine_fold_some(t->e))
            t->folds++;
        t->wrong += engine_save(t->e, t->folder, 1, &reason) != OK;
        t->saves++;
    }
    return NULL;
}

/* Whole batches, not fewer than were told before nor more than after. */
static void ask_once(struct together *t, bool background)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct engine_limits limits = { .background = background };
    struct query q = told_query(&a, everything), who = told_query(&a, everybody);
    struct result r;
    i64 before = engine_covered(t->e);
    t->wrong += engine_ask(t->e, &a, &q, (instant) { DAY_MS }, &limits, &r) != OK;
    i64 after = engine_covered(t->e), count = r.trend.groups[0].total.count;
    t->wrong += count < before || count > after || count % BATCH != 0;
    t->wrong += r.trend.groups[0].total.sum != count * 1000;
    t->wrong += engine_ask(t->e, &a, &who, (instant) { DAY_MS }, &limits, &r) != OK;
    t->asked++;
}

static void *asks(void *arg)
{
    struct together *t = arg;
    while (!t->done)
        ask_once(t, false);
    return NULL;
}

static void *asks_in_the_background(void *arg)
{
    struct together *t = arg;
    while (!t->done)
        ask_once(t, true);
    return NULL;
}

static void each_sees_what_was_told(void **state)
{
    struct together t = { .folder = "/tmp/hetang-unit-XXXXXX" };
    const char *reason = "";
    void *(*const all[])(void *) = { tells, keeps, asks, asks_in_the_background };
    pthread_t threads[COUNT(all)];
    (void)state;
    zone_load("Asia/Shanghai");
    assert_non_null(mkdtemp(t.folder));
    t.e = engine_new(2);
    for (size_t i = 0; i < COUNT(all); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, all[i], &t), 0);
    for (size_t i = 0; i < COUNT(all); i++)
        pthread_join(threads[i], NULL);
    print_message("%d answers, %d saves, %d folds\n", t.asked, t.saves, t.folds);
    assert_int_equal(t.wrong, 0);
    assert_true(t.asked > 0 && t.saves > 0 && t.folds > 2);
    assert_false(engine_fold_some(t.e));
    ask_once(&t, false);
    engine_free(t.e);
    assert_ok(engine_load(t.folder, 1, 2, &t.e, &reason));
    assert_int_equal(engine_covered(t.e), FACTS);
    ask_once(&t, true);
    assert_int_equal(t.wrong, 0);
    engine_free(t.e);
    remove_folder(t.folder);
}

/* Facts that come while a table is folded are its tail afterwards, and columns that come are there.
 */
static void what_comes_during_a_fold_is_kept(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    zone_load("Asia/Shanghai");
    struct engine *e = engine_new(1);
    told_more(e, 0, 1);
    i64 told = 1;
    for (int round = 0; round < 20; round++) {
        size_t at = (size_t)round % e->table_count;
        struct table *t = e->tables[at];
        struct table_fold *f = table_fold_begin(t, &e->alive);
        told_more(e, told, told + 30);
        table_fold_run(f);
        told_more(e, told + 30, told + 37);
        told += 37;
        e->tables[at] = table_fold_end(t, f);
        table_fold_free(f);
        str old = told_answers(&a, e);
        table_done(t);
        free(t);
        str want = told_expected(&a, told), have = told_answers(&a, e);
        assert_true(str_eq(want, have) && str_eq(want, old));
    }
    engine_free(e);
}

/* People who are told anew again and again leave rows behind that nobody asks for. */
static void who_is_gone_is_folded_away(void **state)
{
    (void)state;
    struct engine_stats stats;
    struct engine *e = engine_new(1);
    engine_begin(e);
    for (i64 i = 0; i < 5000; i++)
        engine_fact(e, &(struct fact) { i, i, S("a"), { 1000 }, NULL, 0 });
    engine_fold(e);
    engine_end(e);
    assert_false(engine_fold_some(e));
    engine_begin(e);
    for (i64 i = 0; i < 1000; i++)
        engine_forget(e, i);
    engine_end(e);
    assert_true(engine_fold_some(e));
    assert_false(engine_fold_some(e));
    engine_stats(e, &stats);
    assert_int_equal(stats.facts, 4000);
    engine_free(e);
}

int engine_together_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sees_what_was_told),
        cmocka_unit_test(what_comes_during_a_fold_is_kept),
        cmocka_unit_test(who_is_gone_is_folded_away),
    };
    return cmocka_run_group_tests_name("engine_together", tests, NULL, NULL);
}
