/* Imports over the API: a file comes in pieces, is looked at, mapped, tried, run and reported. */
#include "domain/transfer/internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/app.h"
#include "core/audit.h"
#include "core/job.h"
#include "core/reply.h"
#include "core/scope.h"

#include "import.sql.h"

#define LOOK_ROWS 20

static const char *const states[] = { "uploading", "ready",  "running",   "paused",
                                      "done",      "failed", "cancelled", NULL };

#define COUNTS_REASON(F, T)                                                      \
    F(T, str, code, .doc = "Why")                                                \
    F(T, str, text, .doc = "The same for a person")                              \
    F(T, boolean, skipped, .doc = "No news, as opposed to something to correct") \
    F(T, i64, count, .doc = "Rows")
SCHEMA(import_reason, COUNTS_REASON);

#define COUNTS(F, T)                                                    \
    F(T, i64, rows, .doc = "Rows that are done")                        \
    F(T, i64, accepted, .doc = "Taken, or there already")               \
    F(T, i64, unchanged, .doc = "There already")                        \
    F(T, i64, skipped, .doc = "Left out as the mapping says")           \
    F(T, i64, refused, .doc = "Left out because something is wrong")    \
    F(T, i64, people, .doc = "People who are new")                      \
    F(T, i64, changed, .doc = "People about whom something was learnt") \
    F(T, i64, orders, .doc = "Orders that are new")                     \
    F(T, i64, refunds, .doc = "Refunds that are new")                   \
    F(T, i64, lines, .doc = "Lines of orders and refunds that are new") \
    F(T, i64, gifts, .doc = "New lines of orders whose price is 0")     \
    F(T, list, reasons, .of = &import_reason_schema, .doc = "Why rows were left out")
SCHEMA(import_counts, COUNTS);

#define IMPORT(F, T)                                                                 \
    F(T, import_id, id, .doc = "Number")                                             \
    F(T, str, kind, .choices = transfer_kind_keys, .doc = "What is in the file")     \
    F(T, str, name, .doc = "Of the file")                                            \
    F(T, str, state, .choices = states, .doc = "How far it is")                      \
    F(T, boolean, dry, .doc = "A dry run: what is counted would happen")             \
    F(T, i64, size, .doc = "Bytes of the file")                                      \
    F(T, i64, uploaded, .doc = "Bytes that have come")                               \
    F(T, i64, bytes, .doc = "Bytes that are done, of size")                          \
    F(T, i64, took_ms, .doc = "Time it has run")                                     \
    F(T, i64, rows_per_s, .doc = "Rows a second so far")                             \
    F(T, obj, counts, .of = &import_counts_schema, .doc = "What became of the rows") \
    F(T, obj, mapping, .of = &mapping_schema, .doc = "Which column is what")         \
    F(T, str, error, .nullable = true, .doc = "Why it failed")                       \
    F(T, str, by_name, .doc = "Who imports")                                         \
    F(T, instant, created_at, .doc = "When the upload began")                        \
    F(T, instant, started_at, .nullable = true, .doc = "When it was run")            \
    F(T, instant, finished_at, .nullable = true, .doc = "When it ended")             \
    F(T, instant, expires_at, .doc = "When file and report are removed")             \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA(import, IMPORT);

#define IMPORT_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(import_list, IMPORT_LIST);

#define IMPORT_ONE(F, T) F(T, import_id, id, .doc = "Number")
SCHEMA(import_one, IMPORT_ONE);

#define IMPORT_CREATE(F, T)                                                                        \
    F(T, str, kind, .required = true, .choices = transfer_kind_keys, .doc = "What is in the file") \
    F(T, str, name, .required = true, .max = 200, .doc = "Of the file")                            \
    F(T, i64, size, .required = true, .min = 1, .max = I53_MAX, .doc = "Bytes of the file")        \
    F(T, str, preset, .max = 100, .doc = "A preset's key or name, instead of a mapping")           \
    F(T, obj, mapping, .of = &mapping_schema, .doc = "Which column is what")
SCHEMA(import_create, IMPORT_CREATE);

#define IMPORT_CONTENT(F, T)                                      \
    F(T, import_id, id, .doc = "Number")                          \
    F(T, i64, offset, .required = true, .min = 0, .max = I53_MAX, \
      .doc = "Where this piece begins: as many bytes as have come (uploaded)")
