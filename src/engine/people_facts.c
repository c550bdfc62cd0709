/* Conditions on facts, for all persons of a block at once: figures are added up in arrays by
 * person, fact by fact, whoever it is of. What is rare is left to ask_people.c, which goes person
 * by person: windows that open behind another fact, what did not follow, sums that are too large.
 */
#include "engine/people_ready.h"

struct people_facts {
    struct rows rows, steps[QUERY_STEPS_MAX];
    struct ready of; /* what `rows` are, and of which block */
    size_t block;
    bool there;
    struct rows_index index[QUERY_STEPS_MAX];
    uint32_t count[BLOCK];
    i64 figure[BLOCK];
    uint32_t *chain, *next_chain; /* places of facts that end one */
    size_t chain_cap;
    struct { /* MEASURE_DISTINCT: a person's */
        enum value_kind kind;
        i64 value;
    } * seen;
    size_t seen_cap;
};

void people_facts_free(struct people_facts *f)
{
    if (!f)
        return;
    rows_done(&f->rows);
    for (size_t i = 0; i < COUNT(f->steps); i++)
        rows_done(&f->steps[i]);
    free(f->chain);
    free(f->next_chain);
    free(f->seen);
    free(f);
}

void people_facts_forget(struct people_facts *f)
{
    if (f)
        f->there = false;
}

/* What span_known says, of counts. */
static void count_span_make(struct people_ready *p)
{
    i64 low = MAX(p->span_low, 0), high = (i64)((uint64_t)p->span_low + p->span);
    low = low / QUERY_NUMBER_SCALE + (low % QUERY_NUMBER_SCALE > 0);
    high = high < 0 ? -1 : MIN(high / QUERY_NUMBER_SCALE, (i64)UINT32_MAX);
    if (!p->span_known || low > high)
        return;
    p->count_span_known = true;
    p->count_low = (uint32_t)low;
    p->count_span = (uint32_t)(high - low);
}

void people_facts_make(struct arena *a, struct people_ready *p)
{
    p->columns = arena_alloc(a, MAX(p->match.count, 1) * sizeof *p->columns);
    for (size_t type = 0; type < p->match.count; type++)
        match_columns(&p->match, type, p->prop, p->columns[type]);
    if (p->leaf->measure != MEASURE_COUNT && p->leaf->measure != MEASURE_DISTINCT)
        return;
    count_span_make(p);
    p->counts_fit = NEW_N(a, uint8_t, COUNTS_KNOWN);
    for (i64 n = 0; n < COUNTS_KNOWN; n++)
        p->counts_fit[n] = test_holds(&p->test, n * QUERY_NUMBER_SCALE);
}

/* --- figures by person */

static bool without_conditions(const struct ready *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->types[i].where_count)
            return false;
    return true;
}

static bool same(const struct ready *a, const struct ready *b)
{
    if (a->types == b->types && a->count == b->count)
        return true;
    if (a->count != b->count || a->from != b->from || a->to != b->to ||
        a->who_first != b->who_first || a->who_last != b->who_last)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->types[i].table != b->types[i].table)
            return false;
    return without_conditions(a) && without_conditions(b);
}

/* Leaves often ask twice about the same facts. */
static void rows_there(const struct ready *match, struct people_facts *f, size_t block)
{
    if (f->there && f->block == block && same(&f->of, match))
        return;
    rows_of(match, block, &f->rows);
    f->of = *match;
    f->block = block;
    f->there = true;
}

static void count_facts(struct people_facts *f)
{
    for (size_t i = 0; i < f->rows.n; i++)
        f->count[f->rows.who[i]]++;
}

static i64 number_at(const struct column *c, const struct rows *r, size_t i)
{
    return c ? table_value(c, rows_row(r, i)) : NONE;
}

/* False: a sum is too large. */
static bool add_numbers(struct people_facts *f, const struct column *c)
{
    bool over = false;
    for (size_t i = 0; i < f->rows.n; i++) {
        i64 value = number_at(c, &f->rows, i), *sum = &f->figure[f->rows.who[i]];
        bool there = value != NONE;
        over |= __builtin_add_overflow(*sum, there ? value : 0, sum) || *sum == NONE;
        f->count[f->rows.who[i]] += there;
    }
    return !over;
}

