/* The model: who comes when, how often they buy, for how much, and at what time of day. */
#include "app/demo.h"

#include <math.h>

#include "base/time.h"

#define DAYS          366 /* civil days that a year before a moment touches */
#define WEEK_MS       (7 * DAY_MS)
#define BUYERS        0.62 /* of those who join, how many buy at all */
#define YUAN_PER_UNIT 5.5  /* the gamma-gamma values are of a CD shop, in dollars */

const char *const demo_channels[] = { "store",        "parcel-card", "official-account",
                                      "mini-program", "fission",     "sms",
                                      "partner",      "live",        NULL };
static const double channel_weights[] = { 34, 22, 12, 11, 10, 5, 3, 3 };

/* Of 100 visits, how many fall into each hour: people look at their telephones on the way to work,
 * in the afternoon and before they sleep. */
static const double hours[24] = { 1,   0.5, 0.3, 0.2, 0.2, 0.4, 1.2, 3, 6.5, 6, 5, 5,
                                  5.5, 5,   4.5, 6.5, 5.5, 4.5, 4.5, 6, 8.5, 9, 7, 4.2 };

static const char *const surnames[] = { "王", "李", "张", "刘", "陈",   "杨",   "赵",  "黄", "周",
                                        "吴", "徐", "孙", "胡", "朱",   "高",   "林",  "何", "郭",
                                        "马", "罗", "梁", "宋", "郑",   "谢",   "韩",  "唐", "冯",
                                        "于", "董", "萧", "程", "曹",   "袁",   "邓",  "许", "傅",
                                        "沈", "曾", "彭", "吕", "欧阳", "司马", "上官" };
static const char *const women[] = { "芳",   "娜",   "秀英", "敏",   "静",   "丽",   "艳",   "娟",
                                     "霞",   "桂英", "婷",   "雪",   "慧",   "玉兰", "佳怡", "欣妍",
                                     "雨桐", "梓涵", "诗涵", "梦洁", "晓燕", "文静", "海燕", "丹",
                                     "萍",   "红",   "玲",   "琳",   "颖",   "倩" };
static const char *const men[] = { "伟",   "强", "磊",   "军",   "洋",   "勇",   "杰",   "涛",
                                   "明",   "超", "建国", "志强", "文博", "浩然", "子轩", "宇航",
                                   "俊杰", "鹏", "斌",   "波",   "辉",   "刚",   "峰",   "亮",
                                   "健",   "昊", "凯",   "飞",   "平",   "宁" };

static size_t weighted(struct rnd *r, const double *weights, size_t count)
{
    double total = 0, at;
    for (size_t i = 0; i < count; i++)
        total += weights[i];
    at = rnd_f64(r) * total;
    for (size_t i = 0; i + 1 < count; i++) {
        at -= weights[i];
        if (at < 0)
            return i;
    }
    return count - 1;
}

static bool chance(struct rnd *r, double p)
{
    return rnd_f64(r) < p;
}

/* The same civil day at an hour people do such things, not before `from`. */
static instant at_human_hour(struct rnd *r, instant from, instant around)
{
    struct civil c = civil_of(around);
    c.hour = (int)weighted(r, hours, COUNT(hours));
    c.minute = (int)rnd_below(r, 60);
    c.second = (int)rnd_below(r, 60);
    c.ms = (int)rnd_below(r, 1000);
    instant at = civil_instant(c);
    return at.ms > from.ms ? at : (instant) { from.ms + MINUTE_MS + (i64)rnd_below(r, HOUR_MS) };
}

/* More people come at the sales of June and November, and on Saturdays; a little more each month.
 */
static double day_weight(day d, i64 index)
{
    int y, m, md;
    day_to_ymd(d, &y, &m, &md);
    double w = 1 + (double)index / 365;
    w *= day_weekday(d) >= 5 ? 1.35 : 1;
    if ((m == 6 && md >= 10 && md <= 20) || (m == 11 && md >= 1 && md <= 12))
        w *= 2.4;
    if (m == 2 && md <= 12)
        w *= 0.6;
    return index < 20 ? w * 2.5 : w; /* the opening */
}

