/* The console's files, answered on the network thread straight from the binary. */
#include "api/assets.h"
#include "api/internal.h"

static const struct asset *find(str path)
{
    unsigned low = 0, high = assets_count; /* sorted by path */
    while (low < high) {
        unsigned mid = (low + high) / 2;
        int c = str_cmp(path, str_of(assets[mid].path));
        if (c == 0)
            return &assets[mid];
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static const char policy[] =
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

bool asset_answer(struct http_exchange *x)
{
    if (str_starts(x->path, S("/v1/")) || str_is(x->path, "/metrics") ||
        str_is(x->path, "/healthz") || str_is(x->path, "/readyz"))
        return false;
    const struct asset *a = find(x->path);
    if (!a && !str_has(x->path, S("."))) /* a page of the console: its router takes it from there */
        a = find(S("/index.html"));
    if (!a)
        return false;
    str accept = http_header(x, "accept-encoding");
    bool brotli = a->brotli && str_has(accept, S("br")),
         gzip = !brotli && a->gzip && str_has(accept, S("gzip"));
    bool same = str_is(http_header(x, "if-none-match"), a->etag);
    struct http_header *h = NEW_N(&x->arena, struct http_header, 10);
    size_t n = 0;
    h[n++] = (struct http_header) { S("content-type"), str_of(a->media) };
    h[n++] = (struct http_header) { S("etag"), str_of(a->etag) };
    h[n++] = (struct http_header) { S("cache-control"),
                                    a->immutable ? S("public, max-age=31536000, immutable")
                                                 : S("no-cache") };
    h[n++] = (struct http_header) { S("vary"), S("accept-encoding") };
    h[n++] = (struct http_header) { S("content-security-policy"),
                                    ((str) { policy, sizeof policy - 1 }) };
    h[n++] = (struct http_header) { S("x-content-type-options"), S("nosniff") };
    h[n++] = (struct http_header) { S("referrer-policy"), S("same-origin") };
    if (brotli || gzip)
        h[n++] = (struct http_header) { S("content-encoding"), brotli ? S("br") : S("gzip") };
    if (x->tls)
        h[n++] = (struct http_header) { S("strict-transport-security"), S("max-age=31536000") };
    const char *from = brotli ? a->brotli : gzip ? a->gzip : a->plain;
    const char *end = brotli ? a->brotli_end : gzip ? a->gzip_end : a->plain_end;
    http_answer(
        x, &(struct http_answer) { .status = same ? 304 : 200,
                                   .headers = h,
                                   .header_count = n,
                                   .body = same ? S("") : (str) { from, (size_t)(end - from) } });
    return true;
}
