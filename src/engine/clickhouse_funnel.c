/* Funnels. A unit (a person, a value held, an entry) is an array of facts in their order; every
 * level is one subquery around the last:
 *
 *     t, m, x   time (from the range's start, which is 1), steps and exclusions a fact matches
 *     i         its place, from 1
 *     q1 … qn   the place of the fact before it in the chain of that level that ends here; 0: none
 *     v, u      of the last level: the place itself and the time of its chain's first fact
 *
 * A chain that is taken further is the latest of the level before. Its first fact is then the
 * latest too, so both are running maxima, and if its window is over so is that of all others. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"

static const char *const prop_keys[] = { "gk", "gn", "gs" };
static const char *const held_keys[] = { "hk", "hn", "hs" };

/* The tuple of a fact: at_ms, seq, m, x and perhaps the three of its key. */
static str facts_of(struct sql *s)
{
    const struct funnel *f = &s->q->funnel;
    struct match *others = NEW_N(s->a, struct match, f->exclusion_count);
    for (size_t i = 0; i < f->exclusion_count; i++)
        others[i] = f->exclusions[i].match;
    struct strbuf sb;
    struct sql inner = *s;
    struct column c[3];
    bool prop = s->q->breakdown_count && s->q->breakdowns[0].kind == BREAKDOWN_PROP;
    bool held = f->count == COUNT_HELD;
    inner.sb = &sb;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    out_fmt(
        &sb,
        "SELECT person, %s AS unit, arraySort(groupArray((at_ms, seq, m, x%s))) AS facts FROM (",
        held ? "(hk, hn, hs)" : "toUInt8(0)", prop ? ", gk, gn, gs" : "");
    out_fmt(&sb, "SELECT person, at_ms, seq, %.*s AS m, %.*s AS x",
            STR_ARG(mask_text(s->a, f->steps, f->step_count)),
            STR_ARG(mask_text(s->a, others, f->exclusion_count)));
    if (prop) {
        value_columns(s->a, s->q->breakdowns[0].name, prop_keys, c);
        for (size_t i = 0; i < 3; i++)
            out_fmt(&sb, ", %.*s AS %s", STR_ARG(c[i].expression), c[i].name);
    }
    if (held) {
        value_columns(s->a, f->held, held_keys, c);
        for (size_t i = 0; i < 3; i++)
            out_fmt(&sb, ", %.*s AS %s", STR_ARG(c[i].expression), c[i].name);
    }
    out_fmt(&sb, " FROM " LIVE_FACTS " AND at_ms >= %lld AND at_ms < %lld AND at_ms <= %lld AND (",
            (long long)s->q->since.ms, (long long)(s->q->until.ms + f->window_ms),
            (long long)s->now.ms);
    out(&sb, any_text(s->a, f->steps, f->step_count));
    if (f->exclusion_count) {
        out_z(&sb, " OR ");
        out(&sb, any_text(s->a, others, f->exclusion_count));
    }
    out_z(&sb, ")");
    out_people_filter(&inner);
    out_fmt(&sb, ")%s GROUP BY person, unit", held ? " WHERE hk > 0" : "");
    return sql_done(&sb);
}

/* Places of the facts that may begin: the first step in the range, or, in any order, any step. */
static str starts_of(struct sql *s)
{
    return arena_fmt(s->a,
                     "arrayFilter((one, fact) -> fact.1 < %lld AND bitAnd(fact.3, %llu) > 0, "
                     "arrayEnumerate(facts), facts)",
                     (long long)s->q->until.ms,
                     s->q->funnel.order == ORDER_ANY ? (1ull << s->q->funnel.step_count) - 1
                                                     : 1ull);
}

/* Does any first step begin a chain of the unit, or its first fact alone? */
static bool one_start(const struct funnel *f)
{
    return f->entry == ENTRY_FIRST || f->count == COUNT_ENTRY || f->order == ORDER_ANY;
}

