#include "core/config.h"

#include <ini.h>
#include <stdarg.h>
#include <unistd.h>

#define TEXT_OF(x)   #x
#define CHOICES(...) ((const char *const[]) { __VA_ARGS__, NULL })
const struct config_row config_rows[] = {
#define ROW_OF(setting, help_, effect_) \
    .name = #setting, .help = help_, .effect = effect_, .at = offsetof(struct config, setting)
#define CONFIG_TEXT(setting, initial_, effect_, help_) \
    { ROW_OF(setting, help_, effect_), .kind = CONFIG_TEXT_ROW, .initial = initial_ },
#define CONFIG_CHOICE(setting, initial_, choices_, effect_, help_)                     \
    { ROW_OF(setting, help_, effect_), .kind = CONFIG_CHOICE_ROW, .initial = initial_, \
      .choices = choices_ },
#define CONFIG_INT(setting, initial_, min_, max_, effect_, help_)                            \
    { ROW_OF(setting, help_, effect_), .kind = CONFIG_INT_ROW, .initial = TEXT_OF(initial_), \
      .min = min_, .max = max_ },
#define CONFIG_BOOL(setting, initial_, effect_, help_) \
    { ROW_OF(setting, help_, effect_), .kind = CONFIG_BOOL_ROW, .initial = #initial_ },
#include "core/config.def"
#undef CONFIG_TEXT
#undef CONFIG_CHOICE
#undef CONFIG_INT
#undef CONFIG_BOOL
};
const size_t config_row_count = COUNT(config_rows);

static const char *reason(const char *format, ...) PRINTF(1, 2);
static const char *reason(const char *format, ...)
{
    static _Thread_local char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

static void *slot(struct config *c, const struct config_row *row)
{
    return (char *)c + row->at;
}

static enum err set_choice(const char *_Atomic *slot, const struct config_row *row, str value,
                           const char **ret_reason)
{
    char known[200] = "";
    for (const char *const *p = row->choices; *p; p++) {
        if (str_is(value, *p)) {
            *slot = *p; /* of the table, so that it stays while somebody reads it */
            return OK;
        }
        size_t len = strlen(known);
        snprintf(known + len, sizeof known - len, "%s%s", !len ? "" : p[1] ? ", " : " or ", *p);
    }
    *ret_reason = reason("%s must be %s", row->name, known);
    return ERR_CONFIG;
}

static enum err set(struct config *c, const struct config_row *row, enum config_source from,
                    str value, const char **ret_reason)
{
    i64 n;
    c->from[row - config_rows] = from;
    switch (row->kind) {
    case CONFIG_TEXT_ROW: {
        char **text = slot(c, row);
        free(*text);
        *text = xstrdup(value);
        return OK;
    }
    case CONFIG_CHOICE_ROW: return set_choice(slot(c, row), row, value, ret_reason);
    case CONFIG_INT_ROW:
        if (!str_to_i64(value, &n) || n < row->min || n > row->max) {
            *ret_reason = reason("%s must be a whole number from %lld to %lld", row->name,
                                 (long long)row->min, (long long)row->max);
            return ERR_CONFIG;
        }
        *(_Atomic i64 *)slot(c, row) = n;
        return OK;
    case CONFIG_BOOL_ROW:
        if (!str_is(value, "true") && !str_is(value, "false")) {
            *ret_reason = reason("%s must be true or false", row->name);
            return ERR_CONFIG;
        }
        *(_Atomic bool *)slot(c, row) = str_is(value, "true");
        return OK;
    }
    return OK;
}

enum err config_take(struct config *c, const struct config_row *row, enum config_source from,
                     str value, const char **ret_reason)
{
    assert(row->effect == AT_ONCE && row->kind != CONFIG_TEXT_ROW);
    return set(c, row, from, value, ret_reason);
}

void config_init(struct config *c)
{
    *c = (struct config) { .data = xstrdup(S("data")) };
    const char *why;
    for (size_t i = 0; i < config_row_count; i++) {
        enum err e = set(c, &config_rows[i], FROM_LIST, str_of(config_rows[i].initial), &why);
        assert(e == OK);
    }
}

void config_done(struct config *c)
{
    free(c->data);
    for (size_t i = 0; i < config_row_count; i++)
        if (config_rows[i].kind == CONFIG_TEXT_ROW)
            free(*(char **)slot(c, &config_rows[i]));
}

static bool same_name(str name, const char *row)
{
    if (name.len != strlen(row))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if ((name.ptr[i] == '-' ? '_' : name.ptr[i]) != row[i])
            return false;
    return true;
}

const struct config_row *config_find(str name)
{
    for (size_t i = 0; i < config_row_count; i++)
        if (same_name(name, config_rows[i].name))
            return &config_rows[i];
    return NULL;
}

static enum err set_named(struct config *c, str name, enum config_source from, str value,
                          const char **ret_reason)
{
    const struct config_row *row = config_find(name);
    if (row)
        return set(c, row, from, value, ret_reason);
    *ret_reason = reason("there is no setting %.*s", STR_ARG(name));
    return ERR_CONFIG;
}

enum err config_set(struct config *c, str name, str value, const char **ret_reason)
{
    return set_named(c, name, FROM_COMMAND_LINE, value, ret_reason);
}

struct ini_reading {
    struct config *config;
    const char *reason;
};

static int on_ini(void *arg, const char *section, const char *name, const char *value)
{
    struct ini_reading *r = arg;
    if (section[0]) {
        r->reason = reason("sections are not used: [%s]", section);
        return 0;
    }
    return set_named(r->config, str_of(name), FROM_FILE, str_of(value), &r->reason) == OK;
}

enum err config_load(struct config *c, const char **ret_reason)
{
    char path[4096];
    struct ini_reading reading = { .config = c };
    ini_max_line = 8192; /* the address of a server can be long */
    ini_use_stack = false;
    ini_allow_realloc = true;
    ini_allow_multiline = false; /* an indented line is a setting, not more of the one above */
    snprintf(path, sizeof path, "%s/hetang.ini", c->data);
    if (access(path, F_OK) == 0) {
        int line = ini_parse(path, on_ini, &reading);
        if (line != 0) {
            char why[400];
            snprintf(why, sizeof why, "%s", reading.reason ? reading.reason : "it cannot be read");
            *ret_reason = reason("%s, line %d: %s", path, line, why);
            return ERR_CONFIG;
        }
    }
    for (size_t i = 0; i < config_row_count; i++) {
        char name[64] = "HETANG_";
        size_t at = strlen(name);
        for (const char *p = config_rows[i].name; *p; p++)
            name[at++] = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
        name[at] = '\0';
        const char *value = getenv(name);
        if (value)
            TRY(set(c, &config_rows[i], FROM_ENVIRONMENT, str_of(value), ret_reason));
    }
    return OK;
}

/* postgres://user:password@host: the password stands between the second colon and the at sign. */
static void out_url_safely(struct strbuf *sb, str url)
{
    size_t slashes = str_find(url, '/');
    str rest = str_from(url, slashes + 2);
    size_t end = str_find(rest, '/'), at = end;
    while (at > 0 && rest.ptr[at - 1] != '@')
        at--;
    str user = str_head(rest, at ? at - 1 : 0);
    size_t colon = str_find(user, ':');
    bool has = slashes < url.len && at > 0 && colon < user.len;
    out(sb, has ? str_head(url, (size_t)(rest.ptr - url.ptr) + colon + 1) : url);
    if (has) {
        out(sb, S("***@"));
        out(sb, str_from(rest, at));
    }
}

void out_config_value(struct strbuf *sb, const struct config *c, const struct config_row *row)
{
    const void *at = (const char *)c + row->at;
    switch (row->kind) {
    case CONFIG_TEXT_ROW: out_url_safely(sb, str_of(*(char *const *)at)); break;
    case CONFIG_CHOICE_ROW: out_z(sb, *(const char *const _Atomic *)at); break;
    case CONFIG_INT_ROW: out_i64(sb, *(const _Atomic i64 *)at); break;
    case CONFIG_BOOL_ROW: out_z(sb, *(const _Atomic bool *)at ? "true" : "false"); break;
    }
}
