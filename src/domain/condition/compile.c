/* Turning a condition into SQL: the only place where text of a statement is made at run time, out
 * of the words below. */
#include "domain/condition/internal.h"

#include <math.h>

#include "base/time.h"

#include "condition.sql.h"

str condition_bind(struct ctx *cx, struct condition_sql *s, struct val v)
{
    *vec_push(cx->arena, &s->binds) = v;
    return arena_fmt(cx->arena, "$%zu", s->binds.n);
}

static void bound(struct ctx *cx, struct condition_sql *s, struct val v)
{
    out(&s->text, condition_bind(cx, s, v));
}

/* The expression a leaf compares. Behind a plus no index of the column is used. */
static void subject(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    if (l->kind != LEAF_CUSTOM && l->steer == STEER_BY && l->row->index) {
        out_z(&s->text, l->row->index);
        return;
    }
    if (l->kind != LEAF_CUSTOM) {
        bool past = l->steer == STEER_PAST && (l->kind == LEAF_ATTR || l->kind == LEAF_RFM);
        out_z(&s->text, past ? "+" : "");
        out_z(&s->text, l->row->sql);
        return;
    }
    bool number = l->type == TYPE_NUMBER;
    out_z(&s->text, number ? "CAST(c.attrs ->> CAST(" : "(c.attrs ->> CAST(");
    bound(cx, s, V(l->key));
    out_z(&s->text, number ? " AS TEXT) AS DOUBLE PRECISION)" : " AS TEXT))");
}

/* Orders or refunds of a window, as one number. */
static void windowed(struct ctx *cx, const struct leaf *l, i64 from_ms, i64 to_ms,
                     struct condition_sql *s)
{
    enum figure f = figure_of(l);
    bool refund = f == FIG_REFUND_COUNT || f == FIG_REFUND_FEN;
    out_z(
        &s->text,
        f == FIG_ORDER_COUNT || f == FIG_REFUND_COUNT ? "(SELECT count(*)"
        : f == FIG_ORDER_AVERAGE
            ? "(SELECT CASE WHEN count(*) > 0 THEN CAST(sum(w.amount_fen) AS BIGINT) / count(*) END"
            : "(SELECT coalesce(sum(w.amount_fen), 0)");
    out_z(&s->text, refund ? " FROM refund w WHERE w.customer_id = c.id AND w.refunded_at > "
                           : " FROM sales_order w WHERE w.customer_id = c.id AND w.ordered_at > ");
    bound(cx, s, V(from_ms));
    out_z(&s->text, refund ? " AND w.refunded_at <= " : " AND w.ordered_at <= ");
    bound(cx, s, V(to_ms));
    out_c(&s->text, ')');
}

static void whole_subject(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    i64 from_ms, to_ms;
    if (leaf_window(l, cx->now, &from_ms, &to_ms))
        windowed(cx, l, from_ms, to_ms, s);
    else
        subject(cx, l, s);
}

/* A number of the leaf in the database's unit: custom dates and yes or no are texts there. */
static struct val value_of(struct ctx *cx, const struct leaf *l, f64 n)
{
    if (l->kind != LEAF_CUSTOM)
        return V((i64)n);
    if (l->type == TYPE_NUMBER)
        return V(n);
    if (l->type == TYPE_DAY) {
        struct strbuf text;
        strbuf_init(&text, cx->arena, 32);
        out_day(&text, (day) { (i64)n });
        return V(strbuf_str(&text));
    }
    /* SQLite gives a JSON true as 1, PostgreSQL as the text true. */
    return db_engine(db_of(cx->db)) == DB_PG ? V(n != 0 ? "true" : "false") : V((i64)n);
}

/* A text inside LIKE, taken as it is. */
static str like(struct arena *a, str text, bool anywhere)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 1 << 16);
    if (anywhere)
        out_c(&sb, '%');
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("%_\\", text.ptr[i]))
            out_c(&sb, '\\');
        out_c(&sb, text.ptr[i]);
    }
    out_c(&sb, '%');
    return strbuf_str(&sb);
}

/* A list of choices is kept as JSON: one of them is there if its quoted text is. */
static void list_has(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    for (size_t i = 0; i < l->count; i++) {
        struct strbuf quoted;
        strbuf_init(&quoted, cx->arena, 1 << 16);
        out_json(&quoted, l->texts[i]);
        out_z(&s->text, i ? " OR " : "");
        subject(cx, l, s);
        out_z(&s->text, " LIKE ");
        bound(cx, s, V(like(cx->arena, strbuf_str(&quoted), true)));
        out_z(&s->text, " ESCAPE '\\'");
    }
}

