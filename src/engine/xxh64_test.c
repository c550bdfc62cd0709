#include "base/test.h"

#include "engine/xxh64.h"

int xxh64_test(void);

/* What the author's program prints. */
static void known_sums(void **state)
{
    static const struct {
        const char *text;
        uint64_t sum;
    } cases[] = {
        { "", UINT64_C(0xef46db3751d8e999) },
        { "a", UINT64_C(0xd24ec4f1a98c6e5b) },
        { "abc", UINT64_C(0x44bc2cf5ad770999) },
        { "Nobody inspects the spammish repetition", UINT64_C(0xfbcea83c8a378bf1) },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(xxh64(cases[i].text, strlen(cases[i].text)), cases[i].sum);
}

/* Any change of a bit is another sum, at every length's way through the code. */
static void every_bit_counts(void **state)
{
    unsigned char bytes[100];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t len = 1; len <= sizeof bytes; len++)
        for (size_t bit = 0; bit < 8 * len; bit++) {
            uint64_t before = xxh64(bytes, len);
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            assert_true(xxh64(bytes, len) != before);
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
}

int xxh64_test(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(known_sums),
                                        cmocka_unit_test(every_bit_counts) };
    return cmocka_run_group_tests_name("engine_xxh64", tests, NULL, NULL);
}
