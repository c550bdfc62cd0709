#include "domain/transfer/internal.h"

#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "core/app.h"
#include "core/job.h"

#include "import.sql.h"

SCHEMA_TABLE(import_row, IMPORT_ROW);

const char *const transfer_kind_keys[] = { "orders", "customers", NULL };
static const struct transfer_kind *const kinds[] = { &orders_kind, &customers_kind };

const struct transfer_kind *transfer_kind_find(str key)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_is(key, kinds[i]->key))
            return kinds[i];
    return NULL;
}

enum err transfer_fields(struct ctx *cx, const struct transfer_kind *kind,
                         struct transfer_field **ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct transfer_field *all = NEW_N(cx->arena, struct transfer_field, FIELDS_MAX);
    size_t n = kind->field_count;
    memcpy(all, kind->fields, n * sizeof *all);
    TRY(sql_query(cx, import_attributes, &r));
    while (kind->attributes && n < FIELDS_MAX && rows_next(&r)) {
        str key = col_str(&r, 0), name = col_str(&r, 1);
        all[n++] =
            (struct transfer_field) { .key = arena_fmt(cx->arena, "attrs.%.*s", STR_ARG(key)).ptr,
                                      .zh = arena_z(cx->arena, name),
                                      .en = arena_z(cx->arena,
                                                    col_str(&r, 2).len ? col_str(&r, 2) : name),
                                      .names = arena_fmt(cx->arena, "%.*s|%.*s|%.*s", STR_ARG(key),
                                                         STR_ARG(name), STR_ARG(col_str(&r, 2)))
                                                   .ptr,
                                      .max = 500,
                                      .attribute = arena_z(cx->arena, col_str(&r, 3)) };
    }
    *ret = all;
    *ret_count = n;
    return rows_end(&r);
}

static instant expiry(const struct ctx *cx)
{
    return (instant) { cx->now.ms + cx->app->config.export_days * DAY_MS };
}

enum err import_add(struct ctx *cx, const struct import_new *in, import_id *ret)
{
    return sql_i64(cx, import_insert, &ret->v, V(in->kind->key), V(in->name), V(in->path),
                   V(in->ours), V(in->print), V(in->size), V(in->uploaded), V(in->mapping),
                   V(in->uploaded < in->size ? "uploading" : "ready"), ID(cx->actor.staff),
                   V(cx->actor.name), V(cx->now), V(expiry(cx)));
}

enum err import_get(struct ctx *cx, import_id id, struct import_row *ret)
{
    return sql_one(cx, import_by_id, &import_row_schema, ret, ID(id));
}

enum err import_begin(struct ctx *cx, const struct import_row *im, bool dry)
{
    i64 changed;
    TRY(sql_exec(cx, import_lines_forget, ID(im->id)));
    TRY(sql_changed(cx, import_begin, &changed, ID(im->id), V(dry), V(cx->now)));
    return changed ? OK
                   : fail_rule(cx, ERR_WRONG_STATE, NULL, "导入不在待开始的状态",
                               "the import is not ready to begin");
}

enum err import_move(struct ctx *cx, const struct import_row *im, const char *state)
{
    bool ended = strcmp(state, "cancelled") == 0;
    i64 changed;
    TRY(sql_changed(cx, import_move, &changed, ID(im->id), V(state),
                    ended ? V(cx->now) : val_null(), V(expiry(cx)), V(im->version)));
    return changed ? OK : ERR_RETRY;
}

const char *import_file(struct ctx *cx, const struct import_row *im)
{
    str name = arena_fmt(cx->arena, "imports/%lld", (long long)im->id.v);
    return im->ours ? app_path(cx->app, cx->arena, name.ptr).ptr : arena_z(cx->arena, im->path);
}

enum err import_forget(struct ctx *cx, const struct import_row *im)
{
    TRY(sql_exec(cx, import_lines_forget, ID(im->id)));
    TRY(sql_exec(cx, import_delete, ID(im->id)));
    if (im->ours && unlink(import_file(cx, im)) != 0 && errno != ENOENT)
        return fail(cx, ERR_FILE, NULL, P("reason", strerror(errno)));
    return OK;
}

enum err import_unfinished(struct ctx *cx, const struct transfer_kind *kind, str print, str mapping,
                           import_id *ret)
{
    return sql_i64(cx, import_by_print, &ret->v, V(print), V(kind->key), V(mapping));
}

const char *transfer_kind_key(const struct transfer_kind *kind)
{
    return kind->key;
}

/* The run. */

