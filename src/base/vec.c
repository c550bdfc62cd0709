#include "base/vec.h"
#include "base/base.h"

void *vec_room_(struct arena *a, void *at, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return at;
    size_t grown = MAX(*cap * 2, 8);
    at = arena_grow(a, at, *cap * size, grown * size);
    *cap = grown;
    return at;
}
