/* What is told of a person: attributes and sets, by the names that questions use. No name, no
 * address, no identifier: the index is a file, and nothing in it says who somebody is. */
#include "base/json.h"
#include "base/time.h"
#include "domain/insight/internal.h"

#include "insight.sql.h"

#define CONSENTS_MAX 16
#define MILLION      1000000

/* A column of insight_people, in its order after the number. */
static const struct told {
    const char *name;
    enum attr_kind kind;
    i64 parts; /* the column counts parts of one, so many; 0: wholes */
} columns[] = {
    { "gender", ATTR_TEXT },
    { "city", ATTR_TEXT },
    { "channel", ATTR_TEXT },
    { "stage", ATTR_TEXT },
    { "department", ATTR_NUMBER },
    { "staff", ATTR_NUMBER },
    { "birthday", ATTR_DAY },
    { "joined_at", ATTR_INSTANT },
    { "seen_at", ATTR_INSTANT },
    { "stage_since", ATTR_INSTANT },
    { NULL }, /* custom attributes */
    { "order.count", ATTR_NUMBER },
    { "order.amount", ATTR_NUMBER },
    { "order.first", ATTR_INSTANT },
    { "order.last", ATTR_INSTANT },
    { "order.refund_count", ATTR_NUMBER },
    { "order.refund_amount", ATTR_NUMBER },
    { "rfm.tier", ATTR_TEXT },
    { "rfm.class", ATTR_TEXT },
    { "rfm.r", ATTR_NUMBER },
    { "rfm.f", ATTR_NUMBER },
    { "rfm.m", ATTR_NUMBER },
    { "rfm.total", ATTR_NUMBER },
    { "value.alive", ATTR_NUMBER, MILLION },
    { "value.orders_90", ATTR_NUMBER, MILLION },
    { "value.amount_90", ATTR_NUMBER },
};
#define COLUMN_ATTRS      10
#define COLUMN_ORDERS     11 /* … the next one is the amount */
#define COLUMN_REFUND_FEN 16

/* Custom attributes by their type. */
struct custom {
    str key, type;
};
typedef VEC(struct custom) custom_list;

/* Room in a person's list: the columns, the average, one a definition, consents. */
static size_t attrs_max(const custom_list *custom)
{
    return COUNT(columns) + 1 + custom->n + CONSENTS_MAX;
}

static bool day_told(const struct json *j, i64 *ret)
{
    day d;
    if (j->kind != JSON_STRING || !day_read(j->text, &d))
        return false;
    *ret = d.n;
    return true;
}

static void list_told(struct arena *a, const struct json *j, struct person_attr *ret)
{
    ret->texts = NEW_N(a, str, j->count);
    for (const struct json *m = j->first; m; m = m->next) {
        bool there = m->kind != JSON_STRING;
        for (size_t i = 0; !there && i < ret->text_count; i++)
            there = str_eq(ret->texts[i], m->text);
        if (!there)
            ret->texts[ret->text_count++] = m->text;
    }
}

static void custom_told(struct arena *a, const custom_list *custom, str attrs, struct person *p)
{
    struct json_error bad;
    const struct json *all = attrs.len > 2 ? json_read(a, attrs, &bad) : NULL;
    for (size_t i = 0; all && i < custom->n; i++) {
        const struct json *j = json_find(all, custom->at[i].key);
        str type = custom->at[i].type;
        struct person_attr told = { .name = custom->at[i].key, .kind = ATTR_TEXT };
        bool there = false;
        if (!j)
            continue;
        if (str_is(type, "number") || str_is(type, "money")) {
            told.kind = ATTR_NUMBER;
            there = j->kind == JSON_NUMBER && query_number_read(j->text, &told.number);
        } else if (str_is(type, "bool")) {
            told.kind = ATTR_BOOL;
            there = j->kind == JSON_BOOL;
            told.number = j->yes;
        } else if (str_is(type, "date")) {
            told.kind = ATTR_DAY;
            there = day_told(j, &told.number);
        } else if (str_is(type, "choices")) {
            told.kind = ATTR_LIST;
            if ((there = j->kind == JSON_ARRAY))
                list_told(a, j, &told);
        } else if ((there = j->kind == JSON_STRING && j->text.len)) {
            told.text = j->text;
        }
        if (there)
            p->attrs[p->attr_count++] = told;
    }
}

static void one_told(struct arena *a, const struct rows *r, const custom_list *custom,
                     struct person *p)
{
    *p = (struct person) { .id = col_id(r, 0),
                           .attrs = NEW_N(a, struct person_attr, attrs_max(custom)) };
    for (size_t i = 0; i < COUNT(columns); i++) {
        const struct told *c = &columns[i];
        int column = (int)i + 1;
        struct person_attr told = { .name = str_of(c->name), .kind = c->kind };
        if (i == COLUMN_ATTRS) {
            custom_told(a, custom, arena_str(a, col_str(r, column)), p);
            continue;
        }
        /* Who never bought has bought nought times, not an unknown number. */
        bool counted = i >= COLUMN_ORDERS && i <= COLUMN_REFUND_FEN && c->kind == ATTR_NUMBER;
        if (col_null(r, column) && !counted)
            continue;
        if (c->kind == ATTR_TEXT)
            told.text = arena_str(a, col_str(r, column));
        else
            told.number = col_null(r, column) ? 0 : col_i64(r, column);
        if (c->kind == ATTR_NUMBER)
            told.number = c->parts ? (told.number * QUERY_NUMBER_SCALE + c->parts / 2) / c->parts
                                   : told.number * QUERY_NUMBER_SCALE;
        p->attrs[p->attr_count++] = told;
    }
    i64 count = col_null(r, COLUMN_ORDERS + 1) ? 0 : col_i64(r, COLUMN_ORDERS + 1);
    if (count > 0) /* of fen, rounded down as in lists */
        p->attrs[p->attr_count++] = (struct person_attr) { .name = S("order.average"),
                                                           .kind = ATTR_NUMBER,
                                                           .number = col_i64(r, COLUMN_ORDERS + 2) /
                                                                     count * QUERY_NUMBER_SCALE };
}

