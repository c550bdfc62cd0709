#include "engine/groups.h"

#include "base/time.h"

void numbers_add(struct numbers *v, i64 value)
{
    if (v->n == v->cap) {
        v->cap = MAX(2 * v->cap, 64);
        v->at = xrealloc(v->at, v->cap * sizeof *v->at);
    }
    v->at[v->n++] = value;
}

void numbers_join(struct numbers *to, struct numbers *from)
{
    if (!to->n) {
        struct numbers empty = *to;
        *to = *from;
        *from = empty;
    }
    numbers_put(to, from);
    numbers_done(from);
}

void numbers_put(struct numbers *to, const struct numbers *from)
{
    if (to->cap < to->n + from->n) {
        to->cap = MAX(2 * to->cap, to->n + from->n);
        to->at = xrealloc(to->at, to->cap * sizeof *to->at);
    }
    if (from->n)
        memcpy(to->at + to->n, from->at, from->n * sizeof *from->at);
    to->n += from->n;
}

void numbers_done(struct numbers *v)
{
    free(v->at);
    *v = (struct numbers) { 0 };
}

#define BUCKET_BITS 11
#define SORTED_AT   64 /* so few are sorted */

static int bits_of(uint64_t v)
{
    return v ? 64 - __builtin_clzll(v) : 0;
}

/* The bucket of equal leading bits in which the element of this rank is; *rank is then its rank
 * there, and what is in the bucket stands in front. Differences are taken in unsigned arithmetic.
 */
static size_t bucket_of(i64 *at, size_t n, size_t *rank)
{
    size_t counts[1 << BUCKET_BITS] = { 0 }, bucket = 0, kept = 0;
    i64 low = at[0], high = at[0];
    for (size_t i = 1; i < n; i++) {
        low = MIN(low, at[i]);
        high = MAX(high, at[i]);
    }
    int shift = MAX(bits_of((uint64_t)high - (uint64_t)low) - BUCKET_BITS, 0);
    for (size_t i = 0; i < n; i++)
        counts[((uint64_t)at[i] - (uint64_t)low) >> shift]++;
    for (; *rank >= counts[bucket]; bucket++)
        *rank -= counts[bucket];
    for (size_t i = 0; i < n; i++) {
        i64 value = at[i];
        if (((uint64_t)value - (uint64_t)low) >> shift != bucket)
            continue;
        at[i] = at[kept];
        at[kept++] = value;
    }
    return low == high ? 1 : kept;
}

i64 numbers_quantile(struct numbers *v, int permille)
{
    if (!v->n)
        return NONE;
    size_t n = v->n, rank = MIN(n * (size_t)permille / 1000, n - 1);
    while (n > SORTED_AT) {
        n = bucket_of(v->at, n, &rank);
        rank = MIN(rank, n - 1);
    }
    qsort(v->at, n, sizeof *v->at, i64_order);
    return v->at[rank];
}

void breakdown_make(const struct engine *e, struct arena *a, const struct breakdown *b,
                    struct breakdown_ready *ret)
{
    struct breakdown_ready r = { .of = *b };
    uint32_t name = dict_find(&e->dict, b->name);
    r.prop = b->kind == BREAKDOWN_PROP ? name : 0;
    r.attribute = b->kind == BREAKDOWN_ATTR ? engine_attribute(e, b->name) : NULL;
    if (b->kind == BREAKDOWN_SET) {
        r.sets = NEW_N(a, const struct set *, e->set_count);
        for (size_t i = 0; name && i < e->set_count; i++)
            if (e->sets[i].name == name)
                r.sets[r.set_count++] = &e->sets[i];
    } else if (r.attribute && r.attribute->kind == ATTR_LIST) {
        r.sets = NEW_N(a, const struct set *, r.attribute->set_count);
        for (size_t i = 0; i < r.attribute->set_count; i++)
            r.sets[r.set_count++] = &r.attribute->sets[i];
    }
    *ret = r;
}

void key_list_done(struct key_list *l)
{
    free(l->at);
    *l = (struct key_list) { 0 };
}

static void key_add(struct key_list *l, struct raw_key key)
{
    if (l->n == l->cap) {
        l->cap = MAX(2 * l->cap, 16);
        l->at = xrealloc(l->at, l->cap * sizeof *l->at);
    }
    l->at[l->n++] = key;
}

static struct raw_key attribute_key(const struct attribute *a, uint32_t ordinal)
{
    static const enum value_kind kinds[] = { [ATTR_TEXT] = VALUE_TEXT,
                                             [ATTR_NUMBER] = VALUE_NUMBER,
                                             [ATTR_BOOL] = VALUE_BOOL,
                                             [ATTR_DAY] = VALUE_NUMBER,
                                             [ATTR_INSTANT] = VALUE_NUMBER };
    i64 value = values_get(&a->values, ordinal);
    if (value == NONE)
        return (struct raw_key) { 0 };
    if (a->kind == ATTR_INSTANT)
        value = day_of((instant) { value }).n;
    return (struct raw_key) { true, kinds[a->kind], value };
}

