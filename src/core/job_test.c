/* Jobs on a moved clock: steps, retries, leases, and that each step's work is there once. */
#include "core/testing.h"

#include "base/json.h"

#include <pthread.h>

/* What the kinds below are told to do. */
static struct {
    _Atomic int runs;
    int fail_next, retry_next;
    enum err error;
    void (*before)(struct test_app *t); /* something that happens while a step runs */
    struct test_app *t;
} told;

static i64 count_of(struct test_app *t, str key)
{
    struct rows r;
    i64 n = 0;
    assert_ok(db_read_begin(t->app.db, (struct db_view) { 0 }, &t->cx.db));
    assert_ok(db_query_text(t->cx.db, "count", S("SELECT value FROM setting WHERE key = $1"), &r,
                            BINDS(V(key))));
    if (rows_next(&r))
        assert_true(str_to_i64(col_str(&r, 0), &n));
    assert_ok(rows_end(&r));
    db_read_end(t->cx.db);
    t->cx.db = NULL;
    return n;
}

/* A counter in the database: how often something was done for good. */
static enum err count_up(struct ctx *cx, str key)
{
    str value = STR_NONE;
    i64 n = 0;
    TRY(setting_get(cx, arena_z(cx->arena, key), &value));
    if (value.ptr && !str_to_i64(value, &n))
        return ERR_INTERNAL;
    return setting_set(cx, arena_z(cx->arena, key), arena_fmt(cx->arena, "%lld", (long long)n + 1));
}

/* Five steps, each counting its number. */
static enum err steps_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    i64 at = 0;
    if (job->state.len && !str_to_i64(job->state, &at))
        return ERR_INTERNAL;
    told.runs++;
    TRY(count_up(cx, arena_fmt(cx->arena, "job%lld.%lld", (long long)job->id.v, (long long)at)));
    job->done = ++at;
    job->total = 5;
    job_keep(job, arena_fmt(cx->arena, "%lld", (long long)at));
    if (told.before)
        told.before(told.t);
    if (told.retry_next) {
        told.retry_next--;
        return ERR_RETRY;
    }
    if (told.fail_next) {
        told.fail_next--;
        return told.error;
    }
    *ret_more = at < 5;
    if (!*ret_more)
        job_result(job, S("{\"ok\":true}"));
    return OK;
}

static const struct job_kind steps_job = { .name = "steps", .step = steps_step, .attempts_max = 4 };

static enum err hourly_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    (void)cx, (void)job;
    told.runs++;
    *ret_more = false;
    if (told.fail_next) {
        told.fail_next--;
        return told.error;
    }
    return OK;
}
static const struct job_kind hourly_job = {
    .name = "hourly", .step = hourly_step, .every_ms = HOUR_MS, .attempts_max = 1
};
static const struct job_kind daily_job = { .name = "daily", .step = hourly_step, .daily_hour = 24 };

static const struct job_kind *const kinds[] = { &steps_job, &hourly_job, &daily_job };
static const struct module jobs_module = { .name = "jobs", .jobs = TABLE(kinds) };

static void open_app(struct test_app *t, void **state)
{
    told.runs = told.fail_next = told.retry_next = 0;
    told.before = NULL;
    test_app_open(t, test_engine(state), &jobs_module);
}

static enum err add(struct ctx *cx, void *arg)
{
    struct job_new *j = arg;
    return job_add(cx, j, NULL);
}

static void add_steps(struct test_app *t, i64 due_ms)
{
    struct job_new j = { .kind = &steps_job, .due = { due_ms } };
    assert_ok(in_write(&t->cx, add, &j));
}

static void each_step_once(struct test_app *t)
{
    for (int i = 0; i < 5; i++) {
        char key[40];
        snprintf(key, sizeof key, "job1.%d", i);
        assert_int_equal(count_of(t, str_of(key)), 1);
    }
}

static void runs_when_it_is_due(void **state)
{
    struct test_app t;
    open_app(&t, state);
    add_steps(&t, TEST_NOW + HOUR_MS);
    assert_ok(jobs_drain(&t.app, &steps_job));
    assert_int_equal(told.runs, 0);
    test_app_move(&t, HOUR_MS - 1);
    assert_ok(jobs_drain(&t.app, NULL));
    assert_int_equal(told.runs, 0);
    test_app_move(&t, 1);
    assert_ok(jobs_drain(&t.app, &steps_job));
    each_step_once(&t);
    assert_str(test_app_str(&t, "SELECT state FROM job"), "done");
    assert_int_equal(test_app_i64(&t, "SELECT done FROM job WHERE total = 5"), 5);
    assert_int_equal(test_app_i64(&t, "SELECT finished_at FROM job"), TEST_NOW + HOUR_MS);
    assert_ok(jobs_drain(&t.app, NULL));
    assert_int_equal(told.runs, 5);
    test_app_close(&t);
}

