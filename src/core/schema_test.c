/* Schemas: what is read, what is refused and how it is said, and that writing and reading agree. */
#include "core/testing.h"

#include "core/schema.h"

ID_TYPE(thing_id);

static const char *const colours[] = { "red", "green", NULL };

#define PART(F, T)                               \
    F(T, str, label, .required = true, .max = 5) \
    F(T, i64, n, .min = 1, .max = 9)
SCHEMA(part, PART);

#define THING(F, T)                                                   \
    F(T, str, name, .required = true, .min = 2, .max = 4)             \
    F(T, str, colour, .choices = colours, .nullable = true)           \
    F(T, str, email, .format = "email")                               \
    F(T, str, key, .format = "key")                                   \
    F(T, str, paint, .format = "color")                               \
    F(T, str, link, .format = "url")                                  \
    F(T, i64, n, .min = -5, .max = 5)                                 \
    F(T, i64, any)                                                    \
    F(T, f64, ratio)                                                  \
    F(T, boolean, yes, .nullable = true)                              \
    F(T, money, price_fen, .nullable = true)                          \
    F(T, instant, made_at, .nullable = true)                          \
    F(T, day, birthday, .nullable = true)                             \
    F(T, thing_id, other_id, .nullable = true)                        \
    F(T, json, extra)                                                 \
    F(T, list, tags, .of_type = FT_str, .choices = colours, .max = 3) \
    F(T, list, ids, .of_type = FT_id)                                 \
    F(T, list, parts, .of = &part_schema, .min = 1, .max = 2)         \
    F(T, obj, one, .of = &part_schema, .nullable = true)              \
    F(T, str, password, .secret = true)
SCHEMA(thing, THING);

static struct ctx test_ctx(struct arena *a)
{
    return (struct ctx) { .arena = a, .lang = LANG_EN };
}

