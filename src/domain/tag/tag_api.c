#include "domain/tag/tag.h"

#include "core/app.h"
#include "core/event.h"
#include "core/job.h"
#include "core/reply.h"

#include "tag.sql.h"

#define GROUP_CREATE(F, T)                                                     \
    F(T, str, name, .required = true, .max = 30, .doc = "Shown name")          \
    F(T, str, color, .format = "color", .max = 7, .doc = "#rrggbb")            \
    F(T, boolean, single, .doc = "A person has at most one tag of this group") \
    F(T, i64, sort, .min = 0, .max = 9999, .doc = "Smaller first")
SCHEMA(tag_group_create, GROUP_CREATE);

#define GROUP_CHANGE(F, T)                                                     \
    F(T, tag_group_id, id, .doc = "Number")                                    \
    F(T, str, name, .max = 30, .min = 1, .doc = "Shown name")                  \
    F(T, str, color, .format = "color", .max = 7, .doc = "#rrggbb")            \
    F(T, boolean, single, .doc = "A person has at most one tag of this group") \
    F(T, i64, sort, .min = 0, .max = 9999, .doc = "Smaller first")
SCHEMA(tag_group_change, GROUP_CHANGE);

#define TAG_CREATE(F, T)                                                         \
    F(T, tag_group_id, group_id, .required = true, .doc = "Its group")           \
    F(T, str, name, .required = true, .max = 30, .doc = "Shown on the customer") \
    F(T, str, key, .format = "key", .max = 60, .nullable = true,                 \
      .doc = "How rules, imports and the API name it")                           \
    F(T, i64, sort, .min = 0, .max = 9999, .doc = "Smaller first")
SCHEMA(tag_create, TAG_CREATE);

#define TAG_CHANGE(F, T)                                                 \
    F(T, tag_id, id, .doc = "Number")                                    \
    F(T, str, name, .max = 30, .min = 1, .doc = "Shown on the customer") \
    F(T, i64, sort, .min = 0, .max = 9999, .doc = "Smaller first")
SCHEMA(tag_change, TAG_CHANGE);

#define ONE_GROUP(F, T) F(T, tag_group_id, id, .doc = "Number")
SCHEMA(tag_group_one, ONE_GROUP);
#define ONE_TAG(F, T) F(T, tag_id, id, .doc = "Number")
SCHEMA(tag_one, ONE_TAG);

#define GROUP_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(tag_group_list, GROUP_LIST);
#define TAG_LIST(F, T)                                        \
    F(T, tag_group_id, group_id, .doc = "Only of this group") \
    PAGE_FIELDS(F, T)
SCHEMA(tag_list, TAG_LIST);

static enum err group_list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tag_group_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 after, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(sql_query(cx, tag_group_list, &r, V(after), V(limit + 1)));
    return reply_page(cx, out, &tag_group_schema, &r, limit);
}

static enum err group_create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tag_group_create *in = input;
    struct tag_group group;
    tag_group_id id;
    TRY(taken(cx,
              sql_i64(cx, tag_group_insert, &id.v, val_null(), V(in->name),
                      V(in->color.len ? in->color : S("#3f8f6b")), V(in->single),
                      V(in->sort == NONE ? 0 : in->sort), V(cx->now)),
              "name", in->name));
    TRY(tag_group_get(cx, id, &group));
    audit_entity(cx, "tag_group", id.v);
    return reply_created(out, &tag_group_schema, &group);
}

static enum err group_change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tag_group_change *in = input;
    struct tag_group group;
    TRY(tag_group_get(cx, in->id, &group));
    TRY(version_check(cx, group.version));
    audit_entity(cx, "tag_group", in->id.v);
    audit_before(cx, &tag_group_schema, &group);
    schema_patch(&tag_group_schema, &group, &tag_group_change_schema, in);
    i64 changed;
    TRY(taken(cx,
              sql_changed(cx, tag_group_update, &changed, ID(group.id), V(group.name),
                          V(group.color), V(group.single), V(group.sort), V(group.version)),
              "name", group.name));
    group.version++;
    return reply_struct(out, &tag_group_schema, &group);
}

