/* Of several nodes on one database one tells the store they share; the others only ask. Who it is
 * stands in the database and ends by itself. Should two ever tell, by clocks that differ or a node
 * that slept, nothing goes wrong: rows of whoever opened the store later win. */
#include "base/json.h"
#include "base/time.h"
#include "domain/insight/internal.h"

#define KEY      "insight.teller"
#define HOLD_MS  20000
#define RENEW_MS 5000

static enum err lease_take(struct ctx *cx, void *arg)
{
    struct insight *in = arg;
    struct json_error bad;
    str text, by = str_of(in->lease_by);
    i64 until = 0, now = clock_now().ms; /* of the machine, whatever clock a test has moved */
    TRY(setting_get(cx, KEY, &text));
    const struct json *j = text.len ? json_read(cx->arena, text, &bad) : NULL;
    const struct json *holder = j ? json_get(j, "by") : NULL;
    bool mine = holder && holder->kind == JSON_STRING && str_eq(holder->text, by);
    in->lease_held = mine || !holder || !json_i64(json_get(j, "until_ms"), &until) || until < now;
    if (!in->lease_held)
        return OK;
    return setting_set(cx, KEY,
                       arena_fmt(cx->arena, "{\"by\":\"%s\",\"until_ms\":%lld}", in->lease_by,
                                 (long long)(now + HOLD_MS)));
}

enum err lease_hold(struct insight *in, bool *ret)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    i64 now_ms = clock_monotonic_us() / 1000;
    *ret = true;
    if (!in->store->look || db_engine(in->app->db) != DB_PG)
        return OK; /* nobody else has this store, or this database */
    if (!*in->lease_by)
        snprintf(in->lease_by, sizeof in->lease_by, "%.*s", STR_ARG(secret_token(&a, 9)));
    if (!in->lease_ms || now_ms - in->lease_ms >= RENEW_MS) {
        TRY(in_write(&cx, lease_take, in));
        in->lease_ms = now_ms;
    }
    *ret = in->lease_held;
    return OK;
}

static enum err lease_end(struct ctx *cx, void *arg)
{
    (void)arg;
    return setting_set(cx, KEY, S("{}"));
}

void lease_give(struct insight *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    if (in->lease_held && *in->lease_by)
        (void)!in_write(&cx, lease_end, NULL);
}
