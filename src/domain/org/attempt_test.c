#include "base/test.h"

#include "domain/org/attempt.h"

static void waits_double_up_to_a_maximum(void **state)
{
    (void)state;
    static const struct {
        enum attempt_kind kind;
        i64 count, wait_s;
    } cases[] = {
        { BY_NAME_AND_PLACE, 1, 0 },
        { BY_NAME_AND_PLACE, 4, 0 },
        { BY_NAME_AND_PLACE, 5, 5 },
        { BY_NAME_AND_PLACE, 6, 10 },
        { BY_NAME_AND_PLACE, 12, 640 },
        { BY_NAME_AND_PLACE, 13, 900 },
        { BY_NAME_AND_PLACE, 26, 900 },
        { BY_NAME_AND_PLACE, 1000000, 900 },
        { BY_PLACE, 29, 0 },
        { BY_PLACE, 30, 1 },
        { BY_PLACE, 35, 32 },
        { BY_PLACE, 36, 60 },
        { BY_PLACE, 400, 60 },
        { BY_NAME, 19, 0 },
        { BY_NAME, 20, 5 },
        { BY_NAME, 26, 300 },
        { BY_BROWSER, 5, 5 },
        { BY_SESSION, 5, 5 },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(attempt_wait_ms(cases[i].kind, cases[i].count),
                         cases[i].wait_s * SECOND_MS);
    for (int kind = 0; kind < ATTEMPT_KINDS; kind++)
        for (i64 count = 1; count < 100; count++)
            assert_true(attempt_wait_ms((enum attempt_kind)kind, count) <=
                        attempt_wait_ms((enum attempt_kind)kind, count + 1));
}

static void one_place(void **state)
{
    (void)state;
    static const struct {
        const char *ip, *place;
    } cases[] = {
        { "192.0.2.7", "192.0.2.7" },
        { "::ffff:192.0.2.7", "192.0.2.7" },
        { "2001:db8:1:2:3:4:5:6", "20010db800010002" },
        { "2001:db8:1:2::", "20010db800010002" },
        { "2001:db8:1:3::", "20010db800010003" },
        { "::1", "0000000000000000" },
        { "", "" }, /* the socket in the data folder */
        { "unknown", "unknown" },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_str(attempt_place(&a, str_of(cases[i].ip)), cases[i].place);
}

int attempt_test(void);
int attempt_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_a_maximum),
        cmocka_unit_test(one_place),
    };
    return cmocka_run_group_tests_name("attempt", tests, NULL, NULL);
}
