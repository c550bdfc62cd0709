/* Rules of care: saved, tried beforehand, and examples to begin with. */
#include "domain/care/internal.h"

#include "base/time.h"
#include "core/app.h"
#include "core/reply.h"
#include "domain/org/org.h"
#include "domain/rule/rule.h"

#include "care.sql.h"

#define NAME_MAX_CHARS 60

#define SETTINGS(F, T)                                                                          \
    F(T, i64, hour, .min = 0, .max = 23, .doc = "At which hour of the business zone; 10")       \
    F(T, str, orders, .choices = care_orders, .doc = "after_order: each unless told")           \
    F(T, doc, condition, .nullable = true, .doc = "For whom (see conditions); null: everybody") \
    F(T, str, gives_to, .choices = care_givings, .doc = "owner unless told")                    \
    F(T, department_id, fallback_department_id, .nullable = true,                               \
      .doc = "Whose manager gets it when gives_to finds nobody")                                \
    F(T, boolean, overdue,                                                                      \
      .doc = "rhythm, dormant: also for whom the time has passed already; not unless told")

#define CARE_NEW(F, T)                                                                   \
    F(T, str, name, .required = true, .max = NAME_MAX_CHARS, .doc = "Shown name")        \
    F(T, str, kind, .required = true, .choices = care_kinds, .doc = "What it waits for") \
    F(T, i64, days, .required = true, .min = 0, .max = 3650,                             \
      .doc = "How many days before or after, or how often")                              \
    F(T, str, text, .required = true, .max = TASK_WHAT_MAX,                              \
      .doc = "What the task says, with {name} {store} {staff} {days} {date}")            \
    F(T, boolean, active, .doc = "It works; so unless told")                             \
    SETTINGS(F, T)
SCHEMA(care_new, CARE_NEW);

#define CARE_CHANGE(F, T)                                                                        \
    F(T, care_rule_id, id, .doc = "Number")                                                      \
    F(T, str, name, .min = 1, .max = NAME_MAX_CHARS, .doc = "Shown name")                        \
    F(T, i64, days, .min = 0, .max = 3650, .doc = "How many days before or after, or how often") \
    F(T, str, text, .min = 1, .max = TASK_WHAT_MAX, .doc = "What the task says")                 \
    F(T, boolean, active, .doc = "It works")                                                     \
    SETTINGS(F, T)
SCHEMA(care_change, CARE_CHANGE);

#define CARE_TRY(F, T)                                                                   \
    F(T, care_rule_id, id, .doc = "Of a saved rule: without what it has made")           \
    F(T, str, kind, .required = true, .choices = care_kinds, .doc = "What it waits for") \
    F(T, i64, days, .required = true, .min = 0, .max = 3650,                             \
      .doc = "How many days before or after, or how often")                              \
    SETTINGS(F, T)
SCHEMA(care_try, CARE_TRY);

#define CARE_ONE(F, T) F(T, care_rule_id, id, .doc = "Number")
SCHEMA(care_one, CARE_ONE);

#define FORECAST(F, T)                                              \
    F(T, i64, now, .doc = "Tasks it would make at once")            \
    F(T, i64, in_7_days, .doc = "Those and the ones of seven days") \
    F(T, i64, in_30_days, .doc = "Those and the ones of thirty days")
SCHEMA(care_outlook, FORECAST);

/* What a rule may wait for, and how long. */
static const struct limits {
    const char *kind;
    i64 min, max;
} limits[] = {
    { "birthday", 0, 90 }, { "after_order", 0, 1095 }, { "rhythm", 1, 1095 }, { "dormant", 1, 3650 }
};

static enum err check(struct ctx *cx, const struct care_rule *r)
{
    struct department department;
    for (size_t i = 0; i < COUNT(limits); i++)
        if (str_is(r->kind, limits[i].kind) && (r->days < limits[i].min || r->days > limits[i].max))
            return fail(cx, ERR_OUT_OF_RANGE, "days", P("min", limits[i].min),
                        P("max", limits[i].max));
    TRY(care_check_text(cx, r->text));
    return r->fallback_department_id.v ? department_get(cx, r->fallback_department_id,
                                                        "fallback_department_id", &department)
                                       : OK;
}

