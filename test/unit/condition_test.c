/* The two ways of answering a condition agree, for random people and random conditions; and what is
 * said about the next moment at which an answer may change is true. The seed is printed. */
#include "instance.h"

#include "base/rand.h"
#include "base/time.h"
#include "core/event.h"
#include "domain/condition/condition.h"
#include "domain/customer/customer.h"
#include "domain/order/order.h"
#include "domain/tag/tag.h"

#include "attribute.sql.h"
#include "note.sql.h"
#include "preset.sql.h"
#include "rule.sql.h"

#define PEOPLE     60
#define CONDITIONS 400
#define TAGS       3
#define NOW_MS     INT64_C(1772420400123)

static struct rnd rnd;
static i64 ids[PEOPLE];
static i64 tags[TAGS];

static i64 pick(i64 n)
{
    return (i64)rnd_below(&rnd, (uint64_t)n);
}

static const char *const cities[] = { "上海", "杭州", "上", "100%", "a_b" };

static enum err define(struct ctx *cx, const char *key, const char *type, const char *choices)
{
    i64 id;
    return sql_i64(cx, attribute_insert, &id, V(key), V(key), val_null(), V(type), V(choices), V(0),
                   V(cx->now));
}

static enum err define_all(struct ctx *cx, void *arg)
{
    tag_group_id group;
    (void)arg;
    TRY(define(cx, "skin", "choice", "[\"dry\",\"oily\"]"));
    TRY(define(cx, "likes", "choices", "[\"a\",\"ab\",\"b\\\"c\"]"));
    TRY(define(cx, "height", "number", "[]"));
    TRY(define(cx, "wedding", "date", "[]"));
    TRY(define(cx, "vip", "bool", "[]"));
    TRY(define(cx, "nick", "text", "[]"));
    TRY(sql_i64(cx, preset_group_insert, &group.v, V("g"), V("g"), V("#000000"), V(false), V(1),
                V(cx->now)));
    for (int i = 0; i < TAGS; i++) {
        tag_id id;
        TRY(tag_add(cx, &(struct tag_new) { group, STR_NONE, arena_fmt(cx->arena, "t%d", i), 0 },
                    &id));
        tags[i] = id.v;
    }
    return OK;
}

static str random_attrs(struct arena *a)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 4096);
    struct json_writer w = json_writer(&sb);
    json_open(&w, NULL);
    if (pick(2))
        json_put(&w, "skin", pick(2) ? "dry" : "oily");
    if (pick(2)) {
        json_list(&w, "likes");
        for (int i = 0; i < 3; i++)
            if (pick(2))
                json_put(&w, NULL, i == 0 ? "a" : i == 1 ? "ab" : "b\"c");
        json_list_end(&w);
    }
    if (pick(2))
        json_put(&w, "height", (f64)pick(40) / 4);
    if (pick(2))
        json_day(&w, "wedding", (day) { 20000 + pick(500) });
    if (pick(2))
        json_put(&w, "vip", (bool)pick(2));
    if (pick(2))
        json_put(&w, "nick", cities[pick(5)]);
    json_close(&w);
    return strbuf_str(&sb);
}

static enum err make_person(struct ctx *cx, i64 index)
{
    customer_id c;
    struct json_error bad;
    bool changed;
    struct product_cache cache = { 0 };
    struct put_done done;
    static i64 number;
    TRY(customer_make(
        cx,
        &(struct customer_new) { .name = pick(3) ? str_of(cities[pick(5)]) : STR_NONE,
                                 .origin = S("test"),
                                 .joined = { cx->now.ms - pick(100) * DAY_MS - pick(2) } },
        &c));
    struct customer_facts f = { .birthday = { NONE },
                                .attrs = json_read(cx->arena, random_attrs(cx->arena), &bad) };
    if (pick(2))
        f.city = str_of(cities[pick(5)]);
    if (pick(2))
        f.gender = pick(2) ? S("male") : S("female");
    if (pick(3)) {
        int year = 1960 + (int)pick(60), month = 1 + (int)pick(12);
        f.birthday = pick(5) ? day_from_ymd(year, month, 1 + (int)pick(28))
                             : day_from_ymd(1960 + 4 * (int)pick(15), 2, 29);
    }
    TRY(customer_learn(cx, c, &f, &changed));
    for (int i = 0; i < TAGS; i++)
        if (pick(3) == 0)
            TRY(tag_give(cx, c, (tag_id) { tags[i] }, "manual", &changed));
    for (i64 orders = pick(4); orders > 0; orders--) {
        struct document_line line = { 1, S("p"), S("p"), 1000, 0, { pick(5) * 10000 } };
        TRY(document_put(
            cx,
            &(struct document) { .kind = pick(4) ? DOCUMENT_ORDER : DOCUMENT_REFUND,
                                 .source = S("t"),
                                 .number = arena_fmt(cx->arena, "%lld", (long long)++number),
                                 .customer = c,
                                 .at = { cx->now.ms - pick(100) * DAY_MS - pick(3) },
                                 .lines = &line,
                                 .line_count = 1 },
            &cache, &done));
    }
    map_done(&cache.by_hash);
    if (pick(2))
        TRY(sql_exec(cx, consent_put, ID(c), V("sms"), V(pick(2) ? "granted" : "refused"), V("t"),
                     V(cx->now)));
    if (pick(2)) {
        struct identity_in id = { identity_kind_find(S("wecom")), S(""),
                                  arena_fmt(cx->arena, "w%lld", (long long)index), true };
        TRY(identity_give(cx, c, &id, S("t")));
    }
    ids[index] = c.v;
    return OK;
}

