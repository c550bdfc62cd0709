/* Folding, and when. */
#include "engine/engine_internal.h"

/* A tail is folded when it has this part of its base, and so many rows at least; or when of all
 * persons this part has gone since the base was made, so that what is theirs goes too. */
#define TAIL_ROWS 4096
#define TAIL_PART 16
#define GONE_PART 16

/* 1 and more: in need. */
static double need(const struct engine *e, const struct table *t)
{
    double tail = (double)t->tail_count / (double)MAX((size_t)TAIL_ROWS, t->base_count / TAIL_PART),
           gone = t->base_count ? (double)(e->gone - MIN(t->gone, e->gone)) * GONE_PART /
                                      (double)MAX(e->person_count, (size_t)BLOCK)
                                : 0;
    return MAX(tail, gone);
}

static struct table *neediest(const struct engine *e)
{
    struct table *most = NULL;
    for (size_t i = 0; i < e->table_count; i++)
        if (need(e, e->tables[i]) >= (most ? need(e, most) : 1))
            most = e->tables[i];
    return most;
}

bool engine_fold_some(struct engine *e)
{
    struct table_fold *f = NULL;
    uint64_t gone = 0;
    pthread_mutex_lock(&e->keeping);
    gate_ask(&e->gate, false, NULL, NULL);
    struct table *t = neediest(e);
    if (t) {
        f = table_fold_begin(t, &e->alive);
        gone = e->gone;
    }
    gate_asked(&e->gate, false);
    if (t) {
        table_fold_run(f);
        gate_tell(&e->gate);
        table_fold_end(t, f);
        t->gone = gone;
        gate_told(&e->gate);
        table_fold_free(f);
    }
    pthread_mutex_unlock(&e->keeping);
    return t != NULL;
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
