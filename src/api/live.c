#include "api/live.h"

#include <pthread.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "core/app.h"
#include "domain/org/session.h"

#define BATCH        200
#define POLL_MS      500 /* other nodes write too (PostgreSQL) */
#define PATIENCE     2   /* heartbeats after which somebody who reads nothing is cut off */
#define BLOCKED_MS   50  /* until somebody who reads slowly is looked at again */
#define STOP_WAIT_MS 1000

struct watcher {
    struct watcher *next;
    struct http_exchange *x;
    struct event_filter filter;
    struct actor actor;
    enum lang lang;
    str session, bearer; /* how they signed in; neither: the machine's owner */
    i64 after;           /* they have what is up to here */
    i64 said_ms, checked_ms, took_ms, ending_ms;
    size_t waiting;  /* when last looked at */
    i64 sent, taken; /* bytes; who takes some, however much has come since, is reading */
    bool ending, gone;
};

/* Facts read once for all who stand at the same place; the memory is that of one window. */
struct window {
    struct arena arena;
    struct event events[BATCH];
    str texts[BATCH]; /* made when somebody is to have it */
    i64 from, upto;   /* from NONE: nothing is read */
    size_t count;
};

struct live {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrival;
    struct watcher *arrived; /* guarded by lock */
    bool stop;               /* guarded by lock */
    struct watcher *watchers;
    struct window window;
    _Atomic int count;
};

enum end { END_TOO_SLOW, END_SIGNED_OUT, END_STOPPING };
static const struct ending {
    const char *code, *zh, *en;
} endings[] = {
    [END_TOO_SLOW] = { "too_slow", "读取过慢，连接已断开",
                       "The client does not read; it is cut off" },
    [END_SIGNED_OUT] = { "signed_out", "登录已失效或权限已变更，请重新登录",
                         "Signed out, or no longer allowed; sign in again" },
    [END_STOPPING] = { "stopping", "系统正在停止，稍后自动重连",
                       "The system is stopping; come back shortly" },
};

static i64 now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

static void look(struct watcher *w)
{
    w->waiting = http_stream_waiting(w->x);
    i64 taken = w->sent - (i64)w->waiting;
    if (taken > w->taken || !w->waiting)
        w->took_ms = now_ms();
    w->taken = taken;
}

static void say(struct watcher *w, str text)
{
    w->gone = w->gone || !http_stream_send(w->x, text);
    w->sent += (i64)text.len;
    look(w);
    w->said_ms = now_ms();
}

static void say_end(struct arena *a, struct watcher *w, enum end end)
{
    struct strbuf text;
    strbuf_init(&text, a, 4096);
    out_z(&text, "event: end\ndata: ");
    struct json_writer j = json_writer(&text);
    json_open(&j, NULL);
    json_put(&j, "code", str_of(endings[end].code));
    json_put(&j, "title", str_of(w->lang == LANG_ZH ? endings[end].zh : endings[end].en));
    json_close(&j);
    out_z(&text, "\n\n");
    say(w, strbuf_str(&text));
    w->ending = true;
    w->ending_ms = now_ms();
}

/* Still who they were, and allowed? Their scope may be another. */
static enum err check_rights(struct ctx *cx, struct watcher *w)
{
    struct session session;
    struct ctx asker = *cx;
    asker.actor = w->actor;
    w->checked_ms = now_ms();
    if (!w->session.len && !w->bearer.len)
        return OK;
    db_view_set(cx->db, (struct db_view) { 0 });
    enum err e = w->bearer.len ? token_find(&asker, w->bearer, &session, &asker.actor)
                               : session_find(&asker, w->session, &session, &asker.actor);
    if (e == OK)
        e = need(&asker, PERM_EVENT_READ);
    if (e == OK) {
        w->actor.perms = asker.actor.perms;
        w->actor.view = asker.actor.view;
    }
    if (e == ERR_NOT_SIGNED_IN || e == ERR_BAD_TOKEN || e == ERR_FORBIDDEN) {
        say_end(cx->arena, w, END_SIGNED_OUT);
        return OK;
    }
    return e;
}

static enum err open_window(struct ctx *cx, struct window *win, i64 from)
{
    if (win->from == from)
        return OK;
    struct arena *outer = cx->arena;
    win->from = NONE;
    arena_reset(&win->arena);
    cx->arena = &win->arena;
    enum err e = event_read(cx, from, BATCH, win->events, &win->count);
    cx->arena = outer;
    TRY(e);
    memset(win->texts, 0, sizeof win->texts);
    win->from = from;
    win->upto = win->count ? win->events[win->count - 1].seq : from;
    return OK;
}

