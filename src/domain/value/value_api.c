/* The current run: its models, and how people are spread over what is expected of them. */
#include "base/time.h"
#include "core/job.h"
#include "core/reply.h"
#include "domain/value/internal.h"

#include "value_api.sql.h"

SCHEMA_TABLE(value_model, VALUE_MODEL);

static const char *const run_states[] = { "writing", "current", "past", NULL };

#define VALUE_RUN(F, T)                                                                       \
    F(T, value_run_id, id, .doc = "Number")                                                   \
    F(T, str, state, .choices = run_states,                                                   \
      .doc = "current: what everybody's figures are from; past: one before it; writing: not " \
             "seen yet")                                                                      \
    F(T, instant, reference_at, .doc = "As of when")                                          \
    F(T, i64, people, .doc = "How many had an order by then")                                 \
    F(T, i64, repeaters, .doc = "How many of them had orders on more than one day")           \
    F(T, str, reason, .nullable = true, .choices = value_lacks,                               \
      .doc = "Why it has no figures; null: it has. few_repeaters: too few people came back; " \
             "no_buying_model, no_spending_model: their purchases, or amounts, fit no model") \
    F(T, obj, model, .of = &value_model_schema, .doc = "What was fitted")                     \
    F(T, i64, baskets, .doc = "People whose purchases said what goes together")               \
    F(T, i64, products, .doc = "Products in them")                                            \
    F(T, str, by_name, .nullable = true, .doc = "Who asked for it")                           \
    F(T, instant, created_at, .doc = "When it was computed")                                  \
    F(T, instant, finished_at, .nullable = true, .doc = "When it became the current one")
SCHEMA(value_run, VALUE_RUN);

#define VALUE_RUN_ROW(F, T)                                                    \
    F(T, value_run_id, id)                                                     \
    F(T, str, state)                                                           \
    F(T, instant, reference_at)                                                \
    F(T, i64, people)                                                          \
    F(T, i64, repeaters)                                                       \
    F(T, str, reason)                                                          \
    F(T, str, model) F(T, i64, baskets) F(T, i64, products) F(T, str, by_name) \
        F(T, instant, created_at) F(T, instant, finished_at)
SCHEMA(value_run_row, VALUE_RUN_ROW);

#define VALUE_RUN_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(value_run_list, VALUE_RUN_LIST);

#define VALUE_STARTED(F, T) F(T, job_id, job_id, .doc = "The job that computes it")
SCHEMA(value_started, VALUE_STARTED);

#define VALUE_JOB(F, T)                                      \
    F(T, job_id, id, .doc = "Number")                        \
    F(T, str, state, .doc = "waiting or running")            \
    F(T, i64, done, .doc = "Steps so far")                   \
    F(T, i64, total, .doc = "Of how many; 0: not known yet") \
    F(T, str, error, .nullable = true, .doc = "Why it is tried again")
SCHEMA(value_job, VALUE_JOB);

#define VALUE_SUMS(F, T)                                                              \
    F(T, i64, people, .doc = "How many, as far as one may see")                       \
    F(T, f64, orders_30, .doc = "Days with an order expected of them within 30 days") \
    F(T, f64, orders_90, .doc = "… within 90 days")                                   \
    F(T, f64, orders_365, .doc = "… within 365 days")                                 \
    F(T, money, amount_30_fen, .doc = "Money expected of them within 30 days")        \
    F(T, money, amount_90_fen, .doc = "… within 90 days")                             \
    F(T, money, amount_365_fen, .doc = "… within 365 days")                           \
    F(T, money, at_risk_fen,                                                          \
      .doc = "What a year of each was worth, times the probability "                  \
             "that the person has left")
#define VALUE_TOTAL(F, T) VALUE_SUMS(F, T)
SCHEMA(value_total, VALUE_TOTAL);

#define VALUE_DECILE(F, T)                                                                   \
    F(T, i64, decile, .doc = "1: the tenth of everybody of whom most is expected in a year") \
    VALUE_SUMS(F, T)
SCHEMA(value_decile, VALUE_DECILE);

#define VALUE_BAND(F, T)                                                     \
    F(T, f64, from, .doc = "Smallest probability of still being a customer") \
    F(T, f64, to, .doc = "… and the largest")                                \
    VALUE_SUMS(F, T)
SCHEMA(value_band, VALUE_BAND);

