/* Counts of one run: by tier, by class, by cell of R and F. */
#include "core/job.h"
#include "core/reply.h"
#include "domain/rfm/internal.h"

#include "rfm_view.sql.h"

#define RFM_COUNT(F, T)                                                                       \
    F(T, i64, people, .doc = "How many, as far as one may see")                               \
    F(T, f64, people_share, .nullable = true, .doc = "Of all that one may see; null: nobody") \
    F(T, money, monetary_fen, .doc = "Sum of their amounts")                                  \
    F(T, f64, money_share, .nullable = true, .doc = "Of all amounts one may see; null: none")

#define RFM_TIER_COUNT(F, T)                                     \
    F(T, str, key, .doc = "As conditions name it")               \
    F(T, str, name, .doc = "Shown name")                         \
    F(T, str, name_en, .doc = "Shown name in English")           \
    F(T, i64, from, .doc = "Smallest total of the three scores") \
    F(T, i64, to, .doc = "Largest total")                        \
    RFM_COUNT(F, T)
SCHEMA(rfm_tier_count, RFM_TIER_COUNT);

#define RFM_CLASS_COUNT(F, T)                                                                  \
    F(T, str, key, .doc = "Digits R F M: 1 for a score above the mean, as conditions name it") \
    F(T, str, name, .doc = "Shown name")                                                       \
    F(T, str, name_en, .doc = "Shown name in English")                                         \
    RFM_COUNT(F, T)
SCHEMA(rfm_class_count, RFM_CLASS_COUNT);

#define RFM_CELL(F, T)                                                                     \
    F(T, i64, r, .doc = "R score, 1 to 5")                                                 \
    F(T, i64, f, .doc = "F score, 1 to 5")                                                 \
    F(T, list, by_m, .of_type = FT_i64, .doc = "How many of them by M score, from 1 to 5") \
    RFM_COUNT(F, T)
SCHEMA(rfm_cell, RFM_CELL);

#define RFM_JOB(F, T)                                        \
    F(T, job_id, id, .doc = "Number")                        \
    F(T, str, state, .doc = "waiting or running")            \
    F(T, i64, done, .doc = "People so far")                  \
    F(T, i64, total, .doc = "Of how many; 0: not known yet") \
    F(T, str, error, .nullable = true, .doc = "Why it is tried again")
SCHEMA(rfm_job, RFM_JOB);

SCHEMA_TABLE(rfm_run_one, RFM_RUN_ONE);

#define RFM_VIEW(F, T)                                                       \
    F(T, obj, run, .of = &rfm_run_schema, .nullable = true,                  \
      .doc = "The current run; null: none yet")                              \
    F(T, obj, job, .of = &rfm_job_schema, .nullable = true,                  \
      .doc = "A run that is being computed or waits; null: none")            \
    F(T, i64, people, .doc = "How many have a score, as far as one may see") \
    F(T, money, monetary_fen, .doc = "Sum of their amounts")                 \
    F(T, list, tiers, .of = &rfm_tier_count_schema, .doc = "From the best")  \
    F(T, list, classes, .of = &rfm_class_count_schema, .doc = "All eight")   \
    F(T, list, cells, .of = &rfm_cell_schema, .doc = "All 25 of R and F, R first")
SCHEMA(rfm_view, RFM_VIEW);

/* Every count of the view has these members under the same names. */
#define ADD(to, cell) ((to)->people += (cell).people, (to)->monetary_fen.fen += (cell).fen)
#define SHARE(to, all)                                                                    \
    ((to)->people_share =                                                                 \
         (all)->people ? (f64)(to)->people / (f64)(all)->people : __builtin_nan(""),      \
     (to)->money_share = (all)->monetary_fen.fen > 0                                      \
                             ? (f64)(to)->monetary_fen.fen / (f64)(all)->monetary_fen.fen \
                             : __builtin_nan(""))

struct counted {
    i64 score[RFM_FIGURES], people, fen;
};

struct counts {
    struct rfm_view view;
    struct rfm_job job;
    struct rfm_tier_count tiers[RFM_TIERS];
    struct rfm_class_count classes[8];
    struct rfm_cell cells[RFM_SCORE_MAX][RFM_SCORE_MAX];
    i64 by_m[RFM_SCORE_MAX][RFM_SCORE_MAX][RFM_SCORE_MAX];
};

