/* gamma_gamma: what a customer's purchases are worth on average (Fader & Hardie 2013, "The
 * Gamma-Gamma Model of Monetary Value"; Colombo & Jiang 1999), and with BG/NBD what the customer
 * will be worth.
 *
 * Purchases of one customer are gamma(p, ν) around a mean of their own, ν is gamma(q, γ) over
 * customers, and how much one spends has nothing to do with how often. Of each customer two things
 * matter: x purchases and their mean value. Money is in fen throughout and scaled inside. No state,
 * any thread. */
#ifndef HETANG_GAMMA_GAMMA_H
#define HETANG_GAMMA_GAMMA_H

#include "engine/bgnbd.h"

struct gamma_gamma {
    double p, q, gamma_fen; /* all above 0 */
};

struct spending {
    i64 purchases; /* 1 or more: the repeat purchases of BG/NBD, or all, but the same everywhere */
    money total;   /* of them, above 0: leave out who spent nothing */
    i64 people;    /* customers of exactly these, 1 or more */
};

/* Sorts and joins equal ones in place, adding their people; returns how many are left. */
size_t spending_group(struct spending *s, size_t n);

/* Σ people × ln density of the mean value of one purchase, in units of 100 fen. */
double gamma_gamma_log_likelihood(const struct gamma_gamma *m, const struct spending *s, size_t n);

struct gamma_gamma_fit {
    struct gamma_gamma model;
    double log_likelihood;
    i64 people;
    int evaluations;
    bool at_bound; /* the likelihood still grows as a parameter goes to 0 or infinity */
};

/* The likeliest model. ERR_OUT_OF_RANGE: purchases, money or people that cannot be. ERR_INVALID,
 * with the reason: fewer than two people, everybody's mean the same, or no end found. */
enum err gamma_gamma_fit(struct arena *a, const struct spending *s, size_t n,
                         struct gamma_gamma_fit *ret, const char **ret_reason);

/* Fen one purchase of the customer is worth on average in the long run: between their own mean and
 * everybody's, the nearer to their own the more they bought. `s` NULL: nothing is known of them.
 * ERR_INVALID: the model has no mean (p x + q ≤ 1). */
enum err gamma_gamma_mean(const struct gamma_gamma *m, const struct spending *s, double *ret_fen);

/* A customer's value over a number of periods from now, each of the given length in the unit of
 * `buys`: fen expected to be spent, each period's discounted by (1 + rate) to the power of its
 * number, the first by one. rate > −1; ERR_OUT_OF_RANGE otherwise, or without length or periods;
 * ERR_INVALID as above. */
struct lifetime {
    double period;
    int periods;
    double rate; /* of discount per period */
};
enum err lifetime_value(const struct bgnbd *buys, const struct purchases *p,
                        const struct gamma_gamma *spends, const struct spending *s,
                        const struct lifetime *over, double *ret_fen);

#endif
