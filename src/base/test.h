/* What every unit test includes: cmocka behind our own names. A file x_test.c ends in a function
 * x_test() that runs its group; the build makes a main of all of them. */
#ifndef HETANG_TEST_H
#define HETANG_TEST_H

#include <setjmp.h>
#include <stdarg.h>

#include "base/base.h"

#include <cmocka.h>

/* Texts compared as texts, so that a failure shows them. */
#define assert_str(actual, expected)                                     \
    do {                                                                 \
        struct arena str_arena_ = { 0 };                                 \
        assert_string_equal(arena_z(&str_arena_, (actual)), (expected)); \
        arena_done(&str_arena_);                                         \
    } while (0)
#define assert_ok(call) assert_int_equal((call), OK)

#endif
