/* testing: a database of its own for a unit test: an SQLite file in a temporary folder, or a schema
 * of the PostgreSQL server that HETANG_TEST_PG names (postgres://user@host:port/database). */
#ifndef HETANG_STORE_TESTING_H
#define HETANG_STORE_TESTING_H

#include "base/test.h"

#include "store/db.h"

#include <stdatomic.h>
#include <unistd.h>

struct test_db {
    struct db *db;
    struct db_options options;
    char folder[64];
    char url[512];
    char schema[64]; /* on PostgreSQL */
};

/* For cmocka: the same test once on each engine. */
#define ON_BOTH(test)                                                      \
    { #test " (SQLite)", test, NULL, NULL, (void *)(uintptr_t)DB_SQLITE }, \
    {                                                                      \
#test " (PostgreSQL)", test, NULL, NULL, (void *)(uintptr_t)DB_PG  \
    }
static inline enum db_engine test_engine(void **state)
{
    return (enum db_engine)(uintptr_t)*state;
}

static inline void test_pg(const char *format, const char *name)
{
    struct db *db;
    struct db_conn *conn;
    const char *why = "";
    char text[200];
    struct db_options options = { .url = getenv("HETANG_TEST_PG"), .conns_max = 1 };
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof text, format, name);
#pragma GCC diagnostic pop
    assert_ok(db_open(&options, &db, &why));
    assert_ok(db_write_begin(db, (struct db_view) { 0 }, &conn));
    enum err e = db_exec_text(conn, "test", str_of(text), NULL, BINDS());
    assert_ok(db_write_wait(conn, e));
    db_close(db);
}

static inline void test_db_reopen(struct test_db *t)
{
    const char *why = "";
    db_close(t->db);
    if (db_open(&t->options, &t->db, &why) != OK)
        fail_msg("%s", why);
}

/* Skips the test when the engine has no server here. options: all but the url; NULL for the usual.
 */
static inline void test_db_open(struct test_db *t, enum db_engine engine,
                                const struct db_options *options)
{
    *t =
        (struct test_db) { .options = options ? *options : (struct db_options) { .conns_max = 8 } };
    if (engine == DB_PG && !getenv("HETANG_TEST_PG"))
        skip();
    snprintf(t->folder, sizeof t->folder, "/tmp/hetang-unit-XXXXXX");
    assert_non_null(mkdtemp(t->folder));
    if (engine == DB_PG) {
        snprintf(t->schema, sizeof t->schema, "unit_%d_%s", (int)getpid(),
                 strrchr(t->folder, '-') + 1);
        test_pg("CREATE SCHEMA %s", t->schema);
        snprintf(t->url, sizeof t->url, "%s?options=-csearch_path%%3D%s", getenv("HETANG_TEST_PG"),
                 t->schema);
    } else {
        snprintf(t->url, sizeof t->url, "%s/test.db", t->folder);
    }
    t->options.url = t->url;
    test_db_reopen(t);
}

static inline void test_folder_remove(const char *folder)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static inline void test_db_close(struct test_db *t)
{
    db_close(t->db);
    if (t->schema[0])
        test_pg("DROP SCHEMA %s CASCADE", t->schema);
    test_folder_remove(t->folder);
}

/* One statement in a write of its own. */
static inline enum err test_write(struct test_db *t, const char *text)
{
    struct db_conn *conn;
    enum err e = db_write_begin(t->db, (struct db_view) { 0 }, &conn);
    return e != OK ? e
                   : db_write_wait(conn, db_exec_text(conn, "test", str_of(text), NULL, BINDS()));
}

/* The number a query gives. */
static inline int64_t test_i64(struct test_db *t, const char *text)
{
    struct db_conn *conn;
    struct rows r;
    assert_ok(db_read_begin(t->db, (struct db_view) { 0 }, &conn));
    assert_ok(db_query_text(conn, "test", str_of(text), &r, BINDS()));
    int64_t n = rows_next(&r) ? col_i64(&r, 0) : NONE;
    assert_ok(rows_end(&r));
    db_read_end(conn);
    return n;
}

#endif
