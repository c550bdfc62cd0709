/* Questions of the kinds that came later. */
#include "engine_random_maker.h"

#include "base/time.h"

static void activity_members(struct maker *m)
{
    static const char *const units[] = { "day", "week", "month" };
    bool attr = random_chance(m->r, 50);
    report_out(m, 0);
    match_out(m, "of");
    if (random_chance(m->r, 80))
        json_put(m->w, "unit", str_of(PICK(m->r, units)));
    if (random_chance(m->r, 60))
        return;
    json_list(m->w, "breakdown");
    json_open(m->w, NULL);
    json_put(m->w, attr ? "attr" : "set",
             str_of(attr ? PICK(m->r, random_attrs).name : PICK(m->r, random_families)));
    json_close(m->w);
    json_list_end(m->w);
}

void life_out(struct maker *m)
{
    activity_members(m);
}

void stickiness_out(struct maker *m)
{
    activity_members(m);
    json_put(m->w, "window", (i64)(2 + rnd_below(m->r, random_chance(m->r, 70) ? 6 : 30)));
}

void paths_question(struct maker *m)
{
    report_out(m, 0);
    match_out(m, random_chance(m->r, 60) ? "from" : "to");
    if (random_chance(m->r, 60))
        types_out(m, "among");
    if (random_chance(m->r, 50))
        json_put(m->w, "by", str_of(PICK(m->r, random_props).name));
    if (random_chance(m->r, 70))
        json_put(m->w, "levels", (i64)(2 + rnd_below(m->r, 9)));
    if (random_chance(m->r, 70))
        json_put(m->w, "top", (i64)(1 + rnd_below(m->r, random_chance(m->r, 70) ? 4 : 20)));
    if (random_chance(m->r, 60))
        json_put(m->w, "every", (bool)random_chance(m->r, 90));
    if (random_chance(m->r, 50))
        json_put(m->w, "collapse", (bool)random_chance(m->r, 90));
    if (random_chance(m->r, 50))
        span_out(m, "gap", MIN(span_new(m), 366 * DAY_MS));
}
