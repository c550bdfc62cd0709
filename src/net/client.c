#include "net/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/time.h"
#include "net/address.h"

#define IDLE_MS       60000
#define CONNECT_MS    5000
#define IDLE_CONNS    64
#define HEADER_MAX    (64 * 1024) /* all headers of a reply together */
#define BODY_SEND_MAX ((size_t)64 << 20)

struct transfer {
    struct client *client;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    client_done *done;
    void *arg;
    char *kept; /* of the reply */
    size_t kept_len, kept_cap, kept_max;
    size_t header_bytes;
    bool cut, refused, broken;
    char refused_address[64];
    char error[CURL_ERROR_SIZE];
    i64 started_us;
    struct transfer *next, *before; /* waiting to start, or under way */
};

struct client {
    struct client_options options;
    CURLM *multi;
    pthread_t thread;
    pthread_mutex_t lock;
    struct transfer *waiting, **waiting_last; /* guarded by lock */
    bool stop;                                /* guarded by lock */
    struct transfer *running;                 /* the client's thread only */
    _Atomic int in_flight;
};

static void make_global(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    (void)data;
    t->header_bytes += size * count;
    t->broken |= t->header_bytes > HEADER_MAX;
    return t->broken ? 0 : size * count;
}

/* Once there is enough of the reply the rest is of no interest, and the transfer ends here. */
static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    size_t len = size * count, room = t->kept_max - t->kept_len, take = MIN(len, room);
    if (t->kept_cap < t->kept_len + take) {
        t->kept_cap = MIN(MAX(2 * t->kept_cap, t->kept_len + take), t->kept_max);
        t->kept = xrealloc(t->kept, t->kept_cap);
    }
    memcpy(t->kept + t->kept_len, data, take);
    t->kept_len += take;
    t->cut = take < len;
    return t->cut ? 0 : len;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *t = arg;
    (void)purpose;
    if (t->client->options.public_only && !address_public(&address->addr)) {
        struct strbuf text CLEANUP(strbuf_done);
        strbuf_init(&text, NULL, sizeof t->refused_address - 1);
        out_address(&text, &address->addr);
        t->refused = true;
        snprintf(t->refused_address, sizeof t->refused_address, "%.*s", STR_ARG(strbuf_str(&text)));
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void transfer_free(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    free(t->body);
    free(t->kept);
    free(t);
}

static bool plain_text(str s, const char *also_not)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f ||
            (also_not && strchr(also_not, s.ptr[i])))
            return false;
    return true;
}

static bool add_headers(struct transfer *t, const struct client_request *r)
{
    t->headers = curl_slist_append(t->headers, "Expect:"); /* no round trip before the body */
    for (size_t i = 0; i < r->header_count; i++) {
        const struct http_header *h = &r->headers[i];
        struct strbuf line CLEANUP(strbuf_done);
        strbuf_init(&line, NULL, 16 * 1024);
        if (!h->name.len || !plain_text(h->name, ": ") || !plain_text(h->value, NULL))
            return false;
        out(&line, h->name);
        if (h->value.len) {
            out(&line, S(": "));
            out(&line, h->value);
        } else {
            out_c(&line, ';'); /* how libcurl is told of one without a value */
        }
        out_c(&line, '\0');
        if (line.overflow)
            return false;
        t->headers = curl_slist_append(t->headers, line.ptr);
    }
    return true;
}

static void set_options(struct transfer *t, const struct client_request *r, const char *url)
{
    CURL *e = t->easy;
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
    /* A proxy named in the environment would see the address instead of us. */
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    /* Without it, a name server that does not answer would hold up the thread beyond the time
     * given. */
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)MIN(r->timeout_ms, CONNECT_MS));
    curl_easy_setopt(e, CURLOPT_USERAGENT, t->client->options.agent);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
    if (t->body) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, t->body);
    }
    if (strcmp(r->method, "HEAD") == 0)
        curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, r->method);
}

/* Hands it to the thread, if there is room. */
static bool queue(struct client *c, struct transfer *t)
{
    pthread_mutex_lock(&c->lock);
    bool room = !c->stop && c->in_flight < c->options.in_flight_max;
    if (room) {
        c->in_flight++;
        *c->waiting_last = t;
        c->waiting_last = &t->next;
    }
    pthread_mutex_unlock(&c->lock);
    if (room)
        curl_multi_wakeup(c->multi);
    return room;
}

enum err client_send(struct client *c, const struct client_request *r, client_done *done, void *arg)
{
    assert(r->timeout_ms > 0 && r->body.len <= BODY_SEND_MAX);
    struct transfer *t = xcalloc(1, sizeof *t);
    *t = (struct transfer) { .client = c,
                             .done = done,
                             .arg = arg,
                             .easy = curl_easy_init(),
                             .kept_max = r->reply_max,
                             .started_us = clock_monotonic_us() };
    enum err e =
        t->easy && plain_text(str_of(r->method), " ") && add_headers(t, r) ? OK : ERR_BAD_REQUEST;
    if (e == OK) {
        char *url = xstrdup(r->url);
        t->body = r->body.ptr ? xstrdup(r->body) : NULL;
        set_options(t, r, url);
        free(url);
        e = queue(c, t) ? OK : ERR_BUSY; /* from here on it belongs to the thread */
    }
    if (e != OK)
        transfer_free(t);
    return e;
}

