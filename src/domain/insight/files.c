/* The index as files in the folder of the instance, so that a start need not tell everything. */
#include <dirent.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "domain/insight/internal.h"

#define TELLING 1 /* grows when facts or people are told in another way */

static enum err log_read(struct ctx *cx, void *arg)
{
    struct event first;
    size_t count = 0;
    i64 *ret = arg;
    *ret = 0;
    TRY(event_read(cx, 0, 1, &first, &count));
    if (count)
        *ret = first.received.ms;
    return event_last(cx, &ret[1]);
}

/* What the files must have been told of: this log, by this way of telling. 0: an empty log. */
static uint64_t origin_of(struct insight *in, i64 *ret_last)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    i64 log[2];
    *ret_last = 0;
    if (event_look(in->app) != OK || in_read(&cx, log_read, log) != OK || !log[0])
        return 0;
    *ret_last = log[1];
    return str_hash(arena_fmt(&a, "told %d %lld", TELLING, (long long)log[0]));
}

void files_save(struct insight *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    const char *why = "";
    i64 last, from = clock_monotonic_us();
    if (in->seq == in->saved_seq || !in->ready || in->unsaved)
        return;
    uint64_t origin = origin_of(in, &last);
    if (!origin)
        return;
    i64 seq = in->seq;
    in->saved_ms = from / 1000;
    if (engine_save(in->engine, app_path(in->app, &a, "engine").ptr, origin, &why) != OK) {
        log_warn("insight.not_saved", P("reason", why));
        return;
    }
    in->saved_seq = seq;
    log_debug("insight.saved", P("seq", seq), P("ms", (clock_monotonic_us() - from) / 1000));
}

bool files_load(struct insight *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct engine *loaded = NULL;
    const char *why = "";
    i64 last, from = clock_monotonic_us();
    uint64_t origin = origin_of(in, &last);
    if (!origin)
        return false;
    enum err e =
        engine_load(app_path(in->app, &a, "engine").ptr, origin, app_loops(in->app), &loaded, &why);
    if (e != OK) {
        if (e != ERR_NOT_FOUND)
            log_warn("insight.not_loaded", P("reason", why));
        return false;
    }
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    i64 covered = engine_covered(loaded);
    /* A log that is older than the files was brought back from somewhere. */
    if (covered > last || in_read(&cx, owners_read, in) != OK) {
        engine_free(loaded);
        return false;
    }
    in->engine = loaded;
    in->seq = in->saved_seq = in->live_from = covered;
    in->sweep = 0; /* what changed without a fact meanwhile */
    log_info("insight.loaded", P("seq", covered), P("ms", (clock_monotonic_us() - from) / 1000));
    return true;
}

void files_remove(struct insight *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    str folder = app_path(in->app, &a, "engine");
    DIR *d = opendir(folder.ptr);
    in->unsaved = true;
    for (struct dirent *f; d && (f = readdir(d));)
        if (f->d_name[0] != '.')
            unlink(arena_fmt(&a, "%s/%s", folder.ptr, f->d_name).ptr);
    if (d)
        closedir(d);
}
