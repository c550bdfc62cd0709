#include "domain/directory/internal.h"

#include "core/app.h"
#include "core/event.h"
#include "core/job.h"
#include "core/reply.h"
#include "domain/customer/customer.h"
#include "domain/tag/tag.h"

#include "directory.sql.h"

#define BULK_STEP    300
#define UNDO_MAX     200000 /* changes that a bulk job remembers */
#define UNDO_KEPT_MS (7 * DAY_MS)

#define PERSON_ROW(F, T)                                                                     \
    F(T, customer_id, id, .doc = "Number")                                                   \
    F(T, str, name, .nullable = true, .doc = "Name")                                         \
    F(T, str, mobile, .nullable = true, .doc = "The first mobile number, masked")            \
    F(T, str, gender, .nullable = true, .doc = "female or male")                             \
    F(T, day, birthday, .nullable = true, .doc = "Date of birth")                            \
    F(T, str, city, .nullable = true, .doc = "City")                                         \
    F(T, stage_id, stage_id, .nullable = true, .doc = "Stage of the life cycle")             \
    F(T, department_id, department_id, .nullable = true, .doc = "Whose customer: the store") \
    F(T, staff_id, staff_id, .nullable = true, .doc = "Whose customer: the person")          \
    F(T, str, channel, .nullable = true, .doc = "How they came")                             \
    F(T, instant, joined_at, .doc = "First known contact")                                   \
    F(T, instant, seen_at, .nullable = true, .doc = "Last known activity")                   \
    F(T, i64, order_count, .doc = "Orders")                                                  \
    F(T, money, order_fen, .doc = "Sum of their orders")                                     \
    F(T, instant, last_order_at, .nullable = true, .doc = "Their last order")                \
    F(T, str, rfm_tier, .nullable = true, .doc = "Tier by the newest RFM run")               \
    F(T, json, attrs, .doc = "Custom attributes by key")                                     \
    F(T, list, tags, .of_type = FT_id, .doc = "Numbers of their tags")
SCHEMA(person_row, PERSON_ROW);

#define PEOPLE_FIELDS(F, T)                                                    \
    F(T, doc, condition, .doc = "Who (see conditions); everybody without one") \
    F(T, str, text, .max = 100, .doc = "An identifier, or the beginning of a name")

#define SEARCH(F, T)                                                          \
    PEOPLE_FIELDS(F, T)                                                       \
    F(T, str, sort, .choices = people_sorts,                                  \
      .doc = "newest unless told; the largest or latest first, names from A") \
    PAGE_FIELDS(F, T)
SCHEMA(customer_search, SEARCH);

#define SEARCH_COUNT(F, T) PEOPLE_FIELDS(F, T)
SCHEMA(customer_count, SEARCH_COUNT);

#define COUNTED(F, T) F(T, i64, count, .doc = "How many, exactly, as far as one may see")
SCHEMA(counted, COUNTED);

#define BULK(F, T)                                                                               \
    PEOPLE_FIELDS(F, T)                                                                          \
    F(T, list, ids, .of_type = FT_id, .max = 1000, .doc = "These people instead of a condition") \
    F(T, list, add, .of_type = FT_id, .max = 20, .doc = "Tags to give")                          \
    F(T, list, remove, .of_type = FT_id, .max = 20, .doc = "Tags to take")
SCHEMA(bulk_tag, BULK);

#define STARTED(F, T)                                   \
    F(T, job_id, job_id, .doc = "The job that does it") \
    F(T, i64, people, .doc = "How many people it looks at")
SCHEMA(bulk_started, STARTED);

#define BULK_ONE(F, T) F(T, job_id, id, .doc = "Number of the job")
SCHEMA(bulk_one, BULK_ONE);

#define BULK_STATE(F, T)                                                                         \
    F(T, str, state, .choices = job_states, .doc = "dead: failed too often, waits for a person") \
    F(T, i64, done, .doc = "How many people it has looked at; of an undo: changes taken back")   \
    F(T, i64, total, .doc = "Of how many; 0: not known")
SCHEMA(bulk_state, BULK_STATE);

