/* The calls of the Segment specification. Segment, "Spec" and "HTTP Tracking API"
 * (segment.com/docs). */
#include "domain/source/source.h"

#include "base/time.h"
#include "base/utf8.h"
#include "core/app.h"
#include "core/dedupe.h"
#include "core/event.h"
#include "core/reply.h"
#include "domain/customer/customer.h"

#define EVENT_MAX       ((size_t)32 * 1024)
#define BATCH_MAX       ((size_t)500 * 1024)
#define BATCH_COUNT_MAX 5000
#define CONTEXT_MAX     2048 /* of a longer context only its telling parts are kept */
#define NAME_MAX_CHARS  100
#define FUTURE_MS       (5 * MINUTE_MS)

const struct event_type EV_IDENTIFY = { "identify", "识别身份", "Identify", "traits" };
const struct event_type EV_PAGE = { "page.viewed", "浏览页面", "Page viewed",
                                    "properties of the page" };
const struct event_type EV_SCREEN = { "screen.viewed", "浏览界面", "Screen viewed",
                                      "properties of the screen" };
const struct event_type EV_GROUP = { "group.joined", "加入群组", "Group joined",
                                     "group_id: text, traits" };
const struct event_type EV_ALIAS = { "alias", "合并标识", "Alias", "previous_id: text" };

#define REJECTED(F, T)                                     \
    F(T, i64, index, .doc = "Place in the batch, from 0")  \
    F(T, str, code, .doc = "What is wrong, for a machine") \
    F(T, str, reason, .doc = "What is wrong, for a person")
SCHEMA(rejected, REJECTED);

#define ACCEPTED(F, T)                                                       \
    F(T, boolean, success, .doc = "The call was understood; see `rejected`") \
    F(T, i64, accepted, .doc = "Facts written")                              \
    F(T, i64, repeated, .doc = "Seen before, not written again")             \
    F(T, list, rejected, .of = &rejected_schema, .doc = "What was not valid")
SCHEMA(accepted, ACCEPTED);

enum call { CALL_TRACK, CALL_IDENTIFY, CALL_PAGE, CALL_SCREEN, CALL_GROUP, CALL_ALIAS, CALL_COUNT };

static const struct {
    const char *name;
    const struct event_type *type; /* NULL: named by the message */
    const char *body;              /* the member that becomes the fact's properties */
} calls[CALL_COUNT] = {
    [CALL_TRACK] = { "track", NULL, "properties" },
    [CALL_IDENTIFY] = { "identify", &EV_IDENTIFY, "traits" },
    [CALL_PAGE] = { "page", &EV_PAGE, "properties" },
    [CALL_SCREEN] = { "screen", &EV_SCREEN, "properties" },
    [CALL_GROUP] = { "group", &EV_GROUP, "traits" },
    [CALL_ALIAS] = { "alias", &EV_ALIAS, NULL },
};

struct message {
    enum call call;
    const struct json *json;
    str user, anonymous, previous, name, message_id;
    instant at;
    const struct json *body, *context;
};

/* A message as read before the transaction, or why it could not be. */
struct reading {
    enum err error;
    struct message message;
    struct rejected rejected;
};

struct intake {
    struct source_known source;
    str write_key;
    struct reading *readings;
    size_t count;
    str text;                   /* the request's body: slices of it become properties */
    instant sent;               /* by the sender's clock; 0 not said */
    const struct json *context; /* of the whole batch */
    i64 *claimed;               /* keys taken by this write */
    size_t claimed_count;
    struct rejected *rejected;
    i64 accepted, repeated;
    size_t rejected_count;
    customer_id seen; /* whom the last message was about, and when */
    instant seen_at;
};

static str text_member(const struct json *j, const char *key)
{
    const struct json *m = json_get(j, key);
    if (m && m->kind == JSON_NUMBER)
        return m->text; /* ids are sometimes sent as numbers */
    return m && m->kind == JSON_STRING ? m->text : STR_NONE;
}

static str slice(const struct intake *in, const struct json *j)
{
    return (str) { in->text.ptr + j->at, j->end - j->at };
}

static enum err object_member(struct ctx *cx, const struct json *j, const char *key,
                              const struct json **ret)
{
    const struct json *m = json_get(j, key);
    *ret = NULL;
    if (!m || m->kind == JSON_NULL)
        return OK;
    if (m->kind != JSON_OBJECT)
        return fail(cx, ERR_WRONG_TYPE, key,
                    P("expected", cx->lang == LANG_ZH ? "对象" : "an object"));
    *ret = m;
    return OK;
}

