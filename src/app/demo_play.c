/* Living the year: each action by the function that real traffic takes, a few hundred in a write,
 * then what follows of them. */
#include "app/demo.h"

#include "base/time.h"
#include "core/event.h"
#include "core/job.h"
#include "domain/customer/customer.h"
#include "domain/order/order.h"
#include "domain/rfm/rfm.h"
#include "domain/task/task.h"
#include "domain/value/value.h"

#include "note.sql.h"
#include "ops.sql.h"

#define BATCH     300
#define LINES_MAX 5

struct play {
    const struct demo_world *world;
    struct demo_life *life;
    const struct demo_action *from;
    size_t count;
    struct rnd rnd;
    struct product_cache products;
    uint64_t seed;
    bool cares; /* by rules */
};

static str mobile_of(struct arena *a, uint32_t who)
{
    static const int heads[] = { 139, 138, 136, 150, 158, 186, 177, 199 };
    return arena_fmt(a, "%d%08u", heads[who % COUNT(heads)], (unsigned)(u64_hash(who) % 100000000));
}

static str device_of(struct arena *a, uint32_t who)
{
    return arena_fmt(a, "d-%016llx", (unsigned long long)u64_hash(who + 77));
}

/* Each action draws from a stream of its own: what it does depends on it alone. */
static void own_stream(struct play *p, const struct demo_action *act)
{
    rnd_seed(&p->rnd,
             p->seed ^ u64_hash((uint64_t)act->at.ms * 31 + act->customer * 7 + act->kind));
}

static str random_attrs(struct ctx *cx, struct rnd *r)
{
    static const char *const beds[] = { "1.2 米", "1.5 米", "1.8 米", "2 米" };
    static const char *const materials[] = { "全棉", "真丝", "羽绒", "乳胶", "羊毛" };
    struct strbuf text;
    strbuf_init(&text, cx->arena, 4096);
    struct json_writer w = json_writer(&text);
    json_open(&w, NULL);
    if (rnd_f64(r) < 0.5)
        json_put(&w, "bed_size", beds[rnd_below(r, COUNT(beds))]);
    if (rnd_f64(r) < 0.4)
        json_put(&w, "family_size", (i64)rnd_below(r, 5) + 1);
    if (rnd_f64(r) < 0.35) {
        json_list(&w, "materials");
        for (size_t i = 0; i < COUNT(materials); i++)
            if (rnd_f64(r) < 0.35)
                json_put(&w, NULL, materials[i]);
        json_list_end(&w);
    }
    json_close(&w);
    return strbuf_str(&text);
}

static enum err tell_profile(struct ctx *cx, struct play *p, struct demo_person *who, bool fresh)
{
    struct json_error bad;
    bool changed;
    const struct demo_store *s = &p->world->stores[who->store];
    struct customer_facts f = { .name = str_of(who->name),
                                .gender = who->female ? S("female") : S("male"),
                                .city = str_of(s->city),
                                .birthday = who->birthday,
                                .fresh = fresh,
                                .lenient = true,
                                .attrs = json_read(cx->arena, random_attrs(cx, &p->rnd), &bad) };
    if (rnd_f64(&p->rnd) < 0.3)
        f.address =
            arena_fmt(cx->arena, "%s市荷风路 %d 号 %d 室", s->city,
                      (int)rnd_below(&p->rnd, 300) + 1, (int)rnd_below(&p->rnd, 2000) + 101);
    return customer_learn(cx, who->id, &f, &changed);
}

static enum err consents(struct ctx *cx, struct play *p, const struct demo_person *who)
{
    if (rnd_f64(&p->rnd) < 0.9)
        TRY(sql_exec(cx, consent_put, ID(who->id), V("wecom"), V("granted"), V("demo"),
                     V(cx->now)));
    if (rnd_f64(&p->rnd) < 0.6)
        TRY(sql_exec(cx, consent_put, ID(who->id), V("sms"),
                     V(rnd_f64(&p->rnd) < 0.75 ? "granted" : "refused"), V("demo"), V(cx->now)));
    return OK;
}