static void name_counts(struct counts *c, const struct rfm_settings *s)
{
    const struct rfm_tier *t = s->tiers.at;
    for (int i = 0; i < RFM_TIERS; i++)
        c->tiers[i] = (struct rfm_tier_count) { .key = t[i].key,
                                                .name = t[i].name,
                                                .name_en = t[i].name_en,
                                                .from = t[i].from,
                                                .to = t[i].to };
    for (int i = 0; i < 8; i++) /* from 111 down, as class_keys has them */
        c->classes[i] = (struct rfm_class_count) { .key = str_of(rfm_class_key(7 - i)),
                                                   .name = str_of(rfm_classes[7 - i].zh),
                                                   .name_en = str_of(rfm_classes[7 - i].en) };
    for (int r = 0; r < RFM_SCORE_MAX; r++)
        for (int f = 0; f < RFM_SCORE_MAX; f++)
            c->cells[r][f] = (struct rfm_cell) { .r = r + 1,
                                                 .f = f + 1,
                                                 .by_m = { c->by_m[r][f], RFM_SCORE_MAX } };
    c->view.tiers = (list) { c->tiers, RFM_TIERS };
    c->view.classes = (list) { c->classes, 8 };
    c->view.cells = (list) { c->cells, RFM_SCORE_MAX * RFM_SCORE_MAX };
}

/* Means are kept as numbers with a point: of fewer than 2^50 people none that is not whole rounds
 * to a whole one. */
static int class_of(const struct counted *cell, const struct rfm_mean_scores *means)
{
    return ((f64)cell->score[RFM_R] > means->r) << 2 | ((f64)cell->score[RFM_F] > means->f) << 1 |
           ((f64)cell->score[RFM_M] > means->m);
}

static void add_cell(struct counts *c, const struct counted *cell, const struct rfm_settings *s,
                     const struct rfm_mean_scores *means)
{
    const i64 *at = cell->score;
    int total = (int)(at[RFM_R] + at[RFM_F] + at[RFM_M]);
    ADD(&c->view, *cell);
    ADD(&c->tiers[rfm_tier_of(s, total)], *cell);
    ADD(&c->classes[7 - class_of(cell, means)], *cell);
    ADD(&c->cells[at[RFM_R] - 1][at[RFM_F] - 1], *cell);
    c->by_m[at[RFM_R] - 1][at[RFM_F] - 1][at[RFM_M] - 1] += cell->people;
}

static void share_out(struct counts *c)
{
    for (int i = 0; i < RFM_TIERS; i++)
        SHARE(&c->tiers[i], &c->view);
    for (int i = 0; i < 8; i++)
        SHARE(&c->classes[i], &c->view);
    for (int i = 0; i < RFM_SCORE_MAX * RFM_SCORE_MAX; i++)
        SHARE(&c->cells[i / RFM_SCORE_MAX][i % RFM_SCORE_MAX], &c->view);
}

static enum err count_run(struct ctx *cx, const struct rfm_run *run, struct counts *c)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    const struct rfm_settings *settings = run->settings;
    c->view.run = run;
    name_counts(c, settings);
    if (!run->whole)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "这次计算的历史已按保留期清理",
                         "the history of this run is past its time and has been removed");
    if (str_is(run->state, "current"))
        TRY(sql_query(cx, rfm_cells, &r));
    else
        TRY(sql_query(cx, rfm_cells_past, &r, ID(run->id)));
    while (rows_next(&r))
        add_cell(c,
                 &(struct counted) { .score = { col_i64(&r, 0), col_i64(&r, 1), col_i64(&r, 2) },
                                     .people = col_i64(&r, 3),
                                     .fen = col_i64(&r, 4) },
                 settings, run->means);
    share_out(c);
    return rows_end(&r);
}

static enum err look_job(struct ctx *cx, struct counts *c)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, rfm_job_state, &r));
    if (rows_next(&r)) {
        schema_row(cx->arena, &rfm_job_schema, &r, &c->job);
        c->view.job = &c->job;
    }
    return rows_end(&r);
}

enum err rfm_view_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct counts *c = NEW(cx->arena, struct counts);
    struct rfm_run run;
    bool any;
    (void)input;
    TRY(look_job(cx, c));
    TRY(rfm_run_find(cx, (rfm_run_id) { 0 }, &run, &any));
    if (any)
        TRY(count_run(cx, &run, c));
    return reply_struct(out, &rfm_view_schema, &c->view);
}

enum err rfm_view_past_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rfm_run_one *in = input;
    struct counts *c = NEW(cx->arena, struct counts);
    struct rfm_run run;
    bool any;
    TRY(rfm_run_find(cx, in->id, &run, &any));
    if (!any)
        return fail(cx, ERR_NOT_FOUND, NULL);
    TRY(count_run(cx, &run, c));
    return reply_struct(out, &rfm_view_schema, &c->view);
}
