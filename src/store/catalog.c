#include "store/catalog.h"

#include "base/json.h"
#include "base/vec.h"

#include <openssl/evp.h>

/* One text per engine; the columns are the same. */
struct question {
    const char *name, *sqlite, *pg;
};

static const struct question columns_of = {
    "catalog_columns",
    "SELECT m.name, c.name, lower(c.type), c.\"notnull\" OR c.pk > 0, c.pk = 1 AND "
    "  m.sql LIKE '%AUTOINCREMENT%', c.pk "
    "FROM sqlite_master m, pragma_table_info(m.name) c "
    "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, c.cid",
    "SELECT CAST(t.relname AS TEXT), CAST(a.attname AS TEXT), format_type(a.atttypid, "
    "a.atttypmod), "
    "  a.attnotnull, a.attidentity <> '', "
    "  coalesce(array_position(CAST(p.conkey AS SMALLINT[]), a.attnum), 0) "
    "FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT "
    "a.attisdropped "
    "LEFT JOIN pg_constraint p ON p.conrelid = t.oid AND p.contype = 'p' "
    "WHERE t.relkind = 'r' AND t.relnamespace = to_regnamespace(CAST(current_schema() AS TEXT)) "
    "ORDER BY t.relname COLLATE \"C\", a.attnum",
};

static const struct question references_of = {
    "catalog_references",
    "SELECT m.name, NULL, f.\"from\", f.\"table\", coalesce(f.\"to\", 'id') "
    "FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' "
    "ORDER BY m.name, f.\"from\", f.\"table\"",
    "SELECT CAST(t.relname AS TEXT), CAST(c.conname AS TEXT), CAST(a.attname AS TEXT), "
    "  CAST(o.relname AS TEXT), CAST(b.attname AS TEXT) "
    "FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = "
    "c.confrelid "
    "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] "
    "JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = c.confkey[1] "
    "WHERE c.contype = 'f' AND t.relnamespace = to_regnamespace(CAST(current_schema() AS TEXT)) "
    "ORDER BY t.relname COLLATE \"C\", a.attname COLLATE \"C\", o.relname COLLATE \"C\"",
};

static const struct question indexes_of = {
    "catalog_indexes",
    "SELECT m.name, CASE WHEN l.origin = 'c' THEN l.name END, l.\"unique\", l.partial, "
    "  (SELECT group_concat(coalesce(i.name, '(expression)'), ', ') FROM pragma_index_info(l.name) "
    "i) "
    "FROM sqlite_master m, pragma_index_list(m.name) l WHERE m.type = 'table' AND l.origin <> 'pk' "
    "ORDER BY m.name, 5, 3, 4, CASE WHEN l.origin = 'c' THEN l.name ELSE '' END",
    "SELECT CAST(t.relname AS TEXT), CASE WHEN k.oid IS NULL THEN CAST(i.relname AS TEXT) END, "
    "  x.indisunique, x.indpred IS NOT NULL, "
    "  (SELECT string_agg(CASE WHEN x.indkey[n - 1] = 0 THEN '(expression)' "
    "     ELSE pg_get_indexdef(x.indexrelid, n, TRUE) END, ', ' ORDER BY n) "
    "   FROM generate_series(1, x.indnkeyatts) n) AS cols "
    "FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid "
    "LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype IN ('u', 'p') "
    "WHERE NOT x.indisprimary AND t.relkind = 'r' "
    "AND t.relnamespace = to_regnamespace(CAST(current_schema() AS TEXT)) "
    "ORDER BY t.relname COLLATE \"C\", 5, 3, 4, "
    "  CASE WHEN k.oid IS NULL THEN CAST(i.relname AS TEXT) ELSE '' END COLLATE \"C\"",
};

static enum err ask(struct db_conn *conn, const struct question *q, struct rows *ret)
{
    const char *text = db_engine(db_of(conn)) == DB_PG ? q->pg : q->sqlite;
    return db_query_text(conn, q->name, str_of(text), ret, BINDS());
}

static enum db_kind kind_of(str type)
{
    static const struct {
        const char *word;
        enum db_kind kind;
    } words[] = { { "integer", DB_INT },          { "bigint", DB_INT }, { "real", DB_NUM },
                  { "double precision", DB_NUM }, { "text", DB_TEXT },  { "blob", DB_BLOB },
                  { "bytea", DB_BLOB },           { "jsonb", DB_JSON }, { "boolean", DB_BOOL } };
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_is(type, words[i].word))
            return words[i].kind;
    return DB_TEXT;
}

