/* Facts of a fixed generator in the engine, and how long it takes to answer; bench/engine.mjs
 * drives it and asks its peers the same.
 *
 *     engine FACTS PEOPLE [FOLDER]
 *
 * 32 types over 90 days; half of the facts are of a tenth of the people; three properties a fact,
 * three attributes and a tag a person. With a folder the same goes to facts.csv and people.csv
 * there. Then a line of JSON says what was loaded, and every line of standard input is answered by
 * one: a question, or {"read": BYTES} (how fast all threads read memory in order), or
 * {"ingest": FACTS_A_SECOND, "seconds": N, "ask": QUESTION} (asked every second meanwhile), or
 * {"follow": [PEOPLE, …]} (one fact is told, and of its person it is asked whom of these they are;
 * again and again). */
#include "base/base.h"
#include "base/rand.h"
#include "base/time.h"
#include "engine/engine_internal.h"

#include <stdatomic.h>
#include <unistd.h>

#define TYPES      32
#define DAYS       90
#define START      INT64_C(1767196800000) /* 2026-01-01 of the zone of the business */
#define BATCH      1000000 /* facts between two folds, or a quarter of what is there */
#define LINE_SIZE  (1 << 20)
#define ANSWER_MAX (1 << 28)

struct made {
    i64 person, at;
    int type, channel, sku;
    i64 amount;
};

static const char *const channels[] = { "app", "mini", "group", "store", "ad" };
static const char *const cities[] = {
    "上海", "杭州", "北京", "广州", "成都", "武汉", "西安", "南京"
};

/* Type k is about twice as frequent as type 2k. */
static struct made make(struct rnd *r, i64 people)
{
    struct made m;
    i64 active = people / 10;
    m.person = rnd_below(r, 2) ? (i64)rnd_below(r, (uint64_t)active)
                               : active + (i64)rnd_below(r, (uint64_t)(people - active));
    m.type = (int)rnd_below(r, TYPES);
    if (rnd_below(r, 2))
        m.type = (int)rnd_below(r, (uint64_t)m.type + 1);
    m.sku = (int)rnd_below(r, 1000);
    m.channel = (int)rnd_below(r, COUNT(channels));
    m.amount = (i64)rnd_below(r, 50000);
    m.at = START + (i64)rnd_below(r, DAYS * DAY_MS);
    return m;
}

static str numbered(char to[16], const char *what, int n)
{
    return (str) { to, (size_t)snprintf(to, 16, "%s-%d", what, n) };
}

static void tell(struct engine *e, const struct made *m, i64 seq)
{
    char type[16], sku[16];
    struct fact_prop props[] = {
        { S("channel"), { VALUE_TEXT, str_of(channels[m->channel]), 0 } },
        { S("sku"), { VALUE_TEXT, numbered(sku, "sku", m->sku), 0 } },
        { S("amount"), { VALUE_NUMBER, STR_NONE, m->amount * QUERY_NUMBER_SCALE } },
    };
    engine_fact(e, &(struct fact) { .person = m->person + 1,
                                    .seq = seq,
                                    .type = numbered(type, "type", m->type),
                                    .at = { m->at },
                                    .props = props,
                                    .prop_count = COUNT(props) });
}

static FILE *file_of(const char *folder, const char *name)
{
    char path[4096];
    if (!folder)
        return NULL;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        perror(path);
        exit(1);
    }
    return f;
}

static void close_file(FILE *f)
{
    if (f && fclose(f) != 0) {
        perror("writing");
        exit(1);
    }
}

static void people_made(struct engine *e, struct rnd *r, i64 people, FILE *file)
{
    engine_begin(e);
    for (i64 i = 0; i < people; i++) {
        char tag[8];
        int tag_number = (int)rnd_below(r, 50), city = (int)rnd_below(r, COUNT(cities));
        i64 birthday = (i64)rnd_below(r, 20000), points = (i64)rnd_below(r, 10000);
        struct person_attr attrs[] = {
            { S("city"), ATTR_TEXT, .text = str_of(cities[city]) },
            { S("birthday"), ATTR_DAY, .number = birthday },
            { S("points"), ATTR_NUMBER, .number = points * QUERY_NUMBER_SCALE },
        };
        int len = snprintf(tag, sizeof tag, "%d", tag_number);
        struct person_set set = { S("tag"), { tag, (size_t)len } };
        engine_person(e, &(struct person) { i + 1, attrs, COUNT(attrs), &set, 1 });
        if (file)
            fprintf(file, "%lld,%s,%lld,%lld,%d\n", (long long)i + 1, cities[city],
                    (long long)birthday, (long long)points, tag_number);
    }
    engine_end(e);
}

