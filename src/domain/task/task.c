#include "domain/task/internal.h"

#include "base/time.h"
#include "base/vec.h"
#include "core/app.h"
#include "core/event.h"
#include "core/job.h"
#include "core/scope.h"

#include "task.sql.h"

#define DUE_STEP 200

const char *const task_kinds[] = { "follow_up", "care", NULL };
const char *const task_states[] = { "open", "done", "dismissed", NULL };

const struct event_type EV_TASK_CREATED = { "task.created", "新增待办", "Task created",
                                            "task_id: id, kind: text, staff_id: id, due_at: time" };
const struct event_type EV_TASK_DUE = { "task.due", "待办到期", "Task due",
                                        "task_id: id, kind: text, staff_id: id" };
const struct event_type EV_TASK_DONE = { "task.done", "完成待办", "Task done",
                                         "task_id: id, kind: text, staff_id: id" };
const struct event_type EV_TASK_DISMISSED = { "task.dismissed", "取消待办", "Task dismissed",
                                              "task_id: id, kind: text, staff_id: id" };
const struct event_type EV_TASK_REOPENED = { "task.reopened", "重启待办", "Task reopened",
                                             "task_id: id, kind: text, staff_id: id" };
const struct event_type EV_TASK_HANDED_OVER = { "task.handed_over", "转交待办", "Task handed over",
                                                "task_id: id, from_id: id, to_id: id" };

SCHEMA_TABLE(task, TASK);

enum err task_get(struct ctx *cx, task_id id, struct task *ret)
{
    return sql_one(cx, task_by_id, &task_schema, ret, ID(id), V(cx->actor.staff.v));
}

enum err task_brief_get(struct ctx *cx, task_id id, struct task_brief *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, task_brief, &r, ID(id)));
    bool any = rows_next(&r);
    if (any)
        *ret = (struct task_brief) { .care = str_is(col_str(&r, 0), "care"),
                                     .customer = { col_id(&r, 1) },
                                     .holder = { col_id(&r, 2) },
                                     .open = str_is(col_str(&r, 3), "open"),
                                     .department = { col_id(&r, 4) } };
    TRY(rows_end(&r));
    return any ? OK : fail(cx, ERR_NOT_FOUND, NULL);
}

static const char *kind_of(const struct task_brief *t)
{
    return t->care ? "care" : "follow_up";
}

/* An id in a fact: none is null. */
static struct prop id_prop(const char *key, i64 id)
{
    return P(key, id ? id : NONE);
}

static enum err emit(struct ctx *cx, const struct event_type *type, task_id id,
                     const struct task_brief *t)
{
    return event_emit(cx, type, t->customer, P("task_id", id.v), P("kind", kind_of(t)),
                      id_prop("staff_id", t->holder.v));
}

static enum err home_of(struct ctx *cx, staff_id staff, i64 *ret_department)
{
    enum err e = sql_i64(cx, task_staff_home, ret_department, ID(staff));
    return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, "staff_id") : e;
}

/* Whose customer it is about; of a task about nobody the holder and where they belong. */
static enum err place_of(struct ctx *cx, const struct task_new *t, i64 *ret_department,
                         i64 *ret_staff)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    if (!t->customer.v) {
        *ret_staff = t->holder.v;
        return home_of(cx, t->holder, ret_department);
    }
    TRY(sql_query(cx, task_customer_place, &r, ID(t->customer)));
    bool any = rows_next(&r);
    *ret_department = any ? col_id(&r, 0) : 0;
    *ret_staff = any ? col_id(&r, 1) : 0;
    return rows_end(&r);
}

enum err task_add(struct ctx *cx, const struct task_new *t, task_id *ret)
{
    i64 department, staff;
    struct strbuf due;
    TRY(place_of(cx, t, &department, &staff));
    TRY(sql_i64(cx, task_insert, &ret->v, V(t->kind), V(t->what), ID(t->customer), ID(t->holder),
                val_id(department), val_id(staff), V(t->due), ID(t->rule), ID(cx->actor.staff),
                V(cx->actor.name), V(cx->now)));
    strbuf_init(&due, cx->arena, 64);
    out_instant(&due, t->due);
    TRY(event_emit(cx, &EV_TASK_CREATED, t->customer, P("task_id", ret->v), P("kind", t->kind),
                   id_prop("staff_id", t->holder.v), P("due_at", strbuf_str(&due))));
    return task_wake(cx, t->due);
}

