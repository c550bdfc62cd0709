/* Permissions: perm.def is the one list. A role is a set of them; a route names the one it needs.
 */
#ifndef HETANG_PERM_H
#define HETANG_PERM_H

#include "base/base.h"

enum perm {
#define PERM(name, key, zh, en) PERM_##name,
#include "core/perm.def"
#undef PERM
    PERM_COUNT
};
static_assert(PERM_COUNT <= 64, "a set of permissions is one word");
#define PERM_ALL    (((UINT64_C(1) << PERM_COUNT) - 1) & ~UINT64_C(1))
#define PERM_BIT(p) (UINT64_C(1) << (p))

struct perm_info {
    const char *key, *zh, *en;
};
extern const struct perm_info perm_info[PERM_COUNT];
bool perm_find(str key, enum perm *ret); /* only those a role may be given */

#endif