#define VALUE_VIEW(F, T)                                                                          \
    F(T, obj, run, .of = &value_run_schema, .nullable = true,                                     \
      .doc = "The current run; null: none yet")                                                   \
    F(T, obj, job, .of = &value_job_schema, .nullable = true,                                     \
      .doc = "A run that is being computed or waits; null: none")                                 \
    F(T, obj, backtest_job, .of = &value_job_schema, .nullable = true,                            \
      .doc = "A back-test, likewise")                                                             \
    F(T, i64, repeaters_min, .doc = "So many people must have come back for there to be figures") \
    F(T, obj, total, .of = &value_total_schema, .doc = "Of everybody with figures")               \
    F(T, i64, once,                                                                               \
      .doc = "Of them, with an order on one day only: nothing is known of whether "               \
             "they left")                                                                         \
    F(T, list, alive, .of = &value_band_schema,                                                   \
      .doc = "Those who came back, by the probability that they are still customers; twenty "     \
             "bands")                                                                             \
    F(T, list, deciles, .of = &value_decile_schema,                                               \
      .doc = "By the money expected in a year; the bounds are those of everybody, whoever looks")
SCHEMA(value_view, VALUE_VIEW);

static f64 known(bool there, f64 value)
{
    return there ? value : __builtin_nan("");
}

str value_model_json(struct arena *a, const struct value_fit *fit)
{
    bool buys = fit->lack != VALUE_FEW_REPEATERS && fit->lack != VALUE_NO_BUYING_MODEL;
    bool spends = fit->lack == VALUE_ENOUGH && fit->spends.people;
    const struct bgnbd *m = &fit->buys.model;
    const struct gamma_gamma *g = &fit->spends.model;
    struct value_model model = { .r = known(buys, m->r),
                                 .alpha = known(buys, m->alpha),
                                 .a = known(buys, m->a),
                                 .b = known(buys, m->b),
                                 .log_likelihood = known(buys, fit->buys.log_likelihood),
                                 .at_bound = (buys && fit->buys.at_bound) ||
                                             (spends && fit->spends.at_bound),
                                 .p = known(spends, g->p),
                                 .q = known(spends, g->q),
                                 .gamma_fen = known(spends, g->gamma_fen),
                                 .spend_log_likelihood = known(spends, fit->spends.log_likelihood),
                                 .spend_people = spends ? fit->spends.people : NONE };
    struct strbuf text;
    strbuf_init(&text, a, 1 << 16);
    struct json_writer w = json_writer(&text);
    schema_write(&w, NULL, &value_model_schema, &model);
    return strbuf_str(&text);
}

enum err value_kept(struct ctx *cx, const struct schema *s, str text, void *ret)
{
    struct json_error bad;
    const struct json *j = json_read(cx->arena, text, &bad);
    return j ? schema_read(cx, s, j, ret) : ERR_INTERNAL;
}

static enum err run_of(struct ctx *cx, const struct rows *r, struct value_run *ret)
{
    struct value_run_row row;
    struct value_model *model = NEW(cx->arena, struct value_model);
    schema_row(cx->arena, &value_run_row_schema, r, &row);
    *ret = (struct value_run) { .id = row.id,
                                .state = row.state,
                                .reference_at = row.reference_at,
                                .people = row.people,
                                .repeaters = row.repeaters,
                                .reason = row.reason,
                                .model = model,
                                .baskets = row.baskets,
                                .products = row.products,
                                .by_name = row.by_name,
                                .created_at = row.created_at,
                                .finished_at = row.finished_at };
    return value_kept(cx, &value_model_schema, row.model, model);
}

static enum err runs_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct value_run_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct value_run run = { 0 };
    i64 before, count = 0, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, value_run_list, &r, V(before ? before : I53_MAX), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        TRY(run_of(cx, &r, &run));
        reply_item(out, &value_run_schema, &run);
    }
    return reply_page_end(cx, out, &r, count, limit, run.id.v);
}

static enum err start_run(struct ctx *cx, const void *input, struct reply *out)
{
    job_id job;
    (void)input;
    TRY(value_request(cx, &job));
    audit_entity(cx, "job", job.v);
    out->status = 202;
    return reply_struct(out, &value_started_schema, &(struct value_started) { .job_id = job });
}

struct counts {
    struct value_view view;
    struct value_run run;
    struct value_job job, backtest_job;
    struct value_total total;
    struct value_band alive[VALUE_BANDS];
    struct value_decile deciles[VALUE_DECILES];
};

/* Every sum of the view has these members under the same names. */
#define ADD(to, part)                                                              \
    ((to)->people += (part)->people, (to)->orders_30 += (part)->orders_30,         \
     (to)->orders_90 += (part)->orders_90, (to)->orders_365 += (part)->orders_365, \
     (to)->amount_30_fen.fen += (part)->amount_30_fen.fen,                         \
     (to)->amount_90_fen.fen += (part)->amount_90_fen.fen,                         \
     (to)->amount_365_fen.fen += (part)->amount_365_fen.fen,                       \
     (to)->at_risk_fen.fen += (part)->at_risk_fen.fen)

static enum err look_job(struct ctx *cx, const char *key, struct value_job *job, obj *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, value_job_state, &r, V(key)));
    if (rows_next(&r)) {
        schema_row(cx->arena, &value_job_schema, &r, job);
        *ret = job;
    }
    return rows_end(&r);
}

