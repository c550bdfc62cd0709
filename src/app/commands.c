#include "app/commands.h"

#include "api/api.h"
#include "base/json.h"

const struct command commands[] = {
    { "init", "", "Make a new instance in the data folder, with its first user", .run = run_init,
      .options = { { "login", "NAME", "User name of the owner (owner)" },
                   { "password", "TEXT",
                     "First password, to be changed at the first sign-in (one is made up and "
                     "shown)" } } },
    { "serve", "", "Serve the console and the API of an instance until stopped", .run = run_serve },
    { "user", "list|add|password|unlock [LOGIN]", "See and mend who may sign in",
      .details = "list: everybody.  add: a new member of staff.  password: a new first password, "
                 "to be changed at the\n"
                 "next sign-in; ends all sessions.  unlock: forgets failed attempts. Works beside "
                 "a running server, too.",
      .run = run_user, .arguments_min = 1, .arguments_max = 2,
      .options = { { "role", "KEY",
                     "Role of who is added: owner, operations, region, store, staff, analyst, "
                     "auditor" },
                   { "name", "TEXT", "Shown name of who is added (the user name)" },
                   { "department", "CODE", "Department of who is added (the root)" },
                   { "password", "TEXT", "First password (one is made up and shown)" },
                   { "no-code", NULL, "With unlock: turn the one-time code off, too" } } },
    { "demo", "", "Make an instance with a brand's year in it, if there is none yet",
      .run = run_demo,
      .details =
          "A made-up brand with 4 regions, 40 stores, their staff, products, tags and a year of\n"
          "customers, by a stated model (purchases BG/NBD, values gamma-gamma). The same seed and\n"
          "end give the same data.",
      .options = { { "customers", "N", "How many (20000)" },
                   { "seed", "N", "Another number, other lives (1)" },
                   { "until", "TIME", "When the year ends (now)" },
                   { "serve", NULL, "Then serve it" } } },
    { "audit", "verify", "Check that no row of the audit log was changed or removed",
      .run = run_audit, .arguments_min = 1, .arguments_max = 1,
      .details = "Walks the whole chain, also beside a running server. Names the first bad row and "
                 "ends with 1 if there\nis one." },
    { "import", "orders|customers FILE",
      "Bring a table of another system in (CSV or xlsx, packed or not)",
      .details =
          "The columns are found by a preset, else by their headers. Importing a file again changes "
          "nothing; one that\nwas stopped half-way goes on where it was. Works on the data "
          "folder itself: not beside a running server.",
      .run = run_import, .arguments_min = 2, .arguments_max = 2,
      .options = { { "preset", "NAME", "online-retail, or one that was saved in the console" },
                   { "source", "KEY", "The system the file is from (import)" },
                   { "dry-run", NULL, "Only look what would happen" },
                   { "report", "FILE",
                     "Write the rows that were left out, with reasons, as CSV" } } },
    { "export", "customers|orders|tasks",
      "Write customers, orders or tasks into a file that a spreadsheet opens",
      .details = "Works on the data folder itself: not beside a running server.", .run = run_export,
      .arguments_min = 1, .arguments_max = 1,
      .options = { { "to", "FILE", "Where to; .xlsx makes a workbook, anything else CSV" },
                   { "columns", "KEYS", "Which, with commas between, in this order (all)" },
                   { "condition", "JSON", "Which customers (all); as lists and rules say it" },
                   { "english", NULL, "Headers in English" },
                   { "open", NULL, "Private values as they are instead of masked" } } },
    { "backup", "[FILE]", "Back the instance up, also while it is being served",
      .details =
          "Copies the database as it is at one moment, packs it, reads the file back and compares "
          "it before it\ncounts. The file is a .tar.gz with the database as an SQLite file "
          "(whatever engine it is on), a manifest\nwith checksums, and with --with-key the key "
          "file. Without a name it is called hetang-TIME.tar.gz.",
      .run = run_backup, .arguments_max = 1,
      .options = { { "out", "FOLDER", "Where to put it (the present folder)" },
                   { "with-key", NULL,
                     "With the key file: whoever has the backup can then read private data" },
                   { "every", "TIME", "Go on and make one every 6h, 30m, 1d …" },
                   { "keep", "N", "With --every: keep this many, remove older ones (28)" } } },
    { "restore", "FILE", "Make an instance of a backup, in an empty folder (--data)",
      .details =
          "Checks the backup against its manifest, then the database itself, and says what it "
          "holds. Nothing is\never written over. With --db postgres://… its rows go into that "
          "server, which must be empty.",
      .run = run_restore, .arguments_min = 1, .arguments_max = 1,
      .options = { { "key", "FILE", "The key file, if it was kept apart from the backup" } } },
    { "migrate", "", "Apply missing migrations, or move the instance to another engine",
      .details = "With --to every row is copied in one transaction, read back, and compared by "
                 "count and checksum, table\nby table, before it counts. The server must be "
                 "stopped; what there was is only read.",
      .run = run_migrate,
      .options = { { "to", "WHERE", "postgres://user@host/database, or sqlite to come back" } } },
    { "doctor", "", "Look for what is wrong or soon will be, each with its cure",
      .details = "Folder, files, disk, settings, clock, limits, ports, certificates, keys, "
                 "database and what is in it.\nEnds with 1 when something must be done.",
      .run = run_doctor },
    { "config", "[list|get|set|rotate-key] [NAME] [VALUE]", "See and change the settings",
      .details =
          "list: all that hold, and where each comes from.  get NAME: one.  set NAME VALUE: "
          "written into hetang.ini,\nholds from the next start.  rotate-key: private data is "
          "sealed with a new key from now on, and what there\nis, anew, also beside a running "
          "server.",
      .run = run_config, .arguments_max = 3,
      .options = { { "prune", NULL,
                     "With rotate-key, no new key: remove the old ones nothing needs any more" } } },
    { "query", "FILE", "Ask about people and what they did, in the language of the engine",
      .details = "FILE has the question as JSON, as POST /api/v1/query takes it under \"query\"; - is "
                 "standard input.\nReads the log into an index of its own, so it works beside a "
                 "running server and without one.",
      .run = run_query, .arguments_min = 1, .arguments_max = 1,
      .options = { { "people", "N", "Of an answer that is people, list this many numbers (0)" } } },
    { "engine", "schema", "Print the JSON Schema of what query takes", .run = run_engine,
      .arguments_min = 1, .arguments_max = 1 },
    { "completion", "bash|zsh", "Print what completes the command line in that shell",
      .run = run_completion, .arguments_min = 1, .arguments_max = 1 },
    { "openapi", "", "Print the contract of the API (OpenAPI 3.1)", .run = run_openapi },
    { "version", "", "Print the version", .run = run_version },
    { "help", "[COMMAND|settings]", "Explain a command, or list them all", .run = run_help,
      .arguments_max = 1 },
};
const size_t commands_count = COUNT(commands);

