/* Who fits: the leaves, each by its definition. */
#include "engine_reference_internal.h"

#include "base/time.h"

static bool value_same(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    return a->kind == VALUE_TEXT ? str_eq(a->text, b->text) : a->number == b->number;
}

static bool one_of(const struct compare *c, const struct value *v)
{
    for (size_t i = 0; i < c->count; i++)
        if (value_same(&c->values[i], v))
            return true;
    return false;
}

static bool within_bounds(const struct compare *c, __int128 number, i64 times)
{
    return (c->low == NONE || number >= (__int128)c->low * times) &&
           (c->high == NONE || number <= (__int128)c->high * times);
}

/* NULL: it is not there. */
static bool compare_fits(const struct compare *c, const struct value *v)
{
    bool text = v && v->kind == VALUE_TEXT;
    switch (c->op) {
    case COMPARE_IN: return v && one_of(c, v);
    case COMPARE_NOT_IN: return !v || !one_of(c, v);
    case COMPARE_RANGE: return v && v->kind == VALUE_NUMBER && within_bounds(c, v->number, 1);
    case COMPARE_EXISTS: return (v != NULL) == c->yes;
    case COMPARE_CONTAINS: return text && str_has(v->text, c->values->text);
    case COMPARE_STARTS: return text && str_starts(v->text, c->values->text);
    }
    return false;
}

/* A figure that is number / times, which need not be whole. */
static bool figure_fits(const struct compare *c, __int128 number, i64 times)
{
    bool found = false;
    if (c->op == COMPARE_RANGE)
        return within_bounds(c, number, times);
    for (size_t i = 0; i < c->count; i++)
        found |= number == (__int128)c->values[i].number * times;
    return found == (c->op == COMPARE_IN);
}

static bool instant_fits(const struct time_compare *c, instant t, instant now)
{
    switch (c->op) {
    case TIME_WITHIN: return t.ms > now.ms - c->span_ms && t.ms <= now.ms;
    case TIME_BEFORE: return t.ms <= now.ms - c->span_ms;
    case TIME_RANGE:
        return (!c->since.ms || t.ms >= c->since.ms) && (!c->until.ms || t.ms < c->until.ms);
    case TIME_NOT:
    case TIME_NEXT: break;
    }
    return false;
}

static bool comes_next(day d, i64 days, day today)
{
    int year, month, of_month, on_year, on_month, on_day;
    day_to_ymd(d, &year, &month, &of_month);
    for (i64 i = 0; i <= days; i++) {
        day_to_ymd((day) { today.n + i }, &on_year, &on_month, &on_day);
        if (on_month != month)
            continue;
        if (on_day == of_month ||
            (month == 2 && of_month == 29 && on_day == 28 && month_days(on_year, 2) == 28))
            return true;
    }
    return false;
}

static bool day_fits(const struct time_compare *c, day d, instant now)
{
    day today = day_of(now), past = day_of((instant) { now.ms - c->span_ms });
    switch (c->op) {
    case TIME_WITHIN: return d.n >= past.n && d.n <= today.n;
    case TIME_BEFORE: return d.n < past.n;
    case TIME_NEXT: return comes_next(d, c->span_ms / DAY_MS, today);
    case TIME_RANGE: return instant_fits(c, day_start(d), now);
    case TIME_NOT: break;
    }
    return false;
}

static bool time_fits(const struct time_compare *c, const struct person_attr *attr, instant now)
{
    if (attr && attr->kind == ATTR_DAY)
        return day_fits(c, (day) { attr->number }, now);
    if (!attr || attr->kind != ATTR_INSTANT)
        return false;
    if (c->op == TIME_NEXT)
        return day_fits(c, day_of((instant) { attr->number }), now);
    return instant_fits(c, (instant) { attr->number }, now);
}

