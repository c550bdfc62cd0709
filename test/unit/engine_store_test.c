/* The column store on disk: what was saved comes back, what was damaged does not, whenever the
 * process dies. */
#include "base/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rand.h"
#include "base/time.h"
#include "engine/store_internal.h"
#include "engine/xxh64.h"
#include "engine_told.h"
#include "scratch.h"

int engine_store_test(void);

#define ORIGIN    UINT64_C(77)
#define FACTS     6000
#define DAMAGES   300
#define FORGERIES 600
#define DEATHS    25

struct place {
    char folder[64];
    struct arena a;
};

static int place_open(void **state)
{
    struct place *p = xcalloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/hetang-unit-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    *state = p;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

static int place_close(void **state)
{
    struct place *p = *state;
    remove_folder(p->folder);
    arena_done(&p->a);
    free(p);
    return 0;
}

static void fold(struct engine *e)
{
    engine_begin(e);
    engine_fold(e);
    engine_end(e);
}

static void save(struct engine *e, const struct place *p)
{
    const char *reason = "";
    if (engine_save(e, p->folder, ORIGIN, &reason) != OK)
        fail_msg("%s", reason);
}

static struct engine *load(const struct place *p)
{
    const char *reason = "";
    struct engine *e = NULL;
    if (engine_load(p->folder, ORIGIN, 2, &e, &reason) != OK)
        fail_msg("%s", reason);
    return e;
}

/* Some in bases, some in tails. */
static void saved(const struct place *p, i64 folded, i64 told)
{
    struct engine *e = engine_new(1);
    told_more(e, 0, folded);
    fold(e);
    told_more(e, folded, told);
    save(e, p);
    engine_free(e);
}

static void refused(const struct place *p, enum err how, const char *why)
{
    const char *reason = "";
    struct engine *e = NULL;
    assert_int_equal(engine_load(p->folder, ORIGIN, 2, &e, &reason), how);
    assert_null(e);
    assert_string_equal(reason, why);
}

/* --- files */

static size_t files_of(const struct place *p, char names[][300], size_t max)
{
    size_t n = 0;
    DIR *dir = opendir(p->folder);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) && n < max;)
        if (e->d_name[0] != '.')
            snprintf(names[n++], 300, "%.60s/%.200s", p->folder, e->d_name);
    closedir(dir);
    return n;
}

static char *file_read(const char *path, size_t *ret_size)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    char *bytes = xmalloc((size_t)st.st_size);
    assert_int_equal(read(fd, bytes, (size_t)st.st_size), st.st_size);
    close(fd);
    *ret_size = (size_t)st.st_size;
    return bytes;
}

static void file_write(const char *path, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

/* --- tests */

static void comes_back_as_it_was(void **state)
{
    struct place *p = *state;
    const char *reason = "";
    struct engine *none = NULL;
    assert_int_equal(engine_load(p->folder, ORIGIN, 1, &none, &reason), ERR_NOT_FOUND);
    struct engine *e = engine_new(2);
    i64 told = 0;
    for (int round = 0; round < 12; round++) {
        i64 to = told + 1 + round * 97;
        told_more(e, told, to);
        told = to;
        if (round % 3 == 1)
            fold(e);
        save(e, p);
        if (round % 2)
            save(e, p); /* nothing is new */
        engine_free(e);
        e = load(p);
        assert_int_equal(engine_covered(e), told);
        str want = told_expected(&p->a, told), have = told_answers(&p->a, e);
        assert_true(str_eq(want, have));
    }
    engine_free(e);
}

static void an_empty_engine_comes_back(void **state)
{
    struct place *p = *state;
    struct engine *e = engine_new(1);
    save(e, p);
    engine_free(e);
    e = load(p);
    str nothing = told_expected(&p->a, 0);
    assert_true(str_eq(told_answers(&p->a, e), nothing));
    told_more(e, 0, 500);
    str some = told_expected(&p->a, 500);
    assert_true(str_eq(told_answers(&p->a, e), some));
    engine_free(e);
}

static size_t bases_of(const struct place *p, uint64_t *ret_sum)
{
    char names[64][300];
    size_t n = files_of(p, names, 64), bases = 0;
    *ret_sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!str_ends(str_of(names[i]), S(".base")))
            continue;
        bases++;
        *ret_sum += str_hash(str_of(names[i]));
    }
    return bases;
}

