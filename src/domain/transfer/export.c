#include "domain/transfer/export.h"

#include "base/time.h"
#include "base/utf8.h"
#include "core/app.h"
#include "domain/customer/customer.h"
#include "domain/directory/directory.h"

#include "export.sql.h"
#include "import.sql.h"

#define PAGE 500

const char *const export_state_keys[] = { "open", "done", "dismissed", NULL };
const char *const export_format_keys[] = { "csv", "xlsx", NULL };

SCHEMA_TABLE(export_spec, EXPORT_SPEC);

/* The columns of a statement, in its order; the keys are those that an import knows. */
static const char customer_select[] =
    "c.id, c.name, c.gender, c.birthday, c.city, c.address_sealed, c.remark, c.channel, "
    "(SELECT d.name FROM department d WHERE d.id = c.department_id), "
    "(SELECT f.name FROM staff f WHERE f.id = c.staff_id), "
    "(SELECT g.name FROM stage g WHERE g.id = c.stage_id), c.joined_at, c.seen_at, s.order_count, "
    "s.order_fen, s.refund_count, s.refund_fen, s.first_at, s.last_at, c.attrs";
enum { CUSTOMER_ATTRS = 19 };

static const struct export_word gender_words[] = { { "female", "女", "female" },
                                              { "male", "男", "male" },
                                              { 0 } };
static const struct export_word task_kind_words[] = { { "follow_up", "跟进", "follow-up" },
                                                 { "care", "关怀", "care" },
                                                 { 0 } };
static const struct export_word task_state_words[] = { { "open", "未完成", "open" },
                                                  { "done", "已完成", "done" },
                                                  { "dismissed", "已取消", "dismissed" },
                                                  { 0 } };

static const struct export_column customer_columns[] = {
    { "id", "系统编号", "Hetang id", SHEET_INTEGER, FROM_ROW, 0 },
    { "name", "姓名", "Name", SHEET_TEXT, FROM_ROW, 1 },
    { "member_no", "会员号", "Member number", SHEET_TEXT, FROM_IDENTITY },
    { "mobile", "手机号", "Mobile", SHEET_TEXT, FROM_IDENTITY },
    { "email", "邮箱", "E-mail", SHEET_TEXT, FROM_IDENTITY },
    { "unionid", "UnionID", "UnionID", SHEET_TEXT, FROM_IDENTITY },
    { "wecom", "企业微信外部联系人", "WeCom external user", SHEET_TEXT, FROM_IDENTITY },
    { "external", "客户编号", "Customer number", SHEET_TEXT, FROM_IDENTITY },
    { "gender", "性别", "Gender", SHEET_TEXT, FROM_WORD, 2, gender_words },
    { "birthday", "生日", "Birthday", SHEET_DAY, FROM_ROW, 3 },
    { "city", "城市", "City", SHEET_TEXT, FROM_ROW, 4 },
    { "address", "地址", "Address", SHEET_TEXT, FROM_ADDRESS, 5 },
    { "remark", "备注", "Remark", SHEET_TEXT, FROM_ROW, 6 },
    { "channel", "来源渠道", "Channel", SHEET_TEXT, FROM_ROW, 7 },
    { "department", "门店", "Store", SHEET_TEXT, FROM_ROW, 8 },
    { "staff", "负责人", "Member of staff", SHEET_TEXT, FROM_ROW, 9 },
    { "stage", "生命周期", "Stage", SHEET_TEXT, FROM_ROW, 10 },
    { "tags", "标签", "Tags", SHEET_TEXT, FROM_TAGS },
    { "joined_at", "加入时间", "Joined", SHEET_INSTANT, FROM_ROW, 11 },
    { "seen_at", "最近活跃", "Last seen", SHEET_INSTANT, FROM_ROW, 12 },
    { "order_count", "订单数", "Orders", SHEET_INTEGER, FROM_ROW, 13 },
    { "order_fen", "消费金额", "Spent", SHEET_MONEY, FROM_ROW, 14 },
    { "refund_count", "退款数", "Refunds", SHEET_INTEGER, FROM_ROW, 15 },
    { "refund_fen", "退款金额", "Refunded", SHEET_MONEY, FROM_ROW, 16 },
    { "first_at", "首次下单", "First order", SHEET_INSTANT, FROM_ROW, 17 },
    { "last_at", "最近下单", "Last order", SHEET_INSTANT, FROM_ROW, 18 },
};
static const struct export_column order_columns[] = {
    { "id", "系统编号", "Hetang id", SHEET_INTEGER, FROM_ROW, 0 },
    { "source", "来源系统", "Source", SHEET_TEXT, FROM_ROW, 1 },
    { "number", "单据号", "Document number", SHEET_TEXT, FROM_ROW, 2 },
    { "customer_id", "客户系统编号", "Hetang id of the customer", SHEET_INTEGER, FROM_ROW, 3 },
    { "customer_name", "客户姓名", "Customer name", SHEET_TEXT, FROM_ROW, 4 },
    { "department", "门店", "Store", SHEET_TEXT, FROM_ROW, 5 },
    { "staff", "导购", "Sold by", SHEET_TEXT, FROM_ROW, 6 },
    { "channel", "渠道", "Channel", SHEET_TEXT, FROM_ROW, 7 },
    { "at", "时间", "Time", SHEET_INSTANT, FROM_ROW, 8 },
    { "amount_fen", "金额", "Amount", SHEET_MONEY, FROM_ROW, 9 },
    { "line_count", "行数", "Lines", SHEET_INTEGER, FROM_ROW, 10 },
};

