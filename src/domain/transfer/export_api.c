/* Exports over the API: asked for, made by a job, had by whoever asked until they expire. */
#include "domain/transfer/export.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "core/app.h"
#include "core/audit.h"
#include "core/job.h"
#include "core/reply.h"

#include "export.sql.h"

#define RUNNING_MAX  5 /* of one person at once */
#define LISTED_MS    (90 * DAY_MS)
#define PAGES_A_STEP 10

static const char *const states[] = { "running", "done", "failed", "cancelled", "expired", NULL };

#define EXPORT(F, T)                                                            \
    F(T, export_id, id, .doc = "Number")                                        \
    F(T, str, kind, .choices = export_kind_keys, .doc = "Of what")              \
    F(T, str, format, .choices = export_format_keys, .doc = "csv or xlsx")      \
    F(T, json, request, .doc = "What was asked for")                            \
    F(T, str, state, .choices = states, .doc = "How far it is")                 \
    F(T, i64, rows, .doc = "Rows written")                                      \
    F(T, i64, size, .doc = "Bytes of the file")                                 \
    F(T, str, error, .nullable = true, .doc = "Why it failed")                  \
    F(T, staff_id, staff_id, .nullable = true, .doc = "Who asked")              \
    F(T, str, by_name, .doc = "Their name")                                     \
    F(T, boolean, open_values, .doc = "Private values stand in it as they are") \
    F(T, instant, created_at, .doc = "When it was asked for")                   \
    F(T, instant, finished_at, .nullable = true, .doc = "When it was ready")    \
    F(T, instant, expires_at, .doc = "When the file is removed")
SCHEMA(export, EXPORT);

#define EXPORT_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(export_list, EXPORT_LIST);

#define EXPORT_ONE(F, T) F(T, export_id, id, .doc = "Number")
SCHEMA(export_one, EXPORT_ONE);

#define EXPORT_KIND(F, T) \
    F(T, str, kind, .required = true, .choices = export_kind_keys, .doc = "Of what")
SCHEMA(export_kind_in, EXPORT_KIND);

#define EXPORT_COLUMN(F, T)              \
    F(T, str, key, .doc = "For columns") \
    F(T, str, name, .doc = "Chinese")    \
    F(T, str, name_en, .doc = "English")
SCHEMA(export_column_out, EXPORT_COLUMN);

static const char *file_of(struct ctx *cx, export_id id, str format)
{
    str name = arena_fmt(cx->arena, "exports/%lld.%.*s", (long long)id.v, STR_ARG(format));
    return app_path(cx->app, cx->arena, name.ptr).ptr;
}

static instant expiry(const struct ctx *cx)
{
    return (instant) { cx->now.ms + cx->app->config.export_days * DAY_MS };
}

/* Of others there is none. */
static enum err get(struct ctx *cx, export_id id, struct export *ret)
{
    TRY(sql_one(cx, export_by_id, &export_schema, ret, ID(id)));
    return ret->staff_id.v == cx->actor.staff.v ? OK : fail(cx, ERR_NOT_FOUND, NULL);
}

static enum err answer(struct ctx *cx, export_id id, struct reply *out)
{
    struct export e;
    TRY(get(cx, id, &e));
    audit_entity(cx, "export", id.v);
    return reply_struct(out, &export_schema, &e);
}