/* Both clocks are the sender's: what lies between them is real, the rest is how wrong the sender's
 * clock is. */
static enum err when(struct ctx *cx, const struct intake *in, const struct json *j, instant *ret)
{
    str text = text_member(j, "timestamp");
    instant said, sent = in->sent;
    if (!text.len)
        text = text_member(j, "originalTimestamp");
    *ret = cx->now;
    if (!text.len)
        return OK;
    if (!instant_read(text, &said) || said.ms <= 0)
        return fail(cx, ERR_BAD_FORMAT, "timestamp", P("expected", "2026-03-01T08:00:00Z"));
    str own = text_member(j, "sentAt");
    if (own.len && !instant_read(own, &sent))
        sent = (instant) { 0 };
    i64 at = sent.ms ? said.ms + (cx->now.ms - sent.ms) : said.ms;
    *ret = (instant) { at > cx->now.ms + FUTURE_MS || (sent.ms && at > cx->now.ms) ? cx->now.ms
                                                                                   : MAX(at, 1) };
    return OK;
}

static enum err read_message(struct ctx *cx, const struct intake *in, enum call call,
                             const struct json *j, struct message *ret)
{
    struct message m = { .call = call, .json = j };
    if (j->kind != JSON_OBJECT)
        return fail(cx, ERR_WRONG_TYPE, NULL,
                    P("expected", cx->lang == LANG_ZH ? "对象" : "an object"));
    if (j->end - j->at > EVENT_MAX)
        return fail(cx, ERR_BODY_TOO_LARGE, NULL, P("max", (i64)EVENT_MAX));
    m.user = text_member(j, "userId");
    m.anonymous = text_member(j, "anonymousId");
    m.previous = text_member(j, "previousId");
    m.message_id = text_member(j, "messageId");
    m.name = call == CALL_TRACK ? text_member(j, "event") : S("");
    if (!m.user.len && !m.anonymous.len)
        return fail(cx, ERR_REQUIRED, "userId");
    if (m.user.len > 200 || m.anonymous.len > 200 || m.message_id.len > 300)
        return fail(cx, ERR_TOO_LONG, m.message_id.len > 300 ? "messageId" : "userId",
                    P("max", 200));
    if (call == CALL_TRACK && !str_trim(m.name).len)
        return fail(cx, ERR_REQUIRED, "event");
    if (utf8_count(m.name) > NAME_MAX_CHARS)
        return fail(cx, ERR_TOO_LONG, "event", P("max", NAME_MAX_CHARS));
    if (call == CALL_ALIAS && !m.previous.len)
        return fail(cx, ERR_REQUIRED, "previousId");
    if (call == CALL_GROUP && !text_member(j, "groupId").len)
        return fail(cx, ERR_REQUIRED, "groupId");
    if (calls[call].body)
        TRY(object_member(cx, j, calls[call].body, &m.body));
    TRY(object_member(cx, j, "context", &m.context));
    TRY(when(cx, in, j, &m.at));
    *ret = m;
    return OK;
}

/* Properties as they were sent, with the telling parts of the context under "$context". */
static str props_of(struct ctx *cx, const struct intake *in, const struct message *m)
{
    static const char *const telling[] = {
        "page", "campaign", "referrer", "userAgent", "locale",
        "ip",   "device",   "os",       "app",       "timezone"
    };
    const struct json *context = m->context ? m->context : in->context;
    struct strbuf text;
    strbuf_init(&text, cx->arena, 2 * EVENT_MAX);
    str body = m->body ? slice(in, m->body) : S("{}");
    bool empty = !m->body || !m->body->first;
    out(&text, empty ? S("{") : str_head(body, body.len - 1));
    str extra = m->call == CALL_ALIAS                            ? m->previous
                : m->call == CALL_GROUP                          ? text_member(m->json, "groupId")
                : m->call == CALL_PAGE || m->call == CALL_SCREEN ? text_member(m->json, "name")
                                                                 : STR_NONE;
    if (extra.len) {
        out(&text, empty ? S("") : S(","));
        out_json(&text, m->call == CALL_ALIAS   ? S("previous_id")
                        : m->call == CALL_GROUP ? S("group_id")
                                                : S("name"));
        out_c(&text, ':');
        out_json(&text, extra);
        empty = false;
    }
    if (context && context->first) {
        out(&text, empty ? S("\"$context\":") : S(",\"$context\":"));
        if (context->end - context->at <= CONTEXT_MAX) {
            out(&text, slice(in, context));
        } else {
            bool first = true;
            out_c(&text, '{');
            for (size_t i = 0; i < COUNT(telling); i++) {
                const struct json *part = json_get(context, telling[i]);
                if (!part || part->end - part->at > CONTEXT_MAX)
                    continue;
                out_fmt(&text, "%s\"%s\":", first ? "" : ",", telling[i]);
                out(&text, slice(in, part));
                first = false;
            }
            out_c(&text, '}');
        }
    }
    out_c(&text, '}');
    return strbuf_str(&text);
}

