#include "base/base.h"

void out_val_json(struct strbuf *sb, struct val v)
{
    switch (v.kind) {
    case VAL_NULL: out(sb, S("null")); break;
    case VAL_I64: out_i64(sb, v.i); break;
    case VAL_F64: out_f64(sb, v.f); break;
    case VAL_BOOL: out(sb, v.i ? S("true") : S("false")); break;
    case VAL_STR: out_json(sb, v.s); break;
    case VAL_BLOB:
        out_c(sb, '"');
        out_base64url(sb, (const uint8_t *)v.s.ptr, v.s.len);
        out_c(sb, '"');
        break;
    }
}

void out_val_text(struct strbuf *sb, struct val v)
{
    if (v.kind == VAL_STR)
        out(sb, v.s);
    else if (v.kind != VAL_NULL)
        out_val_json(sb, v);
}

void out_filled(struct strbuf *sb, str text, const struct prop *props, size_t count)
{
    while (text.len) {
        size_t open = str_find(text, '{');
        out(sb, str_head(text, open));
        text = str_from(text, open);
        size_t close = str_find(text, '}');
        if (close == text.len) {
            out(sb, text);
            return;
        }
        str key = { text.ptr + 1, close - 1 };
        size_t i = 0;
        while (i < count && !str_is(key, props[i].key))
            i++;
        if (i < count)
            out_val_text(sb, props[i].val);
        else
            out(sb, str_head(text, close + 1));
        text = str_from(text, close + 1);
    }
}
