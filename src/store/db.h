/* db: one interface to SQLite and PostgreSQL.
 *
 * A unit of work is a connection borrowed between _begin and _end; it belongs to one thread at a
 * time.
 *
 * Reads see one snapshot and cannot write. Writes are serializable on both engines: on SQLite
 * because one connection writes, on PostgreSQL because the transaction says so, which may end in
 * ERR_RETRY: run the work again from its start.
 *
 * Group commit (SQLite): writers take turns on the one writing connection, each inside a savepoint;
 * the transaction around the savepoints is committed (and synced) when nobody waits for a turn, or
 * after GROUP_MS, or after GROUP_MAX turns. Whoever waits for durability gives a callback and is
 * called from the committing thread, or waits.
 *
 * Errors: ERR_CONFLICT unique or foreign key; ERR_RETRY; ERR_BUSY; ERR_DISK_FULL; ERR_STORAGE. A
 * failed statement fails the unit of work: the caller returns the error and ends it. */
#ifndef HETANG_DB_H
#define HETANG_DB_H

#include "base/base.h"
#include "store/sql.h"

struct db;
struct db_conn;

enum db_engine { DB_SQLITE, DB_PG };

/* Text that stands for @name(alias) in statements, one variant per way of seeing; a unit of work
 * says which one holds. In a variant, {a} is the alias and {me} a parameter bound to the unit's
 * `who`. */
#define DB_VARIANTS 4
struct db_fragment {
    const char *name;
    const char *variants[DB_VARIANTS];
};

struct db_options {
    const char *url; /* "postgres://…", else the path of an SQLite file */
    int conns_max;   /* readers (SQLite) or connections (PostgreSQL) at once */
    bool disposable; /* SQLite: nothing need survive a power failure before db_close() */
    int slow_ms;     /* statements slower than this are logged; 0 none */
    const struct db_fragment *fragments; /* kept by reference */
    size_t fragment_count;
    void (*on_commit)(void *arg); /* after each commit that wrote, from any thread; may be NULL */
    void *on_commit_arg;
    /* SQLite: a group was lost (disk full, I/O error): whoever keeps in memory what a write had
     * claimed looks again. Called with the writer's turn held, before the next write begins. May be
     * NULL. */
    void (*on_lost)(void *arg);
    /* SQLite, likewise: one write was undone. May be NULL. */
    void (*on_undone)(void *arg);
};

/* Opens, checks that the server or file is usable; migrates nothing and prepares nothing.
 * *ret_reason (static or until the next call of this thread) says why not. */
enum err db_open(const struct db_options *options, struct db **ret, const char **ret_reason);
void db_close(struct db *db);                 /* NULL is fine */
void db_slow_set(struct db *db, int slow_ms); /* from now on; any thread */
enum db_engine db_engine(const struct db *db);
/* Prepares every statement of sql_all once; the first that fails is named in *ret_reason. */
enum err db_check_statements(struct db *db, const char **ret_reason);

/* Which variant of the fragments holds, and for whom. {0, 0} is the first variant. */
struct db_view {
    int variant;
    int64_t who;
};

enum err db_read_begin(struct db *db, struct db_view view, struct db_conn **ret);
void db_read_end(struct db_conn *conn);
/* The same for a thread that reads often. On SQLite it keeps a connection until it ends, and the
 * snapshot until db_read_rest(): its next such read goes on in it unless a write of this process
 * was committed meanwhile. A snapshot that is kept holds back the write-ahead log: it is for the
 * reads of one turn of a loop. */
enum err db_read_begin_kept(struct db *db, struct db_view view, struct db_conn **ret);
void db_read_rest(struct db *db);
/* Whoever read something and reads it again at the same number need not: nothing was committed in
 * between, by this process or another. A connection has numbers of its own. 0, which is equal to
 * nothing: not known (PostgreSQL, and inside a write). */
uint64_t db_snapshot(struct db_conn *conn);

/* Reading connections that nobody uses let go of what they hold of the file in memory: after a walk
 * of everything, which nobody else needs so soon. SQLite. */
void db_trim(struct db *db);

/* `done` is called once the outcome is durable (OK) or lost (an error), from any thread, and must
 * not block. */
typedef void db_done(void *arg, enum err outcome);
enum err db_write_begin(struct db *db, struct db_view view, struct db_conn **ret);
/* With outcome OK: keeps the work; OK means `done` was or will be called, an error (ERR_RETRY among
 * them) that it never will. With another outcome: undoes the work and returns that outcome. */
enum err db_write_end(struct db_conn *conn, enum err outcome, db_done *done, void *arg);
/* The same, waiting until it is durable. */
enum err db_write_wait(struct db_conn *conn, enum err outcome);
void db_view_set(struct db_conn *conn, struct db_view view);
struct db *db_of(struct db_conn *conn);

