/* Paths. The facts of a person that are told make an array, and runs of it one node each; aligned
 * with the runs stands how many paths are there at level 0, and shifted by one run how many are at
 * level 1, and so on. So the work is linear in facts and levels, however many paths there are. */
#include "base/base.h"
#include "engine/clickhouse_internal.h"
#include "engine/paths.h"

/* person, f: (time, sequence number, begins a path, type, kind, number, text of the property) in
 * the order of the path. */
static str facts_of(struct sql *s)
{
    static const char *const names[] = { "k", "n", "s" };
    const struct paths *x = &s->q->paths;
    const char *sign = x->backwards ? "0 - " : "";
    const struct match told[] = { { x->among.types, x->among.type_count },
                                  { x->match.types, x->match.type_count } };
    long long since = s->q->since.ms, until = s->q->until.ms, now = s->now.ms;
    struct column c[3] = { { "k", S("toUInt8(0)") }, { "n", S("toInt64(0)") }, { "s", S("''") } };
    struct strbuf sb;
    struct sql inner = *s;
    if (x->by.len)
        value_columns(s->a, x->by, names, c);
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    inner.sb = &sb;
    out_fmt(&sb,
            "SELECT person, arraySort(groupArray((t, q, started, type, k, n, s))) AS f FROM "
            "(SELECT person, %sat_ms AS t, %sseq AS q, toUInt8(at_ms >= %lld AND at_ms < %lld AND "
            "%.*s) AS started, type",
            sign, sign, since, until, STR_ARG(match_text(s->a, &x->match)));
    for (size_t i = 0; i < COUNT(c); i++)
        out_fmt(&sb, ", %.*s AS %s", STR_ARG(c[i].expression), c[i].name);
    out_fmt(&sb, " FROM " LIVE_FACTS " AND at_ms <= %lld AND at_ms %s %lld", now,
            x->backwards ? "<" : ">=", x->backwards ? until : since);
    if (x->among.type_count)
        out_fmt(&sb, " AND %.*s", STR_ARG(any_text(s->a, told, COUNT(told))));
    out_people_filter(&inner);
    out_z(&sb, ") GROUP BY person HAVING sum(started) > 0");
    return sql_done(&sb);
}

/* person, node, next: (type, kind, number, text) of each run and of the one behind it; apart: the
 * run is too far from the one before; begun: paths that begin in it. */
static str runs_of(struct sql *s)
{
    const struct paths *x = &s->q->paths;
    str from = facts_of(s), begun = S("arrayMap(one -> toInt64(one.3), f)");
    if (!x->every) /* the first in time */
        begun = arena_fmt(s->a, "arrayMap((one, place) -> toInt64(one.3 > 0 AND place = 1), f, %s)",
                          x->backwards ? "arrayReverse(arrayCumSum(arrayReverse(arrayMap(one -> "
                                         "one.3, f))))"
                                       : "arrayCumSum(arrayMap(one -> one.3, f))");
    str far = x->gap_ms ? arena_fmt(s->a, "one.1 - before > %lld", (long long)x->gap_ms) : S("0");
    from = arena_fmt(s->a,
                     "SELECT person, f, arrayCumSum(%.*s) AS sums, arrayMap((one, before, place) "
                     "-> toUInt8(place > 1 AND %.*s), f, %.*s, arrayEnumerate(f)) AS gaps FROM "
                     "(%.*s)",
                     STR_ARG(begun), STR_ARG(far),
                     STR_ARG(shifted(s->a, "arrayMap(one -> one.1, f)")), STR_ARG(from));
    /* the sum before each run's first fact is taken from that before the next one's */
    from = arena_fmt(
        s->a,
        "SELECT person, sums[length(sums)] AS total, arrayFilter(run -> run.6 > 0, arrayMap((one, "
        "last, gap, before, place) -> (one.4, one.5, one.6, one.7, gap, toUInt8(%s), before), f, "
        "arrayPopBack(arrayPushFront(f, f[1])), gaps, %.*s, arrayEnumerate(f))) AS runs FROM "
        "(%.*s)",
        x->collapse ? "place = 1 OR gap > 0 OR one.4 != last.4 OR one.5 != last.5 OR one.6 != "
                      "last.6 OR one.7 != last.7"
                    : "1",
        STR_ARG(shifted(s->a, "sums")), STR_ARG(from));
    return arena_fmt(
        s->a,
        "SELECT person, arrayMap(run -> (run.1, run.2, run.3, run.4), runs) AS node, "
        "arrayPopFront(arrayPushBack(node, node[1])) AS next, arrayMap(run -> run.5, runs) AS "
        "apart, arrayMap((run, after) -> after - run.7, runs, "
        "arrayPopFront(arrayPushBack(arrayMap(run -> run.7, runs), total))) AS begun FROM (%.*s)",
        STR_ARG(from));
}

/* person, level, a1 … a4: a node, onward: whether it goes on, b1 … b4: to where, paths. At level -1
 * all of a person's. */
