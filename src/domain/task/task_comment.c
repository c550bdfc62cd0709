/* What is said about a task on the way to its end, by whoever sees it. */
#include "domain/task/internal.h"

#include "base/json.h"
#include "core/app.h"
#include "core/event.h"
#include "core/reply.h"

#include "task.sql.h"

#define COMMENTS_MAX 200

const struct event_type EV_TASK_COMMENTED = { "task.commented", "待办留言", "Task commented",
                                              "task_id: id, comment_id: id" };

#define COMMENT(F, T)                        \
    F(T, i64, id, .doc = "Number")           \
    F(T, str, text, .doc = "What was said")  \
    F(T, str, by_name, .doc = "Who said it") \
    F(T, instant, created_at, .doc = "When")
SCHEMA(task_comment, COMMENT);

#define COMMENT_LIST(F, T)                         \
    F(T, task_id, id, .doc = "Number of the task") \
    PAGE_FIELDS(F, T)
SCHEMA(task_comment_list, COMMENT_LIST);

#define COMMENT_NEW(F, T)                          \
    F(T, task_id, id, .doc = "Number of the task") \
    F(T, str, text, .required = true, .max = TASK_NOTE_MAX, .doc = "What there is to say")
SCHEMA(task_comment_new, COMMENT_NEW);

static enum err list_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct task_comment_list *in = input;
    struct rows r CLEANUP(rows_close) = { 0 };
    struct task task;
    i64 after, limit = page_limit(in->limit);
    TRY(task_get(cx, in->id, &task));
    TRY(cursor_id(cx, in->cursor, &after));
    TRY(sql_query(cx, task_comment_list, &r, ID(in->id), V(after), V(limit + 1)));
    return reply_page(cx, out, &task_comment_schema, &r, limit);
}

static enum err add_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct task_comment_new *in = input;
    struct task task;
    struct task_comment comment;
    i64 id, count;
    TRY(task_get(cx, in->id, &task));
    TRY(sql_i64(cx, task_comment_count, &count, ID(in->id)));
    if (count >= COMMENTS_MAX)
        return fail(cx, ERR_TOO_MANY, "text", P("max", COMMENTS_MAX));
    TRY(sql_i64(cx, task_comment_insert, &id, ID(in->id), V(in->text), ID(cx->actor.staff),
                V(cx->actor.name), V(cx->now)));
    TRY(event_emit(cx, &EV_TASK_COMMENTED, task.customer_id, P("task_id", in->id.v),
                   P("comment_id", id)));
    audit_entity(cx, "task", in->id.v);
    audit_customer(cx, task.customer_id);
    TRY(sql_one(cx, task_comment_by_id, &task_comment_schema, &comment, V(id)));
    return reply_created(out, &task_comment_schema, &comment);
}

static enum err forget(struct ctx *cx, customer_id customer)
{
    return sql_exec(cx, task_comments_forget, ID(customer));
}

static enum err tell(struct ctx *cx, customer_id customer, struct json_writer *w)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    TRY(sql_query(cx, task_comments_tell, &r, ID(customer)));
    json_list(w, "task_comments");
    while (rows_next(&r)) {
        json_open(w, NULL);
        json_put(w, "task_id", col_i64(&r, 0));
        json_put(w, "text", col_str(&r, 1));
        json_time(w, "created_at", (instant) { col_id(&r, 2) });
        json_close(w);
    }
    json_list_end(w);
    return rows_end(&r);
}

static const struct route routes[] = {
    { GET, "/api/v1/tasks/{id}/comments", list_run, .id = "task.comments", .perm = PERM_TASK_WRITE,
      .mode = READ, .in = &task_comment_list_schema, .out = &task_comment_schema, .listed = true,
      .doc = "What was said about a task, oldest first" },
    { POST, "/api/v1/tasks/{id}/comments", add_run, .id = "task.comment", .perm = PERM_TASK_WRITE,
      .mode = WRITE, .in = &task_comment_new_schema, .out = &task_comment_schema,
      .doc = "Say something about a task; it stays as it is" },
};
static const struct event_type *const events[] = { &EV_TASK_COMMENTED };
static const struct person_part person_part = { .kind = "task_comment",
                                                .forget = forget,
                                                .tell = tell };

const struct module task_comment_module = { .name = "task_comment",
                                            .routes = routes,
                                            .route_count = COUNT(routes),
                                            .events = events,
                                            .event_count = COUNT(events),
                                            .person = &person_part };
