/* One call from its request to its answer. */
#include "api/internal.h"
#include "api/live.h"

#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "base/utf8.h"
#include "core/audit.h"
#include "domain/org/session.h"

#include "call.sql.h"

struct call {
    struct api *api;
    struct http_exchange *x;
    struct compiled *compiled;
    const struct route *route;
    struct ctx cx;
    struct reply reply;
    void *in;
    str path_values[PATH_PARAMS_MAX];
    str key; /* Idempotency-Key */
    str body_hash;
    bool replayed;          /* the answer of an earlier, equal request */
    struct session session; /* who it is, when by cookie */
    struct http_header headers[16];
    size_t header_count;
};

const double api_bucket_s[12] = { .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 5 };

struct api *api_of(struct ctx *cx)
{
    return ((struct call *)((char *)cx - offsetof(struct call, cx)))->api;
}

static void header(struct call *c, const char *name, str value)
{
    assert(c->header_count < COUNT(c->headers));
    c->headers[c->header_count++] = (struct http_header) { str_of(name), value };
}

static void count_reply(struct call *c, int status)
{
    struct compiled *r = c->compiled;
    if (!r) {
        c->api->unrouted[status / 100]++;
        return;
    }
    i64 took_us = clock_monotonic_us() - c->x->received_us;
    r->classes[status / 100]++;
    r->sum_us += took_us;
    for (size_t i = 0; i < COUNT(api_bucket_s); i++)
        if ((double)took_us <= api_bucket_s[i] * 1e6) {
            r->buckets[i]++;
            break;
        }
    r->exercised = true;
    log_debug("http.request", P("route", r->route->id), P("status", status), P("us", took_us),
              P("ip", c->cx.ip));
}

/* Test mode: a reply that its schema does not describe is a fault of ours, and loud. */
static enum err check_reply(struct call *c)
{
    const struct route *r = c->route;
    struct arena *a = c->cx.arena;
    struct json_error bad;
    str why = S("");
    if (r->raw_out || c->reply.media || c->reply.file.len)
        return OK;
    bool ok = r->out || c->reply.body.len == 0;
    if (!ok)
        why = S("a body where none is declared");
    if (r->out) {
        const struct json *j = json_read(a, strbuf_str(&c->reply.body), &bad);
        const struct json *items = r->listed ? json_get(j, "items") : NULL;
        ok = j && (!r->listed || (items && items->kind == JSON_ARRAY && json_get(j, "next")));
        why = j ? S("not a list") : str_of(bad.reason);
        if (ok && r->listed)
            for (const struct json *m = items->first; m && ok; m = m->next)
                ok = schema_matches(a, r->out, m, &why);
        else if (ok)
            ok = schema_matches(a, r->out, j, &why);
    }
    if (ok)
        return OK;
    log_error("api.reply", P("route", r->id), P("reason", why),
              P("body", str_head(strbuf_str(&c->reply.body), 500)));
    c->cx.failure =
        (struct failure) { .code = ERR_INTERNAL,
                           .hint = arena_fmt(a, "the reply does not match its schema: %.*s",
                                             STR_ARG(why)) };
    return ERR_INTERNAL;
}

/* SDKs in pages of other origins may write facts, with their key and nothing else. */
static void allow_origins(struct call *c)
{
    if (str_starts(c->x->path, S("/v1/")))
        header(c, "access-control-allow-origin", S("*"));
}

