/* Keeps the store of facts: the thread that reads the log and tells it. */
#include "base/log.h"
#include "base/time.h"
#include "core/timeline.h"
#include "domain/insight/internal.h"
#include "domain/source/source.h"

#include "insight.sql.h"

#define POLL_MS    200  /* other nodes write too (PostgreSQL); a moved clock tells nobody */
#define IDLE_MS    5000 /* whether scores are newer is looked at this often, at least */
#define BACK_MS    200  /* after a failure, then twice that … */
#define BACK_MS_TO 5000 /* … up to this */

static const struct insight_store *elsewhere;

void insight_offer(const struct insight_store *store)
{
    elsewhere = store;
}

typedef VEC(i64) id_list;

static bool listed(const id_list *l, i64 id)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i] == id)
            return true;
    return false;
}

static void list_once(struct arena *a, id_list *l, i64 id)
{
    if (!listed(l, id))
        *vec_push(a, l) = id;
}

static int by_number(const void *pa, const void *pb)
{
    i64 a = *(const i64 *)pa, b = *(const i64 *)pb;
    return (a > b) - (a < b);
}

static void sorted(id_list *l)
{
    size_t kept = 0;
    if (l->n)
        qsort(l->at, l->n, sizeof *l->at, by_number);
    for (size_t i = 0; i < l->n; i++)
        if (!kept || l->at[kept - 1] != l->at[i])
            l->at[kept++] = l->at[i];
    l->n = kept;
}

/* Whose the facts of this number are: 0 nobody's. */
static i64 owner(const struct insight *in, i64 customer)
{
    const i64 *root = map_get(&in->roots, customer);
    i64 who = root ? *root : customer;
    return map_get(&in->erased, who) ? 0 : who;
}

/* One page of the log, and what else has to be told with it. */
struct page {
    struct insight *in;
    struct event *events;
    size_t count;
    id_list touched;   /* roots of the people facts are about */
    id_list regrouped; /* roots of those who were joined, parted, erased: all their facts anew */
    id_list members;   /* everybody in the families of the regrouped */
    VEC(struct fact) facts;
    person_list persons;
    i64 upto;
};

static enum err family_add(struct ctx *cx, struct page *p, i64 who)
{
    customer_id root, *family;
    size_t count;
    TRY(customer_root(cx, (customer_id) { who }, &root));
    if (listed(&p->regrouped, root.v))
        return OK;
    *vec_push(cx->arena, &p->regrouped) = root.v;
    TRY(customer_family(cx, root, &family, &count));
    for (size_t i = 0; i < count; i++)
        list_once(cx->arena, &p->members, family[i].v);
    return OK;
}

static enum err regroup(struct ctx *cx, struct page *p, const struct event *e)
{
    bool joined = str_is(e->type_name, EV_CUSTOMER_MERGED.name),
         parted = str_is(e->type_name, EV_CUSTOMER_UNMERGED.name);
    if (str_is(e->type_name, EV_CUSTOMER_ERASED.name))
        return family_add(cx, p, e->customer.v);
    if (!joined && !parted)
        return OK;
    struct json_error bad;
    const struct json *props = json_read(cx->arena, e->props, &bad);
    i64 other;
    TRY(family_add(cx, p, e->customer.v));
    return props && json_i64(json_get(props, "merged_id"), &other) && other > 0
               ? family_add(cx, p, other)
               : OK;
}

struct retold {
    struct page *page;
    i64 who;
    struct arena *arena;
};

static enum err retell_one(struct ctx *cx, const struct event *e, void *arg)
{
    struct retold *r = arg;
    (void)cx;
    if (e->seq > r->page->upto)
        return OK; /* comes with its own page */
    struct event kept = *e;
    kept.props = arena_str(r->arena, e->props);
    fact_of(r->arena, &kept, r->who, vec_push(r->arena, &r->page->facts));
    return OK;
}

/* Every fact of the regrouped up to the page's end, as their families are now. */
static enum err retell(struct ctx *cx, struct page *p)
{
    for (size_t i = 0; i < p->regrouped.n; i++) {
        struct retold r = { p, p->regrouped.at[i], cx->arena };
        customer_id *family;
        size_t count;
        if (owner(p->in, r.who) != r.who)
            continue;
        TRY(customer_family(cx, (customer_id) { r.who }, &family, &count));
        TRY(timeline_walk(cx, family, count, retell_one, &r));
    }
    return OK;
}