static void facts_made(struct engine *e, struct rnd *r, i64 facts, i64 people, FILE *file)
{
    for (i64 i = 0; i < facts;) {
        engine_begin(e);
        for (i64 end = MIN(i + MAX(BATCH, i / 4), facts); i < end; i++) {
            struct made m = make(r, people);
            tell(e, &m, i + 1);
            if (file)
                fprintf(file, "%lld,type-%d,%lld,%lld,%s,sku-%d,%lld\n", (long long)m.person + 1,
                        m.type, (long long)m.at, (long long)i + 1, channels[m.channel], m.sku,
                        (long long)m.amount);
        }
        engine_fold(e);
        engine_end(e);
    }
}

/* --- what is asked */

static void wrong(const char *why)
{
    printf("{\"error\":\"%s\"}\n", why);
}

static bool question_read(struct arena *a, const struct json *j, struct query *ret)
{
    struct query_error error;
    bool ok = j && query_read(a, j, ret, &error) == OK;
    if (!ok)
        wrong(j ? error.reason : "what is to be asked?");
    return ok;
}

static double ask(struct engine *e, struct arena *a, const struct query *q, instant now,
                  struct result *ret)
{
    i64 from = clock_monotonic_us();
    if (engine_ask(e, a, q, now, NULL, ret) != OK)
        exit(1);
    return (double)(clock_monotonic_us() - from) / 1e3;
}

static void answer(struct engine *e, struct arena *a, const struct json *j, instant now)
{
    struct query q;
    struct result r;
    struct strbuf sb;
    if (!question_read(a, j, &q))
        return;
    double ms = ask(e, a, &q, now, &r);
    strbuf_init(&sb, a, ANSWER_MAX);
    out_result(&sb, &q, &r);
    printf("{\"ms\":%.3f,\"answer\":%.*s}\n", ms, STR_ARG(strbuf_str(&sb)));
}

struct reading {
    const uint64_t *words;
    size_t count; /* a part */
    uint64_t sum;
};

static void *read_part(void *arg)
{
    struct reading *r = arg;
    uint64_t sums[8] = { 0 };
    for (size_t i = 0; i + 8 <= r->count; i += 8)
        for (size_t k = 0; k < 8; k++)
            sums[k] += r->words[i + k];
    for (size_t k = 0; k < 8; k++)
        r->sum += sums[k];
    return NULL;
}

/* Bytes a second, the best of five. */
static void bandwidth(struct engine *e, size_t bytes)
{
    size_t parts = (size_t)e->threads, count = bytes / sizeof(uint64_t) / parts;
    uint64_t *words = xmalloc(parts * count * sizeof *words), sum = 0;
    double best = 0;
    memset(words, 1, parts * count * sizeof *words);
    for (int round = 0; round < 5; round++) {
        struct reading *r = xcalloc(parts, sizeof *r);
        pthread_t *threads = xcalloc(parts, sizeof *threads);
        i64 from = clock_monotonic_us();
        for (size_t i = 0; i < parts; i++) {
            r[i] = (struct reading) { words + i * count, count, 0 };
            if (pthread_create(&threads[i], NULL, read_part, &r[i]) != 0)
                exit(1);
        }
        for (size_t i = 0; i < parts; i++) {
            pthread_join(threads[i], NULL);
            sum += r[i].sum;
        }
        best = MAX(best, (double)(parts * count * sizeof *words) * 1e6 /
                             (double)(clock_monotonic_us() - from));
        free(threads);
        free(r);
    }
    free(words);
    printf("{\"bytes_a_second\":%.0f,\"sum\":%llu}\n", best, (unsigned long long)sum);
}

struct ingest {
    struct engine *e;
    struct rnd *rnd;
    i64 people, next, rate, told;
    _Atomic bool over;
};

/* So many every ten milliseconds; who comes late tells more at once. */
static void *ingest_run(void *arg)
{
    struct ingest *in = arg;
    i64 from = clock_monotonic_us();
    while (!in->over) {
        i64 due = (clock_monotonic_us() - from) * in->rate / 1000000;
        engine_begin(in->e);
        for (; in->told < due; in->told++) {
            struct made m = make(in->rnd, in->people);
            tell(in->e, &m, in->next++);
        }
        engine_end(in->e);
        usleep(10000);
    }
    return NULL;
}

static void ingest(struct engine *e, struct arena *a, const struct json *j, struct ingest *in,
                   instant now)
{
    i64 seconds = 0;
    double worst = 0, all = 0;
    struct query q;
    struct result r;
    pthread_t thread;
    const struct json *length = json_get(j, "seconds"), *rate = json_get(j, "ingest");
    if (!question_read(a, json_get(j, "ask"), &q))
        return;
    if (!length || !str_to_i64(length->text, &seconds) || !str_to_i64(rate->text, &in->rate)) {
        wrong("how many, for how long?");
        return;
    }
    in->told = 0;
    in->over = false;
    i64 from = clock_monotonic_us();
    if (pthread_create(&thread, NULL, ingest_run, in) != 0)
        exit(1);
    for (i64 i = 0; i < seconds; i++) {
        i64 wait = from + (i + 1) * 1000000 - clock_monotonic_us();
        usleep((useconds_t)MAX(wait, 0));
        struct arena one CLEANUP(arena_done) = { 0 };
        double ms = ask(e, &one, &q, now, &r);
        worst = MAX(worst, ms);
        all += ms;
    }
    double took = (double)(clock_monotonic_us() - from) / 1e6;
    in->over = true;
    pthread_join(thread, NULL);
    printf("{\"facts_a_second\":%.0f,\"ms\":%.2f,\"worst_ms\":%.2f}\n", (double)in->told / took,
           all / (double)MAX(seconds, 1), worst);
}