/* Some are seen first by their device, and told by name an hour later. */
static enum err join(struct ctx *cx, struct play *p, const struct demo_action *act)
{
    struct demo_person *who = &p->life->people[act->customer];
    const struct demo_store *s = &p->world->stores[who->store];
    struct identity_in ids[3];
    struct resolved done;
    size_t n = 0;
    bool named = !who->visitor;
    ids[n++] = (struct identity_in) { identity_kind_find(S("device")), S("sdk"),
                                      device_of(cx->arena, act->customer), false };
    if (named)
        ids[n++] = (struct identity_in) { identity_kind_find(S("mobile")), S(""),
                                          mobile_of(cx->arena, act->customer), true };
    if (named && rnd_f64(&p->rnd) < 0.45)
        ids[n++] = (struct identity_in) { identity_kind_find(S("member_no")), S(""),
                                          arena_fmt(cx->arena, "HF%06u", act->customer + 1), true };
    TRY(customer_resolve(cx,
                         &(struct resolve) { .ids = ids,
                                             .count = n,
                                             .origin = S("demo"),
                                             .create = true,
                                             .joined = act->at,
                                             .channel = str_of(demo_channels[who->channel]),
                                             .department = s->department,
                                             .staff = rnd_f64(&p->rnd) < 0.8 ? s->staff[who->staff]
                                                                             : (staff_id) { 0 } },
                         &done));
    who->id = done.customer;
    return named ? (tell_profile(cx, p, who, true) == OK ? consents(cx, p, who) : ERR_INTERNAL)
                 : OK;
}

/* Logging in ties the device to a mobile: of a third of them the shop already knew the mobile, and
 * the two become one. */
static enum err identify(struct ctx *cx, struct play *p, const struct demo_action *act)
{
    struct demo_person *who = &p->life->people[act->customer];
    struct identity_in ids[] = {
        { identity_kind_find(S("mobile")), S(""), mobile_of(cx->arena, act->customer), true },
        { identity_kind_find(S("device")), S("sdk"), device_of(cx->arena, act->customer), false },
    };
    bool known_twice = act->customer % 3 == 0;
    struct resolve r = { .ids = ids, .origin = S("demo"), .create = true };
    struct resolved done;
    for (r.count = known_twice ? 1 : 2; r.count <= COUNT(ids); r.count++)
        TRY(customer_resolve(cx, &r, &done));
    who->id = done.customer;
    TRY(tell_profile(cx, p, who, false));
    return consents(cx, p, who);
}

static enum err seen_in_shop(struct ctx *cx, struct play *p, const struct demo_action *act,
                             i64 type, size_t *place, str props)
{
    return event_append(
        cx, type,
        &(struct event_new) { .customer = p->life->people[act->customer].id,
                              .at = { act->at.ms + (i64)(*place)++ * 20 * SECOND_MS },
                              .source = p->world->source.v,
                              .props = props });
}

/* To the till of the shop: whoever buys in the end goes there, and of the others some. The delivery
 * fee keeps people from buying (demo.h). */
static enum err check_out(struct ctx *cx, struct play *p, const struct demo_action *act,
                          size_t place)
{
    const struct demo_product *product = &demo_products[rnd_below(&p->rnd, demo_product_count)];
    bool buys = act->value == 1;
    if (!buys && (act->detail < 3 || rnd_f64(&p->rnd) > 0.4))
        return OK;
    str props = arena_fmt(cx->arena, "{\"sku\":\"%s\",\"name\":\"%s\",\"price_fen\":%lld}",
                          product->code, product->name, (long long)product->price_fen);
    TRY(seen_in_shop(cx, p, act, p->world->cart_added, &place, props));
    if (rnd_f64(&p->rnd) > (buys ? 0.9 : 0.7))
        return OK;
    TRY(seen_in_shop(cx, p, act, p->world->checked_out, &place, props));
    return rnd_f64(&p->rnd) < (buys ? 0.08 : 0.6)
               ? seen_in_shop(cx, p, act, p->world->fee_shown, &place, S("{\"fee_fen\":1200}"))
               : OK;
}

