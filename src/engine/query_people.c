#include "engine/query_internal.h"

static bool people_one(struct reader *r, const struct place *p, const struct json *j, int depth,
                       struct people **ret);

static bool anchor_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = { { "event", types_read },
                                             { "where", where_read },
                                             { "which", NULL } };
    static const char *const words[] = { "first", "last", NULL };
    struct window *w = to;
    w->anchor = NEW(r->a, struct match);
    if (!OBJECT(r, p, j, members, w->anchor))
        return false;
    if (!w->anchor->type_count)
        return bad(r, p, "which event?", "缺少事件");
    const struct json *which = json_get(j, "which");
    struct place at = { p, S("which"), 0 };
    int word = 1;
    if (which && !word_read(r, &at, which, words, &word))
        return false;
    w->anchor_last = word == 1;
    return true;
}

#define IN_LEAF(member) offsetof(struct query_leaf, member)
#define WINDOW_MEMBERS                                      \
    { "within", span_read, IN_LEAF(window.span_ms) },       \
        { "since", instant_member, IN_LEAF(window.since) }, \
        { "until", instant_member, IN_LEAF(window.until) }, \
    {                                                       \
        "since_event", anchor_read, IN_LEAF(window)         \
    }

static bool window_check(struct reader *r, const struct place *p, const struct window *w)
{
    if (w->span_ms && (w->since.ms || w->until.ms))
        return bad(r, p, "either \"within\" or \"since\" and \"until\"",
                   "within 与 since、until 只能用一种");
    if (w->since.ms && w->until.ms && w->since.ms >= w->until.ms)
        return bad(r, p, "\"until\" is not after \"since\"", "until 应晚于 since");
    return true;
}

static const struct measure_row {
    const char *name;
    enum fact_measure plain, timed; /* timed: without a property */
    bool number;
} measures[] = {
    { "count", MEASURE_COUNT, MEASURE_COUNT, true },
    { "sum", MEASURE_SUM, MEASURE_SUM, true },
    { "average", MEASURE_AVERAGE, MEASURE_AVERAGE, true },
    { "min", MEASURE_MIN, MEASURE_MIN, true },
    { "max", MEASURE_MAX, MEASURE_MAX, true },
    { "distinct", MEASURE_DISTINCT, MEASURE_DISTINCT, true },
    { "first", MEASURE_FIRST, MEASURE_FIRST_TIME, false },
    { "last", MEASURE_LAST, MEASURE_LAST_TIME, false },
};

static bool measure_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const char *const others[] = { "prop", NULL };
    struct query_leaf *l = to;
    const struct measure_row *row = measures;
    while (!str_is(p->key, row->name))
        row++;
    if (l->measure != MEASURE_COUNT || l->compare.op != COMPARE_EXISTS)
        return bad(r, p, "one figure a condition", "一个条件只能有一个统计量");
    if (j->kind != JSON_OBJECT)
        return bad(r, p, "an object is expected", "这里应是一个对象");
    const struct json *prop = json_get(j, "prop");
    struct place at = { p, S("prop"), 0 };
    if (prop && !text_read(r, &at, prop, &l->prop))
        return false;
    l->measure = prop ? row->plain : row->timed;
    bool timed = l->measure == MEASURE_FIRST_TIME || l->measure == MEASURE_LAST_TIME;
    if (!prop && !timed && row->plain != MEASURE_COUNT)
        return bad(r, &at, "which property?", "缺少属性名");
    if (prop && row->plain == MEASURE_COUNT)
        return bad(r, &at, "a count has no property", "次数没有属性");
    if (!compare_read(r, p, j, others, &l->compare, timed ? &l->time : NULL))
        return false;
    if (timed && (l->time.op == TIME_NOT || l->time.op == TIME_NEXT))
        return bad(r, p, "a time is compared with \"within\", \"before\", \"since\" and \"until\"",
                   "时间用 within、before、since、until 比较");
    if (row->number && (l->compare.op == COMPARE_EXISTS || l->compare.op == COMPARE_CONTAINS ||
                        l->compare.op == COMPARE_STARTS || l->compare.kind != VALUE_NUMBER))
        return bad(r, p, "a number is compared with a number", "数字应与数字比较");
    return true;
}

