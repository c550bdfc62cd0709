/* attempt: how often somebody may try a password. Slows an attacker and not the owner.
 *
 * A try is counted before the password is looked at (so that a hundred at once are a hundred tries)
 * and taken back when it was right. Tries are counted by what they have in common, each a row of
 * the table in attempt.c: the name and the place, the place, the name. From some number on the next
 * try of that kind has to wait, twice as long each time, up to a maximum. A try that has to wait is
 * refused unseen and counts nothing, so waits do not grow while somebody keeps knocking.
 *
 * A browser that has signed this member in before (staff_browser) is counted by itself alone:
 * whoever floods a name from elsewhere, or from the same office, does not keep its owner out. Names
 * that do not exist are counted like those that do. */
#ifndef HETANG_ORG_ATTEMPT_H
#define HETANG_ORG_ATTEMPT_H

#include "domain/org/org.h"

enum attempt_kind { BY_NAME_AND_PLACE, BY_PLACE, BY_NAME, BY_BROWSER, BY_SESSION, ATTEMPT_KINDS };
#define ATTEMPT_KEYS_MAX 3

struct attempt {
    struct {
        enum attempt_kind kind;
        str key;
        i64 count; /* this one is the count-th; once claimed */
    } by[ATTEMPT_KEYS_MAX];
    size_t n;
    str login; /* as rows keep it */
};

/* `browser`: the known browser's number (0: a stranger). */
void attempt_sign_in(struct ctx *cx, str login, i64 browser, struct attempt *ret);
/* Somebody signed in is asked for the password again. */
void attempt_again(struct ctx *cx, str login, struct attempt *ret);

/* ERR_SLOW_DOWN with {seconds} if one of them has to wait; *ret_wait_s says it too. Inside a read
 * or write. */
enum err attempt_check(struct ctx *cx, const struct attempt *a, i64 *ret_wait_s);
/* Checks, and counts it as failed. Inside a write. */
enum err attempt_claim(struct ctx *cx, struct attempt *a, i64 *ret_wait_s);
/* It has not failed. Inside a write. */
enum err attempt_take_back(struct ctx *cx, const struct attempt *a);
/* It was right: what stands against this name at this place, or against this browser, is forgotten;
 * the other counts are taken back by one, since an attacker who signs in to an account of their own
 * must not clear them. Inside a write. */
enum err attempt_right(struct ctx *cx, const struct attempt *a);
/* Forgets all that stands against a name. Inside a write. */
enum err attempt_forget(struct ctx *cx, str login);
enum err attempt_clean(struct ctx *cx); /* rows that count no more */

/* How long after the count-th failure in a row the next try is not looked at. */
i64 attempt_wait_ms(enum attempt_kind kind, i64 count);
/* What counts as one place: an IPv4 address, the first half of an IPv6 address (one customer has
 * them all). */
str attempt_place(struct arena *a, str ip);

#endif
