#include "domain/audit/audit_api.h"

#include "core/audit.h"
#include "core/job.h"
#include "core/reply.h"

#include "audit_api.sql.h"

#define STEP_ROWS 20000
/* Machines of a house differ by less; a bound of time is looked up this far beyond, and then kept
 * to exactly. */
#define SKEW_MS (10 * MINUTE_MS)

static const char *const actor_kinds[] = { "nobody", "staff", "token", "source", "system", NULL };
static_assert(ACTOR_NOBODY == 0 && ACTOR_STAFF == 1 && ACTOR_TOKEN == 2 && ACTOR_SOURCE == 3 &&
                  ACTOR_SYSTEM == 4,
              "audit_api.sql has the numbers");

#define ENTRY(F, T)                                                                          \
    F(T, i64, id, .doc = "Number; each is one more than the one before")                     \
    F(T, instant, at, .doc = "When")                                                         \
    F(T, str, actor_kind, .choices = actor_kinds,                                            \
      .doc = "staff; token: of a member of staff; source: an SDK; system: the house itself") \
    F(T, i64, actor_id, .nullable = true, .doc = "Number of the member of staff, or source") \
    F(T, str, actor_name, .nullable = true, .doc = "Their name then")                        \
    F(T, str, ip, .nullable = true, .doc = "From where")                                     \
    F(T, str, request_id, .nullable = true, .doc = "As the reply and the log say it")        \
    F(T, str, action, .doc = "What: the id of a route, or a word of the house")              \
    F(T, str, entity, .nullable = true, .doc = "What kind of thing was changed")             \
    F(T, i64, entity_id, .nullable = true, .doc = "Which one")                               \
    F(T, customer_id, customer_id, .nullable = true, .doc = "Whose private life it touches")
SCHEMA(audit_entry, ENTRY);

#define ENTRY_FULL(F, T)                                                                    \
    ENTRY(F, T)                                                                             \
    F(T, json, before, .nullable = true, .doc = "What it was")                              \
    F(T, json, after, .nullable = true, .doc = "What it became, or what was asked for")     \
    F(T, boolean, blanked, .doc = "Both were removed, since the person they are about was") \
    F(T, str, hash, .doc = "Of this row and the one before")
SCHEMA(audit_full, ENTRY_FULL);

#define ENTRY_LIST(F, T)                                                                \
    F(T, staff_id, staff_id, .doc = "Only by this member of staff")                     \
    F(T, str, action, .max = 100, .doc = "Only this")                                   \
    F(T, str, entity, .max = 60, .doc = "Only of this kind of thing")                   \
    F(T, i64, entity_id, .min = 1, .max = I53_MAX, .doc = "Only this one; with entity") \
    F(T, customer_id, customer_id, .doc = "Only about this customer")                   \
    F(T, str, ip, .max = 60, .doc = "Only from there")                                  \
    F(T, instant, from_at, .doc = "Not before")                                         \
    F(T, instant, to_at, .doc = "Before")                                               \
    PAGE_FIELDS(F, T)
SCHEMA(audit_list, ENTRY_LIST);

#define ENTRY_ONE(F, T) F(T, i64, id, .min = 1, .max = I53_MAX, .doc = "Number")
SCHEMA(audit_one, ENTRY_ONE);

#define ACTION(F, T) F(T, str, action, .doc = "As it stands in a row")
SCHEMA(audit_action, ACTION);

#define VERIFYING(F, T) F(T, job_id, job_id, .doc = "The job that does it")
SCHEMA(audit_verifying, VERIFYING);

