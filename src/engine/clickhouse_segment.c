/* Segments: who, how many fit each node, and why somebody does. Leaves are columns l0, l1, … by the
 * place of their node, made once; every other node is said by them. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"

static size_t place_of(const struct people *const *nodes, const struct people *p)
{
    size_t place = 0;
    while (nodes[place] != p)
        place++;
    return place;
}

/* 0 or 1. */
static void out_node(struct strbuf *sb, const struct people *const *nodes, const struct people *p)
{
    if (p->kind == PEOPLE_LEAF) {
        out_fmt(sb, "l%zu", place_of(nodes, p));
        return;
    }
    out_z(sb, p->kind == PEOPLE_NOT ? "NOT (" : "(");
    for (const struct people *one = p->first; one; one = one->next) {
        if (one != p->first)
            out_z(sb, p->kind == PEOPLE_ANY ? " OR " : " AND ");
        out_node(sb, nodes, one);
    }
    out_c(sb, ')');
}

static str node_text(struct sql *s, const struct people *const *nodes, size_t place)
{
    struct strbuf sb;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    out_node(&sb, nodes, nodes[place]);
    return sql_done(&sb);
}

/* SELECT person and the leaves; of one person where one is asked about. */
static str leaves_text(struct sql *s, const struct people *const *nodes, size_t count)
{
    struct strbuf sb;
    struct sql inner = *s;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    inner.sb = &sb;
    out_z(&sb, "SELECT person");
    for (size_t i = 0; i < count; i++)
        if (nodes[i]->kind == PEOPLE_LEAF) {
            out_z(&sb, ", toUInt8(");
            out_leaf(&inner, &nodes[i]->leaf);
            out_fmt(&sb, ") AS l%zu", i);
        }
    out_z(&sb, " FROM " LIVE_PERSONS);
    if (s->q->segment.person)
        out_fmt(&sb, " AND person = %lld", (long long)s->q->segment.person);
    if (s->q->among) {
        out_z(&sb, " AND ");
        out_people(&inner, s->q->among);
    }
    return sql_done(&sb);
}

/* How many, how many fit each node, and who: the last two with commas between. */
static void out_counted(struct sql *s)
{
    const struct people *const *nodes;
    size_t count = people_nodes(s->a, s->q->people, &nodes);
    str root = count ? node_text(s, nodes, 0) : S("person = person");
    out_fmt(s->sb, "SELECT countIf(%.*s), ", STR_ARG(root));
    if (s->q->segment.counts && count) {
        out_z(s->sb, "arrayStringConcat(arrayMap(one -> toString(one), [");
        for (size_t i = 0; i < count; i++)
            out_fmt(s->sb, "%scountIf(%.*s)", i ? ", " : "", STR_ARG(node_text(s, nodes, i)));
        out_z(s->sb, "]), ','), ");
    } else {
        out_z(s->sb, "'', ");
    }
    if (s->q->segment.only_count)
        out_z(s->sb, "''");
    else
        out_fmt(s->sb,
                "arrayStringConcat(arrayMap(one -> toString(one), arraySort(groupArrayIf(person, "
                "%.*s))), ',')",
                STR_ARG(root));
    out_fmt(s->sb, " FROM (%.*s)", STR_ARG(leaves_text(s, nodes, count)));
}

/* A row for each value of the attribute, however many. */
static void out_attr_value(struct sql *s, const struct query_leaf *l, size_t place)
{
    static const char *const names[] = { "k", "n", "s" };
    struct column c[3];
    str name = sql_text(s->a, l->name);
    value_columns(s->a, l->name, names, c);
    out_fmt(s->sb,
            " UNION ALL SELECT toInt64(%zu), value.1, value.2, toInt64(1), value.3 FROM (SELECT "
            "arrayConcat(arrayMap(one -> (toUInt8(%d), toInt64(0), one), "
            "list_values[indexOf(list_names, %.*s)]), arrayFilter(one -> one.1 > 0, [(%.*s, %.*s, "
            "%.*s), (toUInt8(if(has(day_names, %.*s), %d, 0)), day_values[indexOf(day_names, "
            "%.*s)], ''), (toUInt8(if(has(instant_names, %.*s), %d, 0)), "
            "instant_values[indexOf(instant_names, %.*s)], '')])) AS values FROM " LIVE_PERSONS
            " AND person = %lld) ARRAY JOIN values AS value",
            place, KIND_ITEM, STR_ARG(name), STR_ARG(c[0].expression), STR_ARG(c[1].expression),
            STR_ARG(c[2].expression), STR_ARG(name), KIND_DAY, STR_ARG(name), STR_ARG(name),
            KIND_TIME, STR_ARG(name), (long long)s->q->segment.person);
}

/* A row for the figure if there is a fact, and one if there is what the window is measured from. */
static void out_figure(struct sql *s, const struct query_leaf *l, size_t place)
{
    long long person = s->q->segment.person;
    out_fmt(s->sb,
            " UNION ALL SELECT toInt64(%zu), toUInt8(mk), " SUM_SHOWN(
                "toDecimal128(mn, 0)") ", toInt64(mc), ms FROM (%.*s) "
                                       "WHERE person = %lld",
            place, STR_ARG(measured_text(s, l, person)), person);
    if (l->window.anchor)
        out_fmt(s->sb,
                " UNION ALL SELECT toInt64(%zu), toUInt8(%d), toInt64(0), toInt64(1), '' FROM "
                "(SELECT person FROM " LIVE_FACTS " AND person = %lld AND at_ms <= %lld AND %.*s "
                "LIMIT 1)",
                place, KIND_ANCHOR, person, (long long)s->now.ms,
                STR_ARG(match_text(s->a, l->window.anchor)));
}

/* Node, kind, number, what it is divided by, text. The first row, of no node, has who holds as a
 * text, with commas between. */
static void out_why(struct sql *s)
{
    const struct people *const *nodes;
    size_t count = people_nodes(s->a, s->q->people, &nodes);
    out_z(s->sb, "SELECT toInt64(-1), toUInt8(0), toInt64(0), toInt64(1), ");
    if (count)
        out_z(s->sb, "arrayStringConcat(arrayMap(one -> toString(one), [");
    for (size_t i = 0; i < count; i++)
        out_fmt(s->sb, "%stoUInt8(%.*s)", i ? ", " : "", STR_ARG(node_text(s, nodes, i)));
    out_fmt(s->sb, "%s FROM (%.*s)", count ? "]), ',')" : "''",
            STR_ARG(leaves_text(s, nodes, count)));
    for (size_t i = 0; i < count; i++)
        if (nodes[i]->kind == PEOPLE_LEAF && nodes[i]->leaf.kind == LEAF_PERSON)
            out_attr_value(s, &nodes[i]->leaf, i);
        else if (nodes[i]->kind == PEOPLE_LEAF && nodes[i]->leaf.kind == LEAF_FACTS)
            out_figure(s, &nodes[i]->leaf, i);
}

void out_segment(struct sql *s)
{
    if (s->q->segment.person) {
        out_why(s);
        return;
    }
    if (s->q->segment.counts || s->q->segment.only_count) {
        out_counted(s);
        return;
    }
    struct query narrowed = query_narrowed(s->a, s->q);
    out_z(s->sb, "SELECT person FROM " LIVE_PERSONS);
    if (narrowed.people) {
        out_z(s->sb, " AND ");
        out_people(s, narrowed.people);
    }
    out_z(s->sb, " ORDER BY person");
}
