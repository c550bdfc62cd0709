#include "domain/care/internal.h"

#include "base/time.h"
#include "core/app.h"

#include "care.sql.h"

const char *const care_kinds[] = { "birthday", "after_order", "rhythm", "dormant", NULL };
const char *const care_orders[] = { "first", "each", NULL };
const char *const care_givings[] = { "owner", "turn", "store", NULL };

SCHEMA_TABLE(care_rule, CARE_RULE);

static int choice(const char *const *choices, str value)
{
    int i = 0;
    while (choices[i] && !str_is(value, choices[i]))
        i++;
    assert(choices[i]);
    return i;
}

/* What a rule works by. */
#define STORED(F, T)                            \
    F(T, care_rule_id, id)                      \
    F(T, str, name)                             \
    F(T, str, kind)                             \
    F(T, i64, days)                             \
    F(T, i64, hour)                             \
    F(T, str, orders)                           \
    F(T, json, condition)                       \
    F(T, str, text)                             \
    F(T, str, gives_to)                         \
    F(T, department_id, fallback_department_id) \
    F(T, boolean, overdue)                      \
    F(T, boolean, active)                       \
    F(T, instant, since_at)                     \
    F(T, i64, next_day)                         \
    F(T, i64, next_id)                          \
    F(T, i64, version)
SCHEMA(care_stored, STORED);

static enum err known(struct ctx *cx, const struct care_stored *r, struct care_known *ret)
{
    *ret = (struct care_known) { .id = r->id,
                                 .kind = (enum care_kind)choice(care_kinds, r->kind),
                                 .gives_to = (enum care_giving)choice(care_givings, r->gives_to),
                                 .first_only = str_is(r->orders, "first"),
                                 .overdue = r->overdue,
                                 .active = r->active,
                                 .fallback = r->fallback_department_id,
                                 .days = r->days,
                                 .hour = (int)r->hour,
                                 .name = r->name,
                                 .text = r->text,
                                 .condition_text = r->condition,
                                 .since = r->since_at,
                                 .next_day = { r->next_day },
                                 .next_id = r->next_id,
                                 .version = r->version };
    return r->condition.len ? condition_read_text(cx, "condition", r->condition, &ret->condition)
                            : OK;
}

enum err care_known_of(struct ctx *cx, const struct care_rule *r, struct care_known *ret)
{
    struct care_rule all = *r;
    struct care_stored s;
    all.in.has = ~UINT64_C(0);
    schema_clear(&care_stored_schema, &s);
    schema_patch(&care_stored_schema, &s, &care_rule_schema, &all);
    s.next_day = day_of(cx->now).n;
    s.next_id = 0;
    return known(cx, &s, ret);
}

enum err care_rule_get(struct ctx *cx, care_rule_id id, struct care_rule *ret)
{
    return sql_one(cx, care_rule_by_id, &care_rule_schema, ret, ID(id));
}

enum err care_known_get(struct ctx *cx, care_rule_id id, struct care_known *ret)
{
    struct care_stored s;
    TRY(sql_one(cx, care_rule_known, &care_stored_schema, &s, ID(id)));
    return known(cx, &s, ret);
}

enum err care_book_open(struct ctx *cx, enum care_kind kind, struct care_book *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(struct care_stored) stored = { 0 };
    *ret = (struct care_book) { 0 };
    TRY(sql_query(cx, care_rules_active, &r, V(kind == CARE_KINDS ? NULL : care_kinds[kind])));
    while (rows_next(&r))
        schema_row(cx->arena, &care_stored_schema, &r, vec_push(cx->arena, &stored));
    TRY(rows_end(&r));
    for (size_t i = 0; i < stored.n; i++)
        TRY(known(cx, &stored.at[i], vec_push(cx->arena, &ret->rules)));
    return OK;
}

instant care_moment(day d, int hour)
{
    struct civil c = { .hour = hour };
    day_to_ymd(d, &c.year, &c.month, &c.day);
    return civil_instant(c);
}

static day celebration_in(int year, int month, int mday)
{
    return day_from_ymd(year, month, MIN(mday, month_days(year, month)));
}

day care_celebration(day born, day from)
{
    int year, month, mday, y, m, d;
    day_to_ymd(born, &year, &month, &mday);
    day_to_ymd(from, &y, &m, &d);
    day next = celebration_in(y, month, mday);
    return next.n >= from.n ? next : celebration_in(y + 1, month, mday);
}

instant care_next_hour(instant now, int hour)
{
    day today = day_of(now);
    instant at = care_moment(today, hour);
    return at.ms >= now.ms ? at : care_moment((day) { today.n + 1 }, hour);
}

day care_reached(instant now, int hour)
{
    day today = day_of(now);
    return care_moment(today, hour).ms <= now.ms ? today : (day) { today.n - 1 };
}

static const char *const words[] = { "name", "store", "staff", "days", "date" };

str care_fill(struct arena *a, str text, const struct care_words *w)
{
    struct strbuf date, filled;
    strbuf_init(&date, a, 32);
    out_day(&date, w->date);
    strbuf_init(&filled, a, 16 << 10);
    out_filled(&filled, text,
               PROPS(P("name", w->name), P("store", w->store), P("staff", w->staff),
                     P("days", w->days), P("date", strbuf_str(&date))));
    return strbuf_str(&filled);
}

/* Every {word} is one that will be filled. */
enum err care_check_text(struct ctx *cx, str text)
{
    for (size_t open; (open = str_find(text, '{')) < text.len;) {
        text = str_from(text, open + 1);
        size_t close = str_find(text, '}');
        bool known = false;
        for (size_t i = 0; i < COUNT(words) && close < text.len; i++)
            known = known || str_is(str_head(text, close), words[i]);
        if (!known)
            return fail(cx, ERR_BAD_CHOICE, "text",
                        P("choices", "{name}, {store}, {staff}, {days}, {date}"));
    }
    return OK;
}
