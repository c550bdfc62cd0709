/* Histories, and what both halves draw from. The questions: engine_random_query.c. */
#include "engine_random_internal.h"

#include "base/json.h"
#include "base/time.h"

const char *const random_types[RANDOM_TYPES] = { "order.paid",     "cart.added", "coupon.claimed",
                                                 "message.opened", "visit",      "退款" };
const char *const random_texts[RANDOM_TEXTS] = { "group",  "app", "",   "上海", "杭州", "荷",
                                                 "荷塘店", "a",   "ab", "%_",   "it's", "\"\\\n" };
const i64 random_numbers[RANDOM_NUMBERS] = { 0,    1000, 2000,  2500,   -1500, -1,
                                             1001, 333,  99900, 100000, 1,     -2000 };
const struct random_attr random_attrs[RANDOM_ATTRS] = {
    { "city", ATTR_TEXT },    { "spend", ATTR_NUMBER },      { "vip", ATTR_BOOL },
    { "birthday", ATTR_DAY }, { "joined_at", ATTR_INSTANT }, { "likes", ATTR_LIST },
    { "nothing", ATTR_TEXT },
};
const struct random_prop random_props[RANDOM_PROPS] = {
    { "channel", VALUE_TEXT }, { "amount", VALUE_NUMBER },   { "gift", VALUE_BOOL },
    { "mixed", VALUE_TEXT },   { "quantity", VALUE_NUMBER }, { "absent", VALUE_TEXT },
};
const char *const random_families[RANDOM_FAMILIES] = { "tag", "segment" };
const char *const random_keys[RANDOM_KEYS] = { "1", "12", "spend:over-900", "会员" };

bool random_chance(struct rnd *r, uint64_t of_hundred)
{
    return rnd_below(r, 100) < of_hundred;
}

struct value random_value(struct rnd *r, enum value_kind kind)
{
    struct value v = { .kind = kind };
    if (kind == VALUE_TEXT)
        v.text = str_of(PICK(r, random_texts));
    else if (kind == VALUE_NUMBER)
        v.number = PICK(r, random_numbers);
    else
        v.number = random_chance(r, 50);
    return v;
}

instant random_instant(struct rnd *r, instant now, i64 grid_ms)
{
    instant t = { now.ms - ((i64)rnd_below(r, 48) - 4) * grid_ms };
    if (random_chance(r, 10))
        t.ms += (i64)rnd_below(r, 3) - 1;
    if (random_chance(r, 10))
        t = (instant) { day_start(day_of(t)).ms - random_chance(r, 30) };
    return t;
}

static void fact_new(struct arena *a, struct rnd *r, instant now, i64 grid_ms, struct fact *f)
{
    /* the first kinds are the most usual */
    f->type = str_of(random_types[MIN(rnd_below(r, RANDOM_TYPES), rnd_below(r, RANDOM_TYPES))]);
    f->at = random_instant(r, now, grid_ms);
    f->props = NEW_N(a, struct fact_prop, RANDOM_PROPS);
    for (size_t i = 0; i < RANDOM_PROPS; i++) {
        bool mixed = strcmp(random_props[i].name, "mixed") == 0,
             any = random_chance(r, mixed ? 67 : 3);
        enum value_kind kind = any ? (enum value_kind)rnd_below(r, 3) : random_props[i].kind;
        if (random_chance(r, 25) || strcmp(random_props[i].name, "absent") == 0)
            continue;
        f->props[f->prop_count++] =
            (struct fact_prop) { str_of(random_props[i].name), random_value(r, kind) };
    }
}

static void attr_new(struct arena *a, struct rnd *r, instant now, i64 grid_ms,
                     const struct random_attr *of, struct person_attr *attr)
{
    instant t = random_instant(r, now, grid_ms);
    *attr = (struct person_attr) { .name = str_of(of->name), .kind = of->kind };
    switch (of->kind) {
    case ATTR_TEXT: attr->text = str_of(PICK(r, random_texts)); break;
    case ATTR_NUMBER: attr->number = PICK(r, random_numbers); break;
    case ATTR_BOOL: attr->number = random_chance(r, 50); break;
    case ATTR_DAY:
        attr->number = day_of(t).n - (random_chance(r, 50) ? 365 * (i64)rnd_below(r, 30) : 0);
        if (random_chance(r, 10))
            attr->number = day_from_ymd(2000, 2, 29).n;
        break;
    case ATTR_INSTANT: attr->number = t.ms; break;
    case ATTR_LIST:
        attr->texts = NEW_N(a, str, 3);
        for (size_t first = rnd_below(r, RANDOM_TEXTS - 3), n = rnd_below(r, 4); n > 0; n--)
            attr->texts[attr->text_count++] = str_of(random_texts[first + n]);
        break;
    }
}

