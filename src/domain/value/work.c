/* One run, step by step. The steps:
 *
 *     clear    what an earlier run left
 *     load     in one read: everybody's purchases; then the fit, and a row of the run
 *     score    some thousand people a step, in memory
 *     write    some thousand people a step: rows of this run, seen by nobody yet
 *     baskets  what some thousand people bought, a step; then the pairs
 *     pairs    some hundred products a step
 *     switch   this run is the current one
 *     clean    rows of the run before
 *
 * Each may be interrupted: `clear` of the next run removes what a run that was not switched to had
 * written. */
#include "base/time.h"
#include "core/app.h"
#include "core/job.h"
#include "core/reply.h"
#include "domain/value/internal.h"

#include <math.h>

#include "value.sql.h"

#define SCORE_STEP  50000
#define WRITE_STEP  2000
#define BASKET_STEP 2000
#define REMOVE_STEP 4000
#define PAIRS_STEP  200
#define RUNS_MAX    400 /* rows of value_run; a run a day for a year, and some by hand */
#define ROWS_MAX    ((size_t)1 << 20) /* text of a batch; a row has some two hundred letters */
#define PPM         1000000.0

enum phase { CLEAR, LOAD, SCORE, WRITE_ROWS, BASKETS, PAIRS, SWITCH, CLEAN, ENDED };

struct value_work {
    enum phase phase;
    struct arena arena;
    str by_name;
    i64 resume; /* a run that was switched to and may not be cleaned up after; 0: none */
    i64 run;
    instant reference;
    struct value_people people;
    struct value_fit fit;
    size_t at; /* people, or products */
    struct value_baskets *baskets;
};

static enum err run_current(struct ctx *cx, void *ret)
{
    return sql_i64(cx, value_run_current, ret);
}

/* A piece of what runs that are over have left. *ret_done (a bool): nothing is. */
static enum err remove_some(struct ctx *cx, void *ret_done)
{
    i64 run, removed;
    TRY(sql_i64(cx, value_run_over, &run));
    *(bool *)ret_done = run == NONE;
    if (run == NONE)
        return sql_exec(cx, value_runs_prune, V(RUNS_MAX));
    TRY(sql_changed(cx, value_people_remove, &removed, V(run), V(REMOVE_STEP)));
    if (!removed)
        TRY(sql_changed(cx, value_pairs_remove, &removed, V(run), V(REMOVE_STEP)));
    return removed ? OK : sql_exec(cx, value_run_empty, V(run));
}

static enum err clear_some(struct ctx *cx, void *ret_done)
{
    TRY(sql_exec(cx, value_run_abandon));
    return remove_some(cx, ret_done);
}

static enum err clear(struct ctx *cx, struct value_work *w)
{
    bool done;
    i64 current;
    TRY(in_write(cx, clear_some, &done));
    if (!done)
        return OK;
    TRY(in_read(cx, run_current, &current));
    w->run = current;
    w->phase = w->resume && w->resume == current ? ENDED : LOAD;
    return OK;
}

static enum err load_all(struct ctx *cx, void *arg)
{
    struct value_work *w = arg;
    return value_people_load(cx, w->reference, &w->people);
}

static enum err insert_run(struct ctx *cx, void *arg)
{
    struct value_work *w = arg;
    str reason = w->fit.lack ? str_of(value_lacks[w->fit.lack - 1]) : STR_NONE;
    return sql_i64(cx, value_run_insert, &w->run, V(w->reference), V(w->fit.people),
                   V(w->fit.repeaters), V(reason), V(value_model_json(cx->arena, &w->fit)),
                   V(w->by_name), V(cx->now));
}

static enum err load(struct ctx *cx, struct value_work *w)
{
    w->reference = cx->now;
    TRY(in_read(cx, load_all, w));
    TRY(value_fit(w->people.at, w->people.n, day_of(w->reference), true, &w->fit));
    w->at = 0;
    w->phase = SCORE;
    return OK;
}

/* All are scored before the run has a row: whether the model has a mean for everybody shows only
 * here. */