static void send_problem(struct call *c, enum err e)
{
    struct strbuf body;
    strbuf_init(&body, c->cx.arena, 1 << 20);
    out_problem(&body, &c->cx, e);
    int status = err_info(e)->status;
    if (e == ERR_RETRY || e == ERR_FILE || e == ERR_CONFIG || e == ERR_DONE)
        status = e == ERR_RETRY ? 503 : 500;
    c->header_count = 0;
    header(c, "content-type", S("application/problem+json; charset=utf-8"));
    allow_origins(c);
    header(c, "cache-control", S("no-store"));
    if (e == ERR_NOT_SIGNED_IN && str_starts(c->x->path, S("/v1/")))
        header(c, "www-authenticate", S("Basic realm=\"write key\""));
    i64 wait_s = c->reply.retry_after_s ? c->reply.retry_after_s : status == 503 ? 1 : 0;
    if (wait_s)
        header(c, "retry-after", arena_fmt(c->cx.arena, "%lld", (long long)wait_s));
    if (status >= 500)
        log_error("http.problem", P("path", c->x->path), P("code", err_info(e)->name),
                  P("request", c->cx.request_id));
    count_reply(c, status);
    http_answer(c->x, &(struct http_answer) { .status = status,
                                              .headers = c->headers,
                                              .header_count = c->header_count,
                                              .body = strbuf_str(&body) });
}

static str cookie_text(struct call *c, const struct cookie *k)
{
    struct strbuf text;
    strbuf_init(&text, c->cx.arena, 4096);
    out_fmt(&text, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s", k->name, STR_ARG(k->value),
            c->x->tls ? "; Secure" : "");
    if (k->max_age_s || !k->value.len)
        out_fmt(&text, "; Max-Age=%lld", (long long)(k->value.len ? k->max_age_s : 0));
    return strbuf_str(&text);
}

static void send_reply(struct call *c)
{
    struct reply *r = &c->reply;
    struct arena *a = c->cx.arena;
    if (r->body.overflow) {
        send_problem(c, fail(&c->cx, ERR_INTERNAL, NULL));
        return;
    }
    if (c->api->app->config.test_mode && !c->replayed && check_reply(c) != OK) {
        send_problem(c, ERR_INTERNAL);
        return;
    }
    str body = strbuf_str(&r->body);
    bool any = body.len || r->file.len;
    int status = r->status ? r->status : any ? 200 : 204;
    if (any)
        header(c, "content-type", str_of(r->media ? r->media : "application/json; charset=utf-8"));
    header(c, "cache-control", S("no-store"));
    header(c, "x-request-id", c->cx.request_id);
    allow_origins(c);
    header(c, "x-content-type-options", S("nosniff"));
    if (r->version)
        header(c, "etag", arena_fmt(a, "\"%lld\"", (long long)r->version));
    for (size_t i = 0; i < r->cookie_count; i++)
        header(c, "set-cookie", cookie_text(c, &r->cookies[i]));
    if (c->replayed)
        header(c, "idempotency-replayed", S("true"));
    if (r->file_name.len) {
        struct strbuf name;
        strbuf_init(&name, a, 4096);
        out(&name, S("attachment; filename*=UTF-8''"));
        out_url(&name, r->file_name);
        header(c, "content-disposition", strbuf_str(&name));
    }
    count_reply(c, status);
    http_answer(c->x, &(struct http_answer) { .status = status,
                                              .headers = c->headers,
                                              .header_count = c->header_count,
                                              .body = body,
                                              .file = r->file.len ? arena_z(a, r->file) : NULL,
                                              .file_remove = r->file_remove });
}

/* The stream is written by a thread of its own, to which the call belongs from now on. */
static void send_stream(struct call *c)
{
    header(c, "content-type", str_of(c->reply.media));
    header(c, "cache-control", S("no-store"));
    header(c, "x-request-id", c->cx.request_id);
    header(c, "x-accel-buffering", S("no")); /* a proxy passes on what comes at once */
    count_reply(c, 200);
    live_begin(c->cx.app->live, c->cx.prepared, c->headers, c->header_count);
}

/* From the thread that committed. */
static void on_durable(void *arg, enum err outcome)
{
    struct call *c = arg;
    if (outcome == OK)
        send_reply(c);
    else
        send_problem(c, outcome);
}

