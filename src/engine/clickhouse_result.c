/* The rows of a question, read into what every executor answers. */
#include "base/base.h"
#include "base/time.h"
#include "engine/clickhouse_internal.h"

#define KEY_FIELDS 3

bool row_next(struct rows *r)
{
    if (!r->rest.len)
        return false;
    r->line = str_cut(&r->rest, '\n');
    return true;
}

str row_unescaped(struct arena *a, str s)
{
    static const char from[] = "nrt0bfa", to[] = "\n\r\t\0\b\f\a";
    if (str_find(s, '\\') == s.len)
        return s;
    char *text = arena_alloc(a, s.len);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '\\' && i + 1 < s.len) {
            c = s.ptr[++i];
            const char *known = memchr(from, c, sizeof from - 1);
            c = known ? to[known - from] : c;
        }
        text[len++] = c;
    }
    return (str) { text, len };
}

i64 row_i64(struct rows *r)
{
    i64 n = 0;
    if (!r->line.ptr || !str_to_i64(str_cut(&r->line, '\t'), &n))
        r->bad = true;
    return n;
}

static __int128 row_i128(struct rows *r)
{
    str text = str_cut(&r->line, '\t');
    bool minus = str_starts(text, S("-"));
    str digits = str_from(text, minus);
    __int128 n = 0;
    r->bad |= !digits.len || digits.len > 38;
    for (size_t i = 0; i < digits.len && !r->bad; i++) {
        r->bad |= digits.ptr[i] < '0' || digits.ptr[i] > '9';
        n = n * 10 + (digits.ptr[i] - '0');
    }
    return r->bad ? 0 : minus ? -n : n;
}

str row_text(struct rows *r)
{
    if (!r->line.ptr)
        r->bad = true;
    return row_unescaped(r->a, str_cut(&r->line, '\t'));
}

struct group_key row_key_of(struct rows *r, i64 kind, i64 number, str text)
{
    struct group_key key = { .there = kind != KIND_NONE };
    struct strbuf sb;
    if (kind == KIND_TEXT) {
        key.value = (struct value) { .kind = VALUE_TEXT, .text = text };
    } else if (kind == KIND_DAY) {
        strbuf_init(&sb, r->a, 32);
        out_day(&sb, (day) { number });
        key.value = (struct value) { .kind = VALUE_TEXT, .text = strbuf_str(&sb) };
    } else if (kind == KIND_BOOL || kind == KIND_NUMBER) {
        key.value.kind = kind == KIND_BOOL ? VALUE_BOOL : VALUE_NUMBER;
        key.value.number = number;
    } else if (kind != KIND_NONE) {
        r->bad = true;
    }
    return key;
}

struct group_key row_key(struct rows *r)
{
    i64 kind = row_i64(r), number = row_i64(r);
    return row_key_of(r, kind, number, row_text(r));
}

/* ---- groups ---- */

/* A row before it is counted: keys, what it is sorted by within its group, figures. */
struct counted {
    struct group_key keys[QUERY_BREAKDOWNS_MAX];
    i64 place[2];
    i64 figures[5];
    __int128 sum; /* of retention */
};

static int keys_compare(const struct counted *a, const struct counted *b)
{
    int order = group_key_compare(&a->keys[0], &b->keys[0]);
    return order ? order : group_key_compare(&a->keys[1], &b->keys[1]);
}

static int counted_compare(const void *pa, const void *pb)
{
    const struct counted *a = pa, *b = pb;
    int order = keys_compare(a, b);
    for (size_t i = 0; !order && i < COUNT(a->place); i++)
        order = a->place[i] < b->place[i] ? -1 : a->place[i] > b->place[i];
    return order;
}

struct group {
    const struct counted *rows;
    size_t count;
    i64 size;
};

static int group_compare(const void *pa, const void *pb)
{
    const struct group *a = pa, *b = pb;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return keys_compare(a->rows, b->rows);
}

typedef i64 group_size(const struct counted *row);

struct counted_list {
    struct counted *at;
    size_t n, cap;
};
struct group_list {
    struct group *at;
    size_t n, cap;
};

/* Rows of the same keys together, the largest group first. Without a breakdown there is one group,
 * even of nothing. */
