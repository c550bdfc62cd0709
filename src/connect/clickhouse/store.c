#include "connect/clickhouse/store.h"

#include "base/base.h"
#include "base/log.h"
#include "base/time.h"
#include "connect/clickhouse/internal.h"

#define PAGE           20000
#define REST_MS        250 /* a statement for each fact would be too many parts for the server */
#define BACKGROUND_S   600
#define LEEWAY_MS      5000 /* the server ends what takes too long; this is for when it does not */
#define FIT_PERSONS    200  /* of one statement */
#define FIT_CONDITIONS 50
#define CACHED_TIMES   20 /* what took a second is asked again after so many */

/* --- words */

static void keep_words(struct remote *r, const char *zh, const char *en)
{
    pthread_mutex_lock(&r->lock);
    snprintf(r->zh, sizeof r->zh, "%s", zh);
    snprintf(r->en, sizeof r->en, "%s", en);
    pthread_mutex_unlock(&r->lock);
}

enum err wrong(struct remote *r, const char *zh, const char *en)
{
    keep_words(r, zh, en);
    return ERR_UNAVAILABLE;
}

void all_is_well(struct remote *r)
{
    keep_words(r, "", "");
}

/* Whatever it is, to who tells it is that the server cannot be told now. */
enum err said(struct remote *r, const struct clickhouse_call *c, size_t count)
{
    size_t i = 0;
    while (i < count && c[i].result == OK)
        i++;
    assert(i < count);
    struct arena a CLEANUP(arena_done) = { 0 };
    return wrong(r, arena_z(&a, c[i].zh), arena_z(&a, c[i].en));
}

static void problem(void *store, struct arena *a, str *ret_zh, str *ret_en)
{
    struct remote *r = store;
    pthread_mutex_lock(&r->lock);
    *ret_zh = arena_str(a, str_of(r->zh));
    *ret_en = arena_str(a, str_of(r->en));
    pthread_mutex_unlock(&r->lock);
    if (!ret_en->len)
        *ret_zh = *ret_en = STR_NONE;
}

enum err say_all(struct remote *r, struct arena *a, str statement, i64 timeout_ms,
                 struct clickhouse_call **ret)
{
    struct clickhouse_call *calls = NEW_N(a, struct clickhouse_call, r->at.host_count);
    for (size_t i = 0; i < r->at.host_count; i++)
        calls[i] = (struct clickhouse_call) { .host = i,
                                              .statement = statement,
                                              .timeout_ms = timeout_ms };
    if (clickhouse_say(r->http, a, calls, r->at.host_count) != OK)
        return said(r, calls, r->at.host_count);
    *ret = calls;
    return OK;
}

enum err say_lines(struct remote *r, struct arena *a, str lines)
{
    struct clickhouse_call *calls;
    while (lines.len) {
        str line = str_cut(&lines, '\n');
        if (line.len)
            TRY(say_all(r, a, line, STATEMENT_MS, &calls));
    }
    return OK;
}

/* --- questions */

static const char *settings_of(struct arena *a, const struct engine_limits *limits, i64 *ret_ms)
{
    i64 left_ms = BACKGROUND_S * 1000;
    if (limits && limits->deadline_us)
        left_ms = MAX((limits->deadline_us - clock_monotonic_us()) / 1000, 1);
    *ret_ms = left_ms + LEEWAY_MS;
    size_t memory = limits ? limits->memory : 0;
    /* groups that need more than half of it wait on the disk; priority: 1 is the highest */
    return arena_z(a, arena_fmt(a,
                                "&max_execution_time=%lld&max_memory_usage=%zu"
                                "&max_bytes_before_external_group_by=%zu&priority=%d"
                                "&connect_timeout_with_failover_ms=1000"
                                "&timeout_before_checking_execution_speed=0" CLICKHOUSE_SETTINGS,
                                (long long)(left_ms + 999) / 1000, memory, memory / 2,
                                limits && limits->background ? 2 : 1));
}

/* By the first host that answers at all. */
static enum err question(struct remote *r, struct arena *a, str statement,
                         const struct engine_limits *limits, str *ret_rows)
{
    struct clickhouse_call c = { .result = ERR_UNAVAILABLE };
    i64 timeout_ms;
    if (r->wrong)
        return setup_look(r);
    const char *settings = settings_of(a, limits, &timeout_ms);
    unsigned first = r->turn++;
    for (size_t i = 0; i < r->at.host_count && !c.reached; i++) {
        c = (struct clickhouse_call) { .host = (first + i) % r->at.host_count,
                                       .settings = settings,
                                       .statement = statement,
                                       .timeout_ms = timeout_ms };
        if (clickhouse_say(r->http, a, &c, 1) == OK) {
            *ret_rows = c.body;
            return OK;
        }
    }
    log_warn("clickhouse.not_answered", P("code", c.code), P("reason", c.en));
    return c.result == ERR_UNAVAILABLE ? said(r, &c, 1) : c.result;
}

static enum err misunderstood(const char *what)
{
    log_error("clickhouse.misunderstood", P("answer_to", what));
    return ERR_INTERNAL;
}

static enum err ask(void *store, struct arena *a, const struct query *q, instant now,
                    const struct engine_limits *limits, struct result *ret)
{
    struct remote *r = store;
    str sql, rows;
    if (clickhouse_sql(a, q, now, &sql) != OK)
        return ERR_TOO_COSTLY;
    TRY(question(r, a, sql, limits, &rows));
    return clickhouse_result(a, q, now, rows, ret) == OK ? OK : misunderstood("a question");
}

