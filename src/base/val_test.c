#include "base/test.h"

#include <math.h>

static void no_value_is_null(void **state)
{
    (void)state;
    const struct val nulls[] = {
        V(NONE),           V(STR_NONE),         V((const char *)NULL), V((instant) { 0 }),
        V((day) { NONE }), V((money) { NONE }), V((double)NAN),        val_id(0),
        val_blob(STR_NONE)
    };
    for (size_t i = 0; i < COUNT(nulls); i++)
        assert_int_equal(nulls[i].kind, VAL_NULL);
    assert_int_equal(V(S("")).kind, VAL_STR); /* an empty text is a value */
    assert_int_equal(V(0).kind, VAL_I64);
    assert_int_equal(V((day) { 0 }).kind, VAL_I64);
}

static void written(void **state)
{
    (void)state;
    const struct {
        struct val v;
        const char *json, *text;
    } cases[] = {
        { V(STR_NONE), "null", "" },
        { V(INT64_C(-5)), "-5", "-5" },
        { V(1.5), "1.5", "1.5" },
        { V(true), "true", "true" },
        { V(false), "false", "false" },
        { V("say \"荷\""), "\"say \\\"荷\\\"\"", "say \"荷\"" },
        { val_blob(S("\xfb\xff")), "\"-_8\"", "\"-_8\"" },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct strbuf json, text;
        strbuf_init(&json, &a, 100);
        strbuf_init(&text, &a, 100);
        out_val_json(&json, cases[i].v);
        out_val_text(&text, cases[i].v);
        assert_str(strbuf_str(&json), cases[i].json);
        assert_str(strbuf_str(&text), cases[i].text);
    }
}

static void fills_placeholders(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "at most {max} of {name}", "at most 30 of {max}" }, /* a value is not filled again */
        { "{unknown} stays", "{unknown} stays" },
        { "open { stays", "open { stays" },
        { "{}", "{}" },
        { "{{max}}", "{{max}}" },
        { "", "" },
        { "} {max}", "} 30" },
    };
    struct arena a CLEANUP(arena_done) = { 0 };
    const struct prop props[] = { P("max", 30), P("name", "{max}") };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct strbuf sb;
        strbuf_init(&sb, &a, 1000);
        out_filled(&sb, str_of(cases[i].in), props, COUNT(props));
        assert_str(strbuf_str(&sb), cases[i].out);
    }
}

int val_test(void);
int val_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_value_is_null),
        cmocka_unit_test(written),
        cmocka_unit_test(fills_placeholders),
    };
    return cmocka_run_group_tests_name("val", tests, NULL, NULL);
}
