/* Notes about a person, and what a person agreed to. */
#include "domain/customer/internal.h"

#include "core/event.h"
#include "core/reply.h"

#include "note.sql.h"

const struct event_type EV_NOTE_ADDED = { "note.added", "添加备注", "Note added", "note_id: id" };
const struct event_type EV_CONSENT_CHANGED = { "consent.changed", "同意状态变更", "Consent changed",
                                               "channel: text, state: text" };

#define NOTE(F, T)                                                    \
    F(T, note_id, id, .doc = "Number")                                \
    F(T, customer_id, customer_id, .doc = "About whom")               \
    F(T, staff_id, staff_id, .nullable = true, .doc = "Who wrote it") \
    F(T, str, by_name, .doc = "Their name then")                      \
    F(T, str, text, .doc = "The note")                                \
    F(T, boolean, pinned, .doc = "Stays on top")                      \
    F(T, i64, version, .doc = "Grows with each change; for If-Match") \
    F(T, instant, created_at, .doc = "When")
SCHEMA(note, NOTE);

#define NOTE_LIST(F, T)                                    \
    F(T, customer_id, id, .doc = "Number of the customer") \
    PAGE_FIELDS(F, T)
SCHEMA(note_list, NOTE_LIST);

#define NOTE_ADD(F, T)                                                \
    F(T, customer_id, id, .doc = "Number of the customer")            \
    F(T, str, text, .required = true, .max = 2000, .doc = "The note") \
    F(T, boolean, pinned, .doc = "Stays on top")
SCHEMA(note_add, NOTE_ADD);

#define NOTE_CHANGE(F, T)                                     \
    F(T, note_id, id, .doc = "Number of the note")            \
    F(T, str, text, .min = 1, .max = 2000, .doc = "The note") \
    F(T, boolean, pinned, .doc = "Stays on top")
SCHEMA(note_change, NOTE_CHANGE);

#define NOTE_ONE(F, T) F(T, note_id, id, .doc = "Number of the note")
SCHEMA(note_one, NOTE_ONE);

static const char *const channels[] = { "wecom",        "sms", "call", "mail", "official_account",
                                        "mini_program", "app", NULL };
static const char *const states[] = { "granted", "refused", NULL };

#define CONSENT(F, T)                                                     \
    F(T, str, channel, .choices = channels, .doc = "By which way")        \
    F(T, str, state, .choices = states, .doc = "refused: do not disturb") \
    F(T, str, origin, .doc = "Where it was said")                         \
    F(T, instant, changed_at, .doc = "When")
SCHEMA(consent, CONSENT);

#define CONSENT_OF(F, T) F(T, customer_id, id, .doc = "Number of the customer")
SCHEMA(consent_of, CONSENT_OF);

#define CONSENT_PUT(F, T)                                                            \
    F(T, customer_id, id, .doc = "Number of the customer")                           \
    F(T, str, channel, .required = true, .choices = channels, .doc = "By which way") \
    F(T, str, state, .required = true, .choices = states, .doc = "refused: do not disturb")
SCHEMA(consent_put, CONSENT_PUT);

/* One statement asks for the note and for the right to see its customer, so that a note elsewhere
 * takes as long as one that is not there. */
static enum err get(struct ctx *cx, note_id id, struct note *ret)
{
    return sql_one(cx, note_by_id, &note_schema, ret, ID(id));
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct note_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 before, limit = page_limit(in->limit);
    TRY(customer_see(cx, in->id));
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, note_list, &r, ID(in->id), V(before ? before : I53_MAX), V(limit + 1)));
    return reply_page(cx, out, &note_schema, &r, limit);
}

static enum err add_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct note_add *in = input;
    struct note note;
    note_id id;
    TRY(customer_see(cx, in->id));
    TRY(sql_i64(cx, note_insert, &id.v, ID(in->id), ID(cx->actor.staff), V(cx->actor.name),
                V(in->text), V(in->pinned), V(cx->now)));
    TRY(event_emit(cx, &EV_NOTE_ADDED, in->id, P("note_id", id.v)));
    TRY(get(cx, id, &note));
    audit_customer(cx, in->id);
    audit_entity(cx, "note", id.v);
    return reply_created(out, &note_schema, &note);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct note_change *in = input;
    struct note note;
    i64 changed;
    TRY(get(cx, in->id, &note));
    TRY(version_check(cx, note.version));
    audit_customer(cx, note.customer_id);
    audit_entity(cx, "note", in->id.v);
    audit_before(cx, &note_schema, &note);
    schema_patch(&note_schema, &note, &note_change_schema, in);
    TRY(sql_changed(cx, note_update, &changed, ID(note.id), V(note.text), V(note.pinned),
                    V(note.version)));
    note.version++;
    return reply_struct(out, &note_schema, &note);
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct note_one *in = input;
    struct note note;
    (void)out;
    TRY(get(cx, in->id, &note));
    audit_customer(cx, note.customer_id);
    audit_entity(cx, "note", in->id.v);
    audit_before(cx, &note_schema, &note);
    return sql_exec(cx, note_delete, ID(in->id));
}

static enum err consents_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct consent_of *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(customer_see(cx, in->id));
    TRY(sql_query(cx, consent_list, &r, ID(in->id)));
    reply_list(out);
    TRY(reply_rows(cx, out, &consent_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err consent_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct consent_put *in = input;
    struct consent c;
    TRY(customer_see(cx, in->id));
    TRY(sql_exec(cx, consent_put, ID(in->id), V(in->channel), V(in->state), V("manual"),
                 V(cx->now)));
    TRY(event_emit(cx, &EV_CONSENT_CHANGED, in->id, P("channel", in->channel),
                   P("state", in->state)));
    TRY(sql_one(cx, consent_one, &consent_schema, &c, ID(in->id), V(in->channel)));
    audit_customer(cx, in->id);
    return reply_struct(out, &consent_schema, &c);
}

static const struct route routes[] = {
    { GET, "/api/v1/customers/{id}/notes", list_run, .id = "note.list", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .in = &note_list_schema, .out = &note_schema, .listed = true,
      .doc = "Notes about a customer, newest first" },
    { POST, "/api/v1/customers/{id}/notes", add_run, .id = "note.add", .perm = PERM_CUSTOMER_WRITE,
      .mode = WRITE, .in = &note_add_schema, .out = &note_schema, .doc = "Write a note" },
    { PATCH, "/api/v1/notes/{id}", change_run, .id = "note.change", .perm = PERM_CUSTOMER_WRITE,
      .mode = WRITE, .in = &note_change_schema, .out = &note_schema,
      .doc = "Change or pin a note" },
    { DELETE, "/api/v1/notes/{id}", remove_run, .id = "note.remove", .perm = PERM_CUSTOMER_WRITE,
      .mode = WRITE, .in = &note_one_schema, .doc = "Remove a note" },
    { GET, "/api/v1/customers/{id}/consents", consents_run, .id = "consent.list",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &consent_of_schema, .out = &consent_schema,
      .listed = true, .doc = "What the person agreed to and refused" },
    { PUT, "/api/v1/customers/{id}/consents/{channel}", consent_run, .id = "consent.put",
      .perm = PERM_CUSTOMER_WRITE, .mode = WRITE, .in = &consent_put_schema, .out = &consent_schema,
      .doc = "Record what the person said" },
};

static const struct event_type *const events[] = { &EV_NOTE_ADDED, &EV_CONSENT_CHANGED };

const struct module customer_note_module = { .name = "note",
                                             .routes = routes,
                                             .route_count = COUNT(routes),
                                             .events = events,
                                             .event_count = COUNT(events) };