SCHEMA(import_content, IMPORT_CONTENT);

#define IMPORT_LOOK(F, T)                                                \
    F(T, import_id, id, .doc = "Number")                                 \
    F(T, str, charset, .max = 20, .doc = "Unless it is to be found out") \
    F(T, str, separator, .max = 3, .doc = "One character, or tab")       \
    F(T, str, sheet, .max = 100, .doc = "Of a workbook")                 \
    F(T, boolean, headless, .doc = "There is no row of headers")         \
    F(T, i64, first_line, .min = 1, .max = 1000000, .doc = "Lines before it are left out")
SCHEMA(import_look, IMPORT_LOOK);

#define LOOKED_ROW(F, T)                                               \
    F(T, i64, line, .doc = "Where it is in the file")                  \
    F(T, str, fault, .nullable = true, .doc = "Why it cannot be read") \
    F(T, list, cells, .of_type = FT_str, .doc = "Its cells")
SCHEMA(import_looked_row, LOOKED_ROW);

#define LOOKED(F, T)                                                                     \
    F(T, str, format, .doc = "csv or xlsx")                                              \
    F(T, str, packing, .doc = "plain, gzip, xz or zip")                                  \
    F(T, str, charset, .doc = "As found out or told")                                    \
    F(T, str, separator, .nullable = true, .doc = "As found out or told; tab is a word") \
    F(T, str, sheet, .nullable = true, .doc = "Of a workbook: the one that is read")     \
    F(T, list, sheets, .of_type = FT_str, .doc = "Of a workbook")                        \
    F(T, list, columns, .of_type = FT_str, .doc = "Headers")                             \
    F(T, list, rows, .of = &import_looked_row_schema, .doc = "The first ones")           \
    F(T, list, guess, .of = &mapping_column_schema, .doc = "Columns as their headers suggest")
SCHEMA(import_looked, LOOKED);

#define IMPORT_CHANGE(F, T)                                     \
    F(T, import_id, id, .doc = "Number")                        \
    F(T, str, name, .min = 1, .max = 200, .doc = "Of the file") \
    F(T, obj, mapping, .of = &mapping_schema, .doc = "Which column is what")
SCHEMA(import_change, IMPORT_CHANGE);

#define IMPORT_RUN(F, T)                 \
    F(T, import_id, id, .doc = "Number") \
    F(T, boolean, dry_run, .doc = "Only look what would happen")
SCHEMA(import_start, IMPORT_RUN);

#define IMPORT_LINES(F, T)               \
    F(T, import_id, id, .doc = "Number") \
    PAGE_FIELDS(F, T)
SCHEMA(import_lines_of, IMPORT_LINES);

#define IMPORT_LINE(F, T)                                                        \
    F(T, i64, row, .doc = "Among the rows of the file, from 1")                  \
    F(T, i64, line, .doc = "Where it is in the file")                            \
    F(T, str, code, .doc = "Why it was left out")                                \
    F(T, str, text, .doc = "The same for a person")                              \
    F(T, boolean, skipped, .doc = "No news, as opposed to something to correct") \
    F(T, str, field, .nullable = true, .doc = "At fault")                        \
    F(T, list, cells, .of_type = FT_str, .doc = "Its cells")                     \
    F(T, str, original, .nullable = true, .doc = "Its text, when it could not be read")
SCHEMA(import_line, IMPORT_LINE);

#define KIND_FIELD(F, T)                         \
    F(T, str, key, .doc = "For mapping.columns") \
    F(T, str, name, .doc = "Chinese")            \
    F(T, str, name_en, .doc = "English")         \
    F(T, boolean, required, .doc = "Without it nothing is imported")
SCHEMA(import_field, KIND_FIELD);

#define KIND(F, T)                               \
    F(T, str, key, .doc = "orders or customers") \
    F(T, str, name, .doc = "Chinese")            \
    F(T, str, name_en, .doc = "English")         \
    F(T, list, fields, .of = &import_field_schema, .doc = "What a row may say")
SCHEMA(import_kind, KIND);

/* What is in the file is looked for, and changed, wherever it is. */
static enum err sees_all(struct ctx *cx)
{
    return cx->actor.view.variant == SCOPE_ALL
               ? OK
               : fail_rule(cx, ERR_EXCEEDS, NULL, "导入需要能看到全部客户",
                           "importing is for those who see every customer");
}

