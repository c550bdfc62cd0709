/* Stages of the life cycle: fan, new customer, member, KOC, lost; the brand's to change. */
#include "domain/rule/rule.h"

#include "core/app.h"
#include "core/reply.h"

#include "rule.sql.h"

#define STAGE(F, T)                                                                                \
    F(T, stage_id, id, .doc = "Number")                                                            \
    F(T, str, key, .doc = "How conditions name it")                                                \
    F(T, str, name, .doc = "Shown name")                                                           \
    F(T, str, name_en, .doc = "Shown name in English")                                             \
    F(T, str, color, .doc = "#rrggbb")                                                             \
    F(T, i64, sort, .doc = "Of several whose conditions hold, the one with the largest is theirs") \
    F(T, json, condition, .nullable = true, .doc = "Who is in it; null: nobody by rule")           \
    F(T, i64, people, .doc = "How many are in it, as far as one may see")                          \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA(stage, STAGE);

#define STAGE_CREATE(F, T)                                                              \
    F(T, str, key, .required = true, .max = 30, .format = "key",                        \
      .doc = "How conditions name it; never changes")                                   \
    F(T, str, name, .required = true, .max = 20, .doc = "Shown name")                   \
    F(T, str, name_en, .required = true, .max = 40, .doc = "Shown name in English")     \
    F(T, str, color, .format = "color", .max = 7, .doc = "#rrggbb")                     \
    F(T, i64, sort, .required = true, .min = 0, .max = 9999, .doc = "The largest wins") \
    F(T, doc, condition, .nullable = true, .doc = "Who is in it")
SCHEMA(stage_create, STAGE_CREATE);

#define STAGE_CHANGE(F, T)                                                  \
    F(T, stage_id, id, .doc = "Number")                                     \
    F(T, str, name, .min = 1, .max = 20, .doc = "Shown name")               \
    F(T, str, name_en, .min = 1, .max = 40, .doc = "Shown name in English") \
    F(T, str, color, .format = "color", .max = 7, .doc = "#rrggbb")         \
    F(T, i64, sort, .min = 0, .max = 9999, .doc = "The largest wins")       \
    F(T, doc, condition, .doc = "Who is in it; null: nobody by rule")
SCHEMA(stage_change, STAGE_CHANGE);

#define STAGE_ONE(F, T) F(T, stage_id, id, .doc = "Number")
SCHEMA(stage_one, STAGE_ONE);

/* The brand can be looked at without knowing any rule: these stand at the first start. Days are
 * those of the trade. */
static const struct {
    const char *key, *zh, *en, *color, *condition;
} seeds[] = {
    { "fan", "粉丝", "Fan", "#7a9e8e", "{}" },
    { "new", "新客户", "New customer", "#4b9cd3", "{\"order\":\"count\",\"gte\":1}" },
    { "member", "会员", "Member", "#2f7d63",
      "{\"any\":[{\"order\":\"count\",\"gte\":2},{\"identity\":\"member_no\",\"is\":true}]}" },
    { "koc", "KOC", "KOC", "#b8860b",
      "{\"all\":[{\"order\":\"count\",\"gte\":6},{\"order\":\"amount\",\"gte\":200000}]}" },
    { "lost", "流失", "Lost", "#9a8f8f",
      "{\"all\":[{\"order\":\"count\",\"gte\":1},{\"order\":\"last\",\"before\":\"180d\"}]}" },
};

static enum err seed(struct ctx *cx)
{
    i64 any;
    TRY(sql_i64(cx, stage_any, &any));
    for (size_t i = 0; i < COUNT(seeds) && !any; i++)
        TRY(sql_exec(cx, stage_seed, V(seeds[i].key), V(seeds[i].zh), V(seeds[i].en),
                     V(seeds[i].color), V((i64)(i + 1) * 10), V(seeds[i].condition), V(cx->now)));
    return OK;
}

static enum err get(struct ctx *cx, stage_id id, struct stage *ret)
{
    return sql_one(cx, stage_by_id, &stage_schema, ret, ID(id));
}