static enum err load(struct ctx *cx, void *arg)
{
    struct import_run *run = arg;
    TRY(import_get(cx, run->im.id, &run->im));
    run->kind = transfer_kind_find(run->im.kind);
    TRY(mapping_read(cx, run->im.mapping, &run->mapping));
    TRY(transfer_fields(cx, run->kind, &run->fields, &run->field_count));
    return places_load(cx, run);
}

static enum err read_row(struct ctx *cx, struct import_run *run, struct line *ret)
{
    static const enum reason faults[] = { [SHEET_LINE_TOO_LONG] = REASON_LINE_TOO_LONG,
                                          [SHEET_CELL_TOO_LONG] = REASON_CELL_TOO_LONG,
                                          [SHEET_COLUMNS_TOO_MANY] = REASON_COLUMNS,
                                          [SHEET_QUOTE_OPEN] = REASON_QUOTE };
    struct sheet_row row;
    TRY(sheet_next(cx, run->sheet, &row));
    *ret = (struct line) { .row = row.number, .line = row.line, .why = faults[row.fault] };
    if (row.fault != SHEET_FINE) {
        ret->text = arena_str(cx->arena, sheet_text(run->sheet));
        return OK;
    }
    size_t bytes = 0;
    for (size_t i = 0; i < row.count; i++)
        bytes += row.cells[i].len;
    str *cells = arena_alloc(cx->arena, row.count * sizeof *cells + bytes);
    char *to = (char *)(cells + row.count);
    for (size_t i = 0; i < row.count; to += row.cells[i++].len) {
        if (row.cells[i].len)
            memcpy(to, row.cells[i].ptr, row.cells[i].len);
        cells[i] = (str) { to, row.cells[i].len };
    }
    ret->cells = cells;
    ret->cell_count = row.count;
    /* A name with a comma that was not quoted moves everything behind it. */
    if (!run->mapping.headless && row.count > sheet_info(run->sheet)->column_count)
        ret->why = REASON_RAGGED;
    return OK;
}

static void copy_line(struct arena *a, const struct line *from, struct line *to)
{
    str *cells = NEW_N(a, str, from->cell_count);
    *to = *from;
    to->typed = NULL;
    to->text = from->text.ptr ? arena_str(a, from->text) : STR_NONE;
    for (size_t i = 0; i < from->cell_count; i++)
        cells[i] = arena_str(a, from->cells[i]);
    to->cells = cells;
}

/* The next row, typed: the one that was held back, or of the file. */
static enum err next_line(struct ctx *cx, struct import_run *run, struct line *ret)
{
    if (run->has_held)
        copy_line(cx->arena, &run->held, ret);
    else
        TRY(read_row(cx, run, ret));
    run->has_held = false;
    if (ret->why == REASON_NONE)
        run->kind->read(cx, run, ret);
    return OK;
}

static void hold(struct import_run *run, const struct line *l)
{
    enum reason unread = l->why;
    arena_reset(&run->held_arena);
    copy_line(&run->held_arena, l, &run->held);
    /* It is read once more: only what the sheet found stays. */
    run->held.why = l->cells && unread != REASON_RAGGED ? REASON_NONE : unread;
    run->held.field = NULL;
    run->has_held = true;
}

/* Rows of one document stay together as long as that is not too many. */
static enum err read_chunk(struct ctx *cx, struct import_run *run, line_list *ret)
{
    const struct transfer_kind *kind = run->kind;
    while (ret->n < 4 * kind->chunk) {
        struct line l;
        enum err e = next_line(cx, run, &l);
        run->ended = e == ERR_DONE;
        if (run->ended)
            return OK;
        TRY(e);
        if (ret->n >= kind->chunk &&
            !(kind->together && kind->together(&ret->at[ret->n - 1], &l))) {
            hold(run, &l);
            return OK;
        }
        TRY(kind->pass ? kind->pass(cx, run, &l) : OK);
        *vec_push(cx->arena, ret) = l;
    }
    return OK;
}

/* What was done before is passed over, with its lines counted where they have numbers. */
static enum err catch_up(struct ctx *cx, struct import_run *run)
{
    struct arena arena CLEANUP(arena_done) = { 0 }, *outer = cx->arena;
    enum err e = OK;
    if (!run->kind->pass)
        return sheet_skip(cx, run->sheet, run->im.rows);
    cx->arena = &arena;
    for (i64 i = 0; i < run->im.rows && e == OK; i++) {
        struct line l;
        arena_reset(&arena);
        e = next_line(cx, run, &l);
        e = e == OK ? run->kind->pass(cx, run, &l) : e;
    }
    cx->arena = outer;
    return e == ERR_DONE ? OK : e;
}

