/* What histories and questions are drawn from. */
#ifndef HETANG_ENGINE_RANDOM_INTERNAL_H
#define HETANG_ENGINE_RANDOM_INTERNAL_H

#include "base/base.h"
#include "engine_random.h"

#define RANDOM_NOW      INT64_C(1772416800000) /* 2026-03-02T02:00:00Z, a Monday */
#define RANDOM_TYPES    6
#define RANDOM_TEXTS    12
#define RANDOM_NUMBERS  12
#define RANDOM_ATTRS    7
#define RANDOM_PROPS    6
#define RANDOM_FAMILIES 2
#define RANDOM_KEYS     4

struct random_attr {
    const char *name;
    enum attr_kind kind;
};
struct random_prop {
    const char *name;
    enum value_kind kind; /* mostly */
};

extern const char *const random_types[RANDOM_TYPES], *const random_texts[RANDOM_TEXTS],
                                                         *const random_families[RANDOM_FAMILIES],
                                                             *const random_keys[RANDOM_KEYS];
extern const i64 random_numbers[RANDOM_NUMBERS];
extern const struct random_attr random_attrs[RANDOM_ATTRS];
extern const struct random_prop random_props[RANDOM_PROPS];

#define PICK(r, array) ((array)[rnd_below((r), COUNT(array))])

bool random_chance(struct rnd *r, uint64_t of_hundred);
struct value random_value(struct rnd *r, enum value_kind kind);
/* On the grid around now, mostly before it; now and then beside it, or where a day begins. */
instant random_instant(struct rnd *r, instant now, i64 grid_ms);

#endif
