/* Funnels. The rules stand in query.h; each function says which of them it is. */
#include "engine/behind.h"
#include "engine/chains.h"

#define LISTS_MAX (2 * QUERY_STEPS_MAX) /* steps, then exclusions */

/* A chain: its first fact, and the time of each step. */
struct chain {
    bool there;
    const struct hit *first;
    const struct ready *ready; /* which the first is a hit of */
    i64 times[QUERY_STEPS_MAX];
};
struct fact_seen { /* one of a unit, in order */
    i64 time;
    uint32_t steps;    /* a bit for each it matches */
    uint32_t excludes; /* a bit for each step it is an exclusion after */
    const struct hit *hit;
    struct raw_key held;
};

struct group {
    i64 reached[QUERY_STEPS_MAX];
    struct numbers between[QUERY_STEPS_MAX], total;
};
struct part {
    struct people_work *work;
    struct chains chains; /* when in_chains() */
    struct hits lists[LISTS_MAX];
    struct fact_seen *facts, *some;
    struct key_list keys;
    size_t fact_cap;
    struct key_places places;
    struct group **groups;
    size_t group_cap;
};

struct run {
    struct engine *e;
    const struct query *q;
    const struct funnel *f;
    struct people_ready *people;
    struct ready steps[QUERY_STEPS_MAX], exclusions[QUERY_STEPS_MAX];
    struct breakdown_ready breakdown;
    uint32_t held;
    struct behind_ready behind;
    funnel_told *told; /* NULL: units are counted */
    void *arg;
    struct part *parts;
};

static bool in_range(const struct run *r, i64 time)
{
    return time >= r->q->since.ms && time < r->q->until.ms;
}

/* --- what came of a unit */

static struct group *group_at(struct part *p, const struct raw_key *key)
{
    bool fresh;
    size_t at = key_place(&p->places, key, &fresh);
    if (at >= p->group_cap) {
        p->group_cap = MAX(2 * p->group_cap, at + 16);
        p->groups = xrealloc(p->groups, p->group_cap * sizeof *p->groups);
    }
    if (fresh)
        p->groups[at] = xcalloc(1, sizeof **p->groups);
    return p->groups[at];
}

/* Of a funnel without a breakdown. */
static struct group *only_group(struct part *p)
{
    return p->places.count ? p->groups[0] : group_at(p, &(struct raw_key) { 0 });
}

static void add(const struct run *r, struct group *g, size_t level, const struct chain *best)
{
    size_t steps = r->f->step_count;
    for (size_t i = 0; i < level; i++)
        g->reached[i]++;
    if (r->f->order == ORDER_ANY)
        return;
    for (size_t i = 1; i < level; i++)
        numbers_add(&g->between[i], best->times[i] - best->times[i - 1]);
    if (level == steps)
        numbers_add(&g->total, best->times[steps - 1] - best->times[0]);
}

static void behind(const struct run *r, const struct part *p, uint32_t ordinal, size_t level)
{
    const struct behind *b = &r->q->behind;
    if ((b->stopped ? level == b->step - 1 : level >= b->step) &&
        behind_group(&r->behind, 0, &p->keys))
        behind_add(&r->behind, ordinal);
}

static void reached(const struct run *r, struct part *p, uint32_t ordinal, size_t level,
                    const struct chain *best)
{
    if (!level)
        return;
    if (r->told) {
        r->told(r->arg, ordinal, level, best->times);
        return;
    }
    if (!r->q->breakdown_count && !r->behind.asked) {
        add(r, only_group(p), level, best);
        return;
    }
    breakdown_keys(&r->breakdown, ordinal, best->ready, best->first, &p->keys);
    if (r->behind.asked) {
        behind(r, p, ordinal, level);
        return;
    }
    for (size_t k = 0; k < p->keys.n; k++)
        add(r, group_at(p, &p->keys.at[k]), level, best);
}

/* --- chains */

