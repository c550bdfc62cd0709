#include "engine/engine_internal.h"

struct segment {
    struct engine *e;
    struct people_ready *people;
    struct people_work **work; /* by part */
    uint64_t (*found)[BLOCK_WORDS];
};

static void segment_block(void *arg, int part, size_t block)
{
    struct segment *s = arg;
    people_of(s->e, s->people, s->work[part], block, s->found[block]);
}

static bool ascending(const i64 *at, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (at[i - 1] > at[i])
            return false;
    return true;
}

enum err ask_segment(struct engine *e, struct arena *a, const struct query *q, instant now,
                     struct result *ret)
{
    struct segment s = { .e = e };
    size_t blocks = engine_blocks(e);
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &s.people));
    s.work = NEW_N(a, struct people_work *, (size_t)e->threads);
    for (int i = 0; i < e->threads; i++)
        s.work[i] = people_work_new();
    s.found = xcalloc(MAX(blocks, 1), sizeof *s.found);
    if (!engine_work(e, segment_block, &s))
        blocks = 0;
    size_t count = 0;
    for (size_t b = 0; b < blocks; b++)
        for (size_t w = 0; w < BLOCK_WORDS; w++)
            count += (size_t)__builtin_popcountll(s.found[b][w]);
    ret->people = NEW_N(a, i64, count);
    for (size_t b = 0; b < blocks; b++)
        for (size_t w = 0; w < BLOCK_WORDS; w++)
            for (uint64_t left = s.found[b][w]; left; left &= left - 1)
                ret->people[ret->people_count++] =
                    e->ids[b * BLOCK + w * 64 + (size_t)__builtin_ctzll(left)];
    if (!ascending(ret->people, count)) /* they mostly are, as people are told of one by one */
        qsort(ret->people, count, sizeof *ret->people, i64_order);
    free(s.found);
    for (int i = 0; i < e->threads; i++)
        people_work_free(s.work[i]);
    return OK;
}
