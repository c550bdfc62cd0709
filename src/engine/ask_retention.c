/* Retention. The rules stand in query.h. */
#include "engine/behind.h"

#include "base/time.h"

/* Of a group: for each cohort how many people, and what is in its cells. */
struct group {
    i64 *people; /* [cohort] */
    i64 *cells;  /* [cohort × cells + cell] */
    i64 *above;  /* of a value: what is above those 64 bits; NULL: nothing */
};
struct part {
    struct people_work *work;
    struct hits start, back;
    struct key_list keys;
    struct key_places places;
    struct group **groups;
    size_t group_cap;
    __int128 *figures; /* of one member, by cell */
    struct firsts *firsts;
};
/* Of a block, when quick(): of each person who started within the range, by person. */
struct firsts {
    struct rows start, back;
    struct rows_near near; /* from[]: the first start; INT64_MAX: not within the range */
    uint32_t at[BLOCK];    /* in `start` */
    uint32_t cohort[BLOCK];
    i64 *cells[BLOCK]; /* of the person's group and cohort */
    i64 none;          /* counts for nothing */
};

struct run {
    struct engine *e;
    const struct query *q;
    const struct retention *r;
    struct people_ready *people;
    struct ready start, back;
    struct breakdown_ready breakdown;
    uint32_t value;
    instant *starts; /* of the periods from the range's first until now, and the end of the last */
    size_t periods, cells;
    struct period_table table;
    uint64_t span;     /* of the longest cohort's cells, in ms; no return later than that counts */
    uint32_t *cell_at; /* by periods after the start: the last cell that begins by then, else
                          CELL_NONE … */
    size_t cell_at_count; /* … so many; later ones are as the last */
    instant now;
    struct behind_ready behind;
    struct part *parts;
};

#define CELL_NONE UINT32_MAX

struct cell {
    i64 low, end; /* periods: low … end - 1 */
};

static struct cell cell_of(const struct run *r, size_t cell)
{
    if (r->r->bracket_count)
        return (struct cell) { r->r->brackets[cell], r->r->brackets[cell + 1] };
    return (struct cell) { (i64)cell, (i64)cell + 1 };
}

/* Less than 0: before the first. */
static i64 period_of(const struct run *r, i64 time)
{
    if (time < r->starts[0].ms)
        return -1;
    return (i64)(time < r->starts[r->periods].ms ? period_in(&r->table, time) : r->periods - 1);
}

static struct group *group_at(const struct run *r, struct part *p, const struct raw_key *key)
{
    bool fresh;
    size_t at = key_place(&p->places, key, &fresh);
    if (at >= p->group_cap) {
        p->group_cap = MAX(2 * p->group_cap, at + 16);
        p->groups = xrealloc(p->groups, p->group_cap * sizeof *p->groups);
    }
    if (fresh) {
        p->groups[at] = xcalloc(1, sizeof **p->groups);
        p->groups[at]->people = xcalloc(MAX(r->periods, 1), sizeof(i64));
        p->groups[at]->cells = xcalloc(MAX(r->periods * r->cells, 1), sizeof(i64));
        if (r->r->value.len)
            p->groups[at]->above = xcalloc(MAX(r->periods * r->cells, 1), sizeof(i64));
    }
    return p->groups[at];
}

static __int128 cell_sum(const struct group *g, size_t at)
{
    if (!g->above)
        return g->cells[at];
    return (__int128)g->above[at] * ((__int128)1 << 64) + (uint64_t)g->cells[at];
}

static void cell_add(struct group *g, size_t at, __int128 figure)
{
    __int128 sum = cell_sum(g, at) + figure;
    g->cells[at] = (i64)sum;
    if (g->above)
        g->above[at] = (i64)(sum >> 64);
}

/* A return fact, so many periods after the start. */
static void back(const struct run *r, struct part *p, i64 after, const struct hit *h)
{
    i64 value = r->value ? hit_value(&r->back, h, r->value, VALUE_NUMBER) : NONE;
    uint32_t last = after < 0 ? CELL_NONE : r->cell_at[MIN((size_t)after, r->cell_at_count - 1)];
    if (last == CELL_NONE)
        return;
    for (size_t c = r->r->or_after ? 0 : last; c <= last; c++) {
        if (!r->r->value.len || r->behind.asked)
            p->figures[c] = 1;
        else if (value != NONE)
            p->figures[c] += value;
    }
}

static bool complete(const struct run *r, size_t cohort, struct cell cell)
{
    if (r->r->unit == UNIT_ROLLING)
        return r->starts[cohort + 1].ms + cell.end * DAY_MS <= r->now.ms;
    size_t end = cohort + (size_t)cell.end;
    return end <= r->periods && r->starts[end].ms <= r->now.ms;
}

