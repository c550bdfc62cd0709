#include "store/move.h"

#include "store/db_internal.h"

#define BATCH_PARAMETERS 900 /* of one INSERT; both engines take more, and gain nothing by it */
#define FETCH_ROWS       2000
#define SHOW_ROWS        5000

/* Walks all rows of a table. PostgreSQL gives a result whole, so it is asked by a cursor, a piece
 * at a time. */
struct walk {
    struct db_conn *conn;
    struct arena *arena; /* of the texts, for the whole walk */
    str fetch;           /* PostgreSQL */
    struct rows rows;
    bool pg;
};

static str column_list(struct arena *a, const struct db_table *t)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 1 << 16);
    for (size_t i = 0; i < t->column_count; i++) {
        if (i)
            out(&sb, S(", "));
        out_identifier(&sb, t->columns[i].name);
    }
    return strbuf_str(&sb);
}

static str identifier(struct arena *a, str name)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 1000);
    out_identifier(&sb, name);
    return strbuf_str(&sb);
}

static enum err walk_begin(struct walk *w, struct db_conn *conn, struct arena *a,
                           const struct db_table *t)
{
    str columns = column_list(a, t), table = identifier(a, t->name);
    str select = arena_fmt(a, "SELECT %.*s FROM %.*s", STR_ARG(columns), STR_ARG(table));
    *w = (struct walk) { .conn = conn, .arena = a, .pg = db_engine(db_of(conn)) == DB_PG };
    if (!w->pg)
        return db_query_text(conn, "move_read", select, &w->rows, BINDS());
    str cursor = identifier(a, arena_fmt(a, "move_%.*s", STR_ARG(t->name)));
    str declare =
        arena_fmt(a, "DECLARE %.*s NO SCROLL CURSOR FOR %.*s", STR_ARG(cursor), STR_ARG(select));
    w->fetch = arena_fmt(a, "FETCH %d FROM %.*s", FETCH_ROWS, STR_ARG(cursor));
    TRY(db_exec_text(conn, "move_declare", declare, NULL, BINDS()));
    return db_query_text(conn, "move_read", w->fetch, &w->rows, BINDS());
}

/* *ret_any false: there is no more. */
static enum err walk_next(struct walk *w, bool *ret_any)
{
    *ret_any = rows_next(&w->rows);
    if (*ret_any || !w->pg || w->rows.count < FETCH_ROWS)
        return OK;
    TRY(rows_end(&w->rows));
    TRY(db_query_text(w->conn, "move_read", w->fetch, &w->rows, BINDS()));
    *ret_any = rows_next(&w->rows);
    return OK;
}

static void walk_done(struct walk *w)
{
    rows_close(&w->rows);
}

/* The rows waiting for one INSERT. */
struct batch {
    struct db_conn *to;
    str one, full; /* statements for one row, for a whole batch */
    size_t columns, rows_max, rows;
    struct val *binds;
    struct arena texts;
};

static str insert_text(struct arena *a, const struct db_table *t, size_t rows)
{
    struct strbuf sb;
    size_t n = 0;
    strbuf_init(&sb, a, 1 << 20);
    out(&sb, S("INSERT INTO "));
    out_identifier(&sb, t->name);
    out(&sb, S(" ("));
    out(&sb, column_list(a, t));
    out(&sb, S(") VALUES "));
    for (size_t r = 0; r < rows; r++) {
        out(&sb, r ? S(", (") : S("("));
        for (size_t c = 0; c < t->column_count; c++)
            out_fmt(&sb, "%s$%zu", c ? ", " : "", ++n);
        out_c(&sb, ')');
    }
    return strbuf_str(&sb);
}

static enum err batch_flush(struct batch *b)
{
    enum err e = OK;
    if (b->rows == b->rows_max)
        e = db_exec_text(b->to, "move_write", b->full, NULL, b->binds, b->rows * b->columns);
    else
        for (size_t r = 0; r < b->rows && e == OK; r++)
            e = db_exec_text(b->to, "move_write", b->one, NULL, b->binds + r * b->columns,
                             b->columns);
    b->rows = 0;
    arena_reset(&b->texts);
    return e;
}

