#include "domain/rule/rule.h"

#include "base/time.h"
#include "base/vec.h"
#include "core/app.h"
#include "core/event.h"
#include "core/job.h"

#include "rule.sql.h"

#define EVERYBODY_STEP 200
#define DUE_STEP       200
#define HITS_KEPT_MS   (90 * DAY_MS)

const struct event_type EV_STAGE_CHANGED = { "stage.changed", "阶段变化", "Stage changed",
                                             "from_id: id, to_id: id" };

struct tag_rule {
    i64 id;
    tag_id tag;
    struct condition condition;
};
struct stage_rule {
    i64 id;
    struct condition condition;
};

struct rule_book {
    VEC(i64) named; /* tags that some condition names: others change nobody's answers */
    VEC(struct tag_rule) tags;
    VEC(struct stage_rule) stages; /* the strongest first */
};

enum err rule_book_open(struct ctx *cx, struct rule_book **ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct rule_book *book = NEW(cx->arena, struct rule_book);
    TRY(sql_query(cx, rule_active, &r));
    while (rows_next(&r)) {
        struct tag_rule *t = vec_push(cx->arena, &book->tags);
        t->id = col_id(&r, 0);
        t->tag = (tag_id) { col_id(&r, 1) };
        TRY(condition_read_text(cx, "condition", arena_str(cx->arena, col_str(&r, 2)),
                                &t->condition));
    }
    TRY(rows_end(&r));
    TRY(sql_query(cx, stage_conditions, &r));
    while (rows_next(&r)) {
        struct stage_rule *s = vec_push(cx->arena, &book->stages);
        s->id = col_id(&r, 0);
        TRY(condition_read_text(cx, "condition", arena_str(cx->arena, col_str(&r, 1)),
                                &s->condition));
    }
    TRY(rows_end(&r));
    TRY(sql_query(cx, rule_tags_named, &r));
    while (rows_next(&r))
        *vec_push(cx->arena, &book->named) = col_id(&r, 0);
    *ret = book;
    return rows_end(&r);
}

static enum err apply_tag(struct ctx *cx, const struct tag_rule *t, struct profile *p,
                          customer_id customer, instant *next)
{
    bool holds, has, changed;
    str why;
    TRY(condition_holds(cx, &t->condition, p, &holds, next));
    TRY(profile_has_tag(cx, p, t->tag.v, &has));
    if (holds == has)
        return OK;
    TRY(holds ? tag_give(cx, customer, t->tag, "rule", &changed)
              : tag_take(cx, customer, t->tag, "rule", &changed));
    if (!changed)
        return OK;
    profile_tags_changed(p);
    TRY(condition_why(cx, &t->condition, p, &why));
    TRY(sql_exec(cx, rule_hit, V(t->id), ID(customer), V(holds), V(why), V(cx->now)));
    return sql_exec(cx, rule_count_hit, V(t->id), V(holds ? 1 : 0), V(holds ? 0 : 1));
}

static enum err apply_stage(struct ctx *cx, const struct rule_book *book, struct profile *p,
                            customer_id customer, instant *next)
{
    i64 now = 0, before;
    for (size_t i = 0; i < book->stages.n;
         i++) { /* each is asked, since each may name the moment it changes */
        bool holds;
        TRY(condition_holds(cx, &book->stages.at[i].condition, p, &holds, next));
        if (holds && !now)
            now = book->stages.at[i].id;
    }
    TRY(sql_i64(cx, rule_person_stage, &before, ID(customer)));
    before = before == NONE ? 0 : before;
    if (!book->stages.n || now == before)
        return OK;
    TRY(sql_exec(cx, rule_stage_set, ID(customer), val_id(now)));
    TRY(sql_exec(cx, rule_stage_change, ID(customer), val_id(before), val_id(now), V(cx->now)));
    return event_emit(cx, &EV_STAGE_CHANGED, customer, P("from_id", before ? before : NONE),
                      P("to_id", now ? now : NONE));
}

