#include "connect/webhook/sender.h"

#include "base/log.h"
#include "base/time.h"
#include "core/metric.h"
#include "domain/webhook/webhook.h"
#include "net/client.h"

#include <pthread.h>

#define SETTLE_MAX 256  /* answers settled in one write */
#define CLAIM_MAX  64   /* deliveries claimed in one write */
#define POLL_MS    1000 /* other nodes make deliveries too (PostgreSQL) */
#define IDLE_MS    5000
#define RECLAIM_MS 30000
#define AGAIN_MS   1000 /* after a round that could not be written */
#define STOP_MS    3000 /* what is under way may take this long to end */
#define DETAIL_MAX 300

/* One delivery under way; on the heap, from its claim until it is settled. */
struct parcel {
    struct webhook_sender *sender;
    struct arena arena; /* of its texts */
    struct webhook_sending sending;
    struct webhook_outcome outcome;
    struct parcel *next; /* among those that ended */
};

struct lane {
    webhook_id webhook;
    size_t under_way;
};

struct webhook_sender {
    struct app *app;
    struct client *client;
    pthread_t thread;
    pthread_mutex_t lock;
    struct parcel *ended, **ended_last; /* guarded by lock */
    _Atomic bool stop;
    str lease_by;
    char lease_text[40];
    /* the thread's own */
    struct lane lanes[2 * WEBHOOKS_MAX]; /* those with something under way */
    size_t lane_count, under_way;
    i64 reclaimed_us, clock_seen;
    bool failing;
    _Atomic i64 results[WEBHOOK_NOT_SENT + 1]; /* since the start, by enum webhook_result */
};

static void parcel_free(struct parcel *p)
{
    arena_done(&p->arena);
    free(p);
}

/* Keeps what came of it, for the next round. */
static void end(struct parcel *p)
{
    struct webhook_sender *s = p->sender;
    pthread_mutex_lock(&s->lock);
    *s->ended_last = p;
    s->ended_last = &p->next;
    pthread_mutex_unlock(&s->lock);
}

/* On the client's thread. */
static void on_answer(void *arg, const struct client_answer *a)
{
    struct parcel *p = arg;
    struct app *app = p->sender->app;
    bool answered = a->end == CLIENT_ANSWERED, good = answered && a->status / 100 == 2;
    p->outcome = (struct webhook_outcome) {
        .result = good                       ? WEBHOOK_DELIVERED
                  : a->end == CLIENT_STOPPED ? WEBHOOK_NOT_SENT
                                             : WEBHOOK_FAILED,
        .status = a->status,
        .error = good       ? STR_NONE
                 : answered ? S("status")
                            : str_of(client_end_word(a->end)),
        .detail = a->detail.ptr ? arena_str(&p->arena, str_head(a->detail, DETAIL_MAX)) : STR_NONE,
        .response =
            a->status ? arena_str(&p->arena, str_head(a->body, WEBHOOK_ANSWER_MAX)) : STR_NONE,
        .took_ms = a->took_us / 1000,
    };
    end(p);
    app_wake(app);
}

static void post(struct webhook_sender *s, struct parcel *p)
{
    const struct webhook_sending *d = &p->sending;
    struct arena *a = &p->arena;
    i64 timestamp = app_now(s->app).ms / 1000;
    struct strbuf type; /* types from outside may be any text */
    strbuf_init(&type, a, 4096);
    out_url(&type, d->fact.type_name);
    str body = webhook_body(a, &d->fact, d->attempt);
    const struct http_header headers[] = {
        { S("Content-Type"), S("application/json; charset=utf-8") },
        { S("Hetang-Event"), strbuf_str(&type) },
        { S("Hetang-Delivery"),
          arena_fmt(a, "%lld-%lld", (long long)d->webhook.v, (long long)d->seq) },
        { S("Hetang-Timestamp"), arena_fmt(a, "%lld", (long long)timestamp) },
        { S("Hetang-Signature"), webhook_signature(a, d->secret, timestamp, body) },
    };
    enum err e = client_send(s->client,
                             &(struct client_request) { .method = "POST",
                                                        .url = d->url,
                                                        .headers = headers,
                                                        .header_count = COUNT(headers),
                                                        .body = body,
                                                        .timeout_ms = WEBHOOK_TIMEOUT_MS,
                                                        .reply_max = WEBHOOK_ANSWER_MAX },
                             on_answer, p);
    if (e == OK)
        return;
    log_error("webhook.send", P("webhook", d->webhook.v), P("event", d->seq),
              P("error", err_info(e)->name));
    p->outcome = e == ERR_BUSY
                     ? (struct webhook_outcome) { .result = WEBHOOK_NOT_SENT }
                     : (struct webhook_outcome) { .result = WEBHOOK_FAILED, .error = S("broken") };
    end(p);
}

