/* The contract, written from the tables. */
#include "api/internal.h"

#include "base/vec.h"

typedef VEC(const struct schema *) schema_set;

static void collect(struct arena *a, schema_set *set, const struct schema *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < set->n; i++)
        if (set->at[i] == s)
            return;
    *vec_push(a, set) = s;
    for (size_t i = 0; i < s->count; i++)
        collect(a, set, s->fields[i].of);
}

static void reference(struct json_writer *w, const char *key, const struct schema *s)
{
    char ref[160];
    snprintf(ref, sizeof ref, "#/components/schemas/%s", s->name);
    json_open(w, key);
    json_put(w, "$ref", (const char *)ref);
    json_close(w);
}

static const char *json_type(enum field_type t)
{
    switch (t) {
    case FT_str:
    case FT_instant:
    case FT_day: return "string";
    case FT_i64:
    case FT_money:
    case FT_id: return "integer";
    case FT_f64: return "number";
    case FT_boolean: return "boolean";
    case FT_list: return "array";
    case FT_obj: return "object";
    case FT_json:
    case FT_doc: break;
    }
    return NULL;
}

static void type_member(struct json_writer *w, const char *type, bool nullable)
{
    if (!nullable) {
        json_put(w, "type", type);
        return;
    }
    json_list(w, "type");
    json_put(w, NULL, type);
    json_put(w, NULL, "null");
    json_list_end(w);
}

static void limits(struct json_writer *w, const struct field *f, enum field_type type)
{
    bool text = type == FT_str, number = type == FT_i64 || type == FT_money, many = type == FT_list;
    if (text && f->min)
        json_put(w, "minLength", f->min);
    if (text && f->max)
        json_put(w, "maxLength", f->max);
    if (number && (f->min || f->max))
        json_put(w, "minimum", f->min);
    if (number && f->max)
        json_put(w, "maximum", f->max);
    if (many && f->min)
        json_put(w, "minItems", f->min);
    if (many && f->max)
        json_put(w, "maxItems", f->max);
    if (type == FT_instant)
        json_put(w, "format", "date-time");
    if (type == FT_day)
        json_put(w, "format", "date");
    if (type == FT_id)
        json_put(w, "minimum", 1);
    if (text && f->format && strcmp(f->format, "email") == 0)
        json_put(w, "format", "email");
}

static void choices(struct json_writer *w, const struct field *f)
{
    if (!f->choices)
        return;
    json_list(w, "enum");
    for (size_t i = 0; f->choices[i]; i++)
        json_put(w, NULL, f->choices[i]);
    if (f->nullable)
        json_val(w, NULL, val_null());
    json_list_end(w);
}

static void field_schema(struct json_writer *w, const char *key, const struct field *f)
{
    json_open(w, key);
    if (f->type == FT_obj) {
        json_list(w, f->nullable ? "anyOf" : "allOf");
        reference(w, NULL, f->of);
        if (f->nullable) {
            json_open(w, NULL);
            json_put(w, "type", "null");
            json_close(w);
        }
        json_list_end(w);
    } else if (json_type(f->type)) {
        type_member(w, json_type(f->type), f->nullable);
    }
    limits(w, f, f->type);
    if (f->type == FT_list && f->of) {
        reference(w, "items", f->of);
    } else if (f->type == FT_list) {
        json_open(w, "items");
        json_put(w, "type", json_type(f->of_type));
        choices(w, f);
        json_close(w);
    } else {
        choices(w, f);
    }
    if (f->doc)
        json_put(w, "description", f->doc);
    json_close(w);
}

static void schema_object(struct json_writer *w, const struct schema *s, bool output)
{
    json_open(w, s->name);
    json_put(w, "type", "object");
    json_put(w, "additionalProperties", false);
    json_open(w, "properties");
    for (size_t i = 0; i < s->count; i++)
        field_schema(w, s->fields[i].name, &s->fields[i]);
    json_close(w);
    json_list(w, "required");
    for (size_t i = 0; i < s->count; i++)
        if (output || s->fields[i].required)
            json_put(w, NULL, s->fields[i].name);
    json_list_end(w);
    json_close(w);
}

