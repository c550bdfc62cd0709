#include "instance.h"

#include "base/time.h"

#include <unistd.h>

#include "app/modules.h"
#include "base/log.h"

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
