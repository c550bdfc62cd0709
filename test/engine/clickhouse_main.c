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

/* Facts are told in three batches, the second of them twice. */
static void history_tell(struct arena *a, const struct history *h)
{
    struct strbuf sb;
    static const char *const fresh[] = { "DROP TABLE IF EXISTS events",
                                         "DROP TABLE IF EXISTS persons" };
    strbuf_init(&sb, a, 64 << 20);
    for (size_t i = 0; i < COUNT(fresh); i++)
        must(a, str_of(fresh[i]));
    out_clickhouse_tables(&sb);
    for (str rest = strbuf_str(&sb), line; rest.len;)
        if ((line = str_cut(&rest, '\n')).len)
            must(a, arena_str(a, line));
    for (i64 version = 1; version <= 2; version++) { /* first nobody has anything */
        struct person *persons = arena_copy(a, h->persons, h->person_count * sizeof *persons);
        for (size_t i = 0; version == 1 && i < h->person_count; i++)
            persons[i].attr_count = persons[i].set_count = 0;
        strbuf_clear(&sb);
        out_clickhouse_persons(&sb, persons, h->person_count, version);
        if (h->person_count)
            must(a, strbuf_str(&sb));
    }
    size_t third = h->fact_count / 3;
    const size_t from[] = { 0, third, third, 2 * third },
                 to[] = { third, 2 * third, 2 * third, h->fact_count };
    for (size_t i = 0; i < COUNT(from); i++) {
        strbuf_clear(&sb);
        out_clickhouse_facts(&sb, h->facts + from[i], to[i] - from[i]);
        if (to[i] > from[i])
            must(a, strbuf_str(&sb));
    }
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
