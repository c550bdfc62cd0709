#include "domain/org/org.h"

#include "core/reply.h"
#include "domain/org/grant.h"

#define ONE(F, T) F(T, role_id, id, .doc = "Number")
SCHEMA(role_one, ONE);

#define CREATE(F, T)                                                                \
    F(T, str, name, .required = true, .max = 30, .doc = "Shown name")               \
    F(T, str, name_en, .max = 60, .nullable = true, .doc = "Shown name in English") \
    F(T, str, scope, .required = true, .choices = role_scopes,                      \
      .doc = "Whose data its members see")                                          \
    F(T, list, department_ids, .of_type = FT_id, .max = 200,                        \
      .doc = "With scope chosen: these and what is below them")                     \
    F(T, list, permissions, .of_type = FT_str, .required = true, .max = 64,         \
      .doc = "What its members may do")
SCHEMA(role_create, CREATE);

#define CHANGE(F, T)                                                                \
    F(T, role_id, id, .doc = "Number")                                              \
    F(T, str, name, .min = 1, .max = 30, .doc = "Shown name")                       \
    F(T, str, name_en, .max = 60, .nullable = true, .doc = "Shown name in English") \
    F(T, str, scope, .choices = role_scopes, .doc = "Whose data its members see")   \
    F(T, list, department_ids, .of_type = FT_id, .max = 200,                        \
      .doc = "With scope chosen: these and what is below them")                     \
    F(T, list, permissions, .of_type = FT_str, .max = 64, .doc = "What its members may do")
SCHEMA(role_change, CHANGE);

#define PERMISSION(F, T)                                 \
    F(T, str, key, .doc = "As roles and tokens name it") \
    F(T, str, name, .doc = "In Chinese")                 \
    F(T, str, name_en, .doc = "In English")
SCHEMA(permission_name, PERMISSION);

#define MATRIX(F, T)                                                               \
    F(T, list, permissions, .of = &permission_name_schema, .doc = "All there are") \
    F(T, list, roles, .of = &role_schema, .doc = "All roles, with what they may")
SCHEMA(role_matrix, MATRIX);

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct role *roles;
    size_t count;
    (void)input;
    TRY(role_list(cx, &roles, &count));
    reply_list(out);
    for (size_t i = 0; i < count; i++)
        reply_item(out, &role_schema, &roles[i]);
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err matrix_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct permission_name *permissions = NEW_N(cx->arena, struct permission_name, PERM_COUNT);
    struct role *roles;
    size_t n = 0, count;
    (void)input;
    for (int p = PERM_SIGNED_IN + 1; p < PERM_COUNT; p++)
        permissions[n++] = (struct permission_name) { .key = str_of(perm_info[p].key),
                                                      .name = str_of(perm_info[p].zh),
                                                      .name_en = str_of(perm_info[p].en) };
    TRY(role_list(cx, &roles, &count));
    return reply_struct(
        out, &role_matrix_schema,
        &(struct role_matrix) { .permissions = { permissions, n }, .roles = { roles, count } });
}

static enum err reply_now(struct ctx *cx, role_id id, bool created, struct reply *out)
{
    struct role r;
    TRY(role_get(cx, id, NULL, &r));
    return created ? reply_created(out, &role_schema, &r) : reply_struct(out, &role_schema, &r);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct role_create *in = input;
    struct role r = { .name = in->name,
                      .name_en = in->name_en,
                      .scope = in->scope,
                      .department_ids = in->department_ids,
                      .permissions = in->permissions };
    TRY(role_store(cx, &r));
    TRY(grant_role(cx, &r, "permissions"));
    audit_entity(cx, "role", r.id.v);
    return reply_now(cx, r.id, true, out);
}

/* The role as it is, once it is known that the actor may change it: not mightier than they are, nor
 * any who have it. */
static enum err changeable(struct ctx *cx, role_id id, struct role *ret)
{
    TRY(role_get(cx, id, NULL, ret));
    TRY(grant_role(cx, ret, NULL));
    TRY(grant_members(cx, id));
    TRY(version_check(cx, ret->version));
    audit_entity(cx, "role", id.v);
    audit_before(cx, &role_schema, ret);
    return OK;
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct role_change *in = input;
    struct role r;
    TRY(changeable(cx, in->id, &r));
    TRY(grant_not_held(cx, in->id));
    schema_patch(&role_schema, &r, &role_change_schema, in);
    if (HAS(in, role_change, scope) && !HAS(in, role_change, department_ids) &&
        !str_is(r.scope, "chosen"))
        r.department_ids = (list) { NULL, 0 };
    TRY(role_store(cx, &r));
    TRY(grant_role(cx, &r, "permissions"));
    TRY(grant_members(cx, in->id));
    return reply_now(cx, in->id, false, out);
}

static enum err delete_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct role_one *in = input;
    struct role r;
    (void)out;
    TRY(changeable(cx, in->id, &r));
    return role_remove(cx, &r);
}

static const struct route routes[] = {
    { GET, "/api/v1/roles", list_run, .id = "role.list", .perm = PERM_ORG_READ, .mode = READ,
      .out = &role_schema, .listed = true, .doc = "All roles" },
    { GET, "/api/v1/permission-matrix", matrix_run, .id = "role.matrix", .perm = PERM_ORG_READ,
      .mode = READ, .out = &role_matrix_schema,
      .doc = "All permissions and all roles: what the page of the matrix shows" },
    { POST, "/api/v1/roles", create_run, .id = "role.create", .perm = PERM_ROLE_WRITE,
      .mode = WRITE, .in = &role_create_schema, .out = &role_schema, .doc = "Make a role" },
    { PATCH, "/api/v1/roles/{id}", change_run, .id = "role.change", .perm = PERM_ROLE_WRITE,
      .mode = WRITE, .in = &role_change_schema, .out = &role_schema,
      .doc = "Change a role; the rights of its members follow" },
    { DELETE, "/api/v1/roles/{id}", delete_run, .id = "role.delete", .perm = PERM_ROLE_WRITE,
      .mode = WRITE, .in = &role_one_schema, .doc = "Remove a role that nobody has" },
};

const struct module role_module = { .name = "role",
                                    .routes = routes,
                                    .route_count = COUNT(routes) };
