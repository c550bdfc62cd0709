#include "core/sheet_parts.h"

/* Where the cell being cut ends, or that more text is needed to say so. */
enum cut { CUT_CELL, CUT_ROW, CUT_MORE };

static inline enum cut cut_plain(const struct csv *c, str text, size_t from, bool last,
                                 size_t *ret_at);
static enum cut cut_quoted(struct csv *c, str text, size_t from, bool last, size_t *ret_at,
                           str *ret_cell);
static enum cut closes(struct csv *c, str text, size_t at, bool last, bool *ret);
static bool csv_fault(str text, enum sheet_fault fault, struct csv_row *ret);

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "find_end() takes the lowest byte");

#define EACH_BYTE(c) ((uint64_t)(unsigned char)(c)*UINT64_C(0x0101010101010101))
/* A high bit for each byte of `w` that is zero; right for the lowest such byte, which is asked for.
 */
#define ZERO_BYTES(w) (((w)-EACH_BYTE(1)) & ~(w)&EACH_BYTE(0x80))

static inline bool is_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Index of the first separator or line end at or behind `at`, else text.len. Cells are short: eight
 * bytes at a time without a call beat memchr. */
static inline size_t find_end(str text, size_t at, char separator)
{
    const uint64_t commas = EACH_BYTE(separator), feeds = EACH_BYTE('\n'),
                   returns = EACH_BYTE('\r');
    for (uint64_t w; at + 8 <= text.len; at += 8) {
        memcpy(&w, text.ptr + at, 8);
        uint64_t found = ZERO_BYTES(w ^ commas) | ZERO_BYTES(w ^ feeds) | ZERO_BYTES(w ^ returns);
        if (found)
            return at + (size_t)__builtin_ctzll(found) / 8;
    }
    while (at < text.len && text.ptr[at] != separator && !is_end(text.ptr[at]))
        at++;
    return at;
}

size_t line_end(str text)
{
    return find_end(text, 0, '\n');
}

size_t line_next(str text, size_t at)
{
    bool both = text.ptr[at] == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n';
    return at + (both ? 2 : 1);
}

void csv_done(struct csv *c)
{
    free(c->scratch);
    c->scratch = NULL;
}

/* Blanks and then a quote that is closed on the line are a quoted cell too. */
static inline bool quote_ahead(str text, size_t *at, char separator)
{
    size_t i = *at;
    while (i < text.len && text.ptr[i] == ' ' && separator != ' ')
        i++;
    if (i == text.len || text.ptr[i] != '"')
        return false;
    *at = i;
    return true;
}

bool csv_cut(struct csv *c, str text, bool last, struct csv_row *ret)
{
    size_t at = 0;
    bool reaches_over = false; /* only quoted cells reach over a line end */
    c->count = c->scratch_len = 0;
    c->closing.from = c->closing.at = 0;
    ret->fault = SHEET_FINE;
    ret->lines = 1;
    for (;;) {
        size_t from = at, quote = at;
        str cell = { 0 };
        bool quoted = at < text.len && (text.ptr[at] == '"' || text.ptr[at] == ' ') &&
                      quote_ahead(text, &quote, c->separator);
        enum cut cut = CUT_CELL;
        if (quoted && quote > from)
            cut = closes(c, text, quote + 1, last, &quoted);
        if (cut != CUT_MORE)
            cut = quoted ? cut_quoted(c, text, quote, last, &at, &cell)
                         : cut_plain(c, text, from, last, &at);
        if (cut == CUT_MORE || at > SHEET_LINE_MAX) {
            bool over = text.len > SHEET_LINE_MAX;
            if (!over && !last)
                return false;
            /* Unfinished at the end, or at the limit: a quote, or many cells. */
            bool open = quoted && (!over || SHEET_LINE_MAX - quote > SHEET_CELL_MAX);
            return csv_fault(text, open ? SHEET_QUOTE_OPEN : SHEET_LINE_TOO_LONG, ret);
        }
        reaches_over |= quoted;
        if (!quoted)
            cell = (str) { text.ptr + from, at - from };
        if (cell.len > SHEET_CELL_MAX)
            return csv_fault(text, SHEET_CELL_TOO_LONG, ret);
        if (c->count < SHEET_COLUMNS_MAX)
            c->cells[c->count++] = cell;
        else if (cell.len) /* spreadsheets like to write thousands of separators behind a line */
            return csv_fault(text, SHEET_COLUMNS_TOO_MANY, ret);
        if (cut == CUT_ROW)
            break;
        at++;
    }
    ret->len = at;
    ret->next = at < text.len ? line_next(text, at) : at;
    if (reaches_over)
        for (str rest = str_head(text, at); line_end(rest) < rest.len; ret->lines++)
            rest = str_from(rest, line_next(rest, line_end(rest)));
    return true;
}

/* The row is given up; reading goes on behind its first line end. */
static bool csv_fault(str text, enum sheet_fault fault, struct csv_row *ret)
{
    *ret = (struct csv_row) { .len = line_end(text), .fault = fault, .lines = 1 };
    bool half = ret->len + 1 == text.len && text.ptr[ret->len] == '\r'; /* of a CRLF, perhaps */
    ret->next = ret->len < text.len && !half ? line_next(text, ret->len) : 0;
    return true;
}

/* What follows a cell at `at`: a separator, the end of the row. A CR may be half of a line end. */
static inline enum cut cut_at(str text, size_t at, bool last)
{
    if (at == text.len)
        return last ? CUT_ROW : CUT_MORE;
    if (!is_end(text.ptr[at]))
        return CUT_CELL;
    return text.ptr[at] == '\r' && at + 1 == text.len && !last ? CUT_MORE : CUT_ROW;
}

