/* Scores, by the words of query.h and engine/rfm.h: each person against each cut point. */
#include "engine_reference_internal.h"

#include "base/time.h"
#include "engine/rfm_cells.h"

struct figures {
    i64 person, at[RFM_FIGURES], score[RFM_FIGURES];
};
struct population {
    struct figures *at;
    size_t n;
};

static i64 number_of(const struct asked *x, const struct fact *f)
{
    const struct value *v = x->q->rfm.value.len ? prop_of(f, x->q->rfm.value) : NULL;
    return v && v->kind == VALUE_NUMBER ? v->number : 0;
}

/* False: they have no fact of the match. */
static bool figures_of(const struct asked *x, const struct life *l, struct figures *ret)
{
    instant reference = rfm_reference(x->q, x->now);
    __int128 worth = 0;
    *ret = (struct figures) { .person = l->person->id };
    for (size_t i = 0; i < l->n; i++) {
        const struct fact *f = l->facts[i];
        if (!in_range(x->q, f))
            continue;
        if (match_holds(&x->q->rfm.match, f)) {
            ret->at[RFM_R] = (reference.ms - f->at.ms) / DAY_MS;
            ret->at[RFM_F]++;
            worth += number_of(x, f);
        }
        if (x->q->rfm.refund.type_count && match_holds(&x->q->rfm.refund, f))
            worth -= llabs(number_of(x, f));
    }
    ret->at[RFM_M] = sum_shown(worth);
    return ret->at[RFM_F] > 0;
}

/* Five times the type-7 quantile at k / 5 of the population's figure: with h = (n - 1) k / 5 it is
 * x[⌊h⌋] + (h - ⌊h⌋) (x[⌊h⌋ + 1] - x[⌊h⌋]). */
static __int128 quantile(const struct asked *x, const struct population *p, enum rfm_figure figure,
                         size_t k)
{
    i64 *values = NEW_N(x->a, i64, p->n);
    for (size_t i = 0; i < p->n; i++)
        values[i] = p->at[i].at[figure];
    size_t fives = (p->n - 1) * k;
    __int128 low = element(x->a, values, p->n, fives / 5), rest = fives % 5;
    return rest ? (5 - rest) * low + rest * element(x->a, values, p->n, fives / 5 + 1) : 5 * low;
}

static void score(const struct asked *x, struct population *p, struct rfm_result *ret)
{
    const struct rfm_asked *q = &x->q->rfm;
    ret->means.people = (i64)p->n;
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++) {
        for (size_t k = 0; k < RFM_CUTS; k++)
            ret->cuts.fifths[figure][k] = q->fixed[figure] ? 5 * (__int128)q->cuts[figure][k]
                                          : p->n           ? quantile(x, p, figure, k + 1)
                                                           : 0;
        for (size_t i = 0; i < p->n; i++) {
            i64 below = 0;
            for (size_t k = 0; k < RFM_CUTS; k++)
                below += ret->cuts.fifths[figure][k] < 5 * (__int128)p->at[i].at[figure];
            p->at[i].score[figure] = figure == RFM_R ? 5 - below : 1 + below;
            ret->means.sums[figure] += p->at[i].score[figure];
        }
    }
}

static int class_of(const struct figures *f, const struct rfm_means *means)
{
    int class = 0;
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++)
        class = 2 * class + (f->score[figure] * means->people > means->sums[figure]);
    return class;
}

static struct population scored(const struct asked *x, struct rfm_result *ret)
{
    struct population p = { NEW_N(x->a, struct figures, x->life_count), 0 };
    for (size_t i = 0; i < x->life_count; i++)
        p.n += figures_of(x, &x->lives[i], &p.at[p.n]);
    *ret = (struct rfm_result) { .reference = rfm_reference(x->q, x->now) };
    score(x, &p, ret);
    return p;
}

static bool cell_fill(const struct population *p, const struct rfm_means *means, i64 r, i64 f,
                      i64 m, struct rfm_cell *ret)
{
    __int128 worth = 0;
    *ret = (struct rfm_cell) { .score = { (uint8_t)r, (uint8_t)f, (uint8_t)m } };
    for (const struct figures *one = p->at; one < p->at + p->n; one++)
        if (one->score[RFM_R] == r && one->score[RFM_F] == f && one->score[RFM_M] == m) {
            ret->class = class_of(one, means);
            ret->people++;
            ret->facts += one->at[RFM_F];
            worth += one->at[RFM_M];
        }
    ret->worth = sum_shown(worth);
    return ret->people > 0;
}

void rfm_ask(const struct asked *x, struct rfm_result *ret)
{
    struct population p = scored(x, ret);
    ret->cells = NEW_N(x->a, struct rfm_cell, 126);
    for (i64 r = 5; r > 0; r--)
        for (i64 f = 5; f > 0; f--)
            for (i64 m = 5; m > 0; m--)
                ret->cell_count +=
                    cell_fill(&p, &ret->means, r, f, m, &ret->cells[ret->cell_count]);
}

void rfm_behind(const struct asked *x, struct ids *ret)
{
    const struct behind *b = &x->q->behind;
    struct rfm_result r;
    struct population p = scored(x, &r);
    for (const struct figures *one = p.at; one < p.at + p.n; one++) {
        bool in = b->class == NONE || b->class == class_of(one, &r.means);
        for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++)
            in &= !b->scores[figure] || b->scores[figure] == one->score[figure];
        if (in)
            *vec_push(x->a, ret) = one->person;
    }
}
