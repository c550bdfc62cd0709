/* Who: conditions over a block of persons at a time, as bits. */
#include "engine/people_ready.h"

#include "base/time.h"

#define VALUES_FEW 8 /* so many are looked for one after the other */

struct people_work *people_work_new(void)
{
    return xcalloc(1, sizeof(struct people_work));
}

void people_work_free(struct people_work *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < COUNT(w->lists); i++)
        hits_done(&w->lists[i]);
    people_facts_free(w->facts);
    free(w->seen);
    free(w->counts);
    free(w);
}

void people_work_count(struct people_work *w, size_t nodes)
{
    w->counts = xcalloc(MAX(nodes, 1), sizeof *w->counts);
}

const i64 *people_work_counts(const struct people_work *w)
{
    return w->counts;
}

static void number(struct people_ready *p, size_t *next)
{
    p->place = (*next)++;
    for (struct people_ready *child = p->first; child; child = child->next)
        number(child, next);
}

size_t people_ready_number(struct people_ready *p)
{
    size_t count = 0;
    if (p)
        number(p, &count);
    return count;
}

/* --- making ready */

/* What is of another kind than the comparison is to it as if it were not there. */
static bool same_kind(const struct people_ready *p)
{
    static const enum value_kind kinds[] = {
        [ATTR_TEXT] = VALUE_TEXT, [ATTR_NUMBER] = VALUE_NUMBER, [ATTR_BOOL] = VALUE_BOOL
    };
    enum attr_kind kind = p->attribute ? p->attribute->kind : ATTR_TEXT;
    return kind <= ATTR_BOOL && kinds[kind] == p->test.kind;
}

static bool list_fits(const struct engine *e, const struct query_leaf *l, const struct set *s)
{
    str text = dict_text(&e->dict, s->key);
    const struct compare *c = &l->compare;
    switch (c->op) {
    case COMPARE_IN:
    case COMPARE_NOT_IN:
        for (size_t i = 0; c->kind == VALUE_TEXT && i < c->count; i++)
            if (str_eq(c->values[i].text, text))
                return true;
        return false;
    case COMPARE_CONTAINS: return str_has(text, c->values->text);
    case COMPARE_STARTS: return str_starts(text, c->values->text);
    case COMPARE_EXISTS:
    case COMPARE_RANGE: break;
    }
    return false;
}

/* A comparison that holds for all values between two, or for all others (also what is not there).
 */
static void span_make(struct people_ready *p)
{
    const struct test *t = &p->test;
    bool one = (t->op == COMPARE_IN || t->op == COMPARE_NOT_IN) && t->count == 1;
    if (!one && t->op != COMPARE_RANGE)
        return;
    i64 low = one ? t->values[0] : t->low, high = one ? t->values[0] : t->high;
    low = low == NONE ? NONE + 1 : low;
    high = high == NONE ? INT64_MAX : high;
    p->span_known = low <= high;
    p->span_low = low;
    p->span = (uint64_t)high - (uint64_t)low;
    p->span_not = t->op == COMPARE_NOT_IN ? UINT64_MAX : 0;
}

static void person_ready(const struct engine *e, struct arena *a, struct people_ready *p)
{
    const struct query_leaf *l = p->leaf;
    p->attribute = engine_attribute(e, l->name);
    test_make(e, a, &l->compare, &p->test);
    if (same_kind(p) && l->time.op == TIME_NOT) {
        span_make(p);
        p->few = p->test.op == COMPARE_IN && p->test.count <= VALUES_FEW;
    }
    if (!p->attribute || p->attribute->kind != ATTR_LIST)
        return;
    p->bits = NEW_N(a, const struct bits *, p->attribute->set_count);
    for (size_t i = 0; i < p->attribute->set_count; i++)
        if (list_fits(e, l, &p->attribute->sets[i]))
            p->bits[p->bits_count++] = &p->attribute->sets[i].bits;
}

