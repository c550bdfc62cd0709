/* A base in a file: counts, how each column is packed, where blocks begin, who, and the columns,
 * each section where the machine reads it best. Where a section begins follows from the counts. */
#include "engine/store_internal.h"

struct base_head {
    uint64_t rows, blocks, columns; /* without the two that every base has */
};
struct base_column {
    uint32_t name, kind; /* 0, 0 of time and sequence number, which come first */
    i64 low, step;
    uint32_t width, holes;
};
#define KEYS 2

static size_t head_len(size_t columns)
{
    return sizeof(struct base_head) + (columns + KEYS) * sizeof(struct base_column);
}

static size_t column_len(const struct packed *p)
{
    return p->count * p->width + 8;
}

static size_t sections_len(const struct table *t)
{
    size_t len = store_round(head_len(t->column_count)) +
                 store_round((t->block_count + 1) * sizeof *t->block_start) +
                 store_round(t->base_count * sizeof *t->who) + store_round(column_len(&t->time)) +
                 store_round(column_len(&t->seq));
    for (size_t i = 0; i < t->column_count; i++)
        len += store_round(column_len(&t->columns[i].base));
    return len;
}

static void section(struct store_writer *w, const void *from, size_t len)
{
    store_put(w, from, len);
    store_pad(w, store_round(len) - len);
}

static struct base_column column_head(uint32_t name, enum value_kind kind, const struct packed *p)
{
    return (struct base_column) { name, (uint32_t)kind, p->low, p->step, p->width, p->holes };
}

enum err base_write(const struct table *t, const char *path, uint64_t *ret_root)
{
    struct store_writer w;
    struct base_head head = { t->base_count, t->block_count, t->column_count };
    size_t len = head_len(t->column_count);
    struct base_column time = column_head(0, 0, &t->time), seq = column_head(0, 0, &t->seq);
    store_begin(&w, path, STORE_BASE, sections_len(t));
    store_put(&w, &head, sizeof head);
    store_put(&w, &time, sizeof time);
    store_put(&w, &seq, sizeof seq);
    for (const struct column *c = t->columns; c < t->columns + t->column_count; c++) {
        struct base_column column = column_head(c->name, c->kind, &c->base);
        store_put(&w, &column, sizeof column);
    }
    store_pad(&w, store_round(len) - len);
    section(&w, t->block_start, (t->block_count + 1) * sizeof *t->block_start);
    section(&w, t->who, t->base_count * sizeof *t->who);
    section(&w, t->time.bytes, column_len(&t->time));
    section(&w, t->seq.bytes, column_len(&t->seq));
    for (const struct column *c = t->columns; c < t->columns + t->column_count; c++)
        section(&w, c->base.bytes, column_len(&c->base));
    return store_end(&w, path, ret_root);
}

/* The next section, of so many bytes; what it begins with is in place because the file is mapped
 * and sections are rounded. */
static const void *next(struct taken *t, size_t len)
{
    return take_raw(t, store_round(len));
}

static void column_read(struct taken *t, const struct base_column *c, size_t rows,
                        struct packed *ret)
{
    t->bad |= c->width > 8 || c->holes > 1;
    if (t->bad)
        return;
    struct packed p = { .count = rows,
                        .width = (uint8_t)c->width,
                        .holes = c->holes,
                        .low = c->low,
                        .step = c->step,
                        .borrowed = true };
    p.mask = packed_mask(p.width);
    p.bytes = (uint8_t *)(uintptr_t)next(t, column_len(&p));
    if (!p.bytes)
        return;
    packed_done(ret);
    *ret = p;
}

bool base_read(struct table *t, struct store_map *m)
{
    struct taken from = { m->content, m->content + m->len, false };
    const struct base_head *head = (const void *)m->content;
    bool fits = m->len >= sizeof *head && head->rows && head->rows < ROW_TAIL &&
                head->blocks <= UINT32_MAX / BLOCK && head->columns <= m->len && !t->base_count;
    if (!fits || !next(&from, head_len(head->columns)))
        return false;
    const struct base_column *columns = (const void *)(head + 1);
    t->map = *m;
    *m = (struct store_map) { 0 };
    t->block_start = (uint32_t *)(uintptr_t)next(&from, (head->blocks + 1) * sizeof(uint32_t));
    t->who = (uint16_t *)(uintptr_t)next(&from, head->rows * sizeof(uint16_t));
    column_read(&from, &columns[0], head->rows, &t->time);
    column_read(&from, &columns[1], head->rows, &t->seq);
    for (size_t i = 0; i < head->columns && !from.bad; i++) {
        const struct base_column *c = &columns[KEYS + i];
        struct column *to = NULL;
        from.bad |= c->kind > VALUE_BOOL;
        if (!from.bad)
            to = table_column(t, c->name, (enum value_kind)c->kind);
        if (!from.bad && !to)
            to = table_column_new(t, c->name, (enum value_kind)c->kind);
        from.bad |= !to || to->base.borrowed; /* one twice */
        column_read(&from, c, head->rows, to ? &to->base : NULL);
    }
    t->base_count = head->rows;
    t->block_count = head->blocks;
    for (size_t i = 0; i < t->column_count; i++) /* those of the tail alone have nothing here */
        t->columns[i].base.count = head->rows;
    return !from.bad && from.at == from.end;
}

static bool texts_hold(const struct packed *p, size_t text_end)
{
    bool bad = false;
    for (size_t i = 0; i < p->count; i++) {
        i64 value = packed_get(p, i);
        bad |= value != NONE && (value < 1 || value >= (i64)text_end);
    }
    return !bad;
}

/* Times that JSON can carry: what is computed of them does not wrap around. */
static bool times_hold(const struct packed *p)
{
    uint64_t top = 0;
    for (size_t i = 0; i < p->count; i++)
        top = MAX(top, packed_raw(p, i));
    return !p->holes && p->step >= 0 && p->low >= -I53_MAX &&
           p->low + (__int128)top * p->step <= I53_MAX;
}

bool base_holds(const struct table *t, size_t text_end)
{
    uint32_t all = 0;
    bool holds = t->block_start[0] == 0 && t->block_start[t->block_count] == t->base_count;
    for (size_t b = 0; b < t->block_count; b++)
        holds &= t->block_start[b] <= t->block_start[b + 1];
    for (size_t i = 0; i < t->base_count; i++)
        all |= t->who[i];
    holds &= all < BLOCK && times_hold(&t->time);
    for (const struct column *c = t->columns; c < t->columns + t->column_count; c++)
        holds &= c->name && c->name < text_end &&
                 (c->kind != VALUE_TEXT || texts_hold(&c->base, text_end));
    return holds;
}