extern const struct job_kind rule_timer_job;

/* One waiting job for the earliest timer of all. */
static enum err wake_at(struct ctx *cx, instant at)
{
    return job_earlier(
        cx, &(struct job_new) { .kind = &rule_timer_job, .due = at, .dedupe = S("rule_timer") });
}

enum err rule_apply(struct ctx *cx, const struct rule_book *book, customer_id customer)
{
    struct profile *p;
    instant next = { 0 };
    enum err e = profile_open(cx, customer, &p);
    if (e == ERR_NOT_FOUND) { /* joined into somebody or erased meanwhile */
        fail_clear(cx);
        return sql_exec(cx, rule_timer_remove, ID(customer));
    }
    TRY(e);
    for (size_t i = 0; i < book->tags.n; i++)
        TRY(apply_tag(cx, &book->tags.at[i], p, customer, &next));
    TRY(apply_stage(cx, book, p, customer, &next));
    if (!next.ms)
        return sql_exec(cx, rule_timer_remove, ID(customer));
    TRY(sql_exec(cx, rule_timer_put, ID(customer), V(next)));
    return wake_at(cx, next);
}

static enum err apply_ids(struct ctx *cx, const struct rule_book *book, const i64 *ids,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(rule_apply(cx, book, (customer_id) { ids[i] }));
    return OK;
}

static int by_number(const void *pa, const void *pb)
{
    const i64 *a = pa, *b = pb;
    return (*a > *b) - (*a < *b);
}

/* Most tags are named by no condition; what is given by a rule would otherwise be looked at twice.
 */
static bool concerns(struct ctx *cx, const struct rule_book *book, const struct event *e)
{
    struct json_error bad;
    i64 tag;
    if (!e->customer.v || !str_starts(e->type_name, S("tag.")))
        return e->customer.v != 0;
    if (!json_i64(json_get(json_read(cx->arena, e->props, &bad), "tag_id"), &tag))
        return true;
    for (size_t i = 0; i < book->named.n; i++)
        if (book->named.at[i] == tag)
            return true;
    return false;
}

/* Facts after which a person may be another: each person of a batch once. */
static enum err on_facts(struct ctx *cx, const struct event *events, size_t count)
{
    i64 *ids = NEW_N(cx->arena, i64, count);
    size_t n = 0, unique = 0;
    struct rule_book *book;
    TRY(rule_book_open(cx, &book));
    for (size_t i = 0; i < count; i++)
        if (concerns(cx, book, &events[i]))
            ids[n++] = events[i].customer.v;
    qsort(ids, n, sizeof *ids, by_number);
    for (size_t i = 0; i < n; i++)
        if (!i || ids[i] != ids[i - 1])
            ids[unique++] = ids[i];
    return apply_ids(cx, book, ids, unique);
}

static enum err read_ids(struct rows *r, i64 *ret, size_t *ret_count)
{
    size_t n = 0;
    while (rows_next(r))
        ret[n++] = col_id(r, 0);
    *ret_count = n;
    return rows_end(r);
}

static enum err timer_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct rule_book *book;
    i64 ids[DUE_STEP], first;
    size_t n;
    (void)job;
    TRY(rule_book_open(cx, &book));
    TRY(sql_query(cx, rule_timers_due, &r, V(cx->now), V(DUE_STEP)));
    TRY(read_ids(&r, ids, &n));
    TRY(apply_ids(cx, book, ids, n));
    TRY(sql_i64(cx, rule_timer_first, &first));
    *ret_more = first != NONE && first <= cx->now.ms;
    if (!*ret_more && first != NONE)
        return job_next(cx, job, (instant) { first });
    return OK;
}

const struct job_kind rule_timer_job = {
    .name = "rule_timer", .zh = "到期规则", .en = "Rules whose time has come", .step = timer_step
};