static enum err give(struct ctx *cx, struct watcher *w, struct window *win, size_t i)
{
    const struct event *e = &win->events[i];
    customer_id root;
    str name;
    bool may;
    if (!event_wanted(&w->filter, e->type_name, e->source))
        return OK;
    cx->actor.view = w->actor.view;
    db_view_set(cx->db, w->actor.view);
    TRY(event_see(cx, e->customer, &may, &root, &name));
    if (!may || (w->filter.customer.v && w->filter.customer.v != root.v))
        return OK;
    if (!win->texts[i].ptr) {
        struct strbuf text;
        strbuf_init(&text, &win->arena, 1 << 20);
        out_fmt(&text, "id: %lld\ndata: ", (long long)e->seq);
        out_event(&text, e, root, name);
        out_z(&text, "\n\n");
        win->texts[i] = strbuf_str(&text);
    }
    say(w, win->texts[i]);
    return OK;
}

static void leap(struct ctx *cx, struct watcher *w, i64 head)
{
    i64 to = head - LIVE_KEPT;
    str text = arena_fmt(cx->arena, "id: %lld\nevent: gap\ndata: {\"from\":%lld,\"to\":%lld}\n\n",
                         (long long)to, (long long)w->after + 1, (long long)to);
    say(w, text);
    w->after = to;
}

/* *ret_wait_ms is lowered when they are to be looked at again soon. */
static enum err give_facts(struct ctx *cx, struct watcher *w, struct window *win, i64 head,
                           i64 *ret_wait_ms)
{
    if (w->after >= head)
        return OK;
    if (head - w->after > LIVE_BEHIND && w->waiting < LIVE_ROOM)
        leap(cx, w, head);
    TRY(open_window(cx, win, w->after));
    for (size_t i = 0; i < win->count && !w->gone; i++) {
        if (w->waiting > LIVE_ROOM)
            look(w);
        if (w->waiting > LIVE_ROOM) { /* the rest when they have read */
            *ret_wait_ms = MIN(*ret_wait_ms, BLOCKED_MS);
            return OK;
        }
        TRY(give(cx, w, win, i));
        w->after = win->events[i].seq;
    }
    if (win->count == BATCH)
        *ret_wait_ms = 0;
    return OK;
}

/* True when the stream is over. */
static bool over(struct watcher *w, i64 patience_ms)
{
    if (w->gone || (w->ending && !w->waiting))
        http_stream_end(w->x);
    else if (w->ending && now_ms() - w->ending_ms > patience_ms) {
        log_info("live.dropped", P("ip", w->x->ip), P("waiting", (i64)w->waiting));
        http_stream_drop(w->x);
    } else
        return false;
    return true;
}

static enum err attend(struct live *live, struct ctx *cx, struct watcher *w, struct window *win,
                       i64 head, i64 *ret_wait_ms)
{
    i64 beat_ms = live->app->config.live_heartbeat_s * SECOND_MS, now = now_ms();
    look(w);
    if (w->ending) {
        *ret_wait_ms = MIN(*ret_wait_ms, BLOCKED_MS);
        return OK;
    }
    if (now - w->took_ms > PATIENCE * beat_ms) {
        log_info("live.too_slow", P("ip", w->x->ip), P("actor", w->actor.name));
        say_end(cx->arena, w, END_TOO_SLOW);
        return OK;
    }
    if (now - w->checked_ms >= beat_ms)
        TRY(check_rights(cx, w));
    if (w->ending)
        return OK;
    TRY(give_facts(cx, w, win, head, ret_wait_ms));
    if (now_ms() - w->said_ms >= beat_ms && !w->waiting)
        say(w, S(":\n\n"));
    return OK;
}

static enum err attend_all(struct live *live, struct ctx *cx, i64 *ret_wait_ms)
{
    struct window *win = &live->window;
    i64 head;
    win->from = NONE; /* what may be shown of them may have changed */
    TRY(event_last(cx, &head));
    for (struct watcher *w = live->watchers; w; w = w->next) {
        arena_reset(cx->arena);
        TRY(attend(live, cx, w, win, head, ret_wait_ms));
    }
    return OK;
}

static void sweep(struct live *live)
{
    i64 patience_ms = PATIENCE * live->app->config.live_heartbeat_s * SECOND_MS;
    for (struct watcher **at = &live->watchers; *at;) {
        struct watcher *w = *at, *next = w->next;
        if (over(w, patience_ms)) { /* its memory may be gone */
            *at = next;
            live->count--;
        } else {
            at = &w->next;
        }
    }
}

