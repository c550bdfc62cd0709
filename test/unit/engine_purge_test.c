/* Of who was forgotten nothing is left: not a row, not a word, in memory or in the files. */
#include "base/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/engine_internal.h"
#include "engine_random.h"
#include "engine_told.h"
#include "scratch.h"

int engine_purge_test(void);

#define ORIGIN UINT64_C(5)
#define CASES  25

struct purged {
    char folder[64];
    struct arena a;
    struct random_case c;
    struct rnd r;
    uint64_t gone; /* a bit for each person of the history */
};

static int purged_open(void **state)
{
    struct purged *p = xcalloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/hetang-unit-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    *state = p;
    return zone_load("Asia/Shanghai") ? 0 : -1;
}

static int purged_close(void **state)
{
    struct purged *p = *state;
    remove_folder(p->folder);
    arena_done(&p->a);
    free(p);
    return 0;
}

/* --- words that one person alone has */

enum word {
    WORD_TEXT,
    WORD_LIST,
    WORD_FAMILY,
    WORD_KEY,
    WORD_ATTR,
    WORD_VALUE,
    WORD_PROP,
    WORD_TYPE
};
#define WORDS (WORD_TYPE + 1)

static str word(struct arena *a, i64 person, enum word w)
{
    return arena_fmt(a, "own-%d-of-%lld.", (int)w, (long long)person);
}

static void tell_person(struct purged *p, struct engine *e, const struct person *of)
{
    struct arena *a = &p->a;
    struct person_attr *attrs = NEW_N(a, struct person_attr, of->attr_count + 3);
    struct person_set *sets = NEW_N(a, struct person_set, of->set_count + 2);
    str *list = NEW_N(a, str, 2);
    list[0] = S("everybody's");
    list[1] = word(a, of->id, WORD_LIST);
    attrs[0] = (struct person_attr) { S("own"), ATTR_TEXT, .text = word(a, of->id, WORD_TEXT) };
    attrs[1] = (struct person_attr) { S("owns"), ATTR_LIST, .texts = list, .text_count = 2 };
    attrs[2] = (struct person_attr) { word(a, of->id, WORD_ATTR), ATTR_NUMBER, .number = of->id };
    sets[0] = (struct person_set) { word(a, of->id, WORD_FAMILY), S("everybody's") };
    sets[1] = (struct person_set) { S("own"), word(a, of->id, WORD_KEY) };
    for (size_t i = 0; i < of->attr_count; i++)
        attrs[3 + i] = of->attrs[i];
    for (size_t i = 0; i < of->set_count; i++)
        sets[2 + i] = of->sets[i];
    engine_person(e,
                  &(struct person) { of->id, attrs, of->attr_count + 3, sets, of->set_count + 2 });
}

static void tell_fact(struct purged *p, struct engine *e, const struct fact *of)
{
    struct arena *a = &p->a;
    struct fact f = *of;
    f.props = NEW_N(a, struct fact_prop, of->prop_count + 2);
    f.props[0].name = S("own");
    f.props[0].value = (struct value) { VALUE_TEXT, word(a, of->person, WORD_VALUE), 0 };
    f.props[1].name = word(a, of->person, WORD_PROP);
    f.props[1].value = (struct value) { VALUE_NUMBER, STR_NONE, of->seq };
    for (size_t i = 0; i < of->prop_count; i++)
        f.props[2 + i] = of->props[i];
    f.prop_count += 2;
    engine_fact(e, &f);
    engine_fact(e, &(struct fact) { of->person, of->seq + (1 << 20), word(a, of->person, WORD_TYPE),
                                    of->at, NULL, 0 });
}

/* Of those who are there, whom `only` says. */
static void tell_persons(struct purged *p, struct engine *e, uint64_t only)
{
    const struct history *h = &p->c.history;
    engine_begin(e);
    for (size_t i = 0; i < h->person_count; i++)
        if ((only & ~p->gone) >> i & 1)
            tell_person(p, e, &h->persons[i]);
    engine_end(e);
}

