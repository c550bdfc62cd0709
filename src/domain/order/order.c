#include "domain/order/order.h"

#include "base/money.h"
#include "core/app.h"
#include "core/event.h"

#include "order.sql.h"

const struct event_type EV_ORDER_PAID = {
    "order.paid", "下单", "Order paid",
    "order_id: id, amount_fen: money, lines: number, channel: text"
};
const struct event_type EV_ORDER_AMENDED = { "order.amended", "订单更正", "Order amended",
                                             "order_id: id, amount_fen: money" };
const struct event_type EV_ORDER_REFUNDED = { "order.refunded", "退款", "Refunded",
                                              "refund_id: id, order_id: id, order_number: text, "
                                              "amount_fen: money, lines: number, channel: text" };

/* What differs between the two kinds of documents. */
static const struct {
    struct sql *insert, *find, *lines, *line, *recount;
    const struct event_type *first, *later;
    const char *id;
} kinds[] = {
    [DOCUMENT_ORDER] = { &SQL_order_insert, &SQL_order_find, &SQL_order_lines_known,
                         &SQL_order_line_insert, &SQL_order_recount, &EV_ORDER_PAID,
                         &EV_ORDER_AMENDED, "order_id" },
    [DOCUMENT_REFUND] = { &SQL_refund_insert, &SQL_refund_find, &SQL_refund_lines_known,
                          &SQL_refund_line_insert, &SQL_refund_recount, &EV_ORDER_REFUNDED,
                          &EV_ORDER_AMENDED, "refund_id" },
};

bool line_amount(i64 quantity_milli, i64 price_micro, money *ret)
{
    return money_of_product((struct decimal) { quantity_milli, 3 },
                            (struct decimal) { price_micro, 6 }, ret);
}

static enum err product_of(struct ctx *cx, struct product_cache *cache, str code, str name,
                           i64 *ret)
{
    i64 *known = map_put(&cache->by_hash, (i64)(str_hash(code) >> 1));
    if (!*known) {
        i64 id;
        enum err e = sql_i64(cx, product_by_code, &id, V(code));
        if (e == ERR_DONE)
            e = sql_i64(cx, product_insert, &id, V(code), V(name), V(cx->now));
        TRY(e == ERR_DONE ? ERR_RETRY : e); /* another node was first */
        *known = id;
    }
    *ret = *known;
    return OK;
}

enum err document_find(struct ctx *cx, const struct document *d, i64 *ret_id,
                       customer_id *ret_owner)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(db_query(cx->db, kinds[d->kind].find, &r, BINDS(V(d->source), V(d->number))));
    bool any = rows_next(&r);
    *ret_id = any ? col_id(&r, 0) : 0;
    ret_owner->v = any ? col_id(&r, 1) : 0;
    return rows_end(&r);
}

static bool same_line(const struct rows *r, const struct document_line *l)
{
    return str_eq(col_str(r, 1), l->product_code) && col_i64(r, 2) == l->quantity_milli &&
           col_i64(r, 3) == l->price_micro && col_i64(r, 4) == l->amount.fen;
}

/* Lines of a document that is there already: which are new, which stand otherwise? */
static enum err look_at_lines(struct ctx *cx, const struct document *d, struct put_done *done)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct map at CLEANUP(map_done) = { 0 };
    for (size_t i = 0; i < d->line_count; i++)
        *map_put(&at, d->lines[i].line_no) = (i64)i;
    TRY(db_query(cx->db, kinds[d->kind].lines, &r, BINDS(V(done->id))));
    while (rows_next(&r)) {
        const i64 *i = map_get(&at, col_i64(&r, 0));
        if (i)
            done->lines[*i] = same_line(&r, &d->lines[*i]) ? LINE_SAME : LINE_OTHER;
    }
    TRY(rows_end(&r));
    for (size_t i = 0; i < d->line_count; i++) {
        done->lines_added += done->lines[i] == LINE_ADDED;
        done->lines_other += done->lines[i] == LINE_OTHER;
    }
    return OK;
}

enum err document_compare(struct ctx *cx, const struct document *d, i64 id, struct put_done *ret)
{
    static_assert(LINE_ADDED == 0, "unless it is known");
    *ret = (struct put_done) { .id = id,
                               .created = !id,
                               .lines = NEW_N(cx->arena, enum line_outcome, d->line_count) };
    ret->lines_added = id ? 0 : (i64)d->line_count;
    return id ? look_at_lines(cx, d, ret) : OK;
}

/* Products first: finding one waits for what was sent before. */
static enum err put_lines(struct ctx *cx, const struct document *d, struct product_cache *cache,
                          const struct put_done *done)
{
    i64 *products = NEW_N(cx->arena, i64, d->line_count);
    for (size_t i = 0; i < d->line_count; i++)
        if (done->lines[i] == LINE_ADDED)
            TRY(product_of(cx, cache, d->lines[i].product_code, d->lines[i].product_name,
                           &products[i]));
    for (size_t i = 0; i < d->line_count; i++) {
        const struct document_line *l = &d->lines[i];
        if (done->lines[i] == LINE_ADDED)
            TRY(db_exec_later(cx->db, kinds[d->kind].line,
                              BINDS(V(done->id), V(l->line_no), V(products[i]),
                                    V(l->quantity_milli), V(l->price_micro), V(l->amount))));
    }
    return OK;
}

