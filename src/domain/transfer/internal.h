/* What the files of transfer share. */
#ifndef HETANG_TRANSFER_INTERNAL_H
#define HETANG_TRANSFER_INTERNAL_H

#include "base/map.h"
#include "base/money.h"
#include "base/vec.h"
#include "domain/order/order.h"
#include "domain/transfer/transfer.h"

#define FIELDS_MAX 300
/* Documents (of orders) that a file may have when it does not number their lines itself. */
#define GROUPS_MAX ((size_t)4 << 20)

/* A row of the file, read. What it points to is in the arena of its chunk. */
struct line {
    i64 row, line;    /* number among the rows; where it starts in the file */
    const str *cells; /* as they stand */
    size_t cell_count;
    str text;   /* of a row that could not be read: as it stands */
    i64 number; /* of the line within its document; 0: none */
    enum reason why;
    const char *field; /* at fault, or NULL */
    void *typed;       /* what the kind made of it */
};
typedef VEC(struct line) line_list;

struct import_run {
    struct arena arena; /* lives as long as the run */
    struct import_row im;
    const struct transfer_kind *kind;
    struct mapping mapping;
    struct transfer_field *fields;
    size_t field_count;
    int at[FIELDS_MAX]; /* column of each field, or -1 */
    struct sheet *sheet;
    bool ended;
    struct arena held_arena; /* a row that was read and belongs to the next chunk */
    struct line held;
    bool has_held;
    struct counts counts;
    i64 rows; /* done */
    i64 bytes;
    struct map departments, staff; /* by hash of code, name, login; -1: several */
    struct map groups;             /* of orders: document → its lines so far */
    struct map people;             /* of a dry run: who would be made */
    struct product_cache products;
    bool trying;     /* a chunk is being applied: what `products` learnt may be undone */
    struct map tags; /* by hash of key and name; -1: several */
};

/* What is done with the rows of a kind. */
struct transfer_kind {
    const char *key, *zh, *en;
    const struct transfer_field *fields;
    size_t field_count;
    bool attributes; /* custom attributes are fields, too */
    enum perm perm;  /* beside import.run */
    size_t chunk; /* rows of one write: more of them sync less often, and hold up others longer */
    bool undone;     /* a dry run is a write that is undone, else it is a read */
    /* Reads its cells; sets .why on failure. May not fail otherwise. */
    void (*read)(struct ctx *cx, struct import_run *run, struct line *l);
    /* Do these rows belong into one chunk? NULL: never. */
    bool (*together)(const struct line *a, const struct line *b);
    /* A row enters a chunk, or was passed over by a run that goes on behind it. */
    enum err (*pass)(struct ctx *cx, struct import_run *run, struct line *l);
    /* Inside a write (a read when the run is dry): may be run again from its start, with `counts`
     * as they were. Rows it leaves out get their .why. */
    enum err (*apply)(struct ctx *cx, struct import_run *run, struct line *lines, size_t count,
                      struct counts *counts);
};
extern const struct transfer_kind orders_kind, customers_kind;

/* field.c */
static inline str cell(const struct import_run *run, const struct line *l, size_t field)
{
    int at = run->at[field];
    return at < 0 || (size_t)at >= l->cell_count ? S("") : l->cells[at];
}
/* The value meant, NULL-terminated nowhere; too long a one is at fault. */
str field_text(const struct import_run *run, struct line *l, size_t field);
/* A number that a spreadsheet has made of an identifier: 17850.0 is 17850. */
str field_identifier(const struct import_run *run, struct line *l, size_t field);
void line_fault(struct line *l, enum reason why, const struct transfer_field *field);
/* "1,234.50", "￥12", "12元" among them. */
bool number_read(struct arena *a, str text, struct decimal *ret);
bool decimal_scaled(struct decimal d, int scale, i64 *ret); /* false: more places, or too large */
/* RFC 3339, or a wall clock of the business zone: 2026-03-01 08:30[:00], 2026/3/1, 2026年3月1日,
 * 20260301, 20260301083000. */
bool time_read(str text, instant *ret);
bool date_read(str text, day *ret);
i64 name_hash(str text); /* never NONE; of texts compared without case and blanks around */
/* Departments by code or name, staff by login or name, into the run's maps. */
enum err places_load(struct ctx *cx, struct import_run *run);
enum reason place_of(const struct import_run *run, str text, department_id *ret);
enum reason staff_of(const struct import_run *run, str text, staff_id *ret);

/* For run->people. */
static inline i64 identity_hash(const struct identity_in *id, str key)
{
    return (i64)((str_hash(key) ^ u64_hash(str_hash(str_of(id->kind->key)))) >> 1);
}
/* Of those that came, the ones that say who somebody is: well-formed and not on the block list. */
enum err identities_usable(struct ctx *cx, struct identity_in *ids, size_t *count);

/* report.c */
enum err lines_keep(struct ctx *cx, import_id id, const struct line *lines, size_t count);

#endif
