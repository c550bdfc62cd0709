/* An instance in a temporary folder for unit tests that need one: SQLite, or a fresh database of
 * the PostgreSQL named by HETANG_TEST_PG. The clock is the test's. */
#ifndef HETANG_TEST_INSTANCE_H
#define HETANG_TEST_INSTANCE_H

#include "base/test.h"
#include "scratch.h"

#include "core/app.h"

struct instance {
    char folder[64];
    struct app app;
    struct arena arena;
};

void instance_open(struct instance *i, instant now);
void instance_close(struct instance *i); /* and removes the folder */
/* Runs `work` in a write at the instance's time; fails the test if it fails. */
void instance_write(struct instance *i, enum err (*work)(struct ctx *cx, void *arg), void *arg);
void instance_read(struct instance *i, enum err (*work)(struct ctx *cx, void *arg), void *arg);

#endif
