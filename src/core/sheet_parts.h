/* The parts of a sheet, for the files sheet_*.c alone:
 *
 *   bytes    the unpacked bytes of a file, within an allowance
 *   decoder  bytes of any charset → UTF-8
 *   csv      UTF-8 text → cells of a row
 *   book     a workbook: which sheets, dates and shared texts it has
 *   grid     one sheet of a workbook → cells of a row
 *
 * Each belongs to one struct sheet and is emptied by its _done(), which may be called on a zeroed
 * one. */
#ifndef HETANG_SHEET_PARTS_H
#define HETANG_SHEET_PARTS_H

#include <expat.h>
#include <iconv.h>
#include <lzma.h>
#include <zip.h>
#include <zlib.h>

#include "core/sheet.h"

#define PACKED_SIZE ((size_t)64 << 10)            /* read at once from a file */
#define SAMPLE_SIZE ((size_t)64 << 10)            /* looked at to find out what a file is */
#define CHUNK_SIZE  ((size_t)256 << 10)           /* text added to the window at once */
#define WINDOW_SIZE (SHEET_LINE_MAX + CHUNK_SIZE) /* text at hand: a row of any length fits */
#define BAD_BYTE    '\xFF' /* stands for what could not be decoded; never part of UTF-8 */

static inline enum err refuse(struct ctx *cx, const char *zh, const char *en)
{
    return fail_rule(cx, ERR_INVALID, "file", zh, en);
}
/* A call of the system failed: ERR_DISK_FULL or ERR_FILE with the path and errno's text. */
enum err system_failed(struct ctx *cx, const char *path, int error);

/* ── sheet_bytes.c ── */

/* How much may come out of what goes in; over all that is unpacked for one sheet. */
struct allowance {
    i64 unpacked_max, ratio_max;
    i64 unpacked;
    i64 packed; /* of the members of a workbook that were opened */
};
/* Counts `more` unpacked bytes; all so far came out of `packed` ones. */
enum err allowance_use(struct ctx *cx, struct allowance *a, i64 packed, i64 more);

struct bytes {
    const char *path, *folder; /* kept by reference: for messages, for nameless files */
    enum sheet_packing packing;
    const struct packer *packer;
    struct allowance allowance;
    int fd;
    bool opened;
    i64 size, taken; /* of the packed file (0 for a pipe); bytes of it that were read */
    char *in;        /* PACKED_SIZE bytes, of which [in_at, in_len) are not used yet */
    size_t in_at, in_len;
    bool in_end, end; /* of the packed bytes, of the unpacked ones */
    char *head;       /* the first unpacked bytes, looked at before they are read */
    size_t head_at, head_len;
    z_stream z;
    lzma_stream x;
    zip_t *zip;
    zip_file_t *member;
    i64 member_packed, member_size, member_at;
    bool book; /* .zip is a workbook: nothing else is to be read here */
};

enum err bytes_open(struct ctx *cx, struct bytes *b, const char *path,
                    const struct sheet_options *o);
void bytes_done(struct bytes *b);
/* At least one byte but at the end (*ret_len 0). What came before damage is given first. */
enum err bytes_read(struct ctx *cx, struct bytes *b, char *to, size_t size, size_t *ret_len);
/* The first SAMPLE_SIZE bytes, or fewer when there are no more; they are still to be read. Once. */
enum err bytes_peek(struct ctx *cx, struct bytes *b, str *ret);
/* What is left becomes a file without a name, and that a workbook in .zip (ERR_INVALID otherwise).
 */
enum err bytes_spool(struct ctx *cx, struct bytes *b);
i64 bytes_position(const struct bytes *b);

/* ── sheet_charset.c ── */

struct decoder {
    enum sheet_charset charset;
    iconv_t cd;
    char *in;
    size_t in_at, in_len;
    bool in_end, open;
};

/* By the rule of sheet.h, unless one is forced; `whole`: the sample is all there is. *ret_mark:
 * bytes of the byte order mark, which are no text. */
enum sheet_charset charset_guess(enum sheet_charset forced, str sample, bool whole,
                                 size_t *ret_mark);
