/* The facts of a block that fit a match. */
#include "engine/engine_internal.h"

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
    bool few = c && (c->base.width <= 1 || (c->base.width == 2 && t->base_count > c->base.mask));
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
                       .to = to };
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
    free(h->at);
    *h = (struct hits) { 0 };
}

static bool where_holds(const struct ready_where *w, uint32_t row)
{
    const struct column *c = w->columns[w->test.kind];
    if (w->test.op == COMPARE_EXISTS) {
        bool there = false;
        for (size_t k = 0; k < COUNT(w->columns); k++)
            there |= w->columns[k] && table_value(w->columns[k], row) != NONE;
        return there == w->test.yes;
    }
    if (!c)
        return test_holds(&w->test, NONE);
    if (w->pass && !(row & ROW_TAIL))
        return w->pass[packed_raw(&c->base, row)];
    return test_holds(&w->test, table_value(c, row));
}

static bool fits(const struct ready_type *t, uint32_t row)
{
    for (size_t i = 0; i < t->where_count; i++)
        if (!where_holds(&t->where[i], row))
            return false;
    return true;
}

static void room(struct hits *h, size_t more)
{
    if (h->cap - h->n >= more)
        return;
    h->cap = MAX(2 * h->cap, h->n + more);
    h->at = xrealloc(h->at, h->cap * sizeof *h->at);
}

static void base_hits(const struct ready *r, size_t type, size_t block, struct hits *h)
{
    const struct ready_type *rt = &r->types[type];
    const struct table *t = rt->table;
    if (block >= t->block_count)
        return;
    uint32_t first = t->block_start[block], end = t->block_start[block + 1];
    room(h, end - first);
    struct hit *to = h->at + h->n;
    for (uint32_t row = first; row < end; row++) {
        i64 time = packed_get(&t->time, row);
        if (time < r->from || time >= r->to || !fits(rt, row))
            continue;
        *to++ = (struct hit) { time, packed_get(&t->seq, row), row, t->who[row], (uint16_t)type };
    }
    h->n = (size_t)(to - h->at);
}

static void tail_hits(const struct ready *r, size_t type, size_t block, struct hits *h)
{
    const struct ready_type *rt = &r->types[type];
    const struct table *t = rt->table;
    size_t from, to;
    table_tail_of(t, block, &from, &to);
    room(h, to - from);
    for (size_t i = from; i < to; i++) {
        uint32_t at = t->order[i];
        const struct row *row = &t->tail[at];
        if (row->time < r->from || row->time >= r->to || !fits(rt, at | ROW_TAIL))
            continue;
        h->at[h->n++] = (struct hit) { row->time, row->seq, at | ROW_TAIL,
                                       (uint16_t)(row->ordinal % BLOCK), (uint16_t)type };
    }
}

static int hit_compare(const void *pa, const void *pb)
{
    const struct hit *a = pa, *b = pb;
    if (a->who != b->who)
        return a->who < b->who ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

void hits_of(const struct ready *r, size_t block, struct hits *ret)
{
    int parts = 0;
    ret->n = 0;
    for (size_t type = 0; type < r->count; type++) {
        size_t before = ret->n;
        base_hits(r, type, block, ret);
        parts += ret->n > before;
        before = ret->n;
        tail_hits(r, type, block, ret);
        parts += ret->n > before;
    }
    if (parts > 1) /* each part is sorted; blocks are small */
        qsort(ret->at, ret->n, sizeof *ret->at, hit_compare);
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
