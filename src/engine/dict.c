#include "engine/dict.h"

#define SLOTS_MIN 64

static uint64_t hash(str s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ s.len, w;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        memcpy(&w, s.ptr + i, 8);
        h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 32;
    }
    w = 0;
    if (i < s.len)
        memcpy(&w, s.ptr + i, s.len - i);
    return u64_hash(h ^ w); /* mixed well: slots are taken by the low bits, one beside the other */
}

void dict_done(struct dict *d)
{
    arena_done(&d->arena);
    free(d->texts);
    free(d->slots);
    free(d->watched);
    *d = (struct dict) { 0 };
}

/* A slot whose text was blanked stays in the way, so that what came behind it is found. */
static uint32_t *slot_of(const struct dict *d, str text)
{
    size_t at = hash(text) & (d->slot_count - 1);
    while (d->slots[at] && !(dict_has(d, d->slots[at]) && str_eq(dict_text(d, d->slots[at]), text)))
        at = (at + 1) & (d->slot_count - 1);
    return &d->slots[at];
}

uint32_t dict_find(const struct dict *d, str text)
{
    return d->slot_count ? *slot_of(d, text) : 0;
}

static void spread(struct dict *d, size_t slot_count)
{
    d->slot_count = slot_count;
    free(d->slots);
    d->slots = xcalloc(d->slot_count, sizeof *d->slots);
    for (size_t i = 0; i < d->count; i++)
        if (d->texts[i].ptr)
            *slot_of(d, d->texts[i]) = (uint32_t)(i + 1);
}

void dict_reserve(struct dict *d, size_t count)
{
    size_t slots = MAX(d->slot_count, SLOTS_MIN);
    while (2 * (count + 1) > slots)
        slots *= 2;
    if (slots != d->slot_count)
        spread(d, slots);
    if (count > d->cap) {
        d->cap = count;
        d->texts = xrealloc(d->texts, d->cap * sizeof *d->texts);
    }
}

static void add(struct dict *d, str text)
{
    if (d->count == d->cap) {
        d->cap = MAX(d->cap * 2, SLOTS_MIN);
        d->texts = xrealloc(d->texts, d->cap * sizeof *d->texts);
    }
    d->texts[d->count++] = text;
}

uint32_t dict_put(struct dict *d, str text)
{
    if (2 * (d->count + 1) > d->slot_count)
        spread(d, MAX(d->slot_count * 2, SLOTS_MIN));
    uint32_t *slot = slot_of(d, text);
    if (!*slot) {
        add(d, arena_str(&d->arena, text.ptr ? text : S("")));
        *slot = (uint32_t)d->count;
    }
    if (*slot < d->watch_end)
        d->watched[*slot / 64] |= UINT64_C(1) << (*slot % 64);
    return *slot;
}

uint32_t dict_put_blank(struct dict *d)
{
    add(d, STR_NONE);
    return (uint32_t)d->count;
}

void dict_watch(struct dict *d)
{
    d->watch_end = d->count + 1;
    d->watched = xcalloc(d->watch_end / 64 + 1, sizeof *d->watched);
}

/* The texts that are left, into an arena without holes. */
static void close_up(struct dict *d)
{
    struct arena old = d->arena;
    d->arena = (struct arena) { 0 };
    for (size_t i = 0; i < d->count; i++) {
        str text = d->texts[i];
        if (!text.ptr)
            continue;
        d->texts[i] = arena_str(&d->arena, text);
        explicit_bzero((char *)(uintptr_t)text.ptr, text.len);
    }
    arena_done(&old);
    d->wasted = 0;
}

void dict_sweep(struct dict *d, const uint64_t *used)
{
    for (size_t n = 1; n < d->watch_end; n++) {
        str *text = &d->texts[n - 1];
        if (!text->ptr || (used[n / 64] | d->watched[n / 64]) >> (n % 64) & 1)
            continue;
        explicit_bzero((char *)(uintptr_t)text->ptr, text->len);
        d->wasted += text->len + 1;
        *text = STR_NONE;
    }
    free(d->watched);
    d->watched = NULL;
    d->watch_end = 0;
    if (2 * d->wasted > d->arena.used)
        close_up(d);
}
