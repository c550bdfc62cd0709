/* PostgreSQL: a pool of connections, each write its own SERIALIZABLE transaction. The server groups
 * the commits. */
#include "store/db_internal.h"

#include "base/log.h"

#include <libpq-fe.h>

/* Types of results, by their fixed numbers (pg_type.dat). */
enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_NUMERIC = 1700
};

#define TEXT_CACHE 64
#define LATER_MAX  256 /* statements whose answers wait in the sockets' buffers */

struct prepared {
    bool done;
    int me;
    int count;
};

struct conn {
    struct db_conn base;
    PGconn *handle;
    struct prepared *named; /* [sql index × DB_VARIANTS + variant] */
    struct composed {
        uint64_t hash;
        struct prepared p;
    } composed[TEXT_CACHE];
    unsigned composed_next;
    size_t
        later; /* statements sent and not answered yet; then the connection is in pipeline mode */
    const char *later_names[LATER_MAX];
    struct arena scratch; /* parameters of the statement being sent */
    struct arena row; /* blobs of the row being read; a statement sent meanwhile may bind them */
};

static enum err error_of(struct conn *c, const PGresult *res, const char *name)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    if (PQstatus(c->handle) != CONNECTION_OK || !state) {
        log_warn("db.connection", P("statement", name), P("message", PQerrorMessage(c->handle)));
        return ERR_STORAGE;
    }
    if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
        return ERR_RETRY;
    if (strcmp(state, "23505") == 0 || strcmp(state, "23503") == 0)
        return ERR_CONFLICT;
    log_error("db.statement", P("statement", name), P("state", state),
              P("message", PQresultErrorMessage(res)));
    if (strcmp(state, "53100") == 0)
        return ERR_DISK_FULL;
    if (strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0 ||
        strncmp(state, "08", 2) == 0 || strncmp(state, "58", 2) == 0 || strcmp(state, "25006") == 0)
        return ERR_STORAGE;
    return ERR_INTERNAL;
}

