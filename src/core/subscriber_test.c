/* Subscribers: each fact handled once and in order, whatever fails; one bad fact stops nobody. */
#include "core/testing.h"

#include "core/event.h"

#include <pthread.h>

static const struct event_type ev_a = { "test.a", "甲", "A", "n: number" };
static const struct event_type ev_b = { "test.b", "乙", "B", "n: number" };
static const struct event_type *const types[] = { &ev_a, &ev_b };

static struct {
    _Atomic int calls;
    int fail_every; /* every n-th call fails, after its work */
    i64 poison;     /* this fact cannot be handled */
    enum err error;
} told;

static enum err count_up(struct ctx *cx, const char *sub, i64 seq)
{
    const char *key = arena_fmt(cx->arena, "%s.%lld", sub, (long long)seq).ptr;
    str value = STR_NONE;
    i64 n = 0;
    TRY(setting_get(cx, key, &value));
    if (value.ptr && !str_to_i64(value, &n))
        return ERR_INTERNAL;
    return setting_set(cx, key, arena_fmt(cx->arena, "%lld", (long long)n + 1));
}

/* Order: the last fact seen is kept, and a smaller one is refused. */
static enum err in_order(struct ctx *cx, const char *sub, i64 seq)
{
    const char *key = arena_fmt(cx->arena, "last.%s", sub).ptr;
    str value = STR_NONE;
    i64 last = 0;
    TRY(setting_get(cx, key, &value));
    if (value.ptr && (!str_to_i64(value, &last) || last >= seq))
        return fail(cx, ERR_INTERNAL, NULL);
    return setting_set(cx, key, arena_fmt(cx->arena, "%lld", (long long)seq));
}

static enum err handle(struct ctx *cx, const char *sub, const struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(count_up(cx, sub, events[i].seq));
        TRY(in_order(cx, sub, events[i].seq));
        if (events[i].seq == told.poison)
            return told.error;
    }
    int calls = ++told.calls;
    return told.fail_every && calls % told.fail_every == 0 ? told.error : OK;
}

static enum err on_all(struct ctx *cx, const struct event *events, size_t count)
{
    return handle(cx, "all", events, count);
}

static enum err on_b(struct ctx *cx, const struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert(str_is(events[i].type_name, "test.b"));
    return handle(cx, "b", events, count);
}

static const char *const only_b[] = { "test.b", NULL };
static const struct subscriber subs[] = {
    { .name = "all", .handle = on_all, .doc = "counts all" },
    { .name = "b", .types = only_b, .handle = on_b, .doc = "counts those of one type" }
};
static const struct module log_module = { .name = "log",
                                          .events = TABLE(types),
                                          .subscribers = TABLE(subs) };

static void open_app(struct test_app *t, void **state)
{
    memset(&told, 0, sizeof told);
    test_app_open(t, test_engine(state), &log_module);
}

static enum err emit(struct ctx *cx, void *arg)
{
    int count = *(int *)arg;
    for (int i = 0; i < count; i++)
        TRY(event_emit(cx, i % 10 ? &ev_a : &ev_b, (customer_id) { 0 }, P("n", i)));
    return OK;
}

static void emit_some(struct test_app *t, int count)
{
    assert_ok(in_write(&t->cx, emit, &count));
}

/* Each was counted once: by "all" `all` facts, by "b" `b`. */
static void counted_once(struct test_app *t, i64 all, i64 b)
{
    assert_int_equal(
        test_app_i64(t, "SELECT count(*) FROM setting WHERE key LIKE 'all.%' AND value = '1'"),
        all);
    assert_int_equal(
        test_app_i64(t, "SELECT count(*) FROM setting WHERE key LIKE 'b.%' AND value = '1'"), b);
    assert_int_equal(test_app_i64(t, "SELECT count(*) FROM setting WHERE key NOT LIKE 'last.%'"),
                     all + b);
}

static void drain(struct test_app *t)
{
    for (int i = 0; i < 200 && log_drain(&t->app) != OK; i++)
        ;
}

static void each_once_in_order(void **state)
{
    struct test_app t;
    open_app(&t, state);
    emit_some(&t, 1200); /* more than two batches */
    assert_ok(log_drain(&t.app));
    counted_once(&t, 1200, 120);
    assert_ok(log_drain(&t.app)); /* nothing new */
    counted_once(&t, 1200, 120);
    emit_some(&t, 10);
    test_app_reopen(&t);
    assert_ok(log_drain(&t.app));
    counted_once(&t, 1210, 121);
    test_app_close(&t);
}

static void failures_undo_the_batch(void **state)
{
    struct test_app t;
    open_app(&t, state);
    told.error = ERR_INVALID;
    for (int every = 2; every <= 4; every++) {
        told.fail_every = every;
        emit_some(&t, 100);
        drain(&t);
    }
    counted_once(&t, 300, 30);
    test_app_close(&t);
}

static void any_statement_may_fail(void **state)
{
    struct test_app t;
    open_app(&t, state);
    for (int n = 1; n <= 60; n++) {
        emit_some(&t, 10);
        db_fault_at(n);
        (void)(log_drain(&t.app) == OK);
        db_fault_at(0);
    }
    drain(&t);
    counted_once(&t, 600, 60);
    test_app_close(&t);
}

