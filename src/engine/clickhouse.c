#include "engine/clickhouse.h"

#include "base/base.h"
#include "engine/clickhouse_internal.h"

static const struct table {
    const char *name, *columns, *version, *order;
    bool alone; /* of each server by itself, under its own name */
} tables[] = {
    { "events",
      "person Int64, seq Int64, type String, at_ms Int64, text_names Array(String), text_values "
      "Array(String), number_names Array(String), number_values Array(Int64), bool_names "
      "Array(String), bool_values Array(Int64), version Int64, dropped UInt8",
      "version", "(person, at_ms, seq)" },
    { "persons",
      "person Int64, version Int64, dropped UInt8, text_names Array(String), text_values "
      "Array(String), number_names Array(String), number_values Array(Int64), bool_names "
      "Array(String), bool_values Array(Int64), day_names Array(String), day_values Array(Int64), "
      "instant_names Array(String), instant_values Array(Int64), list_names Array(String), "
      "list_values Array(Array(String)), set_names Array(String), set_keys Array(String)",
      "version", "person" },
    { "told",
      "one UInt8, version Int64, token String, telling Int64, shard Int64, shards Int64, seq Int64, "
      "mark Int64, whole UInt8",
      "version", "one", true },
};

void out_clickhouse_tables(struct strbuf *sb, const struct clickhouse_place *place)
{
    for (size_t i = 0; i < COUNT(tables); i++) {
        const struct table *t = &tables[i];
        out_fmt(sb,
                "CREATE TABLE IF NOT EXISTS %s%s (%s) ENGINE = ReplacingMergeTree(%s) PARTITION BY "
                "tuple() ORDER BY %s\n",
                t->name, t->alone ? "" : place->local, t->columns, t->version, t->order);
        if (!place->cluster.len || t->alone)
            continue;
        out_fmt(sb, "CREATE TABLE IF NOT EXISTS %s (%s) ENGINE = Distributed(", t->name,
                t->columns);
        out_clickhouse_text(sb, place->cluster);
        out_z(sb, ", ");
        out_clickhouse_text(sb, place->database);
        out_fmt(sb, ", '%s%s')\n", t->name, place->local);
    }
}

int clickhouse_shard(i64 person, int count)
{
    return (int)((person_hash(person) >> 32) % (uint64_t)count);
}

/* A field that is a text; within an array a text is a literal and is read as one. */
static void out_escaped(struct strbuf *sb, str s)
{
    for (size_t i = 0; i < s.len; i++)
        switch (s.ptr[i]) {
        case '\\': out_z(sb, "\\\\"); break;
        case '\n': out_z(sb, "\\n"); break;
        case '\r': out_z(sb, "\\r"); break;
        case '\t': out_z(sb, "\\t"); break;
        case '\0': out_z(sb, "\\0"); break;
        default: out_c(sb, s.ptr[i]);
        }
}

/* Elements of a field that is an array of texts or of numbers. */
struct row_list {
    struct strbuf *sb;
    bool more;
};

static struct row_list list_open(struct strbuf *sb)
{
    out_z(sb, "\t[");
    return (struct row_list) { .sb = sb };
}

static void list_text(struct row_list *l, str s)
{
    out_z(l->sb, l->more ? "," : "");
    out_clickhouse_text(l->sb, s);
    l->more = true;
}

static void list_number(struct row_list *l, i64 n)
{
    out_z(l->sb, l->more ? "," : "");
    out_i64(l->sb, n);
    l->more = true;
}

static void out_fact_values(struct strbuf *sb, const struct fact *f, enum value_kind kind)
{
    struct row_list names = list_open(sb);
    for (size_t i = 0; i < f->prop_count; i++)
        if (f->props[i].value.kind == kind)
            list_text(&names, f->props[i].name);
    out_c(sb, ']');
    struct row_list values = list_open(sb);
    for (size_t i = 0; i < f->prop_count; i++)
        if (f->props[i].value.kind == kind && kind == VALUE_TEXT)
            list_text(&values, f->props[i].value.text);
        else if (f->props[i].value.kind == kind)
            list_number(&values, f->props[i].value.number);
    out_c(sb, ']');
}

