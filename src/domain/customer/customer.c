#include "domain/customer/identity_cache.h"
#include "domain/customer/internal.h"

#include "base/time.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "core/app.h"
#include "core/event.h"

#include "customer.sql.h"

const char *const genders[] = { "female", "male", NULL };

SCHEMA_TABLE(identity, IDENTITY);
SCHEMA_TABLE(customer, CUSTOMER);

const struct event_type EV_CUSTOMER_CREATED = { "customer.created", "新客户", "Customer created",
                                                "origin: text" };
const struct event_type EV_CUSTOMER_CHANGED = { "customer.changed", "资料变更", "Profile changed",
                                                "fields: text" };

enum err customer_make(struct ctx *cx, const struct customer_new *c, customer_id *ret)
{
    instant joined = c->joined.ms ? c->joined : cx->now;
    TRY(sql_i64(cx, customer_insert, &ret->v, V(c->name), V(c->channel), ID(c->department),
                ID(c->staff), V(joined), V(cx->now)));
    return event_emit_at(cx, &EV_CUSTOMER_CREATED, *ret, joined, P("origin", c->origin));
}

static str mask_address(struct arena *a, str address)
{
    return utf8_count(address) <= 6 ? S("******")
                                    : arena_fmt(a, "%.*s******", STR_ARG(utf8_head(address, 6)));
}

/* Columns in the order of customer_by_id. The address is opened; the caller masks it. */
static enum err from_row(struct ctx *cx, const struct rows *r, struct customer *ret)
{
    schema_clear(&customer_schema, ret);
    ret->id = (customer_id) { col_id(r, 0) };
    ret->name = arena_str(cx->arena, col_str(r, 1));
    ret->gender = arena_str(cx->arena, col_str(r, 2));
    ret->birthday = (day) { col_i64(r, 3) };
    ret->city = arena_str(cx->arena, col_str(r, 4));
    if (!col_null(r, 5))
        TRY(secret_open(cx->app->secrets, cx->arena, col_str(r, 5), &ret->address));
    ret->remark = arena_str(cx->arena, col_str(r, 6));
    ret->attrs = arena_str(cx->arena, col_str(r, 7));
    ret->stage_id = (stage_id) { col_id(r, 8) };
    ret->department_id = (department_id) { col_id(r, 9) };
    ret->staff_id = (staff_id) { col_id(r, 10) };
    ret->channel = arena_str(cx->arena, col_str(r, 11));
    ret->joined_at = (instant) { col_id(r, 12) };
    ret->seen_at = (instant) { col_id(r, 13) };
    ret->version = col_i64(r, 14);
    return OK;
}

enum err customer_identities(struct ctx *cx, customer_id id, bool open, list *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(struct identity) all = { 0 };
    TRY(sql_query(cx, customer_identities, &r, ID(id)));
    while (rows_next(&r)) {
        struct identity *i = vec_push(cx->arena, &all);
        const struct identity_kind *kind = identity_kind_find(col_str(&r, 1));
        i->id = (identity_id) { col_id(&r, 0) };
        i->kind = arena_str(cx->arena, col_str(&r, 1));
        i->scope = arena_str(cx->arena, col_str(&r, 2));
        i->value = arena_str(cx->arena, col_str(&r, 3));
        if (kind && kind->sealed) {
            TRY(secret_open(cx->app->secrets, cx->arena, col_str(&r, 4), &i->value));
            i->value = open ? i->value : identity_mask(cx->arena, kind, i->value);
        }
        i->verified = col_bool(&r, 5);
        i->origin = arena_str(cx->arena, col_str(&r, 6));
        i->created_at = (instant) { col_id(&r, 7) };
    }
    *ret = (list) { all.at, all.n };
    return rows_end(&r);
}

static enum err get(struct ctx *cx, const struct sql *sql, customer_id id, bool open,
                    struct customer *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(db_query(cx->db, sql, &r, BINDS(ID(id))));
    bool any = rows_next(&r);
    if (any)
        TRY(from_row(cx, &r, ret));
    TRY(rows_end(&r));
    if (!any)
        return fail(cx, ERR_NOT_FOUND, NULL);
    if (!open && ret->address.len)
        ret->address = mask_address(cx->arena, ret->address);
    return customer_identities(cx, id, open, &ret->identities);
}

enum err customer_get(struct ctx *cx, customer_id id, struct customer *ret)
{
    return get(cx, &SQL_customer_by_id, id, false, ret);
}

enum err customer_get_open(struct ctx *cx, customer_id id, struct customer *ret)
{
    return get(cx, &SQL_customer_by_id, id, true, ret);
}

enum err customer_get_any(struct ctx *cx, customer_id id, struct customer *ret)
{
    return get(cx, &SQL_customer_any_by_id, id, true, ret);
}

enum err customer_see(struct ctx *cx, customer_id id)
{
    i64 one;
    enum err e = sql_i64(cx, customer_visible, &one, ID(id));
    return e == ERR_DONE ? fail(cx, ERR_NOT_FOUND, NULL) : e;
}

enum err customer_root(struct ctx *cx, customer_id id, customer_id *ret)
{
    for (int hops = 0; hops < 1000; hops++) {
        i64 into;
        enum err e = sql_i64(cx, customer_merged_into, &into, ID(id));
        if (e == ERR_DONE)
            return fail(cx, ERR_NOT_FOUND, NULL);
        TRY(e);
        if (into == NONE) {
            *ret = id;
            return OK;
        }
        id = (customer_id) { into };
    }
    return ERR_INTERNAL;
}

