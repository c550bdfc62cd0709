/* Funnels, by the words of query.h. */
#include "engine_reference_internal.h"

struct chain {
    size_t level;               /* steps that are done */
    const struct fact *entry;   /* whose properties count */
    i64 times[QUERY_STEPS_MAX]; /* ORDER_ANY: none */
};

struct group {
    struct group_key key;
    VEC(struct chain) units;
};

struct groups {
    VEC(struct group) all;
};

/* At each fact, for each step it matches (later steps first), the chain that ended with the latest
 * fact of the step before is taken further. `only`: the first first step in the range begins, and
 * no other. */
static struct chain chain_in_order(const struct query *q, const struct fact *const *facts, size_t n,
                                   bool only)
{
    const struct funnel *f = &q->funnel;
    struct chain ended[QUERY_STEPS_MAX] = { 0 }, best = { 0 };
    bool begun = false;
    for (size_t i = 0; i < n; i++) {
        for (size_t x = 0; x < f->exclusion_count; x++)
            if (match_holds(&f->exclusions[x].match, facts[i]))
                ended[f->exclusions[x].after - 1].level = 0;
        for (size_t step = f->step_count; step-- > 0;) {
            struct chain next = { .entry = facts[i] };
            if (!match_holds(&f->steps[step], facts[i]))
                continue;
            if (step)
                next = ended[step - 1];
            if (step ? !next.level || facts[i]->at.ms > next.times[0] + f->window_ms
                     : !in_range(q, facts[i]) || (only && begun))
                continue;
            begun = true;
            next.times[step] = facts[i]->at.ms;
            next.level = step + 1;
            ended[step] = next;
            if (next.level > best.level)
                best = next;
        }
    }
    return best;
}

static bool is_step(const struct funnel *f, const struct fact *fact)
{
    for (size_t step = 0; step < f->step_count; step++)
        if (match_holds(&f->steps[step], fact))
            return true;
    return false;
}

/* Facts that match a step, the others away. */
static size_t steps_only(const struct funnel *f, const struct fact *const *facts, size_t n,
                         const struct fact **ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (is_step(f, facts[i]))
            ret[kept++] = facts[i];
    return kept;
}

static struct chain chain_strict(const struct query *q, const struct fact *const *facts, size_t n)
{
    const struct funnel *f = &q->funnel;
    struct chain best = { 0 };
    for (size_t i = 0; i < n; i++) {
        struct chain c = { .entry = facts[i] };
        if (!match_holds(&f->steps[0], facts[i]) || !in_range(q, facts[i]))
            continue;
        for (; c.level < f->step_count && i + c.level < n; c.level++) {
            const struct fact *fact = facts[i + c.level];
            if (!match_holds(&f->steps[c.level], fact) ||
                fact->at.ms > facts[i]->at.ms + f->window_ms)
                break;
            c.times[c.level] = fact->at.ms;
        }
        if (c.level > best.level)
            best = c;
        if (f->entry == ENTRY_FIRST)
            break;
    }
    return best;
}

static struct chain chain_any_order(const struct query *q, const struct fact *const *facts,
                                    size_t n)
{
    const struct funnel *f = &q->funnel;
    struct chain best = { 0 };
    for (size_t i = 0; i < n; i++) {
        struct chain c = { .entry = facts[i] };
        if (!in_range(q, facts[i]))
            continue;
        for (size_t step = 0; step < f->step_count; step++) {
            bool there = false;
            for (size_t j = i; j < n; j++)
                there |= match_holds(&f->steps[step], facts[j]) &&
                         facts[j]->at.ms <= facts[i]->at.ms + f->window_ms;
            c.level += there;
        }
        if (c.level > best.level)
            best = c;
        if (f->entry == ENTRY_FIRST)
            break;
    }
    return best;
}

static struct chain chain_of(const struct query *q, const struct fact *const *facts, size_t n)
{
    const struct funnel *f = &q->funnel;
    if (f->order == ORDER_IN)
        return chain_in_order(q, facts, n, f->entry == ENTRY_FIRST);
    const struct fact **steps = xcalloc(n + 1, sizeof *steps);
    size_t kept = steps_only(f, facts, n, steps);
    struct chain c =
        f->order == ORDER_STRICT ? chain_strict(q, steps, kept) : chain_any_order(q, steps, kept);
    free(steps);
    return c;
}