/* The condition's text; a condition that means everybody is none. */
static enum err set_condition(struct ctx *cx, struct care_rule *r, doc described)
{
    struct condition c;
    struct strbuf text;
    r->condition = (json) { 0 };
    if (!described || described->kind == JSON_NULL)
        return OK;
    TRY(condition_read(cx, "condition", described, &c));
    if (!c.root)
        return OK;
    strbuf_init(&text, cx->arena, 1 << 20);
    out_json_value(&text, described);
    r->condition = strbuf_str(&text);
    return OK;
}

static enum err insert(struct ctx *cx, struct care_rule *r)
{
    i64 count;
    TRY(sql_i64(cx, care_rule_count, &count));
    if (count >= CARE_RULES_MAX)
        return fail(cx, ERR_TOO_MANY, NULL, P("max", CARE_RULES_MAX));
    return sql_i64(cx, care_rule_insert, &r->id.v, V(r->key), V(r->name), V(r->kind), V(r->days),
                   V(r->hour), V(r->orders), V(r->condition), V(r->text), V(r->gives_to),
                   ID(r->fallback_department_id), V(r->overdue), V(r->active), V(cx->now),
                   V(day_of(cx->now)));
}

static enum err update(struct ctx *cx, const struct care_rule *r)
{
    return sql_exec(cx, care_rule_update, ID(r->id), V(r->name), V(r->days), V(r->hour),
                    V(r->orders), V(r->condition), V(r->text), V(r->gives_to),
                    ID(r->fallback_department_id), V(r->overdue), V(r->active), V(r->since_at),
                    V(day_of(cx->now)));
}

/* Stores it and applies it: a new one when its id is 0. */
static enum err store(struct ctx *cx, struct care_rule *r)
{
    struct care_known known;
    TRY(check(cx, r));
    TRY(r->id.v ? update(cx, r) : insert(cx, r));
    TRY(care_known_get(cx, r->id, &known));
    TRY(condition_uses_put(cx, "care", r->id.v, &known.condition));
    TRY(known.active ? care_apply(cx, &known) : care_stop(cx, known.id));
    TRY(care_rule_get(cx, r->id, r));
    audit_entity(cx, "care_rule", r->id.v);
    return OK;
}

static struct care_rule blank(void)
{
    struct care_rule r;
    schema_clear(&care_rule_schema, &r);
    r.hour = 10;
    r.orders = str_of(care_orders[1]);
    r.gives_to = str_of(care_givings[0]);
    r.active = true;
    return r;
}

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    (void)input;
    reply_list(out);
    TRY(sql_query(cx, care_rule_list, &r));
    TRY(reply_rows(cx, out, &care_rule_schema, &r, NULL));
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct care_one *in = input;
    struct care_rule r;
    TRY(care_rule_get(cx, in->id, &r));
    return reply_struct(out, &care_rule_schema, &r);
}

static enum err create_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct care_new *in = input;
    struct care_rule r = blank();
    schema_patch(&care_rule_schema, &r, &care_new_schema, in);
    TRY(set_condition(cx, &r, in->condition));
    TRY(store(cx, &r));
    return reply_created(out, &care_rule_schema, &r);
}

static enum err change_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct care_change *in = input;
    struct care_rule r;
    TRY(care_rule_get(cx, in->id, &r));
    TRY(version_check(cx, r.version));
    audit_before(cx, &care_rule_schema, &r);
    bool was = r.active;
    schema_patch(&care_rule_schema, &r, &care_change_schema, in);
    if (HAS(in, care_change, condition))
        TRY(set_condition(cx, &r, in->condition));
    if (r.active && !was)
        r.since_at = cx->now;
    TRY(store(cx, &r));
    return reply_struct(out, &care_rule_schema, &r);
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct care_one *in = input;
    struct care_rule r;
    (void)out;
    TRY(care_rule_get(cx, in->id, &r));
    TRY(version_check(cx, r.version));
    audit_entity(cx, "care_rule", in->id.v);
    audit_before(cx, &care_rule_schema, &r);
    TRY(condition_uses_remove(cx, "care", in->id.v));
    TRY(sql_exec(cx, care_rule_remove, ID(in->id), V(cx->now)));
    return care_stop(cx, in->id);
}

