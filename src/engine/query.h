/* query: what is asked of the engine, read from JSON once. This is the whole language; how it is
 * answered is the business of the executors, which must agree (the column store here, ClickHouse,
 * and the plain evaluator of the tests).
 *
 * A person has attributes (columns) and belongs to sets ("tag" 12, "segment" 17). A fact is an
 * event: a type by name, an instant, properties. Facts of a person are in the order of (time,
 * sequence number). Facts later than `now` do not exist yet.
 *
 * People (a segment):
 *     { "all": [ { "attr": "city", "in": ["上海", "杭州"] },
 *                { "set": "tag", "key": "12", "is": true },
 *                { "event": "order.paid", "count": { "gte": 2 }, "within": "90d",
 *                  "where": [ { "prop": "channel", "eq": "group" } ] },
 *                { "not": { "event": "message.opened", "within": "30d" } },
 *                { "sequence": [ { "event": "coupon.claimed" }, { "event": "order.paid" } ],
 *                  "within_each": "7d", "since": "2026-01-01" },
 *                { "event": "cart.added", "not_followed_by": "order.paid", "after": "1d" },
 *                { "random": 10 } ] }
 *
 * Values. Numbers are exact: thousandths in an int64 (half of a thousandth away from zero); money
 * is a number of fen. A comparison of a text holds for texts only, of a number for numbers only.
 * What is not there fits no comparison but "ne", "not_in" and "exists": false. What is of another
 * kind fits none but "ne", "not_in" and "exists": true: not_in holds exactly where in does not.
 * "contains" and "starts" compare bytes. Days and instants are of kinds of their own: they fit
 * comparisons of time, and those fit nothing else. An empty list is not there.
 *
 * Sums are exact whatever their size: they are compared as they are, and where one is shown that
 * does not fit an int64 of thousandths, the nearest that does is shown (each figure from its own
 * exact sum, not from others shown).
 *
 * Windows of a leaf: "within" S is (now - S, now]; "since" is included and "until" is not; a day
 * means its first instant in the business zone. "since_event": after the first or last fact of
 * another kind (strictly later in the person's order; nobody without one fits, not even who has
 * nothing to count). The other kind's facts are those of all time until now. A window holds for
 * every step of a sequence; of "not_followed_by" only for the first fact.
 *
 * What may be asked, besides a plain segment, funnel, retention or trend:
 *     { "kind": "segment", "people": …, "counts": true, "only": "count" } or { …, "person": 123 }
 *     { "kind": "profile", "people": …, "attrs": ["city"], "sets": ["tag"] }
 *     { "kind": "overlap", "of": [ …, … ] }
 *     { "kind": "diagnosis", … of a funnel …, "step": 3, "events": ["cart.added"],
 *       "attrs": ["city"], "sets": ["tag"], "cell_min": 30 }
 *     { "kind": "rfm", …, "of": "order.paid", "value": "amount_fen" }
 *     { "kind": "funnel", …, "behind": { "step": 3, "stopped": true } }
 *
 * The exact meaning of each stands beside its struct below. */
#ifndef HETANG_QUERY_H
#define HETANG_QUERY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/types.h"
#include "base/vec.h"
#include "engine/rfm.h"

#define QUERY_DEPTH_MAX      8
#define QUERY_LEAVES_MAX     100
#define QUERY_VALUES_MAX     500
#define QUERY_STEPS_MAX      20
#define QUERY_WHERE_MAX      20
#define QUERY_EVENTS_MAX     50 /* names of one match */
#define QUERY_BREAKDOWNS_MAX 2
#define QUERY_PERIODS_MAX    366
#define QUERY_NUMBER_SCALE   1000

enum value_kind { VALUE_TEXT, VALUE_NUMBER, VALUE_BOOL };

struct value {
    enum value_kind kind;
    str text;
    i64 number; /* thousandths; VALUE_BOOL: 0 or 1 */
};

enum compare_op {
    COMPARE_IN,     /* eq is in with one */
    COMPARE_NOT_IN, /* ne is not_in with one; also for what is not there */
    COMPARE_RANGE,  /* numbers: low … high, both included; NONE: open */
    COMPARE_EXISTS, /* `yes`: is there */
    COMPARE_CONTAINS,
    COMPARE_STARTS,
};

/* gt and lt of whole thousandths are gte and lte of the next. Values of one comparison are of one
 * kind. */
