/* credit: from the paths an executor has gathered to what attribution answers (query.h), alike for
 * all of them. The order in which paths and channels are gathered cannot change a digit. */
#ifndef HETANG_CREDIT_H
#define HETANG_CREDIT_H

#include "engine/result.h"

/* One path, or several that are alike. */
struct gathered_path {
    size_t first, count; /* of the touches */
    i64 conversions, lost, value;
};

/* On the heap. A touch's channel is a number that whoever gathers gives it. */
struct gathered {
    int32_t *numbers; /* by such a number what all of them say; NULL: the same */
    struct touch *touches;
    size_t touch_count, touch_cap;
    struct gathered_path *paths;
    size_t path_count, path_cap;
    i64 *met; /* by number: in how many paths' touches it is */
    size_t met_cap;
    i64 refunded, refunded_value;
};
/* A path begins, then come its touches, oldest first. */
void gathered_path(struct gathered *g, i64 conversions, i64 lost, i64 value);
void gathered_touch(struct gathered *g, struct touch t);
void gathered_done(struct gathered *g);

/* What `count` threads have gathered, each of which has a thread here, too. `keys`: of the
 * channels' numbers; one key may have several. The numbers in `g` are others afterwards.
 * ERR_TOO_MANY: sums that do not fit. */
enum err credit_shown(struct arena *a, const struct query *q, struct gathered *g, size_t count,
                      const struct group_key *keys, size_t key_count,
                      struct attribution_result *ret);

struct json_writer;
void credit_out(struct json_writer *w, const struct query *q, const struct attribution_result *r);

#endif