static void set_ready(const struct engine *e, struct arena *a, struct people_ready *p)
{
    const struct set *s = engine_set(e, p->leaf->name, p->leaf->key);
    p->bits = NEW_N(a, const struct bits *, 1);
    if (s)
        p->bits[p->bits_count++] = &s->bits;
}

static void facts_ready(const struct engine *e, struct arena *a, struct people_ready *p)
{
    const struct query_leaf *l = p->leaf;
    const struct window *w = &l->window;
    i64 now = p->now.ms, from = INT64_MIN, to = now + 1;
    if (w->span_ms)
        from = now - w->span_ms + 1;
    if (w->since.ms)
        from = w->since.ms;
    if (w->until.ms)
        to = MIN(to, w->until.ms);
    if (l->kind == LEAF_FACTS || l->kind == LEAF_NOT_FOLLOWED)
        ready_make(e, a, &l->match, from, to, &p->match);
    for (size_t i = 0; i < l->step_count; i++)
        ready_make(e, a, &l->steps[i], l->kind == LEAF_SEQUENCE ? from : INT64_MIN,
                   l->kind == LEAF_SEQUENCE ? to : now + 1, &p->steps[i]);
    if (w->anchor)
        ready_make(e, a, w->anchor, INT64_MIN, now + 1, &p->anchor);
    test_make(e, a, &l->compare, &p->test);
    span_make(p);
    p->prop = l->prop.len ? dict_find(&e->dict, l->prop) : 0;
    p->facts = true;
    people_facts_make(a, p);
}

enum err people_ready_make(struct engine *e, struct arena *a, const struct people *from,
                           instant now, struct people_ready **ret)
{
    struct people_ready *p = NEW(a, struct people_ready), **last = &p->first;
    *p = (struct people_ready) { .kind = from->kind, .leaf = &from->leaf, .now = now };
    *ret = p;
    for (const struct people *child = from->first; child; child = child->next) {
        TRY(people_ready_make(e, a, child, now, last));
        p->facts |= (*last)->facts;
        last = &(*last)->next;
    }
    if (p->kind != PEOPLE_LEAF)
        return OK;
    switch (from->leaf.kind) {
    case LEAF_PERSON: person_ready(e, a, p); break;
    case LEAF_SET: set_ready(e, a, p); break;
    case LEAF_FACTS:
    case LEAF_SEQUENCE:
    case LEAF_NOT_FOLLOWED: facts_ready(e, a, p); break;
    case LEAF_RANDOM: break;
    }
    return OK;
}

/* --- attributes, sets */

bool time_fits(const struct time_compare *c, instant now, i64 ms)
{
    switch (c->op) {
    case TIME_WITHIN: return ms > now.ms - c->span_ms && ms <= now.ms;
    case TIME_BEFORE: return ms <= now.ms - c->span_ms;
    case TIME_RANGE:
        return (!c->since.ms || ms >= c->since.ms) && (!c->until.ms || ms < c->until.ms);
    case TIME_NEXT:
    case TIME_NOT: break;
    }
    return false;
}

/* Its month and day, this year or next; the 29th of February is the 28th in other years. */
static bool comes_soon(day of, day today, i64 span_ms)
{
    int year, month, of_month, y, m, d;
    day_to_ymd(of, &year, &month, &of_month);
    day_to_ymd(today, &y, &m, &d);
    for (int later = 0; later < 2; later++) {
        day next = day_from_ymd(y + later, month, MIN(of_month, month_days(y + later, month)));
        if (next.n >= today.n && next.n <= today.n + span_ms / DAY_MS)
            return true;
    }
    return false;
}

static bool day_fits(const struct time_compare *c, instant now, i64 n)
{
    i64 then = day_of((instant) { now.ms - c->span_ms }).n, today = day_of(now).n;
    switch (c->op) {
    case TIME_WITHIN: return n >= then && n <= today;
    case TIME_BEFORE: return n < then;
    case TIME_NEXT: return comes_soon((day) { n }, (day) { today }, c->span_ms);
    case TIME_RANGE: return time_fits(c, now, day_start((day) { n }).ms);
    case TIME_NOT: break;
    }
    return false;
}

