/* Conditions on people: each leaf about facts is a set of people of its own, so a leaf that holds
 * for who has no facts is said by those it does not hold for. */
#include "base/base.h"
#include "base/time.h"
#include "engine/clickhouse_internal.h"

str shifted(struct arena *a, const char *array)
{
    return arena_fmt(a, "arrayPopBack(arrayPushFront(%s, toInt64(0)))", array);
}

/* The largest so far is x + y where y[i] = max(0, y[i - 1] + x[i - 1] - x[i]), a sum that never
 * falls below zero: ClickHouse has one, and it is linear where a lambda over the array would copy
 * it for each of its elements. Elements are 0 or more. */
str running_max_to(struct arena *a, str array)
{
    return arena_fmt(
        a,
        "arrayMap((one, more) -> one + more, %.*s, arrayCumSumNonNegative(arrayMap((one, next) -> "
        "one - next, arrayPopBack(arrayPushFront(%.*s, toInt64(0))), %.*s)))",
        STR_ARG(array), STR_ARG(array), STR_ARG(array));
}

str running_max(struct arena *a, const char *array)
{
    return running_max_to(a, shifted(a, array));
}

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
        out_fmt(s->sb, " FROM events FINAL WHERE %.*s", STR_ARG(which));
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
            "), %.*s) AS facts, %sIf((at_ms, seq), %.*s) AS anchor FROM events FINAL WHERE "
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
    [MEASURE_SUM] = { "toUInt8(2)", "sumIf(n, k = 2)", "''" },
    [MEASURE_AVERAGE] = { "toUInt8(if(countIf(k = 2) > 0, 2, 0))", "sumIf(n, k = 2)", "''", true },
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

static void out_instant_compare(struct sql *s, const struct time_compare *t, const char *value)
{
    long long now = s->now.ms, start = s->now.ms - t->span_ms;
    if (t->op == TIME_WITHIN)
        out_fmt(s->sb, "(%s > %lld AND %s <= %lld)", value, start, value, now);
    else if (t->op == TIME_BEFORE)
        out_fmt(s->sb, "(%s <= %lld)", value, start);
    else if (t->op == TIME_RANGE) {
        out_z(s->sb, "(1");
        if (t->since.ms)
            out_fmt(s->sb, " AND %s >= %lld", value, (long long)t->since.ms);
        if (t->until.ms)
            out_fmt(s->sb, " AND %s < %lld", value, (long long)t->until.ms);
        out_c(s->sb, ')');
    }
}

/* The mean of whole thousandths against whole bounds, without a product that could overflow: sum >=
 * low × n is floor(sum / n) >= low, and sum <= high × n is ceil(sum / n) <= high. */
