/* Random questions about random histories, asked of the plain evaluator: what holds whatever the
 * answer is. The seed is printed. */
#include "base/test.h"

#include <math.h>

#include "base/time.h"
#include "engine_random.h"
#include "engine_reference.h"
#include "instance.h"

int engine_random_test(void);

#define PAIRS       2000
#define CHAIN_FACTS 11 /* for the search through every chain */

static str answer(struct arena *a, const struct random_case *c, const struct query *q,
                  const struct history *h, struct result *ret)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 64 << 20);
    assert_ok(reference_ask(a, q, h, c->now, ret));
    out_result(&sb, q, ret);
    for (size_t i = 0; ret->people && i < ret->people_count; i++)
        out_fmt(&sb, " %lld", (long long)ret->people[i]);
    assert_case(!sb.overflow, c);
    return strbuf_str(&sb);
}

/* In another order, and without what has not happened yet. */
static void told_otherwise(struct arena *a, const struct random_case *c, str said)
{
    struct rnd r;
    struct result result;
    rnd_seed(&r, c->seed);
    struct history other = random_shuffle(a, &r, &c->history);
    assert_case(str_eq(answer(a, c, &c->query, &other, &result), said), c);
    size_t kept = 0;
    for (size_t i = 0; i < other.fact_count; i++)
        if (other.facts[i].at.ms <= c->now.ms)
            other.facts[kept++] = other.facts[i];
    other.fact_count = kept;
    assert_case(str_eq(answer(a, c, &c->query, &other, &result), said), c);
}

static bool segment_holds(struct arena *a, const struct random_case *c, const struct result *r)
{
    struct people not = { .kind = PEOPLE_NOT, .first = c->query.people };
    struct query others = { .kind = QUERY_SEGMENT, .people = &not };
    struct result rest;
    if (c->query.segment.person)
        return r->why.there;
    if (!c->query.people) {
        assert_case(r->people_count == c->history.person_count, c);
        return r->people_count > 0;
    }
    answer(a, c, &others, &c->history, &rest);
    assert_case(rest.people_count + r->people_count == c->history.person_count, c);
    for (size_t i = 1; r->people && i < r->people_count; i++)
        assert_case(r->people[i - 1] < r->people[i], c);
    assert_case(!r->node_count || r->node_counts[0] == (i64)r->people_count, c);
    return r->people_count && rest.people_count;
}

static bool behind_holds(const struct random_case *c, const struct result *r)
{
    for (size_t i = 1; i < r->people_count; i++)
        assert_case(r->people[i - 1] < r->people[i], c);
    return r->people_count > 0;
}

static void in_promised_order(const struct random_case *c, i64 before, i64 after,
                              const struct group_key *a, const struct group_key *b, size_t keys)
{
    int order = 0;
    for (size_t i = 0; i < keys && !order; i++)
        order = group_key_compare(&a[i], &b[i]);
    assert_case(before > after || (before == after && order < 0), c);
}

static void quartiles_hold(const struct random_case *c, i64 reached, const i64 ms[QUARTILES])
{
    bool timed = c->query.funnel.order != ORDER_ANY && reached;
    for (size_t i = 0; i < QUARTILES; i++) {
        assert_case((ms[i] != NONE) == timed, c);
        assert_case(!timed || (ms[i] >= (i ? ms[i - 1] : 0) && ms[i] <= c->query.funnel.window_ms),
                    c);
    }
}

static bool funnel_holds(const struct random_case *c, const struct funnel_result *r)
{
    assert_case(c->query.breakdown_count || r->group_count == 1, c);
    for (size_t g = 0; g < r->group_count; g++) {
        const struct funnel_group *at = &r->groups[g];
        if (g)
            in_promised_order(c, at[-1].reached[0], at->reached[0], &at[-1].key, &at->key, 1);
        for (size_t i = 1; i < r->step_count; i++) {
            assert_case(at->reached[i] <= at->reached[i - 1], c);
            quartiles_hold(c, at->reached[i], at->quartile_ms[i]);
        }
        quartiles_hold(c, at->reached[r->step_count - 1], at->total_ms);
    }
    return r->group_count && r->groups[0].reached[1];
}

