/* Erasing a person, and telling a person what is known. */
#include "domain/customer/internal.h"

#include <unistd.h>

#include "core/app.h"
#include "core/audit.h"
#include "core/event.h"
#include "core/job.h"
#include "core/timeline.h"

#include "erase.sql.h"

const struct event_type EV_CUSTOMER_ERASED = { "customer.erased", "删除个人信息", "Person erased",
                                               "" };

/* Numbers and yes or no stay, they count something; texts of a fact that came from outside may say
 * who it was. */
static void blank(struct json_writer *w, const char *key, const struct json *j)
{
    if (j->kind == JSON_OBJECT || j->kind == JSON_ARRAY) {
        bool object = j->kind == JSON_OBJECT;
        object ? json_open(w, key) : json_list(w, key);
        for (const struct json *m = j->first; m; m = m->next) {
            struct arena a CLEANUP(arena_done) = { 0 };
            blank(w, object ? arena_z(&a, m->key) : NULL, m);
        }
        object ? json_close(w) : json_list_end(w);
    } else if (j->kind == JSON_STRING) {
        json_put(w, key, "");
    } else {
        json_raw(w, key,
                 j->kind == JSON_NUMBER           ? j->text
                 : j->kind == JSON_BOOL && j->yes ? S("true")
                 : j->kind == JSON_BOOL           ? S("false")
                                                  : S("null"));
    }
}

static enum err blank_event(struct ctx *cx, const struct event *e, void *arg)
{
    struct json_error bad;
    struct strbuf text;
    (void)arg;
    const struct json *props = e->source ? json_read(cx->arena, e->props, &bad) : NULL;
    if (!props)
        return OK; /* facts of the house hold no texts about people */
    strbuf_init(&text, cx->arena, 1 << 20);
    struct json_writer w = json_writer(&text);
    blank(&w, NULL, props);
    return sql_exec(cx, erase_event, V(e->seq), V(strbuf_str(&text)));
}

/* What was deleted or blanked leaves the files only when the journal has been carried into the
 * database and emptied. */
static enum err flush_step(struct ctx *cx, struct job *job, bool *ret_more)
{
    (void)job;
    *ret_more = false;
    return db_checkpoint(cx->app->db);
}

const struct job_kind erase_flush_job = { .name = "erase_flush",
                                          .zh = "清除存储残留",
                                          .en = "Clear what storage still holds",
                                          .step = flush_step,
                                          .outside = true };

enum err customer_erase(struct ctx *cx, customer_id id)
{
    customer_id *family;
    size_t count;
    i64 rows;
    TRY(customer_family(cx, id, &family, &count));
    TRY(timeline_walk(cx, family, count, blank_event, NULL));
    for (size_t i = 0; i < count; i++) {
        for (size_t m = 0; m < cx->app->module_count; m++)
            if (cx->app->modules[m]->person && cx->app->modules[m]->person->forget)
                TRY(cx->app->modules[m]->person->forget(cx, family[i]));
        TRY(audit_blank(cx, family[i], &rows));
    }
    TRY(event_emit(cx, &EV_CUSTOMER_ERASED, id));
    return job_add(cx, &(struct job_new) { .kind = &erase_flush_job, .dedupe = S("erase_flush") },
                   NULL);
}