static enum err erased_load(struct ctx *cx, struct insight *in)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, insight_erased, &r));
    while (rows_next(&r))
        *map_put(&in->erased, col_id(&r, 0)) = 1;
    return rows_end(&r);
}

/* Who belongs to whom, anew for those of the regrouped. */
static enum err owners_learn(struct ctx *cx, struct page *p)
{
    for (size_t i = 0; i < p->members.n; i++) {
        customer_id root;
        TRY(customer_root(cx, (customer_id) { p->members.at[i] }, &root));
        if (root.v == p->members.at[i])
            map_remove(&p->in->roots, root.v);
        else
            *map_put(&p->in->roots, p->members.at[i]) = root.v;
    }
    return p->members.n ? erased_load(cx, p->in) : OK;
}

static enum err touched_load(struct ctx *cx, struct page *p)
{
    sorted(&p->touched);
    for (size_t i = 0; i < p->touched.n;) {
        size_t last = i;
        i64 next = p->touched.at[i]; /* neighbours are read together */
        while (last + 1 < p->touched.n && p->touched.at[last + 1] <= p->touched.at[last] + 4)
            last++;
        do
            TRY(people_load(cx, next, p->touched.at[last], &p->persons, &next));
        while (next);
        i = last + 1;
    }
    return OK;
}

/* What sources bring leaves a person as they are but for when they were last seen, which it moves
 * once an hour (customer_seen_hourly): there the first fact of an hour is reason enough. */
static bool changes_person(struct insight *in, const struct event *e, i64 who)
{
    if (!e->source || str_is(e->type_name, EV_IDENTIFY.name))
        return true;
    i64 *hour = map_put(&in->hours, who), now = e->at.ms / HOUR_MS;
    bool other = *hour != now;
    *hour = now;
    return other;
}

static enum err page_read(struct ctx *cx, void *arg)
{
    struct page *p = arg;
    struct insight *in = p->in;
    p->events = NEW_N(cx->arena, struct event, (size_t)in->store->page);
    TRY(event_read(cx, in->seq, in->store->page, p->events, &p->count));
    p->upto = p->count ? p->events[p->count - 1].seq : in->seq;
    for (size_t i = 0; i < p->count; i++)
        if (p->events[i].seq > in->live_from && p->events[i].customer.v)
            TRY(regroup(cx, p, &p->events[i]));
    TRY(owners_learn(cx, p));
    for (size_t i = 0; i < p->count; i++) {
        const struct event *e = &p->events[i];
        i64 who = e->customer.v ? owner(in, e->customer.v) : 0;
        if (!who)
            continue;
        if (e->seq > in->live_from && changes_person(in, e, who))
            *vec_push(cx->arena, &p->touched) = who;
        if (!listed(&p->regrouped, who))
            fact_of(cx->arena, e, who, vec_push(cx->arena, &p->facts));
    }
    for (size_t i = 0; i < p->regrouped.n; i++)
        *vec_push(cx->arena, &p->touched) = p->regrouped.at[i];
    TRY(retell(cx, p));
    return touched_load(cx, p);
}

static void persons_tell(struct insight *in, const person_list *persons)
{
    for (size_t i = 0; i < persons->n; i++)
        in->store->person(in->kept, &persons->at[i]);
}

static void announce(struct insight *in, const struct insight_news *news)
{
    pthread_mutex_lock(&in->listen_lock);
    if (in->listener)
        in->listener(in->app, news);
    pthread_mutex_unlock(&in->listen_lock);
}

static void page_announce(struct page *p)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    VEC(str) types = { 0 };
    id_list persons = { 0 };
    if (!p->in->ready)
        return;
    for (size_t i = 0; i < p->facts.n; i++) {
        size_t k = 0;
        while (k < types.n && types.at[k].ptr != p->facts.at[i].type.ptr)
            k++;
        if (k == types.n)
            *vec_push(&a, &types) = p->facts.at[i].type;
        *vec_push(&a, &persons) = p->facts.at[i].person;
    }
    for (size_t i = 0; i < p->touched.n; i++)
        *vec_push(&a, &persons) = p->touched.at[i];
    for (size_t i = 0; i < p->members.n; i++)
        *vec_push(&a, &persons) = p->members.at[i];
    sorted(&persons);
    announce(p->in, &(struct insight_news) { .persons = persons.at,
                                             .person_count = persons.n,
                                             .types = types.at,
                                             .type_count = types.n,
                                             .attributes = p->touched.n > 0 });
}

