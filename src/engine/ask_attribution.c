/* Attribution: the paths are gathered here, credit.c says what they are worth. The rules stand in
 * query.h. */
#include "engine/behind.h"
#include "engine/credit.h"
#include "engine/groups.h"

struct conversion {
    const struct hit *hit;
    struct raw_key held;
    i64 value, taken; /* taken NONE: all of it */
    bool refunded;    /* something was taken back */
};
struct part {
    struct people_work *work;
    struct hits touches, conversions, refunds;
    struct gathered gathered;
    struct key_places channels;
    int32_t *channel; /* of each touch of the block: its place among them */
    size_t channel_cap;
    struct conversion *all; /* of one person */
    size_t cap;
    uint32_t ordinal; /* theirs */
    bool losing;      /* the path at hand is lost */
};

struct run {
    struct engine *e;
    const struct query *q;
    const struct attribution_asked *x;
    struct people_ready *people;
    struct ready touches, conversions, refunds;
    const struct column *(*channels)[3]; /* by type of touch: the channel's columns by kind */
    uint32_t value, held;
    struct behind_ready behind;
    struct raw_key wanted; /* the channel of those behind */
    struct part *parts;
};

/* Facts of one person. */
struct facts {
    const struct hit *at;
    size_t n;
};

static bool in_range(const struct run *r, const struct hit *h)
{
    return h->time >= r->q->since.ms && h->time < r->q->until.ms;
}

static struct raw_key held_of(const struct run *r, const struct ready *ready, const struct hit *h)
{
    struct raw_key key = { 0 };
    key.there = hit_any(ready, h, r->held, &key.kind, &key.value);
    return key;
}

static bool key_same(const struct raw_key *a, const struct raw_key *b)
{
    return a->there == b->there && (!a->there || (a->kind == b->kind && a->value == b->value));
}

/* Of who is behind a bar nothing is gathered. */
static void path_add(const struct run *r, struct part *p, bool lost, i64 value)
{
    p->losing = lost;
    if (!r->behind.asked)
        gathered_path(&p->gathered, !lost, lost, value);
}

static void touch_add(const struct run *r, struct part *p, const struct hit *h, i64 until)
{
    const struct behind *b = &r->q->behind;
    int32_t channel = p->channel[h - p->touches.at];
    if (!r->behind.asked)
        gathered_touch(&p->gathered, (struct touch) { until - h->time, channel });
    else if (p->losing == b->lost && !b->untouched && !r->behind.nobody &&
             (!b->on_channel || key_same(&p->channels.keys[channel], &r->wanted)))
        behind_add(&r->behind, p->ordinal);
}

/* Of all touches of a block: most are in several paths, or in one at least. */
static void channels_of(const struct run *r, struct part *p)
{
    if (p->channel_cap < p->touches.n) {
        p->channel_cap = MAX(2 * p->channel_cap, p->touches.n);
        p->channel = xrealloc(p->channel, p->channel_cap * sizeof *p->channel);
    }
    for (size_t i = 0; i < p->touches.n; i++) {
        const struct hit *h = &p->touches.at[i];
        const struct column *const *columns = r->channels[h->type];
        struct raw_key key = { 0 };
        bool fresh;
        for (int kind = VALUE_TEXT; kind <= VALUE_BOOL && !key.there; kind++) {
            i64 value = columns[kind] ? table_value(columns[kind], h->row) : NONE;
            key = (struct raw_key) { value != NONE, (enum value_kind)kind, value };
        }
        p->channel[i] = (int32_t)key_place(&p->channels, &key, &fresh);
    }
}

/* A person's conversions that count: all of them if something may be taken back. */
static size_t conversions_of(const struct run *r, struct part *p, struct facts hits)
{
    if (p->cap < hits.n) {
        p->cap = MAX(2 * p->cap, hits.n);
        p->all = xrealloc(p->all, p->cap * sizeof *p->all);
    }
    for (size_t i = 0; i < hits.n; i++) {
        const struct hit *h = &hits.at[i];
        i64 value = r->value ? hit_value(&r->conversions, h, r->value, VALUE_NUMBER) : NONE;
        p->all[i] = (struct conversion) { .hit = h, .value = value == NONE ? 0 : value };
        if (r->held)
            p->all[i].held = held_of(r, &r->conversions, h);
    }
    return hits.n;
}

