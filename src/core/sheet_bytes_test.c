#include <fcntl.h>
#include <pthread.h>

#include "core/sheet_testing.h"

static str gzip_of(struct sheet_bench *b, str text)
{
    z_stream z = { 0 };
    size_t size = text.len + 1024;
    char *to = arena_alloc(&b->arena, size);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)text.ptr;
    z.avail_in = (uInt)text.len;
    z.next_out = (Bytef *)to;
    z.avail_out = (uInt)size;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size -= z.avail_out;
    deflateEnd(&z);
    return (str) { to, size };
}

static str xz_of(struct sheet_bench *b, str text, uint32_t preset)
{
    size_t size = text.len + 1024, len = 0;
    uint8_t *to = arena_alloc(&b->arena, size);
    assert_int_equal(lzma_easy_buffer_encode(preset, LZMA_CHECK_CRC64, NULL,
                                             (const uint8_t *)text.ptr, text.len, to, &len, size),
                     LZMA_OK);
    return (str) { (char *)to, len };
}

static str both(struct sheet_bench *b, str one, str two)
{
    struct strbuf sb;
    strbuf_init(&sb, &b->arena, 64 << 20);
    out(&sb, one);
    out(&sb, two);
    return strbuf_str(&sb);
}

static str file_of(struct sheet_bench *b, const char *path)
{
    FILE *f = fopen(path, "rb");
    char *to = arena_alloc(&b->arena, 1 << 20);
    assert_non_null(f);
    size_t len = fread(to, 1, 1 << 20, f);
    (void)fclose(f);
    return (str) { to, len };
}

static const str table = S("a,b\n荷,d\n");

static void assert_table(struct sheet_bench *b, const char *path, enum sheet_packing packing)
{
    struct sheet_options o = { 0 };
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_row row;
    assert_str(bench_read(b, path, &o), "2:荷|d\n");
    assert_ok(sheet_open(&b->cx, path, &o, &s));
    assert_int_equal(sheet_info(s)->packing, packing);
    assert_ok(sheet_next(&b->cx, s, &row));
    assert_int_equal(sheet_next(&b->cx, s, &row), ERR_DONE);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(sheet_info(s)->size, st.st_size);
    assert_int_equal(sheet_position(s), st.st_size);
}

static void unpacks(void **state)
{
    struct sheet_bench b;
    (void)state;
    bench_begin(&b);
    assert_table(&b, bench_file(&b, "x", table), SHEET_PLAIN);
    assert_table(&b, bench_file(&b, "x", gzip_of(&b, table)), SHEET_GZIP);
    assert_table(&b, bench_file(&b, "x", xz_of(&b, table, 6)), SHEET_XZ);
    assert_table(&b, bench_file(&b, "x", xz_of(&b, table, 9)), SHEET_XZ);
    str head = str_head(table, 3), tail = str_from(table, 3);
    assert_table(&b, bench_file(&b, "x", both(&b, gzip_of(&b, head), gzip_of(&b, tail))),
                 SHEET_GZIP);
    assert_table(&b, bench_file(&b, "x", both(&b, gzip_of(&b, table), S("\0\0\0"))), SHEET_GZIP);
    assert_table(&b, bench_file(&b, "x", both(&b, xz_of(&b, head, 6), xz_of(&b, tail, 6))),
                 SHEET_XZ);
    struct part one[] = { { "dir/", "" },
                          { "dir/t.csv", table.ptr },
                          { "__MACOSX/dir/._t.csv", "x" },
                          { "dir/.DS_Store", "y" } };
    assert_table(&b, bench_zip(&b, "x.zip", one, COUNT(one)), SHEET_ZIP);
    bench_end(&b);
}

static void unpacks_workbooks(void **state)
{
    struct sheet_bench b;
    struct sheet_options o = { 0 };
    (void)state;
    bench_begin(&b);
    const char *rows = "<sheetData><row><c t=\"inlineStr\"><is><t>a</t></is></c></row>"
                       "<row><c><v>7</v></c></row></sheetData>";
    str book = file_of(&b, bench_book(&b, rows, "", ""));
    assert_str(bench_read(&b, bench_path(&b, "book.xlsx"), &o), "2:7\n");
    assert_str(bench_read(&b, bench_file(&b, "x.gz", gzip_of(&b, book)), &o), "2:7\n");
    assert_str(bench_read(&b, bench_file(&b, "x.xz", xz_of(&b, book, 6)), &o), "2:7\n");
    const char *zip = bench_path(&b, "x.zip");
    int error = 0;
    zip_t *z = zip_open(zip, ZIP_CREATE, &error);
    assert_true(zip_file_add(z, "book.xlsx", zip_source_buffer(z, book.ptr, book.len, 0), 0) >= 0);
    assert_int_equal(zip_close(z), 0);
    assert_str(bench_read(&b, zip, &o), "2:7\n");
    o.folder = b.folder;
    assert_str(bench_read(&b, zip, &o), "2:7\n");
    o.folder = "/nowhere";
    assert_str(bench_read(&b, zip, &o), "!/nowhere: No such file or directory");
    bench_end(&b);
}

