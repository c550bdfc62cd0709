/* Attribution. Conversions are joined with what lies before them as rows, not as arrays in arrays,
 * so that memory grows with the paths alone; equal paths come back as one row. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"
#include "engine/credit.h"

static const char *const held_names[] = { "hk", "hn", "hs" };
static const char *const channel_names[] = { "k", "n", "s" };

/* A kind (2: a number) and the number of `value`. */
static str worth_kind(struct sql *s, str *ret_number)
{
    static const char *const names[] = { "vk", "vn", "vs" };
    struct column c[3];
    *ret_number = S("toInt64(0)");
    if (!s->q->attribution.value.len)
        return S("toUInt8(0)");
    value_columns(s->a, s->q->attribution.value, names, c);
    *ret_number = c[1].expression;
    return c[0].expression;
}

/* SELECT person and these columns of the facts for which `which` holds, of the people asked about.
 */
static str facts_where(struct sql *s, const char *columns, const struct column *more, size_t count,
                       str which)
{
    struct strbuf sb;
    struct sql inner = *s;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    inner.sb = &sb;
    out_fmt(&sb, "SELECT person, %s", columns);
    for (size_t i = 0; i < count; i++)
        out_fmt(&sb, ", %.*s AS %s", STR_ARG(more[i].expression), more[i].name);
    out_fmt(&sb, " FROM " LIVE_FACTS " AND at_ms <= %lld AND %.*s", (long long)s->now.ms,
            STR_ARG(which));
    out_people_filter(&inner);
    return sql_done(&sb);
}

static str in_range(struct sql *s, const struct match *m)
{
    return arena_fmt(s->a, "at_ms >= %lld AND at_ms < %lld AND %.*s", (long long)s->q->since.ms,
                     (long long)s->q->until.ms, STR_ARG(match_text(s->a, m)));
}

/* person, ct, cq, worth, and what is held. */
static str conversions(struct sql *s, str which)
{
    const struct attribution_asked *x = &s->q->attribution;
    struct column c[4];
    str number, kind = worth_kind(s, &number);
    c[3] = (struct column) { "worth", arena_fmt(s->a, "if(%.*s = %d, %.*s, toInt64(0))",
                                                STR_ARG(kind), KIND_NUMBER, STR_ARG(number)) };
    if (x->held.len)
        value_columns(s->a, x->held, held_names, c);
    return facts_where(s, "at_ms AS ct, seq AS cq", x->held.len ? c : &c[3], x->held.len ? 4 : 1,
                       which);
}

/* cq, taken, whole, refunds: what was taken back from a conversion. */
static str refunds(struct sql *s)
{
    const struct attribution_asked *x = &s->q->attribution;
    struct column c[5];
    str number, kind = worth_kind(s, &number);
    value_columns(s->a, x->held, held_names, c);
    str there = c[0].expression;
    c[3] =
        (struct column) { "less", arena_fmt(s->a, "if(%.*s = %d, toInt64(abs(%.*s)), toInt64(0))",
                                            STR_ARG(kind), KIND_NUMBER, STR_ARG(number)) };
    c[4] = (struct column) { "everything",
                             arena_fmt(s->a, "toUInt8(%.*s != %d)", STR_ARG(kind), KIND_NUMBER) };
    str which =
        arena_fmt(s->a, "%.*s AND %.*s > 0", STR_ARG(match_text(s->a, &x->refund)), STR_ARG(there));
    str backs = facts_where(s, "at_ms AS rt, seq AS rq", c, COUNT(c), which),
        all = conversions(s, match_text(s->a, &x->conversion));
    return arena_fmt(s->a,
                     "SELECT last.2 AS cq, %s AS taken, max(everything) AS whole, count() AS "
                     "refunds FROM (SELECT rq, less, everything, max((ct, cq)) AS last FROM "
                     "(SELECT rt, rq, less, everything, ct, cq FROM (%.*s) AS backs ALL INNER JOIN "
                     "(%.*s) AS sold USING person, hk, hn, hs) WHERE (ct, cq) < (rt, rq) GROUP BY "
                     "rq, less, everything) GROUP BY cq",
                     SUM_SHOWN("sum(toDecimal128(less, 0))"), STR_ARG(backs), STR_ARG(all));
}

