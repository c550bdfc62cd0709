/* hetang demo: an instance with a brand's year in it; with --serve it is served at once. */
#include "app/demo.h"

#include "app/commands.h"
#include "base/log.h"
#include "base/time.h"
#include "core/event.h"

#include <errno.h>
#include <ftw.h>
#include <unistd.h>

struct demo_plan {
    i64 customers;
    uint64_t seed;
    instant until;
};

static void on_progress(void *arg, i64 done, i64 total)
{
    progress(arg, "A year of customers", done, total);
}

/* The instance is made in a folder beside, which takes its name when it is whole: a demo that was
 * interrupted leaves nothing half-made behind. (A database server's is made in place.) */
static char *path_with(const struct invocation *in, const char *suffix)
{
    size_t room = strlen(in->config.data) + strlen(suffix) + 1;
    char *path = xmalloc(room);
    snprintf(path, room, "%s%s", in->config.data, suffix);
    return path;
}

static bool exists(const struct invocation *in, const char *suffix)
{
    char *path = path_with(in, suffix);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static int drop(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info, (void)kind, (void)place;
    return remove(path);
}

static bool any_customers(struct app *app)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("demo"));
    i64 last = 0;
    struct db_conn *conn;
    if (db_read_begin(app->db, (struct db_view) { 0 }, &conn) != OK)
        return true;
    cx.db = conn;
    enum err e = event_last(&cx, &last);
    db_read_end(conn);
    return e != OK || last > 0;
}

static enum err live(struct app *app, const struct invocation *in, const struct demo_plan *plan)
{
    struct demo_world world = { 0 };
    struct demo_life life;
    TRY(demo_world_make(app, &world));
    demo_life_make(plan->seed, (size_t)plan->customers, plan->until, &life);
    enum err e = demo_play(app, &world, &life, plan->seed, on_progress, (void *)in);
    demo_life_done(&life);
    if (e == OK)
        e = demo_score_nightly(app, true);
    if (e == OK)
        e = demo_segments(app);
    if (e == OK)
        e = demo_reports(app, &world);
    return e == OK ? db_optimize(app->db) : e;
}

static int make(struct invocation *in, const struct demo_plan *plan, char *folder)
{
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    char quiet[] = "warn";
    const char *why;
    i64 from_us = clock_monotonic_us();
    app.config.data = folder;
    app.disposable = folder != in->config.data; /* it takes its name when it is whole */
    if (strcmp(app.config.log_level, "info") == 0)
        app.config.log_level = quiet; /* a year's worth of lines tells nobody anything */
    app.clock_ms = plan->until.ms - 365 * DAY_MS;
    if (app_open(&app, APP_MAKE, &why) != OK)
        return complain("%s", why);
    bool used = any_customers(&app);
    enum err e = used ? OK : live(&app, in, plan);
    progress_end(in);
    app_close(&app);
    if (used)
        return complain("the database is in use already; a demo wants an empty one");
    if (e != OK)
        return complain("the demo could not be made: %s", err_info(e)->en);
    i64 ms = (clock_monotonic_us() - from_us) / 1000;
    if (in->json)
        printf("{\"customers\":%lld,\"seed\":%lld,\"ms\":%lld}\n", (long long)plan->customers,
               (long long)plan->seed, (long long)ms);
    else
        fprintf(stderr, "%lld customers and their year, made in %.1f s\n",
                (long long)plan->customers, (double)ms / 1000);
    return EXIT_OK;
}

static int make_beside(struct invocation *in, const struct demo_plan *plan)
{
    char *folder = path_with(in, ".making");
    int code;
    nftw(folder, drop, 16, FTW_DEPTH | FTW_PHYS); /* of an earlier attempt */
    code = make(in, plan, folder);
    if (code == EXIT_OK && rename(folder, in->config.data) != 0)
        code = complain("%s could not be named %s: %s", folder, in->config.data, strerror(errno));
    free(folder);
    return code;
}

int run_demo(struct invocation *in)
{
    struct demo_plan plan = { .until = clock_now() };
    const char *text = option(in, "until");
    i64 seed;
    if (!option_i64(in, "customers", 20000, 10, 10000000, &plan.customers) ||
        !option_i64(in, "seed", 1, 0, I53_MAX, &seed))
        return EXIT_USAGE;
    plan.seed = (uint64_t)seed;
    if (!zone_load(in->config.zone))
        return complain("the system knows no time zone %s", in->config.zone);
    if (text && !instant_read(str_of(text), &plan.until)) {
        complain("--until must be a time such as 2026-03-01T00:00:00Z");
        return EXIT_USAGE;
    }
    int code = EXIT_OK;
    if (*in->config.db)
        code = make(in, &plan, in->config.data);
    else if (!exists(in, "/hetang.db"))
        code = make_beside(in, &plan);
    if (code != EXIT_OK || !option(in, "serve"))
        return code;
    fprintf(
        stderr,
        "\n  荷塘 Hetang   http://%s\n  用户 user     owner   (store1: a store manager, region1: a region, analyst …)\n"
        "  密码 password %s\n\n",
        in->config.listen, DEMO_PASSWORD);
    return serve_app(in);
}
