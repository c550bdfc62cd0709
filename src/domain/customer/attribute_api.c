/* Definitions of custom attributes. */
#include "domain/customer/internal.h"

#include "core/reply.h"

#include "attribute.sql.h"

#define ATTRIBUTES_MAX 200

static const char *const types[] = { "text",   "number",  "money", "date",
                                     "choice", "choices", "bool",  NULL };

#define ATTRIBUTE(F, T)                                                  \
    F(T, attribute_id, id, .doc = "Number")                              \
    F(T, str, key, .doc = "Name in `attrs`, in imports and in the API")  \
    F(T, str, name, .doc = "Shown name")                                 \
    F(T, str, name_en, .nullable = true, .doc = "Shown name in English") \
    F(T, str, type, .choices = types, .doc = "Kind of value")            \
    F(T, json, choices, .doc = "What may be chosen, a list of texts")    \
    F(T, i64, sort, .doc = "Smaller first")                              \
    F(T, boolean, archived, .doc = "No longer offered; values stay")     \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA(attribute, ATTRIBUTE);

#define ATTRIBUTE_CREATE(F, T)                                                                 \
    F(T, str, key, .required = true, .max = 40, .format = "key",                               \
      .doc = "Name in `attrs`; never changes")                                                 \
    F(T, str, name, .required = true, .max = 30, .doc = "Shown name")                          \
    F(T, str, name_en, .nullable = true, .max = 60, .doc = "Shown name in English")            \
    F(T, str, type, .required = true, .choices = types, .doc = "Kind of value; never changes") \
    F(T, list, choices, .of_type = FT_str, .max = 100, .doc = "What may be chosen")            \
    F(T, i64, sort, .min = 0, .max = 9999, .doc = "Smaller first")
SCHEMA(attribute_create, ATTRIBUTE_CREATE);

#define ATTRIBUTE_CHANGE(F, T)                                                      \
    F(T, attribute_id, id, .doc = "Number")                                         \
    F(T, str, name, .min = 1, .max = 30, .doc = "Shown name")                       \
    F(T, str, name_en, .nullable = true, .max = 60, .doc = "Shown name in English") \
    F(T, list, choices, .of_type = FT_str, .max = 100, .doc = "What may be chosen") \
    F(T, i64, sort, .min = 0, .max = 9999, .doc = "Smaller first")                  \
    F(T, boolean, archived, .doc = "No longer offered; values stay")
SCHEMA(attribute_change, ATTRIBUTE_CHANGE);

static enum err get(struct ctx *cx, attribute_id id, struct attribute *ret)
{
    return sql_one(cx, attribute_by_id, &attribute_schema, ret, ID(id));
}

static str choices_json(struct arena *a, const list *choices)
{
    struct strbuf text;
    const str *at = choices->at;
    strbuf_init(&text, a, 1 << 16);
    struct json_writer w = json_writer(&text);
    json_list(&w, NULL);
    for (size_t i = 0; i < choices->n; i++)
        json_put(&w, NULL, at[i]);
    json_list_end(&w);
    return strbuf_str(&text);
}

static bool chooses(str type)
{
    return str_is(type, "choice") || str_is(type, "choices");
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    (void)input;
    TRY(sql_query(cx, attribute_list, &r));
    reply_list(out);
    TRY(reply_rows(cx, out, &attribute_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct attribute_create *in = input;
    struct attribute a;
    attribute_id id;
    i64 count;
    if (chooses(in->type) && !in->choices.n)
        return fail(cx, ERR_REQUIRED, "choices");
    TRY(sql_i64(cx, attribute_count, &count));
    if (count >= ATTRIBUTES_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", ATTRIBUTES_MAX));
    TRY(taken(cx,
              sql_i64(cx, attribute_insert, &id.v, V(in->key), V(in->name), V(in->name_en),
                      V(in->type), V(choices_json(cx->arena, &in->choices)),
                      V(in->sort == NONE ? count : in->sort), V(cx->now)),
              "key", in->key));
    TRY(get(cx, id, &a));
    audit_entity(cx, "attribute", id.v);
    return reply_created(out, &attribute_schema, &a);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct attribute_change *in = input;
    struct attribute a;
    i64 changed;
    TRY(get(cx, in->id, &a));
    TRY(version_check(cx, a.version));
    audit_entity(cx, "attribute", in->id.v);
    audit_before(cx, &attribute_schema, &a);
    schema_patch(&attribute_schema, &a, &attribute_change_schema, in);
    if (HAS(in, attribute_change, choices)) {
        if (chooses(a.type) && !in->choices.n)
            return fail(cx, ERR_REQUIRED, "choices");
        a.choices = choices_json(cx->arena, &in->choices);
    }
    TRY(sql_changed(cx, attribute_update, &changed, ID(a.id), V(a.name), V(a.name_en), V(a.choices),
                    V(a.sort), V(a.archived), V(a.version)));
    a.version++;
    return reply_struct(out, &attribute_schema, &a);
}

static const struct route routes[] = {
    { GET, "/api/v1/attributes", list_run, .id = "attribute.list", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .out = &attribute_schema, .listed = true, .doc = "List custom attributes" },
    { POST, "/api/v1/attributes", create_run, .id = "attribute.create",
      .perm = PERM_LIFECYCLE_WRITE, .mode = WRITE, .in = &attribute_create_schema,
      .out = &attribute_schema, .doc = "Define a custom attribute" },
    { PATCH, "/api/v1/attributes/{id}", change_run, .id = "attribute.change",
      .perm = PERM_LIFECYCLE_WRITE, .mode = WRITE, .in = &attribute_change_schema,
      .out = &attribute_schema, .doc = "Change or archive a custom attribute" },
};

const struct module attribute_module = { .name = "attribute",
                                         .routes = routes,
                                         .route_count = COUNT(routes) };
