#include "engine/people_ready.h"

struct run {
    struct engine *e;
    struct people_ready *people, *among;
    struct people_work **work, **among_work; /* by part */
    uint64_t (*found)[BLOCK_WORDS];
};

static void segment_block(void *arg, int part, size_t block)
{
    struct run *s = arg;
    uint64_t wanted[BLOCK_WORDS], *found = s->found[block];
    people_of(s->e, s->among, s->among_work[part], block, wanted);
    if (s->people)
        people_node(s->e, s->people, s->work[part], block, wanted, found);
    for (size_t i = 0; i < BLOCK_WORDS; i++)
        found[i] = s->people ? found[i] & wanted[i] : wanted[i];
}

static size_t found_count(const struct engine *e, uint64_t (*found)[BLOCK_WORDS])
{
    size_t count = 0;
    for (size_t b = 0; b < engine_blocks(e); b++)
        for (size_t w = 0; w < BLOCK_WORDS; w++)
            count += (size_t)__builtin_popcountll(found[b][w]);
    return count;
}

static bool ascending(const i64 *at, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (at[i - 1] > at[i])
            return false;
    return true;
}

void people_show(const struct engine *e, struct arena *a, uint64_t (*found)[BLOCK_WORDS],
                 struct result *ret)
{
    size_t blocks = engine_blocks(e), count = found_count(e, found);
    ret->people_count = 0;
    ret->people = NEW_N(a, i64, count);
    for (size_t b = 0; b < blocks; b++)
        for (size_t w = 0; w < BLOCK_WORDS; w++)
            for (uint64_t left = found[b][w]; left; left &= left - 1)
                ret->people[ret->people_count++] =
                    persons_id(&e->persons, b * BLOCK + w * 64 + (size_t)__builtin_ctzll(left));
    if (!ascending(ret->people, count)) /* they mostly are, as people are told of one by one */
        qsort(ret->people, count, sizeof *ret->people, i64_order);
}

static void counts_show(const struct run *s, struct arena *a, size_t nodes, struct result *ret)
{
    ret->node_count = nodes;
    ret->node_counts = NEW_N(a, i64, nodes);
    for (int i = 0; i < s->e->threads; i++)
        for (size_t n = 0; n < nodes; n++)
            ret->node_counts[n] += people_work_counts(s->work[i])[n];
}

enum err ask_segment(struct engine *e, struct arena *a, const struct query *q, instant now,
                     struct result *ret)
{
    struct run s = { .e = e };
    size_t nodes = 0;
    if (q->segment.person)
        return ask_why(e, a, q, now, ret);
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &s.people));
    if (q->among)
        TRY(people_ready_make(e, a, q->among, now, &s.among));
    if (q->segment.counts)
        nodes = people_ready_number(s.people);
    s.work = NEW_N(a, struct people_work *, (size_t)e->threads);
    s.among_work = NEW_N(a, struct people_work *, (size_t)e->threads);
    for (int i = 0; i < e->threads; i++) {
        s.work[i] = people_work_new();
        s.among_work[i] = people_work_new();
        if (q->segment.counts)
            people_work_count(s.work[i], nodes);
    }
    s.found = xcalloc(MAX(engine_blocks(e), 1), sizeof *s.found);
    bool done = engine_work(e, segment_block, &s);
    if (done && q->segment.only_count)
        ret->people_count = found_count(e, s.found);
    else if (done)
        people_show(e, a, s.found, ret);
    if (done && q->segment.counts)
        counts_show(&s, a, nodes, ret);
    free(s.found);
    for (int i = 0; i < e->threads; i++) {
        people_work_free(s.work[i]);
        people_work_free(s.among_work[i]);
    }
    return OK;
}
