/* activity: life cycle and stickiness (query.h), as far as the executors do it alike: which periods
 * are looked at, and from figures by place to what is answered. */
#ifndef HETANG_ACTIVITY_H
#define HETANG_ACTIVITY_H

#include "engine/result.h"

struct activity_plan {
    instant *starts; /* of before + count periods, and the end of the last */
    size_t before;   /* periods that are looked at and not told */
    size_t count;    /* … that are told; 0: there is nothing to look at */
};
void activity_periods(struct arena *a, const struct query *q, instant now,
                      struct activity_plan *ret);

/* Whole numbers of a group, each figure with a place for every period that is told, and more. */
enum activity_figure {
    ACTIVITY_PEOPLE, /* at place 0 */
    ACTIVITY_ACTIVE,
    ACTIVITY_FRESH,
    ACTIVITY_RETURNING,
    ACTIVITY_RESURRECTED,
    ACTIVITY_DORMANT,
    ACTIVITY_RECENT, /* by how many it differs from the period before */
    ACTIVITY_DAYS,   /* at place 0 … window - 1: people of one day, two … */
    ACTIVITY_FIGURES
};
size_t activity_places(const struct query *q, const struct activity_plan *plan); /* of a figure */
/* figures[figure × places + place] */
struct activity_group activity_shown(struct arena *a, const struct query *q,
                                     const struct activity_plan *plan, struct group_key key,
                                     const i64 *figures, instant now);
/* The bar of q->behind: whoever has something at this place of a figure. */
struct activity_bar {
    enum activity_figure figure;
    i64 place;   /* NONE: at any */
    bool nobody; /* there is no such bar */
};
struct activity_bar activity_bar(const struct query *q, const struct activity_plan *plan);
void activity_sort(struct activity_result *r);

struct json_writer;
void activity_out(struct json_writer *w, const struct query *q, const struct activity_result *r);

#endif