/* Their facts of from … to - 1. */
static void tell_facts(struct purged *p, struct engine *e, uint64_t only, size_t from, size_t to)
{
    const struct history *h = &p->c.history;
    engine_begin(e);
    for (size_t k = from; k < to; k++)
        for (size_t i = 0; i < h->person_count; i++)
            if (h->persons[i].id == h->facts[k].person && (only & ~p->gone) >> i & 1)
                tell_fact(p, e, &h->facts[k]);
    engine_end(e);
}

static void fold_sometimes(struct purged *p, struct engine *e)
{
    if (rnd_below(&p->r, 2))
        return;
    engine_begin(e);
    engine_fold(e);
    engine_end(e);
}

/* Some of those who are there are not any more. */
static void forget(struct purged *p, struct engine *e)
{
    const struct history *h = &p->c.history;
    engine_begin(e);
    for (size_t i = 0; i < h->person_count; i++) {
        if (p->gone >> i & 1 || rnd_below(&p->r, 3))
            continue;
        p->gone |= UINT64_C(1) << i;
        engine_forget(e, h->persons[i].id);
    }
    engine_end(e);
}

/* --- what is left */

/* The bytes of all files, one after the other. */
static str files_read(struct purged *p)
{
    struct strbuf sb;
    DIR *dir = opendir(p->folder);
    strbuf_init(&sb, &p->a, 64 << 20);
    for (struct dirent *f; (f = readdir(dir));) {
        char path[400];
        struct stat st;
        snprintf(path, sizeof path, "%.60s/%.200s", p->folder, f->d_name);
        int fd = open(path, O_RDONLY);
        assert_true(fd >= 0 && fstat(fd, &st) == 0);
        if (S_ISREG(st.st_mode)) {
            char *bytes = arena_alloc(&p->a, (size_t)st.st_size + 1);
            assert_int_equal(read(fd, bytes, (size_t)st.st_size), st.st_size);
            out(&sb, (str) { bytes, (size_t)st.st_size });
        }
        close(fd);
    }
    closedir(dir);
    assert_false(sb.overflow);
    return strbuf_str(&sb);
}

static bool in_dict(const struct engine *e, str text)
{
    for (uint32_t n = 1; n <= e->dict.count; n++)
        if (str_has(dict_text(&e->dict, n), text))
            return true;
    return false;
}

/* Words of the gone nowhere, those of the others where they were. */
static void words_are(struct purged *p, const struct engine *e)
{
    const struct history *h = &p->c.history;
    str files = files_read(p);
    for (size_t i = 0; i < h->person_count; i++) {
        bool gone = p->gone >> i & 1, facts = false;
        str all = arena_fmt(&p->a, "-of-%lld.", (long long)h->persons[i].id);
        for (size_t k = 0; k < h->fact_count; k++)
            facts |= h->facts[k].person == h->persons[i].id;
        for (enum word w = 0; w < (facts ? WORDS : WORD_VALUE); w++)
            assert_case(!dict_find(&e->dict, word(&p->a, h->persons[i].id, w)) == gone, &p->c);
        assert_case(in_dict(e, all) == !gone, &p->c);
        assert_case(str_has(files, all) == !gone, &p->c);
    }
}

static str answers(struct purged *p, struct engine *e)
{
    struct strbuf sb;
    struct result r;
    struct engine_type *types;
    struct engine_stats stats;
    size_t count;
    strbuf_init(&sb, &p->a, 64 << 20);
    assert_ok(engine_ask(e, &p->a, &p->c.query, p->c.now, NULL, &r));
    out_result(&sb, &p->c.query, &r);
    for (size_t i = 0; r.people && i < r.people_count; i++)
        out_fmt(&sb, " %lld", (long long)r.people[i]);
    engine_types(e, &p->a, &types, &count);
    for (size_t i = 0; i < count; i++) {
        out_fmt(&sb, "\n%.*s %lld", STR_ARG(types[i].name), (long long)types[i].facts);
        for (size_t k = 0; k < types[i].prop_count; k++)
            out_fmt(&sb, " %.*s %u", STR_ARG(types[i].props[k].name), types[i].props[k].kinds);
    }
    engine_stats(e, &stats);
    out_fmt(&sb, "\n%lld persons, %lld facts", (long long)stats.persons, (long long)stats.facts);
    assert_case(!sb.overflow, &p->c);
    return strbuf_str(&sb);
}

