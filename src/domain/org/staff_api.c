#include "domain/org/org.h"

#include "core/app.h"
#include "core/reply.h"
#include "domain/org/grant.h"

#define ONE(F, T) F(T, staff_id, id, .doc = "Number")
SCHEMA(staff_one, ONE);

#define LIST(F, T)                                                                         \
    F(T, department_id, department_id, .doc = "Only who belongs to it or to one below it") \
    F(T, role_id, role_id, .doc = "Only who has this role")                                \
    F(T, str, state, .choices = staff_states, .doc = "Only in this state")                 \
    F(T, str, text, .max = 60, .doc = "Name or user name contains this")                   \
    PAGE_FIELDS(F, T)
SCHEMA(staff_list, LIST);

#define CREATE(F, T)                                                                         \
    F(T, str, login, .required = true, .max = 60, .doc = "User name")                        \
    F(T, str, name, .required = true, .max = 40, .doc = "Shown name")                        \
    F(T, str, password, .max = 200, .secret = true, .nullable = true,                        \
      .doc = "First password, to be changed at the first sign-in; one is made up if absent") \
    F(T, str, mobile, .max = 30, .secret = true, .nullable = true, .doc = "Mobile number")   \
    F(T, department_id, department_id, .required = true, .doc = "Primary department")        \
    F(T, list, other_department_ids, .of_type = FT_id, .max = STAFF_PLACES_MAX,              \
      .doc = "Further departments")                                                          \
    F(T, list, role_ids, .of_type = FT_id, .max = STAFF_ROLES_MAX, .doc = "Roles")
SCHEMA(staff_create, CREATE);

#define CHANGE(F, T)                                                                       \
    F(T, staff_id, id, .doc = "Number")                                                    \
    F(T, str, login, .min = 1, .max = 60, .doc = "User name")                              \
    F(T, str, name, .min = 1, .max = 40, .doc = "Shown name")                              \
    F(T, str, mobile, .max = 30, .secret = true, .nullable = true, .doc = "Mobile number") \
    F(T, department_id, department_id, .doc = "Primary department")                        \
    F(T, list, other_department_ids, .of_type = FT_id, .max = STAFF_PLACES_MAX,            \
      .doc = "Further departments")                                                        \
    F(T, list, role_ids, .of_type = FT_id, .max = STAFF_ROLES_MAX, .doc = "Roles")
SCHEMA(staff_change, CHANGE);

#define RESET(F, T)                                                   \
    F(T, staff_id, id, .doc = "Number")                               \
    F(T, str, password, .max = 200, .secret = true, .nullable = true, \
      .doc = "First password, to be changed at the next sign-in; one is made up if absent")
SCHEMA(staff_reset, RESET);

#define MADE(F, T) \
    STAFF(F, T)    \
    F(T, str, first_password, .doc = "To be handed over; said this once")
SCHEMA(staff_made, MADE);

/* Nobody locks themselves out, or takes what is not asked for in one's own account: the present
 * password. */
static enum err not_oneself(struct ctx *cx, staff_id staff)
{
    if (staff.v != cx->actor.staff.v)
        return OK;
    return fail_rule(cx, ERR_WRONG_STATE, NULL, "不能对自己的账号进行此操作",
                     "nobody does this to their own account");
}

/* The member as it is, once it is known that the actor may manage them. */
static enum err manageable(struct ctx *cx, staff_id id, struct staff *ret)
{
    TRY(staff_get(cx, id, ret));
    TRY(grant_staff(cx, id, NULL));
    TRY(version_check(cx, ret->version));
    audit_entity(cx, "staff", id.v);
    audit_before(cx, &staff_schema, ret);
    return OK;
}

static enum err reply_now(struct ctx *cx, staff_id id, struct reply *out)
{
    struct staff s;
    TRY(staff_get(cx, id, &s));
    return reply_struct(out, &staff_schema, &s);
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct staff_list *in = input;
    const struct staff_filter filter = { in->department_id, in->role_id, in->state, in->text };
    struct staff *found;
    size_t count;
    i64 after, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(staff_list(cx, &filter, after, limit + 1, &found, &count));
    bool more = (i64)count > limit;
    count -= more;
    reply_list(out);
    for (size_t i = 0; i < count; i++)
        reply_item(out, &staff_schema, &found[i]);
    const struct val last = more ? ID(found[count - 1].id) : val_null();
    reply_list_end(out, more ? cursor_make(cx->arena, &last, 1) : STR_NONE, NONE);
    return OK;
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct staff_one *in = input;
    return reply_now(cx, in->id, out);
}

