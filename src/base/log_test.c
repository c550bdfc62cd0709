#include "base/test.h"

#include "base/json.h"
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

static int real_stderr, file;

static int redirect(void **state)
{
    (void)state;
    char name[] = "/tmp/hetang-log-XXXXXX";
    real_stderr = dup(STDERR_FILENO);
    file = mkstemp(name);
    unlink(name);
    return dup2(file, STDERR_FILENO) < 0;
}

static int restore(void **state)
{
    (void)state;
    log_threshold(LOG_INFO);
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    return close(file);
}

/* What was logged since the last call. */
static str lines(struct arena *a)
{
    off_t size = lseek(file, 0, SEEK_CUR);
    char *text = arena_alloc(a, (size_t)size + 1);
    assert_int_equal(pread(file, text, (size_t)size, 0), size);
    assert_int_equal(ftruncate(file, 0), 0);
    lseek(file, 0, SEEK_SET);
    return (str) { text, (size_t)size };
}

static const struct json *only_line(struct arena *a)
{
    struct json_error bad;
    str text = lines(a);
    assert_int_equal(str_find(text, '\n'), text.len - 1);
    const struct json *j = json_read(a, text, &bad);
    assert_non_null(j);
    return j;
}

static void one_object_a_line(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    log_request(S("abc-1"));
    log_warn("test.event", P("text", "two\nlines \"quoted\" \xff"), P("n", 7));
    log_request(STR_NONE);
    const struct json *j = only_line(&a);
    assert_str(json_get(j, "level")->text, "warn");
    assert_str(json_get(j, "event")->text, "test.event");
    assert_str(json_get(j, "request_id")->text, "abc-1");
    assert_str(json_get(j, "text")->text, "two\nlines \"quoted\" �");
    assert_str(json_get(j, "n")->text, "7");
    log_info("test.other", P("n", 1));
    assert_null(json_get(only_line(&a), "request_id"));
}

static void below_the_threshold_is_silent(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    enum log_level level;
    assert_true(log_level_read(S("error"), &level));
    assert_false(log_level_read(S("loud"), &level));
    log_threshold(level);
    log_warn("test.event", P("n", 1));
    assert_int_equal(lines(&a).len, 0);
    log_error("test.event", P("n", 1));
    assert_str(json_get(only_line(&a), "level")->text, "error");
}

/* A line is bounded; what does not fit is cut, but that it happened is never lost. */
static void a_long_line_is_cut_not_lost(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    str longest = arena_fmt(&a, "荷%0*d", 200000, 1);
    log_error("test.long", P("before", 1), P("text", longest), P("after", 2));
    const struct json *j = only_line(&a);
    assert_str(json_get(j, "event")->text, "test.long");
    assert_true(str_starts(json_get(j, "text")->text, S("荷000")));
    assert_true(json_get(j, "text")->text.len < 10000);
    assert_str(json_get(j, "after")->text, "2");
}

int log_test(void);
int log_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_object_a_line, redirect, restore),
        cmocka_unit_test_setup_teardown(below_the_threshold_is_silent, redirect, restore),
        cmocka_unit_test_setup_teardown(a_long_line_is_cut_not_lost, redirect, restore),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