/* What brought somebody to the shop: of 100 who only look, and of 100 who buy then. */
static const struct {
    const char *source, *medium;
    double looking, buying;
} campaigns[] = {
    { NULL, NULL, 26, 34 }, /* by themselves */
    { "朋友圈广告", "cpc", 20, 5 },  { "小红书", "social", 18, 4 },
    { "公众号", "article", 16, 12 }, { "企业微信", "message", 8, 24 },
    { "短信", "message", 4, 13 },    { "直播间", "live", 8, 8 },
};

static str first_page(struct ctx *cx, const struct play *p, const struct demo_action *act)
{
    struct rnd r; /* apart, so that it changes nothing else of the visit */
    size_t which = 0;
    rnd_seed(&r, p->seed ^ u64_hash((uint64_t)act->at.ms * 37 + act->customer));
    double at = rnd_f64(&r) * 100;
    for (; which + 1 < COUNT(campaigns); which++) {
        at -= act->value == 1 ? campaigns[which].buying : campaigns[which].looking;
        if (at < 0)
            break;
    }
    if (!campaigns[which].source)
        return S("{\"name\":\"首页\",\"url\":\"/\"}");
    return arena_fmt(cx->arena,
                     "{\"name\":\"首页\",\"url\":\"/\",\"$context\":{\"campaign\":{\"source\":"
                     "\"%s\",\"medium\":\"%s\"}}}",
                     campaigns[which].source, campaigns[which].medium);
}

static enum err visit(struct ctx *cx, struct play *p, const struct demo_action *act)
{
    const struct demo_person *who = &p->life->people[act->customer];
    const struct demo_world *w = p->world;
    size_t place = 0;
    if (!who->id.v)
        return OK;
    for (size_t i = 0; i < act->detail; i++) {
        const struct demo_product *product = &demo_products[rnd_below(&p->rnd, demo_product_count)];
        double what = rnd_f64(&p->rnd);
        i64 type = i == 0        ? w->page_viewed
                   : what < 0.75 ? w->product_viewed
                   : what < 0.92 ? w->cart_added
                                 : w->coupon_claimed;
        str props =
            i == 0 ? first_page(cx, p, act)
                   : arena_fmt(cx->arena, "{\"sku\":\"%s\",\"name\":\"%s\",\"price_fen\":%lld}",
                               product->code, product->name, (long long)product->price_fen);
        TRY(seen_in_shop(cx, p, act, type, &place, props));
    }
    TRY(check_out(cx, p, act, place));
    return customer_seen(cx, who->id, act->at);
}

/* A basket whose sum comes near what was aimed at. */
static size_t basket(struct play *p, i64 aim_fen, struct document_line lines[LINES_MAX])
{
    size_t n = 0;
    for (i64 left = aim_fen; n < LINES_MAX && (n == 0 || left > 3000); n++) {
        const struct demo_product *best = NULL;
        for (int tries = 0; tries < 6; tries++) {
            const struct demo_product *one = &demo_products[(
                size_t)(rnd_f64(&p->rnd) * rnd_f64(&p->rnd) * (double)demo_product_count)];
            i64 off = one->price_fen - left, best_off = best ? best->price_fen - left : INT64_MAX;
            if (!best || (off < 0 ? -off : off) < (best_off < 0 ? -best_off : best_off))
                best = one;
        }
        i64 quantity = MIN(MAX(left / best->price_fen, 1), 4);
        lines[n] = (struct document_line) {
            (i64)n + 1,      str_of(best->code),      str_of(best->name),
            quantity * 1000, best->price_fen * 10000, { quantity * best->price_fen }
        };
        left -= quantity * best->price_fen;
    }
    return n;
}

/* What staff note of somebody's purchase: the kind of thing, or what it is for. */
static enum err tag_purchase(struct ctx *cx, struct play *p, customer_id who, str code)
{
    static const struct {
        const char *prefix;
        enum demo_tag tag;
    } of[] = {
        { "BD", DEMO_TAG_BEDDING },      { "UW", DEMO_TAG_UNDERWEAR },
        { "PR", DEMO_TAG_PROTECTIVE },   { "VS", DEMO_TAG_VEST },
        { "HL-002", DEMO_TAG_SLEEP },    { "HL-003", DEMO_TAG_SLEEP },
        { "HL-005", DEMO_TAG_IMMUNITY }, { "HL", DEMO_TAG_WELLNESS },
    };
    bool changed;
    for (size_t i = 0; i < COUNT(of); i++)
        if (str_starts(code, str_of(of[i].prefix)))
            return tag_give(cx, who, p->world->tags[of[i].tag], "manual", &changed);
    return OK;
}

