/* The rows of profile, overlap and diagnosis. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"

/* A row of values: the place of its name, the value, two counts. */
struct trait_row {
    i64 name;
    struct trait_count count;
};
struct trait_rows {
    struct trait_row *at;
    size_t n, cap;
};

static struct trait_row row_read(struct rows *r)
{
    struct trait_row row = { .name = row_i64(r) };
    row.count.value = row_key(r).value;
    row.count.first = row_i64(r);
    row.count.second = row_i64(r);
    return row;
}

static int by_name(const void *pa, const void *pb)
{
    const struct trait_row *a = pa, *b = pb;
    if (a->name != b->name)
        return a->name < b->name ? -1 : 1;
    return group_key_compare(&(struct group_key) { true, a->count.value },
                             &(struct group_key) { true, b->count.value });
}

static struct traits_result traits_of(struct rows *r, const struct traits *t,
                                      struct trait_rows *rows)
{
    struct traits_result ret = { NEW_N(r->a, struct trait_count, rows->n), 0 };
    if (rows->n)
        qsort(rows->at, rows->n, sizeof *rows->at, by_name);
    for (size_t i = 0; i < rows->n; i++) {
        struct trait_count *to = &ret.at[ret.count++];
        size_t name = (size_t)rows->at[i].name;
        if (name >= t->attrs.count + t->sets.count) {
            r->bad = true;
            return ret;
        }
        *to = rows->at[i].count;
        to->set = name >= t->attrs.count;
        to->name = to->set ? t->sets.at[name - t->attrs.count] : t->attrs.at[name];
    }
    return ret;
}

enum err profile_rows(struct rows *r, struct result *ret)
{
    struct trait_rows rows = { 0 };
    while (row_next(r)) {
        struct trait_row row = row_read(r);
        if (row.name == -1) {
            ret->profile.people = row.count.first;
            ret->profile.all = row.count.second;
        } else {
            *vec_push(r->a, &rows) = row;
        }
    }
    ret->profile.traits = traits_of(r, &r->q->profile.traits, &rows);
    return OK;
}

enum err overlap_rows(struct rows *r, struct result *ret)
{
    size_t count = r->q->overlap.count;
    if (!row_next(r))
        return ERR_INVALID;
    i64 any = row_i64(r);
    struct number_list both = numbers_read(r, row_text(r));
    if (both.n != count * count)
        return ERR_INVALID;
    ret->overlap = (struct overlap_result) { count, both.at, any };
    return OK;
}

static int by_type(const void *pa, const void *pb)
{
    return str_cmp(((const struct event_count *)pa)->type, ((const struct event_count *)pb)->type);
}

enum err diagnosis_rows(struct rows *r, struct result *ret)
{
    struct diagnosis_result *d = &ret->diagnosis;
    struct trait_rows rows = { 0 };
    VEC(struct event_count) events = { 0 };
    while (row_next(r)) {
        struct trait_row row = row_read(r);
        if (row.name == -1) {
            d->went_on = row.count.first;
            d->stopped = row.count.second;
        } else if (row.name == -2) {
            *vec_push(r->a, &events) =
                (struct event_count) { row.count.value.text, row.count.first, row.count.second };
        } else {
            *vec_push(r->a, &rows) = row;
        }
    }
    if (events.n)
        qsort(events.at, events.n, sizeof *events.at, by_type);
    d->events = events.at;
    d->event_count = events.n;
    d->traits = traits_of(r, &r->q->diagnosis.traits, &rows);
    return OK;
}
