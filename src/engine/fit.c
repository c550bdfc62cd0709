/* For whom of a few it holds. */
#include "engine/engine_internal.h"

struct place {
    uint32_t ordinal;
    size_t at; /* in the list asked about */
};

static int by_ordinal(const void *pa, const void *pb)
{
    const struct place *a = pa, *b = pb;
    return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

static enum err fit(struct engine *e, struct arena *a, const struct people *p, instant now,
                    struct place *places, size_t count, bool *ret)
{
    struct people_ready *ready = NULL;
    uint64_t bits[BLOCK_WORDS];
    if (p)
        TRY(people_ready_make(e, a, p, now, &ready));
    struct people_work *work = people_work_new();
    for (size_t i = 0; i < count;) {
        size_t block = places[i].ordinal / BLOCK;
        people_of(e, ready, work, block, bits);
        for (; i < count && places[i].ordinal / BLOCK == block; i++) {
            uint32_t who = places[i].ordinal % BLOCK;
            ret[places[i].at] = bits[who / 64] >> (who % 64) & 1;
        }
    }
    people_work_free(work);
    return OK;
}

enum err engine_fit(struct engine *e, struct arena *a, const struct people *p, instant now,
                    const i64 *persons, size_t count, bool *ret)
{
    struct place *places = NEW_N(a, struct place, count);
    size_t known = 0;
    struct visit visit = engine_enter(e);
    for (size_t i = 0; i < count; i++) {
        const i64 *ordinal = map_get(&e->ordinals, persons[i]);
        ret[i] = false;
        if (ordinal)
            places[known++] = (struct place) { (uint32_t)(*ordinal - 1), i };
    }
    if (known)
        qsort(places, known, sizeof *places, by_ordinal);
    enum err result = fit(e, a, p, now, places, known, ret);
    gate_asked(&e->gate, &visit);
    return result;
}
