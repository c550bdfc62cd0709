/* audit: who did what, when, from where, before and after; and who looked at private data.
 *
 * Each row carries an HMAC over itself and the row before it, made with the instance's index key,
 * and the newest one stands in `audit_head`: changing, removing or cutting off rows shows. What was
 * before and after stands in its own table, and only its digest in the chain, so that erasing a
 * person can blank it without breaking the chain. */
#ifndef HETANG_AUDIT_H
#define HETANG_AUDIT_H

#include "core/ctx.h"
#include "core/secret.h"

struct audit_new {
    str action;         /* "tag.update": a route's id or a word of the house */
    const char *entity; /* "tag"; NULL if none */
    i64 entity_id;
    customer_id customer; /* whose private life it touches; 0 nobody's */
    str before, after;    /* JSON, or none */
};

/* Inside a write. */
enum err audit_append(struct ctx *cx, const struct audit_new *a);
/* AUDIT_FAULT(name, word, Chinese, English): what can be wrong with a row of the chain. */
#define AUDIT_FAULTS(AUDIT_FAULT)                                         \
    AUDIT_FAULT(MISSING, "missing", "记录被删除", "the row was removed")  \
    AUDIT_FAULT(CHANGED, "changed", "记录被修改", "the row was changed")  \
    AUDIT_FAULT(DETAIL_CHANGED, "detail_changed", "变更前后的内容被修改", \
                "what was before or after was changed")                   \
    AUDIT_FAULT(DETAIL_MISSING, "detail_missing", "变更前后的内容被删除", \
                "what was before and after was removed")                  \
    AUDIT_FAULT(END_MISSING, "end_missing", "末尾的记录被删除",           \
                "the row was removed, and all behind it")                 \
    AUDIT_FAULT(HEAD_CHANGED, "head_changed", "链尾的印记被修改",         \
                "the end of the chain was changed")

enum audit_fault {
    AUDIT_WHOLE,
#define AUDIT_FAULT(name, word, zh, en) AUDIT_##name,
    AUDIT_FAULTS(AUDIT_FAULT)
#undef AUDIT_FAULT
};
struct audit_fault_info {
    const char *word, *zh, *en;
};
const struct audit_fault_info *audit_fault_info(enum audit_fault fault); /* not of AUDIT_WHOLE */

/* How far the chain was walked; all zero at its start. */
struct audit_walk {
    i64 last;                      /* the last row that was found right */
    char hash[2 * SHA256_LEN + 1]; /* its hash; empty before the first */
    i64 bad;                       /* the first row that is not; 0 none so far */
    enum audit_fault fault;
};
/* Inside a read. Goes on for up to `rows_max` rows. *ret_more false: the end was reached, or a bad
 * row. */
enum err audit_verify(struct ctx *cx, struct audit_walk *walk, i64 rows_max, bool *ret_more);
/* The number of the newest row; 0 if there is none. */
enum err audit_last(struct ctx *cx, i64 *ret);
/* Blanks what was before and after of rows about this person, and says so in the chain by a row of
 * its own. */
enum err audit_blank(struct ctx *cx, customer_id customer, i64 *ret_rows);

#endif
