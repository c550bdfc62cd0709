/* schema: a list of fields declared once makes the struct, its reader from JSON and query strings,
 * the validator, the writer, the mapping from SQL columns, and the OpenAPI document with the
 * console's typed client.
 *
 *     #define TAG_CREATE(F, T)                                                      \
 *         F(T, str, name, .required = true, .max = 30, .doc = "Shown on the customer") \
 *         F(T, tag_group_id, group_id, .required = true)
 *     SCHEMA(tag_create, TAG_CREATE);
 *
 * A field's type is the C type of its member. In an input, `has` says which fields came and `nulls`
 * which came as null (only fields with .nullable may). In an output, a member with "no value"
 * (types.h: NONE, id 0, NULL text, instant 0) is written as null. */
#ifndef HETANG_SCHEMA_H
#define HETANG_SCHEMA_H

#include "base/base.h"
#include "base/json.h"
#include "store/db.h"

struct ctx;

enum field_type {
    FT_str,
    FT_i64,
    FT_f64,
    FT_boolean,
    FT_money,   /* integer, hundredths of the currency unit; the name ends in _fen */
    FT_instant, /* RFC 3339; the name ends in _at */
    FT_day,     /* YYYY-MM-DD */
    FT_id,      /* integer above 0 */
    FT_json,    /* any JSON: in a struct its text */
    FT_doc,     /* any JSON: in a struct the parsed value (input only) */
    FT_list,    /* of .of (objects) or .of_type (scalars) */
    FT_obj,     /* of .of */
};

typedef struct {
    void *at;
    size_t n;
} list; /* objects one after another, or scalars by their C type */
typedef str json;
typedef const struct json *doc;
typedef const void *obj;

struct schema;
struct field {
    const char *name;
    enum field_type type;
    uint16_t at; /* offset in the struct */
    bool required;
    bool nullable; /* null may come in (clears) or go out */
    bool secret;   /* never in an audit row or a log */
    int64_t min,
        max; /* characters of a text, members of a list, value of a number; max 0: the type's own */
    const char *const *choices; /* NULL-terminated; a text must be one of them */
    const char *format;         /* a text must pass: "email" "url" "color" "key" (a-z 0-9 _ - .) */
    const struct schema *of;
    enum field_type of_type; /* of a list without .of */
    const char *doc;
};

struct schema {
    const char *name;
    size_t size;
    const struct field *fields;
    size_t count;
};

/* Every struct made by SCHEMA begins like this. */
struct schema_head {
    uint64_t has, nulls; /* bit per field, in the order of the list */
};

#define SCHEMA_MEMBER_(T, type_, name_, ...) type_ name_;
#define SCHEMA_INDEX_(T, type_, name_, ...)  T##_F_##name_,
#define SCHEMA_FIELD_(T, type_, name_, ...) \
    { .name = #name_,                       \
      .type = (enum field_type)FT_##type_,  \
      .at = offsetof(struct T, name_) __VA_OPT__(, ) __VA_ARGS__ },

/* In a header: the struct. */
#define SCHEMA_STRUCT(T, LIST)                   \
    struct T {                                   \
        struct schema_head in;                   \
        LIST(SCHEMA_MEMBER_, T)                  \
    };                                           \
    enum { LIST(SCHEMA_INDEX_, T) T##_F_COUNT }; \
    extern const struct schema T##_schema
/* In one .c file: the table. */
#define SCHEMA_TABLE(T, LIST)                                            \
    static_assert((int)T##_F_COUNT <= 64, "a bit each");                 \
    static const struct field T##_fields[] = { LIST(SCHEMA_FIELD_, T) }; \
    const struct schema T##_schema = { #T, sizeof(struct T), T##_fields, T##_F_COUNT }
/* Both, for one .c file alone. */
#define SCHEMA(T, LIST)     \
    SCHEMA_STRUCT(T, LIST); \
    SCHEMA_TABLE(T, LIST)

/* Did this field come (also as null)? And as null? */
#define HAS(ptr, T, name)     (((ptr)->in.has >> T##_F_##name & 1) != 0)
#define IS_NULL(ptr, T, name) (((ptr)->in.nulls >> T##_F_##name & 1) != 0)

/* The members of every list input. */
#define PAGE_FIELDS(F, T)                                                 \
    F(T, str, cursor, .max = 400, .doc = "The `next` of the page before") \
    F(T, i64, limit, .min = 1, .max = 200, .doc = "Rows a page; 50 unless told")

/* Sets every member to "no value". */
void schema_clear(const struct schema *s, void *ret);
/* Reads an object; on failure cx holds the field's path and what is wrong. */
enum err schema_read(struct ctx *cx, const struct schema *s, const struct json *object, void *ret);
/* The same into a struct already cleared, without asking for the required ones: more may come from
 * elsewhere. */
enum err schema_read_members(struct ctx *cx, const struct schema *s, const struct json *object,
                             void *ret);
/* Reads one field from text (path segment or query value; lists are separated by commas).
 * ERR_UNKNOWN_FIELD if there is none of that name. */
enum err schema_read_text(struct ctx *cx, const struct schema *s, str name, str text, void *ret);
/* ERR_REQUIRED unless all required fields came. */
enum err schema_required(struct ctx *cx, const struct schema *s, const void *in);
void schema_write(struct json_writer *w, const char *key, const struct schema *s, const void *from);
/* The members without the braces: into an object already opened. */
void schema_write_members(struct json_writer *w, const struct schema *s, const void *from);
/* The same with `secret` members left out: for audit rows. */
void schema_write_public(struct json_writer *w, const char *key, const struct schema *s,
                         const void *from, bool only_has);
/* Fills the members named like the row's columns; texts are copied to the arena. Columns without a
 * member are an error. */
void schema_row(struct arena *a, const struct schema *s, const struct rows *r, void *ret);
/* Copies each field that came in `from` to the member of the same name and type in `to`; the rest
 * stays. */
void schema_patch(const struct schema *s, void *to, const struct schema *from_schema,
                  const void *from);
const struct field *schema_field(const struct schema *s, str name);
struct val schema_val(const struct schema *s, const void *from, const struct field *f);
/* In test mode: does this reply match? On failure *ret_reason (in the arena) says where. */
bool schema_matches(struct arena *a, const struct schema *s, const struct json *value,
                    str *ret_reason);

#endif
