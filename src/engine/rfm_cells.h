/* rfm_cells: from how each person stands (rfm.h) to what a question about scores answers; the
 * executors differ only in how they find that. */
#ifndef HETANG_RFM_CELLS_H
#define HETANG_RFM_CELLS_H

#include "engine/result.h"

/* As of when: `until`, or now if that is earlier. */
instant rfm_reference(const struct query *q, instant now);
/* Of whoever has a fact, in any order; scores are filled in. The answer is the cells, or who is
 * behind one. */
void rfm_answer(struct arena *a, const struct query *q, instant now, struct rfm_person *people,
                size_t count, struct result *ret);

struct json_writer;
void rfm_out(struct json_writer *w, const struct rfm_result *r);

#endif
