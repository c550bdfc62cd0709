/* Work of care in the background: birthdays that come, timers whose time has come, rules that were
 * saved or removed. */
#include "domain/care/internal.h"

#include "base/json.h"
#include "base/time.h"
#include "core/app.h"
#include "core/job.h"

#include "care.sql.h"

#define PEOPLE_STEP 200

static enum err read_ids(struct rows *r, i64 *ret, size_t *ret_count)
{
    size_t n = 0;
    while (rows_next(r))
        ret[n++] = col_id(r, 0);
    *ret_count = n;
    return rows_end(r);
}

static i64 number_of(struct ctx *cx, str text, const char *key)
{
    struct json_error bad;
    i64 n;
    return text.len && json_i64(json_get(json_read(cx->arena, text, &bad), key), &n) ? n : 0;
}

/* Birthdays: one waiting job for the next hour of any rule; it begins anew each midnight, so that a
 * run that failed for good does not end it. */

/* Month × 100 + day of who celebrates then, and of who was born on a 29 February that is not. */
static void born_then(day d, i64 *ret, i64 *ret_other)
{
    int year, month, mday;
    day_to_ymd(d, &year, &month, &mday);
    *ret = month * 100 + mday;
    *ret_other = *ret == 228 && month_days(year, 2) == 28 ? 229 : *ret;
}

static enum err celebrate(struct ctx *cx, const struct care_known *rule, day d, i64 after,
                          size_t most, i64 *ret_last, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 ids[PEOPLE_STEP], md, other;
    born_then(d, &md, &other);
    TRY(sql_query(cx, care_born_on, &r, V(md), V(other), V(after), V((i64)most)));
    TRY(read_ids(&r, ids, ret_count));
    for (size_t i = 0; i < *ret_count; i++) {
        struct care_person p;
        bool any;
        TRY(care_person_get(cx, (customer_id) { ids[i] }, &p, &any));
        if (any)
            TRY(care_birthday(cx, rule, &p, d));
        *ret_last = ids[i];
    }
    return OK;
}

/* Everybody whose day has been reached since the last time; birthdays that are over are left out.
 */
static enum err birthday_rule(struct ctx *cx, const struct care_known *rule, bool *ret_more)
{
    day today = day_of(cx->now), d = rule->next_day,
        last = { care_reached(cx->now, rule->hour).n + rule->days };
    i64 after = rule->next_id;
    size_t left = PEOPLE_STEP, n;
    if (d.n < today.n) {
        d = today;
        after = 0;
    }
    while (d.n <= last.n && left) {
        TRY(celebrate(cx, rule, d, after, left, &after, &n));
        if (n == left)
            break;
        d.n++;
        after = 0;
        left -= MIN(left, n + 1);
    }
    *ret_more = d.n <= last.n;
    return d.n == rule->next_day.n && after == rule->next_id
               ? OK
               : sql_exec(cx, care_rule_work, ID(rule->id), V(d), V(after));
}

static enum err birthday_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct care_book book;
    instant next = { 0 };
    TRY(care_book_open(cx, CARE_BIRTHDAY, &book));
    *ret_more = false;
    for (size_t i = 0; i < book.rules.n; i++) {
        const struct care_known *rule = &book.rules.at[i];
        bool more;
        TRY(birthday_rule(cx, rule, &more));
        instant at = care_moment((day) { care_reached(cx->now, rule->hour).n + 1 }, rule->hour);
        next = !next.ms || at.ms < next.ms ? at : next;
        *ret_more = *ret_more || more;
    }
    return *ret_more || !next.ms ? OK : job_next(cx, job, next);
}

const struct job_kind care_birthday_job = { .name = "care_birthday",
                                            .zh = "生日关怀",
                                            .en = "Care before birthdays",
                                            .step = birthday_step,
                                            .daily_hour = 24 };

/* Timers: one waiting job for the earliest. */

