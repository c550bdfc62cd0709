/* org: the people who work here: departments as a tree, staff, roles, and what follows from them:
 * permissions and the data scope of each member. What follows is written down (staff.perms,
 * staff.scope, staff_scope) whenever its causes change, so that a request reads one row. */
#ifndef HETANG_ORG_H
#define HETANG_ORG_H

#include "core/ctx.h"
#include "core/module.h"

ID_TYPE(role_id);

struct staff_new {
    str login, name, password;
    department_id department;
    const char *role_key; /* of a built-in role */
    bool password_change; /* must choose a new password at the first sign-in */
};
/* Inside a write. Checks login and password as the API does. */
enum err staff_add(struct ctx *cx, const struct staff_new *s, staff_id *ret);
/* Makes permissions and scope anew: of one member, or of all (staff 0). Inside a write. */
enum err staff_recompute(struct ctx *cx, staff_id staff);
enum err staff_find_login(struct ctx *cx, str login, staff_id *ret); /* ERR_NOT_FOUND */
enum err staff_set_password(struct ctx *cx, staff_id staff, str password, bool change_again);
/* ERR_BAD_PASSWORD: shorter than 10, in the list of common ones, or like the login. */
enum err password_check(struct ctx *cx, const char *field, str password, str login);

struct department_new {
    str name, code;
    const char *kind;     /* head region store team */
    department_id parent; /* 0: the root */
};
enum err department_add(struct ctx *cx, const struct department_new *d, department_id *ret);
enum err department_root(struct ctx *cx, department_id *ret);

extern const struct module org_module;

#endif