/* A dry run remembers whom it would have made: it begins anew. */
static enum err restart_dry(struct ctx *cx, void *arg)
{
    struct import_run *run = arg;
    TRY(sql_exec(cx, import_lines_forget, ID(run->im.id)));
    return sql_exec(cx, import_keep, ID(run->im.id), V(0), V(0), V(0), V("{}"), V("running"),
                    val_null(), V(expiry(cx)));
}

static enum err open_run(struct ctx *cx, struct import_run *run)
{
    struct sheet_options options;
    TRY(in_read(cx, load, run));
    if (!str_is(run->im.state, "running"))
        return OK; /* the first step will say so */
    if (run->im.dry && run->im.rows) {
        TRY(in_write(cx, restart_dry, run));
        TRY(in_read(cx, load, run));
    }
    counts_read(cx->arena, run->im.counts, &run->counts);
    TRY(mapping_options(cx, &run->mapping, &options));
    options.folder = app_path(cx->app, cx->arena, "temp").ptr;
    TRY(sheet_open(cx, import_file(cx, &run->im), &options, &run->sheet));
    TRY(mapping_bind(cx, &run->mapping, run->fields, run->field_count, sheet_info(run->sheet),
                     run->at));
    TRY(catch_up(cx, run));
    run->rows = run->im.rows;
    return OK;
}

static enum err failed(struct ctx *cx, void *arg)
{
    struct import_run *run = arg;
    str text = fail_text(cx, cx->failure.code);
    return sql_exec(cx, import_fail, ID(run->im.id), V("failed"), V(text), V(cx->now));
}

/* What no trying again would mend: the file, or its mapping. */
static bool of_the_file(enum err e)
{
    return e == ERR_INVALID || e == ERR_FILE || e == ERR_BAD_CHOICE || e == ERR_TOO_MANY;
}

enum err import_run_open(struct ctx *cx, import_id id, struct import_run **ret)
{
    struct import_run *run = xcalloc(1, sizeof *run);
    struct arena *outer = cx->arena;
    run->im.id = id;
    cx->arena = &run->arena;
    enum err e = open_run(cx, run);
    if (of_the_file(e) && run->kind) {
        e = in_write(cx, failed, run);
        run->im.state = S("failed");
    }
    cx->arena = outer;
    failure_keep(cx);
    if (e == OK)
        *ret = run;
    else
        import_run_close(run);
    return e;
}

void import_run_close(struct import_run *run)
{
    if (!run)
        return;
    sheet_close(run->sheet);
    map_done(&run->departments);
    map_done(&run->staff);
    map_done(&run->groups);
    map_done(&run->people);
    map_done(&run->tags);
    map_done(&run->products.by_hash);
    arena_done(&run->held_arena);
    arena_done(&run->arena);
    free(run);
}

void import_run_closep(struct import_run **run)
{
    import_run_close(*run);
}

i64 import_run_bytes(const struct import_run *run)
{
    return run->bytes;
}

struct chunk {
    struct import_run *run;
    struct line *lines;
    enum reason *read; /* what was found when they were read */
    size_t count;
    i64 from_us; /* when it was begun */
    struct counts counts;
    bool stopped; /* paused, cancelled, or somebody else has it */
};

static enum err still_ours(struct ctx *cx, struct chunk *c)
{
    const struct import_row *im = &c->run->im;
    i64 one;
    enum err e = sql_i64(cx, import_at, &one, ID(im->id), V(im->run_no), V(c->run->rows));
    c->stopped = e == ERR_DONE;
    return e == ERR_DONE ? OK : e;
}

static void count_lines(struct chunk *c)
{
    c->counts.rows += (i64)c->count;
    for (size_t i = 0; i < c->count; i++) {
        enum reason why = c->lines[i].why;
        c->counts.accepted += why == REASON_NONE;
        c->counts.skipped += why != REASON_NONE && reasons[why].skipped;
        c->counts.refused += why != REASON_NONE && !reasons[why].skipped;
        c->counts.by_reason[why] += why != REASON_NONE;
    }
}

static enum err keep_chunk(struct ctx *cx, struct chunk *c)
{
    struct import_run *run = c->run;
    const char *state = !run->ended ? "running" : run->im.dry ? "ready" : "done";
    count_lines(c);
    TRY(lines_keep(cx, run->im.id, c->lines, c->count));
    return sql_exec(cx, import_keep, ID(run->im.id), V(run->rows + (i64)c->count), V(run->bytes),
                    V((clock_monotonic_us() - c->from_us) / 1000),
                    V(counts_text(cx->arena, &c->counts)), V(state),
                    run->ended ? V(cx->now) : val_null(), V(expiry(cx)));
}