/* Of an engine that was never told of the gone. */
static str expected(struct purged *p)
{
    struct engine *e = engine_new(1);
    tell_persons(p, e, UINT64_MAX);
    tell_facts(p, e, UINT64_MAX, 0, p->c.history.fact_count);
    str said = answers(p, e);
    engine_free(e);
    return said;
}

static struct engine *saved_and_loaded(struct purged *p, struct engine *e)
{
    const char *reason = "";
    assert_ok(engine_save(e, p->folder, ORIGIN, &reason));
    if (rnd_below(&p->r, 2))
        return e;
    engine_free(e);
    assert_ok(engine_load(p->folder, ORIGIN, 2, &e, &reason));
    return e;
}

static void nothing_is_left(struct purged *p)
{
    const struct history *h = &p->c.history;
    size_t half = rnd_below(&p->r, h->fact_count + 1);
    struct engine *e = engine_new(2);
    tell_persons(p, e, UINT64_MAX);
    tell_facts(p, e, UINT64_MAX, 0, half);
    fold_sometimes(p, e);
    e = saved_and_loaded(p, e);
    tell_facts(p, e, UINT64_MAX, half, h->fact_count);
    for (int round = 0; round < 3; round++) {
        fold_sometimes(p, e);
        e = saved_and_loaded(p, e);
        forget(p, e);
        fold_sometimes(p, e);
        engine_purge(e);
        e = saved_and_loaded(p, e);
        words_are(p, e);
        assert_case(str_eq(answers(p, e), expected(p)), &p->c);
    }
    uint64_t back = p->gone & rnd_u64(&p->r); /* their words are words again */
    p->gone &= ~back;
    tell_persons(p, e, back);
    tell_facts(p, e, back, 0, h->fact_count);
    engine_purge(e);
    e = saved_and_loaded(p, e);
    words_are(p, e);
    assert_case(str_eq(answers(p, e), expected(p)), &p->c);
    engine_free(e);
}

static void of_the_gone_nothing_is_left(void **state)
{
    struct purged *p = *state;
    uint64_t seed = random_seed();
    for (uint64_t i = 0; i < CASES; i++) {
        random_case(&p->a, seed + i, &p->c);
        assert_true(p->c.history.person_count <= 64);
        rnd_seed(&p->r, seed + i);
        p->gone = 0;
        nothing_is_left(p);
        arena_reset(&p->a);
    }
}

/* --- the dictionary alone */

#define TEXTS 500

/* The bytes themselves are gone, also of texts that were put together anew. */
static void blanked_bytes_are_zeros(void **state)
{
    struct dict d = { 0 };
    uint64_t used[TEXTS / 64 + 1] = { 0 };
    char text[32];
    (void)state;
    for (int i = 1; i <= TEXTS; i++) {
        snprintf(text, sizeof text, "text %d", i);
        assert_int_equal(dict_put(&d, str_of(text)), i);
    }
    str seventh = dict_text(&d, 7), eighth = dict_text(&d, 8);
    for (uint32_t n = 1; n <= TEXTS; n++)
        if (n != 7 && n != 9)
            used[n / 64] |= UINT64_C(1) << (n % 64);
    dict_watch(&d);
    assert_int_equal(dict_put(&d, S("text 9")), 9); /* somebody uses it again */
    assert_int_equal(dict_put(&d, S("later")), TEXTS + 1);
    dict_sweep(&d, used);
    for (size_t i = 0; i < seventh.len; i++)
        assert_int_equal(seventh.ptr[i], 0);
    assert_true(str_eq(eighth, S("text 8")) && !dict_text(&d, 7).ptr);
    assert_int_equal(dict_find(&d, S("text 7")), 0);
    assert_int_equal(dict_find(&d, S("text 9")), 9);
    assert_int_equal(dict_find(&d, S("later")), TEXTS + 1);
    assert_int_equal(dict_put(&d, S("text 7")), TEXTS + 2);
    assert_int_equal(dict_put(&d, S("")), TEXTS + 3); /* no text is not the empty one */
    memset(used, 0, sizeof used);
    dict_watch(&d);
    assert_int_equal(dict_put(&d, S("text 8")), 8);
    assert_int_equal(dict_put(&d, S("")), TEXTS + 3);
    memset(used, 0, sizeof used);
    used[TEXTS / 64] = UINT64_C(1) << (TEXTS % 64);
    dict_sweep(&d, used);
    for (uint32_t n = 1; n <= d.count; n++)
        assert_int_equal(dict_has(&d, n), n == 8 || n == TEXTS || n == TEXTS + 3);
    assert_int_equal(d.wasted, 0); /* most were blank: the others were put together */
    assert_int_equal(dict_find(&d, S("text 8")), 8);
    assert_int_equal(dict_find(&d, S("")), TEXTS + 3);
    assert_int_equal(dict_find(&d, S("text 7")), 0);
    dict_done(&d);
}

