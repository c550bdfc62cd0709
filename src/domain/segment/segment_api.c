#include "base/json.h"
#include "base/time.h"
#include "core/app.h"
#include "core/reply.h"
#include "domain/insight/insight.h"
#include "domain/segment/internal.h"

#include "segment.sql.h"

#define DAYS_MAX 400

#define SEGMENT_LIST_IN(F, T)                                            \
    F(T, str, q, .max = 60, .doc = "Only those with this in their name") \
    PAGE_FIELDS(F, T)
SCHEMA(segment_list_in, SEGMENT_LIST_IN);

#define SEGMENT_ONE(F, T) F(T, segment_id, id, .doc = "Number")
SCHEMA(segment_one, SEGMENT_ONE);

#define SEGMENT_CREATE(F, T)                                                                  \
    F(T, str, name, .required = true, .max = 60, .doc = "Shown name")                         \
    F(T, str, description, .max = 500, .nullable = true, .doc = "What it is for")             \
    F(T, str, kind, .choices = segment_kinds, .doc = "live unless told")                      \
    F(T, doc, condition, .doc = "Of a live one: who is in it, in the language of the engine") \
    F(T, list, people, .of_type = FT_id, .max = SEGMENT_LIST_MAX,                             \
      .doc = "Of a list: numbers of customers; those one may not see are left out")
SCHEMA(segment_create, SEGMENT_CREATE);

#define SEGMENT_CHANGE(F, T)                                                      \
    F(T, segment_id, id, .doc = "Number")                                         \
    F(T, str, name, .min = 1, .max = 60, .doc = "Shown name")                     \
    F(T, str, description, .max = 500, .nullable = true, .doc = "What it is for") \
    F(T, doc, condition, .doc = "Of a live one: who is in it from now on")
SCHEMA(segment_change, SEGMENT_CHANGE);

#define SEGMENT_PEOPLE(F, T)                                             \
    F(T, segment_id, id, .doc = "Number of the list")                    \
    F(T, list, add, .of_type = FT_id, .max = SEGMENT_LIST_MAX,           \
      .doc = "Numbers of customers; those one may not see are left out") \
    F(T, list, remove, .of_type = FT_id, .max = SEGMENT_LIST_MAX, .doc = "Likewise")
SCHEMA(segment_people, SEGMENT_PEOPLE);

#define SEGMENT_MOVED(F, T)                           \
    F(T, i64, added, .doc = "Who had not been in it") \
    F(T, i64, removed, .doc = "Who had been")         \
    F(T, i64, people, .doc = "Members now")
SCHEMA(segment_moved, SEGMENT_MOVED);

#define SEGMENT_COPY(F, T)                      \
    F(T, segment_id, id, .doc = "Of which one") \
    F(T, str, name, .required = true, .max = 60, .doc = "Shown name of the list")
SCHEMA(segment_copy_in, SEGMENT_COPY);

#define SEGMENT_DAYS(F, T)                                       \
    F(T, segment_id, id, .doc = "Number")                        \
    F(T, day, from, .doc = "First day; 30 days ago unless told") \
    F(T, day, to, .doc = "Last day; today unless told")
SCHEMA(segment_days_in, SEGMENT_DAYS);

#define SEGMENT_DAY(F, T)                               \
    F(T, day, day, .doc = "A day of the business zone") \
    F(T, i64, people, .doc = "Members at its end")      \
    F(T, i64, entered, .doc = "Who came")               \
    F(T, i64, exited, .doc = "Who went")
SCHEMA(segment_day, SEGMENT_DAY);

#define SEGMENT_OF(F, T) F(T, customer_id, id, .doc = "Number of the customer")
SCHEMA(segment_of, SEGMENT_OF);

#define MEMBERSHIP(F, T)                                             \
    F(T, segment_id, segment_id, .doc = "Which segment")             \
    F(T, str, name, .doc = "Its name")                               \
    F(T, str, kind, .choices = segment_kinds, .doc = "live or list") \
    F(T, instant, since_at, .doc = "In it since")
SCHEMA(membership, MEMBERSHIP);

