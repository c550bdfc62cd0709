#include "core/schema.h"

#include "base/time.h"
#include "base/utf8.h"
#include "core/ctx.h"

static const size_t type_size[] = {
    [FT_str] = sizeof(str),         [FT_i64] = sizeof(i64),     [FT_f64] = sizeof(f64),
    [FT_boolean] = sizeof(boolean), [FT_money] = sizeof(money), [FT_instant] = sizeof(instant),
    [FT_day] = sizeof(day),         [FT_id] = sizeof(i64),      [FT_json] = sizeof(json),
    [FT_doc] = sizeof(doc),         [FT_list] = sizeof(list),   [FT_obj] = sizeof(obj),
};

static void *member(const struct field *f, void *base)
{
    return (char *)base + f->at;
}

static const void *member_of(const struct field *f, const void *base)
{
    return (const char *)base + f->at;
}

const struct field *schema_field(const struct schema *s, str name)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_is(name, s->fields[i].name))
            return &s->fields[i];
    return NULL;
}

static void clear(enum field_type type, void *to)
{
    memset(to, 0, type_size[type]);
    switch (type) {
    case FT_i64: *(i64 *)to = NONE; break;
    case FT_f64: *(f64 *)to = __builtin_nan(""); break;
    case FT_money: ((money *)to)->fen = NONE; break;
    case FT_day: ((day *)to)->n = NONE; break;
    case FT_str:
    case FT_boolean:
    case FT_instant:
    case FT_id:
    case FT_json:
    case FT_doc:
    case FT_list:
    case FT_obj: break;
    }
}

void schema_clear(const struct schema *s, void *ret)
{
    *(struct schema_head *)ret = (struct schema_head) { 0 };
    for (size_t i = 0; i < s->count; i++)
        clear(s->fields[i].type, member(&s->fields[i], ret));
}

/* What a reader is told to send. */
static const char *expected(const struct field *f, enum lang lang)
{
    static const struct {
        const char *zh, *en;
    } words[] = {
        [FT_str] = { "文本", "a text" },
        [FT_i64] = { "整数", "a whole number" },
        [FT_money] = { "整数（分）", "a whole number (hundredths)" },
        [FT_f64] = { "数字", "a number" },
        [FT_boolean] = { "true 或 false", "true or false" },
        [FT_instant] = { "形如 2026-03-01T08:00:00Z 的时间",
                         "a time such as 2026-03-01T08:00:00Z" },
        [FT_day] = { "形如 2026-03-01 的日期", "a date such as 2026-03-01" },
        [FT_id] = { "编号", "the number of an entry" },
        [FT_json] = { "JSON", "JSON" },
        [FT_doc] = { "JSON", "JSON" },
        [FT_list] = { "列表", "a list" },
        [FT_obj] = { "对象", "an object" },
    };
    return lang == LANG_ZH ? words[f->type].zh : words[f->type].en;
}

static enum err wrong(struct ctx *cx, const struct field *f, str path)
{
    return fail_with(cx, ERR_WRONG_TYPE, path, BARE_PROPS(P("expected", expected(f, cx->lang))));
}

static bool is_key(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'))
            return false;
    }
    return s.len > 0;
}

static bool is_email(str s)
{
    size_t at = str_find(s, '@');
    str domain = str_from(s, at + 1);
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ')
            return false;
    return at > 0 && at < s.len && domain.len >= 3 && str_find(domain, '.') < domain.len - 1 &&
           str_find(domain, '@') == domain.len;
}

static bool is_color(str s)
{
    uint8_t rgb[3];
    return s.len == 7 && s.ptr[0] == '#' && str_from_hex(str_from(s, 1), rgb, 3);
}

static bool format_ok(const char *format, str s)
{
    str name = str_of(format);
    if (str_is(name, "email"))
        return is_email(s);
    if (str_is(name, "color"))
        return is_color(s);
    if (str_is(name, "key"))
        return is_key(s);
    if (str_is(name, "url"))
        return (str_starts(s, S("http://")) || str_starts(s, S("https://"))) && s.len > 10;
    assert(false && "a format nobody knows");
    return false;
}

static const char *format_example(const char *format)
{
    str name = str_of(format);
    return str_is(name, "email")   ? "name@example.com"
           : str_is(name, "color") ? "#1a7f5a"
           : str_is(name, "key")   ? "a-z 0-9 _ - ."
                                   : "https://example.com/";
}

