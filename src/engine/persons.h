/* persons: who has which ordinal. A place is four bytes; the number stands by the ordinal. */
#ifndef HETANG_PERSONS_H
#define HETANG_PERSONS_H

#include "engine/values.h"

#define NOBODY UINT32_MAX

struct persons {
    struct values ids; /* by ordinal; NONE: gone */
    size_t count;      /* ordinals that were given out */
    size_t there;      /* of them, not gone */
    uint32_t *slots;   /* ordinal + 1, by hash; 0: free */
    size_t slot_count; /* 0 or a power of two */
};

uint32_t persons_find(const struct persons *p, i64 id); /* NOBODY: not there */
/* The next ordinal, for somebody who is not there. */
uint32_t persons_add(struct persons *p, i64 id);
void persons_remove(struct persons *p, uint32_t ordinal); /* who is there */
/* Takes all at once, by ordinal, into none; NONE: gone. False if somebody is twice among them. */
bool persons_fill(struct persons *p, const i64 *ids, size_t count);
size_t persons_bytes(const struct persons *p);
void persons_done(struct persons *p);

static inline i64 persons_id(const struct persons *p, size_t ordinal)
{
    return values_get(&p->ids, ordinal);
}

#endif
