#include "engine/result.h"

#include "base/base.h"
#include "base/time.h"
#include "engine/activity.h"
#include "engine/credit.h"
#include "engine/paths.h"

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

void out_result(struct strbuf *sb, const struct query *q, const struct result *r)
{
    struct json_writer w = json_writer(sb);
    bool groups =
        r->kind != QUERY_SEGMENT && r->kind != QUERY_PATHS && r->kind != QUERY_ATTRIBUTION;
    json_open(&w, NULL);
    if (groups)
        json_list(&w, "groups");
    switch (r->kind) {
    case QUERY_SEGMENT: json_put(&w, "people", (i64)r->people_count); break;
    case QUERY_FUNNEL: funnel_out(&w, q, &r->funnel); break;
    case QUERY_RETENTION: retention_out(&w, q, &r->retention); break;
    case QUERY_TREND: trend_out(&w, q, &r->trend); break;
    case QUERY_LIFE:
    case QUERY_STICKINESS: activity_out(&w, q, &r->activity); break;
    case QUERY_PATHS: paths_out(&w, q, &r->paths); break;
    case QUERY_ATTRIBUTION: credit_out(&w, q, &r->attribution); break;
    case QUERY_KINDS: break;
    }
    if (groups)
        json_list_end(&w);
    json_close(&w);
    json_done(&w);
}
