/* Life cycle and stickiness, by the words of query.h: every period, and in it everybody. */
#include "engine_reference_internal.h"

#include "base/time.h"

struct people_group {
    struct group_key key;
    VEC(const struct life *) lives;
};
struct people_groups {
    VEC(struct people_group) all;
};

/* The n-th period after the first that is told; before it where n is below 0. */
struct periods {
    enum period_unit unit;
    day first;
    i64 count;
};

static instant begins(const struct periods *p, i64 n)
{
    return calendar_begins(p->unit, p->first, n);
}

static struct periods periods_told(const struct asked *x)
{
    enum period_unit unit = x->q->activity.unit;
    struct periods p = { unit, calendar_first(unit, day_of(x->q->since)), 0 };
    while (begins(&p, p.count).ms < x->q->until.ms && begins(&p, p.count).ms <= x->now.ms)
        p.count++;
    return p;
}

/* How many of the facts that match lie in periods from … end - 1. */
static i64 facts_in(const struct asked *x, const struct periods *p, const struct life *l, i64 from,
                    i64 end)
{
    i64 found = 0, low = begins(p, from).ms, high = begins(p, end).ms;
    for (size_t i = 0; i < l->n; i++)
        found += l->facts[i]->at.ms >= low && l->facts[i]->at.ms < high &&
                 match_holds(&x->q->activity.match, l->facts[i]);
    return found;
}

static bool is_active(const struct asked *x, const struct periods *p, const struct life *l, i64 n)
{
    return facts_in(x, p, l, n, n + 1) > 0;
}

static bool was_ever_before(const struct asked *x, const struct periods *p, const struct life *l,
                            i64 n)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->facts[i]->at.ms < begins(p, n).ms && match_holds(&x->q->activity.match, l->facts[i]))
            return true;
    return false;
}

static i64 periods_active(const struct asked *x, const struct periods *p, const struct life *l,
                          i64 from, i64 end)
{
    i64 found = 0;
    for (; from < end; from++)
        found += is_active(x, p, l, from);
    return found;
}

static void point_add(const struct asked *x, const struct periods *p, const struct life *l, i64 n,
                      struct activity_point *to)
{
    bool active = is_active(x, p, l, n), before = is_active(x, p, l, n - 1),
         ever = was_ever_before(x, p, l, n);
    to->active += active;
    if (x->q->kind == QUERY_STICKINESS) {
        to->recent += facts_in(x, p, l, n + 1 - (i64)x->q->activity.window, n + 1) > 0;
        return;
    }
    to->fresh += active && !ever;
    to->returning += active && before;
    to->resurrected += active && ever && !before;
    to->dormant += before && !active;
}

static bool counts(const struct asked *x, const struct periods *p, const struct life *l)
{
    i64 before = x->q->kind == QUERY_LIFE ? 1 : (i64)x->q->activity.window - 1;
    return p->count && facts_in(x, p, l, -before, p->count) > 0;
}

static void person_add(const struct asked *x, struct people_groups *g, const struct life *l)
{
    struct keys keys = { &(struct group_key) { 0 }, 1 };
    if (x->q->breakdown_count)
        keys = keys_of(x, x->q->breakdowns, l, NULL);
    for (size_t k = 0; k < keys.n; k++) {
        size_t i = 0;
        while (i < g->all.n && group_key_compare(&g->all.at[i].key, &keys.at[k]) != 0)
            i++;
        if (i == g->all.n)
            vec_push(x->a, &g->all)->key = keys.at[k];
        *vec_push(x->a, &g->all.at[i].lives) = l;
    }
}

static struct activity_group group_of(const struct asked *x, const struct periods *p,
                                      const struct people_group *g)
{
    i64 window = (i64)x->q->activity.window;
    struct activity_group ret = { .key = g->key,
                                  .people = (i64)g->lives.n,
                                  .points = NEW_N(x->a, struct activity_point, (size_t)p->count),
                                  .days = NEW_N(x->a, i64, (size_t)window) };
    for (i64 n = 0; n < p->count; n++) {
        ret.points[n].start = begins(p, n);
        ret.points[n].complete = begins(p, n + 1).ms <= x->now.ms;
        for (size_t i = 0; i < g->lives.n; i++)
            point_add(x, p, g->lives.at[i], n, &ret.points[n]);
    }
    for (size_t i = 0; window && i < g->lives.n; i++) {
        i64 days = periods_active(x, p, g->lives.at[i], p->count - window, p->count);
        if (days)
            ret.days[days - 1]++;
    }
    return ret;
}

static int activity_order(const void *a, const void *b)
{
    const struct activity_group *x = a, *y = b;
    return group_order(x->people, y->people, &x->key, &y->key, 1);
}

static bool bar_has(const struct asked *x, const struct activity_point *p)
{
    switch (x->q->behind.as) {
    case AS_ACTIVE: return p->active;
    case AS_NEW: return p->fresh;
    case AS_RETURNING: return p->returning;
    case AS_RESURRECTED: return p->resurrected;
    case AS_DORMANT: return p->dormant;
    case AS_RECENT: return p->recent;
    }
    return false;
}

static bool life_behind(const struct asked *x, const struct periods *p, const struct life *l)
{
    const struct behind *b = &x->q->behind;
    if (b->days)
        return p->count &&
               b->days == periods_active(x, p, l, p->count - (i64)x->q->activity.window, p->count);
    for (i64 n = 0; n < p->count; n++) {
        struct activity_point point = { 0 };
        point_add(x, p, l, n, &point);
        if ((!b->period.ms || b->period.ms == begins(p, n).ms) && bar_has(x, &point))
            return true;
    }
    return false;
}

void activity_behind(const struct asked *x, struct ids *ret)
{
    struct people_groups g = { 0 };
    struct periods p = periods_told(x);
    for (size_t i = 0; i < x->life_count; i++)
        person_add(x, &g, &x->lives[i]);
    for (size_t i = 0; i < g.all.n; i++)
        for (size_t n = 0; n < g.all.at[i].lives.n; n++)
            if (group_key_compare(&g.all.at[i].key, &x->q->behind.groups[0]) == 0 &&
                life_behind(x, &p, g.all.at[i].lives.at[n]))
                *vec_push(x->a, ret) = g.all.at[i].lives.at[n]->person->id;
}

void activity_ask(const struct asked *x, struct activity_result *ret)
{
    struct people_groups g = { 0 };
    struct periods p = periods_told(x);
    if (!x->q->breakdown_count)
        vec_push(x->a, &g.all);
    for (size_t i = 0; i < x->life_count; i++)
        if (counts(x, &p, &x->lives[i]))
            person_add(x, &g, &x->lives[i]);
    *ret = (struct activity_result) { (size_t)p.count, NEW_N(x->a, struct activity_group, g.all.n),
                                      g.all.n };
    for (size_t i = 0; i < g.all.n; i++)
        ret->groups[i] = group_of(x, &p, &g.all.at[i]);
    if (g.all.n)
        qsort(ret->groups, g.all.n, sizeof *ret->groups, activity_order);
}
