/* Profile, overlap and diagnosis, by the words of query.h. */
#include "engine_reference_internal.h"

/* Somebody who is looked at: of the first kind, of the second, or of both. */
struct counted {
    const struct person *person;
    bool first, second;
};

struct trait_list {
    struct trait_count *at;
    size_t n, cap;
};

static void value_add(const struct asked *x, struct trait_list *list, size_t from,
                      struct trait_count t, const struct counted *who)
{
    size_t i = from;
    if (!who->first && !who->second)
        return;
    while (i < list->n && group_key_compare(&(struct group_key) { true, list->at[i].value },
                                            &(struct group_key) { true, t.value }) != 0)
        i++;
    if (i == list->n)
        *vec_push(x->a, list) = t;
    list->at[i].first += who->first;
    list->at[i].second += who->second;
}

static void attr_add(const struct asked *x, struct trait_list *list, size_t from, str name,
                     const struct counted *who)
{
    const struct person_attr *attr = attr_of(who->person, name);
    struct trait_count t = { .name = name };
    if (attr && attr->kind == ATTR_BOOL) {
        t.value = (struct value) { .kind = VALUE_BOOL, .number = attr->number };
        value_add(x, list, from, t, who);
    }
    for (size_t i = 0; attr && attr->kind == ATTR_LIST && i < attr->text_count; i++) {
        t.value = (struct value) { .kind = VALUE_TEXT, .text = attr->texts[i] };
        value_add(x, list, from, t, who);
    }
    if (attr && attr->kind == ATTR_TEXT) {
        t.value = (struct value) { .kind = VALUE_TEXT, .text = attr->text };
        value_add(x, list, from, t, who);
    }
}

static void sets_add(const struct asked *x, struct trait_list *list, size_t from, str name,
                     const struct counted *who)
{
    for (size_t i = 0; i < who->person->set_count; i++)
        if (str_eq(who->person->sets[i].name, name))
            value_add(x, list, from,
                      (struct trait_count) {
                          .set = true,
                          .name = name,
                          .value = { .kind = VALUE_TEXT, .text = who->person->sets[i].key } },
                      who);
}

static int by_value(const void *a, const void *b)
{
    const struct trait_count *x = a, *y = b;
    return group_key_compare(&(struct group_key) { true, x->value },
                             &(struct group_key) { true, y->value });
}

static struct traits_result traits_of(const struct asked *x, const struct traits *t,
                                      const struct counted *who, size_t count)
{
    struct trait_list list = { 0 };
    for (size_t n = 0; n < t->attrs.count + t->sets.count; n++) {
        size_t from = list.n;
        for (size_t i = 0; i < count; i++)
            if (n < t->attrs.count)
                attr_add(x, &list, from, t->attrs.at[n], &who[i]);
            else
                sets_add(x, &list, from, t->sets.at[n - t->attrs.count], &who[i]);
        if (list.n > from)
            qsort(list.at + from, list.n - from, sizeof *list.at, by_value);
    }
    return (struct traits_result) { list.at, list.n };
}

void profile_ask(const struct asked *x, const struct life *all, size_t count,
                 struct profile_result *ret)
{
    struct counted *who = NEW_N(x->a, struct counted, count);
    for (size_t i = 0; i < count; i++) {
        bool fits = !x->q->people || people_fit(x->q->people, &all[i], x->now);
        who[i] = (struct counted) { all[i].person, fits, true };
        ret->people += fits;
    }
    ret->all = (i64)count;
    ret->traits = traits_of(x, &x->q->profile.traits, who, count);
}

void overlap_ask(const struct asked *x, const struct life *all, size_t count,
                 struct overlap_result *ret)
{
    const struct overlap *o = &x->q->overlap;
    *ret = (struct overlap_result) { o->count, NEW_N(x->a, i64, o->count * o->count), 0 };
    for (size_t p = 0; p < count; p++) {
        bool any = false;
        for (size_t i = 0; i < o->count; i++) {
            bool fits = people_fit(o->of[i], &all[p], x->now);
            any |= fits;
            for (size_t k = 0; fits && k < o->count; k++)
                ret->both[i * o->count + k] += people_fit(o->of[k], &all[p], x->now);
        }
        ret->any += any;
    }
}

/* Somebody who came to the step before. */
struct comer {
    const struct life *life;
    bool on;
    i64 after, before; /* between these */
};

static bool any_step(const struct funnel *f, str type)
{
    for (size_t i = 0; i < f->step_count; i++)
        for (size_t k = 0; k < f->steps[i].type_count; k++)
            if (str_eq(f->steps[i].types[k], type))
                return true;
    return false;
}

static bool event_wanted(const struct diagnosis *d, str type)
{
    for (size_t i = 0; i < d->events.count; i++)
        if (str_eq(d->events.at[i], type))
            return true;
    return !d->events.count && !any_step(&d->funnel, type);
}

struct event_list {
    struct event_count *at;
    size_t n, cap;
};

static void events_add(const struct asked *x, struct event_list *list, const struct comer *c)
{
    const struct life *l = c->life;
    for (size_t i = 0; i < l->n; i++) {
        bool before = false;
        size_t at = 0;
        if (l->facts[i]->at.ms <= c->after || l->facts[i]->at.ms >= c->before ||
            !event_wanted(&x->q->diagnosis, l->facts[i]->type))
            continue;
        for (size_t k = 0; k < i; k++)
            before |= l->facts[k]->at.ms > c->after && str_eq(l->facts[k]->type, l->facts[i]->type);
        if (before)
            continue;
        while (at < list->n && !str_eq(list->at[at].type, l->facts[i]->type))
            at++;
        if (at == list->n)
            *vec_push(x->a, list) = (struct event_count) { .type = l->facts[i]->type };
        list->at[at].went_on += c->on;
        list->at[at].stopped += !c->on;
    }
}

static int by_type(const void *a, const void *b)
{
    return str_cmp(((const struct event_count *)a)->type, ((const struct event_count *)b)->type);
}

void diagnosis_ask(const struct asked *x, struct diagnosis_result *ret)
{
    const struct diagnosis *d = &x->q->diagnosis;
    struct counted *who = NEW_N(x->a, struct counted, x->life_count);
    struct event_list events = { 0 };
    for (size_t i = 0; i < x->life_count; i++) {
        i64 times[QUERY_STEPS_MAX];
        size_t level = funnel_times(x->q, &x->lives[i], times);
        who[i].person = x->lives[i].person;
        if (level < d->step - 1)
            continue;
        bool on = level >= d->step;
        struct comer c = { &x->lives[i], on, times[d->step - 2],
                           on ? times[d->step - 1] : times[0] + d->funnel.window_ms + 1 };
        *(on ? &who[i].first : &who[i].second) = true;
        *(on ? &ret->went_on : &ret->stopped) += 1;
        events_add(x, &events, &c);
    }
    if (events.n)
        qsort(events.at, events.n, sizeof *events.at, by_type);
    ret->events = events.at;
    ret->event_count = events.n;
    ret->traits = traits_of(x, &d->traits, who, x->life_count);
}