/* person, ct, cq, worth, less, gone: the conversions of the range. */
static str sales(struct sql *s)
{
    const struct attribution_asked *x = &s->q->attribution;
    str from = conversions(s, in_range(s, &x->conversion));
    if (!x->held.len)
        return arena_fmt(s->a,
                         "SELECT person, ct, cq, worth, toInt64(0) AS less, 0 AS gone FROM (%.*s)",
                         STR_ARG(from));
    return arena_fmt(s->a,
                     "SELECT person, ct, cq, worth, toInt64(taken) AS less, refunds > 0 AND (whole "
                     "> 0 OR less >= worth) AS gone FROM (SELECT person, ct, cq, worth, taken, "
                     "whole, refunds FROM (%.*s) AS sales ALL LEFT JOIN (%.*s) AS backs USING cq)",
                     STR_ARG(from), STR_ARG(refunds(s)));
}

/* The columns of a path from an array of (time, sequence number, age, kind, number, text). */
static str path_columns(struct sql *s, const char *touches)
{
    str kept =
        arena_fmt(s->a, "arraySlice(%s, greatest(toInt64(1), toInt64(length(%s)) - %d)) AS kept",
                  touches, touches, ATTRIBUTION_TOUCHES_MAX - 1);
    return arena_fmt(s->a,
                     "toUInt8(0) AS part, %.*s, arrayMap(one -> one.4, kept) AS ks, arrayMap(one "
                     "-> one.5, kept) AS ns, arrayMap(one -> one.6, kept) AS ss, arrayMap(one -> "
                     "one.3, kept) AS ages",
                     STR_ARG(kept));
}

static str converted(struct sql *s, str sold)
{
    const struct attribution_asked *x = &s->q->attribution;
    struct column c[4];
    str touch = match_text(s->a, &x->touch);
    value_columns(s->a, x->channel, channel_names, c);
    c[3] = (struct column) { "touched", arena_fmt(s->a, "toUInt8(%.*s)", STR_ARG(touch)) };
    str which = arena_fmt(s->a, "at_ms >= %lld AND at_ms < %lld AND (%.*s OR %.*s)",
                          (long long)(s->q->since.ms - x->window_ms), (long long)s->q->until.ms,
                          STR_ARG(touch), STR_ARG(match_text(s->a, &x->conversion)));
    str facts = facts_where(s, "at_ms AS t, seq AS q", c, COUNT(c), which);
    /* without it many paths are alike */
    const char *age = x->models >> ATTRIBUTION_time_decay & 1 ? "ct - t" : "toInt64(0)";
    str from = arena_fmt(
        s->a,
        "SELECT person, t, q, k, n, s, ct, cq, left, touched AND (t, q) < (ct, cq) AS led "
        "FROM (%.*s) AS facts ALL INNER JOIN (SELECT person, ct, cq, worth - "
        "less AS left FROM (%.*s) WHERE NOT gone) AS sold USING person",
        STR_ARG(facts), STR_ARG(sold));
    /* the conversion itself stands for a path without touches */
    from = arena_fmt(s->a,
                     "SELECT person, cq, left, arraySort(groupArray((t, q, %s, k, n, s, led))) AS "
                     "f FROM (%.*s) WHERE q = cq OR (led AND t >= ct - %lld) GROUP BY person, cq, "
                     "left",
                     age, STR_ARG(from), (long long)x->window_ms);
    from = arena_fmt(s->a,
                     "SELECT person, left, arrayFilter(one -> one.7 > 0, f) AS touches FROM (%.*s)",
                     STR_ARG(from));
    return arena_fmt(
        s->a,
        "SELECT person, %.*s, toInt64(1) AS conversions, toInt64(0) AS lost, left AS value "
        "FROM (%.*s)",
        STR_ARG(path_columns(s, "touches")), STR_ARG(from));
}

static str lost(struct sql *s)
{
    const struct attribution_asked *x = &s->q->attribution;
    struct column c[3];
    value_columns(s->a, x->channel, channel_names, c);
    str which = arena_fmt(s->a,
                          "%.*s AND person NOT IN (SELECT person FROM " LIVE_FACTS " AND at_ms <= "
                          "%lld AND %.*s)",
                          STR_ARG(in_range(s, &x->touch)), (long long)s->now.ms,
                          STR_ARG(in_range(s, &x->conversion)));
    str facts = facts_where(s, "at_ms AS t, seq AS q", c, COUNT(c), which);
    return arena_fmt(
        s->a,
        "SELECT person, %.*s, toInt64(0) AS conversions, toInt64(1) AS lost, toInt64(0) AS "
        "value FROM (SELECT person, arraySort(groupArray((t, q, toInt64(0), k, n, "
        "s))) AS touches FROM (%.*s) GROUP BY person)",
        STR_ARG(path_columns(s, "touches")), STR_ARG(facts));
}