static enum err bad_choice(struct ctx *cx, const struct field *f, str path)
{
    struct strbuf all;
    strbuf_init(&all, cx->arena, 4096);
    for (size_t i = 0; f->choices[i]; i++)
        out_fmt(&all, "%s%s", i ? ", " : "", f->choices[i]);
    return fail_with(cx, ERR_BAD_CHOICE, path, BARE_PROPS(P("choices", strbuf_str(&all))));
}

static enum err check_text(struct ctx *cx, const struct field *f, str s, str path)
{
    size_t max = f->max ? (size_t)f->max : 1000, n = utf8_count(s);
    for (size_t i = 0; i < s.len;
         i++) /* NUL is refused by the JSON reader; the rest of the control characters here */
        if ((unsigned char)s.ptr[i] < 0x20 && s.ptr[i] != '\n' && s.ptr[i] != '\t' &&
            s.ptr[i] != '\r')
            return fail_with(
                cx, ERR_BAD_FORMAT, path,
                BARE_PROPS(P("expected", cx->lang == LANG_ZH ? "不含控制字符的文本"
                                                             : "text without control characters")));
    if (n > max)
        return fail_with(cx, ERR_TOO_LONG, path, BARE_PROPS(P("max", (i64)max)));
    if (f->required && str_trim(s).len == 0)
        return fail_with(cx, ERR_REQUIRED, path, NULL, 0);
    if (n < (size_t)f->min)
        return fail_with(cx, ERR_TOO_SHORT, path, BARE_PROPS(P("min", f->min)));
    if (f->choices) {
        size_t i = 0;
        while (f->choices[i] && !str_is(s, f->choices[i]))
            i++;
        if (!f->choices[i])
            return bad_choice(cx, f, path);
    }
    if (f->format && s.len && !format_ok(f->format, s))
        return fail_with(cx, ERR_BAD_FORMAT, path,
                         BARE_PROPS(P("expected", format_example(f->format))));
    return OK;
}

static enum err check_number(struct ctx *cx, const struct field *f, i64 n, str path)
{
    i64 min = f->min || f->max   ? f->min
              : f->type == FT_id ? 1
                                 : -I53_MAX,
        max = f->max ? f->max : I53_MAX;
    if (n < min || n > max)
        return fail_with(cx, ERR_OUT_OF_RANGE, path, BARE_PROPS(P("min", min), P("max", max)));
    return OK;
}

static str path_of(struct ctx *cx, const char *name)
{
    return cx->path.len ? arena_fmt(cx->arena, "%.*s.%s", STR_ARG(cx->path), name) : str_of(name);
}

static enum err read_value(struct ctx *cx, const struct field *f, const struct json *j, void *to,
                           str path);

static enum err read_list(struct ctx *cx, const struct field *f, const struct json *j, list *ret,
                          str path)
{
    if (j->kind != JSON_ARRAY)
        return wrong(cx, f, path);
    i64 max = f->max ? f->max : 1000;
    if (j->count > max)
        return fail_with(cx, ERR_TOO_MANY, path, BARE_PROPS(P("max", max)));
    if (f->min && j->count < f->min)
        return fail_with(cx, ERR_REQUIRED, path, NULL, 0);
    size_t size = f->of ? f->of->size : type_size[f->of_type];
    char *at = arena_zero(cx->arena, MAX(j->count, 1), size);
    size_t n = 0;
    const struct field each = { .name = f->name,
                                .type = f->of ? FT_obj : f->of_type,
                                .choices = f->choices,
                                .format = f->format };
    for (const struct json *m = j->first; m; m = m->next, n++) {
        str here = arena_fmt(cx->arena, "%.*s[%zu]", STR_ARG(path), n);
        if (f->of) {
            str outer = cx->path;
            cx->path = here;
            TRY(schema_read(cx, f->of, m, at + n * size));
            cx->path = outer;
        } else {
            TRY(read_value(cx, &each, m, at + n * size, here));
        }
    }
    *ret = (list) { at, n };
    return OK;
}

