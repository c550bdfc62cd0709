#include "domain/webhook/webhook.h"

#include "core/reply.h"
#include "domain/webhook/delivery.h"
#include "net/client.h"

#include "webhook.sql.h"

#define SECRET_BYTES   32
#define TEXT_TYPES_MAX (WEBHOOK_TYPES_MAX * 400)

static const char *const states[] = { "active", "off", "paused", NULL };

#define WEBHOOK_COMMON(F, T)                                                                 \
    F(T, webhook_id, id, .doc = "Number")                                                    \
    F(T, str, name, .doc = "What it is for")                                                 \
    F(T, str, url, .doc = "Where facts are posted to")                                       \
    F(T, str, state, .choices = states,                                                      \
      .doc = "active; off: switched off by a person, facts pass it by; paused: by the "      \
             "house, after a day of failures, facts wait")                                   \
    F(T, i64, failures, .doc = "Failed attempts in a row")                                   \
    F(T, instant, failing_at, .nullable = true, .doc = "When the first of them was")         \
    F(T, str, last_error, .nullable = true,                                                  \
      .doc = "Why the last one failed: a word as in a delivery, with the status of the "     \
             "answer")                                                                       \
    F(T, instant, paused_at, .nullable = true, .doc = "When the house paused it")            \
    F(T, staff_id, by_staff_id, .nullable = true, .doc = "Who made it")                      \
    F(T, i64, waiting, .doc = "Deliveries not yet done; 1000 of a kind are counted at most") \
    F(T, i64, dead, .doc = "Deliveries given up; 1000 are counted at most")                  \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")                        \
    F(T, instant, created_at, .doc = "When it was made")
#define WEBHOOK_ROW(F, T) WEBHOOK_COMMON(F, T) F(T, str, types)
SCHEMA(webhook_row, WEBHOOK_ROW);

#define WEBHOOK(F, T)    \
    WEBHOOK_COMMON(F, T) \
    F(T, list, types, .of_type = FT_str, .doc = "Types of facts: a name, \"order.*\" or \"*\"")
SCHEMA(webhook, WEBHOOK);

#define WEBHOOK_NEW(F, T) \
    WEBHOOK(F, T)         \
    F(T, str, secret, .secret = true, .doc = "For checking signatures; shown this once")
SCHEMA(webhook_new, WEBHOOK_NEW);

#define CREATE(F, T)                                                                           \
    F(T, str, name, .required = true, .max = 60, .doc = "What it is for")                      \
    F(T, str, url, .required = true, .max = 1000, .doc = "Where facts are posted to")          \
    F(T, list, types, .required = true, .of_type = FT_str, .min = 1, .max = WEBHOOK_TYPES_MAX, \
      .doc = "Types of facts: a name, \"order.*\" or \"*\"")                                   \
    F(T, boolean, active, .doc = "Send from now on; true unless told")
SCHEMA(webhook_create, CREATE);

#define CHANGE(F, T)                                                          \
    F(T, webhook_id, id, .doc = "Number")                                     \
    F(T, str, name, .min = 1, .max = 60, .doc = "What it is for")             \
    F(T, str, url, .min = 1, .max = 1000, .doc = "Where facts are posted to") \
    F(T, list, types, .of_type = FT_str, .min = 1, .max = WEBHOOK_TYPES_MAX,  \
      .doc = "Types of facts: a name, \"order.*\" or \"*\"")                  \
    F(T, boolean, active, .doc = "Switches it off, or on again, also when it was paused")
SCHEMA(webhook_change, CHANGE);

#define ONE(F, T) F(T, webhook_id, id, .doc = "Number")
SCHEMA(webhook_one, ONE);
#define LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(webhook_page, LIST);

#define SECRET(F, T)                      \
    F(T, webhook_id, id, .doc = "Number") \
    F(T, str, secret, .secret = true, .doc = "For checking signatures; shown this once")
SCHEMA(webhook_secret, SECRET);

