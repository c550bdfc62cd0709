/* What db.h promises, on both engines. */
#include "store/testing.h"

#include "base/rand.h"

#include <math.h>
#include <pthread.h>

static const struct db_view plain = { 0 };

static void make_tables(struct test_db *t)
{
    assert_ok(
        test_write(t, "CREATE TABLE parent (id BIGINT NOT NULL PRIMARY KEY, name TEXT UNIQUE)"));
    assert_ok(test_write(t, "CREATE TABLE child (id BIGINT NOT NULL PRIMARY KEY, parent_id BIGINT "
                            "REFERENCES parent (id), n BIGINT CHECK (n > 0))"));
}

static enum err insert(struct db_conn *conn, int64_t id, const char *name)
{
    return db_exec_text(conn, "insert", S("INSERT INTO parent (id, name) VALUES ($1, $2)"), NULL,
                        BINDS(V(id), V(name)));
}

static void values_come_back(void **state)
{
    struct test_db t;
    struct db_conn *conn;
    struct rows r;
    test_db_open(&t, test_engine(state), NULL);
    bool pg = test_engine(state) == DB_PG;
    assert_ok(test_write(&t, pg ? "CREATE TABLE v (i BIGINT, f DOUBLE PRECISION, t TEXT, b BYTEA, "
                                  "y BOOLEAN, n BIGINT)"
                                : "CREATE TABLE v (i INTEGER, f REAL, t TEXT, b BLOB, y INTEGER, n "
                                  "INTEGER) STRICT"));
    char text[3000], bytes[256];
    for (size_t i = 0; i + 3 <= sizeof text; i += 3)
        memcpy(text + i, "荷", 3);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    const struct {
        int64_t i;
        double f;
        str t, b;
        bool y;
    } cases[] = { { INT64_MAX, 0.1, S(""), S(""), true },
                  { INT64_MIN + 1, -1e300, { text, sizeof text }, { bytes, sizeof bytes }, false },
                  { 0, 5e-324, S("it's \"$1\" \\ @x"), S("\\x00"), true } };
    assert_ok(db_write_begin(t.db, plain, &conn));
    for (size_t k = 0; k < COUNT(cases); k++)
        assert_ok(db_exec_text(
            conn, "insert", S("INSERT INTO v (i, f, t, b, y, n) VALUES ($1, $2, $3, $4, $5, $6)"),
            NULL,
            BINDS(V(cases[k].i), V(cases[k].f), V(cases[k].t), val_blob(cases[k].b), V(cases[k].y),
                  val_null())));
    assert_ok(db_write_wait(conn, OK));
    assert_ok(db_read_begin(t.db, plain, &conn));
    for (size_t k = 0; k < COUNT(cases); k++) {
        assert_ok(db_query_text(conn, "find", S("SELECT i, f, t, b, y, n FROM v WHERE i = $1"), &r,
                                BINDS(V(cases[k].i))));
        assert_true(rows_next(&r));
        assert_string_equal(col_name(&r, 2), "t");
        assert_int_equal(col_i64(&r, 0), cases[k].i);
        assert_true(col_f64(&r, 1) == cases[k].f);
        assert_true(str_eq(col_str(&r, 2), cases[k].t) && col_str(&r, 2).ptr);
        assert_true(str_eq(col_str(&r, 3), cases[k].b) && col_str(&r, 3).ptr);
        assert_int_equal(col_bool(&r, 4), cases[k].y);
        assert_true(col_null(&r, 5));
        assert_int_equal(col_i64(&r, 5), NONE);
        assert_int_equal(col_id(&r, 5), 0);
        assert_true(isnan(col_f64(&r, 5)) && !col_bool(&r, 5) && !col_str(&r, 5).ptr);
        assert_false(rows_next(&r));
        assert_ok(rows_end(&r));
    }
    db_read_end(conn);
    test_db_close(&t);
}

static void failures_have_their_kind(void **state)
{
    static const struct {
        const char *text;
        enum err e;
    } cases[] = {
        { "INSERT INTO parent (id, name) VALUES (1, 'other')", ERR_CONFLICT },
        { "INSERT INTO parent (id, name) VALUES (2, 'one')", ERR_CONFLICT },
        { "INSERT INTO child (id, parent_id, n) VALUES (1, 99, 1)", ERR_CONFLICT },
        { "INSERT INTO child (id, parent_id, n) VALUES (1, 1, 0)", ERR_INTERNAL },
        { "INSERT INTO nowhere VALUES (1)", ERR_INTERNAL },
        { "DELETE FROM parent WHERE id = 7", OK },
    };
    struct test_db t;
    test_db_open(&t, test_engine(state), NULL);
    make_tables(&t);
    assert_ok(test_write(&t, "INSERT INTO parent (id, name) VALUES (1, 'one')"));
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(test_write(&t, cases[i].text), cases[i].e);
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 1);
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM child"), 0);
    test_db_close(&t);
}