static void wait_until(struct test_app *t, const char *query, i64 value)
{
    for (int i = 0; i < 1500 && test_app_i64(t, query) != value; i++)
        usleep(10000);
    assert_int_equal(test_app_i64(t, query), value);
}

/* A fact that cannot be handled is set aside for a person; the others go on. A bare failure of the
 * database must not be taken for another node's having moved the cursor. */
static void a_bad_fact_is_set_aside(void **state)
{
    static const enum err errors[] = { ERR_INVALID, ERR_CONFLICT };
    for (size_t i = 0; i < COUNT(errors); i++) {
        struct test_app t;
        struct log_lag lags[4];
        size_t count = 0;
        open_app(&t, state);
        told.error = errors[i];
        told.poison = 5;
        emit_some(&t, 20);
        assert_ok(log_start(&t.app));
        wait_until(&t, "SELECT count(*) FROM job WHERE state = 'dead'", 1);
        wait_until(&t, "SELECT count(*) FROM setting WHERE key LIKE 'all.%'", 19);
        log_stop(&t.app);
        counted_once(&t, 19, 2);
        assert_ok(db_read_begin(t.app.db, (struct db_view) { 0 }, &t.cx.db));
        assert_ok(log_lags(&t.cx, lags, &count, COUNT(lags)));
        db_read_end(t.cx.db);
        assert_int_equal(count, 2);
        assert_int_equal(lags[0].behind + lags[1].behind, 0);
        assert_true(str_has(test_app_str(&t, "SELECT payload FROM job WHERE state = 'dead'"),
                            S("\"all\"")));
        /* Mended, and tried again by a person. */
        told.poison = 0;
        test_app_write(&t, "DELETE FROM setting WHERE key = 'last.all'");
        test_app_write(&t, "UPDATE job SET state = 'waiting', attempts = 0 WHERE state = 'dead'");
        assert_ok(jobs_drain(&t.app, &subscriber_retry_job));
        counted_once(&t, 20, 2);
        test_app_close(&t);
    }
}

/* The machine's troubles set nothing aside. */
static void a_full_disk_loses_nothing(void **state)
{
    struct test_app t;
    open_app(&t, state);
    told.error = ERR_DISK_FULL;
    told.poison = 5;
    emit_some(&t, 20);
    assert_ok(log_start(&t.app));
    usleep(1500000); /* longer than the tries of a bad fact take */
    assert_int_equal(test_app_i64(&t, "SELECT count(*) FROM job WHERE state = 'dead'"), 0);
    told.poison = 0;
    wait_until(&t, "SELECT count(*) FROM setting WHERE key LIKE 'all.%'", 20);
    log_stop(&t.app);
    counted_once(&t, 20, 2);
    test_app_close(&t);
}

/* Two nodes run the same subscribers while others write (one on PostgreSQL, since what is under
 * test is the cursor, not the order in which crossing transactions enter the log). */
static void *drain_thread(void *arg)
{
    for (int i = 0; i < 30; i++)
        (void)(log_drain(arg) == OK);
    return NULL;
}

static void *emit_thread(void *arg)
{
    struct app *app = arg;
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &arena, S("test"));
    int ten = 10;
    for (int i = 0; i < 20; i++) {
        enum err e;
        while ((e = in_write(&cx, emit, &ten)) == ERR_BUSY)
            fail_clear(&cx);
        assert_ok(e);
    }
    return NULL;
}

static void two_nodes_share_a_cursor(void **state)
{
    struct test_app t;
    pthread_t threads[4];
    open_app(&t, state);
    size_t count = test_engine(state) == DB_PG ? 3 : 4;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, i % 2 ? emit_thread : drain_thread, &t.app), 0);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    drain(&t);
    i64 emitted = test_app_i64(&t, "SELECT count(*) FROM event");
    assert_int_equal(emitted, 200 * (i64)(count / 2));
    counted_once(&t, emitted, emitted / 10);
    test_app_close(&t);
}

/* What was passed without being wanted is written down at the stop. */
static void the_cursor_is_kept_at_the_stop(void **state)
{
    struct test_app t;
    open_app(&t, state);
    assert_ok(log_start(&t.app));
    emit_some(&t, 9); /* one of type b, then eight that only "all" wants */
    wait_until(&t, "SELECT count(*) FROM setting WHERE key LIKE 'all.%'", 9);
    log_stop(&t.app);
    assert_int_equal(test_app_i64(&t, "SELECT cursor_seq FROM subscriber WHERE name = 'all'"), 9);
    assert_int_equal(test_app_i64(&t, "SELECT cursor_seq FROM subscriber WHERE name = 'b'"), 9);
    test_app_close(&t);
}

int subscriber_test(void);
int subscriber_test(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(each_once_in_order),
        ON_BOTH(failures_undo_the_batch),
        ON_BOTH(any_statement_may_fail),
        ON_BOTH(a_bad_fact_is_set_aside),
        ON_BOTH(a_full_disk_loses_nothing),
        ON_BOTH(two_nodes_share_a_cursor),
        ON_BOTH(the_cursor_is_kept_at_the_stop),
    };
    return cmocka_run_group_tests_name("subscriber", tests, NULL, NULL);
}
