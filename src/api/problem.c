#include "api/internal.h"

void out_problem(struct strbuf *sb, struct ctx *cx, enum err e)
{
    const struct failure *f = &cx->failure;
    bool inner =
        e == ERR_RETRY || e == ERR_CONFLICT || e == ERR_DONE || e == ERR_FILE || e == ERR_CONFIG;
    if (e == ERR_RETRY)
        e = ERR_BUSY;
    else if (inner && e != ERR_CONFLICT)
        e = ERR_INTERNAL;
    const struct err_info *info = err_info(e);
    struct json_writer w = json_writer(sb);
    json_open(&w, NULL);
    json_put(&w, "type", "about:blank");
    json_put(&w, "status", info->status);
    json_put(&w, "code", info->name);
    json_put(&w, "title", fail_text(cx, e));
    bool known = f->code == e;
    if (known && f->field.len)
        json_put(&w, "field", f->field);
    if (known && f->count) {
        json_open(&w, "params");
        for (size_t i = 0; i < f->count; i++)
            json_val(&w, f->props[i].key, f->props[i].val);
        json_close(&w);
    }
    if (known && f->hint.len)
        json_put(&w, "detail", f->hint);
    json_put(&w, "request_id", cx->request_id);
    json_close(&w);
    json_done(&w);
}
