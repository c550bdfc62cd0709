/* Back-test: the model as it would have been on an earlier day, and what came since. The steps:
 *
 *     load     in one read: purchases up to the split; then the fit; in another what came after it
 *     expect   one point of the course a step: what was expected of all up to it
 *     keep     deciles by what was expected, and the result
 *
 * Nobody is written about: only sums are kept. */
#include "base/time.h"
#include "core/app.h"
#include "core/job.h"
#include "core/reply.h"
#include "domain/value/internal.h"

#include "value.sql.h"
#include "value_api.sql.h"

#define BACK_DAYS     90  /* unless told */
#define DAYS_MIN      7   /* between the split and the end */
#define DAYS_MAX      728 /* two years */
#define POINT_DAYS    7
#define POINTS_MAX    (DAYS_MAX / POINT_DAYS + 1)
#define BACKTESTS_MAX 100 /* kept */
#define WEEK_DAYS     7.0

#define BACKTEST_POINT(F, T)                                                          \
    F(T, day, day, .doc = "Up to this day, and with it")                              \
    F(T, f64, expected, .doc = "Days with an order expected since the split, of all") \
    F(T, i64, actual, .doc = "Days with an order there were")
SCHEMA(backtest_point, BACKTEST_POINT);

#define BACKTEST_DECILE(F, T)                                                        \
    F(T, i64, decile, .doc = "1: the tenth of the people of whom most was expected") \
    F(T, i64, people, .doc = "How many they are")                                    \
    F(T, f64, expected, .doc = "Days with an order expected of them")                \
    F(T, i64, actual, .doc = "Days with an order there were")
SCHEMA(backtest_decile, BACKTEST_DECILE);

#define BACKTEST_RESULT(F, T)                                                                \
    F(T, i64, people, .doc = "Who had an order up to the split")                             \
    F(T, i64, repeaters, .doc = "How many of them had orders on more than one day")          \
    F(T, str, reason, .nullable = true, .choices = value_lacks,                              \
      .doc = "Why nothing can be compared; null: it can")                                    \
    F(T, obj, model, .of = &value_model_schema, .doc = "Fitted to what was known then")      \
    F(T, f64, expected, .doc = "Days with an order expected after the split, up to the end") \
    F(T, i64, actual, .doc = "Days with an order there were")                                \
    F(T, list, course, .of = &backtest_point_schema, .max = POINTS_MAX,                      \
      .doc = "Sums since the split by week")                                                 \
    F(T, list, deciles, .of = &backtest_decile_schema, .max = VALUE_DECILES,                 \
      .doc = "By what was expected of each")
SCHEMA(backtest_result, BACKTEST_RESULT);

#define BACKTEST(F, T)                                                         \
    F(T, value_backtest_id, id, .doc = "Number")                               \
    F(T, day, split_day, .doc = "The last day that was known to the model")    \
    F(T, day, end_day, .doc = "The last day compared")                         \
    F(T, obj, result, .of = &backtest_result_schema, .doc = "What came of it") \
    F(T, str, by_name, .nullable = true, .doc = "Who asked for it")            \
    F(T, instant, created_at, .doc = "When")
SCHEMA(backtest, BACKTEST);

struct test {
    struct arena arena;
    str by_name;
    day split, end;
    struct value_people people;
    int32_t *actual; /* by person: days with an order after the split */
    int32_t *last;   /* … and the last one so far, as a day */
    i64 *on;         /* by day since the split */
    struct value_fit fit;
    struct purchases *histories; /* of all, equal ones joined */
    size_t history_count, at;
    struct backtest_result result;
    struct backtest_point points[POINTS_MAX];
    struct backtest_decile deciles[VALUE_DECILES];
};

static instant last_of(day d)
{
    return (instant) { day_start((day) { d.n + 1 }).ms - 1 };
}

/* --- the job */

static enum err known_read(struct ctx *cx, void *arg)
{
    struct test *t = arg;
    return value_people_load(cx, last_of(t->split), &t->people);
}

/* People come in the order of their numbers; who is new since the split is not of those. */
static enum err came(void *arg, i64 customer, instant at, i64 fen)
{
    struct test *t = arg;
    int32_t today = (int32_t)day_of(at).n;
    (void)fen;
    while (t->at < t->people.n && t->people.at[t->at].customer < customer)
        t->at++;
    if (t->at == t->people.n || t->people.at[t->at].customer != customer || t->last[t->at] == today)
        return OK;
    t->last[t->at] = today;
    t->actual[t->at]++;
    t->on[today - t->split.n - 1]++;
    return OK;
}

static enum err came_read(struct ctx *cx, void *arg)
{
    struct test *t = arg;
    t->at = 0;
    return value_orders(cx, last_of(t->split), last_of(t->end), came, t);
}

