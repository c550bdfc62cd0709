/* One run, step by step. The steps:
 *
 *     clear   what an earlier run left: facts not yet told, rows not yet moved, rows half written
 *     load    in one read: everybody's figures; then cut points, scores, means
 *     write   some thousand people a step: new rows, closed rows; readers see none of it yet
 *     switch  this run is the current one
 *     tell    rfm.scored for whose class or tier is another
 *     move    closed rows to rfm_past
 *     clean   history past its time
 *
 * Each may be interrupted: `clear` of the next run tells and moves what a run that was switched to
 * had left, and undoes a run that was not. */
#include "base/time.h"
#include "core/app.h"
#include "domain/rfm/internal.h"

#include "rfm.sql.h"

#define STILL      I53_MAX /* until_run of what is true now; the statements have the number */
#define PAGE       10000   /* people read at once */
#define WRITE_STEP 2000
#define ROWS_MAX   ((size_t)1 << 20) /* text of a batch; a row has some hundred letters */

enum phase { CLEAR, LOAD, WRITE_ROWS, SWITCH, TELL, MOVE, CLEAN, ENDED };

struct rfm_work {
    enum phase phase;
    struct rfm_order order;
    struct arena arena; /* of settings and name */
    struct rfm_settings settings;
    i64 run;
    struct rfm_person *people; /* by number */
    size_t count, cap, at;
    i64 after; /* everybody up to here is written */
    struct rfm_means means;
    i64 cleaned; /* runs looked at up to here */
};

struct rfm_work *rfm_work_new(const struct rfm_order *order)
{
    struct rfm_work *w = xcalloc(1, sizeof *w);
    w->order = *order;
    w->order.by_name = arena_str(&w->arena, order->by_name);
    return w;
}

void rfm_work_free(struct rfm_work *w)
{
    if (!w)
        return;
    free(w->people);
    arena_done(&w->arena);
    free(w);
}

struct rfm_progress rfm_work_progress(const struct rfm_work *w)
{
    return (struct rfm_progress) { .done = w->phase > WRITE_ROWS ? (i64)w->count : (i64)w->at,
                                   .total = (i64)w->count,
                                   .run = w->run,
                                   .current = w->phase > SWITCH };
}

static enum err load_orders(struct ctx *cx, struct rfm_work *w)
{
    for (size_t page = PAGE; page == PAGE;) {
        struct rows r CLEANUP(rows_close) = { 0 };
        i64 after = w->count ? w->people[w->count - 1].person : 0;
        if (w->cap < w->count + PAGE) {
            w->cap = MAX(w->cap * 2, PAGE);
            w->people = xrealloc(w->people, w->cap * sizeof *w->people);
        }
        TRY(sql_query(cx, rfm_population, &r, V(after), V(w->order.reference), V(PAGE)));
        for (page = 0; rows_next(&r); page++) {
            i64 frequency = col_i64(&r, 1), fen = col_i64(&r, 2);
            if (frequency > INT32_MAX || fen > RFM_VALUE_MAX || fen < -RFM_VALUE_MAX)
                return fail(cx, ERR_OUT_OF_RANGE, NULL, P("min", 0), P("max", RFM_VALUE_MAX));
            w->people[w->count++] = (struct rfm_person) { .person = col_id(&r, 0),
                                                          .frequency = (int32_t)frequency,
                                                          .worth = fen,
                                                          .last_ms = col_i64(&r, 3) };
        }
        TRY(rows_end(&r));
    }
    return OK;
}

static enum err load_refunds(struct ctx *cx, struct rfm_work *w)
{
    i64 after = 0;
    size_t at = 0;
    for (size_t page = PAGE; page == PAGE;) {
        struct rows r CLEANUP(rows_close) = { 0 };
        TRY(sql_query(cx, rfm_refunds, &r, V(after), V(w->order.reference), V(PAGE)));
        for (page = 0; rows_next(&r); page++) {
            i64 fen = col_i64(&r, 1);
            after = col_id(&r, 0);
            while (at < w->count && w->people[at].person < after)
                at++;
            if (at == w->count || w->people[at].person != after)
                continue; /* gave something back and never ordered, as far as is known */
            i64 *left = &w->people[at].worth;
            if (fen > RFM_VALUE_MAX || *left - fen < -RFM_VALUE_MAX)
                return fail(cx, ERR_OUT_OF_RANGE, NULL, P("min", 0), P("max", RFM_VALUE_MAX));
            *left -= fen;
        }
        TRY(rows_end(&r));
    }
    return OK;
}

