/* Tasks: one's own, and all within one's scope. */
#include "domain/task/internal.h"

#include "base/time.h"
#include "core/app.h"
#include "core/event.h"
#include "core/reply.h"
#include "domain/org/org.h"

#include "task.sql.h"

#define AHEAD_MS      (3660 * DAY_MS) /* no task is due later than this from now */
#define HAND_OVER_MAX 500             /* a call */

static const char *const whens[] = { "overdue", "today", "coming", NULL };

#define MY_TASKS(F, T)                                                                         \
    F(T, str, when, .choices = whens,                                                          \
      .doc = "Due before today, today, or later, in the business zone; all of them if absent") \
    PAGE_FIELDS(F, T)
SCHEMA(my_tasks, MY_TASKS);

#define COUNTS(F, T)                              \
    F(T, i64, overdue, .doc = "Due before today") \
    F(T, i64, today, .doc = "Due today")          \
    F(T, i64, coming, .doc = "Due later")         \
    F(T, i64, due, .doc = "Whose time has come: overdue, and of today's those until now")
SCHEMA(task_counts, COUNTS);

#define COUNTS_ASKED(F, T)                                       \
    F(T, staff_id, staff_id, .doc = "Only those of this member") \
    F(T, department_id, department_id, .doc = "Only of this department and those below it")
SCHEMA(task_counts_asked, COUNTS_ASKED);

#define TASK_LIST(F, T)                                                                     \
    F(T, str, state, .choices = task_states, .doc = "open unless told")                     \
    F(T, str, kind, .choices = task_kinds, .doc = "Only of this kind")                      \
    F(T, staff_id, staff_id, .doc = "Only those of this member")                            \
    F(T, department_id, department_id, .doc = "Only of this department and those below it") \
    F(T, care_rule_id, rule_id, .doc = "Only what this care rule made")                     \
    F(T, instant, due_from_at, .doc = "Only those due then or later")                       \
    F(T, instant, due_before_at, .doc = "Only those due before then")                       \
    PAGE_FIELDS(F, T)
SCHEMA(task_list, TASK_LIST);

#define TASKS_OF(F, T)                                     \
    F(T, customer_id, id, .doc = "Number of the customer") \
    PAGE_FIELDS(F, T)
SCHEMA(tasks_of, TASKS_OF);

#define TASK_CREATE(F, T)                                                                       \
    F(T, str, what, .required = true, .max = TASK_WHAT_MAX, .doc = "What to do")                \
    F(T, customer_id, customer_id, .nullable = true, .doc = "About whom")                       \
    F(T, staff_id, staff_id, .nullable = true,                                                  \
      .doc = "For whom; else for the customer's owner, or any member of the customer's store, " \
             "or oneself")                                                                      \
    F(T, instant, due_at, .required = true, .doc = "By when")
SCHEMA(task_create, TASK_CREATE);

#define TASK_CHANGE(F, T)                                                \
    F(T, task_id, id, .doc = "Number")                                   \
    F(T, str, what, .min = 1, .max = TASK_WHAT_MAX, .doc = "What to do") \
    F(T, instant, due_at, .doc = "By when")
SCHEMA(task_change, TASK_CHANGE);

#define TASK_ONE(F, T) F(T, task_id, id, .doc = "Number")
SCHEMA(task_one, TASK_ONE);

#define TASK_ENDING(F, T)              \
    F(T, task_id, id, .doc = "Number") \
    F(T, str, note, .max = TASK_NOTE_MAX, .nullable = true, .doc = "What there is to say")
SCHEMA(task_ending, TASK_ENDING);

#define TASK_GIVE(F, T)                \
    F(T, task_id, id, .doc = "Number") \
    F(T, staff_id, staff_id, .required = true, .doc = "To whom")
SCHEMA(task_give, TASK_GIVE);

#define TASKS_GIVE(F, T)                                                     \
    F(T, staff_id, from_staff_id, .required = true, .doc = "Who holds them") \
    F(T, staff_id, to_staff_id, .required = true, .doc = "Who shall")
SCHEMA(tasks_give, TASKS_GIVE);

#define TASKS_GIVEN(F, T)                         \
    F(T, i64, moved, .doc = "How many went over") \
    F(T, i64, left, .doc = "How many are left: call again")
SCHEMA(tasks_given, TASKS_GIVEN);

/* Rows ordered by a time and their number: the page's next is those two of its last row. */
static enum err page(struct ctx *cx, struct reply *out, struct rows *rows, i64 limit, bool finished)
{
    struct task task;
    i64 count = 0;
    reply_list(out);
    for (; count < limit && rows_next(rows); count++) {
        schema_row(cx->arena, &task_schema, rows, &task);
        reply_item(out, &task_schema, &task);
    }
    bool more = count == limit && rows_next(rows);
    TRY(rows_end(rows));
    const struct val last[] = { V(finished ? task.finished_at : task.due_at), ID(task.id) };
    reply_list_end(out, more ? cursor_make(cx->arena, last, 2) : STR_NONE, NONE);
    return OK;
}

