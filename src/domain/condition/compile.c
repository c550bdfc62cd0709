/* Turning a condition into SQL: the only place where text of a statement is made at run time, out
 * of the words below. */
#include "domain/condition/internal.h"

#include <math.h>

#include "base/time.h"

#include "condition.sql.h"

#define FEW \
    5000 /* people up to whom it is faster to begin with them than to walk the order of a list */

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
    bool within =
        l->op ==
        OP_WITHIN; /* as the indexes of these two have it: a list ordered by one ends there */
    if (within && l->kind == LEAF_ATTR && figure_of(l) == FIG_SEEN)
        out_z(&s->text, "coalesce(c.seen_at, 0)");
    else if (within && l->kind == LEAF_ORDER && figure_of(l) == FIG_ORDER_LAST)
        out_z(&s->text, "coalesce(s.last_at, 0)");
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
    bool begin = l->steer == STEER_BY || (l->also && l->steer == STEER_NOT);
    if (begin)
        out_fmt(&s->text, "c.id IN (SELECT %s.customer_id FROM %s %s WHERE ", alias, table, alias);
    else
        out_fmt(&s->text, "EXISTS (SELECT 1 FROM %s %s WHERE %s.customer_id = c.id AND ", table,
                alias, alias);
}

static void tag_leaf(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    if (!l->is)
        out_z(&s->text, "NOT ");
    has_row(l, s, "customer_tag", "g");
    out_z(&s->text, "g.tag_id = ");
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

/* The leaf and those asked of the same row. */
static enum err scores(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    for (const struct leaf *each = l; each; each = each->also) {
        out_z(&s->text, each == l ? "(" : " AND (");
        TRY(compared(cx, each, s));
        out_c(&s->text, ')');
    }
    return OK;
}

static enum err leaf_sql(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    if (l->kind == LEAF_TAG) {
        tag_leaf(cx, l, s);
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
    TRY(scores(cx, l, s));
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
    if (n->kind == NODE_LEAF && n->leaf.joined)
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

/* One value, of a column whose index also has the numbers in order. */
static bool orders_by_id(const struct leaf *l)
{
    enum figure f = l->kind == LEAF_ATTR ? figure_of(l) : FIG_COUNT;
    return l->op == OP_IN && l->count == 1 &&
           (f == FIG_STAGE || f == FIG_DEPARTMENT || f == FIG_STAFF);
}

/* Can the people of this leaf be found without looking at everybody? */
static bool indexed(const struct leaf *l)
{
    enum figure f = l->kind == LEAF_ATTR || l->kind == LEAF_RFM ? figure_of(l) : FIG_COUNT;
    if (l->kind == LEAF_TAG)
        return l->is;
    if (l->op == OP_NEXT)
        return true;
    for (const struct leaf *each = l->kind == LEAF_RFM ? l->also : NULL; each; each = each->also)
        if (indexed(each))
            return true;
    return l->op == OP_IN &&
           (f == FIG_STAGE || f == FIG_DEPARTMENT || f == FIG_STAFF || f == FIG_NAME ||
            f == FIG_RFM_TIER || f == FIG_RFM_CLASS || f == FIG_RFM_R);
}

/* How many the leaf holds for, counted up to one more than FEW in the table that knows. */
static enum err few(struct ctx *cx, struct leaf *l, i64 *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct condition_sql s = { 0 };
    strbuf_init(&s.text, cx->arena, 1 << 20);
    out_z(&s.text, "SELECT count(*) FROM (SELECT 1 FROM ");
    if (l->kind == LEAF_TAG) {
        out_z(&s.text, "customer_tag g WHERE g.tag_id = ");
        bound(cx, &s, V(l->id));
    } else {
        out_z(&s.text, l->kind == LEAF_RFM ? "rfm_current q WHERE ("
                                           : "customer c WHERE c.merged_into IS NULL AND (");
        TRY(l->kind == LEAF_RFM ? scores(cx, l, &s) : leaf_sql(cx, l, &s));
        out_c(&s.text, ')');
    }
    out_fmt(&s.text, " LIMIT %d) few", FEW + 1);
    TRY(db_query_text(cx->db, "condition_few", strbuf_str(&s.text), &r, s.binds.at, s.binds.n));
    *ret = rows_next(&r) ? col_i64(&r, 0) : 0;
    return rows_end(&r);
}

static void steer(struct leaf *l, enum steer how)
{
    for (; l; l = l->also)
        l->steer = how;
}

enum err condition_steer(struct ctx *cx, const struct condition *c, bool by_id)
{
    struct leaf *best = NULL;
    i64 least = FEW;
    if (!c->root || db_engine(db_of(cx->db)) != DB_SQLITE)
        return OK;
    struct node *first = c->root->kind == NODE_ALL ? c->root->first : c->root;
    bool alone = c->root->kind != NODE_ALL;
    for (struct node *n = first; n; n = alone ? NULL : n->next) {
        i64 people = FEW + 1;
        if (n->kind != NODE_LEAF || n->leaf.joined)
            continue;
        if (indexed(&n->leaf))
            TRY(few(cx, &n->leaf, &people));
        steer(&n->leaf, by_id && orders_by_id(&n->leaf) ? STEER_NOT : STEER_PAST);
        if (people <= least) {
            best = &n->leaf;
            least = people;
        }
    }
    for (struct node *n = best ? first : NULL; n; n = alone ? NULL : n->next)
        if (n->kind == NODE_LEAF && !n->leaf.joined)
            steer(&n->leaf, &n->leaf == best ? STEER_BY : STEER_PAST);
    return OK;
}
