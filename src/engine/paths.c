#include "engine/paths.h"

#include "base/base.h"

int path_name_compare(const struct path_name *a, const struct path_name *b)
{
    int order = str_cmp(a->type, b->type);
    return order ? order : group_key_compare(&a->key, &b->key);
}

struct path_counts path_counts_new(struct arena *a, const struct query *q)
{
    const struct paths *x = &q->paths;
    return (struct path_counts) { .names = NEW_N(a, struct path_name, x->levels * x->top),
                                  .paths = NEW_N(a, i64, path_cells(x)) };
}

static struct path_level level_of(struct arena *a, const struct paths *x,
                                  const struct path_counts *c, size_t level)
{
    struct path_level ret = { .nodes = NEW_N(a, struct path_node, x->top + 1) };
    VEC(struct path_link) links = { 0 };
    for (size_t from = 0; from <= x->top; from++) {
        struct path_node n = { .other = from == x->top };
        if (!n.other) {
            n.type = c->names[level * x->top + from].type;
            n.key = c->names[level * x->top + from].key;
        }
        for (size_t to = 0; to <= path_end(x); to++) {
            i64 paths = c->paths[path_cell(x, level, from, to)];
            n.paths += paths;
            if (paths && to != path_end(x))
                *vec_push(a, &links) = (struct path_link) { from, to, paths };
            else if (level + 1 < x->levels)
                n.ends += paths;
        }
        if (n.paths)
            ret.nodes[ret.node_count++] = n;
    }
    ret.links = links.at;
    ret.link_count = links.n;
    return ret;
}

void paths_shown(struct arena *a, const struct query *q, const struct path_counts *c,
                 struct paths_result *ret)
{
    const struct paths *x = &q->paths;
    *ret = (struct paths_result) { .people = c->people,
                                   .levels = NEW_N(a, struct path_level, x->levels) };
    for (; ret->level_count < x->levels; ret->level_count++) {
        struct path_level l = level_of(a, x, c, ret->level_count);
        if (!l.node_count)
            break;
        ret->levels[ret->level_count] = l;
    }
    for (size_t i = 0; ret->level_count && i < ret->levels[0].node_count; i++)
        ret->paths += ret->levels[0].nodes[i].paths;
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