static const struct export_column task_columns[] = {
    { "id", "系统编号", "Hetang id", SHEET_INTEGER, FROM_ROW, 0 },
    { "kind", "类型", "Kind", SHEET_TEXT, FROM_WORD, 1, task_kind_words },
    { "what", "内容", "What to do", SHEET_TEXT, FROM_ROW, 2 },
    { "customer_id", "客户系统编号", "Hetang id of the customer", SHEET_INTEGER, FROM_ROW, 3 },
    { "customer_name", "客户姓名", "Customer name", SHEET_TEXT, FROM_ROW, 4 },
    { "department", "部门", "Department", SHEET_TEXT, FROM_ROW, 5 },
    { "staff", "负责人", "Member of staff", SHEET_TEXT, FROM_ROW, 6 },
    { "due_at", "截止时间", "Due", SHEET_INSTANT, FROM_ROW, 7 },
    { "state", "状态", "State", SHEET_TEXT, FROM_WORD, 8, task_state_words },
    { "note", "处理说明", "What was said", SHEET_TEXT, FROM_ROW, 9 },
    { "rule", "关怀规则", "Care rule", SHEET_TEXT, FROM_ROW, 10 },
    { "by_name", "创建人", "Made by", SHEET_TEXT, FROM_ROW, 11 },
    { "created_at", "创建时间", "Made", SHEET_INSTANT, FROM_ROW, 12 },
    { "finished_at", "处理时间", "Finished", SHEET_INSTANT, FROM_ROW, 13 },
    { "finished_name", "处理人", "Finished by", SHEET_TEXT, FROM_ROW, 14 },
};

typedef enum err query_page(struct ctx *cx, const struct export_run *run, struct rows *ret);
static query_page query_customers, query_orders, query_tasks;

static const struct export_kind {
    enum perm perm;
    const struct export_column *columns;
    size_t count;
    query_page *query;
    bool people; /* with custom attributes, and what is read beside the row */
} kinds[] = {
    { PERM_CUSTOMER_READ, TABLE(customer_columns), query_customers, .people = true },
    { PERM_ORDER_READ, TABLE(order_columns), query_orders },
    { PERM_TASK_WRITE, TABLE(task_columns), query_tasks },
};
const char *const export_kind_keys[] = { "customers", "orders", "tasks", NULL };
static_assert(COUNT(kinds) + 1 == COUNT(export_kind_keys), "a row each");

static const struct export_kind *kind_of(str key)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_is(key, export_kind_keys[i]))
            return &kinds[i];
    assert(!"the schema lets no other in");
    return NULL;
}

enum perm export_perm(str kind)
{
    return kind_of(kind)->perm;
}

