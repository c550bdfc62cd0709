/* What the files of the module share. */
#ifndef HETANG_INSIGHT_INTERNAL_H
#define HETANG_INSIGHT_INTERNAL_H

#include <pthread.h>

#include "base/map.h"
#include "base/vec.h"
#include "core/app.h"
#include "core/event.h"
#include "core/metric.h"
#include "domain/customer/customer.h"
#include "domain/insight/insight.h"
#include "domain/insight/store.h"

struct insight {
    struct app *app;
    const struct insight_store *store;
    void *kept; /* by the store */
    pthread_t thread;
    bool threaded;
    _Atomic bool stop, ready, sweep_wanted;
    _Atomic i64 seq;         /* told up to here */
    _Atomic i64 done, total; /* facts, while it is being built */
    pthread_mutex_t listen_lock;
    insight_listener *listener; /* guarded by listen_lock, which is held while it is called */
    /* the thread's own */
    char lease_by[32]; /* lease.c */
    bool lease_held, telling;
    i64 lease_ms;      /* monotonic; when it was looked at, 0: never */
    struct map roots;  /* who was joined → whose facts theirs are */
    struct map erased; /* people of whom nothing is told */
    struct map hours;  /* person → the hour they were last told for a fact of a source */
    i64 live_from;     /* what happens to people by facts after this one is looked at */
    i64 rfm_run;       /* whose scores were told */
    i64 value_run;     /* whose figures were told */
    i64 sweep;         /* everybody is told anew up to this number; NONE: not under way */
};

/* person.c: people as the engine is told of them. Those living of first … last, at most
 * PEOPLE_PAGE; *ret_next: from where to go on, 0: that was all. */
#define PEOPLE_PAGE 2000
typedef VEC(struct person) person_list;
enum err people_load(struct ctx *cx, i64 first, i64 last, person_list *ret, i64 *ret_next);

/* fact.c: what of an event is told. Texts are in the arena. */
void fact_of(struct arena *a, const struct event *e, i64 person, struct fact *ret);

/* page.c: what is told at once. Only by who tells (lease_hold). */
enum err page_advance(struct insight *in, bool *ret_more); /* the next facts; there may be more */
enum err page_of_everybody(struct insight *in);            /* of in->sweep and on, which it moves */
enum err owners_load(struct ctx *cx, struct insight *in);  /* who is joined, erased, scored */

/* build.c: goes on where the store stands, or from the beginning of the log, until it can be asked.
 */
enum err build_ready(struct insight *in);

/* feed.c */
struct insight *insight_new(struct app *app); /* which has it from here on */

/* lease.c: is it this process that tells the store? */
enum err lease_hold(struct insight *in, bool *ret);
void lease_give(struct insight *in);

/* question.c: a failure of the store, with its reason. */
enum err insight_failed(struct ctx *cx, enum err e);

/* insight_api.c */
#define INSIGHT_ROUTES 4
extern const struct route insight_routes[INSIGHT_ROUTES];
#define INSIGHT_METRICS 3
extern const struct metric insight_metrics[INSIGHT_METRICS];

#endif
