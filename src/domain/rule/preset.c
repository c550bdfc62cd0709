/* Tags that the playbooks of the trade begin with. Bands of age and spending have neither gap nor
 * overlap. */
#include "domain/rule/rule.h"

#include "core/reply.h"

#include "preset.sql.h"

struct preset_tag {
    const char *key, *zh, *condition; /* condition NULL: given by hand, by imports or by channels */
};
struct preset {
    const char *key, *zh, *en, *color;
    bool single;
    struct preset_tag tags[12];
};

static const struct preset presets[] = {
    { "channel",
      "来源渠道",
      "Channel",
      "#4b9cd3",
      true,
      { { "channel:store", "门店", "{\"attr\":\"channel\",\"eq\":\"store\"}" },
        { "channel:parcel-card", "包裹卡", "{\"attr\":\"channel\",\"eq\":\"parcel-card\"}" },
        { "channel:official-account", "公众号",
          "{\"attr\":\"channel\",\"eq\":\"official-account\"}" },
        { "channel:sms", "短信", "{\"attr\":\"channel\",\"eq\":\"sms\"}" },
        { "channel:ai-call", "AI 外呼", "{\"attr\":\"channel\",\"eq\":\"ai-call\"}" },
        { "channel:fission", "裂变", "{\"attr\":\"channel\",\"eq\":\"fission\"}" },
        { "channel:partner", "异业合作", "{\"attr\":\"channel\",\"eq\":\"partner\"}" },
        { "channel:mini-program", "小程序", "{\"attr\":\"channel\",\"eq\":\"mini-program\"}" },
        { "channel:live", "直播", "{\"attr\":\"channel\",\"eq\":\"live\"}" } } },
    { "age",
      "年龄段",
      "Age band",
      "#8d6fb8",
      true,
      { { "age:18-25", "18–25 岁", "{\"attr\":\"age\",\"gte\":18,\"lte\":25}" },
        { "age:26-35", "26–35 岁", "{\"attr\":\"age\",\"gte\":26,\"lte\":35}" },
        { "age:36-40", "36–40 岁", "{\"attr\":\"age\",\"gte\":36,\"lte\":40}" },
        { "age:41-50", "41–50 岁", "{\"attr\":\"age\",\"gte\":41,\"lte\":50}" },
        { "age:51-60", "51–60 岁", "{\"attr\":\"age\",\"gte\":51,\"lte\":60}" },
        { "age:over-60", "60 岁以上", "{\"attr\":\"age\",\"gt\":60}" } } },
    { "need",
      "需求",
      "Need",
      "#c26b5a",
      false,
      { { "need:wellness", "养生达人", NULL },
        { "need:immunity", "提升免疫力", NULL },
        { "need:sleep", "睡眠健康", NULL },
        { "need:new-silver", "新银发", NULL },
        { "need:elderly", "中老年人", NULL } } },
    { "product",
      "产品",
      "Product",
      "#b8860b",
      false,
      { { "product:bedding", "床上用品", NULL },
        { "product:underwear", "内衣内裤", NULL },
        { "product:protective", "护具类", NULL },
        { "product:vest", "马甲", NULL } } },
    { "spend",
      "消费金额",
      "Spend band",
      "#2f7d63",
      true,
      { { "spend:under-200", "200 元以下",
          "{\"all\":[{\"order\":\"count\",\"gte\":1},{\"order\":\"amount\",\"lt\":20000}]}" },
        { "spend:200-400", "200–400 元",
          "{\"all\":[{\"order\":\"amount\",\"gte\":20000},{\"order\":\"amount\",\"lt\":40000}]}" },
        { "spend:400-900", "400–900 元",
          "{\"all\":[{\"order\":\"amount\",\"gte\":40000},{\"order\":\"amount\",\"lte\":90000}]}" },
        { "spend:over-900", "900 元以上", "{\"order\":\"amount\",\"gt\":90000}" } } },
    { "importance",
      "客户重要程度",
      "Importance",
      "#a8483f",
      true,
      { { "importance:diamond", "钻石", "{\"rfm\":\"tier\",\"eq\":\"diamond\"}" },
        { "importance:gold", "黄金", "{\"rfm\":\"tier\",\"eq\":\"gold\"}" },
        { "importance:silver", "白银", "{\"rfm\":\"tier\",\"eq\":\"silver\"}" },
        { "importance:bronze", "青铜", "{\"rfm\":\"tier\",\"eq\":\"bronze\"}" } } },
    { "rfm-class",
      "RFM 类别",
      "RFM class",
      "#7a5ea8",
      true,
      { { "rfm-class:111", "重要价值", "{\"rfm\":\"class\",\"eq\":\"111\"}" },
        { "rfm-class:101", "重要发展", "{\"rfm\":\"class\",\"eq\":\"101\"}" },
        { "rfm-class:011", "重要保持", "{\"rfm\":\"class\",\"eq\":\"011\"}" },
        { "rfm-class:001", "重要挽留", "{\"rfm\":\"class\",\"eq\":\"001\"}" },
        { "rfm-class:110", "一般价值", "{\"rfm\":\"class\",\"eq\":\"110\"}" },
        { "rfm-class:100", "一般发展", "{\"rfm\":\"class\",\"eq\":\"100\"}" },
        { "rfm-class:010", "一般保持", "{\"rfm\":\"class\",\"eq\":\"010\"}" },
        { "rfm-class:000", "一般挽留", "{\"rfm\":\"class\",\"eq\":\"000\"}" } } },
    { "frequency",
      "购买频次",
      "Frequency",
      "#3f7f9b",
      true,
      { { "frequency:high", "高频（90 天 3 单以上）",
          "{\"order\":\"count\",\"gte\":3,\"within\":\"90d\"}" },
        { "frequency:medium", "中频（90 天 1–2 单）",
          "{\"order\":\"count\",\"gte\":1,\"lte\":2,\"within\":\"90d\"}" },
        { "frequency:low", "低频（90 天未购）",
          "{\"all\":[{\"order\":\"count\",\"gte\":1},{\"order\":\"count\",\"eq\":0,\"within\":\"90d\"}]}" } } },
    { "fan-source",
      "粉丝来源",
      "Fan source",
      "#6b8e4e",
      true,
      { { "fan-source:old-customer", "老客户", "{\"order\":\"count\",\"gte\":1}" },
        { "fan-source:new-fan", "新粉", "{\"order\":\"count\",\"eq\":0}" } } },
};

