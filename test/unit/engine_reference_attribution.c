/* Attribution: the paths, by the words of query.h. What they are worth is said by the one function
 * that all executors ask. */
#include "engine/credit.h"
#include "engine_reference_internal.h"

struct gathering {
    const struct asked *x;
    const struct attribution_asked *asked;
    struct gathered g;
    VEC(struct group_key) keys;
};

static struct group_key key_of(const struct fact *f, str prop)
{
    const struct value *v = prop_of(f, prop);
    return v ? (struct group_key) { true, *v } : (struct group_key) { 0 };
}

/* NONE: no such number. */
static i64 worth_of(const struct attribution_asked *asked, const struct fact *f)
{
    const struct value *v = asked->value.len ? prop_of(f, asked->value) : NULL;
    return v && v->kind == VALUE_NUMBER ? v->number : NONE;
}

/* The conversion that a refund takes back from: its place, or the refund's own. */
static size_t refunded_by(const struct attribution_asked *asked, const struct life *l, size_t at)
{
    struct group_key held = key_of(l->facts[at], asked->held);
    for (size_t i = at; held.there && i-- > 0;) {
        struct group_key other = key_of(l->facts[i], asked->held);
        if (match_holds(&asked->conversion, l->facts[i]) && group_key_compare(&other, &held) == 0)
            return i;
    }
    return at;
}

/* What is taken from a conversion; NONE: everything, 0: nothing or nothing worth anything. */
static i64 taken_from(const struct attribution_asked *asked, const struct life *l, size_t at,
                      bool *ret_any)
{
    i64 taken = 0;
    *ret_any = false;
    for (size_t i = at + 1; asked->held.len && i < l->n; i++) {
        if (!match_holds(&asked->refund, l->facts[i]) || refunded_by(asked, l, i) != at)
            continue;
        i64 worth = worth_of(asked, l->facts[i]);
        *ret_any = true;
        if (worth == NONE)
            return NONE;
        taken += worth < 0 ? -worth : worth;
    }
    return taken;
}

/* Of these facts the last that a path may have, with how long before `until` each was. */
static void touches_add(struct gathering *to, const struct fact **facts, size_t n, instant until)
{
    size_t first = n > ATTRIBUTION_TOUCHES_MAX ? n - ATTRIBUTION_TOUCHES_MAX : 0;
    for (size_t i = first; i < n; i++) {
        *vec_push(to->x->a, &to->keys) = key_of(facts[i], to->asked->channel);
        gathered_touch(&to->g,
                       (struct touch) { until.ms - facts[i]->at.ms, (int32_t)to->keys.n - 1 });
    }
}

static void conversion_add(struct gathering *to, const struct life *l, size_t at)
{
    const struct attribution_asked *asked = to->asked;
    const struct fact **touches = NEW_N(to->x->a, const struct fact *, l->n), *f = l->facts[at];
    size_t n = 0;
    bool any;
    i64 worth = worth_of(asked, f), taken = taken_from(asked, l, at, &any);
    worth = worth == NONE ? 0 : worth;
    if (any && (taken == NONE || taken >= worth)) {
        to->g.refunded++;
        to->g.refunded_value += worth;
        return;
    }
    to->g.refunded_value += taken;
    for (size_t i = 0; i < at; i++)
        if (match_holds(&asked->touch, l->facts[i]) &&
            f->at.ms - l->facts[i]->at.ms <= asked->window_ms)
            touches[n++] = l->facts[i];
    gathered_path(&to->g, 1, 0, worth - taken);
    touches_add(to, touches, n, f->at);
}

static void person_add(struct gathering *to, const struct life *l)
{
    const struct fact **touches = NEW_N(to->x->a, const struct fact *, l->n);
    size_t n = 0;
    bool converts = false;
    for (size_t i = 0; i < l->n; i++) {
        if (!in_range(to->x->q, l->facts[i]))
            continue;
        if (match_holds(&to->asked->touch, l->facts[i]))
            touches[n++] = l->facts[i];
        if (match_holds(&to->asked->conversion, l->facts[i])) {
            conversion_add(to, l, i);
            converts = true;
        }
    }
    if (converts || !n)
        return;
    gathered_path(&to->g, 0, 1, 0);
    touches_add(to, touches, n, touches[n - 1]->at);
}

static bool path_behind(const struct gathering *of, const struct gathered_path *p)
{
    const struct behind *b = &of->x->q->behind;
    bool met = false;
    for (size_t i = p->first; i < p->first + p->count; i++)
        met |= !b->on_channel ||
               group_key_compare(&of->keys.at[of->g.touches[i].channel], &b->channel) == 0;
    return p->lost == b->lost && (b->untouched ? !p->count : met);
}

void attribution_behind(const struct asked *x, struct ids *ret)
{
    for (size_t i = 0; i < x->life_count; i++) {
        struct gathering one = { .x = x, .asked = &x->q->attribution };
        person_add(&one, &x->lives[i]);
        for (size_t p = 0; p < one.g.path_count; p++)
            if (path_behind(&one, &one.g.paths[p]))
                *vec_push(x->a, ret) = x->lives[i].person->id;
        gathered_done(&one.g);
    }
}

enum err attribution_ask(const struct asked *x, struct attribution_result *ret)
{
    struct gathering to = { .x = x, .asked = &x->q->attribution };
    for (size_t i = 0; i < x->life_count; i++)
        person_add(&to, &x->lives[i]);
    enum err err = credit_shown(x->a, x->q, &to.g, 1, to.keys.at, to.keys.n, ret);
    gathered_done(&to.g);
    return err;
}
