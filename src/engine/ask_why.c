/* Why somebody is in a segment or not: each node, and what its leaf compared. */
#include "engine/people_ready.h"

struct asked {
    struct engine *e;
    struct arena *a;
    struct people_work *work;
    size_t block;
    uint32_t ordinal, who;
};

/* Texts are numbers of the dictionary. */
static void value_show(const struct asked *x, enum value_kind kind, i64 value, struct node_why *ret)
{
    ret->shown = NODE_VALUE;
    ret->value = (struct value) { .kind = kind, .number = value };
    if (kind == VALUE_TEXT)
        ret->value =
            (struct value) { .kind = VALUE_TEXT,
                             .text = arena_str(x->a, dict_text(&x->e->dict, (uint32_t)value)) };
}

static int text_order(const void *pa, const void *pb)
{
    return str_cmp(*(const str *)pa, *(const str *)pb);
}

static void list_show(const struct asked *x, const struct attribute *at, struct node_why *ret)
{
    ret->texts = NEW_N(x->a, str, at->set_count);
    for (size_t i = 0; i < at->set_count; i++)
        if (bits_has(&at->sets[i].bits, x->ordinal))
            ret->texts[ret->text_count++] =
                arena_str(x->a, dict_text(&x->e->dict, at->sets[i].key));
    qsort(ret->texts, ret->text_count, sizeof *ret->texts, text_order);
    ret->shown = ret->text_count ? NODE_TEXTS : NODE_ABSENT;
}

static void attribute_show(const struct asked *x, const struct attribute *at, struct node_why *ret)
{
    ret->shown = NODE_ABSENT;
    if (!at)
        return;
    i64 value = values_get(&at->values, x->ordinal);
    if (at->kind != ATTR_LIST && value == NONE)
        return;
    switch (at->kind) {
    case ATTR_TEXT: value_show(x, VALUE_TEXT, value, ret); return;
    case ATTR_NUMBER: value_show(x, VALUE_NUMBER, value, ret); return;
    case ATTR_BOOL: value_show(x, VALUE_BOOL, value, ret); return;
    case ATTR_DAY:
    case ATTR_INSTANT:
        ret->shown = at->kind == ATTR_DAY ? NODE_DAY : NODE_TIME;
        ret->value.number = value;
        return;
    case ATTR_LIST: list_show(x, at, ret); return;
    }
}

static void number_show(const struct asked *x, i64 number, struct node_why *ret)
{
    value_show(x, VALUE_NUMBER, number, ret);
}

static void numbers_show(const struct asked *x, const struct people_ready *p, struct facts f,
                         struct node_why *ret)
{
    __int128 sum = 0;
    i64 count = 0, low = 0, high = 0;
    enum fact_measure measure = p->leaf->measure;
    for (size_t i = 0; i < f.n; i++) {
        i64 value = hit_value(&p->match, &f.at[i], p->prop, VALUE_NUMBER);
        if (value == NONE)
            continue;
        sum += value;
        low = count && low < value ? low : value;
        high = count && high > value ? high : value;
        count++;
    }
    if (measure != MEASURE_SUM && !count)
        return;
    i64 total = (i64)MAX(MIN(sum, (__int128)INT64_MAX), (__int128)INT64_MIN + 1);
    number_show(x, measure == MEASURE_MIN ? low : measure == MEASURE_MAX ? high : total, ret);
    if (measure == MEASURE_AVERAGE) {
        ret->shown = NODE_AVERAGE;
        ret->of = count;
    }
}

