/* timeline: the facts of one person out of the log, by an index kept beside the database
 * (engine/runs.h). What the index does not cover yet is looked for in the log itself, so a fact is
 * seen as soon as it is committed. */
#ifndef HETANG_TIMELINE_H
#define HETANG_TIMELINE_H

#include "core/event.h"

#define TIMELINE_MAX 5000 /* facts of a person that are looked at; older ones are not shown */

struct timeline_query {
    const customer_id *people; /* the person and those merged into it */
    size_t people_count;
    const char *const *types; /* NULL-terminated names or prefixes ending in '.'; NULL: all */
    instant before_at;        /* only facts before (at, seq); 0: from the newest */
    i64 before_seq;
    size_t limit;
};

/* By when they happened, newest first. `ret` has room for `limit`. *ret_more: older ones are left.
 */
enum err timeline_read(struct ctx *cx, const struct timeline_query *q, struct event *ret,
                       size_t *ret_count, bool *ret_more);

/* Every fact of these people, however many, newest first by sequence number. The event's texts are
 * in an arena that is emptied now and then: `each` keeps what it needs. Stops at the first error.
 */
enum err timeline_walk(struct ctx *cx, const customer_id *people, size_t count,
                       enum err (*each)(struct ctx *cx, const struct event *e, void *arg),
                       void *arg);

/* For app.c and the thread of the log. */
enum err timeline_open(struct app *app, const char **ret_reason);
void timeline_close(struct app *app);
bool timeline_advance(struct app *app); /* true if there may be more to index */
i64 timeline_covered(const struct app *app);
size_t timeline_bytes(const struct app *app);

#endif
