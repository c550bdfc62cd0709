#include "core/sheet_testing.h"

static const struct {
    const char *what, *in, *out;
} headless[] = {
    { "plain", "a,b\nc,d\n", "1:a|b\n2:c|d\n" },
    { "no line end at the end", "a,b\nc,d", "1:a|b\n2:c|d\n" },
    { "CRLF", "a,b\r\nc,d\r\n", "1:a|b\n2:c|d\n" },
    { "CR", "a,b\rc,d\r", "1:a|b\n2:c|d\n" },
    { "mixed", "a,b\rc,d\ne,f\r\n\r\r\ng,h", "1:a|b\n2:c|d\n3:e|f\n6:g|h\n" },
    { "nothing", "", "" },
    { "only line ends", "\n\n\r\n", "" },
    { "rows of empty cells", ",,\na,b,\n\"\",\n", "2:a|b|\n" },
    { "quoted", "\"a\",\"b\"\n", "1:a|b\n" },
    { "quoted, empty", "\"\",a\n", "1:|a\n" },
    { "separator in quotes", "\"a,b\",c\n", "1:a,b|c\n" },
    { "doubled quotes", "\"say \"\"hi\"\"\",\"\"\"\"\n", "1:say \"hi\"|\"\n" },
    { "line ends in quotes", "\"a\nb\r\nc\rd\",e\nf,g\n", "1:a\nb\r\nc\rd|e\n5:f|g\n" },
    { "quotes inside an unquoted cell", "5\" pipe,say \"hi\"\nx,y\n",
      "1:5\" pipe|say \"hi\"\n2:x|y\n" },
    { "quotes not doubled", "\"5\" pipe\",x\n\"he said \"hi\" to me\",y\n",
      "1:5\" pipe|x\n2:he said \"hi\" to me|y\n" },
    { "text behind the closing quote", "\"abc\"def,\"x\"\ng,h\n", "1:abcdef|x\n2:g|h\n" },
    { "text behind it, then a quoted cell after a blank", "\"a\"b, \"c\"\n", "1:ab|c\n" },
    { "text behind it, up to the end", "\"abc\"def", "1:abcdef\n" },
    { "blanks around quotes", "  \"a,b\"  , \"c\" \nd,e\n", "1:a,b|c\n2:d|e\n" },
    { "a blank and a quote that is no opening", "a, \"5 inch\nb,c\n", "1:a| \"5 inch\n2:b|c\n" },
    { "blanks belong to an unquoted cell", " a , b \n", "1: a | b \n" },
    { "ragged", "a,b,c\nd\ne,f\ng,h,i,j\n", "1:a|b|c\n2:d\n3:e|f\n4:g|h|i|j\n" },
    { "quote never closed at the end", "a,b\n\"c,d\ne,f\n", "1:a|b\n2:!quote_open\n3:e|f\n" },
    { "quote never closed on the last line", "a,b\nc,\"d", "1:a|b\n2:!quote_open\n" },
    { "doubled quotes that never close", "a,b\n\"c\"\",d\ne,f\n", "1:a|b\n2:!quote_open\n3:e|f\n" },
    { "a quote alone", "a,b\n\"\nc,d\n", "1:a|b\n2:!quote_open\n3:c|d\n" },
    { "two quotes alone make a cell over lines", "\"\n\"\n", "1:\n\n" },
    { "spreadsheet's order", "sep=;\na;b\nc;d,e\n", "2:a|b\n3:c|d,e\n" },
    { "order with CR", "SEP=|\ra|b\r", "2:a|b\n" },
    { "byte order mark", "\xEF\xBB\xBF\"a\",b\n", "1:a|b\n" },
    { "semicolons with decimal commas", "name;price\nx;1,50\ny;2,25\n",
      "1:name|price\n2:x|1,50\n3:y|2,25\n" },
    { "tabs", "a\tb c,d\te\nf\tg\th\n", "1:a|b c,d|e\n2:f|g|h\n" },
    { "bars", "a|b,x|c\nd|e,y|f\n", "1:a|b,x|c\n2:d|e,y|f\n" },
    { "one column, some commas", "note\nyes\nno; or, maybe\nnever\n",
      "1:note\n2:yes\n3:no; or| maybe\n4:never\n" },
    { "separators in quotes do not count", "\"a;b;c\",d\n\"e;f;g\",h\n", "1:a;b;c|d\n2:e;f;g|h\n" },
    { "bytes that are no UTF-8 nor GB18030", "a\xff,b\nc,d\n", "1:aÿ|b\n2:c|d\n" },
};

