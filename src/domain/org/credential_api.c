/* What everybody may do about their own password and one-time code. */
#include "domain/org/org.h"

#include "base/rand.h"
#include "core/app.h"
#include "core/audit.h"
#include "core/reply.h"
#include "domain/org/attempt.h"
#include "domain/org/grant.h"
#include "domain/org/session.h"

#include "account.sql.h"

#define TOTP_SECRET_LEN 20 /* RFC 4226: as long as the HMAC */

/* Asking somebody who is signed in for the password: a session left open must not be a way to guess
 * it. */
struct asking {
    const char *field;
    str given, login, password, totp;
    bool totp_on;
    struct attempt attempt;
    i64 wait_s;
};

static enum err own_read(struct ctx *cx, void *arg)
{
    struct asking *a = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, account_own, &r, ID(cx->actor.staff)));
    if (rows_next(&r)) {
        a->login = arena_str(cx->arena, col_str(&r, 0));
        a->password = arena_str(cx->arena, col_str(&r, 1));
        a->totp_on = col_bool(&r, 2);
        a->totp = arena_str(cx->arena, col_str(&r, 3));
    }
    TRY(rows_end(&r));
    attempt_again(cx, a->login, &a->attempt);
    return OK;
}

static enum err ask_claim(struct ctx *cx, void *arg)
{
    struct asking *a = arg;
    return attempt_claim(cx, &a->attempt, &a->wait_s);
}

static enum err ask_right(struct ctx *cx, void *arg)
{
    return attempt_right(cx, &((struct asking *)arg)->attempt);
}

static enum err ask_password(struct ctx *cx, struct asking *a, struct reply *out)
{
    TRY(need_person(cx));
    TRY(in_read(cx, own_read, a));
    enum err e = in_write(cx, ask_claim, a);
    out->retry_after_s = a->wait_s;
    TRY(e);
    if (!password_matches(a->password, a->given))
        return fail_rule(cx, ERR_INVALID, a->field, "密码不正确", "the password is not right");
    return in_write(cx, ask_right, a);
}

#define CHANGE_PASSWORD(F, T)                                             \
    F(T, str, old_password, .required = true, .max = 200, .secret = true, \
      .doc = "The present one")                                           \
    F(T, str, new_password, .required = true, .max = 200, .secret = true, \
      .doc = "At least 10 characters, not a common one")
SCHEMA(change_password, CHANGE_PASSWORD);

static enum err store_password(struct ctx *cx, void *arg)
{
    const str *hash = arg;
    TRY(staff_set_password(cx, cx->actor.staff, *hash, false));
    TRY(session_end_all(cx, cx->actor.staff, (session_id) { cx->actor.credential }));
    return audit_append(cx, &(struct audit_new) { .action = S("account.change_password"),
                                                  .entity = "staff",
                                                  .entity_id = cx->actor.staff.v });
}

static enum err change_password_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct change_password *in = input;
    struct asking a = { .field = "old_password", .given = in->old_password };
    TRY(ask_password(cx, &a, out));
    if (str_eq(in->old_password, in->new_password))
        return fail_rule(cx, ERR_BAD_PASSWORD, "new_password", "与原密码相同",
                         "it is the same as before");
    TRY(password_check(cx, "new_password", in->new_password, a.login));
    str hash = password_hash(cx->arena, in->new_password);
    return in_write(cx, store_password, &hash);
}

#define TOTP_NEW(F, T)                                                        \
    F(T, str, secret, .doc = "Base32, to be typed into an authenticator app") \
    F(T, str, uri, .doc = "otpauth:// address, to be shown as a QR code")
SCHEMA(totp_new, TOTP_NEW);

#define TOTP_CONFIRM(F, T) \
    F(T, str, code, .required = true, .max = 10, .secret = true, .doc = "What the app shows now")
SCHEMA(totp_confirm, TOTP_CONFIRM);

#define TOTP_DISABLE(F, T) \
    F(T, str, password, .required = true, .max = 200, .secret = true, .doc = "Own password")
SCHEMA(totp_disable, TOTP_DISABLE);

static enum err totp_is_on(struct ctx *cx)
{
    return fail_rule(cx, ERR_WRONG_STATE, NULL, "动态验证码已开启，请先关闭",
                     "the one-time code is on; turn it off first");
}