static void behind(const struct run *r, const struct part *p, uint32_t ordinal, size_t cohort)
{
    const struct behind *b = &r->q->behind;
    size_t cell = b->cell == NONE ? 0 : (size_t)b->cell;
    bool overall = b->cohort.n == NONE, all = b->cell == NONE;
    if (overall ? !all && !complete(r, cohort, cell_of(r, cell))
                : day_of(r->starts[cohort]).n != b->cohort.n)
        return;
    if ((all || (p->figures[cell] != 0) != b->lost) && behind_group(&r->behind, 0, &p->keys))
        behind_add(&r->behind, ordinal);
}

static void member(const struct run *r, struct part *p, uint32_t ordinal, const struct hit *start,
                   const struct hit *backs, size_t count)
{
    i64 cohort = period_of(r, start->time);
    memset(p->figures, 0, MAX(r->cells, 1) * sizeof *p->figures);
    for (size_t i = 0; i < count; i++) {
        if (!r->r->every && !hit_before(start, &backs[i]))
            continue;
        back(r, p,
             r->r->unit == UNIT_ROLLING ? (backs[i].time - start->time) / DAY_MS
                                        : period_of(r, backs[i].time) - cohort,
             &backs[i]);
    }
    breakdown_keys(&r->breakdown, ordinal, &r->start, start, &p->keys);
    if (r->behind.asked) {
        behind(r, p, ordinal, (size_t)cohort);
        return;
    }
    for (size_t k = 0; k < p->keys.n; k++) {
        struct group *g = group_at(r, p, &p->keys.at[k]);
        g->people[cohort]++;
        for (size_t c = 0; c < r->cells; c++)
            cell_add(g, (size_t)cohort * r->cells + c, p->figures[c]);
    }
}

static void person(const struct run *r, struct part *p, uint32_t ordinal, const struct hit *starts,
                   size_t start_count, const struct hit *backs, size_t back_count)
{
    i64 last = -1;
    for (size_t i = 0; i < start_count; i++) {
        i64 time = starts[i].time;
        bool in = time >= r->q->since.ms && time < r->q->until.ms;
        if (in && period_of(r, time) != last)
            member(r, p, ordinal, &starts[i], backs, back_count);
        if (!r->r->every)
            return;
        if (in)
            last = period_of(r, time);
    }
}

static size_t end_of(const struct hits *h, size_t at, uint32_t who)
{
    while (at < h->n && h->at[at].who == who)
        at++;
    return at;
}

static void retention_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    uint64_t people[BLOCK_WORDS];
    people_of(r->e, r->people, p->work, block, people);
    hits_of(&r->start, block, &p->start);
    hits_of(&r->back, block, &p->back);
    for (size_t from = 0, back_from = 0, end; from < p->start.n && !work_full(); from = end) {
        uint32_t who = p->start.at[from].who;
        end = end_of(&p->start, from, who);
        while (back_from < p->back.n && p->back.at[back_from].who < who)
            back_from++;
        if (people[who / 64] >> (who % 64) & 1)
            person(r, p, (uint32_t)(block * BLOCK + who), &p->start.at[from], end - from,
                   &p->back.at[back_from], end_of(&p->back, back_from, who) - back_from);
    }
}

/* --- the usual retention: a person's first start ever, and whether they came back. Of most
 * facts no more than the time is looked at, and little of it is for the processor to guess. */

static bool quick(const struct run *r)
{
    return !r->behind.asked && !r->r->every && !r->r->or_after && !r->r->value.len &&
           !r->breakdown.sets && r->starts[r->periods].ms > r->start.to - 1;
}

/* The first of each person: ret[k] is its place in the rows. How many. */
static size_t firsts_find(const struct rows *rows, uint32_t ret[BLOCK + 1])
{
    size_t count = 0;
    uint32_t last = BLOCK;
    for (size_t i = 0; i < rows->n; i++) { /* another one of the same is written over */
        ret[count] = (uint32_t)i;
        count += rows->who[i] != last;
        last = rows->who[i];
    }
    return count;
}

static void firsts_of(const struct run *r, struct part *p, const uint64_t *people)
{
    struct firsts *f = p->firsts;
    uint32_t first[BLOCK + 1];
    i64 since = r->q->since.ms, until = r->q->until.ms;
    struct group *g = group_at(r, p, &(struct raw_key) { 0 });
    size_t count = firsts_find(&f->start, first);
    for (size_t k = 0; k < count; k++) {
        uint16_t who = f->start.who[first[k]];
        i64 time = f->start.time[first[k]];
        bool in = (time >= since) & (time < until) & (people[who / 64] >> (who % 64) & 1);
        uint32_t cohort = (uint32_t)period_in(&r->table, in ? time : r->starts[0].ms);
        f->near.from[who] = in ? time : INT64_MAX;
        f->at[who] = first[k];
        f->cohort[who] = cohort;
        f->cells[who] = g->cells + cohort * r->cells;
        *(in ? &g->people[cohort] : &f->none) += 1;
    }
}