static struct lane *lane_of(struct webhook_sender *s, webhook_id id)
{
    for (size_t i = 0; i < s->lane_count; i++)
        if (s->lanes[i].webhook.v == id.v)
            return &s->lanes[i];
    return NULL;
}

static size_t room_of(struct webhook_sender *s, webhook_id id)
{
    const struct lane *l = lane_of(s, id);
    if (!l && s->lane_count == COUNT(s->lanes)) /* many were deleted and made within a timeout */
        return 0;
    return WEBHOOK_AT_ONCE - (l ? l->under_way : 0);
}

static void enter(struct webhook_sender *s, webhook_id id)
{
    struct lane *l = lane_of(s, id);
    if (!l) {
        l = &s->lanes[s->lane_count++];
        *l = (struct lane) { .webhook = id };
    }
    l->under_way++;
    s->under_way++;
}

static void leave(struct webhook_sender *s, webhook_id id)
{
    struct lane *l = lane_of(s, id);
    if (--l->under_way == 0)
        *l = s->lanes[--s->lane_count];
    s->under_way--;
}

struct round {
    struct webhook_sender *sender;
    struct parcel *ended[SETTLE_MAX];
    size_t ended_count;
    struct webhook_due due[WEBHOOKS_MAX];
    size_t due_count;
    bool reclaim;
    struct webhook_sending *claimed;
    size_t claimed_count;
};

static enum err read_due(struct ctx *cx, void *arg)
{
    struct round *r = arg;
    return webhook_list_due(cx, r->due, &r->due_count);
}

/* Claims in turns of a few for each webhook, so that in a round with little room each has its
 * share. */
static enum err claim(struct ctx *cx, struct round *r)
{
    struct webhook_sender *s = r->sender;
    size_t wanting = 0, share;
    r->claimed_count = 0;
    for (size_t i = 0; i < r->due_count; i++)
        wanting += r->due[i].due.ms && r->due[i].due.ms <= cx->now.ms;
    share = wanting ? MAX(CLAIM_MAX / wanting, 1) : 0;
    for (size_t i = 0; i < r->due_count && r->claimed_count < CLAIM_MAX; i++) {
        size_t got, settled = 0, most;
        if (!r->due[i].due.ms || r->due[i].due.ms > cx->now.ms)
            continue;
        for (size_t k = 0; k < r->ended_count; k++)
            settled += r->ended[k]->sending.webhook.v == r->due[i].webhook.v;
        most =
            MIN(MIN(room_of(s, r->due[i].webhook) + settled, share), CLAIM_MAX - r->claimed_count);
        if (!most)
            continue;
        TRY(webhook_claim(cx, r->due[i].webhook, s->lease_by, most, r->claimed + r->claimed_count,
                          &got));
        r->claimed_count += got;
    }
    return OK;
}

static enum err write_round(struct ctx *cx, void *arg)
{
    struct round *r = arg;
    cx->now = app_now(cx->app);
    for (size_t i = 0; i < r->ended_count; i++)
        TRY(webhook_settle(cx, r->sender->lease_by, &r->ended[i]->sending, &r->ended[i]->outcome));
    if (r->reclaim)
        TRY(webhook_reclaim(cx, r->sender->lease_by, false));
    return r->sender->stop ? OK : claim(cx, r);
}

static struct parcel *parcel_of(struct webhook_sender *s, const struct webhook_sending *from)
{
    struct parcel *p = xcalloc(1, sizeof *p);
    struct arena *a = &p->arena;
    p->sender = s;
    p->sending = *from;
    p->sending.url = arena_str(a, from->url);
    p->sending.secret = arena_str(a, from->secret);
    p->sending.fact.type_name = arena_str(a, from->fact.type_name);
    p->sending.fact.props = arena_str(a, from->fact.props);
    return p;
}

