/* JSON: a strict reader (RFC 8259) into an arena, and a writer into a strbuf.
 *
 * The reader checks UTF-8, refuses depth above JSON_DEPTH_MAX, duplicate keys within small objects
 * are kept in order (json_get finds the last, as browsers do), numbers keep their text so that
 * money is never a double. Text without escapes points into the input, which must outlive the
 * document. */
#ifndef HETANG_JSON_H
#define HETANG_JSON_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/types.h"
#include "base/val.h"

#define JSON_DEPTH_MAX 32

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    enum json_kind kind;
    bool yes;           /* JSON_BOOL */
    uint32_t at, end;   /* bytes in the input where the value starts, and behind it */
    uint32_t count;     /* members of an array or object */
    str key;            /* of a member of an object, else none */
    str text;           /* JSON_STRING: unescaped; JSON_NUMBER: as written */
    struct json *first; /* JSON_ARRAY, JSON_OBJECT */
    struct json *next;  /* the next member of the parent */
};

struct json_error {
    const char *reason, *reason_zh; /* static */
    uint32_t at;                    /* byte */
    uint32_t line, column;          /* from 1; columns count characters */
};

/* Exactly one value with white space around it. Input up to 4 GiB. NULL on failure, with *ret_error
 * filled. */
struct json *json_read(struct arena *a, str text, struct json_error *ret_error);
struct json *json_get(const struct json *object,
                      const char *key); /* NULL if absent or not an object */
struct json *json_find(const struct json *object, str key);
const char *json_kind_name(enum json_kind kind);
bool json_i64(const struct json *j,
              int64_t *ret); /* a number that is whole (1e3 and 5.0 count) and fits */
void out_json_value(struct strbuf *sb, const struct json *j); /* compact, members in their order */
void out_json_pretty(struct strbuf *sb,
                     const struct json *j); /* a member a line, two spaces a level */

/* The writer puts commas and quotes itself. Nesting is the caller's business and asserted at
 * json_done(). */
struct json_writer {
    struct strbuf *sb;
    int depth;
    uint64_t has_member; /* bit per depth */
};
struct json_writer json_writer(struct strbuf *sb);
void json_done(const struct json_writer *w);
void json_open(struct json_writer *w,
               const char *key);        /* { ; key NULL inside an array or at the top */
void json_close(struct json_writer *w); /* } */
void json_list(struct json_writer *w, const char *key); /* [ */
void json_list_end(struct json_writer *w);              /* ] */
void json_val(struct json_writer *w, const char *key, struct val v);
void json_time(struct json_writer *w, const char *key, instant t); /* RFC 3339 or null */
void json_day(struct json_writer *w, const char *key, day d);      /* YYYY-MM-DD or null */
void json_raw(struct json_writer *w, const char *key,
              str json); /* already JSON; none becomes null */
#define json_put(w, key, x) json_val((w), (key), V(x))

#endif
