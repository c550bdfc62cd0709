/* What has expired is removed: uploads, reports, files that were made. */
#include "domain/transfer/export.h"
#include "domain/transfer/internal.h"

#include "import.sql.h"

#define LINES_A_STEP 5000

/* An import goes with its rows first, a step's worth at a time. */
static enum err clean_import(struct ctx *cx, bool *ret_more)
{
    struct import_row im;
    i64 id, changed;
    enum err e = sql_i64(cx, import_expired, &id, V(cx->now));
    *ret_more = e == OK;
    if (e != OK)
        return e == ERR_DONE ? OK : e;
    TRY(sql_changed(cx, import_lines_forget_some, &changed, V(id), V(LINES_A_STEP)));
    if (changed == LINES_A_STEP)
        return OK;
    TRY(import_get(cx, (import_id) { id }, &im));
    return import_forget(cx, &im);
}

static enum err clean_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    (void)job;
    TRY(clean_import(cx, ret_more));
    return *ret_more ? OK : export_expire(cx, ret_more);
}

const struct job_kind transfer_clean_job = { .name = "transfer_clean",
                                             .zh = "清理过期的导入与导出文件",
                                             .en = "Remove expired files of imports and exports",
                                             .step = clean_step,
                                             .every_ms = HOUR_MS };
