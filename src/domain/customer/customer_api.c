/* One person: read, made, changed, shown unmasked, told, erased. */
#include "domain/customer/internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "core/app.h"
#include "core/event.h"
#include "core/reply.h"
#include "core/scope.h"
#include "core/timeline.h"
#include "domain/customer/identity_cache.h"

#include "customer_api.sql.h"

#define ONE(F, T) F(T, customer_id, id, .doc = "Number")
SCHEMA(customer_one, ONE);

#define IDENTITY_NEW(F, T)                                                         \
    F(T, str, kind, .required = true, .max = 20,                                   \
      .doc = "member_no, unionid, wecom, mobile, email, openid, external, device") \
    F(T, str, scope, .max = 60, .doc = "App or source, where the kind has one")    \
    F(T, str, value, .required = true, .max = 254, .secret = true,                 \
      .doc = "As given; it is normalised")                                         \
    F(T, boolean, verified, .doc = "Proven to be this person's")
SCHEMA(identity_new, IDENTITY_NEW);

#define PROFILE_FIELDS(F, T)                                                                 \
    F(T, str, name, .nullable = true, .max = 60, .doc = "Name")                              \
    F(T, str, gender, .nullable = true, .choices = genders, .doc = "female or male")         \
    F(T, day, birthday, .nullable = true, .doc = "Date of birth")                            \
    F(T, str, city, .nullable = true, .max = 60, .doc = "City")                              \
    F(T, str, address, .nullable = true, .max = 200, .secret = true, .doc = "Kept sealed")   \
    F(T, str, remark, .nullable = true, .max = 500, .doc = "What to know about this person") \
    F(T, doc, attrs, .doc = "Custom attributes by key; null removes one")                    \
    F(T, department_id, department_id, .nullable = true, .doc = "Whose customer: the store") \
    F(T, staff_id, staff_id, .nullable = true, .doc = "Whose customer: the person")          \
    F(T, str, channel, .nullable = true, .max = 60, .doc = "How they came")

#define CUSTOMER_CREATE(F, T)                                              \
    PROFILE_FIELDS(F, T)                                                   \
    F(T, list, identities, .of = &identity_new_schema, .max = RESOLVE_MAX, \
      .doc = "What they are known by")
SCHEMA(customer_create, CUSTOMER_CREATE);

#define CUSTOMER_CHANGE(F, T)              \
    F(T, customer_id, id, .doc = "Number") \
    PROFILE_FIELDS(F, T)
SCHEMA(customer_change, CUSTOMER_CHANGE);

#define CUSTOMER_FIND(F, T)                                                     \
    F(T, str, kind, .required = true, .max = 20, .doc = "Kind of identifier")   \
    F(T, str, scope, .max = 60, .doc = "App or source, where the kind has one") \
    F(T, str, value, .required = true, .max = 254, .secret = true,              \
      .doc = "As given; it is normalised")
SCHEMA(customer_find, CUSTOMER_FIND);

#define IDENTITY_ADD(F, T)                                 \
    F(T, customer_id, id, .doc = "Number of the customer") \
    IDENTITY_NEW(F, T)
SCHEMA(identity_add, IDENTITY_ADD);

#define IDENTITY_ONE(F, T)                                 \
    F(T, customer_id, id, .doc = "Number of the customer") \
    F(T, identity_id, identity_id, .doc = "Number of the identifier")
SCHEMA(identity_one, IDENTITY_ONE);

#define IDENTITY_KIND(F, T)                                            \
    F(T, str, kind, .doc = "Its name in the API")                      \
    F(T, str, name, .doc = "Shown name")                               \
    F(T, str, name_en, .doc = "Shown name in English")                 \
    F(T, boolean, sealed, .doc = "Private: kept sealed, shown masked") \
    F(T, boolean, scoped, .doc = "Belongs to an app or source")        \
    F(T, boolean, joins, .doc = "A verified one may join two people")  \
    F(T, i64, max, .doc = "How many one person may have, per app or source")
SCHEMA(identity_kind_row, IDENTITY_KIND);

#define TIMELINE(F, T)                                                       \
    F(T, customer_id, id, .doc = "Number of the customer")                   \
    F(T, list, types, .of_type = FT_str, .max = 20,                          \
      .doc = "Only these; a name ending in a point means all that begin so") \
    PAGE_FIELDS(F, T)
