/* Migrations: the same tables on both engines, applied once, and never over a past that was edited.
 */
#include "store/catalog.h"
#include "store/testing.h"

static void apply(struct test_db *t, int expected)
{
    int applied = -1;
    const char *why = "";
    if (db_migrate(t->db, &applied, &why) != OK)
        fail_msg("%s", why);
    assert_int_equal(applied, expected);
}

static void read_catalog(struct test_db *t, struct arena *a, struct db_catalog *ret)
{
    struct db_conn *conn;
    assert_ok(db_read_begin(t->db, (struct db_view) { 0 }, &conn));
    assert_ok(db_catalog(conn, a, ret));
    db_read_end(conn);
}

static void applied_once(void **state)
{
    static const struct db_fragment scope = { "scope", { "1 = 1", "1 = 1", "1 = 1", "1 = 1" } };
    struct test_db t;
    test_db_open(&t, test_engine(state),
                 &(struct db_options) { .conns_max = 4, .fragments = &scope, .fragment_count = 1 });
    apply(&t, (int)migrations_count);
    apply(&t, 0);
    test_db_reopen(&t);
    apply(&t, 0);
    const char *why = "";
    if (db_check_statements(t.db, &why) != OK)
        fail_msg("%s", why);
    assert_ok(db_integrity(t.db, &why));
    test_db_close(&t);
}

static void an_edited_past_is_refused(void **state)
{
    struct test_db t;
    const char *why = "";
    int applied = -1;
    test_db_open(&t, test_engine(state), NULL);
    apply(&t, (int)migrations_count);
    assert_ok(test_write(&t, "UPDATE migration SET checksum = '0' WHERE name = '0002_org'"));
    assert_int_equal(db_migrate(t.db, &applied, &why), ERR_CONFIG);
    assert_string_equal(why, "migration 0002_org was changed after it had been applied");
    assert_int_equal(applied, -1);
    test_db_close(&t);
}

static void a_newer_database_is_refused(void **state)
{
    struct test_db t;
    const char *why = "";
    int applied = -1;
    test_db_open(&t, test_engine(state), NULL);
    apply(&t, (int)migrations_count);
    assert_ok(test_write(&t, "INSERT INTO migration (name, checksum, applied_at) VALUES "
                             "('9999_future', 'x', 1)"));
    assert_int_equal(db_migrate(t.db, &applied, &why), ERR_CONFIG);
    assert_string_equal(why, "the database was written by a newer Hetang");
    test_db_close(&t);
}

/* A migration that fails half-way leaves nothing, and the next attempt does it whole. */
static void a_failing_one_leaves_nothing(void **state)
{
    struct test_db t;
    const char *why = "";
    int applied = -1;
    test_db_open(&t, test_engine(state), NULL);
    assert_ok(test_write(&t, "CREATE TABLE staff (id BIGINT)")); /* in the way of 0002 */
    assert_int_not_equal(db_migrate(t.db, &applied, &why), OK);
    assert_string_equal(why, "migration 0002_org failed");
    assert_int_equal(test_i64(&t, "SELECT count(*) FROM migration"), 1);
    assert_int_not_equal(test_write(&t, "INSERT INTO department (id) VALUES (1)"), OK);
    assert_ok(test_write(&t, "DROP TABLE staff"));
    apply(&t, (int)migrations_count - 1);
    test_db_close(&t);
}

/* BOOLEAN and JSONB are INTEGER and TEXT on SQLite. */
static enum db_kind plain_kind(enum db_kind k)
{
    return k == DB_BOOL ? DB_INT : k == DB_JSON ? DB_TEXT : k;
}

static void compare_columns(const struct db_table *a, const struct db_table *b)
{
    if (a->column_count != b->column_count)
        fail_msg("%.*s has %zu and %zu columns", STR_ARG(a->name), a->column_count,
                 b->column_count);
    for (size_t i = 0; i < a->column_count; i++) {
        const struct db_column *x = &a->columns[i], *y = &b->columns[i];
        if (!str_eq(x->name, y->name) || plain_kind(x->kind) != plain_kind(y->kind) ||
            x->not_null != y->not_null || x->key != y->key)
            fail_msg("%.*s.%.*s differs from %.*s: kind %d %d, not null %d %d, key %d %d",
                     STR_ARG(a->name), STR_ARG(x->name), STR_ARG(y->name), (int)x->kind,
                     (int)y->kind, x->not_null, y->not_null, x->key, y->key);
    }
}