static void reads_cannot_write(void **state)
{
    struct test_db t;
    struct db_conn *conn;
    test_db_open(&t, test_engine(state), NULL);
    make_tables(&t);
    assert_ok(db_read_begin(t.db, plain, &conn));
    assert_int_not_equal(insert(conn, 1, "one"), OK);
    db_read_end(conn);
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 0);
    test_db_close(&t);
}

static void reads_see_one_snapshot(void **state)
{
    struct test_db t;
    struct db_conn *conn;
    struct rows r;
    test_db_open(&t, test_engine(state), NULL);
    make_tables(&t);
    assert_ok(db_read_begin(t.db, plain, &conn));
    for (int round = 0; round < 2; round++) {
        assert_ok(db_query_text(conn, "count", S("SELECT count(*) FROM parent"), &r, BINDS()));
        assert_true(rows_next(&r));
        assert_int_equal(col_i64(&r, 0), 0);
        assert_ok(rows_end(&r));
        if (round == 0)
            assert_ok(test_write(&t, "INSERT INTO parent (id, name) VALUES (1, 'one')"));
    }
    db_read_end(conn);
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 1);
    test_db_close(&t);
}

/* A statement that is still being walked can be run again further in. */
static i64 parents_kept(struct test_db *t, struct db_conn **ret, uint64_t *ret_snapshot)
{
    i64 n = NONE;
    struct rows r;
    assert_ok(db_read_begin_kept(t->db, plain, ret));
    *ret_snapshot = db_snapshot(*ret);
    assert_ok(db_query_text(*ret, "count", S("SELECT count(*) FROM parent"), &r, BINDS()));
    assert_true(rows_next(&r));
    n = col_i64(&r, 0);
    assert_ok(rows_end(&r));
    db_read_end(*ret);
    return n;
}

/* The next read goes on in the kept snapshot, unless there is more to see. */
static void a_kept_read_sees_what_was_committed(void **state)
{
    struct test_db t;
    struct db_conn *first, *next;
    uint64_t was, is;
    bool pg = test_engine(state) == DB_PG;
    test_db_open(&t, test_engine(state), NULL);
    make_tables(&t);
    assert_int_equal(parents_kept(&t, &first, &was), 0);
    assert_true(pg ? was == 0 : was != 0);
    assert_int_equal(parents_kept(&t, &next, &is), 0);
    assert_true(pg || (first == next && was == is));
    for (int i = 1; i <= 3; i++) {
        was = is;
        assert_ok(test_write(&t, i == 1   ? "INSERT INTO parent (id) VALUES (1)"
                                 : i == 2 ? "INSERT INTO parent (id) VALUES (2)"
                                          : "INSERT INTO parent (id) VALUES (3)"));
        assert_int_equal(parents_kept(&t, &next, &is), i);
        assert_true(pg || is != was);
        if (i == 2)
            db_read_rest(t.db);
    }
    db_read_rest(t.db);
    db_read_rest(t.db);
    was = is;
    assert_int_equal(parents_kept(&t, &next, &is), 3);
    assert_true(was == is);
    db_read_rest(t.db);
    assert_ok(db_checkpoint(t.db)); /* nothing holds the log */
    test_db_close(&t);
}

static void *kept_and_over(void *arg)
{
    struct db_conn *conn;
    uint64_t snapshot;
    assert_int_equal(parents_kept(arg, &conn, &snapshot), 0);
    return NULL;
}

/* A thread that ends gives back what it kept, whether it rests before or not. */
static void what_is_kept_comes_back(void **state)
{
    struct test_db t;
    pthread_t thread;
    struct db_options one = { .conns_max = 1 };
    test_db_open(&t, test_engine(state), &one);
    make_tables(&t);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&thread, NULL, kept_and_over, &t), 0);
        pthread_join(thread, NULL);
    }
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 0);
    test_db_close(&t);
}

static void a_statement_inside_itself(void **state)
{
    struct test_db t;
    struct db_conn *conn;
    struct rows outer, inner;
    int64_t sum = 0;
    test_db_open(&t, test_engine(state), NULL);
    make_tables(&t);
    const str text = S("SELECT id, name FROM parent WHERE id >= $1 ORDER BY id");
    assert_ok(test_write(&t, "INSERT INTO parent (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')"));
    assert_ok(db_write_begin(t.db, plain, &conn));
    assert_ok(db_query_text(conn, "walk", text, &outer, BINDS(V(1))));
    while (rows_next(&outer)) {
        assert_ok(db_query_text(conn, "walk", text, &inner, BINDS(V(col_i64(&outer, 0)))));
        while (rows_next(&inner))
            sum += 10 * col_i64(&outer, 0) + col_i64(&inner, 0);
        assert_ok(rows_end(&inner));
        assert_int_equal(col_str(&outer, 1).ptr[0], 'a' + col_i64(&outer, 0) - 1);
    }
    assert_ok(rows_end(&outer));
    assert_ok(db_write_wait(conn, OK));
    assert_int_equal(sum, 10 * (3 + 4 + 3) + (6 + 5 + 3));
    test_db_close(&t);
}