struct compare {
    enum compare_op op;
    enum value_kind kind;
    struct value *values; /* sorted, no two alike */
    size_t count;
    i64 low, high;
    bool yes;
};

struct where {
    str prop;
    struct compare compare;
};

/* Facts of any of these types for which every condition holds. */
struct match {
    str *types;
    size_t type_count;
    struct where *where;
    size_t where_count;
};

/* Which facts count, by their time: after `from` (included) and before `until` (not included). */
struct window {
    i64 span_ms;          /* 0: none; (now - span, now] */
    instant since, until; /* 0: open */
    struct match *anchor; /* NULL: none; only what comes later than its … */
    bool anchor_last;     /* … last fact, else its first */
};

enum query_leaf_kind {
    LEAF_PERSON,
    LEAF_SET,
    LEAF_FACTS,
    LEAF_SEQUENCE,
    LEAF_NOT_FOLLOWED,
    LEAF_RANDOM
};

enum fact_measure {
    MEASURE_COUNT,
    MEASURE_SUM,     /* of the numbers; 0 without one */
    MEASURE_AVERAGE, /* compared as sum against value × count, so exact ("gt" 2 is from 2.001 on);
                        nobody without a number, whatever the comparison */
    MEASURE_MIN,     /* as the average: nobody without a number */
    MEASURE_MAX,
    MEASURE_DISTINCT,   /* different values of the property, of whatever kind */
    MEASURE_FIRST,      /* the property of the first fact; not there if that, or any fact, is not */
    MEASURE_LAST,       /* … of the last */
    MEASURE_FIRST_TIME, /* the instant of the first fact, against `time`; nobody without a fact */
    MEASURE_LAST_TIME,
};

/* Of attributes: what kind a column is decides how a value is read. */
enum attr_kind { ATTR_TEXT, ATTR_NUMBER, ATTR_BOOL, ATTR_DAY, ATTR_INSTANT, ATTR_LIST };
enum time_op {
    TIME_NOT,    /* the comparison is not one of time */
    TIME_WITHIN, /* (now - span, now]; of a day: from the day of (now - span) on, until today */
    TIME_BEFORE, /* at or before now - span; of a day: before the day of (now - span) */
    TIME_NEXT,   /* its month and day are today's or those of one of the span / 24 h days (rounded
                    down) after it; February 29th is kept on the 28th in a common year */
    TIME_RANGE, /* since … until (not included); of a day: since … until, both first instants */
};
struct time_compare {
    enum time_op op;
    i64 span_ms;
    instant since, until;
};

struct query_leaf {
    enum query_leaf_kind kind;
    str name;               /* LEAF_PERSON: of the attribute; LEAF_SET: of the family of sets */
    str key;                /* LEAF_SET: which of the family */
    bool is;                /* LEAF_SET */
    struct compare compare; /* LEAF_PERSON, LEAF_FACTS */
    struct time_compare time;
    struct match match;        /* LEAF_FACTS, LEAF_NOT_FOLLOWED: the first */
    enum fact_measure measure; /* LEAF_FACTS */
    str prop;                  /* of the measure */
    struct window window;
    struct match *steps; /* LEAF_SEQUENCE; LEAF_NOT_FOLLOWED: one, what did not follow */
    size_t step_count;
    /* LEAF_SEQUENCE: a chain of facts, each later in order than the one before and at most this
     * long after it, 0: whenever. LEAF_NOT_FOLLOWED: some fact of the first at t with nothing of
     * the second in (t, t + gap] (instants: another at t itself does not follow), and t + gap <=
     * now. */
    i64 gap_ms;
    int percent; /* LEAF_RANDOM: of a hundred, by a hash of the person's number */
    str source;  /* as it was written */
};

enum people_kind { PEOPLE_ALL, PEOPLE_ANY, PEOPLE_NOT, PEOPLE_LEAF };
struct people {
    enum people_kind kind;
    struct people *first, *next;
    struct query_leaf leaf;
};

/* What a segment answers beside who fits. Its nodes are those of `people` in preorder: the root,
 * then its first child with all below it, and so on. `counts`: how many people fit each node alone.
 * `only_count` ("only": "count"): how many fit, and not who. `person`: instead of all that, of this
 * one which nodes hold, and what the leaves compared. */