static enum err load(struct ctx *cx, struct test *t)
{
    size_t days = (size_t)(t->end.n - t->split.n);
    TRY(in_read(cx, known_read, t));
    size_t n = t->people.n;
    TRY(value_fit(t->people.at, n, t->split, false, &t->fit));
    t->actual = xcalloc(MAX(n, 1), sizeof *t->actual);
    t->last = xcalloc(MAX(n, 1), sizeof *t->last);
    t->on = xcalloc(days, sizeof *t->on);
    TRY(in_read(cx, came_read, t));
    t->histories = xmalloc(MAX(n, 1) * sizeof *t->histories);
    for (size_t i = 0; i < n; i++)
        t->histories[i] = value_purchases(&t->people.at[i], t->split);
    t->history_count = purchases_group(t->histories, n);
    t->at = 0;
    t->result = (struct backtest_result) { .people = t->fit.people, .repeaters = t->fit.repeaters };
    if (t->fit.lack)
        t->result.reason = str_of(value_lacks[t->fit.lack - 1]);
    return OK;
}

/* The next point of the course: a week on, and the end. */
static bool expect(struct test *t)
{
    i64 days = t->end.n - t->split.n, from = (i64)t->at * POINT_DAYS,
        upto = MIN(from + POINT_DAYS, days);
    struct backtest_point *p = &t->points[t->at];
    if (t->fit.lack || from >= days)
        return false;
    *p = (struct backtest_point) { .day = { t->split.n + upto },
                                   .actual = t->at ? p[-1].actual : 0 };
    for (i64 d = from; d < upto; d++)
        p->actual += t->on[d];
    for (size_t i = 0; i < t->history_count; i++)
        p->expected += (f64)t->histories[i].people *
                       bgnbd_expected(&t->fit.buys.model, &t->histories[i], (f64)upto / WEEK_DAYS);
    t->result.expected = p->expected;
    t->result.actual = p->actual;
    t->result.course = (list) { t->points, ++t->at };
    return true;
}

struct expected_of {
    f64 orders;
    size_t person;
};

static int most_first(const void *pa, const void *pb)
{
    const struct expected_of *a = pa, *b = pb;
    int by_orders = (a->orders < b->orders) - (a->orders > b->orders);
    return by_orders ? by_orders : (a->person > b->person) - (a->person < b->person);
}

static void rank(struct test *t)
{
    size_t n = t->people.n;
    struct expected_of *e = xmalloc(MAX(n, 1) * sizeof *e);
    f64 weeks = (f64)(t->end.n - t->split.n) / WEEK_DAYS;
    for (size_t i = 0; i < n; i++) {
        struct purchases p = value_purchases(&t->people.at[i], t->split);
        e[i] = (struct expected_of) { bgnbd_expected(&t->fit.buys.model, &p, weeks), i };
    }
    qsort(e, n, sizeof *e, most_first);
    for (size_t d = 0; d < VALUE_DECILES; d++) {
        struct backtest_decile *to = &t->deciles[d];
        to->decile = (i64)d + 1;
        for (size_t i = d * n / VALUE_DECILES; i < (d + 1) * n / VALUE_DECILES; i++) {
            to->people++;
            to->expected += e[i].orders;
            to->actual += t->actual[e[i].person];
        }
    }
    free(e);
    t->result.deciles = (list) { t->deciles, VALUE_DECILES };
}

struct keeping {
    struct test *test;
    str result;
    i64 id;
};

static enum err keep_inside(struct ctx *cx, void *arg)
{
    struct keeping *k = arg;
    TRY(sql_exec(cx, value_backtests_prune, V(BACKTESTS_MAX - 1)));
    return sql_i64(cx, value_backtest_insert, &k->id, V(k->test->split.n), V(k->test->end.n),
                   V(k->result), V(k->test->by_name), V(cx->now));
}

static enum err keep(struct ctx *cx, struct test *t, struct job *job)
{
    struct value_model model;
    struct strbuf text;
    struct keeping k = { .test = t };
    if (!t->fit.lack)
        rank(t);
    TRY(value_kept(cx, &value_model_schema, value_model_json(cx->arena, &t->fit), &model));
    t->result.model = &model;
    strbuf_init(&text, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&text);
    schema_write(&w, NULL, &backtest_result_schema, &t->result);
    k.result = strbuf_str(&text);
    TRY(in_write(cx, keep_inside, &k));
    job_result(job, arena_fmt(cx->arena, "{\"backtest\":%lld}", (long long)k.id));
    return OK;
}

static enum err test_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct test *t = job->memory;
    *ret_more = true;
    if (!t) {
        t = job->memory = xcalloc(1, sizeof *t);
        t->by_name = arena_str(&t->arena, value_asker(cx->arena, job->payload));
        t->split.n = value_number(cx->arena, job->payload, "split");
        t->end.n = value_number(cx->arena, job->payload, "end");
        return load(cx, t);
    }
    job->total = (t->end.n - t->split.n + POINT_DAYS - 1) / POINT_DAYS;
    job->done = (i64)t->at;
    if (expect(t))
        return OK;
    *ret_more = false;
    return keep(cx, t, job);
}

