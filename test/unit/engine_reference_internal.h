/* What the parts of the plain evaluator share. */
#ifndef HETANG_ENGINE_REFERENCE_INTERNAL_H
#define HETANG_ENGINE_REFERENCE_INTERNAL_H

#include "base/base.h"
#include "engine_reference.h"

/* A person and their facts until now, in order. */
struct life {
    const struct person *person;
    const struct fact **facts;
    size_t n;
};

/* One question: the lives of those it is about. */
struct asked {
    struct arena *a;
    const struct query *q;
    instant now;
    struct life *lives;
    size_t life_count;
};

struct keys {
    struct group_key *at;
    size_t n;
};

const struct value *prop_of(const struct fact *f, str name); /* NULL: not there */
bool match_holds(const struct match *m, const struct fact *f);
bool in_range(const struct query *q, const struct fact *f);
/* The groups a person is in by one breakdown, with a fact whose properties count: at least one. */
struct keys keys_of(const struct asked *x, const struct breakdown *b, const struct life *l,
                    const struct fact *f);
/* Larger first, then by the keys. */
int group_order(i64 size_a, i64 size_b, const struct group_key *a, const struct group_key *b,
                size_t keys);
i64 element(struct arena *a, const i64 *numbers, size_t n, size_t at); /* of the sorted numbers */

/* Numbers of people, perhaps several times. */
struct ids {
    i64 *at;
    size_t n, cap;
};

const struct person_attr *attr_of(const struct person *p, str name); /* NULL: not there */
/* The facts that lie in the window, in order. False if it has an anchor and the person does not. */
bool windowed(const struct window *w, const struct life *l, instant now, const struct fact **ret,
              size_t *ret_n);
i64 distinct(const struct fact **facts, size_t n, str prop); /* values */

bool people_fit(const struct people *p, const struct life *l, instant now);
void funnel_ask(const struct asked *x, struct funnel_result *ret);
void retention_ask(const struct asked *x, struct retention_result *ret);
/* Of calendar units: the first day of the period a day lies in; the first instant of the n-th after
 * the one that begins on that day. */
day calendar_first(enum period_unit unit, day d);
instant calendar_begins(enum period_unit unit, day first, i64 n);
void activity_ask(const struct asked *x, struct activity_result *ret);
void paths_ask(const struct asked *x, struct paths_result *ret);
enum err attribution_ask(const struct asked *x, struct attribution_result *ret);
void rfm_ask(const struct asked *x, struct rfm_result *ret);
void trend_ask(const struct asked *x, struct trend_result *ret);
/* Of all there are, not only of those who fit. */
void segment_ask(const struct asked *x, const struct life *all, size_t count, struct result *ret);
void profile_ask(const struct asked *x, const struct life *all, size_t count,
                 struct profile_result *ret);
void overlap_ask(const struct asked *x, const struct life *all, size_t count,
                 struct overlap_result *ret);
void diagnosis_ask(const struct asked *x, struct diagnosis_result *ret);
/* The level of a person, and the times of their chain. */
size_t funnel_times(const struct query *q, const struct life *l, i64 ret[QUERY_STEPS_MAX]);
/* Who has a unit behind the bar that is asked for. */
void funnel_behind(const struct asked *x, struct ids *ret);
void retention_behind(const struct asked *x, struct ids *ret);
void trend_behind(const struct asked *x, struct ids *ret);
void rfm_behind(const struct asked *x, struct ids *ret);
void activity_behind(const struct asked *x, struct ids *ret);
void paths_behind(const struct asked *x, struct ids *ret);
void attribution_behind(const struct asked *x, struct ids *ret);

#endif
