/* copurchase: which items are bought together, for "who bought this also bought".
 *
 * A basket is what was bought at once, or what one person bought at all: the caller decides, and
 * leaves out what was returned. An item twice in a basket counts once, and never goes with itself.
 * A basket weighs 2^(−age / half-life). With W the weight of all baskets and w of those that have
 * the items named:
 *     support = w(a, b) / W    confidence = w(a, b) / w(a)    lift = w(a, b) W / (w(a) w(b))
 * (Agrawal, Imielinski & Swami 1993; Brin, Motwani, Ullman & Tsur 1997). Exact: pairs are counted
 * item by item through the list of baskets that have it, so that all pairs never are in memory at
 * once: 8 bytes a line of a basket, 12 a basket, 48 an item, and the pairs returned. */
#ifndef HETANG_COPURCHASE_H
#define HETANG_COPURCHASE_H

#include "base/base.h"

#define COPURCHASE_TOP_MAX 100

struct basket {
    const int32_t *items; /* 0 … items − 1 of the options, in any order, repeated or not */
    uint32_t count;
    i64 age_ms; /* 0 or more */
};

struct copurchase_options {
    size_t items;
    i64 half_life_ms;    /* 0: all baskets weigh the same */
    uint32_t basket_max; /* different items; a basket of more (a trader's) is left out whole */
    i64 baskets_min;     /* that have both, for a pair to be returned */
    uint32_t top;        /* pairs of one item, 1 … COPURCHASE_TOP_MAX */
    bool by_lift;        /* the best first by lift; else by weight together */
};

struct copurchase_pair {
    int32_t item; /* the other one */
    i64 baskets;  /* that have both */
    double weight, support, confidence, lift;
};

struct copurchases {
    struct copurchase_list {
        struct copurchase_pair *pairs; /* best first; of equals the lower item */
        size_t n;
    } * of; /* by item */
    size_t baskets, left_out;
    double weight; /* of the baskets not left out */
};

/* Work: Σ over baskets of the square of their size. ERR_OUT_OF_RANGE: an item that is none, an age
 * below 0, or an option out of bounds. ERR_TOO_MANY: 2³² lines or more. */
enum err copurchase_find(struct arena *a, const struct copurchase_options *o,
                         const struct basket *baskets, size_t n, struct copurchases *ret);

#endif
