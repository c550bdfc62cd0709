/* Sessions and access tokens: one's own, and those of others for whoever manages staff. */
#include "domain/org/org.h"

#include "core/app.h"
#include "core/reply.h"
#include "domain/org/grant.h"
#include "domain/org/session.h"

#include "session.sql.h"

#define SESSION(F, T)                                                          \
    F(T, session_id, id, .doc = "Number")                                      \
    F(T, str, ip, .nullable = true, .doc = "Where it was opened from")         \
    F(T, str, agent, .nullable = true, .doc = "What the browser calls itself") \
    F(T, instant, created_at, .doc = "When it was opened")                     \
    F(T, instant, seen_at, .doc = "Last use, to the minute")                   \
    F(T, instant, expires_at, .doc = "When it ends if it is not used")         \
    F(T, boolean, current, .doc = "This very one")
SCHEMA(session_row, SESSION);

#define TOKEN(F, T)                                                                \
    F(T, token_id, id, .doc = "Number")                                            \
    F(T, str, name, .doc = "What it is for")                                       \
    F(T, str, hint, .doc = "Its first characters")                                 \
    F(T, list, permissions, .of_type = FT_str,                                     \
      .doc = "What it may do as long as its owner may, too")                       \
    F(T, instant, expires_at, .nullable = true, .doc = "null: it does not expire") \
    F(T, instant, seen_at, .nullable = true, .doc = "Last use, to the minute")     \
    F(T, instant, created_at, .doc = "When it was made")
SCHEMA(token, TOKEN);

#define TOKEN_MADE(F, T) \
    TOKEN(F, T)          \
    F(T, str, token, .doc = "The token itself, said this once: Authorization: Bearer …")
SCHEMA(token_made, TOKEN_MADE);

#define ONE_SESSION(F, T) F(T, session_id, id, .doc = "Number")
SCHEMA(session_one, ONE_SESSION);
#define ONE_TOKEN(F, T) F(T, token_id, id, .doc = "Number")
SCHEMA(token_one, ONE_TOKEN);
#define OF_STAFF(F, T) F(T, staff_id, staff_id, .doc = "Whose")
SCHEMA(of_staff, OF_STAFF);
#define STAFF_SESSION(F, T) \
    OF_STAFF(F, T)          \
    F(T, session_id, id, .doc = "Number")
SCHEMA(staff_session, STAFF_SESSION);
#define STAFF_TOKEN(F, T) \
    OF_STAFF(F, T)        \
    F(T, token_id, id, .doc = "Number")
SCHEMA(staff_token, STAFF_TOKEN);

#define TOKEN_CREATE(F, T)                                                            \
    F(T, str, name, .required = true, .max = 60, .doc = "What it is for")             \
    F(T, list, permissions, .of_type = FT_str, .required = true, .min = 1, .max = 64, \
      .doc = "Of one's own")                                                          \
    F(T, instant, expires_at, .nullable = true, .doc = "null: it does not expire")
SCHEMA(token_create, TOKEN_CREATE);

/* A member within sight whom the actor may manage. */
static enum err managed(struct ctx *cx, staff_id staff)
{
    struct staff s;
    TRY(staff_get(cx, staff, &s));
    audit_entity(cx, "staff", staff.v);
    return grant_staff(cx, staff, NULL);
}

static enum err sessions_reply(struct ctx *cx, staff_id staff, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 own = cx->actor.kind == ACTOR_STAFF ? cx->actor.credential : 0;
    TRY(sql_query(cx, session_list, &r, ID(staff), V(own), V(cx->now),
                  V(session_opened_after(cx))));
    reply_list(out);
    TRY(reply_rows(cx, out, &session_row_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err session_end(struct ctx *cx, staff_id staff, session_id id)
{
    i64 changed;
    TRY(sql_changed(cx, session_delete, &changed, ID(id), ID(staff)));
    return changed ? OK : fail(cx, ERR_NOT_FOUND, NULL);
}

static enum err own_sessions_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input;
    return sessions_reply(cx, cx->actor.staff, out);
}

static enum err own_session_end_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct session_one *in = input;
    (void)out;
    TRY(need_person(cx));
    audit_entity(cx, "staff", cx->actor.staff.v);
    return session_end(cx, cx->actor.staff, in->id);
}

static enum err own_sessions_end_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input, (void)out;
    TRY(need_person(cx));
    audit_entity(cx, "staff", cx->actor.staff.v);
    return session_end_all(cx, cx->actor.staff, (session_id) { cx->actor.credential });
}

static enum err staff_sessions_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct of_staff *in = input;
    TRY(managed(cx, in->staff_id));
    return sessions_reply(cx, in->staff_id, out);
}

static enum err staff_session_end_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct staff_session *in = input;
    (void)out;
    TRY(managed(cx, in->staff_id));
    return session_end(cx, in->staff_id, in->id);
}

static enum err staff_sessions_end_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct of_staff *in = input;
    (void)out;
    TRY(managed(cx, in->staff_id));
    return session_end_all(cx, in->staff_id, (session_id) { 0 });
}

static enum err tokens_reply(struct ctx *cx, staff_id staff, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, token_list, &r, ID(staff)));
    reply_list(out);
    while (rows_next(&r)) {
        struct token t = { .id = { col_id(&r, 0) },
                           .name = col_str(&r, 1),
                           .hint = col_str(&r, 2),
                           .permissions = perms_write(cx->arena, token_perms(col_str(&r, 3))),
                           .expires_at = { col_id(&r, 4) },
                           .seen_at = { col_id(&r, 5) },
                           .created_at = { col_id(&r, 6) } };
        reply_item(out, &token_schema, &t);
    }
    TRY(rows_end(&r));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err token_end(struct ctx *cx, staff_id staff, token_id id)
{
    i64 changed;
    TRY(sql_changed(cx, token_delete, &changed, ID(id), ID(staff)));
    return changed ? OK : fail(cx, ERR_NOT_FOUND, NULL);
}

