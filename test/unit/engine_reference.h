/* The third executor of the engine's language (engine/query.h): slow, and as near to the words of
 * its definitions as can be. The others are right when they answer what it answers. Everything in
 * the answer lives in the arena or in the history. */
#ifndef HETANG_ENGINE_REFERENCE_H
#define HETANG_ENGINE_REFERENCE_H

#include "engine/result.h"
#include "engine_history.h"

enum err reference_ask(struct arena *a, const struct query *q, const struct history *h, instant now,
                       struct result *ret);
/* By trying every chain of facts there is, what in order and strict the deepest level is. For short
 * histories, as a second opinion. Facts in order. */
size_t funnel_level_exhaustive(const struct query *q, const struct fact *const *facts, size_t n);
/* … and what the rule of query.h finds. */
size_t funnel_level(const struct query *q, const struct fact *const *facts, size_t n);

#endif