int run_openapi(struct invocation *in)
{
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct strbuf text, lines;
    struct json_error bad;
    strbuf_init(&text, &arena, 16 << 20);
    strbuf_init(&lines, &arena, 64 << 20);
    out_openapi(&text, &app);
    const struct json *contract = json_read(&arena, strbuf_str(&text), &bad);
    if (!contract)
        return complain("the tables of routes are at fault: %s", bad.reason);
    out_json_pretty(&lines, contract);
    out_c(&lines, '\n');
    return fwrite(lines.ptr, 1, lines.len, stdout) == lines.len ? EXIT_OK : EXIT_FAILED;
}

int run_version(struct invocation *in)
{
    puts(in->json ? "{\"version\":\"" HETANG_VERSION "\"}" : "hetang " HETANG_VERSION);
    return EXIT_OK;
}

static void json_command(struct json_writer *w, const struct command *c)
{
    json_open(w, NULL);
    json_put(w, "name", c->name);
    json_put(w, "arguments", c->arguments);
    json_put(w, "summary", c->summary);
    json_put(w, "details", c->details);
    json_list(w, "options");
    for (int i = 0; i < OPTIONS_MAX && c->options[i].name; i++) {
        json_open(w, NULL);
        json_put(w, "name", c->options[i].name);
        json_put(w, "value", c->options[i].value);
        json_put(w, "help", c->options[i].help);
        json_close(w);
    }
    json_list_end(w);
    json_close(w);
}

static void json_setting(struct json_writer *w, const struct config_row *row)
{
    json_open(w, NULL);
    json_put(w, "name", row->name);
    json_put(w, "default", row->initial);
    json_put(w, "help", row->help);
    json_close(w);
}

/* `only` NULL: every command. */
static int print_json(const struct command *only, bool settings)
{
    struct strbuf sb CLEANUP(strbuf_done);
    strbuf_init(&sb, NULL, 1 << 20);
    struct json_writer w = json_writer(&sb);
    if (!only)
        json_list(&w, NULL);
    for (size_t i = 0; i < commands_count && !settings; i++)
        if (!only || only == &commands[i])
            json_command(&w, &commands[i]);
    for (size_t i = 0; i < config_row_count && settings; i++)
        json_setting(&w, &config_rows[i]);
    if (!only)
        json_list_end(&w);
    printf("%.*s\n", STR_ARG(strbuf_str(&sb)));
    return EXIT_OK;
}

static int print_text(const struct command *only, bool settings)
{
    struct strbuf text CLEANUP(strbuf_done);
    strbuf_init(&text, NULL, 1 << 18);
    if (only)
        out_command_help(&text, only);
    else if (!settings)
        out(&text, S("Hetang 荷塘: a brand's private domain on its own machine.\n\n"));
    for (size_t i = 0; i < commands_count && !only && !settings; i++)
        out_fmt(&text, "  hetang %-12s %s\n", commands[i].name, commands[i].summary);
    if (!only && !settings)
        out(&text, S("\nhetang COMMAND --help says more.\n"));
    for (size_t i = 0; i < config_row_count && settings; i++)
        out_fmt(&text, "%-18s %s (%s)\n", config_rows[i].name, config_rows[i].help,
                config_rows[i].initial);
    return fwrite(text.ptr, 1, text.len, stdout) == text.len ? EXIT_OK : EXIT_FAILED;
}

int run_help(struct invocation *in)
{
    const char *what = in->argument_count ? in->arguments[0] : NULL;
    bool settings = what && strcmp(what, "settings") == 0;
    const struct command *only = NULL;
    for (size_t i = 0; i < commands_count && what; i++)
        if (strcmp(commands[i].name, what) == 0)
            only = &commands[i];
    int code = in->json ? print_json(only, settings) : print_text(only, settings);
    return what && !only && !settings ? EXIT_USAGE : code;
}
