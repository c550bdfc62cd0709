#include "base/test.h"
#include "base/time.h"
#include "engine/clickhouse.h"

static struct arena a;
static const instant now = { INT64_C(1772416800000) }; /* 2026-03-02T02:00:00Z */

static int done(void **state)
{
    (void)state;
    arena_done(&a);
    return 0;
}

/* JSON with single quotes for double ones. */
static struct query question(const char *text)
{
    struct json_error json_error;
    struct query_error error;
    struct query q;
    char *json = (char *)arena_z(&a, str_of(text));
    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    struct json *described = json_read(&a, str_of(json), &json_error);
    assert_non_null(described);
    assert_ok(query_read(&a, described, &q, &error));
    return q;
}

static str sql_of(const char *text)
{
    struct query q = question(text);
    str sql;
    assert_ok(clickhouse_sql(&a, &q, now, &sql));
    return sql;
}

static str quoted(str s)
{
    struct strbuf sb;
    strbuf_init(&sb, &a, 1 << 20);
    out_clickhouse_text(&sb, s);
    return strbuf_str(&sb);
}

static void texts_cannot_leave_their_quotes(void **state)
{
    (void)state;
    static const struct {
        str text;
        const char *expected;
    } cases[] = {
        { S(""), "''" },
        { S("上海"), "'上海'" },
        { S("') OR 1 = 1 --"), "'\\') OR 1 = 1 --'" },
        { S("\\"), "'\\\\'" },
        { S("\\' UNION ALL SELECT"), "'\\\\\\' UNION ALL SELECT'" },
        { S("a\nb\tc\rd"), "'a\\nb\\tc\\rd'" },
        { S("a\0b\x01"), "'a\\x00b\\x01'" },
        { S("\x80\xff'"), "'\x80\xff\\''" },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_str(quoted(cases[i].text), cases[i].expected);
    /* whatever the bytes: no quote or backslash inside but behind a backslash */
    char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    str all = quoted((str) { bytes, sizeof bytes });
    for (size_t i = 1; i + 1 < all.len; i++) {
        assert_true((unsigned char)all.ptr[i] >= ' ' && all.ptr[i] != '\'');
        i += all.ptr[i] == '\\';
    }
    assert_int_equal(all.ptr[all.len - 1], '\'');
}

/* A text of the question is nowhere in the SQL but quoted. */
static void every_text_of_a_question_is_quoted(void **state)
{
    (void)state;
    static const char *const questions[] = {
        "{'kind':'segment','people':{'attr':'`EVIL`','eq':'`EVIL`'}}",
        "{'kind':'segment','people':{'attr':'`EVIL`','within':'1d'}}",
        "{'kind':'segment','people':{'attr':'`EVIL`','next':'1d'}}",
        "{'kind':'segment','people':{'attr':'a','contains':'`EVIL`'}}",
        "{'kind':'segment','people':{'attr':'a','starts':'`EVIL`'}}",
        "{'kind':'segment','people':{'set':'`EVIL`','key':'`EVIL`'}}",
        "{'kind':'segment','people':{'event':'`EVIL`','sum':{'prop':'`EVIL`','gte':1}}}",
        "{'kind':'segment','people':{'event':'a','where':[{'prop':'`EVIL`','in':['`EVIL`']}]}}",
        "{'kind':'segment','people':{'event':'a','since_event':{'event':'`EVIL`'}}}",
        "{'kind':'segment','people':{'sequence':['`EVIL`','a']}}",
        "{'kind':'segment','people':{'event':'a','not_followed_by':'`EVIL`','after':'1d'}}",
        "{'kind':'segment','person':7,'people':{'all':[{'attr':'`EVIL`','eq':1},{'event':'`EVIL`',"
        "'first':{'prop':'`EVIL`','eq':1},'since_event':{'event':'`EVIL`'}}]}}",
        "{'kind':'segment','counts':true,'people':{'not':{'attr':'`EVIL`','eq':'`EVIL`'}}}",
        "{'kind':'funnel','since':'2026-01-01','until':'2026-02-01','steps':['`EVIL`','a'],"
        "'window':'1d','count':{'prop':'`EVIL`'},'breakdown':[{'prop':'`EVIL`'}]}",
        "{'kind':'retention','since':'2026-01-01','until':'2026-02-01','start':'`EVIL`',"
        "'return':'`EVIL`','periods':3,'value':'`EVIL`','breakdown':[{'set':'`EVIL`'}]}",
        "{'kind':'trend','since':'2026-01-01','until':'2026-02-01','of':'`EVIL`','figure':'sum',"
        "'prop':'`EVIL`','breakdown':[{'attr':'`EVIL`'},{'prop':'`EVIL`'}]}",
        "{'kind':'profile','attrs':['`EVIL`'],'sets':['`EVIL`']}",
        "{'kind':'overlap','of':[{'attr':'`EVIL`','eq':'`EVIL`'}]}",
        "{'kind':'diagnosis','since':'2026-01-01','until':'2026-02-01','steps':['`EVIL`','a'],"
        "'window':'1d','step':2,'attrs':['`EVIL`'],'sets':['`EVIL`']}",
        "{'kind':'diagnosis','since':'2026-01-01','until':'2026-02-01','steps':['a','b'],"
        "'window':'1d','step':2,'events':['`EVIL`']}",
        "{'kind':'trend','since':'2026-01-01','until':'2026-02-01','of':'a','breakdown':[{'attr':"
        "'a'}],'behind':{'groups':['`EVIL`']}}",
        "{'kind':'attribution','since':'2026-01-01','until':'2026-02-01','touch':'a','channel':'c',"
        "'conversion':'b','window':'7d','behind':{'channel':'`EVIL`'}}",
        "{'kind':'paths','since':'2026-01-01','until':'2026-02-01','from':'a','by':'`EVIL`',"
        "'behind':{'level':1,'node':{'event':'`EVIL`','key':'`EVIL`'},'to':{'event':'`EVIL`','key':"
        "'`EVIL`'}}}",
    };
    for (size_t i = 0; i < COUNT(questions); i++) {
        /* the text begins with a quote of SQL */
        struct strbuf sb;
        strbuf_init(&sb, &a, 1 << 16);
        for (const char *c = questions[i]; *c; c++)
            out_c(&sb, *c == '`' ? '\x02' : *c == '\'' ? '"' : *c);
        char *json = (char *)arena_z(&a, strbuf_str(&sb));
        for (char *c = json; *c; c++)
            *c = *c == '\x02' ? '\'' : *c;
        struct json_error json_error;
        struct query_error error;
        struct query q;
        struct json *described = json_read(&a, str_of(json), &json_error);
        str sql, rest;
        assert_non_null(described);
        assert_ok(query_read(&a, described, &q, &error));
        assert_ok(clickhouse_sql(&a, &q, now, &sql));
        size_t found = 0;
        for (rest = sql; rest.len >= 8; rest = str_from(rest, 1))
            if (str_starts(rest, S("EVIL"))) {
                assert_memory_equal(rest.ptr - 3, "'\\'EVIL\\''", 10);
                found++;
            }
        assert_true(found > 0);
    }
}

static void sql_says_what_was_asked(void **state)
{
    (void)state;
    static const struct {
        const char *question, *part;
    } cases[] = {
        { "{'kind':'segment'}",
          "SELECT person FROM persons FINAL WHERE NOT dropped ORDER BY person FORMAT" },
        { "{'kind':'segment','people':{'event':'a','count':{'lte':2}}}", "person NOT IN (" },
        { "{'kind':'segment','people':{'event':'a','count':{'gte':2}}}", "mn >= 2000" },
        { "{'kind':'segment','people':{'event':'a','within':'1d'}}",
          "at_ms <= 1772416800000 AND at_ms > 1772330400000" },
        { "{'kind':'segment','people':{'attr':'n','gt':1.5}}", ">= 1501" },
        { "{'kind':'segment','people':{'attr':'n','ne':true}}", "NOT (has(bool_names, 'n')" },
        { "{'kind':'segment','people':{'random':10}}", "% 100 < 10" },
        { "{'kind':'segment','people':{'attr':'born','next':'2d'}}", " IN (1, 2, 3)" },
        { "{'kind':'funnel','since':'2026-01-01','until':'2026-02-01','steps':['a','b'],'window':"
          "'1d','exclude':[{'event':'c','after':1}]}",
          "ended <= last" },
        /* hours and days of Shanghai are one run, months are not */
        { "{'kind':'trend','since':'2026-01-01','until':'2026-03-01','of':'a','figure':'count'}",
          "toInt64(0 + intDiv(at_ms - 1767196800000, 86400000)) AS period" },
        { "{'kind':'trend','since':'2026-01-01','until':'2026-03-01','of':'a','figure':'count',"
          "'unit':'month'}",
          "toInt64(multiIf(at_ms >= 1769875200000, 1 + intDiv(at_ms - 1769875200000, 2419200000)" },
    };
    assert_true(zone_load("Asia/Shanghai"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        str sql = sql_of(cases[i].question);
        if (!str_has(sql, str_of(cases[i].part)))
            fail_msg("no %s in %.*s", cases[i].part, STR_ARG(sql));
        assert_true(str_ends(sql, S(" FORMAT TabSeparated")));
        assert_true(str_find(sql, ';') == sql.len);
    }
}

static void february_29th_is_kept_on_the_28th(void **state)
{
    (void)state;
    struct query q = question("{'kind':'segment','people':{'attr':'born','next':'1d'}}");
    str sql;
    assert_ok(clickhouse_sql(&a, &q, day_start(day_from_ymd(2026, 2, 28)), &sql));
    assert_true(str_has(sql, S(" IN (364, 365, 0)"))); /* the 29th is the last of a March year */
    assert_ok(clickhouse_sql(&a, &q, day_start(day_from_ymd(2028, 2, 28)), &sql));
    assert_true(str_has(sql, S(" IN (364, 365)")));
}

/* More than may be sent is refused, in whatever part it grew. */
static void too_large_is_refused(void **state)
{
    (void)state;
    struct query q = question("{'kind':'segment','people':{'event':'a'}}");
    char *text = arena_alloc(&a, CLICKHOUSE_SQL_MAX);
    str sql = S("untouched");
    memset(text, '\'', CLICKHOUSE_SQL_MAX);
    q.people->leaf.match.types[0] = (str) { text, CLICKHOUSE_SQL_MAX };
    assert_int_equal(clickhouse_sql(&a, &q, now, &sql), ERR_INVALID);
    assert_str(sql, "untouched");
    q.people->leaf.match.types[0] = (str) { text, CLICKHOUSE_SQL_MAX / 3 };
    assert_ok(clickhouse_sql(&a, &q, now, &sql));
}

static str answer(const char *text, str rows)
{
    struct query q = question(text);
    struct result r;
    struct strbuf sb;
    assert_ok(clickhouse_result(&a, &q, now, rows, &r));
    strbuf_init(&sb, &a, 1 << 20);
    out_result(&sb, &q, &r);
    return strbuf_str(&sb);
}

#define FUNNEL \
    "{'kind':'funnel','since':'2026-01-01','until':'2026-02-01','steps':['a','b'],'window':'1d'"

static void rows_are_read(void **state)
{
    (void)state;
    assert_str(answer("{'kind':'segment'}", S("1\n5\n")), "{\"people\":2}");
    assert_str(answer("{'kind':'segment'}", S("")), "{\"people\":0}");
    assert_str(answer("{'kind':'segment','only':'count'}", S("12\t\t\n")), "{\"people\":12}");
    assert_str(answer("{'kind':'segment','counts':true,'people':{'not':{'random':5}}}",
                      S("2\t2,7\t3,4\n")),
               "{\"people\":2,\"nodes\":[2,7]}");
    /* who holds may be told after what was compared */
    assert_str(answer("{'kind':'segment','person':7,'people':{'attr':'x','eq':1}}",
                      S("0\t6\t0\t1\tb\n-1\t0\t0\t1\t1\n0\t6\t0\t1\ta\n")),
               "{\"there\":true,\"nodes\":[{\"holds\":true,\"value\":[\"a\",\"b\"]}]}");
    assert_str(answer(FUNNEL "}", S("")),
               "{\"groups\":[{\"steps\":[{\"reached\":0},{\"reached\":0,\"quartiles_ms\":[null,"
               "null,null]}],\"total_ms\":[null,null,null]}]}");
    /* the larger group first, keys unescaped, a day as a text */
    assert_str(answer(FUNNEL ",'breakdown':[{'attr':'x'}]}",
                      S("3\t0\ta\\tb\\\\\t1\t1\t0\t0\t0\n4\t0\t\t1\t2\t0\t0\t0\n"
                        "4\t0\t\t2\t1\t5\t5\t5\n4\t0\t\t3\t1\t7\t7\t7\n")),
               "{\"groups\":[{\"key\":\"1970-01-01\",\"steps\":[{\"reached\":2},{\"reached\":1,"
               "\"quartiles_ms\":[5,5,5]}],\"total_ms\":[7,7,7]},{\"key\":\"a\\tb\\\\\",\"steps\":["
               "{\"reached\":1},{\"reached\":0,\"quartiles_ms\":[null,null,null]}],\"total_ms\":["
               "null,null,null]}]}");
    /* one entry at a time: the second lies in the window of the first, the third does not; the
     * fourth begins with the fact that completed the third */
    assert_str(answer(FUNNEL ",'count':'entry','entry':'first'}",
                      S("0\t0\t\t1\t1\t0\t10,0\n0\t0\t\t1\t2\t0\t20,0\n"
                        "0\t0\t\t1\t3\t4\t86400011,86400012\n0\t0\t\t1\t4\t0\t86400012,0\n")),
               "{\"groups\":[{\"steps\":[{\"reached\":3},{\"reached\":1,\"quartiles_ms\":[1,1,1]}],"
               "\"total_ms\":[1,1,1]}]}");
}

static void rows_that_are_not_ours_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *question, *rows;
    } cases[] = {
        { "{'kind':'segment'}", "x\n" },
        { "{'kind':'segment'}", "Code: 47, e.displayText() = DB::Exception\n" },
        { "{'kind':'profile','attrs':['a']}", "1\t3\t0\tx\t1\t1\n" },
        { "{'kind':'profile','attrs':['a']}", "-2\t3\t0\tx\t1\t1\n" },
        { "{'kind':'overlap','of':[{'random':1}]}", "" },
        { "{'kind':'overlap','of':[{'random':1}]}", "1\t1,1\n" },
        { "{'kind':'segment','only':'count'}", "" },
        { "{'kind':'segment','only':'count'}", "-1\t\t\n" },
        { "{'kind':'segment','counts':true,'people':{'random':5}}", "2\t2,7\t3,4\n" },
        { "{'kind':'segment','counts':true,'people':{'random':5}}", "2\t2\t3\n" },
        { "{'kind':'segment','person':7,'people':{'random':5}}", "-1\t0\t0\t1\t1,0\n" },
        { "{'kind':'segment','person':7,'people':{'random':5}}", "-1\t0\t0\t1\t1\n1\t1\t1\t1\t\n" },
        { FUNNEL "}", "0\t0\t\t1\t1\t0\t0\n" },
        { FUNNEL "}", "0\t0\t\t4\t1\t0\t0\t0\n" },
        { FUNNEL "}", "0\t0\t\t0\t1\t0\t0\t0\n" },
        { FUNNEL "}", "9\t0\t\t1\t1\t0\t0\t0\n" },
        { FUNNEL ",'count':'entry','entry':'first'}", "0\t0\t\t1\t1\t0\t10\n" },
        { "{'kind':'trend','since':'2026-01-01','until':'2026-01-03','of':'a','figure':'count'}",
          "0\t0\t\t0\t0\t\t2\t1\t1\t0\t0\t0\n" },
        { "{'kind':'trend','since':'2026-01-01','until':'2026-01-03','of':'a','figure':'count'}",
          "0\t0\t\t0\t0\t\t-2\t1\t1\t0\t0\t0\n" },
        { "{'kind':'retention','since':'2026-01-01','until':'2026-01-03','start':'a','return':'b',"
          "'periods':2}",
          "0\t0\t\t2\t-1\t1\t0\n" },
        { "{'kind':'retention','since':'2026-01-01','until':'2026-01-03','start':'a','return':'b',"
          "'periods':2}",
          "0\t0\t\t0\t2\t1\t0\n" },
    };
    assert_true(zone_load("Asia/Shanghai"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct query q = question(cases[i].question);
        struct result r = { .people_count = 7 };
        if (clickhouse_result(&a, &q, now, str_of(cases[i].rows), &r) != ERR_INVALID)
            fail_msg("taken: %s", cases[i].rows);
        assert_int_equal(r.people_count, 7);
    }
}

static void facts_and_persons_are_rows(void **state)
{
    (void)state;
    struct fact_prop props[] = {
        { S("channel"), { .kind = VALUE_TEXT, .text = S("it's\t") } },
        { S("amount"), { .kind = VALUE_NUMBER, .number = -1500 } },
        { S("gift"), { .kind = VALUE_BOOL, .number = 1 } },
    };
    struct fact f = { 7, 3, S("a\tb"), { 99 }, props, COUNT(props) };
    str likes[] = { S("x"), S("y\\") };
    struct person_attr attrs[] = {
        { .name = S("city"), .kind = ATTR_TEXT, .text = S("上海") },
        { .name = S("likes"), .kind = ATTR_LIST, .texts = likes, .text_count = 2 },
        { .name = S("born"), .kind = ATTR_DAY, .number = -5 },
    };
    struct person_set sets[] = { { S("tag"), S("1") } };
    struct person p = { 7, attrs, COUNT(attrs), sets, COUNT(sets) };
    struct strbuf sb;
    strbuf_init(&sb, &a, 1 << 16);
    out_clickhouse_insert(&sb, "events", "_local");
    out_clickhouse_fact(&sb, &f, 12);
    assert_str(strbuf_str(&sb), "INSERT INTO events_local FORMAT TabSeparated\n"
                                "7\t3\ta\\tb\t99\t['channel']\t['it\\'s\\t']\t['amount']\t[-1500]\t"
                                "['gift']\t[1]\t12\t0\n");
    strbuf_clear(&sb);
    out_clickhouse_person(&sb, &p, 12);
    assert_str(strbuf_str(&sb),
               "7\t12\t0\t['city']\t['上海']\t[]\t[]\t[]\t[]\t['born']\t[-5]\t[]\t[]\t['likes']\t"
               "[['x','y\\\\']]\t['tag']\t['1']\n");
}

static void how_far_it_was_told_is_a_row(void **state)
{
    (void)state;
    struct strbuf sb;
    struct clickhouse_told t = { .version = 9,
                                 .token = S("abc"),
                                 .telling = 1,
                                 .shard = 1,
                                 .shards = 2,
                                 .seq = 77,
                                 .mark = 5,
                                 .whole = true },
                           read = { 0 };
    strbuf_init(&sb, &a, 1 << 10);
    out_clickhouse_told(&sb, &t);
    str rest = strbuf_str(&sb), head = str_cut(&rest, '\n');
    assert_str(head, "INSERT INTO told FORMAT TabSeparated");
    assert_str(str_head(rest, 2), "1\t");
    assert_ok(clickhouse_told_read(&a, str_from(rest, 2), &read));
    assert_str(read.token, "abc");
    assert_int_equal(read.version, 9);
    assert_int_equal(read.shard, 1);
    assert_int_equal(read.shards, 2);
    assert_int_equal(read.seq, 77);
    assert_int_equal(read.mark, 5);
    assert_true(read.whole);
    assert_int_equal(clickhouse_told_read(&a, STR_NONE, &read), ERR_NOT_FOUND);
    assert_int_equal(clickhouse_told_read(&a, S("9\tabc\n"), &read), ERR_INVALID);
    assert_int_equal(read.seq, 77);
}

static void tables_of_a_cluster(void **state)
{
    (void)state;
    struct strbuf sb;
    const struct clickhouse_place place = { S("sh'op"), S("both"), "_local" };
    strbuf_init(&sb, &a, 1 << 14);
    out_clickhouse_tables(&sb, &place);
    str all = strbuf_str(&sb);
    static const char *const starts[] = { "CREATE TABLE IF NOT EXISTS events_local (",
                                          "CREATE TABLE IF NOT EXISTS events (",
                                          "CREATE TABLE IF NOT EXISTS persons_local (",
                                          "CREATE TABLE IF NOT EXISTS persons (",
                                          "CREATE TABLE IF NOT EXISTS told (" };
    for (size_t i = 0; i < COUNT(starts); i++) {
        str line = str_cut(&all, '\n'), end = S("ENGINE = Distributed('both', 'sh\\'op', ");
        assert_true(str_starts(line, str_of(starts[i])));
        bool over = false;
        for (size_t at = 0; at < line.len; at++)
            over |= str_starts(str_from(line, at), end);
        assert_int_equal(over, i == 1 || i == 3);
    }
    assert_int_equal(all.len, 0);
}

static void people_are_spread(void **state)
{
    (void)state;
    int counts[3] = { 0 }, same = 0;
    for (i64 id = 1; id <= 30000; id++) {
        int shard = clickhouse_shard(id, 3);
        assert_in_range(shard, 0, 2);
        counts[shard]++;
        same +=
            clickhouse_shard(id, 2) == random_place(id) % 2; /* no part of one is a random part */
        assert_int_equal(clickhouse_shard(id, 1), 0);
    }
    for (int i = 0; i < 3; i++)
        assert_in_range(counts[i], 9700, 10300);
    assert_in_range(same, 14500, 15500);
}

static void who_fits_is_asked_of_few(void **state)
{
    (void)state;
    static const i64 persons[] = { 5, 9 };
    struct query q =
        question("{'kind':'segment','people':{'event':'order.paid','count':{'gte':2}}}");
    const struct people *asked[] = { NULL, q.people };
    bool fits[4];
    str sql;
    assert_ok(clickhouse_fit_sql(&a, asked, 2, now, persons, 2, &sql));
    assert_true(
        str_starts(sql, S("SELECT toInt64(0) AS place, person FROM persons FINAL WHERE NOT "
                          "dropped AND person IN (5, 9) UNION ALL SELECT toInt64(1) AS place")));
    size_t named = 0;
    for (size_t i = 0; i < sql.len; i++)
        named += str_starts(str_from(sql, i), S("FINAL WHERE NOT dropped AND person IN (5, 9)"));
    assert_int_equal(named, 3); /* the people twice, and their facts */
    assert_ok(clickhouse_fit_result(&a, S("0\t5\n0\t9\n1\t9\n"), 2, persons, 2, fits));
    assert_true(fits[0] && fits[1] && !fits[2] && fits[3]);
    assert_int_equal(clickhouse_fit_result(&a, S("2\t5\n"), 2, persons, 2, fits), ERR_INVALID);
    assert_int_equal(clickhouse_fit_result(&a, S("1\t6\n"), 2, persons, 2, fits), ERR_INVALID);
}

static void types_are_read(void **state)
{
    (void)state;
    struct engine_type *types;
    size_t count;
    assert_ok(clickhouse_types_read(&a,
                                    S("a\t7\t\t9\na\t7\tp\t0\na\t7\tp\t1\na\t7\tq\t2\n"
                                      "b\t2\t\t9\n"),
                                    &types, &count));
    assert_int_equal(count, 2);
    assert_str(types[0].name, "a");
    assert_int_equal(types[0].facts, 7);
    assert_int_equal(types[0].prop_count, 2);
    assert_int_equal(types[0].props[0].kinds, 3);
    assert_int_equal(types[0].props[1].kinds, 4);
    assert_int_equal(types[1].prop_count, 0);
    assert_int_equal(clickhouse_types_read(&a, S("a\t7\tp\t5\n"), &types, &count), ERR_INVALID);
}

int clickhouse_test(void);
int clickhouse_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(texts_cannot_leave_their_quotes, done),
        cmocka_unit_test_teardown(every_text_of_a_question_is_quoted, done),
        cmocka_unit_test_teardown(sql_says_what_was_asked, done),
        cmocka_unit_test_teardown(february_29th_is_kept_on_the_28th, done),
        cmocka_unit_test_teardown(too_large_is_refused, done),
        cmocka_unit_test_teardown(rows_are_read, done),
        cmocka_unit_test_teardown(rows_that_are_not_ours_are_refused, done),
        cmocka_unit_test_teardown(facts_and_persons_are_rows, done),
        cmocka_unit_test_teardown(how_far_it_was_told_is_a_row, done),
        cmocka_unit_test_teardown(tables_of_a_cluster, done),
        cmocka_unit_test_teardown(people_are_spread, done),
        cmocka_unit_test_teardown(who_fits_is_asked_of_few, done),
        cmocka_unit_test_teardown(types_are_read, done),
    };
    return cmocka_run_group_tests_name("clickhouse", tests, NULL, NULL);
}
