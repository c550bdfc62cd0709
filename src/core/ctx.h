/* ctx: what a piece of work has been given: who acts, what time it is, the open unit of work,
 * memory that ends with it. Nothing in a module reads the clock, the random source or a socket by
 * itself, so that a year of operation can be run in seconds and the same way every time. One thread
 * at a time. */
#ifndef HETANG_CTX_H
#define HETANG_CTX_H

#include "base/base.h"
#include "base/rand.h"
#include "core/ids.h"
#include "core/perm.h"
#include "store/db.h"

struct app;

enum lang { LANG_ZH, LANG_EN };

enum actor_kind {
    ACTOR_NOBODY,
    ACTOR_STAFF,  /* signed in */
    ACTOR_TOKEN,  /* an API token of a staff member */
    ACTOR_SOURCE, /* an SDK with a write key */
    ACTOR_SYSTEM, /* jobs, subscribers, the command line */
};

struct actor {
    enum actor_kind kind;
    staff_id staff;      /* ACTOR_STAFF, ACTOR_TOKEN */
    i64 credential;      /* session, token or source id */
    str name;            /* for audit rows and logs */
    uint64_t perms;      /* bit per enum perm */
    struct db_view view; /* data scope (core/scope.h) */
};

#define FAIL_PROPS_MAX 4
struct failure {
    enum err code; /* OK: nothing failed */
    str field;     /* path in the input, or none */
    struct prop props[FAIL_PROPS_MAX];
    size_t count;
    str hint; /* more, in the language of the reader; or none */
};

/* What the audit row of a WRITE route says beside who and when; the route's input stands in for
 * `after` if none is given. */
struct audit_note {
    const char *entity;
    i64 id;
    customer_id customer;
    str before, after;
    bool skip; /* nothing was changed */
};

struct ctx {
    struct app *app;
    struct arena *arena;
    struct db_conn *db; /* NULL outside a unit of work */
    struct actor actor;
    instant now;
    enum lang lang;
    str request_id, ip;
    str agent, cookies; /* what the client calls itself, and its Cookie header; none outside HTTP */
    struct failure failure;
    struct rnd rnd;
    i64 if_match;         /* the version the client saw; 0 none */
    str path;             /* of nested input being read, for failures */
    str body;             /* of a request whose route says raw_in */
    str write_key;        /* the user name of Basic authentication, on routes of a source */
    str session_token;    /* the cookie, when that is who asks */
    bool password_change; /* the first password was not changed yet */
    void *exchange;       /* the request itself, for api alone (event streams) */
    void *prepared;       /* what the route's prepare() made */
    struct audit_note audit;
};

struct schema;
/* For the audit row: what was changed, whose life it touches, and what it was before. */
void audit_entity(struct ctx *cx, const char *entity, i64 id);
void audit_customer(struct ctx *cx, customer_id customer);
void audit_before(struct ctx *cx, const struct schema *s, const void *from);
void audit_after(struct ctx *cx, const struct schema *s, const void *from);

/* Keeps the first failure and returns `code`: return fail(cx, ERR_TOO_LONG, "name", P("max", 30));
 */
#define fail(cx, code, field, ...) fail_with((cx), (code), str_of(field), BARE_PROPS(__VA_ARGS__))
#define BARE_PROPS(...)                                                                            \
    ((const struct prop[]) { { "", { .kind = VAL_NULL } } __VA_OPT__(, ) __VA_ARGS__ }) + 1,       \
        COUNT(                                                                                     \
            ((const struct prop[]) { { "", { .kind = VAL_NULL } } __VA_OPT__(, ) __VA_ARGS__ })) - \
            1
enum err fail_with(struct ctx *cx, enum err code, str field, const struct prop *props,
                   size_t count);
/* A rule of a module was broken: said in both languages. */
enum err fail_rule(struct ctx *cx, enum err code, const char *field, const char *zh,
                   const char *en);
/* Forgets a failure that the caller has dealt with. */
void fail_clear(struct ctx *cx);
/* The failure's text in the language of the ctx. */
str fail_text(struct ctx *cx, enum err code);

static inline bool may(const struct ctx *cx, enum perm p)
{
    return (cx->actor.perms >> p & 1) != 0;
}
enum err need(struct ctx *cx, enum perm p); /* ERR_FORBIDDEN unless may() */

/* Statements of the ctx's unit of work, by name: TRY(sql_exec(cx, tag_delete, ID(in->id))); */
#define sql_exec(cx, name, ...)         db_exec((cx)->db, &SQL_##name, NULL, BINDS(__VA_ARGS__))
#define sql_changed(cx, name, ret, ...) db_exec((cx)->db, &SQL_##name, (ret), BINDS(__VA_ARGS__))
#define sql_later(cx, name, ...)        db_exec_later((cx)->db, &SQL_##name, BINDS(__VA_ARGS__))
#define sql_query(cx, name, rows, ...)  db_query((cx)->db, &SQL_##name, (rows), BINDS(__VA_ARGS__))
/* First column of the only row; ERR_DONE if none. */
#define sql_i64(cx, name, ret, ...) db_i64((cx)->db, &SQL_##name, (ret), BINDS(__VA_ARGS__))
/* The only row into a struct of a schema; ERR_NOT_FOUND (with a failure kept) if none. */
#define sql_one(cx, name, schema, ret, ...) \
    sql_one_with((cx), &SQL_##name, (schema), (ret), BINDS(__VA_ARGS__))
enum err sql_one_with(struct ctx *cx, const struct sql *sql, const struct schema *schema, void *ret,
                      const struct val *binds, size_t count);
/* A unique column refused the value: says so by field. Other results pass through. */
enum err taken(struct ctx *cx, enum err e, const char *field, str value);

/* ERR_VERSION_CHANGED when the client saw (If-Match) another version than the row has now. */
enum err version_check(struct ctx *cx, i64 version);

/* A unit of work for code that is not a route handler (jobs, subscribers, commands): runs `work`
 * inside a write, again from its start on ERR_RETRY, and waits until it is durable. */
enum err in_write(struct ctx *cx, enum err (*work)(struct ctx *cx, void *arg), void *arg);
enum err in_read(struct ctx *cx, enum err (*work)(struct ctx *cx, void *arg), void *arg);
/* A ctx for the house itself: all permissions, everything visible, the app's clock. */
struct ctx system_ctx(struct app *app, struct arena *arena, str name);

#endif
