#include "domain/org/grant.h"

#include "core/scope.h"

#include "grant.sql.h"

static enum err exceeds(struct ctx *cx, const char *field, const char *zh, const char *en)
{
    return fail_rule(cx, ERR_EXCEEDS, field, zh, en);
}

static bool sees_all(const struct ctx *cx)
{
    return cx->actor.view.variant == SCOPE_ALL;
}

struct rights {
    uint64_t perms;
    i64 scope;
    bool owner;
};

static enum err rights_read(struct ctx *cx, staff_id staff, struct rights *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, grant_staff_rights, &r, ID(staff)));
    *ret = (struct rights) { .scope = SCOPE_SELF };
    if (rows_next(&r))
        *ret = (struct rights) { (uint64_t)col_i64(&r, 0), col_i64(&r, 1), col_i64(&r, 2) > 0 };
    return rows_end(&r);
}

/* Owners are made and changed by owners: a role with the same permissions today may have fewer
 * tomorrow. */
static enum err need_owner(struct ctx *cx, const char *field)
{
    struct rights own;
    if (cx->actor.kind == ACTOR_SYSTEM)
        return OK;
    TRY(rights_read(cx, cx->actor.staff, &own));
    return own.owner ? OK
                     : exceeds(cx, field, "只有所有者可以设置或管理所有者",
                               "only an owner makes or manages owners");
}

enum err grant_department(struct ctx *cx, department_id id, const char *field)
{
    struct department d;
    TRY(department_get(cx, id, field, &d));
    return d.in_scope ? OK
                      : exceeds(cx, field, "该部门不在您的数据范围内",
                                "that department is outside your data scope");
}

enum err grant_perms(struct ctx *cx, uint64_t perms, const char *field)
{
    uint64_t more = perms & ~cx->actor.perms;
    if (!more)
        return OK;
    int p = __builtin_ctzll(more);
    return exceeds(cx, field, arena_fmt(cx->arena, "您没有“%s”", perm_info[p].zh).ptr,
                   arena_fmt(cx->arena, "you lack “%s”", perm_info[p].en).ptr);
}

enum err grant_role(struct ctx *cx, const struct role *r, const char *field)
{
    if (str_is(r->key, "owner"))
        TRY(need_owner(cx, field));
    TRY(grant_perms(cx, role_perms(r), field));
    if (sees_all(cx))
        return OK;
    if (str_is(r->scope, "all"))
        return exceeds(cx, field, "该角色可见全部数据，而您不能",
                       "the role sees everything, and you do not");
    const department_id *chosen = r->department_ids.at;
    for (size_t i = 0; i < r->department_ids.n; i++) {
        str path;
        i64 outside;
        TRY(department_path(cx, chosen[i], field, &path));
        TRY(sql_i64(cx, grant_departments_outside, &outside, V(path)));
        if (outside)
            return exceeds(cx, field, "该角色可见您数据范围之外的部门",
                           "the role sees departments outside your data scope");
    }
    return OK;
}

enum err grant_staff(struct ctx *cx, staff_id staff, const char *field)
{
    struct rights theirs;
    i64 outside;
    TRY(rights_read(cx, staff, &theirs));
    if (theirs.owner)
        TRY(need_owner(cx, field));
    TRY(grant_perms(cx, theirs.perms, field));
    if (sees_all(cx))
        return OK;
    TRY(sql_i64(cx, grant_staff_outside, &outside, ID(staff)));
    if (outside || theirs.scope == SCOPE_ALL)
        return exceeds(cx, field, "该员工可见的数据超出您的数据范围",
                       "what this member sees is outside your data scope");
    return OK;
}

enum err grant_members(struct ctx *cx, role_id role)
{
    i64 outside, all;
    if (sees_all(cx))
        return OK;
    TRY(sql_i64(cx, grant_members_outside, &outside, ID(role)));
    TRY(sql_i64(cx, grant_members_all, &all, ID(role), V((i64)SCOPE_ALL)));
    if (outside || all)
        return exceeds(cx, NULL, "该角色的成员可见的数据超出您的数据范围",
                       "members of this role see what is outside your data scope");
    return OK;
}

enum err grant_not_own(struct ctx *cx, staff_id staff, const char *field)
{
    if (sees_all(cx) || staff.v != cx->actor.staff.v)
        return OK;
    return exceeds(cx, field, "不能修改自己的部门和角色",
                   "nobody changes their own departments and roles");
}

enum err grant_not_held(struct ctx *cx, role_id role)
{
    i64 held;
    if (sees_all(cx))
        return OK;
    TRY(sql_i64(cx, grant_role_held, &held, ID(cx->actor.staff), ID(role)));
    return held ? exceeds(cx, NULL, "不能修改自己拥有的角色", "nobody changes a role of their own")
                : OK;
}

enum err need_person(struct ctx *cx)
{
    return cx->actor.kind == ACTOR_STAFF ? OK : fail(cx, ERR_PERSON_ONLY, NULL);
}
