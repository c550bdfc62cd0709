/* What the brand sets about RFM. */
#include "domain/rfm/rfm.h"

#include "base/time.h"
#include "core/app.h"
#include "core/job.h"
#include "domain/rfm/internal.h"

#define SETTING "rfm"

const struct rfm_class_row rfm_classes[] = {
    { "一般挽留", "General, to win back" }, { "重要挽留", "Important, to win back" },
    { "一般保持", "General, to keep" },     { "重要保持", "Important, to keep" },
    { "一般发展", "General, to develop" },  { "重要发展", "Important, to develop" },
    { "一般价值", "General, of value" },    { "重要价值", "Important, of value" },
};
const char *const rfm_tier_keys[] = { "diamond", "gold", "silver", "bronze", NULL };
const char *const rfm_methods[] = { "quantiles", "fixed", NULL };

SCHEMA_TABLE(rfm_tier, RFM_TIER);
SCHEMA_TABLE(rfm_settings, RFM_SETTINGS);

static const struct {
    const char *zh, *en;
    i64 from, to;
} first_tiers[RFM_TIERS] = {
    [RFM_DIAMOND] = { "钻石", "Diamond", 13, 15 },
    [RFM_GOLD] = { "黄金", "Gold", 10, 12 },
    [RFM_SILVER] = { "白银", "Silver", 7, 9 },
    [RFM_BRONZE] = { "青铜", "Bronze", 3, 6 },
};

static void at_first(struct arena *a, struct rfm_settings *ret)
{
    struct rfm_tier *tiers = NEW_N(a, struct rfm_tier, RFM_TIERS);
    for (int i = 0; i < RFM_TIERS; i++)
        tiers[i] = (struct rfm_tier) { .key = str_of(rfm_tier_keys[i]),
                                       .name = str_of(first_tiers[i].zh),
                                       .name_en = str_of(first_tiers[i].en),
                                       .from = first_tiers[i].from,
                                       .to = first_tiers[i].to };
    schema_clear(&rfm_settings_schema, ret);
    ret->method = S("quantiles");
    ret->tiers = (list) { tiers, RFM_TIERS };
    ret->nightly_hour = 3;
    ret->history_days = 365;
    ret->version = 1;
}

enum err rfm_settings_get(struct ctx *cx, struct rfm_settings *ret)
{
    struct json_error bad;
    str text;
    TRY(setting_get(cx, SETTING, &text));
    if (!text.ptr) {
        at_first(cx->arena, ret);
        return OK;
    }
    const struct json *kept = json_read(cx->arena, text, &bad);
    return kept ? schema_read(cx, &rfm_settings_schema, kept, ret) : ERR_INTERNAL;
}

static enum err rising(struct ctx *cx, const char *field, const list *cuts, bool fixed)
{
    const i64 *at = cuts->at;
    if (cuts->n != (fixed ? RFM_CUTS : 0))
        return fixed ? fail_rule(cx, ERR_INVALID, field, "需要四个分界点",
                                 "four cut points are needed")
                     : fail_rule(cx, ERR_INVALID, field, "按分位数划分时不填分界点",
                                 "with quantiles there are no cut points to give");
    for (size_t i = 0; i < cuts->n; i++) {
        if (at[i] < 0 || at[i] > RFM_VALUE_MAX)
            return fail(cx, ERR_OUT_OF_RANGE, field, P("min", 0), P("max", RFM_VALUE_MAX));
        if (i && at[i] <= at[i - 1])
            return fail_rule(cx, ERR_INVALID, field, "分界点应逐个变大",
                             "each cut point must be larger than the one before");
    }
    return OK;
}

static int from_the_best(const void *pa, const void *pb)
{
    const struct rfm_tier *a = pa, *b = pb;
    return (a->to < b->to) - (a->to > b->to);
}

/* From the best down: the order in which they are shown and looked through. */
static enum err check_tiers(struct ctx *cx, const list *tiers)
{
    struct rfm_tier *t = tiers->at;
    i64 next = RFM_TOTAL_MAX;
    qsort(t, tiers->n, sizeof *t, from_the_best);
    for (size_t i = 0; i < tiers->n; i++) {
        if (!str_is(t[i].key, rfm_tier_keys[i]))
            return fail_rule(
                cx, ERR_INVALID, "tiers", "四个等级各一次，由高到低为钻石、黄金、白银、青铜",
                "each of the four tiers once, from the best: diamond, gold, silver, bronze");
        if (t[i].to != next || t[i].from > t[i].to)
            return fail_rule(cx, ERR_INVALID, "tiers", "各等级的总分区间应从 3 到 15 连续且不重叠",
                             "the totals of the tiers must go from 3 to 15 without gap or overlap");
        next = t[i].from - 1;
    }
    return next == RFM_TOTAL_MIN - 1
               ? OK
               : fail_rule(cx, ERR_INVALID, "tiers", "各等级的总分区间应从 3 到 15 连续且不重叠",
                           "the totals of the tiers must go from 3 to 15 without gap or overlap");
}

instant rfm_nightly_at(const struct rfm_settings *s, instant now)
{
    struct civil c = civil_of(now);
    bool today = c.hour < s->nightly_hour;
    c.hour = (int)s->nightly_hour;
    c.minute = c.second = c.ms = 0;
    if (!today) {
        day tomorrow = { day_of(now).n + 1 };
        day_to_ymd(tomorrow, &c.year, &c.month, &c.day);
    }
    return civil_instant(c);
}

enum err rfm_settings_put(struct ctx *cx, struct rfm_settings *s)
{
    struct strbuf text;
    bool fixed = str_is(s->method, "fixed");
    TRY(rising(cx, "r_cuts", &s->r_cuts, fixed));
    TRY(rising(cx, "f_cuts", &s->f_cuts, fixed));
    TRY(rising(cx, "m_cuts_fen", &s->m_cuts_fen, fixed));
    TRY(check_tiers(cx, &s->tiers));
    strbuf_init(&text, cx->arena, 1 << 16);
    struct json_writer w = json_writer(&text);
    schema_write(&w, NULL, &rfm_settings_schema, s);
    TRY(setting_set(cx, SETTING, strbuf_str(&text)));
    return rfm_nightly_move(cx, s);
}

enum rfm_tier_kind rfm_tier_of(const struct rfm_settings *s, int total)
{
    const struct rfm_tier *t = s->tiers.at;
    for (enum rfm_tier_kind i = 0; i < RFM_TIERS; i++)
        if (total >= t[i].from)
            return i;
    return RFM_BRONZE;
}