/* As authenticator apps read it. */
static str totp_uri(struct arena *a, str login, str secret)
{
    struct strbuf uri;
    strbuf_init(&uri, a, 1024);
    out(&uri, S("otpauth://totp/Hetang:"));
    out_url(&uri, login);
    out(&uri, S("?secret="));
    out(&uri, secret);
    out(&uri, S("&issuer=Hetang&algorithm=SHA1&digits=6&period=30"));
    return strbuf_str(&uri);
}

static enum err totp_enrol_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct asking own = { 0 };
    struct totp_new made;
    struct strbuf secret;
    i64 changed;
    (void)input;
    TRY(need_person(cx));
    TRY(own_read(cx, &own));
    uint8_t random[TOTP_SECRET_LEN];
    secret_bytes(random, sizeof random);
    str bytes = { (const char *)random, sizeof random };
    TRY(sql_changed(cx, account_totp_enrol, &changed, ID(cx->actor.staff),
                    val_blob(secret_seal(cx->app->secrets, cx->arena, bytes))));
    if (!changed)
        return totp_is_on(cx);
    strbuf_init(&secret, cx->arena, 64);
    out_base32(&secret, random, sizeof random);
    made.secret = strbuf_str(&secret);
    made.uri = totp_uri(cx->arena, own.login, made.secret);
    audit_entity(cx, "staff", cx->actor.staff.v);
    return reply_struct(out, &totp_new_schema, &made);
}

static enum err totp_confirm_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct totp_confirm *in = input;
    struct asking own = { 0 };
    str secret;
    i64 step, changed;
    (void)out;
    TRY(need_person(cx));
    TRY(own_read(cx, &own));
    if (own.totp_on)
        return totp_is_on(cx);
    if (!own.totp.len)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "请先获取密钥", "ask for a secret first");
    TRY(secret_open(cx->app->secrets, cx->arena, own.totp, &secret));
    if (!totp_matches(secret, cx->now, str_trim(in->code), &step))
        return fail_rule(cx, ERR_INVALID, "code", "验证码不正确", "the code is not right");
    audit_entity(cx, "staff", cx->actor.staff.v);
    return sql_changed(cx, account_totp_confirm, &changed, ID(cx->actor.staff), V(true), V(step));
}

static enum err totp_off(struct ctx *cx, void *arg)
{
    (void)arg;
    TRY(staff_totp_off(cx, cx->actor.staff));
    return audit_append(cx, &(struct audit_new) { .action = S("account.totp_disable"),
                                                  .entity = "staff",
                                                  .entity_id = cx->actor.staff.v });
}

static enum err totp_disable_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct totp_disable *in = input;
    struct asking a = { .field = "password", .given = in->password };
    TRY(ask_password(cx, &a, out));
    return in_write(cx, totp_off, NULL);
}

static const struct route routes[] = {
    { POST, "/api/v1/me/password", change_password_run, .id = "account.change_password",
      .slow = true, .perm = PERM_SIGNED_IN, .mode = BARE, .in = &change_password_schema,
      .while_first_password = true,
      .doc = "Choose a new password; ends the other sessions of this person" },
    { POST, "/api/v1/me/totp", totp_enrol_run, .id = "account.totp_enrol", .perm = PERM_SIGNED_IN,
      .mode = WRITE, .out = &totp_new_schema,
      .doc = "A new secret for one-time codes (RFC 6238); asked for only once confirmed" },
    { POST, "/api/v1/me/totp/confirm", totp_confirm_run, .id = "account.totp_confirm",
      .perm = PERM_SIGNED_IN, .mode = WRITE, .in = &totp_confirm_schema,
      .doc = "Turn one-time codes on with the first right one" },
    { POST, "/api/v1/me/totp/disable", totp_disable_run, .id = "account.totp_disable", .slow = true,
      .perm = PERM_SIGNED_IN, .mode = BARE, .in = &totp_disable_schema,
      .doc = "Turn one-time codes off" },
};

const struct module credential_module = { .name = "credential",
                                          .routes = routes,
                                          .route_count = COUNT(routes) };
