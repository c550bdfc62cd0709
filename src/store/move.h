/* move: all rows of one database into another of the same migrations, whatever the engines, and the
 * proof that they arrived. */
#ifndef HETANG_MOVE_H
#define HETANG_MOVE_H

#include "store/catalog.h"

struct db_moved {
    str table;
    struct db_digest digest; /* the same on both sides */
};

struct db_move {
    struct db *from, *to;
    /* After every batch and table; may be NULL. verifying: read back, not written. */
    void (*progress)(void *arg, str table, int64_t done, int64_t total, bool verifying);
    void *arg;
};

/* `to` has all migrations applied and no other rows (ERR_CONFIG otherwise); `from` has the same
 * migrations and nobody writes there. Everything is one transaction on `to`, ended only after rows
 * and digests of every table were compared: on any failure `to` stays empty. `from` is only read.
 * *ret is in the arena; *ret_reason is for a person. */
enum err db_move(const struct db_move *m, struct arena *a, struct db_moved **ret, size_t *ret_count,
                 const char **ret_reason);

#endif
