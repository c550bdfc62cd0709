/* Orders and refunds: a row is a line of a document. Rows of one document mostly stand together; a
 * document whose rows do not is completed when the later ones come. */
#include "domain/transfer/internal.h"

#include "base/money.h"
#include "domain/customer/identity.h"

/* F(name, key, Chinese, English, most characters, required, headers it is known by). */
#define ORDER_FIELDS(F)                                                                                       \
    F(TYPE, "type", "单据类型", "Kind", 20, false, "type|kind|单据类型|订单类型|类型")                        \
    F(NUMBER, "number", "单据号", "Document number", 100, true,                                               \
      "number|orderno|orderid|ordernumber|order|invoiceno|invoice|单据号|订单号|订单编号|单号|"   \
      "退款单号|流水号|小票号")                                                                               \
    F(ORDER, "order_number", "原订单号", "Order taken back", 100, false,                                      \
      "originalorder|originalorderno|originalordernumber|originalorderid|originalinvoice|refundof|"           \
      "原订单号|原订单编号|原单号|原单据号|原始订单号|关联订单号|关联单号|退款原订单号")                      \
    F(LINE_NO, "line_no", "行号", "Line number", 20, false,                                                   \
      "lineno|line|linenumber|hetanglineno|行号|子订单序号")                                                  \
    F(AT, "at", "时间", "Time", 40, true,                                                                     \
      "at|time|date|datetime|orderdate|ordertime|invoicedate|paidat|createdat|时间|日期|"                 \
      "下单时间|付款时间|支付时间|订单创建时间|销售日期|成交时间")                                            \
    F(EXTERNAL, "external", "客户编号", "Customer number", 200, false,                                        \
      "external|customerid|customer|customerno|userid|buyerid|客户编号|客户号|客户id|买家id|"      \
      "用户id")                                                                                               \
    F(MEMBER, "member_no", "会员号", "Member number", 200, false,                                             \
      "memberno|member|memberid|会员号|会员编号|会员卡号|卡号")                                               \
    F(MOBILE, "mobile", "手机号", "Mobile", 60, false,                                                        \
      "mobile|phone|tel|telephone|手机|手机号|手机号码|电话|联系电话|联系手机|收货人手机")                    \
    F(EMAIL, "email", "邮箱", "E-mail", 254, false, "email|mail|邮箱|电子邮箱|电子邮件")                      \
    F(NAME, "name", "客户姓名", "Customer name", 60, false,                                                   \
      "name|customername|buyer|buyername|姓名|客户姓名|客户名称|会员姓名|收货人|收货人姓名|买家")             \
    F(CODE, "product_code", "商品编码", "Product code", 60, true,                                             \
      "productcode|sku|code|stockcode|productid|itemid|商品编码|商品编号|商家编码|货号|条码|" \
      "商品条码|规格编码")                                                                                    \
    F(PRODUCT, "product_name", "商品名称", "Product name", 200, false,                                        \
      "productname|description|product|item|title|商品名称|商品|品名|商品标题|宝贝标题")                      \
    F(QUANTITY, "quantity", "数量", "Quantity", 40, true,                                                     \
      "quantity|qty|count|数量|购买数量|件数|商品数量|宝贝数量")                                              \
    F(PRICE, "price", "单价", "Unit price", 40, true,                                                         \
      "price|unitprice|单价|商品单价|成交价|成交单价|售价")                                                   \
    F(DEPARTMENT, "department", "门店", "Store", 60, false,                                                   \
      "department|store|storecode|shop|门店|门店编码|店铺|店铺名称|门店名称")                                 \
    F(STAFF, "staff", "导购", "Sold by", 60, false,                                                           \
      "staff|seller|clerk|导购|店员|销售员|销售顾问|业务员")                                                  \
    F(CHANNEL, "channel", "渠道", "Channel", 60, false, "channel|渠道|来源渠道|订单来源|平台")
