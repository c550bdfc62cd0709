/* A page of an ordered list of people.
 *
 * An index has each order. Walking it and leaving out who does not fit is the fastest way while
 * one in a few dozen fits, and hopeless when one in ten thousand does; then the people are found by
 * the filters' own indexes and sorted. SQLite's planner cannot know which, since it sees no values:
 * so the beginning of the order is walked, and what was found there tells. PostgreSQL's planner
 * has statistics and both ways. */
#include "domain/directory/internal.h"

#include "core/reply.h"

#define BEGINNING 500   /* people of the order who are looked at first */
#define WALK_MOST 10000 /* people of the order who are walked past without asking */
#define LEAF_MOST 60000 /* entries of a filter's index that are read */

const char *const people_sorts[] = { "newest", "seen",       "name", "amount",
                                     "orders", "last_order", NULL };

/* How a list is ordered: the columns of the order, which are also its cursor. NULL for a value the
 * row has not is 0 in the index and here. */
static const struct order {
    const char *key, *value;
    bool text, from_small, of_sales;
} orders[] = {
    { "newest", NULL },
    { "seen", "coalesce(c.seen_at, 0)" },
    { "name", "c.name", .text = true, .from_small = true },
    { "amount", "s.order_fen", .of_sales = true },
    { "orders", "s.order_count", .of_sales = true },
    { "last_order", "coalesce(s.last_at, 0)", .of_sales = true },
};

static const struct order *order_of(const struct page_query *q)
{
    str key = q->sort.len ? q->sort : q->text.len ? S("name") : S("newest");
    for (size_t i = 0; i < COUNT(orders); i++)
        if (str_is(key, orders[i].key))
            return &orders[i];
    return &orders[0];
}

/* The number as the order's index has it. */
static const char *id_of(const struct order *o)
{
    return o->of_sales ? "s.customer_id" : "c.id";
}

/* Behind the last row of the page before. */
static enum err after_sql(struct ctx *cx, const struct order *o, str cursor,
                          struct condition_sql *s)
{
    struct val after[2];
    TRY(cursor_read(cx, cursor, after, 2));
    if (o->text)
        out_fmt(&s->text, " AND %s IS NOT NULL", o->value);
    if (after[1].kind != VAL_I64)
        return OK;
    str id = condition_bind(cx, s, after[1]);
    const char *column = id_of(o);
    if (!o->value) {
        out_fmt(&s->text, " AND c.id < %.*s", STR_ARG(id));
        return OK;
    }
    bool right = after[0].kind == (o->text ? VAL_STR : VAL_I64);
    if (!right)
        return fail(cx, ERR_BAD_FORMAT, "cursor", P("expected", "the next of the page before"));
    str value = condition_bind(cx, s, after[0]);
    const char *beyond = o->from_small ? ">" : "<";
    out_fmt(&s->text, " AND (%s %s %.*s OR (%s = %.*s AND %s %s %.*s))", o->value, beyond,
            STR_ARG(value), o->value, STR_ARG(value), column, beyond, STR_ARG(id));
    return OK;
}

static void order_sql(const struct order *o, struct condition_sql *s)
{
    const char *direction = o->from_small ? "" : " DESC";
    out_z(&s->text, " ORDER BY ");
    if (o->value)
        out_fmt(&s->text, "%s%s, ", o->value, direction);
    out_fmt(&s->text, "%s%s", id_of(o), direction);
}

static void limit_sql(struct ctx *cx, i64 limit, struct condition_sql *s)
{
    out_z(&s->text, " LIMIT ");
    out(&s->text, condition_bind(cx, s, V(limit)));
}

struct page {
    const struct page_query *query;
    const struct order *order;
    struct condition condition;
    VEC(struct place) found;
};

enum way { WAY_WALK, WAY_BEGINNING, WAY_PEOPLE };

