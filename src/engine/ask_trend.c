/* Trends: figures of facts by period. */
#include "engine/behind.h"

#define FULL_LOOK 64 /* facts between two looks at the memory; each may make a group */

struct counted {
    i64 people;
    i64 last; /* ordinal + 1 of whom was counted last, so that a person is counted once */
};
struct cell {
    struct counted who;
    i64 count, numbers;
    __int128 sum;
    struct numbers values; /* of a quantile */
};
struct group {
    struct counted who; /* of the whole range; all else of it adds up */
    struct cell *cells; /* of each period */
};
struct part {
    struct people_work *work;
    struct rows rows;
    struct key_list keys[QUERY_BREAKDOWNS_MAX];
    struct key_places first;   /* of the first breakdown */
    struct key_places *second; /* for each of it, of the second */
    size_t second_cap;
    struct group ***groups; /* [first][second] */
    size_t *group_caps;
    struct group ***by_raw; /* [type][raw value of the breakdown], when run.raw has it */
    struct group *group;    /* of the ordinal; a breakdown by attribute */
    i64 group_of;           /* ordinal + 1 */
};

struct run {
    struct engine *e;
    const struct query *q;
    struct people_ready *people;
    struct ready match;
    struct breakdown_ready breakdowns[QUERY_BREAKDOWNS_MAX];
    const struct column **numbers; /* by type: of the property, NULL: none there */
    const struct column **raw;     /* by type: of the only breakdown, if its values are few */
    instant *starts;               /* of each period, and the end of the last */
    size_t periods;
    struct period_table table;
    struct behind_ready behind;
    struct part *parts;
};

static struct group *group_at(const struct run *r, struct part *p, const struct raw_key *one,
                              const struct raw_key *two)
{
    bool fresh;
    size_t i = key_place(&p->first, one, &fresh);
    if (i >= p->second_cap) {
        size_t cap = MAX(2 * p->second_cap, i + 16), had = p->second_cap;
        p->second = xrealloc(p->second, cap * sizeof *p->second);
        p->groups = xrealloc(p->groups, cap * sizeof *p->groups);
        p->group_caps = xrealloc(p->group_caps, cap * sizeof *p->group_caps);
        memset(p->second + had, 0, (cap - had) * sizeof *p->second);
        memset(p->groups + had, 0, (cap - had) * sizeof *p->groups);
        memset(p->group_caps + had, 0, (cap - had) * sizeof *p->group_caps);
        p->second_cap = cap;
    }
    size_t k = key_place(&p->second[i], two, &fresh);
    if (k >= p->group_caps[i]) {
        p->group_caps[i] = MAX(2 * p->group_caps[i], k + 4);
        p->groups[i] = xrealloc(p->groups[i], p->group_caps[i] * sizeof **p->groups);
    }
    if (fresh) {
        p->groups[i][k] = xcalloc(1, sizeof ***p->groups);
        p->groups[i][k]->cells = xcalloc(MAX(r->periods, 1), sizeof *p->groups[i][k]->cells);
    }
    return p->groups[i][k];
}

static void count_person(struct counted *c, uint32_t ordinal)
{
    c->people += c->last != (i64)ordinal + 1;
    c->last = (i64)ordinal + 1;
}

static void count(const struct run *r, struct group *g, size_t period, uint32_t ordinal, i64 number)
{
    struct cell *c = &g->cells[period];
    count_person(&g->who, ordinal);
    count_person(&c->who, ordinal);
    c->count++;
    if (number == NONE)
        return;
    c->numbers++;
    c->sum += number;
    if (r->q->trend.figure == FIGURE_QUANTILE)
        numbers_add(&c->values, number);
}

static void behind(const struct run *r, const struct part *p, uint32_t ordinal, size_t period)
{
    i64 wanted = r->q->behind.period.ms;
    if ((!wanted || r->starts[period].ms == wanted) && behind_group(&r->behind, 0, &p->keys[0]) &&
        behind_group(&r->behind, 1, &p->keys[1]))
        behind_add(&r->behind, ordinal);
}

