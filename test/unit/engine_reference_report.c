/* Retention and trend, by the words of query.h. */
#include "engine_reference_internal.h"

#include "base/time.h"

day calendar_first(enum period_unit unit, day d)
{
    int year, month, of_month;
    day_to_ymd(d, &year, &month, &of_month);
    if (unit == UNIT_WEEK)
        return (day) { d.n - day_weekday(d) };
    return unit == UNIT_MONTH ? day_from_ymd(year, month, 1) : d;
}

instant calendar_begins(enum period_unit unit, day first, i64 n)
{
    int year, month, of_month;
    day_to_ymd(first, &year, &month, &of_month);
    i64 months = year * 12 + month - 1 + n;
    if (unit == UNIT_MONTH)
        return day_start(day_from_ymd((int)(months / 12), (int)(months % 12) + 1, 1));
    return day_start((day) { first.n + n * (unit == UNIT_WEEK ? 7 : 1) });
}

/* Of two first days: how many periods the other is later. */
static i64 periods_between(enum period_unit unit, day first, day other)
{
    int year, month, of_month, other_year, other_month;
    day_to_ymd(first, &year, &month, &of_month);
    day_to_ymd(other, &other_year, &other_month, &of_month);
    if (unit == UNIT_MONTH)
        return (other_year - year) * 12 + other_month - month;
    return (other.n - first.n) / (unit == UNIT_WEEK ? 7 : 1);
}

/* Somebody who is in a cohort. */
struct member {
    const struct life *life;
    size_t start; /* their start fact: its place among their facts */
    day cohort;
};

struct cohort_group {
    struct group_key key;
    VEC(struct member) members;
};
struct cohort_groups {
    VEC(struct cohort_group) all;
};

static void member_add(const struct asked *x, struct cohort_groups *g, struct member m)
{
    struct keys keys = { &(struct group_key) { 0 }, 1 };
    if (x->q->breakdown_count)
        keys = keys_of(x, x->q->breakdowns, m.life, m.life->facts[m.start]);
    for (size_t k = 0; k < keys.n; k++) {
        size_t i = 0;
        while (i < g->all.n && group_key_compare(&g->all.at[i].key, &keys.at[k]) != 0)
            i++;
        if (i == g->all.n)
            vec_push(x->a, &g->all)->key = keys.at[k];
        *vec_push(x->a, &g->all.at[i].members) = m;
    }
}

static void members_of(const struct asked *x, struct cohort_groups *g, const struct life *l)
{
    const struct retention *r = &x->q->retention;
    i64 last = NONE; /* the period that was added last */
    for (size_t i = 0; i < l->n; i++) {
        if (!match_holds(&r->start, l->facts[i]))
            continue;
        day cohort = calendar_first(r->unit, day_of(l->facts[i]->at));
        if (in_range(x->q, l->facts[i]) && cohort.n != last)
            member_add(x, g, (struct member) { l, i, cohort });
        if (!r->every)
            return;
        if (in_range(x->q, l->facts[i]))
            last = cohort.n;
    }
}

/* Which period after the member's own a fact lies in; less than 0: it does not count. */
static i64 period_after(const struct retention *r, const struct member *m, size_t at)
{
    const struct fact *start = m->life->facts[m->start], *f = m->life->facts[at];
    if (!r->every && at <= m->start)
        return -1;
    if (r->unit == UNIT_ROLLING)
        return (f->at.ms - start->at.ms) / DAY_MS;
    return periods_between(r->unit, m->cohort, calendar_first(r->unit, day_of(f->at)));
}

struct cell {
    i64 low, end; /* periods: low … end - 1 */
};

static struct cell cell_of(const struct retention *r, size_t cell)
{
    if (r->bracket_count)
        return (struct cell) { r->brackets[cell], r->brackets[cell + 1] };
    return (struct cell) { (i64)cell, (i64)cell + 1 };
}

static size_t cells_of(const struct retention *r)
{
    return r->bracket_count ? r->bracket_count - 1 : r->periods;
}

/* 1 or 0, or the value, and whether there is any return fact. */
static __int128 cell_figure(const struct retention *r, const struct member *m, struct cell c,
                            bool *ret_there)
{
    bool there = false;
    __int128 sum = 0;
    for (size_t i = 0; i < m->life->n; i++) {
        const struct fact *f = m->life->facts[i];
        if (!match_holds(&r->back, f))
            continue;
        i64 n = period_after(r, m, i);
        if (n < c.low || (n >= c.end && !r->or_after))
            continue;
        there = true;
        const struct value *v = r->value.len ? prop_of(f, r->value) : NULL;
        sum += v && v->kind == VALUE_NUMBER ? v->number : 0;
    }
    *ret_there = there;
    return r->value.len ? sum : there;
}

static bool cell_complete(const struct asked *x, day cohort, struct cell c)
{
    enum period_unit unit = x->q->retention.unit;
    if (unit == UNIT_ROLLING) /* for who started at the day's end */
        return day_start((day) { cohort.n + 1 }).ms + c.end * DAY_MS <= x->now.ms;
    return calendar_begins(unit, cohort, c.end).ms <= x->now.ms;
}

