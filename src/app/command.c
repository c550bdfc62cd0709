#include "app/command.h"

#include "base/log.h"
#include "base/time.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

int complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("hetang: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return EXIT_FAILED;
}

static int option_index(const struct command *c, str name)
{
    for (int i = 0; i < OPTIONS_MAX && c->options[i].name; i++)
        if (str_is(name, c->options[i].name))
            return i;
    return -1;
}

const char *option(const struct invocation *in, const char *name)
{
    int i = option_index(in->command, str_of(name));
    assert(i >= 0); /* an option the table does not have */
    return in->options[i];
}

bool option_i64(const struct invocation *in, const char *name, i64 otherwise, i64 min, i64 max,
                i64 *ret)
{
    const char *text = option(in, name);
    if (!text) {
        *ret = otherwise;
        return true;
    }
    if (str_to_i64(str_of(text), ret) && *ret >= min && *ret <= max)
        return true;
    complain("--%s must be a whole number from %lld to %lld", name, (long long)min, (long long)max);
    return false;
}

void progress(const struct invocation *in, const char *what, i64 done, i64 total)
{
    static i64 shown_us;
    static const char *ended; /* the step whose end was shown */
    i64 now = clock_monotonic_us();
    bool last = total && done >= total;
    if (in->json || (last ? ended == what : now - shown_us < (in->terminal ? 100000 : 2000000)))
        return;
    shown_us = now;
    ended = last ? what : NULL;
    if (!in->terminal) {
        if (total)
            fprintf(stderr, "%s: %lld of %lld\n", what, (long long)done, (long long)total);
        else
            fprintf(stderr, "%s: %lld\n", what, (long long)done);
        return;
    }
    if (!total) {
        fprintf(stderr, "\r\033[K%s %lld", what, (long long)done);
        return;
    }
    int filled = (int)(30 * done / total);
    fprintf(stderr, "\r\033[K%s [", what);
    for (int i = 0; i < 30; i++)
        fputs(i < filled ? "█" : "░", stderr);
    fprintf(stderr, "] %lld%% ", (long long)(100 * done / total));
}

void progress_end(const struct invocation *in)
{
    if (in->terminal && !in->json)
        fputs("\r\033[K", stderr);
}

void out_command_help(struct strbuf *sb, const struct command *c)
{
    out_fmt(sb, "hetang %s%s%s\n\n%s.\n", c->name, c->arguments[0] ? " " : "", c->arguments,
            c->summary);
    if (c->details)
        out_fmt(sb, "\n%s\n", c->details);
    if (c->options[0].name)
        out(sb, S("\nOptions:\n"));
    for (int i = 0; i < OPTIONS_MAX && c->options[i].name; i++) {
        const struct option *o = &c->options[i];
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        out_fmt(sb, "  %-28s %s\n", left, o->help);
    }
    out(sb, S("\nEvery command also takes --data FOLDER, --json, and each setting as --name value "
              "(hetang help settings).\n"));
}

static void print_help(const struct command *c)
{
    struct strbuf text CLEANUP(strbuf_done);
    strbuf_init(&text, NULL, 1 << 16);
    out_command_help(&text, c);
    fwrite(text.ptr, 1, text.len, stdout);
}

static int usage(const struct command *c, const char *format, ...) PRINTF(2, 3);
static int usage(const struct command *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("hetang: ", stderr);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nTry: hetang %s --help\n", c ? c->name : "");
    return EXIT_USAGE;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < commands_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* Settings on the command line beat the file, and the file is in the folder that the command line
 * names: so --data is looked for first, the file is read, then the rest. */
static int parse(struct invocation *in, int argc, char **argv)
{
    const struct command *c = in->command;
    const char *why, *env = getenv("HETANG_DATA");
    for (int pass = 0; pass < 2; pass++) {
        bool rest = false;
        for (int i = 0; i < argc; i++) {
            const char *arg = argv[i];
            if (rest || strncmp(arg, "--", 2) != 0 || !arg[2]) {
                rest |= strcmp(arg, "--") == 0;
                if (pass && strcmp(arg, "--") != 0) {
                    if (in->argument_count == ARGUMENTS_MAX)
                        return usage(c, "too many arguments");
                    in->arguments[in->argument_count++] = arg;
                }
                continue;
            }
            str name = str_of(arg + 2), value = name;
            str key = str_cut(&value, '=');
            bool inline_value = key.len < name.len;
            if (str_is(key, "help")) {
                print_help(c);
                return -1;
            }
            if (str_is(key, "json")) {
                in->json = true;
                continue;
            }
            int at = option_index(c, key);
            bool takes = at < 0 || c->options[at].value;
            const char *text = inline_value ? value.ptr : takes && i + 1 < argc ? argv[++i] : NULL;
            if (takes && !text)
                return usage(c, "--%.*s needs a value", STR_ARG(key));
            if (at >= 0) {
                in->options[at] = takes ? text : "";
            } else if (str_is(key, "data")) {
                free(in->config.data);
                in->config.data = xstrdup(str_of(text));
            } else if (pass && config_set(&in->config, key, str_of(text), &why) != OK) {
                return usage(c, "%s", why);
            }
        }
        if (pass == 0) {
            if (env && strcmp(in->config.data, "data") == 0) {
                free(in->config.data);
                in->config.data = xstrdup(str_of(env));
            }
            if (config_load(&in->config, &why) != OK) {
                complain("%s", why);
                return EXIT_FAILED;
            }
        }
    }
    if (in->argument_count < c->arguments_min || in->argument_count > c->arguments_max)
        return usage(
            c, in->argument_count < c->arguments_min ? "%s needs %s" : "%s takes no more than %s",
            c->name, c->arguments[0] ? c->arguments : "no arguments");
    return EXIT_OK;
}

int command_main(int argc, char **argv)
{
    struct invocation in = { .terminal = isatty(STDERR_FILENO) };
    bool wants_help = argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
    in.command = find(wants_help                          ? "help"
                      : strcmp(argv[1], "--version") == 0 ? "version"
                                                          : argv[1]);
    if (!in.command)
        return usage(NULL, "there is no command %s", argv[1]);
    config_init(&in.config);
    umask(0077); /* whatever we write may hold people's lives: nobody else's to read */
    int code = parse(&in, argc > 2 ? argc - 2 : 0, argv + 2);
    if (code == EXIT_OK)
        code = in.command->run(&in);
    config_done(&in.config);
    return code < 0 ? EXIT_OK : code;
}
