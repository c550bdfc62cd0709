#include "engine/gamma_gamma.h"

#include <math.h>

#include "engine/optimum.h"
#include "engine/special.h"

static int by_spending(const void *pa, const void *pb)
{
    const struct spending *a = pa, *b = pb;
    if (a->purchases != b->purchases)
        return a->purchases < b->purchases ? -1 : 1;
    return (a->total.fen > b->total.fen) - (a->total.fen < b->total.fen);
}

size_t spending_group(struct spending *s, size_t n)
{
    size_t kept = 0;
    qsort(s, n, sizeof *s, by_spending);
    for (size_t i = 0; i < n; i++)
        if (kept && by_spending(&s[kept - 1], &s[i]) == 0)
            s[kept - 1].people += s[i].people;
        else
            s[kept++] = s[i];
    return kept;
}

/* What the likelihood needs of the parameters and the number of purchases alone. */
struct of_count {
    double x, value; /* ln Γ(px+q) − ln Γ(px) − ln Γ(q) + q ln γ */
    double d_p, d_q;
};

struct row {
    double x, total, ln_total, people; /* total in units of everybody's mean */
};

struct likelihood {
    struct row *rows; /* by purchases, ascending */
    size_t n;
    double people;
};

static struct of_count of_count(double p, double q, double gamma, double x)
{
    double sum = digamma(p * x + q);
    return (struct of_count) {
        x,
        ln_gamma(p * x + q) - ln_gamma(p * x) - ln_gamma(q) + q * log(gamma),
        x * (sum - digamma(p * x)),
        sum - digamma(q) + log(gamma),
    };
}

/* ln density of the mean z of x purchases with the total t = x z:
 *     ln Γ(px+q) − ln Γ(px) − ln Γ(q) + q ln γ + px ln t − ln z − (px+q) ln(γ+t)
 * The search leaves out − ln z, which has no parameter in it. */
static double mean_likelihood(unsigned n, const double *logs, double *ret_gradient, void *data)
{
    struct likelihood *l = data;
    double p = exp(logs[0]), q = exp(logs[1]), gamma = exp(logs[2]);
    double sum = 0, d_p = 0, d_q = 0, d_gamma = 0;
    struct of_count c = { .x = -1 };
    assert(n == 3);
    for (size_t i = 0; i < l->n; i++) {
        const struct row *row = &l->rows[i];
        if (row->x != c.x)
            c = of_count(p, q, gamma, row->x);
        double ln_whole = log(gamma + row->total);
        double shape = p * row->x;
        sum += row->people * (c.value + shape * row->ln_total - (shape + q) * ln_whole);
        d_p += row->people * (c.d_p + row->x * (row->ln_total - ln_whole));
        d_q += row->people * (c.d_q - ln_whole);
        d_gamma += row->people * (q / gamma - (shape + q) / (gamma + row->total));
    }
    if (ret_gradient) {
        ret_gradient[0] = d_p * p / l->people;
        ret_gradient[1] = d_q * q / l->people;
        ret_gradient[2] = d_gamma * gamma / l->people;
    }
    return sum / l->people;
}

double gamma_gamma_log_likelihood(const struct gamma_gamma *m, const struct spending *s, size_t n)
{
    double sum = 0, gamma = m->gamma_fen / 100;
    for (size_t i = 0; i < n; i++) {
        double x = (double)s[i].purchases, t = (double)s[i].total.fen / 100;
        struct of_count c = of_count(m->p, m->q, gamma, x);
        sum += (double)s[i].people *
               (c.value + m->p * x * log(t) - log(t / x) - (m->p * x + m->q) * log(gamma + t));
    }
    return sum;
}

static double mean_of(const struct spending *s)
{
    return (double)s->total.fen / (double)s->purchases;
}

/* Checks what is given and counts the people; whether their means differ. */
static enum err survey(const struct spending *s, size_t n, i64 *ret_people, bool *ret_differ)
{
    i64 people = 0;
    *ret_differ = false;
    for (size_t i = 0; i < n; i++) {
        if (s[i].purchases < 1 || s[i].total.fen < 1 || s[i].people < 1 ||
            __builtin_add_overflow(people, s[i].people, &people))
            return ERR_OUT_OF_RANGE;
        *ret_differ |= mean_of(&s[i]) != mean_of(&s[0]);
    }
    *ret_people = people;
    return OK;
}

/* Money in units of the mean over customers, so that yuan and yen are searched alike. */
static double make_rows(struct arena *a, const struct spending *s, struct likelihood *l)
{
    double mean = 0;
    for (size_t i = 0; i < l->n; i++)
        mean += mean_of(&s[i]) * (double)s[i].people / l->people;
    l->rows = NEW_N(a, struct row, l->n);
    for (size_t i = 0; i < l->n; i++) {
        double total = (double)s[i].total.fen / mean;
        l->rows[i] =
            (struct row) { (double)s[i].purchases, total, log(total), (double)s[i].people };
    }
    return mean;
}

enum err gamma_gamma_fit(struct arena *a, const struct spending *s, size_t n,
                         struct gamma_gamma_fit *ret, const char **ret_reason)
{
    struct optimum o = { .parameters = { 2, 2, 1 } };
    struct gamma_gamma_fit fit = { 0 };
    bool differ;
    *ret_reason = "purchases, money or people that cannot be";
    TRY(survey(s, n, &fit.people, &differ));
    *ret_reason = fit.people < 2 ? "fewer than two people have bought"
                  : !differ      ? "everybody spends the same"
                                 : "no parameters fit this spending best";
    if (fit.people < 2 || !differ)
        return ERR_INVALID;
    struct spending *sorted = arena_copy(a, s, n * sizeof *s);
    n = spending_group(sorted, n);
    struct likelihood l = { NULL, n, (double)fit.people };
    double mean = make_rows(a, sorted, &l);
    TRY(optimum_find(mean_likelihood, &l, 3, &o));
    fit.model = (struct gamma_gamma) { o.parameters[0], o.parameters[1], o.parameters[2] * mean };
    fit.log_likelihood = gamma_gamma_log_likelihood(&fit.model, sorted, n);
    fit.evaluations = o.evaluations;
    fit.at_bound = o.at_bound;
    *ret = fit;
    *ret_reason = NULL;
    return OK;
}

/* The paper's (5): p (γ + x z) / (p x + q − 1). */
enum err gamma_gamma_mean(const struct gamma_gamma *m, const struct spending *s, double *ret_fen)
{
    double x = s ? (double)s->purchases : 0, total = s ? (double)s->total.fen : 0;
    if (!(m->p * x + m->q > 1))
        return ERR_INVALID;
    *ret_fen = m->p * (m->gamma_fen + total) / (m->p * x + m->q - 1);
    return OK;
}

enum err lifetime_value(const struct bgnbd *buys, const struct purchases *p,
                        const struct gamma_gamma *spends, const struct spending *s,
                        const struct lifetime *over, double *ret_fen)
{
    double mean, before = 0, purchases = 0, discount = 1;
    if (!(over->rate > -1) || !isfinite(over->rate) || !(over->period > 0) ||
        !isfinite(over->period) || over->periods < 1)
        return ERR_OUT_OF_RANGE;
    TRY(gamma_gamma_mean(spends, s, &mean));
    for (int i = 1; i <= over->periods; i++) {
        double until = bgnbd_expected(buys, p, over->period * i);
        discount /= 1 + over->rate;
        purchases += (until - before) * discount;
        before = until;
    }
    *ret_fen = mean * purchases;
    return OK;
}
