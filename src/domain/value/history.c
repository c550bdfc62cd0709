/* What is known of people's purchases, read in the order of their numbers. */
#include "base/time.h"
#include "domain/value/internal.h"

#include "value.sql.h"

#define PAGE 10000

enum err value_orders(struct ctx *cx, instant after, instant upto, value_each_order *each,
                      void *arg)
{
    i64 customer = 0;
    instant at = { 0 };
    for (size_t page = PAGE; page == PAGE;) {
        struct rows r CLEANUP(rows_close) = { 0 };
        TRY(sql_query(cx, value_orders, &r, V(customer), V(at.ms), V(after.ms), V(upto), V(PAGE)));
        for (page = 0; rows_next(&r); page++) {
            customer = col_id(&r, 0);
            at.ms = col_i64(&r, 1);
            TRY(each(arg, customer, at, col_i64(&r, 2)));
        }
        TRY(rows_end(&r));
    }
    return OK;
}

static enum err add_order(void *arg, i64 customer, instant at, i64 fen)
{
    struct value_people *p = arg;
    int32_t today = (int32_t)day_of(at).n;
    struct value_history *h = p->n ? &p->at[p->n - 1] : NULL;
    if (!h || h->customer != customer) {
        if (p->n == p->cap) {
            p->cap = MAX(p->cap * 2, PAGE);
            p->at = xrealloc(p->at, p->cap * sizeof *p->at);
        }
        h = &p->at[p->n++];
        *h = (struct value_history) { .customer = customer, .first_ms = at.ms, .first = today };
    }
    if (!h->days || h->last != today)
        h->days++;
    h->last = today;
    h->last_ms = at.ms;
    return __builtin_add_overflow(h->net_fen, fen, &h->net_fen) ? ERR_OUT_OF_RANGE : OK;
}

static enum err subtract_refunds(struct ctx *cx, instant upto, struct value_people *p)
{
    i64 after = 0;
    size_t at = 0;
    for (size_t page = PAGE; page == PAGE;) {
        struct rows r CLEANUP(rows_close) = { 0 };
        TRY(sql_query(cx, value_refunds, &r, V(after), V(upto), V(PAGE)));
        for (page = 0; rows_next(&r); page++) {
            after = col_id(&r, 0);
            while (at < p->n && p->at[at].customer < after)
                at++;
            if (at == p->n || p->at[at].customer != after)
                continue; /* gave something back and never ordered, as far as is known */
            if (__builtin_sub_overflow(p->at[at].net_fen, col_i64(&r, 1), &p->at[at].net_fen))
                return fail(cx, ERR_OUT_OF_RANGE, NULL);
        }
        TRY(rows_end(&r));
    }
    return OK;
}

static enum err drop_erased(struct ctx *cx, struct value_people *p)
{
    i64 after = 0;
    size_t from = 0, kept = 0;
    for (size_t page = PAGE; page == PAGE;) {
        struct rows r CLEANUP(rows_close) = { 0 };
        TRY(sql_query(cx, value_erased, &r, V(after), V(PAGE)));
        for (page = 0; rows_next(&r); page++) {
            after = col_id(&r, 0);
            while (from < p->n && p->at[from].customer < after)
                p->at[kept++] = p->at[from++];
            from += from < p->n && p->at[from].customer == after;
        }
        TRY(rows_end(&r));
    }
    while (from < p->n)
        p->at[kept++] = p->at[from++];
    p->n = kept;
    return OK;
}

enum err value_people_load(struct ctx *cx, instant upto, struct value_people *ret)
{
    ret->n = 0; /* an attempt before this one may have failed */
    TRY(value_orders(cx, (instant) { 0 }, upto, add_order, ret));
    TRY(subtract_refunds(cx, upto, ret));
    return drop_erased(cx, ret);
}