static void bounds_of_numbers(struct people_facts *f, const struct column *c, bool highest)
{
    for (size_t i = 0; i < f->rows.n; i++) {
        uint16_t who = f->rows.who[i];
        i64 value = number_at(c, &f->rows, i);
        if (value == NONE)
            continue;
        if (!f->count[who]++ || (highest ? value > f->figure[who] : value < f->figure[who]))
            f->figure[who] = value;
    }
}

/* Figures that do not ask in which order facts came: type by type, so that none are merged. */
static bool figures_by_type(const struct people_ready *p, struct people_facts *f, size_t block)
{
    enum fact_measure measure = p->leaf->measure;
    memset(f->count, 0, sizeof f->count);
    if (measure != MEASURE_COUNT)
        memset(f->figure, 0, sizeof f->figure);
    for (size_t type = 0; type < p->match.count; type++) {
        struct ready one = p->match;
        const struct column *numbers = p->columns[type][VALUE_NUMBER];
        one.types += type;
        one.count = 1;
        rows_there(&one, f, block);
        if (measure == MEASURE_COUNT)
            count_facts(f);
        else if (measure == MEASURE_MIN || measure == MEASURE_MAX)
            bounds_of_numbers(f, numbers, measure == MEASURE_MAX);
        else if (!add_numbers(f, numbers))
            return false;
    }
    return true;
}

/* Different values of each kind. */
static uint32_t distinct(const struct people_ready *p, struct people_facts *f, size_t from,
                         size_t end)
{
    uint32_t n = 0;
    for (size_t i = from; i < end; i++) {
        const struct column *const *columns = p->columns[rows_type(&f->rows, i)];
        for (int kind = VALUE_TEXT; kind <= VALUE_BOOL; kind++) {
            i64 value = columns[kind] ? table_value(columns[kind], rows_row(&f->rows, i)) : NONE;
            bool known = value == NONE;
            for (uint32_t k = 0; k < n && !known; k++)
                known = f->seen[k].value == value && f->seen[k].kind == (enum value_kind)kind;
            if (known)
                continue;
            f->seen[n].kind = (enum value_kind)kind;
            f->seen[n++].value = value;
        }
    }
    return n;
}

#define DISTINCT_MAX 64 /* facts of a person that are compared with each other */

static bool count_distinct(const struct people_ready *p, struct people_facts *f, size_t block)
{
    rows_there(&p->match, f, block);
    memset(f->count, 0, sizeof f->count);
    if (!f->seen)
        f->seen = xmalloc(3 * DISTINCT_MAX * sizeof *f->seen);
    for (size_t from = 0, end; from < f->rows.n; from = end) {
        uint16_t who = f->rows.who[from];
        for (end = from + 1; end < f->rows.n && f->rows.who[end] == who; end++)
            ;
        if (end - from > DISTINCT_MAX)
            return false;
        f->count[who] = distinct(p, f, from, end);
    }
    return true;
}

/* --- who fits */

static bool count_fits(const struct people_ready *p, uint32_t count)
{
    return count < COUNTS_KNOWN ? p->counts_fit[count]
                                : test_holds(&p->test, (i64)count * QUERY_NUMBER_SCALE);
}

static bool number_fits(const struct people_ready *p, const struct people_facts *f, uint32_t who)
{
    if (p->leaf->measure == MEASURE_AVERAGE)
        return average_fits(&p->test, f->figure[who], f->count[who]);
    if (p->leaf->measure == MEASURE_SUM)
        return test_holds(&p->test, f->figure[who]);
    return f->count[who] && test_holds(&p->test, f->figure[who]);
}

/* Of 64 persons: bits for those with a count that fits. */
static uint64_t counts_within(const struct people_ready *p, const uint32_t *count)
{
    uint8_t fits[64];
    if (p->count_span_known) {
        uint32_t low = p->count_low, span = p->count_span;
        for (int k = 0; k < 64; k++) /* several at a time */
            fits[k] = count[k] - low <= span;
        return bits_of_bytes(fits) ^ p->span_not;
    }
    for (int k = 0; k < 64; k++)
        fits[k] = count_fits(p, count[k]);
    return bits_of_bytes(fits);
}