static const struct {
    const char *in;
    enum err e;
    const char *field, *said;
} bad[] = {
    { "[]", ERR_WRONG_TYPE, "", "Wrong type: an object is expected" },
    { "{}", ERR_REQUIRED, "name", "This is required" },
    { "{\"name\":null}", ERR_REQUIRED, "name", "This is required" },
    { "{\"name\":\"  \"}", ERR_REQUIRED, "name", "This is required" },
    { "{\"name\":\"x\"}", ERR_TOO_SHORT, "name", "Too short; at least 2 characters" },
    { "{\"name\":\"荷塘月色五\"}", ERR_TOO_LONG, "name", "Too long; at most 4 characters" },
    { "{\"name\":5}", ERR_WRONG_TYPE, "name", "Wrong type: a text is expected" },
    { "{\"name\":\"a\\u0001b\"}", ERR_BAD_FORMAT, "name",
      "Wrong format: text without control characters is expected" },
    { "{\"name\":\"ok\",\"nane\":1}", ERR_UNKNOWN_FIELD, "nane", "There is no field named nane" },
    { "{\"name\":\"ok\",\"colour\":\"blue\"}", ERR_BAD_CHOICE, "colour",
      "Must be one of: red, green" },
    { "{\"name\":\"ok\",\"email\":\"a@b\"}", ERR_BAD_FORMAT, "email",
      "Wrong format: name@example.com is expected" },
    { "{\"name\":\"ok\",\"email\":\"a@b@c.de\"}", ERR_BAD_FORMAT, "email", NULL },
    { "{\"name\":\"ok\",\"email\":\"@b.de\"}", ERR_BAD_FORMAT, "email", NULL },
    { "{\"name\":\"ok\",\"email\":\"a b@c.de\"}", ERR_BAD_FORMAT, "email", NULL },
    { "{\"name\":\"ok\",\"key\":\"A\"}", ERR_BAD_FORMAT, "key", NULL },
    { "{\"name\":\"ok\",\"paint\":\"#12345\"}", ERR_BAD_FORMAT, "paint", NULL },
    { "{\"name\":\"ok\",\"paint\":\"#12345g\"}", ERR_BAD_FORMAT, "paint", NULL },
    { "{\"name\":\"ok\",\"link\":\"javascript:alert(1)\"}", ERR_BAD_FORMAT, "link", NULL },
    { "{\"name\":\"ok\",\"n\":6}", ERR_OUT_OF_RANGE, "n", "Must be between -5 and 5" },
    { "{\"name\":\"ok\",\"n\":-6}", ERR_OUT_OF_RANGE, "n", NULL },
    { "{\"name\":\"ok\",\"n\":1.5}", ERR_WRONG_TYPE, "n",
      "Wrong type: a whole number is expected" },
    { "{\"name\":\"ok\",\"n\":\"1\"}", ERR_WRONG_TYPE, "n", NULL },
    { "{\"name\":\"ok\",\"n\":null}", ERR_WRONG_TYPE, "n", NULL },
    { "{\"name\":\"ok\",\"any\":9007199254740992}", ERR_OUT_OF_RANGE, "any", NULL },
    { "{\"name\":\"ok\",\"any\":1e99}", ERR_WRONG_TYPE, "any", NULL },
    { "{\"name\":\"ok\",\"ratio\":1e999}", ERR_WRONG_TYPE, "ratio", NULL },
    { "{\"name\":\"ok\",\"yes\":1}", ERR_WRONG_TYPE, "yes",
      "Wrong type: true or false is expected" },
    { "{\"name\":\"ok\",\"price_fen\":1.005}", ERR_WRONG_TYPE, "price_fen", NULL },
    { "{\"name\":\"ok\",\"made_at\":\"2026-02-30T00:00:00Z\"}", ERR_WRONG_TYPE, "made_at", NULL },
    { "{\"name\":\"ok\",\"birthday\":\"2026-02-30\"}", ERR_WRONG_TYPE, "birthday",
      "Wrong type: a date such as 2026-03-01 is expected" },
    { "{\"name\":\"ok\",\"other_id\":0}", ERR_OUT_OF_RANGE, "other_id", NULL },
    { "{\"name\":\"ok\",\"tags\":\"red\"}", ERR_WRONG_TYPE, "tags",
      "Wrong type: a list is expected" },
    { "{\"name\":\"ok\",\"tags\":[\"red\",\"red\",\"red\",\"red\"]}", ERR_TOO_MANY, "tags",
      "Too many; at most 3" },
    { "{\"name\":\"ok\",\"tags\":[\"red\",\"blue\"]}", ERR_BAD_CHOICE, "tags[1]", NULL },
    { "{\"name\":\"ok\",\"tags\":[null]}", ERR_WRONG_TYPE, "tags[0]", NULL },
    { "{\"name\":\"ok\",\"ids\":[1,-1]}", ERR_OUT_OF_RANGE, "ids[1]", NULL },
    { "{\"name\":\"ok\",\"parts\":[]}", ERR_REQUIRED, "parts", NULL },
    { "{\"name\":\"ok\",\"parts\":[{\"label\":\"a\"},{\"n\":1}]}", ERR_REQUIRED, "parts[1].label",
      NULL },
    { "{\"name\":\"ok\",\"parts\":[{\"label\":\"a\",\"n\":10}]}", ERR_OUT_OF_RANGE, "parts[0].n",
      NULL },
    { "{\"name\":\"ok\",\"parts\":[5]}", ERR_WRONG_TYPE, "parts[0]", NULL },
    { "{\"name\":\"ok\",\"one\":{\"label\":\"a\",\"x\":1}}", ERR_UNKNOWN_FIELD, "one.x", NULL },
    { "{\"name\":\"ok\",\"one\":{\"label\":\"abcdef\"}}", ERR_TOO_LONG, "one.label", NULL },
};

static void refuses_and_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct ctx cx = test_ctx(&a);
        struct json_error e;
        struct thing t;
        const struct json *j = json_read(&a, str_of(bad[i].in), &e);
        assert_non_null(j);
        enum err got = schema_read(&cx, &thing_schema, j, &t);
        if (got != bad[i].e || !str_is(cx.failure.field, bad[i].field))
            fail_msg("%s: %s at %.*s", bad[i].in, err_info(got)->name, STR_ARG(cx.failure.field));
        if (bad[i].said)
            assert_str(fail_text(&cx, got), bad[i].said);
        cx.lang = LANG_ZH;
        assert_false(str_is(fail_text(&cx, got), bad[i].said ? bad[i].said : ""));
    }
}