enum err export_columns(struct ctx *cx, str kind, struct export_column **ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    const struct export_kind *k = kind_of(kind);
    size_t n = k->count;
    struct export_column *all = NEW_N(cx->arena, struct export_column, EXPORT_COLUMNS_MAX);
    memcpy(all, k->columns, n * sizeof *all);
    TRY(sql_query(cx, import_attributes, &r));
    while (k->people && n < EXPORT_COLUMNS_MAX && rows_next(&r)) {
        str name = col_str(&r, 1), english = col_str(&r, 2), type = col_str(&r, 3);
        all[n++] = (struct export_column) {
            .key = arena_fmt(cx->arena, "attrs.%.*s", STR_ARG(col_str(&r, 0))).ptr,
            .zh = arena_z(cx->arena, name),
            .en = arena_z(cx->arena, english.len ? english : name),
            .type = str_is(type, "money")  ? SHEET_MONEY
                    : str_is(type, "date") ? SHEET_DAY
                                           : SHEET_TEXT,
            .from = FROM_ATTRIBUTE,
            .attribute = arena_z(cx->arena, type)
        };
    }
    *ret = all;
    *ret_count = n;
    return rows_end(&r);
}

struct export_run {
    struct arena arena;
    const struct export_spec *spec;
    struct export_column *columns;
    size_t count;
    bool open;
    bool identities, tags, attributes; /* is any column from these? */
    struct sheet_writer *out;
    i64 after, rows;
    i64 page; /* rows of the last one */
};

/* The columns asked for, in that order. */
static enum err choose(struct ctx *cx, const struct export_spec *spec, struct export_column **ret,
                       size_t *ret_count)
{
    struct export_column *all, *chosen;
    const str *keys = spec->columns.at;
    size_t count;
    TRY(export_columns(cx, spec->kind, &all, &count));
    if (!spec->columns.n) {
        *ret = all;
        *ret_count = count;
        return OK;
    }
    chosen = NEW_N(cx->arena, struct export_column, spec->columns.n);
    for (size_t i = 0; i < spec->columns.n; i++) {
        size_t at = 0;
        while (at < count && !str_is(keys[i], all[at].key))
            at++;
        if (at == count)
            return fail(
                cx, ERR_INVALID, "columns",
                P("reason_zh", arena_fmt(cx->arena, "没有列 %.*s", STR_ARG(keys[i]))),
                P("reason", arena_fmt(cx->arena, "there is no column %.*s", STR_ARG(keys[i]))));
        chosen[i] = all[at];
    }
    *ret = chosen;
    *ret_count = spec->columns.n;
    return OK;
}

/* A condition that is null is none. */
static bool conditional(const struct export_spec *spec)
{
    return spec->condition && spec->condition->kind != JSON_NULL;
}

enum err export_check(struct ctx *cx, const struct export_spec *spec)
{
    struct export_column *columns;
    struct condition c;
    size_t count;
    TRY(choose(cx, spec, &columns, &count));
    return conditional(spec) ? condition_read(cx, "condition", spec->condition, &c) : OK;
}

static enum err read_columns(struct ctx *cx, void *arg)
{
    struct export_run *run = arg;
    return choose(cx, run->spec, &run->columns, &run->count);
}

static str watermark(struct ctx *cx)
{
    struct civil c = civil_of(cx->now);
    str name = cx->actor.name;
    return arena_fmt(cx->arena,
                     cx->lang == LANG_ZH
                         ? "%.*s 于 %04d-%02d-%02d %02d:%02d 从荷塘导出"
                         : "Exported from Hetang by %.*s at %04d-%02d-%02d %02d:%02d",
                     STR_ARG(name), c.year, c.month, c.day, c.hour, c.minute);
}

static enum err open_run(struct ctx *cx, struct export_run *run, const char *path)
{
    TRY(in_read(cx, read_columns, run));
    struct sheet_column *columns = NEW_N(cx->arena, struct sheet_column, run->count);
    for (size_t i = 0; i < run->count; i++) {
        const struct export_column *c = &run->columns[i];
        run->identities |= c->from == FROM_IDENTITY;
        run->tags |= c->from == FROM_TAGS;
        run->attributes |= c->from == FROM_ATTRIBUTE;
        columns[i] = (struct sheet_column) { str_of(cx->lang == LANG_ZH ? c->zh : c->en), c->type };
    }
    return sheet_write_open(
        cx, path,
        &(struct sheet_layout) { .kind = str_is(run->spec->format, "xlsx") ? SHEET_XLSX : SHEET_CSV,
                                 .columns = columns,
                                 .count = run->count,
                                 .watermark = watermark(cx) },
        &run->out);
}

