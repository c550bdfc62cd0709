/* What the parts of the ClickHouse executor share. */
#ifndef HETANG_CLICKHOUSE_INTERNAL_H
#define HETANG_CLICKHOUSE_INTERNAL_H

#include "engine/clickhouse.h"

/* How a value travels: its kind (0: not there), a number (of a bool 0 or 1) and a text. The kinds
 * are in the order of group keys. */
enum {
    KIND_NONE,
    KIND_BOOL,
    KIND_NUMBER,
    KIND_TEXT,
    KIND_DAY /* in keys: a day as a text */,
    /* of why a leaf holds: */ KIND_TIME,
    KIND_ITEM /* of a list */,
    KIND_ANCHOR
};

struct sql {
    struct arena *a;
    struct strbuf *sb;
    const struct query *q;
    instant now;
};

/* Expressions of one value; a comparison picks those of its kind. `list` is an array of texts. */
struct operand {
    str there;
    str text_there, text;
    str number_there, number;
    str bool_there, boolean;
    str list_there, list; /* none: it cannot be a list */
};

/* A column of a fact beside person, at_ms and seq. */
struct column {
    const char *name;
    str expression;
};

/* What a query reads: rows that no later one replaces and that are not marked as dropped. SQL_ONLY
 * is where clickhouse_fit_sql() names the people it asks about; no text of a query has this byte.
 */
#define SQL_ONLY     "\x02"
#define LIVE_FACTS   "events FINAL WHERE NOT dropped" SQL_ONLY
#define LIVE_PERSONS "persons FINAL WHERE NOT dropped" SQL_ONLY

/* Sums are of 128 bits; SUM_SHOWN of one is the nearest int64 (sum_shown() in result.h), which no
 * bound of a comparison reaches (query_number_read()). */
#define SUM_SHOWN(sum)                                                                      \
    "toInt64(least(greatest(" sum ", toDecimal128(-9223372036854775807, 0)), toDecimal128(" \
    "9223372036854775807, 0)))"

/* Stands where a part became larger than the whole may be; no text of a query has this byte. */
#define SQL_TOO_LARGE "\x01"

/* clickhouse_value.c */
str sql_done(const struct strbuf *sb);                     /* what was written, or SQL_TOO_LARGE */
str sql_text(struct arena *a, str s);                      /* quoted */
struct operand operand_of_prop(struct arena *a, str prop); /* of the row of a fact */
struct operand operand_of_attr(struct arena *a, str attr); /* of the row of a person */
struct operand operand_of_kind(struct arena *a, const char *kind, const char *number,
                               const char *text);
/* Kind, number and text of a property, or of an attribute that is a breakdown. */
void value_columns(struct arena *a, str prop, const char *const names[3], struct column ret[3]);
void out_compare(struct strbuf *sb, const struct compare *c, const struct operand *o);
bool compare_number(const struct compare *c, i64 number); /* does it hold? */
void out_match(struct strbuf *sb, const struct match *m);
str match_text(struct arena *a, const struct match *m);
/* A number with a bit for each match that holds. */
str mask_text(struct arena *a, const struct match *matches, size_t count);
str any_text(struct arena *a, const struct match *matches, size_t count);
/* Of a day number its place in a year from March on: the same for the same month and day. */
str day_of_march_year(struct arena *a, str number);
/* Expressions of arrays of 0 or more: the element before, 0 before the first; the largest before
 * each element; the largest up to it. */
str shifted(struct arena *a, const char *array);
str running_max(struct arena *a, const char *array);
str running_max_to(struct arena *a, str array);

/* clickhouse_person.c: conditions on the row of a person. */
void out_attr_leaf(struct sql *s, const struct query_leaf *l);
void out_set_leaf(struct sql *s, const struct query_leaf *l);
void out_random_leaf(struct sql *s, const struct query_leaf *l);
void out_instant_compare(struct sql *s, const struct time_compare *t, const char *value);
str day_of_instant(struct arena *a, str value); /* a day number */
/* SELECT person and three columns of the breakdown by attribute or set: a row for each group a
 * person is in. */
void out_person_keys(struct sql *s, const struct breakdown *b, const char *const names[3]);

