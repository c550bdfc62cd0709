/* What webhooks do when facts happen, and what they do in the background. */
#include "domain/webhook/webhook.h"

#include "base/json.h"
#include "base/vec.h"
#include "core/metric.h"

#include "webhook.sql.h"

#define REPLAY_STEP 200
#define HURRY_STEP  1000
#define REMOVE_STEP 1000
#define CLEAN_STEP  1000

struct wanting {
    webhook_id id;
    str types; /* patterns, one a line */
    i64 from_seq;
};

typedef VEC(struct wanting) wanting_list;

static enum err read_wanting(struct ctx *cx, wanting_list *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, webhook_wanting, &r));
    while (rows_next(&r))
        *vec_push(cx->arena, ret) =
            (struct wanting) { .id = { col_id(&r, 0) },
                               .types = arena_str(cx->arena, col_str(&r, 1)),
                               .from_seq = col_i64(&r, 2) };
    return rows_end(&r);
}

static bool wants(const struct wanting *w, const struct event *e)
{
    str rest = w->types;
    if (e->seq <= w->from_seq || str_is(e->type_name, EV_WEBHOOK_TEST.name))
        return false; /* a test goes to the one it was asked for alone */
    while (rest.len)
        if (webhook_wants(str_cut(&rest, '\n'), e->type_name))
            return true;
    return false;
}

static enum err pick(struct ctx *cx, const struct event *events, size_t count, bool *wanted)
{
    wanting_list hooks = { 0 };
    TRY(read_wanting(cx, &hooks));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < hooks.n && !wanted[i]; k++)
            wanted[i] = wants(&hooks.at[k], &events[i]);
    return OK;
}

static enum err handle(struct ctx *cx, const struct event *events, size_t count)
{
    wanting_list hooks = { 0 };
    TRY(read_wanting(cx, &hooks));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < hooks.n; k++)
            if (wants(&hooks.at[k], &events[i]))
                TRY(webhook_deliver(cx, hooks.at[k].id, events[i].seq, events[i].customer));
    return OK;
}

const struct subscriber webhook_subscriber = {
    .name = "webhook",
    .pick = pick,
    .handle = handle,
    .doc = "Makes a delivery of each fact for each webhook that wants it",
};

static i64 member(const struct json *object, const char *key)
{
    i64 n = 0;
    const struct json *j = json_get(object, key);
    return j && json_i64(j, &n) ? n : 0;
}

static const struct json *read_object(struct ctx *cx, str text)
{
    struct json_error bad;
    return text.len ? json_read(cx->arena, text, &bad) : NULL;
}

struct dead_one {
    i64 seq;
    customer_id customer;
};

/* Payload: webhook_id, upto. State: after. */
static enum err replay_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    const struct json *payload = read_object(cx, job->payload);
    webhook_id id = { member(payload, "webhook_id") };
    i64 after = member(read_object(cx, job->state), "after");
    struct dead_one *dead = NEW_N(cx->arena, struct dead_one, REPLAY_STEP);
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t count = 0;
    TRY(sql_query(cx, delivery_dead, &r, ID(id), V(after), V(member(payload, "upto")),
                  V(REPLAY_STEP)));
    for (; rows_next(&r); count++)
        dead[count] = (struct dead_one) { col_i64(&r, 0), { col_id(&r, 1) } };
    TRY(rows_end(&r));
    for (size_t i = 0; i < count; i++)
        TRY(webhook_replay(cx, id, dead[i].seq, dead[i].customer));
    *ret_more = count == REPLAY_STEP;
    job->done += (i64)count;
    if (count)
        job_keep(job, arena_fmt(cx->arena, "{\"after\":%lld}", (long long)dead[count - 1].seq));
    return OK;
}

const struct job_kind webhook_replay_job = { .name = "webhook_replay",
                                             .zh = "重新投递失败的 Webhook",
                                             .en = "Send dead deliveries of a webhook again",
                                             .step = replay_step };

/* What waits for its next attempt is tried now, since the receiver is said to be well again. */
static enum err hurry_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    webhook_id id = { member(read_object(cx, job->payload), "webhook_id") };
    i64 changed;
    app_touch(&cx->app->deliveries_touched_us);
    TRY(sql_changed(cx, delivery_hurry, &changed, ID(id), V(cx->now), V(HURRY_STEP)));
    *ret_more = changed == HURRY_STEP;
    job->done += changed;
    return OK;
}

