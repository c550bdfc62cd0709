/* customer: one person as the brand knows them: profile, identifiers (identity.h), notes, consent,
 * custom attributes; how two become one and how that is undone; what is told and what is erased.
 *
 * A joined person's row stays, points to the survivor (merged_into) and is seen by nobody; its
 * facts in the log keep its number and are read together with the survivor's. Rows of other modules
 * about a person are moved, told and erased through their person_part (core/module.h). */
#ifndef HETANG_CUSTOMER_H
#define HETANG_CUSTOMER_H

#include "core/ctx.h"
#include "core/module.h"
#include "domain/customer/identity.h"

ID_TYPE(stage_id);
ID_TYPE(merge_id);
ID_TYPE(note_id);
ID_TYPE(attribute_id);

extern const char *const genders[];

#define IDENTITY(F, T)                                                                             \
    F(T, identity_id, id, .doc = "Number")                                                         \
    F(T, str, kind, .doc = "member_no, unionid, wecom, mobile, email, openid, external or device") \
    F(T, str, scope, .doc = "App or source it belongs to; empty where it has none")                \
    F(T, str, value, .doc = "Masked where the kind is private")                                    \
    F(T, boolean, verified, .doc = "Proven to be this person's")                                   \
    F(T, str, origin, .doc = "Where it was learnt")                                                \
    F(T, instant, created_at, .doc = "When")
SCHEMA_STRUCT(identity, IDENTITY);

#define CUSTOMER(F, T)                                                                       \
    F(T, customer_id, id, .doc = "Number")                                                   \
    F(T, str, name, .nullable = true, .doc = "Name, as far as known")                        \
    F(T, str, gender, .nullable = true, .choices = genders, .doc = "female or male")         \
    F(T, day, birthday, .nullable = true, .doc = "Date of birth")                            \
    F(T, str, city, .nullable = true, .doc = "City")                                         \
    F(T, str, address, .nullable = true, .secret = true, .doc = "Masked")                    \
    F(T, str, remark, .nullable = true, .doc = "What to know about this person")             \
    F(T, json, attrs, .doc = "Custom attributes by key")                                     \
    F(T, stage_id, stage_id, .nullable = true, .doc = "Stage of the life cycle")             \
    F(T, department_id, department_id, .nullable = true, .doc = "Whose customer: the store") \
    F(T, staff_id, staff_id, .nullable = true, .doc = "Whose customer: the person")          \
    F(T, str, channel, .nullable = true, .doc = "How they came")                             \
    F(T, instant, joined_at, .doc = "First known contact")                                   \
    F(T, instant, seen_at, .nullable = true,                                                 \
      .doc = "Last known activity; what sources tell moves it once an hour")                 \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")                        \
    F(T, list, identities, .of = &identity_schema, .doc = "What they are known by")
SCHEMA_STRUCT(customer, CUSTOMER);

struct customer_new {
    str name, channel, origin;
    department_id department;
    staff_id staff;
    instant joined; /* 0: now */
};
/* A person without identifiers; emits customer.created. Resolving (identity.h) is the usual way to
 * make one. */
enum err customer_make(struct ctx *cx, const struct customer_new *c, customer_id *ret);
/* As far as the actor may see: ERR_NOT_FOUND outside their scope, and for joined or erased people.
 * Private values masked. */
enum err customer_get(struct ctx *cx, customer_id id, struct customer *ret);
/* Only whether: within the actor's scope. ERR_NOT_FOUND otherwise. */
enum err customer_see(struct ctx *cx, customer_id id);
/* The living person a number stands for now: itself, or whom it was joined into. */
enum err customer_root(struct ctx *cx, customer_id id, customer_id *ret);
/* The person and everybody joined into them: whose facts are theirs. */
enum err customer_family(struct ctx *cx, customer_id id, customer_id **ret, size_t *ret_count);
/* Has no identifier but devices, and no name: a visitor who may be absorbed. */
enum err customer_only_devices(struct ctx *cx, customer_id id, bool *ret);

/* What is known from outside (traits of an SDK, columns of an import): fills and changes; none and
 * NONE leave as it is. */
struct customer_facts {
    str name, gender, city, address, remark, channel;
    day birthday;
    department_id department;
    staff_id staff;
    doc attrs;    /* an object, or NULL; unknown keys and wrong types are left out when `lenient` */
    bool lenient; /* from outside: what is not valid is left out instead of refused */
    bool fresh;   /* the person was made in this write: that is the fact, not that they changed */
    bool keep;    /* only fills what is empty */
    bool no_gender, no_birthday, no_department,
        no_staff;   /* to be emptied; texts are by an empty text */
    instant joined; /* earlier than what is known moves it back; 0: not known */
};
/* Emits customer.changed naming the fields, when anything changed. Inside a write; not limited to a
 * scope. */
enum err customer_learn(struct ctx *cx, customer_id id, const struct customer_facts *f,
                        bool *ret_changed);
/* Activity seen: moves seen_at forward. */
enum err customer_seen(struct ctx *cx, customer_id id, instant at);
/* The same for activity that comes often: only the first of each hour moves it. */
enum err customer_seen_hourly(struct ctx *cx, customer_id id, instant at);

/* Joining (merge.c). */
struct join {
    customer_id survivor, merged;
    const char *reason;               /* identity or manual */
    const struct identity_kind *kind; /* of the identifier that showed it, or NULL */
};
enum err customer_join(struct ctx *cx, const struct join *j);
/* Would the joined person have more identifiers of a kind than the kind allows? */
enum err customer_join_fits(struct ctx *cx, customer_id a, customer_id b, bool *ret);
enum err customer_part(struct ctx *cx, merge_id merge);
/* For a person_part: a row that was moved, or set aside with its content. */
enum err merge_note(struct ctx *cx, i64 merge, const char *kind, i64 row, str data);

/* Erasing and telling (erase.c). */
enum err customer_erase(struct ctx *cx, customer_id id);

/* Custom attributes (attribute.c): checks `changes` against the definitions and applies them to
 * `attrs` (JSON objects); null removes. Lenient: what is not valid is left out. */
enum err attributes_apply(struct ctx *cx, str attrs, doc changes, bool lenient, str *ret,
                          bool *ret_changed);

extern const struct event_type EV_CUSTOMER_CREATED, EV_CUSTOMER_CHANGED, EV_CUSTOMER_MERGED,
    EV_CUSTOMER_UNMERGED, EV_CUSTOMER_ERASED, EV_NOTE_ADDED, EV_CONSENT_CHANGED;
extern const struct module customer_module, customer_merge_module, customer_note_module,
    attribute_module;

#endif
