/* Conditions on people: each leaf about facts is a set of people of its own, so a leaf that holds
 * for who has no facts is said by those it does not hold for. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"

static str window_text(struct sql *s, const struct window *w)
{
    struct strbuf sb;
    strbuf_init(&sb, s->a, 1024);
    out_fmt(&sb, "at_ms <= %lld", (long long)s->now.ms);
    if (w->span_ms)
        out_fmt(&sb, " AND at_ms > %lld", (long long)(s->now.ms - w->span_ms));
    if (w->since.ms)
        out_fmt(&sb, " AND at_ms >= %lld", (long long)w->since.ms);
    if (w->until.ms)
        out_fmt(&sb, " AND at_ms < %lld", (long long)w->until.ms);
    return sql_done(&sb);
}

/* SELECT person, at_ms, seq and the columns of the facts for which `which` holds; with an anchor
 * only what is later than it. */
static void out_facts(struct sql *s, str which, const struct match *anchor, bool last,
                      const struct column *columns, size_t count)
{
    static const char *const fold[] = { "min", "max" };
    if (!anchor) {
        out_z(s->sb, "SELECT person, at_ms, seq");
        for (size_t i = 0; i < count; i++)
            out_fmt(s->sb, ", %.*s AS %s", STR_ARG(columns[i].expression), columns[i].name);
        out_fmt(s->sb, " FROM " LIVE_FACTS " AND %.*s", STR_ARG(which));
        return;
    }
    str anchored = match_text(s->a, anchor);
    out_z(s->sb, "SELECT person, fact.1 AS at_ms, fact.2 AS seq");
    for (size_t i = 0; i < count; i++)
        out_fmt(s->sb, ", fact.%zu AS %s", i + 3, columns[i].name);
    out_z(s->sb, " FROM (SELECT person, groupArrayIf((at_ms, seq");
    for (size_t i = 0; i < count; i++)
        out_fmt(s->sb, ", %.*s", STR_ARG(columns[i].expression));
    out_fmt(s->sb,
            "), %.*s) AS facts, %sIf((at_ms, seq), %.*s) AS anchor FROM " LIVE_FACTS " AND "
            "at_ms <= %lld AND (%.*s OR (%.*s)) GROUP BY person HAVING countIf(%.*s) > 0) "
            "ARRAY JOIN facts AS fact WHERE (fact.1, fact.2) > anchor",
            STR_ARG(which), fold[last], STR_ARG(anchored), (long long)s->now.ms, STR_ARG(anchored),
            STR_ARG(which), STR_ARG(anchored));
}

static str facts_text(struct sql *s, str which, const struct window *w,
                      const struct column *columns, size_t count)
{
    struct strbuf sb;
    struct sql inner = *s;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    inner.sb = &sb;
    out_facts(&inner, which, w->anchor, w->anchor_last, columns, count);
    return sql_done(&sb);
}

/* Facts of one measure, as operands over the rows of a person. */
struct measured {
    const char *kind, *number, *text;
    bool needed; /* nobody fits who has none */
};
static const struct measured measures[] = {
    [MEASURE_COUNT] = { "toUInt8(2)", "toInt64(count()) * 1000", "''" },
    [MEASURE_SUM] = { "toUInt8(2)", SUM_SHOWN("sumIf(toDecimal128(n, 0), k = 2)"), "''" },
    [MEASURE_AVERAGE] = { "toUInt8(if(countIf(k = 2) > 0, 2, 0))",
                          "sumIf(toDecimal128(n, 0), k = 2)", "''", true },
    [MEASURE_MIN] = { "toUInt8(if(countIf(k = 2) > 0, 2, 0))", "minIf(n, k = 2)", "''", true },
    [MEASURE_MAX] = { "toUInt8(if(countIf(k = 2) > 0, 2, 0))", "maxIf(n, k = 2)", "''", true },
    [MEASURE_DISTINCT] = { "toUInt8(2)", "toInt64(uniqExactIf((k, n, s), k > 0)) * 1000", "''" },
    [MEASURE_FIRST] = { "(min((at_ms, seq, k, n, s)) AS first_fact).3", "first_fact.4",
                        "first_fact.5" },
    [MEASURE_LAST] = { "(max((at_ms, seq, k, n, s)) AS last_fact).3", "last_fact.4",
                       "last_fact.5" },
    [MEASURE_FIRST_TIME] = { "toUInt8(2)", "min(at_ms)", "''", true },
    [MEASURE_LAST_TIME] = { "toUInt8(2)", "max(at_ms)", "''", true },
};

/* The mean of whole thousandths against whole bounds, without a product that could overflow: sum >=
 * low × n is floor(sum / n) >= low, and sum <= high × n is ceil(sum / n) <= high. */
