/* The column index of this process as a store of facts, with its files in the folder of the
 * instance, so that a start need not tell everything. */
#include <dirent.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "domain/insight/internal.h"
#include "domain/insight/store.h"

#include "insight.sql.h"

#define PAGE       2000
#define TELLING    1           /* grows when facts or people are told in another way */
#define SAVE_MS    (5 * 60000) /* with news, this often */
#define FOLD_FACTS 200000      /* told since the last fold; or … */
#define FOLD_SHARE 16          /* … this part of all, if that is more */
#define PURGE_REST 9 /* purging and saving what is left rests so many times what it took */

struct indexed {
    struct app *app;
    struct engine *engine;
    const struct event *last; /* of the page; NULL: it is of people alone */
    i64 told;                 /* facts since the last fold */
    i64 saved_seq, saved_ms;
    bool erased;    /* somebody was: words of theirs may stand in memory and in the files */
    i64 purge_from; /* monotonic: not before, so that many erasures are purged together */
    bool whole;
    bool opened; /* the files are this process's, and not of a server that runs beside it */
};

/* Not through event_read(): while other transactions run on the same PostgreSQL, a process that has
 * just started sees nothing of the log there. */
static enum err log_read(struct ctx *cx, void *arg)
{
    enum err e = sql_i64(cx, insight_log_begin, arg);
    return e == ERR_DONE ? OK : e;
}

/* What the files must have been told of: this log, by this way of telling. 0: an empty log. */
static uint64_t origin_of(struct indexed *x)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(x->app, &a, S("insight"));
    i64 first = 0;
    if (in_read(&cx, log_read, &first) != OK || !first)
        return 0;
    return str_hash(arena_fmt(&a, "told %d %lld", TELLING, (long long)first));
}

static void files_remove(struct indexed *x)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    str folder = app_path(x->app, &a, "engine");
    DIR *d = opendir(folder.ptr);
    for (struct dirent *f; d && (f = readdir(d));)
        if (f->d_name[0] != '.')
            unlink(arena_fmt(&a, "%s/%s", folder.ptr, f->d_name).ptr);
    if (d)
        closedir(d);
}

static bool files_save(struct indexed *x, uint64_t origin)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    const char *why = "";
    i64 from = clock_monotonic_us(), seq = engine_covered(x->engine);
    x->saved_ms = from / 1000;
    if (engine_save(x->engine, app_path(x->app, &a, "engine").ptr, origin, &why) != OK) {
        log_warn("insight.not_saved", P("reason", why));
        return false;
    }
    x->saved_seq = seq;
    log_debug("insight.saved", P("seq", seq), P("ms", (clock_monotonic_us() - from) / 1000));
    return true;
}

/* Of who was erased nothing stays, in memory and then in the files. A process that dies before
 * leaves files that the log has an erasure after, which open_files() looks for: the log is the
 * mark. */
static void purge(struct indexed *x, uint64_t origin)
{
    i64 from = clock_monotonic_us();
    engine_purge(x->engine);
    x->erased = false;
    if (!files_save(x, origin)) {
        files_remove(x);
        x->saved_seq = 0;
    }
    i64 took = (clock_monotonic_us() - from) / 1000;
    x->purge_from = from / 1000 + (PURGE_REST + 1) * took;
    log_info("insight.purged", P("ms", took));
}

static void save(void *store, bool now)
{
    struct indexed *x = store;
    i64 now_ms = clock_monotonic_us() / 1000;
    if (!x->whole)
        return;
    bool news = x->erased || engine_covered(x->engine) != x->saved_seq,
         due = x->erased ? now_ms >= x->purge_from : now_ms - x->saved_ms > SAVE_MS;
    uint64_t origin = news && (now || due) ? origin_of(x) : 0;
    if (!origin)
        return;
    if (x->erased)
        purge(x, origin);
    else
        (void)files_save(x, origin);
}

static enum err erased_read(struct ctx *cx, void *arg)
{
    i64 *at = arg;
    return sql_i64(cx, insight_erased_after, at, V(*at));
}

/* What was loaded when somebody was erased since: the files go at once, and it is not asked before
 * the log has been told to its end. */
static enum err erasures_look(struct indexed *x, struct insight_told *told)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(x->app, &a, S("insight"));
    i64 erased = told->seq;
    TRY(in_read(&cx, erased_read, &erased));
    if (!erased)
        return OK;
    log_info("insight.erased_since", P("seq", told->seq));
    files_remove(x);
    x->erased = true;
    x->whole = told->whole = false;
    x->saved_seq = 0;
    return OK;
}

