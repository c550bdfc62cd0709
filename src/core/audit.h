/* audit: who did what, when, from where, before and after; and who looked at private data.
 *
 * Each row carries an HMAC over itself and the row before it, made with the instance's index key,
 * and the newest one stands in `audit_head`: changing, removing or cutting off rows shows. What was
 * before and after stands in its own table, and only its digest in the chain, so that erasing a
 * person can blank it without breaking the chain. */
#ifndef HETANG_AUDIT_H
#define HETANG_AUDIT_H

#include "core/ctx.h"

struct audit_new {
    str action;         /* "tag.update": a route's id or a word of the house */
    const char *entity; /* "tag"; NULL if none */
    i64 entity_id;
    customer_id customer; /* whose private life it touches; 0 nobody's */
    str before, after;    /* JSON, or none */
};

/* Inside a write. */
enum err audit_append(struct ctx *cx, const struct audit_new *a);
/* Walks the whole chain. *ret_bad: 0 if it is whole, else the first number that was changed or is
 * missing. */
enum err audit_verify(struct ctx *cx, i64 *ret_bad, i64 *ret_rows, str *ret_reason);
/* Blanks what was before and after of rows about this person, and says so in the chain by a row of
 * its own. */
enum err audit_blank(struct ctx *cx, customer_id customer, i64 *ret_rows);

#endif
