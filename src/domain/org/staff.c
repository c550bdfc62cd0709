#include "domain/org/org.h"

#include "core/app.h"
#include "core/event.h"
#include "domain/org/attempt.h"
#include "domain/org/internal.h"
#include "domain/org/session.h"

#include "staff.sql.h"

SCHEMA_TABLE(staff, STAFF);

enum state { ACTIVE, SUSPENDED, LEFT };
const char *const staff_states[] = {
    [ACTIVE] = "active", [SUSPENDED] = "suspended", [LEFT] = "left", NULL
};
static const char *const state_zh[] = { "在职", "停用", "离职" };

const struct event_type EV_STAFF_JOINED = { "staff.joined", "员工加入", "Somebody joined the staff",
                                            "staff_id: id, department_id: id" };
const struct event_type EV_STAFF_LEFT = { "staff.left", "员工离开", "Somebody left the staff",
                                          "staff_id: id, department_id: id" };

/* The query's rows have the mobile number as it is sealed. */
static enum err staff_fill(struct ctx *cx, struct staff *s)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    if (s->mobile.len) {
        str open;
        TRY(secret_open(cx->app->secrets, cx->arena, s->mobile, &open));
        s->mobile = mobile_mask(cx->arena, open);
    }
    TRY(sql_query(cx, staff_others_of, &r, ID(s->id)));
    TRY(ids_of_rows(cx->arena, &r, &s->other_department_ids));
    TRY(sql_query(cx, staff_roles_of, &r, ID(s->id)));
    return ids_of_rows(cx->arena, &r, &s->role_ids);
}

enum err staff_get(struct ctx *cx, staff_id id, struct staff *ret)
{
    TRY(sql_one(cx, staff_by_id, &staff_schema, ret, ID(id), ID(cx->actor.staff)));
    return staff_fill(cx, ret);
}

enum err staff_list(struct ctx *cx, const struct staff_filter *f, i64 after, i64 limit,
                    struct staff **ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(struct staff) found = { 0 };
    str below = STR_NONE;
    if (f->department.v)
        TRY(department_path(cx, f->department, "department_id", &below));
    TRY(sql_query(cx, staff_page, &r, V(after), ID(cx->actor.staff), V(below), ID(f->role),
                  V(f->state), V(like_pattern(cx->arena, f->text)), V(limit)));
    while (rows_next(&r))
        schema_row(cx->arena, &staff_schema, &r, vec_push(cx->arena, &found));
    TRY(rows_end(&r));
    for (size_t i = 0; i < found.n; i++)
        TRY(staff_fill(cx, &found.at[i]));
    *ret = found.at;
    *ret_count = found.n;
    return OK;
}

enum err staff_find_login(struct ctx *cx, str login, staff_id *ret)
{
    enum err e = sql_i64(cx, staff_id_by_login, &ret->v, V(login_normal(cx->arena, login)));
    return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, NULL) : e;
}

static enum err seal_mobile(struct ctx *cx, str mobile, struct val *ret)
{
    str digits;
    *ret = val_null();
    if (!str_trim(mobile).len)
        return OK;
    if (!mobile_read(cx->arena, mobile, &digits))
        return fail_rule(cx, ERR_INVALID, "mobile", "不是手机号", "it is no telephone number");
    *ret = val_blob(secret_seal(cx->app->secrets, cx->arena, digits));
    return OK;
}

/* A department takes members while it is open. */
static enum err place_check(struct ctx *cx, department_id id, const char *field)
{
    struct department d;
    TRY(department_get(cx, id, field, &d));
    return !d.closed
               ? OK
               : fail_rule(cx, ERR_WRONG_STATE, field, "该部门已关闭", "that department is closed");
}

static enum err staff_login_check(struct ctx *cx, str login)
{
    i64 id;
    TRY(login_check(cx, login));
    enum err e = sql_i64(cx, staff_id_by_login, &id, V(login));
    return e == OK ? fail(cx, ERR_TAKEN, "login", P("value", login)) : e == ERR_DONE ? OK : e;
}

enum err staff_add(struct ctx *cx, const struct staff_new *s, staff_id *ret)
{
    struct val mobile;
    role_id role;
    str login = login_normal(cx->arena, s->login);
    TRY(staff_login_check(cx, login));
    TRY(place_check(cx, s->department, "department_id"));
    TRY(seal_mobile(cx, s->mobile, &mobile));
    TRY(taken(cx,
              sql_i64(cx, staff_insert, &ret->v, V(login), V(s->name), mobile, ID(s->department),
                      V(s->password_hash), V(s->password_change), V(cx->now)),
              "login", login));
    TRY(staff_set_places(cx, *ret, s->department, s->others, s->other_count));
    TRY(staff_set_roles(cx, *ret, s->roles, s->role_count));
    if (s->role_key) {
        TRY(role_find_key(cx, str_of(s->role_key), &role));
        TRY(sql_exec(cx, staff_role_add, ID(*ret), ID(role)));
    }
    TRY(staff_recompute(cx, *ret));
    return event_emit(cx, &EV_STAFF_JOINED, (customer_id) { 0 }, P("staff_id", ret->v),
                      P("department_id", s->department.v));
}

