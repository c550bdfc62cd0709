#include "engine/store_internal.h"

/* --- writing */

#define BLANK (-1) /* the length of a text that was blanked */

static void put_dict(struct bytes *b, const struct dict *d)
{
    i64 *lens = xmalloc(MAX(d->count, 1) * sizeof *lens);
    put_u64(b, d->count);
    for (size_t i = 0; i < d->count; i++)
        lens[i] = d->texts[i].ptr ? (i64)d->texts[i].len : BLANK;
    put_numbers(b, lens, d->count);
    for (size_t i = 0; i < d->count; i++)
        put_raw(b, d->texts[i].ptr, d->texts[i].len);
    free(lens);
}

static void put_values(struct bytes *b, const struct values *v, size_t count)
{
    i64 *values = xmalloc(MAX(count, 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = values_get(v, i);
    put_u64(b, count);
    put_numbers(b, values, count);
    free(values);
}

static void put_sets(struct bytes *b, const struct set *sets, size_t count)
{
    put_u64(b, count);
    for (size_t i = 0; i < count; i++) {
        put_u64(b, sets[i].name);
        put_u64(b, sets[i].key);
        put_bits(b, &sets[i].bits);
    }
}

static void put_attributes(struct bytes *b, const struct engine *e)
{
    put_u64(b, e->attribute_count);
    for (size_t i = 0; i < e->attribute_count; i++) {
        const struct attribute *at = &e->attributes[i];
        put_u64(b, at->name);
        put_u64(b, (uint64_t)at->kind);
        put_values(b, &at->values, MIN(at->values.block_count * BLOCK, e->persons.count));
        put_bits(b, &at->there);
        put_sets(b, at->sets, at->set_count);
    }
}

static void put_table(struct bytes *b, const struct table *t)
{
    i64 *values = xmalloc(MAX(t->tail_count, 1) * sizeof *values);
    put_u64(b, t->type);
    put_u64(b, t->base_count ? t->file : 0);
    put_u64(b, t->root);
    put_u64(b, t->gone);
    put_u64(b, t->tail_count);
    for (size_t i = 0; i < t->tail_count; i++)
        values[i] = t->tail[i].ordinal;
    put_numbers(b, values, t->tail_count);
    for (size_t i = 0; i < t->tail_count; i++)
        values[i] = t->tail[i].time;
    put_numbers(b, values, t->tail_count);
    for (size_t i = 0; i < t->tail_count; i++)
        values[i] = t->tail[i].seq;
    put_numbers(b, values, t->tail_count);
    put_u64(b, t->column_count);
    for (size_t i = 0; i < t->column_count; i++) {
        put_u64(b, t->columns[i].name);
        put_u64(b, (uint64_t)t->columns[i].kind);
        put_numbers(b, t->columns[i].tail, t->tail_count);
    }
    free(values);
}

void index_write(const struct engine *e, uint64_t origin, struct bytes *ret)
{
    put_u64(ret, origin);
    put_u64(ret, (uint64_t)e->covered);
    put_dict(ret, &e->dict);
    put_values(ret, &e->persons.ids, e->persons.count);
    put_attributes(ret, e);
    put_sets(ret, e->sets, e->set_count);
    put_u64(ret, e->table_count);
    for (size_t i = 0; i < e->table_count; i++)
        put_table(ret, e->tables[i]);
}

/* --- reading */

static void take_dict(struct taken *t, struct dict *d)
{
    size_t count = take_count(t, 1);
    i64 *lens = xcalloc(count, sizeof *lens);
    take_numbers(t, lens, count);
    dict_reserve(d, count);
    for (size_t i = 0; i < count && !t->bad; i++) {
        if (lens[i] == BLANK) {
            dict_put_blank(d);
            continue;
        }
        t->bad |= lens[i] < 0;
        const char *text = take_raw(t, (size_t)MAX(lens[i], 0));
        if (text) /* no two alike: a number is a text */
            t->bad |= dict_put(d, (str) { text, (size_t)lens[i] }) != i + 1;
    }
    free(lens);
}

/* A number of the dictionary. */
static uint32_t take_text(struct taken *t, const struct engine *e)
{
    uint64_t number = take_u64(t);
    t->bad |= number > UINT32_MAX || !dict_has(&e->dict, (uint32_t)number);
    return t->bad ? 0 : (uint32_t)number;
}

static bool text_there(const struct engine *e, i64 value)
{
    return value == NONE || (value > 0 && value <= (i64)e->dict.count);
}

static void take_persons(struct taken *t, struct engine *e)
{
    size_t count = take_count(t, 1);
    t->bad |= count >= NOBODY;
    if (t->bad)
        return;
    i64 *ids = xmalloc(MAX(count, 1) * sizeof *ids);
    take_numbers(t, ids, count);
    t->bad = t->bad || !persons_fill(&e->persons, ids, count);
    for (size_t i = 0; i < count && !t->bad; i++) {
        e->gone += ids[i] == NONE;
        if (ids[i] != NONE)
            bits_put(&e->alive, (uint32_t)i, true);
    }
    free(ids);
}

static void take_sets(struct taken *t, const struct engine *e, struct set **sets, size_t *ret_count,
                      size_t *ret_cap)
{
    size_t count = take_count(t, 3 * sizeof(uint64_t));
    *sets = count ? xcalloc(count, sizeof **sets) : NULL;
    *ret_cap = count;
    for (size_t i = 0; i < count && !t->bad; i++) {
        struct set *s = &(*sets)[(*ret_count)++];
        s->name = take_text(t, e);
        s->key = take_text(t, e);
        take_bits(t, &s->bits);
    }
}

static void take_attribute(struct taken *t, const struct engine *e, struct attribute *at)
{
    at->name = take_text(t, e);
    uint64_t kind = take_u64(t);
    size_t count = take_count(t, 1);
    t->bad |= kind > ATTR_LIST || count > e->persons.count;
    if (t->bad)
        return;
    at->kind = (enum attr_kind)kind;
    i64 *values = xmalloc(MAX(count, 1) * sizeof *values);
    take_numbers(t, values, count);
    for (size_t i = 0; i < count && !t->bad && at->kind == ATTR_TEXT; i++)
        t->bad |= !text_there(e, values[i]);
    if (!t->bad)
        values_fill(&at->values, values, count);
    free(values);
    take_bits(t, &at->there);
    take_sets(t, e, &at->sets, &at->set_count, &at->set_cap);
}

static void take_attributes(struct taken *t, struct engine *e)
{
    size_t count = take_count(t, 5 * sizeof(uint64_t));
    e->attributes = count ? xcalloc(count, sizeof *e->attributes) : NULL;
    e->attribute_cap = count;
    while (e->attribute_count < count && !t->bad)
        take_attribute(t, e, &e->attributes[e->attribute_count++]);
}

static void take_tail(struct taken *t, struct table *table, const struct engine *e, size_t count)
{
    i64 *ordinals = xcalloc(3 * count, sizeof *ordinals), *times = ordinals + count,
        *seqs = times + count;
    take_numbers(t, ordinals, count);
    take_numbers(t, times, count);
    take_numbers(t, seqs, count);
    for (size_t i = 0; i < count && !t->bad; i++) {
        t->bad |= ordinals[i] < 0 || ordinals[i] >= (i64)e->persons.count || times[i] < -I53_MAX ||
                  times[i] > I53_MAX;
        table_add(table, (struct row) { (uint32_t)ordinals[i], times[i], seqs[i] });
    }
    free(ordinals);
}

/* The tail's columns; those of the base come with it. */
static void take_columns(struct taken *t, struct table *table, const struct engine *e, size_t count)
{
    size_t columns = take_count(t, 2 * sizeof(uint64_t));
    for (size_t i = 0; i < columns && !t->bad; i++) {
        uint32_t name = take_text(t, e);
        uint64_t kind = take_u64(t);
        t->bad |= kind > VALUE_BOOL;
        if (t->bad)
            return;
        struct column *c = table_column(table, name, (enum value_kind)kind);
        if (!c)
            c = table_column_new(table, name, (enum value_kind)kind);
        take_numbers(t, c->tail, count);
        for (size_t k = 0; k < count && kind == VALUE_TEXT; k++)
            t->bad |= !text_there(e, c->tail[k]);
    }
}

static void take_table(struct taken *t, struct engine *e, struct index_base *base)
{
    struct table *table = e->tables[e->table_count++] = xcalloc(1, sizeof *table);
    table->type = take_text(t, e);
    i64 *place = map_put(&e->table_of, table->type);
    t->bad |= *place != 0; /* a type twice */
    *place = (i64)e->table_count;
    base->table = table;
    base->file = take_u64(t);
    base->root = take_u64(t);
    table->gone = take_u64(t);
    size_t count = take_count(t, 3);
    take_tail(t, table, e, count);
    take_columns(t, table, e, count);
}

bool index_head(struct taken *from, uint64_t *ret_origin, i64 *ret_covered)
{
    *ret_origin = take_u64(from);
    *ret_covered = (i64)take_u64(from);
    return !from->bad;
}

bool index_read(struct taken *from, struct engine *e, struct index_base **ret, size_t *ret_count)
{
    take_dict(from, &e->dict);
    take_persons(from, e);
    take_attributes(from, e);
    take_sets(from, e, &e->sets, &e->set_count, &e->set_cap);
    size_t count = take_count(from, 5 * sizeof(uint64_t)), n = 0;
    struct index_base *bases = xcalloc(count, sizeof *bases);
    e->tables = xcalloc(count, sizeof *e->tables);
    e->table_cap = count;
    while (e->table_count < count && !from->bad) {
        take_table(from, e, &bases[n]);
        n += bases[n].file != 0;
    }
    *ret = bases;
    *ret_count = n;
    return !from->bad && from->at == from->end;
}
