#include "core/sheet_parts.h"

static void grid_fault(struct grid *g, enum sheet_fault fault)
{
    if (g->fault == SHEET_FINE)
        g->fault = fault;
}

/* "AB12" → 27; SIZE_MAX when it is no reference. */
static size_t column_of(str reference)
{
    size_t n = 0, i = 0;
    for (; i < reference.len && i < 4; i++) {
        char c = (char)(reference.ptr[i] & ~0x20);
        if (c < 'A' || c > 'Z')
            break;
        n = n * 26 + (size_t)(c - 'A') + 1;
    }
    return n ? n - 1 : SIZE_MAX;
}

static enum grid_type type_of(str t)
{
    static const struct {
        const char *name;
        enum grid_type type;
    } types[] = {
        { "s", GRID_SHARED }, { "str", GRID_TEXT }, { "inlineStr", GRID_TEXT },
        { "b", GRID_BOOL },   { "e", GRID_ERROR },  { "d", GRID_TEXT },
    };
    for (size_t i = 0; i < COUNT(types); i++)
        if (str_is(t, types[i].name))
            return types[i].type;
    return GRID_NUMBER;
}

static void cell_start(struct grid *g, const char **attributes)
{
    size_t column = column_of(xml_attribute(attributes, "r"));
    g->column = column == SIZE_MAX ? g->column : column;
    g->type = type_of(xml_attribute(attributes, "t"));
    g->style = 0;
    (void)str_to_i64(xml_attribute(attributes, "s"), &g->style);
    g->in_cell = true;
    g->formula = g->value = g->collect = g->phonetic = false;
    g->cell_at = g->text_len;
}

static void row_start(struct grid *g, const char **attributes)
{
    i64 line = 0;
    g->line = str_to_i64(xml_attribute(attributes, "r"), &line) && line > 0 ? line : g->line + 1;
    g->count = g->column = g->text_len = g->errors = 0;
    g->row_len = 0;
    g->any = g->in_cell = false;
    g->fault = SHEET_FINE;
}

static void on_start(void *owner, str name, const char **attributes)
{
    struct grid *g = owner;
    if (str_is(name, "sheetData"))
        g->in_data = true;
    if (!g->in_data)
        return;
    if (str_is(name, "row")) {
        row_start(g, attributes);
    } else if (str_is(name, "c")) {
        cell_start(g, attributes);
    } else if (g->in_cell) {
        g->formula |= str_is(name, "f");
        g->phonetic |= str_is(name, "rPh");
        g->collect = str_is(name, "v") || (str_is(name, "t") && !g->phonetic);
        g->value |= g->collect;
    }
}

static void on_text(void *owner, str text)
{
    struct grid *g = owner;
    if (!g->collect || g->fault != SHEET_FINE)
        return;
    if (g->text_len - g->cell_at + text.len > SHEET_CELL_MAX)
        grid_fault(g, SHEET_CELL_TOO_LONG);
    else if (g->text_len + text.len > SHEET_LINE_MAX)
        grid_fault(g, SHEET_LINE_TOO_LONG);
    else {
        memcpy(g->text + g->text_len, text.ptr, text.len);
        g->text_len += text.len;
    }
}

/* The cell's text by its type; the raw one lies at the end of g->text. */
static str cell_text(struct grid *g)
{
    char *raw = g->text + g->cell_at;
    str value = { raw, g->text_len - g->cell_at };
    char made[NUMBER_TEXT_MAX];
    i64 index = 0;
    switch (g->type) {
    case GRID_SHARED:
        g->text_len = g->cell_at;
        if (!value.len)
            break;
        if (!str_to_i64(value, &index) || !book_text(g->book, index, &value)) {
            g->errors++;
            value = S("");
        }
        break;
    case GRID_TEXT:
        value.len = book_unescape(raw, value.len);
        g->text_len = g->cell_at + value.len;
        break;
    case GRID_BOOL: value = !value.len ? S("") : str_is(value, "0") ? S("FALSE") : S("TRUE"); break;
    case GRID_ERROR: g->errors++; break;
    case GRID_NUMBER: {
        const struct book *k = g->book;
        struct number_format format = { NUMBER_PLAIN, false, false };
        if (g->style >= 0 && (uint64_t)g->style < k->format_count)
            format = k->formats[g->style];
        str text = value.len ? number_text(value, format, k->date1904, made) : value;
        if (text.ptr == made && g->cell_at + text.len <= SHEET_LINE_MAX) {
            memcpy(raw, made, text.len);
            value.len = text.len;
            g->text_len = g->cell_at + text.len;
        }
        break;
    }
    }
    return value;
}

static void cell_end(struct grid *g)
{
    str value = g->fault == SHEET_FINE ? cell_text(g) : S("");
    g->errors += g->formula && !g->value;
    g->in_cell = false;
    if (value.len > SHEET_CELL_MAX)
        grid_fault(g, SHEET_CELL_TOO_LONG);
    g->row_len += value.len;
    if (g->row_len > SHEET_LINE_MAX)
        grid_fault(g, SHEET_LINE_TOO_LONG);
    if (value.len && g->column >= SHEET_COLUMNS_MAX)
        grid_fault(g, SHEET_COLUMNS_TOO_MANY);
    if (value.len && g->fault == SHEET_FINE) {
        while (g->count <= g->column)
            g->cells[g->count++] = S("");
        g->cells[g->column] = value;
        g->any = true;
    }
    g->column++;
}

static void on_end(void *owner, str name)
{
    struct grid *g = owner;
    if (!g->in_data)
        return;
    if (str_is(name, "c") && g->in_cell)
        cell_end(g);
    else if (str_is(name, "row"))
        g->xml.pause = g->any || g->errors || g->fault != SHEET_FINE;
    else if (str_is(name, "sheetData"))
        g->xml.stop = true;
    else if (str_is(name, "rPh"))
        g->phonetic = false;
    else if (str_is(name, "v") || str_is(name, "t"))
        g->collect = false;
}

enum err grid_open(struct ctx *cx, struct grid *g, const struct book *k, size_t sheet)
{
    *g = (struct grid) { .book = k };
    enum err e = xml_open(cx, &g->xml, k->zip, k->paths[sheet], k->allowance);
    if (e == ERR_NOT_FOUND)
        return refuse(cx, "工作簿缺少这张工作表的内容",
                      "The workbook lacks the content of that sheet");
    TRY(e);
    g->text = xmalloc(SHEET_LINE_MAX);
    g->xml.owner = g;
    g->xml.start = on_start;
    g->xml.end = on_end;
    g->xml.text = on_text;
    return OK;
}

void grid_done(struct grid *g)
{
    xml_done(&g->xml);
    free(g->text);
    *g = (struct grid) { 0 };
}

enum err grid_next(struct ctx *cx, struct grid *g)
{
    bool more = false;
    if (g->xml.stop)
        return ERR_DONE;
    TRY(xml_run(cx, &g->xml, &more));
    return more ? OK : ERR_DONE;
}

i64 grid_position(const struct grid *g, i64 size)
{
    if (g->xml.stop || !g->xml.size)
        return size;
    return (i64)((double)size * (double)g->xml.at / (double)g->xml.size);
}