struct segment_asked {
    bool counts, only_count;
    i64 person; /* 0: nobody */
};

enum query_kind {
    QUERY_SEGMENT,
    QUERY_FUNNEL,
    QUERY_RETENTION,
    QUERY_TREND,
    QUERY_LIFE,
    QUERY_STICKINESS,
    QUERY_PATHS,
    QUERY_ATTRIBUTION,
    QUERY_DIAGNOSIS,
    QUERY_PROFILE,
    QUERY_OVERLAP,
    QUERY_RFM,
    QUERY_KINDS
};

enum breakdown_kind { BREAKDOWN_NONE, BREAKDOWN_ATTR, BREAKDOWN_PROP, BREAKDOWN_SET };
struct breakdown {
    enum breakdown_kind kind;
    str name; /* attribute or property; family of sets: every set a person is in is a group */
};
/* Group keys: a list is a group for each of its texts; a day, and the day of an instant, the text
 * "2026-03-01"; what is not there, in no set, in no list: the group without a key. With a breakdown
 * a group nobody is in is not listed; without one the only group is. */
struct group_key {
    bool there;
    struct value value;
};

/* Funnel. Each person's facts that match a step, in order; a fact may match several steps and
 * serves one of them in a chain. The first step's time lies in [since, until); later ones may lie
 * after `until`. A chain's steps lie within `window` of its first (t <= t0 + window).
 *
 * ENTRY_ANY: the deepest chain counts, whichever first step it begins with. ENTRY_FIRST: it begins
 * with the person's first first step in the range. ORDER_IN: steps one after the other, others may
 * come between. ORDER_STRICT: no fact that matches any step comes between two steps of the chain.
 * ORDER_ANY: any order; the level is how many different steps lie within `window` of a fact of some
 * step in the range (ENTRY_ANY), or of the first such fact (ENTRY_FIRST). Here a fact counts
 * for every step it matches, and the entry is the first fact from which the level is reached.
 *
 * An exclusion after step k ends chains that wait for step k + 1, by any fact that matches it; a
 * fact that is also a step ends chains first. Exclusions go with ORDER_IN only.
 *
 * Which chain: at each fact, for each step it matches (later steps first), the chain that ended
 * with the latest fact of the step before is taken further. Among the chains of the deepest level
 * it is the first that was complete: its times are the person's, its first fact's property is the
 * breakdown's.
 *
 * COUNT_PERSON: a person once. COUNT_ENTRY: ORDER_IN only; each first step in the range begins an
 * entry and ends the one before (ENTRY_FIRST: one entry at a time, until it is complete or its
 * window is over; an exclusion does not make room). Later steps first here too: a fact may take an
 * entry further, even complete it, and then begin the next. Each entry's chain is chosen as a
 * person's is. COUNT_HELD: once for each person and value of `held`; only facts with that value are
 * looked at, exclusions and what is between strict steps included. */
enum funnel_order { ORDER_IN, ORDER_STRICT, ORDER_ANY };
enum funnel_entry { ENTRY_ANY, ENTRY_FIRST };
enum funnel_count { COUNT_PERSON, COUNT_ENTRY, COUNT_HELD };
struct exclusion {
    struct match match;
    size_t after; /* step, from 1 */
};
struct funnel {
    struct match *steps;
    size_t step_count;
    i64 window_ms;
    enum funnel_order order;
    enum funnel_entry entry;
    enum funnel_count count;
    str held;
    struct exclusion *exclusions;
    size_t exclusion_count;
};

/* Retention. UNIT_*: calendar periods of the business zone; ROLLING: 24 h from the person's start.
 * First-time: a person's cohort is the period of their first start fact ever, if that is in [since,
 * until). Every time: every period of the range in which they had one (calendar only).
 * Cell n of a cohort: people with a return fact in the n-th period after it (`or_after`: in that or
 * a later one, until now). n = 0 counts return facts of the start's own period that come later in
 * order than the start (first-time) or any there (every time). With `brackets` b0 < b1 < …, cell i
 * is the periods b[i] … b[i+1] - 1. With `value`, the sum of that property of the return facts
 * instead of people. A cell is complete when its last period is over by now; the overall row counts
 * only those (its people: of all cohorts).
 *
 * A cohort of ROLLING is those who started on one day; its periods are over when they are for who
 * starts at that day's end. Every time, only starts in [since, until) make cohorts; return facts
 * count to the period's end and until now whatever `until`. With `brackets` and `or_after`, cell i
 * is b[i] or later; either way completeness goes by b[i + 1] - 1. A breakdown by property: of the
 * start fact (every time: of the first of that period and range). */
