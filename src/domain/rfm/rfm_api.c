#include "base/time.h"
#include "core/app.h"
#include "core/job.h"
#include "core/reply.h"
#include "domain/rfm/internal.h"

#include "rfm_api.sql.h"

SCHEMA_TABLE(rfm_cut_lists, RFM_CUT_LISTS);
SCHEMA_TABLE(rfm_mean_scores, RFM_MEAN_SCORES);

const char *const rfm_run_states[] = { "writing", "current", "past", NULL };
SCHEMA_TABLE(rfm_run, RFM_RUN);

/* As the row has it: JSON is text. */
#define RFM_RUN_ROW(F, T)       \
    F(T, rfm_run_id, id)        \
    F(T, str, state)            \
    F(T, instant, reference_at) \
    F(T, i64, people)           \
    F(T, boolean, whole)        \
    F(T, str, cuts)             \
    F(T, str, means)            \
    F(T, str, options)          \
    F(T, str, by_name)          \
    F(T, instant, created_at)   \
    F(T, instant, finished_at)
SCHEMA(rfm_run_row, RFM_RUN_ROW);

#define RFM_RUN_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(rfm_run_list, RFM_RUN_LIST);

#define RFM_SETTINGS_PUT(F, T) RFM_RULES(F, T)
SCHEMA(rfm_settings_put, RFM_SETTINGS_PUT);

#define RFM_START(F, T) \
    F(T, instant, reference_at, .doc = "As of when; the moment it begins unless told")
SCHEMA(rfm_start, RFM_START);

#define RFM_STARTED(F, T) F(T, job_id, job_id, .doc = "The job that computes it")
SCHEMA(rfm_started, RFM_STARTED);

static const char *const class_keys[] = { "111", "110", "101", "100", "011",
                                          "010", "001", "000", NULL };

#define RFM_PEOPLE(F, T)                                                          \
    F(T, i64, r, .min = 1, .max = RFM_SCORE_MAX, .doc = "Of the cell, with f …")  \
    F(T, i64, f, .min = 1, .max = RFM_SCORE_MAX, .doc = "… and r")                \
    F(T, i64, m, .min = 1, .max = RFM_SCORE_MAX, .doc = "Only these of the cell") \
    F(T, str, class, .choices = class_keys, .doc = "Or of this class")            \
    F(T, str, tier, .choices = rfm_tier_keys, .doc = "Or of this tier")           \
    PAGE_FIELDS(F, T)
SCHEMA(rfm_people, RFM_PEOPLE);

#define RFM_PERSON_ROW(F, T)                                                                 \
    F(T, customer_id, id, .doc = "Number")                                                   \
    F(T, str, name, .nullable = true, .doc = "Name")                                         \
    F(T, department_id, department_id, .nullable = true, .doc = "Whose customer: the store") \
    F(T, staff_id, staff_id, .nullable = true, .doc = "Whose customer: the person")          \
    F(T, i64, recency_days, .doc = "Whole days since the last order, as of the run")         \
    F(T, i64, frequency, .doc = "Orders")                                                    \
    F(T, money, monetary_fen, .doc = "Sum of their amounts")                                 \
    F(T, i64, r, .doc = "R score")                                                           \
    F(T, i64, f, .doc = "F score")                                                           \
    F(T, i64, m, .doc = "M score")                                                           \
    F(T, i64, total, .doc = "Sum of the three")                                              \
    F(T, str, class, .doc = "Class")                                                         \
    F(T, str, tier, .doc = "Tier")
SCHEMA(rfm_person_row, RFM_PERSON_ROW);

#define RFM_HISTORY_OF(F, T)                               \
    F(T, customer_id, id, .doc = "Number of the customer") \
    PAGE_FIELDS(F, T)
SCHEMA(rfm_history_of, RFM_HISTORY_OF);

#define RFM_HISTORY(F, T)                                                 \
    F(T, rfm_run_id, since_run, .doc = "The run that found it")           \
    F(T, instant, since_at, .doc = "As of when that run was")             \
    F(T, instant, until_at, .nullable = true,                             \
      .doc = "The run that found something else; null: still true")       \
    F(T, instant, last_order_at, .doc = "Their last order by then")       \
    F(T, i64, recency_days, .doc = "Whole days since it, as of since_at") \
    F(T, i64, frequency, .doc = "Orders")                                 \
    F(T, money, monetary_fen, .doc = "Sum of their amounts")              \
    F(T, i64, r, .doc = "R score")                                        \
    F(T, i64, f, .doc = "F score")                                        \
    F(T, i64, m, .doc = "M score")                                        \
    F(T, i64, total, .doc = "Sum of the three")                           \
    F(T, str, class, .doc = "Class")                                      \
    F(T, str, tier, .doc = "Tier")