enum err decoder_open(struct ctx *cx, struct decoder *d, enum sheet_charset charset);
void decoder_done(struct decoder *d);
/* Adds text to `to`, at least one byte but at the end (*ret_len 0). What cannot be decoded is a
 * BAD_BYTE for each byte. UTF-8 passes as it is. */
enum err decoder_read(struct ctx *cx, struct decoder *d, struct bytes *b, char *to, size_t size,
                      size_t *ret_len);
/* Does it hold bytes that are not UTF-8, or NUL? */
bool text_is_dirty(str text);
/* Each such byte becomes U+FFFD. `to` has room for 3 × text.len. Returns how many there were. */
size_t text_repair(str text, char *to, size_t *ret_len);

/* ── sheet_csv.c ── */

struct csv {
    char separator;
    str cells[SHEET_COLUMNS_MAX];
    size_t count;
    char *scratch; /* SHEET_LINE_MAX bytes on first use: cells that differ from what stands there */
    size_t scratch_len;
    struct {
        size_t from, at; /* looked up: for a quote in [from, at) the answer is `closes` */
        bool closes;
    } closing;
};
struct csv_row {
    size_t len;   /* bytes of the row without its line end */
    size_t next;  /* offset behind its line end */
    size_t lines; /* line ends in it, its own included */
    enum sheet_fault fault;
};

void csv_done(struct csv *c);
/* Cuts the first row of `text` into c->cells. False: the row does not end here and `last` says that
 * more follows. At fault, `next` is behind the first line end, or 0 when there is none yet. */
bool csv_cut(struct csv *c, str text, bool last, struct csv_row *ret);
/* Index of the first line end, or text.len. */
size_t line_end(str text);
/* Offset behind the line end at `at`. */
size_t line_next(str text, size_t at);
/* The separator that cuts the rows of a sample most evenly; ',' when none does. */
char csv_guess(str sample, bool whole);

/* ── sheet_cell.c ── */

/* What a spreadsheet would run gets a ' in front, and so does what sheet_plain() would take for
 * such a text. */
bool cell_needs_mark(str text);
/* A cell of CSV, quoted when it must be. */
void out_csv_cell(struct strbuf *sb, str text);
void out_csv_text(struct strbuf *sb, str text); /* the same, written harmless */

/* ── sheet_write.c, sheet_write_book.c ── */

struct lxw_workbook;
struct lxw_worksheet;
struct lxw_format;

struct sheet_writer {
    struct arena arena; /* of the layout */
    struct sheet_layout layout;
    const char *path;
    char *beside;       /* the file being written; its name is path with six letters behind */
    int fd;             /* of it; -1: closed */
    struct strbuf text; /* CSV not written yet; of a workbook, the cell being written */
    struct lxw_workbook *book;
    struct lxw_worksheet *page;
    struct lxw_format *formats[SHEET_INSTANT + 1], *bold;
    i64 line, lines_max; /* of the page: used, and at most */
    i64 pages;
    i64 filled; /* rows with something in them, over all pages: what a reader must find */
};

enum err csv_begin(struct ctx *cx, struct sheet_writer *w);
enum err csv_row(struct ctx *cx, struct sheet_writer *w, const struct val *cells);
enum err csv_finish(struct ctx *cx, struct sheet_writer *w);
enum err book_begin(struct ctx *cx, struct sheet_writer *w);
enum err book_row(struct ctx *cx, struct sheet_writer *w, const struct val *cells);
enum err book_finish(struct ctx *cx, struct sheet_writer *w);
void book_drop(struct sheet_writer *w);
/* The text of a value as CSV shows it: 12.50, 2026-03-01, 2026-03-01 08:30:00. */
void out_cell(struct strbuf *sb, enum sheet_type type, struct val v);

/* ── sheet_xml.c ── */

/* A member of a zip read by expat, with bounded memory, without DTD. Handlers get the struct's
 * owner as their user data. */
