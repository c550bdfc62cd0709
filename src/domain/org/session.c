#include "domain/org/session.h"

#include "core/app.h"

#include "session.sql.h"

#define TOUCH_MS MINUTE_MS

str cookie_find(str cookies, str name)
{
    while (cookies.len) {
        str pair = str_trim(str_cut(&cookies, ';'));
        str key = str_cut(&pair, '=');
        if (str_eq(key, name))
            return pair;
    }
    return STR_NONE;
}

str token_digest(struct arena *a, str token)
{
    uint8_t digest[SHA256_LEN];
    struct strbuf text;
    sha256(token, digest);
    strbuf_init(&text, a, 2 * SHA256_LEN);
    out_hex(&text, digest, SHA256_LEN);
    return strbuf_str(&text);
}

enum err session_find(struct ctx *cx, str token, struct session *ret, struct actor *ret_actor)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, session_by_token, &r, V(token_digest(cx->arena, token))));
    bool good = rows_next(&r) && col_id(&r, 3) > cx->now.ms && str_is(col_str(&r, 5), "active");
    if (good) {
        *ret = (struct session) { .id = col_id(&r, 0),
                                  .staff = { col_id(&r, 1) },
                                  .password_change = col_bool(&r, 6),
                                  .stale = cx->now.ms - col_id(&r, 2) > TOUCH_MS };
        *ret_actor = (struct actor) { .kind = ACTOR_STAFF,
                                      .staff = ret->staff,
                                      .credential = ret->id,
                                      .name = arena_str(cx->arena, col_str(&r, 4)),
                                      .perms = (uint64_t)col_i64(&r, 7) | PERM_BIT(PERM_SIGNED_IN),
                                      .view = { (int)col_i64(&r, 8), ret->staff.v } };
    }
    TRY(rows_end(&r));
    return good ? OK : fail(cx, ERR_NOT_SIGNED_IN, NULL);
}

static uint64_t token_perms(str keys)
{
    uint64_t perms = 0;
    while (keys.len) {
        enum perm p;
        if (perm_find(str_cut(&keys, ' '), &p))
            perms |= PERM_BIT(p);
    }
    return perms;
}

enum err token_find(struct ctx *cx, str token, struct actor *ret_actor)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, token_by_hash, &r, V(token_digest(cx->arena, token))));
    bool good = rows_next(&r) && (col_null(&r, 2) || col_id(&r, 2) > cx->now.ms) &&
                str_is(col_str(&r, 5), "active");
    if (good)
        *ret_actor =
            (struct actor) { .kind = ACTOR_TOKEN,
                             .staff = { col_id(&r, 1) },
                             .credential = col_id(&r, 0),
                             .name = arena_str(cx->arena, col_str(&r, 4)),
                             .perms = ((uint64_t)col_i64(&r, 6) & token_perms(col_str(&r, 3))) |
                                      PERM_BIT(PERM_SIGNED_IN),
                             .view = { (int)col_i64(&r, 7), col_id(&r, 1) } };
    TRY(rows_end(&r));
    return good ? OK : fail(cx, ERR_BAD_TOKEN, NULL);
}

str session_csrf(struct ctx *cx, str token)
{
    return secret_index(cx->app->secrets, cx->arena, S("csrf"), token);
}

static enum err touch(struct ctx *cx, void *arg)
{
    const struct session *s = arg;
    instant end = { cx->now.ms + cx->app->config.session_hours * HOUR_MS };
    return sql_exec(cx, session_seen, V(s->id), V(cx->now), V(end));
}

void session_touch(struct ctx *cx, const struct session *s)
{
    struct session copy = *s;
    if (in_write(cx, touch, &copy) != OK)
        fail_clear(cx);
}

enum err session_open(struct ctx *cx, staff_id staff, str agent, str *ret_token)
{
    str token = secret_token(cx->arena, 32);
    instant end = { cx->now.ms + cx->app->config.session_hours * HOUR_MS };
    TRY(sql_exec(cx, session_insert, V(token_digest(cx->arena, token)), ID(staff), V(cx->ip),
                 V(str_head(agent, 300)), V(cx->now), V(end)));
    *ret_token = token;
    return OK;
}

enum err session_close(struct ctx *cx, str token)
{
    return sql_exec(cx, session_delete_token, V(token_digest(cx->arena, token)));
}
