/* Work on all cores: blocks are taken one after the other by whoever is free. */
#include "engine/engine_internal.h"

#include <stdatomic.h>

#define THREADS_MAX 64

struct crew {
    void (*run)(void *arg, int part, size_t block);
    void *arg;
    _Atomic size_t next;
    size_t count;
};
struct member {
    struct crew *crew;
    int part;
};

static void *work(void *arg)
{
    struct member *m = arg;
    for (size_t block; (block = m->crew->next++) < m->crew->count;)
        m->crew->run(m->crew->arg, m->part, block);
    return NULL;
}

void work_share(int most, size_t n, void (*run)(void *arg, int part, size_t at), void *arg)
{
    struct crew crew = { .run = run, .arg = arg, .count = n };
    struct member members[THREADS_MAX];
    pthread_t threads[THREADS_MAX];
    int count = (int)MIN((size_t)MIN(most, THREADS_MAX), MAX(crew.count, 1));
    int started = 1;
    for (int i = 0; i < count; i++)
        members[i] = (struct member) { &crew, i };
    while (started < count && pthread_create(&threads[started], NULL, work, &members[started]) == 0)
        started++;
    work(&members[0]);
    for (int i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
}

void engine_work(struct engine *e, void (*run)(void *arg, int part, size_t block), void *arg)
{
    work_share(e->threads, engine_blocks(e), run, arg);
}
