/* SQLite: one writing connection shared by turns (db.h: group commit), a pool of reading ones, and
 * a thread that carries the write-ahead log back into the file so that no commit waits for it. */
#include "store/sqlite_internal.h"

#include "base/log.h"
#include "base/time.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP_MS        2
#define GROUP_MAX       256
#define WAL_CARRY_PAGES 2000 /* the carrying thread starts here … */
#define WAL_STOP_PAGES \
    40000 /* … and a writer carries itself here, so that the log cannot grow without bound */
#define WRITER_CACHE_KB  32768
#define READER_CACHE_KB  2048
#define NO_BLOOM_FILTERS 0x00080000 /* SQLITE_BloomFilter of sqliteInt.h */
#define MMAP_BYTES       (INT64_C(1) << 30)

struct done_item {
    db_done *done;
    void *arg;
};

/* The reading connection that a thread keeps. */
static pthread_key_t keeps;
static _Atomic uint64_t made; /* connections so far, of all databases */

struct sqlite_db {
    struct db base;
    pthread_mutex_t turn;
    _Atomic int waiting;
    struct conn *writer;
    /* the open group, guarded by `turn` */
    bool open, saved; /* saved: this turn has a savepoint */
    int64_t opened_us;
    int turns;
    struct done_item *items;
    size_t item_count, item_cap;
    _Atomic int wal_pages;
    /* the carrying thread */
    pthread_t carrier;
    pthread_mutex_t carrier_lock;
    pthread_cond_t carrier_wake;
    bool carrier_stop, carrier_runs;
};

static bool run(sqlite3 *handle, const char *text)
{
    return sqlite3_exec(handle, text, NULL, NULL, NULL) == SQLITE_OK;
}

static sqlite3_stmt *plain(sqlite3 *handle, const char *text)
{
    sqlite3_stmt *s = NULL;
    sqlite3_prepare_v3(handle, text, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);
    return s;
}

static int step_once(sqlite3_stmt *s)
{
    int code = sqlite3_step(s);
    sqlite3_reset(s);
    return code;
}

static void conn_close(struct conn *c)
{
    if (!c)
        return;
    for (size_t i = 0; c->named && i < (size_t)sql_all_count * DB_VARIANTS; i++)
        sqlite_stmt_free(&c->named[i]);
    for (size_t i = 0; i < TEXT_CACHE; i++)
        sqlite_stmt_free(&c->composed[i]);
    sqlite3_stmt *const own[] = { c->begin,   c->commit, c->rollback, c->save,
                                  c->release, c->undo,   c->version };
    for (size_t i = 0; i < COUNT(own); i++)
        sqlite3_finalize(own[i]);
    sqlite3_close(c->handle);
    free(c->named);
    free(c);
}

static int on_wal(void *arg, sqlite3 *handle, const char *schema, int pages)
{
    (void)handle;
    (void)schema;
    struct sqlite_db *db = arg;
    int before = db->wal_pages;
    db->wal_pages = pages;
    if (pages >= WAL_CARRY_PAGES &&
        (before < WAL_CARRY_PAGES || before / WAL_CARRY_PAGES != pages / WAL_CARRY_PAGES)) {
        pthread_mutex_lock(&db->carrier_lock);
        pthread_cond_signal(&db->carrier_wake);
        pthread_mutex_unlock(&db->carrier_lock);
    }
    return SQLITE_OK;
}