/* Under every key it has. */
static void one(const struct run *r, struct part *p, uint32_t ordinal, const struct hit *h,
                i64 number)
{
    const struct key_list *keys = p->keys;
    size_t period = period_in(&r->table, h->time);
    for (size_t b = 0; b < QUERY_BREAKDOWNS_MAX; b++)
        breakdown_keys(&r->breakdowns[b], ordinal, &r->match, h, &p->keys[b]);
    if (r->behind.asked) {
        behind(r, p, ordinal, period);
        return;
    }
    for (size_t i = 0; i < keys[0].n; i++)
        for (size_t k = 0; k < keys[1].n; k++)
            count(r, group_at(r, p, &keys[0].at[i], &keys[1].at[k]), period, ordinal, number);
}

/* --- one group a fact, found again by what the column has, or by the person */

static bool one_group(const struct run *r)
{
    return r->q->breakdown_count < 2 && !r->breakdowns[0].sets && !r->behind.asked;
}

/* Where the group of a fact is kept once it is known. */
static inline struct group **group_place(const struct run *r, struct part *p, uint32_t ordinal,
                                         size_t type, uint32_t row)
{
    const struct column *raw = r->raw[type];
    if (raw && !(row & ROW_TAIL))
        return &p->by_raw[type][packed_raw(&raw->base, row)];
    if (r->breakdowns[0].of.kind == BREAKDOWN_PROP || p->group_of != (i64)ordinal + 1)
        p->group = NULL;
    p->group_of = (i64)ordinal + 1;
    return &p->group;
}

static struct group *group_of(const struct run *r, struct part *p, uint32_t ordinal,
                              const struct hit *h)
{
    for (size_t b = 0; b < QUERY_BREAKDOWNS_MAX; b++)
        breakdown_keys(&r->breakdowns[b], ordinal, &r->match, h, &p->keys[b]);
    return group_at(r, p, p->keys[0].at, p->keys[1].at);
}

static void raw_make(struct run *r, struct arena *a)
{
    const struct breakdown_ready *b = &r->breakdowns[0];
    r->raw = NEW_N(a, const struct column *, r->match.count);
    for (size_t type = 0; b->of.kind == BREAKDOWN_PROP && type < r->match.count; type++) {
        const struct column *columns[3], *only = NULL;
        size_t count = 0;
        size_t known = r->match.types[type].table->base_count;
        match_columns(&r->match, type, b->prop, columns);
        for (size_t kind = 0; kind < COUNT(columns); kind++)
            if (columns[kind]) {
                only = columns[kind];
                count++;
            }
        if (count == 1 &&
            (only->base.width <= 1 || (only->base.width == 2 && known > only->base.mask)))
            r->raw[type] = only;
    }
}

static void raw_part(const struct run *r, struct arena *a, struct part *p)
{
    p->by_raw = NEW_N(a, struct group **, r->match.count);
    for (size_t type = 0; type < r->match.count; type++)
        if (r->raw[type])
            p->by_raw[type] = NEW_N(a, struct group *, r->raw[type]->base.mask + 1);
}

static i64 number_of(const struct run *r, size_t type, uint32_t row)
{
    const struct column *c = r->numbers[type];
    return c ? table_value(c, row) : NONE;
}

/* Facts of one type as they stand in the table, counted only: most trends are this. */
static void plain_block(const struct run *r, struct part *p, size_t block, const uint64_t *people)
{
    const struct rows rows = p->rows;
    const struct period_table table = r->table;
    const struct packed codes = r->raw[0]->base;
    struct group **known = p->by_raw[0];
    const uint8_t *code = codes.bytes + (size_t)rows.first_row * codes.width;
    for (size_t i = 0; i < rows.n; i++, code += codes.width) {
        uint32_t who = rows.who[i], ordinal = (uint32_t)block * BLOCK + who;
        uint64_t raw;
        if (!(people[who / 64] >> (who % 64) & 1))
            continue;
        memcpy(&raw, code, sizeof raw);
        struct group *g = known[raw & codes.mask];
        if (!g && work_full())
            return;
        if (!g) {
            struct hit h = { rows.time[i], 0, rows.first_row + (uint32_t)i, (uint16_t)who, 0 };
            g = known[raw & codes.mask] = group_of(r, p, ordinal, &h);
        }
        struct cell *c = &g->cells[period_in(&table, rows.time[i])];
        c->count++;
        count_person(&c->who, ordinal);
        count_person(&g->who, ordinal);
    }
}

