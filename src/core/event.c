#include "core/event.h"

#include "base/json.h"
#include "base/map.h"
#include "base/time.h"

#include "event.sql.h"

#include <pthread.h>
#include <unistd.h>

/* How far numbers were given out at some moment, and a write that began after it. */
struct horizon {
    i64 given, write;
};

/* Types never change their number and are never removed, so what was loaded stays true; a name that
 * is not found may have been registered by another node and is looked up again. */
struct event_types {
    pthread_rwlock_t lock;
    struct map by_hash; /* hash of the name → number */
    struct map by_id;   /* number → char * */
    pthread_mutex_t horizon_lock;
    struct horizon settled, next; /* next becomes settled when every write before it has ended */
};

struct event_types *event_types_new(void)
{
    struct event_types *t = xcalloc(1, sizeof *t);
    pthread_rwlock_init(&t->lock, NULL);
    pthread_mutex_init(&t->horizon_lock, NULL);
    return t;
}

void event_types_free(struct event_types *t)
{
    if (!t)
        return;
    for (struct map_slot *s = NULL; (s = map_next(&t->by_id, s));)
        free((void *)s->value);
    map_done(&t->by_hash);
    map_done(&t->by_id);
    free(t);
}

static i64 name_key(str name)
{
    return (i64)(str_hash(name) >> 1);
}

static void remember(struct event_types *t, i64 id, str name)
{
    pthread_rwlock_wrlock(&t->lock);
    i64 *slot = map_put(&t->by_id, id);
    if (!*slot)
        *slot = (i64)xstrdup(name);
    *map_put(&t->by_hash, name_key(name)) = id;
    pthread_rwlock_unlock(&t->lock);
}

static i64 known(struct event_types *t, str name)
{
    pthread_rwlock_rdlock(&t->lock);
    const i64 *id = map_get(&t->by_hash, name_key(name));
    i64 found = id && str_is(name, (const char *)*map_get(&t->by_id, *id)) ? *id : 0;
    pthread_rwlock_unlock(&t->lock);
    return found;
}

str event_type_name(const struct app *app, i64 type)
{
    struct event_types *t = app->types;
    pthread_rwlock_rdlock(&t->lock);
    const i64 *name = map_get(&t->by_id, type);
    str found =
        name ? str_of((const char *)*name) : STR_NONE; /* never freed while the app is open */
    pthread_rwlock_unlock(&t->lock);
    return found;
}

static enum err load(struct ctx *cx, void *arg)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct app *app = arg;
    TRY(sql_query(cx, event_type_all, &r, V(0)));
    while (rows_next(&r))
        remember(app->types, col_id(&r, 0), col_str(&r, 1));
    return rows_end(&r);
}

enum err event_types_load(struct app *app)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("start"));
    return in_read(&cx, load, app);
}

enum err event_types_register(struct ctx *cx)
{
    i64 id;
    TRY(load(cx, cx->app));
    for (size_t i = 0; i < cx->app->module_count; i++)
        for (size_t k = 0; k < cx->app->modules[i]->event_count; k++) {
            str name = str_of(cx->app->modules[i]->events[k]->name);
            if (!known(cx->app->types, name))
                TRY(sql_i64(cx, event_type_put, &id, V(name), V(true), V(cx->now)));
        }
    return OK;
}

enum err event_type_id(struct ctx *cx, str name, i64 *ret)
{
    i64 id = known(cx->app->types, name), count;
    if (!id) {
        bool declared = module_event(cx->app, name) != NULL;
        TRY(sql_i64(cx, event_type_count, &count));
        if (!declared && count >= EVENT_TYPES_MAX)
            return fail(cx, ERR_TOO_MANY, "event", P("max", EVENT_TYPES_MAX));
        /* Remembered only by the next load after the commit, since this write may still be undone.
         */
        TRY(sql_i64(cx, event_type_put, &id, V(name), V(declared), V(cx->now)));
    }
    *ret = id;
    return OK;
}

enum err event_append(struct ctx *cx, i64 type, const struct event_new *e)
{
    return sql_exec(cx, event_insert, ID(e->customer), V(type), V(e->at.ms ? e->at : cx->now),
                    V(cx->now), V(e->source), V(cx->actor.name), val_id(e->dedupe_key),
                    V(e->props.len ? e->props : S("{}")));
}

enum err event_emit_with(struct ctx *cx, const struct event_type *type, customer_id customer,
                         instant at, const struct prop *props, size_t count)
{
    struct strbuf text;
    i64 id;
    strbuf_init(&text, cx->arena, 1 << 16);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    for (size_t i = 0; i < count; i++)
        json_val(&w, props[i].key, props[i].val);
    json_close(&w);
    TRY(event_type_id(cx, str_of(type->name), &id));
    return event_append(
        cx, id, &(struct event_new) { .customer = customer, .at = at, .props = strbuf_str(&text) });
}

