/* Facts of the log: the latest, their types, and the stream of new ones. */
#include "api/api.h"
#include "api/live.h"

#include "base/vec.h"
#include "core/app.h"
#include "core/reply.h"
#include "core/scope.h"
#include "core/timeline.h"
#include "domain/customer/customer.h"

#include "event_api.sql.h"

#define LOOK_STEP 500
#define LOOK_MAX  5000 /* facts that are looked through for a page */

#define SHOWN(F, T)                                                                               \
    F(T, i64, id, .doc = "Sequence number")                                                       \
    F(T, str, type, .doc = "What happened (see event types)")                                     \
    F(T, customer_id, customer_id, .nullable = true, .doc = "About whom; who joined them, if so") \
    F(T, str, customer_name, .nullable = true, .doc = "Their name")                               \
    F(T, i64, source_id, .nullable = true, .doc = "Which SDK source; null: Hetang itself")        \
    F(T, instant, at, .doc = "When it happened")                                                  \
    F(T, instant, received_at, .doc = "When it was learnt")                                       \
    F(T, str, actor, .nullable = true, .doc = "Who did it")                                       \
    F(T, json, props, .doc = "What is known about it")
SCHEMA(shown_event, SHOWN);

#define ASKED(F, T)                                                                              \
    F(T, list, types, .of_type = FT_str, .max = EVENT_TYPES_ASKED,                               \
      .doc = "Only these types; a prefix ends in a dot")                                         \
    F(T, customer_id, customer_id, .doc = "Only about this person and who was joined into them") \
    F(T, i64, source_id, .min = 0, .max = I53_MAX,                                               \
      .doc = "Only from this SDK source; 0: from Hetang itself")

#define EVENT_LIST(F, T) ASKED(F, T) PAGE_FIELDS(F, T)
SCHEMA(event_list, EVENT_LIST);

#define EVENT_WATCH(F, T)                      \
    ASKED(F, T)                                \
    F(T, i64, after, .min = 0, .max = I53_MAX, \
      .doc = "From this one on, for clients without Last-Event-ID")
SCHEMA(event_watch, EVENT_WATCH);

#define TYPE_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(event_type_list, TYPE_LIST);

#define TYPE(F, T)                                                                       \
    F(T, i64, id, .doc = "Number")                                                       \
    F(T, str, name, .doc = "As filters and webhooks say it")                             \
    F(T, str, zh, .doc = "Shown name in Chinese")                                        \
    F(T, str, en, .doc = "Shown name in English")                                        \
    F(T, str, props, .nullable = true, .doc = "Its properties, where Hetang knows them") \
    F(T, boolean, declared, .doc = "Hetang's own; else seen from an SDK")                \
    F(T, instant, first_seen_at, .doc = "Since when it is known")
SCHEMA(event_type_row, TYPE);

bool event_wanted(const struct event_filter *f, str type, i64 source)
{
    if (f->source != NONE && f->source != source)
        return false;
    for (size_t i = 0; i < f->type_count; i++) {
        str asked = f->types[i];
        if (str_ends(asked, S(".")) ? str_starts(type, asked) : str_eq(type, asked))
            return true;
    }
    return !f->type_count;
}

enum err event_see(struct ctx *cx, customer_id customer, bool *ret_may, customer_id *ret_root,
                   str *ret_name)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    bool all = cx->actor.view.variant == SCOPE_ALL;
    *ret_root = customer;
    *ret_name = STR_NONE;
    *ret_may = all;
    if (!customer.v)
        return OK;
    enum err e = customer_root(cx, customer, ret_root);
    if (e == ERR_NOT_FOUND) {
        fail_clear(cx);
        *ret_root = customer;
        return OK;
    }
    TRY(e);
    TRY(sql_query(cx, event_person, &r, ID(*ret_root)));
    if (rows_next(&r)) {
        *ret_may = true;
        *ret_name = arena_str(cx->arena, col_str(&r, 0));
    }
    return rows_end(&r);
}

