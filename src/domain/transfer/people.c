/* Customers: a row is a person, known by what identifies them; what it says is learnt. */
#include "domain/transfer/internal.h"

#include "base/money.h"
#include "base/time.h"
#include "core/event.h"
#include "domain/customer/customer.h"
#include "domain/tag/tag.h"

#include "import.sql.h"

/* F(name, key, Chinese, English, most characters, headers it is known by). */
#define PERSON_FIELDS(F)                                                                                         \
    F(MEMBER, "member_no", "会员号", "Member number", 200,                                                       \
      "memberno|member|memberid|会员号|会员编号|会员卡号|卡号")                                                  \
    F(MOBILE, "mobile", "手机号", "Mobile", 60,                                                                  \
      "mobile|phone|tel|telephone|手机|手机号|手机号码|电话|联系电话|联系手机")                                  \
    F(EMAIL, "email", "邮箱", "E-mail", 254, "email|mail|邮箱|电子邮箱|电子邮件")                                \
    F(UNIONID, "unionid", "UnionID", "UnionID", 200, "unionid|微信unionid")                                      \
    F(WECOM, "wecom", "企业微信外部联系人", "WeCom external user", 200,                                          \
      "wecom|externaluserid|外部联系人id|企业微信外部联系人")                                                    \
    F(EXTERNAL, "external", "客户编号", "Customer number", 200,                                                  \
      "external|customerid|customerno|userid|id|客户编号|客户号|客户id|用户id|编号")                             \
    F(NAME, "name", "姓名", "Name", 60,                                                                          \
      "name|fullname|customername|姓名|名字|客户姓名|客户名称|会员姓名|昵称")                                    \
    F(GENDER, "gender", "性别", "Gender", 20, "gender|sex|性别")                                                 \
    F(BIRTHDAY, "birthday", "生日", "Birthday", 40,                                                              \
      "birthday|birthdate|dateofbirth|dob|生日|出生日期|出生年月日")                                             \
    F(CITY, "city", "城市", "City", 60, "city|城市|所在城市")                                                    \
    F(ADDRESS, "address", "地址", "Address", 300, "address|地址|收货地址|联系地址|详细地址")                     \
    F(REMARK, "remark", "备注", "Remark", 500, "remark|note|notes|comment|备注|说明")                            \
    F(CHANNEL, "channel", "来源渠道", "Channel", 60, "channel|source|渠道|来源|来源渠道|客户来源")               \
    F(JOINED, "joined_at", "加入时间", "Joined", 40,                                                             \
      "joinedat|joined|createdat|registeredat|注册时间|注册日期|入会时间|入会日期|加入时间|" \
      "开卡时间|创建时间")                                                                                       \
    F(DEPARTMENT, "department", "门店", "Store", 60,                                                             \
      "department|store|storecode|shop|门店|门店编码|门店名称|所属门店|归属门店")                                \
    F(STAFF, "staff", "负责人", "Member of staff", 60,                                                           \
      "staff|owner|clerk|导购|负责人|所属导购|归属导购|跟进人|店员")                                             \
    F(TAGS, "tags", "标签", "Tags", 2000, "tags|tag|labels|标签|客户标签")                                       \
    F(AGREES_WECOM, "consent.wecom", "同意：企业微信", "Consent: WeCom", 20, "consentwecom")                     \
    F(AGREES_SMS, "consent.sms", "同意：短信", "Consent: SMS", 20,                                               \
      "consentsms|接受短信|短信授权|同意短信")                                                                   \
    F(AGREES_CALL, "consent.call", "同意：电话", "Consent: calls", 20,                                           \
      "consentcall|接受电话|电话授权|同意电话")                                                                  \
    F(AGREES_MAIL, "consent.mail", "同意：邮件", "Consent: e-mail", 20,                                          \
      "consentmail|接受邮件|邮件授权|同意邮件")                                                                  \
    F(AGREES_ACCOUNT, "consent.official_account", "同意：公众号", "Consent: official account", 20,               \
      "consentofficialaccount")                                                                                  \
    F(AGREES_PROGRAM, "consent.mini_program", "同意：小程序", "Consent: mini program", 20,                       \
      "consentminiprogram")                                                                                      \
    F(AGREES_APP, "consent.app", "同意：App 推送", "Consent: app", 20, "consentapp")
