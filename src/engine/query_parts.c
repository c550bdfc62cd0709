#include "engine/query_internal.h"

#include "base/base.h"
#include "base/time.h"

#define SPAN_MAX_MS   (3660 * DAY_MS)
#define WINDOW_MAX_MS (366 * DAY_MS)
#define DEPTH_MAX     64              /* of the places in an error, not of the query */
#define NUMBER_DIGITS 3               /* behind the point: of QUERY_NUMBER_SCALE */
#define NUMBER_MAX    (INT64_MAX - 1) /* "gt" is one more */

static void out_place(struct strbuf *sb, const struct place *p, int depth)
{
    if (!p || depth == DEPTH_MAX)
        return;
    out_place(sb, p->up, depth + 1);
    if (p->key.ptr) {
        if (sb->len)
            out_c(sb, '.');
        out(sb, p->key);
    } else {
        out_fmt(sb, "[%zu]", p->index);
    }
}

bool bad(struct reader *r, const struct place *p, const char *reason, const char *zh)
{
    struct strbuf sb;
    strbuf_init(&sb, r->a, 4096);
    out_place(&sb, p, 0);
    *r->error = (struct query_error) { strbuf_str(&sb), reason, zh };
    return false;
}

bool object_read(struct reader *r, const struct place *p, const struct json *j,
                 const struct member *members, size_t count, void *to)
{
    if (j->kind != JSON_OBJECT)
        return bad(r, p, "an object is expected", "这里应是一个对象");
    for (const struct json *m = j->first; m; m = m->next) {
        struct place at = { p, m->key, 0 };
        size_t i = 0;
        while (i < count && !str_is(m->key, members[i].name))
            i++;
        if (i == count)
            return bad(r, &at, "there is no such member", "没有这一项");
        if (json_find(j, m->key) != m)
            return bad(r, &at, "it is there twice", "重复了");
        if (members[i].read && !members[i].read(r, &at, m, (char *)to + members[i].at))
            return false;
    }
    return true;
}

bool text_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    if (j->kind != JSON_STRING || !j->text.len || j->text.len > 1000)
        return bad(r, p, "a text is expected", "这里应是文本");
    *(str *)to = j->text;
    return true;
}

bool bool_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    if (j->kind != JSON_BOOL)
        return bad(r, p, "true or false is expected", "这里应是 true 或 false");
    *(bool *)to = j->yes;
    return true;
}

/* "90d", "12h", "30min", "45s"; "2w", "6m" (30 days each) and "1y" (365) as in other conditions. */
bool span_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct {
        const char *name;
        i64 ms;
    } units[] = { { "s", SECOND_MS },  { "min", MINUTE_MS }, { "h", HOUR_MS },     { "d", DAY_MS },
                  { "w", 7 * DAY_MS }, { "m", 30 * DAY_MS }, { "y", 365 * DAY_MS } };
    size_t digits = 0;
    i64 n = 0;
    while (j->kind == JSON_STRING && digits < j->text.len && j->text.ptr[digits] >= '0' &&
           j->text.ptr[digits] <= '9')
        digits++;
    bool whole = digits && str_to_i64(str_head(j->text, digits), &n) && n > 0;
    for (size_t i = 0; whole && i < COUNT(units); i++)
        if (str_is(str_from(j->text, digits), units[i].name) && n <= SPAN_MAX_MS / units[i].ms) {
            *(i64 *)to = n * units[i].ms;
            return true;
        }
    return bad(r, p, "a length of time is expected, as \"7d\", \"12h\", \"30min\" or \"45s\"",
               "这里应是时长，例如 \"7d\"、\"12h\"、\"30min\"、\"45s\"");
}

bool window_span_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return span_read(r, p, j, to) &&
           (*(i64 *)to <= WINDOW_MAX_MS || bad(r, p, "at most 366 days", "最多 366 天"));
}

bool instant_member(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    instant t = { 0 };
    day d;
    if (j->kind == JSON_STRING && day_read(j->text, &d))
        t = day_start(d);
    else if (j->kind != JSON_STRING || !instant_read(j->text, &t))
        return bad(r, p, "a day or an instant is expected",
                   "这里应是日期或时刻，例如 \"2026-01-01\"");
    if (!t.ms)
        t.ms = 1; /* 0 says: open */
    *(instant *)to = t;
    return true;
}