/* A password that was given or is made up, and its hash, made before the write begins. */
struct first_password {
    str plain, hash;
};

static enum err first_password(struct ctx *cx, str given, str login)
{
    struct first_password *p = NEW(cx->arena, struct first_password);
    p->plain = given.len ? given : password_made_up(cx->arena);
    if (given.len)
        TRY(password_check(cx, "password", given, login));
    p->hash = password_hash(cx->arena, p->plain);
    cx->prepared = p;
    return OK;
}

static enum err reply_made(struct ctx *cx, staff_id id, bool created, struct reply *out)
{
    const struct first_password *p = cx->prepared;
    struct staff s;
    struct staff_made made;
    TRY(staff_get(cx, id, &s));
    schema_clear(&staff_made_schema, &made);
    s.in.has = UINT64_MAX;
    schema_patch(&staff_made_schema, &made, &staff_schema, &s);
    made.first_password = p->plain;
    return created ? reply_created(out, &staff_made_schema, &made)
                   : reply_struct(out, &staff_made_schema, &made);
}

static enum err grant_places(struct ctx *cx, const list *ids, const char *field)
{
    const department_id *id = ids->at;
    for (size_t i = 0; i < ids->n; i++)
        TRY(grant_department(cx, id[i], field));
    return OK;
}

/* Each by itself, for the sake of what is said; what they come to together is grant_staff()'s. */
static enum err grant_roles(struct ctx *cx, const list *ids)
{
    const role_id *id = ids->at;
    for (size_t i = 0; i < ids->n; i++) {
        struct role role;
        TRY(role_get(cx, id[i], "role_ids", &role));
        TRY(grant_role(cx, &role, "role_ids"));
    }
    return OK;
}

static enum err create_prepare(struct ctx *cx, const void *input)
{
    const struct staff_create *in = input;
    return first_password(cx, in->password, login_normal(cx->arena, in->login));
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct staff_create *in = input;
    const struct first_password *p = cx->prepared;
    staff_id id;
    TRY(grant_department(cx, in->department_id, "department_id"));
    TRY(grant_places(cx, &in->other_department_ids, "other_department_ids"));
    TRY(grant_roles(cx, &in->role_ids));
    TRY(staff_add(cx,
                  &(struct staff_new) { .login = in->login,
                                        .name = in->name,
                                        .password_hash = p->hash,
                                        .mobile = in->mobile,
                                        .department = in->department_id,
                                        .others = in->other_department_ids.at,
                                        .other_count = in->other_department_ids.n,
                                        .roles = in->role_ids.at,
                                        .role_count = in->role_ids.n,
                                        .password_change = true },
                  &id));
    TRY(grant_staff(cx, id, "role_ids"));
    audit_entity(cx, "staff", id.v);
    return reply_made(cx, id, true, out);
}

static enum err change_rights(struct ctx *cx, const struct staff_change *in, const struct staff *s)
{
    bool places =
        HAS(in, staff_change, department_id) || HAS(in, staff_change, other_department_ids);
    bool roles = HAS(in, staff_change, role_ids);
    if (!places && !roles)
        return OK;
    TRY(grant_not_own(cx, s->id, roles ? "role_ids" : "department_id"));
    if (places) {
        TRY(grant_department(cx, s->department_id, "department_id"));
        TRY(grant_places(cx, &s->other_department_ids, "other_department_ids"));
        TRY(staff_set_places(cx, s->id, s->department_id, s->other_department_ids.at,
                             s->other_department_ids.n));
    }
    if (roles) {
        TRY(grant_roles(cx, &s->role_ids));
        TRY(staff_set_roles(cx, s->id, s->role_ids.at, s->role_ids.n));
    }
    TRY(staff_recompute(cx, s->id));
    TRY(grant_staff(cx, s->id, roles ? "role_ids" : "department_id"));
    return owner_left(cx);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct staff_change *in = input;
    struct staff s;
    TRY(manageable(cx, in->id, &s));
    schema_patch(&staff_schema, &s, &staff_change_schema, in);
    TRY(staff_change(cx, &s));
    if (HAS(in, staff_change, mobile))
        TRY(staff_set_mobile(cx, in->id, in->mobile));
    TRY(change_rights(cx, in, &s));
    return reply_now(cx, in->id, out);
}

