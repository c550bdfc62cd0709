/* address: which addresses belong to the open internet and which lead into the house itself, its
 * network or its cloud provider's metadata service. The ranges are those of the IANA
 * special-purpose address registries (RFC 6890) that are not globally reachable. */
#ifndef HETANG_ADDRESS_H
#define HETANG_ADDRESS_H

#include <sys/socket.h>

#include "base/base.h"

/* False for anything but IPv4 and IPv6. An IPv6 address that carries an IPv4 one is judged by
 * that. */
bool address_public(const struct sockaddr *address);
/* "127.0.0.1" or "::1", as numbers alone: no name is looked up. False if it is none. */
bool address_read(str text, struct sockaddr_storage *ret);
void out_address(struct strbuf *sb, const struct sockaddr *address); /* without the port */

#endif
