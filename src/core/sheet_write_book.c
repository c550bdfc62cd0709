#include "core/sheet_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/time.h"
#include "base/utf8.h"

#define CELL_UNITS_MAX 32767                     /* UTF-16 units of one cell */
#define DIGITS_MAX     INT64_C(1000000000000000) /* a spreadsheet keeps 15 digits of a number */
#define NAME_CHARS_MAX 28 /* of the 31 of a sheet's name: two go to its number */

static enum err page_begin(struct ctx *cx, struct sheet_writer *w);
static enum err page_finish(struct ctx *cx, struct sheet_writer *w);
static enum err read_back(struct ctx *cx, const struct sheet_writer *w);

static enum err book_failed(struct ctx *cx, const struct sheet_writer *w, lxw_error e)
{
    if (errno == ENOSPC || errno == EDQUOT)
        return fail(cx, ERR_DISK_FULL, NULL);
    return fail(cx, ERR_FILE, NULL,
                P("reason", arena_fmt(cx->arena, "%s: %s", w->path, lxw_strerror(e))));
}

enum err book_begin(struct ctx *cx, struct sheet_writer *w)
{
    static const char *const shapes[] = { [SHEET_TEXT] = "@",
                                          [SHEET_INTEGER] = "0",
                                          [SHEET_MONEY] = "0.00",
                                          [SHEET_DAY] = "yyyy-mm-dd",
                                          [SHEET_INSTANT] = "yyyy-mm-dd hh:mm:ss" };
    /* Its temporary files lie beside ours: they hold the same private data. */
    const char *slash = strrchr(w->path, '/');
    int folder_len = slash ? (int)(slash - w->path) + (slash == w->path) : 1;
    char *folder = (char *)arena_fmt(&w->arena, "%.*s", folder_len, slash ? w->path : ".").ptr;
    lxw_workbook_options options = { .constant_memory = LXW_TRUE,
                                     .tmpdir = folder,
                                     .use_zip64 = LXW_TRUE };
    errno = 0;
    w->book = workbook_new_opt(w->beside, &options);
    if (!w->book)
        return book_failed(cx, w, LXW_ERROR_MEMORY_MALLOC_FAILED);
    for (size_t i = 0; i < COUNT(shapes); i++) {
        w->formats[i] = workbook_add_format(w->book);
        format_set_num_format(w->formats[i], shapes[i]);
    }
    w->bold = workbook_add_format(w->book);
    format_set_bold(w->bold);
    w->lines_max = SHEET_BOOK_ROWS_MAX - (w->layout.watermark.len > 0);
    return page_begin(cx, w);
}

/* The text as a workbook may hold it, ending in NUL: valid UTF-8 without what XML forbids, not too
 * long. Valid until the next one. */
static const char *book_text_of(struct sheet_writer *w, str text)
{
    size_t units = 0, fits = 0; /* fits: where the last unit that leaves room for … ends */
    strbuf_clear(&w->text);
    for (size_t i = 0; i < text.len;) {
        size_t n = text.ptr[i] ? utf8_step(str_from(text, i)) : 0;
        str c = n ? str_head(str_from(text, i), n) : S("\xEF\xBF\xBD");
        if (n == 3 && (str_eq(c, S("\xEF\xBF\xBE")) || str_eq(c, S("\xEF\xBF\xBF"))))
            c = S("\xEF\xBF\xBD");
        bool escape = book_escape_code(str_from(text, i)) >= 0; /* text that looks like _x000D_ */
        if (escape)
            c = S("_x005F_");
        units += escape ? c.len : n == 4 ? 2 : 1;
        if (units > CELL_UNITS_MAX) {
            w->text.len = fits;
            out(&w->text, S("…"));
            break;
        }
        out(&w->text, c);
        if (units < CELL_UNITS_MAX)
            fits = w->text.len;
        i += n ? n : 1;
    }
    out_c(&w->text, '\0');
    return strbuf_str(&w->text).ptr;
}

static lxw_error put_text(struct sheet_writer *w, lxw_col_t column, str text, lxw_format *format)
{
    if (!text.len)
        return LXW_NO_ERROR;
    return worksheet_write_string(w->page, (lxw_row_t)w->line, column, book_text_of(w, text),
                                  format);
}

/* Days since the day 0 that spreadsheets mean, right from 1900-03-01 on. */
static i64 serial_of(i64 day_number)
{
    return day_number - day_from_ymd(1899, 12, 30).n;
}

static bool as_number(enum sheet_type type, i64 n, double *ret)
{
    switch (type) {
    case SHEET_TEXT: return false;
    case SHEET_INTEGER: *ret = (double)n; return n > -DIGITS_MAX && n < DIGITS_MAX;
    case SHEET_MONEY: *ret = (double)n / 100; return n > -DIGITS_MAX && n < DIGITS_MAX;
    case SHEET_DAY: *ret = (double)serial_of(n); return *ret >= 61 && *ret <= 2958465;
    case SHEET_INSTANT: {
        struct civil c = civil_of((instant) { n });
        double serial = (double)serial_of(day_from_ymd(c.year, c.month, c.day).n);
        *ret = serial + (c.hour * 3600 + c.minute * 60 + c.second) / 86400.0;
        return *ret >= 61 && *ret < 2958466;
    }
    }
    return false;
}

