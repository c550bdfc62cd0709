/* Members of profile, overlap and diagnosis. */
#include "engine/query_internal.h"

bool names_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct names *n = to;
    if (j->kind != JSON_ARRAY || j->count > QUERY_NAMES_MAX)
        return bad(r, p, "a list of at most 20 names is expected", "这里应是最多 20 个名称的列表");
    n->at = NEW_N(r->a, str, j->count);
    for (const struct json *m = j->first; m; m = m->next) {
        struct place at = { p, STR_NONE, n->count };
        if (!text_read(r, &at, m, &n->at[n->count]))
            return false;
        for (size_t i = 0; i < n->count; i++)
            if (str_eq(n->at[i], n->at[n->count]))
                return bad(r, &at, "it is there twice", "重复了");
        n->count++;
    }
    return true;
}

bool overlap_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    struct overlap *o = to;
    if (j->kind != JSON_ARRAY || !j->count || j->count > QUERY_OVERLAP_MAX)
        return bad(r, p, "a list of 1 to 20 conditions on people is expected",
                   "这里应是 1 到 20 组人群条件的列表");
    o->of = NEW_N(r->a, struct people *, j->count);
    for (const struct json *m = j->first; m; m = m->next) {
        struct place at = { p, STR_NONE, o->count };
        if (!people_member(r, &at, m, &o->of[o->count++]))
            return false;
    }
    return true;
}
