/* fact: what the engine is told, in the terms of the language (query.h). Texts are copied by
 * whoever keeps them. Numbers are any int64 of thousandths but NONE, which would be not there: sums
 * are wider than that (query.h). */
#ifndef HETANG_FACT_H
#define HETANG_FACT_H

#include "engine/query.h"

struct fact_prop {
    str name;
    struct value value;
};

struct fact {
    i64 person;
    i64 seq; /* no two facts have the same */
    str type;
    instant at;
    struct fact_prop *props; /* no two of one name */
    size_t prop_count;
};

struct person_attr {
    str name;
    enum attr_kind kind;
    i64 number; /* ATTR_NUMBER: thousandths; ATTR_BOOL: 0, 1; ATTR_DAY: day.n; ATTR_INSTANT: ms */
    str text;   /* ATTR_TEXT */
    str *texts; /* ATTR_LIST, no two alike: a comparison of a list holds if it holds for one of
                   them; not_in: for none */
    size_t text_count;
};

struct person_set {
    str name, key;
};

struct person {
    i64 id;
    struct person_attr *attrs; /* those that are there, no two of one name; of one name, everybody's
                                  is of one kind */
    size_t attr_count;
    struct person_set *sets;
    size_t set_count;
};

#endif
