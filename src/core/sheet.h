/* sheet: rows out of any file a shop exports, and into files a spreadsheet opens.
 *
 * Reading. A path is opened; how it is packed (plain, gzip, xz, a zip with one file), whether it is
 * a workbook (xlsx) or text, in which charset and with which separator is found out by looking,
 * and can be forced. Rows come one at a time, in the order of the file. Memory is bounded whatever
 * the file holds: a few MiB, besides the dictionary of an xz (at most SHEET_XZ_MEMORY_MAX) and the
 * shared texts of a workbook (options.texts_max). What unpacks to more than the options allow is
 * refused.
 *
 * A row that cannot be read (a cell, a line or the number of columns above its limit, a quote that
 * is never closed) is given as one row with a `fault` and no cells; reading goes on behind the
 * first line end after its start, so that a quote that was forgotten costs one line. Bytes that are
 * not of the charset, and NUL, become U+FFFD and are counted in their row. Rows whose cells are all
 * empty are skipped.
 *
 * Charset: a byte order mark decides; else the first 64 KiB do: valid UTF-8 is UTF-8, what decodes
 * as GB18030 is GB18030, the rest is Windows-1252.
 *
 * CSV as RFC 4180 has it, and as shops write it: separators , ; tab and | ("sep=;" as the first
 * line is obeyed), line ends CR, LF or CRLF, quotes inside unquoted cells, blanks around quoted
 * cells, quotes that were not doubled inside quoted cells (when the cell is still closed on that
 * line), text behind a closing quote, rows shorter or longer than the header, separators at the end
 * of lines. Cells are not trimmed.
 *
 * xlsx: values as text. Numbers as a spreadsheet shows them (15 digits, no exponent), dates by
 * their number format as 2026-03-01, 2026-03-01T08:30:00 or 08:30:00 without a zone, booleans as
 * TRUE and FALSE, errors as #N/A, formulas as the value kept with them, merged cells as text in the
 * first and empty in the others.
 *
 * Errors: ERR_FILE when the file cannot be opened, read or written, ERR_DISK_FULL, and ERR_INVALID
 * (field "file", reason in both languages) when what is in it is damaged, too big or not a table.
 *
 * Writing. CSV (UTF-8 with a byte order mark, RFC 4180) and xlsx, columns with types; texts that a
 * spreadsheet would run are written harmless. The file is made beside its place and renamed when it
 * is whole; a writer that is dropped leaves nothing.
 *
 * Memory belongs to the sheet, on the heap; what a row points to lasts until the next call. One
 * thread at a time. */
#ifndef HETANG_SHEET_H
#define HETANG_SHEET_H

#include "core/ctx.h"

#define SHEET_CELL_MAX      ((size_t)64 << 10) /* bytes of UTF-8 */
#define SHEET_COLUMNS_MAX   ((size_t)500)
#define SHEET_LINE_MAX      ((size_t)1 << 20) /* bytes of UTF-8 of one row */
#define SHEET_TEXT_MAX      ((size_t)4 << 10) /* of the original text of a row that is at fault */
#define SHEET_SHEETS_MAX    ((size_t)256)     /* sheets of one workbook that can be named */
#define SHEET_XZ_MEMORY_MAX ((uint64_t)80 << 20) /* xz -9 needs 65 MiB */
#define SHEET_BOOK_ROWS_MAX 1048576              /* rows of one sheet of a workbook */

enum sheet_kind { SHEET_CSV, SHEET_XLSX };
enum sheet_packing { SHEET_PLAIN, SHEET_GZIP, SHEET_XZ, SHEET_ZIP };
enum sheet_charset {
    SHEET_CHARSET_GUESS,
    SHEET_UTF8,
    SHEET_UTF16LE,
    SHEET_UTF16BE,
    SHEET_GB18030,
    SHEET_WINDOWS_1252,
};
const char *sheet_kind_name(enum sheet_kind kind);          /* "csv" */
const char *sheet_packing_name(enum sheet_packing packing); /* "gzip" */
const char *sheet_charset_name(enum sheet_charset charset); /* "UTF-8" */
/* Any spelling of the names above and of GBK, GB2312, CP1252, ISO-8859-1. False if unknown. */
bool sheet_charset_read(str name, enum sheet_charset *ret);

/* F(name, code, Chinese, English): why a row cannot be read. */
#define SHEET_FAULTS(F)                                                                    \
    F(SHEET_FINE, "", "", "")                                                              \
    F(SHEET_LINE_TOO_LONG, "line_too_long", "这一行超过 1 MB", "The line is above 1 MB")   \
    F(SHEET_CELL_TOO_LONG, "cell_too_long", "有单元格超过 64 KB", "A cell is above 64 KB") \
    F(SHEET_COLUMNS_TOO_MANY, "columns_too_many", "超过 500 列",                           \
      "There are more than 500 columns")                                                   \
    F(SHEET_QUOTE_OPEN, "quote_open", "引号没有结束", "A quote is never closed")
enum sheet_fault {
#define SHEET_FAULT_ENUM(name, code, zh, en) name,
    SHEET_FAULTS(SHEET_FAULT_ENUM)
#undef SHEET_FAULT_ENUM
};
struct sheet_fault_info {
    const char *code, *zh, *en;
};
const struct sheet_fault_info *sheet_fault_info(enum sheet_fault fault);

