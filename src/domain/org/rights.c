#include "domain/org/org.h"

#include "base/map.h"
#include "base/vec.h"
#include "core/scope.h"

#include "rights.sql.h"

/* The words of a role's scope, and what they come to together. */
enum { SEES_SELF = 1, SEES_DEPARTMENTS = 2, SEES_ALL = 4 };
static const struct {
    const char *word;
    unsigned sees;
} words[] = {
    { "self", SEES_SELF },         { "department", SEES_DEPARTMENTS },
    { "below", SEES_DEPARTMENTS }, { "chosen", SEES_DEPARTMENTS },
    { "all", SEES_ALL },
};

static unsigned sees(str word)
{
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_is(word, words[i].word))
            return words[i].sees;
    return 0;
}

static enum scope scope_of(unsigned seen)
{
    return seen & SEES_ALL                          ? SCOPE_ALL
           : seen == (SEES_SELF | SEES_DEPARTMENTS) ? SCOPE_BOTH
           : seen == SEES_DEPARTMENTS               ? SCOPE_DEPARTMENTS
                                                    : SCOPE_SELF;
}

struct rights {
    staff_id staff;
    uint64_t perms, had_perms;
    unsigned sees;
    i64 had_scope;
};
typedef VEC(struct rights) rights_list;

static enum err masks_read(struct ctx *cx, struct map *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, rights_permissions, &r));
    while (rows_next(&r)) {
        enum perm p;
        if (perm_find(col_str(&r, 1), &p)) /* else of another version of Hetang */
            *map_put(ret, col_id(&r, 0)) |= (i64)PERM_BIT(p);
    }
    return rows_end(&r);
}

static enum err rights_make(struct ctx *cx, staff_id first, staff_id last, rights_list *ret)
{
    struct map masks CLEANUP(map_done) = { 0 };
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(masks_read(cx, &masks));
    TRY(sql_query(cx, rights_roles, &r, ID(first), ID(last)));
    while (rows_next(&r)) {
        staff_id staff = { col_id(&r, 0) };
        if (!ret->n || ret->at[ret->n - 1].staff.v != staff.v)
            *vec_push(cx->arena, ret) = (struct rights) { .staff = staff,
                                                          .had_perms = (uint64_t)col_i64(&r, 1),
                                                          .had_scope = col_i64(&r, 2) };
        struct rights *now = &ret->at[ret->n - 1];
        const i64 *mask = map_get(&masks, col_id(&r, 3));
        now->perms |= mask ? (uint64_t)*mask : 0;
        now->sees |= sees(col_str(&r, 4));
    }
    return rows_end(&r);
}

/* Ids from … to: one member, or everybody. */
static staff_id first_of(staff_id staff)
{
    return staff.v ? staff : (staff_id) { 1 };
}

static staff_id last_of(staff_id staff)
{
    return staff.v ? staff : (staff_id) { I53_MAX };
}

enum err staff_recompute_perms(struct ctx *cx, staff_id staff)
{
    rights_list all = { 0 };
    TRY(rights_make(cx, first_of(staff), last_of(staff), &all));
    for (size_t i = 0; i < all.n; i++) {
        const struct rights *now = &all.at[i];
        enum scope scope = scope_of(now->sees);
        if (now->perms != now->had_perms || (i64)scope != now->had_scope)
            TRY(sql_exec(cx, rights_set, ID(now->staff), V((i64)now->perms), V((i64)scope)));
    }
    return OK;
}

enum err staff_recompute(struct ctx *cx, staff_id staff)
{
    staff_id first = first_of(staff), last = last_of(staff);
    TRY(staff_recompute_perms(cx, staff));
    TRY(sql_exec(cx, scope_clear, ID(first), ID(last)));
    return sql_exec(cx, scope_fill, ID(first), ID(last), V((i64)SCOPE_ALL));
}

enum err scope_extend(struct ctx *cx, department_id added)
{
    return sql_exec(cx, scope_extend, ID(added), V((i64)SCOPE_ALL));
}
