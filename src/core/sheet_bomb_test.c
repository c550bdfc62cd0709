#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>

#include "core/sheet_testing.h"

/* Files that are small on the disk and endless inside. Each is read in a process of its own, whose
 * memory is looked at when it is done. */
#define MEMORY_MAX_KB (48 << 10) /* above what the process has before it opens the file */
#define GIB           ((i64)1 << 30)

/* A text too long to be kept: a head, pieces, a tail. */
struct endless {
    const char *head, *piece, *tail;
    i64 size;      /* of all pieces, at least */
    bool numbered; /* each piece has its number in the place of the '#' */
    i64 at, number;
};

/* Some of it, at most `size` bytes (at least 64 KiB); 0 at its end. */
static size_t endless_read(struct endless *t, char *to, size_t size)
{
    size_t len = 0, piece = strlen(t->piece);
    if (t->at == 0) {
        len = strlen(t->head);
        memcpy(to, t->head, len);
    }
    if (t->at < 0)
        return 0;
    for (; t->at < t->size && len + piece + 24 < size; t->number++) {
        const char *mark = t->numbered ? strchr(t->piece, '#') : NULL;
        size_t n = piece;
        if (mark)
            n = (size_t)snprintf(to + len, size - len, "%.*s%lld%s", (int)(mark - t->piece),
                                 t->piece, (long long)t->number, mark + 1);
        else
            memcpy(to + len, t->piece, piece);
        len += n;
        t->at += (i64)n;
    }
    if (t->at >= t->size && len + strlen(t->tail) < size) {
        memcpy(to + len, t->tail, strlen(t->tail));
        len += strlen(t->tail);
        t->at = -1;
    }
    return len;
}

/* An endless text as a member of a zip. */
struct member {
    struct endless text;
    char rest[65536];
    size_t rest_at, rest_len;
};

static zip_int64_t member_do(void *user, void *data, zip_uint64_t len, zip_source_cmd_t command)
{
    struct member *m = user;
    if (command == ZIP_SOURCE_FREE)
        free(m);
    if (command == ZIP_SOURCE_STAT) {
        zip_stat_init(data);
        return sizeof(zip_stat_t);
    }
    if (command == ZIP_SOURCE_SUPPORTS)
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              -1);
    if (command != ZIP_SOURCE_READ)
        return 0;
    if (m->rest_at == m->rest_len) {
        m->rest_len = endless_read(&m->text, m->rest, sizeof m->rest);
        m->rest_at = 0;
    }
    len = MIN(len, m->rest_len - m->rest_at);
    memcpy(data, m->rest + m->rest_at, len);
    m->rest_at += len;
    return (zip_int64_t)len;
}

static const char *endless_zip(struct sheet_bench *b, const struct part *parts, size_t count,
                               const char *name, struct endless text)
{
    const char *path = bench_zip(b, "x.zip", parts, count);
    int error = 0;
    zip_t *z = zip_open(path, ZIP_CREATE, &error);
    struct member *m = xcalloc(1, sizeof *m);
    m->text = text;
    zip_source_t *source = zip_source_function(z, member_do, m);
    zip_int64_t at = zip_file_add(z, name, source, ZIP_FL_OVERWRITE);
    assert_true(at >= 0);
    assert_int_equal(zip_set_file_compression(z, (zip_uint64_t)at, ZIP_CM_DEFLATE, 1), 0);
    assert_int_equal(zip_close(z), 0);
    return path;
}

/* Reads all and says what came: good rows, rows at fault, and the refusal. */
static str tally(struct sheet_bench *b, const char *path, const struct sheet_options *o)
{
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_row row;
    i64 good = 0, bad = 0;
    enum err e = sheet_open(&b->cx, path, o, &s);
    while (e == OK && (e = sheet_next(&b->cx, s, &row)) == OK) {
        good += row.fault == SHEET_FINE;
        bad += row.fault != SHEET_FINE;
    }
    str why = e == ERR_DONE ? S("") : bench_reason(b, e);
    return arena_fmt(&b->arena, "%lld %lld%.*s", (long long)good, (long long)bad, STR_ARG(why));
}

