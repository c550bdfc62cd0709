/* Asks ClickHouse and the plain evaluator the same random questions about the same random histories
 * and compares their answers. It knows no network: a statement goes to standard output as its
 * length, a line's end and its bytes, and the reply comes back on standard input the same way,
 * behind "ok " or "no ". Length 0 ends.
 *
 *     engine_clickhouse SEED HISTORIES QUESTIONS [QUESTION …]
 *
 * ZONE=… is the business zone, else Asia/Shanghai. Each history is asked so many random questions,
 * and then those that are given, as JSON. Differences are told on standard error, each with what
 * brings it back. */
#include <unistd.h>

#include "base/base.h"
#include "base/rand.h"
#include "base/time.h"
#include "engine/clickhouse.h"
#include "engine_random.h"
#include "engine_reference.h"

#define REPLY_MAX (256u << 20)

struct told {
    struct arena *a;
    struct people *among; /* every fourth question is asked by somebody for whom these are all */
    i64 asked, agreed, refused, differed;
};

static bool say(struct arena *a, str statement, str *ret_reply)
{
    char head[32];
    printf("%zu\n", statement.len);
    fwrite(statement.ptr, 1, statement.len, stdout);
    fflush(stdout);
    i64 len;
    if (!fgets(head, sizeof head, stdin) || strlen(head) < 5 ||
        !str_to_i64(str_trim(str_from(str_of(head), 3)), &len) || len < 0 || len > REPLY_MAX) {
        fprintf(stderr, "no reply\n");
        exit(2);
    }
    char *reply = arena_alloc(a, (size_t)len + 1);
    if (fread(reply, 1, (size_t)len, stdin) != (size_t)len)
        exit(2);
    *ret_reply = (str) { reply, (size_t)len };
    return str_starts(str_of(head), S("ok "));
}

static void must(struct arena *a, str statement)
{
    str reply;
    if (say(a, statement, &reply))
        return;
    fprintf(stderr, "%.*s\n%.*s\n", STR_ARG(reply), STR_ARG(str_head(statement, 2000)));
    exit(2);
}

/* With the numbers of people, which the JSON for machines leaves out. */
static str answer_text(struct arena *a, const struct query *q, const struct result *r)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 64 << 20);
    out_result(&sb, q, r);
    for (size_t i = 0; r->people && i < r->people_count; i++)
        out_fmt(&sb, " %lld", (long long)r->people[i]);
    return strbuf_str(&sb);
}

static void facts_tell(struct arena *a, struct strbuf *sb, const struct fact *facts, size_t count,
                       i64 stranger, i64 version)
{
    strbuf_clear(sb);
    out_clickhouse_insert(sb, "events", "");
    for (size_t i = 0; i < count; i++) {
        struct fact f = facts[i];
        f.person += stranger;
        out_clickhouse_fact(sb, &f, version);
    }
    if (count)
        must(a, strbuf_str(sb));
}

static void persons_tell(struct arena *a, struct strbuf *sb, const struct person *persons,
                         size_t count, i64 stranger, i64 version)
{
    strbuf_clear(sb);
    out_clickhouse_insert(sb, "persons", "");
    for (size_t i = 0; i < count; i++) {
        struct person p = persons[i];
        p.id += stranger;
        out_clickhouse_person(sb, &p, version);
    }
    if (count)
        must(a, strbuf_str(sb));
}

static void each_line(struct arena *a, struct strbuf *sb)
{
    for (str rest = strbuf_str(sb), line; rest.len;)
        if ((line = str_cut(&rest, '\n')).len)
            must(a, arena_str(a, line));
    strbuf_clear(sb);
}

/* Everybody was once told as somebody else, whose facts then vanish; the first third of the facts
 * is told twice, and to half of the people facts are attributed at first that they never did. */
