#include "connect/clickhouse/http.h"

#include <pthread.h>

#include "base/version.h"
#include "net/client.h"

#define AT_ONCE   256
#define REPLY_MAX ((size_t)2 << 30)
#define WORDS_MAX 300 /* of a server about its failure */

struct clickhouse_http {
    const struct clickhouse_address *at;
    struct client *client;
};

struct answer {
    struct waiting *waiting;
    enum client_end end;
    int status;
    bool cut;
    char *body;
    size_t len;
};

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t done;
    size_t pending;
};

/* On the client's thread. */
static void on_answer(void *arg, const struct client_answer *a)
{
    struct answer *to = arg;
    to->end = a->end;
    to->status = a->status;
    to->cut = a->cut;
    if (a->body.len) {
        to->body = xmalloc(a->body.len);
        memcpy(to->body, a->body.ptr, a->body.len);
        to->len = a->body.len;
    }
    pthread_mutex_lock(&to->waiting->lock);
    to->waiting->pending--;
    pthread_cond_signal(&to->waiting->done);
    pthread_mutex_unlock(&to->waiting->lock);
}

/* What a server means by its codes; a text: it is said instead of the server's own words. */
static const struct known {
    int code;
    enum err result;
    const char *zh, *en;
} known[] = {
    { 159, ERR_TOO_SLOW, NULL, NULL },
    { 160, ERR_TOO_SLOW, NULL, NULL },
    { 241, ERR_TOO_COSTLY, NULL, NULL }, /* memory */
    { 173, ERR_TOO_COSTLY, NULL, NULL }, /* memory */
    { 191, ERR_TOO_COSTLY, NULL, NULL }, /* a set */
    { 396, ERR_TOO_COSTLY, NULL, NULL }, /* rows */
    { 62, ERR_TOO_COSTLY, NULL, NULL },  /* a statement longer than it takes */
    { 167, ERR_TOO_COSTLY, NULL, NULL }, /* deeper */
    { 168, ERR_TOO_COSTLY, NULL, NULL }, /* larger */
    { 306, ERR_TOO_COSTLY, NULL, NULL }, /* deeper */
    { 192, ERR_UNAVAILABLE, "拒绝了用户名或密码", "refuses the user or the password" },
    { 193, ERR_UNAVAILABLE, "拒绝了用户名或密码", "refuses the user or the password" },
    { 194, ERR_UNAVAILABLE, "拒绝了用户名或密码", "refuses the user or the password" },
    { 516, ERR_UNAVAILABLE, "拒绝了用户名或密码", "refuses the user or the password" },
    { 497, ERR_UNAVAILABLE, "不允许该用户这样做", "does not allow this user to do that" },
    { 81, ERR_UNAVAILABLE, "没有这个数据库", "has no such database" },
    { 115, ERR_UNAVAILABLE, "版本过旧，至少需要 18.16", "is too old; it must be 18.16 or newer" },
};

static void words(struct arena *a, struct clickhouse_call *c, str host, const char *zh,
                  const char *en, str detail)
{
    str more = detail.len ? arena_fmt(a, ": %.*s", STR_ARG(detail)) : S("");
    c->result = c->result == OK ? ERR_UNAVAILABLE : c->result;
    c->zh = arena_fmt(a, "ClickHouse %.*s %s%.*s", STR_ARG(host), zh, STR_ARG(more));
    c->en = arena_fmt(a, "ClickHouse at %.*s %s%.*s", STR_ARG(host), en, STR_ARG(more));
}

/* "Code: 81, e.displayText() = DB::Exception: Database nono doesn't exist, e.what() = …", or since
 * then "Code: 81. DB::Exception: Database …". */
static bool failure_read(struct clickhouse_call *c, str body, str *ret_said)
{
    str mark = S("DB::Exception: ");
    str rest = str_from(body, strlen("Code: "));
    i64 code;
    size_t digits = 0, at = 0;
    while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
        digits++;
    if (!str_starts(body, S("Code: ")) || !str_to_i64(str_head(rest, digits), &code) || code < 1 ||
        code > 100000)
        return false;
    while (at < rest.len && !str_starts(str_from(rest, at), mark))
        at++;
    str said = at < rest.len ? str_from(rest, at + mark.len) : rest;
    for (at = 0; at < said.len && at < WORDS_MAX && said.ptr[at] != '\n' &&
                 !str_starts(str_from(said, at), S(", e.what()"));)
        at++;
    while (at > 0 && at < said.len && ((unsigned char)said.ptr[at] & 0xc0) == 0x80)
        at--; /* no part of a character */
    c->code = (int)code;
    *ret_said = str_head(said, at);
    return true;
}

