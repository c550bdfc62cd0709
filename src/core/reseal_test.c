/* Rotating the key: every sealed value of every table ends up under the new key, and opens. */
#include "core/testing.h"

#include "base/json.h"
#include "core/reseal.h"
#include "store/catalog.h"

#define SESSIONS 1203 /* more than two pages */

static str sealed_text(struct test_app *t, const char *plain)
{
    return secret_seal(t->app.secrets, &t->arena, str_of(plain));
}

static enum err put(struct ctx *cx, void *arg)
{
    struct test_app *t = arg;
    for (int i = 0; i < SESSIONS; i++) {
        str key = arena_fmt(&t->arena, "key-%d", i);
        TRY(db_exec_text(cx->db, "put",
                         S("INSERT INTO idempotency (actor_key, key, body_hash, status, reply, "
                           "created_at) VALUES ($1, $2, 'h', 200, $3, 1)"),
                         NULL,
                         BINDS(V(i % 2 ? "1:7" : "2:9"), V(key),
                               i % 10 ? val_blob(sealed_text(t, key.ptr)) : val_null())));
    }
    /* Bytes that only look sealed, and bytes that do not. */
    TRY(db_exec_text(
        cx->db, "put", S("UPDATE idempotency SET reply = $1 WHERE key = 'key-10'"), NULL,
        BINDS(val_blob(S("\x01\x01\x00\x00\x00 forty bytes that are not sealed at all")))));
    return db_exec_text(cx->db, "put", S("UPDATE idempotency SET reply = $1 WHERE key = 'key-20'"),
                        NULL, BINDS(val_blob(S("plain"))));
}

/* How many of them open to their own name. */
static int opened(struct test_app *t)
{
    struct db_conn *conn;
    struct rows r;
    int good = 0;
    assert_ok(db_read_begin(t->app.db, (struct db_view) { 0 }, &conn));
    assert_ok(db_query_text(
        conn, "all", S("SELECT key, reply FROM idempotency WHERE reply IS NOT NULL"), &r, BINDS()));
    while (rows_next(&r)) {
        struct arena a CLEANUP(arena_done) = { 0 };
        str plain, key = arena_str(&a, col_str(&r, 0));
        if (secret_open(t->app.secrets, &a, col_str(&r, 1), &plain) == OK)
            good += str_eq(plain, key);
    }
    assert_ok(rows_end(&r));
    db_read_end(conn);
    return good;
}

static enum err used(struct ctx *cx, void *arg)
{
    return reseal_keys_used(cx, arg);
}

static struct keys_used keys_used(struct test_app *t)
{
    struct keys_used k;
    assert_ok(in_read(&t->cx, used, &k));
    return k;
}

static enum err start(struct ctx *cx, void *arg)
{
    return reseal_start(cx, arg);
}

#define SEALED (SESSIONS - (SESSIONS + 9) / 10)

static void all_under_the_new_key(void **state)
{
    struct test_app t;
    const char *why = "";
    job_id job;
    size_t removed = 9;
    test_app_open(&t, test_engine(state), NULL);
    assert_ok(in_write(&t.cx, put, &t));
    assert_int_equal(opened(&t), SEALED);
    struct keys_used before = keys_used(&t);
    assert_int_equal(before.count, 1);
    assert_int_equal(before.values[0], SEALED + 1); /* and the one that only looks so */

    /* Another process rotates; this one learns of it from the file. */
    struct secrets *other;
    assert_ok(
        secrets_open(arena_fmt(&t.arena, "%s/hetang.key", t.at.folder).ptr, false, &other, &why));
    assert_ok(secrets_rotate(other, &why));
    assert_int_equal(secrets_active(t.app.secrets), 1);
    assert_ok(in_write(&t.cx, start, &job));
    assert_ok(jobs_drain(&t.app, &reseal_job));
    assert_int_equal(secrets_active(t.app.secrets), 2);
    assert_str(test_app_str(&t, "SELECT state FROM job WHERE kind = 'reseal'"), "done");
    struct json_error bad;
    i64 sealed = 0;
    const struct json *result =
        json_read(&t.arena, test_app_str(&t, "SELECT result FROM job WHERE kind = 'reseal'"), &bad);
    assert_true(json_i64(json_get(result, "sealed"), &sealed));
    assert_int_equal(sealed, SEALED);
    assert_int_equal(opened(&t), SEALED);
    struct keys_used after = keys_used(&t);
    assert_int_equal(after.count, 2);
    assert_int_equal(after.values[0], 1);
    assert_int_equal(after.values[1], SEALED);
    assert_int_equal(after.lost, 0);

    /* The old key goes when nothing names it any more. */
    assert_ok(secrets_prune(t.app.secrets, after.ids, 2, &removed, &why));
    assert_int_equal(removed, 0);
    test_app_write(&t, "DELETE FROM idempotency WHERE key = 'key-10'");
    assert_ok(secrets_prune(t.app.secrets, &after.ids[1], 1, &removed, &why));
    assert_int_equal(removed, 1);
    test_app_reopen(&t);
    assert_int_equal(opened(&t), SEALED);
    assert_int_equal(keys_used(&t).count, 1);
    secrets_close(other);
    test_app_close(&t);
}

/* Whatever statement fails on the way, the job ends with everything resealed once. */
static void goes_on_after_any_failure(void **state)
{
    struct test_app t;
    const char *why = "";
    job_id job;
    test_app_open(&t, test_engine(state), NULL);
    assert_ok(in_write(&t.cx, put, &t));
    assert_ok(secrets_rotate(t.app.secrets, &why));
    assert_ok(in_write(&t.cx, start, &job));
    for (int n = 5; n < 2000; n += 97) {
        db_fault_at(n);
        assert_ok(jobs_drain(&t.app, &reseal_job));
        db_fault_at(0);
        test_app_move(&t, DAY_MS);
        assert_int_equal(opened(&t), SEALED);
    }
    assert_ok(jobs_drain(&t.app, &reseal_job));
    assert_str(test_app_str(&t, "SELECT state FROM job WHERE kind = 'reseal'"), "done");
    assert_int_equal(keys_used(&t).values[1], SEALED);
    test_app_close(&t);
}

/* A value sealed by a key that this process has not heard of yet opens all the same. */
static void a_new_key_of_another_node_is_found(void **state)
{
    struct test_app t;
    const char *why = "";
    struct secrets *other;
    str plain;
    test_app_open(&t, test_engine(state), NULL);
    assert_ok(
        secrets_open(arena_fmt(&t.arena, "%s/hetang.key", t.at.folder).ptr, false, &other, &why));
    assert_ok(secrets_rotate(other, &why));
    str sealed = secret_seal(other, &t.arena, S("荷"));
    assert_int_equal(secret_key_id(sealed), 2);
    assert_ok(secret_open(t.app.secrets, &t.arena, sealed, &plain));
    assert_str(plain, "荷");
    secrets_close(other);
    test_app_close(&t);
}

int reseal_test(void);
int reseal_test(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(all_under_the_new_key),
        ON_BOTH(goes_on_after_any_failure),
        cmocka_unit_test(a_new_key_of_another_node_is_found),
    };
    return cmocka_run_group_tests_name("reseal", tests, NULL, NULL);
}
