#include "engine/bgnbd.h"

#include <math.h>

#include "engine/optimum.h"
#include "engine/special.h"

#define TERMS_MAX 1000000 /* enough for horizons of ten thousand times the age */

static int by_history(const void *pa, const void *pb)
{
    const struct purchases *a = pa, *b = pb;
    if (a->age != b->age)
        return a->age < b->age ? -1 : 1;
    if (a->last != b->last)
        return a->last < b->last ? -1 : 1;
    return (a->repeats > b->repeats) - (a->repeats < b->repeats);
}

size_t purchases_group(struct purchases *p, size_t n)
{
    size_t kept = 0;
    qsort(p, n, sizeof *p, by_history);
    for (size_t i = 0; i < n; i++)
        if (kept && by_history(&p[kept - 1], &p[i]) == 0)
            p[kept - 1].people += p[i].people;
        else
            p[kept++] = p[i];
    return kept;
}

/* ln( [x>0] · a/(b+x−1) · ((α+T)/(α+t_x))^(r+x) ): how much likelier it is to have left at t_x than
 * to be there still. */
static double ln_left(const struct bgnbd *m, const struct purchases *p)
{
    double x = (double)p->repeats;
    return log(m->a) - log(m->b + x - 1) +
           (m->r + x) * log1p((p->age - p->last) / (m->alpha + p->last));
}

double bgnbd_log_likelihood(const struct bgnbd *m, const struct purchases *p, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (double)p[i].repeats, slope = 0;
        double one = ln_gamma(m->r + x) - ln_gamma(m->r) + m->r * log(m->alpha) +
                     ln_gamma(m->a + m->b) + ln_gamma(m->b + x) - ln_gamma(m->b) -
                     ln_gamma(m->a + m->b + x) - (m->r + x) * log(m->alpha + p[i].age);
        if (p[i].repeats)
            one += softplus(ln_left(m, &p[i]), &slope);
        sum += one * (double)p[i].people;
    }
    return sum;
}

double bgnbd_alive(const struct bgnbd *m, const struct purchases *p)
{
    double left = 0;
    if (p->repeats)
        (void)softplus(ln_left(m, p), &left);
    return 1 - left;
}

/* Σ of terms from the n-th, which is `term`, each the one before × (p+n)(q+n) z / ((c+n)(n+1)),
 * times e^ln_factor; neither part need fit a double. Terms fall at least like zⁿ in the end. */
static double series(double p, double q, double c, double z, int n, double term, double ln_factor)
{
    double sum = 0;
    for (; n < TERMS_MAX; n++) {
        double next = term * ((p + n) * (q + n) * z / ((c + n) * (n + 1.0)));
        sum += term;
        if (fabs(next) <= fabs(term) && fabs(next) <= 1e-17 * fabs(sum) * (1 - z))
            break;
        term = next;
        if (fabs(sum) > 1e150 || fabs(term) > 1e150) {
            sum *= 1e-150;
            term *= 1e-150;
            ln_factor += 150 * log(10);
        }
    }
    return sum == 0 ? 0 : copysign(exp(ln_factor + log(fabs(sum))), sum);
}

/* The paper's (10) has a ₂F₁ that is 0/0 at a = 1 and at a + b + x = 1. By Euler's transformation,
 * with z = t/(α+T+t) and u = a − 1,
 *     (1−z)^(r+x) ₂F₁(r+x, b+x; c; z) = (1−z)^u ₂F₁(a+b−1−r, u; c; z),   c = a + b + x − 1,
 * and of the series the 1 is taken out and the rest divided by u term by term:
 *     c/u · (1 − (1−z)^u ₂F₁) = −c (e^(uL) − 1)/u − e^(uL) G,   L = ln(1−z),
 *     G = Σ_{n≥1} g_n,  g_1 = (a+b−1−r) z,  g_{n+1} = g_n (a+b−1−r+n)(u+n) z / ((c+n)(n+1)),
 * where nothing divides by zero, as c > −1. Where r is so large that these terms would change their
 * signs while they grow, the formula is taken as it is printed, a little beside its gaps. */
