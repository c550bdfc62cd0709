/* Asking one person. */
#include "domain/condition/internal.h"

#include <math.h>

#include "base/time.h"

#include "condition.sql.h"

/* A value looked at: none, a text, or a number in the leaf's unit. */
struct seen {
    bool any;
    str text;
    f64 number;
    const struct json *list;
};

struct profile {
    customer_id customer;
    struct seen figures[FIG_COUNT];
    const struct json *attrs;
    i64 *tags;
    size_t tag_count;
    bool tags_loaded;
};

static void text_figure(struct ctx *cx, struct profile *p, enum figure f, const struct rows *r,
                        int column)
{
    str s = arena_str(cx->arena, col_str(r, column));
    p->figures[f] = (struct seen) { .any = s.ptr != NULL, .text = s };
}

static void number_figure(struct profile *p, enum figure f, const struct rows *r, int column,
                          bool zero)
{
    i64 n = col_i64(r, column);
    p->figures[f] = (struct seen) { .any = n != NONE || zero, .number = n == NONE ? 0 : (f64)n };
}

enum err profile_open(struct ctx *cx, customer_id customer, struct profile **ret)
{
    static const enum figure texts[] = { FIG_NAME, FIG_GENDER, FIG_CITY, FIG_CHANNEL, FIG_STAGE };
    static const enum figure numbers[] = { FIG_DEPARTMENT, FIG_STAFF, FIG_BIRTHDAY,
                                           FIG_JOINED,     FIG_SEEN,  FIG_STAGE_SINCE };
    static const enum figure orders[] = { FIG_ORDER_COUNT, FIG_ORDER_FEN,    FIG_ORDER_FIRST,
                                          FIG_ORDER_LAST,  FIG_REFUND_COUNT, FIG_REFUND_FEN };
    static const enum figure scores[] = { FIG_RFM_R, FIG_RFM_F, FIG_RFM_M, FIG_RFM_TOTAL };
    struct rows r CLEANUP(rows_close) = { 0 };
    struct json_error bad;
    struct profile *p = NEW(cx->arena, struct profile);
    p->customer = customer;
    TRY(sql_query(cx, profile_customer, &r, ID(customer)));
    bool any = rows_next(&r);
    for (int i = 0; any && i < (int)COUNT(texts); i++)
        text_figure(cx, p, texts[i], &r, i);
    for (int i = 0; any && i < (int)COUNT(numbers); i++)
        number_figure(p, numbers[i], &r, 5 + i, false);
    if (any)
        p->attrs = json_read(cx->arena, arena_str(cx->arena, col_str(&r, 11)), &bad);
    for (int i = 0; any && i < (int)COUNT(orders); i++)
        number_figure(p, orders[i], &r, 12 + i,
                      orders[i] != FIG_ORDER_FIRST && orders[i] != FIG_ORDER_LAST);
    if (any) {
        text_figure(cx, p, FIG_RFM_TIER, &r, 18);
        text_figure(cx, p, FIG_RFM_CLASS, &r, 19);
    }
    for (int i = 0; any && i < (int)COUNT(scores); i++)
        number_figure(p, scores[i], &r, 20 + i, false);
    TRY(rows_end(&r));
    if (!any)
        return fail(cx, ERR_NOT_FOUND, NULL);
    f64 count = p->figures[FIG_ORDER_COUNT].number;
    if (count > 0)
        p->figures[FIG_ORDER_AVERAGE] =
            (struct seen) { .any = true,
                            .number = trunc(p->figures[FIG_ORDER_FEN].number / count) };
    *ret = p;
    return OK;
}

static void sooner(instant *next, f64 at_ms, instant now)
{
    if (next && at_ms > (f64)now.ms && (!next->ms || at_ms < (f64)next->ms))
        next->ms = (i64)at_ms;
}

static enum err look_tags(struct ctx *cx, struct profile *p)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(i64) ids = { 0 };
    if (p->tags_loaded)
        return OK;
    TRY(sql_query(cx, profile_tags, &r, ID(p->customer)));
    while (rows_next(&r))
        *vec_push(cx->arena, &ids) = col_id(&r, 0);
    p->tags = ids.at;
    p->tag_count = ids.n;
    p->tags_loaded = true;
    return rows_end(&r);
}

enum err profile_has_tag(struct ctx *cx, struct profile *p, i64 tag, bool *ret)
{
    bool has = false;
    TRY(look_tags(cx, p));
    for (size_t i = 0; i < p->tag_count; i++)
        has = has || p->tags[i] == tag;
    *ret = has;
    return OK;
}

void profile_tags_changed(struct profile *p)
{
    p->tags_loaded = false;
}

