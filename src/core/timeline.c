#include "core/timeline.h"

#include "base/time.h"
#include "base/vec.h"
#include "core/event.h"
#include "engine/runs.h"

#include "timeline.sql.h"

#define INDEX_BATCH 20000
#define TAIL_LOOK   20000 /* facts behind the index that are looked through for one person */

enum err timeline_open(struct app *app, const char **ret_reason)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    return runs_open(app_path(app, &a, "index").ptr, "person", &app->timeline, ret_reason);
}

void timeline_close(struct app *app)
{
    runs_close(app->timeline);
    app->timeline = NULL;
}

i64 timeline_covered(const struct app *app)
{
    return app->timeline ? runs_covered(app->timeline) : 0;
}

size_t timeline_bytes(const struct app *app)
{
    return app->timeline ? runs_bytes(app->timeline) : 0;
}

static enum err index_batch(struct ctx *cx, void *arg)
{
    struct runs *runs = cx->app->timeline;
    i64 *count = arg, covered = runs_covered(runs), received = 0;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 settled;
    TRY(event_settled(cx, &settled));
    TRY(sql_query(cx, timeline_after, &r, V(covered), V(settled), V(INDEX_BATCH)));
    for (*count = 0; rows_next(&r); (*count)++) {
        covered = col_id(&r, 0);
        received = col_id(&r, 2);
        if (!col_null(&r, 1))
            runs_add(runs, (uint64_t)col_id(&r, 1), covered);
    }
    TRY(rows_end(&r));
    return *count ? runs_cover(runs, covered, received) : OK;
}

bool timeline_advance(struct app *app)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("timeline"));
    i64 count = 0;
    if (!app->timeline || event_look(app) != OK || in_read(&cx, index_batch, &count) != OK)
        return false;
    return count == INDEX_BATCH;
}

typedef VEC(i64) seq_list;

/* Facts that are committed but not yet in the index. */
static enum err find_behind(struct ctx *cx, const struct timeline_query *q, i64 covered,
                            seq_list *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, timeline_behind, &r, V(covered), V(TAIL_LOOK)));
    while (rows_next(&r))
        for (size_t i = 0; i < q->people_count; i++)
            if (col_id(&r, 1) == q->people[i].v)
                *vec_push(cx->arena, ret) = col_id(&r, 0);
    return rows_end(&r);
}

static enum err find_all(struct ctx *cx, const struct timeline_query *q, seq_list *ret)
{
    i64 *found = NEW_N(cx->arena, i64, TIMELINE_MAX), covered = timeline_covered(cx->app);
    TRY(find_behind(cx, q, covered, ret));
    for (size_t i = 0; i < q->people_count && cx->app->timeline; i++) {
        size_t n = runs_find(cx->app->timeline, (uint64_t)q->people[i].v, covered + 1, found,
                             TIMELINE_MAX);
        for (size_t k = 0; k < n && ret->n < 2 * TIMELINE_MAX; k++)
            *vec_push(cx->arena, ret) = found[k];
    }
    return OK;
}

static bool wanted(const struct timeline_query *q, const struct event *e)
{
    if (q->before_at.ms &&
        (e->at.ms > q->before_at.ms || (e->at.ms == q->before_at.ms && e->seq >= q->before_seq)))
        return false;
    for (size_t i = 0; q->types && q->types[i]; i++) {
        str type = str_of(q->types[i]);
        bool prefix = str_ends(type, S("."));
        if (prefix ? str_starts(e->type_name, type) : str_eq(e->type_name, type))
            return true;
    }
    return !q->types;
}

static int newest_first(const void *pa, const void *pb)
{
    const struct event *a = pa, *b = pb;
    if (a->at.ms != b->at.ms)
        return a->at.ms > b->at.ms ? -1 : 1;
    return (a->seq < b->seq) - (a->seq > b->seq);
}

enum err timeline_read(struct ctx *cx, const struct timeline_query *q, struct event *ret,
                       size_t *ret_count, bool *ret_more)
{
    seq_list seqs = { 0 };
    VEC(struct event) events = { 0 };
    TRY(find_all(cx, q, &seqs));
    for (size_t i = 0; i < seqs.n && i < TIMELINE_MAX; i++) {
        struct event e;
        size_t one = 0;
        TRY(event_read_one(cx, seqs.at[i], &e, &one));
        if (one && wanted(q, &e))
            *vec_push(cx->arena, &events) = e;
    }
    if (events.n)
        qsort(events.at, events.n, sizeof *events.at, newest_first);
    *ret_count = MIN(events.n, q->limit);
    *ret_more = events.n > q->limit;
    if (*ret_count)
        memcpy(ret, events.at, *ret_count * sizeof *ret);
    return OK;
}

struct walk {
    enum err (*each)(struct ctx *cx, const struct event *e, void *arg);
    void *arg;
    struct arena page;
};

static enum err visit(struct ctx *cx, struct walk *w, i64 seq)
{
    struct arena *outer = cx->arena;
    struct event e;
    size_t one = 0;
    arena_reset(&w->page);
    cx->arena = &w->page;
    enum err result = event_read_one(cx, seq, &e, &one);
    if (result == OK && one)
        result = w->each(cx, &e, w->arg);
    cx->arena = outer;
    return result;
}

static enum err walk(struct ctx *cx, struct walk *w, const customer_id *people, size_t count)
{
    const struct timeline_query q = { .people = people, .people_count = count };
    i64 covered = timeline_covered(cx->app), found[256];
    seq_list behind = { 0 };
    do { /* the whole of what the index does not have yet */
        struct rows r CLEANUP(rows_close) = { 0 };
        i64 from = covered;
        TRY(sql_query(cx, timeline_behind, &r, V(covered), V(TAIL_LOOK)));
        for (; rows_next(&r); covered = col_id(&r, 0))
            for (size_t i = 0; i < q.people_count; i++)
                if (col_id(&r, 1) == q.people[i].v)
                    *vec_push(cx->arena, &behind) = col_id(&r, 0);
        TRY(rows_end(&r));
        if (covered == from)
            break;
    } while (true);
    for (size_t i = behind.n; i-- > 0;)
        TRY(visit(cx, w, behind.at[i]));
    i64 start = behind.n ? behind.at[0] : timeline_covered(cx->app) + 1;
    for (size_t i = 0; i < count && cx->app->timeline; i++) {
        i64 below = start;
        for (size_t n; (n = runs_find(cx->app->timeline, (uint64_t)people[i].v, below, found,
                                      COUNT(found)));) {
            for (size_t k = 0; k < n; k++)
                TRY(visit(cx, w, found[k]));
            below = found[n - 1];
        }
    }
    return OK;
}

enum err timeline_walk(struct ctx *cx, const customer_id *people, size_t count,
                       enum err (*each)(struct ctx *cx, const struct event *e, void *arg),
                       void *arg)
{
    struct walk w = { .each = each, .arg = arg };
    enum err e = walk(cx, &w, people, count);
    arena_done(&w.page);
    return e;
}