enum order_field {
#define ORDER_FIELD_ENUM(name, ...) F_##name,
    ORDER_FIELDS(ORDER_FIELD_ENUM)
#undef ORDER_FIELD_ENUM
        F_COUNT
};
static const struct transfer_field fields[] = {
#define ORDER_FIELD_ROW(name, key, zh, en, max, required, names) \
    { key, zh, en, names, max, required },
    ORDER_FIELDS(ORDER_FIELD_ROW)
#undef ORDER_FIELD_ROW
};
static_assert(COUNT(fields) == F_COUNT, "a row each");

/* By which a person is known here. */
static const struct {
    size_t field;
    const char *kind;
} known_by[] = { { F_EXTERNAL, "external" },
                 { F_MEMBER, "member_no" },
                 { F_MOBILE, "mobile" },
                 { F_EMAIL, "email" } };

struct order_row {
    enum document_kind kind;
    str number, order_number;
    i64 key; /* of the document, in run->groups */
    instant at;
    str person[COUNT(known_by)];
    str name, code, product, channel, department, staff;
    i64 quantity_milli, price_micro, line_no; /* line_no 0: not said */
    money amount;
};

static bool kind_read(str text, enum document_kind *ret)
{
    static const char *const orders[] = { "", "order", "sale", "订单", "销售", "销售单" },
                             *const refunds[] = { "refund", "return", "退款",
                                                  "退货",   "退货单", "退款单" };
    for (size_t i = 0; i < COUNT(orders); i++)
        if (str_ieq(text, str_of(orders[i]))) {
            *ret = DOCUMENT_ORDER;
            return true;
        }
    for (size_t i = 0; i < COUNT(refunds); i++)
        if (str_ieq(text, str_of(refunds[i]))) {
            *ret = DOCUMENT_REFUND;
            return true;
        }
    return false;
}

static i64 number_of(struct ctx *cx, const struct import_run *run, struct line *l, size_t field,
                     int scale)
{
    struct decimal d;
    i64 n = 0;
    str text = field_text(run, l, field);
    if (text.len && !number_read(cx->arena, text, &d))
        line_fault(l, REASON_NUMBER, &fields[field]);
    else if (text.len && !decimal_scaled(d, scale, &n))
        line_fault(l, REASON_RANGE, &fields[field]);
    return n;
}

/* Which way the goods went, by the rules of the source. */
static void direction(const struct import_run *run, struct line *l, struct order_row *o)
{
    const struct mapping *m = &run->mapping;
    if (m->refund_prefix.len && str_starts(o->number, m->refund_prefix))
        o->kind = DOCUMENT_REFUND;
    if (o->quantity_milli < 0 && o->kind == DOCUMENT_ORDER && str_is(m->negative, "refund"))
        o->kind = DOCUMENT_REFUND;
    if (o->quantity_milli < 0 && o->kind == DOCUMENT_ORDER)
        line_fault(l, str_is(m->negative, "skip") ? REASON_CORRECTION : REASON_NEGATIVE,
                   &fields[F_QUANTITY]);
    if (o->quantity_milli < 0)
        o->quantity_milli = -o->quantity_milli;
}

/* An adjustment is no order, whatever else its line says. */
static bool adjusts(const struct import_run *run, str number)
{
    return run->mapping.skip_prefix.len && str_starts(number, run->mapping.skip_prefix);
}

static void read_values(struct ctx *cx, struct import_run *run, struct line *l, struct order_row *o)
{
    str at = field_text(run, l, F_AT);
    o->quantity_milli = number_of(cx, run, l, F_QUANTITY, 3);
    o->price_micro = number_of(cx, run, l, F_PRICE, 6);
    if (at.len && !time_read(at, &o->at))
        line_fault(l, REASON_TIME, &fields[F_AT]);
    if (o->at.ms <= 0 && at.len)
        line_fault(l, REASON_RANGE, &fields[F_AT]);
    o->code = field_text(run, l, F_CODE);
    o->product = field_text(run, l, F_PRODUCT);
    direction(run, l, o);
    if (o->price_micro < 0)
        line_fault(l, REASON_PRICE, &fields[F_PRICE]);
    if (!o->quantity_milli)
        line_fault(l, REASON_RANGE, &fields[F_QUANTITY]);
    if (l->why == REASON_NONE && !line_amount(o->quantity_milli, o->price_micro, &o->amount))
        line_fault(l, REASON_RANGE, &fields[F_PRICE]);
}

