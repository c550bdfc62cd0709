#include "domain/order/order.h"

#include "core/event.h"
#include "core/reply.h"

#include "order_api.sql.h"

#define ORDER(F, T)                                                                           \
    F(T, order_id, id, .doc = "Number")                                                       \
    F(T, str, source, .doc = "The system it is from")                                         \
    F(T, str, number, .doc = "Its document number there")                                     \
    F(T, customer_id, customer_id, .nullable = true, .doc = "Who bought; null: nobody known") \
    F(T, str, customer_name, .nullable = true, .doc = "Their name")                           \
    F(T, department_id, department_id, .nullable = true, .doc = "Where it was sold")          \
    F(T, staff_id, staff_id, .nullable = true, .doc = "Who sold it")                          \
    F(T, str, channel, .nullable = true, .doc = "By which way")                               \
    F(T, instant, ordered_at, .doc = "When")                                                  \
    F(T, money, amount_fen, .doc = "Sum of its lines")                                        \
    F(T, i64, line_count, .doc = "How many lines")
SCHEMA(order, ORDER);

#define ORDER_LINE(F, T)                                                      \
    F(T, i64, line_no, .doc = "From 1")                                       \
    F(T, str, product_code, .doc = "Product")                                 \
    F(T, str, product_name, .nullable = true, .doc = "Its name")              \
    F(T, i64, quantity_milli, .doc = "Thousandths")                           \
    F(T, i64, price_micro, .doc = "Millionths of the currency unit, for one") \
    F(T, money, amount_fen, .doc = "Quantity × price, rounded half away from zero")
SCHEMA(order_line, ORDER_LINE);

#define ORDER_FULL(F, T) \
    ORDER(F, T)          \
    F(T, list, lines, .of = &order_line_schema, .doc = "What was bought")
SCHEMA(order_full, ORDER_FULL);

#define REFUND(F, T)                                                            \
    F(T, refund_id, id, .doc = "Number")                                        \
    F(T, str, source, .doc = "The system it is from")                           \
    F(T, str, number, .doc = "Its document number there")                       \
    F(T, customer_id, customer_id, .nullable = true, .doc = "Who gave it back") \
    F(T, instant, refunded_at, .doc = "When")                                   \
    F(T, money, amount_fen, .doc = "What was paid back")                        \
    F(T, i64, line_count, .doc = "How many lines")                              \
    F(T, str, order_number, .nullable = true,                                   \
      .doc = "The order it takes back, as the source numbers it")               \
    F(T, order_id, order_id, .nullable = true, .doc = "That order, if it is here")
SCHEMA(refund, REFUND);

#define ORDER_LIST(F, T)                                           \
    F(T, customer_id, customer_id, .doc = "Only this customer's")  \
    F(T, department_id, department_id, .doc = "Only this store's") \
    F(T, instant, from_at, .doc = "Not before")                    \
    F(T, instant, to_at, .doc = "Before")                          \
    PAGE_FIELDS(F, T)
SCHEMA(order_list, ORDER_LIST);

#define REFUND_LIST(F, T)                                            \
    F(T, customer_id, customer_id, .required = true, .doc = "Whose") \
    PAGE_FIELDS(F, T)
SCHEMA(refund_list, REFUND_LIST);

#define ORDER_ONE(F, T) F(T, order_id, id, .doc = "Number")
SCHEMA(order_one, ORDER_ONE);

#define LINE_PUT(F, T)                                                                          \
    F(T, str, product_code, .required = true, .max = 60, .doc = "Product; made when it is new") \
    F(T, str, product_name, .nullable = true, .max = 200, .doc = "Its name")                    \
    F(T, i64, quantity_milli, .required = true, .min = 1, .max = 1000000000000,                 \
      .doc = "Thousandths")                                                                     \
    F(T, i64, price_micro, .required = true, .min = 0, .max = 1000000000000000,                 \
      .doc = "Millionths of the currency unit, for one")
SCHEMA(line_put, LINE_PUT);

static const char *const document_kinds[] = { "order", "refund", NULL };

#define IDENTITY_OF(F, T)                                                       \
    F(T, str, kind, .required = true, .max = 20, .doc = "Kind of identifier")   \
    F(T, str, scope, .max = 60, .doc = "App or source, where the kind has one") \
    F(T, str, value, .required = true, .max = 254, .secret = true,              \
      .doc = "As given; it is normalised")                                      \
    F(T, boolean, verified, .doc = "Proven to be this person's")
