/* What the engine has been told of, by name. */
#include "engine/engine_internal.h"

static int by_facts(const void *pa, const void *pb)
{
    const struct engine_type *a = pa, *b = pb;
    if (a->facts != b->facts)
        return a->facts > b->facts ? -1 : 1;
    return str_cmp(a->name, b->name);
}

static int by_name(const void *pa, const void *pb)
{
    return str_cmp(((const struct engine_prop *)pa)->name, ((const struct engine_prop *)pb)->name);
}

static void props_of(const struct engine *e, struct arena *a, const struct table *t,
                     struct engine_type *ret)
{
    ret->props = NEW_N(a, struct engine_prop, t->column_count);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        str name = dict_text(&e->dict, c->name);
        size_t at = 0;
        while (at < ret->prop_count && !str_eq(ret->props[at].name, name))
            at++;
        if (at == ret->prop_count)
            ret->props[ret->prop_count++].name = arena_str(a, name);
        ret->props[at].kinds |= 1u << c->kind;
    }
    if (ret->prop_count)
        qsort(ret->props, ret->prop_count, sizeof *ret->props, by_name);
}

void engine_types(struct engine *e, struct arena *a, struct engine_type **ret, size_t *ret_count)
{
    struct visit visit = engine_enter(e);
    struct engine_type *types = NEW_N(a, struct engine_type, e->table_count);
    for (size_t i = 0; i < e->table_count; i++) {
        const struct table *t = e->tables[i];
        types[i].name = arena_str(a, dict_text(&e->dict, t->type));
        types[i].facts = (i64)(t->base_count + t->tail_count);
        props_of(e, a, t, &types[i]);
    }
    *ret = types;
    *ret_count = e->table_count;
    gate_asked(&e->gate, &visit);
    if (*ret_count)
        qsort(types, *ret_count, sizeof *types, by_facts);
}