static enum err masked_mobile(struct ctx *cx, customer_id id, str *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    str plain;
    *ret = STR_NONE;
    TRY(sql_query(cx, directory_mobile, &r, ID(id)));
    if (rows_next(&r)) {
        TRY(secret_open(cx->app->secrets, cx->arena, col_str(&r, 0), &plain));
        *ret = identity_mask(cx->arena, identity_kind_find(S("mobile")), plain);
    }
    return rows_end(&r);
}

static enum err tags_of(struct ctx *cx, customer_id id, list *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(i64) ids = { 0 };
    TRY(sql_query(cx, directory_tags, &r, ID(id)));
    while (rows_next(&r))
        *vec_push(cx->arena, &ids) = col_id(&r, 0);
    *ret = (list) { ids.at, ids.n };
    return rows_end(&r);
}

static enum err person_row(struct ctx *cx, customer_id id, struct person_row *ret)
{
    TRY(sql_one(cx, directory_person, &person_row_schema, ret, ID(id)));
    TRY(masked_mobile(cx, id, &ret->mobile));
    return tags_of(cx, id, &ret->tags);
}

static enum err search_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct customer_search *in = input;
    const i64 limit = page_limit(in->limit);
    struct person_row row;
    struct place *found;
    i64 count;
    TRY(people_page(cx,
                    &(struct page_query) { .condition = in->condition,
                                           .text = in->text,
                                           .sort = in->sort,
                                           .cursor = in->cursor,
                                           .limit = limit },
                    &found, &count));
    reply_list(out);
    for (i64 i = 0; i < MIN(count, limit); i++) {
        TRY(person_row(cx, found[i].id, &row));
        reply_item(out, &person_row_schema, &row);
    }
    reply_list_end(out, count > limit ? people_cursor(cx, &found[limit - 1]) : STR_NONE, NONE);
    return OK;
}

static enum err count_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct customer_count *in = input;
    struct counted counted;
    TRY(people_count(cx, in->condition, in->text, &counted.count));
    return reply_struct(out, &counted_schema, &counted);
}

static enum err check_tags(struct ctx *cx, const list *tags, const char *field)
{
    struct tag tag;
    for (size_t i = 0; i < tags->n; i++) {
        enum err e = tag_get(cx, ((const tag_id *)tags->at)[i], &tag);
        if (e == ERR_NOT_FOUND) {
            fail_clear(cx);
            return fail(cx, ERR_NOT_FOUND, arena_fmt(cx->arena, "%s[%zu]", field, i).ptr);
        }
        TRY(e);
    }
    return OK;
}

static void put_ids(struct json_writer *w, const char *key, const list *ids)
{
    json_list(w, key);
    for (size_t i = 0; i < ids->n; i++)
        json_put(w, NULL, ((const i64 *)ids->at)[i]);
    json_list_end(w);
}

extern const struct job_kind bulk_tag_job, bulk_undo_job;

static enum err bulk_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct bulk_tag *in = input;
    struct bulk_started started = { .people = (i64)in->ids.n };
    struct strbuf payload;
    if (!in->add.n && !in->remove.n)
        return fail(cx, ERR_REQUIRED, "add");
    TRY(check_tags(cx, &in->add, "add"));
    TRY(check_tags(cx, &in->remove, "remove"));
    if (!in->ids.n)
        TRY(people_count(cx, in->condition, in->text, &started.people));
    strbuf_init(&payload, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&payload);
    json_open(&w, NULL);
    if (in->condition) {
        struct strbuf text;
        strbuf_init(&text, cx->arena, 1 << 20);
        out_json_value(&text, in->condition);
        json_raw(&w, "condition", strbuf_str(&text));
    }
    if (in->text.len)
        json_put(&w, "text", in->text);
    put_ids(&w, "ids", &in->ids);
    put_ids(&w, "add", &in->add);
    put_ids(&w, "remove", &in->remove);
    json_put(&w, "variant", cx->actor.view.variant);
    json_put(&w, "who", cx->actor.view.who);
    json_put(&w, "name", cx->actor.name);
    json_put(&w, "people", started.people);
    json_close(&w);
    TRY(job_add(cx,
                &(struct job_new) {
                    .kind = &bulk_tag_job, .payload = strbuf_str(&payload), .by = cx->actor.staff },
                &started.job_id));
    out->status = 202;
    return reply_struct(out, &bulk_started_schema, &started);
}

