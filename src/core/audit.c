#include "core/audit.h"

#include "core/app.h"

#include "audit.sql.h"

#define PAGE 1000 /* rows looked at in one query of a walk */

struct row {
    i64 seq;
    instant at;
    i64 actor_kind, actor_id;
    str actor_name, ip, request_id, action, entity;
    i64 entity_id, customer;
    str detail_hash; /* none: there was no detail */
};

static str hex(struct arena *a, const uint8_t mac[SHA256_LEN])
{
    struct strbuf text;
    strbuf_init(&text, a, 2 * SHA256_LEN);
    out_hex(&text, mac, SHA256_LEN);
    return strbuf_str(&text);
}

/* A text per part with its length before it, so that no two rows share one. */
static void part(struct strbuf *sb, str s)
{
    out_i64(sb, s.ptr ? (i64)s.len : -1);
    out_c(sb, ':');
    out(sb, s);
}

static str row_hash(const struct app *app, struct arena *a, str before, const struct row *r)
{
    struct strbuf text;
    uint8_t mac[SHA256_LEN];
    strbuf_init(&text, a, 1 << 20);
    part(&text, before);
    const i64 numbers[] = {
        r->seq, r->at.ms, r->actor_kind, r->actor_id, r->entity_id, r->customer
    };
    for (size_t i = 0; i < COUNT(numbers); i++)
        out_fmt(&text, "%lld,", (long long)numbers[i]);
    const str texts[] = {
        r->actor_name, r->ip, r->request_id, r->action, r->entity, r->detail_hash
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        part(&text, texts[i]);
    secrets_mac(app->secrets, strbuf_str(&text), mac);
    return hex(a, mac);
}

/* PostgreSQL keeps JSON in its own order and spacing, so the digest is of text columns. */
static str detail_hash(const struct app *app, struct arena *a, str before, str after)
{
    struct strbuf text;
    uint8_t mac[SHA256_LEN];
    if (!before.ptr && !after.ptr)
        return STR_NONE;
    strbuf_init(&text, a, 8 << 20);
    part(&text, before);
    part(&text, after);
    secrets_mac(app->secrets, strbuf_str(&text), mac);
    return hex(a, mac);
}

static str head_mac(const struct app *app, struct arena *a, i64 seq, str hash)
{
    uint8_t mac[SHA256_LEN];
    secrets_mac(app->secrets, arena_fmt(a, "head:%lld:%.*s", (long long)seq, STR_ARG(hash)), mac);
    return hex(a, mac);
}

enum err audit_append(struct ctx *cx, const struct audit_new *n)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 last = 0, one;
    TRY(sql_i64(cx, audit_lock, &one));
    TRY(sql_query(cx, audit_head, &r));
    str before = STR_NONE;
    if (rows_next(&r)) {
        last = col_id(&r, 0);
        before = arena_str(cx->arena, col_str(&r, 1));
    }
    TRY(rows_end(&r));
    struct row row = { .seq = last + 1,
                       .at = cx->now,
                       .actor_kind = cx->actor.kind,
                       .actor_id = cx->actor.staff.v ? cx->actor.staff.v : cx->actor.credential,
                       .actor_name = cx->actor.name,
                       .ip = cx->ip,
                       .request_id = cx->request_id,
                       .action = n->action,
                       .entity = str_of(n->entity),
                       .entity_id = n->entity_id,
                       .customer = n->customer.v,
                       .detail_hash = detail_hash(cx->app, cx->arena, n->before, n->after) };
    str hash = row_hash(cx->app, cx->arena, before, &row);
    TRY(sql_exec(cx, audit_insert, V(row.seq), V(row.at), V(row.actor_kind), V(row.actor_id),
                 V(row.actor_name), V(row.ip), V(row.request_id), V(row.action), V(row.entity),
                 val_id(row.entity_id), val_id(row.customer), V(row.detail_hash), V(hash)));
    if (row.detail_hash.ptr)
        TRY(sql_exec(cx, audit_detail_insert, V(row.seq), V(n->before), V(n->after)));
    return sql_exec(cx, audit_head_put, V(row.seq), V(head_mac(cx->app, cx->arena, row.seq, hash)));
}

const struct audit_fault_info *audit_fault_info(enum audit_fault fault)
{
    static const struct audit_fault_info infos[] = {
#define AUDIT_FAULT(name, word, zh, en) [AUDIT_##name] = { word, zh, en },
        AUDIT_FAULTS(AUDIT_FAULT)
#undef AUDIT_FAULT
    };
    assert(fault != AUDIT_WHOLE);
    return &infos[fault];
}

