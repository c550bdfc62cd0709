/* identity_cache: who an identifier belongs to, for the stream of facts from SDKs, in memory. A
 * place by hash, one entry a place, two megabytes; and who was seen in which hour. SQLite only:
 * there one process writes, and looks with the writer's turn, so what changes an owner can empty
 * the cache in time (identity_cache_clear). An entry made inside a write that is undone later is
 * told by app->undone.
 */
#ifndef HETANG_CUSTOMER_IDENTITY_CACHE_H
#define HETANG_CUSTOMER_IDENTITY_CACHE_H

#include "core/ctx.h"

bool identity_cache_get(const struct ctx *cx, const char *kind, str scope, str key,
                        customer_id *ret);
/* Of a verified identifier, found in this write. */
void identity_cache_put(struct ctx *cx, const char *kind, str scope, str key, customer_id owner);
/* Since when somebody is known to be seen: true when that is `hour` or later. */
bool seen_cache_get(const struct ctx *cx, customer_id id, instant hour);
void seen_cache_put(struct ctx *cx, customer_id id, instant hour);
void identity_cache_clear(struct app *app); /* of both */
enum err identity_cache_start(struct app *app);
void identity_cache_stop(struct app *app);

#endif
