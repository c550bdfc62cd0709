#include "domain/directory/internal.h"

#include "core/app.h"
#include "domain/customer/customer.h"

#include "directory.sql.h"

const char people_living[] = "c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)";

/* Everybody who has an identifier that is this text, whatever its kind. */
static enum err owners(struct ctx *cx, str text, i64 *ret, size_t *ret_count, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < identity_kind_count; i++) {
        struct rows r CLEANUP(rows_close) = { 0 };
        struct identity_in id = { .kind = &identity_kinds[i], .value = text };
        str key, normal;
        if (!identity_key(cx, &id, &key, &normal))
            continue;
        TRY(sql_query(cx, directory_owner, &r, V(identity_kinds[i].key), V(key), V((i64)max)));
        while (n < max && rows_next(&r))
            ret[n++] = col_id(&r, 0);
        TRY(rows_end(&r));
    }
    *ret_count = n;
    return OK;
}

enum err people_text_sql(struct ctx *cx, str text, struct condition_sql *s)
{
    i64 found[16];
    size_t count = 0;
    text = str_trim(text);
    if (!text.len)
        return OK;
    TRY(owners(cx, text, found, &count, COUNT(found)));
    if (count) {
        out_z(&s->text, " AND c.id IN (");
        for (size_t i = 0; i < count; i++) {
            out_z(&s->text, i ? ", " : "");
            out(&s->text, condition_bind(cx, s, V(found[i])));
        }
        out_c(&s->text, ')');
        return OK;
    }
    out_z(&s->text, " AND c.name >= ");
    out(&s->text, condition_bind(cx, s, V(text)));
    out_z(&s->text, " AND c.name < ");
    out(&s->text,
        condition_bind(cx, s, V(arena_fmt(cx->arena, "%.*s\xf4\x8f\xbf\xbf", STR_ARG(text)))));
    return OK;
}

enum err people_sql(struct ctx *cx, const struct people_query *q, struct condition_sql *ret)
{
    struct condition c = { 0 };
    *ret = (struct condition_sql) { 0 };
    strbuf_init(&ret->text, cx->arena, 1 << 20);
    if (q->condition)
        TRY(condition_read(cx, "condition", q->condition, &c));
    out_z(&ret->text, "SELECT ");
    out_z(&ret->text, q->select);
    out_z(&ret->text, " FROM customer c LEFT JOIN customer_sales s ON s.customer_id = c.id WHERE ");
    out_z(&ret->text, people_living);
    TRY(people_text_sql(cx, q->text, ret));
    return condition_to_sql(cx, &c, ret);
}

enum err people_ids(struct ctx *cx, doc condition, str text, i64 after, i64 limit, i64 *ret,
                    size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct condition_sql s;
    size_t n = 0;
    TRY(people_sql(
        cx, &(struct people_query) { .condition = condition, .text = text, .select = "c.id" }, &s));
    out_z(&s.text, " AND c.id > ");
    out(&s.text, condition_bind(cx, &s, V(after)));
    out_z(&s.text, " ORDER BY c.id LIMIT ");
    out(&s.text, condition_bind(cx, &s, V(limit)));
    TRY(db_query_text(cx->db, "people_ids", strbuf_str(&s.text), &r, s.binds.at, s.binds.n));
    while (rows_next(&r))
        ret[n++] = col_id(&r, 0);
    *ret_count = n;
    return rows_end(&r);
}

enum err people_count(struct ctx *cx, doc condition, str text, i64 *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct condition_sql s;
    TRY(people_sql(
        cx, &(struct people_query) { .condition = condition, .text = text, .select = "count(*)" },
        &s));
    TRY(db_query_text(cx->db, "people_count", strbuf_str(&s.text), &r, s.binds.at, s.binds.n));
    *ret = rows_next(&r) ? col_i64(&r, 0) : 0;
    return rows_end(&r);
}
