/* directory: lists of people: by condition, text and order, a page at a time; how many; saved
 * views; tags for all of them.
 *
 * A text is looked for as an identifier first (a phone number, a member number …, exactly); if
 * nobody has it, as the beginning of a name. */
#ifndef HETANG_DIRECTORY_H
#define HETANG_DIRECTORY_H

#include "core/ctx.h"
#include "core/module.h"
#include "domain/condition/condition.h"

ID_TYPE(view_id);

struct people_query {
    doc condition; /* NULL: everybody */
    str text;
    const char *select; /* columns, over customer c and customer_sales s */
};
/* Composes the statement; the caller adds further conditions (AND …), an order and a limit, binding
 * with condition_bind(). */
enum err people_sql(struct ctx *cx, const struct people_query *q, struct condition_sql *ret);
/* Numbers of up to `limit` people after `after`, in order: for jobs that walk a list. */
enum err people_ids(struct ctx *cx, doc condition, str text, i64 after, i64 limit, i64 *ret,
                    size_t *ret_count);
enum err people_count(struct ctx *cx, doc condition, str text, i64 *ret);

extern const struct module directory_module, view_module;

#endif