static bool facts_leaf(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "event", types_read, IN_LEAF(match) },
        { "where", where_read, IN_LEAF(match) },
        { "count", measure_read },
        { "sum", measure_read },
        { "average", measure_read },
        { "min", measure_read },
        { "max", measure_read },
        { "distinct", measure_read },
        { "first", measure_read },
        { "last", measure_read },
        WINDOW_MEMBERS,
    };
    struct query_leaf *l = to;
    l->compare.op = COMPARE_EXISTS; /* until something is said */
    if (!OBJECT(r, p, j, members, l) || !window_check(r, p, &l->window))
        return false;
    if (l->measure == MEASURE_COUNT && l->compare.op == COMPARE_EXISTS)
        l->compare = (struct compare) {
            .op = COMPARE_RANGE, .kind = VALUE_NUMBER, .low = QUERY_NUMBER_SCALE, .high = NONE
        };
    return true;
}

static bool steps_leaf(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct query_leaf *l = to;
    struct match_list steps;
    if (!matches_read(r, p, j, 2, &steps))
        return false;
    l->steps = steps.at;
    l->step_count = steps.count;
    return true;
}

static bool sequence_leaf(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "sequence", steps_leaf },
        { "within_each", span_read, IN_LEAF(gap_ms) },
        WINDOW_MEMBERS,
    };
    struct query_leaf *l = to;
    return OBJECT(r, p, j, members, l) && window_check(r, p, &l->window);
}

static bool other_leaf(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct query_leaf *l = to;
    l->steps = NEW(r->a, struct match);
    l->step_count = 1;
    return match_read(r, p, j, l->steps);
}

static bool not_followed_leaf(struct reader *r, const struct place *p, const struct json *j,
                              void *to)
{
    static const struct member members[] = {
        { "event", types_read, IN_LEAF(match) },
        { "where", where_read, IN_LEAF(match) },
        { "not_followed_by", other_leaf },
        { "after", span_read, IN_LEAF(gap_ms) },
        WINDOW_MEMBERS,
    };
    struct query_leaf *l = to;
    if (!OBJECT(r, p, j, members, l) || !window_check(r, p, &l->window))
        return false;
    if (!l->match.type_count)
        return bad(r, p, "which event?", "缺少事件");
    return l->gap_ms || bad(r, p, "after how long (\"after\")?", "缺少 after：多久之后");
}

static bool person_leaf(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const char *const others[] = { "attr", NULL };
    struct query_leaf *l = to;
    struct place at = { p, S("attr"), 0 };
    return text_read(r, &at, json_get(j, "attr"), &l->name) &&
           compare_read(r, p, j, others, &l->compare, &l->time);
}

static bool set_leaf(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "set", text_read, IN_LEAF(name) },
        { "key", text_read, IN_LEAF(key) },
        { "is", bool_read, IN_LEAF(is) },
    };
    struct query_leaf *l = to;
    l->is = true;
    if (!OBJECT(r, p, j, members, l))
        return false;
    return l->key.len || bad(r, p, "which one (\"key\")?", "缺少 key");
}

static bool random_leaf(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct query_leaf *l = to;
    i64 n;
    struct place at = { p, S("random"), 0 };
    if (j->count > 1)
        return bad(r, p, "\"random\" stands alone", "random 不与其他项一起用");
    if (!whole_read(r, &at, j->first, 0, 100, &n))
        return false;
    l->percent = (int)n;
    return true;
}

/* By the member that says which; looked for in this order. */
static const struct leaf_row {
    const char *member;
    enum query_leaf_kind kind;
    member_read *read;
} leaf_rows[] = {
    { "attr", LEAF_PERSON, person_leaf },
    { "set", LEAF_SET, set_leaf },
    { "not_followed_by", LEAF_NOT_FOLLOWED, not_followed_leaf },
    { "event", LEAF_FACTS, facts_leaf },
    { "sequence", LEAF_SEQUENCE, sequence_leaf },
    { "random", LEAF_RANDOM, random_leaf },
};