static enum err try_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct care_try *in = input;
    struct care_rule r = blank(), saved;
    struct care_known known;
    struct care_forecast f;
    if (in->id.v)
        TRY(care_rule_get(cx, in->id, &saved));
    schema_patch(&care_rule_schema, &r, &care_try_schema, in);
    r.since_at = cx->now;
    r.text = S("");
    TRY(set_condition(cx, &r, in->condition));
    TRY(check(cx, &r));
    TRY(care_known_of(cx, &r, &known));
    TRY(care_preview(cx, &known, &f));
    return reply_struct(out, &care_outlook_schema,
                        &(struct care_outlook) {
                            .now = f.now, .in_7_days = f.in_7_days, .in_30_days = f.in_30_days });
}

/* Examples. */
static const struct preset {
    const char *key, *name, *name_en, *kind;
    i64 days;
    const char *orders, *condition, *text, *text_en;
} presets[] = {
    { "birthday", "生日关怀", "Birthday", "birthday", 3, "each", NULL,
      "{date} 是{name}的生日，准备祝福和生日礼",
      "{name} has a birthday on {date}: prepare a wish and a present" },
    { "first-order", "首单回访", "After the first order", "after_order", 7, "first", NULL,
      "{name} 首单已 {days} 天，问问使用感受，邀请进群",
      "{name} first ordered {days} days ago: ask how it is, invite to the group" },
    { "repurchase", "复购提醒", "Time to buy again", "after_order", 30, "each", NULL,
      "{name} 上一单已 {days} 天，问问是否需要补货",
      "{name} last ordered {days} days ago: ask whether more is needed" },
    { "vip-visit", "高价值客户回访", "Visits to those who matter most", "rhythm", 30, "each",
      "{\"any\":[{\"rfm\":\"tier\",\"in\":[\"diamond\",\"gold\"]},"
      "{\"order\":\"amount\",\"gt\":90000}]}",
      "{name} 已 {days} 天没有联系，做一次专属回访",
      "{name} has not been spoken to for {days} days: pay a visit" },
    { "dormant", "沉睡唤醒", "No order for long", "dormant", 60, "each", NULL,
      "{name} 已 {days} 天没有下单，送上召回礼",
      "{name} has not ordered for {days} days: send a present to come back for" },
};

static str text_of(const struct ctx *cx, const struct preset *p)
{
    return str_of(cx->lang == LANG_EN ? p->text_en : p->text);
}

#define CARE_PRESET(F, T)                                                                        \
    F(T, str, key, .doc = "Name for installing")                                                 \
    F(T, str, name, .doc = "Shown name")                                                         \
    F(T, str, name_en, .doc = "Shown name in English")                                           \
    F(T, str, kind, .choices = care_kinds, .doc = "What it waits for")                           \
    F(T, i64, days, .doc = "How many days before or after, or how often")                        \
    F(T, str, orders, .choices = care_orders, .doc = "after_order: of the first one or of each") \
    F(T, json, condition, .nullable = true, .doc = "For whom; null: for everybody")              \
    F(T, str, text, .doc = "What the task says, in the language of who asks")                    \
    F(T, care_rule_id, rule_id, .nullable = true, .doc = "The rule, if it is installed")
SCHEMA(care_preset, CARE_PRESET);

#define CARE_PRESET_ONE(F, T) F(T, str, key, .max = 40, .doc = "Which")
SCHEMA(care_preset_one, CARE_PRESET_ONE);

/* 0: not installed. */
static enum err installed(struct ctx *cx, const char *key, care_rule_id *ret)
{
    ret->v = 0;
    enum err e = sql_i64(cx, care_rule_by_key, &ret->v, V(key));
    return e == ERR_DONE ? OK : e;
}

