/* hetang import: a file into the data folder, without a server, by the same functions. */
#include "app/commands.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/event.h"
#include "domain/transfer/transfer.h"

struct work {
    struct invocation *in;
    struct app app;
    struct arena arena;
    const struct transfer_kind *kind;
    const char *path;
    i64 size;
    str print;
    struct mapping mapping;
    struct import_row im;
    import_id id;
    bool went_on;
    str why; /* it failed; or none */
};

static void work_done(struct work *w)
{
    arena_done(&w->arena);
}

/* From a preset, else by the headers of the file. */
static enum err choose(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    const char *preset = option(w->in, "preset"), *source = option(w->in, "source");
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_options options;
    struct transfer_field *fields;
    size_t count;
    schema_clear(&mapping_schema, &w->mapping);
    if (preset)
        TRY(mapping_preset_get(cx, w->kind, str_of(preset), &w->mapping));
    TRY(mapping_options(cx, &w->mapping, &options));
    TRY(transfer_fields(cx, w->kind, &fields, &count));
    TRY(sheet_open(cx, w->path, &options, &s));
    if (!preset)
        mapping_guess(cx, fields, count, sheet_info(s), &w->mapping);
    if (source)
        w->mapping.source = str_of(source);
    int *at = NEW_N(cx->arena, int, count);
    return mapping_bind(cx, &w->mapping, fields, count, sheet_info(s), at);
}

/* The same file with the same mapping that was stopped half-way goes on; else a new import. */
static enum err begin(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    bool dry = option(w->in, "dry-run") != NULL;
    str mapping = mapping_text(cx, &w->mapping);
    enum err e = dry ? ERR_DONE : import_unfinished(cx, w->kind, w->print, mapping, &w->id);
    w->went_on = e == OK;
    if (e == OK) {
        TRY(import_get(cx, w->id, &w->im));
        return str_is(w->im.state, "paused") ? import_move(cx, &w->im, "running") : OK;
    }
    if (e != ERR_DONE)
        return e;
    TRY(import_add(cx,
                   &(struct import_new) { .kind = w->kind,
                                          .name = str_of(w->path),
                                          .path = str_of(w->path),
                                          .print = w->print,
                                          .mapping = mapping,
                                          .size = w->size,
                                          .uploaded = w->size },
                   &w->id));
    TRY(import_get(cx, w->id, &w->im));
    TRY(import_begin(cx, &w->im, dry));
    return audit_append(cx, &(struct audit_new) { .action = S("import.run"),
                                                  .entity = "import",
                                                  .entity_id = w->id.v,
                                                  .after = mapping });
}

static enum err read_again(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    return import_get(cx, w->id, &w->im);
}

static enum err run_all(struct ctx *cx, struct work *w)
{
    struct import_run *run CLEANUP(import_run_closep) = NULL;
    struct arena step CLEANUP(arena_done) = { 0 }, *outer = cx->arena;
    bool more = true;
    TRY(import_run_open(cx, w->id, &run));
    while (more) {
        arena_reset(&step);
        cx->arena = &step;
        enum err e = import_run_step(cx, run, &more);
        cx->arena = outer;
        failure_keep(cx);
        TRY(e);
        progress(w->in, "import", import_run_bytes(run), w->size);
    }
    progress_end(w->in);
    return in_read(cx, read_again, w);
}

static void print_result(struct work *w, i64 took_ms)
{
    struct counts c;
    counts_read(&w->arena, w->im.counts, &c);
    if (w->in->json) {
        printf("{\"import\":%lld,\"state\":\"%.*s\",\"dry\":%s,\"took_ms\":%lld,\"counts\":%.*s}\n",
               (long long)w->id.v, STR_ARG(w->im.state), w->im.dry ? "true" : "false",
               (long long)took_ms, STR_ARG(w->im.counts));
        return;
    }
    printf("%s%lld rows: %lld accepted (%lld of them were there already), %lld skipped, "
           "%lld refused\n",
           w->im.dry ? "Dry run, nothing was written. " : "", (long long)c.rows,
           (long long)c.accepted, (long long)c.unchanged, (long long)c.skipped,
           (long long)c.refused);
    printf("%lld people, %lld orders, %lld refunds, %lld lines (%lld gifts) are new; %.1f s\n",
           (long long)c.people, (long long)c.orders, (long long)c.refunds, (long long)c.lines,
           (long long)c.gifts, (double)took_ms / 1000);
    for (size_t i = 1; i < REASON_COUNT; i++)
        if (c.by_reason[i])
            printf("  %lld %s: %s\n", (long long)c.by_reason[i],
                   reasons[i].skipped ? "skipped" : "refused", reasons[i].en);
}

/* With how far it came, since what was written before stays written. */
static str why_failed(struct work *w)
{
    return !w->im.rows || w->im.dry
               ? w->im.error
               : arena_fmt(&w->arena, "%.*s (behind row %lld; what stands before is imported)",
                           STR_ARG(w->im.error), (long long)w->im.rows);
}

static enum err do_import(struct ctx *cx, struct work *w)
{
    const char *report = option(w->in, "report");
    i64 from_us = clock_monotonic_us();
    TRY(in_read(cx, choose, w));
    TRY(in_write(cx, begin, w));
    if (w->went_on)
        fprintf(stderr, "Going on behind row %lld, where it was stopped.\n", (long long)w->im.rows);
    TRY(run_all(cx, w));
    TRY(log_drain(&w->app));
    if (report)
        TRY(import_report(cx, &w->im, report));
    if (str_is(w->im.state, "failed")) {
        w->why = why_failed(w);
        return ERR_INVALID;
    }
    print_result(w, (clock_monotonic_us() - from_us) / 1000);
    return OK;
}

/* Says why: for a program too, which reads an object in any case. */
static int say_failed(struct invocation *in, str why)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf sb;
    strbuf_init(&sb, &a, 1 << 20);
    struct json_writer w = json_writer(&sb);
    json_open(&w, NULL);
    json_put(&w, "error", why);
    json_close(&w);
    if (in->json)
        printf("%.*s\n", STR_ARG(strbuf_str(&sb)));
    return complain("%.*s", STR_ARG(why));
}

int run_import(struct invocation *in)
{
    struct work w CLEANUP(work_done) = { .in = in, .path = in->arguments[1] };
    struct stat file;
    const char *why;
    char place[4096];
    w.kind = transfer_kind_find(str_of(in->arguments[0]));
    if (!w.kind)
        return say_failed(in,
                          arena_fmt(&w.arena, "there is no kind of import %s: orders, customers",
                                    in->arguments[0]));
    if (stat(w.path, &file) != 0 || !realpath(w.path, place))
        return say_failed(in, arena_fmt(&w.arena, "%s cannot be read", w.path));
    w.app =
        (struct app) { .config = in->config, .modules = modules, .module_count = modules_count };
    if (app_open(&w.app, APP_WORK, &why) != OK)
        return say_failed(in, str_of(why));
    w.path = place;
    w.size = file.st_size;
    w.print = arena_fmt(&w.arena, "%lld:%lld.%09ld:%s", (long long)file.st_size,
                        (long long)file.st_mtim.tv_sec, file.st_mtim.tv_nsec, place);
    struct ctx cx = system_ctx(&w.app, &w.arena, S("command line"));
    cx.lang = LANG_EN;
    enum err e = do_import(&cx, &w);
    if (e != OK)
        say_failed(in, w.why.ptr ? w.why : fail_text(&cx, cx.failure.code ? cx.failure.code : e));
    app_close(&w.app);
    return e == OK ? EXIT_OK : EXIT_FAILED;
}
