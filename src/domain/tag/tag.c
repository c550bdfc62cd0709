#include "domain/tag/tag.h"

#include "core/app.h"

#include "tag.sql.h"

SCHEMA_TABLE(tag_group, TAG_GROUP);
SCHEMA_TABLE(tag, TAG);

enum err tag_get(struct ctx *cx, tag_id id, struct tag *ret)
{
    return sql_one(cx, tag_by_id, &tag_schema, ret, ID(id));
}

enum err tag_group_get(struct ctx *cx, tag_group_id id, struct tag_group *ret)
{
    return sql_one(cx, tag_group_by_id, &tag_group_schema, ret, ID(id));
}

enum err tag_add(struct ctx *cx, const struct tag_new *t, tag_id *ret)
{
    struct tag_group group;
    i64 count;
    enum err e = tag_group_get(cx, t->group, &group);
    if (e == ERR_NOT_FOUND) {
        fail_clear(cx);
        return fail(cx, ERR_NOT_FOUND, "group_id");
    }
    TRY(e);
    TRY(sql_i64(cx, tag_count, &count));
    if (count >= TAGS_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", TAGS_MAX));
    return taken(cx,
                 sql_i64(cx, tag_insert, &ret->v, ID(t->group), V(t->key), V(t->name), V(t->sort),
                         V(cx->now)),
                 "name", t->name);
}
