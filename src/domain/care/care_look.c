/* Looking at one person for one rule: has an occasion come, and which? */
#include "domain/care/internal.h"

#include "base/time.h"
#include "core/app.h"
#include "core/scope.h"

#include "care.sql.h"

/* What a task is made for. */
struct occasion {
    str key;
    instant moment; /* the rule's hour of the day on which it is to be done */
    day date;       /* of the birthday, the order, the last contact */
    i64 days;       /* as the text says it */
};

enum err care_person_get(struct ctx *cx, customer_id id, struct care_person *ret, bool *any)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, care_person, &r, ID(id)));
    *any = rows_next(&r);
    if (*any)
        *ret = (struct care_person) { .id = id,
                                      .name = arena_str(cx->arena, col_str(&r, 0)),
                                      .birthday = { col_i64(&r, 1) },
                                      .department = { col_id(&r, 2) },
                                      .store = arena_str(cx->arena, col_str(&r, 3)),
                                      .joined = { col_id(&r, 4) },
                                      .last_order = { col_id(&r, 5) } };
    return rows_end(&r);
}

/* *next (may be NULL): when time alone may change the answer. */
static enum err holds(struct ctx *cx, const struct care_known *rule, struct care_person *p,
                      bool *ret, instant *next)
{
    *ret = true;
    if (!rule->condition.root)
        return OK;
    if (!p->profile)
        TRY(profile_open(cx, p->id, &p->profile));
    return condition_holds(cx, &rule->condition, p->profile, ret, next);
}

/* Who belongs to the department, sees all of it and may work on tasks; 0: nobody. */
static enum err manager_of(struct ctx *cx, department_id department, staff_id *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, care_managers, &r, ID(department), V(SCOPE_ALL), V(SCOPE_DEPARTMENTS),
                  V(SCOPE_BOTH)));
    ret->v = 0;
    while (!ret->v && rows_next(&r))
        if ((uint64_t)col_i64(&r, 1) & PERM_BIT(PERM_TASK_WRITE))
            ret->v = col_id(&r, 0);
    return rows_end(&r);
}

/* 0: any member of the store. */
static enum err receiver(struct ctx *cx, const struct care_known *rule, const struct care_person *p,
                         staff_id *ret)
{
    staff_id nobody = { 0 };
    *ret = nobody;
    switch (rule->gives_to) {
    case CARE_OWNER: TRY(task_owner(cx, p->id, nobody, ret)); break;
    case CARE_TURN: TRY(task_turn(cx, p->department, nobody, ret)); break;
    case CARE_STORE:
        if (p->department.v)
            return OK;
        break;
    }
    if (!ret->v && rule->fallback.v)
        TRY(manager_of(cx, rule->fallback, ret));
    if (ret->v || rule->gives_to != CARE_OWNER)
        return OK;
    return task_turn(cx, p->department, nobody, ret);
}

static enum err staff_name(struct ctx *cx, staff_id staff, str *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, care_staff_name, &r, ID(staff)));
    *ret = rows_next(&r) ? arena_str(cx->arena, col_str(&r, 0)) : STR_NONE;
    return rows_end(&r);
}

static enum err words_of(struct ctx *cx, const struct care_person *p, const struct occasion *o,
                         staff_id staff, struct care_words *ret)
{
    *ret = (struct care_words) { .name = p->name.len
                                             ? p->name
                                             : arena_fmt(cx->arena, "#%lld", (long long)p->id.v),
                                 .store = p->store.len ? p->store : S(""),
                                 .days = o->days,
                                 .date = o->date };
    TRY(staff_name(cx, staff, &ret->staff));
    if (!ret->staff.len)
        ret->staff = S("");
    return OK;
}

