#include "domain/org/attempt.h"

#include <arpa/inet.h>

#include "core/app.h"

#include "attempt.sql.h"

static const struct limit {
    const char *word;
    i64 first_ms, most_ms; /* the first wait, the longest */
    i64 free;              /* so many failures cost nothing */
    i64 forget_ms;         /* after this long without one, counting begins anew */
    bool shared; /* tries of others are in it: taken back by one when right, never forgotten */
} limits[ATTEMPT_KINDS] = {
    [BY_NAME_AND_PLACE] = { "pair", 5 * SECOND_MS, 15 * MINUTE_MS, 5, DAY_MS },
    /* An office of hundreds stands behind one address: soon over, and short. */
    [BY_PLACE] = { "place", 1 * SECOND_MS, 1 * MINUTE_MS, 30, HOUR_MS, .shared = true },
    [BY_NAME] = { "name", 5 * SECOND_MS, 5 * MINUTE_MS, 20, DAY_MS, .shared = true },
    [BY_BROWSER] = { "browser", 5 * SECOND_MS, 15 * MINUTE_MS, 5, DAY_MS },
    [BY_SESSION] = { "session", 5 * SECOND_MS, 15 * MINUTE_MS, 5, DAY_MS },
};
#define FORGET_MAX_MS DAY_MS

i64 attempt_wait_ms(enum attempt_kind kind, i64 count)
{
    const struct limit *l = &limits[kind];
    if (count < l->free)
        return 0;
    return count - l->free > 20 ? l->most_ms : MIN(l->first_ms << (count - l->free), l->most_ms);
}

str attempt_place(struct arena *a, str ip)
{
    struct in6_addr six;
    struct strbuf text;
    if (inet_pton(AF_INET6, arena_z(a, ip), &six) != 1)
        return ip;
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        char four[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &six.s6_addr[12], four, sizeof four);
        return arena_str(a, str_of(four));
    }
    strbuf_init(&text, a, 32);
    out_hex(&text, six.s6_addr, 8);
    return strbuf_str(&text);
}

static str hidden(struct ctx *cx, str text)
{
    return secret_index(cx->app->secrets, cx->arena, S("sign-in"), text);
}

static void add(struct ctx *cx, struct attempt *a, enum attempt_kind kind, str what)
{
    assert(a->n < ATTEMPT_KEYS_MAX);
    a->by[a->n].kind = kind;
    a->by[a->n++].key = arena_fmt(cx->arena, "%s:%.*s", limits[kind].word, STR_ARG(what));
}

void attempt_sign_in(struct ctx *cx, str login, i64 browser, struct attempt *ret)
{
    *ret = (struct attempt) { .login = hidden(cx, login) };
    if (browser) {
        add(cx, ret, BY_BROWSER, arena_fmt(cx->arena, "%lld", (long long)browser));
        return;
    }
    str place = attempt_place(cx->arena, cx->ip);
    add(cx, ret, BY_NAME_AND_PLACE,
        arena_fmt(cx->arena, "%.*s:%.*s", STR_ARG(ret->login), STR_ARG(place)));
    add(cx, ret, BY_PLACE, place);
    add(cx, ret, BY_NAME, ret->login);
}

void attempt_again(struct ctx *cx, str login, struct attempt *ret)
{
    *ret = (struct attempt) { .login = hidden(cx, login) };
    add(cx, ret, BY_SESSION, arena_fmt(cx->arena, "%lld", (long long)cx->actor.credential));
}

/* How many failures count, and how long to wait. */
static enum err look(struct ctx *cx, const struct attempt *a, size_t i, i64 *ret_count,
                     i64 *ret_wait_ms)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, attempt_get, &r, V(a->by[i].key)));
    bool any = rows_next(&r);
    i64 count = any ? col_i64(&r, 0) : 0, until = any ? col_i64(&r, 1) : 0;
    if (any && col_i64(&r, 2) + limits[a->by[i].kind].forget_ms <= cx->now.ms)
        count = 0;
    *ret_count = count;
    *ret_wait_ms = MAX(until - cx->now.ms, 0);
    return rows_end(&r);
}

enum err attempt_check(struct ctx *cx, const struct attempt *a, i64 *ret_wait_s)
{
    i64 longest = 0;
    for (size_t i = 0; i < a->n; i++) {
        i64 count, wait;
        TRY(look(cx, a, i, &count, &wait));
        longest = MAX(longest, wait);
    }
    *ret_wait_s = (longest + SECOND_MS - 1) / SECOND_MS;
    return longest ? fail(cx, ERR_SLOW_DOWN, NULL, P("seconds", *ret_wait_s)) : OK;
}

enum err attempt_claim(struct ctx *cx, struct attempt *a, i64 *ret_wait_s)
{
    TRY(attempt_check(cx, a, ret_wait_s));
    for (size_t i = 0; i < a->n; i++) {
        enum attempt_kind kind = a->by[i].kind;
        i64 count, wait;
        TRY(look(cx, a, i, &count, &wait));
        a->by[i].count = ++count;
        wait = attempt_wait_ms(kind, count);
        TRY(sql_exec(cx, attempt_put, V(a->by[i].key), kind == BY_PLACE ? val_null() : V(a->login),
                     V(count), V(wait ? cx->now.ms + wait : 0), V(cx->now)));
    }
    return OK;
}

enum err attempt_take_back(struct ctx *cx, const struct attempt *a)
{
    for (size_t i = 0; i < a->n; i++)
        TRY(sql_exec(cx, attempt_back, V(a->by[i].key), V(a->by[i].count)));
    return OK;
}

enum err attempt_right(struct ctx *cx, const struct attempt *a)
{
    TRY(attempt_take_back(cx, a));
    for (size_t i = 0; i < a->n; i++)
        if (!limits[a->by[i].kind].shared)
            TRY(sql_exec(cx, attempt_drop, V(a->by[i].key)));
    return OK;
}

enum err attempt_forget(struct ctx *cx, str login)
{
    return sql_exec(cx, attempt_forget_login, V(hidden(cx, login)));
}

enum err attempt_clean(struct ctx *cx)
{
    return sql_exec(cx, attempt_clean_before, V((instant) { cx->now.ms - FORGET_MAX_MS }));
}
