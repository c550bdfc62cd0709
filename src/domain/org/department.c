#include "domain/org/org.h"

#include "department.sql.h"

SCHEMA_TABLE(department, DEPARTMENT);

const char *const department_kinds[] = { "head", "region", "store", "team", NULL };

/* Which kind may stand under which; the root is a head office. */
enum kind { HEAD, REGION, STORE, TEAM, KINDS };
static const struct {
    const char *zh, *en;
    unsigned under; /* bit per kind */
} kinds[KINDS] = {
    [HEAD] = { "总部", "a head office", 1 << HEAD },
    [REGION] = { "大区", "a region", 1 << HEAD | 1 << REGION },
    [STORE] = { "门店", "a store", 1 << HEAD | 1 << REGION },
    [TEAM] = { "小组", "a team", 1 << HEAD | 1 << REGION | 1 << STORE | 1 << TEAM },
};

static enum kind kind_of(str key)
{
    for (int k = 0; k < KINDS; k++)
        if (str_is(key, department_kinds[k]))
            return (enum kind)k;
    assert(false && "a kind the schema lets through and the table does not have");
    return HEAD;
}

static enum err stands_under(struct ctx *cx, enum kind child, enum kind parent, const char *field)
{
    if (kinds[child].under >> parent & 1)
        return OK;
    return fail_rule(
        cx, ERR_INVALID, field,
        arena_fmt(cx->arena, "%s不能设在%s之下", kinds[child].zh, kinds[parent].zh).ptr,
        arena_fmt(cx->arena, "%s cannot stand under %s", kinds[child].en, kinds[parent].en).ptr);
}

enum err department_get(struct ctx *cx, department_id id, const char *field, struct department *ret)
{
    enum err e = sql_one(cx, department_by_id, &department_schema, ret, ID(id));
    if (e != ERR_NOT_FOUND || !field)
        return e;
    fail_clear(cx);
    return fail(cx, ERR_NOT_FOUND, field);
}

enum err department_root(struct ctx *cx, department_id *ret)
{
    enum err e = sql_i64(cx, department_root_id, &ret->v);
    return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, NULL) : e;
}

enum err department_find_code(struct ctx *cx, str code, department_id *ret)
{
    enum err e = sql_i64(cx, department_by_code, &ret->v, V(code));
    return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, NULL) : e;
}

enum err department_path(struct ctx *cx, department_id id, const char *field, str *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, department_path_get, &r, ID(id)));
    bool any = rows_next(&r);
    str path = any ? arena_str(cx->arena, col_str(&r, 0)) : STR_NONE;
    TRY(rows_end(&r));
    if (!any)
        return fail(cx, ERR_NOT_FOUND, field);
    *ret = path;
    return OK;
}

/* '/1/4/17/' is on the third. */
static i64 floors_of(str path)
{
    i64 slashes = 0;
    for (size_t i = 0; i < path.len; i++)
        slashes += path.ptr[i] == '/';
    return slashes - 1;
}

/* The place something is to have: there, open, of a kind that takes it, and not too far down. */
static enum err place_check(struct ctx *cx, enum kind kind, department_id parent, i64 floors,
                            str *ret_path)
{
    struct department above;
    TRY(department_get(cx, parent, "parent_id", &above));
    if (above.closed)
        return fail_rule(cx, ERR_WRONG_STATE, "parent_id", "上级部门已关闭",
                         "the department above is closed");
    TRY(stands_under(cx, kind, kind_of(above.kind), "parent_id"));
    TRY(department_path(cx, parent, "parent_id", ret_path));
    if (floors_of(*ret_path) + floors > DEPARTMENT_DEPTH_MAX)
        return fail_rule(cx, ERR_INVALID, "parent_id", "组织层级太深，最多 12 层",
                         "the tree would be deeper than 12 floors");
    return OK;
}

static_assert(DEPARTMENT_DEPTH_MAX == 12, "as the text of place_check says");

