#include "engine_cases.h"

#include "base/test.h"
#include "engine/engine.h"
#include "engine_reference.h"

static str shown(struct arena *a, const struct query *q, const struct result *r)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 100000);
    out_result(&sb, q, r);
    for (size_t i = 0; i < sb.len; i++)
        sb.ptr[i] = sb.ptr[i] == '"' ? '\'' : sb.ptr[i];
    return strbuf_str(&sb);
}

static str stored(struct arena *a, const struct query *q, const struct history *h, instant now)
{
    struct result r = { 0 };
    struct engine *e = engine_new(1);
    engine_begin(e);
    for (size_t i = 0; i < h->person_count; i++)
        engine_person(e, &h->persons[i]);
    for (size_t i = 0; i < h->fact_count; i++)
        engine_fact(e, &h->facts[i]);
    engine_end(e);
    assert_ok(engine_ask(e, a, q, now, NULL, &r));
    engine_free(e);
    return shown(a, q, &r);
}

static void case_is(struct arena *a, const struct report_case *c)
{
    struct query q = { 0 };
    struct query_error bad = { 0 };
    struct result r = { 0 };
    if (query_read(a, history_json(a, c->asked), &q, &bad) != OK)
        fail_msg("%s: %.*s: %s", c->asked, STR_ARG(bad.at), bad.reason);
    struct history h = history_read(a, c->history);
    instant now = history_time(a, str_of(c->now ? c->now : "03-10 12:00"));
    assert_ok(reference_ask(a, &q, &h, now, &r));
    str plain = shown(a, &q, &r), store = stored(a, &q, &h, now);
    if (!str_is(plain, c->answer) || !str_is(store, c->answer))
        fail_msg("%s\n%s\n  plain:    %.*s\n  store:    %.*s\n  expected: %s", c->history, c->asked,
                 STR_ARG(plain), STR_ARG(store), c->answer);
}

void reports_are(const struct report_case *cases, size_t n)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < n; i++)
        case_is(&a, &cases[i]);
}
