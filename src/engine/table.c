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

static int row_compare(const struct row *a, const struct row *b)
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
    return row_compare(&tail[*(const uint32_t *)pa], &tail[*(const uint32_t *)pb]);
}

void table_settle(struct table *t)
{
    if (t->ordered == t->tail_count)
        return;
    for (size_t i = t->ordered; i < t->tail_count; i++)
        t->order[i] = (uint32_t)i;
    t->ordered = t->tail_count;
    qsort_r(t->order, t->ordered, sizeof *t->order, order_compare, t->tail);
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

/* What a fold works with: where each row of the new base comes from. */
struct fold {
    struct row *rows;
    uint32_t *from; /* as table_value() has it */
    size_t count, blocks;
};

static void fold_take(struct fold *f, struct row row, uint32_t from, const struct bits *alive)
{
    if (!bits_has(alive, row.ordinal))
        return;
    f->rows[f->count] = row;
    f->from[f->count++] = from;
    f->blocks = row.ordinal / BLOCK + 1;
}

static struct row base_row(const struct table *t, size_t i, size_t block)
{
    return (struct row) { (uint32_t)(block * BLOCK + t->who[i]), packed_get(&t->time, i),
                          packed_get(&t->seq, i) };
}

static void fold_merge(struct table *t, const struct bits *alive, struct fold *f)
{
    size_t at = 0, block = 0;
    for (size_t i = 0; i < t->base_count; i++) {
        while (i >= t->block_start[block + 1])
            block++;
        struct row row = base_row(t, i, block);
        for (; at < t->ordered && row_compare(&t->tail[t->order[at]], &row) < 0; at++)
            fold_take(f, t->tail[t->order[at]], t->order[at] | ROW_TAIL, alive);
        fold_take(f, row, (uint32_t)i, alive);
    }
    for (; at < t->ordered; at++)
        fold_take(f, t->tail[t->order[at]], t->order[at] | ROW_TAIL, alive);
}

static void fold_keys(struct table *t, const struct fold *f, i64 *values)
{
    t->base_count = f->count;
    t->block_count = f->blocks;
    t->block_start = xcalloc(f->blocks + 1, sizeof *t->block_start);
    t->who = xcalloc(MAX(f->count, 1), sizeof *t->who);
    for (size_t i = 0; i < f->count; i++) {
        t->who[i] = (uint16_t)(f->rows[i].ordinal % BLOCK);
        t->block_start[f->rows[i].ordinal / BLOCK + 1]++;
        values[i] = f->rows[i].time;
    }
    for (size_t b = 0; b < f->blocks; b++)
        t->block_start[b + 1] += t->block_start[b];
    packed_make(&t->time, values, f->count);
    for (size_t i = 0; i < f->count; i++)
        values[i] = f->rows[i].seq;
    packed_make(&t->seq, values, f->count);
}

void table_fold(struct table *t, const struct bits *alive)
{
    table_settle(t);
    size_t most = t->base_count + t->tail_count;
    struct fold f = { .rows = xmalloc(MAX(most, 1) * sizeof *f.rows),
                      .from = xmalloc(MAX(most, 1) * sizeof *f.from) };
    i64 *values = xmalloc(MAX(most, 1) * sizeof *values);
    fold_merge(t, alive, &f);
    for (size_t c = 0; c < t->column_count; c++) {
        struct packed made;
        for (size_t i = 0; i < f.count; i++)
            values[i] = table_value(&t->columns[c], f.from[i]);
        packed_make(&made, values, f.count);
        packed_done(&t->columns[c].base);
        t->columns[c].base = made;
    }
    struct column *columns = t->columns;
    size_t column_count = t->column_count;
    t->column_count = 0; /* theirs are new already */
    base_done(t);
    fold_keys(t, &f, values);
    t->column_count = column_count;
    t->columns = columns;
    tail_done(t);
    free(f.rows);
    free(f.from);
    free(values);
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
