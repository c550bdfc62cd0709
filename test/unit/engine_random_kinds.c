/* Questions of the kinds that came later. */
#include "engine_random_maker.h"

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