SCHEMA(timeline, TIMELINE);

#define FACT(F, T)                                                                         \
    F(T, i64, id, .doc = "Sequence number")                                                \
    F(T, str, type, .doc = "What happened")                                                \
    F(T, instant, at, .doc = "When it happened")                                           \
    F(T, instant, received_at, .doc = "When it was learnt")                                \
    F(T, i64, source_id, .nullable = true, .doc = "Which SDK source; null: Hetang itself") \
    F(T, str, actor, .nullable = true, .doc = "Who did it")                                \
    F(T, json, props, .doc = "What is known about it")
SCHEMA(fact, FACT);

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct customer_one *in = input;
    struct customer c;
    TRY(customer_get(cx, in->id, &c));
    return reply_struct(out, &customer_schema, &c);
}

static enum err find_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct customer_find *in = input;
    struct identity_in id = { .kind = identity_kind_find(in->kind),
                              .scope = in->scope,
                              .value = in->value };
    struct customer c;
    customer_id owner;
    if (!id.kind)
        return fail(
            cx, ERR_BAD_CHOICE, "kind",
            P("choices", "member_no, unionid, wecom, mobile, email, openid, external, device"));
    TRY(identity_owner(cx, &id, &owner));
    TRY(customer_get(cx, owner, &c));
    return reply_struct(out, &customer_schema, &c);
}

static enum err reveal_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct customer_one *in = input;
    struct customer c;
    TRY(customer_get_open(cx, in->id, &c));
    audit_customer(cx, in->id);
    return reply_struct(out, &customer_schema, &c);
}

/* Somebody who sees one store may not hand a person to another, nor take one from it. */
static enum err check_place(struct ctx *cx, department_id department, staff_id staff)
{
    i64 one;
    enum err e = OK;
    if (department.v)
        e = sql_i64(cx, place_department, &one, ID(department));
    if (e == ERR_DONE)
        return fail(cx, ERR_NOT_FOUND, "department_id");
    if (e == OK && staff.v)
        e = sql_i64(cx, place_staff, &one, ID(staff));
    return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, "staff_id") : e;
}

static enum err identities_in(struct ctx *cx, const list *in, struct identity_in *ret)
{
    const struct identity_new *at = in->at;
    for (size_t i = 0; i < in->n; i++) {
        const char *field = arena_fmt(cx->arena, "identities[%zu]", i).ptr;
        const struct identity_kind *kind = identity_kind_find(at[i].kind);
        str key, normal;
        if (!kind)
            return fail(
                cx, ERR_BAD_CHOICE, field,
                P("choices", "member_no, unionid, wecom, mobile, email, openid, external, device"));
        ret[i] = (struct identity_in) { kind, at[i].scope, at[i].value, at[i].verified };
        if (!identity_key(cx, &ret[i], &key, &normal))
            return fail(cx, ERR_BAD_FORMAT, field,
                        P("expected", cx->lang == LANG_ZH ? kind->zh : kind->en));
    }
    return OK;
}

/* Made by hand: an identifier that somebody has already is a mistake to show, not a reason to join.
 */
static enum err refuse_taken(struct ctx *cx, const struct identity_in *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        customer_id owner;
        str key, normal;
        TRY(identity_owner(cx, &ids[i], &owner));
        if (owner.v) {
            bool ok = identity_key(cx, &ids[i], &key, &normal);
            assert(ok);
            return fail(cx, ERR_TAKEN, arena_fmt(cx->arena, "identities[%zu]", i).ptr,
                        P("value", identity_mask(cx->arena, ids[i].kind, normal)));
        }
    }
    return OK;
}

/* A member of staff who sees only their own people, or only a store's, makes people of that store.
 */