/* Everybody once. How long to wait until the next time, if nothing is written. */
static i64 turn(struct live *live)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(live->app, &arena, S("live"));
    i64 wait_ms = db_engine(live->app->db) == DB_PG ? POLL_MS : SECOND_MS;
    if (event_look(live->app) != OK ||
        db_read_begin(live->app->db, (struct db_view) { 0 }, &cx.db) != OK)
        return SECOND_MS;
    enum err e = attend_all(live, &cx, &wait_ms);
    db_read_end(cx.db);
    if (e != OK) { /* everybody stands where they stood */
        log_warn("live.failed", P("error", err_info(e)->name));
        wait_ms = SECOND_MS;
    }
    sweep(live);
    return wait_ms;
}

/* Waits until somebody is there. False: it is time to stop. */
static bool adopt(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    while (!live->stop && !live->watchers && !live->arrived)
        pthread_cond_wait(&live->arrival, &live->lock);
    while (live->arrived) {
        struct watcher *w = live->arrived;
        live->arrived = w->next;
        w->next = live->watchers;
        live->watchers = w;
    }
    bool go_on = !live->stop;
    pthread_mutex_unlock(&live->lock);
    return go_on;
}

static void end_all(struct live *live)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    for (struct watcher *w = live->watchers; w; w = w->next)
        if (!w->ending)
            say_end(&arena, w, END_STOPPING);
    for (i64 from = now_ms(); live->watchers && now_ms() - from < STOP_WAIT_MS; usleep(5000)) {
        for (struct watcher *w = live->watchers; w; w = w->next)
            look(w);
        sweep(live);
    }
    while (live->watchers) {
        struct watcher *w = live->watchers;
        live->watchers = w->next;
        http_stream_drop(w->x);
        live->count--;
    }
}

static void *run(void *arg)
{
    struct live *live = arg;
    while (adopt(live)) {
        uint64_t seen = live->app->commits;
        i64 wait_ms = turn(live);
        if (wait_ms && live->watchers)
            app_wait_commit(live->app, seen, wait_ms);
    }
    end_all(live);
    return NULL;
}

enum err live_new(struct app *app, struct live **ret)
{
    struct live *live = xcalloc(1, sizeof *live);
    live->app = app;
    pthread_mutex_init(&live->lock, NULL);
    pthread_cond_init(&live->arrival, NULL);
    if (pthread_create(&live->thread, NULL, run, live) != 0) {
        free(live);
        return ERR_INTERNAL;
    }
    *ret = live;
    return OK;
}

void live_stop(struct live *live)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    bool first = !live->stop;
    live->stop = true;
    pthread_cond_signal(&live->arrival);
    pthread_mutex_unlock(&live->lock);
    app_wake(live->app);
    if (first)
        pthread_join(live->thread, NULL);
}

void live_free(struct live *live)
{
    if (!live)
        return;
    live_stop(live);
    pthread_mutex_destroy(&live->lock);
    pthread_cond_destroy(&live->arrival);
    arena_done(&live->window.arena);
    free(live);
}

static str bearer_of(const struct http_exchange *x)
{
    str authorization = http_header(x, "authorization");
    return str_starts(authorization, S("Bearer ")) ? str_from(authorization, 7) : STR_NONE;
}

enum err live_enter(struct ctx *cx, const struct event_filter *f, i64 after, struct watcher **ret)
{
    struct live *live = cx->app->live;
    if (++live->count > LIVE_MAX) {
        live->count--;
        return fail(cx, ERR_BUSY, NULL);
    }
    struct watcher *w = NEW(cx->arena, struct watcher);
    i64 now = now_ms();
    *w = (struct watcher) { .x = cx->exchange,
                            .filter = *f,
                            .actor = cx->actor,
                            .lang = cx->lang,
                            .session = cx->session_token,
                            .bearer =
                                cx->actor.kind == ACTOR_TOKEN ? bearer_of(cx->exchange) : STR_NONE,
                            .after = after,
                            .said_ms = now,
                            .checked_ms = now,
                            .took_ms = now };
    *ret = w;
    return OK;
}

void live_begin(struct live *live, struct watcher *w, const struct http_header *headers,
                size_t header_count)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    http_stream_begin(w->x, headers, header_count);
    say(w, arena_fmt(&arena, "retry: 2000\nid: %lld\n\n", (long long)w->after));
    pthread_mutex_lock(&live->lock);
    bool late = live->stop;
    if (!late) {
        w->next = live->arrived;
        live->arrived = w;
        pthread_cond_signal(&live->arrival);
    }
    pthread_mutex_unlock(&live->lock);
    if (late) {
        say_end(&arena, w, END_STOPPING);
        http_stream_end(w->x);
        live->count--;
    } else {
        app_wake(live->app);
    }
}
