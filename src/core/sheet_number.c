#include "core/sheet_parts.h"

#include <math.h>

#include "base/time.h"

#define PLAIN                      \
    {                              \
        NUMBER_PLAIN, false, false \
    }
#define DATE                      \
    {                             \
        NUMBER_DATE, false, false \
    }
#define TIME                      \
    {                             \
        NUMBER_TIME, false, false \
    }
#define MOMENT                      \
    {                               \
        NUMBER_MOMENT, false, false \
    }

/* Formats that a workbook does not spell out: ECMA-376 part 1, 18.8.30, with the Chinese ones. */
static const struct {
    i64 from, to;
    struct number_format format;
} builtins[] = {
    { 14, 17, DATE },
    { 18, 21, TIME },
    { 22, 22, MOMENT },
    { 27, 31, DATE },
    { 32, 35, TIME },
    { 36, 36, DATE },
    { 45, 45, TIME },
    { 46, 46, { NUMBER_TIME, true, false } },
    { 47, 47, { NUMBER_TIME, false, true } },
    { 50, 54, DATE },
    { 55, 56, TIME },
    { 57, 58, DATE },
};

struct number_format number_format_builtin(i64 id)
{
    for (size_t i = 0; i < COUNT(builtins); i++)
        if (builtins[i].from <= id && id <= builtins[i].to)
            return builtins[i].format;
    return (struct number_format)PLAIN;
}

/* [h], [mm], [ss] count on past a day; other brackets hold colours, currencies, locales. */
static bool is_elapsed(str inside)
{
    for (size_t i = 1; i < inside.len; i++)
        if (inside.ptr[i] != inside.ptr[0])
            return false;
    return inside.len && strchr("hmsHMS", inside.ptr[0]) && inside.ptr[0];
}