static enum err default_place(struct ctx *cx, department_id *department, staff_id *staff)
{
    if (cx->actor.view.variant == SCOPE_ALL || department->v || !cx->actor.staff.v)
        return OK;
    TRY(sql_i64(cx, place_home, &department->v, ID(cx->actor.staff)));
    if (!staff->v)
        *staff = cx->actor.staff;
    return OK;
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct customer_create *in = input;
    struct identity_in ids[RESOLVE_MAX];
    struct resolved who;
    struct customer c;
    bool changed;
    department_id department = in->department_id;
    staff_id staff = in->staff_id;
    TRY(check_place(cx, department, staff));
    TRY(default_place(cx, &department, &staff));
    TRY(identities_in(cx, &in->identities, ids));
    TRY(refuse_taken(cx, ids, in->identities.n));
    TRY(customer_resolve(cx,
                         &(struct resolve) { .ids = ids,
                                             .count = in->identities.n,
                                             .origin = S("manual"),
                                             .create = true,
                                             .name = in->name,
                                             .channel = in->channel,
                                             .department = department,
                                             .staff = staff },
                         &who));
    TRY(customer_learn(cx, who.customer,
                       &(struct customer_facts) { .gender = in->gender,
                                                  .city = in->city,
                                                  .address = in->address,
                                                  .remark = in->remark,
                                                  .birthday = in->birthday,
                                                  .attrs = in->attrs,
                                                  .fresh = true },
                       &changed));
    TRY(customer_get(cx, who.customer, &c));
    audit_customer(cx, c.id);
    return reply_created(out, &customer_schema, &c);
}

/* null in a change empties: a text by the empty text, the rest by its flag. */
static str or_empty(str value, bool null)
{
    return null ? S("") : value;
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct customer_change *in = input;
    struct customer c;
    bool changed;
    TRY(customer_get(cx, in->id, &c));
    TRY(version_check(cx, c.version));
    TRY(check_place(cx, in->department_id, in->staff_id));
    audit_customer(cx, in->id);
    audit_before(cx, &customer_schema, &c);
    struct customer_facts f = {
        .name = or_empty(in->name, IS_NULL(in, customer_change, name)),
        .gender = in->gender,
        .city = or_empty(in->city, IS_NULL(in, customer_change, city)),
        .address = or_empty(in->address, IS_NULL(in, customer_change, address)),
        .remark = or_empty(in->remark, IS_NULL(in, customer_change, remark)),
        .channel = or_empty(in->channel, IS_NULL(in, customer_change, channel)),
        .birthday = in->birthday,
        .department = in->department_id,
        .staff = in->staff_id,
        .attrs = in->attrs,
        .no_gender = IS_NULL(in, customer_change, gender),
        .no_birthday = IS_NULL(in, customer_change, birthday),
        .no_department = IS_NULL(in, customer_change, department_id),
        .no_staff = IS_NULL(in, customer_change, staff_id),
    };
    TRY(customer_learn(cx, in->id, &f, &changed));
    cx->audit.skip = !changed;
    enum err e = customer_get(cx, in->id, &c);
    if (e == ERR_NOT_FOUND) /* given away, out of one's own sight */
        return fail_rule(cx, ERR_WRONG_STATE, "department_id", "修改后将不在您的可见范围内",
                         "after this you could no longer see the customer");
    TRY(e);
    return reply_struct(out, &customer_schema, &c);
}

/* Rules, segments and whoever else reads the log learn of it. */
static enum err identities_changed(struct ctx *cx, customer_id id)
{
    return event_emit(cx, &EV_CUSTOMER_CHANGED, id, P("fields", "identities"));
}

static enum err identity_add_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct identity_add *in = input;
    const struct identity_new row = {
        .kind = in->kind, .scope = in->scope, .value = in->value, .verified = in->verified
    };
    struct identity_in id;
    struct customer c;
    TRY(customer_see(cx, in->id));
    TRY(identities_in(cx, &(list) { (void *)(uintptr_t)&row, 1 }, &id));
    TRY(refuse_taken(cx, &id, 1));
    TRY(identity_give(cx, in->id, &id, S("manual")));
    TRY(identities_changed(cx, in->id));
    audit_customer(cx, in->id);
    TRY(customer_get(cx, in->id, &c));
    return reply_created(out, &customer_schema, &c);
}

static enum err identity_remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct identity_one *in = input;
    i64 changed;
    (void)out;
    TRY(customer_see(cx, in->id));
    identity_cache_clear(cx->app);
    TRY(sql_changed(cx, identity_remove, &changed, ID(in->identity_id), ID(in->id)));
    audit_customer(cx, in->id);
    return changed ? identities_changed(cx, in->id) : fail(cx, ERR_NOT_FOUND, NULL);
}