static str text_of(struct ctx *cx, doc condition)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, 1 << 20);
    out_json_value(&text, condition);
    return strbuf_str(&text);
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct segment_list_in *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct strbuf like;
    i64 after, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &after));
    strbuf_init(&like, cx->arena, 1024);
    out_c(&like, '%');
    for (size_t i = 0; i < in->q.len; i++) {
        if (strchr("%_!", in->q.ptr[i]))
            out_c(&like, '!');
        out_c(&like, in->q.ptr[i]);
    }
    out_c(&like, '%');
    TRY(sql_query(cx, segment_page, &r, V(after), V(strbuf_str(&like)),
                  V(day_of(cx->now).n - SEGMENT_WEEK), V(limit + 1)));
    return reply_page(cx, out, &segment_schema, &r, limit);
}

/* Reads it as the engine would, and refuses what would go round: by way of other segments it may
 * not come back to itself, and it does not look at who came into segments and went. */
static enum err about_segments(const struct people *p)
{
    const struct query_leaf *l = &p->leaf;
    for (const struct people *c = p->first; c; c = c->next)
        TRY(about_segments(c));
    const struct match *all[] = { &l->match, l->window.anchor };
    for (size_t i = 0; p->kind == PEOPLE_LEAF && i < COUNT(all) + l->step_count; i++) {
        const struct match *m = i < COUNT(all) ? all[i] : &l->steps[i - COUNT(all)];
        for (size_t k = 0; m && k < m->type_count; k++)
            if (str_starts(m->types[k], S("segment.")))
                return ERR_INVALID;
    }
    return OK;
}

static enum err condition_check(struct ctx *cx, segment_id self, doc condition)
{
    struct people *people;
    TRY(insight_people_of(cx, "condition", self.v, condition, &people));
    if (people && about_segments(people) != OK)
        return fail_rule(cx, ERR_INVALID, "condition", "分群条件不能使用进出分群的事件",
                         "a segment cannot look at who entered and left segments");
    return OK;
}

/* --- people by hand */

static enum err move_all(struct ctx *cx, segment_id id, const list *people, bool in, bool quiet,
                         i64 *ret_moved)
{
    const i64 *ids = people->at;
    i64 one;
    bool changed;
    for (size_t i = 0; i < people->n; i++) {
        enum err e = sql_i64(cx, segment_visible, &one, V(ids[i]));
        if (e == ERR_DONE)
            continue;
        TRY(e);
        const struct segment_move m = { id, { ids[i] }, in, quiet };
        TRY(segment_move(cx, &m, &changed));
        *ret_moved += changed;
    }
    return OK;
}

static enum err people_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct segment_people *in = input;
    struct segment segment;
    struct segment_moved moved = { 0 };
    TRY(segment_get(cx, in->id, &segment));
    audit_entity(cx, "segment", in->id.v);
    if (!str_is(segment.kind, "list"))
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "动态分群的成员由条件决定，不能手动增减",
                         "who is in a live segment follows from its condition");
    TRY(move_all(cx, in->id, &in->remove, false, false, &moved.removed));
    TRY(move_all(cx, in->id, &in->add, true, false, &moved.added));
    TRY(segment_count(cx, in->id, moved.added, moved.removed, false));
    moved.people = segment.people + moved.added - moved.removed;
    return reply_struct(out, &segment_moved_schema, &moved);
}

/* --- made, changed, removed */

static enum err room(struct ctx *cx)
{
    i64 count;
    TRY(sql_i64(cx, segment_count, &count));
    return count < SEGMENTS_MAX ? OK : fail(cx, ERR_TOO_MANY, NULL, P("max", SEGMENTS_MAX));
}

static enum err insert(struct ctx *cx, const struct segment *s, segment_id *ret)
{
    TRY(room(cx));
    bool live = str_is(s->kind, "live");
    return taken(cx,
                 sql_i64(cx, segment_insert, &ret->v, V(s->name), V(s->description), V(s->kind),
                         V(live ? s->condition : STR_NONE), V(live ? "building" : "ready"),
                         ID(cx->actor.staff), V(cx->actor.name), V(cx->now)),
                 "name", s->name);
}

