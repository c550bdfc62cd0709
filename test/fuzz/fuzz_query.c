/* Any bytes as a question to the engine: it is refused with its place, or each of its leaves, as it
 * was written, can be read again alone. */
#include "base/base.h"
#include "base/time.h"
#include "base/utf8.h"
#include "engine/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool zone;

static void leaves_again(struct arena *a, const struct people *p)
{
    struct json_error unread;
    struct query_error bad;
    struct people *again = NULL;
    for (const struct people *one = p->first; one; one = one->next)
        leaves_again(a, one);
    if (p->kind != PEOPLE_LEAF)
        return;
    const struct json *j = json_read(a, p->leaf.source, &unread);
    enum err e = j ? people_read(a, j, &again, &bad) : ERR_INVALID;
    assert(e == OK && again->kind == PEOPLE_LEAF && again->leaf.kind == p->leaf.kind);
    assert(str_eq(again->leaf.source, p->leaf.source));
}

static void matches_hold(const struct match *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert(m[i].type_count >= 1 && m[i].type_count <= QUERY_EVENTS_MAX &&
               m[i].where_count <= QUERY_WHERE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct json_error unread;
    struct query q = { 0 };
    struct query_error bad = { 0 };
    size_t at = 0;
    if (!zone && !(zone = zone_load("Asia/Shanghai")))
        abort();
    const struct json *j = json_read(&a, (str) { (const char *)data, size }, &unread);
    if (!j)
        return 0;
    if (query_read(&a, j, &q, &bad) != OK) {
        assert(bad.reason && bad.reason_zh && utf8_valid(bad.at, &at));
        return 0;
    }
    assert(!query_timed(q.kind) || (q.since.ms && q.since.ms < q.until.ms));
    assert(q.breakdown_count <= QUERY_BREAKDOWNS_MAX);
    assert(!q.behind.asked || q.behind.group_count == q.breakdown_count);
    if (q.people)
        leaves_again(&a, q.people);
    if (q.kind == QUERY_FUNNEL || q.kind == QUERY_DIAGNOSIS) {
        assert(!q.behind.asked ||
               (q.behind.step >= 1u + q.behind.stopped && q.behind.step <= q.funnel.step_count));
        assert(q.funnel.step_count >= 2 && q.funnel.window_ms > 0);
        matches_hold(q.funnel.steps, q.funnel.step_count);
        for (size_t i = 0; i < q.funnel.exclusion_count; i++)
            assert(q.funnel.exclusions[i].after < q.funnel.step_count);
    } else if (q.kind == QUERY_RETENTION) {
        matches_hold(&q.retention.start, 1);
        matches_hold(&q.retention.back, 1);
        assert(!q.retention.periods != !q.retention.bracket_count);
    } else if (q.kind == QUERY_PATHS) {
        matches_hold(&q.paths.match, 1);
        assert(!q.behind.asked || (q.behind.level >= 1 && q.behind.level <= q.paths.levels));
    } else if (q.kind == QUERY_TREND) {
        matches_hold(&q.trend.match, 1);
    } else if (q.kind == QUERY_LIFE || q.kind == QUERY_STICKINESS) {
        matches_hold(&q.activity.match, 1);
        assert((q.kind == QUERY_LIFE ? 0 : 2) <= q.activity.window &&
               q.activity.window <= QUERY_PERIODS_MAX);
    } else if (q.kind == QUERY_PATHS) {
        matches_hold(&q.paths.match, 1);
        assert(q.paths.levels >= 2 && q.paths.levels <= QUERY_LEVELS_MAX);
        assert(q.paths.top >= 1 && q.paths.top <= QUERY_TOP_MAX && !q.paths.among.where_count);
    } else if (q.kind == QUERY_RFM) {
        matches_hold(&q.rfm.match, 1);
        for (size_t i = 0; i < RFM_FIGURES; i++)
            assert(q.rfm.cuts[i][0] <= q.rfm.cuts[i][RFM_CUTS - 1] && q.behind.scores[i] <= 5);
    } else if (q.kind == QUERY_ATTRIBUTION) {
        matches_hold(&q.attribution.touch, 1);
        matches_hold(&q.attribution.conversion, 1);
        assert(q.attribution.models && q.attribution.window_ms > 0 && q.attribution.channel.len);
        assert(q.attribution.half_life_ms > 0 && q.attribution.top <= QUERY_CHANNELS_MAX);
    }
    return 0;
}