static enum err cursor_pair(struct ctx *cx, str cursor, i64 at, i64 id, struct val ret[2])
{
    TRY(cursor_read(cx, cursor, ret, 2));
    if (!cursor.len) {
        ret[0] = V(at);
        ret[1] = V(id);
    }
    return ret[0].kind == VAL_I64 && ret[1].kind == VAL_I64
               ? OK
               : fail(cx, ERR_BAD_FORMAT, "cursor", P("expected", "the next of the page before"));
}

static enum err mine_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct my_tasks *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    day today = day_of(cx->now);
    i64 begin = day_start(today).ms, end = day_start((day) { today.n + 1 }).ms;
    i64 limit = page_limit(in->limit);
    bool overdue = str_is(in->when, "overdue"), coming = str_is(in->when, "coming");
    i64 from = coming ? end : overdue || !in->when.len ? 0 : begin;
    i64 before = overdue ? begin : coming || !in->when.len ? I53_MAX : end;
    struct val after[2];
    TRY(cursor_pair(cx, in->cursor, 0, 0, after));
    TRY(sql_query(cx, task_mine, &r, V(cx->actor.staff.v), V(from), V(before), after[0], after[1],
                  V(limit + 1)));
    return page(cx, out, &r, limit, false);
}

static enum err counts_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct task_counts counts;
    day today = day_of(cx->now);
    (void)input;
    TRY(sql_one(cx, task_counts, &task_counts_schema, &counts, V(cx->actor.staff.v),
                V(day_start(today)), V(day_start((day) { today.n + 1 })), V(cx->now)));
    return reply_struct(out, &task_counts_schema, &counts);
}

/* The department's path, to find what is below it. None: every department. */
static enum err path_of(struct ctx *cx, department_id department, str *ret)
{
    *ret = STR_NONE;
    return department.v ? department_path(cx, department, "department_id", ret) : OK;
}

static enum err counts_all_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct task_counts_asked *in = input;
    struct task_counts counts;
    day today = day_of(cx->now);
    str below;
    TRY(path_of(cx, in->department_id, &below));
    TRY(sql_one(cx, task_counts_all, &task_counts_schema, &counts, V(day_start(today)),
                V(day_start((day) { today.n + 1 })), V(cx->now), ID(in->staff_id), V(below)));
    return reply_struct(out, &task_counts_schema, &counts);
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct task_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    bool open = !in->state.len || str_is(in->state, "open");
    i64 limit = page_limit(in->limit);
    struct val at[2];
    str below;
    TRY(path_of(cx, in->department_id, &below));
    TRY(cursor_pair(cx, in->cursor, open ? 0 : I53_MAX, open ? 0 : I53_MAX, at));
    const struct val binds[] = { at[0],
                                 at[1],
                                 V(in->due_from_at),
                                 V(in->due_before_at),
                                 V(in->kind),
                                 ID(in->rule_id),
                                 V(below),
                                 V(limit + 1),
                                 open ? ID(in->staff_id) : V(in->state),
                                 ID(in->staff_id) };
    bool held = in->staff_id.v != 0;
    const struct sql *sql = open   ? held ? &SQL_task_list_held : &SQL_task_list
                            : held ? &SQL_task_list_finished_held
                                   : &SQL_task_list_finished;
    TRY(db_query(cx->db, sql, &r, binds, 8 + (size_t)held + (size_t)!open));
    return page(cx, out, &r, limit, !open);
}

static enum err of_customer_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tasks_of *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 before, limit = page_limit(in->limit);
    TRY(customer_see(cx, in->id));
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, task_list_customer, &r, ID(in->id), V(before ? before : I53_MAX),
                  V(limit + 1)));
    return reply_page(cx, out, &task_schema, &r, limit);
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct task_one *in = input;
    struct task task;
    TRY(task_get(cx, in->id, &task));
    return reply_struct(out, &task_schema, &task);
}

/* Whom the actor may give something to. */
static enum err check_member(struct ctx *cx, staff_id staff, const char *field)
{
    i64 one;
    enum err e = sql_i64(cx, task_member, &one, ID(staff), V(cx->actor.staff.v));
    return e == ERR_DONE ? fail_with(cx, ERR_NOT_FOUND, str_of(field), NULL, 0) : e;
}

static enum err check_due(struct ctx *cx, instant due)
{
    if (due.ms < day_start(day_of(cx->now)).ms)
        return fail_rule(cx, ERR_INVALID, "due_at", "时间已过", "that day has passed");
    if (due.ms > cx->now.ms + AHEAD_MS)
        return fail_rule(cx, ERR_INVALID, "due_at", "时间太远，最多十年",
                         "that is too far ahead; at most ten years");
    return OK;
}

