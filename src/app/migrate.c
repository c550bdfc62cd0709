/* hetang migrate: missing migrations applied; with --to, a whole instance moved to another engine.
 */
#include "app/commands.h"

#include <fcntl.h>
#include <unistd.h>

#include "app/instance.h"
#include "base/json.h"
#include "store/move.h"

static int apply(struct invocation *in)
{
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    const char *why;
    i64 pid;
    if (instance_running(&in->config, &pid))
        return complain(
            "a server (process %lld) has the instance, and has applied what was missing when "
            "it started",
            (long long)pid);
    if (app_open(&app, APP_WORK, &why) != OK)
        return complain("%s", why);
    app_close(&app);
    if (in->json)
        printf("{\"migrations\":%u,\"newest\":\"%s\"}\n", migrations_count,
               migrations[migrations_count - 1].name);
    else
        printf("The database is up to date: %u migrations, the newest %s.\n", migrations_count,
               migrations[migrations_count - 1].name);
    return EXIT_OK;
}

struct watching {
    struct invocation *in;
    char what[80]; /* kept between calls: progress() compares by address */
    str table;
    bool verifying;
};

static void watch(void *arg, str table, i64 done, i64 total, bool verifying)
{
    struct watching *w = arg;
    snprintf(w->what, sizeof w->what, "%s %.*s", verifying ? "Comparing" : "Moving",
             STR_ARG(table));
    if (done < total || w->in->terminal)
        progress(w->in, w->what, MIN(done, total - 1), MAX(total, 1));
    else if (!w->in->json && total)
        fprintf(stderr, "%s: %lld\n", w->what, (long long)done);
}

static void say_moved(struct invocation *in, struct arena *a, const struct db_moved *moved,
                      size_t count, const char *shown)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 1 << 20);
    i64 rows = 0;
    for (size_t i = 0; i < count; i++)
        rows += moved[i].digest.rows;
    if (in->json) {
        struct json_writer w = json_writer(&sb);
        json_open(&w, NULL);
        json_put(&w, "db", shown);
        json_put(&w, "rows", rows);
        json_list(&w, "tables");
        for (size_t i = 0; i < count; i++) {
            json_open(&w, NULL);
            json_put(&w, "name", moved[i].table);
            json_put(&w, "rows", moved[i].digest.rows);
            json_put(&w, "checksum",
                     arena_fmt(a, "%016llx%016llx", (unsigned long long)moved[i].digest.sum[0],
                               (unsigned long long)moved[i].digest.sum[1]));
            json_close(&w);
        }
        json_list_end(&w);
        json_close(&w);
        printf("%.*s\n", STR_ARG(strbuf_str(&sb)));
        return;
    }
    printf(
        "%zu tables, %lld rows, moved and compared: the same rows and checksums on both sides.\n",
        count, (long long)rows);
    if (instance_on_pg(&in->config))
        printf("To go on with it: hetang config set db \"\" --data %s, and start the server.\n"
               "The PostgreSQL database was only read.\n",
               in->config.data);
    else
        printf("To go on with it: hetang config set db '%s' --data %s (with its password, if it "
               "has one),\nand start the server. %s/%s was only read; keep it until you are sure, "
               "and the key file\nfor as long as there is data.\n",
               shown, in->config.data, in->config.data, DATABASE_FILE);
}

/* Both databases open, the target with its tables. */
static int move(struct invocation *in, struct db *from, struct db *to, const char *shown)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct watching w = { .in = in };
    struct db_moved *moved;
    size_t count;
    int applied;
    const char *why = "";
    if (db_migrate(to, &applied, &why) != OK)
        return complain("the tables cannot be made in the target: %s", why);
    const struct db_move m = { .from = from, .to = to, .progress = watch, .arg = &w };
    enum err e = db_move(&m, &a, &moved, &count, &why);
    progress_end(in);
    if (e != OK)
        return complain("%s; nothing was moved", why);
    say_moved(in, &a, moved, count, shown);
    return EXIT_OK;
}

/* The source must have every migration, or the target would have tables it does not. */
static int check_source(struct db *from)
{
    const char *why = "";
    int pending = 0;
    if (db_pending(from, &pending, NULL, NULL, &why) != OK)
        return complain("%s", why);
    return pending
               ? complain("%d migrations are missing; apply them first: hetang migrate", pending)
               : EXIT_OK;
}

static int move_to(struct invocation *in, const char *url)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    bool back = strcmp(url, "sqlite") == 0;
    const char *why = "", *file = instance_path(&in->config, &a, DATABASE_FILE).ptr;
    struct db *from = NULL, *to = NULL;
    int lock = -1;
    if (back != instance_on_pg(&in->config)) {
        complain(
            back ? "the instance is in an SQLite file already"
                 : "the instance is on a PostgreSQL server already; --to sqlite brings it back");
        return EXIT_USAGE;
    }
    if (back && access(file, F_OK) == 0)
        return complain("%s is there already; move it away first", file);
    if (instance_lock(&in->config, &lock, &why) != OK)
        return complain("%s", why);
    int code =
        instance_db(&in->config, &from, &why) == OK ? check_source(from) : complain("%s", why);
    struct db_options options = { .url = back ? file : url, .conns_max = 2 };
    if (code == EXIT_OK && db_open(&options, &to, &why) != OK)
        code = complain("%s: is the address right, and may this machine reach it?", why);
    if (code == EXIT_OK) {
        struct config target;
        struct strbuf shown;
        strbuf_init(&shown, &a, 10000);
        config_init(&target);
        (void)(config_set(&target, S("db"), str_of(back ? "" : url), &why) == OK);
        out_config_value(&shown, &target, &config_rows[CONFIG_AT_db]);
        config_done(&target);
        code = move(in, from, to, arena_z(&a, strbuf_str(&shown)));
    }
    db_close(to);
    db_close(from);
    close(lock);
    if (back && code != EXIT_OK)
        unlink(file);
    return code;
}

int run_migrate(struct invocation *in)
{
    const char *to = option(in, "to");
    if (!to)
        return apply(in);
    bool pg =
        str_starts(str_of(to), S("postgres://")) || str_starts(str_of(to), S("postgresql://"));
    if (!pg && strcmp(to, "sqlite") != 0) {
        complain("--to is postgres://user@host/database, or sqlite");
        return EXIT_USAGE;
    }
    return move_to(in, to);
}
