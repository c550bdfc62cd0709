/* Rows that were left out: kept with their import, and given back as a table. */
#include "domain/transfer/internal.h"

#include "core/app.h"

#include "import.sql.h"

#define PAGE 500

static str kept(struct ctx *cx, const struct line *l)
{
    struct strbuf text;
    if (l->text.ptr)
        return l->text;
    strbuf_init(&text, cx->arena, 8 << 20);
    struct json_writer w = json_writer(&text);
    json_list(&w, NULL);
    for (size_t i = 0; i < l->cell_count; i++)
        json_put(&w, NULL, l->cells[i]);
    json_list_end(&w);
    return strbuf_str(&text);
}

enum err lines_keep(struct ctx *cx, import_id id, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct line *l = &lines[i];
        if (l->why == REASON_NONE)
            continue;
        TRY(sql_later(cx, import_line_add, ID(id), V(l->row), V(l->line), V(l->number),
                      V(reasons[l->why].code), V(l->field),
                      val_blob(secret_seal(cx->app->secrets, cx->arena, kept(cx, l)))));
    }
    return OK;
}

enum { OWN_LINE_NO, OWN_LINE, OWN_REASON, OWN_TEXT, OWN_COUNT };
static const char *const own[] = { LINE_NO_COLUMN, "hetang:line", "hetang:reason", "hetang:text" };

struct report {
    const struct import_row *im;
    struct sheet_writer *out;
    size_t columns;   /* of the original … */
    size_t cells_max; /* … and with ours, when it is a report itself */
    i64 after;
    size_t count; /* of the page just written */
};

static str reason_text(struct ctx *cx, const struct import_row *im, str code, str field)
{
    const struct transfer_kind *kind = transfer_kind_find(im->kind);
    const struct reason_info *r = reason_find(code);
    const char *text = !r ? "" : cx->lang == LANG_ZH ? r->zh : r->en;
    for (size_t i = 0; i < kind->field_count; i++)
        if (str_is(field, kind->fields[i].key))
            return arena_fmt(cx->arena, cx->lang == LANG_ZH ? "%s：%s" : "%s: %s",
                             cx->lang == LANG_ZH ? kind->fields[i].zh : kind->fields[i].en, text);
    return field.len ? arena_fmt(cx->arena, "%.*s: %s", STR_ARG(field), text) : str_of(text);
}

static enum err write_line(struct ctx *cx, struct report *rep, const struct rows *r)
{
    struct val cells[SHEET_COLUMNS_MAX] = { 0 };
    struct json_error bad;
    str text;
    TRY(secret_open(cx->app->secrets, cx->arena, col_str(r, 5), &text));
    const struct json *j = text.len && text.ptr[0] == '[' ? json_read(cx->arena, text, &bad) : NULL;
    bool whole = j && j->count <= rep->cells_max;
    size_t i = 0;
    for (const struct json *m = whole ? j->first : NULL; m && i < rep->columns; m = m->next)
        cells[i++] = V(m->text);
    struct val *mine = cells + rep->columns;
    mine[OWN_LINE_NO] =
        col_i64(r, 2) ? V(arena_fmt(cx->arena, "%lld", (long long)col_i64(r, 2))) : val_null();
    mine[OWN_LINE] = V(arena_fmt(cx->arena, "%lld", (long long)col_i64(r, 1)));
    mine[OWN_REASON] = V(reason_text(cx, rep->im, col_str(r, 3), col_str(r, 4)));
    mine[OWN_TEXT] = whole ? val_null() : V(text);
    return sheet_write_row(cx, rep->out, cells, rep->columns + OWN_COUNT);
}

static enum err write_page(struct ctx *cx, void *arg)
{
    struct report *rep = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, import_lines, &r, ID(rep->im->id), V(rep->after), V(PAGE)));
    for (rep->count = 0; rows_next(&r); rep->count++) {
        TRY(write_line(cx, rep, &r));
        rep->after = col_i64(&r, 0);
    }
    return rows_end(&r);
}

static enum err write_all(struct ctx *cx, struct report *rep)
{
    struct arena page CLEANUP(arena_done) = { 0 }, *outer = cx->arena;
    enum err e;
    do {
        arena_reset(&page);
        cx->arena = &page;
        e = in_read(cx, write_page, rep);
        cx->arena = outer;
    } while (e == OK && rep->count == PAGE);
    return e;
}

/* The columns of the original, as far as there is room, and ours. */
static enum err begin(struct ctx *cx, struct report *rep, const char *path)
{
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct mapping mapping;
    struct sheet_options options;
    TRY(mapping_read(cx, rep->im->mapping, &mapping));
    TRY(mapping_options(cx, &mapping, &options));
    options.folder = app_path(cx->app, cx->arena, "temp").ptr;
    TRY(sheet_open(cx, import_file(cx, rep->im), &options, &s));
    const struct sheet_info *info = sheet_info(s);
    struct sheet_column *columns = NEW_N(cx->arena, struct sheet_column, SHEET_COLUMNS_MAX);
    /* A corrected report that is imported has our columns already. */
    while (rep->columns < MIN(info->column_count, SHEET_COLUMNS_MAX - OWN_COUNT) &&
           !str_starts(info->columns[rep->columns], S("hetang:"))) {
        columns[rep->columns].name = info->columns[rep->columns];
        rep->columns++;
    }
    rep->cells_max = MAX(rep->columns, info->column_count);
    for (size_t i = 0; i < OWN_COUNT; i++)
        columns[rep->columns + i].name = str_of(own[i]);
    return sheet_write_open(
        cx, path, &(struct sheet_layout) { .columns = columns, .count = rep->columns + OWN_COUNT },
        &rep->out);
}

enum err import_report(struct ctx *cx, const struct import_row *im, const char *path)
{
    struct report rep = { .im = im, .after = -1 };
    enum err e = begin(cx, &rep, path);
    e = e == OK ? write_all(cx, &rep) : e;
    if (e == OK)
        return sheet_write_close(cx, &rep.out);
    sheet_write_drop(&rep.out);
    return e;
}