static const struct sheet_options trusting = { .ratio_max = INT64_MAX, .headless = true };
static const struct sheet_options usual = { .headless = true };
#define BOMB "!It is packed too tightly to be a table: refused as a bomb"

/* ── text ── */

struct feeder {
    const char *path;
    struct endless text;
};

static void *feed(void *arg)
{
    struct feeder *f = arg;
    static char chunk[1 << 17];
    int fd = open(f->path, O_WRONLY | O_CLOEXEC);
    for (size_t len; (len = endless_read(&f->text, chunk, sizeof chunk));)
        for (size_t at = 0; at < len;) {
            ssize_t n = write(fd, chunk + at, len - at);
            if (n <= 0)
                abort();
            at += (size_t)n;
        }
    close(fd);
    return NULL;
}

static void through_a_pipe(struct sheet_bench *b, struct endless text, const char *expected)
{
    struct feeder f = { bench_path(b, "pipe"), text };
    pthread_t thread;
    assert_int_equal(mkfifo(f.path, 0600), 0);
    assert_int_equal(pthread_create(&thread, NULL, feed, &f), 0);
    assert_str(tally(b, f.path, &usual), expected);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void a_line(struct sheet_bench *b)
{
    through_a_pipe(b, (struct endless) { "a,b\n", "xxxxxxxxxxxxxxxx", "\nc,d\n", GIB }, "2 1");
}

static void a_line_of_cells(struct sheet_bench *b)
{
    through_a_pipe(b, (struct endless) { "a,b\n", "x,\"y\",", "\nc,d\n", GIB / 2 }, "2 1");
}

static void a_quote(struct sheet_bench *b)
{
    through_a_pipe(b, (struct endless) { "a,b\n\"", "xxxxxxxxxxxxxxxx", "\nc,d\n", GIB }, "2 1");
}

/* Each line opens a quote that the next one closes, or does not. */
static void quotes(struct sheet_bench *b)
{
    struct endless text = { "a,b\n", "\"a\"\"\n", "", 4 << 20, false, 0, 0 };
    through_a_pipe(b, text, "419431 1");
}

static void a_hole(struct sheet_bench *b)
{
    struct endless text = { "a,b\n", "c,d\n", "e,f\n", 2 * SAMPLE_SIZE, false, 0, 0 };
    char *head = arena_alloc(&b->arena, 4 * SAMPLE_SIZE);
    size_t len = endless_read(&text, head, 4 * SAMPLE_SIZE);
    const char *path = bench_file(b, "x.csv", (str) { head, len });
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "\nc,d\n", 5, GIB), 5);
    close(fd);
    assert_str(tally(b, path, &usual), "32771 1");
}

/* ── packed ── */

static void an_xz(struct sheet_bench *b)
{
    lzma_stream x = LZMA_STREAM_INIT;
    struct endless text = { "a,b\n", "xxxxxxxxxxxxxxxx", "\nc,d\n", GIB / 4, false, 0, 0 };
    static char in[1 << 16], packed[1 << 16];
    const char *path = bench_path(b, "x.xz");
    FILE *f = fopen(path, "wb");
    assert_int_equal(lzma_easy_encoder(&x, 0, LZMA_CHECK_CRC32), LZMA_OK);
    lzma_ret r = LZMA_OK;
    for (size_t len = 1; r == LZMA_OK;) {
        if (!x.avail_in && len) {
            len = endless_read(&text, in, sizeof in);
            x.next_in = (uint8_t *)in;
            x.avail_in = len;
        }
        x.next_out = (uint8_t *)packed;
        x.avail_out = sizeof packed;
        r = lzma_code(&x, len ? LZMA_RUN : LZMA_FINISH);
        assert_int_equal(fwrite(packed, 1, sizeof packed - x.avail_out, f),
                         sizeof packed - x.avail_out);
    }
    assert_int_equal(r, LZMA_STREAM_END);
    lzma_end(&x);
    assert_int_equal(fclose(f), 0);
    assert_str(tally(b, path, &usual), "1 1" BOMB);
    assert_str(tally(b, path, &trusting), "2 1");
}

