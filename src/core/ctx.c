#include "core/ctx.h"

#include "base/log.h"
#include "core/app.h"
#include "core/schema.h"

#include <unistd.h>

void audit_entity(struct ctx *cx, const char *entity, i64 id)
{
    cx->audit.entity = entity;
    cx->audit.id = id;
}

void audit_customer(struct ctx *cx, customer_id customer)
{
    cx->audit.customer = customer;
    if (!cx->audit.entity)
        audit_entity(cx, "customer", customer.v);
}

static str as_json(struct ctx *cx, const struct schema *s, const void *from)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&text);
    schema_write_public(&w, NULL, s, from, false);
    return strbuf_str(&text);
}

void audit_before(struct ctx *cx, const struct schema *s, const void *from)
{
    cx->audit.before = as_json(cx, s, from);
}

void audit_after(struct ctx *cx, const struct schema *s, const void *from)
{
    cx->audit.after = as_json(cx, s, from);
}

enum err fail_with(struct ctx *cx, enum err code, str field, const struct prop *props, size_t count)
{
    struct failure *f = &cx->failure;
    assert(code != OK);
    if (f->code != OK)
        return code;
    *f = (struct failure) { .code = code,
                            .field = arena_str(cx->arena, field),
                            .count = MIN(count, FAIL_PROPS_MAX) };
    for (size_t i = 0; i < f->count; i++) {
        f->props[i] = props[i];
        if (props[i].val.kind == VAL_STR)
            f->props[i].val.s = arena_str(cx->arena, props[i].val.s);
    }
    return code;
}

enum err fail_rule(struct ctx *cx, enum err code, const char *field, const char *zh, const char *en)
{
    return fail(cx, code, field, P("reason_zh", zh), P("reason", en));
}

void fail_clear(struct ctx *cx)
{
    cx->failure = (struct failure) { 0 };
}

str fail_text(struct ctx *cx, enum err code)
{
    const struct err_info *info = err_info(code);
    const struct failure *f = &cx->failure;
    struct strbuf text;
    strbuf_init(&text, cx->arena, 1 << 16);
    out_filled(&text, str_of(cx->lang == LANG_ZH ? info->zh : info->en), f->props,
               f->code == code ? f->count : 0);
    return strbuf_str(&text);
}

enum err need(struct ctx *cx, enum perm p)
{
    if (may(cx, p))
        return OK;
    return fail(cx, ERR_FORBIDDEN, NULL,
                P("permission", cx->lang == LANG_ZH ? perm_info[p].zh : perm_info[p].en));
}

enum err sql_one_with(struct ctx *cx, const struct sql *sql, const struct schema *schema, void *ret,
                      const struct val *binds, size_t count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(db_query(cx->db, sql, &r, binds, count));
    bool any = rows_next(&r);
    if (any)
        schema_row(cx->arena, schema, &r, ret);
    TRY(rows_end(&r));
    return any ? OK : fail(cx, ERR_NOT_FOUND, NULL);
}

enum err taken(struct ctx *cx, enum err e, const char *field, str value)
{
    return e == ERR_CONFLICT ? fail(cx, ERR_TAKEN, field, P("value", value)) : e;
}

enum err version_check(struct ctx *cx, i64 version)
{
    return !cx->if_match || cx->if_match == version ? OK : fail(cx, ERR_VERSION_CHANGED, NULL);
}

/* A transaction that lost against another is run again a little later; each time a little later
 * still. */
static void pause_before(struct ctx *cx, int attempt)
{
    usleep((useconds_t)(rnd_below(&cx->rnd, 2000) * (uint64_t)(1 << MIN(attempt, 6))));
}

enum err in_write(struct ctx *cx, enum err (*work)(struct ctx *cx, void *arg), void *arg)
{
    struct db_conn *outer = cx->db;
    for (int attempt = 0;; attempt++) {
        enum err e = app_disk_check(cx->app);
        if (e == OK)
            e = db_write_begin(cx->app->db, cx->actor.view, &cx->db);
        if (e == OK)
            e = db_write_wait(cx->db, work(cx, arg));
        cx->db = outer;
        if (e != ERR_RETRY || attempt == 12)
            return e == ERR_RETRY ? ERR_BUSY : e;
        fail_clear(cx);
        pause_before(cx, attempt);
    }
}

enum err in_read(struct ctx *cx, enum err (*work)(struct ctx *cx, void *arg), void *arg)
{
    struct db_conn *outer = cx->db;
    TRY(db_read_begin(cx->app->db, cx->actor.view, &cx->db));
    enum err e = work(cx, arg);
    db_read_end(cx->db);
    cx->db = outer;
    return e;
}

struct ctx system_ctx(struct app *app, struct arena *arena, str name)
{
    struct ctx cx = { .app = app, .arena = arena, .now = app_now(app), .lang = LANG_ZH };
    cx.actor = (struct actor) { .kind = ACTOR_SYSTEM, .name = name, .perms = PERM_ALL };
    uint64_t seed;
    secret_bytes(&seed, sizeof seed);
    rnd_seed(&cx.rnd, seed);
    return cx;
}