static bool in_path(const struct compiled *c, const char *name)
{
    for (int i = 0; i < c->count; i++)
        if (c->param[i] && str_is(c->segments[i], name))
            return true;
    return false;
}

static void parameters(struct json_writer *w, const struct compiled *c)
{
    const struct route *r = c->route;
    bool query = r->method == GET || r->method == DELETE || r->raw_in;
    json_list(w, "parameters");
    for (size_t i = 0; r->in && i < r->in->count; i++) {
        const struct field *f = &r->in->fields[i];
        bool path = in_path(c, f->name);
        if (!path && !query)
            continue;
        json_open(w, NULL);
        json_put(w, "name", f->name);
        json_put(w, "in", path ? "path" : "query");
        json_put(w, "required", (bool)(path || f->required));
        if (!path && f->type == FT_list)
            json_put(w, "explode", false);
        field_schema(w, "schema", f);
        json_close(w);
    }
    json_list_end(w);
}

static void body(struct json_writer *w, const struct compiled *c)
{
    const struct route *r = c->route;
    json_open(w, "requestBody");
    json_open(w, "content");
    if (r->raw_in) {
        json_open(w, "application/octet-stream");
        json_close(w);
    } else {
        json_open(w, "application/json");
        json_open(w, "schema");
        json_put(w, "type", "object");
        json_put(w, "additionalProperties", false);
        json_open(w, "properties");
        for (size_t i = 0; i < r->in->count; i++)
            if (!in_path(c, r->in->fields[i].name))
                field_schema(w, r->in->fields[i].name, &r->in->fields[i]);
        json_close(w);
        json_list(w, "required");
        for (size_t i = 0; i < r->in->count; i++)
            if (!in_path(c, r->in->fields[i].name) && r->in->fields[i].required)
                json_put(w, NULL, r->in->fields[i].name);
        json_list_end(w);
        json_close(w);
        json_close(w);
    }
    json_close(w);
    json_close(w);
}

static void list_schema(struct json_writer *w, const struct schema *item)
{
    json_open(w, "schema");
    json_put(w, "type", "object");
    json_open(w, "properties");
    json_open(w, "items");
    json_put(w, "type", "array");
    reference(w, "items", item);
    json_close(w);
    json_open(w, "next");
    type_member(w, "string", true);
    json_close(w);
    json_open(w, "total");
    json_put(w, "type", "integer");
    json_close(w);
    json_close(w);
    json_list(w, "required");
    json_put(w, NULL, "items");
    json_put(w, NULL, "next");
    json_list_end(w);
    json_close(w);
}

static void responses(struct json_writer *w, const struct route *r)
{
    json_open(w, "responses");
    json_open(w, r->out || r->raw_out ? "200" : "204");
    json_put(w, "description", r->out || r->raw_out ? "Done" : "Done, nothing to say");
    if (r->out) {
        json_open(w, "content");
        json_open(w, "application/json");
        if (r->listed) {
            list_schema(w, r->out);
        } else {
            reference(w, "schema", r->out);
        }
        json_close(w);
        json_close(w);
    }
    json_close(w);
    json_open(w, "default");
    json_put(w, "description", "What went wrong");
    json_open(w, "content");
    json_open(w, "application/problem+json");
    json_open(w, "schema");
    json_put(w, "$ref", "#/components/schemas/problem");
    json_close(w);
    json_close(w);
    json_close(w);
    json_close(w);
    json_close(w);
}

static void operation(struct json_writer *w, const struct compiled *c)
{
    static const char *const names[] = { "get", "post", "put", "patch", "delete" };
    const struct route *r = c->route;
    json_open(w, names[r->method]);
    json_put(w, "operationId", r->id);
    json_put(w, "summary", r->doc);
    str id = str_of(r->id);
    json_list(w, "tags");
    json_put(w, NULL, str_cut(&id, '.'));
    json_list_end(w);
    json_put(w, "x-permission", perm_info[r->perm].key);
    if (r->perm == PERM_PUBLIC) {
        json_list(w, "security");
        json_list_end(w);
    }
    parameters(w, c);
    if (r->method != GET && r->method != DELETE && (r->in || r->raw_in))
        body(w, c);
    responses(w, r);
    json_close(w);
}