static struct cohort cohort_new(const struct asked *x, day start)
{
    size_t cells = cells_of(&x->q->retention);
    return (struct cohort) { start, 0, NEW_N(x->a, i64, cells), NEW_N(x->a, i64, cells) };
}

static int cohort_order(const void *a, const void *b)
{
    const struct cohort *x = a, *y = b;
    return (x->start.n > y->start.n) - (x->start.n < y->start.n);
}

/* Of a cohort's members. */
static __int128 cohort_sum(const struct retention *r, const struct cohort_group *g, day cohort,
                           struct cell c)
{
    __int128 sum = 0;
    bool there;
    for (size_t m = 0; m < g->members.n; m++)
        if (g->members.at[m].cohort.n == cohort.n)
            sum += cell_figure(r, &g->members.at[m], c, &there);
    return sum;
}

static struct retention_group cohorts_of(const struct asked *x, const struct cohort_group *g)
{
    const struct retention *r = &x->q->retention;
    struct retention_group ret = { .key = g->key, .overall = cohort_new(x, (day) { NONE }) };
    VEC(struct cohort) cohorts = { 0 };
    for (size_t m = 0; m < g->members.n; m++) {
        size_t i = 0;
        while (i < cohorts.n && cohorts.at[i].start.n != g->members.at[m].cohort.n)
            i++;
        if (i == cohorts.n)
            *vec_push(x->a, &cohorts) = cohort_new(x, g->members.at[m].cohort);
        cohorts.at[i].people++;
    }
    for (size_t c = 0; c < cells_of(r); c++) {
        __int128 overall = 0;
        for (struct cohort *one = cohorts.at; one < cohorts.at + cohorts.n; one++) {
            __int128 sum = cohort_sum(r, g, one->start, cell_of(r, c));
            one->cells[c] = sum_shown(sum);
            if (!cell_complete(x, one->start, cell_of(r, c)))
                continue;
            one->base[c] = one->people;
            ret.overall.base[c] += one->people;
            overall += sum;
        }
        ret.overall.cells[c] = sum_shown(overall);
    }
    for (size_t i = 0; i < cohorts.n; i++)
        ret.overall.people += cohorts.at[i].people;
    if (cohorts.n)
        qsort(cohorts.at, cohorts.n, sizeof *cohorts.at, cohort_order);
    ret.cohorts = cohorts.at;
    ret.cohort_count = cohorts.n;
    return ret;
}

static int retention_order(const void *a, const void *b)
{
    const struct retention_group *x = a, *y = b;
    return group_order(x->overall.people, y->overall.people, &x->key, &y->key, 1);
}

static bool member_behind(const struct asked *x, const struct member *m)
{
    const struct behind *b = &x->q->behind;
    const struct retention *r = &x->q->retention;
    bool there;
    if (b->cohort.n != NONE && b->cohort.n != m->cohort.n)
        return false;
    if (b->cell == NONE)
        return true;
    struct cell c = cell_of(r, (size_t)b->cell);
    if (b->cohort.n == NONE && !cell_complete(x, m->cohort, c))
        return false;
    cell_figure(r, m, c, &there);
    return b->lost ? !there : there;
}

void retention_behind(const struct asked *x, struct ids *ret)
{
    struct cohort_groups g = { 0 };
    for (size_t i = 0; i < x->life_count; i++)
        members_of(x, &g, &x->lives[i]);
    for (size_t i = 0; i < g.all.n; i++)
        for (size_t m = 0; m < g.all.at[i].members.n; m++)
            if (group_key_compare(&g.all.at[i].key, &x->q->behind.groups[0]) == 0 &&
                member_behind(x, &g.all.at[i].members.at[m]))
                *vec_push(x->a, ret) = g.all.at[i].members.at[m].life->person->id;
}

void retention_ask(const struct asked *x, struct retention_result *ret)
{
    struct cohort_groups g = { 0 };
    if (!x->q->breakdown_count)
        vec_push(x->a, &g.all);
    for (size_t i = 0; i < x->life_count; i++)
        members_of(x, &g, &x->lives[i]);
    *ret = (struct retention_result) { cells_of(&x->q->retention),
                                       NEW_N(x->a, struct retention_group, g.all.n), g.all.n };
    for (size_t i = 0; i < g.all.n; i++)
        ret->groups[i] = cohorts_of(x, &g.all.at[i]);
    qsort(ret->groups, ret->group_count, sizeof *ret->groups, retention_order);
}

/* The facts of a group, in the order of persons. */
struct fact_group {
    struct group_key keys[QUERY_BREAKDOWNS_MAX];
    VEC(const struct fact *) facts;
};
struct fact_groups {
    VEC(struct fact_group) all;
};