static const struct {
    const char *in, *out; /* only what came, without secrets */
} good[] = {
    { "{\"name\":\"荷塘月色\"}", "{\"name\":\"荷塘月色\"}" },
    { "{\"name\":\"ok\",\"colour\":null,\"yes\":false}",
      "{\"name\":\"ok\",\"colour\":null,\"yes\":false}" },
    { "{\"name\":\"ok\",\"n\":5.0,\"any\":1e3,\"ratio\":0.1,\"price_fen\":-5}",
      "{\"name\":\"ok\",\"n\":5,\"any\":1000,\"ratio\":0.1,\"price_fen\":-5}" },
    { "{\"name\":\"ok\",\"any\":9007199254740991}", "{\"name\":\"ok\",\"any\":9007199254740991}" },
    { "{\"made_at\":\"2026-03-01T08:00:00+08:00\",\"birthday\":\"2000-02-29\",\"name\":\"ok\"}",
      "{\"name\":\"ok\",\"made_at\":\"2026-03-01T00:00:00Z\",\"birthday\":\"2000-02-29\"}" },
    { "{\"name\":\"ok\",\"extra\":{\"a\":[1,null]},\"password\":\"hush\"}",
      "{\"name\":\"ok\",\"extra\":{\"a\":[1,null]}}" },
    { "{\"name\":\"ok\",\"tags\":[\"red\"],\"ids\":[],\"parts\":[{\"label\":\"a\",\"n\":9}],"
      "\"one\":{\"label\":\"b\"}}",
      "{\"name\":\"ok\",\"tags\":[\"red\"],\"ids\":[],\"parts\":[{\"label\":\"a\",\"n\":9}],"
      "\"one\":{"
      "\"label\":\"b\",\"n\":null}}" },
    { "{\"name\":\"a\\nb\",\"email\":\"a.b+c@d.ef\",\"key\":\"a-z_0.9\",\"paint\":\"#1A7f5a\","
      "\"link\":\"https://example.com/\"}",
      "{\"name\":\"a\\nb\",\"email\":\"a.b+c@d.ef\",\"key\":\"a-z_0.9\",\"paint\":\"#1A7f5a\","
      "\"link\":\"https://example.com/\"}" },
    { "{\"name\":\"ab\",\"name\":\"cd\"}", "{\"name\":\"cd\"}" },
    { "{\"name\":\"ab\",\"colour\":null,\"colour\":\"red\"}",
      "{\"name\":\"ab\",\"colour\":\"red\"}" },
};

static void reads_and_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct ctx cx = test_ctx(&a);
        struct json_error e;
        struct thing t;
        struct strbuf sb;
        if (schema_read(&cx, &thing_schema, json_read(&a, str_of(good[i].in), &e), &t) != OK)
            fail_msg("%s: %.*s", good[i].in, STR_ARG(fail_text(&cx, cx.failure.code)));
        strbuf_init(&sb, &a, 10000);
        struct json_writer w = json_writer(&sb);
        schema_write_public(&w, NULL, &thing_schema, &t, true);
        json_done(&w);
        assert_str(strbuf_str(&sb), good[i].out);
    }
}

static void says_what_came(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = test_ctx(&a);
    struct json_error e;
    struct thing t;
    const struct json *j = json_read(&a, S("{\"name\":\"ab\",\"colour\":null,\"n\":0}"), &e);
    assert_ok(schema_read(&cx, &thing_schema, j, &t));
    assert_true(HAS(&t, thing, name) && HAS(&t, thing, colour) && HAS(&t, thing, n));
    assert_false(HAS(&t, thing, any) || HAS(&t, thing, parts));
    assert_true(IS_NULL(&t, thing, colour));
    assert_false(IS_NULL(&t, thing, n));
    assert_int_equal(t.any, NONE);
    assert_int_equal(t.price_fen.fen, NONE);
    assert_int_equal(t.made_at.ms, 0);
    assert_null(t.email.ptr);
    /* What came is put over what stood there; the rest stays. */
    struct thing stands;
    schema_clear(&thing_schema, &stands);
    stands.name = S("xy");
    stands.colour = S("green");
    stands.any = 7;
    schema_patch(&thing_schema, &stands, &thing_schema, &t);
    assert_str(stands.name, "ab");
    assert_null(stands.colour.ptr);
    assert_int_equal(stands.any, 7);
}

