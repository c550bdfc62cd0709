/* condition: one small language that says which people are meant, used by lists, saved views, tag
 * rules and stages.
 *
 *     { "all": [ { "attr": "city", "in": ["上海", "杭州"] },
 *                { "order": "count", "gte": 2, "within": "90d" },
 *                { "not": { "tag": "spend:over-900", "is": true } },
 *                { "any": [ { "rfm": "tier", "in": ["gold"] }, { "attr": "birthday", "next": "7d" }
 * ] } ] }
 *
 * Of an order figure, "within" is a window that moves with time; "since" (included) and "until"
 * (not included) are one that stays. { "segment": 17, "is": true } asks who is a member as last
 * written (domain/segment).
 *
 * A description is read once into a tree and then either asked of one person (with the reason, and
 * the next moment at which time alone may change the answer) or turned into an SQL condition over
 * `customer c`. Both give the same answer for the same moment; the tests compare them. SQL text
 * comes from the tables of this module alone, values are bound. */
#ifndef HETANG_CONDITION_H
#define HETANG_CONDITION_H

#include "base/vec.h"
#include "core/ctx.h"
#include "core/module.h"

#define CONDITION_DEPTH_MAX  8
#define CONDITION_LEAVES_MAX 100
#define CONDITION_VALUES_MAX 500

enum node_kind { NODE_ALL, NODE_ANY, NODE_NOT, NODE_LEAF };

enum leaf_kind {
    LEAF_ATTR,
    LEAF_CUSTOM,
    LEAF_TAG,
    LEAF_SEGMENT,
    LEAF_ORDER,
    LEAF_RFM,
    LEAF_IDENTITY,
    LEAF_CONSENT
};

enum leaf_op {
    OP_IN,      /* one of the values (eq is in with one) */
    OP_BETWEEN, /* low … high, both included; either may be open */
    OP_EXISTS,
    OP_CONTAINS, /* text */
    OP_STARTS,   /* text */
    OP_WITHIN,   /* a time within the last `span` */
    OP_BEFORE,   /* a time longer ago than `span` */
    OP_NEXT,     /* a birthday within the next `span` days, today among them */
};

/* What a leaf compares is text, a whole number (numbers × 1000 for custom ones), a day or an
 * instant. */
enum leaf_type { TYPE_TEXT, TYPE_NUMBER, TYPE_DAY, TYPE_INSTANT, TYPE_LIST, TYPE_BOOL };

/* Whether SQL begins with the people of a leaf by its index, walks past them, or leaves that to the
 * planner. */
enum steer { STEER_NOT, STEER_BY, STEER_PAST };

struct attribute_row; /* condition.c: what can be asked about */

struct leaf {
    enum leaf_kind kind;
    enum leaf_op op;
    enum leaf_type type;
    const struct attribute_row *row;
    str key;      /* of a custom attribute, identity kind or consent channel */
    i64 id;       /* tag, segment */
    bool is;      /* tag, segment, identity: has or has not; OP_EXISTS: is there or is not */
    bool below;   /* department: and what is below it */
    str *texts;   /* OP_IN */
    i64 *numbers; /* OP_IN */
    size_t count;
    f64 low, high; /* OP_BETWEEN; NaN: open */
    i64 span_ms;   /* OP_WITHIN, OP_BEFORE, OP_NEXT; of an order figure its window, 0: ever */
    instant since, until; /* or a window that does not move: from, and before; 0: open */
    str source;           /* the leaf as it was written: for reasons */
    /* RFM scores that hold together are asked of one row: the first has the others. */
    struct leaf *also;
    bool joined;
    enum steer steer; /* condition_walk() */
    bool answered;    /* condition_people() */
};

struct node {
    enum node_kind kind;
    struct node *first, *next; /* children */
    struct leaf leaf;
};

struct condition {
    struct node *root; /* NULL: everybody */
    int leaves;
    bool timed; /* time alone may change an answer */
};

/* From JSON already read, or its text. Resolves tag names, departments below and custom attributes
 * (inside a read or write). Failures name the place: "condition.all[1].any[0]". */
enum err condition_read(struct ctx *cx, const char *field, doc described, struct condition *ret);
enum err condition_read_text(struct ctx *cx, const char *field, str text, struct condition *ret);
/* Tags it asks about. */
void condition_tags(const struct condition *c, struct arena *a, i64 **ret, size_t *ret_count);
/* Segments likewise. */
void condition_segments(const struct condition *c, struct arena *a, i64 **ret, size_t *ret_count);

/* One person, asked by several conditions: what is needed is loaded once. */
struct profile;
enum err profile_open(struct ctx *cx, customer_id customer, struct profile **ret);
/* As it was when first asked; profile_tags_changed() after giving or taking one. */
enum err profile_has_tag(struct ctx *cx, struct profile *p, i64 tag, bool *ret);
void profile_tags_changed(struct profile *p);
/* *next (may be NULL) is lowered to the next moment at which the answer may change by itself. */
enum err condition_holds(struct ctx *cx, const struct condition *c, struct profile *p, bool *ret,
                         instant *next);
/* [{ "leaf": …, "value": …, "holds": true }] of every leaf, for whoever asks why. */
enum err condition_why(struct ctx *cx, const struct condition *c, struct profile *p, str *ret_json);

/* Appends " AND (…)" (nothing for everybody) over `customer c` to the text, binding from $(*n + 1)
 * on. */
struct condition_sql {
    struct strbuf text;
    VEC(struct val) binds;
};
enum err condition_to_sql(struct ctx *cx, const struct condition *c, struct condition_sql *ret);
/* Two ways to a page of a long ordered list on SQLite, whose planner sees no values; called before
 * condition_to_sql().
 *
 * condition_walk(): the order's index is walked, and who does not fit is left out. `by_id`: the
 * order is that of the numbers, which an index on one value has, too.
 *
 * condition_people(): the people for whom all leaves hold that an index serves, looking at `most`
 * entries of each at the most. *ret_known says whether these are `few` or fewer; the leaves
 * answered so are then left out of the SQL, the others, who is still there, and the scope are not.
 */
void condition_walk(struct condition *c, bool by_id);
enum err condition_people(struct ctx *cx, struct condition *c, i64 most, i64 few, bool *ret_known,
                          list *ret_people);
/* A parameter for this value: "$3". */
str condition_bind(struct ctx *cx, struct condition_sql *s, struct val v);

extern const struct module condition_module;

#endif
