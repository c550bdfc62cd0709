/* rfm: how recently, how often and for how much people buy; runs of it, and where everybody stands.
 *
 * A run computes the scores of everybody with an order up to a reference instant (engine/rfm.h says
 * how) and becomes the current one at a single moment: readers of rfm_current see the run before or
 * this one, never a mixture. Rows say from which run until which they are true, so a night on which
 * a hundred people changed writes a hundred rows, and nothing is lost of the history. When a run
 * has become current, rfm.scored is emitted for everybody whose class or tier is another.
 *
 * Joined people: their orders have moved, so the next run sees one person; the row of the other one
 * is hidden with them. Erased people keep their numbers: they are scored, and seen by nobody. */
#ifndef HETANG_RFM_H
#define HETANG_RFM_H

#include "core/ctx.h"
#include "core/module.h"
#include "domain/customer/customer.h"
#include "engine/rfm.h"

ID_TYPE(rfm_run_id);

/* Largest sum of amounts: JavaScript keeps it exactly. */
#define RFM_VALUE_MAX I53_MAX

struct rfm_class_row {
    const char *zh, *en;
};
extern const struct rfm_class_row rfm_classes[1 << RFM_FIGURES]; /* by the number of rfm_class() */

/* The tiers, from the best; which totals are whose is the brand's to set. */
enum rfm_tier_kind { RFM_DIAMOND, RFM_GOLD, RFM_SILVER, RFM_BRONZE, RFM_TIERS };
extern const char *const rfm_tier_keys[];
extern const char *const rfm_methods[];

#define RFM_TIER(F, T)                                                              \
    F(T, str, key, .required = true, .choices = rfm_tier_keys,                      \
      .doc = "diamond, gold, silver or bronze; conditions name it")                 \
    F(T, str, name, .required = true, .max = 20, .doc = "Shown name")               \
    F(T, str, name_en, .required = true, .max = 40, .doc = "Shown name in English") \
    F(T, i64, from, .required = true, .min = RFM_TOTAL_MIN, .max = RFM_TOTAL_MAX,   \
      .doc = "Smallest total of the three scores")                                  \
    F(T, i64, to, .required = true, .min = RFM_TOTAL_MIN, .max = RFM_TOTAL_MAX,     \
      .doc = "Largest total; together the tiers leave no gap from 3 to 15 and do not overlap")
SCHEMA_STRUCT(rfm_tier, RFM_TIER);

#define RFM_RULES(F, T)                                                                        \
    F(T, str, method, .required = true, .choices = rfm_methods,                                \
      .doc = "quantiles: cut points at 20, 40, 60 and 80 % of the people; fixed: those below") \
    F(T, list, r_cuts, .required = true, .of_type = FT_i64, .max = RFM_CUTS,                   \
      .doc = "Fixed cut points in days, four, rising; empty with quantiles")                   \
    F(T, list, f_cuts, .required = true, .of_type = FT_i64, .max = RFM_CUTS,                   \
      .doc = "Fixed cut points in orders")                                                     \
    F(T, list, m_cuts_fen, .required = true, .of_type = FT_money, .max = RFM_CUTS,             \
      .doc = "Fixed cut points of the amount")                                                 \
    F(T, boolean, subtract_refunds, .required = true,                                          \
      .doc = "The amount is less what was given back")                                         \
    F(T, list, tiers, .required = true, .of = &rfm_tier_schema, .min = RFM_TIERS,              \
      .max = RFM_TIERS, .doc = "The four tiers")                                               \
    F(T, i64, nightly_hour, .nullable = true, .min = 0, .max = 23,                             \
      .doc = "It runs every night at this hour; null: only when asked")                        \
    F(T, i64, history_days, .required = true, .min = 1, .max = 3650,                           \
      .doc = "What was true before is kept this long")
#define RFM_SETTINGS(F, T) \
    RFM_RULES(F, T)        \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA_STRUCT(rfm_settings, RFM_SETTINGS);

/* As set, or as they are at first. */
enum err rfm_settings_get(struct ctx *cx, struct rfm_settings *ret);
/* Checks what a schema cannot (cut points, tiers), keeps them and moves the nightly job. */
enum err rfm_settings_put(struct ctx *cx, struct rfm_settings *s);
/* The next time the nightly run is due after now. */
instant rfm_nightly_at(const struct rfm_settings *s, instant now);
enum rfm_tier_kind rfm_tier_of(const struct rfm_settings *s, int total);

/* One run, in small steps, each a read or a short write of its own. */
struct rfm_work;
struct rfm_order {
    instant reference; /* 0: the moment it begins */
    str by_name;       /* who asked */
    i64 resume;        /* a run that was switched to and may not be settled yet; 0: none */
};
struct rfm_work *rfm_work_new(const struct rfm_order *order);
void rfm_work_free(struct rfm_work *w); /* NULL is fine */
/* Outside a unit of work. *ret_more: call again. */
enum err rfm_work_step(struct ctx *cx, struct rfm_work *w, bool *ret_more);
struct rfm_progress {
    i64 done, total; /* people; total 0: not known yet */
    i64 run;         /* its number once there is one, else 0 */
    bool current;    /* it has been switched to */
};
struct rfm_progress rfm_work_progress(const struct rfm_work *w);

/* A run in the background: the job's number, also of one already waiting or running. */
enum err rfm_request(struct ctx *cx, instant reference, job_id *ret);

extern const struct event_type EV_RFM_SCORED;
extern const struct module rfm_module;

#endif