#define VERIFICATION(F, T)                                                                   \
    F(T, job_id, job_id, .doc = "The job that does it")                                      \
    F(T, str, state, .choices = job_states, .doc = "Of the job")                             \
    F(T, i64, done, .doc = "Rows found right so far")                                        \
    F(T, i64, total, .doc = "Of how many; 0: not known yet")                                 \
    F(T, instant, created_at, .doc = "When it was asked for")                                \
    F(T, instant, finished_at, .nullable = true, .doc = "When it ended")                     \
    F(T, str, by_name, .nullable = true, .doc = "Who asked for it")                          \
    F(T, str, last_error, .nullable = true, .doc = "Why it could not be done the last time") \
    F(T, json, result, .nullable = true,                                                     \
      .doc = "{ rows, bad, fault, zh, en }: bad is the number of the first row that is not " \
             "as it was written, null if all are")
SCHEMA(audit_verification, VERIFICATION);

/* Rows at or after `from` begin here, by number. */
static enum err seq_at(struct ctx *cx, i64 at_ms, i64 otherwise, i64 *ret)
{
    enum err e = sql_i64(cx, audit_seq_at, ret, V(at_ms));
    if (e == ERR_DONE)
        *ret = otherwise;
    return e == ERR_DONE ? OK : e;
}

static enum err list_query(struct ctx *cx, const struct audit_list *in, i64 before, i64 limit,
                           struct rows *r)
{
    i64 first = 0, end = I53_MAX;
    if (in->from_at.ms)
        TRY(seq_at(cx, in->from_at.ms - SKEW_MS, I53_MAX, &first));
    if (in->to_at.ms)
        TRY(seq_at(cx, in->to_at.ms + SKEW_MS, I53_MAX, &end));
    i64 from = in->from_at.ms ? in->from_at.ms : -I53_MAX;
    i64 to = in->to_at.ms ? in->to_at.ms : I53_MAX;
    str action = in->action.len ? in->action : STR_NONE;
    str entity = in->entity.len ? in->entity : STR_NONE;
    str ip = in->ip.len ? in->ip : STR_NONE;
    const struct sql *by = in->customer_id.v                     ? &SQL_audit_list_customer
                           : entity.ptr && in->entity_id != NONE ? &SQL_audit_list_entity
                           : ip.ptr                              ? &SQL_audit_list_ip
                           : in->staff_id.v                      ? &SQL_audit_list_actor
                           : action.ptr                          ? &SQL_audit_list_action
                                                                 : &SQL_audit_list;
    return db_query(cx->db, by, r,
                    BINDS(V(MIN(before, end)), V(first), V(from), V(to), ID(in->staff_id),
                          V(action), V(entity), V(in->entity_id), ID(in->customer_id), V(ip),
                          V(limit)));
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct audit_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 before, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &before));
    if (in->entity_id != NONE && !in->entity.len)
        return fail(cx, ERR_REQUIRED, "entity");
    TRY(list_query(cx, in, before ? before : I53_MAX, limit + 1, &r));
    return reply_page(cx, out, &audit_entry_schema, &r, limit);
}

/* What somebody has written over need not be JSON any more. */
static str sound(struct ctx *cx, str text)
{
    struct json_error bad;
    return text.ptr && json_read(cx->arena, text, &bad) ? text : STR_NONE;
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct audit_one *in = input;
    struct audit_full entry;
    TRY(sql_one(cx, audit_get, &audit_full_schema, &entry, V(in->id)));
    entry.before = sound(cx, entry.before);
    entry.after = sound(cx, entry.after);
    return reply_struct(out, &audit_full_schema, &entry);
}

static enum err actions_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    (void)input;
    TRY(sql_query(cx, audit_actions, &r));
    reply_list(out);
    TRY(reply_rows(cx, out, &audit_action_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static const struct job_kind verify_job;

static enum err verify_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct audit_verifying made = { .job_id = { 0 } };
    (void)input;
    audit_entity(cx, "audit", 0);
    TRY(job_add(cx,
                &(struct job_new) {
                    .kind = &verify_job, .dedupe = S("audit_verify"), .by = cx->actor.staff },
                &made.job_id));
    return reply_struct(out, &audit_verifying_schema, &made);
}

static enum err verification_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct audit_verification v;
    (void)input;
    TRY(sql_one(cx, audit_verification, &audit_verification_schema, &v));
    return reply_struct(out, &audit_verification_schema, &v);
}

