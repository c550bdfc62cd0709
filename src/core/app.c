#include "core/app.h"

#include "base/log.h"
#include "base/time.h"
#include "core/dedupe.h"
#include "core/event.h"
#include "core/scope.h"
#include "core/timeline.h"

#include "app.sql.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static pthread_mutex_t commit_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t commit_seen;
static pthread_once_t commit_once = PTHREAD_ONCE_INIT;

static void commit_cond_make(void)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&commit_seen, &attr);
    pthread_condattr_destroy(&attr);
}

void app_wake(struct app *app)
{
    pthread_mutex_lock(&commit_lock);
    app->commits++;
    pthread_cond_broadcast(&commit_seen);
    pthread_mutex_unlock(&commit_lock);
}

void app_touch(_Atomic i64 *mark)
{
    *mark = clock_monotonic_us();
}

static void on_commit(void *arg)
{
    app_wake(arg);
}

static void on_undone(void *arg)
{
    ((struct app *)arg)->undone++;
}

static void on_lost(void *arg)
{
    on_undone(arg);
    dedupe_lost(arg);
}

uint64_t app_wait_commit(struct app *app, uint64_t seen, i64 timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&commit_lock);
    while (app->commits == seen && pthread_cond_timedwait(&commit_seen, &commit_lock, &until) == 0)
        ;
    seen = app->commits;
    pthread_mutex_unlock(&commit_lock);
    return seen;
}

