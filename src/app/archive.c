#include "app/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/time.h"

#define BLOCK 512
#define PIECE ((size_t)256 * 1024)

struct archive {
    gzFile gz;
    int fd; /* a second name of the file, for the sync at the end */
    char *piece;
};

/* POSIX ustar. */
struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100],
        magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
static_assert(sizeof(struct header) == BLOCK, "a block");

static const char *reason(const char *format, ...) PRINTF(1, 2);
static const char *reason(const char *format, ...)
{
    static _Thread_local char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

static const char *why_gz(gzFile gz)
{
    int code = Z_OK;
    const char *said = gzerror(gz, &code);
    return code == Z_ERRNO ? strerror(errno) : said[0] ? said : "it cannot be written";
}

enum err archive_create(const char *path, struct archive **ret, const char **ret_reason)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        *ret_reason = reason("cannot make %s: %s", path, strerror(errno));
        return ERR_FILE;
    }
    struct archive *ar = xcalloc(1, sizeof *ar);
    ar->fd = fd;
    ar->gz = gzdopen(fcntl(fd, F_DUPFD_CLOEXEC, 0), "wb6");
    if (!ar->gz) {
        *ret_reason = reason("cannot make %s: %s", path, strerror(errno));
        archive_abandon(ar);
        return ERR_FILE;
    }
    gzbuffer(ar->gz, PIECE);
    ar->piece = xmalloc(PIECE);
    *ret = ar;
    return OK;
}

void archive_abandon(struct archive *ar)
{
    if (!ar)
        return;
    if (ar->gz)
        gzclose(ar->gz);
    close(ar->fd);
    free(ar->piece);
    free(ar);
}

static enum err put(struct archive *ar, const void *bytes, size_t len, const char **ret_reason)
{
    if (len == 0 || gzwrite(ar->gz, bytes, (unsigned)len) == (int)len)
        return OK;
    *ret_reason = reason("the backup cannot be written: %s", why_gz(ar->gz));
    return errno == ENOSPC ? ERR_DISK_FULL : ERR_FILE;
}

/* Eleven octal digits hold 8 GiB; beyond, GNU's and POSIX's binary form: the first bit set. */
static void put_size(char to[12], i64 size)
{
    if (size < INT64_C(1) << 33) {
        snprintf(to, 12, "%011llo", (unsigned long long)size);
        return;
    }
    memset(to, 0, 12);
    to[0] = (char)0x80;
    for (int i = 11; i >= 4; i--, size >>= 8)
        to[i] = (char)(size & 0xff);
}

static unsigned sum_of(const struct header *h)
{
    const unsigned char *bytes = (const unsigned char *)h;
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof *h; i++) {
        bool in_field = i >= offsetof(struct header, checksum) && i < offsetof(struct header, type);
        sum += in_field ? ' ' : bytes[i];
    }
    return sum;
}

static enum err put_header(struct archive *ar, const char *name, i64 size, const char **ret_reason)
{
    struct header h = { .type = '0' };
    assert(strlen(name) < sizeof h.name);
    memcpy(h.name, name, strlen(name));
    memcpy(h.mode, "0000600", 8);
    memcpy(h.uid, "0000000", 8);
    memcpy(h.gid, "0000000", 8);
    memcpy(h.magic, "ustar", 6);
    memcpy(h.version, "00", 2);
    put_size(h.size, size);
    snprintf(h.mtime, sizeof h.mtime, "%011llo", (unsigned long long)(clock_now().ms / 1000));
    snprintf(h.checksum, sizeof h.checksum, "%06o", sum_of(&h));
    h.checksum[7] = ' ';
    return put(ar, &h, sizeof h, ret_reason);
}

static enum err put_padding(struct archive *ar, i64 size, const char **ret_reason)
{
    static const char zeros[BLOCK];
    return put(ar, zeros, (size_t)((BLOCK - size % BLOCK) % BLOCK), ret_reason);
}

