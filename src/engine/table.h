/* table: the facts of one type. Most are in the base: sorted by (person, time, sequence number),
 * each column packed. New ones are in the tail, as they came; folding makes one new base of both.
 *
 * Persons are ordinals here. A person who is read anew gets another ordinal, and the rows of the
 * old one are dead: nobody asks for them, and folding drops them. */
#ifndef HETANG_TABLE_H
#define HETANG_TABLE_H

#include "engine/bits.h"
#include "engine/packed.h"
#include "engine/query.h"
#include "engine/store_file.h"

/* Of a property, its values of one kind; texts are numbers of the dictionary. */
struct column {
    uint32_t name;
    enum value_kind kind;
    struct packed base;
    i64 *tail; /* as many as the table's tail has room for; NONE: not there */
};

struct row {
    uint32_t ordinal;
    i64 time, seq;
};

struct table {
    uint32_t type;
    size_t base_count;
    uint32_t *block_start; /* of block b: rows block_start[b] … block_start[b + 1] - 1 */
    size_t block_count;
    uint16_t *who; /* ordinal % BLOCK */
    struct packed time, seq;
    struct row *tail;
    size_t tail_count, tail_cap;
    uint32_t *order; /* of the tail, sorted as the base is; the first `ordered` of it */
    size_t ordered;
    struct column *columns;
    size_t column_count, column_cap;
    struct store_map map; /* of a base that is read in its file */
    uint64_t file, root;  /* which file has the base; 0: none yet */
    uint64_t gone; /* so many persons had gone when none of theirs was in it (struct engine) */
};

void table_done(struct table *t);
size_t table_add(struct table *t, struct row row); /* its place in the tail */
struct column *table_column(struct table *t, uint32_t name, enum value_kind kind); /* NULL: none */
struct column *table_column_new(struct table *t, uint32_t name, enum value_kind kind);
void table_put(struct table *t, size_t at, uint32_t name, enum value_kind kind, i64 value);
void table_settle(struct table *t); /* the tail's order, before it is read */
int table_row_compare(const struct row *a, const struct row *b);

/* Everything into one new base; rows of persons who are not `alive` are left out, and columns that
 * have no value then. */
void table_fold(struct table *t, const struct bits *alive);
/* The same in steps: nobody tells at the beginning and at the end; in between facts may come. Who
 * reads the old table can go on; it is the caller's to free when nobody does. Its base may not
 * change otherwise meanwhile. */
struct table_fold;
struct table_fold *table_fold_begin(const struct table *t, const struct bits *alive); /* settled */
void table_fold_run(struct table_fold *f);
struct table *table_fold_end(const struct table *t, struct table_fold *f); /* the new one */
void table_fold_free(struct table_fold *f);

/* The part of the tail's order with this block. Settled before. */
void table_tail_of(const struct table *t, size_t block, size_t *ret_from, size_t *ret_to);
size_t table_bytes(const struct table *t);

#define ROW_TAIL (UINT32_C(1) << 31) /* of a row's number: in the tail */
static inline i64 table_value(const struct column *c, uint32_t row)
{
    return row & ROW_TAIL ? c->tail[row & ~ROW_TAIL] : packed_get(&c->base, row);
}
static inline i64 table_seq(const struct table *t, uint32_t row)
{
    return row & ROW_TAIL ? t->tail[row & ~ROW_TAIL].seq : packed_get(&t->seq, row);
}

#endif