static enum err read_value(struct ctx *cx, const struct field *f, const struct json *j, void *to,
                           str path)
{
    i64 n;
    switch (f->type) {
    case FT_str:
        if (j->kind != JSON_STRING)
            return wrong(cx, f, path);
        *(str *)to = j->text;
        return check_text(cx, f, j->text, path);
    case FT_i64:
    case FT_money:
    case FT_id:
        if (!json_i64(j, &n))
            return wrong(cx, f, path);
        *(i64 *)to = n; /* money and ids are structs of one i64 */
        return check_number(cx, f, n, path);
    case FT_f64:
        if (j->kind != JSON_NUMBER || !str_to_f64(j->text, to))
            return wrong(cx, f, path);
        return OK;
    case FT_boolean:
        if (j->kind != JSON_BOOL)
            return wrong(cx, f, path);
        *(bool *)to = j->yes;
        return OK;
    case FT_instant:
        return j->kind == JSON_STRING && instant_read(j->text, to) ? OK : wrong(cx, f, path);
    case FT_day: return j->kind == JSON_STRING && day_read(j->text, to) ? OK : wrong(cx, f, path);
    case FT_json: {
        struct strbuf text;
        strbuf_init(&text, cx->arena, 1 << 20);
        out_json_value(&text, j);
        *(json *)to = strbuf_str(&text);
        return OK;
    }
    case FT_doc: *(doc *)to = j; return OK;
    case FT_list: return read_list(cx, f, j, to, path);
    case FT_obj: {
        void *inner = arena_zero(cx->arena, 1, f->of->size);
        str outer = cx->path;
        cx->path = path;
        TRY(schema_read(cx, f->of, j, inner));
        cx->path = outer;
        *(obj *)to = inner;
        return OK;
    }
    }
    return OK;
}

static enum err read_field(struct ctx *cx, const struct schema *s, const struct field *f,
                           const struct json *j, void *ret)
{
    struct schema_head *head = ret;
    uint64_t bit = UINT64_C(1) << (f - s->fields);
    str path = path_of(cx, f->name);
    if (j->kind == JSON_NULL && f->type != FT_json && f->type != FT_doc) {
        if (!f->nullable)
            return f->required ? fail_with(cx, ERR_REQUIRED, path, NULL, 0) : wrong(cx, f, path);
        clear(f->type, member(f, ret));
        head->nulls |= bit;
    } else {
        TRY(read_value(cx, f, j, member(f, ret), path));
        head->nulls &= ~bit;
    }
    head->has |= bit;
    return OK;
}

enum err schema_required(struct ctx *cx, const struct schema *s, const void *in)
{
    const struct schema_head *head = in;
    for (size_t i = 0; i < s->count; i++)
        if (s->fields[i].required && !(head->has >> i & 1))
            return fail_with(cx, ERR_REQUIRED, path_of(cx, s->fields[i].name), NULL, 0);
    return OK;
}

enum err schema_read_members(struct ctx *cx, const struct schema *s, const struct json *object,
                             void *ret)
{
    const struct field whole = { .name = s->name, .type = FT_obj };
    if (object->kind != JSON_OBJECT)
        return wrong(cx, &whole, cx->path);
    for (const struct json *m = object->first; m; m = m->next) {
        const struct field *f = schema_field(s, m->key);
        if (!f)
            return fail_with(cx, ERR_UNKNOWN_FIELD, path_of(cx, arena_z(cx->arena, m->key)),
                             BARE_PROPS(P("name", m->key)));
        TRY(read_field(cx, s, f, m, ret));
    }
    return OK;
}

enum err schema_read(struct ctx *cx, const struct schema *s, const struct json *object, void *ret)
{
    schema_clear(s, ret);
    TRY(schema_read_members(cx, s, object, ret));
    return schema_required(cx, s, ret);
}

/* The JSON that a query value stands for. */
static struct json *from_text(struct arena *a, enum field_type type, enum field_type of_type,
                              str text)
{
    struct json *j = NEW(a, struct json);
    j->text = text;
    j->kind = JSON_STRING;
    if (type == FT_i64 || type == FT_money || type == FT_id || type == FT_f64) {
        double d;
        j->kind = str_to_f64(text, &d) ? JSON_NUMBER : JSON_STRING;
    } else if (type == FT_boolean) {
        bool yes = str_is(text, "true"), no = str_is(text, "false");
        j->kind = yes || no ? JSON_BOOL : JSON_STRING;
        j->yes = yes;
    } else if (type == FT_list) {
        struct json **link = &j->first;
        j->kind = JSON_ARRAY;
        while (text.len) {
            *link = from_text(a, of_type, FT_str, str_cut(&text, ','));
            link = &(*link)->next;
            j->count++;
        }
    } else if (type == FT_doc || type == FT_json) {
        struct json_error e;
        struct json *read = json_read(a, text, &e);
        return read ? read : j;
    }
    return j;
}

