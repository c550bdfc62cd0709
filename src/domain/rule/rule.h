/* rule: tags and stages that follow what people do and the passing of time.
 *
 * A tag rule gives its tag to whom its condition holds for and takes it from the others; a stage is
 * the last one of the list whose condition holds. A person is looked at again when a fact about
 * them was written (a subscriber of the log) and when the next moment comes at which time alone may
 * change an answer (rule_timer, one row a person, one waiting job for the earliest). When a rule is
 * saved, a job looks at everybody. */
#ifndef HETANG_RULE_H
#define HETANG_RULE_H

#include "core/ctx.h"
#include "core/module.h"
#include "domain/condition/condition.h"
#include "domain/tag/tag.h"

ID_TYPE(tag_rule_id);

/* All active rules and stages, read once for many people. */
struct rule_book;
enum err rule_book_open(struct ctx *cx, struct rule_book **ret);
/* Looks at one person: tags, stage, timer. Inside a write. */
enum err rule_apply(struct ctx *cx, const struct rule_book *book, customer_id customer);
/* A job that looks at everybody, from the beginning if one is under way. */
enum err rule_apply_all(struct ctx *cx);
/* Stops the rule for good; a job then lets go of the tags it has given: `given` (of rule_endings)
 * keep makes them as if given by the hand of the actor, take takes them away. *ret_people: how many
 * have one. Inside a write. */
enum err rule_end(struct ctx *cx, tag_rule_id rule, tag_id tag, str given, i64 *ret_people);
extern const char *const rule_endings[]; /* NULL-terminated */
extern const struct job_kind rule_ending_job;
/* Keeps which tags and segments a condition names, so that they cannot be removed meanwhile. */
enum err condition_uses_put(struct ctx *cx, const char *owner, i64 id, const struct condition *c);
enum err condition_uses_remove(struct ctx *cx, const char *owner, i64 id);

/* Tag groups, tags and rules of the playbooks, to be installed in one step (preset.c). */
enum err preset_install(struct ctx *cx, str key, i64 *ret_tags);

extern const struct event_type EV_STAGE_CHANGED;
extern const struct module rule_module, stage_module, preset_module;

#endif