static void person_new(struct arena *a, struct rnd *r, instant now, i64 grid_ms, struct person *p)
{
    p->attrs = NEW_N(a, struct person_attr, RANDOM_ATTRS);
    p->sets = NEW_N(a, struct person_set, RANDOM_FAMILIES * RANDOM_KEYS);
    for (size_t i = 0; i + 1 < RANDOM_ATTRS; i++) /* nobody has the last */
        if (random_chance(r, 75))
            attr_new(a, r, now, grid_ms, &random_attrs[i], &p->attrs[p->attr_count++]);
    for (size_t i = 0; i < RANDOM_FAMILIES * RANDOM_KEYS; i++)
        if (random_chance(r, 30))
            p->sets[p->set_count++] =
                (struct person_set) { str_of(random_families[i / RANDOM_KEYS]),
                                      str_of(random_keys[i % RANDOM_KEYS]) };
}

static void swap_bytes(char *x, char *y, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char kept = x[i];
        x[i] = y[i];
        y[i] = kept;
    }
}

static void shuffle(struct rnd *r, void *at, size_t n, size_t size)
{
    for (size_t i = n; i > 1; i--)
        swap_bytes((char *)at + (i - 1) * size, (char *)at + rnd_below(r, i) * size, size);
}

void random_history(struct arena *a, struct rnd *r, instant now, i64 grid_ms, struct history *ret)
{
    bool many = random_chance(r, 40);
    struct history h = { 0 };
    h.person_count = many ? 10 + rnd_below(r, 40) : MIN(1 + rnd_below(r, 4), rnd_below(r, 20));
    h.persons = NEW_N(a, struct person, h.person_count + 1);
    h.fact_count = h.person_count ? rnd_below(r, many ? 300 : 80) : 0;
    h.facts = NEW_N(a, struct fact, h.fact_count + 1);
    for (size_t i = 0; i < h.person_count; i++) {
        person_new(a, r, now, grid_ms, &h.persons[i]);
        h.persons[i].id = (i64)i * 37 + 1 + (random_chance(r, 10) ? INT64_C(1) << 40 : 0);
    }
    for (size_t i = 0; i < h.fact_count; i++) {
        fact_new(a, r, now, grid_ms, &h.facts[i]);
        h.facts[i].seq = (i64)i + 1;
        h.facts[i].person = h.persons[rnd_below(r, h.person_count)].id;
    }
    *ret = random_shuffle(a, r, &h);
}

struct history random_shuffle(struct arena *a, struct rnd *r, const struct history *h)
{
    struct history ret = *h;
    ret.persons = arena_copy(a, h->persons, (h->person_count + 1) * sizeof *h->persons);
    ret.facts = arena_copy(a, h->facts, (h->fact_count + 1) * sizeof *h->facts);
    shuffle(r, ret.persons, h->person_count, sizeof *h->persons);
    shuffle(r, ret.facts, h->fact_count, sizeof *h->facts);
    return ret;
}

void random_case(struct arena *a, uint64_t seed, struct random_case *ret)
{
    static const i64 grids[] = { SECOND_MS, MINUTE_MS, HOUR_MS, 12 * HOUR_MS, DAY_MS, 5 * DAY_MS };
    struct rnd r;
    struct json_error unread = { 0 };
    struct query_error bad = { 0 };
    rnd_seed(&r, seed);
    *ret = (struct random_case) { .seed = seed };
    ret->now.ms = RANDOM_NOW + (i64)rnd_below(&r, 400) * DAY_MS + (i64)rnd_below(&r, 24) * HOUR_MS;
    ret->grid_ms = PICK(&r, grids);
    random_history(a, &r, ret->now, ret->grid_ms, &ret->history);
    ret->text = random_query(a, &r, ret->now, ret->grid_ms);
    const struct json *j = json_read(a, ret->text, &unread);
    if (!j || query_read(a, j, &ret->query, &bad) != OK) {
        fprintf(stderr, "seed %llu: %.*s: %s: %.*s\n", (unsigned long long)seed, STR_ARG(bad.at),
                j ? bad.reason : unread.reason, STR_ARG(ret->text));
        abort();
    }
}
