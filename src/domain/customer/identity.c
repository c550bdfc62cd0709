#include "domain/customer/identity.h"

#include "core/app.h"
#include "domain/customer/customer.h"
#include "domain/customer/identity_cache.h"

#include "identity.sql.h"

static bool digits_of(struct arena *a, str value, str *ret)
{
    char *to = arena_alloc(a, value.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c >= '0' && c <= '9')
            to[len++] = c;
        else if (!strchr(" -().+\t", c) || !c)
            return false;
    }
    *ret = (str) { to, len };
    return true;
}

/* E.164 without the plus where the country is given; 11 digits beginning with 1 are mainland
 * China's, with or without 86. */
static bool normal_mobile(struct arena *a, str value, str *ret)
{
    str digits;
    if (!digits_of(a, value, &digits) || digits.len < 7 || digits.len > 15)
        return false;
    if (str_starts(digits, S("00")))
        digits = str_from(digits, 2);
    if (digits.len == 13 && str_starts(digits, S("861")))
        digits = str_from(digits, 2);
    *ret = digits;
    return digits.len >= 7;
}

static bool normal_email(struct arena *a, str value, str *ret)
{
    value = str_trim(value);
    size_t at = str_find(value, '@');
    str domain = str_from(value, at + 1);
    if (at == 0 || at == value.len || value.len > 254 || str_find(domain, '@') < domain.len ||
        str_find(domain, '.') == domain.len || domain.ptr[domain.len - 1] == '.')
        return false;
    char *to = arena_alloc(a, value.len + 1);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if ((unsigned char)c <= ' ')
            return false;
        to[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    *ret = (str) { to, value.len };
    return true;
}

static bool normal_plain(struct arena *a, str value, str *ret)
{
    (void)a;
    *ret = str_trim(value);
    if (ret->len == 0 || ret->len > 200)
        return false;
    for (size_t i = 0; i < ret->len; i++)
        if ((unsigned char)ret->ptr[i] < 0x20)
            return false;
    return true;
}

const struct identity_kind identity_kinds[] = {
    { "member_no", "会员号", "Member number", .joins = true, .max = 1, .normalise = normal_plain },
    { "unionid", "UnionID", "UnionID", .joins = true, .max = 1, .normalise = normal_plain },
    { "wecom", "企业微信外部联系人", "WeCom external user", .joins = true, .max = 3,
      .normalise = normal_plain },
    { "mobile", "手机号", "Mobile", .sealed = true, .joins = true, .max = 3,
      .normalise = normal_mobile },
    { "email", "邮箱", "E-mail", .sealed = true, .joins = true, .max = 3,
      .normalise = normal_email },
    { "openid", "OpenID", "OpenID", .scoped = true, .joins = true, .max = 1,
      .normalise = normal_plain },
    { "external", "外部系统编号", "External id", .scoped = true, .joins = true, .max = 5,
      .normalise = normal_plain },
    { "device", "设备", "Device", .scoped = true, .joins = false, .max = 50,
      .normalise = normal_plain },
};
const size_t identity_kind_count = COUNT(identity_kinds);

const struct identity_kind *identity_kind_find(str key)
{
    for (size_t i = 0; i < identity_kind_count; i++)
        if (str_is(key, identity_kinds[i].key))
            return &identity_kinds[i];
    return NULL;
}

bool identity_key(struct ctx *cx, const struct identity_in *id, str *ret_key, str *ret_normal)
{
    if (!id->kind->normalise(cx->arena, id->value, ret_normal))
        return false;
    *ret_key = id->kind->sealed
                   ? secret_index(cx->app->secrets, cx->arena, str_of(id->kind->key), *ret_normal)
                   : *ret_normal;
    return true;
}

str identity_mask(struct arena *a, const struct identity_kind *kind, str value)
{
    if (!kind->sealed)
        return value;
    size_t at = str_find(value, '@');
    if (at < value.len)
        return arena_fmt(a, "%.*s***%.*s", STR_ARG(str_head(value, at > 1 ? 1 : 0)),
                         STR_ARG(str_from(value, at)));
    if (value.len < 8)
        return arena_fmt(a, "****%.*s", STR_ARG(str_from(value, value.len - MIN(value.len, 2))));
    return arena_fmt(a, "%.*s****%.*s", STR_ARG(str_head(value, value.len - 8)),
                     STR_ARG(str_from(value, value.len - 4)));
}

/* All the same character, a run upwards or downwards, or words that forms are filled with to be
 * left alone. */
static bool says_nothing(str normal)
{
    static const char *const words[] = {
        "null",        "none",          "nil",         "undefined",
        "unknown",     "n/a",           "na",          "test",
        "anonymous",   "guest",         "admin",       "0",
        "-1",          "false",         "true",        "[object object]",
        "nan",         "test@test.com", "a@a.com",     "test@example.com",
        "13800138000", "13800000000",   "13000000000", "18888888888",
        "13888888888", "none@none.com"
    };
    bool same = normal.len > 1, up = normal.len >= 6, down = normal.len >= 6;
    for (size_t i = 1; i < normal.len; i++) {
        int step = normal.ptr[i] - normal.ptr[i - 1];
        bool digits = normal.ptr[i] >= '0' && normal.ptr[i] <= '9';
        same = same && step == 0;
        up = up && digits && (step == 1 || step == -9);
        down = down && digits && (step == -1 || step == 9);
    }
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_ieq(normal, str_of(words[i])))
            return true;
    return same || up || down;
}