static enum err token_list_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input;
    return tokens_reply(cx, cx->actor.staff, out);
}

static str words_of(struct arena *a, const list *keys)
{
    struct strbuf words;
    const str *key = keys->at;
    strbuf_init(&words, a, 8192);
    for (size_t i = 0; i < keys->n; i++) {
        out(&words, i ? S(" ") : S(""));
        out(&words, key[i]);
    }
    return strbuf_str(&words);
}

static enum err token_create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct token_create *in = input;
    uint64_t perms;
    i64 count;
    TRY(need_person(cx));
    TRY(perms_read(cx, &in->permissions, "permissions", &perms));
    TRY(grant_perms(cx, perms, "permissions"));
    if (in->expires_at.ms && in->expires_at.ms <= cx->now.ms)
        return fail_rule(cx, ERR_INVALID, "expires_at", "已经过去", "it is in the past");
    TRY(sql_i64(cx, token_count, &count, ID(cx->actor.staff)));
    if (count >= TOKENS_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", TOKENS_MAX));
    str secret = secret_token(cx->arena, 32);
    struct token_made made = { .name = in->name,
                               .permissions = perms_write(cx->arena, perms),
                               .expires_at = in->expires_at,
                               .created_at = cx->now,
                               .token =
                                   arena_fmt(cx->arena, TOKEN_PREFIX "%.*s", STR_ARG(secret)) };
    made.hint = str_head(made.token, sizeof TOKEN_PREFIX - 1 + 4);
    TRY(sql_i64(cx, token_insert, &made.id.v, ID(cx->actor.staff), V(made.name),
                V(token_digest(cx->arena, made.token)), V(made.hint),
                V(words_of(cx->arena, &made.permissions)), V(made.expires_at), V(cx->now)));
    audit_entity(cx, "token", made.id.v);
    return reply_created(out, &token_made_schema, &made);
}

static enum err token_revoke_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct token_one *in = input;
    (void)out;
    audit_entity(cx, "token", in->id.v);
    return token_end(cx, cx->actor.staff, in->id);
}

static enum err staff_tokens_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct of_staff *in = input;
    TRY(managed(cx, in->staff_id));
    return tokens_reply(cx, in->staff_id, out);
}

static enum err staff_token_revoke_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct staff_token *in = input;
    (void)out;
    TRY(managed(cx, in->staff_id));
    audit_entity(cx, "token", in->id.v);
    return token_end(cx, in->staff_id, in->id);
}

static const struct route routes[] = {
    { GET, "/api/v1/me/sessions", own_sessions_run, .id = "session.list", .perm = PERM_SIGNED_IN,
      .mode = READ, .out = &session_row_schema, .listed = true,
      .doc = "One's own sessions, the last used first" },
    { DELETE, "/api/v1/me/sessions/{id}", own_session_end_run, .id = "session.end",
      .perm = PERM_SIGNED_IN, .mode = WRITE, .in = &session_one_schema,
      .doc = "End one of one's own sessions" },
    { DELETE, "/api/v1/me/sessions", own_sessions_end_run, .id = "session.end_others",
      .perm = PERM_SIGNED_IN, .mode = WRITE, .doc = "End all of one's own sessions but this" },
    { GET, "/api/v1/staff/{staff_id}/sessions", staff_sessions_run, .id = "staff_session.list",
      .perm = PERM_ORG_WRITE, .mode = READ, .in = &of_staff_schema, .out = &session_row_schema,
      .listed = true, .doc = "The sessions of a member" },
    { DELETE, "/api/v1/staff/{staff_id}/sessions/{id}", staff_session_end_run,
      .id = "staff_session.end", .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &staff_session_schema,
      .doc = "End a session of a member" },
    { DELETE, "/api/v1/staff/{staff_id}/sessions", staff_sessions_end_run,
      .id = "staff_session.end_all", .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &of_staff_schema,
      .doc = "End all sessions of a member" },
    { GET, "/api/v1/tokens", token_list_run, .id = "token.list", .perm = PERM_TOKEN_WRITE,
      .mode = READ, .out = &token_schema, .listed = true, .doc = "One's own access tokens" },
    { POST, "/api/v1/tokens", token_create_run, .id = "token.create", .perm = PERM_TOKEN_WRITE,
      .mode = WRITE, .in = &token_create_schema, .out = &token_made_schema,
      .doc = "Make an access token; it is said in this reply alone" },
    { DELETE, "/api/v1/tokens/{id}", token_revoke_run, .id = "token.revoke",
      .perm = PERM_TOKEN_WRITE, .mode = WRITE, .in = &token_one_schema,
      .doc = "Revoke one of one's own access tokens" },
    { GET, "/api/v1/staff/{staff_id}/tokens", staff_tokens_run, .id = "staff_token.list",
      .perm = PERM_ORG_WRITE, .mode = READ, .in = &of_staff_schema, .out = &token_schema,
      .listed = true, .doc = "The access tokens of a member" },
    { DELETE, "/api/v1/staff/{staff_id}/tokens/{id}", staff_token_revoke_run,
      .id = "staff_token.revoke", .perm = PERM_ORG_WRITE, .mode = WRITE, .in = &staff_token_schema,
      .doc = "Revoke an access token of a member" },
};

const struct module token_module = { .name = "token",
                                     .routes = routes,
                                     .route_count = COUNT(routes) };
