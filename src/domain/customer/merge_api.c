/* Joining by hand, undoing, what could not be joined, and values that never join. */
#include "domain/customer/internal.h"

#include "core/app.h"
#include "core/event.h"
#include "core/reply.h"

#include "merge_api.sql.h"

ID_TYPE(conflict_id);
ID_TYPE(block_id);

static const char *const reasons[] = { "identity", "manual", NULL };

#define MERGE(F, T)                                                                            \
    F(T, merge_id, id, .doc = "Number")                                                        \
    F(T, customer_id, survivor_id, .doc = "Who they are now")                                  \
    F(T, customer_id, merged_id, .doc = "Who was joined into the survivor")                    \
    F(T, str, reason, .choices = reasons,                                                      \
      .doc = "identity: a verified identifier of both; manual: somebody did")                  \
    F(T, str, identity_kind, .nullable = true, .doc = "Kind of the identifier that showed it") \
    F(T, str, by_name, .nullable = true, .doc = "Who or what did it")                          \
    F(T, instant, created_at, .doc = "When")                                                   \
    F(T, instant, undone_at, .nullable = true, .doc = "When it was undone")
SCHEMA(merge, MERGE);

static const char *const conflict_reasons[] = { "limit", "unverified", "blocked", "merge_limit",
                                                NULL };

#define CONFLICT(F, T)                                                             \
    F(T, conflict_id, id, .doc = "Number")                                         \
    F(T, customer_id, customer_id, .doc = "Whose it was said to be")               \
    F(T, str, customer_name, .nullable = true, .doc = "Their name")                \
    F(T, customer_id, other_id, .nullable = true, .doc = "Who has the identifier") \
    F(T, str, other_name, .nullable = true, .doc = "Their name")                   \
    F(T, str, kind, .doc = "Kind of the identifier")                               \
    F(T, str, value, .doc = "Masked where the kind is private")                    \
    F(T, str, reason, .choices = conflict_reasons, .doc = "Why it was left out")   \
    F(T, str, origin, .doc = "Where it came from")                                 \
    F(T, instant, created_at, .doc = "When")
SCHEMA(conflict, CONFLICT);

#define CUSTOMER_OF(F, T) F(T, customer_id, id, .doc = "Number of the customer")
SCHEMA(merge_of, CUSTOMER_OF);

#define MERGE_BY_HAND(F, T)                   \
    F(T, customer_id, id, .doc = "Who stays") \
    F(T, customer_id, other_id, .required = true, .doc = "Who is joined into them")
SCHEMA(merge_by_hand, MERGE_BY_HAND);

#define MERGE_ONE(F, T) F(T, merge_id, id, .doc = "Number")
SCHEMA(merge_one, MERGE_ONE);

#define CONFLICT_LIST(F, T)                                                     \
    F(T, customer_id, customer_id, .doc = "Only where they are one of the two") \
    PAGE_FIELDS(F, T)
SCHEMA(conflict_list, CONFLICT_LIST);

static const char *const resolutions[] = { "merge", "dismiss", NULL };
#define CONFLICT_RESOLVE(F, T)                                      \
    F(T, conflict_id, id, .doc = "Number")                          \
    F(T, str, resolution, .required = true, .choices = resolutions, \
      .doc = "merge: they are one; dismiss: leave as it is")
SCHEMA(conflict_resolve, CONFLICT_RESOLVE);

#define BLOCK(F, T)                                             \
    F(T, block_id, id, .doc = "Number")                         \
    F(T, str, kind, .doc = "Kind of identifier")                \
    F(T, str, value, .doc = "Masked where the kind is private") \
    F(T, str, reason, .nullable = true, .doc = "Why")           \
    F(T, instant, created_at, .doc = "When")
SCHEMA(block, BLOCK);

#define BLOCK_ADD(F, T)                                                       \
    F(T, str, kind, .required = true, .max = 20, .doc = "Kind of identifier") \
    F(T, str, value, .required = true, .max = 254, .secret = true,            \
      .doc = "As given; it is normalised")                                    \
    F(T, str, reason, .nullable = true, .max = 200, .doc = "Why")
SCHEMA(block_add, BLOCK_ADD);