/* person, unit, start (the place of the first fact of `f` among the person's), f: a row for each
 * unit. Of entries each is one, up to the fact that begins the next; those that may turn out to lie
 * within another (ENTRY_FIRST) to the end of their window. */
static str units_of(struct sql *s)
{
    const struct funnel *f = &s->q->funnel;
    bool all = f->count == COUNT_ENTRY || f->entry == ENTRY_ANY;
    str facts = facts_of(s);
    if (!one_start(f))
        return arena_fmt(s->a, "SELECT person, unit, toUInt32(1) AS start, facts AS f FROM (%.*s)",
                         STR_ARG(facts));
    str starts = arena_fmt(s->a, "SELECT person, unit, facts, %.*s AS starts FROM (%.*s)",
                           STR_ARG(starts_of(s)), STR_ARG(facts));
    str each =
        arena_fmt(s->a,
                  "SELECT person, unit, facts, start, ends FROM (%.*s) ARRAY JOIN %s AS start, "
                  "%s AS ends",
                  STR_ARG(starts), all ? "starts" : "arraySlice(starts, 1, 1)",
                  all ? "arrayPopFront(arrayPushBack(starts, toUInt32(length(facts))))"
                      : "arraySlice(starts, 1, 1)");
    str last = S("ends");
    if (f->count != COUNT_ENTRY || f->entry == ENTRY_FIRST) {
        each = arena_fmt(s->a,
                         "SELECT person, unit, facts, start, facts[start].1 + %lld AS ends FROM "
                         "(%.*s)",
                         (long long)f->window_ms, STR_ARG(each));
        /* 18.16 forgets a column that only a lambda names, so it is named once more */
        last = S("0 * ends + arrayCount(fact -> fact.1 <= ends, facts)");
    }
    return arena_fmt(
        s->a,
        "SELECT person, unit, start, ends, arraySlice(facts, start, %.*s - start + 1) AS f FROM "
        "(%.*s)",
        STR_ARG(last), STR_ARG(each));
}

/* A level around `from`. */
static str level_of(struct sql *s, size_t level, str carried, str from)
{
    const struct funnel *f = &s->q->funnel;
    const char *v = arena_z(s->a, arena_fmt(s->a, "v%zu", level - 1));
    const char *u = arena_z(s->a, arena_fmt(s->a, "u%zu", level - 1));
    bool strict = f->order == ORDER_STRICT;
    str last = strict ? shifted(s->a, v) : running_max(s->a, v);
    str began = strict ? shifted(s->a, u) : running_max(s->a, u);
    unsigned long long ending = 0;
    str cut = S(""), alive = S(""), argument = S("");
    for (size_t i = 0; i < f->exclusion_count; i++)
        if (f->exclusions[i].after == level - 1)
            ending |= 1ull << i;
    if (ending) {
        /* a fact that is both ends chains first: only those that ended before it with a fact */
        cut = running_max_to(s->a, arena_fmt(s->a,
                                             "arrayMap((one, place) -> if(bitAnd(one, %llu) > 0, "
                                             "place, toInt64(0)), x, i)",
                                             ending));
        cut = arena_fmt(s->a, ", %.*s AS c%zu", STR_ARG(cut), level);
        alive = S(" AND ended <= last");
        argument = arena_fmt(s->a, ", c%zu", level);
    }
    return arena_fmt(
        s->a,
        "SELECT %.*s, %.*s AS p%zu, %.*s AS b%zu%.*s, arrayMap((steps, at, last, began%s) -> "
        "if(bitAnd(steps, %llu) > 0 AND last > 0 AND at <= began + %lld%.*s, last, toInt64(0)), m, "
        "t, p%zu, b%zu%.*s) AS q%zu, arrayMap((one, place) -> if(one > 0, place, toInt64(0)), "
        "q%zu, i) AS v%zu, arrayMap((one, began) -> if(one > 0, began, toInt64(0)), q%zu, b%zu) AS "
        "u%zu FROM (%.*s)",
        STR_ARG(carried), STR_ARG(last), level, STR_ARG(began), level, STR_ARG(cut),
        ending ? ", ended" : "", 1ull << (level - 1), (long long)f->window_ms, STR_ARG(alive),
        level, level, STR_ARG(argument), level, level, level, level, level, level, STR_ARG(from));
}

