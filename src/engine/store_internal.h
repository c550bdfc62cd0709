/* What the files of the store share: the column store as files of a folder.
 *
 * NUMBER.base is the base of one type, read in place; `index` is everything else: what the log is,
 * how far it was told, texts, persons, attributes, sets, the tails, and which bases there are, each
 * by its root. Renaming the index commits a save; bases that did not change since are kept. */
#ifndef HETANG_STORE_INTERNAL_H
#define HETANG_STORE_INTERNAL_H

#include "engine/engine_internal.h"

/* --- bytes of the index (store_bytes.c) */

struct bytes {
    char *at;
    size_t n, cap;
};
void put_raw(struct bytes *b, const void *from, size_t len);
void put_u64(struct bytes *b, uint64_t value);
void put_numbers(struct bytes *b, const i64 *values, size_t count); /* packed */
void put_bits(struct bytes *b, const struct bits *bits);

/* Reading past the end, or what cannot be, makes it bad; then everything reads as nothing. */
struct taken {
    const char *at, *end;
    bool bad;
};
const void *take_raw(struct taken *t, size_t len); /* NULL: bad */
uint64_t take_u64(struct taken *t);
/* A count of things that take at least so many bytes each: never more than there is room for. */
size_t take_count(struct taken *t, size_t each);
void take_numbers(struct taken *t, i64 *to, size_t count);
void take_bits(struct taken *t, struct bits *ret);

/* --- the base of a table (store_table.c) */

enum err base_write(const struct table *t, const char *path, uint64_t *ret_root);
/* The table reads this base where it is mapped, and has the mapping from here on. It may have a
 * tail already. False if it is not as a base has to be. */
bool base_read(struct table *t, struct store_map *m);
/* Looks at what is used as a place in something else; texts are below `text_end`. */
bool base_holds(const struct table *t, size_t text_end);

/* --- the index (store_index.c) */

struct index_base {
    struct table *table;
    uint64_t file, root;
};
void index_write(const struct engine *e, uint64_t origin, struct bytes *ret);
bool index_head(struct taken *from, uint64_t *ret_origin, i64 *ret_covered);
/* The rest, into an engine that has been told nothing. `ret` is a list on the heap of the bases it
 * needs, which no table has yet. False: it is not as an index has to be. */
bool index_read(struct taken *from, struct engine *e, struct index_base **ret, size_t *ret_count);

#endif