static enum err make_people(struct ctx *cx, void *arg)
{
    (void)arg;
    for (i64 i = 0; i < PEOPLE; i++)
        TRY(make_person(cx, i));
    return OK;
}

/* Of an order figure: none, one that moves, or one that stays; its edges lie on orders. */
static void put_window(struct json_writer *w)
{
    static const char *const spans[] = { "1d", "7d", "30d", "90d", "12h", "1y" };
    i64 kind = pick(5);
    if (kind == 0)
        json_put(w, "within", spans[pick(6)]);
    if (kind == 1 || kind == 2)
        json_time(w, "since", (instant) { NOW_MS - pick(100) * DAY_MS - pick(3) });
    if (kind == 2 || kind == 3)
        json_time(w, "until", (instant) { NOW_MS - (pick(110) - 10) * DAY_MS - pick(3) });
}

static void put_leaf(struct json_writer *w)
{
    static const char *const ops[] = { "gte", "lte", "gt", "lt", "eq", "ne" };
    static const char *const spans[] = { "1d", "7d", "30d", "90d", "12h", "1y" };
    json_open(w, NULL);
    switch (pick(15)) {
    case 0:
        json_put(w, "attr", pick(2) ? "city" : "name");
        json_put(w, pick(2) ? "eq" : "ne", cities[pick(5)]);
        break;
    case 1:
        json_put(w, "attr", pick(2) ? "city" : "nick");
        json_put(w, pick(2) ? "contains" : "starts", cities[pick(5)]);
        break;
    case 2:
        json_put(w, "attr", pick(2) ? "gender" : "birthday");
        json_put(w, "exists", (bool)pick(2));
        break;
    case 3:
        json_put(w, "attr", "age");
        json_put(w, ops[pick(6)], 10 + pick(50));
        break;
    case 4:
        json_put(w, "attr", "birthday");
        json_put(w, "next", spans[pick(4)]);
        break;
    case 5:
        json_put(w, "attr", "joined_at");
        json_put(w, pick(2) ? "within" : "before", spans[pick(6)]);
        break;
    case 6:
        json_put(w, "tag", tags[pick(TAGS)]);
        json_put(w, "is", (bool)pick(2));
        break;
    case 7:
        json_put(w, "order", pick(2) ? "count" : "refund_count");
        json_put(w, ops[pick(6)], pick(4));
        put_window(w);
        break;
    case 8:
        json_put(w, "order", pick(3) == 0 ? "average" : pick(2) ? "amount" : "refund_amount");
        json_put(w, ops[pick(6)], pick(8) * 10000);
        put_window(w);
        break;
    case 9:
        json_put(w, "order", pick(2) ? "last" : "first");
        json_put(w, pick(2) ? "within" : "before", spans[pick(6)]);
        break;
    case 10:
        json_put(w, "consent", "sms");
        json_put(w, "is", pick(2) ? "granted" : "refused");
        break;
    case 11:
        json_put(w, "identity", "wecom");
        json_put(w, "is", (bool)pick(2));
        break;
    case 12:
        json_put(w, "attr", "likes");
        json_put(w, pick(2) ? "in" : "not_in", pick(2) ? "ab" : "b\"c");
        break;
    case 13:
        json_put(w, "attr", "height");
        json_put(w, ops[pick(4)], (f64)pick(40) / 4);
        break;
    default:
        json_put(w, "attr", pick(2) ? "wedding" : "vip");
        if (pick(2))
            json_put(w, "exists", (bool)pick(2));
        else
            json_put(w, "exists", true);
    }
    json_close(w);
}