static enum err score(struct ctx *cx, struct value_work *w)
{
    size_t n = w->fit.lack ? 0 : MIN(w->people.n - w->at, SCORE_STEP);
    enum err e = value_score(&w->fit, w->people.at + w->at, n);
    if (e == ERR_INVALID)
        w->fit.lack = VALUE_NO_SPENDING_MODEL;
    else if (e != OK)
        return e;
    w->at += n;
    if (!w->fit.lack && w->at < w->people.n)
        return OK;
    if (!w->fit.lack)
        value_rank(w->people.at, w->people.n);
    TRY(in_write(cx, insert_run, w));
    w->at = 0;
    w->phase = w->fit.lack ? BASKETS : WRITE_ROWS;
    return OK;
}

static void keep_row(struct json_writer *w, const struct value_history *h)
{
    i64 ppm = llround((double)h->alive * PPM);
    json_list(w, NULL);
    json_put(w, NULL, h->customer);
    json_put(w, NULL, (i64)h->days - 1);
    json_put(w, NULL, h->first_ms);
    json_put(w, NULL, h->last_ms);
    json_put(w, NULL, MAX(h->net_fen, 0));
    json_put(w, NULL, (i64)llround(h->mean_fen));
    json_put(w, NULL, ppm);
    for (int k = 0; k < VALUE_HORIZONS; k++)
        json_put(w, NULL, (i64)llround((double)h->orders[k] * PPM));
    for (enum value_horizon k = 0; k < VALUE_HORIZONS; k++)
        json_put(w, NULL, value_amount(h, k));
    json_put(w, NULL, value_year(h));
    json_put(w, NULL, value_at_risk(h));
    json_put(w, NULL, (i64)h->decile);
    json_put(w, NULL, value_cell(h->decile, h->days, ppm));
    json_list_end(w);
}

/* Another node may have begun a run meanwhile, and counts ours as left behind. */
static enum err still_mine(struct ctx *cx, const struct value_work *w)
{
    i64 id;
    enum err e = sql_i64(cx, value_run_mine, &id, V(w->run));
    return e == ERR_DONE ? fail_rule(cx, ERR_WRONG_STATE, NULL, "另一次客户价值计算已经开始",
                                     "another value run has begun")
                         : e;
}

static enum err write_batch(struct ctx *cx, void *arg)
{
    const struct value_work *w = arg;
    struct strbuf text;
    TRY(still_mine(cx, w));
    strbuf_init(&text, cx->arena, ROWS_MAX);
    struct json_writer rows = json_writer(&text);
    json_list(&rows, NULL);
    for (size_t i = w->at; i < MIN(w->at + WRITE_STEP, w->people.n); i++)
        keep_row(&rows, &w->people.at[i]);
    json_list_end(&rows);
    return sql_exec(cx, value_people_insert, V(w->run), V(strbuf_str(&text)));
}

static enum err write_rows(struct ctx *cx, struct value_work *w)
{
    TRY(in_write(cx, write_batch, w));
    w->at = MIN(w->at + WRITE_STEP, w->people.n);
    if (w->at == w->people.n) {
        w->at = 0;
        w->phase = BASKETS;
    }
    return OK;
}

static enum err baskets_read(struct ctx *cx, void *arg)
{
    struct value_work *w = arg;
    i64 first = w->at ? w->people.at[w->at - 1].customer : 0;
    size_t end = MIN(w->at + BASKET_STEP, w->people.n);
    return value_baskets_add(cx, w->baskets, first, w->people.at[end - 1].customer);
}

static enum err baskets(struct ctx *cx, struct value_work *w)
{
    if (!w->baskets)
        w->baskets = value_baskets_new(w->reference);
    if (w->at < w->people.n) {
        TRY(in_read(cx, baskets_read, w));
        w->at = MIN(w->at + BASKET_STEP, w->people.n);
        return OK;
    }
    TRY(value_baskets_find(w->baskets));
    w->at = 0;
    w->phase = PAIRS;
    return OK;
}

struct pair_rows {
    struct value_work *work;
    str rows;
};

static enum err pairs_batch(struct ctx *cx, void *arg)
{
    const struct pair_rows *p = arg;
    TRY(still_mine(cx, p->work));
    return sql_exec(cx, value_pairs_insert, V(p->work->run), V(p->rows));
}

