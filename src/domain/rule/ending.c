/* A rule that is deleted: it stops at once, and a job goes through the tags it has given. Until the
 * job is done the row stays, hidden, so that no other rule of the tag comes between. */
#include "domain/rule/rule.h"

#include "core/app.h"
#include "core/job.h"

#include "rule.sql.h"

#define PEOPLE_STEP 200
#define HITS_STEP   2000 /* of rule_hits_strip */

const char *const rule_endings[] = { "keep", "take", NULL };

struct ending {
    i64 rule, after; /* people up to this one are done */
    tag_id tag;
    bool keep;
    str by;
};

static enum err read_ending(struct ctx *cx, const struct job *job, struct ending *ret)
{
    struct json_error bad;
    struct rows r CLEANUP(rows_close) = { 0 };
    const struct json *asked = json_read(cx->arena, job->payload, &bad),
                      *state = json_read(cx->arena, job->state, &bad);
    *ret = (struct ending) { 0 };
    if (!json_i64(json_get(asked, "rule_id"), &ret->rule))
        return ERR_INTERNAL;
    ret->by = json_get(asked, "by")->text;
    if (job->state.len)
        (void)json_i64(json_get(state, "after"), &ret->after);
    TRY(sql_query(cx, rule_ending_get, &r, V(ret->rule)));
    if (rows_next(&r)) {
        ret->tag = (tag_id) { col_id(&r, 0) };
        ret->keep = str_is(col_str(&r, 1), rule_endings[0]);
    }
    return rows_end(&r);
}

static enum err next_people(struct ctx *cx, const struct ending *e, i64 *ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t n = 0;
    TRY(sql_query(cx, rule_given_people, &r, ID(e->tag), V(e->after), V(PEOPLE_STEP)));
    while (rows_next(&r))
        ret[n++] = col_id(&r, 0);
    *ret_count = n;
    return rows_end(&r);
}

static enum err let_go(struct ctx *cx, const struct ending *e, customer_id customer)
{
    bool changed;
    return e->keep ? sql_exec(cx, rule_given_keep, ID(customer), ID(e->tag), V(e->by))
                   : tag_take(cx, customer, e->tag, "rule", &changed);
}

/* Nobody has the tag by it any more: what it did is forgotten, and then the rule itself. */
static enum err finish(struct ctx *cx, const struct ending *e, bool *ret_more)
{
    i64 hits;
    TRY(sql_changed(cx, rule_hits_strip, &hits, V(e->rule)));
    *ret_more = hits == HITS_STEP;
    return *ret_more ? OK : sql_exec(cx, rule_delete, V(e->rule));
}

static enum err ending_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct ending e;
    i64 people[PEOPLE_STEP];
    size_t n = 0;
    *ret_more = false;
    TRY(read_ending(cx, job, &e));
    if (!e.tag.v)
        return OK; /* the tag was deleted meanwhile, and all that is its own with it */
    if (!job->total)
        TRY(sql_i64(cx, rule_given_count, &job->total, ID(e.tag)));
    TRY(next_people(cx, &e, people, &n));
    if (!n && !e.after)
        return finish(cx, &e, ret_more);
    for (size_t i = 0; i < n; i++)
        TRY(let_go(cx, &e, (customer_id) { people[i] }));
    job->done += (i64)n;
    /* Behind the last one once more from the first: people may have been joined meanwhile. */
    job_keep(job, arena_fmt(cx->arena, "{\"after\":%lld}",
                            (long long)(n == PEOPLE_STEP ? people[n - 1] : 0)));
    *ret_more = true;
    return OK;
}

const struct job_kind rule_ending_job = {
    .name = "rule_remove", .zh = "删除标签规则", .en = "Remove a tag rule", .step = ending_step
};

enum err rule_end(struct ctx *cx, tag_rule_id rule, tag_id tag, str given, i64 *ret_people)
{
    struct strbuf payload;
    strbuf_init(&payload, cx->arena, 4096);
    struct json_writer w = json_writer(&payload);
    json_open(&w, NULL);
    json_put(&w, "rule_id", rule.v);
    json_put(&w, "by", cx->actor.name);
    json_close(&w);
    TRY(sql_exec(cx, rule_ending_begin, ID(rule), V(given)));
    TRY(condition_uses_remove(cx, "rule", rule.v));
    TRY(sql_i64(cx, rule_given_count, ret_people, ID(tag)));
    return job_add(cx,
                   &(struct job_new) { .kind = &rule_ending_job,
                                       .by = cx->actor.staff,
                                       .payload = strbuf_str(&payload) },
                   NULL);
}
