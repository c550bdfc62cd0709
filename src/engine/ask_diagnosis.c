/* Diagnosis of a step: first the funnel, which tells of each person since when and until when what
 * they did is looked at; then the facts of every event there is. */
#include "engine/traits.h"

/* Of a person: facts at from < time < to; `to` 0: they are not looked at. */
struct between {
    i64 from, to;
};

struct event {
    struct ready ready;
    str type;
};

struct run {
    struct engine *e;
    const struct query *q;
    instant now;
    struct between *people; /* by ordinal */
    uint64_t (*went_on)[BLOCK_WORDS], (*stopped)[BLOCK_WORDS];
    struct event *events;
    size_t event_count;
    struct part {
        struct hits hits;
        struct event_count *counts; /* by event */
    } * parts;
};

static void told(void *arg, uint32_t ordinal, size_t level, const i64 *times)
{
    struct run *r = arg;
    size_t step = r->q->diagnosis.step;
    uint32_t who = ordinal % BLOCK;
    if (level + 1 < step)
        return;
    bool on = level >= step;
    i64 over = MIN(times[0] + r->q->funnel.window_ms, r->now.ms) + 1;
    r->people[ordinal] = (struct between) { times[step - 2], on ? times[step - 1] : over };
    (on ? r->went_on : r->stopped)[ordinal / BLOCK][who / 64] |= UINT64_C(1) << (who % 64);
}

static void events_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    for (size_t i = 0; i < r->event_count; i++) {
        i64 last = -1; /* counted last, so that a person is counted once */
        hits_of(&r->events[i].ready, block, &p->hits);
        for (const struct hit *h = p->hits.at; h < p->hits.at + p->hits.n; h++) {
            const struct between *b = &r->people[block * BLOCK + h->who];
            if (h->who == last || h->time <= b->from || h->time >= b->to)
                continue;
            last = h->who;
            bool on = r->went_on[block][h->who / 64] >> (h->who % 64) & 1;
            p->counts[i].went_on += on;
            p->counts[i].stopped += !on;
        }
    }
}

static bool wanted(const struct run *r, str type)
{
    const struct diagnosis *d = &r->q->diagnosis;
    bool found = d->events.count == 0;
    for (size_t i = 0; i < d->funnel.step_count; i++)
        for (size_t k = 0; k < d->funnel.steps[i].type_count; k++)
            if (str_eq(d->funnel.steps[i].types[k], type))
                return false;
    for (size_t i = 0; i < d->events.count; i++)
        found |= str_eq(d->events.at[i], type);
    return found;
}

static void events_make(struct run *r, struct arena *a)
{
    i64 to = MIN(r->now.ms + 1, r->q->until.ms + r->q->funnel.window_ms);
    r->events = NEW_N(a, struct event, r->e->table_count);
    for (size_t i = 0; i < r->e->table_count; i++) {
        struct event *event = &r->events[r->event_count];
        event->type = arena_str(a, dict_text(&r->e->dict, r->e->tables[i]->type));
        if (!wanted(r, event->type))
            continue;
        ready_make(r->e, a, &(struct match) { .types = &event->type, .type_count = 1 },
                   r->q->since.ms, to, &event->ready);
        r->event_count++;
    }
}

static int by_type(const void *pa, const void *pb)
{
    return str_cmp(((const struct event_count *)pa)->type, ((const struct event_count *)pb)->type);
}

static void events_show(const struct run *r, struct arena *a, struct diagnosis_result *ret)
{
    ret->events = NEW_N(a, struct event_count, r->event_count);
    for (size_t i = 0; i < r->event_count; i++) {
        struct event_count sum = { .type = r->events[i].type };
        for (int part = 0; part < r->e->threads; part++) {
            sum.went_on += r->parts[part].counts[i].went_on;
            sum.stopped += r->parts[part].counts[i].stopped;
        }
        if (sum.went_on || sum.stopped)
            ret->events[ret->event_count++] = sum;
    }
    qsort(ret->events, ret->event_count, sizeof *ret->events, by_type);
}

static i64 how_many(const struct run *r, uint64_t (*who)[BLOCK_WORDS])
{
    i64 count = 0;
    for (size_t b = 0; b < engine_blocks(r->e); b++)
        for (size_t w = 0; w < BLOCK_WORDS; w++)
            count += __builtin_popcountll(who[b][w]);
    return count;
}

enum err ask_diagnosis(struct engine *e, struct arena *a, const struct query *q, instant now,
                       struct result *ret)
{
    struct run r = { .e = e, .q = q, .now = now };
    size_t blocks = MAX(engine_blocks(e), 1);
    r.people = xcalloc(blocks * BLOCK, sizeof *r.people);
    r.went_on = xcalloc(blocks, sizeof *r.went_on);
    r.stopped = xcalloc(blocks, sizeof *r.stopped);
    enum err err = funnel_walk(e, a, q, now, told, &r);
    if (err == OK) {
        events_make(&r, a);
        r.parts = xcalloc((size_t)e->threads, sizeof *r.parts);
        for (int i = 0; i < e->threads; i++)
            r.parts[i].counts = NEW_N(a, struct event_count, r.event_count);
        engine_work(e, events_block, &r);
        ret->diagnosis.went_on = how_many(&r, r.went_on);
        ret->diagnosis.stopped = how_many(&r, r.stopped);
        events_show(&r, a, &ret->diagnosis);
        traits_count(e, a, &q->diagnosis.traits, r.went_on, r.stopped, &ret->diagnosis.traits);
        for (int i = 0; i < e->threads; i++)
            hits_done(&r.parts[i].hits);
        free(r.parts);
    }
    free(r.people);
    free(r.went_on);
    free(r.stopped);
    return err;
}
