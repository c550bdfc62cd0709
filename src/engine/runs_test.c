#include "base/test.h"

#include "engine/runs.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rand.h"
#include "base/time.h"

static char folder[] = "/tmp/hetang-runs-XXXXXX";
static const char *why;

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    return mkdtemp(folder) ? 0 : -1;
}

static size_t files(char first[512])
{
    size_t n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.') {
            if (first && !n)
                snprintf(first, 512, "%s/%.200s", folder, e->d_name);
            n++;
        }
    closedir(dir);
    return n;
}

static int remove_folder(void **state)
{
    (void)state;
    for (char path[512]; files(path);)
        unlink(path);
    return rmdir(folder);
}

#define KEYS 50

/* Each key's numbers as a plain list. */
struct model {
    i64 *seqs[KEYS];
    size_t n[KEYS];
};

static void model_add(struct model *m, size_t key, i64 seq)
{
    if ((m->n[key] & (m->n[key] - 1)) == 0) /* 0, 1, 2, 4 …: full */
        m->seqs[key] = xrealloc(m->seqs[key], MAX(2 * m->n[key], 1) * sizeof(i64));
    m->seqs[key][m->n[key]++] = seq;
}

static void model_done(struct model *m)
{
    for (size_t k = 0; k < KEYS; k++)
        free(m->seqs[k]);
}

static uint64_t spread(size_t key) /* 0 and INT64_MIN among them */
{
    return key == 0 ? 0 : key == 1 ? UINT64_C(1) << 63 : u64_hash(key);
}

static void compare(struct runs *r, const struct model *m, i64 below)
{
    i64 got[40];
    for (size_t k = 0; k < KEYS; k++) {
        size_t want = m->n[k], n = runs_find(r, spread(k), below, got, COUNT(got));
        while (want && m->seqs[k][want - 1] >= below)
            want--;
        assert_int_equal(n, MIN(want, COUNT(got)));
        for (size_t i = 0; i < n; i++)
            assert_int_equal(got[i], m->seqs[k][want - 1 - i]);
    }
    assert_false(runs_has(r, u64_hash(12345)));
}

/* Enough for several files, merged twice over, with a tail left; then the same after opening again.
 */
static void finds_what_a_list_would(void **state)
{
    (void)state;
    struct runs *r;
    struct model m = { 0 };
    struct rnd rnd;
    i64 seq = 0, kept;
    rnd_seed(&rnd, 7);
    assert_ok(runs_open(folder, "a", &r, &why));
    for (int batch = 0; batch < 1400; batch++) {
        for (int i = 0; i < 500; i++) {
            size_t key = (size_t)rnd_below(&rnd, KEYS);
            seq += 1 + (i64)rnd_below(&rnd, 3);
            runs_add(r, spread(key), seq);
            model_add(&m, key, seq);
        }
        assert_ok(runs_cover(r, seq, batch));
        if (batch % 200 == 0)
            compare(r, &m, batch % 400 ? INT64_MAX : seq / 2);
    }
    assert_true(files(NULL) < 8);
    compare(r, &m, INT64_MAX);
    runs_close(r);

    assert_ok(runs_open(folder, "a", &r, &why));
    kept = runs_covered(r);
    assert_true(kept > 0 && kept < seq); /* the tail is gone: the log has it */
    for (size_t k = 0; k < KEYS; k++)
        for (size_t i = 0; i < m.n[k]; i++)
            if (m.seqs[k][i] > kept)
                runs_add(r, spread(k), m.seqs[k][i]);
    assert_ok(runs_cover(r, seq, 0));
    compare(r, &m, INT64_MAX);
    runs_close(r);
    model_done(&m);
}

static void fill(i64 upto)
{
    struct runs *r;
    assert_ok(runs_open(folder, "b", &r, &why));
    for (i64 seq = runs_covered(r) + 1; seq <= upto; seq++) {
        runs_add(r, (uint64_t)seq % 1000, seq);
        if (seq % 500 == 0)
            assert_ok(runs_cover(r, seq, seq));
    }
    runs_close(r);
}

/* Whatever byte of the head is changed or the end cut off: the file covers nothing, and what it
 * covered is asked for again. */
static void damage_means_covering_less(void **state)
{
    (void)state;
    struct runs *r;
    char path[512];
    fill(70000);
    assert_int_equal(files(path), 1);
    for (off_t at = 0; at < 56; at += 5) {
        FILE *f = fopen(path, "r+b");
        fseek(f, at, SEEK_SET);
        int c = fgetc(f);
        fseek(f, at, SEEK_SET);
        fputc(c ^ 1, f);
        fclose(f);
        assert_ok(runs_open(folder, "b", &r, &why));
        assert_int_equal(runs_covered(r), 0);
        runs_close(r);
        assert_int_equal(files(NULL), 0);
        fill(70000);
        files(path);
    }
    assert_int_equal(truncate(path, 1000), 0);
    assert_ok(runs_open(folder, "b", &r, &why));
    assert_int_equal(runs_covered(r), 0);
    runs_close(r);
}

static void old_files_are_dropped(void **state)
{
    (void)state;
    struct runs *r;
    fill(140000);
    assert_int_equal(files(NULL), 2);
    assert_ok(runs_open(folder, "b", &r, &why));
    assert_true(runs_has(r, 7));
    runs_drop_before(r, 70000);
    assert_int_equal(files(NULL), 1);
    runs_close(r);
    assert_ok(runs_open(folder, "b", &r, &why)); /* beginning later is no gap */
    assert_true(runs_covered(r) > 130000);
    runs_drop_before(r, INT64_MAX);
    assert_false(runs_has(r, 7));
    runs_close(r);
}

int runs_test(void);
int runs_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_what_a_list_would, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(damage_means_covering_less, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(old_files_are_dropped, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("runs", tests, NULL, NULL);
}
