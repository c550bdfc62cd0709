/* Before anything is told: are these the servers, whose facts do they hold, and how far were they
 * told? A server that was wiped or brought back from a copy is noticed by its row, which is read
 * again now and then; one that holds another log is left alone. */
#include "base/base.h"
#include "base/json.h"
#include "connect/clickhouse/internal.h"
#include "core/event.h"

#define TOKEN_KEY     "insight.token"
#define LINES_MAX     (64 << 10)
#define LEAST_MAJOR   18
#define LEAST_MINOR   16
#define NO_TABLE      60
#define EPOCH(n)      ((n) >> 32) /* grows with each opening, so that rows of an older one lose */
#define EPOCH_NEXT(n) ((EPOCH(n) + 1) << 32)

/* --- whose log */

static enum err token_read(struct ctx *cx, void *arg)
{
    struct json_error bad;
    str text, *ret = arg;
    TRY(setting_get(cx, TOKEN_KEY, &text));
    const struct json *j = text.len ? json_read(cx->arena, text, &bad) : NULL;
    *ret = j && j->kind == JSON_STRING ? j->text : STR_NONE;
    return OK;
}

static enum err token_make(struct ctx *cx, void *arg)
{
    str *ret = arg;
    TRY(token_read(cx, ret));
    if (ret->len)
        return OK;
    *ret = secret_token(cx->arena, 12);
    return setting_set(cx, TOKEN_KEY, arena_fmt(cx->arena, "\"%.*s\"", STR_ARG(*ret)));
}

/* What the servers' rows are marked with as this instance's. */
static enum err token_know(struct remote *r, bool may_make)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(r->app, &a, S("insight"));
    str token = STR_NONE;
    if (r->token.len)
        return OK;
    TRY(may_make ? in_write(&cx, token_make, &token) : in_read(&cx, token_read, &token));
    r->token = arena_str(&r->arena, token);
    return OK;
}

/* --- which servers */

static bool version_fits(str version)
{
    i64 major, minor;
    return str_to_i64(str_cut(&version, '.'), &major) &&
           str_to_i64(str_cut(&version, '.'), &minor) &&
           (major > LEAST_MAJOR || (major == LEAST_MAJOR && minor >= LEAST_MINOR));
}

static enum err versions_look(struct remote *r, struct arena *a)
{
    struct clickhouse_call *calls;
    TRY(say_all(r, a, S("SELECT version()"), LOOK_MS, &calls));
    for (size_t i = 0; i < r->at.host_count; i++) {
        str version = str_trim(calls[i].body), host = r->at.hosts[i];
        bool is_one = version.len && version.ptr[0] >= '0' && version.ptr[0] <= '9';
        if (version_fits(version))
            continue;
        return is_one ? wrong(r,
                              arena_fmt(a, "ClickHouse %.*s 版本过旧（%.*s），至少需要 18.16",
                                        STR_ARG(host), STR_ARG(str_head(version, 40)))
                                  .ptr,
                              arena_fmt(a,
                                        "ClickHouse at %.*s is too old (%.*s); it must be 18.16 or "
                                        "newer",
                                        STR_ARG(host), STR_ARG(str_head(version, 40)))
                                  .ptr)
                      : wrong(r, arena_fmt(a, "%.*s 不是 ClickHouse 服务器", STR_ARG(host)).ptr,
                              arena_fmt(a, "%.*s is not a ClickHouse server", STR_ARG(host)).ptr);
    }
    return OK;
}

static enum err cluster_look(struct remote *r, struct arena *a)
{
    struct clickhouse_call *calls;
    struct strbuf sb;
    if (!r->at.cluster.len)
        return OK;
    strbuf_init(&sb, a, 1000);
    out_z(&sb, "SELECT toInt64(uniqExact(shard_num)) FROM system.clusters WHERE cluster = ");
    out_clickhouse_text(&sb, r->at.cluster);
    TRY(say_all(r, a, strbuf_str(&sb), LOOK_MS, &calls));
    for (size_t i = 0; i < r->at.host_count; i++) {
        i64 shards = 0;
        str host = r->at.hosts[i];
        if (str_to_i64(str_trim(calls[i].body), &shards) && shards == (i64)r->at.host_count)
            continue;
        return wrong(
            r,
            arena_fmt(a, "ClickHouse %.*s 的集群 %.*s 有 %lld 个分片，而配置了 %zu 台服务器",
                      STR_ARG(host), STR_ARG(r->at.cluster), (long long)shards, r->at.host_count)
                .ptr,
            arena_fmt(a,
                      "the cluster %.*s of ClickHouse at %.*s has %lld shards, and the "
                      "setting names %zu hosts",
                      STR_ARG(r->at.cluster), STR_ARG(host), (long long)shards, r->at.host_count)
                .ptr);
    }
    return OK;
}

