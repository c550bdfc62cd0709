/* Two rows become one person, and become two again. */
#include "domain/customer/internal.h"

#include "base/time.h"
#include "base/vec.h"
#include "core/app.h"
#include "core/event.h"
#include "domain/customer/identity_cache.h"

#include "merge.sql.h"

const struct event_type EV_CUSTOMER_MERGED = {
    "customer.merged", "合并客户", "People joined",
    "merge_id: id, merged_id: id, reason: text, kind: text"
};
const struct event_type EV_CUSTOMER_UNMERGED = { "customer.unmerged", "撤销合并", "Joining undone",
                                                 "merge_id: id, merged_id: id" };

enum err merge_note(struct ctx *cx, i64 merge, const char *kind, i64 row, str data)
{
    return sql_exec(cx, merge_move_add, V(merge), V(kind), V(row), V(data));
}

enum err customer_join_fits(struct ctx *cx, customer_id a, customer_id b, bool *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    bool fits = true;
    TRY(sql_query(cx, merge_counts, &r, ID(a), ID(b)));
    while (rows_next(&r)) {
        const struct identity_kind *kind = identity_kind_find(col_str(&r, 0));
        fits = fits && kind && col_i64(&r, 1) <= kind->max;
    }
    *ret = fits;
    return rows_end(&r);
}

static str sealed_profile(struct ctx *cx, const struct customer *c)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&text);
    schema_write(&w, NULL, &customer_schema, c);
    return secret_seal(cx->app->secrets, cx->arena, strbuf_str(&text));
}

/* What the survivor lacks and the other one has. */
static enum err fill(struct ctx *cx, struct customer *into, const struct customer *from)
{
    str *const to[] = { &into->name,    &into->gender, &into->city,
                        &into->address, &into->remark, &into->channel };
    const str *const have[] = { &from->name,    &from->gender, &from->city,
                                &from->address, &from->remark, &from->channel };
    struct json_error bad;
    bool changed;
    for (size_t i = 0; i < COUNT(to); i++)
        if (!to[i]->len)
            *to[i] = *have[i];
    if (into->birthday.n == NONE)
        into->birthday = from->birthday;
    if (!into->department_id.v && !into->staff_id.v) {
        into->department_id = from->department_id;
        into->staff_id = from->staff_id;
    }
    if (from->joined_at.ms < into->joined_at.ms)
        into->joined_at = from->joined_at;
    /* The survivor's own attributes over the other's. */
    doc own = json_read(cx->arena, into->attrs, &bad);
    return own ? attributes_apply(cx, from->attrs, own, true, &into->attrs, &changed) : OK;
}

static enum err refuse_join(struct ctx *cx, const struct join *j)
{
    bool fits;
    if (j->survivor.v == j->merged.v)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "同一位客户", "it is the same person");
    TRY(customer_join_fits(cx, j->survivor, j->merged, &fits));
    if (!fits)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "合并后同类标识会超出上限（例如两个会员号）",
                         "together they would have more identifiers of a kind than one person may "
                         "have (two member numbers, say)");
    return OK;
}

enum err customer_join(struct ctx *cx, const struct join *j)
{
    struct customer into, from;
    i64 merge;
    TRY(refuse_join(cx, j));
    TRY(customer_get_any(cx, j->survivor, &into));
    TRY(customer_get_any(cx, j->merged, &from));
    TRY(sql_i64(cx, merge_insert, &merge, ID(j->survivor), ID(j->merged), V(j->reason),
                V(j->kind ? j->kind->key : NULL), val_blob(sealed_profile(cx, &into)),
                V(cx->actor.name), V(cx->now)));
    TRY(fill(cx, &into, &from));
    TRY(customer_store(cx, &into));
    if (from.seen_at.ms)
        TRY(customer_seen(cx, into.id, from.seen_at));
    for (size_t i = 0; i < cx->app->module_count; i++)
        if (cx->app->modules[i]->person && cx->app->modules[i]->person->join)
            TRY(cx->app->modules[i]->person->join(cx, merge, j->merged, j->survivor));
    TRY(sql_exec(cx, merge_point, ID(j->merged), ID(j->survivor)));
    return event_emit(cx, &EV_CUSTOMER_MERGED, j->survivor, P("merge_id", merge),
                      P("merged_id", j->merged.v), P("reason", j->reason),
                      P("kind", j->kind ? j->kind->key : NULL));
}

/* A field goes back if it still holds what joining put there; what was edited since stays. */
static void unfill_text(str *now, str before, str other)
{
    if (!before.len && str_eq(*now, other))
        *now = STR_NONE;
}

static str text_of(const struct json *j, const char *key)
{
    const struct json *m = json_get(j, key);
    return m && m->kind == JSON_STRING ? m->text : STR_NONE;
}

