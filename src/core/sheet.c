#include "core/sheet_parts.h"

struct sheet {
    struct sheet_info info;
    struct arena arena; /* of the header and of what the options point to */
    bool headed;        /* the header is behind us */
    i64 first_line;
    i64 rows; /* given so far */
    struct failure broken;
    struct bytes bytes;
    struct decoder decoder;
    struct csv csv;
    char *window; /* WINDOW_SIZE bytes, of which [from, to) are text at hand */
    size_t from, to;
    bool last;     /* nothing follows the window */
    bool skipping; /* what is left of a line that was given up */
    i64 line;      /* where `from` stands */
    str raw;       /* the row given last, as it stands in the window */
    bool dirty;
    char *repaired; /* 3 × SHEET_LINE_MAX bytes for its cells, as many for its text */
    struct book book;
    struct grid grid;
    struct strbuf text; /* of sheet_text() */
    struct sheet_row row;
};

static enum err open_parts(struct ctx *cx, struct sheet *s, const struct sheet_options *o);
static enum err read_header(struct ctx *cx, struct sheet *s);
static enum err next_row(struct ctx *cx, struct sheet *s, struct sheet_row *ret);

static const struct sheet_fault_info faults[] = {
#define SHEET_FAULT_INFO(name, code, zh, en) [name] = { code, zh, en },
    SHEET_FAULTS(SHEET_FAULT_INFO)
#undef SHEET_FAULT_INFO
};

const struct sheet_fault_info *sheet_fault_info(enum sheet_fault fault)
{
    assert(fault < COUNT(faults));
    return &faults[fault];
}

const char *sheet_kind_name(enum sheet_kind kind)
{
    static const char *const names[] = { [SHEET_CSV] = "csv", [SHEET_XLSX] = "xlsx" };
    return names[kind];
}

const char *sheet_packing_name(enum sheet_packing packing)
{
    static const char *const names[] = {
        [SHEET_PLAIN] = "plain", [SHEET_GZIP] = "gzip", [SHEET_XZ] = "xz", [SHEET_ZIP] = "zip"
    };
    return names[packing];
}

enum err sheet_open(struct ctx *cx, const char *path, const struct sheet_options *options,
                    struct sheet **ret)
{
    struct sheet *s = xcalloc(1, sizeof *s);
    struct sheet_options o = *options;
    s->line = 1;
    s->first_line = o.first_line;
    o.sheet = arena_str(&s->arena, o.sheet);
    o.folder = o.folder ? arena_z(&s->arena, str_of(o.folder)) : NULL;
    strbuf_init(&s->text, NULL, 4 * SHEET_LINE_MAX);
    enum err e = bytes_open(cx, &s->bytes, arena_z(&s->arena, str_of(path)), &o);
    if (e == OK)
        e = open_parts(cx, s, &o);
    if (e == OK && !o.headless)
        e = read_header(cx, s);
    if (e != OK) {
        sheet_close(s);
        return e;
    }
    s->headed = true;
    *ret = s;
    return OK;
}

void sheet_close(struct sheet *s)
{
    if (!s)
        return;
    grid_done(&s->grid);
    book_done(&s->book);
    decoder_done(&s->decoder);
    csv_done(&s->csv);
    bytes_done(&s->bytes);
    strbuf_done(&s->text);
    arena_done(&s->arena);
    free(s->window);
    free(s->repaired);
    free(s);
}

void sheet_closep(struct sheet **s)
{
    sheet_close(*s);
    *s = NULL;
}

const struct sheet_info *sheet_info(const struct sheet *s)
{
    return &s->info;
}

/* The failure is kept: whoever asks again hears it again, and never that all is done. */
static enum err keep_failure(const struct ctx *cx, struct sheet *s, enum err e)
{
    s->broken = cx->failure;
    s->broken.code = e;
    s->broken.field = arena_str(&s->arena, s->broken.field);
    for (size_t i = 0; i < s->broken.count; i++)
        if (s->broken.props[i].val.kind == VAL_STR)
            s->broken.props[i].val.s = arena_str(&s->arena, s->broken.props[i].val.s);
    return e;
}