/* The chain to this step's predecessor goes on with the fact, if the window allows. */
static bool go_on(const struct run *r, const struct chain *from, size_t step, i64 time,
                  struct chain *to)
{
    if (!from->there || time > from->times[0] + r->f->window_ms)
        return false;
    if (from != to) {
        to->there = true;
        to->first = from->first;
        to->ready = from->ready;
        memcpy(to->times, from->times, step * sizeof *to->times);
    }
    to->times[step] = time;
    return true;
}

static void begin(const struct run *r, const struct fact_seen *f, struct chain *ret)
{
    ret->there = true;
    ret->first = f->hit;
    ret->ready = &r->steps[0];
    ret->times[0] = f->time;
}

struct walk {
    struct chain chains[QUERY_STEPS_MAX];
    size_t level;
    struct chain best;
    bool begun;
};

/* Times of steps nobody came to are left as they are: most of a walk is never looked at. */
static void walk_start(const struct run *r, struct walk *w)
{
    for (size_t i = 0; i < r->f->step_count; i++)
        w->chains[i].there = false;
    w->level = 0;
    w->begun = false;
}

static void note(struct walk *w, size_t step)
{
    if (step + 1 > w->level) {
        const struct chain *c = &w->chains[step];
        w->level = step + 1;
        w->best.first = c->first;
        w->best.ready = c->ready;
        memcpy(w->best.times, c->times, (step + 1) * sizeof *c->times);
    }
}

/* ORDER_IN, one fact; `fresh`: a first step may begin a chain. */
static void in_order(const struct run *r, const struct fact_seen *f, bool fresh, struct walk *w)
{
    for (uint32_t left = f->excludes; left; left &= left - 1)
        w->chains[__builtin_ctz(left) - 1].there = false;
    for (uint32_t left = f->steps; left;) {
        size_t step = 31 - (size_t)__builtin_clz(left);
        left &= ~(UINT32_C(1) << step);
        if (step == 0 && fresh && in_range(r, f->time))
            begin(r, f, &w->chains[0]);
        else if (step == 0 || !go_on(r, &w->chains[step - 1], step, f->time, &w->chains[step]))
            continue;
        w->begun = true;
        note(w, step);
    }
}

static void unit_in_order(const struct run *r, struct part *p, uint32_t ordinal,
                          const struct fact_seen *facts, size_t n)
{
    struct walk w;
    walk_start(r, &w);
    bool first = r->f->entry == ENTRY_FIRST;
    for (size_t i = 0; i < n && w.level < r->f->step_count; i++)
        in_order(r, &facts[i], !first || !w.begun, &w);
    reached(r, p, ordinal, w.level, &w.best);
}

/* ORDER_STRICT: a chain goes on only with the very next fact. */
static void unit_strict(const struct run *r, struct part *p, uint32_t ordinal,
                        const struct fact_seen *facts, size_t n)
{
    struct walk w;
    walk_start(r, &w);
    for (size_t i = 0; i < n && w.level < r->f->step_count; i++) {
        const struct fact_seen *f = &facts[i];
        bool fresh = in_range(r, f->time) && (r->f->entry == ENTRY_ANY || !w.begun);
        if (!f->steps)
            continue;
        for (size_t step = r->f->step_count; step-- > 1;) {
            bool goes = f->steps >> step & 1 &&
                        go_on(r, &w.chains[step - 1], step, f->time, &w.chains[step]);
            w.chains[step].there = goes;
            if (goes)
                note(&w, step);
        }
        w.chains[0].there = false;
        if (f->steps & 1 && fresh) {
            begin(r, f, &w.chains[0]);
            w.begun = true;
            note(&w, 0);
        }
    }
    reached(r, p, ordinal, w.level, &w.best);
}

