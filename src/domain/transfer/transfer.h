/* transfer: tables of other systems into the house (import), and ours out of it (export).
 *
 * An import is a file, a mapping (which column is which field, and the rules of its source) and a
 * run over its rows. The run goes in chunks: each is read outside of any write and then applied in
 * one, which also keeps how far it came and what was counted; so it can be paused, or die, and goes
 * on behind the last chunk with the same figures in the end. Documents are known by (source,
 * number, line), people by what identifies them: importing a file again changes nothing. A dry run
 * is the same run whose chunks are compared instead of applied.
 *
 * Rows that are left out are kept with their reason until the import expires, and can be had as a
 * table that can be imported again once it was corrected: its column LINE_NO_COLUMN says which line
 * of its document a row was.
 *
 * Importing looks at and changes whoever is in the file: it is for those who see everybody. */
#ifndef HETANG_TRANSFER_H
#define HETANG_TRANSFER_H

#include "core/ctx.h"
#include "core/module.h"
#include "core/sheet.h"

ID_TYPE(import_id);
ID_TYPE(import_preset_id);
ID_TYPE(export_id);

/* What a row may say. */
struct transfer_field {
    const char *key, *zh, *en;
    const char *names; /* headers it is guessed by, separated by '|', normalised (field.c) */
    i64 max;           /* characters */
    bool required;
    const char *attribute; /* of a custom attribute its type, else NULL */
};
struct transfer_kind;
extern const char *const transfer_kind_keys[]; /* orders customers NULL */
const struct transfer_kind *transfer_kind_find(str key);
/* With the custom attributes of this instance; inside a read or write. Into the arena. */
enum err transfer_fields(struct ctx *cx, const struct transfer_kind *kind,
                         struct transfer_field **ret, size_t *ret_count);
#define LINE_NO_COLUMN "hetang:line_no"

/* Mapping (mapping.c). */
#define MAPPING_COLUMN(F, T)                                                            \
    F(T, str, field, .required = true, .max = 80, .doc = "Field of the kind of import") \
    F(T, str, column, .required = true, .max = 300,                                     \
      .doc = "Header of the column, or #3 for the third")
SCHEMA_STRUCT(mapping_column, MAPPING_COLUMN);

extern const char *const mapping_negatives[];
#define MAPPING(F, T)                                                                            \
    F(T, str, source, .nullable = true, .max = 40, .format = "key",                              \
      .doc = "The system the file is from: documents and external ids are known by it")          \
    F(T, list, columns, .of = &mapping_column_schema, .max = 300, .doc = "Which column is what") \
    F(T, str, refund_prefix, .nullable = true, .max = 10,                                        \
      .doc = "Document numbers beginning like this are refunds")                                 \
    F(T, str, skip_prefix, .nullable = true, .max = 10,                                          \
      .doc = "Document numbers beginning like this are no orders (adjustments): left out")       \
    F(T, str, negative, .nullable = true, .choices = mapping_negatives,                          \
      .doc = "A negative quantity outside of refunds: refuse (unless told), skip, or refund")    \
    F(T, boolean, unverified, .doc = "Identifiers are claims, not proven to be the person's")    \
    F(T, str, charset, .nullable = true, .max = 20, .doc = "Unless it is to be found out")       \
    F(T, str, separator, .nullable = true, .max = 3, .doc = "One character, or tab")             \
    F(T, str, sheet, .nullable = true, .max = 100, .doc = "Of a workbook")                       \
    F(T, boolean, headless, .doc = "There is no row of headers")                                 \
    F(T, i64, first_line, .nullable = true, .min = 1, .max = 1000000,                            \
      .doc = "Lines before this one are left out")
SCHEMA_STRUCT(mapping, MAPPING);

struct mapping_preset {
    const char *key, *zh, *en, *kind;
    struct mapping mapping;
};
extern const struct mapping_preset mapping_presets[];
extern const size_t mapping_preset_count;
const struct mapping_preset *mapping_preset_find(str key); /* NULL if there is none */
/* A built-in one by its key, or one that was saved, by its name. */
enum err mapping_preset_get(struct ctx *cx, const struct transfer_kind *kind, str name,
                            struct mapping *ret);
