#include "engine/credit.h"

#include "base/base.h"
#include "engine/engine_internal.h"

void gathered_path(struct gathered *g, i64 conversions, i64 lost, i64 value)
{
    if (g->path_count == g->path_cap) {
        g->path_cap = MAX(2 * g->path_cap, 64);
        g->paths = xrealloc(g->paths, g->path_cap * sizeof *g->paths);
    }
    g->paths[g->path_count++] =
        (struct gathered_path) { g->touch_count, 0, conversions, lost, value };
}

void gathered_touch(struct gathered *g, struct touch t)
{
    if (g->touch_count == g->touch_cap) {
        g->touch_cap = MAX(2 * g->touch_cap, 256);
        g->touches = xrealloc(g->touches, g->touch_cap * sizeof *g->touches);
    }
    if ((size_t)t.channel >= g->met_cap) {
        size_t cap = MAX(2 * g->met_cap, (size_t)t.channel + 64);
        g->met = xrealloc(g->met, cap * sizeof *g->met);
        memset(g->met + g->met_cap, 0, (cap - g->met_cap) * sizeof *g->met);
        g->met_cap = cap;
    }
    struct gathered_path *path = &g->paths[g->path_count - 1];
    path->count++;
    g->met[t.channel] += path->conversions + path->lost;
    g->touches[g->touch_count++] = t;
}

void gathered_done(struct gathered *g)
{
    free(g->numbers);
    free(g->touches);
    free(g->paths);
    free(g->met);
    *g = (struct gathered) { 0 };
}

/* ---- channels ---- */

struct channel {
    struct group_key key;
    i64 touches;
    size_t number; /* as it was gathered */
};

static int by_key(const void *a, const void *b)
{
    return group_key_compare(&((const struct channel *)a)->key, &((const struct channel *)b)->key);
}

static int by_touches(const void *pa, const void *pb)
{
    const struct channel *a = pa, *b = pb;
    if (a->touches != b->touches)
        return a->touches > b->touches ? -1 : 1;
    return group_key_compare(&a->key, &b->key);
}

/* One question: what was gathered, and of each part what its thread makes of it. */
struct crediting {
    const struct query *q;
    const size_t *place; /* by number: where a channel is told */
    struct credit_part {
        struct gathered *g;
        struct attribution *at;
        enum err err;
        struct sequences {
            struct sequence *slots;
            size_t n, cap; /* a power of two */
        } paths;
    } * parts;
    size_t count;
};

/* The number all of them know a channel by that one gathered as `own`. */
static size_t number_of(const struct gathered *g, size_t own)
{
    return g->numbers ? (size_t)g->numbers[own] : own;
}

/* Those that have touches, each key once, in the order they are told. Afterwards place[number] is
 * where a channel is told. */
static void channels_place(struct arena *a, size_t top, const struct crediting *x,
                           const struct group_key *keys, size_t count, size_t *place,
                           struct attribution_result *ret)
{
    struct channel *all = NEW_N(a, struct channel, count),
                   *distinct = NEW_N(a, struct channel, count);
    size_t *of = NEW_N(a, size_t, count), n = 0; /* of[number]: which key by its order */
    for (size_t i = 0; i < count; i++)
        all[i] = (struct channel) { keys[i], 0, i };
    for (size_t k = 0; k < x->count; k++) {
        const struct gathered *g = x->parts[k].g;
        for (size_t own = 0; own < g->met_cap; own++)
            if (g->met[own])
                all[number_of(g, own)].touches += g->met[own];
    }
    if (count)
        qsort(all, count, sizeof *all, by_key);
    for (size_t i = 0; i < count; i++) {
        if (!i || group_key_compare(&all[i - 1].key, &all[i].key) != 0) {
            distinct[n] = (struct channel) { all[i].key, 0, n };
            n++;
        }
        of[all[i].number] = n - 1;
        distinct[n - 1].touches += all[i].touches;
    }
    if (n)
        qsort(distinct, n, sizeof *distinct, by_touches);
    while (n && !distinct[n - 1].touches)
        n--;
    size_t *told = NEW_N(a, size_t, count);
    ret->channel_count = MIN(n, top + 1);
    ret->channels = NEW_N(a, struct attribution_channel, ret->channel_count);
    for (size_t i = 0; i < n; i++) {
        struct attribution_channel *c = &ret->channels[told[distinct[i].number] = MIN(i, top)];
        c->other = i >= top;
        if (!c->other)
            c->key = distinct[i].key;
        c->touches += distinct[i].touches;
    }
    for (size_t i = 0; i < count; i++)
        place[i] = told[of[i]];
}

