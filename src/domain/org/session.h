/* session: who is asking. Sign-in by password (and one-time code), sessions by cookie, API tokens.
 *
 * Cookies and tokens are random and stored as digests: reading the database does not sign anybody
 * in. */
#ifndef HETANG_ORG_SESSION_H
#define HETANG_ORG_SESSION_H

#include "core/ctx.h"

#define SESSION_COOKIE "hetang_session"

struct session {
    i64 id;
    staff_id staff;
    bool password_change; /* the first password was not changed yet */
    bool stale;           /* worth a session_touch() */
};

str cookie_find(str cookies, str name); /* none if absent */
/* ERR_NOT_SIGNED_IN when the session is unknown, expired, or its owner no longer active. Inside a
 * read. */
enum err session_find(struct ctx *cx, str token, struct session *ret, struct actor *ret_actor);
/* ERR_BAD_TOKEN likewise. The actor has the token's permissions that its owner still has, and the
 * owner's scope. */
enum err token_find(struct ctx *cx, str token, struct actor *ret_actor);
/* What a page must send back with each write: bound to the session, of no use elsewhere. */
str session_csrf(struct ctx *cx, str token);
/* Moves the end of a session that is in use; opens its own write, and a failure does not matter. */
void session_touch(struct ctx *cx, const struct session *s);

/* A new session for this member; the cookie's value. Inside a write. */
enum err session_open(struct ctx *cx, staff_id staff, str agent, str *ret_token);
enum err session_close(struct ctx *cx, str token);
str token_digest(struct arena *a, str token);

#endif
