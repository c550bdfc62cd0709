#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/base.h"

int listen_on(const char *address, int *ret_port, const char **ret_reason)
{
    static _Thread_local char why[300];
    char host[256];
    const char *colon = strrchr(address, ':');
    size_t len = colon ? (size_t)(colon - address) : 0;
    if (!colon || len >= sizeof host) {
        snprintf(why, sizeof why, "listen: %.100s is not host:port", address);
        *ret_reason = why;
        return -1;
    }
    bool bracket = len > 2 && address[0] == '[' && address[len - 1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(bracket ? len - 2 : len), address + bracket);
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM },
                    *found = NULL;
    int code =
        getaddrinfo(host[0] && strcmp(host, "*") != 0 ? host : NULL, colon + 1, &hints, &found);
    int fd = code == 0 ? socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
                       : -1,
        one = 1;
    bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
              bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1024) == 0;
    struct sockaddr_storage ss;
    socklen_t size = sizeof ss;
    if (ok && getsockname(fd, (void *)&ss, &size) == 0)
        *ret_port = ntohs(ss.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&ss)->sin6_port
                                                   : ((struct sockaddr_in *)&ss)->sin_port);
    snprintf(why, sizeof why, "cannot listen on %.100s: %s", address,
             code ? gai_strerror(code) : strerror(errno));
    if (found)
        freeaddrinfo(found);
    if (ok)
        return fd;
    if (fd >= 0)
        close(fd);
    *ret_reason = why;
    return -1;
}

int listen_local(const char *path, const char **ret_reason)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof sun.sun_path) {
        *ret_reason = "the path of the data folder is too long for a socket (107 bytes)";
        return -1;
    }
    memcpy(sun.sun_path, path, strlen(path) + 1);
    unlink(path); /* the folder's lock is ours, so nobody listens there */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    bool ok = fd >= 0 && bind(fd, (void *)&sun, sizeof sun) == 0 && listen(fd, 128) == 0;
    umask(before);
    if (ok)
        return fd;
    if (fd >= 0)
        close(fd);
    *ret_reason = "cannot make the socket in the data folder";
    return -1;
}
