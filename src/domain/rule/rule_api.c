/* Rules of tags: saved, tried beforehand, and what they did. */
#include "domain/rule/rule.h"

#include "base/vec.h"
#include "core/app.h"
#include "core/event.h"
#include "core/job.h"
#include "core/reply.h"

#include "rule.sql.h"

#define RULE(F, T)                                                                               \
    F(T, tag_rule_id, id, .doc = "Number")                                                       \
    F(T, tag_id, tag_id, .doc = "The tag it gives and takes")                                    \
    F(T, str, tag_name, .doc = "Its name")                                                       \
    F(T, json, condition, .doc = "Who gets it")                                                  \
    F(T, boolean, active, .doc = "It works")                                                     \
    F(T, i64, added, .doc = "How often it gave the tag")                                         \
    F(T, i64, removed, .doc = "How often it took it")                                            \
    F(T, instant, applied_at, .nullable = true, .doc = "When everybody had last been looked at") \
    F(T, i64, given, .nullable = true, .doc = "How many have the tag by it now; null in a list") \
    F(T, i64, version, .doc = "Grows with each change")
SCHEMA(rule, RULE);

#define RULE_LIST(F, T) PAGE_FIELDS(F, T)
SCHEMA(rule_list, RULE_LIST);

#define RULE_PUT(F, T)                                                            \
    F(T, tag_id, id, .doc = "Number of the tag")                                  \
    F(T, doc, condition, .required = true, .doc = "Who gets it (see conditions)") \
    F(T, boolean, active, .required = true, .doc = "It works")
SCHEMA(rule_put, RULE_PUT);

#define RULE_OF(F, T) F(T, tag_id, id, .doc = "Number of the tag")
SCHEMA(rule_of, RULE_OF);

#define RULE_REMOVE(F, T)                                       \
    F(T, tag_id, id, .doc = "Number of the tag")                \
    F(T, str, given, .required = true, .choices = rule_endings, \
      .doc =                                                    \
          "What becomes of the tags it has given: keep them as if given by hand, or take them away")
SCHEMA(rule_remove, RULE_REMOVE);

#define RULE_REMOVED(F, T) \
    F(T, i64, people, .doc = "How many have a tag of it, which a job now goes through")
SCHEMA(rule_removed, RULE_REMOVED);

#define RULE_TRY(F, T)                                     \
    F(T, tag_id, tag_id, .doc = "The tag it would be for") \
    F(T, doc, condition, .required = true, .doc = "Who would get it")
SCHEMA(rule_try, RULE_TRY);

#define PERSON(F, T)                       \
    F(T, customer_id, id, .doc = "Number") \
    F(T, str, name, .nullable = true, .doc = "Name")
SCHEMA(person, PERSON);

#define TRIAL(F, T)                                                                        \
    F(T, i64, matching, .doc = "Whom the condition holds for now")                         \
    F(T, i64, would_get, .nullable = true, .doc = "Who would get the tag")                 \
    F(T, i64, would_lose, .nullable = true, .doc = "Who has it by rule and would lose it") \
    F(T, list, sample, .of = &person_schema, .doc = "Some of them")
SCHEMA(trial, TRIAL);

#define HITS(F, T)                               \
    F(T, tag_id, id, .doc = "Number of the tag") \
    PAGE_FIELDS(F, T)
SCHEMA(rule_hits, HITS);

#define HIT(F, T)                                                                    \
    F(T, i64, id, .doc = "Number")                                                   \
    F(T, customer_id, customer_id, .doc = "Who")                                     \
    F(T, str, customer_name, .nullable = true, .doc = "Their name")                  \
    F(T, boolean, added, .doc = "Given, else taken")                                 \
    F(T, json, reason, .doc = "Each part of the condition with the value looked at") \
    F(T, instant, at, .doc = "When")
SCHEMA(rule_hit, HIT);

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rule_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    i64 after, limit = page_limit(in->limit);
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(sql_query(cx, rule_list, &r, V(after), V(limit + 1)));
    return reply_page(cx, out, &rule_schema, &r, limit);
}

typedef VEC(i64) id_set;

static bool reaches(const id_set *from, const id_set *to, i64 at, i64 target, int depth)
{
    if (at == target)
        return true;
    for (size_t i = 0; i < from->n && depth < 100; i++)
        if (from->at[i] == at && reaches(from, to, to->at[i], target, depth + 1))
            return true;
    return false;
}

/* A rule whose condition hangs on its own tag, also by way of other rules, would give and take it
 * for ever. */