enum period_unit { UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_ROLLING };
struct retention {
    struct match start, back;
    enum period_unit unit;
    size_t periods; /* cells are 0 … periods - 1 */
    i64 *brackets;
    size_t bracket_count;
    bool every, or_after;
    str value; /* property; none: people */
};

/* Trend: a figure of the facts of [since, until) by period; of the first and the last period only
 * what lies in the range. */
enum trend_figure {
    FIGURE_COUNT,
    FIGURE_PEOPLE,
    FIGURE_SUM,
    FIGURE_AVERAGE,  /* sum and count are given: the quotient is the reader's */
    FIGURE_QUANTILE, /* element min(⌊n × q⌋, n - 1) of the sorted numbers */
    FIGURE_PER_PERSON
};
struct trend {
    struct match match;
    enum trend_figure figure;
    str prop;
    int permille; /* of FIGURE_QUANTILE: 500 is the median */
    enum period_unit unit;
};

/* Life cycle and stickiness. A person is active in a period (day, week or month of the business
 * zone) if they have a fact of the match in it, until now. The periods told are those that [since,
 * until) touches and that begin by now, each of them whole, whatever part of it the range has; one
 * is complete when it is over by now.
 *
 * Life cycle: who is active in a period is new (their first such fact ever lies in it), returning
 * (also active in the period before, be that in the range or not) or resurrected (neither). Dormant
 * are those who are active in the period before and not in it.
 *
 * Stickiness: beside the active of each period, how many people are active in one or more of the
 * `window` periods that end with it; and of the last period told, how many people are active in
 * just 1, 2, … of those.
 *
 * Breakdowns are by attribute or set. A group's people: those who count anywhere in its figures. */
struct activity {
    struct match match;
    enum period_unit unit;
    size_t window; /* of stickiness */
};

/* Paths: what people do after an event (or, `backwards`, what they did before it: then everything
 * below runs back in time, from the event to what came before). Told are facts of the types of
 * `among` and those of the types of the match; of every type if `among` has none.
 *
 * A path begins with a fact of the match whose time is in [since, until): with each of them if
 * `every`, else with the person's first in the range, backwards too. The facts told that follow it
 * in the person's order belong to it, also outside the range and until now, up to the first that is
 * more than `gap` away from the fact before it (0: whatever far). Paths may share facts.
 *
 * A node is the type of a fact and, with `by`, the value of that property, or that it is not there.
 * With `collapse` a fact of the same node as the one before it adds no node (though the gap is
 * counted from it). Of a path's nodes the first `levels` are told, by level.
 *
 * Of a level the `top` nodes are those of most paths, alike ones by the bytes of their type and
 * then by value (as group keys are); all others are one node, told last. A path ends in a node that
 * is its last, unless that is of the last level. Links say how many paths go on from one node to
 * one of the next level. */
#define QUERY_LEVELS_MAX 10
#define QUERY_TOP_MAX    50
struct paths {
    struct match match;
    bool backwards;
    struct match among; /* types alone */
    str by;             /* property; none: the type alone is the node */
    size_t levels, top;
    bool every, collapse;
    i64 gap_ms;
};

/* Attribution: which channels conversions are owed to, by the models of attribution.h.
 *
 * A conversion is a fact of `conversion` in [since, until). Its path are the facts of `touch` that
 * come before it in the person's order and are at most `window` older, be they in the range or not;
 * a touch serves every conversion it leads to. A touch's channel is the value of its property
 * `channel`; those without one are a channel too. A conversion's worth is its number of `value`, 0
 * without one. The path of who has touches in the range and no conversion there is lost: these
 * touches. Of more than ATTRIBUTION_TOUCHES_MAX touches of a path the latest are the path.
 *
 * A fact of `refund` whose value of `held` is there takes back from the person's last fact of
 * `conversion` before it, whenever that was, that has the same: so much as its number of `value`
 * says (without a sign); all of it, if it has no such number or none is asked. A conversion from
 * which all, or as much as it was worth, is taken back counts as refunded and nowhere else; but its
 * person is not lost. What is left of another is its worth.
 *
 * Told are the `top` channels of most touches in all paths, alike ones by their keys, and the
 * others as one channel, which it is for the models too. Of the different paths, by their channels
 * alone, the `listed` ones of most conversions are told, then of most worth, then of most lost,
 * then those whose channels stand first. */