#define REPLAYING(F, T) F(T, job_id, job_id, .doc = "The job that does it")
SCHEMA(webhook_replaying, REPLAYING);

#define EVENT_TYPE(F, T)                                                             \
    F(T, i64, id, .doc = "Number")                                                   \
    F(T, str, name, .doc = "As it stands in a fact")                                 \
    F(T, str, zh, .nullable = true, .doc = "Name in Chinese, of those Hetang knows") \
    F(T, str, en, .nullable = true, .doc = "Name in English, of those Hetang knows") \
    F(T, str, props, .nullable = true, .doc = "What its properties are")             \
    F(T, boolean, declared, .doc = "Of Hetang itself; else it came from outside")    \
    F(T, instant, first_seen_at, .doc = "When it was first seen")
SCHEMA(webhook_event_type, EVENT_TYPE);

static void from_row(struct ctx *cx, struct webhook_row *row, struct webhook *ret)
{
    str rest = row->types, *names = NEW_N(cx->arena, str, WEBHOOK_TYPES_MAX);
    size_t n = 0;
    while (rest.len && n < WEBHOOK_TYPES_MAX)
        names[n++] = str_cut(&rest, '\n');
    schema_clear(&webhook_schema, ret);
    row->in.has = ~UINT64_C(0);
    schema_patch(&webhook_schema, ret, &webhook_row_schema, row);
    ret->types = (list) { names, n };
}

static enum err get(struct ctx *cx, webhook_id id, struct webhook *ret)
{
    struct webhook_row row;
    TRY(sql_one(cx, webhook_by_id, &webhook_row_schema, &row, ID(id)));
    from_row(cx, &row, ret);
    return OK;
}

static enum err check_url(struct ctx *cx, str url)
{
    switch (url_check(url, !cx->app->config.webhook_private)) {
    case URL_FINE: break;
    case URL_MALFORMED:
        return fail(cx, ERR_BAD_FORMAT, "url", P("expected", "https://example.com/"));
    case URL_PASSWORD:
        return fail_rule(cx, ERR_INVALID, "url", "地址中不能包含用户名或密码",
                         "an address must not have a user name or password in it");
    case URL_PRIVATE:
        return fail_rule(cx, ERR_INVALID, "url", "不能使用本机或内网地址",
                         "addresses of this machine or of a private network are not allowed");
    }
    return OK;
}

/* "*" alone, or a name, or the beginning of one up to a point followed by a star. */
static bool is_pattern(str s)
{
    str name = str_ends(s, S(".*")) ? str_head(s, s.len - 2) : s;
    return str_is(s, "*") || (s.len > 0 && s.len <= 200 && name.len > 0 &&
                              str_find(name, '*') == name.len && str_find(s, '\n') == s.len);
}

static enum err join_types(struct ctx *cx, const list *types, str *ret)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, TEXT_TYPES_MAX);
    for (size_t i = 0; i < types->n; i++) {
        str each = ((const str *)types->at)[i];
        if (!is_pattern(each))
            return fail_with(cx, ERR_BAD_FORMAT, arena_fmt(cx->arena, "types[%zu]", i),
                             BARE_PROPS(P("expected", "order.paid, order.*, *")));
        if (i)
            out_c(&text, '\n');
        out(&text, each);
    }
    *ret = strbuf_str(&text);
    return OK;
}