/* More texts than a connection keeps prepared, twice over, some open while others are made. */
static void many_texts(void **state)
{
    struct test_db t;
    struct db_conn *conn;
    test_db_open(&t, test_engine(state), NULL);
    assert_ok(db_read_begin(t.db, plain, &conn));
    for (int round = 0; round < 2; round++) {
        struct rows open[20];
        for (int i = 0; i < 150; i++) {
            struct rows r;
            char text[64];
            snprintf(text, sizeof text, "SELECT %d + CAST($1 AS BIGINT)", i);
            struct rows *at = i < (int)COUNT(open) ? &open[i] : &r;
            assert_ok(db_query_text(conn, "many", str_of(text), at, BINDS(V(round))));
            if (at != &r)
                continue;
            assert_true(rows_next(&r));
            assert_int_equal(col_i64(&r, 0), i + round);
            assert_ok(rows_end(&r));
        }
        for (size_t i = 0; i < COUNT(open); i++) {
            assert_true(rows_next(&open[i]));
            assert_int_equal(col_i64(&open[i], 0), (int64_t)i + round);
            assert_ok(rows_end(&open[i]));
        }
    }
    db_read_end(conn);
    test_db_close(&t);
}

/* Group commit: threads write at once; what one of them gives up is undone while its neighbours'
 * work stays, and each is told exactly once. */
#define THREADS 8
#define TURNS   60

struct crowd {
    struct test_db *t;
    _Atomic int64_t told_ok, told_bad, given_up, next;
};

static void told(void *arg, enum err outcome)
{
    struct crowd *c = arg;
    if (outcome == OK)
        c->told_ok++;
    else
        c->told_bad++;
}

static enum err one_turn(struct crowd *c, struct db_conn *conn, int64_t n)
{
    TRY(insert(conn, 10 * n, NULL));
    TRY(insert(conn, 10 * n + 1, NULL));
    switch (n % 5) {
    case 1: return ERR_INVALID;                /* a rule of the handler's own */
    case 2: return insert(conn, 10 * n, NULL); /* the database says no */
    default: return OK;
    }
    (void)c;
}

static void *in_the_crowd(void *arg)
{
    struct crowd *c = arg;
    for (int i = 0; i < TURNS; i++) {
        int64_t n = ++c->next;
        enum err e;
        do {
            struct db_conn *conn;
            e = db_write_begin(c->t->db, plain, &conn);
            if (e == OK)
                e = db_write_end(conn, one_turn(c, conn, n), told, c);
        } while (e == ERR_RETRY);
        assert_int_equal(e, n % 5 == 1 ? ERR_INVALID : n % 5 == 2 ? ERR_CONFLICT : OK);
        c->given_up += e != OK;
    }
    return NULL;
}

static void neighbours_do_not_suffer(void **state)
{
    struct test_db t;
    pthread_t threads[THREADS];
    test_db_open(&t, test_engine(state), &(struct db_options) { .conns_max = 4 });
    make_tables(&t);
    struct crowd c = { .t = &t };
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, in_the_crowd, &c), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(c.told_bad, 0);
    assert_int_equal(c.told_ok + c.given_up, THREADS * TURNS);
    assert_int_equal(c.given_up, THREADS * TURNS * 2 / 5);
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 2 * c.told_ok);
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent WHERE id / 10 % 5 IN (1, 2)"), 0);
    test_db_reopen(&t);
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 2 * c.told_ok);
    test_db_close(&t);
}

/* Each statement of a unit of work in turn fails as if the disk did, the commit too. */
static enum err three_statements(struct db_conn *conn)
{
    for (int64_t id = 1; id <= 3; id++)
        TRY(insert(conn, id, NULL));
    return OK;
}

static void any_statement_may_fail(void **state)
{
    struct test_db t;
    struct db_conn *conn;
    test_db_open(&t, test_engine(state), NULL);
    make_tables(&t);
    int64_t from = db_statements_run();
    assert_ok(db_write_begin(t.db, plain, &conn));
    assert_ok(db_write_wait(conn, three_statements(conn)));
    int64_t statements = db_statements_run() - from;
    assert_int_equal(statements, 5); /* begin, three inserts, commit */
    assert_ok(test_write(&t, "DELETE FROM parent"));
    for (int64_t n = 1; n <= statements; n++) {
        db_fault_at(n);
        enum err e = db_write_begin(t.db, plain, &conn);
        if (e == OK)
            e = db_write_wait(conn, three_statements(conn));
        db_fault_at(0);
        assert_int_equal(e, ERR_STORAGE);
        assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 0);
    }
    assert_ok(db_write_begin(t.db, plain, &conn));
    assert_ok(db_write_wait(conn, three_statements(conn)));
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 3);
    test_db_close(&t);
}