static const struct identity_kind *kind(const char *key)
{
    return identity_kind_find(str_of(key));
}

static str full_name(struct ctx *cx, const struct json *traits)
{
    str name = text_member(traits, "name"), first = text_member(traits, "firstName"),
        last = text_member(traits, "lastName");
    if (name.len || (!first.len && !last.len))
        return name;
    bool han = last.len && (unsigned char)last.ptr[0] >= 0xe3; /* 张 + 三, but Ada + Lovelace */
    return han ? arena_fmt(cx->arena, "%.*s%.*s", STR_ARG(last), STR_ARG(first))
               : str_trim(arena_fmt(cx->arena, "%.*s %.*s", STR_ARG(first), STR_ARG(last)));
}

static enum err learn_traits(struct ctx *cx, customer_id who, const struct json *traits, bool fresh)
{
    struct customer_facts f = {
        .birthday = { NONE }, .lenient = true, .fresh = fresh, .attrs = traits
    };
    const struct json *address = json_get(traits, "address");
    bool changed;
    f.name = utf8_head(full_name(cx, traits), 60);
    f.gender = text_member(traits, "gender");
    f.gender = str_ieq(f.gender, S("f"))   ? S("female")
               : str_ieq(f.gender, S("m")) ? S("male")
                                           : f.gender;
    f.city = utf8_head(address ? text_member(address, "city") : text_member(traits, "city"), 60);
    if (!day_read(str_head(text_member(traits, "birthday"), 10), &f.birthday))
        f.birthday.n = NONE;
    str created = text_member(traits, "createdAt");
    if (created.len &&
        (!instant_read(created, &f.joined) || f.joined.ms <= 0 || f.joined.ms > cx->now.ms))
        f.joined = (instant) { 0 };
    return customer_learn(cx, who, &f, &changed);
}

static enum err find_person(struct ctx *cx, const struct intake *in, const struct message *m,
                            struct resolved *ret)
{
    struct identity_in ids[5];
    size_t n = 0;
    const struct source_known *s = &in->source;
    if (m->user.len)
        ids[n++] = (struct identity_in) { kind("external"), s->user_scope, m->user, true };
    if (m->call ==
        CALL_ALIAS) { /* an earlier id of the same person: a visitor's device, or another user id */
        ids[n++] = (struct identity_in) { kind("device"), S("sdk"), m->previous, false };
        ids[n++] =
            (struct identity_in) { kind("external"), s->user_scope, m->previous, s->trusted };
    } else if (m->anonymous.len) {
        ids[n++] = (struct identity_in) { kind("device"), S("sdk"), m->anonymous, false };
    }
    if (m->call == CALL_IDENTIFY && m->body) {
        str email = text_member(m->body, "email"), phone = text_member(m->body, "phone");
        if (email.len)
            ids[n++] = (struct identity_in) { kind("email"), S(""), email, s->trusted };
        if (phone.len)
            ids[n++] = (struct identity_in) { kind("mobile"), S(""), phone, s->trusted };
    }
    return customer_resolve(cx,
                            &(struct resolve) { .ids = ids,
                                                .count = n,
                                                .origin = cx->actor.name,
                                                .create = true,
                                                .department = s->department,
                                                .joined = m->at },
                            ret);
}

static enum err type_of(struct ctx *cx, const struct message *m, i64 *ret)
{
    if (calls[m->call].type)
        return event_type_id(cx, str_of(calls[m->call].type->name), ret);
    str name = str_trim(m->name);
    if (module_event(cx->app, name)) /* the house's own facts cannot be told from outside */
        name = arena_fmt(cx->arena, "sdk:%.*s", STR_ARG(name));
    return event_type_id(cx, name, ret);
}

