/* What the row of a person says: attributes, days in the business zone, sets, groups. */
#include "base/base.h"
#include "base/time.h"
#include "engine/clickhouse_internal.h"

void out_instant_compare(struct sql *s, const struct time_compare *t, const char *value)
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

void out_attr_leaf(struct sql *s, const struct query_leaf *l)
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
void out_random_leaf(struct sql *s, const struct query_leaf *l)
{
    str z = S("(toUInt64(person) + toUInt64(11400714819323198485))");
    z = arena_fmt(s->a, "(bitXor(%.*s, bitShiftRight(%.*s, 30)) * toUInt64(13787848793156543929))",
                  STR_ARG(z), STR_ARG(z));
    z = arena_fmt(s->a, "(bitXor(%.*s, bitShiftRight(%.*s, 27)) * toUInt64(10723151780598845931))",
                  STR_ARG(z), STR_ARG(z));
    out_fmt(s->sb, "(bitXor(%.*s, bitShiftRight(%.*s, 31)) %% 100 < %d)", STR_ARG(z), STR_ARG(z),
            l->percent);
}

void out_set_leaf(struct sql *s, const struct query_leaf *l)
{
    out_fmt(s->sb, "%sarrayExists((name, key) -> name = %.*s AND key = %.*s, set_names, set_keys)",
            l->is ? "" : "NOT ", STR_ARG(sql_text(s->a, l->name)), STR_ARG(sql_text(s->a, l->key)));
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
            "keys FROM " LIVE_PERSONS ") ARRAY JOIN if(empty(keys), [(toUInt8(0), "
            "toInt64(0), '')], keys) AS key",
            names[0], names[1], names[2], STR_ARG(keys));
}
