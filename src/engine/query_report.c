#include "engine/attribution.h"
#include "engine/query_internal.h"

#define HOURS_MAX_MS (366 * DAY_MS)

static bool funnel_steps(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct funnel *f = to;
    struct match_list steps;
    if (!matches_read(r, p, j, 2, &steps))
        return false;
    f->steps = steps.at;
    f->step_count = steps.count;
    return true;
}

static bool order_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const char *const words[] = { "in_order", "strict", "any", NULL };
    int i = 0;
    bool ok = word_read(r, p, j, words, &i);
    *(enum funnel_order *)to = (enum funnel_order)i;
    return ok;
}

static bool entry_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const char *const words[] = { "any", "first", NULL };
    int i = 0;
    bool ok = word_read(r, p, j, words, &i);
    *(enum funnel_entry *)to = (enum funnel_entry)i;
    return ok;
}

static bool held_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    ((struct funnel *)to)->count = COUNT_HELD;
    return text_read(r, p, j, &((struct funnel *)to)->held);
}

static bool count_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const char *const words[] = { "person", "entry", NULL };
    static const struct member members[] = { { "prop", held_read } };
    struct funnel *f = to;
    int i = 0;
    if (j->kind == JSON_OBJECT && j->count)
        return OBJECT(r, p, j, members, f);
    bool ok = word_read(r, p, j, words, &i);
    f->count = (enum funnel_count)i;
    return ok;
}

static bool exclusions_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = { { "event", types_read },
                                             { "where", where_read },
                                             { "after", NULL } };
    struct funnel *f = to;
    if (j->kind != JSON_ARRAY || j->count > QUERY_STEPS_MAX)
        return bad(r, p, "a list of at most 20 is expected", "这里应是最多 20 项的列表");
    f->exclusions = NEW_N(r->a, struct exclusion, j->count);
    for (const struct json *m = j->first; m; m = m->next) {
        struct place at = { p, STR_NONE, f->exclusion_count }, after = { &at, S("after"), 0 };
        struct exclusion *x = &f->exclusions[f->exclusion_count++];
        i64 n = 0;
        if (!OBJECT(r, &at, m, members, &x->match))
            return false;
        if (!x->match.type_count)
            return bad(r, &at, "which event?", "缺少事件");
        if (!json_get(m, "after"))
            return bad(r, &after, "after which step?", "在哪一步之后？");
        if (!whole_read(r, &after, json_get(m, "after"), 1, QUERY_STEPS_MAX - 1, &n))
            return false;
        x->after = (size_t)n;
    }
    return true;
}

static bool breakdown_one(struct reader *r, const struct place *p, const struct json *j,
                          struct breakdown *ret)
{
    static const char *const words[] = { "attr", "prop", "set" };
    static const enum breakdown_kind kinds[] = { BREAKDOWN_ATTR, BREAKDOWN_PROP, BREAKDOWN_SET };
    for (size_t i = 0; j->kind == JSON_OBJECT && j->count == 1 && i < COUNT(words); i++)
        if (str_is(j->first->key, words[i])) {
            struct place at = { p, j->first->key, 0 };
            ret->kind = kinds[i];
            return text_read(r, &at, j->first, &ret->name);
        }
    return bad(r, p, "one of \"attr\", \"prop\" or \"set\" is expected",
               "这里应是 attr、prop 或 set 之一");
}

bool breakdowns_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct query *q = (struct query *)to;
    size_t most = q->kind == QUERY_TREND ? QUERY_BREAKDOWNS_MAX : 1;
    if (j->kind != JSON_ARRAY || j->count > most)
        return bad(r, p,
                   most == 1 ? "a list of at most one is expected"
                             : "a list of at most two is expected",
                   most == 1 ? "这里应是最多 1 项的列表" : "这里应是最多 2 项的列表");
    for (const struct json *m = j->first; m; m = m->next) {
        struct place at = { p, STR_NONE, q->breakdown_count };
        if (!breakdown_one(r, &at, m, &q->breakdowns[q->breakdown_count++]))
            return false;
    }
    return true;
}

static bool funnel_check(struct reader *r, const struct query *q)
{
    const struct funnel *f = &q->funnel;
    struct place count = { NULL, S("count"), 0 }, exclude = { NULL, S("exclude"), 0 };
    if (!f->step_count || !f->window_ms)
        return bad(r, NULL, "a funnel has \"steps\" and a \"window\"", "漏斗需要 steps 和 window");
    if (f->count == COUNT_ENTRY && f->order != ORDER_IN)
        return bad(r, &count, "entries are counted in order only", "按次计数只用于按顺序的漏斗");
    if (f->exclusion_count && f->order != ORDER_IN)
        return bad(r, &exclude, "exclusions go with \"in_order\" only",
                   "排除步骤只用于按顺序的漏斗");
    for (size_t i = 0; i < f->exclusion_count; i++)
        if (f->exclusions[i].after >= f->step_count)
            return bad(r, &exclude, "there is no step after it", "它之后没有步骤");
    return true;
}