/* May be run again: why a row is left out is found anew, and products that a write had made which
 * was undone are no more. */
static enum err apply(struct ctx *cx, struct chunk *c)
{
    struct import_run *run = c->run;
    if (run->trying)
        map_clear(&run->products.by_hash);
    run->trying = true;
    for (size_t i = 0; i < c->count; i++)
        c->lines[i].why = c->read[i];
    c->counts = run->counts;
    return run->kind->apply(cx, run, c->lines, c->count, &c->counts);
}

static enum err apply_wet(struct ctx *cx, void *arg)
{
    struct chunk *c = arg;
    TRY(still_ours(cx, c));
    if (c->stopped)
        return OK;
    TRY(apply(cx, c));
    return keep_chunk(cx, c);
}

static enum err apply_dry(struct ctx *cx, void *arg)
{
    return apply(cx, arg);
}

/* The very same, and then undone. */
static enum err apply_undone(struct ctx *cx, void *arg)
{
    TRY(apply(cx, arg));
    return ERR_DONE;
}

static enum err rehearse(struct ctx *cx, struct chunk *c)
{
    if (!c->run->kind->undone)
        return in_read(cx, apply_dry, c);
    enum err e = in_write(cx, apply_undone, c);
    return e == ERR_DONE ? OK : e;
}

static enum err keep_dry(struct ctx *cx, void *arg)
{
    struct chunk *c = arg;
    struct counts counts = c->counts;
    TRY(still_ours(cx, c));
    enum err e = c->stopped ? OK : keep_chunk(cx, c);
    if (e != OK)
        c->counts = counts;
    return e;
}

static enum err step(struct ctx *cx, struct import_run *run, bool *ret_more)
{
    struct chunk c = { .run = run, .from_us = clock_monotonic_us() };
    line_list lines = { 0 };
    TRY(read_chunk(cx, run, &lines));
    run->bytes = sheet_position(run->sheet);
    c.lines = lines.at;
    c.count = lines.n;
    c.read = NEW_N(cx->arena, enum reason, c.count + 1);
    for (size_t i = 0; i < c.count; i++)
        c.read[i] = c.lines[i].why;
    if (run->im.dry) {
        TRY(rehearse(cx, &c));
        TRY(in_write(cx, keep_dry, &c));
    } else {
        TRY(in_write(cx, apply_wet, &c));
    }
    run->trying = false;
    run->counts = c.counts;
    run->rows += (i64)c.count;
    *ret_more = !run->ended && !c.stopped;
    return OK;
}

enum err import_run_step(struct ctx *cx, struct import_run *run, bool *ret_more)
{
    *ret_more = false;
    if (!run->sheet)
        return OK;
    enum err e = step(cx, run, ret_more);
    if (!of_the_file(e))
        return e;
    log_warn("import.failed", P("import", run->im.id.v), P("text", fail_text(cx, e)));
    return in_write(cx, failed, run);
}

/* As a job: the run lives in its memory and is made again by the next process. */
static enum err job_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    struct json_error bad;
    const struct json *payload = json_read(cx->arena, job->payload, &bad),
                      *name = json_get(payload, "name");
    struct import_run *run = job->memory;
    i64 id = 0, run_no = 0;
    *ret_more = false;
    if (!json_i64(json_get(payload, "import"), &id) ||
        !json_i64(json_get(payload, "run_no"), &run_no))
        return ERR_INTERNAL;
    if (name)
        cx->actor.name = arena_str(job->arena, name->text);
    if (!run) {
        enum err e = import_run_open(cx, (import_id) { id }, &run);
        if (e == ERR_NOT_FOUND) /* removed meanwhile */
            return OK;
        TRY(e);
        job->memory = run;
        if (run->im.run_no != run_no) /* another job goes on */
            return OK;
    }
    enum err e = import_run_step(cx, run, ret_more);
    if (e != OK) { /* rows were read that are not done: the next attempt opens it anew */
        import_run_close(run);
        job->memory = NULL;
        return e;
    }
    job->done = run->bytes;
    job->total = run->im.size;
    return OK;
}

static void job_forget(struct job *job)
{
    import_run_close(job->memory);
}

const struct job_kind import_job = { .name = "import",
                                     .zh = "导入数据",
                                     .en = "Import data",
                                     .step = job_step,
                                     .forget = job_forget,
                                     .outside = true };