struct xml {
    XML_Parser parser;
    zip_file_t *member;
    struct allowance *allowance;
    i64 size, at;  /* unpacked bytes of the member, and those behind us */
    size_t memory; /* held by expat */
    unsigned depth;
    bool stop;    /* a handler has seen enough */
    bool pause;   /* a handler wants xml_run() to return */
    bool paused;  /* expat is waiting to be resumed */
    bool refused; /* DTD or depth */
    void *owner;
    void (*start)(void *owner, str name, const char **attributes); /* local names */
    void (*end)(void *owner, str name);
    void (*text)(void *owner, str text);
};

/* ERR_NOT_FOUND (no failure kept) when the zip has no such member. */
enum err xml_open(struct ctx *cx, struct xml *x, zip_t *zip, const char *name,
                  struct allowance *allowance);
void xml_done(struct xml *x);
/* Runs until a handler asks for a pause (*ret_more true) or the member is read. */
enum err xml_run(struct ctx *cx, struct xml *x, bool *ret_more);
/* An attribute without a prefix; none if absent. */
str xml_attribute(const char **attributes, const char *name);
/* The id of a relationship: an attribute "id" with a prefix. */
str xml_relation(const char **attributes);

/* ── sheet_number.c ── */

enum number_kind { NUMBER_PLAIN, NUMBER_DATE, NUMBER_TIME, NUMBER_MOMENT };
struct number_format {
    enum number_kind kind;
    bool elapsed;  /* [h]: hours above 24 are meant */
    bool fraction; /* shows parts of a second */
};
struct number_format number_format_builtin(i64 id);
struct number_format number_format_read(str code);
#define NUMBER_TEXT_MAX 64
/* The text of a number in a workbook: `value` itself, or made in `to`. What is no number stays. */
str number_text(str value, struct number_format format, bool date1904, char to[NUMBER_TEXT_MAX]);

/* ── sheet_book.c ── */

struct book {
    zip_t *zip; /* not owned */
    struct allowance *allowance;
    struct arena arena; /* of names and formats */
    bool date1904;
    str names[SHEET_SHEETS_MAX];
    const char *paths[SHEET_SHEETS_MAX]; /* members of the zip */
    size_t count, first;                 /* first: that is not hidden */
    const char *texts_path, *styles_path;
    struct number_format *formats; /* by the style of a cell */
    size_t format_count;
    /* The shared texts: one block of texts_max bytes, of which what is not used is never touched.
     * The texts lie one behind the other from its start on, where each ends is kept from its end on
     * downwards. */
    char *texts;
    size_t texts_len, texts_max; /* texts_max: a multiple of 4 */
    size_t text_count;
};

enum err book_open(struct ctx *cx, struct book *k, zip_t *zip, struct allowance *allowance,
                   const struct sheet_options *o);
void book_done(struct book *k);
bool book_text(const struct book *k, i64 index, str *ret);
/* _x000D_ and the like become the characters they stand for, in place. Returns the new length. */
size_t book_unescape(char *text, size_t len);
/* The character that "_xHHHH_" at the start of the text stands for (U+FFFD for half a pair), or -1.
 */
int book_escape_code(str text);

/* ── sheet_grid.c ── */

struct grid {
    const struct book *book;
    struct xml xml;
    char *text;               /* SHEET_LINE_MAX bytes: the row's own texts */
    size_t text_len, cell_at; /* the cell being read starts there */
    size_t row_len;           /* of all cells, the shared texts too */
    str cells[SHEET_COLUMNS_MAX];
    size_t count;
    i64 line;
    size_t column, errors;
    i64 style;
    enum grid_type { GRID_NUMBER, GRID_SHARED, GRID_TEXT, GRID_BOOL, GRID_ERROR } type;
    bool in_data, in_cell, collect, phonetic, formula, value;
    bool any; /* a cell that is not empty */
    enum sheet_fault fault;
};

enum err grid_open(struct ctx *cx, struct grid *g, const struct book *k, size_t sheet);
void grid_done(struct grid *g);
/* The next row that is not empty: cells, count, line, errors, fault. ERR_DONE at the end. */
enum err grid_next(struct ctx *cx, struct grid *g);
i64 grid_position(const struct grid *g, i64 size);

#endif
