/* Saved reports on the dashboard. A pin is of one person, or shared: then everybody has it on their
 * dashboard, which takes "segment.write", and its report is a shared one. A pin outlives its
 * report, so that a dashboard says what is gone and does not just shrink. */
#include "base/vec.h"
#include "domain/report/internal.h"

#include "report.sql.h"

#define PINS_MAX  30 /* of one person, and of everybody */
#define WIDTH     1
#define WIDTH_MAX 3

ID_TYPE(report_pin_id);

#define REPORT_PIN(F, T)                                                                         \
    F(T, report_pin_id, id, .doc = "Number")                                                     \
    F(T, staff_id, staff_id, .doc = "Who put it there")                                          \
    F(T, boolean, shared, .doc = "On everybody's dashboard")                                     \
    F(T, i64, width, .doc = "In thirds of the dashboard: 1, 2 or 3")                             \
    F(T, i64, place, .doc = "Smaller first, among the shared ones or one's own")                 \
    F(T, report_id, report_id, .nullable = true, .doc = "Null: it is gone, or no longer shared") \
    F(T, str, name, .doc = "Of the report; of one that is gone, its name then")                  \
    F(T, str, kind, .nullable = true, .doc = "Of the report's question")                         \
    F(T, json, query, .nullable = true, .doc = "The report's question")                          \
    F(T, json, options, .nullable = true, .doc = "Of the report's page")
SCHEMA(report_pin, REPORT_PIN);

#define REPORT_PIN_CREATE(F, T)                                         \
    F(T, report_id, report_id, .required = true, .doc = "Which report") \
    F(T, boolean, shared,                                               \
      .doc = "On everybody's dashboard; takes segment.write, and the "  \
             "report is a shared one")                                  \
    F(T, i64, width, .min = 1, .max = WIDTH_MAX, .doc = "In thirds; 1 unless told")
SCHEMA(report_pin_create, REPORT_PIN_CREATE);

#define REPORT_PIN_CHANGE(F, T)                                      \
    F(T, report_pin_id, id, .doc = "Number")                         \
    F(T, i64, width, .min = 1, .max = WIDTH_MAX, .doc = "In thirds") \
    F(T, report_pin_id, before, .nullable = true,                    \
      .doc = "To stand before this one from now on; null: behind all")
SCHEMA(report_pin_change, REPORT_PIN_CHANGE);

#define REPORT_PIN_ONE(F, T) F(T, report_pin_id, id, .doc = "Number")
SCHEMA(report_pin_one, REPORT_PIN_ONE);

struct place {
    i64 id, place;
};
typedef VEC(struct place) places;

static enum err get(struct ctx *cx, report_pin_id id, struct report_pin *ret)
{
    return sql_one(cx, pin_by_id, &report_pin_schema, ret, ID(id), ID(cx->actor.staff));
}

static enum err get_to_change(struct ctx *cx, report_pin_id id, struct report_pin *ret)
{
    TRY(get(cx, id, ret));
    audit_entity(cx, "report_pin", id.v);
    audit_before(cx, &report_pin_schema, ret);
    return ret->shared ? need(cx, PERM_SEGMENT_WRITE) : OK;
}

/* All that are arranged together, in their order. */
static enum err places_of(struct ctx *cx, staff_id staff, bool shared, places *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, pin_places, &r, ID(staff), V(shared)));
    while (rows_next(&r))
        *vec_push(cx->arena, ret) = (struct place) { col_i64(&r, 0), col_i64(&r, 1) };
    return rows_end(&r);
}

enum err pin_list_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    (void)input;
    TRY(sql_query(cx, pin_list, &r, ID(cx->actor.staff)));
    reply_list(out);
    TRY(reply_rows(cx, out, &report_pin_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err add(struct ctx *cx, staff_id staff, const struct report *report, bool shared,
                    i64 width, report_pin_id *ret)
{
    places all = { 0 };
    TRY(places_of(cx, staff, shared, &all));
    if (all.n >= PINS_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", PINS_MAX));
    i64 last = all.n ? all.at[all.n - 1].place : 0;
    return taken(cx,
                 sql_i64(cx, pin_insert, &ret->v, ID(staff), V(shared), ID(report->id),
                         V(report->name), V(width), V(last + 1), V(cx->now)),
                 "report_id", report->name);
}

enum err report_pin_add(struct ctx *cx, staff_id staff, report_id report, bool shared, i64 width)
{
    struct report found;
    report_pin_id id;
    TRY(sql_one(cx, report_by_id, &report_schema, &found, ID(report), ID(staff)));
    return add(cx, staff, &found, shared, width, &id);
}

enum err pin_create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct report_pin_create *in = input;
    struct report_pin pin;
    struct report report;
    report_pin_id id;
    if (!cx->actor.staff.v)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "仅员工有看板",
                         "only members of staff have a dashboard");
    TRY(report_get(cx, in->report_id, &report));
    if (in->shared)
        TRY(need(cx, PERM_SEGMENT_WRITE));
    if (in->shared && !report.shared)
        return fail_rule(cx, ERR_WRONG_STATE, "shared", "请先共享这份报表",
                         "share the report itself first");
    TRY(add(cx, cx->actor.staff, &report, in->shared, in->width == NONE ? WIDTH : in->width, &id));
    audit_entity(cx, "report_pin", id.v);
    TRY(get(cx, id, &pin));
    return reply_created(out, &report_pin_schema, &pin);
}

/* Only those whose number changes are written. */
static enum err move(struct ctx *cx, const struct report_pin *pin, report_pin_id before)
{
    places all = { 0 }, now = { 0 };
    struct place mine = { pin->id.v, pin->place };
    bool placed = false;
    TRY(places_of(cx, cx->actor.staff, pin->shared, &all));
    for (size_t i = 0; i < all.n; i++) {
        if (all.at[i].id == before.v) {
            *vec_push(cx->arena, &now) = mine;
            placed = true;
        }
        if (all.at[i].id != mine.id)
            *vec_push(cx->arena, &now) = all.at[i];
    }
    if (before.v && !placed)
        return fail_rule(cx, ERR_INVALID, "before", "它不在同一组里",
                         "it is not one of the same kind");
    if (!placed)
        *vec_push(cx->arena, &now) = mine;
    for (size_t i = 0; i < now.n; i++)
        if (now.at[i].place != (i64)i + 1)
            TRY(sql_exec(cx, pin_set_place, V(now.at[i].id), V((i64)i + 1)));
    return OK;
}

enum err pin_change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct report_pin_change *in = input;
    struct report_pin pin;
    TRY(get_to_change(cx, in->id, &pin));
    if (HAS(in, report_pin_change, width))
        TRY(sql_exec(cx, pin_set_width, ID(pin.id), V(in->width)));
    if (HAS(in, report_pin_change, before))
        TRY(move(cx, &pin, in->before));
    TRY(get(cx, in->id, &pin));
    return reply_struct(out, &report_pin_schema, &pin);
}

enum err pin_remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct report_pin_one *in = input;
    struct report_pin pin;
    (void)out;
    TRY(get_to_change(cx, in->id, &pin));
    return sql_exec(cx, pin_delete, ID(in->id));
}
