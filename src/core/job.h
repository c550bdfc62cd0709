/* job: work in the background, as rows: what, with what, when due, how often tried, how far along.
 *
 * A kind (module.h: struct job_kind) is run step by step; each step is one write that also keeps
 * the job's progress and state, so a process that dies continues where the last step ended. A
 * failed step is tried again with growing pauses; after attempts_max the job is dead and waits in
 * the console. Pending jobs cost nothing until they are due.
 *
 * Whoever runs a job holds a lease on it. A step that ends after its lease was lost (another node
 * took the job over) is undone, so each step's work is there once. */
#ifndef HETANG_JOB_H
#define HETANG_JOB_H

#include "core/app.h"
#include "core/ctx.h"
#include "core/module.h"

struct job {
    job_id id;
    const struct job_kind *kind;
    str payload;     /* JSON object, never changed */
    str state;       /* JSON object of the kind's own, kept after each step; none at first */
    i64 done, total; /* progress; total 0: not known */
    str result;      /* JSON object for the one who waits; kept when it ends */
    staff_id by;     /* who asked; 0: the house */
    int attempts;
    instant again; /* job_next() */
    instant taken; /* when this process took it up */
    instant lease; /* ours until then */
    bool redone;   /* this step was begun before and undone; `memory` may be ahead of `state` */
    void *memory;  /* the kind's own, from the first step to .forget; lost with the process */
    struct arena *arena; /* of state and result: lives as long as the run */
};

struct job_new {
    const struct job_kind *kind;
    str payload; /* none: {} */
    instant due; /* 0: now */
    str dedupe;  /* at most one unfinished job of this key; none: any number */
    staff_id by;
};

/* Inside a write. *ret_id (may be NULL) is the job's, or the one's that already waits under the
 * same key. */
enum err job_add(struct ctx *cx, const struct job_new *j, job_id *ret_id);
/* A job that has already failed for good: for what must not be lost and cannot be done. */
enum err job_add_dead(struct ctx *cx, const struct job_kind *kind, str payload, str error);
/* Moves an unfinished job of this key to another time; adds it if there is none. */
enum err job_reschedule(struct ctx *cx, const struct job_new *j);
/* The same, only if that is earlier than it is due now. */
enum err job_earlier(struct ctx *cx, const struct job_new *j);
enum err job_cancel_key(struct ctx *cx, str dedupe);
/* Those of a kind that wait or run; a running one ends after its present step. */
enum err job_cancel_kind(struct ctx *cx, const struct job_kind *kind);
/* From within its last step: the job waits again until then instead of ending. */
enum err job_next(struct ctx *cx, struct job *job, instant due);
const struct job_kind *job_kind_find(const struct app *app, str name);

extern const char *const job_states[]; /* NULL-terminated */
#define JOB_STATES 6
/* How many there are in each of job_states. */
enum err job_counts(struct ctx *cx, i64 ret[JOB_STATES]);
/* When the first of those that wait or run is due; NONE if none does. */
enum err job_oldest_due(struct ctx *cx, i64 *ret_ms);
bool job_recurs(const struct job_kind *kind);

/* Keeps `state` for the next step (a copy is taken). */
void job_keep(struct job *job, str state);
void job_result(struct job *job, str result);

/* Threads that run what is due. */
enum err jobs_start(struct app *app);
void jobs_stop(struct app *app); /* waits for the running steps to end */
/* Inside a write: what was being run when its process ended is due at once. On SQLite with the
 * folder's lock ours nobody else can be running it; on PostgreSQL another node may, and its lease
 * decides. */
enum err jobs_adopt(struct ctx *cx);
/* Runs what is due until nothing is, in the caller's thread. `only` NULL: all kinds. */
enum err jobs_drain(struct app *app, const struct job_kind *only);
/* Adds the jobs that run by themselves (every_ms, daily_hour). */
enum err jobs_schedule(struct ctx *cx);

extern const struct module core_module; /* jobs of the house: retries, clean-up */

#endif