/* ORDER_ANY: how many different steps lie in the window that opens with a fact. */
static void unit_any(const struct run *r, struct part *p, uint32_t ordinal,
                     const struct fact_seen *facts, size_t n)
{
    size_t level = 0;
    struct chain best = { 0 };
    for (size_t i = 0; i < n && level < r->f->step_count; i++) {
        uint32_t steps = 0;
        if (!in_range(r, facts[i].time) || !facts[i].steps)
            continue;
        for (size_t k = i; k < n && facts[k].time <= facts[i].time + r->f->window_ms; k++)
            steps |= facts[k].steps;
        size_t here = (size_t)__builtin_popcount(steps);
        if (here > level) {
            level = here;
            best.first = facts[i].hit;
            best.ready = &r->steps[__builtin_ctz(facts[i].steps)];
        }
        if (r->f->entry == ENTRY_FIRST)
            break;
    }
    reached(r, p, ordinal, level, &best);
}

/* COUNT_ENTRY. */
static void unit_entries(const struct run *r, struct part *p, uint32_t ordinal,
                         const struct fact_seen *facts, size_t n)
{
    struct walk w;
    walk_start(r, &w);
    for (size_t i = 0; i < n; i++) {
        struct fact_seen f = facts[i];
        bool begins = f.steps & 1 && in_range(r, f.time);
        bool over =
            w.level == r->f->step_count || (w.begun && f.time > w.best.times[0] + r->f->window_ms);
        f.steps &= ~UINT32_C(1);
        if (!over)
            in_order(r, &f, false, &w);
        over |= w.level == r->f->step_count; /* and the same fact may begin the next */
        if (!begins || (r->f->entry == ENTRY_FIRST && w.begun && !over))
            continue;
        reached(r, p, ordinal, w.level, &w.best);
        walk_start(r, &w);
        w.begun = true;
        begin(r, &f, &w.chains[0]);
        note(&w, 0);
    }
    reached(r, p, ordinal, w.level, &w.best);
}

static void unit(const struct run *r, struct part *p, uint32_t ordinal,
                 const struct fact_seen *facts, size_t n)
{
    if (r->f->count == COUNT_ENTRY)
        unit_entries(r, p, ordinal, facts, n);
    else if (r->f->order == ORDER_IN)
        unit_in_order(r, p, ordinal, facts, n);
    else if (r->f->order == ORDER_STRICT)
        unit_strict(r, p, ordinal, facts, n);
    else
        unit_any(r, p, ordinal, facts, n);
}

/* COUNT_HELD: a unit for each value. */
static void units_held(const struct run *r, struct part *p, uint32_t ordinal, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct raw_key key = p->facts[i].held;
        size_t some = 0;
        if (!key.there)
            continue;
        for (size_t k = i; k < n; k++) {
            struct raw_key *other = &p->facts[k].held;
            if (!other->there || other->kind != key.kind || other->value != key.value)
                continue;
            p->some[some++] = p->facts[k];
            other->there = false; /* done with */
        }
        unit(r, p, ordinal, p->some, some);
    }
}

/* --- a block */

static void part_room(struct part *p, size_t n)
{
    if (n < p->fact_cap)
        return;
    p->fact_cap = MAX(2 * p->fact_cap, 256);
    p->facts = xrealloc(p->facts, p->fact_cap * sizeof *p->facts);
    p->some = xrealloc(p->some, p->fact_cap * sizeof *p->some);
}

static const struct ready *ready_of(const struct run *r, const struct merged *m)
{
    size_t list = (size_t)__builtin_ctzll(m->lists);
    return list < r->f->step_count ? &r->steps[list] : &r->exclusions[list - r->f->step_count];
}

static size_t facts_of(const struct run *r, struct part *p, struct merge *m)
{
    size_t n = 0;
    struct merged f;
    while (merge_next(m, &f)) {
        part_room(p, n);
        struct fact_seen *seen = &p->facts[n++];
        *seen = (struct fact_seen) { .time = f.time, .hit = f.hit };
        seen->steps = (uint32_t)f.lists & ((UINT32_C(1) << r->f->step_count) - 1);
        for (uint64_t left = f.lists >> r->f->step_count; left; left &= left - 1)
            seen->excludes |= UINT32_C(1) << r->f->exclusions[__builtin_ctzll(left)].after;
        if (r->held)
            seen->held.there =
                hit_any(ready_of(r, &f), f.hit, r->held, &seen->held.kind, &seen->held.value);
    }
    return n;
}

