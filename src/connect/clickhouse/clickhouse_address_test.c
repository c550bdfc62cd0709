#include "connect/clickhouse/address.h"

#include "base/base.h"
#include "base/test.h"

static void an_address_is_read(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct clickhouse_address at;
    const char *why = "";
    assert_ok(clickhouse_address_read(&a, S("clickhouse://127.0.0.1:8123/default"), &at, &why));
    assert_int_equal(at.host_count, 1);
    assert_str(at.hosts[0], "127.0.0.1:8123");
    assert_str(at.database, "default");
    assert_int_equal(at.user.len + at.password.len + at.cluster.len, 0);
    assert_ok(clickhouse_address_read(
        &a, S("clickhouse://me:p%40%3a%2Fw@a:1,[::1]:2,c.d:65535/brand_1?cluster=lotus"), &at,
        &why));
    assert_int_equal(at.host_count, 3);
    assert_str(at.user, "me");
    assert_str(at.password, "p@:/w");
    assert_str(at.hosts[1], "[::1]:2");
    assert_str(at.database, "brand_1");
    assert_str(at.cluster, "lotus");
    assert_ok(clickhouse_address_read(&a, S("clickhouse://me@a:1/d"), &at, &why));
    assert_str(at.user, "me");
    assert_int_equal(at.password.len, 0);
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "http://a:1/d",
        "clickhouse://",
        "clickhouse:///d",
        "clickhouse://a/d",
        "clickhouse://a:0/d",
        "clickhouse://a:65536/d",
        "clickhouse://:1/d",
        "clickhouse://a b:1/d",
        "clickhouse://a:1",
        "clickhouse://a:1/",
        "clickhouse://a:1/d/e",
        "clickhouse://a:1/d?x=1",
        "clickhouse://a:1/d?cluster=",
        "clickhouse://a:1/d?cluster=x&y=z",
        "clickhouse://a:1/d?cluster=x",
        "clickhouse://a:1,b:1/d",
        "clickhouse://a:1,a:1/d?cluster=x",
        "clickhouse://a:1,,b:1/d?cluster=x",
        "clickhouse://secret:%zz@a:1/d",
        "clickhouse://secret:%4@a:1/d",
        "clickhouse://secret:%0a@a:1/d",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct clickhouse_address at = { .host_count = 7 };
        const char *why = NULL;
        if (clickhouse_address_read(&a, str_of(cases[i]), &at, &why) != ERR_CONFIG || !why)
            fail_msg("taken: %s", cases[i]);
        assert_int_equal(at.host_count, 7);
        assert_null(strstr(why, "secret"));
    }
}

static void too_many_hosts_are_refused(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf sb CLEANUP(strbuf_done);
    struct clickhouse_address at;
    const char *why;
    strbuf_init(&sb, NULL, 10000);
    out_z(&sb, "clickhouse://");
    for (int i = 0; i <= CLICKHOUSE_HOSTS_MAX; i++)
        out_fmt(&sb, "%sh%d:1", i ? "," : "", i);
    out_z(&sb, "/d?cluster=x");
    assert_int_equal(clickhouse_address_read(&a, strbuf_str(&sb), &at, &why), ERR_CONFIG);
}

int clickhouse_address_test(void);
int clickhouse_address_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_read),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(too_many_hosts_are_refused),
    };
    return cmocka_run_group_tests_name("clickhouse_address", tests, NULL, NULL);
}
