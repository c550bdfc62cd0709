/* Values and comparisons in ClickHouse SQL. A property stands in one of three pairs of arrays;
 * indexOf() of a name that is not there is 0, and element 0 is the default of its type, so a value
 * may be read before it is known to be there. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"

void out_clickhouse_text(struct strbuf *sb, str s)
{
    out_c(sb, '\'');
    for (size_t i = 0; i < s.len; i++)
        switch (s.ptr[i]) {
        case '\'': out_z(sb, "\\'"); break;
        case '\\': out_z(sb, "\\\\"); break;
        case '\n': out_z(sb, "\\n"); break;
        case '\r': out_z(sb, "\\r"); break;
        case '\t': out_z(sb, "\\t"); break;
        default:
            if ((unsigned char)s.ptr[i] < ' ')
                out_fmt(sb, "\\x%02X", (unsigned)s.ptr[i]);
            else
                out_c(sb, s.ptr[i]);
        }
    out_c(sb, '\'');
}

str sql_done(const struct strbuf *sb)
{
    return sb->overflow ? S(SQL_TOO_LARGE) : strbuf_str(sb);
}

str sql_text(struct arena *a, str s)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 4 * s.len + 2);
    out_clickhouse_text(&sb, s);
    return sql_done(&sb);
}

static str value_at(struct arena *a, const char *family, str name)
{
    return arena_fmt(a, "%s_values[indexOf(%s_names, %.*s)]", family, family, STR_ARG(name));
}

static str there_in(struct arena *a, const char *family, str name)
{
    return arena_fmt(a, "has(%s_names, %.*s)", family, STR_ARG(name));
}

struct operand operand_of_prop(struct arena *a, str prop)
{
    str name = sql_text(a, prop);
    struct operand o = {
        .text_there = there_in(a, "text", name),
        .text = value_at(a, "text", name),
        .number_there = there_in(a, "number", name),
        .number = value_at(a, "number", name),
        .bool_there = there_in(a, "bool", name),
        .boolean = value_at(a, "bool", name),
    };
    o.there = arena_fmt(a, "(%.*s OR %.*s OR %.*s)", STR_ARG(o.text_there), STR_ARG(o.number_there),
                        STR_ARG(o.bool_there));
    return o;
}

struct operand operand_of_attr(struct arena *a, str attr)
{
    struct operand o = operand_of_prop(a, attr);
    str name = sql_text(a, attr), day_there = there_in(a, "day", name),
        instant_there = there_in(a, "instant", name);
    o.list = value_at(a, "list", name);
    o.list_there = arena_fmt(a, "notEmpty(%.*s)", STR_ARG(o.list));
    o.there = arena_fmt(a, "(%.*s OR %.*s OR %.*s OR %.*s)", STR_ARG(o.there), STR_ARG(day_there),
                        STR_ARG(instant_there), STR_ARG(o.list_there));
    return o;
}

struct operand operand_of_kind(struct arena *a, const char *kind, const char *number,
                               const char *text)
{
    return (struct operand) {
        .there = arena_fmt(a, "%s > %d", kind, KIND_NONE),
        .text_there = arena_fmt(a, "%s = %d", kind, KIND_TEXT),
        .text = str_of(text),
        .number_there = arena_fmt(a, "%s = %d", kind, KIND_NUMBER),
        .number = str_of(number),
        .bool_there = arena_fmt(a, "%s = %d", kind, KIND_BOOL),
        .boolean = str_of(number),
    };
}

void value_columns(struct arena *a, str prop, const char *const names[3], struct column ret[3])
{
    struct operand o = operand_of_prop(a, prop);
    ret[0] =
        (struct column) { names[0],
                          arena_fmt(a, "toUInt8(multiIf(%.*s, %d, %.*s, %d, %.*s, %d, %d))",
                                    STR_ARG(o.text_there), KIND_TEXT, STR_ARG(o.number_there),
                                    KIND_NUMBER, STR_ARG(o.bool_there), KIND_BOOL, KIND_NONE) };
    /* what is not there adds nothing */
    ret[1] = (struct column) { names[1], arena_fmt(a, "(%.*s + %.*s)", STR_ARG(o.number),
                                                   STR_ARG(o.boolean)) };
    ret[2] = (struct column) { names[2], o.text };
}

static void out_values(struct strbuf *sb, const struct compare *c)
{
    out_z(sb, " IN (");
    for (size_t i = 0; i < c->count; i++) {
        if (i)
            out_z(sb, ", ");
        if (c->kind == VALUE_TEXT)
            out_clickhouse_text(sb, c->values[i].text);
        else
            out_i64(sb, c->values[i].number);
    }
    out_c(sb, ')');
}

static void out_texts(struct strbuf *sb, const struct compare *c, str value)
{
    if (c->op == COMPARE_CONTAINS || c->op == COMPARE_STARTS) {
        out_z(sb, c->op == COMPARE_STARTS ? "startsWith(" : "0 < position(");
        out(sb, value);
        out_z(sb, ", ");
        out_clickhouse_text(sb, c->values->text);
        out_c(sb, ')');
    } else {
        out(sb, value);
        out_values(sb, c);
    }
}

