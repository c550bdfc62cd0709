/* org: the people who work here: departments as a tree, staff, roles, and what follows from them:
 * permissions and the data scope of each member. What follows is written down (staff.perms,
 * staff.scope, staff_scope) whenever its causes change, so that a request reads one row.
 *
 * Functions here keep the rules of the organisation itself; what an actor may do to whom is
 * grant.h. All of them run inside a write unless they only read. */
#ifndef HETANG_ORG_H
#define HETANG_ORG_H

#include "core/ctx.h"
#include "core/module.h"

ID_TYPE(role_id);
ID_TYPE(session_id);
ID_TYPE(token_id);

#define DEPARTMENTS_MAX      20000
#define DEPARTMENT_DEPTH_MAX 12
#define STAFF_ROLES_MAX      20
#define STAFF_PLACES_MAX     50
#define ROLES_MAX            200

extern const char *const department_kinds[]; /* head region store team NULL */
extern const char *const staff_states[];     /* active suspended left NULL */
extern const char *const role_scopes[];      /* self department below all chosen NULL */

/* Departments. */
#define DEPARTMENT(F, T)                                                           \
    F(T, department_id, id, .doc = "Number")                                       \
    F(T, department_id, parent_id, .nullable = true,                               \
      .doc = "What it stands under; null: the root")                               \
    F(T, str, kind, .choices = department_kinds, .doc = "What it is")              \
    F(T, str, name, .doc = "Shown name")                                           \
    F(T, str, code, .nullable = true, .doc = "How imports and the API name it")    \
    F(T, i64, sort, .doc = "Among its siblings; smaller first")                    \
    F(T, boolean, closed, .doc = "It takes no new staff and no new departments")   \
    F(T, i64, staff, .doc = "Members who belong to it itself and have not left")   \
    F(T, i64, children, .doc = "Departments directly below it")                    \
    F(T, boolean, in_scope, .doc = "Is it within the data scope of whoever asks?") \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA_STRUCT(department, DEPARTMENT);

/* ERR_NOT_FOUND of `field`. */
enum err department_get(struct ctx *cx, department_id id, const char *field,
                        struct department *ret);
enum err department_root(struct ctx *cx, department_id *ret);
enum err department_find_code(struct ctx *cx, str code, department_id *ret); /* ERR_NOT_FOUND */
/* '/1/4/17/' into the arena: what is below has it as a prefix. ERR_NOT_FOUND of `field`. */
enum err department_path(struct ctx *cx, department_id id, const char *field, str *ret);

struct department_new {
    str name, code;
    const char *kind;     /* head region store team */
    department_id parent; /* 0: the root, of which there is one */
    i64 sort;
};
enum err department_add(struct ctx *cx, const struct department_new *d, department_id *ret);
/* Stores name, code, kind and sort of `d`, whose version is what was read. */
enum err department_change(struct ctx *cx, const struct department *d);
/* With all that is below; scopes follow. */
enum err department_move(struct ctx *cx, department_id id, department_id parent);
enum err department_close(struct ctx *cx, department_id id, bool closed);
/* ERR_IN_USE unless nothing refers to it. */
enum err department_remove(struct ctx *cx, const struct department *d);

/* Staff. */
#define STAFF(F, T)                                                                     \
    F(T, staff_id, id, .doc = "Number")                                                 \
    F(T, str, login, .doc = "User name")                                                \
    F(T, str, name, .doc = "Shown name")                                                \
    F(T, str, mobile, .nullable = true, .doc = "Masked: 138****5678")                   \
    F(T, str, state, .choices = staff_states, .doc = "Only the active sign in")         \
    F(T, department_id, department_id, .doc = "Primary department")                     \
    F(T, str, department_name, .doc = "Its name")                                       \
    F(T, list, other_department_ids, .of_type = FT_id, .doc = "Further departments")    \
    F(T, list, role_ids, .of_type = FT_id, .doc = "Roles")                              \
    F(T, boolean, totp, .doc = "Signs in with a one-time code, too")                    \
    F(T, boolean, password_change, .doc = "Has not chosen a password of their own yet") \
    F(T, instant, signed_in_at, .nullable = true, .doc = "Last sign-in")                \
    F(T, instant, created_at, .doc = "Since when they are listed")                      \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA_STRUCT(staff, STAFF);

/* One member within the actor's scope. */
enum err staff_get(struct ctx *cx, staff_id id, struct staff *ret);
struct staff_filter {
    department_id department; /* and below; 0 all */
    role_id role;             /* 0 all */
    str state, text;          /* none all */
};
/* Up to `limit` members within the actor's scope with ids above `after`, into the arena. */
enum err staff_list(struct ctx *cx, const struct staff_filter *f, i64 after, i64 limit,
                    struct staff **ret, size_t *ret_count);
enum err staff_find_login(struct ctx *cx, str login, staff_id *ret); /* ERR_NOT_FOUND */

