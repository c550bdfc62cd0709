#include "engine/traits.h"

struct counting {
    const struct engine *e;
    struct arena *a;
    uint64_t (*first)[BLOCK_WORDS], (*second)[BLOCK_WORDS];
    VEC(struct trait_count) all;
};

static i64 common(const struct engine *e, const struct bits *bits, uint64_t (*who)[BLOCK_WORDS])
{
    i64 count = 0;
    for (size_t b = 0; b < engine_blocks(e); b++) {
        const uint64_t *words = bits_block(bits, b);
        for (size_t w = 0; words && w < BLOCK_WORDS; w++)
            count += __builtin_popcountll(words[w] & who[b][w]);
    }
    return count;
}

static void add(struct counting *c, struct trait_count t, uint32_t text)
{
    if (!t.first && !t.second)
        return;
    if (t.value.kind == VALUE_TEXT)
        t.value.text = arena_str(c->a, dict_text(&c->e->dict, text));
    *vec_push(c->a, &c->all) = t;
}

static void set_count(struct counting *c, struct trait_count t, const struct set *s)
{
    t.value.kind = VALUE_TEXT;
    t.first = common(c->e, &s->bits, c->first);
    t.second = common(c->e, &s->bits, c->second);
    add(c, t, s->key);
}

struct seen {
    i64 value, first, second;
};
struct seen_list {
    struct seen *at;
    size_t n, cap;
};

static struct seen *seen_at(struct counting *c, struct map *places, struct seen_list *seen,
                            i64 value)
{
    i64 *place = map_put(places, value);
    if (!*place) {
        *vec_push(c->a, seen) = (struct seen) { .value = value };
        *place = (i64)seen->n;
    }
    return &seen->at[*place - 1];
}

static void values_count(struct counting *c, struct trait_count t, const struct attribute *at)
{
    struct map places = { 0 };
    struct seen_list seen = { 0 };
    for (size_t b = 0; b < engine_blocks(c->e); b++)
        for (size_t w = 0; w < BLOCK_WORDS; w++)
            for (uint64_t left = c->first[b][w] | c->second[b][w]; left; left &= left - 1) {
                size_t bit = (size_t)__builtin_ctzll(left), who = b * BLOCK + w * 64 + bit;
                i64 value = values_get(&at->values, who);
                if (value == NONE)
                    continue;
                struct seen *s = seen_at(c, &places, &seen, value);
                s->first += (i64)(c->first[b][w] >> bit & 1);
                s->second += (i64)(c->second[b][w] >> bit & 1);
            }
    for (size_t i = 0; i < seen.n; i++) {
        t.first = seen.at[i].first;
        t.second = seen.at[i].second;
        t.value = (struct value) { .kind = at->kind == ATTR_BOOL ? VALUE_BOOL : VALUE_TEXT,
                                   .number = at->kind == ATTR_BOOL ? seen.at[i].value : 0 };
        add(c, t, (uint32_t)seen.at[i].value);
    }
    map_done(&places);
}

static void attribute_count(struct counting *c, str name)
{
    struct trait_count t = { .name = name };
    const struct attribute *at = engine_attribute(c->e, name);
    if (!at)
        return;
    switch (at->kind) {
    case ATTR_TEXT:
    case ATTR_BOOL: values_count(c, t, at); return;
    case ATTR_LIST:
        for (size_t i = 0; i < at->set_count; i++)
            set_count(c, t, &at->sets[i]);
        return;
    case ATTR_NUMBER:
    case ATTR_DAY:
    case ATTR_INSTANT: return;
    }
}

static void family_count(struct counting *c, str name)
{
    uint32_t number = dict_find(&c->e->dict, name);
    for (size_t i = 0; number && i < c->e->set_count; i++)
        if (c->e->sets[i].name == number)
            set_count(c, (struct trait_count) { .set = true, .name = name }, &c->e->sets[i]);
}

static int by_value(const void *pa, const void *pb)
{
    const struct trait_count *a = pa, *b = pb;
    return group_key_compare(&(struct group_key) { true, a->value },
                             &(struct group_key) { true, b->value });
}

static void sort_from(struct counting *c, size_t from)
{
    if (c->all.n > from)
        qsort(c->all.at + from, c->all.n - from, sizeof *c->all.at, by_value);
}

void traits_count(const struct engine *e, struct arena *a, const struct traits *t,
                  uint64_t (*first)[BLOCK_WORDS], uint64_t (*second)[BLOCK_WORDS],
                  struct traits_result *ret)
{
    struct counting c = { .e = e, .a = a, .first = first, .second = second };
    size_t from = 0;
    for (size_t i = 0; i < t->attrs.count; i++, from = c.all.n) {
        attribute_count(&c, t->attrs.at[i]);
        sort_from(&c, from);
    }
    for (size_t i = 0; i < t->sets.count; i++, from = c.all.n) {
        family_count(&c, t->sets.at[i]);
        sort_from(&c, from);
    }
    *ret = (struct traits_result) { c.all.at, c.all.n };
}
