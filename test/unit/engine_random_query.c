/* Questions, as JSON. */
#include "engine_random_maker.h"

#include "base/json.h"
#include "base/time.h"
#include "engine/result.h"

void span_out(struct maker *m, const char *key, i64 ms)
{
    static const struct {
        const char *name;
        i64 ms;
    } units[] = { { "d", DAY_MS }, { "h", HOUR_MS }, { "min", MINUTE_MS }, { "s", SECOND_MS } };
    char text[40];
    size_t u = 0;
    while (ms % units[u].ms)
        u++;
    snprintf(text, sizeof text, "%lld%s", (long long)(ms / units[u].ms), units[u].name);
    json_put(m->w, key, str_of(text));
}

i64 span_new(struct maker *m)
{
    return (1 + (i64)rnd_below(m->r, random_chance(m->r, 60) ? 6 : 30)) * m->grid_ms;
}

/* An instant, or a day. */
void instant_out(struct maker *m, const char *key, instant t)
{
    if (random_chance(m->r, 25) && day_start(day_of(t)).ms == t.ms)
        json_day(m->w, key, day_of(t));
    else
        json_time(m->w, key, t);
}

/* Whether both are to be said; `since` is before `until`. */
static void range_new(struct maker *m, instant *since, instant *until)
{
    instant a = random_instant(m->r, m->now, m->grid_ms),
            b = random_instant(m->r, m->now, m->grid_ms);
    *since = a.ms < b.ms ? a : b;
    *until = a.ms < b.ms ? b : a;
    until->ms += a.ms == b.ms;
}

static void since_until(struct maker *m)
{
    instant since, until;
    range_new(m, &since, &until);
    int which = (int)rnd_below(m->r, 3);
    if (which != 1)
        instant_out(m, "since", since);
    if (which != 0)
        instant_out(m, "until", until);
}

static void number_put(struct maker *m, const char *key, i64 thousandths)
{
    char text[40];
    uint64_t size = (uint64_t)(thousandths < 0 ? -thousandths : thousandths);
    int len = snprintf(text, sizeof text, "%s%llu", thousandths < 0 ? "-" : "",
                       (unsigned long long)(size / QUERY_NUMBER_SCALE));
    if (size % QUERY_NUMBER_SCALE)
        len += snprintf(text + len, sizeof text - (size_t)len, ".%03llu",
                        (unsigned long long)(size % QUERY_NUMBER_SCALE));
    json_raw(m->w, key, (str) { text, (size_t)len });
}

void value_put(struct maker *m, const char *key, struct value v)
{
    if (v.kind == VALUE_TEXT)
        json_put(m->w, key, v.text);
    else if (v.kind == VALUE_BOOL)
        json_put(m->w, key, (bool)v.number);
    else
        number_put(m, key, v.number);
}

static void bounds_out(struct maker *m, i64 low, i64 high)
{
    bool both = high - low > 2 && random_chance(m->r, 40), lower = random_chance(m->r, 50);
    if (both || lower)
        number_put(m, random_chance(m->r, 50) ? "gte" : "gt", low);
    if (both || !lower)
        number_put(m, random_chance(m->r, 50) ? "lte" : "lt", high);
}

static void number_bounds(struct maker *m)
{
    i64 a = PICK(m->r, random_numbers), b = PICK(m->r, random_numbers);
    bounds_out(m, MIN(a, b), MAX(a, b));
}

static void values_out(struct maker *m, const char *key, enum value_kind kind)
{
    json_list(m->w, key);
    for (uint64_t n = 1 + rnd_below(m->r, 3); n > 0; n--)
        value_put(m, NULL, random_value(m->r, kind));
    json_list_end(m->w);
}

/* Now and then of a kind that fits nothing. */
static void compare_out(struct maker *m, enum value_kind kind)
{
    static const char *const parts[] = { "荷", "a", "上", "%", "o", "\"" };
    if (random_chance(m->r, 7))
        kind = (enum value_kind)rnd_below(m->r, 3);
    switch (rnd_below(m->r, 7)) {
    case 0: value_put(m, "ne", random_value(m->r, kind)); return;
    case 1: values_out(m, "in", kind); return;
    case 2: values_out(m, "not_in", kind); return;
    case 3: json_put(m->w, "exists", (bool)random_chance(m->r, 60)); return;
    case 4:
    case 5:
        if (kind == VALUE_NUMBER) {
            number_bounds(m);
            return;
        }
        if (kind == VALUE_TEXT) {
            json_put(m->w, random_chance(m->r, 50) ? "contains" : "starts",
                     str_of(PICK(m->r, parts)));
            return;
        }
    }
    value_put(m, "eq", random_value(m->r, kind));
}

