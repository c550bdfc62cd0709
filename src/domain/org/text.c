/* Small things around texts and rows. */
#include "domain/org/internal.h"

enum err ids_of_rows(struct arena *a, struct rows *rows, list *ret)
{
    VEC(i64) ids = { 0 };
    while (rows_next(rows))
        *vec_push(a, &ids) = col_id(rows, 0);
    *ret = (list) { ids.at, ids.n };
    return rows_end(rows);
}

str text_lower(struct arena *a, str s)
{
    char *to = arena_alloc(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        to[i] = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] + 32) : s.ptr[i];
    to[s.len] = '\0';
    return (str) { to, s.len };
}

str like_pattern(struct arena *a, str text)
{
    struct strbuf pattern;
    str lower = text_lower(a, str_trim(text));
    if (!lower.len)
        return STR_NONE;
    strbuf_init(&pattern, a, 2 * lower.len + 3);
    out_c(&pattern, '%');
    for (size_t i = 0; i < lower.len; i++) {
        if (lower.ptr[i] == '%' || lower.ptr[i] == '_' || lower.ptr[i] == '!')
            out_c(&pattern, '!');
        out_c(&pattern, lower.ptr[i]);
    }
    out_c(&pattern, '%');
    return strbuf_str(&pattern);
}
