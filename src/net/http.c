#include "net/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include <h2o.h>
#include <h2o/http1.h>
#include <h2o/http2.h>

#include "base/log.h"
#include "base/time.h"
#include "net/listen.h"
#include "net/refuse.h"
#include "net/tls.h"

#define REQUEST_MS      10000
#define FILE_PIECE      (128 * 1024)
#define STREAM_WAIT_MAX ((size_t)1 << 20)
#define LISTENERS_MAX   8
#define BODY_OVER       ((size_t)1 << 20) /* above the limit, and still read to its end */

struct loop;

enum message_kind { MSG_ANSWER, MSG_STREAM, MSG_END };

/* Everything an exchange needs; `open` is what the handler sees. */
struct exchange {
    struct http_exchange open; /* first */
    h2o_multithread_message_t message;
    enum message_kind kind;
    struct loop *loop;
    struct exchange *next; /* in the queue */
    bool slow;
    h2o_generator_t generator; /* given to h2o; found back by offset */
    /* on the loop only */
    h2o_req_t *req; /* NULL: the client is gone */
    bool worked;    /* nobody else will touch it */
    struct http_answer answer;
    int file;
    off_t file_left;
    char *piece;
    bool piece_out;
    /* streams */
    pthread_mutex_t lock;
    struct strbuf waiting; /* guarded by lock */
    struct strbuf flying;  /* with h2o */
    size_t flying_len;     /* guarded by lock, for whoever asks */
    bool streaming, started, ended, dropped, posted, gone;
};

struct loop {
    struct http_server *server;
    pthread_t thread;
    h2o_context_t context;
    h2o_accept_ctx_t accept[2]; /* plain or TLS, and local */
    h2o_multithread_receiver_t receiver;
    h2o_socket_t *listeners[LISTENERS_MAX + 1];
    size_t listener_count;
    bool paused; /* too many connections: not accepting */
    _Atomic bool stop;
    bool stopping;
    SSL_CTX *tls; /* what new connections get */
};

struct queue {
    struct exchange *first, **last;
    int count, max;
};

struct http_server {
    struct http_options options;
    h2o_globalconf_t config;
    struct loop *loops;
    int loop_count;
    pthread_barrier_t made;     /* a loop is ready */
    int fds[LISTENERS_MAX + 1]; /* the last may be the local one */
    size_t fd_count;
    bool has_local;
    int port;
    pthread_t *workers;
    int worker_count;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct queue queue, slow;
    int slow_running, slow_max;
    bool stop;
    _Atomic i64 connections, requests, busy, rejected, open_exchanges;
    struct http_server *stopped_before; /* those that were stopped; see http_stop */
    struct tls *tls;                    /* NULL: plain */
};

struct handler {
    h2o_handler_t super;
    struct http_server *server;
};

struct guard {
    struct exchange *x;
};

static struct exchange *of(struct http_exchange *open)
{
    return (struct exchange *)open;
}

static void exchange_free(struct exchange *x)
{
    x->loop->server->open_exchanges--;
    if (x->file >= 0)
        close(x->file);
    free(x->piece);
    strbuf_done(&x->waiting);
    strbuf_done(&x->flying);
    pthread_mutex_destroy(&x->lock);
    arena_done(&x->open.arena);
    free(x);
}

/* h2o is done with the request: sent, or the client went away. */
static void on_dispose(void *arg)
{
    struct exchange *x = ((struct guard *)arg)->x;
    x->req = NULL;
    pthread_mutex_lock(&x->lock);
    x->gone = true;
    strbuf_clear(&x->waiting);
    x->flying_len = 0;
    pthread_mutex_unlock(&x->lock);
    if (x->worked)
        exchange_free(x);
}

str http_header(const struct http_exchange *x, const char *name)
{
    for (size_t i = 0; i < x->header_count; i++)
        if (str_is(x->headers[i].name, name))
            return x->headers[i].value;
    return STR_NONE;
}

static str copy(struct exchange *x, h2o_iovec_t v)
{
    return arena_str(&x->open.arena, (str) { v.base, v.len });
}

static str peer(struct exchange *x, h2o_conn_t *conn)
{
    struct sockaddr_storage ss;
    char text[INET6_ADDRSTRLEN] = "";
    socklen_t len = conn->callbacks->get_peername(conn, (void *)&ss);
    if (len && ss.ss_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&ss)->sin_addr, text, sizeof text);
    else if (len && ss.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&ss)->sin6_addr, text, sizeof text);
    else
        x->open.local = len && ss.ss_family == AF_UNIX;
    return arena_str(&x->open.arena, str_of(text));
}