static enum err everybody_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct json_error bad;
    struct rule_book *book;
    i64 ids[EVERYBODY_STEP], after = 0;
    size_t n;
    TRY(rule_book_open(cx, &book));
    if (job->state.len)
        (void)json_i64(json_get(json_read(cx->arena, job->state, &bad), "after"), &after);
    if (!job->total)
        TRY(sql_i64(cx, rule_everybody_count, &job->total));
    TRY(sql_query(cx, rule_everybody, &r, V(after), V(EVERYBODY_STEP)));
    TRY(read_ids(&r, ids, &n));
    TRY(apply_ids(cx, book, ids, n));
    job->done += (i64)n;
    *ret_more = n == EVERYBODY_STEP;
    if (*ret_more)
        job_keep(job, arena_fmt(cx->arena, "{\"after\":%lld}", (long long)ids[n - 1]));
    return *ret_more ? OK : sql_exec(cx, rule_applied, V(cx->now));
}

static const struct job_kind everybody_job = { .name = "rule_apply",
                                               .zh = "对全部客户应用规则",
                                               .en = "Apply rules to everybody",
                                               .step = everybody_step };

enum err rule_apply_all(struct ctx *cx)
{
    TRY(job_cancel_kind(cx, &everybody_job));
    return job_add(cx, &(struct job_new) { .kind = &everybody_job, .by = cx->actor.staff }, NULL);
}

static enum err clean_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    (void)job;
    *ret_more = false;
    return sql_exec(cx, rule_hits_clean, V((instant) { cx->now.ms - HITS_KEPT_MS }));
}

static const struct job_kind clean_job = { .name = "rule_hits_clean",
                                           .zh = "清理规则命中记录",
                                           .en = "Remove old hits of rules",
                                           .step = clean_step,
                                           .daily_hour = 4 };

enum err condition_uses_remove(struct ctx *cx, const char *owner, i64 id)
{
    TRY(sql_exec(cx, segment_use_clear, V(owner), V(id)));
    return sql_exec(cx, condition_use_clear, V(owner), V(id));
}

enum err condition_uses_put(struct ctx *cx, const char *owner, i64 id, const struct condition *c)
{
    i64 *tags, *segments;
    size_t count;
    condition_tags(c, cx->arena, &tags, &count);
    TRY(condition_uses_remove(cx, owner, id));
    for (size_t i = 0; i < count; i++)
        TRY(sql_exec(cx, condition_use_add, V(tags[i]), V(owner), V(id)));
    condition_segments(c, cx->arena, &segments, &count);
    /* What a rule does may change who is in a segment, which may change what the rule does: the two
     * could go round for ever, so rules and stages name none. */
    if (count && (strcmp(owner, "rule") == 0 || strcmp(owner, "stage") == 0))
        return fail_rule(cx, ERR_INVALID, "condition", "规则与阶段的条件不能引用分群",
                         "conditions of rules and stages cannot name segments");
    for (size_t i = 0; i < count; i++)
        TRY(sql_exec(cx, segment_use_add, V(segments[i]), V(owner), V(id)));
    return OK;
}

/* Hits, timers and history stay with whom they were about; the survivor is looked at anew because
 * of customer.merged. */
static enum err forget(struct ctx *cx, customer_id customer)
{
    TRY(sql_exec(cx, timers_forget, ID(customer)));
    TRY(sql_exec(cx, hits_forget, ID(customer)));
    return sql_exec(cx, blocks_forget, ID(customer));
}

static const char *const facts[] = { "customer.created",  "customer.changed", "customer.merged",
                                     "customer.unmerged", "order.paid",       "order.amended",
                                     "order.refunded",    "tag.added",        "tag.removed",
                                     "consent.changed",   "rfm.scored",       NULL };

const struct subscriber rule_subscribers[1] = {
    { .name = "rule", .types = facts, .handle = on_facts, .doc = "Tags and stages by rule" },
};
const struct job_kind *const rule_jobs[4] = { &rule_timer_job, &everybody_job, &clean_job,
                                              &rule_ending_job };
const struct person_part rule_person_part = { .kind = "rule", .forget = forget };
