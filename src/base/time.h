/* Time: instants (int64 ms UTC), days (civil dates), and the business time zone between them.
 *
 * The zone is one per process, loaded once at start: libc is asked for its offset at every change
 * from 1970 to 2100 and the answers are kept in a table, so that later look-ups take no lock and no
 * system call. */
#ifndef HETANG_TIME_H
#define HETANG_TIME_H

#include "base/err.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/types.h"

struct civil {
    int year, month, day; /* month and day from 1 */
    int hour, minute, second, ms;
    int weekday; /* 0 is Monday (ISO 8601) */
};

/* The only readers of the clock; everything above asks its ctx. */
instant clock_now(void);
int64_t clock_monotonic_us(void);

/* False if the system has no such zone ("Asia/Shanghai"). Not thread-safe: called once at start,
 * and by tests. */
bool zone_load(const char *name);
int zone_offset_s(instant t); /* seconds east of UTC at that instant */

day day_of(instant t); /* the civil date in the business zone */
instant day_start(
    day d); /* its first instant there; the later one where the clock skips midnight */
day day_from_ymd(int year, int month, int day_of_month); /* proleptic Gregorian */
void day_to_ymd(day d, int *year, int *month, int *day_of_month);
int day_weekday(day d); /* 0 is Monday */
bool ymd_valid(int year, int month, int day_of_month);
int month_days(int year, int month);

struct civil civil_of(instant t); /* in the business zone */
/* The instant a wall clock of the business zone shows; skipped times move forward, repeated ones
 * mean the first. */
instant civil_instant(struct civil c);

/* RFC 3339 with an offset or Z; fractions beyond milliseconds are cut. */
bool instant_read(str s, instant *ret);
bool day_read(str s, day *ret); /* YYYY-MM-DD */
void out_instant(struct strbuf *sb,
                 instant t); /* 2026-03-01T08:00:00.123Z, the fraction only when there is one */
void out_day(struct strbuf *sb, day d);

#endif
