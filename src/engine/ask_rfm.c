/* Scores by how long ago, how often and for how much. The rules stand in query.h. */
#include "engine/engine_internal.h"
#include "engine/rfm_cells.h"
#include "engine/rows.h"

struct standing {
    i64 last, facts;
    __int128 worth;
};
struct part {
    struct people_work *work;
    struct rows rows;
    struct standing at[BLOCK];
    struct rfm_person *people;
    size_t n, cap;
};
struct told {
    struct ready match;
    const struct column **numbers; /* by type: of the property, NULL: none there */
};
struct run {
    struct engine *e;
    struct people_ready *people;
    struct told bought, back;
    struct part *parts;
};

static void told_make(const struct engine *e, struct arena *a, const struct query *q,
                      const struct match *m, instant now, struct told *ret)
{
    uint32_t prop = q->rfm.value.len ? dict_find(&e->dict, q->rfm.value) : 0;
    ready_make(e, a, m, q->since.ms, MIN(q->until.ms, now.ms + 1), &ret->match);
    ret->numbers = NEW_N(a, const struct column *, ret->match.count);
    for (size_t type = 0; type < ret->match.count; type++) {
        const struct column *columns[3];
        match_columns(&ret->match, type, prop, columns);
        ret->numbers[type] = columns[VALUE_NUMBER];
    }
}

static i64 number_of(const struct told *t, const struct rows *rows, size_t i)
{
    const struct column *c = t->numbers[rows_type(rows, i)];
    i64 n = c ? table_value(c, rows_row(rows, i)) : NONE;
    return n == NONE ? 0 : n;
}

static void keep(struct part *p, i64 person, const struct standing *s)
{
    if (p->n == p->cap) {
        p->cap = MAX(2 * p->cap, 1024);
        p->people = xrealloc(p->people, p->cap * sizeof *p->people);
    }
    p->people[p->n++] = (struct rfm_person) { .person = person,
                                              .last_ms = s->last,
                                              .worth = sum_shown(s->worth),
                                              .frequency = (int32_t)s->facts };
}

static void rfm_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    uint64_t people[BLOCK_WORDS];
    size_t count = MIN((size_t)BLOCK, r->e->persons.count - block * BLOCK);
    people_of(r->e, r->people, p->work, block, people);
    memset(p->at, 0, count * sizeof *p->at);
    rows_of(&r->bought.match, block, &p->rows);
    for (size_t i = 0; i < p->rows.n; i++) {
        struct standing *s = &p->at[p->rows.who[i]];
        s->last = p->rows.time[i]; /* a person's are in order */
        s->facts++;
        s->worth += number_of(&r->bought, &p->rows, i);
    }
    if (r->back.match.count) {
        rows_of(&r->back.match, block, &p->rows);
        for (size_t i = 0; i < p->rows.n; i++)
            p->at[p->rows.who[i]].worth -= llabs(number_of(&r->back, &p->rows, i));
    }
    if (work_full())
        return;
    for (size_t who = 0; who < count; who++)
        if (p->at[who].facts && people[who / 64] >> (who % 64) & 1)
            keep(p, persons_id(&r->e->persons, block * BLOCK + who), &p->at[who]);
}

static void join(struct arena *a, const struct run *r, struct rfm_person **ret, size_t *ret_count)
{
    size_t all = 0, n = 0;
    for (int i = 0; i < r->e->threads; i++)
        all += r->parts[i].n;
    *ret = NEW_N(a, struct rfm_person, all);
    for (int i = 0; i < r->e->threads; i++) {
        if (r->parts[i].n)
            memcpy(&(*ret)[n], r->parts[i].people, r->parts[i].n * sizeof **ret);
        n += r->parts[i].n;
    }
    *ret_count = n;
}

enum err ask_rfm(struct engine *e, struct arena *a, const struct query *q, instant now,
                 struct result *ret)
{
    struct run r = { .e = e };
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &r.people));
    told_make(e, a, q, &q->rfm.match, now, &r.bought);
    told_make(e, a, q, &q->rfm.refund, now, &r.back);
    r.parts = xcalloc((size_t)e->threads, sizeof *r.parts);
    for (int i = 0; i < e->threads; i++)
        r.parts[i].work = people_work_new();
    if (engine_work(e, rfm_block, &r)) {
        struct rfm_person *people;
        size_t count;
        join(a, &r, &people, &count);
        rfm_answer(a, q, now, people, count, ret);
    }
    for (int i = 0; i < e->threads; i++) {
        people_work_free(r.parts[i].work);
        rows_done(&r.parts[i].rows);
        free(r.parts[i].people);
    }
    free(r.parts);
    return OK;
}