static void cuts_what_shops_write(void **state)
{
    struct sheet_options o = { .headless = true };
    (void)state;
    for (size_t i = 0; i < COUNT(headless); i++) {
        struct sheet_bench b;
        bench_begin(&b);
        str out_ = bench_read(&b, bench_file(&b, "x.csv", str_of(headless[i].in)), &o);
        if (!str_is(out_, headless[i].out))
            print_message("case: %s\n", headless[i].what);
        assert_str(out_, headless[i].out);
        bench_end(&b);
    }
}

static const struct {
    const char *in, *columns, *out;
} headed[] = {
    { "a,b,c\n1,2,3\n", "a|b|c", "2:1|2|3\n" },
    { "\n\n a ,b\n1,2\n", "a|b", "4:1|2\n" },
    { "a,b,\n1,2,\n3,4,,,\n5,6,7\n", "a|b", "2:1|2\n3:3|4\n4:5|6|7\n" },
    { "a,b,c\n1\n2,3\n,,4\n", "a|b|c", "2:1||-2\n3:2|3|-1\n4:||4\n" },
    { "a,,c\n1,2,3\n", "a||c", "2:1|2|3\n" },
    { "a\n\n1\n", "a", "3:1\n" },
    { "", "", "" },
};

static void knows_the_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(headed); i++) {
        struct sheet_bench b;
        struct sheet *s CLEANUP(sheet_closep) = NULL;
        struct sheet_options o = { 0 };
        bench_begin(&b);
        const char *path = bench_file(&b, "x.csv", str_of(headed[i].in));
        assert_ok(sheet_open(&b.cx, path, &o, &s));
        const struct sheet_info *info = sheet_info(s);
        struct strbuf sb;
        strbuf_init(&sb, &b.arena, 4096);
        for (size_t k = 0; k < info->column_count; k++) {
            out_z(&sb, k ? "|" : "");
            out(&sb, info->columns[k]);
        }
        assert_str(strbuf_str(&sb), headed[i].columns);
        assert_str(bench_read(&b, path, &o), headed[i].out);
        bench_end(&b);
    }
}

static void obeys_the_options(void **state)
{
    struct sheet_bench b;
    struct sheet_options from = { .first_line = 3 },
                         forced = { .separator = ':', .headless = true },
                         bad = { .separator = '"' };
    (void)state;
    bench_begin(&b);
    const char *path = bench_file(&b, "x.csv", S("Bill of Mr X\n\"to,day\nid;n\n1;2\n"));
    assert_str(bench_read(&b, path, &from), "4:1|2\n");
    path = bench_file(&b, "y.csv", S("a:b,c\n"));
    assert_str(bench_read(&b, path, &forced), "1:a|b,c\n");
    assert_str(bench_read(&b, path, &bad), "!That character cannot separate cells");
    bench_end(&b);
}

/* A text of `count` times `part` between two others. */
static str repeated(struct sheet_bench *b, str before, str part, size_t count, str behind)
{
    struct strbuf sb;
    strbuf_init(&sb, &b->arena, (size_t)1 << 30);
    out(&sb, before);
    for (size_t i = 0; i < count; i++)
        out(&sb, part);
    out(&sb, behind);
    return strbuf_str(&sb);
}

