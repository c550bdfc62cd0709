#include "domain/transfer/transfer.h"

const struct reason_info reasons[REASON_COUNT] = {
#define REASON_ROW(name, code, skipped, zh, en) [name] = { code, skipped, zh, en },
    REASONS(REASON_ROW)
#undef REASON_ROW
};

const struct reason_info *reason_find(str code)
{
    for (size_t i = 0; i < REASON_COUNT; i++)
        if (str_is(code, reasons[i].code))
            return &reasons[i];
    return NULL;
}

static const struct {
    const char *name;
    size_t at;
} members[] = {
#define COUNTED_ROW(name) { #name, offsetof(struct counts, name) },
    COUNTED(COUNTED_ROW)
#undef COUNTED_ROW
};

static i64 *member(struct counts *c, size_t i)
{
    return (i64 *)(void *)((char *)c + members[i].at);
}

str counts_text(struct arena *a, const struct counts *c)
{
    struct counts copy = *c;
    struct strbuf text;
    strbuf_init(&text, a, 1 << 16);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    for (size_t i = 0; i < COUNT(members); i++)
        json_put(&w, members[i].name, *member(&copy, i));
    json_open(&w, "reasons");
    for (size_t i = 1; i < REASON_COUNT; i++)
        if (c->by_reason[i])
            json_put(&w, reasons[i].code, c->by_reason[i]);
    json_close(&w);
    json_close(&w);
    return strbuf_str(&text);
}

void counts_read(struct arena *a, str text, struct counts *ret)
{
    struct json_error bad;
    const struct json *j = json_read(a, text, &bad), *by = json_get(j, "reasons");
    i64 n;
    *ret = (struct counts) { 0 };
    for (size_t i = 0; i < COUNT(members); i++)
        *member(ret, i) = json_i64(json_get(j, members[i].name), &n) ? n : 0;
    for (size_t i = 1; i < REASON_COUNT; i++)
        ret->by_reason[i] = json_i64(json_get(by, reasons[i].code), &n) ? n : 0;
}

void failure_keep(struct ctx *cx)
{
    struct failure *f = &cx->failure;
    f->field = f->field.ptr ? arena_str(cx->arena, f->field) : STR_NONE;
    f->hint = f->hint.ptr ? arena_str(cx->arena, f->hint) : STR_NONE;
    for (size_t i = 0; i < f->count; i++)
        if (f->props[i].val.kind == VAL_STR)
            f->props[i].val.s = arena_str(cx->arena, f->props[i].val.s);
}
