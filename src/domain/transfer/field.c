#include "domain/transfer/internal.h"

#include "base/money.h"
#include "base/time.h"
#include "base/utf8.h"

#include "import.sql.h"

void line_fault(struct line *l, enum reason why, const struct transfer_field *field)
{
    if (l->why != REASON_NONE)
        return;
    l->why = why;
    l->field = field ? field->key : NULL;
}

str field_text(const struct import_run *run, struct line *l, size_t field)
{
    const struct transfer_field *f = &run->fields[field];
    str text = sheet_plain(cell(run, l, field));
    if (!text.len && f->required)
        line_fault(l, REASON_REQUIRED, f);
    if (f->max && (i64)text.len > f->max && (i64)utf8_count(text) > f->max)
        line_fault(l, REASON_TOO_LONG, f);
    return text;
}

str field_identifier(const struct import_run *run, struct line *l, size_t field)
{
    str text = field_text(run, l, field), whole = str_head(text, text.len - MIN(text.len, 2));
    i64 n;
    return whole.len && str_ends(text, S(".0")) && str_to_i64(whole, &n) ? whole : text;
}

/* Digits in groups of three; decimal_read() knows no commas. */
static bool without_commas(struct arena *a, str text, str *ret)
{
    char *to = arena_alloc(a, text.len + 1);
    size_t len = 0, group = 0;
    bool comma = false, point = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ',') {
            if (point || (comma ? group != 3 : group < 1 || group > 3))
                return false;
            comma = true;
            group = 0;
            continue;
        }
        if (c == '.') {
            if (comma && !point && group != 3)
                return false;
            point = true;
        }
        group += c >= '0' && c <= '9' && !point;
        to[len++] = c;
    }
    *ret = (str) { to, len };
    return !comma || point || group == 3;
}

bool number_read(struct arena *a, str text, struct decimal *ret)
{
    static const char *const before[] = { "¥", "￥", "$", "£", "€" }, *const behind[] = { "元" };
    bool minus = text.len && text.ptr[0] == '-';
    str rest = minus ? str_from(text, 1) : text;
    if (decimal_read(text, ret))
        return true;
    for (size_t i = 0; i < COUNT(before); i++)
        if (str_starts(rest, str_of(before[i])))
            rest = str_from(rest, strlen(before[i]));
    for (size_t i = 0; i < COUNT(behind); i++)
        if (str_ends(rest, str_of(behind[i])))
            rest = str_head(rest, rest.len - strlen(behind[i]));
    rest = str_trim(rest);
    if (minus && rest.len && (rest.ptr[0] == '-' || rest.ptr[0] == '+'))
        return false;
    if (!without_commas(a, rest, &rest) || !decimal_read(rest, ret))
        return false;
    ret->digits = minus ? -ret->digits : ret->digits;
    return true;
}

bool decimal_scaled(struct decimal d, int scale, i64 *ret)
{
    i64 n = d.digits;
    for (; d.scale > scale; d.scale--) {
        if (n % 10)
            return false;
        n /= 10;
    }
    for (; d.scale < scale; d.scale++)
        if (__builtin_mul_overflow(n, 10, &n))
            return false;
    *ret = n;
    return true;
}

/* Digits from *at on, at least one and at most `most`. */
static bool digits(str s, size_t *at, int most, int *ret)
{
    int n = 0, count = 0;
    while (*at < s.len && count < most && s.ptr[*at] >= '0' && s.ptr[*at] <= '9') {
        n = n * 10 + s.ptr[(*at)++] - '0';
        count++;
    }
    *ret = n;
    return count > 0;
}

static bool sign(str s, size_t *at, const char *mark)
{
    if (!str_starts(str_from(s, *at), str_of(mark)))
        return false;
    *at += strlen(mark);
    return true;
}

static bool all_digits(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return s.len > 0;
}

/* 2026-3-1, 2026/03/01, 2026.3.1, 2026年3月1日. */
static bool date_parts(str s, size_t *at, struct civil *c)
{
    static const char *const marks[][3] = {
        { "-", "-", "" }, { "/", "/", "" }, { ".", ".", "" }, { "年", "月", "日" }
    };
    if (!digits(s, at, 4, &c->year) || *at != 4)
        return false;
    for (size_t i = 0; i < COUNT(marks); i++)
        if (sign(s, at, marks[i][0]))
            return digits(s, at, 2, &c->month) && sign(s, at, marks[i][1]) &&
                   digits(s, at, 2, &c->day) && sign(s, at, marks[i][2]);
    return false;
}

