/* Pages of a list of people, one after the other, are the whole list in its order: for every order,
 * with filters that let many, few and no people through, so that each way of finding them is taken.
 * The seed is printed. */
#include "instance.h"

#include "base/rand.h"
#include "domain/directory/internal.h"

#define NOW_MS INT64_C(1772420400123)

static struct rnd rnd;

/* Ties in every figure, and people without one. */
static const char *const people[] = {
    "INSERT INTO customer (name, city, channel, gender, attrs, stage_id, department_id, joined_at,"
    " seen_at, erased_at, created_at) WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1"
    " FROM k WHERE i < 20000) SELECT CASE WHEN i % 17 > 0 THEN 'n-' || (i % 701) END,"
    " 'city-' || (i * 7919 % 10007 % 40), CASE WHEN i % 53 = 0 THEN 'shop' END,"
    " CASE i % 2 WHEN 0 THEN 'male' ELSE 'female' END, '{}', i % 5 + 1, 1, i,"
    " CASE WHEN i % 3 > 0 THEN i * 6121 % 999 END, CASE WHEN i % 97 = 0 THEN 1 END, 1 FROM k",
    "UPDATE customer SET merged_into = 1 WHERE id % 89 = 0",
    "INSERT INTO customer_sales (customer_id, order_count, order_fen, refund_count, refund_fen,"
    " first_at, last_at) SELECT id, id * 104729 % 9973 % 23, id * 15487 % 99991 % 3000, 0, 0,"
    " id, CASE WHEN id % 7 > 0 THEN id * 31 % 4999 END FROM customer WHERE id % 11 > 0",
    "INSERT INTO tag_group (id, name, color, single, created_at) VALUES (901, 'g', 'blue', FALSE, 1)",
    "INSERT INTO tag (id, group_id, name, sort, created_at) VALUES (901, 901, 'few', 1, 1),"
    " (902, 901, 'many', 2, 1)",
    "INSERT INTO customer_tag (customer_id, tag_id, source, at) SELECT id, CASE WHEN id % 500 = 7"
    " THEN 901 ELSE 902 END, 'import', 1 FROM customer WHERE id % 500 = 7 OR id % 3 = 0",
};

static const char *const filters[] = {
    /* NULL: none */
    NULL,
    "{\"attr\":\"gender\",\"eq\":\"male\"}",
    "{\"tag\":901,\"is\":true}",
    "{\"tag\":902,\"is\":false}",
    "{\"all\":[{\"attr\":\"city\",\"eq\":\"city-11\"},{\"order\":\"count\",\"gte\":22}]}",
    "{\"all\":[{\"attr\":\"city\",\"in\":[\"city-1\",\"city-2\"]},{\"tag\":902,\"is\":true},"
    "{\"attr\":\"gender\",\"eq\":\"female\"}]}",
    "{\"all\":[{\"attr\":\"channel\",\"eq\":\"shop\"},{\"order\":\"count\",\"lte\":0},"
    "{\"attr\":\"stage\",\"eq\":\"fan\"}]}", /* who has bought nothing has no figures */
    "{\"all\":[{\"attr\":\"city\",\"eq\":\"city-5\"},{\"order\":\"amount\",\"eq\":0}]}",
    "{\"all\":[{\"attr\":\"stage\",\"eq\":\"fan\"},{\"attr\":\"name\",\"starts\":\"n-13\"}]}",
    "{\"any\":[{\"attr\":\"city\",\"eq\":\"city-5\"},{\"tag\":901,\"is\":true}]}",
    "{\"all\":[{\"attr\":\"city\",\"eq\":\"nowhere\"},{\"tag\":901,\"is\":true}]}",
    "{\"all\":[{\"tag\":901,\"is\":true},{\"tag\":902,\"is\":true}]}",
};

static const char *const order_of[] = {
    /* as people_sorts */
    "c.id DESC",
    "coalesce(c.seen_at, 0) DESC, c.id DESC",
    "c.name, c.id",
    "s.order_fen DESC, c.id DESC",
    "s.order_count DESC, c.id DESC",
    "coalesce(s.last_at, 0) DESC, c.id DESC",
};

static enum err make(struct ctx *cx, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < COUNT(people); i++)
        TRY(db_exec_text(cx->db, "test", str_of(people[i]), NULL, NULL, 0));
    return OK;
}

static enum err whole(struct ctx *cx, doc condition, size_t order, struct rows *r)
{
    struct condition_sql s;
    TRY(people_sql(cx, &(struct people_query) { .condition = condition, .select = "c.id" }, &s));
    out_z(&s.text, order >= 3 ? " AND s.customer_id IS NOT NULL" : "");
    out_z(&s.text, order == 2 ? " AND c.name IS NOT NULL" : "");
    out_fmt(&s.text, " ORDER BY %s", order_of[order]);
    return db_query_text(cx->db, "test", strbuf_str(&s.text), r, s.binds.at, s.binds.n);
}

/* Reads page after page, as far as 5,000 people, and compares. */
static enum err compare(struct ctx *cx, const char *condition, size_t order)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct json_error bad;
    doc read = condition ? json_read(cx->arena, str_of(condition), &bad) : NULL;
    struct page_query q = { .condition = read, .sort = str_of(people_sorts[order]) };
    bool more = true;
    TRY(whole(cx, read, order, &r));
    for (i64 at = 0; more && at < 5000;) {
        struct place *found;
        i64 count;
        q.limit = 1 + (i64)rnd_below(&rnd, at ? 800 : 60);
        TRY(people_page(cx, &q, &found, &count));
        more = count > q.limit;
        for (i64 i = 0; i < MIN(count, q.limit); i++, at++)
            if (!rows_next(&r) || col_id(&r, 0) != found[i].id.v)
                fail_msg("place %lld by %s of %s", (long long)at, people_sorts[order], condition);
        if (more)
            q.cursor = people_cursor(cx, &found[q.limit - 1]);
        else if (rows_next(&r))
            fail_msg("the list ends at %lld by %s of %s", (long long)at, people_sorts[order],
                     condition);
    }
    return OK;
}

static enum err compare_all(struct ctx *cx, void *arg)
{
    (void)arg;
    for (size_t f = 0; f < COUNT(filters); f++)
        for (size_t order = 0; order < COUNT(order_of); order++)
            TRY(compare(cx, filters[f], order));
    return OK;
}

static void pages_are_the_list(void **state)
{
    struct instance i;
    (void)state;
    rnd_seed(&rnd, random_seed());
    instance_open(&i, (instant) { NOW_MS });
    instance_write(&i, make, NULL);
    instance_read(&i, compare_all, NULL);
    instance_close(&i);
}

int page_test(void);
int page_test(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pages_are_the_list) };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
