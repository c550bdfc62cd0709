#include "core/reply.h"
#include "domain/insight/internal.h"

#define PEOPLE_MAX 10000 /* listed in one answer */

static const char *const prop_kinds[] = { "text", "number", "bool", NULL }; /* enum value_kind */

#define INSIGHT_QUESTION(F, T)                                                    \
    F(T, doc, query, .required = true,                                            \
      .doc = "A segment, funnel, retention, trend …: the language of the engine") \
    F(T, i64, people, .min = 0, .max = PEOPLE_MAX,                                \
      .doc = "Of an answer that is people, list this many numbers; none unless told")
SCHEMA(insight_question, INSIGHT_QUESTION);

#define INSIGHT_ANSWER(F, T)                                                                       \
    F(T, i64, count, .nullable = true, .doc = "People, where the answer is people")                \
    F(T, list, people, .of_type = FT_i64, .doc = "Their numbers, ascending; as many as asked for") \
    F(T, json, result, .doc = "The answer; money is in fen")                                       \
    F(T, i64, seq, .doc = "Facts of the log up to this one are in it")                             \
    F(T, instant, upto_at, .doc = "Facts later than this do not exist yet")                        \
    F(T, i64, took_us, .doc = "Microseconds it took the engine")
SCHEMA(insight_reply, INSIGHT_ANSWER);

static enum err ask_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct insight_question *in = input;
    struct insight_answer answer;
    struct strbuf result;
    TRY(insight_ask(cx, "query", in->query, &answer));
    strbuf_init(&result, cx->arena, REPLY_MAX);
    out_result(&result, &answer.query, &answer.result);
    const struct query *q = &answer.query;
    bool people = q->behind.asked || (q->kind == QUERY_SEGMENT && !q->segment.person);
    size_t listed = answer.result.people && HAS(in, insight_question, people)
                        ? MIN(answer.result.people_count, (size_t)in->people)
                        : 0;
    return reply_struct(
        out, &insight_reply_schema,
        &(struct insight_reply) { .count = people ? (i64)answer.result.people_count : NONE,
                                  .people = { answer.result.people, listed },
                                  .result = strbuf_str(&result),
                                  .seq = answer.seq,
                                  .upto_at = answer.upto,
                                  .took_us = answer.took_us });
}

#define INSIGHT_PROP(F, T)             \
    F(T, str, name, .doc = "Its name") \
    F(T, list, kinds, .of_type = FT_str, .doc = "text, number, bool: what it came as")
SCHEMA(insight_prop, INSIGHT_PROP);

#define INSIGHT_TYPE(F, T)                                                       \
    F(T, str, name, .doc = "As the log calls it")                                \
    F(T, str, zh, .nullable = true, .doc = "Shown name; null: from outside")     \
    F(T, str, en, .nullable = true, .doc = "Shown name in English")              \
    F(T, i64, facts,                                                             \
      .doc = "How many are in the index; 0: Hetang writes such, and has not yet") \
    F(T, list, props, .of = &insight_prop_schema, .doc = "Its properties by name")
SCHEMA(insight_type, INSIGHT_TYPE);

static enum err schema_run(struct ctx *cx, const void *input, struct reply *reply)
{
    (void)cx;
    (void)input;
    reply->media = "application/schema+json";
    out(&reply->body, insight_schema());
    return OK;
}

static void type_reply(struct ctx *cx, struct reply *out, const struct engine_type *type)
{
    const struct event_type *known = module_event(cx->app, type->name);
    struct insight_prop *props = NEW_N(cx->arena, struct insight_prop, type->prop_count);
    for (size_t k = 0; k < type->prop_count; k++) {
        str *kinds = NEW_N(cx->arena, str, COUNT(prop_kinds));
        size_t n = 0;
        for (size_t bit = 0; prop_kinds[bit]; bit++)
            if (type->props[k].kinds >> bit & 1)
                kinds[n++] = str_of(prop_kinds[bit]);
        props[k].name = type->props[k].name;
        props[k].kinds = (list) { kinds, n };
    }
    reply_item(out, &insight_type_schema,
               &(struct insight_type) { .name = type->name,
                                        .zh = str_of(known ? known->zh : NULL),
                                        .en = str_of(known ? known->en : NULL),
                                        .facts = type->facts,
                                        .props = { props, type->prop_count } });
}

static bool type_seen(const struct engine_type *types, size_t count, str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(types[i].name, name))
            return true;
    return false;
}

/* Those of the index, then those that Hetang itself writes and has not written yet: reports begin
 * with them, so they need their names. */
