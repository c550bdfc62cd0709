#include "base/test.h"

#include "base/time.h"
#include "domain/webhook/webhook.h"

static void patterns_mean_types(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *type;
        bool wants;
    } cases[] = {
        { "*", "order.paid", true },
        { "*", "浏览商品", true },
        { "order.paid", "order.paid", true },
        { "order.paid", "order.paid2", false },
        { "order.paid", "order.pai", false },
        { "order.*", "order.paid", true },
        { "order.*", "order.line.added", true },
        { "order.*", "order.", true },
        { "order.*", "order", false },
        { "order.*", "orders.paid", false },
        { "order.*", "preorder.paid", false },
        { "Order Completed", "Order Completed", true },
        { "order.paid", "", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (webhook_wants(str_of(cases[i].pattern), str_of(cases[i].type)) != cases[i].wants)
            fail_msg("%s, %s", cases[i].pattern, cases[i].type);
}

/* The expected one was computed by Python's hmac module. */
static void what_is_sent_is_signed(void **state)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    (void)state;
    assert_str(webhook_signature(&a, S("whsec_abc"), 1700000000, S("{\"a\":1}")),
               "v1=3b843bacfb18cc5554542fdcc84d815b399c52758e508a6fcecf0a2af4efea2b");
}

static void a_body_tells_the_fact(void **state)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct event fact = { .seq = 7,
                          .customer = { 12 },
                          .type_name = S("tag.added"),
                          .at = { 1772416800000 },
                          .received = { 1772416801500 },
                          .props = S("{\"tag\":\"荷\"}") };
    (void)state;
    assert_str(webhook_body(&a, &fact, 3),
               "{\"id\":7,\"type\":\"tag.added\",\"at\":\"2026-03-02T02:00:00Z\",\"received_at\":"
               "\"2026-03-02T02:00:01.500Z\",\"customer_id\":12,\"props\":{\"tag\":\"荷\"},"
               "\"attempt\":3}");
    fact.customer.v = 0;
    assert_true(str_has(webhook_body(&a, &fact, 1), S("\"customer_id\":null")));
}

static void pauses_grow_to_an_hour(void **state)
{
    struct rnd rnd;
    (void)state;
    rnd_seed(&rnd, 1);
    static const struct {
        i64 attempts, middle_s;
    } cases[] = { { 0, 10 },    { 1, 10 },    { 2, 20 },    { 3, 40 },     { 9, 2560 },
                  { 10, 3600 }, { 11, 3600 }, { 60, 3600 }, { 1000, 3600 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        i64 least = I53_MAX, most = 0;
        for (int k = 0; k < 1000; k++) {
            i64 pause = webhook_pause_ms(&rnd, cases[i].attempts);
            least = MIN(least, pause);
            most = MAX(most, pause);
        }
        i64 middle = cases[i].middle_s * SECOND_MS;
        assert_in_range(least, middle * 8 / 10, middle * 82 / 100);
        assert_in_range(most, middle * 118 / 100, middle * 12 / 10);
    }
}

int webhook_test(void);
int webhook_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_mean_types),
        cmocka_unit_test(what_is_sent_is_signed),
        cmocka_unit_test(a_body_tells_the_fact),
        cmocka_unit_test(pauses_grow_to_an_hour),
    };
    return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
