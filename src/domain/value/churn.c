/* Who is about to be lost, and what is expected of one person. */
#include "base/time.h"
#include "core/reply.h"
#include "domain/value/internal.h"

#include "value_api.sql.h"

#define PPM 1000000.0

#define VALUE_CHURN_LIST(F, T)                                                               \
    F(T, money, min_year_fen, .min = 0, .doc = "Only of whom a year was worth so much")      \
    F(T, f64, min_churn, .doc = "Only who have left with at least this probability, 0 to 1") \
    F(T, f64, max_churn, .doc = "… and with at most this one")                               \
    F(T, instant, bought_since_at,                                                           \
      .doc = "Only whose last order is not older: who left years "                           \
             "ago is hard to win back")                                                      \
    PAGE_FIELDS(F, T)
SCHEMA(value_churn_list, VALUE_CHURN_LIST);

#define VALUE_CHURNER(F, T)                                                                     \
    F(T, customer_id, id, .doc = "Number")                                                      \
    F(T, str, name, .nullable = true, .doc = "Name")                                            \
    F(T, department_id, department_id, .nullable = true, .doc = "Whose customer: the store")    \
    F(T, staff_id, staff_id, .nullable = true, .doc = "Whose customer: the person")             \
    F(T, i64, order_days, .doc = "Days with an order")                                          \
    F(T, instant, last_order_at, .doc = "Their last order")                                     \
    F(T, money, net_fen, .doc = "Spent so far, less refunds")                                   \
    F(T, f64, alive, .doc = "Probability that they are still a customer")                       \
    F(T, f64, churn, .doc = "Churn score: one less that")                                       \
    F(T, money, year_fen, .doc = "What was spent, by years if they bought for longer than one") \
    F(T, money, at_risk_fen, .doc = "Value at risk: that times the churn score")                \
    F(T, f64, orders_90, .doc = "Days with an order expected within 90 days")                   \
    F(T, money, amount_90_fen, .doc = "Money expected within 90 days")
SCHEMA(value_churner, VALUE_CHURNER);

#define VALUE_OF_PERSON(F, T) F(T, customer_id, id, .doc = "Number of the customer")
SCHEMA(value_of_person, VALUE_OF_PERSON);

#define VALUE_FIGURES(F, T)                                                                     \
    F(T, i64, order_days,                                                                       \
      .doc = "Days with an order; of one nobody can say whether they left, "                    \
             "and alive is 1")                                                                  \
    F(T, instant, first_order_at, .doc = "Their first order")                                   \
    F(T, instant, last_order_at, .doc = "Their last order by then")                             \
    F(T, money, net_fen, .doc = "Spent by then, less refunds")                                  \
    F(T, money, mean_fen, .doc = "What a day with an order is worth in the long run")           \
    F(T, f64, alive, .doc = "Probability that they are still a customer")                       \
    F(T, f64, churn, .doc = "Churn score: one less that")                                       \
    F(T, f64, orders_30, .doc = "Days with an order expected within 30 days")                   \
    F(T, f64, orders_90, .doc = "… within 90 days")                                             \
    F(T, f64, orders_365, .doc = "… within 365 days")                                           \
    F(T, money, amount_30_fen, .doc = "Money expected within 30 days")                          \
    F(T, money, amount_90_fen, .doc = "… within 90 days")                                       \
    F(T, money, amount_365_fen, .doc = "… within 365 days")                                     \
    F(T, money, year_fen, .doc = "What was spent, by years if they bought for longer than one") \
    F(T, money, at_risk_fen, .doc = "Value at risk: that times the churn score")                \
    F(T, i64, decile, .doc = "1: of the tenth of everybody of whom most is expected in a year")
SCHEMA(value_figures, VALUE_FIGURES);

#define CUSTOMER_VALUE(F, T)                                                             \
    F(T, instant, reference_at, .nullable = true, .doc = "As of when; null: no run yet") \
    F(T, obj, figures, .of = &value_figures_schema, .nullable = true,                    \
      .doc = "Null: no order by then, or the run has no figures")
SCHEMA(customer_value, CUSTOMER_VALUE);

static enum err alive_at(struct ctx *cx, const char *field, f64 churn, i64 *ret_ppm)
{
    if (!(churn >= 0 && churn <= 1))
        return fail(cx, ERR_OUT_OF_RANGE, field, P("min", 0), P("max", 1));
    *ret_ppm = (i64)((1 - churn) * PPM + .5);
    return OK;
}

static enum err churn_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct value_churn_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct value_churner p = { 0 };
    struct val after[2];
    i64 count = 0, limit = page_limit(in->limit);
    i64 alive_max = 0, alive_min = 0;
    TRY(alive_at(cx, "min_churn", HAS(in, value_churn_list, min_churn) ? in->min_churn : 0,
                 &alive_max));
    TRY(alive_at(cx, "max_churn", HAS(in, value_churn_list, max_churn) ? in->max_churn : 1,
                 &alive_min));
    TRY(cursor_read(cx, in->cursor, after, 2));
    for (int i = 0; i < 2; i++)
        if (after[i].kind != VAL_I64)
            after[i] = V(I53_MAX);
    TRY(sql_query(cx, value_churn, &r, after[0], after[1],
                  V(in->min_year_fen.fen == NONE ? 0 : in->min_year_fen.fen), V(alive_max),
                  V(alive_min), V(in->bought_since_at.ms), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        schema_row(cx->arena, &value_churner_schema, &r, &p);
        reply_item(out, &value_churner_schema, &p);
    }
    bool more = count == limit && rows_next(&r);
    TRY(rows_end(&r));
    struct val last[] = { V(p.at_risk_fen), ID(p.id) };
    reply_list_end(out, more ? cursor_make(cx->arena, last, 2) : STR_NONE, NONE);
    return OK;
}

static enum err person_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct value_of_person *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct value_figures f;
    struct customer_value v = { 0 };
    i64 reference;
    TRY(customer_see(cx, in->id));
    TRY(sql_i64(cx, value_reference, &reference));
    v.reference_at.ms = reference == NONE ? 0 : reference;
    TRY(sql_query(cx, value_of, &r, ID(in->id)));
    if (rows_next(&r)) {
        schema_row(cx->arena, &value_figures_schema, &r, &f);
        v.figures = &f;
    }
    TRY(rows_end(&r));
    return reply_struct(out, &customer_value_schema, &v);
}

const struct route value_churn_routes[VALUE_CHURN_ROUTES] = {
    { GET, "/api/v1/value/churn", churn_run, .id = "value.churn", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .in = &value_churn_list_schema, .out = &value_churner_schema, .listed = true,
      .doc = "Who is about to be lost, by value at risk; people who bought on more than one day" },
    { GET, "/api/v1/customers/{id}/value", person_run, .id = "customer.value",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &value_of_person_schema,
      .out = &customer_value_schema, .doc = "What is expected of a person by the current run" },
};
