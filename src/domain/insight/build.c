/* From nothing told to everything told: where the store stands, what the log has beyond it, and
 * telling that. */
#include "base/log.h"
#include "base/time.h"
#include "domain/insight/internal.h"

#include "insight.sql.h"

/* Where to go on, and what the log has beyond it. */
struct beginning {
    struct insight *in;
    struct insight_told told;
    i64 last, settled, count;
};

static enum err beginning_read(struct ctx *cx, void *arg)
{
    struct beginning *b = arg;
    TRY(event_last(cx, &b->last));
    TRY(event_settled(cx, &b->settled));
    TRY(sql_i64(cx, insight_event_count, &b->count, V(b->told.seq)));
    return owners_load(cx, b->in);
}

/* Everything that is missing: the log, then people as they stand. Of a log told from its beginning
 * facts up to live_from are told as people are joined now; what happens to people meanwhile is told
 * with the facts after it. */
static enum err build(struct insight *in, void (*tell)(void *arg, i64 done, i64 total), void *arg)
{
    bool more = true;
    while (more && !in->stop) {
        TRY(page_advance(in, &more));
        in->done = MIN(in->done + in->store->page, in->total);
        if (tell)
            tell(arg, in->done, in->total);
    }
    for (in->sweep = 0; in->sweep != NONE && !in->stop;)
        TRY(page_of_everybody(in));
    return in->stop ? OK : in->store->whole(in->kept);
}

/* Goes on where the store stands, or from the beginning of the log. */
static enum err begin(struct insight *in, bool afresh, bool *ret_whole)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    struct beginning b = { .in = in };
    enum err e = afresh ? ERR_NOT_FOUND : in->store->open(in->kept, &b.told);
    if (e != OK && e != ERR_NOT_FOUND)
        return e;
    TRY(event_look(in->app));
    TRY(in_read(&cx, beginning_read, &b));
    /* A log that is older than what was told was brought back from somewhere. */
    if (e == ERR_NOT_FOUND || b.told.seq > b.last) {
        b.told = (struct insight_told) { .from = MIN(b.last, b.settled) };
        TRY(in->store->fresh(in->kept));
        TRY(in_read(&cx, beginning_read, &b));
    }
    in->seq = b.told.seq;
    in->live_from = b.told.from;
    in->done = 0;
    in->total = b.count;
    map_clear(&in->hours);
    *ret_whole = b.told.whole;
    return OK;
}

enum err build_ready(struct insight *in)
{
    i64 from = clock_monotonic_us();
    bool whole;
    TRY(begin(in, false, &whole));
    if (whole) {
        in->sweep = 0; /* what changed without a fact meanwhile */
        log_info("insight.loaded", P("store", in->store->name), P("seq", in->seq),
                 P("ms", (clock_monotonic_us() - from) / 1000));
    } else {
        TRY(build(in, NULL, NULL));
        if (in->stop)
            return OK;
        log_info("insight.built", P("store", in->store->name), P("facts", in->total),
                 P("ms", (clock_monotonic_us() - from) / 1000));
    }
    in->ready = true;
    return OK;
}

enum err insight_build(struct app *app, void (*tell)(void *arg, i64 done, i64 total), void *arg)
{
    struct insight *in = insight_new(app);
    struct insight_told told;
    i64 last;
    bool whole;
    if (in->store->look) { /* a server tells it */
        TRY(in->store->look(in->kept, &told));
        in->seq = told.seq;
        in->ready = told.whole;
        return OK;
    }
    TRY(event_settle(app, &last));
    TRY(begin(in, true, &whole));
    TRY(build(in, tell, arg));
    in->ready = true;
    return OK;
}
