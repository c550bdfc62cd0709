/* dict: texts and their numbers, from 1 on; 0 is no text. Texts are kept for as long as the
 * dictionary. One thread adds while nobody reads (the engine's lock sees to it). */
#ifndef HETANG_DICT_H
#define HETANG_DICT_H

#include "base/base.h"

struct dict {
    struct arena arena;
    str *texts; /* [number - 1] */
    size_t count, cap;
    uint32_t *slots; /* open addressing; 0: free */
    size_t slot_count;
};

void dict_done(struct dict *d);
void dict_reserve(struct dict *d, size_t count); /* room for so many, at once */
uint32_t dict_put(struct dict *d, str text);
uint32_t dict_find(const struct dict *d, str text); /* 0: not there */
static inline str dict_text(const struct dict *d, uint32_t number)
{
    return d->texts[number - 1];
}

#endif