static str steps_of(struct sql *s)
{
    const struct paths *x = &s->q->paths;
    str there = S("begun");
    struct strbuf sb;
    strbuf_init(&sb, s->a, CLICKHOUSE_SQL_MAX);
    out_z(&sb, "SELECT person, arrayConcat([(toInt64(-1), ('', toUInt8(0), toInt64(0), ''), "
               "toUInt8(0), ('', toUInt8(0), toInt64(0), ''), toInt64(arraySum(begun)))]");
    for (size_t level = 0; level < x->levels; level++) {
        out_fmt(&sb,
                ", arrayFilter(step -> step.5 > 0, arrayMap((one, other, far, paths) -> "
                "(toInt64(%zu), one, toUInt8(%s), other, toInt64(paths)), node, next, "
                "arrayPopFront(arrayPushBack(apart, toUInt8(1))), %.*s))",
                level, level + 1 < x->levels ? "far = 0" : "0", STR_ARG(there));
        there = arena_fmt(s->a,
                          "arrayMap((paths, far) -> if(far > 0, toInt64(0), toInt64(paths)), "
                          "arrayPopBack(arrayPushFront(%.*s, toInt64(0))), apart)",
                          STR_ARG(there));
    }
    out_fmt(&sb, ") AS steps FROM (%.*s)", STR_ARG(runs_of(s)));
    return arena_fmt(s->a,
                     "SELECT person, step.1 AS level, step.2.1 AS a1, step.2.2 AS a2, step.2.3 AS "
                     "a3, step.2.4 AS a4, step.3 AS onward, step.4.1 AS b1, step.4.2 AS b2, "
                     "step.4.3 AS b3, step.4.4 AS b4, step.5 AS paths FROM (%.*s) ARRAY JOIN steps "
                     "AS step",
                     STR_ARG(sql_done(&sb)));
}

/* The nodes of each level that are told by name: level (and so much more), the name, its place from
 * 1. */
static str tops(struct sql *s, str steps, int more, char name, const char *place)
{
    return arena_fmt(s->a,
                     "SELECT level + %d AS level, one.2 AS %c1, one.3 AS %c2, one.4 AS %c3, one.5 "
                     "AS %c4, toInt64(at) AS %s FROM (SELECT level, "
                     "arraySlice(arraySort(groupArray((0 - total, a1, a2, a3, a4))), 1, %zu) AS "
                     "best FROM (SELECT level, a1, a2, a3, a4, sum(paths) AS total FROM (%.*s) "
                     "WHERE level >= 0 GROUP BY level, a1, a2, a3, a4) GROUP BY level) ARRAY JOIN "
                     "best AS one, arrayEnumerate(best) AS at",
                     more, name, name, name, name, place, s->q->paths.top, STR_ARG(steps));
}

/* Level, place of the node (0: it is not told by name), its name, place of the next one (-1: there
 * is none), paths. At level -1 people instead of paths. */
void out_paths(struct sql *s)
{
    str steps = steps_of(s);
    str from = arena_fmt(s->a,
                         "SELECT person, level, a1, a2, a3, a4, onward, b1, b2, b3, b4, paths, "
                         "from_place FROM (%.*s) AS steps ALL LEFT JOIN (%.*s) AS here USING "
                         "level, a1, a2, a3, a4",
                         STR_ARG(steps), STR_ARG(tops(s, steps, 0, 'a', "from_place")));
    from = arena_fmt(
        s->a,
        "SELECT person, level, a1, a2, a3, a4, onward, b1, b2, b3, b4, paths, from_place, "
        "to_place FROM (%.*s) AS steps ALL LEFT JOIN (%.*s) AS there USING level, b1, b2, b3, "
        "b4",
        STR_ARG(from), STR_ARG(tops(s, steps, -1, 'b', "to_place")));
    if (s->q->behind.asked) {
        out_behind(s, behind_paths_text(s), from);
        return;
    }
    from = arena_fmt(s->a,
                     "SELECT person, level, from_place, if(from_place > 0, a1, '') AS c1, "
                     "if(from_place > 0, a2, toUInt8(0)) AS c2, if(from_place > 0, a3, toInt64(0)) "
                     "AS c3, if(from_place > 0, a4, '') AS c4, if(onward > 0, to_place, "
                     "toInt64(-1)) AS goes, paths FROM (%.*s)",
                     STR_ARG(from));
    out_fmt(s->sb,
            "SELECT level, from_place, c1, c2, c3, c4, goes, if(level < 0, "
            "toInt64(uniqExactIf(person, level < 0)), sum(paths)) FROM (%.*s) GROUP BY level, "
            "from_place, c1, c2, c3, c4, goes",
            STR_ARG(from));
}

enum err paths_rows(struct rows *r, struct result *ret)
{
    const struct paths *x = &r->q->paths;
    struct path_counts c = path_counts_new(r->a, r->q);
    i64 levels = (i64)x->levels, top = (i64)x->top;
    while (row_next(r)) {
        i64 level = row_i64(r), from = row_i64(r);
        struct path_name name = { .type = row_text(r) };
        name.key = row_key(r);
        i64 to = row_i64(r), paths = row_i64(r);
        if (r->bad || level < -1 || level >= levels || from < 0 || from > top || to < -1 ||
            to > top)
            return ERR_INVALID;
        if (level == -1) {
            c.people = paths;
            continue;
        }
        if (from)
            c.names[level * top + from - 1] = name;
        /* places from 1, and behind them that of the others */
        c.paths[path_cell(x, (size_t)level, (size_t)(from ? from - 1 : top),
                          to < 0 ? path_end(x) : (size_t)(to ? to - 1 : top))] += paths;
    }
    paths_shown(r->a, r->q, &c, &ret->paths);
    return OK;
}
