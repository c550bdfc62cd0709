#include "domain/tag/tag.h"

#include "base/vec.h"
#include "core/app.h"
#include "core/event.h"

#include "tag.sql.h"

const struct event_type EV_TAG_ADDED = { "tag.added", "打上标签", "Tag added",
                                         "tag_id: id, source: text" };
const struct event_type EV_TAG_REMOVED = { "tag.removed", "移除标签", "Tag removed",
                                           "tag_id: id, source: text" };

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

static bool by_rule(const char *source)
{
    return strcmp(source, "rule") == 0;
}

static enum err remove_one(struct ctx *cx, customer_id customer, i64 tag, const char *source)
{
    TRY(sql_exec(cx, customer_tag_remove, ID(customer), V(tag)));
    return event_emit(cx, &EV_TAG_REMOVED, customer, P("tag_id", tag), P("source", source));
}

/* Of a group of single choice the others go. *ret_stays: a hand has given one of them, and a rule
 * may not take it. */
static enum err remove_rivals(struct ctx *cx, customer_id customer, tag_id tag, const char *source,
                              bool *ret_stays)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(i64) rivals = { 0 };
    *ret_stays = false;
    TRY(sql_query(cx, customer_tag_rivals, &r, ID(customer), ID(tag)));
    while (rows_next(&r)) {
        *ret_stays = *ret_stays || (by_rule(source) && !str_is(col_str(&r, 1), "rule"));
        *vec_push(cx->arena, &rivals) = col_id(&r, 0);
    }
    TRY(rows_end(&r));
    for (size_t i = 0; i < rivals.n && !*ret_stays; i++)
        TRY(remove_one(cx, customer, rivals.at[i], source));
    return OK;
}

enum err tag_give(struct ctx *cx, customer_id customer, tag_id tag, const char *source,
                  bool *ret_changed)
{
    i64 changed, one;
    bool stays;
    *ret_changed = false;
    if (by_rule(source)) {
        enum err blocked = sql_i64(cx, tag_block_has, &one, ID(customer), ID(tag));
        if (blocked != ERR_DONE)
            return blocked;
    } else {
        TRY(sql_exec(cx, tag_block_remove, ID(customer), ID(tag)));
    }
    TRY(remove_rivals(cx, customer, tag, source, &stays));
    if (stays)
        return OK;
    TRY(sql_changed(cx, customer_tag_put, &changed, ID(customer), ID(tag), V(source),
                    V(cx->actor.name), V(cx->now)));
    if (!changed && !by_rule(source)) /* what a rule gave is now the hand's */
        return sql_exec(cx, customer_tag_claim, ID(customer), ID(tag), V(source),
                        V(cx->actor.name));
    if (!changed)
        return OK;
    *ret_changed = true;
    return event_emit(cx, &EV_TAG_ADDED, customer, P("tag_id", tag.v), P("source", source));
}

enum err tag_take(struct ctx *cx, customer_id customer, tag_id tag, const char *source,
                  bool *ret_changed)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, customer_tag_source, &r, ID(customer), ID(tag)));
    bool has = rows_next(&r), ruled = has && str_is(col_str(&r, 0), "rule");
    TRY(rows_end(&r));
    *ret_changed = has && (ruled || !by_rule(source)); /* a rule takes only what a rule gave */
    if (!*ret_changed)
        return OK;
    if (ruled && !by_rule(source))
        TRY(sql_exec(cx, tag_block_put, ID(customer), ID(tag), V(cx->now)));
    return remove_one(cx, customer, tag.v, source);
}

static enum err join(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    TRY(sql_exec(cx, tags_set_aside, V(merge), ID(from), ID(into)));
    TRY(sql_exec(cx, tags_join, ID(from), ID(into)));
    return sql_exec(cx, tags_clear, ID(from));
}

/* What was set aside goes back; the survivor loses what it had not had before. */
static enum err part(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, tags_moved, &r, V(merge)));
    while (rows_next(&r)) {
        i64 tag = col_id(&r, 0), at = 0;
        str rest = arena_str(cx->arena, col_str(&r, 1));
        str source = str_cut(&rest, '|');
        bool timed = str_to_i64(str_cut(&rest, '|'), &at), both = str_is(str_cut(&rest, '|'), "1");
        if (!source.len || !timed)
            continue; /* erased since */
        TRY(sql_exec(cx, customer_tag_put, ID(from), V(tag), V(source),
                     V(rest.len ? rest : STR_NONE), V(at)));
        if (!both)
            TRY(sql_exec(cx, customer_tag_remove, ID(into), V(tag)));
    }
    return rows_end(&r);
}

static enum err forget(struct ctx *cx, customer_id customer)
{
    return sql_exec(cx, tags_clear, ID(customer));
}

static enum err tell(struct ctx *cx, customer_id customer, struct json_writer *w)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, tags_tell, &r, ID(customer)));
    json_list(w, "tags");
    while (rows_next(&r)) {
        json_open(w, NULL);
        json_put(w, "group", col_str(&r, 0));
        json_put(w, "name", col_str(&r, 1));
        json_put(w, "source", col_str(&r, 2));
        json_time(w, "at", (instant) { col_id(&r, 3) });
        json_close(w);
    }
    json_list_end(w);
    return rows_end(&r);
}

const struct person_part tag_person_part = {
    .kind = "tag", .join = join, .part = part, .forget = forget, .tell = tell
};