static void history_tell(struct arena *a, const struct history *h)
{
    struct strbuf sb;
    static const char *const fresh[] = { "DROP TABLE IF EXISTS events",
                                         "DROP TABLE IF EXISTS persons",
                                         "DROP TABLE IF EXISTS told" };
    strbuf_init(&sb, a, 64 << 20);
    for (size_t i = 0; i < COUNT(fresh); i++)
        must(a, str_of(fresh[i]));
    out_clickhouse_tables(&sb, &CLICKHOUSE_ALONE);
    each_line(a, &sb);
    size_t n = h->person_count, third = h->fact_count / 3;
    struct person *bare = arena_copy(a, h->persons, n * sizeof *bare);
    struct fact *wrong = arena_copy(a, h->facts, third * sizeof *wrong);
    i64 *gone = NEW_N(a, i64, 2 * n), far = INT64_C(1) << 40;
    for (size_t i = 0; i < n; i++) {
        bare[i].attr_count = bare[i].set_count = 0;
        gone[i] = h->persons[i].id + far;
        gone[n + i] = h->persons[i].id;
    }
    for (size_t i = 0; i < third; i++)
        wrong[i].seq += far;
    persons_tell(a, &sb, bare, n, 0, 1);
    persons_tell(a, &sb, h->persons, n, far, 1);
    facts_tell(a, &sb, h->facts, h->fact_count, far, 1);
    facts_tell(a, &sb, wrong, third, 0, 1);
    facts_tell(a, &sb, h->facts, third, 0, 1);
    facts_tell(a, &sb, h->facts, h->fact_count, 0, 2);
    facts_tell(a, &sb, h->facts, third, 0, 2);
    persons_tell(a, &sb, h->persons, n, 0, 2);
    strbuf_clear(&sb);
    if (n)
        out_clickhouse_drop(&sb, "", gone, 2 * n, 2);
    each_line(a, &sb);
}

static void question_ask(struct told *t, uint64_t seed, size_t number, const struct history *h,
                         instant now, str text)
{
    struct arena *a = t->a;
    struct json_error json_error;
    struct query_error error;
    struct query q;
    struct result expected, answer;
    str sql, rows = STR_NONE, wanted, got = S("nothing that can be read");
    struct json *described = json_read(a, text, &json_error);
    if (!described || query_read(a, described, &q, &error) != OK) {
        fprintf(stderr, "no question: %.*s\n", STR_ARG(str_head(text, 2000)));
        exit(2);
    }
    q.among = number % 4 == 3 ? t->among : NULL;
    if (reference_ask(a, &q, h, now, &expected) != OK)
        exit(2);
    t->asked++;
    wanted = answer_text(a, &q, &expected);
    if (clickhouse_sql(a, &q, now, &sql) != OK) {
        t->refused++;
        return;
    }
    if (!say(a, sql, &rows))
        got = str_head(rows, 600);
    else if (clickhouse_result(a, &q, now, rows, &answer) == OK)
        got = answer_text(a, &q, &answer);
    if (str_eq(wanted, got)) {
        t->agreed++;
        return;
    }
    t->differed++;
    fprintf(stderr, "seed %llu question %zu: %.*s\n  expected %.*s\n  answered %.*s\n",
            (unsigned long long)seed, number, STR_ARG(text), STR_ARG(str_head(wanted, 3000)),
            STR_ARG(str_head(got, 3000)));
    if (getenv("SHOW_SQL"))
        fprintf(stderr, "  sql %.*s\n", STR_ARG(sql));
}

int main(int argc, char **argv)
{
    i64 seed, histories, questions;
    const char *zone = getenv("ZONE");
    if (argc < 4 || !str_to_i64(str_of(argv[1]), &seed) ||
        !str_to_i64(str_of(argv[2]), &histories) || !str_to_i64(str_of(argv[3]), &questions) ||
        !zone_load(zone ? zone : "Asia/Shanghai"))
        return 2;
    struct arena a = { 0 };
    struct told t = { .a = &a };
    for (i64 i = 0; i < histories; i++) {
        struct random_case c;
        random_case(&a, (uint64_t)(seed + i), &c);
        struct rnd r;
        rnd_seed(&r, (uint64_t)(seed + i) ^ 0x51c4);
        history_tell(&a, &c.history);
        t.among = c.query.people;
        for (i64 k = 0; k < questions; k++)
            question_ask(&t, c.seed, (size_t)k, &c.history, c.now,
                         k ? random_query(&a, &r, c.now, c.grid_ms) : c.text);
        for (int k = 4; k < argc; k++)
            question_ask(&t, c.seed, (size_t)k, &c.history, c.now, str_of(argv[k]));
        arena_reset(&a);
    }
    printf("0\n");
    fprintf(stderr, "asked %lld, agreed %lld, refused %lld, differed %lld\n", (long long)t.asked,
            (long long)t.agreed, (long long)t.refused, (long long)t.differed);
    arena_done(&a);
    return t.differed || t.refused ? 1 : 0;
}