static enum err read_query(struct call *c)
{
    str rest = c->x->query;
    while (rest.len) {
        str pair = str_cut(&rest, '&');
        if (!pair.len)
            continue;
        str name = url_decode(c->cx.arena, str_cut(&pair, '='), true);
        str value = url_decode(c->cx.arena, pair, true);
        size_t bad;
        if (!utf8_valid(name, &bad) || !utf8_valid(value, &bad))
            return fail(&c->cx, ERR_BAD_REQUEST, NULL, P("reason", "the address is not UTF-8"));
        if (!c->in)
            return fail_with(&c->cx, ERR_UNKNOWN_FIELD, name, BARE_PROPS(P("name", name)));
        TRY(schema_read_text(&c->cx, c->route->in, name, value, c->in));
    }
    return OK;
}

static enum err read_body(struct call *c)
{
    struct json_error bad;
    str media = http_header(c->x, "content-type");
    if (c->route->raw_in) {
        c->cx.body = c->x->body;
        return OK;
    }
    if (!c->in)
        return OK;
    if (!c->x->body.len)
        return OK; /* required fields will say so */
    if (media.len && !str_starts(media, S("application/json")))
        return fail(&c->cx, ERR_BAD_MEDIA_TYPE, NULL, P("expected", "application/json"));
    const struct json *j = json_read(c->cx.arena, c->x->body, &bad);
    if (!j)
        return fail(&c->cx, ERR_BAD_JSON, NULL, P("line", (i64)bad.line),
                    P("column", (i64)bad.column),
                    P("reason", c->cx.lang == LANG_ZH ? bad.reason_zh : bad.reason));
    if (j->kind != JSON_OBJECT)
        return fail(&c->cx, ERR_WRONG_TYPE, NULL,
                    P("expected", c->cx.lang == LANG_ZH ? "对象" : "an object"));
    for (const struct json *m = j->first; m; m = m->next)
        for (int i = 0; i < c->compiled->count; i++)
            if (c->compiled->param[i] && str_eq(c->compiled->segments[i], m->key))
                return fail_with(&c->cx, ERR_UNKNOWN_FIELD, m->key, BARE_PROPS(P("name", m->key)));
    return schema_read_members(&c->cx, c->route->in, j, c->in);
}

static enum err read_input(struct call *c)
{
    const struct route *r = c->route;
    if (r->in) {
        c->in = arena_alloc(c->cx.arena, r->in->size);
        schema_clear(r->in, c->in);
    }
    if (r->method == GET || r->method == DELETE || r->raw_in)
        TRY(read_query(c));
    else if (c->x->query.len)
        return fail(&c->cx, ERR_BAD_REQUEST, NULL, P("reason", "values go into the body"));
    if (r->method != GET && r->method != DELETE)
        TRY(read_body(c));
    for (int i = 0, at = 0; i < c->compiled->count; i++)
        if (c->compiled->param[i]) {
            enum err e = schema_read_text(&c->cx, r->in, c->compiled->segments[i],
                                          c->path_values[at++], c->in);
            if (e != OK) { /* /customers/abc: there is no such customer */
                fail_clear(&c->cx);
                return fail(&c->cx, ERR_NOT_FOUND, NULL);
            }
        }
    return r->in ? schema_required(&c->cx, r->in, c->in) : OK;
}

/* Keys of different people do not meet. */
static str key_owner(struct ctx *cx)
{
    const struct actor *a = &cx->actor;
    return arena_fmt(cx->arena, "%d:%lld", (int)a->kind,
                     (long long)(a->staff.v ? a->staff.v : a->credential));
}

/* An earlier request with this key: its answer again, or an error. Else the key is taken. */
static enum err claim_key(struct call *c)
{
    struct ctx *cx = &c->cx;
    i64 changed;
    str actor = key_owner(cx);
    TRY(sql_changed(cx, idempotency_claim, &changed, V(actor), V(c->key), V(c->body_hash),
                    V(cx->now)));
    if (changed)
        return OK;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, idempotency_get, &r, V(actor), V(c->key)));
    if (!rows_next(&r)) {
        TRY(rows_end(&r));
        return ERR_RETRY;
    }
    bool same = str_eq(col_str(&r, 0), c->body_hash);
    int status = (int)col_i64(&r, 1);
    str sealed = arena_str(cx->arena, col_str(&r, 2)), body = S("");
    TRY(rows_end(&r));
    if (!same)
        return fail(cx, ERR_KEY_REUSED, NULL);
    if (sealed.len)
        TRY(secret_open(cx->app->secrets, cx->arena, sealed, &body));
    c->replayed = true;
    c->reply.status = status;
    out(&c->reply.body, body);
    return OK;
}

