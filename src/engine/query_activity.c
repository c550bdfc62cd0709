#include "engine/query_internal.h"

static bool activity_check(struct reader *r, const struct query *q)
{
    const struct activity *x = &q->activity;
    struct place unit = { NULL, S("unit"), 0 }, since = { NULL, S("since"), 0 };
    struct place breakdown = { NULL, S("breakdown"), 0 };
    if (!x->match.type_count)
        return bad(r, NULL, "it has an \"of\"", "这里需要 of");
    if (x->unit == UNIT_HOUR || x->unit == UNIT_ROLLING)
        return bad(r, &unit, "not this unit here", "这里不能用这个单位");
    if (q->breakdown_count && q->breakdowns[0].kind == BREAKDOWN_PROP)
        return bad(r, &breakdown, "people are broken down by \"attr\" or \"set\"",
                   "这里只能按 attr 或 set 细分");
    return q->until.ms - q->since.ms <= REPORT_MAX_MS ||
           bad(r, &since, "it is of ten years at most", "最长十年");
}

static bool stickiness_check(struct reader *r, const struct query *q)
{
    struct place window = { NULL, S("window"), 0 };
    if (q->activity.window < 2)
        return bad(r, &window, "a window of 2 to 366 periods is expected",
                   "这里需要 2 到 366 个周期的 window");
    return activity_check(r, q);
}

static const struct member life_members[] = {
    REPORT_MEMBERS,
    { "behind", behind_life_read },
    { "breakdown", breakdowns_read },
    { "of", match_read, IN_QUERY(activity.match) },
    { "unit", unit_read, IN_QUERY(activity.unit) },
};
static const struct member stickiness_members[] = {
    REPORT_MEMBERS,
    { "behind", behind_stickiness_read },
    { "breakdown", breakdowns_read },
    { "of", match_read, IN_QUERY(activity.match) },
    { "unit", unit_read, IN_QUERY(activity.unit) },
    { "window", periods_read, IN_QUERY(activity.window) },
};

const struct kind_row life_row = { "life", QUERY_LIFE, life_members, COUNT(life_members),
                                   activity_check };
const struct kind_row stickiness_row = { "stickiness", QUERY_STICKINESS, stickiness_members,
                                         COUNT(stickiness_members), stickiness_check };