static int32_t direct_place(const struct query *q, const struct attribution_result *r)
{
    for (size_t i = 0; i < r->channel_count; i++)
        if (!r->channels[i].other &&
            group_key_compare(&r->channels[i].key, &q->attribution.direct) == 0)
            return (int32_t)i;
    return -1;
}

/* ---- paths ---- */

/* Paths that are alike, by the channels of their touches. */
struct sequence {
    const struct touch *touches; /* NULL: a free slot */
    size_t count;
    i64 conversions, lost, value;
};

static int by_channels(const struct sequence *a, const struct sequence *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (a->touches[i].channel != b->touches[i].channel)
            return a->touches[i].channel < b->touches[i].channel ? -1 : 1;
    return (a->count > b->count) - (a->count < b->count);
}

static int by_size(const void *pa, const void *pb)
{
    const struct sequence *a = pa, *b = pb;
    if (a->conversions != b->conversions)
        return a->conversions > b->conversions ? -1 : 1;
    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    if (a->lost != b->lost)
        return a->lost > b->lost ? -1 : 1;
    return by_channels(a, b);
}

static struct sequence *sequence_slot(const struct sequences *l, const struct sequence *s)
{
    uint64_t hash = s->count;
    for (size_t i = 0; i < s->count; i++)
        hash = u64_hash(hash ^ (uint64_t)s->touches[i].channel);
    size_t at = (size_t)hash & (l->cap - 1);
    while (l->slots[at].touches && by_channels(&l->slots[at], s) != 0)
        at = (at + 1) & (l->cap - 1);
    return &l->slots[at];
}

static void sequence_add(struct sequences *l, const struct sequence *s)
{
    if (2 * (l->n + 1) > l->cap) {
        struct sequences more = { .cap = MAX(2 * l->cap, 256), .n = l->n };
        more.slots = xcalloc(more.cap, sizeof *more.slots);
        for (size_t i = 0; i < l->cap; i++)
            if (l->slots[i].touches)
                *sequence_slot(&more, &l->slots[i]) = l->slots[i];
        free(l->slots);
        *l = more;
    }
    struct sequence *slot = sequence_slot(l, s);
    if (!slot->touches) {
        *slot = *s;
        l->n++;
        return;
    }
    slot->conversions += s->conversions;
    slot->lost += s->lost;
    slot->value += s->value;
}

static void paths_list(struct arena *a, const struct crediting *x, struct attribution_result *ret)
{
    struct sequences all = { 0 };
    size_t n = 0;
    for (size_t k = 0; k < x->count; k++)
        for (size_t i = 0; i < x->parts[k].paths.cap; i++)
            if (x->parts[k].paths.slots[i].touches)
                sequence_add(&all, &x->parts[k].paths.slots[i]);
    for (size_t i = 0; i < all.cap; i++)
        if (all.slots[i].touches)
            all.slots[n++] = all.slots[i];
    if (n)
        qsort(all.slots, n, sizeof *all.slots, by_size);
    ret->path_count = MIN(n, x->q->attribution.listed);
    ret->paths = NEW_N(a, struct attribution_path, ret->path_count);
    for (size_t i = 0; i < ret->path_count; i++) {
        const struct sequence *s = &all.slots[i];
        ret->paths[i] = (struct attribution_path) { NEW_N(a, size_t, s->count), s->count,
                                                    s->conversions, s->lost, s->value };
        for (size_t t = 0; t < s->count; t++)
            ret->paths[i].channels[t] = (size_t)s->touches[t].channel;
    }
    free(all.slots);
}

/* ---- models ---- */

static void paths_credit(void *arg, int thread, size_t at)
{
    struct crediting *x = arg;
    struct credit_part *part = &x->parts[at];
    struct gathered *g = part->g;
    (void)thread;
    for (size_t i = 0; i < g->touch_count; i++)
        g->touches[i].channel = (int32_t)x->place[number_of(g, (size_t)g->touches[i].channel)];
    for (const struct gathered_path *p = g->paths; p < g->paths + g->path_count; p++) {
        const struct touch *touches = &g->touches[p->first];
        enum err e = attribution_add(
            part->at,
            &(struct touch_path) { touches, p->count, p->conversions, p->lost, { p->value } });
        if (e != OK && part->err == OK)
            part->err = e;
        if (x->q->attribution.listed && p->count)
            sequence_add(&part->paths, &(struct sequence) { touches, p->count, p->conversions,
                                                            p->lost, p->value });
    }
}

