/* What the parts of SQLite's side share (sqlite.c, sqlite_stmt.c). */
#ifndef HETANG_SQLITE_INTERNAL_H
#define HETANG_SQLITE_INTERNAL_H

#include <sqlite3.h>

#include "store/db_internal.h"

#define TEXT_CACHE 32

struct stmt {
    sqlite3_stmt *handle;
    uint64_t text_hash; /* composed statements */
    uint64_t used_at;
    int me;     /* the parameter bound to `who`, 0 none */
    int count;  /* parameters $1 … $count */
    int *index; /* SQLite numbers parameters by first appearance; [k-1] is the number of $k, 0 if
                   unused */
    bool alone; /* made for one query */
    bool taken; /* a query has it, whether or not it has taken a step yet */
};

struct conn {
    struct db_conn base;
    sqlite3 *handle;
    struct stmt *named; /* [sql index × DB_VARIANTS + variant], made on first use */
    struct stmt composed[TEXT_CACHE];
    uint64_t uses;
    sqlite3_stmt *begin, *commit, *rollback, *save, *release, *undo, *version;
    uint64_t number;   /* of the connection, from 1 */
    uint64_t snapshot; /* 0: not asked for yet */
    uint64_t content;  /* db.content before the snapshot */
    bool open;         /* a reading connection has a snapshot */
    bool kept;         /* by a thread */
};

/* What a code of SQLite is to us; logs what nobody expects. */
enum err sqlite_error(sqlite3 *handle, int code, const char *name);
/* With the variant of the connection's view. `flags` as of sqlite3_prepare_v3(). */
enum err sqlite_prepare(struct conn *c, const char *name, str text, unsigned flags,
                        struct stmt *ret);
void sqlite_stmt_free(struct stmt *s);

/* Of db_ops. */
enum err sqlite_query(struct db_conn *conn, const struct sql *sql, str text, struct rows *ret,
                      const struct val *binds, size_t count);
bool sqlite_next(struct rows *r);
void sqlite_end(struct rows *r);
int64_t sqlite_changed(struct rows *r);
const char *sqlite_column_name(const struct rows *r, int column);
struct val sqlite_column(const struct rows *r, int column);

#endif
