/* "behind": which bar of a report. */
#include "engine/query_internal.h"

#include "base/time.h"

#define IN_BEHIND(member) offsetof(struct behind, member)

static bool key_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct group_key key = { .there = j->kind != JSON_NULL };
    switch (j->kind) {
    case JSON_NULL: break;
    case JSON_STRING: key.value = (struct value) { .kind = VALUE_TEXT, .text = j->text }; break;
    case JSON_BOOL: key.value = (struct value) { .kind = VALUE_BOOL, .number = j->yes }; break;
    case JSON_NUMBER:
        key.value.kind = VALUE_NUMBER;
        if (!query_number_read(j->text, &key.value.number))
            return bad(r, p, "a number out of range", "数字超出范围");
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        return bad(r, p, "the key of a group is expected: a text, a number, true, false or null",
                   "这里应是分组的值：文本、数字、true、false 或 null");
    }
    *(struct group_key *)to = key;
    return true;
}

static bool group_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct behind *b = to;
    b->group_count = 1;
    return key_read(r, p, j, &b->groups[0]);
}

static bool groups_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct behind *b = to;
    if (j->kind != JSON_ARRAY || j->count > QUERY_BREAKDOWNS_MAX)
        return bad(r, p, "a list of at most two is expected", "这里应是最多 2 项的列表");
    for (const struct json *m = j->first; m; m = m->next) {
        struct place at = { p, STR_NONE, b->group_count };
        if (!key_read(r, &at, m, &b->groups[b->group_count++]))
            return false;
    }
    return true;
}

bool step_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    i64 n;
    if (!whole_read(r, p, j, 1, QUERY_STEPS_MAX, &n))
        return false;
    *(size_t *)to = (size_t)n;
    return true;
}

static bool cohort_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    day d;
    if (j->kind == JSON_NULL)
        return true;
    if (j->kind != JSON_STRING || !day_read(j->text, &d))
        return bad(r, p, "a day or null is expected", "这里应是日期或 null");
    *(day *)to = d;
    return true;
}

static bool cell_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return j->kind == JSON_NULL || whole_read(r, p, j, 0, QUERY_PERIODS_MAX - 1, to);
}

static bool period_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return j->kind == JSON_NULL || instant_member(r, p, j, to);
}

struct behind *behind_of(void *query)
{
    struct query *q = (struct query *)query;
    q->behind = (struct behind) { .asked = true, .cohort = { NONE }, .cell = NONE, .class = NONE };
    return &q->behind;
}

bool behind_funnel_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "step", step_read, IN_BEHIND(step) },
        { "stopped", bool_read, IN_BEHIND(stopped) },
        { "group", group_read },
    };
    return OBJECT(r, p, j, members, behind_of(to));
}

bool behind_retention_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "cohort", cohort_read, IN_BEHIND(cohort) },
        { "cell", cell_read, IN_BEHIND(cell) },
        { "lost", bool_read, IN_BEHIND(lost) },
        { "group", group_read },
    };
    return OBJECT(r, p, j, members, behind_of(to));
}

bool behind_trend_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "period", period_read, IN_BEHIND(period) },
        { "groups", groups_read },
    };
    return OBJECT(r, p, j, members, behind_of(to));
}

static bool life_as_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const char *const words[] = { "active",      "new",     "returning",
                                         "resurrected", "dormant", NULL };
    int i = AS_ACTIVE;
    bool ok = word_read(r, p, j, words, &i);
    *(enum active_as *)to = (enum active_as)i;
    return ok;
}

static bool stickiness_as_read(struct reader *r, const struct place *p, const struct json *j,
                               void *to)
{
    static const char *const words[] = { "active", "recent", NULL };
    int i = 0;
    bool ok = word_read(r, p, j, words, &i);
    *(enum active_as *)to = i ? AS_RECENT : AS_ACTIVE;
    return ok;
}

static bool days_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return whole_read(r, p, j, 1, QUERY_PERIODS_MAX, to);
}

bool behind_life_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "period", period_read, IN_BEHIND(period) },
        { "as", life_as_read, IN_BEHIND(as) },
        { "group", group_read },
    };
    return OBJECT(r, p, j, members, behind_of(to));
}

bool behind_stickiness_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "period", period_read, IN_BEHIND(period) },
        { "as", stickiness_as_read, IN_BEHIND(as) },
        { "days", days_read, IN_BEHIND(days) },
        { "group", group_read },
    };
    return OBJECT(r, p, j, members, behind_of(to));
}

static bool level_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    i64 n;
    if (!whole_read(r, p, j, 1, QUERY_LEVELS_MAX, &n))
        return false;
    *(size_t *)to = (size_t)n;
    return true;
}

static bool node_key_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct path_named *n = to;
    n->keyed = true;
    return key_read(r, p, j, &n->key);
}

static bool node_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "event", text_read, offsetof(struct path_named, type) },
        { "key", node_key_read },
        { "other", bool_read, offsetof(struct path_named, other) },
    };
    struct path_named *n = to;
    n->asked = true;
    if (!OBJECT(r, p, j, members, n))
        return false;
    return n->other != (n->type.len > 0) ||
           bad(r, p, "either an \"event\" or \"other\"", "event 与 other 需要且只能有一个");
}

