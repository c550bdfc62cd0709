#include "engine/rfm.h"

#include "base/time.h"

i64 rfm_value(const struct rfm_person *p, enum rfm_figure figure, instant reference)
{
    switch (figure) {
    case RFM_R: return (reference.ms - p->last_ms) / DAY_MS;
    case RFM_F: return p->frequency;
    case RFM_M: return p->worth;
    case RFM_FIGURES: break;
    }
    assert(false && "a figure nobody knows");
    return 0;
}

static int by_value(const void *pa, const void *pb)
{
    const i64 *a = pa, *b = pb;
    return (*a > *b) - (*a < *b);
}

static void quantiles(const i64 *ordered, size_t count, __int128 ret_fifths[RFM_CUTS])
{
    for (size_t k = 1; k <= RFM_CUTS; k++) {
        size_t h = (count - 1) * k, at = h / RFM_SCORE_MAX;
        __int128 low = ordered[at], rest = h % RFM_SCORE_MAX;
        ret_fifths[k - 1] = RFM_SCORE_MAX * low + (rest ? rest * (ordered[at + 1] - low) : 0);
    }
}

void rfm_quantiles(const struct rfm_person *people, size_t count, instant reference,
                   struct rfm_cuts *ret)
{
    assert(count > 0);
    i64 *values = xmalloc(count * sizeof *values);
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++) {
        for (size_t i = 0; i < count; i++)
            values[i] = rfm_value(&people[i], figure, reference);
        qsort(values, count, sizeof *values, by_value);
        quantiles(values, count, ret->fifths[figure]);
    }
    free(values);
}

static int cuts_below(const __int128 fifths[RFM_CUTS], i64 value)
{
    int below = 0;
    while (below < RFM_CUTS && fifths[below] < RFM_SCORE_MAX * (__int128)value)
        below++;
    return below;
}

void rfm_score(struct rfm_person *people, size_t count, instant reference,
               const struct rfm_cuts *cuts, struct rfm_means *ret)
{
    *ret = (struct rfm_means) { .people = (i64)count };
    for (size_t i = 0; i < count; i++)
        for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++) {
            int below = cuts_below(cuts->fifths[figure], rfm_value(&people[i], figure, reference));
            int score = figure == RFM_R ? RFM_SCORE_MAX - below : 1 + below;
            people[i].score[figure] = (uint8_t)score;
            ret->sums[figure] += score;
        }
}

int rfm_class(const uint8_t score[RFM_FIGURES], const struct rfm_means *means)
{
    int bits = 0;
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++)
        bits = bits << 1 | (score[figure] * means->people > means->sums[figure]);
    return bits;
}

const char *rfm_class_key(int class)
{
    static const char *const keys[] = { "000", "001", "010", "011", "100", "101", "110", "111" };
    return keys[class];
}
