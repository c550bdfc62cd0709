/* What stands before the first customer comes: the house, its people, what it sells, how it looks
 * at customers. */
#include "app/demo.h"

#include "base/json.h"
#include "core/event.h"
#include "domain/care/care.h"
#include "domain/customer/customer.h"
#include "domain/rfm/rfm.h"
#include "domain/rule/rule.h"
#include "domain/segment/segment.h"

#include "attribute.sql.h"
#include "tag.sql.h"

static const struct {
    const char *name;
    const char *cities[10];
} regions[DEMO_REGIONS] = {
    { "华东", { "上海", "杭州", "苏州", "南京", "宁波", "合肥", "无锡", "温州", "嘉兴", "绍兴" } },
    { "华南", { "广州", "深圳", "东莞", "佛山", "厦门", "福州", "珠海", "南宁", "海口", "中山" } },
    { "华北",
      { "北京", "天津", "石家庄", "济南", "青岛", "太原", "郑州", "烟台", "唐山", "洛阳" } },
    { "西南", { "成都", "重庆", "昆明", "贵阳", "绵阳", "遵义", "泸州", "大理", "乐山", "宜宾" } },
};

const struct demo_product demo_products[] = {
    { "BD-001", "荷叶纹全棉四件套", 39900 },
    { "BD-002", "天丝夏凉被", 29900 },
    { "BD-003", "蚕丝被 2 斤", 89900 },
    { "BD-004", "乳胶枕", 19900 },
    { "BD-005", "记忆棉枕", 15900 },
    { "BD-006", "羽绒被 95 绒", 129900 },
    { "BD-007", "纯棉床笠", 9900 },
    { "BD-008", "婴儿睡袋", 16900 },
    { "BD-009", "毛巾三条装", 4900 },
    { "BD-010", "浴巾", 6900 },
    { "BD-011", "冰丝凉席", 23900 },
    { "BD-012", "磨毛四件套", 33900 },
    { "UW-001", "莫代尔内裤三条装", 7900 },
    { "UW-002", "无钢圈内衣", 12900 },
    { "UW-003", "保暖内衣套装", 19900 },
    { "UW-004", "纯棉袜五双装", 3900 },
    { "UW-005", "家居服套装", 22900 },
    { "UW-006", "桑蚕丝睡裙", 45900 },
    { "PR-001", "护膝一对", 8900 },
    { "PR-002", "护腰带", 13900 },
    { "PR-003", "护肩", 9900 },
    { "PR-004", "护颈枕", 15900 },
    { "PR-005", "磁疗护腕", 6900 },
    { "PR-006", "保暖护腿", 5900 },
    { "VS-001", "羊毛马甲", 29900 },
    { "VS-002", "轻羽绒马甲", 35900 },
    { "VS-003", "远红外马甲", 26900 },
    { "VS-004", "棉马甲", 15900 },
    { "HL-001", "艾草足浴包 30 包", 5900 },
    { "HL-002", "薰衣草助眠香囊", 2900 },
    { "HL-003", "蒸汽眼罩 12 片", 4500 },
    { "HL-004", "养生壶", 18900 },
    { "HL-005", "荷叶茶礼盒", 12800 },
    { "HL-006", "燕麦暖宫腰带", 11900 },
    { "BD-013", "亚麻窗帘", 49900 },
    { "BD-014", "沙发毯", 13900 },
};
const size_t demo_product_count = COUNT(demo_products);

static const char *const first_names[] = { "陈荷", "林晓", "赵敏", "孙悦", "周宁", "吴桐",
                                           "郑岚", "冯溪", "褚然", "卫青", "蒋苑", "沈露" };

struct making {
    struct demo_world *world;
    str password;
};

static enum err member(struct ctx *cx, const struct making *m, const char *login, const char *name,
                       department_id department, const char *role, staff_id *ret)
{
    return staff_add(cx,
                     &(struct staff_new) { .login = str_of(login),
                                           .name = str_of(name),
                                           .password_hash = m->password,
                                           .department = department,
                                           .role_key = role },
                     ret);
}

