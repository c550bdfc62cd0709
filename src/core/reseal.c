#include "core/reseal.h"

#include "base/json.h"
#include "base/log.h"
#include "core/app.h"
#include "core/job.h"
#include "store/catalog.h"

#define PAGE 500 /* values a step */

/* A column that may hold sealed values. */
struct place {
    const struct db_table *table;
    const struct db_column *column;
};

static bool has_key(const struct db_table *t)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (t->columns[i].key)
            return true;
    return false;
}

/* The n-th blob column of a table with a primary key; false when there are fewer. */
static bool find_place(const struct db_catalog *c, size_t n, struct place *ret)
{
    size_t at = 0;
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = 0; has_key(&c->tables[i]) && k < c->tables[i].column_count; k++)
            if (c->tables[i].columns[k].kind == DB_BLOB && at++ == n) {
                *ret = (struct place) { &c->tables[i], &c->tables[i].columns[k] };
                return true;
            }
    return false;
}

#define KEY_COLUMNS_MAX 4
static size_t key_columns(const struct db_table *t, const struct db_column *ret[KEY_COLUMNS_MAX])
{
    size_t n = 0;
    for (int place = 1; place <= KEY_COLUMNS_MAX; place++)
        for (size_t i = 0; i < t->column_count; i++)
            if (t->columns[i].key == place)
                ret[n++] = &t->columns[i];
    return n;
}

/* "a", "b" or $3, $4. */
static void out_names(struct strbuf *sb, const struct db_column **columns, size_t count, int from)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            out(sb, S(", "));
        if (from)
            out_fmt(sb, "$%d", from + (int)i);
        else
            out_identifier(sb, columns[i]->name);
    }
}

/* SQL of identifiers from the catalogue and bound values alone. */
static str select_page(struct arena *a, const struct place *p, const struct db_column **keys,
                       size_t count, bool first)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 4096);
    out(&sb, S("SELECT "));
    out_identifier(&sb, p->column->name);
    out(&sb, S(", "));
    out_names(&sb, keys, count, 0);
    out(&sb, S(" FROM "));
    out_identifier(&sb, p->table->name);
    out(&sb, S(" WHERE "));
    out_identifier(&sb, p->column->name);
    out(&sb, S(" IS NOT NULL"));
    if (!first) {
        out(&sb, S(" AND ("));
        out_names(&sb, keys, count, 0);
        out(&sb, S(") > ("));
        out_names(&sb, keys, count, 1);
        out(&sb, S(")"));
    }
    out(&sb, S(" ORDER BY "));
    out_names(&sb, keys, count, 0);
    out_fmt(&sb, " LIMIT %d", PAGE);
    return strbuf_str(&sb);
}

static str update_one(struct arena *a, const struct place *p, const struct db_column **keys,
                      size_t count)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 4096);
    out(&sb, S("UPDATE "));
    out_identifier(&sb, p->table->name);
    out(&sb, S(" SET "));
    out_identifier(&sb, p->column->name);
    out(&sb, S(" = $1 WHERE "));
    out_identifier(&sb, p->column->name);
    out(&sb, S(" = $2 AND ("));
    out_names(&sb, keys, count, 0);
    out(&sb, S(") = ("));
    out_names(&sb, keys, count, 3);
    out(&sb, S(")"));
    return strbuf_str(&sb);
}

/* Where the job stands: the place, and the key of the last row looked at (none: at its start). */
struct standing {
    size_t place;
    const struct json *after; /* a list of values */
    i64 sealed;
};

static struct standing read_state(struct ctx *cx, const struct job *job)
{
    struct standing s = { 0 };
    struct json_error bad;
    i64 n;
    const struct json *j = job->state.len ? json_read(cx->arena, job->state, &bad) : NULL;
    if (json_i64(json_get(j, "place"), &n))
        s.place = (size_t)n;
    if (json_i64(json_get(j, "sealed"), &n))
        s.sealed = n;
    s.after = json_get(j, "after");
    if (s.after && s.after->kind != JSON_ARRAY)
        s.after = NULL;
    return s;
}

