#include "engine/attribution.h"

#include <math.h>

#include "engine/markov.h"

#define UNIT (INT64_C(1) << 62) /* a whole conversion, or a fen */

/* Sums of unit × count: what fits 63 bits as a count fits 126 so. */
struct sums {
    __int128 conversions, value;
};

struct attribution {
    struct attribution_options o;
    struct attribution_total total;
    i64 sum_conversions, sum_value, sum_steps; /* without signs: none of the sums can be larger */
    struct sums *sums[ATTRIBUTION_MODEL_COUNT];
    struct markov_steps steps;
    uint32_t *seen; /* of each channel: the round that met it last */
    uint32_t round;
    i64 units[ATTRIBUTION_TOUCHES_MAX];
};

/* Sets at->units of each touch of `p`, which has one or more. */
typedef void weigh_fn(struct attribution *at, const struct touch_path *p);
static weigh_fn weigh_first, weigh_last, weigh_last_named, weigh_linear, weigh_participation,
    weigh_position, weigh_time_decay, weigh_shapley;

static const struct {
    const char *name;
    weigh_fn *weigh;
} models[] = {
#define MODEL(name, weigh) { #name, weigh },
    ATTRIBUTION_MODELS(MODEL)
#undef MODEL
};

const char *attribution_model_name(enum attribution_model m)
{
    return models[m].name;
}

static bool kept(const struct attribution *at, enum attribution_model m)
{
    return at->o.models >> m & 1;
}

enum err attribution_new(struct arena *a, const struct attribution_options *o,
                         struct attribution **ret)
{
    if (o->channels > ATTRIBUTION_CHANNELS_MAX || o->direct < -1 ||
        (o->direct >= 0 && (size_t)o->direct >= o->channels) || o->half_life_ms < 1)
        return ERR_OUT_OF_RANGE;
    struct attribution *at = NEW(a, struct attribution);
    at->o = *o;
    if (kept(at, ATTRIBUTION_markov))
        at->steps = markov_steps_new(a, o->channels);
    for (enum attribution_model m = 0; m < ATTRIBUTION_MODEL_COUNT; m++)
        if (kept(at, m))
            at->sums[m] = NEW_N(a, struct sums, o->channels);
    at->seen = NEW_N(a, uint32_t, o->channels);
    *ret = at;
    return OK;
}

static bool is_valid(const struct attribution *at, const struct touch_path *p)
{
    for (size_t i = 0; i < p->touch_count; i++)
        if (p->touches[i].age_ms < 0 || p->touches[i].channel < 0 ||
            (size_t)p->touches[i].channel >= at->o.channels)
            return false;
    return p->lost >= 0 && p->conversions != INT64_MIN && p->value.fen != NONE;
}

/* Adds to the sums without signs, or leaves them if one does not fit. */
static bool make_room(struct attribution *at, i64 conversions, i64 value, i64 steps)
{
    if (__builtin_add_overflow(at->sum_conversions, conversions, &conversions) ||
        __builtin_add_overflow(at->sum_value, value, &value) ||
        __builtin_add_overflow(at->sum_steps, steps, &steps))
        return false;
    at->sum_conversions = conversions;
    at->sum_value = value;
    at->sum_steps = steps;
    return true;
}

static void add_steps(const struct markov_steps *s, const struct touch_path *p)
{
    size_t from = markov_start(s);
    for (size_t i = 0; i < p->touch_count; i++) {
        *markov_step(s, from, (size_t)p->touches[i].channel) += p->conversions + p->lost;
        from = (size_t)p->touches[i].channel;
    }
    *markov_step(s, from, markov_converted(s)) += p->conversions;
    *markov_step(s, from, markov_lost(s)) += p->lost;
}

