/* Profile, overlap and diagnosis: counts of people by what they have and did. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"

/* An array of the person's values: which of the names, kind, number, text. */
static str traits_text(struct sql *s, const struct traits *t)
{
    static const char *const names[] = { "k", "n", "s" };
    struct strbuf sb;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    out_fmt(&sb, "arrayConcat(arrayFilter(one -> one.1 > 0, [(toInt64(0), toUInt8(0), toInt64(0), "
                 "'')])");
    for (size_t i = 0; i < t->attrs.count; i++) {
        struct column c[3];
        str name = sql_text(s->a, t->attrs.at[i]);
        value_columns(s->a, t->attrs.at[i], names, c);
        out_fmt(&sb,
                ", arrayMap(one -> (toInt64(%zu), toUInt8(%d), toInt64(0), one), "
                "list_values[indexOf(list_names, %.*s)]), arrayFilter(one -> one.2 = %d OR one.2 = "
                "%d, [(toInt64(%zu), %.*s, %.*s, %.*s)])",
                i, KIND_TEXT, STR_ARG(name), KIND_TEXT, KIND_BOOL, i, STR_ARG(c[0].expression),
                STR_ARG(c[1].expression), STR_ARG(c[2].expression));
    }
    for (size_t i = 0; i < t->sets.count; i++) {
        str name = sql_text(s->a, t->sets.at[i]);
        out_fmt(&sb,
                ", arrayMap(one -> (toInt64(%zu), toUInt8(%d), toInt64(0), one), arrayFilter((one, "
                "name) -> name = %.*s, set_keys, set_names))",
                t->attrs.count + i, KIND_TEXT, STR_ARG(name));
    }
    out_c(&sb, ')');
    return sql_done(&sb);
}

static str people_text(struct sql *s, const struct people *p)
{
    struct strbuf sb;
    struct sql inner = *s;
    if (!p)
        return S("1");
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    inner.sb = &sb;
    out_people(&inner, p);
    return sql_done(&sb);
}

/* Which name (-1: everybody), kind, number, text, how many of the segment, how many of all. */
void out_profile(struct sql *s)
{
    out_fmt(s->sb,
            "SELECT value.1, value.2, value.3, value.4, sum(inside), count() FROM (SELECT "
            "toUInt8(%.*s) AS inside, arrayPushFront(%.*s, (toInt64(-1), toUInt8(0), toInt64(0), "
            "'')) AS values FROM " LIVE_PERSONS " AND %.*s) ARRAY JOIN values AS value GROUP BY "
            "value.1, value.2, value.3, value.4",
            STR_ARG(people_text(s, s->q->people)), STR_ARG(traits_text(s, &s->q->profile.traits)),
            STR_ARG(people_text(s, s->q->among)));
}

/* How many fit any, and both of each two: the whole matrix with commas between. */
void out_overlap(struct sql *s)
{
    const struct overlap *o = &s->q->overlap;
    out_z(s->sb, "SELECT countIf(0");
    for (size_t i = 0; i < o->count; i++)
        out_fmt(s->sb, " OR f%zu", i);
    out_z(s->sb, "), arrayStringConcat(arrayMap(one -> toString(one), [");
    for (size_t i = 0; i < o->count; i++)
        for (size_t k = 0; k < o->count; k++)
            out_fmt(s->sb, "%scountIf(f%zu AND f%zu)", i + k ? ", " : "", i, k);
    out_z(s->sb, "]), ',') FROM (SELECT person");
    for (size_t i = 0; i < o->count; i++)
        out_fmt(s->sb, ", toUInt8(%.*s) AS f%zu", STR_ARG(people_text(s, o->of[i])), i);
    out_fmt(s->sb, " FROM " LIVE_PERSONS " AND %.*s)", STR_ARG(people_text(s, s->q->among)));
}

/* person, went (on), low and high: what they did at low < time < high is looked at. Times of chains
 * count from the range's start, which is 1. */
static str comers_text(struct sql *s)
{
    const struct diagnosis *d = &s->q->diagnosis;
    long long base = s->q->since.ms - 1;
    return arena_fmt(
        s->a,
        "SELECT person, toUInt8(times[%zu] > 0) AS went, times[%zu] + %lld AS low, if(times[%zu] > "
        "0, times[%zu] + %lld, toInt64(least(times[1] + %lld, toInt64(%lld)) + 1)) AS high FROM "
        "(%.*s) WHERE times[%zu] > 0",
        d->step, d->step - 1, base, d->step, d->step, base, base + (long long)d->funnel.window_ms,
        (long long)s->now.ms, STR_ARG(funnel_chains(s)), d->step - 1);
}

static str types_text(struct sql *s)
{
    const struct diagnosis *d = &s->q->diagnosis;
    struct strbuf sb;
    bool more = false;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    out_z(&sb, "type NOT IN (");
    for (size_t i = 0; i < d->funnel.step_count; i++)
        for (size_t k = 0; k < d->funnel.steps[i].type_count; k++, more = true) {
            out_z(&sb, more ? ", " : "");
            out_clickhouse_text(&sb, d->funnel.steps[i].types[k]);
        }
    out_c(&sb, ')');
    for (size_t i = 0; i < d->events.count; i++) {
        out_z(&sb, i ? ", " : " AND type IN (");
        out_clickhouse_text(&sb, d->events.at[i]);
    }
    out_z(&sb, d->events.count ? ")" : "");
    return sql_done(&sb);
}

/* Which name (-1: all, -2: an event), kind, number, text, how many went on, how many stopped. */
void out_diagnosis(struct sql *s)
{
    str comers = comers_text(s);
    out_fmt(s->sb,
            "SELECT toInt64(-1) AS name, toUInt8(0) AS k, toInt64(0) AS n, '' AS s, "
            "toInt64(countIf(went > 0)) AS first, toInt64(countIf(went = 0)) AS second FROM (%.*s)",
            STR_ARG(comers));
    out_fmt(s->sb,
            " UNION ALL SELECT toInt64(-2) AS name, toUInt8(%d) AS k, toInt64(0) AS n, type AS s, "
            "toInt64(uniqExactIf(person, went > 0)) AS first, toInt64(uniqExactIf(person, went = "
            "0)) AS second FROM (SELECT person, type, at_ms FROM " LIVE_FACTS " AND at_ms > %lld "
            "AND at_ms <= %lld AND %.*s) AS facts ALL INNER JOIN (%.*s) AS comers USING person "
            "WHERE at_ms > low AND at_ms < high GROUP BY type",
            KIND_TEXT, (long long)s->q->since.ms, (long long)s->now.ms, STR_ARG(types_text(s)),
            STR_ARG(comers));
    if (!s->q->diagnosis.traits.attrs.count && !s->q->diagnosis.traits.sets.count)
        return;
    out_fmt(
        s->sb,
        " UNION ALL SELECT value.1 AS name, value.2 AS k, value.3 AS n, value.4 AS s, "
        "toInt64(countIf(went > 0)) AS first, toInt64(countIf(went = 0)) AS second FROM "
        "(SELECT person, went, values FROM (SELECT person, %.*s AS values FROM " LIVE_PERSONS ") "
        "AS people ALL INNER JOIN (%.*s) AS comers USING person) ARRAY JOIN values AS value GROUP BY value.1, "
        "value.2, value.3, value.4",
        STR_ARG(traits_text(s, &s->q->diagnosis.traits)), STR_ARG(comers));
}