static enum err batch_add(struct batch *b, const struct rows *r)
{
    for (size_t c = 0; c < b->columns; c++) {
        struct val v = col_val(r, (int)c);
        if (v.kind == VAL_STR || v.kind == VAL_BLOB)
            v.s = arena_str(&b->texts, v.s);
        b->binds[b->rows * b->columns + c] = v;
    }
    return ++b->rows == b->rows_max ? batch_flush(b) : OK;
}

struct mover {
    const struct db_move *m;
    struct arena *arena;
    struct db_conn *from, *to;
    struct db_catalog source, target;
    const char **reason;
};

static void show(struct mover *mv, str table, int64_t done, int64_t total, bool verifying)
{
    if (mv->m->progress)
        mv->m->progress(mv->m->arg, table, done, total, verifying);
}

/* The table of the side that knows truth values and JSON, with its columns in the source's order.
 */
static struct db_table kinds_of(struct mover *mv, const struct db_table *source)
{
    const struct db_table *target = db_catalog_find(&mv->target, source->name);
    struct db_table kinds = *source;
    kinds.columns = NEW_N(mv->arena, struct db_column, source->column_count);
    for (size_t i = 0; i < source->column_count; i++) {
        enum db_kind a = source->columns[i].kind,
                     b = db_column_find(target, source->columns[i].name)->kind;
        kinds.columns[i] = source->columns[i];
        kinds.columns[i].kind = a == DB_BOOL || a == DB_JSON ? a : b;
    }
    return kinds;
}

static enum err copy_table(struct mover *mv, const struct db_table *t, int64_t total,
                           struct db_digest *ret)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct walk w CLEANUP(walk_done) = { 0 };
    struct db_table kinds = kinds_of(mv, t);
    struct batch b = { .to = mv->to,
                       .columns = t->column_count,
                       .rows_max = MAX(BATCH_PARAMETERS / t->column_count, 1) };
    b.binds = NEW_N(&a, struct val, b.rows_max * b.columns);
    b.one = insert_text(&a, t, 1);
    b.full = insert_text(&a, t, b.rows_max);
    bool any = false;
    enum err e = walk_begin(&w, mv->from, &a, t);
    *ret = (struct db_digest) { 0 };
    while (e == OK && (e = walk_next(&w, &any)) == OK && any) {
        db_digest_row(ret, &kinds, &w.rows);
        e = batch_add(&b, &w.rows);
        if (ret->rows % SHOW_ROWS == 0)
            show(mv, t->name, ret->rows, total, false);
    }
    if (e == OK)
        e = w.rows.error;
    if (e == OK)
        e = batch_flush(&b);
    arena_done(&b.texts);
    show(mv, t->name, ret->rows, total, false);
    return e;
}

static enum err read_back(struct mover *mv, const struct db_table *t, int64_t total,
                          struct db_digest *ret)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct walk w CLEANUP(walk_done) = { 0 };
    struct db_table kinds = kinds_of(mv, t);
    bool any;
    *ret = (struct db_digest) { 0 };
    TRY(walk_begin(&w, mv->to, &a, &kinds));
    for (;;) {
        TRY(walk_next(&w, &any));
        if (!any)
            break;
        db_digest_row(ret, &kinds, &w.rows);
        if (ret->rows % SHOW_ROWS == 0)
            show(mv, t->name, ret->rows, total, true);
    }
    show(mv, t->name, ret->rows, total, true);
    return w.rows.error;
}

static enum err one_i64(struct db_conn *conn, str text, int64_t *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(db_query_text(conn, "move_number", text, &r, BINDS()));
    int64_t n = rows_next(&r) ? col_id(&r, 0) : 0;
    TRY(rows_end(&r));
    *ret = n;
    return OK;
}