enum err segment_add(struct ctx *cx, str name, str description, doc condition, segment_id *ret)
{
    struct segment s = { .name = name, .description = description, .kind = S("live") };
    TRY(condition_check(cx, (segment_id) { 0 }, condition));
    s.condition = text_of(cx, condition);
    TRY(insert(cx, &s, ret));
    return segment_uses_put(cx, *ret, condition);
}

static enum err list_add(struct ctx *cx, const struct segment_create *in, segment_id *ret)
{
    struct segment s = { .name = in->name, .description = in->description, .kind = S("list") };
    i64 added = 0;
    TRY(insert(cx, &s, ret));
    TRY(move_all(cx, *ret, &in->people, true, false, &added));
    return segment_count(cx, *ret, added, 0, false);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct segment_create *in = input;
    bool live = !in->kind.len || str_is(in->kind, "live");
    struct segment s;
    segment_id id;
    if (live && !in->condition)
        return fail(cx, ERR_REQUIRED, "condition");
    if (!live && in->condition)
        return fail_rule(cx, ERR_INVALID, "condition", "名单没有条件", "a list has no condition");
    if (live && in->people.n)
        return fail_rule(cx, ERR_INVALID, "people", "动态分群的成员由条件决定",
                         "who is in a live segment follows from its condition");
    TRY(live ? segment_add(cx, in->name, in->description, in->condition, &id)
             : list_add(cx, in, &id));
    audit_entity(cx, "segment", id.v);
    TRY(segment_get(cx, id, &s));
    return reply_created(out, &segment_schema, &s);
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct segment_one *in = input;
    struct segment s;
    TRY(segment_get(cx, in->id, &s));
    return reply_struct(out, &segment_schema, &s);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct segment_change *in = input;
    struct segment s;
    i64 changed;
    TRY(segment_get(cx, in->id, &s));
    TRY(version_check(cx, s.version));
    audit_entity(cx, "segment", in->id.v);
    audit_before(cx, &segment_schema, &s);
    if (HAS(in, segment_change, name))
        s.name = in->name;
    if (HAS(in, segment_change, description))
        s.description = in->description;
    if (HAS(in, segment_change, condition)) {
        if (!str_is(s.kind, "live"))
            return fail_rule(cx, ERR_INVALID, "condition", "名单没有条件",
                             "a list has no condition");
        TRY(condition_check(cx, in->id, in->condition));
        str text = text_of(cx, in->condition);
        if (!str_eq(text, s.condition))
            s.state = S("building");
        s.condition = text;
        TRY(segment_uses_put(cx, in->id, in->condition));
    }
    TRY(taken(cx,
              sql_changed(cx, segment_update, &changed, ID(in->id), V(s.name), V(s.description),
                          V(s.condition), V(s.state), V(cx->now), V(s.version)),
              "name", s.name));
    s.version++;
    s.changed_at = cx->now;
    return reply_struct(out, &segment_schema, &s);
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct segment_one *in = input;
    struct segment s;
    (void)out;
    TRY(segment_get(cx, in->id, &s));
    TRY(version_check(cx, s.version));
    audit_entity(cx, "segment", in->id.v);
    audit_before(cx, &segment_schema, &s);
    if (s.uses)
        return fail(cx, ERR_IN_USE, NULL, P("count", s.uses));
    TRY(segment_uses_clear(cx, in->id));
    TRY(sql_exec(cx, segment_delete_members, ID(in->id)));
    TRY(sql_exec(cx, segment_delete_days, ID(in->id)));
    return sql_exec(cx, segment_delete, ID(in->id));
}

/* Who is in it now, as a list that stays. Nobody has moved, so there are no facts; the keeper has
 * the index look at everybody when it sees a new list. */
static enum err copy_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct segment_copy_in *in = input;
    struct segment from, s = { .name = in->name, .kind = S("list") };
    segment_id id;
    i64 copied;
    TRY(segment_get(cx, in->id, &from));
    s.description = from.description;
    if (!str_is(from.state, "ready"))
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "分群正在计算，请稍候", "it is being filled");
    TRY(insert(cx, &s, &id));
    TRY(sql_changed(cx, segment_copy, &copied, ID(in->id), ID(id), V(cx->now)));
    TRY(segment_count(cx, id, copied, 0, true));
    audit_entity(cx, "segment", id.v);
    TRY(segment_get(cx, id, &s));
    return reply_created(out, &segment_schema, &s);
}

