#include "domain/webhook/delivery.h"

#include "webhook.sql.h"

static const char *const states[] = { "queued", "waiting", "sending", "done", "dead", NULL };

#define DELIVERY(F, T)                                                                       \
    F(T, webhook_id, webhook_id, .doc = "Whose it is")                                       \
    F(T, i64, event_id, .doc = "Number of the fact; with webhook_id the delivery's name")    \
    F(T, str, type, .doc = "Type of the fact")                                               \
    F(T, customer_id, customer_id, .nullable = true, .doc = "Whom the fact is about")        \
    F(T, str, state, .choices = states,                                                      \
      .doc = "queued: behind an earlier one of the same person; waiting; sending; done; "    \
             "dead: given up")                                                               \
    F(T, i64, attempts, .doc = "How often it was sent")                                      \
    F(T, i64, status, .nullable = true, .doc = "HTTP status of the last answer")             \
    F(T, str, error, .nullable = true,                                                       \
      .doc = "Why the last attempt failed: status (of the answer), name, connect, private, " \
             "tls, timeout, broken; or expired, erased")                                     \
    F(T, str, detail, .nullable = true, .doc = "More about it, for those who look into it")  \
    F(T, i64, took_ms, .nullable = true, .doc = "How long the last attempt took")            \
    F(T, instant, next_at, .nullable = true, .doc = "When it is tried next")                 \
    F(T, instant, created_at, .doc = "When it was made")                                     \
    F(T, instant, finished_at, .nullable = true, .doc = "When it was done or given up")      \
    F(T, boolean, blanked, .doc = "The person it was about was erased")
SCHEMA(delivery, DELIVERY);

#define DELIVERY_ONE(F, T)                                                     \
    DELIVERY(F, T)                                                             \
    F(T, json, request, .nullable = true, .doc = "What was sent, or would be") \
    F(T, str, response, .nullable = true, .doc = "The first 2 KB of the answer")
SCHEMA(delivery_one, DELIVERY_ONE);

#define DELIVERY_PAGE(F, T)                                                \
    F(T, webhook_id, webhook_id, .doc = "Whose they are")                  \
    F(T, str, state, .choices = states, .doc = "Only those in this state") \
    PAGE_FIELDS(F, T)
SCHEMA(delivery_page, DELIVERY_PAGE);

#define DELIVERY_KEY(F, T)                             \
    F(T, webhook_id, webhook_id, .doc = "Whose it is") \
    F(T, i64, event_id, .min = 1, .max = I53_MAX, .doc = "Number of the fact")
SCHEMA(delivery_key, DELIVERY_KEY);

static enum err must_be(struct ctx *cx, webhook_id id)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, webhook_by_id, &r, ID(id)));
    bool found = rows_next(&r);
    TRY(rows_end(&r));
    return found ? OK : fail(cx, ERR_NOT_FOUND, NULL);
}

enum err delivery_list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct delivery_page *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 before, limit = page_limit(in->limit), count = 0;
    struct delivery d;
    TRY(must_be(cx, in->webhook_id));
    TRY(cursor_id(cx, in->cursor, &before));
    before = before ? before : I53_MAX;
    if (in->state.len)
        TRY(sql_query(cx, delivery_list_state, &r, ID(in->webhook_id), V(before), V(limit + 1),
                      V(in->state)));
    else
        TRY(sql_query(cx, delivery_list, &r, ID(in->webhook_id), V(before), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        schema_row(cx->arena, &delivery_schema, &r, &d);
        reply_item(out, &delivery_schema, &d);
        before = d.event_id;
    }
    return reply_page_end(cx, out, &r, count, limit, before);
}

static enum err get(struct ctx *cx, webhook_id webhook, i64 seq, struct delivery_one *ret)
{
    struct event fact;
    size_t found;
    TRY(sql_one(cx, delivery_get, &delivery_one_schema, ret, ID(webhook), V(seq)));
    if (ret->blanked)
        return OK;
    TRY(event_read_one(cx, seq, &fact, &found));
    if (found)
        ret->request = webhook_body(cx->arena, &fact, MAX(ret->attempts, 1));
    return OK;
}

enum err delivery_reply(struct ctx *cx, struct reply *out, webhook_id webhook, i64 seq)
{
    struct delivery_one d;
    TRY(get(cx, webhook, seq, &d));
    return reply_struct(out, &delivery_one_schema, &d);
}

enum err delivery_get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct delivery_key *in = input;
    TRY(must_be(cx, in->webhook_id));
    return delivery_reply(cx, out, in->webhook_id, in->event_id);
}

enum err delivery_replay_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct delivery_key *in = input;
    struct delivery_one d;
    TRY(must_be(cx, in->webhook_id));
    TRY(get(cx, in->webhook_id, in->event_id, &d));
    audit_entity(cx, "webhook", in->webhook_id.v);
    TRY(webhook_replay(cx, in->webhook_id, in->event_id, d.customer_id));
    return delivery_reply(cx, out, in->webhook_id, in->event_id);
}