/* Once a person and occasion. The task is the rule's, also by name. */
static enum err make(struct ctx *cx, const struct care_known *rule, const struct care_person *p,
                     const struct occasion *o, instant due)
{
    i64 made;
    task_id task;
    struct care_words words;
    struct task_new t = { .kind = task_kinds[1], .customer = p->id, .due = due, .rule = rule->id };
    enum err e = sql_i64(cx, care_made_put, &made, ID(rule->id), ID(p->id), V(o->key));
    if (e == ERR_DONE)
        return OK;
    TRY(e);
    cx->actor.name = rule->name;
    TRY(receiver(cx, rule, p, &t.holder));
    TRY(words_of(cx, p, o, t.holder, &words));
    t.what = care_fill(cx->arena, rule->text, &words);
    TRY(task_add(cx, &t, &task));
    TRY(sql_exec(cx, care_made_task, V(made), ID(task)));
    return sql_exec(cx, care_rule_count_made, ID(rule->id));
}

/* Today at its hour, also if that was earlier today; of a day that is over, the next time it is
 * that hour. */
static instant due_of(const struct ctx *cx, const struct care_known *rule, instant moment)
{
    bool today = moment.ms >= day_start(day_of(cx->now)).ms;
    return today ? moment : care_next_hour(cx->now, rule->hour);
}

enum err care_birthday(struct ctx *cx, const struct care_known *rule, struct care_person *p,
                       day celebration)
{
    bool yes;
    int year, month, mday;
    TRY(holds(cx, rule, p, &yes, NULL));
    if (!yes || p->birthday.n >= celebration.n)
        return OK;
    day_to_ymd(celebration, &year, &month, &mday);
    instant moment = care_moment((day) { celebration.n - rule->days }, rule->hour);
    struct occasion o = { .key = arena_fmt(cx->arena, "year:%d", year),
                          .moment = moment,
                          .date = celebration };
    instant due = due_of(cx, rule, moment);
    if (day_of(due).n > celebration.n)
        due = cx->now;
    o.days = celebration.n - day_of(due).n;
    return make(cx, rule, p, &o, due);
}

bool care_birthday_passed(const struct care_known *rule, customer_id id, day celebration)
{
    return celebration.n < rule->next_day.n ||
           (celebration.n == rule->next_day.n && id.v <= rule->next_id);
}

/* Since when the time runs for this person; 0: it does not. */
static enum err anchor_of(struct ctx *cx, const struct care_known *rule,
                          const struct care_person *p, instant *ret)
{
    i64 contact;
    *ret = p->last_order;
    if (rule->kind == CARE_DORMANT)
        return OK;
    TRY(sql_i64(cx, care_contact, &contact, ID(p->id), ID(rule->id)));
    ret->ms = MAX(MAX(ret->ms, p->joined.ms), contact == NONE ? 0 : contact);
    return OK;
}

static enum err set_timer(struct ctx *cx, const struct care_known *rule, customer_id customer,
                          str occasion, instant due)
{
    if (!due.ms)
        return sql_exec(cx, care_timer_remove, ID(rule->id), ID(customer), V(occasion));
    TRY(sql_exec(cx, care_timer_put, ID(rule->id), ID(customer), V(occasion), V(due), V(cx->now)));
    return care_timer_wake(cx, due);
}

struct open_task {
    task_id id; /* 0: there is none */
    str occasion;
};

static enum err open_of(struct ctx *cx, const struct care_known *rule, customer_id customer,
                        struct open_task *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, care_open, &r, ID(rule->id), ID(customer)));
    *ret = (struct open_task) { 0 };
    if (rows_next(&r))
        *ret = (struct open_task) { { col_id(&r, 0) }, arena_str(cx->arena, col_str(&r, 1)) };
    return rows_end(&r);
}

