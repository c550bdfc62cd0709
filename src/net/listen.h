/* listen: sockets that accept, for http.c. -1 on failure, with a reason for a person. */
#ifndef HETANG_LISTEN_H
#define HETANG_LISTEN_H

/* One "host:port"; *ret_port is the one it got. */
int listen_on(const char *address, int *ret_port, const char **ret_reason);
/* In the data folder, for its owner alone. */
int listen_local(const char *path, const char **ret_reason);

#endif
