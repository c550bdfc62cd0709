/* Life cycle and stickiness: of each person the periods they are active in, as an array, and from
 * it what they add to which figure at which place (activity.h). */
#include "base/base.h"
#include "engine/activity.h"
#include "engine/clickhouse_internal.h"

#define NOBODY_SQL                                                                       \
    "SELECT toUInt8(0), toInt64(0), '', toUInt8(0), toInt64(0), toInt64(0) FROM events " \
    "WHERE 0"

/* person, p: the periods, ascending; -1 stands for what is earlier. */
static str periods_active(struct sql *s, const struct activity_plan *plan)
{
    const struct query *q = s->q;
    size_t all = plan->before + plan->count;
    long long first = plan->starts[0].ms, end = plan->starts[all].ms;
    struct strbuf sb;
    struct sql inner = *s;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    inner.sb = &sb;
    out_fmt(&sb,
            "SELECT person, p FROM (SELECT person, arraySort(groupUniqArray(if(at_ms < %lld, "
            "toInt64(-1), %.*s))) AS p FROM " LIVE_FACTS " AND at_ms < %lld AND at_ms <= %lld AND ",
            first, STR_ARG(period_text(s->a, plan->starts, all, "at_ms")), end,
            (long long)s->now.ms);
    if (q->kind == QUERY_STICKINESS)
        out_fmt(&sb, "at_ms >= %lld AND ", first);
    out_match(&sb, &q->activity.match);
    out_people_filter(&inner);
    out_z(&sb, " GROUP BY person) WHERE arrayExists(one -> one >= 0, p)");
    return sql_done(&sb);
}

/* Arrays of (figure, place, how many); those at places below 0 are dropped. */
static void out_life(struct strbuf *sb, long long before, long long end)
{
    out_fmt(sb,
            "arrayMap((at, was) -> (toUInt8(multiIf(was = -9, %d, was + 1 = at, %d, %d)), at - "
            "%lld, toInt64(1)), p, arrayPopBack(arrayPushFront(p, toInt64(-9)))), ",
            ACTIVITY_FRESH, ACTIVITY_RETURNING, ACTIVITY_RESURRECTED, before);
    out_fmt(sb,
            "arrayMap((at, next) -> (toUInt8(%d), if(at >= 0 AND at + 1 < %lld AND next != at + 1, "
            "at + 1 - %lld, toInt64(-1)), toInt64(1)), p, arrayPopFront(arrayPushBack(p, "
            "toInt64(-9))))",
            ACTIVITY_DORMANT, end, before);
}

static void out_stickiness(struct sql *s, struct strbuf *sb, long long before, long long end)
{
    long long window = (long long)s->q->activity.window;
    /* of each period those told of whose window it is the latest: the first, and the one behind */
    str spans = arena_fmt(s->a,
                          "arrayFilter(span -> span.1 < span.2, arrayMap((at, next) -> "
                          "(greatest(at, toInt64(%lld)), least(at + %lld, next)), p, "
                          "arrayPopFront(arrayPushBack(p, toInt64(%lld)))))",
                          before, window, end);
    for (int last = 0; last < 2; last++)
        out_fmt(sb, "arrayMap(span -> (toUInt8(%d), span.%d - %lld, toInt64(%d)), %.*s), ",
                ACTIVITY_RECENT, last + 1, before, last ? -1 : 1, STR_ARG(spans));
    out_fmt(sb, "[(toUInt8(%d), toInt64(arrayCount(at -> at >= %lld, p)) - 1, toInt64(1))]",
            ACTIVITY_DAYS, end - window);
}

/* Whoever has something at the bar. What is recent is told where it begins and where it ends. */
static str behind_text(struct sql *s, const struct activity_plan *plan)
{
    struct activity_bar bar = activity_bar(s->q, plan);
    if (bar.nobody)
        return S("0");
    if (bar.place == NONE)
        return arena_fmt(s->a, "arrayExists(one -> one.1 = %d, figures)", bar.figure);
    if (bar.figure != ACTIVITY_RECENT)
        return arena_fmt(s->a, "arrayExists(one -> one.1 = %d AND one.2 = %lld, figures)",
                         bar.figure, (long long)bar.place);
    return arena_fmt(s->a,
                     "arraySum(one -> if(one.1 = %d AND one.2 <= %lld, one.3, toInt64(0)), "
                     "figures) > 0",
                     bar.figure, (long long)bar.place);
}

/* Key, figure, place, sum; the rows of a key together. */
void out_activity(struct sql *s)
{
    struct activity_plan plan;
    struct strbuf sb;
    activity_periods(s->a, s->q, s->now, &plan);
    if (!plan.count) {
        out_z(s->sb, s->q->behind.asked ? "SELECT person FROM events WHERE 0" : NOBODY_SQL);
        return;
    }
    long long before = (long long)plan.before, end = (long long)(plan.before + plan.count);
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    out_fmt(&sb,
            "SELECT person, arrayFilter(one -> one.2 >= 0, arrayConcat([(toUInt8(%d), toInt64(0), "
            "toInt64(1))], arrayMap(at -> (toUInt8(%d), at - %lld, toInt64(1)), p), ",
            ACTIVITY_PEOPLE, ACTIVITY_ACTIVE, before);
    if (s->q->kind == QUERY_LIFE)
        out_life(&sb, before, end);
    else
        out_stickiness(s, &sb, before, end);
    out_fmt(&sb, ")) AS figures FROM (%.*s)", STR_ARG(periods_active(s, &plan)));
    str from = grouped(s, 0, "person, figures", sql_done(&sb));
    if (s->q->behind.asked) {
        out_behind(s, behind_text(s, &plan), from);
        return;
    }
    out_fmt(s->sb,
            "SELECT gk, gn, gs, one.1 AS figure, one.2 AS place, sum(one.3) FROM (SELECT gk, gn, "
            "gs, figures FROM (%.*s)) ARRAY JOIN figures AS one GROUP BY gk, gn, gs, figure, "
            "place ORDER BY gk, gn, gs",
            STR_ARG(from));
}

struct keyed {
    struct group_key key;
    i64 *figures;
};

enum err activity_rows(struct rows *r, struct result *ret)
{
    struct activity_plan plan;
    VEC(struct keyed) groups = { 0 };
    activity_periods(r->a, r->q, r->now, &plan);
    size_t places = activity_places(r->q, &plan);
    while (row_next(r)) {
        struct group_key key = row_key(r);
        i64 figure = row_i64(r), place = row_i64(r), sum = row_i64(r);
        if (!groups.n || group_key_compare(&groups.at[groups.n - 1].key, &key) != 0)
            *vec_push(r->a, &groups) =
                (struct keyed) { key, NEW_N(r->a, i64, ACTIVITY_FIGURES * places) };
        if (figure < 0 || figure >= ACTIVITY_FIGURES || place < 0 || place >= (i64)places)
            return ERR_INVALID;
        groups.at[groups.n - 1].figures[(size_t)figure * places + (size_t)place] += sum;
    }
    if (!groups.n && !r->q->breakdown_count)
        vec_push(r->a, &groups)->figures = NEW_N(r->a, i64, ACTIVITY_FIGURES * places);
    struct activity_result *to = &ret->activity;
    *to = (struct activity_result) { plan.count, NEW_N(r->a, struct activity_group, groups.n),
                                     groups.n };
    for (size_t i = 0; i < groups.n; i++)
        to->groups[i] =
            activity_shown(r->a, r->q, &plan, groups.at[i].key, groups.at[i].figures, r->now);
    activity_sort(to);
    return OK;
}
