#include "engine/persons.h"

static size_t home(const struct persons *p, i64 id)
{
    return (size_t)u64_hash((uint64_t)id) & (p->slot_count - 1);
}

/* The place that has this person, or the free one where the search ends. */
static size_t slot_of(const struct persons *p, i64 id)
{
    size_t i = home(p, id);
    while (p->slots[i] && persons_id(p, p->slots[i] - 1) != id)
        i = (i + 1) & (p->slot_count - 1);
    return i;
}

static void room_for(struct persons *p, size_t count)
{
    size_t slot_count = MAX(p->slot_count, 16);
    while (count >= slot_count - slot_count / 4)
        slot_count *= 2;
    if (slot_count == p->slot_count)
        return;
    free(p->slots);
    p->slots = xcalloc(slot_count, sizeof *p->slots);
    p->slot_count = slot_count;
    for (size_t i = 0; i < p->count; i++) {
        i64 id = persons_id(p, i);
        if (id != NONE)
            p->slots[slot_of(p, id)] = (uint32_t)i + 1;
    }
}

uint32_t persons_find(const struct persons *p, i64 id)
{
    uint32_t slot = p->slot_count ? p->slots[slot_of(p, id)] : 0;
    return slot ? slot - 1 : NOBODY;
}

uint32_t persons_add(struct persons *p, i64 id)
{
    uint32_t ordinal = (uint32_t)p->count;
    room_for(p, p->there + 1);
    values_put(&p->ids, ordinal, id);
    p->slots[slot_of(p, id)] = ordinal + 1;
    p->count++;
    p->there++;
    return ordinal;
}

void persons_remove(struct persons *p, uint32_t ordinal)
{
    size_t hole = slot_of(p, persons_id(p, ordinal)), last = p->slot_count - 1;
    /* Moves back what would no longer be found past the hole (Knuth, 6.4 algorithm R). */
    for (size_t i = (hole + 1) & last; p->slots[i]; i = (i + 1) & last) {
        size_t from = home(p, persons_id(p, p->slots[i] - 1));
        if (((i - from) & last) >= ((i - hole) & last)) {
            p->slots[hole] = p->slots[i];
            hole = i;
        }
    }
    p->slots[hole] = 0;
    values_put(&p->ids, ordinal, NONE);
    p->there--;
}

bool persons_fill(struct persons *p, const i64 *ids, size_t count)
{
    values_fill(&p->ids, ids, count);
    room_for(p, count);
    p->count = count;
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == NONE)
            continue;
        size_t at = slot_of(p, ids[i]);
        if (p->slots[at])
            return false;
        p->slots[at] = (uint32_t)i + 1;
        p->there++;
    }
    return true;
}

size_t persons_bytes(const struct persons *p)
{
    return values_bytes(&p->ids) + p->slot_count * sizeof *p->slots;
}

void persons_done(struct persons *p)
{
    values_done(&p->ids);
    free(p->slots);
    *p = (struct persons) { 0 };
}