static void read_line(struct ctx *cx, struct import_run *run, struct line *l)
{
    struct order_row *o = NEW(cx->arena, struct order_row);
    l->typed = o;
    o->number = field_identifier(run, l, F_NUMBER);
    o->order_number = field_identifier(run, l, F_ORDER);
    str line_no = field_identifier(run, l, F_LINE_NO);
    if (!kind_read(field_text(run, l, F_TYPE), &o->kind))
        line_fault(l, REASON_CHOICE, &fields[F_TYPE]);
    if (line_no.len &&
        (!str_to_i64(line_no, &o->line_no) || o->line_no < 1 || o->line_no > I53_MAX))
        line_fault(l, REASON_NUMBER, &fields[F_LINE_NO]);
    if (adjusts(run, o->number))
        line_fault(l, REASON_ADJUSTMENT, &fields[F_NUMBER]);
    read_values(cx, run, l, o);
    for (size_t i = 0; i < COUNT(known_by); i++)
        o->person[i] = field_identifier(run, l, known_by[i].field);
    o->name = field_text(run, l, F_NAME);
    o->channel = field_text(run, l, F_CHANNEL);
    o->department = field_text(run, l, F_DEPARTMENT);
    o->staff = field_text(run, l, F_STAFF);
    o->key = (i64)(u64_hash(str_hash(o->number) + (uint64_t)o->kind) >> 1);
}

static const struct order_row *row_of(const struct line *l)
{
    return l->typed;
}

static bool together(const struct line *a, const struct line *b)
{
    return a->typed && b->typed && row_of(a)->key == row_of(b)->key &&
           str_eq(row_of(a)->number, row_of(b)->number);
}

/* Lines are numbered in the order of the file, those left out among them, so that they keep their
 * numbers when they are corrected and come again. A row whose document is not known has a number
 * that no other will have. */
#define UNKNOWN_FROM INT64_C(1000000000)
static enum err pass(struct ctx *cx, struct import_run *run, struct line *l)
{
    const struct order_row *o = l->typed;
    if (!o || !o->number.len) {
        l->number = UNKNOWN_FROM + l->row;
        return OK;
    }
    if (o->line_no) {
        l->number = o->line_no;
        return OK;
    }
    l->number = ++*map_put(&run->groups, o->key);
    return run->groups.count <= GROUPS_MAX
               ? OK
               : fail(cx, ERR_TOO_MANY, "file", P("max", (i64)GROUPS_MAX));
}

/* The rows of one document within a chunk, without those left out. */
struct group {
    struct line **rows;
    struct document_line *lines;
    size_t count;
    struct document d;
    struct identity_in ids[COUNT(known_by)];
    size_t id_count;
    str name;
    money amount;
};

static bool same_person(const struct order_row *a, const struct order_row *b)
{
    for (size_t i = 0; i < COUNT(known_by); i++)
        if (a->person[i].len && b->person[i].len && !str_eq(a->person[i], b->person[i]))
            return false;
    return true;
}

static void take(struct group *g, struct line *l)
{
    const struct order_row *o = row_of(l);
    g->lines[g->count] =
        (struct document_line) { .line_no = l->number,
                                 .product_code = o->code,
                                 .product_name = o->product.len ? o->product : STR_NONE,
                                 .quantity_milli = o->quantity_milli,
                                 .price_micro = o->price_micro,
                                 .amount = o->amount };
    g->rows[g->count++] = l;
    if (!g->d.at.ms || o->at.ms < g->d.at.ms)
        g->d.at = o->at;
    if (!g->d.channel.len && o->channel.len)
        g->d.channel = o->channel;
    if (!g->d.order_number.len && g->d.kind == DOCUMENT_REFUND && o->order_number.len)
        g->d.order_number = o->order_number;
    if (!g->name.len && o->name.len)
        g->name = o->name;
}

