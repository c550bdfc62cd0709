/* Sources: made, changed, given a new key. */
#include "domain/source/source.h"

#include "core/app.h"
#include "core/reply.h"

#include "source.sql.h"

#define SOURCE(F, T)                                                                               \
    F(T, source_id, id, .doc = "Number")                                                           \
    F(T, str, name, .doc = "Shown name")                                                           \
    F(T, str, write_key, .secret = true, .doc = "What the SDK is given")                           \
    F(T, str, user_scope, .doc = "Sources of one scope share user ids")                            \
    F(T, boolean, trusted, .doc = "A server of one's own: identifiers it sends count as verified") \
    F(T, department_id, department_id, .nullable = true, .doc = "Whose the people it brings are")  \
    F(T, boolean, active, .doc = "Takes facts")                                                    \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")                              \
    F(T, instant, created_at, .doc = "When it was made")                                           \
    F(T, instant, seen_at, .nullable = true, .doc = "When it last brought a fact, to the minute")
SCHEMA(source, SOURCE);

#define SOURCE_CREATE(F, T)                                                                        \
    F(T, str, name, .required = true, .max = 60, .doc = "Shown name")                              \
    F(T, str, user_scope, .max = 40, .format = "key",                                              \
      .doc = "Sources of one scope share user ids; `user` unless told")                            \
    F(T, boolean, trusted, .doc = "A server of one's own: identifiers it sends count as verified") \
    F(T, department_id, department_id, .nullable = true, .doc = "Whose the people it brings are")
SCHEMA(source_create, SOURCE_CREATE);

#define SOURCE_CHANGE(F, T)                                                                        \
    F(T, source_id, id, .doc = "Number")                                                           \
    F(T, str, name, .min = 1, .max = 60, .doc = "Shown name")                                      \
    F(T, boolean, trusted, .doc = "A server of one's own: identifiers it sends count as verified") \
    F(T, department_id, department_id, .nullable = true, .doc = "Whose the people it brings are")  \
    F(T, boolean, active, .doc = "Takes facts")
SCHEMA(source_change, SOURCE_CHANGE);

#define SOURCE_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(source_list, SOURCE_LIST);
#define SOURCE_ONE(F, T) F(T, source_id, id, .doc = "Number")
SCHEMA(source_one, SOURCE_ONE);

enum err source_find(struct ctx *cx, str write_key, struct source_known *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    str index = secret_index(cx->app->secrets, cx->arena, S("write_key"), write_key);
    TRY(sql_query(cx, source_by_key, &r, V(index)));
    bool any = rows_next(&r);
    if (any)
        *ret = (struct source_known) { { col_id(&r, 0) },
                                       arena_str(cx->arena, col_str(&r, 1)),
                                       col_bool(&r, 2),
                                       { col_id(&r, 3) },
                                       { col_id(&r, 4) } };
    TRY(rows_end(&r));
    return any ? OK : fail(cx, ERR_NOT_SIGNED_IN, NULL);
}

enum err source_mark(struct ctx *cx, const struct source_known *s)
{
    if (cx->now.ms - s->seen.ms < MINUTE_MS)
        return OK;
    return sql_exec(cx, source_seen, ID(s->id), V(cx->now));
}

/* Columns in the order of source_by_id. */
static enum err from_row(struct ctx *cx, const struct rows *r, struct source *ret)
{
    *ret = (struct source) { .id = { col_id(r, 0) },
                             .name = arena_str(cx->arena, col_str(r, 1)),
                             .user_scope = arena_str(cx->arena, col_str(r, 3)),
                             .trusted = col_bool(r, 4),
                             .department_id = { col_id(r, 5) },
                             .active = col_bool(r, 6),
                             .version = col_i64(r, 7),
                             .created_at = { col_id(r, 8) },
                             .seen_at = { col_id(r, 9) } };
    return secret_open(cx->app->secrets, cx->arena, col_str(r, 2), &ret->write_key);
}

