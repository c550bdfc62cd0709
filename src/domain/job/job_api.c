#include "domain/job/job_api.h"

#include "core/job.h"
#include "core/reply.h"

#include "job_api.sql.h"

#define JOB(F, T)                                                                             \
    F(T, job_id, id, .doc = "Number")                                                         \
    F(T, str, kind, .doc = "What it does")                                                    \
    F(T, str, zh, .nullable = true, .doc = "The kind in Chinese; null: of another version")   \
    F(T, str, en, .nullable = true, .doc = "The kind in English")                             \
    F(T, boolean, recurring, .doc = "Runs by itself, again and again")                        \
    F(T, str, state, .choices = job_states,                                                   \
      .doc = "dead: failed too often, and waits for a person")                                \
    F(T, instant, due_at,                                                                     \
      .doc = "When it runs; of one that is running, when it is taken for "                    \
             "lost")                                                                          \
    F(T, staff_id, by_staff_id, .nullable = true, .doc = "Who asked for it; null: the house") \
    F(T, str, by_name, .nullable = true, .doc = "Their name")                                 \
    F(T, i64, attempts, .doc = "How often it was begun since it last got on")                 \
    F(T, str, last_error, .nullable = true, .doc = "Why it failed the last time")             \
    F(T, i64, done, .doc = "How far it is")                                                   \
    F(T, i64, total, .doc = "Of how many; 0: not known")                                      \
    F(T, instant, created_at, .doc = "When it was asked for")                                 \
    F(T, instant, started_at, .nullable = true, .doc = "When it was first begun")             \
    F(T, instant, finished_at, .nullable = true, .doc = "When it ended")
SCHEMA(job_entry, JOB);

#define JOB_FULL(F, T)                                        \
    JOB(F, T)                                                 \
    F(T, json, payload, .doc = "What it was told to work on") \
    F(T, json, result, .nullable = true, .doc = "What came of it")
SCHEMA(job_full, JOB_FULL);

#define JOB_LIST(F, T)                                                         \
    F(T, str, state, .choices = job_states, .doc = "Only those in this state") \
    F(T, str, kind, .max = 60, .doc = "Only those of this kind")               \
    PAGE_FIELDS(F, T)
SCHEMA(job_list, JOB_LIST);

#define JOB_ONE(F, T) F(T, job_id, id, .doc = "Number")
SCHEMA(job_one, JOB_ONE);

#define JOB_COUNTS(F, T)                                   \
    F(T, i64, waiting, .doc = "Not begun, or later again") \
    F(T, i64, running, .doc = "Under way")                 \
    F(T, i64, paused, .doc = "Held by a person")           \
    F(T, i64, done, .doc = "Done")                         \
    F(T, i64, dead, .doc = "Failed too often")             \
    F(T, i64, cancelled, .doc = "Given up by a person")
SCHEMA(job_count, JOB_COUNTS);

#define JOB_KIND(F, T)                      \
    F(T, str, kind, .doc = "As in a job")   \
    F(T, str, zh, .doc = "Name in Chinese") \
    F(T, str, en, .doc = "Name in English") \
    F(T, boolean, recurring, .doc = "Runs by itself, again and again")
SCHEMA(job_kind_entry, JOB_KIND);

static enum err list_query(struct ctx *cx, const struct job_list *in, i64 before, i64 limit,
                           struct rows *r)
{
    if (in->kind.len && in->state.len)
        return sql_query(cx, job_list_kind_state, r, V(before), V(limit), V(in->kind),
                         V(in->state));
    if (in->kind.len)
        return sql_query(cx, job_list_kind, r, V(before), V(limit), V(in->kind));
    if (in->state.len)
        return sql_query(cx, job_list_state, r, V(before), V(limit), V(in->state));
    return sql_query(cx, job_list, r, V(before), V(limit));
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct job_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 before, limit = page_limit(in->limit), count = 0;
    TRY(cursor_id(cx, in->cursor, &before));
    before = before ? before : I53_MAX;
    TRY(list_query(cx, in, before, limit + 1, &r));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        struct job_entry j;
        schema_row(cx->arena, &job_entry_schema, &r, &j);
        const struct job_kind *kind = job_kind_find(cx->app, j.kind);
        j.zh = kind ? str_of(kind->zh) : STR_NONE;
        j.en = kind ? str_of(kind->en) : STR_NONE;
        j.recurring = kind && job_recurs(kind);
        reply_item(out, &job_entry_schema, &j);
        before = j.id.v;
    }
    return reply_page_end(cx, out, &r, count, limit, before);
}

static enum err get(struct ctx *cx, job_id id, struct job_full *ret)
{
    TRY(sql_one(cx, job_get, &job_full_schema, ret, ID(id)));
    const struct job_kind *kind = job_kind_find(cx->app, ret->kind);
    ret->zh = kind ? str_of(kind->zh) : STR_NONE;
    ret->en = kind ? str_of(kind->en) : STR_NONE;
    ret->recurring = kind && job_recurs(kind);
    return OK;
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct job_one *in = input;
    struct job_full j;
    TRY(get(cx, in->id, &j));
    return reply_struct(out, &job_full_schema, &j);
}

