/* What goes with a product, and what a person might buy next. */
#include "core/reply.h"
#include "domain/value/internal.h"

#include "value_api.sql.h"

#define NEXT_OF_PRODUCT(F, T) F(T, product_id, id, .doc = "Number of the product")
SCHEMA(next_of_product, NEXT_OF_PRODUCT);

#define NEXT_PRODUCT(F, T)                                                                      \
    F(T, product_id, product_id, .doc = "Number")                                               \
    F(T, str, code, .doc = "Code")                                                              \
    F(T, str, name, .nullable = true, .doc = "Name")                                            \
    F(T, i64, buyers, .doc = "How many bought and kept both, within two years")                 \
    F(T, f64, support,                                                                          \
      .doc = "Share of all buyers who have both; here and below newer purchases weigh more")    \
    F(T, f64, confidence, .doc = "Of those who have the product, the share who have this, too") \
    F(T, f64, lift, .doc = "How many times likelier together than by chance")
SCHEMA(next_product, NEXT_PRODUCT);

#define NEXT_FOR_PERSON(F, T) F(T, customer_id, id, .doc = "Number of the customer")
SCHEMA(next_for_person, NEXT_FOR_PERSON);

#define NEXT_ADVICE(F, T)                                                            \
    F(T, product_id, product_id, .doc = "Number")                                    \
    F(T, str, code, .doc = "Code")                                                   \
    F(T, str, name, .nullable = true, .doc = "Name")                                 \
    F(T, product_id, because_id, .doc = "They bought this, with which it goes best") \
    F(T, str, because_code, .doc = "Its code")                                       \
    F(T, str, because_name, .nullable = true, .doc = "Its name")                     \
    F(T, f64, lift, .doc = "How many times likelier with that than by chance")
SCHEMA(next_advice, NEXT_ADVICE);

static enum err of_product(struct ctx *cx, const void *input, struct reply *out)
{
    const struct next_of_product *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 id;
    enum err e = sql_i64(cx, value_product, &id, ID(in->id));
    if (e != OK)
        return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, NULL) : e;
    TRY(sql_query(cx, value_next_of, &r, ID(in->id)));
    reply_list(out);
    TRY(reply_rows(cx, out, &next_product_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err for_person(struct ctx *cx, const void *input, struct reply *out)
{
    const struct next_for_person *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(customer_see(cx, in->id));
    TRY(sql_query(cx, value_next_for, &r, ID(in->id)));
    reply_list(out);
    TRY(reply_rows(cx, out, &next_advice_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

const struct route value_next_routes[VALUE_NEXT_ROUTES] = {
    { GET, "/api/v1/products/{id}/next", of_product, .id = "product.next", .perm = PERM_ORDER_READ,
      .mode = READ, .in = &next_of_product_schema, .out = &next_product_schema, .listed = true,
      .doc = "What people who bought a product bought, too; most of them first" },
    { GET, "/api/v1/customers/{id}/next-products", for_person, .id = "customer.next_products",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &next_for_person_schema,
      .out = &next_advice_schema, .listed = true,
      .doc = "What people like this one bought and they did not, nor gave back; with the reason" },
};
