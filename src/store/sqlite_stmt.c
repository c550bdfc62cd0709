/* Statements of SQLite: prepared when they are first asked for, and kept by the connection. */
#include "store/sqlite_internal.h"

#include "base/log.h"

enum err sqlite_error(sqlite3 *handle, int code, const char *name)
{
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT: {
        int more = sqlite3_extended_errcode(handle);
        if (more == SQLITE_CONSTRAINT_UNIQUE || more == SQLITE_CONSTRAINT_PRIMARYKEY ||
            more == SQLITE_CONSTRAINT_FOREIGNKEY || more == SQLITE_CONSTRAINT_ROWID)
            return ERR_CONFLICT;
        break;
    }
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ERR_BUSY;
    case SQLITE_FULL: log_error("db.full", P("statement", name)); return ERR_DISK_FULL;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
        log_error("db.storage", P("statement", name), P("message", sqlite3_errmsg(handle)));
        return ERR_STORAGE;
    default: break;
    }
    log_error("db.statement", P("statement", name), P("message", sqlite3_errmsg(handle)));
    return ERR_INTERNAL;
}

void sqlite_stmt_free(struct stmt *s)
{
    sqlite3_finalize(s->handle);
    free(s->index);
    *s = (struct stmt) { 0 };
}

enum err sqlite_prepare(struct conn *c, const char *name, str text, unsigned flags,
                        struct stmt *ret)
{
    struct strbuf expanded CLEANUP(strbuf_done);
    strbuf_init(&expanded, NULL, 1 << 20);
    int me = sql_expand(c->base.db, text, c->base.view.variant, &expanded);
    struct stmt s = { .me = me };
    int code = expanded.overflow ? SQLITE_TOOBIG
                                 : sqlite3_prepare_v3(c->handle, expanded.ptr, (int)expanded.len,
                                                      flags, &s.handle, NULL);
    if (code != SQLITE_OK) {
        db_reason("%s: %s", name, sqlite3_errmsg(c->handle));
        return sqlite_error(c->handle, code, name);
    }
    int numbered = sqlite3_bind_parameter_count(s.handle);
    for (int i = 1; i <= numbered; i++) {
        int64_t k = 0;
        bool ok = str_to_i64(str_of(sqlite3_bind_parameter_name(s.handle, i) + 1), &k);
        assert(ok && k >= 1 && k <= 10000); /* parameters are $1 … $n */
        if (k > s.count) {
            s.index = xrealloc(s.index, (size_t)k * sizeof *s.index);
            memset(s.index + s.count, 0, ((size_t)k - (size_t)s.count) * sizeof *s.index);
            s.count = (int)k;
        }
        s.index[k - 1] = i;
    }
    *ret = s;
    return OK;
}

/* *ret NULL: every kept statement is in use. */
static enum err find(struct conn *c, const struct sql *sql, const char *name, str text,
                     struct stmt **ret)
{
    if (sql) {
        struct stmt *s = &c->named[(size_t)sql->index * DB_VARIANTS + (size_t)c->base.view.variant];
        if (!s->handle)
            TRY(sqlite_prepare(c, name, str_of(sql->text), SQLITE_PREPARE_PERSISTENT, s));
        *ret = s;
        return OK;
    }
    uint64_t hash = str_hash(text) ^ u64_hash((uint64_t)c->base.view.variant + 1);
    struct stmt *oldest = NULL;
    for (size_t i = 0; i < TEXT_CACHE; i++) {
        struct stmt *s = &c->composed[i];
        if (s->handle && s->text_hash == hash) {
            s->used_at = ++c->uses;
            *ret = s;
            return OK;
        }
        if (!s->taken && (!oldest || s->used_at < oldest->used_at))
            oldest = s;
    }
    if (!oldest) {
        *ret = NULL;
        return OK;
    }
    sqlite_stmt_free(oldest);
    TRY(sqlite_prepare(c, name, text, 0, oldest));
    oldest->text_hash = hash;
    oldest->used_at = ++c->uses;
    *ret = oldest;
    return OK;
}

static void bind(sqlite3_stmt *s, int at, struct val v)
{
    switch (v.kind) {
    case VAL_NULL: sqlite3_bind_null(s, at); break;
    case VAL_I64:
    case VAL_BOOL: sqlite3_bind_int64(s, at, v.i); break;
    case VAL_F64: sqlite3_bind_double(s, at, v.f); break;
    case VAL_STR: sqlite3_bind_text64(s, at, v.s.ptr, v.s.len, SQLITE_STATIC, SQLITE_UTF8); break;
    case VAL_BLOB: sqlite3_bind_blob64(s, at, v.s.ptr, v.s.len, SQLITE_STATIC); break;
    }
}

enum err sqlite_query(struct db_conn *conn, const struct sql *sql, str text, struct rows *ret,
                      const struct val *binds, size_t count)
{
    struct conn *c = (struct conn *)conn;
    struct stmt *s;
    if (db_fault_now())
        return ERR_STORAGE;
    TRY(find(c, sql, ret->name, text, &s));
    if (!s || s->taken) { /* the same statement is being walked further up */
        struct stmt *own = xcalloc(1, sizeof *own);
        enum err e = sqlite_prepare(c, ret->name, sql ? str_of(sql->text) : text, 0, own);
        if (e != OK) {
            free(own);
            return e;
        }
        own->alone = true;
        s = own;
    }
    for (int k = 1; k <= s->count; k++) {
        bool who = k == s->me;
        assert(who || (size_t)k <= count); /* a parameter without a value */
        if (s->index[k - 1])
            bind(s->handle, s->index[k - 1], who ? val_i64(conn->view.who) : binds[k - 1]);
    }
    s->taken = true;
    ret->handle = s;
    ret->columns = sqlite3_column_count(s->handle);
    return OK;
}

bool sqlite_next(struct rows *r)
{
    struct stmt *s = r->handle;
    int code = sqlite3_step(s->handle);
    if (code == SQLITE_ROW) {
        r->row++;
        return true;
    }
    if (code != SQLITE_DONE)
        r->error = sqlite_error(((struct conn *)r->conn)->handle, code, r->name);
    return false;
}

void sqlite_end(struct rows *r)
{
    struct stmt *s = r->handle;
    sqlite3_reset(s->handle);
    s->taken = false;
    if (s->alone) {
        sqlite_stmt_free(s);
        free(s);
    }
}

int64_t sqlite_changed(struct rows *r)
{
    return sqlite3_changes64(((struct conn *)r->conn)->handle);
}

const char *sqlite_column_name(const struct rows *r, int column)
{
    return sqlite3_column_name(((struct stmt *)r->handle)->handle, column);
}

struct val sqlite_column(const struct rows *r, int column)
{
    sqlite3_stmt *s = ((struct stmt *)r->handle)->handle;
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER:
        return (struct val) { .kind = VAL_I64, .i = sqlite3_column_int64(s, column) };
    case SQLITE_FLOAT:
        return (struct val) { .kind = VAL_F64, .f = sqlite3_column_double(s, column) };
    case SQLITE_TEXT: {
        const char *p = (const char *)sqlite3_column_text(s, column);
        return (struct val) { .kind = VAL_STR,
                              .s = { p, (size_t)sqlite3_column_bytes(s, column) } };
    }
    case SQLITE_BLOB: {
        const char *p = sqlite3_column_blob(s, column);
        return (struct val) { .kind = VAL_BLOB,
                              .s = { p ? p : "", (size_t)sqlite3_column_bytes(s, column) } };
    }
    default: return val_null();
    }
}
