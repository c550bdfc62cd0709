/* What the makers of random questions share. */
#ifndef HETANG_ENGINE_RANDOM_MAKER_H
#define HETANG_ENGINE_RANDOM_MAKER_H

#include "base/json.h"
#include "engine_random_internal.h"

struct maker {
    struct rnd *r;
    struct json_writer *w;
    instant now;
    i64 grid_ms;
    int leaves; /* that may still come */
    uint64_t breakdowns;
    struct breakdown_said {
        char by; /* 'a'ttribute, 'p'roperty, 's'et */
        size_t which;
    } said[QUERY_BREAKDOWNS_MAX];
    instant since, until; /* of the report */
};

/* engine_random_query.c */
void instant_out(struct maker *m, const char *key, instant t);
i64 span_new(struct maker *m);
void span_out(struct maker *m, const char *key, i64 ms);
void types_out(struct maker *m, const char *key);
void match_out(struct maker *m, const char *key);
void value_put(struct maker *m, const char *key, struct value v);
void people_out(struct maker *m, const char *key, int depth);
/* "since" and "until", wide, so that something lies between them; at most so many breakdowns; now
 * and then "people". */
void report_out(struct maker *m, uint64_t breakdowns);

/* A bar of the report, now and then: false: none. The end names its group. */
bool behind_open(struct maker *m);
void behind_close(struct maker *m);
/* The first instant of one of the report's periods before `until`, mostly. */
instant period_new(struct maker *m, enum period_unit unit, instant until);

/* engine_random_kinds.c: all of a question but its kind. */
void life_out(struct maker *m);
void stickiness_out(struct maker *m);
void paths_question(struct maker *m);
void attribution_question(struct maker *m);

#endif
