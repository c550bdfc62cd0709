/* Saved views of lists. */
#include "domain/directory/directory.h"

#include "core/reply.h"
#include "domain/rule/rule.h"

#include "directory.sql.h"

#define VIEWS_MAX 100

#define VIEW(F, T)                                                \
    F(T, view_id, id, .doc = "Number")                            \
    F(T, staff_id, staff_id, .doc = "Whose it is")                \
    F(T, str, staff_name, .doc = "Their name")                    \
    F(T, boolean, shared, .doc = "Everybody sees it")             \
    F(T, str, name, .doc = "Shown name")                          \
    F(T, json, condition, .doc = "Who is in it (see conditions)") \
    F(T, json, options, .doc = "Of the page: columns, order")     \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA(view, VIEW);

#define VIEW_CREATE(F, T)                                                          \
    F(T, str, name, .required = true, .max = 40, .doc = "Shown name")              \
    F(T, boolean, shared, .doc = "Everybody sees it")                              \
    F(T, doc, condition, .required = true, .doc = "Who is in it (see conditions)") \
    F(T, json, options, .doc = "Of the page: columns, order")
SCHEMA(view_create, VIEW_CREATE);

#define VIEW_CHANGE(F, T)                                        \
    F(T, view_id, id, .doc = "Number")                           \
    F(T, str, name, .min = 1, .max = 40, .doc = "Shown name")    \
    F(T, boolean, shared, .doc = "Everybody sees it")            \
    F(T, doc, condition, .doc = "Who is in it (see conditions)") \
    F(T, json, options, .doc = "Of the page: columns, order")
SCHEMA(view_change, VIEW_CHANGE);

#define VIEW_ONE(F, T) F(T, view_id, id, .doc = "Number")
SCHEMA(view_one, VIEW_ONE);

static enum err get_own(struct ctx *cx, view_id id, struct view *ret)
{
    return sql_one(cx, view_by_id, &view_schema, ret, ID(id), ID(cx->actor.staff));
}

static enum err text_of(struct ctx *cx, doc described, struct condition *c, str *ret)
{
    struct strbuf text;
    TRY(condition_read(cx, "condition", described, c));
    strbuf_init(&text, cx->arena, 1 << 20);
    out_json_value(&text, described);
    *ret = strbuf_str(&text);
    return OK;
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    (void)input;
    TRY(sql_query(cx, view_list, &r, ID(cx->actor.staff)));
    reply_list(out);
    TRY(reply_rows(cx, out, &view_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct view_create *in = input;
    struct condition c;
    struct view view;
    view_id id;
    i64 count;
    str text;
    if (!cx->actor.staff.v)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "仅员工可保存视图",
                         "only members of staff have views");
    TRY(sql_i64(cx, view_count, &count, ID(cx->actor.staff)));
    if (count >= VIEWS_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", VIEWS_MAX));
    TRY(text_of(cx, in->condition, &c, &text));
    TRY(taken(cx,
              sql_i64(cx, view_insert, &id.v, ID(cx->actor.staff), V(in->shared), V(in->name),
                      V(text), V(in->options.len ? in->options : S("{}")), V(cx->now)),
              "name", in->name));
    TRY(condition_uses_put(cx, "view", id.v, &c));
    audit_entity(cx, "view", id.v);
    TRY(get_own(cx, id, &view));
    return reply_created(out, &view_schema, &view);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct view_change *in = input;
    struct condition c;
    struct view view;
    i64 changed;
    TRY(get_own(cx, in->id, &view));
    TRY(version_check(cx, view.version));
    audit_entity(cx, "view", in->id.v);
    audit_before(cx, &view_schema, &view);
    schema_patch(&view_schema, &view, &view_change_schema, in);
    if (HAS(in, view_change, condition)) {
        TRY(text_of(cx, in->condition, &c, &view.condition));
        TRY(condition_uses_put(cx, "view", in->id.v, &c));
    }
    TRY(taken(cx,
              sql_changed(cx, view_update, &changed, ID(view.id), V(view.shared), V(view.name),
                          V(view.condition), V(view.options), V(view.version)),
              "name", view.name));
    view.version++;
    return reply_struct(out, &view_schema, &view);
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct view_one *in = input;
    struct view view;
    (void)out;
    TRY(get_own(cx, in->id, &view));
    audit_entity(cx, "view", in->id.v);
    audit_before(cx, &view_schema, &view);
    TRY(condition_uses_remove(cx, "view", in->id.v));
    return sql_exec(cx, view_delete, ID(in->id));
}

static const struct route routes[] = {
    { GET, "/api/v1/views", list_run, .id = "view.list", .perm = PERM_CUSTOMER_READ, .mode = READ,
      .out = &view_schema, .listed = true, .doc = "One's own saved views and the shared ones" },
    { POST, "/api/v1/views", create_run, .id = "view.create", .perm = PERM_CUSTOMER_READ,
      .mode = WRITE, .in = &view_create_schema, .out = &view_schema, .doc = "Save a view" },
    { PATCH, "/api/v1/views/{id}", change_run, .id = "view.change", .perm = PERM_CUSTOMER_READ,
      .mode = WRITE, .in = &view_change_schema, .out = &view_schema,
      .doc = "Change a view of one's own" },
    { DELETE, "/api/v1/views/{id}", remove_run, .id = "view.remove", .perm = PERM_CUSTOMER_READ,
      .mode = WRITE, .in = &view_one_schema, .doc = "Remove a view of one's own" },
};

const struct module view_module = { .name = "view",
                                    .routes = routes,
                                    .route_count = COUNT(routes) };