/* The last number the engine has given, which may be above the largest there is: none comes twice.
 */
static enum err last_number(struct mover *mv, const struct db_table *t, str column, int64_t *ret)
{
    struct arena *a = mv->arena;
    str table = identifier(a, t->name), name = identifier(a, column);
    int64_t largest, given = 0;
    TRY(one_i64(mv->from, arena_fmt(a, "SELECT max(%.*s) FROM %.*s", STR_ARG(name), STR_ARG(table)),
                &largest));
    const struct db_column *source = db_column_find(t, column);
    if (source->identity && db_engine(mv->m->from) == DB_SQLITE)
        TRY(one_i64(
            mv->from,
            arena_fmt(a, "SELECT seq FROM sqlite_sequence WHERE name = '%.*s'", STR_ARG(t->name)),
            &given));
    if (source->identity && db_engine(mv->m->from) == DB_PG) {
        str sequence;
        struct rows r CLEANUP(rows_close) = { 0 };
        TRY(db_query_text(mv->from, "move_sequence",
                          S("SELECT CAST(pg_get_serial_sequence($1, $2) AS TEXT)"), &r,
                          BINDS(V(table), V(column))));
        sequence = rows_next(&r) ? arena_str(a, col_str(&r, 0)) : STR_NONE;
        TRY(rows_end(&r));
        if (sequence.ptr)
            TRY(one_i64(mv->from,
                        arena_fmt(a,
                                  "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %.*s",
                                  STR_ARG(sequence)),
                        &given));
    }
    *ret = MAX(largest, given);
    return OK;
}

static enum err set_numbers(struct mover *mv, const struct db_table *source)
{
    const struct db_table *target = db_catalog_find(&mv->target, source->name);
    for (size_t i = 0; i < target->column_count; i++) {
        int64_t last;
        str column = target->columns[i].name;
        if (!target->columns[i].identity)
            continue;
        TRY(last_number(mv, source, column, &last));
        if (!last)
            continue;
        if (db_engine(mv->m->to) == DB_PG) {
            struct rows r CLEANUP(rows_close) = { 0 };
            TRY(db_query_text(
                mv->to, "move_setval",
                S("SELECT setval(pg_get_serial_sequence($1, $2), CAST($3 AS BIGINT))"), &r,
                BINDS(V(identifier(mv->arena, target->name)), V(column), V(last))));
            TRY(rows_end(&r));
        } else {
            TRY(db_exec_text(mv->to, "move_setval",
                             S("UPDATE sqlite_sequence SET seq = $2 WHERE name = $1"), NULL,
                             BINDS(V(target->name), V(last))));
        }
    }
    return OK;
}

/* References within a table (a department's parent) hold only when all rows are there. */
static enum err defer_references(struct mover *mv, bool defer)
{
    if (db_engine(mv->m->to) == DB_SQLITE)
        return defer ? mv->m->to->ops->script(mv->to, "PRAGMA defer_foreign_keys = ON") : OK;
    if (!defer)
        TRY(mv->m->to->ops->script(mv->to, "SET CONSTRAINTS ALL IMMEDIATE"));
    for (size_t i = 0; i < mv->target.count; i++) {
        const struct db_table *t = &mv->target.tables[i];
        for (size_t k = 0; k < t->reference_count; k++) {
            const struct db_table *parent = db_catalog_find(&mv->target, t->references[k].table);
            if (parent && parent < t)
                continue;
            str table = identifier(mv->arena, t->name),
                name = identifier(mv->arena, t->references[k].name);
            TRY(mv->m->to->ops->script(
                mv->to,
                arena_fmt(mv->arena, "ALTER TABLE %.*s ALTER CONSTRAINT %.*s %s", STR_ARG(table),
                          STR_ARG(name), defer ? "DEFERRABLE INITIALLY DEFERRED" : "NOT DEFERRABLE")
                    .ptr));
        }
    }
    return OK;
}

static bool is_history(const struct db_table *t)
{
    return str_is(t->name, "migration"); /* both have it, with times of their own */
}

