/* Saved reports of the demo, shared by its owner; three of them stand on everybody's dashboard. */
#include "app/demo.h"

#include "base/json.h"
#include "base/time.h"
#include "domain/report/report.h"

#define TEXT_MAX 8192

/* In the texts ' stands for ", @since and @until for the days of the report, which end with the
 * year that was played. */
struct saved {
    const char *name, *query, *options;
    int days;
    int width; /* on everybody's dashboard; 0: not there */
};
#define DAYS    "'since':'@since','until':'@until'"
#define PAID    "{'event':'order.paid'," DAYS "}"
#define EARLIER "{'event':'order.paid','until':'@since'}"
#define STAGE(stage, people) \
    "{'stage':'" stage "','query':{'kind':'segment','people':{'all':[" people "]}}}"
#define CAME   STAGE("acquisition", "{'event':'customer.created'," DAYS "}")
#define BEGAN  STAGE("activation", PAID ",{'not':" EARLIER "}")
#define STAYED STAGE("retention", PAID "," EARLIER)
#define PAYS   STAGE("revenue", PAID)

static const struct saved all[] = {
    { .name = "近 30 天成交",
      .query = "{'kind':'trend'," DAYS ",'of':{'event':'order.paid'},'figure':'sum','prop':"
               "'amount_fen','unit':'day'}",
      .options = "{'range':'30d','compare':true}",
      .days = 30,
      .width = 1 },
    { .name = "购买客户的生命周期",
      .query = "{'kind':'life'," DAYS ",'of':{'event':'order.paid'},'unit':'month'}",
      .options = "{'range':'365d'}",
      .days = 365,
      .width = 1 },
    { .name = "加购到下单",
      .query = "{'kind':'funnel'," DAYS ",'steps':[{'event':'浏览商品'},{'event':'加入购物车'},"
               "{'event':'提交结算'},{'event':'order.paid'}],'window':'7d'}",
      .options = "{'range':'30d'}",
      .days = 30,
      .width = 1 },
    { .name = "首购后还回来吗",
      .query = "{'kind':'retention'," DAYS ",'start':{'event':'order.paid'},'return':{'event':"
               "'order.paid'},'unit':'month','periods':7}",
      .options = "{'range':'180d'}",
      .days = 180 },
    { .name = "逛店的粘性",
      .query = "{'kind':'stickiness'," DAYS ",'of':{'event':'page.viewed'},'unit':'day',"
               "'window':28}",
      .options = "{'range':'30d'}",
      .days = 30 },
    { .name = "增长五阶段",
      .query = "{'kind':'aarrr'," DAYS ",'stages':[" CAME "," BEGAN "," STAYED "," PAYS "]}",
      .options = "{'range':'30d'}",
      .days = 30 },
};

static str filled(struct arena *a, const char *text, day since, day until)
{
    struct strbuf sb;
    strbuf_init(&sb, a, TEXT_MAX);
    for (const char *c = text; *c; c++) {
        bool from = strncmp(c, "@since", 6) == 0, to = strncmp(c, "@until", 6) == 0;
        if (from || to) {
            out_day(&sb, from ? since : until);
            c += 5;
        } else {
            out_c(&sb, *c == '\'' ? '"' : *c);
        }
    }
    return strbuf_str(&sb);
}

static enum err reports(struct ctx *cx, void *arg)
{
    const struct demo_world *w = arg;
    day until = { day_of(cx->now).n + 1 };
    for (const struct saved *s = all; s < all + COUNT(all); s++) {
        day since = { until.n - s->days };
        struct json_error bad;
        report_id id;
        TRY(report_add(
            cx,
            &(struct report_new) {
                .staff = w->owner,
                .shared = true,
                .name = str_of(s->name),
                .query = json_read(cx->arena, filled(cx->arena, s->query, since, until), &bad),
                .options = filled(cx->arena, s->options, since, until) },
            &id));
        if (s->width)
            TRY(report_pin_add(cx, w->owner, id, true, s->width));
    }
    return OK;
}

enum err demo_reports(struct app *app, const struct demo_world *world)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(app, &a, S("demo"));
    return in_write(&cx, reports, (void *)world);
}
