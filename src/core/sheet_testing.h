/* What the tests of sheet share: files of their own, zips and workbooks made of texts, and rows
 * shown as text.
 *
 * A row is shown as  LINE:cell|cell  with  !fault  -missing  ?replaced  #errors  behind it where
 * they are not zero; a refusal as  !reason. */
#ifndef HETANG_SHEET_TESTING_H
#define HETANG_SHEET_TESTING_H

#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "core/sheet_parts.h"

struct sheet_bench {
    struct arena arena;
    struct ctx cx;
    char folder[64];
};

static inline void bench_begin(struct sheet_bench *b)
{
    *b = (struct sheet_bench) { 0 };
    b->cx = (struct ctx) { .arena = &b->arena, .lang = LANG_EN };
    (void)snprintf(b->folder, sizeof b->folder, "/tmp/hetang-sheet-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
}

static inline void bench_end(struct sheet_bench *b)
{
    const char *command = arena_fmt(&b->arena, "rm -r %s", b->folder).ptr;
    assert_int_equal(system(command), 0);
    arena_done(&b->arena);
}

static inline const char *bench_path(struct sheet_bench *b, const char *name)
{
    return arena_fmt(&b->arena, "%s/%s", b->folder, name).ptr;
}

static inline const char *bench_file(struct sheet_bench *b, const char *name, str content)
{
    const char *path = bench_path(b, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content.ptr, 1, content.len, f), content.len);
    assert_int_equal(fclose(f), 0);
    return path;
}

struct part {
    const char *name, *text;
};

static inline const char *bench_zip(struct sheet_bench *b, const char *name,
                                    const struct part *parts, size_t count)
{
    const char *path = bench_path(b, name);
    int error = 0;
    zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
    assert_non_null(z);
    for (size_t i = 0; i < count; i++) {
        zip_source_t *s = zip_source_buffer(z, parts[i].text, strlen(parts[i].text), 0);
        assert_true(zip_file_add(z, parts[i].name, s, ZIP_FL_OVERWRITE) >= 0);
    }
    assert_int_equal(zip_close(z), 0);
    return path;
}

#define BOOK_TYPES "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
#define BOOK_RELS                                                                         \
    "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats."      \
    "org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/>" \
    "</Relationships>"
#define BOOK_RELATION(id, type, target)                                                   \
    "<Relationship Id=\"" id "\" Type=\"http://schemas.openxmlformats.org/officeDocument" \
    "/2006/relationships/" type "\" Target=\"" target "\"/>"
#define BOOK_ONE_SHEET                                                                           \
    "<workbook xmlns:r=\"r\"><sheets><sheet name=\"One\" sheetId=\"1\" r:id=\"rId1\"/></sheets>" \
    "</workbook>"
#define BOOK_WORKBOOK_RELS                                                        \
    "<Relationships>" BOOK_RELATION("rId1", "worksheet", "worksheets/sheet1.xml") \
        BOOK_RELATION("rId2", "styles", "styles.xml")                             \
            BOOK_RELATION("rId3", "sharedStrings", "sharedStrings.xml") "</Relationships>"

/* A workbook of one sheet: what stands in <worksheet>, in <sst> and in <styleSheet>. */
static inline const char *bench_book(struct sheet_bench *b, const char *sheet, const char *texts,
                                     const char *styles)
{
    struct arena *a = &b->arena;
    struct part parts[] = {
        { "[Content_Types].xml", BOOK_TYPES },
        { "_rels/.rels", BOOK_RELS },
        { "xl/workbook.xml", BOOK_ONE_SHEET },
        { "xl/_rels/workbook.xml.rels", BOOK_WORKBOOK_RELS },
        { "xl/worksheets/sheet1.xml", arena_fmt(a, "<worksheet>%s</worksheet>", sheet).ptr },
        { "xl/sharedStrings.xml", arena_fmt(a, "<sst>%s</sst>", texts).ptr },
        { "xl/styles.xml", arena_fmt(a, "<styleSheet>%s</styleSheet>", styles).ptr },
    };
    return bench_zip(b, "book.xlsx", parts, COUNT(parts));
}

/* The failure's reason; the failure is forgotten. */
static inline str bench_reason(struct sheet_bench *b, enum err e)
{
    str reason = arena_fmt(&b->arena, "!%s", err_info(e)->name);
    for (size_t i = 0; i < b->cx.failure.count; i++)
        if (strcmp(b->cx.failure.props[i].key, "reason") == 0)
            reason = arena_fmt(&b->arena, "!%.*s", STR_ARG(b->cx.failure.props[i].val.s));
    fail_clear(&b->cx);
    return reason;
}

static inline void out_row(struct strbuf *sb, const struct sheet_row *row)
{
    out_fmt(sb, "%lld:", (long long)row->line);
    for (size_t i = 0; i < row->count; i++) {
        if (i)
            out_c(sb, '|');
        out(sb, row->cells[i]);
    }
    if (row->fault)
        out_fmt(sb, "!%s", sheet_fault_info(row->fault)->code);
    if (row->missing)
        out_fmt(sb, "-%zu", row->missing);
    if (row->replaced)
        out_fmt(sb, "?%zu", row->replaced);
    if (row->errors)
        out_fmt(sb, "#%zu", row->errors);
    out_c(sb, '\n');
}

/* Everything a file gives, up to and with the refusal. */
static inline str bench_read(struct sheet_bench *b, const char *path,
                             const struct sheet_options *options)
{
    struct strbuf sb;
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_row row;
    i64 number = 0;
    strbuf_init(&sb, &b->arena, 64 << 20);
    enum err e = sheet_open(&b->cx, path, options, &s);
    while (e == OK && (e = sheet_next(&b->cx, s, &row)) == OK) {
        assert_int_equal(row.number, ++number);
        out_row(&sb, &row);
    }
    if (e != ERR_DONE)
        out(&sb, bench_reason(b, e));
    return strbuf_str(&sb);
}

#endif
