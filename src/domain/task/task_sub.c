/* What tasks do when facts happen: they follow their customers, and are inherited from who leaves;
 * and what becomes of them when people are joined, parted, erased, or ask what is known. */
#include "domain/task/internal.h"

#include "base/json.h"
#include "core/app.h"
#include "core/event.h"
#include "core/job.h"

#include "task.sql.h"

#define INHERIT_STEP 100

static bool names_field(str fields, const char *name)
{
    while (fields.len)
        if (str_is(str_cut(&fields, ' '), name))
            return true;
    return false;
}

/* Did this fact change whose customer it is? */
static bool moves(struct ctx *cx, const struct event *e)
{
    struct json_error bad;
    if (!e->customer.v)
        return false;
    if (!str_is(e->type_name, "customer.changed"))
        return true;
    const struct json *fields = json_get(json_read(cx->arena, e->props, &bad), "fields");
    return fields &&
           (names_field(fields->text, "department") || names_field(fields->text, "staff"));
}

static enum err inherit(struct ctx *cx, const struct event *e)
{
    struct json_error bad;
    i64 staff;
    if (!json_i64(json_get(json_read(cx->arena, e->props, &bad), "staff_id"), &staff))
        return OK;
    str payload = arena_fmt(cx->arena, "{\"staff_id\":%lld}", (long long)staff);
    str key = arena_fmt(cx->arena, "task_inherit:%lld", (long long)staff);
    return job_add(
        cx, &(struct job_new) { .kind = &task_inherit_job, .payload = payload, .dedupe = key },
        NULL);
}

static enum err on_facts(struct ctx *cx, const struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(events[i].type_name, "staff.left"))
            TRY(inherit(cx, &events[i]));
        else if (moves(cx, &events[i]))
            TRY(task_follow(cx, events[i].customer));
    return OK;
}

/* One of a leaver's: to the customer's owner, else to the store by turn, else to the store as such.
 */
static enum err inherit_one(struct ctx *cx, task_id id, customer_id customer, department_id home,
                            staff_id leaver)
{
    staff_id to;
    if (customer.v)
        TRY(task_place(cx, customer, leaver, &to));
    else
        TRY(task_turn(cx, home, leaver, &to));
    return task_hand_over(cx, id, to);
}

static enum err inherit_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct json_error bad;
    i64 held[INHERIT_STEP][3];
    staff_id leaver;
    size_t n = 0;
    if (!json_i64(json_get(json_read(cx->arena, job->payload, &bad), "staff_id"), &leaver.v))
        return ERR_INTERNAL;
    i64 one;
    enum err e = sql_i64(cx, task_has_left, &one, ID(leaver));
    *ret_more = false;
    if (e != OK) /* is back already */
        return e == ERR_DONE ? OK : e;
    TRY(sql_query(cx, task_held, &r, ID(leaver), V(INHERIT_STEP)));
    for (; rows_next(&r); n++)
        for (int c = 0; c < 3; c++)
            held[n][c] = col_id(&r, c);
    TRY(rows_end(&r));
    for (size_t i = 0; i < n; i++)
        TRY(inherit_one(cx, (task_id) { held[i][0] }, (customer_id) { held[i][1] },
                        (department_id) { held[i][2] }, leaver));
    job->done += (i64)n;
    *ret_more = n == INHERIT_STEP;
    return OK;
}

const struct job_kind task_inherit_job = { .name = "task_inherit",
                                           .zh = "离职员工待办继承",
                                           .en = "Hand over tasks of who has left",
                                           .step = inherit_step };

static enum err join(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    TRY(sql_exec(cx, tasks_note, V(merge), ID(from)));
    return sql_exec(cx, tasks_move, ID(from), ID(into));
}

static enum err part(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    (void)into;
    return sql_exec(cx, tasks_back, V(merge), ID(from));
}

static enum err forget(struct ctx *cx, customer_id customer)
{
    return sql_exec(cx, tasks_forget, ID(customer), V(cx->now));
}

static enum err tell(struct ctx *cx, customer_id customer, struct json_writer *w)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, tasks_tell, &r, ID(customer)));
    json_list(w, "tasks");
    while (rows_next(&r)) {
        json_open(w, NULL);
        json_put(w, "what", col_str(&r, 0));
        json_time(w, "due_at", (instant) { col_id(&r, 1) });
        json_put(w, "state", col_str(&r, 2));
        json_put(w, "note", col_str(&r, 3));
        json_time(w, "finished_at", (instant) { col_id(&r, 4) });
        json_close(w);
    }
    json_list_end(w);
    return rows_end(&r);
}

static const char *const facts[] = { "customer.changed", "customer.merged", "customer.unmerged",
                                     "staff.left", NULL };

const struct subscriber task_subscribers[1] = {
    { .name = "task",
      .types = facts,
      .handle = on_facts,
      .doc = "Tasks go where their customers go, and on from who leaves" },
};
const struct person_part task_person_part = {
    .kind = "task", .join = join, .part = part, .forget = forget, .tell = tell
};