SCHEMA(order_identity, IDENTITY_OF);

#define ORDER_PUT(F, T)                                                                          \
    F(T, str, kind, .choices = document_kinds, .doc = "order unless told")                       \
    F(T, str, source, .required = true, .max = 40, .format = "key",                              \
      .doc = "The system it is from")                                                            \
    F(T, str, number, .required = true, .max = 100, .doc = "Its document number there")          \
    F(T, str, order_number, .nullable = true, .max = 100,                                        \
      .doc = "Of a refund: number of the order it takes back, of the same source. Put it after " \
             "its order: the fact names only an order that is here by then")                     \
    F(T, customer_id, customer_id, .doc = "Who bought, when known by number …")                  \
    F(T, list, identities, .of = &order_identity_schema, .max = RESOLVE_MAX,                     \
      .doc = "… or by what they are known; made when new")                                       \
    F(T, department_id, department_id, .doc = "Where it was sold")                               \
    F(T, staff_id, staff_id, .doc = "Who sold it")                                               \
    F(T, str, channel, .nullable = true, .max = 60, .doc = "By which way")                       \
    F(T, instant, at, .required = true, .doc = "When")                                           \
    F(T, list, lines, .required = true, .of = &line_put_schema, .min = 1, .max = 500,            \
      .doc = "What was bought")
SCHEMA(order_put, ORDER_PUT);

#define PUT_DONE(F, T)                                           \
    F(T, i64, id, .doc = "Number of the order or refund")        \
    F(T, boolean, created, .doc = "False: it was there already") \
    F(T, i64, lines_added, .doc = "Lines that were new")         \
    F(T, customer_id, customer_id, .nullable = true, .doc = "Whose it is")
SCHEMA(order_done, PUT_DONE);

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct order_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct val after[2];
    struct order o = { 0 };
    i64 limit = page_limit(in->limit), count = 0;
    TRY(cursor_read(cx, in->cursor, after, 2));
    i64 to = in->to_at.ms ? in->to_at.ms : I53_MAX,
        before = after[0].kind == VAL_I64 ? after[0].i : to;
    i64 before_id = after[1].kind == VAL_I64 ? after[1].i : 0;
    if (in->customer_id.v)
        TRY(sql_query(cx, order_list_of, &r, ID(in->customer_id), V(in->from_at.ms), V(before),
                      V(before_id), V(limit + 1)));
    else
        TRY(sql_query(cx, order_list, &r, ID(in->department_id), V(in->from_at.ms), V(before),
                      V(before_id), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        schema_row(cx->arena, &order_schema, &r, &o);
        reply_item(out, &order_schema, &o);
    }
    bool more = count == limit && rows_next(&r);
    TRY(rows_end(&r));
    reply_list_end(out,
                   more ? cursor_make(cx->arena, (struct val[]) { V(o.ordered_at), ID(o.id) }, 2)
                        : STR_NONE,
                   NONE);
    return OK;
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct order_one *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct order_full o;
    i64 n = 0;
    TRY(sql_one(cx, order_by_id, &order_full_schema, &o, ID(in->id)));
    struct order_line *lines = NEW_N(cx->arena, struct order_line, (size_t)o.line_count);
    TRY(sql_query(cx, order_lines, &r, ID(in->id)));
    for (; n < o.line_count && rows_next(&r); n++)
        schema_row(cx->arena, &order_line_schema, &r, &lines[n]);
    TRY(rows_end(&r));
    o.lines = (list) { lines, (size_t)n };
    return reply_struct(out, &order_full_schema, &o);
}

static enum err refunds_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct refund_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 before, limit = page_limit(in->limit);
    TRY(customer_see(cx, in->customer_id));
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, refund_list_of, &r, ID(in->customer_id), V(before ? before : I53_MAX),
                  V(limit + 1)));
    return reply_page(cx, out, &refund_schema, &r, limit);
}