static void refund(const struct run *r, struct part *p, size_t count, const struct hit *h)
{
    struct raw_key held = held_of(r, &r->refunds, h);
    i64 value = r->value ? hit_value(&r->refunds, h, r->value, VALUE_NUMBER) : NONE;
    for (size_t i = count; held.there && i-- > 0;) {
        struct conversion *c = &p->all[i];
        if (!hit_before(c->hit, h) || !key_same(&c->held, &held))
            continue;
        c->refunded = true;
        if (value == NONE)
            c->taken = NONE;
        else if (c->taken != NONE)
            c->taken += llabs(value);
        return;
    }
}

static void convert(const struct run *r, struct part *p, const struct conversion *c,
                    struct facts touches)
{
    struct gathered *g = &p->gathered;
    if (c->refunded && (c->taken == NONE || c->taken >= c->value)) {
        g->refunded++;
        g->refunded_value += c->value;
        return;
    }
    size_t end = touches.n, first;
    while (end && !hit_before(&touches.at[end - 1], c->hit))
        end--;
    for (first = end; first && touches.at[first - 1].time >= c->hit->time - r->x->window_ms;)
        first--;
    first = MAX(first, end - MIN(end, ATTRIBUTION_TOUCHES_MAX));
    path_add(r, p, false, c->value - c->taken);
    g->refunded_value += c->taken;
    if (r->q->behind.untouched && first == end)
        behind_add(&r->behind, p->ordinal);
    for (size_t i = first; i < end; i++)
        touch_add(r, p, &touches.at[i], c->hit->time);
}

static void lose(const struct run *r, struct part *p, struct facts touches)
{
    size_t n = 0, seen = 0;
    for (size_t i = 0; i < touches.n; i++)
        n += in_range(r, &touches.at[i]);
    if (!n)
        return;
    path_add(r, p, true, 0);
    for (size_t i = 0; i < touches.n; i++)
        if (in_range(r, &touches.at[i]) && seen++ + ATTRIBUTION_TOUCHES_MAX >= n)
            touch_add(r, p, &touches.at[i], touches.at[i].time);
}

static void person(const struct run *r, struct part *p, struct facts touches,
                   struct facts conversions, struct facts refunds)
{
    size_t count = conversions_of(r, p, conversions);
    bool any = false;
    for (size_t i = 0; i < refunds.n; i++)
        refund(r, p, count, &refunds.at[i]);
    for (size_t i = 0; i < count; i++)
        if (in_range(r, p->all[i].hit)) {
            convert(r, p, &p->all[i], touches);
            any = true;
        }
    if (!any)
        lose(r, p, touches);
}

/* The person's part of a block's facts; `at` is where the next one's may begin. */
static struct facts facts_of(const struct hits *h, size_t *at, uint32_t who)
{
    while (*at < h->n && h->at[*at].who < who)
        (*at)++;
    size_t from = *at;
    while (*at < h->n && h->at[*at].who == who)
        (*at)++;
    return (struct facts) { h->at + from, *at - from };
}

static void attribution_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    uint64_t people[BLOCK_WORDS];
    size_t touch = 0, conversion = 0, refunded = 0;
    people_of(r->e, r->people, p->work, block, people);
    hits_of(&r->touches, block, &p->touches);
    hits_of(&r->conversions, block, &p->conversions);
    hits_of(&r->refunds, block, &p->refunds);
    if (work_full())
        return; /* some may be missing */
    channels_of(r, p);
    while (touch < p->touches.n || conversion < p->conversions.n) {
        uint32_t who = UINT32_MAX;
        if (touch < p->touches.n)
            who = p->touches.at[touch].who;
        if (conversion < p->conversions.n)
            who = MIN(who, p->conversions.at[conversion].who);
        struct facts touches = facts_of(&p->touches, &touch, who),
                     conversions = facts_of(&p->conversions, &conversion, who),
                     refunds = facts_of(&p->refunds, &refunded, who);
        p->ordinal = (uint32_t)(block * BLOCK) + who;
        if (people[who / 64] >> (who % 64) & 1)
            person(r, p, touches, conversions, refunds);
    }
}