static enum err columns_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct export_kind_in *in = input;
    struct export_column *all;
    size_t count;
    TRY(export_columns(cx, in->kind, &all, &count));
    reply_list(out);
    for (size_t i = 0; i < count; i++)
        reply_item(out, &export_column_out_schema,
                   &(struct export_column_out) { .key = str_of(all[i].key),
                                                 .name = str_of(all[i].zh),
                                                 .name_en = str_of(all[i].en) });
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct export_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 before, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, export_list, &r, V(before ? before : I53_MAX), V(cx->actor.staff.v),
                  V(limit + 1)));
    return reply_page(cx, out, &export_schema, &r, limit);
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    return answer(cx, ((const struct export_one *)input)->id, out);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct export_spec *in = input;
    bool open = may(cx, PERM_CUSTOMER_PRIVATE);
    struct strbuf text;
    export_id id;
    i64 unfinished;
    TRY(need(cx, export_perm(in->kind)));
    TRY(export_check(cx, in));
    TRY(sql_i64(cx, export_unfinished, &unfinished, V(cx->actor.staff.v)));
    if (unfinished >= RUNNING_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", RUNNING_MAX));
    strbuf_init(&text, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&text);
    schema_write(&w, NULL, &export_spec_schema, in);
    TRY(sql_i64(cx, export_insert, &id.v, V(in->kind), V(in->format), V(strbuf_str(&text)),
                ID(cx->actor.staff), V(cx->actor.name), V(open), V(cx->now), V(expiry(cx))));
    TRY(job_add(cx,
                &(struct job_new) {
                    .kind = &export_job,
                    .payload = arena_fmt(cx->arena, "{\"export\":%lld,\"english\":%s}",
                                         (long long)id.v, cx->lang == LANG_EN ? "true" : "false"),
                    .by = cx->actor.staff },
                NULL));
    out->status = 202;
    return answer(cx, id, out);
}

static enum err cancel_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct export_one *in = input;
    struct export e;
    i64 changed;
    TRY(get(cx, in->id, &e));
    TRY(sql_changed(cx, export_cancel, &changed, ID(in->id), V(cx->now)));
    if (!changed)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "导出已经结束", "the export has ended");
    return answer(cx, in->id, out);
}

static enum err unlink_file(struct ctx *cx, export_id id, str format)
{
    if (unlink(file_of(cx, id, format)) != 0 && errno != ENOENT)
        return fail(cx, ERR_FILE, NULL, P("reason", strerror(errno)));
    return OK;
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct export_one *in = input;
    struct export e;
    (void)out;
    TRY(get(cx, in->id, &e));
    if (str_is(e.state, "running"))
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "请先取消导出", "cancel the export first");
    audit_entity(cx, "export", in->id.v);
    TRY(sql_exec(cx, export_delete, ID(in->id)));
    return unlink_file(cx, in->id, e.format);
}

struct taken_away {
    export_id id;
    struct export e;
};

/* Who took which file away, and whether private values were in it, is kept. */
static enum err note_download(struct ctx *cx, void *arg)
{
    struct taken_away *t = arg;
    TRY(get(cx, t->id, &t->e));
    if (!str_is(t->e.state, "done") || t->e.expires_at.ms <= cx->now.ms)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "文件尚未生成或已过期",
                         "the file is not ready or has expired");
    if (t->e.open_values)
        TRY(need(cx, PERM_CUSTOMER_PRIVATE)); /* it may have been taken away meanwhile */
    return audit_append(cx, &(struct audit_new) { .action = S("export.download"),
                                                  .entity = "export",
                                                  .entity_id = t->id.v,
                                                  .after = t->e.request });
}

static enum err download_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct taken_away t = { .id = ((const struct export_one *)input)->id };
    bool workbook;
    TRY(in_write(cx, note_download, &t));
    workbook = str_is(t.e.format, "xlsx");
    out->file = str_of(file_of(cx, t.id, t.e.format));
    out->file_name = arena_fmt(cx->arena, "hetang-%.*s-%lld.%.*s", STR_ARG(t.e.kind),
                               (long long)t.id.v, STR_ARG(t.e.format));
    out->media = workbook ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                          : "text/csv; charset=utf-8";
    return OK;
}

/* The job. A file that was not completed is begun anew by the next process. */
struct making {
    struct arena arena;
    struct export e;
    struct export_spec spec;
    struct export_run *run;
    struct db_view view;
    i64 changed;
    str error;
};

