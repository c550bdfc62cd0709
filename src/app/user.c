/* hetang user: the people who may sign in, for whoever has the machine.
 *
 * Works beside a running server on the same database: the transaction of one waits for that of the
 * other, and no server keeps anything about staff in memory. */
#include "app/commands.h"

#include <unistd.h>

#include "base/time.h"
#include "core/audit.h"
#include "domain/org/org.h"

#define PAGE 200

struct work {
    struct invocation *in;
    struct ctx *cx;
    const char *login; /* NULL for list */
    str password, hash;
    staff_id staff;
};

static enum err note(struct work *w, const char *action)
{
    return audit_append(w->cx, &(struct audit_new) { .action = str_of(action),
                                                     .entity = "staff",
                                                     .entity_id = w->staff.v });
}

static enum err find(struct work *w)
{
    enum err e = staff_find_login(w->cx, str_of(w->login), &w->staff);
    if (e != ERR_NOT_FOUND)
        return e;
    fail_clear(w->cx);
    return fail_rule(w->cx, ERR_INVALID, NULL, "没有这个用户", "there is no such user");
}

/* ERR_NOT_FOUND says too little on a terminal. */
static enum err found(struct work *w, enum err e, const char *zh, const char *en)
{
    if (e != ERR_NOT_FOUND)
        return e;
    fail_clear(w->cx);
    return fail_rule(w->cx, ERR_INVALID, NULL, zh, en);
}

static void print_member(struct work *w, struct json_writer *lines, const struct staff *s,
                         const struct role *roles, size_t role_count)
{
    const role_id *has = s->role_ids.at;
    struct strbuf names, at;
    if (w->in->json) {
        schema_write(lines, NULL, &staff_schema, s);
        return;
    }
    strbuf_init(&names, w->cx->arena, 4096);
    for (size_t i = 0; i < s->role_ids.n; i++)
        for (size_t k = 0; k < role_count; k++)
            if (roles[k].id.v == has[i].v)
                out_fmt(&names, "%s%.*s", names.len ? ", " : "", STR_ARG(roles[k].name));
    strbuf_init(&at, w->cx->arena, 64);
    if (s->signed_in_at.ms)
        out_instant(&at, s->signed_in_at);
    else
        out(&at, S("never"));
    printf("%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(s->login), STR_ARG(s->state),
           STR_ARG(s->name), STR_ARG(s->department_name), STR_ARG(strbuf_str(&names)),
           STR_ARG(strbuf_str(&at)));
}

static enum err list_work(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    struct strbuf text;
    struct role *roles;
    struct staff *page;
    size_t role_count, count = PAGE;
    strbuf_init(&text, cx->arena, 64 << 20);
    struct json_writer lines = json_writer(&text);
    json_list(&lines, NULL);
    TRY(role_list(cx, &roles, &role_count));
    for (i64 after = 0; count == PAGE; after = count ? page[count - 1].id.v : 0) {
        TRY(staff_list(cx, &(struct staff_filter) { .state = STR_NONE }, after, PAGE, &page,
                       &count));
        for (size_t i = 0; i < count; i++)
            print_member(w, &lines, &page[i], roles, role_count);
    }
    json_list_end(&lines);
    if (w->in->json)
        printf("%.*s\n", STR_ARG(strbuf_str(&text)));
    return OK;
}

static enum err add_work(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    const char *code = option(w->in, "department"), *name = option(w->in, "name");
    department_id department;
    role_id role;
    enum err e = role_find_key(cx, str_of(option(w->in, "role")), &role);
    TRY(found(w, e, "没有这个角色",
              "there is no such role: owner, operations, region, store, staff, analyst, auditor"));
    e = code ? department_find_code(cx, str_of(code), &department)
             : department_root(cx, &department);
    TRY(found(w, e, "没有这个部门编码", "no department has that code"));
    TRY(staff_add(cx,
                  &(struct staff_new) { .login = str_of(w->login),
                                        .name = str_of(name ? name : w->login),
                                        .password_hash = w->hash,
                                        .department = department,
                                        .roles = &role,
                                        .role_count = 1,
                                        .password_change = true },
                  &w->staff));
    return note(w, "user.add");
}