static bool cell_min_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return whole_read(r, p, j, 0, 1000000, to);
}

static bool is_step(const struct funnel *f, str event)
{
    for (size_t i = 0; i < f->step_count; i++)
        for (size_t k = 0; k < f->steps[i].type_count; k++)
            if (str_eq(f->steps[i].types[k], event))
                return true;
    return false;
}

static bool diagnosis_check(struct reader *r, const struct query *q)
{
    const struct diagnosis *d = &q->diagnosis;
    struct place step = { NULL, S("step"), 0 }, order = { NULL, S("order"), 0 },
                 events = { NULL, S("events"), 0 };
    if (!funnel_check(r, q))
        return false;
    if (d->funnel.order == ORDER_ANY)
        return bad(r, &order, "between two steps is only where they are in order",
                   "任意顺序的漏斗没有两步之间");
    if (d->step < 2 || d->step > d->funnel.step_count)
        return bad(r, &step, "a step from the second on is expected", "这里应是第二步或之后的一步");
    for (size_t i = 0; i < d->events.count; i++) {
        struct place at = { &events, STR_NONE, i };
        if (is_step(&d->funnel, d->events.at[i]))
            return bad(r, &at, "it is a step", "这是漏斗的一步");
    }
    return true;
}

static bool profile_check(struct reader *r, const struct query *q)
{
    const struct traits *t = &q->profile.traits;
    return t->attrs.count || t->sets.count ||
           bad(r, NULL, "a profile has \"attrs\" or \"sets\"", "画像需要 attrs 或 sets");
}

static bool overlap_check(struct reader *r, const struct query *q)
{
    return q->overlap.count || bad(r, NULL, "an overlap has an \"of\"", "交集需要 of");
}

bool unit_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const char *const words[] = { "hour", "day", "week", "month", "24h", NULL };
    int i = 0;
    bool ok = word_read(r, p, j, words, &i);
    *(enum period_unit *)to = (enum period_unit)i;
    return ok;
}

bool periods_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    i64 n;
    if (!whole_read(r, p, j, 1, QUERY_PERIODS_MAX, &n))
        return false;
    *(size_t *)to = (size_t)n;
    return true;
}

static bool brackets_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct retention *x = to;
    if (j->kind != JSON_ARRAY || j->count < 2 || j->count > 50)
        return bad(r, p, "a list of 2 to 50 numbers is expected", "这里应是 2 到 50 个数的列表");
    x->brackets = NEW_N(r->a, i64, j->count);
    for (const struct json *m = j->first; m; m = m->next) {
        struct place at = { p, STR_NONE, x->bracket_count };
        i64 least = x->bracket_count ? x->brackets[x->bracket_count - 1] + 1 : 0;
        if (!whole_read(r, &at, m, least, QUERY_PERIODS_MAX, &x->brackets[x->bracket_count++]))
            return false;
    }
    return true;
}

static bool retention_check(struct reader *r, const struct query *q)
{
    const struct retention *x = &q->retention;
    struct place unit = { NULL, S("unit"), 0 }, periods = { NULL, S("periods"), 0 };
    if (!x->start.type_count || !x->back.type_count || (!x->periods && !x->bracket_count))
        return bad(r, NULL, "retention has \"start\", \"return\" and \"periods\" or \"brackets\"",
                   "留存需要 start、return，以及 periods 或 brackets");
    if (x->periods && x->bracket_count)
        return bad(r, &periods, "either \"periods\" or \"brackets\"",
                   "periods 与 brackets 只能用一种");
    if (x->unit == UNIT_HOUR || (x->unit == UNIT_ROLLING && x->every))
        return bad(r, &unit, "not this unit here", "这里不能用这个单位");
    return true;
}