static enum err customer_of(struct ctx *cx, const struct order_put *in, customer_id *ret)
{
    struct identity_in ids[RESOLVE_MAX];
    struct resolved who;
    const struct order_identity *at = in->identities.at;
    *ret = in->customer_id;
    if (in->customer_id.v)
        return customer_see(cx, in->customer_id);
    if (!in->identities.n)
        return OK;
    for (size_t i = 0; i < in->identities.n; i++) {
        ids[i] = (struct identity_in) { identity_kind_find(at[i].kind), at[i].scope, at[i].value,
                                        at[i].verified };
        if (!ids[i].kind)
            return fail(
                cx, ERR_BAD_CHOICE, arena_fmt(cx->arena, "identities[%zu].kind", i).ptr,
                P("choices", "member_no, unionid, wecom, mobile, email, openid, external, device"));
    }
    TRY(customer_resolve(cx,
                         &(struct resolve) { .ids = ids,
                                             .count = in->identities.n,
                                             .origin = in->source,
                                             .create = true,
                                             .department = in->department_id,
                                             .staff = in->staff_id,
                                             .joined = in->at },
                         &who));
    *ret = who.customer;
    return OK;
}

static enum err put_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct order_put *in = input;
    const struct line_put *at = in->lines.at;
    struct document_line *lines = NEW_N(cx->arena, struct document_line, in->lines.n);
    struct product_cache cache = { 0 };
    struct put_done done;
    customer_id who;
    bool refund = str_is(in->kind, "refund");
    if (in->order_number.len && !refund)
        return fail_rule(cx, ERR_INVALID, "order_number", "只有退款才指明原订单",
                         "only a refund names another order");
    TRY(customer_of(cx, in, &who));
    for (size_t i = 0; i < in->lines.n; i++) {
        lines[i] = (struct document_line) { .line_no = (i64)i + 1,
                                            .product_code = at[i].product_code,
                                            .product_name = at[i].product_name,
                                            .quantity_milli = at[i].quantity_milli,
                                            .price_micro = at[i].price_micro };
        if (!line_amount(at[i].quantity_milli, at[i].price_micro, &lines[i].amount))
            return fail(cx, ERR_OUT_OF_RANGE, arena_fmt(cx->arena, "lines[%zu]", i).ptr,
                        P("min", 0), P("max", I53_MAX));
    }
    enum err e =
        document_put(cx,
                     &(struct document) { .kind = refund ? DOCUMENT_REFUND : DOCUMENT_ORDER,
                                          .source = in->source,
                                          .number = in->number,
                                          .order_number = in->order_number,
                                          .customer = who,
                                          .department = in->department_id,
                                          .staff = in->staff_id,
                                          .channel = in->channel,
                                          .at = in->at,
                                          .lines = lines,
                                          .line_count = in->lines.n },
                     &cache, &done);
    map_done(&cache.by_hash);
    TRY(e);
    audit_entity(cx, refund ? "refund" : "order", done.id);
    cx->audit.customer = who;
    out->status = done.created ? 201 : 200;
    return reply_struct(out, &order_done_schema,
                        &(struct order_done) { .id = done.id,
                                               .created = done.created,
                                               .lines_added = done.lines_added,
                                               .customer_id = who });
}

static const struct route routes[] = {
    { GET, "/api/v1/orders", list_run, .id = "order.list", .perm = PERM_ORDER_READ, .mode = READ,
      .in = &order_list_schema, .out = &order_schema, .listed = true,
      .doc = "Orders, newest first" },
    { GET, "/api/v1/orders/{id}", get_run, .id = "order.get", .perm = PERM_ORDER_READ, .mode = READ,
      .quick = true, .in = &order_one_schema, .out = &order_full_schema,
      .doc = "One order with its lines" },
    { GET, "/api/v1/refunds", refunds_run, .id = "refund.list", .perm = PERM_ORDER_READ,
      .mode = READ, .in = &refund_list_schema, .out = &refund_schema, .listed = true,
      .doc = "A customer's refunds, newest first" },
    { POST, "/api/v1/orders", put_run, .id = "order.put", .perm = PERM_ORDER_WRITE, .mode = WRITE,
      .in = &order_put_schema, .out = &order_done_schema,
      .doc = "Record an order or refund from another system; again changes nothing" },
};

static const struct event_type *const events[] = { &EV_ORDER_PAID, &EV_ORDER_AMENDED,
                                                   &EV_ORDER_REFUNDED };
extern const struct person_part order_person_part;
extern const struct subscriber order_subscribers[1];

const struct module order_module = { .name = "order",
                                     .routes = routes,
                                     .route_count = COUNT(routes),
                                     .events = events,
                                     .event_count = COUNT(events),
                                     .subscribers = order_subscribers,
                                     .subscriber_count = COUNT(order_subscribers),
                                     .person = &order_person_part };
