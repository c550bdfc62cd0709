/* api: the route engine. For each request: which route, who are you, may you, is the input valid,
 * was this asked before, transaction, audit row, reply. It holds no rule of the business. */
#ifndef HETANG_API_H
#define HETANG_API_H

#include "core/app.h"
#include "core/reply.h"
#include "net/http.h"

struct api;

/* Checks the tables: a route without a permission, a path whose {name} is no field of its input,
 * two routes of one path or one id are ERR_CONFIG. */
enum err api_new(struct app *app, struct api **ret, const char **ret_reason);
void api_free(struct api *api);
void api_set_server(struct api *api, struct http_server *server); /* for /metrics and /readyz */

/* For a server, before http_start(): what event streams need. Tables alone serve the contract. */
enum err api_start_streams(struct api *api, const char **ret_reason);
/* Before http_stop(): streams end with a last message. */
void api_stop_streams(struct api *api);

/* http_options.handler, .fast, .rest, .slow and .refuse with the api as their arg. */
void api_handle(void *arg, struct http_exchange *x);
bool api_slow(void *arg, struct http_exchange *x);
bool api_fast(void *arg, struct http_exchange *x);
void api_rest(void *arg);
str api_refuse(void *arg, struct arena *a, int status, str reason, str language);

/* The contract of all routes as OpenAPI 3.1, the same for the same tables. */
void out_openapi(struct strbuf *sb, const struct app *app);
extern const struct module event_module; /* routes of the log: list, types, stream */
extern const struct module
    api_module; /* routes of the engine itself: health, metrics, the contract, the test clock */

#endif