#define BLOCK_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(block_list, BLOCK_LIST);
#define BLOCK_ONE(F, T) F(T, block_id, id, .doc = "Number")
SCHEMA(block_one, BLOCK_ONE);

static enum err merges_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct merge_of *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(customer_see(cx, in->id));
    TRY(sql_query(cx, merge_list, &r, ID(in->id)));
    reply_list(out);
    TRY(reply_rows(cx, out, &merge_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err merge_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct merge_by_hand *in = input;
    struct merge m;
    TRY(customer_see(cx, in->id));
    enum err e = customer_see(cx, in->other_id);
    if (e == ERR_NOT_FOUND) {
        fail_clear(cx);
        return fail(cx, ERR_NOT_FOUND, "other_id");
    }
    TRY(e);
    TRY(customer_join(
        cx, &(struct join) { .survivor = in->id, .merged = in->other_id, .reason = "manual" }));
    audit_customer(cx, in->id);
    TRY(sql_one(cx, merge_newest, &merge_schema, &m, ID(in->id), ID(in->other_id)));
    return reply_created(out, &merge_schema, &m);
}

static enum err undo_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct merge_one *in = input;
    struct merge m;
    TRY(sql_one(cx, merge_one, &merge_schema, &m, ID(in->id)));
    TRY(customer_part(cx, in->id));
    audit_customer(cx, m.survivor_id);
    TRY(sql_one(cx, merge_one, &merge_schema, &m, ID(in->id)));
    return reply_struct(out, &merge_schema, &m);
}

static enum err fill_conflict(struct ctx *cx, const struct rows *r, struct conflict *ret)
{
    const struct identity_kind *kind = identity_kind_find(col_str(r, 5));
    str value = STR_NONE;
    *ret = (struct conflict) { .id = { col_id(r, 0) },
                               .customer_id = { col_id(r, 1) },
                               .customer_name = arena_str(cx->arena, col_str(r, 2)),
                               .other_id = { col_id(r, 3) },
                               .other_name = arena_str(cx->arena, col_str(r, 4)),
                               .kind = arena_str(cx->arena, col_str(r, 5)),
                               .reason = arena_str(cx->arena, col_str(r, 7)),
                               .origin = arena_str(cx->arena, col_str(r, 8)),
                               .created_at = { col_id(r, 9) } };
    if (!col_null(r, 6))
        TRY(secret_open(cx->app->secrets, cx->arena, col_str(r, 6), &value));
    ret->value = kind && value.len ? identity_mask(cx->arena, kind, value) : S("");
    return OK;
}

static enum err conflicts_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct conflict_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct conflict c = { 0 };
    i64 after, limit = page_limit(in->limit), count = 0;
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(in->customer_id.v
            ? sql_query(cx, conflict_list_of, &r, V(after), V(limit + 1), ID(in->customer_id))
            : sql_query(cx, conflict_list, &r, V(after), V(limit + 1)));
    reply_list(out);
    while (count < limit && rows_next(&r)) {
        TRY(fill_conflict(cx, &r, &c));
        reply_item(out, &conflict_schema, &c);
        count++;
    }
    bool more = count == limit && rows_next(&r);
    TRY(rows_end(&r));
    reply_list_end(out, more ? cursor_make(cx->arena, (struct val[]) { ID(c.id) }, 1) : STR_NONE,
                   NONE);
    return OK;
}

static enum err resolve_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct conflict_resolve *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    (void)out;
    TRY(sql_query(cx, conflict_open, &r, ID(in->id)));
    bool any = rows_next(&r);
    customer_id who = { any ? col_id(&r, 0) : 0 }, other = { any ? col_id(&r, 1) : 0 };
    TRY(rows_end(&r));
    if (!any)
        return fail(cx, ERR_NOT_FOUND, NULL);
    TRY(customer_root(cx, who, &who));
    TRY(customer_see(cx, who));
    audit_customer(cx, who);
    if (str_is(in->resolution, "dismiss"))
        return sql_exec(cx, conflict_dismiss, ID(in->id), V(cx->now));
    TRY(need(cx, PERM_CUSTOMER_MERGE));
    if (!other.v)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "没有另一位客户可合并",
                         "there is nobody to join with");
    TRY(customer_root(cx, other, &other));
    TRY(customer_see(cx, other));
    if (other.v != who.v)
        TRY(customer_join(cx,
                          &(struct join) { .survivor = other, .merged = who, .reason = "manual" }));
    return sql_exec(cx, conflict_merged, ID(in->id), V(cx->now));
}