enum err attribution_add(struct attribution *at, const struct touch_path *p)
{
    i64 ends = 0, steps = 0;
    if (!is_valid(at, p))
        return ERR_OUT_OF_RANGE;
    i64 conversions = llabs(p->conversions);
    if (p->touch_count > ATTRIBUTION_TOUCHES_MAX ||
        __builtin_add_overflow(conversions, p->lost, &ends) ||
        __builtin_mul_overflow(ends, (i64)p->touch_count + 1, &steps) ||
        !make_room(at, conversions, llabs(p->value.fen), steps))
        return ERR_TOO_MANY;
    if (p->touch_count == 0) {
        at->total.untouched += p->conversions;
        at->total.untouched_value.fen += p->value.fen;
        return OK;
    }
    at->total.conversions += p->conversions;
    at->total.value.fen += p->value.fen;
    at->total.lost += p->lost;
    if (kept(at, ATTRIBUTION_markov))
        add_steps(&at->steps, p);
    if (p->conversions == 0 && p->value.fen == 0)
        return OK;
    for (enum attribution_model m = 0; m < ATTRIBUTION_MODEL_COUNT; m++) {
        if (!kept(at, m) || !models[m].weigh)
            continue;
        models[m].weigh(at, p);
        for (size_t i = 0; i < p->touch_count; i++) {
            struct sums *s = &at->sums[m][p->touches[i].channel];
            s->conversions += (__int128)at->units[i] * p->conversions;
            s->value += (__int128)at->units[i] * p->value.fen;
        }
    }
    return OK;
}

static bool same_options(const struct attribution_options *a, const struct attribution_options *b)
{
    return a->channels == b->channels && a->direct == b->direct && a->models == b->models &&
           a->half_life_ms == b->half_life_ms;
}

enum err attribution_merge(struct attribution *at, const struct attribution *from)
{
    assert(same_options(&at->o, &from->o));
    if (!make_room(at, from->sum_conversions, from->sum_value, from->sum_steps))
        return ERR_TOO_MANY;
    at->total.conversions += from->total.conversions;
    at->total.lost += from->total.lost;
    at->total.value.fen += from->total.value.fen;
    at->total.untouched += from->total.untouched;
    at->total.untouched_value.fen += from->total.untouched_value.fen;
    for (enum attribution_model m = 0; m < ATTRIBUTION_MODEL_COUNT; m++)
        for (size_t k = 0; kept(at, m) && k < at->o.channels; k++) {
            at->sums[m][k].conversions += from->sums[m][k].conversions;
            at->sums[m][k].value += from->sums[m][k].value;
        }
    size_t cells = (at->o.channels + 1) * (at->o.channels + 2);
    for (size_t i = 0; kept(at, ATTRIBUTION_markov) && i < cells; i++)
        at->steps.count[i] += from->steps.count[i];
    return OK;
}

/* Cuts `sums` of money to whole fen that add up to what they do. */
static void cut_to_fen(struct arena *a, const struct sums *sums, size_t n,
                       struct attribution_credit *ret)
{
    i64 *rest = NEW_N(a, i64, n);
    __int128 left = 0;
    for (size_t k = 0; k < n; k++) {
        i64 fen =
            (i64)(sums[k].value >> 62); /* towards minus infinity: what is left is not below 0 */
        rest[k] = (i64)(sums[k].value - (__int128)fen * UNIT);
        left += rest[k];
        ret[k].value.fen = fen;
    }
    for (i64 fen = (i64)(left >> 62); fen > 0; fen--) { /* fewer than there are channels */
        size_t best = 0;
        for (size_t k = 1; k < n; k++)
            if (rest[k] > rest[best])
                best = k;
        rest[best] = -1;
        ret[best].value.fen++;
    }
}

/* `weights` of 0 or more as units that add up to one; what rounding leaves goes to the largest. */
static void to_units(const double *weights, size_t n, i64 *ret)
{
    double sum = 0;
    i64 left = UNIT;
    size_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        sum += weights[i];
        if (weights[i] > weights[largest])
            largest = i;
    }
    for (size_t i = 0; i < n; i++)
        left -= ret[i] = (i64)(weights[i] / sum * (double)UNIT);
    ret[largest] += left;
}

static enum err markov_sums(struct arena *a, const struct attribution *at, struct sums *ret,
                            double *ret_probability)
{
    size_t n = at->o.channels;
    double *effect = NEW_N(a, double, n);
    i64 *units = NEW_N(a, i64, n);
    TRY(markov_removal(a, &at->steps, ret_probability, effect));
    if (!(*ret_probability > 0)) {
        if (!kept(at, ATTRIBUTION_linear))
            return at->total.conversions || at->total.value.fen ? ERR_INVALID : OK;
        memcpy(ret, at->sums[ATTRIBUTION_linear], n * sizeof *ret);
        return OK;
    }
    to_units(effect, n, units);
    for (size_t k = 0; k < n; k++)
        ret[k] = (struct sums) { (__int128)units[k] * at->total.conversions,
                                 (__int128)units[k] * at->total.value.fen };
    return OK;
}