static void compare_rest(const struct db_table *a, const struct db_table *b)
{
    if (a->reference_count != b->reference_count || a->index_count != b->index_count)
        fail_msg("%.*s: references %zu %zu, indexes %zu %zu", STR_ARG(a->name), a->reference_count,
                 b->reference_count, a->index_count, b->index_count);
    for (size_t i = 0; i < a->reference_count; i++) {
        const struct db_reference *x = &a->references[i], *y = &b->references[i];
        if (!str_eq(x->column, y->column) || !str_eq(x->table, y->table) || !str_eq(x->to, y->to))
            fail_msg("%.*s.%.*s refers to %.*s, and %.*s to %.*s", STR_ARG(a->name),
                     STR_ARG(x->column), STR_ARG(x->table), STR_ARG(y->column), STR_ARG(y->table));
    }
    for (size_t i = 0; i < a->index_count; i++) {
        const struct db_index *x = &a->indexes[i], *y = &b->indexes[i];
        if (!str_eq(x->name, y->name) || x->unique != y->unique || x->partial != y->partial ||
            !str_eq(x->columns, y->columns))
            fail_msg("index of %.*s: %.*s (%.*s) and %.*s (%.*s)", STR_ARG(a->name),
                     STR_ARG(x->name), STR_ARG(x->columns), STR_ARG(y->name), STR_ARG(y->columns));
    }
}

static void both_engines_have_the_same(void **state)
{
    struct test_db sqlite, pg;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct db_catalog s, p;
    (void)state;
    test_db_open(&pg, DB_PG, NULL);
    test_db_open(&sqlite, DB_SQLITE, NULL);
    apply(&sqlite, (int)migrations_count);
    apply(&pg, (int)migrations_count);
    read_catalog(&sqlite, &a, &s);
    read_catalog(&pg, &a, &p);
    assert_true(s.count > 15);
    assert_int_equal(s.count, p.count);
    for (size_t i = 0; i < s.count; i++) {
        assert_true(str_eq(s.tables[i].name, p.tables[i].name)); /* in the same order, too */
        compare_columns(&s.tables[i], &p.tables[i]);
        compare_rest(&s.tables[i], &p.tables[i]);
    }
    test_db_close(&sqlite);
    test_db_close(&pg);
}

/* Every reference points to a table that stands before, or to its own. */
static void parents_stand_before_children(void **state)
{
    struct test_db t;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct db_catalog c;
    test_db_open(&t, test_engine(state), NULL);
    apply(&t, (int)migrations_count);
    read_catalog(&t, &a, &c);
    for (size_t i = 0; i < c.count; i++)
        for (size_t k = 0; k < c.tables[i].reference_count; k++) {
            const struct db_table *parent = db_catalog_find(&c, c.tables[i].references[k].table);
            assert_non_null(parent);
            assert_true(parent <= &c.tables[i]);
        }
    const struct db_table *staff = db_catalog_find(&c, S("staff"));
    assert_non_null(staff);
    assert_int_equal(db_column_find(staff, S("totp_sealed"))->kind, DB_BLOB);
    assert_null(db_column_find(staff, S("nothing")));
    test_db_close(&t);
}

/* The same rows give the same digest, whatever order they come in; any difference another. */
static struct db_digest digest_of(struct test_db *t, const char *text)
{
    struct db_digest d = { 0 };
    struct db_conn *conn;
    struct rows r;
    struct db_column columns[] = { { .name = S("a"), .kind = DB_INT },
                                   { .name = S("b"), .kind = DB_JSON } };
    const struct db_table kinds = { .columns = columns, .column_count = COUNT(columns) };
    assert_ok(db_read_begin(t->db, (struct db_view) { 0 }, &conn));
    assert_ok(db_query_text(conn, "digest", str_of(text), &r, BINDS()));
    while (rows_next(&r))
        db_digest_row(&d, &kinds, &r);
    assert_ok(rows_end(&r));
    db_read_end(conn);
    return d;
}

static void digests(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        { "VALUES (1, '{\"x\": 1, \"y\": [true]}'), (2, NULL)",
          "VALUES (2, NULL), (1, '{\"y\":[true],\"x\":1.0}')", true },
        { "VALUES (1, '{\"x\":1,\"x\":2}')", "VALUES (1, '{\"x\":2}')", true },
        { "VALUES (1, '\"\\u8377\"')", "VALUES (1, '\"荷\"')", true },
        { "VALUES (1, '[1,2]')", "VALUES (1, '[2,1]')", false },
        { "VALUES (1, '{}')", "VALUES (1, NULL)", false },
        { "VALUES (1, 'null')", "VALUES (1, NULL)", false },
        { "VALUES (1, '1'), (1, '1')", "VALUES (1, '1')", false },
        { "VALUES (1, '2'), (3, '4')", "VALUES (1, '4'), (3, '2')", false },
        { "VALUES (NULL, '1')", "VALUES (0, '1')", false },
    };
    struct test_db t;
    test_db_open(&t, test_engine(state), NULL);
    for (size_t i = 0; i < COUNT(cases); i++)
        if (db_digest_equal(digest_of(&t, cases[i].a), digest_of(&t, cases[i].b)) != cases[i].same)
            fail_msg("%s against %s", cases[i].a, cases[i].b);
    test_db_close(&t);
}

int migrate_test(void);
int migrate_test(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(applied_once),
        ON_BOTH(an_edited_past_is_refused),
        ON_BOTH(a_newer_database_is_refused),
        ON_BOTH(a_failing_one_leaves_nothing),
        cmocka_unit_test(both_engines_have_the_same),
        ON_BOTH(parents_stand_before_children),
        ON_BOTH(digests),
    };
    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