/* The arrays of a unit and its first level. */
static str first_level_of(struct sql *s)
{
    str begins =
        one_start(&s->q->funnel)
            ? S("place = 1")
            : arena_fmt(s->a, "bitAnd(fact.3, 1) > 0 AND fact.1 < %lld", (long long)s->q->until.ms);
    str arrays = arena_fmt(
        s->a,
        "SELECT person, start, f, arrayMap(fact -> fact.1 - %lld, f) AS t, arrayMap(fact -> "
        "fact.3, f) AS m, arrayMap(fact -> fact.4, f) AS x, arrayMap(place -> toInt64(place), "
        "arrayEnumerate(f)) AS i FROM (%.*s)",
        (long long)s->q->since.ms - 1, STR_ARG(units_of(s)));
    str from = arena_fmt(s->a,
                         "SELECT person, start, f, t, m, x, i, arrayMap((fact, place) -> if(%.*s, "
                         "place, toInt64(0)), f, i) AS q1 FROM (%.*s)",
                         STR_ARG(begins), STR_ARG(arrays));
    return arena_fmt(s->a,
                     "SELECT person, start, f, t, m, x, i, q1, q1 AS v1, arrayMap((one, at) -> "
                     "if(one > 0, at, toInt64(0)), q1, t) AS u1 FROM (%.*s) WHERE arrayExists(one "
                     "-> one > 0, q1)",
                     STR_ARG(from));
}

/* person, start, done (the place of the last fact of a whole chain, else 0), times of the chain
 * (0: not reached), and the key of its first fact if that is a property. */
str funnel_chains(struct sql *s)
{
    const struct funnel *f = &s->q->funnel;
    size_t n = f->step_count;
    bool prop = s->q->breakdown_count && s->q->breakdowns[0].kind == BREAKDOWN_PROP;
    str carried = S("person, start, f, t, m, x, i, q1"), from = first_level_of(s);
    for (size_t level = 2; level <= n; level++) {
        from = level_of(s, level, carried, from);
        carried = arena_fmt(s->a, "%.*s, q%zu", STR_ARG(carried), level);
    }
    struct strbuf sb;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    /* from the deepest level back: the first place where it ends, then where that came from */
    out_fmt(&sb,
            "SELECT person, start, f, t, toInt64(arrayFirstIndex(one -> one > 0, q%zu)) AS w%zu", n,
            n);
    for (size_t k = n - 1; k; k--)
        out_fmt(&sb,
                ", arrayPushFront(q%zu, toInt64(arrayFirstIndex(one -> one > 0, q%zu)))[w%zu + 1] "
                "AS w%zu",
                k + 1, k, k + 1, k);
    out_fmt(&sb, " FROM (%.*s)", STR_ARG(from));
    str places = sql_done(&sb);
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    out_fmt(&sb, "SELECT person, start, if(w%zu > 0, start + w%zu - 1, toInt64(0)) AS done, [", n,
            n);
    for (size_t k = 1; k <= n; k++)
        out_fmt(&sb, "%st[w%zu]", k > 1 ? ", " : "", k);
    out_z(&sb, "] AS times");
    for (size_t i = 0; prop && i < 3; i++)
        out_fmt(&sb, ", f[w1].%zu AS %s", i + 5, prop_keys[i]);
    out_fmt(&sb, " FROM (%.*s)", STR_ARG(places));
    return sql_done(&sb);
}

/* The same columns where the order is free: how many steps lie in the window of each entry, the
 * first of the deepest ones. Times say no more than how many. */
