#include "engine/query_internal.h"

static bool one_end(struct reader *r, const struct place *p, const struct json *j, struct paths *x,
                    bool backwards)
{
    if (x->match.type_count)
        return bad(r, p, "either \"from\" or \"to\"", "from 与 to 只能用一种");
    x->backwards = backwards;
    return match_read(r, p, j, &x->match);
}

static bool from_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return one_end(r, p, j, to, false);
}

static bool to_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    return one_end(r, p, j, to, true);
}

static bool levels_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    i64 n = 0;
    bool ok = whole_read(r, p, j, 2, QUERY_LEVELS_MAX, &n);
    *(size_t *)to = (size_t)n;
    return ok;
}

static bool top_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    i64 n = 0;
    bool ok = whole_read(r, p, j, 1, QUERY_TOP_MAX, &n);
    *(size_t *)to = (size_t)n;
    return ok;
}

static bool paths_check(struct reader *r, const struct query *q)
{
    return q->paths.match.type_count ||
           bad(r, NULL, "paths have a \"from\" or a \"to\"", "路径需要 from 或 to");
}

static const struct member paths_members[] = {
    REPORT_MEMBERS,
    { "behind", behind_paths_read },
    { "from", from_read, IN_QUERY(paths) },
    { "to", to_read, IN_QUERY(paths) },
    { "among", types_read, IN_QUERY(paths.among) },
    { "by", text_read, IN_QUERY(paths.by) },
    { "levels", levels_read, IN_QUERY(paths.levels) },
    { "top", top_read, IN_QUERY(paths.top) },
    { "every", bool_read, IN_QUERY(paths.every) },
    { "collapse", bool_read, IN_QUERY(paths.collapse) },
    { "gap", window_span_read, IN_QUERY(paths.gap_ms) },
};
const struct kind_row paths_row = { "paths", QUERY_PATHS, paths_members, COUNT(paths_members),
                                    paths_check };