enum err care_timer_wake(struct ctx *cx, instant due)
{
    return job_earlier(cx, &(struct job_new) { .kind = &care_timer_job,
                                               .due = due,
                                               .dedupe = S("recurring:care_timer") });
}

struct timer {
    care_rule_id rule;
    customer_id customer;
    str occasion;
};

/* The rule, read once a step; NULL: it was removed. */
static enum err rule_of(struct ctx *cx, struct care_book *book, care_rule_id id,
                        const struct care_known **ret)
{
    struct care_known rule;
    *ret = NULL;
    for (size_t i = 0; i < book->rules.n && !*ret; i++)
        if (book->rules.at[i].id.v == id.v)
            *ret = &book->rules.at[i];
    if (*ret)
        return OK;
    enum err e = care_known_get(cx, id, &rule);
    if (e == ERR_NOT_FOUND) {
        fail_clear(cx);
        return OK;
    }
    TRY(e);
    struct care_known *kept = vec_push(cx->arena, &book->rules);
    *kept = rule;
    *ret = kept;
    return OK;
}

static enum err timer_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct timer timers[PEOPLE_STEP];
    struct care_book book = { 0 };
    i64 first;
    size_t n = 0;
    TRY(sql_query(cx, care_timers_due, &r, V(cx->now), V(PEOPLE_STEP)));
    for (; rows_next(&r); n++)
        timers[n] = (struct timer) { { col_id(&r, 0) },
                                     { col_id(&r, 1) },
                                     arena_str(cx->arena, col_str(&r, 2)) };
    TRY(rows_end(&r));
    for (size_t i = 0; i < n; i++) {
        const struct care_known *rule;
        TRY(rule_of(cx, &book, timers[i].rule, &rule));
        if (rule)
            TRY(care_timer_fire(cx, rule, timers[i].customer, timers[i].occasion));
        else
            TRY(sql_exec(cx, care_timer_remove, ID(timers[i].rule), ID(timers[i].customer),
                         V(timers[i].occasion)));
    }
    TRY(sql_i64(cx, care_timer_first, &first));
    *ret_more = first != NONE && first <= cx->now.ms;
    return *ret_more || first == NONE ? OK : job_next(cx, job, (instant) { first });
}

const struct job_kind care_timer_job = { .name = "care_timer",
                                         .zh = "到期关怀",
                                         .en = "Care whose time has come",
                                         .step = timer_step,
                                         .daily_hour = 24 };

/* A rule that was saved: orders from which on its time has not come yet, or everybody. When it is
 * saved again meanwhile, the job that is under way begins anew. */

static enum err rule_job(struct ctx *cx, const struct job_kind *kind, care_rule_id id)
{
    str payload = arena_fmt(cx->arena, "{\"rule_id\":%lld}", (long long)id.v);
    str key = arena_fmt(cx->arena, "%s:%lld", kind->name, (long long)id.v);
    return job_add(cx,
                   &(struct job_new) {
                       .kind = kind, .payload = payload, .dedupe = key, .by = cx->actor.staff },
                   NULL);
}

enum err care_apply(struct ctx *cx, const struct care_known *rule)
{
    if (rule->kind == CARE_BIRTHDAY)
        return job_earlier(cx, &(struct job_new) { .kind = &care_birthday_job,
                                                   .due = cx->now,
                                                   .dedupe = S("recurring:care_birthday") });
    return rule_job(cx, &care_apply_job, rule->id);
}

struct progress {
    i64 version; /* of the rule, when this run began */
    i64 from;    /* the day on which it did */
    i64 at, id;  /* up to here it has looked */
};

static struct progress progress_of(struct ctx *cx, const struct job *job,
                                   const struct care_known *rule)
{
    struct progress at = { .version = number_of(cx, job->state, "version"),
                           .from = number_of(cx, job->state, "from"),
                           .at = number_of(cx, job->state, "at"),
                           .id = number_of(cx, job->state, "id") };
    if (at.version != rule->version)
        at = (struct progress) { .version = rule->version, .from = day_of(cx->now).n };
    return at;
}

