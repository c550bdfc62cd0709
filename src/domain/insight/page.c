/* What is told at once: a page of the log, with everything that has to be told anew for it and how
 * the people stand whom its facts are about; or some of everybody, as they stand. Whose a fact is
 * follows from who was joined and erased, which is known here (owners). */
#include "core/timeline.h"
#include "domain/insight/internal.h"
#include "domain/source/source.h"

#include <malloc.h>

#include "insight.sql.h"

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
enum err page_advance(struct insight *in, bool *ret_more)
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
enum err page_of_everybody(struct insight *in)
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
    if (in->sweep == NONE) { /* what it took is given back: nobody needs so much again so soon */
        db_trim(in->app->db);
        malloc_trim(0);
    }
    if (in->sweep == NONE && in->ready)
        announce(in, &(struct insight_news) { .everybody = true });
    return OK;
}

enum err owners_load(struct ctx *cx, struct insight *in)
{
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