static enum err wrong_state(struct ctx *cx, bool open)
{
    return open ? fail_rule(cx, ERR_WRONG_STATE, NULL, "待办尚未结束", "the task is open")
                : fail_rule(cx, ERR_WRONG_STATE, NULL, "待办已结束", "the task has ended");
}

enum err task_finish(struct ctx *cx, task_id id, enum task_end end, str note)
{
    struct task_brief t;
    i64 changed;
    TRY(task_brief_get(cx, id, &t));
    if (!t.open)
        return wrong_state(cx, false);
    TRY(sql_changed(cx, task_end, &changed, ID(id), V(end == TASK_DONE ? "done" : "dismissed"),
                    V(note.len ? note : STR_NONE), V(cx->now), V(cx->actor.name)));
    return emit(cx, end == TASK_DONE ? &EV_TASK_DONE : &EV_TASK_DISMISSED, id, &t);
}

enum err task_reopen(struct ctx *cx, task_id id)
{
    struct task_brief t;
    i64 changed;
    TRY(task_brief_get(cx, id, &t));
    if (t.open)
        return wrong_state(cx, true);
    TRY(sql_changed(cx, task_open_again, &changed, ID(id)));
    TRY(emit(cx, &EV_TASK_REOPENED, id, &t));
    return task_wake(cx, cx->now);
}

enum err task_hand_over(struct ctx *cx, task_id id, staff_id to)
{
    struct task_brief t;
    i64 home;
    TRY(task_brief_get(cx, id, &t));
    if (!t.open)
        return wrong_state(cx, false);
    if (t.holder.v == to.v)
        return OK;
    TRY(sql_exec(cx, task_hold, ID(id), ID(to)));
    if (!t.customer.v && to.v) {
        TRY(home_of(cx, to, &home));
        TRY(sql_exec(cx, task_home, ID(id), val_id(home), ID(to)));
    }
    return event_emit(cx, &EV_TASK_HANDED_OVER, t.customer, P("task_id", id.v),
                      id_prop("from_id", t.holder.v), id_prop("to_id", to.v));
}

enum err task_about(struct ctx *cx, task_id id, customer_id customer)
{
    return sql_exec(cx, task_about, ID(id), ID(customer));
}

/* For whom. */

enum err task_owner(struct ctx *cx, customer_id customer, staff_id except, staff_id *ret)
{
    i64 owner;
    enum err e = sql_i64(cx, task_customer_owner, &owner, ID(customer));
    ret->v = e == OK && owner != except.v ? owner : 0;
    return e == ERR_DONE ? OK : e;
}

enum err task_turn(struct ctx *cx, department_id department, staff_id except, staff_id *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 last = 0, first = 0, next = 0;
    ret->v = 0;
    if (!department.v)
        return OK;
    enum err e = sql_i64(cx, task_turn_last, &last, ID(department));
    if (e != OK && e != ERR_DONE)
        return e;
    TRY(sql_query(cx, task_turn_members, &r, ID(department)));
    while (rows_next(&r)) {
        i64 id = col_id(&r, 0);
        if (id == except.v || !((uint64_t)col_i64(&r, 1) & PERM_BIT(PERM_TASK_WRITE)))
            continue;
        first = first ? first : id;
        next = !next && id > last ? id : next;
    }
    TRY(rows_end(&r));
    ret->v = next ? next : first;
    return ret->v ? sql_exec(cx, task_turn_put, ID(department), ID(*ret)) : OK;
}

enum err task_place(struct ctx *cx, customer_id customer, staff_id except, staff_id *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(task_owner(cx, customer, except, ret));
    if (ret->v)
        return OK;
    TRY(sql_query(cx, task_customer_place, &r, ID(customer)));
    department_id store = { rows_next(&r) ? col_id(&r, 0) : 0 };
    TRY(rows_end(&r));
    return task_turn(cx, store, except, ret);
}