#define FOLLOWED 201

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* From telling a fact until it is known which segments its person is in. */
static void follow(struct arena *a, const struct json *conditions, struct ingest *in, instant now)
{
    const struct people **asked = NEW_N(a, const struct people *, conditions->count);
    bool *fits = NEW_N(a, bool, conditions->count);
    double took[FOLLOWED];
    size_t n = 0;
    i64 held = 0;
    for (const struct json *j = conditions->first; j; j = j->next) {
        struct people *p;
        struct query_error error;
        if (people_read(a, j, &p, &error) != OK) {
            wrong(error.reason);
            return;
        }
        asked[n++] = p;
    }
    for (size_t i = 0; i < FOLLOWED; i++) {
        struct made m = make(in->rnd, in->people);
        m.type = 0;
        i64 from = clock_monotonic_us();
        engine_begin(in->e);
        tell(in->e, &m, in->next++);
        engine_end(in->e);
        if (engine_fit(in->e, asked, n, now, &m.person, 1, fits) != OK)
            exit(1);
        took[i] = (double)(clock_monotonic_us() - from) / 1e3;
        for (size_t k = 0; k < n; k++)
            held += fits[k];
    }
    qsort(took, FOLLOWED, sizeof *took, by_size);
    printf("{\"segments\":%zu,\"held\":%.1f,\"ms\":%.3f,\"p95_ms\":%.3f}\n", n,
           (double)held / FOLLOWED, took[FOLLOWED / 2], took[FOLLOWED * 95 / 100]);
}

/* What a question reads is known by its columns; here is how large they are. */
static void loaded(struct engine *e, i64 load_us)
{
    struct engine_stats stats;
    engine_stats(e, &stats);
    printf("{\"facts\":%lld,\"people\":%lld,\"load_ms\":%lld,\"bytes\":%zu,\"threads\":%d,"
           "\"types\":{",
           (long long)stats.facts, (long long)stats.persons, (long long)load_us / 1000, stats.bytes,
           e->threads);
    for (size_t i = 0; i < e->table_count; i++) {
        const struct table *t = e->tables[i];
        printf("%s\"%.*s\":{\"facts\":%zu,\"who\":%zu,\"time\":%zu,\"seq\":%zu", i ? "," : "",
               STR_ARG(dict_text(&e->dict, t->type)), t->base_count, t->base_count * sizeof *t->who,
               packed_bytes(&t->time), packed_bytes(&t->seq));
        for (size_t k = 0; k < t->column_count; k++)
            printf(",\"%.*s\":%zu", STR_ARG(dict_text(&e->dict, t->columns[k].name)),
                   packed_bytes(&t->columns[k].base));
        printf("}");
    }
    printf("}}\n");
}

static void line_run(struct engine *e, str line, struct ingest *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct json_error bad;
    instant now = { START + DAYS * DAY_MS };
    const struct json *j = json_read(&a, line, &bad);
    i64 bytes;
    if (!j)
        wrong(bad.reason);
    else if (json_get(j, "read") && str_to_i64(json_get(j, "read")->text, &bytes))
        bandwidth(e, (size_t)bytes);
    else if (json_get(j, "ingest"))
        ingest(e, &a, j, in, now);
    else if (json_get(j, "follow"))
        follow(&a, json_get(j, "follow"), in, now);
    else
        answer(e, &a, j, now);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    i64 facts, people;
    struct rnd rnd;
    static char line[LINE_SIZE];
    if (argc < 3 || argc > 4 || !str_to_i64(str_of(argv[1]), &facts) ||
        !str_to_i64(str_of(argv[2]), &people) || facts < 0 || people < 10) {
        fprintf(stderr, "usage: engine FACTS PEOPLE [FOLDER]\n");
        return 2;
    }
    struct engine *e = engine_new((int)sysconf(_SC_NPROCESSORS_ONLN));
    FILE *people_file = file_of(argv[3], "people.csv"), *facts_file = file_of(argv[3], "facts.csv");
    zone_load("Asia/Shanghai");
    rnd_seed(&rnd, 1);
    i64 from = clock_monotonic_us();
    people_made(e, &rnd, people, people_file);
    facts_made(e, &rnd, facts, people, facts_file);
    close_file(people_file);
    close_file(facts_file);
    loaded(e, clock_monotonic_us() - from);
    fflush(stdout);
    struct ingest in = { .e = e, .rnd = &rnd, .people = people, .next = facts + 1 };
    while (fgets(line, sizeof line, stdin))
        line_run(e, str_trim(str_of(line)), &in);
    engine_free(e);
    return 0;
}
