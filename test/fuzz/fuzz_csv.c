/* Any bytes as a table: whatever they are, reading ends, limits hold, and what is cut from a part
 * of the text is what is cut from the whole. The first byte chooses the options. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "core/sheet_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(struct sheet *s, const struct sheet_row *row)
{
    const struct sheet_info *info = sheet_info(s);
    size_t bad = 0;
    assert(row->count <= SHEET_COLUMNS_MAX);
    assert(row->fault != SHEET_FINE || row->count >= info->column_count);
    for (size_t i = 0; i < row->count; i++) {
        assert(row->cells[i].ptr && row->cells[i].len <= SHEET_CELL_MAX);
        assert(utf8_valid(row->cells[i], &bad));
        assert(row->cells[i].len == 0 || !memchr(row->cells[i].ptr, '\0', row->cells[i].len));
        str plain = sheet_plain(row->cells[i]);
        assert(plain.ptr >= row->cells[i].ptr && plain.len <= row->cells[i].len);
    }
    str text = sheet_text(s);
    assert(text.len <= (row->fault ? SHEET_TEXT_MAX : 3 * SHEET_LINE_MAX));
    assert(utf8_valid(text, &bad));
}

static void read_file(const uint8_t *data, size_t size, struct sheet_options o)
{
    char path[64];
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = { .arena = &a };
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_row row;
    int fd = memfd_create("table", MFD_CLOEXEC);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum err e = sheet_open(&cx, path, &o, &s);
    for (i64 line = 0; e == OK && (e = sheet_next(&cx, s, &row)) == OK; line = row.line) {
        assert(row.line > line || sheet_info(s)->kind == SHEET_XLSX);
        check_row(s, &row);
    }
    assert(e == ERR_DONE || e == ERR_INVALID || cx.failure.code == e);
    close(fd);
}

/* Rows cut from the front of the text, and written and read once more, are the same. */
static void cut_twice(str text, char separator)
{
    static struct csv whole, part;
    struct csv_row row, again;
    struct strbuf line CLEANUP(strbuf_done);
    strbuf_init(&line, NULL, 16 << 20);
    whole.separator = separator;
    while (text.len && csv_cut(&whole, text, true, &row) && row.next) {
        part.separator = separator;
        bool cut = csv_cut(&part, str_head(text, row.next + 1), false, &again);
        if (cut && row.fault == SHEET_FINE) {
            assert(again.fault == row.fault && again.next == row.next && again.lines == row.lines);
            assert(part.count == whole.count);
            for (size_t i = 0; i < part.count; i++)
                assert(str_eq(part.cells[i], whole.cells[i]));
        }
        strbuf_clear(&line);
        for (size_t i = 0; i < whole.count && row.fault == SHEET_FINE; i++) {
            if (i)
                out_c(&line, ',');
            out_csv_cell(&line, whole.cells[i]);
        }
        part.separator = ',';
        if (line.len && line.len < SHEET_LINE_MAX) {
            assert(csv_cut(&part, strbuf_str(&line), true, &again));
            assert(again.fault == SHEET_FINE && part.count == whole.count);
            for (size_t i = 0; i < part.count; i++)
                assert(str_eq(part.cells[i], whole.cells[i]));
        }
        text = str_from(text, row.next);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char separators[] = { 0, ',', ';', '\t' };
    if (size < 1)
        return 0;
    struct sheet_options o = {
        .charset = (enum sheet_charset)(data[0] % (SHEET_WINDOWS_1252 + 1)),
        .separator = separators[data[0] >> 6],
        .headless = (data[0] & 8) != 0,
        .first_line = (data[0] & 16) ? 2 : 0,
        .unpacked_max = 16 << 20,
    };
    read_file(data + 1, size - 1, o);
    cut_twice((str) { (const char *)data + 1, size - 1 }, o.separator ? o.separator : ',');
    return 0;
}