static void keep_state(struct ctx *cx, struct job *job, size_t place, i64 sealed,
                       const struct val *after, size_t count)
{
    struct strbuf sb;
    strbuf_init(&sb, cx->arena, 1 << 16);
    struct json_writer w = json_writer(&sb);
    json_open(&w, NULL);
    json_put(&w, "place", (i64)place);
    json_put(&w, "sealed", sealed);
    json_list(&w, "after");
    for (size_t i = 0; i < count; i++)
        json_val(&w, NULL, after[i]);
    json_list_end(&w);
    json_close(&w);
    job_keep(job, strbuf_str(&sb));
}

static struct val bind_of(const struct json *j)
{
    i64 n;
    return json_i64(j, &n) ? val_i64(n) : val_str(j->text);
}

/* OK with *ret_fresh none: it is not sealed, or by the active key already. */
static enum err seal_again(struct ctx *cx, str value, str *ret_fresh)
{
    str plain;
    *ret_fresh = STR_NONE;
    uint32_t id = secret_key_id(value);
    if (!id || id == secrets_active(cx->app->secrets))
        return OK;
    if (secret_open(cx->app->secrets, cx->arena, value, &plain) != OK)
        return OK; /* bytes that only look like it, or whose key is lost: doctor tells */
    *ret_fresh = secret_seal(cx->app->secrets, cx->arena, plain);
    return OK;
}

struct page_row {
    str value;
    struct val keys[KEY_COLUMNS_MAX];
};

static enum err read_page(struct ctx *cx, str text, size_t keys, const struct json *after,
                          struct page_row *ret, size_t *ret_count)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct val binds[KEY_COLUMNS_MAX];
    size_t n = 0, count = 0;
    for (const struct json *m = after ? after->first : NULL; m && n < keys; m = m->next)
        binds[n++] = bind_of(m);
    TRY(db_query_text(cx->db, "reseal_page", text, &r, binds, n));
    for (; count < PAGE && rows_next(&r); count++) {
        ret[count].value = arena_str(cx->arena, col_str(&r, 0));
        for (size_t k = 0; k < keys; k++) {
            struct val v = col_val(&r, (int)k + 1);
            if (v.kind == VAL_STR)
                v.s = arena_str(cx->arena, v.s);
            ret[count].keys[k] = v;
        }
    }
    TRY(rows_end(&r));
    *ret_count = count;
    return OK;
}

static enum err do_page(struct ctx *cx, const struct place *p, struct standing *s,
                        struct page_row *rows, size_t *ret_count)
{
    const struct db_column *keys[KEY_COLUMNS_MAX];
    size_t n = key_columns(p->table, keys);
    bool first = !s->after || !s->after->first;
    str update = update_one(cx->arena, p, keys, n);
    TRY(read_page(cx, select_page(cx->arena, p, keys, n, first), n, first ? NULL : s->after, rows,
                  ret_count));
    for (size_t i = 0; i < *ret_count; i++) {
        str fresh;
        TRY(seal_again(cx, rows[i].value, &fresh));
        if (!fresh.ptr)
            continue;
        struct val binds[2 + KEY_COLUMNS_MAX] = { val_blob(fresh), val_blob(rows[i].value) };
        memcpy(binds + 2, rows[i].keys, n * sizeof *binds);
        TRY(db_exec_text(cx->db, "reseal_update", update, NULL, binds, 2 + n));
        s->sealed++;
    }
    return OK;
}

#define KEY_SETTING "secrets.active"

enum err reseal_key_check(struct ctx *cx)
{
    struct secrets *s = cx->app->secrets;
    const char *why;
    str mark;
    TRY(setting_get(cx, KEY_SETTING, &mark));
    if (mark.len < 2)
        return OK;                                    /* nobody has rotated yet */
    mark = str_from(str_head(mark, mark.len - 1), 1); /* a JSON string */
    if (secrets_has(s, mark) || (secrets_reload(s, &why) == OK && secrets_has(s, mark)))
        return OK;
    str id = str_cut(&mark, ':');
    str en =
        arena_fmt(cx->arena,
                  "another node seals with key %.*s, which the key file of this node does not "
                  "have; copy hetang.key from there over the one here, a restart is not needed",
                  STR_ARG(id));
    str zh = arena_fmt(
        cx->arena,
        "另一节点已改用密钥 %.*s，本节点的密钥文件中没有；请将那里的 hetang.key 复制过来，无需重启",
        STR_ARG(id));
    return fail(cx, ERR_UNAVAILABLE, NULL, P("reason", en), P("reason_zh", zh));
}

