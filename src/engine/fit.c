/* For whom of a few it holds. */
#include "engine/people_ready.h"

struct place {
    uint32_t ordinal;
    size_t at; /* in the list asked about */
};

static int by_ordinal(const void *pa, const void *pb)
{
    const struct place *a = pa, *b = pb;
    return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

/* Of one block; nobody else in it is looked at. Whoever was told about is alive. */
static void block_fit(struct engine *e, struct people_ready *ready, struct people_work *work,
                      const struct place *places, size_t count, bool *ret)
{
    uint64_t wanted[BLOCK_WORDS] = { 0 }, holds[BLOCK_WORDS];
    for (size_t i = 0; i < count; i++)
        wanted[places[i].ordinal % BLOCK / 64] |= UINT64_C(1) << (places[i].ordinal % 64);
    memset(holds, 0xff, sizeof holds);
    if (ready) {
        people_ready_narrow(ready, (uint16_t)(places[0].ordinal % BLOCK),
                            (uint16_t)(places[count - 1].ordinal % BLOCK));
        people_node(e, ready, work, places[0].ordinal / BLOCK, wanted, holds);
    }
    for (size_t i = 0; i < count; i++)
        ret[places[i].at] = holds[places[i].ordinal % BLOCK / 64] >> (places[i].ordinal % 64) & 1;
}

static enum err fit(struct engine *e, struct arena *a, const struct people *p, instant now,
                    struct people_work *work, const struct place *places, size_t count, bool *ret)
{
    struct people_ready *ready = NULL;
    people_facts_forget(work->facts);
    if (p)
        TRY(people_ready_make(e, a, p, now, &ready));
    for (size_t i = 0; i < count;) {
        size_t n = 1;
        while (i + n < count && places[i + n].ordinal / BLOCK == places[i].ordinal / BLOCK)
            n++;
        block_fit(e, ready, work, &places[i], n, ret);
        i += n;
    }
    return OK;
}

enum err engine_fit(struct engine *e, const struct people *const *asked, size_t asked_count,
                    instant now, const i64 *persons, size_t count, bool *ret)
{
    struct arena a CLEANUP(arena_done) = { 0 }, one CLEANUP(arena_done) = { 0 };
    struct place *places = NEW_N(&a, struct place, count);
    struct people_work *work = people_work_new();
    size_t known = 0;
    enum err result = OK;
    struct visit visit = engine_enter(e);
    for (size_t i = 0; i < count; i++) {
        uint32_t ordinal = persons_find(&e->persons, persons[i]);
        if (ordinal != NOBODY)
            places[known++] = (struct place) { ordinal, i };
    }
    if (known)
        qsort(places, known, sizeof *places, by_ordinal);
    memset(ret, 0, asked_count * count * sizeof *ret);
    for (size_t k = 0; result == OK && k < asked_count; k++) {
        arena_reset(&one);
        result = fit(e, &one, asked[k], now, work, places, known, ret + k * count);
    }
    gate_asked(&e->gate, &visit);
    people_work_free(work);
    return result;
}
