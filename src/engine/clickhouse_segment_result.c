/* The rows of a segment. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"

struct number_list numbers_read(struct rows *r, str text)
{
    struct number_list list = { 0 };
    while (text.len) {
        i64 n = 0;
        if (!str_to_i64(str_cut(&text, ','), &n))
            r->bad = true;
        *vec_push(r->a, &list) = n;
    }
    return list;
}

static enum err counted_rows(struct rows *r, struct result *ret)
{
    const struct people *const *nodes;
    if (!row_next(r))
        return ERR_INVALID;
    i64 count = row_i64(r);
    struct number_list counts = numbers_read(r, row_text(r));
    struct number_list people = numbers_read(r, row_text(r));
    size_t wanted = r->q->segment.counts ? people_nodes(r->a, r->q->people, &nodes) : 0;
    bool listed = !r->q->segment.only_count;
    if (count < 0 || counts.n != wanted || (listed && people.n != (size_t)count))
        return ERR_INVALID;
    ret->people_count = (size_t)count;
    ret->people = listed ? people.at : NULL;
    ret->node_counts = counts.at;
    ret->node_count = counts.n;
    return OK;
}

/* A leaf about facts before any row: who has no fact. */
static enum node_shown shown_without(const struct query_leaf *l)
{
    switch (l->measure) {
    case MEASURE_COUNT:
    case MEASURE_SUM:
    case MEASURE_DISTINCT: return l->window.anchor ? NODE_ABSENT : NODE_VALUE;
    case MEASURE_AVERAGE:
    case MEASURE_MIN:
    case MEASURE_MAX:
    case MEASURE_FIRST:
    case MEASURE_LAST:
    case MEASURE_FIRST_TIME:
    case MEASURE_LAST_TIME: break;
    }
    return NODE_ABSENT;
}

static struct node_why node_new(const struct people *p, bool holds)
{
    struct node_why n = { .holds = holds, .value.kind = VALUE_NUMBER };
    if (p->kind == PEOPLE_LEAF && p->leaf.kind == LEAF_PERSON)
        n.shown = NODE_ABSENT;
    else if (p->kind == PEOPLE_LEAF && p->leaf.kind == LEAF_FACTS)
        n.shown = shown_without(&p->leaf);
    return n;
}

static void item_add(struct rows *r, struct node_why *n, str text)
{
    str *texts = NEW_N(r->a, str, n->text_count + 1);
    size_t at = 0;
    while (at < n->text_count && str_cmp(n->texts[at], text) < 0)
        at++;
    for (size_t i = 0; i < n->text_count; i++)
        texts[i + (i >= at)] = n->texts[i];
    texts[at] = text;
    n->texts = texts;
    n->text_count++;
    n->shown = NODE_TEXTS;
}

static void value_read(struct rows *r, const struct people *p, struct node_why *n)
{
    bool facts = p->leaf.kind == LEAF_FACTS;
    enum fact_measure measure = p->leaf.measure;
    i64 kind = row_i64(r), number = row_i64(r), of = row_i64(r);
    str text = row_text(r);
    switch (kind) {
    case KIND_NONE: return;
    case KIND_ITEM: item_add(r, n, text); return;
    case KIND_ANCHOR: /* the figure may have been read before */
        if (n->shown == NODE_ABSENT &&
            (measure == MEASURE_COUNT || measure == MEASURE_SUM || measure == MEASURE_DISTINCT))
            n->shown = NODE_VALUE;
        return;
    case KIND_DAY: n->shown = NODE_DAY; break;
    case KIND_TIME: n->shown = NODE_TIME; break;
    case KIND_BOOL:
    case KIND_NUMBER:
    case KIND_TEXT: n->shown = NODE_VALUE; break;
    default: r->bad = true; return;
    }
    n->value =
        (struct value) { .kind = kind == KIND_BOOL ? VALUE_BOOL : VALUE_NUMBER, .number = number };
    if (kind == KIND_TEXT)
        n->value = (struct value) { .kind = VALUE_TEXT, .text = text };
    if (facts && measure == MEASURE_AVERAGE) {
        n->shown = NODE_AVERAGE;
        n->of = of;
    } else if (facts && (measure == MEASURE_FIRST_TIME || measure == MEASURE_LAST_TIME)) {
        n->shown = NODE_TIME;
    }
}

static enum err why_rows(struct rows *r, struct result *ret)
{
    const struct people *const *nodes;
    size_t count = people_nodes(r->a, r->q->people, &nodes);
    str all = r->rest;
    while (row_next(r)) { /* which rows come first is not said */
        if (row_i64(r) != -1)
            continue;
        str_cut(&r->line, '\t');
        str_cut(&r->line, '\t');
        str_cut(&r->line, '\t');
        struct number_list holds = numbers_read(r, row_text(r));
        if (holds.n != count)
            return ERR_INVALID;
        ret->why = (struct why_result) { true, NEW_N(r->a, struct node_why, count), count };
        for (size_t i = 0; i < count; i++)
            ret->why.nodes[i] = node_new(nodes[i], holds.at[i] == 1);
    }
    r->rest = all;
    while (ret->why.there && row_next(r)) {
        i64 node = row_i64(r);
        if (node < -1 || node >= (i64)count)
            r->bad = true;
        else if (node >= 0)
            value_read(r, nodes[node], &ret->why.nodes[node]);
    }
    return OK;
}

enum err segment_rows(struct rows *r, struct result *ret)
{
    struct number_list people = { 0 };
    if (r->q->kind == QUERY_SEGMENT && r->q->segment.person)
        return why_rows(r, ret);
    if (r->q->kind == QUERY_SEGMENT && (r->q->segment.counts || r->q->segment.only_count))
        return counted_rows(r, ret);
    while (row_next(r))
        *vec_push(r->a, &people) = row_i64(r);
    ret->people = people.at;
    ret->people_count = people.n;
    return OK;
}
