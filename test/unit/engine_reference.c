#include "engine_reference_internal.h"

#include "base/time.h"

bool in_range(const struct query *q, const struct fact *f)
{
    return f->at.ms >= q->since.ms && f->at.ms < q->until.ms;
}

int group_order(i64 size_a, i64 size_b, const struct group_key *a, const struct group_key *b,
                size_t keys)
{
    if (size_a != size_b)
        return size_a > size_b ? -1 : 1;
    for (size_t i = 0; i < keys; i++)
        if (group_key_compare(&a[i], &b[i]) != 0)
            return group_key_compare(&a[i], &b[i]);
    return 0;
}

static int i64_order(const void *a, const void *b)
{
    i64 x = *(const i64 *)a, y = *(const i64 *)b;
    return (x > y) - (x < y);
}

i64 element(struct arena *a, const i64 *numbers, size_t n, size_t at)
{
    i64 *sorted = arena_copy(a, numbers, n * sizeof *numbers);
    qsort(sorted, n, sizeof *sorted, i64_order);
    return sorted[at];
}

static int fact_order(const void *a, const void *b)
{
    const struct fact *x = *(const struct fact *const *)a, *y = *(const struct fact *const *)b;
    if (x->at.ms != y->at.ms)
        return x->at.ms < y->at.ms ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

static int person_order(const void *a, const void *b)
{
    const struct life *x = a, *y = b;
    return (x->person->id > y->person->id) - (x->person->id < y->person->id);
}

static struct life life_of(struct arena *a, const struct history *h, const struct person *p,
                           instant now)
{
    VEC(const struct fact *) facts = { 0 };
    for (size_t i = 0; i < h->fact_count; i++)
        if (h->facts[i].person == p->id && h->facts[i].at.ms <= now.ms)
            *vec_push(a, &facts) = &h->facts[i];
    if (facts.n)
        qsort(facts.at, facts.n, sizeof *facts.at, fact_order);
    return (struct life) { p, facts.at, facts.n };
}

static void behind_ask(const struct asked *x, struct result *ret)
{
    struct ids found = { 0 };
    if (x->q->kind == QUERY_FUNNEL)
        funnel_behind(x, &found);
    else if (x->q->kind == QUERY_RETENTION)
        retention_behind(x, &found);
    else if (x->q->kind == QUERY_RFM)
        rfm_behind(x, &found);
    else if (x->q->kind == QUERY_PATHS)
        paths_behind(x, &found);
    else if (x->q->kind == QUERY_ATTRIBUTION)
        attribution_behind(x, &found);
    else if (x->q->kind == QUERY_TREND)
        trend_behind(x, &found);
    else
        activity_behind(x, &found);
    if (found.n)
        qsort(found.at, found.n, sizeof *found.at, i64_order);
    ret->people = found.at;
    for (size_t i = 0; i < found.n; i++)
        if (!i || found.at[i] != ret->people[ret->people_count - 1])
            ret->people[ret->people_count++] = found.at[i];
}

enum err reference_ask(struct arena *a, const struct query *q, const struct history *h, instant now,
                       struct result *ret)
{
    struct asked x = { a, q, now, NEW_N(a, struct life, h->person_count), 0 };
    struct life *all = NEW_N(a, struct life, h->person_count);
    struct result r = { .kind = query_answer(q) };
    size_t count = 0;
    for (size_t i = 0; i < h->person_count; i++) {
        all[count] = life_of(a, h, &h->persons[i], now);
        if (q->among && !people_fit(q->among, &all[count], now))
            continue;
        if (!q->people || people_fit(q->people, &all[count], now))
            x.lives[x.life_count++] = all[count];
        count++;
    }
    qsort(x.lives, x.life_count, sizeof *x.lives, person_order);
    if (q->behind.asked) {
        behind_ask(&x, &r);
        *ret = r;
        return OK;
    }
    switch (q->kind) {
    case QUERY_SEGMENT: segment_ask(&x, all, count, &r); break;
    case QUERY_FUNNEL: funnel_ask(&x, &r.funnel); break;
    case QUERY_RETENTION: retention_ask(&x, &r.retention); break;
    case QUERY_TREND: trend_ask(&x, &r.trend); break;
    case QUERY_LIFE:
    case QUERY_STICKINESS: activity_ask(&x, &r.activity); break;
    case QUERY_PATHS: paths_ask(&x, &r.paths); break;
    case QUERY_ATTRIBUTION: TRY(attribution_ask(&x, &r.attribution)); break;
    case QUERY_DIAGNOSIS: diagnosis_ask(&x, &r.diagnosis); break;
    case QUERY_PROFILE: profile_ask(&x, all, count, &r.profile); break;
    case QUERY_OVERLAP: overlap_ask(&x, all, count, &r.overlap); break;
    case QUERY_RFM: rfm_ask(&x, &r.rfm); break;
    case QUERY_KINDS: return ERR_INVALID;
    }
    *ret = r;
    return OK;
}