static enum err sell(struct ctx *cx, struct play *p, const struct demo_action *act)
{
    struct demo_person *who = &p->life->people[act->customer];
    const struct demo_store *s = &p->world->stores[who->store];
    struct document_line lines[LINES_MAX];
    struct put_done done;
    bool refund = act->kind == DEMO_REFUND;
    if (!who->id.v || (refund && !who->orders))
        return OK;
    size_t n = basket(p, refund ? 9900 : act->value, lines);
    who->orders += !refund;
    bool nobody = !refund && act->detail % 12 == 0; /* bought without being asked who they are */
    TRY(document_put(cx,
                     &(struct document) {
                         .kind = refund ? DOCUMENT_REFUND : DOCUMENT_ORDER,
                         .source = S("shop"),
                         .number = arena_fmt(cx->arena, "%s%u-%lld", refund ? "R" : "",
                                             act->customer + 1, (long long)who->orders),
                         .order_number = refund ? arena_fmt(cx->arena, "%u-%lld", act->customer + 1,
                                                            (long long)who->orders)
                                                : STR_NONE,
                         .customer = nobody ? (customer_id) { 0 } : who->id,
                         .department = s->department,
                         .staff = s->staff[who->staff],
                         .channel = who->channel == 0 ? S("store") : S("mini-program"),
                         .at = act->at,
                         .lines = lines,
                         .line_count = refund ? 1 : n },
                     &p->products, &done));
    return refund || nobody || rnd_f64(&p->rnd) > 0.4
               ? OK
               : tag_purchase(cx, p, who->id, lines[0].product_code);
}

static enum err note(struct ctx *cx, struct play *p, const struct demo_action *act)
{
    static const struct {
        const char *text;
        int tag; /* enum demo_tag; -1: none */
    } told[] = {
        { "喜欢素色，问过蚕丝被什么时候有活动。", DEMO_TAG_BEDDING },
        { "给父母买护膝，尺码偏大一号。", DEMO_TAG_ELDERLY },
        { "周末来店多，适合邀约新品体验。", -1 },
        { "对荷叶茶感兴趣，可寄试用装。", DEMO_TAG_WELLNESS },
        { "反馈快递慢，已致歉并补发优惠券。", -1 },
        { "刚退休，开始跟着社区学八段锦。", DEMO_TAG_NEW_SILVER },
        { "老客带新客两位，可发展为 KOC。", -1 },
        { "睡眠不好，推荐乳胶枕和香囊。", DEMO_TAG_SLEEP },
    };
    const struct demo_person *who = &p->life->people[act->customer];
    const struct demo_store *s = &p->world->stores[who->store];
    size_t which = act->detail % COUNT(told);
    bool changed;
    i64 id;
    if (!who->id.v)
        return OK;
    if (told[which].tag >= 0)
        TRY(tag_give(cx, who->id, p->world->tags[told[which].tag], "manual", &changed));
    TRY(sql_i64(cx, note_insert, &id, ID(who->id), ID(s->staff[who->staff]), V("店员"),
                V(told[which].text), V(false), V(cx->now)));
    return event_emit(cx, &EV_NOTE_ADDED, who->id, P("note_id", id));
}

static enum err (*const doings[])(struct ctx *cx, struct play *p, const struct demo_action *act) = {
    [DEMO_JOIN] = join,   [DEMO_VISIT] = visit, [DEMO_ORDER] = sell,
    [DEMO_REFUND] = sell, [DEMO_NOTE] = note,   [DEMO_IDENTIFY] = identify,
};

static enum err play_batch(struct ctx *cx, void *arg)
{
    struct play *p = arg;
    map_clear(&p->products.by_hash); /* products made in a write that is undone are no more */
    for (size_t i = 0; i < p->count; i++) {
        const struct demo_action *act = &p->from[i];
        cx->now = act->at;
        own_stream(p, act);
        TRY(doings[act->kind](cx, p, act));
    }
    return OK;
}