static enum err move_state(struct ctx *cx, staff_id id, enum staff_move move, struct reply *out)
{
    struct staff s;
    TRY(manageable(cx, id, &s));
    TRY(not_oneself(cx, id));
    TRY(staff_move_state(cx, &s, move));
    return reply_now(cx, id, out);
}

static enum err suspend_run(struct ctx *cx, const void *input, struct reply *out)
{
    return move_state(cx, ((const struct staff_one *)input)->id, STAFF_SUSPEND, out);
}

static enum err leave_run(struct ctx *cx, const void *input, struct reply *out)
{
    return move_state(cx, ((const struct staff_one *)input)->id, STAFF_LEAVE, out);
}

static enum err back_run(struct ctx *cx, const void *input, struct reply *out)
{
    return move_state(cx, ((const struct staff_one *)input)->id, STAFF_BACK, out);
}

static enum err reset_prepare(struct ctx *cx, const void *input)
{
    const struct staff_reset *in = input;
    return first_password(cx, in->password, STR_NONE);
}

static enum err reset_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct staff_reset *in = input;
    const struct first_password *p = cx->prepared;
    struct staff s;
    TRY(manageable(cx, in->id, &s));
    TRY(not_oneself(cx, in->id));
    if (in->password.len)
        TRY(password_check(cx, "password", in->password, s.login));
    TRY(staff_set_password(cx, in->id, p->hash, true));
    return reply_made(cx, in->id, false, out);
}

static enum err totp_off_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct staff_one *in = input;
    struct staff s;
    TRY(manageable(cx, in->id, &s));
    TRY(not_oneself(cx, in->id));
    TRY(staff_totp_off(cx, in->id));
    return reply_now(cx, in->id, out);
}

static const struct route routes[] = {
    { GET, "/api/v1/staff", list_run, .id = "staff.list", .perm = PERM_ORG_READ, .mode = READ,
      .in = &staff_list_schema, .out = &staff_schema, .listed = true, .doc = "List staff" },
    { GET, "/api/v1/staff/{id}", get_run, .id = "staff.get", .perm = PERM_ORG_READ, .mode = READ,
      .in = &staff_one_schema, .out = &staff_schema, .doc = "One member of staff" },
    { POST, "/api/v1/staff", create_run, .id = "staff.create", .slow = true, .perm = PERM_ORG_WRITE,
      .mode = WRITE, .prepare = create_prepare, .in = &staff_create_schema,
      .out = &staff_made_schema, .doc = "Add a member of staff" },
    { PATCH, "/api/v1/staff/{id}", change_run, .id = "staff.change", .perm = PERM_ORG_WRITE,
      .mode = WRITE, .in = &staff_change_schema, .out = &staff_schema,
      .doc = "Change a member of staff: names, departments, roles" },
    { POST, "/api/v1/staff/{id}/suspend", suspend_run, .id = "staff.suspend",
      .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &staff_one_schema, .out = &staff_schema,
      .doc = "Keep a member out for the time being; ends all sessions" },
    { POST, "/api/v1/staff/{id}/leave", leave_run, .id = "staff.leave", .perm = PERM_ORG_WRITE,
      .mode = WRITE, .in = &staff_one_schema, .out = &staff_schema,
      .doc = "A member has left; ends all sessions and access tokens" },
    { POST, "/api/v1/staff/{id}/back", back_run, .id = "staff.back", .perm = PERM_ORG_WRITE,
      .mode = WRITE, .in = &staff_one_schema, .out = &staff_schema,
      .doc = "A member who was suspended or had left is back" },
    { POST, "/api/v1/staff/{id}/reset-password", reset_run, .id = "staff.reset_password",
      .slow = true, .perm = PERM_ORG_WRITE, .mode = WRITE, .prepare = reset_prepare,
      .in = &staff_reset_schema, .out = &staff_made_schema,
      .doc = "Give a new first password; ends all sessions and lets somebody locked out in again" },
    { POST, "/api/v1/staff/{id}/totp-off", totp_off_run, .id = "staff.totp_off",
      .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &staff_one_schema, .out = &staff_schema,
      .doc = "Turn one-time codes off for somebody who has lost the telephone" },
};

const struct module staff_module = { .name = "staff",
                                     .routes = routes,
                                     .route_count = COUNT(routes) };
