#include "domain/webhook/webhook.h"

#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "base/utf8.h"

#include "webhook.sql.h"

#define PAUSE_FIRST_MS (10 * SECOND_MS)
#define PAUSE_MAX_MS   HOUR_MS
#define PAUSE_DOUBLES  20

const struct event_type EV_WEBHOOK_TEST = {
    .name = "webhook.test",
    .zh = "Webhook 测试",
    .en = "Test of a webhook",
    .props = "webhook_id: id, message: text",
};
const struct event_type EV_WEBHOOK_PAUSED = {
    .name = "webhook.paused",
    .zh = "Webhook 已暂停",
    .en = "A webhook was paused",
    .props = "webhook_id: id, failures: integer, error: text",
};

bool webhook_wants(str pattern, str type)
{
    if (str_is(pattern, "*"))
        return true;
    if (str_ends(pattern, S(".*")))
        return str_starts(type, str_head(pattern, pattern.len - 1));
    return str_eq(pattern, type);
}

str webhook_signature(struct arena *a, str secret, i64 timestamp_s, str body)
{
    uint8_t mac[SHA256_LEN];
    struct strbuf signed_text, text;
    strbuf_init(&signed_text, a, body.len + 32);
    out_fmt(&signed_text, "%lld.", (long long)timestamp_s);
    out(&signed_text, body);
    hmac_sha256(secret, strbuf_str(&signed_text), mac);
    strbuf_init(&text, a, 3 + 2 * SHA256_LEN);
    out(&text, S("v1="));
    out_hex(&text, mac, SHA256_LEN);
    return strbuf_str(&text);
}

i64 webhook_pause_ms(struct rnd *rnd, i64 attempts)
{
    i64 pause = MIN(PAUSE_FIRST_MS << MIN(MAX(attempts - 1, 0), PAUSE_DOUBLES), PAUSE_MAX_MS);
    return pause - pause / 5 + (i64)rnd_below(rnd, (uint64_t)(2 * pause / 5 + 1));
}

str webhook_body(struct arena *a, const struct event *fact, i64 attempt)
{
    struct strbuf text;
    strbuf_init(&text, a, fact->props.len + 4096);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    json_put(&w, "id", fact->seq);
    json_put(&w, "type", fact->type_name);
    json_time(&w, "at", fact->at);
    json_time(&w, "received_at", fact->received);
    json_val(&w, "customer_id", ID(fact->customer));
    json_raw(&w, "props", fact->props);
    json_put(&w, "attempt", attempt);
    json_close(&w);
    json_done(&w);
    return strbuf_str(&text);
}

enum err webhook_list_due(struct ctx *cx, struct webhook_due ret[WEBHOOKS_MAX], size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t count = 0;
    TRY(sql_query(cx, webhook_due, &r));
    for (; count < WEBHOOKS_MAX && rows_next(&r); count++)
        ret[count] = (struct webhook_due) { { col_id(&r, 0) }, { col_id(&r, 1) } };
    TRY(rows_end(&r));
    *ret_count = count;
    return OK;
}

struct target {
    str url, secret;
    instant since;
};

/* *ret_found false: it is not active, or its secret cannot be read any more; then it is paused, so
 * that it holds up no other. */
static enum err read_target(struct ctx *cx, webhook_id id, struct target *ret, bool *ret_found)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    str sealed = STR_NONE;
    TRY(sql_query(cx, webhook_target, &r, ID(id)));
    *ret_found = rows_next(&r);
    if (*ret_found) {
        ret->url = arena_str(cx->arena, col_str(&r, 0));
        sealed = arena_str(cx->arena, col_str(&r, 1));
        ret->since = (instant) { col_id(&r, 2) };
    }
    TRY(rows_end(&r));
    if (!*ret_found || secret_open(cx->app->secrets, cx->arena, sealed, &ret->secret) == OK)
        return OK;
    fail_clear(cx);
    *ret_found = false;
    log_error("webhook.secret", P("webhook", id.v));
    return sql_exec(cx, webhook_pause, ID(id), V(cx->now), V("secret"));
}

