/* Signing in and out, and what a page needs to know about whoever uses it. */
#include "domain/org/internal.h"

#include "base/log.h"
#include "core/app.h"
#include "core/audit.h"
#include "core/reply.h"
#include "domain/org/attempt.h"
#include "domain/org/session.h"

#include "account.sql.h"

#define SIGN_IN(F, T)                                                                    \
    F(T, str, login, .required = true, .max = 60, .doc = "User name")                    \
    F(T, str, password, .required = true, .max = 200, .secret = true, .doc = "Password") \
    F(T, str, code, .max = 10, .secret = true, .nullable = true,                         \
      .doc = "One-time code, for those who have it turned on (code_required asks for it)")
SCHEMA(sign_in, SIGN_IN);

#define ME(F, T)                                                                      \
    F(T, staff_id, staff_id, .nullable = true, .doc = "null for the command line")    \
    F(T, str, login, .nullable = true, .doc = "User name")                            \
    F(T, str, name, .doc = "Shown name")                                              \
    F(T, department_id, department_id, .nullable = true, .doc = "Primary department") \
    F(T, str, department_name, .nullable = true, .doc = "Its name")                   \
    F(T, str, csrf, .nullable = true,                                                 \
      .doc = "To be sent as X-CSRF-Token with each write of this session")            \
    F(T, list, permissions, .of_type = FT_str, .doc = "What this person may do")      \
    F(T, boolean, totp, .doc = "Signs in with a one-time code, too")                  \
    F(T, boolean, password_change,                                                    \
      .doc = "The first password must be changed before anything else")               \
    F(T, str, currency, .doc = "ISO 4217")                                            \
    F(T, str, zone, .doc = "Business time zone")
SCHEMA(me, ME);

/* Inside a read. */
static enum err me_fill(struct ctx *cx, str session, bool password_change, struct me *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    *ret = (struct me) { .staff_id = cx->actor.staff,
                         .name = cx->actor.name,
                         .csrf = session.len ? session_csrf(cx, session) : STR_NONE,
                         .permissions = perms_write(cx->arena, cx->actor.perms),
                         .password_change = password_change,
                         .currency = str_of(cx->app->config.currency),
                         .zone = str_of(cx->app->config.zone) };
    TRY(sql_query(cx, account_me, &r, ID(cx->actor.staff)));
    if (rows_next(&r)) {
        ret->login = arena_str(cx->arena, col_str(&r, 0));
        ret->department_id = (department_id) { col_id(&r, 1) };
        ret->department_name = arena_str(cx->arena, col_str(&r, 2));
        ret->totp = col_bool(&r, 3);
    }
    return rows_end(&r);
}

struct signing {
    str login, given, code;
    struct attempt attempt;
    i64 wait_s;
    staff_id staff; /* 0: nobody who may sign in */
    str name, password, totp;
    i64 step; /* of the one-time code; 0 none */
    str session, browser;
    struct me me;
};

static enum err look_up(struct ctx *cx, void *arg)
{
    struct signing *s = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 browser;
    TRY(browser_find(cx, s->login, &browser));
    attempt_sign_in(cx, s->login, browser, &s->attempt);
    TRY(attempt_check(cx, &s->attempt, &s->wait_s));
    TRY(sql_query(cx, account_by_login, &r, V(s->login)));
    if (rows_next(&r) && str_is(col_str(&r, 2), "active")) {
        s->staff = (staff_id) { col_id(&r, 0) };
        s->name = arena_str(cx->arena, col_str(&r, 1));
        s->password = arena_str(cx->arena, col_str(&r, 3));
        s->totp = col_bool(&r, 4) ? arena_str(cx->arena, col_str(&r, 5)) : STR_NONE;
    }
    return rows_end(&r);
}

static enum err claim(struct ctx *cx, void *arg)
{
    struct signing *s = arg;
    return attempt_claim(cx, &s->attempt, &s->wait_s);
}

static enum err take_back(struct ctx *cx, void *arg)
{
    return attempt_take_back(cx, &((struct signing *)arg)->attempt);
}