static const char *reason(const char *format, ...) PRINTF(1, 2);
static const char *reason(const char *format, ...)
{
    static _Thread_local char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

str app_path(const struct app *app, struct arena *a, const char *name)
{
    return arena_fmt(a, "%s/%s", app->config.data, name);
}

str app_temp_path(const struct app *app, struct arena *a, const char *suffix)
{
    return arena_fmt(a, "%s/tmp/%.*s%s", app->config.data, STR_ARG(secret_token(a, 12)), suffix);
}

/* What a process that was killed left behind. */
static void empty_temp(const struct app *app, struct arena *a)
{
    str folder = app_path(app, a, "tmp");
    mkdir(folder.ptr, 0700);
    DIR *dir = opendir(folder.ptr);
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (e->d_name[0] != '.')
            unlink(arena_fmt(a, "%s/%s", folder.ptr, e->d_name).ptr);
    if (dir)
        closedir(dir);
}

static enum err lock_folder(struct app *app, struct arena *a, const char **ret_reason)
{
    const char *folder = app->config.data;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        *ret_reason = reason("cannot make the data folder %s: %s", folder, strerror(errno));
        return ERR_FILE;
    }
    app->lock_fd = open(app_path(app, a, "lock").ptr, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (app->lock_fd < 0) {
        *ret_reason = reason("cannot write in the data folder %s: %s", folder, strerror(errno));
        return ERR_FILE;
    }
    if (flock(app->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        char pid[32] = "";
        ssize_t n = read(app->lock_fd, pid, sizeof pid - 1);
        *ret_reason = reason("another Hetang (process %.*s) is using %s; stop it first, or name "
                             "another folder with --data",
                             n > 0 ? (int)n : 1, n > 0 ? pid : "?", folder);
        close(app->lock_fd);
        app->lock_fd = -1;
        return ERR_CONFIG;
    }
    char pid[32];
    int len = snprintf(pid, sizeof pid, "%d", (int)getpid());
    if (ftruncate(app->lock_fd, 0) != 0 || pwrite(app->lock_fd, pid, (size_t)len, 0) != len)
        log_warn("app.lock", P("folder", folder)); /* the lock holds; only its text is missing */
    return OK;
}

static enum err seed_all(struct ctx *cx, void *arg)
{
    struct app *app = arg;
    TRY(event_types_register(cx));
    for (size_t i = 0; i < app->module_count; i++)
        if (app->modules[i]->seed)
            TRY(app->modules[i]->seed(cx));
    return OK;
}

/* A folder that was named by mistake would become an instance into which nobody can sign in. */
static enum err no_instance(const struct app *app, const char **ret_reason)
{
    const char *folder = app->config.data;
    *ret_reason = reason("there is no instance in %s; make one with hetang init --data %s, or one "
                         "full of made-up people to look at with hetang demo --data %s",
                         folder, folder, folder);
    return ERR_CONFIG;
}

/* A key is only made for a database that holds nothing yet: a new one beside data sealed with
 * another would hide that the old one is lost. */
static enum err open_key(struct app *app, enum app_use use, struct arena *a,
                         const char **ret_reason)
{
    const char *key = app_path(app, a, "hetang.key").ptr;
    bool empty;
    *ret_reason = "the database cannot be read";
    TRY(db_is_empty(app->db, &empty));
    if (!empty && access(key, F_OK) != 0) {
        *ret_reason = reason("the key file %s is missing, and without it private data cannot be "
                             "read; put it back from your copy%s",
                             key, app->config.db[0] ? " or from another node" : "");
        return ERR_CONFIG;
    }
    if (empty && use != APP_MAKE)
        return no_instance(app, ret_reason);
    return secrets_open(key, use == APP_MAKE && empty, &app->secrets, ret_reason);
}

static enum err open_parts(struct app *app, enum app_use use, struct arena *a,
                           const char **ret_reason)
{
    bool owner = use != APP_LOOK;
    app_setting_apply(app, &config_rows[CONFIG_AT_log_level]);
    instant clock = { 0 };
    if (app->config.test_clock[0] && !instant_read(str_of(app->config.test_clock), &clock)) {
        *ret_reason = "test_clock must be a time such as 2026-03-01T08:00:00Z";
        return ERR_CONFIG;
    }
    if (app->config.test_mode)
        app->clock_ms = clock.ms;
    if (!zone_load(app->config.zone)) {
        *ret_reason = reason("the system knows no time zone %s", app->config.zone);
        return ERR_CONFIG;
    }
    const char *file = app_path(app, a, "hetang.db").ptr,
               *needed = app->config.db[0] ? app->config.data : file;
    if (use != APP_MAKE && use != APP_LOOK && access(needed, F_OK) != 0)
        return no_instance(app, ret_reason);
    if (owner)
        TRY(lock_folder(app, a, ret_reason));
    if (owner)
        empty_temp(app, a);
    if (use == APP_LOOK && !app->config.db[0] && access(file, F_OK) != 0) {
        *ret_reason = reason("there is no instance in %s", app->config.data);
        return ERR_CONFIG;
    }
    struct db_options options = {
        .url = app->config.db[0] ? app->config.db : file,
        .conns_max = /* one for each that may ask: a network thread must not wait for one */
        app_workers(app) + app_loops(app) + (int)app->config.job_threads + 8,
        .slow_ms = (int)app->config.slow_ms,
        .disposable = app->disposable,
        .fragments = scope_fragments,
        .fragment_count = scope_fragment_count,
        .on_commit = on_commit,
        .on_commit_arg = app,
        .on_lost = on_lost,
        .on_undone = on_undone,
    };
    TRY(db_open(&options, &app->db, ret_reason));
    TRY(open_key(app, use, a, ret_reason));
    int applied = 0;
    if (owner)
        TRY(db_migrate(app->db, &applied, ret_reason));
    TRY(db_check_statements(app->db, ret_reason));
    if (owner)
        TRY(timeline_open(app, ret_reason));
    if (owner)
        TRY(dedupe_open(app, ret_reason));
    app->types = event_types_new();
    struct ctx cx = system_ctx(app, a, S("start"));
    cx.lang = LANG_EN; /* as all that is said on a terminal */
    enum err e = owner ? in_write(&cx, seed_all, app) : OK;
    if (e == OK)
        e = event_types_load(app);
    for (size_t i = 0; e == OK && i < app->module_count; i++)
        if (app->modules[i]->start)
            e = app->modules[i]->start(app);
    if (e != OK)
        *ret_reason = reason("the instance cannot be made ready: %.*s", STR_ARG(fail_text(&cx, e)));
    return e;
}

enum err app_open(struct app *app, enum app_use use, const char **ret_reason)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    pthread_once(&commit_once, commit_cond_make);
    app->use = use;
    app->lock_fd = -1;
    *ret_reason = "unknown";
    enum err e = open_parts(app, use, &arena, ret_reason);
    if (e != OK)
        app_close(app);
    return e;
}

void app_close(struct app *app)
{
    for (size_t i = app->module_count; app->db && i-- > 0;)
        if (app->modules[i]->stop)
            app->modules[i]->stop(app);
    dedupe_close(app);
    timeline_close(app);
    event_types_free(app->types);
    db_close(app->db);
    secrets_close(app->secrets);
    if (app->lock_fd >= 0)
        close(app->lock_fd);
    app->types = NULL;
    app->db = NULL;
    app->secrets = NULL;
    app->lock_fd = -1;
}

instant app_now(const struct app *app)
{
    i64 set = app->clock_ms;
    return set ? (instant) { set } : clock_now();
}

int app_workers(const struct app *app)
{
    i64 set = app->config.workers;
    return (int)(set ? set : 4 * sysconf(_SC_NPROCESSORS_ONLN));
}

int app_loops(const struct app *app)
{
    i64 set = app->config.loops;
    return (int)(set ? set : sysconf(_SC_NPROCESSORS_ONLN));
}

void app_clock_set(struct app *app, instant now)
{
    assert(app->config.test_mode);
    app->clock_ms = now.ms;
    app_wake(app);
}

enum err app_disk_check(const struct app *app)
{
    static _Atomic i64 checked_us;
    static _Atomic bool full;
    i64 now = clock_monotonic_us();
    if (now - checked_us >
        1000000) { /* once a second is enough: the reserve is larger than a second's writing */
        struct statvfs fs;
        checked_us = now;
        full = statvfs(app->config.data, &fs) == 0 &&
               (i64)fs.f_bavail * (i64)fs.f_frsize < app->config.disk_reserve_mb << 20;
    }
    return full ? ERR_DISK_FULL : OK;
}

void app_setting_apply(struct app *app, const struct config_row *row)
{
    enum log_level level;
    if (row == &config_rows[CONFIG_AT_log_level] &&
        log_level_read(str_of(app->config.log_level), &level))
        log_threshold(level);
    if (row == &config_rows[CONFIG_AT_slow_ms])
        db_slow_set(app->db, (int)app->config.slow_ms);
}

const struct event_type *module_event(const struct app *app, str name)
{
    for (size_t i = 0; i < app->module_count; i++)
        for (size_t k = 0; k < app->modules[i]->event_count; k++)
            if (str_is(name, app->modules[i]->events[k]->name))
                return app->modules[i]->events[k];
    return NULL;
}

enum err setting_get(struct ctx *cx, const char *key, str *ret_json)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, setting_by_key, &r, V(key)));
    str value = rows_next(&r) ? arena_str(cx->arena, col_str(&r, 0)) : STR_NONE;
    TRY(rows_end(&r));
    *ret_json = value;
    return OK;
}

enum err setting_set(struct ctx *cx, const char *key, str text)
{
    return sql_exec(cx, setting_put, V(key), V(text), V(cx->now));
}