struct maker {
    struct rnd rnd;
    instant start, end;
    double cumulative[DAYS];
    struct demo_life *life;
    struct arena arena;
    VEC(struct demo_action) actions;
};

static void act(struct maker *m, uint32_t who, instant at, enum demo_kind kind, size_t detail,
                uint32_t value)
{
    if (at.ms >= m->start.ms && at.ms < m->end.ms)
        *vec_push(&m->arena, &m->actions) =
            (struct demo_action) { at, who, (uint16_t)kind, (uint16_t)detail, value };
}

static instant joining(struct maker *m)
{
    double at = rnd_f64(&m->rnd) * m->cumulative[DAYS - 1];
    size_t low = 0;
    while (m->cumulative[low] < at)
        low++;
    day d = { day_of(m->start).n + (i64)low };
    instant joined = at_human_hour(&m->rnd, m->start, (instant) { day_start(d).ms + 12 * HOUR_MS });
    if (joined.ms < m->end.ms)
        return joined;
    i64 begun = day_start(day_of(m->end)).ms; /* the last day has not come so far */
    return (instant) { begun + (i64)rnd_below(&m->rnd, (uint64_t)MAX(m->end.ms - begun, 1)) };
}

static void visits(struct maker *m, uint32_t who, instant before, size_t count)
{
    if (count)
        act(m, who,
            (instant) { before.ms - (i64)rnd_below(&m->rnd, 40 * MINUTE_MS) - 5 * MINUTE_MS },
            DEMO_VISIT, count, 1);
}

/* Most look at something some days before they buy. (Drawn apart: it changes nothing else.) */
static void looks(struct maker *m, uint32_t who, instant bought)
{
    struct rnd r;
    rnd_seed(&r, u64_hash((uint64_t)bought.ms * 31 + who));
    for (int more = 0; more < 3 && chance(&r, 0.6); more++)
        act(m, who, (instant) { bought.ms - (i64)((0.3 + 12 * rnd_f64(&r)) * (double)DAY_MS) },
            DEMO_VISIT, 1 + (size_t)rnd_below(&r, 2), 0);
}

static void order(struct maker *m, uint32_t who, instant at, double mean_value)
{
    struct rnd *r = &m->rnd;
    double value = rnd_gamma(r, 6.25, 6.25) * mean_value; /* around this person's mean */
    looks(m, who, at);
    visits(m, who, at, 1 + (size_t)rnd_below(r, 4));
    act(m, who, at, DEMO_ORDER, rnd_below(r, 65536), (uint32_t)MIN(MAX(value * 100, 500), 4e8));
    if (chance(r, 0.04))
        act(m, who, at_human_hour(r, at, (instant) { at.ms + (3 + (i64)rnd_below(r, 8)) * DAY_MS }),
            DEMO_REFUND, 0, 0);
}

/* BG/NBD: buys at a rate of one's own while alive, and after each repeat purchase may have been
 * there for the last time. */
static void purchases(struct maker *m, uint32_t who, instant joined)
{
    struct rnd *r = &m->rnd;
    bool at_the_till = chance(r, m->life->people[who].channel == 0 ? 0.7 : 0.3);
    double rate = rnd_gamma(r, 0.243, 4.414), leaves = rnd_beta(r, 0.793, 2.426);
    double mean_value = 6.25 / rnd_gamma(r, 3.74, 15.44) * YUAN_PER_UNIT;
    instant at = { joined.ms + MINUTE_MS + (i64)rnd_below(r, 20 * MINUTE_MS) };
    if (!at_the_till)
        at = at_human_hour(
            r, joined,
            (instant) { joined.ms + (i64)(rnd_exponential(r, 1.0 / 4) * (double)DAY_MS) });
    order(m, who, at, mean_value);
    for (int repeat = 0; repeat < 400; repeat++) {
        double weeks = rnd_exponential(r, rate);
        if (weeks > 60)
            return;
        at = at_human_hour(r, at, (instant) { at.ms + (i64)(weeks * (double)WEEK_MS) });
        order(m, who, at, mean_value);
        if (chance(r, leaves))
            return;
    }
}