static bool good(const PGresult *res)
{
    ExecStatusType s = PQresultStatus(res);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

static enum err simple(struct conn *c, const char *text)
{
    PGresult *res = PQexec(c->handle, text);
    enum err e = good(res) ? OK : error_of(c, res, text);
    PQclear(res);
    return e;
}

/* The first failure of what was sent and is answered now. */
static enum err answers(struct conn *c)
{
    enum err e = OK;
    for (size_t at = 0;;) {
        PGresult *res = PQgetResult(c->handle);
        ExecStatusType status = res ? PQresultStatus(res) : PGRES_COMMAND_OK;
        if (!res && PQstatus(c->handle) != CONNECTION_OK)
            return e == OK ? error_of(c, NULL, "later") : e;
        if (res && status != PGRES_PIPELINE_SYNC && status != PGRES_PIPELINE_ABORTED &&
            !good(res) && e == OK)
            e = error_of(c, res, c->later_names[MIN(at, LATER_MAX - 1)]);
        at += !res; /* each statement's answers end so */
        PQclear(res);
        if (status == PGRES_PIPELINE_SYNC)
            return e;
    }
}

/* Waits for what was sent without waiting. */
static enum err settle(struct conn *c)
{
    if (!c->later)
        return OK;
    enum err e = PQpipelineSync(c->handle) ? answers(c) : error_of(c, NULL, "later");
    c->later = 0;
    return PQexitPipelineMode(c->handle) || e != OK ? e : error_of(c, NULL, "later");
}

static void conn_close(struct conn *c)
{
    PQfinish(c->handle);
    arena_done(&c->scratch);
    arena_done(&c->row);
    free(c->named);
    free(c);
}

static void quiet(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static enum err make_conn(struct db *db, struct db_conn **ret)
{
    PGconn *handle = PQconnectdb(db->url);
    if (PQstatus(handle) != CONNECTION_OK) {
        str said = str_of(PQerrorMessage(handle));
        str line = str_cut(&said, '\n');
        db_reason("cannot use PostgreSQL: %.*s", STR_ARG(line));
        log_warn("db.connection", P("message", PQerrorMessage(handle)));
        PQfinish(handle);
        return ERR_STORAGE;
    }
    PQsetNoticeProcessor(handle, quiet, NULL);
    struct conn *c = xcalloc(1, sizeof *c);
    c->base.db = db;
    c->handle = handle;
    c->named = xcalloc((size_t)sql_all_count * DB_VARIANTS, sizeof *c->named);
    enum err e =
        simple(c, "SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; SET bytea_output = 'hex';"
                  "SET idle_in_transaction_session_timeout = '60s'");
    if (e != OK) {
        conn_close(c);
        return e;
    }
    *ret = &c->base;
    return OK;
}

static void give_back(struct conn *c)
{
    PGTransactionStatusType t = PQtransactionStatus(c->handle);
    if (PQstatus(c->handle) == CONNECTION_OK && t == PQTRANS_IDLE) {
        pool_give(&c->base);
        return;
    }
    struct db *db = c->base.db;
    conn_close(c);
    pool_drop(db);
}

static enum err begin(struct db *db, const char *text, struct db_conn **ret)
{
    for (int attempt = 0;; attempt++) { /* an idle connection may have died with a restarted server:
                                           then the next one */
        TRY(pool_take(db, make_conn, ret));
        enum err e = simple((struct conn *)*ret, text);
        if (e == OK)
            return OK;
        give_back((struct conn *)*ret);
        if (attempt == db->options.conns_max)
            return e;
    }
}

static enum err pg_read_begin(struct db *db, struct db_conn **ret)
{
    return begin(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ret);
}

static void pg_read_end(struct db_conn *conn)
{
    PQclear(PQexec(((struct conn *)conn)->handle, "COMMIT"));
    give_back((struct conn *)conn);
}

static enum err pg_write_begin(struct db *db, struct db_conn **ret)
{
    return begin(db, "BEGIN ISOLATION LEVEL SERIALIZABLE", ret);
}

static enum err pg_write_end(struct db_conn *conn, enum err outcome, db_done *done, void *arg)
{
    struct conn *c = (struct conn *)conn;
    struct db *db = conn->db;
    enum err later = settle(c);
    if (outcome == OK)
        outcome = later;
    if (outcome == OK && db_fault_now())
        outcome = ERR_STORAGE;
    if (outcome == OK) {
        PGresult *res = PQexec(c->handle, "COMMIT");
        if (!good(res))
            outcome = error_of(c, res, "commit");
        else if (strcmp(PQcmdStatus(res), "COMMIT") != 0)
            outcome = ERR_STORAGE; /* the transaction had failed and was rolled back instead */
        PQclear(res);
    }
    if (PQtransactionStatus(c->handle) != PQTRANS_IDLE)
        PQclear(PQexec(c->handle, "ROLLBACK"));
    give_back(c);
    if (outcome != OK)
        return outcome;
    db->writes++;
    db->commits++;
    done(arg, OK);
    if (db->options.on_commit)
        db->options.on_commit(db->options.on_commit_arg);
    return OK;
}

static str text_of(const struct sql *sql)
{
    return str_of(sql->text_pg ? sql->text_pg : sql->text);
}

static enum err prepare(struct conn *c, const char *name, const char *handle_name, str text,
                        struct prepared *ret)
{
    struct strbuf expanded CLEANUP(strbuf_done);
    strbuf_init(&expanded, NULL, 1 << 20);
    int me = sql_expand(c->base.db, text, c->base.view.variant, &expanded);
    out_c(&expanded, '\0');
    assert(!expanded.overflow);
    PGresult *res = PQprepare(c->handle, handle_name, expanded.ptr, 0, NULL);
    enum err e = good(res) ? OK : error_of(c, res, name);
    if (e != OK)
        db_reason("%s: %s", name, PQresultErrorMessage(res));
    PQclear(res);
    TRY(e);
    res = PQdescribePrepared(c->handle, handle_name);
    *ret = (struct prepared) { .done = true, .me = me, .count = PQnparams(res) };
    PQclear(res);
    return OK;
}

static enum err find(struct conn *c, const struct sql *sql, const char *name, str text,
                     char handle_name[32], const struct prepared **ret)
{
    int variant = c->base.view.variant;
    if (sql) {
        struct prepared *p = &c->named[(size_t)sql->index * DB_VARIANTS + (size_t)variant];
        snprintf(handle_name, 32, "s%u_%d", sql->index, variant);
        if (!p->done)
            TRY(prepare(c, name, handle_name, text_of(sql), p));
        *ret = p;
        return OK;
    }
    uint64_t hash = str_hash(text) ^ u64_hash((uint64_t)variant + 1);
    unsigned slot = 0;
    while (slot < TEXT_CACHE && !(c->composed[slot].p.done && c->composed[slot].hash == hash))
        slot++;
    bool known = slot < TEXT_CACHE;
    if (!known)
        slot = c->composed_next++ % TEXT_CACHE;
    snprintf(handle_name, 32, "c%u", slot);
    struct composed *entry = &c->composed[slot];
    if (!known) {
        char drop[48];
        snprintf(drop, sizeof drop, "DEALLOCATE %s", handle_name);
        if (entry->p.done)
            TRY(simple(c, drop));
        *entry = (struct composed) { .hash = hash };
        TRY(prepare(c, name, handle_name, text, &entry->p));
    }
    *ret = &entry->p;
    return OK;
}

/* PostgreSQL takes text; a blob goes as it is. */
static const char *param(struct arena *a, struct val v, int *ret_len, int *ret_format)
{
    *ret_format = v.kind == VAL_BLOB;
    *ret_len = v.kind == VAL_BLOB ? (int)v.s.len : 0;
    switch (v.kind) {
    case VAL_NULL: return NULL;
    case VAL_I64: return arena_fmt(a, "%lld", (long long)v.i).ptr;
    case VAL_F64: return arena_fmt(a, "%.17g", v.f).ptr;
    case VAL_BOOL: return v.i ? "1" : "0";
    case VAL_STR: return arena_z(a, v.s);
    case VAL_BLOB: return v.s.ptr;
    }
    return NULL;
}

struct params {
    const char **values;
    int *lengths, *formats;
};

/* In c->scratch. */
static struct params params_of(struct conn *c, const struct prepared *p, const struct val *binds,
                               size_t count)
{
    arena_reset(&c->scratch);
    size_t n = (size_t)p->count;
    struct params ret = { .values = (const char **)arena_zero(&c->scratch, n, sizeof(char *)),
                          .lengths = arena_zero(&c->scratch, n, sizeof(int)),
                          .formats = arena_zero(&c->scratch, n, sizeof(int)) };
    for (size_t k = 0; k < n; k++) {
        bool who = (int)k + 1 == p->me;
        assert(who || k < count); /* a parameter without a value */
        ret.values[k] = param(&c->scratch, who ? val_i64(c->base.view.who) : binds[k],
                              &ret.lengths[k], &ret.formats[k]);
    }
    return ret;
}

static enum err pg_query(struct db_conn *conn, const struct sql *sql, str text, struct rows *ret,
                         const struct val *binds, size_t count)
{
    struct conn *c = (struct conn *)conn;
    char handle_name[32];
    const struct prepared *p;
    if (db_fault_now())
        return ERR_STORAGE;
    TRY(settle(c));
    TRY(find(c, sql, ret->name, text, handle_name, &p));
    struct params in = params_of(c, p, binds, count);
    PGresult *res =
        PQexecPrepared(c->handle, handle_name, p->count, in.values, in.lengths, in.formats, 0);
    if (!good(res)) {
        enum err e = error_of(c, res, ret->name);
        PQclear(res);
        return e;
    }
    ret->handle = res;
    ret->columns = PQnfields(res);
    ret->count = PQntuples(res);
    return OK;
}

static enum err pg_exec_later(struct db_conn *conn, const struct sql *sql, const struct val *binds,
                              size_t count)
{
    struct conn *c = (struct conn *)conn;
    char handle_name[32];
    const struct prepared *p;
    if (db_fault_now())
        return ERR_STORAGE;
    if (!c->named[(size_t)sql->index * DB_VARIANTS + (size_t)conn->view.variant].done)
        TRY(settle(c)); /* preparing it waits */
    TRY(find(c, sql, sql->name, STR_NONE, handle_name, &p));
    struct params in = params_of(c, p, binds, count);
    if (!c->later && !PQenterPipelineMode(c->handle))
        return error_of(c, NULL, sql->name);
    c->later_names[c->later++] = sql->name;
    if (!PQsendQueryPrepared(c->handle, handle_name, p->count, in.values, in.lengths, in.formats,
                             0))
        return error_of(c, NULL, sql->name);
    return c->later == LATER_MAX ? settle(c) : OK;
}

static bool pg_next(struct rows *r)
{
    if (r->row >= r->count)
        return false;
    r->row++;
    arena_reset(&((struct conn *)r->conn)->row);
    return true;
}

static void pg_end(struct rows *r)
{
    PQclear(r->handle);
}

static int64_t pg_changed(struct rows *r)
{
    int64_t n = 0;
    return str_to_i64(str_of(PQcmdTuples(r->handle)), &n) ? n : 0;
}

static const char *pg_column_name(const struct rows *r, int column)
{
    return PQfname(r->handle, column);
}

static struct val bytes_of(struct arena *a, str text)
{
    size_t len = text.len >= 2 ? (text.len - 2) / 2 : 0; /* behind "\x" */
    uint8_t *to = arena_alloc(a, len + 1);
    bool ok = str_from_hex(str_from(text, 2), to, len);
    assert(ok);
    return (struct val) { .kind = VAL_BLOB, .s = { (const char *)to, len } };
}

static struct val pg_column(const struct rows *r, int column)
{
    const PGresult *res = r->handle;
    int row = (int)r->row - 1;
    if (PQgetisnull(res, row, column))
        return val_null();
    str text = { PQgetvalue(res, row, column), (size_t)PQgetlength(res, row, column) };
    struct val v = { .kind = VAL_I64 };
    switch (PQftype(res, column)) {
    case PG_BOOL: return (struct val) { .kind = VAL_BOOL, .i = text.ptr[0] == 't' };
    case PG_BYTEA: return bytes_of(&((struct conn *)r->conn)->row, text);
    case PG_INT8:
    case PG_INT4:
    case PG_INT2:
    case PG_NUMERIC:
        if (str_to_i64(text, &v.i))
            return v;
        [[fallthrough]];
    case PG_FLOAT4:
    case PG_FLOAT8: v.kind = VAL_F64; return str_to_f64(text, &v.f) ? v : val_null();
    default: return (struct val) { .kind = VAL_STR, .s = text };
    }
}

static enum err pg_script(struct db_conn *conn, const char *text)
{
    struct conn *c = (struct conn *)conn;
    TRY(settle(c));
    PGresult *res = PQexec(c->handle, text);
    enum err e = good(res) ? OK : error_of(c, res, "script");
    if (e != OK)
        db_reason("%s", PQresultErrorMessage(res));
    PQclear(res);
    return e;
}

static enum err pg_prepare_all(struct db *db, const char **ret_reason)
{
    struct db_conn *conn;
    TRY(pg_read_begin(db, &conn));
    struct conn *c = (struct conn *)conn;
    enum err e = OK;
    char handle_name[32];
    const struct prepared *p;
    for (unsigned i = 0; i < sql_all_count && e == OK; i++) {
        int variants = sql_has_fragment(db, text_of(sql_all[i])) ? DB_VARIANTS : 1;
        for (int v = 0; v < variants && e == OK; v++) {
            conn->view.variant = v;
            e = find(c, sql_all[i], sql_all[i]->name, STR_NONE, handle_name, &p);
        }
    }
    if (e != OK)
        *ret_reason = db_reason("a statement was refused: %s", PQerrorMessage(c->handle));
    pg_read_end(conn);
    return e;
}

/* Rows that were blanked or removed stand in the table files until a vacuum, in the log until it is
 * recycled. */
static enum err pg_checkpoint(struct db *db)
{
    struct db_conn *conn;
    TRY(pool_take(db, make_conn, &conn));
    struct conn *c = (struct conn *)conn;
    enum err e = simple(c, "VACUUM");
    if (e == OK)
        (void)(simple(c, "CHECKPOINT") ==
               OK); /* only a superuser may; the server does it by itself in time */
    give_back(c);
    return e;
}

static enum err pg_integrity(struct db *db, const char **ret_reason)
{
    struct db_conn *conn;
    enum err e = pg_read_begin(db, &conn);
    if (e == OK)
        pg_read_end(conn);
    else
        *ret_reason = "the server does not answer";
    return e;
}

static enum err pg_backup(struct db *db, const char *path, void (*call)(void *, int64_t, int64_t),
                          void *arg)
{
    (void)db, (void)path, (void)call, (void)arg;
    return ERR_UNAVAILABLE; /* rows are moved into a file instead (store/move.h) */
}

static int64_t pg_size_bytes(struct db *db)
{
    struct db_conn *conn;
    if (pg_read_begin(db, &conn) != OK)
        return 0;
    PGresult *res =
        PQexec(((struct conn *)conn)->handle, "SELECT pg_database_size(current_database())");
    int64_t n = 0;
    if (PQresultStatus(res) == PGRES_TUPLES_OK && !str_to_i64(str_of(PQgetvalue(res, 0, 0)), &n))
        n = 0;
    PQclear(res);
    pg_read_end(conn);
    return n;
}

static enum err pg_optimize(struct db *db)
{
    struct db_conn *conn;
    TRY(pool_take(db, make_conn, &conn));
    enum err e = simple((struct conn *)conn, "ANALYZE");
    give_back((struct conn *)conn);
    return e;
}

static void pg_close(struct db *db)
{
    while (db->idle) {
        struct db_conn *next = db->idle->next;
        conn_close((struct conn *)db->idle);
        db->idle = next;
    }
    free(db->url);
    free(db);
}

const struct db_ops pg_ops = {
    .close = pg_close,
    .read_begin = pg_read_begin,
    .read_end = pg_read_end,
    .write_begin = pg_write_begin,
    .write_end = pg_write_end,
    .query = pg_query,
    .exec_later = pg_exec_later,
    .next = pg_next,
    .end = pg_end,
    .changed = pg_changed,
    .column_name = pg_column_name,
    .column = pg_column,
    .script = pg_script,
    .prepare_all = pg_prepare_all,
    .checkpoint = pg_checkpoint,
    .integrity = pg_integrity,
    .backup = pg_backup,
    .size_bytes = pg_size_bytes,
    .optimize = pg_optimize,
};

enum err pg_open(const struct db_options *options, struct db **ret, const char **ret_reason)
{
    struct db *db = xcalloc(1, sizeof *db);
    *db = (struct db) {
        .ops = &pg_ops, .engine = DB_PG, .options = *options, .url = xstrdup(str_of(options->url))
    };
    pthread_mutex_init(&db->pool_lock, NULL);
    pthread_cond_init(&db->pool_freed, NULL);
    struct db_conn *conn;
    *ret_reason = db_reason("cannot use PostgreSQL"); /* its place; who knows more says so there */
    enum err e = pool_take(db, make_conn, &conn);
    if (e == OK && PQserverVersion(((struct conn *)conn)->handle) < 150000) {
        db_reason("PostgreSQL 15 or newer is needed");
        e = ERR_CONFIG;
    }
    if (e != OK) {
        pg_close(db);
        return e;
    }
    pool_give(conn);
    *ret = db;
    return OK;
}
