/* hetang completion: what the shell offers behind `hetang`, made of the command table. */
#include "app/commands.h"

/* "add|password|unlock [LOGIN]": words a person can type, until the first that stands for something
 * else. */
static void out_words(struct strbuf *sb, const char *arguments)
{
    str rest = str_of(arguments), first = str_cut(&rest, ' ');
    bool bracket = str_starts(first, S("["));
    first = bracket ? str_head(str_from(first, 1), first.len - 2) : first;
    while (first.len) {
        str word = str_cut(&first, '|');
        if (word.len && word.ptr[0] >= 'a' && word.ptr[0] <= 'z')
            out_fmt(sb, " %.*s", STR_ARG(word));
    }
}

static void out_setting(struct strbuf *sb, const char *name)
{
    out(sb, S(" --"));
    for (; *name; name++)
        out_c(sb, *name == '_' ? '-' : *name);
}

static void out_option_words(struct strbuf *sb, const struct command *c)
{
    for (int i = 0; i < OPTIONS_MAX && c->options[i].name; i++)
        out_fmt(sb, " --%s", c->options[i].name);
    out(sb, S(" --data --json --help"));
}

static void out_bash(struct strbuf *sb)
{
    out(sb, S("# For bash; read by: source <(hetang completion bash)\n"
              "_hetang() {\n"
              "  local word=${COMP_WORDS[COMP_CWORD]} words settings='"));
    for (size_t i = 0; i < config_row_count; i++)
        out_setting(sb, config_rows[i].name);
    out(sb, S("'\n  COMPREPLY=()\n  if [ \"$COMP_CWORD\" = 1 ]; then\n    words='"));
    for (size_t i = 0; i < commands_count; i++)
        out_fmt(sb, "%s%s", i ? " " : "", commands[i].name);
    out(sb, S("'\n  else\n    case ${COMP_WORDS[1]} in\n"));
    for (size_t i = 0; i < commands_count; i++) {
        out_fmt(sb, "      %s) words='", commands[i].name);
        out_words(sb, commands[i].arguments);
        out_option_words(sb, &commands[i]);
        out(sb, S("' ;;\n"));
    }
    out(sb, S("    esac\n"
              "    [[ $word == --* ]] && words=\"$words $settings\"\n"
              "  fi\n"
              "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
              "}\n"
              "complete -o default -F _hetang hetang\n"));
}

/* Text between single quotes, in which : and [ would mean something to _arguments. */
static void out_quoted(struct strbuf *sb, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            out(sb, S("'\\''"));
        else if (strchr(":[]\\", *text))
            out_fmt(sb, "\\%c", *text);
        else
            out_c(sb, *text);
    }
}

static void out_zsh_option(struct strbuf *sb, const char *name, const char *value, const char *help)
{
    out_fmt(sb, " \\\n        '--%s[", name);
    out_quoted(sb, help);
    out_c(sb, ']');
    if (value) {
        out_c(sb, ':');
        out_quoted(sb, value);
        out(sb, str_is(str_of(value), "FILE")     ? S(":_files")
                : str_is(str_of(value), "FOLDER") ? S(":_files -/")
                                                  : S(":"));
    }
    out_c(sb, '\'');
}

static void out_zsh_command(struct strbuf *sb, const struct command *c)
{
    struct strbuf words CLEANUP(strbuf_done);
    strbuf_init(&words, NULL, 4096);
    out_words(&words, c->arguments);
    out_fmt(sb, "    %s)\n      _arguments", c->name);
    for (int i = 0; i < OPTIONS_MAX && c->options[i].name; i++)
        out_zsh_option(sb, c->options[i].name, c->options[i].value, c->options[i].help);
    out_zsh_option(sb, "data", "FOLDER", "The folder of the instance");
    out_zsh_option(sb, "json", NULL, "For machines");
    out_zsh_option(sb, "help", NULL, "Explain the command");
    if (words.len)
        out_fmt(sb, " \\\n        '1:what:(%.*s)'", STR_ARG(str_trim(strbuf_str(&words))));
    out(sb, S(" \\\n        '*:file:_files' ;;\n"));
}

static void out_zsh(struct strbuf *sb)
{
    out(sb, S("#compdef hetang\n"
              "# For zsh; written into a folder of $fpath as _hetang\n"
              "_hetang() {\n"
              "  local -a commands\n"
              "  commands=(\n"));
    for (size_t i = 0; i < commands_count; i++) {
        out_fmt(sb, "    '%s:", commands[i].name);
        out_quoted(sb, commands[i].summary);
        out(sb, S("'\n"));
    }
    out(sb, S("  )\n"
              "  if (( CURRENT == 2 )); then\n"
              "    _describe command commands\n"
              "    return\n"
              "  fi\n"
              "  local command=$words[2]\n"
              "  shift words\n"
              "  (( CURRENT-- ))\n"
              "  case $command in\n"));
    for (size_t i = 0; i < commands_count; i++)
        out_zsh_command(sb, &commands[i]);
    out(sb, S("  esac\n"
              "}\n"
              "compdef _hetang hetang 2>/dev/null || _hetang \"$@\"\n"));
}

int run_completion(struct invocation *in)
{
    static const struct {
        const char *shell;
        void (*write)(struct strbuf *sb);
    } shells[] = { { "bash", out_bash }, { "zsh", out_zsh } };
    struct strbuf sb CLEANUP(strbuf_done);
    strbuf_init(&sb, NULL, 1 << 20);
    for (size_t i = 0; i < COUNT(shells); i++)
        if (strcmp(shells[i].shell, in->arguments[0]) == 0)
            shells[i].write(&sb);
    if (!sb.len) {
        complain("completion is made for bash and zsh");
        return EXIT_USAGE;
    }
    return fwrite(sb.ptr, 1, sb.len, stdout) == sb.len ? EXIT_OK : EXIT_FAILED;
}
