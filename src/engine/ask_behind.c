#include "engine/behind.h"

void behind_start(const struct engine *e, const struct query *q,
                  const struct breakdown_ready *breakdowns, size_t count, struct behind_ready *ret)
{
    struct behind_ready b = { .asked = q->behind.asked };
    for (size_t i = 0; b.asked && i < MIN(count, q->behind.group_count); i++)
        b.nobody |= !key_named(e, &breakdowns[i], &q->behind.groups[i], &b.groups[i]);
    if (b.asked)
        b.found = xcalloc(MAX(engine_blocks(e), 1), sizeof *b.found);
    *ret = b;
}

bool behind_group(const struct behind_ready *b, size_t which, const struct key_list *keys)
{
    const struct raw_key *group = &b->groups[which];
    for (size_t i = 0; !b->nobody && i < keys->n; i++) {
        const struct raw_key *key = &keys->at[i];
        if (key->there == group->there &&
            (!key->there || (key->kind == group->kind && key->value == group->value)))
            return true;
    }
    return false;
}

void behind_add(const struct behind_ready *b, uint32_t ordinal)
{
    uint32_t who = ordinal % BLOCK;
    b->found[ordinal / BLOCK][who / 64] |= UINT64_C(1) << (who % 64);
}

void behind_end(const struct engine *e, struct arena *a, struct behind_ready *b, struct result *ret)
{
    if (b->asked)
        people_show(e, a, b->found, ret);
    free(b->found);
    b->found = NULL;
}