double bgnbd_expected(const struct bgnbd *m, const struct purchases *p, double horizon)
{
    double x = (double)p->repeats, u = m->a - 1, first = m->a + m->b - 1 - m->r;
    double c = m->a + m->b + x - 1, z = horizon / (m->alpha + p->age + horizon);
    double l = log1p(-z), expected;
    if (first > -10) {
        double grown = u == 0 ? l : expm1(u * l) / u;
        expected = -c * grown - series(first, u, c, z, 1, first * z, u * l);
    } else {
        double beside = fabs(u) < 1e-7 || fabs(c) < 1e-7 ? 2e-7 : 0;
        u += beside;
        c += beside;
        expected = c / u * (1 - series(m->r + x, m->b + x, c, z, 0, 1, (m->r + x) * l));
    }
    return fmax(0, expected * bgnbd_alive(m, p));
}

/* What a history needs of the parameters depends on x alone or on one time alone; different ones of
 * both are far fewer than histories. */
struct by_count {
    double constant;         /* of the likelihood, without times */
    double d_r, d_a, d_b;    /* its derivatives */
    double shape;            /* r + x */
    double ln_odds, inverse; /* ln a/(b+x−1), 1/(b+x−1) */
};
struct by_time {
    double ln, inverse; /* of α + t */
};
struct row {
    double people;
    uint32_t count, last, age; /* places in the tables */
};

struct likelihood {
    struct row *rows;
    size_t n;
    double people;
    double *counts, *times; /* the different ones, ascending */
    size_t count_n, time_n;
    struct by_count *by_count;
    struct by_time *by_time;
};

static void fill_tables(struct likelihood *l, const struct bgnbd *m)
{
    double constant =
        -ln_gamma(m->r) + m->r * log(m->alpha) + ln_gamma(m->a + m->b) - ln_gamma(m->b);
    double d_r = log(m->alpha) - digamma(m->r), d_ab = digamma(m->a + m->b);
    double d_b = digamma(m->b), ln_a = log(m->a);
    for (size_t i = 0; i < l->count_n; i++) {
        double x = l->counts[i], psi = digamma(m->a + m->b + x);
        l->by_count[i] = (struct by_count) {
            .constant =
                constant + ln_gamma(m->r + x) + ln_gamma(m->b + x) - ln_gamma(m->a + m->b + x),
            .d_r = d_r + digamma(m->r + x),
            .d_a = d_ab - psi,
            .d_b = d_ab - psi + digamma(m->b + x) - d_b,
            .shape = m->r + x,
            .ln_odds = x > 0 ? ln_a - log(m->b + x - 1) : -INFINITY,
            .inverse = x > 0 ? 1 / (m->b + x - 1) : 0,
        };
    }
    for (size_t i = 0; i < l->time_n; i++)
        l->by_time[i] =
            (struct by_time) { log(m->alpha + l->times[i]), 1 / (m->alpha + l->times[i]) };
}

/* Mean ln likelihood of a customer. */
static double mean_likelihood(unsigned n, const double *logs, double *ret_gradient, void *data)
{
    struct likelihood *l = data;
    struct bgnbd m = { exp(logs[0]), exp(logs[1]), exp(logs[2]), exp(logs[3]) };
    double sum = 0, d_r = 0, d_alpha = 0, d_a = 0, d_b = 0;
    assert(n == 4);
    fill_tables(l, &m);
    for (size_t i = 0; i < l->n; i++) {
        const struct row *row = &l->rows[i];
        const struct by_count *c = &l->by_count[row->count];
        const struct by_time *last = &l->by_time[row->last], *age = &l->by_time[row->age];
        double left = 0, one = c->constant - c->shape * age->ln;
        if (c->inverse > 0)
            one += softplus(c->ln_odds + c->shape * (age->ln - last->ln), &left);
        sum += row->people * one;
        d_r += row->people * (c->d_r - age->ln + left * (age->ln - last->ln));
        d_alpha -= row->people * c->shape * (age->inverse + left * (last->inverse - age->inverse));
        d_a += row->people * (c->d_a + left / m.a);
        d_b += row->people * (c->d_b - left * c->inverse);
    }
    if (ret_gradient) {
        ret_gradient[0] = d_r * m.r / l->people;
        ret_gradient[1] = d_alpha * m.alpha / l->people + m.r;
        ret_gradient[2] = d_a * m.a / l->people;
        ret_gradient[3] = d_b * m.b / l->people;
    }
    return sum / l->people;
}