enum err export_run_open(struct ctx *cx, const struct export_spec *spec, const char *path,
                         bool open, struct export_run **ret)
{
    struct export_run *run = xcalloc(1, sizeof *run);
    struct arena *outer = cx->arena;
    run->spec = spec;
    run->open = open;
    cx->arena = &run->arena;
    enum err e = open_run(cx, run, path);
    cx->arena = outer;
    failure_keep(cx);
    if (e == OK)
        *ret = run;
    else
        export_run_drop(&run);
    return e;
}

/* What is read of one person beside their row. */
struct beside {
    struct val identities[EXPORT_COLUMNS_MAX];
    struct val tags;
    const struct json *attrs;
};

static struct val with_semicolon(struct ctx *cx, struct val have, str more)
{
    if (have.kind == VAL_NULL)
        return V(arena_str(cx->arena, more));
    return V(arena_fmt(cx->arena, "%.*s;%.*s", STR_ARG(have.s), STR_ARG(more)));
}

static enum err read_identities(struct ctx *cx, const struct export_run *run, customer_id who,
                                struct beside *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, export_identities, &r, ID(who)));
    while (rows_next(&r)) {
        const struct identity_kind *kind = identity_kind_find(col_str(&r, 0));
        str value = col_str(&r, 1);
        if (!kind)
            continue;
        if (kind->sealed)
            TRY(secret_open(cx->app->secrets, cx->arena, col_str(&r, 2), &value));
        if (!run->open)
            value = identity_mask(cx->arena, kind, value);
        for (size_t i = 0; i < run->count; i++)
            if (run->columns[i].from == FROM_IDENTITY &&
                strcmp(run->columns[i].key, kind->key) == 0)
                ret->identities[i] = with_semicolon(cx, ret->identities[i], value);
    }
    return rows_end(&r);
}

static enum err read_tags(struct ctx *cx, customer_id who, struct beside *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, export_tags, &r, ID(who)));
    while (rows_next(&r))
        ret->tags = with_semicolon(cx, ret->tags, col_str(&r, 0));
    return rows_end(&r);
}

static struct val attribute(struct ctx *cx, const struct export_column *c, const struct json *attrs)
{
    const struct json *j = json_get(attrs, c->key + strlen("attrs."));
    struct val all = val_null();
    day date;
    i64 n;
    if (!j || j->kind == JSON_NULL)
        return all;
    if (c->type == SHEET_MONEY)
        return json_i64(j, &n) ? V((money) { n }) : all;
    if (c->type == SHEET_DAY)
        return day_read(j->text, &date) ? V(date) : all;
    if (j->kind == JSON_BOOL)
        return V(cx->lang == LANG_ZH ? j->yes ? "是" : "否" : j->yes ? "yes" : "no");
    for (const struct json *m = j->first; m && j->kind == JSON_ARRAY; m = m->next)
        all = with_semicolon(cx, all, m->text);
    return j->kind == JSON_ARRAY ? all : V(j->text);
}

static enum err address(struct ctx *cx, const struct export_run *run, const struct rows *r, int at,
                        struct val *ret)
{
    str plain;
    *ret = val_null();
    if (col_null(r, at))
        return OK;
    TRY(secret_open(cx->app->secrets, cx->arena, col_str(r, at), &plain));
    str head = utf8_count(plain) <= 6 ? S("") : utf8_head(plain, 6);
    *ret = V(run->open ? plain : arena_fmt(cx->arena, "%.*s******", STR_ARG(head)));
    return OK;
}

static struct val word_of(const struct ctx *cx, const struct export_word *words, str code)
{
    for (; words->code; words++)
        if (str_is(code, words->code))
            return V(cx->lang == LANG_ZH ? words->zh : words->en);
    return val_null();
}

