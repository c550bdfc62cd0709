/* result: what an executor answers, the same to the last digit on each of them.
 *
 * Groups (breakdowns) are in the order of their size (funnel: people at the first step; retention:
 * people of all cohorts; trend: facts; life cycle and stickiness:
 * people), largest first, then by key: none, then false and true,
 * numbers, texts by their bytes. Without a breakdown there is one group without keys. Money and
 * numbers are in thousandths. */
#ifndef HETANG_RESULT_H
#define HETANG_RESULT_H

#include "engine/attribution.h"
#include "engine/query.h"
#include "engine/stats.h"

#define QUARTILES 3

struct funnel_group {
    struct group_key key;
    i64 reached[QUERY_STEPS_MAX]; /* units that got to step i or further */
    /* Of those that reached step i: ms since the step before (i = 0: unused), the elements ⌊n/4⌋,
     * ⌊n/2⌋ and ⌊3n/4⌋ of the sorted times; NONE if there is nobody. Unused, ORDER_ANY: NONE. */
    i64 quartile_ms[QUERY_STEPS_MAX][QUARTILES];
    i64 total_ms[QUARTILES]; /* from the first step to the last */
};
struct funnel_result {
    size_t step_count;
    struct funnel_group *groups;
    size_t group_count;
};

struct cohort {
    day start;  /* first day of the period; NONE: the overall row */
    i64 people; /* in the cohort; overall: of all cohorts */
    i64 *cells; /* people, or thousandths of the value */
    i64 *base;  /* people who could be in the cell: the cohort's once it is complete, else 0 */
};
struct retention_group {
    struct group_key key;
    struct cohort overall;
    struct cohort *cohorts; /* those with people, by start */
    size_t cohort_count;
};
struct retention_result {
    size_t cell_count;
    struct retention_group *groups;
    size_t group_count;
};

struct trend_point {
    instant start; /* of the period */
    i64 count, people;
    i64 sum, numbers; /* facts that have the property as a number; 0 without a property */
    i64 quantile;     /* NONE without a number, and unless it was asked for */
};
struct trend_group {
    struct group_key keys[QUERY_BREAKDOWNS_MAX];
    struct trend_point *points; /* every period of the range, also the empty ones */
    struct trend_point total;   /* over the whole range; its start is the first period's */
};
struct trend_result {
    size_t point_count;
    struct trend_group *groups;
    size_t group_count;
};

struct activity_point {
    instant start; /* of the period */
    bool complete;
    i64 active;
    i64 fresh, returning, resurrected, dormant; /* QUERY_LIFE; the first three make `active` */
    i64 recent; /* QUERY_STICKINESS: active in some period of the window */
};
struct activity_group {
    struct group_key key;
    i64 people;
    struct activity_point *points;
    i64 *days; /* QUERY_STICKINESS: by number of periods, 1 … window, at [0 … window - 1] */
};
struct activity_result {
    size_t point_count;
    struct activity_group *groups;
    size_t group_count;
};

struct path_node {
    bool other; /* all that are not among the top; then only the figures say something */
    str type;
    struct group_key key; /* of `by` */
    i64 paths, ends;
};
struct path_link {
    size_t from, to; /* places among the nodes of a level and of the next */
    i64 paths;
};
struct path_level {
    struct path_node *nodes;
    size_t node_count;
    struct path_link *links; /* to the next level, by from and to */
    size_t link_count;
};
struct paths_result {
    i64 people, paths;         /* who has one, and how many there are */
    struct path_level *levels; /* those that have nodes */
    size_t level_count;
};

struct attribution_channel {
    bool other; /* all that are not among the top; it has no key */
    struct group_key key;
    i64 touches; /* in all paths */
    /* By model; 0 of those that were not asked. Values are in thousandths, not fen. */
    struct attribution_credit credits[ATTRIBUTION_MODEL_COUNT];
};
struct attribution_path {
    size_t *channels; /* places among the channels */
    size_t count;
    i64 conversions, lost, value;
};
struct attribution_result {
    struct attribution_total total;       /* values in thousandths */
    i64 refunded;                         /* conversions that are none any more */
    i64 refunded_value;                   /* all that was taken back, of others too */
    struct attribution_channel *channels; /* those of most touches first, `other` last */
    size_t channel_count;
    struct attribution_path *paths;
    size_t path_count;
};

