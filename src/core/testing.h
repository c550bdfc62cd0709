/* testing: an instance of its own for a unit test, with the modules the test wants, on a clock that
 * the test moves. */
#ifndef HETANG_CORE_TESTING_H
#define HETANG_CORE_TESTING_H

#include "store/testing.h"

#include "base/time.h"
#include "core/app.h"
#include "core/job.h"

#define TEST_NOW INT64_C(1772416800000) /* 2026-03-02T02:00:00Z, a Monday */

struct test_app {
    struct app app;
    struct test_db at; /* folder, and on PostgreSQL the schema; its own connection is closed */
    const struct module *modules[4];
    struct arena arena;
    struct ctx cx; /* of the house itself */
};

/* Not open, with the same settings and modules. */
static inline struct app test_app_like(const struct app *app)
{
    return (struct app) { .config = app->config,
                          .modules = app->modules,
                          .module_count = app->module_count,
                          .lock_fd = -1 };
}

static inline void test_app_reopen(struct test_app *t)
{
    const char *why = "";
    app_close(&t->app);
    t->app = test_app_like(&t->app);
    if (app_open(&t->app, APP_MAKE, &why) != OK)
        fail_msg("%s", why);
    app_clock_set(&t->app, (instant) { TEST_NOW });
    t->cx = system_ctx(&t->app, &t->arena, S("test"));
}

/* `module` beside the core's own; may be NULL. */
static inline void test_app_open(struct test_app *t, enum db_engine engine,
                                 const struct module *module)
{
    *t = (struct test_app) { .modules = { &core_module, module } };
    test_db_open(&t->at, engine, NULL);
    db_close(t->at.db);
    t->at.db = NULL;
    config_init(&t->app.config);
    free(t->app.config.data);
    t->app.config.data = xstrdup(str_of(t->at.folder));
    t->app.config.test_mode = true;
    t->app.config.disk_reserve_mb = 0;
    if (engine == DB_PG) {
        free(t->app.config.db);
        t->app.config.db = xstrdup(str_of(t->at.url));
    }
    t->app.modules = t->modules;
    t->app.module_count = module ? 2 : 1;
    t->app.lock_fd = -1;
    test_app_reopen(t);
}

static inline void test_app_close(struct test_app *t)
{
    app_close(&t->app);
    config_done(&t->app.config);
    arena_done(&t->arena);
    test_db_close(&t->at);
}

static inline void test_app_move(struct test_app *t, i64 ms)
{
    app_clock_set(&t->app, (instant) { app_now(&t->app).ms + ms });
    t->cx.now = app_now(&t->app);
}

/* The number a query gives, in a read of its own. */
static inline i64 test_app_i64(struct test_app *t, const char *text)
{
    struct test_db view = { .db = t->app.db };
    return test_i64(&view, text);
}

static inline str test_app_str(struct test_app *t, const char *text)
{
    struct db_conn *conn;
    struct rows r;
    assert_ok(db_read_begin(t->app.db, (struct db_view) { 0 }, &conn));
    assert_ok(db_query_text(conn, "test", str_of(text), &r, BINDS()));
    str s = rows_next(&r) ? arena_str(&t->arena, col_str(&r, 0)) : STR_NONE;
    assert_ok(rows_end(&r));
    db_read_end(conn);
    return s;
}

static inline void test_app_write(struct test_app *t, const char *text)
{
    struct test_db view = { .db = t->app.db };
    assert_ok(test_write(&view, text));
}

#endif