void breakdown_keys(const struct breakdown_ready *b, uint32_t ordinal, const struct ready *ready,
                    const struct hit *hit, struct key_list *ret)
{
    struct raw_key key = { 0 };
    ret->n = 0;
    for (size_t i = 0; i < b->set_count; i++)
        if (bits_has(&b->sets[i]->bits, ordinal))
            key_add(ret, (struct raw_key) { true, VALUE_TEXT, b->sets[i]->key });
    if (ret->n)
        return;
    if (b->of.kind == BREAKDOWN_PROP && hit)
        key.there = hit_any(ready, hit, b->prop, &key.kind, &key.value);
    else if (b->attribute && !b->sets)
        key = attribute_key(b->attribute, ordinal);
    key_add(ret, key);
}

struct group_key key_shown(const struct engine *e, struct arena *a, const struct breakdown_ready *b,
                           const struct raw_key *key)
{
    enum attr_kind kind = b->attribute ? b->attribute->kind : ATTR_NUMBER;
    struct group_key shown = { .there = key->there, .value.kind = key->kind };
    struct strbuf text;
    if (key->there && (kind == ATTR_DAY || kind == ATTR_INSTANT)) {
        strbuf_init(&text, a, 64);
        out_day(&text, (day) { key->value });
        shown.value = (struct value) { .kind = VALUE_TEXT, .text = strbuf_str(&text) };
    } else if (key->there && key->kind == VALUE_TEXT) {
        shown.value.text = arena_str(a, dict_text(&e->dict, (uint32_t)key->value));
    } else {
        shown.value.number = key->value;
    }
    return shown;
}

/* A day as the one text that shows it. */
static bool day_named(str text, i64 *ret)
{
    day d;
    if (text.len != strlen("2026-03-01") || !day_read(text, &d))
        return false;
    *ret = d.n;
    return true;
}

bool key_named(const struct engine *e, const struct breakdown_ready *b,
               const struct group_key *shown, struct raw_key *ret)
{
    enum attr_kind kind = b->attribute ? b->attribute->kind : ATTR_TEXT;
    struct raw_key key = { shown->there, shown->value.kind, shown->value.number };
    if (!shown->there) {
        key = (struct raw_key) { 0 };
    } else if (kind == ATTR_DAY || kind == ATTR_INSTANT) {
        if (key.kind != VALUE_TEXT || !day_named(shown->value.text, &key.value))
            return false;
        key.kind = VALUE_NUMBER;
    } else if (key.kind == VALUE_TEXT) {
        key.value = dict_find(&e->dict, shown->value.text);
        if (!key.value)
            return false;
    }
    *ret = key;
    return true;
}

size_t key_place(struct key_places *k, const struct raw_key *key, bool *ret_new)
{
    struct key_recent *recent = &k->recent[(uint64_t)key->value % KEYS_RECENT];
    if (recent->place && key->there && recent->key.kind == key->kind &&
        recent->key.value == key->value) {
        *ret_new = false;
        return recent->place - 1;
    }
    i64 *place = key->there ? map_put(&k->maps[key->kind], key->value) : &k->none;
    *ret_new = !*place;
    if (!*place) {
        if (k->count == k->cap) {
            k->cap = MAX(2 * k->cap, 16);
            k->keys = xrealloc(k->keys, k->cap * sizeof *k->keys);
        }
        k->keys[k->count] = *key;
        *place = (i64)++k->count;
    }
    if (key->there)
        *recent = (struct key_recent) { (size_t)*place, *key };
    return (size_t)(*place - 1);
}

size_t key_find(const struct key_places *k, const struct raw_key *key)
{
    const i64 *place = key->there ? map_get(&k->maps[key->kind], key->value) : &k->none;
    assert(place && *place);
    return (size_t)(*place - 1);
}

void key_places_done(struct key_places *k)
{
    for (size_t i = 0; i < COUNT(k->maps); i++)
        map_done(&k->maps[i]);
    free(k->keys);
    *k = (struct key_places) { 0 };
}

i64 *tally_row(struct tallies *t, const struct raw_key *key)
{
    bool fresh;
    size_t at = key_place(&t->places, key, &fresh);
    if (at >= t->cap) {
        t->cap = MAX(2 * t->cap, at + 16);
        t->rows = xrealloc(t->rows, t->cap * sizeof *t->rows);
    }
    if (fresh)
        t->rows[at] = xcalloc(MAX(t->width, 1), sizeof **t->rows);
    return t->rows[at];
}

void tallies_join(struct tallies *to, const struct tallies *from)
{
    for (size_t i = 0; i < from->places.count; i++) {
        i64 *row = tally_row(to, &from->places.keys[i]);
        for (size_t k = 0; k < to->width; k++)
            row[k] += from->rows[i][k];
    }
}

void tallies_done(struct tallies *t)
{
    for (size_t i = 0; i < t->places.count; i++)
        free(t->rows[i]);
    key_places_done(&t->places);
    free(t->rows);
    *t = (struct tallies) { 0 };
}
