#include "core/job.h"

#include "base/log.h"
#include "base/time.h"
#include "core/dedupe.h"
#include "core/event.h"
#include "core/metric.h"
#include "core/reseal.h"

#include "job.sql.h"

#include <pthread.h>

#define LEASE_MS                                                                     \
    (2 * MINUTE_MS) /* a step that takes longer may be started again by another node \
                     */
#define PAUSE_FIRST_MS (5 * SECOND_MS)
#define PAUSE_MAX_MS   (6 * HOUR_MS)
#define LOOK_MS        5000 /* commands beside a server add some, too (SQLite) */
#define POLL_MS        1000 /* other nodes add jobs too (PostgreSQL) */

struct job_runner {
    struct app *app;
    pthread_t *threads;
    size_t count;
    _Atomic bool stop;
};

const struct job_kind *job_kind_find(const struct app *app, str name)
{
    for (size_t i = 0; i < app->module_count; i++)
        for (size_t k = 0; k < app->modules[i]->job_count; k++)
            if (str_is(name, app->modules[i]->jobs[k]->name))
                return app->modules[i]->jobs[k];
    return NULL;
}

const char *const job_states[] = {
    "waiting", "running", "paused", "done", "dead", "cancelled", NULL
};
static_assert(COUNT(job_states) == JOB_STATES + 1, "one for each");

enum err job_counts(struct ctx *cx, i64 ret[JOB_STATES])
{
    struct rows r CLEANUP(rows_close) = { 0 };
    memset(ret, 0, JOB_STATES * sizeof *ret);
    TRY(sql_query(cx, job_counts, &r));
    while (rows_next(&r))
        for (size_t i = 0; i < JOB_STATES; i++)
            if (str_is(col_str(&r, 0), job_states[i]))
                ret[i] = col_i64(&r, 1);
    return rows_end(&r);
}

enum err job_oldest_due(struct ctx *cx, i64 *ret_ms)
{
    return sql_i64(cx, job_next_due, ret_ms);
}

static enum err insert(struct ctx *cx, const struct job_new *j, const char *state, str error,
                       job_id *ret)
{
    i64 id;
    app_touch(&cx->app->jobs_touched_us);
    TRY(sql_i64(cx, job_insert, &id, V(j->kind->name), V(j->payload.len ? j->payload : S("{}")),
                V(state), V(j->due.ms ? j->due : cx->now), V(j->dedupe), ID(j->by), V(error),
                V(cx->now)));
    if (ret)
        *ret = (job_id) { id };
    return OK;
}

enum err job_add(struct ctx *cx, const struct job_new *j, job_id *ret_id)
{
    i64 id;
    if (j->dedupe.ptr) {
        enum err e = sql_i64(cx, job_by_key, &id, V(j->dedupe));
        if (e == OK && ret_id)
            *ret_id = (job_id) { id };
        if (e != ERR_DONE)
            return e;
    }
    enum err e = insert(cx, j, "waiting", STR_NONE, ret_id);
    return e == ERR_CONFLICT ? ERR_RETRY : e; /* another node was first */
}

enum err job_add_dead(struct ctx *cx, const struct job_kind *kind, str payload, str error)
{
    return insert(cx, &(struct job_new) { .kind = kind, .payload = payload }, "dead", error, NULL);
}

enum err job_reschedule(struct ctx *cx, const struct job_new *j)
{
    i64 changed;
    app_touch(&cx->app->jobs_touched_us);
    TRY(sql_changed(cx, job_move, &changed, V(j->dedupe), V(j->due)));
    return changed ? OK : job_add(cx, j, NULL);
}

enum err job_earlier(struct ctx *cx, const struct job_new *j)
{
    i64 changed;
    cx->app->jobs_touched_us = clock_monotonic_us();
    TRY(sql_changed(cx, job_move_earlier, &changed, V(j->dedupe), V(j->due)));
    return changed ? OK : job_add(cx, j, NULL);
}

enum err job_cancel_kind(struct ctx *cx, const struct job_kind *kind)
{
    return sql_exec(cx, job_cancel_kind, V(kind->name), V(cx->now));
}

enum err job_next(struct ctx *cx, struct job *job, instant due)
{
    cx->app->jobs_touched_us = clock_monotonic_us();
    job->again = due;
    return OK;
}