static i64 number(const struct json *j, const char *key)
{
    i64 n;
    return json_i64(json_get(j, key), &n) ? n : 0;
}

/* The next people of a bulk job: named ones, or those of its condition, always within the scope of
 * who asked. */
static enum err next_people(struct ctx *cx, const struct json *payload, i64 after,
                            i64 ids[BULK_STEP], size_t *ret_count)
{
    const struct json *named = json_get(payload, "ids"), *text = json_get(payload, "text");
    size_t n = 0;
    db_view_set(cx->db,
                (struct db_view) { (int)number(payload, "variant"), number(payload, "who") });
    if (!named || !named->first)
        return people_ids(cx, json_get(payload, "condition"), text ? text->text : STR_NONE, after,
                          BULK_STEP, ids, ret_count);
    for (const struct json *m = named->first; m && n < BULK_STEP; m = m->next) {
        i64 id;
        if (!json_i64(m, &id) || id <= after)
            continue;
        enum err e = customer_see(cx, (customer_id) { id });
        if (e == OK)
            ids[n++] = id;
        else if (e != ERR_NOT_FOUND)
            return e;
        fail_clear(cx);
    }
    *ret_count = n;
    return OK;
}

static enum err change_one(struct ctx *cx, struct job *job, i64 customer, const struct json *tags,
                           bool add)
{
    for (const struct json *m = tags ? tags->first : NULL; m; m = m->next) {
        i64 tag, kept;
        bool changed;
        if (!json_i64(m, &tag))
            continue;
        TRY(add ? tag_give(cx, (customer_id) { customer }, (tag_id) { tag }, "manual", &changed)
                : tag_take(cx, (customer_id) { customer }, (tag_id) { tag }, "manual", &changed));
        if (!changed)
            continue;
        TRY(sql_i64(cx, bulk_change_count, &kept, ID(job->id)));
        if (kept <= UNDO_MAX)
            TRY(sql_exec(cx, bulk_change_add, ID(job->id), V(customer), V(tag), V(add),
                         V(cx->now)));
    }
    return OK;
}

static enum err bulk_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct json_error bad;
    const struct json *payload = json_read(cx->arena, job->payload, &bad),
                      *name = json_get(payload, "name");
    const struct json *state = job->state.len ? json_read(cx->arena, job->state, &bad) : NULL;
    i64 ids[BULK_STEP];
    size_t n;
    if (name)
        cx->actor.name = name->text;
    job->total = number(payload, "people");
    TRY(next_people(cx, payload, number(state, "after"), ids, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(change_one(cx, job, ids[i], json_get(payload, "remove"), false));
        TRY(change_one(cx, job, ids[i], json_get(payload, "add"), true));
    }
    job->done += (i64)n;
    *ret_more = n == BULK_STEP;
    if (n)
        job_keep(job, arena_fmt(cx->arena, "{\"after\":%lld}", (long long)ids[n - 1]));
    return OK;
}

const struct job_kind bulk_tag_job = {
    .name = "bulk_tag", .zh = "批量打标签", .en = "Tag many people", .step = bulk_step
};

static enum err undo_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct bulk_one *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct bulk_started started;
    TRY(sql_query(cx, bulk_job, &r, ID(in->id), ID(cx->actor.staff)));
    bool any = rows_next(&r), done = any && str_is(col_str(&r, 0), "done");
    TRY(rows_end(&r));
    if (!any)
        return fail(cx, ERR_NOT_FOUND, NULL);
    if (!done)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "任务还没有完成", "the job has not ended yet");
    TRY(sql_i64(cx, bulk_change_count, &started.people, ID(in->id)));
    if (started.people > UNDO_MAX)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "改动太多，无法撤销",
                         "it changed too many to be undone");
    str payload = arena_fmt(cx->arena, "{\"job_id\":%lld}", (long long)in->id.v);
    TRY(job_add(
        cx,
        &(struct job_new) { .kind = &bulk_undo_job,
                            .payload = payload,
                            .by = cx->actor.staff,
                            .dedupe = arena_fmt(cx->arena, "bulk_undo:%lld", (long long)in->id.v) },
        &started.job_id));
    out->status = 202;
    return reply_struct(out, &bulk_started_schema, &started);
}