enum person_field {
#define PERSON_FIELD_ENUM(name, ...) F_##name,
    PERSON_FIELDS(PERSON_FIELD_ENUM)
#undef PERSON_FIELD_ENUM
        F_COUNT
};
static const struct transfer_field fields[] = {
#define PERSON_FIELD_ROW(name, key, zh, en, max, names) { key, zh, en, names, max },
    PERSON_FIELDS(PERSON_FIELD_ROW)
#undef PERSON_FIELD_ROW
};
static_assert(COUNT(fields) == F_COUNT, "a row each");

#define CONSENTS     (F_AGREES_APP - F_AGREES_WECOM + 1)
#define ROW_TAGS_MAX 100

/* By which a person is known here; the kind of each is its key. */
static const size_t known_by[] = { F_MEMBER, F_MOBILE, F_EMAIL, F_UNIONID, F_WECOM, F_EXTERNAL };

struct person_row {
    struct identity_in ids[COUNT(known_by)];
    size_t id_count;
    struct customer_facts facts;
    i64 tags[ROW_TAGS_MAX];
    size_t tag_count;
    const char *consents[CONSENTS]; /* granted, refused, or NULL */
};

/* One of these words; REASON_CHOICE otherwise. */
struct word {
    const char *text, *means;
};
static const struct word gender_words[] = {
    { "female", "female" }, { "f", "female" },  { "女", "female" }, { "女士", "female" },
    { "女性", "female" },   { "male", "male" }, { "m", "male" },    { "男", "male" },
    { "先生", "male" },     { "男性", "male" }, { "未知", "" },     { "unknown", "" },
    { "保密", "" },
};
static const struct word consent_words[] = {
    { "granted", "granted" }, { "yes", "granted" }, { "y", "granted" },    { "true", "granted" },
    { "1", "granted" },       { "是", "granted" },  { "同意", "granted" }, { "接受", "granted" },
    { "refused", "refused" }, { "no", "refused" },  { "n", "refused" },    { "false", "refused" },
    { "0", "refused" },       { "否", "refused" },  { "拒绝", "refused" }, { "不同意", "refused" },
};

static const char *word_of(struct line *l, const struct word *words, size_t count, str text,
                           const struct transfer_field *f)
{
    for (size_t i = 0; i < count; i++)
        if (str_ieq(text, str_of(words[i].text)))
            return words[i].means;
    if (text.len)
        line_fault(l, REASON_CHOICE, f);
    return "";
}

static void read_identities(struct ctx *cx, struct import_run *run, struct line *l,
                            struct person_row *p)
{
    str source = run->mapping.source.len ? run->mapping.source : S("import"), normal;
    for (size_t i = 0; i < COUNT(known_by); i++) {
        const struct transfer_field *f = &fields[known_by[i]];
        const struct identity_kind *kind = identity_kind_find(str_of(f->key));
        str value = field_identifier(run, l, known_by[i]);
        if (!value.len)
            continue;
        if (!kind->normalise(cx->arena, value, &normal))
            line_fault(l, REASON_IDENTITY, f);
        p->ids[p->id_count++] =
            (struct identity_in) { kind, source, value, !run->mapping.unverified };
    }
    if (!p->id_count)
        line_fault(l, REASON_NOBODY, NULL);
}

/* Any of these separates words of a list. */
static size_t next_mark(str s, size_t *ret_len)
{
    static const char *const marks[] = { ";", ",", "|", "、", "，", "；" };
    for (size_t i = 0; i < s.len; i++)
        for (size_t k = 0; k < COUNT(marks); k++)
            if (str_starts(str_from(s, i), str_of(marks[k]))) {
                *ret_len = strlen(marks[k]);
                return i;
            }
    *ret_len = 0;
    return s.len;
}

/* The next word, none at the end. */
static str next_word(str *rest)
{
    str word = S("");
    while (!word.len && rest->len) {
        size_t len, at = next_mark(*rest, &len);
        word = str_trim(str_head(*rest, at));
        *rest = str_from(*rest, at + len);
    }
    return word.len ? word : STR_NONE;
}