static enum err conn_open(struct sqlite_db *db, bool writes, struct conn **ret)
{
    struct conn *c = xcalloc(1, sizeof *c);
    c->base.db = &db->base;
    c->number = ++made;
    c->named = xcalloc((size_t)sql_all_count * DB_VARIANTS, sizeof *c->named);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (writes ? SQLITE_OPEN_CREATE : 0);
    char setup[512];
    snprintf(
        setup, sizeof setup,
        "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=%s;"
        "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
        "PRAGMA trusted_schema=OFF; PRAGMA case_sensitive_like=ON; PRAGMA wal_autocheckpoint=0;"
        "PRAGMA cache_size=-%d; PRAGMA mmap_size=%lld; PRAGMA query_only=%d",
        db->base.options.disposable ? "OFF" : "FULL", writes ? WRITER_CACHE_KB : READER_CACHE_KB,
        (long long)MMAP_BYTES, !writes);
    bool opened = sqlite3_open_v2(db->base.url, &c->handle, flags, NULL) == SQLITE_OK;
    if (opened && writes)
        run(c->handle, "PRAGMA page_size=8192");
    if (!opened || !run(c->handle, setup)) {
        db_reason("%s", sqlite3_errmsg(c->handle));
        enum err e = sqlite_error(c->handle, sqlite3_errcode(c->handle), "open");
        conn_close(c);
        return e;
    }
    sqlite3_extended_result_codes(c->handle, 1);
    /* No Bloom filters for joins: one reads the whole inner table before the first row, and our
     * joins look up a few rows of a long table by its key. They are measured as 0.3 s against 3 ms
     * for a page of a list of a million people. */
    sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, c->handle, NO_BLOOM_FILTERS);
    c->begin = plain(c->handle, writes ? "BEGIN IMMEDIATE" : "BEGIN");
    c->commit = plain(c->handle, "COMMIT");
    c->rollback = plain(c->handle, "ROLLBACK");
    c->save = plain(c->handle, "SAVEPOINT turn");
    c->release = plain(c->handle, "RELEASE turn");
    c->undo = plain(c->handle, "ROLLBACK TO turn");
    c->version = plain(c->handle, "PRAGMA data_version");
    if (writes)
        sqlite3_wal_hook(c->handle, on_wal, db);
    *ret = c;
    return OK;
}

static enum err make_reader(struct db *base, struct db_conn **ret)
{
    struct conn *c;
    TRY(conn_open((struct sqlite_db *)base, false, &c));
    *ret = &c->base;
    return OK;
}

static void *carry(void *arg)
{
    struct sqlite_db *db = arg;
    struct conn *c = NULL;
    pthread_mutex_lock(&db->carrier_lock);
    while (!db->carrier_stop) {
        pthread_cond_wait(&db->carrier_wake, &db->carrier_lock);
        pthread_mutex_unlock(&db->carrier_lock);
        if (!c && conn_open(db, false, &c) == OK)
            run(c->handle, "PRAGMA query_only=0");
        if (c && db->wal_pages >= WAL_CARRY_PAGES)
            sqlite3_wal_checkpoint_v2(c->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        pthread_mutex_lock(&db->carrier_lock);
    }
    pthread_mutex_unlock(&db->carrier_lock);
    conn_close(c);
    return NULL;
}

static enum err snapshot_begin(struct conn *c)
{
    uint64_t content = c->base.db->content;
    if (step_once(c->begin) != SQLITE_DONE)
        return sqlite_error(c->handle, sqlite3_errcode(c->handle), "begin");
    c->content = content;
    c->snapshot = 0;
    c->open = true;
    return OK;
}

static void snapshot_end(struct conn *c)
{
    if (c->open)
        step_once(c->commit);
    c->open = false;
}

/* At the end of a thread. */
static void keeps_no_more(void *arg)
{
    struct conn *c = arg;
    snapshot_end(c);
    c->kept = false;
    pool_give(&c->base);
}

static void sqlite_close(struct db *base)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    struct conn *mine = pthread_getspecific(keeps);
    if (mine && mine->base.db == base) {
        pthread_setspecific(keeps, NULL);
        keeps_no_more(mine);
    }
    if (db->carrier_runs) {
        pthread_mutex_lock(&db->carrier_lock);
        db->carrier_stop = true;
        pthread_cond_signal(&db->carrier_wake);
        pthread_mutex_unlock(&db->carrier_lock);
        pthread_join(db->carrier, NULL);
    }
    while (base->idle) {
        struct db_conn *next = base->idle->next;
        conn_close((struct conn *)base->idle);
        base->idle = next;
    }
    conn_close(db->writer); /* the last connection carries the log home and removes it */
    int fd = base->options.disposable ? open(base->url, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(db->items);
    free(base->url);
    free(db);
}

static void sqlite_configure(void)
{
    pthread_key_create(&keeps, keeps_no_more);
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);  /* a connection is used by one thread at a time */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* its counters are a lock around every malloc */
    sqlite3_initialize();
}