static struct group_list groups_of(struct rows *r, struct counted_list *rows, group_size *size)
{
    struct group_list groups = { 0 };
    if (rows->n)
        qsort(rows->at, rows->n, sizeof *rows->at, counted_compare);
    for (size_t i = 0; i < rows->n; i++) {
        if (!i || keys_compare(&rows->at[i - 1], &rows->at[i]) != 0)
            *vec_push(r->a, &groups) = (struct group) { .rows = &rows->at[i] };
        groups.at[groups.n - 1].count++;
        groups.at[groups.n - 1].size += size(&rows->at[i]);
    }
    if (!groups.n && !r->q->breakdown_count)
        *vec_push(r->a, &groups) = (struct group) { 0 };
    else if (groups.n)
        qsort(groups.at, groups.n, sizeof *groups.at, group_compare);
    return groups;
}

/* ---- funnel: place is the step, figures are how many and three quartiles ---- */

static i64 funnel_size(const struct counted *row)
{
    return row->place[0] == 1 ? row->figures[0] : 0;
}

/* One entry at a time: of each person the first that begins once the one before is complete or its
 * window is over. `done` is the place of its last fact, which may begin the next. */
struct entry {
    struct group_key key;
    i64 person, start, done, times[QUERY_STEPS_MAX];
};
struct entry_list {
    struct entry *at;
    size_t n, cap;
};

static struct entry_list entries_chosen(struct rows *r)
{
    struct entry_list kept = { 0 };
    const struct funnel *f = &r->q->funnel;
    while (row_next(r)) {
        struct entry e = { .key = row_key(r) };
        const struct entry *last = kept.n ? &kept.at[kept.n - 1] : NULL;
        e.person = row_i64(r);
        e.start = row_i64(r);
        e.done = row_i64(r);
        for (size_t i = 0; i < f->step_count; i++)
            if (!str_to_i64(str_cut(&r->line, ','), &e.times[i]))
                r->bad = true;
        bool same = last && last->person == e.person &&
                    (r->q->breakdowns[0].kind == BREAKDOWN_PROP ||
                     group_key_compare(&last->key, &e.key) == 0);
        bool over = last && e.times[0] > last->times[0] + f->window_ms;
        bool complete = last && last->done && e.start >= last->done;
        if (!same || over || complete)
            *vec_push(r->a, &kept) = e;
    }
    return kept;
}

/* The row ClickHouse would have made of the entries of one group and step. */
static void entries_count(struct rows *r, const struct entry_list *entries,
                          struct counted_list *rows)
{
    size_t n = r->q->funnel.step_count;
    for (size_t i = 0; i < entries->n; i++)
        for (size_t step = 0; step <= n; step++) {
            const struct entry *e = &entries->at[i];
            if (!e->times[MIN(step, n - 1)])
                continue;
            struct counted *row = vec_push(r->a, rows);
            row->keys[0] = e->key;
            row->place[0] = (i64)step + 1;
            row->place[1] = step == n ? e->times[n - 1] - e->times[0]
                            : step    ? e->times[step] - e->times[step - 1]
                                      : 0;
        }
    if (!rows->n)
        return;
    qsort(rows->at, rows->n, sizeof *rows->at, counted_compare);
    size_t kept = 0;
    for (size_t i = 0, next; i < rows->n; i = next) {
        for (next = i; next < rows->n && !keys_compare(&rows->at[i], &rows->at[next]) &&
                       rows->at[next].place[0] == rows->at[i].place[0];)
            next++;
        struct counted row = rows->at[i];
        size_t count = next - i;
        row.figures[0] = (i64)count;
        for (size_t k = 1; k <= QUARTILES; k++)
            row.figures[k] = rows->at[i + count * k / 4].place[1];
        rows->at[kept++] = row;
    }
    rows->n = kept;
}

/* Of the entries that are chosen, those behind the bar. */
static enum err entries_behind(struct rows *r, struct result *ret)
{
    const struct behind *b = &r->q->behind;
    struct entry_list entries = entries_chosen(r);
    ret->people = NEW_N(r->a, i64, entries.n + 1);
    for (size_t i = 0; i < entries.n; i++) {
        const struct entry *e = &entries.at[i];
        bool before = b->step > 1 && e->times[b->step - 2], here = e->times[b->step - 1];
        if (group_key_compare(&e->key, &b->groups[0]) == 0 &&
            (b->stopped ? before && !here : here) &&
            (!ret->people_count || ret->people[ret->people_count - 1] != e->person))
            ret->people[ret->people_count++] = e->person;
    }
    return OK;
}