static str new_secret(struct ctx *cx, str *ret_sealed)
{
    str secret = arena_fmt(cx->arena, "whsec_%.*s", STR_ARG(secret_token(cx->arena, SECRET_BYTES)));
    *ret_sealed = secret_seal(cx->app->secrets, cx->arena, secret);
    return secret;
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct webhook_page *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 last, limit = page_limit(in->limit), count = 0;
    TRY(cursor_id(cx, in->cursor, &last));
    TRY(sql_query(cx, webhook_list, &r, V(last), V(limit + 1)));
    reply_list(out);
    while (count < limit && rows_next(&r)) {
        struct webhook_row row;
        struct webhook w;
        schema_row(cx->arena, &webhook_row_schema, &r, &row);
        from_row(cx, &row, &w);
        reply_item(out, &webhook_schema, &w);
        last = w.id.v;
        count++;
    }
    return reply_page_end(cx, out, &r, count, limit, last);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct webhook_create *in = input;
    bool off = HAS(in, webhook_create, active) && !in->active;
    struct webhook w;
    struct webhook_new made;
    webhook_id id;
    i64 count, last;
    str types, sealed;
    TRY(check_url(cx, in->url));
    TRY(join_types(cx, &in->types, &types));
    TRY(sql_i64(cx, webhook_count, &count));
    if (count >= WEBHOOKS_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", WEBHOOKS_MAX));
    TRY(event_last(cx, &last));
    str secret = new_secret(cx, &sealed);
    TRY(sql_i64(cx, webhook_insert, &id.v, V(in->name), V(in->url), V(types), val_blob(sealed),
                V(off ? "off" : "active"), V(last), V(cx->now), ID(cx->actor.staff)));
    TRY(get(cx, id, &w));
    audit_entity(cx, "webhook", id.v);
    schema_clear(&webhook_new_schema, &made);
    w.in.has = ~UINT64_C(0);
    schema_patch(&webhook_new_schema, &made, &webhook_schema, &w);
    made.secret = secret;
    return reply_created(out, &webhook_new_schema, &made);
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct webhook_one *in = input;
    struct webhook w;
    TRY(get(cx, in->id, &w));
    return reply_struct(out, &webhook_schema, &w);
}

static enum err switch_on(struct ctx *cx, const struct webhook *w)
{
    i64 last;
    TRY(event_last(cx, &last)); /* what happened while it was off has passed it by */
    TRY(sql_exec(cx, webhook_switch_on, ID(w->id), V(cx->now), V(last)));
    app_touch(&cx->app->deliveries_touched_us);
    str payload = arena_fmt(cx->arena, "{\"webhook_id\":%lld}", (long long)w->id.v);
    return job_add(
        cx,
        &(struct job_new) { .kind = &webhook_hurry_job, .payload = payload, .by = cx->actor.staff },
        NULL);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct webhook_change *in = input;
    struct webhook w;
    str types;
    i64 changed;
    TRY(get(cx, in->id, &w));
    TRY(version_check(cx, w.version));
    audit_entity(cx, "webhook", in->id.v);
    audit_before(cx, &webhook_schema, &w);
    if (HAS(in, webhook_change, url))
        TRY(check_url(cx, in->url));
    schema_patch(&webhook_schema, &w, &webhook_change_schema, in);
    TRY(join_types(cx, &w.types, &types));
    TRY(sql_changed(cx, webhook_update, &changed, ID(w.id), V(w.name), V(w.url), V(types),
                    V(w.version)));
    if (HAS(in, webhook_change, active) && in->active && !str_is(w.state, "active"))
        TRY(switch_on(cx, &w));
    if (HAS(in, webhook_change, active) && !in->active)
        TRY(sql_exec(cx, webhook_switch_off, ID(w.id)));
    TRY(get(cx, in->id, &w));
    return reply_struct(out, &webhook_schema, &w);
}

static enum err delete_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct webhook_one *in = input;
    struct webhook w;
    (void)out;
    TRY(get(cx, in->id, &w));
    audit_entity(cx, "webhook", in->id.v);
    audit_before(cx, &webhook_schema, &w);
    TRY(sql_exec(cx, webhook_leave, ID(in->id)));
    str payload = arena_fmt(cx->arena, "{\"webhook_id\":%lld}", (long long)in->id.v);
    return job_add(cx,
                   &(struct job_new) {
                       .kind = &webhook_remove_job, .payload = payload, .by = cx->actor.staff },
                   NULL);
}

