#include "base/test.h"

#include "base/money.h"
#include "base/rand.h"

static void reads_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool ok;
        int64_t digits;
        int scale;
    } cases[] = {
        { "12", true, 12, 0 },
        { "-3.50", true, -350, 2 },
        { "+0.001", true, 1, 3 },
        { ".5", true, 5, 1 },
        { "5.", true, 5, 0 },
        { "1.1234560000", true, 1123456, 6 },
        { "1.1234561", false, 0, 0 }, /* a seventh place that is not zero */
        { "9223372036854775807", true, INT64_MAX, 0 },
        { "9223372036854775808", false, 0, 0 },
        { "", false, 0, 0 },
        { ".", false, 0, 0 },
        { "-", false, 0, 0 },
        { "1.2.3", false, 0, 0 },
        { "1,000", false, 0, 0 },
        { "1e3", false, 0, 0 },
        { " 1", false, 0, 0 },
        { "--1", false, 0, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decimal d = { 42, 42 };
        bool ok = cases[i].ok;
        assert_int_equal(decimal_read(str_of(cases[i].in), &d), ok);
        assert_int_equal(d.digits, ok ? cases[i].digits : 42);
        assert_int_equal(d.scale, ok ? cases[i].scale : 42);
    }
}

static void multiplies_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *quantity, *price;
        bool ok;
        int64_t fen;
    } cases[] = {
        { "3", "2.55", true, 765 },
        { "6", "0.005", true, 3 },   /* half away from zero … */
        { "-1", "0.005", true, -1 }, /* … on both sides */
        { "1", "0.0049", true, 0 },
        { "-1", "0.0049", true, 0 },
        { "0.333333", "3", true, 100 },
        { "1000000", "92233720368.54", true, INT64_C(9223372036854000000) },
        { "1000000", "92233720368.55", false, 0 },
        { "100000000", "922337203685.48", false, 0 },
        { "9000000000000000000", "9000000000000000000", false, 0 },
        { "9223372036854775807", "-9223372036854775807", false, 0 },
        { "92233720368547758", "1", true, INT64_C(9223372036854775800) },
        { "92233720368547759", "1", false, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decimal q, p;
        money m = { 42 };
        assert_true(decimal_read(str_of(cases[i].quantity), &q));
        assert_true(decimal_read(str_of(cases[i].price), &p));
        assert_int_equal(money_of_product(q, p, &m), cases[i].ok);
        assert_int_equal(m.fen, cases[i].ok ? cases[i].fen : 42);
    }
}

static void reads_and_writes_amounts(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        int64_t fen;
        const char *text;
    } cases[] = { { "0", 0, "0.00" },
                  { "-0.05", -5, "-0.05" },
                  { "1234.5", 123450, "1234.50" },
                  { "0.125", 13, "0.13" },
                  { "-0.125", -13, "-0.13" },
                  { "92233720368547758.07", INT64_MAX, "92233720368547758.07" } };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        money m = { 42 };
        struct strbuf sb;
        strbuf_init(&sb, &a, 100);
        assert_true(money_read(str_of(cases[i].in), &m));
        assert_int_equal(m.fen, cases[i].fen);
        out_money(&sb, m);
        assert_str(strbuf_str(&sb), cases[i].text);
    }
    money m = { 42 };
    assert_false(money_read(S("92233720368547758.08"), &m));
    assert_false(money_read(S("¥5"), &m));
    assert_int_equal(m.fen, 42);
}

static void says_when_it_does_not_fit(void **state)
{
    (void)state;
    money m = { 42 }, most = { INT64_MAX }, least = { -INT64_MAX };
    assert_false(money_add(most, (money) { 1 }, &m));
    assert_false(money_sub(least, (money) { 2 }, &m));
    assert_false(money_times(most, 2, &m));
    assert_int_equal(m.fen, 42);
    assert_true(money_add(most, least, &m));
    assert_int_equal(m.fen, 0);
}

static void split_like_this(void **state)
{
    (void)state;
    static const struct {
        int64_t whole, weights[4];
        size_t count;
        int64_t parts[4];
    } cases[] = {
        { 100, { 1, 1, 1 }, 3, { 34, 33, 33 } },
        { -100, { 1, 1, 1 }, 3, { -34, -33, -33 } },
        { 1, { 0, 5, 5 }, 3, { 0, 1, 0 } },
        { 0, { 3, 4 }, 2, { 0, 0 } },
        { 10, { 1 }, 1, { 10 } },
        { 5, { 999, 1, 1000 }, 3, { 2, 0, 3 } },
        { INT64_MAX, { INT64_MAX, INT64_MAX }, 2, { INT64_MAX / 2 + 1, INT64_MAX / 2 } },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        money parts[4];
        money_split(&a, (money) { cases[i].whole }, cases[i].weights, cases[i].count, parts);
        for (size_t k = 0; k < cases[i].count; k++)
            assert_int_equal(parts[k].fen, cases[i].parts[k]);
    }
}

/* Whatever is split: the parts add up, each is within one fen of its exact share, none has the
 * other sign, and nobody of weight 0 gets anything. */
static void split_always_adds_up(void **state)
{
    (void)state;
    uint64_t seed;
    struct rnd r;
    const char *given = getenv("SEED");
    secret_bytes(&seed, sizeof seed);
    if (given) {
        int64_t n = 0;
        assert_true(str_to_i64(str_of(given), &n));
        seed = (uint64_t)n;
    }
    seed &= INT64_MAX;
    print_message("SEED=%llu\n", (unsigned long long)seed);
    rnd_seed(&r, seed);
    for (int round = 0; round < 20000; round++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        int64_t weights[12];
        money parts[12];
        size_t count = 1 + rnd_below(&r, 12);
        __int128 total = 0, sum = 0;
        for (size_t i = 0; i < count; i++) {
            weights[i] = rnd_below(&r, 4) ? (int64_t)(rnd_u64(&r) >> (1 + rnd_below(&r, 63))) : 0;
            total += weights[i];
        }
        if (total == 0)
            total = weights[rnd_below(&r, count)] = 1;
        money whole = { (int64_t)(rnd_u64(&r) >> (1 + rnd_below(&r, 63))) };
        if (rnd_below(&r, 2))
            whole.fen = -whole.fen;
        money_split(&a, whole, weights, count, parts);
        for (size_t i = 0; i < count; i++) {
            sum += parts[i].fen;
            __int128 off = (__int128)parts[i].fen * total - (__int128)whole.fen * weights[i];
            assert_true(off < total && off > -total);
            assert_true(weights[i] || !parts[i].fen);
            assert_true(whole.fen < 0 ? parts[i].fen <= 0 : parts[i].fen >= 0);
        }
        assert_true(sum == whole.fen);
    }
}

int money_test(void);
int money_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_decimals),           cmocka_unit_test(multiplies_exactly),
        cmocka_unit_test(reads_and_writes_amounts), cmocka_unit_test(says_when_it_does_not_fit),
        cmocka_unit_test(split_like_this),          cmocka_unit_test(split_always_adds_up),
    };
    return cmocka_run_group_tests_name("money", tests, NULL, NULL);
}