static i64 number_of(const struct json *j, const char *key)
{
    i64 n;
    return json_i64(json_get(j, key), &n) ? n : 0;
}

static enum err unfill_attrs(struct ctx *cx, struct customer *into, const struct json *before,
                             const struct customer *from)
{
    struct json_error bad;
    const struct json *now = json_read(cx->arena, into->attrs, &bad),
                      *other = json_read(cx->arena, from->attrs, &bad);
    struct strbuf a, b, changes;
    bool changed;
    strbuf_init(&changes, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&changes);
    json_open(&w, NULL);
    for (const struct json *m = now ? now->first : NULL; m; m = m->next) {
        const struct json *theirs = json_find(other, m->key);
        strbuf_init(&a, cx->arena, 1 << 20);
        strbuf_init(&b, cx->arena, 1 << 20);
        out_json_value(&a, m);
        if (theirs)
            out_json_value(&b, theirs);
        if (theirs && !json_find(before, m->key) && str_eq(strbuf_str(&a), strbuf_str(&b)))
            json_val(&w, arena_z(cx->arena, m->key), val_null());
    }
    json_close(&w);
    return attributes_apply(cx, into->attrs, json_read(cx->arena, strbuf_str(&changes), &bad), true,
                            &into->attrs, &changed);
}

static enum err unfill(struct ctx *cx, struct customer *into, str sealed,
                       const struct customer *from)
{
    struct json_error bad;
    str text;
    instant joined;
    if (!sealed.len)
        return OK; /* erased since */
    TRY(secret_open(cx->app->secrets, cx->arena, sealed, &text));
    const struct json *before = json_read(cx->arena, text, &bad);
    if (!before)
        return ERR_INTERNAL;
    unfill_text(&into->name, text_of(before, "name"), from->name);
    unfill_text(&into->gender, text_of(before, "gender"), from->gender);
    unfill_text(&into->city, text_of(before, "city"), from->city);
    unfill_text(&into->address, text_of(before, "address"), from->address);
    unfill_text(&into->remark, text_of(before, "remark"), from->remark);
    unfill_text(&into->channel, text_of(before, "channel"), from->channel);
    if (!text_of(before, "birthday").len && into->birthday.n == from->birthday.n)
        into->birthday.n = NONE;
    bool lacked = !number_of(before, "department_id") && !number_of(before, "staff_id");
    if (lacked && into->department_id.v == from->department_id.v &&
        into->staff_id.v == from->staff_id.v) {
        into->department_id.v = 0;
        into->staff_id.v = 0;
    }
    if (into->joined_at.ms == from->joined_at.ms &&
        instant_read(text_of(before, "joined_at"), &joined))
        into->joined_at = joined;
    return unfill_attrs(cx, into, json_get(before, "attrs"), from);
}

struct merged {
    i64 survivor, merged, undone;
    str before;
};

static enum err find_merge(struct ctx *cx, merge_id id, struct merged *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, merge_by_id, &r, ID(id)));
    bool any = rows_next(&r);
    if (any)
        *ret = (struct merged) { col_id(&r, 0), col_id(&r, 1), col_id(&r, 2),
                                 arena_str(cx->arena, col_str(&r, 3)) };
    TRY(rows_end(&r));
    return any ? OK : fail(cx, ERR_NOT_FOUND, NULL);
}

enum err customer_part(struct ctx *cx, merge_id id)
{
    struct merged m = { 0 };
    struct customer into, from;
    i64 now_into;
    TRY(find_merge(cx, id, &m));
    if (m.undone)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "此合并已撤销",
                         "this joining was undone before");
    TRY(sql_i64(cx, merge_pointer, &now_into, V(m.survivor)));
    if (now_into != NONE)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "请先撤销之后的合并",
                         "undo the later joining first");
    TRY(customer_get_any(cx, (customer_id) { m.survivor }, &into));
    TRY(customer_get_any(cx, (customer_id) { m.merged }, &from));
    if (!m.before.len)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "个人信息已删除", "the person was erased");
    TRY(unfill(cx, &into, m.before, &from));
    TRY(customer_store(cx, &into));
    TRY(sql_exec(cx, merge_unpoint, V(m.merged)));
    for (size_t i = 0; i < cx->app->module_count; i++)
        if (cx->app->modules[i]->person && cx->app->modules[i]->person->part)
            TRY(cx->app->modules[i]->person->part(cx, id.v, from.id, into.id));
    TRY(sql_exec(cx, merge_moves_forget, ID(id)));
    TRY(sql_exec(cx, merge_undo, ID(id), V(cx->now)));
    TRY(event_emit(cx, &EV_CUSTOMER_UNMERGED, from.id, P("merge_id", id.v),
                   P("merged_id", from.id.v)));
    return event_emit(cx, &EV_CUSTOMER_UNMERGED, into.id, P("merge_id", id.v),
                      P("merged_id", from.id.v));
}