static enum err page_tell(struct page *p)
{
    struct insight *in = p->in;
    const struct insight_store *to = in->store;
    to->begin(in->kept, &p->events[p->count - 1]);
    for (size_t i = 0; i < p->members.n; i++)
        to->forget(in->kept, p->members.at[i], !owner(in, p->members.at[i]));
    for (size_t i = 0; i < p->facts.n; i++)
        to->fact(in->kept, &p->facts.at[i]);
    persons_tell(in, &p->persons);
    TRY(to->end(in->kept));
    in->seq = p->upto;
    page_announce(p);
    return OK;
}

/* A building may take longer than the right to tell. */
static enum err still_telling(struct insight *in)
{
    bool hold;
    TRY(lease_hold(in, &hold));
    return hold ? OK : ERR_UNAVAILABLE;
}

/* Tells the next facts. *ret_more: there may be more of them. */
static enum err advance(struct insight *in, bool *ret_more)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    struct page p = { .in = in };
    *ret_more = false;
    TRY(still_telling(in));
    TRY(event_look(in->app));
    TRY(in_read(&cx, page_read, &p));
    if (p.count)
        TRY(page_tell(&p));
    in->store->rest(in->kept, in->ready);
    *ret_more = (i64)p.count == in->store->page;
    return OK;
}

/* --- everybody */

static enum err sweep_read(struct ctx *cx, void *arg)
{
    struct page *p = arg;
    i64 next;
    TRY(people_load(cx, p->in->sweep, I53_MAX, &p->persons, &next));
    p->upto = next ? next : NONE;
    return OK;
}

/* The next part of everybody, anew. */
static enum err sweep(struct insight *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    struct page p = { .in = in };
    TRY(still_telling(in));
    TRY(in_read(&cx, sweep_read, &p));
    in->store->begin(in->kept, NULL);
    persons_tell(in, &p.persons);
    TRY(in->store->end(in->kept));
    in->sweep = p.upto;
    if (in->sweep == NONE && in->ready)
        announce(in, &(struct insight_news) { .everybody = true });
    return OK;
}

static enum err owners_read(struct ctx *cx, void *arg)
{
    struct insight *in = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    map_clear(&in->roots);
    TRY(sql_query(cx, insight_joined, &r));
    while (rows_next(&r)) {
        customer_id root;
        i64 id = col_id(&r, 0);
        TRY(customer_root(cx, (customer_id) { col_id(&r, 1) }, &root));
        *map_put(&in->roots, id) = root.v;
    }
    TRY(rows_end(&r));
    TRY(erased_load(cx, in));
    TRY(sql_i64(cx, insight_rfm_run, &in->rfm_run));
    return sql_i64(cx, insight_value_run, &in->value_run);
}

/* Where to go on, and what the log has beyond it. */
struct beginning {
    struct insight *in;
    struct insight_told told;
    i64 last, settled, count;
};

static enum err beginning_read(struct ctx *cx, void *arg)
{
    struct beginning *b = arg;
    TRY(event_last(cx, &b->last));
    TRY(event_settled(cx, &b->settled));
    TRY(sql_i64(cx, insight_event_count, &b->count, V(b->told.seq)));
    return owners_read(cx, b->in);
}

/* Scores are written by runs, not by facts alone: a new run is a reason to look at everybody. */
static enum err scores_look(struct ctx *cx, void *arg)
{
    struct insight *in = arg;
    i64 rfm, value;
    TRY(sql_i64(cx, insight_rfm_run, &rfm));
    TRY(sql_i64(cx, insight_value_run, &value));
    if (rfm != in->rfm_run || value != in->value_run) {
        in->rfm_run = rfm;
        in->value_run = value;
        in->sweep = 0;
    }
    return OK;
}

static enum err look_around(struct insight *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    return in_read(&cx, scores_look, in);
}

/* Everything that is missing: the log, then people as they stand. Of a log told from its beginning
 * facts up to live_from are told as people are joined now; what happens to people meanwhile is told
 * with the facts after it. */
static enum err build(struct insight *in, void (*tell)(void *arg, i64 done, i64 total), void *arg)
{
    bool more = true;
    while (more && !in->stop) {
        TRY(advance(in, &more));
        in->done = MIN(in->done + in->store->page, in->total);
        if (tell)
            tell(arg, in->done, in->total);
    }
    for (in->sweep = 0; in->sweep != NONE && !in->stop;)
        TRY(sweep(in));
    return in->stop ? OK : in->store->whole(in->kept);
}