SCHEMA(rfm_history, RFM_HISTORY);

static enum err settings_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct rfm_settings s;
    (void)input;
    TRY(rfm_settings_get(cx, &s));
    return reply_struct(out, &rfm_settings_schema, &s);
}

static enum err settings_put_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct rfm_settings s;
    TRY(rfm_settings_get(cx, &s));
    TRY(version_check(cx, s.version));
    audit_entity(cx, "rfm_settings", 0);
    audit_before(cx, &rfm_settings_schema, &s);
    schema_patch(&rfm_settings_schema, &s, &rfm_settings_put_schema, input);
    s.version++;
    TRY(rfm_settings_put(cx, &s));
    return reply_struct(out, &rfm_settings_schema, &s);
}

static enum err start_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rfm_start *in = input;
    job_id job;
    TRY(rfm_request(cx, in->reference_at, &job));
    audit_entity(cx, "job", job.v);
    out->status = 202;
    return reply_struct(out, &rfm_started_schema, &(struct rfm_started) { .job_id = job });
}

static enum err read_kept(struct ctx *cx, const struct schema *s, str text, obj *ret)
{
    struct json_error bad;
    void *to = arena_alloc(cx->arena, s->size);
    const struct json *j = json_read(cx->arena, text, &bad);
    *ret = to;
    return j ? schema_read(cx, s, j, to) : ERR_INTERNAL;
}

enum err rfm_run_of(struct ctx *cx, const struct rows *r, struct rfm_run *ret)
{
    struct rfm_run_row row;
    schema_row(cx->arena, &rfm_run_row_schema, r, &row);
    *ret = (struct rfm_run) { .id = row.id,
                              .state = row.state,
                              .reference_at = row.reference_at,
                              .people = row.people,
                              .whole = row.whole,
                              .by_name = row.by_name,
                              .created_at = row.created_at,
                              .finished_at = row.finished_at };
    TRY(read_kept(cx, &rfm_cut_lists_schema, row.cuts, &ret->cuts));
    TRY(read_kept(cx, &rfm_mean_scores_schema, row.means, &ret->means));
    return read_kept(cx, &rfm_settings_schema, row.options, &ret->settings);
}

enum err rfm_run_find(struct ctx *cx, rfm_run_id id, struct rfm_run *ret, bool *ret_any)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    if (id.v)
        TRY(sql_query(cx, rfm_run_by_id, &r, ID(id)));
    else
        TRY(sql_query(cx, rfm_run_newest, &r));
    *ret_any = rows_next(&r);
    if (*ret_any)
        TRY(rfm_run_of(cx, &r, ret));
    return rows_end(&r);
}

static enum err runs_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rfm_run_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct rfm_run run = { 0 };
    i64 before, count = 0, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, rfm_run_list, &r, V(before ? before : I53_MAX), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        TRY(rfm_run_of(cx, &r, &run));
        reply_item(out, &rfm_run_schema, &run);
    }
    bool more = count == limit && rows_next(&r);
    TRY(rows_end(&r));
    reply_list_end(out, more ? cursor_make(cx->arena, (struct val[]) { ID(run.id) }, 1) : STR_NONE,
                   NONE);
    return OK;
}

static enum err people_query(struct ctx *cx, const struct rfm_people *in, i64 limit, struct rows *r)
{
    struct val after[2];
    bool cell = in->r != NONE && in->f != NONE;
    if (cell + (in->class.len > 0) + (in->tier.len > 0) != 1 || (in->m != NONE && !cell))
        return fail_rule(cx, ERR_INVALID, NULL, "请指定一个格子（r 与 f）、一个类别或一个等级",
                         "name one cell (r and f), one class or one tier");
    TRY(cursor_read(cx, in->cursor, after, 2));
    for (int i = 0; i < 2; i++)
        if (after[i].kind != VAL_I64)
            after[i] = V(I53_MAX);
    if (cell)
        return sql_query(cx, rfm_people_cell, r, V(in->r), V(in->f), V(in->m == NONE ? 1 : in->m),
                         V(in->m == NONE ? RFM_SCORE_MAX : in->m), after[0], after[1],
                         V(limit + 1));
    if (in->class.len)
        return sql_query(cx, rfm_people_class, r, V(in->class), after[1], V(limit + 1));
    return sql_query(cx, rfm_people_tier, r, V(in->tier), after[1], V(limit + 1));
}

