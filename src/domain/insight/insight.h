/* insight: a store of facts (store.h: the engine, or a server beside it) told of the log and of
 * people, and asked in the product's words.
 *
 * One thread keeps it: it reads the log from where the store stands, tells each fact and,
 * of whoever a fact is about, how they stand now (person.c says what is told of a person). What
 * changes without a fact (a new RFM run, an attribute that was archived) is found by walking over
 * everybody.
 *
 * The words of a question are those of engine/query.h and besides, of people (question.c):
 *     { "tag": 12 | "spend:over-900", "is": true }     { "identity": "mobile", "is": true }
 *     { "consent": "sms", "is": "granted" }            { "rfm": "tier", "in": ["gold"] }
 *     { "order": "count", "gte": 2 }                   { "attr": "age", "gte": 18, "lte": 30 }
 *     { "attr": "department", "in": [3], "below": true }
 *     { "segment": 17, "is": true }
 * Money is in fen. Answers hold for the people an actor may see, and no others. */
#ifndef HETANG_INSIGHT_H
#define HETANG_INSIGHT_H

#include "core/ctx.h"
#include "core/module.h"
#include "engine/engine.h"

struct insight_answer {
    struct query query;
    struct result result;
    i64 seq;      /* facts up to this one are in the answer */
    instant upto; /* as of when */
    i64 took_us;
};
/* Inside a read or write. ERR_NOT_READY while the index is being built. `described` is the
 * question; failures name the place in it, behind `field`. */
enum err insight_ask(struct ctx *cx, const char *field, doc described, struct insight_answer *ret);

/* Whether it is a question at all, without asking it, and what kind of answer it has: for who keeps
 * questions. */
enum err insight_check(struct ctx *cx, const char *field, doc described, enum query_kind *ret_kind);

/* JSON Schema (2020-12) of questions in the product's words. */
str insight_schema(void);

/* The conditions of people in the words of the engine, for whoever asks it without a scope. */
enum err insight_people(struct ctx *cx, const char *field, doc described, struct people **ret);
/* The same of the segment `self`, which may not come back to itself. */
enum err insight_people_of(struct ctx *cx, const char *field, i64 self, doc described,
                           struct people **ret);

/* Where a segment's people come from: set by domain/segment, which is above this. `static_list`:
 * they are told as the set "list" of that key, else by a description. ERR_NOT_FOUND. */
struct insight_segment {
    bool static_list;
    str condition;
};
typedef enum err insight_segment_find(struct ctx *cx, i64 id, struct insight_segment *ret);
extern insight_segment_find *insight_segments;

/* For whoever keeps up with the index (domain/segment): called by its thread after each page of the
 * log was told. May be called before anybody listens; must not wait. */
struct insight_news {
    const i64 *persons; /* whose facts or attributes are new */
    size_t person_count;
    const str *types; /* of the facts, each once */
    size_t type_count;
    bool everybody;  /* attributes of all may have changed */
    bool attributes; /* of some may have */
};
typedef void insight_listener(struct app *app, const struct insight_news *news);
void insight_listen(struct app *app, insight_listener *listener); /* NULL: nobody any more */
/* False while the index is being built. */
bool insight_ready(const struct app *app);
/* Everybody for whom it holds, ascending; without a scope. */
enum err insight_everybody(struct app *app, struct arena *a, const struct people *p, instant now,
                           i64 **ret, size_t *ret_count);
/* Who of a few (engine_fit). */
enum err insight_fit(struct app *app, const struct people *const *asked, size_t asked_count,
                     instant now, const i64 *persons, size_t count, bool *ret);
/* Everybody is told anew: something about many has changed without a fact about each. */
void insight_sweep(struct app *app);

/* For a command beside or without a server: an index of its own, in memory, of the log as it is;
 * or the store that servers tell. `tell` hears how far it has come. insight_module.stop() ends it.
 */
enum err insight_build(struct app *app, void (*tell)(void *arg, i64 done, i64 total), void *arg);

/* How the store of facts stands. */
struct insight_state {
    const char *store; /* which kind it is */
    bool ready;
    i64 seq;         /* told up to here */
    i64 done, total; /* while it is being built: facts */
};
void insight_state(const struct app *app, struct insight_state *ret);
/* How many people and facts there are, and what memory they take here; nothing where that cannot be
 * said now. */
void insight_stats(const struct app *app, struct engine_stats *ret);
/* Why it cannot be told or asked just now, in both languages; none: nothing is wrong. */
void insight_problem(const struct app *app, struct arena *a, str *ret_zh, str *ret_en);
/* What can be asked about (engine_types); nothing while it is being built. */
enum err insight_types(struct app *app, struct arena *a, struct engine_type **ret,
                       size_t *ret_count);

extern const struct module insight_module;

#endif