static enum err load(struct ctx *cx, void *arg)
{
    struct making *m = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct json_error bad;
    TRY(sql_one(cx, export_by_id, &export_schema, &m->e, ID(m->e.id)));
    TRY(schema_read(cx, &export_spec_schema, json_read(cx->arena, m->e.request, &bad), &m->spec));
    if (!m->e.staff_id.v)
        return OK; /* the machine's owner */
    TRY(sql_query(cx, export_actor, &r, ID(m->e.staff_id)));
    bool any = rows_next(&r);
    m->view = (struct db_view) { any ? (int)col_i64(&r, 0) : 0, m->e.staff_id.v };
    uint64_t perms = any ? (uint64_t)col_i64(&r, 1) : 0;
    TRY(rows_end(&r));
    if (!any || !(perms >> PERM_EXPORT_RUN & 1) || !(perms >> export_perm(m->e.kind) & 1))
        return fail_rule(cx, ERR_INVALID, NULL, "申请人已没有导出权限",
                         "who asked may not export any more");
    m->e.open_values = m->e.open_values && (perms >> PERM_CUSTOMER_PRIVATE & 1);
    return OK;
}

static void free_making(struct making *m)
{
    if (!m)
        return;
    export_run_drop(&m->run);
    arena_done(&m->arena);
    free(m);
}

static enum err open_making(struct ctx *cx, struct making *m)
{
    struct arena *outer = cx->arena;
    cx->arena = &m->arena;
    enum err e = in_read(cx, load, m);
    cx->actor.name = e == OK ? m->e.by_name : cx->actor.name;
    cx->actor.view = m->view;
    mkdir(app_path(cx->app, cx->arena, "exports").ptr, 0700);
    if (e == OK && str_is(m->e.state, "running"))
        e = export_run_open(cx, &m->spec, file_of(cx, m->e.id, m->e.format), m->e.open_values,
                            &m->run);
    cx->arena = outer;
    return e;
}

/* Who acts, said in memory that outlives the making. */
static void act(struct ctx *cx, const struct making *m)
{
    cx->actor.name = arena_str(cx->arena, m->e.by_name);
    cx->actor.view = m->view;
}

static enum err note_progress(struct ctx *cx, void *arg)
{
    struct making *m = arg;
    return sql_changed(cx, export_progress, &m->changed, ID(m->e.id), V(export_run_rows(m->run)));
}

struct made {
    struct making *m;
    i64 rows, size;
};

static enum err note_made(struct ctx *cx, void *arg)
{
    struct made *d = arg;
    return sql_changed(cx, export_finish, &d->m->changed, ID(d->m->e.id), V(d->rows), V(d->size),
                       V(cx->now), V(expiry(cx)));
}

static enum err note_failed(struct ctx *cx, void *arg)
{
    struct making *m = arg;
    return sql_exec(cx, export_fail, ID(m->e.id), V(m->error), V(cx->now), V(expiry(cx)));
}

static enum err finish(struct ctx *cx, struct making *m)
{
    const char *path = file_of(cx, m->e.id, m->e.format);
    struct made d = { .m = m, .rows = export_run_rows(m->run) };
    struct stat file;
    TRY(export_run_close(cx, &m->run));
    d.size = stat(path, &file) == 0 ? file.st_size : 0;
    TRY(in_write(cx, note_made, &d));
    return m->changed ? OK : unlink_file(cx, m->e.id, m->e.format); /* cancelled meanwhile */
}

static enum err make_some(struct ctx *cx, struct making *m, bool *ret_more)
{
    bool more = true;
    struct arena page CLEANUP(arena_done) = { 0 }, *outer = cx->arena;
    for (int i = 0; i < PAGES_A_STEP && more; i++) {
        arena_reset(&page);
        cx->arena = &page;
        enum err e = export_run_step(cx, m->run, &more);
        cx->arena = outer;
        failure_keep(cx);
        TRY(e);
    }
    if (!more)
        return finish(cx, m);
    TRY(in_write(cx, note_progress, m));
    *ret_more = m->changed != 0;
    return OK;
}

