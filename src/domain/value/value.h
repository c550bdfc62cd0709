/* value: what people will be worth, who is about to be lost, and what they might buy next.
 *
 * A run looks at the orders of everybody up to a reference instant, fits BG/NBD to when they buy
 * (engine/bgnbd.h) and gamma-gamma to what they spend (engine/gamma_gamma.h), and keeps for each
 * person how likely they are still a customer and what is expected of them; besides, what is bought
 * by the same people (engine/copurchase.h). It becomes the current one at a single moment: readers
 * of value_current see the run before or this one, never a mixture.
 *
 * A purchase is a day of the business zone with an order: two orders of one day are one. Time is in
 * weeks. Money is of all orders less all refunds, not below nought. A run without enough people who
 * came back has no figures and says so; what is bought together it has all the same.
 *
 * Joined people: their orders have moved, so the next run sees one person. Erased people are left
 * out, and their row goes with them. */
#ifndef HETANG_VALUE_H
#define HETANG_VALUE_H

#include "core/ctx.h"
#include "core/module.h"

ID_TYPE(value_run_id);
ID_TYPE(value_backtest_id);

/* A run in the background: the number of the job, also of one already waiting or running. ret may
 * be NULL. */
enum err value_request(struct ctx *cx, job_id *ret);

extern const struct module value_module, value_churn_module, value_next_module,
    value_backtest_module;

#endif
