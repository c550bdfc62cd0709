#include "engine/result.h"

#include "base/base.h"
#include "base/time.h"
#include "engine/activity.h"
#include "engine/credit.h"
#include "engine/paths.h"
#include "engine/rfm_cells.h"

#define PERIODS_MAX 200000 /* hours of more than 20 years */

int group_key_compare(const struct group_key *a, const struct group_key *b)
{
    /* false and true before numbers before texts */
    static const int rank[] = { [VALUE_BOOL] = 0, [VALUE_NUMBER] = 1, [VALUE_TEXT] = 2 };
    if (!a->there || !b->there)
        return (int)a->there - (int)b->there;
    if (a->value.kind != b->value.kind)
        return rank[a->value.kind] - rank[b->value.kind];
    if (a->value.kind == VALUE_TEXT)
        return str_cmp(a->value.text, b->value.text);
    return a->value.number < b->value.number ? -1 : a->value.number > b->value.number;
}

instant period_start(enum period_unit unit, instant t)
{
    day d = day_of(t);
    int year, month, of_month;
    switch (unit) {
    case UNIT_HOUR: {
        struct civil c = civil_of(t);
        return (instant) { t.ms - c.minute * MINUTE_MS - c.second * SECOND_MS - c.ms };
    }
    case UNIT_WEEK: d.n -= day_weekday(d); break;
    case UNIT_MONTH:
        day_to_ymd(d, &year, &month, &of_month);
        d.n -= of_month - 1;
        break;
    case UNIT_DAY:
    case UNIT_ROLLING: break;
    }
    return day_start(d);
}

static instant period_next(enum period_unit unit, instant start)
{
    day d = day_of(start);
    int year, month, of_month;
    switch (unit) {
    case UNIT_HOUR: return (instant) { start.ms + HOUR_MS };
    case UNIT_WEEK: d.n += 7; break;
    case UNIT_MONTH:
        day_to_ymd(d, &year, &month, &of_month);
        d.n += month_days(year, month);
        break;
    case UNIT_DAY:
    case UNIT_ROLLING: d.n++; break;
    }
    return day_start(d);
}

void periods_of(struct arena *a, enum period_unit unit, instant since, instant until, instant **ret,
                size_t *ret_count)
{
    VEC(instant) starts = { 0 };
    instant t = period_start(unit, since);
    for (; t.ms < until.ms && starts.n < PERIODS_MAX; t = period_next(unit, t))
        *vec_push(a, &starts) = t;
    *vec_push(a, &starts) = t;
    *ret = starts.at;
    *ret_count = starts.n - 1;
}

size_t period_at(const instant *starts, size_t count, i64 ms)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (starts[mid].ms <= ms)
            low = mid;
        else
            high = mid;
    }
    return low;
}

void period_table_make(struct arena *a, const instant *starts, size_t count,
                       struct period_table *ret)
{
    struct period_table t = { .starts = starts };
    i64 shortest = count ? INT64_MAX : 1, length = count ? starts[count].ms - starts[0].ms : 0;
    for (size_t i = 0; i < count; i++)
        shortest = MIN(shortest, starts[i + 1].ms - starts[i].ms);
    while (shortest >> (t.shift + 1))
        t.shift++;
    size_t pieces = (size_t)(length >> t.shift) + 1;
    t.first = NEW_N(a, uint32_t, pieces);
    for (size_t i = 0; i < pieces; i++)
        t.first[i] = (uint32_t)period_at(starts, count, starts[0].ms + ((i64)i << t.shift));
    *ret = t;
}

void number_out(struct json_writer *w, const char *key, i64 thousandths)
{
    char text[32];
    uint64_t size = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
    if (thousandths == NONE) {
        json_raw(w, key, STR_NONE);
        return;
    }
    int len = snprintf(text, sizeof text, "%s%llu", thousandths < 0 ? "-" : "",
                       (unsigned long long)(size / QUERY_NUMBER_SCALE));
    if (size % QUERY_NUMBER_SCALE)
        len += snprintf(text + len, sizeof text - (size_t)len, ".%03llu",
                        (unsigned long long)(size % QUERY_NUMBER_SCALE));
    json_raw(w, key, (str) { text, (size_t)len });
}

void key_out(struct json_writer *w, const char *name, const struct group_key *key)
{
    if (!key->there)
        json_raw(w, name, STR_NONE);
    else if (key->value.kind == VALUE_TEXT)
        json_put(w, name, key->value.text);
    else if (key->value.kind == VALUE_BOOL)
        json_put(w, name, (bool)key->value.number);
    else
        number_out(w, name, key->value.number);
}

static void times_out(struct json_writer *w, const char *key, const i64 ms[QUARTILES])
{
    json_list(w, key);
    for (size_t i = 0; i < QUARTILES; i++)
        json_val(w, NULL, ms[i] == NONE ? val_null() : val_i64(ms[i]));
    json_list_end(w);
}