static enum err pairs(struct ctx *cx, struct value_work *w)
{
    struct pair_rows p = { .work = w };
    if (value_baskets_rows(w->baskets, cx->arena, &w->at, &p.rows))
        return in_write(cx, pairs_batch, &p);
    w->phase = SWITCH;
    return OK;
}

static enum err switch_inside(struct ctx *cx, void *arg)
{
    const struct value_work *w = arg;
    i64 changed, people, products;
    value_baskets_counts(w->baskets, &people, &products);
    TRY(still_mine(cx, w));
    TRY(sql_exec(cx, value_run_pass));
    TRY(sql_changed(cx, value_run_switch, &changed, V(w->run), V(cx->now), V(people), V(products)));
    return changed == 1 ? OK : ERR_RETRY;
}

static enum err step(struct ctx *cx, struct value_work *w)
{
    bool done;
    switch (w->phase) {
    case CLEAR: return clear(cx, w);
    case LOAD: return load(cx, w);
    case SCORE: return score(cx, w);
    case WRITE_ROWS: return write_rows(cx, w);
    case BASKETS: return baskets(cx, w);
    case PAIRS: return pairs(cx, w);
    case SWITCH:
        TRY(in_write(cx, switch_inside, w));
        w->phase = CLEAN;
        return OK;
    case CLEAN:
        TRY(in_write(cx, remove_some, &done));
        w->phase = done ? ENDED : CLEAN;
        return OK;
    case ENDED: return OK;
    }
    return OK;
}

i64 value_number(struct arena *a, str text, const char *key)
{
    struct json_error bad;
    i64 n = 0;
    bool ok = text.len && json_i64(json_get(json_read(a, text, &bad), key), &n);
    return ok ? n : 0;
}

str value_asker(struct arena *a, str payload)
{
    struct json_error bad;
    const struct json *by = json_get(json_read(a, payload, &bad), "by");
    return by ? by->text : S("value");
}

static enum err run_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct value_work *w = job->memory;
    if (!w) {
        w = job->memory = xcalloc(1, sizeof *w);
        w->by_name = arena_str(&w->arena, value_asker(cx->arena, job->payload));
        w->resume = value_number(cx->arena, job->state, "run");
    }
    TRY(step(cx, w));
    /* people are gone through twice: their figures, and what they bought */
    job->total = 2 * (i64)w->people.n;
    job->done = w->phase > BASKETS    ? job->total
                : w->phase == BASKETS ? (i64)(w->people.n + w->at)
                : w->phase > SCORE    ? (i64)w->at
                                      : 0;
    if (w->phase > SWITCH) {
        str run = arena_fmt(cx->arena, "{\"run\":%lld}", (long long)w->run);
        job_keep(job, run);
        job_result(job, run);
    }
    *ret_more = w->phase != ENDED;
    return OK;
}

static void run_forget(struct job *job)
{
    struct value_work *w = job->memory;
    job->memory = NULL;
    if (!w)
        return;
    value_baskets_free(w->baskets);
    free(w->people.at);
    arena_done(&w->arena);
    free(w);
}

const struct job_kind value_run_job = { .name = "value",
                                        .zh = "客户价值计算",
                                        .en = "Value run",
                                        .step = run_step,
                                        .forget = run_forget,
                                        .outside = true };

enum err value_request(struct ctx *cx, job_id *ret)
{
    struct strbuf payload;
    strbuf_init(&payload, cx->arena, 4096);
    struct json_writer w = json_writer(&payload);
    json_open(&w, NULL);
    json_put(&w, "by", cx->actor.name);
    json_close(&w);
    return job_add(cx,
                   &(struct job_new) { .kind = &value_run_job,
                                       .payload = strbuf_str(&payload),
                                       .dedupe = S(VALUE_RUN_KEY),
                                       .by = cx->actor.staff },
                   ret);
}

static enum err daily_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    (void)job;
    *ret_more = false;
    return value_request(cx, NULL);
}

const struct job_kind value_daily_job = { .name = "value_daily",
                                          .zh = "每日计算客户价值",
                                          .en = "Value run of the day",
                                          .step = daily_step,
                                          .daily_hour = 4 };
