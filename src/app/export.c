/* hetang export: what is in the data folder into a file, without a server. */
#include "app/commands.h"

#include "base/time.h"
#include "core/audit.h"
#include "domain/transfer/export.h"

struct work {
    struct invocation *in;
    struct export_spec spec;
    struct arena arena;
    bool open;
};

static enum err read_spec(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    const char *to = option(w->in, "to"), *condition = option(w->in, "condition");
    str columns = str_of(option(w->in, "columns"));
    VEC(str) chosen = { 0 };
    struct json_error bad;
    schema_clear(&export_spec_schema, &w->spec);
    w->spec.kind = str_of(w->in->arguments[0]);
    w->spec.format = str_ends(str_of(to), S(".xlsx")) ? S("xlsx") : S("csv");
    while (columns.len)
        *vec_push(cx->arena, &chosen) = str_trim(str_cut(&columns, ','));
    w->spec.columns = (list) { chosen.at, chosen.n };
    if (condition && !(w->spec.condition = json_read(cx->arena, str_of(condition), &bad)))
        return fail(cx, ERR_BAD_JSON, "condition", P("line", (i64)bad.line),
                    P("column", (i64)bad.column), P("reason", bad.reason));
    return export_check(cx, &w->spec);
}

static enum err note(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    return audit_append(cx,
                        &(struct audit_new) { .action = S("export.create"),
                                              .entity = "export",
                                              .after = w->open ? S("{\"open_values\":true}")
                                                               : S("{\"open_values\":false}") });
}

static enum err do_export(struct ctx *cx, struct work *w)
{
    struct export_run *run CLEANUP(export_run_drop) = NULL;
    struct arena page CLEANUP(arena_done) = { 0 }, *outer = cx->arena;
    i64 from_us = clock_monotonic_us(), rows = 0;
    bool more = true;
    TRY(in_read(cx, read_spec, w));
    TRY(in_write(cx, note, w));
    TRY(export_run_open(cx, &w->spec, option(w->in, "to"), w->open, &run));
    while (more) {
        arena_reset(&page);
        cx->arena = &page;
        enum err e = export_run_step(cx, run, &more);
        cx->arena = outer;
        failure_keep(cx);
        TRY(e);
        rows = export_run_rows(run);
        progress(w->in, "export", rows, 0);
    }
    progress_end(w->in);
    TRY(export_run_close(cx, &run));
    i64 took_ms = (clock_monotonic_us() - from_us) / 1000;
    if (w->in->json)
        printf("{\"rows\":%lld,\"took_ms\":%lld}\n", (long long)rows, (long long)took_ms);
    else
        printf("%lld rows, %.1f s\n", (long long)rows, (double)took_ms / 1000);
    return OK;
}

int run_export(struct invocation *in)
{
    struct work w = { .in = in, .open = option(in, "open") != NULL };
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    const char *const *kind = export_kind_keys;
    const char *why;
    while (*kind && strcmp(*kind, in->arguments[0]) != 0)
        kind++;
    if (!*kind)
        return complain("there is no kind of export %s: customers, orders, tasks",
                        in->arguments[0]);
    if (!option(in, "to"))
        return complain("--to FILE is needed, ending in .csv or .xlsx");
    if (app_open(&app, APP_WORK, &why) != OK)
        return complain("%s", why);
    struct ctx cx = system_ctx(&app, &w.arena, S("command line"));
    cx.lang = option(in, "english") ? LANG_EN : LANG_ZH;
    enum err e = do_export(&cx, &w);
    cx.lang = LANG_EN;
    if (e != OK)
        complain("%.*s", STR_ARG(fail_text(&cx, cx.failure.code ? cx.failure.code : e)));
    arena_done(&w.arena);
    app_close(&app);
    return e == OK ? EXIT_OK : EXIT_FAILED;
}
