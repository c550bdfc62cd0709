/* Work on all cores: blocks are taken one after the other by whoever is free, until the question is
 * over its limits. */
#include "engine/engine_internal.h"

#include "base/time.h"

#define THREADS_MAX 64

/* The question this thread works on, and how much it had taken when that was last added up. */
static _Thread_local struct asking *asking;
static _Thread_local size_t added;

/* --- limits */

/* The first reason stays. */
static bool over(struct asking *x, enum err err)
{
    int ok = OK;
    atomic_compare_exchange_strong(&x->over, &ok, (int)err);
    return true;
}

static void add_up(struct asking *x)
{
    size_t now = heap_taken();
    if (now != added)
        x->taken += now - added; /* less is more, going round */
    added = now;
}

bool work_room(size_t bytes)
{
    struct asking *x = asking;
    if (!x)
        return true;
    add_up(x);
    if (x->limits.memory && (x->taken > x->limits.memory || bytes > x->limits.memory - x->taken))
        over(x, ERR_TOO_COSTLY);
    return x->over == OK;
}

bool work_full(void)
{
    return !work_room(0);
}

static bool time_is_up(void *arg)
{
    struct asking *x = arg;
    if (x->over != OK)
        return true;
    if (x->limits.cancel && *x->limits.cancel)
        return over(x, ERR_CANCELLED);
    if (x->limits.deadline_us && clock_monotonic_us() >= x->limits.deadline_us)
        return over(x, ERR_TOO_SLOW);
    return false;
}

enum err asking_begin(struct asking *x, struct engine *e, const struct engine_limits *limits)
{
    *x = (struct asking) { .e = e };
    if (limits)
        x->limits = *limits;
    if (!gate_ask(&e->gate, x->limits.background, time_is_up, x, &x->visit))
        return (enum err)x->over;
    asking = x;
    added = heap_taken();
    return OK;
}

enum err asking_end(struct asking *x)
{
    work_full();
    gate_asked(&x->e->gate, &x->visit);
    asking = NULL;
    return (enum err)x->over;
}

/* --- work */

struct crew {
    void (*run)(void *arg, int part, size_t at);
    void *arg;
    struct asking *asking; /* NULL: it is no question */
    _Atomic size_t next;
    size_t count;
};
struct member {
    struct crew *crew;
    int part;
};

static bool goes_on(struct asking *x)
{
    if (!x)
        return true;
    if (x->limits.background)
        gate_pause(&x->e->gate, time_is_up, x);
    return !work_full() && !time_is_up(x);
}

static void work(struct member *m)
{
    struct crew *c = m->crew;
    for (size_t at; goes_on(c->asking) && (at = c->next++) < c->count;)
        c->run(c->arg, m->part, at);
}

static void *member_run(void *arg)
{
    struct member *m = arg;
    asking = m->crew->asking;
    added = heap_taken();
    work(m);
    if (asking)
        add_up(asking);
    return NULL;
}

static void crew_run(struct crew *crew, int most)
{
    struct member members[THREADS_MAX];
    pthread_t threads[THREADS_MAX];
    int count = (int)MIN((size_t)MIN(most, THREADS_MAX), MAX(crew->count, 1)), started = 1;
    for (int i = 0; i < count; i++)
        members[i] = (struct member) { crew, i };
    while (started < count &&
           pthread_create(&threads[started], NULL, member_run, &members[started]) == 0)
        started++;
    work(&members[0]);
    for (int i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
}

void work_share(int most, size_t n, void (*run)(void *arg, int part, size_t at), void *arg)
{
    struct crew crew = { .run = run, .arg = arg, .count = n };
    crew_run(&crew, most);
}

bool engine_work(struct engine *e, void (*run)(void *arg, int part, size_t block), void *arg)
{
    struct crew crew = { .run = run, .arg = arg, .asking = asking, .count = engine_blocks(e) };
    crew_run(&crew, e->threads);
    return !asking || asking->over == OK;
}