enum err sheet_next(struct ctx *cx, struct sheet *s, struct sheet_row *ret)
{
    if (s->broken.code != OK)
        return fail_with(cx, s->broken.code, s->broken.field, s->broken.props, s->broken.count);
    enum err e = next_row(cx, s, &s->row);
    if (e == ERR_DONE)
        return e;
    if (e != OK)
        return keep_failure(cx, s, e);
    s->row.number = ++s->rows;
    *ret = s->row;
    return OK;
}

enum err sheet_skip(struct ctx *cx, struct sheet *s, i64 rows)
{
    struct sheet_row row;
    while (rows-- > 0)
        TRY(sheet_next(cx, s, &row));
    return OK;
}

str sheet_text(struct sheet *s)
{
    size_t most = s->row.fault == SHEET_FINE ? 4 * SHEET_LINE_MAX : SHEET_TEXT_MAX;
    str text = s->raw;
    if (s->info.kind == SHEET_XLSX) {
        strbuf_clear(&s->text);
        for (size_t i = 0; i < s->grid.count; i++) {
            if (i)
                out_c(&s->text, ',');
            out_csv_cell(&s->text, s->grid.cells[i]);
        }
        text = strbuf_str(&s->text);
    } else if (s->dirty) {
        char *to = s->repaired + 3 * SHEET_LINE_MAX;
        text = str_head(text, SHEET_LINE_MAX);
        text_repair(text, to, &text.len);
        text.ptr = to;
    }
    if (text.len <= most)
        return text;
    while (most && ((unsigned char)text.ptr[most] & 0xc0) == 0x80) /* not inside a character */
        most--;
    return str_head(text, most);
}

i64 sheet_position(const struct sheet *s)
{
    if (s->info.kind == SHEET_XLSX)
        return grid_position(&s->grid, s->info.size);
    i64 at = bytes_position(&s->bytes), ahead = (i64)(s->to - s->from);
    bool same = s->info.packing == SHEET_PLAIN && !s->decoder.open; /* byte for byte */
    return same && ahead < at ? at - ahead : at;
}

/* ── what it is ── */

