/* AARRR: the five stages a customer passes, each a segment that its keeper chose:
 *
 *     { "kind": "aarrr", "since": "2026-02-01", "until": "2026-03-01",
 *       "stages": [ { "stage": "acquisition", "query": { "kind": "segment", "people": … } }, … ] }
 *
 * The stages are questions of their own, and asked one by one; the days say what they are about. A
 * stage nobody has defined is left out. */
#include "base/json.h"
#include "base/time.h"
#include "domain/insight/insight.h"
#include "domain/report/internal.h"

static const char *const stage_names[] = { "acquisition", "activation", "retention", "revenue",
                                           "referral" };
#define STAGES COUNT(stage_names)

static enum err wrong(struct ctx *cx, const char *at, const char *zh, const char *en)
{
    return fail_rule(cx, ERR_INVALID, at, zh, en);
}

static const char *place(struct ctx *cx, size_t i, const char *member)
{
    return arena_z(cx->arena, arena_fmt(cx->arena, "query.stages[%zu].%s", i, member));
}

static enum err stage_check(struct ctx *cx, const struct json *j, size_t i, unsigned *known)
{
    const struct json *name = json_get(j, "stage"), *query = json_get(j, "query");
    enum query_kind kind;
    size_t which = 0;
    if (!name || name->kind != JSON_STRING || !query || j->count != 2)
        return wrong(cx, place(cx, i, "stage"), "这里应是 stage 和 query",
                     "a \"stage\" and its \"query\" are expected");
    while (which < STAGES && !str_is(name->text, stage_names[which]))
        which++;
    if (which == STAGES)
        return wrong(cx, place(cx, i, "stage"), "没有这个阶段", "there is no such stage");
    if (*known >> which & 1)
        return wrong(cx, place(cx, i, "stage"), "这个阶段出现了两次", "this stage is there twice");
    *known |= 1U << which;
    TRY(insight_check(cx, place(cx, i, "query"), query, &kind));
    return json_get(query, "behind") || kind != QUERY_SEGMENT
               ? wrong(cx, place(cx, i, "query.kind"), "阶段应是一个分群", "a stage is a segment")
               : OK;
}

static enum err day_check(struct ctx *cx, doc described, const char *member, day *ret)
{
    const struct json *j = json_get(described, member);
    if (!j || j->kind != JSON_STRING || !day_read(j->text, ret))
        return wrong(cx, arena_z(cx->arena, arena_fmt(cx->arena, "query.%s", member)),
                     "这里应是日期", "a day is expected");
    return OK;
}

enum err stages_check(struct ctx *cx, doc described)
{
    const struct json *stages = json_get(described, "stages");
    unsigned known = 0;
    day since, until;
    size_t i = 0;
    TRY(day_check(cx, described, "since", &since));
    TRY(day_check(cx, described, "until", &until));
    if (since.n >= until.n)
        return wrong(cx, "query.until", "until 应晚于 since", "\"until\" is after \"since\"");
    if (!stages || stages->kind != JSON_ARRAY || !stages->count || described->count != 4)
        return wrong(cx, "query.stages", "这里应是各阶段的列表", "a list of stages is expected");
    for (const struct json *j = stages->first; j; j = j->next, i++)
        TRY(stage_check(cx, j, i, &known));
    return OK;
}
