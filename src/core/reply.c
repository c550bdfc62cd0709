#include "core/reply.h"

#include "core/ctx.h"

void reply_init(struct reply *r, struct arena *a)
{
    *r = (struct reply) { .status = 0 };
    strbuf_init(&r->body, a, REPLY_MAX);
    r->w = json_writer(&r->body);
}

void reply_cookie(struct reply *r, const char *name, str value, i64 max_age_s)
{
    assert(r->cookie_count < REPLY_COOKIES_MAX);
    r->cookies[r->cookie_count++] = (struct cookie) { name, value, max_age_s };
}

static i64 version_of(const struct schema *s, const void *from)
{
    const struct field *f = schema_field(s, S("version"));
    return f ? *(const i64 *)((const char *)from + f->at) : 0;
}

enum err reply_struct(struct reply *r, const struct schema *s, const void *from)
{
    r->w = json_writer(&r->body);
    r->version = version_of(s, from);
    schema_write(&r->w, NULL, s, from);
    return OK;
}

enum err reply_created(struct reply *r, const struct schema *s, const void *from)
{
    r->status = 201;
    return reply_struct(r, s, from);
}

void reply_list(struct reply *r)
{
    r->w = json_writer(&r->body);
    json_open(&r->w, NULL);
    json_list(&r->w, "items");
}

void reply_item(struct reply *r, const struct schema *s, const void *from)
{
    schema_write(&r->w, NULL, s, from);
}

void reply_list_end(struct reply *r, str next, i64 total)
{
    json_list_end(&r->w);
    json_put(&r->w, "next", next);
    if (total != NONE)
        json_put(&r->w, "total", total);
    json_close(&r->w);
    json_done(&r->w);
}

enum err reply_rows(struct ctx *cx, struct reply *r, const struct schema *s, struct rows *rows,
                    i64 *ret_count)
{
    i64 count = 0;
    void *item = arena_alloc(cx->arena, s->size);
    for (; rows_next(rows); count++) {
        schema_row(cx->arena, s, rows, item);
        reply_item(r, s, item);
    }
    if (ret_count)
        *ret_count = count;
    return rows_end(rows);
}

enum err reply_page(struct ctx *cx, struct reply *r, const struct schema *s, struct rows *rows,
                    i64 limit)
{
    const struct field *id = schema_field(s, S("id"));
    void *item = arena_alloc(cx->arena, s->size);
    i64 count = 0, last = 0;
    assert(id);
    reply_list(r);
    while (count < limit && rows_next(rows)) {
        schema_row(cx->arena, s, rows, item);
        reply_item(r, s, item);
        last = *(const i64 *)((const char *)item + id->at);
        count++;
    }
    return reply_page_end(cx, r, rows, count, limit, last);
}

enum err reply_page_end(struct ctx *cx, struct reply *r, struct rows *rows, i64 count, i64 limit,
                        i64 last)
{
    struct val next = { .kind = VAL_I64, .i = last };
    bool more = count == limit && rows_next(rows);
    TRY(rows_end(rows));
    reply_list_end(r, more ? cursor_make(cx->arena, &next, 1) : STR_NONE, NONE);
    return OK;
}

str cursor_make(struct arena *a, const struct val *values, size_t count)
{
    struct strbuf text, coded;
    strbuf_init(&text, a, 4096);
    out_c(&text, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            out_c(&text, ',');
        out_val_json(&text, values[i]);
    }
    out_c(&text, ']');
    strbuf_init(&coded, a, 8192);
    out_base64url(&coded, (const uint8_t *)text.ptr, text.len);
    return strbuf_str(&coded);
}

enum err cursor_read(struct ctx *cx, str cursor, struct val *ret, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ret[i] = val_null();
    if (!cursor.len)
        return OK;
    str text;
    struct json_error e;
    struct json *j = base64_read(cx->arena, cursor, &text) ? json_read(cx->arena, text, &e) : NULL;
    bool ok = j && j->kind == JSON_ARRAY && j->count == count;
    size_t i = 0;
    for (const struct json *m = ok ? j->first : NULL; m; m = m->next, i++) {
        i64 n;
        double d;
        if (json_i64(m, &n))
            ret[i] = val_i64(n);
        else if (m->kind == JSON_NUMBER && str_to_f64(m->text, &d))
            ret[i] = val_f64(d);
        else if (m->kind == JSON_STRING)
            ret[i] = val_str(m->text);
        else
            ok = ok && m->kind == JSON_NULL;
    }
    return ok ? OK
              : fail(cx, ERR_BAD_FORMAT, "cursor", P("expected", "the next of the page before"));
}

enum err cursor_id(struct ctx *cx, str cursor, i64 *ret)
{
    struct val v;
    TRY(cursor_read(cx, cursor, &v, 1));
    if (v.kind != VAL_NULL && v.kind != VAL_I64)
        return fail(cx, ERR_BAD_FORMAT, "cursor", P("expected", "the next of the page before"));
    *ret = v.kind == VAL_I64 ? v.i : 0;
    return OK;
}

i64 page_limit(i64 asked)
{
    return asked == NONE ? 50 : asked;
}
