#include "core/sheet_testing.h"

#define DATA(rows)       "<sheetData>" rows "</sheetData>"
#define ROW(cells)       "<row>" cells "</row>"
#define TEXT(text)       "<c t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define NUMBER(n)        "<c><v>" n "</v></c>"
#define STYLED(style, n) "<c s=\"" style "\"><v>" n "</v></c>"
#define SHARED(n)        "<c t=\"s\"><v>" n "</v></c>"

static const char styles[] =
    "<numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm\"/></numFmts>"
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"20\"/>"
    "</cellXfs>";
static const char texts[] = "<si><t>first</t></si><si><r><t>two </t></r><r><rPr/><t "
                            "xml:space=\"preserve\">runs</t></r></si>"
                            "<si><t>漢</t><rPh sb=\"0\" "
                            "eb=\"1\"><t>kan</t></rPh></si><si/><si><t>a_x000D_&amp;&lt;</t></si>";

static const struct {
    const char *what, *sheet, *out;
} cases[] = {
    { "texts", DATA(ROW(TEXT("a") TEXT("b")) ROW(TEXT("荷 塘") TEXT("&lt;&#33655;"))),
      "1:a|b\n2:荷 塘|<荷\n" },
    { "shared texts", DATA(ROW(SHARED("0") SHARED("1") SHARED("2") SHARED("3") SHARED("4"))),
      "1:first|two runs|漢||a\r&<\n" },
    { "shared texts that are not there", DATA(ROW(SHARED("5") SHARED("-1") SHARED("x") TEXT("a"))),
      "1:|||a#3\n" },
    { "numbers", DATA(ROW(NUMBER("1") NUMBER("0.30000000000000004") NUMBER("1E3"))),
      "1:1|0.3|1000\n" },
    { "dates",
      DATA(ROW(STYLED("1", "46082") STYLED("2", "46082.5") STYLED("3", "0.5") STYLED("0", "46082")
                   STYLED("99", "46082"))),
      "1:2026-03-01|2026-03-01T12:00:00|12:00:00|46082|46082\n" },
    { "dates as text", DATA(ROW("<c t=\"d\"><v>2026-03-01T08:30:00</v></c>")),
      "1:2026-03-01T08:30:00\n" },
    { "booleans and errors",
      DATA(ROW("<c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c><c t=\"e\"><v>#N/A</v></c>")),
      "1:TRUE|FALSE|#N/A#1\n" },
    { "formulas",
      DATA(ROW("<c><f>A1+1</f><v>7</v></c><c t=\"str\"><f>A1</f><v>x=1</v></c><c><f>B1</f></c>")),
      "1:7|x=1#1\n" },
    { "a formula without a value, alone", DATA(ROW("<c><f>B1</f></c>")), "1:#1\n" },
    { "places",
      DATA("<row r=\"3\"><c r=\"B3\"><v>1</v></c><c r=\"D3\"><v>2</v></c><c><v>3</v></c></row>"
           "<row r=\"1000000\"><c r=\"A1000000\"><v>4</v></c></row>"),
      "3:|1||2|3\n1000000:4\n" },
    { "empty rows and cells",
      DATA("<row r=\"2\"/><row r=\"3\"><c r=\"XFD3\" s=\"1\"/></row><row><c r=\"A4\"><v>1</v></c>"
           "<c r=\"ZZZ4\"/><c r=\"B4\" t=\"inlineStr\"><is><t/></is></c></row>"),
      "4:1\n" },
    { "cells out of order, twice",
      DATA("<row><c r=\"C1\"><v>3</v></c><c r=\"A1\"><v>1</v></c><c r=\"A1\"><v>2</v></c></row>"),
      "1:2||3\n" },
    { "column 501",
      DATA("<row><c r=\"SF1\"><v>500</v></c></row><row><c r=\"SG2\"><v>1</v></c></row>"
           "<row><c r=\"A3\"><v>2</v></c></row>"),
      "column" },
    { "merged cells",
      DATA(
          ROW(TEXT("both") "<c/>" TEXT("c"))) "<mergeCells><mergeCell ref=\"A1:B1\"/></mergeCells>",
      "1:both||c\n" },
    { "a prefix for everything",
      "<x:sheetData xmlns:x=\"x\"><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData>", "1:1\n" },
    { "no rows", DATA(""), "" },
    { "no data", "", "" },
    { "text around is no cell", "<v>1</v><sheetData>x<row>y<c>z<v>1</v>w</c></row></sheetData>",
      "1:1\n" },
    { "a DTD", "<!DOCTYPE x [<!ENTITY a \"b\">]>" DATA(ROW(TEXT("&a;"))),
      "!The workbook is damaged" },
    { "an entity nobody declared", DATA(ROW(TEXT("&a;"))), "!The workbook is damaged" },
    { "not closed", "<sheetData><row><c><v>1</v></c></row>", "1:1\n!The workbook is damaged" },
};

