/* Built-in roles, and what roles come to for a member of staff. */
#include "domain/org/org.h"

#include "core/app.h"
#include "core/scope.h"

#include "org.sql.h"

struct builtin {
    const char *key, *zh, *en, *scope;
    uint64_t perms;
};

#define P_(name) PERM_BIT(PERM_##name)
#define PERMS_STAFF \
    (P_(CUSTOMER_READ) | P_(CUSTOMER_WRITE) | P_(TAG_ASSIGN) | P_(ORDER_READ) | P_(TASK_WRITE))
#define PERMS_STORE \
    (PERMS_STAFF | P_(DASHBOARD_READ) | P_(EVENT_READ) | P_(ORG_READ) | P_(EXPORT_RUN))
#define PERMS_OPERATIONS                                                                  \
    (PERMS_STORE | P_(CUSTOMER_MERGE) | P_(TAG_WRITE) | P_(ORDER_WRITE) | P_(RFM_WRITE) | \
     P_(IMPORT_RUN) | P_(LIFECYCLE_WRITE) | P_(WEBHOOK_WRITE) | P_(JOB_WRITE))

static const struct builtin builtins[] = {
    { "owner", "所有者", "Owner", "all", PERM_ALL & ~P_(SIGNED_IN) },
    { "operations", "运营负责人", "Operations lead", "all", PERMS_OPERATIONS },
    { "region", "区域经理", "Regional manager", "below", PERMS_STORE },
    { "store", "店长", "Store manager", "department", PERMS_STORE },
    { "staff", "店员", "Store staff", "self", PERMS_STAFF },
    { "analyst", "数据分析师", "Analyst", "all",
      P_(CUSTOMER_READ) | P_(ORDER_READ) | P_(DASHBOARD_READ) | P_(EVENT_READ) | P_(ORG_READ) |
          P_(EXPORT_RUN) },
    { "auditor", "审计员", "Auditor", "all",
      P_(AUDIT_READ) | P_(ORG_READ) | P_(CUSTOMER_READ) | P_(DASHBOARD_READ) },
};

static enum err rights_of(struct ctx *cx, staff_id staff, uint64_t *ret_perms,
                          enum scope *ret_scope)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    uint64_t perms = 0;
    bool all = false, departments = false, self = false;
    TRY(sql_query(cx, staff_role_permissions, &r, ID(staff)));
    while (rows_next(&r)) {
        enum perm p;
        if (perm_find(col_str(&r, 0), &p))
            perms |= PERM_BIT(p);
    }
    TRY(rows_end(&r));
    TRY(sql_exec(cx, staff_scope_clear, ID(staff)));
    TRY(sql_query(cx, staff_role_scopes, &r, ID(staff)));
    bool own = false, below = false, chosen = false;
    while (rows_next(&r)) {
        str scope = col_str(&r, 0);
        all |= str_is(scope, "all");
        self |= str_is(scope, "self");
        own |= str_is(scope, "department");
        below |= str_is(scope, "below");
        chosen |= str_is(scope, "chosen");
    }
    TRY(rows_end(&r));
    departments = own || below || chosen;
    if (own)
        TRY(sql_exec(cx, staff_scope_own, ID(staff)));
    if (below)
        TRY(sql_exec(cx, staff_scope_below, ID(staff)));
    if (chosen)
        TRY(sql_exec(cx, staff_scope_chosen, ID(staff)));
    *ret_perms = perms;
    *ret_scope = all                   ? SCOPE_ALL
                 : departments && self ? SCOPE_BOTH
                 : departments         ? SCOPE_DEPARTMENTS
                                       : SCOPE_SELF;
    return OK;
}

enum err staff_recompute(struct ctx *cx, staff_id staff)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, staff_ids, &r, V(staff.v)));
    while (rows_next(&r)) {
        staff_id each = { col_id(&r, 0) };
        uint64_t perms;
        enum scope scope;
        TRY(rights_of(cx, each, &perms, &scope));
        TRY(sql_exec(cx, staff_set_rights, ID(each), V((i64)perms), V((i64)scope)));
    }
    return rows_end(&r);
}

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

/* Bits of permissions may have moved with a new version, so everybody's are made anew at each
 * start. */
enum err org_seed(struct ctx *cx);
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
    return staff_recompute(cx, (staff_id) { 0 });
}
