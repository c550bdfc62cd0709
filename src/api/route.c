/* Tables of routes, made ready to match. */
#include "api/internal.h"
#include "api/live.h"

#include "base/time.h"

#include <stdarg.h>
#include <unistd.h>

const char *method_name(enum method m)
{
    static const char *const names[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
    return names[m];
}

static const char *reason(const char *format, ...) PRINTF(1, 2);
static const char *reason(const char *format, ...)
{
    static _Thread_local char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

static enum err compile(const struct route *r, struct compiled *ret, const char **ret_reason)
{
    str rest = str_from(str_of(r->path), 1);
    ret->route = r;
    while (rest.len) {
        str s = str_cut(&rest, '/');
        assert(ret->count < SEGMENTS_MAX);
        bool param = s.ptr[0] == '{';
        ret->param[ret->count] = param;
        ret->segments[ret->count++] = param ? (str) { s.ptr + 1, s.len - 2 } : s;
        if (param && (!r->in || !schema_field(r->in, ret->segments[ret->count - 1]))) {
            *ret_reason = reason("route %s: its input has no field %.*s", r->id, STR_ARG(s));
            return ERR_CONFIG;
        }
    }
    return OK;
}

/* Fixed before param, segment by segment; then by text, so that equals stand side by side. */
static int compare(const void *pa, const void *pb)
{
    const struct compiled *a = pa, *b = pb;
    if (a->count != b->count)
        return a->count - b->count;
    for (int i = 0; i < a->count; i++) {
        if (a->param[i] != b->param[i])
            return a->param[i] - b->param[i];
        int c = a->param[i] ? 0 : str_cmp(a->segments[i], b->segments[i]);
        if (c)
            return c;
    }
    return (int)a->route->method - (int)b->route->method;
}

static enum err check(const struct api *api, const char **ret_reason)
{
    for (size_t i = 0; i < api->count; i++) {
        const struct route *r = api->routes[i].route;
        bool declared = (unsigned)r->perm < PERM_COUNT && r->id && r->run && r->doc;
        if (!declared) {
            *ret_reason = reason("route %s %s: id, run, perm and doc are needed",
                                 method_name(r->method), r->path);
            return ERR_CONFIG;
        }
        if (i && compare(&api->routes[i - 1], &api->routes[i]) == 0) {
            *ret_reason = reason("two routes for %s %s", method_name(r->method), r->path);
            return ERR_CONFIG;
        }
        for (size_t k = 0; k < i; k++)
            if (strcmp(api->routes[k].route->id, r->id) == 0) {
                *ret_reason = reason("two routes are called %s", r->id);
                return ERR_CONFIG;
            }
    }
    return OK;
}

enum err api_new(struct app *app, struct api **ret, const char **ret_reason)
{
    struct api *api = xcalloc(1, sizeof *api);
    api->app = app;
    api->started = clock_now();
    for (size_t i = 0; i < app->module_count; i++)
        api->count += app->modules[i]->route_count;
    api->routes = xcalloc(api->count, sizeof *api->routes);
    enum err e = OK;
    size_t at = 0;
    for (size_t i = 0; i < app->module_count && e == OK; i++)
        for (size_t k = 0; k < app->modules[i]->route_count && e == OK; k++)
            e = compile(&app->modules[i]->routes[k], &api->routes[at++], ret_reason);
    if (e == OK) {
        qsort(api->routes, api->count, sizeof *api->routes, compare);
        for (size_t i = 0; i < api->count; i++)
            api->from[api->routes[i].count + 1] = i + 1;
        for (size_t k = 1; k < COUNT(api->from); k++)
            api->from[k] = MAX(api->from[k], api->from[k - 1]);
        e = check(api, ret_reason);
    }
    if (e != OK) {
        api_free(api);
        return e;
    }
    secret_bytes((uint8_t *)&api->boot, sizeof api->boot);
    *ret = api;
    return OK;
}

/* Which routes were answered, for the test that wants all of them to be. */
static void write_exercised(const struct api *api)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%d", api->app->config.test_routes, (int)getpid());
    FILE *file = api->app->config.test_routes[0] ? fopen(path, "w") : NULL;
    for (size_t i = 0; file && i < api->count; i++)
        if (api->routes[i].exercised)
            fprintf(file, "%s\n", api->routes[i].route->id);
    if (file)
        fclose(file);
}

void api_free(struct api *api)
{
    if (!api)
        return;
    if (api->serves) {
        if (api->app->config.test_mode)
            write_exercised(api);
        live_free(api->app->live);
        api->app->live = NULL;
    }
    free(api->routes);
    free(api);
}

enum err api_start_streams(struct api *api, const char **ret_reason)
{
    *ret_reason = "no thread for event streams";
    TRY(live_new(api->app, &api->app->live));
    api->serves = true;
    return OK;
}

void api_stop_streams(struct api *api)
{
    if (api)
        live_stop(api->app->live);
}

void api_set_server(struct api *api, struct http_server *server)
{
    api->server = server;
}

str url_decode(struct arena *a, str s, bool plus_is_space)
{
    char *to = arena_alloc(a, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t byte;
        if (s.ptr[i] == '%' && i + 2 < s.len &&
            str_from_hex((str) { s.ptr + i + 1, 2 }, &byte, 1)) {
            to[len++] = (char)byte;
            i += 2;
        } else {
            to[len++] = plus_is_space && s.ptr[i] == '+' ? ' ' : s.ptr[i];
        }
    }
    return (str) { to, len };
}

/* From the end, where paths differ. */
static bool matches(const struct compiled *c, const str *segments, int count)
{
    for (int i = count; i-- > 0;)
        if (!c->param[i] && !str_eq(c->segments[i], segments[i]))
            return false;
    return true;
}

struct compiled *api_match(struct api *api, str method, str path, struct arena *a,
                           str values[PATH_PARAMS_MAX], bool *ret_other_method)
{
    str segments[SEGMENTS_MAX], rest = str_from(path, 1);
    int count = 0;
    *ret_other_method = false;
    while (rest.len && count < SEGMENTS_MAX)
        segments[count++] = str_cut(&rest, '/');
    if (rest.len || !str_starts(path, S("/")))
        return NULL;
    for (size_t i = api->from[count]; i < api->from[count + 1]; i++) {
        struct compiled *c = &api->routes[i];
        if (!matches(c, segments, count))
            continue;
        if (!str_is(method, method_name(c->route->method))) {
            *ret_other_method = true;
            continue;
        }
        int at = 0;
        for (int k = 0; k < count; k++)
            if (c->param[k])
                values[at++] = url_decode(a, segments[k], false);
        return c;
    }
    return NULL;
}

bool api_slow(void *arg, struct http_exchange *x)
{
    str values[PATH_PARAMS_MAX];
    bool other;
    if (!str_is(x->method, "POST"))
        return false;
    const struct compiled *c = api_match(arg, x->method, x->path, &x->arena, values, &other);
    return c && c->route->slow;
}