static enum err get(struct ctx *cx, import_id id, struct import_row *ret)
{
    TRY(sees_all(cx));
    TRY(import_get(cx, id, ret));
    return need(cx, transfer_kind_find(ret->kind)->perm);
}

static list reason_list(struct ctx *cx, const struct counts *c)
{
    VEC(struct import_reason) all = { 0 };
    for (size_t i = 1; i < REASON_COUNT; i++)
        if (c->by_reason[i])
            *vec_push(cx->arena, &all) = (struct import_reason) {
                .code = str_of(reasons[i].code),
                .text = str_of(cx->lang == LANG_ZH ? reasons[i].zh : reasons[i].en),
                .skipped = reasons[i].skipped,
                .count = c->by_reason[i]
            };
    return (list) { all.at, all.n };
}

static enum err shown(struct ctx *cx, const struct import_row *im, struct import *ret)
{
    struct mapping *mapping = NEW(cx->arena, struct mapping);
    struct import_counts *counts = NEW(cx->arena, struct import_counts);
    struct counts c;
    TRY(mapping_read(cx, im->mapping, mapping));
    counts_read(cx->arena, im->counts, &c);
#define COUNTED_COPY(name) counts->name = c.name;
    COUNTED(COUNTED_COPY)
#undef COUNTED_COPY
    counts->reasons = reason_list(cx, &c);
    *ret = (struct import) { .id = im->id,
                             .kind = im->kind,
                             .name = im->name,
                             .state = im->state,
                             .dry = im->dry,
                             .size = im->size,
                             .uploaded = im->uploaded,
                             .bytes = im->bytes,
                             .took_ms = im->took_ms,
                             .rows_per_s = c.rows * 1000 / MAX(im->took_ms, 1),
                             .counts = counts,
                             .mapping = mapping,
                             .error = im->error,
                             .by_name = im->by_name,
                             .created_at = im->created_at,
                             .started_at = im->started_at,
                             .finished_at = im->finished_at,
                             .expires_at = im->expires_at,
                             .version = im->version };
    return OK;
}

static enum err answer(struct ctx *cx, import_id id, struct reply *out)
{
    struct import_row im;
    struct import i;
    TRY(import_get(cx, id, &im));
    TRY(shown(cx, &im, &i));
    audit_entity(cx, "import", id.v);
    return reply_struct(out, &import_schema, &i);
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 before, limit = page_limit(in->limit), count = 0;
    struct import_row *all = NEW_N(cx->arena, struct import_row, (size_t)limit + 1);
    TRY(sees_all(cx));
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, import_list, &r, V(before ? before : I53_MAX), V(limit + 1)));
    while (rows_next(&r))
        schema_row(cx->arena, &import_row_schema, &r, &all[count++]);
    TRY(rows_end(&r));
    reply_list(out);
    for (i64 i = 0; i < MIN(count, limit); i++) {
        struct import one;
        TRY(shown(cx, &all[i], &one));
        reply_item(out, &import_schema, &one);
    }
    reply_list_end(out,
                   count > limit
                       ? cursor_make(cx->arena, (struct val[]) { ID(all[limit - 1].id) }, 1)
                       : STR_NONE,
                   NONE);
    return OK;
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_one *in = input;
    struct import_row im;
    TRY(get(cx, in->id, &im));
    return answer(cx, in->id, out);
}

static enum err kinds_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input;
    reply_list(out);
    for (size_t k = 0; transfer_kind_keys[k]; k++) {
        const struct transfer_kind *kind = transfer_kind_find(str_of(transfer_kind_keys[k]));
        struct transfer_field *fields;
        size_t count;
        TRY(transfer_fields(cx, kind, &fields, &count));
        struct import_field *shown_fields = NEW_N(cx->arena, struct import_field, count);
        for (size_t i = 0; i < count; i++)
            shown_fields[i] = (struct import_field) { .key = str_of(fields[i].key),
                                                      .name = str_of(fields[i].zh),
                                                      .name_en = str_of(fields[i].en),
                                                      .required = fields[i].required };
        reply_item(out, &import_kind_schema,
                   &(struct import_kind) { .key = str_of(kind->key),
                                           .name = str_of(kind->zh),
                                           .name_en = str_of(kind->en),
                                           .fields = { shown_fields, count } });
    }
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_create *in = input;
    const struct transfer_kind *kind = transfer_kind_find(in->kind);
    i64 most = cx->app->config.upload_max_mb << 20;
    struct mapping mapping;
    struct sheet_options checked;
    import_id id;
    TRY(sees_all(cx));
    TRY(need(cx, kind->perm));
    if (in->size > most)
        return fail(cx, ERR_OUT_OF_RANGE, "size", P("min", 1), P("max", most));
    schema_clear(&mapping_schema, &mapping);
    if (in->preset.len)
        TRY(mapping_preset_get(cx, kind, in->preset, &mapping));
    else if (in->mapping)
        mapping = *(const struct mapping *)in->mapping;
    TRY(mapping_options(cx, &mapping, &checked));
    TRY(import_add(cx,
                   &(struct import_new) { .kind = kind,
                                          .name = in->name,
                                          .path = S(""),
                                          .mapping = mapping_text(cx, &mapping),
                                          .ours = true,
                                          .size = in->size },
                   &id));
    out->status = 201;
    return answer(cx, id, out);
}