static enum err found(struct audit_walk *w, i64 seq, enum audit_fault fault)
{
    w->bad = seq;
    w->fault = fault;
    return OK;
}

static str walked_hash(const struct audit_walk *w)
{
    return w->hash[0] ? str_of(w->hash) : STR_NONE;
}

static enum err check_row(struct ctx *cx, const struct rows *r, struct audit_walk *w)
{
    struct row row = { .seq = col_id(r, 0),
                       .at = { col_id(r, 1) },
                       .actor_kind = col_i64(r, 2),
                       .actor_id = col_i64(r, 3),
                       .actor_name = col_str(r, 4),
                       .ip = col_str(r, 5),
                       .request_id = col_str(r, 6),
                       .action = col_str(r, 7),
                       .entity = col_str(r, 8),
                       .entity_id = col_id(r, 9),
                       .customer = col_id(r, 10),
                       .detail_hash = col_str(r, 11) };
    if (row.seq != w->last + 1)
        return found(w, w->last + 1, AUDIT_MISSING);
    str hash = row_hash(cx->app, cx->arena, walked_hash(w), &row);
    if (!str_eq(hash, col_str(r, 12)))
        return found(w, row.seq, AUDIT_CHANGED);
    bool has_detail = !col_null(r, 15);
    if (has_detail &&
        !str_eq(detail_hash(cx->app, cx->arena, col_str(r, 13), col_str(r, 14)), row.detail_hash))
        return found(w, row.seq, AUDIT_DETAIL_CHANGED);
    if (!has_detail && row.detail_hash.ptr) {
        i64 blanked;
        enum err e = sql_i64(cx, audit_blanked, &blanked, val_id(row.customer));
        if (e == ERR_DONE)
            return found(w, row.seq, AUDIT_DETAIL_MISSING);
        TRY(e);
    }
    w->last = row.seq;
    snprintf(w->hash, sizeof w->hash, "%.*s", STR_ARG(hash));
    return OK;
}

static enum err check_head(struct ctx *cx, struct audit_walk *w)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, audit_head_get, &r));
    bool any = rows_next(&r);
    i64 seq = any ? col_id(&r, 0) : 0;
    str mac = any ? arena_str(cx->arena, col_str(&r, 1)) : STR_NONE;
    TRY(rows_end(&r));
    if (seq > w->last)
        return found(w, w->last + 1, AUDIT_END_MISSING);
    if (seq != w->last ||
        (any && !str_eq(mac, head_mac(cx->app, cx->arena, w->last, walked_hash(w)))))
        return found(w, MAX(w->last, 1), AUDIT_HEAD_CHANGED);
    return OK;
}

static enum err check_page(struct ctx *cx, struct audit_walk *w, i64 *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, audit_walk, &r, V(w->last), V(PAGE)));
    for (*ret_count = 0; !w->bad && rows_next(&r); (*ret_count)++)
        TRY(check_row(cx, &r, w));
    return rows_end(&r);
}

enum err audit_verify(struct ctx *cx, struct audit_walk *w, i64 rows_max, bool *ret_more)
{
    struct arena page CLEANUP(arena_done) = { 0 }, *outer = cx->arena;
    enum err e = OK;
    i64 count = PAGE;
    cx->arena = &page;
    for (i64 left = rows_max; e == OK && !w->bad && count == PAGE && left > 0; left -= PAGE) {
        arena_reset(&page);
        e = check_page(cx, w, &count);
    }
    if (e == OK && !w->bad && count < PAGE)
        e = check_head(cx, w);
    cx->arena = outer;
    *ret_more = !w->bad && count == PAGE;
    return e;
}

enum err audit_last(struct ctx *cx, i64 *ret)
{
    enum err e = sql_i64(cx, audit_last, ret);
    if (e == ERR_DONE)
        *ret = 0;
    return e == ERR_DONE ? OK : e;
}

enum err audit_blank(struct ctx *cx, customer_id customer, i64 *ret_rows)
{
    TRY(sql_changed(cx, audit_blank, ret_rows, ID(customer)));
    return audit_append(cx, &(struct audit_new) { .action = S("audit.blank"),
                                                  .entity = "customer",
                                                  .entity_id = customer.v,
                                                  .customer = customer });
}