static enum err funnel_rows(struct rows *r, struct result *ret)
{
    const struct funnel *f = &r->q->funnel;
    struct counted_list rows = { 0 };
    if (f->count == COUNT_ENTRY && f->entry == ENTRY_FIRST) {
        struct entry_list entries = entries_chosen(r);
        entries_count(r, &entries, &rows);
    }
    while (row_next(r)) {
        struct counted *row = vec_push(r->a, &rows);
        row->keys[0] = row_key(r);
        row->place[0] = row_i64(r);
        for (size_t i = 0; i < 1 + QUARTILES; i++)
            row->figures[i] = row_i64(r);
    }
    struct group_list groups = groups_of(r, &rows, funnel_size);
    struct funnel_result *to = &ret->funnel;
    to->step_count = f->step_count;
    to->group_count = groups.n;
    to->groups = NEW_N(r->a, struct funnel_group, groups.n);
    for (size_t i = 0; i < groups.n; i++) {
        struct funnel_group *g = &to->groups[i];
        for (size_t k = 0; k < QUARTILES; k++) {
            g->total_ms[k] = NONE;
            for (size_t step = 0; step < QUERY_STEPS_MAX; step++)
                g->quartile_ms[step][k] = NONE;
        }
        for (const struct counted *row = groups.at[i].rows;
             row < groups.at[i].rows + groups.at[i].count; row++) {
            size_t step = (size_t)row->place[0] - 1;
            g->key = row->keys[0];
            if (step > f->step_count) {
                r->bad = true;
                break;
            }
            if (step < f->step_count)
                g->reached[step] = row->figures[0];
            if (f->order == ORDER_ANY || !step)
                continue;
            memcpy(step < f->step_count ? g->quartile_ms[step] : g->total_ms, &row->figures[1],
                   sizeof g->total_ms);
        }
    }
    return OK;
}

/* ---- retention: places are the cohort and the cell, figures are people and the sum ---- */

static i64 retention_size(const struct counted *row)
{
    return row->place[1] == -1 ? row->figures[0] : 0;
}

/* What the cells of a cohort, and of all, come to; shown when they are complete. */
struct cell_sums {
    __int128 *own, *all;
};

static void cohort_finish(struct rows *r, const struct retention_plan *plan, size_t number,
                          struct cohort *c, struct cohort *overall, struct cell_sums *sums)
{
    for (size_t i = plan->cells; r->q->retention.or_after && i-- > 1;)
        sums->own[i - 1] += sums->own[i];
    for (size_t i = 0; i < plan->cells; i++) {
        c->cells[i] = sum_shown(sums->own[i]);
        if (retention_complete(r->q, plan, r->now, number, i)) {
            c->base[i] = c->people;
            sums->all[i] += sums->own[i];
            overall->cells[i] = sum_shown(sums->all[i]);
            overall->base[i] += c->people;
        }
        sums->own[i] = 0;
    }
    overall->people += c->people;
}

static struct cohort cohort_new(struct rows *r, const struct retention_plan *plan, day start)
{
    return (struct cohort) { .start = start,
                             .cells = NEW_N(r->a, i64, plan->cells),
                             .base = NEW_N(r->a, i64, plan->cells) };
}

static void retention_group(struct rows *r, const struct retention_plan *plan,
                            const struct group *from, struct retention_group *to)
{
    VEC(struct cohort) cohorts = { 0 };
    struct cell_sums sums = { NEW_N(r->a, __int128, plan->cells),
                              NEW_N(r->a, __int128, plan->cells) };
    i64 number = -1;
    to->overall = cohort_new(r, plan, (day) { NONE });
    for (const struct counted *row = from->rows; row < from->rows + from->count; row++) {
        i64 cohort = row->place[0], cell = row->place[1];
        to->key = row->keys[0];
        if (cohort < 0 || cohort >= (i64)plan->cohorts || cell >= (i64)plan->cells) {
            r->bad = true;
            return;
        }
        if (cohort != number) {
            if (number >= 0)
                cohort_finish(r, plan, (size_t)number, &cohorts.at[cohorts.n - 1], &to->overall,
                              &sums);
            number = cohort;
            *vec_push(r->a, &cohorts) = cohort_new(r, plan, day_of(plan->starts[cohort]));
        }
        struct cohort *c = &cohorts.at[cohorts.n - 1];
        if (cell < 0)
            c->people = row->figures[0];
        else
            sums.own[cell] = r->q->retention.value.len ? row->sum : row->figures[0];
    }
    if (number >= 0)
        cohort_finish(r, plan, (size_t)number, &cohorts.at[cohorts.n - 1], &to->overall, &sums);
    to->cohorts = cohorts.at;
    to->cohort_count = cohorts.n;
}

