#include "domain/org/org.h"

#include "core/app.h"

#include "org.sql.h"

enum err department_root(struct ctx *cx, department_id *ret)
{
    enum err e = sql_i64(cx, department_root, &ret->v);
    return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, NULL) : e;
}

enum err department_add(struct ctx *cx, const struct department_new *d, department_id *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    str above = S("/");
    if (d->parent.v) {
        TRY(sql_query(cx, department_path, &r, ID(d->parent)));
        bool any = rows_next(&r);
        above = arena_str(cx->arena, col_str(&r, 0));
        TRY(rows_end(&r));
        if (!any)
            return fail(cx, ERR_NOT_FOUND, "parent_id");
    }
    TRY(taken(cx,
              sql_i64(cx, department_insert, &ret->v, ID(d->parent), V(d->kind), V(d->name),
                      V(d->code), V(cx->now)),
              "code", d->code));
    str path = arena_fmt(cx->arena, "%.*s%lld/", STR_ARG(above), (long long)ret->v);
    return sql_exec(cx, department_path_set, ID(*ret), V(path));
}

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
    if (password.len < 10)
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
    if (login.len >= 4 && str_has(password, login))
        return fail_rule(cx, ERR_BAD_PASSWORD, field, "包含用户名", "it contains the user name");
    return OK;
}

enum err staff_add(struct ctx *cx, const struct staff_new *s, staff_id *ret)
{
    i64 role;
    TRY(password_check(cx, "password", s->password, s->login));
    TRY(taken(cx,
              sql_i64(cx, staff_insert, &ret->v, V(s->login), V(s->name), ID(s->department),
                      V(password_hash(cx->arena, s->password)), V(s->password_change), V(cx->now)),
              "login", s->login));
    if (s->role_key) {
        TRY(sql_i64(cx, role_by_key, &role, V(s->role_key)));
        TRY(sql_exec(cx, staff_role_add, ID(*ret), V(role)));
    }
    return staff_recompute(cx, *ret);
}

enum err staff_find_login(struct ctx *cx, str login, staff_id *ret)
{
    enum err e = sql_i64(cx, staff_by_login, &ret->v, V(login));
    return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, NULL) : e;
}

enum err staff_set_password(struct ctx *cx, staff_id staff, str password, bool change_again)
{
    return sql_exec(cx, staff_password_set, ID(staff), V(password_hash(cx->arena, password)),
                    V(change_again));
}