static void quick_block(const struct run *r, struct part *p, size_t block, const uint64_t *people)
{
    if (r->match.count == 1 && !p->rows.row && r->raw[0] && !r->numbers[0]) {
        plain_block(r, p, block, people);
        return;
    }
    const struct rows rows = p->rows; /* which nothing here changes */
    const struct period_table table = r->table;
    for (size_t i = 0; i < rows.n; i++) {
        uint16_t who = rows.who[i];
        if (!(people[who / 64] >> (who % 64) & 1))
            continue;
        uint32_t ordinal = (uint32_t)(block * BLOCK + who), row = rows_row(&rows, i);
        size_t type = rows_type(&rows, i);
        struct group **place = group_place(r, p, ordinal, type, row);
        if (!*place && work_full())
            return;
        if (!*place) {
            struct hit h = { rows.time[i], 0, row, who, (uint16_t)type };
            *place = group_of(r, p, ordinal, &h);
        }
        count(r, *place, period_in(&table, rows.time[i]), ordinal, number_of(r, type, row));
    }
}

static void trend_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    uint64_t people[BLOCK_WORDS];
    people_of(r->e, r->people, p->work, block, people);
    rows_of(&r->match, block, &p->rows);
    if (one_group(r)) {
        quick_block(r, p, block, people);
        return;
    }
    for (size_t i = 0; i < p->rows.n; i++) {
        if (i % FULL_LOOK == 0 && work_full())
            return;
        uint16_t who = p->rows.who[i];
        if (!(people[who / 64] >> (who % 64) & 1))
            continue;
        struct hit h = { p->rows.time[i], 0, rows_row(&p->rows, i), who,
                         (uint16_t)rows_type(&p->rows, i) };
        one(r, p, (uint32_t)(block * BLOCK + who), &h, number_of(r, h.type, h.row));
    }
}

static void join(const struct run *r, struct part *to, struct part *from)
{
    for (size_t i = 0; i < from->first.count; i++)
        for (size_t k = 0; k < from->second[i].count; k++) {
            struct group *a = group_at(r, to, &from->first.keys[i], &from->second[i].keys[k]),
                         *b = from->groups[i][k];
            a->who.people += b->who.people;
            for (size_t c = 0; c < r->periods; c++) {
                a->cells[c].count += b->cells[c].count;
                a->cells[c].who.people += b->cells[c].who.people;
                a->cells[c].sum += b->cells[c].sum;
                a->cells[c].numbers += b->cells[c].numbers;
                numbers_join(&a->cells[c].values, &b->cells[c].values);
            }
        }
}

static void part_done(const struct run *r, struct part *p)
{
    people_work_free(p->work);
    rows_done(&p->rows);
    for (size_t b = 0; b < QUERY_BREAKDOWNS_MAX; b++)
        key_list_done(&p->keys[b]);
    for (size_t i = 0; i < p->first.count; i++) {
        for (size_t k = 0; k < p->second[i].count; k++) {
            for (size_t c = 0; c < r->periods; c++)
                numbers_done(&p->groups[i][k]->cells[c].values);
            free(p->groups[i][k]->cells);
            free(p->groups[i][k]);
        }
        key_places_done(&p->second[i]);
        free(p->groups[i]);
    }
    key_places_done(&p->first);
    free(p->second);
    free(p->groups);
    free(p->group_caps);
}

static struct trend_point point(const struct run *r, struct cell *c, instant start)
{
    bool quantile = r->q->trend.figure == FIGURE_QUANTILE;
    return (struct trend_point) {
        .start = start,
        .count = c->count,
        .people = c->who.people,
        .sum = sum_shown(c->sum),
        .numbers = c->numbers,
        .quantile = quantile ? numbers_quantile(&c->values, r->q->trend.permille) : NONE,
    };
}

