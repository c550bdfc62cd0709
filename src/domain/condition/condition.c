/* Reading descriptions. */
#include "domain/condition/internal.h"

#include <math.h>

#include "base/time.h"
#include "core/app.h"
#include "core/reply.h"

#include "condition.sql.h"

const struct attribute_row attribute_rows[FIG_COUNT] = {
    [FIG_NAME] = { LEAF_ATTR, "name", TYPE_TEXT, "c.name", "姓名", "Name", .index = "c.name" },
    [FIG_GENDER] = { LEAF_ATTR, "gender", TYPE_TEXT, "c.gender", "性别", "Gender" },
    [FIG_CITY] = { LEAF_ATTR, "city", TYPE_TEXT, "c.city", "城市", "City", .index = "c.city" },
    [FIG_CHANNEL] = { LEAF_ATTR, "channel", TYPE_TEXT, "c.channel", "来源渠道", "Channel" },
    [FIG_STAGE] = { LEAF_ATTR, "stage", TYPE_TEXT, "c.stage_id", "生命周期", "Stage",
                    .index = "c.stage_id" },
    [FIG_STAGE_SINCE] = { LEAF_ATTR, "stage_since", TYPE_INSTANT,
                          "(SELECT max(x.at) FROM stage_change x WHERE x.customer_id = c.id AND "
                          "x.to_id = c.stage_id)",
                          "进入当前阶段的时间", "In this stage since" },
    [FIG_DEPARTMENT] = { LEAF_ATTR, "department", TYPE_NUMBER, "c.department_id", "所属门店",
                         "Store", .index = "c.department_id" },
    [FIG_STAFF] = { LEAF_ATTR, "staff", TYPE_NUMBER, "c.staff_id", "专属员工", "Staff",
                    .index = "c.staff_id" },
    [FIG_BIRTHDAY] = { LEAF_ATTR, "birthday", TYPE_DAY, "c.birthday", "生日", "Birthday" },
    [FIG_AGE] = { LEAF_ATTR, "age", TYPE_NUMBER, NULL, "年龄", "Age" },
    [FIG_JOINED] = { LEAF_ATTR, "joined_at", TYPE_INSTANT, "c.joined_at", "首次接触时间",
                     "First contact", .index = "c.joined_at" },
    [FIG_SEEN] = { LEAF_ATTR, "seen_at", TYPE_INSTANT, "c.seen_at", "最近活跃时间", "Last activity",
                   .index = "coalesce(c.seen_at, 0)", .ends_list = true },
    [FIG_ORDER_COUNT] = { LEAF_ORDER, "count", TYPE_NUMBER, "coalesce(s.order_count, 0)", "订单数",
                          "Orders", .index = "s.order_count" },
    [FIG_ORDER_FEN] = { LEAF_ORDER, "amount", TYPE_NUMBER, "coalesce(s.order_fen, 0)", "消费金额",
                        "Spent", .index = "s.order_fen" },
    [FIG_ORDER_AVERAGE] = { LEAF_ORDER, "average", TYPE_NUMBER,
                            "CASE WHEN s.order_count > 0 THEN s.order_fen / s.order_count END",
                            "客单价", "Average order" },
    [FIG_ORDER_FIRST] = { LEAF_ORDER, "first", TYPE_INSTANT, "s.first_at", "首单时间",
                          "First order" },
    [FIG_ORDER_LAST] = { LEAF_ORDER, "last", TYPE_INSTANT, "s.last_at", "最近下单时间",
                         "Last order", .index = "coalesce(s.last_at, 0)", .ends_list = true },
    [FIG_REFUND_COUNT] = { LEAF_ORDER, "refund_count", TYPE_NUMBER, "coalesce(s.refund_count, 0)",
                           "退款次数", "Refunds" },
    [FIG_REFUND_FEN] = { LEAF_ORDER, "refund_amount", TYPE_NUMBER, "coalesce(s.refund_fen, 0)",
                         "退款金额", "Refunded" },
    [FIG_RFM_TIER] = { LEAF_RFM, "tier", TYPE_TEXT, "q.tier", "会员等级", "RFM tier",
                       .index = "q.tier" },
    [FIG_RFM_CLASS] = { LEAF_RFM, "class", TYPE_TEXT, "q.class", "RFM 类别", "RFM class",
                        .index = "q.class" },
    [FIG_RFM_R] = { LEAF_RFM, "r", TYPE_NUMBER, "q.r", "R 分", "R score", .index = "q.r" },
    [FIG_RFM_F] = { LEAF_RFM, "f", TYPE_NUMBER, "q.f", "F 分", "F score" },
    [FIG_RFM_M] = { LEAF_RFM, "m", TYPE_NUMBER, "q.m", "M 分", "M score" },
    [FIG_RFM_TOTAL] = { LEAF_RFM, "total", TYPE_NUMBER, "q.total", "RFM 总分", "RFM total" },
};