void types_out(struct maker *m, const char *key)
{
    size_t first = (size_t)MIN(rnd_below(m->r, RANDOM_TYPES), rnd_below(m->r, RANDOM_TYPES));
    if (random_chance(m->r, 75)) {
        json_put(m->w, key, str_of(random_types[first]));
        return;
    }
    json_list(m->w, key);
    for (size_t i = first; i < RANDOM_TYPES && i < first + 3; i++)
        json_put(m->w, NULL, str_of(random_types[i]));
    json_list_end(m->w);
}

/* "event" and "where", into the object that is open. */
static void match_members(struct maker *m)
{
    types_out(m, "event");
    if (!random_chance(m->r, 20))
        return;
    json_list(m->w, "where");
    for (uint64_t n = random_chance(m->r, 80) ? 1 : rnd_below(m->r, 3); n > 0; n--) {
        const struct random_prop *prop = &PICK(m->r, random_props);
        json_open(m->w, NULL);
        json_put(m->w, "prop", str_of(prop->name));
        compare_out(m, prop->kind);
        json_close(m->w);
    }
    json_list_end(m->w);
}

void match_out(struct maker *m, const char *key)
{
    if (random_chance(m->r, 45)) {
        json_put(
            m->w, key,
            str_of(
                random_types[MIN(rnd_below(m->r, RANDOM_TYPES), rnd_below(m->r, RANDOM_TYPES))]));
        return;
    }
    json_open(m->w, key);
    match_members(m);
    json_close(m->w);
}

static uint64_t matches_out(struct maker *m, const char *key, uint64_t most)
{
    uint64_t n = 2 + rnd_below(m->r, most - 1);
    json_list(m->w, key);
    for (uint64_t i = 0; i < n; i++)
        match_out(m, NULL);
    json_list_end(m->w);
    return n;
}

static void window_out(struct maker *m)
{
    uint64_t which = rnd_below(m->r, 10);
    if (which < 3)
        span_out(m, "within", span_new(m));
    else if (which < 6)
        since_until(m);
    if (!random_chance(m->r, 15))
        return;
    json_open(m->w, "since_event");
    match_members(m);
    if (random_chance(m->r, 60))
        json_put(m->w, "which", random_chance(m->r, 50) ? S("first") : S("last"));
    json_close(m->w);
}

/* In a figure of facts "next" does not stand. */
static void time_out(struct maker *m, bool next)
{
    uint64_t which = rnd_below(m->r, next ? 5 : 4);
    if (which == 4)
        span_out(m, "next", MIN(span_new(m), 366 * DAY_MS));
    else if (which >= 2)
        since_until(m);
    else
        span_out(m, which ? "within" : "before", span_new(m));
}

static void attr_leaf(struct maker *m)
{
    const struct random_attr *attr = &PICK(m->r, random_attrs);
    json_put(m->w, "attr", str_of(attr->name));
    switch (attr->kind) {
    case ATTR_TEXT:
    case ATTR_LIST: compare_out(m, VALUE_TEXT); return;
    case ATTR_NUMBER: compare_out(m, VALUE_NUMBER); return;
    case ATTR_BOOL: compare_out(m, VALUE_BOOL); return;
    case ATTR_DAY:
    case ATTR_INSTANT: break;
    }
    if (random_chance(m->r, 85))
        time_out(m, true);
    else
        compare_out(m, VALUE_TEXT);
}

static void set_leaf(struct maker *m)
{
    json_put(m->w, "set", str_of(PICK(m->r, random_families)));
    json_put(m->w, "key", str_of(PICK(m->r, random_keys)));
    if (random_chance(m->r, 50))
        json_put(m->w, "is", (bool)random_chance(m->r, 60));
}

