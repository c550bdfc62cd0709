/* Events of a fixed generator into the engine, and the time each question takes: `./run bench engine`.
 *
 *     engine FACTS PEOPLE < QUESTIONS      a line of JSON a question, a line of JSON an answer
 *
 * 32 types over 90 days; half of the facts are of a tenth of the people; three properties a fact. */
#include "base/base.h"
#include "base/rand.h"
#include "base/time.h"
#include "engine/engine.h"

#include <unistd.h>

#define TYPES   32
#define DAYS    90
#define START   INT64_C(1767196800000) /* 2026-01-01 of the zone of the business */
#define ROUNDS  7

static struct fact made(struct rnd *r, i64 seq, i64 people, struct fact_prop props[3])
{
    static const char *const channels[] = { "app", "mini", "group", "store", "ad" };
    static char type[16], sku[16];
    i64 active = people / 10;
    i64 person = rnd_below(r, 2) ? (i64)rnd_below(r, (uint64_t)active)
                                 : active + (i64)rnd_below(r, (uint64_t)(people - active));
    /* type k is about twice as frequent as type 2k */
    int k = (int)rnd_below(r, TYPES);
    if (rnd_below(r, 2))
        k = (int)rnd_below(r, (uint64_t)k + 1);
    int type_len = snprintf(type, sizeof type, "type-%d", k);
    int sku_len = snprintf(sku, sizeof sku, "sku-%d", (int)rnd_below(r, 1000));
    const char *channel = channels[rnd_below(r, COUNT(channels))];
    props[0] = (struct fact_prop) { S("channel"), { VALUE_TEXT, str_of(channel), 0 } };
    props[1] = (struct fact_prop) { S("sku"), { VALUE_TEXT, { sku, (size_t)sku_len }, 0 } };
    props[2] = (struct fact_prop) { S("amount"),
                                    { VALUE_NUMBER, STR_NONE,
                                      (i64)rnd_below(r, 50000) * QUERY_NUMBER_SCALE } };
    return (struct fact) { .person = person + 1,
                           .seq = seq,
                           .type = { type, (size_t)type_len },
                           .at = { START + (i64)rnd_below(r, DAYS * DAY_MS) },
                           .props = props,
                           .prop_count = 3 };
}

static void tell_people(struct engine *e, struct rnd *r, i64 people)
{
    static const char *const cities[] = { "上海", "杭州", "北京", "广州", "成都", "武汉", "西安", "南京" };
    engine_begin(e);
    for (i64 i = 0; i < people; i++) {
        char tag[8];
        int len = snprintf(tag, sizeof tag, "%d", (int)rnd_below(r, 50));
        struct person_attr attrs[] = {
            { S("city"), ATTR_TEXT, .text = str_of(cities[rnd_below(r, COUNT(cities))]) },
            { S("birthday"), ATTR_DAY, .number = (i64)rnd_below(r, 20000) },
            { S("points"), ATTR_NUMBER, .number = (i64)rnd_below(r, 10000) * QUERY_NUMBER_SCALE },
        };
        struct person_set set = { S("tag"), { tag, (size_t)len } };
        engine_person(e, &(struct person) { i + 1, attrs, COUNT(attrs), &set, 1 });
    }
    engine_end(e);
}

static int order(const void *a, const void *b)
{
    double d = *(const double *)a - *(const double *)b;
    return d < 0 ? -1 : d > 0;
}

static void answer(struct engine *e, char *line, instant now)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct json_error bad;
    struct query_error wrong;
    struct query q;
    struct result r;
    double ms[ROUNDS];
    const struct json *j = json_read(&a, str_trim(str_of(line)), &bad);
    if (!j || query_read(&a, j, &q, &wrong) != OK) {
        printf("{\"error\":\"%s\"}\n", j ? wrong.reason : bad.reason);
        return;
    }
    for (int i = 0; i < ROUNDS; i++) {
        struct arena one CLEANUP(arena_done) = { 0 };
        i64 from = clock_monotonic_us();
        if (engine_ask(e, i == ROUNDS - 1 ? &a : &one, &q, now, &r) != OK)
            exit(1);
        ms[i] = (double)(clock_monotonic_us() - from) / 1e3;
    }
    qsort(ms, ROUNDS, sizeof *ms, order);
    struct strbuf sb;
    strbuf_init(&sb, &a, 1 << 26);
    out_result(&sb, &q, &r);
    printf("{\"ms\":%.2f,\"answer\":%.*s}\n", ms[ROUNDS / 2], STR_ARG(strbuf_str(&sb)));
}

int main(int argc, char **argv)
{
    i64 facts = argc > 1 ? atoll(argv[1]) : 1000000, people = argc > 2 ? atoll(argv[2]) : 100000;
    struct engine *e = engine_new((int)sysconf(_SC_NPROCESSORS_ONLN));
    struct rnd rnd;
    struct fact_prop props[3];
    struct engine_stats stats;
    char line[1 << 16];
    zone_load("Asia/Shanghai");
    rnd_seed(&rnd, 1);
    i64 from = clock_monotonic_us();
    tell_people(e, &rnd, people);
    for (i64 i = 0; i < facts;) {
        engine_begin(e);
        for (i64 end = MIN(i + 1000000, facts); i < end; i++) {
            struct fact f = made(&rnd, i + 1, people, props);
            engine_fact(e, &f);
        }
        engine_fold(e);
        engine_end(e);
    }
    engine_stats(e, &stats);
    printf("{\"facts\":%lld,\"people\":%lld,\"load_ms\":%lld,\"bytes_per_fact\":%.1f}\n",
           (long long)stats.facts, (long long)stats.persons,
           (long long)(clock_monotonic_us() - from) / 1000,
           (double)stats.bytes / (double)MAX(stats.facts, 1));
    while (fgets(line, sizeof line, stdin))
        answer(e, line, (instant) { START + DAYS * DAY_MS });
    engine_free(e);
    return 0;
}
