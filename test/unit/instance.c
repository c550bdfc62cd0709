#include "instance.h"

#include "base/time.h"

#include <dirent.h>
#include <unistd.h>

#include "app/modules.h"
#include "base/log.h"

uint64_t random_seed(void)
{
    const char *asked = getenv("SEED");
    uint64_t seed = asked ? strtoull(asked, NULL, 10) : (uint64_t)clock_now().ms;
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

void instance_open(struct instance *i, instant now)
{
    const char *why = "";
    *i = (struct instance) { .folder = "/tmp/hetang-unit-XXXXXX" };
    assert_non_null(mkdtemp(i->folder));
    config_init(&i->app.config);
    free(i->app.config.data);
    i->app.config.data = xstrdup(str_of(i->folder));
    i->app.config.log_level = "warn";
    i->app.config.test_mode = true;
    i->app.modules = modules;
    i->app.module_count = modules_count;
    i->app.clock_ms = now.ms;
    if (app_open(&i->app, APP_MAKE, &why) != OK)
        fail_msg("%s", why);
}

void remove_folder(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char child[512];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(child, sizeof child, "%.200s/%.200s", path, e->d_name);
        if (e->d_type == DT_DIR)
            remove_folder(child);
        else
            unlink(child);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

void instance_close(struct instance *i)
{
    app_close(&i->app);
    config_done(&i->app.config);
    arena_done(&i->arena);
    remove_folder(i->folder);
}

static void check(struct ctx *cx, enum err e)
{
    if (e != OK)
        fail_msg("%s: %s", err_info(e)->name, arena_z(cx->arena, fail_text(cx, e)));
}

void instance_write(struct instance *i, enum err (*work)(struct ctx *cx, void *arg), void *arg)
{
    struct ctx cx = system_ctx(&i->app, &i->arena, S("test"));
    check(&cx, in_write(&cx, work, arg));
}

void instance_read(struct instance *i, enum err (*work)(struct ctx *cx, void *arg), void *arg)
{
    struct ctx cx = system_ctx(&i->app, &i->arena, S("test"));
    check(&cx, in_read(&cx, work, arg));
}