static enum err take(struct ctx *cx, struct intake *in, const struct message *m)
{
    struct resolved who;
    i64 type, key = 0;
    bool first = true;
    if (m->message_id.len) {
        key = dedupe_key(in->source.id.v, m->message_id);
        TRY(dedupe_claim(cx, key, &first));
    }
    if (!first) {
        in->repeated++;
        return OK;
    }
    if (key)
        in->claimed[in->claimed_count++] = key;
    TRY(find_person(cx, in, m, &who));
    TRY(type_of(cx, m, &type));
    TRY(event_append(cx, type,
                     &(struct event_new) { .customer = who.customer,
                                           .at = m->at,
                                           .source = in->source.id.v,
                                           .dedupe_key = key,
                                           .props = props_of(cx, in, m) }));
    if (m->call == CALL_IDENTIFY && m->body)
        TRY(learn_traits(cx, who.customer, m->body, who.created));
    if (in->seen.v != who.customer.v || in->seen_at.ms < m->at.ms) /* mostly of one person */
        TRY(customer_seen_hourly(cx, who.customer, m->at));
    in->seen = who.customer;
    in->seen_at = m->at;
    in->accepted++;
    return OK;
}

/* True for what is the message's own fault (kinds of events past the limit among it); the rest is
 * ours and fails the call. */
static bool refusal(enum err e)
{
    return e != ERR_CONFLICT && err_info(e)->status >= 400 && err_info(e)->status < 500;
}

static struct rejected rejection(struct ctx *cx, size_t index, enum err e)
{
    str field = cx->failure.field, text = fail_text(cx, e);
    return (struct rejected) { .index = (i64)index,
                               .code = str_of(err_info(e)->name),
                               .reason = field.len ? arena_fmt(cx->arena, "%.*s: %.*s",
                                                               STR_ARG(field), STR_ARG(text))
                                                   : text };
}

/* Before the transaction: one message of a batch. */
static void read_or_note(struct ctx *cx, const struct intake *in, size_t index, enum call call,
                         const struct json *j, struct reading *ret)
{
    ret->error = call == CALL_COUNT
                     ? fail(cx, ERR_BAD_CHOICE, "type",
                            P("choices", "track, identify, page, screen, group, alias"))
                     : read_message(cx, in, call, j, &ret->message);
    if (ret->error == OK)
        return;
    ret->rejected = rejection(cx, index, ret->error);
    fail_clear(cx);
}

static enum err take_all(struct ctx *cx, struct intake *in)
{
    for (size_t i = 0; i < in->count; i++) {
        const struct reading *r = &in->readings[i];
        if (r->error != OK) {
            in->rejected[in->rejected_count++] = r->rejected;
            continue;
        }
        enum err e = take(cx, in, &r->message);
        if (e == OK)
            continue;
        if (!refusal(e))
            return e;
        in->rejected[in->rejected_count++] = rejection(cx, i, e);
        fail_clear(cx);
    }
    return OK;
}

static enum call call_named(str name)
{
    unsigned i = 0;
    while (i < CALL_COUNT && !str_is(name, calls[i].name))
        i++;
    return (enum call)i;
}

static enum err open_intake(struct ctx *cx, size_t max, struct intake *in, const struct json **ret)
{
    struct json_error bad;
    if (cx->body.len > max)
        return fail(cx, ERR_BODY_TOO_LARGE, NULL, P("max", (i64)max));
    const struct json *j = json_read(cx->arena, cx->body, &bad);
    if (!j)
        return fail(cx, ERR_BAD_JSON, NULL, P("line", (i64)bad.line), P("column", (i64)bad.column),
                    P("reason", cx->lang == LANG_ZH ? bad.reason_zh : bad.reason));
    if (j->kind != JSON_OBJECT)
        return fail(cx, ERR_WRONG_TYPE, NULL,
                    P("expected", cx->lang == LANG_ZH ? "对象" : "an object"));
    in->write_key = cx->write_key.len
                        ? cx->write_key
                        : text_member(j, "writeKey"); /* browsers send it in the body */
    if (!in->write_key.len)
        return fail(cx, ERR_NOT_SIGNED_IN, NULL);
    in->text = cx->body;
    str sent = text_member(j, "sentAt");
    if (sent.len && !instant_read(sent, &in->sent))
        in->sent = (instant) { 0 };
    *ret = j;
    return OK;
}