static void take_ended(struct webhook_sender *s, struct round *r)
{
    pthread_mutex_lock(&s->lock);
    while (s->ended && r->ended_count < SETTLE_MAX) {
        r->ended[r->ended_count++] = s->ended;
        s->ended = s->ended->next;
    }
    if (!s->ended)
        s->ended_last = &s->ended;
    pthread_mutex_unlock(&s->lock);
}

static void put_back(struct webhook_sender *s, struct round *r)
{
    pthread_mutex_lock(&s->lock);
    while (r->ended_count) {
        struct parcel *p = r->ended[--r->ended_count];
        p->next = s->ended;
        if (!s->ended)
            s->ended_last = &p->next;
        s->ended = p;
    }
    pthread_mutex_unlock(&s->lock);
}

/* When the earliest delivery of a webhook with room is due; NONE: nothing waits. */
static i64 next_due(struct webhook_sender *s, const struct round *r)
{
    i64 next = NONE;
    for (size_t i = 0; i < r->due_count; i++)
        if (r->due[i].due.ms && room_of(s, r->due[i].webhook))
            next = next == NONE ? r->due[i].due.ms : MIN(next, r->due[i].due.ms);
    return next;
}

static enum err finish(struct webhook_sender *s, struct round *r, enum err e)
{
    if (e != OK) {
        put_back(s, r);
        if (!s->failing)
            log_error("webhook.round", P("error", err_info(e)->name));
        s->failing = true;
        return e;
    }
    s->failing = false;
    if (r->reclaim)
        s->reclaimed_us = clock_monotonic_us();
    for (size_t i = 0; i < r->ended_count; i++) {
        s->results[r->ended[i]->outcome.result]++;
        leave(s, r->ended[i]->sending.webhook);
        parcel_free(r->ended[i]);
    }
    for (size_t i = 0; i < r->claimed_count; i++) {
        enter(s, r->claimed[i].webhook);
        post(s, parcel_of(s, &r->claimed[i]));
    }
    return OK;
}

/* Settles and claims. *ret_due: when the next is due, NONE if nothing waits. */
static enum err do_round(struct webhook_sender *s, bool *ret_more, i64 *ret_due)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(s->app, &arena, S("webhook"));
    struct round r = { .sender = s, .claimed = NEW_N(&arena, struct webhook_sending, CLAIM_MAX) };
    i64 clock = s->app->clock_ms;
    *ret_more = false;
    *ret_due = NONE;
    r.reclaim =
        db_engine(s->app->db) == DB_PG &&
        (clock != s->clock_seen || clock_monotonic_us() - s->reclaimed_us > RECLAIM_MS * 1000);
    take_ended(s, &r);
    enum err e = s->stop ? OK : in_read(&cx, read_due, &r);
    i64 due = next_due(s, &r);
    if (e == OK && (r.ended_count || r.reclaim || (due != NONE && due <= app_now(s->app).ms)))
        e = in_write(&cx, write_round, &r);
    *ret_more = r.ended_count == SETTLE_MAX || r.claimed_count > 0 || r.reclaim;
    TRY(finish(s, &r, e));
    s->clock_seen = clock;
    *ret_due = due;
    return OK;
}

static bool any_ended(struct webhook_sender *s)
{
    pthread_mutex_lock(&s->lock);
    bool any = s->ended != NULL;
    pthread_mutex_unlock(&s->lock);
    return any;
}

/* Until there is something to do: an answer came, something may be due, the clock was moved, or
 * deliveries were made. Most commits bring none, so only then is the database asked. */
static void wait(struct webhook_sender *s, uint64_t seen, enum err e, i64 due)
{
    struct app *app = s->app;
    i64 clock = app->clock_ms, from_us = clock_monotonic_us(), passed = 0;
    i64 most = e != OK ? AGAIN_MS : db_engine(app->db) == DB_PG ? POLL_MS : IDLE_MS;
    if (e == OK && due != NONE && !clock)
        most = MIN(most, MAX(due - app_now(app).ms, 10));
    while (!s->stop && passed < most) {
        seen = app_wait_commit(app, seen, most - passed);
        i64 now_us = clock_monotonic_us();
        passed = (now_us - from_us) / 1000;
        if (e == OK && (any_ended(s) || app->clock_ms != clock ||
                        now_us - app->deliveries_touched_us < 1000000))
            return;
    }
}