/* Takes one token off the code and returns the letter of a date or time in it, or 0. */
static char next_letter(str *code, struct number_format *format)
{
    char c = code->ptr[0];
    size_t len = 1;
    if (c == '"') {
        len = 2 + str_find(str_from(*code, 1), '"');
        c = '\0';
    } else if (c == '\\' || c == '_' || c == '*') {
        len = 2;
        c = '\0';
    } else if (c == '[') {
        len = 1 + str_find(*code, ']');
        bool elapsed = is_elapsed(str_head(str_from(*code, 1), len - 2));
        format->elapsed |= elapsed;
        c = elapsed ? 'h' : '\0';
    } else if (str_ieq(str_head(*code, 7), S("general"))) {
        len = 7;
        c = '\0';
    } else if (str_ieq(str_head(*code, 5), S("am/pm"))) {
        len = 5;
        c = 'h';
    } else if (str_ieq(str_head(*code, 3), S("a/p"))) {
        len = 3;
        c = 'h';
    }
    *code = str_from(*code, len);
    return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

struct number_format number_format_read(str code)
{
    struct number_format format = PLAIN;
    bool date = false, time = false, month = false;
    while (code.len && code.ptr[0] != ';') {
        char c = next_letter(&code, &format);
        date |= c == 'y' || c == 'd' || c == 'a';
        time |= c == 'h' || c == 's';
        month |= c == 'm';
        format.fraction |= c == 's' && str_starts(code, S(".0"));
    }
    date |= month && !time;
    format.kind = date && time ? NUMBER_MOMENT
                  : date       ? NUMBER_DATE
                  : time       ? NUMBER_TIME
                               : NUMBER_PLAIN;
    return format;
}

/* Shown as it stands: whole numbers, and decimals without an exponent of at most 15 digits. */
static bool is_simple(str s)
{
    size_t points = 0, digits = 0;
    for (size_t i = s.len && s.ptr[0] == '-'; i < s.len; i++) {
        bool digit = s.ptr[i] >= '0' && s.ptr[i] <= '9', point = s.ptr[i] == '.' && digits;
        if (!digit && !point)
            return false;
        digits += digit;
        points += point;
    }
    return digits && (!points || (points == 1 && digits <= 15));
}

/* A whole number that doubles do not hold exactly: the fewest digits that read back the same, then
 * zeros, and not the digits that its binary form would add. */
static str large_text(double d, char to[NUMBER_TEXT_MAX])
{
    char digits[40];
    double back = 0;
    for (int more = 14; more <= 16 && back != d; more++) {
        (void)snprintf(digits, sizeof digits, "%.*e", more, fabs(d));
        back = copysign(strtod(digits, NULL), d);
    }
    const char *e = strchr(digits, 'e');
    int exponent = (int)strtol(e + 1, NULL, 10), len = 0;
    if (d < 0)
        to[len++] = '-';
    to[len++] = digits[0];
    for (int i = 0; i < exponent; i++)
        to[len++] = (char)(digits + 2 + i < e ? digits[2 + i] : '0');
    return (str) { to, (size_t)len };
}

/* As a spreadsheet shows it: whole numbers with all their digits, others with 15, which hides what
 * binary fractions add (0.30000000000000004). */
static str plain_text(double d, char to[NUMBER_TEXT_MAX])
{
    bool whole = fabs(d) < 1e21 && floor(d) == d;
    if (whole && fabs(d) >= 9007199254740992.0)
        return large_text(d, to);
    if (whole)
        return (str) { to, (size_t)snprintf(to, NUMBER_TEXT_MAX, "%.0f", d == 0 ? 0.0 : d) };
    int len = snprintf(to, NUMBER_TEXT_MAX, "%.15g", d);
    if (memchr(to, 'e', (size_t)len) && fabs(d) < 1 && fabs(d) > 1e-20) {
        int exponent = (int)floor(log10(fabs(d)));
        len = snprintf(to, NUMBER_TEXT_MAX, "%.*f", 14 - exponent, d);
        while (to[len - 1] == '0')
            len--;
    }
    return (str) { to, (size_t)len };
}

#define SERIAL_MAX 2958465 /* 9999-12-31 */

static int date_text(i64 serial, bool date1904, char *to, size_t size)
{
    int y, m, d;
    /* The first spreadsheets took 1900 for a leap year: day 60 never was. */
    if (!date1904 && serial == 60)
        return snprintf(to, size, "1900-02-29");
    day base = date1904      ? day_from_ymd(1904, 1, 1)
               : serial < 60 ? day_from_ymd(1899, 12, 31)
                             : day_from_ymd(1899, 12, 30);
    day_to_ymd((day) { base.n + serial }, &y, &m, &d);
    return snprintf(to, size, "%04d-%02d-%02d", y, m, d);
}

str number_text(str value, struct number_format format, bool date1904, char to[NUMBER_TEXT_MAX])
{
    double d = 0;
    if (format.kind == NUMBER_PLAIN && is_simple(value))
        return value;
    if (!str_to_f64(value, &d))
        return value;
    if (format.kind == NUMBER_PLAIN || d < 0 || d >= SERIAL_MAX + 1)
        return plain_text(d, to);
    i64 serial = (i64)d, ms = llround((d - (double)serial) * (double)DAY_MS);
    if (!format.fraction)
        ms = (ms + SECOND_MS / 2) / SECOND_MS * SECOND_MS;
    if (ms == DAY_MS) {
        serial++;
        ms = 0;
    }
    bool elapsed = format.kind == NUMBER_TIME && (serial == 0 || format.elapsed);
    int len = elapsed ? 0 : date_text(serial, date1904, to, NUMBER_TEXT_MAX);
    if (format.kind == NUMBER_DATE && ms == 0)
        return (str) { to, (size_t)len };
    i64 hours = ms / HOUR_MS + (elapsed ? serial * 24 : 0);
    len += snprintf(to + len, NUMBER_TEXT_MAX - (size_t)len, "%s%02d:%02d:%02d", elapsed ? "" : "T",
                    (int)hours, (int)(ms / MINUTE_MS % 60), (int)(ms / SECOND_MS % 60));
    if (ms % SECOND_MS)
        len += snprintf(to + len, NUMBER_TEXT_MAX - (size_t)len, ".%03d", (int)(ms % SECOND_MS));
    return (str) { to, (size_t)len };
}