enum err identity_blocked(struct ctx *cx, const struct identity_kind *kind, str key, str normal,
                          bool *ret)
{
    i64 one;
    if (says_nothing(normal)) {
        *ret = true;
        return OK;
    }
    enum err e = sql_i64(cx, identity_block_has, &one, V(kind->key), V(key));
    *ret = e == OK;
    return e == ERR_DONE ? OK : e;
}

/* One incoming identifier, looked at. */
struct look {
    const struct identity_in *in;
    str key, normal;
    bool usable;
    identity_id row; /* 0: nobody has it */
    customer_id owner;
    bool owner_verified;
};

static str scope_of(const struct identity_in *id)
{
    return id->kind->scoped ? id->scope : S("");
}

static enum err look_up(struct ctx *cx, struct look *l)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, identity_by_key, &r, V(l->in->kind->key), V(scope_of(l->in)), V(l->key)));
    if (rows_next(&r)) {
        l->row = (identity_id) { col_id(&r, 0) };
        l->owner = (customer_id) { col_id(&r, 1) };
        l->owner_verified = col_bool(&r, 2);
        if (l->owner_verified || !l->in->kind->joins)
            identity_cache_put(cx, l->in->kind->key, scope_of(l->in), l->key, l->owner);
    }
    return rows_end(&r);
}

/* Everybody known, and the same person: the way nearly every fact of a known person goes. */
static bool all_cached(struct ctx *cx, const struct resolve *in, customer_id *ret)
{
    customer_id who = { 0 }, each;
    for (size_t i = 0; i < in->count; i++) {
        const struct identity_in *id = &in->ids[i];
        if (id->kind->sealed ||
            !identity_cache_get(cx, id->kind->key, scope_of(id), str_trim(id->value), &each) ||
            (who.v && who.v != each.v))
            return false;
        who = each;
    }
    *ret = who;
    return in->count > 0;
}

enum err identity_owner(struct ctx *cx, const struct identity_in *id, customer_id *ret)
{
    struct look l = { .in = id };
    *ret = (customer_id) { 0 };
    if (!identity_key(cx, id, &l.key, &l.normal))
        return OK;
    TRY(look_up(cx, &l));
    *ret = l.owner;
    return OK;
}

static enum err conflict(struct ctx *cx, const struct resolve *in, customer_id who,
                         const struct look *l, const char *reason, struct resolved *ret)
{
    ret->conflicts++;
    return sql_exec(cx, identity_conflict_add, ID(who), ID(l->owner), V(l->in->kind->key),
                    V(scope_of(l->in)),
                    val_blob(secret_seal(cx->app->secrets, cx->arena, l->normal)), V(reason),
                    V(in->origin), V(cx->now));
}

static enum err attach(struct ctx *cx, const struct resolve *in, customer_id who,
                       const struct look *l, struct resolved *ret)
{
    const struct identity_kind *kind = l->in->kind;
    str scope = kind->scoped ? l->in->scope : S("");
    i64 have;
    TRY(sql_i64(cx, identity_count, &have, ID(who), V(kind->key), V(scope)));
    if (have >= kind->max)
        return conflict(cx, in, who, l, "limit", ret);
    str sealed = kind->sealed ? secret_seal(cx->app->secrets, cx->arena, l->normal) : STR_NONE;
    return sql_exec(cx, identity_insert, ID(who), V(kind->key), V(scope), V(l->key),
                    val_blob(sealed), V(l->in->verified), V(in->origin), V(cx->now));
}

/* The identifier found somebody else than the person chosen. */
static enum err settle_other(struct ctx *cx, const struct resolve *in, customer_id who,
                             const struct look *l, struct resolved *ret)
{
    bool only_devices;
    if (!l->in->kind->joins) { /* a shared device is no news */
        TRY(customer_only_devices(cx, l->owner, &only_devices));
        if (!only_devices)
            return OK;
    } else if (!l->in->verified) {
        return conflict(cx, in, who, l, "unverified", ret);
    } else if (!l->owner_verified) { /* proof beats a claim: it changes hands */
        TRY(conflict(cx, in, l->owner, l, "unverified", ret));
        TRY(sql_exec(cx, identity_delete, ID(l->row)));
        identity_cache_clear(cx->app);
        return attach(cx, in, who, l, ret);
    }
    bool fits;
    TRY(customer_join_fits(cx, l->owner, who, &fits));
    if (!fits)
        return conflict(cx, in, who, l, "merge_limit", ret);
    ret->joined++;
    return customer_join(
        cx, &(struct join) {
                .survivor = who, .merged = l->owner, .reason = "identity", .kind = l->in->kind });
}

