/* The models of one run, without a database: what is known of people, the fit, and what follows for
 * each. Any thread. */
#ifndef HETANG_VALUE_MODEL_H
#define HETANG_VALUE_MODEL_H

#include "engine/gamma_gamma.h"

/* With fewer people who came back than this the four parameters say more about chance than about
 * people. */
#define VALUE_REPEATERS_MIN 50
#define VALUE_DECILES       10

struct value_history {
    i64 customer;
    i64 first_ms, last_ms;  /* orders */
    i64 net_fen;            /* orders less refunds; may be below 0 */
    int32_t first, last;    /* their days */
    int32_t days;           /* with an order, 1 or more */
    int32_t decile;         /* 1 the best; 0: not ranked */
    float orders[3], alive; /* filled by value_score() */
    double mean_fen;        /* likewise: what a day with an order is worth in the long run */
};

enum value_horizon { VALUE_30, VALUE_90, VALUE_365, VALUE_HORIZONS };
extern const double value_horizon_weeks[VALUE_HORIZONS];

/* Why there are no figures. */
enum value_lack {
    VALUE_ENOUGH,
    VALUE_FEW_REPEATERS,
    VALUE_NO_BUYING_MODEL,
    VALUE_NO_SPENDING_MODEL,
};
extern const char
    *const value_lacks[]; /* their keys, from VALUE_FEW_REPEATERS on; NULL at the end */

struct value_fit {
    enum value_lack lack;
    day as_of;
    i64 people, repeaters;
    struct bgnbd_fit buys;
    struct gamma_gamma_fit spends; /* of people who came back and spent something */
};

/* Fits both models as of that day; memory of the work is its own. `spending` false: only when
 * people buy. ERR_OUT_OF_RANGE: a history that cannot be. */
enum err value_fit(const struct value_history *h, size_t n, day as_of, bool spending,
                   struct value_fit *ret);
/* The three numbers of BG/NBD, in weeks. */
struct purchases value_purchases(const struct value_history *h, day as_of);
/* What follows for these people; ERR_INVALID: the model has no mean for one of them. */
enum err value_score(const struct value_fit *fit, struct value_history *h, size_t n);
/* Deciles by the money expected in a year. */
void value_rank(struct value_history *h, size_t n);

/* Fen expected within a horizon. What was spent, by years if they bought for longer than one: what
 * a year of theirs was worth, without making much of a week in which they bought often. That times
 * the probability that they have left. Never above I53_MAX. */
i64 value_amount(const struct value_history *h, enum value_horizon horizon);
i64 value_year(const struct value_history *h);
i64 value_at_risk(const struct value_history *h);

#endif