static enum err cell(struct ctx *cx, const struct export_run *run, const struct rows *r,
                     const struct beside *beside, size_t i, struct val *ret)
{
    const struct export_column *c = &run->columns[i];
    switch (c->from) {
    case FROM_ROW:
        *ret = col_null(r, c->at)      ? val_null()
               : c->type == SHEET_TEXT ? V(col_str(r, c->at))
                                       : V(col_i64(r, c->at));
        break;
    case FROM_IDENTITY: *ret = beside->identities[i]; break;
    case FROM_TAGS: *ret = beside->tags; break;
    case FROM_ATTRIBUTE: *ret = attribute(cx, c, beside->attrs); break;
    case FROM_ADDRESS: return address(cx, run, r, c->at, ret);
    case FROM_WORD: *ret = word_of(cx, c->words, col_str(r, c->at)); break;
    }
    return OK;
}

static enum err write_row(struct ctx *cx, struct export_run *run, const struct rows *r)
{
    struct val cells[EXPORT_COLUMNS_MAX];
    struct beside beside = { 0 };
    struct json_error bad;
    customer_id who = { col_id(r, 0) };
    if (run->identities)
        TRY(read_identities(cx, run, who, &beside));
    if (run->tags)
        TRY(read_tags(cx, who, &beside));
    if (run->attributes)
        beside.attrs = json_read(cx->arena, col_str(r, CUSTOMER_ATTRS), &bad);
    for (size_t i = 0; i < run->count; i++)
        TRY(cell(cx, run, r, &beside, i, &cells[i]));
    return sheet_write_row(cx, run->out, cells, run->count);
}

static enum err query_customers(struct ctx *cx, const struct export_run *run, struct rows *ret)
{
    struct condition_sql s;
    TRY(people_sql(
        cx,
        &(struct people_query) { .condition = conditional(run->spec) ? run->spec->condition : NULL,
                                 .text = run->spec->text,
                                 .select = customer_select },
        &s));
    out_z(&s.text, " AND c.id > ");
    out(&s.text, condition_bind(cx, &s, V(run->after)));
    out_z(&s.text, " ORDER BY c.id LIMIT ");
    out(&s.text, condition_bind(cx, &s, V(PAGE)));
    return db_query_text(cx->db, "export_customers", strbuf_str(&s.text), ret, s.binds.at,
                         s.binds.n);
}

static enum err query_orders(struct ctx *cx, const struct export_run *run, struct rows *ret)
{
    const struct export_spec *spec = run->spec;
    return sql_query(cx, export_orders, ret, V(run->after), V(spec->from_at.ms),
                     V(spec->to_at.ms ? spec->to_at.ms : I53_MAX), ID(spec->department_id),
                     V(PAGE));
}

static enum err query_tasks(struct ctx *cx, const struct export_run *run, struct rows *ret)
{
    const struct export_spec *spec = run->spec;
    return sql_query(cx, export_tasks, ret, V(run->after), V(spec->from_at.ms),
                     V(spec->to_at.ms ? spec->to_at.ms : I53_MAX), V(spec->state),
                     ID(spec->staff_id), ID(spec->department_id), V(PAGE));
}

static enum err write_page(struct ctx *cx, void *arg)
{
    struct export_run *run = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(kind_of(run->spec->kind)->query(cx, run, &r));
    for (run->page = 0; rows_next(&r); run->page++) {
        TRY(write_row(cx, run, &r));
        run->after = col_id(&r, 0);
    }
    return rows_end(&r);
}

enum err export_run_step(struct ctx *cx, struct export_run *run, bool *ret_more)
{
    TRY(in_read(cx, write_page, run));
    run->rows += run->page;
    *ret_more = run->page == PAGE;
    return OK;
}

i64 export_run_rows(const struct export_run *run)
{
    return run->rows;
}

enum err export_run_close(struct ctx *cx, struct export_run **run)
{
    enum err e = sheet_write_close(cx, &(*run)->out);
    export_run_drop(run);
    return e;
}

void export_run_drop(struct export_run **run)
{
    if (!*run)
        return;
    sheet_write_drop(&(*run)->out);
    arena_done(&(*run)->arena);
    free(*run);
    *run = NULL;
}
