#include "connect/clickhouse/address.h"

#include "base/base.h"

#define SCHEME "clickhouse://"

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* False if a percent sign does not begin two digits of 16, or a control character comes out. */
static bool decoded(struct arena *a, str s, str *ret)
{
    char *to = arena_alloc(a, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        int c = (unsigned char)s.ptr[i];
        if (c == '%') {
            int high = i + 2 < s.len ? hex_digit(s.ptr[i + 1]) : -1;
            int low = i + 2 < s.len ? hex_digit(s.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = high * 16 + low;
            i += 2;
        }
        if (c < ' ' || c == 0x7f)
            return false;
        to[len++] = (char)c;
    }
    *ret = (str) { to, len };
    return true;
}

static bool is_name(str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.ptr[i] >= 'a' && s.ptr[i] <= 'z') && !(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') &&
            !(s.ptr[i] >= '0' && s.ptr[i] <= '9') && s.ptr[i] != '_' && s.ptr[i] != '-')
            return false;
    return s.len > 0 && s.len <= 64;
}

/* host:port, [::1]:port */
static bool is_host(str s)
{
    size_t colon = s.len;
    i64 port;
    while (colon > 0 && s.ptr[colon - 1] != ':')
        colon--;
    if (colon < 2 || !str_to_i64(str_from(s, colon), &port) || port < 1 || port > 65535)
        return false;
    for (size_t i = 0; i < colon - 1; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || strchr("/?#@%\\\"<>^`{|}", s.ptr[i]))
            return false;
    return true;
}

static const char *user_read(struct arena *a, str user, struct clickhouse_address *to)
{
    size_t colon = str_find(user, ':');
    return decoded(a, str_head(user, colon), &to->user) &&
                   decoded(a, str_from(user, colon + 1), &to->password)
               ? NULL
               : "its user and password must be percent-encoded texts";
}

static const char *hosts_read(struct arena *a, str hosts, struct clickhouse_address *to)
{
    while (hosts.len) {
        str one = str_cut(&hosts, ',');
        if (!is_host(one))
            return "it must name hosts with their port of HTTP, as in 127.0.0.1:8123";
        for (size_t i = 0; i < to->host_count; i++)
            if (str_eq(to->hosts[i], one))
                return "it names a host twice";
        if (to->host_count == CLICKHOUSE_HOSTS_MAX)
            return "it names too many hosts";
        to->hosts[to->host_count++] = arena_str(a, one);
    }
    return to->host_count ? NULL : "it names no host";
}

static const char *path_read(struct arena *a, str path, struct clickhouse_address *to)
{
    size_t query = str_find(path, '?');
    str more = str_from(path, query + 1), cluster = S("cluster=");
    to->database = arena_str(a, str_head(path, query));
    if (!is_name(to->database))
        return "it must name a database: …/database";
    if (more.len) {
        if (!str_starts(more, cluster) || !is_name(str_from(more, cluster.len)))
            return "behind the database only ?cluster=NAME may stand";
        to->cluster = arena_str(a, str_from(more, cluster.len));
    }
    if (to->host_count > 1 && !to->cluster.len)
        return "several hosts need ?cluster=NAME, a cluster of which each is a shard";
    if (to->host_count == 1 && to->cluster.len)
        return "a cluster is of several hosts";
    return NULL;
}

enum err clickhouse_address_read(struct arena *a, str url, struct clickhouse_address *ret,
                                 const char **ret_reason)
{
    struct clickhouse_address to = { 0 };
    const char *why = NULL;
    if (!str_starts(url, S(SCHEME))) {
        *ret_reason = "it must begin with " SCHEME;
        return ERR_CONFIG;
    }
    str rest = str_from(url, strlen(SCHEME));
    size_t slash = str_find(rest, '/'), at = slash;
    while (at > 0 && rest.ptr[at - 1] != '@')
        at--;
    str hosts = str_head(str_from(rest, at), slash - at);
    if (at)
        why = user_read(a, str_head(rest, at - 1), &to);
    if (!why)
        why = hosts_read(a, hosts, &to);
    if (!why)
        why = path_read(a, str_from(rest, slash + 1), &to);
    if (why) {
        *ret_reason = why;
        return ERR_CONFIG;
    }
    *ret = to;
    return OK;
}