enum err job_cancel_key(struct ctx *cx, str dedupe)
{
    return sql_exec(cx, job_cancel_key, V(dedupe), V(cx->now));
}

void job_keep(struct job *job, str state)
{
    job->state = arena_str(job->arena, state);
}

void job_result(struct job *job, str result)
{
    job->result = arena_str(job->arena, result);
}

/* After a run that began then. Not after its end: what comes due while it runs may have been passed
 * already. */
static instant next_run(instant now, const struct job_kind *kind)
{
    if (kind->every_ms)
        return (instant) { now.ms + kind->every_ms };
    struct civil c = civil_of(now);
    c.minute = c.second = c.ms = 0;
    bool today = c.hour < kind->daily_hour % 24;
    c.hour = kind->daily_hour % 24;
    instant at = civil_instant(c);
    return today ? at : (instant) { at.ms + DAY_MS };
}

bool job_recurs(const struct job_kind *kind)
{
    return kind->every_ms || kind->daily_hour;
}

enum err jobs_schedule(struct ctx *cx)
{
    for (size_t i = 0; i < cx->app->module_count; i++)
        for (size_t k = 0; k < cx->app->modules[i]->job_count; k++) {
            const struct job_kind *kind = cx->app->modules[i]->jobs[k];
            if (job_recurs(kind))
                TRY(job_add(cx,
                            &(struct job_new) {
                                .kind = kind,
                                .due = next_run(app_now(cx->app), kind),
                                .dedupe = arena_fmt(cx->arena, "recurring:%s", kind->name) },
                            NULL));
        }
    return OK;
}

struct claim {
    const struct job_kind *only;
    struct job *job;
    bool found;
};

static enum err claim(struct ctx *cx, void *arg)
{
    struct claim *c = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    instant now = app_now(cx->app), until = { now.ms + LEASE_MS };
    if (c->only)
        TRY(sql_query(cx, job_claim_kind, &r, V(now), V(until), V(c->only->name)));
    else
        TRY(sql_query(cx, job_claim, &r, V(now), V(until)));
    c->found = rows_next(&r);
    if (c->found) {
        struct arena *a = c->job->arena;
        *c->job = (struct job) { .id = { col_id(&r, 0) },
                                 .kind = job_kind_find(cx->app, col_str(&r, 1)),
                                 .payload = arena_str(a, col_str(&r, 2)),
                                 .state = arena_str(a, col_str(&r, 3)),
                                 .done = col_i64(&r, 4),
                                 .total = col_i64(&r, 5),
                                 .by = { col_id(&r, 6) },
                                 .attempts = (int)col_i64(&r, 7),
                                 .taken = now,
                                 .lease = until,
                                 .arena = a };
    }
    return rows_end(&r);
}

struct step {
    struct job *job;
    struct job before;  /* what a step that is run again begins with */
    instant lease;      /* after the step */
    bool more, stopped; /* stopped: paused or cancelled meanwhile; the next step is not begun */
    bool begun, lost_lease;
};

/* Keeps what the step did, in the same write; also when the job was paused meanwhile, so that it
 * goes on from there and not from before. */
static enum err keep(struct ctx *cx, struct step *s)
{
    struct job *j = s->job;
    instant now = app_now(cx->app);
    i64 goes_on = 1;
    enum err e;
    s->lease = (instant) { now.ms + LEASE_MS };
    if (s->more)
        e = sql_i64(cx, job_keep, &goes_on, ID(j->id), V(j->state), V(j->done), V(j->total),
                    V(s->lease), V(j->lease));
    else if (job_recurs(j->kind) || j->again.ms)
        e = sql_i64(cx, job_again, &goes_on, ID(j->id),
                    V(j->again.ms ? j->again : next_run(j->taken, j->kind)), V(j->lease));
    else
        e = sql_i64(cx, job_finish, &goes_on, ID(j->id), V(now), V(j->result), V(j->done),
                    V(j->total), V(j->state), V(j->lease));
    s->stopped = !goes_on;
    s->lost_lease = e == ERR_DONE;
    return e == ERR_DONE ? ERR_CONFLICT : e; /* undoes the step: another does it */
}

/* May be run again from its start, also after the commit was refused: each time the job is what it
 * was before. */