static void only_what_changed_is_written(void **state)
{
    struct place *p = *state;
    uint64_t before, after;
    struct engine *e = engine_new(1);
    told_more(e, 0, 1000);
    fold(e);
    save(e, p);
    assert_int_equal(bases_of(p, &before), 3);
    told_more(e, 1000, 1200);
    save(e, p);
    assert_int_equal(bases_of(p, &after), 3);
    assert_true(before == after);
    fold(e);
    save(e, p);
    assert_int_equal(bases_of(p, &after), 3); /* others, and the old ones are gone */
    assert_true(before != after);
    engine_free(e);
    e = load(p); /* whose bases are in these files: nothing to write either */
    told_more(e, 1200, 1300);
    save(e, p);
    assert_int_equal(bases_of(p, &before), 3);
    assert_true(before == after);
    engine_free(e);
}

static void a_base_that_was_removed_is_written_again(void **state)
{
    struct place *p = *state;
    char names[64][300];
    struct engine *e = engine_new(1);
    told_more(e, 0, 1000);
    fold(e);
    save(e, p);
    size_t n = files_of(p, names, 64);
    for (size_t i = 0; i < n; i++)
        unlink(names[i]);
    save(e, p);
    engine_free(e);
    e = load(p);
    str want = told_expected(&p->a, 1000);
    assert_true(str_eq(told_answers(&p->a, e), want));
    engine_free(e);
}

static void another_folder_gets_everything(void **state)
{
    struct place *p = *state, other = { 0 };
    snprintf(other.folder, sizeof other.folder, "%.40s/other", p->folder);
    saved(p, 900, 1000);
    struct engine *e = load(p);
    save(e, &other);
    engine_free(e);
    e = load(&other);
    str want = told_expected(&p->a, 1000);
    assert_true(str_eq(told_answers(&p->a, e), want));
    engine_free(e);
}

static void of_another_log_or_version_is_refused(void **state)
{
    struct place *p = *state;
    char path[300];
    const char *reason = "";
    struct engine *none = NULL;
    size_t size;
    saved(p, 900, 1000);
    assert_int_equal(engine_load(p->folder, ORIGIN + 1, 1, &none, &reason), ERR_FILE);
    assert_string_equal(reason, "it is of another log");
    snprintf(path, sizeof path, "%s/index", p->folder);
    char *bytes = file_read(path, &size);
    bytes[12]++; /* the version, behind magic and order */
    file_write(path, bytes, size);
    refused(p, ERR_FILE, "a file is of another version");
    bytes[12]--;
    bytes[8] = bytes[8] == 1 ? 4 : 1; /* the order of bytes */
    file_write(path, bytes, size);
    refused(p, ERR_FILE, "a file is of another version");
    file_write(path, "SQLite format 3 and more than 64 bytes of something else entirely ", 67);
    refused(p, ERR_FILE, "a file is not of the column store");
    free(bytes);
}

/* Files of two saves do not go together. */
static void an_index_with_bases_of_another_save_is_refused(void **state)
{
    struct place *p = *state;
    char path[300], names[64][300];
    size_t size;
    saved(p, 900, 1000);
    snprintf(path, sizeof path, "%s/index", p->folder);
    char *index = file_read(path, &size);
    size_t n = files_of(p, names, 64);
    for (size_t i = 0; i < n; i++)
        unlink(names[i]);
    saved(p, 800, 1000); /* numbers its bases from the beginning again */
    file_write(path, index, size);
    refused(p, ERR_FILE, "a base is not the one that was saved");
    free(index);
}