const char *transfer_kind_key(const struct transfer_kind *kind);
str mapping_text(struct ctx *cx, const struct mapping *m); /* JSON */
enum err mapping_read(struct ctx *cx, str text, struct mapping *ret);
enum err mapping_options(struct ctx *cx, const struct mapping *m, struct sheet_options *ret);
/* Where each field's column is, -1 where there is none. Fails (field "mapping.columns") when a
 * field or a column does not exist or a required field has none. */
enum err mapping_bind(struct ctx *cx, const struct mapping *m, const struct transfer_field *fields,
                      size_t field_count, const struct sheet_info *info, int *ret);
/* The columns of this table as far as their headers say. */
void mapping_guess(struct ctx *cx, const struct transfer_field *fields, size_t field_count,
                   const struct sheet_info *info, struct mapping *ret);

/* Counting (count.c). F(name, code, skipped, Chinese, English): why a row was left out. Skipped: it
 * is known to be no news; refused: somebody should look at it. */
#define REASONS(F)                                                                                 \
    F(REASON_NONE, "", false, "", "")                                                              \
    F(REASON_REQUIRED, "required", false, "必填项为空", "A required field is empty")               \
    F(REASON_NUMBER, "bad_number", false, "不是数字", "Not a number")                              \
    F(REASON_TIME, "bad_time", false, "不是日期或时间", "Not a date or time")                      \
    F(REASON_CHOICE, "bad_choice", false, "不在可选值之中", "Not one of the choices")              \
    F(REASON_TOO_LONG, "too_long", false, "太长", "Too long")                                      \
    F(REASON_RANGE, "out_of_range", false, "超出范围", "Out of range")                             \
    F(REASON_NEGATIVE, "negative_quantity", false, "数量为负", "The quantity is negative")         \
    F(REASON_CORRECTION, "stock_correction", true, "数量为负：库存更正",                           \
      "The quantity is negative: a stock correction")                                              \
    F(REASON_PRICE, "negative_price", false, "单价为负", "The price is negative")                  \
    F(REASON_ADJUSTMENT, "adjustment", true, "调整单，不是订单", "An adjustment, not an order")    \
    F(REASON_TWICE, "line_twice", false, "同一单据中行号重复", "The document has this line twice") \
    F(REASON_DIFFERS, "line_differs", false, "该行已导入过，但内容不同",                           \
      "This line was imported before with other content")                                          \
    F(REASON_PERSON, "other_person", false, "与同一单据其他行的客户不同",                          \
      "Another person than on the other lines of the document")                                    \
    F(REASON_PLACE, "unknown_department", false, "没有这个部门", "There is no such department")    \
    F(REASON_STAFF, "unknown_staff", false, "没有这位员工", "There is no such member of staff")    \
    F(REASON_TAG, "unknown_tag", false, "没有这个标签", "There is no such tag")                    \
    F(REASON_NOBODY, "no_identity", false, "没有可用的客户标识",                                   \
      "No usable identifier of a person")                                                          \
    F(REASON_IDENTITY, "bad_identity", false, "客户标识格式不对", "The identifier is malformed")   \
    F(REASON_LINE_TOO_LONG, "line_too_long", false, "这一行超过 1 MB", "The line is above 1 MB")   \
    F(REASON_CELL_TOO_LONG, "cell_too_long", false, "有单元格超过 64 KB", "A cell is above 64 KB") \
    F(REASON_COLUMNS, "columns_too_many", false, "超过 500 列", "There are more than 500 columns") \
    F(REASON_QUOTE, "quote_open", false, "引号没有结束", "A quote is never closed")                \
    F(REASON_RAGGED, "ragged", false, "列数比表头多", "There are more cells than headers")