static enum err code_check(struct ctx *cx, struct signing *s)
{
    str secret;
    if (!s->totp.len)
        return OK;
    if (!s->code.len) { /* asking for it tells nothing that the right password does not */
        TRY(in_write(cx, take_back, s));
        return fail(cx, ERR_CODE_REQUIRED, "code");
    }
    TRY(secret_open(cx->app->secrets, cx->arena, s->totp, &secret));
    return totp_matches(secret, cx->now, s->code, &s->step) ? OK : fail(cx, ERR_BAD_CODE, "code");
}

static enum err open_session(struct ctx *cx, void *arg)
{
    struct signing *s = arg;
    i64 changed;
    cx->actor = (struct actor) { .kind = ACTOR_STAFF, .staff = s->staff, .name = s->name };
    TRY(sql_changed(cx, account_signed_in, &changed, ID(s->staff), V(cx->now), V(s->password)));
    if (!changed)
        return fail(cx, ERR_BAD_CREDENTIALS, NULL);
    if (s->step) {
        TRY(sql_changed(cx, account_totp_step, &changed, ID(s->staff), V(s->step)));
        if (!changed)
            return fail(cx, ERR_BAD_CODE, "code");
    }
    TRY(attempt_right(cx, &s->attempt));
    TRY(session_open(cx, s->staff, &s->session));
    TRY(browser_remember(cx, s->staff, &s->browser));
    return audit_append(cx, &(struct audit_new) { .action = S("account.sign_in"),
                                                  .entity = "staff",
                                                  .entity_id = s->staff.v });
}

static enum err say_who(struct ctx *cx, void *arg)
{
    struct signing *s = arg;
    struct session session;
    TRY(session_find(cx, s->session, &session, &cx->actor));
    return me_fill(cx, s->session, session.password_change, &s->me);
}

static enum err sign_in_try(struct ctx *cx, struct signing *s)
{
    TRY(in_read(cx, look_up, s));
    TRY(in_write(cx, claim, s));
    if (!password_matches(s->password, s->given)) /* none for nobody: it takes as long */
        return fail(cx, ERR_BAD_CREDENTIALS, NULL);
    TRY(code_check(cx, s));
    TRY(in_write(cx, open_session, s));
    return in_read(cx, say_who, s);
}

static enum err sign_in_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct sign_in *in = input;
    struct signing s = { .login = login_normal(cx->arena, in->login),
                         .given = in->password,
                         .code = str_trim(in->code) };
    enum err e = sign_in_try(cx, &s);
    out->retry_after_s = s.wait_s;
    if (e == ERR_BAD_CREDENTIALS || e == ERR_BAD_CODE || e == ERR_SLOW_DOWN)
        log_info("account.refused", P("ip", cx->ip), P("code", err_info(e)->name),
                 P("staff", s.staff.v));
    TRY(e);
    reply_cookie(out, SESSION_COOKIE, s.session, 0);
    reply_cookie(out, BROWSER_COOKIE, s.browser, BROWSER_DAYS * DAY_MS / SECOND_MS);
    return reply_struct(out, &me_schema, &s.me);
}

static enum err me_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct me me;
    (void)input;
    TRY(me_fill(cx, cx->session_token, cx->password_change, &me));
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

static const struct route routes[] = {
    { POST, "/api/v1/sign-in", sign_in_run, .id = "account.sign_in", .slow = true,
      .perm = PERM_PUBLIC, .mode = BARE, .in = &sign_in_schema, .out = &me_schema, .no_csrf = true,
      .doc = "Sign in with user name and password; sets the session cookie" },
    { POST, "/api/v1/sign-out", sign_out_run, .id = "account.sign_out", .perm = PERM_SIGNED_IN,
      .mode = WRITE, .while_first_password = true, .doc = "End this session" },
    { GET, "/api/v1/me", me_run, .id = "account.me", .perm = PERM_SIGNED_IN, .mode = READ,
      .out = &me_schema, .while_first_password = true,
      .doc = "Who is signed in and what they may do" },
};

const struct module account_module = { .name = "account",
                                       .routes = routes,
                                       .route_count = COUNT(routes) };
