/* http: the server, on libh2o: HTTP/1.1 and HTTP/2, TLS, a bounded pool of workers, files, event
 * streams.
 *
 * Threads: loops parse and write, workers run the handler. An exchange is made on its loop, handed
 * to a worker, and answered exactly once from any thread; what the client does meanwhile (going
 * away) is not the handler's concern. Memory of the exchange, its arena among it, lives until the
 * answer is out or the client is gone, whichever is later.
 *
 * Requests that are slow have a queue of their own, half as long, and at most half of the workers
 * run them (one at least): a crowd that signs in does not keep the others waiting.
 *
 * Limits: a full queue answers 503 with Retry-After, too many connections wait in the kernel, a
 * request that does not arrive whole within 10 s is closed. A body above body_max gets 413: little
 * above it is read and thrown away, so that the connection lives; far above it the connection is
 * closed after the answer (HTTP/2: the stream is refused). */
#ifndef HETANG_HTTP_H
#define HETANG_HTTP_H

#include "base/base.h"

struct http_server;

struct http_header {
    str name, value; /* names in lower case */
};

struct http_exchange {
    struct arena arena;
    str method, path, query, body, ip, authority;
    struct http_header *headers;
    size_t header_count;
    bool tls;
    bool local;      /* came through the socket in the data folder: its owner */
    i64 received_us; /* monotonic */
};

/* Answers on the loop without a worker, if it can at once and without blocking (a file from the
 * binary, a few rows by their keys). */
typedef bool http_fast(void *arg, struct http_exchange *x);
/* On each loop after a turn: what arrived together was handed to fast() and the handlers. */
typedef void http_rest(void *arg);
typedef void http_handler(void *arg, struct http_exchange *x);
/* Holds a worker for long without waiting for anything (a password is hashed)? On the loop, so it
 * must be quick. */
typedef bool http_slow(void *arg, struct http_exchange *x);
/* The body of a refusal that the handler never sees, as HTTP_PROBLEM; `reason` in English,
 * `language` as the client sent it. From any thread. */
typedef str http_refuse(void *arg, struct arena *a, int status, str reason, str language);

#define HTTP_PROBLEM "application/problem+json; charset=utf-8"

struct http_options {
    const char *listen;             /* "127.0.0.1:8080,[::1]:8080"; port 0: any free one */
    const char *unix_path;          /* NULL: none */
    const char *tls_cert, *tls_key; /* "" or NULL: plain */
    int loops, workers, queue_max, conns_max;
    size_t body_max;
    http_fast *fast;
    http_rest *rest; /* NULL: nothing is to be done */
    http_slow *slow; /* NULL: none is */
    http_handler *handler;
    http_refuse *refuse;
    void *arg;
};

enum err http_start(const struct http_options *options, struct http_server **ret,
                    const char **ret_reason);
/* Takes no new request, lets those under way end within `grace_ms`, stops. */
void http_stop(struct http_server *s, int grace_ms);
/* Reads the certificate again now instead of within seconds. Connections stay. */
void http_reload_tls(struct http_server *s);
int http_port(const struct http_server *s); /* of the first address */

str http_header(const struct http_exchange *x,
                const char *name); /* none if absent; name in lower case */

/* Memory of headers and body must live as long as the exchange: its arena, or static. */
struct http_answer {
    int status;
    const struct http_header *headers;
    size_t header_count;
    str body;
    const char *file; /* instead of body: sent in pieces; ERR 404 if it cannot be opened */
    bool file_remove; /* unlink it once it is open */
};
void http_answer(struct http_exchange *x, const struct http_answer *answer);

/* Event streams. The exchange stays until http_stream_end() was called, also when the client has
 * gone. */
void http_stream_begin(struct http_exchange *x, const struct http_header *headers,
                       size_t header_count);
/* False when the client is gone or does not read (more than 1 MiB waits): then end it. Copies the
 * data. */
bool http_stream_send(struct http_exchange *x, str data);
/* Bytes that were sent and that the kernel has not taken yet: a sender that looks stops in time. */
size_t http_stream_waiting(struct http_exchange *x);
void http_stream_end(struct http_exchange *x);
/* The same without waiting for what is not taken: an HTTP/1.1 connection is closed, so that a
 * client that never reads does not keep it. On HTTP/2 other streams share it; it stays. */
void http_stream_drop(struct http_exchange *x);

struct http_stats {
    i64 connections, requests, queued, busy_workers, rejected;
};
void http_stats(const struct http_server *s, struct http_stats *ret);

#endif