struct staff_new {
    str login, name;
    str password_hash; /* of password_hash(), made before the write began: it takes long */
    str mobile;        /* none: not known */
    department_id department;
    const department_id *others; /* further departments */
    size_t other_count;
    const char *role_key; /* of a built-in role; NULL none */
    const role_id *roles;
    size_t role_count;
    bool password_change; /* must choose a new password at the first sign-in */
};
/* Checks login and mobile as the API does; the password is the caller's (password_check). */
enum err staff_add(struct ctx *cx, const struct staff_new *s, staff_id *ret);
/* Stores login, name and primary department of `s`, whose version is what was read. */
enum err staff_change(struct ctx *cx, const struct staff *s);
enum err staff_set_mobile(struct ctx *cx, staff_id staff, str mobile); /* none clears it */
/* Replace the further departments, the roles; staff_recompute() is the caller's. */
enum err staff_set_places(struct ctx *cx, staff_id staff, department_id primary,
                          const department_id *others, size_t count);
enum err staff_set_roles(struct ctx *cx, staff_id staff, const role_id *roles, size_t count);

enum staff_move { STAFF_SUSPEND, STAFF_LEAVE, STAFF_BACK };
/* ERR_WRONG_STATE if the table of moves (staff.c) does not have it. Ends sessions; a leaver's
 * tokens and browsers go, too. */
enum err staff_move_state(struct ctx *cx, const struct staff *s, enum staff_move move);
/* ERR_WRONG_STATE when nobody who can sign in is an owner: after whatever may have taken the last
 * one. */
enum err owner_left(struct ctx *cx);

/* `hash` of password_hash(), made before the write began: it takes long. Also ends every session
 * when it is a new first password. */
enum err staff_set_password(struct ctx *cx, staff_id staff, str hash, bool change_again);
/* Lets somebody in again: failed attempts of others and their own are forgotten. */
enum err staff_unlock(struct ctx *cx, staff_id staff);
enum err staff_totp_off(struct ctx *cx, staff_id staff);

/* password.c */
/* ERR_BAD_PASSWORD: shorter than 10 characters, in the list of common ones, or with the (normal)
 * login in it. */
enum err password_check(struct ctx *cx, const char *field, str password, str login);
/* Said over the telephone without spelling. */
str password_made_up(struct arena *a);
/* Lower case, without white space around: how logins are kept and compared. */
str login_normal(struct arena *a, str login);
enum err login_check(struct ctx *cx, str login); /* of a normal one; ERR_INVALID */
/* Digits with at most a + before them. False: no number. */
bool mobile_read(struct arena *a, str text, str *ret);
str mobile_mask(struct arena *a, str mobile); /* 138****5678 */

/* Roles. */
#define ROLE(F, T)                                                                \
    F(T, role_id, id, .doc = "Number")                                            \
    F(T, str, key, .nullable = true, .doc = "Of a built-in role")                 \
    F(T, str, name, .doc = "Shown name")                                          \
    F(T, str, name_en, .nullable = true, .doc = "Shown name in English")          \
    F(T, str, scope, .choices = role_scopes, .doc = "Whose data its members see") \
    F(T, list, department_ids, .of_type = FT_id,                                  \
      .doc = "With scope chosen: these and what is below them")                   \
    F(T, list, permissions, .of_type = FT_str, .doc = "What its members may do")  \
    F(T, i64, members, .doc = "Who have it and have not left")                    \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA_STRUCT(role, ROLE);

enum err role_get(struct ctx *cx, role_id id, const char *field, struct role *ret);
enum err role_list(struct ctx *cx, struct role **ret, size_t *ret_count);
enum err role_find_key(struct ctx *cx, str key, role_id *ret); /* ERR_NOT_FOUND */
uint64_t role_perms(const struct role *r);
/* Stores all of it: a new one when its id is 0. Members' rights follow. */
enum err role_store(struct ctx *cx, struct role *r);
enum err role_remove(struct ctx *cx, const struct role *r);

/* A set of permissions from their keys (ERR_BAD_CHOICE of `field`), and back. */
enum err perms_read(struct ctx *cx, const list *keys, const char *field, uint64_t *ret);
list perms_write(struct arena *a, uint64_t perms);

/* rights.c: what follows from roles, departments and the tree. */
/* Makes permissions and scope anew: of one member, or of all (staff 0). */
enum err staff_recompute(struct ctx *cx, staff_id staff);
/* Permissions alone: at each start, since their bits may have moved with a new version. */
enum err staff_recompute_perms(struct ctx *cx, staff_id staff);
/* A department that is new: whoever sees what it stands under "and below" sees it. */
enum err scope_extend(struct ctx *cx, department_id added);

extern const struct module org_module, department_module, staff_module, role_module, account_module,
    credential_module, token_module;

#endif
