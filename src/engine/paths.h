/* paths: from counts by place to what is answered (query.h), alike for executors that count in
 * their own ways. */
#ifndef HETANG_PATHS_H
#define HETANG_PATHS_H

#include "engine/result.h"

struct path_name {
    str type;
    struct group_key key;
};
/* Of each level so many nodes are told by name, at places 0, 1, …; at place `top` are all others.
 * paths[path_cell()]: how many go from a place to one of the next level, or (path_end()) no
 * further. */
struct path_counts {
    struct path_name *names; /* [level × top + place] */
    i64 *paths;
    i64 people;
};
struct path_counts path_counts_new(struct arena *a, const struct query *q);
static inline size_t path_cells(const struct paths *x)
{
    return x->levels * (x->top + 1) * (x->top + 2);
}
static inline size_t path_cell(const struct paths *x, size_t level, size_t from, size_t to)
{
    return (level * (x->top + 1) + from) * (x->top + 2) + to;
}
static inline size_t path_end(const struct paths *x)
{
    return x->top + 1;
}
void paths_shown(struct arena *a, const struct query *q, const struct path_counts *c,
                 struct paths_result *ret);
int path_name_compare(const struct path_name *a, const struct path_name *b);

struct json_writer;
void paths_out(struct json_writer *w, const struct query *q, const struct paths_result *r);

#endif
