/* The module row of org, and what it does by itself. */
#include "domain/org/internal.h"

#include "domain/org/attempt.h"
#include "domain/org/session.h"

static enum err clean_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    (void)job;
    *ret_more = false;
    TRY(session_clean(cx));
    return attempt_clean(cx);
}

static const struct job_kind clean_job = { .name = "session_clean",
                                           .zh = "清理过期会话",
                                           .en = "Remove expired sessions",
                                           .step = clean_step,
                                           .every_ms = HOUR_MS };
static const struct job_kind *const jobs[] = { &clean_job };
static const struct event_type *const events[] = { &EV_STAFF_JOINED, &EV_STAFF_LEFT };

const struct module org_module = { .name = "org",
                                   .events = events,
                                   .event_count = COUNT(events),
                                   .jobs = jobs,
                                   .job_count = COUNT(jobs),
                                   .seed = org_seed };