static str levels_of(struct sql *s)
{
    const struct funnel *f = &s->q->funnel;
    bool prop = s->q->breakdown_count && s->q->breakdowns[0].kind == BREAKDOWN_PROP;
    struct strbuf sb;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    out_z(&sb, "SELECT person, unit, max((level, 0 - start");
    out_z(&sb, prop ? ", gk, gn, gs)) AS best" : ")) AS best");
    out_z(&sb, " FROM (SELECT person, unit, toInt64(start) AS start, toInt64(0");
    for (size_t k = 0; k < f->step_count; k++)
        out_fmt(&sb, " + arrayExists(fact -> bitAnd(fact.3, %llu) > 0, f)", 1ull << k);
    out_z(&sb, ") AS level");
    for (size_t i = 0; prop && i < 3; i++)
        out_fmt(&sb, ", f[1].%zu AS %s", i + 5, prop_keys[i]);
    out_fmt(&sb, " FROM (%.*s)) GROUP BY person, unit", STR_ARG(units_of(s)));
    str best = sql_done(&sb);
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    out_z(&sb, "SELECT person, [");
    for (size_t k = 0; k < f->step_count; k++)
        out_fmt(&sb, "%stoInt64(best.1 > %zu)", k ? ", " : "", k);
    out_z(&sb, "] AS times");
    for (size_t i = 0; prop && i < 3; i++)
        out_fmt(&sb, ", best.%zu AS %s", i + 3, prop_keys[i]);
    out_fmt(&sb, " FROM (%.*s)", STR_ARG(best));
    return sql_done(&sb);
}

/* key, step, how many reached it, quartiles of the time since the step before; a last row for the
 * time from the first to the last. Entries one at a time are chosen by who reads them: their rows
 * are key, person, start, done, times. */
void out_funnel(struct sql *s)
{
    const struct funnel *f = &s->q->funnel;
    const struct breakdown *b = s->q->breakdown_count ? &s->q->breakdowns[0] : NULL;
    bool chosen = f->count == COUNT_ENTRY && f->entry == ENTRY_FIRST;
    const char *columns = chosen ? "person, start, done, times" : "person, times";
    str from = f->order == ORDER_ANY ? levels_of(s) : funnel_chains(s);
    if (b && b->kind != BREAKDOWN_PROP) {
        struct strbuf sb;
        struct sql inner = *s;
        strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
        inner.sb = &sb;
        out_fmt(&sb, "SELECT gk, gn, gs, %s FROM (%.*s) AS chains ALL LEFT JOIN (", columns,
                STR_ARG(from));
        out_person_keys(&inner, b, prop_keys);
        out_z(&sb, ") AS keys USING person");
        from = sql_done(&sb);
    } else {
        from = arena_fmt(s->a, "SELECT %s, %s FROM (%.*s)",
                         b ? "gk, gn, gs" : "toUInt8(0) AS gk, toInt64(0) AS gn, '' AS gs", columns,
                         STR_ARG(from));
    }
    if (chosen) {
        out_fmt(s->sb,
                "SELECT gk, gn, gs, person, start, done, arrayStringConcat(arrayMap(one -> "
                "toString(one), times), ',') FROM (%.*s) ORDER BY person, %sstart",
                STR_ARG(from), b && b->kind != BREAKDOWN_PROP ? "gk, gn, gs, " : "");
        return;
    }
    if (s->q->behind.asked) {
        out_behind(s, behind_funnel_text(s), from);
        return;
    }
    out_fmt(s->sb,
            "SELECT gk, gn, gs, reached.1 AS step, count(), quantileExact(0.25)(reached.2), "
            "quantileExact(0.5)(reached.2), quantileExact(0.75)(reached.2) FROM (SELECT gk, gn, "
            "gs, arrayConcat(arrayFilter(one -> one.3 > 0, arrayMap((place, at, before) -> (place, "
            "at - before, at), arrayEnumerate(times), times, %.*s)), arrayFilter(one -> one.3 > 0, "
            "[(toUInt32(%zu), times[%zu] - times[1], times[%zu])])) AS steps FROM (%.*s)) ARRAY "
            "JOIN steps AS reached GROUP BY gk, gn, gs, step",
            STR_ARG(shifted(s->a, "times")), f->step_count + 1, f->step_count, f->step_count,
            STR_ARG(from));
}
