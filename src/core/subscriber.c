/* Runs the subscribers: see event.h. */
#include "core/event.h"

#include "base/log.h"
#include "base/time.h"
#include "core/dedupe.h"
#include "core/job.h"
#include "core/timeline.h"

#include "event.sql.h"

#include <pthread.h>

#define BATCH 500
#define LAZY_SEQS \
    20000 /* a cursor that passed only facts it does not want is written this seldom … */
#define LAZY_MS  10000       /* … or this late */
#define RETRY_MS INT64_C(20) /* after the first failure twice this, then twice that … */
#define POLL_MS  500         /* other nodes write too (PostgreSQL) */

struct runner {
    const struct subscriber *sub;
    bool loaded, waiting, failing;
    i64 cursor; /* handled or not wanted up to here */
    i64 stored; /* what the database says */
    i64 stored_ms;
    int failures;
    i64 retry_ms; /* monotonic */
};

/* The facts behind a cursor. Subscribers that keep pace with each other share one reading. */
struct page {
    struct arena arena;
    struct event *events;
    size_t count;
    i64 after;
    bool read;
};

struct log_reader {
    struct app *app;
    struct page page;
    pthread_t thread;
    bool threaded;
    _Atomic bool stop;
    struct runner *runners;
    size_t count;
};

struct batch {
    struct runner *runner;
    struct event *events;
    size_t count;
    i64 upto;
    bool moved; /* another node has moved the cursor: look again where it stands */
};

static bool wants(const struct subscriber *s, str type)
{
    if (!s->types)
        return true;
    for (size_t i = 0; s->types[i]; i++)
        if (str_is(type, s->types[i]))
            return true;
    return false;
}

static enum err move_cursor(struct ctx *cx, struct batch *b)
{
    const struct runner *r = b->runner;
    i64 changed;
    TRY(sql_changed(cx, subscriber_move, &changed, V(r->sub->name), V(b->upto), V(r->stored)));
    b->moved = changed != 1;
    return b->moved ? ERR_CONFLICT : OK;
}

static enum err handle(struct ctx *cx, void *arg)
{
    struct batch *b = arg;
    b->moved = false;
    cx->now = app_now(cx->app);
    if (b->count)
        TRY(b->runner->sub->handle(cx, b->events, b->count));
    return move_cursor(cx, b);
}

static enum err set_aside(struct ctx *cx, void *arg)
{
    struct batch *b = arg;
    str payload = arena_fmt(cx->arena, "{\"subscriber\":\"%s\",\"seq\":%lld}", b->runner->sub->name,
                            (long long)b->upto);
    b->moved = false;
    TRY(job_add_dead(cx, &subscriber_retry_job, payload,
                     fail_text(cx, cx->failure.code ? cx->failure.code : ERR_INTERNAL)));
    return move_cursor(cx, b);
}

static void stored(struct runner *r, i64 upto)
{
    r->cursor = r->stored = upto;
    r->stored_ms = clock_monotonic_us() / 1000;
    r->failures = 0;
    r->failing = false;
}

static enum err first_load(struct ctx *cx, void *arg)
{
    struct runner *r = arg;
    enum err e = sql_i64(cx, subscriber_cursor, &r->stored, V(r->sub->name));
    if (e == ERR_DONE) {
        r->stored = 0;
        e = sql_exec(cx, subscriber_add, V(r->sub->name), V(0));
    }
    return e;
}

/* One fact by itself, after its batch failed: which one is it? */
static void one_by_one(struct ctx *cx, struct runner *r, struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct batch b = { r, &events[i], 1, events[i].seq, false };
        fail_clear(cx);
        enum err e = in_write(cx, handle, &b);
        if (e == OK) {
            stored(r, b.upto);
            continue;
        }
        if (b.moved) {
            r->loaded = false;
            return;
        }
        r->failing = true;
        r->failures++;
        log_error("subscriber.failed", P("subscriber", r->sub->name), P("seq", b.upto),
                  P("try", r->failures), P("error", err_info(e)->name));
        if (e != ERR_DISK_FULL && e != ERR_STORAGE && e != ERR_BUSY &&
            r->failures >= SUBSCRIBER_TRIES && in_write(cx, set_aside, &b) == OK) {
            stored(r, b.upto);
            continue;
        }
        r->retry_ms = clock_monotonic_us() / 1000 + (RETRY_MS << MIN(r->failures, 10));
        return;
    }
}