/* The customer module's own rows. */

static enum err join_consents(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, merge_consents, &r, ID(from), ID(into)));
    while (rows_next(&r)) {
        struct strbuf row;
        strbuf_init(&row, cx->arena, 4096);
        struct json_writer w = json_writer(&row);
        json_open(&w, NULL);
        json_put(&w, "channel", col_str(&r, 1));
        json_put(&w, "state", col_str(&r, 2));
        json_put(&w, "origin", col_str(&r, 3));
        json_put(&w, "changed_at", col_i64(&r, 4));
        json_close(&w);
        TRY(merge_note(cx, merge, "consent", col_id(&r, 0), strbuf_str(&row)));
    }
    TRY(rows_end(&r));
    TRY(sql_exec(cx, merge_consents_join, ID(from), ID(into)));
    return sql_exec(cx, merge_consents_clear, ID(from));
}

static enum err part_consents(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_exec(cx, merge_consents_clear, ID(from)));
    TRY(sql_exec(cx, merge_consents_older, ID(into), V(merge)));
    TRY(sql_query(cx, merge_moves, &r, V(merge), V("consent")));
    while (rows_next(&r)) {
        struct json_error bad;
        const struct json *row = json_read(cx->arena, arena_str(cx->arena, col_str(&r, 1)), &bad);
        TRY(sql_exec(cx, merge_consent_put, V(col_id(&r, 0)), V(text_of(row, "channel")),
                     V(text_of(row, "state")), V(text_of(row, "origin")),
                     V(number_of(row, "changed_at"))));
    }
    TRY(rows_end(&r));
    return sql_exec(cx, merge_consents_newer, ID(from), ID(into),
                    V(merge)); /* said since, by either of the two */
}

static enum err join_own(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    identity_cache_clear(cx->app);
    TRY(sql_exec(cx, merge_identities_note, V(merge), ID(from)));
    TRY(sql_exec(cx, merge_identities_move, ID(from), ID(into)));
    TRY(sql_exec(cx, merge_notes_note, V(merge), ID(from)));
    TRY(sql_exec(cx, merge_notes_move, ID(from), ID(into)));
    TRY(sql_exec(cx, merge_conflicts_note, V(merge), ID(from), ID(into)));
    TRY(sql_exec(cx, merge_conflicts_settle, ID(from), ID(into), V(cx->now)));
    return join_consents(cx, merge, from, into);
}

static enum err part_own(struct ctx *cx, i64 merge, customer_id from, customer_id into)
{
    identity_cache_clear(cx->app);
    TRY(sql_exec(cx, merge_identities_back, V(merge), ID(from)));
    TRY(sql_exec(cx, merge_notes_back, V(merge), ID(from)));
    TRY(sql_exec(cx, merge_conflicts_back, V(merge)));
    return part_consents(cx, merge, from, into);
}

static enum err forget_own(struct ctx *cx, customer_id id)
{
    identity_cache_clear(cx->app);
    TRY(sql_exec(cx, forget_identities, ID(id)));
    TRY(sql_exec(cx, forget_notes, ID(id)));
    TRY(sql_exec(cx, forget_conflicts, ID(id)));
    TRY(sql_exec(cx, forget_merges, ID(id)));
    TRY(sql_exec(cx, forget_merge_data, ID(id)));
    return sql_exec(cx, forget_profile, ID(id), V(cx->now));
}

static enum err tell_own(struct ctx *cx, customer_id id, struct json_writer *w)
{
    struct customer c;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(customer_get_any(cx, id, &c));
    schema_write(w, "profile", &customer_schema, &c);
    TRY(sql_query(cx, tell_notes, &r, ID(id)));
    json_list(w, "notes");
    while (rows_next(&r)) {
        json_open(w, NULL);
        json_put(w, "text", col_str(&r, 0));
        json_time(w, "created_at", (instant) { col_id(&r, 1) });
        json_close(w);
    }
    json_list_end(w);
    TRY(rows_end(&r));
    TRY(sql_query(cx, tell_consents, &r, ID(id)));
    json_list(w, "consents");
    while (rows_next(&r)) {
        json_open(w, NULL);
        json_put(w, "channel", col_str(&r, 0));
        json_put(w, "state", col_str(&r, 1));
        json_put(w, "origin", col_str(&r, 2));
        json_time(w, "changed_at", (instant) { col_id(&r, 3) });
        json_close(w);
    }
    json_list_end(w);
    return rows_end(&r);
}

const struct person_part customer_part_own = {
    .kind = "customer", .join = join_own, .part = part_own, .forget = forget_own, .tell = tell_own
};