static enum err load_all(struct ctx *cx, void *arg)
{
    struct rfm_work *w = arg;
    TRY(rfm_settings_get(cx, &w->settings));
    TRY(load_orders(cx, w));
    return w->settings.subtract_refunds ? load_refunds(cx, w) : OK;
}

static void fixed_cuts(const list *cuts, __int128 ret_fifths[RFM_CUTS])
{
    for (size_t i = 0; i < RFM_CUTS; i++)
        ret_fifths[i] = RFM_SCORE_MAX * (__int128)((const i64 *)cuts->at)[i];
}

static str json_of(struct arena *a, const struct schema *s, const void *from)
{
    struct strbuf text;
    strbuf_init(&text, a, 1 << 16);
    struct json_writer w = json_writer(&text);
    schema_write(&w, NULL, s, from);
    return strbuf_str(&text);
}

struct run_row {
    struct rfm_work *work;
    str options, cuts, means;
};

static enum err insert_run(struct ctx *cx, void *arg)
{
    const struct run_row *row = arg;
    struct rfm_work *w = row->work;
    return sql_i64(cx, rfm_run_insert, &w->run, V(w->order.reference), V(row->options),
                   V(row->cuts), V(row->means), V((i64)w->count), V(w->order.by_name), V(cx->now));
}

static enum err begin_run(struct ctx *cx, struct rfm_work *w, const struct rfm_cuts *cuts)
{
    f64 shown[RFM_FIGURES][RFM_CUTS], means[RFM_FIGURES];
    size_t n = w->count ? RFM_CUTS : 0; /* nobody: nothing to cut */
    for (int i = 0; i < RFM_FIGURES; i++) {
        means[i] = w->count ? (f64)w->means.sums[i] / (f64)w->means.people : 0;
        for (size_t k = 0; k < n; k++)
            shown[i][k] = (f64)cuts->fifths[i][k] / RFM_SCORE_MAX;
    }
    struct rfm_cut_lists lists = { .r = { shown[RFM_R], n },
                                   .f = { shown[RFM_F], n },
                                   .m = { shown[RFM_M], n } };
    struct rfm_mean_scores scores = { .r = means[RFM_R], .f = means[RFM_F], .m = means[RFM_M] };
    struct run_row row = { .work = w,
                           .options = json_of(cx->arena, &rfm_settings_schema, &w->settings),
                           .cuts = json_of(cx->arena, &rfm_cut_lists_schema, &lists),
                           .means = json_of(cx->arena, &rfm_mean_scores_schema, &scores) };
    return in_write(cx, insert_run, &row);
}

static enum err load(struct ctx *cx, struct rfm_work *w)
{
    struct rfm_cuts cuts = { 0 };
    if (!w->order.reference.ms)
        w->order.reference = cx->now;
    w->count = 0; /* an attempt before this one may have failed */
    struct arena *request = cx->arena;
    cx->arena = &w->arena; /* the settings stay with the work */
    enum err e = in_read(cx, load_all, w);
    cx->arena = request;
    TRY(e);
    if (str_is(w->settings.method, "fixed")) {
        fixed_cuts(&w->settings.r_cuts, cuts.fifths[RFM_R]);
        fixed_cuts(&w->settings.f_cuts, cuts.fifths[RFM_F]);
        fixed_cuts(&w->settings.m_cuts_fen, cuts.fifths[RFM_M]);
    } else if (w->count) {
        rfm_quantiles(w->people, w->count, w->order.reference, &cuts);
    }
    rfm_score(w->people, w->count, w->order.reference, &cuts, &w->means);
    TRY(begin_run(cx, w, &cuts));
    w->phase = WRITE_ROWS;
    return OK;
}

