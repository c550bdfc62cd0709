#include "base/test.h"

#include "net/address.h"
#include "net/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <unistd.h>

static const struct {
    const char *text;
    bool open;
} addresses[] = {
    { "8.8.8.8", true },
    { "1.1.1.1", true },
    { "9.255.255.255", true },
    { "11.0.0.0", true },
    { "100.63.255.255", true },
    { "100.128.0.0", true },
    { "172.15.255.255", true },
    { "172.32.0.0", true },
    { "192.167.255.255", true },
    { "223.255.255.255", true },
    { "0.0.0.0", false },
    { "0.1.2.3", false },
    { "10.0.0.1", false },
    { "100.64.0.1", false },
    { "100.127.255.255", false },
    { "127.0.0.1", false },
    { "127.255.255.254", false },
    { "169.254.169.254", false },
    { "172.16.0.1", false },
    { "172.31.255.255", false },
    { "192.0.0.170", false },
    { "192.0.2.1", false },
    { "192.168.1.1", false },
    { "198.19.255.255", false },
    { "224.0.0.1", false },
    { "240.0.0.1", false },
    { "255.255.255.255", false },
    { "2606:4700:4700::1111", true },
    { "2400:3200::1", true },
    { "::", false },
    { "::1", false },
    { "::8.8.8.8", false },
    { "::ffff:8.8.8.8", true },
    { "::ffff:127.0.0.1", false },
    { "::ffff:169.254.169.254", false },
    { "::ffff:10.1.2.3", false },
    { "64:ff9b::8.8.8.8", true },
    { "64:ff9b::10.0.0.1", false },
    { "64:ff9b:1::8.8.8.8", false },
    { "fe80::1", false },
    { "fc00::1", false },
    { "fd00:ec2::254", false },
    { "ff02::1", false },
    { "2001::1", false },
    { "2001:db8::1", false },
    { "2002:7f00:1::", false },
    { "3fff::1", false },
    { "fec0::1", false },
};

static void addresses_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(addresses); i++) {
        struct sockaddr_storage a;
        assert_true(address_read(str_of(addresses[i].text), &a));
        if (address_public((const struct sockaddr *)&a) != addresses[i].open)
            fail_msg("%s", addresses[i].text);
        struct strbuf text CLEANUP(strbuf_done);
        struct sockaddr_storage again;
        strbuf_init(&text, NULL, 100);
        out_address(&text, (const struct sockaddr *)&a);
        assert_true(address_read(strbuf_str(&text), &again));
        assert_memory_equal(&a, &again, sizeof(struct sockaddr_in));
    }
    const struct sockaddr local = { .sa_family = AF_UNIX };
    assert_false(address_public(&local));
    static const char *const none[] = { "",
                                        "localhost",
                                        "127.1",
                                        "1.2.3.4.5",
                                        "1.2.3.4 ",
                                        "[::1]",
                                        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000" };
    for (size_t i = 0; i < COUNT(none); i++) {
        struct sockaddr_storage a;
        assert_false(address_read(str_of(none[i]), &a));
    }
}

static const struct {
    const char *url;
    enum url_fault fault;
} urls[] = {
    { "https://example.com/hook?x=1", URL_FINE },
    { "http://example.com:8080", URL_FINE },
    { "https://8.8.8.8/", URL_FINE },
    { "https://[2606:4700:4700::1111]/", URL_FINE },
    { "http://localhost/", URL_FINE }, /* a name: judged by its address when it is connected to */
    { "", URL_MALFORMED },
    { "example.com", URL_MALFORMED },
    { "ftp://example.com/", URL_MALFORMED },
    { "file:///etc/passwd", URL_MALFORMED },
    { "http://", URL_MALFORMED },
    { "http://exa mple.com/", URL_MALFORMED },
    { "http://example.com/\r\nX: y", URL_MALFORMED },
    { "http://example.com:99999/", URL_MALFORMED },
    { "https://me:secret@example.com/", URL_PASSWORD },
    { "https://me@example.com/", URL_PASSWORD },
    { "http://127.0.0.1/", URL_PRIVATE },
    { "http://2130706433/", URL_PRIVATE },
    { "http://0x7f.1/", URL_PRIVATE },
    { "http://0177.0.0.1/", URL_PRIVATE },
    { "http://[::1]:80/", URL_PRIVATE },
    { "http://[::ffff:169.254.169.254]/latest/meta-data", URL_PRIVATE },
    { "http://192.168.0.10/", URL_PRIVATE },
};

static void urls_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++) {
        enum url_fault fault = url_check(str_of(urls[i].url), true);
        if (fault != urls[i].fault)
            fail_msg("%s: %d", urls[i].url, (int)fault);
        if (fault == URL_PRIVATE)
            assert_int_equal(url_check(str_of(urls[i].url), false), URL_FINE);
    }
}

