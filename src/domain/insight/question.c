/* A question in the product's words, put into those of the engine: conditions on people are written
 * anew, the rest is the same. */
#include "base/json.h"
#include "base/time.h"
#include "core/scope.h"
#include "domain/insight/internal.h"

#include "insight.sql.h"

#define QUESTION_US    (INT64_C(30) * 1000000)
#define QUESTION_BYTES ((size_t)1 << 30)
#define DEPTH_MAX      QUERY_DEPTH_MAX
#define SEGMENTS_MAX   20 /* one within another */

insight_segment_find *insight_segments;

struct words {
    struct ctx *cx;
    int depth; /* of segments */
    i64 segments[SEGMENTS_MAX];
};

static enum err wrong(struct ctx *cx, str path, const char *zh, const char *en)
{
    return fail_with(cx, ERR_INVALID, path, BARE_PROPS(P("reason_zh", zh), P("reason", en)));
}

/* --- making JSON */

static struct json *node(struct arena *a, enum json_kind kind)
{
    struct json *j = NEW(a, struct json);
    j->kind = kind;
    return j;
}

static struct json *put(struct json *into, const char *key, struct json *member)
{
    struct json **link = &into->first;
    while (*link)
        link = &(*link)->next;
    member->key = key ? str_of(key) : STR_NONE;
    member->next = NULL;
    *link = member;
    into->count++;
    return into;
}

static struct json *text(struct arena *a, str s)
{
    struct json *j = node(a, JSON_STRING);
    j->text = s;
    return j;
}

static struct json *day_node(struct arena *a, day d)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 32);
    out_day(&sb, d);
    return text(a, strbuf_str(&sb));
}

static struct json *number(struct arena *a, i64 n)
{
    struct json *j = node(a, JSON_NUMBER);
    j->text = arena_fmt(a, "%lld", (long long)n);
    return j;
}

static struct json *copy(struct arena *a, const struct json *j)
{
    struct json *c = arena_copy(a, j, sizeof *j);
    c->next = NULL;
    return c;
}

/* The object without these members. */
static struct json *without(struct arena *a, const struct json *j, const char *const *names)
{
    struct json *kept = node(a, JSON_OBJECT);
    for (const struct json *m = j->first; m; m = m->next) {
        bool out = false;
        for (size_t i = 0; names[i]; i++)
            out |= str_is(m->key, names[i]);
        if (!out) {
            struct json *c = copy(a, m);
            put(kept, NULL, c);
            c->key = m->key;
        }
    }
    return kept;
}

static struct json *nobody(struct arena *a)
{
    return put(node(a, JSON_OBJECT), "random", number(a, 0));
}

static struct json *everybody(struct arena *a)
{
    return put(node(a, JSON_OBJECT), "random", number(a, 100));
}

static struct json *set(struct arena *a, const char *family, str key, bool is)
{
    struct json *yes = node(a, JSON_BOOL);
    yes->yes = is;
    return put(put(put(node(a, JSON_OBJECT), "set", text(a, str_of(family))), "key", text(a, key)),
               "is", yes);
}

/* --- leaves */

typedef enum err word(struct words *w, const struct json *j, const struct json *subject, str path,
                      struct json **ret);

static enum err people_word(struct words *w, const struct json *j, str path, int depth,
                            struct json **ret);

static enum err is_read(struct words *w, const struct json *j, str path, bool *ret)
{
    const struct json *is = json_get(j, "is");
    *ret = !is || is->yes;
    if (j->count > (is ? 2 : 1))
        return wrong(w->cx, path, "此条件只有 is 一项可选", "beside it only \"is\" may stand here");
    return !is || is->kind == JSON_BOOL
               ? OK
               : wrong(w->cx, path, "is 应为 true 或 false", "is must be true or false");
}

static enum err tag_word(struct words *w, const struct json *j, const struct json *subject,
                         str path, struct json **ret)
{
    i64 id = 0, given;
    bool is;
    TRY(is_read(w, j, path, &is));
    enum err e = subject->kind == JSON_STRING
                     ? sql_i64(w->cx, insight_tag_key, &id, V(subject->text))
                 : json_i64(subject, &given) ? sql_i64(w->cx, insight_tag_id, &id, V(given))
                                             : ERR_DONE;
    if (e == ERR_DONE)
        return wrong(w->cx, path, "没有这个标签", "there is no such tag");
    TRY(e);
    *ret = set(w->cx->arena, "tag", arena_fmt(w->cx->arena, "%lld", (long long)id), is);
    return OK;
}

