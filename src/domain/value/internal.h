/* What the files of value share. */
#ifndef HETANG_VALUE_INTERNAL_H
#define HETANG_VALUE_INTERNAL_H

#include "base/map.h"
#include "domain/customer/customer.h"
#include "domain/order/order.h"
#include "domain/value/model.h"
#include "domain/value/value.h"

/* history.c: orders, from the database. Inside a read. */
typedef enum err value_each_order(void *arg, i64 customer, instant at, i64 fen);
/* Orders after `after` up to `upto`, by person and time; those of one instant together. */
enum err value_orders(struct ctx *cx, instant after, instant upto, value_each_order *each,
                      void *arg);
struct value_people {
    struct value_history *at; /* by number; freed by the caller */
    size_t n, cap;
};
/* Everybody living with an order up to then. */
enum err value_people_load(struct ctx *cx, instant upto, struct value_people *ret);

/* basket.c: what is bought by the same people. */
struct value_baskets;
struct value_baskets *value_baskets_new(instant upto);
void value_baskets_free(struct value_baskets *b); /* NULL is fine */
/* Adds what the people after `first` up to `last` bought and kept. Inside a read. */
enum err value_baskets_add(struct ctx *cx, struct value_baskets *b, i64 first, i64 last);
/* Finds the pairs. Outside a unit of work. */
enum err value_baskets_find(struct value_baskets *b);
/* Rows of value_pair for a batch of products from *at on, as JSON; *at moves on. False: none left.
 */
bool value_baskets_rows(struct value_baskets *b, struct arena *a, size_t *at, str *ret);
void value_baskets_counts(const struct value_baskets *b, i64 *ret_people, i64 *ret_products);

/* What was fitted; members are null where there is no such fit. */
#define VALUE_MODEL(F, T)                                                                      \
    F(T, f64, r, .nullable = true, .doc = "BG/NBD: shape of the rates at which people buy")    \
    F(T, f64, alpha, .nullable = true, .doc = "BG/NBD: scale of those rates, in weeks")        \
    F(T, f64, a, .nullable = true, .doc = "BG/NBD: of leaving after a purchase")               \
    F(T, f64, b, .nullable = true, .doc = "BG/NBD: of staying")                                \
    F(T, f64, log_likelihood, .nullable = true, .doc = "Of everybody's purchases")             \
    F(T, boolean, at_bound,                                                                    \
      .doc = "The likelihood still grows towards a bound: expectations hold, parameters less") \
    F(T, f64, p, .nullable = true, .doc = "Gamma-gamma: shape of one person's amounts")        \
    F(T, f64, q, .nullable = true, .doc = "Gamma-gamma: shape of the means of people")         \
    F(T, f64, gamma_fen, .nullable = true, .doc = "Gamma-gamma: scale of those means")         \
    F(T, f64, spend_log_likelihood, .nullable = true, .doc = "Of their mean amounts")          \
    F(T, i64, spend_people, .nullable = true, .doc = "How many the amounts are fitted to")
SCHEMA_STRUCT(value_model, VALUE_MODEL);
str value_model_json(struct arena *a, const struct value_fit *fit);
/* Reads JSON that was kept. */
enum err value_kept(struct ctx *cx, const struct schema *s, str text, void *ret);

/* People are counted by decile and by the twentieth of their probability of being alive. */
#define VALUE_BANDS 20
#define VALUE_ONCE  VALUE_BANDS /* instead of a band: orders on one day only */
#define VALUE_CELL  100         /* of a decile to the next */
static inline i64 value_cell(i64 decile, i64 days, i64 alive_ppm)
{
    i64 band = days == 1 ? VALUE_ONCE : MIN(alive_ppm * VALUE_BANDS / 1000000, VALUE_BANDS - 1);
    return decile * VALUE_CELL + band;
}

/* Keys under which at most one job of a kind waits or runs. */
#define VALUE_RUN_KEY      "value"
#define VALUE_BACKTEST_KEY "value_backtest"

/* work.c */
extern const struct job_kind value_run_job, value_daily_job;

/* backtest.c */
extern const struct job_kind value_backtest_job;

/* The number a job keeps under that key; 0: none. */
i64 value_number(struct arena *a, str text, const char *key);
str value_asker(struct arena *a, str payload);

/* Routes of each file. */
#define VALUE_VIEW_ROUTES 3
extern const struct route value_view_routes[VALUE_VIEW_ROUTES];
#define VALUE_CHURN_ROUTES 2
extern const struct route value_churn_routes[VALUE_CHURN_ROUTES];
#define VALUE_NEXT_ROUTES 2
extern const struct route value_next_routes[VALUE_NEXT_ROUTES];
#define VALUE_BACKTEST_ROUTES 3
extern const struct route value_backtest_routes[VALUE_BACKTEST_ROUTES];

#endif