/* A listening socket whose thread answers each connection with one text, or never (NULL). */
struct peer {
    int fd, port, last;
    const char *answer;
    pthread_t thread;
    char seen[4096];
};

static void *serve(void *arg)
{
    struct peer *p = arg;
    for (int fd; (fd = accept(p->fd, NULL, NULL)) >= 0;) {
        ssize_t n = read(fd, p->seen, sizeof p->seen - 1);
        p->seen[MAX(n, 0)] = '\0';
        if (p->answer) {
            for (size_t at = 0, len = strlen(p->answer); at < len;) {
                ssize_t sent = send(fd, p->answer + at, len - at, MSG_NOSIGNAL);
                if (sent <= 0)
                    break;
                at += (size_t)sent;
            }
            close(fd);
        } else {
            p->last = fd; /* held open until the end */
        }
    }
    return NULL;
}

static void peer_start(struct peer *p, const char *answer)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof a;
    *p = (struct peer) { .answer = answer, .last = -1, .fd = socket(AF_INET, SOCK_STREAM, 0) };
    assert_int_equal(bind(p->fd, (struct sockaddr *)&a, len), 0);
    assert_int_equal(listen(p->fd, 16), 0);
    assert_int_equal(getsockname(p->fd, (struct sockaddr *)&a, &len), 0);
    p->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
}

static void peer_stop(struct peer *p)
{
    shutdown(p->fd, SHUT_RDWR);
    pthread_join(p->thread, NULL);
    if (p->last >= 0)
        close(p->last);
    close(p->fd);
}

/* The end of one request, waited for. */
struct ended {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    int calls;
    enum client_end end;
    int status;
    bool cut;
    char body[256], detail[256];
};
#define ENDED                                                                \
    {                                                                        \
        .lock = PTHREAD_MUTEX_INITIALIZER, .woken = PTHREAD_COND_INITIALIZER \
    }

static void on_end(void *arg, const struct client_answer *a)
{
    struct ended *e = arg;
    pthread_mutex_lock(&e->lock);
    e->calls++;
    e->end = a->end;
    e->status = a->status;
    e->cut = a->cut;
    snprintf(e->body, sizeof e->body, "%.*s", STR_ARG(a->body));
    snprintf(e->detail, sizeof e->detail, "%.*s", STR_ARG(a->detail));
    pthread_cond_signal(&e->woken);
    pthread_mutex_unlock(&e->lock);
}

static void wait_end(struct ended *e)
{
    pthread_mutex_lock(&e->lock);
    while (!e->calls)
        pthread_cond_wait(&e->woken, &e->lock);
    pthread_mutex_unlock(&e->lock);
}

static enum err ask(struct client *c, int port, i64 timeout_ms, struct ended *e)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/hook", port);
    const struct http_header headers[] = { { S("X-One"), S("1") }, { S("X-Empty"), S("") } };
    return client_send(c,
                       &(struct client_request) { .method = "POST",
                                                  .url = str_of(url),
                                                  .headers = headers,
                                                  .header_count = COUNT(headers),
                                                  .body = S("{\"a\":1}"),
                                                  .timeout_ms = timeout_ms,
                                                  .reply_max = 8 },
                       on_end, e);
}

static struct client *start(bool public_only, int most)
{
    struct client *c;
    assert_ok(client_start(&(struct client_options) { .in_flight_max = most,
                                                      .public_only = public_only,
                                                      .agent = "test" },
                           &c));
    return c;
}

