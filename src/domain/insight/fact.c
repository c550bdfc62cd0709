/* An event of the log as a fact of the engine: its properties that are texts, numbers, yes or no.
 * What is nested is named with dots; lists are not told. */
#include "base/json.h"
#include "domain/insight/internal.h"

#define TEXT_MAX  200 /* bytes; longer ones are no values to compare by */
#define PROPS_MAX 60
#define NEST_MAX  3

/* Of the context that SDKs send along only what reports ask about: the rest names devices. */
static const char *const context_told[] = { "campaign", "page",     "device.type",
                                            "os.name",  "app.name", "locale" };

struct prop_list {
    struct arena *arena;
    struct fact_prop *at;
    size_t count;
};

static void tell(struct prop_list *to, str name, const struct json *j)
{
    struct value v = { 0 };
    if (j->kind == JSON_STRING && j->text.len && j->text.len <= TEXT_MAX)
        v = (struct value) { .kind = VALUE_TEXT, .text = j->text };
    else if (j->kind == JSON_BOOL)
        v = (struct value) { .kind = VALUE_BOOL, .number = j->yes };
    else if (j->kind == JSON_NUMBER && query_number_read(j->text, &v.number))
        v.kind = VALUE_NUMBER;
    else
        return;
    for (size_t i = 0; i < to->count; i++)
        if (str_eq(to->at[i].name, name)) {
            to->at[i].value = v; /* the last one holds, as everywhere */
            return;
        }
    if (to->count < PROPS_MAX)
        to->at[to->count++] = (struct fact_prop) { name, v };
}

static bool context_wanted(str name)
{
    for (size_t i = 0; i < COUNT(context_told); i++) {
        str told = str_of(context_told[i]);
        if (str_starts(name, told) && (name.len == told.len || name.ptr[told.len] == '.'))
            return true;
        if (str_starts(told, name) && told.ptr[name.len] == '.')
            return true;
    }
    return false;
}

static void walk(struct prop_list *to, str prefix, const struct json *object, bool context,
                 int depth)
{
    for (const struct json *m = object->first; m; m = m->next) {
        str name = prefix.len ? arena_fmt(to->arena, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(m->key))
                              : m->key;
        bool is_context = !depth && str_is(m->key, "$context");
        if (!name.len || (context && !context_wanted(name)))
            continue;
        if (m->kind == JSON_OBJECT && depth < NEST_MAX)
            walk(to, is_context ? STR_NONE : name, m, context || is_context, depth + 1);
        else
            tell(to, name, m);
    }
}

void fact_of(struct arena *a, const struct event *e, i64 person, struct fact *ret)
{
    struct json_error bad;
    const struct json *props = json_read(a, e->props, &bad);
    struct fact_prop props_told[PROPS_MAX];
    struct prop_list all = { a, props_told, 0 };
    if (props && props->kind == JSON_OBJECT)
        walk(&all, STR_NONE, props, false, 0);
    *ret = (struct fact) { .person = person,
                           .seq = e->seq,
                           .type = e->type_name,
                           .at = e->at,
                           .props = arena_copy(a, all.at, all.count * sizeof *all.at),
                           .prop_count = all.count };
}