/* A step that fails is undone; the next attempt comes after a growing pause, from the last step
 * that ended; at last the job is dead. */
static void tries_again_more_and_more_slowly(void **state)
{
    struct test_app t;
    open_app(&t, state);
    told.error = ERR_INVALID;
    told.fail_next = 3;
    add_steps(&t, 0);
    i64 last_ms = 0;
    for (int i = 0; i < 3; i++) {
        assert_ok(jobs_drain(&t.app, &steps_job));
        assert_int_equal(told.runs, i + 1);
        assert_int_equal(count_of(&t, S("job1.0")), 0);
        i64 pause = test_app_i64(&t, "SELECT due_at FROM job") - app_now(&t.app).ms;
        i64 least = (5 * SECOND_MS) << i;
        assert_in_range(pause, least, least + least / 4);
        assert_true(pause > last_ms);
        assert_true(test_app_str(&t, "SELECT last_error FROM job").len > 0);
        last_ms = pause;
        test_app_move(&t, pause - 1);
        assert_ok(jobs_drain(&t.app, &steps_job));
        assert_int_equal(told.runs, i + 1);
        test_app_move(&t, 1);
    }
    assert_ok(jobs_drain(&t.app, &steps_job));
    each_step_once(&t);
    assert_null(test_app_str(&t, "SELECT last_error FROM job").ptr);
    test_app_close(&t);
}

static void dies_after_its_attempts(void **state)
{
    struct test_app t;
    open_app(&t, state);
    told.error = ERR_INVALID;
    told.fail_next = 100;
    add_steps(&t, 0);
    for (int i = 0; i < 10; i++) {
        assert_ok(jobs_drain(&t.app, &steps_job));
        test_app_move(&t, DAY_MS);
    }
    assert_int_equal(told.runs, 4);
    assert_str(test_app_str(&t, "SELECT state FROM job"), "dead");
    test_app_close(&t);
}

/* A full disk or a server that is away is not the job's fault: it never dies of it. */
static void the_machine_kills_no_job(void **state)
{
    static const enum err errors[] = { ERR_DISK_FULL, ERR_STORAGE, ERR_BUSY };
    struct test_app t;
    open_app(&t, state);
    add_steps(&t, 0);
    for (int i = 0; i < 12; i++) {
        told.error = errors[i % 3];
        told.fail_next = 1;
        assert_ok(jobs_drain(&t.app, &steps_job));
        test_app_move(&t, DAY_MS);
    }
    assert_str(test_app_str(&t, "SELECT state FROM job"), "waiting");
    told.fail_next = 0;
    assert_ok(jobs_drain(&t.app, &steps_job));
    assert_str(test_app_str(&t, "SELECT state FROM job"), "done");
    each_step_once(&t);
    test_app_close(&t);
}

/* A write that is run again finds the job as it was before the step, not as the first try left it.
 */
static void a_step_run_again_begins_where_it_began(void **state)
{
    struct test_app t;
    open_app(&t, state);
    told.retry_next = 3;
    add_steps(&t, 0);
    assert_ok(jobs_drain(&t.app, &steps_job));
    assert_int_equal(told.runs, 5 + 3);
    each_step_once(&t);
    test_app_close(&t);
}

static void paused_meanwhile(struct test_app *t)
{
    if (told.runs == 3)
        assert_ok(test_write(&(struct test_db) { .db = t->app.db },
                             "UPDATE job SET state = 'paused' WHERE state = 'running'"));
}

/* The process died in the middle: whoever comes when the lease is over goes on from there. */
static void goes_on_from_the_last_step(void **state)
{
    struct test_app t;
    open_app(&t, state);
    told.error = ERR_STORAGE;
    add_steps(&t, 0);
    test_app_write(&t, "UPDATE job SET state = 'running', attempts = 1, progress = '3', due_at = "
                       "1772416800000 + 120000");
    assert_ok(jobs_drain(&t.app, &steps_job));
    assert_int_equal(told.runs, 0); /* somebody may still be at it */
    test_app_move(&t, 2 * MINUTE_MS);
    assert_ok(jobs_drain(&t.app, &steps_job));
    assert_int_equal(told.runs, 2);
    assert_int_equal(count_of(&t, S("job1.2")), 0);
    assert_int_equal(count_of(&t, S("job1.3")), 1);
    assert_int_equal(count_of(&t, S("job1.4")), 1);
    test_app_close(&t);
}