static bool figure_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct {
        const char *name;
        enum trend_figure figure;
        int permille;
    } rows[] = {
        { "count", FIGURE_COUNT },
        { "people", FIGURE_PEOPLE },
        { "sum", FIGURE_SUM },
        { "average", FIGURE_AVERAGE },
        { "median", FIGURE_QUANTILE, 500 },
        { "p75", FIGURE_QUANTILE, 750 },
        { "p90", FIGURE_QUANTILE, 900 },
        { "p95", FIGURE_QUANTILE, 950 },
        { "p99", FIGURE_QUANTILE, 990 },
        { "per_person", FIGURE_PER_PERSON },
    };
    struct trend *t = to;
    for (size_t i = 0; j->kind == JSON_STRING && i < COUNT(rows); i++)
        if (str_is(j->text, rows[i].name)) {
            t->figure = rows[i].figure;
            t->permille = rows[i].permille;
            return true;
        }
    return bad(r, p, "there is no such figure", "没有这种统计量");
}

static bool trend_check(struct reader *r, const struct query *q)
{
    const struct trend *t = &q->trend;
    bool prop =
        t->figure == FIGURE_SUM || t->figure == FIGURE_AVERAGE || t->figure == FIGURE_QUANTILE;
    struct place at = { NULL, S("prop"), 0 }, unit = { NULL, S("unit"), 0 },
                 since = { NULL, S("since"), 0 };
    if (!t->match.type_count)
        return bad(r, NULL, "a trend has an \"of\"", "趋势需要 of");
    if (prop != (t->prop.len > 0))
        return bad(r, &at, prop ? "which property?" : "this figure has no property",
                   prop ? "缺少属性名" : "这种统计量没有属性");
    if (t->unit == UNIT_ROLLING)
        return bad(r, &unit, "not this unit here", "这里不能用这个单位");
    return q->until.ms - q->since.ms <= (t->unit == UNIT_HOUR ? HOURS_MAX_MS : REPORT_MAX_MS) ||
           bad(r, &since, "a trend is of ten years at most, by the hour of 366 days",
               "趋势最长十年，按小时最长 366 天");
}

static bool only_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const char *const words[] = { "count", NULL };
    int i = 0;
    *(bool *)to = true;
    return word_read(r, p, j, words, &i);
}

static bool person_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return whole_read(r, p, j, 1, I53_MAX, to);
}

static bool segment_check(struct reader *r, const struct query *q)
{
    struct place person = { NULL, S("person"), 0 };
    return !q->segment.person || !(q->segment.counts || q->segment.only_count) ||
           bad(r, &person, "it stands without \"counts\" and \"only\"",
               "person 不与 counts、only 一起用");
}

static const struct member segment_members[] = {
    { "kind", NULL },
    { "people", people_member, IN_QUERY(people) },
    { "counts", bool_read, IN_QUERY(segment.counts) },
    { "only", only_read, IN_QUERY(segment.only_count) },
    { "person", person_read, IN_QUERY(segment.person) },
};
static const struct member funnel_members[] = {
    REPORT_MEMBERS,
    { "behind", behind_funnel_read },
    { "breakdown", breakdowns_read },
    { "steps", funnel_steps, IN_QUERY(funnel) },
    { "window", window_span_read, IN_QUERY(funnel.window_ms) },
    { "order", order_read, IN_QUERY(funnel.order) },
    { "entry", entry_read, IN_QUERY(funnel.entry) },
    { "count", count_read, IN_QUERY(funnel) },
    { "exclude", exclusions_read, IN_QUERY(funnel) },
};
static const struct member diagnosis_members[] = {
    REPORT_MEMBERS,
    { "steps", funnel_steps, IN_QUERY(funnel) },
    { "window", window_span_read, IN_QUERY(funnel.window_ms) },
    { "order", order_read, IN_QUERY(funnel.order) },
    { "entry", entry_read, IN_QUERY(funnel.entry) },
    { "exclude", exclusions_read, IN_QUERY(funnel) },
    { "step", step_read, IN_QUERY(diagnosis.step) },
    { "events", names_read, IN_QUERY(diagnosis.events) },
    { "attrs", names_read, IN_QUERY(diagnosis.traits.attrs) },
    { "sets", names_read, IN_QUERY(diagnosis.traits.sets) },
    { "cell_min", cell_min_read, IN_QUERY(diagnosis.cell_min) },
};
static const struct member profile_members[] = {
    { "kind", NULL },
    { "people", people_member, IN_QUERY(people) },
    { "attrs", names_read, IN_QUERY(profile.traits.attrs) },
    { "sets", names_read, IN_QUERY(profile.traits.sets) },
};
static const struct member overlap_members[] = {
    { "kind", NULL },
    { "of", overlap_read, IN_QUERY(overlap) },
};
static const struct member retention_members[] = {
    REPORT_MEMBERS,
    { "behind", behind_retention_read },
    { "breakdown", breakdowns_read },
    { "start", match_read, IN_QUERY(retention.start) },
    { "return", match_read, IN_QUERY(retention.back) },
    { "unit", unit_read, IN_QUERY(retention.unit) },
    { "periods", periods_read, IN_QUERY(retention.periods) },
    { "brackets", brackets_read, IN_QUERY(retention) },
    { "every", bool_read, IN_QUERY(retention.every) },
    { "or_after", bool_read, IN_QUERY(retention.or_after) },
    { "value", text_read, IN_QUERY(retention.value) },
};
static const struct member trend_members[] = {
    REPORT_MEMBERS,
    { "behind", behind_trend_read },
    { "breakdown", breakdowns_read },
    { "of", match_read, IN_QUERY(trend.match) },
    { "figure", figure_read, IN_QUERY(trend) },
    { "prop", text_read, IN_QUERY(trend.prop) },
    { "unit", unit_read, IN_QUERY(trend.unit) },
};