static struct intake *room_for(struct ctx *cx, struct intake *in, size_t count)
{
    in->count = count;
    in->readings = NEW_N(cx->arena, struct reading, count);
    in->claimed = NEW_N(cx->arena, i64, count);
    in->rejected = NEW_N(cx->arena, struct rejected, count);
    return in;
}

static enum err prepare_one(struct ctx *cx, enum call call)
{
    struct intake *in = NEW(cx->arena, struct intake);
    const struct json *j;
    TRY(open_intake(cx, EVENT_MAX, in, &j));
    cx->prepared = room_for(cx, in, 1);
    return read_message(cx, in, call, j, &in->readings[0].message);
}

static enum err prepare_batch(struct ctx *cx, const void *input)
{
    struct intake *in = NEW(cx->arena, struct intake);
    const struct json *j;
    size_t index = 0;
    (void)input;
    TRY(open_intake(cx, BATCH_MAX, in, &j));
    const struct json *items = json_get(j, "batch");
    if (!items || items->kind != JSON_ARRAY)
        return fail(cx, ERR_REQUIRED, "batch");
    if (items->count > BATCH_COUNT_MAX)
        return fail(cx, ERR_TOO_MANY, "batch", P("max", BATCH_COUNT_MAX));
    TRY(object_member(cx, j, "context", &in->context));
    cx->prepared = room_for(cx, in, items->count);
    for (const struct json *m = items->first; m; m = m->next, index++)
        read_or_note(cx, in, index, call_named(text_member(m, "type")), m, &in->readings[index]);
    return OK;
}

static enum err intake_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct intake *in = cx->prepared;
    (void)input;
    in->claimed_count = in->rejected_count = 0;
    in->accepted = in->repeated = 0;
    in->seen = (customer_id) { 0 };
    TRY(source_find(cx, in->write_key, &in->source));
    cx->actor =
        (struct actor) { .kind = ACTOR_SOURCE,
                         .credential = in->source.id.v,
                         .name = arena_fmt(cx->arena, "source:%lld", (long long)in->source.id.v) };
    enum err e = take_all(cx, in);
    if (e == OK && in->accepted)
        e = source_mark(cx, &in->source);
    if (e != OK) {
        for (size_t i = 0; i < in->claimed_count; i++)
            dedupe_unclaim(cx, in->claimed[i]);
        return e;
    }
    return reply_struct(out, &accepted_schema,
                        &(struct accepted) { .success = true,
                                             .accepted = in->accepted,
                                             .repeated = in->repeated,
                                             .rejected = { in->rejected, in->rejected_count } });
}

#define CALL_PREPARE(name, call)                                      \
    static enum err prepare_##name(struct ctx *cx, const void *input) \
    {                                                                 \
        (void)input;                                                  \
        return prepare_one(cx, call);                                 \
    }
CALL_PREPARE(track, CALL_TRACK)
CALL_PREPARE(identify, CALL_IDENTIFY)
CALL_PREPARE(page, CALL_PAGE)
CALL_PREPARE(screen, CALL_SCREEN)
CALL_PREPARE(group, CALL_GROUP)
CALL_PREPARE(alias, CALL_ALIAS)

#define CALL_ROUTE(name, text)                                                               \
    {                                                                                        \
        POST, "/v1/" #name, intake_run,                                                      \
            .id = "ingest." #name, .perm = PERM_SOURCE, .mode = WRITE_QUIET, .raw_in = true, \
            .prepare = prepare_##name, .out = &accepted_schema, .no_csrf = true, .doc = text \
    }

static const struct route routes[] = {
    CALL_ROUTE(track, "Something a person did (Segment specification)"),
    CALL_ROUTE(identify, "Who a person is"),
    CALL_ROUTE(page, "A page a person looked at"),
    CALL_ROUTE(screen, "A screen of an app a person looked at"),
    CALL_ROUTE(group, "A group a person belongs to"),
    CALL_ROUTE(alias, "Two ids that are one person"),
    CALL_ROUTE(batch,
               "Many of them at once; what is not valid is named by its index, the rest is kept"),
};

static const struct event_type *const events[] = { &EV_IDENTIFY, &EV_PAGE, &EV_SCREEN, &EV_GROUP,
                                                   &EV_ALIAS };

const struct module ingest_module = { .name = "ingest",
                                      .routes = routes,
                                      .route_count = COUNT(routes),
                                      .events = events,
                                      .event_count = COUNT(events) };
