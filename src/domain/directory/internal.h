/* What the files of directory share. */
#ifndef HETANG_DIRECTORY_INTERNAL_H
#define HETANG_DIRECTORY_INTERNAL_H

#include "domain/directory/directory.h"

/* Condition and text to SQL behind a WHERE; both may be absent. */
extern const char people_living[];
enum err people_text_sql(struct ctx *cx, str text, struct condition_sql *s);

/* Orders of lists. */
extern const char *const people_sorts[];

struct page_query {
    doc condition;
    str text;
    str sort;   /* of people_sorts; none: names where there is a text, else the newest */
    str cursor; /* of the page before */
    i64 limit;
};

/* A person of a page, and the figure the list is ordered by. */
struct place {
    customer_id id;
    struct val value; /* none where the number is the order */
};

/* Up to limit + 1 people: one more than asked for says that there is another page. */
enum err people_page(struct ctx *cx, const struct page_query *q, struct place **ret,
                     i64 *ret_count);
/* The cursor behind a person. */
str people_cursor(struct ctx *cx, const struct place *last);

#endif
