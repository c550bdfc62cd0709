/* Settings as the console shows and changes them. A change goes into hetang.ini through the writer
 * that `hetang config set` uses; what is AT_ONCE then holds in this process too. */
#include "api/internal.h"

#include <pthread.h>
#include <string.h>

#include "core/audit.h"
#include "core/reply.h"

#define VALUE_MAX 4096

static const char *const kinds[] = { [CONFIG_TEXT_ROW] = "text",
                                     [CONFIG_CHOICE_ROW] = "choice",
                                     [CONFIG_INT_ROW] = "number",
                                     [CONFIG_BOOL_ROW] = "yes_no",
                                     NULL };
static const char *const effects[] = {
    [AT_ONCE] = "at_once", [AT_START] = "at_start", [BY_FILE] = "by_file", NULL
};
static const char *const sources[] = { [FROM_LIST] = "default",
                                       [FROM_FILE] = "file",
                                       [FROM_ENVIRONMENT] = "environment",
                                       [FROM_COMMAND_LINE] = "command_line",
                                       NULL };

#define SYSTEM_SETTING(F, T)                                                                  \
    F(T, str, name, .doc = "As in hetang.ini")                                                \
    F(T, str, value, .doc = "What holds; of an address of a database only its kind")          \
    F(T, str, from, .choices = sources, .doc = "Where that comes from")                       \
    F(T, str, next, .nullable = true,                                                         \
      .doc = "What will hold after the next start; null: the same, or hetang.ini is not "     \
             "good")                                                                          \
    F(T, str, initial, .doc = "What holds unless told")                                       \
    F(T, boolean, changed, .doc = "It differs from that")                                     \
    F(T, boolean, kept, .doc = "It stands in hetang.ini")                                     \
    F(T, str, kind, .choices = kinds, .doc = "What its value is")                             \
    F(T, i64, min, .nullable = true, .doc = "Least; of a number")                             \
    F(T, i64, max, .nullable = true, .doc = "Most; of a number")                              \
    F(T, list, choices, .of_type = FT_str, .doc = "What it may be; of a choice")              \
    F(T, str, effect, .choices = effects,                                                     \
      .doc = "When a change over the API holds; by_file: it cannot be changed over the API, " \
             "nor can what comes from the environment or the command line")                   \
    F(T, str, help, .doc = "What it does, in English")
SCHEMA(system_setting, SYSTEM_SETTING);

#define SETTING_PUT(F, T)      \
    F(T, str, name, .max = 60) \
    F(T, str, value, .required = true, .max = 200, .doc = "As it stands in hetang.ini")
SCHEMA(setting_put, SETTING_PUT);

#define SETTING_NAME(F, T) F(T, str, name, .max = 60)
SCHEMA(setting_name, SETTING_NAME);

#define SETTING_KEPT(F, T) \
    F(T, str, name)        \
    F(T, str, value, .nullable = true)
SCHEMA(setting_kept, SETTING_KEPT); /* in the audit log */

/* One change at a time; and the reader of the file has options of the whole process. */
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;

static void unlock(pthread_mutex_t **m)
{
    pthread_mutex_unlock(*m);
}
#define LOCKED                                         \
    pthread_mutex_lock(&changing);                     \
    pthread_mutex_t *held CLEANUP(unlock) = &changing; \
    (void)held

static bool for_tests(const struct config_row *row)
{
    return strncmp(row->name, "test_", 5) == 0;
}

static str value_of(struct ctx *cx, const struct config *config, const struct config_row *row)
{
    struct strbuf sb CLEANUP(strbuf_done);
    strbuf_init(&sb, NULL, VALUE_MAX);
    out_config_value(&sb, config, row);
    str value = arena_str(cx->arena, strbuf_str(&sb));
    if ((row == &config_rows[CONFIG_AT_db] || row == &config_rows[CONFIG_AT_events]) && value.len)
        value.len = str_find(value, ':');
    return value;
}

/* What would hold if the server were started anew with the same command line. Inside LOCKED.
 * *ret is to be given to config_done() in any case. */
