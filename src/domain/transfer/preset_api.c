/* Mappings under a name. */
#include "domain/transfer/internal.h"

#include "core/reply.h"

#include "mapping.sql.h"

#define PRESETS_MAX 200

#define PRESET(F, T)                                                                    \
    F(T, import_preset_id, id, .nullable = true, .doc = "Number; null: it is built in") \
    F(T, str, key, .nullable = true, .doc = "Of one that is built in")                  \
    F(T, str, kind, .choices = transfer_kind_keys, .doc = "For which kind of import")   \
    F(T, str, name, .doc = "Shown name")                                                \
    F(T, obj, mapping, .of = &mapping_schema, .doc = "Which column is what")            \
    F(T, str, by_name, .nullable = true, .doc = "Who saved it")                         \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA(import_preset, PRESET);

#define PRESET_CREATE(F, T)                                                                      \
    F(T, str, kind, .required = true, .choices = transfer_kind_keys, .doc = "For which imports") \
    F(T, str, name, .required = true, .max = 60, .doc = "Shown name")                            \
    F(T, obj, mapping, .required = true, .of = &mapping_schema, .doc = "Which column is what")
SCHEMA(import_preset_create, PRESET_CREATE);

#define PRESET_CHANGE(F, T)                                   \
    F(T, import_preset_id, id, .doc = "Number")               \
    F(T, str, name, .min = 1, .max = 60, .doc = "Shown name") \
    F(T, obj, mapping, .of = &mapping_schema, .doc = "Which column is what")
SCHEMA(import_preset_change, PRESET_CHANGE);

#define PRESET_ONE(F, T) F(T, import_preset_id, id, .doc = "Number")
SCHEMA(import_preset_one, PRESET_ONE);

#define PRESET_ROW(F, T)       \
    F(T, import_preset_id, id) \
    F(T, str, kind) F(T, str, name) F(T, str, mapping) F(T, str, by_name) F(T, i64, version)
SCHEMA(import_preset_row, PRESET_ROW);

static enum err shown(struct ctx *cx, const struct import_preset_row *row,
                      struct import_preset *ret)
{
    struct mapping *m = NEW(cx->arena, struct mapping);
    TRY(mapping_read(cx, row->mapping, m));
    *ret = (struct import_preset) { .id = row->id,
                                    .kind = row->kind,
                                    .name = row->name,
                                    .mapping = m,
                                    .by_name = row->by_name,
                                    .version = row->version };
    return OK;
}

static enum err get(struct ctx *cx, import_preset_id id, struct import_preset_row *ret)
{
    return sql_one(cx, import_preset_by_id, &import_preset_row_schema, ret, ID(id));
}

static enum err answer(struct ctx *cx, import_preset_id id, struct reply *out)
{
    struct import_preset_row row;
    struct import_preset p;
    TRY(get(cx, id, &row));
    TRY(shown(cx, &row, &p));
    audit_entity(cx, "import_preset", id.v);
    return reply_struct(out, &import_preset_schema, &p);
}

/* What does not depend on a file: its fields are those of the kind, its words are known. */
static enum err check(struct ctx *cx, str kind, const struct mapping *m)
{
    struct sheet_options options;
    struct transfer_field *fields;
    size_t count;
    const struct mapping_column *columns = m->columns.at;
    TRY(mapping_options(cx, m, &options));
    TRY(transfer_fields(cx, transfer_kind_find(kind), &fields, &count));
    for (size_t i = 0; i < m->columns.n; i++) {
        size_t f = 0;
        while (f < count && !str_is(columns[i].field, fields[f].key))
            f++;
        if (f == count)
            return fail_rule(cx, ERR_INVALID, "mapping.columns", "有字段不属于这类导入",
                             "a field does not belong to this kind of import");
    }
    return OK;
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct import_preset p;
    (void)input;
    TRY(sql_query(cx, import_preset_all, &r));
    reply_list(out);
    for (size_t i = 0; i < mapping_preset_count; i++) {
        const struct mapping_preset *b = &mapping_presets[i];
        reply_item(out, &import_preset_schema,
                   &(struct import_preset) {
                       .key = str_of(b->key),
                       .kind = str_of(b->kind),
                       .name = str_of(cx->lang == LANG_ZH ? b->zh : b->en),
                       .mapping = &b->mapping,
                   });
    }
    while (rows_next(&r)) {
        struct import_preset_row row;
        schema_row(cx->arena, &import_preset_row_schema, &r, &row);
        TRY(shown(cx, &row, &p));
        reply_item(out, &import_preset_schema, &p);
    }
    reply_list_end(out, STR_NONE, NONE);
    return rows_end(&r);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_preset_create *in = input;
    import_preset_id id;
    i64 count;
    TRY(check(cx, in->kind, in->mapping));
    TRY(sql_i64(cx, import_preset_count, &count));
    if (count >= PRESETS_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", PRESETS_MAX));
    if (mapping_preset_find(in->name))
        return fail(cx, ERR_TAKEN, "name", P("value", in->name));
    TRY(taken(cx,
              sql_i64(cx, import_preset_insert, &id.v, V(in->kind), V(in->name),
                      V(mapping_text(cx, in->mapping)), V(cx->actor.name), V(cx->now)),
              "name", in->name));
    out->status = 201;
    return answer(cx, id, out);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_preset_change *in = input;
    struct import_preset_row row;
    i64 changed;
    TRY(get(cx, in->id, &row));
    TRY(version_check(cx, row.version));
    if (in->mapping)
        TRY(check(cx, row.kind, in->mapping));
    if (in->name.len && mapping_preset_find(in->name))
        return fail(cx, ERR_TAKEN, "name", P("value", in->name));
    TRY(taken(cx,
              sql_changed(cx, import_preset_update, &changed, ID(in->id),
                          V(in->name.len ? in->name : row.name),
                          V(in->mapping ? mapping_text(cx, in->mapping) : row.mapping)),
              "name", in->name));
    return answer(cx, in->id, out);
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_preset_one *in = input;
    struct import_preset_row row;
    (void)out;
    TRY(get(cx, in->id, &row));
    audit_entity(cx, "import_preset", in->id.v);
    return sql_exec(cx, import_preset_delete, ID(in->id));
}

static const struct route routes[] = {
    { GET, "/api/v1/import-presets", list_run, .id = "import_preset.list", .perm = PERM_IMPORT_RUN,
      .mode = READ, .out = &import_preset_schema, .listed = true,
      .doc = "Mappings that are built in or were saved" },
    { POST, "/api/v1/import-presets", create_run, .id = "import_preset.create",
      .perm = PERM_IMPORT_RUN, .mode = WRITE, .in = &import_preset_create_schema,
      .out = &import_preset_schema, .doc = "Save a mapping under a name" },
    { PATCH, "/api/v1/import-presets/{id}", change_run, .id = "import_preset.change",
      .perm = PERM_IMPORT_RUN, .mode = WRITE, .in = &import_preset_change_schema,
      .out = &import_preset_schema, .doc = "Change a saved mapping" },
    { DELETE, "/api/v1/import-presets/{id}", remove_run, .id = "import_preset.remove",
      .perm = PERM_IMPORT_RUN, .mode = WRITE, .in = &import_preset_one_schema,
      .doc = "Remove a saved mapping" },
};

const struct module import_preset_module = { .name = "import_preset",
                                             .routes = routes,
                                             .route_count = COUNT(routes) };