static enum err step_inside(struct ctx *cx, void *arg)
{
    struct step *s = arg;
    void *memory = s->job->memory;
    *s->job = s->before;
    s->job->memory = memory;
    s->job->redone = s->begun;
    s->begun = true;
    cx->now = app_now(cx->app);
    s->more = false;
    s->job->again.ms = 0;
    TRY(s->job->kind->step(cx, s->job, &s->more));
    return keep(cx, s);
}

static enum err keep_alone(struct ctx *cx, void *arg)
{
    return keep(cx, arg);
}

struct failing {
    struct job *job;
    enum err error;
};

static int attempts_max(const struct job *job)
{
    return !job->kind ? 0 : job->kind->attempts_max ? job->kind->attempts_max : 8;
}

/* What the machine cannot do just now is not the job's fault and does not count as an attempt. A
 * job that runs by itself is given up until its next turn. */
static enum err note_failure(struct ctx *cx, void *arg)
{
    struct failing *f = arg;
    struct job *j = f->job;
    bool machine = f->error == ERR_DISK_FULL || f->error == ERR_STORAGE || f->error == ERR_BUSY ||
                   f->error == ERR_UNAVAILABLE;
    bool over = !machine && j->attempts >= attempts_max(j), again = j->kind && job_recurs(j->kind);
    bool dead = over && !again;
    i64 pause = MIN(PAUSE_FIRST_MS << MIN(MAX(j->attempts - 1, 0), 20), PAUSE_MAX_MS);
    pause += (i64)rnd_below(&cx->rnd, (uint64_t)pause / 4 + 1);
    instant now = app_now(cx->app), due = { now.ms + pause };
    int attempts = over && again ? 0 : machine ? j->attempts - 1 : j->attempts;
    str text = fail_text(cx, cx->failure.code ? cx->failure.code : f->error);
    return sql_exec(cx, job_fail, ID(j->id), V(dead ? "dead" : "waiting"),
                    V(over && again ? next_run(now, j->kind) : due), V(text),
                    dead ? V(now) : val_null(), V(attempts), V(j->lease));
}

static enum err release(struct ctx *cx, void *arg)
{
    struct job *job = arg;
    return sql_exec(cx, job_release, ID(job->id), V(app_now(cx->app)), V(job->lease));
}

static void failed(struct ctx *cx, struct job *job, enum err e)
{
    struct failing f = { job, e };
    log_warn("job.failed", P("kind", cx->actor.name), P("id", job->id.v),
             P("attempt", job->attempts), P("error", err_info(e)->name),
             P("text", fail_text(cx, cx->failure.code ? cx->failure.code : e)));
    enum err noted = in_write(cx, note_failure, &f);
    if (noted != OK) /* then its lease runs out and it is tried again */
        log_error("job.note", P("id", job->id.v), P("error", err_info(noted)->name));
}

static enum err one_step(struct ctx *cx, struct step *s)
{
    struct job *job = s->job;
    s->before = *job;
    s->begun = false;
    if (!job->kind || job->attempts > attempts_max(job))
        return ERR_INTERNAL; /* not ours, or it took the process with it each time */
    if (!job->kind->outside)
        return in_write(cx, step_inside, s);
    s->more = false;
    TRY(job->kind->step(cx, job, &s->more));
    return in_write(cx, keep_alone, s);
}

/* Runs steps until the job ends, fails or the house stops. */
static void run_steps(struct app *app, struct job *job, const _Atomic bool *stop)
{
    struct step s = { .job = job, .more = true };
    while (s.more && !s.stopped) {
        struct arena arena CLEANUP(arena_done) = { 0 };
        struct ctx cx = system_ctx(app, &arena, job->kind ? str_of(job->kind->name) : S("job"));
        if (stop && *stop) { /* the next process goes on from the kept state */
            (void)(in_write(&cx, release, job) == OK); /* else its lease runs out */
            return;
        }
        enum err e = one_step(&cx, &s);
        if (s.lost_lease) {
            log_warn("job.lease_lost", P("kind", cx.actor.name), P("id", job->id.v));
            return;
        }
        if (e != OK) {
            failed(&cx, job, e);
            return;
        }
        job->lease = s.lease;
    }
}

static void run_job(struct app *app, struct job *job, const _Atomic bool *stop)
{
    run_steps(app, job, stop);
    if (job->kind && job->kind->forget)
        job->kind->forget(job);
}