/* The condition as it is kept: none for null. */
static enum err condition_text(struct ctx *cx, doc described, i64 id, str *ret)
{
    struct condition c;
    struct strbuf text;
    *ret = STR_NONE;
    if (!described || described->kind == JSON_NULL)
        return id ? condition_uses_remove(cx, "stage", id) : OK;
    TRY(condition_read(cx, "condition", described, &c));
    strbuf_init(&text, cx->arena, 1 << 20);
    out_json_value(&text, described);
    *ret = strbuf_str(&text);
    return id ? condition_uses_put(cx, "stage", id, &c) : OK;
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    (void)input;
    TRY(sql_query(cx, stage_list, &r));
    reply_list(out);
    TRY(reply_rows(cx, out, &stage_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct stage_create *in = input;
    struct stage s;
    stage_id id;
    str condition;
    TRY(condition_text(cx, in->condition, 0, &condition));
    TRY(taken(cx,
              sql_i64(cx, stage_insert, &id.v, V(in->key), V(in->name), V(in->name_en),
                      V(in->color.len ? in->color : S("#7a9e8e")), V(in->sort), V(condition),
                      V(cx->now)),
              "key", in->key));
    TRY(condition_text(cx, in->condition, id.v, &condition));
    TRY(rule_apply_all(cx));
    TRY(get(cx, id, &s));
    audit_entity(cx, "stage", id.v);
    return reply_created(out, &stage_schema, &s);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct stage_change *in = input;
    struct stage s;
    i64 changed;
    TRY(get(cx, in->id, &s));
    TRY(version_check(cx, s.version));
    audit_entity(cx, "stage", in->id.v);
    audit_before(cx, &stage_schema, &s);
    schema_patch(&stage_schema, &s, &stage_change_schema, in);
    if (HAS(in, stage_change, condition))
        TRY(condition_text(cx, in->condition, in->id.v, &s.condition));
    TRY(sql_changed(cx, stage_update, &changed, ID(s.id), V(s.name), V(s.name_en), V(s.color),
                    V(s.sort), V(s.condition), V(s.version)));
    if (HAS(in, stage_change, condition) || HAS(in, stage_change, sort))
        TRY(rule_apply_all(cx));
    TRY(get(cx, in->id, &s));
    return reply_struct(out, &stage_schema, &s);
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct stage_one *in = input;
    struct stage s;
    i64 people, history;
    (void)out;
    TRY(get(cx, in->id, &s));
    TRY(sql_i64(cx, stage_people, &people, ID(in->id)));
    TRY(sql_i64(cx, stage_history, &history, ID(in->id)));
    audit_entity(cx, "stage", in->id.v);
    audit_before(cx, &stage_schema, &s);
    if (people || history)
        return fail(cx, ERR_IN_USE, NULL, P("count", people + history));
    TRY(condition_uses_remove(cx, "stage", in->id.v));
    return sql_exec(cx, stage_delete, ID(in->id));
}

static const struct route routes[] = {
    { GET, "/api/v1/stages", list_run, .id = "stage.list", .perm = PERM_CUSTOMER_READ, .mode = READ,
      .out = &stage_schema, .listed = true, .doc = "Stages of the life cycle" },
    { POST, "/api/v1/stages", create_run, .id = "stage.create", .perm = PERM_LIFECYCLE_WRITE,
      .mode = WRITE, .in = &stage_create_schema, .out = &stage_schema, .doc = "Add a stage" },
    { PATCH, "/api/v1/stages/{id}", change_run, .id = "stage.change", .perm = PERM_LIFECYCLE_WRITE,
      .mode = WRITE, .in = &stage_change_schema, .out = &stage_schema,
      .doc = "Change a stage; everybody is looked at" },
    { DELETE, "/api/v1/stages/{id}", remove_run, .id = "stage.remove", .perm = PERM_LIFECYCLE_WRITE,
      .mode = WRITE, .in = &stage_one_schema, .doc = "Remove a stage that nobody is or was in" },
};

const struct module stage_module = {
    .name = "stage", .routes = routes, .route_count = COUNT(routes), .seed = seed
};