const struct job_kind webhook_hurry_job = { .name = "webhook_hurry",
                                            .zh = "恢复 Webhook 投递",
                                            .en = "Resume the deliveries of a webhook",
                                            .step = hurry_step };

static enum err remove_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    webhook_id id = { member(read_object(cx, job->payload), "webhook_id") };
    i64 changed;
    TRY(sql_changed(cx, delivery_delete_some, &changed, ID(id), V(REMOVE_STEP)));
    *ret_more = changed == REMOVE_STEP;
    job->done += changed;
    return *ret_more ? OK : sql_exec(cx, webhook_delete, ID(id));
}

const struct job_kind webhook_remove_job = { .name = "webhook_remove",
                                             .zh = "删除 Webhook 及其投递记录",
                                             .en = "Remove a webhook and its deliveries",
                                             .step = remove_step };

struct old {
    webhook_id webhook;
    i64 seq;
    instant created;
    customer_id customer;
    bool pending;
};

static enum err read_page(struct ctx *cx, i64 webhook, i64 seq, struct old *ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t count = 0;
    TRY(sql_query(cx, delivery_page, &r, V(webhook), V(seq), V(CLEAN_STEP)));
    for (; rows_next(&r); count++)
        ret[count] = (struct old) { .webhook = { col_id(&r, 0) },
                                    .seq = col_i64(&r, 1),
                                    .created = { col_i64(&r, 2) },
                                    .pending = !str_is(col_str(&r, 3), "done") &&
                                               !str_is(col_str(&r, 3), "dead"),
                                    .customer = { col_id(&r, 4) } };
    TRY(rows_end(&r));
    *ret_count = count;
    return OK;
}

/* What has ended goes; what never could be sent ends, and goes the next time. */
static enum err clean_one(struct ctx *cx, const struct old *d)
{
    i64 changed;
    if (!d->pending)
        return sql_exec(cx, delivery_delete, ID(d->webhook), V(d->seq));
    TRY(sql_changed(cx, delivery_expire, &changed, ID(d->webhook), V(d->seq), V(cx->now)));
    return changed && d->customer.v
               ? sql_exec(cx, delivery_next, ID(d->webhook), ID(d->customer), V(cx->now))
               : OK;
}

/* State: webhook, seq. Deliveries of a webhook stand in the order they were made, so the first page
 * without an old one is the last to look at. */
static enum err clean_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    const struct json *state = read_object(cx, job->state);
    i64 before = cx->now.ms - cx->app->config.webhook_days * DAY_MS;
    struct old *page = NEW_N(cx->arena, struct old, CLEAN_STEP);
    size_t count = 0, old = 0;
    TRY(read_page(cx, member(state, "webhook"), member(state, "seq"), page, &count));
    i64 first = count ? page[0].webhook.v : 0, seq = 0;
    for (size_t i = 0; i < count && page[i].webhook.v == first; i++) {
        seq = page[i].seq;
        if (page[i].created.ms >= before)
            continue;
        TRY(clean_one(cx, &page[i]));
        old++;
    }
    *ret_more = count > 0;
    job_keep(job, arena_fmt(cx->arena, "{\"webhook\":%lld,\"seq\":%lld}", (long long)first,
                            (long long)(old ? seq : I53_MAX)));
    return OK;
}

const struct job_kind webhook_clean_job = { .name = "webhook_clean",
                                            .zh = "清理 Webhook 投递记录",
                                            .en = "Remove old deliveries of webhooks",
                                            .step = clean_step,
                                            .daily_hour = 4 };

static enum err read_deliveries(struct ctx *cx, struct metric_out *to)
{
    static const char *const states[] = { "queued", "waiting", "sending", "dead" };
    i64 n[COUNT(states)] = { 0 };
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, delivery_counts, &r));
    while (rows_next(&r))
        for (size_t i = 0; i < COUNT(states); i++)
            if (str_is(col_str(&r, 0), states[i]))
                n[i] = col_i64(&r, 1);
    TRY(rows_end(&r));
    for (size_t i = 0; i < COUNT(states); i++)
        metric_value(to, str_of(states[i]), (double)n[i]);
    return OK;
}

const struct metric webhook_metrics[WEBHOOK_METRICS] = {
    { "hetang_webhook_deliveries", false, "state", "Deliveries of webhooks that are not done",
      read_deliveries },
};
