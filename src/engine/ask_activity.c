/* Life cycle and stickiness. The rules stand in query.h. */
#include "engine/activity.h"
#include "engine/behind.h"

#define EARLIER (-1) /* before the periods that are looked at */

struct part {
    struct people_work *work;
    struct hits hits;
    struct key_list keys;
    struct tallies tallies;
    i64 *active; /* periods of one person, ascending */
    bool behind; /* they are one of those behind the bar */
};

struct run {
    struct engine *e;
    const struct query *q;
    struct people_ready *people;
    struct ready match;
    struct breakdown_ready breakdown;
    struct activity_plan plan;
    struct behind_ready behind;
    struct activity_bar bar;
    i64 before, end; /* periods that are told: before … end - 1 */
    size_t places;
    struct part *parts;
};

/* Where one person's figures go. */
struct to {
    const struct run *r;
    i64 *row;     /* of a group; or … */
    bool *behind; /* … whether something of theirs is at the bar */
};

static void add_from_to(struct to to, enum activity_figure figure, i64 from, i64 end)
{
    const struct activity_bar *bar = &to.r->bar;
    if (to.behind) {
        *to.behind |= figure == bar->figure &&
                      (bar->place == NONE || (bar->place >= from && bar->place < end));
        return;
    }
    i64 *at = &to.row[(size_t)figure * to.r->places];
    at[from]++;
    if (figure == ACTIVITY_RECENT)
        at[end]--;
}

static void add(struct to to, enum activity_figure figure, i64 place)
{
    add_from_to(to, figure, place, place + 1);
}

static void life(struct to to, const i64 *active, size_t n)
{
    const struct run *r = to.r;
    for (size_t i = 0; i < n; i++) {
        i64 at = active[i], next = at + 1;
        if (at >= r->before) {
            add(to, ACTIVITY_ACTIVE, at - r->before);
            add(to,
                !i                        ? ACTIVITY_FRESH
                : active[i - 1] + 1 == at ? ACTIVITY_RETURNING
                                          : ACTIVITY_RESURRECTED,
                at - r->before);
        }
        if (at != EARLIER && next < r->end && (i + 1 == n || active[i + 1] != next))
            add(to, ACTIVITY_DORMANT, next - r->before);
    }
}

static void stickiness(struct to to, const i64 *active, size_t n)
{
    const struct run *r = to.r;
    i64 window = (i64)r->q->activity.window, days = 0;
    for (size_t i = 0; i < n; i++) {
        i64 at = active[i], from = MAX(at, r->before), end = MIN(at + window, r->end);
        if (i + 1 < n)
            end = MIN(end, active[i + 1]);
        if (at >= r->before)
            add(to, ACTIVITY_ACTIVE, at - r->before);
        if (from < end)
            add_from_to(to, ACTIVITY_RECENT, from - r->before, end - r->before);
        days += at >= r->end - window;
    }
    if (days)
        add(to, ACTIVITY_DAYS, days - 1);
}

/* The periods in which the person has one of these. */
static size_t periods(const struct run *r, struct part *p, const struct hit *hits, size_t n)
{
    size_t count = 0;
    i64 over = INT64_MIN; /* end of the period that was met last */
    for (size_t i = 0; i < n; i++) {
        i64 time = hits[i].time, at = EARLIER;
        if (time < over)
            continue;
        over = r->plan.starts[0].ms;
        if (time >= over) {
            at = (i64)period_at(r->plan.starts, (size_t)r->end, time);
            over = r->plan.starts[at + 1].ms;
        }
        p->active[count++] = at;
    }
    return count;
}

