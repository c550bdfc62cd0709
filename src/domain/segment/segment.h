/* segment: people who fit a description, kept up to date (live), or who were chosen (list).
 *
 * Who is a member stands in a table; entering and leaving are facts (segment.entered,
 * segment.exited) in the write that changes it. keeper.c works out who should be one by the column
 * index: of those a fact was about at once, and of everybody whose answer may have changed by time
 * alone a few times a minute. A segment that is new, or whose description was changed, is filled
 * without facts: people have not moved, the brand has looked elsewhere.
 *
 * Segments may name each other, not themselves. Rules and stages name none (rule.c says why). */
#ifndef HETANG_SEGMENT_H
#define HETANG_SEGMENT_H

#include "core/ctx.h"
#include "core/module.h"
#include "domain/customer/customer.h"

ID_TYPE(segment_id);

#define SEGMENTS_MAX     1000
#define SEGMENT_LIST_MAX 10000 /* people added to a list by one request */

extern const char *const segment_kinds[]; /* live list NULL */

#define SEGMENT(F, T)                                                                          \
    F(T, segment_id, id, .doc = "Number")                                                      \
    F(T, str, name, .doc = "Shown name")                                                       \
    F(T, str, description, .nullable = true, .doc = "What it is for")                          \
    F(T, str, kind, .choices = segment_kinds,                                                  \
      .doc = "live: follows its condition; list: who was chosen")                              \
    F(T, json, condition, .nullable = true, .doc = "Of a live one: who is in it")              \
    F(T, str, state, .choices = segment_states, .doc = "building: not everybody is in it yet") \
    F(T, i64, people, .doc = "Members, whoever may see them")                                  \
    F(T, i64, entered_7d, .doc = "Came in the last seven days, today among them")              \
    F(T, i64, exited_7d, .doc = "Went in the last seven days")                                 \
    F(T, i64, uses, .doc = "Views, other segments and the like that name it")                  \
    F(T, str, by_name, .nullable = true, .doc = "Who made it")                                 \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")                          \
    F(T, instant, created_at, .doc = "When it was made")                                       \
    F(T, instant, changed_at, .doc = "When its name, purpose or condition was last changed")
extern const char *const segment_states[]; /* building ready NULL */
SCHEMA_STRUCT(segment, SEGMENT);

enum err segment_get(struct ctx *cx, segment_id id, struct segment *ret); /* ERR_NOT_FOUND */
/* A live one; it fills itself once a server runs. Failures name members of the condition behind
 * "condition". Inside a write. */
enum err segment_add(struct ctx *cx, str name, str description, doc condition, segment_id *ret);

/* Somebody enters or leaves. *ret_changed: they had not been, or had. Inside a write. `quiet`: no
 * fact, no count of the day. */
struct segment_move {
    segment_id segment;
    customer_id customer;
    bool in, quiet;
};
enum err segment_move(struct ctx *cx, const struct segment_move *m, bool *ret_changed);
/* After the moves of one write: so many came and went. */
enum err segment_count(struct ctx *cx, segment_id id, i64 came, i64 went, bool quiet);

/* keeper.c */
enum err segment_keeper_start(struct app *app);
void segment_keeper_stop(struct app *app);

extern const struct event_type EV_SEGMENT_ENTERED, EV_SEGMENT_EXITED;
extern const struct module segment_module;

#endif