/* --- while others ask, tell, fold and save */

#define LOT    40
#define LOTS   120
#define LIVING 3 /* lots; the one before is forgotten with the next that is told */

struct together {
    struct engine *e;
    char folder[64];
    _Atomic bool done;
    _Atomic int wrong, asked, purges;
};

/* Each has a word of their own, and one that comes again when nobody has it any more, perhaps in
 * the middle of a purge. */
static void lot_tell(struct engine *e, i64 lot)
{
    char text[32], again[32];
    snprintf(again, sizeof again, "r-%lld", (long long)lot % (LIVING + 1));
    engine_begin(e);
    for (i64 i = lot * LOT; i < (lot + 1) * LOT; i++) {
        snprintf(text, sizeof text, "w-%lld.", (long long)i);
        struct person_attr attr = { S("own"), ATTR_TEXT, .text = str_of(text) };
        struct fact_prop props[] = { { S("own"), { VALUE_TEXT, str_of(text), 0 } },
                                     { S("again"), { VALUE_TEXT, str_of(again), 0 } } };
        engine_person(e, &(struct person) { i + 1, &attr, 1, NULL, 0 });
        for (i64 k = 0; k < 3; k++)
            engine_fact(e, &(struct fact) { i + 1, 3 * i + k + 1, S("a"), { 1000 + i }, props, 2 });
        if (i >= LIVING * LOT)
            engine_forget(e, i - LIVING * LOT + 1);
    }
    engine_cover(e, lot + 1);
    engine_end(e);
}

static void *tells(void *arg)
{
    struct together *t = arg;
    for (i64 lot = 0; lot < LOTS; lot++) {
        lot_tell(t->e, lot);
        while (t->purges < lot / 5 || t->asked < lot / 5) /* that nobody comes too late */
            sched_yield();
    }
    t->done = true;
    return NULL;
}

static void *keeps(void *arg)
{
    struct together *t = arg;
    const char *reason = "";
    for (bool last = false; !last;) {
        last = t->done;
        (void)engine_fold_some(t->e);
        t->wrong += engine_save(t->e, t->folder, ORIGIN, &reason) != OK;
    }
    return NULL;
}

static void *purges(void *arg)
{
    struct together *t = arg;
    for (bool last = false; !last; t->purges++) {
        last = t->done;
        engine_purge(t->e);
    }
    return NULL;
}

/* Whole lots, and every word one that there is. */
static void ask_once(struct together *t)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct query who = told_query(&a, "{'kind':'segment','people':{'all':[{'attr':'own','starts':"
                                      "'w-'},{'event':'a','count':{'eq':3}}]}}"),
                 what = told_query(&a, "{'kind':'trend','of':{'event':'a'},'figure':'count','unit':"
                                       "'month','since':'1970-01-01','until':'1970-02-01',"
                                       "'breakdown':[{'prop':'own'},{'prop':'again'}]}");
    struct result r;
    t->wrong += engine_ask(t->e, &a, &who, (instant) { DAY_MS }, NULL, &r) != OK;
    t->wrong += r.people_count % LOT != 0 || r.people_count > LIVING * LOT;
    t->wrong += engine_ask(t->e, &a, &what, (instant) { DAY_MS }, NULL, &r) != OK;
    for (size_t i = 0; i < r.trend.group_count; i++) {
        const struct group_key *key = r.trend.groups[i].keys;
        t->wrong += !(key[0].there && str_starts(key[0].value.text, S("w-")));
        t->wrong += !(key[1].there && str_starts(key[1].value.text, S("r-")));
    }
    t->asked++;
}