static struct trend_point total(const struct run *r, const struct group *g)
{
    struct cell all = { .who = g->who };
    for (size_t c = 0; c < r->periods; c++) {
        const struct cell *cell = &g->cells[c];
        all.count += cell->count;
        all.sum += cell->sum;
        all.numbers += cell->numbers;
        numbers_put(&all.values, &cell->values);
    }
    struct trend_point shown = point(r, &all, r->starts[0]);
    numbers_done(&all.values);
    return shown;
}

static int group_order(const void *pa, const void *pb)
{
    const struct trend_group *a = pa, *b = pb;
    if (a->total.count != b->total.count)
        return a->total.count > b->total.count ? -1 : 1;
    int c = group_key_compare(&a->keys[0], &b->keys[0]);
    return c ? c : group_key_compare(&a->keys[1], &b->keys[1]);
}

static void show(struct run *r, struct arena *a, struct part *p, struct trend_result *ret)
{
    VEC(struct trend_group) groups = { 0 };
    if (!r->q->breakdown_count)
        group_at(r, p, &(struct raw_key) { 0 }, &(struct raw_key) { 0 });
    for (size_t i = 0; i < p->first.count; i++)
        for (size_t k = 0; k < p->second[i].count; k++) {
            struct trend_group *g = vec_push(a, &groups);
            struct cell *cells = p->groups[i][k]->cells;
            g->keys[0] = key_shown(r->e, a, &r->breakdowns[0], &p->first.keys[i]);
            g->keys[1] = key_shown(r->e, a, &r->breakdowns[1], &p->second[i].keys[k]);
            g->points = NEW_N(a, struct trend_point, r->periods);
            for (size_t c = 0; c < r->periods; c++)
                g->points[c] = point(r, &cells[c], r->starts[c]);
            g->total = total(r, p->groups[i][k]);
        }
    if (groups.n)
        qsort(groups.at, groups.n, sizeof *groups.at, group_order);
    *ret = (struct trend_result) { r->periods, groups.at, groups.n };
}

enum err ask_trend(struct engine *e, struct arena *a, const struct query *q, instant now,
                   struct result *ret)
{
    struct run r = { .e = e, .q = q };
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &r.people));
    ready_make(e, a, &q->trend.match, q->since.ms, MIN(q->until.ms, now.ms + 1), &r.match);
    for (size_t i = 0; i < q->breakdown_count; i++)
        breakdown_make(e, a, &q->breakdowns[i], &r.breakdowns[i]);
    uint32_t prop = q->trend.prop.len ? dict_find(&e->dict, q->trend.prop) : 0;
    r.numbers = NEW_N(a, const struct column *, r.match.count);
    for (size_t type = 0; type < r.match.count; type++) {
        const struct column *columns[3];
        match_columns(&r.match, type, prop, columns);
        r.numbers[type] = columns[VALUE_NUMBER];
    }
    raw_make(&r, a);
    periods_of(a, q->trend.unit, q->since, q->until, &r.starts, &r.periods);
    period_table_make(a, r.starts, r.periods, &r.table);
    behind_start(e, q, r.breakdowns, QUERY_BREAKDOWNS_MAX, &r.behind);
    r.parts = xcalloc((size_t)e->threads, sizeof *r.parts);
    for (int i = 0; i < e->threads; i++) {
        r.parts[i].work = people_work_new();
        raw_part(&r, a, &r.parts[i]);
    }
    bool done = engine_work(e, trend_block, &r);
    for (int i = 1; done && i < e->threads; i++)
        join(&r, &r.parts[0], &r.parts[i]);
    if (done && !r.behind.asked)
        show(&r, a, &r.parts[0], &ret->trend);
    behind_end(e, a, &r.behind, ret);
    for (int i = 0; i < e->threads; i++)
        part_done(&r, &r.parts[i]);
    free(r.parts);
    return OK;
}