enum err schema_read_text(struct ctx *cx, const struct schema *s, str name, str text, void *ret)
{
    const struct field *f = schema_field(s, name);
    if (!f)
        return fail_with(cx, ERR_UNKNOWN_FIELD, arena_str(cx->arena, name),
                         BARE_PROPS(P("name", name)));
    return read_field(cx, s, f, from_text(cx->arena, f->type, f->of_type, text), ret);
}

struct val schema_val(const struct schema *s, const void *from, const struct field *f)
{
    (void)s;
    const void *at = member_of(f, from);
    switch (f->type) {
    case FT_str:
    case FT_json: return val_str(*(const str *)at);
    case FT_i64:
    case FT_money:
    case FT_day: return val_i64(*(const i64 *)at);
    case FT_f64: return val_f64(*(const f64 *)at);
    case FT_boolean: return val_bool(*(const bool *)at);
    case FT_instant:
    case FT_id: return val_id(*(const i64 *)at);
    case FT_doc:
    case FT_list:
    case FT_obj: break;
    }
    return val_null();
}

static void write_object(struct json_writer *w, const char *key, const struct schema *s,
                         const void *from, bool open);

/* `open` false: without members that are secret, however deep. */
static void write_value(struct json_writer *w, const char *key, const struct field *f,
                        enum field_type type, const void *at, bool open)
{
    switch (type) {
    case FT_str: json_put(w, key, *(const str *)at); break;
    case FT_json: json_raw(w, key, *(const json *)at); break;
    case FT_i64:
    case FT_money: json_put(w, key, *(const i64 *)at); break;
    case FT_f64: json_put(w, key, *(const f64 *)at); break;
    case FT_boolean: json_put(w, key, *(const bool *)at); break;
    case FT_instant: json_time(w, key, *(const instant *)at); break;
    case FT_day: json_day(w, key, *(const day *)at); break;
    case FT_id: json_val(w, key, val_id(*(const i64 *)at)); break;
    case FT_doc: {
        struct strbuf text CLEANUP(strbuf_done);
        strbuf_init(&text, NULL, 1 << 20);
        if (*(const doc *)at)
            out_json_value(&text, *(const doc *)at);
        json_raw(w, key, *(const doc *)at ? strbuf_str(&text) : STR_NONE);
        break;
    }
    case FT_obj:
        if (*(const obj *)at)
            write_object(w, key, f->of, *(const obj *)at, open);
        else
            json_val(w, key, val_null());
        break;
    case FT_list: {
        const list *l = at;
        json_list(w, key);
        for (size_t i = 0; i < l->n; i++) {
            const char *each =
                (const char *)l->at + i * (f->of ? f->of->size : type_size[f->of_type]);
            if (f->of)
                write_object(w, NULL, f->of, each, open);
            else
                write_value(w, NULL, f, f->of_type, each, open);
        }
        json_list_end(w);
        break;
    }
    }
}

static void write_object(struct json_writer *w, const char *key, const struct schema *s,
                         const void *from, bool open)
{
    json_open(w, key);
    for (size_t i = 0; i < s->count; i++)
        if (open || !s->fields[i].secret)
            write_value(w, s->fields[i].name, &s->fields[i], s->fields[i].type,
                        member_of(&s->fields[i], from), open);
    json_close(w);
}

void schema_write_members(struct json_writer *w, const struct schema *s, const void *from)
{
    for (size_t i = 0; i < s->count; i++)
        write_value(w, s->fields[i].name, &s->fields[i], s->fields[i].type,
                    member_of(&s->fields[i], from), true);
}

void schema_write(struct json_writer *w, const char *key, const struct schema *s, const void *from)
{
    write_object(w, key, s, from, true);
}

void schema_write_public(struct json_writer *w, const char *key, const struct schema *s,
                         const void *from, bool only_has)
{
    const struct schema_head *head = from;
    json_open(w, key);
    for (size_t i = 0; i < s->count; i++)
        if (!s->fields[i].secret && (!only_has || head->has >> i & 1))
            write_value(w, s->fields[i].name, &s->fields[i], s->fields[i].type,
                        member_of(&s->fields[i], from), false);
    json_close(w);
}