static void put_node(struct json_writer *w, const char *key, int depth)
{
    i64 kind = depth > 2 ? 3 : pick(5);
    if (kind >= 3) {
        (void)key;
        put_leaf(w);
        return;
    }
    json_open(w, NULL);
    if (kind == 2) {
        json_list(w, "all"); /* not has one child; a list of one inside keeps the writer simple */
        put_node(w, NULL, depth + 1);
        json_list_end(w);
    } else {
        json_list(w, kind ? "any" : "all");
        for (i64 n = 1 + pick(3); n > 0; n--)
            put_node(w, NULL, depth + 1);
        json_list_end(w);
    }
    json_close(w);
}

static str random_condition(struct arena *a)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 1 << 16);
    struct json_writer w = json_writer(&sb);
    bool negated = pick(3) == 0;
    if (negated)
        out(&sb, S("{\"not\":"));
    put_node(&w, NULL, 0);
    if (negated)
        out(&sb, S("}"));
    return strbuf_str(&sb);
}

/* Whom the SQL finds, as one flag a person. */
static enum err by_sql(struct ctx *cx, struct condition *c, bool ret[PEOPLE])
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct condition_sql s = { 0 };
    strbuf_init(&s.text, cx->arena, 1 << 20);
    out_z(&s.text, "SELECT c.id FROM customer c LEFT JOIN customer_sales s ON s.customer_id = c.id"
                   " WHERE c.merged_into IS NULL");
    bool narrow = false;
    list people;
    if (pick(3) == 0)
        TRY(condition_people(cx, c, 1 + pick(PEOPLE), pick(PEOPLE), &narrow, &people));
    if (narrow || pick(2))
        condition_walk(c, (bool)pick(2));
    TRY(condition_to_sql(cx, c, &s));
    if (narrow)
        out_z(&s.text, " AND c.id IN (0");
    for (size_t i = 0; narrow && i < people.n; i++)
        out_fmt(&s.text, ", %lld", (long long)((const i64 *)people.at)[i]);
    out_z(&s.text, narrow ? ")" : "");
    memset(ret, 0, PEOPLE * sizeof *ret);
    TRY(db_query_text(cx->db, "test", strbuf_str(&s.text), &r, s.binds.at, s.binds.n));
    while (rows_next(&r))
        for (size_t i = 0; i < PEOPLE; i++)
            if (ids[i] == col_id(&r, 0))
                ret[i] = true;
    return rows_end(&r);
}

static enum err holds_at(struct ctx *cx, const struct condition *c, i64 who, instant at, bool *ret,
                         instant *next)
{
    struct profile *p;
    instant before = cx->now;
    cx->now = at;
    enum err e = profile_open(cx, (customer_id) { who }, &p);
    if (e == OK)
        e = condition_holds(cx, c, p, ret, next);
    cx->now = before;
    return e;
}

static enum err compare_all(struct ctx *cx, void *arg)
{
    (void)arg;
    for (int k = 0; k < CONDITIONS; k++) {
        str text = random_condition(cx->arena);
        struct condition c;
        bool found[PEOPLE];
        TRY(condition_read_text(cx, "condition", text, &c));
        TRY(by_sql(cx, &c, found));
        for (size_t i = 0; i < PEOPLE; i++) {
            bool holds, later;
            instant next = { 0 };
            TRY(holds_at(cx, &c, ids[i], cx->now, &holds, &next));
            if (holds != found[i])
                fail_msg("person %zu: asked %d, found %d by %s", i, holds, found[i],
                         arena_z(cx->arena, text));
            for (int probe = 0; probe < 3; probe++) { /* until the next moment the answer stands */
                i64 far = (next.ms ? next.ms : cx->now.ms + 800 * DAY_MS) - 1 - cx->now.ms;
                instant at = { cx->now.ms + (probe ? pick(MAX(far, 1)) : MAX(far, 0)) };
                TRY(holds_at(cx, &c, ids[i], at, &later, NULL));
                if (later != holds)
                    fail_msg("person %zu: changes %lld ms from now, before the %lld said, by %s", i,
                             (long long)(at.ms - cx->now.ms),
                             (long long)(next.ms ? next.ms - cx->now.ms : 0),
                             arena_z(cx->arena, text));
            }
        }
    }
    return OK;
}

static void both_ways_agree(void **state)
{
    struct instance i;
    (void)state;
    rnd_seed(&rnd, random_seed());
    instance_open(&i, (instant) { NOW_MS });
    instance_write(&i, define_all, NULL);
    instance_write(&i, make_people, NULL);
    instance_read(&i, compare_all, NULL);
    instance_close(&i);
}

int condition_test(void);
int condition_test(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(both_ways_agree) };
    return cmocka_run_group_tests_name("condition", tests, NULL, NULL);
}