#define QUERY_CHANNELS_MAX 1000
#define QUERY_LISTED_MAX   1000
struct attribution_asked {
    struct match touch, conversion, refund; /* refund: no types, nothing is taken back */
    str channel, value, held;               /* properties; value: none, only conversions count */
    /* The channel that is direct: a text, "direct" unless told; null: touches without one are. */
    struct group_key direct;
    i64 window_ms, half_life_ms;
    uint32_t models; /* bits 1 << enum attribution_model */
    size_t top, listed;
};

/* Values of people that are counted: of attributes that are texts, yes or no, or lists (each text
 * of it), and the keys of families of sets. Numbers, days and instants are no such values, and what
 * is not there is none. */
#define QUERY_NAMES_MAX 20
struct names {
    str *at;
    size_t count;
};
struct traits {
    struct names attrs, sets;
};

/* Profile: how many people of `people`, and of everybody, have each value. A value nobody of either
 * has is not listed. */
struct profile {
    struct traits traits;
};

/* Overlap: how many people fit both of each two of `of`, and how many fit any. */
#define QUERY_OVERLAP_MAX 20
struct overlap {
    struct people **of;
    size_t count;
};

/* Diagnosis of a step of a funnel, which counts persons, in order or strictly. Of each person it is
 * the funnel's chain, as chosen there. Who came to step - 1 went on (their level is `step` or more)
 * or stopped (step - 1); nobody else is looked at.
 *
 * Of each event that is no step's: how many of each did it in between, once or more, whatever its
 * properties. Between is after the time of step - 1, and for who went on before the time of `step`;
 * for who stopped until their window is over (t0 + window, included) or now. At the time of a step
 * is not between. `events`: these alone; else all there are. An event nobody did is not listed.
 *
 * Of each value of people how many of each have it. How the two go together is told by
 * association_of() (stats.h) where each cell of the table has `cell_min` people. */
#define QUERY_CELL_MIN 30
struct diagnosis {
    struct funnel funnel; /* first: it is the query's funnel too */
    size_t step;
    struct names events; /* none: all */
    struct traits traits;
    i64 cell_min;
};

/* Scores by how long ago, how often and for how much (rfm.h). Of a person's facts of the match in
 * [since, until) and by now: R is the whole days from the last to the reference, which is `until`,
 * or now if that is earlier; F is how many they are; M the sum of their numbers of `value`, less
 * those of the facts of `refund` in the same time (without their sign). Whoever has no fact of the
 * match is not looked at. Where `cuts` gives no cut points of a figure they are the quantiles of
 * these people. Of each three scores that somebody has: how many, with how many facts, worth what.
 */
struct rfm_asked {
    struct match match, refund;
    str value; /* property; none: nothing is worth anything */
    bool fixed[RFM_FIGURES];
    i64 cuts[RFM_FIGURES][RFM_CUTS]; /* days; facts; thousandths */
};

/* One bar of a report ("behind"): the answer is who is behind it, as a segment's is. That is
 * whoever has a unit there (the person, an entry, a value held; a place in a cohort; a fact). With
 * breakdowns the bar is one group's, named by the keys the report shows. A bar that is not there
 * has nobody behind it.
 *
 *     funnel:    { "step": 3, "group": key }                      level >= step
 *                { "step": 3, "stopped": true, "group": key }     level = step - 1; step >= 2
 *     retention: { "cohort": "2026-03-01", "cell": 4, "lost": false, "group": key }
 *     trend:     { "period": "2026-03-01", "groups": [key, key] }
 *     paths:     { "level": 2, "node": { "event": "cart.added", "key": key },
 *                  "to": { "other": true } }
 *                { "level": 2, "node": …, "ends": true }
 *     attribution: { "channel": key }, { "channel": key, "lost": true } or { "untouched": true }
 *     rfm:       { "r": 5, "f": 4, "m": 5 } or { "class": "101" }; what is not said may be any
 *     life:      { "period": "2026-03-01", "as": "dormant", "group": key }
 *     stickiness { "period": "2026-03-01", "as": "recent", "group": key }
 *                { "days": 3, "group": key }
 *
 * "cohort" is the first day of the cohort's period; without one it is the overall row, of cohorts
 * whose cell is complete. Without a "cell" it is all of the cohort (overall: of every cohort).
 * "lost" are those of the cohort the cell does not have. With `value` they are as without: who has
 * a return fact there, whatever it is worth. "period" is the first instant of a point's period;
 * without one it is the whole range: of life and stickiness whoever is it in any period told. "as"
 * is "active" unless told; "days" are those who are active in just so many periods of the last
 * window. Of paths: those that have a node at the level (from 1), that one if it is named, and go
 * on to a node of the next level, or end there. A node that is not told by name is not there; all
 * of those are "other". Nodes have keys where paths have `by`. Of attribution: who has a path that
 * leads to a conversion, or is lost, with a touch of the channel (be it told or among the others),
 * with any if none is named; or has a conversion without one. */
