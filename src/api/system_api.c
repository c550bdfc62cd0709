/* Routes of the engine itself. */
#include "api/internal.h"

#include "base/time.h"
#include "core/event.h"
#include "core/job.h"
#include "core/reply.h"
#include "core/reseal.h"

#include "call.sql.h"

#define HEALTH(F, T) F(T, str, status, .doc = "ok")
SCHEMA(health, HEALTH);

#define CLOCK(F, T)                      \
    F(T, instant, now, .required = true, \
      .doc = "The instance's clock stands here until moved again")
SCHEMA(clock, CLOCK);

#define TEST_EVENT(F, T)                                                     \
    F(T, str, type, .required = true, .max = 200, .doc = "Type of the fact") \
    F(T, customer_id, customer_id, .doc = "Whom it is about")                \
    F(T, instant, at, .doc = "When it happened; now unless told")            \
    F(T, json, props, .doc = "Its properties, an object")
SCHEMA(test_event, TEST_EVENT);

#define TEST_FACT(F, T) F(T, i64, seq, .doc = "Its number in the log")
SCHEMA(test_fact, TEST_FACT);

#define FAULT(F, T)                                           \
    F(T, i64, at, .required = true, .min = 0, .max = 1000000, \
      .doc = "The statement that fails, counted from now, of whoever it is; 0 none")
SCHEMA(fault, FAULT);

static enum err health_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)cx, (void)input;
    return reply_struct(out, &health_schema, &(struct health) { .status = S("ok") });
}

static enum err ping(struct ctx *cx, void *arg)
{
    (void)arg;
    i64 last;
    TRY(event_last(cx, &last));
    return reseal_key_check(cx);
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

struct appending {
    const struct test_event *in;
    i64 seq;
};

static enum err append(struct ctx *cx, void *arg)
{
    struct appending *a = arg;
    i64 type;
    TRY(event_type_id(cx, a->in->type, &type));
    TRY(event_append(cx, type,
                     &(struct event_new) {
                         .customer = a->in->customer_id, .at = a->in->at, .props = a->in->props }));
    return event_last(cx, &a->seq); /* the newest that this write can see is its own */
}

static enum err event_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct appending a = { .in = input };
    if (!cx->app->config.test_mode)
        return fail(cx, ERR_NO_ROUTE, NULL);
    TRY(in_write(cx, append, &a));
    return reply_struct(out, &test_fact_schema, &(struct test_fact) { .seq = a.seq });
}

static enum err fault_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct fault *in = input;
    (void)out;
    if (!cx->app->config.test_mode)
        return fail(cx, ERR_NO_ROUTE, NULL);
    db_fault_at(in->at);
    return OK;
}

static const struct route routes[] = {
    { GET, "/healthz", health_run, .id = "system.health", .perm = PERM_PUBLIC, .mode = BARE,
      .out = &health_schema, .doc = "Is the process alive?" },
    { GET, "/readyz", ready_run, .id = "system.ready", .perm = PERM_PUBLIC, .mode = BARE,
      .out = &health_schema, .doc = "Can it serve: database, disk, keys?" },
    { GET, "/api/v1/openapi.json", openapi_run, .id = "system.openapi", .perm = PERM_PUBLIC,
      .mode = BARE, .raw_out = true, .doc = "This contract" },
    { GET, "/metrics", metrics_run, .id = "system.metrics", .perm = PERM_SYSTEM_WRITE, .mode = READ,
      .raw_out = true,
      .doc = "Figures for Prometheus; over the socket in the data folder, or with "
             "a token" },
    { GET, "/api/v1/system", status_run, .id = "system.status", .perm = PERM_SYSTEM_WRITE,
      .mode = READ, .out = &system_status_schema,
      .doc = "What runs here: version, database, memory, disk, settings" },
    { PUT, "/api/v1/system/settings/{name}", setting_put_run, .id = "system.setting_put",
      .perm = PERM_SYSTEM_WRITE, .mode = BARE, .in = &setting_put_schema,
      .out = &system_setting_schema,
      .doc = "Write a setting into hetang.ini, and let it hold at once where it can" },
    { DELETE, "/api/v1/system/settings/{name}", setting_reset_run, .id = "system.setting_reset",
      .perm = PERM_SYSTEM_WRITE, .mode = BARE, .in = &setting_name_schema,
      .out = &system_setting_schema,
      .doc = "Take a setting out of hetang.ini, so that its default holds" },
    { POST, "/api/v1/test/clock", clock_run, .id = "test.clock", .perm = PERM_PUBLIC, .mode = BARE,
      .in = &clock_schema, .no_csrf = true, .doc = "Move the clock; only in test mode" },
    { POST, "/api/v1/test/event", event_run, .id = "test.event", .perm = PERM_PUBLIC, .mode = BARE,
      .in = &test_event_schema, .out = &test_fact_schema, .no_csrf = true,
      .doc = "Append a fact to the log; only in test mode" },
    { POST, "/api/v1/test/fault", fault_run, .id = "test.fault", .perm = PERM_PUBLIC, .mode = BARE,
      .in = &fault_schema, .no_csrf = true,
      .doc = "Let a statement fail as if the disk did; only in test mode" },
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
