/* What people give to sign in with, and what is done to it before it is kept. */
#include "domain/org/internal.h"

#include "base/rand.h"
#include "base/utf8.h"

/* The most used passwords of ten characters and more in published leaks, and those a brand would
 * think of. */
static const char *const common[] = {
    "1234567890",   "12345678910",  "0123456789",   "9876543210",     "0987654321",
    "1111111111",   "0000000000",   "1212121212",   "1q2w3e4r5t",     "1q2w3e4r5t6y",
    "qwertyuiop",   "qwerty12345",  "qwerty123456", "q1w2e3r4t5",     "q1w2e3r4t5y6",
    "1qaz2wsx3edc", "password12",   "password123",  "password1234",   "password12345",
    "passw0rd123",  "p@ssw0rd123",  "p@ssword123",  "password!1",     "administrator",
    "admin12345",   "admin123456",  "admin@12345",  "administrator1", "welcome123",
    "welcome1234",  "letmein123",   "iloveyou12",   "iloveyou123",    "abc1234567",
    "abcd123456",   "abcdefghij",   "abcdefg123",   "a123456789",     "aa12345678",
    "aa123456789",  "123456789a",   "123456789q",   "woaini1314",     "woaini520520",
    "5201314520",   "1314520520",   "zxcvbnm123",   "asdfghjkl1",     "asdfghjkl123",
    "asdfasdfasdf", "1122334455",   "1234512345",   "1231231231",     "123123123123",
    "123321123321", "changeme123",  "superman123",  "football123",    "baseball123",
    "princess123",  "sunshine123",  "monkey12345",  "dragon12345",    "master12345",
    "michael123",   "hetang12345",  "hetang123456", "hetang2026",     "11223344556",
    "147258369000", "0123456789a",  "qazwsxedcrfv", "qwe123456789",   "qwer12345678",
    "asd123456789", "zxc123456789", "test123456",   "test1234567",    "guest12345",
};

enum err password_check(struct ctx *cx, const char *field, str password, str login)
{
    if (utf8_count(password) < 10)
        return fail_rule(cx, ERR_BAD_PASSWORD, field, "至少 10 个字符", "at least 10 characters");
    if (password.len > 128)
        return fail_rule(cx, ERR_BAD_PASSWORD, field, "最多 128 个字节", "at most 128 bytes");
    for (size_t i = 0; i < COUNT(common); i++)
        if (str_ieq(password, str_of(common[i])))
            return fail_rule(cx, ERR_BAD_PASSWORD, field, "这是常见密码",
                             "it is in the list of common passwords");
    bool same = true;
    for (size_t i = 1; i < password.len; i++)
        same = same && password.ptr[i] == password.ptr[0];
    if (same)
        return fail_rule(cx, ERR_BAD_PASSWORD, field, "全是同一个字符",
                         "it is one character repeated");
    if (login.len >= 4 && str_has(text_lower(cx->arena, password), login))
        return fail_rule(cx, ERR_BAD_PASSWORD, field, "包含用户名", "it contains the user name");
    return OK;
}

/* Eight syllables and two digits: over 50 bits. */
str password_made_up(struct arena *a)
{
    static const char consonants[] = "bdfghjkmnprstvz", vowels[] = "aeiou";
    struct strbuf text;
    struct rnd r;
    uint64_t seed;
    secret_bytes(&seed, sizeof seed);
    rnd_seed(&r, seed);
    strbuf_init(&text, a, 64);
    for (int i = 0; i < 8; i++) {
        if (i == 4)
            out_c(&text, '-');
        out_c(&text, consonants[rnd_below(&r, sizeof consonants - 1)]);
        out_c(&text, vowels[rnd_below(&r, sizeof vowels - 1)]);
    }
    out_fmt(&text, "%02d", (int)rnd_below(&r, 100));
    return strbuf_str(&text);
}

str login_normal(struct arena *a, str login)
{
    return text_lower(a, str_trim(login));
}

enum err login_check(struct ctx *cx, str login)
{
    bool good = login.len >= 2 && login.len <= 60;
    for (size_t i = 0; i < login.len && good; i++) {
        char c = login.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("._@+-", c));
    }
    return good ? OK
                : fail_rule(cx, ERR_INVALID, "login", "应为 2 到 60 个字母、数字或 . _ - @ +",
                            "it has 2 to 60 letters, digits or . _ - @ +");
}

bool mobile_read(struct arena *a, str text, str *ret)
{
    struct strbuf digits;
    strbuf_init(&digits, a, 64);
    text = str_trim(text);
    bool plus = str_starts(text, S("+"));
    for (size_t i = plus; i < text.len; i++) {
        char c = text.ptr[i];
        if (c >= '0' && c <= '9')
            out_c(&digits, c);
        else if (c != ' ' && c != '-' && c != '(' && c != ')')
            return false;
    }
    str d = strbuf_str(&digits);
    if (digits.overflow || d.len < 6 || d.len > 15)
        return false;
    if (d.len == 13 && str_starts(d, S("861"))) { /* a Chinese mobile with its country */
        *ret = str_from(d, 2);
        return true;
    }
    *ret = plus ? arena_fmt(a, "+%.*s", STR_ARG(d)) : d;
    return true;
}

str mobile_mask(struct arena *a, str mobile)
{
    size_t first = mobile.len < 9 ? 1 : 3, last = mobile.len < 9 ? 2 : 4;
    if (mobile.len < first + last)
        return S("****");
    return arena_fmt(a, "%.*s****%.*s", (int)first, mobile.ptr, (int)last,
                     mobile.ptr + mobile.len - last);
}