/* Orders or refunds of the window; the answer may change when the oldest of them leaves it. */
static enum err look_window(struct ctx *cx, const struct leaf *l, const struct profile *p, i64 from,
                            i64 to, struct seen *ret, instant *next)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    enum figure f = figure_of(l);
    if (f == FIG_REFUND_COUNT || f == FIG_REFUND_FEN)
        TRY(sql_query(cx, profile_refunds_within, &r, ID(p->customer), V(from), V(to)));
    else
        TRY(sql_query(cx, profile_orders_within, &r, ID(p->customer), V(from), V(to)));
    bool any = rows_next(&r);
    i64 count = any ? col_i64(&r, 0) : 0, fen = any ? col_i64(&r, 1) : 0,
        oldest = any ? col_i64(&r, 2) : NONE;
    TRY(rows_end(&r));
    bool average = f == FIG_ORDER_AVERAGE;
    *ret = (struct seen) { .any = !average || count > 0,
                           .number = (f64)(average ? (count ? fen / count : 0)
                                           : f == FIG_ORDER_COUNT || f == FIG_REFUND_COUNT ? count
                                                                                           : fen) };
    if (oldest != NONE && l->span_ms)
        sooner(next, (f64)(oldest + l->span_ms), cx->now);
    return OK;
}

/* Whole years today; it changes at the next birthday (of 29 February: on 1 March in a short year,
 * which is what day_from_ymd makes of the 29th). */
static void look_age(struct ctx *cx, const struct profile *p, struct seen *ret, instant *next)
{
    const struct seen *b = &p->figures[FIG_BIRTHDAY];
    *ret = (struct seen) { 0 };
    if (!b->any)
        return;
    day today = day_of(cx->now);
    int y, m, d, this_year, unused;
    day_to_ymd((day) { (i64)b->number }, &y, &m, &d);
    day_to_ymd(today, &this_year, &unused, &unused);
    bool had_it = day_from_ymd(this_year, m, d).n <= today.n;
    int age = MAX(this_year - y - !had_it, 0);
    *ret = (struct seen) { .any = true, .number = (f64)age };
    sooner(next, (f64)day_start(day_from_ymd(y + age + 1, m, d)).ms, cx->now);
}

static enum err look(struct ctx *cx, const struct leaf *l, struct profile *p, struct seen *ret,
                     instant *next)
{
    day d;
    if (l->kind != LEAF_CUSTOM) {
        i64 from, to;
        if (leaf_window(l, cx->now, &from, &to))
            return look_window(cx, l, p, from, to, ret, next);
        if (l->kind == LEAF_ATTR && figure_of(l) == FIG_AGE)
            look_age(cx, p, ret, next);
        else
            *ret = p->figures[figure_of(l)];
        return OK;
    }
    const struct json *v = json_find(p->attrs, l->key);
    *ret = (struct seen) { .any = v && v->kind != JSON_NULL };
    if (!ret->any)
        return OK;
    ret->text = v->text;
    ret->list = v;
    if (l->type == TYPE_NUMBER)
        ret->any = str_to_f64(v->text, &ret->number);
    else if (l->type == TYPE_BOOL)
        ret->number = v->yes;
    else if (l->type == TYPE_DAY) {
        ret->any = day_read(v->text, &d);
        ret->number = (f64)d.n;
    }
    return OK;
}

static bool in_values(const struct leaf *l, const struct seen *s)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->type == TYPE_LIST) {
            for (const struct json *m = s->list ? s->list->first : NULL; m; m = m->next)
                if (str_eq(m->text, l->texts[i]))
                    return true;
        } else if (l->type == TYPE_TEXT ? str_eq(l->texts[i], s->text)
                                        : (f64)l->numbers[i] == s->number) {
            return true;
        }
    }
    return false;
}

/* A span ago; of a day, the day it was then. */
static f64 ago(struct ctx *cx, const struct leaf *l)
{
    return l->type == TYPE_DAY ? (f64)(day_of(cx->now).n - l->span_ms / DAY_MS)
                               : (f64)(cx->now.ms - l->span_ms);
}

static bool birthday_soon(struct ctx *cx, const struct leaf *l, const struct seen *s)
{
    int y, m, d, by, bm, bd;
    i64 days = l->span_ms / DAY_MS;
    day_to_ymd((day) { (i64)s->number }, &by, &bm, &bd);
    for (i64 i = 0; i <= days; i++) {
        day_to_ymd((day) { day_of(cx->now).n + i }, &y, &m, &d);
        bool leap_day = bm == 2 && bd == 29 && month_days(y, 2) == 28; /* then on the 28th */
        if (m == bm && d == (leap_day ? 28 : bd))
            return true;
    }
    return false;
}