enum active_as {
    AS_ACTIVE,
    AS_NEW, /* life */
    AS_RETURNING,
    AS_RESURRECTED,
    AS_DORMANT,
    AS_RECENT, /* stickiness */
};
struct path_named {
    bool asked, other, keyed;
    str type;
    struct group_key key;
};
struct behind {
    bool asked;
    struct group_key groups[QUERY_BREAKDOWNS_MAX];
    size_t group_count;
    size_t step; /* funnel, from 1 */
    bool stopped;
    bool lost;               /* retention, attribution */
    day cohort;              /* NONE: the overall row */
    i64 cell;                /* NONE: all of the cohort */
    instant period;          /* trend, life, stickiness; 0: the whole range */
    int scores[RFM_FIGURES]; /* rfm; 0: any */
    i64 class;               /* NONE: any */
    enum active_as as;
    i64 days;     /* stickiness; 0: not asked by days */
    size_t level; /* paths, from 1 */
    struct path_named node, to;
    bool ends;
    bool on_channel, untouched; /* attribution */
    struct group_key channel;
};

struct query {
    enum query_kind kind;
    struct people *people; /* NULL: everybody */
    /* For who asks there is nobody but these (NULL: everybody is there). It is not read from JSON:
     * whoever asks in somebody's name sets it. */
    struct people *among;
    instant since, until; /* of reports; both given */
    struct breakdown breakdowns[QUERY_BREAKDOWNS_MAX];
    size_t breakdown_count;
    struct behind behind; /* of reports */
    union {
        struct segment_asked segment;
        struct funnel funnel;
        struct retention retention;
        struct trend trend;
        struct activity activity; /* QUERY_LIFE, QUERY_STICKINESS */
        struct paths paths;
        struct attribution_asked attribution;
        struct diagnosis diagnosis;
        struct profile profile;
        struct overlap overlap;
        struct rfm_asked rfm;
    };
};

/* What kind of answer it has: of people behind a bar a segment's. */
static inline enum query_kind query_answer(const struct query *q)
{
    return q->behind.asked ? QUERY_SEGMENT : q->kind;
}

/* Does its kind have "since" and "until"? */
static inline bool query_timed(enum query_kind kind)
{
    return kind != QUERY_SEGMENT && kind != QUERY_PROFILE && kind != QUERY_OVERLAP;
}

/* Where a query is wrong, for whoever wrote it. */
struct query_error {
    str at;             /* "people.all[1].count" */
    const char *reason; /* static */
    const char *reason_zh;
};

/* From JSON already read; texts point into it. ERR_INVALID with *ret_error filled. */
enum err query_read(struct arena *a, const struct json *described, struct query *ret,
                    struct query_error *ret_error);
enum err people_read(struct arena *a, const struct json *described, struct people **ret,
                     struct query_error *ret_error);
/* The query whose `people` are among `among` too: for kinds that look at nobody else. */
struct query query_narrowed(struct arena *a, const struct query *q);
/* The nodes in preorder. */
size_t people_nodes(struct arena *a, const struct people *p, const struct people *const **ret);
/* A number of JSON in thousandths. False if it is out of range. */
bool query_number_read(str text, i64 *ret);
/* splitmix64 of the number, and the person's place in 0 … 99 by it: the same on every executor. */
uint64_t person_hash(i64 person);
int random_place(i64 person);

#endif
