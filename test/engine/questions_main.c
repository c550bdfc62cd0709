/* What the reader of the language takes, for whoever compares that with its published schema.
 *
 *     engine_questions SEED COUNT     prints random questions, one a line
 *     engine_questions                reads questions, one a line; prints "yes", or "no" and why */
#include "base/base.h"
#include "base/rand.h"
#include "base/time.h"
#include "engine_random.h"

#define LINE_MAX_BYTES (1u << 20)

static int print_random(i64 seed, i64 count)
{
    struct rnd r;
    struct arena a = { 0 };
    instant now;
    if (!instant_read(S("2026-03-01T00:00:00Z"), &now))
        return 2;
    rnd_seed(&r, (uint64_t)seed);
    for (i64 i = 0; i < count; i++) {
        str q = random_query(&a, &r, now, HOUR_MS);
        printf("%.*s\n", STR_ARG(q));
        arena_reset(&a);
    }
    arena_done(&a);
    return 0;
}

static int judge(void)
{
    struct arena a = { 0 };
    char *line = xmalloc(LINE_MAX_BYTES);
    while (fgets(line, LINE_MAX_BYTES, stdin)) {
        struct json_error bad;
        struct query q;
        struct query_error error = { 0 };
        const struct json *j = json_read(&a, str_trim(str_of(line)), &bad);
        if (j && query_read(&a, j, &q, &error) == OK)
            puts("yes");
        else
            printf("no %.*s: %s\n", STR_ARG(error.at), j ? error.reason : "no JSON");
        arena_reset(&a);
    }
    free(line);
    arena_done(&a);
    return 0;
}

int main(int argc, char **argv)
{
    i64 seed, count;
    if (!zone_load("Asia/Shanghai"))
        return 2;
    if (argc == 1)
        return judge();
    return argc == 3 && str_to_i64(str_of(argv[1]), &seed) && str_to_i64(str_of(argv[2]), &count)
               ? print_random(seed, count)
               : 2;
}