/* The same with a breakdown. */
static void firsts_by_key(const struct run *r, struct part *p, size_t block, const uint64_t *people)
{
    struct firsts *f = p->firsts;
    uint32_t first[BLOCK + 1];
    i64 since = r->q->since.ms, until = r->q->until.ms;
    size_t count = firsts_find(&f->start, first);
    for (size_t k = 0; k < count && !work_full(); k++) {
        size_t at = first[k];
        struct hit h = { f->start.time[at], 0, rows_row(&f->start, at), f->start.who[at],
                         (uint16_t)rows_type(&f->start, at) };
        if (h.time < since || h.time >= until || !(people[h.who / 64] >> (h.who % 64) & 1))
            continue;
        breakdown_keys(&r->breakdown, (uint32_t)(block * BLOCK) + h.who, &r->start, &h, &p->keys);
        struct group *g = group_at(r, p, p->keys.at);
        f->near.from[h.who] = h.time;
        f->at[h.who] = first[k];
        f->cohort[h.who] = (uint32_t)period_in(&r->table, h.time);
        f->cells[h.who] = g->cells + f->cohort[h.who] * r->cells;
        g->people[f->cohort[h.who]]++;
    }
}

static bool comes_later(const struct run *r, const struct firsts *f, uint16_t who, size_t i)
{
    size_t at = f->at[who];
    return table_seq(r->start.types[rows_type(&f->start, at)].table, rows_row(&f->start, at)) <
           table_seq(r->back.types[rows_type(&f->back, i)].table, rows_row(&f->back, i));
}

static inline void backs_count(const struct run *r, struct firsts *f, bool rolling)
{
    const struct rows *rows = &f->back;
    uint64_t last = UINT64_MAX; /* person and cell: a person is once in a cell */
    for (size_t i = 0; i < rows->n; i++) {
        uint16_t who = rows->who[i];
        i64 time = rows->time[i], start = f->near.from[who];
        if (__builtin_expect(time == start, 0) && !comes_later(r, f, who, i))
            continue;
        uint64_t after = rolling ? (uint64_t)(time - start) / DAY_MS
                                 : period_in(&r->table, time) - f->cohort[who];
        uint32_t cell = r->cell_at[MIN(after, r->cell_at_count - 1)];
        uint64_t key = (uint64_t)who << 32 | cell;
        bool counts = (cell != CELL_NONE) & (key != last);
        *(counts ? &f->cells[who][cell] : &f->none) += 1;
        last = key;
    }
}

static void quick_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    uint64_t people[BLOCK_WORDS];
    people_of(r->e, r->people, p->work, block, people);
    if (!p->firsts)
        p->firsts = xcalloc(1, sizeof *p->firsts);
    struct firsts *f = p->firsts;
    rows_of(&r->start, block, &f->start);
    f->near.span = r->span;
    for (size_t who = 0; who < BLOCK; who++)
        f->near.from[who] = INT64_MAX;
    if (r->q->breakdown_count)
        firsts_by_key(r, p, block, people);
    else
        firsts_of(r, p, people);
    rows_of_near(&r->back, block, &f->near, &f->back);
    if (r->r->unit == UNIT_ROLLING)
        backs_count(r, f, true);
    else
        backs_count(r, f, false);
}

/* --- the whole */

static void join(const struct run *r, struct part *to, struct part *from)
{
    for (size_t i = 0; i < from->places.count; i++) {
        struct group *a = group_at(r, to, &from->places.keys[i]), *b = from->groups[i];
        for (size_t c = 0; c < r->periods; c++)
            a->people[c] += b->people[c];
        for (size_t c = 0; c < r->periods * r->cells; c++)
            cell_add(a, c, cell_sum(b, c));
    }
}

static void part_done(struct part *p)
{
    people_work_free(p->work);
    hits_done(&p->start);
    hits_done(&p->back);
    for (size_t i = 0; i < p->places.count; i++) {
        free(p->groups[i]->people);
        free(p->groups[i]->cells);
        free(p->groups[i]->above);
        free(p->groups[i]);
    }
    key_list_done(&p->keys);
    key_places_done(&p->places);
    free(p->groups);
    free(p->figures);
    if (p->firsts) {
        rows_done(&p->firsts->start);
        rows_done(&p->firsts->back);
    }
    free(p->firsts);
}

static struct cohort cohort_new(struct arena *a, const struct run *r, day start)
{
    return (struct cohort) { start, 0, NEW_N(a, i64, r->cells), NEW_N(a, i64, r->cells) };
}

