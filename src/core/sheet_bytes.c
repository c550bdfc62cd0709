#include "core/sheet_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A way of packing: recognised by its first bytes, unpacked step by step. `read` makes at least one
 * byte, or sets b->end, or fails. */
struct packer {
    enum sheet_packing packing;
    str magic;
    enum err (*open)(struct ctx *cx, struct bytes *b);
    enum err (*read)(struct ctx *cx, struct bytes *b, char *to, size_t size, size_t *ret_len);
    void (*done)(struct bytes *b);
};

static const struct packer *packer_of(str head);
static enum err take(struct ctx *cx, struct bytes *b);
static enum err zip_source(struct ctx *cx, struct bytes *b);

enum err system_failed(struct ctx *cx, const char *path, int error)
{
    if (error == ENOSPC || error == EDQUOT)
        return fail(cx, ERR_DISK_FULL, NULL);
    return fail(cx, ERR_FILE, NULL,
                P("reason", arena_fmt(cx->arena, "%s: %s", path, strerror(error))));
}

enum err allowance_use(struct ctx *cx, struct allowance *a, i64 packed, i64 more)
{
    if (__builtin_add_overflow(a->unpacked, more, &a->unpacked) || a->unpacked > a->unpacked_max)
        return refuse(cx, "解压后太大，超过上限", "It unpacks to more than the limit");
    if (a->unpacked > SHEET_RATIO_FROM && a->unpacked / a->ratio_max > packed)
        return refuse(cx, "压缩比异常，可能是压缩炸弹，已拒绝",
                      "It is packed too tightly to be a table: refused as a bomb");
    return OK;
}

enum err bytes_open(struct ctx *cx, struct bytes *b, const char *path,
                    const struct sheet_options *o)
{
    struct stat st;
    *b = (struct bytes) {
        .path = path,
        .folder = o->folder,
        .allowance = { .unpacked_max = o->unpacked_max ? o->unpacked_max : SHEET_UNPACKED_MAX,
                       .ratio_max = o->ratio_max ? o->ratio_max : SHEET_RATIO_MAX },
        .x = LZMA_STREAM_INIT,
    };
    assert(b->allowance.unpacked_max > 0 && b->allowance.ratio_max > 0);
    b->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (b->fd < 0)
        return system_failed(cx, path, errno);
    b->opened = true;
    if (fstat(b->fd, &st) != 0)
        return system_failed(cx, path, errno);
    if (S_ISDIR(st.st_mode))
        return system_failed(cx, path, EISDIR);
    b->size = S_ISREG(st.st_mode) ? (i64)st.st_size : 0;
    b->in = xmalloc(PACKED_SIZE);
    TRY(take(cx, b));
    const struct packer *p = packer_of((str) { b->in, b->in_len });
    b->packing = p->packing;
    TRY(p->open(cx, b));
    b->packer = p;
    return OK;
}

void bytes_done(struct bytes *b)
{
    if (b->packer)
        b->packer->done(b);
    if (b->zip)
        zip_discard(b->zip);
    if (b->opened)
        close(b->fd);
    free(b->in);
    free(b->head);
    *b = (struct bytes) { 0 };
}

enum err bytes_read(struct ctx *cx, struct bytes *b, char *to, size_t size, size_t *ret_len)
{
    size_t len = 0;
    assert(size > 0 && !b->book);
    if (b->head) {
        len = MIN(size, b->head_len - b->head_at);
        memcpy(to, b->head + b->head_at, len);
        b->head_at += len;
        if (b->head_at == b->head_len) {
            free(b->head);
            b->head = NULL;
        }
    }
    if (!len && !b->end)
        TRY(b->packer->read(cx, b, to, size, &len));
    *ret_len = len;
    return OK;
}

enum err bytes_peek(struct ctx *cx, struct bytes *b, str *ret)
{
    assert(!b->head);
    b->head = xmalloc(SAMPLE_SIZE);
    b->head_at = b->head_len = 0;
    while (b->head_len < SAMPLE_SIZE && !b->end) {
        size_t len = 0;
        TRY(b->packer->read(cx, b, b->head + b->head_len, SAMPLE_SIZE - b->head_len, &len));
        b->head_len += len;
    }
    *ret = (str) { b->head, b->head_len };
    return OK;
}

