/* archive: a few files in one .tar.gz, written and read as a stream.
 *
 * A backup should open without us, ten years from now, on any machine: tar and gzip will be there.
 * A better compressor would save a third of the room and cost that. */
#ifndef HETANG_ARCHIVE_H
#define HETANG_ARCHIVE_H

#include "base/base.h"
#include "core/secret.h"

struct archive;

/* Bytes done so far and in all, now and then. */
struct archive_watch {
    void (*progress)(void *arg, i64 done, i64 total);
    void *arg;
};

/* Makes the file (mode 0600; it must not exist). *ret_reason is for a person. */
enum err archive_create(const char *path, struct archive **ret, const char **ret_reason);
enum err archive_add_file(struct archive *ar, const char *name, const char *path,
                          const struct archive_watch *watch, uint8_t ret_sha[SHA256_LEN],
                          i64 *ret_bytes, const char **ret_reason);
enum err archive_add_text(struct archive *ar, const char *name, str text, const char **ret_reason);
/* Ends and syncs the file; the archive is freed whatever the result. */
enum err archive_finish(struct archive *ar, const char **ret_reason);
/* Frees without ending, when something failed. NULL is fine. */
void archive_abandon(struct archive *ar);

#define ARCHIVE_FILES_MAX 8
struct archive_file {
    char name[100];
    i64 bytes;
    uint8_t sha[SHA256_LEN];
};

/* Writes the files of the archive that stand in `names` (NULL-terminated) into the folder, mode
 * 0600; others are an error, and so is anything that is cut short. */
enum err archive_extract(const char *path, const char *folder, const char *const *names,
                         const struct archive_watch *watch,
                         struct archive_file ret[ARCHIVE_FILES_MAX], size_t *ret_count,
                         const char **ret_reason);

#endif
