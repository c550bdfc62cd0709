/* What the files of care share. */
#ifndef HETANG_CARE_INTERNAL_H
#define HETANG_CARE_INTERNAL_H

#include "base/vec.h"
#include "domain/care/care.h"
#include "domain/condition/condition.h"

enum care_kind { CARE_BIRTHDAY, CARE_AFTER_ORDER, CARE_RHYTHM, CARE_DORMANT, CARE_KINDS };
enum care_giving { CARE_OWNER, CARE_TURN, CARE_STORE };

/* A rule ready to work. */
struct care_known {
    care_rule_id id;
    enum care_kind kind;
    enum care_giving gives_to;
    bool first_only, overdue, active;
    department_id fallback;
    i64 days;
    int hour;
    str name, text, condition_text;
    struct condition condition;
    instant since;
    day next_day; /* birthday: see the table */
    i64 next_id;
    i64 version;
};
struct care_book {
    VEC(struct care_known) rules;
};
/* Those that are switched on; of one kind, or CARE_KINDS: of all. */
enum err care_book_open(struct ctx *cx, enum care_kind kind, struct care_book *ret);
/* ERR_NOT_FOUND if it was removed; for its working, and as the API shows it. */
enum err care_known_get(struct ctx *cx, care_rule_id id, struct care_known *ret);
enum err care_rule_get(struct ctx *cx, care_rule_id id, struct care_rule *ret);
/* From what stands in the API's struct, also of a rule not saved yet. */
enum err care_known_of(struct ctx *cx, const struct care_rule *r, struct care_known *ret);

/* Days and moments (care.c). */
instant care_moment(day d, int hour);
/* When somebody born then celebrates next, on this day or later. */
day care_celebration(day born, day from);
/* The first moment at this hour, now or later. */
instant care_next_hour(instant now, int hour);
/* The last day whose moment has come. */
day care_reached(instant now, int hour);
/* A person's text. */
struct care_words {
    str name, store, staff;
    i64 days;
    day date;
};
str care_fill(struct arena *a, str text, const struct care_words *w);
enum err care_check_text(struct ctx *cx, str text);

/* Looking at people (care_look.c); all inside a write. */
struct care_person {
    customer_id id;
    str name, store;
    day birthday;
    instant joined, last_order;
    department_id department;
    struct profile *profile; /* made when a condition asks */
};
/* `any` false: joined into somebody, or erased. */
enum err care_person_get(struct ctx *cx, customer_id id, struct care_person *ret, bool *any);
/* Rules of rhythm and dormancy: makes a task whose moment has come, or says when to look again. */
enum err care_look(struct ctx *cx, const struct care_known *rule, struct care_person *p);
/* Makes the task of this birthday unless it is there or the condition does not hold. */
enum err care_birthday(struct ctx *cx, const struct care_known *rule, struct care_person *p,
                       day celebration);
/* The birthday job would have looked at them already. */
bool care_birthday_passed(const struct care_known *rule, customer_id id, day celebration);
/* Says when an order's task is to be made, if that is not over: `earliest` is the day before which
 * moments are. */
enum err care_order_plan(struct ctx *cx, const struct care_known *rule, i64 order, day earliest);
enum err care_order_due(struct ctx *cx, const struct care_known *rule, i64 order);
/* A timer's time has come; it is removed. */
enum err care_timer_fire(struct ctx *cx, const struct care_known *rule, customer_id customer,
                         str occasion);

/* Jobs (care_job.c). */
enum err care_timer_wake(struct ctx *cx, instant due);
/* After a rule was saved: applies it to whom it concerns. */
enum err care_apply(struct ctx *cx, const struct care_known *rule);
/* After it was switched off or removed: forgets its timers; of a removed one also dismisses what is
 * open. */
enum err care_stop(struct ctx *cx, care_rule_id id);
extern const struct job_kind care_birthday_job, care_timer_job, care_apply_job, care_stop_job;

/* Facts and people (care_sub.c). */
extern const struct subscriber care_subscribers[1];
extern const struct person_part care_person_part;

/* How many tasks a rule would make (care_preview.c). */
struct care_forecast {
    i64 now, in_7_days, in_30_days; /* each with the ones before it */
};
/* Within the actor's scope; of a saved rule without what it made. */
enum err care_preview(struct ctx *cx, const struct care_known *rule, struct care_forecast *ret);

#endif
