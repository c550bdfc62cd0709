/* attribution: how much of each conversion is owed to which channel.
 *
 * A path is the touches of one person before one conversion, or before none, oldest first; equal
 * paths may come as one with a count. Paths are added in any order, in parts on several threads if
 * need be (one attribution each, then merged): all sums are kept in whole numbers of 2⁻⁶² of a
 * conversion and of a fen, so the order cannot change a digit, and a conversion taken back with the
 * path that it came with leaves nothing behind.
 *
 * Credits of every model add up to the conversions, and their money to the value to the fen; but
 * participation gives a whole conversion to every channel of the path, so there only the shares do.
 * Conversions without any touch are owed to nobody: counted apart, in no model.
 *
 * Memory: the arena given; 32 bytes for each model and channel, and 8 (n + 2)² for Markov. */
#ifndef HETANG_ATTRIBUTION_H
#define HETANG_ATTRIBUTION_H

#include "base/base.h"

#define ATTRIBUTION_CHANNELS_MAX 1024
#define ATTRIBUTION_TOUCHES_MAX  4096 /* of one path */
#define ATTRIBUTION_HALF_LIFE_MS (7 * DAY_MS)

/* MODEL(name, function that weighs the touches of a path).
 * last_non_direct: the last, if all of them are direct. linear: each touch the same. participation:
 * each distinct channel the whole. position: 40/20/40, the middle shared evenly; two touches 50/50,
 * one 100. time_decay: 2^(−age / half-life). markov: removal effects, see attribution_credits().
 * shapley: each distinct channel the same, which is the Shapley value of this game (Zhao, Mahboobi
 * & Bagheri 2018, "Shapley value methods for attribution modeling"). */
#define ATTRIBUTION_MODELS(MODEL)             \
    MODEL(first, weigh_first)                 \
    MODEL(last, weigh_last)                   \
    MODEL(last_non_direct, weigh_last_named)  \
    MODEL(linear, weigh_linear)               \
    MODEL(participation, weigh_participation) \
    MODEL(position, weigh_position)           \
    MODEL(time_decay, weigh_time_decay)       \
    MODEL(markov, NULL)                       \
    MODEL(shapley, weigh_shapley)

enum attribution_model {
#define MODEL(name, weigh) ATTRIBUTION_##name,
    ATTRIBUTION_MODELS(MODEL)
#undef MODEL
        ATTRIBUTION_MODEL_COUNT
};

const char *attribution_model_name(enum attribution_model m); /* "last_non_direct" */

struct attribution_options {
    size_t channels; /* channels are 0 … channels − 1 */
    int32_t direct;  /* which of them is "direct"; −1 none */
    i64 half_life_ms;
    uint32_t models; /* bits 1 << model; others are not kept */
};

struct touch {
    i64 age_ms; /* before the conversion, 0 or more */
    int32_t channel;
};

struct touch_path {
    const struct touch *touches; /* oldest first */
    size_t touch_count;
    i64 conversions; /* how often it ended in one; below zero: taken back */
    i64 lost;        /* how often it ended without; only Markov looks at these */
    money value;     /* of all its conversions; below zero, a refund: a part of it without, the
                        whole with a conversion taken back */
};

struct attribution_credit {
    double conversions;
    money value;
    double share; /* of the credits of all channels; 0 when they add up to nothing */
};

struct attribution_total {
    i64 conversions, lost;
    money value;
    i64 untouched; /* conversions without a touch: not in the three above */
    money untouched_value;
    double probability; /* Markov: of a conversion, by the chain */
};

struct attribution;

/* ERR_OUT_OF_RANGE: more channels than the limit, a direct one that is none of them, or a half-life
 * below 1. */
enum err attribution_new(struct arena *a, const struct attribution_options *o,
                         struct attribution **ret);
/* ERR_OUT_OF_RANGE: a channel that is none, an age or `lost` below 0; ERR_TOO_MANY: more touches
 * than the limit, or sums that do not fit. Nothing was added then. */
enum err attribution_add(struct attribution *at, const struct touch_path *p);
/* Adds what `from` holds, which has the same options. ERR_TOO_MANY as above. */
enum err attribution_merge(struct attribution *at, const struct attribution *from);

/* The credit of each channel under one of the models kept.
 *
 * Money is rounded once, at the end: each channel has its exact part cut to a fen, and the fen left
 * over go to the largest remainders, the lower channel first. Markov: the chain has the channels
 * that occur as states, and the touches of a path as they are, the same channel twice in a row
 * being a step to itself; credit = conversions × effect / sum of effects, of the value likewise. If
 * by the chain nobody converts though there is something to share (only refunds, say), linear's
 * shares stand in, or ERR_INVALID if that model is not kept; paths that are never taken back cannot
 * come to this. ERR_INVALID, too: Markov's equations cannot be solved; not seen to happen. */
enum err attribution_credits(struct arena *a, const struct attribution *at,
                             enum attribution_model model, struct attribution_credit *ret,
                             struct attribution_total *ret_total);

#endif