enum err sqlite_open(const struct db_options *options, struct db **ret, const char **ret_reason)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, sqlite_configure);
    struct sqlite_db *db = xcalloc(1, sizeof *db);
    db->base = (struct db) { .ops = &sqlite_ops,
                             .engine = DB_SQLITE,
                             .options = *options,
                             .url = xstrdup(str_of(options->url)) };
    pthread_mutex_init(&db->base.pool_lock, NULL);
    pthread_cond_init(&db->base.pool_freed, NULL);
    pthread_mutex_init(&db->turn, NULL);
    pthread_mutex_init(&db->carrier_lock, NULL);
    pthread_cond_init(&db->carrier_wake, NULL);
    enum err e = conn_open(db, true, &db->writer);
    if (e != OK) {
        *ret_reason = db_reason(
            "cannot open %s: %s", options->url,
            e == ERR_DISK_FULL ? "the disk is full"
                               : "it is not a usable SQLite file, or the folder cannot be written");
        sqlite_close(&db->base);
        return e;
    }
    db->carrier_runs = pthread_create(&db->carrier, NULL, carry, db) == 0;
    *ret = &db->base;
    return OK;
}

static enum err sqlite_read_begin(struct db *base, struct db_conn **ret)
{
    TRY(pool_take(base, make_reader, ret));
    enum err e = snapshot_begin((struct conn *)*ret);
    if (e != OK)
        pool_give(*ret);
    return e;
}

static void sqlite_read_end(struct db_conn *conn)
{
    struct conn *c = (struct conn *)conn;
    if (c->kept)
        return;
    snapshot_end(c);
    pool_give(conn);
}

static enum err sqlite_read_begin_kept(struct db *base, struct db_conn **ret)
{
    struct conn *c = pthread_getspecific(keeps);
    if (c && c->base.db != base)
        return sqlite_read_begin(base, ret);
    if (!c) {
        TRY(pool_take(base, make_reader, ret));
        c = (struct conn *)*ret;
        c->kept = pthread_setspecific(keeps, c) == 0;
    }
    bool over = c->content != base->content || sqlite3_get_autocommit(c->handle);
    if (c->open && over) /* autocommit: an I/O error ended it */
        snapshot_end(c);
    *ret = &c->base;
    return c->open ? OK : snapshot_begin(c);
}

static void sqlite_read_rest(struct db *base)
{
    struct conn *c = pthread_getspecific(keeps);
    if (c && c->base.db == base)
        snapshot_end(c);
}

/* SQLite counts the commits that a connection had not seen before, those of other processes
 * (`hetang user`) among them. Every connection has a range of its own. */
static uint64_t sqlite_snapshot(struct db_conn *conn)
{
    struct conn *c = (struct conn *)conn;
    if (!c->snapshot && sqlite3_step(c->version) == SQLITE_ROW)
        c->snapshot = c->number << 32 | (uint32_t)sqlite3_column_int64(c->version, 0);
    sqlite3_reset(c->version);
    return c->snapshot;
}

/* What is mapped counts as ours though the system may take it back, and each connection maps the
 * file anew. */