static void funnel_out(struct json_writer *w, const struct query *q, const struct funnel_result *f)
{
    bool timed = q->funnel.order != ORDER_ANY;
    for (const struct funnel_group *g = f->groups; g < f->groups + f->group_count; g++) {
        json_open(w, NULL);
        if (q->breakdown_count)
            key_out(w, "key", &g->key);
        json_list(w, "steps");
        for (size_t i = 0; i < f->step_count; i++) {
            json_open(w, NULL);
            json_put(w, "reached", g->reached[i]);
            if (i && timed)
                times_out(w, "quartiles_ms", g->quartile_ms[i]);
            json_close(w);
        }
        json_list_end(w);
        if (timed)
            times_out(w, "total_ms", g->total_ms);
        json_close(w);
    }
}

static void cohort_out(struct json_writer *w, const char *key, const struct query *q, size_t cells,
                       const struct cohort *c)
{
    json_open(w, key);
    if (c->start.n != NONE)
        json_day(w, "start", c->start);
    json_put(w, "people", c->people);
    json_list(w, "cells");
    for (size_t i = 0; i < cells; i++)
        if (q->retention.value.len)
            number_out(w, NULL, c->cells[i]);
        else
            json_put(w, NULL, c->cells[i]);
    json_list_end(w);
    json_list(w, "base");
    for (size_t i = 0; i < cells; i++)
        json_put(w, NULL, c->base[i]);
    json_list_end(w);
    json_close(w);
}

static void retention_out(struct json_writer *w, const struct query *q,
                          const struct retention_result *r)
{
    for (const struct retention_group *g = r->groups; g < r->groups + r->group_count; g++) {
        json_open(w, NULL);
        if (q->breakdown_count)
            key_out(w, "key", &g->key);
        cohort_out(w, "overall", q, r->cell_count, &g->overall);
        json_list(w, "cohorts");
        for (size_t i = 0; i < g->cohort_count; i++)
            cohort_out(w, NULL, q, r->cell_count, &g->cohorts[i]);
        json_list_end(w);
        json_close(w);
    }
}

static void point_out(struct json_writer *w, const char *key, const struct query *q,
                      const struct trend_point *p)
{
    json_open(w, key);
    json_time(w, "start", p->start);
    json_put(w, "count", p->count);
    json_put(w, "people", p->people);
    if (q->trend.prop.len) {
        number_out(w, "sum", p->sum);
        json_put(w, "numbers", p->numbers);
    }
    if (q->trend.figure == FIGURE_QUANTILE)
        number_out(w, "quantile", p->quantile);
    json_close(w);
}

static void trend_out(struct json_writer *w, const struct query *q, const struct trend_result *t)
{
    for (const struct trend_group *g = t->groups; g < t->groups + t->group_count; g++) {
        json_open(w, NULL);
        json_list(w, "keys");
        for (size_t i = 0; i < q->breakdown_count; i++)
            key_out(w, NULL, &g->keys[i]);
        json_list_end(w);
        point_out(w, "total", q, &g->total);
        json_list(w, "points");
        for (size_t i = 0; i < t->point_count; i++)
            point_out(w, NULL, q, &g->points[i]);
        json_list_end(w);
        json_close(w);
    }
}

struct two_by_two event_table(const struct diagnosis_result *d, const struct event_count *e)
{
    return (struct two_by_two) { .both = e->went_on,
                                 .first_only = d->went_on - e->went_on,
                                 .second_only = e->stopped,
                                 .neither = d->stopped - e->stopped };
}

struct two_by_two trait_table(const struct diagnosis_result *d, const struct trait_count *t)
{
    return (struct two_by_two) { .both = t->second,
                                 .first_only = d->stopped - t->second,
                                 .second_only = t->first,
                                 .neither = d->went_on - t->first };
}

static void real_out(struct json_writer *w, const char *key, double value)
{
    char text[64];
    snprintf(text, sizeof text, "%.6g", value);
    json_raw(w, key, str_of(text));
}

/* Nothing where there are too few people. */
static void association_out(struct json_writer *w, struct two_by_two table, i64 cell_min)
{
    struct association a;
    if (association_of(&table, cell_min, &a) != OK || !a.enough)
        return;
    real_out(w, "phi", a.phi);
    real_out(w, "odds", a.odds_ratio);
    real_out(w, "odds_low", a.low);
    real_out(w, "odds_high", a.high);
}

static void trait_out(struct json_writer *w, const struct trait_count *t,
                      const char *const names[2])
{
    json_put(w, t->set ? "set" : "attr", t->name);
    key_out(w, "value", &(struct group_key) { true, t->value });
    json_put(w, names[0], t->first);
    json_put(w, names[1], t->second);
}

