#include "base/test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/secret.h"

struct place {
    char folder[64], file[96];
    struct secrets *secrets;
    struct arena arena;
};

static int make(void **state)
{
    struct place *p = xcalloc(1, sizeof *p);
    const char *why;
    snprintf(p->folder, sizeof p->folder, "/tmp/hetang-secret-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->file, sizeof p->file, "%s/hetang.key", p->folder);
    assert_ok(secrets_open(p->file, true, &p->secrets, &why));
    *state = p;
    return 0;
}

static int unmake(void **state)
{
    struct place *p = *state;
    secrets_close(p->secrets);
    arena_done(&p->arena);
    unlink(p->file);
    rmdir(p->folder);
    free(p);
    return 0;
}

static void reopen(struct place *p)
{
    const char *why;
    secrets_close(p->secrets);
    assert_ok(secrets_open(p->file, false, &p->secrets, &why));
}

static void what_is_sealed_opens(void **state)
{
    struct place *p = *state;
    static const char *const texts[] = { "", "13812345678", "荷塘月色", "a\nb" };
    for (size_t i = 0; i < COUNT(texts); i++) {
        str open, sealed = secret_seal(p->secrets, &p->arena, str_of(texts[i]));
        assert_int_equal(secret_key_id(sealed), 1);
        assert_int_equal(sealed.len, 33 + strlen(texts[i]));
        assert_ok(secret_open(p->secrets, &p->arena, sealed, &open));
        assert_str(open, texts[i]);
        str again = secret_seal(p->secrets, &p->arena, str_of(texts[i]));
        assert_false(str_eq(sealed, again)); /* equal values do not show */
    }
}

static void what_was_altered_does_not_open(void **state)
{
    struct place *p = *state;
    str open = S("untouched"), sealed = secret_seal(p->secrets, &p->arena, S("13812345678"));
    char *bytes = (char *)(uintptr_t)sealed.ptr;
    for (size_t i = 0; i < sealed.len; i++) {
        bytes[i] ^= 1;
        assert_int_equal(secret_open(p->secrets, &p->arena, sealed, &open), ERR_INTERNAL);
        bytes[i] ^= 1;
    }
    for (size_t len = 0; len < sealed.len; len++)
        assert_int_equal(secret_open(p->secrets, &p->arena, str_head(sealed, len), &open),
                         ERR_INTERNAL);
    assert_str(open, "untouched");
    assert_ok(secret_open(p->secrets, &p->arena, sealed, &open));
}

static void after_a_rotation_old_and_new_open(void **state)
{
    struct place *p = *state;
    const char *why;
    str open, first = secret_seal(p->secrets, &p->arena, S("before"));
    str index = secret_index(p->secrets, &p->arena, S("mobile"), S("13812345678"));
    assert_ok(secrets_rotate(p->secrets, &why));
    assert_int_equal(secrets_active(p->secrets), 2);
    str second = secret_seal(p->secrets, &p->arena, S("after"));
    assert_int_equal(secret_key_id(second), 2);
    reopen(p);
    assert_int_equal(secrets_active(p->secrets), 2);
    assert_ok(secret_open(p->secrets, &p->arena, first, &open));
    assert_str(open, "before");
    assert_ok(secret_open(p->secrets, &p->arena, second, &open));
    assert_str(open, "after");
    /* Rows are found by their index as before. */
    assert_true(str_eq(index, secret_index(p->secrets, &p->arena, S("mobile"), S("13812345678"))));
    for (int i = 3; i <= 64; i++)
        assert_ok(secrets_rotate(p->secrets, &why));
    assert_int_equal(secrets_rotate(p->secrets, &why), ERR_CONFIG);
    assert_int_equal(secrets_active(p->secrets), 64);
    reopen(p);
    assert_ok(secret_open(p->secrets, &p->arena, first, &open));
}

static void an_index_depends_on_kind_value_and_key(void **state)
{
    struct place *p = *state;
    str index = secret_index(p->secrets, &p->arena, S("mobile"), S("13812345678"));
    assert_int_equal(index.len, 32);
    static const struct {
        const char *kind, *value;
    } others[] = { { "member", "13812345678" },
                   { "mobile", "13812345679" },
                   { "mobil", "e13812345678" } };
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(str_eq(index, secret_index(p->secrets, &p->arena, str_of(others[i].kind),
                                                str_of(others[i].value))));
    const char *why;
    struct secrets *elsewhere;
    char file[128];
    snprintf(file, sizeof file, "%s/other.key", p->folder);
    assert_ok(secrets_open(file, true, &elsewhere, &why));
    assert_false(str_eq(index, secret_index(elsewhere, &p->arena, S("mobile"), S("13812345678"))));
    str open, sealed = secret_seal(p->secrets, &p->arena, S("ours"));
    assert_int_equal(secret_open(elsewhere, &p->arena, sealed, &open), ERR_INTERNAL);
    secrets_close(elsewhere);
    unlink(file);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void the_key_file_is_private_and_whole(void **state)
{
    struct place *p = *state;
    struct stat st;
    const char *why = "";
    struct secrets *none = NULL;
    assert_int_equal(stat(p->file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    chmod(p->file, 0640);
    assert_int_equal(secrets_open(p->file, true, &none, &why), ERR_CONFIG);
    assert_non_null(strstr(why, "chmod 600"));
    chmod(p->file, 0600);
    static const char *const damaged[] = { "", "index 00\n", "index zz", "key 1 00ff\n",
                                           "something else\n" };
    for (size_t i = 0; i < COUNT(damaged); i++) {
        write_file(p->file, damaged[i]);
        assert_int_equal(secrets_open(p->file, true, &none, &why), ERR_CONFIG);
        assert_non_null(strstr(why, "damaged"));
    }
    unlink(p->file);
    assert_int_equal(secrets_open(p->file, false, &none, &why), ERR_CONFIG);
    assert_null(none);
}

static void hex(const uint8_t *bytes, size_t len, char *to)
{
    for (size_t i = 0; i < len; i++)
        snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

/* FIPS 180-2, appendix B.1; RFC 4231, case 2. */
static void digests(void **state)
{
    (void)state;
    uint8_t bytes[SHA256_LEN];
    char text[2 * SHA256_LEN + 1];
    sha256(S("abc"), bytes);
    hex(bytes, sizeof bytes, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hmac_sha256(S("Jefe"), S("what do ya want for nothing?"), bytes);
    hex(bytes, sizeof bytes, text);
    assert_string_equal(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* RFC 6238, appendix B: SHA-1, the last six of its eight digits. */
static void totp_vectors(void **state)
{
    (void)state;
    static const struct {
        i64 at_s;
        const char *code;
    } vectors[] = {
        { 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
        { 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
    };
    str secret = S("12345678901234567890");
    for (size_t i = 0; i < COUNT(vectors); i++) {
        instant at = { vectors[i].at_s * SECOND_MS };
        str code = str_of(vectors[i].code);
        i64 step = -1;
        assert_true(totp_matches(secret, at, code, &step));
        assert_int_equal(step, vectors[i].at_s / 30);
        /* One step early or late, and no more. */
        for (i64 drift = -2; drift <= 2; drift++) {
            if (vectors[i].at_s + drift * 30 < 0)
                continue;
            instant other = { at.ms + drift * 30 * SECOND_MS };
            i64 drifted = -1;
            assert_int_equal(totp_matches(secret, other, code, &drifted),
                             drift >= -1 && drift <= 1);
            assert_int_equal(drifted, drift >= -1 && drift <= 1 ? step : -1);
        }
    }
}

static void totp_refuses(void **state)
{
    (void)state;
    static const char *const codes[] = { "", "28708", "2870820", "94287082", "28708x", "287083" };
    i64 step = -1;
    for (size_t i = 0; i < COUNT(codes); i++)
        assert_false(
            totp_matches(S("12345678901234567890"), (instant) { 59000 }, str_of(codes[i]), &step));
    assert_int_equal(step, -1);
}

static void passwords(void **state)
{
    struct place *p = *state;
    str hash = password_hash(&p->arena, S("a long enough secret"));
    assert_true(str_starts(hash, S("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_true(password_matches(hash, S("a long enough secret")));
    assert_false(str_eq(hash, password_hash(&p->arena, S("a long enough secret"))));
    static const char *const wrong[] = { "", "a long enough secre", "a long enough secret ",
                                         "A long enough secret" };
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(password_matches(hash, str_of(wrong[i])));
    static const char *const broken[] = { "", "x", "$argon2id$",
                                          "$argon2id$v=19$m=19456,t=2,p=1$AAAA$" };
    for (size_t i = 0; i < COUNT(broken); i++)
        assert_false(password_matches(str_of(broken[i]), S("a long enough secret")));
    assert_false(password_matches(STR_NONE, S("")));
}

static void tokens(void **state)
{
    struct place *p = *state;
    str one = secret_token(&p->arena, 32), two = secret_token(&p->arena, 32);
    assert_int_equal(one.len, 43);
    assert_false(str_eq(one, two));
    assert_true(secret_equal(one, one));
    assert_false(secret_equal(one, two));
    assert_false(secret_equal(one, str_head(one, 42)));
    assert_true(secret_equal(S(""), STR_NONE));
}

int secret_test(void);
int secret_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_sealed_opens, make, unmake),
        cmocka_unit_test_setup_teardown(what_was_altered_does_not_open, make, unmake),
        cmocka_unit_test_setup_teardown(after_a_rotation_old_and_new_open, make, unmake),
        cmocka_unit_test_setup_teardown(an_index_depends_on_kind_value_and_key, make, unmake),
        cmocka_unit_test_setup_teardown(the_key_file_is_private_and_whole, make, unmake),
        cmocka_unit_test(digests),
        cmocka_unit_test(totp_vectors),
        cmocka_unit_test(totp_refuses),
        cmocka_unit_test_setup_teardown(passwords, make, unmake),
        cmocka_unit_test_setup_teardown(tokens, make, unmake),
    };
    return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