i64 bytes_position(const struct bytes *b)
{
    if (b->member && b->member_size)
        return (i64)((double)b->size * (double)b->member_at / (double)b->member_size);
    i64 unused = (i64)(b->in_len - b->in_at);
    return b->taken - (b->member ? 0 : unused);
}

static int nameless_file(struct ctx *cx, const char *folder)
{
    const char *tmp = folder ? folder : getenv("TMPDIR");
    if (!tmp || !*tmp)
        tmp = "/tmp";
    int fd = open(tmp, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        /* A file system without O_TMPFILE: the name lives for an instant. */
        char *name = (char *)arena_fmt(cx->arena, "%s/hetang-XXXXXX", tmp).ptr;
        fd = mkostemp(name, O_CLOEXEC);
        if (fd >= 0)
            unlink(name);
    }
    return fd;
}

static enum err copy_out(struct ctx *cx, struct bytes *from, struct bytes *to, char *chunk)
{
    for (size_t len = 1; len;) {
        TRY(bytes_read(cx, from, chunk, PACKED_SIZE, &len));
        for (size_t at = 0; at < len;) {
            ssize_t n = write(to->fd, chunk + at, len - at);
            if (n < 0 && errno != EINTR)
                return system_failed(cx, "TMPDIR", errno);
            at += n > 0 ? (size_t)n : 0;
        }
        to->size += (i64)len;
        if (to->size > to->allowance.unpacked_max)
            return refuse(cx, "文件太大，超过上限", "The file is larger than the limit");
    }
    return OK;
}

/* What is left to read becomes a file without a name, which takes the place of b's own. */
static enum err spool(struct ctx *cx, struct bytes *b)
{
    struct bytes file = {
        .path = b->path, .folder = b->folder, .allowance = b->allowance, .packing = b->packing
    };
    file.fd = nameless_file(cx, b->folder);
    if (file.fd < 0)
        return system_failed(cx, b->folder ? b->folder : "TMPDIR", errno);
    file.opened = true;
    char *chunk = xmalloc(PACKED_SIZE);
    enum err e = copy_out(cx, b, &file, chunk);
    free(chunk);
    if (e != OK) {
        bytes_done(&file);
        return e;
    }
    bytes_done(b);
    *b = file;
    return OK;
}

enum err bytes_spool(struct ctx *cx, struct bytes *b)
{
    i64 size = b->size;
    TRY(spool(cx, b));
    TRY(zip_source(cx, b));
    b->size = size;
    return b->book ? OK
                   : refuse(cx, "压缩包里还有压缩包，请先解压",
                            "There is an archive inside the archive: unpack it first");
}