static const struct {
    const char *answer;
    enum client_end end;
    int status;
    bool cut;
    const char *body;
} answers[] = {
    { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", CLIENT_ANSWERED, 200, false, "ok" },
    { "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", CLIENT_ANSWERED, 500, false, "" },
    { "HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
      CLIENT_ANSWERED, 302, false, "" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n0123456789ab", CLIENT_ANSWERED, 200, true,
      "01234567" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n0123", CLIENT_BROKEN, 200, false, "0123" },
    { "SSH-2.0-OpenSSH_9.2\r\n", CLIENT_BROKEN, 0, false, "" },
    { "", CLIENT_BROKEN, 0, false, "" },
};

static void answers_are_understood(void **state)
{
    (void)state;
    struct client *c = start(false, 4);
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct peer p;
        struct ended e = ENDED;
        peer_start(&p, answers[i].answer);
        assert_ok(ask(c, p.port, 5000, &e));
        wait_end(&e);
        peer_stop(&p);
        if (e.end != answers[i].end)
            fail_msg("case %zu: %s (%s)", i, client_end_word(e.end), e.detail);
        assert_int_equal(e.status, answers[i].status);
        assert_int_equal(e.cut, answers[i].cut);
        assert_string_equal(e.body, answers[i].body);
        assert_non_null(strstr(p.seen, "POST /hook HTTP/1.1\r\n"));
        assert_non_null(strstr(p.seen, "X-One: 1\r\n"));
        assert_non_null(strstr(p.seen, "X-Empty:\r\n"));
        assert_non_null(strstr(p.seen, "User-Agent: test\r\n"));
        assert_non_null(strstr(p.seen, "\r\n\r\n{\"a\":1}"));
        assert_null(strstr(p.seen, "Expect"));
    }
    client_stop(c);
}

static void headers_without_end_are_cut_off(void **state)
{
    (void)state;
    size_t size = 200 * 1024;
    char *flood = xmalloc(size + 1);
    struct strbuf text CLEANUP(strbuf_done);
    strbuf_init(&text, NULL, size);
    out(&text, S("HTTP/1.1 200 OK\r\n"));
    while (text.len + 40 < size)
        out(&text, S("X-Flood: 0123456789012345678901\r\n"));
    snprintf(flood, size, "%.*s", STR_ARG(strbuf_str(&text)));
    struct client *c = start(false, 4);
    struct peer p;
    struct ended e = ENDED;
    peer_start(&p, flood);
    assert_ok(ask(c, p.port, 5000, &e));
    wait_end(&e);
    peer_stop(&p);
    client_stop(c);
    free(flood);
    assert_int_equal(e.end, CLIENT_BROKEN);
    assert_string_equal(e.detail, "the headers are too large");
}

static void failures_say_what_happened(void **state)
{
    (void)state;
    struct peer silent;
    struct ended none = ENDED, late = ENDED, closed = ENDED, name = ENDED;
    peer_start(&silent, NULL);
    struct client *c = start(false, 8), *guarded = start(true, 8);
    assert_ok(ask(c, silent.port, 50, &late));
    wait_end(&late);
    assert_int_equal(late.end, CLIENT_TIMEOUT);
    assert_ok(ask(guarded, silent.port, 5000, &none));
    wait_end(&none);
    assert_int_equal(none.end, CLIENT_PRIVATE);
    assert_string_equal(none.detail, "127.0.0.1");
    peer_stop(&silent);
    assert_ok(ask(c, silent.port, 5000, &closed));
    wait_end(&closed);
    assert_int_equal(closed.end, CLIENT_CONNECT);
    assert_true(closed.detail[0]);
    /* By its name: what counts is where it leads. */
    struct client_request r = {
        .method = "GET", .url = S("http://localhost:9/"), .timeout_ms = 5000, .reply_max = 8
    };
    assert_ok(client_send(guarded, &r, on_end, &name));
    wait_end(&name);
    assert_int_equal(name.end, CLIENT_PRIVATE);
    client_stop(c);
    client_stop(guarded);
}

static void what_is_under_way_is_bounded_and_ends_with_the_client(void **state)
{
    (void)state;
    struct peer silent;
    struct ended one = ENDED, two = ENDED, three = ENDED;
    peer_start(&silent, NULL);
    struct client *c = start(false, 2);
    assert_ok(ask(c, silent.port, 60000, &one));
    assert_ok(ask(c, silent.port, 60000, &two));
    assert_int_equal(ask(c, silent.port, 60000, &three), ERR_BUSY);
    assert_int_equal(client_in_flight(c), 2);
    client_stop(c);
    peer_stop(&silent);
    assert_int_equal(one.calls, 1);
    assert_int_equal(two.calls, 1);
    assert_int_equal(three.calls, 0);
    assert_int_equal(one.end, CLIENT_STOPPED);
}

static void headers_that_would_split_the_request_are_refused(void **state)
{
    (void)state;
    struct client *c = start(false, 2);
    static const struct http_header bad[] = { { { "X", 1 }, { "a\r\nY: b", 7 } },
                                              { { "X: y", 4 }, { "z", 1 } },
                                              { { "", 0 }, { "z", 1 } } };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct ended e = ENDED;
        struct client_request r = { .method = "GET",
                                    .url = S("http://localhost:9/"),
                                    .headers = &bad[i],
                                    .header_count = 1,
                                    .timeout_ms = 100 };
        assert_int_equal(client_send(c, &r, on_end, &e), ERR_BAD_REQUEST);
        assert_int_equal(e.calls, 0);
    }
    client_stop(c);
}

int client_test(void);
int client_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_judged),
        cmocka_unit_test(urls_are_judged),
        cmocka_unit_test(answers_are_understood),
        cmocka_unit_test(headers_without_end_are_cut_off),
        cmocka_unit_test(failures_say_what_happened),
        cmocka_unit_test(what_is_under_way_is_bounded_and_ends_with_the_client),
        cmocka_unit_test(headers_that_would_split_the_request_are_refused),
    };
    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
