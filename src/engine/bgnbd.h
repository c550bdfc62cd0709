/* bgnbd: when customers buy again, and whether they still will (Fader, Hardie & Lee 2005, "Counting
 * Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model, Marketing Science 24).
 *
 * A customer buys at a rate of their own, gamma(r, α) over customers, and after each purchase
 * leaves for good with a probability of their own, beta(a, b). Of each customer three numbers
 * matter: x repeat purchases (the first does not count, nor a second of the same day), the time t_x
 * of the last of them and the age T, both since the first purchase, in any unit of time (days,
 * weeks): α comes out in the same. All in logarithms, so that no history over- or underflows. No
 * state, any thread. */
#ifndef HETANG_BGNBD_H
#define HETANG_BGNBD_H

#include "base/base.h"

struct bgnbd {
    double r, alpha, a, b; /* all above 0 */
};

struct purchases {
    double age;  /* T, 0 or more */
    double last; /* t_x, 0 … T; 0 without repeats */
    i64 repeats; /* x, 0 or more */
    i64 people;  /* customers of exactly these three numbers, 1 or more */
};

/* Sorts and joins equal histories in place, adding their people; returns how many are left. */
size_t purchases_group(struct purchases *p, size_t n);

/* Σ people × ln likelihood of one history. */
double bgnbd_log_likelihood(const struct bgnbd *m, const struct purchases *p, size_t n);

struct bgnbd_fit {
    struct bgnbd model;
    double log_likelihood;
    i64 people, repeat_buyers;
    int evaluations; /* of the likelihood */
    bool at_bound;   /* the likelihood still grows as a parameter goes to 0 or infinity (nobody
                        leaves, or all buy at one rate): expectations hold, the parameters say no
                        more than that */
};

/* The model that makes the histories likeliest, best grouped before: work is by different
 * histories. ERR_OUT_OF_RANGE: a history that cannot be. ERR_INVALID, with the reason: fewer than
 * two people, nobody repeats, no time has passed, or the search came to no end. */
enum err bgnbd_fit(struct arena *a, const struct purchases *p, size_t n, struct bgnbd_fit *ret,
                   const char **ret_reason);

/* The probability that the customer has not left at T. 1 without repeats: only a purchase can be
 * the last. */
double bgnbd_alive(const struct bgnbd *m, const struct purchases *p);
/* Purchases expected within `horizon` (0 or more, in the model's unit) after T. */
double bgnbd_expected(const struct bgnbd *m, const struct purchases *p, double horizon);

#endif
