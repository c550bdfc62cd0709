/* clickhouse: the language of questions (query.h) as ClickHouse SQL, and its rows read back.
 *
 * The SQL runs unchanged on every engine from 18.16 on, so it does without what came later: window
 * functions, ASOF JOIN, arrayFold, arrayFill, Map. Facts of a person are an array in the order of
 * (time, sequence number); a chain is taken level by level over the whole array with running
 * maxima, so the work of a level is linear in the person's facts. windowFunnel is not used: it
 * tells how deep a person came and not when, and every funnel answers with times.
 *
 * Two tables. `events` is a ReplacingMergeTree by (person, at_ms, seq): a batch that is sent again
 * writes the same rows, which merges make one; until then queries read FINAL, so a fact counts
 * once. `persons` replaces a person's row by the one with the larger `version`. A person lives on
 * one shard: tables on several are distributed by `person`, and the subqueries of IN stay local.
 *
 * A statement may be longer than the 256 KiB a server takes by default (max_query_size).
 *
 * Days, months and periods are of the business zone, which is a table of ours (base/time.h): the
 * SQL holds their boundaries as numbers and asks ClickHouse for no date. */
#ifndef HETANG_CLICKHOUSE_H
#define HETANG_CLICKHOUSE_H

#include "engine/fact.h"
#include "engine/result.h"

#define CLICKHOUSE_SQL_MAX (8 << 20)

/* CREATE TABLE IF NOT EXISTS …, one statement a line. */
void out_clickhouse_tables(struct strbuf *sb);
/* INSERT INTO … FORMAT TabSeparated, and the rows. */
void out_clickhouse_facts(struct strbuf *sb, const struct fact *facts, size_t count);
void out_clickhouse_persons(struct strbuf *sb, const struct person *persons, size_t count,
                            i64 version);
/* One SELECT whose rows (TabSeparated) clickhouse_result() reads. ERR_INVALID: larger than
 * CLICKHOUSE_SQL_MAX. */
enum err clickhouse_sql(struct arena *a, const struct query *q, instant now, str *ret);
/* ERR_INVALID if the rows are not those of the query. */
enum err clickhouse_result(struct arena *a, const struct query *q, instant now, str rows,
                           struct result *ret);
/* A string literal: the only way a text of a query enters the SQL. */
void out_clickhouse_text(struct strbuf *sb, str s);

#endif