static enum err identity_word(struct words *w, const struct json *j, const struct json *subject,
                              str path, struct json **ret)
{
    bool is;
    TRY(is_read(w, j, path, &is));
    if (subject->kind != JSON_STRING || !identity_kind_find(subject->text))
        return wrong(w->cx, path, "没有这种身份标识", "there is no such kind of identifier");
    *ret = set(w->cx->arena, "identity", subject->text, is);
    return OK;
}

/* { "consent": "sms", "is": "granted" } */
static enum err consent_word(struct words *w, const struct json *j, const struct json *subject,
                             str path, struct json **ret)
{
    const struct json *is = json_get(j, "is");
    struct arena *a = w->cx->arena;
    if (subject->kind != JSON_STRING || !is || is->kind != JSON_STRING || j->count != 2)
        return wrong(w->cx, path, "is 应为 granted 或 refused", "is must be granted or refused");
    *ret = put(put(node(a, JSON_OBJECT), "attr",
                   text(a, arena_fmt(a, "consent.%.*s", STR_ARG(subject->text)))),
               "eq", text(a, is->text));
    return OK;
}

/* { "rfm": "tier", … }, { "order": "count", … }: attributes of that family. */
static enum err family_word(struct words *w, const struct json *j, const struct json *subject,
                            str path, struct json **ret)
{
    static const char *const names[] = {
        "tier",          "class",  "r",       "f",     "m",    "total",
        "count",         "amount", "average", "first", "last", "refund_count",
        "refund_amount", NULL
    };
    static const char *const out[] = { "rfm", "order", NULL };
    struct arena *a = w->cx->arena;
    bool order = str_is(subject->key, "order"), timed = false;
    size_t i = 0;
    while (subject->kind == JSON_STRING && names[i] && !str_is(subject->text, names[i]))
        i++;
    if (subject->kind != JSON_STRING || !names[i] || (i >= 6) != order)
        return wrong(w->cx, path, "没有这个字段", "there is no such field");
    timed = str_is(subject->text, "first") || str_is(subject->text, "last");
    if (order && !timed && (json_get(j, "within") || json_get(j, "since") || json_get(j, "until")))
        return wrong(
            w->cx, path, "有时间范围时请用事件条件，例如 order.paid 的次数或金额",
            "over a window, ask about the event (order.paid: count, or sum of amount_fen)");
    *ret = without(a, j, out);
    put(*ret, "attr",
        text(a, arena_fmt(a, "%.*s.%.*s", STR_ARG(subject->key), STR_ARG(subject->text))));
    return OK;
}

/* Whole years: at least n means born on or before today n years ago. */
static enum err age_word(struct words *w, const struct json *j, str path, struct json **ret)
{
    struct arena *a = w->cx->arena;
    day today = day_of(w->cx->now);
    struct json *born = put(node(a, JSON_OBJECT), "attr", text(a, S("birthday")));
    i64 n, low = NONE, high = NONE;
    for (const struct json *m = j->first; m; m = m->next) {
        if (str_is(m->key, "attr"))
            continue;
        if (str_is(m->key, "exists") && m->kind == JSON_BOOL) {
            put(born, "exists", copy(a, m));
            continue;
        }
        if (!json_i64(m, &n) || n < 0 || n > 200)
            return wrong(w->cx, path, "年龄应为 0 到 200 的整数",
                         "an age is a number from 0 to 200");
        bool eq = str_is(m->key, "eq");
        if (eq || str_is(m->key, "gte") || str_is(m->key, "gt"))
            low = n + str_is(m->key, "gt");
        if (eq || str_is(m->key, "lte") || str_is(m->key, "lt"))
            high = n - str_is(m->key, "lt");
        if (!eq && !str_is(m->key, "gte") && !str_is(m->key, "gt") && !str_is(m->key, "lte") &&
            !str_is(m->key, "lt"))
            return fail_with(w->cx, ERR_UNKNOWN_FIELD, path, BARE_PROPS(P("name", m->key)));
    }
    int y, month, d;
    day_to_ymd(today, &y, &month, &d);
    if (low != NONE) {
        day until = day_from_ymd(y - (int)low, month, MIN(d, month_days(y - (int)low, month)));
        until.n++;
        put(born, "until", day_node(a, until));
    }
    if (high != NONE) {
        int year = y - (int)high - 1;
        day since = day_from_ymd(year, month, MIN(d, month_days(year, month)));
        since.n++;
        put(born, "since", day_node(a, since));
    }
    *ret = born;
    return OK;
}

