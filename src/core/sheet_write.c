#include "core/sheet_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/money.h"
#include "base/time.h"

#define TEXT_MAX   ((size_t)64 << 20) /* one row of CSV; a workbook's cell */
#define FLUSH_SIZE ((size_t)64 << 10)

static void make_durable_folder(const char *path);

/* What the kinds of file differ in. */
static const struct {
    enum err (*begin)(struct ctx *cx, struct sheet_writer *w);
    enum err (*row)(struct ctx *cx, struct sheet_writer *w, const struct val *cells);
    enum err (*finish)(struct ctx *cx, struct sheet_writer *w);
} writers[] = {
    [SHEET_CSV] = { csv_begin, csv_row, csv_finish },
    [SHEET_XLSX] = { book_begin, book_row, book_finish },
};

enum err sheet_write_open(struct ctx *cx, const char *path, const struct sheet_layout *layout,
                          struct sheet_writer **ret)
{
    assert(layout->count > 0 && layout->count <= SHEET_COLUMNS_MAX);
    struct sheet_writer *w = xcalloc(1, sizeof *w);
    struct sheet_column *columns = NEW_N(&w->arena, struct sheet_column, layout->count);
    for (size_t i = 0; i < layout->count; i++)
        columns[i] = (struct sheet_column) { arena_str(&w->arena, layout->columns[i].name),
                                             layout->columns[i].type };
    w->layout = *layout;
    w->layout.columns = columns;
    w->layout.watermark = arena_str(&w->arena, layout->watermark);
    w->layout.sheet = arena_str(&w->arena, layout->sheet);
    w->path = arena_z(&w->arena, str_of(path));
    w->beside = (char *)arena_fmt(&w->arena, "%s.XXXXXX", path).ptr;
    strbuf_init(&w->text, NULL, TEXT_MAX);
    w->fd = mkostemp(w->beside, O_CLOEXEC); /* 0600 */
    if (w->fd < 0) {
        int why = errno;
        w->beside = NULL;
        sheet_write_drop(&w);
        return system_failed(cx, path, why);
    }
    enum err e = writers[layout->kind].begin(cx, w);
    if (e != OK) {
        sheet_write_drop(&w);
        return e;
    }
    *ret = w;
    return OK;
}

static bool fits(enum sheet_type type, struct val v)
{
    return v.kind == VAL_NULL || v.kind == (type == SHEET_TEXT ? VAL_STR : VAL_I64);
}

enum err sheet_write_row(struct ctx *cx, struct sheet_writer *w, const struct val *cells,
                         size_t count)
{
    assert(count == w->layout.count);
    for (size_t i = 0; i < count; i++)
        assert(fits(w->layout.columns[i].type, cells[i]));
    return writers[w->layout.kind].row(cx, w, cells);
}

enum err sheet_write_close(struct ctx *cx, struct sheet_writer **writer)
{
    struct sheet_writer *w = *writer;
    enum err e = writers[w->layout.kind].finish(cx, w);
    if (e == OK && fsync(w->fd) != 0)
        e = system_failed(cx, w->path, errno);
    if (e == OK && rename(w->beside, w->path) != 0)
        e = system_failed(cx, w->path, errno);
    if (e == OK) {
        w->beside = NULL;
        make_durable_folder(w->path);
    }
    sheet_write_drop(writer);
    return e;
}

void sheet_write_drop(struct sheet_writer **writer)
{
    struct sheet_writer *w = *writer;
    *writer = NULL;
    if (!w)
        return;
    book_drop(w);
    if (w->fd >= 0)
        close(w->fd);
    if (w->beside)
        unlink(w->beside);
    strbuf_done(&w->text);
    arena_done(&w->arena);
    free(w);
}

/* The new name outlives a power cut only when its folder is on the disk too. Where folders cannot
 * be synced (some network file systems) the rename is all there is. */
static void make_durable_folder(const char *path)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    const char *slash = strrchr(path, '/');
    const char *folder =
        slash ? arena_fmt(&a, "%.*s", (int)(slash - path) + (slash == path), path).ptr : ".";
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

void out_cell(struct strbuf *sb, enum sheet_type type, struct val v)
{
    if (v.kind == VAL_NULL)
        return;
    switch (type) {
    case SHEET_TEXT: out(sb, v.s); break;
    case SHEET_INTEGER: out_i64(sb, v.i); break;
    case SHEET_MONEY: out_money(sb, (money) { v.i }); break;
    case SHEET_DAY: out_day(sb, (day) { v.i }); break;
    case SHEET_INSTANT: {
        struct civil c = civil_of((instant) { v.i });
        out_day(sb, day_from_ymd(c.year, c.month, c.day));
        out_fmt(sb, " %02d:%02d:%02d", c.hour, c.minute, c.second);
        break;
    }
    }
}

/* ── CSV ── */

static enum err flush(struct ctx *cx, struct sheet_writer *w)
{
    str text = strbuf_str(&w->text);
    if (w->text.overflow)
        return refuse(cx, "一行太长，无法写出", "A row is too long to be written");
    while (text.len) {
        ssize_t n = write(w->fd, text.ptr, text.len);
        if (n < 0 && errno != EINTR)
            return system_failed(cx, w->path, errno);
        text = str_from(text, n > 0 ? (size_t)n : 0);
    }
    strbuf_clear(&w->text);
    return OK;
}

enum err csv_begin(struct ctx *cx, struct sheet_writer *w)
{
    str names[SHEET_COLUMNS_MAX];
    for (size_t i = 0; i < w->layout.count; i++)
        names[i] = w->layout.columns[i].name;
    out(&w->text, S("\xEF\xBB\xBF")); /* without it spreadsheets take Chinese for something else */
    out_csv(&w->text, names, w->layout.count);
    return flush(cx, w);
}

enum err csv_row(struct ctx *cx, struct sheet_writer *w, const struct val *cells)
{
    for (size_t i = 0; i < w->layout.count; i++) {
        enum sheet_type type = w->layout.columns[i].type;
        if (i)
            out_c(&w->text, ',');
        if (type == SHEET_TEXT && cells[i].kind == VAL_STR)
            out_csv_text(&w->text, cells[i].s);
        else
            out_cell(&w->text, type, cells[i]);
    }
    out(&w->text, S("\r\n"));
    return w->text.len < FLUSH_SIZE && !w->text.overflow ? OK : flush(cx, w);
}

enum err csv_finish(struct ctx *cx, struct sheet_writer *w)
{
    if (w->layout.watermark.len) {
        str line[SHEET_COLUMNS_MAX] = { w->layout.watermark };
        out_csv(&w->text, line, w->layout.count);
    }
    return flush(cx, w);
}
