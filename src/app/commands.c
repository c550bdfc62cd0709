#include "app/commands.h"

#include "api/api.h"

const struct command commands[] = {
    { "init", "", "Make a new instance in the data folder, with its first user", .run = run_init,
      .options = { { "login", "NAME", "User name of the owner (owner)" },
                   { "password", "TEXT",
                     "First password, to be changed at the first sign-in (one is made up and "
                     "shown)" } } },
    { "serve", "", "Serve the console and the API until stopped", .run = run_serve },
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
    { "export", "customers|orders",
      "Write customers or orders into a file that a spreadsheet opens",
      .details = "Works on the data folder itself: not beside a running server.", .run = run_export,
      .arguments_min = 1, .arguments_max = 1,
      .options = { { "to", "FILE", "Where to; .xlsx makes a workbook, anything else CSV" },
                   { "columns", "KEYS", "Which, with commas between, in this order (all)" },
                   { "condition", "JSON", "Which customers (all); as lists and rules say it" },
                   { "english", NULL, "Headers in English" },
                   { "open", NULL, "Private values as they are instead of masked" } } },
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
    (void)in;
    puts("hetang " HETANG_VERSION);
    return EXIT_OK;
}

static void print_settings(void)
{
    for (size_t i = 0; i < config_row_count; i++)
        printf("%-18s %s (%s)\n", config_rows[i].name, config_rows[i].help, config_rows[i].initial);
}

int run_help(struct invocation *in)
{
    if (in->argument_count && strcmp(in->arguments[0], "settings") == 0) {
        print_settings();
        return EXIT_OK;
    }
    for (size_t i = 0; i < commands_count && in->argument_count; i++)
        if (strcmp(commands[i].name, in->arguments[0]) == 0) {
            struct strbuf text CLEANUP(strbuf_done);
            strbuf_init(&text, NULL, 1 << 16);
            out_command_help(&text, &commands[i]);
            fwrite(text.ptr, 1, text.len, stdout);
            return EXIT_OK;
        }
    puts("Hetang 荷塘: a brand's private domain on its own machine.\n");
    for (size_t i = 0; i < commands_count; i++)
        printf("  hetang %-12s %s\n", commands[i].name, commands[i].summary);
    puts("\nhetang COMMAND --help says more.");
    return in->argument_count ? EXIT_USAGE : EXIT_OK;
}