/* The next of this person's facts may go, now that the one before it has ended. */
static enum err let_next(struct ctx *cx, webhook_id id, customer_id customer)
{
    if (!customer.v)
        return OK;
    app_touch(&cx->app->deliveries_touched_us);
    return sql_exec(cx, delivery_next, ID(id), ID(customer), V(cx->now));
}

/* Bytes of somebody else as text that every database takes: what is not UTF-8, and NUL, becomes
 * U+FFFD. */
static str readable(struct arena *a, str bytes)
{
    struct strbuf text;
    if (!bytes.ptr)
        return STR_NONE;
    strbuf_init(&text, a, 3 * bytes.len + 1);
    for (size_t at = 0; at < bytes.len;) {
        size_t step = bytes.ptr[at] ? utf8_step(str_from(bytes, at)) : 0;
        out(&text, step ? (str) { bytes.ptr + at, step } : S("\xef\xbf\xbd"));
        at += MAX(step, 1);
    }
    return strbuf_str(&text);
}

/* False in *ret_held: the lease was lost meanwhile, and nothing was written. */
static enum err put_outcome(struct ctx *cx, str lease_by, const struct webhook_sending *s,
                            const struct webhook_outcome *o, const char *state, instant again,
                            bool *ret_held)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    bool ended = !again.ms;
    TRY(sql_query(cx, delivery_settle, &r, ID(s->webhook), V(s->seq), V(lease_by), V(s->attempt),
                  V(state), V(again), ended ? V(cx->now) : val_null(), val_id(o->status),
                  V(o->error), V(readable(cx->arena, o->detail)),
                  V(readable(cx->arena, str_head(o->response, WEBHOOK_ANSWER_MAX))),
                  V(o->took_ms)));
    *ret_held = rows_next(&r);
    customer_id customer = { *ret_held ? col_id(&r, 0) : 0 };
    TRY(rows_end(&r));
    return ended ? let_next(cx, s->webhook, customer) : OK;
}

enum err webhook_claim(struct ctx *cx, webhook_id id, str lease_by, size_t most,
                       struct webhook_sending *ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct target target;
    instant until = { cx->now.ms + WEBHOOK_LEASE_MS };
    bool found;
    size_t claimed = 0, count = 0;
    *ret_count = 0;
    TRY(read_target(cx, id, &target, &found));
    if (!found) /* switched off since it was looked at */
        return OK;
    TRY(sql_query(cx, delivery_claim, &r, ID(id), V(cx->now), V(until), V(lease_by), V((i64)most)));
    for (; rows_next(&r); claimed++) {
        assert(claimed < most);
        ret[claimed] =
            (struct webhook_sending) { .webhook = id,
                                       .seq = col_i64(&r, 0),
                                       .attempt = col_i64(&r, 1),
                                       .first_at = { MAX(col_i64(&r, 2), target.since.ms) },
                                       .url = target.url,
                                       .secret = target.secret };
    }
    TRY(rows_end(&r));
    for (size_t i = 0; i < claimed; i++) {
        size_t facts;
        bool held;
        TRY(event_read_one(cx, ret[i].seq, &ret[i].fact, &facts));
        if (facts) {
            ret[count++] = ret[i];
            continue;
        } /* it is gone from the log: there is nothing to send */
        TRY(put_outcome(cx, lease_by, &ret[i], &(struct webhook_outcome) { .error = S("expired") },
                        "dead", (instant) { 0 }, &held));
    }
    *ret_count = count;
    return OK;
}

