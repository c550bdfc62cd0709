#include "core/event.h"

#include "core/testing.h"

#include "event.sql.h"

static const struct event_type ev_one = {
    .name = "test.one", .zh = "一", .en = "One", .props = "n: integer"
};
static const struct event_type *const types[] = { &ev_one };
static const struct module log_module = { .name = "log", .events = TABLE(types) };

static struct db_conn *begin(struct test_app *t)
{
    struct db_conn *conn;
    assert_ok(db_write_begin(t->app.db, (struct db_view) { 0 }, &conn));
    return conn;
}

static void emit(struct test_app *t, struct db_conn *conn, int n)
{
    t->cx.db = conn;
    assert_ok(event_emit(&t->cx, &ev_one, (customer_id) { 0 }, P("n", n)));
    t->cx.db = NULL;
}

static size_t seen_after(struct test_app *t, i64 after)
{
    struct event events[10];
    size_t count;
    assert_ok(event_look(&t->app));
    assert_ok(db_read_begin(t->app.db, (struct db_view) { 0 }, &t->cx.db));
    assert_ok(event_read(&t->cx, after, COUNT(events), events, &count));
    db_read_end(t->cx.db);
    t->cx.db = NULL;
    for (size_t i = 1; i < count; i++)
        assert_true(events[i - 1].seq < events[i].seq);
    return count;
}

/* The write that began first commits first, but has the larger number: whoever read it and moved on
 * would never see the other. */
static void a_smaller_number_that_comes_later_is_not_passed(void **state)
{
    struct test_app t;
    if (test_engine(state) != DB_PG)
        skip(); /* one write after another */
    test_app_open(&t, DB_PG, &log_module);
    struct db_conn *first = begin(&t), *second = begin(&t);
    i64 number; /* of the write: the first takes the smaller one, and then the larger one of a fact
                 */
    t.cx.db = first;
    assert_ok(sql_i64(&t.cx, event_next_write, &number));
    emit(&t, second, 1);
    emit(&t, first, 2);
    assert_ok(db_write_wait(first, OK));
    assert_int_equal(seen_after(&t, 0), 0);
    assert_int_equal(seen_after(&t, 0), 0);
    assert_ok(db_write_wait(second, OK));
    assert_int_equal(seen_after(&t, 0), 2);

    second = begin(&t); /* an undone write leaves a gap, which holds nobody up */
    emit(&t, second, 3);
    assert_int_not_equal(db_write_wait(second, ERR_WRONG_STATE), OK);
    first = begin(&t);
    emit(&t, first, 4);
    assert_ok(db_write_wait(first, OK));
    assert_int_equal(seen_after(&t, 2), 1);
    test_app_close(&t);
}

static void facts_are_read_in_order_and_once(void **state)
{
    struct test_app t;
    test_app_open(&t, test_engine(state), &log_module);
    for (int i = 0; i < 5; i++) {
        struct db_conn *conn = begin(&t);
        emit(&t, conn, i);
        assert_ok(db_write_wait(conn, OK));
        assert_int_equal(seen_after(&t, i), 1);
    }
    assert_int_equal(seen_after(&t, 0), 5);
    assert_int_equal(seen_after(&t, 5), 0);
    test_app_close(&t);
}

int event_test(void);
int event_test(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_smaller_number_that_comes_later_is_not_passed),
        ON_BOTH(facts_are_read_in_order_and_once),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