static void problem_schema(struct json_writer *w)
{
    json_open(w, "problem");
    json_put(w, "type", "object");
    json_open(w, "properties");
    static const char *const texts[] = { "type", "title", "code", "field", "detail", "request_id" };
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_open(w, texts[i]);
        json_put(w, "type", "string");
        json_close(w);
    }
    json_open(w, "status");
    json_put(w, "type", "integer");
    json_close(w);
    json_open(w, "params");
    json_put(w, "type", "object");
    json_close(w);
    json_close(w);
    json_list(w, "required");
    static const char *const needed[] = { "type", "status", "code", "title", "request_id" };
    for (size_t i = 0; i < COUNT(needed); i++)
        json_put(w, NULL, needed[i]);
    json_list_end(w);
    json_close(w);
}

static void components(struct json_writer *w, struct arena *a, const struct api *api)
{
    schema_set outputs = { 0 };
    for (size_t i = 0; i < api->count; i++)
        collect(a, &outputs, api->routes[i].route->out);
    size_t out_count = outputs.n;
    schema_set all = { 0 };
    for (size_t i = 0; i < out_count; i++)
        *vec_push(a, &all) = outputs.at[i];
    for (size_t i = 0; i < api->count; i++) {
        const struct schema *in = api->routes[i].route->in;
        for (size_t k = 0; in && k < in->count; k++)
            collect(a, &all, in->fields[k].of);
    }
    json_open(w, "components");
    json_open(w, "schemas");
    for (size_t i = 0; i < all.n; i++)
        schema_object(w, all.at[i], i < out_count);
    problem_schema(w);
    json_close(w);
    json_open(w, "securitySchemes");
    static const struct {
        const char *name, *type, *in, *header, *scheme;
    } schemes[] = { { "session", "apiKey", "cookie", "hetang_session", NULL },
                    { "token", "http", NULL, NULL, "bearer" },
                    { "write_key", "http", NULL, NULL, "basic" } };
    for (size_t i = 0; i < COUNT(schemes); i++) {
        json_open(w, schemes[i].name);
        json_put(w, "type", schemes[i].type);
        if (schemes[i].in) {
            json_put(w, "in", schemes[i].in);
            json_put(w, "name", schemes[i].header);
        } else {
            json_put(w, "scheme", schemes[i].scheme);
        }
        json_close(w);
    }
    json_close(w);
    json_close(w);
}

static bool same_path(const struct compiled *a, const struct compiled *b)
{
    return strcmp(a->route->path, b->route->path) == 0;
}

void out_openapi(struct strbuf *sb, const struct app *app)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct api *api;
    const char *why;
    if (api_new((struct app *)(uintptr_t)app, &api, &why) != OK)
        return;
    struct json_writer w = json_writer(sb);
    json_open(&w, NULL);
    json_put(&w, "openapi", "3.1.0");
    json_open(&w, "info");
    json_put(&w, "title", "Hetang");
    json_put(&w, "version", "1");
    json_put(&w, "description",
             "Times are RFC 3339, amounts integers in hundredths of the currency unit, lists paged "
             "by cursor.");
    json_close(&w);
    json_open(&w, "paths");
    for (size_t i = 0; i < api->count; i++) {
        if (!i || !same_path(&api->routes[i - 1], &api->routes[i]))
            json_open(&w, api->routes[i].route->path);
        operation(&w, &api->routes[i]);
        if (i + 1 == api->count || !same_path(&api->routes[i], &api->routes[i + 1]))
            json_close(&w);
    }
    json_close(&w);
    components(&w, &arena, api);
    json_close(&w);
    json_done(&w);
    api_free(api);
}
