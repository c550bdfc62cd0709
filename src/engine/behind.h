/* behind: the people one bar of a report counts (query.h), gathered while the report is walked. */
#ifndef HETANG_BEHIND_H
#define HETANG_BEHIND_H

#include "engine/groups.h"

struct behind_ready {
    bool asked;
    bool nobody; /* no group is called so */
    struct raw_key groups[QUERY_BREAKDOWNS_MAX];
    uint64_t (*found)[BLOCK_WORDS]; /* by block: each is one thread's at a time */
};

/* To be ended, whether or not it was asked for. `breakdowns`: as many as there may be. */
void behind_start(const struct engine *e, const struct query *q,
                  const struct breakdown_ready *breakdowns, size_t count, struct behind_ready *ret);
/* Is the group of this breakdown among a unit's? */
bool behind_group(const struct behind_ready *b, size_t which, const struct key_list *keys);
void behind_add(const struct behind_ready *b, uint32_t ordinal);
void behind_end(const struct engine *e, struct arena *a, struct behind_ready *b,
                struct result *ret);

#endif
