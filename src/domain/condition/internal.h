/* What the files of condition share. */
#ifndef HETANG_CONDITION_INTERNAL_H
#define HETANG_CONDITION_INTERNAL_H

#include "domain/condition/condition.h"

/* Everything that can be asked about, beside custom attributes, tags, identifiers and consent. */
enum figure {
    FIG_NAME,
    FIG_GENDER,
    FIG_CITY,
    FIG_CHANNEL,
    FIG_STAGE,
    FIG_STAGE_SINCE,
    FIG_DEPARTMENT,
    FIG_STAFF,
    FIG_BIRTHDAY,
    FIG_AGE,
    FIG_JOINED,
    FIG_SEEN,
    FIG_ORDER_COUNT,
    FIG_ORDER_FEN,
    FIG_ORDER_AVERAGE,
    FIG_ORDER_FIRST,
    FIG_ORDER_LAST,
    FIG_REFUND_COUNT,
    FIG_REFUND_FEN,
    FIG_RFM_TIER,
    FIG_RFM_CLASS,
    FIG_RFM_R,
    FIG_RFM_F,
    FIG_RFM_M,
    FIG_RFM_TOTAL,
    FIG_COUNT
};

struct attribute_row {
    enum leaf_kind kind;
    const char *key; /* in the description */
    enum leaf_type type;
    const char *sql; /* over customer c, customer_sales s, rfm_current q */
    const char *zh, *en;
    const char *index; /* as an index has it, which then gives people without their rows */
    bool ends_list;    /* lists have this order, and end where a time within … does */
};
extern const struct attribute_row attribute_rows[FIG_COUNT];
static inline enum figure figure_of(const struct leaf *l)
{
    return (enum figure)(l->row - attribute_rows);
}

/* Is the figure counted over a window of its orders? Then from (not included) and to (included). */
bool leaf_window(const struct leaf *l, instant now, i64 *ret_from_ms, i64 *ret_to_ms);

/* A leaf as SQL over customer c; of RFM scores, over rfm_current q, with those asked of the same
 * row. */
enum err leaf_sql(struct ctx *cx, const struct leaf *l, struct condition_sql *s);
enum err leaf_scores(struct ctx *cx, const struct leaf *l, struct condition_sql *s);

/* Years before today, the same day: who was born then or earlier is at least so old. */
day years_before(day today, i64 years);

#endif
