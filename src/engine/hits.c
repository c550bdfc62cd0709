/* Matches made ready, and the facts of a block that fit one as records. */
#include "engine/engine_internal.h"

/* Raw values *ret_low … *ret_low + *ret_span are those of low … high (NONE: open); false if there
 * are none. */
static bool raws_of(const struct packed *p, i64 low, i64 high, uint64_t *ret_low,
                    uint64_t *ret_span)
{
    uint64_t first = p->holes, last = p->mask;
    if (p->holes && !p->mask) /* nothing is there at all */
        return false;
    if (low != NONE && low > p->low) {
        uint64_t d = (uint64_t)low - (uint64_t)p->low, step = (uint64_t)p->step;
        first += d / step + (d % step != 0);
    }
    if (high != NONE && high < p->low)
        return false;
    if (high != NONE)
        last = MIN(last, ((uint64_t)high - (uint64_t)p->low) / (uint64_t)p->step + p->holes);
    if (first > last)
        return false;
    *ret_low = first;
    *ret_span = last - first;
    return true;
}

/* Where one comparison of raw values says it. */
static void raw_make(const struct packed *p, struct ready_where *w)
{
    const struct test *t = &w->test;
    bool one = (t->op == COMPARE_IN || t->op == COMPARE_NOT_IN) && t->count == 1;
    if (one)
        w->raw = raws_of(p, t->values[0], t->values[0], &w->raw_low, &w->raw_span);
    else if (t->op == COMPARE_RANGE)
        w->raw = raws_of(p, t->low, t->high, &w->raw_low, &w->raw_span);
    w->raw_not = t->op == COMPARE_NOT_IN;
}

static void where_make(const struct engine *e, struct arena *a, const struct table *t,
                       const struct where *w, struct ready_where *ret)
{
    uint32_t name = dict_find(&e->dict, w->prop);
    *ret = (struct ready_where) { 0 };
    for (int kind = VALUE_TEXT; name && kind <= VALUE_BOOL; kind++)
        ret->columns[kind] =
            table_column((struct table *)(uintptr_t)t, name, (enum value_kind)kind);
    test_make(e, a, &w->compare, &ret->test);
    const struct column *c = ret->columns[ret->test.kind];
    if (c)
        raw_make(&c->base, ret);
    bool few = c && !ret->raw &&
               (c->base.width <= 1 || (c->base.width == 2 && t->base_count > c->base.mask));
    if (!few || w->compare.op == COMPARE_EXISTS || ret->test.texts)
        return;
    ret->pass = NEW_N(a, uint8_t, c->base.mask + 1);
    for (uint64_t raw = 0; raw <= c->base.mask; raw++)
        ret->pass[raw] = test_holds(&ret->test, packed_value(&c->base, raw));
}

void ready_make(const struct engine *e, struct arena *a, const struct match *m, i64 from, i64 to,
                struct ready *ret)
{
    struct ready r = { .types = NEW_N(a, struct ready_type, m->type_count),
                       .from = from,
                       .to = to,
                       .who_last = BLOCK - 1 };
    for (size_t i = 0; i < m->type_count; i++) {
        const struct table *t = engine_table(e, m->types[i]);
        if (!t)
            continue;
        struct ready_type *type = &r.types[r.count++];
        type->table = t;
        type->where = NEW_N(a, struct ready_where, m->where_count);
        type->where_count = m->where_count;
        for (size_t k = 0; k < m->where_count; k++)
            where_make(e, a, t, &m->where[k], &type->where[k]);
    }
    *ret = r;
}

void hits_done(struct hits *h)
{
    rows_done(&h->rows);
    free(h->at);
    *h = (struct hits) { 0 };
}

/* False: the question may not have so much. */
static bool room(struct hits *h, size_t n)
{
    if (h->cap >= n)
        return true;
    if (!work_room(n * sizeof *h->at))
        return false;
    h->cap = MAX(2 * h->cap, n);
    h->at = xrealloc(h->at, h->cap * sizeof *h->at);
    return true;
}

void hits_of(const struct ready *r, size_t block, struct hits *ret)
{
    struct rows *rows = &ret->rows;
    rows_of(r, block, rows);
    if (!room(ret, rows->n))
        rows->n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        uint32_t row = rows_row(rows, i);
        size_t type = rows_type(rows, i);
        ret->at[i] = (struct hit) { rows->time[i], table_seq(r->types[type].table, row), row,
                                    rows->who[i], (uint16_t)type };
    }
    ret->n = rows->n;
}

void match_columns(const struct ready *r, size_t type, uint32_t name, const struct column *ret[3])
{
    struct table *t = (struct table *)(uintptr_t)r->types[type].table;
    for (int kind = VALUE_TEXT; kind <= VALUE_BOOL; kind++)
        ret[kind] = name ? table_column(t, name, (enum value_kind)kind) : NULL;
}

i64 hit_value(const struct ready *r, const struct hit *h, uint32_t name, enum value_kind kind)
{
    const struct table *t = r->types[h->type].table;
    const struct column *c = table_column((struct table *)(uintptr_t)t, name, kind);
    return c ? table_value(c, h->row) : NONE;
}

bool hit_any(const struct ready *r, const struct hit *h, uint32_t name, enum value_kind *ret_kind,
             i64 *ret_value)
{
    for (int kind = VALUE_TEXT; name && kind <= VALUE_BOOL; kind++) {
        i64 value = hit_value(r, h, name, (enum value_kind)kind);
        if (value == NONE)
            continue;
        *ret_kind = (enum value_kind)kind;
        *ret_value = value;
        return true;
    }
    return false;
}