static void reads_what_workbooks_hold(void **state)
{
    struct sheet_options o = { .headless = true };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sheet_bench b;
        bench_begin(&b);
        str out_ = bench_read(&b, bench_book(&b, cases[i].sheet, texts, styles), &o);
        if (strcmp(cases[i].out, "column") == 0) {
            assert_true(str_ends(out_, S("||500\n2:!columns_too_many\n3:2\n")));
        } else {
            if (!str_is(out_, cases[i].out))
                print_message("case: %s\n", cases[i].what);
            assert_str(out_, cases[i].out);
        }
        bench_end(&b);
    }
}

static void has_a_header_and_sheets(void **state)
{
    struct sheet_bench b;
    struct sheet *s = NULL;
    struct sheet_row row;
    struct sheet_options o = { 0 };
    (void)state;
    bench_begin(&b);
    const struct part parts[] = {
        { "[Content_Types].xml", BOOK_TYPES },
        { "_rels/.rels", "<Relationships>" BOOK_RELATION("x", "officeDocument",
                                                         "/other/book.xml") "</Relationships>" },
        { "other/book.xml",
          "<workbook xmlns:r=\"r\"><workbookPr date1904=\"1\"/><sheets>"
          "<sheet name=\"Chart\" r:id=\"c\"/><sheet name=\"Secret\" state=\"hidden\" r:id=\"a\"/>"
          "<sheet name=\"客户\" r:id=\"b\"/><sheet name=\"Gone\" "
          "r:id=\"d\"/></sheets></workbook>" },
        { "other/_rels/book.xml.rels",
          "<Relationships>" BOOK_RELATION("a", "worksheet", "a.xml")
              BOOK_RELATION("b", "worksheet", "../far/b.xml")
                  BOOK_RELATION("c", "chartsheet", "c.xml") BOOK_RELATION("d", "worksheet", "d.xml")
                      BOOK_RELATION("s", "styles", "s.xml") "</Relationships>" },
        { "other/a.xml", "<worksheet>" DATA(ROW(NUMBER("1")) ROW(NUMBER("2"))) "</worksheet>" },
        { "other/s.xml", "<styleSheet><cellXfs><xf numFmtId=\"14\"/></cellXfs></styleSheet>" },
        { "far/b.xml", "<worksheet>" DATA(ROW(TEXT(" name ") TEXT("n") TEXT("")) ROW(
                           "<c r=\"B2\"><v>44620</v></c>") ROW(TEXT("x") "<c/><c/>" TEXT("y"))
                                              ROW("<c/>" TEXT(",\"q\""))) "</worksheet>" },
    };
    const char *path = bench_zip(&b, "x.xlsx", parts, COUNT(parts));
    assert_ok(sheet_open(&b.cx, path, &o, &s));
    const struct sheet_info *info = sheet_info(s);
    assert_int_equal(info->kind, SHEET_XLSX);
    assert_int_equal(info->packing, SHEET_PLAIN);
    assert_int_equal(info->sheet_count, 3);
    assert_str(info->sheets[0], "Secret");
    assert_str(info->sheet, "客户");
    assert_int_equal(info->column_count, 2);
    assert_str(info->columns[0], "name");
    assert_int_equal(info->header_line, 1);
    assert_ok(sheet_next(&b.cx, s, &row));
    assert_str(sheet_text(s), ",2026-03-01");
    assert_ok(sheet_next(&b.cx, s, &row));
    assert_ok(sheet_next(&b.cx, s, &row));
    assert_str(sheet_text(s), ",\",\"\"q\"\"\"");
    sheet_close(s);
    assert_str(bench_read(&b, path, &o), "2:|2026-03-01\n3:x|||y\n4:|,\"q\"\n");
    o.sheet = S("Secret");
    assert_str(bench_read(&b, path, &o), "2:1904-01-03\n");
    o.first_line = 2;
    o.headless = true;
    assert_str(bench_read(&b, path, &o), "2:1904-01-03\n");
    o.sheet = S("Chart");
    assert_str(bench_read(&b, path, &o), "!The workbook has no sheet of that name");
    o.sheet = S("Gone");
    assert_str(bench_read(&b, path, &o), "!The workbook lacks the content of that sheet");
    bench_end(&b);
}

