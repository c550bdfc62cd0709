#include "store/db_internal.h"

#include "base/log.h"
#include "base/time.h"

#include <stdarg.h>

static _Atomic int64_t fault_at, statements_run;

void db_fault_at(int64_t n)
{
    fault_at = n ? statements_run + n : 0;
}

int64_t db_statements_run(void)
{
    return statements_run;
}

bool db_fault_now(void)
{
    int64_t n = ++statements_run;
    return fault_at && n == fault_at;
}

const char *db_reason(const char *format, ...)
{
    static _Thread_local char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

enum err db_open(const struct db_options *options, struct db **ret, const char **ret_reason)
{
    bool pg = str_starts(str_of(options->url), S("postgres://")) ||
              str_starts(str_of(options->url), S("postgresql://"));
    TRY(pg ? pg_open(options, ret, ret_reason) : sqlite_open(options, ret, ret_reason));
    db_slow_set(*ret, options->slow_ms);
    return OK;
}

void db_slow_set(struct db *db, int slow_ms)
{
    db->slow_ms = slow_ms;
}

void db_close(struct db *db)
{
    if (db)
        db->ops->close(db);
}

enum db_engine db_engine(const struct db *db)
{
    return db->engine;
}

enum err db_check_statements(struct db *db, const char **ret_reason)
{
    for (unsigned i = 0; i < sql_all_count; i++)
        sql_all[i]->index = i;
    return db->ops->prepare_all(db, ret_reason);
}

enum err db_read_begin(struct db *db, struct db_view view, struct db_conn **ret)
{
    TRY(db->ops->read_begin(db, ret));
    (*ret)->view = view;
    (*ret)->writing = false;
    return OK;
}

enum err db_read_begin_kept(struct db *db, struct db_view view, struct db_conn **ret)
{
    if (!db->ops->read_begin_kept)
        return db_read_begin(db, view, ret);
    TRY(db->ops->read_begin_kept(db, ret));
    (*ret)->view = view;
    (*ret)->writing = false;
    return OK;
}

void db_read_rest(struct db *db)
{
    if (db->ops->read_rest)
        db->ops->read_rest(db);
}

void db_trim(struct db *db)
{
    if (db->ops->trim)
        db->ops->trim(db);
}

uint64_t db_snapshot(struct db_conn *conn)
{
    return conn->db->ops->snapshot && !conn->writing ? conn->db->ops->snapshot(conn) : 0;
}

void db_read_end(struct db_conn *conn)
{
    conn->db->ops->read_end(conn);
}

enum err db_write_begin(struct db *db, struct db_view view, struct db_conn **ret)
{
    if (db_fault_now())
        return ERR_STORAGE;
    TRY(db->ops->write_begin(db, ret));
    (*ret)->view = view;
    (*ret)->writing = true;
    return OK;
}

enum err db_write_end(struct db_conn *conn, enum err outcome, db_done *done, void *arg)
{
    return conn->db->ops->write_end(conn, outcome, done, arg);
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool called;
    enum err outcome;
};

static void wake(void *arg, enum err outcome)
{
    struct waiter *w = arg;
    pthread_mutex_lock(&w->lock);
    w->called = true;
    w->outcome = outcome;
    pthread_cond_signal(&w->woken);
    pthread_mutex_unlock(&w->lock);
}

enum err db_write_wait(struct db_conn *conn, enum err outcome)
{
    struct waiter w = { .lock = PTHREAD_MUTEX_INITIALIZER, .woken = PTHREAD_COND_INITIALIZER };
    TRY(db_write_end(conn, outcome, wake, &w));
    pthread_mutex_lock(&w.lock);
    while (!w.called)
        pthread_cond_wait(&w.woken, &w.lock);
    pthread_mutex_unlock(&w.lock);
    return w.outcome;
}

void db_view_set(struct db_conn *conn, struct db_view view)
{
    conn->view = view;
}

struct db *db_of(struct db_conn *conn)
{
    return conn->db;
}

static enum err query(struct db_conn *conn, const struct sql *sql, const char *name, str text,
                      struct rows *ret, const struct val *binds, size_t count)
{
    *ret = (struct rows) { .conn = conn, .name = name, .started_us = clock_monotonic_us() };
    return conn->db->ops->query(conn, sql, text, ret, binds, count);
}

enum err db_query(struct db_conn *conn, const struct sql *sql, struct rows *ret,
                  const struct val *binds, size_t count)
{
    return query(conn, sql, sql->name, STR_NONE, ret, binds, count);
}

enum err db_query_text(struct db_conn *conn, const char *name, str text, struct rows *ret,
                       const struct val *binds, size_t count)
{
    return query(conn, NULL, name, text, ret, binds, count);
}

bool rows_next(struct rows *r)
{
    return r->handle && r->error == OK && r->conn->db->ops->next(r);
}

enum err rows_end(struct rows *r)
{
    rows_close(r);
    return r->error;
}

void rows_close(struct rows *r)
{
    if (!r->handle)
        return;
    r->conn->db->ops->end(r);
    r->handle = NULL;
    int64_t took_us = clock_monotonic_us() - r->started_us;
    int slow_ms = r->conn->db->slow_ms;
    if (slow_ms && took_us > slow_ms * INT64_C(1000))
        log_warn("db.slow", P("statement", r->name), P("ms", took_us / 1000), P("rows", r->row));
}

static enum err exec(struct rows *r, enum err queried, int64_t *ret_changed)
{
    TRY(queried);
    while (rows_next(r))
        ;
    int64_t changed = r->error == OK && ret_changed ? r->conn->db->ops->changed(r) : 0;
    TRY(rows_end(r));
    if (ret_changed)
        *ret_changed = changed;
    return OK;
}

enum err db_exec(struct db_conn *conn, const struct sql *sql, int64_t *ret_changed,
                 const struct val *binds, size_t count)
{
    struct rows r;
    return exec(&r, db_query(conn, sql, &r, binds, count), ret_changed);
}

enum err db_exec_text(struct db_conn *conn, const char *name, str text, int64_t *ret_changed,
                      const struct val *binds, size_t count)
{
    struct rows r;
    return exec(&r, db_query_text(conn, name, text, &r, binds, count), ret_changed);
}

enum err db_exec_later(struct db_conn *conn, const struct sql *sql, const struct val *binds,
                       size_t count)
{
    assert(conn->writing);
    return conn->db->ops->exec_later ? conn->db->ops->exec_later(conn, sql, binds, count)
                                     : db_exec(conn, sql, NULL, binds, count);
}

enum err db_i64(struct db_conn *conn, const struct sql *sql, int64_t *ret, const struct val *binds,
                size_t count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(db_query(conn, sql, &r, binds, count));
    bool any = rows_next(&r);
    int64_t n = any ? col_i64(&r, 0) : 0;
    TRY(rows_end(&r));
    if (!any)
        return ERR_DONE;
    *ret = n;
    return OK;
}

const char *col_name(const struct rows *r, int column)
{
    return r->conn->db->ops->column_name(r, column);
}

struct val col_val(const struct rows *r, int column)
{
    assert(column >= 0 && column < r->columns);
    return r->conn->db->ops->column(r, column);
}

bool col_null(const struct rows *r, int column)
{
    return col_val(r, column).kind == VAL_NULL;
}

int64_t col_i64(const struct rows *r, int column)
{
    struct val v = col_val(r, column);
    int64_t n;
    if (v.kind == VAL_I64 || v.kind == VAL_BOOL)
        return v.i;
    if (v.kind == VAL_F64)
        return (int64_t)v.f;
    return v.kind == VAL_STR && str_to_i64(v.s, &n) ? n : NONE;
}

int64_t col_id(const struct rows *r, int column)
{
    int64_t n = col_i64(r, column);
    return n == NONE ? 0 : n;
}

double col_f64(const struct rows *r, int column)
{
    struct val v = col_val(r, column);
    double d;
    if (v.kind == VAL_F64)
        return v.f;
    if (v.kind == VAL_I64)
        return (double)v.i;
    return v.kind == VAL_STR && str_to_f64(v.s, &d) ? d : __builtin_nan("");
}

bool col_bool(const struct rows *r, int column)
{
    struct val v = col_val(r, column);
    return (v.kind == VAL_I64 || v.kind == VAL_BOOL) && v.i != 0;
}

str col_str(const struct rows *r, int column)
{
    struct val v = col_val(r, column);
    return v.kind == VAL_STR || v.kind == VAL_BLOB ? v.s : STR_NONE;
}

enum err pool_take(struct db *db, enum err (*make)(struct db *, struct db_conn **),
                   struct db_conn **ret)
{
    pthread_mutex_lock(&db->pool_lock);
    while (!db->idle && db->open_count >= db->options.conns_max)
        pthread_cond_wait(&db->pool_freed, &db->pool_lock);
    struct db_conn *conn = db->idle;
    if (conn)
        db->idle = conn->next;
    else
        db->open_count++;
    pthread_mutex_unlock(&db->pool_lock);
    if (conn) {
        *ret = conn;
        return OK;
    }
    enum err e = make(db, ret);
    if (e != OK)
        pool_drop(db);
    return e;
}

void pool_give(struct db_conn *conn)
{
    struct db *db = conn->db;
    pthread_mutex_lock(&db->pool_lock);
    conn->next = db->idle;
    db->idle = conn;
    pthread_cond_signal(&db->pool_freed);
    pthread_mutex_unlock(&db->pool_lock);
}

void pool_drop(struct db *db)
{
    pthread_mutex_lock(&db->pool_lock);
    db->open_count--;
    pthread_cond_signal(&db->pool_freed);
    pthread_mutex_unlock(&db->pool_lock);
}

static const struct db_fragment *fragment_at(const struct db *db, str text, str *ret_alias,
                                             size_t *ret_len)
{
    for (size_t i = 0; i < db->options.fragment_count; i++) {
        const struct db_fragment *f = &db->options.fragments[i];
        str name = str_of(f->name);
        if (!str_starts(str_from(text, 1), name) || str_from(text, 1 + name.len).len == 0 ||
            text.ptr[1 + name.len] != '(')
            continue;
        str inside = str_from(text, name.len + 2);
        size_t close = str_find(inside, ')');
        *ret_alias = str_head(inside, close);
        *ret_len = name.len + 3 + close;
        return f;
    }
    return NULL;
}

bool sql_has_fragment(const struct db *db, str text)
{
    str alias;
    size_t len;
    for (size_t at; (at = str_find(text, '@')) < text.len; text = str_from(text, at + 1))
        if (fragment_at(db, str_from(text, at), &alias, &len))
            return true;
    return false;
}

#define PARAMETERS_MAX 10000

/* The largest n of all $n. */
static int parameters(str text)
{
    int most = 0;
    for (size_t at; (at = str_find(text, '$')) < text.len;) {
        int n = 0;
        text = str_from(text, at + 1);
        while (text.len && text.ptr[0] >= '0' && text.ptr[0] <= '9') {
            n = MIN(n * 10 + (text.ptr[0] - '0'), PARAMETERS_MAX + 1);
            text = str_from(text, 1);
        }
        if (n <= PARAMETERS_MAX)
            most = MAX(most, n);
    }
    return most;
}

int sql_expand(const struct db *db, str text, int variant, struct strbuf *ret)
{
    int me = parameters(text) + 1;
    bool used = false;
    str rest = text, alias;
    size_t len;
    while (rest.len) {
        size_t at = str_find(rest, '@');
        out(ret, str_head(rest, at));
        rest = str_from(rest, at);
        const struct db_fragment *f = rest.len ? fragment_at(db, rest, &alias, &len) : NULL;
        if (f) {
            char number[16];
            snprintf(number, sizeof number, "$%d", me);
            str body = str_of(f->variants[variant]);
            used |= str_has(body, S("{me}"));
            out_c(ret, '(');
            out_filled(ret, body, PROPS(P("a", alias), P("me", (const char *)number)));
            out_c(ret, ')');
            rest = str_from(rest, len);
        } else if (rest.len) {
            out_c(ret, rest.ptr[0]);
            rest = str_from(rest, 1);
        }
    }
    return used ? me : 0;
}