static enum err step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct making *m = job->memory;
    if (!m) {
        struct json_error bad;
        const struct json *payload = json_read(cx->arena, job->payload, &bad),
                          *english = json_get(payload, "english");
        m = job->memory = xcalloc(1, sizeof *m);
        if (!json_i64(json_get(payload, "export"), &m->e.id.v))
            return ERR_INTERNAL;
        cx->lang = english && english->yes ? LANG_EN : LANG_ZH;
        TRY(open_making(cx, m));
    }
    if (!m->run)
        return OK; /* it was cancelled before it began */
    act(cx, m);
    TRY(make_some(cx, m, ret_more));
    job->done = m->run ? export_run_rows(m->run) : job->done;
    return OK;
}

static enum err job_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    *ret_more = false;
    enum err e = step(cx, job, ret_more);
    if (e == OK)
        return OK;
    struct making *m = job->memory;
    job->memory = NULL;
    *ret_more = false;
    failure_keep(cx);
    cx->actor.name = S("export");
    bool gone = e == ERR_NOT_FOUND, hopeless = err_info(e)->status < 500;
    m->error = fail_text(cx, e);
    if (hopeless && !gone)
        e = in_write(cx, note_failed, m);
    free_making(m);
    return gone ? OK : e;
}

static void job_forget(struct job *job)
{
    free_making(job->memory);
}

const struct job_kind export_job = { .name = "export",
                                     .zh = "导出数据",
                                     .en = "Export data",
                                     .step = job_step,
                                     .forget = job_forget,
                                     .outside = true };

enum err export_expire(struct ctx *cx, bool *ret_more)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_exec(cx, export_forget, V(cx->now)));
    TRY(sql_query(cx, export_expired, &r, V(cx->now)));
    *ret_more = rows_next(&r);
    export_id id = { *ret_more ? col_id(&r, 0) : 0 };
    str format = *ret_more ? arena_str(cx->arena, col_str(&r, 1)) : STR_NONE;
    TRY(rows_end(&r));
    if (!id.v)
        return OK;
    TRY(sql_exec(cx, export_expire, ID(id), V((instant) { cx->now.ms + LISTED_MS })));
    return unlink_file(cx, id, format);
}

static const struct route routes[] = {
    { GET, "/api/v1/export-columns", columns_run, .id = "export.columns", .perm = PERM_EXPORT_RUN,
      .mode = READ, .in = &export_kind_in_schema, .out = &export_column_out_schema, .listed = true,
      .doc = "The columns that a kind of export can have" },
    { GET, "/api/v1/exports", list_run, .id = "export.list", .perm = PERM_EXPORT_RUN, .mode = READ,
      .in = &export_list_schema, .out = &export_schema, .listed = true,
      .doc = "One's own exports, newest first" },
    { GET, "/api/v1/exports/{id}", get_run, .id = "export.get", .perm = PERM_EXPORT_RUN,
      .mode = READ, .in = &export_one_schema, .out = &export_schema,
      .doc = "One export and how far it is" },
    { POST, "/api/v1/exports", create_run, .id = "export.create", .perm = PERM_EXPORT_RUN,
      .mode = WRITE, .in = &export_spec_schema, .out = &export_schema,
      .doc = "Make a file of what one may see, as a job" },
    { POST, "/api/v1/exports/{id}/cancel", cancel_run, .id = "export.cancel",
      .perm = PERM_EXPORT_RUN, .mode = WRITE, .in = &export_one_schema, .out = &export_schema,
      .doc = "Stop making it" },
    { GET, "/api/v1/exports/{id}/file", download_run, .id = "export.download",
      .perm = PERM_EXPORT_RUN, .mode = BARE, .in = &export_one_schema, .raw_out = true,
      .doc = "The file, until it expires" },
    { DELETE, "/api/v1/exports/{id}", remove_run, .id = "export.remove", .perm = PERM_EXPORT_RUN,
      .mode = WRITE, .in = &export_one_schema, .doc = "Remove the file" },
};

static const struct job_kind *const jobs[] = { &export_job };

const struct module export_module = { .name = "export",
                                      .routes = routes,
                                      .route_count = COUNT(routes),
                                      .jobs = jobs,
                                      .job_count = COUNT(jobs) };