static int by_number(const void *pa, const void *pb)
{
    const double *a = pa, *b = pb;
    return (*a > *b) - (*a < *b);
}

static size_t sort_different(double *v, size_t n)
{
    size_t kept = 0;
    qsort(v, n, sizeof *v, by_number);
    for (size_t i = 0; i < n; i++)
        if (!kept || v[kept - 1] != v[i])
            v[kept++] = v[i];
    return kept;
}

static uint32_t place(const double *sorted, size_t n, double v)
{
    return (uint32_t)((const double *)bsearch(&v, sorted, n, sizeof v, by_number) - sorted);
}

/* Times are divided by `unit`, so that days and weeks are searched alike. */
static void make_tables(struct arena *a, const struct purchases *p, size_t n, double unit,
                        struct likelihood *l)
{
    l->rows = NEW_N(a, struct row, n);
    l->counts = NEW_N(a, double, n);
    l->times = NEW_N(a, double, 2 * n);
    l->n = n;
    for (size_t i = 0; i < n; i++) {
        l->counts[i] = (double)p[i].repeats;
        l->times[2 * i] = p[i].last / unit;
        l->times[2 * i + 1] = p[i].age / unit;
        l->people += (double)p[i].people;
    }
    l->count_n = sort_different(l->counts, n);
    l->time_n = sort_different(l->times, 2 * n);
    for (size_t i = 0; i < n; i++)
        l->rows[i] =
            (struct row) { (double)p[i].people, place(l->counts, l->count_n, (double)p[i].repeats),
                           place(l->times, l->time_n, p[i].last / unit),
                           place(l->times, l->time_n, p[i].age / unit) };
    l->by_count = NEW_N(a, struct by_count, l->count_n);
    l->by_time = NEW_N(a, struct by_time, l->time_n);
}

static bool can_be(const struct purchases *p)
{
    return p->people > 0 && isfinite(p->age) && p->age >= 0 && p->last <= p->age &&
           (p->repeats > 0 ? p->last > 0 : p->repeats == 0 && p->last == 0);
}

enum err bgnbd_fit(struct arena *a, const struct purchases *p, size_t n, struct bgnbd_fit *ret,
                   const char **ret_reason)
{
    struct likelihood l = { 0 };
    struct optimum o = { .parameters = { 1, 1, 1, 1 } };
    struct bgnbd_fit fit = { 0 };
    double age = 0;
    for (size_t i = 0; i < n; i++) {
        if (!can_be(&p[i]) || __builtin_add_overflow(fit.people, p[i].people, &fit.people)) {
            *ret_reason = "a history has a time or a count that cannot be";
            return ERR_OUT_OF_RANGE;
        }
        fit.repeat_buyers += p[i].repeats > 0 ? p[i].people : 0;
        age += p[i].age * (double)p[i].people;
    }
    *ret_reason = fit.people < 2          ? "fewer than two people have bought"
                  : !(age > 0)            ? "no time has passed since anybody's first purchase"
                  : fit.repeat_buyers < 1 ? "nobody has bought again"
                                          : "no parameters fit these purchases best";
    if (fit.people < 2 || !(age > 0) || fit.repeat_buyers < 1)
        return ERR_INVALID;
    double unit = age / (double)fit.people;
    make_tables(a, p, n, unit, &l);
    TRY(optimum_find(mean_likelihood, &l, 4, &o));
    fit.model = (struct bgnbd) { o.parameters[0], o.parameters[1] * unit, o.parameters[2],
                                 o.parameters[3] };
    fit.log_likelihood = bgnbd_log_likelihood(&fit.model, p, n);
    fit.evaluations = o.evaluations;
    fit.at_bound = o.at_bound;
    *ret = fit;
    *ret_reason = NULL;
    return OK;
}
