#include "engine/clickhouse.h"

#include "base/base.h"
#include "engine/clickhouse_internal.h"

void out_clickhouse_tables(struct strbuf *sb)
{
    out_z(sb, "CREATE TABLE IF NOT EXISTS events (person Int64, seq Int64, type String, at_ms "
              "Int64, text_names Array(String), text_values Array(String), number_names "
              "Array(String), number_values Array(Int64), bool_names Array(String), bool_values "
              "Array(Int64)) ENGINE = ReplacingMergeTree PARTITION BY tuple() ORDER BY (person, "
              "at_ms, seq)\n"
              "CREATE TABLE IF NOT EXISTS persons (person Int64, version Int64, "
              "text_names Array(String), text_values Array(String), number_names Array(String), "
              "number_values Array(Int64), bool_names Array(String), bool_values Array(Int64), "
              "day_names Array(String), day_values Array(Int64), instant_names Array(String), "
              "instant_values Array(Int64), list_names Array(String), list_values "
              "Array(Array(String)), set_names Array(String), set_keys Array(String)) ENGINE = "
              "ReplacingMergeTree(version) PARTITION BY tuple() ORDER BY person\n");
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

void out_clickhouse_facts(struct strbuf *sb, const struct fact *facts, size_t count)
{
    out_z(sb, "INSERT INTO events FORMAT TabSeparated\n");
    for (const struct fact *f = facts; f < facts + count; f++) {
        out_fmt(sb, "%lld\t%lld\t", (long long)f->person, (long long)f->seq);
        out_escaped(sb, f->type);
        out_fmt(sb, "\t%lld", (long long)f->at.ms);
        out_fact_values(sb, f, VALUE_TEXT);
        out_fact_values(sb, f, VALUE_NUMBER);
        out_fact_values(sb, f, VALUE_BOOL);
        out_c(sb, '\n');
    }
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

void out_clickhouse_persons(struct strbuf *sb, const struct person *persons, size_t count,
                            i64 version)
{
    static const enum attr_kind kinds[] = { ATTR_TEXT, ATTR_NUMBER,  ATTR_BOOL,
                                            ATTR_DAY,  ATTR_INSTANT, ATTR_LIST };
    out_z(sb, "INSERT INTO persons FORMAT TabSeparated\n");
    for (const struct person *p = persons; p < persons + count; p++) {
        out_fmt(sb, "%lld\t%lld", (long long)p->id, (long long)version);
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
}

static void (*const writers[QUERY_KINDS])(struct sql *s) = {
    [QUERY_SEGMENT] = out_segment,     [QUERY_FUNNEL] = out_funnel,
    [QUERY_RETENTION] = out_retention, [QUERY_TREND] = out_trend,
    [QUERY_LIFE] = out_activity,       [QUERY_STICKINESS] = out_activity,
    [QUERY_PATHS] = out_paths,         [QUERY_ATTRIBUTION] = out_attribution,
    [QUERY_DIAGNOSIS] = out_diagnosis, [QUERY_PROFILE] = out_profile,
    [QUERY_OVERLAP] = out_overlap,     [QUERY_RFM] = out_rfm,
};

enum err clickhouse_sql(struct arena *a, const struct query *q, instant now, str *ret)
{
    struct strbuf sb;
    struct query narrowed = query_narrowed(a, q);
    struct sql s = { .a = a, .sb = &sb, .q = query_timed(q->kind) ? &narrowed : q, .now = now };
    strbuf_init(&sb, a, CLICKHOUSE_SQL_MAX);
    writers[q->kind](&s);
    out_z(&sb, " FORMAT TabSeparated");
    str text = sql_done(&sb);
    if (str_find(text, *SQL_TOO_LARGE) < text.len)
        return ERR_INVALID;
    *ret = text;
    return OK;
}
