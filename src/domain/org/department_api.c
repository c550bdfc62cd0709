#include "domain/org/internal.h"

#include "core/reply.h"
#include "domain/org/grant.h"

#include "department.sql.h"

#define ONE(F, T) F(T, department_id, id, .doc = "Number")
SCHEMA(department_one, ONE);

#define LIST(F, T)                                                              \
    F(T, department_id, parent_id, .doc = "Only those directly below this one") \
    F(T, department_id, below_id, .doc = "Only this one and all below it")      \
    F(T, str, kind, .choices = department_kinds, .doc = "Only of this kind")    \
    F(T, boolean, closed, .doc = "Only the closed, or only the open")           \
    F(T, str, text, .max = 60, .doc = "Name or code contains this")             \
    F(T, str, cursor, .max = 400, .doc = "The `next` of the page before")       \
    F(T, i64, limit, .min = 1, .max = 2000, .doc = "Rows a page; 500 unless told")
SCHEMA(department_list, LIST);

#define CREATE(F, T)                                                                       \
    F(T, department_id, parent_id, .required = true, .doc = "What it stands under")        \
    F(T, str, kind, .required = true, .choices = department_kinds, .doc = "What it is")    \
    F(T, str, name, .required = true, .max = 60, .doc = "Shown name")                      \
    F(T, str, code, .max = 40, .nullable = true, .doc = "How imports and the API name it") \
    F(T, i64, sort, .min = 0, .max = 99999, .doc = "Among its siblings; smaller first")
SCHEMA(department_create, CREATE);

#define CHANGE(F, T)                                                                       \
    F(T, department_id, id, .doc = "Number")                                               \
    F(T, str, kind, .choices = department_kinds, .doc = "What it is")                      \
    F(T, str, name, .min = 1, .max = 60, .doc = "Shown name")                              \
    F(T, str, code, .max = 40, .nullable = true, .doc = "How imports and the API name it") \
    F(T, i64, sort, .min = 0, .max = 99999, .doc = "Among its siblings; smaller first")
SCHEMA(department_change, CHANGE);

#define MOVE(F, T)                           \
    F(T, department_id, id, .doc = "Number") \
    F(T, department_id, parent_id, .required = true, .doc = "What it is to stand under")
SCHEMA(department_move, MOVE);

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct department_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 after, limit = in->limit == NONE ? 500 : in->limit;
    str below = STR_NONE;
    TRY(cursor_id(cx, in->cursor, &after));
    if (in->below_id.v)
        TRY(department_path(cx, in->below_id, "below_id", &below));
    struct val closed = HAS(in, department_list, closed) ? V((i64)in->closed) : val_null();
    TRY(sql_query(cx, department_list, &r, V(after), ID(in->parent_id), V(below), V(in->kind),
                  closed, V(like_pattern(cx->arena, in->text)), V(limit + 1)));
    return reply_page(cx, out, &department_schema, &r, limit);
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct department_one *in = input;
    struct department d;
    TRY(department_get(cx, in->id, NULL, &d));
    return reply_struct(out, &department_schema, &d);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct department_create *in = input;
    struct department d;
    department_id id;
    TRY(grant_department(cx, in->parent_id, "parent_id"));
    TRY(department_add(cx,
                       &(struct department_new) { .name = in->name,
                                                  .code = in->code,
                                                  .kind = arena_z(cx->arena, in->kind),
                                                  .parent = in->parent_id,
                                                  .sort = in->sort == NONE ? 0 : in->sort },
                       &id));
    TRY(department_get(cx, id, NULL, &d));
    audit_entity(cx, "department", id.v);
    return reply_created(out, &department_schema, &d);
}

/* The department as it is, once it is known that the actor may change it. */
static enum err changeable(struct ctx *cx, department_id id, struct department *ret)
{
    TRY(department_get(cx, id, NULL, ret));
    TRY(grant_department(cx, id, NULL));
    TRY(version_check(cx, ret->version));
    audit_entity(cx, "department", id.v);
    audit_before(cx, &department_schema, ret);
    return OK;
}

static enum err reply_now(struct ctx *cx, department_id id, struct reply *out)
{
    struct department d;
    TRY(department_get(cx, id, NULL, &d));
    return reply_struct(out, &department_schema, &d);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct department_change *in = input;
    struct department d;
    TRY(changeable(cx, in->id, &d));
    schema_patch(&department_schema, &d, &department_change_schema, in);
    TRY(department_change(cx, &d));
    return reply_now(cx, in->id, out);
}

static enum err move_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct department_move *in = input;
    struct department d;
    TRY(changeable(cx, in->id, &d));
    TRY(grant_department(cx, in->parent_id, "parent_id"));
    TRY(department_move(cx, in->id, in->parent_id));
    return reply_now(cx, in->id, out);
}

static enum err close_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct department_one *in = input;
    struct department d;
    TRY(changeable(cx, in->id, &d));
    TRY(department_close(cx, in->id, true));
    return reply_now(cx, in->id, out);
}

static enum err reopen_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct department_one *in = input;
    struct department d;
    TRY(changeable(cx, in->id, &d));
    TRY(department_close(cx, in->id, false));
    return reply_now(cx, in->id, out);
}

static enum err delete_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct department_one *in = input;
    struct department d;
    (void)out;
    TRY(changeable(cx, in->id, &d));
    return department_remove(cx, &d);
}

static const struct route routes[] = {
    { GET, "/api/v1/departments", list_run, .id = "department.list", .perm = PERM_ORG_READ,
      .mode = READ, .in = &department_list_schema, .out = &department_schema, .listed = true,
      .doc = "The tree of departments, flat" },
    { GET, "/api/v1/departments/{id}", get_run, .id = "department.get", .perm = PERM_ORG_READ,
      .mode = READ, .in = &department_one_schema, .out = &department_schema,
      .doc = "One department" },
    { POST, "/api/v1/departments", create_run, .id = "department.create", .perm = PERM_ORG_WRITE,
      .mode = WRITE, .in = &department_create_schema, .out = &department_schema,
      .doc = "Add a department" },
    { PATCH, "/api/v1/departments/{id}", change_run, .id = "department.change",
      .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &department_change_schema,
      .out = &department_schema, .doc = "Change a department" },
    { POST, "/api/v1/departments/{id}/move", move_run, .id = "department.move",
      .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &department_move_schema,
      .out = &department_schema,
      .doc = "Move a department with all below it; what staff may see follows" },
    { POST, "/api/v1/departments/{id}/close", close_run, .id = "department.close",
      .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &department_one_schema,
      .out = &department_schema,
      .doc = "Close a department that has no staff and nothing open below" },
    { POST, "/api/v1/departments/{id}/reopen", reopen_run, .id = "department.reopen",
      .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &department_one_schema,
      .out = &department_schema, .doc = "Reopen a closed department" },
    { DELETE, "/api/v1/departments/{id}", delete_run, .id = "department.delete",
      .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &department_one_schema,
      .doc = "Remove a department to which nothing refers" },
};

const struct module department_module = { .name = "department",
                                          .routes = routes,
                                          .route_count = COUNT(routes) };
