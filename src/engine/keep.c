/* Folding, and when. */
#include "engine/engine_internal.h"

/* A tail is folded when it has this part of its base, and so many rows at least; or when of all
 * persons this part has gone since the base was made, so that what is theirs goes too.
 *
 * Measured with 10 M facts of 32 types: a row costs 70 ns to fold, so a fact 2 µs by and by; tails
 * of a 32nd make a funnel a fifth slower and take 1.5 bytes a fact, of a 16th hardly more and 3. */
#define TAIL_ROWS 4096
#define TAIL_PART 32
#define GONE_PART 16

/* 1 and more: in need. */
static double need(const struct engine *e, const struct table *t)
{
    double tail = (double)t->tail_count / (double)MAX((size_t)TAIL_ROWS, t->base_count / TAIL_PART),
           gone = t->base_count ? (double)(e->gone - MIN(t->gone, e->gone)) * GONE_PART /
                                      (double)MAX(e->persons.count, (size_t)BLOCK)
                                : 0;
    return MAX(tail, gone);
}

/* Its place; SIZE_MAX: none is in need. */
static size_t neediest(const struct engine *e)
{
    size_t found = SIZE_MAX;
    double most = 1;
    for (size_t i = 0; i < e->table_count; i++) {
        double here = need(e, e->tables[i]);
        if (here < most)
            continue;
        most = here;
        found = i;
    }
    return found;
}

void engine_fold_one(struct engine *e, size_t at, struct table_fold *f, uint64_t gone)
{
    table_fold_run(f);
    struct visit visit = engine_enter(e);
    struct table *old = e->tables[at], *folded = table_fold_end(old, f);
    folded->gone = gone;
    e->tables[at] = folded;
    gate_asked(&e->gate, &visit);
    table_fold_free(f);
    gate_drain(&e->gate);
    table_done(old);
    free(old);
}

bool engine_fold_some(struct engine *e)
{
    struct table_fold *f = NULL;
    if (pthread_mutex_trylock(&e->keeping) != 0)
        return false;
    struct visit visit = engine_enter(e);
    uint64_t gone = e->gone;
    size_t at = neediest(e);
    if (at != SIZE_MAX)
        f = table_fold_begin(e->tables[at], &e->alive);
    gate_asked(&e->gate, &visit);
    if (f)
        engine_fold_one(e, at, f, gone);
    pthread_mutex_unlock(&e->keeping);
    return f != NULL;
}

void engine_fold(struct engine *e)
{
    if (pthread_mutex_trylock(&e->keeping) != 0)
        return; /* somebody folds or writes bases: they are in good hands */
    for (size_t i = 0; i < e->table_count; i++)
        if (e->tables[i]->tail_count) {
            table_fold(e->tables[i], &e->alive);
            e->tables[i]->gone = e->gone;
        }
    pthread_mutex_unlock(&e->keeping);
}
