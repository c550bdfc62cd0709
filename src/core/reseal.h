/* reseal: after a rotation every sealed value is sealed anew with the active key, by a job.
 *
 * Sealed values are found in the catalogue, not in a list that a module could forget to extend: a
 * value of any blob column that says it is sealed, by a key of ours, and opens with it. Works
 * beside everything else; a value that changes meanwhile is left to whoever changed it. */
#ifndef HETANG_RESEAL_H
#define HETANG_RESEAL_H

#include "core/ctx.h"
#include "core/module.h"
#include "core/secret.h"

extern const struct job_kind reseal_job;

/* Inside a write, after a rotation: which key is active is kept in the database, for other nodes;
 * the job is added, or was waiting already. */
enum err reseal_start(struct ctx *cx, job_id *ret);

/* Inside a read: ERR_UNAVAILABLE when another node has rotated and the key file here, read again,
 * does not have the key; the failure says what to do. Without that key this node cannot read what
 * the others write, and would take what it seals with an older key for done. */
enum err reseal_key_check(struct ctx *cx);

/* How many sealed values name each key of the file, and how many name a key it does not have. */
struct keys_used {
    uint32_t ids[SECRET_KEYS_MAX];
    i64 values[SECRET_KEYS_MAX];
    size_t count;
    i64 lost;
};
/* Inside a read: looks at the head of every sealed value of all tables. */
enum err reseal_keys_used(struct ctx *cx, struct keys_used *ret);

#endif