/* HTTP/2 clients send Cookie in crumbs, a field each; to the reader it is one (RFC 9113, 8.2.3). */
static void add_header(struct http_exchange *o, str name, str value)
{
    for (size_t i = 0; i < o->header_count; i++)
        if (str_is(name, "cookie") && str_eq(o->headers[i].name, name)) {
            o->headers[i].value =
                arena_fmt(&o->arena, "%.*s; %.*s", STR_ARG(o->headers[i].value), STR_ARG(value));
            return;
        }
    o->headers[o->header_count++] = (struct http_header) { name, value };
}

static struct exchange *exchange_new(struct loop *loop, h2o_req_t *req)
{
    struct exchange *x = xcalloc(1, sizeof *x);
    struct guard *guard = h2o_mem_alloc_shared(&req->pool, sizeof *guard, on_dispose);
    guard->x = x;
    x->req = req;
    x->loop = loop;
    x->file = -1;
    pthread_mutex_init(&x->lock, NULL);
    strbuf_init(&x->waiting, NULL, STREAM_WAIT_MAX);
    strbuf_init(&x->flying, NULL, STREAM_WAIT_MAX);
    struct http_exchange *o = &x->open;
    o->received_us = clock_monotonic_us();
    o->method = copy(x, req->method);
    str path = copy(x, req->path);
    o->query = req->query_at == SIZE_MAX ? S("") : str_from(path, req->query_at + 1);
    o->path = req->query_at == SIZE_MAX ? path : str_head(path, req->query_at);
    o->authority = copy(x, req->authority);
    o->body = req->entity.base ? copy(x, req->entity) : S("");
    o->tls = req->scheme == &H2O_URL_SCHEME_HTTPS;
    o->ip = peer(x, req->conn);
    o->headers = NEW_N(&o->arena, struct http_header, req->headers.size);
    for (size_t i = 0; i < req->headers.size; i++) {
        const h2o_header_t *h = &req->headers.entries[i];
        add_header(o, copy(x, *h->name), copy(x, h->value));
    }
    loop->server->open_exchanges++;
    return x;
}

static void start(struct exchange *x, int status, const struct http_header *headers, size_t count,
                  size_t length)
{
    h2o_req_t *req = x->req;
    req->res.status = status;
    req->res.reason = ""; /* HTTP/2 has none, and nobody reads it */
    req->res.content_length = length;
    for (size_t i = 0; i < count; i++)
        h2o_add_header_by_str(&req->pool, &req->res.headers, headers[i].name.ptr,
                              headers[i].name.len, 1, NULL, headers[i].value.ptr,
                              headers[i].value.len);
    h2o_start_response(req, &x->generator);
}

static struct exchange *of_generator(h2o_generator_t *g)
{
    return (struct exchange *)((char *)g - offsetof(struct exchange, generator));
}

/* The next piece of a file. Blocks for one read from disk; the kernel has been told what comes
 * next. */
static void send_piece(h2o_generator_t *g, h2o_req_t *req)
{
    struct exchange *x = of_generator(g);
    ssize_t n = read(x->file, x->piece, (size_t)MIN(x->file_left, (off_t)FILE_PIECE));
    if (n <= 0) {
        h2o_send(req, NULL, 0, H2O_SEND_STATE_ERROR);
        return;
    }
    x->file_left -= n;
    h2o_iovec_t buf = { x->piece, (size_t)n };
    h2o_send(req, &buf, 1, x->file_left ? H2O_SEND_STATE_IN_PROGRESS : H2O_SEND_STATE_FINAL);
}

static bool open_file(struct exchange *x)
{
    struct stat st;
    x->file = open(x->answer.file, O_RDONLY | O_CLOEXEC);
    if (x->file < 0 || fstat(x->file, &st) != 0)
        return false;
    if (x->answer.file_remove)
        unlink(x->answer.file);
    posix_fadvise(x->file, 0, 0, POSIX_FADV_SEQUENTIAL);
    x->file_left = st.st_size;
    x->piece = xmalloc(FILE_PIECE);
    return true;
}