static bool children_read(struct reader *r, const struct place *p, const struct json *j, int depth,
                          struct people **ret_first)
{
    if (j->kind != JSON_ARRAY || !j->count)
        return bad(r, p, "a list of conditions is expected", "这里应是条件的列表");
    size_t i = 0;
    for (const struct json *m = j->first; m; m = m->next, i++) {
        struct place at = { p, STR_NONE, i };
        if (!people_one(r, &at, m, depth + 1, ret_first))
            return false;
        ret_first = &(*ret_first)->next;
    }
    return true;
}

static bool leaf_read(struct reader *r, const struct place *p, const struct json *j,
                      struct query_leaf *ret)
{
    struct strbuf source;
    for (size_t i = 0; i < COUNT(leaf_rows); i++)
        if (json_get(j, leaf_rows[i].member)) {
            if (++r->leaves > QUERY_LEAVES_MAX)
                return bad(r, p, "more than 100 conditions", "条件超过 100 个");
            ret->kind = leaf_rows[i].kind;
            strbuf_init(&source, r->a, 1 << 20);
            out_json_value(&source, j);
            ret->source = strbuf_str(&source);
            return leaf_rows[i].read(r, p, j, ret);
        }
    return bad(r, p, "this is no condition", "这不是一个条件");
}

static bool people_one(struct reader *r, const struct place *p, const struct json *j, int depth,
                       struct people **ret)
{
    static const char *const words[] = { "all", "any", "not" };
    static const enum people_kind kinds[] = { PEOPLE_ALL, PEOPLE_ANY, PEOPLE_NOT };
    struct people *n = NEW(r->a, struct people);
    *ret = n;
    if (depth > QUERY_DEPTH_MAX)
        return bad(r, p, "deeper than 8 levels", "嵌套超过 8 层");
    if (j->kind != JSON_OBJECT)
        return bad(r, p, "an object is expected", "这里应是一个对象");
    for (size_t i = 0; i < COUNT(words); i++) {
        const struct json *m = json_get(j, words[i]);
        struct place at = { p, str_of(words[i]), 0 };
        if (!m)
            continue;
        n->kind = kinds[i];
        if (j->count > 1)
            return bad(r, &at, "it stands alone", "不与其他项一起用");
        return n->kind == PEOPLE_NOT ? people_one(r, &at, m, depth + 1, &n->first)
                                     : children_read(r, &at, m, depth, &n->first);
    }
    n->kind = PEOPLE_LEAF;
    return leaf_read(r, p, j, &n->leaf);
}

bool people_member(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return people_one(r, p, j, 1, to);
}

struct query query_narrowed(struct arena *a, const struct query *q)
{
    struct query narrowed = *q;
    if (!q->among)
        return narrowed;
    struct people *all = NEW(a, struct people), *both = NEW_N(a, struct people, 2);
    both[0] = *q->among;
    both[0].next = NULL;
    if (q->people) {
        both[1] = *q->people;
        both[1].next = NULL;
        both[0].next = &both[1];
    }
    *all = (struct people) { .kind = PEOPLE_ALL, .first = both };
    narrowed.people = all;
    narrowed.among = NULL;
    return narrowed;
}

struct node_list {
    const struct people **at;
    size_t n, cap;
};

static void nodes_add(struct arena *a, const struct people *p, struct node_list *list)
{
    *vec_push(a, list) = p;
    for (const struct people *child = p->first; child; child = child->next)
        nodes_add(a, child, list);
}

size_t people_nodes(struct arena *a, const struct people *p, const struct people *const **ret)
{
    struct node_list list = { 0 };
    if (p)
        nodes_add(a, p, &list);
    *ret = list.at;
    return list.n;
}

enum err people_read(struct arena *a, const struct json *described, struct people **ret,
                     struct query_error *ret_error)
{
    struct reader r = { .a = a, .error = ret_error };
    struct people *read = NULL;
    if (!people_one(&r, NULL, described, 1, &read))
        return ERR_INVALID;
    *ret = read;
    return OK;
}
