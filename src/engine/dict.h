/* dict: texts and their numbers, from 1 on; 0 is no text. Texts are kept for as long as the
 * dictionary, or until nobody uses them (dict_sweep); their numbers are not given again. One thread
 * adds or sweeps while nobody reads (the engine's gate sees to it). */
#ifndef HETANG_DICT_H
#define HETANG_DICT_H

#include "base/base.h"

struct dict {
    struct arena arena;
    str *texts; /* [number - 1]; STR_NONE: blanked */
    size_t count, cap;
    uint32_t *slots; /* open addressing; 0: free */
    size_t slot_count;
    size_t wasted;     /* bytes of the arena whose texts are blank */
    uint64_t *watched; /* a bit for each number put since dict_watch(), … */
    size_t watch_end;  /* … of those below this one */
};

void dict_done(struct dict *d);
void dict_reserve(struct dict *d, size_t count); /* room for so many, at once */
uint32_t dict_put(struct dict *d, str text);
uint32_t dict_find(const struct dict *d, str text); /* 0: not there */
uint32_t dict_put_blank(struct dict *d);            /* the next number, of no text */
static inline bool dict_has(const struct dict *d, uint32_t number)
{
    return number && number <= d->count && d->texts[number - 1].ptr;
}
static inline str dict_text(const struct dict *d, uint32_t number)
{
    return d->texts[number - 1];
}

/* Blanking what is used no more: between these, who adds may add, and whatever they put stays. Of
 * the texts that were there before, those whose bit of `used` (by number) is not set are blanked:
 * nobody finds them, and of their bytes nothing is left. */
void dict_watch(struct dict *d);
void dict_sweep(struct dict *d, const uint64_t *used);

#endif
