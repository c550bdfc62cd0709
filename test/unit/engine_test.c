/* The column store against the plain evaluator: random histories told in any order, in pieces, with
 * folds in between, persons told anew, saved and loaded at any moment, must give the same answers
 * to the last digit. */
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

/* An engine that is told, and now and then saved, forgotten and loaded. */
struct teller {
    struct engine *e;
    struct rnd *r;
    const char *folder;
    i64 saves;
};

static void save_and_load(struct teller *t)
{
    const char *reason = "";
    int threads = (int)rnd_below(t->r, 3) + 1;
    i64 covered = ++t->saves;
    engine_cover(t->e, covered);
    engine_end(t->e);
    assert_ok(engine_save(t->e, t->folder, 7, &reason));
    engine_free(t->e);
    if (engine_load(t->folder, 7, threads, &t->e, &reason) != OK)
        fail_msg("%s", reason);
    assert_int_equal(engine_covered(t->e), covered);
    engine_begin(t->e);
}

static void tell(struct teller *t, struct arena *a, const struct history *told)
{
    struct history h = random_shuffle(a, t->r, told);
    bool wide = rnd_below(t->r, 20) == 0, saves = rnd_below(t->r, 8) == 0;
    engine_begin(t->e);
    for (size_t i = 0; i < h.person_count; i++) {
        if (wide && i < 4)
            leave_out(t->e, (i64)rnd_below(t->r, 3000));
        engine_person(t->e, &h.persons[i]);
    }
    for (size_t i = 0; i < h.fact_count; i++) {
        engine_fact(t->e, &h.facts[i]);
        if (rnd_below(t->r, h.fact_count) < 2)
            engine_fold(t->e);
        if (saves && rnd_below(t->r, h.fact_count) < 2)
            save_and_load(t);
    }
    if (saves)
        save_and_load(t);
    engine_end(t->e);
}

/* Somebody is forgotten, and told again with all that is theirs. */
static void tell_anew(struct teller *t, const struct history *h)
{
    if (!h->person_count)
        return;
    const struct person *p = &h->persons[rnd_below(t->r, h->person_count)];
    engine_begin(t->e);
    engine_forget(t->e, p->id);
    if (t->saves)
        save_and_load(t);
    engine_person(t->e, p);
    for (size_t i = 0; i < h->fact_count; i++)
        if (h->facts[i].person == p->id)
            engine_fact(t->e, &h->facts[i]);
    if (rnd_below(t->r, 2))
        engine_fold(t->e);
    engine_end(t->e);
}

static void one(uint64_t seed, const char *folder, i64 answered[QUERY_KINDS])
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct random_case c;
    struct result expected, got;
    struct rnd r;
    random_case(&a, seed, &c);
    rnd_seed(&r, seed ^ 0x5eed);
    struct teller t = { engine_new((int)rnd_below(&r, 3) + 1), &r, folder, 0 };
    tell(&t, &a, &c.history);
    for (uint64_t n = rnd_below(&r, 3); n; n--)
        tell_anew(&t, &c.history);
    assert_ok(reference_ask(&a, &c.query, &c.history, c.now, &expected));
    assert_ok(engine_ask(t.e, &a, &c.query, c.now, NULL, &got));
    str want = shown(&a, &c.query, &expected), have = shown(&a, &c.query, &got);
    if (!str_eq(want, have))
        print_message("want %.*s\nhave %.*s\n", STR_ARG(str_head(want, 1500)),
                      STR_ARG(str_head(have, 1500)));
    assert_case(str_eq(want, have), &c);
    answered[c.query.kind]++;
    engine_free(t.e);
}

static void answers_as_the_plain_evaluator(void **state)
{
    char folder[] = "/tmp/hetang-unit-XXXXXX";
    i64 answered[QUERY_KINDS] = { 0 };
    uint64_t first = random_seed();
    (void)state;
    assert_non_null(mkdtemp(folder));
    for (uint64_t i = 0; i < PAIRS; i++)
        one(first + i, folder, answered);
    for (int k = 0; k < QUERY_KINDS; k++)
        assert_true(answered[k] > PAIRS / 20);
    remove_folder(folder);
}

int engine_test(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(answers_as_the_plain_evaluator) };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
