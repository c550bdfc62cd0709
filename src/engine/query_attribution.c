#include "engine/attribution.h"
#include "engine/query_internal.h"

static bool model_find(str name, enum attribution_model *ret)
{
    for (int i = 0; i < ATTRIBUTION_MODEL_COUNT; i++)
        if (str_is(name, attribution_model_name((enum attribution_model)i))) {
            *ret = (enum attribution_model)i;
            return true;
        }
    return false;
}

static bool models_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    uint32_t *models = to;
    size_t at = 0;
    if (j->kind != JSON_ARRAY || !j->count)
        return bad(r, p, "a list of models is expected", "这里应是归因模型的列表");
    *models = 0;
    for (const struct json *one = j->first; one; one = one->next) {
        struct place here = { p, STR_NONE, at++ };
        enum attribution_model model;
        if (one->kind != JSON_STRING || !model_find(one->text, &model))
            return bad(r, &here, "there is no such model", "没有这种归因模型");
        *models |= 1U << model;
    }
    return true;
}

static bool count_to(struct reader *r, const struct place *p, const struct json *j, i64 low,
                     i64 high, size_t *ret)
{
    i64 n = 0;
    bool ok = whole_read(r, p, j, low, high, &n);
    *ret = (size_t)n;
    return ok;
}

static bool channels_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return count_to(r, p, j, 1, QUERY_CHANNELS_MAX, to);
}

static bool listed_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return count_to(r, p, j, 0, QUERY_LISTED_MAX, to);
}

static bool direct_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct group_key *direct = to;
    *direct = (struct group_key) { .there = j->kind != JSON_NULL };
    return !direct->there || text_read(r, p, j, &direct->value.text);
}

static bool attribution_check(struct reader *r, const struct query *q)
{
    const struct attribution_asked *x = &q->attribution;
    struct place held = { NULL, S("held"), 0 };
    if (!x->touch.type_count || !x->conversion.type_count || !x->channel.len || !x->window_ms)
        return bad(r, NULL, "attribution has \"touch\", \"channel\", \"conversion\" and \"window\"",
                   "归因需要 touch、channel、conversion 和 window");
    if (!x->refund.type_count != !x->held.len)
        return bad(r, &held, "\"refund\" and \"held\" go together", "refund 与 held 需要一起使用");
    return true;
}

static const struct member attribution_members[] = {
    REPORT_MEMBERS,
    { "behind", behind_attribution_read },
    { "touch", match_read, IN_QUERY(attribution.touch) },
    { "channel", text_read, IN_QUERY(attribution.channel) },
    { "conversion", match_read, IN_QUERY(attribution.conversion) },
    { "value", text_read, IN_QUERY(attribution.value) },
    { "window", window_span_read, IN_QUERY(attribution.window_ms) },
    { "refund", match_read, IN_QUERY(attribution.refund) },
    { "held", text_read, IN_QUERY(attribution.held) },
    { "direct", direct_read, IN_QUERY(attribution.direct) },
    { "half_life", window_span_read, IN_QUERY(attribution.half_life_ms) },
    { "models", models_read, IN_QUERY(attribution.models) },
    { "top", channels_read, IN_QUERY(attribution.top) },
    { "listed", listed_read, IN_QUERY(attribution.listed) },
};
const struct kind_row attribution_row = { "attribution", QUERY_ATTRIBUTION, attribution_members,
                                          COUNT(attribution_members), attribution_check };