void out_clickhouse_insert(struct strbuf *sb, const char *table, const char *local)
{
    out_fmt(sb, "INSERT INTO %s%s FORMAT TabSeparated\n", table, local);
}

void out_clickhouse_fact(struct strbuf *sb, const struct fact *f, i64 version)
{
    out_fmt(sb, "%lld\t%lld\t", (long long)f->person, (long long)f->seq);
    out_escaped(sb, f->type);
    out_fmt(sb, "\t%lld", (long long)f->at.ms);
    out_fact_values(sb, f, VALUE_TEXT);
    out_fact_values(sb, f, VALUE_NUMBER);
    out_fact_values(sb, f, VALUE_BOOL);
    out_fmt(sb, "\t%lld\t0\n", (long long)version);
}

static void out_attr_texts(struct strbuf *sb, const struct person_attr *at)
{
    out_c(sb, '[');
    struct row_list texts = { .sb = sb };
    for (size_t i = 0; i < at->text_count; i++)
        list_text(&texts, at->texts[i]);
    out_c(sb, ']');
}

static void out_attr_values(struct strbuf *sb, const struct person *p, enum attr_kind kind)
{
    struct row_list names = list_open(sb);
    for (size_t i = 0; i < p->attr_count; i++)
        if (p->attrs[i].kind == kind)
            list_text(&names, p->attrs[i].name);
    out_c(sb, ']');
    struct row_list values = list_open(sb);
    for (size_t i = 0; i < p->attr_count; i++) {
        const struct person_attr *at = &p->attrs[i];
        if (at->kind != kind)
            continue;
        if (kind == ATTR_TEXT)
            list_text(&values, at->text);
        else if (kind != ATTR_LIST)
            list_number(&values, at->number);
        else {
            out_z(sb, values.more ? "," : "");
            out_attr_texts(sb, at);
            values.more = true;
        }
    }
    out_c(sb, ']');
}

void out_clickhouse_person(struct strbuf *sb, const struct person *p, i64 version)
{
    static const enum attr_kind kinds[] = { ATTR_TEXT, ATTR_NUMBER,  ATTR_BOOL,
                                            ATTR_DAY,  ATTR_INSTANT, ATTR_LIST };
    out_fmt(sb, "%lld\t%lld\t0", (long long)p->id, (long long)version);
    for (size_t i = 0; i < COUNT(kinds); i++)
        out_attr_values(sb, p, kinds[i]);
    struct row_list names = list_open(sb);
    for (size_t i = 0; i < p->set_count; i++)
        list_text(&names, p->sets[i].name);
    out_c(sb, ']');
    struct row_list keys = list_open(sb);
    for (size_t i = 0; i < p->set_count; i++)
        list_text(&keys, p->sets[i].key);
    out_z(sb, "]\n");
}

static void (*const writers[QUERY_KINDS])(struct sql *s) = {
    [QUERY_SEGMENT] = out_segment,     [QUERY_FUNNEL] = out_funnel,
    [QUERY_RETENTION] = out_retention, [QUERY_TREND] = out_trend,
    [QUERY_LIFE] = out_activity,       [QUERY_STICKINESS] = out_activity,
    [QUERY_PATHS] = out_paths,         [QUERY_ATTRIBUTION] = out_attribution,
    [QUERY_DIAGNOSIS] = out_diagnosis, [QUERY_PROFILE] = out_profile,
    [QUERY_OVERLAP] = out_overlap,     [QUERY_RFM] = out_rfm,
};

/* What was written, with these people named wherever rows are read. */
static enum err finished(struct arena *a, const struct strbuf *sb, str only, str *ret)
{
    str text = sql_done(sb);
    struct strbuf whole;
    if (str_find(text, *SQL_TOO_LARGE) < text.len)
        return ERR_INVALID;
    strbuf_init(&whole, a, CLICKHOUSE_SQL_MAX);
    while (text.len) {
        out(&whole, str_cut(&text, *SQL_ONLY));
        if (text.len)
            out(&whole, only);
    }
    if (whole.overflow)
        return ERR_INVALID;
    *ret = strbuf_str(&whole);
    return OK;
}

