#include "base/map.h"
#include "base/base.h"

void map_done(struct map *m)
{
    free(m->slots);
    *m = (struct map) { 0 };
}

static size_t home(const struct map *m, int64_t key)
{
    return (size_t)u64_hash((uint64_t)key) & (m->cap - 1);
}

int64_t *map_get(const struct map *m, int64_t key)
{
    assert(key != NONE);
    if (!m->cap)
        return NULL;
    for (size_t i = home(m, key);; i = (i + 1) & (m->cap - 1)) {
        if (m->slots[i].key == key)
            return &m->slots[i].value;
        if (m->slots[i].key == NONE)
            return NULL;
    }
}

static void grow(struct map *m)
{
    struct map bigger = { .cap = MAX(m->cap * 2, 16) };
    bigger.slots = xmalloc(bigger.cap * sizeof *bigger.slots);
    for (size_t i = 0; i < bigger.cap; i++)
        bigger.slots[i] = (struct map_slot) { NONE, 0 };
    for (struct map_slot *s = NULL; (s = map_next(m, s));)
        *map_put(&bigger, s->key) = s->value;
    free(m->slots);
    *m = bigger;
}

int64_t *map_put(struct map *m, int64_t key)
{
    assert(key != NONE);
    if (m->count >= m->cap - m->cap / 4)
        grow(m);
    size_t i = home(m, key);
    while (m->slots[i].key != key && m->slots[i].key != NONE)
        i = (i + 1) & (m->cap - 1);
    if (m->slots[i].key == NONE) {
        m->slots[i] = (struct map_slot) { key, 0 };
        m->count++;
    }
    return &m->slots[i].value;
}

bool map_remove(struct map *m, int64_t key)
{
    int64_t *value = map_get(m, key);
    if (!value)
        return false;
    size_t hole =
        (size_t)((struct map_slot *)((char *)value - offsetof(struct map_slot, value)) - m->slots);
    for (size_t i = hole;
         ;) { /* moves back what would no longer be found past the hole (Knuth, 6.4 algorithm R) */
        i = (i + 1) & (m->cap - 1);
        if (m->slots[i].key == NONE)
            break;
        size_t from = home(m, m->slots[i].key);
        bool between = hole <= i ? (hole < from && from <= i) : (hole < from || from <= i);
        if (!between) {
            m->slots[hole] = m->slots[i];
            hole = i;
        }
    }
    m->slots[hole].key = NONE;
    m->count--;
    return true;
}

void map_clear(struct map *m)
{
    for (size_t i = 0; i < m->cap; i++)
        m->slots[i].key = NONE;
    m->count = 0;
}

struct map_slot *map_next(const struct map *m, const struct map_slot *slot)
{
    for (size_t i = slot ? (size_t)(slot - m->slots) + 1 : 0; i < m->cap; i++)
        if (m->slots[i].key != NONE)
            return &m->slots[i];
    return NULL;
}