#define REST_SQL "mn - intDiv(mn, mc) * mc" /* 18.16 has no remainder of a decimal */

static void out_average_compare(struct sql *s, const struct compare *c)
{
    struct operand o = operand_of_kind(s->a, "mk", "toInt64(intDiv(mn, mc))", "''");
    switch (c->op) {
    case COMPARE_IN:
    case COMPARE_NOT_IN: {
        struct compare in = *c;
        in.op = COMPARE_IN;
        out_z(s->sb, c->op == COMPARE_IN ? "(" REST_SQL " = 0 AND " : "NOT (" REST_SQL " = 0 AND ");
        out_compare(s->sb, &in, &o);
        out_c(s->sb, ')');
        return;
    }
    case COMPARE_RANGE:
        out_z(s->sb, "(1");
        if (c->low != NONE)
            out_fmt(s->sb, " AND toInt64(intDiv(mn, mc)) - (mn < 0 AND " REST_SQL " != 0) >= %lld",
                    (long long)c->low);
        if (c->high != NONE)
            out_fmt(s->sb, " AND toInt64(intDiv(mn, mc)) + (mn > 0 AND " REST_SQL " != 0) <= %lld",
                    (long long)c->high);
        out_c(s->sb, ')');
        return;
    case COMPARE_EXISTS:
    case COMPARE_CONTAINS:
    case COMPARE_STARTS: break;
    }
    assert(!"an average is compared with numbers");
}

static void out_measure_compare(struct sql *s, const struct query_leaf *l)
{
    struct operand o = operand_of_kind(s->a, "mk", "mn", "ms");
    if (l->measure == MEASURE_AVERAGE)
        out_average_compare(s, &l->compare);
    else if (l->measure == MEASURE_FIRST_TIME || l->measure == MEASURE_LAST_TIME)
        out_instant_compare(s, &l->time, "mn");
    else
        out_compare(s->sb, &l->compare, &o);
}

/* Does the leaf hold for who has no such fact? */
static bool holds_without(const struct query_leaf *l)
{
    if (measures[l->measure].needed)
        return false;
    if (l->measure == MEASURE_FIRST || l->measure == MEASURE_LAST)
        return l->compare.op == COMPARE_NOT_IN ||
               (l->compare.op == COMPARE_EXISTS && !l->compare.yes);
    return compare_number(&l->compare, 0);
}

str measured_text(struct sql *s, const struct query_leaf *l, i64 person)
{
    static const char *const names[] = { "k", "n", "s" };
    const struct measured *m = &measures[l->measure];
    struct column columns[3];
    size_t count = 0;
    if (l->prop.len) {
        value_columns(s->a, l->prop, names, columns);
        count = 3;
    }
    str one = person ? arena_fmt(s->a, "person = %lld AND ", (long long)person) : S("");
    str which =
        arena_fmt(s->a, "(%.*s%.*s AND %.*s)", STR_ARG(one), STR_ARG(match_text(s->a, &l->match)),
                  STR_ARG(window_text(s, &l->window)));
    return arena_fmt(s->a,
                     "SELECT person, %s AS mk, %s AS mn, %s AS ms, %s AS mc FROM (%.*s) GROUP BY "
                     "person",
                     m->kind, m->number, m->text,
                     l->measure == MEASURE_AVERAGE ? "greatest(toInt64(countIf(k = 2)), toInt64(1))"
                                                   : "toInt64(1)",
                     STR_ARG(facts_text(s, which, &l->window, columns, count)));
}

static void out_facts_leaf(struct sql *s, const struct query_leaf *l)
{
    bool without = holds_without(l);
    out_c(s->sb, '(');
    if (without && l->window.anchor)
        out_fmt(s->sb,
                "person IN (SELECT person FROM " LIVE_FACTS " AND at_ms <= %lld AND %.*s) AND ",
                (long long)s->now.ms, STR_ARG(match_text(s->a, l->window.anchor)));
    out_fmt(s->sb, "person %s (SELECT person FROM (%.*s) WHERE %s", without ? "NOT IN" : "IN",
            STR_ARG(measured_text(s, l, 0)), measures[l->measure].needed ? "mk > 0 AND " : "");
    out_z(s->sb, without ? "NOT (" : "(");
    out_measure_compare(s, l);
    out_z(s->sb, ")))");
}

/* Level by level: at each fact the time of the chain that ends there, 0 if none does. The latest
 * fact of the level before is the one to go on from: if that is too long ago, all are. */
