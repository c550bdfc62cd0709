/* hetang init, serve: an instance made, and run until it is told to stop. */
#include "app/commands.h"

#include "api/api.h"
#include "app/instance.h"
#include "base/log.h"
#include "base/time.h"
#include "core/event.h"
#include "core/job.h"
#include "domain/org/org.h"

#include "ops.sql.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#define GRACE_MS 10000

struct first_owner {
    const char *login;
    str password_hash;
    bool made;
};

static enum err make_owner(struct ctx *cx, void *arg)
{
    struct first_owner *o = arg;
    staff_id id;
    department_id root;
    enum err e = staff_find_login(cx, str_of(o->login), &id);
    if (e != ERR_NOT_FOUND)
        return e;
    fail_clear(cx);
    TRY(department_root(cx, &root));
    o->made = true;
    return staff_add(cx,
                     &(struct staff_new) { .login = str_of(o->login),
                                           .name = S("所有者"),
                                           .password_hash = o->password_hash,
                                           .department = root,
                                           .role_key = "owner",
                                           .password_change = true },
                     &id);
}

int run_init(struct invocation *in)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    const char *why, *login = option(in, "login"), *password = option(in, "password");
    if (app_open(&app, APP_MAKE, &why) != OK)
        return complain("%s", why);
    struct ctx cx = system_ctx(&app, &arena, S("init"));
    cx.lang = LANG_EN;
    struct first_owner owner = { .login = login ? login : "owner" };
    str first = password ? str_of(password) : password_made_up(&arena);
    enum err e = password_check(&cx, "password", first, login_normal(&arena, str_of(owner.login)));
    if (e == OK) {
        owner.password_hash = password_hash(&arena, first);
        e = in_write(&cx, make_owner, &owner);
    }
    if (e != OK)
        complain("%.*s", STR_ARG(fail_text(&cx, e)));
    else if (owner.made)
        printf("Ready in %s. Sign in as %s with the password %.*s\n", app.config.data, owner.login,
               STR_ARG(first));
    else
        printf("%s is ready already.\n", app.config.data);
    app_close(&app);
    return e == OK ? EXIT_OK : EXIT_FAILED;
}

static enum err count_members(struct ctx *cx, void *arg)
{
    return sql_i64(cx, ops_members, arg);
}

/* An init that was broken off leaves an instance without anybody. */
static enum err anybody(struct app *app, struct arena *a, const char **ret_reason)
{
    struct ctx cx = system_ctx(app, a, S("serve"));
    i64 members = 0;
    *ret_reason = "the database cannot be read";
    TRY(in_read(&cx, count_members, &members));
    if (members)
        return OK;
    *ret_reason = arena_fmt(a, "nobody could sign in to %s; hetang init --data %s makes the owner",
                            app->config.data, app->config.data)
                      .ptr;
    return ERR_CONFIG;
}

/* Each connection is an open file; a system that allows fewer gets fewer connections, which wait in
 * the kernel, instead of failing ones. */
static i64 room_for(i64 conns_max)
{
    struct rlimit files;
    rlim_t needed = (rlim_t)conns_max + FILES_BESIDE;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= needed)
        return conns_max;
    files.rlim_cur = MIN(needed, files.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        (void)getrlimit(RLIMIT_NOFILE, &files);
    i64 room = MAX((i64)files.rlim_cur - FILES_BESIDE, 16);
    if (room >= conns_max)
        return conns_max;
    log_warn("serve.files", P("open_files_max", (i64)files.rlim_cur), P("conns_max", room));
    return room;
}

static int wait_for_signal(const sigset_t *signals)
{
    int got = 0;
    while (sigwait(signals, &got) != 0)
        ;
    return got;
}

int serve_app(struct invocation *in)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    struct api *api = NULL;
    struct http_server *server = NULL;
    const char *why;
    i64 from_us = clock_monotonic_us();
    sigset_t signals;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals,
                    NULL); /* threads inherit it: signals are taken here alone */
    if (app_open(&app, APP_SERVE, &why) != OK)
        return complain("%s", why);
    struct http_options options = {
        .listen = app.config.listen,
        .unix_path = app_path(&app, &arena, "socket").ptr,
        .tls_cert = app.config.tls_cert,
        .tls_key = app.config.tls_key,
        .loops = app_loops(&app),
        .workers = app_workers(&app),
        .queue_max = (int)app.config.queue_max,
        .conns_max = (int)room_for(app.config.conns_max),
        .body_max = (size_t)app.config.body_max_kb * 1024,
        .fast = api_fast,
        .rest = api_rest,
        .slow = api_slow,
        .handler = api_handle,
        .refuse = api_refuse,
    };
    enum err e = anybody(&app, &arena, &why);
    if (e == OK)
        e = api_new(&app, &api, &why);
    options.arg = api;
    if (e == OK)
        e = api_start_streams(api, &why);
    if (e == OK && (log_start(&app) != OK || jobs_start(&app) != OK)) {
        why = "background work cannot be started";
        e = ERR_INTERNAL;
    }
    if (e == OK)
        e = http_start(&options, &server, &why);
    int code = e == OK ? EXIT_OK : complain("%s", why);
    if (e == OK) {
        api_set_server(api, server);
        log_info("serve.ready", P("listen", app.config.listen), P("port", http_port(server)),
                 P("ms", (clock_monotonic_us() - from_us) / 1000));
        while (wait_for_signal(&signals) == SIGHUP)
            http_reload_tls(server); /* and a terminal that closes does not stop a server */
        log_info("serve.stopping", P("port", http_port(server)));
    }
    api_stop_streams(api);
    http_stop(server, GRACE_MS);
    api_free(api);
    jobs_stop(&app);
    log_stop(&app);
    app_close(&app);
    return code;
}

int run_serve(struct invocation *in)
{
    return serve_app(in);
}