/* For whoever asked for it; the page of all jobs is for administrators. */
static enum err state_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct bulk_one *in = input;
    struct bulk_state state;
    TRY(sql_one(cx, bulk_state, &bulk_state_schema, &state, ID(in->id), ID(cx->actor.staff)));
    return reply_struct(out, &bulk_state_schema, &state);
}

static enum err undo_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct json_error bad;
    const struct json *payload = json_read(cx->arena, job->payload, &bad);
    const struct json *state = job->state.len ? json_read(cx->arena, job->state, &bad) : NULL;
    i64 after = number(state, "after"), n = 0;
    TRY(sql_query(cx, bulk_changes, &r, V(number(payload, "job_id")), V(after)));
    for (; rows_next(&r); n++) {
        customer_id customer = { col_id(&r, 1) };
        tag_id tag = { col_id(&r, 2) };
        bool changed;
        after = col_id(&r, 0);
        TRY(col_bool(&r, 3) ? tag_take(cx, customer, tag, "manual", &changed)
                            : tag_give(cx, customer, tag, "manual", &changed));
    }
    TRY(rows_end(&r));
    job->done += n;
    *ret_more = n > 0;
    job_keep(job, arena_fmt(cx->arena, "{\"after\":%lld}", (long long)after));
    return OK;
}

const struct job_kind bulk_undo_job = {
    .name = "bulk_undo", .zh = "撤销批量打标签", .en = "Undo tagging many people", .step = undo_step
};

static enum err clean_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    (void)job;
    *ret_more = false;
    return sql_exec(cx, bulk_changes_clean, V((instant) { cx->now.ms - UNDO_KEPT_MS }));
}

static const struct job_kind clean_job = { .name = "bulk_clean",
                                           .zh = "清理批量改动记录",
                                           .en = "Remove old bulk changes",
                                           .step = clean_step,
                                           .daily_hour = 4 };

static const struct route routes[] = {
    { POST, "/api/v1/customers/search", search_run, .id = "customer.search",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &customer_search_schema,
      .out = &person_row_schema, .listed = true,
      .doc = "Customers by condition or text, a page at a time" },
    { POST, "/api/v1/customers/count", count_run, .id = "customer.count",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &customer_count_schema,
      .out = &counted_schema, .doc = "How many there are" },
    { POST, "/api/v1/customers/bulk-tag", bulk_run, .id = "customer.bulk_tag",
      .perm = PERM_TAG_ASSIGN, .mode = WRITE, .in = &bulk_tag_schema, .out = &bulk_started_schema,
      .doc = "Give and take tags of many, as a job" },
    { GET, "/api/v1/customers/bulk-tag/{id}", state_run, .id = "customer.bulk_tag_state",
      .perm = PERM_TAG_ASSIGN, .mode = READ, .in = &bulk_one_schema, .out = &bulk_state_schema,
      .doc = "How far a bulk change of one's own, or its undoing, is" },
    { POST, "/api/v1/customers/bulk-tag/{id}/undo", undo_run, .id = "customer.bulk_tag_undo",
      .perm = PERM_TAG_ASSIGN, .mode = WRITE, .in = &bulk_one_schema, .out = &bulk_started_schema,
      .doc = "Undo a bulk change of one's own, within seven days" },
};

static const struct job_kind *const jobs[] = { &bulk_tag_job, &bulk_undo_job, &clean_job };

const struct module directory_module = { .name = "directory",
                                         .routes = routes,
                                         .route_count = COUNT(routes),
                                         .jobs = jobs,
                                         .job_count = COUNT(jobs) };