static void whole_compare(struct maker *m)
{
    i64 n = (i64)rnd_below(m->r, 4) * QUERY_NUMBER_SCALE;
    if (random_chance(m->r, 70))
        bounds_out(m, n, n + (i64)rnd_below(m->r, 4) * QUERY_NUMBER_SCALE);
    else
        number_put(m, random_chance(m->r, 50) ? "eq" : "ne", n);
}

static void number_compare(struct maker *m)
{
    if (random_chance(m->r, 70))
        number_bounds(m);
    else if (random_chance(m->r, 50))
        number_put(m, random_chance(m->r, 70) ? "eq" : "ne", PICK(m->r, random_numbers));
    else
        values_out(m, random_chance(m->r, 50) ? "in" : "not_in", VALUE_NUMBER);
}

static void measure_out(struct maker *m)
{
    static const char *const names[] = {
        "sum", "average", "min", "max", "distinct", "first", "last"
    };
    static const char *const numbers[] = { "amount", "quantity", "mixed", "amount", "absent" };
    if (random_chance(m->r, 30)) {
        json_open(m->w, "count");
        whole_compare(m);
        json_close(m->w);
        return;
    }
    size_t which = (size_t)rnd_below(m->r, COUNT(names));
    const struct random_prop *prop = &PICK(m->r, random_props);
    json_open(m->w, names[which]);
    if (which < 4) {
        json_put(m->w, "prop", str_of(PICK(m->r, numbers)));
        number_compare(m);
    } else if (which == 4) {
        json_put(m->w, "prop", str_of(prop->name));
        whole_compare(m);
    } else if (random_chance(m->r, 50)) {
        json_put(m->w, "prop", str_of(prop->name));
        compare_out(m, prop->kind);
    } else {
        time_out(m, false);
    }
    json_close(m->w);
}

static void facts_leaf(struct maker *m)
{
    match_members(m);
    if (random_chance(m->r, 60))
        measure_out(m);
    window_out(m);
}

static void sequence_leaf(struct maker *m)
{
    matches_out(m, "sequence", 3);
    if (random_chance(m->r, 50))
        span_out(m, "within_each", span_new(m));
    window_out(m);
}

static void not_followed_leaf(struct maker *m)
{
    match_members(m);
    match_out(m, "not_followed_by");
    span_out(m, "after", span_new(m));
    window_out(m);
}

static void random_leaf(struct maker *m)
{
    json_put(m->w, "random", (i64)rnd_below(m->r, 101));
}

void people_out(struct maker *m, const char *key, int depth)
{
    static void (*const leaves[])(struct maker *) = { attr_leaf,     attr_leaf,        set_leaf,
                                                      facts_leaf,    facts_leaf,       facts_leaf,
                                                      sequence_leaf, not_followed_leaf };
    static const char *const words[] = { "all", "any" };
    uint64_t which = depth < 4 && m->leaves > 0 ? rnd_below(m->r, 10) : 10;
    json_open(m->w, key);
    if (which == 0) {
        people_out(m, "not", depth + 1);
    } else if (which <= 3) {
        json_list(m->w, PICK(m->r, words));
        for (uint64_t n = 1 + rnd_below(m->r, 3); n > 0; n--)
            people_out(m, NULL, depth + 1);
        json_list_end(m->w);
    } else {
        m->leaves--;
        if (random_chance(m->r, 4))
            random_leaf(m);
        else
            PICK(m->r, leaves)(m);
    }
    json_close(m->w);
}

static void breakdowns_out(struct maker *m, uint64_t most)
{
    uint64_t n = most && random_chance(m->r, 45) ? 1 + rnd_below(m->r, most) : 0;
    if (!n)
        return;
    json_list(m->w, "breakdown");
    for (; m->breakdowns < n; m->breakdowns++) {
        static const char by[] = { 'a', 'p', 's' };
        struct breakdown_said *b = &m->said[m->breakdowns];
        b->by = PICK(m->r, by);
        json_open(m->w, NULL);
        switch (b->by) {
        case 'a':
            b->which = (size_t)rnd_below(m->r, RANDOM_ATTRS);
            json_put(m->w, "attr", str_of(random_attrs[b->which].name));
            break;
        case 'p':
            b->which = (size_t)rnd_below(m->r, RANDOM_PROPS);
            json_put(m->w, "prop", str_of(random_props[b->which].name));
            break;
        default: json_put(m->w, "set", str_of(PICK(m->r, random_families))); break;
        }
        json_close(m->w);
    }
    json_list_end(m->w);
}