enum err staff_change(struct ctx *cx, const struct staff *s)
{
    staff_id holder;
    str login = login_normal(cx->arena, s->login);
    TRY(login_check(cx, login));
    enum err e = sql_i64(cx, staff_id_by_login, &holder.v, V(login));
    if (e == OK && holder.v != s->id.v)
        return fail(cx, ERR_TAKEN, "login", P("value", login));
    if (e != OK && e != ERR_DONE)
        return e;
    return taken(cx,
                 sql_exec(cx, staff_update, ID(s->id), V(login), V(s->name), ID(s->department_id)),
                 "login", login);
}

enum err staff_set_mobile(struct ctx *cx, staff_id staff, str mobile)
{
    struct val sealed;
    TRY(seal_mobile(cx, mobile, &sealed));
    return sql_exec(cx, staff_mobile_set, ID(staff), sealed);
}

enum err staff_set_places(struct ctx *cx, staff_id staff, department_id primary,
                          const department_id *others, size_t count)
{
    TRY(place_check(cx, primary, "department_id"));
    TRY(sql_exec(cx, staff_places_clear, ID(staff)));
    TRY(sql_exec(cx, staff_place_add, ID(staff), ID(primary)));
    for (size_t i = 0; i < count; i++) {
        TRY(place_check(cx, others[i], "other_department_ids"));
        TRY(sql_exec(cx, staff_place_add, ID(staff), ID(others[i])));
    }
    return OK;
}

enum err staff_set_roles(struct ctx *cx, staff_id staff, const role_id *roles, size_t count)
{
    TRY(sql_exec(cx, staff_roles_clear, ID(staff)));
    for (size_t i = 0; i < count; i++) {
        struct role role;
        TRY(role_get(cx, roles[i], "role_ids", &role));
        TRY(sql_exec(cx, staff_role_add, ID(staff), ID(roles[i])));
    }
    return OK;
}

/* The moves there are. Coming back from having left, one chooses a new password. */
static const struct {
    unsigned from; /* bit per state */
    enum state to;
} moves[] = {
    [STAFF_SUSPEND] = { 1 << ACTIVE, SUSPENDED },
    [STAFF_LEAVE] = { 1 << ACTIVE | 1 << SUSPENDED, LEFT },
    [STAFF_BACK] = { 1 << SUSPENDED | 1 << LEFT, ACTIVE },
};

static enum state state_of(str word)
{
    for (int i = 0; staff_states[i]; i++)
        if (str_is(word, staff_states[i]))
            return (enum state)i;
    assert(false && "a state the table of staff lets through");
    return LEFT;
}

static enum err places_open(struct ctx *cx, const struct staff *s)
{
    const department_id *others = s->other_department_ids.at;
    TRY(place_check(cx, s->department_id, "department_id"));
    for (size_t i = 0; i < s->other_department_ids.n; i++)
        TRY(place_check(cx, others[i], "other_department_ids"));
    return OK;
}

enum err staff_move_state(struct ctx *cx, const struct staff *s, enum staff_move move)
{
    enum state from = state_of(s->state), to = moves[move].to;
    if (!(moves[move].from >> from & 1))
        return fail_rule(cx, ERR_WRONG_STATE, NULL,
                         arena_fmt(cx->arena, "该员工目前为%s", state_zh[from]).ptr,
                         arena_fmt(cx->arena, "the member is %s", staff_states[from]).ptr);
    if (to == ACTIVE)
        TRY(places_open(cx, s));
    TRY(sql_exec(cx, staff_state_set, ID(s->id), V(staff_states[to]), V(from == LEFT)));
    TRY(session_end_all(cx, s->id, (session_id) { 0 }));
    if (to == LEFT) {
        TRY(token_end_all(cx, s->id));
        TRY(browser_forget_all(cx, s->id));
    }
    if (to != ACTIVE)
        TRY(owner_left(cx));
    if (to != LEFT && from != LEFT)
        return OK;
    return event_emit(cx, to == LEFT ? &EV_STAFF_LEFT : &EV_STAFF_JOINED, (customer_id) { 0 },
                      P("staff_id", s->id.v), P("department_id", s->department_id.v));
}

enum err owner_left(struct ctx *cx)
{
    i64 owners;
    TRY(sql_i64(cx, staff_owners_active, &owners));
    return owners ? OK
                  : fail_rule(cx, ERR_WRONG_STATE, NULL, "这是最后一位在职的所有者，请先指定另一位",
                              "this is the last active owner; make another one first");
}

enum err staff_set_password(struct ctx *cx, staff_id staff, str hash, bool change_again)
{
    TRY(sql_exec(cx, staff_password_set, ID(staff), V(hash), V(change_again)));
    if (!change_again)
        return OK;
    TRY(session_end_all(cx, staff, (session_id) { 0 }));
    TRY(browser_forget_all(cx, staff));
    return staff_unlock(cx, staff);
}

enum err staff_unlock(struct ctx *cx, staff_id staff)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, staff_login_by_id, &r, ID(staff)));
    str login = rows_next(&r) ? arena_str(cx->arena, col_str(&r, 0)) : STR_NONE;
    TRY(rows_end(&r));
    return attempt_forget(cx, login);
}

enum err staff_totp_off(struct ctx *cx, staff_id staff)
{
    return sql_exec(cx, staff_totp_clear, ID(staff), V(false));
}