static void funnel_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    uint64_t people[BLOCK_WORDS];
    struct merge merge;
    size_t steps = r->f->step_count, next = 0;
    people_of(r->e, r->people, p->work, block, people);
    for (size_t i = 0; i < steps; i++)
        hits_of(&r->steps[i], block, &p->lists[i]);
    for (size_t i = 0; i < r->f->exclusion_count; i++)
        hits_of(&r->exclusions[i], block, &p->lists[steps + i]);
    merge_start(&merge, p->lists, steps + r->f->exclusion_count);
    const struct hits *first = &p->lists[0];
    bool any = r->f->order == ORDER_ANY; /* may begin with any step */
    for (uint32_t who = 0; who < BLOCK; who++) {
        while (next < first->n && first->at[next].who < who)
            next++;
        bool begins = any || (next < first->n && first->at[next].who == who);
        if (!begins || !(people[who / 64] >> (who % 64) & 1) || !merge_person(&merge, who))
            continue;
        size_t n = facts_of(r, p, &merge);
        uint32_t ordinal = (uint32_t)(block * BLOCK + who);
        if (r->f->count == COUNT_HELD)
            units_held(r, p, ordinal, n);
        else
            unit(r, p, ordinal, p->facts, n);
    }
}

/* --- a block, when chains.h knows the way */

static bool in_chains(const struct funnel *f)
{
    return f->order == ORDER_IN && f->count == COUNT_PERSON && !f->exclusion_count;
}

/* Without a breakdown who got no further than the first step is only counted, if that is asked. */
static void alone(const struct run *r, struct part *p, uint64_t people[BLOCK_WORDS],
                  const uint64_t more[BLOCK_WORDS])
{
    if (r->q->breakdown_count || r->behind.asked || r->told)
        return;
    struct group *g = only_group(p);
    for (size_t i = 0; i < BLOCK_WORDS; i++) {
        g->reached[0] += __builtin_popcountll(people[i] & ~more[i]);
        people[i] &= more[i];
    }
}

static void chains_of_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    uint64_t people[BLOCK_WORDS], who[BLOCK_WORDS], more[BLOCK_WORDS];
    people_of(r->e, r->people, p->work, block, people);
    chains_block(&p->chains, block, who, more);
    for (size_t i = 0; i < BLOCK_WORDS; i++)
        people[i] &= who[i];
    alone(r, p, people, more);
    for (size_t i = 0; i < BLOCK_WORDS; i++)
        for (uint64_t left = people[i]; left; left &= left - 1) {
            uint32_t one = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            struct hit first;
            struct chain best;
            size_t level = chains_level(&p->chains, one, best.times, &first);
            best.first = &first;
            best.ready = &r->steps[0];
            reached(r, p, (uint32_t)(block * BLOCK) + one, level, &best);
        }
}

/* --- the whole */

static void join(struct part *to, struct part *from)
{
    for (size_t i = 0; i < from->places.count; i++) {
        struct group *a = group_at(to, &from->places.keys[i]), *b = from->groups[i];
        for (size_t k = 0; k < QUERY_STEPS_MAX; k++) {
            a->reached[k] += b->reached[k];
            numbers_join(&a->between[k], &b->between[k]);
        }
        numbers_join(&a->total, &b->total);
    }
}

static void part_done(struct part *p)
{
    people_work_free(p->work);
    chains_done(&p->chains);
    for (size_t i = 0; i < COUNT(p->lists); i++)
        hits_done(&p->lists[i]);
    for (size_t i = 0; i < p->places.count; i++) {
        for (size_t k = 0; k < QUERY_STEPS_MAX; k++)
            numbers_done(&p->groups[i]->between[k]);
        numbers_done(&p->groups[i]->total);
        free(p->groups[i]);
    }
    key_places_done(&p->places);
    key_list_done(&p->keys);
    free(p->groups);
    free(p->facts);
    free(p->some);
}

