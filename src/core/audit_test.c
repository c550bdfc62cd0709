/* The audit chain: whole when nobody touched it, and it names the first row that somebody did. */
#include "core/testing.h"

#include "core/audit.h"

#define ROWS 12

static enum err append(struct ctx *cx, void *arg)
{
    int i = *(int *)arg;
    bool detail = i % 3 == 0;
    return audit_append(cx,
                        &(struct audit_new) { .action = S("tag.update"),
                                              .entity = i % 2 ? "tag" : NULL,
                                              .entity_id = i,
                                              .customer = { i % 4 == 3 ? 7 : 0 },
                                              .before = detail ? S("{\"a\":1}") : STR_NONE,
                                              .after = detail ? S("{\"a\":\"荷\"}") : STR_NONE });
}

static void open_app(struct test_app *t, void **state)
{
    test_app_open(t, test_engine(state), NULL);
    t->cx.ip = S("10.0.0.1");
    t->cx.request_id = S("r-1");
    for (int i = 1; i <= ROWS; i++)
        assert_ok(in_write(&t->cx, append, &i));
}

struct verdict {
    i64 bad, rows;
    str reason;
};

static enum err verify(struct ctx *cx, void *arg)
{
    struct verdict *v = arg;
    struct audit_walk walk = { 0 };
    for (bool more = true; more;)
        TRY(audit_verify(cx, &walk, 1000, &more));
    v->bad = walk.bad;
    v->rows = walk.last;
    v->reason = walk.bad ? str_of(audit_fault_info(walk.fault)->word) : STR_NONE;
    return OK;
}

static struct verdict verdict(struct test_app *t)
{
    struct verdict v = { .bad = -1 };
    assert_ok(in_read(&t->cx, verify, &v));
    return v;
}

static void whole(void **state)
{
    struct test_app t;
    open_app(&t, state);
    assert_int_equal(verdict(&t).bad, 0);
    assert_int_equal(verdict(&t).rows, ROWS);
    test_app_reopen(&t);
    assert_int_equal(verdict(&t).bad, 0);
    test_app_write(&t, "DELETE FROM audit_detail");
    test_app_write(&t, "DELETE FROM audit");
    test_app_write(&t, "DELETE FROM audit_head");
    assert_int_equal(verdict(&t).bad, 0); /* an empty one is whole, too: nothing was ever done */
    test_app_close(&t);
}

static void tampering_shows(void **state)
{
    static const struct {
        const char *sql;
        i64 bad;
        const char *reason;
    } cases[] = {
        { "UPDATE audit SET at = at + 1 WHERE seq = 5", 5, "changed" },
        { "UPDATE audit SET actor_kind = 0 WHERE seq = 5", 5, "changed" },
        { "UPDATE audit SET actor_id = 9 WHERE seq = 1", 1, "changed" },
        { "UPDATE audit SET actor_name = NULL WHERE seq = 5", 5, "changed" },
        { "UPDATE audit SET actor_name = '' WHERE seq = 5", 5, "changed" },
        { "UPDATE audit SET ip = '10.0.0.2' WHERE seq = 12", 12, "changed" },
        { "UPDATE audit SET request_id = 'x' WHERE seq = 5", 5, "changed" },
        { "UPDATE audit SET action = 'tag.delete' WHERE seq = 5", 5, "changed" },
        { "UPDATE audit SET entity = NULL WHERE seq = 5", 5, "changed" },
        { "UPDATE audit SET entity_id = 6 WHERE seq = 5", 5, "changed" },
        { "UPDATE audit SET customer_id = 8 WHERE seq = 3", 3, "changed" },
        { "UPDATE audit SET detail_hash = NULL WHERE seq = 3", 3, "changed" },
        { "UPDATE audit SET hash = 'x' WHERE seq = 3", 3, "changed" },
        { "UPDATE audit_detail SET before = '{}' WHERE seq = 6", 6, "detail_changed" },
        { "UPDATE audit_detail SET after = NULL WHERE seq = 6", 6, "detail_changed" },
        { "DELETE FROM audit_detail WHERE seq = 6", 6, "detail_missing" },
        { "INSERT INTO audit_detail (seq, before) VALUES (5, '{}')", 5, "detail_changed" },
        { "DELETE FROM audit WHERE seq = 1", 1, "missing" },
        { "DELETE FROM audit WHERE seq = 7", 7, "missing" },
        { "DELETE FROM audit WHERE seq = 12", 12, "end_missing" },
        { "DELETE FROM audit WHERE seq > 9", 10, "end_missing" },
        { "UPDATE audit_head SET seq = 11", 12, "head_changed" },
        { "UPDATE audit_head SET mac = 'x'", 12, "head_changed" },
        { "DELETE FROM audit_head", 12, "head_changed" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_app t;
        open_app(&t, state);
        test_app_write(&t, cases[i].sql);
        struct verdict v = verdict(&t);
        if (v.bad != cases[i].bad || !str_is(v.reason, cases[i].reason))
            fail_msg("%s: %lld %.*s", cases[i].sql, (long long)v.bad, STR_ARG(v.reason));
        test_app_close(&t);
    }
}

/* A row put in the place of another, its hash made without the key. */
static void a_forged_row_shows(void **state)
{
    struct test_app t;
    open_app(&t, state);
    test_app_write(&t, "UPDATE audit SET action = 'tag.forged', hash = (SELECT hash FROM audit x "
                       "WHERE x.seq = 4) WHERE seq = 5");
    assert_int_equal(verdict(&t).bad, 5);
    test_app_close(&t);
}

static enum err blank(struct ctx *cx, void *arg)
{
    return audit_blank(cx, (customer_id) { 7 }, arg);
}

/* Erasing a person takes what was before and after, and the chain stays whole and says so. */
static void blanking_leaves_it_whole(void **state)
{
    struct test_app t;
    i64 rows = 0;
    open_app(&t, state);
    assert_ok(in_write(&t.cx, blank, &rows));
    assert_int_equal(rows, 1); /* of rows 3, 7 and 11 only 3 had any */
    assert_int_equal(verdict(&t).bad, 0);
    assert_int_equal(verdict(&t).rows, ROWS + 1);
    test_app_write(&t, "DELETE FROM audit_detail WHERE seq = 6"); /* nobody's: not covered by it */
    assert_int_equal(verdict(&t).bad, 6);
    test_app_close(&t);
}

/* More than the pages it is read in. */
static enum err append_many(struct ctx *cx, void *arg)
{
    for (int i = 0; i < 2500; i++) {
        int n = i;
        TRY(append(cx, &n));
    }
    (void)arg;
    return OK;
}

static void long_chains(void **state)
{
    struct test_app t;
    open_app(&t, state);
    assert_ok(in_write(&t.cx, append_many, NULL));
    assert_int_equal(verdict(&t).bad, 0);
    assert_int_equal(verdict(&t).rows, ROWS + 2500);
    test_app_write(&t, "UPDATE audit SET action = 'x' WHERE seq = 2001");
    assert_int_equal(verdict(&t).bad, 2001);
    test_app_close(&t);
}

int audit_test(void);
int audit_test(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(whole),
        cmocka_unit_test(tampering_shows),
        ON_BOTH(a_forged_row_shows),
        ON_BOTH(blanking_leaves_it_whole),
        ON_BOTH(long_chains),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