static enum err keep_answer(struct call *c)
{
    struct ctx *cx = &c->cx;
    str actor = key_owner(cx);
    str body = strbuf_str(&c->reply.body);
    int status = c->reply.status ? c->reply.status : body.len ? 200 : 204;
    return sql_exec(cx, idempotency_keep, V(actor), V(c->key), V(status),
                    body.len ? val_blob(secret_seal(cx->app->secrets, cx->arena, body))
                             : val_null());
}

static enum err write_audit(struct call *c)
{
    struct ctx *cx = &c->cx;
    struct audit_note *n = &cx->audit;
    if (n->skip)
        return OK;
    if (!n->after.ptr && c->in) {
        struct strbuf text;
        strbuf_init(&text, cx->arena, 4 << 20);
        struct json_writer w = json_writer(&text);
        schema_write_public(&w, NULL, c->route->in, c->in, true);
        n->after = strbuf_str(&text);
    }
    return audit_append(cx, &(struct audit_new) { .action = str_of(c->route->id),
                                                  .entity = n->entity,
                                                  .entity_id = n->id,
                                                  .customer = n->customer,
                                                  .before = n->before,
                                                  .after = n->after });
}

static enum err run_write(struct call *c)
{
    struct ctx *cx = &c->cx;
    if (c->key.len) {
        TRY(claim_key(c));
        if (c->replayed)
            return OK;
    }
    TRY(c->route->run(cx, c->in, &c->reply));
    if (c->route->mode == WRITE)
        TRY(write_audit(c));
    return c->key.len ? keep_answer(c) : OK;
}

/* Answers, or leaves the answer to on_durable(). */
static void do_write(struct call *c)
{
    struct ctx *cx = &c->cx;
    for (int attempt = 0;; attempt++) {
        enum err e = app_disk_check(cx->app);
        if (e == OK)
            e = db_write_begin(cx->app->db, cx->actor.view, &cx->db);
        if (e == OK)
            e = db_write_end(cx->db, run_write(c), on_durable, c);
        if (e == OK)
            return; /* the call may be gone already */
        if (e != ERR_RETRY || attempt == 12) {
            send_problem(c, e);
            return;
        }
        fail_clear(cx);
        cx->audit = (struct audit_note) { 0 };
        reply_init(&c->reply, cx->arena);
        usleep((useconds_t)(rnd_below(&cx->rnd, 2000) << MIN(attempt, 6)));
    }
}

static str basic_user(struct arena *a, str authorization)
{
    str pair;
    if (!str_starts(authorization, S("Basic ")) ||
        !base64_read(a, str_from(authorization, 6), &pair))
        return STR_NONE;
    return str_cut(&pair, ':');
}

static enum err authenticate(struct call *c)
{
    struct ctx *cx = &c->cx;
    const struct route *r = c->route;
    str bearer = http_header(c->x, "authorization");
    str cookie = cookie_find(cx->cookies, S(SESSION_COOKIE));
    if (c->x->local && r->perm != PERM_SOURCE) {
        cx->actor = (struct actor) { .kind = ACTOR_SYSTEM, .name = S("local"), .perms = PERM_ALL };
        return OK;
    }
    if (r->perm == PERM_PUBLIC)
        return OK;
    if (r->perm ==
        PERM_SOURCE) { /* the handler knows its sources; browsers send the key in the body */
        cx->write_key = basic_user(cx->arena, bearer);
        return OK;
    }
    if (str_starts(bearer, S("Bearer ")))
        TRY(token_find(cx, str_from(bearer, 7), &c->session, &cx->actor));
    else if (cookie.len) {
        TRY(session_find(cx, cookie, &c->session, &cx->actor));
        cx->session_token = cookie;
        cx->password_change = c->session.password_change;
    } else
        return fail(cx, ERR_NOT_SIGNED_IN, NULL);
    if (cookie.len && cx->actor.kind == ACTOR_STAFF && r->method != GET && !r->no_csrf &&
        !secret_equal(session_csrf(cx, cookie), http_header(c->x, "x-csrf-token")))
        return fail(cx, ERR_BAD_CSRF, NULL);
    if (c->session.password_change && !r->while_first_password)
        return fail(cx, ERR_PASSWORD_CHANGE, NULL);
    return r->perm == PERM_SIGNED_IN ? OK : need(cx, r->perm);
}

