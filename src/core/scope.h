/* Data scope: which rows an actor may see, in one place. Statements say @scope(alias) for a table
 * with the columns department_id and staff_id; the store puts the right condition there
 * (store/db.h: fragments), so lists, counts, exports, dashboards and single reads cannot differ. A
 * row outside reads as absent: 404. */
#ifndef HETANG_SCOPE_H
#define HETANG_SCOPE_H

#include "store/db.h"

enum scope {
    SCOPE_ALL,         /* everything */
    SCOPE_DEPARTMENTS, /* what belongs to a department listed for the staff member in staff_scope */
    SCOPE_SELF,        /* what belongs to the staff member */
    SCOPE_BOTH,        /* either of the two */
};

extern const struct db_fragment scope_fragments[];
extern const size_t scope_fragment_count;

#endif