static enum err read_next(struct ctx *cx, struct config *ret, str *ret_problem)
{
    const char *why = "";
    config_init(ret);
    free(ret->data);
    ret->data = xstrdup(str_of(cx->app->config.data));
    enum err e = config_load(ret, &why);
    *ret_problem = e == OK ? STR_NONE : arena_str(cx->arena, str_of(why));
    return e;
}

/* `next` NULL: not known. */
static struct system_setting show(struct ctx *cx, const struct config_row *row,
                                  const struct config *next)
{
    const struct config *now = &cx->app->config;
    size_t i = (size_t)(row - config_rows), choices = 0;
    enum config_source from = now->from[i];
    str value = value_of(cx, now, row), later = next ? value_of(cx, next, row) : value;
    bool differs = !str_eq(value, later) && from != FROM_COMMAND_LINE;
    str *may = NULL;
    while (row->choices && row->choices[choices])
        choices++;
    if (choices)
        may = NEW_N(cx->arena, str, choices);
    for (size_t k = 0; k < choices; k++)
        may[k] = str_of(row->choices[k]);
    return (struct system_setting) {
        .name = str_of(row->name),
        .value = value,
        .from = str_of(sources[from]),
        .next = differs ? later : STR_NONE,
        .initial = str_of(row->initial),
        .changed = !str_eq(value, str_of(row->initial)),
        .kept = next ? next->from[i] == FROM_FILE : from == FROM_FILE,
        .kind = str_of(kinds[row->kind]),
        .min = row->kind == CONFIG_INT_ROW ? row->min : NONE,
        .max = row->kind == CONFIG_INT_ROW ? row->max : NONE,
        .choices = { may, choices },
        .effect = str_of(effects[row->effect]),
        .help = str_of(row->help),
    };
}

struct settings_shown settings_show(struct ctx *cx)
{
    struct system_setting *rows = NEW_N(cx->arena, struct system_setting, config_row_count);
    struct config next CLEANUP(config_done);
    struct settings_shown shown;
    size_t n = 0;
    LOCKED;
    bool known = read_next(cx, &next, &shown.problem) == OK;
    for (size_t i = 0; i < config_row_count; i++)
        if (!for_tests(&config_rows[i]))
            rows[n++] = show(cx, &config_rows[i], known ? &next : NULL);
    shown.rows = (list) { rows, n };
    return shown;
}

static enum err find(struct ctx *cx, str name, const struct config_row **ret)
{
    const struct config_row *row = config_find(name);
    if (!row || for_tests(row) || !str_is(name, row->name))
        return fail(cx, ERR_NOT_FOUND, NULL);
    enum config_source from = cx->app->config.from[row - config_rows];
    if (row->effect == BY_FILE)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "此项只能在服务器上修改（hetang config set）",
                         "it is changed on the machine alone (hetang config set)");
    if (from == FROM_ENVIRONMENT)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "此项由环境变量设定，优先于 hetang.ini",
                         "the environment sets it, which beats hetang.ini");
    if (from == FROM_COMMAND_LINE)
        return fail_rule(cx, ERR_WRONG_STATE, NULL, "此项由启动命令设定，优先于 hetang.ini",
                         "the command line sets it, which beats hetang.ini");
    *ret = row;
    return OK;
}

static enum err check_choice(struct ctx *cx, const char *const *choices, str value)
{
    struct strbuf all;
    strbuf_init(&all, cx->arena, VALUE_MAX);
    for (size_t i = 0; choices[i]; i++) {
        if (str_is(value, choices[i]))
            return OK;
        out_fmt(&all, "%s%s", i ? ", " : "", choices[i]);
    }
    return fail(cx, ERR_BAD_CHOICE, "value", P("choices", strbuf_str(&all)));
}

