/* webhook: facts of the log sent to addresses of the brand's choice.
 *
 * A delivery is one fact for one webhook. It is made by the subscriber in the write that moves its
 * cursor, so no fact is left out and none comes twice. Within a webhook the facts of one person are
 * sent one at a time, in the order of the log: the oldest unfinished one is waiting or sending, the
 * later ones are queued until it is done or dead. Facts about nobody wait for nothing.
 *
 *     queued -> waiting -> sending -> done
 *                  ^         |-> dead    after a day of failures
 *                  `---------'           a failure: later again
 *
 * Sending is somebody else's business (connect/webhook): it claims what is due, sends outside of
 * any transaction, and settles what came of it. A claim is a lease in the name of the process, so
 * that what a dead process held is sent again: at least once, and the delivery's name tells the
 * receiver. */
#ifndef HETANG_WEBHOOK_H
#define HETANG_WEBHOOK_H

#include "core/app.h"
#include "core/ctx.h"
#include "core/event.h"
#include "core/job.h"
#include "core/metric.h"
#include "core/module.h"

ID_TYPE(webhook_id);

#define WEBHOOKS_MAX        50
#define WEBHOOK_AT_ONCE     8 /* deliveries of one webhook under way in one process */
#define WEBHOOK_TYPES_MAX   50
#define WEBHOOK_LEASE_MS    (2 * MINUTE_MS)
#define WEBHOOK_TIMEOUT_MS  (10 * SECOND_MS)
#define WEBHOOK_GIVE_UP_MS  DAY_MS
#define WEBHOOK_PAUSE_AFTER 10 /* failures in a row, when the first is WEBHOOK_GIVE_UP_MS ago */
#define WEBHOOK_ANSWER_MAX  2048

/* Does a pattern ("order.paid", "order.*", "*") mean this type? */
bool webhook_wants(str pattern, str type);
/* "v1=" and the HMAC-SHA256 of "timestamp.body" with the secret's text, in hex. */
str webhook_signature(struct arena *a, str secret, i64 timestamp_s, str body);
/* When to try again after so many attempts: 10 s, doubled each time, at most an hour, give or take
 * a fifth. */
i64 webhook_pause_ms(struct rnd *rnd, i64 attempts);

/* What is posted. */
str webhook_body(struct arena *a, const struct event *fact, i64 attempt);

/* One delivery that was claimed. */
struct webhook_sending {
    webhook_id webhook;
    i64 seq, attempt;
    instant first_at; /* of its attempts, or when the webhook was switched on, if that is later */
    str url, secret;
    struct event fact;
};

struct webhook_due {
    webhook_id webhook;
    instant due; /* 0: nothing waits */
};

enum webhook_result {
    WEBHOOK_DELIVERED,
    WEBHOOK_FAILED,
    WEBHOOK_NOT_SENT, /* we stopped before there was an answer: as if it had not been tried */
};

struct webhook_outcome {
    enum webhook_result result;
    int status;   /* 0: no answer */
    str error;    /* a word: "status", or how the request ended (net/client.h) */
    str detail;   /* more about it, or none */
    str response; /* its first bytes, whatever they are; or none */
    i64 took_ms;
};

/* For the sender. In a read: every active webhook and when its next delivery is due. */
enum err webhook_list_due(struct ctx *cx, struct webhook_due ret[WEBHOOKS_MAX], size_t *ret_count);
/* In a write: up to `most` due deliveries of a webhook, leased to `lease_by`. */
enum err webhook_claim(struct ctx *cx, webhook_id id, str lease_by, size_t most,
                       struct webhook_sending *ret, size_t *ret_count);
/* In a write. Does nothing if the lease was lost meanwhile. */
enum err webhook_settle(struct ctx *cx, str lease_by, const struct webhook_sending *s,
                        const struct webhook_outcome *o);
/* In a write: what was leased to others until now is waiting again; on SQLite, where nobody else
 * can be there, at the start also what was leased for longer. */
enum err webhook_reclaim(struct ctx *cx, str lease_by, bool all);

/* In a write. A delivery of a fact, queued behind earlier ones of the same person. */
enum err webhook_deliver(struct ctx *cx, webhook_id id, i64 seq, customer_id customer);
/* In a write. Sends a done or dead one again; ERR_WRONG_STATE if it is neither, or was blanked. */
enum err webhook_replay(struct ctx *cx, webhook_id id, i64 seq, customer_id customer);

/* When a person is erased: nothing more about them is sent, and what receivers answered about them
 * is blanked. In a write. */
enum err webhook_forget(struct ctx *cx, customer_id customer);

extern const struct event_type EV_WEBHOOK_TEST, EV_WEBHOOK_PAUSED;
extern const struct subscriber webhook_subscriber;
extern const struct job_kind webhook_replay_job, webhook_hurry_job, webhook_remove_job,
    webhook_clean_job;
#define WEBHOOK_METRICS 1
extern const struct metric webhook_metrics[WEBHOOK_METRICS];
extern const struct person_part webhook_person;
extern const struct module webhook_module;

#endif