static enum err copy_in(struct archive *ar, int fd, i64 size, EVP_MD_CTX *sha,
                        const struct archive_watch *watch, const char **ret_reason)
{
    for (i64 done = 0; done < size;) {
        ssize_t n = read(fd, ar->piece, (size_t)MIN(size - done, (i64)PIECE));
        if (n <= 0) {
            *ret_reason = reason("the file to back up cannot be read: %s",
                                 n < 0 ? strerror(errno) : "it became shorter");
            return ERR_FILE;
        }
        EVP_DigestUpdate(sha, ar->piece, (size_t)n);
        TRY(put(ar, ar->piece, (size_t)n, ret_reason));
        done += n;
        if (watch)
            watch->progress(watch->arg, done, size);
    }
    return OK;
}

enum err archive_add_file(struct archive *ar, const char *name, const char *path,
                          const struct archive_watch *watch, uint8_t ret_sha[SHA256_LEN],
                          i64 *ret_bytes, const char **ret_reason)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        *ret_reason = reason("cannot read %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return ERR_FILE;
    }
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    EVP_DigestInit_ex(sha, EVP_sha256(), NULL);
    enum err e = put_header(ar, name, st.st_size, ret_reason);
    if (e == OK)
        e = copy_in(ar, fd, st.st_size, sha, watch, ret_reason);
    if (e == OK)
        e = put_padding(ar, st.st_size, ret_reason);
    EVP_DigestFinal_ex(sha, ret_sha, NULL);
    EVP_MD_CTX_free(sha);
    close(fd);
    *ret_bytes = st.st_size;
    return e;
}

enum err archive_add_text(struct archive *ar, const char *name, str text, const char **ret_reason)
{
    TRY(put_header(ar, name, (i64)text.len, ret_reason));
    TRY(put(ar, text.ptr, text.len, ret_reason));
    return put_padding(ar, (i64)text.len, ret_reason);
}

enum err archive_finish(struct archive *ar, const char **ret_reason)
{
    static const char end[2 * BLOCK];
    enum err e = put(ar, end, sizeof end, ret_reason);
    int closed = gzclose(ar->gz);
    ar->gz = NULL;
    if (e == OK && (closed != Z_OK || fsync(ar->fd) != 0)) {
        *ret_reason = reason("the backup cannot be written: %s", strerror(errno));
        e = errno == ENOSPC ? ERR_DISK_FULL : ERR_FILE;
    }
    archive_abandon(ar);
    return e;
}

/* Reading. */
struct reading {
    gzFile gz;
    int folder;
    char *piece;
    const struct archive_watch *watch;
    i64 done, total; /* bytes of the compressed file */
    const char **reason;
};

static void reading_done(struct reading *r)
{
    if (r->gz)
        gzclose(r->gz);
    if (r->folder >= 0)
        close(r->folder);
    free(r->piece);
}

static enum err damaged(struct reading *r, const char *what)
{
    *r->reason = reason("the backup is damaged: %s", what);
    return ERR_FILE;
}

static enum err get(struct reading *r, void *to, size_t len)
{
    int n = gzread(r->gz, to, (unsigned)len);
    if (n == (int)len)
        return OK;
    return damaged(r, n < 0 ? why_gz(r->gz) : "it ends too early");
}

static bool get_size(const char from[12], i64 *ret)
{
    i64 size = 0;
    if ((unsigned char)from[0] == 0x80) {
        for (int i = 4; i < 12; i++)
            size = (i64)((uint64_t)size << 8 | (unsigned char)from[i]);
        *ret = size;
        return size >= 0;
    }
    for (int i = 0; i < 12 && from[i] && from[i] != ' '; i++) {
        if (from[i] < '0' || from[i] > '7')
            return false;
        size = size * 8 + (from[i] - '0');
    }
    *ret = size;
    return true;
}