static size_t digits_of(str text, size_t at)
{
    size_t n = at;
    while (n < text.len && text.ptr[n] >= '0' && text.ptr[n] <= '9')
        n++;
    return n - at;
}

/* The first `wanted` digits of those on both sides of the point, as a number; noughts behind the
 * last. The next digit rounds. */
static bool digits_read(str whole, str part, i64 wanted, i64 *ret)
{
    i64 n = 0, count = (i64)(whole.len + part.len);
    for (i64 i = 0; i < wanted && (i < count || n); i++) {
        char c = i >= count           ? '0'
                 : i < (i64)whole.len ? whole.ptr[i]
                                      : part.ptr[i - (i64)whole.len];
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, c - '0', &n))
            return false;
    }
    if (n > NUMBER_MAX)
        return false;
    if (wanted >= 0 && wanted < count)
        n += (wanted < (i64)whole.len ? whole.ptr[wanted] : part.ptr[wanted - (i64)whole.len]) >=
             '5';
    *ret = n;
    return n <= NUMBER_MAX;
}

bool query_number_read(str text, i64 *ret)
{
    bool minus = text.len && text.ptr[0] == '-';
    str rest = str_from(text, minus), whole = str_head(rest, digits_of(rest, 0)), part = { 0 };
    i64 exponent = 0, n;
    rest = str_from(rest, whole.len);
    if (rest.len && rest.ptr[0] == '.') {
        part = str_head(str_from(rest, 1), digits_of(rest, 1));
        rest = str_from(rest, 1 + part.len);
        if (!part.len)
            return false;
    }
    if (rest.len > 1 && (rest.ptr[0] | 32) == 'e' && str_to_i64(str_from(rest, 1), &exponent))
        rest = STR_NONE;
    /* an exponent that long leaves nothing, or nothing but a nought */
    exponent = MAX(MIN(exponent, 1000000), -1000000);
    if (!whole.len || rest.len ||
        !digits_read(whole, part, (i64)whole.len + exponent + NUMBER_DIGITS, &n))
        return false;
    *ret = minus ? -n : n;
    return true;
}

bool whole_read(struct reader *r, const struct place *p, const struct json *j, i64 low, i64 high,
                i64 *ret)
{
    if (!json_i64(j, ret) || *ret < low || *ret > high)
        return bad(r, p, "a whole number within its bounds is expected", "这里应是范围内的整数");
    return true;
}

static bool value_read(struct reader *r, const struct place *p, const struct json *j,
                       struct value *ret)
{
    *ret = (struct value) { .number = j->yes };
    switch (j->kind) {
    case JSON_STRING: *ret = (struct value) { .kind = VALUE_TEXT, .text = j->text }; return true;
    case JSON_BOOL: ret->kind = VALUE_BOOL; return true;
    case JSON_NUMBER:
        ret->kind = VALUE_NUMBER;
        return query_number_read(j->text, &ret->number) || bad(r, p, "too large", "太大");
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT: break;
    }
    return bad(r, p, "a text, a number, true or false is expected",
               "这里应是文本、数字、true 或 false");
}

static int value_compare(const void *pa, const void *pb)
{
    const struct value *a = pa, *b = pb;
    if (a->kind == VALUE_TEXT)
        return str_cmp(a->text, b->text);
    return a->number < b->number ? -1 : a->number > b->number;
}

static bool values_read(struct reader *r, const struct place *p, const struct json *j, bool several,
                        struct compare *ret)
{
    if (several && (j->kind != JSON_ARRAY || !j->count || j->count > QUERY_VALUES_MAX))
        return bad(r, p, "a list of 1 to 500 values is expected", "这里应是 1 到 500 个值的列表");
    struct value *v = NEW_N(r->a, struct value, several ? j->count : 1);
    size_t n = 0;
    for (const struct json *m = several ? j->first : j; m; m = several ? m->next : NULL) {
        struct place at = { p, STR_NONE, n };
        if (!value_read(r, several ? &at : p, m, &v[n]))
            return false;
        if (v[n].kind != v[0].kind)
            return bad(r, &at, "values of one comparison are of one kind",
                       "同一条件的值应是同一类型");
        n++;
    }
    qsort(v, n, sizeof *v, value_compare);
    size_t kept = 1;
    for (size_t i = 1; i < n; i++)
        if (value_compare(&v[kept - 1], &v[i]) != 0)
            v[kept++] = v[i];
    ret->kind = v[0].kind;
    ret->values = v;
    ret->count = kept;
    return true;
}