/* A node of a segment and one person: does it hold, and what did the leaf compare? */
enum node_shown {
    NODE_BARE,   /* nothing to show: LEAF_PERSON and LEAF_FACTS have something */
    NODE_ABSENT, /* it is not there: the attribute, the figure, what a window is measured from */
    NODE_VALUE,
    NODE_AVERAGE, /* value.number / of */
    NODE_DAY,     /* value.number is day.n */
    NODE_TIME,    /* … ms */
    NODE_TEXTS,   /* a list, by bytes */
};
struct node_why {
    bool holds;
    enum node_shown shown;
    struct value value; /* a sum stays within an int64 */
    i64 of;
    str *texts;
    size_t text_count;
};
struct why_result {
    bool there; /* the person */
    struct node_why *nodes;
    size_t node_count;
};

/* A value of people (struct traits) and how many of two kinds of people have it: profile: those of
 * the segment, everybody; diagnosis: who went on, who stopped. As the names were given, attributes
 * first, then by value as groups are. */
struct trait_count {
    bool set; /* else an attribute */
    str name;
    struct value value;
    i64 first, second;
};
struct traits_result {
    struct trait_count *at;
    size_t count;
};
struct profile_result {
    i64 people, all;
    struct traits_result traits;
};
struct overlap_result {
    size_t count;
    i64 *both; /* [count × count]; of one with itself how many fit it */
    i64 any;
};
struct event_count {
    str type;
    i64 went_on, stopped; /* who did it in between */
};
struct diagnosis_result {
    i64 went_on, stopped;
    struct event_count *events; /* by the bytes of their names */
    size_t event_count;
    struct traits_result traits;
};

struct rfm_cell {
    uint8_t score[RFM_FIGURES];
    int class;
    i64 people, facts, worth; /* thousandths */
};
struct rfm_result {
    instant reference;
    struct rfm_cuts cuts;
    struct rfm_means means;
    struct rfm_cell *cells; /* the highest scores first, by R, then F, then M */
    size_t cell_count;
};

struct result {
    enum query_kind kind; /* of the answer: query_answer() */
    i64 *people; /* QUERY_SEGMENT: their numbers, ascending; NULL where only the count is asked */
    size_t people_count;
    i64 *node_counts; /* by node */
    size_t node_count;
    struct why_result why;
    struct funnel_result funnel;
    struct retention_result retention;
    struct trend_result trend;
    struct activity_result activity;
    struct paths_result paths;
    struct attribution_result attribution;
    struct diagnosis_result diagnosis;
    struct profile_result profile;
    struct overlap_result overlap;
    struct rfm_result rfm;
};

/* How going on goes together with having done it in between; having stopped with the value. */
struct two_by_two event_table(const struct diagnosis_result *d, const struct event_count *e);
struct two_by_two trait_table(const struct diagnosis_result *d, const struct trait_count *t);
/* As JSON, for machines and for comparing. */
void out_result(struct strbuf *sb, const struct query *q, const struct result *r);
/* What the writers of each kind share. */
struct json_writer;
void number_out(struct json_writer *w, const char *key, i64 thousandths);
void key_out(struct json_writer *w, const char *name, const struct group_key *key);
int group_key_compare(const struct group_key *a, const struct group_key *b);
/* A sum as it is shown: the nearest that an int64 other than NONE can be. */
static inline i64 sum_shown(__int128 sum)
{
    return sum > INT64_MAX ? INT64_MAX : sum < -INT64_MAX ? -INT64_MAX : (i64)sum;
}
/* First instants of the periods that [since, until) touches, with the end of the last behind them:
 * *ret_count + 1 instants. Calendar units in the business zone, weeks from Monday. */
void periods_of(struct arena *a, enum period_unit unit, instant since, instant until, instant **ret,
                size_t *ret_count);
instant period_start(enum period_unit unit, instant t); /* of the period it lies in */
/* The last of them that begins at or before that time; 0 if none does. */
size_t period_at(const instant *starts, size_t count, i64 ms);

/* The same for many times: cut into pieces no longer than the shortest period, so that one
 * comparison is left. */
struct period_table {
    const instant *starts;
    int shift;       /* a piece is 2^shift ms */
    uint32_t *first; /* the period each piece begins in */
};
void period_table_make(struct arena *a, const instant *starts, size_t count,
                       struct period_table *ret);
/* Of a time from starts[0] on and before the end of the last. */
static inline size_t period_in(const struct period_table *t, i64 ms)
{
    size_t period = t->first[(ms - t->starts[0].ms) >> t->shift];
    return period + (ms >= t->starts[period + 1].ms);
}

#endif