/* Pieces of one file come one after another, also when a client sends two at once. */
static pthread_mutex_t piece_locks[16] = { [0 ... 15] = PTHREAD_MUTEX_INITIALIZER };

static void unlock(pthread_mutex_t **lock)
{
    pthread_mutex_unlock(*lock);
}

struct piece {
    const struct import_content *in;
    struct import_row im;
    struct reply *out;
};

static enum err piece_fits(struct ctx *cx, void *arg)
{
    struct piece *p = arg;
    TRY(get(cx, p->in->id, &p->im));
    if (!str_is(p->im.state, "uploading"))
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "文件已经上传完成", "the file is here already");
    if (p->in->offset != p->im.uploaded)
        return fail(cx, ERR_WRONG_STATE, "offset",
                    P("reason_zh", arena_fmt(cx->arena, "已收到 %lld 字节，请从那里继续",
                                             (long long)p->im.uploaded)),
                    P("reason", arena_fmt(cx->arena, "%lld bytes have come; go on from there",
                                          (long long)p->im.uploaded)));
    if (!cx->body.len)
        return fail(cx, ERR_REQUIRED, NULL);
    if ((i64)cx->body.len > p->im.size - p->im.uploaded)
        return fail(cx, ERR_BODY_TOO_LARGE, NULL, P("max", p->im.size - p->im.uploaded));
    return OK;
}

static enum err write_piece(struct ctx *cx, const char *path, str body, i64 at)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ssize_t n = 0;
    while (fd >= 0 && body.len && (n = pwrite(fd, body.ptr, body.len, at)) > 0) {
        body = str_from(body, (size_t)n);
        at += n;
    }
    bool kept = fd >= 0 && n > 0 && fdatasync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return kept ? OK : fail(cx, ERR_DISK_FULL, NULL);
}

static enum err piece_done(struct ctx *cx, void *arg)
{
    struct piece *p = arg;
    i64 changed;
    TRY(sql_changed(cx, import_uploaded, &changed, ID(p->im.id),
                    V(p->im.uploaded + (i64)cx->body.len), V(p->im.uploaded)));
    if (!changed) /* another node was first */
        return fail_rule(cx, ERR_WRONG_STATE, "offset", "这一段已经收到", "this piece has come");
    return answer(cx, p->im.id, p->out);
}

static enum err content_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct piece p = { .in = input, .out = out };
    pthread_mutex_t *lock CLEANUP(unlock) = &piece_locks[(uint64_t)p.in->id.v % 16];
    pthread_mutex_lock(lock);
    TRY(app_disk_check(cx->app));
    TRY(in_read(cx, piece_fits, &p));
    mkdir(app_path(cx->app, cx->arena, "imports").ptr, 0700);
    TRY(write_piece(cx, import_file(cx, &p.im), cx->body, p.im.uploaded));
    return in_write(cx, piece_done, &p);
}

static enum err opened(struct ctx *cx, const struct import_row *im, const struct mapping *m,
                       struct sheet **ret)
{
    struct sheet_options options;
    if (str_is(im->state, "uploading"))
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "文件还没有上传完",
                         "the file is not whole yet");
    TRY(mapping_options(cx, m, &options));
    options.folder = app_path(cx->app, cx->arena, "temp").ptr;
    return sheet_open(cx, import_file(cx, im), &options, ret);
}

