#include "engine/table.h"

#define TAIL_MIN 256

static void base_done(struct table *t)
{
    if (!t->map.at) {
        free(t->block_start);
        free(t->who);
    }
    packed_done(&t->time);
    packed_done(&t->seq);
    for (size_t i = 0; i < t->column_count; i++)
        packed_done(&t->columns[i].base);
    store_unmap(&t->map);
    t->file = 0;
    t->block_start = NULL;
    t->who = NULL;
    t->base_count = t->block_count = 0;
}

static void tail_done(struct table *t)
{
    free(t->tail);
    free(t->order);
    for (size_t i = 0; i < t->column_count; i++) {
        free(t->columns[i].tail);
        t->columns[i].tail = NULL;
    }
    t->tail = NULL;
    t->order = NULL;
    t->tail_count = t->tail_cap = t->ordered = 0;
}

void table_done(struct table *t)
{
    base_done(t);
    tail_done(t);
    free(t->columns);
    *t = (struct table) { 0 };
}

static i64 *tail_values(i64 *old, size_t had, size_t cap)
{
    i64 *values = xrealloc(old, cap * sizeof *values);
    for (size_t i = had; i < cap; i++)
        values[i] = NONE;
    return values;
}

size_t table_add(struct table *t, struct row row)
{
    if (t->tail_count == t->tail_cap) {
        size_t cap = MAX(2 * t->tail_cap, TAIL_MIN);
        t->tail = xrealloc(t->tail, cap * sizeof *t->tail);
        t->order = xrealloc(t->order, cap * sizeof *t->order);
        for (size_t i = 0; i < t->column_count; i++)
            t->columns[i].tail = tail_values(t->columns[i].tail, t->tail_cap, cap);
        t->tail_cap = cap;
    }
    t->tail[t->tail_count] = row;
    return t->tail_count++;
}

struct column *table_column(struct table *t, uint32_t name, enum value_kind kind)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (t->columns[i].name == name && t->columns[i].kind == kind)
            return &t->columns[i];
    return NULL;
}

struct column *table_column_new(struct table *t, uint32_t name, enum value_kind kind)
{
    if (t->column_count == t->column_cap) {
        t->column_cap = MAX(2 * t->column_cap, 8);
        t->columns = xrealloc(t->columns, t->column_cap * sizeof *t->columns);
    }
    struct column *c = &t->columns[t->column_count++];
    *c = (struct column) { .name = name, .kind = kind };
    i64 *none = tail_values(NULL, 0, MAX(t->base_count, 1));
    packed_make(&c->base, none, t->base_count);
    free(none);
    c->tail = tail_values(NULL, 0, t->tail_cap);
    return c;
}

void table_put(struct table *t, size_t at, uint32_t name, enum value_kind kind, i64 value)
{
    struct column *c = table_column(t, name, kind);
    if (!c)
        c = table_column_new(t, name, kind);
    c->tail[at] = value;
}

int table_row_compare(const struct row *a, const struct row *b)
{
    if (a->ordinal != b->ordinal)
        return a->ordinal < b->ordinal ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int order_compare(const void *pa, const void *pb, void *rows)
{
    const struct row *tail = rows;
    return table_row_compare(&tail[*(const uint32_t *)pa], &tail[*(const uint32_t *)pb]);
}

/* The first of the tail's order that comes after this row. */
static size_t order_after(const struct table *t, size_t count, const struct row *row)
{
    size_t low = 0;
    while (low < count) {
        size_t mid = (low + count) / 2;
        if (table_row_compare(&t->tail[t->order[mid]], row) <= 0)
            low = mid + 1;
        else
            count = mid;
    }
    return low;
}

/* The new ones are sorted, then each goes to its place, the last first: what was in order is only
 * moved, since a tail is long and news are few. */
void table_settle(struct table *t)
{
    size_t old = t->ordered, fresh = t->tail_count - old;
    if (!fresh)
        return;
    for (size_t i = old; i < t->tail_count; i++)
        t->order[i] = (uint32_t)i;
    t->ordered = t->tail_count;
    qsort_r(t->order + old, fresh, sizeof *t->order, order_compare, t->tail);
    if (!old || table_row_compare(&t->tail[t->order[old - 1]], &t->tail[t->order[old]]) <= 0)
        return;
    uint32_t *sorted = xmalloc(fresh * sizeof *sorted);
    memcpy(sorted, t->order + old, fresh * sizeof *sorted);
    for (size_t left = fresh, count = old; left; left--) {
        size_t at = order_after(t, count, &t->tail[sorted[left - 1]]);
        memmove(t->order + at + left, t->order + at, (count - at) * sizeof *t->order);
        t->order[at + left - 1] = sorted[left - 1];
        count = at;
    }
    free(sorted);
}

/* The first of the tail's order with this block or a later one. */
static size_t tail_first(const struct table *t, size_t block)
{
    size_t low = 0, high = t->ordered;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (t->tail[t->order[mid]].ordinal / BLOCK < block)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void table_tail_of(const struct table *t, size_t block, size_t *ret_from, size_t *ret_to)
{
    *ret_from = tail_first(t, block);
    *ret_to = tail_first(t, block + 1);
}

size_t table_bytes(const struct table *t)
{
    size_t n = t->base_count * sizeof *t->who + packed_bytes(&t->time) + packed_bytes(&t->seq) +
               t->block_count * sizeof *t->block_start +
               t->tail_cap * (sizeof *t->tail + sizeof *t->order);
    for (size_t i = 0; i < t->column_count; i++)
        n += packed_bytes(&t->columns[i].base) + t->tail_cap * sizeof *t->columns[i].tail;
    return n;
}