static bool retention_holds(const struct random_case *c, const struct retention_result *r)
{
    i64 returned = 0;
    for (size_t g = 0; g < r->group_count; g++) {
        const struct retention_group *at = &r->groups[g];
        i64 people = 0;
        if (g)
            in_promised_order(c, at[-1].overall.people, at->overall.people, &at[-1].key, &at->key,
                              1);
        for (size_t i = 0; i < at->cohort_count; i++) {
            people += at->cohorts[i].people;
            assert_case(at->cohorts[i].people > 0, c);
            assert_case(!i || at->cohorts[i - 1].start.n < at->cohorts[i].start.n, c);
        }
        assert_case(people == at->overall.people, c);
        for (size_t n = 0; n < r->cell_count; n++) {
            i64 cells = 0, base = 0;
            for (size_t i = 0; i < at->cohort_count; i++) {
                const struct cohort *one = &at->cohorts[i];
                assert_case(one->base[n] == 0 || one->base[n] == one->people, c);
                assert_case(c->query.retention.value.len || one->cells[n] <= one->people, c);
                cells += one->base[n] ? one->cells[n] : 0;
                base += one->base[n];
                returned += one->cells[n];
            }
            assert_case(cells == at->overall.cells[n] && base == at->overall.base[n], c);
        }
    }
    return returned != 0;
}

static bool trend_holds(const struct random_case *c, const struct trend_result *r)
{
    for (size_t g = 0; g < r->group_count; g++) {
        const struct trend_group *at = &r->groups[g];
        struct trend_point sum = { 0 };
        i64 most = 0;
        if (g)
            in_promised_order(c, at[-1].total.count, at->total.count, at[-1].keys, at->keys,
                              QUERY_BREAKDOWNS_MAX);
        for (size_t i = 0; i < r->point_count; i++) {
            const struct trend_point *p = &at->points[i];
            assert_case(p->people <= p->count && p->numbers <= p->count, c);
            assert_case(!i || p[-1].start.ms < p->start.ms, c);
            sum.count += p->count;
            sum.people += p->people;
            sum.sum += p->sum;
            sum.numbers += p->numbers;
            most = MAX(most, p->people);
        }
        assert_case(sum.count == at->total.count && sum.sum == at->total.sum, c);
        assert_case(sum.numbers == at->total.numbers, c);
        assert_case(at->total.people >= most && at->total.people <= sum.people, c);
    }
    return r->group_count && r->groups[0].total.count;
}

static bool activity_holds(const struct random_case *c, const struct activity_result *r)
{
    i64 active = 0, window = (i64)c->query.activity.window;
    for (size_t g = 0; g < r->group_count; g++) {
        const struct activity_group *at = &r->groups[g];
        i64 days = 0;
        if (g)
            in_promised_order(c, at[-1].people, at->people, &at[-1].key, &at->key, 1);
        for (size_t i = 0; i < r->point_count; i++) {
            const struct activity_point *p = &at->points[i];
            active += p->active;
            assert_case(p->active <= at->people && p->start.ms <= c->now.ms, c);
            assert_case(!p->complete || i + 1 == r->point_count || p[1].start.ms <= c->now.ms, c);
            assert_case(window || p->fresh + p->returning + p->resurrected == p->active, c);
            assert_case(window || !i || p[-1].active == p->returning + p->dormant, c);
            assert_case(!window || (p->recent >= p->active && p->recent <= at->people), c);
        }
        for (i64 i = 0; i < window; i++)
            days += at->days[i];
        assert_case(!window || !r->point_count || days == at->points[r->point_count - 1].recent, c);
    }
    return active;
}

static bool paths_hold(const struct random_case *c, const struct paths_result *r)
{
    const struct paths *asked = &c->query.paths;
    assert_case(r->people <= r->paths && (asked->every || r->people == r->paths), c);
    for (size_t l = 0; l < r->level_count; l++) {
        const struct path_level *at = &r->levels[l];
        i64 here = 0, ends = 0, onward = 0;
        for (size_t i = 0; i < at->node_count; i++) {
            const struct path_node *n = &at->nodes[i];
            i64 leaving = 0;
            for (size_t k = 0; k < at->link_count; k++)
                leaving += at->links[k].from == i ? at->links[k].paths : 0;
            assert_case(n->other == (i == asked->top), c);
            assert_case(!i || n->other || n[-1].paths >= n->paths, c);
            assert_case(l + 1 == asked->levels ? !n->ends : n->paths == n->ends + leaving, c);
            here += n->paths;
            ends += n->ends;
            onward += leaving;
        }
        assert_case(l || here == r->paths, c);
        for (size_t i = 0; l + 1 < r->level_count && i < r->levels[l + 1].node_count; i++)
            onward -= r->levels[l + 1].nodes[i].paths;
        assert_case(onward == 0, c);
    }
    return r->level_count > 1;
}

