/* An instance opened: what is refused, and that the message says what to do. */
#include "core/testing.h"

#include <fcntl.h>
#include <sys/stat.h>

static enum err try_open(struct test_app *t, enum app_use use, const char **ret_why)
{
    struct app second = test_app_like(&t->app);
    enum err e = app_open(&second, use, ret_why);
    if (e == OK)
        app_close(&second);
    return e;
}

static void refused(struct test_app *t, enum app_use use, const char *part)
{
    const char *why = "";
    assert_int_not_equal(try_open(t, use, &why), OK);
    if (!str_has(str_of(why), str_of(part)))
        fail_msg("%s", why);
}

static str path(struct test_app *t, const char *name)
{
    return arena_fmt(&t->arena, "%s/%s", t->at.folder, name);
}

static void one_process_a_folder(void **state)
{
    struct test_app t;
    const char *why = "";
    test_app_open(&t, test_engine(state), NULL);
    refused(&t, APP_WORK, arena_fmt(&t.arena, "another Hetang (process %d)", (int)getpid()).ptr);
    assert_ok(try_open(&t, APP_LOOK, &why)); /* looking on is allowed */
    test_app_reopen(&t);
    test_app_close(&t);
}

static void write_file(str name, const char *text, mode_t mode)
{
    int fd = open(name.ptr, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void the_key_file(void **state)
{
    struct test_app t;
    test_app_open(&t, test_engine(state), NULL);
    app_close(&t.app);
    str key = path(&t, "hetang.key"), aside = path(&t, "aside");
    struct stat st;
    assert_int_equal(stat(key.ptr, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(rename(key.ptr, aside.ptr), 0);
    refused(&t, APP_WORK, "is missing, and without it private data cannot be read");
    assert_int_not_equal(access(key.ptr, F_OK), 0); /* none was made in its place */
    refused(&t, APP_LOOK, "is missing");
    static const char *const damaged[] = { "", "garbage\n", "index 00\n",
                                           "index 0000000000000000000000000000000000000000000000000"
                                           "000000000000000\n",
                                           "key 1 zz\n" };
    for (size_t i = 0; i < COUNT(damaged); i++) {
        write_file(key, damaged[i], 0600);
        refused(&t, APP_WORK, "is damaged");
    }
    assert_int_equal(rename(aside.ptr, key.ptr), 0);
    assert_int_equal(chmod(key.ptr, 0640), 0);
    refused(&t, APP_WORK, "can be read by others; cure: chmod 600");
    assert_int_equal(chmod(key.ptr, 0600), 0);
    test_app_reopen(&t);
    test_app_close(&t);
}

static void a_damaged_database(void **state)
{
    struct test_app t;
    (void)state;
    test_app_open(&t, DB_SQLITE, NULL);
    app_close(&t.app);
    write_file(path(&t, "hetang.db"),
               "this is no database, it is a letter to my aunt, and it is longer "
               "than the hundred bytes of a header so that it is read",
               0600);
    refused(&t, APP_WORK, "hetang.db: it is not a usable SQLite file");
    refused(&t, APP_LOOK, "hetang.db: it is not a usable SQLite file");
    assert_int_equal(unlink(path(&t, "hetang.db").ptr), 0);
    refused(&t, APP_LOOK, "there is no instance in");
    refused(&t, APP_WORK, "there is no instance in");
    test_app_close(&t);
}

static void a_setting_that_means_nothing(void **state)
{
    struct test_app t;
    const char *why;
    (void)state;
    test_app_open(&t, DB_SQLITE, NULL);
    app_close(&t.app);
    assert_ok(config_set(&t.app.config, S("zone"), S("Asia/Atlantis"), &why));
    refused(&t, APP_WORK, "the system knows no time zone Asia/Atlantis");
    assert_ok(config_set(&t.app.config, S("zone"), S("Asia/Shanghai"), &why));
    test_app_reopen(&t);
    test_app_close(&t);
}

static void a_folder_that_cannot_be(void **state)
{
    struct test_app t;
    const char *why = "";
    (void)state;
    test_app_open(&t, DB_SQLITE, NULL);
    app_close(&t.app);
    char *kept = t.app.config.data;
    t.app.config.data = xstrdup(path(&t, "hetang.key/inside"));
    assert_int_not_equal(try_open(&t, APP_MAKE, &why), OK);
    assert_true(str_has(str_of(why), S("cannot make the data folder")));
    free(t.app.config.data);
    t.app.config.data = kept;
    test_app_close(&t);
}

static void work_waits_for_commits(void **state)
{
    struct test_app t;
    test_app_open(&t, test_engine(state), NULL);
    uint64_t seen = t.app.commits;
    assert_int_equal(app_wait_commit(&t.app, seen, 1), seen); /* nothing was written */
    test_app_write(&t, "INSERT INTO setting (key, value, changed_at) VALUES ('a', '1', 1)");
    assert_true(app_wait_commit(&t.app, seen, 60000) > seen);
    test_app_move(&t, DAY_MS);
    assert_int_equal(app_now(&t.app).ms, TEST_NOW + DAY_MS);
    test_app_close(&t);
}

int app_test(void);
int app_test(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(one_process_a_folder),
        ON_BOTH(the_key_file),
        cmocka_unit_test(a_damaged_database),
        cmocka_unit_test(a_setting_that_means_nothing),
        cmocka_unit_test(a_folder_that_cannot_be),
        ON_BOTH(work_waits_for_commits),
    };
    return cmocka_run_group_tests_name("app", tests, NULL, NULL);
}
