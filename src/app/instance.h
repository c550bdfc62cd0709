/* instance: a data folder looked at from outside, for commands that must work when the instance
 * itself would not start: backup, restore, doctor, migrate. */
#ifndef HETANG_INSTANCE_H
#define HETANG_INSTANCE_H

#include "core/config.h"
#include "store/db.h"

#define DATABASE_FILE "hetang.db"
#define KEY_FILE      "hetang.key"
#define FILES_BESIDE  256 /* open in a server, beside its connections: the database, listeners … */

/* A file of the data folder, in the arena, NUL-terminated. */
str instance_path(const struct config *c, struct arena *a, const char *name);
bool instance_on_pg(const struct config *c);
/* The database alone: no lock, no migration, no key. ERR_CONFIG if there is none. */
enum err instance_db(const struct config *c, struct db **ret, const char **ret_reason);
/* Does a process have the folder? *ret_pid (may be NULL) is its number, 0 if unknown. */
bool instance_running(const struct config *c, i64 *ret_pid);
/* Takes the folder's lock, so that no server starts meanwhile; given back by close(*ret_fd). */
enum err instance_lock(const struct config *c, int *ret_fd, const char **ret_reason);
/* Bytes the file system of `path` has left for us; -1 if that cannot be said. */
i64 disk_left(const char *path);
/* 1536 → "1.5 KB". */
void out_bytes(struct strbuf *sb, i64 bytes);

#endif
