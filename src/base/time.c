#include "base/time.h"
#include "base/base.h"

#include <time.h>

#define ZONE_CHANGES_MAX 512
static struct {
    size_t count;
    int64_t from_s[ZONE_CHANGES_MAX]; /* ascending; the offset holds from here on */
    int offset_s[ZONE_CHANGES_MAX];
} zone;

instant clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (instant) { (i64)t.tv_sec * 1000 + t.tv_nsec / 1000000 };
}

int64_t clock_monotonic_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (i64)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int libc_offset(int64_t at_s)
{
    time_t t = (time_t)at_s;
    struct tm tm;
    localtime_r(&t, &tm);
    return (int)tm.tm_gmtoff;
}

static void zone_change(int64_t from_s, int offset_s)
{
    if (zone.count == ZONE_CHANGES_MAX || (zone.count && zone.offset_s[zone.count - 1] == offset_s))
        return;
    zone.from_s[zone.count] = from_s;
    zone.offset_s[zone.count++] = offset_s;
}

bool zone_load(const char *name)
{
    char path[256];
    int len = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    bool utc = strcmp(name, "UTC") == 0;
    if (len < 0 || (size_t)len >= sizeof path || strstr(name, "..") || name[0] == '/' ||
        name[0] == '\0')
        return false;
    FILE *file = utc ? NULL : fopen(path, "rb");
    char magic[4] = { 0 };
    bool known = utc || (file && fread(magic, 1, 4, file) == 4 && memcmp(magic, "TZif", 4) == 0);
    if (file)
        fclose(file);
    if (!known)
        return false;
    setenv("TZ", name, 1);
    tzset();
    zone.count = 0;
    zone_change(INT64_MIN, libc_offset(0));
    const int64_t step = 20 * 86400,
                  end = INT64_C(4102444800); /* 2100-01-01; no zone changes twice in 20 days */
    for (int64_t at = 0; at < end; at += step) {
        int64_t low = at, high = at + step;
        int before = libc_offset(low), after = libc_offset(high);
        if (before == after)
            continue;
        while (high - low > 1) {
            int64_t mid = low + (high - low) / 2;
            if (libc_offset(mid) == before)
                low = mid;
            else
                high = mid;
        }
        zone_change(high, after);
    }
    return true;
}

static int offset_at(int64_t at_s)
{
    size_t low = 0, high = zone.count;
    if (!high)
        return 0;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (zone.from_s[mid] <= at_s)
            low = mid;
        else
            high = mid;
    }
    return zone.offset_s[low];
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int zone_offset_s(instant t)
{
    return offset_at(floor_div(t.ms, 1000));
}

day day_of(instant t)
{
    return (day) { floor_div(t.ms + INT64_C(1000) * zone_offset_s(t), DAY_MS) };
}

/* Seconds of a wall clock, as if it were UTC, to real seconds. */
static int64_t from_wall(int64_t wall_s)
{
    int before = offset_at(wall_s - 86400), after = offset_at(wall_s + 86400);
    if (offset_at(wall_s - before) ==
        before) /* the offset before a change wins: a repeated time means the first */
        return wall_s - before;
    if (offset_at(wall_s - after) == after)
        return wall_s - after;
    return wall_s -
           before; /* skipped: as far behind the change as it was meant behind the old time */
}

instant day_start(day d)
{
    return (instant) { from_wall(d.n * 86400) * 1000 };
}

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
day day_from_ymd(int year, int month, int mday)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400), yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + mday - 1;
    return (day) { era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468 };
}