static void read_tags(struct import_run *run, struct line *l, struct person_row *p)
{
    str rest = field_text(run, l, F_TAGS), name;
    while ((name = next_word(&rest)).len) {
        const i64 *tag = map_get(&run->tags, name_hash(name));
        if (!tag || *tag <= 0 || p->tag_count == ROW_TAGS_MAX)
            line_fault(l, REASON_TAG, &fields[F_TAGS]);
        else
            p->tags[p->tag_count++] = *tag;
    }
}

static str text_or_none(const struct import_run *run, struct line *l, size_t field)
{
    str text = field_text(run, l, field);
    return text.len ? text : STR_NONE;
}

/* As attributes are read from text (customer.h: lenient). */
static void out_attribute(struct ctx *cx, struct json_writer *w, const struct transfer_field *f,
                          str text)
{
    const char *key = f->key + strlen("attrs.");
    struct decimal d;
    struct strbuf sb;
    day date;
    if (strcmp(f->attribute, "choices") == 0) {
        json_list(w, key);
        for (str word; (word = next_word(&text)).len;)
            json_put(w, NULL, word);
        json_list_end(w);
        return;
    }
    if (strcmp(f->attribute, "date") == 0 && date_read(text, &date)) {
        json_day(w, key, date);
        return;
    }
    bool number = strcmp(f->attribute, "number") == 0 || strcmp(f->attribute, "money") == 0;
    if (number && number_read(cx->arena, text, &d)) {
        strbuf_init(&sb, cx->arena, 100);
        i64 unit = 1;
        for (int i = 0; i < d.scale; i++)
            unit *= 10;
        out_fmt(&sb, "%s%lld.%0*lld", d.digits < 0 ? "-" : "", (long long)(llabs(d.digits) / unit),
                d.scale ? d.scale : 1, (long long)(llabs(d.digits) % unit));
        text = strbuf_str(&sb);
    }
    json_put(w, key, text);
}

static void read_attributes(struct ctx *cx, struct import_run *run, struct line *l,
                            struct person_row *p)
{
    struct strbuf text;
    struct json_error bad;
    bool any = false;
    strbuf_init(&text, cx->arena, 4 << 20);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    for (size_t i = F_COUNT; i < run->field_count; i++) {
        str value = field_text(run, l, i);
        if (!value.len)
            continue;
        out_attribute(cx, &w, &run->fields[i], value);
        any = true;
    }
    json_close(&w);
    p->facts.attrs = any ? json_read(cx->arena, strbuf_str(&text), &bad) : NULL;
}

static void read_row(struct ctx *cx, struct import_run *run, struct line *l)
{
    struct person_row *p = NEW(cx->arena, struct person_row);
    struct customer_facts *f = &p->facts;
    l->typed = p;
    *f = (struct customer_facts) { .birthday = { NONE }, .lenient = true };
    read_identities(cx, run, l, p);
    f->name = text_or_none(run, l, F_NAME);
    f->city = text_or_none(run, l, F_CITY);
    f->address = text_or_none(run, l, F_ADDRESS);
    f->remark = text_or_none(run, l, F_REMARK);
    f->channel = text_or_none(run, l, F_CHANNEL);
    const char *gender = word_of(l, gender_words, COUNT(gender_words), field_text(run, l, F_GENDER),
                                 &fields[F_GENDER]);
    f->gender = *gender ? str_of(gender) : STR_NONE;
    str birthday = field_text(run, l, F_BIRTHDAY), joined = field_text(run, l, F_JOINED);
    if (birthday.len && !date_read(birthday, &f->birthday))
        line_fault(l, REASON_TIME, &fields[F_BIRTHDAY]);
    if (joined.len && !time_read(joined, &f->joined))
        line_fault(l, REASON_TIME, &fields[F_JOINED]);
    line_fault(l, place_of(run, field_text(run, l, F_DEPARTMENT), &f->department),
               &fields[F_DEPARTMENT]);
    line_fault(l, staff_of(run, field_text(run, l, F_STAFF), &f->staff), &fields[F_STAFF]);
    read_tags(run, l, p);
    for (size_t i = 0; i < CONSENTS; i++) {
        size_t at = F_AGREES_WECOM + i;
        const char *word =
            word_of(l, consent_words, COUNT(consent_words), field_text(run, l, at), &fields[at]);
        p->consents[i] = *word ? word : NULL;
    }
    read_attributes(cx, run, l, p);
}

