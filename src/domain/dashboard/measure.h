/* measure: what happened in a span, as far as the actor may see: people by whose customers they
 * are, orders by where they were sold. Figures (figure.def) are parts of it, or one part over
 * another. Orders and people are read by ranges of the indexes on time; nothing is kept beside
 * them, so nothing can differ from them. */
#ifndef HETANG_DASHBOARD_MEASURE_H
#define HETANG_DASHBOARD_MEASURE_H

#include "core/ctx.h"
#include "domain/dashboard/period.h"

enum part {
    PART_ONE, /* 1 */
    PART_PEOPLE,
    PART_JOINED,
    PART_LOST,
    PART_ORDERS,
    PART_SALES,
    PART_UNKNOWN, /* sales to nobody known */
    PART_REFUNDED,
    PART_BUYERS,
    PART_FIRST,
    PART_RETURNING,
    PART_REPEAT,
    PART_COUNT
};

struct measure {
    i64 parts[PART_COUNT];
};

/* How many people were known at an instant: the next one is counted from there. Zeroed at first. */
struct known_people {
    bool any;
    instant at;
    i64 people;
};

/* Only the parts of `wanted` (a bit each). Inside a read or write. */
enum err measure_span(struct ctx *cx, struct span s, uint32_t wanted, struct known_people *known,
                      struct measure *ret);

enum figure_unit { UNIT_COUNT, UNIT_MONEY, UNIT_SHARE };
enum figure_key {
#define FIGURE(key, ...) FIGURE_##key,
#include "domain/dashboard/figure.def"
#undef FIGURE
    FIGURE_COUNT
};
struct figure_row {
    const char *key;
    enum figure_unit unit;
    enum part over, under;
    const char *condition;
    const char *zh, *en, *zh_definition, *en_definition;
};
extern const struct figure_row figure_rows[FIGURE_COUNT];
extern const char *const figure_units[];
uint32_t figure_parts(const struct figure_row *f);
/* Counts and hundredths are whole; NaN: over nothing. */
f64 figure_value(const struct figure_row *f, const struct measure *m);
/* Who is behind it: JSON of the language of conditions; none if there is none. */
str figure_condition(struct arena *a, const struct figure_row *f, struct span s);

#endif
