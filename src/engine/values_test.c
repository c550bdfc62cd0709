/* Numbers by person and who has which ordinal, held against a plain array. */
#include "base/test.h"

#include "base/rand.h"
#include "engine/persons.h"

int values_test(void);

#define MOST (3 * BLOCK)

struct model {
    struct values v;
    i64 at[MOST];
};

static void model_make(struct model *m)
{
    *m = (struct model) { 0 };
    for (size_t i = 0; i < MOST; i++)
        m->at[i] = NONE;
}

static void put(struct model *m, size_t ordinal, i64 value)
{
    values_put(&m->v, ordinal, value);
    m->at[ordinal] = value;
    assert_int_equal(values_get(&m->v, ordinal), value);
}

static void same(const struct model *m)
{
    bool any = false;
    for (size_t i = 0; i < MOST; i++) {
        assert_int_equal(values_get(&m->v, i), m->at[i]);
        any |= m->at[i] != NONE;
    }
    assert_true(values_any(&m->v) == any);
}

static void within(const struct model *m, i64 low, i64 high)
{
    for (size_t block = 0; block < MOST / BLOCK; block++) {
        const struct values_block *b = values_block(&m->v, block);
        struct raw_span s = values_span(b, low, high);
        for (size_t w = 0; w < BLOCK_WORDS; w++) {
            uint64_t expected = 0;
            for (size_t k = 0; k < 64; k++) {
                i64 value = m->at[block * BLOCK + 64 * w + k];
                expected |= (uint64_t)(value != NONE && value >= low && value <= high) << k;
            }
            assert_int_equal(values_within(b, w, s), expected);
        }
    }
}

/* Of about so many bits, on either side of zero or at an end of what there is. */
static i64 number(struct rnd *r, int bits)
{
    uint64_t n = rnd_u64(r) >> (64 - bits);
    switch (rnd_below(r, 4)) {
    case 0: return INT64_MAX - (i64)(n >> 1);
    case 1: return NONE + 1 + (i64)(n >> 1);
    case 2: return -(i64)(n >> 1);
    default: return (i64)(n >> 1);
    }
}

static void any_numbers(void **state)
{
    struct rnd r;
    struct model *m = xmalloc(sizeof *m);
    (void)state;
    rnd_seed(&r, 24);
    for (int bits = 1; bits <= 64; bits++) {
        model_make(m);
        int narrow = 1 + (int)rnd_below(&r, (uint64_t)bits);
        i64 near = number(&r, bits);
        for (int i = 0; i < 3000; i++) {
            i64 far = number(&r, bits), by = (i64)(rnd_u64(&r) >> (64 - narrow) >> 2);
            i64 value = rnd_below(&r, 100) ? near > 0 ? near - by : near + by : far;
            put(m, rnd_below(&r, MOST), rnd_below(&r, 10) ? value : NONE);
        }
        same(m);
        within(m, NONE + 1, INT64_MAX);
        within(m, near, near);
        within(m, 1, 0);
        for (int i = 0; i < 20; i++) {
            i64 a = m->at[rnd_below(&r, MOST)], b = number(&r, bits);
            a = a == NONE ? near : a;
            within(m, MIN(a, b), MAX(a, b));
        }
        struct values filled = { 0 };
        values_fill(&filled, m->at, MOST - 100);
        for (size_t i = 0; i < MOST; i++)
            assert_int_equal(values_get(&filled, i), i < MOST - 100 ? m->at[i] : NONE);
        values_done(&filled);
        values_done(&m->v);
    }
    free(m);
}

/* What comes in order is narrow, and quick to put. */
static void in_order(void **state)
{
    struct model *m = xmalloc(sizeof *m);
    (void)state;
    for (i64 step = -1000; step <= 1000; step += 500) {
        model_make(m);
        for (size_t i = 0; i < MOST; i++)
            put(m, i, 1700000000000 + (i64)i * step);
        same(m);
        assert_true(values_bytes(&m->v) <= MOST * (step ? 4 : 1) + 1000);
        values_done(&m->v);
    }
    free(m);
}

static void nothing_takes_nothing(void **state)
{
    struct values v = { 0 };
    (void)state;
    assert_int_equal(values_get(&v, 5), NONE);
    values_put(&v, 100000, NONE);
    assert_int_equal(values_bytes(&v), 0);
    assert_false(values_any(&v));
    assert_true(values_span(NULL, NONE + 1, INT64_MAX).empty);
    assert_int_equal(values_within(NULL, 0, values_span(NULL, 0, 9)), 0);
}

/* Who comes and goes, with numbers that fall together. */
static void persons_come_and_go(void **state)
{
    enum { PEOPLE = 500 };
    static uint32_t expected[PEOPLE];
    struct rnd r;
    (void)state;
    rnd_seed(&r, 7);
    for (int round = 0; round < 20; round++) {
        struct persons p = { 0 };
        size_t there = 0;
        i64 apart = round % 2 ? 1 : INT64_C(1) << 40;
        for (size_t i = 0; i < PEOPLE; i++)
            expected[i] = NOBODY;
        for (int i = 0; i < 20000; i++) {
            size_t who = rnd_below(&r, PEOPLE);
            i64 id = ((i64)who - 250) * apart;
            assert_int_equal(persons_find(&p, id), expected[who]);
            if (expected[who] == NOBODY) {
                expected[who] = persons_add(&p, id);
                assert_int_equal(expected[who], p.count - 1);
                assert_int_equal(persons_id(&p, expected[who]), id);
                there++;
            } else if (rnd_below(&r, 2)) {
                persons_remove(&p, expected[who]);
                expected[who] = NOBODY;
                there--;
            }
            assert_int_equal(p.there, there);
        }
        i64 *ids = xmalloc(p.count * sizeof *ids);
        for (size_t i = 0; i < p.count; i++)
            ids[i] = persons_id(&p, i);
        struct persons q = { 0 };
        assert_true(persons_fill(&q, ids, p.count));
        assert_int_equal(q.there, there);
        for (size_t who = 0; who < PEOPLE; who++)
            assert_int_equal(persons_find(&q, ((i64)who - 250) * apart), expected[who]);
        persons_done(&q);
        ids[0] = ids[p.count - 1] = 99;
        assert_false(persons_fill(&q, ids, p.count));
        persons_done(&q);
        persons_done(&p);
        free(ids);
    }
}

int values_test(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_numbers),
        cmocka_unit_test(in_order),
        cmocka_unit_test(nothing_takes_nothing),
        cmocka_unit_test(persons_come_and_go),
    };
    return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