static enum err store(struct ctx *cx, const struct making *m, int index, department_id region,
                      const char *city)
{
    struct demo_store *s = &m->world->stores[index];
    char login[32], name[40];
    s->city = city;
    TRY(department_add(
        cx,
        &(struct department_new) { .name = arena_fmt(cx->arena, "%s店", city),
                                   .kind = "store",
                                   .parent = region,
                                   .code = arena_fmt(cx->arena, "S%03d", index + 1) },
        &s->department));
    for (int i = 0; i < DEMO_STORE_STAFF; i++) {
        snprintf(login, sizeof login, i ? "store%d-staff%d" : "store%d", index + 1, i);
        snprintf(name, sizeof name, i ? "%s%s店员" : "%s%s店长",
                 first_names[(index * 5 + i * 7) % (int)COUNT(first_names)], city);
        TRY(member(cx, m, login, name, s->department, i ? "staff" : "store", &s->staff[i]));
    }
    return OK;
}

static enum err house(struct ctx *cx, void *arg)
{
    const struct making *m = arg;
    department_id root, region;
    staff_id id;
    char login[32];
    TRY(department_root(cx, &root));
    TRY(member(cx, m, "owner", "荷风家纺 · 所有者", root, "owner", &m->world->owner));
    TRY(member(cx, m, "operations", "运营 苏荷", root, "operations", &id));
    TRY(member(cx, m, "analyst", "分析师 顾言", root, "analyst", &id));
    TRY(member(cx, m, "auditor", "审计 陆正", root, "auditor", &id));
    for (int r = 0; r < DEMO_REGIONS; r++) {
        TRY(department_add(
            cx,
            &(struct department_new) { .name = arena_fmt(cx->arena, "%s大区", regions[r].name),
                                       .kind = "region",
                                       .parent = root },
            &region));
        snprintf(login, sizeof login, "region%d", r + 1);
        TRY(member(cx, m, login, arena_fmt(cx->arena, "%s区域经理", regions[r].name).ptr, region,
                   "region", &id));
        for (int c = 0; c < 10; c++)
            TRY(store(cx, m, r * 10 + c, region, regions[r].cities[c]));
    }
    return OK;
}

static enum err attribute(struct ctx *cx, const char *key, const char *zh, const char *en,
                          const char *type, const char *choices, i64 sort)
{
    i64 id;
    return sql_i64(cx, attribute_insert, &id, V(key), V(zh), V(en), V(type), V(choices), V(sort),
                   V(cx->now));
}

static enum err eyes(struct ctx *cx, void *arg)
{
    static const char *const presets[] = { "channel", "age",        "need",     "product",
                                           "spend",   "importance", "frequency" };
    static const char *const tag_keys[DEMO_TAGS] = {
        [DEMO_TAG_BEDDING] = "product:bedding",
        [DEMO_TAG_UNDERWEAR] = "product:underwear",
        [DEMO_TAG_PROTECTIVE] = "product:protective",
        [DEMO_TAG_VEST] = "product:vest",
        [DEMO_TAG_WELLNESS] = "need:wellness",
        [DEMO_TAG_IMMUNITY] = "need:immunity",
        [DEMO_TAG_SLEEP] = "need:sleep",
        [DEMO_TAG_NEW_SILVER] = "need:new-silver",
        [DEMO_TAG_ELDERLY] = "need:elderly",
    };
    struct demo_world *w = arg;
    i64 tags;
    for (size_t i = 0; i < COUNT(presets); i++)
        TRY(preset_install(cx, str_of(presets[i]), &tags));
    for (size_t i = 0; i < COUNT(tag_keys); i++)
        TRY(sql_i64(cx, tag_by_key, &w->tags[i].v, V(tag_keys[i])));
    TRY(attribute(cx, "bed_size", "床的尺寸", "Bed size", "choice",
                  "[\"1.2 米\",\"1.5 米\",\"1.8 米\",\"2 米\"]", 1));
    TRY(attribute(cx, "family_size", "家庭人数", "Family size", "number", "[]", 2));
    TRY(attribute(cx, "materials", "偏好材质", "Materials", "choices",
                  "[\"全棉\",\"真丝\",\"羽绒\",\"乳胶\",\"羊毛\"]", 3));
    TRY(attribute(cx, "anniversary", "纪念日", "Anniversary", "date", "[]", 4));
    TRY(source_add(cx, &(struct source_new) { .name = S("官方小程序"), .trusted = true },
                   &w->source));
    TRY(event_type_id(cx, S("page.viewed"), &w->page_viewed));
    TRY(event_type_id(cx, S("浏览商品"), &w->product_viewed));
    TRY(event_type_id(cx, S("加入购物车"), &w->cart_added));
    TRY(event_type_id(cx, S("提交结算"), &w->checked_out));
    TRY(event_type_id(cx, S("运费提示"), &w->fee_shown));
    return event_type_id(cx, S("领取优惠券"), &w->coupon_claimed);
}

