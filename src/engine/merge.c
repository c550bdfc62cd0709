#include "engine/engine_internal.h"

void merge_start(struct merge *m, const struct hits *lists, size_t count)
{
    assert(count <= COUNT(m->at));
    m->lists = lists;
    m->count = count;
    memset(m->at, 0, sizeof m->at);
    memset(m->end, 0, sizeof m->end);
}

bool merge_person(struct merge *m, uint32_t who)
{
    bool any = false;
    for (size_t i = 0; i < m->count; i++) {
        const struct hits *h = &m->lists[i];
        size_t at = m->end[i];
        while (at < h->n && h->at[at].who < who)
            at++;
        m->at[i] = at;
        while (at < h->n && h->at[at].who == who)
            at++;
        m->end[i] = at;
        any |= m->at[i] < at;
    }
    return any;
}

bool merge_next(struct merge *m, struct merged *ret)
{
    const struct hit *first = NULL;
    for (size_t i = 0; i < m->count; i++) {
        const struct hit *h = m->lists[i].at + m->at[i];
        if (m->at[i] < m->end[i] && (!first || hit_before(h, first)))
            first = h;
    }
    if (!first)
        return false;
    *ret = (struct merged) { .time = first->time, .seq = first->seq, .hit = first };
    for (size_t i = 0; i < m->count; i++) {
        const struct hit *h = m->lists[i].at + m->at[i];
        if (m->at[i] < m->end[i] && h->time == first->time && h->seq == first->seq) {
            ret->lists |= UINT64_C(1) << i;
            m->at[i]++;
        }
    }
    return true;
}
