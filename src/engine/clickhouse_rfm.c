/* Scores: a row for each person, from which rfm_cells.h makes the answer. */
#include "base/base.h"
#include "base/vec.h"
#include "engine/clickhouse_internal.h"
#include "engine/rfm_cells.h"

#define WORTH_SQL                                          \
    "sumIf(toDecimal128(n, 0), bought AND k = 2) - sumIf(" \
    "toDecimal128(abs(n), 0), refund AND k = 2)"

/* Person, their last fact, how many, their worth. */
void out_rfm(struct sql *s)
{
    static const char *const names[] = { "k", "n", "s" };
    const struct query *q = s->q;
    struct column c[3];
    struct strbuf *sb = s->sb;
    bool back = q->rfm.refund.type_count > 0;
    str bought = match_text(s->a, &q->rfm.match),
        refund = back ? match_text(s->a, &q->rfm.refund) : S("0");
    out_fmt(sb,
            "SELECT person, maxIf(at_ms, bought), countIf(bought), %s FROM (SELECT person, at_ms, "
            "%.*s AS bought, %.*s AS refund",
            SUM_SHOWN(WORTH_SQL), STR_ARG(bought), STR_ARG(refund));
    if (q->rfm.value.len) {
        value_columns(s->a, q->rfm.value, names, c);
        for (size_t i = 0; i < 2; i++)
            out_fmt(sb, ", %.*s AS %s", STR_ARG(c[i].expression), c[i].name);
    } else {
        out_z(sb, ", toUInt8(0) AS k, toInt64(0) AS n");
    }
    out_fmt(sb,
            " FROM " LIVE_FACTS " AND at_ms >= %lld AND at_ms < %lld AND at_ms <= %lld AND (%.*s "
            "OR %.*s)",
            (long long)q->since.ms, (long long)q->until.ms, (long long)s->now.ms, STR_ARG(bought),
            STR_ARG(refund));
    out_people_filter(s);
    out_z(sb, ") GROUP BY person HAVING countIf(bought) > 0");
}

enum err rfm_rows(struct rows *r, struct result *ret)
{
    VEC(struct rfm_person) people = { 0 };
    while (row_next(r)) {
        i64 person = row_i64(r), last = row_i64(r), facts = row_i64(r), worth = row_i64(r);
        *vec_push(r->a, &people) = (struct rfm_person) {
            .person = person, .last_ms = last, .frequency = (int32_t)facts, .worth = worth
        };
    }
    rfm_answer(r->a, r->q, r->now, people.at, people.n, ret);
    return OK;
}
