/* What the parts of the store share. */
#ifndef HETANG_CLICKHOUSE_STORE_INTERNAL_H
#define HETANG_CLICKHOUSE_STORE_INTERNAL_H

#include <pthread.h>

#include "base/map.h"
#include "base/vec.h"
#include "connect/clickhouse/http.h"
#include "domain/insight/store.h"
#include "engine/clickhouse.h"

struct shard {
    i64 seq, mark;                /* told up to this fact, which was received then (ms) */
    struct strbuf facts, persons; /* of the page: statements that are not sent yet */
    VEC(i64) dropped, erased;     /* people of the page */
};

/* Something that costs a walk over everything, kept for a while. */
struct cached {
    struct arena arena;
    str rows;
    i64 at_us, took_us; /* at_us 0: nothing */
};

struct remote {
    struct app *app;
    struct arena arena; /* of the address and the token */
    struct clickhouse_address at;
    struct clickhouse_place place;
    struct clickhouse_http *http;
    const char *wrong; /* with the address; NULL: nothing */
    str token;         /* of this instance's log */
    /* of the thread that tells */
    struct shard shards[CLICKHOUSE_HOSTS_MAX];
    struct arena page;
    const struct event *last;
    struct map dropped; /* people of the page */
    i64 version;        /* of the rows of this page */
    i64 told_version;   /* of the row that says how far it was told */
    bool whole;
    enum err failed; /* something of the page could not be sent */
    /* of everybody */
    _Atomic unsigned turn; /* which host is asked first */
    pthread_mutex_t lock;
    char zh[600], en[600]; /* guarded by lock: what is wrong */
    struct cached types, stats;
};

/* store.c: keeps the words of what failed, and returns the result. */
enum err said(struct remote *r, const struct clickhouse_call *c, size_t count);
enum err wrong(struct remote *r, const char *zh, const char *en);
void all_is_well(struct remote *r);
/* The same statement to every host. Replies are in the arena, a call for each. */
enum err say_all(struct remote *r, struct arena *a, str statement, i64 timeout_ms,
                 struct clickhouse_call **ret);
/* Statements, one a line, to every host, one after the other. */
enum err say_lines(struct remote *r, struct arena *a, str lines);

/* setup.c: version and cluster; tables; how far. */
enum err setup_look(struct remote *r);
enum err remote_open(void *store, struct insight_told *ret);
enum err remote_look(void *store, struct insight_told *ret);
enum err remote_fresh(void *store);
enum err remote_check(void *store);
enum err told_write(struct remote *r, struct arena *a);

/* tell.c */
void tell_begin(void *store, const struct event *last);
void tell_forget(void *store, i64 person, bool erased);
void tell_fact(void *store, const struct fact *f);
void tell_person(void *store, const struct person *p);
enum err tell_end(void *store);
void tell_done(struct remote *r);

#define STATEMENT_MS 60000
#define LOOK_MS      10000 /* what costs the server nothing */
#define TELLING      1     /* grows when facts, people or tables are told in another way */

#endif