/* A row that was true until now. */
struct standing {
    i64 customer, since, last_ms, frequency, monetary_fen;
    i64 score[RFM_FIGURES];
    str class, tier;
};

struct batch {
    struct rfm_work *work;
    struct json_writer rows; /* to be inserted */
    size_t row_count;
    size_t people; /* of the work's, from .at on */
    i64 upto;      /* the last number this batch answers for */
};

static bool differs(const struct standing *s, const struct rfm_person *p, str class, str tier)
{
    return s->last_ms != p->last_ms || s->frequency != p->frequency ||
           s->monetary_fen != p->worth || s->score[RFM_R] != p->score[RFM_R] ||
           s->score[RFM_F] != p->score[RFM_F] || s->score[RFM_M] != p->score[RFM_M] ||
           !str_eq(s->class, class) || !str_eq(s->tier, tier);
}

static void keep_row(struct batch *b, const struct rfm_person *p, str class, str tier, bool untold)
{
    struct json_writer *w = &b->rows;
    json_list(w, NULL);
    json_put(w, NULL, p->person);
    json_put(w, NULL, p->last_ms);
    json_put(w, NULL, (i64)p->frequency);
    json_put(w, NULL, p->worth);
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++)
        json_put(w, NULL, (i64)p->score[figure]);
    json_put(w, NULL, class);
    json_put(w, NULL, tier);
    json_put(w, NULL, (i64)untold);
    json_list_end(w);
    b->row_count++;
}

/* `s` NULL: nothing is known of this person yet; `p` NULL: they have no orders any more. */
static enum err write_one(struct ctx *cx, struct batch *b, const struct standing *s,
                          const struct rfm_person *p)
{
    const struct rfm_work *w = b->work;
    str class = STR_NONE, tier = STR_NONE;
    if (p) {
        class = str_of(rfm_class_key(rfm_class(p->score, &w->means)));
        tier = str_of(rfm_tier_keys[rfm_tier_of(&w->settings, rfm_total(p->score))]);
    }
    if (s && p && !differs(s, p, class, tier))
        return OK;
    if (s)
        TRY(sql_exec(cx, rfm_score_close, V(s->customer), V(s->since), V(w->run)));
    if (p)
        keep_row(b, p, class, tier, !s || !str_eq(s->class, class) || !str_eq(s->tier, tier));
    return OK;
}

static enum err standing_rows(struct ctx *cx, const struct rfm_work *w, i64 upto,
                              struct standing *ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t n = 0;
    TRY(sql_query(cx, rfm_standing, &r, V(w->after), V(upto), V(WRITE_STEP)));
    for (; n < WRITE_STEP && rows_next(&r); n++)
        ret[n] = (struct standing) { .customer = col_id(&r, 0),
                                     .since = col_i64(&r, 1),
                                     .last_ms = col_i64(&r, 2),
                                     .frequency = col_i64(&r, 3),
                                     .monetary_fen = col_i64(&r, 4),
                                     .score = { col_i64(&r, 5), col_i64(&r, 6), col_i64(&r, 7) },
                                     .class = arena_str(cx->arena, col_str(&r, 8)),
                                     .tier = arena_str(cx->arena, col_str(&r, 9)) };
    *ret_count = n;
    return rows_end(&r);
}

/* Another node may have begun a run meanwhile, and counts ours as left behind. */
static enum err still_mine(struct ctx *cx, const struct rfm_work *w)
{
    i64 id;
    enum err e = sql_i64(cx, rfm_run_mine, &id, V(w->run));
    return e == ERR_DONE ? fail_rule(cx, ERR_WRONG_STATE, NULL, "另一次 RFM 计算已经开始",
                                     "another RFM run has begun")
                         : e;
}