/* Part (1: what was taken back), the kinds, numbers and texts of a path's channels, ages;
 * conversions, lost, value. */
void out_attribution(struct sql *s)
{
    static const char columns[] = "part, ks, ns, ss, ages";
    str sold = sales(s);
    if (s->q->behind.asked) {
        out_behind(s, behind_attribution_text(s), s->q->behind.lost ? lost(s) : converted(s, sold));
        return;
    }
    out_fmt(s->sb,
            "SELECT %s, sum(conversions), sum(lost), %s FROM (SELECT %s, conversions, lost, value "
            "FROM (%.*s) UNION ALL SELECT %s, conversions, lost, value FROM (%.*s)",
            columns, SUM_SHOWN("sum(toDecimal128(value, 0))"), columns, STR_ARG(converted(s, sold)),
            columns, STR_ARG(lost(s)));
    if (s->q->attribution.held.len)
        out_fmt(s->sb,
                " UNION ALL SELECT toUInt8(1) AS part, emptyArrayUInt8() AS ks, emptyArrayInt64() "
                "AS ns, emptyArrayString() AS ss, emptyArrayInt64() AS ages, toInt64(gone) AS "
                "conversions, toInt64(0) AS lost, if(gone, worth, less) AS value FROM (%.*s)",
                STR_ARG(sold));
    out_fmt(s->sb, ") GROUP BY %s", columns);
}

/* ---- rows ---- */

/* A field that is an array, an element at a time; texts are quoted. */
struct elements {
    str rest;
};

static struct elements row_elements(struct rows *r)
{
    str field = str_cut(&r->line, '\t');
    if (field.len < 2 || field.ptr[0] != '[' || field.ptr[field.len - 1] != ']') {
        r->bad = true;
        return (struct elements) { 0 };
    }
    return (struct elements) { .rest = { field.ptr + 1, field.len - 2 } };
}

static str element_next(struct rows *r, struct elements *e)
{
    size_t end = 0;
    bool quoted = e->rest.len && e->rest.ptr[0] == '\'';
    if (!e->rest.len)
        r->bad = true;
    for (bool open = quoted; end < e->rest.len && (open || e->rest.ptr[end] != ','); end++) {
        if (e->rest.ptr[end] == '\\')
            end++;
        else if (end && e->rest.ptr[end] == '\'')
            open = false;
    }
    end = MIN(end, e->rest.len);
    str one = str_head(e->rest, end);
    e->rest = str_from(e->rest, end + 1);
    if (!quoted)
        return one;
    if (one.len < 2)
        r->bad = true;
    return one.len < 2 ? STR_NONE : row_unescaped(r->a, (str) { one.ptr + 1, one.len - 2 });
}

static i64 element_i64(struct rows *r, struct elements *e)
{
    i64 n = 0;
    if (!str_to_i64(element_next(r, e), &n))
        r->bad = true;
    return n;
}

struct key_vec {
    struct group_key *at;
    size_t n, cap;
};

static void path_row(struct rows *r, struct gathered *g, struct key_vec *keys)
{
    struct elements kinds = row_elements(r), numbers = row_elements(r), texts = row_elements(r),
                    ages = row_elements(r);
    i64 conversions = row_i64(r), lost = row_i64(r);
    gathered_path(g, conversions, lost, row_i64(r));
    while (kinds.rest.len && !r->bad) {
        i64 kind = element_i64(r, &kinds), number = element_i64(r, &numbers);
        *vec_push(r->a, keys) = row_key_of(r, kind, number, element_next(r, &texts));
        gathered_touch(g, (struct touch) { element_i64(r, &ages), (int32_t)keys->n - 1 });
    }
}

enum err attribution_rows(struct rows *r, struct result *ret)
{
    struct gathered g = { 0 };
    struct key_vec keys = { 0 };
    enum err err = ERR_INVALID;
    while (!r->bad && row_next(r)) {
        bool back = row_i64(r) == 1;
        if (!back) {
            path_row(r, &g, &keys);
            continue;
        }
        for (int i = 0; i < 4; i++)
            row_elements(r);
        g.refunded += row_i64(r);
        row_i64(r);
        g.refunded_value = sum_shown((__int128)g.refunded_value + row_i64(r));
    }
    if (!r->bad)
        err = credit_shown(r->a, r->q, &g, 1, keys.at, keys.n, &ret->attribution);
    gathered_done(&g);
    return err;
}