/* Goes along with the rows of a statement that are ordered by person as the list is. */
static struct person *person_at(person_list *people, size_t *at, i64 id)
{
    while (*at < people->n && people->at[*at].id < id)
        (*at)++;
    return *at < people->n && people->at[*at].id == id ? &people->at[*at] : NULL;
}

static void set_add(struct arena *a, struct person *p, str name, str key)
{
    for (size_t i = 0; i < p->set_count; i++)
        if (str_eq(p->sets[i].name, name) && str_eq(p->sets[i].key, key))
            return;
    if (!(p->set_count & (p->set_count - 1)) || !p->sets) { /* room grows by doubling */
        struct person_set *more = NEW_N(a, struct person_set, MAX(2 * p->set_count, 1));
        if (p->set_count)
            memcpy(more, p->sets, p->set_count * sizeof *more);
        p->sets = more;
    }
    p->sets[p->set_count++] = (struct person_set) { name, key };
}

/* Rows of a person and a number, as members of sets of that family. */
static enum err numbered_sets(struct ctx *cx, struct sql *sql, const char *family, i64 first,
                              i64 last, person_list *people)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t at = 0;
    struct person *p;
    TRY(db_query(cx->db, sql, &r, BINDS(V(first), V(last))));
    while (rows_next(&r))
        if ((p = person_at(people, &at, col_id(&r, 0))))
            set_add(cx->arena, p, str_of(family),
                    arena_fmt(cx->arena, "%lld", (long long)col_id(&r, 1)));
    return rows_end(&r);
}

static enum err sets_load(struct ctx *cx, i64 first, i64 last, person_list *people)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t at = 0;
    struct person *p;
    TRY(numbered_sets(cx, &SQL_insight_tags, "tag", first, last, people));
    TRY(numbered_sets(cx, &SQL_insight_lists, "list", first, last, people));
    TRY(sql_query(cx, insight_identities, &r, V(first), V(last)));
    while (rows_next(&r))
        if ((p = person_at(people, &at, col_id(&r, 0))))
            set_add(cx->arena, p, S("identity"), arena_str(cx->arena, col_str(&r, 1)));
    return rows_end(&r);
}

static enum err consents_load(struct ctx *cx, i64 first, i64 last, size_t most, person_list *people)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    size_t at = 0;
    struct person *p;
    TRY(sql_query(cx, insight_consents, &r, V(first), V(last)));
    while (rows_next(&r))
        if ((p = person_at(people, &at, col_id(&r, 0))) && p->attr_count < most)
            p->attrs[p->attr_count++] =
                (struct person_attr) { .name = arena_fmt(cx->arena, "consent.%.*s",
                                                         STR_ARG(col_str(&r, 1))),
                                       .kind = ATTR_TEXT,
                                       .text = arena_str(cx->arena, col_str(&r, 2)) };
    return rows_end(&r);
}

static enum err custom_load(struct ctx *cx, custom_list *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, insight_attributes, &r));
    while (rows_next(&r)) {
        bool taken = false; /* by a column, which is what a question of that name means */
        for (size_t i = 0; i < COUNT(columns); i++)
            taken |= columns[i].name && str_is(col_str(&r, 0), columns[i].name);
        if (taken)
            continue;
        *vec_push(cx->arena, ret) = (struct custom) { arena_str(cx->arena, col_str(&r, 0)),
                                                      arena_str(cx->arena, col_str(&r, 1)) };
    }
    return rows_end(&r);
}

enum err people_load(struct ctx *cx, i64 first, i64 last, person_list *ret, i64 *ret_next)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    custom_list custom = { 0 };
    person_list people = { 0 };
    TRY(custom_load(cx, &custom));
    TRY(sql_query(cx, insight_people, &r, V(first), V(last), V(PEOPLE_PAGE)));
    while (rows_next(&r))
        one_told(cx->arena, &r, &custom, vec_push(cx->arena, &people));
    TRY(rows_end(&r));
    *ret_next = 0;
    if (people.n == PEOPLE_PAGE)
        *ret_next = 1 + (last = people.at[people.n - 1].id);
    TRY(sets_load(cx, first, last, &people));
    TRY(consents_load(cx, first, last, attrs_max(&custom), &people));
    for (size_t i = 0; i < people.n; i++)
        *vec_push(cx->arena, ret) = people.at[i];
    return OK;
}
