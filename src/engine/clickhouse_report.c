/* Retention and trend: sums by group and period. Periods are said by their number: boundaries that
 * are alike far apart make one line of arithmetic. */
#include "base/base.h"
#include "base/time.h"
#include "engine/clickhouse_internal.h"

str period_text(struct arena *a, const instant *starts, size_t count, const char *at)
{
    struct strbuf sb;
    VEC(size_t) runs = { 0 };
    for (size_t i = 0; i < count; i++)
        if (!i || starts[i + 1].ms - starts[i].ms != starts[i].ms - starts[i - 1].ms)
            *vec_push(a, &runs) = i;
    strbuf_init(&sb, a, CLICKHOUSE_SQL_MAX);
    out_z(&sb, "toInt64(");
    if (runs.n > 1)
        out_z(&sb, "multiIf(");
    for (size_t i = runs.n; i--;) {
        size_t first = runs.at[i];
        if (i)
            out_fmt(&sb, "%s >= %lld, ", at, (long long)starts[first].ms);
        out_fmt(&sb, "%zu + intDiv(%s - %lld, %lld)%s", first, at, (long long)starts[first].ms,
                (long long)(starts[first + 1].ms - starts[first].ms), i ? ", " : "");
    }
    out_z(&sb, runs.n > 1 ? "))" : ")");
    return sql_done(&sb);
}

static void out_columns(struct strbuf *sb, const struct column *c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out_fmt(sb, ", %.*s AS %s", STR_ARG(c[i].expression), c[i].name);
}

str grouped(struct sql *s, size_t which, const char *columns, str from)
{
    const struct breakdown *b = &s->q->breakdowns[which];
    const char *const *names = clickhouse_keys[which];
    struct strbuf sb;
    struct sql inner = *s;
    if (which < s->q->breakdown_count && b->kind == BREAKDOWN_PROP)
        return from;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    inner.sb = &sb;
    if (which >= s->q->breakdown_count)
        return arena_fmt(s->a,
                         "SELECT %s, toUInt8(0) AS %s, toInt64(0) AS %s, '' AS %s FROM (%.*s)",
                         columns, names[0], names[1], names[2], STR_ARG(from));
    out_fmt(&sb, "SELECT %s, %s, %s, %s FROM (%.*s) AS facts ALL LEFT JOIN (", columns, names[0],
            names[1], names[2], STR_ARG(from));
    out_person_keys(&inner, b, names);
    out_z(&sb, ") AS keys USING person");
    return sql_done(&sb);
}

static bool prop_key(const struct query *q, size_t which)
{
    return which < q->breakdown_count && q->breakdowns[which].kind == BREAKDOWN_PROP;
}

/* Keys, period (-1: the whole range), facts, people, sum, numbers, quantile. */
void out_trend(struct sql *s)
{
    const struct query *q = s->q;
    const struct trend *t = &q->trend;
    static const char *const numbers[] = { "k", "n", "s" };
    struct column c[3];
    struct strbuf sb;
    struct sql inner = *s;
    instant *starts;
    size_t count;
    periods_of(s->a, t->unit, q->since, q->until, &starts, &count);
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    inner.sb = &sb;
    out_fmt(&sb, "SELECT person, %.*s AS period",
            STR_ARG(period_text(s->a, starts, count, "at_ms")));
    if (t->prop.len) {
        value_columns(s->a, t->prop, numbers, c);
        out_columns(&sb, c, 2);
    } else {
        out_z(&sb, ", toUInt8(0) AS k, toInt64(0) AS n");
    }
    for (size_t i = 0; i < QUERY_BREAKDOWNS_MAX; i++)
        if (prop_key(q, i)) {
            value_columns(s->a, q->breakdowns[i].name, clickhouse_keys[i], c);
            out_columns(&sb, c, 3);
        }
    out_fmt(&sb, " FROM " LIVE_FACTS " AND at_ms >= %lld AND at_ms < %lld AND at_ms <= %lld AND ",
            (long long)q->since.ms, (long long)q->until.ms, (long long)s->now.ms);
    out_match(&sb, &t->match);
    out_people_filter(&inner);
    str columns = S("person, period, k, n");
    if (prop_key(q, 1))
        columns = S("person, period, k, n, fk, fn, fs");
    str from = grouped(s, 0, columns.ptr, sql_done(&sb));
    from = grouped(s, 1, "person, period, k, n, gk, gn, gs", from);
    if (q->behind.asked) {
        out_behind(s, behind_trend_text(s, starts, count), from);
        return;
    }
    out_z(s->sb, "SELECT gk, gn, gs, fk, fn, fs, shown, count(), uniqExact(person), " SUM_SHOWN(
                     "sumIf(toDecimal128(n, 0), k = 2)") ", countIf(k = 2), ");
    if (t->figure == FIGURE_QUANTILE)
        out_fmt(s->sb,
                "arraySort(groupArrayIf(n, k = 2))[1 + least(intDiv(toInt64(countIf(k = 2)) * %d, "
                "1000), toInt64(countIf(k = 2)) - 1)]",
                t->permille);
    else
        out_z(s->sb, "toInt64(0)");
    out_fmt(s->sb,
            " FROM (%.*s) ARRAY JOIN [period, toInt64(-1)] AS shown GROUP BY gk, gn, gs, fk, fn, "
            "fs, shown",
            STR_ARG(from));
}