static const struct kind_row segment_row = { "segment", QUERY_SEGMENT, segment_members,
                                             COUNT(segment_members), segment_check };
static const struct kind_row funnel_row = { "funnel", QUERY_FUNNEL, funnel_members,
                                            COUNT(funnel_members), funnel_check };
static const struct kind_row retention_row = { "retention", QUERY_RETENTION, retention_members,
                                               COUNT(retention_members), retention_check };
static const struct kind_row trend_row = { "trend", QUERY_TREND, trend_members,
                                           COUNT(trend_members), trend_check };
static const struct kind_row diagnosis_row = { "diagnosis", QUERY_DIAGNOSIS, diagnosis_members,
                                               COUNT(diagnosis_members), diagnosis_check };
static const struct kind_row profile_row = { "profile", QUERY_PROFILE, profile_members,
                                             COUNT(profile_members), profile_check };
static const struct kind_row overlap_row = { "overlap", QUERY_OVERLAP, overlap_members,
                                             COUNT(overlap_members), overlap_check };
static const struct kind_row *const kind_rows[] = {
    &segment_row, &funnel_row,      &retention_row, &trend_row,   &life_row,    &stickiness_row,
    &paths_row,   &attribution_row, &diagnosis_row, &profile_row, &overlap_row, &rfm_row,
};

static bool query_one(struct reader *r, const struct json *j, struct query *q)
{
    struct place kind = { NULL, S("kind"), 0 }, since = { NULL, S("since"), 0 };
    const struct json *said = json_get(j, "kind");
    const struct kind_row *row = NULL;
    for (size_t i = 0; said && said->kind == JSON_STRING && i < COUNT(kind_rows); i++)
        if (str_is(said->text, kind_rows[i]->name))
            row = kind_rows[i];
    if (!row)
        return bad(r, &kind, "there is no such kind of question", "没有这种问题");
    q->kind = row->kind;
    if (q->kind == QUERY_RETENTION)
        q->retention.unit = UNIT_DAY;
    else if (q->kind == QUERY_TREND)
        q->trend.unit = UNIT_DAY;
    else if (q->kind == QUERY_LIFE || q->kind == QUERY_STICKINESS)
        q->activity.unit = UNIT_DAY;
    else if (q->kind == QUERY_PATHS)
        q->paths = (struct paths) { .levels = 5, .top = 10 };
    else if (q->kind == QUERY_ATTRIBUTION)
        q->attribution =
            (struct attribution_asked) { .direct = { true, { VALUE_TEXT, S("direct"), 0 } },
                                         .half_life_ms = ATTRIBUTION_HALF_LIFE_MS,
                                         .models = (1U << ATTRIBUTION_MODEL_COUNT) - 1,
                                         .top = 100,
                                         .listed = 20 };
    else if (q->kind == QUERY_DIAGNOSIS)
        q->diagnosis.cell_min = QUERY_CELL_MIN;
    if (!object_read(r, NULL, j, row->members, row->count, q))
        return false;
    if (query_timed(q->kind) && (!q->since.ms || !q->until.ms || q->since.ms >= q->until.ms))
        return bad(r, &since, "a report has \"since\" and, later, \"until\"",
                   "报表需要 since 和晚于它的 until");
    return (!row->check || row->check(r, q)) && (!q->behind.asked || behind_check(r, q));
}

enum err query_read(struct arena *a, const struct json *described, struct query *ret,
                    struct query_error *ret_error)
{
    struct reader r = { .a = a, .error = ret_error };
    struct query q = { 0 };
    if (!query_one(&r, described, &q))
        return ERR_INVALID;
    *ret = q;
    return OK;
}