day years_before(day today, i64 years)
{
    int y, m, d;
    day_to_ymd(today, &y, &m, &d);
    y -= (int)years;
    if (y < 1)
        return day_from_ymd(1, 1, 1);
    return day_from_ymd(y, m, MIN(d, month_days(y, m)));
}

struct reader {
    struct ctx *cx;
    struct condition *out;
};

static enum err wrong(struct ctx *cx, str path, const char *zh, const char *en)
{
    return fail_with(cx, ERR_INVALID, path, BARE_PROPS(P("reason_zh", zh), P("reason", en)));
}

/* "90d", "12h", "4w", "6m" (30 days each), "1y" (365). */
static bool span_read(const struct json *j, i64 *ret_ms)
{
    i64 n;
    if (j->kind != JSON_STRING || j->text.len < 2)
        return false;
    char unit = j->text.ptr[j->text.len - 1];
    i64 ms = unit == 'h'   ? HOUR_MS
             : unit == 'd' ? DAY_MS
             : unit == 'w' ? 7 * DAY_MS
             : unit == 'm' ? 30 * DAY_MS
             : unit == 'y' ? 365 * DAY_MS
                           : 0;
    if (!ms || !str_to_i64(str_head(j->text, j->text.len - 1), &n) || n < 1 || n > 36500)
        return false;
    *ret_ms = n * ms;
    return true;
}

/* An instant, or the first one of a day. */
static bool time_read(const struct json *j, instant *ret)
{
    day d;
    if (j->kind != JSON_STRING)
        return false;
    if (!day_read(j->text, &d))
        return instant_read(j->text, ret);
    *ret = day_start(d);
    return true;
}

/* A value in the leaf's own unit. */
static bool number_read(const struct leaf *l, const struct json *j, f64 *ret)
{
    i64 n;
    day d;
    instant t;
    if (l->type == TYPE_DAY && j->kind == JSON_STRING && day_read(j->text, &d)) {
        *ret = (f64)d.n;
        return true;
    }
    if (l->type == TYPE_INSTANT && time_read(j, &t)) {
        *ret = (f64)t.ms;
        return true;
    }
    if (l->type != TYPE_NUMBER || j->kind != JSON_NUMBER)
        return false;
    if (l->kind == LEAF_CUSTOM)
        return str_to_f64(j->text, ret);
    if (!json_i64(j, &n))
        return false;
    *ret = (f64)n;
    return true;
}

static enum err values_read(struct reader *r, struct leaf *l, const struct json *j, str path)
{
    bool single = j->kind != JSON_ARRAY;
    size_t n = single ? 1 : j->count;
    f64 x;
    if (n == 0 || n > CONDITION_VALUES_MAX)
        return wrong(r->cx, path, "取值应为 1 到 500 个", "from 1 to 500 values are needed");
    l->texts = NEW_N(r->cx->arena, str, n);
    l->numbers = NEW_N(r->cx->arena, i64, n);
    for (const struct json *v = single ? j : j->first; v; v = single ? NULL : v->next) {
        bool text = l->type == TYPE_TEXT || l->type == TYPE_LIST, yes = l->type == TYPE_BOOL;
        if (text && v->kind == JSON_STRING)
            l->texts[l->count] = v->text;
        else if (yes && v->kind == JSON_BOOL)
            l->numbers[l->count] = v->yes;
        else if (!text && !yes && number_read(l, v, &x))
            l->numbers[l->count] = (i64)x;
        else
            return wrong(r->cx, path, "取值类型不符", "a value is not of this field's kind");
        if (!text && !yes && (f64)l->numbers[l->count] != x)
            return wrong(r->cx, path, "此处只能是整数", "only whole numbers can be equal");
        l->count++;
    }
    l->op = OP_IN;
    return OK;
}