/* For whom, when nobody was named. */
static enum err default_holder(struct ctx *cx, customer_id customer, staff_id *ret)
{
    struct customer c;
    *ret = cx->actor.staff;
    if (customer.v) {
        TRY(customer_get(cx, customer, &c));
        TRY(task_owner(cx, customer, (staff_id) { 0 }, ret));
        if (!ret->v && !c.department_id.v)
            *ret = cx->actor.staff;
    }
    return ret->v || customer.v ? OK : fail(cx, ERR_REQUIRED, "staff_id");
}

static enum err reply_now(struct ctx *cx, task_id id, struct reply *out)
{
    struct task task;
    TRY(task_get(cx, id, &task));
    return reply_struct(out, &task_schema, &task);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct task_create *in = input;
    staff_id holder = in->staff_id;
    task_id id;
    TRY(check_due(cx, in->due_at));
    if (in->customer_id.v) {
        enum err e = customer_see(cx, in->customer_id);
        fail_clear(cx);
        if (e == ERR_NOT_FOUND)
            return fail(cx, ERR_NOT_FOUND, "customer_id");
        TRY(e);
    }
    if (holder.v)
        TRY(check_member(cx, holder, "staff_id"));
    else
        TRY(default_holder(cx, in->customer_id, &holder));
    TRY(task_add(cx,
                 &(struct task_new) { .kind = task_kinds[0],
                                      .what = in->what,
                                      .customer = in->customer_id,
                                      .holder = holder,
                                      .due = in->due_at },
                 &id));
    audit_entity(cx, "task", id.v);
    audit_customer(cx, in->customer_id);
    out->status = 201;
    return reply_now(cx, id, out);
}

/* A task about to be changed: seen, in the version the client saw, and noted for the audit. */
static enum err begin(struct ctx *cx, task_id id, struct task *ret)
{
    TRY(task_get(cx, id, ret));
    TRY(version_check(cx, ret->version));
    audit_entity(cx, "task", id.v);
    audit_customer(cx, ret->customer_id);
    audit_before(cx, &task_schema, ret);
    return OK;
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct task_change *in = input;
    struct task task;
    i64 changed;
    TRY(begin(cx, in->id, &task));
    if (!str_is(task.state, "open"))
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "待办已结束", "the task has ended");
    if (HAS(in, task_change, due_at) && in->due_at.ms != task.due_at.ms)
        TRY(check_due(cx, in->due_at));
    schema_patch(&task_schema, &task, &task_change_schema, in);
    TRY(sql_changed(cx, task_change, &changed, ID(in->id), V(task.what), V(task.due_at),
                    V(task.version), V(cx->now)));
    TRY(task_wake(cx, task.due_at));
    return reply_now(cx, in->id, out);
}

static enum err finish(struct ctx *cx, const void *input, enum task_end end, struct reply *out)
{
    const struct task_ending *in = input;
    struct task task;
    TRY(begin(cx, in->id, &task));
    TRY(task_finish(cx, in->id, end, in->note));
    return reply_now(cx, in->id, out);
}

static enum err complete_run(struct ctx *cx, const void *input, struct reply *out)
{
    return finish(cx, input, TASK_DONE, out);
}

static enum err dismiss_run(struct ctx *cx, const void *input, struct reply *out)
{
    return finish(cx, input, TASK_DISMISSED, out);
}

static enum err reopen_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct task_one *in = input;
    struct task task;
    TRY(begin(cx, in->id, &task));
    TRY(task_reopen(cx, in->id));
    return reply_now(cx, in->id, out);
}

/* Says nothing back: who gives away what was only theirs does not see it any more. */
static enum err give_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct task_give *in = input;
    struct task task;
    (void)out;
    TRY(begin(cx, in->id, &task));
    TRY(check_member(cx, in->staff_id, "staff_id"));
    return task_hand_over(cx, in->id, in->staff_id);
}

static enum err give_all_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tasks_give *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct tasks_given given = { 0 };
    task_id ids[HAND_OVER_MAX];
    i64 one;
    enum err e = sql_i64(cx, task_member_any, &one, ID(in->from_staff_id), V(cx->actor.staff.v));
    if (e == ERR_DONE)
        return fail(cx, ERR_NOT_FOUND, "from_staff_id");
    TRY(e);
    TRY(check_member(cx, in->to_staff_id, "to_staff_id"));
    if (in->to_staff_id.v == in->from_staff_id.v)
        return fail_rule(cx, ERR_INVALID, "to_staff_id", "不能转交给本人", "it is the same member");
    TRY(sql_query(cx, task_held_seen, &r, ID(in->from_staff_id), V(cx->actor.staff.v),
                  V(HAND_OVER_MAX)));
    while (rows_next(&r))
        ids[given.moved++].v = col_id(&r, 0);
    TRY(rows_end(&r));
    for (i64 i = 0; i < given.moved; i++)
        TRY(task_hand_over(cx, ids[i], in->to_staff_id));
    TRY(sql_i64(cx, task_held_seen_count, &given.left, ID(in->from_staff_id),
                V(cx->actor.staff.v)));
    audit_entity(cx, "staff", in->from_staff_id.v);
    return reply_struct(out, &tasks_given_schema, &given);
}

