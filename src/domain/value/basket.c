/* What is bought by the same people, for "who bought this also bought": a basket is all that one
 * person bought and kept within two years, of the age of their newest purchase in it; after half a
 * year it weighs half. */
#include "base/time.h"
#include "domain/value/internal.h"
#include "engine/copurchase.h"

#include <math.h>

#include "value.sql.h"

#define REACH_MS     (2 * 365 * DAY_MS)
#define HALF_LIFE_MS (180 * DAY_MS)
#define BASKET_MAX   200 /* different products; who buys more buys to sell */
#define TOP          20  /* pairs of a product */
#define BUYERS_MIN   3   /* who have both */
#define ROWS_STEP    200 /* products */
#define ROWS_MAX     ((size_t)1 << 20)
#define PPM          1000000.0

struct value_baskets {
    instant upto;
    struct arena arena; /* of what was found */
    struct map index;   /* product → its place in products */
    i64 *products;
    int32_t *items; /* of all baskets, one after another */
    struct basket *baskets;
    size_t product_count, product_cap, item_count, item_cap, count, cap;
    struct copurchases found;
};

struct value_baskets *value_baskets_new(instant upto)
{
    struct value_baskets *b = xcalloc(1, sizeof *b);
    b->upto = upto;
    return b;
}

void value_baskets_free(struct value_baskets *b)
{
    if (!b)
        return;
    map_done(&b->index);
    free(b->products);
    free(b->items);
    free(b->baskets);
    arena_done(&b->arena);
    free(b);
}

static void *room(void *at, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return at;
    *cap = MAX(*cap * 2, 1024);
    return xrealloc(at, *cap * size);
}

static int32_t item_of(struct value_baskets *b, i64 product)
{
    const i64 *known = map_get(&b->index, product);
    if (known)
        return (int32_t)*known;
    b->products = room(b->products, b->product_count, &b->product_cap, sizeof *b->products);
    *map_put(&b->index, product) = (i64)b->product_count;
    b->products[b->product_count] = product;
    return (int32_t)b->product_count++;
}

/* Rows come by person. Items are pointed to when all are there: they may still move. */
enum err value_baskets_add(struct ctx *cx, struct value_baskets *b, i64 first, i64 last)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 customer = 0;
    TRY(sql_query(cx, value_bought, &r, V(first), V(last), V(b->upto.ms - REACH_MS), V(b->upto)));
    while (rows_next(&r)) {
        i64 age = b->upto.ms - col_i64(&r, 2);
        if (col_id(&r, 0) != customer) {
            customer = col_id(&r, 0);
            b->baskets = room(b->baskets, b->count, &b->cap, sizeof *b->baskets);
            b->baskets[b->count++] = (struct basket) { .age_ms = age };
        }
        struct basket *of = &b->baskets[b->count - 1];
        b->items = room(b->items, b->item_count, &b->item_cap, sizeof *b->items);
        b->items[b->item_count++] = item_of(b, col_id(&r, 1));
        of->count++;
        of->age_ms = MIN(of->age_ms, age);
    }
    return rows_end(&r);
}

enum err value_baskets_find(struct value_baskets *b)
{
    const struct copurchase_options o = { .items = b->product_count,
                                          .half_life_ms = HALF_LIFE_MS,
                                          .basket_max = BASKET_MAX,
                                          .baskets_min = BUYERS_MIN,
                                          .top = TOP };
    const int32_t *items = b->items;
    for (size_t i = 0; i < b->count; i++) {
        b->baskets[i].items = items;
        items += b->baskets[i].count;
    }
    return b->count ? copurchase_find(&b->arena, &o, b->baskets, b->count, &b->found) : OK;
}

bool value_baskets_rows(struct value_baskets *b, struct arena *a, size_t *at, str *ret)
{
    struct strbuf text;
    size_t count = 0;
    strbuf_init(&text, a, ROWS_MAX);
    struct json_writer w = json_writer(&text);
    json_list(&w, NULL);
    for (size_t end = MIN(*at + ROWS_STEP, b->count ? b->product_count : 0); *at < end; (*at)++) {
        const struct copurchase_list *l = &b->found.of[*at];
        for (size_t i = 0; i < l->n; i++, count++) {
            const struct copurchase_pair *p = &l->pairs[i];
            json_list(&w, NULL);
            json_put(&w, NULL, b->products[*at]);
            json_put(&w, NULL, (i64)i + 1);
            json_put(&w, NULL, b->products[p->item]);
            json_put(&w, NULL, p->baskets);
            json_put(&w, NULL, (i64)llround(p->support * PPM));
            json_put(&w, NULL, (i64)llround(p->confidence * PPM));
            json_put(&w, NULL, (i64)llround(p->lift * PPM));
            json_list_end(&w);
        }
    }
    json_list_end(&w);
    *ret = strbuf_str(&text);
    return *at < b->product_count || count;
}

void value_baskets_counts(const struct value_baskets *b, i64 *ret_people, i64 *ret_products)
{
    *ret_people = (i64)b->count;
    *ret_products = (i64)b->product_count;
}
