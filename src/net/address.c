#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

struct range {
    uint8_t base[16];
    int bits;
};

static const struct range closed4[] = {
    { { 0 }, 8 },             /* this network */
    { { 10 }, 8 },            /* private, RFC 1918 */
    { { 100, 64 }, 10 },      /* shared by carriers, RFC 6598 */
    { { 127 }, 8 },           /* loopback */
    { { 169, 254 }, 16 },     /* link-local; where clouds keep their metadata */
    { { 172, 16 }, 12 },      /* private */
    { { 192, 0, 0 }, 24 },    /* protocol assignments */
    { { 192, 0, 2 }, 24 },    /* documentation */
    { { 192, 88, 99 }, 24 },  /* relays from IPv6, withdrawn */
    { { 192, 168 }, 16 },     /* private */
    { { 198, 18 }, 15 },      /* benchmarks */
    { { 198, 51, 100 }, 24 }, /* documentation */
    { { 203, 0, 113 }, 24 },  /* documentation */
    { { 224 }, 3 },           /* multicast, reserved, broadcast */
};

/* Of IPv6 only 2000::/3 is given out at all; these are its parts that lead elsewhere. */
static const struct range open6 = { { 0x20 }, 3 };
static const struct range closed6[] = {
    { { 0x20, 0x01, 0x00 }, 23 },       /* protocol assignments; Teredo hides an IPv4 address */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
    { { 0x20, 0x02 }, 16 },             /* 6to4 hides an IPv4 address */
    { { 0x3f, 0xff, 0x00 }, 20 },       /* documentation */
};
/* The IPv4 address stands in the last four bytes. */
static const struct range carries4[] = {
    { { [10] = 0xff, [11] = 0xff }, 96 }, /* ::ffff:0:0/96, mapped */
    { { 0x00, 0x64, 0xff, 0x9b }, 96 },   /* 64:ff9b::/96, translated by the network */
};

static bool in_range(const uint8_t *bytes, const struct range *r)
{
    int whole = r->bits / 8, rest = r->bits % 8;
    if (memcmp(bytes, r->base, (size_t)whole) != 0)
        return false;
    return rest == 0 || (bytes[whole] ^ r->base[whole]) >> (8 - rest) == 0;
}

static bool in_any(const uint8_t *bytes, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (in_range(bytes, &ranges[i]))
            return true;
    return false;
}

bool address_public(const struct sockaddr *address)
{
    uint8_t b[16];
    if (address->sa_family == AF_INET) {
        memcpy(b, &((const struct sockaddr_in *)address)->sin_addr, 4);
        return !in_any(b, closed4, COUNT(closed4));
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(b, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
    if (in_any(b, carries4, COUNT(carries4)))
        return !in_any(b + 12, closed4, COUNT(closed4));
    return in_range(b, &open6) && !in_any(b, closed6, COUNT(closed6));
}

bool address_read(str text, struct sockaddr_storage *ret)
{
    char z[INET6_ADDRSTRLEN];
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    if (text.len >= sizeof z)
        return false;
    memcpy(z, text.ptr, text.len);
    z[text.len] = '\0';
    if (inet_pton(AF_INET, z, &v4.sin_addr) == 1) {
        memcpy(ret, &v4, sizeof v4);
        return true;
    }
    if (inet_pton(AF_INET6, z, &v6.sin6_addr) == 1) {
        memcpy(ret, &v6, sizeof v6);
        return true;
    }
    return false;
}

void out_address(struct strbuf *sb, const struct sockaddr *address)
{
    char z[INET6_ADDRSTRLEN] = "";
    const void *bytes = address->sa_family == AF_INET
                            ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
                            : (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;
    if (address->sa_family == AF_INET || address->sa_family == AF_INET6)
        out_z(sb, inet_ntop(address->sa_family, bytes, z, sizeof z) ? z : "?");
}