/* The tables; CROSS JOIN: SQLite begins with the one on the left. */
static enum err from_sql(struct ctx *cx, const struct page *p, enum way way,
                         struct condition_sql *s)
{
    bool sales = p->order->of_sales;
    if (way == WAY_BEGINNING) {
        out_fmt(&s->text, " FROM (SELECT %s AS id FROM %s WHERE %s", id_of(p->order),
                sales ? "customer_sales s" : "customer c",
                sales ? "TRUE" : "c.merged_into IS NULL AND c.erased_at IS NULL");
        TRY(after_sql(cx, p->order, p->query->cursor, s));
        order_sql(p->order, s);
        limit_sql(cx, BEGINNING, s);
        out_z(&s->text, ") w CROSS JOIN customer c ON c.id = w.id");
    } else
        out_z(&s->text, sales ? " FROM customer_sales s" : " FROM customer c");
    if (sales && way == WAY_BEGINNING)
        out_z(&s->text, " CROSS JOIN customer_sales s ON s.customer_id = c.id WHERE ");
    else
        out_z(&s->text, sales ? " CROSS JOIN customer c WHERE c.id = s.customer_id AND "
                              : " LEFT JOIN customer_sales s ON s.customer_id = c.id WHERE ");
    return OK;
}

static enum err find(struct ctx *cx, struct page *p, enum way way, const list *people)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct condition_sql s = { 0 };
    strbuf_init(&s.text, cx->arena, 1 << 22);
    out_fmt(&s.text, "SELECT c.id%s%s", p->order->value ? ", " : "",
            p->order->value ? p->order->value : "");
    TRY(from_sql(cx, p, way, &s));
    out_z(&s.text, people_living);
    if (way == WAY_PEOPLE) {
        struct strbuf numbers;
        strbuf_init(&numbers, cx->arena, 1 << 22);
        for (size_t i = 0; i < people->n; i++)
            out_fmt(&numbers, "%c%lld", i ? ',' : '[', (long long)((const i64 *)people->at)[i]);
        out_z(&numbers, people->n ? "]" : "[]");
        out_fmt(&s.text, " AND %s IN (SELECT value FROM json_each(", id_of(p->order));
        out(&s.text, condition_bind(cx, &s, V(strbuf_str(&numbers))));
        out_z(&s.text, "))");
    }
    TRY(people_text_sql(cx, p->query->text, &s));
    TRY(condition_to_sql(cx, &p->condition, &s));
    if (way != WAY_BEGINNING) { /* whose rows come as the table on the left has them */
        TRY(after_sql(cx, p->order, p->query->cursor, &s));
        order_sql(p->order, &s);
    }
    limit_sql(cx, p->query->limit + 1, &s);
    TRY(db_query_text(cx->db, "people_page", strbuf_str(&s.text), &r, s.binds.at, s.binds.n));
    for (p->found.n = 0; rows_next(&r);) {
        struct val value = p->order->value ? col_val(&r, 1) : val_null();
        if (value.kind == VAL_STR)
            value.s = arena_str(cx->arena, value.s);
        *vec_push(cx->arena, &p->found) = (struct place) { { col_id(&r, 0) }, value };
    }
    return rows_end(&r);
}

/* Of the order's beginning, or of the people of the filters, or by walking on. */
static enum err look(struct ctx *cx, struct page *p)
{
    i64 wanted = p->query->limit + 1;
    bool known = false, by_id = !p->order->value;
    list people;
    TRY(find(cx, p, WAY_BEGINNING, NULL));
    if ((i64)p->found.n >= wanted)
        return OK;
    /* So many would have to be walked past, if the rest is like the beginning. Reading the filters'
     * indexes is worth the time of some thousands; and a person of theirs is dearer, who is looked
     * up in no order. */
    i64 walk = BEGINNING * wanted / MAX((i64)p->found.n, 1);
    if (walk > WALK_MOST)
        TRY(condition_people(cx, &p->condition, LEAF_MOST, walk / 2, &known, &people));
    condition_walk(&p->condition, by_id && !known);
    return find(cx, p, known ? WAY_PEOPLE : WAY_WALK, &people);
}

enum err people_page(struct ctx *cx, const struct page_query *q, struct place **ret, i64 *ret_count)
{
    struct page p = { .query = q, .order = order_of(q) };
    if (q->condition)
        TRY(condition_read(cx, "condition", q->condition, &p.condition));
    bool blind = db_engine(db_of(cx->db)) == DB_SQLITE;
    if (blind)
        condition_walk(&p.condition, false);
    TRY(blind && p.condition.root && !q->text.len ? look(cx, &p) : find(cx, &p, WAY_WALK, NULL));
    *ret = p.found.at;
    *ret_count = (i64)p.found.n;
    return OK;
}

str people_cursor(struct ctx *cx, const struct place *last)
{
    return cursor_make(cx->arena, (struct val[2]) { last->value, ID(last->id) }, 2);
}
