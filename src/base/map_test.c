#include "base/test.h"

#include "base/map.h"
#include "base/rand.h"

#define KEYS 300

/* The same operations on a map and on a plain array; they must agree after each. */
static void agrees_with_a_naive_model(void **state)
{
    (void)state;
    struct {
        bool there;
        int64_t value;
    } model[KEYS] = { 0 };
    struct map m = { 0 };
    struct rnd r;
    uint64_t seed = 20260302;
    size_t count = 0;
    print_message("seed %llu\n", (unsigned long long)seed);
    rnd_seed(&r, seed);
    for (int step = 0; step < 200000; step++) {
        size_t k = rnd_below(&r, KEYS);
        int64_t key = ((int64_t)k - KEYS / 2) * INT64_C(0x100000000), *value;
        switch (rnd_below(&r, 5)) {
        case 0:
        case 1:
            value = map_put(&m, key);
            assert_int_equal(*value, model[k].value);
            count += !model[k].there;
            model[k].there = true;
            *value = model[k].value = step;
            break;
        case 2:
        case 3:
            assert_int_equal(map_remove(&m, key), model[k].there);
            count -= model[k].there;
            model[k].there = false;
            model[k].value = 0;
            break;
        default:
            value = map_get(&m, key);
            assert_int_equal(value != NULL, model[k].there);
            if (value)
                assert_int_equal(*value, model[k].value);
        }
        assert_int_equal(m.count, count);
        if (step % 1000)
            continue;
        size_t walked = 0;
        for (struct map_slot *s = NULL; (s = map_next(&m, s)); walked++) {
            size_t at = (size_t)(s->key / INT64_C(0x100000000) + KEYS / 2);
            assert_true(model[at].there && model[at].value == s->value);
        }
        assert_int_equal(walked, count);
        if (step % 50000 == 0) {
            map_clear(&m);
            memset(model, 0, sizeof model);
            count = 0;
        }
    }
    map_done(&m);
    assert_null(map_get(&m, 1));
    assert_false(map_remove(&m, 1));
    assert_null(map_next(&m, NULL));
}

static void takes_the_extremes(void **state)
{
    (void)state;
    struct map m = { 0 };
    static const int64_t keys[] = { 0, -1, 1, INT64_MAX, INT64_MIN + 1 };
    for (size_t i = 0; i < COUNT(keys); i++)
        *map_put(&m, keys[i]) = (int64_t)i;
    for (size_t i = 0; i < COUNT(keys); i++)
        assert_int_equal(*map_get(&m, keys[i]), i);
    map_done(&m);
}

int map_test(void);
int map_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_naive_model),
        cmocka_unit_test(takes_the_extremes),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