static void age_between(struct ctx *cx, f64 low, f64 high, struct condition_sql *s)
{
    day today = day_of(cx->now);
    out_z(&s->text, "c.birthday IS NOT NULL");
    if (!isnan(low)) {
        out_z(&s->text, " AND c.birthday <= ");
        bound(cx, s, V(years_before(today, (i64)low).n));
    }
    if (!isnan(high)) { /* not yet one year older */
        out_z(&s->text, " AND c.birthday > ");
        bound(cx, s, V(years_before(today, (i64)high + 1).n));
    }
}

static void birthdays(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    i64 days = MIN(l->span_ms / DAY_MS, 366);
    out_z(&s->text, "c.birth_md IN (");
    for (i64 i = 0; i <= days; i++) {
        int y, m, d;
        day_to_ymd((day) { day_of(cx->now).n + i }, &y, &m, &d);
        out_z(&s->text, i ? ", " : "");
        bound(cx, s, V(m * 100 + d));
        if (m == 2 && d == 28 && month_days(y, 2) == 28) {
            out_z(&s->text, ", ");
            bound(cx, s, V(229));
        }
    }
    out_c(&s->text, ')');
}

/* Stages are named by key and stand by number. */
static enum err stage_list(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    const char *glue = "";
    subject(cx, l, s);
    out_z(&s->text, " IN (");
    for (size_t i = 0; i < l->count; i++) {
        i64 id = 0;
        enum err e = sql_i64(cx, condition_stage, &id, V(l->texts[i]));
        if (e != OK && e != ERR_DONE)
            return e;
        out_z(&s->text, glue);
        bound(cx, s, V(id));
        glue = ", ";
    }
    out_c(&s->text, ')');
    return OK;
}

static void in_list(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    if (l->type == TYPE_LIST) {
        list_has(cx, l, s);
        return;
    }
    if (l->kind == LEAF_ATTR && figure_of(l) == FIG_AGE) {
        for (size_t i = 0; i < l->count; i++) {
            out_z(&s->text, i ? " OR (" : "(");
            age_between(cx, (f64)l->numbers[i], (f64)l->numbers[i], s);
            out_c(&s->text, ')');
        }
        return;
    }
    if (!l->count) { /* a department that is no more */
        out_z(&s->text, "FALSE");
        return;
    }
    whole_subject(cx, l, s);
    out_z(&s->text, " IN (");
    for (size_t i = 0; i < l->count; i++) {
        out_z(&s->text, i ? ", " : "");
        bound(cx, s, l->type == TYPE_TEXT ? V(l->texts[i]) : value_of(cx, l, (f64)l->numbers[i]));
    }
    out_c(&s->text, ')');
}

static void between(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    const char *glue = "";
    if (l->kind == LEAF_ATTR && figure_of(l) == FIG_AGE) {
        age_between(cx, l->low, l->high, s);
        return;
    }
    const f64 bounds[] = { l->low, l->high };
    for (int i = 0; i < 2; i++)
        if (!isnan(bounds[i])) {
            out_z(&s->text, glue);
            whole_subject(cx, l, s);
            out_z(&s->text, i ? " <= " : " >= ");
            bound(cx, s, value_of(cx, l, bounds[i]));
            glue = " AND ";
        }
}

static void by_time(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    bool whole_day = l->type == TYPE_DAY;
    f64 then =
        whole_day ? (f64)(day_of(cx->now).n - l->span_ms / DAY_MS) : (f64)(cx->now.ms - l->span_ms);
    if (l->op == OP_WITHIN && l->kind != LEAF_CUSTOM && l->row->ends_list)
        out_z(&s->text, l->row->index);
    else
        subject(cx, l, s);
    out_z(&s->text, l->op == OP_WITHIN ? (whole_day ? " >= " : " > ") : whole_day ? " < " : " <= ");
    bound(cx, s, value_of(cx, l, then));
}

/* By whether a row of another table stands there for the person: c.id IN (…) begins with that
 * table, EXISTS (…) with the person. */
static void has_row(const struct leaf *l, struct condition_sql *s, const char *table,
                    const char *alias)
{
    bool begin = l->also && l->steer == STEER_NOT;
    if (begin)
        out_fmt(&s->text, "c.id IN (SELECT %s.customer_id FROM %s %s WHERE ", alias, table, alias);
    else
        out_fmt(&s->text, "EXISTS (SELECT 1 FROM %s %s WHERE %s.customer_id = c.id AND ", table,
                alias, alias);
}

static void member_leaf(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    bool tag = l->kind == LEAF_TAG;
    if (!l->is)
        out_z(&s->text, "NOT ");
    has_row(l, s, tag ? "customer_tag" : "segment_member", "g");
    out_z(&s->text, tag ? "g.tag_id = " : "g.segment_id = ");
    bound(cx, s, V(l->id));
    out_c(&s->text, ')');
}