static enum err read_page(struct log_reader *log, i64 after)
{
    struct page *p = &log->page;
    if (p->read && p->after == after)
        return OK;
    arena_reset(&p->arena);
    struct ctx cx = system_ctx(log->app, &p->arena, S("log"));
    p->after = after;
    p->events = NEW_N(&p->arena, struct event, BATCH);
    TRY(event_look(log->app));
    TRY(db_read_begin(log->app->db, (struct db_view) { 0 }, &cx.db));
    enum err e = event_read(&cx, after, BATCH, p->events, &p->count);
    db_read_end(cx.db);
    p->read = e == OK;
    return e;
}

static enum err picked(struct ctx *cx, const struct subscriber *s, struct batch *b)
{
    size_t typed = b->count;
    bool *wanted = NEW_N(cx->arena, bool, BATCH);
    TRY(db_read_begin(cx->app->db, (struct db_view) { 0 }, &cx->db));
    enum err e = s->pick(cx, b->events, typed, wanted);
    db_read_end(cx->db);
    cx->db = NULL;
    b->count = 0;
    for (size_t i = 0; e == OK && i < typed; i++)
        if (wanted[i])
            b->events[b->count++] = b->events[i];
    return e;
}

/* Of the next facts those that it wants; *ret_count is how many there were. */
static enum err read_wanted(struct ctx *cx, struct log_reader *log, struct batch *b,
                            size_t *ret_count)
{
    const struct subscriber *s = b->runner->sub;
    const struct page *p = &log->page;
    TRY(read_page(log, b->runner->cursor));
    *ret_count = p->count;
    if (p->count)
        b->upto = p->events[p->count - 1].seq;
    for (size_t i = 0; i < p->count; i++)
        if (wants(s, p->events[i].type_name))
            b->events[b->count++] = p->events[i];
    return b->count && s->pick ? picked(cx, s, b) : OK;
}

/* True if there may be more. */
static bool advance(struct log_reader *log, struct runner *r, bool flush)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(log->app, &arena, str_of(r->sub->name));
    struct event *events = NEW_N(&arena, struct event, BATCH);
    size_t count = 0;
    if (r->failures && clock_monotonic_us() / 1000 < r->retry_ms)
        return false;
    if (!r->loaded) {
        if (in_write(&cx, first_load, r) != OK)
            return false;
        stored(r, r->stored);
        r->loaded = true;
    }
    struct batch b = { .runner = r, .events = events, .upto = r->cursor };
    if (read_wanted(&cx, log, &b, &count) != OK)
        return false;
    if (!count && !(flush && r->cursor > r->stored))
        return false;
    i64 upto = b.upto;
    size_t wanted = b.count;
    i64 now_ms = clock_monotonic_us() / 1000;
    if (!wanted && !flush && upto - r->stored < LAZY_SEQS && now_ms - r->stored_ms < LAZY_MS) {
        r->cursor = upto;
        return count == BATCH;
    }
    enum err e = in_write(&cx, handle, &b);
    if (e == OK) {
        stored(r, upto);
    } else if (b.moved) {
        r->loaded = false;
    } else {
        one_by_one(&cx, r, events, wanted);
        if (r->loaded && !r->failing && r->cursor < upto) { /* the rest was not wanted */
            b.count = 0;
            if (in_write(&cx, handle, &b) == OK)
                stored(r, upto);
        }
    }
    return count == BATCH && r->loaded && !r->failing;
}

static bool advance_all(struct log_reader *log, bool flush)
{
    bool more = timeline_advance(log->app);
    more |= dedupe_advance(log->app);
    log->page.read = false; /* a commit since, of which this thread was told, is seen */
    for (size_t i = 0; i < log->count && (flush || !log->stop); i++)
        more |= advance(log, &log->runners[i], flush);
    return more;
}

static void *run(void *arg)
{
    struct log_reader *log = arg;
    uint64_t seen = log->app->commits;
    while (!log->stop) {
        if (advance_all(log, false))
            continue;
        bool retrying = false;
        for (size_t i = 0; i < log->count; i++)
            retrying |= log->runners[i].failures > 0 || !log->runners[i].loaded;
        seen = app_wait_commit(log->app, seen,
                               retrying                           ? 100
                               : db_engine(log->app->db) == DB_PG ? POLL_MS
                                                                  : 60000);
    }
    advance_all(log, true); /* so that the next start need not pass the same facts again */
    return NULL;
}