static list texts(struct arena *a, const str *from, size_t count)
{
    str *to = NEW_N(a, str, count + 1);
    for (size_t i = 0; i < count; i++)
        to[i] = arena_str(a, from[i]);
    return (list) { to, count };
}

static enum err look_rows(struct ctx *cx, struct sheet *s, list *ret)
{
    struct import_looked_row *rows = NEW_N(cx->arena, struct import_looked_row, LOOK_ROWS);
    struct sheet_row row;
    size_t n = 0;
    enum err e = OK;
    while (n < LOOK_ROWS && (e = sheet_next(cx, s, &row)) == OK) {
        const struct sheet_fault_info *fault = sheet_fault_info(row.fault);
        bool bad = row.fault != SHEET_FINE;
        str text = bad ? sheet_text(s) : S("");
        rows[n++] = (struct import_looked_row) {
            .line = row.line,
            .fault = bad ? str_of(cx->lang == LANG_ZH ? fault->zh : fault->en) : STR_NONE,
            .cells = bad ? texts(cx->arena, &text, 1) : texts(cx->arena, row.cells, row.count)
        };
    }
    *ret = (list) { rows, n };
    return e == ERR_DONE ? OK : e;
}

static enum err look_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_look *in = input;
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct import_row im;
    struct mapping told, guess;
    struct transfer_field *fields;
    size_t count;
    TRY(get(cx, in->id, &im));
    schema_clear(&mapping_schema, &told);
    told.charset = in->charset;
    told.separator = in->separator;
    told.sheet = in->sheet;
    told.headless = in->headless;
    told.first_line = in->first_line;
    TRY(opened(cx, &im, &told, &s));
    const struct sheet_info *info = sheet_info(s);
    TRY(transfer_fields(cx, transfer_kind_find(im.kind), &fields, &count));
    mapping_guess(cx, fields, count, info, &guess);
    struct import_looked looked = {
        .format = str_of(sheet_kind_name(info->kind)),
        .packing = str_of(sheet_packing_name(info->packing)),
        .charset = str_of(sheet_charset_name(info->charset)),
        .separator = info->separator == '\t' ? S("tab")
                     : info->separator       ? arena_str(cx->arena, (str) { &info->separator, 1 })
                                             : STR_NONE,
        .sheet = info->sheet.len ? arena_str(cx->arena, info->sheet) : STR_NONE,
        .sheets = texts(cx->arena, info->sheets, info->sheet_count),
        .columns = texts(cx->arena, info->columns, info->column_count),
        .guess = guess.columns,
    };
    TRY(look_rows(cx, s, &looked.rows));
    return reply_struct(out, &import_looked_schema, &looked);
}

/* Does the mapping fit the file? Asked before the transaction: opening a file takes its time. */
static enum err fits(struct ctx *cx, const struct import_row *im, const struct mapping *m)
{
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct transfer_field *fields;
    size_t count;
    TRY(opened(cx, im, m, &s));
    TRY(transfer_fields(cx, transfer_kind_find(im->kind), &fields, &count));
    int *at = NEW_N(cx->arena, int, count);
    return mapping_bind(cx, m, fields, count, sheet_info(s), at);
}

static enum err change_prepare(struct ctx *cx, const void *input)
{
    const struct import_change *in = input;
    struct import_row im;
    TRY(get(cx, in->id, &im));
    return in->mapping ? fits(cx, &im, in->mapping) : OK;
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_change *in = input;
    struct import_row im;
    i64 changed;
    TRY(get(cx, in->id, &im));
    TRY(version_check(cx, im.version));
    TRY(sql_changed(cx, import_remap, &changed, ID(im.id),
                    V(in->mapping ? mapping_text(cx, in->mapping) : im.mapping),
                    V(in->name.len ? in->name : im.name), V(im.version)));
    if (!changed)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "导入已经开始", "the import has begun");
    return answer(cx, im.id, out);
}

static enum err start_prepare(struct ctx *cx, const void *input)
{
    const struct import_start *in = input;
    struct import_row im;
    struct mapping m;
    TRY(get(cx, in->id, &im));
    TRY(mapping_read(cx, im.mapping, &m));
    return fits(cx, &im, &m);
}