static customer_id strongest(const struct look *looks, size_t count, bool verified)
{
    const struct look *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (looks[i].usable && looks[i].owner.v && looks[i].in->verified == verified &&
            (!best || looks[i].in->kind < best->in->kind))
            best = &looks[i];
    return best ? best->owner : (customer_id) { 0 };
}

/* Whose these are. A verified identifier decides, the strongest of several; where one came and
 * nobody has it, somebody new has arrived, unless a visitor's device came with it, whose visitor
 * that is. A claim decides only when nothing better came. */
static enum err choose(struct ctx *cx, const struct look *looks, size_t count, customer_id *ret)
{
    bool proof = false, visitor = false;
    *ret = strongest(looks, count, true);
    for (size_t i = 0; i < count; i++)
        proof = proof || (looks[i].usable && looks[i].in->verified);
    if (ret->v)
        return OK;
    if (!proof) {
        *ret = strongest(looks, count, false);
        return OK;
    }
    for (size_t i = 0; i < count && !visitor; i++) {
        if (!looks[i].usable || looks[i].in->kind->joins || !looks[i].owner.v)
            continue;
        TRY(customer_only_devices(cx, looks[i].owner, &visitor));
        if (visitor)
            *ret = looks[i].owner;
    }
    return OK;
}

static bool said_before(const struct look *looks, size_t at)
{
    const struct look *l = &looks[at];
    for (size_t i = 0; i < at; i++)
        if (looks[i].usable && looks[i].in->kind == l->in->kind && str_eq(looks[i].key, l->key) &&
            (!l->in->kind->scoped || str_eq(looks[i].in->scope, l->in->scope)))
            return true;
    return false;
}

static enum err make(struct ctx *cx, const struct resolve *in, customer_id *ret)
{
    return customer_make(cx,
                         &(struct customer_new) { .name = in->name,
                                                  .channel = in->channel,
                                                  .department = in->department,
                                                  .staff = in->staff,
                                                  .joined = in->joined,
                                                  .origin = in->origin },
                         ret);
}

enum err customer_resolve(struct ctx *cx, const struct resolve *in, struct resolved *ret)
{
    struct look looks[RESOLVE_MAX] = { 0 };
    size_t usable = 0;
    assert(in->count <= RESOLVE_MAX);
    *ret = (struct resolved) { 0 };
    if (all_cached(cx, in, &ret->customer))
        return OK;
    for (size_t i = 0; i < in->count; i++) {
        struct look *l = &looks[i];
        bool blocked = false;
        l->in = &in->ids[i];
        l->usable = identity_key(cx, l->in, &l->key, &l->normal) && !said_before(looks, i);
        if (l->usable)
            TRY(look_up(cx, l));
        if (l->usable && !l->row.v)
            TRY(identity_blocked(cx, l->in->kind, l->key, l->normal, &blocked));
        l->usable = l->usable && !blocked;
        usable += l->usable;
    }
    customer_id who;
    TRY(choose(cx, looks, in->count, &who));
    if (!who.v && !in->create)
        return OK;
    if (!who.v) {
        TRY(make(cx, in, &who));
        ret->created = true;
    }
    for (size_t i = 0; i < in->count; i++) {
        struct look *l = &looks[i];
        if (!l->usable)
            continue;
        if (usable > 1 && ret->joined) /* a join may have changed whose it is */
            TRY(look_up(cx, l));
        if (!l->row.v)
            TRY(attach(cx, in, who, l, ret));
        else if (l->owner.v != who.v)
            TRY(settle_other(cx, in, who, l, ret));
        else if (l->in->verified && !l->owner_verified)
            TRY(sql_exec(cx, identity_verify, ID(l->row)));
    }
    ret->customer = who;
    return OK;
}

enum err identity_give(struct ctx *cx, customer_id who, const struct identity_in *id, str origin)
{
    struct look l = { .in = id };
    struct resolved ignored;
    bool blocked;
    i64 have;
    if (!identity_key(cx, id, &l.key, &l.normal))
        return fail(cx, ERR_BAD_FORMAT, "value",
                    P("expected", cx->lang == LANG_ZH ? id->kind->zh : id->kind->en));
    TRY(identity_blocked(cx, id->kind, l.key, l.normal, &blocked));
    if (blocked)
        return fail_rule(cx, ERR_INVALID, "value", "该值在屏蔽名单中",
                         "this value is on the block list");
    TRY(look_up(cx, &l));
    if (l.row.v)
        return fail(cx, ERR_TAKEN, "value",
                    P("value", identity_mask(cx->arena, id->kind, l.normal)));
    TRY(sql_i64(cx, identity_count, &have, ID(who), V(id->kind->key), V(scope_of(id))));
    if (have >= id->kind->max)
        return fail(cx, ERR_TOO_MANY, "value", P("max", id->kind->max));
    return attach(cx, &(struct resolve) { .origin = origin }, who, &l, &ignored);
}