/* Query values and path segments. */
static void reads_texts(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        enum err e;
        const char *out;
    } cases[] = {
        { "name", "荷塘", OK, "{\"name\":\"荷塘\"}" },
        { "n", "-5", OK, "{\"n\":-5}" },
        { "n", "", ERR_WRONG_TYPE, NULL },
        { "n", "1e0", OK, "{\"n\":1}" },
        { "n", "0x1", ERR_WRONG_TYPE, NULL },
        { "n", "99", ERR_OUT_OF_RANGE, NULL },
        { "ratio", "0.5", OK, "{\"ratio\":0.5}" },
        { "yes", "true", OK, "{\"yes\":true}" },
        { "yes", "1", ERR_WRONG_TYPE, NULL },
        { "birthday", "2026-03-01", OK, "{\"birthday\":\"2026-03-01\"}" },
        { "other_id", "12", OK, "{\"other_id\":12}" },
        { "tags", "red,green", OK, "{\"tags\":[\"red\",\"green\"]}" },
        { "tags", "", OK, "{\"tags\":[]}" },
        { "tags", "red,,", ERR_BAD_CHOICE, NULL },
        { "ids", "1,2,x", ERR_WRONG_TYPE, NULL },
        { "extra", "{\"a\":1}", OK, "{\"extra\":{\"a\":1}}" },
        { "extra", "{", OK, "{\"extra\":\"{\"}" },
        { "nothing", "x", ERR_UNKNOWN_FIELD, NULL },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct ctx cx = test_ctx(&a);
        struct thing t;
        struct strbuf sb;
        schema_clear(&thing_schema, &t);
        enum err e =
            schema_read_text(&cx, &thing_schema, str_of(cases[i].name), str_of(cases[i].text), &t);
        if (e != cases[i].e)
            fail_msg("%s=%s: %s", cases[i].name, cases[i].text, err_info(e)->name);
        if (e != OK)
            continue;
        strbuf_init(&sb, &a, 10000);
        struct json_writer w = json_writer(&sb);
        schema_write_public(&w, NULL, &thing_schema, &t, true);
        assert_str(strbuf_str(&sb), cases[i].out);
    }
}

/* What check_reply() of the test mode would say of a reply. */
static void compares_replies(void **state)
{
    (void)state;
    static const struct {
        const char *in, *why; /* NULL: it matches */
    } cases[] = {
        { "{\"label\":\"a\",\"n\":1}", NULL },
        { "{\"label\":\"a\",\"n\":1,\"m\":2}", "part.m is not declared" },
        { "{\"label\":\"a\"}", "part.n is missing" },
        { "{\"label\":null,\"n\":1}", "part.label is null, and the schema does not say so" },
        { "{\"label\":\"a\",\"n\":1.5}", "part.n is a number where a whole number is declared" },
        { "{\"label\":[],\"n\":1}", "part.label is a list where a text is declared" },
        { "7", "part is a number" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct json_error e;
        str why = STR_NONE;
        bool ok = schema_matches(&a, &part_schema, json_read(&a, str_of(cases[i].in), &e), &why);
        assert_int_equal(ok, cases[i].why == NULL);
        if (!ok)
            assert_str(why, cases[i].why);
    }
}

static void rows_fill_structs(void **state)
{
    struct test_db t;
    struct db_conn *conn;
    struct rows r;
    struct arena a CLEANUP(arena_done) = { 0 };
    struct thing thing;
    test_db_open(&t, test_engine(state), NULL);
    assert_ok(db_read_begin(t.db, (struct db_view) { 0 }, &conn));
    assert_ok(db_query_text(conn, "row",
                            S("SELECT 'ab' AS name, CAST(NULL AS TEXT) AS colour, 3 AS n, 0.5 AS "
                              "ratio, 1 = 1 AS yes, 500 AS price_fen, 1772416800000 AS made_at, "
                              "20514 AS birthday, CAST(NULL AS BIGINT) AS other_id, '{\"a\":1}' AS "
                              "extra"),
                            &r, BINDS()));
    assert_true(rows_next(&r));
    schema_row(&a, &thing_schema, &r, &thing);
    assert_ok(rows_end(&r));
    db_read_end(conn);
    assert_str(thing.name, "ab");
    assert_null(thing.colour.ptr);
    assert_int_equal(thing.n, 3);
    assert_true(thing.ratio == 0.5 && thing.yes);
    assert_int_equal(thing.price_fen.fen, 500);
    assert_int_equal(thing.made_at.ms, TEST_NOW);
    assert_int_equal(thing.birthday.n, 20514);
    assert_int_equal(thing.other_id.v, 0);
    assert_str(thing.extra, "{\"a\":1}");
    assert_int_equal(thing.any, NONE);
    test_db_close(&t);
}

int schema_test(void);
int schema_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_and_says_why), cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(says_what_came),       cmocka_unit_test(reads_texts),
        cmocka_unit_test(compares_replies),     ON_BOTH(rows_fill_structs),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