static enum err check(struct ctx *cx, const struct config_row *row, str value)
{
    static const char *const yes_no[] = { "true", "false", NULL };
    i64 n;
    switch (row->kind) {
    case CONFIG_TEXT_ROW: break; /* BY_FILE */
    case CONFIG_CHOICE_ROW: return check_choice(cx, row->choices, value);
    case CONFIG_BOOL_ROW: return check_choice(cx, yes_no, value);
    case CONFIG_INT_ROW:
        if (!str_to_i64(value, &n))
            return fail(cx, ERR_WRONG_TYPE, "value",
                        P("expected", cx->lang == LANG_ZH ? "整数" : "a whole number"));
        if (n < row->min || n > row->max)
            return fail(cx, ERR_OUT_OF_RANGE, "value", P("min", row->min), P("max", row->max));
        return OK;
    }
    return fail(cx, ERR_INTERNAL, NULL);
}

struct change {
    const struct config_row *row;
    str before, after; /* in hetang.ini; none: not there */
};

static str told(struct ctx *cx, const struct change *c, str value)
{
    struct strbuf text;
    strbuf_init(&text, cx->arena, 2 * VALUE_MAX);
    struct json_writer w = json_writer(&text);
    schema_write(&w, NULL, &setting_kept_schema,
                 &(struct setting_kept) { .name = str_of(c->row->name), .value = value });
    return strbuf_str(&text);
}

static enum err record(struct ctx *cx, void *arg)
{
    const struct change *c = arg;
    return audit_append(cx,
                        &(struct audit_new) { .action = c->after.ptr ? S("system.setting_put")
                                                                     : S("system.setting_reset"),
                                              .entity = "setting",
                                              .before = told(cx, c, c->before),
                                              .after = told(cx, c, c->after) });
}

/* The new file lies ready on the disk before the audit row is written, and takes its place after:
 * there is no change without its row, and hardly anything that could still prevent it. */
static enum err make(struct ctx *cx, struct change *c)
{
    struct config_draft draft;
    const char *why = "";
    enum err e = config_draft(cx->app->config.data, str_of(c->row->name), c->after, &draft, &why);
    if (e != OK)
        return fail(cx, ERR_FILE, NULL, P("reason", why));
    e = in_write(cx, record, c);
    if (e != OK) {
        config_draft_done(&draft);
        return e;
    }
    if (config_publish(&draft, &why) != OK)
        return fail(cx, ERR_FILE, NULL, P("reason", why));
    if (c->row->effect != AT_ONCE)
        return OK;
    TRY(config_take(&cx->app->config, c->row, c->after.ptr ? FROM_FILE : FROM_LIST,
                    c->after.ptr ? c->after : str_of(c->row->initial), &why));
    app_setting_apply(cx->app, c->row);
    return OK;
}

/* No value: back to the default. */
static enum err change(struct ctx *cx, str name, str value, struct reply *out)
{
    const struct config_row *row = NULL;
    struct config next CLEANUP(config_done);
    struct change c = { 0 };
    str problem;
    LOCKED;
    if (read_next(cx, &next, &problem) != OK)
        return fail(cx, ERR_WRONG_STATE, NULL,
                    P("reason_zh", arena_fmt(cx->arena, "hetang.ini 有误，请先在服务器上改正：%.*s",
                                             STR_ARG(problem))),
                    P("reason", arena_fmt(cx->arena, "mend hetang.ini on the machine first: %.*s",
                                          STR_ARG(problem))));
    TRY(find(cx, name, &row));
    if (value.ptr)
        TRY(check(cx, row, value));
    c.row = row;
    c.after = value;
    if (next.from[row - config_rows] == FROM_FILE)
        c.before = value_of(cx, &next, row);
    bool same = value.ptr ? c.before.ptr && str_eq(c.before, value) : !c.before.ptr;
    str holds = value_of(cx, &cx->app->config, row);
    if (!same ||
        (row->effect == AT_ONCE && !str_eq(holds, value.ptr ? value : str_of(row->initial))))
        TRY(make(cx, &c));
    config_done(&next);
    TRY(read_next(cx, &next, &problem));
    struct system_setting shown = show(cx, row, &next);
    return reply_struct(out, &system_setting_schema, &shown);
}

enum err setting_put_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct setting_put *in = input;
    return change(cx, in->name, in->value, out);
}

enum err setting_reset_run(struct ctx *cx, const void *input, struct reply *out)
{
    const struct setting_name *in = input;
    return change(cx, in->name, STR_NONE, out);
}