static enum err people_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rfm_people *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct rfm_person_row p = { 0 };
    i64 count = 0, limit = page_limit(in->limit);
    TRY(people_query(cx, in, limit, &r));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        schema_row(cx->arena, &rfm_person_row_schema, &r, &p);
        reply_item(out, &rfm_person_row_schema, &p);
    }
    bool more = count == limit && rows_next(&r);
    TRY(rows_end(&r));
    struct val last[] = { V(p.m), ID(p.id) };
    reply_list_end(out, more ? cursor_make(cx->arena, last, 2) : STR_NONE, NONE);
    return OK;
}

static enum err history_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rfm_history_of *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct rfm_history h = { 0 };
    i64 before, count = 0, limit = page_limit(in->limit);
    TRY(customer_see(cx, in->id));
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, rfm_history, &r, ID(in->id), V(before ? before : I53_MAX), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        schema_row(cx->arena, &rfm_history_schema, &r, &h);
        reply_item(out, &rfm_history_schema, &h);
    }
    bool more = count == limit && rows_next(&r);
    TRY(rows_end(&r));
    reply_list_end(
        out, more ? cursor_make(cx->arena, (struct val[]) { ID(h.since_run) }, 1) : STR_NONE, NONE);
    return OK;
}

static enum err tell(struct ctx *cx, customer_id customer, struct json_writer *w)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct rfm_history h;
    TRY(sql_query(cx, rfm_history, &r, ID(customer), V(I53_MAX), V(I53_MAX)));
    json_list(w, "rfm");
    while (rows_next(&r)) {
        schema_row(cx->arena, &rfm_history_schema, &r, &h);
        schema_write(w, NULL, &rfm_history_schema, &h);
    }
    json_list_end(w);
    return rows_end(&r);
}

static const struct route routes[] = {
    { GET, "/api/v1/rfm", rfm_view_run, .id = "rfm.get", .perm = PERM_CUSTOMER_READ, .mode = READ,
      .out = &rfm_view_schema,
      .doc = "The current run: people and money by tier, by class, and by cell of the matrix" },
    { GET, "/api/v1/rfm/people", people_run, .id = "rfm.people", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .in = &rfm_people_schema, .out = &rfm_person_row_schema, .listed = true,
      .doc = "The people of a cell (highest M score first), a class or a tier, newest first" },
    { GET, "/api/v1/rfm/runs", runs_run, .id = "rfm.runs", .perm = PERM_CUSTOMER_READ, .mode = READ,
      .in = &rfm_run_list_schema, .out = &rfm_run_schema, .listed = true,
      .doc = "Runs with their cut points and means, newest first" },
    { GET, "/api/v1/rfm/runs/{id}", rfm_view_past_run, .id = "rfm.run", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .in = &rfm_run_one_schema, .out = &rfm_view_schema,
      .doc = "The same counts by an earlier run" },
    { POST, "/api/v1/rfm/runs", start_run, .id = "rfm.start", .perm = PERM_RFM_WRITE, .mode = WRITE,
      .in = &rfm_start_schema, .out = &rfm_started_schema, .doc = "Compute it now" },
    { GET, "/api/v1/rfm/settings", settings_run, .id = "rfm.settings", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .out = &rfm_settings_schema, .doc = "How RFM is computed" },
    { PUT, "/api/v1/rfm/settings", settings_put_run, .id = "rfm.set", .perm = PERM_RFM_WRITE,
      .mode = WRITE, .in = &rfm_settings_put_schema, .out = &rfm_settings_schema,
      .doc = "Set how RFM is computed, from the next run on" },
    { GET, "/api/v1/customers/{id}/rfm", history_run, .id = "customer.rfm",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &rfm_history_of_schema,
      .out = &rfm_history_schema, .listed = true,
      .doc = "Where a person stood by RFM, newest first" },
};

static const struct event_type *const events[] = { &EV_RFM_SCORED };
static const struct job_kind *const jobs[] = { &rfm_run_job, &rfm_nightly_job };
static const struct person_part person = { .kind = "rfm", .tell = tell };

const struct module rfm_module = { .name = "rfm",
                                   .routes = routes,
                                   .route_count = COUNT(routes),
                                   .events = events,
                                   .event_count = COUNT(events),
                                   .jobs = jobs,
                                   .job_count = COUNT(jobs),
                                   .person = &person,
                                   .seed = rfm_seed };