static void out_average_compare(struct sql *s, const struct compare *c)
{
    struct operand o = operand_of_kind(s->a, "mk", "toInt64(intDiv(mn, mc))", "''");
    switch (c->op) {
    case COMPARE_IN:
    case COMPARE_NOT_IN: {
        struct compare in = *c;
        in.op = COMPARE_IN;
        out_z(s->sb, c->op == COMPARE_IN ? "(mn % mc = 0 AND " : "NOT (mn % mc = 0 AND ");
        out_compare(s->sb, &in, &o);
        out_c(s->sb, ')');
        return;
    }
    case COMPARE_RANGE:
        out_z(s->sb, "(1");
        if (c->low != NONE)
            out_fmt(s->sb, " AND intDiv(mn, mc) - (mn < 0 AND mn %% mc != 0) >= %lld",
                    (long long)c->low);
        if (c->high != NONE)
            out_fmt(s->sb, " AND intDiv(mn, mc) + (mn > 0 AND mn %% mc != 0) <= %lld",
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

static void out_facts_leaf(struct sql *s, const struct query_leaf *l)
{
    static const char *const names[] = { "k", "n", "s" };
    const struct measured *m = &measures[l->measure];
    bool without = holds_without(l);
    struct column columns[3];
    size_t count = 0;
    if (l->prop.len) {
        value_columns(s->a, l->prop, names, columns);
        count = 3;
    }
    str which = arena_fmt(s->a, "(%.*s AND %.*s)", STR_ARG(match_text(s->a, &l->match)),
                          STR_ARG(window_text(s, &l->window)));
    out_c(s->sb, '(');
    if (without && l->window.anchor)
        out_fmt(s->sb,
                "person IN (SELECT person FROM events FINAL WHERE at_ms <= %lld AND %.*s) AND ",
                (long long)s->now.ms, STR_ARG(match_text(s->a, l->window.anchor)));
    out_fmt(s->sb,
            "person %s (SELECT person FROM (SELECT person, %s AS mk, %s AS mn, %s AS ms, %s AS mc "
            "FROM (",
            without ? "NOT IN" : "IN", m->kind, m->number, m->text,
            l->measure == MEASURE_AVERAGE ? "greatest(toInt64(countIf(k = 2)), toInt64(1))"
                                          : "toInt64(1)");
    out(s->sb, facts_text(s, which, &l->window, columns, count));
    out_fmt(s->sb, ") GROUP BY person) WHERE %s", m->needed ? "mk > 0 AND " : "");
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
        arena_fmt(s->a, "SELECT person, at_ms, seq FROM events FINAL WHERE %.*s", STR_ARG(other));
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

/* Days of a March year in the days from today on; a 28th of February that stands for the 29th has
 * both. */
static str next_days(struct sql *s, i64 span_ms)
{
    struct strbuf sb;
    day today = day_of(s->now);
    strbuf_init(&sb, s->a, 1 << 16);
    for (i64 i = 0; i <= span_ms / DAY_MS && i <= 366; i++) {
        int year, month, of_month, march = 0;
        day d = { today.n + i };
        day_to_ymd(d, &year, &month, &of_month);
        march = (int)(d.n - day_from_ymd(month < 3 ? year - 1 : year, 3, 1).n);
        out_fmt(&sb, "%s%d", i ? ", " : "", march);
        if (month == 2 && of_month == 28 && month_days(year, 2) == 28)
            out_fmt(&sb, ", %d", march + 1);
    }
    return sql_done(&sb);
}

static void out_day_compare(struct sql *s, const struct time_compare *t, str value)
{
    instant start = { s->now.ms - t->span_ms };
    day since = day_of(t->since), until = day_of(t->until);
    switch (t->op) {
    case TIME_NOT: return;
    case TIME_WITHIN:
        out_fmt(s->sb, "(%.*s >= %lld AND %.*s <= %lld)", STR_ARG(value),
                (long long)day_of(start).n, STR_ARG(value), (long long)day_of(s->now).n);
        return;
    case TIME_BEFORE:
        out_fmt(s->sb, "(%.*s < %lld)", STR_ARG(value), (long long)day_of(start).n);
        return;
    case TIME_NEXT:
        out_fmt(s->sb, "(%.*s IN (%.*s))", STR_ARG(day_of_march_year(s->a, value)),
                STR_ARG(next_days(s, t->span_ms)));
        return;
    case TIME_RANGE: /* the first day whose first instant is not before the bound */
        out_z(s->sb, "(1");
        if (t->since.ms)
            out_fmt(s->sb, " AND %.*s >= %lld", STR_ARG(value),
                    (long long)since.n + (day_start(since).ms < t->since.ms));
        if (t->until.ms)
            out_fmt(s->sb, " AND %.*s < %lld", STR_ARG(value),
                    (long long)until.n + (day_start(until).ms < t->until.ms));
        out_c(s->sb, ')');
        return;
    }
}

static str offset_text(struct arena *a)
{
    struct strbuf changes, offsets;
    strbuf_init(&changes, a, 1 << 20);
    strbuf_init(&offsets, a, 1 << 20);
    instant t = { 0 }, end = { day_from_ymd(2100, 1, 1).n * DAY_MS };
    int offset = zone_offset_s(t);
    out_fmt(&offsets, "toInt64(%lld)", (long long)offset * SECOND_MS);
    for (; t.ms < end.ms; t.ms += DAY_MS) {
        i64 low = t.ms, high = t.ms + DAY_MS;
        if (zone_offset_s((instant) { high }) == offset)
            continue;
        while (high - low > 1) {
            i64 middle = low + (high - low) / 2;
            *(zone_offset_s((instant) { middle }) == offset ? &low : &high) = middle;
        }
        offset = zone_offset_s((instant) { high });
        out_fmt(&changes, "%stoInt64(%lld)", changes.len ? ", " : "", (long long)high);
        out_fmt(&offsets, ", toInt64(%lld)", (long long)offset * SECOND_MS);
    }
    if (!changes.len)
        return sql_done(&offsets);
    return arena_fmt(a, "[%.*s][1 + arrayCount(change -> change <= at_instant, [%.*s])]",
                     STR_ARG(sql_done(&offsets)), STR_ARG(sql_done(&changes)));
}

/* The zone as a table of the instants its offset changes at; 4,000,000 days keep it above zero,
 * where a division rounds down. */
str day_of_instant(struct arena *a, str value)
{
    return arena_fmt(a,
                     "arrayMap(at_instant -> intDiv(at_instant + %.*s + 4000000 * 86400000, "
                     "86400000) - 4000000, [%.*s])[1]",
                     STR_ARG(offset_text(a)), STR_ARG(value));
}

static void out_attr_leaf(struct sql *s, const struct query_leaf *l)
{
    struct operand o = operand_of_attr(s->a, l->name);
    str name = sql_text(s->a, l->name);
    if (l->time.op == TIME_NOT) {
        out_compare(s->sb, &l->compare, &o);
        return;
    }
    str number = arena_fmt(s->a, "day_values[indexOf(day_names, %.*s)]", STR_ARG(name));
    str at = arena_fmt(s->a, "instant_values[indexOf(instant_names, %.*s)]", STR_ARG(name));
    out_fmt(s->sb, "(has(day_names, %.*s) AND ", STR_ARG(name));
    out_day_compare(s, &l->time, number);
    out_fmt(s->sb, " OR has(instant_names, %.*s) AND ", STR_ARG(name));
    if (l->time.op == TIME_NEXT)
        out_day_compare(s, &l->time, day_of_instant(s->a, at));
    else
        out_instant_compare(s, &l->time, arena_z(s->a, at));
    out_c(s->sb, ')');
}

/* splitmix64; UInt64 wraps as C's does. */
static void out_random_leaf(struct sql *s, const struct query_leaf *l)
{
    str z = S("(toUInt64(person) + toUInt64(11400714819323198485))");
    z = arena_fmt(s->a, "(bitXor(%.*s, bitShiftRight(%.*s, 30)) * toUInt64(13787848793156543929))",
                  STR_ARG(z), STR_ARG(z));
    z = arena_fmt(s->a, "(bitXor(%.*s, bitShiftRight(%.*s, 27)) * toUInt64(10723151780598845931))",
                  STR_ARG(z), STR_ARG(z));
    out_fmt(s->sb, "(bitXor(%.*s, bitShiftRight(%.*s, 31)) %% 100 < %d)", STR_ARG(z), STR_ARG(z),
            l->percent);
}

static void out_set_leaf(struct sql *s, const struct query_leaf *l)
{
    out_fmt(s->sb, "%sarrayExists((name, key) -> name = %.*s AND key = %.*s, set_names, set_keys)",
            l->is ? "" : "NOT ", STR_ARG(sql_text(s->a, l->name)), STR_ARG(sql_text(s->a, l->key)));
}

static void out_leaf(struct sql *s, const struct query_leaf *l)
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
    out_z(s->sb, " AND person IN (SELECT person FROM persons FINAL WHERE ");
    out_people(s, s->q->people);
    out_c(s->sb, ')');
}

void out_person_keys(struct sql *s, const struct breakdown *b, const char *const names[3])
{
    str name = sql_text(s->a, b->name), keys;
    if (b->kind == BREAKDOWN_SET)
        keys =
            arena_fmt(s->a,
                      "arrayMap((one, key) -> (toUInt8(%d), toInt64(0), key), arrayFilter((name) "
                      "-> name = %.*s, set_names), arrayFilter((key, name) -> name = %.*s, "
                      "set_keys, set_names))",
                      KIND_TEXT, STR_ARG(name), STR_ARG(name));
    else {
        struct column c[3];
        value_columns(s->a, b->name, names, c);
        str at = arena_fmt(s->a, "instant_values[indexOf(instant_names, %.*s)]", STR_ARG(name));
        keys = arena_fmt(
            s->a,
            "arrayConcat(arrayMap(one -> (toUInt8(%d), toInt64(0), one), "
            "list_values[indexOf(list_names, %.*s)]), arrayFilter(one -> one.1 > 0, [(%.*s, %.*s, "
            "%.*s), (toUInt8(if(has(day_names, %.*s), %d, 0)), day_values[indexOf(day_names, "
            "%.*s)], ''), (toUInt8(if(has(instant_names, %.*s), %d, 0)), %.*s, '')]))",
            KIND_TEXT, STR_ARG(name), STR_ARG(c[0].expression), STR_ARG(c[1].expression),
            STR_ARG(c[2].expression), STR_ARG(name), KIND_DAY, STR_ARG(name), STR_ARG(name),
            KIND_DAY, STR_ARG(day_of_instant(s->a, at)));
    }
    out_fmt(s->sb,
            "SELECT person, key.1 AS %s, key.2 AS %s, key.3 AS %s FROM (SELECT person, %.*s AS "
            "keys FROM persons FINAL) ARRAY JOIN if(empty(keys), [(toUInt8(0), "
            "toInt64(0), '')], keys) AS key",
            names[0], names[1], names[2], STR_ARG(keys));
}
