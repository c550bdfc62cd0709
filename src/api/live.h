/* live: the log as it is written, to whoever watches it (server-sent events).
 *
 * One thread reads what was committed and gives each watcher what they asked for and may see. A
 * watcher has a place in the log and no queue: who reads slowly gets the facts later, from the log,
 * so that their memory is bounded by LIVE_ROOM; who is very far behind is told of a gap and goes on
 * from there; who takes nothing at all for long gets a last message and is cut off. Rights are
 * looked at anew with each heartbeat. */
#ifndef HETANG_LIVE_H
#define HETANG_LIVE_H

#include "core/event.h"
#include "net/http.h"

#define LIVE_MAX    1000                /* watchers */
#define LIVE_ROOM   ((size_t)128 << 10) /* bytes that may wait for one of them */
#define LIVE_BEHIND 20000               /* facts; further behind there is a gap */
#define LIVE_KEPT   1000                /* facts before the end, from which they go on then */

/* What somebody asked for. Types are names, or prefixes that end in a dot; none: all. */
#define EVENT_TYPES_ASKED 50
struct event_filter {
    const str *types;
    size_t type_count;
    customer_id customer; /* or whom they were joined into */
    i64 source;           /* NONE: any */
};

/* Of type and source alone. */
bool event_wanted(const struct event_filter *f, str type, i64 source);
/* May the actor see facts about this person, and what are they called? What is about nobody is for
 * those who see everything. *ret_root is the living person. */
enum err event_see(struct ctx *cx, customer_id customer, bool *ret_may, customer_id *ret_root,
                   str *ret_name);
/* One fact as the API shows it: an object. */
void out_event(struct strbuf *sb, const struct event *e, customer_id root, str name);

struct live;
enum err live_new(struct app *app, struct live **ret);
/* Ends all streams with a last message; there are no new ones. Before the server stops. */
void live_stop(struct live *live);
void live_free(struct live *live);

/* A place for the one who asks, in the memory of the exchange; ERR_BUSY when there is none. */
struct watcher;
enum err live_enter(struct ctx *cx, const struct event_filter *f, i64 after, struct watcher **ret);
/* The last thing that is done with an exchange: from now on it belongs to the thread. */
void live_begin(struct live *live, struct watcher *w, const struct http_header *headers,
                size_t header_count);

#endif