static void identify(struct import_run *run, struct group *g)
{
    for (size_t i = 0; i < COUNT(known_by); i++) {
        str value = S("");
        for (size_t k = 0; k < g->count && !value.len; k++)
            value = row_of(g->rows[k])->person[i];
        if (value.len)
            g->ids[g->id_count++] =
                (struct identity_in) { identity_kind_find(str_of(known_by[i].kind)), g->d.source,
                                       value, !run->mapping.unverified };
    }
}

/* Which rows of the document are put, and as what. */
static void gather(struct ctx *cx, struct import_run *run, struct line *lines, size_t count,
                   struct group *ret)
{
    struct map numbers CLEANUP(map_done) = { 0 };
    const struct order_row *first = NULL;
    ret->rows = NEW_N(cx->arena, struct line *, count);
    ret->lines = NEW_N(cx->arena, struct document_line, count);
    for (size_t i = 0; i < count; i++) {
        struct line *l = &lines[i];
        const struct order_row *o = row_of(l);
        if (l->why != REASON_NONE)
            continue;
        department_id department;
        staff_id staff;
        line_fault(l, place_of(run, o->department, &department), &fields[F_DEPARTMENT]);
        line_fault(l, staff_of(run, o->staff, &staff), &fields[F_STAFF]);
        if (first && !same_person(first, o))
            line_fault(l, REASON_PERSON, &fields[F_EXTERNAL]);
        if (o->line_no && (*map_put(&numbers, l->number))++)
            line_fault(l, REASON_TWICE, &fields[F_LINE_NO]);
        if (!money_add(ret->amount, o->amount, &ret->amount) || ret->amount.fen > I53_MAX)
            line_fault(l, REASON_RANGE, &fields[F_PRICE]);
        if (l->why != REASON_NONE)
            continue;
        if (!first)
            ret->d = (struct document) { .kind = o->kind,
                                         .source = run->mapping.source.len ? run->mapping.source
                                                                           : S("import"),
                                         .number = o->number,
                                         .later_recount = true };
        first = first ? first : o;
        ret->d.department = department.v ? department : ret->d.department;
        ret->d.staff = staff.v ? staff : ret->d.staff;
        take(ret, l);
    }
    ret->d.lines = ret->lines;
    ret->d.line_count = ret->count;
    if (!ret->d.channel.len)
        ret->d.channel = STR_NONE;
    identify(run, ret);
}

/* Nobody's, when nothing that came says who it was. */
static enum err buyer(struct ctx *cx, struct group *g, struct counts *counts)
{
    struct resolve in = { .ids = g->ids,
                          .count = g->id_count,
                          .origin = S("import"),
                          .name = g->name.len ? g->name : STR_NONE,
                          .channel = g->d.channel,
                          .department = g->d.department,
                          .staff = g->d.staff,
                          .joined = g->d.at };
    struct resolved who = { 0 };
    TRY(in.count ? customer_resolve(cx, &in, &who) : OK);
    if (in.count && !who.customer.v) {
        TRY(identities_usable(cx, g->ids, &in.count));
        in.create = true;
        TRY(in.count ? customer_resolve(cx, &in, &who) : OK);
    }
    counts->people += who.created;
    g->d.customer = who.customer;
    return OK;
}

/* Who would be made: somebody whom nothing of this identifies, in the house or earlier in the file.
 */
static enum err would_buy(struct ctx *cx, struct import_run *run, struct group *g,
                          struct counts *counts)
{
    TRY(identities_usable(cx, g->ids, &g->id_count));
    bool known = !g->id_count;
    for (size_t i = 0; i < g->id_count; i++) {
        customer_id owner = { 0 };
        str key, normal;
        if (!identity_key(cx, &g->ids[i], &key, &normal))
            continue;
        TRY(identity_owner(cx, &g->ids[i], &owner));
        i64 *seen = map_put(&run->people, identity_hash(&g->ids[i], key));
        known = known || owner.v || *seen;
        *seen = 1;
    }
    counts->people += !known;
    return run->people.count <= GROUPS_MAX
               ? OK
               : fail(cx, ERR_TOO_MANY, "file", P("max", (i64)GROUPS_MAX));
}