static void out_sequence_leaf(struct sql *s, const struct query_leaf *l)
{
    struct column mask = { "m", mask_text(s->a, l->steps, l->step_count) };
    str which = arena_fmt(s->a, "(%.*s AND %.*s)", STR_ARG(any_text(s->a, l->steps, l->step_count)),
                          STR_ARG(window_text(s, &l->window)));
    str from = facts_text(s, which, &l->window, &mask, 1), before = running_max(s->a, "v");
    from = arena_fmt(s->a,
                     "(SELECT person, arraySort(groupArray((at_ms, seq, m))) AS f FROM (%.*s) "
                     "GROUP BY person)",
                     STR_ARG(from));
    from = arena_fmt(s->a,
                     "(SELECT person, arrayMap(e -> e.1, f) AS t, arrayMap(e -> e.3, f) AS m, "
                     "arrayMap(e -> if(bitAnd(e.3, 1) > 0, e.1, toInt64(0)), f) AS v FROM %.*s)",
                     STR_ARG(from));
    for (size_t i = 1; i < l->step_count; i++) {
        str soon =
            l->gap_ms ? arena_fmt(s->a, " AND at <= last + %lld", (long long)l->gap_ms) : S("");
        from = arena_fmt(s->a,
                         "(SELECT person, t, m, arrayMap((at, steps, last) -> if(bitAnd(steps, "
                         "%llu) > 0 AND last > 0%.*s, at, toInt64(0)), t, m, %.*s) AS v FROM %.*s)",
                         1ull << i, STR_ARG(soon), STR_ARG(before), STR_ARG(from));
    }
    out_fmt(s->sb, "person IN (SELECT person FROM %.*s WHERE arrayExists(one -> one > 0, v))",
            STR_ARG(from));
}

/* From the last fact to the first, those of one instant before what else comes at it: then the
 * largest of (far - time) before a fact is that of the first thing that follows it. */
static void out_not_followed_leaf(struct sql *s, const struct query_leaf *l)
{
    long long far = INT64_C(1) << 53, gap = l->gap_ms, now = s->now.ms;
    str first = arena_fmt(s->a, "(%.*s AND %.*s)", STR_ARG(match_text(s->a, &l->match)),
                          STR_ARG(window_text(s, &l->window)));
    str other =
        arena_fmt(s->a, "(%.*s AND at_ms <= %lld)", STR_ARG(match_text(s->a, l->steps)), now);
    str firsts = facts_text(s, first, &l->window, NULL, 0);
    str others =
        arena_fmt(s->a, "SELECT person, at_ms, seq FROM " LIVE_FACTS " AND %.*s", STR_ARG(other));
    str followed = running_max(s->a, "v");
    out_fmt(
        s->sb,
        "person IN (SELECT person FROM (SELECT person, arrayMap(e -> e.1, f) AS t, "
        "arrayMap(e -> e.2, f) AS other, arrayMap(e -> if(e.2 = 1, e.1, toInt64(0)), f) AS v "
        "FROM (SELECT person, arraySort(groupArray((toInt64(%lld) - at_ms, other))) AS f "
        "FROM (SELECT person, at_ms, toUInt8(0) AS other FROM (%.*s) UNION ALL SELECT person, at_ms, toUInt8(1) AS "
        "other FROM (%.*s)) GROUP BY person)) WHERE arrayExists((at, kind, next) -> kind = 0 "
        "AND %lld - at + %lld <= %lld AND (next = 0 OR at - next > %lld), t, other, %.*s))",
        far, STR_ARG(firsts), STR_ARG(others), far, gap, now, gap, STR_ARG(followed));
}

void out_leaf(struct sql *s, const struct query_leaf *l)
{
    switch (l->kind) {
    case LEAF_PERSON: out_attr_leaf(s, l); return;
    case LEAF_SET: out_set_leaf(s, l); return;
    case LEAF_FACTS: out_facts_leaf(s, l); return;
    case LEAF_SEQUENCE: out_sequence_leaf(s, l); return;
    case LEAF_NOT_FOLLOWED: out_not_followed_leaf(s, l); return;
    case LEAF_RANDOM: out_random_leaf(s, l); return;
    }
}

void out_people(struct sql *s, const struct people *p)
{
    if (p->kind == PEOPLE_LEAF) {
        out_leaf(s, &p->leaf);
        return;
    }
    out_z(s->sb, p->kind == PEOPLE_NOT ? "NOT (" : "(");
    for (const struct people *one = p->first; one; one = one->next) {
        if (one != p->first)
            out_z(s->sb, p->kind == PEOPLE_ANY ? " OR " : " AND ");
        out_people(s, one);
    }
    out_c(s->sb, ')');
}

void out_people_filter(struct sql *s)
{
    if (!s->q->people)
        return;
    out_z(s->sb, " AND person IN (SELECT person FROM " LIVE_PERSONS " AND ");
    out_people(s, s->q->people);
    out_c(s->sb, ')');
}