static enum err add_job(struct ctx *cx, const struct import_row *im)
{
    struct strbuf payload;
    strbuf_init(&payload, cx->arena, 4096);
    struct json_writer w = json_writer(&payload);
    json_open(&w, NULL);
    json_put(&w, "import", im->id.v);
    json_put(&w, "run_no", im->run_no + 1);
    json_put(&w, "name", cx->actor.name);
    json_close(&w);
    return job_add(cx,
                   &(struct job_new) { .kind = &import_job,
                                       .payload = strbuf_str(&payload),
                                       .by = cx->actor.staff },
                   NULL);
}

static enum err start_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_start *in = input;
    struct import_row im;
    TRY(get(cx, in->id, &im));
    TRY(import_begin(cx, &im, in->dry_run));
    TRY(add_job(cx, &im));
    out->status = 202;
    return answer(cx, im.id, out);
}

/* The moves a person may make. F(route, to, from …). */
static enum err move(struct ctx *cx, import_id id, const char *to, const char *const *from,
                     struct reply *out)
{
    struct import_row im;
    TRY(get(cx, id, &im));
    while (*from && !str_is(im.state, *from))
        from++;
    if (!*from)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "导入不在可以这样操作的状态",
                         "the import is not in a state for this");
    TRY(import_move(cx, &im, to));
    if (strcmp(to, "running") == 0)
        TRY(add_job(cx, &im));
    return answer(cx, id, out);
}

static enum err pause_run(struct ctx *cx, const void *input, struct reply *out)
{
    static const char *const from[] = { "running", NULL };
    return move(cx, ((const struct import_one *)input)->id, "paused", from, out);
}

static enum err resume_run(struct ctx *cx, const void *input, struct reply *out)
{
    static const char *const from[] = { "paused", NULL };
    return move(cx, ((const struct import_one *)input)->id, "running", from, out);
}

static enum err cancel_run(struct ctx *cx, const void *input, struct reply *out)
{
    static const char *const from[] = { "uploading", "ready", "running", "paused", NULL };
    return move(cx, ((const struct import_one *)input)->id, "cancelled", from, out);
}

static enum err lines_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_lines_of *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct import_row im;
    struct json_error bad;
    i64 after, limit = page_limit(in->limit), count = 0, last = 0;
    TRY(get(cx, in->id, &im));
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(sql_query(cx, import_lines, &r, ID(in->id), V(after), V(limit + 1)));
    reply_list(out);
    for (; count < limit && rows_next(&r); count++) {
        const struct reason_info *why = reason_find(col_str(&r, 3));
        str text;
        TRY(secret_open(cx->app->secrets, cx->arena, col_str(&r, 5), &text));
        const struct json *j =
            text.len && text.ptr[0] == '[' ? json_read(cx->arena, text, &bad) : NULL;
        str *cells = NEW_N(cx->arena, str, (j ? j->count : 0) + 1);
        size_t n = 0;
        for (const struct json *m = j ? j->first : NULL; m; m = m->next)
            cells[n++] = m->text;
        last = col_i64(&r, 0);
        reply_item(out, &import_line_schema,
                   &(struct import_line) { .row = last,
                                           .line = col_i64(&r, 1),
                                           .code = col_str(&r, 3),
                                           .text = str_of(!why                  ? ""
                                                          : cx->lang == LANG_ZH ? why->zh
                                                                                : why->en),
                                           .skipped = why && why->skipped,
                                           .field = col_str(&r, 4),
                                           .cells = { cells, n },
                                           .original = j ? STR_NONE : text });
    }
    bool more = count == limit && rows_next(&r);
    TRY(rows_end(&r));
    reply_list_end(out, more ? cursor_make(cx->arena, (struct val[]) { V(last) }, 1) : STR_NONE,
                   NONE);
    return OK;
}

struct asked {
    import_id id;
    struct import_row im;
};

static enum err ask_report(struct ctx *cx, void *arg)
{
    struct asked *a = arg;
    TRY(get(cx, a->id, &a->im));
    return audit_append(cx, &(struct audit_new) { .action = S("import.report"),
                                                  .entity = "import",
                                                  .entity_id = a->id.v });
}

static enum err report_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct asked a = { .id = ((const struct import_one *)input)->id };
    str path = app_temp_path(cx->app, cx->arena, ".csv");
    TRY(in_write(cx, ask_report, &a));
    TRY(import_report(cx, &a.im, path.ptr));
    out->file = path;
    out->file_remove = true;
    out->file_name = arena_fmt(cx->arena, "import-%lld-left-out.csv", (long long)a.id.v);
    out->media = "text/csv; charset=utf-8";
    return OK;
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct import_one *in = input;
    struct import_row im;
    (void)out;
    TRY(get(cx, in->id, &im));
    if (str_is(im.state, "running"))
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "请先停止导入", "stop the import first");
    audit_entity(cx, "import", in->id.v);
    return import_forget(cx, &im);
}