static void person(struct maker *m, uint32_t who)
{
    struct rnd *r = &m->rnd;
    struct demo_person *p = &m->life->people[who];
    p->female = chance(r, 0.72);
    p->store =
        (uint16_t)(DEMO_STORES * pow(rnd_f64(r), 1.35)); /* the first stores are the largest */
    p->staff = (uint16_t)rnd_below(r, DEMO_STORE_STAFF);
    p->channel = (uint8_t)weighted(r, channel_weights, COUNT(channel_weights));
    p->visitor = p->channel >= 2 && chance(r, 0.3);
    double age = 36 + 11 * rnd_normal(r);
    i64 born = day_of(m->end).n - (i64)(MIN(MAX(age, 18), 82) * 365.25);
    p->birthday = (day) { chance(r, 0.7) ? born : NONE };
    snprintf(p->name, sizeof p->name, "%s%s",
             surnames[weighted(r, channel_weights, 8) * 5 + rnd_below(r, 5)],
             p->female ? women[rnd_below(r, COUNT(women))] : men[rnd_below(r, COUNT(men))]);
    instant joined = joining(m);
    act(m, who, joined, DEMO_JOIN, 0, 0);
    if (p->visitor)
        act(m, who, (instant) { joined.ms + HOUR_MS }, DEMO_IDENTIFY, 0, 0);
    for (instant at = joined;;) { /* a look now and then, less and less */
        at = at_human_hour(
            r, at,
            (instant) { at.ms + (i64)(rnd_exponential(r, 1.0 / 24) * (double)DAY_MS) + DAY_MS });
        if (at.ms >= m->end.ms || chance(r, 0.22))
            break;
        act(m, who, at, DEMO_VISIT, 1 + (size_t)rnd_below(r, 5), 0);
    }
    if (chance(r, BUYERS))
        purchases(m, who, joined);
    if (chance(r, 0.04))
        act(m, who,
            at_human_hour(r, joined, (instant) { joined.ms + (i64)rnd_below(r, 60) * DAY_MS }),
            DEMO_NOTE, rnd_below(r, 1000), 0);
}

static int by_time(const void *pa, const void *pb)
{
    const struct demo_action *a = pa, *b = pb;
    if (a->at.ms != b->at.ms)
        return a->at.ms < b->at.ms ? -1 : 1;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

void demo_life_make(uint64_t seed, size_t count, instant end, struct demo_life *ret)
{
    struct maker m = { .start = { end.ms - 365 * DAY_MS }, .end = end, .life = ret };
    double total = 0;
    *ret = (struct demo_life) { .people = xcalloc(count, sizeof *ret->people),
                                .count = count,
                                .end = end };
    for (i64 i = 0; i < DAYS; i++) {
        day d = { day_of(m.start).n + i };
        i64 from = MAX(day_start(d).ms, m.start.ms),
            to = MIN(day_start((day) { d.n + 1 }).ms, end.ms);
        total += day_weight(d, i) * (double)MAX(to - from, 0) / (double)DAY_MS;
        m.cumulative[i] = total;
    }
    for (uint32_t i = 0; i < count;
         i++) { /* each has a stream of one's own: more people change nobody's life */
        rnd_seed(&m.rnd, seed * UINT64_C(0x9e3779b97f4a7c15) + i);
        person(&m, i);
    }
    ret->action_count = m.actions.n;
    ret->actions = xmalloc(m.actions.n * sizeof *ret->actions);
    memcpy(ret->actions, m.actions.at, m.actions.n * sizeof *ret->actions);
    arena_done(&m.arena);
    qsort(ret->actions, ret->action_count, sizeof *ret->actions, by_time);
}

void demo_life_done(struct demo_life *life)
{
    free(life->people);
    free(life->actions);
    *life = (struct demo_life) { 0 };
}
