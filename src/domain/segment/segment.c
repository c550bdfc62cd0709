#include "domain/segment/segment.h"

#include "base/time.h"
#include "base/vec.h"
#include "core/event.h"
#include "domain/insight/insight.h"
#include "domain/segment/internal.h"

#include "segment.sql.h"

const char *const segment_kinds[] = { "live", "list", NULL };
const char *const segment_states[] = { "building", "ready", NULL };
SCHEMA_TABLE(segment, SEGMENT);

const struct event_type EV_SEGMENT_ENTERED = { "segment.entered", "进入分群", "Entered a segment",
                                               "segment_id: id" };
const struct event_type EV_SEGMENT_EXITED = { "segment.exited", "离开分群", "Left a segment",
                                              "segment_id: id" };

enum err segment_get(struct ctx *cx, segment_id id, struct segment *ret)
{
    return sql_one(cx, segment_by_id, &segment_schema, ret, ID(id),
                   V(day_of(cx->now).n - SEGMENT_WEEK));
}

enum err segment_move(struct ctx *cx, const struct segment_move *m, bool *ret_changed)
{
    i64 changed;
    if (m->in)
        TRY(sql_changed(cx, segment_member_add, &changed, ID(m->segment), ID(m->customer),
                        V(cx->now)));
    else
        TRY(sql_changed(cx, segment_member_remove, &changed, ID(m->segment), ID(m->customer)));
    *ret_changed = changed > 0;
    if (!changed || m->quiet)
        return OK;
    return event_emit(cx, m->in ? &EV_SEGMENT_ENTERED : &EV_SEGMENT_EXITED, m->customer,
                      P("segment_id", m->segment.v));
}

enum err segment_count(struct ctx *cx, segment_id id, i64 came, i64 went, bool quiet)
{
    i64 people;
    if (!came && !went)
        return OK;
    enum err e = sql_i64(cx, segment_people_add, &people, ID(id), V(came - went));
    if (e == ERR_DONE) /* it is gone, and its members with it */
        return OK;
    TRY(e);
    return sql_exec(cx, segment_day_put, ID(id), V(day_of(cx->now).n), V(people),
                    V(quiet ? 0 : came), V(quiet ? 0 : went));
}

static enum err find(struct ctx *cx, i64 id, struct insight_segment *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, segment_find, &r, V(id)));
    if (!rows_next(&r))
        return ERR_NOT_FOUND;
    ret->static_list = str_is(col_str(&r, 0), "list");
    ret->condition = arena_str(cx->arena, col_str(&r, 1));
    return rows_end(&r);
}

/* --- what it names */

static enum err name_one(struct ctx *cx, segment_id id, const struct json *j)
{
    const struct json *segment = json_get(j, "segment"), *tag = json_get(j, "tag");
    i64 n;
    if (segment && json_i64(segment, &n))
        TRY(sql_exec(cx, segment_use_segment, V(n), ID(id)));
    if (!tag)
        return OK;
    if (tag->kind == JSON_STRING)
        TRY(sql_i64(cx, segment_tag_id, &n, V(tag->text)));
    else if (!json_i64(tag, &n))
        return OK;
    return sql_exec(cx, segment_use_tag, V(n), ID(id));
}

static enum err name_all(struct ctx *cx, segment_id id, const struct json *j)
{
    if (j->kind == JSON_OBJECT)
        TRY(name_one(cx, id, j));
    for (const struct json *m = j->kind >= JSON_ARRAY ? j->first : NULL; m; m = m->next)
        TRY(name_all(cx, id, m));
    return OK;
}

enum err segment_uses_clear(struct ctx *cx, segment_id id)
{
    TRY(sql_exec(cx, segment_uses_of, ID(id)));
    return sql_exec(cx, segment_tags_of, ID(id));
}

enum err segment_uses_put(struct ctx *cx, segment_id id, doc condition)
{
    TRY(segment_uses_clear(cx, id));
    return name_all(cx, id, condition);
}

/* --- people joined, parted, erased */

typedef VEC(i64) id_list;

static enum err segments_of(struct ctx *cx, struct sql *sql, customer_id who, id_list *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(db_query(cx->db, sql, &r, BINDS(ID(who))));
    while (rows_next(&r))
        *vec_push(cx->arena, ret) = col_id(&r, 0);
    return rows_end(&r);
}

static enum err move(struct ctx *cx, i64 segment, customer_id who, bool in, bool *ret_changed)
{
    const struct segment_move m = {
        .segment = { segment }, .customer = who, .in = in, .quiet = true
    };
    TRY(segment_move(cx, &m, ret_changed));
    return *ret_changed ? segment_count(cx, m.segment, in, !in, true) : OK;
}

static enum err forget(struct ctx *cx, customer_id who)
{
    id_list all = { 0 };
    bool changed;
    TRY(segments_of(cx, &SQL_segment_of_person, who, &all));
    for (size_t i = 0; i < all.n; i++)
        TRY(move(cx, all.at[i], who, false, &changed));
    return OK;
}

/* Lists go with the person who stays; whether they fit a live one is worked out anew. */
static enum err join(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    id_list lists = { 0 };
    bool changed;
    TRY(segments_of(cx, &SQL_segment_lists_of, from, &lists));
    for (size_t i = 0; i < lists.n; i++) {
        TRY(move(cx, lists.at[i], into, true, &changed));
        TRY(merge_note(cx, merge, "segment", lists.at[i], changed ? S("moved") : S("both")));
    }
    return forget(cx, from);
}

static enum err part(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(struct {
        i64 segment;
        bool both;
    })
    moved = { 0 };
    bool changed;
    TRY(sql_query(cx, segment_moved, &r, V(merge)));
    while (rows_next(&r)) {
        size_t at = moved.n;
        vec_push(cx->arena, &moved);
        moved.at[at].segment = col_id(&r, 0);
        moved.at[at].both = str_is(col_str(&r, 1), "both");
    }
    TRY(rows_end(&r));
    for (size_t i = 0; i < moved.n; i++) {
        TRY(move(cx, moved.at[i].segment, from, true, &changed));
        if (!moved.at[i].both)
            TRY(move(cx, moved.at[i].segment, into, false, &changed));
    }
    return OK;
}

static enum err tell(struct ctx *cx, customer_id who, struct json_writer *w)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, segment_of_customer, &r, ID(who)));
    json_list(w, "segments");
    while (rows_next(&r)) {
        json_open(w, NULL);
        json_put(w, "name", col_str(&r, 1));
        json_time(w, "since", (instant) { col_id(&r, 3) });
        json_close(w);
    }
    json_list_end(w);
    return rows_end(&r);
}

static const struct person_part person = {
    .kind = "segment", .join = join, .part = part, .forget = forget, .tell = tell
};

static enum err start(struct app *app)
{
    insight_segments = find;
    return segment_keeper_start(app);
}

static const struct event_type *const events[] = { &EV_SEGMENT_ENTERED, &EV_SEGMENT_EXITED };

const struct module segment_module = { .name = "segment",
                                       .routes = segment_routes,
                                       .route_count = SEGMENT_ROUTES,
                                       .events = events,
                                       .event_count = COUNT(events),
                                       .person = &person,
                                       .start = start,
                                       .stop = segment_keeper_stop };
