/* What care does when facts happen, and what becomes of it when people are joined, parted or
 * erased. */
#include "domain/care/internal.h"

#include "base/json.h"
#include "base/time.h"
#include "core/app.h"
#include "core/event.h"

#include "care.sql.h"

/* Orders are planned by themselves. */
static enum err look(struct ctx *cx, const struct care_known *rule, struct care_person *p)
{
    switch (rule->kind) {
    case CARE_AFTER_ORDER:
    case CARE_KINDS: return OK;
    case CARE_RHYTHM:
    case CARE_DORMANT: return care_look(cx, rule, p);
    case CARE_BIRTHDAY: break;
    }
    if (p->birthday.n == NONE)
        return OK;
    day next = care_celebration(p->birthday, day_of(cx->now));
    return care_birthday_passed(rule, p->id, next) ? care_birthday(cx, rule, p, next) : OK;
}

static enum err look_at(struct ctx *cx, const struct care_book *book, customer_id customer)
{
    struct care_person p;
    bool any;
    TRY(care_person_get(cx, customer, &p, &any));
    for (size_t i = 0; any && i < book->rules.n; i++)
        TRY(look(cx, &book->rules.at[i], &p));
    return OK;
}

/* Of an order that came to the log on a day; a moment before that day is over. */
static enum err plan_order(struct ctx *cx, const struct care_book *book, const struct event *e)
{
    struct json_error bad;
    i64 order;
    if (!json_i64(json_get(json_read(cx->arena, e->props, &bad), "order_id"), &order))
        return OK;
    for (size_t i = 0; i < book->rules.n; i++)
        if (book->rules.at[i].kind == CARE_AFTER_ORDER)
            TRY(care_order_plan(cx, &book->rules.at[i], order, day_of(e->received)));
    return OK;
}

static int by_number(const void *pa, const void *pb)
{
    const i64 *a = pa, *b = pb;
    return (*a > *b) - (*a < *b);
}

/* Facts after which a person may be another: each person of a batch once. */
static enum err on_facts(struct ctx *cx, const struct event *events, size_t count)
{
    i64 *ids = NEW_N(cx->arena, i64, count);
    size_t n = 0;
    struct care_book book;
    TRY(care_book_open(cx, CARE_KINDS, &book));
    if (!book.rules.n)
        return OK;
    str own = cx->actor.name; /* what a rule does bears its name */
    for (size_t i = 0; i < count; i++) {
        if (str_is(events[i].type_name, "order.paid"))
            TRY(plan_order(cx, &book, &events[i]));
        if (events[i].customer.v)
            ids[n++] = events[i].customer.v;
    }
    qsort(ids, n, sizeof *ids, by_number);
    for (size_t i = 0; i < n; i++)
        if (!i || ids[i] != ids[i - 1])
            TRY(look_at(cx, &book, (customer_id) { ids[i] }));
    cx->actor.name = own;
    return OK;
}

static enum err read_tasks(struct ctx *cx, struct rows *r, task_id **ret, size_t *ret_count)
{
    VEC(task_id) all = { 0 };
    while (rows_next(r))
        *vec_push(cx->arena, &all) = (task_id) { col_id(r, 0) };
    *ret = all.at;
    *ret_count = all.n;
    return rows_end(r);
}

static enum err join(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    task_id *twins;
    size_t n;
    TRY(sql_query(cx, care_twins, &r, ID(from), ID(into)));
    TRY(read_tasks(cx, &r, &twins, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(task_finish(cx, twins[i], TASK_DISMISSED, S("合并客户：已有相同关怀")));
        TRY(sql_exec(cx, care_twin_note, V(merge), ID(twins[i])));
    }
    TRY(sql_exec(cx, care_made_note, V(merge), ID(from), ID(into)));
    TRY(sql_exec(cx, care_made_move, V(merge), ID(into)));
    return sql_exec(cx, care_timers_leave, ID(from));
}

/* What was made meanwhile about orders that go back. */
static enum err part_orders(struct ctx *cx, customer_id from, customer_id into)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(i64) made = { 0 }, tasks = { 0 };
    TRY(sql_query(cx, care_parted, &r, ID(into), ID(from)));
    while (rows_next(&r)) {
        *vec_push(cx->arena, &made) = col_id(&r, 0);
        *vec_push(cx->arena, &tasks) = col_id(&r, 1);
    }
    TRY(rows_end(&r));
    for (size_t i = 0; i < made.n; i++) {
        TRY(sql_exec(cx, care_made_give, V(made.at[i]), ID(from)));
        TRY(task_about(cx, (task_id) { tasks.at[i] }, from));
    }
    return OK;
}

static enum err part(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    task_id *twins;
    size_t n;
    TRY(sql_exec(cx, care_made_move, V(merge), ID(from)));
    TRY(part_orders(cx, from, into));
    TRY(sql_query(cx, care_twins_back, &r, V(merge)));
    TRY(read_tasks(cx, &r, &twins, &n));
    for (size_t i = 0; i < n; i++)
        TRY(task_reopen(cx, twins[i]));
    return OK;
}

static enum err forget(struct ctx *cx, customer_id customer)
{
    return sql_exec(cx, care_timers_forget, ID(customer));
}

static const char *const facts[] = { "customer.created", "customer.changed",
                                     "customer.merged",  "customer.unmerged",
                                     "order.paid",       "order.amended",
                                     "order.refunded",   "tag.added",
                                     "tag.removed",      "consent.changed",
                                     "rfm.scored",       "task.done",
                                     "task.dismissed",   NULL };

const struct subscriber care_subscribers[1] = {
    { .name = "care",
      .types = facts,
      .handle = on_facts,
      .doc = "Care that the facts about a person bring forward or put off" },
};
const struct person_part care_person_part = {
    .kind = "care", .join = join, .part = part, .forget = forget
};