static void show_group(const struct run *r, struct arena *a, const struct group *g,
                       struct retention_group *ret)
{
    VEC(struct cohort) cohorts = { 0 };
    __int128 *sums = NEW_N(a, __int128, r->cells);
    ret->overall = cohort_new(a, r, (day) { NONE });
    for (size_t i = 0; i < r->periods; i++) {
        if (!g->people[i])
            continue;
        struct cohort *one = vec_push(a, &cohorts);
        *one = cohort_new(a, r, day_of(r->starts[i]));
        one->people = g->people[i];
        ret->overall.people += one->people;
        for (size_t c = 0; c < r->cells; c++) {
            one->cells[c] = sum_shown(cell_sum(g, i * r->cells + c));
            if (!complete(r, i, cell_of(r, c)))
                continue;
            one->base[c] = one->people;
            ret->overall.base[c] += one->people;
            sums[c] += cell_sum(g, i * r->cells + c);
        }
    }
    for (size_t c = 0; c < r->cells; c++)
        ret->overall.cells[c] = sum_shown(sums[c]);
    ret->cohorts = cohorts.at;
    ret->cohort_count = cohorts.n;
}

static int group_order(const void *pa, const void *pb)
{
    const struct retention_group *a = pa, *b = pb;
    if (a->overall.people != b->overall.people)
        return a->overall.people > b->overall.people ? -1 : 1;
    return group_key_compare(&a->key, &b->key);
}

static void show(const struct run *r, struct arena *a, struct part *p, struct retention_result *ret)
{
    if (!r->q->breakdown_count)
        group_at(r, p, &(struct raw_key) { 0 });
    size_t count = p->places.count;
    *ret = (struct retention_result) { r->cells, NEW_N(a, struct retention_group, count), count };
    for (size_t i = 0; i < count; i++) {
        ret->groups[i].key = key_shown(r->e, a, &r->breakdown, &p->places.keys[i]);
        show_group(r, a, p->groups[i], &ret->groups[i]);
    }
    qsort(ret->groups, count, sizeof *ret->groups, group_order);
}

static void cells_make(struct run *r, struct arena *a)
{
    r->cell_at_count = r->cells ? (size_t)cell_of(r, r->cells - 1).end + 1 : 1;
    r->cell_at = NEW_N(a, uint32_t, r->cell_at_count);
    for (size_t after = 0; after < r->cell_at_count; after++) {
        r->cell_at[after] = CELL_NONE;
        for (size_t c = 0; c < r->cells; c++) {
            struct cell cell = cell_of(r, c);
            if ((i64)after >= cell.low && ((i64)after < cell.end || r->r->or_after))
                r->cell_at[after] = (uint32_t)c;
        }
    }
}

/* Up to the end of the last cell, of the cohort of which that takes longest. */
static uint64_t span_of(const struct run *r)
{
    size_t end = r->cell_at_count - 1;
    i64 span = 0;
    if (r->r->unit == UNIT_ROLLING)
        return (uint64_t)end * DAY_MS;
    for (size_t c = 0; c < r->periods; c++)
        span = MAX(span, r->starts[MIN(c + end, r->periods)].ms - r->starts[c].ms);
    return (uint64_t)span;
}

enum err ask_retention(struct engine *e, struct arena *a, const struct query *q, instant now,
                       struct result *ret)
{
    const struct retention *x = &q->retention;
    struct run r = { .e = e, .q = q, .r = x, .now = now };
    i64 end = now.ms + 1;
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &r.people));
    /* the first start of all must be known to be the first */
    ready_make(e, a, &x->start, x->every ? q->since.ms : INT64_MIN, end, &r.start);
    ready_make(e, a, &x->back, INT64_MIN, end, &r.back);
    if (q->breakdown_count)
        breakdown_make(e, a, &q->breakdowns[0], &r.breakdown);
    r.value = x->value.len ? dict_find(&e->dict, x->value) : 0;
    periods_of(a, x->unit, q->since, (instant) { end }, &r.starts, &r.periods);
    r.cells = x->bracket_count ? x->bracket_count - 1 : x->periods;
    period_table_make(a, r.starts, r.periods, &r.table);
    cells_make(&r, a);
    r.span = span_of(&r);
    behind_start(e, q, &r.breakdown, 1, &r.behind);
    r.parts = xcalloc((size_t)e->threads, sizeof *r.parts);
    for (int i = 0; i < e->threads; i++) {
        r.parts[i].work = people_work_new();
        r.parts[i].figures = xcalloc(MAX(r.cells, 1), sizeof(__int128));
    }
    bool done = engine_work(e, quick(&r) ? quick_block : retention_block, &r);
    for (int i = 1; done && i < e->threads; i++)
        join(&r, &r.parts[0], &r.parts[i]);
    if (done && !r.behind.asked)
        show(&r, a, &r.parts[0], &ret->retention);
    behind_end(e, a, &r.behind, ret);
    for (int i = 0; i < e->threads; i++)
        part_done(&r.parts[i]);
    free(r.parts);
    return OK;
}
