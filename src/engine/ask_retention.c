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
/* Of a block, when quick(): the people who started, from the last to the first, from place 1 on.
 * Place 0 is of those who did not: nothing comes later than that, and it counts for nothing. */
struct firsts {
    struct rows start, back;
    uint16_t place[BLOCK];  /* by person */
    i64 time[BLOCK + 1];    /* of the first start; INT64_MAX: not in the range */
    uint32_t at[BLOCK + 1]; /* in the rows */
    uint32_t cohort[BLOCK + 1];
    i64 *cells[BLOCK + 1]; /* of the person's group and cohort */
    i64 none;              /* counts for nothing */
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
    uint32_t *cell_at;    /* by periods after the start: the last cell that begins by then, else
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

/* --- the usual retention: a person's first start ever, and whether they came back. Every fact is
 * looked at once, and nothing of it is for the processor to guess. */

static bool quick(const struct run *r)
{
    return !r->behind.asked && !r->r->every && !r->r->or_after && !r->r->value.len &&
           !r->breakdown.sets && r->starts[r->periods].ms > r->start.to - 1;
}

/* How many. */
static size_t firsts_place(struct firsts *f)
{
    const struct rows *rows = &f->start;
    size_t count = 0;
    uint32_t last = BLOCK;
    memset(f->place, 0, sizeof f->place);
    for (size_t i = rows->n; i-- > 0;) { /* of a person the last that is written stays */
        count += rows->who[i] != last;
        last = rows->who[i];
        f->place[last] = (uint16_t)count;
        f->time[count] = rows->time[i];
        f->at[count] = (uint32_t)i;
    }
    f->time[0] = INT64_MAX;
    f->cells[0] = &f->none;
    f->cohort[0] = 0;
    return count;
}

static void firsts_of(const struct run *r, struct part *p, const uint64_t *people)
{
    struct firsts *f = p->firsts;
    i64 since = r->q->since.ms, until = r->q->until.ms;
    struct group *g = group_at(r, p, &(struct raw_key) { 0 });
    size_t count = firsts_place(f);
    for (size_t k = 1; k <= count; k++) {
        uint16_t who = f->start.who[f->at[k]];
        i64 time = f->time[k];
        bool in = (time >= since) & (time < until) & (people[who / 64] >> (who % 64) & 1);
        uint32_t cohort = (uint32_t)period_in(&r->table, in ? time : r->starts[0].ms);
        f->time[k] = in ? time : INT64_MAX;
        f->cohort[k] = cohort;
        f->cells[k] = in ? g->cells + cohort * r->cells : &f->none;
        *(in ? &g->people[cohort] : &f->none) += 1;
    }
}

/* The same with a breakdown. */
static void firsts_by_key(const struct run *r, struct part *p, size_t block, const uint64_t *people)
{
    struct firsts *f = p->firsts;
    i64 since = r->q->since.ms, until = r->q->until.ms;
    size_t count = firsts_place(f);
    for (size_t k = 1; k <= count; k++) {
        size_t at = f->at[k];
        struct hit h = { f->time[k], 0, rows_row(&f->start, at), f->start.who[at],
                         (uint16_t)rows_type(&f->start, at) };
        f->cells[k] = &f->none;
        f->time[k] = INT64_MAX;
        if (h.time < since || h.time >= until || !(people[h.who / 64] >> (h.who % 64) & 1) ||
            work_full())
            continue;
        breakdown_keys(&r->breakdown, (uint32_t)(block * BLOCK) + h.who, &r->start, &h, &p->keys);
        struct group *g = group_at(r, p, p->keys.at);
        f->time[k] = h.time;
        f->cohort[k] = (uint32_t)period_in(&r->table, h.time);
        f->cells[k] = g->cells + f->cohort[k] * r->cells;
        g->people[f->cohort[k]]++;
    }
}

static bool comes_later(const struct run *r, const struct firsts *f, size_t place, size_t i)
{
    size_t at = f->at[place];
    return table_seq(r->start.types[rows_type(&f->start, at)].table, rows_row(&f->start, at)) <
           table_seq(r->back.types[rows_type(&f->back, i)].table, rows_row(&f->back, i));
}

/* Whoever is not counted is counted at place 0. */
static inline void backs_count(const struct run *r, struct firsts *f, bool rolling)
{
    const struct rows *rows = &f->back;
    i64 from = r->starts[0].ms;
    uint64_t last = 0; /* place and cell: a person is once in a cell */
    for (size_t i = 0; i < rows->n; i++) {
        uint64_t place = f->place[rows->who[i]];
        i64 time = rows->time[i], start = f->time[place];
        bool later = time > start;
        if (__builtin_expect(time == start, 0))
            later = comes_later(r, f, place, i);
        uint64_t after = rolling ? ((uint64_t)time - (uint64_t)start) / DAY_MS
                                 : period_in(&r->table, MAX(time, from)) - f->cohort[place];
        uint64_t cell = r->cell_at[MIN(after, r->cell_at_count - 1)],
                 counted = -(uint64_t)(later & (cell != CELL_NONE));
        place &= counted;
        cell &= counted;
        uint64_t key = place << 32 | cell;
        f->cells[place][cell] += key != last;
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
    rows_of(&r->start, block, &p->firsts->start);
    rows_of(&r->back, block, &p->firsts->back);
    if (r->q->breakdown_count)
        firsts_by_key(r, p, block, people);
    else
        firsts_of(r, p, people);
    if (r->r->unit == UNIT_ROLLING)
        backs_count(r, p->firsts, true);
    else
        backs_count(r, p->firsts, false);
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