static struct shown_event shown(const struct event *e, customer_id root, str name)
{
    return (struct shown_event) { .id = e->seq,
                                  .type = e->type_name,
                                  .customer_id = root,
                                  .customer_name = name,
                                  .source_id = e->source ? e->source : NONE,
                                  .at = e->at,
                                  .received_at = e->received,
                                  .actor = e->actor,
                                  .props = e->props };
}

void out_event(struct strbuf *sb, const struct event *e, customer_id root, str name)
{
    struct json_writer w = json_writer(sb);
    struct shown_event s = shown(e, root, name);
    schema_write(&w, NULL, &shown_event_schema, &s);
}

static struct event_filter filter_of(list types, customer_id customer, i64 source)
{
    return (struct event_filter) { types.at, types.n, customer, source };
}

/* One page, from the newest on. */
struct page {
    struct reply *out;
    struct arena *arena;
    struct event_filter filter;
    i64 before; /* the next page begins before this one */
    i64 left;
};

static enum err show(struct ctx *cx, struct page *p, const struct event *e)
{
    bool may;
    customer_id root;
    str name;
    TRY(event_see(cx, e->customer, &may, &root, &name));
    if (!may)
        return OK;
    struct shown_event s = shown(e, root, name);
    reply_item(p->out, &shown_event_schema, &s);
    p->left--;
    return OK;
}

struct glance {
    i64 seq, type, source;
};

static enum err glance_at(struct ctx *cx, i64 before, struct glance *ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t n = 0;
    TRY(sql_query(cx, event_latest, &r, V(before), V(LOOK_STEP)));
    for (; rows_next(&r); n++)
        ret[n] = (struct glance) { col_id(&r, 0), col_id(&r, 2), col_id(&r, 3) };
    *ret_count = n;
    return rows_end(&r);
}

/* Looks through some facts; *ret_end: there are no older ones. */
static enum err look(struct ctx *cx, struct page *p, bool *ret_end)
{
    struct glance seen[LOOK_STEP];
    size_t n, i = 0;
    TRY(glance_at(cx, p->before, seen, &n));
    for (; i < n && p->left; i++) {
        struct event e;
        size_t one;
        str type = event_type_name(cx->app, seen[i].type);
        p->before = seen[i].seq;
        if (type.ptr && !event_wanted(&p->filter, type, seen[i].source))
            continue;
        TRY(event_read_one(cx, seen[i].seq, &e, &one));
        if (one && event_wanted(&p->filter, e.type_name, e.source))
            TRY(show(cx, p, &e));
    }
    *ret_end = i == n && n < LOOK_STEP;
    return OK;
}

static enum err visit(struct ctx *cx, const struct event *e, void *arg)
{
    struct page *p = arg;
    if (e->seq >= p->before || !event_wanted(&p->filter, e->type_name, e->source))
        return OK;
    if (!p->left)
        return ERR_DONE;
    p->before = e->seq;
    return show(cx, p, e);
}

/* Of one person, by the index of people. */
static enum err of_person(struct ctx *cx, struct page *p, bool *ret_end)
{
    customer_id *family;
    size_t count;
    enum err e = customer_see(cx, p->filter.customer);
    fail_clear(cx);
    if (e == ERR_NOT_FOUND)
        return fail(cx, ERR_NOT_FOUND, "customer_id");
    TRY(e);
    TRY(customer_family(cx, p->filter.customer, &family, &count));
    e = timeline_walk(cx, family, count, visit, p);
    *ret_end = e == OK;
    return e == ERR_DONE ? OK : e;
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct event_list *in = input;
    struct page p = { .out = out,
                      .arena = cx->arena,
                      .filter = filter_of(in->types, in->customer_id, in->source_id),
                      .left = page_limit(in->limit) };
    bool end = false;
    TRY(cursor_id(cx, in->cursor, &p.before));
    p.before = p.before ? p.before : I53_MAX;
    reply_list(out);
    if (p.filter.customer.v)
        TRY(of_person(cx, &p, &end));
    else
        for (int steps = 0; steps < LOOK_MAX / LOOK_STEP && p.left && !end; steps++)
            TRY(look(cx, &p, &end));
    const struct val last[] = { V(p.before) };
    reply_list_end(out, end ? STR_NONE : cursor_make(cx->arena, last, 1), NONE);
    return OK;
}