/* Goes on where the store stands, or from the beginning of the log. */
static enum err begin(struct insight *in, bool afresh, bool *ret_whole)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(in->app, &a, S("insight"));
    struct beginning b = { .in = in };
    enum err e = afresh ? ERR_NOT_FOUND : in->store->open(in->kept, &b.told);
    if (e != OK && e != ERR_NOT_FOUND)
        return e;
    TRY(event_look(in->app));
    TRY(in_read(&cx, beginning_read, &b));
    /* A log that is older than what was told was brought back from somewhere. */
    if (e == ERR_NOT_FOUND || b.told.seq > b.last) {
        b.told = (struct insight_told) { .from = MIN(b.last, b.settled) };
        TRY(in->store->fresh(in->kept));
        TRY(in_read(&cx, beginning_read, &b));
    }
    in->seq = b.told.seq;
    in->live_from = b.told.from;
    in->done = 0;
    in->total = b.count;
    map_clear(&in->hours);
    *ret_whole = b.told.whole;
    return OK;
}

static enum err make_ready(struct insight *in)
{
    i64 from = clock_monotonic_us();
    bool whole;
    TRY(begin(in, false, &whole));
    if (whole) {
        in->sweep = 0; /* what changed without a fact meanwhile */
        log_info("insight.loaded", P("store", in->store->name), P("seq", in->seq),
                 P("ms", (clock_monotonic_us() - from) / 1000));
    } else {
        TRY(build(in, NULL, NULL));
        if (in->stop)
            return OK;
        log_info("insight.built", P("store", in->store->name), P("facts", in->total),
                 P("ms", (clock_monotonic_us() - from) / 1000));
    }
    in->ready = true;
    return OK;
}

/* Another node tells: how far it is. */
static enum err listen_only(struct insight *in)
{
    struct insight_told told;
    in->telling = false;
    TRY(in->store->look(in->kept, &told));
    in->seq = told.seq;
    in->ready = told.whole;
    return OK;
}

/* What there is to do now. *ret_more: and at once again. */
static enum err turn(struct insight *in, i64 *looked_ms, bool *ret_more)
{
    bool more = false, hold;
    TRY(lease_hold(in, &hold));
    if (!hold)
        return listen_only(in);
    if (!in->telling)
        in->ready = false;
    in->telling = true;
    if (!in->ready)
        TRY(make_ready(in));
    if (!in->ready) /* it is to stop */
        return OK;
    TRY(advance(in, &more));
    i64 now_ms = clock_monotonic_us() / 1000;
    if (now_ms - *looked_ms > IDLE_MS) {
        *looked_ms = now_ms;
        TRY(look_around(in));
        if (in->store->check)
            TRY(in->store->check(in->kept));
    }
    if (in->sweep_wanted) {
        in->sweep_wanted = false;
        in->sweep = 0;
    }
    if (in->sweep != NONE) {
        TRY(sweep(in));
        more = true;
    }
    if (!more)
        in->store->save(in->kept, false);
    *ret_more = more;
    return OK;
}

static void pause_ms(const struct insight *in, i64 ms)
{
    for (i64 end = clock_monotonic_us() + ms * 1000; !in->stop && clock_monotonic_us() < end;)
        nanosleep(&(struct timespec) { .tv_nsec = 20 * 1000 * 1000 }, NULL);
}

/* What was not told is told again, by growing pauses: what is known of who was told what may be
 * wrong by then, and where the store stands. */
static void failed(struct insight *in, enum err e, i64 *back_ms)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    str zh, en;
    map_clear(&in->hours);
    in->store->problem(in->kept, &a, &zh, &en);
    if (!*back_ms)
        log_warn("insight.failed", P("error", err_info(e)->name), P("seq", in->seq),
                 P("store", in->store->name), P("reason", en));
    if (in->store->look && e == ERR_UNAVAILABLE)
        in->ready = false;
    *back_ms = MIN(MAX(2 * *back_ms, BACK_MS), BACK_MS_TO);
    pause_ms(in, *back_ms);
}

static void *run(void *arg)
{
    struct insight *in = arg;
    uint64_t seen = in->app->commits;
    i64 looked_ms = 0, back_ms = 0;
    while (!in->stop) {
        bool more = false;
        enum err e = turn(in, &looked_ms, &more);
        if (e != OK) {
            failed(in, e, &back_ms);
            continue;
        }
        if (back_ms)
            log_info("insight.goes_on", P("seq", in->seq), P("store", in->store->name));
        back_ms = 0;
        if (more || in->stop)
            continue;
        pause_ms(in, in->store->rest_ms);
        seen = app_wait_commit(in->app, seen, db_engine(in->app->db) == DB_PG ? POLL_MS : IDLE_MS);
    }
    in->store->save(in->kept, true);
    lease_give(in);
    return NULL;
}