void retention_periods(struct arena *a, const struct query *q, struct retention_plan *ret)
{
    static const i64 longest[] = { [UNIT_HOUR] = HOUR_MS,
                                   [UNIT_DAY] = DAY_MS + 2 * HOUR_MS,
                                   [UNIT_WEEK] = 8 * DAY_MS,
                                   [UNIT_MONTH] = 32 * DAY_MS,
                                   [UNIT_ROLLING] = DAY_MS };
    const struct retention *r = &q->retention;
    instant *starts;
    ret->cells = r->bracket_count ? r->bracket_count - 1 : r->periods;
    ret->first = NEW_N(a, i64, ret->cells + 1);
    for (size_t i = 0; i <= ret->cells; i++)
        ret->first[i] = r->bracket_count ? r->brackets[i] : (i64)i;
    periods_of(a, r->unit, q->since, q->until, &starts, &ret->cohorts);
    i64 more = (ret->first[ret->cells] + 2) * longest[r->unit];
    periods_of(a, r->unit, q->since, (instant) { q->until.ms + more }, &ret->starts, &ret->count);
}

/* The cell a period belongs to; -1: to none. What counts in later periods counts from the cell it
 * reaches down to the first. */
static str cell_text(struct arena *a, const struct retention *r, const struct retention_plan *plan)
{
    struct strbuf sb;
    strbuf_init(&sb, a, CLICKHOUSE_SQL_MAX);
    out_z(&sb, "toInt64(multiIf(");
    if (!r->or_after)
        out_fmt(&sb, "away >= %lld, -1, ", (long long)plan->first[plan->cells]);
    if (!r->bracket_count) {
        out_fmt(&sb, "away < %zu, away, %lld))", plan->cells, (long long)plan->cells - 1);
        return sql_done(&sb);
    }
    for (size_t i = plan->cells; i--;)
        out_fmt(&sb, "away >= %lld, %zu, ", (long long)plan->first[i], i);
    out_z(&sb, "-1))");
    return sql_done(&sb);
}

/* Of each person the facts in their order: at_ms, seq, start, back, value and perhaps a key. */
static str retention_facts(struct sql *s)
{
    const struct query *q = s->q;
    const struct retention *r = &q->retention;
    static const char *const value[] = { "vk", "vn", "vs" };
    bool prop = prop_key(q, 0);
    struct column c[3];
    struct strbuf sb;
    struct sql inner = *s;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    inner.sb = &sb;
    out_fmt(&sb,
            "SELECT person, arraySort(groupArray((at_ms, seq, started, back, vn%s))) AS facts "
            "FROM (SELECT person, at_ms, seq",
            prop ? ", gk, gn, gs" : "");
    out_fmt(&sb, ", toUInt8(%.*s) AS started, toUInt8(%.*s) AS back",
            STR_ARG(match_text(s->a, &r->start)), STR_ARG(match_text(s->a, &r->back)));
    if (r->value.len) {
        value_columns(s->a, r->value, value, c);
        out_fmt(&sb, ", if(%.*s = %d, %.*s, toInt64(0)) AS vn", STR_ARG(c[0].expression),
                KIND_NUMBER, STR_ARG(c[1].expression));
    } else {
        out_z(&sb, ", toInt64(0) AS vn");
    }
    if (prop) {
        value_columns(s->a, q->breakdowns[0].name, clickhouse_keys[0], c);
        out_columns(&sb, c, 3);
    }
    out_fmt(&sb, " FROM " LIVE_FACTS " AND at_ms <= %lld AND (%.*s OR %.*s)", (long long)s->now.ms,
            STR_ARG(match_text(s->a, &r->start)), STR_ARG(match_text(s->a, &r->back)));
    out_people_filter(&inner);
    out_z(&sb, ") GROUP BY person");
    return sql_done(&sb);
}

/* person, start (the fact), cohort, facts that may be a return: a row for each cohort of a person.
 */
