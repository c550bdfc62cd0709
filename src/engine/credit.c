#include "engine/credit.h"

#include "base/base.h"

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
    g->touches[g->touch_count++] = t;
    g->paths[g->path_count - 1].count++;
}

void gathered_join(struct gathered *to, struct gathered *from, const int32_t *channels)
{
    for (const struct gathered_path *p = from->paths; p < from->paths + from->path_count; p++) {
        gathered_path(to, p->conversions, p->lost, p->value);
        for (size_t i = p->first; i < p->first + p->count; i++)
            gathered_touch(
                to, (struct touch) { from->touches[i].age_ms, channels[from->touches[i].channel] });
    }
    to->refunded += from->refunded;
    to->refunded_value += from->refunded_value;
    gathered_done(from);
}

void gathered_done(struct gathered *g)
{
    free(g->touches);
    free(g->paths);
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

/* Those that have touches, each key once, in the order they are told. Afterwards place[number] is
 * where a channel is told. */
static void channels_place(struct arena *a, size_t top, const struct gathered *g,
                           const struct group_key *keys, size_t count, size_t *place,
                           struct attribution_result *ret)
{
    struct channel *all = NEW_N(a, struct channel, count),
                   *distinct = NEW_N(a, struct channel, count);
    size_t *of = NEW_N(a, size_t, count), n = 0; /* of[number]: which key by its order */
    for (size_t i = 0; i < count; i++)
        all[i] = (struct channel) { keys[i], 0, i };
    for (const struct gathered_path *p = g->paths; p < g->paths + g->path_count; p++)
        for (size_t i = p->first; i < p->first + p->count; i++)
            all[g->touches[i].channel].touches += p->conversions + p->lost;
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
    const struct group_key direct = { true, { VALUE_TEXT, q->attribution.direct, 0 } };
    for (size_t i = 0; i < r->channel_count; i++)
        if (!r->channels[i].other && group_key_compare(&r->channels[i].key, &direct) == 0)
            return (int32_t)i;
    return -1;
}

/* ---- models ---- */

static enum err credit(struct arena *a, const struct query *q, const struct gathered *g,
                       struct attribution_result *ret)
{
    const struct attribution_options o = { .channels = ret->channel_count,
                                           .direct = direct_place(q, ret),
                                           .half_life_ms = q->attribution.half_life_ms,
                                           .models = q->attribution.models };
    struct attribution_credit *credits = NEW_N(a, struct attribution_credit, ret->channel_count);
    struct attribution *at;
    TRY(attribution_new(a, &o, &at));
    for (const struct gathered_path *p = g->paths; p < g->paths + g->path_count; p++)
        TRY(attribution_add(
            at, &(struct touch_path) {
                    &g->touches[p->first], p->count, p->conversions, p->lost, { p->value } }));
    for (int m = 0; m < ATTRIBUTION_MODEL_COUNT; m++) {
        struct attribution_total total;
        if (!(o.models >> m & 1))
            continue;
        TRY(attribution_credits(a, at, (enum attribution_model)m, credits, &total));
        for (size_t i = 0; i < ret->channel_count; i++)
            ret->channels[i].credits[m] = credits[i];
        total.probability = MAX(total.probability, ret->total.probability);
        ret->total = total;
    }
    return OK;
}

/* ---- paths ---- */

struct sequence {
    const struct touch *touches;
    size_t count;
    i64 conversions, lost, value;
};

static int by_channels(const void *pa, const void *pb)
{
    const struct sequence *a = pa, *b = pb;
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

static void paths_list(struct arena *a, const struct query *q, const struct gathered *g,
                       struct attribution_result *ret)
{
    struct sequence *all = xcalloc(g->path_count + 1, sizeof *all);
    size_t n = 0, kept = 0;
    for (const struct gathered_path *p = g->paths; p < g->paths + g->path_count; p++)
        if (p->count)
            all[n++] = (struct sequence) { &g->touches[p->first], p->count, p->conversions, p->lost,
                                           p->value };
    qsort(all, n, sizeof *all, by_channels);
    for (size_t i = 0; i < n; i++) {
        if (!kept || by_channels(&all[kept - 1], &all[i]) != 0) {
            all[kept++] = all[i];
            continue;
        }
        all[kept - 1].conversions += all[i].conversions;
        all[kept - 1].lost += all[i].lost;
        all[kept - 1].value += all[i].value;
    }
    qsort(all, kept, sizeof *all, by_size);
    ret->path_count = MIN(kept, q->attribution.listed);
    ret->paths = NEW_N(a, struct attribution_path, ret->path_count);
    for (size_t i = 0; i < ret->path_count; i++) {
        ret->paths[i] = (struct attribution_path) { NEW_N(a, size_t, all[i].count), all[i].count,
                                                    all[i].conversions, all[i].lost, all[i].value };
        for (size_t k = 0; k < all[i].count; k++)
            ret->paths[i].channels[k] = (size_t)all[i].touches[k].channel;
    }
    free(all);
}

enum err credit_shown(struct arena *a, const struct query *q, struct gathered *g,
                      const struct group_key *keys, size_t key_count,
                      struct attribution_result *ret)
{
    size_t *place = NEW_N(a, size_t, key_count);
    *ret = (struct attribution_result) { .refunded = g->refunded,
                                         .refunded_value = g->refunded_value };
    channels_place(a, q->attribution.top, g, keys, key_count, place, ret);
    for (size_t i = 0; i < g->touch_count; i++)
        g->touches[i].channel = (int32_t)place[g->touches[i].channel];
    TRY(credit(a, q, g, ret));
    paths_list(a, q, g, ret);
    return OK;
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
