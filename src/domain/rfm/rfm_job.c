/* The run in the background, and the job that asks for one every night. */
#include "base/time.h"
#include "core/app.h"
#include "core/job.h"
#include "domain/rfm/internal.h"

#include "rfm.sql.h"

#define RUN_KEY   "rfm"
#define NIGHT_KEY "rfm_nightly"

static i64 number_of(struct ctx *cx, str text, const char *key)
{
    struct json_error bad;
    i64 n = 0;
    bool ok = text.len && json_i64(json_get(json_read(cx->arena, text, &bad), key), &n);
    return ok ? n : 0;
}

static str name_of(struct ctx *cx, const struct job *job)
{
    struct json_error bad;
    const struct json *by = json_get(json_read(cx->arena, job->payload, &bad), "by");
    return by ? by->text : S("rfm");
}

static enum err run_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    if (!job->memory)
        job->memory = rfm_work_new(
            &(struct rfm_order) { .reference = { number_of(cx, job->payload, "as_of_ms") },
                                  .by_name = name_of(cx, job),
                                  .resume = number_of(cx, job->state, "run") });
    TRY(rfm_work_step(cx, job->memory, ret_more));
    struct rfm_progress p = rfm_work_progress(job->memory);
    job->done = p.done;
    job->total = p.total;
    if (p.run) {
        str run = arena_fmt(cx->arena, "{\"run\":%lld}", (long long)p.run);
        job_keep(job, run);
        job_result(job, run);
    }
    return OK;
}

static void run_forget(struct job *job)
{
    rfm_work_free(job->memory);
    job->memory = NULL;
}

const struct job_kind rfm_run_job = { .name = "rfm",
                                      .zh = "RFM 计算",
                                      .en = "RFM run",
                                      .step = run_step,
                                      .forget = run_forget,
                                      .outside = true };

static str payload(struct ctx *cx, instant reference)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, 4096);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    json_put(&w, "by", cx->actor.name);
    if (reference.ms)
        json_put(&w, "as_of_ms", reference.ms);
    json_close(&w);
    return strbuf_str(&text);
}

enum err rfm_request(struct ctx *cx, instant reference, job_id *ret)
{
    i64 open;
    enum err e = sql_i64(cx, rfm_job_open, &open);
    if (e == OK && reference.ms) /* as of another moment than what was asked for now */
        return fail(cx, ERR_IN_PROGRESS, NULL);
    if (e != OK && e != ERR_DONE)
        return e;
    return job_add(cx,
                   &(struct job_new) { .kind = &rfm_run_job,
                                       .payload = payload(cx, reference),
                                       .dedupe = S(RUN_KEY),
                                       .by = cx->actor.staff },
                   ret);
}

static enum err nightly_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct rfm_settings s;
    *ret_more = false;
    TRY(rfm_settings_get(cx, &s));
    if (s.nightly_hour == NONE)
        return OK;
    TRY(rfm_request(cx, (instant) { 0 }, NULL));
    return job_next(cx, job, rfm_nightly_at(&s, cx->now));
}

const struct job_kind rfm_nightly_job = {
    .name = "rfm_nightly", .zh = "每晚计算 RFM", .en = "RFM run of the night", .step = nightly_step
};

enum err rfm_nightly_move(struct ctx *cx, const struct rfm_settings *s)
{
    if (s->nightly_hour == NONE)
        return job_cancel_key(cx, S(NIGHT_KEY));
    return job_reschedule(cx, &(struct job_new) { .kind = &rfm_nightly_job,
                                                  .due = rfm_nightly_at(s, cx->now),
                                                  .dedupe = S(NIGHT_KEY) });
}

/* At each start: an instance that has no nightly job yet gets one. */
enum err rfm_seed(struct ctx *cx)
{
    struct rfm_settings s;
    TRY(rfm_settings_get(cx, &s));
    if (s.nightly_hour == NONE)
        return OK;
    return job_add(cx,
                   &(struct job_new) { .kind = &rfm_nightly_job,
                                       .due = rfm_nightly_at(&s, cx->now),
                                       .dedupe = S(NIGHT_KEY) },
                   NULL);
}
