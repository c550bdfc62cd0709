/* runs: an index from a 64-bit key to growing sequence numbers, kept in sorted files beside the
 * database.
 *
 * A B-tree in the database would be touched at a random page for each fact; here facts are added to
 * a tail in memory, which is written out sorted when it is full, and files of like size are merged.
 * Adding costs a fraction of a microsecond whatever the size. It is derived data: what the files do
 * not cover is added again from the log, and damaged or missing files mean covering less.
 *
 * One thread adds; any thread finds. Files: NAME.FROM-UPTO.run in the folder, each covering the log
 * from one sequence number to another, mapped into memory, checked on opening, written beside and
 * renamed. */
#ifndef HETANG_RUNS_H
#define HETANG_RUNS_H

#include "base/base.h"

struct runs;

/* Opens what is there. A file that is damaged, or that leaves a gap to those before it, is removed
 * with all after it. */
enum err runs_open(const char *folder, const char *name, struct runs **ret,
                   const char **ret_reason);
void runs_close(struct runs *r); /* what is in the tail is forgotten */

/* Every pair of facts up to this sequence number is in. */
i64 runs_covered(const struct runs *r);
/* A pair; `seq` not below any added before. */
void runs_add(struct runs *r, uint64_t key, i64 seq);
/* All facts up to `seq` have been added; `stamp_ms` is when the newest was received. May write and
 * merge files. */
enum err runs_cover(struct runs *r, i64 seq, i64 stamp_ms);
/* Removes files all of whose facts were received before. */
void runs_drop_before(struct runs *r, i64 stamp_ms);

/* Up to `max` sequence numbers of the key that are below `below`, newest first. */
size_t runs_find(struct runs *r, uint64_t key, i64 below, i64 *ret, size_t max);
bool runs_has(struct runs *r, uint64_t key);
size_t runs_bytes(const struct runs *r); /* in files */

#endif
