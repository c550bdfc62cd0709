/* Signing in and out, and what a page needs to know about whoever uses it. */
#include "domain/org/org.h"

#include "core/app.h"
#include "core/audit.h"
#include "core/reply.h"
#include "domain/org/session.h"

#include "org.sql.h"

#define SIGN_IN(F, T)                                                 \
    F(T, str, login, .required = true, .max = 60, .doc = "User name") \
    F(T, str, password, .required = true, .max = 200, .secret = true, .doc = "Password")
SCHEMA(sign_in, SIGN_IN);

#define ME(F, T)                                                                 \
    F(T, staff_id, staff_id, .nullable = true, .doc = "0 for the command line")  \
    F(T, str, name, .doc = "Shown name")                                         \
    F(T, str, csrf, .nullable = true,                                            \
      .doc = "To be sent as X-CSRF-Token with each write of this session")       \
    F(T, list, permissions, .of_type = FT_str, .doc = "What this person may do") \
    F(T, boolean, password_change,                                               \
      .doc = "The first password must be changed before anything else")          \
    F(T, str, currency, .doc = "ISO 4217")                                       \
    F(T, str, zone, .doc = "Business time zone")
SCHEMA(me, ME);

static void fill_me(struct ctx *cx, const struct actor *actor, str csrf, bool password_change,
                    struct me *ret)
{
    str *keys = NEW_N(cx->arena, str, PERM_COUNT);
    size_t n = 0;
    for (int p = PERM_SIGNED_IN + 1; p < PERM_COUNT; p++)
        if (actor->perms >> p & 1)
            keys[n++] = str_of(perm_info[p].key);
    *ret = (struct me) { .staff_id = actor->staff,
                         .name = actor->name,
                         .csrf = csrf,
                         .permissions = { keys, n },
                         .password_change = password_change,
                         .currency = str_of(cx->app->config.currency),
                         .zone = str_of(cx->app->config.zone) };
}

struct signing {
    const struct sign_in *in;
    staff_id staff;
    str name, password;
    bool active, password_change;
    str token;
};

static enum err look_up(struct ctx *cx, void *arg)
{
    struct signing *s = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, staff_by_login, &r, V(s->in->login)));
    if (rows_next(&r)) {
        s->staff = (staff_id) { col_id(&r, 0) };
        s->name = arena_str(cx->arena, col_str(&r, 1));
        s->active = str_is(col_str(&r, 2), "active");
        s->password = arena_str(cx->arena, col_str(&r, 3));
        s->password_change = col_bool(&r, 4);
    }
    return rows_end(&r);
}

static enum err open_session(struct ctx *cx, void *arg)
{
    struct signing *s = arg;
    cx->actor = (struct actor) { .kind = ACTOR_STAFF, .staff = s->staff, .name = s->name };
    TRY(session_open(cx, s->staff, S(""), &s->token));
    TRY(sql_exec(cx, staff_signed_in, ID(s->staff), V(cx->now)));
    return audit_append(cx, &(struct audit_new) { .action = S("account.sign_in"),
                                                  .entity = "staff",
                                                  .entity_id = s->staff.v });
}

/* A name that does not exist takes as long as one that does. */
static bool password_right(struct ctx *cx, const struct signing *s)
{
    if (s->staff.v && s->active)
        return password_matches(s->password, s->in->password);
    (void)password_hash(cx->arena, s->in->password);
    return false;
}

static enum err sign_in_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct signing s = { .in = input };
    struct session session;
    struct actor actor;
    struct me me;
    TRY(in_read(cx, look_up, &s));
    if (!password_right(cx, &s))
        return fail(cx, ERR_BAD_CREDENTIALS, NULL);
    TRY(in_write(cx, open_session, &s));
    TRY(db_read_begin(cx->app->db, (struct db_view) { 0 }, &cx->db));
    enum err e = session_find(cx, s.token, &session, &actor);
    db_read_end(cx->db);
    cx->db = NULL;
    TRY(e);
    fill_me(cx, &actor, session_csrf(cx, s.token), session.password_change, &me);
    reply_cookie(out, SESSION_COOKIE, s.token, 0);
    return reply_struct(out, &me_schema, &me);
}