static enum err types_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct event_type_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 after, limit = page_limit(in->limit), count = 0;
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(sql_query(cx, event_type_list, &r, V(after), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        str name = arena_str(cx->arena, col_str(&r, 1));
        const struct event_type *known = module_event(cx->app, name);
        struct event_type_row row = { .id = after = col_id(&r, 0),
                                      .name = name,
                                      .zh = known ? str_of(known->zh) : name,
                                      .en = known ? str_of(known->en) : name,
                                      .props = known ? str_of(known->props) : STR_NONE,
                                      .declared = col_bool(&r, 2),
                                      .first_seen_at = { col_id(&r, 3) } };
        reply_item(out, &event_type_row_schema, &row);
    }
    bool more = count == limit && rows_next(&r);
    TRY(rows_end(&r));
    const struct val last[] = { V(after) };
    reply_list_end(out, more ? cursor_make(cx->arena, last, 1) : STR_NONE, NONE);
    return OK;
}

/* Where to begin: after what the client has, as browsers say when they come back; else now. */
static enum err begin_after(struct ctx *cx, i64 asked, i64 *ret)
{
    str had = http_header(cx->exchange, "last-event-id");
    i64 last;
    if (had.len && (!str_to_i64(had, &asked) || asked < 0))
        return fail(cx, ERR_BAD_REQUEST, NULL, P("reason", "Last-Event-ID is none of ours"));
    TRY(event_last(cx, &last));
    *ret = asked == NONE ? last : MIN(asked, last);
    return OK;
}

static enum err live_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct event_watch *in = input;
    struct event_filter filter = filter_of(in->types, in->customer_id, in->source_id);
    const struct http_exchange *x = cx->exchange;
    struct watcher *w;
    i64 after = 0;
    if (filter.customer.v) {
        enum err e = customer_see(cx, filter.customer);
        fail_clear(cx);
        if (e == ERR_NOT_FOUND)
            return fail(cx, ERR_NOT_FOUND, "customer_id");
        TRY(e);
    }
    TRY(begin_after(cx, in->after, &after));
    out->media = "text/event-stream";
    if (str_is(x->method, "HEAD")) {
        out->status = 200;
        return OK;
    }
    TRY(live_enter(cx, &filter, after, &w));
    cx->prepared = w;
    out->stream = true;
    return OK;
}

static const struct route routes[] = {
    { GET, "/api/v1/events", list_run, .id = "event.list", .perm = PERM_EVENT_READ, .mode = READ,
      .in = &event_list_schema, .out = &shown_event_schema, .listed = true,
      .doc = "Facts about the people one sees, newest first. A page may be short, also empty, and "
             "have a next: it looked through 5,000 facts" },
    { GET, "/api/v1/events/live", live_run, .id = "event.live", .perm = PERM_EVENT_READ,
      .mode = READ, .in = &event_watch_schema, .raw_out = true,
      .doc = "The same as server-sent events while they are written. Messages: a fact; gap (from, "
             "to: left out); end (code: too_slow, signed_out, stopping)" },
    { GET, "/api/v1/event-types", types_run, .id = "event_type.list", .perm = PERM_EVENT_READ,
      .mode = READ, .in = &event_type_list_schema, .out = &event_type_row_schema, .listed = true,
      .doc = "Every type of fact that is known" },
};

const struct module event_module = { .name = "event",
                                     .routes = routes,
                                     .route_count = COUNT(routes) };