static enum err compared(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    switch (l->op) {
    case OP_IN: in_list(cx, l, s); return OK;
    case OP_BETWEEN: between(cx, l, s); return OK;
    case OP_WITHIN:
    case OP_BEFORE: by_time(cx, l, s); return OK;
    case OP_NEXT: birthdays(cx, l, s); return OK;
    case OP_EXISTS:
        if (l->kind == LEAF_ATTR && figure_of(l) == FIG_AGE)
            out_z(&s->text, "c.birthday");
        else
            whole_subject(cx, l, s);
        out_z(&s->text, l->is ? " IS NOT NULL" : " IS NULL");
        return OK;
    case OP_CONTAINS:
        subject(cx, l, s);
        out_z(&s->text, " LIKE ");
        bound(cx, s, V(like(cx->arena, l->texts[0], true)));
        out_z(&s->text, " ESCAPE '\\'");
        return OK;
    case OP_STARTS: /* a range, which an index serves; the last character there is comes after every
                       other */
        subject(cx, l, s);
        out_z(&s->text, " >= ");
        bound(cx, s, V(l->texts[0]));
        out_z(&s->text, " AND ");
        subject(cx, l, s);
        out_z(&s->text, " < ");
        bound(cx, s, V(arena_fmt(cx->arena, "%.*s\xf4\x8f\xbf\xbf", STR_ARG(l->texts[0]))));
        return OK;
    }
    return OK;
}

enum err leaf_scores(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    for (const struct leaf *each = l; each; each = each->also) {
        out_z(&s->text, each == l ? "(" : " AND (");
        TRY(compared(cx, each, s));
        out_c(&s->text, ')');
    }
    return OK;
}

enum err leaf_sql(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    if (l->kind == LEAF_TAG || l->kind == LEAF_SEGMENT) {
        member_leaf(cx, l, s);
        return OK;
    }
    if (l->kind == LEAF_IDENTITY || l->kind == LEAF_CONSENT) {
        bool identity = l->kind == LEAF_IDENTITY;
        out_z(&s->text, identity && !l->is ? "NOT " : "");
        has_row(l, s, identity ? "identity" : "consent", "i");
        out_z(&s->text, identity ? "i.kind = " : "i.channel = ");
        bound(cx, s, V(l->key));
        if (!identity) {
            out_z(&s->text, " AND i.state = ");
            bound(cx, s, V(l->texts[0]));
        }
        out_c(&s->text, ')');
        return OK;
    }
    if (l->kind == LEAF_ATTR && figure_of(l) == FIG_STAGE && l->op == OP_IN)
        return stage_list(cx, l, s);
    if (l->kind == LEAF_RFM && l->op == OP_EXISTS) {
        out_z(&s->text,
              l->is ? "EXISTS (SELECT 1 FROM rfm_current q WHERE q.customer_id = c.id)"
                    : "NOT EXISTS (SELECT 1 FROM rfm_current q WHERE q.customer_id = c.id)");
        return OK;
    }
    if (l->kind != LEAF_RFM)
        return compared(cx, l, s);
    has_row(l, s, "rfm_current", "q");
    TRY(leaf_scores(cx, l, s));
    out_c(&s->text, ')');
    return OK;
}

/* What is not known is neither: coalesce makes it no, here as in evaluate.c. */
static enum err node_sql(struct ctx *cx, const struct node *n, struct condition_sql *s)
{
    if (n->kind == NODE_LEAF) {
        out_z(&s->text, "coalesce(");
        TRY(leaf_sql(cx, &n->leaf, s));
        out_z(&s->text, ", FALSE)");
        return OK;
    }
    if (!n->first) {
        out_z(&s->text, n->kind == NODE_ANY ? "FALSE" : "TRUE");
        return OK;
    }
    out_z(&s->text, n->kind == NODE_NOT ? "NOT (" : "(");
    for (const struct node *c = n->first; c; c = c->next) {
        if (c != n->first)
            out_z(&s->text, n->kind == NODE_ANY ? " OR " : " AND ");
        TRY(node_sql(cx, c, s));
    }
    out_c(&s->text, ')');
    return OK;
}

/* The top conjunction without coalesce: NULL there keeps a row out just as well, and leaves the
 * planner its indexes. */
static enum err top_sql(struct ctx *cx, const struct node *n, struct condition_sql *s)
{
    if (n->kind == NODE_ALL) {
        for (const struct node *c = n->first; c; c = c->next)
            TRY(top_sql(cx, c, s));
        return OK;
    }
    if (n->kind == NODE_LEAF && (n->leaf.joined || n->leaf.answered))
        return OK;
    out_z(&s->text, " AND (");
    if (n->kind == NODE_LEAF)
        TRY(leaf_sql(cx, &n->leaf, s));
    else
        TRY(node_sql(cx, n, s));
    out_c(&s->text, ')');
    return OK;
}

enum err condition_to_sql(struct ctx *cx, const struct condition *c, struct condition_sql *ret)
{
    return c->root ? top_sql(cx, c->root, ret) : OK;
}
