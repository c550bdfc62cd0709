#include "core/sheet_parts.h"

static const struct {
    str bytes;
} blanks[] = {
    { S(" ") },      { S("\t") },     { S("\r") },     { S("\n") },
    { S("\u00a0") }, { S("\u3000") }, { S("\u200b") }, { S("\ufeff") },
};

static const struct {
    str bytes;
} openers[] = {
    { S("=") },  { S("+") },  { S("-") },  { S("@") },  { S("\t") }, { S("\r") },
    { S("\n") }, { S("＝") }, { S("＋") }, { S("－") }, { S("＠") },
};

bool sheet_runs(str text)
{
    if (text.len && text.ptr[0] >= '0' && text.ptr[0] <= 'z' && !strchr("=@", text.ptr[0]))
        return false; /* most texts */
    for (bool more = true; more;) {
        for (size_t i = 0; i < COUNT(openers); i++)
            if (str_starts(text, openers[i].bytes))
                return true;
        more = false;
        for (size_t i = 0; i < COUNT(blanks) && !more; i++) {
            more = str_starts(text, blanks[i].bytes);
            if (more)
                text = str_from(text, blanks[i].bytes.len);
        }
    }
    return false;
}

/* Would sheet_plain() take a ' off that stands before this? */
static bool takes_mark(str text)
{
    while (str_starts(text, S("'")))
        text = str_from(text, 1);
    size_t digits = 0;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    return (digits && digits == text.len) || sheet_runs(text);
}

bool cell_needs_mark(str text)
{
    return sheet_runs(text) || (str_starts(text, S("'")) && takes_mark(text));
}

static str trim(str text)
{
    for (size_t i = 0; i < COUNT(blanks); i++) {
        str blank = blanks[i].bytes;
        bool front = text.len && str_starts(text, blank);
        bool back = !front && text.len && str_ends(text, blank);
        if (!front && !back)
            continue;
        text = front ? str_from(text, blank.len) : str_head(text, text.len - blank.len);
        i = SIZE_MAX; /* all of them again */
    }
    return text;
}

str sheet_plain(str cell)
{
    cell = trim(cell);
    if (cell.len > 3 && str_starts(cell, S("=\"")) && str_ends(cell, S("\"")))
        return trim((str) { cell.ptr + 2, cell.len - 3 });
    if (cell.len > 1 && str_starts(cell, S("`")))
        return trim(str_from(cell, 1));
    if (str_starts(cell, S("'")) && takes_mark(str_from(cell, 1)))
        return trim(str_from(cell, 1));
    return cell;
}

void out_csv_cell(struct strbuf *sb, str text)
{
    bool quote = text.len && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ');
    /* All separators, so that ours is not mistaken for another. */
    for (size_t i = 0; i < text.len && !quote; i++)
        quote = strchr(",\"\n\r\t;|", text.ptr[i]) && text.ptr[i];
    if (!quote) {
        out(sb, text);
        return;
    }
    out_c(sb, '"');
    for (;;) {
        size_t at = str_find(text, '"');
        out(sb, str_head(text, at));
        if (at == text.len)
            break;
        out(sb, S("\"\""));
        text = str_from(text, at + 1);
    }
    out_c(sb, '"');
}

void out_csv_text(struct strbuf *sb, str text)
{
    if (!cell_needs_mark(text)) {
        out_csv_cell(sb, text);
        return;
    }
    struct strbuf marked CLEANUP(strbuf_done);
    strbuf_init(&marked, NULL, text.len + 1);
    out_c(&marked, '\'');
    out(&marked, text);
    out_csv_cell(sb, strbuf_str(&marked));
}

void out_csv(struct strbuf *sb, const str *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            out_c(sb, ',');
        out_csv_text(sb, cells[i]);
    }
    out(sb, S("\r\n"));
}
