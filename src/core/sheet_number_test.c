#include "core/sheet_testing.h"

static const struct {
    const char *code;
    enum number_kind kind;
} codes[] = {
    { "General", NUMBER_PLAIN },
    { "GENERAL;[Red]-General", NUMBER_PLAIN },
    { "0.00_);[Red](0.00)", NUMBER_PLAIN },
    { "#,##0.00\\ \"dollars\"", NUMBER_PLAIN },
    { "[$¥-804]#,##0.00", NUMBER_PLAIN },
    { "0.00E+00", NUMBER_PLAIN },
    { "@", NUMBER_PLAIN },
    { "", NUMBER_PLAIN },
    { "\"day\" 0", NUMBER_PLAIN },
    { "* #,##0_d", NUMBER_PLAIN },
    { "[Red]0", NUMBER_PLAIN },
    { "[h", NUMBER_TIME },
    { "[", NUMBER_PLAIN },
    { "\"", NUMBER_PLAIN },
    { "\\", NUMBER_PLAIN },
    { "yyyy-mm-dd", NUMBER_DATE },
    { "yyyy\"年\"m\"月\"d\"日\";@", NUMBER_DATE },
    { "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", NUMBER_DATE },
    { "mmm", NUMBER_DATE },
    { "aaaa", NUMBER_DATE },
    { "m/d/yy h:mm", NUMBER_MOMENT },
    { "YYYY-MM-DD HH:MM:SS", NUMBER_MOMENT },
    { "yyyy/m/d\\ h:mm\\ AM/PM;@", NUMBER_MOMENT },
    { "h:mm:ss", NUMBER_TIME },
    { "mm:ss.0", NUMBER_TIME },
    { "[h]:mm:ss", NUMBER_TIME },
    { "[$-409]h:mm A/P", NUMBER_TIME },
    { "h\"时\"mm\"分\"", NUMBER_TIME },
};

static void tells_dates_by_their_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        struct number_format f = number_format_read(str_of(codes[i].code));
        if (f.kind != codes[i].kind)
            print_message("code: %s\n", codes[i].code);
        assert_int_equal(f.kind, codes[i].kind);
    }
    assert_int_equal(number_format_builtin(0).kind, NUMBER_PLAIN);
    assert_int_equal(number_format_builtin(14).kind, NUMBER_DATE);
    assert_int_equal(number_format_builtin(22).kind, NUMBER_MOMENT);
    assert_int_equal(number_format_builtin(31).kind, NUMBER_DATE);
    assert_int_equal(number_format_builtin(46).kind, NUMBER_TIME);
    assert_int_equal(number_format_builtin(49).kind, NUMBER_PLAIN);
    assert_int_equal(number_format_builtin(58).kind, NUMBER_DATE);
}

/* Serials and what Excel shows for them. */
static const struct {
    const char *value, *code;
    bool date1904;
    const char *out;
} values[] = {
    { "1", "", false, "1" },
    { "-5", "", false, "-5" },
    { "1234567890123456789", "", false, "1234567890123456789" },
    { "0.1", "", false, "0.1" },
    { "0.30000000000000004", "", false, "0.3" },
    { "59.969999999999999", "", false, "59.97" },
    { "-0.05", "0.00", false, "-0.05" },
    { "1E3", "", false, "1000" },
    { "4.20000123456789E15", "", false, "4200001234567890" },
    { "1.5E+20", "", false, "150000000000000000000" },
    { "1.234567890123457e+19", "", false, "12345678901234570000" },
    { "-1.2345678901234568E+17", "", false, "-123456789012345680" },
    { "9.00719925474099E+15", "", false, "9007199254740990" },
    { "1E+30", "", false, "1e+30" },
    { "1.25E-7", "", false, "0.000000125" },
    { "-1.5E-5", "", false, "-0.000015" },
    { "1E-300", "", false, "1e-300" },
    { "-0", "", false, "-0" },
    { "2.50", "", false, "2.50" },
    { ".5", "", false, "0.5" },
    { "1.2.3", "", false, "1.2.3" },
    { "-0.0", "", false, "-0.0" },
    { "-0e0", "", false, "0" },
    { "nonsense", "", false, "nonsense" },
    { "nonsense", "yyyy", false, "nonsense" },
    { "46082", "yyyy-mm-dd", false, "2026-03-01" },
    { "44620", "yyyy-mm-dd", true, "2026-03-01" },
    { "46082.354166666664", "yyyy-mm-dd hh:mm", false, "2026-03-01T08:30:00" },
    { "46082", "yyyy-mm-dd hh:mm", false, "2026-03-01T00:00:00" },
    { "46082.354166666664", "yyyy-mm-dd", false, "2026-03-01T08:30:00" },
    { "46082.99999999999", "yyyy-mm-dd", false, "2026-03-02" },
    { "46082.354167", "h:mm", false, "2026-03-01T08:30:00" },
    { "46082.35416753472", "yyyy-mm-dd hh:mm:ss.000", false, "2026-03-01T08:30:00.075" },
    { "0.354166666666667", "h:mm", false, "08:30:00" },
    { "0", "h:mm", false, "00:00:00" },
    { "1.5", "[h]:mm", false, "36:00:00" },
    { "0.5", "[h]:mm", false, "12:00:00" },
    { "1", "yyyy-mm-dd", false, "1900-01-01" },
    { "59", "yyyy-mm-dd", false, "1900-02-28" },
    { "60", "yyyy-mm-dd", false, "1900-02-29" },
    { "61", "yyyy-mm-dd", false, "1900-03-01" },
    { "0", "yyyy-mm-dd", true, "1904-01-01" },
    { "36585", "yyyy-mm-dd", false, "2000-02-29" },
    { "2958465", "yyyy-mm-dd", false, "9999-12-31" },
    { "2958466", "yyyy-mm-dd", false, "2958466" },
    { "-1", "yyyy-mm-dd", false, "-1" },
    { "1e300", "yyyy-mm-dd", false, "1e+300" },
};

static void shows_what_a_spreadsheet_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        char to[NUMBER_TEXT_MAX];
        str out_ = number_text(str_of(values[i].value), number_format_read(str_of(values[i].code)),
                               values[i].date1904, to);
        if (!str_is(out_, values[i].out))
            print_message("value %s as %s\n", values[i].value, values[i].code);
        assert_str(out_, values[i].out);
    }
}

static void unescapes(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "a_x000D_b", "a\rb" },
        { "_x005F_x000D_", "_x000D_" },
        { "_x8377_", "荷" },
        { "_xD842_", "\xEF\xBF\xBD" },
        { "_x0000_", "\xEF\xBF\xBD" },
        { "_x00_", "_x00_" },
        { "_x000G_", "_x000G_" },
        { "__x000A_", "_\n" },
        { "_x000A", "_x000A" },
        { "no", "no" },
        { "_", "_" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[64];
        size_t len = strlen(cases[i].in);
        memcpy(text, cases[i].in, len);
        assert_str(((str) { text, book_unescape(text, len) }), cases[i].out);
    }
}

int sheet_number_test(void);
int sheet_number_test(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_dates_by_their_format),
        cmocka_unit_test(shows_what_a_spreadsheet_shows),
        cmocka_unit_test(unescapes),
    };
    return cmocka_run_group_tests_name("sheet_number", tests, NULL, NULL);
}
