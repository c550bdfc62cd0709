/* http: statements sent to the servers of an address, many at once, over connections that are kept.
 * Failures become words: what is wrong, where, in both languages; no password is among them. */
#ifndef HETANG_CLICKHOUSE_HTTP_H
#define HETANG_CLICKHOUSE_HTTP_H

#include "connect/clickhouse/address.h"

struct clickhouse_http;

/* The address is kept by reference. */
enum err clickhouse_http_start(const struct clickhouse_address *at, struct clickhouse_http **ret);
void clickhouse_http_stop(struct clickhouse_http *h); /* NULL is fine; nobody may be waiting */

struct clickhouse_call {
    size_t host;
    const char *settings; /* "&max_execution_time=30…" or NULL */
    str statement;
    i64 timeout_ms;
    /* What came of it. ERR_UNAVAILABLE: no answer, or one that says that it cannot be; ERR_TOO_SLOW
     * and ERR_TOO_COSTLY: over a limit; all with words. */
    enum err result;
    bool reached; /* there was an answer */
    int code;     /* of the server's failure; 0: none */
    str body;
    str zh, en;
};

/* All at once; texts are in the arena. The result of the first that failed. */
enum err clickhouse_say(struct clickhouse_http *h, struct arena *a, struct clickhouse_call *calls,
                        size_t count);

#endif