bool behind_paths_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "level", level_read, IN_BEHIND(level) },
        { "node", node_read, IN_BEHIND(node) },
        { "to", node_read, IN_BEHIND(to) },
        { "ends", bool_read, IN_BEHIND(ends) },
    };
    return OBJECT(r, p, j, members, behind_of(to));
}

static bool channel_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct behind *b = to;
    b->on_channel = true;
    return key_read(r, p, j, &b->channel);
}

bool behind_attribution_read(struct reader *r, const struct place *p, const struct json *j,
                             void *to)
{
    static const struct member members[] = {
        { "channel", channel_read },
        { "lost", bool_read, IN_BEHIND(lost) },
        { "untouched", bool_read, IN_BEHIND(untouched) },
    };
    return OBJECT(r, p, j, members, behind_of(to));
}

static bool funnel_check(struct reader *r, const struct place *p, const struct query *q)
{
    const struct behind *b = &q->behind;
    struct place step = { p, S("step"), 0 }, stopped = { p, S("stopped"), 0 };
    if (!b->step || b->step > q->funnel.step_count)
        return bad(r, &step, b->step ? "there is no such step" : "which step?",
                   b->step ? "没有这一步" : "缺少 step：哪一步？");
    return !b->stopped || b->step > 1 ||
           bad(r, &stopped, "nobody stops before the first step", "第一步之前没有流失");
}

static bool retention_check(struct reader *r, const struct place *p, const struct query *q)
{
    const struct behind *b = &q->behind;
    const struct retention *x = &q->retention;
    size_t cells = x->bracket_count ? x->bracket_count - 1 : x->periods;
    struct place cell = { p, S("cell"), 0 }, lost = { p, S("lost"), 0 };
    if (b->cell != NONE && b->cell >= (i64)cells)
        return bad(r, &cell, "there is no such cell", "没有这一格");
    return !b->lost || b->cell != NONE || bad(r, &lost, "by which \"cell\"?", "缺少 cell");
}

static bool stickiness_check(struct reader *r, const struct place *p, const struct query *q)
{
    const struct behind *b = &q->behind;
    struct place days = { p, S("days"), 0 };
    if (b->days > (i64)q->activity.window)
        return bad(r, &days, "the window has not so many", "没有这么长的 window");
    return !b->days || (!b->period.ms && b->as == AS_ACTIVE) ||
           bad(r, &days, "it goes without \"period\" and \"as\"", "不与 period、as 同用");
}

static bool keyed_check(struct reader *r, const struct place *p, str name, const struct query *q,
                        const struct path_named *n)
{
    struct place at = { p, name, 0 }, key = { &at, S("key"), 0 };
    return !n->asked || n->keyed == (q->paths.by.len && !n->other) ||
           bad(r, &key, "a node has a key where paths have \"by\", and only then",
               "路径带 by 时节点应指明 key，否则不能有 key");
}

static bool paths_check(struct reader *r, const struct place *p, const struct query *q)
{
    const struct behind *b = &q->behind;
    struct place level = { p, S("level"), 0 }, to = { p, S("to"), 0 }, ends = { p, S("ends"), 0 };
    if (!b->level || b->level > q->paths.levels)
        return bad(r, &level, b->level ? "there is no such level" : "which level?",
                   b->level ? "没有这一层" : "缺少 level：哪一层？");
    if (b->level == q->paths.levels && (b->to.asked || b->ends))
        return bad(r, b->ends ? &ends : &to, "it is the last level", "这已是最后一层");
    if (b->to.asked && b->ends)
        return bad(r, &ends, "a path goes on or it ends", "路径要么继续，要么结束");
    return keyed_check(r, p, S("node"), q, &b->node) && keyed_check(r, p, S("to"), q, &b->to);
}

static bool attribution_check(struct reader *r, const struct place *p, const struct query *q)
{
    const struct behind *b = &q->behind;
    struct place untouched = { p, S("untouched"), 0 };
    return !b->untouched || !(b->on_channel || b->lost) ||
           bad(r, &untouched, "it stands without \"channel\" and \"lost\"",
               "untouched 不与 channel、lost 一起用");
}

bool behind_check(struct reader *r, const struct query *q)
{
    struct place at = { NULL, S("behind"), 0 };
    struct place group = { &at, q->kind == QUERY_TREND ? S("groups") : S("group"), 0 };
    if (q->behind.group_count != q->breakdown_count)
        return bad(r, &group, "a group is named for each breakdown, and only then",
                   "有几个细分就应指明几个分组");
    if (q->kind == QUERY_FUNNEL)
        return funnel_check(r, &at, q);
    if (q->kind == QUERY_STICKINESS)
        return stickiness_check(r, &at, q);
    if (q->kind == QUERY_PATHS)
        return paths_check(r, &at, q);
    if (q->kind == QUERY_ATTRIBUTION)
        return attribution_check(r, &at, q);
    return q->kind != QUERY_RETENTION || retention_check(r, &at, q);
}
