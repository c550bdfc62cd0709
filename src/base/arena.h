/* Arena: memory that belongs to one request or one step of a job and is given back all at once.
 *
 * Allocation never returns NULL: what a client may send is bounded at the door, so running out is a
 * fault of ours or of the machine and ends the process. Not thread-safe; one owner at a time. */
#ifndef HETANG_ARENA_H
#define HETANG_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena_chunk;
struct arena {
    struct arena_chunk *chunk; /* newest first */
    size_t used;               /* bytes handed out since the last reset */
};

void arena_done(struct arena *a);  /* frees everything; the arena may be used again */
void arena_reset(struct arena *a); /* forgets everything, keeps one chunk for the next user */
void *arena_alloc(struct arena *a, size_t size); /* aligned to 16, not zeroed */
void *arena_zero(struct arena *a, size_t count, size_t size);
void *arena_copy(struct arena *a, const void *from, size_t size);
/* Grows the last allocation in place when it can, else copies `old` bytes to a new place. */
void *arena_grow(struct arena *a, void *ptr, size_t old, size_t size);
str arena_str(struct arena *a, str s);       /* a copy, with a NUL behind it that is not counted */
const char *arena_z(struct arena *a, str s); /* the same, as a C string */
str arena_fmt(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define NEW(arena, type)      ((type *)arena_zero((arena), 1, sizeof(type)))
#define NEW_N(arena, type, n) ((type *)arena_zero((arena), (n), sizeof(type)))

/* malloc and friends that never return NULL, for what outlives a request. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *ptr, size_t size);
char *xstrdup(str s);
/* Bytes this thread has taken by these and by arenas, less what growing gave back; what was freed
 * is not seen. The difference of two readings bounds what the work between them holds. */
size_t heap_taken(void);

#endif
