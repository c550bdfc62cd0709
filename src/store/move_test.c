/* A whole database into another, there and back, compared; and nothing left where it failed. */
#include "store/move.h"
#include "store/testing.h"

static void migrate(struct test_db *t)
{
    int applied;
    const char *why = "";
    if (db_migrate(t->db, &applied, &why) != OK)
        fail_msg("%s", why);
}

static const char *const filling[] = {
    /* A parent that was made after its child. */
    "INSERT INTO department (id, parent_id, kind, name, code, path, created_at) VALUES "
    "(1, NULL, 'head', '总部', NULL, '/1/', 1), (3, 1, 'region', '华东', 'E', '/1/3/', 1)",
    "INSERT INTO department (id, parent_id, kind, name, path, created_at, closed) VALUES "
    "(2, 3, 'store', '门店 \"一\"', '/1/3/2/', 1, 1 = 1)",
    "INSERT INTO role (id, name, scope, created_at) VALUES (7, '甲', 'all', 1), (9, '乙', 'self', 1)",
    "DELETE FROM role WHERE id = 9", /* its number must not be given again */
    "INSERT INTO event_type (id, name, declared, first_seen_at) VALUES (4, 'x.y', 1 = 1, 5)",
    "INSERT INTO event (seq, customer_id, type_id, at_ms, received_ms, source_id, props) VALUES "
    "(100, NULL, 4, 1, 2, 0, '{\"b\":1,\"a\":[1.50,\"荷\\u8377\"],\"c\":{}}')",
    "INSERT INTO job (id, kind, payload, state, due_at, attempts, done, total, created_at) VALUES "
    "(5, 'k', '{ \"spaced\" : true }', 'waiting', 9007199254740991, 0, -1, 0, 1)",
};

static void fill(struct test_db *t)
{
    for (size_t i = 0; i < COUNT(filling); i++)
        if (test_write(t, filling[i]) != OK)
            fail_msg("%s", filling[i]);
    struct db_conn *conn;
    char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    assert_ok(db_write_begin(t->db, (struct db_view) { 0 }, &conn));
    for (int64_t i = 0; i < 5000; i++) { /* several fetches and batches, and a rest */
        char key[40];
        snprintf(key, sizeof key, "键-%lld", (long long)i);
        assert_ok(
            db_exec_text(conn, "fill",
                         S("INSERT INTO idempotency (actor_key, key, body_hash, status, reply, "
                           "created_at) VALUES ('1:7', $1, '', $2, $3, $4)"),
                         NULL,
                         BINDS(V((const char *)key), V(i),
                               i % 7 ? val_blob((str) { bytes, (size_t)i % 257 }) : val_null(),
                               V(INT64_MAX - i))));
    }
    assert_ok(db_write_wait(conn, OK));
}

static enum err move(struct test_db *from, struct test_db *to, struct arena *a,
                     struct db_moved **ret, size_t *ret_count, const char **why)
{
    const struct db_move m = { .from = from->db, .to = to->db };
    return db_move(&m, a, ret, ret_count, why);
}

static void moved(struct test_db *from, struct test_db *to, struct arena *a, struct db_moved **ret,
                  size_t *ret_count)
{
    const char *why = "";
    if (move(from, to, a, ret, ret_count, &why) != OK)
        fail_msg("%s", why);
}

static const struct db_moved *of_table(const struct db_moved *all, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(all[i].table, name))
            return &all[i];
    fail_msg("%s was not moved", name);
    return NULL;
}

static int64_t next_role(struct test_db *t)
{
    assert_ok(test_write(t, "INSERT INTO role (name, scope, created_at) VALUES ('new', 'all', 1)"));
    return test_i64(t, "SELECT id FROM role WHERE name = 'new'");
}

static void there_and_back(void **state)
{
    struct test_db sqlite, pg, back;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct db_moved *there, *again;
    size_t count, count_again;
    (void)state;
    test_db_open(&pg, DB_PG, NULL);
    test_db_open(&sqlite, DB_SQLITE, NULL);
    test_db_open(&back, DB_SQLITE, NULL);
    migrate(&sqlite);
    migrate(&pg);
    migrate(&back);
    fill(&sqlite);
    moved(&sqlite, &pg, &a, &there, &count);
    assert_true(count > 15);
    assert_int_equal(of_table(there, count, "idempotency")->digest.rows, 5000);
    assert_int_equal(of_table(there, count, "department")->digest.rows, 3);
    assert_int_equal(test_i64(&pg, "SELECT count(*) FROM idempotency"), 5000);
    assert_int_equal(test_i64(&pg, "SELECT count(*) FROM idempotency WHERE reply IS NULL"), 715);
    assert_int_equal(test_i64(&pg, "SELECT parent_id FROM department WHERE id = 2 AND closed"), 3);
    assert_int_equal(test_i64(&pg, "SELECT due_at FROM job"), 9007199254740991);
    /* A reference that does not hold is refused again, at once. */
    assert_int_equal(test_write(&pg, "UPDATE department SET parent_id = 99 WHERE id = 2"),
                     ERR_CONFLICT);

    moved(&pg, &back, &a, &again, &count_again);
    assert_int_equal(count_again, count);
    for (size_t i = 0; i < count; i++)
        assert_true(db_digest_equal(there[i].digest,
                                    of_table(again, count, arena_z(&a, there[i].table))->digest));
    /* Numbers go on behind the last one that was given, on all three. */
    assert_int_equal(next_role(&sqlite), 10);
    assert_int_equal(next_role(&pg), 10);
    assert_int_equal(next_role(&back), 10);
    assert_ok(test_write(&pg, "INSERT INTO event (type_id, at_ms, received_ms, source_id, props) "
                              "VALUES (4, 1, 2, 0, '{}')"));
    assert_int_equal(test_i64(&pg, "SELECT max(seq) FROM event"), 101);
    test_db_close(&back);
    test_db_close(&sqlite);
    test_db_close(&pg);
}

