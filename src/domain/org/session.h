/* session: who is asking. Sessions by cookie, API tokens, and browsers that are known.
 *
 * Cookies and tokens are random and stored as digests: reading the database does not sign anybody
 * in. */
#ifndef HETANG_ORG_SESSION_H
#define HETANG_ORG_SESSION_H

#include "domain/org/org.h"

#define SESSION_COOKIE "hetang_session"
#define BROWSER_COOKIE "hetang_browser"
#define BROWSER_DAYS   400 /* as long as browsers keep a cookie */
#define SESSIONS_MAX   50  /* of a member; a further one ends the one longest unused */
#define BROWSERS_MAX   20
#define TOKENS_MAX     50
#define TOKEN_PREFIX   "hetang_" /* so that a token is recognised where it does not belong */

struct session {
    i64 id; /* of the session or token */
    staff_id staff;
    instant opened;       /* when its owner signed in */
    bool token;           /* an API token */
    bool password_change; /* the first password was not changed yet */
    bool stale;           /* worth a session_touch() */
};

/* Sessions opened then or earlier have ended, whatever use they saw. */
instant session_opened_after(const struct ctx *cx);
str cookie_find(str cookies, str name); /* none if absent */
/* ERR_NOT_SIGNED_IN when the session is unknown, expired, or its owner no longer active. Inside a
 * read. */
enum err session_find(struct ctx *cx, str token, struct session *ret, struct actor *ret_actor);
/* ERR_BAD_TOKEN likewise. The actor has the token's permissions that its owner still has, and the
 * owner's scope. */
enum err token_find(struct ctx *cx, str token, struct session *ret, struct actor *ret_actor);
/* What a page must send back with each write: bound to the session, of no use elsewhere. */
str session_csrf(struct ctx *cx, str token);
/* Notes that it was used, and moves the end of a session (not beyond session_days); opens its own
 * write, and a failure does not matter. */
void session_touch(struct ctx *cx, const struct session *s);

/* A new session for this member; the cookie's value. Inside a write, like all below. */
enum err session_open(struct ctx *cx, staff_id staff, str *ret_token);
enum err session_close(struct ctx *cx, str token);
enum err session_end_all(struct ctx *cx, staff_id staff, session_id except); /* 0: none excepted */
enum err token_end_all(struct ctx *cx, staff_id staff);

/* Has this client signed in as `login` before? 0: no. Inside a read. */
enum err browser_find(struct ctx *cx, str login, i64 *ret);
/* From now on it has; the cookie's value. */
enum err browser_remember(struct ctx *cx, staff_id staff, str *ret_cookie);
enum err browser_forget_all(struct ctx *cx, staff_id staff);

/* Removes what has expired. */
enum err session_clean(struct ctx *cx);
/* Permissions of a token as they are kept: keys with a space between. Those of another version of
 * Hetang are left out. */
uint64_t token_perms(str keys);
str token_digest(struct arena *a, str token);

#endif