static struct log_reader *reader_new(struct app *app)
{
    struct log_reader *log = xcalloc(1, sizeof *log);
    log->app = app;
    for (size_t i = 0; i < app->module_count; i++)
        log->count += app->modules[i]->subscriber_count;
    log->runners = xcalloc(log->count, sizeof *log->runners);
    for (size_t i = 0, at = 0; i < app->module_count; i++)
        for (size_t k = 0; k < app->modules[i]->subscriber_count; k++)
            log->runners[at++].sub = &app->modules[i]->subscribers[k];
    return log;
}

static void reader_free(struct log_reader *log)
{
    arena_done(&log->page.arena);
    free(log->runners);
    free(log);
}

enum err log_start(struct app *app)
{
    struct log_reader *log = reader_new(app);
    app->log = log;
    log->threaded = pthread_create(&log->thread, NULL, run, log) == 0;
    return log->threaded ? OK : ERR_INTERNAL;
}

void log_stop(struct app *app)
{
    if (!app->log)
        return;
    app->log->stop = true;
    app_wake(app);
    if (app->log->threaded)
        pthread_join(app->log->thread, NULL);
    reader_free(app->log);
    app->log = NULL;
}

enum err log_drain(struct app *app)
{
    struct log_reader *log = reader_new(app);
    bool failing = false;
    i64 last = -1, before;
    enum err e;
    do { /* as often as subscribers themselves wrote facts */
        before = last;
        e = event_settle(app, &last);
        while (advance_all(log, true))
            ;
    } while (e == OK && last != before);
    for (size_t i = 0; i < log->count; i++)
        failing |= log->runners[i].failing;
    reader_free(log);
    return failing ? ERR_INTERNAL : e == ERR_BUSY ? OK : e;
}

enum err log_lags(struct ctx *cx, struct log_lag *ret, size_t *ret_count, size_t max)
{
    i64 last, cursor;
    size_t count = 0;
    TRY(event_last(cx, &last));
    for (size_t i = 0; i < cx->app->module_count; i++)
        for (size_t k = 0; k < cx->app->modules[i]->subscriber_count && count < max; k++, count++) {
            const char *name = cx->app->modules[i]->subscribers[k].name;
            enum err e = sql_i64(cx, subscriber_cursor, &cursor, V(name));
            if (e != OK && e != ERR_DONE)
                return e;
            ret[count] = (struct log_lag) { .name = name, .cursor = e == OK ? cursor : 0 };
            const struct log_reader *log = cx->app->log;
            for (size_t r = 0; log && r < log->count; r++)
                if (log->runners[r].sub->name ==
                    name) { /* what it passed but has not written down counts as done */
                    ret[count].cursor = MAX(ret[count].cursor, log->runners[r].cursor);
                    ret[count].failing = log->runners[r].failing;
                }
            ret[count].behind = MAX(last - ret[count].cursor, 0);
        }
    *ret_count = count;
    return OK;
}

/* A fact that was set aside, tried again by a person. */
static enum err retry_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct json_error bad;
    const struct json *payload = json_read(cx->arena, job->payload, &bad);
    const struct json *name = json_get(payload, "subscriber");
    i64 seq;
    *ret_more = false;
    if (!name || !json_i64(json_get(payload, "seq"), &seq))
        return ERR_INTERNAL;
    struct event e;
    size_t count = 0;
    TRY(event_read(cx, seq - 1, 1, &e, &count));
    if (!count || e.seq != seq)
        return OK;
    for (size_t i = 0; i < cx->app->module_count; i++)
        for (size_t k = 0; k < cx->app->modules[i]->subscriber_count; k++)
            if (str_is(name->text, cx->app->modules[i]->subscribers[k].name))
                return cx->app->modules[i]->subscribers[k].handle(cx, &e, 1);
    return OK;
}

const struct job_kind subscriber_retry_job = { .name = "subscriber_retry",
                                               .zh = "重新处理事实",
                                               .en = "Handle a fact again",
                                               .step = retry_step,
                                               .attempts_max = 3 };