static enum err types_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct engine_type *types;
    size_t count;
    (void)input;
    TRY(insight_failed(cx, insight_types(cx->app, cx->arena, &types, &count)));
    reply_list(out);
    for (size_t i = 0; i < count; i++)
        type_reply(cx, out, &types[i]);
    for (size_t i = 0; i < cx->app->module_count; i++) {
        const struct module *m = cx->app->modules[i];
        for (size_t k = 0; k < m->event_count; k++) {
            struct engine_type unseen = { .name = str_of(m->events[k]->name) };
            if (!type_seen(types, count, unseen.name))
                type_reply(cx, out, &unseen);
        }
    }
    reply_list_end(out, STR_NONE, NONE);
    return OK;
}

static const char *const stores[] = { "engine", "clickhouse", NULL };

#define INSIGHT_STATUS(F, T)                                                  \
    F(T, boolean, ready, .doc = "Questions are answered")                     \
    F(T, i64, seq, .doc = "Facts of the log up to this one are in the index") \
    F(T, i64, behind, .doc = "How far the log is ahead")                      \
    F(T, i64, done, .doc = "Of the first building: facts read")               \
    F(T, i64, total, .doc = "… of so many")                                   \
    F(T, i64, persons, .doc = "People in the index")                          \
    F(T, i64, facts, .doc = "Facts in the index")                             \
    F(T, i64, bytes, .doc = "Memory it takes")                                \
    F(T, str, store, .choices = stores,                                       \
      .doc = "What is told and asked: the column index here, or a server")    \
    F(T, str, problem, .nullable = true,                                      \
      .doc = "Why it cannot be told or asked just now; null: nothing is wrong")
SCHEMA(insight_status, INSIGHT_STATUS);

static enum err state_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct insight_state s;
    struct engine_stats stats;
    i64 last;
    str problem[2];
    (void)input;
    insight_state(cx->app, &s);
    insight_stats(cx->app, &stats);
    insight_problem(cx->app, cx->arena, &problem[LANG_ZH], &problem[LANG_EN]);
    TRY(event_last(cx, &last));
    return reply_struct(out, &insight_status_schema,
                        &(struct insight_status) { .ready = s.ready,
                                                   .seq = s.seq,
                                                   .behind = MAX(last - s.seq, 0),
                                                   .done = s.done,
                                                   .total = s.total,
                                                   .persons = stats.persons,
                                                   .facts = stats.facts,
                                                   .bytes = (i64)stats.bytes,
                                                   .store = str_of(s.store),
                                                   .problem = problem[cx->lang] });
}

const struct route insight_routes[INSIGHT_ROUTES] = {
    { POST, "/api/v1/query", ask_run, .id = "insight.ask", .perm = PERM_INSIGHT_READ, .mode = READ,
      .in = &insight_question_schema, .out = &insight_reply_schema,
      .doc = "Ask about people and what they did: segments, funnels, retention, trends" },
    { GET, "/api/v1/query/schema", schema_run, .id = "insight.schema", .perm = PERM_INSIGHT_READ,
      .mode = BARE, .raw_out = true, .doc = "JSON Schema of what may be asked" },
    { GET, "/api/v1/query/events", types_run, .id = "insight.events", .perm = PERM_INSIGHT_READ,
      .mode = READ, .out = &insight_type_schema, .listed = true,
      .doc = "The kinds of facts that can be asked about, with their properties" },
    { GET, "/api/v1/query/state", state_run, .id = "insight.state", .perm = PERM_INSIGHT_READ,
      .mode = READ, .out = &insight_status_schema, .doc = "How the index of the log stands" },
};

static enum err behind_read(struct ctx *cx, struct metric_out *to)
{
    struct insight_state s;
    i64 last;
    insight_state(cx->app, &s);
    TRY(event_last(cx, &last));
    metric_value(to, STR_NONE, (double)MAX(last - s.seq, 0));
    return OK;
}

static enum err bytes_read(struct ctx *cx, struct metric_out *to)
{
    struct engine_stats stats;
    insight_stats(cx->app, &stats);
    metric_value(to, STR_NONE, (double)stats.bytes);
    return OK;
}

static enum err ready_read(struct ctx *cx, struct metric_out *to)
{
    metric_value(to, STR_NONE, insight_ready(cx->app));
    return OK;
}

const struct metric insight_metrics[INSIGHT_METRICS] = {
    { "hetang_insight_behind",
      .help = "Facts of the log that the column index has not been told of", .read = behind_read },
    { "hetang_insight_bytes", .help = "Memory the column index takes", .read = bytes_read },
    { "hetang_insight_ready",
      .help =
          "1 while questions are answered; 0 while the index is built or its server is waited for",
      .read = ready_read },
};
