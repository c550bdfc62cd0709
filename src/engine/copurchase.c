#include "engine/copurchase.h"

#include <math.h>

/* Which baskets have which items, both ways: of a basket b its different items are
 * items[first[b]] … items[first[b + 1] − 1], and likewise the baskets of an item. */
struct lines {
    uint32_t *first;
    uint32_t *other;
};

struct finder {
    const struct copurchase_options *o;
    struct lines of_basket, of_item;
    double *basket_weight, *item_weight;
    size_t baskets, left_out;
    double weight;
    /* of the item at hand with every other */
    double *together;
    uint32_t *count, *met;
    size_t met_n;
};

static enum err check(const struct copurchase_options *o, const struct basket *baskets, size_t n,
                      size_t *ret_lines)
{
    *ret_lines = 0;
    if (o->top < 1 || o->top > COPURCHASE_TOP_MAX || o->half_life_ms < 0 || o->items > INT32_MAX)
        return ERR_OUT_OF_RANGE;
    for (size_t b = 0; b < n; b++) {
        if (baskets[b].age_ms < 0)
            return ERR_OUT_OF_RANGE;
        for (uint32_t i = 0; i < baskets[b].count; i++)
            if (baskets[b].items[i] < 0 || (size_t)baskets[b].items[i] >= o->items)
                return ERR_OUT_OF_RANGE;
        *ret_lines += baskets[b].count;
    }
    return n < UINT32_MAX && *ret_lines < UINT32_MAX ? OK : ERR_TOO_MANY;
}

/* Writes the different items of the baskets that are not too large one after the other. */
static void list_items(struct arena *a, struct finder *f, const struct basket *baskets, size_t n,
                       size_t lines)
{
    uint32_t *seen = NEW_N(a, uint32_t, f->o->items); /* the last basket that had it, + 1 */
    struct lines *l = &f->of_basket;
    uint32_t at = 0;
    l->first = NEW_N(a, uint32_t, n + 1);
    l->other = NEW_N(a, uint32_t, lines);
    f->basket_weight = NEW_N(a, double, n);
    for (size_t b = 0; b < n; b++) {
        uint32_t from = at;
        for (uint32_t i = 0; i < baskets[b].count; i++) {
            uint32_t item = (uint32_t)baskets[b].items[i];
            if (seen[item] != b + 1)
                l->other[at++] = item;
            seen[item] = (uint32_t)b + 1;
        }
        if (at - from > f->o->basket_max) {
            at = from;
            f->left_out++;
            continue;
        }
        f->basket_weight[f->baskets] =
            f->o->half_life_ms ? exp2(-(double)baskets[b].age_ms / (double)f->o->half_life_ms) : 1;
        f->weight += f->basket_weight[f->baskets++];
        l->first[f->baskets] = at;
    }
}

/* The same lines, by item. */
static void turn_around(struct arena *a, struct finder *f)
{
    const struct lines *l = &f->of_basket;
    uint32_t *first = NEW_N(a, uint32_t, f->o->items + 2), lines = l->first[f->baskets];
    uint32_t *other = NEW_N(a, uint32_t, lines);
    for (uint32_t i = 0; i < lines; i++)
        first[l->other[i] + 2]++;
    for (size_t k = 2; k < f->o->items + 2; k++)
        first[k] += first[k - 1];
    f->item_weight = NEW_N(a, double, f->o->items);
    for (size_t b = 0; b < f->baskets; b++)
        for (uint32_t i = l->first[b]; i < l->first[b + 1]; i++) {
            other[first[l->other[i] + 1]++] = (uint32_t)b;
            f->item_weight[l->other[i]] += f->basket_weight[b];
        }
    f->of_item = (struct lines) { first, other };
}

/* Sums up what `item` was bought with. */
static void meet(struct finder *f, uint32_t item)
{
    const struct lines *bs = &f->of_item, *is = &f->of_basket;
    for (uint32_t i = bs->first[item]; i < bs->first[item + 1]; i++) {
        uint32_t b = bs->other[i];
        for (uint32_t k = is->first[b]; k < is->first[b + 1]; k++) {
            uint32_t other = is->other[k];
            if (other == item)
                continue;
            if (f->count[other]++ == 0)
                f->met[f->met_n++] = other;
            f->together[other] += f->basket_weight[b];
        }
    }
}

static bool better(const struct finder *f, const struct copurchase_pair *a,
                   const struct copurchase_pair *b)
{
    double va = f->o->by_lift ? a->lift : a->weight, vb = f->o->by_lift ? b->lift : b->weight;
    return va != vb ? va > vb : a->item < b->item;
}

/* The best of those met, and forgets them. */
static size_t choose(struct finder *f, uint32_t item, struct copurchase_pair *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < f->met_n; i++) {
        uint32_t other = f->met[i];
        double w = f->together[other];
        struct copurchase_pair p = {
            (int32_t)other,
            f->count[other],
            w,
            w / f->weight,
            w / f->item_weight[item],
            w / f->item_weight[item] * (f->weight / f->item_weight[other]),
        };
        f->count[other] = 0;
        f->together[other] = 0;
        if (p.baskets < f->o->baskets_min || !(w > 0)) /* so old that it weighs nothing */
            continue;
        if (n == f->o->top && !better(f, &p, &ret[n - 1]))
            continue;
        size_t at = n < f->o->top ? n++ : n - 1;
        for (; at > 0 && better(f, &p, &ret[at - 1]); at--)
            ret[at] = ret[at - 1];
        ret[at] = p;
    }
    f->met_n = 0;
    return n;
}

enum err copurchase_find(struct arena *a, const struct copurchase_options *o,
                         const struct basket *baskets, size_t n, struct copurchases *ret)
{
    struct finder f = { .o = o };
    struct copurchase_pair best[COPURCHASE_TOP_MAX];
    size_t lines;
    TRY(check(o, baskets, n, &lines));
    list_items(a, &f, baskets, n, lines);
    turn_around(a, &f);
    f.together = NEW_N(a, double, o->items);
    f.count = NEW_N(a, uint32_t, o->items);
    f.met = NEW_N(a, uint32_t, o->items);
    struct copurchases found = { NEW_N(a, struct copurchase_list, o->items), f.baskets, f.left_out,
                                 f.weight };
    for (size_t k = 0; k < o->items; k++) {
        meet(&f, (uint32_t)k);
        size_t count = choose(&f, (uint32_t)k, best);
        found.of[k] = (struct copurchase_list) { arena_copy(a, best, count * sizeof *best), count };
    }
    *ret = found;
    return OK;
}