static enum err kinds_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)cx, (void)input;
    reply_list(out);
    for (size_t i = 0; i < identity_kind_count; i++) {
        const struct identity_kind *k = &identity_kinds[i];
        reply_item(out, &identity_kind_row_schema,
                   &(struct identity_kind_row) { .kind = str_of(k->key),
                                                 .name = str_of(k->zh),
                                                 .name_en = str_of(k->en),
                                                 .sealed = k->sealed,
                                                 .scoped = k->scoped,
                                                 .joins = k->joins,
                                                 .max = k->max });
    }
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err timeline_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct timeline *in = input;
    struct timeline_query q = { .limit = (size_t)page_limit(in->limit) };
    struct val after[2];
    struct event *events = NEW_N(cx->arena, struct event, q.limit);
    size_t count = 0;
    bool more;
    TRY(customer_see(cx, in->id));
    TRY(cursor_read(cx, in->cursor, after, 2));
    if (after[0].kind == VAL_I64 && after[1].kind == VAL_I64) {
        q.before_at.ms = after[0].i;
        q.before_seq = after[1].i;
    }
    if (in->types.n) {
        const char **types = NEW_N(cx->arena, const char *, in->types.n + 1);
        for (size_t i = 0; i < in->types.n; i++)
            types[i] = arena_z(cx->arena, ((const str *)in->types.at)[i]);
        q.types = types;
    }
    customer_id *family;
    TRY(customer_family(cx, in->id, &family, &q.people_count));
    q.people = family;
    TRY(timeline_read(cx, &q, events, &count, &more));
    reply_list(out);
    for (size_t i = 0; i < count; i++) {
        const struct event *e = &events[i];
        reply_item(out, &fact_schema,
                   &(struct fact) { .id = e->seq,
                                    .type = e->type_name,
                                    .at = e->at,
                                    .received_at = e->received,
                                    .source_id = e->source ? e->source : NONE,
                                    .actor = e->actor,
                                    .props = e->props });
    }
    const struct event *last = count ? &events[count - 1] : NULL;
    reply_list_end(out,
                   more ? cursor_make(cx->arena, (struct val[]) { V(last->at), V(last->seq) }, 2)
                        : STR_NONE,
                   NONE);
    return OK;
}

struct telling {
    struct json_writer w;
    struct strbuf text;
};

static enum err tell_event(struct ctx *cx, const struct event *e, void *arg)
{
    struct telling *t = arg;
    (void)cx;
    json_open(&t->w, NULL);
    json_put(&t->w, "type", e->type_name);
    json_time(&t->w, "at", e->at);
    json_raw(&t->w, "props", e->props);
    json_close(&t->w);
    return OK;
}

static bool add_file(zip_t *zip, const char *name, struct strbuf *text)
{
    if (text->overflow)
        return false;
    char *copy = xmalloc(text->len + 1); /* libzip frees it */
    memcpy(copy, text->ptr ? text->ptr : "", text->len);
    zip_source_t *source = zip_source_buffer(zip, copy, text->len, 1);
    return source && zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) >= 0;
}

#define TOLD_MAX ((size_t)256 << 20)

/* One file a module that has something to tell, and one of the facts. */
static enum err tell_all(struct ctx *cx, customer_id id, zip_t *zip)
{
    customer_id *family;
    size_t count;
    struct telling t;
    TRY(customer_family(cx, id, &family, &count));
    for (size_t i = 0; i < cx->app->module_count; i++) {
        const struct person_part *part = cx->app->modules[i]->person;
        if (!part || !part->tell)
            continue;
        strbuf_init(&t.text, cx->arena, TOLD_MAX);
        t.w = json_writer(&t.text);
        json_open(&t.w, NULL);
        TRY(part->tell(cx, id, &t.w));
        json_close(&t.w);
        if (!add_file(zip, arena_fmt(cx->arena, "%s.json", part->kind).ptr, &t.text))
            return ERR_FILE;
    }
    strbuf_init(&t.text, cx->arena, TOLD_MAX);
    t.w = json_writer(&t.text);
    json_list(&t.w, NULL);
    TRY(timeline_walk(cx, family, count, tell_event, &t));
    json_list_end(&t.w);
    return add_file(zip, "facts.json", &t.text) ? OK : ERR_FILE;
}

