#include "base/json.h"
#include "domain/insight/insight.h"
#include "domain/report/internal.h"

#include "report.sql.h"

#define REPORTS_MAX 500   /* of one person */
#define QUERY_MAX   65536 /* bytes, also of the options */

SCHEMA_TABLE(report, REPORT);

#define REPORT_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(report_list_in, REPORT_LIST);

#define REPORT_CREATE(F, T)                                                                \
    F(T, str, name, .required = true, .max = 60, .doc = "Shown name")                      \
    F(T, boolean, shared, .doc = "Everybody sees it; takes segment.write")                 \
    F(T, doc, query, .required = true,                                                     \
      .doc = "A funnel, retention, trend …: the language of the engine, no segment; or " \
             "aarrr, segments as the stages people pass: { kind, since, until, stages: "   \
             "[{ stage, query }] }")                                                       \
    F(T, json, options, .doc = "Of the page: how the range was chosen, how it is drawn")
SCHEMA(report_create, REPORT_CREATE);

#define REPORT_CHANGE(F, T)                                                \
    F(T, report_id, id, .doc = "Number")                                   \
    F(T, str, name, .min = 1, .max = 60, .doc = "Shown name")              \
    F(T, boolean, shared, .doc = "Everybody sees it; takes segment.write") \
    F(T, doc, query, .doc = "The question from now on")                    \
    F(T, json, options, .doc = "Of the page")
SCHEMA(report_change, REPORT_CHANGE);

#define REPORT_ONE(F, T) F(T, report_id, id, .doc = "Number")
SCHEMA(report_one, REPORT_ONE);

enum err report_get(struct ctx *cx, report_id id, struct report *ret)
{
    return sql_one(cx, report_by_id, &report_schema, ret, ID(id), ID(cx->actor.staff));
}

/* One to be changed: one's own, or, of the shared ones, by who keeps those. */
static enum err get_to_change(struct ctx *cx, report_id id, struct report *ret)
{
    TRY(report_get(cx, id, ret));
    audit_entity(cx, "report", id.v);
    audit_before(cx, &report_schema, ret);
    return ret->staff_id.v == cx->actor.staff.v ? OK : need(cx, PERM_SEGMENT_WRITE);
}

static enum err engine_check(struct ctx *cx, doc described)
{
    enum query_kind kind;
    TRY(insight_check(cx, "query", described, &kind));
    return kind != QUERY_SEGMENT
               ? OK
               : fail_rule(cx, ERR_INVALID, "query.kind", "分群不是报表，请另存为分群",
                           "a segment is no report; save it as a segment");
}

/* Kinds of reports that are several questions; all others are of the engine. */
static const struct {
    const char *kind;
    enum err (*check)(struct ctx *cx, doc described);
} kinds[] = { { "aarrr", stages_check } };

static enum err question(struct ctx *cx, doc described, str *ret_kind, str *ret_text)
{
    enum err (*check)(struct ctx *, doc) = engine_check;
    const struct json *kind = json_get(described, "kind");
    struct strbuf text;
    for (size_t i = 0; kind && i < COUNT(kinds); i++)
        if (kind->kind == JSON_STRING && str_is(kind->text, kinds[i].kind))
            check = kinds[i].check;
    TRY(check(cx, described));
    strbuf_init(&text, cx->arena, 1 << 20);
    out_json_value(&text, described);
    *ret_text = strbuf_str(&text);
    *ret_kind = kind->text;
    return ret_text->len <= QUERY_MAX ? OK : fail(cx, ERR_TOO_LONG, "query", P("max", QUERY_MAX));
}

static enum err options_fit(struct ctx *cx, str options)
{
    return options.len <= QUERY_MAX ? OK : fail(cx, ERR_TOO_LONG, "options", P("max", QUERY_MAX));
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct report_list_in *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 after, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(sql_query(cx, report_page, &r, ID(cx->actor.staff), V(after), V(limit + 1)));
    return reply_page(cx, out, &report_schema, &r, limit);
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct report_one *in = input;
    struct report report;
    TRY(report_get(cx, in->id, &report));
    return reply_struct(out, &report_schema, &report);
}