static const struct {
    str head;
    const char *zh, *en;
} strangers[] = {
    { S("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
      "这是旧版 .xls 或加密的工作簿，请在表格软件中另存为 xlsx 或 CSV",
      "This is an old .xls or an encrypted workbook: save it as xlsx or CSV" },
    { S("%PDF-"), "这是 PDF，不是表格", "This is a PDF and not a table" },
    { S("\x1f\x8b"), "压缩包里还有压缩包，请先解压",
      "There is an archive inside the archive: unpack it first" },
    { S("\xfd"
        "7zXZ"),
      "压缩包里还有压缩包，请先解压", "There is an archive inside the archive: unpack it first" },
    { S("Rar!"), "请先解压 RAR，或改用 zip", "Unpack the RAR first, or use zip" },
    { S("7z\xbc\xaf\x27\x1c"), "请先解压 7z，或改用 zip", "Unpack the 7z first, or use zip" },
    { S("PK\5\6"), "压缩包是空的", "The zip is empty" },
};

/* Tables of web pages are often given the name of a spreadsheet. */
static bool is_page(str sample)
{
    static const char *const heads[] = {
        "<html", "<!doctype", "<table", "<?xml", "<meta", "<head"
    };
    if (str_starts(sample, S("\xEF\xBB\xBF")))
        sample = str_from(sample, 3);
    sample = str_trim(str_head(sample, 256));
    for (size_t i = 0; i < COUNT(heads); i++)
        if (str_ieq(str_head(sample, strlen(heads[i])), str_of(heads[i])))
            return true;
    return false;
}

/* One control character in ten is no text. */
static bool is_binary(str sample)
{
    size_t controls = 0;
    for (size_t i = 0; i < sample.len; i++) {
        unsigned char c = (unsigned char)sample.ptr[i];
        controls += c < 0x20 && c != '\t' && c != '\n' && c != '\r';
    }
    return controls > sample.len / 10;
}

static enum err refuse_strangers(struct ctx *cx, str sample, enum sheet_charset charset)
{
    for (size_t i = 0; i < COUNT(strangers); i++)
        if (str_starts(sample, strangers[i].head))
            return refuse(cx, strangers[i].zh, strangers[i].en);
    if (is_page(sample))
        return refuse(cx, "这是网页或 XML，不是表格，请在表格软件中另存为 xlsx 或 CSV",
                      "This is a web page or XML and not a table: save it as xlsx or CSV");
    bool wide = charset == SHEET_UTF16LE || charset == SHEET_UTF16BE;
    if (!wide && is_binary(sample))
        return refuse(cx, "这不是文本，也不是表格", "This is neither text nor a table");
    return OK;
}

static enum err open_book(struct ctx *cx, struct sheet *s, const struct sheet_options *o)
{
    TRY(book_open(cx, &s->book, s->bytes.zip, &s->bytes.allowance, o));
    size_t at = o->sheet.ptr ? 0 : s->book.first;
    while (o->sheet.ptr && at < s->book.count && !str_eq(s->book.names[at], o->sheet))
        at++;
    if (at == s->book.count)
        return refuse(cx, "工作簿里没有这张工作表", "The workbook has no sheet of that name");
    s->info.kind = SHEET_XLSX;
    s->info.charset = SHEET_UTF8;
    s->info.sheets = s->book.names;
    s->info.sheet_count = s->book.count;
    s->info.sheet = s->book.names[at];
    return grid_open(cx, &s->grid, &s->book, at);
}

/* Adds text to the window. There is room: a row at hand that is longer than it may be is a fault.
 */
static enum err fill(struct ctx *cx, struct sheet *s)
{
    size_t len = 0;
    memmove(s->window, s->window + s->from, s->to - s->from);
    s->to -= s->from;
    s->from = 0;
    assert(WINDOW_SIZE - s->to >= 16 && !s->last);
    TRY(decoder_read(cx, &s->decoder, &s->bytes, s->window + s->to,
                     MIN(WINDOW_SIZE - s->to, CHUNK_SIZE), &len));
    s->to += len;
    s->last = len == 0;
    return OK;
}

static str at_hand(const struct sheet *s)
{
    return (str) { s->window + s->from, s->to - s->from };
}

/* Passes over the rest of a line, however long. */
static enum err skip_line(struct ctx *cx, struct sheet *s)
{
    for (s->skipping = true; s->skipping;) {
        str text = at_hand(s);
        size_t end = line_end(text);
        s->from += end;
        bool half = end + 1 == text.len && text.ptr[end] == '\r' && !s->last;
        if (end < text.len && !half) {
            s->from += line_next(text, end) - end;
            break;
        }
        if (s->last)
            break;
        TRY(fill(cx, s));
    }
    s->skipping = false;
    return OK;
}

/* "sep=;" as the first line is an order to Excel. */
static bool takes_order(struct sheet *s, str text)
{
    if (text.len < 6 || !str_ieq(str_head(text, 4), S("sep=")) || line_end(text) != 5)
        return false;
    s->csv.separator = text.ptr[4];
    s->from += line_next(text, 5);
    s->line++;
    return true;
}

static enum err open_text(struct ctx *cx, struct sheet *s, const struct sheet_options *o,
                          str sample)
{
    size_t mark = 0, len = 0;
    bool whole = sample.len < SAMPLE_SIZE;
    char dropped[4];
    s->info.charset = charset_guess(o->charset, sample, whole, &mark);
    TRY(refuse_strangers(cx, sample, s->info.charset));
    if (mark)
        TRY(bytes_read(cx, &s->bytes, dropped, mark, &len));
    assert(len == mark);
    TRY(decoder_open(cx, &s->decoder, s->info.charset));
    s->window = xmalloc(WINDOW_SIZE);
    while (s->to < SAMPLE_SIZE && !s->last)
        TRY(fill(cx, s));
    for (; s->line < s->first_line && (s->to > s->from || !s->last); s->line++)
        TRY(skip_line(cx, s));
    s->csv.separator = o->separator;
    if (strchr("\"\r\n", o->separator) && o->separator)
        return refuse(cx, "不能用这个字符作分隔符", "That character cannot separate cells");
    bool ordered = s->first_line <= 1 && !o->separator && takes_order(s, at_hand(s));
    if (!s->csv.separator || (ordered && strchr("\"\r\n", s->csv.separator)))
        s->csv.separator = csv_guess(str_head(at_hand(s), SAMPLE_SIZE), s->last);
    s->info.separator = s->csv.separator;
    return OK;
}

static enum err open_parts(struct ctx *cx, struct sheet *s, const struct sheet_options *o)
{
    str sample = { 0 };
    s->info.packing = s->bytes.book ? SHEET_PLAIN : s->bytes.packing;
    if (!s->bytes.book) {
        TRY(bytes_peek(cx, &s->bytes, &sample));
        if (str_starts(sample, S("PK\3\4")))
            TRY(bytes_spool(cx, &s->bytes));
    }
    s->info.size = s->bytes.size;
    return s->bytes.book ? open_book(cx, s, o) : open_text(cx, s, o, sample);
}

static enum err read_header(struct ctx *cx, struct sheet *s)
{
    struct sheet_row row;
    enum err e = next_row(cx, s, &row);
    if (e == ERR_DONE)
        return OK;
    TRY(e);
    if (row.fault != SHEET_FINE)
        return refuse(cx, "表头无法读取", "The header cannot be read");
    str *columns = NEW_N(&s->arena, str, row.count);
    for (size_t i = 0; i < row.count; i++) {
        columns[i] = arena_str(&s->arena, str_trim(row.cells[i]));
        if (columns[i].len)
            s->info.column_count = i + 1;
    }
    s->info.columns = columns;
    s->info.header_line = row.line;
    return OK;
}

/* ── rows ── */

/* Empty cells behind the last column go, lacking ones come. False when nothing stands in the row.
 */
static bool shape(const struct sheet *s, str *cells, size_t count, struct sheet_row *row)
{
    size_t columns = s->info.column_count, least = s->headed ? columns : 0;
    bool any = row->fault != SHEET_FINE || row->errors;
    for (size_t i = 0; i < count && !any; i++)
        any = cells[i].len > 0;
    while (count > least && s->headed && columns && !cells[count - 1].len)
        count--;
    row->missing = least > count ? least - count : 0;
    while (count < least)
        cells[count++] = S("");
    row->cells = cells;
    row->count = row->fault == SHEET_FINE ? count : 0;
    return any;
}

/* Bytes that are no UTF-8 out of the cells. */
static void repair(struct sheet *s, struct sheet_row *row)
{
    size_t used = 0, len = 0;
    if (!s->repaired)
        s->repaired = xmalloc(6 * SHEET_LINE_MAX);
    str text = str_head(s->raw, row->fault == SHEET_FINE ? SHEET_LINE_MAX : SHEET_TEXT_MAX);
    row->replaced = text_repair(text, s->repaired, &len);
    for (size_t i = 0; i < s->csv.count && row->fault == SHEET_FINE; i++) {
        str cell = s->csv.cells[i];
        text_repair(cell, s->repaired + used, &len);
        s->csv.cells[i] = (str) { s->repaired + used, len };
        used += len;
        if (len > SHEET_CELL_MAX)
            row->fault = SHEET_CELL_TOO_LONG;
    }
}

static enum err next_text(struct ctx *cx, struct sheet *s, struct sheet_row *ret)
{
    struct csv_row cut;
    for (;;) {
        if (s->skipping)
            TRY(skip_line(cx, s));
        str text = at_hand(s);
        if (!text.len && s->last)
            return ERR_DONE;
        if (!text.len || !csv_cut(&s->csv, text, s->last, &cut)) {
            TRY(fill(cx, s));
            continue;
        }
        *ret = (struct sheet_row) { .line = s->line, .fault = cut.fault };
        s->raw = str_head(text, cut.len);
        s->line += (i64)cut.lines;
        s->from += cut.next ? cut.next : cut.len;
        s->skipping = cut.next == 0;
        str shown = str_head(s->raw, cut.fault == SHEET_FINE ? cut.len : SHEET_TEXT_MAX);
        s->dirty = text_is_dirty(shown);
        if (s->dirty)
            repair(s, ret);
        if (shape(s, s->csv.cells, cut.fault == SHEET_FINE ? s->csv.count : 0, ret))
            return OK;
    }
}

static enum err next_book(struct ctx *cx, struct sheet *s, struct sheet_row *ret)
{
    for (;;) {
        struct grid *g = &s->grid;
        TRY(grid_next(cx, g));
        *ret = (struct sheet_row) { .line = g->line, .fault = g->fault, .errors = g->errors };
        if (g->line >= s->first_line && shape(s, g->cells, g->count, ret)) {
            ret->missing = 0; /* a cell that is not there is an empty one */
            return OK;
        }
    }
}

static enum err next_row(struct ctx *cx, struct sheet *s, struct sheet_row *ret)
{
    return s->info.kind == SHEET_XLSX ? next_book(cx, s, ret) : next_text(cx, s, ret);
}
