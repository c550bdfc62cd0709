/* Folding: another table of the same facts, whose base is made of the old base and the tail, while
 * those are read and the tail grows. */
#include "engine/table.h"

struct table_fold {
    struct table old;  /* the base as it stands, and copies of its list of columns and of the tail,
                          whose rows are in order here */
    struct table made; /* a base alone */
    struct bits alive;
    uint32_t *from; /* of each row, which of the old ones it is, as table_value() has it */
};

/* --- taking down what to fold */

static void take_tail(const struct table *t, struct table *ret)
{
    size_t n = t->tail_count;
    ret->tail = xmalloc(MAX(n, 1) * sizeof *ret->tail);
    for (size_t i = 0; i < n; i++)
        ret->tail[i] = t->tail[t->order[i]];
    ret->columns = xcalloc(t->column_count, sizeof *ret->columns);
    for (size_t c = 0; c < t->column_count; c++) {
        ret->columns[c] = t->columns[c];
        ret->columns[c].tail = xmalloc(MAX(n, 1) * sizeof(i64));
        for (size_t i = 0; i < n; i++)
            ret->columns[c].tail[i] = t->columns[c].tail[t->order[i]];
    }
}

struct table_fold *table_fold_begin(const struct table *t, const struct bits *alive)
{
    assert(t->ordered == t->tail_count);
    struct table_fold *f = xcalloc(1, sizeof *f);
    f->old = *t;
    take_tail(t, &f->old);
    bits_copy(&f->alive, alive);
    return f;
}

/* --- building */

static void take(struct table_fold *f, uint32_t ordinal, uint32_t from)
{
    struct table *m = &f->made;
    if (!bits_has(&f->alive, ordinal))
        return;
    f->from[m->base_count] = from;
    m->who[m->base_count++] = (uint16_t)(ordinal % BLOCK);
    m->block_start[ordinal / BLOCK + 1]++;
}

static bool goes_before(const struct row *row, const struct table *t, uint32_t ordinal, size_t i)
{
    if (row->ordinal != ordinal)
        return row->ordinal < ordinal;
    struct row base = { ordinal, packed_get(&t->time, i), packed_get(&t->seq, i) };
    return table_row_compare(row, &base) < 0;
}

static void merge(struct table_fold *f)
{
    const struct table *t = &f->old;
    size_t at = 0;
    for (size_t block = 0; block < t->block_count; block++)
        for (size_t i = t->block_start[block]; i < t->block_start[block + 1]; i++) {
            uint32_t ordinal = (uint32_t)(block * BLOCK + t->who[i]);
            for (; at < t->tail_count && goes_before(&t->tail[at], t, ordinal, i); at++)
                take(f, t->tail[at].ordinal, (uint32_t)at | ROW_TAIL);
            take(f, ordinal, (uint32_t)i);
        }
    for (; at < t->tail_count; at++)
        take(f, t->tail[at].ordinal, (uint32_t)at | ROW_TAIL);
}

static void keys_make(struct table_fold *f, i64 *values)
{
    const struct table *t = &f->old;
    struct table *m = &f->made;
    for (size_t i = 0; i < m->base_count; i++)
        values[i] = f->from[i] & ROW_TAIL ? t->tail[f->from[i] & ~ROW_TAIL].time
                                          : packed_get(&t->time, f->from[i]);
    packed_make(&m->time, values, m->base_count);
    for (size_t i = 0; i < m->base_count; i++)
        values[i] = f->from[i] & ROW_TAIL ? t->tail[f->from[i] & ~ROW_TAIL].seq
                                          : packed_get(&t->seq, f->from[i]);
    packed_make(&m->seq, values, m->base_count);
}

static void columns_make(struct table_fold *f, i64 *values)
{
    struct table *m = &f->made;
    m->columns = xcalloc(f->old.column_count, sizeof *m->columns);
    m->column_count = f->old.column_count;
    for (size_t c = 0; c < m->column_count; c++) {
        for (size_t i = 0; i < m->base_count; i++)
            values[i] = table_value(&f->old.columns[c], f->from[i]);
        packed_make(&m->columns[c].base, values, m->base_count);
    }
}

void table_fold_run(struct table_fold *f)
{
    const struct table *t = &f->old;
    struct table *m = &f->made;
    size_t most = MAX(t->base_count + t->tail_count, 1);
    m->block_count = t->block_count;
    if (t->tail_count)
        m->block_count = MAX(m->block_count, t->tail[t->tail_count - 1].ordinal / BLOCK + 1);
    m->block_start = xcalloc(m->block_count + 1, sizeof *m->block_start);
    m->who = xmalloc(most * sizeof *m->who);
    f->from = xmalloc(most * sizeof *f->from);
    merge(f);
    for (size_t b = 0; b < m->block_count; b++)
        m->block_start[b + 1] += m->block_start[b];
    if (m->base_count < most)
        m->who = xrealloc(m->who, MAX(m->base_count, 1) * sizeof *m->who);
    i64 *values = xmalloc(most * sizeof *values);
    keys_make(f, values);
    columns_make(f, values);
    free(values);
}

/* --- in its place */

/* Whether the folded still have the property: a column of the gone alone goes with its name. */
static bool column_stays(const struct table_fold *f, const struct table *t, size_t at)
{
    if (at >= f->made.column_count || f->made.columns[at].base.width ||
        !f->made.columns[at].base.holes)
        return true;
    for (size_t i = f->old.tail_count; i < t->tail_count; i++)
        if (t->columns[at].tail[i] != NONE)
            return true;
    return false;
}

/* A column of the new table; of the base it has nothing if it came since. */
static void column_add(struct table_fold *f, struct table *n, const struct column *from, size_t at)
{
    struct column *c = table_column_new(n, from->name, from->kind);
    if (at >= f->made.column_count)
        return;
    packed_done(&c->base);
    c->base = f->made.columns[at].base;
    f->made.columns[at].base = (struct packed) { 0 };
}

struct table *table_fold_end(const struct table *t, struct table_fold *f)
{
    struct table *n = xmalloc(sizeof *n), *m = &f->made;
    size_t gone = f->old.tail_count;
    *n = (struct table) { .type = t->type,
                          .base_count = m->base_count,
                          .block_start = m->block_start,
                          .block_count = m->block_count,
                          .who = m->who,
                          .time = m->time,
                          .seq = m->seq };
    m->block_start = NULL;
    m->who = NULL;
    m->time = m->seq = (struct packed) { 0 };
    for (size_t i = gone; i < t->tail_count; i++) /* what came since is the tail */
        table_add(n, t->tail[i]);
    for (size_t c = 0; c < t->column_count; c++) {
        if (!column_stays(f, t, c))
            continue;
        column_add(f, n, &t->columns[c], c);
        i64 *tail = n->columns[n->column_count - 1].tail;
        for (size_t i = gone; i < t->tail_count; i++)
            tail[i - gone] = t->columns[c].tail[i];
    }
    table_settle(n);
    return n;
}

void table_fold_free(struct table_fold *f)
{
    for (size_t c = 0; c < f->old.column_count; c++)
        free(f->old.columns[c].tail);
    free(f->old.columns);
    free(f->old.tail);
    free(f->from);
    bits_done(&f->alive);
    table_done(&f->made);
    free(f);
}

void table_fold(struct table *t, const struct bits *alive)
{
    table_settle(t);
    struct table_fold *f = table_fold_begin(t, alive);
    table_fold_run(f);
    struct table *folded = table_fold_end(t, f);
    table_done(t);
    *t = *folded;
    free(folded);
    table_fold_free(f);
}
