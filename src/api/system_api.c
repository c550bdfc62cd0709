/* Routes of the engine itself. */
#include "api/internal.h"

#include "base/time.h"
#include "core/event.h"
#include "core/job.h"
#include "core/reply.h"

#include "call.sql.h"

#define HEALTH(F, T) F(T, str, status, .doc = "ok")
SCHEMA(health, HEALTH);

#define CLOCK(F, T)                      \
    F(T, instant, now, .required = true, \
      .doc = "The instance's clock stands here until moved again")
SCHEMA(clock, CLOCK);

static enum err health_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)cx, (void)input;
    return reply_struct(out, &health_schema, &(struct health) { .status = S("ok") });
}

static enum err ping(struct ctx *cx, void *arg)
{
    (void)arg;
    i64 last;
    return event_last(cx, &last);
}

static enum err ready_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input;
    TRY(app_disk_check(cx->app));
    TRY(in_read(cx, ping, NULL));
    return reply_struct(out, &health_schema, &(struct health) { .status = S("ok") });
}

static enum err openapi_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input;
    out->media = "application/json";
    out_openapi(&out->body, cx->app);
    return OK;
}

static enum err clock_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct clock *in = input;
    (void)out;
    if (!cx->app->config.test_mode)
        return fail(cx, ERR_NO_ROUTE, NULL);
    app_clock_set(cx->app, in->now);
    return OK;
}

static const struct route routes[] = {
    { GET, "/healthz", health_run, .id = "system.health", .perm = PERM_PUBLIC, .mode = BARE,
      .out = &health_schema, .doc = "Is the process alive?" },
    { GET, "/readyz", ready_run, .id = "system.ready", .perm = PERM_PUBLIC, .mode = BARE,
      .out = &health_schema, .doc = "Can it serve: database, disk?" },
    { GET, "/api/v1/openapi.json", openapi_run, .id = "system.openapi", .perm = PERM_PUBLIC,
      .mode = BARE, .raw_out = true, .doc = "This contract" },
    { POST, "/api/v1/test/clock", clock_run, .id = "test.clock", .perm = PERM_PUBLIC, .mode = BARE,
      .in = &clock_schema, .no_csrf = true, .doc = "Move the clock; only in test mode" },
};

static enum err clean_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    (void)job;
    *ret_more = false;
    return sql_exec(cx, idempotency_clean, V((instant) { cx->now.ms - DAY_MS }));
}

static const struct job_kind clean_job = { .name = "idempotency_clean",
                                           .zh = "清理幂等记录",
                                           .en = "Remove old idempotency keys",
                                           .step = clean_step,
                                           .every_ms = HOUR_MS };
static const struct job_kind *const jobs[] = { &clean_job };

const struct module api_module = { .name = "api",
                                   .routes = routes,
                                   .route_count = COUNT(routes),
                                   .jobs = jobs,
                                   .job_count = COUNT(jobs) };
