#include "base/money.h"
#include "core/sheet_testing.h"

/* The file of a real shop. What it holds was counted with awk:
 *   xzcat … | awk -F, 'NR>1{n++; q+=$(NF-4); p+=$(NF-2)*1000; e+=$(NF-1)==""; c+=length($NF);
 *   uk+=$NF=="United Kingdom"} END{print n, q, p, e, c, uk}'
 * and the bytes of its descriptions, which have commas in quotes, with another reader of CSV. */
static const struct {
    i64 rows, quantity, thousandths, nameless, country_bytes, description_bytes, kingdom;
} known = { 541909, 5176450, 2498803974, 135080, 7248685, 14399796, 495478 };

static void a_year_of_a_shop(void **state)
{
    static const char *const columns[] = { "InvoiceNo",   "StockCode", "Description", "Quantity",
                                           "InvoiceDate", "UnitPrice", "CustomerID",  "Country" };
    static const i64 thousand[] = { 1000, 100, 10, 1 };
    const char *shared = getenv("HETANG_SHARED");
    struct sheet_bench b;
    struct sheet *s CLEANUP(sheet_closep) = NULL;
    struct sheet_options o = { 0 };
    struct sheet_row row;
    (void)state;
    bench_begin(&b);
    const char *path =
        arena_fmt(&b.arena, "%s/data/online-retail.csv.xz", shared ? shared : "../shared").ptr;
    if (access(path, R_OK) != 0) {
        print_message("%s is not there: skipped\n", path);
        bench_end(&b);
        skip();
    }
    assert_ok(sheet_open(&b.cx, path, &o, &s));
    const struct sheet_info *info = sheet_info(s);
    assert_int_equal(info->packing, SHEET_XZ);
    assert_int_equal(info->charset, SHEET_UTF8);
    assert_int_equal(info->separator, ',');
    assert_int_equal(info->column_count, COUNT(columns));
    for (size_t i = 0; i < COUNT(columns); i++)
        assert_str(info->columns[i], columns[i]);
    i64 rows = 0, quantity = 0, thousandths = 0, nameless = 0, country = 0, text = 0, kingdom = 0;
    i64 position = 0;
    enum err e = OK;
    while ((e = sheet_next(&b.cx, s, &row)) == OK) {
        struct decimal price;
        i64 n = 0;
        assert_int_equal(row.fault, SHEET_FINE);
        assert_int_equal(row.count, COUNT(columns));
        assert_int_equal(row.missing + row.replaced, 0);
        assert_int_equal(row.line, ++rows + 1);
        assert_true(sheet_position(s) >= position);
        position = sheet_position(s);
        assert_true(str_to_i64(row.cells[3], &n) && decimal_read(row.cells[5], &price));
        quantity += n;
        thousandths += price.digits * thousand[price.scale];
        nameless += row.cells[6].len == 0;
        country += (i64)row.cells[7].len;
        text += (i64)row.cells[2].len;
        kingdom += str_is(row.cells[7], "United Kingdom");
    }
    assert_int_equal(e, ERR_DONE);
    assert_int_equal(position, info->size);
    assert_int_equal(rows, known.rows);
    assert_int_equal(quantity, known.quantity);
    assert_int_equal(thousandths, known.thousandths);
    assert_int_equal(nameless, known.nameless);
    assert_int_equal(country, known.country_bytes);
    assert_int_equal(text, known.description_bytes);
    assert_int_equal(kingdom, known.kingdom);
    bench_end(&b);
}

int sheet_real_test(void);
int sheet_real_test(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_year_of_a_shop) };
    return cmocka_run_group_tests_name("sheet_real", tests, NULL, NULL);
}