/* Makes the document, or finds it and whose it is. */
static enum err put_head(struct ctx *cx, const struct document *d, money amount, i64 *ret_id,
                         bool *ret_created, customer_id *ret_owner)
{
    const struct val row[] = { V(d->source),      V(d->number),      ID(d->customer),
                               ID(d->department), ID(d->staff),      V(d->channel),
                               V(d->at),          V(amount),         V((i64)d->line_count),
                               V(cx->now),        V(d->order_number) };
    static_assert(COUNT(row) == 11, "the last is a refund's only");
    enum err e = db_i64(cx->db, kinds[d->kind].insert, ret_id, row,
                        COUNT(row) - (d->kind == DOCUMENT_ORDER));
    *ret_owner = d->customer;
    *ret_created = e == OK;
    if (e != ERR_DONE)
        return e;
    TRY(document_find(cx, d, ret_id, ret_owner));
    return *ret_id ? OK : ERR_RETRY;
}

/* The fact that a document is there. */
static enum err tell_first(struct ctx *cx, const struct document *d, i64 id, customer_id owner,
                           money amount)
{
    struct prop props[6] = { P(kinds[d->kind].id, id), P("amount_fen", amount),
                             P("lines", (i64)d->line_count), P("channel", d->channel) };
    size_t count = 4;
    if (d->order_number.len) {
        struct document of = { .kind = DOCUMENT_ORDER,
                               .source = d->source,
                               .number = d->order_number };
        i64 order;
        customer_id bought;
        TRY(document_find(cx, &of, &order, &bought));
        props[count++] = P("order_number", d->order_number);
        if (order)
            props[count++] = P("order_id", order);
    }
    return event_emit_with(cx, kinds[d->kind].first, owner, d->at, props, count);
}

enum err document_put(struct ctx *cx, const struct document *d, struct product_cache *cache,
                      struct put_done *ret)
{
    struct put_done done;
    money amount = { 0 };
    customer_id owner;
    i64 id;
    bool created;
    for (size_t i = 0; i < d->line_count; i++)
        if (!money_add(amount, d->lines[i].amount, &amount))
            return fail(cx, ERR_OUT_OF_RANGE, "amount_fen", P("min", 0), P("max", I53_MAX));
    TRY(put_head(cx, d, amount, &id, &created, &owner));
    TRY(document_compare(cx, d, created ? 0 : id, &done));
    done.id = id;
    TRY(put_lines(cx, d, cache, &done));
    if (!done.created && d->order_number.len)
        TRY(sql_later(cx, refund_name_order, V(done.id), V(d->order_number)));
    if (!done.created && done.lines_added)
        TRY(db_i64(cx->db, kinds[d->kind].recount, &amount.fen, BINDS(V(done.id), V(d->at))));
    if (done.created)
        TRY(tell_first(cx, d, done.id, owner, amount));
    else if (done.lines_added)
        TRY(event_emit(cx, kinds[d->kind].later, owner, P(kinds[d->kind].id, done.id),
                       P("amount_fen", amount)));
    if (owner.v && !d->later_recount && (done.created || done.lines_added)) {
        TRY(sales_recount(cx, owner));
        TRY(customer_seen(cx, owner, d->at));
    }
    *ret = done;
    return OK;
}

enum err sales_recount(struct ctx *cx, customer_id customer)
{
    return sql_later(cx, sales_recount, ID(customer));
}

/* Everybody has a row, so that lists ordered by these figures have everybody. */
static enum err on_created(struct ctx *cx, const struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(sql_exec(cx, sales_begin, ID(events[i].customer)));
    return OK;
}

static const char *const created[] = { "customer.created", NULL };
const struct subscriber order_subscribers[1] = {
    { .name = "sales",
      .types = created,
      .handle = on_created,
      .doc = "A row of figures for everybody" },
};

static enum err recount_both(struct ctx *cx, customer_id a, customer_id b)
{
    TRY(sales_recount(cx, a));
    return sales_recount(cx, b);
}

static enum err join(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    TRY(sql_exec(cx, orders_note, V(merge), ID(from)));
    TRY(sql_exec(cx, orders_move, ID(from), ID(into)));
    TRY(sql_exec(cx, refunds_note, V(merge), ID(from)));
    TRY(sql_exec(cx, refunds_move, ID(from), ID(into)));
    return recount_both(cx, from, into);
}

static enum err part(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    TRY(sql_exec(cx, orders_back, V(merge), ID(from)));
    TRY(sql_exec(cx, refunds_back, V(merge), ID(from)));
    return recount_both(cx, from, into);
}

static enum err tell_documents(struct ctx *cx, const struct sql *sql, const char *key,
                               customer_id customer, struct json_writer *w)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(db_query(cx->db, sql, &r, BINDS(ID(customer))));
    json_list(w, key);
    while (rows_next(&r)) {
        json_open(w, NULL);
        json_put(w, "number", col_str(&r, 0));
        json_time(w, "at", (instant) { col_id(&r, 1) });
        json_put(w, "amount_fen", col_i64(&r, 2));
        json_put(w, "channel", col_str(&r, 3));
        if (col_str(&r, 4).len)
            json_put(w, "order_number", col_str(&r, 4));
        json_close(w);
    }
    json_list_end(w);
    return rows_end(&r);
}

static enum err tell(struct ctx *cx, customer_id customer, struct json_writer *w)
{
    TRY(tell_documents(cx, &SQL_orders_tell, "orders", customer, w));
    return tell_documents(cx, &SQL_refunds_tell, "refunds", customer, w);
}

const struct person_part order_person_part = {
    .kind = "order", .join = join, .part = part, .tell = tell
};
