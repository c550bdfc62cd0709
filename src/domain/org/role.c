#include "domain/org/org.h"

#include "domain/org/internal.h"

#include "role.sql.h"

SCHEMA_TABLE(role, ROLE);

const char *const role_scopes[] = { "self", "department", "below", "all", "chosen", NULL };

struct builtin {
    const char *key, *zh, *en, *scope;
    uint64_t perms;
};

#define P_(name) PERM_BIT(PERM_##name)
#define PERMS_STAFF \
    (P_(CUSTOMER_READ) | P_(CUSTOMER_WRITE) | P_(TAG_ASSIGN) | P_(ORDER_READ) | P_(TASK_WRITE))
#define PERMS_STORE                                                                      \
    (PERMS_STAFF | P_(DASHBOARD_READ) | P_(EVENT_READ) | P_(ORG_READ) | P_(EXPORT_RUN) | \
     P_(INSIGHT_READ))
#define PERMS_OPERATIONS                                                                  \
    (PERMS_STORE | P_(CUSTOMER_MERGE) | P_(TAG_WRITE) | P_(ORDER_WRITE) | P_(RFM_WRITE) | \
     P_(IMPORT_RUN) | P_(LIFECYCLE_WRITE) | P_(WEBHOOK_WRITE) | P_(JOB_WRITE) | P_(SEGMENT_WRITE))

static const struct builtin builtins[] = {
    { "owner", "所有者", "Owner", "all", PERM_ALL & ~P_(SIGNED_IN) },
    { "operations", "运营负责人", "Operations lead", "all", PERMS_OPERATIONS },
    { "region", "区域经理", "Regional manager", "below", PERMS_STORE },
    { "store", "店长", "Store manager", "department", PERMS_STORE },
    { "staff", "店员", "Store staff", "self", PERMS_STAFF },
    { "analyst", "数据分析师", "Analyst", "all",
      P_(CUSTOMER_READ) | P_(ORDER_READ) | P_(DASHBOARD_READ) | P_(EVENT_READ) | P_(ORG_READ) |
          P_(EXPORT_RUN) | P_(INSIGHT_READ) | P_(SEGMENT_WRITE) },
    { "auditor", "审计员", "Auditor", "all",
      P_(AUDIT_READ) | P_(ORG_READ) | P_(CUSTOMER_READ) | P_(DASHBOARD_READ) },
};

static enum err seed_role(struct ctx *cx, const struct builtin *b)
{
    i64 changed, id;
    TRY(sql_changed(cx, role_put_builtin, &changed, V(b->key), V(b->zh), V(b->en), V(b->scope),
                    V(cx->now)));
    bool owner = strcmp(b->key, "owner") ==
                 0; /* has what a newer Hetang brings, too; the others are the brand's to change */
    if (!changed && !owner)
        return OK;
    TRY(sql_i64(cx, role_by_key, &id, V(b->key)));
    for (int p = PERM_SIGNED_IN + 1; p < PERM_COUNT; p++)
        if (b->perms >> p & 1)
            TRY(sql_exec(cx, role_permission_add, V(id), V(perm_info[p].key)));
    return OK;
}

enum err org_seed(struct ctx *cx)
{
    department_id root;
    for (size_t i = 0; i < COUNT(builtins); i++)
        TRY(seed_role(cx, &builtins[i]));
    enum err e = department_root(cx, &root);
    if (e == ERR_NOT_FOUND) {
        fail_clear(cx);
        e = department_add(cx, &(struct department_new) { .name = S("总部"), .kind = "head" },
                           &root);
    }
    TRY(e);
    return staff_recompute_perms(cx, (staff_id) { 0 });
}

uint64_t role_perms(const struct role *r)
{
    const str *keys = r->permissions.at;
    uint64_t perms = 0;
    enum perm p;
    for (size_t i = 0; i < r->permissions.n; i++)
        if (perm_find(keys[i], &p))
            perms |= PERM_BIT(p);
    return perms;
}

enum err perms_read(struct ctx *cx, const list *keys, const char *field, uint64_t *ret)
{
    const str *key = keys->at;
    uint64_t perms = 0;
    for (size_t i = 0; i < keys->n; i++) {
        enum perm p;
        if (!perm_find(key[i], &p))
            return fail_rule(
                cx, ERR_INVALID, field,
                arena_fmt(cx->arena, "没有名为 %.*s 的权限", STR_ARG(key[i])).ptr,
                arena_fmt(cx->arena, "there is no permission %.*s", STR_ARG(key[i])).ptr);
        perms |= PERM_BIT(p);
    }
    *ret = perms;
    return OK;
}

list perms_write(struct arena *a, uint64_t perms)
{
    str *keys = NEW_N(a, str, PERM_COUNT);
    size_t n = 0;
    for (int p = PERM_SIGNED_IN + 1; p < PERM_COUNT; p++)
        if (perms >> p & 1)
            keys[n++] = str_of(perm_info[p].key);
    return (list) { keys, n };
}