/* All zero is a good choice. */
struct sheet_options {
    enum sheet_charset charset; /* SHEET_CHARSET_GUESS: found out */
    char separator;             /* 0: found out */
    bool headless;              /* the first row is a row like the others */
    i64 first_line;             /* lines (rows of a workbook) before this one are left out */
    str sheet;                  /* of a workbook, by name; none: the first that is not hidden */
    i64 unpacked_max;           /* bytes; 0: SHEET_UNPACKED_MAX */
    i64 ratio_max;              /* unpacked to packed; 0: SHEET_RATIO_MAX */
    i64 texts_max;              /* bytes of a workbook's shared texts; 0: SHEET_TEXTS_MAX */
    const char *folder; /* where a workbook packed twice is unpacked; NULL: $TMPDIR or /tmp */
};
#define SHEET_UNPACKED_MAX ((i64)8 << 30)
#define SHEET_RATIO_MAX    ((i64)200)      /* deflate reaches 1032, real tables seldom 50 */
#define SHEET_RATIO_FROM   ((i64)8 << 20)  /* unpacked bytes below which no ratio is refused */
#define SHEET_TEXTS_MAX    ((i64)32 << 20) /* with 4 bytes for each text */

/* What was found out; valid as long as the sheet. */
struct sheet_info {
    enum sheet_kind kind;
    enum sheet_packing packing;
    enum sheet_charset charset; /* SHEET_UTF8 for a workbook */
    char separator;             /* 0 for a workbook */
    i64 size;                   /* of the packed file; 0 when it is a pipe */
    const str *columns;         /* the header's cells, without empty ones at the end */
    size_t column_count;
    i64 header_line; /* 0 when headless or when there are no rows */
    const str *sheets;
    size_t sheet_count; /* 0 for CSV */
    str sheet;          /* the one that is read */
};

struct sheet_row {
    i64 number;             /* from 1; the header does not count */
    i64 line;               /* where it starts in the file; in a workbook, its row */
    enum sheet_fault fault; /* SHEET_FINE, else there are no cells */
    const str *cells;       /* never NULL; one that was not there is the empty text */
    size_t count;           /* never below column_count; above it: text beyond the header */
    size_t missing;         /* cells that a line lacks; the row was filled up with empty ones */
    size_t replaced;        /* bytes that were not of the charset */
    size_t errors;          /* cells of a workbook that hold an error, or a formula without value */
};

struct sheet;

enum err sheet_open(struct ctx *cx, const char *path, const struct sheet_options *options,
                    struct sheet **ret);
void sheet_close(struct sheet *s);   /* NULL is fine */
void sheet_closep(struct sheet **s); /* for CLEANUP */
const struct sheet_info *sheet_info(const struct sheet *s);
/* ERR_DONE (no failure is kept) behind the last row. After another error the sheet is at its end.
 */
enum err sheet_next(struct ctx *cx, struct sheet *s, struct sheet_row *ret);
/* Passes over the next `rows` rows: resumes behind the row of that number in a sheet just opened
 * with the same options. ERR_DONE when there are fewer. */
enum err sheet_skip(struct ctx *cx, struct sheet *s, i64 rows);
/* The original text of the row given last, for the report of what was refused: its lines as they
 * stand, in UTF-8; of a workbook's row, its cells as CSV. Cut at SHEET_TEXT_MAX when it is at
 * fault. */
str sheet_text(struct sheet *s);
/* Bytes of the packed file that are behind us, for a progress bar; info.size at the end. Of zips
 * and workbooks it is an estimate by the unpacked size. */
i64 sheet_position(const struct sheet *s);

/* The value meant by a cell: without what exporters put around a number so that a spreadsheet takes
 * it for text (="0012", '0012, `0012, a tab behind), without the ' that sheet_write puts before
 * what a spreadsheet would run, and without white space at both ends. Points into `cell`. */
str sheet_plain(str cell);

enum sheet_type { SHEET_TEXT, SHEET_INTEGER, SHEET_MONEY, SHEET_DAY, SHEET_INSTANT };
struct sheet_column {
    str name;
    enum sheet_type type;
};
struct sheet_layout {
    enum sheet_kind kind;
    const struct sheet_column *columns; /* copied */
    size_t count;                       /* 1 … SHEET_COLUMNS_MAX */
    str watermark; /* who and when: the last line of each sheet; none: no such line */
    str sheet;     /* name of the workbook's sheets; none: "Sheet" */
};

struct sheet_writer;

/* `path` is untouched until sheet_write_close(). The new file is for its owner only (0600). */
enum err sheet_write_open(struct ctx *cx, const char *path, const struct sheet_layout *layout,
                          struct sheet_writer **ret);
/* One value a column: VAL_STR for text, VAL_I64 for the others (V() of an i64, money, day or
 * instant), VAL_NULL for an empty cell. Instants are shown as the wall clock of the business zone,
 * to the second. In a workbook a text longer than a cell may be (32,767 UTF-16 units) is cut and
 * ends in …; numbers of more than 15 digits are written as text. */
enum err sheet_write_row(struct ctx *cx, struct sheet_writer *w, const struct val *cells,
                         size_t count);
/* Completes the file, makes it durable and puts it in its place. *w is gone afterwards, also on
 * failure. */
enum err sheet_write_close(struct ctx *cx, struct sheet_writer **w);
/* For CLEANUP: gives up what was not closed. */
void sheet_write_drop(struct sheet_writer **w);
/* Would a spreadsheet run this text as a formula (DDE, HYPERLINK …)? */
bool sheet_runs(str text);
/* One line of CSV (RFC 4180, with its CRLF) of texts written harmless. */
void out_csv(struct strbuf *sb, const str *cells, size_t count);

#endif
