#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/money.h"
#include "base/time.h"
#include "core/sheet_testing.h"

static const struct sheet_column every_type[] = {
    { S("姓名"), SHEET_TEXT }, { S("n"), SHEET_INTEGER },  { S("paid"), SHEET_MONEY },
    { S("on"), SHEET_DAY },    { S("at"), SHEET_INSTANT },
};

static str content_of(struct sheet_bench *b, const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    char *to = arena_alloc(&b->arena, (size_t)st.st_size + 1);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fread(to, 1, (size_t)st.st_size, f), st.st_size);
    (void)fclose(f);
    return (str) { to, (size_t)st.st_size };
}

static size_t files_in(const char *folder)
{
    DIR *d = opendir(folder);
    size_t count = 0;
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));)
        count += e->d_name[0] != '.';
    (void)closedir(d);
    return count;
}

static const char *written(struct sheet_bench *b, enum sheet_kind kind)
{
    const char *path = bench_path(b, kind == SHEET_CSV ? "x.csv" : "x.xlsx");
    struct sheet_writer *w CLEANUP(sheet_write_drop) = NULL;
    struct sheet_layout layout = { .kind = kind,
                                   .columns = every_type,
                                   .count = COUNT(every_type),
                                   .watermark = S("=Ann, 2026-03-02"),
                                   .sheet = S("客户/[1]") };
    instant at = { 0 };
    assert_true(instant_read(S("2026-03-01T16:30:00.999Z"), &at));
    assert_ok(sheet_write_open(&b->cx, path, &layout, &w));
    struct val rows[][5] = {
        { V(S("荷, \"塘\"")), V((i64)-7), V(((money) { -5 })), V(day_from_ymd(2026, 2, 28)),
          V(at) },
        { V(S("=1+1")), V((i64)1234567890123456), V(((money) { 123456789012345678 })),
          V(day_from_ymd(1900, 1, 31)), val_null() },
        { val_null(), val_null(), val_null(), val_null(), val_null() },
        { V(S("-x")), V((i64)0), V(((money) { 0 })), val_null(), val_null() },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_ok(sheet_write_row(&b->cx, w, rows[i], 5));
    assert_int_equal(access(path, F_OK), -1);
    size_t files = files_in(b->folder); /* the one beside counts, and becomes the one */
    assert_ok(sheet_write_close(&b->cx, &w));
    assert_null(w);
    assert_int_equal(files_in(b->folder), files);
    return path;
}

static void writes_each_type(void **state)
{
    struct sheet_bench b;
    struct sheet_options o = { 0 };
    (void)state;
    assert_true(zone_load("Asia/Shanghai"));
    bench_begin(&b);
    assert_str(content_of(&b, written(&b, SHEET_CSV)),
               "\xEF\xBB\xBF姓名,n,paid,on,at\r\n"
               "\"荷, \"\"塘\"\"\",-7,-0.05,2026-02-28,2026-03-02 00:30:00\r\n"
               "'=1+1,1234567890123456,1234567890123456.78,1900-01-31,\r\n"
               ",,,,\r\n"
               "'-x,0,0.00,,\r\n"
               "\"'=Ann, 2026-03-02\",,,,\r\n");
    const char *path = written(&b, SHEET_XLSX);
    (void)content_of(&b, path);
    assert_str(bench_read(&b, path, &o), "2:荷, \"塘\"|-7|-0.05|2026-02-28|2026-03-02T00:30:00\n"
                                         "3:=1+1|1234567890123456|1234567890123456.78|1900-01-31|\n"
                                         "5:-x|0|0||\n6:=Ann, 2026-03-02||||\n");
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    assert_ok(sheet_open(&b.cx, path, &o, &s));
    assert_str(sheet_info(s)->sheet, "客户__1_");
    assert_str(sheet_info(s)->columns[0], "姓名");
    bench_end(&b);
}

/* A text of a workbook is a text cell whatever it looks like: nothing in the file is a formula. */
static void a_workbook_has_no_formulas(void **state)
{
    struct sheet_bench b;
    int error = 0;
    char xml[65536];
    (void)state;
    bench_begin(&b);
    zip_t *z = zip_open(written(&b, SHEET_XLSX), ZIP_RDONLY, &error);
    zip_file_t *f = zip_fopen(z, "xl/worksheets/sheet1.xml", 0);
    assert_non_null(f);
    zip_int64_t len = zip_fread(f, xml, sizeof xml);
    assert_true(len > 0);
    str text = { xml, (size_t)len };
    assert_true(str_has(text, S("=1+1")));
    assert_false(str_has(text, S("<f>")));
    (void)zip_fclose(f);
    zip_discard(z);
    bench_end(&b);
}

static const struct {
    const char *text;
    bool runs;
    const char *csv, *plain;
} harmless[] = {
    { "=1+1", true, "'=1+1", "=1+1" },
    { "+861", true, "'+861", "+861" },
    { "-1", true, "'-1", "-1" },
    { "@sum", true, "'@sum", "@sum" },
    { "\tx", true, "\"'\tx\"", "x" },
    { "\rx", true, "\"'\rx\"", "x" },
    { "  =x", true, "'  =x", "=x" },
    { "\u3000=x", true, "'\u3000=x", "=x" },
    { "＝x", true, "'＝x", "＝x" },
    { "＋x", true, "'＋x", "＋x" },
    { "－x", true, "'－x", "－x" },
    { " ＠x", true, "' ＠x", "＠x" },
    { "'=x", false, "''=x", "=x" },
    { "'0012", false, "''0012", "0012" },
    { "'s-Hertogenbosch", false, "'s-Hertogenbosch", "'s-Hertogenbosch" },
    { "'", false, "'", "'" },
    { "a=b", false, "a=b", "a=b" },
    { "", false, "", "" },
    { " ", false, "\" \"", "" },
    { "x;y", false, "\"x;y\"", "x;y" },
    { "=\"0012\"", true, "\"'=\"\"0012\"\"\"", "0012" },
    { "`0012", false, "`0012", "0012" },
    { "0012\t", false, "\"0012\t\"", "0012" },
    { "\u3000 荷\u00a0", false, "\u3000 荷\u00a0", "荷" },
    { "=\"\"", true, "\"'=\"\"\"\"\"", "=\"\"" },
};

static void writes_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(harmless); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct strbuf sb;
        str cell = str_of(harmless[i].text);
        strbuf_init(&sb, &a, 256);
        out_csv(&sb, &cell, 1);
        assert_str(strbuf_str(&sb), arena_fmt(&a, "%s\r\n", harmless[i].csv).ptr);
        assert_int_equal(sheet_runs(cell), harmless[i].runs);
        assert_str(sheet_plain(cell), harmless[i].plain);
    }
}