static enum err open_files(void *store, struct insight_told *ret)
{
    struct indexed *x = store;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct engine *loaded = NULL;
    const char *why = "";
    uint64_t origin = origin_of(x);
    x->opened = true;
    if (!origin)
        return ERR_NOT_FOUND;
    enum err e =
        engine_load(app_path(x->app, &a, "engine").ptr, origin, app_loops(x->app), &loaded, &why);
    if (e != OK) {
        if (e != ERR_NOT_FOUND)
            log_warn("insight.not_loaded", P("reason", why));
        return ERR_NOT_FOUND;
    }
    engine_free(x->engine);
    x->engine = loaded;
    x->whole = true;
    x->saved_seq = engine_covered(loaded);
    struct insight_told told = { x->saved_seq, x->saved_seq, true };
    TRY(erasures_look(x, &told));
    *ret = told;
    return OK;
}

static enum err fresh(void *store)
{
    struct indexed *x = store;
    if (x->opened) /* until others stand there, nobody knows whose words are in them */
        files_remove(x);
    engine_free(x->engine);
    x->engine = engine_new(app_loops(x->app));
    x->whole = false;
    x->saved_seq = x->told = 0;
    return OK;
}

static void begin(void *store, const struct event *last)
{
    struct indexed *x = store;
    x->last = last;
    engine_begin(x->engine);
}

static void forget(void *store, i64 person, bool erased)
{
    struct indexed *x = store;
    engine_forget(x->engine, person);
    x->erased |= erased;
}

static void fact(void *store, const struct fact *f)
{
    struct indexed *x = store;
    engine_fact(x->engine, f);
    x->told++;
}

static void person(void *store, const struct person *p)
{
    struct indexed *x = store;
    engine_person(x->engine, p);
}

static enum err end(void *store)
{
    struct indexed *x = store;
    if (x->last)
        engine_cover(x->engine, x->last->seq);
    engine_end(x->engine);
    return OK;
}

static void fold_all(struct indexed *x)
{
    engine_begin(x->engine);
    engine_fold(x->engine);
    engine_end(x->engine);
    x->told = 0;
}

/* While it is being built nobody asks, and one fold of everything now and then is cheapest. */
static void rest(void *store, bool whole)
{
    struct indexed *x = store;
    struct engine_stats s;
    if (whole) {
        (void)engine_fold_some(x->engine);
        return;
    }
    engine_stats(x->engine, &s);
    if (x->told >= MAX(FOLD_FACTS, s.facts / FOLD_SHARE))
        fold_all(x);
}

static enum err whole(void *store)
{
    struct indexed *x = store;
    fold_all(x);
    x->whole = true;
    return OK;
}

static enum err ask(void *store, struct arena *a, const struct query *q, instant now,
                    const struct engine_limits *limits, struct result *ret)
{
    struct indexed *x = store;
    return engine_ask(x->engine, a, q, now, limits, ret);
}

static enum err fit(void *store, const struct people *const *asked, size_t asked_count, instant now,
                    const i64 *persons, size_t count, bool *ret)
{
    struct indexed *x = store;
    return engine_fit(x->engine, asked, asked_count, now, persons, count, ret);
}

static enum err types(void *store, struct arena *a, struct engine_type **ret, size_t *ret_count)
{
    struct indexed *x = store;
    engine_types(x->engine, a, ret, ret_count);
    return OK;
}

static enum err stats(void *store, struct engine_stats *ret)
{
    struct indexed *x = store;
    engine_stats(x->engine, ret);
    return OK;
}

static void problem(void *store, struct arena *a, str *ret_zh, str *ret_en)
{
    (void)store, (void)a;
    *ret_zh = *ret_en = STR_NONE;
}

static void *make(struct app *app)
{
    struct indexed *x = xcalloc(1, sizeof *x);
    x->app = app;
    x->saved_ms = clock_monotonic_us() / 1000;
    return x;
}

static void done(void *store)
{
    struct indexed *x = store;
    engine_free(x->engine);
    free(x);
}

const struct insight_store engine_store = {
    .name = "engine",
    .page = PAGE,
    .make = make,
    .free = done,
    .open = open_files,
    .fresh = fresh,
    .begin = begin,
    .forget = forget,
    .fact = fact,
    .person = person,
    .end = end,
    .rest = rest,
    .whole = whole,
    .save = save,
    .ask = ask,
    .fit = fit,
    .types = types,
    .stats = stats,
    .problem = problem,
};
