#include "domain/org/session.h"

#include "base/utf8.h"
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

uint64_t token_perms(str keys)
{
    uint64_t perms = 0;
    while (keys.len) {
        enum perm p;
        if (perm_find(str_cut(&keys, ' '), &p))
            perms |= PERM_BIT(p);
    }
    return perms;
}

/* A session or token as the database has it. What its times mean depends on when it is asked. */
struct known {
    uint64_t snapshot; /* 0: none is here */
    struct session session;
    struct actor actor; /* its name is name[] */
    i64 seen, ends;
    bool active;
    size_t token_len, name_len;
    char token[64], name[256];
};

/* Of each thread, by token: who asks again while nothing was committed is not looked up again. */
static _Thread_local struct known lately[64];

static bool copied(str from, char *to, size_t room, size_t *ret_len)
{
    if (from.len > room)
        return false;
    memcpy(to, from.ptr, from.len);
    *ret_len = from.len;
    return true;
}

/* ERR_DONE: there is none. */
static enum err known_read(struct ctx *cx, str token, bool api, struct known *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    str digest = token_digest(cx->arena, token);
    *ret = (struct known) { 0 };
    if (api)
        TRY(sql_query(cx, token_by_hash, &r, V(digest)));
    else
        TRY(sql_query(cx, session_by_token, &r, V(digest)));
    if (!rows_next(&r)) {
        TRY(rows_end(&r));
        return ERR_DONE;
    }
    staff_id staff = { col_id(&r, 1) };
    uint64_t perms = (uint64_t)col_i64(&r, 6);
    ret->session = (struct session) { .id = col_id(&r, 0), .staff = staff, .token = api };
    ret->actor = (struct actor) { .kind = api ? ACTOR_TOKEN : ACTOR_STAFF,
                                  .staff = staff,
                                  .credential = ret->session.id,
                                  .name = arena_str(cx->arena, col_str(&r, 4)),
                                  .view = { (int)col_i64(&r, 7), staff.v } };
    ret->seen = col_id(&r, 2);
    ret->ends = col_null(&r, 3) ? INT64_MAX : col_id(&r, 3);
    ret->active = str_is(col_str(&r, 5), "active");
    if (api) {
        perms &= token_perms(col_str(&r, 8));
    } else {
        ret->session.opened.ms = col_id(&r, 8);
        ret->session.password_change = col_bool(&r, 9);
    }
    ret->actor.perms = perms | PERM_BIT(PERM_SIGNED_IN);
    TRY(rows_end(&r));
    if (copied(token, ret->token, sizeof ret->token, &ret->token_len) &&
        copied(ret->actor.name, ret->name, sizeof ret->name, &ret->name_len))
        ret->snapshot = db_snapshot(cx->db);
    return OK;
}

static enum err who_asks(struct ctx *cx, str token, bool api, struct session *ret,
                         struct actor *ret_actor)
{
    struct known *k = &lately[str_hash(token) % COUNT(lately)];
    if (k->snapshot && k->snapshot == db_snapshot(cx->db) && k->session.token == api &&
        secret_equal((str) { k->token, k->token_len }, token))
        k->actor.name = arena_str(cx->arena, (str) { k->name, k->name_len });
    else
        TRY(known_read(cx, token, api, k));
    bool opened = api || k->session.opened.ms > session_opened_after(cx).ms;
    if (!k->active || k->ends <= cx->now.ms || !opened)
        return ERR_DONE;
    *ret = k->session;
    ret->stale = cx->now.ms - k->seen > TOUCH_MS;
    *ret_actor = k->actor;
    return OK;
}

enum err session_find(struct ctx *cx, str token, struct session *ret, struct actor *ret_actor)
{
    enum err e = who_asks(cx, token, false, ret, ret_actor);
    return e == ERR_DONE ? fail(cx, ERR_NOT_SIGNED_IN, NULL) : e;
}

enum err token_find(struct ctx *cx, str token, struct session *ret, struct actor *ret_actor)
{
    enum err e = who_asks(cx, token, true, ret, ret_actor);
    return e == ERR_DONE ? fail(cx, ERR_BAD_TOKEN, NULL) : e;
}

