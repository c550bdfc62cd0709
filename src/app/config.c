/* hetang config: the settings as they hold, one of them, one written into hetang.ini; rotate-key: a
 * new key for private data. */
#include "app/commands.h"

#include <pthread.h>
#include <unistd.h>

#include "app/instance.h"
#include "base/json.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/job.h"
#include "core/reseal.h"

#include "ops.sql.h"

static const char *const sources[] = { [FROM_LIST] = "default",
                                       [FROM_FILE] = "hetang.ini",
                                       [FROM_ENVIRONMENT] = "environment",
                                       [FROM_COMMAND_LINE] = "command line" };

static int show(struct invocation *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf sb;
    strbuf_init(&sb, &a, 1 << 20);
    struct json_writer w = json_writer(&sb);
    if (in->json)
        json_list(&w, NULL);
    else
        out_fmt(&sb, "%-18s %-28s %s\n", "data", in->config.data,
                "(the folder all this is read from)");
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        const char *from = sources[in->config.from[i]];
        struct strbuf value;
        strbuf_init(&value, &a, 1 << 16);
        out_config_value(&value, &in->config, row);
        if (in->json) {
            json_open(&w, NULL);
            json_put(&w, "name", row->name);
            json_put(&w, "value", strbuf_str(&value));
            json_put(&w, "from", from);
            json_put(&w, "help", row->help);
            json_close(&w);
        } else {
            str text = value.len ? strbuf_str(&value) : S("-");
            out_fmt(&sb, "%-18s %-28.*s %s\n", row->name, STR_ARG(text), from);
        }
    }
    if (in->json)
        json_list_end(&w);
    str text = strbuf_str(&sb);
    printf("%.*s%s", STR_ARG(text), in->json ? "\n" : "");
    return EXIT_OK;
}

/* The job, as the one who waits for it sees it. */
struct following {
    job_id id;
    str state, error, result;
    i64 done;
};

struct drain {
    struct app *app;
    _Atomic bool over;
};

static enum err look(struct ctx *cx, void *arg)
{
    struct following *f = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, ops_job, &r, ID(f->id)));
    if (rows_next(&r)) {
        f->state = arena_str(cx->arena, col_str(&r, 0));
        f->done = col_i64(&r, 1);
        f->error = arena_str(cx->arena, col_str(&r, 2));
        f->result = arena_str(cx->arena, col_str(&r, 3));
    }
    return rows_end(&r);
}

static enum err begin(struct ctx *cx, void *arg)
{
    struct following *f = arg;
    TRY(audit_append(cx, &(struct audit_new) { .action = S("config.rotate_key") }));
    TRY(jobs_adopt(cx));
    return reseal_start(cx, &f->id);
}

/* Runs the job until it has ended: an earlier try that was interrupted may hold it for a while. */
static void *drain(void *arg)
{
    struct drain *d = arg;
    while (!d->over && jobs_drain(d->app, &reseal_job) == OK)
        usleep(50000);
    return NULL;
}

/* Shows how far the job is until it has ended; a failed try is tried again by itself. */
static enum err follow(struct invocation *in, struct app *app, struct arena *a, struct following *f)
{
    for (;;) {
        struct ctx cx = system_ctx(app, a, S("config"));
        TRY(in_read(&cx, look, f));
        if (str_is(f->state, "done") || str_is(f->state, "dead") || str_is(f->state, "cancelled"))
            break;
        if (f->error.len && !app->jobs && app->lock_fd >= 0)
            break; /* nobody but us would try again */
        progress(in, "Values looked at", f->done, 0);
        usleep(50000);
        if (a->used > 1 << 20)
            arena_reset(a);
    }
    progress_end(in);
    return OK;
}

static int say_rotated(struct invocation *in, struct app *app, const struct following *f)
{
    if (!str_is(f->state, "done"))
        return complain(
            "the new key is in use, but older values still need the old ones: %.*s; the "
            "job goes on when the instance runs",
            STR_ARG(f->error));
    if (in->json)
        printf("%.*s\n", STR_ARG(f->result));
    else
        printf(
            "Key %u is in use and everything is sealed with it. Copy %s/%s to where you keep it.\n"
            "Old keys stay in the file until `hetang config rotate-key --prune`.\n",
            secrets_active(app->secrets), app->config.data, KEY_FILE);
    return EXIT_OK;
}

/* With the folder ours the job is run here; beside a server the server runs it, and learns of the
 * key from the file. */
static int rotate(struct invocation *in, struct app *app)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("config"));
    cx.lang = LANG_EN;
    struct following f = { .state = STR_NONE };
    struct drain d = { .app = app };
    const char *why = "";
    pthread_t thread;
    if (secrets_rotate(app->secrets, &why) != OK)
        return complain("%s", why);
    enum err e = in_write(&cx, begin, &f);
    bool ours = app->lock_fd >= 0,
         running = e == OK && ours && pthread_create(&thread, NULL, drain, &d) == 0;
    if (e == OK && !ours)
        fprintf(stderr,
                "hetang: the running server seals with key %u from now on, and what there is "
                "anew; interrupt this if you do not want to watch\n",
                secrets_active(app->secrets));
    if (e == OK)
        e = follow(in, app, &a, &f);
    d.over = true;
    if (running)
        pthread_join(thread, NULL);
    if (e != OK)
        return complain(
            "the new key is in use; the job that seals older values with it was not added: "
            "%.*s",
            STR_ARG(fail_text(&cx, e)));
    return say_rotated(in, app, &f);
}

