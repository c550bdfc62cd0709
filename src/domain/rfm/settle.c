/* What follows a run that was switched to, and what puts right one that was not: each a piece of it
 * in one write, until nothing is left. */
#include "core/event.h"
#include "domain/rfm/internal.h"

#include "rfm.sql.h"

#define TELL_STEP 500
#define MOVE_STEP 2000

const struct event_type EV_RFM_SCORED = {
    "rfm.scored", "RFM 评分变化", "RFM score changed",
    "run_id: id, tier: text, class: text, r: number, f: number, m: number, total: number, "
    "tier_before: text, class_before: text"
};

struct change {
    customer_id customer;
    i64 since, score[RFM_FIGURES];
    str class, tier, class_before, tier_before;
};

static enum err tell_one(struct ctx *cx, const struct change *c, i64 run)
{
    const i64 *score = c->score;
    i64 total = score[RFM_R] == NONE ? NONE : score[RFM_R] + score[RFM_F] + score[RFM_M];
    struct prop props[] = { P("run_id", run),
                            P("tier", c->tier),
                            P("class", c->class),
                            P("r", score[RFM_R]),
                            P("f", score[RFM_F]),
                            P("m", score[RFM_M]),
                            P("total", total),
                            P("tier_before", c->tier_before),
                            P("class_before", c->class_before) };
    return event_emit_with(cx, &EV_RFM_SCORED, c->customer, (instant) { 0 }, props, COUNT(props));
}

enum err rfm_tell_some(struct ctx *cx, void *ret_done)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct change *changes = NEW_N(cx->arena, struct change, TELL_STEP);
    size_t n = 0;
    i64 current;
    TRY(sql_i64(cx, rfm_run_current, &current));
    TRY(sql_query(cx, rfm_untold, &r, V(current), V(TELL_STEP)));
    for (; n < TELL_STEP && rows_next(&r); n++)
        changes[n] = (struct change) { .customer = { col_id(&r, 0) },
                                       .since = col_i64(&r, 1),
                                       .score = { col_i64(&r, 2), col_i64(&r, 3), col_i64(&r, 4) },
                                       .class = arena_str(cx->arena, col_str(&r, 5)),
                                       .tier = arena_str(cx->arena, col_str(&r, 6)),
                                       .class_before = arena_str(cx->arena, col_str(&r, 7)),
                                       .tier_before = arena_str(cx->arena, col_str(&r, 8)) };
    TRY(rows_end(&r));
    for (size_t i = 0; i < n; i++)
        TRY(tell_one(cx, &changes[i], changes[i].since));
    *(bool *)ret_done = n < TELL_STEP;
    return n ? sql_exec(cx, rfm_told, V(current), ID(changes[n - 1].customer),
                        V(changes[n - 1].since))
             : OK;
}

static enum err tell_gone(struct ctx *cx, i64 until, i64 upto)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct change *gone = NEW_N(cx->arena, struct change, MOVE_STEP);
    size_t n = 0;
    TRY(sql_query(cx, rfm_gone, &r, V(until), V(upto)));
    for (; n < MOVE_STEP && rows_next(&r); n++)
        gone[n] = (struct change) { .customer = { col_id(&r, 0) },
                                    .score = { NONE, NONE, NONE },
                                    .class_before = arena_str(cx->arena, col_str(&r, 1)),
                                    .tier_before = arena_str(cx->arena, col_str(&r, 2)) };
    TRY(rows_end(&r));
    for (size_t i = 0; i < n; i++)
        TRY(tell_one(cx, &gone[i], until));
    return OK;
}

/* Rows that one run closed, in the order of their people. */
enum err rfm_move_some(struct ctx *cx, void *ret_done)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 current, until = 0, upto = 0;
    size_t n = 0;
    TRY(sql_i64(cx, rfm_run_current, &current));
    TRY(sql_query(cx, rfm_closed, &r, V(current), V(MOVE_STEP)));
    for (; rows_next(&r) && (!n || col_i64(&r, 0) == until); n++) {
        until = col_i64(&r, 0);
        upto = col_i64(&r, 1);
    }
    TRY(rows_end(&r));
    *(bool *)ret_done = n == 0;
    if (!n)
        return OK;
    TRY(tell_gone(cx, until, upto));
    TRY(sql_exec(cx, rfm_past_keep, V(until), V(upto)));
    return sql_exec(cx, rfm_past_take, V(until), V(upto));
}

static enum err undo_some(struct ctx *cx, i64 run)
{
    i64 removed, opened;
    TRY(sql_changed(cx, rfm_undo_rows, &removed, V(run), V(MOVE_STEP)));
    TRY(sql_changed(cx, rfm_undo_closing, &opened, V(run), V(MOVE_STEP)));
    return removed || opened ? OK : sql_exec(cx, rfm_run_delete, V(run));
}

/* What earlier runs left, a piece at a time: tells before it moves, since telling needs the rows
 * that are moved. */
enum err rfm_clear_some(struct ctx *cx, void *ret_done)
{
    bool *done = ret_done;
    i64 left;
    TRY(sql_exec(cx, rfm_run_abandon));
    TRY(rfm_tell_some(cx, done));
    if (*done)
        TRY(rfm_move_some(cx, done));
    if (!*done)
        return OK;
    TRY(sql_i64(cx, rfm_run_left, &left));
    *done = left == NONE;
    return *done ? OK : undo_some(cx, left);
}

enum err rfm_clean_some(struct ctx *cx, void *arg)
{
    struct rfm_cleaning *c = arg;
    struct rfm_settings settings;
    i64 run, removed, referred;
    TRY(rfm_settings_get(cx, &settings));
    instant before = { cx->now.ms - settings.history_days * DAY_MS };
    enum err e = sql_i64(cx, rfm_runs_old, &run, V(c->after), V(before));
    c->done = e == ERR_DONE;
    c->next = c->after;
    if (e != OK)
        return c->done ? OK : e;
    TRY(sql_exec(cx, rfm_runs_thin, V(run)));
    TRY(sql_changed(cx, rfm_past_remove, &removed, V(run), V(MOVE_STEP)));
    if (removed == MOVE_STEP)
        return OK;
    c->next = run;
    TRY(sql_i64(cx, rfm_run_referred, &referred, V(run)));
    return referred ? OK : sql_exec(cx, rfm_run_delete, V(run));
}