/* The channels of `from` get the numbers they have in `to`. */
static void join(struct part *to, struct part *from)
{
    int32_t *numbers = xcalloc(from->channels.count + 1, sizeof *numbers);
    bool fresh;
    for (size_t i = 0; i < from->channels.count; i++)
        numbers[i] = (int32_t)key_place(&to->channels, &from->channels.keys[i], &fresh);
    from->gathered.numbers = numbers;
}

static void part_done(struct part *p)
{
    people_work_free(p->work);
    hits_done(&p->touches);
    hits_done(&p->conversions);
    hits_done(&p->refunds);
    gathered_done(&p->gathered);
    key_places_done(&p->channels);
    free(p->channel);
    free(p->all);
}

static enum err show(const struct run *r, struct arena *a, struct result *ret)
{
    struct breakdown_ready by = { .of.kind = BREAKDOWN_PROP };
    struct part *p = &r->parts[0];
    size_t count = (size_t)r->e->threads;
    struct gathered *all = NEW_N(a, struct gathered, count);
    struct group_key *keys = NEW_N(a, struct group_key, p->channels.count);
    for (size_t i = 0; i < p->channels.count; i++)
        keys[i] = key_shown(r->e, a, &by, &p->channels.keys[i]);
    for (size_t i = 0; i < count; i++)
        all[i] = r->parts[i].gathered;
    return credit_shown(a, r->q, all, count, keys, p->channels.count, &ret->attribution);
}

static void behind_ready(struct run *r)
{
    const struct breakdown_ready by = { .of.kind = BREAKDOWN_PROP };
    const struct behind *b = &r->q->behind;
    behind_start(r->e, r->q, NULL, 0, &r->behind);
    if (b->on_channel)
        r->behind.nobody = !key_named(r->e, &by, &b->channel, &r->wanted);
}

enum err ask_attribution(struct engine *e, struct arena *a, const struct query *q, instant now,
                         struct result *ret)
{
    const struct attribution_asked *x = &q->attribution;
    struct run r = { .e = e, .q = q, .x = x };
    i64 end = now.ms + 1, until = MIN(q->until.ms, end);
    bool back = x->refund.type_count > 0;
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &r.people));
    ready_make(e, a, &x->touch, q->since.ms - x->window_ms, until, &r.touches);
    ready_make(e, a, &x->conversion, back ? INT64_MIN : q->since.ms, back ? end : until,
               &r.conversions);
    ready_make(e, a, &x->refund, q->since.ms, end, &r.refunds);
    r.channels = arena_alloc(a, MAX(r.touches.count, 1) * sizeof *r.channels);
    for (size_t type = 0; type < r.touches.count; type++)
        match_columns(&r.touches, type, dict_find(&e->dict, x->channel), r.channels[type]);
    r.value = x->value.len ? dict_find(&e->dict, x->value) : 0;
    r.held = x->held.len ? dict_find(&e->dict, x->held) : 0;
    behind_ready(&r);
    r.parts = xcalloc((size_t)e->threads, sizeof *r.parts);
    for (int i = 0; i < e->threads; i++)
        r.parts[i].work = people_work_new();
    bool done = engine_work(e, attribution_block, &r);
    for (int i = 1; done && i < e->threads; i++)
        join(&r.parts[0], &r.parts[i]);
    enum err err = done && !r.behind.asked ? show(&r, a, ret) : OK;
    behind_end(e, a, &r.behind, ret);
    for (int i = 0; i < e->threads; i++)
        part_done(&r.parts[i]);
    free(r.parts);
    return err;
}