static bool value_fits(const struct people_ready *p, i64 value)
{
    enum attr_kind kind = p->attribute ? p->attribute->kind : ATTR_TEXT;
    const struct time_compare *time = &p->leaf->time;
    if (time->op != TIME_NOT) {
        if (value == NONE || (kind != ATTR_DAY && kind != ATTR_INSTANT))
            return false;
        if (time->op == TIME_NEXT && kind == ATTR_INSTANT)
            return day_fits(time, p->now, day_of((instant) { value }).n);
        return kind == ATTR_DAY ? day_fits(time, p->now, value) : time_fits(time, p->now, value);
    }
    return test_holds(&p->test, same_kind(p) || p->test.op == COMPARE_EXISTS ? value : NONE);
}

static void bits_or(const struct people_ready *p, size_t block, uint64_t ret[BLOCK_WORDS])
{
    for (size_t i = 0; i < p->bits_count; i++) {
        const uint64_t *words = bits_block(p->bits[i], block);
        for (size_t w = 0; words && w < BLOCK_WORDS; w++)
            ret[w] |= words[w];
    }
}

static void bits_not(uint64_t ret[BLOCK_WORDS])
{
    for (size_t w = 0; w < BLOCK_WORDS; w++)
        ret[w] = ~ret[w];
}

static void put(uint64_t ret[BLOCK_WORDS], uint32_t who, bool is)
{
    uint64_t bit = UINT64_C(1) << (who % 64);
    ret[who / 64] = is ? ret[who / 64] | bit : ret[who / 64] & ~bit;
}

static void list_of(const struct people_ready *p, size_t block, uint64_t ret[BLOCK_WORDS])
{
    const uint64_t *there = bits_block(&p->attribute->there, block);
    if (p->leaf->time.op != TIME_NOT)
        return;
    if (p->test.op == COMPARE_EXISTS && there)
        memcpy(ret, there, BLOCK_WORDS * sizeof *ret);
    bits_or(p, block, ret);
    if (p->test.op == COMPARE_NOT_IN || (p->test.op == COMPARE_EXISTS && !p->test.yes))
        bits_not(ret);
}

/* What a block's numbers have to be among, if that says it all. */
static size_t spans_of(const struct people_ready *p, const struct values_block *b,
                       struct raw_span ret[VALUES_FEW])
{
    if (p->span_known)
        ret[0] = values_span(b, p->span_low, (i64)((uint64_t)p->span_low + p->span));
    for (size_t k = 0; !p->span_known && p->few && k < p->test.count; k++)
        ret[k] = values_span(b, p->test.values[k], p->test.values[k]);
    return p->span_known ? 1 : p->few ? p->test.count : 0;
}

static void person_of(const struct people_ready *p, size_t block, const uint64_t *wanted,
                      uint64_t ret[BLOCK_WORDS])
{
    const struct attribute *at = p->attribute;
    if (at && at->kind == ATTR_LIST) {
        list_of(p, block, ret);
        return;
    }
    const struct values_block *values = at ? values_block(&at->values, block) : NULL;
    struct raw_span spans[VALUES_FEW];
    size_t count = spans_of(p, values, spans);
    for (size_t i = 0; i < BLOCK_WORDS; i++) {
        ret[i] = 0;
        if (!wanted[i])
            continue;
        for (size_t k = 0; k < count; k++)
            ret[i] |= values_within(values, i, spans[k]);
        if (p->span_known)
            ret[i] ^= p->span_not;
        for (uint32_t k = 0; !p->span_known && !p->few && k < 64; k++) {
            i64 value = at ? values_get(&at->values, block * BLOCK + 64 * i + k) : NONE;
            ret[i] |= (uint64_t)value_fits(p, value) << k;
        }
    }
}

/* --- facts */

