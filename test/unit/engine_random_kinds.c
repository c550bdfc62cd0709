/* Questions of the kinds that came later. */
#include "engine_random_maker.h"

#include "base/time.h"
#include "engine/attribution.h"

static enum period_unit activity_members(struct maker *m)
{
    static const char *const units[] = { "day", "week", "month" };
    static const enum period_unit kinds[] = { UNIT_DAY, UNIT_WEEK, UNIT_MONTH };
    bool attr = random_chance(m->r, 50);
    size_t unit = random_chance(m->r, 80) ? (size_t)rnd_below(m->r, COUNT(units)) : COUNT(units);
    report_out(m, 0);
    match_out(m, "of");
    if (unit < COUNT(units))
        json_put(m->w, "unit", str_of(units[unit]));
    if (random_chance(m->r, 40)) {
        m->said[m->breakdowns++] =
            (struct breakdown_said) { attr ? 'a' : 's', (size_t)rnd_below(m->r, RANDOM_ATTRS) };
        json_list(m->w, "breakdown");
        json_open(m->w, NULL);
        json_put(m->w, attr ? "attr" : "set",
                 str_of(attr ? random_attrs[m->said[0].which].name : PICK(m->r, random_families)));
        json_close(m->w);
        json_list_end(m->w);
    }
    return unit < COUNT(units) ? kinds[unit] : UNIT_DAY;
}

/* Of periods that are told, now and then of one that is not. */
static void bar_out(struct maker *m, enum period_unit unit, const char *const *as, uint64_t count)
{
    if (random_chance(m->r, 75))
        json_time(m->w, "period",
                  period_new(m, unit, (instant) { MIN(m->until.ms, m->now.ms + 1) }));
    if (random_chance(m->r, 85))
        json_put(m->w, "as", str_of(as[rnd_below(m->r, count)]));
}

void life_out(struct maker *m)
{
    static const char *const as[] = { "active", "new", "returning", "resurrected", "dormant" };
    enum period_unit unit = activity_members(m);
    if (!behind_open(m))
        return;
    bar_out(m, unit, as, COUNT(as));
    behind_close(m);
}

void stickiness_out(struct maker *m)
{
    static const char *const as[] = { "active", "recent" };
    enum period_unit unit = activity_members(m);
    uint64_t window = 2 + rnd_below(m->r, random_chance(m->r, 70) ? 6 : 30);
    json_put(m->w, "window", (i64)window);
    if (!behind_open(m))
        return;
    if (random_chance(m->r, 50))
        json_put(m->w, "days", 1 + (i64)rnd_below(m->r, random_chance(m->r, 80) ? 2 : window));
    else
        bar_out(m, unit, as, COUNT(as));
    behind_close(m);
}

/* Of few types, so that the node is often there. */
static void node_out(struct maker *m, const char *name, const struct random_prop *by)
{
    json_open(m->w, name);
    if (random_chance(m->r, 20)) {
        json_put(m->w, "other", true);
    } else {
        json_put(m->w, "event", str_of(PICK(m->r, random_types)));
        if (by && random_chance(m->r, 60))
            json_raw(m->w, "key", STR_NONE);
        else if (by)
            value_put(m, "key", random_value(m->r, by->kind));
    }
    json_close(m->w);
}

static void paths_behind_out(struct maker *m, i64 levels, const struct random_prop *by)
{
    i64 level = 1 + (i64)rnd_below(m->r, (uint64_t)MIN(levels, 4));
    if (!behind_open(m))
        return;
    json_put(m->w, "level", level);
    if (random_chance(m->r, 60))
        node_out(m, "node", by);
    if (level < levels && random_chance(m->r, 40))
        node_out(m, "to", by);
    else if (level < levels && random_chance(m->r, 40))
        json_put(m->w, "ends", true);
    behind_close(m);
}

void paths_question(struct maker *m)
{
    const struct random_prop *by = random_chance(m->r, 50) ? &PICK(m->r, random_props) : NULL;
    i64 levels = 5; /* unless told */
    report_out(m, 0);
    match_out(m, random_chance(m->r, 60) ? "from" : "to");
    if (random_chance(m->r, 60))
        types_out(m, "among");
    if (by)
        json_put(m->w, "by", str_of(by->name));
    if (random_chance(m->r, 70))
        json_put(m->w, "levels", levels = (i64)(2 + rnd_below(m->r, 9)));
    paths_behind_out(m, levels, by);
    if (random_chance(m->r, 70))
        json_put(m->w, "top", (i64)(1 + rnd_below(m->r, random_chance(m->r, 70) ? 4 : 20)));
    if (random_chance(m->r, 60))
        json_put(m->w, "every", (bool)random_chance(m->r, 90));
    if (random_chance(m->r, 50))
        json_put(m->w, "collapse", (bool)random_chance(m->r, 90));
    if (random_chance(m->r, 50))
        span_out(m, "gap", MIN(span_new(m), 366 * DAY_MS));
}

static void models_out(struct maker *m)
{
    json_list(m->w, "models");
    for (uint64_t n = 1 + rnd_below(m->r, 3); n > 0; n--)
        json_put(m->w, NULL,
                 str_of(attribution_model_name(
                     (enum attribution_model)rnd_below(m->r, ATTRIBUTION_MODEL_COUNT))));
    json_list_end(m->w);
}

static void attribution_behind_out(struct maker *m, const struct random_prop *channel)
{
    if (!behind_open(m))
        return;
    if (random_chance(m->r, 15)) {
        json_put(m->w, "untouched", true);
    } else {
        if (random_chance(m->r, 40))
            value_put(m, "channel", random_value(m->r, channel->kind));
        else if (random_chance(m->r, 30))
            json_raw(m->w, "channel", STR_NONE);
        if (random_chance(m->r, 40))
            json_put(m->w, "lost", (bool)random_chance(m->r, 90));
    }
    behind_close(m);
}

void attribution_question(struct maker *m)
{
    static const struct random_prop usual = { "channel", VALUE_TEXT };
    const struct random_prop *channel =
        random_chance(m->r, 60) ? &usual : &PICK(m->r, random_props);
    static const char *const values[] = { "amount", "quantity", "mixed", "absent" };
    report_out(m, 0);
    match_out(m, "touch");
    match_out(m, "conversion");
    json_put(m->w, "channel", str_of(channel->name));
    attribution_behind_out(m, channel);
    span_out(m, "window", MIN(span_new(m), 366 * DAY_MS));
    if (random_chance(m->r, 60))
        json_put(m->w, "value", str_of(PICK(m->r, values)));
    if (random_chance(m->r, 50)) {
        match_out(m, "refund");
        json_put(m->w, "held", str_of(PICK(m->r, random_props).name));
    }
    if (random_chance(m->r, 20))
        json_raw(m->w, "direct", STR_NONE);
    else if (random_chance(m->r, 60))
        json_put(m->w, "direct", random_chance(m->r, 50) ? S("app") : S("group"));
    if (random_chance(m->r, 30))
        span_out(m, "half_life", MIN(span_new(m), 366 * DAY_MS));
    if (random_chance(m->r, 70))
        models_out(m);
    if (random_chance(m->r, 50))
        json_put(m->w, "top", (i64)(1 + rnd_below(m->r, 6)));
    json_put(m->w, "listed", (i64)rnd_below(m->r, QUERY_LISTED_MAX + 1));
}
