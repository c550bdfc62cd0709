#include "engine/engine_internal.h"

struct engine *engine_new(int threads)
{
    struct engine *e = xcalloc(1, sizeof *e);
    gate_init(&e->gate);
    pthread_mutex_init(&e->keeping, NULL);
    e->threads = MAX(threads, 1);
    return e;
}

void attribute_done(struct attribute *at)
{
    for (size_t k = 0; k < at->set_count; k++)
        bits_done(&at->sets[k].bits);
    bits_done(&at->there);
    free(at->sets);
    values_done(&at->values);
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->table_count; i++) {
        table_done(e->tables[i]);
        free(e->tables[i]);
    }
    for (size_t i = 0; i < e->attribute_count; i++)
        attribute_done(&e->attributes[i]);
    for (size_t i = 0; i < e->set_count; i++)
        bits_done(&e->sets[i].bits);
    bits_done(&e->alive);
    persons_done(&e->persons);
    map_done(&e->table_of);
    dict_done(&e->dict);
    free(e->tables);
    free(e->attributes);
    free(e->sets);
    free(e->folder);
    gate_done(&e->gate);
    pthread_mutex_destroy(&e->keeping);
    free(e);
}

void engine_begin(struct engine *e)
{
    gate_tell(&e->gate);
}

void engine_end(struct engine *e)
{
    for (size_t i = 0; i < e->table_count; i++)
        table_settle(e->tables[i]);
    gate_told(&e->gate);
}

struct visit engine_enter(struct engine *e)
{
    struct visit visit;
    gate_ask(&e->gate, false, NULL, NULL, &visit);
    return visit;
}

/* Room for one more at the end of a growing array on the heap; it is zeroed. */
static void *push(void **at, size_t *count, size_t *cap, size_t size)
{
    if (*count == *cap) {
        *cap = MAX(2 * *cap, 16);
        *at = xrealloc(*at, *cap * size);
    }
    void *last = (char *)*at + (*count)++ * size;
    return memset(last, 0, size);
}
#define PUSH(at, count, cap) push((void **)&(at), &(count), &(cap), sizeof *(at))

static uint32_t ordinal_of(struct engine *e, i64 person)
{
    uint32_t ordinal = persons_find(&e->persons, person);
    if (ordinal == NOBODY) {
        ordinal = persons_add(&e->persons, person);
        bits_put(&e->alive, ordinal, true);
    }
    return ordinal;
}

static struct set *set_of(struct set **sets, size_t *count, size_t *cap, uint32_t name,
                          uint32_t key)
{
    for (size_t i = 0; i < *count; i++)
        if ((*sets)[i].name == name && (*sets)[i].key == key)
            return &(*sets)[i];
    struct set *s = push((void **)sets, count, cap, sizeof **sets);
    s->name = name;
    s->key = key;
    return s;
}

static struct attribute *attribute_of(struct engine *e, uint32_t name, enum attr_kind kind)
{
    for (size_t i = 0; i < e->attribute_count; i++)
        if (e->attributes[i].name == name && e->attributes[i].kind == kind)
            return &e->attributes[i];
    struct attribute *at = PUSH(e->attributes, e->attribute_count, e->attribute_cap);
    at->name = name;
    at->kind = kind;
    return at;
}

/* Nothing of the person any more. */
static void clear(struct engine *e, uint32_t ordinal)
{
    for (size_t i = 0; i < e->attribute_count; i++) {
        struct attribute *at = &e->attributes[i];
        values_put(&at->values, ordinal, NONE);
        bits_put(&at->there, ordinal, false);
        for (size_t k = 0; k < at->set_count; k++)
            bits_put(&at->sets[k].bits, ordinal, false);
    }
    for (size_t i = 0; i < e->set_count; i++)
        bits_put(&e->sets[i].bits, ordinal, false);
}

void engine_person(struct engine *e, const struct person *p)
{
    uint32_t ordinal = ordinal_of(e, p->id);
    clear(e, ordinal);
    for (const struct person_attr *a = p->attrs; a < p->attrs + p->attr_count; a++) {
        struct attribute *at = attribute_of(e, dict_put(&e->dict, a->name), a->kind);
        if (a->kind == ATTR_TEXT)
            values_put(&at->values, ordinal, dict_put(&e->dict, a->text));
        else if (a->kind != ATTR_LIST)
            values_put(&at->values, ordinal, a->number);
        for (size_t i = 0; a->kind == ATTR_LIST && i < a->text_count; i++) {
            struct set *s = set_of(&at->sets, &at->set_count, &at->set_cap, at->name,
                                   dict_put(&e->dict, a->texts[i]));
            bits_put(&s->bits, ordinal, true);
            bits_put(&at->there, ordinal, true);
        }
    }
    for (const struct person_set *s = p->sets; s < p->sets + p->set_count; s++)
        bits_put(&set_of(&e->sets, &e->set_count, &e->set_cap, dict_put(&e->dict, s->name),
                         dict_put(&e->dict, s->key))
                      ->bits,
                 ordinal, true);
}