static void long_texts_are_cut(void **state)
{
    static const struct sheet_column one[] = { { S("a"), SHEET_TEXT } };
    struct sheet_layout layout = { .kind = SHEET_XLSX, .columns = one, .count = 1 };
    struct sheet_bench b;
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_options o = { 0 };
    struct sheet_row row;
    (void)state;
    bench_begin(&b);
    for (size_t units = 32766; units <= 32769; units++) {
        struct sheet_writer *w CLEANUP(sheet_write_drop) = NULL;
        struct strbuf sb;
        strbuf_init(&sb, &b.arena, 1 << 20);
        for (size_t i = 0; i + 2 < units; i++)
            out_c(&sb, 'x');
        out(&sb, S("𠮷")); /* two units */
        const char *path = bench_path(&b, "x.xlsx");
        assert_ok(sheet_write_open(&b.cx, path, &layout, &w));
        assert_ok(sheet_write_row(&b.cx, w, (struct val[]) { V(strbuf_str(&sb)) }, 1));
        assert_ok(sheet_write_row(&b.cx, w, (struct val[]) { V(S("\xff\0\xEF\xBF\xBF")) }, 1));
        assert_ok(sheet_write_close(&b.cx, &w));
        assert_ok(sheet_open(&b.cx, path, &o, &s));
        assert_ok(sheet_next(&b.cx, s, &row));
        bool cut = units > 32767;
        assert_int_equal(row.cells[0].len, cut ? MIN(units - 2, 32766) + 3 : units + 2);
        assert_int_equal(str_ends(row.cells[0], S("…")), cut);
        assert_ok(sheet_next(&b.cx, s, &row));
        assert_str(row.cells[0], "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
        sheet_closep(&s);
    }
    bench_end(&b);
}

static void further_sheets(void **state)
{
    static const struct sheet_column one[] = { { S("n"), SHEET_INTEGER } };
    struct sheet_layout layout = {
        .kind = SHEET_XLSX, .columns = one, .count = 1, .watermark = S("me")
    };
    struct sheet_bench b;
    struct sheet_writer *w CLEANUP(sheet_write_drop) = NULL;
    struct sheet_options o = { 0 };
    (void)state;
    bench_begin(&b);
    const char *path = bench_path(&b, "x.xlsx");
    assert_ok(sheet_write_open(&b.cx, path, &layout, &w));
    assert_int_equal(w->lines_max, SHEET_BOOK_ROWS_MAX - 1);
    w->lines_max = 3; /* a header and two rows */
    for (i64 i = 1; i <= 5; i++)
        assert_ok(sheet_write_row(&b.cx, w, (struct val[]) { V(i) }, 1));
    assert_ok(sheet_write_close(&b.cx, &w));
    assert_str(bench_read(&b, path, &o), "2:1\n3:2\n4:me\n");
    o.sheet = S("Sheet 2");
    assert_str(bench_read(&b, path, &o), "2:3\n3:4\n4:me\n");
    o.sheet = S("Sheet 3");
    assert_str(bench_read(&b, path, &o), "2:5\n3:me\n");
    bench_end(&b);
}

static void leaves_nothing_behind(void **state)
{
    struct sheet_bench b;
    (void)state;
    bench_begin(&b);
    for (enum sheet_kind kind = SHEET_CSV; kind <= SHEET_XLSX; kind++) {
        struct sheet_layout layout = { .kind = kind, .columns = every_type, .count = 1 };
        struct sheet_writer *w = NULL;
        const char *path = bench_file(&b, "there", S("before"));
        assert_ok(sheet_write_open(&b.cx, path, &layout, &w));
        assert_ok(sheet_write_row(&b.cx, w, (struct val[]) { V(S("x")) }, 1));
        assert_int_equal(files_in(b.folder), 2);
        sheet_write_drop(&w);
        assert_null(w);
        assert_int_equal(files_in(b.folder), 1);
        assert_int_equal(sheet_write_open(&b.cx, bench_path(&b, "no/x"), &layout, &w), ERR_FILE);
        fail_clear(&b.cx);
        assert_null(w);
        assert_int_equal(unlink(path), 0);
    }
    bench_end(&b);
}

/* Writes until the limit of a file's size stops it: the result of the close, or of a row. */
static int fills_the_disk(struct sheet_bench *b, enum sheet_kind kind)
{
    struct sheet_layout layout = { .kind = kind, .columns = every_type, .count = 1 };
    struct sheet_writer *w CLEANUP(sheet_write_drop) = NULL;
    struct rlimit small = { 100 << 10, 100 << 10 };
    if (setrlimit(RLIMIT_FSIZE, &small) != 0 || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        return ERR_COUNT;
    enum err e = sheet_write_open(&b->cx, bench_path(b, "x"), &layout, &w);
    for (int i = 0; e == OK && i < 20000; i++)
        e = sheet_write_row(&b->cx, w, (struct val[]) { V(S("a row like all the others")) }, 1);
    return (int)(e == OK ? sheet_write_close(&b->cx, &w) : e);
}

static void says_that_the_disk_is_full(void **state)
{
    (void)state;
    for (enum sheet_kind kind = SHEET_CSV; kind <= SHEET_XLSX; kind++) {
        struct sheet_bench b;
        int status = 0;
        bench_begin(&b);
        pid_t child = fork();
        if (child == 0)
            _exit(fills_the_disk(&b, kind));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), ERR_FILE);
        assert_int_equal(files_in(b.folder), 0);
        bench_end(&b);
    }
}

