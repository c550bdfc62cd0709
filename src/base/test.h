/* What every unit test includes: cmocka behind our own names. A file x_test.c ends in a function
 * x_test() that runs its group; the build makes a main of all of them. */
#ifndef HETANG_TEST_H
#define HETANG_TEST_H

#include <setjmp.h>
#include <stdarg.h>

#include "base/base.h"

#include <cmocka.h>

/* Ours means something else (core/ctx.h). */
#undef fail
#undef fail_msg
#define fail_msg(...)              \
    do {                           \
        print_error(__VA_ARGS__);  \
        print_error("\n");         \
        _fail(__FILE__, __LINE__); \
    } while (0)

/* Texts compared as texts, so that a failure shows them. */
#define assert_str(actual, expected)                                     \
    do {                                                                 \
        struct arena str_arena_ = { 0 };                                 \
        assert_string_equal(arena_z(&str_arena_, (actual)), (expected)); \
        arena_done(&str_arena_);                                         \
    } while (0)
#define assert_ok(call) assert_int_equal((call), OK)

#endif
