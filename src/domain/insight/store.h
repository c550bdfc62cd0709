/* store: where facts and people are told and questions are asked. A table of functions with a row
 * for each kind of store: the column index of this process (engine_store.c), or a server beside it
 * that whoever reaches it offers by insight_offer(). Nothing else of insight knows which one it is.
 *
 * One thread tells: open(), and then fresh() where everything has to be told from the beginning,
 * then pages between begin() and end(), and whatever of rest() … save(). Any thread asks. */
#ifndef HETANG_INSIGHT_STORE_H
#define HETANG_INSIGHT_STORE_H

#include "core/app.h"
#include "core/event.h"
#include "domain/insight/insight.h"

/* What the store holds of the log. */
struct insight_told {
    i64 seq;    /* facts up to this one, and people as they stood by then */
    i64 from;   /* whatever befell people by facts up to this one is in how facts were told */
    bool whole; /* it was all told once; else it is still being built, from `seq` on */
};

struct insight_store {
    const char *name;
    i64 page;    /* facts told at once, at most */
    i64 rest_ms; /* from one page to the next, unless there are more waiting */
    void *(*make)(struct app *app);
    void (*free)(void *store);
    /* What stands from before. ERR_NOT_FOUND: nothing of this log, and all has to be told.
     * ERR_UNAVAILABLE: not now; to be tried again. */
    enum err (*open)(void *store, struct insight_told *ret);
    /* The same for who only asks; NULL: nobody but this process has the store. */
    enum err (*look)(void *store, struct insight_told *ret);
    /* Nothing is in it any more. */
    enum err (*fresh)(void *store);

    /* A page of the log that ends with that fact, or of people alone (NULL). */
    void (*begin)(void *store, const struct event *last);
    /* The person and all their facts of before this page are gone. `erased`: and no word of theirs
     * may stay anywhere. */
    void (*forget)(void *store, i64 person, bool erased);
    /* Kept by reference until end(). */
    void (*fact)(void *store, const struct fact *f);
    void (*person)(void *store, const struct person *p);
    /* Everything up to the last fact has been told. Failing it says so nowhere, though some of the
     * page may be seen; it is told again. */
    enum err (*end)(void *store);

    /* After a page. `whole`: questions are asked already. */
    void (*rest)(void *store, bool whole);
    /* Everybody and everything has been told once. */
    enum err (*whole)(void *store);
    /* ERR_UNAVAILABLE: it is not as it was left, and has to be opened again. May be NULL. */
    enum err (*check)(void *store);
    /* A good moment to keep what a start would need; `now`: the last one. */
    void (*save)(void *store, bool now);

    enum err (*ask)(void *store, struct arena *a, const struct query *q, instant now,
                    const struct engine_limits *limits, struct result *ret);
    enum err (*fit)(void *store, const struct people *const *asked, size_t asked_count, instant now,
                    const i64 *persons, size_t count, bool *ret);
    enum err (*types)(void *store, struct arena *a, struct engine_type **ret, size_t *ret_count);
    enum err (*stats)(void *store, struct engine_stats *ret);
    /* Why it cannot be told or asked just now, in both languages; none: nothing is wrong. */
    void (*problem)(void *store, struct arena *a, str *ret_zh, str *ret_en);
};

extern const struct insight_store engine_store;
/* Used instead by insight when it is started next; NULL: none is. */
void insight_offer(const struct insight_store *store);

#endif