enum err attribution_credits(struct arena *a, const struct attribution *at,
                             enum attribution_model model, struct attribution_credit *ret,
                             struct attribution_total *ret_total)
{
    size_t n = at->o.channels;
    struct sums *sums = at->sums[model];
    double all = 0;
    assert(kept(at, model));
    *ret_total = at->total;
    if (model == ATTRIBUTION_markov) {
        sums = NEW_N(a, struct sums, n);
        TRY(markov_sums(a, at, sums, &ret_total->probability));
    }
    for (size_t k = 0; k < n; k++) {
        ret[k].conversions = (double)sums[k].conversions / (double)UNIT;
        all += ret[k].conversions;
    }
    for (size_t k = 0; k < n; k++)
        ret[k].share = all != 0 ? ret[k].conversions / all : 0;
    cut_to_fen(a, sums, n, ret);
    return OK;
}

static void all_to(struct attribution *at, const struct touch_path *p, size_t touch)
{
    memset(at->units, 0, p->touch_count * sizeof *at->units);
    at->units[touch] = UNIT;
}

static void weigh_first(struct attribution *at, const struct touch_path *p)
{
    all_to(at, p, 0);
}

static void weigh_last(struct attribution *at, const struct touch_path *p)
{
    all_to(at, p, p->touch_count - 1);
}

static void weigh_last_named(struct attribution *at, const struct touch_path *p)
{
    size_t touch = p->touch_count;
    while (touch > 0 && p->touches[touch - 1].channel == at->o.direct)
        touch--;
    all_to(at, p, (touch ? touch : p->touch_count) - 1);
}

/* `whole` in even parts for touches from … upto − 1; what does not divide goes to the first. */
static void share_evenly(struct attribution *at, size_t from, size_t upto, i64 whole)
{
    i64 parts = (i64)(upto - from);
    assert(parts > 0);
    for (size_t i = from; i < upto; i++)
        at->units[i] = whole / parts;
    at->units[from] += whole % parts;
}

static void weigh_linear(struct attribution *at, const struct touch_path *p)
{
    share_evenly(at, 0, p->touch_count, UNIT);
}

/* The whole at the first touch of each distinct channel, 0 at others; how many are distinct. */
static i64 mark_distinct(struct attribution *at, const struct touch_path *p)
{
    i64 distinct = 0;
    if (++at->round == 0) { /* after four thousand million paths */
        memset(at->seen, 0, at->o.channels * sizeof *at->seen);
        at->round = 1;
    }
    for (size_t i = 0; i < p->touch_count; i++) {
        uint32_t *seen = &at->seen[p->touches[i].channel];
        at->units[i] = *seen == at->round ? 0 : UNIT;
        distinct += *seen != at->round;
        *seen = at->round;
    }
    return distinct;
}

static void weigh_participation(struct attribution *at, const struct touch_path *p)
{
    mark_distinct(at, p);
}

static void weigh_shapley(struct attribution *at, const struct touch_path *p)
{
    i64 distinct = mark_distinct(at, p);
    assert(distinct > 0);
    for (size_t i = 0; i < p->touch_count; i++)
        at->units[i] /= distinct;
    at->units[0] += UNIT % distinct;
}

static void weigh_position(struct attribution *at, const struct touch_path *p)
{
    const i64 end = UNIT / 5 * 2;
    size_t n = p->touch_count;
    if (n <= 2) {
        share_evenly(at, 0, n, UNIT);
        return;
    }
    at->units[0] = at->units[n - 1] = end;
    share_evenly(at, 1, n - 1, UNIT - 2 * end);
}

/* Relative to the youngest touch, so that a path long ago does not vanish. */
static void weigh_time_decay(struct attribution *at, const struct touch_path *p)
{
    double weights[ATTRIBUTION_TOUCHES_MAX];
    i64 youngest = INT64_MAX;
    for (size_t i = 0; i < p->touch_count; i++)
        youngest = MIN(youngest, p->touches[i].age_ms);
    for (size_t i = 0; i < p->touch_count; i++)
        weights[i] = exp2((double)(youngest - p->touches[i].age_ms) / (double)at->o.half_life_ms);
    to_units(weights, p->touch_count, at->units);
}