static bool figures_of(const struct people_ready *p, struct people_work *w, size_t block,
                       const uint64_t *wanted, uint64_t ret[BLOCK_WORDS])
{
    struct people_facts *f = w->facts;
    enum fact_measure measure = p->leaf->measure;
    bool counted = measure == MEASURE_COUNT || measure == MEASURE_DISTINCT;
    bool ok =
        measure == MEASURE_DISTINCT ? count_distinct(p, f, block) : figures_by_type(p, f, block);
    for (uint32_t i = 0; ok && i < BLOCK_WORDS; i++) {
        ret[i] = 0;
        if (!wanted[i])
            continue;
        if (counted)
            ret[i] = counts_within(p, &f->count[64 * i]);
        else if (measure == MEASURE_SUM && p->span_known)
            ret[i] = bits_within(&f->figure[64 * i], p->span_low, p->span) ^ p->span_not;
        else
            for (uint64_t left = wanted[i]; left; left &= left - 1)
                ret[i] |=
                    (left & -left) * number_fits(p, f, 64 * i + (uint32_t)__builtin_ctzll(left));
    }
    return ok;
}

/* --- sequences, level by level as in chains.h, but each fact within the gap of the one before */

static bool before(const struct people_ready *p, const struct people_facts *f, size_t step,
                   size_t at, size_t next)
{
    const struct rows *one = &f->steps[step], *two = &f->steps[step + 1];
    if (one->time[at] != two->time[next])
        return one->time[at] < two->time[next];
    return table_seq(p->steps[step].types[rows_type(one, at)].table, rows_row(one, at)) <
           table_seq(p->steps[step + 1].types[rows_type(two, next)].table, rows_row(two, next));
}

static void chain_room(struct people_facts *f, size_t n)
{
    if (f->chain_cap >= n)
        return;
    f->chain_cap = MAX(2 * f->chain_cap, n + 64);
    f->chain = xrealloc(f->chain, f->chain_cap * sizeof *f->chain);
    f->next_chain = xrealloc(f->next_chain, f->chain_cap * sizeof *f->next_chain);
}

static bool in_sequence(const struct people_ready *p, struct people_facts *f, uint32_t who)
{
    size_t n = f->index[0].end[who] - f->index[0].first[who];
    chain_room(f, n);
    for (size_t i = 0; i < n; i++)
        f->chain[i] = f->index[0].first[who] + (uint32_t)i;
    for (size_t step = 1; n && step < p->leaf->step_count; step++) {
        const struct rows_index *x = &f->index[step];
        const i64 *time = f->steps[step].time, *from = f->steps[step - 1].time;
        size_t at = 0, kept = 0;
        chain_room(f, x->end[who] - x->first[who]);
        for (uint32_t i = x->first[who]; i < x->end[who]; i++) {
            while (at < n && before(p, f, step - 1, f->chain[at], i))
                at++;
            if (at && (!p->leaf->gap_ms || time[i] - from[f->chain[at - 1]] <= p->leaf->gap_ms))
                f->next_chain[kept++] = i;
        }
        uint32_t *chain = f->chain;
        f->chain = f->next_chain;
        f->next_chain = chain;
        n = kept;
    }
    return n > 0;
}

static void sequences_of(const struct people_ready *p, struct people_work *w, size_t block,
                         const uint64_t *wanted, uint64_t ret[BLOCK_WORDS])
{
    struct people_facts *f = w->facts;
    memcpy(ret, wanted, BLOCK_WORDS * sizeof *ret);
    for (size_t step = 0; step < p->leaf->step_count; step++) {
        rows_of(&p->steps[step], block, &f->steps[step]);
        rows_index(&f->steps[step], &f->index[step]);
        for (size_t i = 0; i < BLOCK_WORDS; i++)
            ret[i] &= f->index[step].has[i];
    }
    for (size_t i = 0; i < BLOCK_WORDS; i++)
        for (uint64_t left = ret[i]; left; left &= left - 1) {
            uint32_t who = (uint32_t)(64 * i) + (uint32_t)__builtin_ctzll(left);
            if (!in_sequence(p, f, who))
                ret[i] &= ~(left & -left);
        }
}

bool people_facts_of(const struct people_ready *p, struct people_work *w, size_t block,
                     const uint64_t *wanted, uint64_t ret[BLOCK_WORDS])
{
    if (p->leaf->window.anchor)
        return false;
    if (!w->facts)
        w->facts = xcalloc(1, sizeof *w->facts);
    if (p->leaf->kind == LEAF_SEQUENCE) {
        sequences_of(p, w, block, wanted, ret);
        return true;
    }
    return p->leaf->kind == LEAF_FACTS && p->leaf->measure <= MEASURE_DISTINCT &&
           figures_of(p, w, block, wanted, ret);
}
