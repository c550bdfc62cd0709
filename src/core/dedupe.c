#include "core/dedupe.h"

#include "base/log.h"
#include "base/map.h"
#include "base/time.h"
#include "core/event.h"
#include "engine/runs.h"

#include "dedupe.sql.h"

#define INDEX_BATCH 20000
#define SWITCH_AT   50000

struct dedupe {
    struct runs *seen;
    /* Claimed keys that the files may not have yet, used with the writer's turn only. When `young`
     * is large it becomes `old`, which is forgotten once the files cover the log as far as it
     * reached then. */
    struct map young, old;
    i64 old_upto;
    bool loaded;
    _Atomic bool lost;
    i64 dropped_us;
};

i64 dedupe_key(i64 source, str message_id)
{
    uint64_t hash = u64_hash(str_hash(message_id) ^ u64_hash((uint64_t)source + 1)) >> 1;
    return hash ? (i64)hash : 1;
}

enum err dedupe_open(struct app *app, const char **ret_reason)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    if (db_engine(app->db) != DB_SQLITE)
        return OK;
    struct dedupe *d = xcalloc(1, sizeof *d);
    app->dedupe = d;
    return runs_open(app_path(app, &a, "index").ptr, "seen", &d->seen, ret_reason);
}

void dedupe_close(struct app *app)
{
    struct dedupe *d = app->dedupe;
    if (!d)
        return;
    runs_close(d->seen);
    map_done(&d->young);
    map_done(&d->old);
    free(d);
    app->dedupe = NULL;
}

void dedupe_lost(struct app *app)
{
    if (app->dedupe)
        app->dedupe->lost = true;
}

struct page {
    struct runs *seen;
    i64 count;
};

static enum err index_batch(struct ctx *cx, void *arg)
{
    struct page *p = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 covered = runs_covered(p->seen), received = 0;
    TRY(sql_query(cx, dedupe_after, &r, V(covered), V(INDEX_BATCH)));
    for (p->count = 0; rows_next(&r); p->count++) {
        covered = col_id(&r, 0);
        received = col_id(&r, 2);
        if (!col_null(&r, 1))
            runs_add(p->seen, (uint64_t)col_id(&r, 1), covered);
    }
    TRY(rows_end(&r));
    return p->count ? runs_cover(p->seen, covered, received) : OK;
}

bool dedupe_advance(struct app *app)
{
    struct dedupe *d = app->dedupe;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("dedupe"));
    if (!d)
        return false;
    struct page p = { .seen = d->seen };
    i64 now_us = clock_monotonic_us();
    if (now_us - d->dropped_us > 60 * INT64_C(1000000)) {
        runs_drop_before(d->seen, app_now(app).ms - DEDUPE_MS);
        d->dropped_us = now_us;
    }
    return in_read(&cx, index_batch, &p) == OK && p.count == INDEX_BATCH;
}

/* What the files do not have, out of the log: at the first use, and after a group was lost. */
static enum err load(struct ctx *cx, struct dedupe *d)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    map_clear(&d->young);
    map_clear(&d->old);
    d->lost = false;
    TRY(sql_query(cx, dedupe_keys_after, &r, V(runs_covered(d->seen))));
    while (rows_next(&r))
        *map_put(&d->young, col_id(&r, 0)) = 1;
    TRY(rows_end(&r));
    d->loaded = true;
    return OK;
}

static enum err switch_maps(struct ctx *cx, struct dedupe *d)
{
    if (d->old.count && runs_covered(d->seen) >= d->old_upto)
        map_done(&d->old);
    if (d->old.count || d->young.count < SWITCH_AT)
        return OK;
    TRY(event_last(cx, &d->old_upto)); /* this write's own facts, too */
    map_done(&d->old);
    d->old = d->young;
    d->young = (struct map) { 0 };
    return OK;
}

static enum err claim_in_table(struct ctx *cx, i64 key, bool *ret_first)
{
    i64 changed;
    TRY(sql_changed(cx, dedupe_take, &changed, V(key), V(cx->now)));
    *ret_first = changed == 1;
    return OK;
}

enum err dedupe_claim(struct ctx *cx, i64 key, bool *ret_first)
{
    struct dedupe *d = cx->app->dedupe;
    assert(key > 0);
    if (!d)
        return claim_in_table(cx, key, ret_first);
    if (!d->loaded || d->lost)
        TRY(load(cx, d));
    TRY(switch_maps(cx, d));
    bool seen =
        map_get(&d->young, key) || map_get(&d->old, key) || runs_has(d->seen, (uint64_t)key);
    if (!seen)
        *map_put(&d->young, key) = 1;
    *ret_first = !seen;
    return OK;
}

void dedupe_unclaim(struct ctx *cx, i64 key)
{
    struct dedupe *d = cx->app->dedupe;
    if (d && !map_remove(&d->young, key))
        map_remove(&d->old, key);
}

enum err dedupe_clean(struct ctx *cx)
{
    return sql_exec(cx, dedupe_forget, V((instant) { cx->now.ms - DEDUPE_MS }));
}