static bool attribution_holds(const struct random_case *c, const struct attribution_result *r)
{
    const struct attribution_asked *asked = &c->query.attribution;
    for (int m = 0; m < ATTRIBUTION_MODEL_COUNT; m++) {
        i64 value = 0;
        double conversions = 0;
        for (size_t i = 0; i < r->channel_count; i++) {
            conversions += r->channels[i].credits[m].conversions;
            value += r->channels[i].credits[m].value.fen;
        }
        if (!(asked->models >> m & 1) || m == ATTRIBUTION_participation)
            continue;
        assert_case(value == r->total.value.fen, c);
        assert_case(fabs(conversions - (double)r->total.conversions) < 1e-9, c);
    }
    for (size_t i = 0; i < r->channel_count; i++) {
        assert_case(r->channels[i].touches > 0 && r->channels[i].other == (i == asked->top), c);
        assert_case(
            !i || r->channels[i].other || r->channels[i - 1].touches >= r->channels[i].touches, c);
    }
    i64 conversions = 0, lost = 0, value = 0;
    for (size_t i = 0; i < r->path_count; i++) {
        assert_case(!i || r->paths[i - 1].conversions >= r->paths[i].conversions, c);
        conversions += r->paths[i].conversions;
        lost += r->paths[i].lost;
        value += r->paths[i].value;
    }
    assert_case(r->path_count == asked->listed ||
                    (conversions == r->total.conversions && lost == r->total.lost &&
                     value == r->total.value.fen),
                c);
    return r->total.conversions > 0 && r->channel_count > 1;
}

static bool traits_hold(const struct random_case *c, const struct traits_result *t, i64 first,
                        i64 second)
{
    for (size_t i = 0; i < t->count; i++)
        assert_case(t->at[i].first <= first && t->at[i].second <= second &&
                        t->at[i].first + t->at[i].second > 0,
                    c);
    return t->count > 0;
}

static bool profile_holds(const struct random_case *c, const struct profile_result *p)
{
    for (size_t i = 0; i < p->traits.count; i++)
        assert_case(p->traits.at[i].first <= p->traits.at[i].second, c);
    return traits_hold(c, &p->traits, p->people, p->all) && p->people;
}

static bool overlap_holds(const struct random_case *c, const struct overlap_result *o)
{
    i64 most = 0, sum = 0;
    for (size_t i = 0; i < o->count; i++) {
        i64 size = o->both[i * o->count + i];
        for (size_t k = 0; k < o->count; k++)
            assert_case(o->both[i * o->count + k] == o->both[k * o->count + i] &&
                            o->both[i * o->count + k] <= size,
                        c);
        most = MAX(most, size);
        sum += size;
    }
    assert_case(o->any >= most && o->any <= sum, c);
    return o->any;
}

static bool diagnosis_holds(struct arena *a, const struct random_case *c,
                            const struct diagnosis_result *d)
{
    struct query q = c->query;
    struct result r;
    q.kind = QUERY_FUNNEL;
    answer(a, c, &q, &c->history, &r);
    const i64 *reached = r.funnel.groups[0].reached;
    assert_case(d->went_on == reached[c->query.diagnosis.step - 1], c);
    assert_case(d->went_on + d->stopped == reached[c->query.diagnosis.step - 2], c);
    for (size_t i = 0; i < d->event_count; i++)
        assert_case(d->events[i].went_on <= d->went_on && d->events[i].stopped <= d->stopped, c);
    traits_hold(c, &d->traits, d->went_on, d->stopped);
    return d->went_on + d->stopped;
}

static bool rfm_holds(const struct random_case *c, const struct rfm_result *r)
{
    i64 people = 0, sums[RFM_FIGURES] = { 0 };
    for (size_t i = 0; i < r->cell_count; i++) {
        const struct rfm_cell *cell = &r->cells[i];
        people += cell->people;
        assert_case(cell->people > 0 && cell->facts >= cell->people, c);
        for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++) {
            assert_case(cell->score[figure] >= 1 && cell->score[figure] <= RFM_SCORE_MAX, c);
            sums[figure] += cell->people * cell->score[figure];
        }
        assert_case(cell->class == rfm_class(cell->score, &r->means), c);
    }
    assert_case(people == r->means.people, c);
    for (enum rfm_figure figure = 0; figure < RFM_FIGURES; figure++) {
        assert_case(sums[figure] == r->means.sums[figure], c);
        for (size_t k = 1; k < RFM_CUTS; k++)
            assert_case(r->cuts.fifths[figure][k] >= r->cuts.fifths[figure][k - 1], c);
    }
    return people;
}

