/* sql: a named statement. Each `name.sql` beside a module holds blocks
 *
 *     -- name: tag_by_id
 *     SELECT … WHERE id = $1;
 *     -- name: job_claim @pg          (only where PostgreSQL needs other words than SQLite)
 *
 * and a build step (tools/sqlgen.awk) makes an object SQL_tag_by_id of each, so that a wrong name
 * does not link. Every statement is prepared at start, so that wrong SQL does not serve.
 *
 * What several statements of a file share stands once, above them, as "-- part: NAME", and is written
 * @NAME where it belongs. A part ends where the next block begins.
 *
 * Parameters are $1 … $n. A fragment @scope(alias) stands for "rows this actor may see" (db.h:
 * struct db_fragment). */
#ifndef HETANG_SQL_H
#define HETANG_SQL_H

struct sql {
    const char *name;
    const char *text;
    const char *text_pg; /* NULL: the same text serves */
    unsigned index;      /* set at start: its place in sql_all */
};

extern struct sql *const sql_all[];
extern const unsigned sql_all_count;

#endif
