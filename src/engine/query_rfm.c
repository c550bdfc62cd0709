#include "engine/query_internal.h"

#define CUT_MAX INT64_C(1000000000) /* of days and of facts */

static bool cuts_one(struct reader *r, const struct place *p, const struct json *j,
                     enum rfm_figure figure, struct rfm_asked *to)
{
    size_t n = 0;
    if (j->kind != JSON_ARRAY || j->count != RFM_CUTS)
        return bad(r, p, "four numbers are expected", "这里应是 4 个数");
    for (const struct json *m = j->first; m; m = m->next, n++) {
        struct place at = { p, STR_NONE, n };
        i64 *cut = &to->cuts[figure][n];
        if (figure == RFM_M && (m->kind != JSON_NUMBER || !query_number_read(m->text, cut)))
            return bad(r, &at, "a number is expected", "这里应是数字");
        if (figure != RFM_M && !whole_read(r, &at, m, 0, CUT_MAX, cut))
            return false;
        if (n && *cut < cut[-1])
            return bad(r, &at, "cut points rise", "分界点应从小到大");
    }
    to->fixed[figure] = true;
    return true;
}

#define CUTS_OF(name, figure)                                                                 \
    static bool name(struct reader *r, const struct place *p, const struct json *j, void *to) \
    {                                                                                         \
        return cuts_one(r, p, j, figure, to);                                                 \
    }
CUTS_OF(r_cuts, RFM_R)
CUTS_OF(f_cuts, RFM_F)
CUTS_OF(m_cuts, RFM_M)

static bool cuts_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = { { "r", r_cuts }, { "f", f_cuts }, { "m", m_cuts } };
    return OBJECT(r, p, j, members, to);
}

static bool score_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    i64 n = 0;
    bool ok = whole_read(r, p, j, 1, RFM_SCORE_MAX, &n);
    *(int *)to = (int)n;
    return ok;
}

static bool class_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    for (int class = 0; j->kind == JSON_STRING && class < RFM_CLASSES; class ++)
        if (str_is(j->text, rfm_class_key(class))) {
            *(i64 *)to = class;
            return true;
        }
    return bad(r, p, "a class is three digits, 0 or 1", "这里应是三位 0 或 1 的分类");
}

static bool behind_rfm_read(struct reader *r, const struct place *p, const struct json *j, void *to)
{
    static const struct member members[] = {
        { "r", score_read, offsetof(struct behind, scores[RFM_R]) },
        { "f", score_read, offsetof(struct behind, scores[RFM_F]) },
        { "m", score_read, offsetof(struct behind, scores[RFM_M]) },
        { "class", class_read, offsetof(struct behind, class) },
    };
    return OBJECT(r, p, j, members, behind_of(to));
}

static bool rfm_check(struct reader *r, const struct query *q)
{
    return q->rfm.match.type_count || bad(r, NULL, "it has an \"of\"", "这里需要 of");
}

static const struct member rfm_members[] = {
    REPORT_MEMBERS,
    { "behind", behind_rfm_read },
    { "of", match_read, IN_QUERY(rfm.match) },
    { "value", text_read, IN_QUERY(rfm.value) },
    { "refund", match_read, IN_QUERY(rfm.refund) },
    { "cuts", cuts_read, IN_QUERY(rfm) },
};
const struct kind_row rfm_row = { "rfm", QUERY_RFM, rfm_members, COUNT(rfm_members), rfm_check };
