/* doctor: checks that find things, each with its cure. doctor.c looks at the machine, doctor_data.c
 * at what is kept. */
#ifndef HETANG_DOCTOR_H
#define HETANG_DOCTOR_H

#include "app/commands.h"
#include "base/vec.h"

enum health { FINE, WARN, BAD };

struct finding {
    const char *check;
    enum health health;
    str text, cure; /* cure: what to type or do; none when all is well */
};

struct checkup {
    struct config *config;
    struct arena *arena;
    const char *check; /* the one that runs */
    VEC(struct finding) findings;
};

void found(struct checkup *c, enum health health, const char *cure, const char *format, ...)
    PRINTF(4, 5);
const char *cure(struct checkup *c, const char *format, ...) PRINTF(2, 3);

void check_tls(struct checkup *c);
void check_key(struct checkup *c);
void check_database(struct checkup *c);
void check_contents(struct checkup *c); /* only where the database is good */

#endif