int client_in_flight(const struct client *c)
{
    return c->in_flight;
}

const char *client_end_word(enum client_end end)
{
    static const char *const words[] = {
#define CLIENT_END(name, word) word,
        CLIENT_ENDS(CLIENT_END)
#undef CLIENT_END
    };
    return words[end];
}

static enum client_end end_of(const struct transfer *t, CURLcode code)
{
    if (t->broken)
        return CLIENT_BROKEN;
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && t->cut))
        return CLIENT_ANSWERED;
    switch ((int)code) {
    case CURLE_COULDNT_RESOLVE_HOST: return CLIENT_NAME;
    case CURLE_COULDNT_CONNECT: return t->refused ? CLIENT_PRIVATE : CLIENT_CONNECT;
    case CURLE_OPERATION_TIMEDOUT: return CLIENT_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return CLIENT_TLS;
    default: return CLIENT_BROKEN;
    }
}

static void end(struct transfer *t, enum client_end how, CURLcode code)
{
    struct client *c = t->client;
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    struct client_answer answer = {
        .end = how,
        .status = (int)status,
        .body = { t->kept ? t->kept : "", t->kept_len },
        .cut = t->cut,
        .took_us = clock_monotonic_us() - t->started_us,
    };
    if (how == CLIENT_PRIVATE)
        answer.detail = str_of(t->refused_address);
    else if (how != CLIENT_ANSWERED && how != CLIENT_STOPPED)
        answer.detail = str_of(t->broken     ? "the headers are too large"
                               : t->error[0] ? t->error
                                             : curl_easy_strerror(code));
    if (t->before)
        t->before->next = t->next;
    else
        c->running = t->next;
    if (t->next)
        t->next->before = t->before;
    curl_multi_remove_handle(c->multi, t->easy);
    c->in_flight--;
    t->done(t->arg, &answer);
    transfer_free(t);
}

/* Takes over what was handed in. False when it is time to stop. */
static bool take(struct client *c)
{
    pthread_mutex_lock(&c->lock);
    struct transfer *t = c->waiting;
    bool stop = c->stop;
    c->waiting = NULL;
    c->waiting_last = &c->waiting;
    pthread_mutex_unlock(&c->lock);
    while (t) {
        struct transfer *next = t->next;
        t->before = NULL;
        t->next = c->running;
        if (c->running)
            c->running->before = t;
        c->running = t;
        curl_multi_add_handle(c->multi, t->easy);
        t = next;
    }
    return !stop;
}

static void *run(void *arg)
{
    struct client *c = arg;
    while (take(c)) {
        int running, left;
        CURLMsg *m;
        curl_multi_perform(c->multi, &running);
        while ((m = curl_multi_info_read(c->multi, &left))) {
            struct transfer *t = NULL;
            CURLcode code = m->data.result;
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
            end(t, end_of(t, code), code);
        }
        curl_multi_poll(c->multi, NULL, 0, IDLE_MS, NULL);
    }
    while (c->running)
        end(c->running, CLIENT_STOPPED, CURLE_OK);
    return NULL;
}

enum err client_start(const struct client_options *options, struct client **ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_global);
    struct client *c = xcalloc(1, sizeof *c);
    c->options = *options;
    c->waiting_last = &c->waiting;
    c->multi = curl_multi_init();
    pthread_mutex_init(&c->lock, NULL);
    if (c->multi)
        curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNS);
    if (!c->multi || pthread_create(&c->thread, NULL, run, c) != 0) {
        curl_multi_cleanup(c->multi);
        free(c);
        return ERR_INTERNAL;
    }
    *ret = c;
    return OK;
}

void client_stop(struct client *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_mutex_unlock(&c->lock);
    curl_multi_wakeup(c->multi);
    pthread_join(c->thread, NULL);
    curl_multi_cleanup(c->multi);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static bool has_part(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(u, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

enum url_fault url_check(str url, bool public_only)
{
    CURLU *u = curl_url();
    char *z = xstrdup(url), *scheme = NULL, *host = NULL;
    enum url_fault fault = URL_MALFORMED;
    if (plain_text(url, " ") && strlen(z) == url.len &&
        curl_url_set(u, CURLUPART_URL, z, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        struct sockaddr_storage address;
        str name = str_of(host);
        if (name.len && name.ptr[0] == '[') /* as IPv6 stands in a URL */
            name = (str) { name.ptr + 1, name.len - 2 };
        fault = has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD) ? URL_PASSWORD
                : public_only && address_read(name, &address) &&
                        !address_public((const struct sockaddr *)&address)
                    ? URL_PRIVATE
                    : URL_FINE;
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(u);
    free(z);
    return fault;
}