/* Another node takes the job over while a step outlives its lease: that step is undone and left to
 * the other, which does it and the rest. */
static void taken_over(struct test_app *t)
{
    if (told.runs == 2)
        test_app_write(t, "UPDATE job SET due_at = due_at + 120000, attempts = 2");
}

static void a_lost_lease_undoes_the_step(void **state)
{
    struct test_app t;
    (void)state;
    void *pg = (void *)(uintptr_t)DB_PG; /* on SQLite nobody writes while a step does */
    open_app(&t, &pg);
    told.t = &t;
    told.before = taken_over;
    add_steps(&t, 0);
    assert_ok(jobs_drain(&t.app, &steps_job));
    assert_int_equal(count_of(&t, S("job1.0")), 1);
    assert_int_equal(count_of(&t, S("job1.1")), 0);
    assert_str(test_app_str(&t, "SELECT state FROM job"), "running");
    told.before = NULL;
    test_app_move(&t, 4 * MINUTE_MS);
    assert_ok(jobs_drain(&t.app, &steps_job));
    each_step_once(&t);
    assert_str(test_app_str(&t, "SELECT state FROM job"), "done");
    test_app_close(&t);
}

/* Paused by a person while a step runs: that step's work stays, the next is not begun. */
static void pauses_between_steps(void **state)
{
    struct test_app t;
    (void)state;
    void *pg = (void *)(uintptr_t)DB_PG; /* on SQLite nobody writes while a step does */
    open_app(&t, &pg);
    told.t = &t;
    told.before = paused_meanwhile;
    add_steps(&t, 0);
    assert_ok(jobs_drain(&t.app, &steps_job));
    i64 kept = test_app_i64(&t, "SELECT count(*) FROM setting WHERE key LIKE 'job1.%'");
    assert_true(kept == 2 || kept == 3);
    assert_str(test_app_str(&t, "SELECT state FROM job"), "paused");
    test_app_write(&t, "UPDATE job SET state = 'waiting', due_at = 1772416800000");
    told.before = NULL;
    assert_ok(jobs_drain(&t.app, &steps_job));
    assert_str(test_app_str(&t, "SELECT state FROM job"), "done");
    test_app_close(&t);
}

static enum err add_twice(struct ctx *cx, void *arg)
{
    struct job_new j = { .kind = &steps_job, .dedupe = S("one"), .due = { TEST_NOW + HOUR_MS } };
    job_id *ids = arg;
    TRY(job_add(cx, &j, &ids[0]));
    TRY(job_add(cx, &j, &ids[1]));
    j.due.ms += HOUR_MS;
    return job_reschedule(cx, &j);
}

static enum err cancel(struct ctx *cx, void *arg)
{
    (void)arg;
    return job_cancel_key(cx, S("one"));
}

static void one_of_a_key(void **state)
{
    struct test_app t;
    job_id ids[2];
    open_app(&t, state);
    assert_ok(in_write(&t.cx, add_twice, ids));
    assert_int_equal(ids[0].v, ids[1].v);
    assert_int_equal(test_app_i64(&t, "SELECT due_at FROM job"), TEST_NOW + 2 * HOUR_MS);
    assert_ok(in_write(&t.cx, cancel, NULL));
    assert_str(test_app_str(&t, "SELECT state FROM job"), "cancelled");
    assert_ok(in_write(&t.cx, add_twice, ids)); /* the key is free again */
    assert_int_equal(test_app_i64(&t, "SELECT count(*) FROM job WHERE state = 'waiting'"), 1);
    test_app_move(&t, DAY_MS);
    assert_ok(jobs_drain(&t.app, &steps_job));
    assert_ok(in_write(&t.cx, add_twice, ids)); /* and when it is done */
    assert_int_equal(test_app_i64(&t, "SELECT count(*) FROM job WHERE state = 'waiting'"), 1);
    test_app_close(&t);
}

static enum err schedule(struct ctx *cx, void *arg)
{
    (void)arg;
    return jobs_schedule(cx);
}