static enum err refuse_circle(struct ctx *cx, i64 tag, const struct condition *c)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    id_set from = { 0 }, to = { 0 };
    i64 *named;
    size_t count;
    TRY(sql_query(cx, rule_edges, &r));
    while (rows_next(&r)) {
        if (col_id(&r, 0) == tag)
            continue; /* what this rule named before */
        *vec_push(cx->arena, &from) = col_id(&r, 0);
        *vec_push(cx->arena, &to) = col_id(&r, 1);
    }
    TRY(rows_end(&r));
    condition_tags(c, cx->arena, &named, &count);
    for (size_t i = 0; i < count; i++)
        if (reaches(&from, &to, named[i], tag, 0))
            return fail_rule(cx, ERR_INVALID, "condition", "规则依赖了它自己打的标签",
                             "the rule hangs on the tag that it gives itself");
    return OK;
}

static str text_of(struct ctx *cx, doc described)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, 1 << 20);
    out_json_value(&text, described);
    return strbuf_str(&text);
}

static enum err refuse_ending(struct ctx *cx, tag_id tag)
{
    i64 one;
    enum err e = sql_i64(cx, rule_is_ending, &one, ID(tag));
    if (e == OK)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "这个标签的上一条规则还在删除中，请稍后再试",
                         "the rule it had is still being removed; try again shortly");
    return e == ERR_DONE ? OK : e;
}

static enum err put_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rule_put *in = input;
    struct condition c;
    struct tag tag;
    struct rule rule;
    i64 id;
    TRY(tag_get(cx, in->id, &tag));
    TRY(condition_read(cx, "condition", in->condition, &c));
    if (!c.root)
        return fail(cx, ERR_REQUIRED, "condition");
    TRY(refuse_circle(cx, in->id.v, &c));
    TRY(refuse_ending(cx, in->id));
    if (sql_one(cx, rule_of_tag, &rule_schema, &rule, ID(in->id)) == OK)
        audit_before(cx, &rule_schema, &rule);
    fail_clear(cx);
    TRY(sql_i64(cx, rule_put, &id, ID(in->id), V(text_of(cx, in->condition)), V(in->active),
                V(cx->now)));
    TRY(condition_uses_put(cx, "rule", id, &c));
    TRY(rule_apply_all(cx));
    audit_entity(cx, "tag_rule", id);
    TRY(sql_one(cx, rule_of_tag, &rule_schema, &rule, ID(in->id)));
    return reply_struct(out, &rule_schema, &rule);
}

static enum err get_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rule_of *in = input;
    struct rule rule;
    TRY(sql_one(cx, rule_of_tag, &rule_schema, &rule, ID(in->id)));
    return reply_struct(out, &rule_schema, &rule);
}

static enum err remove_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rule_remove *in = input;
    struct rule rule;
    struct rule_removed removed = { 0 };
    TRY(sql_one(cx, rule_of_tag, &rule_schema, &rule, ID(in->id)));
    TRY(version_check(cx, rule.version));
    audit_entity(cx, "tag_rule", rule.id.v);
    audit_before(cx, &rule_schema, &rule);
    TRY(rule_end(cx, rule.id, in->id, in->given, &removed.people));
    return reply_struct(out, &rule_removed_schema, &removed);
}

#define FROM_PEOPLE                                                       \
    " FROM customer c LEFT JOIN customer_sales s ON s.customer_id = c.id" \
    " WHERE c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)"

static void begin(struct ctx *cx, struct condition_sql *s, const char *select)
{
    *s = (struct condition_sql) { 0 };
    strbuf_init(&s->text, cx->arena, 1 << 20);
    out_z(&s->text, select);
    out_z(&s->text, FROM_PEOPLE);
}

static enum err count_people(struct ctx *cx, const struct condition_sql *s, i64 *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(db_query_text(cx->db, "rule_try", strbuf_str(&s->text), &r, s->binds.at, s->binds.n));
    *ret = rows_next(&r) ? col_i64(&r, 0) : 0;
    return rows_end(&r);
}

static enum err sample_people(struct ctx *cx, const struct condition *c, list *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct condition_sql s;
    VEC(struct person) people = { 0 };
    begin(cx, &s, "SELECT c.id, c.name");
    TRY(condition_to_sql(cx, c, &s));
    out_z(&s.text, " ORDER BY c.id DESC LIMIT 10");
    TRY(db_query_text(cx->db, "rule_try", strbuf_str(&s.text), &r, s.binds.at, s.binds.n));
    while (rows_next(&r))
        schema_row(cx->arena, &person_schema, &r, vec_push(cx->arena, &people));
    *ret = (list) { people.at, people.n };
    return rows_end(&r);
}

