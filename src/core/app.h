/* app: one running instance: its folder, database, keys, clock and modules. Made by app_open();
 * commands that need no server (import, backup, user …) use the same. */
#ifndef HETANG_APP_H
#define HETANG_APP_H

#include <stdatomic.h>

#include "core/config.h"
#include "core/module.h"
#include "core/secret.h"
#include "store/db.h"

struct event_types;
struct log_reader;
struct job_runner;
struct runs;
struct dedupe;
struct runs;

enum app_use {
    APP_SERVE, /* locks the folder, migrates; there must be an instance */
    APP_WORK,  /* the same, for a command that runs and ends */
    APP_MAKE,  /* the same, and makes what is missing */
    APP_LOOK,  /* no lock, no migration, nothing is made: beside a running server */
};

struct app {
    struct config config;
    enum app_use use;
    struct db *db;
    struct secrets *secrets;
    const struct module *const *modules;
    size_t module_count;
    struct event_types *types;
    struct log_reader *log;  /* NULL: subscribers are not run in this process */
    struct job_runner *jobs; /* NULL: jobs are not run in this process */
    struct runs *timeline;   /* NULL: opened to look only */
    struct dedupe *dedupe;   /* NULL likewise */
    bool disposable;         /* set before app_open(): db_options.disposable */
    int lock_fd;             /* the folder's lock; -1: opened without */
    _Atomic i64 clock_ms;    /* 0: the system's; else the time set by a test */
    _Atomic uint64_t
        commits; /* counts writes of this process; the log reader and live pages wait on it */
    _Atomic uint32_t
        undone; /* counts writes that were undone: what was cached inside one may be wrong */
    _Atomic i64 jobs_touched_us;       /* monotonic; when a job was last added or moved here */
    _Atomic i64 deliveries_touched_us; /* the same for deliveries of webhooks */
    void *connect;         /* functions into the outside world, set by app/main.c (floor 4) */
    struct org_cache *org; /* in-memory state of modules, each made by its start() */
    struct customer_cache *customers;
    struct live *live;
    struct webhook_sender *webhook_sender;
    struct insight *insight;
    struct segment_keeper *segments;
};

/* Opens everything. *ret_reason is for a person. On failure nothing stays open. */
enum err app_open(struct app *app, enum app_use use, const char **ret_reason);
void app_close(struct app *app);
str app_path(const struct app *app, struct arena *a,
             const char *name); /* of a file in the data folder, NUL-terminated */
/* A new name in the folder for files of the moment, which is emptied at each start. */
str app_temp_path(const struct app *app, struct arena *a, const char *suffix);
instant app_now(const struct app *app);
/* Threads that run requests, and those of the network: as set, or by the machine's cores. */
int app_workers(const struct app *app);
int app_loops(const struct app *app);
/* Test mode only. */
void app_clock_set(struct app *app, instant now);
/* ERR_DISK_FULL when the data folder has less room than the reserve. */
enum err app_disk_check(const struct app *app);

/* Waits until a write was committed after `seen`, the clock was moved, or `timeout_ms` passed.
 * Returns the new count. */
uint64_t app_wait_commit(struct app *app, uint64_t seen, i64 timeout_ms);
void app_wake(struct app *app);
/* In a write that leaves work for a thread which looks after commits: `mark` is one of the app's.
 */
void app_touch(_Atomic i64 *mark);
/* After a setting that is AT_ONCE has changed: what keeps a copy of it learns of it. Any thread. */
void app_setting_apply(struct app *app, const struct config_row *row);
const struct event_type *module_event(const struct app *app, str name);

/* Small values that an operator sets in the console (brand name, business rules of a module), as
 * JSON by key. */
enum err setting_get(struct ctx *cx, const char *key, str *ret_json); /* none if not set */
enum err setting_set(struct ctx *cx, const char *key, str json);

#endif
