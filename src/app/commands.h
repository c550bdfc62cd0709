/* commands: what runs behind each row of the command table. */
#ifndef HETANG_COMMANDS_H
#define HETANG_COMMANDS_H

#include "app/command.h"
#include "app/modules.h"
#include "core/app.h"

#define HETANG_VERSION "0.1.0"

int run_init(struct invocation *in);
int run_serve(struct invocation *in);
int run_user(struct invocation *in);
int run_import(struct invocation *in);
int run_export(struct invocation *in);
int run_openapi(struct invocation *in);
int run_version(struct invocation *in);
int run_help(struct invocation *in);

#endif
