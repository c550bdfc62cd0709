/* What the files of report share. */
#ifndef HETANG_REPORT_INTERNAL_H
#define HETANG_REPORT_INTERNAL_H

#include "core/reply.h"
#include "domain/org/org.h"
#include "domain/report/report.h"

#define REPORT(F, T)                                                                     \
    F(T, report_id, id, .doc = "Number")                                                 \
    F(T, staff_id, staff_id, .doc = "Whose it is")                                       \
    F(T, str, staff_name, .doc = "Their name")                                           \
    F(T, boolean, shared, .doc = "Everybody sees it")                                    \
    F(T, str, name, .doc = "Shown name")                                                 \
    F(T, str, kind, .doc = "Of the question: funnel, retention, trend …")                \
    F(T, json, query, .doc = "The question, in the language of the engine")              \
    F(T, json, options, .doc = "Of the page: how the range was chosen, how it is drawn") \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")                    \
    F(T, instant, created_at, .doc = "When it was saved first")                          \
    F(T, instant, updated_at, .doc = "When it was changed last")
SCHEMA_STRUCT(report, REPORT);

/* One's own or a shared one. */
enum err report_get(struct ctx *cx, report_id id, struct report *ret);

/* stages.c: is it a board of stages? Failures name the place behind "query". */
enum err stages_check(struct ctx *cx, doc described);

/* pin.c */
extern const struct schema report_pin_schema, report_pin_create_schema, report_pin_change_schema,
    report_pin_one_schema;
enum err pin_list_run(struct ctx *cx, const void *input, struct reply *out);
enum err pin_create_run(struct ctx *cx, const void *input, struct reply *out);
enum err pin_change_run(struct ctx *cx, const void *input, struct reply *out);
enum err pin_remove_run(struct ctx *cx, const void *input, struct reply *out);

#endif