static enum err step(struct ctx *cx, struct job *job, bool *ret_more)
{
    const char *why = "";
    struct db_catalog catalog;
    struct place p;
    struct standing s = read_state(cx, job);
    struct page_row *rows = NEW_N(cx->arena, struct page_row, PAGE);
    size_t count = 0;
    enum err e = secrets_reload(cx->app->secrets, &why);
    if (e != OK) {
        log_error("reseal.key", P("reason", why));
        return fail_rule(cx, ERR_INVALID, NULL, "密钥文件无法读取", why);
    }
    TRY(reseal_key_check(cx));
    TRY(db_catalog(cx->db, cx->arena, &catalog));
    if (!find_place(&catalog, s.place, &p)) {
        job_result(job, arena_fmt(cx->arena, "{\"key\":%u,\"sealed\":%lld}",
                                  secrets_active(cx->app->secrets), (long long)s.sealed));
        *ret_more = false;
        return OK;
    }
    TRY(do_page(cx, &p, &s, rows, &count));
    const struct db_column *keys[KEY_COLUMNS_MAX];
    bool over = count < PAGE;
    keep_state(cx, job, s.place + over, s.sealed, over ? NULL : rows[count - 1].keys,
               over ? 0 : key_columns(p.table, keys));
    job->done += (i64)count;
    *ret_more = true;
    return OK;
}

const struct job_kind reseal_job = {
    .name = "reseal", .zh = "用新密钥重新加密", .en = "Seal with the new key", .step = step
};

enum err reseal_start(struct ctx *cx, job_id *ret)
{
    str mark = secrets_mark(cx->app->secrets, cx->arena);
    TRY(setting_set(cx, KEY_SETTING, arena_fmt(cx->arena, "\"%.*s\"", STR_ARG(mark))));
    return job_add(cx, &(struct job_new) { .kind = &reseal_job, .dedupe = S("reseal") }, ret);
}

/* The head says which key; a value as long as a sealed one that has another head is something else.
 */
static enum err count_heads(struct ctx *cx, const struct place *p, struct keys_used *ret)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct strbuf sb;
    strbuf_init(&sb, cx->arena, 4096);
    out(&sb, S("SELECT substr("));
    out_identifier(&sb, p->column->name);
    out_fmt(&sb, ", 1, %d) AS head, count(*) FROM ", SECRET_HEAD_LEN);
    out_identifier(&sb, p->table->name);
    out(&sb, S(" WHERE length("));
    out_identifier(&sb, p->column->name);
    out_fmt(&sb, ") >= %d GROUP BY 1", SECRET_LEN_MIN);
    TRY(db_query_text(cx->db, "reseal_used", strbuf_str(&sb), &r, BINDS()));
    while (rows_next(&r)) {
        char padded[SECRET_LEN_MIN] = { 0 };
        str head = col_str(&r, 0);
        memcpy(padded, head.ptr, MIN(head.len, sizeof padded));
        uint32_t id = secret_key_id((str) { padded, sizeof padded });
        size_t i = 0;
        while (i < ret->count && ret->ids[i] != id)
            i++;
        if (i < ret->count)
            ret->values[i] += col_i64(&r, 1);
        else if (id)
            ret->lost += col_i64(&r, 1);
    }
    return rows_end(&r);
}

enum err reseal_keys_used(struct ctx *cx, struct keys_used *ret)
{
    struct db_catalog catalog;
    struct place p;
    *ret = (struct keys_used) { 0 };
    ret->count = secrets_ids(cx->app->secrets, ret->ids);
    TRY(db_catalog(cx->db, cx->arena, &catalog));
    for (size_t i = 0; find_place(&catalog, i, &p); i++)
        TRY(count_heads(cx, &p, ret));
    return OK;
}