static bool among(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static enum err copy_out(struct reading *r, int fd, i64 size, EVP_MD_CTX *sha)
{
    for (i64 done = 0; done < size;) {
        size_t n = (size_t)MIN(size - done, (i64)PIECE);
        TRY(get(r, r->piece, n));
        EVP_DigestUpdate(sha, r->piece, n);
        if (write(fd, r->piece, n) != (ssize_t)n) {
            *r->reason = reason("the files cannot be written: %s", strerror(errno));
            return errno == ENOSPC ? ERR_DISK_FULL : ERR_FILE;
        }
        done += (i64)n;
        if (r->watch)
            r->watch->progress(r->watch->arg, MIN(gzoffset(r->gz), r->total), r->total);
    }
    char rest[BLOCK];
    TRY(get(r, rest, (size_t)((BLOCK - size % BLOCK) % BLOCK)));
    if (fsync(fd) == 0)
        return OK;
    *r->reason = reason("the files cannot be written: %s", strerror(errno));
    return ERR_FILE;
}

static enum err extract_one(struct reading *r, const struct header *h, const char *const *names,
                            struct archive_file *ret)
{
    snprintf(ret->name, sizeof ret->name, "%.*s", (int)sizeof h->name - 1, h->name);
    i64 sum;
    char text[9] = { 0 };
    memcpy(text, h->checksum, 6);
    char field[12] = { 0 };
    memcpy(field, text, 6);
    if (!get_size(field, &sum) || sum != (i64)sum_of(h) || !get_size(h->size, &ret->bytes) ||
        (h->type != '0' && h->type != '\0') || !among(names, ret->name))
        return damaged(r, "it holds something that is not of a backup");
    int fd = openat(r->folder, ret->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        *r->reason = reason("cannot make %s: %s", ret->name, strerror(errno));
        return ERR_FILE;
    }
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    EVP_DigestInit_ex(sha, EVP_sha256(), NULL);
    enum err e = copy_out(r, fd, ret->bytes, sha);
    EVP_DigestFinal_ex(sha, ret->sha, NULL);
    EVP_MD_CTX_free(sha);
    close(fd);
    return e;
}

static enum err extract_all(struct reading *r, const char *const *names,
                            struct archive_file ret[ARCHIVE_FILES_MAX], size_t *ret_count)
{
    static const struct header end;
    struct header h;
    size_t count = 0;
    for (;;) {
        TRY(get(r, &h, sizeof h));
        if (memcmp(&h, &end, sizeof h) == 0)
            break;
        if (count == ARCHIVE_FILES_MAX)
            return damaged(r, "it holds too many files");
        TRY(extract_one(r, &h, names, &ret[count]));
        count++;
    }
    int n;
    while ((n = gzread(r->gz, r->piece, PIECE)) > 0)
        ; /* to the end, where gzip has its checksum */
    int closed = n == 0 ? gzclose(r->gz) : Z_DATA_ERROR;
    if (n == 0)
        r->gz = NULL;
    if (closed != Z_OK)
        return damaged(r, "its checksum is wrong, or it ends too early");
    *ret_count = count;
    return OK;
}

enum err archive_extract(const char *path, const char *folder, const char *const *names,
                         const struct archive_watch *watch,
                         struct archive_file ret[ARCHIVE_FILES_MAX], size_t *ret_count,
                         const char **ret_reason)
{
    struct stat st;
    struct reading r CLEANUP(reading_done) = { .folder = -1, .watch = watch, .reason = ret_reason };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        *ret_reason =
            reason("cannot read %s: %s", path, fd < 0 ? strerror(errno) : "it is no plain file");
        if (fd >= 0)
            close(fd);
        return ERR_FILE;
    }
    r.total = st.st_size;
    r.gz = gzdopen(fd, "rb");
    r.piece = xmalloc(PIECE);
    r.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!r.gz || r.folder < 0) {
        *ret_reason = reason("cannot write into %s: %s", folder, strerror(errno));
        return ERR_FILE;
    }
    gzbuffer(r.gz, PIECE);
    unsigned char magic[2] = { 0 };
    if (pread(fd, magic, 2, 0) != 2 || magic[0] != 0x1f || magic[1] != 0x8b)
        return damaged(&r, "it is no gzip file");
    return extract_all(&r, names, ret, ret_count);
}
