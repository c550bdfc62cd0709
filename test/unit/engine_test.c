/* The column store against the plain evaluator: random histories told in any order, in pieces, with
 * folds in between, persons told anew, saved and loaded at any moment, must give the same answers
 * to the last digit. */
#include "base/test.h"

#include <math.h>

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
    for (size_t i = 0; r->people && i < r->people_count; i++)
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

static struct engine *engine_of(struct arena *a, const struct random_case *c, const char *folder)
{
    struct rnd r;
    rnd_seed(&r, c->seed ^ 0x5eed);
    struct teller t = { engine_new((int)rnd_below(&r, 3) + 1), &r, folder, 0 };
    tell(&t, a, &c->history);
    for (uint64_t n = rnd_below(&r, 3); n; n--)
        tell_anew(&t, &c->history);
    return t.e;
}

static struct result agreed(struct arena *a, struct engine *e, const struct random_case *c,
                            const struct query *q)
{
    struct result expected, got;
    assert_ok(reference_ask(a, q, &c->history, c->now, &expected));
    assert_ok(engine_ask(e, a, q, c->now, NULL, &got));
    str want = shown(a, q, &expected), have = shown(a, q, &got);
    if (!str_eq(want, have))
        print_message("want %.*s\nhave %.*s\n", STR_ARG(str_head(want, 1500)),
                      STR_ARG(str_head(have, 1500)));
    assert_case(str_eq(want, have), c);
    return got;
}

/* Of a few the same is said as of everybody. */
static void fits_a_few(struct arena *a, struct engine *e, const struct random_case *c,
                       const struct result *everybody)
{
    struct rnd r;
    size_t n = 0, cap = c->history.person_count;
    i64 *ids = NEW_N(a, i64, cap + 1);
    bool *fit = NEW_N(a, bool, cap + 1);
    rnd_seed(&r, c->seed);
    for (size_t i = 0; i < cap; i++)
        if (rnd_below(&r, 3) == 0)
            ids[n++] = c->history.persons[i].id;
    ids[n++] = I53_MAX - 7; /* nobody */
    const struct people *asked[] = { c->query.people };
    assert_ok(engine_fit(e, asked, 1, c->now, ids, n, fit));
    for (size_t i = 0; i < n; i++) {
        bool in = false;
        for (size_t k = 0; k < everybody->people_count; k++)
            in |= everybody->people[k] == ids[i];
        assert_case(fit[i] == in, c);
    }
}

static void one(uint64_t seed, const char *folder, i64 answered[QUERY_KINDS + 1])
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct random_case c, other;
    random_case(&a, seed, &c);
    random_case(&a, ~seed, &other);
    if (seed % 4 == 0)
        c.query.among = other.query.people;
    struct engine *e = engine_of(&a, &c, folder);
    struct result got = agreed(&a, e, &c, &c.query);
    if (c.query.kind == QUERY_SEGMENT && !c.query.among && got.people)
        fits_a_few(&a, e, &c, &got);
    answered[c.query.behind.asked ? QUERY_KINDS : c.query.kind]++;
    engine_free(e);
}

static void answers_as_the_plain_evaluator(void **state)
{
    char folder[] = "/tmp/hetang-unit-XXXXXX";
    i64 answered[QUERY_KINDS + 1] = { 0 }; /* the last: people behind a bar */
    uint64_t first = random_seed();
    (void)state;
    assert_non_null(mkdtemp(folder));
    for (uint64_t i = 0; i < PAIRS; i++)
        one(first + i, folder, answered);
    for (int k = 0; k <= QUERY_KINDS; k++)
        assert_true(answered[k] > PAIRS / 40);
    remove_folder(folder);
}

/* --- every bar of a report, and the people behind it */

struct bars {
    struct arena *a;
    struct engine *e;
    const struct random_case *c;
    i64 asked, found, exact; /* exact: a bar that counts people */
};

static void bar(struct bars *b, struct behind behind, const struct group_key *groups, i64 count,
                bool exact)
{
    struct query q = b->c->query;
    behind.asked = true;
    behind.group_count = q.breakdown_count;
    memcpy(behind.groups, groups, q.breakdown_count * sizeof *groups);
    q.behind = behind;
    struct result r = agreed(b->a, b->e, b->c, &q);
    b->asked++;
    b->found += r.people_count > 0;
    b->exact += exact && count > 0;
    assert_case(exact ? (i64)r.people_count == count : (i64)r.people_count <= count, b->c);
    assert_case((r.people_count > 0) == (count > 0), b->c);
}

static void funnel_bars(struct bars *b, const struct funnel_result *r)
{
    bool exact = b->c->query.funnel.count == COUNT_PERSON;
    for (size_t g = 0; g < MIN(r->group_count, 4); g++)
        for (size_t i = 0; i < r->step_count; i++) {
            const i64 *reached = r->groups[g].reached;
            bar(b, (struct behind) { .step = i + 1 }, &r->groups[g].key, reached[i], exact);
            if (i)
                bar(b, (struct behind) { .step = i + 1, .stopped = true }, &r->groups[g].key,
                    reached[i - 1] - reached[i], exact);
        }
}

