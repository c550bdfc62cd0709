/* backup: what a backup file holds; `hetang backup` writes it, `hetang restore` reads it.
 *
 * hetang.db        the database as one SQLite file, whatever engine it was on: a consistent copy
 * hetang.key       the key file, when it was asked for
 * manifest.json    written last: what the others must be, and how many rows each table has */
#ifndef HETANG_BACKUP_H
#define HETANG_BACKUP_H

#include "app/archive.h"
#include "app/command.h"
#include "base/json.h"

#define MANIFEST_FILE "manifest.json"

struct backup_table {
    str name;
    i64 rows;
};

struct backup_manifest {
    str hetang; /* the version that wrote it */
    instant at;
    struct backup_table *tables;
    size_t table_count;
    bool has_key;
};

extern const char *const backup_files[]; /* the names above; NULL-terminated */

/* Is the database file whole, and how many rows has each of its tables? In the order of their
 * names.
 */
enum err backup_count(struct arena *a, const char *database, struct backup_table **ret,
                      size_t *ret_count, const char **ret_reason);

/* For archive_watch and db_backup(): the bar of one step. `in` NULL: none. */
struct backup_step {
    struct invocation *in;
    const char *what;
};
void backup_watch(void *arg, i64 done, i64 total);

/* Extracts the backup into a folder and holds it against its manifest: checksums of the files, the
 * database's integrity, rows of every table. Progress is shown when `in` is given. Memory is the
 * arena's. */
enum err backup_open(struct invocation *in, struct arena *a, const char *file, const char *folder,
                     struct backup_manifest *ret, const char **ret_reason);

#endif