/* The departments with all below them. */
static enum err below(struct words *w, const struct json *ids, str path, struct json **ret)
{
    struct json *all = node(w->cx->arena, JSON_ARRAY);
    bool single = ids->kind != JSON_ARRAY;
    for (const struct json *m = single ? ids : ids->first; m; m = single ? NULL : m->next) {
        struct rows r CLEANUP(rows_close) = { 0 };
        i64 id;
        if (!json_i64(m, &id))
            return wrong(w->cx, path, "部门应为编号", "departments are numbers");
        TRY(sql_query(w->cx, insight_below, &r, V(id)));
        while (rows_next(&r))
            put(all, NULL, number(w->cx->arena, col_id(&r, 0)));
        TRY(rows_end(&r));
    }
    *ret = all;
    return OK;
}

/* { "attr": "department", "in": [3], "below": true }: with all below them; "not_in" likewise. */
static enum err department_word(struct words *w, const struct json *j, const struct json *deep,
                                str path, struct json **ret)
{
    static const struct {
        const char *name;
        bool in;
    } ops[] = { { "in", true }, { "eq", true }, { "not_in", false }, { "ne", false } };
    static const char *const out[] = { "below", NULL };
    struct arena *a = w->cx->arena;
    struct json *ids = NULL;
    *ret = without(a, j, out);
    for (size_t i = 0; deep->yes && i < COUNT(ops); i++) {
        const char *const told[] = { "below", ops[i].name, NULL };
        const struct json *given = json_get(j, ops[i].name);
        if (!given)
            continue;
        TRY(below(w, given, path, &ids));
        if (ids->count)
            *ret = put(without(a, j, told), ops[i].in ? "in" : "not_in", ids);
        else
            *ret = ops[i].in ? nobody(a) : everybody(a);
        return OK;
    }
    return OK;
}

static enum err attr_word(struct words *w, const struct json *j, const struct json *subject,
                          str path, struct json **ret)
{
    const struct json *deep = json_get(j, "below");
    *ret = (struct json *)j;
    if (subject->kind != JSON_STRING)
        return OK;
    if (str_is(subject->text, "age"))
        return age_word(w, j, path, ret);
    return deep && str_is(subject->text, "department") ? department_word(w, j, deep, path, ret)
                                                       : OK;
}

static enum err segment_inside(struct words *w, i64 id, str path, struct json **ret)
{
    struct insight_segment s;
    struct json_error bad;
    for (int i = 0; i < w->depth; i++)
        if (w->segments[i] == id)
            return wrong(w->cx, path, "分群不能包含自己", "a segment cannot contain itself");
    if (w->depth == SEGMENTS_MAX)
        return wrong(w->cx, path, "分群相互包含过深", "segments within segments, too deeply");
    enum err e = insight_segments ? insight_segments(w->cx, id, &s) : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND) {
        fail_clear(w->cx);
        return wrong(w->cx, path, "没有这个分群", "there is no such segment");
    }
    TRY(e);
    if (s.static_list) {
        *ret = set(w->cx->arena, "list", arena_fmt(w->cx->arena, "%lld", (long long)id), true);
        return OK;
    }
    const struct json *inner = json_read(w->cx->arena, s.condition, &bad);
    w->segments[w->depth++] = id;
    e = inner ? people_word(w, inner, path, 1, ret) : ERR_INTERNAL;
    w->depth--;
    if (e != OK && w->cx->failure.field.len) /* it was named here; what is inside has no place */
        w->cx->failure.field = path;
    return e;
}