static bool list_fits(const struct compare *c, const struct person_attr *attr)
{
    for (size_t i = 0; i < attr->text_count; i++) {
        struct value v = { .kind = VALUE_TEXT, .text = attr->texts[i] };
        if (compare_fits(c, &v) != (c->op == COMPARE_NOT_IN))
            return c->op != COMPARE_NOT_IN;
    }
    return c->op == COMPARE_NOT_IN;
}

const struct person_attr *attr_of(const struct person *p, str name)
{
    for (size_t i = 0; i < p->attr_count; i++)
        if (str_eq(p->attrs[i].name, name))
            return p->attrs[i].kind == ATTR_LIST && !p->attrs[i].text_count ? NULL : &p->attrs[i];
    return NULL;
}

static bool attr_fits(const struct query_leaf *l, const struct person *p, instant now)
{
    const struct person_attr *attr = attr_of(p, l->name);
    struct value v = { 0 };
    if (l->time.op)
        return time_fits(&l->time, attr, now);
    if (!attr)
        return compare_fits(&l->compare, NULL);
    v.number = attr->number;
    switch (attr->kind) {
    case ATTR_TEXT: v = (struct value) { .kind = VALUE_TEXT, .text = attr->text }; break;
    case ATTR_NUMBER: v.kind = VALUE_NUMBER; break;
    case ATTR_BOOL: v.kind = VALUE_BOOL; break;
    case ATTR_LIST: return list_fits(&l->compare, attr);
    case ATTR_DAY:
    case ATTR_INSTANT:
        return l->compare.op == COMPARE_NOT_IN ||
               (l->compare.op == COMPARE_EXISTS && l->compare.yes);
    }
    return compare_fits(&l->compare, &v);
}

static bool in_set(const struct person *p, str name, str key)
{
    for (size_t i = 0; i < p->set_count; i++)
        if (str_eq(p->sets[i].name, name) && str_eq(p->sets[i].key, key))
            return true;
    return false;
}

bool windowed(const struct window *w, const struct life *l, instant now, const struct fact **ret,
              size_t *ret_n)
{
    size_t after = 0, n = 0;
    for (size_t i = 0; w->anchor && i < l->n; i++)
        if (match_holds(w->anchor, l->facts[i]) && (!after || w->anchor_last))
            after = i + 1;
    if (w->anchor && !after)
        return false;
    for (size_t i = after; i < l->n; i++) {
        instant t = l->facts[i]->at;
        if ((!w->span_ms || t.ms > now.ms - w->span_ms) && (!w->since.ms || t.ms >= w->since.ms) &&
            (!w->until.ms || t.ms < w->until.ms))
            ret[n++] = l->facts[i];
    }
    *ret_n = n;
    return true;
}

i64 distinct(const struct fact **facts, size_t n, str prop)
{
    i64 found = 0;
    for (size_t i = 0; i < n; i++) {
        const struct value *v = prop_of(facts[i], prop);
        bool before = false;
        for (size_t j = 0; v && j < i; j++) {
            const struct value *other = prop_of(facts[j], prop);
            before |= other && value_same(other, v);
        }
        found += v && !before;
    }
    return found;
}

static bool numbers_fit(const struct query_leaf *l, const struct fact **facts, size_t n)
{
    __int128 sum = 0;
    i64 count = 0, least = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        const struct value *v = prop_of(facts[i], l->prop);
        if (!v || v->kind != VALUE_NUMBER)
            continue;
        least = count ? MIN(least, v->number) : v->number;
        most = count ? MAX(most, v->number) : v->number;
        sum += v->number;
        count++;
    }
    if (l->measure == MEASURE_SUM)
        return figure_fits(&l->compare, sum, 1);
    if (!count)
        return false;
    if (l->measure == MEASURE_AVERAGE)
        return figure_fits(&l->compare, sum, count);
    return figure_fits(&l->compare, l->measure == MEASURE_MIN ? least : most, 1);
}

