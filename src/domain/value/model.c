#include "domain/value/model.h"

#include <math.h>

#include "base/time.h"

#define WEEK_DAYS 7.0
#define YEAR_DAYS 365.0

const double value_horizon_weeks[] = { 30 / WEEK_DAYS, 90 / WEEK_DAYS, YEAR_DAYS / WEEK_DAYS };
const char *const value_lacks[] = { "few_repeaters", "no_buying_model", "no_spending_model", NULL };

struct purchases value_purchases(const struct value_history *h, day as_of)
{
    return (struct purchases) { .age = (double)(as_of.n - h->first) / WEEK_DAYS,
                                .last = (double)(h->last - h->first) / WEEK_DAYS,
                                .repeats = h->days - 1,
                                .people = 1 };
}

/* Who gave everything back has spent next to nothing, which is not nothing known. */
static struct spending spent(const struct value_history *h)
{
    return (struct spending) { .purchases = h->days, .total = { MAX(h->net_fen, 1) }, .people = 1 };
}

static enum err fit_buying(struct arena *a, const struct value_history *h, size_t n,
                           struct value_fit *fit)
{
    struct purchases *p = xmalloc(MAX(n, 1) * sizeof *p);
    const char *reason;
    for (size_t i = 0; i < n; i++)
        p[i] = value_purchases(&h[i], fit->as_of);
    enum err e = bgnbd_fit(a, p, purchases_group(p, n), &fit->buys, &reason);
    free(p);
    return e;
}

static enum err fit_spending(struct arena *a, const struct value_history *h, size_t n,
                             struct value_fit *fit)
{
    struct spending *s = xmalloc(MAX(n, 1) * sizeof *s);
    const char *reason;
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (h[i].days > 1 && h[i].net_fen > 0)
            s[count++] = spent(&h[i]);
    enum err e = gamma_gamma_fit(a, s, spending_group(s, count), &fit->spends, &reason);
    free(s);
    return e;
}

enum err value_fit(const struct value_history *h, size_t n, day as_of, bool spending,
                   struct value_fit *ret)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    *ret = (struct value_fit) { .as_of = as_of, .people = (i64)n };
    for (size_t i = 0; i < n; i++)
        ret->repeaters += h[i].days > 1;
    if (ret->repeaters < VALUE_REPEATERS_MIN) {
        ret->lack = VALUE_FEW_REPEATERS;
        return OK;
    }
    enum err e = fit_buying(&a, h, n, ret);
    if (e == ERR_INVALID)
        ret->lack = VALUE_NO_BUYING_MODEL;
    if (e != OK || !spending)
        return e == ERR_INVALID ? OK : e;
    e = fit_spending(&a, h, n, ret);
    if (e == ERR_INVALID)
        ret->lack = VALUE_NO_SPENDING_MODEL;
    return e == ERR_INVALID ? OK : e;
}

enum err value_score(const struct value_fit *fit, struct value_history *h, size_t n)
{
    const struct bgnbd *m = &fit->buys.model;
    for (size_t i = 0; i < n; i++) {
        struct purchases p = value_purchases(&h[i], fit->as_of);
        struct spending s = spent(&h[i]);
        TRY(gamma_gamma_mean(&fit->spends.model, &s, &h[i].mean_fen));
        h[i].alive = (float)bgnbd_alive(m, &p);
        for (int k = 0; k < VALUE_HORIZONS; k++)
            h[i].orders[k] = (float)bgnbd_expected(m, &p, value_horizon_weeks[k]);
    }
    return OK;
}

static i64 whole(double fen)
{
    return fen >= (double)I53_MAX ? I53_MAX : llround(fen);
}

i64 value_amount(const struct value_history *h, enum value_horizon horizon)
{
    return whole((double)h->orders[horizon] * h->mean_fen);
}

i64 value_year(const struct value_history *h)
{
    double days = fmax(YEAR_DAYS, (double)(h->last - h->first));
    return whole((double)MAX(h->net_fen, 0) * YEAR_DAYS / days);
}

i64 value_at_risk(const struct value_history *h)
{
    return whole((double)value_year(h) * (1 - (double)h->alive));
}

static int falling(const void *pa, const void *pb)
{
    i64 a = *(const i64 *)pa, b = *(const i64 *)pb;
    return (a < b) - (a > b);
}

/* Equals share the best decile one of them has. */
void value_rank(struct value_history *h, size_t n)
{
    i64 *amounts = xmalloc(MAX(n, 1) * sizeof *amounts), cuts[VALUE_DECILES];
    for (size_t i = 0; i < n; i++)
        amounts[i] = value_amount(&h[i], VALUE_365);
    if (n)
        qsort(amounts, n, sizeof *amounts, falling);
    for (size_t d = 0; n && d < VALUE_DECILES; d++) /* the smallest amount of each decile */
        cuts[d] = amounts[((d + 1) * n + VALUE_DECILES - 1) / VALUE_DECILES - 1];
    for (size_t i = 0; i < n; i++) {
        i64 amount = value_amount(&h[i], VALUE_365);
        h[i].decile = 1;
        while (h[i].decile < VALUE_DECILES && amount < cuts[h[i].decile - 1])
            h[i].decile++;
    }
    free(amounts);
}