/* The receiver answered as it should, or did not; after a day of nothing else it is left alone. */
static enum err note_health(struct ctx *cx, webhook_id id, const struct webhook_outcome *o)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    if (o->result == WEBHOOK_DELIVERED)
        return sql_exec(cx, webhook_well, ID(id));
    str error =
        o->status ? arena_fmt(cx->arena, "%.*s %d", STR_ARG(o->error), o->status) : o->error;
    TRY(sql_query(cx, webhook_ill, &r, ID(id), V(cx->now), V(error)));
    bool active = rows_next(&r);
    i64 failures = active ? col_i64(&r, 0) : 0, since = active ? col_i64(&r, 1) : 0;
    TRY(rows_end(&r));
    if (failures < WEBHOOK_PAUSE_AFTER || cx->now.ms - since < WEBHOOK_GIVE_UP_MS)
        return OK;
    TRY(sql_exec(cx, webhook_pause, ID(id), V(cx->now), V(error)));
    log_warn("webhook.paused", P("webhook", id.v), P("failures", failures), P("error", error));
    return event_emit(cx, &EV_WEBHOOK_PAUSED, (customer_id) { 0 }, P("webhook_id", id.v),
                      P("failures", failures), P("error", error));
}

enum err webhook_settle(struct ctx *cx, str lease_by, const struct webhook_sending *s,
                        const struct webhook_outcome *o)
{
    if (o->result == WEBHOOK_NOT_SENT)
        return sql_exec(cx, delivery_release, ID(s->webhook), V(s->seq), V(lease_by), V(s->attempt),
                        V(cx->now));
    i64 last_ms = s->first_at.ms + WEBHOOK_GIVE_UP_MS;
    bool done = o->result == WEBHOOK_DELIVERED, ended = done || cx->now.ms >= last_ms, held;
    i64 again_ms = cx->now.ms + webhook_pause_ms(&cx->rnd, s->attempt);
    instant again = { MIN(again_ms, last_ms) }; /* MIN looks twice, a pause is drawn once */
    TRY(put_outcome(cx, lease_by, s, o,
                    done    ? "done"
                    : ended ? "dead"
                            : "waiting",
                    ended ? (instant) { 0 } : again, &held));
    return held ? note_health(cx, s->webhook, o) : OK;
}

enum err webhook_reclaim(struct ctx *cx, str lease_by, bool all)
{
    instant upto = { all ? I53_MAX : cx->now.ms };
    return sql_exec(cx, delivery_reclaim, V(upto), V(lease_by));
}

/* Is one of this person's facts waiting or being sent? */
static enum err busy(struct ctx *cx, webhook_id id, customer_id customer, bool *ret)
{
    i64 one;
    enum err e = customer.v ? sql_i64(cx, delivery_busy, &one, ID(id), ID(customer)) : ERR_DONE;
    *ret = e == OK;
    return e == ERR_DONE ? OK : e;
}

enum err webhook_deliver(struct ctx *cx, webhook_id id, i64 seq, customer_id customer)
{
    bool later;
    TRY(busy(cx, id, customer, &later));
    app_touch(&cx->app->deliveries_touched_us);
    return sql_exec(cx, delivery_insert, ID(id), V(seq), ID(customer),
                    V(later ? "queued" : "waiting"), later ? val_null() : V(cx->now), V(cx->now));
}

enum err webhook_replay(struct ctx *cx, webhook_id id, i64 seq, customer_id customer)
{
    bool later;
    i64 changed;
    TRY(busy(cx, id, customer, &later));
    app_touch(&cx->app->deliveries_touched_us);
    TRY(sql_changed(cx, delivery_again, &changed, ID(id), V(seq), V(later ? "queued" : "waiting"),
                    later ? val_null() : V(cx->now)));
    return changed ? OK
                   : fail_rule(cx, ERR_WRONG_STATE, NULL, "尚未结束，或相关客户信息已被删除",
                               "it has not ended, or the person it is about was erased");
}

enum err webhook_forget(struct ctx *cx, customer_id customer)
{
    return sql_exec(cx, delivery_forget, ID(customer), V(cx->now));
}

const struct person_part webhook_person = { .kind = "webhook", .forget = webhook_forget };