static void sqlite_trim(struct db *base)
{
    char map_again[64];
    snprintf(map_again, sizeof map_again, "PRAGMA mmap_size=%lld", (long long)MMAP_BYTES);
    pthread_mutex_lock(&base->pool_lock);
    struct db_conn *next, *conn = base->idle;
    base->idle = NULL;
    pthread_mutex_unlock(&base->pool_lock);
    for (; conn; conn = next) {
        sqlite3 *handle = ((struct conn *)conn)->handle;
        next = conn->next;
        run(handle, "PRAGMA mmap_size=0");
        run(handle, map_again);
        sqlite3_db_release_memory(handle);
        pool_give(conn);
    }
}

/* Tells everybody of the group how it ended. Takes the list with it, so that it can run without the
 * turn. */
static void tell(struct done_item *items, size_t count, enum err outcome)
{
    for (size_t i = 0; i < count; i++)
        items[i].done(items[i].arg, outcome);
    free(items);
}

static void group_take(struct sqlite_db *db, struct done_item **ret, size_t *ret_count)
{
    *ret = db->items;
    *ret_count = db->item_count;
    db->items = NULL;
    db->item_count = db->item_cap = 0;
    db->open = false;
    db->turns = 0;
}

/* How the open group ended. Whoever holds the turn fills it in, gives the turn away and tells. */
struct ending {
    struct done_item *items;
    size_t count;
    enum err outcome;
    bool wrote;
};

static void group_commit(struct sqlite_db *db, struct ending *ret)
{
    struct conn *w = db->writer;
    ret->wrote = db->item_count > 0;
    if (db_fault_now()) {
        ret->outcome = ERR_STORAGE;
        step_once(w->rollback);
    } else if (step_once(w->commit) != SQLITE_DONE) {
        ret->outcome = sqlite_error(w->handle, sqlite3_errcode(w->handle), "commit");
        if (!sqlite3_get_autocommit(w->handle))
            step_once(w->rollback);
    }
    db->base.content++; /* before anybody is told: whoever was told reads it */
    group_take(db, &ret->items, &ret->count);
}

/* `own`: how the work of this turn ended. */
static void turn_end(struct sqlite_db *db, struct ending *e, enum err own)
{
    const struct db_options *o = &db->base.options;
    if (own != OK && o->on_undone)
        o->on_undone(o->on_commit_arg);
    if (e->outcome != OK && o->on_lost)
        o->on_lost(o->on_commit_arg);
    pthread_mutex_unlock(&db->turn);
    tell(e->items, e->count, e->outcome);
    if (!e->wrote || e->outcome != OK)
        return;
    db->base.commits++;
    db->base.writes += (int64_t)e->count;
    if (o->on_commit)
        o->on_commit(o->on_commit_arg);
}

/* The turn cannot be taken. If those before it left their group to us, it must not stay open. */
static enum err turn_refused(struct sqlite_db *db, const char *what)
{
    struct ending ending = { 0 };
    sqlite3 *handle = db->writer->handle;
    enum err e = sqlite_error(handle, sqlite3_errcode(handle), what);
    if (db->open && sqlite3_get_autocommit(handle)) {
        ending.outcome = ERR_STORAGE;
        group_take(db, &ending.items, &ending.count);
    } else if (db->open && db->waiting == 0) {
        group_commit(db, &ending);
    }
    turn_end(db, &ending, OK);
    return e;
}

static enum err sqlite_write_begin(struct db *base, struct db_conn **ret)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    struct conn *w = db->writer;
    db->waiting++;
    pthread_mutex_lock(&db->turn);
    db->waiting--;
    if (!db->open) {
        if (db->wal_pages >= WAL_STOP_PAGES) {
            sqlite3_busy_timeout(w->handle, 200);
            if (sqlite3_wal_checkpoint_v2(w->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                          NULL) == SQLITE_OK)
                db->wal_pages = 0;
            sqlite3_busy_timeout(w->handle, 5000);
        }
        if (step_once(w->begin) != SQLITE_DONE)
            return turn_refused(db, "begin");
        db->open = true;
        db->saved = false; /* the group's first write can be undone with the group */
        db->opened_us = clock_monotonic_us();
        *ret = &w->base;
        return OK;
    }
    if (step_once(w->save) != SQLITE_DONE)
        return turn_refused(db, "savepoint");
    db->saved = true;
    *ret = &w->base;
    return OK;
}

