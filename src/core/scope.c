#include "core/scope.h"

#define IN_DEPARTMENTS \
    "{a}.department_id IN (SELECT ss.department_id FROM staff_scope ss WHERE ss.staff_id = {me})"
#define OWN "{a}.staff_id = {me}"

const struct db_fragment scope_fragments[] = {
    { "scope",
      { [SCOPE_ALL] = "TRUE",
        [SCOPE_DEPARTMENTS] = IN_DEPARTMENTS,
        [SCOPE_SELF] = OWN,
        [SCOPE_BOTH] = OWN " OR " IN_DEPARTMENTS } },
};
const size_t scope_fragment_count = COUNT(scope_fragments);
static_assert(SCOPE_BOTH + 1 == DB_VARIANTS, "a variant each");
