/* The people behind a bar: those with a row among the units of a report. */
#include "base/base.h"
#include "base/time.h"
#include "engine/clickhouse_internal.h"

const char *const clickhouse_keys[QUERY_BREAKDOWNS_MAX][3] = { { "gk", "gn", "gs" },
                                                               { "fk", "fn", "fs" } };

/* Is it the group's row? A day is told by its number. */
static str group_text(struct sql *s, const struct group_key *key, const char *const names[3])
{
    day d;
    if (!key->there)
        return arena_fmt(s->a, "%s = %d", names[0], KIND_NONE);
    if (key->value.kind != VALUE_TEXT)
        return arena_fmt(s->a, "(%s = %d AND %s = %lld)", names[0],
                         key->value.kind == VALUE_BOOL ? KIND_BOOL : KIND_NUMBER, names[1],
                         (long long)key->value.number);
    str text = arena_fmt(s->a, "%s = %d AND %s = %.*s", names[0], KIND_TEXT, names[2],
                         STR_ARG(sql_text(s->a, key->value.text)));
    if (!day_read(key->value.text, &d))
        return arena_fmt(s->a, "(%.*s)", STR_ARG(text));
    return arena_fmt(s->a, "(%.*s OR %s = %d AND %s = %lld)", STR_ARG(text), names[0], KIND_DAY,
                     names[1], (long long)d.n);
}

void out_behind(struct sql *s, str condition, str from)
{
    out_fmt(s->sb, "SELECT DISTINCT person FROM (%.*s) WHERE %.*s", STR_ARG(from),
            STR_ARG(condition));
    for (size_t i = 0; i < s->q->breakdown_count; i++)
        out_fmt(s->sb, " AND %.*s",
                STR_ARG(group_text(s, &s->q->behind.groups[i], clickhouse_keys[i])));
    out_z(s->sb, " ORDER BY person");
}

str behind_funnel_text(struct sql *s)
{
    const struct behind *b = &s->q->behind;
    if (b->stopped)
        return arena_fmt(s->a, "times[%zu] > 0 AND times[%zu] = 0", b->step - 1, b->step);
    return arena_fmt(s->a, "times[%zu] > 0", b->step);
}

bool retention_complete(const struct query *q, const struct retention_plan *plan, instant now,
                        size_t cohort, size_t cell)
{
    i64 last = plan->first[cell + 1]; /* the period after the cell's last */
    if (q->retention.unit == UNIT_ROLLING)
        return plan->starts[cohort + 1].ms + last * DAY_MS <= now.ms;
    size_t end = cohort + (size_t)last;
    return end <= plan->count && plan->starts[end].ms <= now.ms;
}

str behind_retention_text(struct sql *s, const struct retention_plan *plan)
{
    const struct behind *b = &s->q->behind;
    i64 low = 0, high = -1; /* the cohorts */
    for (size_t i = 0; i < plan->cohorts; i++)
        if (b->cohort.n == NONE
                ? b->cell == NONE || retention_complete(s->q, plan, s->now, i, (size_t)b->cell)
                : day_of(plan->starts[i]).n == b->cohort.n) {
            low = high < 0 ? (i64)i : low;
            high = (i64)i;
        }
    str cohorts =
        arena_fmt(s->a, "cohort >= %lld AND cohort <= %lld", (long long)low, (long long)high);
    if (b->cell == NONE)
        return cohorts;
    return arena_fmt(s->a, "%.*s AND %sarrayExists(one -> one.1 %s %lld, cells)", STR_ARG(cohorts),
                     b->lost ? "NOT " : "", s->q->retention.or_after ? ">=" : "=",
                     (long long)b->cell);
}

str behind_trend_text(struct sql *s, const instant *starts, size_t count)
{
    i64 wanted = s->q->behind.period.ms, period = -1;
    for (size_t i = 0; i < count; i++)
        if (starts[i].ms == wanted)
            period = (i64)i;
    return wanted ? arena_fmt(s->a, "period = %lld", (long long)period) : S("1");
}

/* Is it this node? `from`: place, type, kind, number, text. */
static str node_text(struct sql *s, const struct path_named *n, const char *const from[5])
{
    if (!n->asked)
        return S("1");
    if (n->other)
        return arena_fmt(s->a, "%s = 0", from[0]);
    return arena_fmt(s->a, "%s > 0 AND %s = %.*s AND %.*s", from[0], from[1],
                     STR_ARG(sql_text(s->a, n->type)), STR_ARG(group_text(s, &n->key, &from[2])));
}

str behind_paths_text(struct sql *s)
{
    static const char *const here[] = { "from_place", "a1", "a2", "a3", "a4" }, *const there[] = {
        "to_place", "b1", "b2", "b3", "b4"
    };
    const struct behind *b = &s->q->behind;
    return arena_fmt(s->a, "level = %zu AND %.*s AND %s AND %.*s", b->level - 1,
                     STR_ARG(node_text(s, &b->node, here)),
                     b->ends       ? "onward = 0"
                     : b->to.asked ? "onward > 0"
                                   : "1",
                     STR_ARG(node_text(s, &b->to, there)));
}

str behind_attribution_text(struct sql *s)
{
    static const char *const names[] = { "k", "n", "s" };
    const struct behind *b = &s->q->behind;
    if (!b->on_channel)
        return b->untouched ? S("empty(ks)") : S("notEmpty(ks)");
    return arena_fmt(s->a, "arrayExists((k, n, s) -> %.*s, ks, ns, ss)",
                     STR_ARG(group_text(s, &b->channel, names)));
}
