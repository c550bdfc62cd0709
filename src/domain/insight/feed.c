/* Keeps the store of facts: the thread that has the log told to it (page.c) from where it stands
 * (build.c), what it looks at between, its beginning and its end; and the module's functions that
 * ask the store. */
#include "base/log.h"
#include "base/time.h"
#include "domain/insight/internal.h"

#include "insight.sql.h"

#define POLL_MS    200  /* other nodes write too (PostgreSQL); a moved clock tells nobody */
#define IDLE_MS    5000 /* whether scores are newer is looked at this often, at least */
#define BACK_MS    200  /* after a failure, then twice that … */
#define BACK_MS_TO 5000 /* … up to this */

static const struct insight_store *elsewhere;

void insight_offer(const struct insight_store *store)
{
    elsewhere = store;
}

/* Scores are written by runs, not by facts alone: a new run is a reason to look at everybody. */
static enum err scores_look(struct ctx *cx, void *arg)
{
    struct insight *in = arg;
    i64 rfm, value;
    TRY(sql_i64(cx, insight_rfm_run, &rfm));
    TRY(sql_i64(cx, insight_value_run, &value));
    if (rfm != in->rfm_run || value != in->value_run) {
        in->rfm_run = rfm;
        in->value_run = value;
        in->sweep = 0;
    }
    return OK;
}

static enum err look_around(struct insight *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    return in_read(&cx, scores_look, in);
}

/* Another node tells: how far it is. */
static enum err listen_only(struct insight *in)
{
    struct insight_told told;
    in->telling = false;
    TRY(in->store->look(in->kept, &told));
    in->seq = told.seq;
    in->ready = told.whole;
    return OK;
}

/* What there is to do now. *ret_more: and at once again. */
static enum err turn(struct insight *in, i64 *looked_ms, bool *ret_more)
{
    bool more = false, hold;
    TRY(lease_hold(in, &hold));
    if (!hold)
        return listen_only(in);
    if (!in->telling)
        in->ready = false;
    in->telling = true;
    if (!in->ready)
        TRY(build_ready(in));
    if (!in->ready) /* it is to stop */
        return OK;
    TRY(page_advance(in, &more));
    i64 now_ms = clock_monotonic_us() / 1000;
    if (now_ms - *looked_ms > IDLE_MS) {
        *looked_ms = now_ms;
        TRY(look_around(in));
        if (in->store->check)
            TRY(in->store->check(in->kept));
    }
    if (in->sweep_wanted) {
        in->sweep_wanted = false;
        in->sweep = 0;
    }
    if (in->sweep != NONE) {
        TRY(page_of_everybody(in));
        more = true;
    }
    if (!more)
        in->store->save(in->kept, false);
    *ret_more = more;
    return OK;
}

static void pause_ms(const struct insight *in, i64 ms)
{
    for (i64 end = clock_monotonic_us() + ms * 1000; !in->stop && clock_monotonic_us() < end;)
        nanosleep(&(struct timespec) { .tv_nsec = 20 * 1000 * 1000 }, NULL);
}

/* What was not told is told again, by growing pauses: what is known of who was told what may be
 * wrong by then, and where the store stands. */
static void failed(struct insight *in, enum err e, i64 *back_ms)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    str zh, en;
    map_clear(&in->hours);
    in->store->problem(in->kept, &a, &zh, &en);
    if (!*back_ms)
        log_warn("insight.failed", P("error", err_info(e)->name), P("seq", in->seq),
                 P("store", in->store->name), P("reason", en));
    if (in->store->look && e == ERR_UNAVAILABLE)
        in->ready = false;
    *back_ms = MIN(MAX(2 * *back_ms, BACK_MS), BACK_MS_TO);
    pause_ms(in, *back_ms);
}

static void *run(void *arg)
{
    struct insight *in = arg;
    uint64_t seen = in->app->commits;
    i64 looked_ms = 0, back_ms = 0;
    while (!in->stop) {
        bool more = false;
        enum err e = turn(in, &looked_ms, &more);
        if (e != OK) {
            failed(in, e, &back_ms);
            continue;
        }
        if (back_ms)
            log_info("insight.goes_on", P("seq", in->seq), P("store", in->store->name));
        back_ms = 0;
        if (more || in->stop)
            continue;
        pause_ms(in, in->store->rest_ms);
        seen = app_wait_commit(in->app, seen, db_engine(in->app->db) == DB_PG ? POLL_MS : IDLE_MS);
    }
    in->store->save(in->kept, true);
    lease_give(in);
    return NULL;
}

