/* What the two engines and db.c share; nobody else includes this. */
#ifndef HETANG_DB_INTERNAL_H
#define HETANG_DB_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/db.h"

struct db_ops {
    void (*close)(struct db *db);
    enum err (*read_begin)(struct db *db, struct db_conn **ret);
    void (*read_end)(struct db_conn *conn);
    /* NULL: nothing is gained by keeping. */
    enum err (*read_begin_kept)(struct db *db, struct db_conn **ret);
    void (*read_rest)(struct db *db);
    void (*trim)(struct db *db);                /* NULL: nothing is held */
    uint64_t (*snapshot)(struct db_conn *conn); /* NULL: none is known */
    enum err (*write_begin)(struct db *db, struct db_conn **ret);
    enum err (*write_end)(struct db_conn *conn, enum err outcome, db_done *done, void *arg);
    /* `sql` NULL: `text` is composed and may be forgotten. */
    enum err (*query)(struct db_conn *conn, const struct sql *sql, str text, struct rows *ret,
                      const struct val *binds, size_t count);
    /* NULL: nothing is gained by not waiting. */
    enum err (*exec_later)(struct db_conn *conn, const struct sql *sql, const struct val *binds,
                           size_t count);
    bool (*next)(struct rows *r);
    void (*end)(struct rows *r);
    int64_t (*changed)(struct rows *r);
    const char *(*column_name)(const struct rows *r, int column);
    struct val (*column)(const struct rows *r, int column);
    /* Several statements without parameters. */
    enum err (*script)(struct db_conn *conn, const char *text);
    enum err (*prepare_all)(struct db *db, const char **ret_reason);
    enum err (*checkpoint)(struct db *db);
    enum err (*integrity)(struct db *db, const char **ret_reason);
    enum err (*backup)(struct db *db, const char *path, void (*progress)(void *, int64_t, int64_t),
                       void *arg);
    int64_t (*size_bytes)(struct db *db);
    int64_t (*journal_bytes)(struct db *db); /* NULL: it has none of its own */
    enum err (*optimize)(struct db *db);
};

struct db {
    const struct db_ops *ops;
    enum db_engine engine;
    struct db_options options;
    _Atomic int slow_ms;
    char *url;
    pthread_mutex_t pool_lock;
    pthread_cond_t pool_freed;
    struct db_conn *idle;
    int open_count;
    _Atomic int64_t writes, commits;
    _Atomic uint64_t content; /* SQLite: another number after each commit of ours */
};

struct db_conn {
    struct db *db;
    struct db_view view;
    struct db_conn *next; /* in the pool */
    bool writing;
};

extern const struct db_ops sqlite_ops, pg_ops;
enum err sqlite_open(const struct db_options *options, struct db **ret, const char **ret_reason);
enum err pg_open(const struct db_options *options, struct db **ret, const char **ret_reason);

/* A text of this thread that outlives the call: for ret_reason. */
const char *db_reason(const char *format, ...) PRINTF(1, 2);

/* A connection from the pool, made by `make` while fewer than conns_max are open; waits for one
 * otherwise. */
enum err pool_take(struct db *db, enum err (*make)(struct db *, struct db_conn **),
                   struct db_conn **ret);
void pool_give(struct db_conn *conn);
void pool_drop(struct db *db); /* a connection was closed instead of given back */

/* Writes the text a unit with this variant runs: fragments replaced. Returns the number of the
 * extra parameter that is bound to `who`, or 0 if there is none. */
int sql_expand(const struct db *db, str text, int variant, struct strbuf *ret);
bool sql_has_fragment(const struct db *db, str text);
/* @id and its kin replaced for the engine. */
void sql_types(enum db_engine engine, str text, struct strbuf *ret);
/* True when the fault set by db_fault_at() hits this statement. */
bool db_fault_now(void);

#endif