static struct insight *insight_new(struct app *app)
{
    struct insight *in = xcalloc(1, sizeof *in);
    in->app = app;
    pthread_mutex_init(&in->listen_lock, NULL);
    in->sweep = NONE;
    in->store = elsewhere ? elsewhere : &engine_store;
    in->kept = in->store->make(app);
    return app->insight = in;
}

enum err insight_build(struct app *app, void (*tell)(void *arg, i64 done, i64 total), void *arg)
{
    struct insight *in = insight_new(app);
    struct insight_told told;
    bool whole;
    if (in->store->look) { /* a server tells it */
        TRY(in->store->look(in->kept, &told));
        in->seq = told.seq;
        in->ready = told.whole;
        return OK;
    }
    TRY(begin(in, true, &whole));
    TRY(build(in, tell, arg));
    in->ready = true;
    return OK;
}

static enum err start(struct app *app)
{
    if (app->use != APP_SERVE)
        return OK;
    struct insight *in = insight_new(app);
    in->threaded = pthread_create(&in->thread, NULL, run, in) == 0;
    return in->threaded ? OK : ERR_INTERNAL;
}

static void stop(struct app *app)
{
    struct insight *in = app->insight;
    if (!in)
        return;
    in->stop = true;
    app_wake(app);
    if (in->threaded)
        pthread_join(in->thread, NULL);
    in->store->free(in->kept);
    pthread_mutex_destroy(&in->listen_lock);
    map_done(&in->roots);
    map_done(&in->erased);
    map_done(&in->hours);
    free(in);
    app->insight = NULL;
}

void insight_listen(struct app *app, insight_listener *listener)
{
    if (!app->insight)
        return;
    pthread_mutex_lock(&app->insight->listen_lock);
    app->insight->listener = listener;
    pthread_mutex_unlock(&app->insight->listen_lock);
}

bool insight_ready(const struct app *app)
{
    return app->insight && app->insight->ready;
}

void insight_sweep(struct app *app)
{
    if (!app->insight)
        return;
    app->insight->sweep_wanted = true;
    app_wake(app);
}

enum err insight_everybody(struct app *app, struct arena *a, const struct people *p, instant now,
                           i64 **ret, size_t *ret_count)
{
    struct query q = { .kind = QUERY_SEGMENT, .people = (struct people *)(uintptr_t)p };
    struct result result = { 0 };
    const struct engine_limits limits = { .background = true };
    TRY(app->insight->store->ask(app->insight->kept, a, &q, now, &limits, &result));
    *ret = result.people;
    *ret_count = result.people_count;
    return OK;
}

enum err insight_fit(struct app *app, const struct people *const *asked, size_t asked_count,
                     instant now, const i64 *persons, size_t count, bool *ret)
{
    struct insight *in = app->insight;
    return in->store->fit(in->kept, asked, asked_count, now, persons, count, ret);
}

enum err insight_types(struct app *app, struct arena *a, struct engine_type **ret,
                       size_t *ret_count)
{
    struct insight *in = app->insight;
    *ret = NULL;
    *ret_count = 0;
    return insight_ready(app) ? in->store->types(in->kept, a, ret, ret_count) : OK;
}

void insight_problem(const struct app *app, struct arena *a, str *ret_zh, str *ret_en)
{
    struct insight *in = app->insight;
    *ret_zh = *ret_en = STR_NONE;
    if (in)
        in->store->problem(in->kept, a, ret_zh, ret_en);
}

void insight_state(const struct app *app, struct insight_state *ret)
{
    struct insight *in = app->insight;
    *ret = (struct insight_state) { .store = engine_store.name };
    if (!in)
        return;
    *ret = (struct insight_state) { .store = in->store->name,
                                    .ready = in->ready,
                                    .seq = in->seq,
                                    .done = in->done,
                                    .total = in->total };
}

void insight_stats(const struct app *app, struct engine_stats *ret)
{
    struct insight *in = app->insight;
    if (!insight_ready(app) || in->store->stats(in->kept, ret) != OK)
        *ret = (struct engine_stats) { 0 };
}

const struct module insight_module = { .name = "insight",
                                       .routes = insight_routes,
                                       .route_count = INSIGHT_ROUTES,
                                       .metrics = insight_metrics,
                                       .metric_count = INSIGHT_METRICS,
                                       .start = start,
                                       .stop = stop };