static lxw_error put(struct sheet_writer *w, lxw_col_t column, enum sheet_type type, struct val v)
{
    double number = 0;
    if (v.kind == VAL_NULL)
        return LXW_NO_ERROR;
    if (type == SHEET_TEXT)
        return put_text(w, column, v.s, NULL);
    if (as_number(type, v.i, &number))
        return worksheet_write_number(w->page, (lxw_row_t)w->line, column, number,
                                      w->formats[type]);
    char digits[64];
    struct strbuf text CLEANUP(strbuf_done);
    strbuf_init(&text, NULL, sizeof digits);
    out_cell(&text, type, v);
    return put_text(w, column, strbuf_str(&text), NULL);
}

enum err book_row(struct ctx *cx, struct sheet_writer *w, const struct val *cells)
{
    bool any = false;
    errno = 0;
    if (w->line == w->lines_max) {
        TRY(page_finish(cx, w));
        TRY(page_begin(cx, w));
    }
    for (size_t i = 0; i < w->layout.count; i++) {
        lxw_error e = put(w, (lxw_col_t)i, w->layout.columns[i].type, cells[i]);
        if (e != LXW_NO_ERROR)
            return book_failed(cx, w, e);
        any |= cells[i].kind != VAL_NULL && (cells[i].kind != VAL_STR || cells[i].s.len);
    }
    w->filled += any;
    w->line++;
    return OK;
}

/* A name that workbooks allow: at most 31 characters, none of []:*?/\, no apostrophe around it. */
static const char *page_name(struct sheet_writer *w)
{
    str name = w->layout.sheet.len ? w->layout.sheet : S("Sheet");
    strbuf_clear(&w->text);
    out(&w->text, utf8_head(name, NAME_CHARS_MAX));
    for (size_t i = 0; i < w->text.len; i++)
        if (strchr("[]:*?/\\'", w->text.ptr[i]))
            w->text.ptr[i] = '_';
    if (w->pages > 1)
        out_fmt(&w->text, " %lld", (long long)w->pages);
    out_c(&w->text, '\0');
    return strbuf_str(&w->text).ptr;
}

static enum err page_begin(struct ctx *cx, struct sheet_writer *w)
{
    static const double widths[] = { [SHEET_TEXT] = 18,
                                     [SHEET_INTEGER] = 12,
                                     [SHEET_MONEY] = 12,
                                     [SHEET_DAY] = 11,
                                     [SHEET_INSTANT] = 19 };
    w->pages++;
    w->line = 0;
    w->page = workbook_add_worksheet(w->book, page_name(w));
    if (!w->page)
        return book_failed(cx, w, LXW_ERROR_SHEETNAME_LENGTH_EXCEEDED);
    worksheet_freeze_panes(w->page, 1, 0);
    bool any = false;
    for (size_t i = 0; i < w->layout.count; i++) {
        const struct sheet_column *c = &w->layout.columns[i];
        worksheet_set_column(w->page, (lxw_col_t)i, (lxw_col_t)i, widths[c->type], NULL);
        lxw_error e = put_text(w, (lxw_col_t)i, c->name, w->bold);
        if (e != LXW_NO_ERROR)
            return book_failed(cx, w, e);
        any |= c->name.len > 0;
    }
    w->filled += any;
    w->line = 1;
    return OK;
}

static enum err page_finish(struct ctx *cx, struct sheet_writer *w)
{
    lxw_error e = put_text(w, 0, w->layout.watermark, NULL);
    w->filled += w->layout.watermark.len > 0;
    return e == LXW_NO_ERROR ? OK : book_failed(cx, w, e);
}

enum err book_finish(struct ctx *cx, struct sheet_writer *w)
{
    errno = 0;
    TRY(page_finish(cx, w));
    lxw_error e = workbook_close(w->book); /* frees it, also on failure */
    w->book = NULL;
    if (e != LXW_NO_ERROR)
        return book_failed(cx, w, e);
    return read_back(cx, w);
}

void book_drop(struct sheet_writer *w)
{
    if (w->book)
        lxw_workbook_free(w->book);
    w->book = NULL;
}

/* The library does not look whether its temporary files could be written, so that a full disk would
 * cost rows and say nothing. What was written is read and counted before it gets its name. */
static enum err read_back(struct ctx *cx, const struct sheet_writer *w)
{
    struct sheet_options all = { .headless = true,
                                 .unpacked_max = INT64_MAX,
                                 .ratio_max = INT64_MAX };
    i64 found = 0;
    for (i64 page = 0; page < w->pages; page++) {
        struct sheet *s CLEANUP(sheet_closep) = NULL;
        struct sheet_row row;
        enum err e = sheet_open(cx, w->beside, &all, &s);
        if (e == OK && page + 1 < (i64)sheet_info(s)->sheet_count)
            all.sheet = arena_str(cx->arena, sheet_info(s)->sheets[page + 1]);
        while (e == OK && (e = sheet_next(cx, s, &row)) == OK)
            found++;
        if (e == ERR_DONE)
            continue;
        fail_clear(cx); /* it speaks of a file that somebody gave us */
        return fail(cx, ERR_FILE, NULL, P("reason", "the workbook could not be read back"));
    }
    if (found == w->filled)
        return OK;
    return fail(cx, ERR_FILE, NULL, P("reason", "the workbook lost rows; is the disk full?"));
}
