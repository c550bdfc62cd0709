/* Segments: who, how many fit each node, and why. By the words of query.h. */
#include "engine_reference_internal.h"

static int text_order(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

static void attr_why(const struct asked *x, const struct person_attr *attr, struct node_why *ret)
{
    if (!attr)
        return;
    ret->value.number = attr->number;
    switch (attr->kind) {
    case ATTR_TEXT:
        ret->shown = NODE_VALUE;
        ret->value = (struct value) { .kind = VALUE_TEXT, .text = attr->text };
        return;
    case ATTR_NUMBER:
    case ATTR_BOOL:
        ret->shown = NODE_VALUE;
        ret->value.kind = attr->kind == ATTR_BOOL ? VALUE_BOOL : VALUE_NUMBER;
        return;
    case ATTR_DAY: ret->shown = NODE_DAY; return;
    case ATTR_INSTANT: ret->shown = NODE_TIME; return;
    case ATTR_LIST:
        ret->shown = NODE_TEXTS;
        ret->texts = arena_copy(x->a, attr->texts, attr->text_count * sizeof *attr->texts);
        ret->text_count = attr->text_count;
        qsort(ret->texts, ret->text_count, sizeof *ret->texts, text_order);
    }
}

static void number_why(i64 number, struct node_why *ret)
{
    ret->shown = NODE_VALUE;
    ret->value = (struct value) { .kind = VALUE_NUMBER, .number = number };
}

static void numbers_why(const struct query_leaf *l, const struct fact **facts, size_t n,
                        struct node_why *ret)
{
    i64 sum = 0, count = 0, least = INT64_MAX, most = INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        const struct value *v = prop_of(facts[i], l->prop);
        if (!v || v->kind != VALUE_NUMBER)
            continue;
        least = MIN(least, v->number);
        most = MAX(most, v->number);
        sum += v->number;
        count++;
    }
    if (l->measure == MEASURE_SUM || count)
        number_why(l->measure == MEASURE_MIN ? least : l->measure == MEASURE_MAX ? most : sum, ret);
    if (l->measure == MEASURE_AVERAGE && count) {
        ret->shown = NODE_AVERAGE;
        ret->of = count;
    }
}

static void facts_why(const struct query_leaf *l, const struct fact **facts, size_t n,
                      struct node_why *ret)
{
    bool first = l->measure == MEASURE_FIRST || l->measure == MEASURE_FIRST_TIME;
    const struct fact *one = n ? facts[first ? 0 : n - 1] : NULL;
    const struct value *v = one && l->prop.len ? prop_of(one, l->prop) : NULL;
    switch (l->measure) {
    case MEASURE_COUNT: number_why((i64)n * QUERY_NUMBER_SCALE, ret); return;
    case MEASURE_DISTINCT:
        number_why(distinct(facts, n, l->prop) * QUERY_NUMBER_SCALE, ret);
        return;
    case MEASURE_SUM:
    case MEASURE_AVERAGE:
    case MEASURE_MIN:
    case MEASURE_MAX: numbers_why(l, facts, n, ret); return;
    case MEASURE_FIRST:
    case MEASURE_LAST:
        ret->shown = v ? NODE_VALUE : NODE_ABSENT;
        ret->value = v ? *v : (struct value) { 0 };
        return;
    case MEASURE_FIRST_TIME:
    case MEASURE_LAST_TIME:
        ret->shown = one ? NODE_TIME : NODE_ABSENT;
        ret->value.number = one ? one->at.ms : 0;
        return;
    }
}

static struct node_why node_why(const struct asked *x, const struct people *p,
                                const struct life *life)
{
    struct node_why why = { .holds = people_fit(p, life, x->now) };
    const struct fact **facts = xcalloc(life->n + 1, sizeof *facts);
    size_t n = 0, kept = 0;
    if (p->kind == PEOPLE_LEAF && (p->leaf.kind == LEAF_PERSON || p->leaf.kind == LEAF_FACTS))
        why.shown = NODE_ABSENT;
    if (why.shown && p->leaf.kind == LEAF_PERSON)
        attr_why(x, attr_of(life->person, p->leaf.name), &why);
    else if (why.shown && windowed(&p->leaf.window, life, x->now, facts, &n)) {
        for (size_t i = 0; i < n; i++)
            if (match_holds(&p->leaf.match, facts[i]))
                facts[kept++] = facts[i];
        facts_why(&p->leaf, facts, kept, &why);
    }
    free(facts);
    return why;
}

void segment_ask(const struct asked *x, const struct life *all, size_t count, struct result *ret)
{
    const struct segment_asked *s = &x->q->segment;
    const struct people *const *nodes;
    size_t n = people_nodes(x->a, x->q->people, &nodes);
    for (size_t i = 0; s->person && i < count; i++) {
        if (all[i].person->id != s->person)
            continue;
        ret->why = (struct why_result) { true, NEW_N(x->a, struct node_why, n), n };
        for (size_t k = 0; k < n; k++)
            ret->why.nodes[k] = node_why(x, nodes[k], &all[i]);
    }
    if (s->person)
        return;
    ret->people_count = x->life_count;
    ret->people = s->only_count ? NULL : NEW_N(x->a, i64, x->life_count);
    for (size_t i = 0; ret->people && i < x->life_count; i++)
        ret->people[i] = x->lives[i].person->id;
    if (!s->counts)
        return;
    ret->node_count = n;
    ret->node_counts = NEW_N(x->a, i64, n);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < count; i++)
            ret->node_counts[k] += people_fit(nodes[k], &all[i], x->now);
}