enum err report_add(struct ctx *cx, const struct report_new *n, report_id *ret)
{
    str text, kind, options = n->options.len ? n->options : S("{}");
    i64 count;
    TRY(sql_i64(cx, report_count, &count, ID(n->staff)));
    if (count >= REPORTS_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", REPORTS_MAX));
    TRY(question(cx, n->query, &kind, &text));
    TRY(options_fit(cx, options));
    return taken(cx,
                 sql_i64(cx, report_insert, &ret->v, ID(n->staff), V(n->shared), V(n->name),
                         V(kind), V(text), V(options), V(cx->now)),
                 "name", n->name);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct report_create *in = input;
    struct report report;
    report_id id;
    if (!cx->actor.staff.v)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "仅员工可保存报表",
                         "only members of staff have reports");
    if (in->shared)
        TRY(need(cx, PERM_SEGMENT_WRITE));
    TRY(report_add(
        cx, &(struct report_new) { cx->actor.staff, in->shared, in->name, in->query, in->options },
        &id));
    audit_entity(cx, "report", id.v);
    TRY(report_get(cx, id, &report));
    return reply_created(out, &report_schema, &report);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct report_change *in = input;
    struct report report;
    i64 changed;
    TRY(get_to_change(cx, in->id, &report));
    TRY(version_check(cx, report.version));
    if (HAS(in, report_change, shared) && in->shared && !report.shared)
        TRY(need(cx, PERM_SEGMENT_WRITE));
    schema_patch(&report_schema, &report, &report_change_schema, in);
    if (HAS(in, report_change, query))
        TRY(question(cx, in->query, &report.kind, &report.query));
    TRY(options_fit(cx, report.options));
    TRY(taken(cx,
              sql_changed(cx, report_update, &changed, ID(report.id), V(report.shared),
                          V(report.name), V(report.kind), V(report.query), V(report.options),
                          V(cx->now), V(report.version)),
              "name", report.name));
    report.version++;
    report.updated_at = cx->now;
    return reply_struct(out, &report_schema, &report);
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct report_one *in = input;
    struct report report;
    (void)out;
    TRY(get_to_change(cx, in->id, &report));
    TRY(sql_exec(cx, pin_report_gone, ID(in->id)));
    return sql_exec(cx, report_delete, ID(in->id));
}

static const struct route routes[] = {
    { GET, "/api/v1/reports", list_run, .id = "report.list", .perm = PERM_INSIGHT_READ,
      .mode = READ, .in = &report_list_in_schema, .out = &report_schema, .listed = true,
      .doc = "One's own saved reports and the shared ones" },
    { POST, "/api/v1/reports", create_run, .id = "report.create", .perm = PERM_INSIGHT_READ,
      .mode = WRITE, .in = &report_create_schema, .out = &report_schema, .doc = "Save a report" },
    { GET, "/api/v1/reports/{id}", get_run, .id = "report.get", .perm = PERM_INSIGHT_READ,
      .mode = READ, .in = &report_one_schema, .out = &report_schema, .doc = "A saved report" },
    { PATCH, "/api/v1/reports/{id}", change_run, .id = "report.change", .perm = PERM_INSIGHT_READ,
      .mode = WRITE, .in = &report_change_schema, .out = &report_schema,
      .doc = "Change a report of one's own, or with segment.write a shared one" },
    { DELETE, "/api/v1/reports/{id}", remove_run, .id = "report.remove", .perm = PERM_INSIGHT_READ,
      .mode = WRITE, .in = &report_one_schema,
      .doc = "Remove a report of one's own, or with segment.write a shared one" },
    { GET, "/api/v1/report-pins", pin_list_run, .id = "report_pin.list", .perm = PERM_INSIGHT_READ,
      .mode = READ, .out = &report_pin_schema, .listed = true,
      .doc =
          "Reports on the dashboard: those everybody has there, then one's own, in their order" },
    { POST, "/api/v1/report-pins", pin_create_run, .id = "report_pin.create",
      .perm = PERM_INSIGHT_READ, .mode = WRITE, .in = &report_pin_create_schema,
      .out = &report_pin_schema, .doc = "Put a saved report on the dashboard, behind the others" },
    { PATCH, "/api/v1/report-pins/{id}", pin_change_run, .id = "report_pin.change",
      .perm = PERM_INSIGHT_READ, .mode = WRITE, .in = &report_pin_change_schema,
      .out = &report_pin_schema, .doc = "Change the width or the place of one" },
    { DELETE, "/api/v1/report-pins/{id}", pin_remove_run, .id = "report_pin.remove",
      .perm = PERM_INSIGHT_READ, .mode = WRITE, .in = &report_pin_one_schema,
      .doc = "Take a report from the dashboard; it stays saved" },
};

const struct module report_module = { .name = "report",
                                      .routes = routes,
                                      .route_count = COUNT(routes) };
