/* commands: what runs behind each row of the command table. */
#ifndef HETANG_COMMANDS_H
#define HETANG_COMMANDS_H

#include "app/command.h"
#include "app/modules.h"
#include "base/version.h"
#include "core/app.h"

int run_demo(struct invocation *in);
int serve_app(struct invocation *in); /* what serve does, for commands that end in it */
int run_init(struct invocation *in);
int run_serve(struct invocation *in);
int run_user(struct invocation *in);
int run_audit(struct invocation *in);
int run_import(struct invocation *in);
int run_export(struct invocation *in);
int run_backup(struct invocation *in);
int run_restore(struct invocation *in);
int run_migrate(struct invocation *in);
int run_config(struct invocation *in);
int run_query(struct invocation *in);
int run_engine(struct invocation *in);
int run_doctor(struct invocation *in);
int run_completion(struct invocation *in);
int run_openapi(struct invocation *in);
int run_version(struct invocation *in);
int run_help(struct invocation *in);

#endif