/* What the definitions do not take would silently be left out. */
static enum err attributes_fit(struct ctx *cx, struct line *l, const struct person_row *p)
{
    struct json_error bad;
    bool changed;
    str taken;
    if (!p->facts.attrs)
        return OK;
    TRY(attributes_apply(cx, S("{}"), p->facts.attrs, true, &taken, &changed));
    const struct json *all = json_read(cx->arena, taken, &bad);
    for (const struct json *m = p->facts.attrs->first; m && l->why == REASON_NONE; m = m->next)
        if (!json_find(all, m->key)) {
            l->why = REASON_CHOICE;
            l->field = arena_fmt(cx->arena, "attrs.%.*s", STR_ARG(m->key)).ptr;
        }
    return OK;
}

static enum err give(struct ctx *cx, customer_id who, const struct person_row *p, bool *changed)
{
    for (size_t i = 0; i < p->tag_count; i++) {
        bool given;
        TRY(tag_give(cx, who, (tag_id) { p->tags[i] }, "import", &given));
        *changed = *changed || given;
    }
    for (size_t i = 0; i < CONSENTS; i++) {
        const char *channel = fields[F_AGREES_WECOM + i].key + strlen("consent.");
        i64 n = 0;
        if (p->consents[i])
            TRY(sql_changed(cx, import_consent, &n, ID(who), V(channel), V(p->consents[i]),
                            V(cx->now)));
        if (n)
            TRY(event_emit(cx, &EV_CONSENT_CHANGED, who, P("channel", channel),
                           P("state", p->consents[i])));
        *changed = *changed || n;
    }
    return OK;
}

/* A dry run that was undone forgot whom it made in an earlier chunk. */
static enum err made_before(struct ctx *cx, struct import_run *run, const struct resolve *in,
                            i64 row, bool *ret)
{
    *ret = false;
    for (size_t i = 0; i < in->count && run->im.dry; i++) {
        str key, normal;
        if (!identity_key(cx, &in->ids[i], &key, &normal))
            continue;
        i64 *seen = map_put(&run->people, identity_hash(&in->ids[i], key));
        *ret = *ret || (*seen && *seen < row);
        *seen = *seen ? *seen : row;
    }
    return run->people.count <= GROUPS_MAX
               ? OK
               : fail(cx, ERR_TOO_MANY, "file", P("max", (i64)GROUPS_MAX));
}

static enum err take(struct ctx *cx, struct import_run *run, struct line *l, struct counts *counts)
{
    struct person_row p = *(const struct person_row *)l->typed;
    struct resolve in = { .ids = p.ids,
                          .origin = S("import"),
                          .create = true,
                          .name = p.facts.name,
                          .channel = p.facts.channel,
                          .department = p.facts.department,
                          .staff = p.facts.staff,
                          .joined = p.facts.joined };
    struct resolved who;
    bool learnt, changed = false, before;
    TRY(attributes_fit(cx, l, &p));
    if (l->why != REASON_NONE)
        return OK;
    TRY(identities_usable(cx, p.ids, &p.id_count));
    in.count = p.id_count;
    if (!in.count) {
        line_fault(l, REASON_NOBODY, NULL);
        return OK;
    }
    TRY(customer_resolve(cx, &in, &who));
    TRY(made_before(cx, run, &in, l->row, &before));
    p.facts.fresh = who.created;
    TRY(customer_learn(cx, who.customer, &p.facts, &learnt));
    TRY(give(cx, who.customer, &p, &changed));
    bool made = who.created && !before;
    counts->people += made;
    counts->changed += !made && (learnt || changed);
    counts->unchanged += !made && !learnt && !changed;
    return OK;
}

static enum err apply(struct ctx *cx, struct import_run *run, struct line *lines, size_t count,
                      struct counts *counts)
{
    for (size_t i = 0; i < count; i++)
        if (lines[i].why == REASON_NONE)
            TRY(take(cx, run, &lines[i], counts));
    return OK;
}

const struct transfer_kind customers_kind = { .key = "customers",
                                              .zh = "客户",
                                              .en = "Customers",
                                              .fields = fields,
                                              .field_count = COUNT(fields),
                                              .attributes = true,
                                              .perm = PERM_CUSTOMER_WRITE,
                                              .chunk = 1000,
                                              .undone = true,
                                              .read = read_row,
                                              .apply = apply };
