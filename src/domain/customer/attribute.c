/* Custom attributes: what a brand wants to know beside what everybody does. Values stand in the
 * customer's `attrs`, a JSON object by key: text, number, money (hundredths), date (YYYY-MM-DD),
 * choice, choices (a list), bool. */
#include "domain/customer/internal.h"

#include "base/money.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/vec.h"

#include "attribute.sql.h"

struct definition {
    str key, type;
    const struct json *choices;
};

static enum err definitions(struct ctx *cx, struct definition **ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(struct definition) all = { 0 };
    struct json_error bad;
    TRY(sql_query(cx, attribute_types, &r));
    while (rows_next(&r))
        *vec_push(cx->arena, &all) = (struct definition) {
            arena_str(cx->arena, col_str(&r, 0)), arena_str(cx->arena, col_str(&r, 1)),
            json_read(cx->arena, arena_str(cx->arena, col_str(&r, 2)), &bad)
        };
    *ret = all.at;
    *ret_count = all.n;
    return rows_end(&r);
}

static bool is_choice(const struct definition *d, const struct json *j)
{
    if (j->kind != JSON_STRING || !d->choices)
        return false;
    for (const struct json *c = d->choices->first; c; c = c->next)
        if (str_eq(c->text, j->text))
            return true;
    return false;
}

/* The value as it is kept, or false if it is not one. Texts that stand for numbers, dates and the
 * like are taken when lenient: files know nothing else. */
static bool value_of(struct arena *a, const struct definition *d, const struct json *j,
                     bool lenient, struct strbuf *ret)
{
    i64 n;
    f64 x;
    day date;
    money m;
    bool text = j->kind == JSON_STRING, number = j->kind == JSON_NUMBER;
    str as = text || number ? str_trim(j->text) : STR_NONE;
    (void)a;
    if (str_is(d->type, "text")) {
        bool ok = (text || (lenient && number)) && utf8_count(j->text) <= 500;
        if (ok)
            out_json(ret, j->text);
        return ok;
    }
    if (str_is(d->type, "number")) {
        bool ok = (number || (lenient && text)) && str_to_f64(as, &x);
        if (ok)
            out_f64(ret, x);
        return ok;
    }
    if (str_is(d->type, "money")) { /* from a file: in whole units, as people write them */
        bool ok = number && !lenient ? json_i64(j, &n) : money_read(as, &m) && (n = m.fen, true);
        if (ok)
            out_i64(ret, n);
        return ok;
    }
    if (str_is(d->type, "date")) {
        bool ok = text && day_read(str_head(as, 10), &date);
        if (ok)
            out_json(ret, str_head(as, 10));
        return ok;
    }
    if (str_is(d->type, "bool")) {
        static const char *const yes[] = { "true", "1", "yes", "y", "是", "有" }, *const no[] = {
            "false", "0", "no", "n", "否", "无"
        };
        int found = j->kind == JSON_BOOL ? j->yes : -1;
        for (size_t i = 0; i < COUNT(yes) && lenient && found < 0; i++)
            found = str_ieq(as, str_of(yes[i])) ? 1 : str_ieq(as, str_of(no[i])) ? 0 : -1;
        if (found >= 0)
            out(ret, found ? S("true") : S("false"));
        return found >= 0;
    }
    if (str_is(d->type, "choice")) {
        if (is_choice(d, j))
            out_json(ret, j->text);
        return is_choice(d, j);
    }
    if (j->kind != JSON_ARRAY)
        return false;
    for (const struct json *c = j->first; c; c = c->next)
        if (!is_choice(d, c))
            return false;
    out_json_value(ret, j);
    return true;
}

static enum err refuse(struct ctx *cx, const struct definition *d, str key)
{
    const char *field = arena_fmt(cx->arena, "attrs.%.*s", STR_ARG(key)).ptr;
    if (!d)
        return fail(cx, ERR_UNKNOWN_FIELD, field, P("name", key));
    if (!d->choices || !d->choices->first)
        return fail(cx, ERR_WRONG_TYPE, field, P("expected", d->type));
    struct strbuf all;
    strbuf_init(&all, cx->arena, 1 << 16);
    for (const struct json *c = d->choices->first; c; c = c->next)
        out_fmt(&all, "%s%.*s", all.len ? ", " : "", STR_ARG(c->text));
    return fail(cx, ERR_BAD_CHOICE, field, P("choices", strbuf_str(&all)));
}

static const struct definition *definition_of(const struct definition *all, size_t count, str key)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(all[i].key, key))
            return &all[i];
    return NULL;
}

/* One member of the new object: from the changes if they have it, else as it was. */
static enum err one(struct ctx *cx, const struct definition *d, str key, const struct json *was,
                    const struct json *change, bool lenient, struct json_writer *w,
                    bool *ret_changed)
{
    struct strbuf before, now;
    strbuf_init(&before, cx->arena, 1 << 16);
    strbuf_init(&now, cx->arena, 1 << 16);
    if (was)
        out_json_value(&before, was);
    bool removed = change && change->kind == JSON_NULL;
    bool good = change && !removed && d && value_of(cx->arena, d, change, lenient, &now);
    if (change && !removed && !good && !lenient)
        return refuse(cx, d, key);
    if (!good && !removed && was)
        out(&now, strbuf_str(&before));
    if (now.len)
        json_raw(w, arena_z(cx->arena, key), strbuf_str(&now));
    if (!str_eq(strbuf_str(&before), strbuf_str(&now)))
        *ret_changed = true;
    return OK;
}

enum err attributes_apply(struct ctx *cx, str attrs, doc changes, bool lenient, str *ret,
                          bool *ret_changed)
{
    struct definition *all;
    size_t count;
    struct json_error bad;
    const struct json *was = json_read(cx->arena, attrs.len ? attrs : S("{}"), &bad);
    struct strbuf text;
    bool changed = false;
    if (changes->kind != JSON_OBJECT)
        return fail(cx, ERR_WRONG_TYPE, "attrs",
                    P("expected", cx->lang == LANG_ZH ? "对象" : "an object"));
    TRY(definitions(cx, &all, &count));
    strbuf_init(&text, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    for (const struct json *m = was ? was->first : NULL; m; m = m->next)
        TRY(one(cx, definition_of(all, count, m->key), m->key, m, json_find(changes, m->key),
                lenient, &w, &changed));
    for (const struct json *m = changes->first; m; m = m->next)
        if (!json_find(was, m->key))
            TRY(one(cx, definition_of(all, count, m->key), m->key, NULL, m, lenient, &w, &changed));
    json_close(&w);
    if (text.overflow)
        return fail(cx, ERR_TOO_LONG, "attrs", P("max", 1 << 20));
    *ret = strbuf_str(&text);
    *ret_changed = changed;
    return OK;
}