void report_out(struct maker *m, uint64_t breakdowns)
{
    instant since = { m->now.ms - (3 + (i64)rnd_below(m->r, 50)) * m->grid_ms };
    instant until = { m->now.ms + ((i64)rnd_below(m->r, 7) - 2) * m->grid_ms };
    if (random_chance(m->r, 20))
        range_new(m, &since, &until);
    m->since = since;
    m->until = until;
    instant_out(m, "since", since);
    instant_out(m, "until", until);
    breakdowns_out(m, breakdowns);
    if (random_chance(m->r, 25))
        people_out(m, "people", 1);
}

/* The key of a group there may be. */
static void group_key_out(struct maker *m, const char *key, const struct breakdown_said *b)
{
    enum value_kind kind = b->by == 'p' ? random_props[b->which].kind : VALUE_TEXT;
    enum attr_kind attr = b->by == 'a' ? random_attrs[b->which].kind : ATTR_TEXT;
    if (attr == ATTR_NUMBER || attr == ATTR_BOOL)
        kind = attr == ATTR_NUMBER ? VALUE_NUMBER : VALUE_BOOL;
    if (random_chance(m->r, 35))
        json_raw(m->w, key, STR_NONE);
    else if (attr == ATTR_DAY || attr == ATTR_INSTANT)
        json_day(m->w, key, day_of(random_instant(m->r, m->now, m->grid_ms)));
    else if (b->by == 's')
        json_put(m->w, key, str_of(PICK(m->r, random_keys)));
    else
        value_put(m, key, random_value(m->r, kind));
}

bool behind_open(struct maker *m)
{
    if (!random_chance(m->r, 25))
        return false;
    json_open(m->w, "behind");
    return true;
}

void behind_close(struct maker *m)
{
    if (m->breakdowns)
        group_key_out(m, "group", &m->said[0]);
    json_close(m->w);
}

/* The first day of a period of the report, or any other day. */
instant period_new(struct maker *m, enum period_unit unit, instant until)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    instant *starts;
    size_t n;
    periods_of(&a, unit, m->since, until, &starts, &n);
    return random_chance(m->r, 95) ? starts[rnd_below(m->r, n + 1)] : (instant) { m->since.ms + 1 };
}

static void exclude_out(struct maker *m, uint64_t steps)
{
    json_list(m->w, "exclude");
    for (uint64_t n = 1 + rnd_below(m->r, 2); n > 0; n--) {
        json_open(m->w, NULL);
        match_members(m);
        json_put(m->w, "after", (i64)(1 + rnd_below(m->r, steps - 1)));
        json_close(m->w);
    }
    json_list_end(m->w);
}

static void funnel_out(struct maker *m)
{
    static const char *const orders[] = { "in_order", "in_order", "strict", "any" };
    str order = str_of(PICK(m->r, orders));
    bool in_order = str_is(order, "in_order");
    uint64_t count = rnd_below(m->r, 5);
    report_out(m, 1);
    uint64_t steps = matches_out(m, "steps", 4);
    span_out(m, "window", span_new(m));
    json_put(m->w, "order", order);
    json_put(m->w, "entry", random_chance(m->r, 60) ? S("any") : S("first"));
    if (count == 1 || (count == 2 && in_order))
        json_put(m->w, "count", count == 1 ? S("person") : S("entry"));
    if (count == 3) {
        json_open(m->w, "count");
        json_put(m->w, "prop", str_of(PICK(m->r, random_props).name));
        json_close(m->w);
    }
    if (behind_open(m)) {
        i64 step = 1 + (i64)rnd_below(m->r, steps);
        json_put(m->w, "step", step);
        if (step > 1 && random_chance(m->r, 50))
            json_put(m->w, "stopped", true);
        behind_close(m);
    }
    if (!in_order || !random_chance(m->r, 35))
        return;
    exclude_out(m, steps);
}