/* ── random tables ── */

#define RANDOM_ROWS    60
#define RANDOM_COLUMNS 8

static str random_text(struct sheet_bench *b, struct rnd *r)
{
    static const char *const pieces[] = {
        "a",
        " ",
        ",",
        "\"",
        "\n",
        "\t",
        "=",
        "+1",
        "-",
        "荷",
        "𠮷",
        "_x000D_",
        "'",
        "0",
        "7",
        ";",
        "|",
        "<",
        "&amp;",
        ">",
        "\r",
        "\r\n",
        "\x01",
        "\x1f",
        "@",
        "＝",
        "\u3000",
        "",
        "long text, with \"quotes\"",
        "_x",
        "_",
        "\xEF\xBB\xBF",
    };
    struct strbuf sb;
    strbuf_init(&sb, &b->arena, 4096);
    for (uint64_t n = rnd_below(r, 6); n; n--)
        out_z(&sb, pieces[rnd_below(r, COUNT(pieces))]);
    return arena_str(&b->arena, strbuf_str(&sb));
}

static struct val random_value(struct sheet_bench *b, struct rnd *r, enum sheet_type type)
{
    i64 wide = (i64)(rnd_u64(r) >> 1 >> rnd_below(r, 63));
    if (rnd_below(r, 5) == 0)
        return val_null();
    switch (type) {
    case SHEET_TEXT: return V(random_text(b, r));
    case SHEET_INTEGER:
    case SHEET_MONEY: return V(rnd_below(r, 2) ? wide : -wide);
    case SHEET_DAY: return V((i64)rnd_below(r, 80000) - 25000);
    case SHEET_INSTANT: return V((i64)rnd_below(r, 4000000000) * 1000 + 1);
    }
    return val_null();
}