static enum err rotate_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct webhook_one *in = input;
    struct webhook w;
    str sealed, secret = new_secret(cx, &sealed);
    TRY(get(cx, in->id, &w));
    audit_entity(cx, "webhook", in->id.v);
    TRY(sql_exec(cx, webhook_secret, ID(in->id), val_blob(sealed)));
    return reply_struct(out, &webhook_secret_schema,
                        &(struct webhook_secret) { .id = in->id, .secret = secret });
}

static enum err test_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct webhook_one *in = input;
    struct webhook w;
    i64 type, seq;
    TRY(get(cx, in->id, &w));
    audit_entity(cx, "webhook", in->id.v);
    if (!str_is(w.state, "active"))
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "请先启用", "switch it on first");
    struct strbuf props;
    strbuf_init(&props, cx->arena, 1000);
    struct json_writer jw = json_writer(&props);
    json_open(&jw, NULL);
    json_put(&jw, "webhook_id", in->id.v);
    json_put(&jw, "message", "荷塘测试 · a test from Hetang");
    json_close(&jw);
    TRY(event_type_id(cx, str_of(EV_WEBHOOK_TEST.name), &type));
    TRY(event_append(cx, type, &(struct event_new) { .props = strbuf_str(&props) }));
    TRY(event_last(cx, &seq)); /* the newest that this write can see is its own */
    TRY(webhook_deliver(cx, in->id, seq, (customer_id) { 0 }));
    out->status = 201;
    return delivery_reply(cx, out, in->id, seq);
}

static enum err replay_dead_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct webhook_one *in = input;
    struct webhook w;
    struct webhook_replaying made = { .job_id = { 0 } };
    i64 last;
    TRY(get(cx, in->id, &w));
    audit_entity(cx, "webhook", in->id.v);
    TRY(event_last(cx, &last));
    str payload = arena_fmt(cx->arena, "{\"webhook_id\":%lld,\"upto\":%lld}", (long long)in->id.v,
                            (long long)last);
    str key = arena_fmt(cx->arena, "webhook_replay:%lld", (long long)in->id.v);
    TRY(job_add(
        cx,
        &(struct job_new) {
            .kind = &webhook_replay_job, .payload = payload, .dedupe = key, .by = cx->actor.staff },
        &made.job_id));
    return reply_struct(out, &webhook_replaying_schema, &made);
}

static enum err event_types_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct webhook_page *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 last, limit = page_limit(in->limit), count = 0;
    TRY(cursor_id(cx, in->cursor, &last));
    TRY(sql_query(cx, webhook_event_types, &r, V(last), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        str name = arena_str(cx->arena, col_str(&r, 1));
        const struct event_type *known = module_event(cx->app, name);
        last = col_i64(&r, 0);
        struct webhook_event_type t = { .id = last,
                                        .name = name,
                                        .zh = known ? str_of(known->zh) : STR_NONE,
                                        .en = known ? str_of(known->en) : STR_NONE,
                                        .props = known ? str_of(known->props) : STR_NONE,
                                        .declared = col_bool(&r, 2),
                                        .first_seen_at = { col_id(&r, 3) } };
        reply_item(out, &webhook_event_type_schema, &t);
    }
    return reply_page_end(cx, out, &r, count, limit, last);
}