struct held {
    task_id id;
    staff_id holder;
    bool by_owner; /* held as the customer's owner */
};

static enum err holder_fits(struct ctx *cx, staff_id holder, customer_id customer, bool *ret)
{
    i64 one;
    enum err e = sql_i64(cx, task_fits, &one, ID(holder), ID(customer), V(SCOPE_ALL),
                         V(SCOPE_DEPARTMENTS), V(SCOPE_BOTH));
    *ret = e == OK;
    return e == ERR_DONE ? OK : e;
}

/* With the owner, if they had it as the owner or nobody had it; else on, if the holder has nothing
 * to do with the customer any more. */
static enum err follow(struct ctx *cx, const struct held *h, customer_id customer, staff_id owner)
{
    bool fits;
    staff_id to;
    if ((h->by_owner || !h->holder.v) && owner.v)
        return task_hand_over(cx, h->id, owner);
    if (!h->holder.v)
        return OK;
    TRY(holder_fits(cx, h->holder, customer, &fits));
    if (fits)
        return OK;
    TRY(task_place(cx, customer, h->holder, &to));
    return task_hand_over(cx, h->id, to);
}

enum err task_follow(struct ctx *cx, customer_id customer)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(struct held) all = { 0 };
    staff_id owner;
    TRY(sql_query(cx, task_follow_list, &r, ID(customer)));
    while (rows_next(&r))
        *vec_push(cx->arena, &all) =
            (struct held) { .id = { col_id(&r, 0) },
                            .holder = { col_id(&r, 1) },
                            .by_owner = !col_null(&r, 1) && col_id(&r, 1) == col_id(&r, 2) };
    TRY(rows_end(&r));
    TRY(sql_query(cx, task_customer_place, &r, ID(customer)));
    bool any = rows_next(&r);
    i64 department = any ? col_id(&r, 0) : 0, staff = any ? col_id(&r, 1) : 0;
    TRY(rows_end(&r));
    TRY(sql_exec(cx, task_follow_place, ID(customer), val_id(department), val_id(staff)));
    if (!all.n)
        return OK;
    TRY(task_owner(cx, customer, (staff_id) { 0 }, &owner));
    for (size_t i = 0; i < all.n; i++)
        TRY(follow(cx, &all.at[i], customer, owner));
    return OK;
}

/* Reminders: one waiting job for the earliest task that is to be told of. It recurs each midnight,
 * so that a run that failed for good does not end it. */

enum err task_wake(struct ctx *cx, instant due)
{
    return job_earlier(
        cx,
        &(struct job_new) { .kind = &task_due_job, .due = due, .dedupe = S("recurring:task_due") });
}

static enum err due_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct task_brief due[DUE_STEP];
    task_id ids[DUE_STEP];
    i64 first;
    size_t n = 0;
    TRY(sql_query(cx, task_due_list, &r, V(cx->now), V(DUE_STEP)));
    for (; rows_next(&r); n++) {
        ids[n] = (task_id) { col_id(&r, 0) };
        due[n] = (struct task_brief) { .customer = { col_id(&r, 1) },
                                       .care = str_is(col_str(&r, 2), "care"),
                                       .holder = { col_id(&r, 3) } };
    }
    TRY(rows_end(&r));
    for (size_t i = 0; i < n; i++) {
        TRY(sql_exec(cx, task_told, ID(ids[i])));
        TRY(emit(cx, &EV_TASK_DUE, ids[i], &due[i]));
    }
    TRY(sql_i64(cx, task_due_first, &first));
    *ret_more = first != NONE && first <= cx->now.ms;
    return *ret_more || first == NONE ? OK : job_next(cx, job, (instant) { first });
}

const struct job_kind task_due_job = { .name = "task_due",
                                       .zh = "待办到期提醒",
                                       .en = "Tasks whose time has come",
                                       .step = due_step,
                                       .daily_hour = 24 };