static void send_answer(struct exchange *x)
{
    struct http_answer *a = &x->answer;
    if (a->file && !open_file(x)) {
        log_error("http.file", P("path", a->file), P("error", strerror(errno)));
        *a = (struct http_answer) { .status = 404 };
    }
    if (a->file && x->file_left) {
        x->generator = (h2o_generator_t) { send_piece, NULL };
        start(x, a->status, a->headers, a->header_count, (size_t)x->file_left);
        send_piece(&x->generator, x->req);
        return;
    }
    x->generator = (h2o_generator_t) { NULL, NULL };
    h2o_iovec_t buf = { (char *)(uintptr_t)a->body.ptr, a->body.len };
    start(x, a->status, a->headers, a->header_count, a->body.len);
    bool head = str_is(x->open.method, "HEAD");
    h2o_send(x->req, &buf, buf.len && !head ? 1 : 0, H2O_SEND_STATE_FINAL);
}

/* More of a stream, when h2o has sent what it had. */
static void send_stream(struct exchange *x)
{
    if (!x->req || x->piece_out)
        return;
    pthread_mutex_lock(&x->lock);
    struct strbuf full = x->waiting;
    x->waiting = x->flying;
    x->flying = full;
    strbuf_clear(&x->waiting);
    x->flying_len = x->flying.len;
    bool last = x->ended;
    pthread_mutex_unlock(&x->lock);
    if (!x->flying.len && !last)
        return;
    x->piece_out = true;
    h2o_iovec_t buf = { x->flying.ptr, x->flying.len };
    h2o_send(x->req, &buf, buf.len ? 1 : 0,
             last ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

static void stream_proceed(h2o_generator_t *g, h2o_req_t *req)
{
    struct exchange *x = of_generator(g);
    (void)req;
    x->piece_out = false;
    pthread_mutex_lock(&x->lock);
    x->flying_len = 0;
    pthread_mutex_unlock(&x->lock);
    send_stream(x);
}

/* What h2o is writing fails then, and it lets the request go. */
static void cut(struct exchange *x)
{
    h2o_conn_t *conn = x->req->conn;
    if (x->req->version < 0x200 && conn->callbacks->get_socket)
        shutdown(h2o_socket_get_fd(conn->callbacks->get_socket(conn)), SHUT_RDWR);
}

static void on_stream(struct exchange *x)
{
    pthread_mutex_lock(&x->lock);
    x->posted = false;
    bool ended = x->ended, dropped = x->dropped;
    pthread_mutex_unlock(&x->lock);
    if (x->req && !x->started) {
        x->started = true;
        x->generator = (h2o_generator_t) { stream_proceed, NULL };
        start(x, x->answer.status, x->answer.headers, x->answer.header_count, SIZE_MAX);
        x->piece_out = true; /* the headers go out with this empty piece */
        h2o_send(x->req, NULL, 0, H2O_SEND_STATE_IN_PROGRESS);
    } else {
        send_stream(x);
    }
    if (dropped && x->req && x->piece_out)
        cut(x);
    if (ended) {
        x->worked = true;
        if (!x->req)
            exchange_free(x);
    }
}

static void on_messages(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    (void)receiver;
    while (!h2o_linklist_is_empty(messages)) {
        h2o_multithread_message_t *m =
            H2O_STRUCT_FROM_MEMBER(h2o_multithread_message_t, link, messages->next);
        struct exchange *x = (struct exchange *)((char *)m - offsetof(struct exchange, message));
        h2o_linklist_unlink(&m->link);
        if (x->streaming) {
            on_stream(x);
            continue;
        }
        x->worked = true;
        if (x->req)
            send_answer(x);
        else
            exchange_free(x);
    }
}

static void post(struct exchange *x)
{
    x->message.link = (h2o_linklist_t) { 0 };
    h2o_multithread_send_message(&x->loop->receiver, &x->message);
}

void http_answer(struct http_exchange *open, const struct http_answer *answer)
{
    struct exchange *x = of(open);
    x->answer = *answer;
    if (pthread_equal(pthread_self(), x->loop->thread)) { /* from the fast path */
        x->worked = true;
        send_answer(x);
        return;
    }
    post(x);
}

void http_stream_begin(struct http_exchange *open, const struct http_header *headers, size_t count)
{
    struct exchange *x = of(open);
    x->streaming = x->posted = true;
    x->answer = (struct http_answer) { .status = 200, .headers = headers, .header_count = count };
    post(x);
}

enum stream_act { STREAM_SEND, STREAM_END, STREAM_DROP };

static bool stream_post(struct exchange *x, str data, enum stream_act act)
{
    pthread_mutex_lock(&x->lock);
    bool ok = !x->gone;
    if (ok)
        out(&x->waiting, data);
    ok = ok && !x->waiting.overflow;
    x->ended |= act != STREAM_SEND;
    x->dropped |= act == STREAM_DROP;
    bool wake = !x->posted;
    x->posted = true;
    pthread_mutex_unlock(&x->lock);
    if (wake)
        post(x);
    return ok;
}

bool http_stream_send(struct http_exchange *open, str data)
{
    return stream_post(of(open), data, STREAM_SEND);
}

void http_stream_end(struct http_exchange *open)
{
    stream_post(of(open), STR_NONE, STREAM_END);
}

void http_stream_drop(struct http_exchange *open)
{
    stream_post(of(open), STR_NONE, STREAM_DROP);
}

size_t http_stream_waiting(struct http_exchange *open)
{
    struct exchange *x = of(open);
    pthread_mutex_lock(&x->lock);
    size_t n = x->waiting.len + x->flying_len;
    pthread_mutex_unlock(&x->lock);
    return n;
}

/* On the loop, without a worker. */
static int refuse(struct exchange *x, int status)
{
    static const struct http_header headers[] = { { S("content-type"), S(HTTP_PROBLEM) },
                                                  { S("cache-control"), S("no-store") },
                                                  { S("retry-after"), S("1") } };
    const struct http_options *o = &x->loop->server->options;
    str body =
        o->refuse(o->arg, &x->open.arena, status, S(""), http_header(&x->open, "accept-language"));
    http_answer(&x->open, &(struct http_answer) { .status = status,
                                                  .headers = headers,
                                                  .header_count = COUNT(headers) - (status != 503),
                                                  .body = body });
    return 0;
}

static int on_req(h2o_handler_t *self, h2o_req_t *req)
{
    struct http_server *s = ((struct handler *)self)->server;
    struct loop *loop = H2O_STRUCT_FROM_MEMBER(struct loop, context, req->conn->ctx);
    bool too_large = req->entity.len > s->options.body_max;
    if (too_large)
        req->entity.len = 0; /* nobody looks at it */
    struct exchange *x = exchange_new(loop, req);
    s->requests++;
    if (too_large)
        return refuse(x, 413);
    if (s->options.fast && s->options.fast(s->options.arg, &x->open))
        return 0;
    x->slow = s->options.slow && s->options.slow(s->options.arg, &x->open);
    struct queue *q = x->slow ? &s->slow : &s->queue;
    pthread_mutex_lock(&s->lock);
    bool room = q->count < q->max && !s->stop;
    if (room) {
        *q->last = x;
        q->last = &x->next;
        q->count++;
        pthread_cond_signal(&s->filled);
    }
    pthread_mutex_unlock(&s->lock);
    if (room)
        return 0;
    s->rejected++;
    return refuse(x, 503);
}

/* The one that came first of those that may run now; NULL: none. */
static struct exchange *take(struct http_server *s)
{
    struct exchange *plain = s->queue.first,
                    *slow = s->slow_running < s->slow_max ? s->slow.first : NULL;
    bool later = slow && (!plain || slow->open.received_us < plain->open.received_us);
    struct exchange *x = later ? slow : plain;
    struct queue *q = later ? &s->slow : &s->queue;
    if (!x)
        return NULL;
    q->first = x->next;
    if (!q->first)
        q->last = &q->first;
    q->count--;
    s->slow_running += later;
    return x;
}

static void *work(void *arg)
{
    struct http_server *s = arg;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        struct exchange *x;
        while (!(x = take(s)) && !s->stop)
            pthread_cond_wait(&s->filled, &s->lock);
        if (!x)
            break;
        bool slow = x->slow; /* x is gone with its answer */
        pthread_mutex_unlock(&s->lock);
        s->busy++;
        s->options.handler(s->options.arg, &x->open);
        s->busy--;
        pthread_mutex_lock(&s->lock);
        s->slow_running -= slow; /* this worker itself looks for the next */
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void on_accept(h2o_socket_t *listener, const char *err);

static void resume(struct loop *loop)
{
    loop->paused = false;
    for (size_t i = 0; i < loop->listener_count; i++)
        h2o_socket_read_start(loop->listeners[i], on_accept);
}

static void on_socket_closed(void *arg)
{
    struct loop *loop = arg;
    i64 left = --loop->server->connections;
    if (loop->paused && !loop->stopping && left < loop->server->options.conns_max)
        resume(loop);
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    struct loop *loop = listener->data;
    struct http_server *s = loop->server;
    if (err)
        return;
    bool local = s->has_local && listener == loop->listeners[loop->listener_count - 1];
    for (int i = 0; i < 16; i++) {
        if (s->connections >=
            s->options.conns_max) { /* the kernel keeps the rest until one closes */
            loop->paused = true;
            for (size_t k = 0; k < loop->listener_count; k++)
                h2o_socket_read_stop(loop->listeners[k]);
            return;
        }
        h2o_socket_t *sock = h2o_evloop_socket_accept(listener);
        if (!sock)
            return;
        s->connections++;
        sock->on_close.cb = on_socket_closed;
        sock->on_close.data = loop;
        if (s->tls && !local) {
            tls_follow(s->tls, &loop->tls);
            loop->accept[0].ssl_ctx = loop->tls;
        }
        h2o_accept(&loop->accept[local], sock);
    }
}

static void stop_loop(struct loop *loop)
{
    loop->stopping = true;
    for (size_t i = 0; i < loop->listener_count; i++) {
        h2o_socket_read_stop(loop->listeners[i]);
        h2o_socket_close(loop->listeners[i]);
    }
    h2o_context_request_shutdown(&loop->context);
}

/* In the loop's own thread: the buffers of a socket, those of the message queue among them, come
 * from and go back to a list of the thread that made the socket, and nothing guards it. */
static void loop_init(struct loop *loop)
{
    struct http_server *s = loop->server;
    h2o_context_init(&loop->context, h2o_evloop_create(), &s->config);
    h2o_multithread_register_receiver(loop->context.queue, &loop->receiver, on_messages);
    if (s->tls)
        tls_follow(s->tls, &loop->tls);
    for (int i = 0; i < 2; i++)
        loop->accept[i] = (h2o_accept_ctx_t) { .ctx = &loop->context,
                                               .hosts = s->config.hosts,
                                               .ssl_ctx = i ? NULL : loop->tls };
    for (size_t i = 0; i < s->fd_count; i++) {
        int fd = fcntl(s->fds[i], F_DUPFD_CLOEXEC, 0);
        h2o_socket_t *sock =
            h2o_evloop_socket_create(loop->context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
        sock->data = loop;
        loop->listeners[loop->listener_count++] = sock;
        h2o_socket_read_start(sock, on_accept);
    }
}

static void *run_loop(void *arg)
{
    struct loop *loop = arg;
    loop->thread =
        pthread_self(); /* the creator's own write may come later than the first request */
    loop_init(loop);
    pthread_barrier_wait(&loop->server->made);
    const struct http_options *o = &loop->server->options;
    while (!loop->stop) {
        h2o_evloop_run(loop->context.loop, loop->stopping ? 100 : INT32_MAX);
        if (o->rest)
            o->rest(o->arg);
    }
    return NULL;
}

static enum err listen_all(struct http_server *s, const char **ret_reason)
{
    str rest = str_of(s->options.listen);
    while (rest.len && s->fd_count < LISTENERS_MAX) {
        char address[256];
        str one = str_trim(str_cut(&rest, ','));
        snprintf(address, sizeof address, "%.*s", STR_ARG(one));
        int port = 0, fd = listen_on(address, &port, ret_reason);
        if (fd < 0)
            return ERR_CONFIG;
        if (!s->port)
            s->port = port;
        s->fds[s->fd_count++] = fd;
    }
    if (s->options.unix_path) {
        int fd = listen_local(s->options.unix_path, ret_reason);
        if (fd < 0)
            return ERR_CONFIG;
        s->fds[s->fd_count++] = fd;
        s->has_local = true;
    }
    return OK;
}

enum err http_start(const struct http_options *options, struct http_server **ret,
                    const char **ret_reason)
{
    struct http_server *s = xcalloc(1, sizeof *s);
    s->options = *options;
    s->queue = (struct queue) { .last = &s->queue.first, .max = options->queue_max };
    s->slow = (struct queue) { .last = &s->slow.first, .max = MAX(options->queue_max / 2, 1) };
    s->slow_max = MAX(options->workers / 2, 1);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->filled, NULL);
    pthread_barrier_init(&s->made, NULL, 2);
    bool tls = options->tls_cert && options->tls_cert[0];
    enum err e = tls ? tls_open(options->tls_cert, options->tls_key, &s->tls, ret_reason) : OK;
    if (e == OK)
        e = listen_all(s, ret_reason);
    if (e != OK) {
        tls_close(s->tls);
        for (size_t i = 0; i < s->fd_count; i++)
            close(s->fds[i]);
        free(s);
        return e;
    }
    h2o_config_init(&s->config);
    s->config.server_name = h2o_strdup(NULL, "hetang", 6);
    s->config.max_request_entity_size = options->body_max + MIN(options->body_max, BODY_OVER);
    s->config.http1.req_timeout = REQUEST_MS;
    h2o_hostconf_t *host =
        h2o_config_register_host(&s->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    refuse_install(host, &s->options);
    struct handler *handler = (struct handler *)h2o_create_handler(
        h2o_config_register_path(host, "/", 0), sizeof *handler);
    handler->super.on_req = on_req;
    handler->server = s;
    s->worker_count = options->workers;
    s->workers = xcalloc((size_t)s->worker_count, sizeof *s->workers);
    for (int i = 0; i < s->worker_count; i++)
        pthread_create(&s->workers[i], NULL, work, s);
    s->loop_count = options->loops;
    s->loops = xcalloc((size_t)s->loop_count, sizeof *s->loops);
    for (int i = 0; i < s->loop_count; i++) {
        s->loops[i].server = s;
        pthread_create(&s->loops[i].thread, NULL, run_loop, &s->loops[i]);
        pthread_barrier_wait(&s->made); /* one after the other */
    }
    *ret = s;
    return OK;
}

/* Runs on each loop, sent as a message that belongs to no exchange: see http_stop. */
struct stop_message {
    h2o_multithread_message_t message;
    h2o_multithread_receiver_t receiver;
    struct loop *loop;
};

static void on_stop(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    struct stop_message *m = H2O_STRUCT_FROM_MEMBER(struct stop_message, receiver, receiver);
    while (!h2o_linklist_is_empty(messages))
        h2o_linklist_unlink(messages->next);
    stop_loop(m->loop);
}

void http_stop(struct http_server *s, int grace_ms)
{
    if (!s)
        return;
    struct stop_message *stops = xcalloc((size_t)s->loop_count, sizeof *stops);
    for (int i = 0; i < s->loop_count; i++) {
        stops[i].loop = &s->loops[i];
        h2o_multithread_register_receiver(s->loops[i].context.queue, &stops[i].receiver, on_stop);
        h2o_multithread_send_message(&stops[i].receiver, &stops[i].message);
    }
    for (i64 until = clock_monotonic_us() + grace_ms * INT64_C(1000);
         s->open_exchanges > 0 && clock_monotonic_us() < until;)
        usleep(10000);
    usleep(20000); /* the last answers are with the kernel */
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_broadcast(&s->filled);
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < s->worker_count; i++)
        pthread_join(s->workers[i], NULL);
    for (int i = 0; i < s->loop_count; i++) {
        s->loops[i].stop = true;
        h2o_multithread_send_message(&s->loops[i].receiver, NULL);
        pthread_join(s->loops[i].thread, NULL);
    }
    for (int i = 0; i < s->loop_count; i++)
        SSL_CTX_free(s->loops[i].tls);
    tls_close(s->tls);
    for (size_t i = 0; i < s->fd_count; i++)
        close(s->fds[i]);
    if (s->options.unix_path)
        unlink(s->options.unix_path);
    free(s->workers);
    free(stops);
    /* Loops and connections are left to the end of the process: h2o frees a context only when all
     * of its sockets are closed, and a client that does not read must not hold up the stop. They
     * stay reachable, so that a leak checker tells them from what was forgotten. */
    static struct http_server *stopped;
    s->stopped_before = stopped;
    stopped = s;
}

void http_reload_tls(struct http_server *s)
{
    if (s->tls)
        tls_reload(s->tls);
}

int http_port(const struct http_server *s)
{
    return s->port;
}

void http_stats(const struct http_server *s, struct http_stats *ret)
{
    *ret = (struct http_stats) { s->connections, s->requests, s->queue.count + s->slow.count,
                                 s->busy, s->rejected };
}