static enum err from_row(struct ctx *cx, const struct rows *r, struct event *ret)
{
    *ret = (struct event) { .seq = col_id(r, 0),
                            .customer = { col_id(r, 1) },
                            .type = col_id(r, 2),
                            .type_name = event_type_name(cx->app, col_id(r, 2)),
                            .at = { col_id(r, 3) },
                            .received = { col_id(r, 4) },
                            .source = col_id(r, 5),
                            .actor = arena_str(cx->arena, col_str(r, 6)),
                            .props = arena_str(cx->arena, col_str(r, 7)) };
    if (!ret->type_name.ptr) { /* registered since: by this process or another */
        TRY(load(cx, cx->app));
        ret->type_name = event_type_name(cx->app, ret->type);
    }
    return OK;
}

enum err event_settled(struct ctx *cx, i64 *ret_upto)
{
    struct event_types *t = cx->app->types;
    i64 oldest;
    *ret_upto = I53_MAX;
    if (db_engine(cx->app->db) != DB_PG)
        return OK;
    TRY(sql_i64(cx, event_oldest, &oldest));
    pthread_mutex_lock(&t->horizon_lock);
    *ret_upto = t->next.write <= oldest      ? t->next.given
                : t->settled.write <= oldest ? t->settled.given
                                             : 0;
    pthread_mutex_unlock(&t->horizon_lock);
    return OK;
}

/* The column of the write's number stands before that of the fact's, so a write has its own before
 * it takes a fact's: whoever holds a number up to `given` is a write before `write`. */
static enum err look(struct ctx *cx, struct event_types *t)
{
    i64 given, oldest;
    struct horizon fresh;
    TRY(sql_i64(cx, event_given, &given));
    TRY(sql_i64(cx, event_oldest, &oldest));
    pthread_mutex_lock(&t->horizon_lock);
    if (t->next.write <= oldest)
        t->settled = t->next;
    bool wanted = t->settled.given == t->next.given && t->next.given < given;
    pthread_mutex_unlock(&t->horizon_lock);
    if (!wanted)
        return OK;
    TRY(sql_i64(cx, event_given, &fresh.given));
    TRY(sql_i64(cx, event_next_write, &fresh.write));
    pthread_mutex_lock(&t->horizon_lock);
    if (t->next.given < fresh.given && t->settled.given == t->next.given)
        t->next = fresh;
    pthread_mutex_unlock(&t->horizon_lock);
    return OK;
}

enum err event_look(struct app *app)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("log"));
    if (db_engine(app->db) != DB_PG)
        return OK;
    TRY(db_read_begin(app->db, (struct db_view) { 0 }, &cx.db));
    enum err e = look(&cx, app->types);
    db_read_end(cx.db);
    return e;
}

#define SETTLE_MS 30000 /* writes are shorter by far */

struct settling {
    i64 last, settled;
};

static enum err settling_read(struct ctx *cx, void *arg)
{
    struct settling *s = arg;
    TRY(event_last(cx, &s->last));
    return event_settled(cx, &s->settled);
}

enum err event_settle(struct app *app, i64 *ret_last)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("log"));
    struct settling s;
    TRY(event_look(app));
    TRY(in_read(&cx, settling_read, &s));
    i64 until = clock_monotonic_us() + SETTLE_MS * 1000;
    *ret_last = s.last;
    while (s.settled < *ret_last) {
        if (clock_monotonic_us() > until)
            return ERR_BUSY;
        usleep(5000);
        TRY(event_look(app));
        TRY(in_read(&cx, settling_read, &s));
    }
    return OK;
}

enum err event_read(struct ctx *cx, i64 after, i64 limit, struct event *ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t count = 0;
    i64 settled;
    TRY(event_settled(cx, &settled));
    TRY(sql_query(cx, event_after, &r, V(after), V(settled), V(limit)));
    for (; rows_next(&r); count++)
        TRY(from_row(cx, &r, &ret[count]));
    TRY(rows_end(&r));
    *ret_count = count;
    return OK;
}

enum err event_read_one(struct ctx *cx, i64 seq, struct event *ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, event_by_seq, &r, V(seq)));
    *ret_count = rows_next(&r);
    if (*ret_count)
        TRY(from_row(cx, &r, ret));
    return rows_end(&r);
}

enum err event_last(struct ctx *cx, i64 *ret_seq)
{
    return sql_i64(cx, event_last_seq, ret_seq);
}