static const struct preset *find(str key)
{
    for (size_t i = 0; i < COUNT(presets); i++)
        if (str_is(key, presets[i].key))
            return &presets[i];
    return NULL;
}

static enum err install_tag(struct ctx *cx, const struct preset_tag *t, tag_group_id group,
                            i64 sort)
{
    struct condition c;
    i64 tag, rule;
    enum err e = sql_i64(cx, preset_tag_id, &tag, V(t->key));
    if (e == ERR_DONE) {
        tag_id id;
        e = tag_add(cx, &(struct tag_new) { group, str_of(t->key), str_of(t->zh), sort }, &id);
        tag = id.v;
    }
    TRY(e);
    if (!t->condition)
        return OK;
    e = sql_i64(cx, preset_rule_insert, &rule, V(tag), V(t->condition), V(cx->now));
    if (e == ERR_DONE)
        return OK; /* there is one, perhaps the brand's own */
    TRY(e);
    TRY(condition_read_text(cx, "condition", str_of(t->condition), &c));
    return condition_uses_put(cx, "rule", rule, &c);
}

enum err preset_install(struct ctx *cx, str key, i64 *ret_tags)
{
    const struct preset *p = find(key);
    tag_group_id group;
    i64 n = 0;
    if (!p)
        return fail(cx, ERR_NOT_FOUND, NULL);
    enum err e = sql_i64(cx, preset_group_id, &group.v, V(p->key));
    if (e == ERR_DONE)
        e = taken(cx,
                  sql_i64(cx, preset_group_insert, &group.v, V(p->key), V(p->zh), V(p->color),
                          V(p->single), V((i64)(p - presets) + 1), V(cx->now)),
                  "name", str_of(p->zh));
    TRY(e);
    for (; n < (i64)COUNT(p->tags) && p->tags[n].key; n++)
        TRY(install_tag(cx, &p->tags[n], group, n + 1));
    *ret_tags = n;
    return OK;
}

#define PRESET_TAG(F, T)                                            \
    F(T, str, key, .doc = "How rules, imports and the API name it") \
    F(T, str, name, .doc = "Shown name")                            \
    F(T, boolean, ruled, .doc = "Comes with a rule")
SCHEMA(preset_tag_row, PRESET_TAG);

#define PRESET(F, T)                                              \
    F(T, str, key, .doc = "Name for installing")                  \
    F(T, str, name, .doc = "Shown name")                          \
    F(T, str, name_en, .doc = "Shown name in English")            \
    F(T, str, color, .doc = "#rrggbb")                            \
    F(T, boolean, installed, .doc = "Its group is there already") \
    F(T, list, tags, .of = &preset_tag_row_schema, .doc = "What it brings")
SCHEMA(preset_row, PRESET);

#define PRESET_ONE(F, T) F(T, str, key, .max = 40, .doc = "Which")
SCHEMA(preset_one, PRESET_ONE);

#define PRESET_DONE(F, T) F(T, i64, tags, .doc = "Tags that are there now")
SCHEMA(preset_done, PRESET_DONE);

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input;
    reply_list(out);
    for (size_t i = 0; i < COUNT(presets); i++) {
        const struct preset *p = &presets[i];
        struct preset_tag_row tags[COUNT(p->tags)] = { 0 };
        size_t n = 0;
        i64 id;
        for (; n < COUNT(p->tags) && p->tags[n].key; n++)
            tags[n] = (struct preset_tag_row) { .key = str_of(p->tags[n].key),
                                                .name = str_of(p->tags[n].zh),
                                                .ruled = p->tags[n].condition != NULL };
        enum err e = sql_i64(cx, preset_group_id, &id, V(p->key));
        if (e != OK && e != ERR_DONE)
            return e;
        reply_item(out, &preset_row_schema,
                   &(struct preset_row) { .key = str_of(p->key),
                                          .name = str_of(p->zh),
                                          .name_en = str_of(p->en),
                                          .color = str_of(p->color),
                                          .installed = e == OK,
                                          .tags = { tags, n } });
    }
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err install_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct preset_one *in = input;
    struct preset_done done = { 0 };
    TRY(preset_install(cx, in->key, &done.tags));
    TRY(rule_apply_all(cx));
    return reply_struct(out, &preset_done_schema, &done);
}

static const struct route routes[] = {
    { GET, "/api/v1/tag-presets", list_run, .id = "tag_preset.list", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .out = &preset_row_schema, .listed = true,
      .doc = "Tag groups ready to install" },
    { POST, "/api/v1/tag-presets/{key}/install", install_run, .id = "tag_preset.install",
      .perm = PERM_TAG_WRITE, .mode = WRITE, .in = &preset_one_schema, .out = &preset_done_schema,
      .doc = "Install a group with its tags and rules; again adds only what is missing" },
};

const struct module preset_module = { .name = "preset",
                                      .routes = routes,
                                      .route_count = COUNT(routes) };
