/* vec: a typed growing array in an arena.
 *
 *     VEC(struct line) lines = { 0 };
 *     *vec_push(arena, &lines) = (struct line){ … };
 *     for (size_t i = 0; i < lines.n; i++) use(&lines.at[i]);
 */
#ifndef HETANG_VEC_H
#define HETANG_VEC_H

#include "base/arena.h"

#define VEC(type)      \
    struct {           \
        type *at;      \
        size_t n, cap; \
    }

/* A pointer to a new, zeroed last element; earlier pointers into the vec are stale afterwards. */
#define vec_push(arena, vec)                                                              \
    ((vec)->at = vec_room_((arena), (vec)->at, (vec)->n, &(vec)->cap, sizeof *(vec)->at), \
     memset(&(vec)->at[(vec)->n], 0, sizeof *(vec)->at), &(vec)->at[(vec)->n++])

void *vec_room_(struct arena *a, void *at, size_t n, size_t *cap, size_t size);

#endif