static enum err ready(struct call *c)
{
    TRY(authenticate(c));
    TRY(read_input(c));
    return c->route->prepare ? c->route->prepare(&c->cx, c->in) : OK;
}

/* In one snapshot: who it is and, for READ routes, what it reads. Who need not be somebody needs no
 * snapshot. `here`: on a network thread, where the reads that arrive together share one. */
static enum err do_read(struct call *c, bool here)
{
    struct ctx *cx = &c->cx;
    bool anybody = c->route->perm == PERM_PUBLIC || c->route->perm == PERM_SOURCE;
    if (anybody && c->route->mode != READ)
        return ready(c);
    struct db *db = cx->app->db;
    TRY((here ? db_read_begin_kept : db_read_begin)(db, (struct db_view) { 0 }, &cx->db));
    enum err e = ready(c);
    if (e == OK && c->route->mode == READ) {
        db_view_set(cx->db, cx->actor.view);
        e = c->route->run(cx, c->in, &c->reply);
    }
    db_read_end(cx->db);
    cx->db = NULL;
    return e;
}

static enum err prepare(struct call *c)
{
    struct ctx *cx = &c->cx;
    bool other;
    str method = str_is(c->x->method, "HEAD") ? S("GET") : c->x->method;
    c->compiled = api_match(c->api, method, c->x->path, cx->arena, c->path_values, &other);
    if (!c->compiled)
        return fail(cx, other ? ERR_BAD_METHOD : ERR_NO_ROUTE, NULL);
    c->route = c->compiled->route;
    str match = http_header(c->x, "if-match");
    if (match.len > 2 && match.ptr[0] == '"' &&
        !str_to_i64((str) { match.ptr + 1, match.len - 2 }, &cx->if_match))
        return fail(cx, ERR_BAD_REQUEST, NULL, P("reason", "If-Match is no version of ours"));
    c->key = http_header(c->x, "idempotency-key");
    if (c->route->mode != WRITE && c->route->mode != WRITE_QUIET)
        c->key = STR_NONE;
    if (c->key.len > 200)
        return fail(cx, ERR_BAD_REQUEST, NULL, P("reason", "Idempotency-Key is longer than 200"));
    if (c->key.len) {
        uint8_t digest[SHA256_LEN];
        struct strbuf text;
        sha256(arena_fmt(cx->arena, "%.*s %.*s\n%.*s", STR_ARG(c->x->method), STR_ARG(c->x->path),
                         STR_ARG(c->x->body)),
               digest);
        strbuf_init(&text, cx->arena, 2 * SHA256_LEN);
        out_hex(&text, digest, SHA256_LEN);
        c->body_hash = strbuf_str(&text);
    }
    return OK;
}

static str client_ip(struct call *c)
{
    const char *proxy = c->api->app->config.trusted_proxy;
    str forwarded = http_header(c->x, "x-forwarded-for");
    if (proxy[0] && forwarded.len && str_is(c->x->ip, proxy)) {
        size_t comma = forwarded.len; /* the last one is what the trusted proxy saw */
        while (comma && forwarded.ptr[comma - 1] != ',')
            comma--;
        return str_trim(str_from(forwarded, comma));
    }
    return c->x->ip;
}

static enum lang language(str accept)
{
    return str_starts(accept, S("en")) ? LANG_EN : LANG_ZH;
}