enum err care_look(struct ctx *cx, const struct care_known *rule, struct care_person *p)
{
    struct open_task open;
    instant anchor, next = { 0 };
    bool yes, dormant = rule->kind == CARE_DORMANT;
    TRY(anchor_of(cx, rule, p, &anchor));
    TRY(holds(cx, rule, p, &yes, &next));
    TRY(open_of(cx, rule, p->id, &open));
    day since = day_of(anchor), due_day = { since.n + rule->days };
    struct occasion o = { .key = arena_fmt(cx->arena, dormant ? "last:%lld" : "since:%lld",
                                           (long long)anchor.ms),
                          .moment = care_moment(due_day, rule->hour),
                          .date = since };
    bool counts = anchor.ms && (rule->overdue || due_day.n >= day_of(rule->since).n);
    if (open.id.v && dormant && !str_eq(open.occasion, o.key)) { /* has ordered: no longer so */
        cx->actor.name = rule->name;
        TRY(task_finish(cx, open.id, TASK_DISMISSED, S("客户已再次下单")));
        open.id.v = 0;
    }
    if (!counts)
        return set_timer(cx, rule, p->id, S(""), (instant) { 0 });
    if (!yes)
        return set_timer(cx, rule, p->id, S(""), next);
    if (o.moment.ms > cx->now.ms)
        return set_timer(cx, rule, p->id, S(""), o.moment);
    TRY(set_timer(cx, rule, p->id, S(""), (instant) { 0 }));
    if (open.id.v) /* its end is looked at again */
        return OK;
    instant due = due_of(cx, rule, o.moment);
    o.days = day_of(due).n - since.n;
    return make(cx, rule, p, &o, due);
}

static str order_key(struct arena *a, i64 order)
{
    return arena_fmt(a, "order:%lld", (long long)order);
}

/* Whose it is, and when it was; of an order that does not count *ret_customer is 0. */
static enum err order_of(struct ctx *cx, const struct care_known *rule, i64 order,
                         customer_id *ret_customer, instant *ret_at)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 first = order;
    TRY(sql_query(cx, care_order, &r, V(order)));
    bool any = rows_next(&r);
    *ret_customer = (customer_id) { any ? col_id(&r, 0) : 0 };
    *ret_at = (instant) { any ? col_id(&r, 1) : 0 };
    TRY(rows_end(&r));
    if (ret_customer->v && rule->first_only)
        TRY(sql_i64(cx, care_first_order, &first, ID(*ret_customer)));
    if (first != order)
        ret_customer->v = 0;
    return OK;
}

enum err care_order_plan(struct ctx *cx, const struct care_known *rule, i64 order, day earliest)
{
    customer_id customer;
    instant at;
    i64 one;
    TRY(order_of(cx, rule, order, &customer, &at));
    day due_day = { day_of(at).n + rule->days };
    if (!customer.v || due_day.n < earliest.n || due_day.n < day_of(rule->since).n)
        return OK;
    str key = order_key(cx->arena, order);
    enum err e = sql_i64(cx, care_made_has, &one, ID(rule->id), ID(customer), V(key));
    if (e != ERR_DONE)
        return e;
    return set_timer(cx, rule, customer, key, care_moment(due_day, rule->hour));
}

enum err care_order_due(struct ctx *cx, const struct care_known *rule, i64 order)
{
    struct care_person p;
    instant at;
    bool any, yes;
    TRY(order_of(cx, rule, order, &p.id, &at)); /* whose it is now: people are joined meanwhile */
    if (!p.id.v)
        return OK;
    TRY(care_person_get(cx, p.id, &p, &any));
    if (!any)
        return OK;
    TRY(holds(cx, rule, &p, &yes, NULL));
    if (!yes)
        return OK;
    day since = day_of(at);
    instant moment = care_moment((day) { since.n + rule->days }, rule->hour);
    if (moment.ms > cx->now.ms) /* the rule was changed to more days */
        return set_timer(cx, rule, p.id, order_key(cx->arena, order), moment);
    struct occasion o = { .key = order_key(cx->arena, order), .moment = moment, .date = since };
    instant due = due_of(cx, rule, moment);
    o.days = day_of(due).n - since.n;
    return make(cx, rule, &p, &o, due);
}

enum err care_timer_fire(struct ctx *cx, const struct care_known *rule, customer_id customer,
                         str occasion)
{
    struct care_person p;
    bool any;
    i64 order;
    TRY(sql_exec(cx, care_timer_remove, ID(rule->id), ID(customer), V(occasion)));
    if (!rule->active)
        return OK;
    if (rule->kind == CARE_AFTER_ORDER)
        return str_starts(occasion, S("order:")) && str_to_i64(str_from(occasion, 6), &order)
                   ? care_order_due(cx, rule, order)
                   : OK;
    TRY(care_person_get(cx, customer, &p, &any));
    return any ? care_look(cx, rule, &p) : OK;
}
