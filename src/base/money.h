/* Money arithmetic that cannot lose a fen: every operation says when it does not fit, decimals are
 * read exactly, shares always add up. */
#ifndef HETANG_MONEY_H
#define HETANG_MONEY_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/types.h"

[[nodiscard]] bool money_add(money a, money b, money *ret); /* false when it does not fit */
[[nodiscard]] bool money_sub(money a, money b, money *ret);
[[nodiscard]] bool money_times(money a, int64_t factor, money *ret);

/* A decimal number: digits × 10^-scale, with scale 0 … 6. */
struct decimal {
    int64_t digits;
    int scale;
};
/* "12", "-3.50", "0.001"; more than 6 places only if the rest are zeros. False on anything else. */
bool decimal_read(str s, struct decimal *ret);
/* quantity × price in hundredths, rounded half away from zero. False when it does not fit. */
bool money_of_product(struct decimal quantity, struct decimal price, money *ret);
/* A decimal amount in fen, rounded half away from zero. */
bool money_read(str s, money *ret);
void out_money(struct strbuf *sb, money m); /* 1234.50, -0.05 */

/* Splits `whole` in proportion to `weights` (all ≥ 0, not all 0) by largest remainder: parts add up
 * to `whole` exactly; of equal remainders the earlier part gets the fen. Works for negative amounts
 * too. */
void money_split(struct arena *a, money whole, const int64_t *weights, size_t count,
                 money *ret_parts);

#endif
