/* stats: how two yes/no facts about people go together, and quantiles of whole numbers. No state,
 * any thread. */
#ifndef HETANG_STATS_H
#define HETANG_STATS_H

#include "base/base.h"

/* People by two facts: did they go on, and did they do something in between. */
struct two_by_two {
    i64 both, first_only, second_only, neither;
};

struct association {
    double phi; /* −1 … 1: (ad − bc) / √ of the four margins; 0 if a margin is empty */
    double odds_ratio; /* ad / bc */
    double low, high; /* of the odds ratio, 95 %: e^(ln OR ± 1.96 √(1/a + 1/b + 1/c + 1/d)) (Woolf
                         1955, "On estimating the relation between blood group and disease") */
    bool corrected;   /* a cell was 0: a half was added to all four for the odds ratio and its
                         interval (Haldane 1956, Anscombe 1956) */
    bool enough;      /* each cell has as many people as asked for */
};

/* Everything finite, whatever the cells. ERR_OUT_OF_RANGE: one below 0. */
enum err association_of(const struct two_by_two *t, i64 cell_min, struct association *ret);

/* Exact quantiles of n ≥ 1 values, q of 0 … 1, by selection in expected time n; the values are put
 * into another order. Continuous: between the two nearest, as SQL's PERCENTILE_CONT and DuckDB's
 * quantile_cont. Discrete: always one of the values, the one with ⌊q n⌋ before it, as ClickHouse's
 * quantileExact. */
double quantile_continuous(i64 *values, size_t n, double q);
i64 quantile_discrete(i64 *values, size_t n, double q);

#endif