static void from_column(struct arena *a, const struct field *f, const struct rows *r, int column,
                        void *to)
{
    switch (f->type) {
    case FT_str:
    case FT_json: *(str *)to = arena_str(a, col_str(r, column)); break;
    case FT_i64:
    case FT_money:
    case FT_day: *(i64 *)to = col_i64(r, column); break;
    case FT_f64: *(f64 *)to = col_f64(r, column); break;
    case FT_boolean: *(bool *)to = col_bool(r, column); break;
    case FT_instant:
    case FT_id: *(i64 *)to = col_id(r, column); break;
    case FT_doc:
    case FT_list:
    case FT_obj: assert(false && "a column has no such type"); break;
    }
}

void schema_row(struct arena *a, const struct schema *s, const struct rows *r, void *ret)
{
    schema_clear(s, ret);
    size_t next = 0; /* columns mostly come in the order of the fields */
    for (int c = 0; c < r->columns; c++) {
        const char *name = col_name(r, c);
        size_t tried = 0;
        while (tried < s->count && strcmp(s->fields[(next + tried) % s->count].name, name) != 0)
            tried++;
        assert(tried < s->count); /* a column that the schema does not have */
        const struct field *f = &s->fields[(next + tried) % s->count];
        from_column(a, f, r, c, member(f, ret));
        next = (size_t)(f - s->fields) + 1;
    }
}

void schema_patch(const struct schema *s, void *to, const struct schema *from_schema,
                  const void *from)
{
    const struct schema_head *head = from;
    for (size_t i = 0; i < from_schema->count; i++) {
        const struct field *in = &from_schema->fields[i], *f = schema_field(s, str_of(in->name));
        if ((head->has >> i & 1) && f && f->type == in->type)
            memcpy(member(f, to), member_of(in, from), type_size[f->type]);
    }
}

static bool value_matches(struct arena *a, const struct field *f, enum field_type type,
                          const struct json *j, str path, str *ret)
{
    static const enum json_kind kinds[] = {
        [FT_str] = JSON_STRING,   [FT_i64] = JSON_NUMBER,     [FT_f64] = JSON_NUMBER,
        [FT_boolean] = JSON_BOOL, [FT_money] = JSON_NUMBER,   [FT_id] = JSON_NUMBER,
        [FT_day] = JSON_STRING,   [FT_instant] = JSON_STRING, [FT_list] = JSON_ARRAY,
        [FT_obj] = JSON_OBJECT,
    };
    if (type == FT_json || type == FT_doc)
        return true;
    if (j->kind == JSON_NULL) {
        *ret = arena_fmt(a, "%.*s is null, and the schema does not say so", STR_ARG(path));
        return f->nullable;
    }
    i64 whole;
    instant t;
    day d;
    bool ok = j->kind == kinds[type];
    ok = ok && (j->kind != JSON_NUMBER || type == FT_f64 || json_i64(j, &whole));
    ok = ok && (type != FT_instant || instant_read(j->text, &t)) &&
         (type != FT_day || day_read(j->text, &d));
    if (ok && f->choices && type == FT_str) {
        size_t i = 0;
        while (f->choices[i] && !str_is(j->text, f->choices[i]))
            i++;
        ok = f->choices[i] != NULL;
    }
    if (!ok) {
        *ret = arena_fmt(a, "%.*s is %s where %s is declared", STR_ARG(path),
                         json_kind_name(j->kind), expected(f, LANG_EN));
        return false;
    }
    if (type == FT_obj)
        return schema_matches(a, f->of, j, ret);
    if (type == FT_list)
        for (const struct json *m = j->first; m; m = m->next)
            if (!(f->of ? schema_matches(a, f->of, m, ret)
                        : value_matches(a, f, f->of_type, m, path, ret)))
                return false;
    return true;
}

bool schema_matches(struct arena *a, const struct schema *s, const struct json *value,
                    str *ret_reason)
{
    if (value->kind != JSON_OBJECT) {
        *ret_reason = arena_fmt(a, "%s is %s", s->name, json_kind_name(value->kind));
        return false;
    }
    for (const struct json *m = value->first; m; m = m->next) {
        const struct field *f = schema_field(s, m->key);
        if (!f) {
            *ret_reason = arena_fmt(a, "%s.%.*s is not declared", s->name, STR_ARG(m->key));
            return false;
        }
        if (!value_matches(a, f, f->type, m, arena_fmt(a, "%s.%s", s->name, f->name), ret_reason))
            return false;
    }
    for (size_t i = 0; i < s->count; i++)
        if (!json_get(value, s->fields[i].name)) {
            *ret_reason = arena_fmt(a, "%s.%s is missing", s->name, s->fields[i].name);
            return false;
        }
    return true;
}
