/* What the files of task share. */
#ifndef HETANG_TASK_INTERNAL_H
#define HETANG_TASK_INTERNAL_H

#include "domain/task/task.h"

/* What a change of a task must know of it. */
struct task_brief {
    bool care, open;
    customer_id customer;
    staff_id holder;
    department_id department;
};
/* Whatever the actor may see; ERR_NOT_FOUND if there is none. */
enum err task_brief_get(struct ctx *cx, task_id id, struct task_brief *ret);
/* task.due is written at this time, unless something is due earlier. */
enum err task_wake(struct ctx *cx, instant due);

extern const struct job_kind task_due_job, task_inherit_job;
extern const struct subscriber task_subscribers[1];
extern const struct person_part task_person_part;

#endif