static enum err key_check(struct ctx *cx, void *arg)
{
    (void)arg;
    return reseal_key_check(cx);
}

/* What another node did first would be lost to both. */
static enum err is_newest(struct app *app)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("config"));
    cx.lang = LANG_EN;
    enum err e = in_read(&cx, key_check, NULL);
    if (e != OK)
        complain("%.*s", STR_ARG(fail_text(&cx, e)));
    return e;
}

static enum err used(struct ctx *cx, void *arg)
{
    return reseal_keys_used(cx, arg);
}

static int prune(struct invocation *in, struct app *app)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("config"));
    cx.lang = LANG_EN;
    struct keys_used k;
    uint32_t keep[SECRET_KEYS_MAX];
    size_t count = 0, removed = 0;
    const char *why = "";
    enum err e = in_read(&cx, used, &k);
    if (e != OK)
        return complain("%.*s", STR_ARG(fail_text(&cx, e)));
    for (size_t i = 0; i < k.count; i++)
        if (k.values[i])
            keep[count++] = k.ids[i];
    if (secrets_prune(app->secrets, keep, count, &removed, &why) != OK)
        return complain("%s", why);
    if (in->json)
        printf("{\"removed\":%zu,\"kept\":%zu}\n", removed, k.count - removed);
    else
        printf(
            "%zu key%s removed, %zu kept. Backups made before need the key file of their time.\n",
            removed, removed == 1 ? "" : "s", k.count - removed);
    return EXIT_OK;
}

static int rotate_key(struct invocation *in)
{
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    bool prunes = option(in, "prune") != NULL;
    const char *why;
    i64 pid;
    bool beside = instance_running(&in->config, &pid);
    if (beside && prunes)
        return complain(
            "stop the server (process %lld) first: it may still be sealing with a key that "
            "nothing uses yet",
            (long long)pid);
    if (app_open(&app, beside ? APP_LOOK : APP_WORK, &why) != OK)
        return complain("%s", why);
    int code = is_newest(&app) != OK ? EXIT_FAILED : prunes ? prune(in, &app) : rotate(in, &app);
    app_close(&app);
    return code;
}

/* For scripts: the bare value. */
static int get(struct invocation *in)
{
    struct strbuf value CLEANUP(strbuf_done), text CLEANUP(strbuf_done);
    const struct config_row *row = config_find(str_of(in->arguments[1]));
    if (!row)
        return complain("there is no setting %s; hetang help settings lists them",
                        in->arguments[1]);
    strbuf_init(&value, NULL, 1 << 16);
    strbuf_init(&text, NULL, 1 << 18);
    out_config_value(&value, &in->config, row);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    json_put(&w, "name", row->name);
    json_put(&w, "value", strbuf_str(&value));
    json_put(&w, "from", sources[in->config.from[row - config_rows]]);
    json_close(&w);
    str said = strbuf_str(in->json ? &text : &value);
    printf("%.*s\n", STR_ARG(said));
    return EXIT_OK;
}

static int put(struct invocation *in)
{
    const char *why = "";
    const struct config_row *row = config_find(str_of(in->arguments[1]));
    enum config_source from = row ? in->config.from[row - config_rows] : FROM_LIST;
    str value = str_of(in->arguments[2]);
    if (!row)
        return complain("there is no setting %s; hetang help settings lists them",
                        in->arguments[1]);
    if (config_set(&in->config, str_of(row->name), value, &why) != OK ||
        config_write(in->config.data, str_of(row->name), value, &why) != OK)
        return complain("%s", why);
    if (in->json)
        printf("{\"name\":\"%s\",\"restart\":%s}\n", row->name,
               instance_running(&in->config, NULL) ? "true" : "false");
    else if (instance_running(&in->config, NULL))
        printf("Written into %s/hetang.ini; restart the server for it to hold%s.\n",
               in->config.data,
               row->effect == AT_ONCE ? ", or save it on the console's system page" : "");
    else
        printf("Written into %s/hetang.ini.\n", in->config.data);
    if (from > FROM_FILE)
        complain("the %s says otherwise here, and beats the file", sources[from]);
    return EXIT_OK;
}

static const struct action {
    const char *word;
    int arguments; /* with the word */
    int (*run)(struct invocation *in);
} actions[] = {
    { "list", 1, show },
    { "get", 2, get },
    { "set", 3, put },
    { "rotate-key", 1, rotate_key },
};

int run_config(struct invocation *in)
{
    if (!in->argument_count)
        return show(in);
    for (size_t i = 0; i < COUNT(actions); i++)
        if (strcmp(in->arguments[0], actions[i].word) == 0 &&
            in->argument_count == actions[i].arguments)
            return actions[i].run(in);
    complain("what to do is list, get NAME, set NAME VALUE or rotate-key");
    return EXIT_USAGE;
}
