/* job_api: jobs (core/job.h) as those who look after the house see them: what waits, runs or has
 * failed, who asked for it, and the few things a person may do about it. */
#ifndef HETANG_JOB_API_H
#define HETANG_JOB_API_H

#include "core/module.h"

extern const struct module job_api_module;

#endif