static void a_zip(struct sheet_bench *b)
{
    struct endless text = { "a,b\n", "xxxxxxxxxxxxxxxx", "\nc,d\n", GIB / 4, false, 0, 0 };
    const char *path = endless_zip(b, NULL, 0, "x.csv", text);
    assert_str(tally(b, path, &usual), "0 0" BOMB);
    assert_str(tally(b, path, &trusting), "2 1");
}

/* ── workbooks ── */

/* `expected` is what one who trusts it sees. Others see that it is a bomb, if it is packed tightly.
 */
static void book_bomb(struct sheet_bench *b, const char *member, struct endless text, bool tight,
                      const char *expected)
{
    const struct part parts[] = {
        { "[Content_Types].xml", BOOK_TYPES },
        { "_rels/.rels", BOOK_RELS },
        { "xl/workbook.xml", BOOK_ONE_SHEET },
        { "xl/_rels/workbook.xml.rels", BOOK_WORKBOOK_RELS },
        { "xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>" },
    };
    const char *path = endless_zip(b, parts, COUNT(parts), member, text);
    assert_str(tally(b, path, &usual), tight ? "0 0" BOMB : expected);
    assert_str(tally(b, path, &trusting), expected);
}

#define SHEET_MEMBER "xl/worksheets/sheet1.xml"
#define XML_REFUSED  "0 0!The workbook's XML would take too much memory: refused"

static void a_book_with_a_cell(struct sheet_bench *b)
{
    book_bomb(b, SHEET_MEMBER,
              (struct endless) {
                  "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>", "xxxxxxxxxxxxxxxx",
                  "</t></is></c></row><row><c><v>1</v></c></row></sheetData></worksheet>", GIB / 16,
                  false, 0, 0 },
              true, "1 1");
}

static void a_book_with_cells(struct sheet_bench *b)
{
    book_bomb(b, SHEET_MEMBER,
              (struct endless) { "<worksheet><sheetData><row>", "<c><v>1</v></c>",
                                 "</row><row><c><v>1</v></c></row></sheetData></worksheet>",
                                 32 << 20, false, 0, 0 },
              true, "1 1");
}

static void a_book_with_an_attribute(struct sheet_bench *b)
{
    book_bomb(b, SHEET_MEMBER,
              (struct endless) { "<worksheet><sheetData><row r=\"", "1111111111111111",
                                 "\"/></sheetData></worksheet>", GIB / 16, false, 0, 0 },
              true, XML_REFUSED);
}

static void a_book_with_a_comment(struct sheet_bench *b)
{
    book_bomb(b, SHEET_MEMBER,
              (struct endless) { "<worksheet><!--", "xxxxxxxxxxxxxxxx", "--></worksheet>", GIB / 16,
                                 false, 0, 0 },
              true, XML_REFUSED);
}

static void a_book_with_names(struct sheet_bench *b)
{
    book_bomb(b, SHEET_MEMBER,
              (struct endless) { "<worksheet>", "<a_name_that_is_rather_long_#/>", "</worksheet>",
                                 32 << 20, true, 0, 0 },
              false, XML_REFUSED);
}

#define TOO_MUCH_TEXT "0 0!There is too much text in the workbook: save it as CSV"

static void a_book_with_texts(struct sheet_bench *b)
{
    book_bomb(
        b, "xl/sharedStrings.xml",
        (struct endless) {
            "<sst>",
            "<si><t>a text that is as long as a text may well be in a table of a shop #</t></si>",
            "</sst>", 48 << 20, true, 0, 0 },
        false, TOO_MUCH_TEXT);
}