static enum err me_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct me me;
    (void)input;
    str csrf = cx->session_token.len ? session_csrf(cx, cx->session_token) : STR_NONE;
    fill_me(cx, &cx->actor, csrf, cx->password_change, &me);
    return reply_struct(out, &me_schema, &me);
}

static enum err sign_out_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input;
    if (cx->session_token.len)
        TRY(session_close(cx, cx->session_token));
    reply_cookie(out, SESSION_COOKIE, S(""), 0);
    return OK;
}

#define CHANGE_PASSWORD(F, T)                                             \
    F(T, str, old_password, .required = true, .max = 200, .secret = true, \
      .doc = "The present one")                                           \
    F(T, str, new_password, .required = true, .max = 200, .secret = true, \
      .doc = "At least 10 characters, not a common one")
SCHEMA(change_password, CHANGE_PASSWORD);

struct changing {
    const struct change_password *in;
    str login, password;
};

static enum err look_up_own(struct ctx *cx, void *arg)
{
    struct changing *c = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, staff_password_get, &r, ID(cx->actor.staff)));
    if (rows_next(&r)) {
        c->login = arena_str(cx->arena, col_str(&r, 0));
        c->password = arena_str(cx->arena, col_str(&r, 1));
    }
    return rows_end(&r);
}

static enum err store_password(struct ctx *cx, void *arg)
{
    const struct changing *c = arg;
    TRY(staff_set_password(cx, cx->actor.staff, c->in->new_password, false));
    TRY(sql_exec(cx, session_delete_others, ID(cx->actor.staff), V(cx->actor.credential)));
    return audit_append(cx, &(struct audit_new) { .action = S("account.change_password"),
                                                  .entity = "staff",
                                                  .entity_id = cx->actor.staff.v });
}

static enum err change_password_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct changing c = { .in = input };
    (void)out;
    if (cx->actor.kind != ACTOR_STAFF)
        return fail(cx, ERR_NOT_SIGNED_IN, NULL);
    TRY(in_read(cx, look_up_own, &c));
    if (!password_matches(c.password, c.in->old_password))
        return fail(cx, ERR_BAD_CREDENTIALS, "old_password");
    if (str_eq(c.in->old_password, c.in->new_password))
        return fail_rule(cx, ERR_BAD_PASSWORD, "new_password", "与原密码相同",
                         "it is the same as before");
    TRY(password_check(cx, "new_password", c.in->new_password, c.login));
    return in_write(cx, store_password, &c);
}

static const struct route routes[] = {
    { POST, "/api/v1/sign-in", sign_in_run, .id = "account.sign_in", .perm = PERM_PUBLIC,
      .mode = BARE, .in = &sign_in_schema, .out = &me_schema, .no_csrf = true,
      .doc = "Sign in with user name and password; sets the session cookie" },
    { POST, "/api/v1/sign-out", sign_out_run, .id = "account.sign_out", .perm = PERM_SIGNED_IN,
      .mode = WRITE, .while_first_password = true, .doc = "End this session" },
    { GET, "/api/v1/me", me_run, .id = "account.me", .perm = PERM_SIGNED_IN, .mode = READ,
      .out = &me_schema, .while_first_password = true,
      .doc = "Who is signed in and what they may do" },
    { POST, "/api/v1/me/password", change_password_run, .id = "account.change_password",
      .perm = PERM_SIGNED_IN, .mode = BARE, .in = &change_password_schema,
      .while_first_password = true,
      .doc = "Choose a new password; ends the other sessions of this person" },
};

enum err org_seed(struct ctx *cx);

const struct module org_module = {
    .name = "org",
    .routes = routes,
    .route_count = COUNT(routes),
    .seed = org_seed,
};
