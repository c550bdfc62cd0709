/* address: where the setting `events` says the facts are:
 *     clickhouse://[user:password@]host:port[,host:port…]/database[?cluster=NAME]
 * with the port of HTTP. User and password may be percent-encoded. */
#ifndef HETANG_CLICKHOUSE_ADDRESS_H
#define HETANG_CLICKHOUSE_ADDRESS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/types.h"

#define CLICKHOUSE_HOSTS_MAX 64

struct clickhouse_address {
    str user, password;              /* none: the server's default user */
    str hosts[CLICKHOUSE_HOSTS_MAX]; /* "db1:8123"; each is a shard */
    size_t host_count;
    str database, cluster; /* cluster: none, there is one host */
};

/* Texts are in the arena. ERR_CONFIG: *ret_reason, which names no password. */
enum err clickhouse_address_read(struct arena *a, str url, struct clickhouse_address *ret,
                                 const char **ret_reason);

#endif
