/* Paths, by the words of query.h: every path is walked and kept whole. */
#include "engine_reference_internal.h"

struct name {
    str type;
    struct group_key key;
};
struct path {
    i64 person;
    struct name nodes[QUERY_LEVELS_MAX];
    size_t length;
};
struct path_list {
    VEC(struct path) all;
};

static bool is_among(const struct paths *x, const struct fact *f)
{
    bool among = !x->among.type_count;
    for (size_t i = 0; i < x->among.type_count; i++)
        among |= str_eq(x->among.types[i], f->type);
    for (size_t i = 0; i < x->match.type_count; i++)
        among |= str_eq(x->match.types[i], f->type);
    return among;
}

static struct name name_of(const struct paths *x, const struct fact *f)
{
    const struct value *v = x->by.len ? prop_of(f, x->by) : NULL;
    struct name n = { .type = f->type };
    if (v)
        n.key = (struct group_key) { true, *v };
    return n;
}

static int name_order(const struct name *a, const struct name *b)
{
    return str_eq(a->type, b->type) ? group_key_compare(&a->key, &b->key)
                                    : str_cmp(a->type, b->type);
}

static void path_walk(const struct asked *x, const struct life *l, size_t start,
                      struct path_list *ret)
{
    const struct paths *asked = &x->q->paths;
    struct path p = { .person = l->person->id };
    const struct fact *last = l->facts[start];
    p.nodes[p.length++] = name_of(asked, last);
    for (size_t i = 1;; i++) {
        size_t at = asked->backwards ? start - i : start + i; /* past 0: past the end */
        if (at >= l->n)
            break;
        const struct fact *f = l->facts[at];
        if (!is_among(asked, f))
            continue;
        i64 away = asked->backwards ? last->at.ms - f->at.ms : f->at.ms - last->at.ms;
        if (asked->gap_ms && away > asked->gap_ms)
            break;
        last = f;
        struct name n = name_of(asked, f);
        if (asked->collapse && name_order(&n, &p.nodes[p.length - 1]) == 0)
            continue;
        if (p.length == asked->levels)
            break;
        p.nodes[p.length++] = n;
    }
    *vec_push(x->a, &ret->all) = p;
}

/* The nodes of a level. */
struct node {
    struct name name;
    i64 paths;
};
struct node_list {
    VEC(struct node) all;
};

static struct node_list nodes_of(const struct asked *x, const struct path_list *paths, size_t level)
{
    struct node_list nodes = { 0 };
    for (const struct path *p = paths->all.at; p < paths->all.at + paths->all.n; p++) {
        size_t i = 0;
        if (p->length <= level)
            continue;
        while (i < nodes.all.n && name_order(&nodes.all.at[i].name, &p->nodes[level]) != 0)
            i++;
        if (i == nodes.all.n)
            vec_push(x->a, &nodes.all)->name = p->nodes[level];
        nodes.all.at[i].paths++;
    }
    return nodes;
}

/* How many others come before: those of more paths, or of as many and an earlier name. */
static size_t place_of(const struct asked *x, const struct node_list *nodes, const struct name *n)
{
    const struct node *own = nodes->all.at;
    size_t before = 0;
    while (name_order(&own->name, n) != 0)
        own++;
    for (const struct node *o = nodes->all.at; o < nodes->all.at + nodes->all.n; o++)
        before += o->paths > own->paths ||
                  (o->paths == own->paths && name_order(&o->name, &own->name) < 0);
    return MIN(before, x->q->paths.top);
}

static void level_of(const struct asked *x, const struct path_list *paths, size_t level,
                     struct path_level *ret)
{
    const struct paths *asked = &x->q->paths;
    size_t across = asked->top + 1;
    i64 *links = NEW_N(x->a, i64, across * across);
    struct node_list here = nodes_of(x, paths, level), next = nodes_of(x, paths, level + 1);
    ret->nodes = NEW_N(x->a, struct path_node, across);
    for (const struct path *p = paths->all.at; p < paths->all.at + paths->all.n; p++) {
        if (p->length <= level)
            continue;
        size_t at = place_of(x, &here, &p->nodes[level]);
        struct path_node *n = &ret->nodes[at];
        ret->node_count = MAX(ret->node_count, at + 1);
        n->other = at == asked->top;
        if (!n->other) {
            n->type = p->nodes[level].type;
            n->key = p->nodes[level].key;
        }
        n->paths++;
        n->ends += p->length == level + 1 && level + 1 < asked->levels;
        if (p->length > level + 1)
            links[at * across + place_of(x, &next, &p->nodes[level + 1])]++;
    }
    ret->links = NEW_N(x->a, struct path_link, across * across);
    for (size_t i = 0; i < across * across; i++)
        if (links[i])
            ret->links[ret->link_count++] = (struct path_link) { i / across, i % across, links[i] };
}

/* How many people have one. */
static i64 paths_of(const struct asked *x, struct path_list *ret)
{
    i64 people = 0;
    for (size_t i = 0; i < x->life_count; i++) {
        const struct life *l = &x->lives[i];
        bool any = false;
        for (size_t f = 0; f < l->n && (!any || x->q->paths.every); f++)
            if (match_holds(&x->q->paths.match, l->facts[f]) && in_range(x->q, l->facts[f])) {
                path_walk(x, l, f, ret);
                any = true;
            }
        people += any;
    }
    return people;
}

/* Is the path's node of that level the one that is named, as it is told? */
static bool is_named(const struct asked *x, const struct path_list *paths, const struct path *p,
                     size_t level, const struct path_named *named)
{
    const struct name name = { named->type, named->key };
    if (!named->asked)
        return true;
    if (level >= p->length)
        return false;
    struct node_list nodes = nodes_of(x, paths, level);
    bool told = place_of(x, &nodes, &p->nodes[level]) < x->q->paths.top;
    return named->other ? !told : told && name_order(&p->nodes[level], &name) == 0;
}

void paths_behind(const struct asked *x, struct ids *ret)
{
    const struct behind *b = &x->q->behind;
    struct path_list paths = { 0 };
    paths_of(x, &paths);
    for (const struct path *p = paths.all.at; p < paths.all.at + paths.all.n; p++)
        if (p->length >= b->level && (!b->ends || p->length == b->level) &&
            is_named(x, &paths, p, b->level - 1, &b->node) &&
            is_named(x, &paths, p, b->level, &b->to))
            *vec_push(x->a, ret) = p->person;
}

void paths_ask(const struct asked *x, struct paths_result *ret)
{
    struct path_list paths = { 0 };
    *ret = (struct paths_result) { .people = paths_of(x, &paths),
                                   .levels = NEW_N(x->a, struct path_level, QUERY_LEVELS_MAX) };
    ret->paths = (i64)paths.all.n;
    for (; ret->level_count < x->q->paths.levels; ret->level_count++) {
        level_of(x, &paths, ret->level_count, &ret->levels[ret->level_count]);
        if (!ret->levels[ret->level_count].node_count)
            break;
    }
}
