#include "engine_answer.h"

#include "base/test.h"

#include "engine/engine.h"
#include "engine_reference.h"

void answer_is(struct arena *a, const char *asked, const struct query *q, const struct result *r,
               const char *answer)
{
    struct strbuf sb;
    bool people = !*answer || (*answer >= '0' && *answer <= '9');
    strbuf_init(&sb, a, 1 << 20);
    if (!people)
        out_result(&sb, q, r);
    for (size_t i = 0; r->people && i < r->people_count; i++)
        out_fmt(&sb, "%s%lld", sb.len ? " " : "", (long long)r->people[i]);
    for (size_t i = 0; i < sb.len; i++)
        sb.ptr[i] = sb.ptr[i] == '"' ? '\'' : sb.ptr[i];
    if (r->kind != query_answer(q) || !str_is(strbuf_str(&sb), answer))
        fail_msg("%s\n  is:       %.*s\n  expected: %s", asked, STR_ARG(strbuf_str(&sb)), answer);
}

void answers_are(const struct answer_case *cases, size_t count)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < count; i++) {
        struct query q = { 0 };
        struct query_error bad = { 0 };
        struct result expected = { 0 }, got = { 0 };
        const char *told = arena_z(&a, arena_fmt(&a, "%s\n%s", cases[i].history, cases[i].asked));
        if (query_read(&a, history_json(&a, cases[i].asked), &q, &bad) != OK)
            fail_msg("%s: %.*s: %s", cases[i].asked, STR_ARG(bad.at), bad.reason);
        struct history h = history_read(&a, cases[i].history);
        instant now = history_time(&a, str_of(cases[i].now ? cases[i].now : "03-10 12:00"));
        struct engine *e = engine_new(2);
        engine_begin(e);
        for (size_t k = 0; k < h.person_count; k++)
            engine_person(e, &h.persons[k]);
        for (size_t k = 0; k < h.fact_count; k++)
            engine_fact(e, &h.facts[k]);
        engine_end(e);
        assert_ok(reference_ask(&a, &q, &h, now, &expected));
        answer_is(&a, told, &q, &expected, cases[i].answer);
        assert_ok(engine_ask(e, &a, &q, now, NULL, &got)); /* what fails from here on is the store */
        answer_is(&a, told, &q, &got, cases[i].answer);
        engine_free(e);
    }
}