struct facts facts_part(const struct hits *h, size_t *at, uint32_t who)
{
    while (*at < h->n && h->at[*at].who < who)
        ++*at;
    size_t from = *at;
    while (*at < h->n && h->at[*at].who == who)
        ++*at;
    return (struct facts) { h->at + from, *at - from };
}

i64 facts_distinct(const struct people_ready *p, struct people_work *w, struct facts f)
{
    i64 count = 0;
    if (w->seen_cap < f.n) {
        w->seen_cap = f.n;
        w->seen = xrealloc(w->seen, w->seen_cap * sizeof *w->seen);
    }
    for (int kind = VALUE_TEXT; kind <= VALUE_BOOL; kind++) {
        size_t n = 0;
        for (size_t i = 0; i < f.n; i++) {
            i64 value = hit_value(&p->match, &f.at[i], p->prop, (enum value_kind)kind);
            if (value != NONE)
                w->seen[n++] = value;
        }
        if (n)
            qsort(w->seen, n, sizeof *w->seen, i64_order);
        for (size_t i = 0; i < n; i++)
            count += i == 0 || w->seen[i] != w->seen[i - 1];
    }
    return count;
}

bool average_fits(const struct test *t, __int128 sum, i64 count)
{
    bool in = false;
    if (!count)
        return false;
    if (t->op == COMPARE_RANGE)
        return (t->low == NONE || sum >= (__int128)t->low * count) &&
               (t->high == NONE || sum <= (__int128)t->high * count);
    for (size_t i = 0; i < t->count; i++)
        in |= sum == (__int128)t->values[i] * count;
    return in == (t->op == COMPARE_IN);
}

static bool numbers_fit(const struct people_ready *p, struct facts f)
{
    __int128 sum = 0;
    i64 count = 0, low = NONE, high = NONE;
    for (size_t i = 0; i < f.n; i++) {
        i64 value = hit_value(&p->match, &f.at[i], p->prop, VALUE_NUMBER);
        if (value == NONE)
            continue;
        sum += value;
        low = count && low < value ? low : value;
        high = count && high > value ? high : value;
        count++;
    }
    if (p->leaf->measure == MEASURE_AVERAGE)
        return average_fits(&p->test, sum, count);
    if (p->leaf->measure == MEASURE_SUM)
        return average_fits(&p->test, sum, 1);
    return count && test_holds(&p->test, p->leaf->measure == MEASURE_MIN ? low : high);
}

static bool figure_fits(const struct people_ready *p, struct people_work *w, struct facts f)
{
    const struct hit *one =
        !f.n ? NULL
        : p->leaf->measure == MEASURE_FIRST || p->leaf->measure == MEASURE_FIRST_TIME
            ? f.at
            : f.at + f.n - 1;
    enum value_kind kind;
    i64 value = NONE;
    switch (p->leaf->measure) {
    case MEASURE_COUNT: return test_holds(&p->test, (i64)f.n * QUERY_NUMBER_SCALE);
    case MEASURE_DISTINCT:
        return test_holds(&p->test, facts_distinct(p, w, f) * QUERY_NUMBER_SCALE);
    case MEASURE_SUM:
    case MEASURE_AVERAGE:
    case MEASURE_MIN:
    case MEASURE_MAX: return numbers_fit(p, f);
    case MEASURE_FIRST:
    case MEASURE_LAST:
        if (p->test.op == COMPARE_EXISTS)
            return (one && hit_any(&p->match, one, p->prop, &kind, &value)) == p->test.yes;
        return test_holds(&p->test, one ? hit_value(&p->match, one, p->prop, p->test.kind) : NONE);
    case MEASURE_FIRST_TIME:
    case MEASURE_LAST_TIME: return one && time_fits(&p->leaf->time, p->now, one->time);
    }
    return false;
}

