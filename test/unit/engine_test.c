/* The column store against the plain evaluator: random histories told in any order, in pieces, with
 * folds in between and persons told anew, must give the same answers to the last digit. */
#include "base/test.h"

#include "engine/engine.h"
#include "engine_random.h"
#include "engine_reference.h"
#include "instance.h"

int engine_test(void);

#define PAIRS 3000

static str shown(struct arena *a, const struct query *q, const struct result *r)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 64 << 20);
    out_result(&sb, q, r);
    for (size_t i = 0; i < r->people_count; i++)
        out_fmt(&sb, " %lld", (long long)r->people[i]);
    return strbuf_str(&sb);
}

/* Ordinals that are nobody's, so that people are in several blocks. */
static void leave_out(struct engine *e, i64 count)
{
    for (i64 id = I53_MAX; id > I53_MAX - count; id--) {
        engine_person(e, &(struct person) { .id = id });
        engine_forget(e, id);
    }
}

static void tell(struct engine *e, struct arena *a, struct rnd *r, const struct history *told)
{
    struct history h = random_shuffle(a, r, told);
    bool wide = rnd_below(r, 20) == 0;
    engine_begin(e);
    for (size_t i = 0; i < h.person_count; i++) {
        if (wide && i < 4)
            leave_out(e, (i64)rnd_below(r, 3000));
        engine_person(e, &h.persons[i]);
    }
    for (size_t i = 0; i < h.fact_count; i++) {
        engine_fact(e, &h.facts[i]);
        if (rnd_below(r, h.fact_count) < 2)
            engine_fold(e);
    }
    engine_end(e);
}

/* Somebody is forgotten, and told again with all that is theirs. */
static void tell_anew(struct engine *e, struct rnd *r, const struct history *h)
{
    if (!h->person_count)
        return;
    const struct person *p = &h->persons[rnd_below(r, h->person_count)];
    engine_begin(e);
    engine_forget(e, p->id);
    engine_person(e, p);
    for (size_t i = 0; i < h->fact_count; i++)
        if (h->facts[i].person == p->id)
            engine_fact(e, &h->facts[i]);
    if (rnd_below(r, 2))
        engine_fold(e);
    engine_end(e);
}

static void one(uint64_t seed, i64 answered[QUERY_KINDS])
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct random_case c;
    struct result expected, got;
    struct rnd r;
    random_case(&a, seed, &c);
    rnd_seed(&r, seed ^ 0x5eed);
    struct engine *e = engine_new((int)rnd_below(&r, 3) + 1);
    tell(e, &a, &r, &c.history);
    for (uint64_t n = rnd_below(&r, 3); n; n--)
        tell_anew(e, &r, &c.history);
    assert_ok(reference_ask(&a, &c.query, &c.history, c.now, &expected));
    assert_ok(engine_ask(e, &a, &c.query, c.now, &got));
    str want = shown(&a, &c.query, &expected), have = shown(&a, &c.query, &got);
    if (!str_eq(want, have))
        print_message("want %.*s\nhave %.*s\n", STR_ARG(str_head(want, 1500)),
                      STR_ARG(str_head(have, 1500)));
    assert_case(str_eq(want, have), &c);
    answered[c.query.kind]++;
    engine_free(e);
}

static void answers_as_the_plain_evaluator(void **state)
{
    i64 answered[QUERY_KINDS] = { 0 };
    uint64_t first = random_seed();
    (void)state;
    for (uint64_t i = 0; i < PAIRS; i++)
        one(first + i, answered);
    for (int k = 0; k < QUERY_KINDS; k++)
        assert_true(answered[k] > PAIRS / 20);
}

int engine_test(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(answers_as_the_plain_evaluator) };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
