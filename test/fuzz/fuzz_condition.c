/* Any bytes as a condition: it is refused with its place, or it is SQL that the database takes. */
#include <dirent.h>
#include <unistd.h>

#include "app/modules.h"
#include "base/log.h"
#include "core/app.h"
#include "domain/condition/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct app app;
static char folder[] = "/tmp/hetang-fuzz-XXXXXX";

static void clean(void)
{
    char path[400];
    static const char *const below[] = { "tmp", "runs", "." };
    app_close(&app);
    config_done(&app.config);
    for (size_t i = 0; i < COUNT(below); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, below[i]);
        DIR *dir = opendir(path);
        for (struct dirent *e; dir && (e = readdir(dir));) {
            char file[700];
            snprintf(file, sizeof file, "%s/%s", path, e->d_name);
            if (e->d_type != DT_DIR)
                unlink(file);
        }
        if (dir)
            closedir(dir);
        rmdir(path);
    }
    rmdir(folder);
}

static void start(void)
{
    const char *why = "";
    log_threshold(LOG_ERROR);
    if (!mkdtemp(folder))
        abort();
    config_init(&app.config);
    free(app.config.data);
    app.config.data = xstrdup(str_of(folder));
    app.config.log_level = "error";
    app.config.test_mode = true;
    app.config.disk_reserve_mb = 0;
    app.modules = modules;
    app.module_count = modules_count;
    if (app_open(&app, APP_MAKE, &why) != OK) {
        fprintf(stderr, "%s\n", why);
        abort();
    }
    atexit(clean);
}

static enum err ask(struct ctx *cx, void *arg)
{
    const str *text = arg;
    struct condition c = { 0 };
    struct condition_sql s = { 0 };
    struct rows r CLEANUP(rows_close) = { 0 };
    enum err e = condition_read_text(cx, "where", *text, &c);
    if (e != OK) {
        assert(cx->failure.code == e && e != ERR_INTERNAL && e != ERR_STORAGE);
        return OK;
    }
    assert(c.leaves <= CONDITION_LEAVES_MAX);
    strbuf_init(&s.text, cx->arena, 16 << 20);
    out(&s.text, S("SELECT c.id FROM customer c LEFT JOIN customer_sales s ON s.customer_id = c.id"
                   " WHERE c.merged_into IS NULL"));
    e = condition_to_sql(cx, &c, &s);
    if (e == OK)
        e = db_query_text(cx->db, "fuzz", strbuf_str(&s.text), &r, s.binds.at, s.binds.n);
    assert(e == OK);
    while (rows_next(&r))
        ;
    return rows_end(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    if (!app.db)
        start();
    struct ctx cx = system_ctx(&app, &a, S("fuzz"));
    str text = { (const char *)data, size };
    enum err e = in_read(&cx, ask, &text);
    assert(e == OK);
    return 0;
}
