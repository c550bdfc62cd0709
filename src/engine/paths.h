/* paths: from counted steps to what is answered (query.h), alike for executors that count them in
 * their own ways. */
#ifndef HETANG_PATHS_H
#define HETANG_PATHS_H

#include "engine/result.h"

struct path_name {
    str type;
    struct group_key key;
};
/* So many paths are in a node at a level, and go on to another from there or do not. A step may be
 * there several times. */
struct path_step {
    size_t level;
    struct path_name from, to;
    bool goes_on;
    i64 paths;
};
/* False if a step goes on to where no path is. */
bool paths_shown(struct arena *a, const struct query *q, const struct path_step *steps,
                 size_t count, i64 people, struct paths_result *ret);

struct json_writer;
void paths_out(struct json_writer *w, const struct query *q, const struct paths_result *r);

#endif