struct insight *insight_new(struct app *app)
{
    struct insight *in = xcalloc(1, sizeof *in);
    in->app = app;
    pthread_mutex_init(&in->listen_lock, NULL);
    in->sweep = NONE;
    in->store = elsewhere ? elsewhere : &engine_store;
    in->kept = in->store->make(app);
    return app->insight = in;
}

static enum err start(struct app *app)
{
    if (app->use != APP_SERVE)
        return OK;
    struct insight *in = insight_new(app);
    in->threaded = pthread_create(&in->thread, NULL, run, in) == 0;
    return in->threaded ? OK : ERR_INTERNAL;
}

static void stop(struct app *app)
{
    struct insight *in = app->insight;
    if (!in)
        return;
    in->stop = true;
    app_wake(app);
    if (in->threaded)
        pthread_join(in->thread, NULL);
    in->store->free(in->kept);
    pthread_mutex_destroy(&in->listen_lock);
    map_done(&in->roots);
    map_done(&in->erased);
    map_done(&in->hours);
    free(in);
    app->insight = NULL;
}

void insight_listen(struct app *app, insight_listener *listener)
{
    if (!app->insight)
        return;
    pthread_mutex_lock(&app->insight->listen_lock);
    app->insight->listener = listener;
    pthread_mutex_unlock(&app->insight->listen_lock);
}

bool insight_ready(const struct app *app)
{
    return app->insight && app->insight->ready;
}

void insight_sweep(struct app *app)
{
    if (!app->insight)
        return;
    app->insight->sweep_wanted = true;
    app_wake(app);
}

enum err insight_everybody(struct app *app, struct arena *a, const struct people *p, instant now,
                           i64 **ret, size_t *ret_count)
{
    struct query q = { .kind = QUERY_SEGMENT, .people = (struct people *)(uintptr_t)p };
    struct result result = { 0 };
    const struct engine_limits limits = { .background = true };
    TRY(app->insight->store->ask(app->insight->kept, a, &q, now, &limits, &result));
    *ret = result.people;
    *ret_count = result.people_count;
    return OK;
}

enum err insight_fit(struct app *app, const struct people *const *asked, size_t asked_count,
                     instant now, const i64 *persons, size_t count, bool *ret)
{
    struct insight *in = app->insight;
    return in->store->fit(in->kept, asked, asked_count, now, persons, count, ret);
}

enum err insight_types(struct app *app, struct arena *a, struct engine_type **ret,
                       size_t *ret_count)
{
    struct insight *in = app->insight;
    *ret = NULL;
    *ret_count = 0;
    return insight_ready(app) ? in->store->types(in->kept, a, ret, ret_count) : OK;
}

void insight_problem(const struct app *app, struct arena *a, str *ret_zh, str *ret_en)
{
    struct insight *in = app->insight;
    *ret_zh = *ret_en = STR_NONE;
    if (in)
        in->store->problem(in->kept, a, ret_zh, ret_en);
}

void insight_state(const struct app *app, struct insight_state *ret)
{
    struct insight *in = app->insight;
    *ret = (struct insight_state) { .store = engine_store.name };
    if (!in)
        return;
    *ret = (struct insight_state) { .store = in->store->name,
                                    .ready = in->ready,
                                    .seq = in->seq,
                                    .done = in->done,
                                    .total = in->total };
}

void insight_stats(const struct app *app, struct engine_stats *ret)
{
    struct insight *in = app->insight;
    if (!insight_ready(app) || in->store->stats(in->kept, ret) != OK)
        *ret = (struct engine_stats) { 0 };
}

const struct module insight_module = { .name = "insight",
                                       .routes = insight_routes,
                                       .route_count = INSIGHT_ROUTES,
                                       .metrics = insight_metrics,
                                       .metric_count = INSIGHT_METRICS,
                                       .start = start,
                                       .stop = stop };
