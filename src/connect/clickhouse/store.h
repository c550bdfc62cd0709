/* store: a ClickHouse, or several of them as shards, as where insight tells facts and asks
 * (domain/insight/store.h, engine/clickhouse.h).
 *
 * Each host of the setting `events` is a shard: what is told of a person goes straight to the host
 * of clickhouse_shard(), and each has a row that says how far the log was told to it. Telling goes
 * on from the smallest of these; a host that has a page already is told nothing of it. Questions go
 * to whichever host answers. Nothing is kept here but what is on its way. */
#ifndef HETANG_CLICKHOUSE_STORE_H
#define HETANG_CLICKHOUSE_STORE_H

#include "core/module.h"

extern const struct module connect_clickhouse_module;

/* For whoever wants to know before anything is told: reaches every host of the address and looks at
 * versions and cluster. ERR_CONFIG, ERR_UNAVAILABLE: *ret_text says what is wrong; OK: what is
 * there. Texts are in the arena. */
enum err clickhouse_look(struct arena *a, const char *url, str *ret_text);

#endif