enum err role_find_key(struct ctx *cx, str key, role_id *ret)
{
    enum err e = sql_i64(cx, role_by_key, &ret->v, V(key));
    return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, NULL) : e;
}

static enum err role_fill(struct ctx *cx, struct role *r)
{
    struct rows rows CLEANUP(rows_close) = { 0 };
    uint64_t perms = 0;
    enum perm p;
    TRY(sql_query(cx, role_permissions_of, &rows, ID(r->id)));
    while (rows_next(&rows))
        if (perm_find(col_str(&rows, 0), &p))
            perms |= PERM_BIT(p);
    TRY(rows_end(&rows));
    r->permissions = perms_write(cx->arena, perms);
    TRY(sql_query(cx, role_departments_of, &rows, ID(r->id)));
    return ids_of_rows(cx->arena, &rows, &r->department_ids);
}

/* Roles are few (ROLES_MAX): each is read by itself. */
static enum err roles_between(struct ctx *cx, role_id first, role_id last, struct role **ret,
                              size_t *ret_count)
{
    struct rows rows CLEANUP(rows_close) = { 0 };
    VEC(struct role) roles = { 0 };
    TRY(sql_query(cx, role_rows, &rows, ID(first), ID(last)));
    while (rows_next(&rows))
        schema_row(cx->arena, &role_schema, &rows, vec_push(cx->arena, &roles));
    TRY(rows_end(&rows));
    for (size_t i = 0; i < roles.n; i++)
        TRY(role_fill(cx, &roles.at[i]));
    *ret = roles.at;
    *ret_count = roles.n;
    return OK;
}

enum err role_get(struct ctx *cx, role_id id, const char *field, struct role *ret)
{
    struct role *found;
    size_t count;
    TRY(roles_between(cx, id, id, &found, &count));
    if (!count)
        return fail(cx, ERR_NOT_FOUND, field);
    *ret = found[0];
    return OK;
}

enum err role_list(struct ctx *cx, struct role **ret, size_t *ret_count)
{
    return roles_between(cx, (role_id) { 1 }, (role_id) { I53_MAX }, ret, ret_count);
}

static enum err role_check(struct ctx *cx, const struct role *r)
{
    i64 count;
    TRY(sql_i64(cx, role_count, &count));
    if (!r->id.v && count >= ROLES_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", ROLES_MAX));
    if (str_is(r->key, "owner"))
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "所有者角色不能修改",
                         "the owner role cannot be changed");
    bool chosen = str_is(r->scope, "chosen");
    if (chosen && !r->department_ids.n)
        return fail_rule(cx, ERR_INVALID, "department_ids", "请选择部门", "choose departments");
    if (!chosen && r->department_ids.n)
        return fail_rule(cx, ERR_INVALID, "department_ids", "只有“指定部门”范围才能选择部门",
                         "departments are chosen for the scope chosen alone");
    return OK;
}

enum err role_store(struct ctx *cx, struct role *r)
{
    uint64_t perms;
    const department_id *departments = r->department_ids.at;
    TRY(role_check(cx, r));
    TRY(perms_read(cx, &r->permissions, "permissions", &perms));
    str en = str_trim(r->name_en);
    struct val name_en = en.len ? V(en) : val_null();
    if (r->id.v)
        TRY(taken(cx, sql_exec(cx, role_update, ID(r->id), V(r->name), name_en, V(r->scope)),
                  "name", r->name));
    else
        TRY(taken(cx,
                  sql_i64(cx, role_insert, &r->id.v, V(r->name), name_en, V(r->scope), V(cx->now)),
                  "name", r->name));
    TRY(sql_exec(cx, role_permissions_clear, ID(r->id)));
    for (int p = PERM_SIGNED_IN + 1; p < PERM_COUNT; p++)
        if (perms >> p & 1)
            TRY(sql_exec(cx, role_permission_add, ID(r->id), V(perm_info[p].key)));
    TRY(sql_exec(cx, role_departments_clear, ID(r->id)));
    for (size_t i = 0; i < r->department_ids.n; i++) {
        str path;
        TRY(department_path(cx, departments[i], "department_ids", &path));
        TRY(sql_exec(cx, role_department_add, ID(r->id), ID(departments[i])));
    }
    return staff_recompute(cx, (staff_id) { 0 });
}

enum err role_remove(struct ctx *cx, const struct role *r)
{
    if (r->key.len)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "内置角色不能删除",
                         "a built-in role cannot be removed");
    if (r->members)
        return fail(cx, ERR_IN_USE, NULL, P("count", r->members));
    TRY(sql_exec(cx, role_members_clear, ID(r->id)));
    TRY(sql_exec(cx, role_permissions_clear, ID(r->id)));
    TRY(sql_exec(cx, role_departments_clear, ID(r->id)));
    TRY(sql_exec(cx, role_delete, ID(r->id)));
    return staff_recompute(cx, (staff_id) { 0 });
}
