#include "core/perm.h"

const struct perm_info perm_info[PERM_COUNT] = {
#define PERM(name, key, zh, en) [PERM_##name] = { key, zh, en },
#include "core/perm.def"
#undef PERM
};

bool perm_find(str key, enum perm *ret)
{
    for (int p = PERM_SIGNED_IN + 1; p < PERM_COUNT; p++)
        if (str_is(key, perm_info[p].key)) {
            *ret = (enum perm)p;
            return true;
        }
    return false;
}