static enum err same_tables(struct mover *mv)
{
    for (size_t i = 0; i < mv->source.count; i++) {
        const struct db_table *s = &mv->source.tables[i],
                              *t = db_catalog_find(&mv->target, s->name);
        if (!t || t->column_count != s->column_count) {
            *mv->reason = db_reason("table %.*s is not the same on both sides", STR_ARG(s->name));
            return ERR_CONFIG;
        }
        for (size_t k = 0; k < s->column_count; k++)
            if (!db_column_find(t, s->columns[k].name)) {
                *mv->reason = db_reason("column %.*s.%.*s is missing in the target",
                                        STR_ARG(s->name), STR_ARG(s->columns[k].name));
                return ERR_CONFIG;
            }
    }
    for (size_t i = 0; i < mv->target.count; i++) {
        const struct db_table *t = &mv->target.tables[i];
        int64_t rows;
        TRY(db_table_rows(mv->to, t, &rows));
        if (!db_catalog_find(&mv->source, t->name) || (rows && !is_history(t))) {
            *mv->reason = db_reason("the target is not empty: table %.*s has %lld rows",
                                    STR_ARG(t->name), (long long)rows);
            return ERR_CONFIG;
        }
    }
    return OK;
}

static enum err move_all(struct mover *mv, struct db_moved *ret, size_t *ret_count)
{
    size_t n = 0;
    TRY(db_catalog(mv->from, mv->arena, &mv->source));
    TRY(db_catalog(mv->to, mv->arena, &mv->target));
    TRY(same_tables(mv));
    TRY(defer_references(mv, true));
    for (size_t i = 0; i < mv->source.count; i++) {
        const struct db_table *t = &mv->source.tables[i];
        int64_t total;
        if (is_history(t))
            continue;
        *mv->reason = db_reason("table %.*s could not be moved", STR_ARG(t->name));
        TRY(db_table_rows(mv->from, t, &total));
        ret[n].table = t->name;
        TRY(copy_table(mv, t, total, &ret[n].digest));
        TRY(set_numbers(mv, t));
        n++;
    }
    *mv->reason = "the references between rows do not hold in the target";
    TRY(defer_references(mv, false));
    for (size_t i = 0; i < n; i++) {
        struct db_digest there;
        const struct db_table *t = db_catalog_find(&mv->source, ret[i].table);
        *mv->reason = db_reason("table %.*s could not be read back", STR_ARG(t->name));
        TRY(read_back(mv, t, ret[i].digest.rows, &there));
        if (!db_digest_equal(ret[i].digest, there)) {
            *mv->reason =
                db_reason("table %.*s arrived changed: %lld rows here, %lld there, and the "
                          "checksums differ",
                          STR_ARG(t->name), (long long)ret[i].digest.rows, (long long)there.rows);
            return ERR_STORAGE;
        }
    }
    *ret_count = n;
    return OK;
}

enum err db_move(const struct db_move *m, struct arena *a, struct db_moved **ret, size_t *ret_count,
                 const char **ret_reason)
{
    struct mover mv = { .m = m, .arena = a, .reason = ret_reason };
    *ret_reason = "the database to move cannot be read";
    TRY(db_read_begin(m->from, (struct db_view) { 0 }, &mv.from));
    *ret_reason = "the target cannot be written";
    enum err e = db_write_begin(m->to, (struct db_view) { 0 }, &mv.to);
    if (e == OK) {
        struct db_catalog all = { 0 };
        e = db_catalog(mv.from, a, &all);
        *ret = NEW_N(a, struct db_moved, all.count + 1);
        *ret_count = 0;
        if (e == OK)
            e = move_all(&mv, *ret, ret_count);
        enum err ended = db_write_wait(mv.to, e);
        if (e == OK && ended != OK)
            *ret_reason = "the target did not accept the end of the move";
        e = ended;
    }
    db_read_end(mv.from);
    return e;
}
