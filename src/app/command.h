/* command: the command line as a table. Help, completion and the reference page are made of it. */
#ifndef HETANG_COMMAND_H
#define HETANG_COMMAND_H

#include "base/base.h"
#include "core/config.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct option {
    const char *name;  /* "customers": --customers N */
    const char *value; /* what stands for its value in help; NULL: a switch */
    const char *help;
};

#define OPTIONS_MAX   16
#define ARGUMENTS_MAX 16
struct invocation {
    struct config config;
    const struct command *command;
    const char *options[OPTIONS_MAX]; /* value, "" for a switch, NULL if absent; in the order of the
                                         command's options */
    const char *arguments[ARGUMENTS_MAX];
    int argument_count;
    bool json;     /* --json: for machines */
    bool terminal; /* standard error is one: bars instead of lines */
};

struct command {
    const char *name, *arguments, *summary;
    const char *details; /* more, for --help; may be NULL */
    int (*run)(struct invocation *in);
    int arguments_min, arguments_max;
    struct option options[OPTIONS_MAX];
};

extern const struct command commands[];
extern const size_t commands_count;

/* NULL if absent. */
const char *option(const struct invocation *in, const char *name);
/* A whole number in range, or `otherwise` if absent; prints what is wrong and returns false. */
bool option_i64(const struct invocation *in, const char *name, i64 otherwise, i64 min, i64 max,
                i64 *ret);
int complain(const char *format, ...) PRINTF(1, 2); /* prints "hetang: …"; returns EXIT_FAILED */
/* A step of something long: a bar on a terminal, now and then a line otherwise. total 0: not known.
 */
void progress(const struct invocation *in, const char *what, i64 done, i64 total);
void progress_end(const struct invocation *in);

int command_main(int argc, char **argv);
void out_command_help(struct strbuf *sb, const struct command *c);

#endif