/* What staff did of their tasks when the day was over: most of what is due, a few given up. */
static enum err work_on_tasks(struct ctx *cx, void *arg)
{
    static const char *const said[] = { "已联系，反馈很好", "已送上祝福，约了周末到店",
                                        "没接电话，已发微信", "问了使用感受，想再看看新品", "" };
    struct play *p = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(struct due {
        task_id task;
        str holder;
    })
    due = { 0 };
    instant over = cx->now;
    TRY(sql_query(cx, demo_tasks_due, &r, V(over)));
    while (rows_next(&r))
        *vec_push(cx->arena, &due) =
            (struct due) { { col_id(&r, 0) }, arena_str(cx->arena, col_str(&r, 1)) };
    TRY(rows_end(&r));
    for (size_t i = 0; i < due.n; i++) {
        rnd_seed(&p->rnd, p->seed ^ u64_hash((uint64_t)due.at[i].task.v * 31 + (uint64_t)over.ms));
        double what = rnd_f64(&p->rnd);
        if (what > 0.8)
            continue;
        cx->now = (instant) { over.ms - (i64)rnd_below(&p->rnd, 8 * HOUR_MS) - MINUTE_MS };
        cx->actor.name = due.at[i].holder;
        TRY(task_finish(
            cx, due.at[i].task, what < 0.74 ? TASK_DONE : TASK_DISMISSED,
            str_of(what < 0.74 ? said[rnd_below(&p->rnd, COUNT(said))] : "不需要联系")));
    }
    return OK;
}

static enum err score_people(struct ctx *cx, void *arg)
{
    const bool *end = arg;
    if (*end)
        TRY(value_request(cx, NULL));
    return rfm_request(cx, (instant) { 0 }, NULL);
}

/* What follows of the day: rules, figures, the index; and what time alone brings. People are scored
 * once a quarter, and at the end: a night's run for each night would be most of the work. */
static enum err end_of_day(struct app *app, struct arena *a, struct play *p, day today, bool end)
{
    int y, m, d;
    TRY(log_drain(app));
    day_to_ymd((day) { today.n + 1 }, &y, &m, &d);
    if ((d == 1 && m % 3 == 1) || end) {
        struct ctx cx = system_ctx(app, a, S("demo"));
        TRY(in_write(&cx, score_people, &end));
    }
    TRY(jobs_drain(app, NULL));
    if (p->cares && !end) {
        struct ctx cx = system_ctx(app, a, S("demo"));
        TRY(in_write(&cx, work_on_tasks, p));
    }
    return log_drain(app);
}

enum err demo_play(struct app *app, const struct demo_world *world, struct demo_life *life,
                   uint64_t seed, void (*progress)(void *arg, i64 done, i64 total), void *arg)
{
    struct play p = { .world = world, .life = life, .seed = seed };
    struct arena arena = { 0 };
    enum err e = OK;
    i64 end = life->action_count ? day_of(life->actions[life->action_count - 1].at).n : 0;
    for (size_t at = 0; at < life->action_count && e == OK; at += p.count) {
        day today = day_of(life->actions[at].at);
        p.from = &life->actions[at];
        p.count = 0;
        while (at + p.count < life->action_count && p.count < BATCH &&
               day_of(p.from[p.count].at).n == today.n)
            p.count++;
        size_t next = at + p.count;
        bool last = next == life->action_count || day_of(life->actions[next].at).n != today.n;
        app->clock_ms = p.from[p.count - 1].at.ms;
        struct ctx cx = system_ctx(app, &arena, S("demo"));
        e = in_write(&cx, play_batch, &p);
        arena_reset(&arena);
        if (e == OK && last) {
            /* The last day is not over: what is to come has not happened. */
            app->clock_ms = MIN(day_start((day) { today.n + 1 }).ms, life->end.ms);
            if (!p.cares && today.n >= end - DEMO_CARE_DAYS) {
                e = demo_care(app);
                p.cares = true;
            }
            if (e == OK)
                e = end_of_day(app, &arena, &p, today, next == life->action_count);
            arena_reset(&arena);
        }
        if (progress)
            progress(arg, (i64)next, (i64)life->action_count);
    }
    map_done(&p.products.by_hash);
    arena_done(&arena);
    return e;
}