static void *run(void *arg)
{
    struct webhook_sender *s = arg;
    while (!s->stop) {
        uint64_t seen = s->app->commits;
        bool more;
        i64 due;
        enum err e = do_round(s, &more, &due);
        if (e != OK || !more)
            wait(s, seen, e, due);
    }
    return NULL;
}

/* Answers that come soon are waited for; the rest counts as not sent and is sent again by the next
 * process. */
static void drain(struct webhook_sender *s)
{
    i64 from_us = clock_monotonic_us(), passed = 0;
    bool more;
    i64 due;
    for (uint64_t seen = s->app->commits; client_in_flight(s->client) > 0 && passed < STOP_MS;) {
        seen = app_wait_commit(s->app, seen, STOP_MS - passed);
        passed = (clock_monotonic_us() - from_us) / 1000;
    }
    client_stop(s->client);
    while (any_ended(s) && do_round(s, &more, &due) == OK)
        ;
}

static enum err reclaim_all(struct ctx *cx, void *arg)
{
    const struct webhook_sender *s = arg;
    return webhook_reclaim(cx, s->lease_by, true);
}

static enum err start(struct app *app)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &arena, S("webhook"));
    if (app->use != APP_SERVE)
        return OK;
    struct webhook_sender *s = xcalloc(1, sizeof *s);
    s->app = app;
    s->ended_last = &s->ended;
    snprintf(s->lease_text, sizeof s->lease_text, "%.*s", STR_ARG(secret_token(&arena, 12)));
    s->lease_by = str_of(s->lease_text);
    pthread_mutex_init(&s->lock, NULL);
    /* The folder's lock is ours: whoever held these is gone. */
    enum err e = db_engine(app->db) == DB_SQLITE ? in_write(&cx, reclaim_all, s) : OK;
    if (e == OK)
        e = client_start(
            &(struct client_options) { .in_flight_max = COUNT(s->lanes) * WEBHOOK_AT_ONCE,
                                       .public_only = !app->config.webhook_private,
                                       .agent = "Hetang" },
            &s->client);
    if (e == OK && pthread_create(&s->thread, NULL, run, s) != 0)
        e = ERR_INTERNAL;
    if (e != OK) {
        client_stop(s->client);
        free(s);
        return e;
    }
    app->webhook_sender = s;
    return OK;
}

static void stop(struct app *app)
{
    struct webhook_sender *s = app->webhook_sender;
    if (!s)
        return;
    s->stop = true;
    app_wake(app);
    pthread_join(s->thread, NULL);
    drain(s);
    while (s->ended) { /* could not be written: their leases run out */
        struct parcel *p = s->ended;
        s->ended = p->next;
        parcel_free(p);
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
    app->webhook_sender = NULL;
}

static enum err read_attempts(struct ctx *cx, struct metric_out *to)
{
    static const char *const words[] = { [WEBHOOK_DELIVERED] = "delivered",
                                         [WEBHOOK_FAILED] = "failed",
                                         [WEBHOOK_NOT_SENT] = "not_sent" };
    const struct webhook_sender *s = cx->app->webhook_sender;
    for (size_t i = 0; s && i < COUNT(words); i++)
        metric_value(to, str_of(words[i]), (double)s->results[i]);
    return OK;
}

static enum err read_under_way(struct ctx *cx, struct metric_out *to)
{
    const struct webhook_sender *s = cx->app->webhook_sender;
    metric_value(to, STR_NONE, s ? client_in_flight(s->client) : 0);
    return OK;
}

static const struct metric metrics[] = {
    { "hetang_webhook_attempts_total", true, "result", "Attempts to deliver, by what came of them",
      read_attempts },
    { "hetang_webhook_under_way", false, NULL, "Deliveries sent and not yet answered",
      read_under_way },
};

const struct module connect_webhook_module = { .name = "connect_webhook",
                                               .metrics = metrics,
                                               .metric_count = COUNT(metrics),
                                               .start = start,
                                               .stop = stop };
