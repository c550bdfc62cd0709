#include "engine/rfm_cells.h"

#include "base/json.h"

#define CELLS (RFM_SCORE_MAX * RFM_SCORE_MAX * RFM_SCORE_MAX)

instant rfm_reference(const struct query *q, instant now)
{
    return q->until.ms < now.ms ? q->until : now;
}

static void cuts_make(const struct query *q, instant reference, const struct rfm_person *people,
                      size_t count, struct rfm_cuts *ret)
{
    if (count)
        rfm_quantiles(people, count, reference, ret);
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++)
        for (size_t k = 0; q->rfm.fixed[figure] && k < RFM_CUTS; k++)
            ret->fifths[figure][k] = RFM_SCORE_MAX * (__int128)q->rfm.cuts[figure][k];
}

static bool is_behind(const struct behind *b, const struct rfm_person *p,
                      const struct rfm_means *means)
{
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++)
        if (b->scores[figure] && b->scores[figure] != p->score[figure])
            return false;
    return b->class == NONE || b->class == rfm_class(p->score, means);
}

static int by_number(const void *pa, const void *pb)
{
    i64 a = *(const i64 *)pa, b = *(const i64 *)pb;
    return (a > b) - (a < b);
}

static void behind(struct arena *a, const struct query *q, const struct rfm_person *people,
                   size_t count, const struct rfm_means *means, struct result *ret)
{
    ret->people = NEW_N(a, i64, count);
    for (size_t i = 0; i < count; i++)
        if (is_behind(&q->behind, &people[i], means))
            ret->people[ret->people_count++] = people[i].person;
    if (ret->people_count)
        qsort(ret->people, ret->people_count, sizeof *ret->people, by_number);
}

/* From the best: the highest scores first, by R, then F, then M. */
static void cells_make(struct arena *a, const struct rfm_person *people, size_t count,
                       struct rfm_result *ret)
{
    struct rfm_cell all[CELLS] = { 0 };
    __int128 worth[CELLS] = { 0 };
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++)
            at = at * RFM_SCORE_MAX + (size_t)(RFM_SCORE_MAX - people[i].score[figure]);
        memcpy(all[at].score, people[i].score, sizeof all[at].score);
        all[at].people++;
        all[at].facts += people[i].frequency;
        worth[at] += people[i].worth;
    }
    ret->cells = NEW_N(a, struct rfm_cell, CELLS);
    for (size_t at = 0; at < CELLS; at++)
        if (all[at].people) {
            all[at].worth = sum_shown(worth[at]);
            all[at].class = rfm_class(all[at].score, &ret->means);
            ret->cells[ret->cell_count++] = all[at];
        }
}

void rfm_answer(struct arena *a, const struct query *q, instant now, struct rfm_person *people,
                size_t count, struct result *ret)
{
    struct rfm_result r = { .reference = rfm_reference(q, now) };
    cuts_make(q, r.reference, people, count, &r.cuts);
    rfm_score(people, count, r.reference, &r.cuts, &r.means);
    if (q->behind.asked) {
        behind(a, q, people, count, &r.means, ret);
        return;
    }
    cells_make(a, people, count, &r);
    ret->rfm = r;
}

static const char *const figures[] = { "r", "f", "m" };

static void cell_out(struct json_writer *w, const struct rfm_cell *c)
{
    json_open(w, NULL);
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++)
        json_put(w, figures[figure], (i64)c->score[figure]);
    json_put(w, "class", str_of(rfm_class_key(c->class)));
    json_put(w, "people", c->people);
    json_put(w, "facts", c->facts);
    number_out(w, "value", c->worth);
    json_close(w);
}

void rfm_out(struct json_writer *w, const struct rfm_result *r)
{
    json_time(w, "reference_at", r->reference);
    json_put(w, "people", r->means.people);
    json_open(w, "cuts");
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++) {
        f64 unit = figure == RFM_M ? QUERY_NUMBER_SCALE : 1;
        json_list(w, figures[figure]);
        for (size_t k = 0; k < RFM_CUTS; k++)
            json_val(w, NULL, val_f64((f64)r->cuts.fifths[figure][k] / RFM_SCORE_MAX / unit));
        json_list_end(w);
    }
    json_close(w);
    json_open(w, "means");
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++)
        json_val(w, figures[figure],
                 val_f64(r->means.people ? (f64)r->means.sums[figure] / (f64)r->means.people : 0));
    json_close(w);
    json_list(w, "cells");
    for (size_t i = 0; i < r->cell_count; i++)
        cell_out(w, &r->cells[i]);
    json_list_end(w);
}
