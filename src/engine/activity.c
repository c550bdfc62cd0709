#include "engine/activity.h"

#include "base/base.h"

void activity_periods(struct arena *a, const struct query *q, instant now,
                      struct activity_plan *ret)
{
    const struct activity *x = &q->activity;
    size_t before = q->kind == QUERY_LIFE ? 1 : x->window - 1, count;
    instant until = { MIN(q->until.ms, now.ms + 1) }, first = period_start(x->unit, q->since);
    *ret = (struct activity_plan) { 0 };
    if (first.ms >= until.ms)
        return;
    for (size_t i = 0; i < before; i++)
        first = period_start(x->unit, (instant) { first.ms - 1 });
    periods_of(a, x->unit, first, until, &ret->starts, &count);
    ret->before = before;
    ret->count = count - before;
}

size_t activity_places(const struct query *q, const struct activity_plan *plan)
{
    return MAX(plan->count, q->activity.window) + 1; /* one more, where what differs ends */
}

struct activity_group activity_shown(struct arena *a, const struct query *q,
                                     const struct activity_plan *plan, struct group_key key,
                                     const i64 *figures, instant now)
{
    size_t places = activity_places(q, plan), window = q->activity.window;
    struct activity_group g = { .key = key,
                                .people = figures[ACTIVITY_PEOPLE * places],
                                .points = NEW_N(a, struct activity_point, plan->count),
                                .days = NEW_N(a, i64, window) };
    i64 recent = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const i64 *at = &figures[i];
        recent += at[ACTIVITY_RECENT * places];
        g.points[i] = (struct activity_point) {
            .start = plan->starts[plan->before + i],
            .complete = plan->starts[plan->before + i + 1].ms <= now.ms,
            .active = at[ACTIVITY_ACTIVE * places],
            .fresh = at[ACTIVITY_FRESH * places],
            .returning = at[ACTIVITY_RETURNING * places],
            .resurrected = at[ACTIVITY_RESURRECTED * places],
            .dormant = at[ACTIVITY_DORMANT * places],
            .recent = recent,
        };
    }
    for (size_t i = 0; i < window; i++)
        g.days[i] = figures[ACTIVITY_DAYS * places + i];
    return g;
}

struct activity_bar activity_bar(const struct query *q, const struct activity_plan *plan)
{
    static const enum activity_figure figures[] = {
        [AS_ACTIVE] = ACTIVITY_ACTIVE,       [AS_NEW] = ACTIVITY_FRESH,
        [AS_RETURNING] = ACTIVITY_RETURNING, [AS_RESURRECTED] = ACTIVITY_RESURRECTED,
        [AS_DORMANT] = ACTIVITY_DORMANT,     [AS_RECENT] = ACTIVITY_RECENT,
    };
    const struct behind *b = &q->behind;
    struct activity_bar bar = { figures[b->as], NONE, false };
    if (b->days)
        return (struct activity_bar) { ACTIVITY_DAYS, b->days - 1, false };
    for (size_t i = 0; b->period.ms && i < plan->count; i++)
        if (plan->starts[plan->before + i].ms == b->period.ms)
            bar.place = (i64)i;
    bar.nobody = b->period.ms && bar.place == NONE;
    return bar;
}

static int group_order(const void *pa, const void *pb)
{
    const struct activity_group *a = pa, *b = pb;
    if (a->people != b->people)
        return a->people > b->people ? -1 : 1;
    return group_key_compare(&a->key, &b->key);
}

void activity_sort(struct activity_result *r)
{
    if (r->group_count)
        qsort(r->groups, r->group_count, sizeof *r->groups, group_order);
}

static void point_out(struct json_writer *w, const struct query *q, const struct activity_point *p)
{
    json_open(w, NULL);
    json_time(w, "start", p->start);
    json_put(w, "complete", p->complete);
    json_put(w, "active", p->active);
    if (q->kind == QUERY_LIFE) {
        json_put(w, "new", p->fresh);
        json_put(w, "returning", p->returning);
        json_put(w, "resurrected", p->resurrected);
        json_put(w, "dormant", p->dormant);
    } else {
        json_put(w, "recent", p->recent);
    }
    json_close(w);
}

void activity_out(struct json_writer *w, const struct query *q, const struct activity_result *r)
{
    for (const struct activity_group *g = r->groups; g < r->groups + r->group_count; g++) {
        json_open(w, NULL);
        if (q->breakdown_count)
            key_out(w, "key", &g->key);
        json_put(w, "people", g->people);
        json_list(w, "points");
        for (size_t i = 0; i < r->point_count; i++)
            point_out(w, q, &g->points[i]);
        json_list_end(w);
        if (q->kind == QUERY_STICKINESS) {
            json_list(w, "days");
            for (size_t i = 0; i < q->activity.window; i++)
                json_put(w, NULL, g->days[i]);
            json_list_end(w);
        }
        json_close(w);
    }
}