static void negate(struct arena *a, struct node *n)
{
    struct node *inner = NEW(a, struct node);
    *inner = *n;
    inner->next = NULL;
    *n = (struct node) { .kind = NODE_NOT, .first = inner, .next = n->next };
}

static bool comparison(str key, int *ret)
{
    static const char *const names[] = { "gte", "lte", "gt", "lt" };
    for (int i = 0; i < 4; i++)
        if (str_is(key, names[i])) {
            *ret = i;
            return true;
        }
    return false;
}

/* One operator of a leaf: a copy of the leaf with that operator. Several in one object hold
 * together. */
static enum err operator_read(struct reader *r, const struct leaf *base, const struct json *m,
                              str path, struct node *ret)
{
    struct leaf *l = &ret->leaf;
    int which;
    f64 bound;
    *ret = (struct node) { .kind = NODE_LEAF, .leaf = *base };
    bool stage = l->kind == LEAF_ATTR && figure_of(l) == FIG_STAGE;
    bool text = l->type == TYPE_TEXT && !stage,
         time = l->type == TYPE_INSTANT || l->type == TYPE_DAY;
    l->low = l->high = NAN;
    if (str_is(m->key, "eq") || str_is(m->key, "in"))
        return values_read(r, l, m, path);
    if (str_is(m->key, "ne") || str_is(m->key, "not_in")) {
        TRY(values_read(r, l, m, path));
        negate(r->cx->arena, ret);
        return OK;
    }
    if (comparison(m->key, &which) && number_read(l, m, &bound)) {
        f64 step = l->kind == LEAF_CUSTOM && l->type == TYPE_NUMBER
                       ? 0
                       : 1; /* whole numbers: > 2 is ≥ 3 */
        l->op = OP_BETWEEN;
        if (which == 0 || which == 2)
            l->low = which == 0 ? bound : step > 0 ? bound + step : nextafter(bound, INFINITY);
        else
            l->high = which == 1 ? bound : step > 0 ? bound - step : nextafter(bound, -INFINITY);
        return OK;
    }
    if (str_is(m->key, "exists") && m->kind == JSON_BOOL) {
        l->op = OP_EXISTS;
        l->is = m->yes;
        return OK;
    }
    if ((str_is(m->key, "contains") || str_is(m->key, "starts")) && text &&
        m->kind == JSON_STRING && m->text.len) {
        l->op = str_is(m->key, "contains") ? OP_CONTAINS : OP_STARTS;
        l->texts = arena_copy(r->cx->arena, &m->text, sizeof m->text);
        l->count = 1;
        return OK;
    }
    bool within = str_is(m->key, "within"), before = str_is(m->key, "before"),
         next = str_is(m->key, "next");
    bool birthday = l->kind == LEAF_ATTR && figure_of(l) == FIG_BIRTHDAY;
    if (((within || before) && time && !birthday) || (next && birthday)) {
        if (!span_read(m, &l->span_ms) || (next && l->span_ms > 366 * DAY_MS))
            return wrong(r->cx, path, "时长应形如 30d、12h、4w、6m、1y",
                         "a length of time is written 30d, 12h, 4w, 6m or 1y");
        l->op = within ? OP_WITHIN : before ? OP_BEFORE : OP_NEXT;
        r->out->timed = true;
        return OK;
    }
    return fail_with(r->cx, ERR_UNKNOWN_FIELD, path, BARE_PROPS(P("name", m->key)));
}

static bool is_subject(str key)
{
    static const char *const subjects[] = { "attr",     "tag",     "order", "rfm",
                                            "identity", "consent", "is",    "below" };
    for (size_t i = 0; i < COUNT(subjects); i++)
        if (str_is(key, subjects[i]))
            return true;
    return false;
}

/* Of an order figure, `within` is the window it is counted in. */
static bool counts_within(const struct leaf *l)
{
    enum figure f = figure_of(l);
    return f == FIG_ORDER_COUNT || f == FIG_ORDER_FEN || f == FIG_ORDER_AVERAGE ||
           f == FIG_REFUND_COUNT || f == FIG_REFUND_FEN;
}

bool leaf_window(const struct leaf *l, instant now, i64 *ret_from_ms, i64 *ret_to_ms)
{
    if (l->kind != LEAF_ORDER || !counts_within(l) || (!l->span_ms && !l->since.ms && !l->until.ms))
        return false;
    *ret_from_ms = l->span_ms ? now.ms - l->span_ms : l->since.ms - 1;
    *ret_to_ms = l->until.ms && l->until.ms <= now.ms ? l->until.ms - 1 : now.ms;
    return true;
}