static enum err presets_run(struct ctx *cx, const void *input, struct reply *out)
{
    (void)input;
    reply_list(out);
    for (size_t i = 0; i < COUNT(presets); i++) {
        const struct preset *p = &presets[i];
        struct care_preset shown = { .key = str_of(p->key),
                                     .name = str_of(p->name),
                                     .name_en = str_of(p->name_en),
                                     .kind = str_of(p->kind),
                                     .days = p->days,
                                     .orders = str_of(p->orders),
                                     .condition = str_of(p->condition),
                                     .text = text_of(cx, p) };
        TRY(installed(cx, p->key, &shown.rule_id));
        reply_item(out, &care_preset_schema, &shown);
    }
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

enum err care_preset_install(struct ctx *cx, str key, struct care_rule *ret, bool *ret_new)
{
    *ret_new = false;
    for (size_t i = 0; i < COUNT(presets); i++) {
        const struct preset *p = &presets[i];
        if (!str_is(key, p->key))
            continue;
        *ret = blank();
        TRY(installed(cx, p->key, &ret->id));
        if (ret->id.v)
            return care_rule_get(cx, ret->id, ret);
        ret->key = str_of(p->key);
        ret->name = str_of(cx->lang == LANG_EN ? p->name_en : p->name);
        ret->kind = str_of(p->kind);
        ret->days = p->days;
        ret->orders = str_of(p->orders);
        ret->condition = str_of(p->condition);
        ret->text = text_of(cx, p);
        *ret_new = true;
        return store(cx, ret);
    }
    return fail(cx, ERR_NOT_FOUND, NULL);
}

static enum err install_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct care_preset_one *in = input;
    struct care_rule r;
    bool fresh;
    TRY(care_preset_install(cx, in->key, &r, &fresh));
    if (fresh)
        return reply_created(out, &care_rule_schema, &r);
    cx->audit.skip = true;
    return reply_struct(out, &care_rule_schema, &r);
}

static const struct route routes[] = {
    { GET, "/api/v1/care-rules", list_run, .id = "care_rule.list", .perm = PERM_TASK_WRITE,
      .mode = READ, .out = &care_rule_schema, .listed = true,
      .doc = "Rules that make tasks by themselves" },
    { POST, "/api/v1/care-rules", create_run, .id = "care_rule.create",
      .perm = PERM_LIFECYCLE_WRITE, .mode = WRITE, .in = &care_new_schema, .out = &care_rule_schema,
      .doc = "Add a rule" },
    { POST, "/api/v1/care-rules/try", try_run, .id = "care_rule.try", .perm = PERM_LIFECYCLE_WRITE,
      .mode = READ, .in = &care_try_schema, .out = &care_outlook_schema,
      .doc = "How many tasks a rule would make, now and in the days to come" },
    { GET, "/api/v1/care-rules/{id}", get_run, .id = "care_rule.get", .perm = PERM_TASK_WRITE,
      .mode = READ, .in = &care_one_schema, .out = &care_rule_schema, .doc = "One rule" },
    { PATCH, "/api/v1/care-rules/{id}", change_run, .id = "care_rule.change",
      .perm = PERM_LIFECYCLE_WRITE, .mode = WRITE, .in = &care_change_schema,
      .out = &care_rule_schema,
      .doc = "Change a rule, switch it on or off; what it has made stays" },
    { DELETE, "/api/v1/care-rules/{id}", remove_run, .id = "care_rule.remove",
      .perm = PERM_LIFECYCLE_WRITE, .mode = WRITE, .in = &care_one_schema,
      .doc = "Remove a rule; its open tasks are dismissed" },
    { GET, "/api/v1/care-presets", presets_run, .id = "care_preset.list", .perm = PERM_TASK_WRITE,
      .mode = READ, .out = &care_preset_schema, .listed = true, .doc = "Rules ready to install" },
    { POST, "/api/v1/care-presets/{key}/install", install_run, .id = "care_preset.install",
      .perm = PERM_LIFECYCLE_WRITE, .mode = WRITE, .in = &care_preset_one_schema,
      .out = &care_rule_schema, .doc = "Install a rule; once it is there nothing happens" },
};

static const struct job_kind *const jobs[] = { &care_birthday_job, &care_timer_job, &care_apply_job,
                                               &care_stop_job };

const struct module care_module = { .name = "care",
                                    .routes = routes,
                                    .route_count = COUNT(routes),
                                    .subscribers = care_subscribers,
                                    .subscriber_count = COUNT(care_subscribers),
                                    .jobs = jobs,
                                    .job_count = COUNT(jobs),
                                    .person = &care_person_part };