static void refuses_what_is_damaged(void **state)
{
    static const struct {
        const char *in, *out;
    } bare[] = {
        { "%PDF-1.7", "!This is a PDF and not a table" },
        { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 more",
          "!This is an old .xls or an encrypted workbook: save it as xlsx or CSV" },
        { "Rar!\x1a", "!Unpack the RAR first, or use zip" },
        { " <HTML><table><tr><td>1</td></tr></table>",
          "!This is a web page or XML and not a table: save it as xlsx or CSV" },
        { "\xEF\xBB\xBF<?xml version=\"1.0\"?><Workbook/>",
          "!This is a web page or XML and not a table: save it as xlsx or CSV" },
        { "\x89PNG\r\n\x1a\n\1\2\3\4\5\6", "!This is neither text nor a table" },
        { "PK\3\4 and then nothing of the kind", "!The packed file is damaged" },
        { "PK\5\6................", "!The zip is empty" },
        { "\x1f\x8b\x08", "!The packed file ends too early" },
        { "\x1f\x8b nothing of the kind, really not", "!The packed file is damaged" },
    };
    struct sheet_bench b;
    struct sheet_options o = { 0 };
    (void)state;
    bench_begin(&b);
    for (size_t i = 0; i < COUNT(bare); i++)
        assert_str(bench_read(&b, bench_file(&b, "x", str_of(bare[i].in)), &o), bare[i].out);
    str gz = gzip_of(&b, table), xz = xz_of(&b, table, 6);
    assert_str(bench_read(&b, bench_file(&b, "x", gzip_of(&b, gz)), &o),
               "!There is an archive inside the archive: unpack it first");
    assert_str(bench_read(&b, bench_file(&b, "x", gzip_of(&b, xz)), &o),
               "!There is an archive inside the archive: unpack it first");
    assert_str(bench_read(&b, bench_file(&b, "x", str_head(gz, gz.len - 2)), &o),
               "!The packed file ends too early");
    assert_str(bench_read(&b, bench_file(&b, "x", str_head(xz, xz.len - 2)), &o),
               "!The packed file ends too early");
    assert_str(bench_read(&b, bench_file(&b, "x", both(&b, gz, S("junk"))), &o),
               "!The packed file is damaged");
    struct part two[] = { { "a.csv", "a" }, { "b.csv", "b" } }, none[] = { { "dir/", "" } };
    assert_str(bench_read(&b, bench_zip(&b, "x.zip", two, 2), &o),
               "!The zip must hold exactly one file");
    str zip = file_of(&b, bench_path(&b, "x.zip"));
    assert_str(bench_read(&b, bench_zip(&b, "y.zip", none, 1), &o),
               "!The zip must hold exactly one file");
    assert_str(bench_read(&b, bench_file(&b, "x.gz", gzip_of(&b, zip)), &o),
               "!There is an archive inside the archive: unpack it first");
    assert_str(
        bench_read(&b, bench_path(&b, "no.csv"), &o),
        arena_z(&b.arena, arena_fmt(&b.arena, "!%s/no.csv: No such file or directory", b.folder)));
    assert_str(bench_read(&b, b.folder, &o),
               arena_z(&b.arena, arena_fmt(&b.arena, "!%s: Is a directory", b.folder)));
    bench_end(&b);
}

static str many_lines(struct sheet_bench *b, size_t size)
{
    char *to = arena_alloc(&b->arena, size);
    uint32_t x = 1;
    for (size_t i = 0; i < size; i++) {
        x = x * 1664525 + 1013904223;
        to[i] = i % 50 == 49 ? '\n' : (char)('a' + (x >> 24) % 26);
    }
    return (str) { to, size };
}