static bool is_window(str key)
{
    return str_is(key, "within") || str_is(key, "since") || str_is(key, "until");
}

static enum err window_read(struct reader *r, struct leaf *l, const struct json *j, str path)
{
    const struct json *within = json_get(j, "within"), *since = json_get(j, "since"),
                      *until = json_get(j, "until");
    if (within && !span_read(within, &l->span_ms))
        return wrong(r->cx, path, "时长应形如 30d、12h、4w、6m、1y",
                     "a length of time is written 30d, 12h, 4w, 6m or 1y");
    if (within && (since || until))
        return wrong(r->cx, path, "within 不能与 since、until 同用",
                     "within goes with neither since nor until");
    if ((since && !time_read(since, &l->since)) || (until && !time_read(until, &l->until)))
        return wrong(r->cx, path, "since 与 until 应为日期或时间",
                     "since and until are days or instants");
    if (until && !l->until.ms) /* 1970 itself, which is no instant: nothing is before it */
        l->until.ms = 1;
    r->out->timed = r->out->timed || within;
    return OK;
}

static enum err below_read(struct reader *r, struct leaf *l)
{
    VEC(i64) ids = { 0 };
    for (size_t i = 0; i < l->count; i++) {
        struct rows rows CLEANUP(rows_close) = { 0 };
        TRY(sql_query(r->cx, condition_below, &rows, V(l->numbers[i])));
        while (rows_next(&rows))
            *vec_push(r->cx->arena, &ids) = col_id(&rows, 0);
        TRY(rows_end(&rows));
    }
    l->numbers = ids.at;
    l->count = ids.n;
    return OK;
}

static enum err operators_read(struct reader *r, struct leaf *base, const struct json *j, str path,
                               struct node *ret)
{
    struct node all = { .kind = NODE_ALL }, **link = &all.first;
    bool windowed = base->kind == LEAF_ORDER && counts_within(base);
    const struct json *below = json_get(j, "below");
    if (windowed)
        TRY(window_read(r, base, j, path));
    if (base->kind == LEAF_ATTR && figure_of(base) == FIG_AGE)
        r->out->timed = true;
    for (const struct json *m = j->first; m; m = m->next) {
        if (is_subject(m->key) || (windowed && is_window(m->key)))
            continue;
        struct node *n = NEW(r->cx->arena, struct node);
        TRY(operator_read(r, base, m, path, n));
        struct leaf *l = n->kind == NODE_NOT ? &n->first->leaf : &n->leaf;
        if (below && below->kind == JSON_BOOL && below->yes && base->kind == LEAF_ATTR &&
            figure_of(base) == FIG_DEPARTMENT && l->op == OP_IN)
            TRY(below_read(r, l));
        *link = n;
        link = &n->next;
    }
    if (!all.first)
        return wrong(r->cx, path, "缺少比较方式", "a comparison is missing");
    *ret = all.first->next ? all : *all.first;
    ret->next = NULL;
    return OK;
}

static enum err custom_read(struct reader *r, str key, str path, struct leaf *ret)
{
    struct rows rows CLEANUP(rows_close) = { 0 };
    TRY(sql_query(r->cx, condition_attribute, &rows, V(key)));
    bool any = rows_next(&rows);
    str type = any ? arena_str(r->cx->arena, col_str(&rows, 0)) : STR_NONE;
    TRY(rows_end(&rows));
    if (!any)
        return fail_with(r->cx, ERR_UNKNOWN_FIELD, path, BARE_PROPS(P("name", key)));
    ret->kind = LEAF_CUSTOM;
    ret->key = key;
    ret->type = str_is(type, "number") || str_is(type, "money") ? TYPE_NUMBER
                : str_is(type, "bool")                          ? TYPE_BOOL
                : str_is(type, "choices")                       ? TYPE_LIST
                : str_is(type, "date")                          ? TYPE_DAY
                                                                : TYPE_TEXT;
    return OK;
}