static bool compare(struct ctx *cx, const struct leaf *l, const struct seen *s, instant *next)
{
    if (l->op == OP_EXISTS)
        return s->any == l->is;
    if (!s->any)
        return false;
    f64 then = ago(cx, l);
    switch (l->op) {
    case OP_IN: return in_values(l, s);
    case OP_BETWEEN: return !(s->number < l->low) && !(s->number > l->high);
    case OP_CONTAINS: return str_has(s->text, l->texts[0]);
    case OP_STARTS: return str_starts(s->text, l->texts[0]);
    case OP_WITHIN:
    case OP_BEFORE: {
        f64 leaves = l->type == TYPE_DAY
                         ? (f64)day_start((day) { (i64)s->number + l->span_ms / DAY_MS + 1 }).ms
                         : s->number + (f64)l->span_ms;
        sooner(next, leaves, cx->now);
        bool recent = l->type == TYPE_DAY ? s->number >= then : s->number > then;
        return l->op == OP_WITHIN ? recent : !recent;
    }
    case OP_NEXT:
        sooner(next, (f64)day_start((day) { day_of(cx->now).n + 1 }).ms, cx->now);
        return birthday_soon(cx, l, s);
    case OP_EXISTS: break;
    }
    return false;
}

static enum err leaf_holds(struct ctx *cx, const struct leaf *l, struct profile *p, bool *ret,
                           instant *next, struct seen *seen)
{
    i64 one;
    *seen = (struct seen) { 0 };
    if (l->kind == LEAF_TAG) {
        bool has;
        TRY(profile_has_tag(cx, p, l->id, &has));
        *ret = has == l->is;
        return OK;
    }
    if (l->kind == LEAF_SEGMENT) {
        enum err e = sql_i64(cx, profile_segment, &one, V(l->id), ID(p->customer));
        *ret = (e == OK) == l->is;
        return e == ERR_DONE ? OK : e;
    }
    if (l->kind == LEAF_IDENTITY) {
        enum err e = sql_i64(cx, profile_identity, &one, ID(p->customer), V(l->key));
        *ret = (e == OK) == l->is;
        return e == ERR_DONE ? OK : e;
    }
    if (l->kind == LEAF_CONSENT) {
        struct rows r CLEANUP(rows_close) = { 0 };
        TRY(sql_query(cx, profile_consent, &r, ID(p->customer), V(l->key)));
        *ret = rows_next(&r) && str_eq(col_str(&r, 0), l->texts[0]);
        return rows_end(&r);
    }
    TRY(look(cx, l, p, seen, next));
    *ret = compare(cx, l, seen, next);
    return OK;
}

/* Every leaf is looked at, also when the answer is known: each may name the moment it changes. */
static enum err node_holds(struct ctx *cx, const struct node *n, struct profile *p, bool *ret,
                           instant *next)
{
    struct seen seen;
    bool inner, all = true, any = false;
    if (n->kind == NODE_LEAF)
        return leaf_holds(cx, &n->leaf, p, ret, next, &seen);
    for (const struct node *c = n->first; c; c = c->next) {
        TRY(node_holds(cx, c, p, &inner, next));
        all = all && inner;
        any = any || inner;
    }
    *ret = n->kind == NODE_ALL ? all : n->kind == NODE_ANY ? any : !all;
    return OK;
}

enum err condition_holds(struct ctx *cx, const struct condition *c, struct profile *p, bool *ret,
                         instant *next)
{
    *ret = true;
    return c->root ? node_holds(cx, c->root, p, ret, next) : OK;
}

static enum err node_why(struct ctx *cx, const struct node *n, struct profile *p,
                         struct json_writer *w)
{
    struct seen seen;
    bool holds;
    if (n->kind != NODE_LEAF) {
        for (const struct node *c = n->first; c; c = c->next)
            TRY(node_why(cx, c, p, w));
        return OK;
    }
    TRY(leaf_holds(cx, &n->leaf, p, &holds, NULL, &seen));
    enum leaf_type t = n->leaf.type;
    json_open(w, NULL);
    json_raw(w, "leaf", n->leaf.source);
    if (!seen.any)
        json_val(w, "value", val_null());
    else if (t == TYPE_INSTANT)
        json_time(w, "value", (instant) { (i64)seen.number });
    else if (t == TYPE_DAY)
        json_day(w, "value", (day) { (i64)seen.number });
    else if (t == TYPE_NUMBER)
        json_put(w, "value", seen.number);
    else if (t == TYPE_BOOL)
        json_put(w, "value", seen.number != 0);
    else if (t == TYPE_LIST) {
        struct strbuf text;
        strbuf_init(&text, cx->arena, 1 << 16);
        out_json_value(&text, seen.list);
        json_raw(w, "value", strbuf_str(&text));
    } else
        json_put(w, "value", seen.text);
    json_put(w, "holds", holds);
    json_close(w);
    return OK;
}

enum err condition_why(struct ctx *cx, const struct condition *c, struct profile *p, str *ret_json)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&text);
    json_list(&w, NULL);
    if (c->root)
        TRY(node_why(cx, c->root, p, &w));
    json_list_end(&w);
    *ret_json = strbuf_str(&text);
    return OK;
}
