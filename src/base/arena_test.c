#include "base/test.h"

#include "base/rand.h"
#include "base/vec.h"

static void blocks_are_apart_and_aligned(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct rnd r;
    struct block {
        char *at;
        size_t size;
    } blocks[500];
    rnd_seed(&r, 1);
    for (size_t i = 0; i < COUNT(blocks); i++) {
        size_t size = rnd_below(&r, i % 50 ? 100 : 20000);
        blocks[i] = (struct block) { arena_alloc(&a, size), size };
        assert_int_equal((uintptr_t)blocks[i].at % 16, 0);
        memset(blocks[i].at, (int)i, size);
    }
    for (size_t i = 0; i < COUNT(blocks); i++) /* nobody wrote over another's */
        for (size_t k = 0; k < blocks[i].size; k++)
            assert_int_equal((unsigned char)blocks[i].at[k], i & 0xff);
}

static void grows_what_lies_last(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    char *text = NULL;
    size_t size = 0;
    for (size_t i = 1; i < 3000; i += 7) {
        text = arena_grow(&a, text, size, i);
        memset(text + size, 'a' + (int)(i % 26), i - size);
        size = i;
        if (i % 5 == 0)
            memset(arena_alloc(&a, 3), '!', 3);
    }
    for (size_t i = 1, at = 0; i < 3000; i += 7)
        for (; at < i; at++)
            assert_int_equal(text[at], 'a' + (int)(i % 26));
}

static void forgets(void **state)
{
    (void)state;
    struct arena a = { 0 };
    arena_reset(&a);
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 100; i++)
            (void)arena_alloc(&a, 1000);
        assert_true(a.used >= 100000);
        arena_reset(&a);
        assert_int_equal(a.used, 0);
    }
    arena_done(&a);
    assert_null(a.chunk);
    arena_done(&a); /* twice is fine */
}

static void copies_texts(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    assert_null(arena_str(&a, STR_NONE).ptr);
    assert_non_null(arena_str(&a, S("")).ptr);
    assert_string_equal(arena_z(&a, STR_NONE), "");
    assert_string_equal(arena_z(&a, (str) { "abcdef", 3 }), "abc");
    assert_str(arena_fmt(&a, "%s-%d", "荷", 7), "荷-7");
    str long_text = arena_fmt(&a, "%0*d", 100000, 1);
    assert_int_equal(long_text.len, 100000);
    assert_int_equal(((char *)arena_zero(&a, 10, 10))[99], 0);
    assert_memory_equal(arena_copy(&a, "xyz", 3), "xyz", 3);
}

static void vec_keeps_its_elements(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    VEC(int) v = { 0 };
    for (int i = 0; i < 10000; i++) {
        int *last = vec_push(&a, &v);
        assert_int_equal(*last, 0);
        *last = i;
    }
    assert_int_equal(v.n, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(v.at[i], i);
}

int arena_test(void);
int arena_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_apart_and_aligned),
        cmocka_unit_test(grows_what_lies_last),
        cmocka_unit_test(forgets),
        cmocka_unit_test(copies_texts),
        cmocka_unit_test(vec_keeps_its_elements),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
