#include "base/test.h"

#include "domain/org/org.h"

static struct ctx nobody(struct arena *a)
{
    return (struct ctx) { .arena = a, .lang = LANG_EN };
}

static void password_rules(void **state)
{
    (void)state;
    static const struct {
        const char *password, *login, *reason; /* NULL: good */
    } cases[] = {
        { "a long enough secret", "owner", NULL },
        { "荷塘月色好", "owner", "at least 10 characters" },
        { "荷塘月色下的好时光真长", "owner", NULL },
        { "123456789", "owner", "at least 10 characters" },
        { "", "owner", "at least 10 characters" },
        { "1234567890", "owner", "it is in the list of common passwords" },
        { "QwertyUiop", "owner", "it is in the list of common passwords" },
        { "zzzzzzzzzzzz", "owner", "it is one character repeated" },
        { "lin.mei-2026!", "lin.mei", "it contains the user name" },
        { "Lin.Mei-2026!", "lin.mei", "it contains the user name" },
        { "bo is not at home", "bo", NULL }, /* short names are in everything */
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ctx cx = nobody(&a);
        enum err e =
            password_check(&cx, "password", str_of(cases[i].password), str_of(cases[i].login));
        assert_int_equal(e, cases[i].reason ? ERR_BAD_PASSWORD : OK);
        if (cases[i].reason) {
            assert_str(cx.failure.field, "password");
            assert_str(fail_text(&cx, e),
                       arena_fmt(&a, "The password is not acceptable: %s", cases[i].reason).ptr);
            cx.lang = LANG_ZH;
            assert_true(str_starts(fail_text(&cx, e), S("密码不合要求：")));
        }
    }
    char edge[130];
    memset(edge, 'x', sizeof edge);
    edge[0] = 'y';
    struct ctx cx = nobody(&a);
    assert_ok(password_check(&cx, "password", (str) { edge, 128 }, S("owner")));
    assert_int_equal(password_check(&cx, "password", (str) { edge, 129 }, S("owner")),
                     ERR_BAD_PASSWORD);
}

static void a_made_up_password_is_a_good_one(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    str last = STR_NONE;
    for (int i = 0; i < 200; i++) {
        struct ctx cx = nobody(&a);
        str made = password_made_up(&a);
        assert_int_equal(made.len, 19);
        assert_false(str_eq(made, last));
        assert_ok(password_check(&cx, "password", made, S("owner")));
        last = made;
    }
}

static void logins(void **state)
{
    (void)state;
    static const struct {
        const char *given, *normal; /* NULL: refused */
    } cases[] = {
        { "owner", "owner" },
        { "  Lin.Mei ", "lin.mei" },
        { "13812345678", "13812345678" },
        { "A_b-c@shop.example", "a_b-c@shop.example" },
        { "me+night", "me+night" },
        { "a", NULL },
        { "", NULL },
        { "two words", NULL },
        { "林梅", NULL },
        { "a/b", NULL },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ctx cx = nobody(&a);
        str normal = login_normal(&a, str_of(cases[i].given));
        assert_int_equal(login_check(&cx, normal), cases[i].normal ? OK : ERR_INVALID);
        if (cases[i].normal)
            assert_str(normal, cases[i].normal);
    }
}

static void mobiles(void **state)
{
    (void)state;
    static const struct {
        const char *given, *kept, *masked; /* NULL: no number */
    } cases[] = {
        { "13812345678", "13812345678", "138****5678" },
        { " 138-1234 5678 ", "13812345678", "138****5678" },
        { "+86 138 1234 5678", "13812345678", "138****5678" },
        { "8613812345678", "13812345678", "138****5678" },
        { "(021) 5555-1234", "02155551234", "021****1234" },
        { "+44 20 7946 0000", "+442079460000", "+44****0000" },
        { "555123", "555123", "5****23" },
        { "12345", NULL, NULL },
        { "1234567890123456", NULL, NULL },
        { "138x2345678", NULL, NULL },
        { "13812345678+", NULL, NULL },
        { "", NULL, NULL },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        str kept = S("untouched");
        assert_int_equal(mobile_read(&a, str_of(cases[i].given), &kept), cases[i].kept != NULL);
        assert_str(kept, cases[i].kept ? cases[i].kept : "untouched");
        if (cases[i].kept)
            assert_str(mobile_mask(&a, kept), cases[i].masked);
    }
    assert_str(mobile_mask(&a, S("12")), "****");
}

int password_test(void);
int password_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(password_rules),
        cmocka_unit_test(a_made_up_password_is_a_good_one),
        cmocka_unit_test(logins),
        cmocka_unit_test(mobiles),
    };
    return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