static void count_group(const struct group *g, const struct put_done *done, struct counts *counts)
{
    i64 *documents = g->d.kind == DOCUMENT_ORDER ? &counts->orders : &counts->refunds;
    *documents += done->created;
    counts->lines += done->lines_added;
    for (size_t i = 0; i < g->count; i++) {
        if (done->lines[i] == LINE_OTHER)
            line_fault(g->rows[i], REASON_DIFFERS, NULL);
        counts->unchanged += done->lines[i] == LINE_SAME;
        counts->gifts += done->lines[i] == LINE_ADDED && g->d.kind == DOCUMENT_ORDER &&
                         g->lines[i].price_micro == 0;
    }
}

static enum err put(struct ctx *cx, struct import_run *run, struct group *g, struct map *buyers,
                    struct counts *counts)
{
    struct put_done done;
    TRY(buyer(cx, g, counts));
    TRY(document_put(cx, &g->d, &run->products, &done));
    count_group(g, &done, counts);
    if (!g->d.customer.v || !(done.created || done.lines_added))
        return OK;
    i64 *last = map_put(buyers, g->d.customer.v);
    *last = MAX(*last, g->d.at.ms);
    return OK;
}

static enum err rehearse(struct ctx *cx, struct import_run *run, struct group *g,
                         struct counts *counts)
{
    struct put_done done;
    customer_id owner;
    i64 id;
    TRY(would_buy(cx, run, g, counts));
    TRY(document_find(cx, &g->d, &id, &owner));
    TRY(document_compare(cx, &g->d, id, &done));
    /* Its earlier rows would have made it by now. */
    i64 *met = map_put(&run->people, (i64)(u64_hash((uint64_t)row_of(g->rows[0])->key) >> 1));
    done.created = done.created && !*met;
    *met = 1;
    count_group(g, &done, counts);
    return OK;
}

static enum err apply_kind(struct ctx *cx, struct import_run *run, enum document_kind kind,
                           struct line *lines, size_t count, struct map *buyers,
                           struct counts *counts)
{
    for (size_t from = 0, to; from < count; from = to) {
        struct group g = { 0 };
        to = from + 1;
        if (!lines[from].typed || row_of(&lines[from])->kind != kind)
            continue;
        while (to < count && together(&lines[from], &lines[to]))
            to++;
        gather(cx, run, lines + from, to - from, &g);
        if (!g.count)
            continue;
        TRY(run->im.dry ? rehearse(cx, run, &g, counts) : put(cx, run, &g, buyers, counts));
    }
    return OK;
}

/* Orders first: a file that has the newest on top has refunds before what they take back. */
static enum err apply(struct ctx *cx, struct import_run *run, struct line *lines, size_t count,
                      struct counts *counts)
{
    struct map buyers CLEANUP(map_done) = { 0 };
    TRY(apply_kind(cx, run, DOCUMENT_ORDER, lines, count, &buyers, counts));
    TRY(apply_kind(cx, run, DOCUMENT_REFUND, lines, count, &buyers, counts));
    for (struct map_slot *s = NULL; (s = map_next(&buyers, s));) {
        TRY(sales_recount(cx, (customer_id) { s->key }));
        TRY(customer_seen(cx, (customer_id) { s->key }, (instant) { s->value }));
    }
    return OK;
}

const struct transfer_kind orders_kind = { .key = "orders",
                                           .zh = "订单与退款",
                                           .en = "Orders and refunds",
                                           .fields = fields,
                                           .field_count = COUNT(fields),
                                           .perm = PERM_ORDER_WRITE,
                                           .chunk = 2000,
                                           .read = read_line,
                                           .together = together,
                                           .pass = pass,
                                           .apply = apply };