#define BINDS(...)                                                                  \
    ((const struct val[]) { { .kind = VAL_NULL } __VA_OPT__(, ) __VA_ARGS__ }) + 1, \
        COUNT(((const struct val[]) { { .kind = VAL_NULL } __VA_OPT__(, ) __VA_ARGS__ })) - 1

/* Rows of a running query. Texts and blobs are valid until rows_next() or the end. */
struct rows {
    struct db_conn *conn;
    void *handle;
    const char *name;
    int64_t row, count;
    int64_t started_us;
    int columns;
    bool fresh; /* SQLite: the handle belongs to this query alone */
    enum err error;
};

/* On PostgreSQL the whole result is fetched at once: a query is bounded by LIMIT or by its nature.
 */
enum err db_query(struct db_conn *conn, const struct sql *sql, struct rows *ret,
                  const struct val *binds, size_t count);
/* Text composed by a compiler from a whitelist, values bound; `name` is for the log. Kept prepared
 * for the next time. */
enum err db_query_text(struct db_conn *conn, const char *name, str text, struct rows *ret,
                       const struct val *binds, size_t count);
bool rows_next(struct rows *r);
enum err rows_end(struct rows *r); /* closes; the failure that ended the rows, if any */
void rows_close(struct rows *r);   /* for CLEANUP; does nothing after rows_end() */

/* Runs to the end. *ret_changed (may be NULL): rows inserted, updated or deleted. */
enum err db_exec(struct db_conn *conn, const struct sql *sql, int64_t *ret_changed,
                 const struct val *binds, size_t count);
enum err db_exec_text(struct db_conn *conn, const char *name, str text, int64_t *ret_changed,
                      const struct val *binds, size_t count);
/* The same inside a write, its outcome not waited for: many small changes that nobody counts go to
 * a server together. What fails is told by the next statement that is waited for, or by the end of
 * the write, which then keeps nothing; seen from within, they happened in their order. */
enum err db_exec_later(struct db_conn *conn, const struct sql *sql, const struct val *binds,
                       size_t count);
/* First column of the only row; ERR_DONE if there is none; NULL is NONE. */
enum err db_i64(struct db_conn *conn, const struct sql *sql, int64_t *ret, const struct val *binds,
                size_t count);

const char *col_name(const struct rows *r, int column);
struct val col_val(const struct rows *r, int column);
bool col_null(const struct rows *r, int column);
int64_t col_i64(const struct rows *r, int column); /* NULL is NONE */
int64_t col_id(const struct rows *r, int column);  /* NULL is 0 */
double col_f64(const struct rows *r, int column);
bool col_bool(const struct rows *r, int column);
str col_str(const struct rows *r, int column); /* NULL is none */

/* Migrations: migrations/NNNN_name.sql, forward only, each in a transaction, recorded with its
 * checksum. */
struct migration {
    const char *name;
    const char *text, *end;
};
extern const struct migration migrations[];
extern const unsigned migrations_count;
/* Applies what is missing. Refuses (ERR_CONFIG) a database that is newer or whose past was edited.
 */
enum err db_migrate(struct db *db, int *ret_applied, const char **ret_reason);
/* How many are missing, without applying them; `each` (may be NULL) is told their names. Refuses
 * what db_migrate() refuses. */
enum err db_pending(struct db *db, int *ret_count, void (*each)(void *arg, const char *name),
                    void *arg, const char **ret_reason);
/* True when no migration was ever applied: a new file, a new database of the server. */
enum err db_is_empty(struct db *db, bool *ret);

/* Care of the file or server. */
enum err db_checkpoint(
    struct db *db); /* empties the journal, so that erased content is gone from it */
enum err db_integrity(struct db *db, const char **ret_reason);
/* A consistent copy while serving, SQLite only: `path` must not exist. progress(arg, done, total)
 * may be NULL. */
enum err db_backup(struct db *db, const char *path, void (*progress)(void *, int64_t, int64_t),
                   void *arg);
int64_t db_size_bytes(struct db *db);
struct db_stats {
    int64_t size_bytes, journal_bytes; /* journal: NONE where it is the server's own business */
    int64_t writes, commits; /* of this process; writes by commits is the size of a group */
};
void db_stats(struct db *db, struct db_stats *ret);
/* An SQLite file that no process has open (a backup's copy), only read: is it whole? `each` is told
 * the rows of every table, in the order of their names; may be NULL. */
enum err db_file_check(const char *path, void (*each)(void *arg, str table, int64_t rows),
                       void *arg, const char **ret_reason);
enum err db_optimize(struct db *db); /* refreshes the planner's statistics */

/* For tests: the n-th statement from now fails as if the disk did (ERR_STORAGE); 0 turns it off.
 * The begin and the commit of a write count too. */
void db_fault_at(int64_t n);
int64_t db_statements_run(void);

#endif
