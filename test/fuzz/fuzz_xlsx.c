/* Any bytes as a workbook. A first byte of 0: they are the zip itself. Else they are its parts, cut
 * at 0xFF: the sheet, the shared texts, the styles, the list of sheets, its relations; what is left
 * out is what a plain workbook has. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "core/sheet_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *name, *plain;
} parts[] = {
    { "xl/worksheets/sheet1.xml",
      "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c></row></sheetData></worksheet>" },
    { "xl/sharedStrings.xml", "<sst><si><t>a</t></si></sst>" },
    { "xl/styles.xml", "<styleSheet><cellXfs><xf numFmtId=\"14\"/></cellXfs></styleSheet>" },
    { "xl/workbook.xml", "<workbook><sheets><sheet name=\"a\" r:id=\"r1\"/></sheets></workbook>" },
    { "xl/_rels/workbook.xml.rels",
      "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" "
      "Target=\"worksheets/sheet1.xml\"/>"
      "<Relationship Id=\"r2\" Type=\"x/sharedStrings\" Target=\"sharedStrings.xml\"/>"
      "<Relationship Id=\"r3\" Type=\"x/styles\" Target=\"styles.xml\"/></Relationships>" },
    { "[Content_Types].xml", "<Types/>" },
};

static void out_little(struct strbuf *sb, uint64_t n, int bytes)
{
    for (; bytes; bytes--, n >>= 8)
        out_c(sb, (char)n);
}

/* The fields that a member's local header and its entry in the directory have in common. */
static void out_member(struct strbuf *sb, str name, str content)
{
    out_little(sb, 20, 2);       /* version needed */
    out_little(sb, 0, 2 + 2);    /* flags, stored */
    out_little(sb, 0x21, 2 + 2); /* time, date */
    out_little(sb, crc32(0, (const Bytef *)content.ptr, (uInt)content.len), 4);
    out_little(sb, content.len, 4);
    out_little(sb, content.len, 4);
    out_little(sb, name.len, 2);
    out_little(sb, 0, 2);
}

/* A zip of members that are not compressed. */
static void out_zip(struct strbuf *sb, const str *contents)
{
    size_t at[COUNT(parts)];
    for (size_t i = 0; i < COUNT(parts); i++) {
        at[i] = sb->len;
        out(sb, S("PK\3\4"));
        out_member(sb, str_of(parts[i].name), contents[i]);
        out_z(sb, parts[i].name);
        out(sb, contents[i]);
    }
    size_t directory = sb->len;
    for (size_t i = 0; i < COUNT(parts); i++) {
        out(sb, S("PK\1\2"));
        out_little(sb, 20, 2);
        out_member(sb, str_of(parts[i].name), contents[i]);
        out_little(sb, 0, 2 + 2 + 2); /* comment, disk, kind */
        out_little(sb, 0, 4);
        out_little(sb, at[i], 4);
        out_z(sb, parts[i].name);
    }
    size_t end = sb->len;
    out(sb, S("PK\5\6"));
    out_little(sb, 0, 4);
    out_little(sb, COUNT(parts), 2);
    out_little(sb, COUNT(parts), 2);
    out_little(sb, end - directory, 4);
    out_little(sb, directory, 4);
    out_little(sb, 0, 2);
}

static void read_book(str content, bool headless)
{
    char path[64];
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = { .arena = &a };
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_row row;
    struct sheet_options o = { .headless = headless,
                               .unpacked_max = 16 << 20,
                               .texts_max = 1 << 20 };
    size_t bad = 0;
    int fd = memfd_create("book", MFD_CLOEXEC);
    assert(fd >= 0 && write(fd, content.ptr, content.len) == (ssize_t)content.len);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum err e = sheet_open(&cx, path, &o, &s);
    while (e == OK && (e = sheet_next(&cx, s, &row)) == OK) {
        assert(row.count <= SHEET_COLUMNS_MAX);
        assert(row.fault != SHEET_FINE || row.count >= sheet_info(s)->column_count);
        for (size_t i = 0; i < row.count; i++) {
            assert(row.cells[i].len <= SHEET_CELL_MAX);
            assert(utf8_valid(row.cells[i], &bad));
        }
        assert(utf8_valid(sheet_text(s), &bad));
        assert(sheet_position(s) <= sheet_info(s)->size);
    }
    assert(e == ERR_DONE || cx.failure.code == e);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str contents[COUNT(parts)], rest = { (const char *)data, size };
    struct strbuf zip CLEANUP(strbuf_done);
    strbuf_init(&zip, NULL, 64 << 20);
    if (size < 1)
        return 0;
    rest = str_from(rest, 1);
    if (data[0] == 0) {
        read_book(rest, false);
        return 0;
    }
    for (size_t i = 0; i < COUNT(parts); i++) {
        str part = i + 1 < COUNT(parts) ? str_cut(&rest, '\xff') : S("");
        contents[i] = part.len ? part : str_of(parts[i].plain);
    }
    out_zip(&zip, contents);
    read_book(strbuf_str(&zip), (data[0] & 1) != 0);
    return 0;
}