static void unit_add(const struct asked *x, struct groups *g, const struct life *l,
                     struct chain chain)
{
    struct keys keys = { &(struct group_key) { 0 }, 1 };
    if (!chain.level)
        return;
    if (x->q->breakdown_count)
        keys = keys_of(x, x->q->breakdowns, l, chain.entry);
    for (size_t k = 0; k < keys.n; k++) {
        size_t i = 0;
        while (i < g->all.n && group_key_compare(&g->all.at[i].key, &keys.at[k]) != 0)
            i++;
        if (i == g->all.n)
            vec_push(x->a, &g->all)->key = keys.at[k];
        *vec_push(x->a, &g->all.at[i].units) = chain;
    }
}

static bool begins_entry(const struct query *q, const struct fact *f)
{
    return match_holds(&q->funnel.steps[0], f) && in_range(q, f);
}

/* Each first step begins an entry and ends the one before, which it may still take further. */
static void entries_any(const struct asked *x, struct groups *g, const struct life *l)
{
    for (size_t i = 0, end; i < l->n; i++) {
        if (!begins_entry(x->q, l->facts[i]))
            continue;
        for (end = i + 1; end < l->n && !begins_entry(x->q, l->facts[end]);)
            end++;
        end += end < l->n;
        unit_add(x, g, l, chain_in_order(x->q, l->facts + i, end - i, true));
    }
}

/* One entry at a time: until it is complete, or its window is over. The fact that completes it may
 * begin the next. */
static void entries_first(const struct asked *x, struct groups *g, const struct life *l)
{
    const struct funnel *f = &x->q->funnel;
    for (size_t i = 0, end; i < l->n;) {
        if (!begins_entry(x->q, l->facts[i])) {
            i++;
            continue;
        }
        struct chain c = { 0 };
        for (end = i; end < l->n && c.level < f->step_count; end++) {
            if (l->facts[end]->at.ms > l->facts[i]->at.ms + f->window_ms)
                break;
            c = chain_in_order(x->q, l->facts + i, end + 1 - i, true);
        }
        unit_add(x, g, l, c);
        i = c.level == f->step_count ? end - 1 : end;
    }
}

static void held_units(const struct asked *x, struct groups *g, const struct life *l)
{
    const struct fact **facts = xcalloc(l->n + 1, sizeof *facts);
    str held = x->q->funnel.held;
    for (size_t i = 0; i < l->n; i++) {
        size_t n = 0;
        bool before = false;
        if (!prop_of(l->facts[i], held))
            continue;
        struct group_key key = { true, *prop_of(l->facts[i], held) };
        for (size_t j = 0; j < l->n; j++) {
            const struct value *v = prop_of(l->facts[j], held);
            if (!v || group_key_compare(&(struct group_key) { true, *v }, &key) != 0)
                continue;
            before |= j < i; /* this value has been counted */
            facts[n++] = l->facts[j];
        }
        if (!before)
            unit_add(x, g, l, chain_of(x->q, facts, n));
    }
    free(facts);
}

static void quartiles(struct arena *a, const i64 *ms, size_t n, i64 ret[QUARTILES])
{
    for (size_t i = 0; i < QUARTILES; i++)
        ret[i] = n ? element(a, ms, n, n * (i + 1) / 4) : NONE;
}

/* Of the units that got to `step`: how long from `from` to it. */
static void times_between(const struct asked *x, const struct group *g, size_t from, size_t step,
                          i64 ret[QUARTILES])
{
    VEC(i64) ms = { 0 };
    for (size_t u = 0; x->q->funnel.order != ORDER_ANY && step && u < g->units.n; u++)
        if (g->units.at[u].level > step)
            *vec_push(x->a, &ms) = g->units.at[u].times[step] - g->units.at[u].times[from];
    quartiles(x->a, ms.at, ms.n, ret);
}