/* Where a row becomes as many as its person has conversions or entries, and of a block they are all
 * in memory at once: with hundreds each, more than a question may have, had the block its usual 65
 * thousand rows. */
static bool widens(const struct query *q)
{
    return q->kind == QUERY_ATTRIBUTION ||
           ((q->kind == QUERY_FUNNEL || q->kind == QUERY_DIAGNOSIS) &&
            q->funnel.count == COUNT_ENTRY);
}

enum err clickhouse_sql(struct arena *a, const struct query *q, instant now, str *ret)
{
    struct strbuf sb;
    struct query narrowed = query_narrowed(a, q);
    struct sql s = { .a = a, .sb = &sb, .q = query_timed(q->kind) ? &narrowed : q, .now = now };
    strbuf_init(&sb, a, CLICKHOUSE_SQL_MAX);
    writers[q->kind](&s);
    if (widens(q))
        out_z(&sb, " SETTINGS max_block_size = 4096");
    out_z(&sb, " FORMAT TabSeparated");
    return finished(a, &sb, STR_NONE, ret);
}

static void out_numbers(struct strbuf *sb, const i64 *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out_fmt(sb, "%s%lld", i ? ", " : "", (long long)numbers[i]);
}

enum err clickhouse_fit_sql(struct arena *a, const struct people *const *asked, size_t asked_count,
                            instant now, const i64 *persons, size_t count, str *ret)
{
    struct strbuf sb, only;
    struct query q = { .kind = QUERY_SEGMENT };
    struct sql s = { .a = a, .sb = &sb, .q = &q, .now = now };
    strbuf_init(&sb, a, CLICKHOUSE_SQL_MAX);
    strbuf_init(&only, a, CLICKHOUSE_SQL_MAX);
    out_z(&only, " AND person IN (");
    out_numbers(&only, persons, count);
    out_c(&only, ')');
    for (size_t i = 0; i < asked_count; i++) {
        out_fmt(&sb, "%sSELECT toInt64(%zu) AS place, person FROM " LIVE_PERSONS,
                i ? " UNION ALL " : "", i);
        if (!asked[i])
            continue;
        out_z(&sb, " AND ");
        out_people(&s, asked[i]);
    }
    out_z(&sb, " FORMAT TabSeparated");
    return finished(a, &sb, sql_done(&only), ret);
}

static void out_in(struct strbuf *sb, const i64 *persons, size_t count)
{
    out_z(sb, " WHERE person IN (");
    out_numbers(sb, persons, count);
    out_z(sb, ") AND NOT dropped");
}

void out_clickhouse_drop(struct strbuf *sb, const char *local, const i64 *persons, size_t count,
                         i64 version)
{
    static const struct {
        const char *table, *key;
    } of[] = { { "events", "person, seq, at_ms" }, { "persons", "person" } };
    for (size_t i = 0; i < COUNT(of); i++) {
        out_fmt(sb,
                "INSERT INTO %s%s (%s, version, dropped) SELECT %s, toInt64(%lld), toUInt8(1) FROM "
                "%s%s FINAL",
                of[i].table, local, of[i].key, of[i].key, (long long)version, of[i].table, local);
        out_in(sb, persons, count);
        out_fmt(sb, " AND version < %lld\n", (long long)version);
    }
}

void out_clickhouse_erase(struct strbuf *sb, const char *local, const i64 *persons, size_t count)
{
    static const char *const of[] = { "events", "persons" };
    for (size_t i = 0; i < COUNT(of); i++) {
        out_fmt(sb, "ALTER TABLE %s%s DELETE", of[i], local);
        out_in(sb, persons, count);
        out_c(sb, '\n');
    }
}