static const struct route routes[] = {
    { GET, "/api/v1/my-tasks", mine_run, .id = "my_task.list", .perm = PERM_TASK_WRITE,
      .mode = READ, .in = &my_tasks_schema, .out = &task_schema, .listed = true,
      .doc = "What is open for oneself, by when it is due" },
    { GET, "/api/v1/my-tasks/counts", counts_run, .id = "my_task.counts", .perm = PERM_TASK_WRITE,
      .mode = READ, .out = &task_counts_schema, .doc = "How much is open for oneself" },
    { GET, "/api/v1/tasks", list_run, .id = "task.list", .perm = PERM_TASK_WRITE, .mode = READ,
      .in = &task_list_schema, .out = &task_schema, .listed = true,
      .doc = "Tasks within one's scope: open ones by when they are due, others newest first" },
    { GET, "/api/v1/tasks/counts", counts_all_run, .id = "task.counts", .perm = PERM_TASK_WRITE,
      .mode = READ, .in = &task_counts_asked_schema, .out = &task_counts_schema,
      .doc = "How much is open within one's scope, and how much of it is overdue" },
    { GET, "/api/v1/tasks/{id}", get_run, .id = "task.get", .perm = PERM_TASK_WRITE, .mode = READ,
      .in = &task_one_schema, .out = &task_schema, .doc = "One task" },
    { GET, "/api/v1/customers/{id}/tasks", of_customer_run, .id = "customer.tasks",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &tasks_of_schema, .out = &task_schema,
      .listed = true, .doc = "Tasks about a customer, newest first" },
    { POST, "/api/v1/tasks", create_run, .id = "task.create", .perm = PERM_TASK_WRITE,
      .mode = WRITE, .in = &task_create_schema, .out = &task_schema, .doc = "Plan a follow-up" },
    { PATCH, "/api/v1/tasks/{id}", change_run, .id = "task.change", .perm = PERM_TASK_WRITE,
      .mode = WRITE, .in = &task_change_schema, .out = &task_schema,
      .doc = "Change or postpone an open task" },
    { POST, "/api/v1/tasks/{id}/complete", complete_run, .id = "task.complete",
      .perm = PERM_TASK_WRITE, .mode = WRITE, .in = &task_ending_schema, .out = &task_schema,
      .doc = "It is done; the note stays with it, the fact stands on the timeline" },
    { POST, "/api/v1/tasks/{id}/dismiss", dismiss_run, .id = "task.dismiss",
      .perm = PERM_TASK_WRITE, .mode = WRITE, .in = &task_ending_schema, .out = &task_schema,
      .doc = "It need not be done" },
    { POST, "/api/v1/tasks/{id}/reopen", reopen_run, .id = "task.reopen", .perm = PERM_TASK_WRITE,
      .mode = WRITE, .in = &task_one_schema, .out = &task_schema, .doc = "Open it again" },
    { POST, "/api/v1/tasks/{id}/hand-over", give_run, .id = "task.hand_over",
      .perm = PERM_TASK_WRITE, .mode = WRITE, .in = &task_give_schema,
      .doc = "Give it to another member" },
    { POST, "/api/v1/tasks/hand-over", give_all_run, .id = "task.hand_over_all",
      .perm = PERM_TASK_WRITE, .mode = WRITE, .in = &tasks_give_schema, .out = &tasks_given_schema,
      .doc = "Give everything open that a member holds, as far as one sees it, to another; 500 "
             "a call" },
};

static const struct event_type *const events[] = { &EV_TASK_CREATED,  &EV_TASK_DUE,
                                                   &EV_TASK_DONE,     &EV_TASK_DISMISSED,
                                                   &EV_TASK_REOPENED, &EV_TASK_HANDED_OVER };
static const struct job_kind *const jobs[] = { &task_due_job, &task_inherit_job };

const struct module task_module = { .name = "task",
                                    .routes = routes,
                                    .route_count = COUNT(routes),
                                    .events = events,
                                    .event_count = COUNT(events),
                                    .subscribers = task_subscribers,
                                    .subscriber_count = COUNT(task_subscribers),
                                    .jobs = jobs,
                                    .job_count = COUNT(jobs),
                                    .person = &task_person_part };