/* clickhouse_people.c: a condition on the row of a person. */
void out_people(struct sql *s, const struct people *p);
void out_leaf(struct sql *s, const struct query_leaf *l);
/* SELECT person, and the figure of LEAF_FACTS: mk, mn, ms, and mc, what the average divides mn by.
 * `person`: of this one alone, if given. */
str measured_text(struct sql *s, const struct query_leaf *l, i64 person);
/* "person IN (…)" for reports, or nothing if everybody is meant. */
void out_people_filter(struct sql *s);

/* clickhouse_segment.c, clickhouse_funnel.c, clickhouse_report.c: the whole SELECT. */
void out_segment(struct sql *s);
void out_funnel(struct sql *s);
void out_retention(struct sql *s);
void out_trend(struct sql *s);
void out_profile(struct sql *s);
void out_overlap(struct sql *s);
void out_diagnosis(struct sql *s);
/* SELECT person, times (of a chain in order or strict, from the range's start, which is 1; 0: not
 * reached) and more: a row for each unit. */
str funnel_chains(struct sql *s);
/* Retention, as the SQL and its reader both count. */
struct retention_plan {
    instant *starts; /* of the periods a cell may lie in; count + 1 */
    size_t count, cohorts;
    size_t cells;
    i64 *first; /* cell i is the periods first[i] … first[i + 1] - 1 after the cohort's */
};
void retention_periods(struct arena *a, const struct query *q, struct retention_plan *ret);
/* The cell's last period is over by now. */
bool retention_complete(const struct query *q, const struct retention_plan *plan, instant now,
                        size_t cohort, size_t cell);

/* clickhouse_behind.c. Columns of the keys of a group by its breakdown: kind, number, text. */
extern const char *const clickhouse_keys[QUERY_BREAKDOWNS_MAX][3];
/* SELECT the people of those rows of `from` (person, keys, …) for which the condition holds and
 * that are the group's. */
void out_behind(struct sql *s, str condition, str from);
str behind_funnel_text(struct sql *s);                                       /* of times */
str behind_retention_text(struct sql *s, const struct retention_plan *plan); /* of cohort, cells */
str behind_trend_text(struct sql *s, const instant *starts, size_t count);   /* of period */
/* Of level, onward, and a1 … a4, from_place and b1 … b4, to_place (0: not told by name). */
str behind_paths_text(struct sql *s);
str behind_attribution_text(struct sql *s); /* of ks, ns, ss */

/* clickhouse_report.c: the number of the period `at` lies in, from 0; behind the last boundary it
 * only grows. */
str period_text(struct arena *a, const instant *starts, size_t count, const char *at);
/* `from`, which has these columns, with a row for each group of its person as gk, gn, gs (the
 * first breakdown) or fk, fn, fs; as it is if the breakdown is by a property. */
str grouped(struct sql *s, size_t which, const char *columns, str from);

/* clickhouse_activity.c: life cycle and stickiness. */
void out_activity(struct sql *s);
/* clickhouse_paths.c */
void out_paths(struct sql *s);

/* clickhouse_attribution.c */
void out_attribution(struct sql *s);

/* clickhouse_rfm.c: rows of people, also where who is behind is asked. */
void out_rfm(struct sql *s);

/* clickhouse_result.c: rows that come back. */
struct rows {
    struct arena *a;
    const struct query *q;
    instant now;
    str rest, line;
    bool bad; /* a field was not what it should be */
};
bool row_next(struct rows *r);
i64 row_i64(struct rows *r);
str row_text(struct rows *r);
str row_unescaped(struct arena *a, str s);
struct group_key row_key(struct rows *r); /* three fields: kind, number, text */
struct group_key row_key_of(struct rows *r, i64 kind, i64 number, str text);
enum err activity_rows(struct rows *r, struct result *ret);
enum err paths_rows(struct rows *r, struct result *ret);
enum err rfm_rows(struct rows *r, struct result *ret);
enum err attribution_rows(struct rows *r, struct result *ret);
/* clickhouse_segment_result.c, clickhouse_profile_result.c */
enum err segment_rows(struct rows *r, struct result *ret);
enum err profile_rows(struct rows *r, struct result *ret);
enum err overlap_rows(struct rows *r, struct result *ret);
enum err diagnosis_rows(struct rows *r, struct result *ret);
/* Whole numbers with commas between. */
struct number_list {
    i64 *at;
    size_t n, cap;
};
struct number_list numbers_read(struct rows *r, str text);

#endif