static enum err get(struct ctx *cx, source_id id, struct source *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, source_by_id, &r, ID(id)));
    bool any = rows_next(&r);
    if (any)
        TRY(from_row(cx, &r, ret));
    TRY(rows_end(&r));
    return any ? OK : fail(cx, ERR_NOT_FOUND, NULL);
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct source_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct source s = { 0 };
    i64 after, limit = page_limit(in->limit), count = 0;
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(sql_query(cx, source_list, &r, V(after), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        TRY(from_row(cx, &r, &s));
        reply_item(out, &source_schema, &s);
    }
    bool more = count == limit && rows_next(&r);
    TRY(rows_end(&r));
    reply_list_end(out, more ? cursor_make(cx->arena, (struct val[]) { ID(s.id) }, 1) : STR_NONE,
                   NONE);
    return OK;
}

enum err source_add(struct ctx *cx, const struct source_new *n, source_id *ret)
{
    str key = secret_token(cx->arena, 24);
    return taken(cx,
                 sql_i64(cx, source_insert, &ret->v, V(n->name),
                         val_blob(secret_seal(cx->app->secrets, cx->arena, key)),
                         V(secret_index(cx->app->secrets, cx->arena, S("write_key"), key)),
                         V(n->user_scope.len ? n->user_scope : S("user")), V(n->trusted),
                         ID(n->department), V(cx->now)),
                 "name", n->name);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct source_create *in = input;
    struct source s;
    source_id id;
    TRY(source_add(
        cx, &(struct source_new) { in->name, in->user_scope, in->trusted, in->department_id },
        &id));
    TRY(get(cx, id, &s));
    audit_entity(cx, "source", id.v);
    return reply_created(out, &source_schema, &s);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct source_change *in = input;
    struct source s;
    i64 changed;
    TRY(get(cx, in->id, &s));
    TRY(version_check(cx, s.version));
    audit_entity(cx, "source", in->id.v);
    audit_before(cx, &source_schema, &s);
    schema_patch(&source_schema, &s, &source_change_schema, in);
    TRY(taken(cx,
              sql_changed(cx, source_update, &changed, ID(s.id), V(s.name), V(s.user_scope),
                          V(s.trusted), ID(s.department_id), V(s.active), V(s.version)),
              "name", s.name));
    s.version++;
    return reply_struct(out, &source_schema, &s);
}

static enum err rekey_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct source_one *in = input;
    struct source s;
    str key = secret_token(cx->arena, 24);
    TRY(get(cx, in->id, &s));
    TRY(sql_exec(cx, source_rekey, ID(in->id),
                 val_blob(secret_seal(cx->app->secrets, cx->arena, key)),
                 V(secret_index(cx->app->secrets, cx->arena, S("write_key"), key))));
    audit_entity(cx, "source", in->id.v);
    TRY(get(cx, in->id, &s));
    return reply_struct(out, &source_schema, &s);
}

static const struct route routes[] = {
    { GET, "/api/v1/sources", list_run, .id = "source.list", .perm = PERM_TOKEN_WRITE, .mode = READ,
      .in = &source_list_schema, .out = &source_schema, .listed = true,
      .doc = "List the sources of facts" },
    { POST, "/api/v1/sources", create_run, .id = "source.create", .perm = PERM_TOKEN_WRITE,
      .mode = WRITE, .in = &source_create_schema, .out = &source_schema,
      .doc = "Make a source with its write key" },
    { PATCH, "/api/v1/sources/{id}", change_run, .id = "source.change", .perm = PERM_TOKEN_WRITE,
      .mode = WRITE, .in = &source_change_schema, .out = &source_schema,
      .doc = "Change a source, or switch it off" },
    { POST, "/api/v1/sources/{id}/rekey", rekey_run, .id = "source.rekey", .perm = PERM_TOKEN_WRITE,
      .mode = WRITE, .in = &source_one_schema, .out = &source_schema,
      .doc = "Give a source a new write key; the old one ends at once" },
};

const struct module source_module = { .name = "source",
                                      .routes = routes,
                                      .route_count = COUNT(routes) };