static void fact_add(const struct asked *x, struct fact_groups *g, const struct life *l,
                     const struct fact *f)
{
    struct group_key none = { 0 };
    struct keys keys[QUERY_BREAKDOWNS_MAX];
    for (size_t b = 0; b < QUERY_BREAKDOWNS_MAX; b++)
        keys[b] = b < x->q->breakdown_count ? keys_of(x, &x->q->breakdowns[b], l, f)
                                            : (struct keys) { &none, 1 };
    for (size_t k = 0; k < keys[0].n * keys[1].n; k++) {
        const struct group_key *first = &keys[0].at[k / keys[1].n],
                               *second = &keys[1].at[k % keys[1].n];
        size_t i = 0;
        while (i < g->all.n && (group_key_compare(&g->all.at[i].keys[0], first) != 0 ||
                                group_key_compare(&g->all.at[i].keys[1], second) != 0))
            i++;
        if (i == g->all.n)
            *vec_push(x->a, &g->all) = (struct fact_group) { .keys = { *first, *second } };
        *vec_push(x->a, &g->all.at[i].facts) = f;
    }
}

/* The figures of the group's facts in [start, end). */
static struct trend_point point_of(const struct asked *x, const struct fact_group *g, instant start,
                                   instant end)
{
    const struct trend *t = &x->q->trend;
    struct trend_point p = { .start = start, .quantile = NONE };
    VEC(i64) numbers = { 0 };
    i64 person = NONE;
    __int128 sum = 0;
    for (size_t i = 0; i < g->facts.n; i++) {
        const struct fact *f = g->facts.at[i];
        if (f->at.ms < start.ms || f->at.ms >= end.ms)
            continue;
        p.count++;
        p.people += f->person != person;
        person = f->person;
        const struct value *v = t->prop.len ? prop_of(f, t->prop) : NULL;
        if (!v || v->kind != VALUE_NUMBER)
            continue;
        sum += v->number;
        *vec_push(x->a, &numbers) = v->number;
    }
    p.numbers = (i64)numbers.n;
    p.sum = sum_shown(sum);
    if (t->figure == FIGURE_QUANTILE && numbers.n) {
        size_t at = numbers.n * (size_t)t->permille / 1000;
        p.quantile = element(x->a, numbers.at, numbers.n, MIN(at, numbers.n - 1));
    }
    return p;
}

static int trend_order(const void *a, const void *b)
{
    const struct trend_group *x = a, *y = b;
    return group_order(x->total.count, y->total.count, x->keys, y->keys, QUERY_BREAKDOWNS_MAX);
}

static void groups_of(const struct asked *x, struct fact_groups *g)
{
    for (size_t i = 0; i < x->life_count; i++)
        for (size_t f = 0; f < x->lives[i].n; f++)
            if (in_range(x->q, x->lives[i].facts[f]) &&
                match_holds(&x->q->trend.match, x->lives[i].facts[f]))
                fact_add(x, g, &x->lives[i], x->lives[i].facts[f]);
}

void trend_behind(const struct asked *x, struct ids *ret)
{
    const struct behind *b = &x->q->behind;
    struct fact_groups g = { 0 };
    instant *starts;
    size_t n;
    periods_of(x->a, x->q->trend.unit, x->q->since, x->q->until, &starts, &n);
    groups_of(x, &g);
    for (size_t i = 0; i < g.all.n; i++)
        for (size_t p = 0; p < n; p++) {
            if (group_key_compare(&g.all.at[i].keys[0], &b->groups[0]) != 0 ||
                group_key_compare(&g.all.at[i].keys[1], &b->groups[1]) != 0 ||
                (b->period.ms && b->period.ms != starts[p].ms))
                continue;
            for (size_t f = 0; f < g.all.at[i].facts.n; f++)
                if (g.all.at[i].facts.at[f]->at.ms >= starts[p].ms &&
                    g.all.at[i].facts.at[f]->at.ms < starts[p + 1].ms)
                    *vec_push(x->a, ret) = g.all.at[i].facts.at[f]->person;
        }
}

void trend_ask(const struct asked *x, struct trend_result *ret)
{
    struct fact_groups g = { 0 };
    instant *starts;
    size_t n;
    periods_of(x->a, x->q->trend.unit, x->q->since, x->q->until, &starts, &n);
    if (!x->q->breakdown_count)
        vec_push(x->a, &g.all);
    groups_of(x, &g);
    *ret = (struct trend_result) { n, NEW_N(x->a, struct trend_group, g.all.n), g.all.n };
    for (size_t i = 0; i < g.all.n; i++) {
        struct trend_group *to = &ret->groups[i];
        memcpy(to->keys, g.all.at[i].keys, sizeof to->keys);
        to->points = NEW_N(x->a, struct trend_point, n);
        for (size_t p = 0; p < n; p++)
            to->points[p] = point_of(x, &g.all.at[i], starts[p], starts[p + 1]);
        to->total = point_of(x, &g.all.at[i], starts[0], starts[n]);
    }
    qsort(ret->groups, ret->group_count, sizeof *ret->groups, trend_order);
}