static enum err try_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rule_try *in = input;
    struct condition c, others;
    struct condition_sql s;
    struct trial t = { .would_get = NONE, .would_lose = NONE };
    TRY(condition_read(cx, "condition", in->condition, &c));
    begin(cx, &s, "SELECT count(*)");
    TRY(condition_to_sql(cx, &c, &s));
    TRY(count_people(cx, &s, &t.matching));
    TRY(sample_people(cx, &c, &t.sample));
    if (in->tag_id.v) {
        struct tag tag;
        TRY(tag_get(cx, in->tag_id, &tag));
        begin(cx, &s, "SELECT count(*)");
        TRY(condition_to_sql(cx, &c, &s));
        str id = condition_bind(cx, &s, ID(in->tag_id));
        out_fmt(
            &s.text,
            " AND NOT EXISTS (SELECT 1 FROM customer_tag h WHERE h.customer_id = c.id AND h.tag_id = %.*s)"
            " AND NOT EXISTS (SELECT 1 FROM tag_block b WHERE b.customer_id = c.id AND b.tag_id = %.*s)",
            STR_ARG(id), STR_ARG(id));
        TRY(count_people(cx, &s, &t.would_get));
        others = c;
        others.root = NEW(cx->arena, struct node);
        *others.root = (struct node) { .kind = NODE_NOT, .first = c.root };
        begin(cx, &s, "SELECT count(*)");
        id = condition_bind(cx, &s, ID(in->tag_id));
        out_fmt(&s.text,
                " AND EXISTS (SELECT 1 FROM customer_tag h WHERE h.customer_id = c.id"
                " AND h.tag_id = %.*s AND h.source = 'rule')",
                STR_ARG(id));
        TRY(condition_to_sql(cx, &others, &s));
        TRY(count_people(cx, &s, &t.would_lose));
    }
    return reply_struct(out, &trial_schema, &t);
}

static enum err hits_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct rule_hits *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct rule rule;
    i64 before, limit = page_limit(in->limit);
    TRY(sql_one(cx, rule_of_tag, &rule_schema, &rule, ID(in->id)));
    TRY(cursor_id(cx, in->cursor, &before));
    TRY(sql_query(cx, rule_hits_of, &r, ID(rule.id), V(before ? before : I53_MAX), V(limit + 1)));
    return reply_page(cx, out, &rule_hit_schema, &r, limit);
}

static const struct route routes[] = {
    { GET, "/api/v1/tag-rules", list_run, .id = "tag_rule.list", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .in = &rule_list_schema, .out = &rule_schema, .listed = true,
      .doc = "Rules that give and take tags" },
    { POST, "/api/v1/tag-rules/try", try_run, .id = "tag_rule.try", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .in = &rule_try_schema, .out = &trial_schema,
      .doc = "Whom a condition holds for, and who would get or lose the tag" },
    { GET, "/api/v1/tags/{id}/rule", get_run, .id = "tag_rule.get", .perm = PERM_CUSTOMER_READ,
      .mode = READ, .in = &rule_of_schema, .out = &rule_schema, .doc = "The rule of a tag" },
    { PUT, "/api/v1/tags/{id}/rule", put_run, .id = "tag_rule.put", .perm = PERM_TAG_WRITE,
      .mode = WRITE, .in = &rule_put_schema, .out = &rule_schema,
      .doc = "Set the rule of a tag; everybody is looked at" },
    { DELETE, "/api/v1/tags/{id}/rule", remove_run, .id = "tag_rule.remove", .perm = PERM_TAG_WRITE,
      .mode = WRITE, .in = &rule_remove_schema, .out = &rule_removed_schema,
      .doc = "Remove the rule of a tag; a job lets go of the tags it has given" },
    { GET, "/api/v1/tags/{id}/rule/hits", hits_run, .id = "tag_rule.hits",
      .perm = PERM_CUSTOMER_READ, .mode = READ, .in = &rule_hits_schema, .out = &rule_hit_schema,
      .listed = true, .doc = "What a rule did, and why, newest first" },
};

extern const struct subscriber rule_subscribers[1];
extern const struct job_kind *const rule_jobs[4];
extern const struct person_part rule_person_part;
static const struct event_type *const events[] = { &EV_STAGE_CHANGED };

const struct module rule_module = { .name = "rule",
                                    .routes = routes,
                                    .route_count = COUNT(routes),
                                    .events = events,
                                    .event_count = COUNT(events),
                                    .person = &rule_person_part,
                                    .jobs = rule_jobs,
                                    .job_count = COUNT(rule_jobs),
                                    .subscribers = rule_subscribers,
                                    .subscriber_count = COUNT(rule_subscribers) };
