/* order: what people bought and gave back, from whatever system sold it. Putting a document again
 * changes nothing: it is known by (source, number), its lines by their numbers. Amounts are exact:
 * quantity × price, rounded half away from zero to 1/100, and a document's amount is the sum of its
 * lines.
 *
 * A refund may name the order it takes back, by its number in the same source. The fact
 * order.refunded has what was said (order_number) and, if that order was there when the refund
 * came, its id (order_id), whosever it is: people may be joined later. Facts do not change, so the
 * fact of a refund that came before its order has no order_id for good, and takes back nothing by
 * it; lists of refunds find the order whenever it came. A refund that named none may name one when
 * it is put again; one that did keeps it. */
#ifndef HETANG_ORDER_H
#define HETANG_ORDER_H

#include "base/map.h"
#include "core/ctx.h"
#include "core/module.h"
#include "domain/customer/customer.h"

ID_TYPE(product_id);
ID_TYPE(order_id);
ID_TYPE(refund_id);

enum document_kind { DOCUMENT_ORDER, DOCUMENT_REFUND };

struct document_line {
    i64 line_no; /* from 1, its own within the document */
    str product_code, product_name;
    i64 quantity_milli, price_micro;
    money amount; /* positive for a refund, too */
};
struct document {
    enum document_kind kind;
    str source, number;
    str order_number;     /* of a refund: what it takes back; none: not said */
    customer_id customer; /* 0: nobody known */
    department_id department;
    staff_id staff;
    str channel;
    instant at;
    const struct document_line *lines;
    size_t line_count;
    bool later_recount; /* the caller will call sales_recount() itself, once for many */
};
/* What became of a line. One that was put before stays as it was put first. */
enum line_outcome { LINE_ADDED, LINE_SAME, LINE_OTHER };
struct put_done {
    i64 id;
    bool created;
    i64 lines_added, lines_other; /* other: put before with other content */
    enum line_outcome *lines;     /* in the arena, one a line */
};
/* Code → product id, kept by a caller that puts many; zeroed at first, map_done() at the end. Kept
 * beyond a write only by one who empties it (map_clear) when a write is undone: products made in it
 * are no more. */
struct product_cache {
    struct map by_hash;
};
/* Was it put before, and whose is it? *ret_id 0: it was not. */
enum err document_find(struct ctx *cx, const struct document *d, i64 *ret_id,
                       customer_id *ret_owner);
/* What document_put() would do, without doing it; the document's number comes from document_find().
 */
enum err document_compare(struct ctx *cx, const struct document *d, i64 id, struct put_done *ret);
/* Inside a write. Emits order.paid or order.refunded the first time, order.amended when lines came
 * later. */
enum err document_put(struct ctx *cx, const struct document *d, struct product_cache *cache,
                      struct put_done *ret);
/* Makes customer_sales of this person anew. */
enum err sales_recount(struct ctx *cx, customer_id customer);
/* Amount of a line; false when it does not fit. */
bool line_amount(i64 quantity_milli, i64 price_micro, money *ret);

extern const struct event_type EV_ORDER_PAID, EV_ORDER_AMENDED, EV_ORDER_REFUNDED;
extern const struct module order_module;

#endif
