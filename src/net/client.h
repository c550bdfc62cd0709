/* client: HTTP requests to others, on libcurl's multi interface in one thread of its own.
 *
 * A request is handed over from any thread and ends in exactly one call of its `done`, on the
 * client's thread, which must not block. Hundreds may be under way at once, never more than
 * in_flight_max. Only http and https are spoken, certificates are verified, redirects are not
 * followed, no proxy is used, and no more of a reply is read than its maximum.
 *
 * With public_only, a connection to an address that is not of the open internet is refused when it
 * is about to be made, by the address and not by the name: a name that resolves to one address when
 * it is looked at and to another later cannot pass. */
#ifndef HETANG_CLIENT_H
#define HETANG_CLIENT_H

#include "net/http.h"

struct client;

struct client_options {
    int in_flight_max;
    bool public_only;
    const char *agent; /* User-Agent; kept by reference */
};

enum err client_start(const struct client_options *options, struct client **ret);
/* Ends what is under way as CLIENT_STOPPED, each with its call of `done`. NULL is fine. */
void client_stop(struct client *c);

struct client_request {
    const char *method;
    str url;
    const struct http_header *headers;
    size_t header_count;
    str body; /* none: without one */
    i64 timeout_ms;
    size_t reply_max; /* bytes of the reply's body that are kept; the rest is not read */
};

/* CLIENT_END(name, word): how a request ended. */
#define CLIENT_ENDS(CLIENT_END)                                                \
    CLIENT_END(ANSWERED, "answered") /* with any status */                     \
    CLIENT_END(NAME, "name")         /* the name cannot be resolved */         \
    CLIENT_END(CONNECT, "connect")   /* no connection can be made */           \
    CLIENT_END(PRIVATE, "private")   /* not an address of the open internet */ \
    CLIENT_END(TLS, "tls")           /* certificate or encryption not right */ \
    CLIENT_END(TIMEOUT, "timeout")   /* no whole answer in time */             \
    CLIENT_END(BROKEN, "broken")     /* the connection broke, or no HTTP */    \
    CLIENT_END(STOPPED, "stopped")   /* by client_stop() */

enum client_end {
#define CLIENT_END(name, word) CLIENT_##name,
    CLIENT_ENDS(CLIENT_END)
#undef CLIENT_END
};
const char *client_end_word(enum client_end end);

struct client_answer {
    enum client_end end;
    int status; /* of the reply; 0: there was none */
    str body;   /* its first bytes, whatever they are */
    bool cut;   /* there was more */
    str detail; /* what libcurl says about a failure; none when answered */
    i64 took_us;
};

/* The answer is valid during the call. */
typedef void client_done(void *arg, const struct client_answer *answer);

/* Everything is copied. ERR_BUSY: as many as allowed are under way, or it is being stopped.
 * ERR_BAD_REQUEST: a header or the method is not one. Then `done` is never called. */
enum err client_send(struct client *c, const struct client_request *r, client_done *done,
                     void *arg);
int client_in_flight(const struct client *c);

/* What is wrong with a URL before anything is sent, read as the client itself will read it. */
enum url_fault {
    URL_FINE,
    URL_MALFORMED, /* not http or https, no host, spaces or control characters */
    URL_PASSWORD,  /* a user name or password in it */
    URL_PRIVATE,   /* its host is the number of an address that is not of the open internet */
};
enum url_fault url_check(str url, bool public_only);

#endif