static void a_book_with_empty_texts(struct sheet_bench *b)
{
    book_bomb(b, "xl/sharedStrings.xml",
              (struct endless) { "<sst>", "<si/>", "</sst>", 48 << 20, false, 0, 0 }, false,
              TOO_MUCH_TEXT);
}

static const struct bomb {
    const char *name;
    void (*run)(struct sheet_bench *b);
} bombs[] = {
    { "a line", a_line },
    { "a line of cells", a_line_of_cells },
    { "a quote", a_quote },
    { "quotes", quotes },
    { "a hole", a_hole },
    { "an xz", an_xz },
    { "a zip", a_zip },
    { "a book with a cell", a_book_with_a_cell },
    { "a book with cells", a_book_with_cells },
    { "a book with an attribute", a_book_with_an_attribute },
    { "a book with a comment", a_book_with_a_comment },
    { "a book with names", a_book_with_names },
    { "a book with texts", a_book_with_texts },
    { "a book with empty texts", a_book_with_empty_texts },
};

/* "VmHWM:", the peak of this process, or "VmRSS:", what it has now. getrusage() would count what
 * the process had before its exec, too. */
static long memory_kb(const char *which)
{
    char line[256];
    long kb = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && kb < 0 && fgets(line, sizeof line, f))
        if (strncmp(line, which, strlen(which)) == 0)
            kb = strtol(line + strlen(which), NULL, 10);
    if (f)
        (void)fclose(f);
    return kb;
}

static const struct bomb *chosen;

static void stays_small(void **state)
{
    struct sheet_bench b;
    (void)state;
    bench_begin(&b);
    long before = memory_kb("VmRSS:");
    chosen->run(&b);
    bench_end(&b);
    long peak = memory_kb("VmHWM:");
    print_message("%s: %ld KiB above %ld KiB\n", chosen->name, peak - before, before);
    assert_true(before > 0);
    assert_in_range(peak - before, 1, MEMORY_MAX_KB);
}

/* What the copy said, but for its own count of tests: how much it took, or why it failed. */
static void repeat(FILE *said)
{
    char line[512];
    rewind(said);
    while (fgets(line, sizeof line, said))
        if (!strstr(line, " test(s)") && line[0] != '[')
            print_message("%s", line);
    (void)fclose(said);
}

/* Runs one in a fresh copy of this program. Freed memory is given back at once there, and not kept
 * by the sanitizer to see who still uses it. */
static void in_its_own_process(void **state)
{
    const struct bomb *bomb = *state;
    int status = 0;
    FILE *said = tmpfile();
    assert_non_null(said);
    pid_t child = fork();
    if (child == 0) {
        setenv("HETANG_BOMB", bomb->name, 1);
        setenv("ASAN_OPTIONS", "quarantine_size_mb=1", 1);
        if (dup2(fileno(said), STDOUT_FILENO) >= 0 && dup2(fileno(said), STDERR_FILENO) >= 0)
            execl("/proc/self/exe", "unit", "sheet_bomb", NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    repeat(said);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int sheet_bomb_test(void);
int sheet_bomb_test(void)
{
    struct CMUnitTest tests[COUNT(bombs)];
    const char *name = getenv("HETANG_BOMB");
    for (size_t i = 0; i < COUNT(bombs); i++) {
        tests[i] = (struct CMUnitTest) { bombs[i].name, in_its_own_process, NULL, NULL,
                                         (void *)&bombs[i] };
        if (name && strcmp(name, bombs[i].name) == 0)
            chosen = &bombs[i];
    }
    if (chosen) {
        const struct CMUnitTest one[] = { cmocka_unit_test(stays_small) };
        return cmocka_run_group_tests_name(name, one, NULL, NULL);
    }
    return cmocka_run_group_tests_name("sheet_bomb", tests, NULL, NULL);
}