static void only_into_an_empty_one(void **state)
{
    struct test_db from, to;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct db_moved *m;
    size_t count;
    const char *why = "";
    test_db_open(&to, test_engine(state), NULL);
    test_db_open(&from, DB_SQLITE, NULL);
    migrate(&from);
    assert_int_equal(move(&from, &to, &a, &m, &count, &why), ERR_CONFIG); /* no tables there yet */
    assert_true(str_has(str_of(why), S("is not the same on both sides")));
    migrate(&to);
    assert_ok(test_write(&to, "INSERT INTO setting (key, value, changed_at) VALUES ('a', '1', 1)"));
    assert_int_equal(move(&from, &to, &a, &m, &count, &why), ERR_CONFIG);
    assert_string_equal(why, "the target is not empty: table setting has 1 rows");
    assert_ok(test_write(&to, "DELETE FROM setting"));
    assert_ok(test_write(&to, "CREATE TABLE foreign_one (id BIGINT)"));
    assert_int_equal(move(&from, &to, &a, &m, &count, &why), ERR_CONFIG);
    assert_true(str_has(str_of(why), S("foreign_one")));
    assert_ok(test_write(&to, "DROP TABLE foreign_one"));
    moved(&from, &to, &a, &m, &count);
    test_db_close(&from);
    test_db_close(&to);
}

/* Whatever fails, and wherever: the target holds nothing, and the next attempt does it. */
static void a_failed_move_leaves_nothing(void **state)
{
    struct test_db from, to;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct db_moved *m;
    size_t count;
    const char *why = "";
    test_db_open(&to, test_engine(state), NULL);
    test_db_open(&from, DB_SQLITE, NULL);
    migrate(&from);
    migrate(&to);
    fill(&from);
    int64_t before = db_statements_run();
    assert_ok(test_write(&from, "CREATE TABLE bad (id INTEGER)"));
    assert_int_not_equal(move(&from, &to, &a, &m, &count, &why), OK);
    assert_ok(test_write(&from, "DROP TABLE bad"));
    assert_true(db_statements_run() > before);
    int failed = 0;
    for (int64_t n = 1; n < 400; n += 13) {
        db_fault_at(n);
        enum err e = move(&from, &to, &a, &m, &count, &why);
        db_fault_at(0);
        if (e == OK)
            break;
        failed++;
        assert_int_equal(test_i64(&to, "SELECT count(*) FROM department"), 0);
        assert_int_equal(test_i64(&to, "SELECT count(*) FROM idempotency"), 0);
    }
    assert_true(failed > 10);
    if (test_i64(&to, "SELECT count(*) FROM department") == 0)
        moved(&from, &to, &a, &m, &count);
    assert_int_equal(test_i64(&to, "SELECT count(*) FROM idempotency"), 5000);
    test_db_close(&from);
    test_db_close(&to);
}

/* A reference that does not hold in the source (written with the checks off) is not carried over.
 */
static void broken_references_are_refused(void **state)
{
    struct test_db from, to;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct db_moved *m;
    size_t count;
    const char *why = "";
    test_db_open(&to, test_engine(state), NULL);
    test_db_open(&from, DB_SQLITE, NULL);
    migrate(&from);
    migrate(&to);
    char command[700];
    snprintf(command, sizeof command,
             "sqlite3 '%s' \"INSERT INTO department (id, parent_id, kind, name, path, created_at) "
             "VALUES (1, 99, 'head', 'x', '/1/', 1)\"",
             from.url);
    assert_int_equal(system(command), 0);
    assert_int_not_equal(move(&from, &to, &a, &m, &count, &why), OK);
    assert_int_equal(test_i64(&to, "SELECT count(*) FROM department"), 0);
    test_db_close(&from);
    test_db_close(&to);
}

int move_test(void);
int move_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        ON_BOTH(only_into_an_empty_one),
        ON_BOTH(a_failed_move_leaves_nothing),
        ON_BOTH(broken_references_are_refused),
    };
    return cmocka_run_group_tests_name("move", tests, NULL, NULL);
}