/* Damage in the middle: the rows before it, then the refusal, again and again. */
static void gives_what_came_before_damage(void **state)
{
    struct sheet_bench b;
    struct sheet_options o = { 0 };
    (void)state;
    bench_begin(&b);
    str text = many_lines(&b, 2 << 20);
    const str packed[] = { gzip_of(&b, text), xz_of(&b, text, 6) };
    for (size_t i = 0; i < COUNT(packed); i++) {
        struct sheet *s CLEANUP(sheet_closep) = NULL;
        struct sheet_row row;
        enum err e = OK;
        i64 rows = 0;
        const char *path = bench_file(&b, "x", str_head(packed[i], packed[i].len / 2));
        assert_ok(sheet_open(&b.cx, path, &o, &s));
        while ((e = sheet_next(&b.cx, s, &row)) == OK) {
            assert_int_equal(row.cells[0].len, 49); /* never a row that was cut */
            rows++;
        }
        assert_true(rows > 10000);
        for (int again = 0; again < 3; again++) {
            assert_str(bench_reason(&b, e), "!The packed file ends too early");
            e = sheet_next(&b.cx, s, &row);
            assert_int_equal(e, ERR_INVALID);
        }
        bench_reason(&b, e);
    }
    bench_end(&b);
}

static void keeps_within_the_allowance(void **state)
{
    struct sheet_bench b;
    (void)state;
    bench_begin(&b);
    char *zeros = arena_zero(&b.arena, 1, 16 << 20);
    memset(zeros, 'a', 16 << 20);
    for (size_t i = 80; i < 16 << 20; i += 80)
        zeros[i] = '\n';
    str text = { zeros, 16 << 20 };
    struct part one[] = { { "t.csv", arena_z(&b.arena, text) } };
    const char *paths[] = {
        bench_file(&b, "x.gz", gzip_of(&b, text)),
        bench_file(&b, "x.xz", xz_of(&b, text, 6)),
        bench_zip(&b, "x.zip", one, 1),
    };
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct sheet_options tight = { .ratio_max = 100 }, loose = { .ratio_max = 100000 },
                             small = { .ratio_max = 100000, .unpacked_max = 10 << 20 };
        str said = bench_read(&b, paths[i], &tight);
        assert_true(
            str_ends(said, S("!It is packed too tightly to be a table: refused as a bomb")));
        assert_true(said.len < 10 << 20);
        said = bench_read(&b, paths[i], &small);
        assert_true(str_ends(said, S("!It unpacks to more than the limit")));
        said = bench_read(&b, paths[i], &loose);
        assert_true(str_ends(said, S("a\n")) && said.len > 16 << 20);
    }
    bench_end(&b);
}

/* A directory of a zip that speaks of a million files is not read. */
static void counts_the_files_of_a_zip(void **state)
{
    struct sheet_bench b;
    struct sheet_options o = { 0 };
    struct part one[] = { { "t.csv", table.ptr } };
    (void)state;
    bench_begin(&b);
    str zip = file_of(&b, bench_zip(&b, "x.zip", one, 1));
    char *end = (char *)zip.ptr + zip.len - 22;
    assert_memory_equal(end, "PK\5\6", 4);
    end[8] = end[10] = '\x11';
    end[9] = end[11] = '\x27';
    assert_str(bench_read(&b, bench_file(&b, "y.zip", zip), &o),
               "!There are too many files in the zip");
    bench_end(&b);
}

struct feeder {
    const char *path;
    str content;
};

static void *feed(void *arg)
{
    struct feeder *f = arg;
    int fd = open(f->path, O_WRONLY | O_CLOEXEC);
    for (str rest = f->content; fd >= 0 && rest.len;) {
        ssize_t n = write(fd, rest.ptr, MIN(rest.len, 7));
        if (n <= 0)
            break;
        rest = str_from(rest, (size_t)n);
    }
    close(fd);
    return NULL;
}

static void reads_pipes(void **state)
{
    struct sheet_bench b;
    (void)state;
    bench_begin(&b);
    struct part one[] = { { "t.csv", table.ptr } };
    const str contents[] = { table, gzip_of(&b, table), xz_of(&b, table, 6),
                             file_of(&b, bench_zip(&b, "x.zip", one, 1)) };
    const char *path = bench_path(&b, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    for (size_t i = 0; i < COUNT(contents); i++) {
        struct sheet_options o = { 0 };
        struct feeder f = { path, contents[i] };
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, feed, &f), 0);
        assert_str(bench_read(&b, path, &o), "2:荷|d\n");
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
    bench_end(&b);
}

int sheet_bytes_test(void);
int sheet_bytes_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks),
        cmocka_unit_test(unpacks_workbooks),
        cmocka_unit_test(refuses_what_is_damaged),
        cmocka_unit_test(gives_what_came_before_damage),
        cmocka_unit_test(keeps_within_the_allowance),
        cmocka_unit_test(counts_the_files_of_a_zip),
        cmocka_unit_test(reads_pipes),
    };
    return cmocka_run_group_tests_name("sheet_bytes", tests, NULL, NULL);
}