static void profile_out(struct json_writer *w, const struct profile_result *p)
{
    static const char *const names[] = { "people", "all" };
    json_put(w, "people", p->people);
    json_put(w, "all", p->all);
    json_list(w, "values");
    for (size_t i = 0; i < p->traits.count; i++) {
        json_open(w, NULL);
        trait_out(w, &p->traits.at[i], names);
        json_close(w);
    }
    json_list_end(w);
}

static void overlap_out(struct json_writer *w, const struct overlap_result *o)
{
    json_put(w, "any", o->any);
    json_list(w, "both");
    for (size_t i = 0; i < o->count; i++) {
        json_list(w, NULL);
        for (size_t k = 0; k < o->count; k++)
            json_put(w, NULL, o->both[i * o->count + k]);
        json_list_end(w);
    }
    json_list_end(w);
}

static void diagnosis_out(struct json_writer *w, const struct query *q,
                          const struct diagnosis_result *d)
{
    static const char *const names[] = { "went_on", "stopped" };
    json_put(w, "went_on", d->went_on);
    json_put(w, "stopped", d->stopped);
    json_list(w, "events");
    for (size_t i = 0; i < d->event_count; i++) {
        json_open(w, NULL);
        json_put(w, "event", d->events[i].type);
        json_put(w, "went_on", d->events[i].went_on);
        json_put(w, "stopped", d->events[i].stopped);
        association_out(w, event_table(d, &d->events[i]), q->diagnosis.cell_min);
        json_close(w);
    }
    json_list_end(w);
    json_list(w, "values");
    for (size_t i = 0; i < d->traits.count; i++) {
        json_open(w, NULL);
        trait_out(w, &d->traits.at[i], names);
        association_out(w, trait_table(d, &d->traits.at[i]), q->diagnosis.cell_min);
        json_close(w);
    }
    json_list_end(w);
}

static void node_out(struct json_writer *w, const struct node_why *n)
{
    json_open(w, NULL);
    json_put(w, "holds", n->holds);
    switch (n->shown) {
    case NODE_BARE: break;
    case NODE_ABSENT: json_raw(w, "value", STR_NONE); break;
    case NODE_VALUE: key_out(w, "value", &(struct group_key) { true, n->value }); break;
    case NODE_AVERAGE:
        number_out(w, "sum", n->value.number);
        json_put(w, "numbers", n->of);
        break;
    case NODE_DAY: json_day(w, "value", (day) { n->value.number }); break;
    case NODE_TIME: json_time(w, "value", (instant) { n->value.number }); break;
    case NODE_TEXTS:
        json_list(w, "value");
        for (size_t i = 0; i < n->text_count; i++)
            json_put(w, NULL, n->texts[i]);
        json_list_end(w);
        break;
    }
    json_close(w);
}

static void segment_out(struct json_writer *w, const struct query *q, const struct result *r)
{
    bool segment = q->kind == QUERY_SEGMENT;
    if (segment && q->segment.person) {
        json_put(w, "there", r->why.there);
        json_list(w, "nodes");
        for (size_t i = 0; i < r->why.node_count; i++)
            node_out(w, &r->why.nodes[i]);
        json_list_end(w);
        return;
    }
    json_put(w, "people", (i64)r->people_count);
    if (!segment || !q->segment.counts)
        return;
    json_list(w, "nodes");
    for (size_t i = 0; i < r->node_count; i++)
        json_put(w, NULL, r->node_counts[i]);
    json_list_end(w);
}

static void groups_out(struct json_writer *w, const struct query *q, const struct result *r)
{
    json_list(w, "groups");
    if (r->kind == QUERY_FUNNEL)
        funnel_out(w, q, &r->funnel);
    else if (r->kind == QUERY_RETENTION)
        retention_out(w, q, &r->retention);
    else if (r->kind == QUERY_TREND)
        trend_out(w, q, &r->trend);
    else
        activity_out(w, q, &r->activity);
    json_list_end(w);
}

void out_result(struct strbuf *sb, const struct query *q, const struct result *r)
{
    struct json_writer w = json_writer(sb);
    json_open(&w, NULL);
    switch (r->kind) {
    case QUERY_SEGMENT: segment_out(&w, q, r); break;
    case QUERY_PATHS: paths_out(&w, q, &r->paths); break;
    case QUERY_ATTRIBUTION: credit_out(&w, q, &r->attribution); break;
    case QUERY_DIAGNOSIS: diagnosis_out(&w, q, &r->diagnosis); break;
    case QUERY_PROFILE: profile_out(&w, &r->profile); break;
    case QUERY_OVERLAP: overlap_out(&w, &r->overlap); break;
    case QUERY_RFM: rfm_out(&w, &r->rfm); break;
    case QUERY_FUNNEL:
    case QUERY_RETENTION:
    case QUERY_TREND:
    case QUERY_LIFE:
    case QUERY_STICKINESS: groups_out(&w, q, r); break;
    case QUERY_KINDS: break;
    }
    json_close(&w);
    json_done(&w);
}
