/* care: rules that make tasks about people by themselves: before a birthday, after an order, every
 * so often for those who matter most, when somebody has not ordered for long.
 *
 * An occasion is a person's birthday of a year, an order, the last contact or the last order. A
 * rule makes one task a person and occasion, whatever happens (care_made has a row of each). Nobody
 * is looked at each day: birthdays are found by their index, orders by their facts, and for the
 * other two kinds each person has one row that says when to look again (care_timer), renewed by the
 * facts after which a person may be another. A rule that is saved is applied by a job in steps.
 *
 * All days are civil days of the business zone, all moments the rule's hour of such a day. Whoever
 * is born on 29 February celebrates on the 28th in other years. */
#ifndef HETANG_CARE_H
#define HETANG_CARE_H

#include "core/ctx.h"
#include "core/module.h"
#include "domain/task/task.h"

#define CARE_RULES_MAX 100

extern const char *const care_kinds[];   /* birthday after_order rhythm dormant NULL */
extern const char *const care_orders[];  /* first each NULL */
extern const char *const care_givings[]; /* owner turn store NULL */

#define CARE_RULE(F, T)                                                                           \
    F(T, care_rule_id, id, .doc = "Number")                                                       \
    F(T, str, key, .nullable = true, .doc = "Of an installed example")                            \
    F(T, str, name, .doc = "Shown name")                                                          \
    F(T, str, kind, .choices = care_kinds,                                                        \
      .doc = "Before a birthday; after an order; a visit every so often since the last order or " \
             "task done; no order for long")                                                      \
    F(T, i64, days, .doc = "How many days before or after, or how often")                         \
    F(T, i64, hour, .doc = "At which hour of the business zone")                                  \
    F(T, str, orders, .choices = care_orders, .doc = "after_order: of the first one or of each")  \
    F(T, json, condition, .nullable = true, .doc = "For whom; null: for everybody")               \
    F(T, str, text, .doc = "What the task says, with {name} {store} {staff} {days} {date}")       \
    F(T, str, gives_to, .choices = care_givings,                                                  \
      .doc = "The customer's owner; one of the store by turn; any member of the store")           \
    F(T, department_id, fallback_department_id, .nullable = true,                                 \
      .doc = "Whose manager gets it when gives_to finds nobody; null: the customer's store")      \
    F(T, boolean, overdue,                                                                        \
      .doc = "rhythm, dormant: also for whom the time had passed when it was switched on")        \
    F(T, boolean, active, .doc = "It works")                                                      \
    F(T, instant, since_at, .doc = "When it was last switched on")                                \
    F(T, i64, made, .doc = "How many tasks it made")                                              \
    F(T, i64, open, .doc = "How many of them are open")                                           \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")                             \
    F(T, instant, created_at, .doc = "When it was made")
SCHEMA_STRUCT(care_rule, CARE_RULE);

/* Makes a rule of an example, or finds the one that was made of it. ERR_NOT_FOUND: no such example.
 * Inside a write. */
enum err care_preset_install(struct ctx *cx, str key, struct care_rule *ret, bool *ret_new);

extern const struct module care_module;

#endif