typedef VEC(struct db_table) tables;

static struct db_table *table_of(tables *all, str name)
{
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(all->at[i].name, name))
            return &all->at[i];
    return NULL;
}

static enum err read_columns(struct db_conn *conn, struct arena *a, tables *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(struct db_column) columns = { 0 };
    TRY(ask(conn, &columns_of, &r));
    while (rows_next(&r)) {
        str name = col_str(&r, 0);
        struct db_table *t = ret->n ? &ret->at[ret->n - 1] : NULL;
        if (!t || !str_eq(t->name, name)) {
            t = vec_push(a, ret);
            t->name = arena_str(a, name);
            memset(&columns, 0, sizeof columns);
        }
        *vec_push(a, &columns) = (struct db_column) { .name = arena_str(a, col_str(&r, 1)),
                                                      .kind = kind_of(col_str(&r, 2)),
                                                      .not_null = col_bool(&r, 3),
                                                      .identity = col_bool(&r, 4),
                                                      .key = (int)col_i64(&r, 5) };
        t->columns = columns.at;
        t->column_count = columns.n;
    }
    return rows_end(&r);
}

static enum err read_references(struct db_conn *conn, struct arena *a, tables *all)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(ask(conn, &references_of, &r));
    while (rows_next(&r)) {
        struct db_table *t = table_of(all, col_str(&r, 0));
        if (!t)
            continue;
        struct db_reference *grown =
            arena_grow(a, t->references, t->reference_count * sizeof *grown,
                       (t->reference_count + 1) * sizeof *grown);
        grown[t->reference_count++] =
            (struct db_reference) { .name = arena_str(a, col_str(&r, 1)),
                                    .column = arena_str(a, col_str(&r, 2)),
                                    .table = arena_str(a, col_str(&r, 3)),
                                    .to = arena_str(a, col_str(&r, 4)) };
        t->references = grown;
    }
    return rows_end(&r);
}

static enum err read_indexes(struct db_conn *conn, struct arena *a, tables *all)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(ask(conn, &indexes_of, &r));
    while (rows_next(&r)) {
        struct db_table *t = table_of(all, col_str(&r, 0));
        if (!t)
            continue;
        struct db_index *grown = arena_grow(a, t->indexes, t->index_count * sizeof *grown,
                                            (t->index_count + 1) * sizeof *grown);
        grown[t->index_count++] = (struct db_index) { .name = arena_str(a, col_str(&r, 1)),
                                                      .unique = col_bool(&r, 2),
                                                      .partial = col_bool(&r, 3),
                                                      .columns = arena_str(a, col_str(&r, 4)) };
        t->indexes = grown;
    }
    return rows_end(&r);
}

static bool stands_before(const struct db_catalog *c, str name)
{
    return db_catalog_find(c, name) != NULL;
}

static bool ready(const struct db_table *t, tables *all, const struct db_catalog *placed)
{
    for (size_t i = 0; i < t->reference_count; i++) {
        str other = t->references[i].table;
        if (!str_eq(other, t->name) && table_of(all, other) && !stands_before(placed, other))
            return false;
    }
    return true;
}

/* By name, each as soon as those it refers to are placed; a circle is entered at its first name. */
static void order(struct arena *a, tables *all, struct db_catalog *ret)
{
    *ret = (struct db_catalog) { .tables = NEW_N(a, struct db_table, MAX(all->n, 1)) };
    while (ret->count < all->n) {
        const struct db_table *next = NULL;
        for (size_t i = 0; i < all->n; i++) {
            const struct db_table *t = &all->at[i];
            if (stands_before(ret, t->name))
                continue;
            bool now = ready(t, all, ret);
            if (!next || now)
                next = t;
            if (now)
                break;
        }
        ret->tables[ret->count++] = *next;
    }
}

enum err db_catalog(struct db_conn *conn, struct arena *a, struct db_catalog *ret)
{
    tables all = { 0 };
    TRY(read_columns(conn, a, &all));
    TRY(read_references(conn, a, &all));
    TRY(read_indexes(conn, a, &all));
    order(a, &all, ret);
    return OK;
}

const struct db_table *db_catalog_find(const struct db_catalog *c, str name)
{
    for (size_t i = 0; i < c->count; i++)
        if (str_eq(c->tables[i].name, name))
            return &c->tables[i];
    return NULL;
}