/* What a browser asks before it lets a page write facts. */
static bool answer_preflight(struct http_exchange *x)
{
    static const struct http_header headers[] = { { S("access-control-allow-origin"), S("*") },
                                                  { S("access-control-allow-methods"), S("POST") },
                                                  { S("access-control-allow-headers"),
                                                    S("authorization, content-type") },
                                                  { S("access-control-max-age"), S("86400") } };
    if (!str_is(x->method, "OPTIONS") || !str_starts(x->path, S("/v1/")))
        return false;
    http_answer(x, &(struct http_answer) {
                       .status = 204, .headers = headers, .header_count = COUNT(headers) });
    return true;
}

static str request_id(struct api *api, struct arena *a, uint64_t n)
{
    return arena_fmt(a, "%08x-%llx", api->boot, (unsigned long long)n);
}

str api_refuse(void *arg, struct arena *a, int status, str reason, str language_wanted)
{
    struct api *api = arg;
    struct ctx cx = { .app = api->app, .arena = a, .lang = language(language_wanted) };
    cx.request_id = request_id(api, a, ++api->requests);
    api->unrouted[status / 100]++;
    enum err e = status == 503   ? fail(&cx, ERR_BUSY, NULL)
                 : status == 413 ? fail(&cx, ERR_BODY_TOO_LARGE, NULL,
                                        P("max", api->app->config.body_max_kb * 1024))
                                 : fail(&cx, ERR_BAD_REQUEST, NULL, P("reason", reason));
    struct strbuf body;
    strbuf_init(&body, a, 1 << 16);
    out_problem(&body, &cx, e);
    return strbuf_str(&body);
}

/* The call is gone after this, or belongs to whoever answers it. */
static void finish(struct call *c, enum err e)
{
    struct ctx *cx = &c->cx;
    if (e == OK && c->session.stale)
        session_touch(cx, &c->session);
    if (e == OK && c->route->mode == BARE)
        e = c->route->run(cx, c->in, &c->reply);
    if (e != OK)
        send_problem(c, e);
    else if (c->route->mode == WRITE || c->route->mode == WRITE_QUIET)
        do_write(c);
    else if (c->reply.stream)
        send_stream(c);
    else
        send_reply(c);
}

/* False: it would have to wait, and here it must not; nothing was answered. */
static bool handle(struct api *api, struct http_exchange *x, bool here)
{
    struct call *c = NEW(&x->arena, struct call);
    c->api = api;
    c->x = x;
    struct ctx *cx = &c->cx;
    *cx = (struct ctx) { .app = api->app,
                         .arena = &x->arena,
                         .now = app_now(api->app),
                         .lang = language(http_header(x, "accept-language")),
                         .exchange = x };
    uint64_t n = ++api->requests;
    cx->request_id = request_id(api, cx->arena, n);
    cx->ip = client_ip(c);
    cx->agent = http_header(x, "user-agent");
    cx->cookies = http_header(x, "cookie");
    rnd_seed(&cx->rnd, n ^ (uint64_t)cx->now.ms);
    log_request(cx->request_id);
    reply_init(&c->reply, cx->arena);
    enum err e = prepare(c);
    if (e == OK)
        e = do_read(c, here);
    bool leave = here && e == OK && c->session.stale;
    if (!leave)
        finish(c, e);
    log_request(STR_NONE);
    return !leave;
}

void api_handle(void *arg, struct http_exchange *x)
{
    if (!answer_preflight(x))
        handle(arg, x, false);
}

bool api_fast(void *arg, struct http_exchange *x)
{
    struct api *api = arg;
    str values[PATH_PARAMS_MAX];
    bool other;
    if (!str_is(x->method, "GET") && !str_is(x->method, "HEAD"))
        return false;
    if (!str_starts(x->path, S("/api/")))
        return asset_answer(x);
    if (db_engine(api->app->db) != DB_SQLITE)
        return false;
    const struct compiled *c = api_match(api, S("GET"), x->path, &x->arena, values, &other);
    return c && c->route->quick && handle(api, x, true);
}

void api_rest(void *arg)
{
    db_read_rest(((struct api *)arg)->app->db);
}