static void read_state(struct ctx *cx, str state, struct audit_walk *ret)
{
    struct json_error bad;
    const struct json *j = state.len ? json_read(cx->arena, state, &bad) : NULL;
    const struct json *last = json_get(j, "last"), *hash = json_get(j, "hash");
    if (last && hash && hash->kind == JSON_STRING && json_i64(last, &ret->last))
        snprintf(ret->hash, sizeof ret->hash, "%.*s", STR_ARG(hash->text));
}

static void keep_result(struct ctx *cx, struct job *job, const struct audit_walk *walk)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, 1000);
    struct json_writer w = json_writer(&text);
    const struct audit_fault_info *f = walk->bad ? audit_fault_info(walk->fault) : NULL;
    json_open(&w, NULL);
    json_put(&w, "rows", walk->last);
    json_val(&w, "bad", val_id(walk->bad));
    json_put(&w, "fault", f ? f->word : NULL);
    json_put(&w, "zh", f ? f->zh : NULL);
    json_put(&w, "en", f ? f->en : NULL);
    json_close(&w);
    job_result(job, strbuf_str(&text));
}

struct stepping {
    struct job *job;
    struct audit_walk walk;
    bool more;
};

static enum err walk_on(struct ctx *cx, void *arg)
{
    struct stepping *s = arg;
    TRY(audit_last(cx, &s->job->total));
    return audit_verify(cx, &s->walk, STEP_ROWS, &s->more);
}

/* Reads alone, so it is no write; a page of it is one snapshot, and what is appended meanwhile is
 * walked too. State: last, hash. */
static enum err verify_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct stepping s = { .job = job };
    read_state(cx, job->state, &s.walk);
    TRY(in_read(cx, walk_on, &s));
    *ret_more = s.more;
    job->done = s.walk.last;
    job_keep(job, arena_fmt(cx->arena, "{\"last\":%lld,\"hash\":\"%s\"}", (long long)s.walk.last,
                            s.walk.hash));
    if (!s.more)
        keep_result(cx, job, &s.walk);
    return OK;
}

static const struct job_kind verify_job = { .name = "audit_verify",
                                            .zh = "校验审计日志",
                                            .en = "Verify the audit log",
                                            .step = verify_step,
                                            .outside = true };
static const struct job_kind *const jobs[] = { &verify_job };

static const struct route routes[] = {
    { GET, "/api/v1/audit", list_run, .id = "audit.list", .perm = PERM_AUDIT_READ, .mode = READ,
      .in = &audit_list_schema, .out = &audit_entry_schema, .listed = true,
      .doc = "The audit log, newest first" },
    { GET, "/api/v1/audit/{id}", get_run, .id = "audit.get", .perm = PERM_AUDIT_READ, .mode = READ,
      .in = &audit_one_schema, .out = &audit_full_schema,
      .doc = "One row, with what was before and after" },
    { GET, "/api/v1/audit-actions", actions_run, .id = "audit.actions", .perm = PERM_AUDIT_READ,
      .mode = READ, .out = &audit_action_schema, .listed = true,
      .doc = "The actions that occur in the audit log" },
    { POST, "/api/v1/audit/verify", verify_run, .id = "audit.verify", .perm = PERM_AUDIT_READ,
      .mode = WRITE, .out = &audit_verifying_schema,
      .doc = "Check that no row was changed or removed, as a job" },
    { GET, "/api/v1/audit/verification", verification_run, .id = "audit.verification",
      .perm = PERM_AUDIT_READ, .mode = READ, .out = &audit_verification_schema,
      .doc = "How far the last check is, and what it found" },
};

const struct module audit_api_module = { .name = "audit_api",
                                         .routes = routes,
                                         .route_count = COUNT(routes),
                                         .jobs = jobs,
                                         .job_count = COUNT(jobs) };
