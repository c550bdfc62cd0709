/* module: what a folder of src/domain (or of src/connect) gives to the house, as tables.
 * src/app/modules.c lists them all. */
#ifndef HETANG_MODULE_H
#define HETANG_MODULE_H

#include "core/ctx.h"
#include "core/schema.h"

struct reply;
struct event;
struct job;
struct metric;

enum method { GET, POST, PUT, PATCH, DELETE };
enum mode {
    READ,        /* one snapshot */
    WRITE,       /* one transaction; audited; takes an Idempotency-Key */
    WRITE_QUIET, /* one transaction, no audit row: facts from outside, a person's own reading state
                  */
    BARE,        /* no unit of work: the handler opens its own */
};

/* `in` is the filled struct of .in (NULL without one). May be run again from its start. */
typedef enum err route_run(struct ctx *cx, const void *in, struct reply *out);

struct route {
    enum method method;
    const char *path; /* "/api/v1/tags/{id}": {id} fills the field of that name in .in */
    route_run *run;
    const char *id; /* "tag.create": OpenAPI operation, audit action, metric label */
    enum perm perm;
    enum mode mode;
    const struct schema *in;  /* GET and DELETE: query; others: JSON body */
    const struct schema *out; /* NULL: 204 */
    bool listed;              /* the reply is { items: [out], next } */
    bool raw_in;              /* the body is not JSON: cx_body() */
    bool raw_out;             /* the reply is not JSON (file, event stream); .out NULL */
    bool no_csrf;             /* called by machines or before a session exists */
    bool slow;                /* hashes a password: at most half of the workers run such routes */
    bool quick;               /* reads a few rows by their keys: answered where the request arrives,
                                 if the engine is embedded; to hand it over would cost as much again */
    bool while_first_password; /* allowed before the first password was changed */
    /* What can be done before the transaction (reading a long body, say), so that nobody waits for
     * it: runs once, in a read where `perm` needs one, else without a unit of work; may keep what
     * it made in cx->prepared. */
    enum err (*prepare)(struct ctx *cx, const void *in);
    const char *doc;
};

/* A kind of fact in the log. */
struct event_type {
    const char *name; /* "tag.added" */
    const char *zh, *en;
    const char *props; /* "tag_id: id, source: text" for the documents */
};

/* Reads the log in order; each batch is handled in one write that also moves the cursor. */
struct subscriber {
    const char *name;
    const char *const *types; /* NULL-terminated; NULL: all */
    /* Which of these are wanted as things stand? Sets wanted[i], in the snapshot the facts were
     * read in; NULL: all. For one that often wants nothing: passing over facts costs no write. */
    enum err (*pick)(struct ctx *cx, const struct event *events, size_t count, bool *wanted);
    enum err (*handle)(struct ctx *cx, const struct event *events, size_t count);
    const char *doc;
};

/* Work in the background (core/job.h). */
struct job_kind {
    const char *name, *zh, *en;
    /* One step. Inside a write, unless .outside; sets *ret_more to be called again. */
    enum err (*step)(struct ctx *cx, struct job *job, bool *ret_more);
    void (*forget)(struct job *job); /* frees job->memory; may be NULL */
    bool outside;
    int attempts_max; /* then it is dead and waits for a person; 0: 8 */
    i64 every_ms;     /* runs by itself this often … */
    int daily_hour; /* … or once a day at this hour (1 … 24) of the business zone; 0: neither */
};

/* What a module does with its rows about a person when people are joined or parted, when one is
 * erased, or asks what is known. All inside one write. */
struct person_part {
    const char *kind; /* of its rows in merge_move */
    enum err (*join)(struct ctx *cx, i64 merge, customer_id from, customer_id into);
    enum err (*part)(struct ctx *cx, i64 merge, customer_id from, customer_id into);
    enum err (*forget)(struct ctx *cx, customer_id customer);
    /* Writes members into the open object of the person's export. */
    enum err (*tell)(struct ctx *cx, customer_id customer, struct json_writer *w);
};

struct module {
    const char *name;
    const struct route *routes;
    size_t route_count;
    const struct event_type *const *events;
    size_t event_count;
    const struct subscriber *subscribers;
    size_t subscriber_count;
    const struct job_kind *const *jobs;
    size_t job_count;
    const struct person_part *person;
    const struct metric *metrics;
    size_t metric_count;
    /* What the module needs in an empty instance (built-in roles …); runs at each start, must be
     * repeatable. */
    enum err (*seed)(struct ctx *cx);
    /* Starts and stops what lives in memory; may be NULL. */
    enum err (*start)(struct app *app);
    void (*stop)(struct app *app);
};

#define TABLE(rows) (rows), COUNT(rows)

#endif