static void group_add(struct sqlite_db *db, db_done *done, void *arg)
{
    if (db->item_count == db->item_cap) {
        db->item_cap = MAX(db->item_cap * 2, 16);
        db->items = xrealloc(db->items, db->item_cap * sizeof *db->items);
    }
    db->items[db->item_count++] = (struct done_item) { done, arg };
}

static enum err sqlite_write_end(struct db_conn *conn, enum err outcome, db_done *done, void *arg)
{
    struct conn *w = (struct conn *)conn;
    struct sqlite_db *db = (struct sqlite_db *)conn->db;
    struct ending ending = { 0 };
    db->turns++;
    bool lost =
        sqlite3_get_autocommit(w->handle); /* a full disk or an I/O error undid the whole group */
    if (lost) {
        if (outcome == OK)
            outcome = ERR_STORAGE;
        ending.outcome = ERR_STORAGE;
    } else if (!db->saved && outcome != OK) {
        step_once(w->rollback); /* the group was this write alone */
    }
    if (lost || (!db->saved && outcome != OK)) {
        group_take(db, &ending.items, &ending.count);
        turn_end(db, &ending, outcome);
        return outcome;
    }
    if (db->saved && outcome == OK && step_once(w->release) != SQLITE_DONE)
        outcome = sqlite_error(w->handle, sqlite3_errcode(w->handle), "release");
    if (outcome == OK) {
        group_add(db, done, arg);
    } else {
        step_once(w->undo);
        step_once(w->release);
    }
    if (db->waiting == 0 || db->turns >= GROUP_MAX ||
        clock_monotonic_us() - db->opened_us > GROUP_MS * 1000)
        group_commit(db, &ending);
    turn_end(db, &ending, outcome);
    return outcome;
}

static enum err sqlite_script(struct db_conn *conn, const char *text)
{
    struct conn *c = (struct conn *)conn;
    int code = sqlite3_exec(c->handle, text, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return OK;
    db_reason("%s", sqlite3_errmsg(c->handle));
    return sqlite_error(c->handle, code, "script");
}

static enum err sqlite_prepare_all(struct db *base, const char **ret_reason)
{
    struct db_conn *conn;
    TRY(pool_take(base, make_reader, &conn));
    enum err e = OK;
    for (unsigned i = 0; i < sql_all_count && e == OK; i++) {
        int variants = sql_has_fragment(base, str_of(sql_all[i]->text)) ? DB_VARIANTS : 1;
        for (int v = 0; v < variants && e == OK; v++) {
            struct stmt s = { 0 };
            conn->view.variant = v;
            e = sqlite_prepare((struct conn *)conn, sql_all[i]->name, str_of(sql_all[i]->text), 0,
                               &s);
            sqlite_stmt_free(&s);
        }
    }
    if (e != OK)
        *ret_reason = db_reason("statement %s", sqlite3_errmsg(((struct conn *)conn)->handle));
    pool_give(conn);
    return e;
}

static enum err sqlite_checkpoint(struct db *base)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    for (int attempt = 0; attempt < 100;
         attempt++) { /* short turns, so that a long reader delays no writer */
        pthread_mutex_lock(&db->turn);
        sqlite3_busy_timeout(db->writer->handle, 50);
        int code = db->open ? SQLITE_BUSY
                            : sqlite3_wal_checkpoint_v2(db->writer->handle, NULL,
                                                        SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        sqlite3_busy_timeout(db->writer->handle, 5000);
        if (code == SQLITE_OK)
            db->wal_pages = 0;
        pthread_mutex_unlock(&db->turn);
        if (code == SQLITE_OK)
            return OK;
        usleep(20000);
    }
    return ERR_BUSY;
}

static enum err sqlite_integrity(struct db *base, const char **ret_reason)
{
    struct db_conn *conn;
    TRY(pool_take(base, make_reader, &conn));
    sqlite3_stmt *s = plain(((struct conn *)conn)->handle, "PRAGMA integrity_check(1)");
    enum err e = ERR_STORAGE;
    const char *said = s && sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0)
                                                          : "it cannot be read";
    if (said && strcmp(said, "ok") == 0)
        e = OK;
    else
        *ret_reason = db_reason("%s", said ? said : "out of memory");
    sqlite3_finalize(s);
    pool_give(conn);
    return e;
}