static enum err fit(void *store, const struct people *const *asked, size_t asked_count, instant now,
                    const i64 *persons, size_t count, bool *ret)
{
    struct remote *r = store;
    const struct engine_limits limits = { .background = true };
    for (size_t k = 0; k < asked_count; k += FIT_CONDITIONS)
        for (size_t i = 0; i < count; i += FIT_PERSONS) {
            struct arena a CLEANUP(arena_done) = { 0 };
            size_t conditions = MIN(asked_count - k, (size_t)FIT_CONDITIONS),
                   people = MIN(count - i, (size_t)FIT_PERSONS);
            bool *found = NEW_N(&a, bool, conditions *people);
            str sql, rows;
            if (clickhouse_fit_sql(&a, asked + k, conditions, now, persons + i, people, &sql) != OK)
                return ERR_TOO_COSTLY;
            TRY(question(r, &a, sql, &limits, &rows));
            if (clickhouse_fit_result(&a, rows, conditions, persons + i, people, found) != OK)
                return misunderstood("who of a few fits");
            for (size_t n = 0; n < conditions; n++)
                memcpy(ret + (k + n) * count + i, found + n * people, people);
        }
    return OK;
}

/* --- the catalogue: a walk over everything, so asked seldom when that takes long */

static bool cached_read(struct remote *r, struct cached *c, struct arena *a, str *ret)
{
    pthread_mutex_lock(&r->lock);
    bool there = c->at_us && clock_monotonic_us() - c->at_us < CACHED_TIMES * c->took_us;
    if (there)
        *ret = arena_str(a, c->rows);
    pthread_mutex_unlock(&r->lock);
    return there;
}

static enum err catalogue(struct remote *r, struct cached *c, str sql, struct arena *a, str *ret)
{
    if (cached_read(r, c, a, ret))
        return OK;
    i64 from = clock_monotonic_us();
    const struct engine_limits limits = { .background = true,
                                          .deadline_us = from + 60 * INT64_C(1000000) };
    TRY(question(r, a, sql, &limits, ret));
    i64 now = clock_monotonic_us();
    pthread_mutex_lock(&r->lock);
    arena_reset(&c->arena);
    c->rows = arena_str(&c->arena, *ret);
    c->at_us = now;
    c->took_us = now - from;
    pthread_mutex_unlock(&r->lock);
    return OK;
}

static enum err types(void *store, struct arena *a, struct engine_type **ret, size_t *ret_count)
{
    struct remote *r = store;
    str rows;
    TRY(catalogue(r, &r->types, clickhouse_types_sql(a), a, &rows));
    return clickhouse_types_read(a, rows, ret, ret_count) == OK ? OK : misunderstood("types");
}

static enum err stats(void *store, struct engine_stats *ret)
{
    struct remote *r = store;
    struct arena a CLEANUP(arena_done) = { 0 };
    str rows;
    TRY(catalogue(r, &r->stats, clickhouse_stats_sql(&a), &a, &rows));
    return clickhouse_stats_read(&a, rows, ret) == OK ? OK : misunderstood("how many");
}

/* --- the row of functions */

static enum err whole(void *store)
{
    struct remote *r = store;
    struct arena a CLEANUP(arena_done) = { 0 };
    r->whole = true;
    r->version++;
    return told_write(r, &a);
}

static void rest(void *store, bool whole_)
{
    (void)store, (void)whole_;
}

static void save(void *store, bool now)
{
    (void)store, (void)now;
}

static struct remote *remote_new(const char *url)
{
    struct remote *r = xcalloc(1, sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    if (clickhouse_address_read(&r->arena, str_of(url), &r->at, &r->wrong) == OK) {
        r->place = (struct clickhouse_place) { r->at.database, r->at.cluster,
                                               r->at.cluster.len ? "_local" : "" };
        if (clickhouse_http_start(&r->at, &r->http) != OK)
            r->wrong = "no thread can be started for it";
    }
    return r;
}

static void *make(struct app *app)
{
    struct remote *r = remote_new(app->config.events);
    r->app = app;
    return r;
}

static void remote_free(void *store)
{
    struct remote *r = store;
    clickhouse_http_stop(r->http);
    tell_done(r);
    pthread_mutex_destroy(&r->lock);
    arena_done(&r->types.arena);
    arena_done(&r->stats.arena);
    arena_done(&r->arena);
    free(r);
}

static const struct insight_store clickhouse_store = {
    .name = "clickhouse",
    .page = PAGE,
    .rest_ms = REST_MS,
    .make = make,
    .free = remote_free,
    .open = remote_open,
    .look = remote_look,
    .fresh = remote_fresh,
    .begin = tell_begin,
    .forget = tell_forget,
    .fact = tell_fact,
    .person = tell_person,
    .end = tell_end,
    .rest = rest,
    .whole = whole,
    .check = remote_check,
    .save = save,
    .ask = ask,
    .fit = fit,
    .types = types,
    .stats = stats,
    .problem = problem,
};

enum err clickhouse_look(struct arena *a, const char *url, str *ret_text)
{
    struct remote *r = remote_new(url);
    str zh;
    enum err e = r->wrong ? ERR_CONFIG : setup_look(r);
    if (r->wrong)
        *ret_text = arena_fmt(a, "the setting events is wrong: %s", r->wrong);
    else if (e != OK)
        problem(r, a, &zh, ret_text);
    else
        *ret_text = arena_fmt(a, "%zu ClickHouse server%s, database %.*s", r->at.host_count,
                              r->at.host_count > 1 ? "s" : "", STR_ARG(r->at.database));
    remote_free(r);
    return e;
}

static enum err start(struct app *app)
{
    insight_offer(*app->config.events ? &clickhouse_store : NULL);
    return OK;
}

const struct module connect_clickhouse_module = { .name = "clickhouse", .start = start };
