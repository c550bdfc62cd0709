#include "engine/paths.h"

#include "base/base.h"

/* A node that was met at a level, by name; `place` among those that are told. */
struct met {
    struct path_name name;
    i64 paths, ends;
    size_t place;
};
struct level {
    struct met *nodes;
    size_t count;
};

static int name_order(const struct path_name *a, const struct path_name *b)
{
    int order = str_cmp(a->type, b->type);
    return order ? order : group_key_compare(&a->key, &b->key);
}

static int step_order(const void *pa, const void *pb)
{
    const struct path_step *a = *(const struct path_step *const *)pa,
                           *b = *(const struct path_step *const *)pb;
    if (a->level != b->level)
        return a->level < b->level ? -1 : 1;
    return name_order(&a->from, &b->from);
}

static int met_by_size(const void *pa, const void *pb)
{
    const struct met *a = *(struct met *const *)pa, *b = *(struct met *const *)pb;
    if (a->paths != b->paths)
        return a->paths > b->paths ? -1 : 1;
    return name_order(&a->name, &b->name);
}

static int met_by_name(const void *name, const void *met)
{
    return name_order(name, &((const struct met *)met)->name);
}

/* The nodes of each level, by name. */
static void meet(struct arena *a, const struct query *q, const struct path_step *steps,
                 size_t count, struct level *levels)
{
    const struct path_step **sorted = NEW_N(a, const struct path_step *, count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &steps[i];
    qsort(sorted, count, sizeof *sorted, step_order);
    for (size_t i = 0; i < count; i++) {
        const struct path_step *s = sorted[i];
        struct level *l = &levels[s->level];
        if (!l->nodes) /* no more than steps are left */
            l->nodes = NEW_N(a, struct met, count - i);
        if (!l->count || name_order(&l->nodes[l->count - 1].name, &s->from) != 0)
            l->nodes[l->count++].name = s->from;
        struct met *m = &l->nodes[l->count - 1];
        m->paths += s->paths;
        m->ends += s->goes_on || s->level + 1 == q->paths.levels ? 0 : s->paths;
    }
}

/* The top nodes and, if there are more, one for the rest. */
static void place(struct arena *a, struct level *l, size_t top, struct path_level *ret)
{
    struct met **sorted = NEW_N(a, struct met *, l->count);
    for (size_t i = 0; i < l->count; i++)
        sorted[i] = &l->nodes[i];
    qsort(sorted, l->count, sizeof *sorted, met_by_size);
    ret->node_count = MIN(l->count, top + 1);
    ret->nodes = NEW_N(a, struct path_node, ret->node_count);
    for (size_t i = 0; i < l->count; i++) {
        size_t at = sorted[i]->place = MIN(i, top);
        struct path_node *n = &ret->nodes[at];
        if (at < top)
            *n = (struct path_node) { .type = sorted[i]->name.type, .key = sorted[i]->name.key };
        n->other = at == top;
        n->paths += sorted[i]->paths;
        n->ends += sorted[i]->ends;
    }
}

static const struct met *met_find(const struct level *l, const struct path_name *name)
{
    return l->count ? bsearch(name, l->nodes, l->count, sizeof *l->nodes, met_by_name) : NULL;
}

static void link_up(struct arena *a, const i64 *paths, size_t across, struct path_level *ret)
{
    VEC(struct path_link) links = { 0 };
    for (size_t i = 0; i < across * across; i++)
        if (paths[i])
            *vec_push(a, &links) = (struct path_link) { i / across, i % across, paths[i] };
    ret->links = links.at;
    ret->link_count = links.n;
}

bool paths_shown(struct arena *a, const struct query *q, const struct path_step *steps,
                 size_t count, i64 people, struct paths_result *ret)
{
    struct level levels[QUERY_LEVELS_MAX + 1] = { 0 };
    size_t across = q->paths.top + 1;
    i64 *paths = NEW_N(a, i64, QUERY_LEVELS_MAX * across * across);
    *ret = (struct paths_result) { .people = people,
                                   .levels = NEW_N(a, struct path_level, QUERY_LEVELS_MAX) };
    if (count)
        meet(a, q, steps, count, levels);
    for (; levels[ret->level_count].count; ret->level_count++)
        place(a, &levels[ret->level_count], q->paths.top, &ret->levels[ret->level_count]);
    for (const struct path_step *s = steps; s < steps + count; s++) {
        if (s->level == 0)
            ret->paths += s->paths;
        if (!s->goes_on)
            continue;
        const struct met *from = met_find(&levels[s->level], &s->from),
                         *to = met_find(&levels[s->level + 1], &s->to);
        if (!to)
            return false;
        paths[(s->level * across + from->place) * across + to->place] += s->paths;
    }
    for (size_t l = 0; l < ret->level_count; l++)
        link_up(a, &paths[l * across * across], across, &ret->levels[l]);
    return true;
}

static void level_out(struct json_writer *w, const struct query *q, const struct path_level *l)
{
    json_open(w, NULL);
    json_list(w, "nodes");
    for (const struct path_node *n = l->nodes; n < l->nodes + l->node_count; n++) {
        json_open(w, NULL);
        if (n->other)
            json_put(w, "other", true);
        else
            json_put(w, "event", n->type);
        if (!n->other && q->paths.by.len)
            key_out(w, "key", &n->key);
        json_put(w, "paths", n->paths);
        json_put(w, "ends", n->ends);
        json_close(w);
    }
    json_list_end(w);
    json_list(w, "links");
    for (const struct path_link *k = l->links; k < l->links + l->link_count; k++) {
        json_open(w, NULL);
        json_put(w, "from", (i64)k->from);
        json_put(w, "to", (i64)k->to);
        json_put(w, "paths", k->paths);
        json_close(w);
    }
    json_list_end(w);
    json_close(w);
}

void paths_out(struct json_writer *w, const struct query *q, const struct paths_result *r)
{
    json_put(w, "people", r->people);
    json_put(w, "paths", r->paths);
    json_list(w, "levels");
    for (size_t i = 0; i < r->level_count; i++)
        level_out(w, q, &r->levels[i]);
    json_list_end(w);
}
