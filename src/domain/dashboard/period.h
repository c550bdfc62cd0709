/* period: days, weeks and months of the business zone, and the spans they are compared with. Pure
 * arithmetic over base/time.h.
 *
 * A day begins at its first instant in the zone, a week on Monday, a month on its first day. While
 * a period is under way, those it is compared with end at the same date and time of day as now,
 * so that a morning is compared with a morning. */
#ifndef HETANG_DASHBOARD_PERIOD_H
#define HETANG_DASHBOARD_PERIOD_H

#include "base/time.h"

enum period_kind { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH };

/* From `from` until before `to`. */
struct span {
    instant from, to;
};

struct period {
    struct span now, previous;
    struct span week_ago; /* of a day: the same weekday of the week before; else {0, 0} */
};

/* The period that `d` lies in, as far as it has come at `now`; before its beginning: empty. */
struct period period_of(enum period_kind kind, day d, instant now);
day period_first(enum period_kind kind, day d);
/* The first day of the one after (steps 1), before (-1) … */
day period_step(enum period_kind kind, day first, int steps);

#endif