static bool measure_fits(const struct query_leaf *l, const struct fact **facts, size_t n,
                         instant now)
{
    bool first = l->measure == MEASURE_FIRST || l->measure == MEASURE_FIRST_TIME;
    const struct fact *one = n ? facts[first ? 0 : n - 1] : NULL;
    switch (l->measure) {
    case MEASURE_COUNT: return figure_fits(&l->compare, (__int128)n * QUERY_NUMBER_SCALE, 1);
    case MEASURE_DISTINCT:
        return figure_fits(&l->compare, (__int128)distinct(facts, n, l->prop) * QUERY_NUMBER_SCALE,
                           1);
    case MEASURE_SUM:
    case MEASURE_AVERAGE:
    case MEASURE_MIN:
    case MEASURE_MAX: return numbers_fit(l, facts, n);
    case MEASURE_FIRST:
    case MEASURE_LAST: return compare_fits(&l->compare, one ? prop_of(one, l->prop) : NULL);
    case MEASURE_FIRST_TIME:
    case MEASURE_LAST_TIME: return one && instant_fits(&l->time, one->at, now);
    }
    return false;
}

static bool facts_fit(const struct query_leaf *l, const struct fact **facts, size_t n, instant now)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (match_holds(&l->match, facts[i]))
            facts[kept++] = facts[i];
    return measure_fits(l, facts, kept, now);
}

/* Whether a chain of the steps from `step` on goes on behind facts[at]. */
static bool sequence_goes_on(const struct query_leaf *l, const struct fact **facts, size_t n,
                             size_t step, size_t at, bool *dead)
{
    if (step == l->step_count)
        return true;
    if (dead[step * n + at])
        return false;
    for (size_t i = at + 1; i < n; i++)
        if (match_holds(&l->steps[step], facts[i]) &&
            (!l->gap_ms || facts[i]->at.ms - facts[at]->at.ms <= l->gap_ms) &&
            sequence_goes_on(l, facts, n, step + 1, i, dead))
            return true;
    dead[step * n + at] = true; /* tried once, not again by every way that leads here */
    return false;
}

static bool sequence_fits(const struct query_leaf *l, const struct fact **facts, size_t n)
{
    bool *dead = xcalloc(l->step_count * n + 1, sizeof *dead), fits = false;
    for (size_t i = 0; i < n && !fits; i++)
        fits = match_holds(&l->steps[0], facts[i]) && sequence_goes_on(l, facts, n, 1, i, dead);
    free(dead);
    return fits;
}

static bool not_followed_fits(const struct query_leaf *l, const struct fact **facts, size_t n,
                              const struct life *whole, instant now)
{
    for (size_t i = 0; i < n; i++) {
        i64 t = facts[i]->at.ms;
        bool followed = false;
        if (!match_holds(&l->match, facts[i]) || t + l->gap_ms > now.ms)
            continue;
        for (size_t j = 0; j < whole->n; j++)
            followed |= match_holds(l->steps, whole->facts[j]) && whole->facts[j]->at.ms > t &&
                        whole->facts[j]->at.ms <= t + l->gap_ms;
        if (!followed)
            return true;
    }
    return false;
}

static bool history_fits(const struct query_leaf *l, const struct life *life, instant now)
{
    const struct fact **facts = xcalloc(life->n + 1, sizeof *facts);
    size_t n = 0;
    bool fits = windowed(&l->window, life, now, facts, &n);
    if (fits && l->kind == LEAF_FACTS)
        fits = facts_fit(l, facts, n, now);
    else if (fits && l->kind == LEAF_SEQUENCE)
        fits = sequence_fits(l, facts, n);
    else if (fits)
        fits = not_followed_fits(l, facts, n, life, now);
    free(facts);
    return fits;
}