static enum err export_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct customer_one *in = input;
    TRY(customer_see(cx, in->id));
    audit_customer(cx, in->id);
    str path = app_temp_path(cx->app, cx->arena, ".zip");
    mode_t before = umask(0077);
    zip_t *zip = zip_open(path.ptr, ZIP_CREATE | ZIP_EXCL, NULL);
    enum err e = zip ? tell_all(cx, in->id, zip) : ERR_FILE;
    if (zip && (e != OK || zip_close(zip) != 0)) {
        zip_discard(zip);
        e = e == OK ? ERR_FILE : e;
    }
    umask(before);
    out->file = path;
    out->file_name = arena_fmt(cx->arena, "customer-%lld.zip", (long long)in->id.v);
    out->file_remove = true;
    out->media = "application/zip";
    return e;
}

static enum err erase_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct customer_one *in = input;
    (void)out;
    TRY(customer_see(cx, in->id));
    TRY(customer_erase(cx, in->id));
    audit_customer(cx, in->id);
    return OK;
}

static const struct route routes[] = {
    { GET, "/api/v1/customers/{id}", get_run, .id = "customer.get", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .quick = true, .in = &customer_one_schema, .out = &customer_schema,
      .doc = "One customer; private values masked" },
    { POST, "/api/v1/customers/find", find_run, .id = "customer.find", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .in = &customer_find_schema, .out = &customer_schema,
      .doc = "The customer known by this identifier" },
    { POST, "/api/v1/customers", create_run, .id = "customer.create", .perm = PERM_CUSTOMER_WRITE,
      .mode = WRITE, .in = &customer_create_schema, .out = &customer_schema,
      .doc = "Make a customer by hand" },
    { PATCH, "/api/v1/customers/{id}", change_run, .id = "customer.change",
      .perm = PERM_CUSTOMER_WRITE, .mode = WRITE, .in = &customer_change_schema,
      .out = &customer_schema, .doc = "Change a customer's profile" },
    { POST, "/api/v1/customers/{id}/reveal", reveal_run, .id = "customer.reveal",
      .perm = PERM_CUSTOMER_PRIVATE, .mode = WRITE, .in = &customer_one_schema,
      .out = &customer_schema,
      .doc = "The same with private values as they are; leaves an audit row" },
    { POST, "/api/v1/customers/{id}/identities", identity_add_run, .id = "customer.add_identity",
      .perm = PERM_CUSTOMER_WRITE, .mode = WRITE, .in = &identity_add_schema,
      .out = &customer_schema, .doc = "Give a customer one more identifier" },
    { DELETE, "/api/v1/customers/{id}/identities/{identity_id}", identity_remove_run,
      .id = "customer.remove_identity", .perm = PERM_CUSTOMER_WRITE, .mode = WRITE,
      .in = &identity_one_schema, .doc = "Take an identifier away" },
    { GET, "/api/v1/identity-kinds", kinds_run, .id = "identity_kind.list",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .out = &identity_kind_row_schema, .listed = true,
      .doc = "Kinds of identifiers and their rules" },
    { GET, "/api/v1/customers/{id}/timeline", timeline_run, .id = "customer.timeline",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &timeline_schema, .out = &fact_schema,
      .listed = true, .doc = "Every fact about a customer, newest first" },
    { POST, "/api/v1/customers/{id}/export", export_run, .id = "customer.export",
      .perm = PERM_CUSTOMER_ERASE, .mode = WRITE, .in = &customer_one_schema, .raw_out = true,
      .doc = "Everything known about a person, as a zip of JSON files" },
    { POST, "/api/v1/customers/{id}/erase", erase_run, .id = "customer.erase",
      .perm = PERM_CUSTOMER_ERASE, .mode = WRITE, .in = &customer_one_schema,
      .doc = "Erase who this was: identifiers and texts everywhere; numbers stay" },
};

static const struct event_type *const events[] = { &EV_CUSTOMER_CREATED, &EV_CUSTOMER_CHANGED,
                                                   &EV_CUSTOMER_MERGED, &EV_CUSTOMER_UNMERGED,
                                                   &EV_CUSTOMER_ERASED };
extern const struct job_kind erase_flush_job;
static const struct job_kind *const jobs[] = { &erase_flush_job };

const struct module customer_module = {
    .name = "customer",
    .routes = routes,
    .route_count = COUNT(routes),
    .events = events,
    .event_count = COUNT(events),
    .jobs = jobs,
    .job_count = COUNT(jobs),
    .person = &customer_part_own,
    .start = identity_cache_start,
    .stop = identity_cache_stop,
};