const struct db_column *db_column_find(const struct db_table *t, str name)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (str_eq(t->columns[i].name, name))
            return &t->columns[i];
    return NULL;
}

void out_identifier(struct strbuf *sb, str name)
{
    out_c(sb, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"')
            out_c(sb, '"');
        out_c(sb, name.ptr[i]);
    }
    out_c(sb, '"');
}

enum err db_table_rows(struct db_conn *conn, const struct db_table *t, int64_t *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct strbuf text CLEANUP(strbuf_done);
    strbuf_init(&text, NULL, 1000);
    out(&text, S("SELECT count(*) FROM "));
    out_identifier(&text, t->name);
    TRY(db_query_text(conn, "catalog_rows", strbuf_str(&text), &r, BINDS()));
    int64_t n = rows_next(&r) ? col_i64(&r, 0) : 0;
    TRY(rows_end(&r));
    *ret = n;
    return OK;
}

static int by_key(const void *a, const void *b)
{
    return str_cmp((*(struct json *const *)a)->key, (*(struct json *const *)b)->key);
}

/* PostgreSQL keeps JSON in an order and spacing of its own, the last of equal keys, and numbers by
 * value: so do we. */
static void out_canonical(struct strbuf *sb, struct arena *a, const struct json *j)
{
    int64_t whole;
    double d;
    switch (j->kind) {
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_STRING: out_json_value(sb, j); break;
    case JSON_NUMBER:
        if (json_i64(j, &whole))
            out_i64(sb, whole);
        else if (str_to_f64(j->text, &d))
            out_f64(sb, d);
        else
            out(sb, j->text);
        break;
    case JSON_ARRAY:
        out_c(sb, '[');
        for (const struct json *m = j->first; m; m = m->next) {
            out_canonical(sb, a, m);
            out_c(sb, ',');
        }
        out_c(sb, ']');
        break;
    case JSON_OBJECT: {
        struct json **members = NEW_N(a, struct json *, MAX(j->count, 1));
        size_t n = 0;
        for (struct json *m = j->first; m; m = m->next)
            if (json_find(j, m->key) == m)
                members[n++] = m;
        qsort(members, n, sizeof *members, by_key);
        out_c(sb, '{');
        for (size_t i = 0; i < n; i++) {
            out_json(sb, members[i]->key);
            out_c(sb, ':');
            out_canonical(sb, a, members[i]);
            out_c(sb, ',');
        }
        out_c(sb, '}');
    }
    }
}

static void out_value(struct strbuf *sb, struct arena *a, enum db_kind kind, struct val v)
{
    struct json_error bad;
    out_i64(sb, v.kind == VAL_NULL ? -1 : (int64_t)kind);
    out_c(sb, ':');
    if (v.kind == VAL_NULL)
        return;
    if (kind == DB_BOOL || kind == DB_INT) {
        out_i64(sb, v.i);
    } else if (kind == DB_NUM) {
        out_f64(sb, v.kind == VAL_F64 ? v.f : (double)v.i);
    } else {
        const struct json *j = kind == DB_JSON ? json_read(a, v.s, &bad) : NULL;
        if (j) {
            out_canonical(sb, a, j);
        } else {
            out_i64(sb, (int64_t)v.s.len);
            out_c(sb, ':');
            out(sb, v.s);
        }
    }
    out_c(sb, ';');
}

void db_digest_row(struct db_digest *d, const struct db_table *kinds, const struct rows *r)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf text CLEANUP(strbuf_done);
    uint8_t sha[EVP_MAX_MD_SIZE];
    uint64_t half[2];
    strbuf_init(&text, NULL, (size_t)256 << 20);
    for (int c = 0; c < r->columns; c++)
        out_value(&text, &a, kinds->columns[c].kind, col_val(r, c));
    int ok = EVP_Digest(text.ptr, text.len, sha, NULL, EVP_sha256(), NULL);
    assert(ok && !text.overflow);
    memcpy(half, sha, sizeof half);
    d->rows++;
    d->sum[1] += half[1];
    d->sum[0] += half[0] + (d->sum[1] < half[1]);
}

bool db_digest_equal(struct db_digest a, struct db_digest b)
{
    return a.rows == b.rows && a.sum[0] == b.sum[0] && a.sum[1] == b.sum[1];
}