enum err setup_look(struct remote *r)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    if (r->wrong)
        return wrong(r, arena_fmt(&a, "设置 events 有误：%s", r->wrong).ptr,
                     arena_fmt(&a, "the setting events is wrong: %s", r->wrong).ptr);
    TRY(versions_look(r, &a));
    return cluster_look(r, &a);
}

static enum err tables_make(struct remote *r, struct arena *a)
{
    struct strbuf sb;
    strbuf_init(&sb, a, LINES_MAX);
    out_clickhouse_tables(&sb, &r->place);
    return say_lines(r, a, strbuf_str(&sb));
}

/* --- how far */

struct standing {
    bool there;
    struct clickhouse_told told;
};

static enum err standing_read(struct remote *r, struct arena *a, struct standing **ret)
{
    size_t count = r->at.host_count;
    struct clickhouse_call *calls = NEW_N(a, struct clickhouse_call, count);
    struct standing *all = NEW_N(a, struct standing, count);
    for (size_t i = 0; i < count; i++)
        calls[i] = (struct clickhouse_call) { .host = i,
                                              .statement = S(CLICKHOUSE_TOLD_SQL),
                                              .timeout_ms = LOOK_MS };
    (void)!clickhouse_say(r->http, a, calls, count);
    for (size_t i = 0; i < count; i++) {
        if (calls[i].code == NO_TABLE)
            continue;
        if (calls[i].result != OK)
            return said(r, &calls[i], 1);
        enum err e = clickhouse_told_read(a, calls[i].body, &all[i].told);
        if (e == ERR_INVALID)
            return wrong(r, "ClickHouse 的表 told 不是荷塘建立的",
                         "the table told of the ClickHouse is not one of Hetang's");
        all[i].there = e == OK;
    }
    *ret = all;
    return OK;
}

enum err told_write(struct remote *r, struct arena *a)
{
    size_t count = r->at.host_count;
    struct clickhouse_call *calls = NEW_N(a, struct clickhouse_call, count);
    for (size_t i = 0; i < count; i++) {
        struct strbuf sb;
        strbuf_init(&sb, a, 1000);
        out_clickhouse_told(&sb, &(struct clickhouse_told) { .version = r->version,
                                                             .token = r->token,
                                                             .telling = TELLING,
                                                             .shard = (i64)i,
                                                             .shards = (i64)count,
                                                             .seq = r->shards[i].seq,
                                                             .mark = r->shards[i].mark,
                                                             .whole = r->whole });
        calls[i] = (struct clickhouse_call) { .host = i,
                                              .statement = strbuf_str(&sb),
                                              .timeout_ms = STATEMENT_MS };
    }
    if (clickhouse_say(r->http, a, calls, count) != OK)
        return said(r, calls, count);
    r->told_version = r->version;
    return OK;
}

/* Each server has the row that was written to it, and not another's. */
static enum err standing_verify(struct remote *r, struct arena *a)
{
    struct standing *s;
    TRY(standing_read(r, a, &s));
    for (size_t i = 0; i < r->at.host_count; i++)
        if (!s[i].there || s[i].told.version != r->told_version || s[i].told.shard != (i64)i)
            return s[i].there && s[i].told.version == r->told_version
                       ? wrong(r, "events 中的两个地址是同一台 ClickHouse",
                               "two hosts of the setting events are one ClickHouse")
                       : wrong(r, "ClickHouse 已被另一进程写入，或数据已被恢复",
                               "the ClickHouse is not as it was left: another process tells it, "
                               "or it was brought back from a copy");
    return OK;
}

/* Facts that are nobody's would be counted with ours. */
static enum err empty_check(struct remote *r, struct arena *a, size_t host)
{
    str statement = arena_fmt(a, "SELECT count() FROM events%s", r->place.local);
    struct clickhouse_call c = { .host = host, .statement = statement, .timeout_ms = STATEMENT_MS };
    i64 rows;
    if (clickhouse_say(r->http, a, &c, 1) != OK)
        return said(r, &c, 1);
    if (str_to_i64(str_trim(c.body), &rows) && rows == 0)
        return OK;
    return wrong(
        r, "ClickHouse 数据库中的表 events 已有不属于荷塘的数据，请换一个数据库",
        "the table events of the ClickHouse holds rows that are not Hetang's; name another "
        "database");
}

struct marked {
    i64 seq, mark;
    bool same;
};