static enum err look(struct ctx *cx, struct counts *c)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(look_job(cx, VALUE_RUN_KEY, &c->job, &c->view.job));
    TRY(look_job(cx, VALUE_BACKTEST_KEY, &c->backtest_job, &c->view.backtest_job));
    TRY(sql_query(cx, value_run_newest, &r));
    if (rows_next(&r)) {
        TRY(run_of(cx, &r, &c->run));
        c->view.run = &c->run;
    }
    return rows_end(&r);
}

static enum err spread(struct ctx *cx, struct counts *c)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, value_spread, &r));
    while (rows_next(&r)) {
        i64 decile = col_i64(&r, 0) / VALUE_CELL, band = col_i64(&r, 0) % VALUE_CELL;
        struct value_total part = { .people = col_i64(&r, 1),
                                    .orders_30 = col_f64(&r, 2),
                                    .orders_90 = col_f64(&r, 3),
                                    .orders_365 = col_f64(&r, 4),
                                    .amount_30_fen = { col_i64(&r, 5) },
                                    .amount_90_fen = { col_i64(&r, 6) },
                                    .amount_365_fen = { col_i64(&r, 7) },
                                    .at_risk_fen = { col_i64(&r, 8) } };
        ADD(&c->total, &part);
        ADD(&c->deciles[decile - 1], &part);
        if (band == VALUE_ONCE)
            c->view.once += part.people;
        else
            ADD(&c->alive[band], &part);
    }
    return rows_end(&r);
}

static enum err view_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct counts *c = NEW(cx->arena, struct counts);
    (void)input;
    c->view.repeaters_min = VALUE_REPEATERS_MIN;
    c->view.total = &c->total;
    TRY(look(cx, c));
    if (c->view.run && !c->run.reason.len) {
        for (int i = 0; i < VALUE_BANDS; i++) {
            c->alive[i].from = (f64)i / VALUE_BANDS;
            c->alive[i].to = (f64)(i + 1) / VALUE_BANDS;
        }
        for (int i = 0; i < VALUE_DECILES; i++)
            c->deciles[i].decile = i + 1;
        c->view.alive = (list) { c->alive, VALUE_BANDS };
        c->view.deciles = (list) { c->deciles, VALUE_DECILES };
        TRY(spread(cx, c));
    }
    return reply_struct(out, &value_view_schema, &c->view);
}

const struct route value_view_routes[VALUE_VIEW_ROUTES] = {
    { GET, "/api/v1/value", view_run, .id = "value.get", .perm = PERM_INSIGHT_READ, .mode = READ,
      .out = &value_view_schema,
      .doc = "What people will be worth by the current run: models, deciles, who is still there" },
    { GET, "/api/v1/value/runs", runs_run, .id = "value.runs", .perm = PERM_INSIGHT_READ,
      .mode = READ, .in = &value_run_list_schema, .out = &value_run_schema, .listed = true,
      .doc = "Runs with what was fitted, newest first" },
    { POST, "/api/v1/value/runs", start_run, .id = "value.start", .perm = PERM_RFM_WRITE,
      .mode = WRITE, .out = &value_started_schema, .doc = "Compute it now" },
};

static enum err forget(struct ctx *cx, customer_id customer)
{
    return sql_exec(cx, value_forget_person, ID(customer));
}

static enum err tell(struct ctx *cx, customer_id customer, struct json_writer *w)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, value_tell, &r, ID(customer)));
    json_list(w, "value");
    while (rows_next(&r)) {
        json_open(w, NULL);
        json_time(w, "as_of", (instant) { col_i64(&r, 0) });
        for (int i = 1; i < r.columns; i++)
            json_val(w, col_name(&r, i), col_val(&r, i));
        json_close(w);
    }
    json_list_end(w);
    return rows_end(&r);
}

static const struct job_kind *const jobs[] = { &value_run_job, &value_daily_job,
                                               &value_backtest_job };
static const struct person_part person = { .kind = "value", .forget = forget, .tell = tell };

const struct module value_module = { .name = "value",
                                     .routes = value_view_routes,
                                     .route_count = VALUE_VIEW_ROUTES,
                                     .jobs = jobs,
                                     .job_count = COUNT(jobs),
                                     .person = &person };
const struct module value_churn_module = { .name = "value_churn",
                                           .routes = value_churn_routes,
                                           .route_count = VALUE_CHURN_ROUTES };
const struct module value_next_module = { .name = "value_next",
                                          .routes = value_next_routes,
                                          .route_count = VALUE_NEXT_ROUTES };
const struct module value_backtest_module = { .name = "value_backtest",
                                              .routes = value_backtest_routes,
                                              .route_count = VALUE_BACKTEST_ROUTES };