/* Bits flipped, ends cut off, files that grew or are gone: never a wrong answer. */
static void damage_is_found(void **state)
{
    struct place *p = *state;
    char names[64][300];
    struct rnd r;
    rnd_seed(&r, random_seed());
    saved(p, FACTS - 500, FACTS);
    size_t n = files_of(p, names, 64);
    assert_int_equal(n, 4);
    for (int i = 0; i < DAMAGES; i++) {
        const char *path = names[rnd_below(&r, n)], *reason = "";
        struct engine *e = NULL;
        size_t size;
        char *bytes = file_read(path, &size), *changed = xmalloc(size + 100);
        size_t new_size = size, at = rnd_below(&r, size);
        memcpy(changed, bytes, size);
        memset(changed + size, 0, 100);
        if (i % 4 == 0)
            new_size = at;
        else if (i % 16 == 1)
            new_size = size + 1 + rnd_below(&r, 99);
        else if (i % 16 == 2)
            memset(changed + at, ~changed[at], 1 + rnd_below(&r, size - at));
        else
            changed[at] ^= (char)(1 << rnd_below(&r, 8));
        file_write(path, changed, new_size);
        assert_int_equal(engine_load(p->folder, ORIGIN, 2, &e, &reason), ERR_FILE);
        assert_true(strlen(reason) > 0);
        file_write(path, bytes, size);
        free(bytes);
        free(changed);
    }
    for (size_t i = 0; i < n; i++) {
        char aside[310];
        snprintf(aside, sizeof aside, "%.300s~", names[i]);
        assert_int_equal(rename(names[i], aside), 0);
        refused(p, str_ends(str_of(names[i]), S("index")) ? ERR_NOT_FOUND : ERR_FILE,
                "a file is missing");
        assert_int_equal(rename(aside, names[i]), 0);
    }
    engine_free(load(p));
}

/* With checksums that are right: content nobody wrote. Read or refused, but never past an end. */
static void forgeries_do_no_harm(void **state)
{
    struct place *p = *state;
    struct rnd r;
    struct bytes b = { 0 };
    int read = 0;
    struct engine *e = engine_new(1);
    told_more(e, 0, 900);
    index_write(e, ORIGIN, &b);
    engine_free(e);
    rnd_seed(&r, random_seed());
    for (int i = 0; i < FORGERIES; i++) {
        struct index_base *bases = NULL;
        size_t count, len = i % 5 ? b.n : rnd_below(&r, b.n);
        uint64_t origin;
        char *copy = xmalloc(b.n);
        memcpy(copy, b.at, b.n);
        for (uint64_t k = 1 + rnd_below(&r, 3); k; k--)
            copy[rnd_below(&r, i % 2 ? b.n : 2000)] = (char)rnd_u64(&r);
        struct taken from = { copy, copy + len, false };
        struct engine *other = engine_new(1);
        if (index_head(&from, &origin, &other->covered) &&
            index_read(&from, other, &bases, &count)) {
            for (size_t k = 0; k < other->table_count; k++)
                table_settle(other->tables[k]);
            told_answers(&p->a, other);
            fold(other);
            told_answers(&p->a, other);
            read++;
        }
        free(bases);
        engine_free(other);
        free(copy);
    }
    print_message("%d of %d were read\n", read, FORGERIES);
    assert_true(read > FORGERIES / 20 && read < FORGERIES);
    free(b.at);
}

