/* Profile and overlap: who has what, and who is in several. */
#include "engine/traits.h"

struct run {
    struct engine *e;
    struct people_ready *people, *among, *of[QUERY_OVERLAP_MAX];
    size_t count; /* of `of` */
    struct part {
        struct people_work *work;
        i64 both[QUERY_OVERLAP_MAX][QUERY_OVERLAP_MAX], any;
    } * parts;
    uint64_t (*found)[BLOCK_WORDS], (*all)[BLOCK_WORDS];
};

static void run_start(struct run *r)
{
    r->parts = xcalloc((size_t)r->e->threads, sizeof *r->parts);
    for (int i = 0; i < r->e->threads; i++)
        r->parts[i].work = people_work_new();
}

static void run_end(struct run *r)
{
    for (int i = 0; i < r->e->threads; i++)
        people_work_free(r->parts[i].work);
    free(r->parts);
    free(r->found);
    free(r->all);
}

static i64 common(const uint64_t *a, const uint64_t *b)
{
    i64 count = 0;
    for (size_t w = 0; w < BLOCK_WORDS; w++)
        count += __builtin_popcountll(a[w] & b[w]);
    return count;
}

static void profile_block(void *arg, int part, size_t block)
{
    struct run *r = arg;
    struct people_work *work = r->parts[part].work;
    people_of(r->e, r->among, work, block, r->all[block]);
    people_of(r->e, r->people, work, block, r->found[block]);
    for (size_t w = 0; w < BLOCK_WORDS; w++)
        r->found[block][w] &= r->all[block][w];
}

enum err ask_profile(struct engine *e, struct arena *a, const struct query *q, instant now,
                     struct result *ret)
{
    struct run r = { .e = e };
    size_t blocks = engine_blocks(e);
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &r.people));
    if (q->among)
        TRY(people_ready_make(e, a, q->among, now, &r.among));
    r.found = xcalloc(MAX(blocks, 1), sizeof *r.found);
    r.all = xcalloc(MAX(blocks, 1), sizeof *r.all);
    run_start(&r);
    engine_work(e, profile_block, &r);
    for (size_t b = 0; b < blocks; b++) {
        ret->profile.people += common(r.found[b], r.found[b]);
        ret->profile.all += common(r.all[b], r.all[b]);
    }
    traits_count(e, a, &q->profile.traits, r.found, r.all, &ret->profile.traits);
    run_end(&r);
    return OK;
}

static void overlap_block(void *arg, int part, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[part];
    uint64_t among[BLOCK_WORDS], fit[QUERY_OVERLAP_MAX][BLOCK_WORDS], any[BLOCK_WORDS] = { 0 };
    people_of(r->e, r->among, p->work, block, among);
    for (size_t i = 0; i < r->count; i++) {
        people_of(r->e, r->of[i], p->work, block, fit[i]);
        for (size_t w = 0; w < BLOCK_WORDS; w++) {
            fit[i][w] &= among[w];
            any[w] |= fit[i][w];
        }
        for (size_t k = 0; k <= i; k++)
            p->both[i][k] += common(fit[i], fit[k]);
    }
    p->any += common(any, any);
}

enum err ask_overlap(struct engine *e, struct arena *a, const struct query *q, instant now,
                     struct result *ret)
{
    struct run r = { .e = e, .count = q->overlap.count };
    struct overlap_result *to = &ret->overlap;
    for (size_t i = 0; i < r.count; i++)
        TRY(people_ready_make(e, a, q->overlap.of[i], now, &r.of[i]));
    if (q->among)
        TRY(people_ready_make(e, a, q->among, now, &r.among));
    run_start(&r);
    engine_work(e, overlap_block, &r);
    *to = (struct overlap_result) { r.count, NEW_N(a, i64, r.count * r.count), 0 };
    for (int part = 0; part < e->threads; part++) {
        to->any += r.parts[part].any;
        for (size_t i = 0; i < r.count; i++)
            for (size_t k = 0; k < r.count; k++)
                to->both[i * r.count + k] += r.parts[part].both[MAX(i, k)][MIN(i, k)];
    }
    run_end(&r);
    return OK;
}