enum err customer_family(struct ctx *cx, customer_id id, customer_id **ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(customer_id) all = { 0 };
    TRY(sql_query(cx, customer_family, &r, ID(id)));
    while (rows_next(&r))
        *vec_push(cx->arena, &all) = (customer_id) { col_id(&r, 0) };
    *ret = all.at;
    *ret_count = all.n;
    return rows_end(&r);
}

enum err customer_only_devices(struct ctx *cx, customer_id id, bool *ret)
{
    i64 yes;
    TRY(sql_i64(cx, customer_nameless, &yes, ID(id)));
    *ret = yes == 1;
    return OK;
}

static void name_field(struct strbuf *fields, const char *name)
{
    out_fmt(fields, "%s%s", fields->len ? " " : "", name);
}

/* A field that came: does it change what is there? Names what it changed. */
static void learn_text(const struct customer_facts *f, struct strbuf *fields, const char *name,
                       str value, str *have)
{
    if (!value.ptr || (f->keep && have->len) || str_eq(value, *have))
        return;
    *have = value.len ? value : STR_NONE;
    name_field(fields, name);
}

static void learn_id(const struct customer_facts *f, struct strbuf *fields, const char *name,
                     i64 value, i64 *have)
{
    if (!value || (f->keep && *have) || *have == value)
        return;
    *have = value;
    name_field(fields, name);
}

static void empty(struct strbuf *fields, const char *name, bool asked, i64 *have, i64 none)
{
    if (!asked || *have == none)
        return;
    *have = none;
    name_field(fields, name);
}

static enum err learn(struct ctx *cx, const struct customer_facts *f, struct customer *c,
                      struct strbuf *fields)
{
    learn_text(f, fields, "name", f->name, &c->name);
    if (!f->gender.len || str_is(f->gender, "female") || str_is(f->gender, "male"))
        learn_text(f, fields, "gender", f->gender, &c->gender);
    learn_text(f, fields, "city", f->city, &c->city);
    learn_text(f, fields, "address", f->address, &c->address);
    learn_text(f, fields, "remark", f->remark, &c->remark);
    learn_text(f, fields, "channel", f->channel, &c->channel);
    learn_id(f, fields, "department", f->department.v, &c->department_id.v);
    learn_id(f, fields, "staff", f->staff.v, &c->staff_id.v);
    if (f->birthday.n != NONE && !(f->keep && c->birthday.n != NONE) &&
        f->birthday.n != c->birthday.n) {
        c->birthday = f->birthday;
        name_field(fields, "birthday");
    }
    empty(fields, "birthday", f->no_birthday, &c->birthday.n, NONE);
    empty(fields, "department", f->no_department, &c->department_id.v, 0);
    empty(fields, "staff", f->no_staff, &c->staff_id.v, 0);
    if (f->no_gender && c->gender.len) {
        c->gender = STR_NONE;
        name_field(fields, "gender");
    }
    if (f->joined.ms && f->joined.ms < c->joined_at.ms) {
        c->joined_at = f->joined;
        name_field(fields, "joined_at");
    }
    if (f->attrs) {
        bool changed;
        TRY(attributes_apply(cx, c->attrs, f->attrs, f->lenient, &c->attrs, &changed));
        if (changed)
            name_field(fields, "attrs");
    }
    return OK;
}

static i64 month_and_day(day d)
{
    int year, month, mday;
    if (d.n == NONE)
        return NONE;
    day_to_ymd(d, &year, &month, &mday);
    return month * 100 + mday;
}

enum err customer_store(struct ctx *cx, const struct customer *c)
{
    str address = c->address.len ? secret_seal(cx->app->secrets, cx->arena, c->address) : STR_NONE;
    return sql_exec(cx, customer_update, ID(c->id), V(c->name), V(c->gender), V(c->birthday),
                    V(c->city), val_blob(address), V(c->remark), V(c->attrs), ID(c->department_id),
                    ID(c->staff_id), V(c->channel), V(c->joined_at), V(month_and_day(c->birthday)));
}

enum err customer_learn(struct ctx *cx, customer_id id, const struct customer_facts *f,
                        bool *ret_changed)
{
    struct customer c;
    struct strbuf fields;
    TRY(customer_get_any(cx, id, &c));
    strbuf_init(&fields, cx->arena, 4096);
    TRY(learn(cx, f, &c, &fields));
    *ret_changed = fields.len > 0;
    if (!fields.len)
        return OK;
    TRY(customer_store(cx, &c));
    if (f->fresh)
        return OK;
    return event_emit(cx, &EV_CUSTOMER_CHANGED, id, P("fields", strbuf_str(&fields)));
}

enum err customer_seen(struct ctx *cx, customer_id id, instant at)
{
    return sql_exec(cx, customer_seen, ID(id), V(at));
}

enum err customer_seen_hourly(struct ctx *cx, customer_id id, instant at)
{
    instant hour = { at.ms - at.ms % HOUR_MS };
    if (seen_cache_get(cx, id, hour))
        return OK;
    TRY(sql_exec(cx, customer_seen_since, ID(id), V(at), V(hour)));
    seen_cache_put(cx, id, hour);
    return OK;
}