static enum err figure_read(struct reader *r, enum leaf_kind kind, const struct json *key,
                            const struct json *j, str path, struct node *ret)
{
    struct leaf l = { .kind = kind, .source = { NULL, 0 } };
    if (key->kind != JSON_STRING)
        return wrong(r->cx, path, "字段名应为文本", "the name of a field is a text");
    for (size_t i = 0; i < FIG_COUNT && !l.row; i++)
        if (attribute_rows[i].kind == kind && str_is(key->text, attribute_rows[i].key))
            l.row = &attribute_rows[i];
    if (l.row)
        l.type = l.row->type;
    else if (kind == LEAF_ATTR)
        TRY(custom_read(r, key->text, path, &l));
    else
        return fail_with(r->cx, ERR_UNKNOWN_FIELD, path, BARE_PROPS(P("name", key->text)));
    struct strbuf source;
    strbuf_init(&source, r->cx->arena, 1 << 20);
    out_json_value(&source, j);
    l.source = strbuf_str(&source);
    return operators_read(r, &l, j, path, ret);
}

static enum err tag_read(struct reader *r, const struct json *tag, struct leaf *ret)
{
    i64 id = 0;
    if (tag->kind == JSON_STRING)
        (void)(sql_i64(r->cx, condition_tag_key, &id, V(tag->text)) == OK);
    else if (json_i64(tag, &id))
        (void)(sql_i64(r->cx, condition_tag_id, &id, V(id)) == OK || (id = 0));
    ret->id = id;
    return OK;
}

/* { "tag": …, "is": true }, { "identity": "mobile", "is": false }, { "consent": "sms", "is":
 * "granted" } */
static enum err has_read(struct reader *r, enum leaf_kind kind, const struct json *subject,
                         const struct json *j, str path, struct node *ret)
{
    const struct json *is = json_get(j, "is");
    struct leaf *l = &ret->leaf;
    struct strbuf source;
    *ret =
        (struct node) { .kind = NODE_LEAF, .leaf = { .kind = kind, .op = OP_EXISTS, .is = true } };
    strbuf_init(&source, r->cx->arena, 1 << 20);
    out_json_value(&source, j);
    l->source = strbuf_str(&source);
    for (const struct json *m = j->first; m; m = m->next)
        if (m != subject && m != is)
            return fail_with(r->cx, ERR_UNKNOWN_FIELD, path, BARE_PROPS(P("name", m->key)));
    if (kind == LEAF_CONSENT) {
        if (!is || is->kind != JSON_STRING || subject->kind != JSON_STRING)
            return wrong(r->cx, path, "is 应为 granted 或 refused",
                         "is must be granted or refused");
        l->key = subject->text;
        l->texts = arena_copy(r->cx->arena, &is->text, sizeof is->text);
        l->count = 1;
        return OK;
    }
    if (is && is->kind != JSON_BOOL)
        return wrong(r->cx, path, "is 应为 true 或 false", "is must be true or false");
    l->is = !is || is->yes;
    l->key = subject->text;
    if (kind == LEAF_SEGMENT) {
        if (!json_i64(subject, &l->id) || sql_i64(r->cx, condition_segment, &l->id, V(l->id)) != OK)
            return wrong(r->cx, path, "没有这个分群", "there is no such segment");
    }
    if (kind == LEAF_TAG) {
        TRY(tag_read(r, subject, l));
        if (!l->id)
            return wrong(r->cx, path, "没有这个标签", "there is no such tag");
    }
    return OK;
}

static enum err node_read(struct reader *r, const struct json *j, str path, int depth,
                          struct node *ret);

static enum err children_read(struct reader *r, enum node_kind kind, const struct json *list_,
                              str path, int depth, struct node *ret)
{
    struct node **link = &ret->first;
    size_t i = 0;
    *ret = (struct node) { .kind = kind };
    if (list_->kind != JSON_ARRAY)
        return wrong(r->cx, path, "应为列表", "a list is expected");
    for (const struct json *m = list_->first; m; m = m->next, i++) {
        struct node *child = NEW(r->cx->arena, struct node);
        TRY(node_read(r, m,
                      arena_fmt(r->cx->arena, "%.*s.%s[%zu]", STR_ARG(path),
                                kind == NODE_ALL ? "all" : "any", i),
                      depth + 1, child));
        *link = child;
        link = &child->next;
    }
    return OK;
}