static bool clock_parts(str s, size_t *at, struct civil *c)
{
    int fraction;
    if (!digits(s, at, 2, &c->hour) || !sign(s, at, ":") || !digits(s, at, 2, &c->minute))
        return false;
    if (*at < s.len && (!sign(s, at, ":") || !digits(s, at, 2, &c->second)))
        return false;
    return *at == s.len || (sign(s, at, ".") && digits(s, at, 9, &fraction) && *at == s.len);
}

/* 20260301, 20260301083000. */
static bool packed(str s, struct civil *c)
{
    size_t at = 0;
    bool time = s.len == 14;
    if ((s.len != 8 && !time) || !all_digits(s))
        return false;
    return digits(s, &at, 4, &c->year) && digits(s, &at, 2, &c->month) &&
           digits(s, &at, 2, &c->day) &&
           (!time || (digits(s, &at, 2, &c->hour) && digits(s, &at, 2, &c->minute) &&
                      digits(s, &at, 2, &c->second)));
}

static bool civil_read(str s, struct civil *c)
{
    size_t at = 0;
    if (!packed(s, c)) {
        if (!date_parts(s, &at, c))
            return false;
        if (at < s.len) {
            bool gap = sign(s, &at, "T") || sign(s, &at, " ");
            while (gap && sign(s, &at, " "))
                ;
            if (!gap || !clock_parts(s, &at, c))
                return false;
        }
    }
    return c->year >= 1900 && c->year <= 2100 && ymd_valid(c->year, c->month, c->day) &&
           c->hour < 24 && c->minute < 60 && c->second < 60;
}

bool time_read(str text, instant *ret)
{
    struct civil c = { 0 };
    if (civil_read(text, &c)) {
        *ret = civil_instant(c);
        return true;
    }
    return instant_read(text, ret);
}

bool date_read(str text, day *ret)
{
    struct civil c = { 0 };
    if (!civil_read(text, &c))
        return false;
    *ret = day_from_ymd(c.year, c.month, c.day);
    return true;
}

i64 name_hash(str text)
{
    char lower[256];
    text = str_head(str_trim(text), sizeof lower);
    for (size_t i = 0; i < text.len; i++)
        lower[i] =
            (char)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] + 32 : text.ptr[i]);
    return (i64)(str_hash((str) { lower, text.len }) >> 1);
}

static void remember(struct map *m, str name, i64 id)
{
    if (!name.len)
        return;
    i64 *known = map_put(m, name_hash(name));
    *known = *known && *known != id ? -1 : id;
}

/* Codes and logins first: what they say is never made uncertain by a name. */
static enum err load(struct ctx *cx, const struct sql *codes, const struct sql *names,
                     struct map *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(db_query(cx->db, names, &r, NULL, 0));
    while (rows_next(&r))
        remember(ret, col_str(&r, 1), col_id(&r, 0));
    TRY(rows_end(&r));
    TRY(db_query(cx->db, codes, &r, NULL, 0));
    while (rows_next(&r))
        if (col_str(&r, 1).len)
            *map_put(ret, name_hash(col_str(&r, 1))) = col_id(&r, 0);
    return rows_end(&r);
}

enum err places_load(struct ctx *cx, struct import_run *run)
{
    TRY(load(cx, &SQL_import_department_codes, &SQL_import_department_names, &run->departments));
    TRY(load(cx, &SQL_import_staff_logins, &SQL_import_staff_names, &run->staff));
    return load(cx, &SQL_import_tag_keys, &SQL_import_tag_names, &run->tags);
}

static enum reason look_up(const struct map *m, str text, enum reason otherwise, i64 *ret)
{
    const i64 *id = text.len ? map_get(m, name_hash(text)) : NULL;
    *ret = id ? *id : 0;
    return !text.len || *ret > 0 ? REASON_NONE : otherwise;
}

enum reason place_of(const struct import_run *run, str text, department_id *ret)
{
    return look_up(&run->departments, text, REASON_PLACE, &ret->v);
}

enum reason staff_of(const struct import_run *run, str text, staff_id *ret)
{
    return look_up(&run->staff, text, REASON_STAFF, &ret->v);
}

enum err identities_usable(struct ctx *cx, struct identity_in *ids, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        bool blocked = true;
        str key, normal;
        if (identity_key(cx, &ids[i], &key, &normal))
            TRY(identity_blocked(cx, ids[i].kind, key, normal, &blocked));
        if (!blocked)
            ids[kept++] = ids[i];
    }
    *count = kept;
    return OK;
}