static str retention_starts(struct sql *s, const struct retention_plan *plan)
{
    const struct query *q = s->q;
    long long since = q->since.ms, until = q->until.ms;
    str cohort = period_text(s->a, plan->starts, plan->cohorts, "start.1");
    str facts = retention_facts(s);
    if (!q->retention.every)
        return arena_fmt(s->a,
                         "SELECT person, start, %.*s AS cohort, later FROM (SELECT person, "
                         "facts[first] AS start, arraySlice(facts, first + 1) AS later FROM "
                         "(SELECT person, facts, arrayFirstIndex(fact -> fact.3 > 0, facts) AS "
                         "first FROM (%.*s)) WHERE first > 0) WHERE start.1 >= %lld AND start.1 < "
                         "%lld",
                         STR_ARG(cohort), STR_ARG(facts), since, until);
    str all = arena_fmt(s->a,
                        "SELECT person, facts, arrayFilter(start -> start.3 > 0 AND start.1 >= "
                        "%lld AND start.1 < %lld, facts) AS begun FROM (%.*s)",
                        since, until, STR_ARG(facts));
    all = arena_fmt(s->a,
                    "SELECT person, facts, begun, arrayMap(start -> %.*s, begun) AS cohorts FROM "
                    "(%.*s)",
                    STR_ARG(cohort), STR_ARG(all));
    /* the first of each period */
    return arena_fmt(s->a,
                     "SELECT person, start, cohort, facts AS later FROM (%.*s) ARRAY JOIN begun AS "
                     "start, cohorts AS cohort, arrayPopBack(arrayPushFront(cohorts, toInt64(-1))) "
                     "AS before WHERE cohort != before",
                     STR_ARG(all));
}

/* Key, cohort, cell (-1: the people of the cohort), people, sum. */
void out_retention(struct sql *s)
{
    const struct query *q = s->q;
    const struct retention *r = &q->retention;
    struct retention_plan plan;
    retention_periods(s->a, q, &plan);
    bool rolling = r->unit == UNIT_ROLLING, prop = prop_key(q, 0);
    str away = rolling ? arena_fmt(s->a, "intDiv(fact.1 - began, %lld)", (long long)DAY_MS)
                       : arena_fmt(s->a, "%.*s - cohort",
                                   STR_ARG(period_text(s->a, plan.starts, plan.count, "fact.1")));
    str floor =
        r->every ? arena_fmt(s->a, " AND fact.1 >= %lld", (long long)plan.starts[0].ms) : S("");
    /* 18.16 forgets a column that only a lambda names, so `began` is named once more */
    str from = arena_fmt(
        s->a,
        "SELECT person%s, cohort, arraySlice(arrayMap(fact -> (%.*s, fact.5), arrayFilter(fact -> "
        "fact.4 > 0%.*s, later)), 1 + 0 * began) AS returns FROM (SELECT person, start, start.1 AS "
        "began, cohort, later FROM (%.*s))",
        prop ? ", start.6 AS gk, start.7 AS gn, start.8 AS gs" : "", STR_ARG(away), STR_ARG(floor),
        STR_ARG(retention_starts(s, &plan)));
    from = arena_fmt(s->a,
                     "SELECT person%s, cohort, arrayFilter(one -> one.1 >= 0, arrayMap((away, "
                     "value) -> (%.*s, value), arrayMap(one -> one.1, returns), arrayMap(one -> "
                     "one.2, returns))) AS cells FROM (SELECT person%s, cohort, arrayFilter(one -> "
                     "one.1 >= 0, returns) AS returns FROM (%.*s))",
                     prop ? ", gk, gn, gs" : "", STR_ARG(cell_text(s->a, r, &plan)),
                     prop ? ", gk, gn, gs" : "", STR_ARG(from));
    if (r->or_after && !r->value.len) /* a person counts once, at the last cell they reach */
        from = arena_fmt(
            s->a,
            "SELECT person%s, cohort, arraySlice(arraySort(one -> 0 - one.1, cells), 1, 1) "
            "AS cells FROM (%.*s)",
            prop ? ", gk, gn, gs" : "", STR_ARG(from));
    from = grouped(s, 0, "person, cohort, cells", from);
    if (q->behind.asked) {
        out_behind(s, behind_retention_text(s, &plan), from);
        return;
    }
    out_fmt(
        s->sb,
        "SELECT gk, gn, gs, cohort, cell.1, uniqExact(person), sum(toDecimal128(cell.2, 0)) "
        "FROM (SELECT gk, gn, gs, cohort, person, cell FROM (%.*s) ARRAY JOIN "
        "arrayPushFront(cells, (toInt64(-1), toInt64(0))) AS cell) GROUP BY gk, gn, gs, cohort, "
        "cell.1",
        STR_ARG(from));
}