static enum err segment_word(struct words *w, const struct json *j, const struct json *subject,
                             str path, struct json **ret)
{
    struct json *inner = NULL;
    bool is;
    i64 id;
    TRY(is_read(w, j, path, &is));
    if (!json_i64(subject, &id))
        return wrong(w->cx, path, "分群应为编号", "a segment is a number");
    TRY(segment_inside(w, id, path, &inner));
    if (!inner) /* everybody */
        inner = put(node(w->cx->arena, JSON_OBJECT), "random", number(w->cx->arena, 100));
    *ret = is ? inner : put(node(w->cx->arena, JSON_OBJECT), "not", inner);
    return OK;
}

static const struct word_row {
    const char *member;
    word *read;
} word_rows[] = { { "tag", tag_word },         { "identity", identity_word },
                  { "consent", consent_word }, { "rfm", family_word },
                  { "order", family_word },    { "segment", segment_word },
                  { "attr", attr_word } };

/* *ret NULL: everybody. */
static enum err people_word(struct words *w, const struct json *j, str path, int depth,
                            struct json **ret)
{
    static const char *const lists[] = { "all", "any" };
    struct arena *a = w->cx->arena;
    *ret = NULL;
    if (j->kind == JSON_OBJECT && !j->first && depth == 1)
        return OK;
    *ret = (struct json *)j;
    if (j->kind != JSON_OBJECT || depth > DEPTH_MAX)
        return OK; /* the engine's reader says what is wrong with it */
    const struct json *not = json_get(j, "not");
    if (not &&j->count == 1) {
        struct json *inner;
        TRY(people_word(w, not, arena_fmt(a, "%.*s.not", STR_ARG(path)), depth + 1, &inner));
        *ret = put(node(a, JSON_OBJECT), "not", copy(a, inner));
        return OK;
    }
    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct json *list_ = json_get(j, lists[i]);
        size_t n = 0;
        if (!list_ || j->count != 1 || list_->kind != JSON_ARRAY)
            continue;
        struct json *out = node(a, JSON_ARRAY), *inner;
        for (const struct json *m = list_->first; m; m = m->next, n++) {
            TRY(people_word(w, m, arena_fmt(a, "%.*s.%s[%zu]", STR_ARG(path), lists[i], n),
                            depth + 1, &inner));
            put(out, NULL, copy(a, inner));
        }
        *ret = put(node(a, JSON_OBJECT), lists[i], out);
        return OK;
    }
    for (size_t i = 0; i < COUNT(word_rows); i++) {
        const struct json *subject = json_get(j, word_rows[i].member);
        if (subject)
            return word_rows[i].read(w, j, subject, path, ret);
    }
    return OK;
}

static enum err misread(struct ctx *cx, const char *field, const struct query_error *bad)
{
    str path = bad->at.len ? arena_fmt(cx->arena, "%s%s%.*s", field,
                                       bad->at.ptr[0] == '[' ? "" : ".", STR_ARG(bad->at))
                           : str_of(field);
    return wrong(cx, path, bad->reason_zh, bad->reason);
}

enum err insight_people(struct ctx *cx, const char *field, doc described, struct people **ret)
{
    return insight_people_of(cx, field, 0, described, ret);
}

enum err insight_people_of(struct ctx *cx, const char *field, i64 self, doc described,
                           struct people **ret)
{
    struct words w = { .cx = cx, .segments = { self }, .depth = self ? 1 : 0 };
    struct query_error bad;
    struct json *j;
    *ret = NULL;
    TRY(people_word(&w, described, str_of(field), 1, &j));
    if (!j)
        return OK;
    return people_read(cx->arena, j, ret, &bad) == OK ? OK : misread(cx, field, &bad);
}

/* --- who may be seen */

