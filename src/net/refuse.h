/* refuse: what libh2o answers by itself, said in our words, and heard by who asked.
 *
 * A request that h2o refuses (a body above its limit, a broken length or encoding of the body)
 * never reaches the handler. Its plain answer is replaced by one of `http_options.refuse`, and its
 * HTTP/1 connection is closed the way that does not destroy the answer: what the client still
 * sends is read and thrown away for up to two seconds, since closing with unread bytes resets the
 * connection before the answer was read (RFC 9112, 9.6).
 *
 * What h2o writes without a request (bytes that are no HTTP at all) stays as it is. Threads: all
 * of it runs on the loop of the connection. */
#ifndef HETANG_NET_REFUSE_H
#define HETANG_NET_REFUSE_H

#include <h2o.h>

#include "net/http.h"

/* Once per host, before contexts are made. `options` stays as long as the host. */
void refuse_install(h2o_hostconf_t *host, const struct http_options *options);

#endif
