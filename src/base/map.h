/* map: int64 → int64, open addressing, for counters, ids and pointers cast to integers. Keys are
 * any value but INT64_MIN (NONE). On the heap, for what outlives a request or grows large; freed by
 * map_done(). */
#ifndef HETANG_MAP_H
#define HETANG_MAP_H

#include "base/str.h"
#include "base/types.h"

struct map {
    struct map_slot {
        int64_t key, value;
    } * slots;
    size_t count, cap; /* cap is 0 or a power of two */
};

void map_done(struct map *m);
int64_t *map_get(const struct map *m, int64_t key); /* NULL if absent; valid until the next put */
int64_t *map_put(struct map *m, int64_t key);       /* the value, 0 when it is new */
bool map_remove(struct map *m, int64_t key);
void map_clear(struct map *m);
/* Walks: for (struct map_slot *s = NULL; (s = map_next(&m, s));) */
struct map_slot *map_next(const struct map *m, const struct map_slot *slot);

#endif
