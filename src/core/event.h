/* event: the log. Facts are appended in the transaction that made them true, never updated (erasing
 * a person blanks what identifies them), and read in the order of their sequence numbers.
 *
 * Types are known by name and number. Those of modules are registered at start; those from SDKs on
 * sight, within a limit. */
#ifndef HETANG_EVENT_H
#define HETANG_EVENT_H

#include "core/app.h"
#include "core/ctx.h"
#include "core/module.h"

#define EVENT_TYPES_MAX 2000 /* kinds that SDKs may bring; more are refused */

struct event {
    i64 seq;
    customer_id customer; /* 0: nobody's */
    i64 type;
    str type_name;
    instant at;       /* when it happened */
    instant received; /* when it was written */
    i64 source;       /* which SDK source; 0: Hetang itself */
    str actor;        /* who did it, or none */
    str props;        /* a JSON object */
};

struct event_new {
    customer_id customer;
    instant at; /* 0: now */
    i64 source;
    i64 dedupe_key; /* 0: none */
    str props;      /* a JSON object; none: {} */
};

/* A fact of a module: TRY(event_emit(cx, &EV_TAG_ADDED, customer, P("tag_id", id.v))); */
#define event_emit(cx, type, customer, ...) \
    event_emit_with((cx), (type), (customer), (instant) { 0 }, BARE_PROPS(__VA_ARGS__))
#define event_emit_at(cx, type, customer, at, ...) \
    event_emit_with((cx), (type), (customer), (at), BARE_PROPS(__VA_ARGS__))
enum err event_emit_with(struct ctx *cx, const struct event_type *type, customer_id customer,
                         instant at, const struct prop *props, size_t count);
/* A fact of a type known by number. */
enum err event_append(struct ctx *cx, i64 type, const struct event_new *e);
/* The number of a type, registering it (inside a write) when it is new. ERR_TOO_MANY past the
 * limit. */
enum err event_type_id(struct ctx *cx, str name, i64 *ret);
str event_type_name(const struct app *app, i64 type); /* none if unknown */

/* PostgreSQL numbers a fact when it is written, so a write that is still open may hold a smaller
 * number than one that is committed: whoever moves on past the larger would never see the smaller.
 * event_look(), before a read begins, notes how far numbers have been given out and which writes
 * were open then; event_settled(), in the read, is the number up to which no older fact can still
 * come. On SQLite, which writes one after another, everything is settled. */
enum err event_look(struct app *app);
enum err event_settled(struct ctx *cx, i64 *ret_upto);
/* Waits until what the log has now, up to *ret_last, is settled: for whoever asks once and does not
 * come again. ERR_BUSY when a write stays open for longer than half a minute. */
enum err event_settle(struct app *app, i64 *ret_last);
/* Up to `limit` facts after `after`, in order; only those that no older one can still come before.
 * Texts are in the arena. */
enum err event_read(struct ctx *cx, i64 after, i64 limit, struct event *ret, size_t *ret_count);
/* The fact of that number; *ret_count is 0 if there is none. */
enum err event_read_one(struct ctx *cx, i64 seq, struct event *ret, size_t *ret_count);
enum err event_last(struct ctx *cx, i64 *ret_seq);

/* For app.c. */
struct event_types *event_types_new(void);
void event_types_free(struct event_types *t);
enum err event_types_register(struct ctx *cx); /* those of the modules; inside a write */
enum err event_types_load(struct app *app);

/* Subscribers (module.h) are run by one thread, in order, each with its cursor in the database. A
 * batch that fails is tried again alone with growing pauses; a single fact that fails
 * SUBSCRIBER_TRIES times is set aside as a dead job that a person can retry, and the log goes on.
 */
#define SUBSCRIBER_TRIES 6
enum err log_start(struct app *app);
void log_stop(struct app *app);
/* Runs all subscribers until nothing is left to do, in the caller's thread: for commands that run
 * without a server. What somebody else's write keeps back for too long is left to the next who
 * runs them. */
enum err log_drain(struct app *app);
/* How far each is behind, for metrics and the system page. */
struct log_lag {
    const char *name;
    i64 cursor, behind;
    bool failing;
};
enum err log_lags(struct ctx *cx, struct log_lag *ret, size_t *ret_count, size_t max);
extern const struct job_kind subscriber_retry_job;

#endif
