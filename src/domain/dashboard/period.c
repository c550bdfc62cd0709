#include "domain/dashboard/period.h"

#include "base/base.h"

day period_first(enum period_kind kind, day d)
{
    int y, m, of_month;
    switch (kind) {
    case PERIOD_DAY: return d;
    case PERIOD_WEEK: return (day) { d.n - day_weekday(d) };
    case PERIOD_MONTH: day_to_ymd(d, &y, &m, &of_month); return day_from_ymd(y, m, 1);
    }
    assert(false && "a period nobody knows");
    return d;
}

day period_step(enum period_kind kind, day first, int steps)
{
    int y, m, of_month;
    switch (kind) {
    case PERIOD_DAY: return (day) { first.n + steps };
    case PERIOD_WEEK: return (day) { first.n + 7 * steps };
    case PERIOD_MONTH:
        day_to_ymd(first, &y, &m, &of_month);
        m += 12 * y - 1 + steps;
        return day_from_ymd(m / 12, m % 12 + 1, 1);
    }
    assert(false && "a period nobody knows");
    return first;
}

/* From the first day on: whole when `passed` is false, else until as many days in as now, at the
 * same time of day, the present millisecond among it. */
static struct span part(day first, day next, bool under_way, i64 days_in, instant now)
{
    struct span s = { day_start(first), day_start(next) };
    day last = { first.n + days_in };
    if (!under_way || last.n >= next.n)
        return s;
    struct civil c = civil_of(now);
    day_to_ymd(last, &c.year, &c.month, &c.day);
    instant to = { civil_instant(c).ms + 1 };
    s.to = to.ms < s.from.ms ? s.from : to.ms < s.to.ms ? to : s.to;
    return s;
}

struct period period_of(enum period_kind kind, day d, instant now)
{
    day first = period_first(kind, d), next = period_step(kind, first, 1),
        before = period_step(kind, first, -1);
    struct span whole = { day_start(first), day_start(next) };
    bool under_way = now.ms < whole.to.ms;
    i64 days_in = day_of(now).n - first.n;
    struct period p = { .now = whole, .previous = part(before, first, under_way, days_in, now) };
    if (under_way) /* by the instant itself: of a time of day that comes twice, too */
        p.now.to = now.ms < whole.from.ms ? whole.from : (instant) { now.ms + 1 };
    if (kind == PERIOD_DAY)
        p.week_ago = part((day) { first.n - 7 }, (day) { first.n - 6 }, under_way, days_in, now);
    return p;
}