static enum err next_due(struct ctx *cx, void *arg)
{
    return sql_i64(cx, job_next_due, arg);
}

/* True if one was run. */
static bool run_next(struct app *app, const struct job_kind *only, const _Atomic bool *stop)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &arena, S("jobs"));
    struct job job = { .arena = &arena };
    struct claim c = { .only = only, .job = &job };
    i64 due = NONE;
    if (in_read(&cx, next_due, &due) != OK || due == NONE || due > app_now(app).ms)
        return false;
    if (in_write(&cx, claim, &c) != OK || !c.found)
        return false;
    run_job(app, &job, stop);
    return true;
}

static i64 until_due(struct app *app)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &arena, S("jobs"));
    i64 due = NONE, most = db_engine(app->db) == DB_PG ? POLL_MS : LOOK_MS;
    if (in_read(&cx, next_due, &due) != OK)
        return POLL_MS;
    if (due == NONE || app->clock_ms)
        return most; /* a moved clock wakes us */
    return MAX(10, MIN(due - app_now(app).ms, most));
}

static void *run(void *arg)
{
    struct job_runner *jobs = arg;
    while (!jobs->stop) {
        uint64_t seen = jobs->app->commits;
        if (run_next(jobs->app, NULL, &jobs->stop))
            continue;
        i64 clock = jobs->app->clock_ms, wait_ms = until_due(jobs->app),
            from_us = clock_monotonic_us(), passed = 0;
        while (!jobs->stop &&
               passed < wait_ms) { /* most commits bring no job: only look when one may have */
            seen = app_wait_commit(jobs->app, seen, wait_ms - passed);
            i64 now_us = clock_monotonic_us();
            passed = (now_us - from_us) / 1000;
            if (now_us - jobs->app->jobs_touched_us < 1000000 || jobs->app->clock_ms != clock)
                break;
        }
    }
    return NULL;
}

enum err jobs_adopt(struct ctx *cx)
{
    if (db_engine(cx->app->db) != DB_SQLITE || cx->app->lock_fd < 0)
        return OK;
    return sql_exec(cx, job_release_all, V(cx->now));
}

static enum err schedule(struct ctx *cx, void *arg)
{
    (void)arg;
    TRY(jobs_adopt(cx));
    return jobs_schedule(cx);
}

enum err jobs_start(struct app *app)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &arena, S("jobs"));
    TRY(in_write(&cx, schedule, NULL));
    struct job_runner *jobs = xcalloc(1, sizeof *jobs);
    jobs->app = app;
    app->jobs = jobs;
    jobs->threads = xcalloc((size_t)app->config.job_threads, sizeof *jobs->threads);
    for (i64 i = 0; i < app->config.job_threads; i++)
        if (pthread_create(&jobs->threads[jobs->count], NULL, run, jobs) == 0)
            jobs->count++;
    return jobs->count ? OK : ERR_INTERNAL;
}

void jobs_stop(struct app *app)
{
    struct job_runner *jobs = app->jobs;
    if (!jobs)
        return;
    jobs->stop = true;
    app_wake(app);
    for (size_t i = 0; i < jobs->count; i++)
        pthread_join(jobs->threads[i], NULL);
    free(jobs->threads);
    free(jobs);
    app->jobs = NULL;
}

enum err jobs_drain(struct app *app, const struct job_kind *only)
{
    while (run_next(app, only, NULL))
        ;
    return OK;
}

static enum err clean_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    (void)job;
    *ret_more = false;
    TRY(dedupe_clean(cx));
    return sql_exec(cx, job_clean, V((instant) { cx->now.ms - cx->app->config.job_days * DAY_MS }));
}

static const struct job_kind clean_job = { .name = "job_clean",
                                           .zh = "清理过期记录",
                                           .en = "Remove what is past its time",
                                           .step = clean_step,
                                           .daily_hour = 4 };
static const struct job_kind *const jobs_table[] = { &clean_job, &subscriber_retry_job,
                                                     &reseal_job };

const struct module core_module = { .name = "core",
                                    .metrics = core_metrics,
                                    .metric_count = CORE_METRICS,
                                    .jobs = jobs_table,
                                    .job_count = COUNT(jobs_table) };