/* What a reader must find: CSV text with its mark, whole seconds, numbers without idle zeros. */
static str expected(struct sheet_bench *b, enum sheet_kind kind, enum sheet_type type, struct val v)
{
    struct strbuf sb;
    strbuf_init(&sb, &b->arena, 4096);
    out_cell(&sb, type, v);
    str text = strbuf_str(&sb);
    if (kind == SHEET_CSV)
        return type == SHEET_TEXT && cell_needs_mark(text)
                   ? arena_fmt(&b->arena, "'%.*s", STR_ARG(text))
                   : text;
    bool number =
        type == SHEET_MONEY && v.kind == VAL_I64 && llabs(v.i) < INT64_C(1000000000000000);
    while (number && (str_ends(text, S("0")) || str_ends(text, S("."))) && str_has(text, S(".")))
        text.len--;
    if (type == SHEET_INSTANT && text.len)
        text = arena_fmt(&b->arena, "%.10sT%.8s", text.ptr, text.ptr + 11);
    return text;
}

static void random_table(struct sheet_bench *b, struct rnd *r, enum sheet_kind kind)
{
    struct sheet_column columns[RANDOM_COLUMNS];
    struct sheet_layout layout = { .kind = kind,
                                   .columns = columns,
                                   .count = 1 + rnd_below(r, RANDOM_COLUMNS) };
    struct sheet_writer *w CLEANUP(sheet_write_drop) = NULL;
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_options o = { 0 };
    struct sheet_row row;
    str cells[RANDOM_ROWS][RANDOM_COLUMNS];
    size_t rows = 0;
    for (size_t i = 0; i < layout.count; i++)
        columns[i] = (struct sheet_column) { arena_fmt(&b->arena, "c%zu", i),
                                             (enum sheet_type)rnd_below(r, SHEET_INSTANT + 1) };
    const char *path = bench_path(b, "x");
    assert_ok(sheet_write_open(&b->cx, path, &layout, &w));
    for (uint64_t n = rnd_below(r, RANDOM_ROWS); n; n--) {
        struct val values[RANDOM_COLUMNS];
        bool any = false;
        for (size_t i = 0; i < layout.count; i++) {
            values[i] = random_value(b, r, columns[i].type);
            cells[rows][i] = expected(b, kind, columns[i].type, values[i]);
            any |= cells[rows][i].len > 0;
        }
        rows += any; /* a reader passes over what is empty */
        assert_ok(sheet_write_row(&b->cx, w, values, layout.count));
    }
    assert_ok(sheet_write_close(&b->cx, &w));
    assert_ok(sheet_open(&b->cx, path, &o, &s));
    assert_int_equal(sheet_info(s)->column_count, layout.count);
    for (size_t i = 0; i < rows; i++) {
        assert_ok(sheet_next(&b->cx, s, &row));
        assert_int_equal(row.count, layout.count);
        for (size_t k = 0; k < layout.count; k++)
            assert_str(row.cells[k], arena_z(&b->arena, cells[i][k]));
    }
    assert_int_equal(sheet_next(&b->cx, s, &row), ERR_DONE);
}

static void random_tables_come_back(void **state)
{
    uint64_t seed = 0;
    const char *told = getenv("SEED");
    (void)state;
    secret_bytes(&seed, sizeof seed);
    if (told)
        seed = strtoull(told, NULL, 10);
    print_message("SEED=%llu\n", (unsigned long long)seed);
    assert_true(zone_load("Asia/Shanghai"));
    struct rnd r;
    rnd_seed(&r, seed);
    for (int i = 0; i < 120; i++) {
        struct sheet_bench b;
        bench_begin(&b);
        random_table(&b, &r, i % 2 ? SHEET_XLSX : SHEET_CSV);
        bench_end(&b);
    }
}

int sheet_write_test(void);
int sheet_write_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_each_type),
        cmocka_unit_test(a_workbook_has_no_formulas),
        cmocka_unit_test(writes_harmless),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(further_sheets),
        cmocka_unit_test(leaves_nothing_behind),
        cmocka_unit_test(says_that_the_disk_is_full),
        cmocka_unit_test(random_tables_come_back),
    };
    return cmocka_run_group_tests_name("sheet_write", tests, NULL, NULL);
}