static void limits_cost_one_row(void **state)
{
    static const struct {
        str before, part;
        size_t count;
        str behind;
        const char *out;
    } cases[] = {
        { S("a,b\n"), S("x"), SHEET_CELL_MAX, S(",y\nc,d\n"), NULL },
        { S("a,b\n"), S("x"), SHEET_CELL_MAX + 1, S(",y\nc,d\n"),
          "1:a|b\n2:!cell_too_long\n3:c|d\n" },
        { S("a,b\n\""), S("x"), SHEET_CELL_MAX + 1, S("\",y\nc,d\n"),
          "1:a|b\n2:!cell_too_long\n3:c|d\n" },
        { S("a,b\n"), S("x,"), SHEET_COLUMNS_MAX, S("y\nc,d\n"),
          "1:a|b\n2:!columns_too_many\n3:c|d\n" },
        { S("a,b\n"), S("x"), SHEET_LINE_MAX + 1, S("\nc,d\n"),
          "1:a|b\n2:!line_too_long\n3:c|d\n" },
        { S("a,b\n"), S("x"), 5 * SHEET_LINE_MAX, S("\r\nc,d\r\n"),
          "1:a|b\n2:!line_too_long\n3:c|d\n" },
        { S("a,b\n"), S("x"), 5 * SHEET_LINE_MAX, S(""), "1:a|b\n2:!line_too_long\n" },
        { S("a,b\n\"c,d\ne,f\n"), S("xxxxxxx\n"), SHEET_LINE_MAX / 8, S("\n"), "quote" },
        { S("a,b\n\""), S("x"), 3 * SHEET_LINE_MAX, S("\nc,d\n"), "1:a|b\n2:!quote_open\n3:c|d\n" },
    };
    struct sheet_options o = { .headless = true };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sheet_bench b;
        bench_begin(&b);
        str in = repeated(&b, cases[i].before, cases[i].part, cases[i].count, cases[i].behind);
        str out_ = bench_read(&b, bench_file(&b, "x.csv", in), &o);
        if (!cases[i].out)
            assert_int_equal(out_.len, SHEET_CELL_MAX + S("1:a|b\n2:|y\n3:c|d\n").len);
        else if (strcmp(cases[i].out, "quote") == 0)
            assert_true(str_starts(out_, S("1:a|b\n2:!quote_open\n3:e|f\n4:xxxxxxx\n5:")));
        else
            assert_str(out_, cases[i].out);
        bench_end(&b);
    }
}

static void separators_without_end_are_no_columns(void **state)
{
    struct sheet_bench b;
    struct sheet_options o = { 0 };
    (void)state;
    bench_begin(&b);
    str in = repeated(&b, S("a,b\n1,2"), S(","), 20000, S("\n3,4\n"));
    assert_str(bench_read(&b, bench_file(&b, "x.csv", in), &o), "2:1|2\n3:3|4\n");
    bench_end(&b);
}

/* Where the window ends must make no difference: a file a little longer than a chunk, begun at
 * every offset of its pattern. */
static void chunks_make_no_difference(void **state)
{
    str pattern = S("\"a\"\"b\",c,\"d\ne\"\r\n"), one = S("a\"b|c|d\ne\n");
    struct sheet_options o = { .headless = true, .separator = ',' };
    (void)state;
    for (size_t shift = 0; shift < pattern.len; shift++) {
        struct sheet_bench b;
        size_t rows = CHUNK_SIZE / pattern.len + 40;
        bench_begin(&b);
        str first = str_head(S("xxxxxxxxxxxxxxxxxxxxxxxx"), shift);
        str in =
            repeated(&b, arena_fmt(&b.arena, "%.*s,y\n", STR_ARG(first)), pattern, rows, S(""));
        str out_ = bench_read(&b, bench_file(&b, "x.csv", in), &o);
        (void)str_cut(&out_, '\n');
        for (size_t i = 0; i < rows; i++) {
            str number = str_cut(&out_, ':');
            i64 line = 0;
            assert_true(str_to_i64(number, &line));
            assert_int_equal(line, 2 + 2 * i);
            assert_true(str_starts(out_, one));
            out_ = str_from(out_, one.len);
        }
        assert_int_equal(out_.len, 0);
        bench_end(&b);
    }
}

