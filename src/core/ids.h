/* Ids: one struct type for each kind of thing, so that a store's id cannot be passed for a
 * customer's. 0 is "none". Values stay below 2^53, so that JavaScript keeps them exactly. */
#ifndef HETANG_IDS_H
#define HETANG_IDS_H

#include "base/types.h"
#include "core/schema.h"

#define ID_TYPE(name) \
    typedef struct {  \
        i64 v;        \
    } name;           \
    enum { FT_##name = FT_id }

ID_TYPE(customer_id);
ID_TYPE(department_id);
ID_TYPE(staff_id);
ID_TYPE(job_id);

#endif