static void retention_behind(struct maker *m, enum period_unit unit, uint64_t cells)
{
    bool cell = random_chance(m->r, 85);
    if (!behind_open(m))
        return;
    if (random_chance(m->r, 65))
        json_day(m->w, "cohort",
                 day_of(period_new(m, unit, (instant) { MIN(m->until.ms, m->now.ms) })));
    else if (random_chance(m->r, 50))
        json_raw(m->w, "cohort", STR_NONE);
    if (cell)
        json_put(m->w, "cell", (i64)rnd_below(m->r, cells));
    if (cell && random_chance(m->r, 40))
        json_put(m->w, "lost", (bool)random_chance(m->r, 80));
    behind_close(m);
}

static void retention_out(struct maker *m)
{
    static const char *const units[] = { "day", "day", "week", "month", "24h" };
    static const enum period_unit kinds[] = { UNIT_DAY, UNIT_DAY, UNIT_WEEK, UNIT_MONTH,
                                              UNIT_ROLLING };
    static const char *const values[] = { "amount", "quantity", "mixed" };
    uint64_t unit = rnd_below(m->r, COUNT(units)), cells;
    report_out(m, 1);
    match_out(m, "start");
    match_out(m, "return");
    json_put(m->w, "unit", str_of(units[unit]));
    if (random_chance(m->r, 75)) {
        cells = 1 + rnd_below(m->r, 10);
        json_put(m->w, "periods", (i64)cells);
    } else {
        i64 bracket = (i64)rnd_below(m->r, 2);
        cells = 1 + rnd_below(m->r, 3);
        json_list(m->w, "brackets");
        for (uint64_t n = cells + 1; n > 0; n--, bracket += 1 + (i64)rnd_below(m->r, 5))
            json_put(m->w, NULL, bracket);
        json_list_end(m->w);
    }
    if (kinds[unit] != UNIT_ROLLING && random_chance(m->r, 50))
        json_put(m->w, "every", true);
    if (random_chance(m->r, 30))
        json_put(m->w, "or_after", (bool)random_chance(m->r, 80));
    if (random_chance(m->r, 30))
        json_put(m->w, "value", str_of(PICK(m->r, values)));
    retention_behind(m, kinds[unit], cells);
}

static void trend_out(struct maker *m)
{
    static const char *const figures[] = { "count",  "people", "per_person", "sum", "average",
                                           "median", "p75",    "p90",        "p95", "p99" };
    static const char *const props[] = { "amount", "quantity", "mixed", "absent" };
    static const char *const units[] = { "day", "week", "month", "hour" };
    static const enum period_unit kinds[] = { UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_HOUR };
    size_t figure = (size_t)rnd_below(m->r, COUNT(figures));
    report_out(m, 2);
    match_out(m, "of");
    json_put(m->w, "figure", str_of(figures[figure]));
    if (figure >= 3)
        json_put(m->w, "prop", str_of(PICK(m->r, props)));
    /* not thousands of points by the hour */
    size_t unit = (size_t)rnd_below(m->r, m->grid_ms > HOUR_MS ? 3 : 4);
    json_put(m->w, "unit", str_of(units[unit]));
    if (!behind_open(m))
        return;
    if (random_chance(m->r, 75))
        json_time(m->w, "period", period_new(m, kinds[unit], m->until));
    else if (random_chance(m->r, 50))
        json_raw(m->w, "period", STR_NONE);
    if (m->breakdowns) {
        json_list(m->w, "groups");
        for (size_t i = 0; i < m->breakdowns; i++)
            group_key_out(m, NULL, &m->said[i]);
        json_list_end(m->w);
    }
    json_close(m->w);
}

static void segment_out(struct maker *m)
{
    if (random_chance(m->r, 95))
        people_out(m, "people", 1);
    if (random_chance(m->r, 15)) {
        json_put(m->w, "person", (i64)rnd_below(m->r, 12) * 37 + 1);
        return;
    }
    if (random_chance(m->r, 25))
        json_put(m->w, "counts", (bool)random_chance(m->r, 90));
    if (random_chance(m->r, 15))
        json_put(m->w, "only", S("count"));
}

static void names_out(struct maker *m, const char *key, bool sets)
{
    size_t most = sets ? RANDOM_FAMILIES : RANDOM_ATTRS;
    size_t first = (size_t)rnd_below(m->r, most), n = 1 + (size_t)rnd_below(m->r, most);
    json_list(m->w, key);
    for (size_t i = 0; i < n; i++)
        json_put(m->w, NULL,
                 sets ? str_of(random_families[(first + i) % most])
                      : str_of(random_attrs[(first + i) % most].name));
    json_list_end(m->w);
}