static void out_text_compare(struct strbuf *sb, const struct compare *c, const struct operand *o)
{
    out_c(sb, '(');
    out(sb, o->text_there);
    out_z(sb, " AND ");
    out_texts(sb, c, o->text);
    if (o->list.len) {
        out_z(sb, " OR arrayExists(one -> ");
        out_texts(sb, c, S("one"));
        out_z(sb, ", ");
        out(sb, o->list);
        out_c(sb, ')');
    }
    out_c(sb, ')');
}

static void out_range(struct strbuf *sb, const struct compare *c, const struct operand *o)
{
    out_c(sb, '(');
    out(sb, o->number_there);
    if (c->low != NONE) {
        out_z(sb, " AND ");
        out(sb, o->number);
        out_fmt(sb, " >= %lld", (long long)c->low);
    }
    if (c->high != NONE) {
        out_z(sb, " AND ");
        out(sb, o->number);
        out_fmt(sb, " <= %lld", (long long)c->high);
    }
    out_c(sb, ')');
}

void out_compare(struct strbuf *sb, const struct compare *c, const struct operand *o)
{
    switch (c->op) {
    case COMPARE_NOT_IN: out_z(sb, "NOT "); [[fallthrough]];
    case COMPARE_IN:
        if (c->kind == VALUE_TEXT) {
            out_text_compare(sb, c, o);
            return;
        }
        bool number = c->kind == VALUE_NUMBER;
        out_c(sb, '(');
        out(sb, number ? o->number_there : o->bool_there);
        out_z(sb, " AND ");
        out(sb, number ? o->number : o->boolean);
        out_values(sb, c);
        out_c(sb, ')');
        return;
    case COMPARE_RANGE: out_range(sb, c, o); return;
    case COMPARE_EXISTS:
        out_z(sb, c->yes ? "" : "NOT ");
        out_c(sb, '(');
        out(sb, o->there);
        out_c(sb, ')');
        return;
    case COMPARE_CONTAINS:
    case COMPARE_STARTS: out_text_compare(sb, c, o); return;
    }
}

bool compare_number(const struct compare *c, i64 number)
{
    bool in = false;
    for (size_t i = 0; c->kind == VALUE_NUMBER && i < c->count; i++)
        in |= c->values[i].number == number;
    switch (c->op) {
    case COMPARE_IN: return in;
    case COMPARE_NOT_IN: return !in;
    case COMPARE_RANGE:
        return (c->low == NONE || number >= c->low) && (c->high == NONE || number <= c->high);
    case COMPARE_EXISTS: return c->yes;
    case COMPARE_CONTAINS:
    case COMPARE_STARTS: break;
    }
    return false;
}

void out_match(struct strbuf *sb, const struct match *m)
{
    struct arena a = { 0 };
    out_z(sb, "(type IN (");
    for (size_t i = 0; i < m->type_count; i++) {
        if (i)
            out_z(sb, ", ");
        out_clickhouse_text(sb, m->types[i]);
    }
    out_c(sb, ')');
    for (size_t i = 0; i < m->where_count; i++) {
        struct operand o = operand_of_prop(&a, m->where[i].prop);
        out_z(sb, " AND ");
        out_compare(sb, &m->where[i].compare, &o);
    }
    out_c(sb, ')');
    arena_done(&a);
}

str match_text(struct arena *a, const struct match *m)
{
    return any_text(a, m, 1);
}

str any_text(struct arena *a, const struct match *matches, size_t count)
{
    struct strbuf sb;
    strbuf_init(&sb, a, CLICKHOUSE_SQL_MAX);
    out_c(&sb, '(');
    for (size_t i = 0; i < count; i++) {
        if (i)
            out_z(&sb, " OR ");
        out_match(&sb, &matches[i]);
    }
    out_c(&sb, ')');
    return sql_done(&sb);
}

str mask_text(struct arena *a, const struct match *matches, size_t count)
{
    struct strbuf sb;
    strbuf_init(&sb, a, CLICKHOUSE_SQL_MAX);
    out_z(&sb, "toUInt32(0");
    for (size_t i = 0; i < count; i++) {
        out_fmt(&sb, " + %llu * ", 1ull << i);
        out_match(&sb, &matches[i]);
    }
    out_c(&sb, ')');
    return sql_done(&sb);
}

/* From days to a civil date (the method of the C++ standard's <chrono>), as far as the year that
 * begins with March: its days are counted alike in leap and common years, February 29th last.
 * 719468 days lie between 0000-03-01 and 1970-01-01; 100 cycles of 400 years keep it above zero. */
str day_of_march_year(struct arena *a, str number)
{
    str era = arena_fmt(a, "((toInt64(%.*s) + 15329168) %% 146097)", STR_ARG(number));
    str year = arena_fmt(a,
                         "intDiv(%.*s - intDiv(%.*s, 1460) + intDiv(%.*s, 36524) - "
                         "intDiv(%.*s, 146096), 365)",
                         STR_ARG(era), STR_ARG(era), STR_ARG(era), STR_ARG(era));
    return arena_fmt(a, "(%.*s - (365 * %.*s + intDiv(%.*s, 4) - intDiv(%.*s, 100)))", STR_ARG(era),
                     STR_ARG(year), STR_ARG(year), STR_ARG(year));
}

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