static enum err leaf_read(struct reader *r, const struct json *j, str path, struct node *ret)
{
    static const struct {
        const char *key;
        enum leaf_kind kind;
    } subjects[] = { { "attr", LEAF_ATTR },         { "order", LEAF_ORDER },
                     { "rfm", LEAF_RFM },           { "tag", LEAF_TAG },
                     { "identity", LEAF_IDENTITY }, { "consent", LEAF_CONSENT },
                     { "segment", LEAF_SEGMENT } };
    if (++r->out->leaves > CONDITION_LEAVES_MAX)
        return wrong(r->cx, path, "条件太多，最多 100 个", "too many conditions; at most 100");
    for (size_t i = 0; i < COUNT(subjects); i++) {
        const struct json *subject = json_get(j, subjects[i].key);
        if (!subject)
            continue;
        return subjects[i].kind == LEAF_ATTR || subjects[i].kind == LEAF_ORDER ||
                       subjects[i].kind == LEAF_RFM
                   ? figure_read(r, subjects[i].kind, subject, j, path, ret)
                   : has_read(r, subjects[i].kind, subject, j, path, ret);
    }
    return wrong(r->cx, path, "无法识别的条件", "this is no condition");
}

static enum err node_read(struct reader *r, const struct json *j, str path, int depth,
                          struct node *ret)
{
    if (depth > CONDITION_DEPTH_MAX)
        return wrong(r->cx, path, "嵌套过深，最多 8 层", "nested too deeply; at most 8 levels");
    if (j->kind != JSON_OBJECT)
        return wrong(r->cx, path, "条件应为对象", "a condition is an object");
    const struct json *all = json_get(j, "all"), *any = json_get(j, "any"),
                      *not = json_get(j, "not");
    if ((all || any || not ) && j->count != 1)
        return wrong(r->cx, path, "all、any、not 须单独出现", "all, any and not stand alone");
    if (all || any)
        return children_read(r, all ? NODE_ALL : NODE_ANY, all ? all : any, path, depth, ret);
    if (!not )
        return leaf_read(r, j, path, ret);
    *ret = (struct node) { .kind = NODE_NOT, .first = NEW(r->cx->arena, struct node) };
    return node_read(r, not, arena_fmt(r->cx->arena, "%.*s.not", STR_ARG(path)), depth + 1,
                     ret->first);
}

/* A cell of the matrix names two or three scores: each alone has many people, together few. */
static void join_scores(struct node *root)
{
    struct leaf *last = NULL;
    for (struct node *n = root->kind == NODE_ALL ? root->first : NULL; n; n = n->next) {
        if (n->kind != NODE_LEAF || n->leaf.kind != LEAF_RFM || n->leaf.op == OP_EXISTS)
            continue;
        if (last)
            last->also = &n->leaf;
        n->leaf.joined = last != NULL;
        last = &n->leaf;
    }
}

enum err condition_read(struct ctx *cx, const char *field, doc described, struct condition *ret)
{
    struct reader r = { .cx = cx, .out = ret };
    *ret = (struct condition) { 0 };
    if (described->kind == JSON_OBJECT && !described->first)
        return OK;
    struct node *root = NEW(cx->arena, struct node);
    TRY(node_read(&r, described, str_of(field), 1, root));
    join_scores(root);
    ret->root = root;
    return OK;
}

enum err condition_read_text(struct ctx *cx, const char *field, str text, struct condition *ret)
{
    struct json_error bad;
    const struct json *j = json_read(cx->arena, text, &bad);
    return j ? condition_read(cx, field, j, ret)
             : wrong(cx, str_of(field), "不是合法的 JSON", "it is no JSON");
}

typedef VEC(i64) id_list;

static void collect(const struct node *n, enum leaf_kind kind, struct arena *a, id_list *ret)
{
    if (!n)
        return;
    if (n->kind == NODE_LEAF && n->leaf.kind == kind)
        *vec_push(a, ret) = n->leaf.id;
    for (const struct node *c = n->first; c; c = c->next)
        collect(c, kind, a, ret);
}

void condition_tags(const struct condition *c, struct arena *a, i64 **ret, size_t *ret_count)
{
    id_list ids = { 0 };
    collect(c->root, LEAF_TAG, a, &ids);
    *ret = ids.at;
    *ret_count = ids.n;
}

void condition_segments(const struct condition *c, struct arena *a, i64 **ret, size_t *ret_count)
{
    id_list ids = { 0 };
    collect(c->root, LEAF_SEGMENT, a, &ids);
    *ret = ids.at;
    *ret_count = ids.n;
}