static void tell(const struct run *r, struct part *p, uint32_t ordinal, size_t n)
{
    void (*of)(struct to, const i64 *, size_t) = r->q->kind == QUERY_LIFE ? life : stickiness;
    breakdown_keys(&r->breakdown, ordinal, NULL, NULL, &p->keys);
    if (r->behind.asked) {
        p->behind = false;
        of((struct to) { r, NULL, &p->behind }, p->active, n);
        if (p->behind && !r->bar.nobody && behind_group(&r->behind, 0, &p->keys))
            behind_add(&r->behind, ordinal);
        return;
    }
    for (size_t k = 0; k < p->keys.n; k++) {
        struct to to = { r, tally_row(&p->tallies, &p->keys.at[k]), NULL };
        add(to, ACTIVITY_PEOPLE, 0);
        of(to, p->active, n);
    }
}

static void activity_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    uint64_t people[BLOCK_WORDS];
    people_of(r->e, r->people, p->work, block, people);
    hits_of(&r->match, block, &p->hits);
    for (size_t from = 0, end; from < p->hits.n && !work_full(); from = end) {
        uint32_t who = p->hits.at[from].who, ordinal = (uint32_t)(block * BLOCK + who);
        for (end = from; end < p->hits.n && p->hits.at[end].who == who;)
            end++;
        if (!(people[who / 64] >> (who % 64) & 1))
            continue;
        size_t n = periods(r, p, &p->hits.at[from], end - from);
        if (n == 1 && p->active[0] == EARLIER)
            continue; /* they count nowhere */
        tell(r, p, ordinal, n);
    }
}

static void part_done(struct part *p)
{
    people_work_free(p->work);
    hits_done(&p->hits);
    key_list_done(&p->keys);
    tallies_done(&p->tallies);
    free(p->active);
}

static void show(struct run *r, struct arena *a, struct tallies *t, instant now,
                 struct activity_result *ret)
{
    if (!r->q->breakdown_count)
        tally_row(t, &(struct raw_key) { 0 });
    size_t count = t->places.count;
    *ret =
        (struct activity_result) { r->plan.count, NEW_N(a, struct activity_group, count), count };
    for (size_t i = 0; i < count; i++)
        ret->groups[i] =
            activity_shown(a, r->q, &r->plan, key_shown(r->e, a, &r->breakdown, &t->places.keys[i]),
                           t->rows[i], now);
    activity_sort(ret);
}

enum err ask_activity(struct engine *e, struct arena *a, const struct query *q, instant now,
                      struct result *ret)
{
    struct run r = { .e = e, .q = q };
    bool done = true;
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &r.people));
    activity_periods(a, q, now, &r.plan);
    r.before = (i64)r.plan.before;
    r.end = (i64)(r.plan.before + r.plan.count);
    r.places = activity_places(q, &r.plan);
    if (q->breakdown_count)
        breakdown_make(e, a, &q->breakdowns[0], &r.breakdown);
    behind_start(e, q, &r.breakdown, 1, &r.behind);
    r.bar = activity_bar(q, &r.plan);
    r.parts = xcalloc((size_t)e->threads, sizeof *r.parts);
    for (int i = 0; i < e->threads; i++) {
        r.parts[i].work = people_work_new();
        r.parts[i].tallies.width = ACTIVITY_FIGURES * r.places;
        r.parts[i].active = xcalloc((size_t)r.end + 1, sizeof(i64));
    }
    if (r.plan.count) {
        /* the first fact of all must be known to be the first */
        i64 from = q->kind == QUERY_LIFE ? INT64_MIN : r.plan.starts[0].ms;
        ready_make(e, a, &q->activity.match, from, MIN(r.plan.starts[r.end].ms, now.ms + 1),
                   &r.match);
        done = engine_work(e, activity_block, &r);
    }
    for (int i = 1; done && i < e->threads; i++)
        tallies_join(&r.parts[0].tallies, &r.parts[i].tallies);
    if (done && !r.behind.asked)
        show(&r, a, &r.parts[0].tallies, now, &ret->activity);
    behind_end(e, a, &r.behind, ret);
    for (int i = 0; i < e->threads; i++)
        part_done(&r.parts[i]);
    free(r.parts);
    return OK;
}