str session_csrf(struct ctx *cx, str token)
{
    return secret_index(cx->app->secrets, cx->arena, S("csrf"), token);
}

instant session_opened_after(const struct ctx *cx)
{
    return (instant) { cx->now.ms - cx->app->config.session_days * DAY_MS };
}

static instant session_end(const struct ctx *cx, instant opened)
{
    i64 unused = cx->now.ms + cx->app->config.session_hours * HOUR_MS,
        used = opened.ms + cx->app->config.session_days * DAY_MS;
    return (instant) { MIN(unused, used) };
}

static enum err touch(struct ctx *cx, void *arg)
{
    const struct session *s = arg;
    if (s->token)
        return sql_exec(cx, token_seen, V(s->id), V(cx->now));
    return sql_exec(cx, session_seen, V(s->id), V(cx->now), V(session_end(cx, s->opened)));
}

void session_touch(struct ctx *cx, const struct session *s)
{
    struct session copy = *s;
    if (in_write(cx, touch, &copy) != OK)
        fail_clear(cx);
}

enum err session_open(struct ctx *cx, staff_id staff, str *ret_token)
{
    str token = secret_token(cx->arena, 32);
    size_t bad;
    str agent = utf8_valid(cx->agent, &bad) ? utf8_head(cx->agent, 300) : STR_NONE;
    TRY(sql_exec(cx, session_insert, V(token_digest(cx->arena, token)), ID(staff), V(cx->ip),
                 V(agent), V(cx->now), V(session_end(cx, cx->now))));
    TRY(sql_exec(cx, session_delete_oldest, ID(staff), V(SESSIONS_MAX)));
    *ret_token = token;
    return OK;
}

enum err session_close(struct ctx *cx, str token)
{
    return sql_exec(cx, session_delete_token, V(token_digest(cx->arena, token)));
}

enum err session_end_all(struct ctx *cx, staff_id staff, session_id except)
{
    return sql_exec(cx, session_delete_all, ID(staff), V(except.v));
}

enum err token_end_all(struct ctx *cx, staff_id staff)
{
    return sql_exec(cx, token_delete_all, ID(staff));
}

static str browser_digest(struct ctx *cx)
{
    str cookie = cookie_find(cx->cookies, S(BROWSER_COOKIE));
    return cookie.len ? token_digest(cx->arena, cookie) : STR_NONE;
}

/* Asks the same of the database whether the name exists or not. */
enum err browser_find(struct ctx *cx, str login, i64 *ret)
{
    str digest = browser_digest(cx);
    *ret = 0;
    if (!digest.len)
        return OK;
    enum err e = sql_i64(cx, browser_by_token, ret, V(digest), V(login));
    return e == ERR_DONE ? OK : e;
}

/* A browser that several members use has one cookie; one that we never gave out is not taken up. */
enum err browser_remember(struct ctx *cx, staff_id staff, str *ret_cookie)
{
    str cookie = cookie_find(cx->cookies, S(BROWSER_COOKIE)), digest = browser_digest(cx);
    i64 known = 0;
    if (digest.len)
        TRY(sql_i64(cx, browser_known, &known, V(digest)));
    if (!known) {
        cookie = secret_token(cx->arena, 24);
        digest = token_digest(cx->arena, cookie);
    }
    TRY(sql_exec(cx, browser_put, ID(staff), V(digest), V(cx->now)));
    TRY(sql_exec(cx, browser_delete_oldest, ID(staff), V(BROWSERS_MAX)));
    *ret_cookie = cookie;
    return OK;
}

enum err browser_forget_all(struct ctx *cx, staff_id staff)
{
    return sql_exec(cx, browser_delete_all, ID(staff));
}

enum err session_clean(struct ctx *cx)
{
    TRY(sql_exec(cx, session_clean, V(cx->now), V(session_opened_after(cx))));
    return sql_exec(cx, browser_clean, V((instant) { cx->now.ms - BROWSER_DAYS * DAY_MS }));
}