/* --- what it was, who is where */

static enum err days_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct segment_days_in *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct segment s;
    day to = HAS(in, segment_days_in, to) ? in->to : day_of(cx->now),
        from = HAS(in, segment_days_in, from) ? in->from : (day) { to.n - 29 };
    i64 people;
    TRY(segment_get(cx, in->id, &s));
    from.n = MAX(from.n, day_of(s.created_at).n);
    to.n = MIN(to.n, day_of(cx->now).n);
    if (to.n - from.n >= DAYS_MAX)
        return fail(cx, ERR_TOO_MANY, "from", P("max", DAYS_MAX));
    enum err e = sql_i64(cx, segment_day_before, &people, ID(in->id), V(from.n));
    if (e == ERR_DONE)
        people = 0;
    else
        TRY(e);
    TRY(sql_query(cx, segment_days, &r, ID(in->id), V(from.n), V(to.n)));
    bool more = rows_next(&r);
    reply_list(out);
    for (; from.n <= to.n; from.n++) { /* days without a row: nothing changed */
        struct segment_day row = { .day = from, .people = people };
        if (more && col_i64(&r, 0) == from.n) {
            row.people = people = col_i64(&r, 1);
            row.entered = col_i64(&r, 2);
            row.exited = col_i64(&r, 3);
            more = rows_next(&r);
        }
        reply_item(out, &segment_day_schema, &row);
    }
    reply_list_end(out, STR_NONE, NONE);
    return rows_end(&r);
}

static enum err of_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct segment_of *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(customer_see(cx, in->id));
    TRY(sql_query(cx, segment_of_customer, &r, ID(in->id)));
    reply_list(out);
    TRY(reply_rows(cx, out, &membership_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

const struct route segment_routes[SEGMENT_ROUTES] = {
    { GET, "/api/v1/segments", list_run, .id = "segment.list", .perm = PERM_INSIGHT_READ,
      .mode = READ, .in = &segment_list_in_schema, .out = &segment_schema, .listed = true,
      .doc = "Segments, oldest first" },
    { POST, "/api/v1/segments", create_run, .id = "segment.create", .perm = PERM_SEGMENT_WRITE,
      .mode = WRITE, .in = &segment_create_schema, .out = &segment_schema,
      .doc = "A new segment; a live one fills itself, which takes moments" },
    { GET, "/api/v1/segments/{id}", get_run, .id = "segment.get", .perm = PERM_INSIGHT_READ,
      .mode = READ, .in = &segment_one_schema, .out = &segment_schema, .doc = "One segment" },
    { PATCH, "/api/v1/segments/{id}", change_run, .id = "segment.change",
      .perm = PERM_SEGMENT_WRITE, .mode = WRITE, .in = &segment_change_schema,
      .out = &segment_schema, .doc = "Change its name, purpose or condition" },
    { DELETE, "/api/v1/segments/{id}", remove_run, .id = "segment.delete",
      .perm = PERM_SEGMENT_WRITE, .mode = WRITE, .in = &segment_one_schema,
      .doc = "Remove a segment that nothing names" },
    { POST, "/api/v1/segments/{id}/people", people_run, .id = "segment.people",
      .perm = PERM_SEGMENT_WRITE, .mode = WRITE, .in = &segment_people_schema,
      .out = &segment_moved_schema, .doc = "Add people to a list and remove them" },
    { POST, "/api/v1/segments/{id}/copy", copy_run, .id = "segment.copy",
      .perm = PERM_SEGMENT_WRITE, .mode = WRITE, .in = &segment_copy_in_schema,
      .out = &segment_schema, .doc = "Who is in it now, as a list" },
    { GET, "/api/v1/segments/{id}/days", days_run, .id = "segment.days", .perm = PERM_INSIGHT_READ,
      .mode = READ, .in = &segment_days_in_schema, .out = &segment_day_schema, .listed = true,
      .doc = "How large it was each day, and who came and went" },
    { GET, "/api/v1/customers/{id}/segments", of_run, .id = "segment.of",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &segment_of_schema, .out = &membership_schema,
      .listed = true, .doc = "The segments a customer is in" },
};