/* The job as it was, and as it is when `changed` says that its state allowed it. */
static enum err change_begin(struct ctx *cx, job_id id, struct job_full *ret)
{
    TRY(get(cx, id, ret));
    audit_entity(cx, "job", id.v);
    audit_before(cx, &job_full_schema, ret);
    app_touch(&cx->app->jobs_touched_us);
    return OK;
}

static enum err change_end(struct ctx *cx, struct reply *out, job_id id, i64 changed,
                           const char *zh, const char *en)
{
    struct job_full j;
    if (!changed)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, zh, en);
    TRY(get(cx, id, &j));
    return reply_struct(out, &job_full_schema, &j);
}

static enum err retry_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct job_one *in = input;
    struct job_full j;
    i64 changed;
    TRY(change_begin(cx, in->id, &j));
    if (!j.zh.ptr)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "此版本没有这种任务",
                         "this version knows no such job");
    TRY(sql_changed(cx, job_retry, &changed, ID(in->id), V(cx->now)));
    return change_end(cx, out, in->id, changed, "只有失败的任务可以重试",
                      "only one that has failed for good can be tried again");
}

static enum err cancel_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct job_one *in = input;
    struct job_full j;
    i64 changed;
    TRY(change_begin(cx, in->id, &j));
    if (j.recurring)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "定期任务不能取消，可以暂停",
                         "one that runs by itself cannot be cancelled, only paused");
    TRY(sql_changed(cx, job_cancel, &changed, ID(in->id), V(cx->now)));
    return change_end(cx, out, in->id, changed, "任务已结束", "it has ended");
}

static enum err pause_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct job_one *in = input;
    struct job_full j;
    i64 changed;
    TRY(change_begin(cx, in->id, &j));
    TRY(sql_changed(cx, job_pause, &changed, ID(in->id)));
    return change_end(cx, out, in->id, changed, "只有等待或运行中的任务可以暂停",
                      "only one that waits or runs can be paused");
}

static enum err resume_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct job_one *in = input;
    struct job_full j;
    i64 changed;
    TRY(change_begin(cx, in->id, &j));
    TRY(sql_changed(cx, job_resume, &changed, ID(in->id), V(cx->now)));
    return change_end(cx, out, in->id, changed, "任务未暂停", "it is not paused");
}

static enum err counts_run(struct ctx *cx, const void *input, struct reply *out)
{
    i64 n[JOB_STATES];
    (void)input;
    TRY(job_counts(cx, n));
    return reply_struct(out, &job_count_schema,
                        &(struct job_count) { .waiting = n[0],
                                              .running = n[1],
                                              .paused = n[2],
                                              .done = n[3],
                                              .dead = n[4],
                                              .cancelled = n[5] });
}

static enum err kinds_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input;
    reply_list(out);
    for (size_t i = 0; i < cx->app->module_count; i++)
        for (size_t k = 0; k < cx->app->modules[i]->job_count; k++) {
            const struct job_kind *kind = cx->app->modules[i]->jobs[k];
            struct job_kind_entry e = { .kind = str_of(kind->name),
                                        .zh = str_of(kind->zh),
                                        .en = str_of(kind->en),
                                        .recurring = job_recurs(kind) };
            reply_item(out, &job_kind_entry_schema, &e);
        }
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static const struct route routes[] = {
    { GET, "/api/v1/jobs", list_run, .id = "job.list", .perm = PERM_JOB_WRITE, .mode = READ,
      .in = &job_list_schema, .out = &job_entry_schema, .listed = true,
      .doc = "Jobs in the background, newest first" },
    { GET, "/api/v1/jobs/{id}", get_run, .id = "job.get", .perm = PERM_JOB_WRITE, .mode = READ,
      .in = &job_one_schema, .out = &job_full_schema, .doc = "One job" },
    { POST, "/api/v1/jobs/{id}/retry", retry_run, .id = "job.retry", .perm = PERM_JOB_WRITE,
      .mode = WRITE, .in = &job_one_schema, .out = &job_full_schema,
      .doc = "Try one that has failed for good again" },
    { POST, "/api/v1/jobs/{id}/cancel", cancel_run, .id = "job.cancel", .perm = PERM_JOB_WRITE,
      .mode = WRITE, .in = &job_one_schema, .out = &job_full_schema,
      .doc = "Give one up; what it has done stays done" },
    { POST, "/api/v1/jobs/{id}/pause", pause_run, .id = "job.pause", .perm = PERM_JOB_WRITE,
      .mode = WRITE, .in = &job_one_schema, .out = &job_full_schema,
      .doc = "Hold one; a step under way is ended first" },
    { POST, "/api/v1/jobs/{id}/resume", resume_run, .id = "job.resume", .perm = PERM_JOB_WRITE,
      .mode = WRITE, .in = &job_one_schema, .out = &job_full_schema,
      .doc = "Let one that was held go on" },
    { GET, "/api/v1/job-counts", counts_run, .id = "job.counts", .perm = PERM_JOB_WRITE,
      .mode = READ, .out = &job_count_schema, .doc = "How many jobs are in each state" },
    { GET, "/api/v1/job-kinds", kinds_run, .id = "job.kinds", .perm = PERM_JOB_WRITE, .mode = READ,
      .out = &job_kind_entry_schema, .listed = true, .doc = "Kinds of jobs and their names" },
};

const struct module job_api_module = { .name = "job_api",
                                       .routes = routes,
                                       .route_count = COUNT(routes) };
