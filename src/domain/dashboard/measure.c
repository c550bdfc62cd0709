#include "domain/dashboard/measure.h"

#include "dashboard.sql.h"

#define FIGURE(key_, unit_, over_, under_, condition_, ...) \
    [FIGURE_##key_] = { #key_, UNIT_##unit_, PART_##over_, PART_##under_, condition_, __VA_ARGS__ },
const struct figure_row figure_rows[FIGURE_COUNT] = {
#include "domain/dashboard/figure.def"
};
#undef FIGURE

const char *const figure_units[] = { "count", "money_fen", "share", NULL };

uint32_t figure_parts(const struct figure_row *f)
{
    return 1u << f->over | 1u << f->under;
}

f64 figure_value(const struct figure_row *f, const struct measure *m)
{
    i64 over = m->parts[f->over], under = m->parts[f->under];
    if (!under)
        return __builtin_nan("");
    if (f->unit == UNIT_SHARE)
        return (f64)over / (f64)under;
    /* Money is whole hundredths: half away from zero. */
    return (f64)((over + (over < 0 ? -under : under) / 2) / under);
}

str figure_condition(struct arena *a, const struct figure_row *f, struct span s)
{
    struct strbuf text;
    if (!f->condition)
        return STR_NONE;
    strbuf_init(&text, a, 4096);
    for (str rest = str_of(f->condition); rest.len;) {
        bool from = str_starts(rest, S("$from")), to = str_starts(rest, S("$to"));
        size_t taken = from ? 5 : to ? 3 : 1;
        if (!from && !to) {
            out_c(&text, rest.ptr[0]);
        } else {
            out_c(&text, '"');
            out_instant(&text, from ? s.from : s.to);
            out_c(&text, '"');
        }
        rest = (str) { rest.ptr + taken, rest.len - taken };
    }
    return strbuf_str(&text);
}

/* Each statement answers some parts next to each other; $1 and $2 are the span. */
static const struct {
    struct sql *sql;
    enum part first;
    int count;
} statements[] = {
    { &SQL_dashboard_joined, PART_JOINED, 1 }, { &SQL_dashboard_lost, PART_LOST, 1 },
    { &SQL_dashboard_orders, PART_ORDERS, 3 }, { &SQL_dashboard_refunds, PART_REFUNDED, 1 },
    { &SQL_dashboard_buyers, PART_BUYERS, 4 },
};

/* Everybody is counted once; another instant's number differs by those between. */
static enum err known_at(struct ctx *cx, struct known_people *known, instant at, i64 *ret)
{
    i64 between = 0;
    if (!known->any)
        TRY(sql_i64(cx, dashboard_known, &known->people, V(at)));
    else if (at.ms > known->at.ms)
        TRY(sql_i64(cx, dashboard_joined, &between, V(known->at), V(at)));
    else if (at.ms < known->at.ms)
        TRY(sql_i64(cx, dashboard_joined, &between, V(at), V(known->at)));
    known->people += at.ms < known->at.ms && known->any ? -between : between;
    known->any = true;
    known->at = at;
    *ret = known->people;
    return OK;
}

enum err measure_span(struct ctx *cx, struct span s, uint32_t wanted, struct known_people *known,
                      struct measure *ret)
{
    *ret = (struct measure) { .parts[PART_ONE] = 1 };
    if (wanted >> PART_PEOPLE & 1)
        TRY(known_at(cx, known, s.to, &ret->parts[PART_PEOPLE]));
    for (size_t i = 0; i < COUNT(statements); i++) {
        struct rows r CLEANUP(rows_close) = { 0 };
        uint32_t mine = ((1u << statements[i].count) - 1) << statements[i].first;
        if (!(wanted & mine))
            continue;
        TRY(db_query(cx->db, statements[i].sql, &r, BINDS(V(s.from), V(s.to))));
        bool any = rows_next(&r);
        for (int k = 0; any && k < statements[i].count; k++)
            ret->parts[(int)statements[i].first + k] = col_id(&r, k);
        TRY(rows_end(&r));
    }
    return OK;
}