/* True if there was something to find. */
static bool pair_holds(struct arena *a, uint64_t seed, enum query_kind *ret_kind)
{
    struct random_case c;
    struct result r;
    random_case(a, seed, &c);
    *ret_kind = query_answer(&c.query);
    told_otherwise(a, &c, answer(a, &c, &c.query, &c.history, &r));
    if (c.query.behind.asked)
        return behind_holds(&c, &r);
    switch (c.query.kind) {
    case QUERY_SEGMENT: return segment_holds(a, &c, &r);
    case QUERY_FUNNEL: return funnel_holds(&c, &r.funnel);
    case QUERY_RETENTION: return retention_holds(&c, &r.retention);
    case QUERY_TREND: return trend_holds(&c, &r.trend);
    case QUERY_LIFE:
    case QUERY_STICKINESS: return activity_holds(&c, &r.activity);
    case QUERY_PATHS: return paths_hold(&c, &r.paths);
    case QUERY_ATTRIBUTION: return attribution_holds(&c, &r.attribution);
    case QUERY_DIAGNOSIS: return diagnosis_holds(a, &c, &r.diagnosis);
    case QUERY_PROFILE: return profile_holds(&c, &r.profile);
    case QUERY_OVERLAP: return overlap_holds(&c, &r.overlap);
    case QUERY_RFM: return rfm_holds(&c, &r.rfm);
    case QUERY_KINDS: break;
    }
    return false;
}

static void invariants_hold_for_random_pairs(void **state)
{
    (void)state;
    uint64_t seed = random_seed();
    int asked[QUERY_KINDS] = { 0 }, found[QUERY_KINDS] = { 0 };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (int i = 0; i < PAIRS; i++) {
        enum query_kind kind;
        bool something = pair_holds(&a, seed + (uint64_t)i, &kind);
        asked[kind]++;
        found[kind] += something;
        arena_reset(&a);
    }
    /* questions without answers would prove little */
    for (int k = 0; k < QUERY_KINDS; k++) {
        print_message("kind %d: %d asked, %d with an answer\n", k, asked[k], found[k]);
        assert_true(asked[k] > PAIRS / 40);
        assert_true(found[k] * 6 > asked[k]);
    }
}

static int by_order(const void *a, const void *b)
{
    const struct fact *x = *(const struct fact *const *)a, *y = *(const struct fact *const *)b;
    if (x->at.ms != y->at.ms)
        return x->at.ms < y->at.ms ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

/* The rule that takes further the chain of the latest fact finds as deep a chain as there is. */
static void the_rule_of_chains_finds_the_deepest(void **state)
{
    (void)state;
    uint64_t seed = random_seed();
    int compared = 0, deep = 0, excluding = 0;
    struct arena a CLEANUP(arena_done) = { 0 };
    for (int i = 0; i < PAIRS * 2 * QUERY_KINDS; i++) {
        struct random_case c;
        const struct fact *facts[CHAIN_FACTS];
        size_t n = 0;
        arena_reset(&a);
        random_case(&a, seed + (uint64_t)i, &c);
        if (c.query.kind != QUERY_FUNNEL || c.query.funnel.order == ORDER_ANY)
            continue;
        c.query.funnel.window_ms *= 1 + i % 5;
        for (; n < c.history.fact_count && n < CHAIN_FACTS; n++)
            facts[n] = &c.history.facts[n];
        qsort(facts, n, sizeof *facts, by_order);
        size_t level = funnel_level(&c.query, facts, n);
        assert_case(level == funnel_level_exhaustive(&c.query, facts, n), &c);
        compared += level > 0;
        deep += level > 2;
        excluding += level > 1 && c.query.funnel.exclusion_count > 0;
    }
    print_message("%d levels compared, %d above 2, %d with exclusions\n", compared, deep,
                  excluding);
    assert_true(compared > 300 && deep > 15 && excluding > 25);
}

static int in_shanghai(void **state)
{
    (void)state;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

int engine_random_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invariants_hold_for_random_pairs),
        cmocka_unit_test(the_rule_of_chains_finds_the_deepest),
    };
    return cmocka_run_group_tests_name("engine_random", tests, in_shanghai, NULL);
}
