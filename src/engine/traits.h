/* traits: how many of two kinds of people have each value (query.h). */
#ifndef HETANG_TRAITS_H
#define HETANG_TRAITS_H

#include "engine/groups.h"

/* `first`, `second`: who, by block. */
void traits_count(const struct engine *e, struct arena *a, const struct traits *t,
                  uint64_t (*first)[BLOCK_WORDS], uint64_t (*second)[BLOCK_WORDS],
                  struct traits_result *ret);

#endif
