/* identity: what a person is known by, and how it is decided that two of them are one.
 *
 * A kind of identifier is a row of a table (identity.c): is it private, of which scope, how many
 * may a person have, may it join people. A value is normalised before it is looked at; values that
 * say nothing (00000000, test numbers, the brand's own block list) are left out. Two people are
 * joined only by an identifier that is verified on both sides, and never when that would give one
 * person more of a kind than the kind allows. What is left out is listed as a conflict. */
#ifndef HETANG_CUSTOMER_IDENTITY_H
#define HETANG_CUSTOMER_IDENTITY_H

#include "core/ctx.h"

ID_TYPE(identity_id);

struct identity_kind {
    const char *key, *zh, *en;
    bool sealed; /* private: sealed at rest, masked on the way out */
    bool scoped; /* means something only within an app or source */
    bool joins;  /* a verified one may join two people */
    int max;     /* per person (and scope) */
    bool (*normalise)(struct arena *a, str value, str *ret); /* false: not a value of this kind */
};
/* In order of strength: whose person wins when several are found. */
extern const struct identity_kind identity_kinds[];
extern const size_t identity_kind_count;
const struct identity_kind *identity_kind_find(str key); /* NULL if there is none */

struct identity_in {
    const struct identity_kind *kind;
    str scope, value;
    bool verified;
};

#define RESOLVE_MAX 20
struct resolve {
    const struct identity_in *ids;
    size_t count; /* at most RESOLVE_MAX */
    str origin;   /* 'import', 'api', 'source:3' … */
    bool create;  /* make a person if nobody is found */
    /* of a person that is made */
    str name, channel;
    department_id department;
    staff_id staff;
    instant joined; /* 0: now */
};
struct resolved {
    customer_id customer; /* 0: nobody, and none was to be made */
    bool created;
    int joined; /* people who were joined to this one */
    int conflicts;
};
/* Finds the person these identifiers belong to, attaches what is new, joins people where the rules
 * allow. Inside a write. */
enum err customer_resolve(struct ctx *cx, const struct resolve *in, struct resolved *ret);
/* Gives this person one more; ERR_TOO_MANY past the kind's limit, ERR_TAKEN if somebody has it,
 * INVALID if it is blocked. */
enum err identity_give(struct ctx *cx, customer_id who, const struct identity_in *id, str origin);
/* Who has this one? 0 nobody. Within a read or write; not limited to a scope. */
enum err identity_owner(struct ctx *cx, const struct identity_in *id, customer_id *ret);

/* The value as kept for equality: normalised, and an HMAC where the kind is sealed. False: no value
 * of this kind. */
bool identity_key(struct ctx *cx, const struct identity_in *id, str *ret_key, str *ret_normal);
/* "138****5678", "z***@example.com"; other kinds as they are. */
str identity_mask(struct arena *a, const struct identity_kind *kind, str value);
enum err identity_blocked(struct ctx *cx, const struct identity_kind *kind, str key, str normal,
                          bool *ret);

#endif