static int group_order(const void *pa, const void *pb)
{
    const struct funnel_group *a = pa, *b = pb;
    if (a->reached[0] != b->reached[0])
        return a->reached[0] > b->reached[0] ? -1 : 1;
    return group_key_compare(&a->key, &b->key);
}

static void quartiles(struct numbers *v, i64 ret[QUARTILES])
{
    for (int i = 0; i < QUARTILES; i++)
        ret[i] = numbers_quantile(v, 250 * (i + 1));
}

static void show(struct run *r, struct arena *a, struct part *p, struct funnel_result *ret)
{
    if (!r->q->breakdown_count)
        group_at(p, &(struct raw_key) { 0 });
    ret->step_count = r->f->step_count;
    ret->group_count = p->places.count;
    ret->groups = NEW_N(a, struct funnel_group, ret->group_count);
    for (size_t i = 0; i < ret->group_count; i++) {
        struct funnel_group *g = &ret->groups[i];
        g->key = key_shown(r->e, a, &r->breakdown, &p->places.keys[i]);
        memcpy(g->reached, p->groups[i]->reached, sizeof g->reached);
        for (size_t k = 0; k < ret->step_count; k++)
            quartiles(&p->groups[i]->between[k], g->quartile_ms[k]);
        quartiles(&p->groups[i]->total, g->total_ms);
    }
    qsort(ret->groups, ret->group_count, sizeof *ret->groups, group_order);
}

static enum err walk(struct run *r, struct arena *a, instant now, struct result *ret)
{
    struct engine *e = r->e;
    const struct query *q = r->q;
    const struct funnel *f = r->f;
    i64 to = MIN(now.ms + 1, q->until.ms + f->window_ms);
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &r->people));
    for (size_t i = 0; i < f->step_count; i++)
        ready_make(e, a, &f->steps[i], q->since.ms, to, &r->steps[i]);
    if (in_chains(f)) /* no other fact of the first step is of use */
        r->steps[0].to = MIN(to, q->until.ms);
    for (size_t i = 0; i < f->exclusion_count; i++)
        ready_make(e, a, &f->exclusions[i].match, q->since.ms, to, &r->exclusions[i]);
    if (q->breakdown_count)
        breakdown_make(e, a, &q->breakdowns[0], &r->breakdown);
    r->held = f->count == COUNT_HELD ? dict_find(&e->dict, f->held) : 0;
    behind_start(e, q, &r->breakdown, 1, &r->behind);
    r->parts = xcalloc((size_t)e->threads, sizeof *r->parts);
    for (int i = 0; i < e->threads; i++) {
        r->parts[i].work = people_work_new();
        r->parts[i].chains = (struct chains) { .steps = r->steps,
                                               .count = f->step_count,
                                               .window_ms = f->window_ms,
                                               .first_only = f->entry == ENTRY_FIRST };
    }
    bool done = engine_work(e, in_chains(f) ? chains_of_block : funnel_block, r);
    for (int i = 1; done && i < e->threads; i++)
        join(&r->parts[0], &r->parts[i]);
    if (done && !r->behind.asked && !r->told)
        show(r, a, &r->parts[0], &ret->funnel);
    behind_end(e, a, &r->behind, ret);
    for (int i = 0; i < e->threads; i++)
        part_done(&r->parts[i]);
    free(r->parts);
    return OK;
}

enum err ask_funnel(struct engine *e, struct arena *a, const struct query *q, instant now,
                    struct result *ret)
{
    struct run r = { .e = e, .q = q, .f = &q->funnel };
    return walk(&r, a, now, ret);
}

enum err funnel_walk(struct engine *e, struct arena *a, const struct query *q, instant now,
                     funnel_told *told, void *arg)
{
    struct run r = { .e = e, .q = q, .f = &q->funnel, .told = told, .arg = arg };
    struct result none = { 0 };
    return walk(&r, a, now, &none);
}