enum err department_add(struct ctx *cx, const struct department_new *d, department_id *ret)
{
    str above = S("/");
    i64 count;
    str code = str_trim(d->code);
    enum kind kind = kind_of(str_of(d->kind));
    TRY(sql_i64(cx, department_count, &count));
    if (count >= DEPARTMENTS_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", DEPARTMENTS_MAX));
    if (d->parent.v)
        TRY(place_check(cx, kind, d->parent, 1, &above));
    TRY(taken(cx,
              sql_i64(cx, department_insert, &ret->v, ID(d->parent), V(d->kind), V(d->name),
                      code.len ? V(code) : val_null(), V(d->sort), V(cx->now)),
              "code", code));
    TRY(sql_exec(cx, department_path_set, ID(*ret),
                 V(arena_fmt(cx->arena, "%.*s%lld/", STR_ARG(above), (long long)ret->v))));
    return scope_extend(cx, *ret);
}

enum err department_change(struct ctx *cx, const struct department *d)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    enum kind kind = kind_of(d->kind);
    str code = str_trim(d->code);
    if (d->parent_id.v) {
        struct department above;
        TRY(department_get(cx, d->parent_id, NULL, &above));
        TRY(stands_under(cx, kind, kind_of(above.kind), "kind"));
    } else if (kind != HEAD) {
        return fail_rule(cx, ERR_INVALID, "kind", "最上级只能是总部",
                         "the root can only be a head office");
    }
    TRY(sql_query(cx, department_children_kinds, &r, ID(d->id)));
    while (rows_next(&r))
        TRY(stands_under(cx, kind_of(col_str(&r, 0)), kind, "kind"));
    TRY(rows_end(&r));
    return taken(cx,
                 sql_exec(cx, department_update, ID(d->id), V(d->name),
                          code.len ? V(code) : val_null(), V(d->kind), V(d->sort)),
                 "code", code);
}

enum err department_move(struct ctx *cx, department_id id, department_id parent)
{
    struct department d;
    str from, to;
    i64 lowest;
    TRY(department_get(cx, id, NULL, &d));
    if (!d.parent_id.v)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "最上级部门不能移动",
                         "the root cannot be moved");
    TRY(department_path(cx, id, NULL, &from));
    TRY(department_path(cx, parent, "parent_id", &to));
    if (str_starts(to, from))
        return fail_rule(cx, ERR_INVALID, "parent_id", "不能移动到自己或自己的下级之下",
                         "it cannot stand under itself or what is below it");
    TRY(sql_i64(cx, department_depth, &lowest, V(from)));
    TRY(place_check(cx, kind_of(d.kind), parent, lowest - floors_of(from) + 1, &to));
    TRY(sql_exec(cx, department_parent_set, ID(id), ID(parent)));
    to = arena_fmt(cx->arena, "%.*s%lld/", STR_ARG(to), (long long)id.v);
    TRY(sql_exec(cx, department_paths_move, V(from), V(to)));
    return staff_recompute(cx, (staff_id) { 0 });
}

enum err department_close(struct ctx *cx, department_id id, bool closed)
{
    struct department d, above;
    i64 open;
    TRY(department_get(cx, id, NULL, &d));
    if (d.closed == closed)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, closed ? "已关闭" : "未关闭",
                         closed ? "it is closed" : "it is open");
    if (closed) {
        if (!d.parent_id.v)
            return fail_rule(cx, ERR_WRONG_STATE, NULL, "最上级部门不能关闭",
                             "the root cannot be closed");
        TRY(sql_i64(cx, department_children_open, &open, ID(id)));
        if (open || d.staff)
            return fail_rule(
                cx, ERR_WRONG_STATE, NULL,
                arena_fmt(cx->arena, "尚有 %lld 个下级部门和 %lld 名员工，请先移走",
                          (long long)open, (long long)d.staff)
                    .ptr,
                arena_fmt(cx->arena, "%lld departments below and %lld members must be moved first",
                          (long long)open, (long long)d.staff)
                    .ptr);
    } else {
        TRY(department_get(cx, d.parent_id, NULL, &above));
        if (above.closed)
            return fail_rule(cx, ERR_WRONG_STATE, NULL, "上级部门已关闭，请先重新开放上级",
                             "the department above is closed; reopen that first");
    }
    return sql_exec(cx, department_close, ID(id), V(closed));
}

enum err department_remove(struct ctx *cx, const struct department *d)
{
    i64 uses;
    TRY(sql_i64(cx, department_uses, &uses, ID(d->id)));
    if (!d->parent_id.v || uses)
        return fail(cx, ERR_IN_USE, NULL, P("count", MAX(uses, 1)));
    TRY(sql_exec(cx, department_scope_delete, ID(d->id)));
    enum err e = sql_exec(cx, department_delete, ID(d->id));
    if (e != ERR_CONFLICT)
        return e;
    return fail_rule(cx, ERR_WRONG_STATE, NULL, "仍被客户等数据引用，请改为关闭",
                     "customers or other data refer to it; close it instead");
}