static struct funnel_group group_result(const struct asked *x, const struct group *g)
{
    size_t steps = x->q->funnel.step_count;
    struct funnel_group r = { .key = g->key };
    for (size_t step = 0; step < QUERY_STEPS_MAX; step++) {
        for (size_t u = 0; u < g->units.n; u++)
            r.reached[step] += g->units.at[u].level > step;
        times_between(x, g, step ? step - 1 : 0, step, r.quartile_ms[step]);
    }
    times_between(x, g, 0, steps - 1, r.total_ms);
    return r;
}

static int funnel_order_of(const void *a, const void *b)
{
    const struct funnel_group *x = a, *y = b;
    return group_order(x->reached[0], y->reached[0], &x->key, &y->key, 1);
}

static void units_of(const struct asked *x, struct groups *g)
{
    if (!x->q->breakdown_count)
        vec_push(x->a, &g->all);
    for (size_t i = 0; i < x->life_count; i++) {
        const struct life *l = &x->lives[i];
        switch (x->q->funnel.count) {
        case COUNT_PERSON: unit_add(x, g, l, chain_of(x->q, l->facts, l->n)); break;
        case COUNT_HELD: held_units(x, g, l); break;
        case COUNT_ENTRY:
            if (x->q->funnel.entry == ENTRY_ANY)
                entries_any(x, g, l);
            else
                entries_first(x, g, l);
        }
    }
}

size_t funnel_times(const struct query *q, const struct life *l, i64 ret[QUERY_STEPS_MAX])
{
    struct chain c = chain_of(q, l->facts, l->n);
    memcpy(ret, c.times, sizeof c.times);
    return c.level;
}

void funnel_behind(const struct asked *x, struct ids *ret)
{
    const struct behind *b = &x->q->behind;
    struct groups g = { 0 };
    units_of(x, &g);
    for (size_t i = 0; i < g.all.n; i++)
        for (size_t u = 0; u < g.all.at[i].units.n; u++) {
            const struct chain *c = &g.all.at[i].units.at[u];
            if (group_key_compare(&g.all.at[i].key, &b->groups[0]) == 0 &&
                (b->stopped ? c->level + 1 == b->step : c->level >= b->step))
                *vec_push(x->a, ret) = c->entry->person;
        }
}

void funnel_ask(const struct asked *x, struct funnel_result *ret)
{
    struct groups g = { 0 };
    units_of(x, &g);
    *ret = (struct funnel_result) { x->q->funnel.step_count,
                                    NEW_N(x->a, struct funnel_group, g.all.n), g.all.n };
    for (size_t i = 0; i < g.all.n; i++)
        ret->groups[i] = group_result(x, &g.all.at[i]);
    qsort(ret->groups, ret->group_count, sizeof *ret->groups, funnel_order_of);
}

size_t funnel_level(const struct query *q, const struct fact *const *facts, size_t n)
{
    return chain_of(q, facts, n).level;
}

/* The deepest level of the chains that go on from facts[at], which is their step `level`. */
static size_t deepest(const struct query *q, const struct fact *const *facts, size_t n,
                      size_t level, size_t start, size_t at)
{
    const struct funnel *f = &q->funnel;
    size_t best = level;
    for (size_t i = at + 1; level < f->step_count && i < n; i++) {
        bool over = facts[i]->at.ms > facts[start]->at.ms + f->window_ms;
        for (size_t x = 0; x < f->exclusion_count; x++)
            over |=
                f->exclusions[x].after == level && match_holds(&f->exclusions[x].match, facts[i]);
        if (over)
            break;
        if (match_holds(&f->steps[level], facts[i])) {
            size_t found = deepest(q, facts, n, level + 1, start, i);
            best = MAX(best, found);
        }
        if (f->order == ORDER_STRICT && is_step(f, facts[i]))
            break;
    }
    return best;
}

size_t funnel_level_exhaustive(const struct query *q, const struct fact *const *facts, size_t n)
{
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        if (!begins_entry(q, facts[i]))
            continue;
        size_t found = deepest(q, facts, n, 1, i, i);
        best = MAX(best, found);
        if (q->funnel.entry == ENTRY_FIRST)
            break;
    }
    return best;
}