static enum err apply_orders(struct ctx *cx, const struct care_known *rule, struct progress *at,
                             size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 ids[PEOPLE_STEP];
    size_t n = 0;
    if (!at->at)
        at->at = day_start((day) { at->from - rule->days }).ms - 1;
    TRY(sql_query(cx, care_orders_from, &r, V(at->at), V(at->id), V(PEOPLE_STEP)));
    for (; rows_next(&r); n++) {
        ids[n] = at->id = col_id(&r, 0);
        at->at = col_i64(&r, 1);
    }
    TRY(rows_end(&r));
    for (size_t i = 0; i < n; i++)
        TRY(care_order_plan(cx, rule, ids[i], (day) { at->from }));
    *ret_count = n;
    return OK;
}

static enum err apply_people(struct ctx *cx, const struct care_known *rule, struct progress *at,
                             size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 ids[PEOPLE_STEP];
    TRY(sql_query(cx, care_everybody, &r, V(at->id), V(PEOPLE_STEP)));
    TRY(read_ids(&r, ids, ret_count));
    for (size_t i = 0; i < *ret_count; i++) {
        struct care_person p;
        bool any;
        at->id = ids[i];
        TRY(care_person_get(cx, (customer_id) { ids[i] }, &p, &any));
        if (any)
            TRY(care_look(cx, rule, &p));
    }
    return OK;
}

static enum err apply_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct care_known rule;
    size_t n = 0;
    enum err e =
        care_known_get(cx, (care_rule_id) { number_of(cx, job->payload, "rule_id") }, &rule);
    *ret_more = false;
    if (e == ERR_NOT_FOUND || (e == OK && !rule.active)) {
        fail_clear(cx);
        return OK;
    }
    TRY(e);
    struct progress at = progress_of(cx, job, &rule);
    if (rule.kind == CARE_AFTER_ORDER)
        TRY(apply_orders(cx, &rule, &at, &n));
    else
        TRY(apply_people(cx, &rule, &at, &n));
    job->done += (i64)n;
    *ret_more = n == PEOPLE_STEP;
    job_keep(job, arena_fmt(cx->arena, "{\"version\":%lld,\"from\":%lld,\"at\":%lld,\"id\":%lld}",
                            (long long)at.version, (long long)at.from, (long long)at.at,
                            (long long)at.id));
    return OK;
}

const struct job_kind care_apply_job = {
    .name = "care_apply", .zh = "应用关怀规则", .en = "Apply a care rule", .step = apply_step
};

enum err care_stop(struct ctx *cx, care_rule_id id)
{
    return rule_job(cx, &care_stop_job, id);
}

static enum err dismiss_open(struct ctx *cx, care_rule_id id, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 ids[PEOPLE_STEP];
    TRY(sql_query(cx, care_stop_list, &r, ID(id), V(PEOPLE_STEP)));
    TRY(read_ids(&r, ids, ret_count));
    for (size_t i = 0; i < *ret_count; i++)
        TRY(task_finish(cx, (task_id) { ids[i] }, TASK_DISMISSED, S("关怀规则已删除")));
    return OK;
}

static enum err stop_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    care_rule_id id = { number_of(cx, job->payload, "rule_id") };
    struct care_known rule;
    i64 timers;
    size_t tasks = 0;
    enum err e = care_known_get(cx, id, &rule);
    *ret_more = false;
    if (e == OK && rule.active) /* switched on again */
        return OK;
    if (e == ERR_NOT_FOUND) {
        fail_clear(cx);
        e = dismiss_open(cx, id, &tasks);
    }
    TRY(e);
    TRY(sql_changed(cx, care_timers_drop, &timers, ID(id), V(PEOPLE_STEP)));
    *ret_more = timers || tasks;
    return OK;
}

const struct job_kind care_stop_job = {
    .name = "care_stop", .zh = "停用关怀规则", .en = "Stop a care rule", .step = stop_step
};
