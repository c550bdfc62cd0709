#include "domain/dashboard/dashboard.h"

#include "core/reply.h"
#include "domain/dashboard/measure.h"
#include "domain/org/org.h"

#include "dashboard.sql.h"

#define POINTS_MAX 400
#define YEAR_MIN   2000
ID_TYPE(sold_id);

static const char *const period_names[] = { "day", "week", "month", NULL };
static const char *const step_names[] = { "hour", "day", "week", "month", NULL };
#define FIGURE(key, ...) #key,
static const char *const figure_keys[] = {
#include "domain/dashboard/figure.def"
    NULL
};
#undef FIGURE

#define FIGURE_DEFINITION(F, T)                                           \
    F(T, str, key, .choices = figure_keys, .doc = "How the API names it") \
    F(T, str, unit, .choices = figure_units,                              \
      .doc = "money_fen: hundredths of the currency unit; share: of 1")   \
    F(T, str, name, .doc = "Shown name")                                  \
    F(T, str, name_en, .doc = "Shown name in English")                    \
    F(T, str, definition, .doc = "What is counted")                       \
    F(T, str, definition_en, .doc = "The same in English")
SCHEMA(figure_definition, FIGURE_DEFINITION);

#define DASHBOARD_OF(F, T)                                                                      \
    F(T, str, period, .choices = period_names, .doc = "day unless told; weeks begin on Monday") \
    F(T, day, day, .doc = "A day in it; today unless told")
SCHEMA(dashboard_of, DASHBOARD_OF);

#define DASHBOARD_SPAN(F, T)                           \
    F(T, instant, from_at, .doc = "Its first instant") \
    F(T, instant, to_at, .doc = "The first one that is not counted")
SCHEMA(dashboard_span, DASHBOARD_SPAN);

#define DASHBOARD_FIGURE(F, T)                                                                     \
    F(T, str, key, .choices = figure_keys, .doc = "Which")                                         \
    F(T, f64, value, .nullable = true, .doc = "In the unit of its definition; null: over nothing") \
    F(T, f64, previous, .nullable = true, .doc = "In the period before")                           \
    F(T, f64, week_ago, .nullable = true,                                                          \
      .doc = "On the same weekday of the week before; null, too, of weeks and months")             \
    F(T, json, condition, .nullable = true,                                                        \
      .doc = "The people behind it, in the language of conditions; null: it has none")
SCHEMA(dashboard_figure, DASHBOARD_FIGURE);

#define DASHBOARD_VIEW(F, T)                                                      \
    F(T, str, period, .choices = period_names, .doc = "Which kind")               \
    F(T, obj, span, .of = &dashboard_span_schema, .doc = "As far as it has come") \
    F(T, obj, previous, .of = &dashboard_span_schema,                             \
      .doc = "The period before, as far in as this one has come")                 \
    F(T, obj, week_ago, .of = &dashboard_span_schema, .nullable = true,           \
      .doc = "Of a day: the same weekday of the week before, as far in")          \
    F(T, list, figures, .of = &dashboard_figure_schema,                           \
      .doc = "All, in the order of their definitions")
SCHEMA(dashboard_view, DASHBOARD_VIEW);

#define DASHBOARD_TREND_OF(F, T)                                                           \
    F(T, str, figure, .required = true, .choices = figure_keys, .doc = "Which")            \
    F(T, str, by, .choices = step_names, .doc = "day unless told")                         \
    F(T, day, from, .doc = "First day; 1 day, 30 days, 12 weeks or 12 months unless told") \
    F(T, day, to, .doc = "Last day; today unless told")
SCHEMA(dashboard_trend_of, DASHBOARD_TREND_OF);

#define DASHBOARD_POINT(F, T)                             \
    F(T, instant, from_at, .doc = "Its first instant")    \
    F(T, instant, to_at, .doc = "The first one after it") \
    F(T, f64, value, .nullable = true,                    \
      .doc = "In the figure's unit; null: over nothing, or not begun")
SCHEMA(dashboard_point, DASHBOARD_POINT);

#define DASHBOARD_TOP_OF(F, T) \
    DASHBOARD_OF(F, T)         \
    F(T, i64, limit, .min = 1, .max = 200, .doc = "How many; 50 unless told")
SCHEMA(dashboard_top_of, DASHBOARD_TOP_OF);

#define DASHBOARD_DEPARTMENT(F, T)                                               \
    F(T, department_id, department_id, .nullable = true, .doc = "Null: of none") \
    F(T, str, department_name, .nullable = true, .doc = "Its name")              \
    F(T, i64, orders, .doc = "Orders sold there")                                \
    F(T, money, sales_fen, .doc = "Sum of their amounts")                        \
    F(T, i64, buyers, .doc = "Known people with an order there")                 \
    F(T, i64, new_customers, .doc = "New people who are its customers")
