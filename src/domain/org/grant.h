/* grant: nobody gives rights they do not have themselves, and nobody lays hands on a member who has
 * more: whoever resets the password of somebody mightier has become mightier.
 *
 * The actor's own permissions and scope are those the request began with; so somebody whose scope
 * is less than everything does not change what their own scope is made of. ERR_EXCEEDS says what
 * goes too far, in both languages. */
#ifndef HETANG_ORG_GRANT_H
#define HETANG_ORG_GRANT_H

#include "domain/org/org.h"

/* The department is within the actor's scope. ERR_NOT_FOUND if there is none. */
enum err grant_department(struct ctx *cx, department_id id, const char *field);
enum err grant_perms(struct ctx *cx, uint64_t perms, const char *field);
/* To give this role, or to change what it is. */
enum err grant_role(struct ctx *cx, const struct role *r, const char *field);
/* Everything the member may do and see is within the actor's, and so is where they belong: before
 * they are changed, and after. */
enum err grant_staff(struct ctx *cx, staff_id staff, const char *field);
/* The same of everybody who has the role. */
enum err grant_members(struct ctx *cx, role_id role);
/* Not one's own rights, and not a role one has: unless the actor sees everything, in which case
 * there is nothing to win. */
enum err grant_not_own(struct ctx *cx, staff_id staff, const char *field);
enum err grant_not_held(struct ctx *cx, role_id role);
/* A person, signed in: an access token does not make or change credentials. ERR_PERSON_ONLY. */
enum err need_person(struct ctx *cx);

#endif