enum reason {
#define REASON_ENUM(name, code, skipped, zh, en) name,
    REASONS(REASON_ENUM)
#undef REASON_ENUM
        REASON_COUNT
};
struct reason_info {
    const char *code;
    bool skipped;
    const char *zh, *en;
};
extern const struct reason_info reasons[REASON_COUNT];
const struct reason_info *reason_find(str code);

/* F(name): what is counted. accepted = unchanged + what is new. */
#define COUNTED(F) \
    F(rows)        \
    F(accepted)    \
    F(unchanged) F(skipped) F(refused) F(people) F(changed) F(orders) F(refunds) F(lines) F(gifts)
struct counts {
#define COUNTED_MEMBER(name) i64 name;
    COUNTED(COUNTED_MEMBER)
#undef COUNTED_MEMBER
    i64 by_reason[REASON_COUNT];
};
str counts_text(struct arena *a, const struct counts *c);
void counts_read(struct arena *a, str text, struct counts *ret);

/* What was said of a failure, into the arena of the ctx: before memory that it may point to goes.
 */
void failure_keep(struct ctx *cx);

/* Imports (import.c). */
#define IMPORT_ROW(F, T)                                                                   \
    F(T, import_id, id)                                                                    \
    F(T, str, kind)                                                                        \
    F(T, str, name)                                                                        \
    F(T, str, path)                                                                        \
    F(T, boolean, ours)                                                                    \
    F(T, str, print)                                                                       \
    F(T, i64, size)                                                                        \
    F(T, i64, uploaded)                                                                    \
    F(T, str, mapping)                                                                     \
    F(T, str, state) F(T, boolean, dry) F(T, i64, run_no) F(T, i64, rows) F(T, i64, bytes) \
        F(T, i64, took_ms) F(T, str, counts) F(T, str, error) F(T, staff_id, staff_id)     \
            F(T, str, by_name) F(T, instant, created_at) F(T, instant, started_at)         \
                F(T, instant, finished_at) F(T, instant, expires_at) F(T, i64, version)
SCHEMA_STRUCT(import_row, IMPORT_ROW);

struct import_new {
    const struct transfer_kind *kind;
    str name, path, print, mapping;
    bool ours;
    i64 size, uploaded;
};
/* Inside a write. */
enum err import_add(struct ctx *cx, const struct import_new *in, import_id *ret);
enum err import_get(struct ctx *cx, import_id id, struct import_row *ret);
/* From ready: the run begins; what an earlier dry run counted is forgotten. */
enum err import_begin(struct ctx *cx, const struct import_row *im, bool dry);
enum err import_move(struct ctx *cx, const struct import_row *im, const char *state);
const char *import_file(struct ctx *cx, const struct import_row *im); /* where it lies */
/* With its report, and the file when it was uploaded. */
enum err import_forget(struct ctx *cx, const struct import_row *im);
/* The same file, with the same mapping, stopped half-way; ERR_DONE if there is none. */
enum err import_unfinished(struct ctx *cx, const struct transfer_kind *kind, str print, str mapping,
                           import_id *ret);
/* The rows that were left out, as CSV into this file: the columns of the original, behind them
 * LINE_NO_COLUMN, the line in the file, the reason, and the text of what could not be read. Opens
 * its own reads. */
enum err import_report(struct ctx *cx, const struct import_row *im, const char *path);

/* Runs it, in this thread. */
struct import_run;
enum err import_run_open(struct ctx *cx, import_id id, struct import_run **ret);
/* One chunk; *ret_more false: it ended, was paused, cancelled, or failed for good (its row says
 * why). */
enum err import_run_step(struct ctx *cx, struct import_run *run, bool *ret_more);
void import_run_close(struct import_run *run); /* NULL is fine */
void import_run_closep(struct import_run **run);
i64 import_run_bytes(const struct import_run *run); /* of the file, behind us */

extern const struct job_kind import_job, transfer_clean_job;
extern const struct module import_module, import_preset_module, export_module;

#endif
