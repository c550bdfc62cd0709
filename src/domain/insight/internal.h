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

struct insight {
    struct app *app;
    struct engine *engine;
    pthread_t thread;
    bool threaded;
    _Atomic bool stop, ready, sweep_wanted;
    _Atomic i64 seq;         /* told up to here */
    _Atomic i64 done, total; /* facts, while it is being built */
    pthread_mutex_t listen_lock;
    insight_listener *listener; /* guarded by listen_lock, which is held while it is called */
    /* the thread's own */
    struct map roots;  /* who was joined → whose facts theirs are */
    struct map erased; /* people of whom nothing is told */
    struct map hours;  /* person → the hour they were last told for a fact of a source */
    i64 live_from;     /* what happens to people by facts after this one is looked at */
    i64 saved_seq, saved_ms;
    bool unsaved;  /* somebody was erased: nothing is saved until it is built anew */
    i64 folded;    /* facts told since the last fold */
    i64 rfm_run;   /* whose scores were told */
    i64 value_run; /* whose figures were told */
    i64 sweep;     /* everybody is told anew up to this number; NONE: not under way */
};

/* person.c: people as the engine is told of them. Those living of first … last, at most
 * PEOPLE_PAGE; *ret_next: from where to go on, 0: that was all. */
#define PEOPLE_PAGE 2000
typedef VEC(struct person) person_list;
enum err people_load(struct ctx *cx, i64 first, i64 last, person_list *ret, i64 *ret_next);

/* feed.c: who was joined and erased, and whose scores hold. */
enum err owners_read(struct ctx *cx, void *insight);

/* files.c. files_load() false: there is nothing that can be used, and all is told from the
 * beginning. Words about who was erased may stand in the files until the index is built anew, which
 * then it is at the next start: files_remove(), and nothing is saved until then. */
void files_save(struct insight *in);
bool files_load(struct insight *in);
void files_remove(struct insight *in);

/* fact.c: what of an event is told. Texts are in the arena. */
void fact_of(struct arena *a, const struct event *e, i64 person, struct fact *ret);

/* insight_api.c */
#define INSIGHT_ROUTES 4
extern const struct route insight_routes[INSIGHT_ROUTES];
#define INSIGHT_METRICS 2
extern const struct metric insight_metrics[INSIGHT_METRICS];

#endif