static void some_run_by_themselves(void **state)
{
    struct test_app t;
    open_app(&t, state);
    for (int i = 0; i < 2; i++) /* at each start */
        assert_ok(in_write(&t.cx, schedule, NULL));
    assert_int_equal(test_app_i64(&t, "SELECT count(*) FROM job WHERE kind = 'hourly'"), 1);
    assert_int_equal(test_app_i64(&t, "SELECT due_at FROM job WHERE kind = 'hourly'"),
                     TEST_NOW + HOUR_MS);
    /* Ten in the morning in Shanghai: midnight is 14 hours off. */
    assert_int_equal(test_app_i64(&t, "SELECT due_at FROM job WHERE kind = 'daily'"),
                     TEST_NOW + 14 * HOUR_MS);
    for (int hour = 1; hour <= 20; hour++) {
        test_app_move(&t, HOUR_MS);
        told.error = ERR_INVALID;
        told.fail_next = hour == 3; /* tried again, and never dead */
        assert_ok(jobs_drain(&t.app, &hourly_job));
        if (hour == 3) {
            test_app_move(&t, 10 * SECOND_MS);
            assert_ok(jobs_drain(&t.app, &hourly_job));
        }
    }
    assert_true(told.runs >= 20);
    assert_str(test_app_str(&t, "SELECT state FROM job WHERE kind = 'hourly'"), "waiting");
    told.runs = 0;
    assert_ok(jobs_drain(&t.app, &daily_job));
    assert_int_equal(told.runs, 1);
    assert_int_equal(test_app_i64(&t, "SELECT due_at FROM job WHERE kind = 'daily'"),
                     TEST_NOW + 38 * HOUR_MS);
    test_app_close(&t);
}

/* A kind that this program does not have (an older one runs): left for a person, not run. */
static void an_unknown_kind_is_dead(void **state)
{
    struct test_app t;
    open_app(&t, state);
    add_steps(&t, 0);
    test_app_write(&t, "UPDATE job SET kind = 'from_the_future'");
    assert_ok(jobs_drain(&t.app, NULL));
    assert_str(test_app_str(&t, "SELECT state FROM job WHERE kind = 'from_the_future'"), "dead");
    test_app_close(&t);
}

/* A job that took the process with it each time is not run for ever. */
static void a_poisonous_job_is_dead(void **state)
{
    struct test_app t;
    open_app(&t, state);
    add_steps(&t, 0);
    test_app_write(&t, "UPDATE job SET state = 'running', attempts = 4");
    assert_ok(jobs_drain(&t.app, &steps_job));
    assert_int_equal(told.runs, 0);
    assert_str(test_app_str(&t, "SELECT state FROM job"), "dead");
    test_app_close(&t);
}

/* Threads run many at once, each step of each job exactly once; a stop leaves the rest waiting. */
#define MANY 40

static void threads_share_the_work(void **state)
{
    struct test_app t;
    open_app(&t, state);
    for (int i = 0; i < MANY; i++)
        add_steps(&t, 0);
    t.app.config.job_threads = 4;
    assert_ok(jobs_start(&t.app));
    for (int i = 0;
         i < 2000 && test_app_i64(&t, "SELECT count(*) FROM job WHERE state = 'done'") < MANY; i++)
        usleep(10000);
    jobs_stop(&t.app);
    assert_int_equal(test_app_i64(&t, "SELECT count(*) FROM job WHERE state = 'done'"), MANY);
    assert_int_equal(test_app_i64(&t, "SELECT count(*) FROM setting WHERE value = '1'"), MANY * 5);
    assert_int_equal(test_app_i64(&t, "SELECT count(*) FROM setting"), MANY * 5);
    test_app_close(&t);
}

int job_test(void);
int job_test(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(runs_when_it_is_due),
        ON_BOTH(tries_again_more_and_more_slowly),
        ON_BOTH(dies_after_its_attempts),
        ON_BOTH(the_machine_kills_no_job),
        ON_BOTH(a_step_run_again_begins_where_it_began),
        ON_BOTH(goes_on_from_the_last_step),
        cmocka_unit_test(a_lost_lease_undoes_the_step),
        cmocka_unit_test(pauses_between_steps),
        ON_BOTH(one_of_a_key),
        ON_BOTH(some_run_by_themselves),
        ON_BOTH(an_unknown_kind_is_dead),
        ON_BOTH(a_poisonous_job_is_dead),
        ON_BOTH(threads_share_the_work),
    };
    return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
