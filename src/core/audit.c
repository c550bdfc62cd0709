#include "core/audit.h"

#include "core/app.h"

#include "audit.sql.h"

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

struct walk {
    i64 last; /* the last row that was found right */
    str hash; /* its hash */
    i64 bad;
    str reason;
};

static enum err check_row(struct ctx *cx, const struct rows *r, struct walk *w)
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
    if (row.seq != w->last + 1) {
        w->bad = w->last + 1;
        w->reason = S("the row is missing");
        return OK;
    }
    str hash = row_hash(cx->app, cx->arena, w->hash, &row);
    if (!str_eq(hash, col_str(r, 12))) {
        w->bad = row.seq;
        w->reason = S("the row was changed");
        return OK;
    }
    bool has_detail = !col_null(r, 15);
    if (has_detail &&
        !str_eq(detail_hash(cx->app, cx->arena, col_str(r, 13), col_str(r, 14)), row.detail_hash)) {
        w->bad = row.seq;
        w->reason = S("what was before or after was changed");
        return OK;
    }
    if (!has_detail && row.detail_hash.ptr) {
        i64 blanked;
        enum err e = sql_i64(cx, audit_blanked, &blanked, val_id(row.customer));
        if (e == ERR_DONE) {
            w->bad = row.seq;
            w->reason = S("what was before and after is missing");
        } else if (e != OK) {
            return e;
        }
    }
    w->last = row.seq;
    w->hash = arena_str(cx->arena, hash);
    return OK;
}

static enum err check_head(struct ctx *cx, struct walk *w)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, audit_head_get, &r));
    bool any = rows_next(&r);
    i64 seq = any ? col_id(&r, 0) : 0;
    bool good =
        any ? str_eq(col_str(&r, 1), head_mac(cx->app, cx->arena, w->last, w->hash)) : w->last == 0;
    TRY(rows_end(&r));
    if (!good || seq != w->last) {
        w->bad = w->last + (seq > w->last);
        w->bad = MAX(w->bad, 1);
        w->reason = seq > w->last ? S("the row is missing from the end")
                                  : S("the head of the chain was changed");
    }
    return OK;
}

enum err audit_verify(struct ctx *cx, i64 *ret_bad, i64 *ret_rows, str *ret_reason)
{
    struct walk w = { .hash = STR_NONE };
    struct arena *outer = cx->arena;
    struct arena pages[2] = { 0 };
    enum err e = OK;
    size_t page = 0;
    for (bool more = true; more && !w.bad && e == OK; page++) {
        struct rows r CLEANUP(rows_close) = { 0 };
        cx->arena = &pages[page % 2]; /* the hash of the row before lives in the other one */
        arena_reset(cx->arena);
        e = sql_query(cx, audit_walk, &r, V(w.last));
        i64 count = 0;
        for (; e == OK && !w.bad && rows_next(&r); count++)
            e = check_row(cx, &r, &w);
        if (e == OK)
            e = rows_end(&r);
        more = count == 1000;
    }
    if (e == OK && !w.bad)
        e = check_head(cx, &w);
    cx->arena = outer;
    arena_done(&pages[0]);
    arena_done(&pages[1]);
    *ret_bad = w.bad;
    *ret_rows = w.last;
    *ret_reason = w.reason;
    return e;
}

enum err audit_blank(struct ctx *cx, customer_id customer, i64 *ret_rows)
{
    TRY(sql_changed(cx, audit_blank, ret_rows, ID(customer)));
    return audit_append(cx, &(struct audit_new) { .action = S("audit.blank"),
                                                  .entity = "customer",
                                                  .entity_id = customer.v,
                                                  .customer = customer });
}