static bool leaf_fits(const struct query_leaf *l, const struct life *life, instant now)
{
    switch (l->kind) {
    case LEAF_PERSON: return attr_fits(l, life->person, now);
    case LEAF_SET: return in_set(life->person, l->name, l->key) == l->is;
    case LEAF_FACTS:
    case LEAF_SEQUENCE:
    case LEAF_NOT_FOLLOWED: return history_fits(l, life, now);
    case LEAF_RANDOM: return random_place(life->person->id) < l->percent;
    }
    return false;
}

bool people_fit(const struct people *p, const struct life *l, instant now)
{
    switch (p->kind) {
    case PEOPLE_ALL:
        for (const struct people *one = p->first; one; one = one->next)
            if (!people_fit(one, l, now))
                return false;
        return true;
    case PEOPLE_ANY:
        for (const struct people *one = p->first; one; one = one->next)
            if (people_fit(one, l, now))
                return true;
        return false;
    case PEOPLE_NOT: return !people_fit(p->first, l, now);
    case PEOPLE_LEAF: return leaf_fits(&p->leaf, l, now);
    }
    return false;
}

bool match_holds(const struct match *m, const struct fact *f)
{
    bool named = false;
    for (size_t i = 0; i < m->type_count; i++)
        named |= str_eq(m->types[i], f->type);
    for (size_t i = 0; named && i < m->where_count; i++)
        named = compare_fits(&m->where[i].compare, prop_of(f, m->where[i].prop));
    return named;
}

const struct value *prop_of(const struct fact *f, str name)
{
    for (size_t i = 0; i < f->prop_count; i++)
        if (str_eq(f->props[i].name, name))
            return &f->props[i].value;
    return NULL;
}

static void key_add(const struct asked *x, struct keys *keys, struct value v)
{
    struct group_key *at = NEW_N(x->a, struct group_key, keys->n + 1);
    if (keys->n)
        memcpy(at, keys->at, keys->n * sizeof *at);
    at[keys->n++] = (struct group_key) { true, v };
    keys->at = at;
}

static void attr_keys(const struct asked *x, const struct person_attr *attr, struct keys *keys)
{
    struct strbuf sb;
    strbuf_init(&sb, x->a, 100);
    switch (attr->kind) {
    case ATTR_TEXT:
        key_add(x, keys, (struct value) { .kind = VALUE_TEXT, .text = attr->text });
        return;
    case ATTR_NUMBER:
        key_add(x, keys, (struct value) { .kind = VALUE_NUMBER, .number = attr->number });
        return;
    case ATTR_BOOL:
        key_add(x, keys, (struct value) { .kind = VALUE_BOOL, .number = attr->number });
        return;
    case ATTR_DAY:
    case ATTR_INSTANT:
        out_day(&sb, attr->kind == ATTR_DAY ? (day) { attr->number }
                                            : day_of((instant) { attr->number }));
        key_add(x, keys, (struct value) { .kind = VALUE_TEXT, .text = strbuf_str(&sb) });
        return;
    case ATTR_LIST:
        for (size_t i = 0; i < attr->text_count; i++)
            key_add(x, keys, (struct value) { .kind = VALUE_TEXT, .text = attr->texts[i] });
        return;
    }
}

struct keys keys_of(const struct asked *x, const struct breakdown *b, const struct life *l,
                    const struct fact *f)
{
    struct keys keys = { 0 };
    const struct person_attr *attr = b->kind == BREAKDOWN_ATTR ? attr_of(l->person, b->name) : NULL;
    const struct value *prop = b->kind == BREAKDOWN_PROP ? prop_of(f, b->name) : NULL;
    if (attr)
        attr_keys(x, attr, &keys);
    if (prop)
        key_add(x, &keys, *prop);
    for (size_t i = 0; b->kind == BREAKDOWN_SET && i < l->person->set_count; i++)
        if (str_eq(l->person->sets[i].name, b->name))
            key_add(x, &keys,
                    (struct value) { .kind = VALUE_TEXT, .text = l->person->sets[i].key });
    if (!keys.n) {
        keys.at = NEW(x->a, struct group_key);
        keys.n = 1;
    }
    return keys;
}
