#include "engine/chains.h"

#define INDEXED 2

void chains_done(struct chains *c)
{
    for (size_t i = 0; i < COUNT(c->rows); i++)
        rows_done(&c->rows[i]);
    free(c->index);
    free(c->links);
}

static void step_there(struct chains *c, size_t step)
{
    if (c->there[step])
        return;
    rows_of(&c->steps[step], c->block, &c->rows[step]);
    if (step < INDEXED)
        rows_index(&c->rows[step], &c->index[step]);
    c->ahead[step] = 0;
    c->there[step] = true;
}

void chains_block(struct chains *c, size_t block, uint64_t ret_who[BLOCK_WORDS],
                  uint64_t ret_more[BLOCK_WORDS])
{
    if (!c->index)
        c->index = xmalloc(INDEXED * sizeof *c->index);
    c->block = block;
    memset(c->there, 0, sizeof c->there);
    step_there(c, 0);
    step_there(c, 1);
    for (size_t i = 0; i < BLOCK_WORDS; i++) {
        ret_who[i] = c->index[0].has[i];
        ret_more[i] = c->index[0].has[i] & c->index[1].has[i];
    }
}

static void first_is(const struct chains *c, size_t at, struct hit *ret)
{
    const struct rows *r = &c->rows[0];
    *ret = (struct hit) { r->time[at], 0, rows_row(r, at), r->who[at], (uint16_t)rows_type(r, at) };
}

void chains_first(const struct chains *c, uint32_t who, struct hit *ret)
{
    first_is(c, c->index[0].first[who], ret);
}

static i64 seq_at(const struct chains *c, size_t step, size_t at)
{
    const struct rows *r = &c->rows[step];
    return table_seq(c->steps[step].types[rows_type(r, at)].table, rows_row(r, at));
}

/* A fact of `step`, and one of the step after it; a fact that is both is not before itself. */
static inline bool before(const struct chains *c, size_t step, i64 time, size_t at, i64 next_time,
                          size_t next)
{
    if (time != next_time)
        return time < next_time;
    return seq_at(c, step, at) < seq_at(c, step + 1, next);
}

static void links_room(struct chains *c, size_t n)
{
    if (c->link_cap >= n)
        return;
    c->link_cap = MAX(2 * c->link_cap, n + 64);
    c->links = xrealloc(c->links, c->link_cap * sizeof *c->links);
}

/* Places of a person in the rows of a step. */
struct places {
    size_t from, end;
};
static struct places places_of(struct chains *c, size_t step, uint32_t who)
{
    if (step >= INDEXED) { /* few come so far */
        const struct rows *r = &c->rows[step];
        size_t from = c->ahead[step], end;
        while (from < r->n && r->who[from] < who)
            from++;
        for (end = from; end < r->n && r->who[end] == who; end++)
            ;
        c->ahead[step] = end;
        return (struct places) { from, end };
    }
    const struct rows_index *x = &c->index[step];
    bool has = x->has[who / 64] >> (who % 64) & 1;
    return has ? (struct places) { x->first[who], x->end[who] } : (struct places) { 0 };
}

/* The second level, from the facts of the first step: how many links. */
static size_t second_level(struct chains *c, struct places first, struct places second)
{
    const i64 *start = c->rows[0].time, *time = c->rows[1].time;
    size_t n = 0, at = first.from;
    links_room(c, second.end - second.from);
    for (size_t i = second.from; i < second.end; i++) {
        while (at < first.end && before(c, 0, start[at], at, time[i], i))
            at++;
        if (at == first.from || time[i] > start[at - 1] + c->window_ms)
            continue;
        c->links[n++] = (struct link) { time[i], start[at - 1], (uint32_t)i, (uint32_t)at - 1 };
        if (c->count == 2)
            break;
    }
    return n;
}

/* Links of step `step` behind those of the level before, links[from … end - 1]. */
static size_t next_level(struct chains *c, size_t step, size_t from, size_t end, struct places p)
{
    const i64 *time = c->rows[step].time;
    size_t n = end, at = from;
    links_room(c, end + p.end - p.from);
    const struct link *links = c->links;
    for (size_t i = p.from; i < p.end; i++) {
        while (at < end && before(c, step - 1, links[at].time, links[at].fact, time[i], i))
            at++;
        if (at == from || time[i] > links[at - 1].start + c->window_ms)
            continue;
        c->links[n++] =
            (struct link) { time[i], links[at - 1].start, (uint32_t)i, (uint32_t)at - 1 };
        if (step + 1 == c->count)
            break;
    }
    return n - end;
}

size_t chains_level(struct chains *c, uint32_t who, i64 ret_times[QUERY_STEPS_MAX],
                    struct hit *ret_first)
{
    struct places first = places_of(c, 0, who);
    if (c->first_only)
        first.end = first.from + 1;
    size_t level = 1, from = 0, n = second_level(c, first, places_of(c, 1, who));
    while (n && ++level < c->count) {
        step_there(c, level);
        size_t more = next_level(c, level, from, from + n, places_of(c, level, who));
        if (!more)
            break;
        from += n;
        n = more;
    }
    size_t at = first.from;
    if (n) { /* the first that came so far, and back to its beginning */
        size_t link = from;
        for (size_t step = level; step-- > 1;) {
            ret_times[step] = c->links[link].time;
            link = c->links[link].from;
        }
        at = link;
    }
    ret_times[0] = c->rows[0].time[at];
    first_is(c, at, ret_first);
    return level;
}
