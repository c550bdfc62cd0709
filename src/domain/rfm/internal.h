/* What the files of rfm share. */
#ifndef HETANG_RFM_INTERNAL_H
#define HETANG_RFM_INTERNAL_H

#include "domain/rfm/rfm.h"

/* Moves the nightly job to the hour of the settings, or takes it away. Inside a write. */
enum err rfm_nightly_move(struct ctx *cx, const struct rfm_settings *s);
/* For the module's table: what it needs in an empty instance. */
enum err rfm_seed(struct ctx *cx);
extern const struct job_kind rfm_run_job, rfm_nightly_job;

/* Pieces of work, each inside a write. *ret_done (a bool): nothing of it is left. */
enum err rfm_tell_some(struct ctx *cx, void *ret_done); /* facts of who changed */
enum err rfm_move_some(struct ctx *cx, void *ret_done); /* closed rows to the history */
/* Both for what earlier runs left, then undoes a run that was never switched to. */
enum err rfm_clear_some(struct ctx *cx, void *ret_done);
/* History past its time, of one old run. */
struct rfm_cleaning {
    i64 after; /* runs up to here have been looked at … */
    i64 next;  /* … and now up to here */
    bool done;
};
enum err rfm_clean_some(struct ctx *cx, void *cleaning);

#define RFM_CUT_LISTS(F, T)                                                \
    F(T, list, r, .required = true, .of_type = FT_f64, .doc = "Of days")   \
    F(T, list, f, .required = true, .of_type = FT_f64, .doc = "Of orders") \
    F(T, list, m, .required = true, .of_type = FT_f64,                     \
      .doc = "Of amounts, in hundredths of the currency unit")
SCHEMA_STRUCT(rfm_cut_lists, RFM_CUT_LISTS);

#define RFM_MEAN_SCORES(F, T)                     \
    F(T, f64, r, .required = true, .doc = "Of r") \
    F(T, f64, f, .required = true, .doc = "Of f") \
    F(T, f64, m, .required = true, .doc = "Of m")
SCHEMA_STRUCT(rfm_mean_scores, RFM_MEAN_SCORES);

extern const char *const rfm_run_states[];
#define RFM_RUN(F, T)                                                                             \
    F(T, rfm_run_id, id, .doc = "Number")                                                         \
    F(T, str, state, .choices = rfm_run_states,                                                   \
      .doc = "current: where everybody stands now; past: one before it; writing: not seen yet")   \
    F(T, instant, reference_at, .doc = "As of when")                                              \
    F(T, i64, people, .doc = "How many had an order by then, seen or not")                        \
    F(T, boolean, whole,                                                                          \
      .doc = "Its counts can be seen; no: the history kept does not reach back")                  \
    F(T, obj, cuts, .of = &rfm_cut_lists_schema,                                                  \
      .doc = "Cut points: a score is one more for each that is below the value (r: one less)")    \
    F(T, obj, means, .of = &rfm_mean_scores_schema, .doc = "Mean scores, which part the classes") \
    F(T, obj, settings, .of = &rfm_settings_schema, .doc = "What it was made by")                 \
    F(T, str, by_name, .nullable = true, .doc = "Who asked for it")                               \
    F(T, instant, created_at, .doc = "When it was computed")                                      \
    F(T, instant, finished_at, .nullable = true, .doc = "When it became the current one")
SCHEMA_STRUCT(rfm_run, RFM_RUN);
/* From a row of the statements rfm_run_…. */
enum err rfm_run_of(struct ctx *cx, const struct rows *r, struct rfm_run *ret);
/* The current one, or that one; *ret_any: there is one. */
enum err rfm_run_find(struct ctx *cx, rfm_run_id id, struct rfm_run *ret, bool *ret_any);

/* Handlers in rfm_view.c. */
struct reply;
#define RFM_RUN_ONE(F, T) F(T, rfm_run_id, id, .doc = "Number of the run")
SCHEMA_STRUCT(rfm_run_one, RFM_RUN_ONE);
extern const struct schema rfm_view_schema;
enum err rfm_view_run(struct ctx *cx, const void *input, struct reply *out);
enum err rfm_view_past_run(struct ctx *cx, const void *input, struct reply *out);

#endif