static void keeps_the_original_text(void **state)
{
    struct sheet_bench b;
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_options o = { .charset = SHEET_UTF8 };
    struct sheet_row row;
    (void)state;
    bench_begin(&b);
    str in = repeated(&b, S("h,i\n\"a\"\"\n\" ,b\xffü\r\nc\n"), S("荷"), SHEET_LINE_MAX / 2, S(""));
    assert_ok(sheet_open(&b.cx, bench_file(&b, "x.csv", in), &o, &s));
    assert_ok(sheet_next(&b.cx, s, &row));
    assert_str(sheet_text(s), "\"a\"\"\n\" ,b\xEF\xBF\xBDü");
    assert_str(row.cells[0], "a\"\n");
    assert_str(row.cells[1], "b\xEF\xBF\xBDü");
    assert_int_equal(row.replaced, 1);
    assert_ok(sheet_next(&b.cx, s, &row));
    assert_str(sheet_text(s), "c");
    assert_ok(sheet_next(&b.cx, s, &row));
    assert_int_equal(row.fault, SHEET_LINE_TOO_LONG);
    assert_int_equal(row.line, 5);
    assert_int_equal(sheet_text(s).len, SHEET_TEXT_MAX / 3 * 3); /* whole characters */
    assert_int_equal(sheet_next(&b.cx, s, &row), ERR_DONE);
    assert_int_equal(sheet_next(&b.cx, s, &row), ERR_DONE);
    bench_end(&b);
}

static void resumes_behind_a_row(void **state)
{
    struct sheet_bench b;
    struct sheet_options o = { 0 };
    struct sheet_row row;
    (void)state;
    bench_begin(&b);
    const char *path = bench_file(&b, "x.csv", S("a,b\n1,\"2\n3\"\n\n4,5\n\"6,7\n8,9\n"));
    for (i64 n = 0; n <= 4; n++) {
        struct sheet *s CLEANUP(sheet_closep) = NULL;
        assert_ok(sheet_open(&b.cx, path, &o, &s));
        assert_ok(sheet_skip(&b.cx, s, n));
        enum err e = sheet_next(&b.cx, s, &row);
        assert_int_equal(e, n < 4 ? OK : ERR_DONE);
        if (e == OK)
            assert_int_equal(row.number, n + 1);
        assert_int_equal(n == 4 ? sheet_position(s) : 0, n == 4 ? sheet_info(s)->size : 0);
        assert_int_equal(sheet_skip(&b.cx, s, 9), ERR_DONE);
    }
    bench_end(&b);
}

/* Rows in small pieces, cut after every byte, are the same rows. */
static void every_cut_asks_for_more(void **state)
{
    str in = S("\"5\" a\",b\r\n \"c\"x,\"d\"\"\ne\"\r\nf, \"g\" \r\n");
    struct csv c = { .separator = ',' }, part = { .separator = ',' };
    struct csv_row whole, row;
    (void)state;
    while (in.len) {
        assert_true(csv_cut(&c, in, true, &whole));
        for (size_t len = 0; len <= in.len; len++) {
            if (!csv_cut(&part, str_head(in, len), false, &row))
                continue;
            assert_true(len >= whole.next - 1);
            assert_int_equal(row.len, whole.len);
            assert_int_equal(row.fault, SHEET_FINE);
            assert_int_equal(part.count, c.count);
            for (size_t i = 0; i < c.count; i++)
                assert_true(str_eq(part.cells[i], c.cells[i]));
        }
        in = str_from(in, whole.next);
    }
    csv_done(&c);
    csv_done(&part);
}

int sheet_csv_test(void);
int sheet_csv_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_what_shops_write),
        cmocka_unit_test(knows_the_header),
        cmocka_unit_test(obeys_the_options),
        cmocka_unit_test(limits_cost_one_row),
        cmocka_unit_test(separators_without_end_are_no_columns),
        cmocka_unit_test(chunks_make_no_difference),
        cmocka_unit_test(keeps_the_original_text),
        cmocka_unit_test(resumes_behind_a_row),
        cmocka_unit_test(every_cut_asks_for_more),
    };
    return cmocka_run_group_tests_name("sheet_csv", tests, NULL, NULL);
}
