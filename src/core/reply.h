/* reply: what a handler answers. Written once at the end of the handler or row by row; the route
 * engine adds status, ETag and headers. */
#ifndef HETANG_REPLY_H
#define HETANG_REPLY_H

#include "base/json.h"
#include "core/schema.h"

struct cookie {
    const char *name;
    str value;     /* empty: removes it */
    i64 max_age_s; /* 0: until the browser closes */
};

#define REPLY_COOKIES_MAX 2

struct reply {
    struct strbuf body;
    struct json_writer w;
    int status;        /* 0: 200 with a body, 204 without */
    const char *media; /* NULL: application/json */
    i64 version;       /* of the entry, for ETag; 0 none */
    str file;          /* a file to send instead of body: its path */
    str file_name;     /* what the browser saves it as */
    bool file_remove;  /* the file was made for this reply alone */
    bool stream;       /* the connection stays open for server-sent events (api/live.c) */
    struct cookie cookies[REPLY_COOKIES_MAX];
    size_t cookie_count;
    i64 retry_after_s;
};

#define REPLY_MAX ((size_t)64 << 20)

/* HttpOnly, for the whole site. At most REPLY_COOKIES_MAX a reply. */
void reply_cookie(struct reply *r, const char *name, str value, i64 max_age_s);

void reply_init(struct reply *r, struct arena *a);
/* The whole answer from one struct; with a `version` member also the ETag. */
enum err reply_struct(struct reply *r, const struct schema *s, const void *from);
enum err reply_created(struct reply *r, const struct schema *s, const void *from); /* 201 */

/* { "items": [ … ], "next": "…" }: rows of a query, or structs, then the end. */
void reply_list(struct reply *r);
void reply_item(struct reply *r, const struct schema *s, const void *from);
/* `next` none: the last page. `total` NONE: not counted. */
void reply_list_end(struct reply *r, str next, i64 total);
/* All rows of a query as items, through a struct of the schema; closes the rows. *ret_count may be
 * NULL. */
enum err reply_rows(struct ctx *cx, struct reply *r, const struct schema *s, struct rows *rows,
                    i64 *ret_count);
/* The usual list: rows of a statement that asked for limit + 1, ordered by id; the page's next is
 * the last id. */
enum err reply_page(struct ctx *cx, struct reply *r, const struct schema *s, struct rows *rows,
                    i64 limit);

/* The end of a list whose rows were written one by one: `last` is the cursor value of the last of
 * `count`, and one row more means there is another page. Closes the rows. */
enum err reply_page_end(struct ctx *cx, struct reply *r, struct rows *rows, i64 count, i64 limit,
                        i64 last);

/* Cursors: opaque to the client. Values of the last row, in the order of the sort. */
str cursor_make(struct arena *a, const struct val *values, size_t count);
enum err cursor_read(struct ctx *cx, str cursor, struct val *ret, size_t count); /* none: NULLs */
/* For lists ordered by id alone: 0 at the start. */
enum err cursor_id(struct ctx *cx, str cursor, i64 *ret);
i64 page_limit(i64 asked); /* NONE: 50 */

#endif
