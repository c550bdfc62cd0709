/* What a ClickHouse holds: how far the log was told, who fits, types and properties, how many. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"

#define PROP_NONE 9 /* a type without properties */

void out_clickhouse_told(struct strbuf *sb, const struct clickhouse_told *t)
{
    out_clickhouse_insert(sb, "told", "");
    out_fmt(sb, "1\t%lld\t%.*s\t%lld\t%lld\t%lld\t%lld\t%lld\t%d\n", (long long)t->version,
            STR_ARG(t->token), (long long)t->telling, (long long)t->shard, (long long)t->shards,
            (long long)t->seq, (long long)t->mark, t->whole);
}

enum err clickhouse_told_read(struct arena *a, str text, struct clickhouse_told *ret)
{
    struct rows r = { .a = a, .rest = text };
    struct clickhouse_told t;
    if (!row_next(&r))
        return ERR_NOT_FOUND;
    t.version = row_i64(&r);
    t.token = row_text(&r);
    t.telling = row_i64(&r);
    t.shard = row_i64(&r);
    t.shards = row_i64(&r);
    t.seq = row_i64(&r);
    t.mark = row_i64(&r);
    t.whole = row_i64(&r) == 1;
    if (r.bad || row_next(&r))
        return ERR_INVALID;
    *ret = t;
    return OK;
}

enum err clickhouse_fit_result(struct arena *a, str text, size_t asked_count, const i64 *persons,
                               size_t count, bool *ret)
{
    struct rows r = { .a = a, .rest = text };
    bool *found = NEW_N(a, bool, asked_count *count);
    while (row_next(&r)) {
        i64 place = row_i64(&r), person = row_i64(&r);
        size_t i = 0;
        while (i < count && persons[i] != person)
            i++;
        if (r.bad || i == count || place < 0 || (size_t)place >= asked_count)
            return ERR_INVALID;
        found[(size_t)place * count + i] = true;
    }
    memcpy(ret, found, asked_count * count);
    return OK;
}

static str without_only(struct arena *a, const char *sql)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 1 << 16);
    for (str rest = str_of(sql); rest.len;)
        out(&sb, str_cut(&rest, *SQL_ONLY));
    return strbuf_str(&sb);
}

str clickhouse_types_sql(struct arena *a)
{
    return without_only(
        a,
        "SELECT type, facts, one.1 AS name, one.2 AS kind FROM (SELECT type, toInt64(count()) AS "
        "facts, arrayConcat(arrayMap(name -> (name, toUInt8(0)), "
        "groupUniqArrayArray(text_names)), arrayMap(name -> (name, toUInt8(1)), "
        "groupUniqArrayArray(number_names)), arrayMap(name -> (name, toUInt8(2)), "
        "groupUniqArrayArray(bool_names)), [('', toUInt8(9))]) AS props FROM " LIVE_FACTS
        " GROUP BY type) ARRAY JOIN props AS one ORDER BY facts DESC, type, name, kind FORMAT "
        "TabSeparated");
}

/* By type, then by property, a row for each kind; the row of PROP_NONE makes the type. */
enum err clickhouse_types_read(struct arena *a, str text, struct engine_type **ret,
                               size_t *ret_count)
{
    struct rows r = { .a = a, .rest = text };
    VEC(struct engine_type) types = { 0 };
    VEC(struct engine_prop) props = { 0 };
    while (row_next(&r)) {
        str type = row_text(&r);
        i64 facts = row_i64(&r);
        str name = row_text(&r);
        i64 kind = row_i64(&r);
        if (r.bad || kind < 0 || (kind > VALUE_BOOL && kind != PROP_NONE))
            return ERR_INVALID;
        if (!types.n || !str_eq(types.at[types.n - 1].name, type)) {
            memset(&props, 0, sizeof props);
            *vec_push(a, &types) = (struct engine_type) { .name = type, .facts = facts };
        }
        if (kind == PROP_NONE)
            continue;
        if (!props.n || !str_eq(props.at[props.n - 1].name, name))
            *vec_push(a, &props) = (struct engine_prop) { .name = name };
        props.at[props.n - 1].kinds |= 1u << kind;
        types.at[types.n - 1].props = props.at;
        types.at[types.n - 1].prop_count = props.n;
    }
    *ret = types.at;
    *ret_count = types.n;
    return OK;
}

str clickhouse_stats_sql(struct arena *a)
{
    return without_only(a, "SELECT persons, facts FROM (SELECT toInt64(count()) AS persons, 1 AS "
                           "one FROM " LIVE_PERSONS ") ANY LEFT JOIN (SELECT toInt64(count()) AS "
                           "facts, 1 AS one FROM " LIVE_FACTS ") USING one FORMAT TabSeparated");
}

enum err clickhouse_stats_read(struct arena *a, str text, struct engine_stats *ret)
{
    struct rows r = { .a = a, .rest = text };
    struct engine_stats s = { 0 };
    if (!row_next(&r))
        return ERR_INVALID;
    s.persons = row_i64(&r);
    s.facts = row_i64(&r);
    if (r.bad)
        return ERR_INVALID;
    *ret = s;
    return OK;
}