/* The comparisons, and what they do. A condition has one; two bounds, or two instants, make one. */
enum op_word { WORD_VALUES, WORD_BOUND, WORD_EXISTS, WORD_PART, WORD_TIME, WORD_SINCE, WORD_UNTIL };
static const struct op_row {
    const char *name;
    enum op_word word;
    enum compare_op op;
    enum time_op time;
    bool several, low;
    int off; /* of the bound */
} op_rows[] = {
    { "eq", WORD_VALUES, COMPARE_IN },
    { "in", WORD_VALUES, COMPARE_IN, .several = true },
    { "ne", WORD_VALUES, COMPARE_NOT_IN },
    { "not_in", WORD_VALUES, COMPARE_NOT_IN, .several = true },
    { "gte", WORD_BOUND, COMPARE_RANGE, .low = true },
    { "gt", WORD_BOUND, COMPARE_RANGE, .low = true, .off = 1 },
    { "lte", WORD_BOUND, COMPARE_RANGE },
    { "lt", WORD_BOUND, COMPARE_RANGE, .off = -1 },
    { "exists", WORD_EXISTS, COMPARE_EXISTS },
    { "contains", WORD_PART, COMPARE_CONTAINS },
    { "starts", WORD_PART, COMPARE_STARTS },
    { "within", WORD_TIME, .time = TIME_WITHIN },
    { "before", WORD_TIME, .time = TIME_BEFORE },
    { "next", WORD_TIME, .time = TIME_NEXT },
    { "since", WORD_SINCE, .time = TIME_RANGE },
    { "until", WORD_UNTIL, .time = TIME_RANGE },
};

static const struct op_row *op_find(str name)
{
    for (size_t i = 0; i < COUNT(op_rows); i++)
        if (str_is(name, op_rows[i].name))
            return &op_rows[i];
    return NULL;
}

static bool bound_read(struct reader *r, const struct place *p, const struct json *j,
                       const struct op_row *row, struct compare *c)
{
    i64 n;
    if (j->kind != JSON_NUMBER || !query_number_read(j->text, &n))
        return bad(r, p, "a number is expected", "这里应是数字");
    i64 *to = row->low ? &c->low : &c->high;
    if (*to != NONE)
        return bad(r, p, "one bound on each side", "每一侧只能有一个界限");
    *to = n + row->off;
    c->kind = VALUE_NUMBER;
    return true;
}

static bool op_read(struct reader *r, const struct place *p, const struct json *j,
                    const struct op_row *row, struct compare *c, struct time_compare *time)
{
    c->op = row->op;
    if (row->time)
        time->op = row->time;
    switch (row->word) {
    case WORD_VALUES: return values_read(r, p, j, row->several, c);
    case WORD_BOUND: return bound_read(r, p, j, row, c);
    case WORD_EXISTS: return bool_read(r, p, j, &c->yes);
    case WORD_PART:
        c->values = NEW(r->a, struct value);
        c->count = 1;
        return text_read(r, p, j, &c->values->text);
    case WORD_TIME:
        return row->time == TIME_NEXT ? window_span_read(r, p, j, &time->span_ms)
                                      : span_read(r, p, j, &time->span_ms);
    case WORD_SINCE: return instant_member(r, p, j, &time->since);
    case WORD_UNTIL: return instant_member(r, p, j, &time->until);
    }
    return false;
}

static bool one_of(str name, const char *const *names)
{
    for (; names && *names; names++)
        if (str_is(name, *names))
            return true;
    return false;
}

/* Whether two comparisons of one condition are two sides of one. */
static bool one_pair(const struct op_row *a, const struct op_row *b)
{
    return (a->word == WORD_BOUND && b->word == WORD_BOUND) ||
           (a->time == TIME_RANGE && b->time == TIME_RANGE);
}