static void traits_out(struct maker *m, uint64_t which)
{
    if (which != 1)
        names_out(m, "attrs", false);
    if (which != 2)
        names_out(m, "sets", true);
}

static void profile_out(struct maker *m)
{
    if (random_chance(m->r, 90))
        people_out(m, "people", 1);
    traits_out(m, rnd_below(m->r, 3));
}

static void overlap_out(struct maker *m)
{
    json_list(m->w, "of");
    for (uint64_t n = 1 + rnd_below(m->r, 4); n; n--)
        people_out(m, NULL, 2);
    json_list_end(m->w);
}

static void diagnosis_out(struct maker *m)
{
    bool in_order = random_chance(m->r, 75);
    report_out(m, 0);
    uint64_t steps = matches_out(m, "steps", 3);
    span_out(m, "window", span_new(m));
    json_put(m->w, "order", in_order ? S("in_order") : S("strict"));
    json_put(m->w, "entry", random_chance(m->r, 60) ? S("any") : S("first"));
    json_put(m->w, "step", (i64)(2 + rnd_below(m->r, steps - 1)));
    json_put(m->w, "cell_min", (i64)rnd_below(m->r, 3));
    if (random_chance(m->r, 60))
        traits_out(m, rnd_below(m->r, 3));
    if (in_order && random_chance(m->r, 20))
        exclude_out(m, steps);
}

static void cuts_out(struct maker *m)
{
    static const char *const figures[] = { "r", "f", "m" };
    json_open(m->w, "cuts");
    for (size_t i = 0; i < COUNT(figures); i++) {
        i64 cut = (i64)rnd_below(m->r, 3);
        if (random_chance(m->r, 40))
            continue;
        json_list(m->w, figures[i]);
        for (size_t k = 0; k < RFM_CUTS; k++, cut += (i64)rnd_below(m->r, 5))
            if (i == RFM_M)
                number_put(m, NULL, cut * 12345);
            else
                json_put(m->w, NULL, cut);
        json_list_end(m->w);
    }
    json_close(m->w);
}

static void rfm_question(struct maker *m)
{
    static const char *const figures[] = { "r", "f", "m" };
    report_out(m, 0);
    match_out(m, "of");
    if (random_chance(m->r, 75))
        json_put(m->w, "value", str_of(PICK(m->r, random_props).name));
    if (random_chance(m->r, 30))
        match_out(m, "refund");
    if (random_chance(m->r, 30))
        cuts_out(m);
    if (!behind_open(m))
        return;
    for (size_t i = 0; i < COUNT(figures); i++)
        if (random_chance(m->r, 40))
            json_put(m->w, figures[i], (i64)(1 + rnd_below(m->r, RFM_SCORE_MAX)));
    if (random_chance(m->r, 30))
        json_put(m->w, "class", str_of(rfm_class_key((int)rnd_below(m->r, RFM_CLASSES))));
    json_close(m->w);
}

str random_query(struct arena *a, struct rnd *r, instant now, i64 grid_ms)
{
    static const struct {
        const char *name;
        void (*out)(struct maker *m);
    } kinds[] = {
        { "segment", segment_out },     { "funnel", funnel_out },
        { "retention", retention_out }, { "trend", trend_out },
        { "life", life_out },           { "stickiness", stickiness_out },
        { "paths", paths_question },    { "attribution", attribution_question },
        { "paths", paths_question },    { "profile", profile_out },
        { "overlap", overlap_out },     { "diagnosis", diagnosis_out },
        { "rfm", rfm_question },
    };
    struct strbuf sb;
    strbuf_init(&sb, a, 1 << 20);
    struct json_writer w = json_writer(&sb);
    struct maker m = { .r = r, .w = &w, .now = now, .grid_ms = grid_ms, .leaves = 12 };
    size_t kind = (size_t)rnd_below(r, COUNT(kinds));
    json_open(&w, NULL);
    json_put(&w, "kind", str_of(kinds[kind].name));
    kinds[kind].out(&m);
    json_close(&w);
    json_done(&w);
    return strbuf_str(&sb);
}