static void limits_cost_one_row(void **state)
{
    struct sheet_bench b;
    struct sheet_options o = { .headless = true };
    struct strbuf sb;
    (void)state;
    bench_begin(&b);
    strbuf_init(&sb, &b.arena, 64 << 20);
    char *big = arena_zero(&b.arena, 1, SHEET_CELL_MAX + 2);
    memset(big, 'x', SHEET_CELL_MAX + 1);
    const char *shared =
        arena_fmt(&b.arena, "<si><t>%s</t></si><si><t>%s</t></si>", big, big + 1).ptr;
    out_fmt(&sb, "<sheetData>" ROW(TEXT("%s") TEXT("a")) ROW(TEXT("b")), big);
    out_z(&sb, ROW(SHARED("0")) ROW(TEXT("c")) "<row>");
    for (int i = 0; i < 17; i++)
        out_z(&sb, SHARED("1"));
    out_z(&sb, "</row>" ROW(TEXT("d")) "<row>");
    for (int i = 0; i < 17; i++)
        out_fmt(&sb, TEXT("%s"), big + 1);
    out_z(&sb, "</row>" ROW(TEXT("e")) "</sheetData>");
    out_c(&sb, '\0');
    assert_str(bench_read(&b, bench_book(&b, sb.ptr, shared, ""), &o),
               "1:!cell_too_long\n2:b\n3:!cell_too_long\n4:c\n5:!line_too_long\n6:d\n"
               "7:!line_too_long\n8:e\n");
    o.texts_max = 100000;
    assert_str(bench_read(&b, bench_path(&b, "book.xlsx"), &o),
               "!There is too much text in the workbook: save it as CSV");
    o.texts_max = 0;
    o.unpacked_max = 1 << 20;
    assert_str(bench_read(&b, bench_path(&b, "book.xlsx"), &o),
               "!It unpacks to more than the limit");
    bench_end(&b);
}

/* Above the limit as it stands in the file, below it once its escapes are read: it was cut, and
 * must not come as if it were whole. */
static void escapes_do_not_hide_a_cut(void **state)
{
    struct sheet_bench b;
    struct sheet_options o = { .headless = true };
    struct strbuf sb;
    (void)state;
    bench_begin(&b);
    strbuf_init(&sb, &b.arena, 1 << 20);
    out_z(&sb, "<si><t>");
    for (int i = 0; i < 10000; i++)
        out_z(&sb, "_x0041_");
    out(&sb, S("</t></si>\0"));
    assert_str(bench_read(&b, bench_book(&b, DATA(ROW(SHARED("0"))), sb.ptr, ""), &o),
               "1:!cell_too_long\n");
    bench_end(&b);
}

static void refuses_what_is_no_workbook(void **state)
{
    static const struct {
        struct part parts[6];
        size_t count;
        const char *out;
    } bad[] = {
        { { { "[Content_Types].xml", BOOK_TYPES }, { "word/document.xml", "<x/>" } },
          2,
          "!It is not an xlsx workbook, or has no sheets" },
        { { { "[Content_Types].xml", BOOK_TYPES },
            { "_rels/.rels", BOOK_RELS },
            { "xl/workbook.xml", "<workbook><sheets/></workbook>" } },
          3,
          "!It is not an xlsx workbook, or has no sheets" },
        { { { "[Content_Types].xml", BOOK_TYPES }, { "xl/workbook.xml", "<workbook>" } },
          2,
          "!The workbook is damaged" },
        { { { "[Content_Types].xml", BOOK_TYPES },
            { "xl/workbook.xml", "<!DOCTYPE w [<!ENTITY a \"b\">]><workbook>&a;</workbook>" } },
          2,
          "!The workbook has XML that is not allowed (a DTD, or too deep): refused" },
    };
    struct sheet_bench b;
    struct sheet_options o = { 0 };
    (void)state;
    bench_begin(&b);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_str(bench_read(&b, bench_zip(&b, "x.xlsx", bad[i].parts, bad[i].count), &o),
                   bad[i].out);
    struct strbuf deep;
    strbuf_init(&deep, &b.arena, 1 << 20);
    for (int i = 0; i < 100; i++)
        out_z(&deep, "<a>");
    out_c(&deep, '\0');
    assert_str(bench_read(&b, bench_book(&b, deep.ptr, "", ""), &o),
               "!The workbook has XML that is not allowed (a DTD, or too deep): refused");
    bench_end(&b);
}

int sheet_book_test(void);
int sheet_book_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_workbooks_hold),   cmocka_unit_test(has_a_header_and_sheets),
        cmocka_unit_test(limits_cost_one_row),         cmocka_unit_test(escapes_do_not_hide_a_cut),
        cmocka_unit_test(refuses_what_is_no_workbook),
    };
    return cmocka_run_group_tests_name("sheet_book", tests, NULL, NULL);
}
