/* hetang audit verify: the chain walked from its first row to its end. */
#include "app/commands.h"

#include "core/audit.h"

#define STEP_ROWS 20000

struct walking {
    struct audit_walk walk;
    i64 last;
    bool more;
};

static enum err walk_on(struct ctx *cx, void *arg)
{
    struct walking *w = arg;
    TRY(audit_last(cx, &w->last));
    return audit_verify(cx, &w->walk, STEP_ROWS, &w->more);
}

static void tell(const struct invocation *in, const struct audit_walk *walk)
{
    const struct audit_fault_info *f = walk->bad ? audit_fault_info(walk->fault) : NULL;
    if (in->json) {
        struct strbuf text CLEANUP(strbuf_done);
        strbuf_init(&text, NULL, 1000);
        struct json_writer w = json_writer(&text);
        json_open(&w, NULL);
        json_put(&w, "rows", walk->last);
        json_val(&w, "bad", val_id(walk->bad));
        json_put(&w, "fault", f ? f->word : NULL);
        json_close(&w);
        printf("%.*s\n", STR_ARG(strbuf_str(&text)));
    } else if (f) {
        printf("Row %lld: %s. The %lld before it are whole.\n", (long long)walk->bad, f->en,
               (long long)MIN(walk->last, walk->bad - 1));
    } else {
        printf("All %lld rows are whole.\n", (long long)walk->last);
    }
}

int run_audit(struct invocation *in)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    struct walking w = { .more = true };
    const char *why;
    if (strcmp(in->arguments[0], "verify") != 0) {
        complain("audit verify is the only thing to do with it; hetang audit --help says more");
        return EXIT_USAGE;
    }
    if (app_open(&app, APP_LOOK, &why) != OK)
        return complain("%s", why);
    struct ctx cx = system_ctx(&app, &arena, S("audit"));
    enum err e = OK;
    while (e == OK && w.more) {
        e = in_read(&cx, walk_on, &w);
        if (w.last)
            progress(in, "verifying", w.walk.last, w.last);
    }
    progress_end(in);
    if (e == OK)
        tell(in, &w.walk);
    else
        complain("%.*s", STR_ARG(fail_text(&cx, e)));
    app_close(&app);
    return e == OK && !w.walk.bad ? EXIT_OK : EXIT_FAILED;
}