bool compare_read(struct reader *r, const struct place *p, const struct json *j,
                  const char *const *others, struct compare *c, struct time_compare *time)
{
    const struct op_row *found = NULL;
    *c = (struct compare) { .low = NONE, .high = NONE };
    for (const struct json *m = j->first; m; m = m->next) {
        struct place at = { p, m->key, 0 };
        const struct op_row *row = op_find(m->key);
        bool other = one_of(m->key, others);
        if (!other && (!row || (row->time && !time)))
            return bad(r, &at, "there is no such comparison", "没有这种比较");
        if (json_find(j, m->key) != m)
            return bad(r, &at, "it is there twice", "重复了");
        if (other)
            continue;
        if (found && !one_pair(found, row))
            return bad(r, &at, "one comparison a condition", "一个条件只能有一种比较");
        found = row;
        if (!op_read(r, &at, m, row, c, time))
            return false;
    }
    if (!found)
        return bad(r, p, "a comparison is missing", "缺少比较方式");
    if (c->low != NONE && c->high != NONE && c->low > c->high)
        return bad(r, p, "the bounds leave nothing between them", "下限大于上限");
    if (time && time->since.ms && time->until.ms && time->since.ms >= time->until.ms)
        return bad(r, p, "\"until\" is not after \"since\"", "until 应晚于 since");
    return true;
}

static bool where_one(struct reader *r, const struct place *p, const struct json *j,
                      struct where *ret)
{
    static const char *const others[] = { "prop", NULL };
    struct place at = { p, S("prop"), 0 };
    const struct json *prop = json_get(j, "prop");
    if (!prop)
        return bad(r, &at, "which property?", "缺少属性名");
    return text_read(r, &at, prop, &ret->prop) &&
           compare_read(r, p, j, others, &ret->compare, NULL);
}

bool where_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct match *m = to;
    if (j->kind != JSON_ARRAY || j->count > QUERY_WHERE_MAX)
        return bad(r, p, "a list of at most 20 conditions is expected",
                   "这里应是最多 20 个条件的列表");
    m->where = NEW_N(r->a, struct where, j->count);
    for (const struct json *one = j->first; one; one = one->next) {
        struct place at = { p, STR_NONE, m->where_count };
        if (!where_one(r, &at, one, &m->where[m->where_count++]))
            return false;
    }
    return true;
}

static int str_order(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

bool types_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct match *m = to;
    bool several = j->kind == JSON_ARRAY;
    if (several && (!j->count || j->count > QUERY_EVENTS_MAX))
        return bad(r, p, "1 to 50 kinds of event are expected", "这里应是 1 到 50 种事件");
    m->types = NEW_N(r->a, str, several ? j->count : 1);
    for (const struct json *one = several ? j->first : j; one; one = several ? one->next : NULL)
        if (!text_read(r, p, one, &m->types[m->type_count++]))
            return false;
    qsort(m->types, m->type_count, sizeof *m->types, str_order);
    size_t kept = 1;
    for (size_t i = 1; i < m->type_count; i++)
        if (!str_eq(m->types[kept - 1], m->types[i]))
            m->types[kept++] = m->types[i];
    m->type_count = kept;
    return true;
}

bool match_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = { { "event", types_read }, { "where", where_read } };
    struct match *m = to;
    *m = (struct match) { 0 };
    if (j->kind == JSON_STRING) /* a step may be said by its name alone */
        return types_read(r, p, j, m);
    if (!OBJECT(r, p, j, members, m))
        return false;
    return m->type_count || bad(r, p, "which event?", "缺少事件");
}

bool matches_read(struct reader *r, const struct place *p, const struct json *j, size_t least,
                  struct match_list *ret)
{
    if (j->kind != JSON_ARRAY || j->count < least || j->count > QUERY_STEPS_MAX)
        return bad(r, p, "2 to 20 steps are expected", "这里应是 2 到 20 步");
    ret->at = NEW_N(r->a, struct match, j->count);
    ret->count = 0;
    for (const struct json *one = j->first; one; one = one->next) {
        struct place at = { p, STR_NONE, ret->count };
        if (!match_read(r, &at, one, &ret->at[ret->count++]))
            return false;
    }
    return true;
}

bool word_read(struct reader *r, const struct place *p, const struct json *j,
               const char *const *words, int *ret)
{
    for (int i = 0; j->kind == JSON_STRING && words[i]; i++)
        if (str_is(j->text, words[i])) {
            *ret = i;
            return true;
        }
    return bad(r, p, "not one of the words that stand here", "不是这里可用的词");
}

uint64_t person_hash(i64 person)
{
    uint64_t z = (uint64_t)person + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

int random_place(i64 person)
{
    return (int)(person_hash(person) % 100);
}