struct progress {
    void (*call)(void *, int64_t, int64_t);
    void *arg;
    const char *path;
    int64_t total;
};

static int on_progress(void *arg)
{
    struct progress *p = arg;
    struct stat st;
    if (stat(p->path, &st) == 0)
        p->call(p->arg, st.st_size, p->total);
    return 0;
}

static enum err sqlite_backup(struct db *base, const char *path,
                              void (*call)(void *, int64_t, int64_t), void *arg)
{
    struct db_conn *conn;
    TRY(pool_take(base, make_reader, &conn));
    sqlite3 *handle = ((struct conn *)conn)->handle;
    struct progress p = { call, arg, path, base->ops->size_bytes(base) };
    if (call)
        sqlite3_progress_handler(handle, 1000000, on_progress, &p);
    sqlite3_exec(handle, "PRAGMA query_only=0", NULL, NULL, NULL); /* it writes, but another file */
    sqlite3_stmt *s = plain(handle, "VACUUM INTO ?1"); /* reads one snapshot; writers go on */
    sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
    int code = s ? sqlite3_step(s) : SQLITE_ERROR;
    enum err e = code == SQLITE_DONE ? OK : sqlite_error(handle, code, "backup");
    sqlite3_finalize(s);
    sqlite3_exec(handle, "PRAGMA query_only=1", NULL, NULL, NULL);
    sqlite3_progress_handler(handle, 0, NULL, NULL);
    pool_give(conn);
    return e;
}

static int64_t sqlite_size_bytes(struct db *base)
{
    struct stat st;
    return stat(base->url, &st) == 0 ? st.st_size : 0;
}

static int64_t sqlite_journal_bytes(struct db *base)
{
    struct stat st;
    char path[4096];
    int len = snprintf(path, sizeof path, "%s-wal", base->url);
    return len < (int)sizeof path && stat(path, &st) == 0 ? st.st_size : 0;
}

static enum err sqlite_optimize(struct db *base)
{
    struct db_conn *conn;
    TRY(db_write_begin(base, (struct db_view) { 0 }, &conn));
    return db_write_wait(conn, sqlite_script(conn, "PRAGMA analysis_limit=4000; ANALYZE"));
}

const struct db_ops sqlite_ops = {
    .close = sqlite_close,
    .read_begin = sqlite_read_begin,
    .read_end = sqlite_read_end,
    .read_begin_kept = sqlite_read_begin_kept,
    .read_rest = sqlite_read_rest,
    .snapshot = sqlite_snapshot,
    .trim = sqlite_trim,
    .write_begin = sqlite_write_begin,
    .write_end = sqlite_write_end,
    .query = sqlite_query,
    .next = sqlite_next,
    .end = sqlite_end,
    .changed = sqlite_changed,
    .column_name = sqlite_column_name,
    .column = sqlite_column,
    .script = sqlite_script,
    .prepare_all = sqlite_prepare_all,
    .checkpoint = sqlite_checkpoint,
    .integrity = sqlite_integrity,
    .backup = sqlite_backup,
    .size_bytes = sqlite_size_bytes,
    .journal_bytes = sqlite_journal_bytes,
    .optimize = sqlite_optimize,
};