static enum err score_nightly(struct ctx *cx, void *arg)
{
    struct rfm_settings s;
    TRY(rfm_settings_get(cx, &s));
    s.nightly_hour = *(bool *)arg ? 3 : NONE;
    return rfm_settings_put(cx, &s);
}

enum err demo_score_nightly(struct app *app, bool on)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("demo"));
    return in_write(&cx, score_nightly, &on);
}

static enum err care(struct ctx *cx, void *arg)
{
    static const char *const presets[] = { "birthday", "first-order", "vip-visit" };
    struct care_rule rule;
    bool fresh;
    (void)arg;
    for (size_t i = 0; i < COUNT(presets); i++)
        TRY(care_preset_install(cx, str_of(presets[i]), &rule, &fresh));
    return OK;
}

enum err demo_care(struct app *app)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("demo"));
    return in_write(&cx, care, NULL);
}

static enum err segments(struct ctx *cx, void *arg)
{
    static const struct {
        const char *name, *description, *condition;
    } all[] = {
        { "近 90 天买过两次以上", "正在养成习惯的客户，适合推会员权益",
          "{\"event\":\"order.paid\",\"count\":{\"gte\":2},\"within\":\"90d\"}" },
        { "加购 3 天没买", "加进购物车后三天内没有下单，适合提醒一次",
          "{\"all\":[{\"event\":\"加入购物车\",\"not_followed_by\":\"order.paid\",\"after\":"
          "\"3d\",\"within\":\"14d\"},{\"consent\":\"wecom\",\"is\":\"granted\"}]}" },
        { "好久没来的高价值客户", "钻石、黄金会员，九十天没有下单",
          "{\"all\":[{\"rfm\":\"tier\",\"in\":[\"diamond\",\"gold\"]},{\"not\":{\"event\":"
          "\"order.paid\",\"within\":\"90d\"}}]}" },
        { "下周过生日", "生日关怀", "{\"attr\":\"birthday\",\"next\":\"7d\"}" },
    };
    struct json_error bad;
    segment_id id;
    (void)arg;
    for (size_t i = 0; i < COUNT(all); i++)
        TRY(segment_add(cx, str_of(all[i].name), str_of(all[i].description),
                        json_read(cx->arena, str_of(all[i].condition), &bad), &id));
    return OK;
}

enum err demo_segments(struct app *app)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("demo"));
    return in_write(&cx, segments, NULL);
}

enum err demo_world_make(struct app *app, struct demo_world *ret)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("demo"));
    struct making m = { ret, password_hash(&a, S(DEMO_PASSWORD)) };
    TRY(in_write(&cx, house, &m));
    TRY(in_write(&cx, eyes, ret));
    TRY(demo_score_nightly(app, false));
    return event_types_load(app);
}