static const struct route routes[] = {
    { GET, "/api/v1/webhooks", list_run, .id = "webhook.list", .perm = PERM_WEBHOOK_WRITE,
      .mode = READ, .in = &webhook_page_schema, .out = &webhook_schema, .listed = true,
      .doc = "List webhooks" },
    { POST, "/api/v1/webhooks", create_run, .id = "webhook.create", .perm = PERM_WEBHOOK_WRITE,
      .mode = WRITE, .in = &webhook_create_schema, .out = &webhook_new_schema,
      .doc = "Create a webhook; the only time its secret is shown" },
    { GET, "/api/v1/webhooks/{id}", get_run, .id = "webhook.get", .perm = PERM_WEBHOOK_WRITE,
      .mode = READ, .in = &webhook_one_schema, .out = &webhook_schema, .doc = "One webhook" },
    { PATCH, "/api/v1/webhooks/{id}", change_run, .id = "webhook.change",
      .perm = PERM_WEBHOOK_WRITE, .mode = WRITE, .in = &webhook_change_schema,
      .out = &webhook_schema, .doc = "Change a webhook, switch it off or on again" },
    { DELETE, "/api/v1/webhooks/{id}", delete_run, .id = "webhook.delete",
      .perm = PERM_WEBHOOK_WRITE, .mode = WRITE, .in = &webhook_one_schema,
      .doc = "Remove a webhook and its deliveries" },
    { POST, "/api/v1/webhooks/{id}/secret", rotate_run, .id = "webhook.rotate_secret",
      .perm = PERM_WEBHOOK_WRITE, .mode = WRITE, .in = &webhook_one_schema,
      .out = &webhook_secret_schema,
      .doc = "Replace the secret; what is sent from now on is signed with the new one" },
    { POST, "/api/v1/webhooks/{id}/test", test_run, .id = "webhook.test",
      .perm = PERM_WEBHOOK_WRITE, .mode = WRITE, .in = &webhook_one_schema,
      .out = &delivery_one_schema, .doc = "Send a test, to this webhook alone" },
    { POST, "/api/v1/webhooks/{id}/replay-dead", replay_dead_run, .id = "webhook.replay_dead",
      .perm = PERM_WEBHOOK_WRITE, .mode = WRITE, .in = &webhook_one_schema,
      .out = &webhook_replaying_schema, .doc = "Send all its dead deliveries again, as a job" },
    { GET, "/api/v1/webhooks/{webhook_id}/deliveries", delivery_list_run,
      .id = "webhook.deliveries", .perm = PERM_WEBHOOK_WRITE, .mode = READ,
      .in = &delivery_page_schema, .out = &delivery_schema, .listed = true,
      .doc = "Deliveries of a webhook, newest first" },
    { GET, "/api/v1/webhooks/{webhook_id}/deliveries/{event_id}", delivery_get_run,
      .id = "webhook.delivery", .perm = PERM_WEBHOOK_WRITE, .mode = READ,
      .in = &delivery_key_schema, .out = &delivery_one_schema,
      .doc = "One delivery with what was sent and answered" },
    { POST, "/api/v1/webhooks/{webhook_id}/deliveries/{event_id}/replay", delivery_replay_run,
      .id = "webhook.replay", .perm = PERM_WEBHOOK_WRITE, .mode = WRITE, .in = &delivery_key_schema,
      .out = &delivery_one_schema, .doc = "Send a delivery that has ended again" },
    { GET, "/api/v1/webhook-event-types", event_types_run, .id = "webhook.event_types",
      .perm = PERM_WEBHOOK_WRITE, .mode = READ, .in = &webhook_page_schema,
      .out = &webhook_event_type_schema, .listed = true,
      .doc = "Types of facts: those of Hetang and those seen from outside" },
};

static const struct event_type *const events[] = { &EV_WEBHOOK_TEST, &EV_WEBHOOK_PAUSED };
static const struct job_kind *const jobs[] = { &webhook_replay_job, &webhook_hurry_job,
                                               &webhook_remove_job, &webhook_clean_job };

const struct module webhook_module = { .name = "webhook",
                                       .routes = routes,
                                       .route_count = COUNT(routes),
                                       .events = events,
                                       .event_count = COUNT(events),
                                       .subscribers = &webhook_subscriber,
                                       .subscriber_count = 1,
                                       .jobs = jobs,
                                       .job_count = COUNT(jobs),
                                       .metrics = webhook_metrics,
                                       .metric_count = WEBHOOK_METRICS,
                                       .person = &webhook_person };
