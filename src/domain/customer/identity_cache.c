#include "domain/customer/identity_cache.h"

#include "core/app.h"

#define PLACES 32768

struct customer_cache {
    uint32_t generation;
    struct entry {
        uint64_t hash;
        i64 owner;
        uint32_t generation, undone;
    } entries[PLACES];
    struct sight {
        i64 who, hour_ms;
        uint32_t generation, undone;
    } sights[PLACES];
};

static uint64_t hash_of(const char *kind, str scope, str key)
{
    return u64_hash(str_hash(key) + 31 * str_hash(scope) + (uint64_t)kind[0] * 7 +
                    (uint64_t)kind[1]);
}

bool identity_cache_get(const struct ctx *cx, const char *kind, str scope, str key,
                        customer_id *ret)
{
    const struct customer_cache *c = cx->app->customers;
    if (!c)
        return false;
    uint64_t hash = hash_of(kind, scope, key);
    const struct entry *e = &c->entries[hash % PLACES];
    if (!e->owner || e->hash != hash || e->generation != c->generation ||
        e->undone != cx->app->undone)
        return false;
    *ret = (customer_id) { e->owner };
    return true;
}

void identity_cache_put(struct ctx *cx, const char *kind, str scope, str key, customer_id owner)
{
    struct customer_cache *c = cx->app->customers;
    if (!c)
        return;
    uint64_t hash = hash_of(kind, scope, key);
    c->entries[hash % PLACES] = (struct entry) { hash, owner.v, c->generation, cx->app->undone };
}

bool seen_cache_get(const struct ctx *cx, customer_id id, instant hour)
{
    const struct customer_cache *c = cx->app->customers;
    const struct sight *s = c ? &c->sights[(uint64_t)id.v % PLACES] : NULL;
    return s && s->who == id.v && s->hour_ms >= hour.ms && s->generation == c->generation &&
           s->undone == cx->app->undone;
}

void seen_cache_put(struct ctx *cx, customer_id id, instant hour)
{
    struct customer_cache *c = cx->app->customers;
    if (c)
        c->sights[(uint64_t)id.v % PLACES] =
            (struct sight) { id.v, hour.ms, c->generation, cx->app->undone };
}

void identity_cache_clear(struct app *app)
{
    if (app->customers)
        app->customers->generation++;
}

enum err identity_cache_start(struct app *app)
{
    if (db_engine(app->db) == DB_SQLITE && app->lock_fd >= 0)
        app->customers = xcalloc(1, sizeof *app->customers);
    return OK;
}

void identity_cache_stop(struct app *app)
{
    free(app->customers);
    app->customers = NULL;
}
