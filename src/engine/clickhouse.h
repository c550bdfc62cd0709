/* clickhouse: the language of questions (query.h) as ClickHouse SQL, and its rows read back.
 *
 * The SQL runs unchanged on every engine from 18.16 on, so it does without what came later: window
 * functions, ASOF JOIN, arrayFold, arrayFill, Map. Facts of a person are an array in the order of
 * (time, sequence number); a chain is taken level by level over the whole array with running
 * maxima, so the work of a level is linear in the person's facts. windowFunnel is not used: it
 * tells how deep a person came and not when, and every funnel answers with times.
 *
 * Two tables. Of rows of `events` alike in (person, at_ms, seq), and of those of `persons` alike in
 * person, the one with the largest `version` holds: merges drop the others, and until then queries
 * read FINAL. So a batch that is sent again changes nothing, and what is not true any more is said
 * by a newer row that is marked `dropped` and that no query sees.
 *
 * On several servers each is a shard, and all rows of a person are on the one of
 * clickhouse_shard(). Their tables have a suffix ("events_local"), and the name without it is
 * Distributed over the cluster, whose subqueries of IN stay local (distributed_product_mode =
 * 'local').
 *
 * A third table, `told`, has a row: how far the log was told. Statements may be longer and deeper
 * than a server allows by default: CLICKHOUSE_SETTINGS go with every question.
 *
 * Days, months and periods are of the business zone, which is a table of ours (base/time.h): the
 * SQL holds their boundaries as numbers and asks ClickHouse for no date. */
#ifndef HETANG_CLICKHOUSE_H
#define HETANG_CLICKHOUSE_H

#include "engine/engine.h"
#include "engine/fact.h"
#include "engine/result.h"

#define CLICKHOUSE_SQL_MAX (8 << 20)
/* What a question is sent with, as part of a URL. */
#define CLICKHOUSE_SETTINGS                                                               \
    "&max_query_size=9000000&max_ast_elements=9000000&max_expanded_ast_elements=36000000" \
    "&max_ast_depth=10000&distributed_product_mode=local"

/* Where the tables are: `local` is the suffix of those on a server itself. */
struct clickhouse_place {
    str database, cluster; /* cluster: none, there is one server */
    const char *local;     /* "" where there is no cluster */
};
#define CLICKHOUSE_ALONE                      \
    (struct clickhouse_place)                 \
    {                                         \
        .database = S("default"), .local = "" \
    }
/* CREATE TABLE IF NOT EXISTS …, one statement a line. */
void out_clickhouse_tables(struct strbuf *sb, const struct clickhouse_place *place);
int clickhouse_shard(i64 person, int count); /* 0 … count - 1 */

/* INSERT INTO … FORMAT TabSeparated; then rows. */
void out_clickhouse_insert(struct strbuf *sb, const char *table, const char *local);
void out_clickhouse_fact(struct strbuf *sb, const struct fact *f, i64 version);
void out_clickhouse_person(struct strbuf *sb, const struct person *p, i64 version);
/* Statements, one a line: these people and facts of theirs are dropped where their version is
 * smaller. */
void out_clickhouse_drop(struct strbuf *sb, const char *local, const i64 *persons, size_t count,
                         i64 version);
/* … and whatever of theirs is not a mark is taken off the disk, by and by. */
void out_clickhouse_erase(struct strbuf *sb, const char *local, const i64 *persons, size_t count);

/* The row of `told`. */
struct clickhouse_told {
    i64 version;
    str token; /* whose log */
    i64 telling, shard, shards;
    i64 seq, mark; /* the last fact told, and when it was received (ms) */
    bool whole;    /* all was told once */
};
void out_clickhouse_told(struct strbuf *sb, const struct clickhouse_told *t);
#define CLICKHOUSE_TOLD_SQL                                                                   \
    "SELECT version, token, telling, shard, shards, seq, mark, whole FROM told FINAL FORMAT " \
    "TabSeparated"
/* ERR_NOT_FOUND: no row. */
enum err clickhouse_told_read(struct arena *a, str rows, struct clickhouse_told *ret);

/* One SELECT whose rows (TabSeparated) clickhouse_result() reads. ERR_INVALID: larger than
 * CLICKHOUSE_SQL_MAX. */
enum err clickhouse_sql(struct arena *a, const struct query *q, instant now, str *ret);
/* ERR_INVALID if the rows are not those of the query. */
enum err clickhouse_result(struct arena *a, const struct query *q, instant now, str rows,
                           struct result *ret);
/* engine_fit() of a few people; rows for clickhouse_fit_result(). ERR_INVALID: too large. */
enum err clickhouse_fit_sql(struct arena *a, const struct people *const *asked, size_t asked_count,
                            instant now, const i64 *persons, size_t count, str *ret);
enum err clickhouse_fit_result(struct arena *a, str rows, size_t asked_count, const i64 *persons,
                               size_t count, bool *ret);
/* engine_types() and engine_stats(). */
str clickhouse_types_sql(struct arena *a);
enum err clickhouse_types_read(struct arena *a, str rows, struct engine_type **ret,
                               size_t *ret_count);
str clickhouse_stats_sql(struct arena *a);
enum err clickhouse_stats_read(struct arena *a, str rows, struct engine_stats *ret);
/* A string literal: the only way a text of a query enters the SQL. */
void out_clickhouse_text(struct strbuf *sb, str s);

#endif