static bool not_followed(const struct people_ready *p, struct facts first, struct facts second)
{
    size_t at = 0;
    for (size_t i = 0; i < first.n; i++) {
        i64 end = first.at[i].time + p->leaf->gap_ms;
        while (at < second.n && second.at[at].time <= first.at[i].time)
            at++;
        if (end <= p->now.ms && (at == second.n || second.at[at].time > end))
            return true;
    }
    return false;
}

/* The latest fact a chain of k steps may end with is the best to go on from. */
static bool in_sequence(const struct people_ready *p, struct merge *m, const struct hit *anchor)
{
    i64 last[QUERY_STEPS_MAX];
    size_t count = p->leaf->step_count;
    struct merged f;
    for (size_t k = 0; k < count; k++)
        last[k] = NONE;
    while (merge_next(m, &f)) {
        if (anchor && !hit_before(anchor, f.hit))
            continue;
        for (size_t k = count; k-- > 0;) {
            bool fits = f.lists >> k & 1;
            if (fits && k)
                fits = last[k - 1] != NONE &&
                       (!p->leaf->gap_ms || f.time - last[k - 1] <= p->leaf->gap_ms);
            if (fits)
                last[k] = f.time;
        }
    }
    return last[count - 1] != NONE;
}

struct anchors {
    bool wanted;
    const struct hits *list;
    size_t at;
};

/* False: the leaf has an anchor, and the person has none. */
static bool anchor_of(struct anchors *a, const struct people_ready *p, uint32_t who,
                      const struct hit **ret)
{
    *ret = NULL;
    if (!a->wanted)
        return true;
    struct facts f = facts_part(a->list, &a->at, who);
    if (f.n)
        *ret = p->leaf->window.anchor_last ? f.at + f.n - 1 : f.at;
    return f.n > 0;
}

struct facts facts_from(struct facts f, const struct hit *anchor)
{
    while (anchor && f.n && !hit_before(anchor, f.at)) {
        f.at++;
        f.n--;
    }
    return f;
}

static void facts_of(const struct people_ready *p, struct people_work *w, size_t block,
                     const uint64_t *wanted, uint64_t ret[BLOCK_WORDS])
{
    const struct query_leaf *l = p->leaf;
    struct hits *lists = w->lists, *anchor_list = &w->lists[QUERY_STEPS_MAX];
    struct anchors anchors = { l->window.anchor != NULL, anchor_list, 0 };
    struct merge merge;
    size_t at = 0, second_at = 0;
    if (people_facts_of(p, w, block, wanted, ret))
        return;
    if (l->kind != LEAF_SEQUENCE)
        hits_of(&p->match, block, &lists[0]);
    for (size_t i = 0; i < l->step_count; i++)
        hits_of(&p->steps[i], block, &lists[i + (l->kind == LEAF_NOT_FOLLOWED)]);
    if (anchors.wanted)
        hits_of(&p->anchor, block, anchor_list);
    merge_start(&merge, lists, l->step_count);
    for (uint32_t who = 0; who < BLOCK; who++) {
        const struct hit *anchor;
        bool fits = false;
        if (!(wanted[who / 64] >> (who % 64) & 1))
            continue;
        bool there = anchor_of(&anchors, p, who, &anchor);
        if (l->kind == LEAF_SEQUENCE) {
            fits = merge_person(&merge, who) && there && in_sequence(p, &merge, anchor);
        } else {
            struct facts f = facts_from(facts_part(&lists[0], &at, who), anchor), none = { 0 };
            struct facts second =
                l->kind == LEAF_NOT_FOLLOWED ? facts_part(&lists[1], &second_at, who) : none;
            fits = there &&
                   (l->kind == LEAF_FACTS ? figure_fits(p, w, f) : not_followed(p, f, second));
        }
        put(ret, who, fits);
    }
}

/* --- the tree */