static void test_forget(struct job *job)
{
    struct test *t = job->memory;
    job->memory = NULL;
    if (!t)
        return;
    free(t->people.at);
    free(t->actual);
    free(t->last);
    free(t->on);
    free(t->histories);
    arena_done(&t->arena);
    free(t);
}

const struct job_kind value_backtest_job = { .name = "value_backtest",
                                             .zh = "客户价值回测",
                                             .en = "Back-test of the value model",
                                             .step = test_step,
                                             .forget = test_forget,
                                             .outside = true };

/* --- routes */

#define BACKTEST_START(F, T)                                        \
    F(T, day, split_day,                                            \
      .doc = "The last day the model may know; 90 days before the " \
             "end, which is yesterday, unless told")
SCHEMA(backtest_start, BACKTEST_START);

#define BACKTEST_STARTED(F, T) F(T, job_id, job_id, .doc = "The job that computes it")
SCHEMA(backtest_started, BACKTEST_STARTED);

#define BACKTEST_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(backtest_list, BACKTEST_LIST);

#define BACKTEST_ONE(F, T) F(T, value_backtest_id, id, .doc = "Number")
SCHEMA(backtest_one, BACKTEST_ONE);

static enum err start_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct backtest_start *in = input;
    day end = { day_of(cx->now).n - 1 };
    day split = { in->split_day.n == NONE ? end.n - BACK_DAYS : in->split_day.n };
    job_id job;
    i64 open;
    if (split.n > end.n - DAYS_MIN || split.n < end.n - DAYS_MAX)
        return fail_rule(cx, ERR_OUT_OF_RANGE, "split_day", "请选 7 天前至两年内的一天",
                         "choose a day from two years to seven days before yesterday");
    enum err e = sql_i64(cx, value_job_open, &open, V(VALUE_BACKTEST_KEY));
    if (e != ERR_DONE)
        return e == OK ? fail(cx, ERR_IN_PROGRESS, NULL) : e;
    struct strbuf text;
    strbuf_init(&text, cx->arena, 4096);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    json_put(&w, "by", cx->actor.name);
    json_put(&w, "split", split.n);
    json_put(&w, "end", end.n);
    json_close(&w);
    TRY(job_add(cx,
                &(struct job_new) { .kind = &value_backtest_job,
                                    .payload = strbuf_str(&text),
                                    .dedupe = S(VALUE_BACKTEST_KEY),
                                    .by = cx->actor.staff },
                &job));
    audit_entity(cx, "job", job.v);
    out->status = 202;
    return reply_struct(out, &backtest_started_schema,
                        &(struct backtest_started) { .job_id = job });
}

static enum err test_of(struct ctx *cx, const struct rows *r, struct backtest *ret)
{
    struct backtest_result *result = NEW(cx->arena, struct backtest_result);
    *ret = (struct backtest) { .id = { col_id(r, 0) },
                               .split_day = { col_i64(r, 1) },
                               .end_day = { col_i64(r, 2) },
                               .result = result,
                               .by_name = arena_str(cx->arena, col_str(r, 4)),
                               .created_at = { col_i64(r, 5) } };
    return value_kept(cx, &backtest_result_schema, arena_str(cx->arena, col_str(r, 3)), result);
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct backtest_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct backtest t = { 0 };
    i64 before, count = 0, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, value_backtest_list, &r, V(before ? before : I53_MAX), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        TRY(test_of(cx, &r, &t));
        reply_item(out, &backtest_schema, &t);
    }
    return reply_page_end(cx, out, &r, count, limit, t.id.v);
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct backtest_one *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct backtest t;
    TRY(sql_query(cx, value_backtest_by_id, &r, ID(in->id)));
    if (!rows_next(&r))
        return fail(cx, ERR_NOT_FOUND, NULL);
    TRY(test_of(cx, &r, &t));
    TRY(rows_end(&r));
    return reply_struct(out, &backtest_schema, &t);
}

const struct route value_backtest_routes[VALUE_BACKTEST_ROUTES] = {
    { GET, "/api/v1/value/backtests", list_run, .id = "value_backtest.list",
      .perm = PERM_INSIGHT_READ, .mode = READ, .in = &backtest_list_schema, .out = &backtest_schema,
      .listed = true, .doc = "Back-tests, newest first" },
    { GET, "/api/v1/value/backtests/{id}", get_run, .id = "value_backtest.get",
      .perm = PERM_INSIGHT_READ, .mode = READ, .in = &backtest_one_schema, .out = &backtest_schema,
      .doc = "One of them" },
    { POST, "/api/v1/value/backtests", start_run, .id = "value_backtest.start",
      .perm = PERM_RFM_WRITE, .mode = WRITE, .in = &backtest_start_schema,
      .out = &backtest_started_schema,
      .doc = "Fit the model as of an earlier day and compare what it expected with what came" },
};
