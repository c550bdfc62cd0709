/* task: what somebody is to do, by when, mostly about a customer: follow-ups by hand, and care that
 * rules make (domain/care).
 *
 * A task has one holder, or is for any member of a department: that of the customer whom nobody
 * owns. It is seen by whoever sees the customer (one about nobody: by whoever sees its holder), and
 * by those it is for. Being given a task shows the task and the customer's name, not the profile,
 * which stays within one's scope. When the customer gets another owner or store, what their former
 * people hold goes with them; when a member leaves, what they hold goes to the customers' owners,
 * else to the store by turn.
 *
 * Texts stay in the table and out of the log, so that erasing a person finds them: facts name the
 * task. */
#ifndef HETANG_TASK_H
#define HETANG_TASK_H

#include "core/ctx.h"
#include "core/module.h"
#include "domain/customer/customer.h"

ID_TYPE(task_id);
ID_TYPE(care_rule_id);

#define TASK_WHAT_MAX 500
#define TASK_NOTE_MAX 2000

extern const char *const task_kinds[];  /* follow_up care NULL */
extern const char *const task_states[]; /* open done dismissed NULL */

#define TASK(F, T)                                                                            \
    F(T, task_id, id, .doc = "Number")                                                        \
    F(T, str, kind, .choices = task_kinds, .doc = "By hand, or made by a care rule")          \
    F(T, str, what, .doc = "What to do")                                                      \
    F(T, customer_id, customer_id, .nullable = true, .doc = "About whom")                     \
    F(T, str, customer_name, .nullable = true, .doc = "Their name")                           \
    F(T, boolean, profile, .doc = "May whoever asks open that customer's page?")              \
    F(T, staff_id, staff_id, .nullable = true,                                                \
      .doc = "For whom; null: for any member of the department")                              \
    F(T, str, staff_name, .nullable = true, .doc = "Their name")                              \
    F(T, department_id, department_id, .nullable = true, .doc = "Whose customer it is about") \
    F(T, str, department_name, .nullable = true, .doc = "Its name")                           \
    F(T, instant, due_at, .doc = "By when")                                                   \
    F(T, str, state, .choices = task_states, .doc = "Where it stands")                        \
    F(T, str, note, .nullable = true, .doc = "What was said when it ended")                   \
    F(T, care_rule_id, rule_id, .nullable = true, .doc = "Which rule made it; null: by hand") \
    F(T, str, rule_name, .nullable = true, .doc = "Its name")                                 \
    F(T, str, by_name, .doc = "Who or what made it")                                          \
    F(T, instant, finished_at, .nullable = true, .doc = "When it ended")                      \
    F(T, str, finished_name, .nullable = true, .doc = "Who ended it")                         \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")                         \
    F(T, instant, created_at, .doc = "When it was made")
SCHEMA_STRUCT(task, TASK);

/* As far as the actor may see; ERR_NOT_FOUND otherwise. */
enum err task_get(struct ctx *cx, task_id id, struct task *ret);

struct task_new {
    const char *kind; /* of task_kinds */
    str what;
    customer_id customer; /* 0: about nobody */
    staff_id holder;      /* 0: any member of the customer's department */
    instant due;
    care_rule_id rule; /* kind care: which made it */
};
/* Emits task.created; task.due follows at its time. Inside a write, like all below. */
enum err task_add(struct ctx *cx, const struct task_new *t, task_id *ret);

enum task_end { TASK_DONE, TASK_DISMISSED };
/* Of an open task, whoever sees it. Emits task.done or task.dismissed. */
enum err task_finish(struct ctx *cx, task_id id, enum task_end end, str note);
/* Open again, with the same due time. */
enum err task_reopen(struct ctx *cx, task_id id);
/* `to` 0: to the department. Nothing happens if they have it already. */
enum err task_hand_over(struct ctx *cx, task_id id, staff_id to);

/* Whose work a customer is: their owner, unless that member is no longer active or is `except`;
 * else a member of their store who may work on tasks, by turn. 0: nobody; then the store's, if
 * there is one. */
enum err task_place(struct ctx *cx, customer_id customer, staff_id except, staff_id *ret);
/* The owner alone; 0 as above. */
enum err task_owner(struct ctx *cx, customer_id customer, staff_id except, staff_id *ret);
/* A member of the department who may work on tasks, by turn. 0: there is none. */
enum err task_turn(struct ctx *cx, department_id department, staff_id except, staff_id *ret);
/* It is about somebody else: people were parted, and what it was made for is the other's. */
enum err task_about(struct ctx *cx, task_id id, customer_id customer);
/* Open tasks of a customer go where the customer went: see above. */
enum err task_follow(struct ctx *cx, customer_id customer);

extern const struct event_type EV_TASK_CREATED, EV_TASK_DUE, EV_TASK_DONE, EV_TASK_DISMISSED,
    EV_TASK_REOPENED, EV_TASK_HANDED_OVER, EV_TASK_COMMENTED;
extern const struct module task_module, task_comment_module;

#endif
