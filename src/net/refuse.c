#include "net/refuse.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINGER_SECONDS 2

struct refuser {
    h2o_filter_t super; /* first */
    const struct http_options *options;
};

struct refused {
    h2o_ostream_t super; /* first */
    const struct http_options *options;
};

/* A connection whose answer is out, until the client has read it. */
struct lingering {
    h2o_socket_t *sock; /* of a descriptor of our own: h2o closes its own */
    h2o_loop_t *loop;
    h2o_timeout_t *tick; /* of a second */
    h2o_timeout_entry_t timer;
    int fd, seconds;
    void (*closed)(void *arg); /* what else was to be told that the connection ended */
    void *closed_arg;
};

static void linger_end(struct lingering *l)
{
    h2o_timeout_unlink(&l->timer);
    h2o_socket_close(l->sock);
    if (l->closed)
        l->closed(l->closed_arg);
    free(l);
}

static void on_discard(h2o_socket_t *sock, const char *err)
{
    struct lingering *l = sock->data;
    if (err)
        linger_end(l);
    else
        h2o_buffer_consume(&sock->input, sock->input->size);
}

static void on_tick(h2o_timeout_entry_t *timer)
{
    struct lingering *l = H2O_STRUCT_FROM_MEMBER(struct lingering, timer, timer);
    if (--l->seconds > 0)
        h2o_timeout_link(l->loop, l->tick, &l->timer);
    else
        linger_end(l);
}

/* h2o has closed its descriptor of the connection; ours holds it open. */
static void on_closed(void *arg)
{
    struct lingering *l = arg;
    shutdown(l->fd, SHUT_WR);
    l->sock = h2o_evloop_socket_create(l->loop, l->fd, 0);
    l->sock->data = l;
    l->timer.cb = on_tick;
    h2o_timeout_link(l->loop, l->tick, &l->timer);
    h2o_socket_read_start(l->sock, on_discard);
}

static void linger_begin(h2o_req_t *req)
{
    h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
    int fd = fcntl(h2o_socket_get_fd(sock), F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return; /* closed at once, then */
    struct lingering *l = xcalloc(1, sizeof *l);
    l->fd = fd;
    l->loop = req->conn->ctx->loop;
    l->tick = &req->conn->ctx->one_sec_timeout;
    l->seconds = LINGER_SECONDS;
    l->closed = sock->on_close.cb;
    l->closed_arg = sock->on_close.data;
    sock->on_close.cb = on_closed;
    sock->on_close.data = l;
}

static str of_vector(h2o_iovec_t v)
{
    return (str) { v.base, v.len };
}

/* The one piece of h2o's own answer: its reason, in a few words of English. */
static void send_refused(h2o_ostream_t *self, h2o_req_t *req, h2o_iovec_t *bufs, size_t count,
                         h2o_send_state_t state)
{
    const struct http_options *o = ((struct refused *)self)->options;
    ssize_t at = h2o_find_header(&req->headers, H2O_TOKEN_ACCEPT_LANGUAGE, -1);
    str language = at < 0 ? S("") : of_vector(req->headers.entries[at].value);
    struct arena arena CLEANUP(arena_done) = { 0 };
    str reason = count ? of_vector(bufs[0]) : S("");
    str body = o->refuse(o->arg, &arena, req->res.status, reason, language);
    h2o_iovec_t text = h2o_strdup(&req->pool, body.ptr, body.len);
    req->res.content_length = text.len;
    h2o_ostream_send_next(self, req, &text, count ? 1 : 0, state);
}

static void on_answer(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
    if (req->res.status >= 400) {
        struct refused *r = (struct refused *)h2o_add_ostream(req, sizeof *r, slot);
        r->options = ((struct refuser *)self)->options;
        r->super.do_send = send_refused;
        if (req->res.status == 417) /* an Expect that we do not know is a bad request like others */
            req->res.status = 400;
        slot = &r->super.next;
        h2o_set_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE,
                       H2O_STRLIT(HTTP_PROBLEM), 1);
        h2o_set_header(&req->pool, &req->res.headers, H2O_TOKEN_CACHE_CONTROL,
                       H2O_STRLIT("no-store"), 1);
        if (req->version < 0x200 && !req->http1_is_persistent && req->conn->callbacks->get_socket)
            linger_begin(req);
    }
    h2o_setup_next_ostream(req, slot);
}

void refuse_install(h2o_hostconf_t *host, const struct http_options *options)
{
    /* What h2o answers without a handler belongs to no path but this one. */
    struct refuser *r = (struct refuser *)h2o_create_filter(&host->fallback_path, sizeof *r);
    r->super.on_setup_ostream = on_answer;
    r->options = options;
}