/* Of whom a child is asked: who is not settled by those before it; all, where each node counts. */
static bool open_of(const struct people_ready *p, const struct people_work *w,
                    const uint64_t *wanted, const uint64_t *so_far, uint64_t ret[BLOCK_WORDS])
{
    uint64_t any = 0;
    for (size_t i = 0; i < BLOCK_WORDS; i++) {
        ret[i] = wanted[i] & (w->counts               ? UINT64_MAX
                              : p->kind == PEOPLE_ALL ? so_far[i]
                              : p->kind == PEOPLE_ANY ? ~so_far[i]
                                                      : UINT64_MAX);
        any |= ret[i];
    }
    return any != 0;
}

/* Those first that look at no facts. */
static void children_of(const struct engine *e, const struct people_ready *p, struct people_work *w,
                        size_t block, const uint64_t *wanted, uint64_t ret[BLOCK_WORDS])
{
    uint64_t child[BLOCK_WORDS], open[BLOCK_WORDS];
    memset(ret, p->kind == PEOPLE_ALL ? 0xff : 0, BLOCK_WORDS * sizeof *ret);
    for (int facts = 0; facts < 2; facts++)
        for (const struct people_ready *c = p->first; c; c = c->next) {
            if (c->facts != facts || !open_of(p, w, wanted, ret, open))
                continue;
            people_node(e, c, w, block, open, child);
            for (size_t i = 0; i < BLOCK_WORDS; i++)
                ret[i] = p->kind == PEOPLE_ALL   ? ret[i] & child[i]
                         : p->kind == PEOPLE_ANY ? ret[i] | (child[i] & open[i])
                                                 : ~child[i];
        }
}

static void node_of(const struct engine *e, const struct people_ready *p, struct people_work *w,
                    size_t block, const uint64_t *wanted, uint64_t ret[BLOCK_WORDS])
{
    children_of(e, p, w, block, wanted, ret);
    if (p->kind != PEOPLE_LEAF)
        return;
    switch (p->leaf->kind) {
    case LEAF_PERSON: person_of(p, block, wanted, ret); break;
    case LEAF_SET:
        bits_or(p, block, ret);
        if (!p->leaf->is)
            bits_not(ret);
        break;
    case LEAF_RANDOM:
        for (uint32_t who = 0; who < BLOCK && block * BLOCK + who < e->persons.count; who++)
            put(ret, who,
                random_place(persons_id(&e->persons, block * BLOCK + who)) < p->leaf->percent);
        break;
    case LEAF_FACTS:
    case LEAF_SEQUENCE:
    case LEAF_NOT_FOLLOWED: facts_of(p, w, block, wanted, ret); break;
    }
}

void people_node(const struct engine *e, const struct people_ready *p, struct people_work *w,
                 size_t block, const uint64_t *wanted, uint64_t ret[BLOCK_WORDS])
{
    node_of(e, p, w, block, wanted, ret);
    for (size_t i = 0; w->counts && i < BLOCK_WORDS; i++)
        w->counts[p->place] += __builtin_popcountll(ret[i] & wanted[i]);
}

static void narrow(struct ready *r, uint16_t first, uint16_t last)
{
    r->who_first = first;
    r->who_last = last;
}

void people_ready_narrow(struct people_ready *p, uint16_t first, uint16_t last)
{
    for (struct people_ready *c = p->first; c; c = c->next)
        people_ready_narrow(c, first, last);
    narrow(&p->match, first, last);
    narrow(&p->anchor, first, last);
    for (size_t i = 0; i < COUNT(p->steps); i++)
        narrow(&p->steps[i], first, last);
}

void people_of(const struct engine *e, const struct people_ready *p, struct people_work *w,
               size_t block, uint64_t ret[BLOCK_WORDS])
{
    uint64_t holds[BLOCK_WORDS];
    const uint64_t *alive = bits_block(&e->alive, block);
    memset(ret, 0, BLOCK_WORDS * sizeof *ret);
    if (alive)
        memcpy(ret, alive, BLOCK_WORDS * sizeof *ret);
    if (!p || !alive)
        return;
    people_node(e, p, w, block, alive, holds);
    for (size_t i = 0; i < BLOCK_WORDS; i++)
        ret[i] &= holds[i];
}