static enum err group_delete_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tag_group_one *in = input;
    struct tag_group group;
    (void)out;
    TRY(tag_group_get(cx, in->id, &group));
    audit_entity(cx, "tag_group", in->id.v);
    audit_before(cx, &tag_group_schema, &group);
    if (group.tags)
        return fail(cx, ERR_IN_USE, NULL, P("count", group.tags));
    return sql_exec(cx, tag_group_delete, ID(in->id));
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tag_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 after, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(sql_query(cx, tag_list, &r, V(after), ID(in->group_id), V(limit + 1)));
    return reply_page(cx, out, &tag_schema, &r, limit);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tag_create *in = input;
    struct tag tag;
    tag_id id;
    TRY(tag_add(
        cx, &(struct tag_new) { in->group_id, in->key, in->name, in->sort == NONE ? 0 : in->sort },
        &id));
    TRY(tag_get(cx, id, &tag));
    audit_entity(cx, "tag", id.v);
    return reply_created(out, &tag_schema, &tag);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tag_change *in = input;
    struct tag tag;
    i64 changed;
    TRY(tag_get(cx, in->id, &tag));
    TRY(version_check(cx, tag.version));
    audit_entity(cx, "tag", in->id.v);
    audit_before(cx, &tag_schema, &tag);
    schema_patch(&tag_schema, &tag, &tag_change_schema, in);
    TRY(taken(
        cx,
        sql_changed(cx, tag_update, &changed, ID(tag.id), V(tag.name), V(tag.sort), V(tag.version)),
        "name", tag.name));
    tag.version++;
    return reply_struct(out, &tag_schema, &tag);
}

#define STRIP_ROWS 2000 /* of tag_strip */

/* Takes a hidden tag from some more people; when nobody is left, the tag goes. */
static enum err strip(struct ctx *cx, i64 tag, i64 *ret_taken)
{
    TRY(sql_changed(cx, tag_strip, ret_taken, V(tag)));
    if (*ret_taken == STRIP_ROWS)
        return OK;
    TRY(sql_exec(cx, tag_blocks_strip, V(tag)));
    TRY(sql_exec(cx, tag_rule_hits_strip, V(tag)));
    TRY(sql_exec(cx, tag_rule_uses_strip, V(tag)));
    TRY(sql_exec(cx, tag_rule_strip, V(tag)));
    return sql_exec(cx, tag_delete, V(tag));
}

static enum err remove_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct json_error bad;
    i64 tag, taken;
    if (!json_i64(json_get(json_read(cx->arena, job->payload, &bad), "tag_id"), &tag))
        return ERR_INTERNAL;
    TRY(strip(cx, tag, &taken));
    job->done += taken;
    *ret_more = taken == STRIP_ROWS;
    return OK;
}

static const struct job_kind remove_job = {
    .name = "tag_remove", .zh = "删除标签", .en = "Remove a tag", .step = remove_step
};

static enum err delete_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tag_one *in = input;
    struct tag tag;
    i64 uses, taken;
    (void)out;
    TRY(tag_get(cx, in->id, &tag));
    TRY(sql_i64(cx, tag_uses, &uses, ID(in->id)));
    if (uses)
        return fail(cx, ERR_IN_USE, NULL, P("count", uses));
    audit_entity(cx, "tag", in->id.v);
    audit_before(cx, &tag_schema, &tag);
    TRY(sql_exec(cx, tag_rule_stop, ID(in->id)));
    TRY(sql_exec(cx, tag_hide, ID(in->id), V(cx->now)));
    TRY(strip(cx, in->id.v, &taken));
    str payload = arena_fmt(cx->arena, "{\"tag_id\":%lld}", (long long)in->id.v);
    return taken < STRIP_ROWS
               ? OK
               : job_add(cx,
                         &(struct job_new) {
                             .kind = &remove_job, .by = cx->actor.staff, .payload = payload },
                         NULL);
}

#define CUSTOMER_TAG(F, T)                                                            \
    F(T, tag_id, id, .doc = "Number of the tag")                                      \
    F(T, tag_group_id, group_id, .doc = "Its group")                                  \
    F(T, str, group_name, .doc = "Name of the group")                                 \
    F(T, str, color, .doc = "#rrggbb")                                                \
    F(T, str, key, .nullable = true, .doc = "How rules, imports and the API name it") \
    F(T, str, name, .doc = "Shown name")                                              \
    F(T, str, source, .doc = "manual, rule, import or api")                           \
    F(T, str, by_name, .nullable = true, .doc = "Who or what gave it")                \
    F(T, instant, at, .doc = "When")
SCHEMA(customer_tag, CUSTOMER_TAG);

#define TAGS_OF(F, T) F(T, customer_id, id, .doc = "Number of the customer")
SCHEMA(tags_of, TAGS_OF);

#define TAG_ASSIGN(F, T)                                                 \
    F(T, customer_id, id, .doc = "Number of the customer")               \
    F(T, list, add, .of_type = FT_id, .max = 100, .doc = "Tags to give") \
    F(T, list, remove, .of_type = FT_id, .max = 100,                     \
      .doc = "Tags to take; a rule will not give them again")