/* Makes sure that packed bytes are at hand, but at their end. */
static enum err take(struct ctx *cx, struct bytes *b)
{
    while (b->in_at == b->in_len && !b->in_end) {
        ssize_t n = read(b->fd, b->in, PACKED_SIZE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return system_failed(cx, b->path, errno);
        b->in_at = 0;
        b->in_len = (size_t)n;
        b->taken += n;
        b->in_end = n == 0;
    }
    return OK;
}

static enum err cut_short(struct ctx *cx)
{
    return refuse(cx, "压缩文件不完整", "The packed file ends too early");
}

static enum err damaged(struct ctx *cx)
{
    return refuse(cx, "压缩文件已损坏", "The packed file is damaged");
}

/* ── plain ── */

static enum err plain_open(struct ctx *cx, struct bytes *b)
{
    (void)cx, (void)b;
    return OK;
}

static enum err plain_read(struct ctx *cx, struct bytes *b, char *to, size_t size, size_t *ret_len)
{
    size_t len = MIN(size, b->in_len - b->in_at);
    memcpy(to, b->in + b->in_at, len);
    b->in_at += len;
    while (!len && !b->end) {
        ssize_t n = read(b->fd, to, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return system_failed(cx, b->path, errno);
        len = (size_t)n;
        b->taken += n;
        b->end = n == 0;
    }
    *ret_len = len;
    return OK;
}

static void plain_done(struct bytes *b)
{
    (void)b;
}

/* ── gzip (RFC 1952) ── */

static enum err gzip_open(struct ctx *cx, struct bytes *b)
{
    if (inflateInit2(&b->z, 15 + 16) != Z_OK)
        return damaged(cx);
    return OK;
}

/* Behind a member: another one, zeros that fill up a block, or the end. */
static enum err gzip_member(struct ctx *cx, struct bytes *b)
{
    for (;;) {
        TRY(take(cx, b));
        if (b->in_end) {
            b->end = true;
            return OK;
        }
        if (b->in[b->in_at] != '\0')
            break;
        b->in_at++;
    }
    return inflateReset(&b->z) == Z_OK ? OK : damaged(cx);
}

static enum err gzip_read(struct ctx *cx, struct bytes *b, char *to, size_t size, size_t *ret_len)
{
    size_t len = 0;
    while (!len && !b->end) {
        TRY(take(cx, b));
        b->z.next_in = (Bytef *)b->in + b->in_at;
        b->z.avail_in = (uInt)(b->in_len - b->in_at);
        b->z.next_out = (Bytef *)to;
        b->z.avail_out = (uInt)MIN(size, INT32_MAX);
        int r = inflate(&b->z, Z_NO_FLUSH);
        b->in_at = b->in_len - b->z.avail_in;
        len = (size_t)((char *)b->z.next_out - to);
        if (r == Z_BUF_ERROR && b->in_end)
            return cut_short(cx);
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR && !len)
            return damaged(cx);
        TRY(allowance_use(cx, &b->allowance, bytes_position(b), (i64)len));
        if (r == Z_STREAM_END)
            TRY(gzip_member(cx, b));
    }
    *ret_len = len;
    return OK;
}

static void gzip_done(struct bytes *b)
{
    inflateEnd(&b->z);
}

/* ── xz ── */

static enum err xz_open(struct ctx *cx, struct bytes *b)
{
    if (lzma_stream_decoder(&b->x, SHEET_XZ_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK)
        return damaged(cx);
    return OK;
}

static enum err xz_read(struct ctx *cx, struct bytes *b, char *to, size_t size, size_t *ret_len)
{
    size_t len = 0;
    while (!len && !b->end) {
        TRY(take(cx, b));
        b->x.next_in = (const uint8_t *)b->in + b->in_at;
        b->x.avail_in = b->in_len - b->in_at;
        b->x.next_out = (uint8_t *)to;
        b->x.avail_out = size;
        lzma_ret r = lzma_code(&b->x, b->in_end ? LZMA_FINISH : LZMA_RUN);
        b->in_at = b->in_len - b->x.avail_in;
        len = (size_t)((char *)b->x.next_out - to);
        b->end = r == LZMA_STREAM_END;
        if (r == LZMA_MEMLIMIT_ERROR)
            return refuse(cx, "解压需要的内存超过上限，请用较低的压缩级别",
                          "Unpacking it needs more memory than the limit: pack it less tightly");
        if (r == LZMA_BUF_ERROR && b->in_end && !len)
            return cut_short(cx);
        if (r != LZMA_OK && r != LZMA_STREAM_END && r != LZMA_BUF_ERROR && !len)
            return damaged(cx);
        TRY(allowance_use(cx, &b->allowance, bytes_position(b), (i64)len));
    }
    *ret_len = len;
    return OK;
}

static void xz_done(struct bytes *b)
{
    lzma_end(&b->x);
}

/* ── zip ── */

#define ZIP_ENTRIES_MAX 10000 /* libzip keeps some 300 bytes for each */
#define ZIP_TAIL_SIZE   ((size_t)22 + 65535 + 20)

static uint64_t little(const unsigned char *p, size_t bytes)
{
    uint64_t n = 0;
    for (size_t i = bytes; i--;)
        n = n << 8 | p[i];
    return n;
}

/* How many entries the ends of the central directory speak of, at most: whatever looks like such an
 * end counts, since it is libzip that will choose. */
static uint64_t zip_entries(const struct bytes *b)
{
    unsigned char *tail = xmalloc(ZIP_TAIL_SIZE);
    size_t want = (size_t)MIN(b->size, (i64)ZIP_TAIL_SIZE);
    ssize_t len = pread(b->fd, tail, want, b->size - (i64)want);
    uint64_t most = 0;
    for (ssize_t i = 0; i + 22 <= len; i++) {
        if (memcmp(tail + i, "PK\5\6", 4) != 0)
            continue;
        uint64_t entries = little(tail + i + 10, 2);
        unsigned char end64[56];
        if (i >= 20 && memcmp(tail + i - 20, "PK\6\7", 4) == 0 &&
            pread(b->fd, end64, sizeof end64, (off_t)little(tail + i - 12, 8)) == sizeof end64 &&
            memcmp(end64, "PK\6\6", 4) == 0)
            entries = MAX(entries == 0xffff ? 0 : entries, little(end64 + 32, 8));
        most = MAX(most, entries);
    }
    free(tail);
    return most;
}

/* Folders, and what a Mac puts beside the files, do not count. */
static bool zip_is_file(str name)
{
    return name.len && !str_ends(name, S("/")) && !str_starts(name, S("__MACOSX/")) &&
           !str_ends(name, S(".DS_Store"));
}

static enum err zip_member(struct ctx *cx, struct bytes *b)
{
    zip_stat_t st = { 0 }, one = { 0 };
    size_t files = 0;
    i64 entries = zip_get_num_entries(b->zip, 0);
    for (i64 i = 0; i < entries; i++) {
        if (zip_stat_index(b->zip, (zip_uint64_t)i, 0, &one) != 0 || !zip_is_file(str_of(one.name)))
            continue;
        st = one;
        files++;
    }
    if (files != 1)
        return refuse(cx, "压缩包里应当只有一个文件", "The zip must hold exactly one file");
    if (st.encryption_method != ZIP_EM_NONE)
        return refuse(cx, "压缩包有密码，请先解压", "The zip has a password: unpack it first");
    if (st.size > INT64_MAX / 2 || st.comp_size > INT64_MAX / 2)
        return damaged(cx);
    b->member_packed = (i64)st.comp_size;
    b->member_size = (i64)st.size;
    struct allowance said = b->allowance; /* what it says of itself is refused before it is read */
    TRY(allowance_use(cx, &said, b->member_packed, b->member_size));
    b->member = zip_fopen_index(b->zip, st.index, 0);
    return b->member ? OK : damaged(cx);
}

/* Opens the zip in b->fd; it is a workbook when it has the parts of one. */
static enum err zip_source(struct ctx *cx, struct bytes *b)
{
    int error = 0;
    if (zip_entries(b) > ZIP_ENTRIES_MAX)
        return refuse(cx, "压缩包里的文件太多", "There are too many files in the zip");
    int fd = fcntl(b->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return system_failed(cx, b->path, errno);
    lseek(fd, 0, SEEK_SET);
    b->zip = zip_fdopen(fd, 0, &error); /* owns the descriptor only when it succeeds */
    if (!b->zip) {
        close(fd);
        return damaged(cx);
    }
    b->book = zip_name_locate(b->zip, "[Content_Types].xml", 0) >= 0;
    return OK;
}

static enum err zip_open_packed(struct ctx *cx, struct bytes *b)
{
    if (!b->size) {
        /* A pipe: the directory of a zip is at its end. */
        b->packer = packer_of(S(""));
        TRY(spool(cx, b));
    }
    TRY(zip_source(cx, b));
    return b->book ? OK : zip_member(cx, b);
}

static enum err zip_read(struct ctx *cx, struct bytes *b, char *to, size_t size, size_t *ret_len)
{
    zip_int64_t n = zip_fread(b->member, to, size);
    if (n < 0)
        return damaged(cx);
    b->member_at += n;
    b->end = n == 0;
    if (b->member_at > b->member_size || (b->end && b->member_at < b->member_size))
        return damaged(cx);
    TRY(allowance_use(cx, &b->allowance, b->member_packed, n));
    *ret_len = (size_t)n;
    return OK;
}

static void zip_done(struct bytes *b)
{
    if (b->member)
        zip_fclose(b->member);
    b->member = NULL;
}

/* The last one takes what the others do not. */
static const struct packer packers[] = {
    { SHEET_GZIP, S("\x1f\x8b"), gzip_open, gzip_read, gzip_done },
    { SHEET_XZ,
      S("\xfd"
        "7zXZ\0"),
      xz_open, xz_read, xz_done },
    { SHEET_ZIP, S("PK\3\4"), zip_open_packed, zip_read, zip_done },
    { SHEET_PLAIN, S(""), plain_open, plain_read, plain_done },
};

static const struct packer *packer_of(str head)
{
    for (size_t i = 0; i < COUNT(packers); i++)
        if (str_starts(head, packers[i].magic))
            return &packers[i];
    return &packers[COUNT(packers) - 1];
}
