/* How many tasks a rule would make in the days to come, as people are now. */
#include "domain/care/internal.h"

#include "base/time.h"
#include "core/app.h"

/* The people a rule looks at; what follows is composed of constants and bound values. */
#define PEOPLE                                                            \
    " FROM customer c LEFT JOIN customer_sales s ON s.customer_id = c.id" \
    " WHERE c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)"
#define ORDERS                                                    \
    " FROM sales_order o JOIN customer c ON c.id = o.customer_id" \
    " LEFT JOIN customer_sales s ON s.customer_id = c.id"         \
    " WHERE c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)"

/* Says a text in which each %s stands for one more bound value. */
static void say(struct ctx *cx, struct condition_sql *s, const char *text, const struct val *binds,
                size_t count)
{
    str rest = str_of(text);
    for (size_t i = 0; i < count; i++) {
        size_t at = str_find(rest, '%');
        out(&s->text, str_head(rest, at));
        out(&s->text, condition_bind(cx, s, binds[i]));
        rest = str_from(rest, at + 1);
    }
    out(&s->text, rest);
}
#define SAY(cx, s, text, ...) say(cx, s, text, BINDS(__VA_ARGS__))

static i64 month_and_day(day d)
{
    int year, month, mday;
    day_to_ymd(d, &year, &month, &mday);
    return month * 100 + (month == 2 && mday == 28 && month_days(year, 2) == 28 ? 29 : mday);
}

/* Who celebrates from one day to another, both included. */
static void birthdays(struct ctx *cx, struct condition_sql *s, const struct care_known *rule,
                      day from, day to)
{
    int year, month, mday;
    day_to_ymd(from, &year, &month, &mday);
    i64 begin = month * 100 + mday, end = month_and_day(to);
    if (to.n < from.n)
        SAY(cx, s, " AND c.id = 0");
    else if (to.n - from.n >= 365)
        SAY(cx, s, " AND c.birth_md IS NOT NULL");
    else
        SAY(cx, s,
            begin <= end ? " AND (c.birth_md >= % AND c.birth_md <= %)"
                         : " AND (c.birth_md >= % OR c.birth_md <= %)",
            V(begin), V(end));
    SAY(cx, s,
        " AND NOT EXISTS (SELECT 1 FROM care_made m WHERE m.rule_id = % AND m.customer_id = c.id"
        " AND m.occasion IN (%, %))",
        V(rule->id.v), V(arena_fmt(cx->arena, "year:%d", year)),
        V(arena_fmt(cx->arena, "year:%d", year + 1)));
}

static void after_orders(struct ctx *cx, struct condition_sql *s, const struct care_known *rule,
                         instant from, instant before)
{
    SAY(cx, s, " AND o.ordered_at >= % AND o.ordered_at < %", V(from), V(before));
    if (rule->first_only)
        SAY(cx, s,
            " AND NOT EXISTS (SELECT 1 FROM sales_order e WHERE e.customer_id = o.customer_id"
            " AND (e.ordered_at < o.ordered_at OR (e.ordered_at = o.ordered_at AND e.id < o.id)))");
    SAY(cx, s,
        " AND NOT EXISTS (SELECT 1 FROM care_made m WHERE m.rule_id = % AND m.customer_id = c.id"
        " AND m.occasion = 'order:' || CAST(o.id AS TEXT))",
        V(rule->id.v));
}

/* Whose time began to run from one instant on and before another. */
static void since(struct ctx *cx, struct condition_sql *s, const struct care_known *rule,
                  instant from, instant before)
{
    i64 first = MAX(from.ms, 1), end = before.ms;
    if (rule->kind == CARE_DORMANT) {
        SAY(cx, s,
            " AND s.last_at >= % AND s.last_at < % AND NOT EXISTS (SELECT 1 FROM care_made m"
            " WHERE m.rule_id = % AND m.customer_id = c.id"
            " AND m.occasion = 'last:' || CAST(s.last_at AS TEXT))",
            V(first), V(end), V(rule->id.v));
        return;
    }
    SAY(cx, s,
        " AND coalesce(s.last_at, 0) < % AND c.joined_at < %"
        " AND NOT EXISTS (SELECT 1 FROM task t WHERE t.customer_id = c.id"
        " AND (t.state = 'done' OR t.rule_id = %) AND t.finished_at >= %)"
        " AND NOT EXISTS (SELECT 1 FROM task t WHERE t.customer_id = c.id AND t.rule_id = %"
        " AND t.state = 'open')",
        V(end), V(end), V(rule->id.v), V(end), V(rule->id.v));
    SAY(cx, s,
        " AND (coalesce(s.last_at, 0) >= % OR c.joined_at >= %"
        " OR EXISTS (SELECT 1 FROM task t WHERE t.customer_id = c.id"
        " AND (t.state = 'done' OR t.rule_id = %) AND t.finished_at >= %))",
        V(first), V(first), V(rule->id.v), V(first));
}

/* Tasks whose moment comes up to the end of that day: the rule's hour of a day counts. */
static enum err count_until(struct ctx *cx, const struct care_known *rule, day until, i64 *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct condition_sql s = { 0 };
    day today = day_of(cx->now), first = today;
    if (rule->overdue && (rule->kind == CARE_RHYTHM || rule->kind == CARE_DORMANT))
        first.n = rule->days - 1;
    strbuf_init(&s.text, cx->arena, 1 << 20);
    out_z(&s.text,
          rule->kind == CARE_AFTER_ORDER ? "SELECT count(*)" ORDERS : "SELECT count(*)" PEOPLE);
    TRY(condition_to_sql(cx, &rule->condition, &s));
    day from = { first.n - rule->days }, end = { until.n - rule->days + 1 };
    switch (rule->kind) {
    case CARE_BIRTHDAY: birthdays(cx, &s, rule, today, (day) { until.n + rule->days }); break;
    case CARE_AFTER_ORDER: after_orders(cx, &s, rule, day_start(from), day_start(end)); break;
    case CARE_RHYTHM:
    case CARE_DORMANT: since(cx, &s, rule, day_start(from), day_start(end)); break;
    case CARE_KINDS: return ERR_INTERNAL;
    }
    TRY(db_query_text(cx->db, "care_preview", strbuf_str(&s.text), &r, s.binds.at, s.binds.n));
    *ret = rows_next(&r) ? col_i64(&r, 0) : 0;
    return rows_end(&r);
}

enum err care_preview(struct ctx *cx, const struct care_known *rule, struct care_forecast *ret)
{
    day reached = care_reached(cx->now, rule->hour);
    struct care_forecast f;
    TRY(count_until(cx, rule, reached, &f.now));
    TRY(count_until(cx, rule, (day) { reached.n + 7 }, &f.in_7_days));
    TRY(count_until(cx, rule, (day) { reached.n + 30 }, &f.in_30_days));
    *ret = f;
    return OK;
}