static void *asks(void *arg)
{
    struct together *t = arg;
    while (!t->done)
        ask_once(t);
    return NULL;
}

/* As it has to be when so many lots were told and purging came after. */
static void lots_are(const struct engine *e, i64 lots)
{
    for (i64 i = 0; i < lots * LOT; i++) {
        char text[32];
        snprintf(text, sizeof text, "w-%lld.", (long long)i);
        assert_int_equal(dict_find(&e->dict, str_of(text)) != 0, i >= (lots - LIVING) * LOT);
    }
}

static void purged_while_all_go_on(void **state)
{
    struct purged *p = *state;
    struct together t = { .e = engine_new(2) };
    const char *reason = "";
    void *(*const all[])(void *) = { tells, keeps, purges, asks };
    pthread_t threads[COUNT(all)];
    memcpy(t.folder, p->folder, sizeof t.folder);
    for (size_t i = 0; i < COUNT(all); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, all[i], &t), 0);
    for (size_t i = 0; i < COUNT(all); i++)
        pthread_join(threads[i], NULL);
    print_message("%d answers, %d purges\n", t.asked, t.purges);
    ask_once(&t);
    assert_true(t.wrong == 0 && t.asked > 1 && t.purges > 1);
    lots_are(t.e, LOTS);
    assert_ok(engine_save(t.e, t.folder, ORIGIN, &reason));
    engine_free(t.e);
    assert_ok(engine_load(t.folder, ORIGIN, 2, &t.e, &reason));
    lots_are(t.e, LOTS);
    assert_false(str_has(files_read(p), S("w-0.")));
    ask_once(&t);
    assert_int_equal(t.wrong, 0);
    engine_free(t.e);
}

/* --- killed */

#define DEATHS 15

static void live(const struct purged *p)
{
    const char *reason = "";
    struct engine *e = NULL;
    if (engine_load(p->folder, ORIGIN, 1, &e, &reason) != OK)
        e = engine_new(1);
    for (i64 lot = engine_covered(e);; lot++) {
        lot_tell(e, lot);
        engine_purge(e);
        if (engine_save(e, p->folder, ORIGIN, &reason) != OK)
            _exit(1);
    }
}

static void killed_at_any_moment_the_files_have_no_word_of_theirs(void **state)
{
    struct purged *p = *state;
    i64 last = 0;
    rnd_seed(&p->r, random_seed());
    for (int i = 0; i < DEATHS; i++) {
        struct timespec pause = { 0, (long)(5 + rnd_below(&p->r, 100)) * 1000000 };
        const char *reason = "";
        struct engine *e = NULL;
        pid_t child = fork();
        assert_true(child >= 0);
        if (!child)
            live(p);
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        enum err err = engine_load(p->folder, ORIGIN, 1, &e, &reason);
        if (err == ERR_NOT_FOUND && !last)
            continue; /* not one save yet */
        if (err != OK)
            fail_msg("%s", reason);
        assert_true(engine_covered(e) >= last);
        last = engine_covered(e);
        lots_are(e, last);
        str files = files_read(p);
        for (i64 gone = 0; gone < (last - LIVING) * LOT; gone += 7) {
            char text[32];
            snprintf(text, sizeof text, "w-%lld.", (long long)gone);
            assert_false(str_has(files, str_of(text)));
        }
        engine_free(e);
    }
    print_message("%lld lots\n", (long long)last);
    assert_true(last > LIVING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, purged_open, purged_close)

int engine_purge_test(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_the_gone_nothing_is_left),
        cmocka_unit_test(blanked_bytes_are_zeros),
        TEST(purged_while_all_go_on),
        TEST(killed_at_any_moment_the_files_have_no_word_of_theirs),
    };
    return cmocka_run_group_tests_name("engine_purge", tests, NULL, NULL);
}