SCHEMA(dashboard_department, DASHBOARD_DEPARTMENT);

#define DASHBOARD_PRODUCT(F, T)                                  \
    F(T, sold_id, product_id, .doc = "Number")                   \
    F(T, str, product_code, .doc = "Its code")                   \
    F(T, str, product_name, .nullable = true, .doc = "Its name") \
    F(T, i64, quantity_milli, .doc = "Thousandths")              \
    F(T, money, sales_fen, .doc = "Sum of the lines' amounts")
SCHEMA(dashboard_product, DASHBOARD_PRODUCT);

static int choice(str given, const char *const *names, int otherwise)
{
    for (int i = 0; given.len && names[i]; i++)
        if (str_is(given, names[i]))
            return i;
    return otherwise;
}

/* A day that has not begun has no figures, and nobody's shop has sold with this before 2000. */
static enum err in_time(struct ctx *cx, const char *field, day d)
{
    if (d.n > day_of(cx->now).n)
        return fail_rule(cx, ERR_INVALID, field, "这一天还没有到", "this day has not begun");
    return d.n >= day_from_ymd(YEAR_MIN, 1, 1).n
               ? OK
               : fail_rule(cx, ERR_INVALID, field, "只有 2000 年以来的数据",
                           "there are figures since the year 2000");
}

static enum err asked(struct ctx *cx, str period, bool has_day, day d, struct period *ret)
{
    if (!has_day)
        d = day_of(cx->now);
    TRY(in_time(cx, "day", d));
    *ret = period_of((enum period_kind)choice(period, period_names, PERIOD_DAY), d, cx->now);
    return OK;
}

static enum err definitions_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)cx;
    (void)input;
    reply_list(out);
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        const struct figure_row *f = &figure_rows[i];
        reply_item(out, &figure_definition_schema,
                   &(struct figure_definition) { .key = str_of(f->key),
                                                 .unit = str_of(figure_units[f->unit]),
                                                 .name = str_of(f->zh),
                                                 .name_en = str_of(f->en),
                                                 .definition = str_of(f->zh_definition),
                                                 .definition_en = str_of(f->en_definition) });
    }
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err view_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct dashboard_of *in = input;
    struct dashboard_figure figures[FIGURE_COUNT] = { 0 };
    struct known_people known = { 0 };
    struct measure now, previous, week_ago = { 0 };
    struct period p;
    uint32_t every = (1u << PART_COUNT) - 1;
    TRY(asked(cx, in->period, HAS(in, dashboard_of, day), in->day, &p));
    TRY(measure_span(cx, p.now, every, &known, &now));
    TRY(measure_span(cx, p.previous, every, &known, &previous));
    if (p.week_ago.to.ms)
        TRY(measure_span(cx, p.week_ago, every, &known, &week_ago));
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        const struct figure_row *f = &figure_rows[i];
        figures[i] =
            (struct dashboard_figure) { .key = str_of(f->key),
                                        .value = figure_value(f, &now),
                                        .previous = figure_value(f, &previous),
                                        .week_ago = p.week_ago.to.ms ? figure_value(f, &week_ago)
                                                                     : __builtin_nan(""),
                                        .condition = figure_condition(cx->arena, f, p.now) };
    }
    struct dashboard_span span = { .from_at = p.now.from, .to_at = p.now.to },
                          before = { .from_at = p.previous.from, .to_at = p.previous.to },
                          week = { .from_at = p.week_ago.from, .to_at = p.week_ago.to };
    return reply_struct(out, &dashboard_view_schema,
                        &(struct dashboard_view) { .period = in->period.len ? in->period : S("day"),
                                                   .span = &span,
                                                   .previous = &before,
                                                   .week_ago = p.week_ago.to.ms ? &week : NULL,
                                                   .figures = { figures, FIGURE_COUNT } });
}

/* Spans of a trend, one after another. */
struct steps {
    int by; /* of step_names; 0: hours */
    day first, last;
    instant at;
};