SCHEMA(tag_assign, TAG_ASSIGN);

static enum err list_of(struct ctx *cx, customer_id id, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, customer_tag_list, &r, ID(id)));
    reply_list(out);
    TRY(reply_rows(cx, out, &customer_tag_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err tags_of_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tags_of *in = input;
    TRY(customer_see(cx, in->id));
    return list_of(cx, in->id, out);
}

static enum err assign_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct tag_assign *in = input;
    const char *source = cx->actor.kind == ACTOR_TOKEN ? "api" : "manual";
    struct tag tag;
    bool changed;
    TRY(customer_see(cx, in->id));
    for (size_t i = 0; i < in->remove.n; i++)
        TRY(tag_take(cx, in->id, ((const tag_id *)in->remove.at)[i], source, &changed));
    for (size_t i = 0; i < in->add.n; i++) {
        tag_id id = ((const tag_id *)in->add.at)[i];
        enum err e = tag_get(cx, id, &tag);
        if (e == ERR_NOT_FOUND) {
            fail_clear(cx);
            return fail(cx, ERR_NOT_FOUND, arena_fmt(cx->arena, "add[%zu]", i).ptr);
        }
        TRY(e);
        TRY(tag_give(cx, in->id, id, source, &changed));
    }
    audit_customer(cx, in->id);
    return list_of(cx, in->id, out);
}

static const struct route routes[] = {
    { GET, "/api/v1/tag-groups", group_list_run, .id = "tag_group.list", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .in = &tag_group_list_schema, .out = &tag_group_schema, .listed = true,
      .doc = "List tag groups" },
    { POST, "/api/v1/tag-groups", group_create_run, .id = "tag_group.create",
      .perm = PERM_TAG_WRITE, .mode = WRITE, .in = &tag_group_create_schema,
      .out = &tag_group_schema, .doc = "Create a tag group" },
    { PATCH, "/api/v1/tag-groups/{id}", group_change_run, .id = "tag_group.change",
      .perm = PERM_TAG_WRITE, .mode = WRITE, .in = &tag_group_change_schema,
      .out = &tag_group_schema, .doc = "Change a tag group" },
    { DELETE, "/api/v1/tag-groups/{id}", group_delete_run, .id = "tag_group.delete",
      .perm = PERM_TAG_WRITE, .mode = WRITE, .in = &tag_group_one_schema,
      .doc = "Remove an empty tag group" },
    { GET, "/api/v1/tags", list_run, .id = "tag.list", .perm = PERM_CUSTOMER_READ, .mode = READ,
      .in = &tag_list_schema, .out = &tag_schema, .listed = true, .doc = "List tags" },
    { POST, "/api/v1/tags", create_run, .id = "tag.create", .perm = PERM_TAG_WRITE, .mode = WRITE,
      .in = &tag_create_schema, .out = &tag_schema, .doc = "Create a tag" },
    { PATCH, "/api/v1/tags/{id}", change_run, .id = "tag.change", .perm = PERM_TAG_WRITE,
      .mode = WRITE, .in = &tag_change_schema, .out = &tag_schema, .doc = "Change a tag" },
    { DELETE, "/api/v1/tags/{id}", delete_run, .id = "tag.delete", .perm = PERM_TAG_WRITE,
      .mode = WRITE, .in = &tag_one_schema,
      .doc = "Remove a tag from the list and from everybody who has it" },
    { GET, "/api/v1/customers/{id}/tags", tags_of_run, .id = "customer.tags",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &tags_of_schema, .out = &customer_tag_schema,
      .listed = true, .doc = "A customer's tags, and why they have them" },
    { POST, "/api/v1/customers/{id}/tags", assign_run, .id = "customer.assign_tags",
      .perm = PERM_TAG_ASSIGN, .mode = WRITE, .in = &tag_assign_schema, .out = &customer_tag_schema,
      .listed = true, .doc = "Give and take tags" },
};

static const struct event_type *const events[] = { &EV_TAG_ADDED, &EV_TAG_REMOVED };
static const struct job_kind *const jobs[] = { &remove_job };
extern const struct person_part tag_person_part;

const struct module tag_module = { .name = "tag",
                                   .routes = routes,
                                   .route_count = COUNT(routes),
                                   .events = events,
                                   .event_count = COUNT(events),
                                   .jobs = jobs,
                                   .job_count = COUNT(jobs),
                                   .person = &tag_person_part };