/* Walks the people and the rows side by side, both in the order of their numbers. */
static enum err write_batch(struct ctx *cx, void *arg)
{
    struct batch *b = arg;
    const struct rfm_work *w = b->work;
    struct standing *rows = NEW_N(cx->arena, struct standing, WRITE_STEP);
    size_t row_count, row = 0, end = MIN(w->at + WRITE_STEP, w->count), i = w->at;
    struct strbuf text;
    strbuf_init(&text, cx->arena, ROWS_MAX);
    b->rows = json_writer(&text);
    b->row_count = 0;
    json_list(&b->rows, NULL);
    TRY(still_mine(cx, w));
    b->upto = end < w->count ? w->people[end - 1].person : STILL;
    TRY(standing_rows(cx, w, b->upto, rows, &row_count));
    if (row_count == WRITE_STEP) /* there may be more rows than people: no further than they */
        b->upto = MIN(b->upto, rows[row_count - 1].customer);
    while (true) {
        const struct rfm_person *p =
            i < end && w->people[i].person <= b->upto ? &w->people[i] : NULL;
        const struct standing *s =
            row < row_count && rows[row].customer <= b->upto ? &rows[row] : NULL;
        if (!p && !s)
            break;
        if (p && s && p->person != s->customer) {
            if (p->person < s->customer)
                s = NULL;
            else
                p = NULL;
        }
        TRY(write_one(cx, b, s, p));
        i += p != NULL;
        row += s != NULL;
    }
    b->people = i - w->at;
    json_list_end(&b->rows);
    return b->row_count ? sql_exec(cx, rfm_scores_insert, V(w->run), V(strbuf_str(&text))) : OK;
}

static enum err write_rows(struct ctx *cx, struct rfm_work *w)
{
    struct batch b = { .work = w };
    TRY(in_write(cx, write_batch, &b));
    w->at += b.people;
    w->after = b.upto;
    if (b.upto == STILL)
        w->phase = SWITCH;
    return OK;
}

static enum err switch_inside(struct ctx *cx, void *arg)
{
    const struct rfm_work *w = arg;
    i64 changed;
    TRY(still_mine(cx, w));
    TRY(sql_exec(cx, rfm_run_pass));
    TRY(sql_changed(cx, rfm_run_switch, &changed, V(w->run), V(cx->now)));
    return changed == 1 ? OK : ERR_RETRY;
}

static enum err switch_over(struct ctx *cx, struct rfm_work *w)
{
    TRY(in_write(cx, switch_inside, w));
    free(w->people);
    w->people = NULL;
    w->phase = TELL;
    return OK;
}

static enum err clean(struct ctx *cx, struct rfm_work *w)
{
    struct rfm_cleaning c = { .after = w->cleaned };
    TRY(in_write(cx, rfm_clean_some, &c));
    w->cleaned = c.next;
    if (c.done)
        w->phase = ENDED;
    return OK;
}

static enum err current_run(struct ctx *cx, void *arg)
{
    return sql_i64(cx, rfm_run_current, arg);
}

/* A run that was switched to before the process ended has only been left to settle: that was all.
 */
static enum err clear(struct ctx *cx, struct rfm_work *w)
{
    bool done = false;
    i64 current = 0;
    TRY(in_write(cx, rfm_clear_some, &done));
    if (!done)
        return OK;
    TRY(in_read(cx, current_run, &current));
    bool resumed = w->order.resume && w->order.resume == current;
    if (resumed)
        w->run = current;
    w->phase = resumed ? CLEAN : LOAD;
    return OK;
}

enum err rfm_work_step(struct ctx *cx, struct rfm_work *w, bool *ret_more)
{
    bool done = false;
    switch (w->phase) {
    case CLEAR: TRY(clear(cx, w)); break;
    case LOAD: TRY(load(cx, w)); break;
    case WRITE_ROWS: TRY(write_rows(cx, w)); break;
    case SWITCH: TRY(switch_over(cx, w)); break;
    case TELL:
        TRY(in_write(cx, rfm_tell_some, &done));
        w->phase = done ? MOVE : TELL;
        break;
    case MOVE:
        TRY(in_write(cx, rfm_move_some, &done));
        w->phase = done ? CLEAN : MOVE;
        break;
    case CLEAN: TRY(clean(cx, w)); break;
    case ENDED: break;
    }
    *ret_more = w->phase != ENDED;
    return OK;
}