/* Those of the departments and, or, of the member of staff: in the words of the engine. */
static enum err scope_words(struct ctx *cx, struct json **ret)
{
    struct arena *a = cx->arena;
    const struct db_view view = cx->actor.view;
    struct json *any = node(a, JSON_ARRAY), *some = NULL;
    struct rows r CLEANUP(rows_close) = { 0 };
    if (view.variant != SCOPE_SELF) {
        TRY(sql_query(cx, insight_scope, &r, V(view.who)));
        while (rows_next(&r)) {
            if (!some || some->count == QUERY_VALUES_MAX) {
                some = node(a, JSON_ARRAY);
                put(any, NULL,
                    put(put(node(a, JSON_OBJECT), "attr", text(a, S("department"))), "in", some));
            }
            put(some, NULL, number(a, col_id(&r, 0)));
        }
        TRY(rows_end(&r));
    }
    if (view.variant != SCOPE_DEPARTMENTS)
        put(any, NULL,
            put(put(node(a, JSON_OBJECT), "attr", text(a, S("staff"))), "eq", number(a, view.who)));
    *ret = any->count ? put(node(a, JSON_OBJECT), "any", any) : nobody(a);
    return OK;
}

/* Nobody else is there for who asks: not as one who fits, and not among those who are counted. */
static enum err limit_to_scope(struct ctx *cx, struct people **ret_among)
{
    struct query_error bad;
    struct json *words;
    if (cx->actor.view.variant == SCOPE_ALL)
        return OK;
    TRY(scope_words(cx, &words));
    return people_read(cx->arena, words, ret_among, &bad) == OK ? OK : ERR_INTERNAL;
}

/* "of" of an overlap: a list of conditions, each put into the words of the engine. */
static enum err overlap_words(struct words *w, const char *field, const struct json *of,
                              struct json *question)
{
    struct arena *a = w->cx->arena;
    struct json *all = node(a, JSON_ARRAY), *one;
    size_t n = 0;
    for (const struct json *m = of->first; m; m = m->next, n++) {
        TRY(people_word(w, m, arena_fmt(a, "%s.of[%zu]", field, n), 1, &one));
        put(all, NULL, one ? copy(a, one) : everybody(a));
    }
    put(question, "of", all);
    return OK;
}

static enum err question_read(struct ctx *cx, const char *field, doc described, struct query *ret)
{
    static const char *const out[] = { "people", NULL }, *const out_both[] = { "people", "of",
                                                                               NULL };
    struct words w = { .cx = cx };
    struct query_error bad;
    struct json *people = NULL;
    if (described->kind != JSON_OBJECT)
        return wrong(cx, str_of(field), "应为对象", "an object is expected");
    const struct json *given = json_get(described, "people"), *of = json_get(described, "of");
    bool several = of && of->kind == JSON_ARRAY; /* of an overlap; of a trend it is an event */
    struct json *question = without(cx->arena, described, several ? out_both : out);
    if (several)
        TRY(overlap_words(&w, field, of, question));
    if (given)
        TRY(people_word(&w, given, arena_fmt(cx->arena, "%s.people", field), 1, &people));
    if (people)
        put(question, "people", copy(cx->arena, people));
    return query_read(cx->arena, question, ret, &bad) == OK ? OK : misread(cx, field, &bad);
}

enum err insight_check(struct ctx *cx, const char *field, doc described, enum query_kind *ret_kind)
{
    struct query q;
    TRY(question_read(cx, field, described, &q));
    *ret_kind = query_answer(&q);
    return OK;
}

enum err insight_failed(struct ctx *cx, enum err e)
{
    str zh, en;
    if (e != ERR_UNAVAILABLE)
        return e;
    insight_problem(cx->app, cx->arena, &zh, &en);
    return en.len ? fail(cx, e, NULL, P("reason_zh", zh), P("reason", en))
                  : fail(cx, e, NULL, P("reason_zh", "分析索引正在建立，请稍候"),
                         P("reason", "the index of the log is being built; try again shortly"));
}

enum err insight_ask(struct ctx *cx, const char *field, doc described, struct insight_answer *ret)
{
    struct insight *in = cx->app->insight;
    TRY(question_read(cx, field, described, &ret->query));
    TRY(limit_to_scope(cx, &ret->query.among));
    if (!in || !in->ready)
        return insight_failed(cx, ERR_UNAVAILABLE);
    i64 from = clock_monotonic_us();
    const struct engine_limits limits = { .deadline_us = from + QUESTION_US,
                                          .memory = QUESTION_BYTES };
    ret->seq = in->seq;
    ret->upto = cx->now;
    TRY(insight_failed(
        cx, in->store->ask(in->kept, cx->arena, &ret->query, cx->now, &limits, &ret->result)));
    ret->took_us = clock_monotonic_us() - from;
    return OK;
}