static enum err mark_read(struct ctx *cx, void *arg)
{
    struct marked *m = arg;
    struct event e;
    size_t count;
    TRY(event_read_one(cx, m->seq, &e, &count));
    m->same = count && e.received.ms == m->mark;
    return OK;
}

/* The log still has the fact that was told last: it was not brought back from before it. */
static enum err same_log(struct remote *r, const struct clickhouse_told *t, bool *ret)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(r->app, &a, S("insight"));
    struct marked m = { t->seq, t->mark, true };
    if (t->seq)
        TRY(in_read(&cx, mark_read, &m));
    *ret = m.same;
    return OK;
}

/* ERR_NOT_FOUND: it was told in another way, of another log of this instance, or to other shards.
 */
static enum err standing_take(struct remote *r, struct arena *a, const struct standing *all,
                              struct insight_told *ret)
{
    i64 version = 0;
    bool same = true, any = false;
    *ret = (struct insight_told) { .seq = INT64_MAX, .from = INT64_MAX, .whole = true };
    for (size_t i = 0; i < r->at.host_count; i++) {
        const struct clickhouse_told *t = &all[i].told;
        bool still = true;
        if (all[i].there && !str_eq(t->token, r->token))
            return wrong(r, "该 ClickHouse 数据库属于另一个荷塘实例，请换一个数据库",
                         "this database of the ClickHouse is another instance's; name another");
        if (all[i].there)
            TRY(same_log(r, t, &still));
        else
            TRY(empty_check(r, a, i));
        same &= still && (!all[i].there || (t->telling == TELLING && t->shard == (i64)i &&
                                            t->shards == (i64)r->at.host_count));
        version = MAX(version, t->version);
        any |= t->seq > 0;
        ret->seq = MIN(ret->seq, t->seq);
        ret->from = t->seq ? MIN(ret->from, t->seq) : ret->from;
        ret->whole &= all[i].there && t->whole;
        r->shards[i].seq = t->seq;
        r->shards[i].mark = t->mark;
    }
    r->version = EPOCH_NEXT(version);
    return same && (any || ret->whole) ? OK : ERR_NOT_FOUND;
}

enum err remote_open(void *store, struct insight_told *ret)
{
    struct remote *r = store;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct standing *all;
    struct insight_told told;
    TRY(setup_look(r));
    TRY(token_know(r, true));
    TRY(tables_make(r, &a));
    TRY(standing_read(r, &a, &all));
    TRY(standing_take(r, &a, all, &told));
    r->whole = told.whole;
    TRY(told_write(r, &a));
    TRY(standing_verify(r, &a));
    all_is_well(r);
    *ret = told;
    return OK;
}

enum err remote_look(void *store, struct insight_told *ret)
{
    struct remote *r = store;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct standing *all;
    struct insight_told told = { .seq = INT64_MAX, .whole = true };
    TRY(setup_look(r));
    TRY(token_know(r, false));
    TRY(standing_read(r, &a, &all));
    for (size_t i = 0; i < r->at.host_count; i++) {
        if (!all[i].there || !all[i].told.whole)
            return wrong(r, "ClickHouse 中还没有全部数据，请先运行 hetang serve",
                         "the ClickHouse has not been told everything yet; hetang serve tells it");
        if (!str_eq(all[i].told.token, r->token))
            return wrong(r, "该 ClickHouse 数据库属于另一个荷塘实例，请换一个数据库",
                         "this database of the ClickHouse is another instance's; name another");
        told.seq = MIN(told.seq, all[i].told.seq);
    }
    all_is_well(r);
    *ret = told;
    return OK;
}

enum err remote_fresh(void *store)
{
    static const char *const names[] = { "events", "persons", "told" };
    struct remote *r = store;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf sb;
    strbuf_init(&sb, &a, LINES_MAX);
    for (size_t i = 0; i < COUNT(names); i++) {
        out_fmt(&sb, "DROP TABLE IF EXISTS %s\n", names[i]);
        if (*r->place.local)
            out_fmt(&sb, "DROP TABLE IF EXISTS %s%s\n", names[i], r->place.local);
    }
    TRY(say_lines(r, &a, strbuf_str(&sb)));
    TRY(tables_make(r, &a));
    for (size_t i = 0; i < r->at.host_count; i++)
        r->shards[i].seq = r->shards[i].mark = 0;
    r->whole = false;
    TRY(told_write(r, &a));
    return standing_verify(r, &a);
}

enum err remote_check(void *store)
{
    struct remote *r = store;
    struct arena a CLEANUP(arena_done) = { 0 };
    TRY(standing_verify(r, &a));
    all_is_well(r);
    return OK;
}