static void forged_bases_do_no_harm(void **state)
{
    struct place *p = *state;
    char path[300];
    struct rnd r;
    uint64_t root;
    int read = 0;
    rnd_seed(&r, random_seed());
    struct engine *e = engine_new(1);
    told_more(e, 0, 900);
    fold(e);
    snprintf(path, sizeof path, "%s/1.base", p->folder);
    assert_ok(base_write(e->tables[0], path, &root));
    for (int i = 0; i < FORGERIES; i++) {
        struct store_map m;
        const char *reason = "";
        struct table t = { 0 };
        assert_ok(store_map(path, STORE_BASE, &m, &reason));
        char *content = aligned_alloc(STORE_ALIGN, store_round(m.len));
        memcpy(content, m.content, m.len);
        for (uint64_t k = 1 + rnd_below(&r, 3); k; k--)
            content[rnd_below(&r, i % 2 ? m.len : 1000)] = (char)rnd_u64(&r);
        m.content = content;
        if (base_read(&t, &m) && base_holds(&t, e->dict.count + 1)) {
            uint64_t sum = 0;
            for (size_t c = 0; c < t.column_count; c++)
                for (size_t row = 0; row < t.base_count; row++)
                    sum += packed_raw(&t.columns[c].base, row);
            for (size_t k = 0; k < t.block_count; k++)
                sum += t.block_start[k + 1] - t.block_start[k];
            table_fold(&t, &e->alive);
            read += sum != 0;
        }
        table_done(&t);
        store_unmap(&m);
        free(content);
    }
    print_message("%d of %d were read\n", read, FORGERIES);
    assert_true(read > FORGERIES / 20 && read < FORGERIES);
    engine_free(e);
}

/* Tells, folds and saves until it is killed. */
static void live(const struct place *p)
{
    const char *reason = "";
    struct engine *e = NULL;
    if (engine_load(p->folder, ORIGIN, 1, &e, &reason) != OK)
        e = engine_new(1);
    for (i64 told = engine_covered(e);; told += 50) {
        told_more(e, told, told + 50);
        if (told / 50 % 3 == 0)
            fold(e);
        if (engine_save(e, p->folder, ORIGIN, &reason) != OK)
            _exit(1);
    }
}

static void killed_at_any_moment_it_comes_back(void **state)
{
    struct place *p = *state;
    struct rnd r;
    i64 last = 0;
    int grew = 0;
    uint64_t longest_us = 60000;
    rnd_seed(&r, random_seed());
    for (int i = 0; i < DEATHS; i++) {
        uint64_t us = 5000 + rnd_below(&r, longest_us);
        struct timespec pause = { 0, (long)us * 1000 };
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (!child)
            live(p);
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        const char *reason = "";
        struct engine *e = NULL;
        enum err err = engine_load(p->folder, ORIGIN, 1, &e, &reason);
        if (err == ERR_NOT_FOUND && !last) {
            longest_us = MIN(2 * longest_us, 900000); /* the machine is busy with other things */
            continue;                                 /* not one save yet */
        }
        if (err != OK)
            fail_msg("%s", reason);
        i64 covered = engine_covered(e);
        assert_true(covered >= last);
        str want = told_expected(&p->a, covered), have = told_answers(&p->a, e);
        assert_true(str_eq(want, have));
        grew += covered > last;
        last = covered;
        engine_free(e);
        arena_reset(&p->a);
    }
    print_message("%d lives, %lld facts\n", grew, (long long)last);
    assert_true(grew > DEATHS / 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_open, place_close)

int engine_store_test(void)
{
    const struct CMUnitTest tests[] = {
        TEST(comes_back_as_it_was),
        TEST(an_empty_engine_comes_back),
        TEST(only_what_changed_is_written),
        TEST(a_base_that_was_removed_is_written_again),
        TEST(another_folder_gets_everything),
        TEST(of_another_log_or_version_is_refused),
        TEST(an_index_with_bases_of_another_save_is_refused),
        TEST(damage_is_found),
        TEST(forgeries_do_no_harm),
        TEST(forged_bases_do_no_harm),
        TEST(killed_at_any_moment_it_comes_back),
    };
    return cmocka_run_group_tests_name("engine_store", tests, NULL, NULL);
}