static struct table *table_of(struct engine *e, str type)
{
    uint32_t name = dict_put(&e->dict, type);
    i64 *place = map_put(&e->table_of, name);
    if (!*place) {
        _Atomic(struct table *) *t = PUSH(e->tables, e->table_count, e->table_cap);
        *t = xcalloc(1, sizeof **t);
        (*t)->type = name;
        *place = (i64)e->table_count;
    }
    return e->tables[*place - 1];
}

void engine_fact(struct engine *e, const struct fact *f)
{
    struct table *t = table_of(e, f->type);
    size_t at = table_add(t, (struct row) { ordinal_of(e, f->person), f->at.ms, f->seq });
    for (const struct fact_prop *p = f->props; p < f->props + f->prop_count; p++)
        table_put(t, at, dict_put(&e->dict, p->name), p->value.kind,
                  p->value.kind == VALUE_TEXT ? dict_put(&e->dict, p->value.text)
                                              : p->value.number);
}

void engine_forget(struct engine *e, i64 person)
{
    uint32_t ordinal = persons_find(&e->persons, person);
    if (ordinal == NOBODY)
        return;
    clear(e, ordinal);
    bits_put(&e->alive, ordinal, false);
    e->gone++;
    persons_remove(&e->persons, ordinal);
}

void engine_cover(struct engine *e, i64 seq)
{
    e->covered = seq;
}

i64 engine_covered(struct engine *e)
{
    struct visit visit = engine_enter(e);
    i64 covered = e->covered;
    gate_asked(&e->gate, &visit);
    return covered;
}

const struct table *engine_table(const struct engine *e, str type)
{
    uint32_t name = dict_find(&e->dict, type);
    const i64 *place = name ? map_get(&e->table_of, name) : NULL;
    return place ? e->tables[*place - 1] : NULL;
}

const struct attribute *engine_attribute(const struct engine *e, str name)
{
    uint32_t number = dict_find(&e->dict, name);
    for (size_t i = 0; number && i < e->attribute_count; i++)
        if (e->attributes[i].name == number)
            return &e->attributes[i];
    return NULL;
}

const struct set *engine_set(const struct engine *e, str name, str key)
{
    uint32_t n = dict_find(&e->dict, name), k = dict_find(&e->dict, key);
    for (size_t i = 0; n && k && i < e->set_count; i++)
        if (e->sets[i].name == n && e->sets[i].key == k)
            return &e->sets[i];
    return NULL;
}

void engine_stats(struct engine *e, struct engine_stats *ret)
{
    struct engine_stats s = { 0 };
    struct visit visit = engine_enter(e);
    s.persons = (i64)e->persons.there;
    for (size_t i = 0; i < e->table_count; i++) {
        s.facts += (i64)(e->tables[i]->base_count + e->tables[i]->tail_count);
        s.bytes += table_bytes(e->tables[i]);
    }
    for (size_t i = 0; i < e->attribute_count; i++)
        s.bytes += values_bytes(&e->attributes[i].values);
    s.bytes += persons_bytes(&e->persons);
    gate_asked(&e->gate, &visit);
    *ret = s;
}

enum err engine_ask(struct engine *e, struct arena *a, const struct query *q, instant now,
                    const struct engine_limits *limits, struct result *ret)
{
    static enum err (*const kinds[QUERY_KINDS])(struct engine *, struct arena *,
                                                const struct query *, instant, struct result *) = {
        [QUERY_SEGMENT] = ask_segment,     [QUERY_FUNNEL] = ask_funnel,
        [QUERY_RETENTION] = ask_retention, [QUERY_TREND] = ask_trend,
        [QUERY_LIFE] = ask_activity,       [QUERY_STICKINESS] = ask_activity,
        [QUERY_PATHS] = ask_paths,         [QUERY_ATTRIBUTION] = ask_attribution,
        [QUERY_DIAGNOSIS] = ask_diagnosis, [QUERY_PROFILE] = ask_profile,
        [QUERY_OVERLAP] = ask_overlap,     [QUERY_RFM] = ask_rfm,
    };
    struct result r = { .kind = query_answer(q) };
    struct query narrowed = query_narrowed(a, q);
    struct asking x;
    if (query_timed(q->kind))
        q = &narrowed;
    TRY(asking_begin(&x, e, limits));
    enum err err = kinds[q->kind](e, a, q, now, &r);
    enum err over = asking_end(&x);
    if (over != OK)
        return over;
    if (err == OK)
        *ret = r;
    return err;
}
