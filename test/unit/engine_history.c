#include "engine_history.h"

#include "base/base.h"
#include "base/time.h"

static void expect(bool fine, const char *what, str where)
{
    if (fine)
        return;
    fprintf(stderr, "%s: %.*s\n", what, STR_ARG(where));
    abort();
}

struct json *history_json(struct arena *a, const char *text)
{
    struct json_error bad;
    str copy = arena_str(a, str_of(text));
    char *bytes = arena_copy(a, copy.ptr, copy.len);
    for (size_t i = 0; i < copy.len; i++)
        bytes[i] = bytes[i] == '\'' ? '"' : bytes[i];
    struct json *j = json_read(a, (str) { bytes, copy.len }, &bad);
    expect(j != NULL, "not JSON", copy);
    return j;
}

instant history_time(struct arena *a, str text)
{
    instant t = { 0 };
    str full = text;
    if (text.len > 2 && text.ptr[2] == '-')
        full = arena_fmt(a, "2026-%.*s%s+08:00", STR_ARG(text), text.len == 11 ? ":00" : "");
    expect(instant_read(full, &t), "not a time", text);
    return t;
}

static struct value value_read(const struct json *j)
{
    struct value v = { .kind = VALUE_TEXT, .text = j->text };
    if (j->kind == JSON_BOOL)
        v = (struct value) { .kind = VALUE_BOOL, .number = j->yes };
    else if (j->kind == JSON_NUMBER) {
        v = (struct value) { .kind = VALUE_NUMBER };
        expect(query_number_read(j->text, &v.number), "not a number", j->text);
    }
    return v;
}

static struct fact fact_read(struct arena *a, const struct json *j)
{
    struct fact f = { 0 };
    const struct json *type = j->first->next, *at = type->next, *props = at->next;
    expect(json_i64(j->first, &f.person), "whose?", j->first->text);
    f.type = type->text;
    f.at = history_time(a, at->text);
    f.props = NEW_N(a, struct fact_prop, props ? props->count : 0);
    for (const struct json *m = props ? props->first : NULL; m; m = m->next)
        f.props[f.prop_count++] = (struct fact_prop) { m->key, value_read(m) };
    return f;
}

static struct person_attr attr_read(struct arena *a, const struct json *j)
{
    struct person_attr attr = { .name = j->key, .kind = ATTR_TEXT, .text = j->text };
    const struct json *date = json_get(j, "day"), *time = json_get(j, "instant");
    struct value v = value_read(j);
    day d = { 0 };
    if (v.kind != VALUE_TEXT) {
        attr.kind = v.kind == VALUE_BOOL ? ATTR_BOOL : ATTR_NUMBER;
        attr.number = v.number;
    } else if (j->kind == JSON_ARRAY) {
        attr.kind = ATTR_LIST;
        attr.texts = NEW_N(a, str, j->count);
        for (const struct json *m = j->first; m; m = m->next)
            attr.texts[attr.text_count++] = m->text;
    } else if (date) {
        expect(day_read(date->text, &d), "not a day", date->text);
        attr.kind = ATTR_DAY;
        attr.number = d.n;
    } else if (time) {
        attr.kind = ATTR_INSTANT;
        attr.number = history_time(a, time->text).ms;
    }
    return attr;
}

static void sets_read(struct arena *a, const struct json *j, struct person *p)
{
    p->sets = NEW_N(a, struct person_set, 20);
    for (const struct json *family = j->first; family; family = family->next)
        for (const struct json *key = family->first; key; key = key->next) {
            expect(p->set_count < 20, "too many sets", family->key);
            p->sets[p->set_count++] = (struct person_set) { family->key, key->text };
        }
}

static struct person person_read(struct arena *a, const struct json *j)
{
    struct person p = { .attrs = NEW_N(a, struct person_attr, j->count) };
    expect(json_i64(json_get(j, "id"), &p.id), "a person without an id", STR_NONE);
    for (const struct json *m = j->first; m; m = m->next)
        if (str_is(m->key, "sets"))
            sets_read(a, m, &p);
        else if (!str_is(m->key, "id"))
            p.attrs[p.attr_count++] = attr_read(a, m);
    return p;
}

static bool person_there(const struct history *h, i64 id)
{
    for (size_t i = 0; i < h->person_count; i++)
        if (h->persons[i].id == id)
            return true;
    return false;
}

struct history history_read(struct arena *a, const char *text)
{
    const struct json *j = history_json(a, text);
    struct history h = { NEW_N(a, struct person, j->count), 0, NEW_N(a, struct fact, j->count), 0 };
    for (const struct json *m = j->first; m; m = m->next)
        if (m->kind == JSON_OBJECT)
            h.persons[h.person_count++] = person_read(a, m);
    for (const struct json *m = j->first; m; m = m->next) {
        if (m->kind == JSON_OBJECT)
            continue;
        expect(m->kind == JSON_ARRAY && m->count >= 3, "not a fact", m->text);
        struct fact *f = &h.facts[h.fact_count++];
        *f = fact_read(a, m);
        f->seq = (i64)h.fact_count;
        if (!person_there(&h, f->person))
            h.persons[h.person_count++].id = f->person;
    }
    return h;
}
