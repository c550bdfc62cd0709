/* dedupe: a message from outside counts once, however often it is sent, for at least DEDUPE_MS
 * after the first time.
 *
 * On SQLite what was seen is kept in sorted files beside the database (engine/runs.h) and, until
 * those have it, in memory: a unique index in the database would cost several times what the fact
 * costs. One connection writes, so looking and claiming happen in turn. On PostgreSQL several nodes
 * write, so there a table says it (event_seen). */
#ifndef HETANG_DEDUPE_H
#define HETANG_DEDUPE_H

#include "core/app.h"
#include "core/ctx.h"

#define DEDUPE_MS (48 * HOUR_MS)

/* Never 0. Two messages of one source share a key with a chance of one in 2^63 a pair. */
i64 dedupe_key(i64 source, str message_id);
/* Inside a write: is this the first time? Then it is taken, unless the write is undone: the handler
 * that fails after claiming calls dedupe_unclaim() for each before it returns. */
enum err dedupe_claim(struct ctx *cx, i64 key, bool *ret_first);
void dedupe_unclaim(struct ctx *cx, i64 key);

/* What was seen longer ago than DEDUPE_MS goes. Inside a write. */
enum err dedupe_clean(struct ctx *cx);

/* For app.c and the thread of the log. */
enum err dedupe_open(struct app *app, const char **ret_reason);
void dedupe_close(struct app *app);
bool dedupe_advance(struct app *app);
void dedupe_lost(struct app *app);

#endif