void day_to_ymd(day d, int *year, int *month, int *mday)
{
    int64_t z = d.n + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *mday = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

int day_weekday(day d)
{
    return (int)(((d.n + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

int month_days(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

bool ymd_valid(int year, int month, int mday)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && mday >= 1 &&
           mday <= month_days(year, month);
}

struct civil civil_of(instant t)
{
    int64_t wall = t.ms + INT64_C(1000) * zone_offset_s(t);
    day d = { floor_div(wall, DAY_MS) };
    int64_t in_day = wall - d.n * DAY_MS;
    struct civil c = { .hour = (int)(in_day / HOUR_MS),
                       .minute = (int)(in_day / MINUTE_MS % 60),
                       .second = (int)(in_day / SECOND_MS % 60),
                       .ms = (int)(in_day % SECOND_MS),
                       .weekday = day_weekday(d) };
    day_to_ymd(d, &c.year, &c.month, &c.day);
    return c;
}

instant civil_instant(struct civil c)
{
    int64_t wall =
        day_from_ymd(c.year, c.month, c.day).n * 86400 + c.hour * 3600 + c.minute * 60 + c.second;
    return (instant) { from_wall(wall) * 1000 + c.ms };
}

/* Reads exactly `width` digits. */
static bool digits(str *s, size_t width, int *ret)
{
    int n = 0;
    if (s->len < width)
        return false;
    for (size_t i = 0; i < width; i++) {
        if (s->ptr[i] < '0' || s->ptr[i] > '9')
            return false;
        n = n * 10 + (s->ptr[i] - '0');
    }
    *s = str_from(*s, width);
    *ret = n;
    return true;
}

static bool one_of(str *s, const char *chars)
{
    if (!s->len || !s->ptr[0] || !strchr(chars, s->ptr[0]))
        return false;
    *s = str_from(*s, 1);
    return true;
}

static bool ymd_part(str *s, day *ret)
{
    int y, m, d;
    if (!digits(s, 4, &y) || !one_of(s, "-") || !digits(s, 2, &m) || !one_of(s, "-") ||
        !digits(s, 2, &d) || !ymd_valid(y, m, d))
        return false;
    *ret = day_from_ymd(y, m, d);
    return true;
}

bool day_read(str s, day *ret)
{
    day d;
    if (!ymd_part(&s, &d) || s.len)
        return false;
    *ret = d;
    return true;
}

bool instant_read(str s, instant *ret)
{
    day d;
    int h, m, sec, ms = 0, off_h = 0, off_m = 0;
    if (!ymd_part(&s, &d) || !one_of(&s, "Tt ") || !digits(&s, 2, &h) || !one_of(&s, ":") ||
        !digits(&s, 2, &m) || !one_of(&s, ":") || !digits(&s, 2, &sec) || h > 23 || m > 59 ||
        sec > 60)
        return false;
    if (one_of(&s, ".")) {
        int place = 100, digit;
        if (!s.len || s.ptr[0] < '0' || s.ptr[0] > '9')
            return false;
        for (; digits(&s, 1, &digit); place /= 10)
            ms += digit * place;
    }
    bool minus = s.len && s.ptr[0] == '-';
    if (!one_of(&s, "Zz") && (!one_of(&s, "+-") || !digits(&s, 2, &off_h) || !one_of(&s, ":") ||
                              !digits(&s, 2, &off_m) || off_h > 23 || off_m > 59))
        return false;
    if (s.len)
        return false;
    int64_t offset = (off_h * 60 + off_m) * MINUTE_MS * (minus ? -1 : 1);
    *ret = (instant) { d.n * DAY_MS + h * HOUR_MS + m * MINUTE_MS + MIN(sec, 59) * SECOND_MS + ms -
                       offset };
    return true;
}

void out_day(struct strbuf *sb, day d)
{
    int y, m, md;
    day_to_ymd(d, &y, &m, &md);
    out_fmt(sb, "%04d-%02d-%02d", y, m, md);
}

static void two_digits(char *to, int64_t n)
{
    to[0] = (char)('0' + n / 10);
    to[1] = (char)('0' + n % 10);
}

void out_instant(struct strbuf *sb, instant t)
{
    day d = { floor_div(t.ms, DAY_MS) };
    int64_t in_day = t.ms - d.n * DAY_MS;
    int y, m, md;
    day_to_ymd(d, &y, &m, &md);
    char *to = strbuf_reserve(sb, 24);
    if (!to)
        return;
    y = MAX(0, MIN(y, 9999));
    two_digits(to, y / 100);
    two_digits(to + 2, y % 100);
    to[4] = '-';
    two_digits(to + 5, m);
    to[7] = '-';
    two_digits(to + 8, md);
    to[10] = 'T';
    two_digits(to + 11, in_day / HOUR_MS);
    to[13] = ':';
    two_digits(to + 14, in_day / MINUTE_MS % 60);
    to[16] = ':';
    two_digits(to + 17, in_day / SECOND_MS % 60);
    size_t len = 19;
    int64_t ms = in_day % SECOND_MS;
    if (ms) {
        to[len++] = '.';
        to[len++] = (char)('0' + ms / 100);
        two_digits(to + len, ms % 100);
        len += 2;
    }
    to[len++] = 'Z';
    sb->len += len;
}
