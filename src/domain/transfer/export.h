/* export: customers, orders and tasks into a file that a spreadsheet opens.
 *
 * A run reads a page at a time, each in a snapshot of its own, as the actor of the ctx sees it
 * (ctx.actor.view), and never holds more than a page. Private values are masked unless `open`. The
 * last line says who made the file and when. */
#ifndef HETANG_EXPORT_H
#define HETANG_EXPORT_H

#include "core/sheet.h"
#include "domain/condition/condition.h"
#include "domain/transfer/transfer.h"

#define EXPORT_COLUMNS_MAX 300

enum column_from {
    FROM_ROW,       /* .at: column of the statement */
    FROM_IDENTITY,  /* .key: kind; several have a ; between */
    FROM_TAGS,      /* names, with a ; between */
    FROM_ATTRIBUTE, /* .key behind attrs. */
    FROM_ADDRESS,   /* .at: sealed */
    FROM_WORD,      /* .at, by .words in the language */
};
struct export_word {
    const char *code, *zh, *en; /* the last one has no code */
};
struct export_column {
    const char *key, *zh, *en;
    enum sheet_type type;
    enum column_from from;
    int at;
    const struct export_word *words;
    const char *attribute; /* type of a custom attribute */
};
extern const char *const export_kind_keys[];   /* customers orders tasks NULL */
extern const char *const export_state_keys[];  /* of tasks */
enum perm export_perm(str kind);               /* to read what is in it */
extern const char *const export_format_keys[]; /* csv xlsx NULL */
/* What can be had of this kind, custom attributes among them; inside a read or write. */
enum err export_columns(struct ctx *cx, str kind, struct export_column **ret, size_t *ret_count);

#define EXPORT_SPEC(F, T)                                                                      \
    F(T, str, kind, .required = true, .choices = export_kind_keys, .doc = "Of what")           \
    F(T, str, format, .required = true, .choices = export_format_keys, .doc = "csv or xlsx")   \
    F(T, list, columns, .of_type = FT_str, .max = EXPORT_COLUMNS_MAX,                          \
      .doc = "Keys in the order wanted; all unless told")                                      \
    F(T, doc, condition, .nullable = true, .doc = "Which customers; all unless told")          \
    F(T, str, text, .nullable = true, .max = 100, .doc = "Customers by identifier or name")    \
    F(T, department_id, department_id, .nullable = true,                                       \
      .doc = "Orders of this store; tasks of this department and those below it")              \
    F(T, instant, from_at, .nullable = true, .doc = "Orders not before; tasks due not before") \
    F(T, instant, to_at, .nullable = true, .doc = "Orders before; tasks due before")           \
    F(T, str, state, .nullable = true, .choices = export_state_keys,                           \
      .doc = "Tasks in this state; all unless told")                                           \
    F(T, staff_id, staff_id, .nullable = true, .doc = "Tasks of this member of staff")
SCHEMA_STRUCT(export_spec, EXPORT_SPEC);
/* Are its columns and condition such as there are? Inside a read or write. */
enum err export_check(struct ctx *cx, const struct export_spec *spec);

struct export_run;
/* `path` is untouched until the run was closed. Opens its own reads. */
enum err export_run_open(struct ctx *cx, const struct export_spec *spec, const char *path,
                         bool open, struct export_run **ret);
/* One page; *ret_more false behind the last. */
enum err export_run_step(struct ctx *cx, struct export_run *run, bool *ret_more);
i64 export_run_rows(const struct export_run *run);
/* Completes the file; *run is gone afterwards, also on failure. */
enum err export_run_close(struct ctx *cx, struct export_run **run);
void export_run_drop(struct export_run **run); /* gives up; NULL is fine */

/* For the clean-up: one export whose time is over. */
enum err export_expire(struct ctx *cx, bool *ret_more);
extern const struct job_kind export_job;

#endif
