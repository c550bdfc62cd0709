/* Settings: where each comes from, what is refused, and that no password is shown. */
#include "core/testing.h"

#include "core/config.h"

#include <fcntl.h>
#include <unistd.h>

struct setting_up {
    struct config c;
    char folder[40];
};

static void make(struct setting_up *s, const char *ini)
{
    config_init(&s->c);
    snprintf(s->folder, sizeof s->folder, "/tmp/hetang-config-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    free(s->c.data);
    s->c.data = xstrdup(str_of(s->folder));
    char path[80];
    snprintf(path, sizeof path, "%s/hetang.ini", s->folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(ini, f);
    fclose(f);
}

static void unmake(struct setting_up *s)
{
    config_done(&s->c);
    test_folder_remove(s->folder);
}

static void each_beats_the_one_before(void **state)
{
    (void)state;
    struct setting_up s;
    const char *why = "";
    make(&s, "# a comment\nzone = Europe/London\nworkers=7\n  slow_ms = 5\nqueue_max = 99\n");
    setenv("HETANG_WORKERS", "8", 1);
    setenv("HETANG_QUEUE_MAX", "100", 1);
    assert_ok(config_load(&s.c, &why));
    assert_ok(config_set(&s.c, S("queue-max"), S("101"), &why));
    assert_string_equal(s.c.zone, "Europe/London");
    assert_int_equal(s.c.workers, 8);
    assert_int_equal(s.c.slow_ms, 5); /* indented, and still a setting of its own */
    assert_int_equal(s.c.queue_max, 101);
    assert_int_equal(s.c.job_threads, 2);
    assert_int_equal(s.c.from[CONFIG_AT_zone], FROM_FILE);
    assert_int_equal(s.c.from[CONFIG_AT_workers], FROM_ENVIRONMENT);
    assert_int_equal(s.c.from[CONFIG_AT_queue_max], FROM_COMMAND_LINE);
    assert_int_equal(s.c.from[CONFIG_AT_job_threads], FROM_LIST);
    unsetenv("HETANG_WORKERS");
    unsetenv("HETANG_QUEUE_MAX");
    unmake(&s);
}

static void mistakes_in_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *ini, *why; /* behind "…/hetang.ini, " */
    } cases[] = {
        { "zone = UTC\nworkerz = 7\n", "line 2: there is no setting workerz" },
        { "workers = many\n", "line 1: workers must be a whole number from 0 to 512" },
        { "workers = 513\n", "line 1: workers must be a whole number from 0 to 512" },
        { "workers =\n", "line 1: workers must be a whole number from 0 to 512" },
        { "test_mode = yes\n", "line 1: test_mode must be true or false" },
        { "[server]\nworkers = 1\n", "line 2: sections are not used: [server]" },
        { "workers\n", "line 1: it cannot be read" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct setting_up s;
        const char *why = "";
        make(&s, cases[i].ini);
        assert_int_equal(config_load(&s.c, &why), ERR_CONFIG);
        if (!str_ends(str_of(why), str_of(cases[i].why)))
            fail_msg("%s", why);
        unmake(&s);
    }
}

static void a_long_line_is_read_whole(void **state)
{
    (void)state;
    struct setting_up s;
    struct arena a CLEANUP(arena_done) = { 0 };
    const char *why = "";
    str url = arena_fmt(&a, "postgres://u@%0*d/db", 3000, 7);
    make(&s, arena_fmt(&a, "db = %.*s\nworkers = 3\n", STR_ARG(url)).ptr);
    assert_ok(config_load(&s.c, &why));
    assert_str(str_of(s.c.db), url.ptr);
    assert_int_equal(s.c.workers, 3);
    unmake(&s);
}

static void no_password_is_shown(void **state)
{
    (void)state;
    static const struct {
        const char *value, *shown;
    } cases[] = {
        { "postgres://hetang:s3cret@db.example:5432/hetang",
          "postgres://hetang:***@db.example:5432/hetang" },
        { "postgres://hetang:p@ss:w0rd@db/hetang?x=a@b", "postgres://hetang:***@db/hetang?x=a@b" },
        { "postgres://hetang@db/hetang", "postgres://hetang@db/hetang" },
        { "postgres://:s3cret@db", "postgres://:***@db" },
        { "postgres:///hetang", "postgres:///hetang" },
        { "127.0.0.1:8080", "127.0.0.1:8080" },
        { "", "" },
        { "/", "/" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct config c;
        struct strbuf sb CLEANUP(strbuf_done);
        const char *why = "";
        config_init(&c);
        strbuf_init(&sb, NULL, 1000);
        assert_ok(config_set(&c, S("db"), str_of(cases[i].value), &why));
        out_config_value(&sb, &c, &config_rows[CONFIG_AT_db]);
        assert_str(strbuf_str(&sb), cases[i].shown);
        config_done(&c);
    }
}

static const char *file_text(struct arena *a, const struct setting_up *s)
{
    char *text = arena_alloc(a, 1000);
    FILE *f = fopen(arena_fmt(a, "%s/hetang.ini", s->folder).ptr, "r");
    assert_non_null(f);
    text[fread(text, 1, 999, f)] = '\0';
    fclose(f);
    return text;
}

static void a_setting_is_changed_or_left_out_and_the_rest_stays(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *before, *after;
    } cases[] = {
        { "workers", "3", "", "workers = 3\n" },
        { "workers", "3", "# a\n\nzone = UTC", "# a\n\nzone = UTC\nworkers = 3\n" },
        { "workers", "3", "workers=1\n# b\nworkers = 2\n", "workers = 3\n# b\n" },
        { "workers", NULL, "# a\nworkers=1\n# b\n  workers = 2\n", "# a\n# b\n" },
        { "slow_ms", NULL, "slow-ms = 1\nqueue_max = 9\n", "queue_max = 9\n" },
        { "slow_ms", NULL, "# slow_ms = 1\n", "# slow_ms = 1\n" },
        { "slow_ms", NULL, "", "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct setting_up s;
        struct arena a CLEANUP(arena_done) = { 0 };
        const char *why = "";
        make(&s, cases[i].before);
        assert_ok(config_write(s.folder, str_of(cases[i].name),
                               cases[i].value ? str_of(cases[i].value) : STR_NONE, &why));
        assert_string_equal(file_text(&a, &s), cases[i].after);
        unmake(&s);
    }
}

static void a_draft_that_is_not_published_changes_nothing(void **state)
{
    (void)state;
    struct setting_up s;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct config_draft d;
    const char *why = "";
    make(&s, "workers = 1\n");
    assert_ok(config_draft(s.folder, S("workers"), S("2"), &d, &why));
    assert_string_equal(file_text(&a, &s), "workers = 1\n");
    config_draft_done(&d);
    assert_int_equal(access(arena_fmt(&a, "%s/hetang.ini.new", s.folder).ptr, F_OK), -1);
    assert_ok(config_draft(s.folder, S("workers"), S("3"), &d, &why)); /* the lock is free again */
    assert_ok(config_publish(&d, &why));
    assert_string_equal(file_text(&a, &s), "workers = 3\n");
    unmake(&s);
    assert_int_equal(config_draft("/nowhere/at/all", S("workers"), S("2"), &d, &why), ERR_FILE);
}

/* What may change while it is read must not be a text. */
static void the_table_keeps_its_word(void **state)
{
    (void)state;
    struct config c;
    const char *why = "";
    config_init(&c);
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        assert_true(row->kind != CONFIG_TEXT_ROW || row->effect == BY_FILE);
        assert_true((row->kind == CONFIG_CHOICE_ROW) == (row->choices != NULL));
        assert_ptr_equal(config_find(str_of(row->name)), row);
    }
    assert_null(config_find(S("log")));
    assert_int_equal(config_set(&c, S("log_level"), S("loud"), &why), ERR_CONFIG);
    assert_string_equal(why, "log_level must be debug, info, warn or error");
    assert_ok(config_take(&c, &config_rows[CONFIG_AT_log_level], FROM_FILE, S("debug"), &why));
    assert_string_equal(c.log_level, "debug");
    assert_int_equal(c.from[CONFIG_AT_log_level], FROM_FILE);
    config_done(&c);
}

int config_test(void);
int config_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_beats_the_one_before),
        cmocka_unit_test(mistakes_in_the_file),
        cmocka_unit_test(a_long_line_is_read_whole),
        cmocka_unit_test(no_password_is_shown),
        cmocka_unit_test(a_setting_is_changed_or_left_out_and_the_rest_stays),
        cmocka_unit_test(a_draft_that_is_not_published_changes_nothing),
        cmocka_unit_test(the_table_keeps_its_word),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