static void refused(struct arena *a, struct clickhouse_call *c, str host, str body)
{
    str said = STR_NONE;
    if (!failure_read(c, body, &said)) {
        words(a, c, host, "不是 ClickHouse 服务器", "is not a ClickHouse server", STR_NONE);
        return;
    }
    for (size_t i = 0; i < COUNT(known); i++)
        if (known[i].code == c->code) {
            c->result = known[i].result;
            words(a, c, host, known[i].zh ? known[i].zh : "拒绝了请求",
                  known[i].en ? known[i].en : "refuses", known[i].en ? STR_NONE : said);
            return;
        }
    words(a, c, host, "报错", "failed", arena_str(a, said));
}

static void take(struct arena *a, struct clickhouse_call *c, str host, const struct answer *got)
{
    str body = { got->body, got->len };
    c->reached = got->end == CLIENT_ANSWERED;
    if (!c->reached)
        words(a, c, host, "没有应答", "does not answer", str_of(client_end_word(got->end)));
    else if (got->status != 200)
        refused(a, c, host, body);
    else if (got->cut) {
        c->result = ERR_TOO_COSTLY;
        words(a, c, host, "的结果过大", "has too large an answer", STR_NONE);
    } else
        c->body = arena_str(a, body);
}

static enum err send(struct clickhouse_http *h, struct arena *a, const struct clickhouse_call *c,
                     struct answer *to)
{
    const struct clickhouse_address *at = h->at;
    /* the whole answer before its first byte: a failure in the middle is a failure */
    str url = arena_fmt(a, "http://%.*s/?database=%.*s&wait_end_of_query=1%s",
                        STR_ARG(at->hosts[c->host]), STR_ARG(at->database),
                        c->settings ? c->settings : "");
    const struct http_header headers[] = { { S("X-ClickHouse-User"), at->user },
                                           { S("X-ClickHouse-Key"), at->password } };
    return client_send(h->client,
                       &(struct client_request) { .method = "POST",
                                                  .url = url,
                                                  .headers = headers,
                                                  .header_count = at->user.len ? COUNT(headers) : 0,
                                                  .body = c->statement,
                                                  .timeout_ms = c->timeout_ms,
                                                  .reply_max = REPLY_MAX },
                       on_answer, to);
}

enum err clickhouse_say(struct clickhouse_http *h, struct arena *a, struct clickhouse_call *calls,
                        size_t count)
{
    struct waiting w = { .pending = count };
    struct answer *answers = NEW_N(a, struct answer, count);
    enum err first = OK;
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.done, NULL);
    for (size_t i = 0; i < count; i++) {
        calls[i].result = OK;
        answers[i] = (struct answer) { .waiting = &w, .end = CLIENT_STOPPED };
        if (send(h, a, &calls[i], &answers[i]) == OK)
            continue;
        pthread_mutex_lock(&w.lock); /* busy: as if it had been stopped */
        w.pending--;
        pthread_mutex_unlock(&w.lock);
    }
    pthread_mutex_lock(&w.lock);
    while (w.pending)
        pthread_cond_wait(&w.done, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_mutex_destroy(&w.lock);
    pthread_cond_destroy(&w.done);
    for (size_t i = 0; i < count; i++) {
        take(a, &calls[i], h->at->hosts[calls[i].host], &answers[i]);
        free(answers[i].body);
        if (first == OK)
            first = calls[i].result;
    }
    return first;
}

enum err clickhouse_http_start(const struct clickhouse_address *at, struct clickhouse_http **ret)
{
    struct clickhouse_http *h = xcalloc(1, sizeof *h);
    h->at = at;
    enum err e = client_start(
        &(struct client_options) { .in_flight_max = AT_ONCE, .agent = "Hetang/" HETANG_VERSION },
        &h->client);
    if (e != OK) {
        free(h);
        return e;
    }
    *ret = h;
    return OK;
}

void clickhouse_http_stop(struct clickhouse_http *h)
{
    if (!h)
        return;
    client_stop(h->client);
    free(h);
}