static enum err retention_rows(struct rows *r, struct result *ret)
{
    struct counted_list rows = { 0 };
    struct retention_plan plan;
    retention_periods(r->a, r->q, &plan);
    while (row_next(r)) {
        struct counted *row = vec_push(r->a, &rows);
        row->keys[0] = row_key(r);
        row->place[0] = row_i64(r);
        row->place[1] = row_i64(r);
        row->figures[0] = row_i64(r);
        row->sum = row_i128(r);
    }
    struct group_list groups = groups_of(r, &rows, retention_size);
    struct retention_result *to = &ret->retention;
    to->cell_count = plan.cells;
    to->group_count = groups.n;
    to->groups = NEW_N(r->a, struct retention_group, groups.n);
    for (size_t i = 0; i < groups.n; i++)
        retention_group(r, &plan, &groups.at[i], &to->groups[i]);
    return OK;
}

/* ---- trend: place is the period, figures as of a point ---- */

static i64 trend_size(const struct counted *row)
{
    return row->place[0] == -1 ? row->figures[0] : 0;
}

static void point_fill(const struct rows *r, const struct counted *row, struct trend_point *to)
{
    to->count = row->figures[0];
    to->people = row->figures[1];
    to->sum = row->figures[2];
    to->numbers = row->figures[3];
    if (r->q->trend.figure == FIGURE_QUANTILE && to->numbers)
        to->quantile = row->figures[4];
}

static enum err trend_rows(struct rows *r, struct result *ret)
{
    struct counted_list rows = { 0 };
    instant *starts;
    size_t count;
    periods_of(r->a, r->q->trend.unit, r->q->since, r->q->until, &starts, &count);
    while (row_next(r)) {
        struct counted *row = vec_push(r->a, &rows);
        row->keys[0] = row_key(r);
        row->keys[1] = row_key(r);
        row->place[0] = row_i64(r);
        for (size_t i = 0; i < COUNT(row->figures); i++)
            row->figures[i] = row_i64(r);
    }
    struct group_list groups = groups_of(r, &rows, trend_size);
    ret->trend.point_count = count;
    ret->trend.group_count = groups.n;
    ret->trend.groups = NEW_N(r->a, struct trend_group, groups.n);
    for (size_t i = 0; i < groups.n; i++) {
        struct trend_group *g = &ret->trend.groups[i];
        g->points = NEW_N(r->a, struct trend_point, count);
        g->total = (struct trend_point) { .start = starts[0], .quantile = NONE };
        for (size_t k = 0; k < count; k++)
            g->points[k] = (struct trend_point) { .start = starts[k], .quantile = NONE };
        for (const struct counted *row = groups.at[i].rows;
             row < groups.at[i].rows + groups.at[i].count; row++) {
            memcpy(g->keys, row->keys, sizeof g->keys);
            if (row->place[0] < -1 || row->place[0] >= (i64)count)
                r->bad = true;
            else
                point_fill(r, row, row->place[0] < 0 ? &g->total : &g->points[row->place[0]]);
        }
    }
    return OK;
}

enum err clickhouse_result(struct arena *a, const struct query *q, instant now, str rows,
                           struct result *ret)
{
    static enum err (*const readers[QUERY_KINDS])(struct rows *, struct result *) = {
        [QUERY_SEGMENT] = segment_rows,     [QUERY_FUNNEL] = funnel_rows,
        [QUERY_RETENTION] = retention_rows, [QUERY_TREND] = trend_rows,
        [QUERY_LIFE] = activity_rows,       [QUERY_STICKINESS] = activity_rows,
        [QUERY_PATHS] = paths_rows,         [QUERY_ATTRIBUTION] = attribution_rows,
        [QUERY_DIAGNOSIS] = diagnosis_rows, [QUERY_PROFILE] = profile_rows,
        [QUERY_OVERLAP] = overlap_rows,     [QUERY_RFM] = rfm_rows,
    };
    struct rows r = { .a = a, .q = q, .now = now, .rest = rows };
    struct result read = { .kind = query_answer(q) };
    bool chosen =
        q->kind == QUERY_FUNNEL && q->funnel.count == COUNT_ENTRY && q->funnel.entry == ENTRY_FIRST;
    enum query_kind kind = q->kind == QUERY_RFM ? QUERY_RFM : read.kind; /* behind it, too */
    TRY((q->behind.asked && chosen ? entries_behind : readers[kind])(&r, &read));
    if (r.bad)
        return ERR_INVALID;
    *ret = read;
    return OK;
}
