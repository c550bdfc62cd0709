/* What the readers of the language share: places in the document, tables of members, values. */
#ifndef HETANG_QUERY_INTERNAL_H
#define HETANG_QUERY_INTERNAL_H

#include "base/base.h"
#include "engine/query.h"

struct place { /* where in the document: "steps", or [3] */
    const struct place *up;
    str key;
    size_t index; /* when key is none */
};

struct reader {
    struct arena *a;
    struct query_error *error;
    int leaves;
};

/* A member an object may have; `read` puts it into the struct the object fills. */
typedef bool member_read(struct reader *r, const struct place *p, const struct json *j, void *to);
struct member {
    const char *name;
    member_read *read;
    size_t at;
};

/* A kind of question: its members, and what they have to be together. */
struct kind_row {
    const char *name;
    enum query_kind kind;
    const struct member *members;
    size_t count;
    bool (*check)(struct reader *r, const struct query *q); /* NULL: nothing more to ask */
};
extern const struct kind_row life_row, stickiness_row; /* query_activity.c */
extern const struct kind_row paths_row;                /* query_paths.c */
extern const struct kind_row attribution_row;          /* query_attribution.c */
extern const struct kind_row rfm_row;                  /* query_rfm.c */
#define IN_QUERY(member) offsetof(struct query, member)
#define REPORT_MEMBERS                                               \
    { "kind", NULL }, { "people", people_member, IN_QUERY(people) }, \
        { "since", instant_member, IN_QUERY(since) },                \
    {                                                                \
        "until", instant_member, IN_QUERY(until)                     \
    }
#define REPORT_MAX_MS (3660 * DAY_MS)

struct match_list {
    struct match *at;
    size_t count;
};

/* Fills the error; false, so that a reader can return it. */
bool bad(struct reader *r, const struct place *p, const char *reason, const char *zh);
/* Every member of the object is in the table and there once. A row without `read` is somebody
 * else's. */
bool object_read(struct reader *r, const struct place *p, const struct json *j,
                 const struct member *members, size_t count, void *to);
#define OBJECT(r, p, j, members, to) object_read((r), (p), (j), (members), COUNT(members), (to))

/* Members: `to` is … */
member_read text_read;        /* a str */
member_read bool_read;        /* a bool */
member_read span_read;        /* an i64 in ms, up to ten years */
member_read window_span_read; /* the same, up to 366 days */
member_read instant_member;   /* an instant; of a day its first */
member_read types_read;       /* a struct match: its types */
member_read where_read;       /* … its conditions */
member_read match_read;       /* … all of it; a text is a type alone */

bool whole_read(struct reader *r, const struct place *p, const struct json *j, i64 low, i64 high,
                i64 *ret);
/* A word of a list that ends with NULL: its place there. */
bool word_read(struct reader *r, const struct place *p, const struct json *j,
               const char *const *words, int *ret);
bool matches_read(struct reader *r, const struct place *p, const struct json *j, size_t least,
                  struct match_list *ret);
/* The one comparison of an object whose other members are `others`. Times are compared where `time`
 * is given; "since" and "until" are then a comparison too. */
bool compare_read(struct reader *r, const struct place *p, const struct json *j,
                  const char *const *others, struct compare *c, struct time_compare *time);
/* query_behind.c: members of "behind", into the query. */
member_read behind_funnel_read, behind_retention_read, behind_trend_read, behind_life_read,
    behind_stickiness_read, behind_paths_read, behind_attribution_read;
/* The query's "behind", asked and not said yet. */
struct behind *behind_of(void *query);
bool behind_check(struct reader *r, const struct query *q);

/* query_profile.c */
member_read names_read;   /* a struct names */
member_read overlap_read; /* "of": a struct overlap */
member_read step_read;    /* a size_t, from 1 */

member_read people_member; /* a struct people *, over the whole depth */
/* query_report.c */
member_read breakdowns_read; /* a struct query */
member_read unit_read;       /* an enum period_unit */
member_read periods_read;    /* a size_t */

#endif
