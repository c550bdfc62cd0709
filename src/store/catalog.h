/* catalog: the tables of an open database as they stand there, the same way on both engines, and a
 * digest of a table's rows that is equal when the rows are, whatever engine holds them and in
 * whatever order.
 *
 * For what must work on all tables without naming one: backups, moving an instance, tests of the
 * migrations. Memory is the arena's. */
#ifndef HETANG_CATALOG_H
#define HETANG_CATALOG_H

#include "store/db.h"

/* What a column holds. SQLite knows neither DB_BOOL nor DB_JSON: they are DB_INT and DB_TEXT there.
 */
enum db_kind { DB_INT, DB_BOOL, DB_NUM, DB_TEXT, DB_JSON, DB_BLOB };

struct db_column {
    str name;
    enum db_kind kind;
    bool not_null;
    bool identity; /* the engine gives it numbers: SQLite's AUTOINCREMENT, PostgreSQL's IDENTITY */
    int key;       /* place in the primary key, from 1; 0: not in it */
};

struct db_reference {
    str name; /* of the constraint; PostgreSQL alone has one */
    str column, table, to;
};

struct db_index {
    str name; /* none when a UNIQUE of the table made it */
    bool unique, partial;
    str columns; /* "a, b" */
};

struct db_table {
    str name;
    struct db_column *columns;
    size_t column_count;
    struct db_reference *references;
    size_t reference_count;
    struct db_index *indexes; /* without the primary key's, by columns */
    size_t index_count;
};

struct db_catalog {
    struct db_table *tables; /* a table stands behind those it refers to, else by name */
    size_t count;
};

enum err db_catalog(struct db_conn *conn, struct arena *a, struct db_catalog *ret);
const struct db_table *db_catalog_find(const struct db_catalog *c, str name); /* NULL if absent */
const struct db_column *db_column_find(const struct db_table *t, str name);
/* How many rows the table has. */
enum err db_table_rows(struct db_conn *conn, const struct db_table *t, int64_t *ret);
/* A name from the catalogue as an identifier of SQL. */
void out_identifier(struct strbuf *sb, str name);

struct db_digest {
    int64_t rows;
    uint64_t sum[2]; /* of the rows' SHA-256, cut to 128 bits */
};
/* Adds the row that `r` stands at; its columns are those of `t` in the same order. `kinds` says
 * which are truth values and JSON on the engine that knows. */
void db_digest_row(struct db_digest *d, const struct db_table *kinds, const struct rows *r);
bool db_digest_equal(struct db_digest a, struct db_digest b);

#endif
