/* store_file: files that know whether they are whole. A head, content, then a checksum (xxh64.h)
 * for each CHECK_BLOCK bytes of both; its root, the checksum of the checksums, names the very file.
 *
 * Little-endian machines only, and the same layout on all of them: a file written by another order
 * of bytes or another version is refused. Files are written once and never changed; who maps one
 * reads it in place. */
#ifndef HETANG_STORE_FILE_H
#define HETANG_STORE_FILE_H

#include "base/base.h"

#define STORE_VERSION 1
#define CHECK_BLOCK   ((size_t)256 << 10)
#define STORE_ALIGN   64 /* where sections begin */

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are read in place");

enum store_kind { STORE_INDEX = 1, STORE_BASE };

static inline size_t store_round(size_t size)
{
    return (size + STORE_ALIGN - 1) / STORE_ALIGN * STORE_ALIGN;
}

struct store_writer {
    int fd;
    char *block; /* of CHECK_BLOCK bytes, filled so far */
    size_t filled, left;
    uint64_t *checks;
    size_t check_count;
    bool bad;
};
/* `len` bytes of content will be put. Failures are kept until the end. */
void store_begin(struct store_writer *w, const char *path, enum store_kind kind, size_t len);
void store_put(struct store_writer *w, const void *from, size_t len);
void store_pad(struct store_writer *w, size_t size); /* zeros */
/* On the disk, or removed. */
enum err store_end(struct store_writer *w, const char *path, uint64_t *ret_root);

struct store_map {
    const char *at; /* NULL: none */
    size_t size;
    const char *content;
    size_t len;
    const uint64_t *checks;
    size_t check_count;
    uint64_t root;
};
/* Its head is right and its size is as the head says; nothing else has been looked at.
 * ERR_NOT_FOUND: there is none. */
enum err store_map(const char *path, enum store_kind kind, struct store_map *ret,
                   const char **ret_reason);
bool store_check(const struct store_map *m, size_t block); /* one of check_count */
void store_unmap(struct store_map *m);

#endif