static enum err blocks_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct block_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 after, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(sql_query(cx, block_list, &r, V(after), V(limit + 1)));
    return reply_page(cx, out, &block_schema, &r, limit);
}

static enum err block_add_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct block_add *in = input;
    struct identity_in id = { .kind = identity_kind_find(in->kind), .value = in->value };
    struct block b;
    block_id number;
    str key, normal;
    if (!id.kind)
        return fail(
            cx, ERR_BAD_CHOICE, "kind",
            P("choices", "member_no, unionid, wecom, mobile, email, openid, external, device"));
    if (!identity_key(cx, &id, &key, &normal))
        return fail(cx, ERR_BAD_FORMAT, "value",
                    P("expected", cx->lang == LANG_ZH ? id.kind->zh : id.kind->en));
    str shown = identity_mask(cx->arena, id.kind, normal);
    TRY(taken(cx,
              sql_i64(cx, block_insert, &number.v, V(in->kind), V(key), V(shown), V(in->reason),
                      V(cx->now)),
              "value", shown));
    TRY(sql_one(cx, block_by_id, &block_schema, &b, ID(number)));
    audit_entity(cx, "identity_block", number.v);
    return reply_created(out, &block_schema, &b);
}

static enum err block_remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct block_one *in = input;
    i64 changed;
    (void)out;
    TRY(sql_changed(cx, block_delete, &changed, ID(in->id)));
    audit_entity(cx, "identity_block", in->id.v);
    return changed ? OK : fail(cx, ERR_NOT_FOUND, NULL);
}

static const struct route routes[] = {
    { GET, "/api/v1/customers/{id}/merges", merges_run, .id = "customer.merges",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &merge_of_schema, .out = &merge_schema,
      .listed = true, .doc = "Who was joined into this customer, and why" },
    { POST, "/api/v1/customers/{id}/merge", merge_run, .id = "customer.merge",
      .perm = PERM_CUSTOMER_MERGE, .mode = WRITE, .in = &merge_by_hand_schema, .out = &merge_schema,
      .doc = "Join another customer into this one" },
    { POST, "/api/v1/merges/{id}/undo", undo_run, .id = "merge.undo", .perm = PERM_CUSTOMER_MERGE,
      .mode = WRITE, .in = &merge_one_schema, .out = &merge_schema,
      .doc = "Undo a joining: everything back where it was" },
    { GET, "/api/v1/identity-conflicts", conflicts_run, .id = "identity_conflict.list",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &conflict_list_schema,
      .out = &conflict_schema, .listed = true,
      .doc = "Identifiers that were left out, to be looked at" },
    { POST, "/api/v1/identity-conflicts/{id}/resolve", resolve_run,
      .id = "identity_conflict.resolve", .perm = PERM_CUSTOMER_WRITE, .mode = WRITE,
      .in = &conflict_resolve_schema, .doc = "Join the two, or leave them as they are" },
    { GET, "/api/v1/identity-blocks", blocks_run, .id = "identity_block.list",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &block_list_schema, .out = &block_schema,
      .listed = true, .doc = "Values that never say who somebody is" },
    { POST, "/api/v1/identity-blocks", block_add_run, .id = "identity_block.add",
      .perm = PERM_CUSTOMER_MERGE, .mode = WRITE, .in = &block_add_schema, .out = &block_schema,
      .doc = "Add a value" },
    { DELETE, "/api/v1/identity-blocks/{id}", block_remove_run, .id = "identity_block.remove",
      .perm = PERM_CUSTOMER_MERGE, .mode = WRITE, .in = &block_one_schema,
      .doc = "Remove a value" },
};

const struct module customer_merge_module = { .name = "merge",
                                              .routes = routes,
                                              .route_count = COUNT(routes) };