static enum err credits_tell(struct arena *a, const struct query *q, const struct attribution *at,
                             struct attribution_result *ret)
{
    struct attribution_credit *credits = NEW_N(a, struct attribution_credit, ret->channel_count);
    for (int m = 0; m < ATTRIBUTION_MODEL_COUNT; m++) {
        struct attribution_total total;
        if (!(q->attribution.models >> m & 1))
            continue;
        TRY(attribution_credits(a, at, (enum attribution_model)m, credits, &total));
        for (size_t i = 0; i < ret->channel_count; i++)
            ret->channels[i].credits[m] = credits[i];
        total.probability = MAX(total.probability, ret->total.probability);
        ret->total = total;
    }
    return OK;
}

static enum err credit(struct arena *a, struct crediting *x, struct attribution_result *ret)
{
    const struct attribution_options o = { .channels = ret->channel_count,
                                           .direct = direct_place(x->q, ret),
                                           .half_life_ms = x->q->attribution.half_life_ms,
                                           .models = x->q->attribution.models };
    for (size_t k = 0; k < x->count; k++)
        TRY(attribution_new(a, &o, &x->parts[k].at));
    work_share((int)x->count, x->count, paths_credit, x);
    for (size_t k = 0; k < x->count; k++)
        TRY(x->parts[k].err);
    for (size_t k = 1; k < x->count; k++)
        TRY(attribution_merge(x->parts[0].at, x->parts[k].at));
    TRY(credits_tell(a, x->q, x->parts[0].at, ret));
    if (x->q->attribution.listed)
        paths_list(a, x, ret);
    return OK;
}

enum err credit_shown(struct arena *a, const struct query *q, struct gathered *g, size_t count,
                      const struct group_key *keys, size_t key_count,
                      struct attribution_result *ret)
{
    size_t *place = NEW_N(a, size_t, key_count);
    struct crediting x = { q, place, NEW_N(a, struct credit_part, count), count };
    *ret = (struct attribution_result) { 0 };
    for (size_t k = 0; k < count; k++) {
        x.parts[k].g = &g[k];
        ret->refunded += g[k].refunded;
        ret->refunded_value += g[k].refunded_value;
    }
    channels_place(a, q->attribution.top, &x, keys, key_count, place, ret);
    enum err e = credit(a, &x, ret);
    for (size_t k = 0; k < count; k++)
        free(x.parts[k].paths.slots);
    return e;
}

/* ---- as JSON ---- */

static void worth_out(struct json_writer *w, const struct query *q, const char *key, i64 value)
{
    if (q->attribution.value.len)
        number_out(w, key, value);
}

static void channel_out(struct json_writer *w, const struct query *q,
                        const struct attribution_channel *c)
{
    json_open(w, NULL);
    if (c->other)
        json_put(w, "other", true);
    else
        key_out(w, "key", &c->key);
    json_put(w, "touches", c->touches);
    json_open(w, "credits");
    for (int m = 0; m < ATTRIBUTION_MODEL_COUNT; m++) {
        if (!(q->attribution.models >> m & 1))
            continue;
        json_open(w, attribution_model_name((enum attribution_model)m));
        json_val(w, "conversions", val_f64(c->credits[m].conversions));
        worth_out(w, q, "value", c->credits[m].value.fen);
        json_val(w, "share", val_f64(c->credits[m].share));
        json_close(w);
    }
    json_close(w);
    json_close(w);
}

static void path_out(struct json_writer *w, const struct query *q, const struct attribution_path *p)
{
    json_open(w, NULL);
    json_list(w, "channels");
    for (size_t i = 0; i < p->count; i++)
        json_put(w, NULL, (i64)p->channels[i]);
    json_list_end(w);
    json_put(w, "conversions", p->conversions);
    worth_out(w, q, "value", p->value);
    json_put(w, "lost", p->lost);
    json_close(w);
}

void credit_out(struct json_writer *w, const struct query *q, const struct attribution_result *r)
{
    json_put(w, "conversions", r->total.conversions);
    worth_out(w, q, "value", r->total.value.fen);
    json_put(w, "lost", r->total.lost);
    json_put(w, "untouched", r->total.untouched);
    worth_out(w, q, "untouched_value", r->total.untouched_value.fen);
    if (q->attribution.held.len) {
        json_put(w, "refunded", r->refunded);
        worth_out(w, q, "refunded_value", r->refunded_value);
    }
    if (q->attribution.models >> ATTRIBUTION_markov & 1)
        json_val(w, "probability", val_f64(r->total.probability));
    json_list(w, "channels");
    for (size_t i = 0; i < r->channel_count; i++)
        channel_out(w, q, &r->channels[i]);
    json_list_end(w);
    json_list(w, "paths");
    for (size_t i = 0; i < r->path_count; i++)
        path_out(w, q, &r->paths[i]);
    json_list_end(w);
}
