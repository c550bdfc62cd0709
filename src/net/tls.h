/* tls: a certificate and its key from files, read again when either changes (looked at every few
 * seconds) or when asked. A pair that does not fit is refused and the one before stays: renewing
 * replaces two files, and between them they do not fit.
 *
 * Each loop keeps a reference of its own to what it gives new connections; connections keep what
 * they began with. */
#ifndef HETANG_TLS_H
#define HETANG_TLS_H

#include "base/base.h"

#include <openssl/ssl.h>

struct tls;

/* Paths are kept by reference. ERR_CONFIG with *ret_reason when they cannot be used. */
enum err tls_open(const char *certificate, const char *key, struct tls **ret,
                  const char **ret_reason);
void tls_close(struct tls *t); /* NULL is fine; references given out stay good */
/* Looks at the files now, in its own thread. */
void tls_reload(struct tls *t);
/* *mine becomes the newest (a reference that replaces the one it held; NULL at first). Costs one
 * load when nothing has changed. */
void tls_follow(struct tls *t, SSL_CTX **mine);

#endif
