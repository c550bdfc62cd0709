/* rfm: the arithmetic of scores by how long ago, how often and for how much. Whole numbers alone,
 * so that every machine says the same.
 *
 * R is whole days (of 24 hours) since the last order, F the number of orders, M their worth. Four
 * cut points part each figure into five scores: F and M score one more than the number of cut
 * points strictly below the value; R scores five less that number, since fewer days are better. The
 * cut points are fixed, or the type-7 quantiles (Hyndman & Fan 1996) at 20, 40, 60 and 80 %: of n
 * ordered values x, the one at p is x[j] + (h - j) (x[j + 1] - x[j]) with h = (n - 1) p and j =
 * ⌊h⌋. With p = k / 5 five times that is whole: cut points are kept as fifths. */
#ifndef HETANG_ENGINE_RFM_H
#define HETANG_ENGINE_RFM_H

#include "base/base.h"

enum rfm_figure { RFM_R, RFM_F, RFM_M, RFM_FIGURES };
#define RFM_CUTS      4
#define RFM_SCORE_MAX (RFM_CUTS + 1)
#define RFM_TOTAL_MIN RFM_FIGURES
#define RFM_TOTAL_MAX (RFM_FIGURES * RFM_SCORE_MAX)
#define RFM_CLASSES   (1 << RFM_FIGURES)

/* 32 bytes, since there may be a million of them. */
struct rfm_person {
    i64 person;
    i64 last_ms; /* their last order up to the reference */
    i64 worth;   /* below 0 when refunds are subtracted and larger */
    int32_t frequency;
    uint8_t score[RFM_FIGURES]; /* filled by rfm_score() */
};
static_assert(sizeof(struct rfm_person) == 32, "memory of a person");

struct rfm_cuts {
    __int128 fifths[RFM_FIGURES][RFM_CUTS]; /* five times each cut point, rising */
};
struct rfm_means {
    i64 sums[RFM_FIGURES]; /* of the scores of all people */
    i64 people;
};

/* The quantiles of `count` > 0 people. */
void rfm_quantiles(const struct rfm_person *people, size_t count, instant reference,
                   struct rfm_cuts *ret);
/* Scores everybody and adds up for the means. */
void rfm_score(struct rfm_person *people, size_t count, instant reference,
               const struct rfm_cuts *cuts, struct rfm_means *ret);
i64 rfm_value(const struct rfm_person *p, enum rfm_figure figure, instant reference);

/* Which of the eight classes: bits R F M (4, 2, 1) for a score above the population's mean. */
int rfm_class(const uint8_t score[RFM_FIGURES], const struct rfm_means *means);
const char *rfm_class_key(int class); /* "101": digits R F M */
static inline int rfm_total(const uint8_t score[RFM_FIGURES])
{
    return score[RFM_R] + score[RFM_F] + score[RFM_M];
}

#endif