static void cohort_bars(struct bars *b, const struct retention_result *r,
                        const struct retention_group *g, const struct cohort *c)
{
    bool exact = c->start.n != NONE || !b->c->query.retention.every;
    bar(b, (struct behind) { .cohort = c->start, .cell = NONE }, &g->key, c->people, exact);
    for (size_t i = 0; i < MIN(r->cell_count, 4); i++) {
        i64 base = c->start.n == NONE ? c->base[i] : c->people;
        struct behind behind = { .cohort = c->start, .cell = (i64)i };
        bar(b, behind, &g->key, c->cells[i], exact);
        behind.lost = true;
        bar(b, behind, &g->key, base - c->cells[i], exact);
    }
}

static void retention_bars(struct bars *b, const struct retention_result *r)
{
    for (size_t g = 0; g < MIN(r->group_count, 3); g++) {
        cohort_bars(b, r, &r->groups[g], &r->groups[g].overall);
        for (size_t i = 0; i < MIN(r->groups[g].cohort_count, 3); i++)
            cohort_bars(b, r, &r->groups[g], &r->groups[g].cohorts[i]);
    }
}

static void trend_bars(struct bars *b, const struct trend_result *r)
{
    for (size_t g = 0; g < MIN(r->group_count, 3); g++) {
        bar(b, (struct behind) { 0 }, r->groups[g].keys, r->groups[g].total.people, true);
        for (size_t i = 0; i < MIN(r->point_count, 8); i++)
            bar(b, (struct behind) { .period = r->groups[g].points[i].start }, r->groups[g].keys,
                r->groups[g].points[i].people, true);
    }
}

static struct path_named named(const struct path_node *n, bool keyed)
{
    return (struct path_named) { true, n->other, keyed && !n->other, n->type, n->key };
}

static void paths_bars(struct bars *b, const struct paths_result *r)
{
    const struct paths *x = &b->c->query.paths;
    bool exact = !x->every; /* a path is a person's */
    const struct group_key none = { 0 };
    bar(b, (struct behind) { .level = 1 }, &none, r->people, true);
    for (size_t l = 0; l < MIN(r->level_count, 4); l++) {
        const struct path_level *at = &r->levels[l];
        for (size_t i = 0; i < MIN(at->node_count, 4); i++) {
            struct behind behind = { .level = l + 1, .node = named(&at->nodes[i], x->by.len) };
            bar(b, behind, &none, at->nodes[i].paths, exact);
            behind.ends = true;
            if (l + 1 < x->levels)
                bar(b, behind, &none, at->nodes[i].ends, exact);
        }
        for (size_t i = 0; i < MIN(at->link_count, 6); i++) {
            const struct path_link *k = &at->links[i];
            struct behind behind = { .level = l + 1,
                                     .node = named(&at->nodes[k->from], x->by.len),
                                     .to = named(&at[1].nodes[k->to], x->by.len) };
            bar(b, behind, &none, k->paths, exact);
        }
    }
}

static void attribution_bars(struct bars *b, const struct attribution_result *r)
{
    const struct group_key none = { 0 };
    bar(b, (struct behind) { 0 }, &none, r->total.conversions, false);
    bar(b, (struct behind) { .untouched = true }, &none, r->total.untouched, false);
    bar(b, (struct behind) { .lost = true }, &none, r->total.lost, true);
    for (size_t i = 0; i < MIN(r->channel_count, 6); i++) {
        const struct attribution_channel *c = &r->channels[i];
        /* participation: as many as there are conversions it had a part in */
        double part = c->credits[ATTRIBUTION_participation].conversions;
        if (!c->other)
            bar(b, (struct behind) { .on_channel = true, .channel = c->key }, &none, llround(part),
                false);
    }
}

static void as_many_people_as_the_bar_says(void **state)
{
    uint64_t first = random_seed();
    struct bars b = { 0 };
    char folder[] = "/tmp/hetang-unit-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(folder));
    for (uint64_t i = 0; i < PAIRS / 2; i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct random_case c;
        random_case(&a, first + i, &c);
        if (c.query.kind != QUERY_FUNNEL && c.query.kind != QUERY_RETENTION &&
            c.query.kind != QUERY_TREND && c.query.kind != QUERY_PATHS &&
            c.query.kind != QUERY_ATTRIBUTION)
            continue;
        c.query.behind = (struct behind) { 0 };
        c.query.attribution.models |=
            c.query.kind == QUERY_ATTRIBUTION ? 1U << ATTRIBUTION_participation : 0;
        if (c.query.kind == QUERY_RETENTION)
            c.query.retention.value = STR_NONE;
        b.a = &a;
        b.c = &c;
        b.e = engine_of(&a, &c, folder);
        struct result r = agreed(&a, b.e, &c, &c.query);
        if (c.query.kind == QUERY_FUNNEL)
            funnel_bars(&b, &r.funnel);
        else if (c.query.kind == QUERY_RETENTION)
            retention_bars(&b, &r.retention);
        else if (c.query.kind == QUERY_PATHS)
            paths_bars(&b, &r.paths);
        else if (c.query.kind == QUERY_ATTRIBUTION)
            attribution_bars(&b, &r.attribution);
        else
            trend_bars(&b, &r.trend);
        engine_free(b.e);
    }
    print_message("%lld bars, %lld of people, %lld with any\n", (long long)b.asked,
                  (long long)b.exact, (long long)b.found);
    remove_folder(folder);
    assert_true(b.asked > PAIRS / 2 && b.exact > PAIRS / 8 && b.found > PAIRS / 6);
}

int engine_test(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(answers_as_the_plain_evaluator),
                                        cmocka_unit_test(as_many_people_as_the_bar_says) };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