static void count_call(void *arg)
{
    ++*(_Atomic int *)arg;
}

static void commits_are_announced(void **state)
{
    struct test_db t;
    struct db_conn *conn;
    _Atomic int calls = 0;
    test_db_open(
        &t, test_engine(state),
        &(struct db_options) { .conns_max = 4, .on_commit = count_call, .on_commit_arg = &calls });
    make_tables(&t);
    int before = calls;
    assert_ok(db_write_begin(t.db, plain, &conn));
    assert_int_equal(db_write_wait(conn, ERR_INVALID), ERR_INVALID);
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 0);
    assert_int_equal(calls, before);
    assert_ok(test_write(&t, "INSERT INTO parent (id, name) VALUES (1, 'one')"));
    assert_int_equal(calls, before + 1);
    test_db_close(&t);
}

/* What an actor sees is put into the text; the actor's number is bound behind the others. */
static void fragments(void **state)
{
    static const struct db_fragment scope[] = {
        { "mine", { "TRUE", "{a}.id = {me}", "{a}.id > {me} AND {a}.id > {me}", "FALSE" } },
    };
    struct test_db t;
    test_db_open(&t, test_engine(state),
                 &(struct db_options) { .conns_max = 2, .fragments = scope, .fragment_count = 1 });
    make_tables(&t);
    assert_ok(test_write(&t, "INSERT INTO parent (id) VALUES (1), (2), (3), (4)"));
    static const struct {
        int variant;
        int64_t expected;
    } cases[] = { { 0, 9 }, { 1, 2 }, { 2, 7 }, { 3, NONE }, { 1, 2 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct db_conn *conn;
        struct rows r;
        assert_ok(db_read_begin(t.db, (struct db_view) { cases[i].variant, 2 }, &conn));
        assert_ok(db_query_text(conn, "mine",
                                S("SELECT sum(p.id) FROM parent p WHERE @mine(p) AND p.id > $1"),
                                &r, BINDS(V(1))));
        assert_true(rows_next(&r));
        assert_int_equal(col_i64(&r, 0), cases[i].expected);
        assert_ok(rows_end(&r));
        db_read_end(conn);
    }
    test_db_close(&t);
}

/* More threads than connections: they wait for one another and all get through. */
static void *read_a_lot(void *arg)
{
    struct test_db *t = arg;
    for (int i = 0; i < 200; i++)
        assert_int_equal(test_i64(t, "SELECT 7"), 7);
    return NULL;
}

static void readers_wait_for_a_connection(void **state)
{
    struct test_db t;
    pthread_t threads[6];
    test_db_open(&t, test_engine(state), &(struct db_options) { .conns_max = 2 });
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_a_lot, &t), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    test_db_close(&t);
}

/* Two that read what the other writes: one of them must run again. */
static void crossing_writes_are_run_again(void **state)
{
    struct test_db t;
    struct db_conn *a, *b;
    struct rows r;
    (void)state;
    test_db_open(&t, DB_PG, NULL);
    make_tables(&t);
    assert_ok(db_write_begin(t.db, plain, &a));
    assert_ok(db_write_begin(t.db, plain, &b));
    struct db_conn *const both[] = { a, b };
    for (size_t i = 0; i < 2; i++) {
        assert_ok(db_query_text(both[i], "count", S("SELECT count(*) FROM parent"), &r, BINDS()));
        assert_true(rows_next(&r));
        assert_ok(rows_end(&r));
    }
    enum err first = insert(a, 1, NULL), second = insert(b, 2, NULL);
    first = db_write_wait(a, first);
    second = db_write_wait(b, second);
    assert_true((first == OK && second == ERR_RETRY) || (first == ERR_RETRY && second == OK));
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM parent"), 1);
    test_db_close(&t);
}

int store_test(void);
int store_test(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(values_come_back),
        ON_BOTH(failures_have_their_kind),
        ON_BOTH(reads_cannot_write),
        ON_BOTH(reads_see_one_snapshot),
        ON_BOTH(a_kept_read_sees_what_was_committed),
        ON_BOTH(what_is_kept_comes_back),
        ON_BOTH(a_statement_inside_itself),
        ON_BOTH(many_texts),
        ON_BOTH(neighbours_do_not_suffer),
        ON_BOTH(any_statement_may_fail),
        ON_BOTH(commits_are_announced),
        ON_BOTH(fragments),
        ON_BOTH(readers_wait_for_a_connection),
        cmocka_unit_test(crossing_writes_are_run_again),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
