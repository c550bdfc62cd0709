#include "base/json.h"
#include "base/base.h"
#include "base/time.h"
#include "base/utf8.h"

struct reader {
    struct arena *arena;
    str in;
    size_t at;
    const char *reason;
};

static struct json *value(struct reader *r, int depth);

static struct json *stop(struct reader *r, const char *reason)
{
    if (!r->reason)
        r->reason = reason;
    return NULL;
}

static void skip_space(struct reader *r)
{
    while (r->at < r->in.len) {
        char c = r->in.ptr[r->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return;
        r->at++;
    }
}

static char peek(const struct reader *r)
{
    return r->at < r->in.len ? r->in.ptr[r->at] : '\0';
}

static struct json *node(struct reader *r, enum json_kind kind)
{
    struct json *j = NEW(r->arena, struct json);
    j->kind = kind;
    j->at = (uint32_t)r->at;
    return j;
}

static bool hex4(struct reader *r, uint32_t *ret)
{
    uint8_t bytes[2];
    if (r->in.len - r->at < 4 || !str_from_hex((str) { r->in.ptr + r->at, 4 }, bytes, 2))
        return false;
    r->at += 4;
    *ret = (uint32_t)bytes[0] << 8 | bytes[1];
    return true;
}

/* Behind a backslash. Writes at most 4 bytes, never more than the escape is long. */
static bool escape(struct reader *r, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char c = peek(r);
    const char *known = c ? strchr(from, c) : NULL;
    r->at++;
    if (known) {
        *(*to)++ = into[known - from];
        return true;
    }
    uint32_t code, low;
    if (c != 'u' || !hex4(r, &code))
        return stop(r, "unknown escape"), false;
    if (code >= 0xd800 && code <= 0xdbff) {
        if (peek(r) != '\\' || r->at + 1 >= r->in.len || r->in.ptr[r->at + 1] != 'u')
            return stop(r, "half of a surrogate pair"), false;
        r->at += 2;
        if (!hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
            return stop(r, "half of a surrogate pair"), false;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return stop(r, "half of a surrogate pair"), false;
    }
    if (code == 0)
        return stop(r, "NUL character in a text"), false;
    *to += utf8_put(code, *to);
    return true;
}

static bool text(struct reader *r, str *ret)
{
    size_t from = ++r->at;
    r->at += utf8_plain(r->in, r->at, false);
    if (peek(r) == '"') {
        *ret = (str) { r->in.ptr + from, r->at++ - from };
        return true;
    }
    size_t end = r->at; /* of the quoted part, to know how much the text can need */
    while (end < r->in.len && r->in.ptr[end] != '"')
        end += r->in.ptr[end] == '\\' ? 2 : 1;
    if (end >= r->in.len) {
        r->at = r->in.len;
        return stop(r, "a text without its closing quote"), false;
    }
    char *start = arena_alloc(r->arena, end - from + 1), *to = start;
    size_t run = r->at - from;
    memcpy(to, r->in.ptr + from, run);
    to += run;
    while (r->at < end) {
        char c = r->in.ptr[r->at];
        if ((unsigned char)c < 0x20)
            return stop(r, "control character in a text"), false;
        r->at++;
        if (c == '\\') {
            if (!escape(r, &to))
                return false;
            continue;
        }
        r->at--;
        run = utf8_plain(r->in, r->at, false);
        memcpy(to, r->in.ptr + r->at, run);
        to += run;
        r->at += run;
    }
    r->at = end + 1;
    *ret = (str) { start, (size_t)(to - start) };
    return true;
}

static bool digits(struct reader *r)
{
    size_t from = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return r->at > from;
}

static struct json *number(struct reader *r)
{
    struct json *j = node(r, JSON_NUMBER);
    if (peek(r) == '-')
        r->at++;
    if (peek(r) == '0')
        r->at++;
    else if (!digits(r))
        return stop(r, "not a value");
    if (peek(r) == '.' && (r->at++, !digits(r)))
        return stop(r, "a number that ends in a point");
    if (peek(r) == 'e' || peek(r) == 'E') {
        r->at++;
        if (peek(r) == '+' || peek(r) == '-')
            r->at++;
        if (!digits(r))
            return stop(r, "a number with an empty exponent");
    }
    j->text = (str) { r->in.ptr + j->at, r->at - j->at };
    return j;
}

static struct json *word(struct reader *r, str expected, enum json_kind kind, bool yes)
{
    struct json *j = node(r, kind);
    if (!str_starts(str_from(r->in, r->at), expected))
        return stop(r, "not a value");
    r->at += expected.len;
    j->yes = yes;
    return j;
}

static struct json *members(struct reader *r, enum json_kind kind, int depth)
{
    bool object = kind == JSON_OBJECT;
    char close = object ? '}' : ']';
    struct json *j = node(r, kind), **link = &j->first;
    r->at++;
    if (depth == JSON_DEPTH_MAX)
        return stop(r, "nested too deeply");
    skip_space(r);
    if (peek(r) == close) {
        r->at++;
        return j;
    }
    for (;;) {
        str key = STR_NONE;
        skip_space(r);
        if (object) {
            if (peek(r) != '"')
                return stop(r, "a member must begin with its name in quotes");
            if (!text(r, &key))
                return NULL;
            skip_space(r);
            if (peek(r) != ':')
                return stop(r, "a colon is missing");
            r->at++;
        }
        struct json *member = value(r, depth + 1);
        if (!member)
            return NULL;
        member->key = key;
        *link = member;
        link = &member->next;
        j->count++;
        skip_space(r);
        char c = peek(r);
        if (c == close) {
            r->at++;
            return j;
        }
        if (c != ',')
            return stop(r, object ? "a comma or } is missing" : "a comma or ] is missing");
        r->at++;
    }
}

static struct json *bare_value(struct reader *r, int depth)
{
    struct json *j;
    switch (peek(r)) {
    case '{': return members(r, JSON_OBJECT, depth);
    case '[': return members(r, JSON_ARRAY, depth);
    case '"': j = node(r, JSON_STRING); return text(r, &j->text) ? j : NULL;
    case 't': return word(r, S("true"), JSON_BOOL, true);
    case 'f': return word(r, S("false"), JSON_BOOL, false);
    case 'n': return word(r, S("null"), JSON_NULL, false);
    default: return r->at == r->in.len ? stop(r, "the text ends too early") : number(r);
    }
}

static struct json *value(struct reader *r, int depth)
{
    skip_space(r);
    struct json *j = bare_value(r, depth);
    if (j)
        j->end = (uint32_t)r->at;
    return j;
}

static const char *in_chinese(const char *reason)
{
    static const char *const pairs[][2] = {
        { "unknown escape", "未知的转义" },
        { "half of a surrogate pair", "代理对不完整" },
        { "NUL character in a text", "文本中有空字符" },
        { "a text without its closing quote", "文本缺少结束引号" },
        { "control character in a text", "文本中有控制字符" },
        { "not a value", "不是合法的值" },
        { "a number that ends in a point", "数字以小数点结尾" },
        { "a number with an empty exponent", "指数为空" },
        { "nested too deeply", "嵌套过深" },
        { "a member must begin with its name in quotes", "成员须以带引号的名称开头" },
        { "a colon is missing", "缺少冒号" },
        { "a comma or } is missing", "缺少逗号或 }" },
        { "a comma or ] is missing", "缺少逗号或 ]" },
        { "the text ends too early", "内容不完整" },
        { "too long", "太长" },
        { "bytes that are not UTF-8", "不是 UTF-8 编码" },
        { "more text behind the value", "值之后还有内容" },
    };
    for (size_t i = 0; i < COUNT(pairs); i++)
        if (strcmp(pairs[i][0], reason) == 0)
            return pairs[i][1];
    return reason;
}

static struct json *failed(str in, size_t at, const char *reason, struct json_error *ret)
{
    struct json_error e = { .reason = reason,
                            .reason_zh = in_chinese(reason),
                            .at = (uint32_t)MIN(at, in.len),
                            .line = 1 };
    size_t line_from = 0;
    for (size_t i = 0; i < e.at; i++)
        if (in.ptr[i] == '\n') {
            e.line++;
            line_from = i + 1;
        }
    e.column = (uint32_t)utf8_count((str) { in.ptr + line_from, e.at - line_from }) + 1;
    *ret = e;
    return NULL;
}

struct json *json_read(struct arena *a, str in, struct json_error *ret_error)
{
    struct reader r = { .arena = a, .in = in };
    size_t bad;
    if (in.len >= UINT32_MAX)
        return failed(in, 0, "too long", ret_error);
    if (!utf8_valid(in, &bad))
        return failed(in, bad, "bytes that are not UTF-8", ret_error);
    struct json *j = value(&r, 0);
    if (j)
        skip_space(&r);
    if (j && r.at < in.len)
        j = stop(&r, "more text behind the value");
    return j ? j : failed(in, r.at, r.reason, ret_error);
}

struct json *json_find(const struct json *object, str key)
{
    struct json *found = NULL;
    if (object && object->kind == JSON_OBJECT)
        for (struct json *m = object->first; m; m = m->next)
            if (str_eq(m->key, key))
                found = m;
    return found;
}

struct json *json_get(const struct json *object, const char *key)
{
    return json_find(object, str_of(key));
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = { "null",   "true or false", "a number",
                                         "a text", "a list",        "an object" };
    return names[kind];
}

bool json_i64(const struct json *j, int64_t *ret)
{
    if (!j || j->kind != JSON_NUMBER)
        return false;
    double d;
    if (str_to_i64(j->text, ret))
        return true;
    if (!str_to_f64(j->text, &d) || d < -(double)I53_MAX || d > (double)I53_MAX ||
        d != (double)(int64_t)d)
        return false;
    *ret = (int64_t)d;
    return true;
}

void out_json_value(struct strbuf *sb, const struct json *j)
{
    switch (j->kind) {
    case JSON_NULL: out(sb, S("null")); return;
    case JSON_BOOL: out(sb, j->yes ? S("true") : S("false")); return;
    case JSON_NUMBER: out(sb, j->text); return;
    case JSON_STRING: out_json(sb, j->text); return;
    case JSON_ARRAY:
    case JSON_OBJECT: break;
    }
    bool object = j->kind == JSON_OBJECT;
    out_c(sb, object ? '{' : '[');
    for (const struct json *m = j->first; m; m = m->next) {
        if (object) {
            out_json(sb, m->key);
            out_c(sb, ':');
        }
        out_json_value(sb, m);
        if (m->next)
            out_c(sb, ',');
    }
    out_c(sb, object ? '}' : ']');
}

static void pretty(struct strbuf *sb, const struct json *j, int level)
{
    bool object = j->kind == JSON_OBJECT;
    if ((!object && j->kind != JSON_ARRAY) || !j->first) {
        out_json_value(sb, j);
        return;
    }
    out_c(sb, object ? '{' : '[');
    for (const struct json *m = j->first; m; m = m->next) {
        out_fmt(sb, "\n%*s", 2 * (level + 1), "");
        if (object) {
            out_json(sb, m->key);
            out(sb, S(": "));
        }
        pretty(sb, m, level + 1);
        if (m->next)
            out_c(sb, ',');
    }
    out_fmt(sb, "\n%*s", 2 * level, "");
    out_c(sb, object ? '}' : ']');
}

void out_json_pretty(struct strbuf *sb, const struct json *j)
{
    pretty(sb, j, 0);
}

struct json_writer json_writer(struct strbuf *sb)
{
    return (struct json_writer) { .sb = sb };
}

void json_done(const struct json_writer *w)
{
    assert(w->depth == 0);
}

static void lead(struct json_writer *w, const char *key)
{
    uint64_t bit = UINT64_C(1) << w->depth;
    if (w->has_member & bit)
        out_c(w->sb, ',');
    w->has_member |= bit;
    if (key) {
        out_json(w->sb, str_of(key));
        out_c(w->sb, ':');
    }
}

static void enter(struct json_writer *w, const char *key, char c)
{
    lead(w, key);
    out_c(w->sb, c);
    assert(w->depth < 62);
    w->depth++;
    w->has_member &= ~(UINT64_C(1) << w->depth);
}

static void leave(struct json_writer *w, char c)
{
    assert(w->depth > 0);
    w->depth--;
    out_c(w->sb, c);
}

void json_open(struct json_writer *w, const char *key)
{
    enter(w, key, '{');
}

void json_close(struct json_writer *w)
{
    leave(w, '}');
}

void json_list(struct json_writer *w, const char *key)
{
    enter(w, key, '[');
}

void json_list_end(struct json_writer *w)
{
    leave(w, ']');
}

void json_val(struct json_writer *w, const char *key, struct val v)
{
    lead(w, key);
    out_val_json(w->sb, v);
}

void json_time(struct json_writer *w, const char *key, instant t)
{
    lead(w, key);
    if (!t.ms) {
        out(w->sb, S("null"));
        return;
    }
    out_c(w->sb, '"');
    out_instant(w->sb, t);
    out_c(w->sb, '"');
}

void json_day(struct json_writer *w, const char *key, day d)
{
    lead(w, key);
    if (d.n == NONE) {
        out(w->sb, S("null"));
        return;
    }
    out_c(w->sb, '"');
    out_day(w->sb, d);
    out_c(w->sb, '"');
}

void json_raw(struct json_writer *w, const char *key, str json)
{
    lead(w, key);
    out(w->sb, json.ptr ? json : S("null"));
}