static const struct route routes[] = {
    { GET, "/api/v1/import-kinds", kinds_run, .id = "import_kind.list", .perm = PERM_IMPORT_RUN,
      .mode = READ, .out = &import_kind_schema, .listed = true,
      .doc = "What can be imported, with the fields of each" },
    { GET, "/api/v1/imports", list_run, .id = "import.list", .perm = PERM_IMPORT_RUN, .mode = READ,
      .in = &import_list_schema, .out = &import_schema, .listed = true,
      .doc = "Imports, newest first" },
    { GET, "/api/v1/imports/{id}", get_run, .id = "import.get", .perm = PERM_IMPORT_RUN,
      .mode = READ, .in = &import_one_schema, .out = &import_schema,
      .doc = "One import and how far it is" },
    { POST, "/api/v1/imports", create_run, .id = "import.create", .perm = PERM_IMPORT_RUN,
      .mode = WRITE, .in = &import_create_schema, .out = &import_schema,
      .doc = "Announce a file; its bytes follow in pieces" },
    { PUT, "/api/v1/imports/{id}/content", content_run, .id = "import.content",
      .perm = PERM_IMPORT_RUN, .mode = BARE, .in = &import_content_schema, .out = &import_schema,
      .raw_in = true, .doc = "The next piece of the file, from the offset on" },
    { GET, "/api/v1/imports/{id}/look", look_run, .id = "import.look", .perm = PERM_IMPORT_RUN,
      .mode = READ, .in = &import_look_schema, .out = &import_looked_schema,
      .doc = "What is in the file: columns, first rows, a guess of the mapping" },
    { PATCH, "/api/v1/imports/{id}", change_run, .id = "import.change", .perm = PERM_IMPORT_RUN,
      .mode = WRITE, .prepare = change_prepare, .in = &import_change_schema, .out = &import_schema,
      .doc = "Set the mapping" },
    { POST, "/api/v1/imports/{id}/run", start_run, .id = "import.run", .perm = PERM_IMPORT_RUN,
      .mode = WRITE, .prepare = start_prepare, .in = &import_start_schema, .out = &import_schema,
      .doc = "Begin, for real or as a dry run" },
    { POST, "/api/v1/imports/{id}/pause", pause_run, .id = "import.pause", .perm = PERM_IMPORT_RUN,
      .mode = WRITE, .in = &import_one_schema, .out = &import_schema,
      .doc = "Stop behind the present chunk" },
    { POST, "/api/v1/imports/{id}/resume", resume_run, .id = "import.resume",
      .perm = PERM_IMPORT_RUN, .mode = WRITE, .in = &import_one_schema, .out = &import_schema,
      .doc = "Go on where it was paused" },
    { POST, "/api/v1/imports/{id}/cancel", cancel_run, .id = "import.cancel",
      .perm = PERM_IMPORT_RUN, .mode = WRITE, .in = &import_one_schema, .out = &import_schema,
      .doc = "Stop for good; what was imported stays" },
    { GET, "/api/v1/imports/{id}/lines", lines_run, .id = "import.lines", .perm = PERM_IMPORT_RUN,
      .mode = READ, .in = &import_lines_of_schema, .out = &import_line_schema, .listed = true,
      .doc = "Rows that were left out, in the order of the file" },
    { POST, "/api/v1/imports/{id}/report", report_run, .id = "import.report",
      .perm = PERM_IMPORT_RUN, .mode = BARE, .in = &import_one_schema, .raw_out = true,
      .doc = "All of them as CSV, to be corrected and imported again" },
    { DELETE, "/api/v1/imports/{id}", remove_run, .id = "import.remove", .perm = PERM_IMPORT_RUN,
      .mode = WRITE, .in = &import_one_schema,
      .doc = "Remove file and report; what was imported stays" },
};

static const struct job_kind *const jobs[] = { &import_job, &transfer_clean_job };

const struct module import_module = { .name = "import",
                                      .routes = routes,
                                      .route_count = COUNT(routes),
                                      .jobs = jobs,
                                      .job_count = COUNT(jobs) };
