/* Statements that are not waited for (db.h: db_exec_later), on both engines; PostgreSQL where
 * HETANG_TEST_PG names a server. */
#include "base/test.h"

#include <unistd.h>

#include "store/db.h"

struct place {
    struct db *db;
    char folder[64], url[128], table[64];
    char insert_text[128], count_text[128];
    struct sql insert, count;
};

static void run(struct place *p, const char *text)
{
    struct db_conn *conn;
    assert_ok(db_write_begin(p->db, (struct db_view) { 0 }, &conn));
    assert_ok(db_write_wait(conn, db_exec_text(conn, "test", str_of(text), NULL, BINDS())));
}

static bool open_place(struct place *p, enum db_engine engine)
{
    const char *why = "", *server = getenv("HETANG_TEST_PG");
    char text[200];
    *p = (struct place) { .folder = "/tmp/hetang-unit-XXXXXX" };
    if (engine == DB_PG && !server) {
        print_message("HETANG_TEST_PG is not set: skipped\n");
        return false;
    }
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->url, sizeof p->url, "%s/test.db", p->folder);
    snprintf(p->table, sizeof p->table, "later_%d", (int)getpid());
    struct db_options options = { .url = engine == DB_PG ? server : p->url, .conns_max = 4 };
    if (db_open(&options, &p->db, &why) != OK)
        fail_msg("%s", why);
    snprintf(text, sizeof text, "CREATE TABLE %s (id BIGINT NOT NULL PRIMARY KEY, body TEXT)",
             p->table);
    run(p, text);
    snprintf(p->insert_text, sizeof p->insert_text, "INSERT INTO %s (id, body) VALUES ($1, $2)",
             p->table);
    snprintf(p->count_text, sizeof p->count_text, "SELECT count(*) FROM %s WHERE id >= $1",
             p->table);
    p->insert = (struct sql) { "later_insert", p->insert_text, NULL, 0 };
    p->count = (struct sql) { "later_count", p->count_text, NULL, 1 };
    return true;
}

static void close_place(struct place *p)
{
    char text[200];
    snprintf(text, sizeof text, "DROP TABLE %s", p->table);
    run(p, text);
    db_close(p->db);
    snprintf(text, sizeof text, "rm -rf '%s'", p->folder);
    assert_int_equal(system(text), 0);
}

static struct db_conn *write_begin(struct place *p)
{
    struct db_conn *conn;
    assert_ok(db_write_begin(p->db, (struct db_view) { 0 }, &conn));
    return conn;
}

static enum err later(struct place *p, struct db_conn *conn, i64 id)
{
    return db_exec_later(conn, &p->insert, BINDS(V(id), V("荷塘")));
}

static i64 count_within(struct place *p, struct db_conn *conn)
{
    i64 n = NONE;
    assert_ok(db_i64(conn, &p->count, &n, BINDS(V(0))));
    return n;
}

static i64 count(struct place *p)
{
    struct db_conn *conn;
    assert_ok(db_read_begin(p->db, (struct db_view) { 0 }, &conn));
    i64 n = count_within(p, conn);
    db_read_end(conn);
    return n;
}

static void happen_in_order(enum db_engine engine)
{
    static const i64 sizes[] = { 0, 1, 255, 256, 257, 512, 3000 };
    struct place p;
    i64 id = 0;
    if (!open_place(&p, engine))
        return;
    for (size_t s = 0; s < COUNT(sizes); s++) {
        struct db_conn *conn = write_begin(&p);
        for (i64 i = 0; i < sizes[s]; i++)
            assert_ok(later(&p, conn, ++id));
        assert_int_equal(count_within(&p, conn), id); /* what follows sees them */
        assert_ok(later(&p, conn, ++id));
        assert_ok(db_write_wait(conn, OK));
        assert_int_equal(count(&p), id);
    }
    close_place(&p);
}

/* Where it is told differs, that nothing is kept does not. */
static void failures_are_told(enum db_engine engine)
{
    static const struct {
        i64 before, after;
        bool waits;
    } cases[] = { { 0, 0, false },     { 3, 5, false },   { 3, 5, true },
                  { 300, 300, false }, { 255, 0, false }, { 300, 0, true } };
    struct place p;
    if (!open_place(&p, engine))
        return;
    struct db_conn *conn = write_begin(&p);
    assert_ok(later(&p, conn, 1));
    assert_ok(db_write_wait(conn, OK));
    for (size_t c = 0; c < COUNT(cases); c++) {
        enum err e = OK;
        i64 id = 1, n = 0;
        conn = write_begin(&p);
        for (i64 i = 0; i < cases[c].before && e == OK; i++)
            e = later(&p, conn, ++id);
        if (e == OK)
            e = later(&p, conn, 1); /* is there */
        for (i64 i = 0; i < cases[c].after && e == OK; i++)
            e = later(&p, conn, ++id);
        if (e == OK && cases[c].waits)
            e = db_i64(conn, &p.count, &n, BINDS(V(0)));
        assert_true(e == ERR_CONFLICT || (e == OK && !cases[c].waits));
        assert_int_equal(db_write_wait(conn, e), ERR_CONFLICT);
        assert_int_equal(count(&p), 1);
    }
    close_place(&p);
}

static void undone_with_their_write(enum db_engine engine)
{
    struct place p;
    if (!open_place(&p, engine))
        return;
    for (i64 round = 0; round < 3; round++) {
        struct db_conn *conn = write_begin(&p);
        for (i64 i = 0; i < 300; i++)
            assert_ok(later(&p, conn, i));
        assert_int_equal(db_write_wait(conn, ERR_WRONG_STATE), ERR_WRONG_STATE);
        assert_int_equal(count(&p), 0);
    }
    struct db_conn *conn = write_begin(&p);
    assert_ok(later(&p, conn, 1));
    db_fault_at(1);
    assert_int_equal(later(&p, conn, 2), ERR_STORAGE);
    db_fault_at(0);
    assert_int_equal(db_write_wait(conn, ERR_STORAGE), ERR_STORAGE);
    assert_int_equal(count(&p), 0);
    close_place(&p);
}

#define ON_BOTH(test)                       \
    static void test##_sqlite(void **state) \
    {                                       \
        (void)state;                        \
        test(DB_SQLITE);                    \
    }                                       \
    static void test##_pg(void **state)     \
    {                                       \
        (void)state;                        \
        test(DB_PG);                        \
    }
ON_BOTH(happen_in_order)
ON_BOTH(failures_are_told)
ON_BOTH(undone_with_their_write)

int later_test(void);
int later_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(happen_in_order_sqlite),
        cmocka_unit_test(happen_in_order_pg),
        cmocka_unit_test(failures_are_told_sqlite),
        cmocka_unit_test(failures_are_told_pg),
        cmocka_unit_test(undone_with_their_write_sqlite),
        cmocka_unit_test(undone_with_their_write_pg),
    };
    return cmocka_run_group_tests_name("later", tests, NULL, NULL);
}