static inline enum cut cut_plain(const struct csv *c, str text, size_t from, bool last,
                                 size_t *ret_at)
{
    size_t at = find_end(text, from, c->separator);
    *ret_at = at;
    return cut_at(text, at, last);
}

/* Index of what ends a quoted cell if the text at `at`, behind its closing quote, does: blanks,
 * then a separator or a line end. text.len + 1 if it does not. */
static size_t behind_quote(str text, size_t at, char separator)
{
    while (at < text.len && text.ptr[at] == ' ')
        at++;
    return at == text.len || text.ptr[at] == separator || is_end(text.ptr[at]) ? at : text.len + 1;
}

/* Is the quoted cell, of which the text at `at` is a part, closed on its line? Yes when a quote
 * with an end behind it comes before the line end and before a quote that opens a cell. Answers are
 * kept: each stretch of text is looked through once, whatever it holds. */
static enum cut closes(struct csv *c, str text, size_t at, bool last, bool *ret)
{
    if (c->closing.from <= at && at < c->closing.at) {
        *ret = c->closing.closes;
        return CUT_CELL;
    }
    size_t i = at;
    bool closed = false, opens = false;
    for (; i < text.len && !is_end(text.ptr[i]); i++) {
        if (text.ptr[i] != '"') {
            opens = text.ptr[i] == c->separator || (opens && text.ptr[i] == ' ');
            continue;
        }
        size_t end = behind_quote(text, i + 1, c->separator);
        if (end == text.len && !last)
            return CUT_MORE;
        closed = end <= text.len;
        if (closed || opens)
            break;
        if (text.ptr[i + 1] == '"')
            i++;
    }
    if (i == text.len && !last)
        return CUT_MORE;
    c->closing.from = at;
    c->closing.at = MAX(i, at + 1);
    c->closing.closes = *ret = closed;
    return CUT_CELL;
}

static void keep(struct csv *c, str part)
{
    if (!c->scratch)
        c->scratch = xmalloc(SHEET_LINE_MAX);
    assert(part.len <= SHEET_LINE_MAX - c->scratch_len);
    memcpy(c->scratch + c->scratch_len, part.ptr, part.len);
    c->scratch_len += part.len;
}

/* A cell whose opening quote stands at `from`. Its text is a slice of what stands there unless a
 * quote inside makes it differ. */
static enum cut cut_quoted(struct csv *c, str text, size_t from, bool last, size_t *ret_at,
                           str *ret_cell)
{
    size_t start = from + 1, kept = c->scratch_len, at = start, end = 0;
    bool built = false;
    for (;; at++) {
        at += str_find(str_from(text, at), '"');
        if (at > SHEET_LINE_MAX || at >= text.len) {
            *ret_at = at;
            return CUT_MORE;
        }
        if (at + 1 < text.len && text.ptr[at + 1] == '"') { /* doubled: one of them is text */
            keep(c, (str) { text.ptr + start, at + 1 - start });
            built = true;
            start = ++at + 1;
            continue;
        }
        end = behind_quote(text, at + 1, c->separator);
        if (end == text.len && !last)
            return CUT_MORE;
        if (end <= text.len)
            break;
        bool text_quote = false;
        if (closes(c, text, at + 1, last, &text_quote) == CUT_MORE)
            return CUT_MORE;
        if (text_quote)
            continue;
        /* The quotes end here and what stands behind them belongs to the cell. */
        keep(c, (str) { text.ptr + start, at - start });
        built = true;
        start = at + 1;
        end = at = find_end(text, start, c->separator);
        break;
    }
    if (end > SHEET_LINE_MAX) {
        *ret_at = end;
        return CUT_MORE;
    }
    if (built) {
        keep(c, (str) { text.ptr + start, at - start });
        *ret_cell = (str) { c->scratch + kept, c->scratch_len - kept };
    } else {
        *ret_cell = (str) { text.ptr + start, at - start };
    }
    *ret_at = end;
    return cut_at(text, end, last);
}

/* ── the separator ── */

#define GUESS_ROWS 100

/* How evenly a separator cuts: rows with as many cells as the row that has most company. */
static size_t evenness(struct csv *c, str sample, bool whole, size_t *ret_cells)
{
    uint16_t rows_of[SHEET_COLUMNS_MAX + 1] = { 0 };
    struct csv_row row;
    size_t first = 0, best = 0, rows = 0;
    for (; sample.len && rows < GUESS_ROWS && csv_cut(c, sample, whole, &row);) {
        if (!row.next)
            break;
        if (row.fault == SHEET_FINE && row.len) {
            rows_of[c->count]++;
            first = first ? first : c->count;
            rows++;
        }
        sample = str_from(sample, row.next);
    }
    for (size_t n = 2; n <= SHEET_COLUMNS_MAX; n++)
        if (rows_of[n] && (!best || rows_of[n] >= rows_of[best]))
            best = n;
    *ret_cells = best;
    if (!best || (first != best && rows_of[best] * 2U <= rows))
        return 0;
    /* A header cut like the others counts for more than any row: decimals have commas too. */
    return (size_t)rows_of[best] + (first == best ? GUESS_ROWS : 0);
}

char csv_guess(str sample, bool whole)
{
    static const char choices[] = { ',', ';', '\t', '|' };
    struct csv *c = xcalloc(1, sizeof *c);
    size_t best = 0, best_cells = 0;
    char separator = ',';
    for (size_t i = 0; i < COUNT(choices); i++) {
        size_t cells = 0;
        c->separator = choices[i];
        size_t score = evenness(c, sample, whole, &cells);
        if (score > best || (score && score == best && cells > best_cells)) {
            best = score;
            best_cells = cells;
            separator = choices[i];
        }
    }
    csv_done(c);
    free(c);
    return separator;
}