static void figure_show(const struct asked *x, const struct people_ready *p, struct facts f,
                        struct node_why *ret)
{
    enum fact_measure measure = p->leaf->measure;
    bool first = measure == MEASURE_FIRST || measure == MEASURE_FIRST_TIME;
    const struct hit *one = !f.n ? NULL : first ? f.at : f.at + f.n - 1;
    enum value_kind kind;
    i64 value;
    switch (measure) {
    case MEASURE_COUNT: number_show(x, (i64)f.n * QUERY_NUMBER_SCALE, ret); return;
    case MEASURE_DISTINCT:
        number_show(x, facts_distinct(p, x->work, f) * QUERY_NUMBER_SCALE, ret);
        return;
    case MEASURE_SUM:
    case MEASURE_AVERAGE:
    case MEASURE_MIN:
    case MEASURE_MAX: numbers_show(x, p, f, ret); return;
    case MEASURE_FIRST:
    case MEASURE_LAST:
        if (one && hit_any(&p->match, one, p->prop, &kind, &value))
            value_show(x, kind, value, ret);
        return;
    case MEASURE_FIRST_TIME:
    case MEASURE_LAST_TIME:
        ret->shown = one ? NODE_TIME : NODE_ABSENT;
        ret->value.number = one ? one->time : 0;
        return;
    }
}

static void facts_show(const struct asked *x, const struct people_ready *p, struct node_why *ret)
{
    struct hits *hits = &x->work->lists[0], *anchors = &x->work->lists[1];
    const struct hit *anchor = NULL;
    size_t at = 0, anchor_at = 0;
    ret->shown = NODE_ABSENT;
    if (p->leaf->window.anchor) {
        hits_of(&p->anchor, x->block, anchors);
        struct facts f = facts_part(anchors, &anchor_at, x->who);
        if (!f.n)
            return;
        anchor = p->leaf->window.anchor_last ? f.at + f.n - 1 : f.at;
    }
    hits_of(&p->match, x->block, hits);
    figure_show(x, p, facts_from(facts_part(hits, &at, x->who), anchor), ret);
}

static void nodes_show(const struct asked *x, const struct people_ready *p, struct why_result *ret)
{
    struct node_why *n = &ret->nodes[p->place];
    n->holds = people_work_counts(x->work)[p->place] > 0;
    if (p->kind == PEOPLE_LEAF && p->leaf->kind == LEAF_PERSON)
        attribute_show(x, p->attribute, n);
    else if (p->kind == PEOPLE_LEAF && p->leaf->kind == LEAF_FACTS)
        facts_show(x, p, n);
    for (const struct people_ready *child = p->first; child; child = child->next)
        nodes_show(x, child, ret);
}

/* Of one person. */
static enum err among(const struct asked *x, const struct query *q, instant now, bool *ret)
{
    struct people_ready *p;
    uint64_t who[BLOCK_WORDS];
    *ret = true;
    if (!q->among)
        return OK;
    TRY(people_ready_make(x->e, x->a, q->among, now, &p));
    struct people_work *work = people_work_new();
    people_of(x->e, p, work, x->block, who);
    people_work_free(work);
    *ret = who[x->who / 64] >> (x->who % 64) & 1;
    return OK;
}

enum err ask_why(struct engine *e, struct arena *a, const struct query *q, instant now,
                 struct result *ret)
{
    uint32_t ordinal = persons_find(&e->persons, q->segment.person);
    struct people_ready *people = NULL;
    uint64_t wanted[BLOCK_WORDS] = { 0 }, holds[BLOCK_WORDS];
    if (ordinal == NOBODY)
        return OK;
    struct asked x = { .e = e, .a = a, .ordinal = ordinal };
    x.block = x.ordinal / BLOCK;
    x.who = x.ordinal % BLOCK;
    TRY(among(&x, q, now, &ret->why.there));
    if (!q->people || !ret->why.there)
        return OK;
    TRY(people_ready_make(e, a, q->people, now, &people));
    wanted[x.who / 64] = UINT64_C(1) << (x.who % 64);
    ret->why.node_count = people_ready_number(people);
    ret->why.nodes = NEW_N(a, struct node_why, ret->why.node_count);
    x.work = people_work_new();
    people_work_count(x.work, ret->why.node_count);
    people_node(e, people, x.work, x.block, wanted, holds);
    nodes_show(&x, people, &ret->why);
    people_work_free(x.work);
    return OK;
}