static enum err password_work(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    TRY(find(w));
    TRY(staff_set_password(cx, w->staff, w->hash, true));
    return note(w, "user.password");
}

static enum err unlock_work(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    TRY(find(w));
    TRY(staff_unlock(cx, w->staff));
    if (option(w->in, "no-code"))
        TRY(staff_totp_off(cx, w->staff));
    return note(w, "user.unlock");
}

static const struct action {
    const char *word;
    enum err (*work)(struct ctx *cx, void *arg);
    bool writes, password, role;
} actions[] = {
    { "list", list_work },
    { "add", add_work, .writes = true, .password = true, .role = true },
    { "password", password_work, .writes = true, .password = true },
    { "unlock", unlock_work, .writes = true },
};

static const struct action *action_of(const struct invocation *in)
{
    for (size_t i = 0; i < COUNT(actions); i++)
        if (strcmp(actions[i].word, in->arguments[0]) == 0)
            return &actions[i];
    return NULL;
}

static int misused(const char *what)
{
    complain("%s", what);
    fputs("Try: hetang user --help\n", stderr);
    return EXIT_USAGE;
}

static void say_done(const struct work *w, const struct action *a)
{
    struct strbuf text;
    strbuf_init(&text, w->cx->arena, 4096);
    struct json_writer lines = json_writer(&text);
    json_open(&lines, NULL);
    json_put(&lines, "login", w->login);
    if (a->password)
        json_put(&lines, "password", w->password);
    json_close(&lines);
    if (w->in->json)
        printf("%.*s\n", STR_ARG(strbuf_str(&text)));
    else if (a->password)
        printf("%s signs in with the password %.*s and then chooses another.\n", w->login,
               STR_ARG(w->password));
    else
        printf("%s may try again.\n", w->login);
}

static enum err act(struct work *w, const struct action *a)
{
    const char *given = option(w->in, "password");
    if (!a->writes)
        return in_read(w->cx, a->work, w);
    if (a->password) {
        w->password = given ? str_of(given) : password_made_up(w->cx->arena);
        TRY(password_check(w->cx, NULL, w->password, login_normal(w->cx->arena, str_of(w->login))));
        w->hash = password_hash(w->cx->arena, w->password);
    }
    return in_write(w->cx, a->work, w);
}

/* Beside a server if it is made ready already, else as the one who makes it ready (a newer Hetang
 * has something to migrate). Never where there is no instance yet. */
static enum err open_app(struct app *app, struct arena *a, const char **ret_reason)
{
    enum err e = app_open(app, APP_LOOK, ret_reason);
    bool made = access(app_path(app, a, "hetang.key").ptr, F_OK) == 0;
    return e == OK || !made ? e : app_open(app, APP_WORK, ret_reason);
}

int run_user(struct invocation *in)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct app app = { .config = in->config, .modules = modules, .module_count = modules_count };
    const struct action *a = action_of(in);
    const char *why;
    if (!a)
        return misused("what to do is list, add, password or unlock");
    if (a->writes != (in->argument_count == 2))
        return misused(a->writes ? "which user?" : "user list takes no user");
    if (a->role && !option(in, "role"))
        return misused("--role is needed");
    if (open_app(&app, &arena, &why) != OK)
        return complain("%s", why);
    struct ctx cx = system_ctx(&app, &arena, S("hetang user"));
    cx.lang = LANG_EN;
    struct work w = { .in = in,
                      .cx = &cx,
                      .login = in->argument_count == 2 ? in->arguments[1] : NULL };
    enum err e = act(&w, a);
    if (e != OK)
        complain("%.*s", STR_ARG(fail_text(&cx, e)));
    else if (a->writes)
        say_done(&w, a);
    app_close(&app);
    return e == OK ? EXIT_OK : EXIT_FAILED;
}