static enum err steps_of(struct ctx *cx, const struct dashboard_trend_of *in, struct steps *ret)
{
    static const int back[] = { 0, 29, 11, 11 };
    bool has_from = HAS(in, dashboard_trend_of, from);
    ret->by = choice(in->by, step_names, 1);
    enum period_kind kind = ret->by ? (enum period_kind)(ret->by - 1) : PERIOD_DAY;
    ret->last = HAS(in, dashboard_trend_of, to) ? in->to : day_of(cx->now);
    TRY(in_time(cx, "to", ret->last));
    ret->first =
        has_from ? in->from : period_step(kind, period_first(kind, ret->last), -back[ret->by]);
    if (has_from)
        TRY(in_time(cx, "from", ret->first));
    if (ret->first.n > ret->last.n)
        return fail_rule(cx, ERR_INVALID, "from", "开始日期晚于结束日期",
                         "the first day is after the last");
    ret->first = period_first(kind, ret->first);
    ret->at = day_start(ret->first);
    return OK;
}

/* The next span; false after the last. Hours are counted from each day's beginning. */
static bool steps_next(struct steps *s, struct span *ret)
{
    if (s->first.n > s->last.n)
        return false;
    enum period_kind kind = s->by ? (enum period_kind)(s->by - 1) : PERIOD_DAY;
    day next = period_step(kind, s->first, 1);
    instant end = day_start(next), to = end;
    if (!s->by && s->at.ms + HOUR_MS < end.ms)
        to.ms = s->at.ms + HOUR_MS;
    *ret = (struct span) { s->at, to };
    s->at = to;
    if (to.ms == end.ms)
        s->first = next;
    return true;
}

static enum err trend_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct dashboard_trend_of *in = input;
    const struct figure_row *f = &figure_rows[choice(in->figure, figure_keys, 0)];
    struct known_people known = { 0 };
    struct steps steps = { 0 };
    struct span s;
    struct measure m;
    TRY(steps_of(cx, in, &steps));
    reply_list(out);
    for (int n = 0; steps_next(&steps, &s); n++) {
        struct span passed = { s.from, { MIN(s.to.ms, cx->now.ms + 1) } };
        bool begun = s.from.ms <= cx->now.ms;
        if (n == POINTS_MAX)
            return fail(cx, ERR_TOO_MANY, "from", P("max", POINTS_MAX));
        if (begun)
            TRY(measure_span(cx, passed, figure_parts(f), &known, &m));
        reply_item(
            out, &dashboard_point_schema,
            &(struct dashboard_point) { .from_at = s.from,
                                        .to_at = s.to,
                                        .value = begun ? figure_value(f, &m) : __builtin_nan("") });
    }
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err top(struct ctx *cx, const struct dashboard_top_of *in, struct sql *sql,
                    const struct schema *schema, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct period p;
    TRY(asked(cx, in->period, HAS(in, dashboard_top_of, day), in->day, &p));
    TRY(db_query(cx->db, sql, &r, BINDS(V(p.now.from), V(p.now.to), V(page_limit(in->limit)))));
    reply_list(out);
    TRY(reply_rows(cx, out, schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err departments_run(struct ctx *cx, const void *input, struct reply *out)
{
    return top(cx, input, &SQL_dashboard_departments, &dashboard_department_schema, out);
}

static enum err products_run(struct ctx *cx, const void *input, struct reply *out)
{
    return top(cx, input, &SQL_dashboard_products, &dashboard_product_schema, out);
}

static const struct route routes[] = {
    { GET, "/api/v1/dashboard", view_run, .id = "dashboard.get", .perm = PERM_DASHBOARD_READ,
      .mode = READ, .in = &dashboard_of_schema, .out = &dashboard_view_schema,
      .doc = "Figures of a day, a week or a month beside those before, as far as one may see" },
    { GET, "/api/v1/dashboard/figures", definitions_run, .id = "dashboard.figures",
      .perm = PERM_DASHBOARD_READ, .mode = READ, .out = &figure_definition_schema, .listed = true,
      .doc = "What each figure counts" },
    { GET, "/api/v1/dashboard/trend", trend_run, .id = "dashboard.trend",
      .perm = PERM_DASHBOARD_READ, .mode = READ, .in = &dashboard_trend_of_schema,
      .out = &dashboard_point_schema, .listed = true,
      .doc = "One figure by hours, days, weeks or months" },
    { GET, "/api/v1/dashboard/departments", departments_run, .id = "dashboard.departments",
      .perm = PERM_DASHBOARD_READ, .mode = READ, .in = &dashboard_top_of_schema,
      .out = &dashboard_department_schema, .listed = true,
      .doc = "A period by departments, those that sold most first" },
    { GET, "/api/v1/dashboard/products", products_run, .id = "dashboard.products",
      .perm = PERM_DASHBOARD_READ, .mode = READ, .in = &dashboard_top_of_schema,
      .out = &dashboard_product_schema, .listed = true, .doc = "What sold most in a period" },
};

const struct module dashboard_module = { .name = "dashboard",
                                         .routes = routes,
                                         .route_count = COUNT(routes) };
